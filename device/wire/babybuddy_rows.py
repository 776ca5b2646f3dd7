"""Baby Buddy's CSV, both ways: pumpings, and breast feedings, which are nursings here.

As its version 2 writes and takes it (`core/admin.py`, by django-import-export 4.4): local times, amounts without a
unit, tags by their numbers. It takes no empty `id`, so what goes there has no such column; each entry needs a child,
and a pumping its amount.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from device.core.model.record import Nursing, Record, Session, Side, Units
from device.core.rules.amounts import ML_PER_OZ

from .foreign_rows import RowReader, Ways, cells_of, ml_of_cell, note_of, nursing_row, read_cell, session_row
from .local_times import moment_of
from .tables import BadRowError, Brought
from .values import FieldError, shown

PUMPING = ("child_id", "start", "end", "amount", "notes", "tags")
FEEDING = ("child_id", "start", "end", "type", "method", "amount", "notes", "tags")
EFFECTIVE, INEFFECTIVE, NO_AMOUNT = "effective", "ineffective", "no amount"
TAGS = (EFFECTIVE, INEFFECTIVE, NO_AMOUNT)
METHODS = {Side.LEFT: "left breast", Side.RIGHT: "right breast", Side.BOTH: "both breasts"}
SIDES = {method: side for side, method in METHODS.items()}
TIME = "%Y-%m-%d %H:%M:%S"
RUNNING = "{} that runs is left out"
UNKNOWN = '{} without an amount: 0, with the tag "no amount"'
SIDELESS = "{} without a side: both breasts"
SECOND = "{} with a time that exists twice: read again, it is the first of the two"
NUMBERED = "Baby Buddy's import knows tags by their numbers there: say --tags 3=effective,… (docs/formats.md)"


def parse_tags(said: str) -> dict[str, str]:
    """`3=ineffective,5=no amount` → the number that Baby Buddy gave a tag, to its name. Raises FieldError."""
    pairs = [pair.partition("=") for pair in said.split(",")]
    found = {number.strip(): name.strip().lower() for number, _, name in pairs}
    for number, name in found.items():
        if not (number.isascii() and number.isdigit()) or name not in TAGS:
            raise FieldError("wrong_type", f"{shown(f'{number}={name}')}: say 3=ineffective, for {', '.join(TAGS)}")
    return found


def to_babybuddy(record: Record, zone: ZoneInfo, units: Units, child: int, tags: Mapping[str, str]) -> list[str] | None:
    """The cells of a record, as PUMPING or FEEDING has them; None for one that has no place there.

    That is one that is deleted, or runs. `tags` as in `Ways`: where a number is known, it stands for the name.
    """
    if record.deleted:
        return None
    tag = {name: number for number, name in tags.items()}.get(_tag(record), _tag(record))
    if isinstance(record, Nursing):
        at = _local(record.at, zone)
        method = METHODS[record.side or Side.BOTH]
        return [str(child), at, at, "breast milk", method, "", "", tag]
    if record.ended_at is None:
        return None
    ml = record.volume_ml or 0
    amount = str(ml) if units is Units.ML else f"{ml / ML_PER_OZ:.2f}"
    times = (_local(record.started_at, zone), _local(record.ended_at, zone))
    return [str(child), *times, amount, record.note or "", tag]


def _tag(record: Record) -> str:
    if isinstance(record, Nursing):
        return EFFECTIVE if record.effective else INEFFECTIVE
    return NO_AMOUNT if record.volume_ml is None else ""


def lost_there(record: Record, zone: ZoneInfo, tags: Mapping[str, str]) -> Iterator[str]:
    """What Baby Buddy has otherwise than the record, of one that goes there; `{}` stands for how many there are."""
    if record.deleted:
        return
    if isinstance(record, Session) and record.ended_at is None:
        yield RUNNING
        return
    tag = _tag(record)
    if tag == NO_AMOUNT:
        yield UNKNOWN
    if tag and tag not in tags.values():
        yield NUMBERED
    if isinstance(record, Nursing) and record.side is None:
        yield SIDELESS
    ends = (record.started_at, record.ended_at) if isinstance(record, Session) else (record.at,)
    if any(at is not None and datetime.fromtimestamp(at, zone).fold for at in ends):
        yield SECOND


def _local(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime(TIME)


def babybuddy_reader(names: Sequence[str], ways: Ways) -> RowReader:
    """Rows of pumpings or of feedings. Raises BadRowError where it is neither."""
    if {"start", "method"} <= {*names}:
        read = _feeding
    elif {"start", "end", "amount"} <= {*names}:
        read = _pumping
    else:
        what = "has no columns start, end, amount (pumpings), nor start, method (feedings), as Baby Buddy 2 writes them"
        raise BadRowError(1, what)
    return lambda cells: read(cells_of(names, cells), ways)


def _pumping(row: Mapping[str, str], ways: Ways) -> Brought:
    start = read_cell("start", moment_of, row["start"], ways.zone, ways.dates)
    end = read_cell("end", moment_of, row["end"], ways.zone, ways.dates, after=start.at)
    amount = read_cell("amount", ml_of_cell, row["amount"], ways.units) if row["amount"].strip() else None
    tags, asides = _tags(row, ways)
    if NO_AMOUNT in tags and not amount:
        amount = None
    note, cut = note_of(row.get("notes", ""))
    return session_row(start, end, (*asides, *cut), note=note, volume_ml=amount)


def _feeding(row: Mapping[str, str], ways: Ways) -> Brought:
    method = row["method"].strip().lower()
    if method not in SIDES:
        return Brought(None, f"a feeding by {shown(row['method'].strip())}")
    start = read_cell("start", moment_of, row["start"], ways.zone, ways.dates)
    tags, asides = _tags(row, ways)
    return nursing_row(start, SIDES[method], asides, effective=INEFFECTIVE not in tags, note=row.get("notes", ""))


def _tags(row: Mapping[str, str], ways: Ways) -> tuple[set[str], tuple[str, ...]]:
    """A row's tags by their names; what is to be said of a number whose name nobody told."""
    said = [tag.strip().lower() for tag in row.get("tags", "").split(",") if tag.strip()]
    unknown = [tag for tag in said if tag.isdigit() and tag not in ways.tags]
    what = "tag {} has no name in this file; where it is one of {}, say --tags {}=…"
    asides = tuple(what.format(shown(tag), ", ".join(TAGS), tag[:9]) for tag in unknown[:1])
    return {ways.tags.get(tag, tag) for tag in said}, asides
