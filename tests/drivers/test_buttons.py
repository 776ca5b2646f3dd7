"""The buttons: one press is one event however much the contacts bounce, and nothing shorter than debounce_ms counts."""

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from device.core.model.events import ButtonPressed, ButtonReleased, Counted
from device.core.model.record import Button
from device.loop import Loop
from drivers.buttons import ButtonWatch
from drivers.clock import SystemClock
from drivers.gpio_lines import Filter, GpioError
from drivers.virtual.panel import VirtualKeys
from tests.support.leaping import LeapingClock

PINS: dict[Button, int | str] = {Button.LEFT: 5, Button.MIDDLE: 6, Button.RIGHT: 13}


HELD: list[ButtonWatch] = []
"""gpiozero's pins hold their devices weakly: somebody must keep them, as the daemon does."""


def watching(pins: dict[Button, int | str], **given: Any) -> ButtonWatch:
    HELD.append(ButtonWatch(pins, **given))
    return HELD[-1]


@pytest.fixture
def pins() -> Iterator[Any]:
    before = Device.pin_factory
    Device.pin_factory = MockFactory()
    yield Device.pin_factory
    HELD.clear()
    Device.pin_factory.reset()
    Device.pin_factory = before


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop(SystemClock())
    yield made
    made.close()


def said(loop: Loop, count: int) -> list[Any]:
    """Run until so many events came (at most 20 s)."""
    events: list[Any] = []
    timer = loop.call_after(20.0, loop.stop)

    def step(event: Any) -> None:
        events.append(event)
        if len(events) == count:
            loop.stop()

    loop.run(step)
    timer.cancel()
    return events


def test_a_press_and_a_release_are_one_event_each(pins: Any, loop: Loop) -> None:
    watching(PINS, post=loop.post, loop=loop)
    keys = VirtualKeys({str(button): pin for button, pin in PINS.items()})
    for button in PINS:
        keys.press(button)
        pressed = said(loop, 1)
        keys.release(button)
        released = said(loop, 1)
        assert [(type(e), e.button) for e in pressed + released] == [(ButtonPressed, button), (ButtonReleased, button)]
        assert pressed[0].at < released[0].at


def test_bouncing_contacts_are_one_press_at_the_last_bounce(pins: Any, loop: Loop) -> None:
    watching(PINS, debounce_ms=20, post=loop.post, loop=loop)
    for _ in range(7):
        pins.pin(5).drive_low()
        pins.pin(5).drive_high()
    pins.pin(5).drive_low()
    before = loop.now()
    events = said(loop, 1)
    assert isinstance(events[0], ButtonPressed)
    assert events[0].at <= before
    loop.call_after(0.1, loop.stop)
    assert said(loop, 5) == []


def test_a_press_that_no_finger_makes_so_soon_is_counted_as_a_bounce(
    pins: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MockFactory, "debounces", True, raising=False)
    clock, events = LeapingClock(), list[Any]()
    held = ButtonWatch(PINS, post=events.append, loop=Loop(clock))
    for later_s, drive in ((1.0, "low"), (0.2, "high"), (0.03, "low"), (0.2, "high"), (0.1, "low")):
        clock.real_s(clock.now() + later_s)
        getattr(pins.pin(5), f"drive_{drive}")()
    held.close()
    assert [event.name for event in events if isinstance(event, Counted)] == ["button_left_bounces"]


def test_a_spike_shorter_than_debounce_ms_is_nothing(pins: Any, loop: Loop) -> None:
    watching(PINS, debounce_ms=50, post=loop.post, loop=loop)
    pins.pin(5).drive_low()
    pins.pin(5).drive_high()
    loop.call_after(0.15, loop.stop)
    assert said(loop, 5) == []


def test_a_button_held_at_the_start_says_nothing_until_it_is_let_go(pins: Any, loop: Loop) -> None:
    pins.pin(5).drive_low()
    watching({Button.LEFT: 5}, pull="none", post=loop.post, loop=loop)
    pins.pin(5).drive_high()
    assert [type(event) for event in said(loop, 1)] == [ButtonReleased]


def test_a_button_that_pulls_up_is_active_high(pins: Any, loop: Loop) -> None:
    watching(PINS, pull="down", post=loop.post, loop=loop)
    pins.pin(6).drive_high()
    assert [(type(e), e.button) for e in said(loop, 1)] == [(ButtonPressed, Button.MIDDLE)]


def test_where_the_kernel_debounces_a_press_is_told_at_once(
    pins: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MockFactory, "debounces", True, raising=False)
    events: list[Any] = []
    watching(PINS, debounce_ms=20, post=events.append, loop=loop)
    pins.pin(5).drive_low()
    assert [type(event) for event in events] == [ButtonPressed]


def test_a_bad_pin_names_its_key_and_gives_the_others_back(pins: Any, loop: Loop) -> None:
    with pytest.raises(GpioError, match=r"^buttons\.right = GPIO77: no such pin"):
        ButtonWatch({Button.LEFT: 5, Button.RIGHT: "GPIO77"}, post=loop.post, loop=loop)
    ButtonWatch({Button.LEFT: 5}, post=loop.post, loop=loop).close()


@given(
    changes=st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=60),
    stable_ms=st.integers(1, 50),
)
def test_the_filter_tells_exactly_the_levels_that_were_stable_for_long_enough(
    changes: list[tuple[int, bool]], stable_ms: int
) -> None:
    """Held against the rule itself, read off the whole recording: milliseconds are whole, so that sums are exact."""
    made = Filter(stable_ms)
    told: list[tuple[float, bool]] = []
    now, recording = 0, [(0, False)]
    for wait, level in [*changes, (1000, False)]:
        due = made.due
        if due is not None and due <= now + wait:
            since = made.settle(due)
            assert since is not None
            told.append((since, made.level))
        now += wait
        made.edge(now, level)
        if level != recording[-1][1]:
            recording.append((now, level))
    expected, counts = [], False
    for place, (at, level) in enumerate(recording):
        until = recording[place + 1][0] if place + 1 < len(recording) else now
        if level != counts and until - at >= stable_ms:
            counts = level
            expected.append((at, level))
    assert told == expected
