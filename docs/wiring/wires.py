"""The wiring, described once: parts with their terminals, and the wires from the 40-pin header to them.

The drawings, the tables of hardware.md and the lines for config.toml come from here; tests hold them to config.py.
"""

from typing import Literal, NamedTuple

from drivers.controllers import CONTROLLERS

Side = Literal["left", "right"]
Kind = Literal["3.3 V", "5 V", "ground", "signal"]

POWER: dict[int, Kind] = {
    1: "3.3 V", 17: "3.3 V", 2: "5 V", 4: "5 V", 6: "ground", 9: "ground", 14: "ground", 20: "ground", 25: "ground",
    30: "ground", 34: "ground", 39: "ground",
}  # fmt: skip
"""The header's positions that are no GPIO, alike from a Pi 3 to a 5."""
GPIO: dict[int, int] = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25, 23: 11,
    24: 8, 26: 7, 27: 0, 28: 1, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip
"""Position on the header → BCM number."""


class Part(NamedTuple):
    """Something to buy: what it is, how many, and what matters when choosing."""

    name: str
    pieces: int
    choose: str


class Wire(NamedTuple):
    """From a position of the header to a terminal; `key` is the configuration's key that names the pin."""

    position: int
    terminal: str
    key: str = ""

    @property
    def kind(self) -> Kind:
        return POWER.get(self.position, "signal")


class Module(NamedTuple):
    """A box of a drawing: its wires to the header from top to bottom, and what is on its other side.

    `behind` are lines inside the pump, drawn on the far side of the box across its isolation.
    """

    name: str
    title: str
    wires: tuple[Wire, ...]
    parts: tuple[Part, ...]
    note: tuple[str, ...] = ()
    side: Side = "left"
    behind: tuple[str, ...] = ()
    beyond: str = ""
    isolated: bool = False


class Drawing(NamedTuple):
    """One way to build it: `config` is what config.toml says then."""

    name: str
    title: str
    modules: tuple[Module, ...]
    config: str


*_others, _last = (f"{row.name} (mostly {row.panels})" for row in CONTROLLERS.values())
OLED = Module(
    "oled",
    "OLED 128×64, I2C",
    (Wire(1, "VCC"), Wire(3, "SDA"), Wire(5, "SCL"), Wire(9, "GND")),
    (Part("OLED, 128×64, I2C", 1, f"{', '.join(_others)} or {_last}, four pins, runs on 3.3 V"),),
    ("Boards differ in the order", "of their pins: go by the label."),
)
BUTTONS = Module(
    "buttons",
    "Three buttons",
    (
        Wire(29, "left", "buttons.left"),
        Wire(31, "middle", "buttons.middle"),
        Wire(33, "right", "buttons.right"),
        Wire(39, "common"),
    ),
    (Part("Push button", 3, "normally open, one contact; caps big enough for a thumb in the dark"),),
    ("A press joins its wire to ground;", "the Pi's own pull-ups do the rest."),
)
MOTOR_CONFIG = "[motor]\npin = 17\n"
BUTTON_CONFIG = "\n[buttons]\nleft = 5\nmiddle = 6\nright = 13\n"

OPTO = Module(
    "opto",
    "Opto-coupler",
    (Wire(11, "collector", "motor.pin"), Wire(25, "emitter")),
    (
        Part("Opto-coupler", 1, "PC817 or alike, four pins, 5000 V isolation; or a ready board with one"),
        Part("Resistor", 1, "for the coupler's LED: 470 Ω below 5 V, 1 kΩ below 9 V, 2.2 kΩ up to 12 V, ¼ W"),
        Part("Diode", 1, "1N4148, across the LED the other way round: a motor kicks back when it stops"),
    ),
    ("Nothing but light goes across.",),
    behind=("3 to 12 V DC",),
    beyond="The pump's motor",
    isolated=True,
)
SENSOR = Module(
    "sensor",
    "Sensor board",
    (Wire(11, "DO", "motor.pin"), Wire(17, "VCC"), Wire(25, "GND")),
    (
        Part(
            "Sensor board", 1,
            "digital output (DO) and a trimmer, runs on 3.3 V: current (Hall effect, up to 5 A), or vibration",
        ),
    ),
    ("On 3.3 V only: with 5 V its output", "would destroy the Pi's input."),
    behind=("nothing is opened: the low-voltage lead", "goes through it, or it lies on the case"),
    beyond="The pump, or its low-voltage lead",
    isolated=True,
)  # fmt: skip
SERIAL = Module(
    "serial",
    "Serial sensor board",
    (Wire(2, "5V"), Wire(6, "GND"), Wire(10, "TX")),
    (Part("Serial sensor board", 1, "sends the pump link's lines; its TX must be 3.3 V, whatever feeds it"),),
    ("It only talks: the Pi's TXD (8)", "stays free. TX is 3.3 V, never 5 V."),
    side="right",
    behind=("its own sensor", "at the pump"),
    beyond="The pump",
    isolated=True,
)
PI = (
    Part("Raspberry Pi", 1, "Zero 2 W with a header, 3, 4 or 5"),
    Part("Power supply", 1, "the Pi's own, 5 V: 2.5 A (Zero 2 W, 3), 3 A (4), 5 A (5); never the pump's"),
    Part("Card", 1, "16 GB or more, of the kind that is made for many writes"),
)
CASE = Part("Case", 1, "a closed one: milk is wet; openings for the display and the buttons only")

DRAWINGS = (
    Drawing(
        "opto",
        "A wire from the pump's motor, through an opto-coupler",
        (OLED, OPTO, BUTTONS),
        MOTOR_CONFIG + 'active = "low"\npull = "up"\n' + BUTTON_CONFIG,
    ),
    Drawing(
        "sensor",
        "A sensor board beside the pump: supply current, or vibration",
        (OLED, SENSOR, BUTTONS),
        MOTOR_CONFIG + 'signal = "level"  # "pulses" for a vibration sensor: it chatters\n' + BUTTON_CONFIG,
    ),
    Drawing(
        "serial",
        "A board that speaks over the serial port",
        (OLED, BUTTONS, SERIAL),
        '[serial]\nport = "/dev/serial0"\n' + BUTTON_CONFIG,
    ),
)


def parts(drawing: Drawing) -> list[Part]:
    """What to buy for a drawing; the wires are counted."""
    count = sum(len(module.wires) for module in drawing.modules)
    # each button has a wire of its own to the common ground: two bridges more
    count += sum(2 for module in drawing.modules if module.name == "buttons")
    wires = Part("Wire", count, "with sockets for the header's pins, at most 20 cm to the display")
    return [*PI, *(part for module in drawing.modules for part in module.parts), wires, CASE]


def pin_name(position: int) -> str:
    """What a person calls a position: `3.3 V`, `ground`, `GPIO17`."""
    return POWER.get(position) or f"GPIO{GPIO[position]}"
