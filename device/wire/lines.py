"""JSON lines: the record as `export` writes it and `import` takes it back, one record a line.

A full record comes back as it was; of a short one the rest is filled in as far as the line alone can tell.
"""

from typing import Any
from unicodedata import category

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from device.core.model.record import (
    LONGEST_TYPED_S,
    Cause,
    ClassifiedBy,
    Clock,
    Context,
    Facts,
    Intention,
    Milk,
    Nursing,
    Place,
    Purpose,
    Reason,
    Record,
    Session,
    SessionState,
    Side,
    Source,
    Suggestion,
)
from device.core.rules import keeping

from .payloads import SCHEMA, encode, kind, record_payload
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

LONGEST_LINE = 1 << 16
"""Bytes; the longest record has a tenth of them."""


class LineError(ValueError):
    """Why a line is no record: one line for people, with the field, what is wrong and what would be right."""


class Imported(msgspec.Struct, frozen=True):
    """A record from a line, and which of its fields stood there with a value.

    Where they are not in `given`, these are placeholders that only the store and the rules can fill: `id` (""),
    `number` (0), `revised_at` (0), `sitting` (""), `counted` (False), `use_by` (None). A line with an
    id and a revision is full.
    """

    record: Session | Nursing
    given: frozenset[str]

    @property
    def full(self) -> bool:
        return {"id", "revision"} <= self.given


def _suggestion(value: object) -> Suggestion:
    given = _object(value)
    found = read_fields(given, SUGGESTION)
    reason_fits(found)
    found |= read_fields(given, {"facts": FACTS[found["context"]]})
    return Suggestion(**{"reason": None} | found)


def _portion(value: object) -> Milk:
    found = read_fields(_object(value), MILK)
    return Milk(found["place"], found["ml"], found["since"])


def _facts(**fields: Field) -> Field:
    return Field(lambda value: Facts(**read_fields(_object(value), fields)))


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FieldError("wrong_type", f"{shown(value)} is not an object")
    return value


def _sources(value: object) -> tuple[Source, ...]:
    if not isinstance(value, list):
        raise FieldError("wrong_type", f"{shown(value)} is not a list")
    return tuple(one_of(Source)(source) for source in value)


def _name(value: object) -> str:
    name: str = text(64)(value)
    if not name or not name.isprintable():
        raise FieldError("out_of_range", f"{shown(name)} is no id; leave it out where there is none")
    return name


def _line_of_text(value: object) -> str:
    """What dashboards show as it is: a line of text, no-break spaces and all."""
    said: str = text(200)(value)
    if not said.strip() or any(category(letter) in UNSHOWN for letter in said):
        raise FieldError("out_of_range", f"{shown(said)} is no line of text; leave the suggestion out")
    return said


UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Control and format characters, halves, private ones, and what breaks a line or a paragraph, as Unicode calls them."""
COUNT = Field(whole_number(0, 10**6))
ORDINAL = Field(whole_number(1, 10**15))
MEASURED = Field(whole_number(0, 10**12))
"""What a device measured, however long its sensor was stuck: limits are for what people type."""

SUGGESTION = {
    "purpose": Field(one_of(Purpose), required=True),
    "reason": REASON,
    "context": Field(one_of(Context), required=True),
    "because": Field(_line_of_text, required=True),
}
MILK = {
    "place": Field(one_of(Place), required=True),
    "ml": Field(millilitres, required=True, clears=True),
    "since": Field(moment, required=True),
}
SAID = Field(COUNT.read, required=True)
NURSED = _facts(minutes=SAID)
REACHED = _facts(stimulations=SAID, baseline=SAID)
FACTS = {
    Context.TREATMENT_CONTINUES: _facts(minutes=SAID, reason=Field(one_of(Reason), required=True, clears=True)),
    Context.AFTER_INEFFECTIVE_NURSING: NURSED,
    Context.AFTER_EFFECTIVE_NURSING: NURSED,
    Context.ABOVE_BASELINE: REACHED,
    Context.BELOW_BASELINE: REACHED,
}
COMMON = {
    "id": Field(_name),
    "number": ORDINAL,
    "revision": ORDINAL,
    "cause": Field(one_of(Cause)),
    "revised_at": MOMENT,
    "clock": Field(one_of(Clock)),
    "deleted": FLAG,
}
SESSION = COMMON | {
    "state": Field(one_of(SessionState)),
    "started_at": Field(moment, required=True),
    "ended_at": MOMENT,
    "duration_s": DURATION,
    "pumping_s": DURATION,
    "pauses": COUNT,
    "cycles_per_minute": COUNT,
    "counted": FLAG,
    "interrupted": FLAG,
    "sources": Field(_sources),
    "disagreement_s": COUNT,
    "stuck_sensor": FLAG,
    "sitting": Field(_name),
    "purpose": PURPOSE,
    "reason": REASON,
    "classified_by": Field(one_of(ClassifiedBy)),
    "classified_at": MOMENT,
    "suggestion": Field(_suggestion),
    "intention": Field(one_of(Intention)),
    "use_by": MOMENT,
    "expectation_ml": VOLUME,
    "volume_ml": VOLUME,
    "left_ml": VOLUME,
    "right_ml": VOLUME,
    "milk": Field(_portion),
    "note": Field(text(LONGEST_NOTE)),
}
AS_MEASURED = dict.fromkeys(("duration_s", "pumping_s", "pauses", "cycles_per_minute", "disagreement_s"), MEASURED)
NURSING = COMMON | {
    "at": Field(moment, required=True),
    "effective": Field(flag, required=True),
    "side": Field(one_of(Side)),
    "source": Field(one_of(Source)),
}


def to_line(record: Session | Nursing, device: str) -> bytes:
    """One record as a line of `export`, with its line feed."""
    return encode({kind(record): record_payload(record, device)}) + b"\n"


def from_line(line: bytes) -> Imported:
    """A line of `import` → its record. Raises LineError for anything else; whether it overlaps is not seen here."""
    try:
        name, values = _only_record(line)
        return _session_line(values) if name == "session" else _nursing(values)
    except FieldError as error:
        raise LineError(error.error) from None


def _only_record(line: bytes) -> tuple[str, dict[str, Any]]:
    if len(line) > LONGEST_LINE:
        raise FieldError("too_large", f"{len(line)} bytes are too long for a record; {LONGEST_LINE} at most")
    given = decoded(line)
    names = given.keys() & {"session", "nursing"} if isinstance(given, dict) else set()
    if not isinstance(given, dict) or len(names) != 1:
        raise FieldError("missing", 'it holds no record; give {"session": {…}} or {"nursing": {…}}')
    name = names.pop()
    values = given[name]
    if not isinstance(values, dict):
        raise FieldError("wrong_type", f"{name}: {shown(values)} is not an object")
    if values.get("schema", SCHEMA) != SCHEMA:
        raise FieldError("out_of_range", f"schema: {shown(values['schema'])} is not known here; update the program")
    return name, values


def _found(values: dict[str, Any], fields: dict[str, Field]) -> dict[str, Any]:
    """What stands there; a record without an id is a new one, whatever else an export once said of it."""
    found = read_fields(values, fields)
    return found if "id" in found else {name: value for name, value in found.items() if name not in OF_AN_ID}


def _session_line(values: dict[str, Any]) -> Imported:
    full = values.get("id") is not None and values.get("revision") is not None
    found = _found(values, SESSION | AS_MEASURED if full else SESSION)
    given = frozenset(found)
    start = found["started_at"]
    running = found.get("state") is SessionState.RUNNING
    if running and "ended_at" in found:
        raise FieldError("out_of_range", "ended_at: a running session has none", "ended_at")
    if "ended_at" not in found and "duration_s" not in found:
        raise FieldError("missing", "ended_at is missing; give it, or duration_s", "ended_at")
    if not running:
        found.setdefault("ended_at", start + found.get("duration_s", 0))
        if found["ended_at"] < start:
            raise FieldError("out_of_range", "ended_at: it is before started_at", "ended_at")
        lasted = found["ended_at"] - start
        if found.setdefault("duration_s", lasted) != lasted and not full:
            raise FieldError("out_of_range", "duration_s: it differs from ended_at; give one of them", "duration_s")
        if lasted > LONGEST_TYPED_S and not full:
            raise FieldError("out_of_range", "duration_s: a session lasts at most a day", "duration_s")
        if not lasted and "id" not in found:  # the record itself may hold one that a power cut ended at once
            raise FieldError("out_of_range", "duration_s: a session lasts at least a second", "duration_s")
    found.setdefault("pumping_s", found["duration_s"])
    if found["pumping_s"] > found["duration_s"]:
        raise FieldError("out_of_range", "pumping_s: it is longer than the session", "pumping_s")
    reason_fits(found)
    if found.get("purpose") is not None:
        found.setdefault("classified_by", ClassifiedBy.IMPORT)
    total = sum_of_sides(found)
    if total is not None and found.setdefault("volume_ml", total) != total:
        raise FieldError("out_of_range", "volume_ml: it is not the sum of left_ml and right_ml", "volume_ml")
    blank = {"state": SessionState.ENDED, "sources": (Source.IMPORT,), "sitting": ""}
    milk = found.pop("milk", None)
    session = Session(**BLANK | blank | found)
    return Imported(session if milk is None else _with_milk(session, milk, full=full), given)


def _with_milk(session: Session, milk: Milk, *, full: bool) -> Session:
    """With the portion that the line says; a short line need not say until when it keeps."""
    if session.ended_at is None or milk.since < session.ended_at:
        raise FieldError("out_of_range", "milk: since is before the session ended", "milk")
    if milk.place in keeping.GONE and milk.ml != 0:
        raise FieldError("out_of_range", f"milk: of what is {milk.place} nothing is left; give 0 as ml", "milk")
    if milk.place not in keeping.GONE and not (milk.ml or 0) <= (session.volume_ml or 0):
        raise FieldError("out_of_range", "milk: ml is more than volume_ml", "milk")
    return keeping.as_said(session, milk, session.use_by if full or session.use_by is not None else UNSET)


def _nursing(values: dict[str, Any]) -> Imported:
    found = _found(values, NURSING)
    return Imported(Nursing(**BLANK | {"source": Source.IMPORT} | found), frozenset(found))


BLANK: dict[str, Any] = {"id": "", "number": 0, "revision": 1, "cause": Cause.IMPORTED, "revised_at": 0}
OF_AN_ID = ("number", "revision", "cause", "revised_at", "sitting")


def complete(imported: Imported, min_session_s: int) -> Record:
    """What a line left out and follows from the rest: whether it counts, and how long its milk keeps."""
    record = imported.record
    if not isinstance(record, Session) or record.ended_at is None:
        return record
    if "counted" not in imported.given:
        record = replace(record, counted=record.pumping_s >= min_session_s)
    if "use_by" not in imported.given:
        record = replace(record, use_by=keeping.portion(record)[1])
    return record
