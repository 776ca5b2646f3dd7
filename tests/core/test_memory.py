"""What is held is not all there is: the last session, the eight newest and the last stimulation are found though."""

from typing import Any

import pytest

from device.core.state import MOST, newest
from device.wire.payloads import instant
from tests.support.drive import DAY, WALL, Device, Disk, Plain
from tests.support.made import session

HOUR = 3600


def added(device: Device, ago_s: int, **fields: Any) -> str:
    started_at = instant(int(device.wall) - ago_s)
    said = device.order("add", **{"started_at": started_at, "duration_s": 600, **fields})
    assert said["ok"], said
    record: str = said["session"]["id"]
    return record


def fed(device: Device, days: int) -> None:
    for _ in range(days):
        device.order("nursing", effective=True)
        device.wait(DAY)


def test_after_weeks_of_nothing_but_nursings_the_last_session_is_still_the_last() -> None:
    device = Device(night=None, off_after_s=120)
    last = added(device, HOUR)
    fed(device, 20)
    assert device.published("session/last")[-1]["id"] == last
    assert device.order("note", text="still the last")["session"]["id"] == last
    again = device.restart(60)
    again.broker(True)
    assert again.published("session/last")[-1]["note"] == "still the last"


def test_last_shows_eight_after_as_many_were_deleted_as_one_likes() -> None:
    device = Device()
    ids = [added(device, day * DAY) for day in range(40, 20, -1)]
    again = device.restart(60)
    for count in range(1, 13):
        again.order("delete", session=ids[-count])
        shown = [one.id for one in newest(again.state)]
        assert shown == ids[-count - 1 : -count - 9 : -1]
        assert again.published("session/last")[-1]["id"] == ids[-count - 1]


def test_session_last_follows_where_the_newest_are_deleted_and_the_next_is_weeks_old() -> None:
    device = Device()
    old = added(device, 60 * DAY)
    new = [added(device, HOUR * number) for number in range(1, 5)]
    fed(device, 1)
    for record in new:
        device.order("delete", session=record)
    assert device.published("session/last")[-1]["id"] == old
    assert device.order("classify", purpose="protect")["session"]["id"] == old


def test_the_last_stimulation_is_told_though_the_sitting_that_it_is_lies_at_the_edge_of_what_is_held() -> None:
    device = Device()
    start = 3 * HOUR
    ids = [added(device, start - place * 900, duration_s=600) for place in range(6)]
    began = device.session(ids[0]).started_at
    for days in range(1, 18):
        device.wait(DAY - 1800 * (days % 2))
        device.order("baseline", stimulations=8)
        again = device.restart(1)
        again.broker(True)
        assert again.published("today")[-1]["last_stimulation_at"] == instant(began), days
        assert device.published("today")[-1]["last_stimulation_at"] == instant(began), days


def test_where_the_first_record_is_deleted_the_outlook_still_knows_how_old_the_record_is() -> None:
    device = Device()
    first, second = added(device, 40 * DAY), added(device, 30 * DAY)
    for day in range(12):
        for hour in range(0, 24, 3):
            added(device, day * DAY + hour * HOUR + 900)
    again = device.restart(60)
    assert again.state.first_record_at == device.session(first).started_at
    again.order("delete", session=first)
    assert again.state.first_record_at == device.disk.sessions()[1].started_at
    assert device.disk.sessions()[1].id == second
    again.order("delete", session=second)
    assert again.state.today is not None
    assert again.state.today.outlook.label == "steady"


@pytest.mark.parametrize("verbs", [("START", "STOP"), ("RUN", "PAUSE", "STOP")])
def test_a_pump_gone_mad_fills_no_more_memory_than_is_held_at_most(verbs: tuple[str, ...]) -> None:
    disk = Disk()
    for number in range(1, MOST + 1):  # it was mad before already
        started_at = WALL - 2 * (MOST + 10 - number)
        disk.log.append(session(number, started_at=started_at, ended_at=started_at + 1, duration_s=1, sitting="s1"))
    device = Plain(serial=True, broker=False, disk=disk)
    for _ in range(MOST // 4):
        for verb in verbs:
            device.wait(0.5)
            device.line(verb)
    assert len(device.state.sessions) <= MOST + MOST // 8
    assert device.last.number == device.state.next_session - 1
    assert device.order("note", text="answered")["ok"]
