"""The OLED: what the panel shows is compared with what it should show, and only the windows that changed are sent.

A thread of its own does it (a whole picture is 95 ms on a slow bus, a stuck bus a second) and takes only the newest.
"""

import contextlib
import logging
import re
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from PIL import Image

from device.core.model.events import DisplayChanged
from drivers.controllers import HEIGHT, PAGES, WIDTH, Controller
from drivers.machine import THIS_MACHINE
from drivers.runtime import Machine

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""Between attempts to reach a panel that does not answer."""
FIRST_ANSWER_S = 0.2
"""So long the start waits to know whether a panel answers: of one that does not, a dashboard would hear for a minute
that it is up. A whole picture at 100 kHz takes half of it."""
DIM = 0x01
_DISPLAY_ON, _DISPLAY_OFF, _CONTRAST, _OFFSET = 0xAF, 0xAE, 0x81, 0xD3

GAPS = (3, 6, 10)
"""Columns between two changes that are sent with them: what is cheapest depends on the picture, so each is tried."""
_STRETCHES = {gap: re.compile(rb"[^\0]+(?:\0{1,%d}[^\0]+)*" % (gap - 1)) for gap in GAPS}
"""Found by the regular expressions' own loop: one in Python held up the loop and the store for milliseconds."""

Lit = Literal["on", "dim", "dark"]
log = logging.getLogger(__name__)


class Bus(Protocol):
    """luma's serial interface."""

    def command(self, *cmd: int) -> object: ...
    def data(self, data: list[int]) -> object: ...
    def cleanup(self) -> object: ...


class Window(NamedTuple):
    """Columns c0 to c1 of pages p0 to p1, both ends included."""

    c0: int
    c1: int
    p0: int
    p1: int

    @property
    def size(self) -> int:
        return (self.c1 - self.c0 + 1) * (self.p1 - self.p0 + 1)


class OledFrame(NamedTuple):
    """One bit a pixel, 128x64; `shift` moves the picture by so many pixels to the right and down."""

    image: Image.Image
    lit: Lit = "on"
    shift: tuple[int, int] = (0, 0)


def i2c_bus(port: int = 1, address: int = 0x3C) -> Callable[[], Bus]:
    """Say how to open the panel on I2C."""

    def opened() -> Bus:
        from luma.core.interface.serial import i2c

        bus: Bus = i2c(port=port, address=address)
        return bus

    return opened


def spi_bus(device: int, dc_pin: int, reset_pin: int | None, gpio: object) -> Callable[[], Bus]:
    """Say how to open the panel on SPI; `gpio` sets its D/C and reset lines (RPi.GPIO's words: setup, output)."""

    def opened() -> Bus:
        from luma.core.interface.serial import spi

        bus: Bus = spi(
            port=0, device=device, gpio=gpio, gpio_DC=dc_pin, gpio_RST=reset_pin, reset_hold_time=0.01,
            reset_release_time=0.01,
        )  # fmt: skip
        return bus

    return opened


def pages_of(image: Image.Image) -> list[bytes]:
    """Turn a picture into the panel's pages: 8 strips of 128 bytes, a byte a column, its lowest bit on top."""
    turned = image.convert("1").transpose(Image.Transpose.ROTATE_270).tobytes()
    return [turned[PAGES - 1 - page :: PAGES] for page in range(PAGES)]


def _changed_runs(differs: bytes, page: int, gap: int) -> list[Window]:
    """Find the changed stretches of one page (its bytes that are not 0), those less than `gap` apart as one."""
    return [Window(run.start(), run.end() - 1, page, page) for run in _STRETCHES[gap].finditer(differs)]


def whole_glass(controller: Controller) -> list[Window]:
    """The fewest windows that hold the whole glass."""
    if controller.addressing.spans_pages:
        return [Window(0, WIDTH - 1, 0, PAGES - 1)]
    return [Window(0, WIDTH - 1, page, page) for page in range(PAGES)]


def windows(controller: Controller, old: list[bytes] | None, new: list[bytes]) -> list[Window]:
    """Choose the windows that turn `old` into `new` (None: whatever the panel shows) for few bytes on the wire."""
    if old is None:
        return whole_glass(controller)
    overhead = controller.addressing.overhead
    differs = [_difference(*pages) for pages in zip(old, new, strict=True)]
    ways = [whole_glass(controller), *(_changed(controller, differs, gap) for gap in GAPS)]
    return min(ways, key=lambda way: sum(window.size + overhead for window in way))


def _difference(old: bytes, new: bytes) -> bytes:
    return (int.from_bytes(old) ^ int.from_bytes(new)).to_bytes(len(new))


def _changed(controller: Controller, differs: list[bytes], gap: int) -> list[Window]:
    spans_pages, overhead = controller.addressing.spans_pages, controller.addressing.overhead
    chosen: list[Window] = []
    for page in range(PAGES):
        for run in _changed_runs(differs[page], page, gap):
            above = _merged(chosen, run, overhead) if spans_pages else None
            if above is None:
                chosen.append(run)
            else:
                chosen[above[0]] = above[1]
    return chosen


def _merged(chosen: list[Window], run: Window, overhead: int) -> tuple[int, Window] | None:
    """Find a window that ends on the page above and takes `run` in for less than a window of its own."""
    best: tuple[int, int, Window] | None = None
    for place, window in enumerate(chosen):
        if window.p1 != run.p0 - 1:
            continue
        both = Window(min(window.c0, run.c0), max(window.c1, run.c1), window.p0, run.p1)
        saved = window.size + run.size + overhead - both.size
        if saved >= 0 and (best is None or saved > best[0]):
            best = (saved, place, both)
    return None if best is None else (best[1], best[2])


class OledPanel:
    """What a panel is known to show, and how to make it show something else; blocks. Raises what the bus raises."""

    def __init__(self, controller: Controller, open_bus: Callable[[], Bus], rotate: Literal[0, 180] = 0) -> None:
        self._controller = controller
        self._open_bus = open_bus
        self._rotate = rotate
        self._bus: Bus | None = None
        self._shown: list[bytes] | None = None
        self._lit: Lit = "dark"
        self._contrast: int | None = None
        self._offset = 0
        self.sent = 0
        """Picture bytes and what their windows cost, since the beginning."""

    def show(self, frame: OledFrame) -> None:
        """Send what differs. Dark, it is switched off; waking, it is set up anew: it may have been unplugged."""
        bus = self._bus
        if bus is None:
            bus = self._bus = self._open_bus()
            self._set_up(bus)
        elif self._lit == "dark" and frame.lit != "dark":
            self._set_up(bus)
        if frame.lit == "dark":
            if self._lit != "dark":
                bus.command(_DISPLAY_OFF)
                self._lit = "dark"
            return
        dx, dy = frame.shift
        new = pages_of(self._moved(frame.image, dx))
        for window in windows(self._controller, self._shown, new):
            self._send(bus, window, new)
        self._shown = new
        offset = (dy if self._rotate == 0 else -dy) % HEIGHT
        if offset != self._offset:
            bus.command(_OFFSET, offset)
            self._offset = offset
        contrast = self._controller.bright if frame.lit == "on" else DIM
        if contrast != self._contrast:
            bus.command(_CONTRAST, contrast)
            self._contrast = contrast
        if self._lit == "dark":
            bus.command(_DISPLAY_ON)
        self._lit = frame.lit

    def forget(self) -> None:
        """Let go of a bus that failed: the next `show` sets the panel up anew and draws everything."""
        bus, self._bus = self._bus, None
        if bus is not None:
            with contextlib.suppress(OSError):
                bus.cleanup()

    def leave(self) -> None:
        """Switch the panel off and let go of the bus."""
        if self._bus is not None:
            self._bus.command(_DISPLAY_OFF)
            self.forget()

    def _set_up(self, bus: Bus) -> None:
        self._shown, self._lit, self._contrast, self._offset = None, "dark", None, 0
        bus.command(*self._controller.set_up)

    def _moved(self, image: Image.Image, dx: int) -> Image.Image:
        if dx:
            moved = Image.new("1", (WIDTH, HEIGHT))
            moved.paste(image, (dx, 0))
            image = moved
        return image.transpose(Image.Transpose.ROTATE_180) if self._rotate else image

    def _send(self, bus: Bus, window: Window, new: list[bytes]) -> None:
        c0, c1, p0, p1 = window
        first, addressing = self._controller.first_column, self._controller.addressing
        bus.command(*addressing.begin(first + c0, first + c1, p0, p1))
        bus.data(list(b"".join(new[page][c0 : c1 + 1] for page in range(p0, p1 + 1))))
        self.sent += window.size + addressing.overhead


class Oled:
    """The worker: `show` leaves a picture and returns at once, only the newest waits.

    Posts `DisplayChanged` when the panel answers or stops answering (`why`, for people); it is tried again with a
    growing pause, set up anew and drawn whole when it is back. Idle, the thread sleeps.
    """

    def __init__(
        self,
        controller: Controller,
        open_bus: Callable[[], Bus],
        *,
        rotate: Literal[0, 180] = 0,
        where: str = "display",
        post: Callable[[DisplayChanged], object],
        now: Callable[[], float],
        machine: Machine = THIS_MACHINE,
    ) -> None:
        self.why = ""
        self.failures = 0
        self._panel = OledPanel(controller, open_bus, rotate)
        self._where = where
        self._post, self._now = post, now
        self._machine = machine
        self._changed = machine.condition()
        self._newest: OledFrame | None = None
        self._idle = True
        self._stopping = False
        self._up: bool | None = None
        self._pause_s = FIRST_PAUSE_S
        self._thread = machine.thread("oled", self._run)
        self._thread.start()

    @property
    def sent(self) -> int:
        """Bytes of windows on the wire so far."""
        return self._panel.sent

    def show(self, image: Image.Image, lit: Lit = "on", shift: tuple[int, int] = (0, 0)) -> None:
        """Have a 128x64 picture shown soon; the image must not be changed afterwards."""
        with self._changed:
            self._newest = OledFrame(image, lit, shift)
            self._idle = False
            self._changed.notify_all()

    def answered(self, deadline_s: float = FIRST_ANSWER_S) -> bool:
        """Wait until the panel has answered, or failed to; False where neither came in that time."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: self._up is not None, deadline_s))

    def drawn(self, deadline_s: float) -> bool:
        """Wait until the panel shows what it was given last; False where it did not in that time."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: self._idle, deadline_s))

    def stop(self, deadline_s: float) -> bool:
        """Switch the panel off; False where the bus hangs (its thread dies with the process)."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        frame: OledFrame | None = None
        failed_at: float | None = None
        while True:
            with self._changed:
                self._wait(None if failed_at is None else failed_at + self._pause_s)
                if self._stopping:
                    break
                frame, self._newest = self._newest or frame, None
            if frame is not None and self._drew(frame):
                failed_at, self._pause_s = None, FIRST_PAUSE_S
            else:
                if failed_at is not None:
                    self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
                failed_at = self._machine.monotonic()
        # luma turns some of the bus's errors into its own, which are no OSErrors
        with contextlib.suppress(Exception):
            self._panel.leave()

    def _wait(self, retry_at: float | None) -> None:
        """Wait for something to draw; while the panel is away a newer picture waits for the next attempt."""
        if retry_at is None:
            self._changed.wait_for(lambda: self._stopping or self._newest is not None)
        else:
            self._changed.wait_for(lambda: self._stopping, max(0.0, retry_at - self._machine.monotonic()))

    def _drew(self, frame: OledFrame) -> bool:
        try:
            self._panel.show(frame)
        except Exception as error:  # noqa: BLE001 - a display that fails in whatever way stops nothing else
            self._panel.forget()
            self.failures += 1
            self._say(up=False, why=f"{self._where}: {_why_dark(error)}")
            return False
        self._say(up=True, why="")
        with self._changed:
            self._idle = self._newest is None
            self._changed.notify_all()
        return True

    def _say(self, *, up: bool, why: str) -> None:
        if why and why != self.why:
            log.warning("%s", why)
        elif up and self._up is False:
            log.info("%s: it answers again and is drawn whole", self._where)
        self.why = why
        if up != self._up:
            self._post(DisplayChanged(self._now(), up=up))
            with self._changed:
                self._up = up
                self._changed.notify_all()


def _why_dark(error: Exception) -> str:
    """Say in one line why a panel does not show anything, and what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    hint = {
        "DeviceNotFoundError": "check its wires, its address, and that the bus is enabled (raspi-config)",
        "DevicePermissionError": "add the user to the group i2c (or spi)",
        "PermissionError": "add the user to the groups i2c, spi and gpio",
        "ModuleNotFoundError": "install it, or use a display on I2C",
        "BadPinFactory": "a display on SPI needs pins for D/C and reset",
        "GPIOPinInUse": "choose other pins for D/C and reset (display.dc_pin, display.reset_pin)",
    }.get(type(error).__name__, "check its wires")
    return f"{text}; {hint}"
