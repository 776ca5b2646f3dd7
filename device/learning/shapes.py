"""Lines of a pump that nobody knows, by their shape: the same words, with numbers between them. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

import msgspec

from drivers.pump_link import RANGES

_PIECE = re.compile(
    r"(?P<sum>\*[0-9A-Fa-f]{2}$)|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<space>\s+)|(?P<text>[^0-9\s*]+|\*)"
)
_WORD = re.compile("[a-z]+")
NUMBER, SPACE, CHECKSUM = "0", " ", "*HH"
"""Pieces that are no text of a line's: such has neither a digit nor a space, and no more than one asterisk."""
NAMES: dict[str, set[str]] = {
    "t": {"t", "time", "sec", "secs", "seconds", "elapsed", "dur", "duration", "runtime", "ran"},
    "cpm": {"cpm", "rate", "pace", "speed", "cycles", "cyc", "strokes", "spm", "bpm", "freq"},
    "vac": {"vac", "vacuum", "mmhg", "pressure", "press", "suction"},
    "ml": {"ml", "vol", "volume", "milk", "amount", "collected"},
}
"""What a number is called before it, by the group that it becomes."""
UNITS: dict[str, set[str]] = {
    "t": {"s", "sec", "secs", "seconds"},
    "cpm": {"cpm", "spm", "bpm"},
    "vac": {"mmhg"},
    "ml": {"ml"},
}
"""What may stand after it."""
UNNAMED_CPM, UNNAMED_VAC = (10.0, 150.0), (50.0, 400.0)
"""A number without a name is taken for these where all of its values lie so."""
SLACK_S = 1.5
"""A count of seconds is a whole number, and a line takes its time."""


class Seen(msgspec.Struct, frozen=True):
    """One line: when it came, what it says, its numbers."""

    at: float
    text: str
    numbers: tuple[float, ...]


class LineShape(msgspec.Struct):
    """All lines with the same pieces, as they came."""

    pieces: tuple[str, ...]
    seen: list[Seen]

    @property
    def words(self) -> set[str]:
        return set(_WORD.findall(self.seen[0].text.lower()))

    @property
    def numbers(self) -> int:
        return self.pieces.count(NUMBER)

    def column(self, number: int) -> list[float]:
        return [line.numbers[number] for line in self.seen]

    def every_s(self) -> float:
        """The usual time from one to the next; infinite where there is one alone."""
        return median([b.at - a.at for a, b in pairwise(self.seen)] or [float("inf")])


def shapes_of(lines: Sequence[tuple[float, str]]) -> list[LineShape]:
    """The shapes in the order in which they were first seen; empty lines have none."""
    found: dict[tuple[str, ...], LineShape] = {}
    for at, text in lines:
        pieces, numbers = _pieces(text.rstrip())
        if pieces:
            found.setdefault(pieces, LineShape(pieces, [])).seen.append(Seen(at, text, numbers))
    return list(found.values())


def _pieces(text: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    pieces, numbers = [], []
    for piece in _PIECE.finditer(text):
        match piece.lastgroup:
            case "number":
                pieces.append(NUMBER)
                numbers.append(float(piece[0]))
            case "space":
                pieces.append(SPACE)
            case "sum":
                pieces.append(CHECKSUM)
            case _:
                pieces.append(piece[0])
    return tuple(pieces), tuple(numbers)


def name_beside(shape: LineShape, number: int) -> str | None:
    """The group whose name stands beside a number: before it, or as its unit after it."""
    place = [n for n, piece in enumerate(shape.pieces) if piece == NUMBER][number]
    before = _WORD.findall("".join(_texts(reversed(shape.pieces[:place]))).lower())
    after = _WORD.findall("".join(shape.pieces[place + 1 : place + 3]).lower().partition(",")[0])
    unit = next((group for group, names in UNITS.items() if after and after[0] in names), None)
    name = next((group for group, names in NAMES.items() if before and before[-1] in names), None)
    return name or (unit if not _is_name(shape, place) else None)


def _is_name(shape: LineShape, place: int) -> bool:
    """Whether the word after a number is the next number's name: a number and `=` or `:` follow it."""
    rest = "".join(shape.pieces[place + 1 :])
    return re.match(r"[\s,;\"']*[A-Za-z_]+[\"']?\s*[=:]", rest) is not None


def _texts(backwards: Iterator[str]) -> list[str]:
    """The text that stands before a number, up to the number before that."""
    found: list[str] = []
    for piece in backwards:
        if piece == NUMBER:
            break
        found.insert(0, piece)
    return found


def counts_seconds(shape: LineShape, number: int) -> bool:
    """Whether a number grows as time goes by, from a small one on: the seconds since the pump was started."""
    values, times = shape.column(number), [line.at for line in shape.seen]
    steps = [(b - a, y - x) for (a, b), (x, y) in zip(pairwise(values), pairwise(times), strict=True)]
    grown = [(more, passed) for more, passed in steps if more >= 0]
    fits = [abs(more - passed) <= SLACK_S + 0.1 * passed for more, passed in grown]
    resets = [after for (before, after) in pairwise(values) if after < before]
    starts_low = all(start <= 2 * shape.every_s() + 2 for start in (values[0], *resets))
    moves = sum(more > 0 for more, _ in grown) > len(grown) / 2
    return len(grown) >= 2 and starts_low and moves and sum(fits) >= 0.75 * len(fits)


def groups_of(shape: LineShape, allowed: Sequence[str], *, beats: bool) -> dict[int, str]:
    """Which number is which of the verb's groups; each once, and only where all its values are in range."""
    found: dict[int, str] = {}

    def take(number: int, group: str | None, within: tuple[float, float] | None = None) -> None:
        if group is None or group not in allowed or group in found.values() or number in found:
            return
        low, high = within or RANGES[group]
        if all(low <= value <= high for value in shape.column(number)):
            found[number] = group

    for number in range(shape.numbers):
        name = name_beside(shape, number)
        if beats and (counts_seconds(shape, number) if name in {"t", None} else False):
            take(number, "t")
        elif name != "t" or not beats:
            take(number, name)
    if beats:
        for group, within in (("cpm", UNNAMED_CPM), ("vac", UNNAMED_VAC)):
            for number in range(shape.numbers):
                if name_beside(shape, number) is None and not counts_seconds(shape, number):
                    take(number, group, within)
    return found


def expression(shape: LineShape, groups: Mapping[int, str], never_zero: int | None = None) -> str:
    """The regular expression of a shape, from its begin to its end; `never_zero`: a number that must not be 0."""
    parts, number = [], 0
    for piece in shape.pieces:
        if piece == NUMBER:
            first = "[1-9][0-9]*" if number == never_zero else "[0-9]+"
            digits = rf"{first}(?:\.[0-9]+)?"
            parts.append(f"(?P<{groups[number]}>{digits})" if number in groups else digits)
            number += 1
        elif piece == SPACE:
            parts.append(r"\s+")
        elif piece == CHECKSUM:
            parts.append(r"\*[0-9A-Fa-f]{2}")
        else:
            parts.append(re.escape(piece))
    return f"^{''.join(parts)}$"
