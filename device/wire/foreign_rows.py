"""Other apps' tables, row by row → records: what Huckleberry exports, and any table whose columns a person names.

Cells are read here as people and apps write them: amounts with their units, lengths of time, notes. What a cell can
mean twice is a fault with its remedy, never a guess.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from device.core.model.record import Purpose, Side, Units
from device.core.rules.amounts import ML_PER_OZ

from .lines import LineError, from_line
from .local_times import Dates, Moment, moment_of
from .payloads import encode
from .tables import BadRowError, Brought
from .values import LONGEST_NOTE, FieldError, instant, shown

RowReader = Callable[[Sequence[str]], Brought]
"""Raises LineError for a row that says something wrong."""


class Ways(msgspec.Struct, frozen=True):
    """How a person says that a table is meant: its zone, the units of a bare number, the order of dates, and so on."""

    zone: ZoneInfo
    units: Units = Units.ML
    dates: Dates | None = None
    columns: Mapping[str, str] = {}
    """Of a generic table: ours → its own."""
    tags: Mapping[str, str] = {}
    """Of Baby Buddy's: number → name."""


# -- cells ---------------------------------------------------------------------------------------------------------

AMOUNT = re.compile(r"(\d{1,6})(?:([.,])(\d{1,6}))? ?(ml|cc|oz|fl\.? ?oz\.?)?", re.ASCII | re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?", re.ASCII)
SPAN = re.compile(r"(\d{1,6})(?:[.,](\d{1,3}))? ?([a-z]*)\.?", re.ASCII | re.IGNORECASE)
SECONDS = {"h": 3600, "min": 60, "s": 1} | {
    "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600, "m": 60, "mins": 60, "minute": 60, "minutes": 60,
    "sec": 1, "secs": 1, "second": 1, "seconds": 1,
}  # fmt: skip
"""How long a unit is, as it is written behind a number, or in a column's name."""
WORDS = re.compile(r"[^\W\d_]+")


def ml_of_cell(cell: str, units: Units) -> float:
    """Millilitres of an amount; a bare number is in these units."""
    found = AMOUNT.fullmatch(cell.strip())
    if found is None:
        raise FieldError("wrong_type", f"{shown(cell)} is no amount, such as 85, 85ml or 2.75oz")
    whole, point, rest, unit = found.groups()
    if point == "," and len(rest) == 3:
        raise FieldError("wrong_type", f"{shown(cell)} may be {whole}.{rest} or {whole}{rest}; write one of these")
    number = float(f"{whole}.{rest or 0}")
    in_oz = units is Units.OZ if unit is None else "oz" in unit.lower()
    return number * ML_PER_OZ if in_oz else number


def seconds_of_cell(cell: str, column: str, *, hours: bool = False) -> int:
    """How long a cell says that it took; `hours`: 0:15 has them in front, where H:MM:SS need not be written."""
    text = cell.strip()
    found = CLOCK.fullmatch(text)
    if found is not None:
        if found[3] is None and not hours:
            raise FieldError("wrong_type", f"{shown(cell)} may be hours or minutes; write H:MM:SS, or 15 min")
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    found = SPAN.fullmatch(text)
    if found is None:
        raise FieldError("wrong_type", f"{shown(cell)} is no length of time, such as 0:15:00 or 15 min")
    words = [found[3].lower()] if found[3] else [word.lower() for word in WORDS.findall(column)]
    units = {SECONDS[word] for word in words if word in SECONDS}
    if len(units) != 1:
        raise FieldError(
            "wrong_type", f"{shown(cell)} has no unit; write 0:15:00 or 15 min, or say it in the column's name"
        )
    return round(float(f"{found[1]}.{found[2] or 0}") * units.pop())


def note_of(cell: str, mark: str = "") -> tuple[str | None, tuple[str, ...]]:
    """A cell's text as a note, with a mark of ours behind it; what is too long is cut, and that is said aside."""
    note = cell.strip()
    room = LONGEST_NOTE - len(mark) - 1 if mark else LONGEST_NOTE
    asides = (f"its note is longer than {LONGEST_NOTE} characters: cut there",) if len(note) > room else ()
    return " ".join(filter(None, (note[:room], mark))) or None, asides


def cells_of(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A row's cells by their columns; what is missing at its end is empty."""
    return dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))


def read_cell(column: str, read: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """What a cell says; what is wrong with it is said with its column's name."""
    try:
        return read(*given, **more)
    except FieldError as error:
        raise LineError(f"{column}: {error}") from None


def session_row(start: Moment, end: Moment, asides: Sequence[str] = (), **said: Any) -> Brought:
    """A session between two moments, with what else is said of it."""
    if end.at <= start.at:
        what = "it ends before it starts" if end.at < start.at else "it ends when it starts"
        raise LineError("; ".join(filter(None, (what, start.remark, end.remark))))
    times = {"started_at": instant(start.at), "ended_at": instant(end.at)}
    given = {name: value for name, value in said.items() if value is not None}
    imported = from_line(encode({"session": times | given}))
    remarks = tuple(filter(None, (start.remark, end.remark)))
    return Brought(imported, remarks=remarks, asides=tuple(asides))


def nursing_row(at: Moment, side: Side | None, asides: Sequence[str] = (), *, effective: bool, note: str) -> Brought:
    imported = from_line(encode({"nursing": {"at": instant(at.at), "effective": effective, "side": side}}))
    lost = ("its note is left out: a nursing has none",) if note.strip() else ()
    return Brought(imported, remarks=(at.remark,) if at.remark else (), asides=(*asides, *lost))


# -- Huckleberry ---------------------------------------------------------------------------------------------------

HUCKLEBERRY = ("Type", "Start", "End", "Duration", "Start Condition", "Start Location", "End Condition", "Notes")
"""Its exported CSV as of 2026; `Logged By` may follow."""
NO_END_S = 15 * 60
NO_END = "[end not recorded, 15 min assumed]"
NURSED = re.compile(r"(\d{1,3}:)?\d{1,3}:\d{2} ?([LR])", re.ASCII | re.IGNORECASE)


def huckleberry_reader(names: Sequence[str], ways: Ways) -> RowReader:
    """Rows of Huckleberry's export. Raises BadRowError where a column is missing."""
    missing = [name for name in HUCKLEBERRY if name not in names]
    if missing:
        raise BadRowError(1, f"has no column {missing[0]}; Huckleberry's CSV has {', '.join(HUCKLEBERRY)}")

    def read(cells: Sequence[str]) -> Brought:
        row = cells_of(names, cells)
        kind, place = row["Type"].strip().lower(), row["Start Location"].strip()
        if kind == "pump":
            return _pumped(row, ways)
        if kind == "feed" and place.lower() == "breast":
            start = read_cell("Start", moment_of, row["Start"], ways.zone, ways.dates)
            return nursing_row(start, _side(row), effective=True, note=row["Notes"])
        return Brought(None, f"{shown(row['Type'])}{f' ({shown(place)})' if place and kind == 'feed' else ''}")

    return read


def _pumped(row: Mapping[str, str], ways: Ways) -> Brought:
    start = read_cell("Start", moment_of, row["Start"], ways.zone, ways.dates)
    end, mark = start, ""
    if row["End"].strip():
        end = read_cell("End", moment_of, row["End"], ways.zone, ways.dates, after=start.at)
    elif row["Duration"].strip():
        end = Moment(start.at + read_cell("Duration", seconds_of_cell, row["Duration"], "Duration", hours=True))
    if end.at == start.at:  # written to the minute, so nothing is known of how long it took
        end, mark = Moment(start.at + NO_END_S), NO_END
    sides = {
        field: read_cell(column, ml_of_cell, row[column], ways.units) if row[column].strip() else None
        for field, column in (("left_ml", "Start Condition"), ("right_ml", "End Condition"))
    }
    note, asides = note_of(row["Notes"].replace("\\n", "\n"), mark)
    if mark:
        asides = (*asides, "no end: 15 min are assumed")
    return session_row(start, end, asides, note=note, **sides)


def _side(row: Mapping[str, str]) -> Side | None:
    """`00:14R` and `00:28L` stand in either cell, the first side first."""
    found = [NURSED.fullmatch(row[column].strip()) for column in ("Start Condition", "End Condition")]
    sides = {side[2].upper() for side in found if side and re.search("[1-9]", side[0])}
    return Side.BOTH if len(sides) == 2 else {"L": Side.LEFT, "R": Side.RIGHT}.get("".join(sides))


# -- any table -----------------------------------------------------------------------------------------------------

GENERIC = ("start", "end", "duration", "ml", "oz", "left", "right", "purpose", "note")
"""What `--columns` can name."""


def parse_columns(said: str) -> dict[str, str]:
    """`start=Beginn,end=Ende,…` → ours to theirs; a name with a comma stands in quotes. Raises FieldError."""
    try:
        pairs = [pair.partition("=") for pair in next(csv.reader([said], strict=True, skipinitialspace=True), [])]
    except csv.Error as error:
        raise FieldError("wrong_type", f"{shown(said)}: {error}") from None
    found = {name.strip(): column.strip() for name, _, column in pairs}
    unknown = [name for name in found if name not in GENERIC]
    if unknown:
        raise FieldError("wrong_type", f"{shown(unknown[0])} is none of {', '.join(GENERIC)}")
    if len(found) < len(pairs) or not all(found.values()):
        raise FieldError("wrong_type", "name each once, as start=Beginn")
    if "start" not in found or not {"end", "duration"} & found.keys():
        raise FieldError("missing", "name start, and end or duration, as start=Beginn,end=Ende")
    if {"ml", "oz"} <= found.keys():
        raise FieldError("wrong_type", "name ml or oz, not both")
    return found


def generic_reader(names: Sequence[str], ways: Ways) -> RowReader:
    """Rows of a table whose columns a person named. Raises BadRowError where one of them is missing."""
    missing = [column for column in ways.columns.values() if column not in names]
    if missing:
        there = ", ".join(map(shown, names[:30]))
        raise BadRowError(
            1, f"has no column {shown(missing[0])}; it has {there[:300]}{'…' if len(there) > 300 else ''}"
        )
    twice = [column for column in ways.columns.values() if names.count(column) > 1]
    if twice:
        raise BadRowError(1, f"has more than one column {shown(twice[0])}; give each its own name")

    def read(cells: Sequence[str]) -> Brought:
        row = cells_of(names, cells)
        said = {name: row[column].strip() for name, column in ways.columns.items() if row[column].strip()}
        start = read_cell(ways.columns["start"], moment_of, said.get("start", ""), ways.zone, ways.dates)
        note, asides = note_of(said.get("note", ""))
        purpose = said.get("purpose", "").lower() or None
        if purpose is not None and purpose not in set(Purpose):
            raise LineError(f"{ways.columns['purpose']}: {shown(purpose)} is not one of {', '.join(Purpose)}")
        return session_row(
            start, _generic_end(said, start, ways), asides, note=note, purpose=purpose, **_volumes(said, ways)
        )

    return read


def _generic_end(said: Mapping[str, str], start: Moment, ways: Ways) -> Moment:
    """The end; where a row has none, the start and how long it took."""
    if "end" in said or "duration" not in said:
        column = ways.columns.get("end", ways.columns.get("duration", ""))
        return read_cell(column, moment_of, said.get("end", ""), ways.zone, ways.dates, after=start.at)  # type: ignore[no-any-return]
    column = ways.columns["duration"]
    return Moment(start.at + read_cell(column, seconds_of_cell, said["duration"], column))


def _volumes(said: Mapping[str, str], ways: Ways) -> dict[str, float]:
    """What was pumped; a total that two sides make up, as far as they are rounded, is theirs."""
    units = {"ml": Units.ML, "oz": Units.OZ}
    fields = {"ml": "volume_ml", "oz": "volume_ml", "left": "left_ml", "right": "right_ml"}
    found = {
        field: read_cell(ways.columns[name], ml_of_cell, said[name], units.get(name, ways.units))
        for name, field in fields.items()
        if name in said
    }
    sides = [found[side] for side in ("left_ml", "right_ml") if side in found]
    if len(sides) == 2 and abs(found.get("volume_ml", 0) - sum(sides)) <= 1:
        found.pop("volume_ml", None)
    return found
