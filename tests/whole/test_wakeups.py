"""How often the device wakes, and why: the whole daemon in made-up time, where each wake is counted."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.whole_device import WholeDevice

MINUTE, HOUR, DAY = 60, 3600, 86400
FAR = DAY
"""A display that is lit all day."""
Make = Callable[[int], WholeDevice]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:

        def made(off_after_s: int) -> WholeDevice:
            device = WholeDevice(tmp_path, display="ssd1306", off_after_s=off_after_s)
            stack.callback(device.end)
            return device

        yield made


def test_a_lit_hour_wakes_loop_and_display_once_a_minute(make: Make) -> None:
    device = make(FAR)
    with device.counted() as counts:
        device.wait(HOUR)
    assert counts.events == {"TimeCame": 60}, "each minute has its picture"
    assert counts.woken == {"daemon": 60, "oled": 60}
    assert counts.turns == 60


def test_a_dark_hour_wakes_once_to_look_at_the_timezone(make: Make) -> None:
    device = make(120)
    device.wait(HOUR)
    with device.counted() as counts:
        device.wait(HOUR)
    assert counts.events == {}
    assert counts.woken == {"daemon": 1}
    assert counts.turns == 1


def test_five_minutes_on_the_timer_wake_for_each_second_and_heartbeat(make: Make) -> None:
    device = make(120)
    device.begin()
    device.finger("left", "left", "middle")
    device.wait(2 * MINUTE)
    with device.counted() as counts:
        device.wait(5 * MINUTE)
    checkpoints, diagnostics = 12, 5
    assert counts.events == {"TimeCame": 300 + diagnostics, "PumpSaid": 60}
    assert counts.statements["COMMIT"] == checkpoints
    assert counts.messages == {"diagnostics": diagnostics}
    assert counts.woken == {
        "daemon": 300 + 60 + 3 * diagnostics,  # at each it is due, arrives and is acknowledged
        "oled": 300,
        "store": 2 * checkpoints,  # asked, and the card has written
    }
    assert counts.turns == counts.woken["daemon"] + diagnostics, "each is sent in a turn of its own"
    assert sum(counts.woken.values()) / (5 * MINUTE) <= 3


def test_an_idle_day_wakes_for_the_timezone_and_for_two_changes_of_today(make: Make) -> None:
    device = make(120)
    device.session()
    device.wait(HOUR)
    with device.counted() as counts:
        device.wait(DAY)
    changes = 2  # at midnight, and when the session is a day old
    assert counts.events == {"TimeCame": changes}
    assert counts.woken == {"daemon": 24 + 3 * changes}
    assert counts.wire == 0
    assert sum(counts.woken.values()) / DAY <= 0.25
