"""Draws a breadboard as SVG: holes, parts, and wires to the header that are told by colour and by the pin's number."""

from collections.abc import Iterator
from html import escape
from math import atan2, degrees, hypot

from docs.wiring import wires
from docs.wiring.breadboard import (
    COLUMNS,
    LOWER,
    OLED_BODY_MM,
    PITCH_MM,
    RAILS,
    UPPER,
    Breadboard,
    Placed,
    metal,
    strip,
)
from docs.wiring.svg import COLOURS, FAINT, INK, PAPER, VIOLET, box, line, text

PITCH, TOP, LEFT = 24, 210, 350
"""Pixels between two holes; of the board's upper edge and of column 0."""
ROWS = {"T+": 1, "T-": 2, **{row: 4 + n for n, row in enumerate(UPPER)}, **{row: 11 + n for n, row in enumerate(LOWER)}}
ROWS |= {"B+": 17, "B-": 18}
BOARD_W, BOARD_H, WIDTH = 31.2, 19, LEFT + 32 * PITCH + 16
HEADER_X, HEADER_Y, HEADER_ROW = 120, 120, 28
LANE = 12
WIRE_COLOURS = {3: "#1d4ed8", 5: "#0e7490", 11: "#15803d", 29: "#a16207", 31: "#be185d", 33: "#4d7c0f"}
"""Each signal's; power has the colour of its kind."""
INNER = "#64748b"
TAN, COPPER = "#e8d5b0", "#94a3b8"
Point = tuple[float, float]


def place(hole: str) -> Point:
    row = hole.rstrip("0123456789")
    return LEFT + int(hole[len(row) :]) * PITCH, TOP + ROWS[row] * PITCH


def wire_colour(position: int) -> str:
    return WIRE_COLOURS.get(position) or COLOURS[wires.POWER[position]]


def net_colour(board: Breadboard, hole: str) -> str:
    """A bridge has the colour of what it leads: the header's wire, the pump's side, or something between parts."""
    (net,) = [net for net in metal(board) if strip(hole) in net]
    positions = sorted(int(name.removeprefix("header ")) for name in net if name.startswith("header "))
    if positions:
        return wire_colour(positions[0])
    return VIOLET if any(name.startswith(("motor.", "coupler.")) for name in net) else INNER


def cased(points: list[Point], colour: str, *, width: float = 4) -> str:
    """A wire with a pale edge, which parts it from what it passes over."""
    return line(points, PAPER, width=width + 4) + line(points, colour, width=width)


def empty_board() -> Iterator[str]:
    yield box(LEFT, TOP, BOARD_W * PITCH, BOARD_H * PITCH, fill="#fbfaf6", stroke=FAINT)
    middle = TOP + 9.5 * PITCH
    yield f'<rect x="{LEFT}" y="{middle - 9:g}" width="{BOARD_W * PITCH:g}" height="18" fill="#e7e5de"/>'
    for rail, colour in zip(RAILS, ("#dc2626", "#1e3a8a") * 2, strict=True):
        y = TOP + (ROWS[rail] + (-0.5 if rail.endswith("+") else 0.5)) * PITCH
        yield line([(LEFT + PITCH, y), (LEFT + 30 * PITCH, y)], colour, width=1.5)
        for x in (LEFT + 0.5 * PITCH, LEFT + 30.5 * PITCH):
            yield text(x, place(f"{rail}1")[1] + 5, rail[1].replace("-", "−"), anchor="middle", fill=colour, bold=True)
    for row, y in ROWS.items():
        columns = [number for number in COLUMNS if row not in RAILS or number % 6]
        for number in columns:
            yield f'<circle cx="{LEFT + number * PITCH}" cy="{TOP + y * PITCH}" r="3" fill="#c9c6bd"/>'
        if row not in RAILS:
            yield text(LEFT + 30.75 * PITCH, TOP + y * PITCH + 4, row, size=12, fill="#555555", anchor="middle")
    for number in (1, *range(5, 31, 5)):
        for y in (3.15, 16.15):
            yield text(LEFT + number * PITCH, TOP + y * PITCH, f"{number}", size=12, anchor="middle", fill="#555555")


def header(used: set[int]) -> Iterator[str]:
    """The 40 pins as one sees them with the USB sockets below; the column at the right is the edge's."""
    for position in range(1, 41):
        x, y = pin(position)
        colour = wire_colour(position) if position in used else PAPER
        yield f'<circle cx="{x}" cy="{y}" r="10" fill="{colour}" stroke="{INK if position in used else FAINT}"/>'
        fill = PAPER if position in used else "#555555"
        yield text(x, y + 4, f"{position}", size=11, anchor="middle", fill=fill, bold=position in used)
        if position in used:
            side, above, anchor = (x - 16, 5, "end") if position % 2 else (x + 13, -3, "start")
            yield text(
                side, y + above, wires.pin_name(position), size=14 if position % 2 else 12, anchor=anchor, bold=True
            )


def pi() -> Iterator[str]:
    yield box(HEADER_X - 100, HEADER_Y - 52, 196, 20 * HEADER_ROW + 66, fill="#f3f4f6")
    yield text(HEADER_X - 5, HEADER_Y - 28, "Raspberry Pi", anchor="middle", bold=True, size=16)
    yield text(HEADER_X - 5, HEADER_Y + 20 * HEADER_ROW + 3, "USB sockets at this end", anchor="middle", size=13)


def pin(position: int) -> Point:
    return HEADER_X + (0 if position % 2 else 34), HEADER_Y + (position - 1) // 2 * HEADER_ROW


def leave(position: int) -> list[Point]:
    """Out of the header to the right; from the left column between two pins of the right one."""
    x, y = pin(position)
    return (
        [(x, y), (x + 11, y + HEADER_ROW / 2), (x + 60, y + HEADER_ROW / 2)] if position % 2 else [(x, y), (x + 26, y)]
    )


def header_wires(board: Breadboard) -> Iterator[str]:
    """Upper pins over the board's upper edge, the others under its lower one, each on a lane of its own."""
    upper = [(p, hole) for p, hole in board.header if strip(hole).startswith(("upper", "rail T"))]
    lower = [(p, hole) for p, hole in board.header if (p, hole) not in upper]
    upper.sort(key=lambda wire: -leave(wire[0])[-1][1])
    lower.sort(key=lambda wire: leave(wire[0])[-1][1])
    bottom = TOP + BOARD_H * PITCH
    for group, side, way in ((upper, TOP, -1), (lower, bottom, 1)):
        for number, (position, hole) in enumerate(group):
            x, y = LEFT - 42 - number * LANE, side + way * (34 + number * LANE)
            end = place(hole)
            yield cased(
                [*leave(position), (x, leave(position)[-1][1]), (x, y), (end[0], y), end], wire_colour(position)
            )
            yield f'<circle cx="{end[0]}" cy="{end[1]}" r="4.5" fill="{wire_colour(position)}"/>'
    for position, hole in board.header:
        across, edge = place(hole)[0], TOP - 14 if (position, hole) in upper else bottom + 14
        shape = f'fill="{wire_colour(position)}" stroke="{PAPER}" stroke-width="2"'
        yield f'<circle cx="{across}" cy="{edge}" r="11" {shape}/>'
        yield text(across, edge + 4, f"{position}", size=12, anchor="middle", fill=PAPER, bold=True)


def bridges(board: Breadboard) -> Iterator[str]:
    for jumper in board.jumpers:
        begin, end, colour = place(jumper.begin), place(jumper.end), net_colour(board, jumper.begin)
        yield cased([begin, end], colour)
        yield from (f'<circle cx="{x}" cy="{y}" r="4.5" fill="{colour}"/>' for x, y in (begin, end))


def drawn(board: Breadboard, placed: Placed) -> Iterator[str]:
    points = [place(hole) for hole in placed.holes]
    if placed.part.look == "beside":
        yield from beside(board, placed, points)
        return
    if placed.part.look == "oled":
        yield from oled(placed, points)
    elif placed.part.look in ("button", "chip", "pico"):
        yield from over_the_gap(placed, points)
    elif placed.part.look == "trimmer":
        yield box(points[0][0] - 14, points[0][1] - 14, points[2][0] - points[0][0] + 28, 28, fill="#93c5fd", radius=3)
        yield from feet(points)
    else:
        yield from lying(placed.part.look, *points)
    if placed.label and placed.part.look != "pico":
        x, y = LEFT + placed.at[0] * PITCH, TOP + placed.at[1] * PITCH + 5
        dark = placed.part.look == "chip"
        halo = "" if dark or placed.part.look in ("trimmer", "button") else "#fbfaf6"
        size = 13 if placed.part.look in ("chip", "button") else 14
        fill = PAPER if dark or placed.part.look == "button" else INK
        yield text(x, y, placed.label, anchor="middle", bold=True, size=size, fill=fill, halo=halo)


def feet(points: list[Point]) -> Iterator[str]:
    for x, y in points:
        yield f'<rect x="{x - 4}" y="{y - 4}" width="8" height="8" fill="{COPPER}" stroke="{INK}" stroke-width="0.8"/>'


def lying(look: str, begin: Point, end: Point) -> Iterator[str]:
    """A part with two leads: its body in the middle of them, turned as they are."""
    (ax, ay), (bx, by) = begin, end
    far = hypot(bx - ax, by - ay)
    yield line([begin, end], COPPER, width=4)
    yield from feet([begin, end])
    turn = degrees(atan2(by - ay, bx - ax))
    yield f'<g transform="translate({(ax + bx) / 2:g} {(ay + by) / 2:g}) rotate({turn:.1f})">'
    half = min(far / 2 - 9, 26)
    if look == "capacitor":
        yield f'<ellipse rx="{half:g}" ry="9" fill="#f59e0b" stroke="{INK}"/>'
    elif look == "diode":
        yield f'<rect x="{-half:g}" y="-7" width="{2 * half:g}" height="14" rx="2" fill="#9a3412" stroke="{INK}"/>'
        yield f'<rect x="{-half + 3:g}" y="-7" width="6" height="14" fill="{INK}"/>'
    else:
        yield f'<rect x="{-half:g}" y="-7" width="{2 * half:g}" height="14" rx="5" fill="{TAN}" stroke="{INK}"/>'
    yield "</g>"


def over_the_gap(placed: Placed, points: list[Point]) -> Iterator[str]:
    """A body across the gap with its leads on both sides; the dot is at lead 1 of a chip."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    look, label = placed.part.look, placed.label
    fill = {"button": "#3f3f46", "chip": "#27272a", "pico": "#15803d"}[look]
    inset = -10 if look == "pico" else 10
    x, y, w, h = min(xs) - 10, min(ys) + inset, max(xs) - min(xs) + 20, max(ys) - min(ys) - 2 * inset
    yield from feet(points)
    yield box(x, y, w, h, fill=fill, radius=3)
    if look == "pico":
        yield from feet(points)
        yield box(x - 16, y + h / 2 - 17, 34, 34, fill=COPPER, radius=3)
        yield line([(x - 16, y + h / 2), (LEFT - 130, y + h / 2)], INK, width=7)
        yield text(LEFT - 140, y + h / 2 - 4, "USB cable", anchor="end", bold=True, size=16)
        yield text(LEFT - 140, y + h / 2 + 16, "to the Pi", anchor="end", bold=True, size=16)
        yield text(x + w / 2, y + h / 2 + 6, label, anchor="middle", bold=True, size=18, fill=PAPER)
        for number, words in ((20, "21 GP16"), (22, "23 GND")):
            turned = f"rotate(-90 {points[number][0]} {points[number][1]})"
            tag = text(
                points[number][0] - 10, points[number][1] + 5, words, size=14, anchor="end", fill=PAPER, bold=True
            )
            yield tag.replace("<text", f'<text transform="{turned}"')
    elif look == "button":
        yield f'<circle cx="{x + w / 2:g}" cy="{y + h / 2:g}" r="25" fill="#18181b" stroke="#71717a" stroke-width="2"/>'
    else:
        dx, dy = points[0]
        yield f'<circle cx="{dx}" cy="{dy + (17 if dy < TOP + 9.5 * PITCH else -17)}" r="3.5" fill="{PAPER}"/>'


def oled(placed: Placed, points: list[Point]) -> Iterator[str]:
    """The display's board lies over the holes below its pins, the right way up."""
    side = OLED_BODY_MM / PITCH_MM * PITCH
    x, y = (points[0][0] + points[-1][0] - side) / 2, points[0][1] - 12
    yield box(x, y, side, side, fill="#1e3a5f", radius=4)
    yield box(x + 10, y + 66, side - 20, side * 0.52, fill="#0b0f14", radius=2)
    yield text(x + side / 2, y + 66 + side * 0.3, "OLED 128×64", anchor="middle", fill="#9be7ff", bold=True, size=16)
    for (px, _), lead in zip(points, placed.part.leads, strict=True):
        turned = text(px, y + 56, lead, size=11, anchor="start", fill=PAPER, bold=True)
        yield turned.replace("<text", f'<text transform="rotate(-90 {px} {y + 56}) translate(0 4)"')
    yield from feet(points)


def beside(board: Breadboard, placed: Placed, points: list[Point]) -> Iterator[str]:
    """What stands beside the board, on a cable: a box above it, a wire down to each hole."""
    pump = placed.ref == "motor"
    middle = (min(x for x, _ in points) + max(x for x, _ in points)) / 2
    w = max(len(placed.label) * 9 + 30, 170)
    x, y, h = min(middle - w / 2, min(x for x, _ in points) - 26, WIDTH - w - 20), 76.0, 68
    x = max(x, LEFT + 7.6 * PITCH)
    for (px, py), hole, lead in zip(points, placed.holes, placed.part.leads, strict=True):
        colour = VIOLET if pump else net_colour(board, hole)
        yield cased([(px, y + h), (px, py)], colour)
        yield f'<circle cx="{px}" cy="{py}" r="4.5" fill="{colour}"/>'
        yield text(px, y + h - 9, lead, anchor="middle", bold=True, size=14, fill=colour)
    yield box(x, y, w, h, stroke=VIOLET if pump else INK).replace("<rect", '<rect fill-opacity="0"')
    yield text(x + w / 2, y + 26, placed.label, anchor="middle", bold=True, size=16)


def board_svg(board: Breadboard) -> str:
    used = {position for position, _ in board.header}
    height = TOP + BOARD_H * PITCH + 165 if used else TOP + BOARD_H * PITCH + 20
    body = [*(pi() if used else ()), *empty_board()]
    for placed in board.placed:
        if placed.part.look != "beside":
            body += drawn(board, placed)
    body += [*bridges(board), *header_wires(board), *(header(used) if used else ())]
    for placed in board.placed:
        if placed.part.look == "beside":
            body += drawn(board, placed)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
            f"<title>{escape(board.title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            text(20, 38, board.title, size=21, bold=True),
            *body,
            text(WIDTH - 20, height - 12, board.values, anchor="end", size=15),
            "</svg>\n",
        ]
    )
