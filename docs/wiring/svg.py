"""Words, lines and boxes as SVG, and the colours that all drawings of the wiring share."""

from html import escape

INK, PAPER, FAINT = "#1b1b1b", "#ffffff", "#8a8a8a"
COLOURS = {"3.3 V": "#e8590c", "5 V": "#b91c1c", "ground": "#1b1b1b", "signal": "#1d4ed8"}
VIOLET = "#7c3aed"
"""The pump's side."""


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    anchor: str = "start",
    bold: bool = False,
    fill: str = INK,
    halo: str = "",
) -> str:
    """Words; a halo in the ground's colour keeps a wire behind them from striking them through."""
    more = ' font-weight="bold"' if bold else ""
    more += f' paint-order="stroke" stroke="{halo}" stroke-width="6"' if halo else ""
    place = f'x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {place} fill="{fill}"{more}>{escape(words)}</text>'


def line(points: list[tuple[float, float]], colour: str, *, width: float = 2.5, dash: str = "") -> str:
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    more = f' stroke-dasharray="{dash}"' if dash else ""
    stroke = f'stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"'
    return f'<polyline points="{path}" fill="none" {stroke}{more}/>'


def box(x: float, y: float, w: float, h: float, *, stroke: str = INK, fill: str = PAPER, radius: int = 8) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{radius}" fill="{fill}" stroke="{stroke}" '
        'stroke-width="1.5"/>'
    )
