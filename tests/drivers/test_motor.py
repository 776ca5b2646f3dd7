"""The motor's wire: polarity, pull, an edge's own time, the level at the start, clear errors."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import BadPinFactory, Device
from gpiozero.pins.mock import MockFactory

from device.core.model.events import MotorEdge
from drivers.gpio_lines import GpioError
from drivers.motor import MotorWatch

HELD: list[MotorWatch] = []
"""gpiozero's pins hold their devices weakly: somebody must keep them, as the daemon does."""


@pytest.fixture
def pins() -> Iterator[Any]:
    before = Device.pin_factory
    Device.pin_factory = MockFactory()
    yield Device.pin_factory
    HELD.clear()
    Device.pin_factory.reset()
    Device.pin_factory = before


def made(posted: list[MotorEdge], **given: Any) -> MotorWatch:
    HELD.append(MotorWatch(given.pop("pin", 17), post=posted.append, now=given.pop("now", time.monotonic), **given))
    return HELD[-1]


def test_the_level_at_the_start_is_the_first_edge(pins: Any) -> None:
    posted: list[MotorEdge] = []
    pins.pin(17).drive_high()
    made(posted)
    assert [(edge.active, edge.settled) for edge in posted] == [(True, False)]


@pytest.mark.parametrize("active", ["high", "low"])
@pytest.mark.parametrize("pull", ["none", "up", "down"])
def test_active_means_what_the_configuration_says_with_every_pull(pins: Any, active: Any, pull: Any) -> None:
    posted: list[MotorEdge] = []
    made(posted, active=active, pull=pull)
    pin = pins.pin(17)
    assert pin.pull == {"none": "floating"}.get(pull, pull)
    for _ in range(2):
        pin.drive_high()
        pin.drive_low()
    # where the pull had it high already, going high is no edge
    levels = [edge.active for edge in posted[1:]]
    expected = [active == "high", active == "low"] * 2
    assert levels == expected[4 - len(levels) :]
    assert len(levels) >= 3
    assert posted[0].active == ((pull == "up") == (active == "high"))


def test_every_bounce_is_reported_where_the_factory_does_not_debounce(pins: Any) -> None:
    posted: list[MotorEdge] = []
    made(posted, debounce_ms=50)
    for _ in range(20):
        pins.pin(17).drive_high()
        pins.pin(17).drive_low()
    assert len(posted) == 41
    assert not any(edge.settled for edge in posted)


def test_an_edge_has_the_time_of_the_factorys_ticks_not_of_the_callback(pins: Any) -> None:
    posted: list[MotorEdge] = []
    motor = made(posted, now=lambda: 5000.0)
    # a factory reports an edge that it stamped 0.3 s ago
    motor._line._device._pin_changed(Device.pin_factory.ticks() - 0.3, 1)
    assert posted[-1].active
    assert posted[-1].at == pytest.approx(4999.7, abs=0.1)


def test_where_the_kernel_debounces_the_edge_is_taken_back_to_its_first(
    pins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[MotorEdge] = []
    monkeypatch.setattr(MockFactory, "debounces", True, raising=False)
    made(posted, debounce_ms=200, now=lambda: 5000.0)
    assert pins.pin(17).bounce == pytest.approx(0.2)
    pins.pin(17).drive_high()
    assert posted[-1].settled
    assert posted[-1].at == pytest.approx(4999.8, abs=0.1)


def test_after_close_nothing_is_posted(pins: Any) -> None:
    posted: list[MotorEdge] = []
    made(posted).close()
    pins.pin(17).drive_high()
    assert len(posted) == 1


@pytest.mark.parametrize(
    ("pin", "error", "says"),
    [
        (99, None, "no such pin on this board"),
        ("GPIO2", None, "pull-up resistor of its own"),
        (17, PermissionError(13, "/dev/gpiochip0: no permission"), "group gpio"),
        (17, OSError(16, "busy"), "busy"),
    ],
)
def test_a_pin_that_cannot_be_had_has_one_clear_line(
    pins: Any, monkeypatch: pytest.MonkeyPatch, pin: Any, error: Any, says: str
) -> None:
    if error is not None:

        def refuse(*_: object) -> None:
            raise error

        monkeypatch.setattr(pins.pin_class, "_set_function", refuse)
    with pytest.raises(GpioError) as raised:
        made([], pin=pin, pull="down")
    text = str(raised.value)
    assert text.startswith(f"motor.pin = {pin}: ")
    assert says in text
    assert "\n" not in text


def test_a_pin_that_another_device_has_is_named(pins: Any) -> None:
    first = made([])
    with pytest.raises(GpioError, match=r"^motor\.pin = 17: the pin is in use"):
        made([])
    first.close()


def test_no_factory_at_all_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "nonsense")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(
        GpioError, match=r"^motor\.pin = 17: no way to pins of this computer; on a Raspberry Pi install"
    ):
        made([])


def test_what_a_factory_prints_that_is_tried_in_vain_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def in_vain() -> None:
        print("Can't connect to pigpio at localhost(8888)")  # as Debian's pigpio does
        raise BadPinFactory("Unable to load any default pin factory!")

    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setattr(Device, "_default_pin_factory", staticmethod(in_vain))
    with pytest.raises(GpioError):
        made([])
    assert capsys.readouterr() == ("", "")


def test_gpiozeros_other_names_are_pins_too(pins: Any) -> None:
    posted: list[MotorEdge] = []
    made(posted, pin="BOARD11")
    pins.pin(17).drive_high()
    assert posted[-1].active
