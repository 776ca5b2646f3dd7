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


Look = Literal["", "button", "chip", "resistor", "diode", "capacitor", "trimmer", "oled", "pico", "beside"]


class Part(NamedTuple):
    """Something to buy: what it is, how many, and what matters when choosing.

    What has leads stands on the breadboard: `look` is how it is drawn there (`beside` it, on a cable of its own),
    `inside` are leads that are one piece of metal.
    """

    name: str
    pieces: int
    choose: str
    look: Look = ""
    leads: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


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

    `behind` are lines inside the pump, drawn on the far side of the box across its isolation. `nets` are what is joined
    on its side of the header: leads of parts (`coupler.1`), and the terminals of its wires (`:collector`).
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
    nets: tuple[str, ...] = ()


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
    (
        Part(
            "OLED, 128×64, I2C", 1, f"{', '.join(_others)} or {_last}, four pins, runs on 3.3 V",
            "oled", ("GND", "VCC", "SCL", "SDA"),
        ),
    ),
    ("Boards differ in the order", "of their pins: go by the label."),
    nets=(":VCC oled.VCC", ":SDA oled.SDA", ":SCL oled.SCL", ":GND oled.GND"),
)  # fmt: skip
BUTTONS = Module(
    "buttons",
    "Three buttons",
    (
        Wire(29, "left", "buttons.left"),
        Wire(31, "middle", "buttons.middle"),
        Wire(33, "right", "buttons.right"),
        Wire(39, "common"),
    ),
    (
        Part(
            "Push button", 3, "normally open, one contact, 6 × 6 mm; which size fits under the keys: the front, below",
            "button", ("1", "2", "3", "4"), ("1 2", "3 4"),
        ),
    ),
    ("A press joins its wire to ground;", "the Pi's own pull-ups do the rest."),
    nets=(":left left.1", ":middle middle.1", ":right right.1", ":common left.3 middle.3 right.3"),
)  # fmt: skip
MOTOR_CONFIG = "[motor]\npin = 17\n"
BUTTON_CONFIG = "\n[buttons]\nleft = 5\nmiddle = 6\nright = 13\n"


class Range(NamedTuple):
    """The resistor before the coupler's LED for motors from `least` to `most` volts."""

    least: float
    most: float
    ohms: int

    def milliamperes(self, volts: float) -> float:
        """Through the LED."""
        return (volts - LED_V) / self.ohms * 1000

    @property
    def hottest_mw(self) -> float:
        """What the resistor gives off at most."""
        return self.milliamperes(self.most) ** 2 * self.ohms / 1000


LED_V = 1.2
"""Over the LED (Sharp's data sheet of the PC817: 1.2 V, at most 1.4; at most 50 mA and 6 V the wrong way; 5000 V)."""
RANGES = (Range(3, 5, 560), Range(5, 9, 1000), Range(9, 16, 2200), Range(16, 24, 4700))
"""3 mA at least, 8 at most. The Pi's pull-up of 50 kΩ asks for 0.07; the poorest PC817 passes on half of its LED's."""


def ohms(value: int) -> str:
    """As people write it: `560 Ω`, `2.2 kΩ`."""
    return f"{value} Ω" if value < 1000 else f"{value / 1000:g} kΩ"


RESISTORS = ", ".join(f"{row.least:g} to {row.most:g} V {ohms(row.ohms)}" for row in RANGES)
COUPLER = Part(
    "Opto-coupler", 1, "PC817, four pins (1 anode, by the dot; 2 cathode, 3 emitter, 4 collector), 5000 V isolation",
    "chip", ("1", "2", "3", "4"),
)  # fmt: skip
LED_RESISTOR = Part(
    "Resistor", 1,
    f"for the coupler's LED, by the motor's voltage while it runs: {RESISTORS}. ¼ W: at 24 V it gives off "
    f"{RANGES[-1].hottest_mw:.0f} mW, less than half of that",
    "resistor", ("1", "2"),
)  # fmt: skip
KICK_DIODE = Part(
    "Diode", 1, "1N4148, across the LED the other way round: a motor kicks back when it stops, and the LED bears 6 V",
    "diode", ("band", "plain"),
)  # fmt: skip
MOTOR = Part("The pump's motor", 1, "two wires, soldered or clamped at the motor", "beside", ("+", "−"))
OPTO = Module(
    "opto",
    "Opto-coupler",
    (Wire(11, "collector", "motor.pin"), Wire(25, "emitter")),
    (COUPLER, LED_RESISTOR, KICK_DIODE),
    ("Nothing but light goes across.",),
    behind=("3 to 24 V DC",),
    beyond="The pump's motor",
    isolated=True,
    nets=(
        ":collector coupler.4",
        ":emitter coupler.3",
        "motor.+ resistor.1",
        "resistor.2 coupler.1 diode.band",
        "coupler.2 diode.plain motor.−",
    ),
)
# Sellers' sheets alone; whether DO goes high or low is to be measured, and the page says how.
VIBRATION_BOARD = Part(
    "Vibration sensor board", 1,
    "with an SW-420 (closed at rest) or an SW-18010P (open at rest), an LM393 and a trimmer, for 3.3 to 5 V; pins VCC, "
    "GND and DO (leave AO alone); a cable of up to 1 m to the pump",
    "beside", ("VCC", "GND", "DO"),
)  # fmt: skip
VIBRATION = Module(
    "vibration",
    "Vibration sensor",
    (Wire(11, "DO", "motor.pin"), Wire(17, "VCC"), Wire(25, "GND")),
    (VIBRATION_BOARD,),
    ("On 3.3 V only: with 5 V its output", "would destroy the Pi's input."),
    behind=("nothing is opened:", "it lies on the case"),
    beyond="The pump",
    isolated=True,
    nets=(":DO sensor.DO", ":VCC sensor.VCC", ":GND sensor.GND"),
)
REED_CONTACT = Part(
    "Reed contact", 1,
    "normally open (form A), glass of 14 mm, 10 to 30 ampere-turns (as Littelfuse's MACD-14), or a door's in plastic; "
    "two wires of up to 1 m. A lead that is bent at the glass cracks it",
    "beside", ("1", "2"),
)  # fmt: skip
REED = Module(
    "reed",
    "Reed contact",
    (Wire(11, "one", "motor.pin"), Wire(25, "other")),
    (
        REED_CONTACT,
        Part(
            "Magnet",
            1,
            "neodymium, a disc of 5 × 2 mm or so, on the part that moves; how near it must come the ohmmeter says",
        ),
    ),
    ("It has no + and −. The Pi's own", "pull-up holds the wire high."),
    behind=("a magnet on a part", "that moves outside"),
    beyond="The pump",
    isolated=True,
    nets=(":one reed.1", ":other reed.2"),
)
SUPPLY_V, HALL_REST_V, HALL_V_A = 5.0, 2.5, 0.185
"""Of an ACS712 05B, at no current and for each ampere (Allegro's sheet; 21 mV of noise at 2 kHz)."""
THRESHOLD_V = tuple(SUPPLY_V * below / (10 + 1 + 3.3) for below in (3.3, 1 + 3.3))
"""What the trimmer can say: 10 kΩ above its 1 kΩ, 3.3 kΩ below. An LM393 on 3.3 V compares what is under 1.3 V in any
warmth (supply less 2 V), under 1.8 V at 25 °C; its offset of up to 9 mV the trimmer takes away (sheets: ST, Estek).
The half that is not used has its inputs apart, one at ground and one at OUT (Texas Instruments' advice)."""
COMPARATOR = Part(
    "Comparator", 1,
    "LM393, eight pins (DIP). Its output is an open collector and it runs on 3.3 V: the wire to the Pi never has more. "
    "Not a ready LM393 board on 5 V: its pull-up would lead 5 V to the Pi",
    "chip", ("1", "2", "3", "4", "5", "6", "7", "8"),
)  # fmt: skip
HALL = Part(
    "Hall current sensor board", 1,
    f"ACS712, 5 A kind (05B): {SUPPLY_V:g} V supply, {HALL_REST_V:g} V at its OUT at rest, {HALL_V_A:g} V more or less "
    "for each ampere; its conductor is isolated from the rest",
    "beside", ("GND", "OUT", "VCC"),
)  # fmt: skip
CURRENT = Module(
    "current",
    "Comparator LM393",
    (Wire(11, "output", "motor.pin"), Wire(17, "VCC"), Wire(25, "GND")),
    (
        COMPARATOR,
        Part(
            "Resistor 10 kΩ", 3,
            f"¼ W, 1 %: two halve the sensor's OUT ({HALL_REST_V / 2:g} V at rest), one feeds the trimmer",
            "resistor", ("1", "2"),
        ),
        Part("Resistor 3.3 kΩ", 1, "¼ W, 1 %: below the trimmer", "resistor", ("1", "2")),
        Part(
            "Trimmer 1 kΩ", 1,
            f"25 turns, three pins in a row: the threshold, {THRESHOLD_V[0]:.2f} to {THRESHOLD_V[1]:.2f} V",
            "trimmer", ("1", "2", "3"),
        ),
        Part("Capacitor 1 µF", 1, "ceramic: it smooths the motor's and the sensor's noise", "capacitor", ("1", "2")),
    ),
    ("Low while the pump draws", "more than the trimmer says."),
    nets=(
        ":output comparator.7",
        ":VCC comparator.8",
        ":GND comparator.4 comparator.3 R2.2 R4.2 C1.2",
        "hall.OUT R1.1 comparator.2",
        "R1.2 R2.1 C1.1 comparator.6",
        "R3.2 trimmer.1",
        "trimmer.2 comparator.5",
        "trimmer.3 R4.1",
    ),
)  # fmt: skip
HALL_SENSOR = Module(
    "hall",
    "Hall current sensor",
    (Wire(2, "VCC"), Wire(14, "GND")),
    (HALL,),
    ("OUT goes to the divider before", "the comparator (the breadboard),", "never 5 V to the Pi's pins."),
    side="right",
    behind=("one conductor of its", "low-voltage lead"),
    beyond="The pump's lead",
    isolated=True,
    nets=(":VCC hall.VCC R3.1", ":GND hall.GND"),
)
PICO_BOARD = Part(
    "Raspberry Pi Pico", 1, "with pins soldered on, MicroPython and [sensor-board/main.py](sensor-board/main.py)",
    "pico", tuple(str(pin) for pin in range(1, 41)),
)  # fmt: skip
SWITCH = Part(
    "Vibration switch", 1, "SW-18010P, bare (open at rest), or a reed contact with its magnet; a cable of up to 1 m",
    "beside", ("1", "2"),
)  # fmt: skip
PICO = Module(
    "pico",
    "Pico as the sensor board",
    (),
    (PICO_BOARD, SWITCH, Part("USB cable", 1, "for data, from the Pico to the Pi")),
    nets=("pico.21 switch.1", "pico.23 switch.2"),
)
SERIAL = Module(
    "serial",
    "Serial sensor board",
    (Wire(2, "5V"), Wire(6, "GND"), Wire(10, "TX")),
    PICO.parts,
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
        "vibration",
        "A vibration sensor on the pump's case",
        (OLED, VIBRATION, BUTTONS),
        MOTOR_CONFIG + 'signal = "pulses"\n' + BUTTON_CONFIG,
    ),
    Drawing(
        "reed",
        "A reed contact, and a magnet on a part that moves",
        (OLED, REED, BUTTONS),
        MOTOR_CONFIG + 'signal = "pulses"\nactive = "low"\npull = "up"\n' + BUTTON_CONFIG,
    ),
    Drawing(
        "current",
        "The pump's supply current: a Hall sensor and a comparator",
        (OLED, CURRENT, BUTTONS, HALL_SENSOR),
        MOTOR_CONFIG + 'active = "low"\npull = "up"\n' + BUTTON_CONFIG,
    ),
    Drawing(
        "serial",
        "A board that speaks over the serial port",
        (OLED, BUTTONS, SERIAL),
        '[serial]\nport = "/dev/serial0"  # the Pico on USB: "/dev/ttyACM0"\n' + BUTTON_CONFIG,
    ),
)


def parts(drawing: Drawing) -> list[Part]:
    """What to buy for a drawing; the wires are counted."""
    count = sum(len(module.wires) for module in drawing.modules)
    wires = Part("Wire", count, "a socket for the header's pin, a pin for the breadboard; at most 20 cm to the display")
    return [*PI, *(part for module in drawing.modules for part in module.parts), wires, CASE]


def pin_name(position: int) -> str:
    """What a person calls a position: `3.3 V`, `ground`, `GPIO17`."""
    return POWER.get(position) or f"GPIO{GPIO[position]}"
