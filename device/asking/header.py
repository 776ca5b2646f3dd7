"""The 40-pin header drawn as text: each pin by its place and its name, and what it is used for."""

from collections.abc import Mapping

from device.settings.keys import PIN_NAMES

POWER = {1: "3.3 V", 2: "5 V", 4: "5 V", 17: "3.3 V"}
GROUND = (6, 9, 14, 20, 25, 30, 34, 39)
USUAL = {
    2: "I2C",
    3: "I2C",
    14: "console",
    15: "console",
    7: "SPI",
    8: "SPI",
    9: "SPI",
    10: "SPI",
    11: "SPI",
    0: "-",
    1: "-",
}
"""By BCM number what a pin is for on many systems; GPIO0 and GPIO1 are the board's own (HAT's memory)."""
PLACES = 40


def drawing(uses: Mapping[int, str], columns: int) -> list[str]:
    """Twenty lines, as one looks at the board with its header at the right: odd places left, even ones right.

    `uses`: by BCM number what the answers so far take a pin for. Where so many columns are too few, a line a place.
    """
    cells = [_cell(place, uses) for place in range(1, PLACES + 1)]
    width = max(map(len, cells[::2]))
    drawn = [
        f"{cells[place - 1]:>{width}} {place:>2} o o {place + 1:<2} {cells[place]}".rstrip()
        for place in range(1, PLACES, 2)
    ]
    return drawn if max(map(len, drawn)) <= columns else [f"{place:>2} {cell}" for place, cell in enumerate(cells, 1)]


def _cell(place: int, uses: Mapping[int, str]) -> str:
    if place in POWER:
        return POWER[place]
    if place in GROUND:
        return "ground"
    pin = PIN_NAMES[f"BOARD{place}"]
    said = uses.get(pin) or USUAL.get(pin)
    return f"GPIO{pin} ({said})" if said else f"GPIO{pin}"
