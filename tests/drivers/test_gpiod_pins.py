"""gpiozero's pins on libgpiod: one request for all lines, the kernel's stamps, lost edges, and a clear line each.

The kernel is played by a few lines that answer as libgpiod's Python does; with a real /dev/gpiochip the same code runs.
"""

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Self

import gpiod
import pytest
from gpiozero import Device
from gpiozero.exc import BadPinFactory, GPIOPinInUse, PinInvalidPin

from device.core.model.events import ButtonPressed, Counted, MotorEdge
from device.core.model.record import Button
from device.loop import Loop
from drivers.buttons import ButtonWatch
from drivers.clock import SystemClock
from drivers.gpio_lines import GpioError
from drivers.gpiod_pins import EDGES_LOST, GpiodFactory, OutputLines, find_chip, use
from drivers.motor import MotorWatch


class Kernel:
    """Chips by path and label, levels, who holds a line; and the requests made, each with a real descriptor."""

    __name__ = "kernel"
    LineSettings = gpiod.LineSettings
    line = gpiod.line

    def __init__(self, chips: dict[str, str] | None = None) -> None:
        self.chips = {"/dev/gpiochip0": "pinctrl-bcm2835"} if chips is None else chips
        self.shut: set[str] = set()
        self.holders: dict[int, str] = {}
        self.levels: dict[int, bool] = {}
        self.requests: list[Request] = []

    def Chip(self, path: str) -> Any:  # noqa: N802 - libgpiod's name
        if path in self.shut:
            raise PermissionError(errno.EACCES, "Permission denied")
        info = SimpleNamespace(label=self.chips[path])
        return _Chip(
            get_info=lambda: info,
            get_line_info=lambda offset: SimpleNamespace(consumer=self.holders.get(offset, "")),
        )

    def request_lines(self, path: str, *, consumer: str, config: Any, event_buffer_size: int = 0) -> "Request":
        for offset in config:
            if offset in self.holders:
                raise OSError(errno.EBUSY, "Device or resource busy")
            if offset > 27:
                raise OSError(errno.EINVAL, "Invalid argument")
        self.requests.append(Request(self, dict(config)))
        return self.requests[-1]


class _Chip(SimpleNamespace):
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Request:
    def __init__(self, kernel: Kernel, config: dict[int, Any]) -> None:
        self.kernel, self.config = kernel, config
        self.fd, self._write = os.pipe()
        self.events: list[Any] = []
        self.sequence: dict[int, int] = {}
        self.released = False
        self.reconfigured = 0

    def edge(self, offset: int, level: bool, at_ns: int, *, lost: bool = False) -> None:
        """Let a line change; `lost` is one that the full buffer had no room for."""
        self.kernel.levels[offset] = level
        self.sequence[offset] = self.sequence.get(offset, 0) + 1
        if lost:
            return
        kind = gpiod.EdgeEvent.Type.RISING_EDGE if level else gpiod.EdgeEvent.Type.FALLING_EDGE
        self.events.append(gpiod.EdgeEvent(kind.value, at_ns, offset, 0, self.sequence[offset]))
        os.write(self._write, b"x")

    def read_edge_events(self) -> list[Any]:
        os.read(self.fd, 1000)
        events, self.events = self.events, []
        return events

    def get_value(self, offset: int) -> Any:
        return gpiod.line.Value.ACTIVE if self.kernel.levels.get(offset) else gpiod.line.Value.INACTIVE

    def set_value(self, offset: int, value: Any) -> None:
        self.kernel.levels[offset] = value == gpiod.line.Value.ACTIVE

    def reconfigure_lines(self, config: dict[int, Any]) -> None:
        self.config = dict(config)
        self.reconfigured += 1

    def release(self) -> None:
        self.released = True
        os.close(self.fd)
        os.close(self._write)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop(SystemClock())
    yield made
    made.close()


@pytest.fixture
def counted() -> list[Counted]:
    """What the factory counts."""
    return []


@pytest.fixture
def factory(kernel: Kernel, loop: Loop, counted: list[Counted]) -> Iterator[GpiodFactory]:
    before = Device.pin_factory
    Device.pin_factory = made = GpiodFactory(
        loop.watch, loop.unwatch, later=loop.call_after, post=counted.append, gpiod=kernel, chip="/dev/gpiochip0"
    )
    yield made
    made.close()
    Device.pin_factory = before


def said(loop: Loop, count: int) -> list[Any]:
    events: list[Any] = []
    timer = loop.call_after(20.0, loop.stop)

    def step(event: Any) -> None:
        events.append(event)
        if len(events) == count:
            loop.stop()

    loop.run(step)
    timer.cancel()
    return events


def test_motor_and_buttons_are_one_request_with_the_kernels_debounce(
    factory: GpiodFactory, kernel: Kernel, loop: Loop
) -> None:
    kernel.levels = {5: True, 6: True, 13: True}
    motor = MotorWatch(17, pull="down", debounce_ms=50, post=loop.post, now=loop.now)
    buttons = ButtonWatch({Button.LEFT: 5, Button.MIDDLE: 6, Button.RIGHT: 13}, post=loop.post, loop=loop)
    live = [request for request in kernel.requests if not request.released]
    assert len(live) == 1
    config = live[0].config
    assert sorted(config) == [5, 6, 13, 17]
    assert {o: s.debounce_period / timedelta(milliseconds=1) for o, s in config.items()} == {
        5: 20,
        6: 20,
        13: 20,
        17: 50,
    }
    assert config[17].bias == gpiod.line.Bias.PULL_DOWN
    assert config[5].bias == gpiod.line.Bias.PULL_UP
    assert all(s.edge_detection == gpiod.line.Edge.BOTH for s in config.values())
    assert all(s.event_clock == gpiod.line.Clock.MONOTONIC for s in config.values())
    buttons.close()
    motor.close()
    assert all(request.released for request in kernel.requests)


def test_edges_come_through_the_loop_with_the_kernels_stamp_taken_back(
    factory: GpiodFactory, kernel: Kernel, loop: Loop
) -> None:
    kernel.levels = {5: True}
    motor = MotorWatch(17, debounce_ms=50, post=loop.post, now=loop.now)
    buttons = ButtonWatch({Button.LEFT: 5}, debounce_ms=20, post=loop.post, loop=loop)
    start = said(loop, 1)
    assert [(type(e), e.active, e.settled) for e in start] == [(MotorEdge, False, True)]
    at = loop.now() - 0.4
    kernel.requests[-1].edge(17, True, round(at * 1e9))
    kernel.requests[-1].edge(5, False, round((at + 0.1) * 1e9))
    motor_edge, press = said(loop, 2)
    assert motor_edge.active
    assert motor_edge.settled
    assert motor_edge.at == pytest.approx(at - 0.050, abs=0.005)
    assert isinstance(press, ButtonPressed)
    assert press.at == pytest.approx(at + 0.1 - 0.020, abs=0.005)
    buttons.close()
    motor.close()


def knocks(kernel: Kernel, loop: Loop, *lasting_ms: float) -> float:
    """Knocks on the motor's line, 30 ms of rest between them, all of them past; when the first began."""
    at = first = loop.now() - 1.0
    for lasts in lasting_ms:
        kernel.requests[-1].edge(17, True, round(at * 1e9))
        kernel.requests[-1].edge(17, False, round((at + lasts / 1000) * 1e9))
        at += lasts / 1000 + 0.03
    return first


@pytest.mark.parametrize(("debounce_ms", "kernels_ms"), [(50, 50), (20, 20), (19, 0), (5, 0), (0, 0)])
def test_the_kernel_is_asked_for_no_period_that_it_counts_too_coarsely(
    factory: GpiodFactory, kernel: Kernel, loop: Loop, debounce_ms: int, kernels_ms: int
) -> None:
    motor = MotorWatch(17, debounce_ms=debounce_ms, post=loop.post, now=loop.now)
    assert kernel.requests[-1].config[17].debounce_period == timedelta(milliseconds=kernels_ms)
    motor.close()


def test_knocks_of_6_ms_are_heard_where_they_began_and_shorter_ones_are_not(
    factory: GpiodFactory, kernel: Kernel, loop: Loop
) -> None:
    motor = MotorWatch(17, debounce_ms=5, post=loop.post, now=loop.now)
    assert len(said(loop, 1)) == 1
    began = knocks(kernel, loop, 6, 4.9, 1, 40)
    heard = said(loop, 4)
    assert [(edge.active, edge.settled) for edge in heard] == [(True, True), (False, True)] * 2
    second = began + 0.0119 + 4 * 0.03 - 0.03
    assert [edge.at - began for edge in heard] == pytest.approx(
        [0, 0.006, second - began, second - began + 0.04], abs=0.005
    )
    motor.close()


def test_noise_never_leaves_the_driver_however_much_there_is(factory: GpiodFactory, kernel: Kernel, loop: Loop) -> None:
    motor = MotorWatch(17, debounce_ms=5, post=loop.post, now=loop.now)
    knocks(kernel, loop, *[0.5] * 3000)
    knocks(kernel, loop, 6)
    assert [edge.active for edge in said(loop, 3)] == [False, True, False]
    motor.close()


def test_a_level_that_stays_is_told_with_nothing_coming_after_it(
    factory: GpiodFactory, kernel: Kernel, loop: Loop
) -> None:
    motor = MotorWatch(17, debounce_ms=5, post=loop.post, now=loop.now)
    at = loop.now()
    kernel.requests[-1].edge(17, True, round(at * 1e9))
    assert [edge.active for edge in said(loop, 2)] == [False, True]
    motor.close()


def test_a_loop_that_is_late_reads_the_edge_that_came_in_time_first(
    factory: GpiodFactory, kernel: Kernel, loop: Loop
) -> None:
    motor = MotorWatch(17, debounce_ms=5, post=loop.post, now=loop.now)
    at = loop.now() - 2
    kernel.requests[-1].edge(17, True, round(at * 1e9))
    factory._read()
    kernel.requests[-1].edge(17, False, round((at + 0.003) * 1e9))
    factory._settle()
    knocks(kernel, loop, 6)
    heard = said(loop, 3)
    assert [edge.active for edge in heard] == [False, True, False]
    assert heard[1].at != pytest.approx(at, abs=0.001)
    motor.close()


def test_a_filtered_level_that_was_read_again_after_a_gap_counts_from_then(
    factory: GpiodFactory, counted: list[Counted], kernel: Kernel, loop: Loop
) -> None:
    motor = MotorWatch(17, debounce_ms=5, post=loop.post, now=loop.now)
    request, long_ago_ns = kernel.requests[-1], round((loop.now() - 1) * 1e9)
    request.edge(17, True, long_ago_ns)
    request.edge(17, False, long_ago_ns, lost=True)
    request.edge(17, True, long_ago_ns, lost=True)
    request.edge(17, False, long_ago_ns, lost=True)
    request.edge(17, True, long_ago_ns)
    before = loop.now()
    heard = said(loop, 2)
    assert [edge.active for edge in heard] == [False, True]
    assert heard[1].at >= before - 0.001
    assert [(event.name, event.count) for event in counted] == [(EDGES_LOST, 3)]
    motor.close()


def test_edges_that_the_kernel_dropped_are_counted_and_the_level_is_read_again(
    factory: GpiodFactory, counted: list[Counted], kernel: Kernel, loop: Loop
) -> None:
    motor = MotorWatch(17, post=loop.post, now=loop.now)
    request = kernel.requests[-1]
    now_ns = round(loop.now() * 1e9)
    request.edge(17, True, now_ns)
    request.edge(17, False, now_ns, lost=True)
    request.edge(17, True, now_ns, lost=True)
    request.edge(17, False, now_ns, lost=True)
    request.edge(17, True, now_ns)
    kernel.levels[17] = False
    assert [edge.active for edge in said(loop, 3)] == [False, True, False]
    assert [(event.name, event.count) for event in counted] == [(EDGES_LOST, 3)]
    motor.close()


def test_a_line_that_changed_while_another_was_added_is_caught_up_with(
    factory: GpiodFactory, kernel: Kernel, loop: Loop
) -> None:
    motor = MotorWatch(17, debounce_ms=0, post=loop.post, now=loop.now)
    kernel.levels[17] = True
    buttons = ButtonWatch({Button.LEFT: 5}, post=loop.post, loop=loop)
    assert [edge.active for edge in said(loop, 2)] == [False, True]
    buttons.close()
    motor.close()


def test_a_line_in_use_says_who_holds_it_and_the_others_stay(factory: GpiodFactory, kernel: Kernel, loop: Loop) -> None:
    kernel.levels = {5: True}
    motor = MotorWatch(17, post=loop.post, now=loop.now)
    kernel.holders[5] = "spi0 CS1"
    with pytest.raises(GpioError, match=r"^buttons\.left = 5: the pin is in use \(GPIO5 is held by spi0 CS1\)$"):
        ButtonWatch({Button.LEFT: 5}, post=loop.post, loop=loop)
    kernel.requests[-1].edge(17, True, round(loop.now() * 1e9))
    assert [edge.active for edge in said(loop, 2)] == [False, True]
    motor.close()


def test_a_line_that_the_chip_does_not_have_is_named(kernel: Kernel, factory: GpiodFactory) -> None:
    assert isinstance(factory._refusal(40, OSError(errno.EINVAL, "x")), PinInvalidPin)
    assert isinstance(factory._refusal(4, PermissionError(errno.EACCES, "x")), PermissionError)
    assert isinstance(factory._refusal(4, OSError(errno.EBUSY, "x")), GPIOPinInUse)


@pytest.mark.parametrize("label", ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"])
def test_the_header_is_found_by_its_label_whatever_its_number(label: str) -> None:
    kernel = Kernel({"/dev/gpiochip0": "brcmvirt-gpio", "/dev/gpiochip11": label, "/dev/gpiochip12": "gpio-brcmstb"})
    assert find_chip(kernel, paths=list(kernel.chips)) == "/dev/gpiochip11"


def test_no_chip_a_strange_chip_and_a_shut_chip_each_say_so() -> None:
    with pytest.raises(BadPinFactory, match="no GPIO character device"):
        find_chip(Kernel({}), paths=[])
    strange = Kernel({"/dev/gpiochip0": "INT33FF:00"})
    with pytest.raises(BadPinFactory, match=r"no Raspberry Pi header among /dev/gpiochip0 \(INT33FF:00\)"):
        find_chip(strange, paths=list(strange.chips))
    strange.shut = {"/dev/gpiochip0"}
    with pytest.raises(PermissionError, match="/dev/gpiochip0: no permission"):
        find_chip(strange, paths=list(strange.chips))


A_LAPTOPS = "(no Raspberry Pi header among /dev/gpiochip0 (INT33FF:00))"


@pytest.mark.parametrize(
    ("words", "shut", "library"),
    [
        (f"no way to pins of this computer; take motor.pin out {A_LAPTOPS}", False, True),
        (
            "no way to pins of this computer; on a Raspberry Pi install gpiod, on another take motor.pin out "
            + A_LAPTOPS,
            False,
            False,
        ),
        ("/dev/gpiochip0: no permission; add the user to the group gpio", True, True),
    ],
    ids=["a laptop's chip", "and gpiod missing", "no permission"],
)
def test_a_chip_that_is_no_header_is_said_in_one_line_that_begins_with_the_key(
    words: str, shut: bool, library: bool, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel({"/dev/gpiochip0": "INT33FF:00"})
    kernel.shut = set(kernel.chips) if shut else set()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: library or None)
    monkeypatch.setattr("drivers.gpiod_pins._chips", lambda: list(kernel.chips))
    monkeypatch.setattr(Device, "pin_factory", GpiodFactory(loop.watch, loop.unwatch, gpiod=kernel))
    with pytest.raises(GpioError) as refused:
        MotorWatch(17, post=loop.post, now=loop.now)
    assert str(refused.value) == f"motor.pin = 17: {words}"
    Device.pin_factory.close()


def test_without_the_library_the_choice_is_gpiozeros(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.gpiod_pins.present", lambda: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(Device, "pin_factory", None)
    assert use(lambda _fd, _fn: None, lambda _fd: None, {}) is None


def test_a_factory_that_the_user_named_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.gpiod_pins.present", lambda: True)
    monkeypatch.setattr(Device, "pin_factory", None)
    assert use(lambda _fd, _fn: None, lambda _fd: None, {"GPIOZERO_PIN_FACTORY": "mock"}) is None
    assert Device.pin_factory is None


def test_without_a_chip_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.gpiod_pins.present", lambda: False)
    monkeypatch.setattr(Device, "pin_factory", None)
    assert use(lambda _fd, _fn: None, lambda _fd: None, {}) is None


def test_a_pin_is_an_output_too(factory: GpiodFactory, kernel: Kernel) -> None:
    from gpiozero import DigitalOutputDevice

    lamp = DigitalOutputDevice(22)
    lamp.on()
    assert kernel.levels[22]
    lamp.off()
    assert not kernel.levels[22]
    lamp.close()


def test_the_displays_lines_are_set_as_luma_asks() -> None:
    kernel = Kernel()
    lines = OutputLines(gpiod=kernel, chip="/dev/gpiochip0")
    for _ in range(2):
        lines.setup(24, lines.OUT)
    lines.output(24, lines.HIGH)
    assert kernel.levels == {24: True}
    lines.output(24, lines.LOW)
    assert kernel.levels == {24: False}
    assert len(kernel.requests) == 1
    lines.cleanup()
    assert kernel.requests[0].released


def test_a_displays_line_in_use_says_who_holds_it() -> None:
    kernel = Kernel()
    kernel.holders[24] = "spi0 CS0"
    with pytest.raises(GPIOPinInUse, match="GPIO24 is held by spi0 CS0"):
        OutputLines(gpiod=kernel, chip="/dev/gpiochip0").setup(24, 0)
