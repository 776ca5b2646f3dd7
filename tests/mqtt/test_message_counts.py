"""What reaches the broker: how many messages and bytes on each topic, of a session and of a day of eight.

The messages are exact. The bytes hold to a fiftieth: a version's or a number's digits may come or go.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.simulation.life import PREFIX
from tests.support.whole_device import WholeDevice

DAY, SESSIONS = 86400, 8
REVISIONS = 7
"""Begun, three answers, ended, its amount, its note."""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[WholeDevice]:
    made = WholeDevice(tmp_path)
    yield made
    made.end()


RETAINED = {"availability": 6, "state": 206, "today": 1987, "diagnostics": 402, "session/last": 993}
"""Bytes after the day; Home Assistant's announcement, which grows with each entity, is beside them."""
ANNOUNCEMENT = "homeassistant/device/pump-companion-pump/config"
LARGEST_ANNOUNCEMENT = 20_000


def about(sizes: dict[str, int]) -> dict[str, object]:
    return {topic: pytest.approx(size, rel=0.02) for topic, size in sizes.items()}


def test_a_session_at_the_broker(device: WholeDevice) -> None:
    with device.counted() as counts:
        device.session()
    assert counts.messages == {
        "session": REVISIONS,
        "session/last": REVISIONS,
        "state": 11,
        "today": 2,
        "diagnostics": 23,  # one a minute: the heartbeats are counted there
        "reply/test": 2,
    }
    assert counts.sizes == about(
        {"session": 6441, "session/last": 6441, "state": 12995, "today": 3957, "diagnostics": 9213, "reply/test": 2167}
    )


def test_a_day_of_eight_sessions_at_the_broker_and_what_it_retains(device: WholeDevice) -> None:
    with device.counted() as counts:
        for _ in range(SESSIONS):
            since = device.now
            device.session()
            device.live_until(since + DAY / SESSIONS)
    assert counts.messages == {
        "session": SESSIONS * REVISIONS,
        "session/last": SESSIONS * REVISIONS,
        "state": SESSIONS * 11,
        "today": 17,  # two a session, and midnight's
        "diagnostics": 185,
        "reply/test": SESSIONS * 2,
    }
    assert counts.sizes == about(
        {
            "session": 51458,
            "session/last": 51458,
            "state": 103760,
            "today": 33706,
            "diagnostics": 74264,
            "reply/test": 17330,
        }
    )
    retained = {topic.removeprefix(PREFIX): len(payload) for topic, payload in device.broker.retained.items()}
    assert retained.pop(ANNOUNCEMENT) <= LARGEST_ANNOUNCEMENT
    assert retained == about(RETAINED)


def test_an_idle_day_at_the_broker(device: WholeDevice) -> None:
    device.session()
    with device.counted() as counts:
        device.wait(DAY)
    assert counts.messages == {"today": 2, "diagnostics": 1}
