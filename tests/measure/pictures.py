"""Pictures of measures as SVG, in greys on white: stages, how many turns take how long, and what becomes of figures."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, EDGE, LINE = 820, 16, 24
LABELS = 380
"""Room for a stage's name."""
NAMES = 232
"""Room for the names of a chart's lines, beside it."""
APART = 15
"""So far apart stand two names."""

Points = Sequence[tuple[float, float]]


class Curve(NamedTuple):
    name: str
    taken_ms: Sequence[float]
    dashes: str


SOLID, DASHED, DOTTED, SPARSE = "", "7 4", "2 3", "12 4 2 4"


class Scale(NamedTuple):
    """What an axis reaches, and the values that have a line and words; `log`: by their logarithms."""

    low: float
    high: float
    named: Sequence[tuple[float, str]]
    log: bool = False

    def share(self, value: float) -> float:
        low, high, at = (math.log10(one) if self.log else one for one in (self.low, self.high, value))
        return (at - low) / (high - low)


class Series(NamedTuple):
    """A line; one without a name belongs to another."""

    name: str
    points: Points
    dashes: str = SOLID
    grey: str = "#111"


class Panel(NamedTuple):
    """One of a picture's charts; `bands` are stretches of the axis across that lie in grey."""

    name: str
    across: Scale
    up: Scale
    series: Sequence[Series]
    bands: Sequence[tuple[float, float, str]] = ()
    high: int = 200


class Box(NamedTuple):
    """Where in the picture two axes stand."""

    left: float
    top: float
    right: float
    bottom: float
    across: Scale
    up: Scale

    def place(self, x: float, y: float) -> tuple[float, float]:
        wide, high = self.right - self.left, self.bottom - self.top
        return self.left + self.across.share(x) * wide, self.bottom - self.up.share(y) * high

    def grid(self) -> Iterator[str]:
        for value, words in self.up.named:
            y = self.place(self.across.low, value)[1]
            yield line(self.left, y, self.right, y, "#ddd")
            yield text(self.left - 6, y + 4, words, anchor="end")
        for value, words in self.across.named:
            x = self.place(value, self.up.low)[0]
            yield line(x, self.top, x, self.bottom, "#ddd")
            yield text(x, self.bottom + 18, words, anchor="middle")

    def drawn(self, points: Iterable[tuple[float, float]], dashes: str, grey: str = "#111") -> str:
        return polyline((self.place(*point) for point in points), dashes, grey)


def decades(low: float, high: float, unit: str = "") -> Scale:
    """A logarithmic scale of whole powers of ten around these."""
    first = math.floor(math.log10(low))
    last = max(math.ceil(math.log10(high)), first + 1)
    named = [(10.0**power, f"{10**power:{',d' if power > 0 else 'g'}}{unit}") for power in range(first, last + 1)]
    return Scale(10.0**first, 10.0**last, named, log=True)


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )


def line(x: float, y: float, to_x: float, to_y: float, grey: str = "#bbb") -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{grey}"/>'


def polyline(places: Iterable[tuple[float, float]], dashes: str, grey: str = "#111") -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{points}" stroke="{grey}" stroke-width="2" stroke-dasharray="{dashes}" fill="none"/>'


def picture(title: str, height: int, parts: Iterator[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        text(EDGE, EDGE + 8, title, size=15, weight="bold"),
        *parts,
        "</svg>\n",
    ])  # fmt: skip


def waterfall(title: str, stages: Sequence[tuple[str, float]]) -> str:
    """Stages one after the other, in milliseconds: each begins where the one before it ends."""
    ends = list(accumulate(took for _, took in stages))
    scale = (WIDTH - LABELS - EDGE - 70) / ends[-1]

    def parts() -> Iterator[str]:
        for row, ((name, took), end) in enumerate(zip(stages, ends, strict=True)):
            y, x = 2 * EDGE + 12 + row * LINE, LABELS + (end - took) * scale
            wide, grey = max(1.0, took * scale), ("#333", "#888")[row % 2]
            yield text(LABELS - 8, y + 13, name, anchor="end")
            yield f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{LINE - 7}" fill="{grey}"/>'
            yield text(x + wide + 5, y + 13, f"{took:.2f} ms")
        bottom = 2 * EDGE + 12 + len(stages) * LINE
        yield line(LABELS, 2 * EDGE + 6, LABELS, bottom, "#333")
        yield text(LABELS - 8, bottom + 14, "the medians' sum", anchor="end", weight="bold")
        yield text(LABELS, bottom + 14, f"{ends[-1]:.2f} ms", weight="bold")

    return picture(title, 3 * EDGE + 18 + (len(stages) + 1) * LINE, parts())


def cumulative(title: str, curves: Sequence[Curve]) -> str:
    """The share of the turns that took at most so long, on a logarithmic scale."""
    across = decades(min(min(one.taken_ms) for one in curves), max(max(one.taken_ms) for one in curves), " ms")
    up = Scale(0.0, 1.0, [(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 0.99)])
    box = Box(60, 56, WIDTH - EDGE - 10, 330, across, up)

    def parts() -> Iterator[str]:
        yield from box.grid()
        for place, curve in enumerate(curves):
            y, ordered = box.bottom + 40 + 20 * place, sorted(curve.taken_ms)
            yield box.drawn(((ms, (rank + 1) / len(ordered)) for rank, ms in thinned(ordered)), curve.dashes)
            yield polyline([(box.left, y), (box.left + 60, y)], curve.dashes)
            yield text(box.left + 70, y + 4, curve.name)

    return picture(title, int(box.bottom) + 50 + 20 * len(curves), parts())


def charts(title: str, panels: Sequence[Panel]) -> str:
    """Charts below each other; the name of each line stands beside them, as high as it ends."""

    def parts() -> Iterator[str]:
        top = 3 * EDGE + 20
        for panel in panels:
            box = Box(74, top, WIDTH - NAMES, top + panel.high, panel.across, panel.up)
            yield text(EDGE, top - 14, panel.name, weight="bold")
            yield from bands(box, panel.bands)
            yield from box.grid()
            yield from (box.drawn(one.points, one.dashes, one.grey) for one in panel.series)
            named = [one for one in panel.series if one.name]
            ends = [box.place(*one.points[-1])[1] for one in named]
            for one, end, beside in zip(named, ends, apart(ends), strict=True):
                yield line(box.right + 2, end, box.right + 14, beside)
                yield text(box.right + 18, beside + 4, one.name, size=12)
            top += panel.high + 66

    return picture(title, 2 * EDGE + 4 + sum(panel.high + 66 for panel in panels), parts())


def bands(box: Box, stretches: Sequence[tuple[float, float, str]]) -> Iterator[str]:
    for since, until, grey in stretches:
        (x, _), (to_x, _) = box.place(since, box.up.low), box.place(until, box.up.low)
        place = f'x="{x:.1f}" y="{box.top:.1f}" width="{to_x - x:.1f}" height="{box.bottom - box.top:.1f}"'
        yield f'<rect {place} fill="{grey}"/>'


def apart(places: Sequence[float]) -> list[float]:
    """Where names stand that want to stand at these places: as near as can be, and none nearer than can be read."""
    order = sorted(range(len(places)), key=places.__getitem__)
    crowds: list[list[float]] = []  # each name's place, less the room of those above it
    for rank, place in enumerate(order):
        crowds.append([places[place] - rank * APART])
        while len(crowds) > 1 and fmean(crowds[-2]) > fmean(crowds[-1]):
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    tops = (fmean(crowd) for crowd in crowds for _ in crowd)
    found = dict(zip(order, (top + rank * APART for rank, top in enumerate(tops)), strict=True))
    return [found[place] for place in range(len(places))]


def thinned(ordered: Sequence[float], points: int = 200) -> Iterator[tuple[int, float]]:
    """Every so-and-so-many-eth with its rank, and each of the slowest hundredth."""
    every, tail = max(1, len(ordered) // points), int(len(ordered) * 0.99)
    return ((rank, ms) for rank, ms in enumerate(ordered) if rank % every == 0 or rank >= tail)


def save(folder: Path, name: str, drawn: str) -> None:
    (folder / f"measures-{name}.svg").write_text(drawn)
