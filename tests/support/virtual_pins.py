"""Fixtures: the virtual pins in gpiozero's hand, on a clock that leaps."""

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import Device

from drivers.virtual.pins import VirtualPins
from tests.support.leaping import LeapingClock


@pytest.fixture
def clock() -> LeapingClock:
    return LeapingClock()


@pytest.fixture
def pins(clock: LeapingClock) -> Iterator[Any]:
    before = Device.pin_factory
    Device.pin_factory = VirtualPins(clock.now)
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before
