"""gpiozero's pins on the kernel's GPIO character device: one libgpiod request for all lines, waited for by the loop.

On Debian 13 gpiozero finds no factory that works, and with lgpio an idle device wakes a thousand times a second.
"""

import errno
import importlib.util
import os
import select
import struct
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from gpiozero.exc import (
    BadPinFactory,
    GPIOPinInUse,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinSetInput,
)
from gpiozero.pins.local import LocalPiFactory, LocalPiPin

from device.core.model.events import Counted
from drivers.gpio_lines import Filter

LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""The header's chip on a Zero 2 W and 3, a 4, a 5. Never by number: a 5's was gpiochip4, then 0, then 11 to 15."""
REVISION = Path("/sys/firmware/devicetree/base/system/linux,revision")
ANY_40_PINS = 0x902120
"""A Zero 2 W's revision: what a header of 40 pins looks like, where the board doesn't say."""
CONSUMER = "pump-companion"
BUFFERED_EDGES = 256
PULLS = {"floating": "DISABLED", "up": "PULL_UP", "down": "PULL_DOWN"}
EDGES = {"none": "NONE", "rising": "RISING", "falling": "FALLING", "both": "BOTH"}

KERNEL_FROM_S = 0.02
"""The kernel debounces from here on. It counts in its own ticks (of 4 ms, on some kernels of 10), rounds up and adds
one: what it calls 5 ms takes 8 to 12, and the 6 ms of a vibration sensor's knock would be lost. A shorter period is
filtered here, by the kernel's stamps of every edge."""

EDGES_LOST = "gpio_edges_lost"
"""The name under which diagnostics count what the kernel dropped."""

Watch = Callable[[int, Callable[[], object]], object]
Later = Callable[[float, Callable[[], object]], object]
Post = Callable[[Counted], object]


def present() -> bool:
    """Whether this computer has a GPIO character device at all."""
    return bool(_chips())


def _chips() -> list[str]:
    return sorted(map(str, Path("/dev").glob("gpiochip*")))


def use(
    watch: Watch,
    unwatch: Callable[[int], object],
    environment: Mapping[str, str] = os.environ,
    *,
    later: Later | None = None,
    post: Post = lambda _counted: None,
) -> "GpiodFactory | None":
    """Make these pins gpiozero's, where there are some and gpiod, and the user named no other factory; else None."""
    import gpiozero

    if environment.get("GPIOZERO_PIN_FACTORY") or gpiozero.Device.pin_factory is not None or not present():
        return None
    if importlib.util.find_spec("gpiod") is None:
        return None
    gpiozero.Device.pin_factory = factory = GpiodFactory(watch, unwatch, later=later, post=post)
    return factory


def find_chip(gpiod: Any, labels: tuple[str, ...] = LABELS, paths: list[str] | None = None) -> str:
    """Find the header's chip by its label; raises BadPinFactory or PermissionError, one line each."""
    paths = _chips() if paths is None else paths
    seen, shut = [], []
    for path in paths:
        try:
            with gpiod.Chip(path) as chip:
                label = chip.get_info().label
        except PermissionError:
            shut.append(path)
            continue
        if label in labels:
            return path
        seen.append(f"{path} ({label})")
    if shut:
        raise PermissionError(f"{', '.join(shut)}: no permission")
    if seen:
        raise BadPinFactory(f"no Raspberry Pi header among {', '.join(seen)}")
    raise BadPinFactory("no GPIO character device (/dev/gpiochip*) on this computer")


def _held_by(gpiod: Any, path: str, offset: int) -> str:
    with gpiod.Chip(path) as chip:
        return chip.get_line_info(offset).consumer or "another program"


class GpiodFactory(LocalPiFactory):  # type: ignore[misc]
    """All lines in one request, its descriptor watched by the loop; edges that the kernel dropped are told to `post`.

    The chip is looked for with the first line, so that what is wrong with it is said of that line's key. `debounces`
    tells the drivers that a pin's edge is stamped at the end of its bounce time: by the kernel, or where that time is
    too short for it, by the filter here, which `later(real_s, fn)` wakes (without it the kernel debounces all).
    """

    debounces = True

    def __init__(
        self,
        watch: Watch,
        unwatch: Callable[[int], object],
        *,
        later: Later | None = None,
        post: Post = lambda _counted: None,
        gpiod: Any = None,
        chip: str | None = None,
    ) -> None:
        if gpiod is None:
            import gpiod
        super().__init__()
        self.pin_class = GpiodPin
        self.gpiod = gpiod
        self._post = post
        self._line = gpiod.line
        self._watch, self._unwatch, self._later = watch, unwatch, later
        self._waits = False
        self._path = chip or ""
        self._request: Any = None
        self._lines: dict[int, GpiodPin] = {}
        self._seen: dict[int, int] = {}

    def close(self) -> None:
        super().close()
        for pin in list(self.pins.values()):
            pin.close()
        self.pins.clear()
        self._lines.clear()
        self._release()

    def _get_revision(self) -> int:
        """Read the board's revision where a sandbox leaves it readable (ProcSubset hides /proc/device-tree)."""
        try:
            return int(struct.unpack(">L", REVISION.read_bytes()[:4])[0])
        except (OSError, struct.error):
            return ANY_40_PINS

    def apply(self, pin: "GpiodPin") -> None:
        """Bring a pin's settings to the kernel: a new line means a new request for all, else it is reconfigured."""
        offset = pin.offset
        if self._request is not None and offset in self._lines:
            self._request.reconfigure_lines({line: self._settings(held) for line, held in self._lines.items()})
            return
        wanted = {**self._lines, offset: pin}
        self._path = self._path or find_chip(self.gpiod)
        self._release()
        try:
            self._ask(wanted)
        except OSError as error:
            if self._lines:
                self._ask(self._lines)
            raise self._refusal(offset, error) from error
        self._lines = wanted
        self._catch_up(set(wanted) - {offset})

    def forget(self, pin: "GpiodPin") -> None:
        """Give a closed pin's line back to the kernel."""
        if self._lines.pop(pin.offset, None) is not None:
            self._release()
            if self._lines:
                self._ask(self._lines)
                self._catch_up(set(self._lines))

    def filters(self, pin: "GpiodPin") -> bool:
        """Whether a pin's bounce time is too short for the kernel."""
        return self._later is not None and 0 < (pin.wanted_bounce or 0.0) < KERNEL_FROM_S

    def level(self, offset: int) -> bool:
        return bool(self._request.get_value(offset) == self._line.Value.ACTIVE)

    def drive(self, offset: int, level: bool) -> None:
        self._request.set_value(offset, self._line.Value.ACTIVE if level else self._line.Value.INACTIVE)

    def _ask(self, lines: "dict[int, GpiodPin]") -> None:
        self._seen = {}
        self._request = self.gpiod.request_lines(
            self._path,
            consumer=CONSUMER,
            config={offset: self._settings(pin) for offset, pin in lines.items()},
            event_buffer_size=BUFFERED_EDGES,
        )
        self._watch(self._request.fd, self._read)

    def _release(self) -> None:
        if self._request is not None:
            self._unwatch(self._request.fd)
            self._request.release()
            self._request = None

    def _settings(self, pin: "GpiodPin") -> Any:
        line = self._line
        if pin.wanted_function == "output":
            level = line.Value.ACTIVE if pin.wanted_level else line.Value.INACTIVE
            return self.gpiod.LineSettings(direction=line.Direction.OUTPUT, output_value=level)
        return self.gpiod.LineSettings(
            direction=line.Direction.INPUT,
            bias=line.Bias[PULLS[pin.wanted_pull]],
            edge_detection=line.Edge[EDGES[pin.wanted_edges] if pin.watched else "NONE"],
            debounce_period=timedelta(seconds=0.0 if self.filters(pin) else pin.wanted_bounce or 0.0),
            event_clock=line.Clock.MONOTONIC,
        )

    def _refusal(self, offset: int, error: OSError) -> Any:
        """Turn the kernel's errno for a request into the exception that is named for it."""
        if error.errno == errno.EBUSY:
            return GPIOPinInUse(f"GPIO{offset} is held by {_held_by(self.gpiod, self._path, offset)}")
        if error.errno == errno.EINVAL:
            return PinInvalidPin(f"{self._path} has no line {offset}, or it can't do what is asked of it")
        if isinstance(error, PermissionError):
            return PermissionError(f"{self._path}: no permission")
        return error

    def _read(self) -> None:
        """Hand the edges on; where the kernel's buffer overflowed, count what it dropped and read the level again."""
        gaps, lost = set(), 0
        for event in self._request.read_edge_events():
            offset = event.line_offset
            missed = event.line_seqno - self._seen.get(offset, event.line_seqno - 1) - 1
            self._seen[offset] = event.line_seqno
            if missed > 0:
                lost += missed
                gaps.add(offset)
            rising = event.event_type == event.Type.RISING_EDGE
            self._lines[offset].heard(event.timestamp_ns / 1e9, rising)
        if lost:
            self._post(Counted(self.ticks(), EDGES_LOST, lost))
        self._catch_up(gaps)
        self._wait()

    def _catch_up(self, offsets: set[int]) -> None:
        for offset in offsets:
            pin = self._lines[offset]
            if pin.watched:
                pin.seen(self.ticks(), self.level(offset))

    def _wait(self) -> None:
        """Look again when the first of the filtered levels may have settled."""
        due = min((pin.filter.due for pin in self._lines.values() if pin.filter and pin.filter.due), default=None)
        if due is not None and self._later is not None and not self._waits:
            self._waits = True
            self._later(max(due - self.ticks(), 0.0), self._settle)

    def _settle(self) -> None:
        self._waits = False
        if self._request is None:
            return
        if select.select([self._request.fd], [], [], 0)[0]:
            self._read()  # an edge that came in time is still to be read
            return
        for pin in self._lines.values():
            pin.settle(self.ticks())
        self._wait()


class GpiodPin(LocalPiPin):  # type: ignore[misc]
    """One line. Its settings reach the kernel when its level is asked for or its edges are wanted."""

    def __init__(self, factory: GpiodFactory, info: Any) -> None:
        super().__init__(factory, info)
        # gpiozero 1.6.2 hands over the number, 2.x the pin's description
        self.offset = int(info) if isinstance(info, int) else int(info.name.removeprefix("GPIO"))
        self._clear()

    def _clear(self) -> None:
        self.wanted_function = "input"
        self.wanted_pull = "floating"
        self.wanted_bounce: float | None = None
        self.wanted_edges = "both"
        self.wanted_level = False
        self.watched = False
        self.filter: Filter | None = None
        self._applied = False

    def close(self) -> None:
        self.when_changed = None
        self._factory.forget(self)
        self._clear()

    def heard(self, at: float, level: bool) -> None:
        """Take an edge as the kernel stamped it."""
        if self.filter is None:
            self.changed(at, level)
        else:
            self.settle(at)
            self.filter.edge(at, level)

    def seen(self, at: float, level: bool) -> None:
        """Take the level as it is after edges that nobody saw: it has been stable since now at best."""
        if self.filter is not None:
            self.filter.edge(at, not level)
        self.heard(at, level)

    def settle(self, at: float) -> None:
        """Hand on the level that was stable for its period, as the kernel would: stamped at the end of that."""
        since = None if self.filter is None else self.filter.settle(at)
        if since is not None and self.filter is not None:
            self.changed(since + self.filter.stable_s, self.filter.level)

    def changed(self, ticks: float, state: bool) -> None:
        if self.watched and self._when_changed is not None:
            self._call_when_changed(ticks, int(state))

    def _change(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self._applied = False

    def _settle(self) -> None:
        if not self._applied:
            self._factory.apply(self)
            self._applied = True

    def _get_function(self) -> str:
        return self.wanted_function

    def _set_function(self, value: str) -> None:
        if value not in {"input", "output"}:
            raise PinInvalidFunction(f"{self!r}: function must be input or output")
        self._change("wanted_function", value)

    def _get_state(self) -> int:
        self._settle()
        return int(self._factory.level(self.offset))

    def _set_state(self, value: float) -> None:
        if self.wanted_function != "output":
            raise PinSetInput(f"cannot set state of input {self!r}")
        self.wanted_level = bool(value)
        self._settle()
        self._factory.drive(self.offset, self.wanted_level)

    def _get_pull(self) -> str:
        return self.wanted_pull

    def _set_pull(self, value: str) -> None:
        if value not in PULLS:
            raise PinInvalidPull(f"{self!r}: pull must be floating, up or down")
        self._change("wanted_pull", value)

    def _get_bounce(self) -> float | None:
        return self.wanted_bounce

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise PinInvalidBounce(f"{self!r}: bounce must be 0 or more")
        self._change("wanted_bounce", value or None)

    def _get_edges(self) -> str:
        return self.wanted_edges

    def _set_edges(self, value: str) -> None:
        if value not in EDGES:
            raise PinInvalidEdges(f"{self!r}: edges must be none, rising, falling or both")
        self._change("wanted_edges", value)

    def _enable_event_detect(self) -> None:
        self._change("watched", value=True)
        self._settle()
        if self._factory.filters(self):
            self.filter = Filter(self.wanted_bounce or 0.0, level=self._factory.level(self.offset))

    def _disable_event_detect(self) -> None:
        self.watched = False
        self.filter = None


class OutputLines:
    """The few words of RPi.GPIO that luma's SPI speaks to its D/C and reset lines, on a request of their own."""

    LOW, HIGH, OUT = 0, 1, 0

    def __init__(self, *, gpiod: Any = None, chip: str | None = None) -> None:
        if gpiod is None:
            import gpiod
        self._gpiod = gpiod
        self._line = gpiod.line
        self._chip = chip
        self._requests: dict[int, Any] = {}

    def setup(self, pin: int, _direction: int) -> None:
        """Take a line as an output, low; taken once, it stays ours through every return of the display.

        Raises GPIOPinInUse naming who holds it, BadPinFactory or PermissionError (see `find_chip`).
        """
        if pin in self._requests:
            return
        path = self._chip = self._chip or find_chip(self._gpiod)
        config = {pin: self._gpiod.LineSettings(direction=self._line.Direction.OUTPUT)}
        try:
            self._requests[pin] = self._gpiod.request_lines(path, consumer=CONSUMER, config=config)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            raise GPIOPinInUse(f"GPIO{pin} is held by {_held_by(self._gpiod, path, pin)}") from error

    def output(self, pin: int, level: int) -> None:
        self._requests[pin].set_value(pin, self._line.Value.ACTIVE if level else self._line.Value.INACTIVE)

    def cleanup(self, _pins: object = None) -> None:
        for request in self._requests.values():
            request.release()
        self._requests.clear()
