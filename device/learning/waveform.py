"""A minute of one wire as it was seen: raw edges, and what they make at a filter's width: marks, strokes, bouts.

A mark is `(begin, end)` in seconds, of the level that the wire does not rest at.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Literal

import msgspec

from device.core.pump.strokes import APART_S, CHATTER_S, FASTEST

Mark = tuple[float, float]
Level = Literal["high", "low"]

EVEN = 0.25
"""Two periods that follow each other differ by less than this share of the longer: a motor, not chance."""
MOSTLY = 0.75
"""Of the pairs of periods so many must be even: a pump may change its pace, and a spike may come between."""


class Waveform(msgspec.Struct, frozen=True):
    """What was seen of a wire from `begins` to `ends` (seconds), its level at first and every edge, undebounced."""

    begins: float
    ends: float
    high: bool
    edges: tuple[tuple[float, bool], ...]
    """When the wire changed, and whether it was high from then on."""
    presses: tuple[float, ...] = ()
    """When a button's wire changed either way."""
    floats: bool | None = None
    """At rest it followed the Pi's own pull resistor, up and down: nothing holds it. None: it was not asked."""
    pull: Literal["none", "up", "down"] = "none"
    """The resistor that was on meanwhile."""
    lost: int = 0
    """Edges that came faster than they could be taken."""


class Stroke(msgspec.Struct, frozen=True):
    """Knocks with less than APART_S between them."""

    knocks: tuple[Mark, ...]

    @property
    def began(self) -> float:
        return self.knocks[0][0]

    @property
    def longest_s(self) -> float:
        return max(map(span_s, self.knocks))

    @property
    def widest_gap_s(self) -> float:
        return max(gaps_between(self.knocks), default=0.0)

    @property
    def chatters(self) -> bool:
        return self.knocks[-1][1] - self.began - self.longest_s > CHATTER_S


def span_s(mark: Mark) -> float:
    return mark[1] - mark[0]


def gaps_between(in_order: Sequence[Mark]) -> list[float]:
    return [after[0] - before[1] for before, after in pairwise(in_order)]


def stretches(seen: Waveform) -> list[tuple[float, float, bool]]:
    """From when to when the wire was at which level, without a gap."""
    found, since, high = [], seen.begins, seen.high
    for at, now_high in seen.edges:
        if now_high != high:
            found.append((since, at, high))
            since, high = at, now_high
    return [*found, (since, seen.ends, high)]


def share_high(seen: Waveform, begins: float, ends: float) -> float:
    """The share of a window in which the wire was high."""
    up = sum(max(0.0, min(e, ends) - max(b, begins)) for b, e, high in stretches(seen) if high)
    return up / (ends - begins) if ends > begins else float(seen.high)


def marks_of(seen: Waveform, active: Level) -> list[Mark]:
    return [(begin, end) for begin, end, high in stretches(seen) if high == (active == "high")]


def settled(raw: Iterable[Mark], stable_s: float) -> list[Mark]:
    """What a filter of that width leaves: neither a mark nor a gap in one is shorter (`drivers.gpio_lines.Filter`)."""
    kept: list[Mark] = []
    for begin, end in raw:
        if kept and begin - kept[-1][1] < stable_s:
            kept[-1] = (kept[-1][0], end)
        elif end - begin >= stable_s:
            kept.append((begin, end))
    return kept


def grouped(sorted_marks: Iterable[Mark], apart_s: float) -> list[list[Mark]]:
    """The marks in groups, with at least so many seconds between two groups."""
    groups: list[list[Mark]] = []
    for mark in sorted_marks:
        if groups and mark[0] - groups[-1][-1][1] < apart_s:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups


def strokes_of(knocks: Iterable[Mark]) -> list[Stroke]:
    return [Stroke(tuple(group)) for group in grouped(knocks, APART_S)]


def periods(strokes: Sequence[Stroke]) -> list[float]:
    return [after.began - before.began for before, after in pairwise(strokes)]


def is_rhythmic(strokes: Sequence[Stroke], slowest_s: float) -> bool:
    """Whether strokes come as a pump's do: three at least, evenly, and neither faster nor slower than any pump."""
    between = periods(strokes)
    if len(between) < 2 or any(stroke.chatters for stroke in strokes):
        return False
    even = [abs(a - b) <= EVEN * max(a, b) for a, b in pairwise(between)]
    return 60 / FASTEST <= median(between) <= slowest_s and sum(even) >= MOSTLY * len(even)


def busiest_second(seen: Waveform) -> int:
    """The most edges that came within one second of the watch."""
    counts: dict[int, int] = {}
    for at, _ in seen.edges:
        second = int(at - seen.begins)
        counts[second] = counts.get(second, 0) + 1
    return max(counts.values(), default=0)
