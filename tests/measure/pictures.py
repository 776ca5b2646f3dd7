"""Two kinds of picture as SVG, in greys on white: how long each stage takes, and how many turns take how long."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, EDGE, LINE = 820, 16, 24
LABELS = 380
"""Room for a stage's name."""


class Curve(NamedTuple):
    name: str
    taken_ms: Sequence[float]
    dashes: str


SOLID, DASHED, DOTTED, SPARSE = "", "7 4", "2 3", "12 4 2 4"


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )


def line(x: float, y: float, to_x: float, to_y: float, grey: str = "#bbb") -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{grey}"/>'


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
    slowest = max(max(curve.taken_ms) for curve in curves)
    low = math.floor(math.log10(min(min(curve.taken_ms) for curve in curves)))
    high = max(math.ceil(math.log10(slowest)), low + 1)
    top, bottom, left, right = 56, 330, 60, WIDTH - EDGE - 10

    def across(ms: float) -> float:
        return left + (math.log10(ms) - low) / (high - low) * (right - left)

    def up(share: float) -> float:
        return bottom - share * (bottom - top)

    def parts() -> Iterator[str]:
        for share in (0.0, 0.25, 0.5, 0.75, 0.99):
            yield line(left, up(share), right, up(share), "#ddd")
            yield text(left - 6, up(share) + 4, f"{share:.0%}", anchor="end")
        for power in range(low, high + 1):
            yield line(across(10**power), top, across(10**power), bottom, "#ddd")
            yield text(across(10**power), bottom + 18, f"{10**power:g} ms", anchor="middle")
        for place, curve in enumerate(curves):
            y, ordered = bottom + 40 + 20 * place, sorted(curve.taken_ms)
            points = " ".join(f"{across(ms):.1f},{up((rank + 1) / len(ordered)):.1f}" for rank, ms in thinned(ordered))
            drawn = f'stroke="#111" stroke-width="2" stroke-dasharray="{curve.dashes}" fill="none"'
            yield f'<polyline points="{points}" {drawn}/>'
            yield f'<polyline points="{left},{y} {left + 60},{y}" {drawn}/>'
            yield text(left + 70, y + 4, curve.name)

    return picture(title, bottom + 50 + 20 * len(curves), parts())


def thinned(ordered: Sequence[float], points: int = 200) -> Iterator[tuple[int, float]]:
    """Every so-and-so-many-eth with its rank, and each of the slowest hundredth."""
    every, tail = max(1, len(ordered) // points), int(len(ordered) * 0.99)
    return ((rank, ms) for rank, ms in enumerate(ordered) if rank % every == 0 or rank >= tail)


def save(folder: Path, name: str, drawn: str) -> None:
    (folder / f"measures-{name}.svg").write_text(drawn)
