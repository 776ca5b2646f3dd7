"""The display's controllers, a row each: all that the house knows of them; nothing in it asks which one it has.

Plain data that loads no library: the configuration, its documents, the driver, the virtual panel and the tests walk it.
"""

from collections.abc import Callable
from typing import NamedTuple

WIDTH, HEIGHT, PAGES = 128, 64, 8
"""Of the glass, which every screen is drawn for: pixels, and pages of eight rows each."""


class Addressing(NamedTuple):
    """How a controller is told where the bytes that follow belong; it counts columns from its own first one."""

    spans_pages: bool
    begin: Callable[[int, int, int, int], tuple[int, ...]]
    """First and last column, first and last page → the command."""

    @property
    def overhead(self) -> int:
        """What a window costs on an I2C wire besides its bytes: command and data with an address and control byte."""
        return len(self.begin(0, 0, 0, 0)) + 4


BY_WINDOW = Addressing(True, lambda c0, c1, p0, p1: (0x21, c0, c1, 0x22, p0, p1))
BY_PAGE = Addressing(False, lambda c0, _c1, p0, _p1: (0xB0 | p0, c0 & 0x0F, 0x10 | c0 >> 4))


class Controller(NamedTuple):
    """One controller. `set_up` leaves the panel dark: first its picture is sent, then its contrast, then it is lit."""

    name: str
    """As it stands on boards; in small letters it is what `display.driver` says."""
    panels: str
    """The size of the panels that mostly have it."""
    sign: str
    """For people: how to tell it from the others."""
    set_up: bytes
    bright: int
    """The contrast by day."""
    addressing: Addressing
    first_column: int
    """The first of its columns that is on the glass."""
    size: tuple[int, int]
    """Columns and rows of its memory."""


_ROWS = (
    Controller(
        name="SSD1306",
        panels="0.96 in",
        sign="the default",
        set_up=bytes.fromhex("AE D580 A83F D300 40 8D14 2000 A1 C8 DA12 D9F1 DB40 A4 A6"),
        bright=0xCF,
        addressing=BY_WINDOW,
        first_column=0,
        size=(128, 64),
    ),
    Controller(
        name="SH1106",
        panels="1.3 in",
        sign="driven as another: a column of noise at the edge, the picture two pixels off",
        set_up=bytes.fromhex("AE 2010 B0 C8 00 10 40 A1 A6 A83F A4 D300 D5F0 D922 DA12 DB20 8D14"),
        bright=0x7F,
        addressing=BY_PAGE,
        first_column=2,
        size=(132, 64),
    ),
    # luma.oled drives it as an SSD1306. But it has no charge pump to switch on (its board makes 7 to 16 V) and other
    # bits for VCOMH: 34 is its reset, 0.78 VCC (data sheet Rev 1.1, table 9-5; so does Linux, drm/solomon/ssd130x.c).
    Controller(
        name="SSD1309",
        panels="2.42 in",
        sign="an SSD1306 driven as one stays dark: it has a charge pump to switch on, an SSD1309 has none",
        set_up=bytes.fromhex("AE D580 A83F D300 40 2000 A1 C8 DA12 D9F1 DB34 A4 A6"),
        bright=0xCF,
        addressing=BY_WINDOW,
        first_column=0,
        size=(128, 64),
    ),
)
"""Set-up and contrast are luma.oled's, command by command with its arguments: AE dark, D5 clock, A8 rows, D3 and 40
first row, 8D charge pump, 20 addressing, A1 and C8 from the other end, DA wiring of the rows, D9 precharge, DB VCOMH,
A4 show the memory, A6 not inverted (data sheets: Solomon Systech's SSD1306 and SSD1309, Sino Wealth's SH1106). A test
holds them against luma's own drivers, which are not imported here: `luma.oled.device` loads every panel there is, with
fonts and four threads (4 MiB)."""

CONTROLLERS = {row.name.lower(): row for row in _ROWS}
"""By what the configuration calls them; the first is the default."""
