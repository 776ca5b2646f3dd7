"""Which hole each lead is in, for each way to hear a pump, and what that joins.

A half-size breadboard: columns 1 to 30, rows a to e and f to j, a column's five holes of either half joined; at top and
bottom two rails of 25 holes (`T+7`, `B-13`). Tests hold what results to the nets of wires.py.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from docs.wiring import wires
from docs.wiring.wires import Module, Part

COLUMNS = range(1, 31)
RAILS = ("T+", "T-", "B+", "B-")
UPPER, LOWER = "jihgf", "edcba"
OLED_BODY_MM, PITCH_MM = 27.3, 2.54
"""The usual board of a 0.96 in OLED is a square of 27.3 mm; it lies over the holes below its pins."""


class Placed(NamedTuple):
    """A part in its place: `ref` is its name in the nets, a hole for each of its leads in their order.

    The label stands at a column and a row of the drawing, both in pitches (`drawn_board.row` has the rows).
    """

    ref: str
    part: Part
    holes: tuple[str, ...]
    label: str = ""
    at: tuple[float, float] = (0, 0)


class Jumper(NamedTuple):
    begin: str
    end: str


class Breadboard(NamedTuple):
    """What stands on one board; `header` are the wires to the Pi: position of the header, hole."""

    name: str
    title: str
    modules: tuple[Module, ...]
    placed: tuple[Placed, ...]
    jumpers: tuple[Jumper, ...] = ()
    header: tuple[tuple[int, str], ...] = ()
    values: str = ""
    """What the labels stand for."""


def jumpers(*pairs: str) -> tuple[Jumper, ...]:
    return tuple(Jumper(*pair.split()) for pair in pairs)


BUTTON = wires.BUTTONS.parts[0]
DISPLAY = Placed("oled", wires.OLED.parts[0], ("i3", "i4", "i5", "i6"))
PRESSED = tuple(
    Placed(ref, BUTTON, (f"e{left}", f"f{left}", f"e{left + 2}", f"f{left + 2}"), ref, (left + 1, 9.5))
    for ref, left in (("left", 21), ("middle", 24), ("right", 27))
)
BASE = (DISPLAY, *PRESSED)
BASE_JUMPERS = jumpers("a23 B-23", "a26 B-26", "a29 B-29")
BASE_HEADER = ((1, "j4"), (3, "j6"), (5, "j5"), (9, "j3"), (29, "a21"), (31, "a24"), (33, "a27"), (39, "B-28"))
TEN, THREE, TRIMMER, SMOOTHING = wires.CURRENT.parts[1:]

BOARDS = (
    Breadboard(
        "opto",
        "Opto-coupler: the pump's side is the upper half, the Pi's the lower one",
        (wires.OLED, wires.OPTO, wires.BUTTONS),
        (
            *BASE,
            Placed("coupler", wires.COUPLER, ("f15", "f14", "e14", "e15"), "PC817", (14.5, 9.5)),
            Placed("resistor", wires.LED_RESISTOR, ("h18", "h15"), "resistor", (16.5, 7)),
            Placed("diode", wires.KICK_DIODE, ("i15", "i12"), "1N4148", (13.5, 4.2)),
            Placed("motor", wires.MOTOR, ("j18", "j12"), "The pump's motor, 3 to 24 V DC"),
        ),
        (*BASE_JUMPERS, *jumpers("g12 g14", "a14 B-14")),
        (*BASE_HEADER, (11, "a15"), (25, "B-19")),
        "Resistor: by the motor's voltage. The dot of the PC817 is at its pin 1, the diode's band at the right.",
    ),
    Breadboard(
        "vibration",
        "Vibration sensor board, on its cable",
        (wires.OLED, wires.VIBRATION, wires.BUTTONS),
        (*BASE, Placed("sensor", wires.VIBRATION_BOARD, ("e11", "e13", "e15"), "Vibration sensor, on the pump's case")),
        (*BASE_JUMPERS, *jumpers("a11 B+11", "a13 B-13")),
        (*BASE_HEADER, (11, "a15"), (17, "B+17"), (25, "B-19")),
    ),
    Breadboard(
        "reed",
        "Reed contact, on its cable (a bare vibration switch goes into the same holes)",
        (wires.OLED, wires.REED, wires.BUTTONS),
        (*BASE, Placed("reed", wires.REED_CONTACT, ("e15", "e13"), "Reed contact, a magnet passes it")),
        (*BASE_JUMPERS, *jumpers("a13 B-13")),
        (*BASE_HEADER, (11, "a15"), (25, "B-19")),
    ),
    Breadboard(
        "current",
        "Hall current sensor and comparator: 5 V on the upper rail, 3.3 V on the lower one",
        (wires.OLED, wires.CURRENT, wires.BUTTONS, wires.HALL_SENSOR),
        (
            *BASE,
            Placed("hall", wires.HALL, ("T-9", "j12", "T+14"), "ACS712 05B, the pump's lead through it"),
            Placed(
                "comparator", wires.COMPARATOR, ("f19", "f18", "f17", "f16", "e16", "e17", "e18", "e19"),
                "LM393", (17.5, 9.5),
            ),
            Placed("R1", TEN, ("f12", "e12"), "R1", (11.2, 8.9)),
            Placed("R2", TEN, ("a12", "B-11"), "R2", (12.4, 16.4)),
            Placed("R3", TEN, ("f13", "e13"), "R3", (13.9, 8.9)),
            Placed("R4", THREE, ("a15", "B-15"), "R4", (15.9, 16.4)),
            Placed("trimmer", TRIMMER, ("b13", "b14", "b15"), "trimmer", (13.35, 15.05)),
            Placed("C1", SMOOTHING, ("c12", "c10"), "C1", (11, 12.2)),
        ),
        (
            *BASE_JUMPERS,
            *jumpers(
                "T-10 j10", "f10 e10", "a10 B-10", "T+13 j13", "T-16 j16", "h16 h17", "g12 g18", "d12 d17", "c14 c16",
                "a19 B+19",
            ),
        ),
        (*BASE_HEADER, (2, "T+7"), (11, "a18"), (14, "B-19"), (17, "B+20"), (25, "B-22")),
        "R1, R2, R3: 10 kΩ. R4: 3.3 kΩ. C1: 1 µF. Trimmer: 1 kΩ. The dot of the LM393 is at its pin 1.",
    ),
    Breadboard(
        "serial",
        "Pico with its own sensor, by USB: no wire to the header",
        (wires.PICO,),
        (
            Placed(
                "pico", wires.PICO_BOARD, (*(f"c{n}" for n in range(6, 26)), *(f"h{n}" for n in range(25, 5, -1))),
                "Raspberry Pi Pico", (15.5, 9.5),
            ),
            Placed("switch", wires.SWITCH, ("j25", "j23"), "Vibration switch or reed contact, at the pump"),
        ),
    ),
)  # fmt: skip


def strip(hole: str) -> str:
    """The piece of metal under a hole: a column's half, or a whole rail. ValueError where there is no such hole."""
    found = re.fullmatch(r"([a-j]|[TB][+-])(\d+)", hole)
    row, number = found.groups() if found else ("", "0")
    if int(number) not in COLUMNS or (row in RAILS and int(number) % 6 == 0):
        raise ValueError(f"{hole}: a half-size breadboard has no such hole")
    if row in RAILS:
        return f"rail {row}"
    return f"{'upper' if row in UPPER else 'lower'} {number}"


def joined(groups: Iterable[Iterable[str]]) -> list[frozenset[str]]:
    """What hangs together when the members of each group do."""
    nets: list[frozenset[str]] = []
    for group in groups:
        touched = [net for net in nets if not net.isdisjoint(group)]
        nets = [net for net in nets if net not in touched] + [frozenset(group).union(*touched)]
    return nets


def leads(part: Placed) -> dict[str, str]:
    """Each lead's name in the nets → its hole."""
    return {f"{part.ref}.{lead}": hole for lead, hole in zip(part.part.leads, part.holes, strict=True)}


def inside(parts: Iterable[Placed]) -> list[list[str]]:
    """Leads that are one piece of metal within their part."""
    return [[f"{placed.ref}.{lead}" for lead in pair.split()] for placed in parts for pair in placed.part.inside]


def powered(positions: Iterable[int]) -> list[list[str]]:
    """Positions of the header that are one net within the Pi: its grounds, its 3.3 V."""
    kinds: dict[str, list[str]] = {}
    for position in positions:
        if position in wires.POWER:
            kinds.setdefault(wires.POWER[position], []).append(f"header {position}")
    return list(kinds.values())


def metal(board: Breadboard) -> list[frozenset[str]]:
    """What the board joins: strips, leads and positions of the header."""
    return joined(
        [
            *([lead, strip(hole)] for placed in board.placed for lead, hole in leads(placed).items()),
            *([strip(jumper.begin), strip(jumper.end)] for jumper in board.jumpers),
            *([f"header {position}", strip(hole)] for position, hole in board.header),
            *inside(board.placed),
            *powered(position for position, _ in board.header),
        ]
    )
