"""The panel without hardware: luma's I2C interface on a bus that rebuilds the picture from its bytes, and three keys.

What runs on a Pi runs here too, down to the bytes on the wire; a panel can be unplugged, plugged in and stuck.
"""

import errno
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PIL import Image

from drivers.controllers import CONTROLLERS, HEIGHT, WIDTH, Controller

ADDRESS = 0x3C
_ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
"""Commands that take arguments (the controllers' data sheets); all others stand alone."""


class VirtualPanel:
    """A panel as seen from its bus: what `smbus2.SMBus` is to luma's `i2c`. `controller` None: the default one.

    `written` counts bytes on the wire without addresses, `writes` the transfers. `on_change` is called, in the
    thread that wrote, after every transfer.
    """

    def __init__(self, controller: Controller | None = None, on_change: Callable[[], object] | None = None) -> None:
        self.controller = controller or next(iter(CONTROLLERS.values()))
        self._columns, rows = self.controller.size
        self._pages = rows // 8
        self._windowed = self.controller.addressing.spans_pages
        self._on_change = on_change
        self._lock = threading.Lock()
        self._free = threading.Event()
        self._free.set()
        self._plugged = True
        self.written = 0
        self.writes = 0
        self._power_on()

    def _power_on(self) -> None:
        # a panel's memory holds noise after power-on, so that a picture not drawn whole is seen
        self._ram = [bytearray((7 * c + 13 * p) % 251 for c in range(self._columns)) for p in range(self._pages)]
        self.on = False
        self.contrast = 0x7F
        self.offset = 0
        self.set_up = False
        self._window = [0, self._columns - 1, 0, self._pages - 1]
        self._column, self._page = 0, 0
        self._command: list[int] = []

    def open_bus(self) -> Any:
        """Open luma's own `i2c` on this panel, as it drives a bus of its own (whole transfers, no chunks)."""
        from luma.core.interface.serial import i2c

        bus = i2c(bus=self, address=ADDRESS)
        bus._managed = True  # noqa: SLF001 - luma sends chunks of 32 bytes to a bus it did not open itself
        bus._i2c_msg_write = _transferred  # noqa: SLF001
        return bus

    def picture(self) -> Image.Image:
        """Rebuild what an eye would see: 128x64, one bit, black while the panel is off."""
        seen = Image.new("1", (WIDTH, HEIGHT))
        with self._lock:
            if not self.on:
                return seen
            first = self.controller.first_column
            pixels = [
                255 * (self._ram[row // 8][column + first] >> row % 8 & 1)
                for row in ((y - self.offset) % HEIGHT for y in range(HEIGHT))
                for column in range(WIDTH)
            ]
        seen.putdata(pixels)
        return seen

    def unplug(self) -> None:
        """Take it off the bus: nothing answers at its address."""
        self._plugged = False

    def plug(self) -> None:
        """Put it back; without power it has forgotten everything."""
        with self._lock:
            self._power_on()
        self._plugged = True

    def hang(self) -> None:
        """Let the bus be stuck: whoever writes waits until `release`."""
        self._free.clear()

    def release(self) -> None:
        self._free.set()

    def write_i2c_block_data(self, _address: int, mode: int, data: Iterable[int]) -> None:
        """One transfer of commands or data, as luma makes it for commands."""
        self._transfer(bytes([mode, *data]))

    def i2c_rdwr(self, *messages: bytes) -> None:
        """Whole transfers, as luma makes them for data."""
        for message in messages:
            self._transfer(message)

    def close(self) -> None:
        """Nothing to let go of."""

    def _transfer(self, transfer: bytes) -> None:
        self._free.wait()
        if not self._plugged:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        with self._lock:
            self.written += len(transfer)
            self.writes += 1
            for byte in transfer[1:]:
                if transfer[0] == 0x40:
                    self._store(byte)
                else:
                    self._take(byte)
        if self._on_change is not None:
            self._on_change()

    def _take(self, byte: int) -> None:
        self._command.append(byte)
        if len(self._command) == 1 + _ARGUMENTS.get(self._command[0], 0):
            self._obey(*self._command)
            self._command = []

    def _obey(self, command: int, *arguments: int) -> None:
        match command:
            case 0xAE | 0xAF:
                self.on = command == 0xAF
            case 0x81:
                self.contrast = arguments[0]
            case 0xD3:
                self.offset = arguments[0]
            case 0xA8:
                self.set_up = True
            case 0x21 if self._windowed:
                self._window[:2] = arguments
                self._column = arguments[0]
            case 0x22 if self._windowed:
                self._window[2:] = arguments
                self._page = arguments[0]
            case _ if not self._windowed and 0xB0 <= command <= 0xB7:
                self._page = command - 0xB0
            case _ if not self._windowed and command <= 0x1F:
                self._column = (
                    self._column & 0x0F | command << 4 & 0xF0 if command & 0x10 else (self._column & 0xF0 | command)
                )
            case _:
                pass

    def _store(self, byte: int) -> None:
        if self._column < self._columns:
            self._ram[self._page][self._column] = byte
        self._column += 1
        if self._windowed and self._column > self._window[1]:
            self._column = self._window[0]
            self._page = self._window[2] if self._page == self._window[3] else self._page + 1


def _transferred(_address: int, data: list[int]) -> bytes:
    return bytes(data)


class VirtualKeys:
    """The three buttons on gpiozero's mock pins: a press pulls its pin to ground. Callable from any thread.

    `pins` names each button's pin; gpiozero's pin factory must be its MockFactory, the daemon's buttons use it too.
    """

    def __init__(self, pins: Mapping[str, int | str]) -> None:
        from gpiozero import Device

        self._pins: dict[str, Any] = {name: Device.pin_factory.pin(pin) for name, pin in pins.items()}

    def press(self, name: str) -> None:
        self._pins[name].drive_low()

    def release(self, name: str) -> None:
        self._pins[name].drive_high()
