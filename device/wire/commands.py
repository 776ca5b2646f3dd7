"""Commands: which there are, which fields each takes, and how a payload becomes one, or a refusal in words.

Whatever bytes arrive are answered by a value; what depends on the record or the clock is the core's to judge.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from device.core.model.effects import Refuse
from device.core.model.events import (
    Add,
    AnyCommand,
    Classify,
    Delete,
    Edit,
    GiveMilk,
    GiveNote,
    GiveNursing,
    GiveVolume,
    GoOn,
    History,
    Order,
    Pause,
    Press,
    Restore,
    SetBaseline,
    Start,
    Stop,
    TellClock,
)
from device.core.model.record import Button, Intention, Place, Side

from .values import (
    DURATION,
    FLAG,
    LONGEST_NOTE,
    MOMENT,
    PURPOSE,
    REASON,
    VOLUME,
    Field,
    FieldError,
    decoded,
    flag,
    millilitres,
    moment,
    one_of,
    read_fields,
    reason_fits,
    shown,
    sum_of_sides,
    text,
    whole_number,
)

LARGEST_COMMAND = 4096
READABLE = 1 << 18
"""A command too large is still read up to this size, so that its refusal can carry its `request`."""


class Refusal(msgspec.Struct, frozen=True):
    """A command that was not understood: what its reply says."""

    request: str | None
    code: str
    error: str
    field: str | None = None

    def dated(self, at: int) -> Refuse:
        """The reply itself, said at `at`, as the core refuses too."""
        return Refuse(Order(self.request), at, self.code, self.error, self.field)


class Cursor(msgspec.Struct, frozen=True):
    """Where a page of history goes on: with the records whose (start, number) is less, in each of the two lists.

    A nursing's start is its `at`. The first page begins before `FIRST`; after `DONE` nothing is left.
    """

    sessions: tuple[int, int]
    nursings: tuple[int, int]


FIRST, DONE = (1 << 53, 0), (0, 0)
LONGEST_CURSOR = 4 * 16 + 3
CURSOR = re.compile(r"([0-9]{1,16})\.([0-9]{1,16})-([0-9]{1,16})\.([0-9]{1,16})", re.ASCII)


def read_cursor(cursor: str | None) -> Cursor:
    """A cursor's text (None: the first page) → where to go on. Raises FieldError for one that no reply gave."""
    if cursor is None:
        return Cursor(FIRST, FIRST)
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise FieldError("out_of_range", f"{shown(cursor)} is no cursor; give the `next` of a reply", "cursor")
    start, number, nursed_at, nursing = map(int, found.groups())
    return Cursor((start, number), (nursed_at, nursing))


def write_cursor(cursor: Cursor) -> str:
    return f"{cursor.sessions[0]}.{cursor.sessions[1]}-{cursor.nursings[0]}.{cursor.nursings[1]}"


def _cursor(value: object) -> str:
    cursor: str = text()(value)
    read_cursor(cursor)
    return cursor


Rule = Callable[[dict[str, Any]], None]


class Shape(msgspec.Struct, frozen=True):
    """A command's type, its fields, and the rules between them: each may complete what was found, or raise."""

    type: type[AnyCommand]
    fields: Mapping[str, Field] = msgspec.field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


# -- rules between fields ------------------------------------------------------------------------------------------


def _any_of(*names: str) -> Rule:
    """Something must be there that changes anything."""

    def rule(found: dict[str, Any]) -> None:
        if not any(name in found for name in names):
            raise FieldError("missing", f"nothing to change; give {' or '.join(names)}", names[0])

    return rule


def _one_record(found: dict[str, Any]) -> None:
    if "session" not in found and "nursing" not in found:
        raise FieldError(
            "missing", "session is missing; give the id of a session, or a nursing's as nursing", "session"
        )
    if "session" in found and "nursing" in found:
        raise FieldError("out_of_range", "nursing: give a session or a nursing, not both", "nursing")


def _edits_something(found: dict[str, Any]) -> None:
    _one_record(found)
    of_session, of_nursing = ("started_at", "ended_at"), ("at", "effective", "side")
    for name in of_session if "nursing" in found else of_nursing:
        found.pop(name, None)
    _any_of(*(of_nursing if "nursing" in found else of_session))(found)


def _ends_after_start(found: dict[str, Any]) -> None:
    if "started_at" in found and "ended_at" in found and found["ended_at"] <= found["started_at"]:
        raise FieldError("out_of_range", "ended_at: it must be later than started_at", "ended_at")


def _has_an_end(found: dict[str, Any]) -> None:
    if "ended_at" not in found and "duration_s" not in found:
        raise FieldError("missing", "ended_at is missing; give it, or duration_s", "ended_at")
    lasted = found.get("duration_s")
    if lasted == 0:
        raise FieldError("out_of_range", "duration_s: a session lasts at least a second", "duration_s")
    if lasted is not None and "ended_at" in found and found["started_at"] + lasted != found["ended_at"]:
        raise FieldError("out_of_range", "duration_s: it differs from ended_at; give one of them", "duration_s")


def _whole_or_sides(found: dict[str, Any]) -> None:
    """A total, or left and right: what goes on is one of the two."""
    total = sum_of_sides(found)
    if total is not None and found.get("ml") not in (None, total):
        raise FieldError(
            "out_of_range", "ml: it is not the sum of left_ml and right_ml; give ml alone, or both sides", "ml"
        )
    if total is not None:
        found.pop("ml", None)
    elif "ml" in found:
        found.pop("left_ml", None)
        found.pop("right_ml", None)


def _held_is_right(found: dict[str, Any]) -> None:
    if found.get("held") and found["button"] is not Button.RIGHT:
        raise FieldError("out_of_range", "held: only the right button is held", "held")


# -- the table -----------------------------------------------------------------------------------------------------

TEXT = Field(text())
UNMOVED = {"if_revision": Field(whole_number())}
SESSION = {"session": TEXT, **UNMOVED}
RECORD = {"session": TEXT, "nursing": TEXT, **UNMOVED}
INTENTION = Field(one_of(Intention))
SIDE = Field(one_of(Side), clears=True)
WHY = {"purpose": PURPOSE, "reason": REASON, "intention": INTENTION}

COMMANDS: dict[str, Shape] = {
    "classify": Shape(
        Classify,
        {name: Field(field.read, clears=True) for name, field in WHY.items()} | SESSION,
        (_any_of("purpose", "reason", "intention"), reason_fits),
    ),
    "volume": Shape(
        GiveVolume,
        {name: Field(millilitres, clears=True) for name in ("ml", "left_ml", "right_ml")} | SESSION,
        (_any_of("ml", "left_ml", "right_ml"), _whole_or_sides),
    ),
    "note": Shape(GiveNote, {"text": Field(text(LONGEST_NOTE), required=True, clears=True)} | SESSION),
    "milk": Shape(
        GiveMilk, {"place": Field(one_of(Place), required=True, clears=True), "ml": VOLUME, "at": MOMENT} | SESSION
    ),
    "nursing": Shape(GiveNursing, {"effective": Field(flag, required=True), "side": SIDE, "at": MOMENT}),
    "start": Shape(Start, {"at": MOMENT}),
    "stop": Shape(Stop, UNMOVED),
    "pause": Shape(Pause, UNMOVED),
    "go_on": Shape(GoOn, UNMOVED),
    "add": Shape(
        Add,
        {
            "started_at": Field(moment, required=True),
            "ended_at": MOMENT,
            "duration_s": DURATION,
            **WHY,
            "ml": VOLUME,
            "note": Field(text(LONGEST_NOTE)),
        },
        (_ends_after_start, _has_an_end, reason_fits),
    ),
    "edit": Shape(
        Edit,
        {"started_at": MOMENT, "ended_at": MOMENT, "at": MOMENT, "effective": FLAG, "side": SIDE, **RECORD},
        (_edits_something, _ends_after_start),
    ),
    "delete": Shape(Delete, RECORD, (_one_record,)),
    "restore": Shape(Restore, RECORD, (_one_record,)),
    "baseline": Shape(SetBaseline, {"stimulations": Field(whole_number(1, 24), required=True)}),
    "clock": Shape(TellClock, {"at": Field(moment, required=True)}),
    "press": Shape(Press, {"button": Field(one_of(Button), required=True), "held": FLAG}, (_held_is_right,)),
    "history": Shape(
        History,
        {
            "since": MOMENT,
            "until": MOMENT,
            "revised_since": MOMENT,
            "unclassified": FLAG,
            "deleted": FLAG,
            "milk": FLAG,
            "limit": Field(whole_number(1, 500)),
            "cursor": Field(_cursor),
        },
    ),
}

ATTRIBUTES = {"at": "moment"}
"""Where a struct calls a field otherwise: `at` is an event's own instant there."""


# -- reading a payload ---------------------------------------------------------------------------------------------


def parse_command(payload: bytes, retained: bool) -> tuple[Order, AnyCommand] | Refusal:
    """What a message on `command` asks for; never raises, whatever the bytes.

    The order carries `request` and the payload as its key; where the reply goes is for the caller to add. Commands
    that were retained are refused whatever they say. What the record and the clock decide (an unknown session, the
    future, an overlap) is left to the core.
    """
    request: str | None = None
    refused = _refused_unread(payload, retained)
    try:
        given = _decoded(payload)
        request = _request(given)
        if refused is None:
            return Order(request=request, key=payload), _command(given, request)
    except FieldError as fault:
        refused = refused or fault
    return Refusal(request, refused.code, refused.error, refused.field)


def _refused_unread(payload: bytes, retained: bool) -> FieldError | None:
    if retained:
        return FieldError("not_here", "a command must not be retained; send it without the retain flag")
    if len(payload) > LARGEST_COMMAND:
        return FieldError("too_large", f"a command of {len(payload)} bytes is too large; {LARGEST_COMMAND} at most")
    return None


def _decoded(payload: bytes) -> dict[str, Any]:
    given = decoded(payload) if len(payload) <= READABLE else None
    if not isinstance(given, dict):
        raise FieldError("wrong_type", f"a command is a JSON object, not {shown(given)}")
    return given


def _request(given: dict[str, Any]) -> str | None:
    request = given.get("request")
    if request is None or (isinstance(request, str) and len(request) <= LARGEST_COMMAND):
        return request
    raise FieldError("wrong_type", f"request: {shown(request)} is not text", "request")


def _command(given: dict[str, Any], request: str | None) -> AnyCommand:
    name = given.get("command")
    if name is None:
        raise FieldError("missing", f"command is missing; one of {', '.join(COMMANDS)}", "command")
    if not isinstance(name, str):
        raise FieldError("wrong_type", f"command: {shown(name)} is not text; one of {', '.join(COMMANDS)}", "command")
    shape = COMMANDS.get(name)
    if shape is None:
        known = ", ".join(COMMANDS)
        raise FieldError("unknown_command", f"command: {shown(name)} is not one of {known}", "command")
    found = read_fields(given, shape.fields)
    for rule in shape.rules:
        rule(found)
    return shape.type(request=request, **{ATTRIBUTES.get(key, key): value for key, value in found.items()})
