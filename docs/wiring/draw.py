"""Draws the plans of the wiring, and renews all pictures and the tables of hardware.md: `scripts/wiring`.

It knows boxes, terminals and lines; what is wired to what stands in wires.py alone.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from docs.wiring.breadboard import BASE_JUMPERS, BOARDS
from docs.wiring.drawn_board import board_svg
from docs.wiring.front import PANELS, front_svg, largest_button_mm
from docs.wiring.learned import learned
from docs.wiring.svg import COLOURS, FAINT, INK, PAPER, VIOLET, box, line, text
from docs.wiring.wires import DRAWINGS, OLED, RANGES, Drawing, Module, Part, Wire, ohms, parts, pin_name
from drivers.controllers import CONTROLLERS

BUTTON_RAIL_X, LED_X, BARRIER_X, TRANSISTOR_X = 40, 42, 80, 112
"""Within a box, from its left edge."""
HERE = Path(__file__).parent
PAGE = HERE.parent / "hardware.md"
ROW, TOP = 30, 110
HEADER_X, BOX_W, BOX_X, RIGHT_X = 760, 230, 330, 960
FAR_W, FAR_X, FAR_RIGHT_X = 250, 20, 1235
WIDTH = 1505
BOARD = "#f3f4f6"
PADDING, LINE = 34, 18


def pin_y(position: int) -> float:
    return TOP + ((position - 1) // 2) * ROW


def board() -> Iterator[str]:
    yield box(HEADER_X - 95, TOP - 60, 250, 20 * ROW + 65, fill=BOARD)
    yield text(HEADER_X + 30, TOP - 34, "Raspberry Pi", anchor="middle", bold=True, size=16)
    yield text(HEADER_X + 30, TOP - 17, "(pin 1 is at the card's end)", anchor="middle", size=11, fill="#555555")


def header(used: dict[int, Wire]) -> Iterator[str]:
    """The 40 pins in their two columns; those in use are named in bold."""
    for position in range(1, 41):
        left = position % 2 == 1
        x, y = HEADER_X + (10 if left else 50), pin_y(position)
        wire = used.get(position)
        colour = COLOURS[wire.kind] if wire else PAPER
        shape = f'<rect x="{x - 9}" y="{y - 9:g}" width="18" height="18" rx="{2 if position == 1 else 9}" '
        yield f'{shape}fill="{colour}" stroke="{INK if wire else FAINT}" stroke-width="1.5"/>'
        yield text(x, y + 4, f"{position}", size=10, anchor="middle", fill=PAPER if wire else "#555555")
        name_x, anchor = (x - 14, "end") if left else (x + 14, "start")
        name = pin_name(position) if wire or position in (1, 2) else ""
        if name:
            fill = INK if wire else "#555555"
            yield text(name_x, y + 5, name, size=13, anchor=anchor, bold=wire is not None, fill=fill, halo=BOARD)


def module_top(module: Module, taken: float) -> float:
    """Its first terminal level with that wire's pin, where what stands above it allows."""
    return max(taken, pin_y(module.wires[0].position) - PADDING - 14)


def height(module: Module) -> float:
    return PADDING + len(module.wires) * ROW + len(module.note) * LINE + 14


def drawn_module(module: Module, top: float, lanes: Iterator[float]) -> Iterator[str]:
    left = module.side == "left"
    x = BOX_X if left else RIGHT_X + 60
    edge = x + BOX_W if left else x
    yield box(x, top, BOX_W, height(module))
    yield text(x + BOX_W / 2, top + 22, module.title, anchor="middle", bold=True, size=15)
    for row, wire in enumerate(module.wires):
        y = top + PADDING + 14 + row * ROW
        colour = COLOURS[wire.kind]
        lane, start = next(lanes), HEADER_X + (1 if left else 59)
        yield line([(edge, y), (lane, y), (lane, pin_y(wire.position)), (start, pin_y(wire.position))], colour)
        yield f'<circle cx="{edge}" cy="{y:g}" r="5" fill="{colour}"/>'
        yield text(edge - 12 if left else edge + 12, y + 5, wire.terminal, anchor="end" if left else "start", bold=True)
    for row, words in enumerate(module.note):
        y = top + PADDING + 16 + len(module.wires) * ROW + row * LINE
        yield text(x + BOX_W / 2, y, words, size=12, anchor="middle", fill="#444444")
    rows = [top + PADDING + 14 + row * ROW for row in range(len(module.wires))]
    if module.name == "buttons":
        yield from switches(x, rows)
    if module.name == "opto":
        yield from coupler(module, x, rows)
    elif module.behind:
        yield from beyond(module, x, top)


def switches(x: float, rows: list[float]) -> Iterator[str]:
    """Three contacts between their wires and the common one."""
    rail = x + BUTTON_RAIL_X
    yield line([(rail, rows[0]), (rail, rows[-1]), (x + 140, rows[-1])], INK)
    for y in rows[:-1]:
        yield line([(rail, y), (rail + 25, y)], INK)
        yield line([(rail + 25, y), (rail + 62, y - 12)], INK)
        yield line([(rail + 62, y), (x + 140, y)], INK)


def coupler(module: Module, x: float, rows: list[float]) -> Iterator[str]:
    """The pump's two wires with resistor and diode, the LED, the gap, the transistor."""
    top, bottom = rows
    far_h = 92
    yield box(FAR_X, top - 48, 170, far_h, stroke=VIOLET)
    yield text(FAR_X + 85, top - 26, module.beyond, anchor="middle", bold=True, size=13)
    led, diode = x + LED_X, x - 55
    for y, words in ((top, "+"), (bottom, "−")):
        yield line([(FAR_X + 170, y), (led, y)], VIOLET)
        yield text(FAR_X + 152, y + 5, words, bold=True, fill=VIOLET)
    yield text(FAR_X + 145, (top + bottom) / 2 + 5, module.behind[0], anchor="end", size=12)
    yield box(x - 115, top - 7, 42, 14, stroke=VIOLET, radius=1)
    yield text(x - 94, top - 14, "resistor", anchor="middle", size=11)
    yield line([(diode, top), (diode, bottom)], VIOLET)
    yield triangle(diode, (top + bottom) / 2, up=True)
    yield text(diode - 10, bottom + 19, "diode", anchor="middle", size=11)
    yield line([(led, top), (led, bottom)], VIOLET)
    yield triangle(led, (top + bottom) / 2, up=False)
    for dy in (-4, 4):
        y = (top + bottom) / 2 + dy
        yield line([(led + 14, y), (led + 28, y)], VIOLET, width=1.5)
    yield line([(x + BARRIER_X, top - 18), (x + BARRIER_X, bottom + 10)], VIOLET, width=3, dash="7 5")
    base, middle = x + TRANSISTOR_X - 12, (top + bottom) / 2
    yield line([(base, middle - 12), (base, middle + 12)], INK, width=4)
    for y, sign in ((top, -1), (bottom, 1)):
        yield line([(base, middle + sign * 5), (base + 18, y), (x + 140, y)], INK)


def triangle(x: float, y: float, *, up: bool) -> str:
    """A diode on an upright wire: it lets the current go where it points."""
    tip, foot = (y - 8, y + 6) if up else (y + 8, y - 6)
    return f'<polygon points="{x - 8:g},{foot:g} {x + 8:g},{foot:g} {x:g},{tip:g}" fill="{VIOLET}"/>' + line(
        [(x - 8, tip), (x + 8, tip)], VIOLET
    )


def beyond(module: Module, x: float, top: float) -> Iterator[str]:
    """The pump's side: a box across the isolation, drawn as a dashed line that no wire crosses."""
    left = module.side == "left"
    far_x = FAR_X if left else FAR_RIGHT_X + 85
    middle = top + height(module) / 2
    far_h = PADDING + len(module.behind) * LINE + 14
    yield box(far_x, middle - far_h / 2, FAR_W - 85 if not left else FAR_W, far_h, stroke=VIOLET)
    far_w = FAR_W if left else FAR_W - 85
    yield text(far_x + far_w / 2, middle - far_h / 2 + 21, module.beyond, anchor="middle", bold=True, size=12)
    for row, words in enumerate(module.behind):
        yield text(far_x + far_w / 2, middle - far_h / 2 + 44 + row * LINE, words, size=12, anchor="middle")
    start, end = (far_x + far_w, x) if left else (x + BOX_W, far_x)
    yield line([(start, middle), (end, middle)], VIOLET, dash="2 5")
    barrier = (start + end) / 2
    yield line([(barrier, middle - 58), (barrier, middle + 58)], VIOLET, width=3, dash="9 6")
    yield text(barrier, middle - 66, "isolated", anchor="middle", size=12, fill=VIOLET, bold=True)


def svg(drawing: Drawing) -> str:
    """The whole drawing; lanes are spread so that no two wires lie on each other."""
    used = {wire.position: wire for module in drawing.modules for wire in module.wires}
    bottom = TOP + 19 * ROW + 60
    width = WIDTH if any(module.side == "right" for module in drawing.modules) else RIGHT_X
    body = [*board()]
    for side in ("left", "right"):
        modules = [module for module in drawing.modules if module.side == side]
        taken = float(TOP - 50)
        tops = []
        for module in modules:
            tops.append(module_top(module, taken))
            taken = tops[-1] + height(module) + 26
        bottom = max(bottom, int(taken) + 10)
        for module, top in zip(modules, tops, strict=True):
            body += drawn_module(module, top, lanes_of(module, top))
    body += [*header(used), *legend(bottom - 20, {wire.kind for wire in used.values()})]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom}" font-family="sans-serif">',
            f"<title>{escape(drawing.title)}</title>",
            f'<rect width="{width}" height="{bottom}" fill="{PAPER}"/>',
            text(20, 34, drawing.title, size=20, bold=True),
            *body,
            "</svg>\n",
        ]
    )


def lanes_of(module: Module, top: float) -> Iterator[float]:
    """A vertical lane a wire. Wires that go up to their pins turn one way, those that go down the other: none cross."""
    rows = [top + PADDING + 14 + row * ROW for row in range(len(module.wires))]
    rising = [y > pin_y(wire.position) for y, wire in zip(rows, module.wires, strict=True)]
    places = [row if up else len(rows) - 1 - row for row, up in enumerate(rising)]
    if module.side == "left":
        return iter([BOX_X + BOX_W + 25 + place * 16 for place in places])
    return iter([RIGHT_X + 35 - place * 16 for place in places])


def legend(y: float, kinds: set[str]) -> Iterator[str]:
    x = 20.0
    for kind, colour in COLOURS.items():
        if kind not in kinds:
            continue
        yield line([(x, y), (x + 30, y)], colour)
        yield text(x + 38, y + 5, kind, size=13)
        x += 130


# -- the tables of hardware.md ---------------------------------------------------------------------------------


def wires_table(drawing: Drawing) -> str:
    rows = ["| header pin | is | goes to | `config.toml` |", "| --- | --- | --- | --- |"]
    for module in drawing.modules:
        rows += [
            f"| {wire.position} | {pin_name(wire.position)} | {module.title}: {wire.terminal} | {key(wire)} |"
            for wire in module.wires
        ]
    return "\n".join(rows)


def key(wire: Wire) -> str:
    return f"`{wire.key}`" if wire.key else ""


def parts_table(drawing: Drawing) -> str:
    rows = ["| part | count | what matters |", "| --- | --- | --- |"]
    (board,) = (board for board in BOARDS if board.name == drawing.name)
    *bought, case = parts(drawing)
    # what stands on a board without the display and the buttons comes beside theirs
    boards, bridges = (1, board.jumpers) if OLED in board.modules else (2, (*BASE_JUMPERS, *board.jumpers))
    bought += [
        Part("Breadboard", boards, "half size: 400 holes, 30 columns; for good, solder the same onto a strip board"),
        Part("Bridge", len(bridges), "a short wire from hole to hole of the breadboard"),
    ]
    rows += [f"| {part.name} | {part.pieces} | {part.choose} |" for part in (*bought, case)]
    return "\n".join(rows)


def controllers_table() -> str:
    rows = ["| controller | mostly | `driver` | how to tell |", "| --- | --- | --- | --- |"]
    rows += [f'| {row.name} | {row.panels} | `"{driver}"` | {row.sign} |' for driver, row in CONTROLLERS.items()]
    return "\n".join(rows)


def resistors_table() -> str:
    rows = [
        "| the motor's voltage while it runs | resistor | through the LED | it gives off at most |",
        "| --- | --- | --- | --- |",
    ]
    for row in RANGES:
        through = f"{row.milliamperes(row.least):.1f} to {row.milliamperes(row.most):.1f} mA"
        rows.append(f"| {row.least:g} to {row.most:g} V | {ohms(row.ohms)} | {through} | {row.hottest_mw:.0f} mW |")
    return "\n".join(rows)


def front_table() -> str:
    rows = ["| screen | lit glass | from key to key | largest square button |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {panel.name} | {panel.width_mm:g} × {panel.height_mm:g} mm | {panel.pitch_mm:.2f} mm | "
        f"{largest_button_mm(panel):.1f} mm |"
        for panel in PANELS
    ]
    return "\n".join(rows)


def sections() -> dict[str, str]:
    """What stands between hardware.md's marks, by the mark's name."""
    made = {"controllers": controllers_table(), "resistors": resistors_table(), "front": front_table()}
    made |= {f"learn {name}": f"```text\n{shown}\n```" for name, shown in learned().items()}
    for drawing in DRAWINGS:
        made[f"{drawing.name} wires"] = wires_table(drawing)
        made[f"{drawing.name} parts"] = parts_table(drawing)
        made[f"{drawing.name} config"] = f"```toml\n{drawing.config}```"
    return made


def filled(page: str) -> str:
    """The page with every marked section renewed; raises ValueError where a mark is missing."""
    for name, made in sections().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{PAGE.name}: no section between {begin.strip()} and {end}")
        page = f"{before}{begin}{made}\n{end}{after}"
    return page


def pictures() -> dict[str, str]:
    """Every drawing by its file's name."""
    made = {f"{drawing.name}.svg": svg(drawing) for drawing in DRAWINGS}
    made |= {f"{board.name}-board.svg": board_svg(board) for board in BOARDS}
    return made | {"front.svg": front_svg()}


def main() -> None:
    for name, picture in pictures().items():
        (HERE / name).write_text(picture, encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
