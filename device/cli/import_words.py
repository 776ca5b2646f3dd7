"""What `import` says of a file: line by line what comes in, what is there already, what is left; and in one line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from device.core.model.record import Nursing, Record, begun, finished
from device.store.importing import Fate
from device.wire.foreign_rows import Ways

SAYS = {
    Fate.NEW: "comes in",
    Fate.REVISED: "comes in as a newer revision",
    Fate.UNCHANGED: "is there already",
    Fate.PASSED_OVER: "is passed over, for its times are those of",
    Fate.BAD: "is bad",
    None: "is left out",
}
"""What becomes of a line; None: nothing, since it brings no record."""


class FileLine(msgspec.Struct, frozen=True):
    """A line of the file: the place of its record among those that it brings, or why it brings none."""

    number: int
    index: int | None = None
    left_out: str = ""
    bad: str = ""
    remarks: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True):
    """A line, what becomes of it, and what is to be said of that."""

    number: int
    fate: Fate | None
    about: str
    remarks: tuple[str, ...]
    asides: tuple[str, ...]

    @property
    def comes_in(self) -> bool:
        return self.fate in {Fate.NEW, Fate.REVISED}

    @property
    def matters(self) -> bool:
        """Whether it is worth a line where nobody asked about each."""
        return self.fate is Fate.BAD or (bool(self.remarks) and self.comes_in)


def tell_lines(lines: Iterable[FileLine], fates: Mapping[int, tuple[Fate, str]]) -> Iterator[Told]:
    """What becomes of each line; `fates` by the places of their records."""
    for line in lines:
        fate: Fate | None
        if line.index is not None:
            fate, about = fates[line.index]
        elif line.bad:
            fate, about = Fate.BAD, line.bad
        else:
            fate, about = None, line.left_out
        yield Told(line.number, fate, about, line.remarks, line.asides)


def sentence(told: Told, record: Record | None, zone: ZoneInfo) -> str:
    """`line 7: session 2026-03-01 04:12:08 to 04:30:08, 85 ml, comes in; …`."""
    words = [f"line {told.number}:", *([] if record is None else [shown_record(record, zone)]), SAYS[told.fate]]
    about = f"{'' if told.fate is Fate.PASSED_OVER else ':'} {told.about}" if told.about else ""
    return "; ".join((" ".join(words) + about, *told.remarks, *told.asides))


def shown_record(record: Record, zone: ZoneInfo) -> str:
    start = f"{datetime.fromtimestamp(begun(record), zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(record, Nursing):
        side = f" {record.side}," if record.side else ""
        return f"nursing {start}, {'effective' if record.effective else 'ineffective'},{side}"
    end = f"{datetime.fromtimestamp(finished(record), zone):%H:%M:%S}"
    return f"session {start} to {end}, {'no amount' if record.volume_ml is None else f'{record.volume_ml} ml'},"


def taken_as(ways: Ways) -> str:
    """How another app's bare times and amounts are taken."""
    return f"times are those of {ways.zone.key}, amounts without a unit are in {ways.units} (supply.units)"


def summary(counts: Mapping[str, int], left_out: Sequence[str]) -> str:
    """`3 new, 0 revised, 1 unchanged, 12 left out (8 'Diaper', 4 'Sleep')`; what is 0 is said of the first three."""
    always = {Fate.NEW, Fate.REVISED, Fate.UNCHANGED}
    words = [f"{counts[fate]} {fate.replace('_', ' ')}" for fate in Fate if counts[fate] or fate in always]
    if left_out:
        kinds = Counter(left_out).most_common(5)
        words.append(f"{len(left_out)} left out ({', '.join(f'{count} {kind}' for kind, count in kinds)})")
    return ", ".join(words)


def counted_asides(told: Iterable[Told]) -> dict[str, int]:
    """What is said aside of what comes in, and of how many lines."""
    return dict(Counter(aside for line in told if line.comes_in for aside in line.asides).most_common(20))


def as_facts(told: Iterable[Told]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "line": line.number, "fate": line.fate or "left_out", "about": line.about or None,
            "remarks": [*line.remarks, *line.asides],
        }
        for line in told
    ]  # fmt: skip
