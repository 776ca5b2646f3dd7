"""The front at its own size: three buttons under the three keys of the screen, for the usual panels.

Where a key is drawn says the layout (`device.screens.pictures.CENTRES`), how large a pixel is the panel's sheet.
"""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from device.screens.pictures import CENTRES, HEIGHT, WIDTH
from docs.wiring.svg import FAINT, INK, PAPER

APART_MM = 1.0
"""The least between two buttons' cases: a thumb feels where one ends, and printed openings keep a wall."""
BELOW_MM = 12.0
"""From the lower edge of the lit glass to the buttons' centres: past the panel's rim and its board's edge."""
MARGIN_MM, GAP_MM, HEAD_MM = 8.0, 14.0, 16.0
COMMON_MM = (6.0, 12.0)
"""The sides of the usual square buttons (Omron's sheet of the B3F has both)."""


class Panel(NamedTuple):
    """A panel by its diagonal; its lit area in mm."""

    name: str
    width_mm: float
    height_mm: float

    @property
    def keys_mm(self) -> list[float]:
        """Each key's centre, from the left edge of the lit glass."""
        return [(column + 0.5) * self.width_mm / WIDTH for column in CENTRES]

    @property
    def pitch_mm(self) -> float:
        return self.keys_mm[1] - self.keys_mm[0]


PANELS = (Panel("0.96 in", 21.744, 10.864), Panel("1.3 in", 29.42, 14.7), Panel("2.42 in", 55.01, 27.49))
"""Active areas: DisplayModule's sheet DM-OLED096-624; SparkFun's of a 1.3 in SH1106 panel. No sheet of a 2.42 in panel
was at hand: its numbers are what sellers say, and the page asks to measure."""


def largest_button_mm(panel: Panel) -> float:
    """The side of a square button of which three fit under the keys."""
    return panel.pitch_mm - APART_MM


def fitting_mm(panel: Panel) -> float:
    """The largest of the usual buttons that fits."""
    return max(side for side in COMMON_MM if side <= largest_button_mm(panel))


def words(x: float, y: float, said: str, *, anchor: str = "middle", bold: bool = False, size: float = 3) -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.3f}" y="{y:.3f}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {place} fill="{INK}"{weight}>{escape(said)}</text>'


def stroke(ax: float, ay: float, bx: float, by: float, width: float = 0.15, colour: str = INK) -> str:
    return f'<line x1="{ax:.3f}" y1="{ay:.3f}" x2="{bx:.3f}" y2="{by:.3f}" stroke="{colour}" stroke-width="{width}"/>'


def measured(ax: float, bx: float, y: float, said: str) -> Iterator[str]:
    """A dimension: a line with ticks at its ends, and the number under it."""
    yield stroke(ax, y, bx, y)
    yield from (stroke(x, y - 1, x, y + 1) for x in (ax, bx))
    yield words((ax + bx) / 2, y + 3.6, said, size=2.8)


def drawn_panel(panel: Panel, x: float, y: float) -> Iterator[str]:
    """One panel from its lit glass's upper left corner."""
    w, h = panel.width_mm, panel.height_mm
    bottom, side = y + h + BELOW_MM, fitting_mm(panel)
    yield words(x + w / 2, y - 8, panel.name, bold=True, size=4)
    yield from measured(x, x + w, y - 5.5, f"{w:.2f}")
    yield f'<rect x="{x:.3f}" y="{y:.3f}" width="{w:.3f}" height="{h:.3f}" fill="{INK}"/>'
    for key, name in zip(panel.keys_mm, ("left", "middle", "right"), strict=True):
        label_y = y + 60 / HEIGHT * h
        yield (
            f'<text x="{x + key:.3f}" y="{label_y:.3f}" font-size="{w / 15:.2f}" text-anchor="middle" '
            f'fill="{PAPER}">{name}</text>'
        )
        yield stroke(x + key, y + h + 0.6, x + key, bottom + side / 2 + 2.5, 0.12, FAINT)
        shape = f'stroke="{INK}" stroke-width="0.2" fill="{PAPER}"'
        corner = f'x="{x + key - side / 2:.3f}" y="{bottom - side / 2:.3f}"'
        yield f'<rect class="button" {corner} width="{side}" height="{side}" rx="0.5" {shape}/>'
        yield f'<circle cx="{x + key:.3f}" cy="{bottom:.3f}" r="{side * 0.29:.2f}" {shape}/>'
        yield stroke(x + key - 1, bottom, x + key + 1, bottom, 0.1)
    under = bottom + side / 2 + 3.5
    left, middle, right = panel.keys_mm
    yield from measured(x + left, x + middle, under, f"{middle - left:.2f}")
    yield from measured(x + middle, x + right, under, f"{right - middle:.2f}")
    yield words(x + w / 2, under + 8.5, f"buttons {side:g} × {side:g}", size=2.8)


def front_svg() -> str:
    """All panels side by side, in mm: printed at 100 % it is a template to drill by."""
    width = 2 * MARGIN_MM + sum(panel.width_mm for panel in PANELS) + GAP_MM * (len(PANELS) - 1)
    height = HEAD_MM + 12 + max(panel.height_mm for panel in PANELS) + BELOW_MM + 24
    x = MARGIN_MM
    body: list[str] = []
    for panel in PANELS:
        body += drawn_panel(panel, x, HEAD_MM + 12)
        x += panel.width_mm + GAP_MM
    body += [stroke(MARGIN_MM, height - 4, MARGIN_MM + 50, height - 4, 0.3)]
    body += [stroke(tick, height - 5.5, tick, height - 2.5, 0.3) for tick in (MARGIN_MM, MARGIN_MM + 50)]
    size = f'width="{width:.2f}mm" height="{height:.2f}mm" viewBox="0 0 {width:.2f} {height:.2f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">',
            "<title>The front: three buttons under the keys of the screen</title>",
            f'<rect width="{width:.2f}" height="{height:.2f}" fill="{PAPER}"/>',
            words(
                MARGIN_MM,
                8,
                "The front: buttons under the keys. All numbers in mm; print at 100 %.",
                anchor="start",
                bold=True,
                size=4,
            ),
            *body,
            words(MARGIN_MM + 52, height - 3, "50 mm: measure it on the print", anchor="start"),
            "</svg>\n",
        ]
    )
