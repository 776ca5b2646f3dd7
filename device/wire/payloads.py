"""Topics and payloads: what can be said over MQTT, and how a command that comes in is understood.

Values become dictionaries here, in the contract's order and words; `config/schemas` describes the same. What of it may
leave is `gate`'s.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from device.core.model.effects import Answer, Publish, ReadHistory, Refuse
from device.core.model.events import History
from device.core.model.live import Diagnostics, Figures, LiveState, TodayNow
from device.core.model.record import IN_THE_HOUSE, UNNUMBERED, Nursing, Session, in_order
from device.core.rules import keeping

from .commands import DONE, LONGEST_CURSOR, Cursor, Refusal, parse_command, read_cursor, write_cursor
from .values import instant, parse_instant

__all__ = [
    "SCHEMA",
    "Cursor",
    "House",
    "Refusal",
    "answer_payload",
    "diagnostics_payload",
    "encode",
    "history_payload",
    "instant",
    "kind",
    "live_payload",
    "nursing_payload",
    "page_limit",
    "parse_command",
    "parse_instant",
    "read_cursor",
    "record_payload",
    "refusal_payload",
    "session_payload",
    "state_payload",
    "today_payload",
]

SCHEMA = 1
LARGEST_PAGE = 65535
"""Bytes of a whole history reply: under 64 KiB."""

MOST_ON_A_PAGE = 300
"""More of the smallest records than a page has room for."""

BEHIND_MILK = ("note", "deleted")

Payload = dict[str, Any]
Publishing = Literal["full", "summary"]


class House(msgspec.Struct, frozen=True):
    """Under which name the device speaks, and how much of the record leaves the house."""

    device: str
    prefix: str = "pump-companion"
    publish: Publishing = "full"

    def topic(self, name: str) -> str:
        return f"{self.prefix}/{self.device}/{name}"


def encode(payload: Payload) -> bytes:
    return msgspec.json.encode(payload)


# -- records -------------------------------------------------------------------------------------------------------


def _record(record: Session | Nursing, device: str, instants: tuple[str, ...]) -> Payload:
    values = msgspec.to_builtins(record)
    for name in IN_THE_HOUSE:
        values.pop(name, None)
    if record.number >= UNNUMBERED:
        values["number"] = None
    for name in instants:
        if values[name] is not None:
            values[name] = instant(values[name])
    return {"schema": SCHEMA, "device": device, **values}


def session_payload(session: Session, device: str) -> Payload:
    values = _record(session, device, ("revised_at", "started_at", "ended_at", "classified_at", "use_by"))
    milk, _ = keeping.portion(session)
    said = milk and {"place": str(milk.place), "ml": milk.ml, "since": instant(milk.since)}
    rest = {name: values.pop(name) for name in BEHIND_MILK}
    return values | {"sources": list(values["sources"]), "milk": said} | rest


def nursing_payload(nursing: Nursing, device: str) -> Payload:
    return _record(nursing, device, ("revised_at", "at"))


def kind(record: Session | Nursing) -> str:
    """`session` or `nursing`: a record's topic, and its key in replies and export lines."""
    return "session" if isinstance(record, Session) else "nursing"


def record_payload(record: Session | Nursing, device: str) -> Payload:
    return session_payload(record, device) if isinstance(record, Session) else nursing_payload(record, device)


# -- the live topics -----------------------------------------------------------------------------------------------


def _head(house: House, at: int) -> Payload:
    return {"schema": SCHEMA, "device": house.device, "at": instant(at)}


def state_payload(live: LiveState, house: House) -> Payload:
    """`speed` stands there only where a clock runs fast."""
    values = _head(house, live.at) | {
        "phase": str(live.phase),
        "screen": str(live.screen),
        "dark": live.dark,
        "buttons": list(live.buttons),
        "question": live.question and str(live.question),
        "session": live.session and session_payload(live.session, house.device),
        "suggestion": msgspec.to_builtins(live.suggestion),
        "expectation_ml": live.expectation_ml,
    }
    return values if live.speed is None else values | {"speed": live.speed}


def today_payload(today: TodayNow, house: House) -> Payload:
    figures = today.figures
    milk, last, ended = figures.milk, figures.last_stimulation_at, figures.last_stimulation_ended_at
    next_use_by = None if milk.next_use_by is None else instant(milk.next_use_by)
    return _head(house, today.at) | {
        "timezone": figures.timezone,
        "units": str(figures.units),
        "baseline": figures.baseline,
        "since": str(figures.since),
        "last_stimulation_at": None if last is None else instant(last),
        "last_stimulation_ended_at": None if ended is None else instant(ended),
        "unclassified": figures.unclassified,
        "last_24h": _figures_payload(figures.last_24h),
        "milk": msgspec.structs.asdict(milk) | {"next_use_by": next_use_by},
        "days": [_figures_payload(day) for day in figures.days],
        "outlook": msgspec.structs.asdict(figures.outlook),
    }


def _figures_payload(figures: Figures) -> Payload:
    """A day's figures; those of the last 24 h belong to no day."""
    values: Payload = msgspec.to_builtins(figures)
    return {name: value for name, value in values.items() if (name, value) != ("day", None)}


def diagnostics_payload(health: Diagnostics, house: House) -> Payload:
    return _head(house, health.at) | {
        "version": health.version,
        "started_at": instant(health.started_at),
        "clock": str(health.clock),
        "clock_by": health.clock_by,
        "outbox": health.outbox,
        "mqtt": {**health.mqtt_counts, "protocol": health.protocol, "reconnects": health.reconnects},
        "serial": {**health.serial_counts, "state": str(health.serial)},
        "display": {**health.display_counts, "state": str(health.display)},
        "store": {
            **health.store_counts,
            "state": str(health.store),
            "set_aside": health.set_aside,
            "repaired_at": None if health.repaired_at is None else instant(health.repaired_at),
            "in_memory": health.in_memory,
            "dropped": health.dropped,
        },
        "errors": dict(health.errors),
    }


def live_payload(publish: Publish, house: House) -> Payload | None:
    """What a retained live topic says; None clears what the broker holds."""
    match publish.value:
        case LiveState() as live:
            return state_payload(live, house)
        case TodayNow() as today:
            return today_payload(today, house)
        case Diagnostics() as health:
            return diagnostics_payload(health, house)
        case Session() as last:
            return session_payload(last, house.device)
        case None:
            return None


# -- replies -------------------------------------------------------------------------------------------------------


def _reply(house: House, request: str | None, at: int, ok: bool) -> Payload:
    return {"schema": SCHEMA, "device": house.device, "request": request, "ok": ok, "at": instant(at)}


def answer_payload(answer: Answer, house: House) -> Payload:
    """A good reply with the record that it changed."""
    reply = _reply(house, answer.order.request, answer.at, ok=True)
    if answer.record is not None:
        reply[kind(answer.record)] = record_payload(answer.record, house.device)
    return {**reply, **answer.extra, **reply}  # nothing extra takes the place of what every reply says


def refusal_payload(refuse: Refuse, house: House) -> Payload:
    """The reply to a command that was refused; where that is because of another session, with its id."""
    said = {"error": refuse.error, "code": refuse.code, "field": refuse.field}
    other = {} if refuse.overlaps is None else {"overlaps": refuse.overlaps}
    return _reply(house, refuse.order.request, refuse.at, ok=False) | said | other


# -- a page of history ---------------------------------------------------------------------------------------------


def history_payload(
    asked: ReadHistory, records: Iterable[Session | Nursing], house: House, largest: int = LARGEST_PAGE
) -> Payload:
    """One page of what was asked for, under 64 KiB and no larger than the broker takes (`largest`).

    A record that alone is larger than that is left out: no page would ever hold it.

    `records`: sessions and nursings in any order, those that the store finds from `read_cursor(command.cursor)` on,
    of each kind the newest `page_limit(command) + 1`, so that it is known whether any are left.
    """
    begin = read_cursor(asked.command.cursor)
    reached = {"session": begin.sessions, "nursing": begin.nursings}
    page: dict[str, list[Payload]] = {"session": [], "nursing": []}
    left: set[str] = set()
    head = _reply(house, asked.order.request, asked.at, ok=True)
    empty = len(encode(head | {"sessions": [], "nursings": [], "next": "0" * LONGEST_CURSOR}))
    room = whole = min(LARGEST_PAGE, largest) - empty
    for record in sorted(records, key=in_order, reverse=True):
        of = kind(record)
        if room and len(page[of]) < asked.command.limit:
            payload = record_payload(record, house.device)
            size = len(encode(payload)) + 1
            if size <= min(room, whole):
                room -= size
                page[of].append(payload)
                reached[of] = in_order(record)
                continue
            if size > whole:
                reached[of] = in_order(record)
                continue
            room = 0  # the page is full for both lists, so that they reach about equally far back
        left.add(of)
    onward = {of: reached[of] if of in left else DONE for of in page}
    cursor = write_cursor(Cursor(onward["session"], onward["nursing"])) if left else None
    return head | {"sessions": page["session"], "nursings": page["nursing"], "next": cursor}


def page_limit(command: History) -> int:
    """How many of each kind a page can hold at most: no more need be read for it than one above that."""
    return min(command.limit, MOST_ON_A_PAGE)
