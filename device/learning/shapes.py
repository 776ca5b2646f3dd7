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
_NAMED = re.compile(r"""[A-Za-z]{2,}["']?\s*[=:]\s*["']?$""")
NUMBER, SPACE, CHECKSUM = "0", " ", "*HH"
"""Pieces that are no text of a line's: such has neither a digit nor a space, and no more than one asterisk."""
DIGITS, NOT_ZERO = r"[0-9]+(?:\.[0-9]+)?", r"(?![0.]+(?![0-9.]))"
"""A number in a regular expression, and before one that must not be 0, however that is written."""
NAMES: dict[str, set[str]] = {
    "t": {
        "t",
        "time",
        "sec",
        "secs",
        "seconds",
        "elapsed",
        "dur",
        "duration",
        "runtime",
        "ran",
        "ms",
        "msec",
        "millis",
    },
    "cpm": {"cpm", "rate", "pace", "speed", "cycles", "cyc", "strokes", "spm", "bpm", "freq"},
    "vac": {"vac", "vacuum", "mmhg", "pressure", "press", "suction"},
    "ml": {"ml", "vol", "volume", "milk", "amount", "collected"},
}
"""What a number is called before it, by the group that it becomes."""
UNITS: dict[str, set[str]] = {
    "t": {"s", "sec", "secs", "seconds", "ms", "msec", "millis"},
    "cpm": {"cpm", "spm", "bpm"},
    "vac": {"mmhg"},
    "ml": {"ml"},
}
"""What may stand after it."""
UNNAMED_CPM, UNNAMED_VAC = (10.0, 150.0), (50.0, 400.0)
"""A number without a name is taken for these where all of its values lie so."""
SLACK_S = 1.5
"""A count of seconds is a whole number, and a line takes its time."""
TICKS = (1, 2, 3)
"""Digits below the second that a clock of tenths, hundredths or milliseconds has."""
RUNS_S = 5.0
"""Such a clock has to run for so long without a step back, to be told from any number that grows for a while."""


class Seen(msgspec.Struct, frozen=True):
    """One line: when it came, what it says, its numbers."""

    at: float
    text: str
    numbers: tuple[float, ...]


class Taken(msgspec.Struct, frozen=True):
    """What a number is taken for: a group of the verb's pattern. `ticks`: of `t`, so many of its digits are below the
    second; `guessed`: by the size of its values alone.
    """

    group: str
    ticks: int = 0
    guessed: bool = False


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
    unit = (
        None
        if _is_name(shape, place)
        else next((group for group, names in UNITS.items() if after[:1] and after[0] in names), None)
    )
    name = next((group for group, names in NAMES.items() if before and before[-1] in names), None)
    leads = any(word in names for names in NAMES.values() for word in _first_words(shape))
    return name or unit if leads else unit or name


def _first_words(shape: LineShape) -> list[str]:
    """The words before the first number: where they name it, the others have their names before them too."""
    return _WORD.findall("".join(shape.pieces[: shape.pieces.index(NUMBER)]).lower())


def has_a_name(shape: LineShape, number: int) -> bool:
    """Whether it is known what a number is, or its line says so in a word that nobody here knows (`temp=36`)."""
    place = [n for n, piece in enumerate(shape.pieces) if piece == NUMBER][number]
    before = "".join(_texts(reversed(shape.pieces[:place])))
    return name_beside(shape, number) is not None or _NAMED.search(before) is not None


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


def of_a_clock(shape: LineShape) -> set[int]:
    """Numbers with a colon alone between them, as in `1:05`: minutes and seconds, which no group can hold as one."""
    found, number = set[int](), 0
    for place, piece in enumerate(shape.pieces):
        if piece == NUMBER:
            if shape.pieces[place + 1 : place + 3] == (":", NUMBER):
                found |= {number, number + 1}
            number += 1
    return found


def ticks_of(shape: LineShape, number: int) -> int | None:
    """How many of a number's digits are below the second, where it counts the time; None: it does not."""
    if counts_seconds(shape, number):
        return 0
    values, times = shape.column(number), [line.at for line in shape.seen]
    if not all(value.is_integer() for value in values):
        return None
    begins = [0, *(n for n in range(1, len(values)) if values[n] < values[n - 1] or values[n] == 0), len(values)]
    if any(values[n] / 1000 > 2 * shape.every_s() + 2 for n in begins[:-1]):
        return None
    longest_s, grown = max((times[b - 1] - times[a], values[b - 1] - values[a]) for a, b in pairwise(begins))
    fits = (ticks for ticks in TICKS if abs(grown / 10**ticks - longest_s) <= 0.1 * longest_s)
    return next(fits, None) if longest_s >= RUNS_S else None


def groups_of(
    shape: LineShape, allowed: Sequence[str], *, beats: bool, lasted_s: Sequence[float | None] = ()
) -> dict[int, Taken]:
    """Which number is which of the verb's groups; each once, and only where all its values are in range.

    `lasted_s`: for each line how long the pump had run, as far as that is known: the `t` of a line that comes once.
    """
    found: dict[int, Taken] = {}
    numbers = [number for number in range(shape.numbers) if number not in of_a_clock(shape)]

    def take(number: int, taken: Taken, within: tuple[float, float] | None = None) -> None:
        if taken.group not in allowed or number in found or any(taken.group == other.group for other in found.values()):
            return
        low, high = within or RANGES[taken.group]
        if all(low <= value / 10**taken.ticks <= high for value in shape.column(number)):
            found[number] = taken

    for number in numbers:
        name = name_beside(shape, number)
        ticks = None
        if name in {"t", None} and beats:
            ticks = ticks_of(shape, number)
        elif name == "t":
            ticks = ticks_that_last(shape.column(number), lasted_s)
        if ticks is not None:
            take(number, Taken("t", ticks))
        elif name not in {"t", None}:
            take(number, Taken(str(name)))
    if beats:
        for group, within in (("cpm", UNNAMED_CPM), ("vac", UNNAMED_VAC)):
            for number in numbers:
                if not has_a_name(shape, number) and ticks_of(shape, number) is None:
                    take(number, Taken(group, guessed=True), within)
    return found


def ticks_that_last(values: Sequence[float], lasted_s: Sequence[float | None]) -> int | None:
    """How many digits are below the second, where each value says how long the pump had run; None: they do not."""
    known = [(value, lasted) for value, lasted in zip(values, lasted_s, strict=False) if lasted is not None]
    if not known:
        return 0
    within = (
        ticks
        for ticks in (0, *TICKS)
        if all(abs(value / 10**ticks - lasted) <= RUNS_S + 0.1 * lasted for value, lasted in known)
    )
    return next(within, None)


def expressions(shape: LineShape, groups: Mapping[int, Taken], never_zero: int | None = None) -> list[str]:
    """The regular expressions of a shape: a time below the second, which has no digit to spare, needs its own."""
    texts = [expression(shape, groups, never_zero)]
    below = {number: taken for number, taken in groups.items() if taken.ticks}
    if below:
        texts.append(expression(shape, groups, never_zero, without=tuple(below)))
    return texts


def expression(
    shape: LineShape, groups: Mapping[int, Taken], never_zero: int | None = None, without: Sequence[int] = ()
) -> str:
    """The regular expression of a shape, from its begin to its end; `never_zero`: a number that must not be 0,
    `without`: times that are less than a second, so that there is no `t`.
    """
    parts, number = [], 0
    for piece in shape.pieces:
        if piece == NUMBER:
            taken = groups.get(number)
            parts.append(NOT_ZERO if number == never_zero else "")
            if taken is not None and taken.ticks:
                less = f"[0-9]{{{taken.ticks}}}"
                parts.append(f"[0-9]{{1,{taken.ticks}}}" if number in without else f"(?P<{taken.group}>[0-9]+){less}")
            else:
                parts.append(DIGITS if taken is None else f"(?P<{taken.group}>{DIGITS})")
            number += 1
        elif piece == SPACE:
            parts.append(r"\s+")
        elif piece == CHECKSUM:
            parts.append(r"\*[0-9A-Fa-f]{2}")
        else:
            parts.append(re.escape(piece))
    return f"^{''.join(parts)}$"
