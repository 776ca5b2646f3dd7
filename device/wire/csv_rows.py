"""A record as a row of CSV, a column a field, named as in the record; and back.

Excel and LibreOffice open it as it is: UTF-8 with its mark, local times with their offset, no cell that they would run.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TextIO
from zoneinfo import ZoneInfo

from device.core.model.record import IN_THE_HOUSE, Context, Facts, Milk, Nursing, Session, Suggestion

from .lines import Imported, LineError, from_line
from .payloads import Payload, encode, kind, record_payload
from .tables import BadRowError, Brought, table_of
from .values import FieldError, parse_instant

Kind = Literal["session", "nursing"]
MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the country's old encoding."""
FORMULA = "=+-@\t\r'"
"""A cell that begins so would be run, or lose its apostrophe: it gets one before it (OWASP, CSV injection)."""
TIMES = {"revised_at", "started_at", "ended_at", "classified_at", "use_by", "at", "milk.since"}
FLAGS = {
    "true": True, "wahr": True, "vrai": True, "verdadero": True, "vero": True,
    "false": False, "falsch": False, "faux": False, "falso": False,
}  # fmt: skip
"""Also as spreadsheets in the device's languages save them."""
NUMBER = re.compile(r"\d{1,15}(?:[.,]0+)?", re.ASCII)
TEXTS = {"id", "sitting", "note", "suggestion.because"}
"""Of a table's other cells what is a number is one."""


def _fields(struct: type, prefix: str = "") -> list[str]:
    return [f"{prefix}{name}" for name in struct.__struct_fields__ if name not in IN_THE_HOUSE]  # type: ignore[attr-defined]


def _columns(struct: type) -> tuple[str, ...]:
    found = list[str]()
    for name in _fields(struct):
        if name != "suggestion":
            found += [name, *_fields(Milk, "milk.")] if name == "right_ml" else [name]
            continue
        found += [field for field in _fields(Suggestion, "suggestion.") if field != "suggestion.facts"]
        found += _fields(Facts, "suggestion.facts.")
    return tuple(found)


COLUMNS: dict[Kind, tuple[str, ...]] = {"session": _columns(Session), "nursing": _columns(Nursing)}


def to_row(record: Session | Nursing, device: str, zone: ZoneInfo) -> list[str]:
    """The cells of a record, as its kind's COLUMNS have them."""
    flat = _flat(record_payload(record, device))
    columns = COLUMNS["session" if kind(record) == "session" else "nursing"]
    return [_shown_in_cell(name, flat.get(name), zone) for name in columns]


def _flat(payload: Payload, prefix: str = "") -> Payload:
    found: Payload = {}
    for name, value in payload.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def _shown_in_cell(name: str, value: object, zone: ZoneInfo) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return "+".join(map(str, value))
        case str() if name in TIMES:
            return datetime.fromtimestamp(parse_instant(value), zone).isoformat()
    text = str(value)
    is_empty_note = name == "note" and not text  # which is not none
    return f"'{text}" if is_empty_note or text.startswith(tuple(FORMULA)) else text


# -- reading -------------------------------------------------------------------------------------------------------


def read_rows(file: TextIO) -> Iterator[tuple[int, Imported]]:
    """Each row of a table with the line on which it ended. Raises BadRowError, which names the line."""
    names, rows = table_of(file, own=True)
    read = row_reader(names)
    for line, cells in rows:
        try:
            imported = read(cells).imported
        except LineError as error:
            raise BadRowError(line, str(error)) from None
        if imported is not None:
            yield line, imported


def row_reader(names: Sequence[str]) -> Callable[[Sequence[str]], Brought]:
    """Rows of these columns → what they bring, or LineError. Raises BadRowError for columns that are none of ours."""
    of = _kind(names)
    return lambda cells: Brought(_read(of, dict(zip(names, cells, strict=False))))


def _kind(names: Sequence[str]) -> Kind:
    if "started_at" in names:
        return "session"
    if {"at", "effective"} <= {*names}:
        return "nursing"
    raise BadRowError(1, "has no column started_at (sessions), nor at and effective (nursings)")


def _read(of: Kind, cells: Mapping[str, str]) -> Imported:
    said = {name: _read_cell(name, cell) for name, cell in cells.items() if cell}
    if {"id", "revision"} <= said.keys() and cells.get("sources") == "":
        said["sources"] = []
    try:
        return from_line(encode({of: _nested(said)}))
    except FieldError as error:
        raise LineError(str(error)) from None


def _read_cell(name: str, cell: str) -> object:
    """What a cell says; what is no number or flag where one belongs stays text, and is refused by its field."""
    text = cell.removeprefix("'")
    if name == "sources":
        return text.split("+")
    if name in TEXTS or name in TIMES:
        return text
    if text.lower() in FLAGS:  # spreadsheets write them large
        return FLAGS[text.lower()]
    return int(re.split("[.,]", text)[0]) if NUMBER.fullmatch(text) else text


def _nested(flat: Mapping[str, object]) -> Payload:
    """A suggestion's columns as its object, and a portion's, of which nobody may know how much there is.

    Of a continued treatment the reason may have been nobody's to give.
    """
    found: dict[str, Any] = {name: value for name, value in flat.items() if "." not in name}
    suggestion = {name.partition(".")[2]: value for name, value in flat.items() if name.startswith("suggestion.")}
    facts = {name.partition(".")[2]: value for name, value in suggestion.items() if name.startswith("facts.")}
    milk = {name.partition(".")[2]: value for name, value in flat.items() if name.startswith("milk.")}
    if milk:
        found["milk"] = {"ml": None} | milk
    if facts and suggestion.get("context") == Context.TREATMENT_CONTINUES:
        facts.setdefault("reason", None)
    if suggestion:
        found["suggestion"] = {name: value for name, value in suggestion.items() if "." not in name}
        found["suggestion"] |= {"facts": facts} if facts else {}
    return found
