"""What dashboards hear, and when: each change at once, nothing each second, a record only when it is on the disk."""

import pytest

from device.core.model.effects import Effect, Publish, Repeat, Save, Show, Topic
from device.core.model.events import HomeAssistantBorn, LineRejected, OutboxChanged, StoreState, ZoneRead
from device.core.pump.witnesses import Rules
from tests.support.drive import Device, classified, ended, running


@pytest.fixture
def device() -> Device:
    return Device()


def topics(effects: list[Effect]) -> list[str]:
    return [one.topic.value for one in effects if isinstance(one, Publish)]


def test_at_every_connection_all_live_topics_are_told_again() -> None:
    device = ended()
    for _ in range(2):
        device.broker(False)
        device.wait(5)
        with device.seen() as seen:
            device.broker(True)
        assert topics(seen) == ["state", "today", "diagnostics", "session/last"]


def test_while_the_broker_is_away_nothing_is_told() -> None:
    device = Device(broker=False)
    device.pump(True, lasts=100)
    assert topics([effect for _, effect in device.effects]) == []


def test_at_home_assistants_birth_it_is_told_all_and_the_newest_end_once_more() -> None:
    device = ended()
    with device.seen() as seen:
        device.send(HomeAssistantBorn(device.at))
    assert topics(seen) == ["state", "today", "diagnostics", "session/last"]
    assert [one.record for one in seen if isinstance(one, Repeat)] == [device.last]
    device.pump(True, lasts=5)
    with device.seen() as seen:
        device.send(HomeAssistantBorn(device.at))
    assert [one.record.number for one in seen if isinstance(one, Repeat)] == [1]


def test_nothing_is_told_each_second() -> None:
    device = classified()
    before = len(device.published("state"))
    device.wait(300)
    assert len(device.published("state")) == before
    assert len(device.published("today")) == len(set(map(str, device.published("today"))))


def test_cycles_per_minute_are_told_every_ten_seconds_at_most() -> None:
    device = Device()
    device.line("START")
    device.press("left", "left", "left")
    with device.seen() as seen:
        for second in range(60):
            device.line("RUN", t=float(second), cpm=40.0 + second)
            device.wait(1)
    told = [one for one in seen if isinstance(one, Publish) and one.topic is Topic.STATE]
    assert 5 <= len(told) <= 7


def test_a_pace_that_changed_within_the_ten_seconds_is_told_after_them() -> None:
    device = Device()
    device.line("START")
    device.line("RUN", t=0.0, cpm=100.0)
    device.wait(1)
    device.line("RUN", t=1.0, cpm=50.0)
    device.wait(12)
    assert device.live["session"]["cycles_per_minute"] == 50


def test_a_pause_and_its_end_are_told_at_once() -> None:
    device = classified()
    device.wait(60)
    device.pump(False)
    assert device.live["phase"] == "paused"
    stood = device.live["session"]["pumping_s"]
    device.wait(30)
    device.pump(True, lasts=3.1)
    assert device.live["phase"] == "pumping"
    assert device.live["session"]["pumping_s"] == stood + 3
    assert device.live["session"]["pauses"] == 1


def test_the_live_session_is_as_at_its_instant() -> None:
    device = running()
    device.wait(40)
    device.press("left")
    live, at = device.live, device.live["at"]
    assert live["session"]["pumping_s"] == 45
    assert at == "2026-03-01T03:00:56Z"


def test_the_question_is_the_one_that_the_screen_asks() -> None:
    device = Device()
    assert device.live["question"] is None
    device.pump(True, lasts=5)
    asked = [device.live["question"]]
    for key in ("left", "left", "left"):
        device.press(key)
        asked.append(device.live["question"])
    assert asked == ["purpose", "reason", "intention", None]
    ended(device)
    live = device.live
    assert (live["question"], live["session"]["state"]) == ("volume", "ended")
    assert device.live["suggestion"] == device.live["session"]["suggestion"]
    assert device.live["suggestion"]["facts"] == {"stimulations": 0, "baseline": 8}
    device.press("right")
    assert (device.live["question"], device.live["session"]) == (None, None)


def test_the_picture_comes_first_then_the_record_then_what_is_told(device: Device) -> None:
    with device.seen() as seen:
        device.pump(True, lasts=3.1)
        device.wait(0.5)
        device.hold("left", 0.1)
    at = [type(one).__name__ for one in seen]
    pressed = [number for number, one in enumerate(seen) if isinstance(one, Save)][1]
    assert isinstance(seen[pressed - 1], Show)
    assert "Publish" in at[pressed + 1 :]


def test_the_last_session_is_told_only_when_it_is_durable(device: Device) -> None:
    device.holds = True
    device.pump(True, lasts=5)
    assert device.live["phase"] == "pumping"
    assert device.published("session/last") == [None]
    device.disk_goes_on()
    assert device.published("session/last")[-1]["revision"] == 1
    device.holds = True
    device.press("left")
    assert device.published("session/last")[-1]["revision"] == 1
    device.disk_goes_on()
    assert device.published("session/last")[-1]["revision"] == 2


def test_the_last_session_is_the_one_with_the_latest_start_that_is_not_deleted(device: Device) -> None:
    device.order("add", started_at="2026-02-28T10:00:00Z", duration_s=900)
    device.order("add", started_at="2026-02-27T10:00:00Z", duration_s=900)
    assert device.published("session/last")[-1]["number"] == 1
    device.order("delete", session=device.last.id)
    assert device.published("session/last")[-1]["number"] == 2
    device.order("delete", session=device.last.id)
    assert device.published("session/last")[-1] is None


def test_today_is_told_again_when_only_time_passed(device: Device) -> None:
    device.order("nursing", effective=True)
    assert device.published("today")[-1]["last_24h"]["stimulations"] == 1
    told = len(device.published("today"))
    device.wait(86000)
    midnights = len(device.published("today")) - told
    assert midnights == 1
    device.wait(401)
    assert device.published("today")[-1]["last_24h"]["stimulations"] == 0
    assert device.published("today")[-1]["days"][1]["stimulations"] == 1


def test_days_and_the_screens_clock_follow_the_systems_zone(device: Device) -> None:
    device.order("nursing", effective=True)
    assert device.published("today")[-1]["timezone"] == "UTC"
    told = len(device.published("today"))
    device.send(ZoneRead(device.at, "Pacific/Auckland"))
    today = device.published("today")[-1]
    assert len(device.published("today")) == told + 1
    assert (today["timezone"], today["days"][0]["day"]) == ("Pacific/Auckland", "2026-03-01")
    assert device.body.local.hour == 16
    device.wait(9 * 3600)
    assert device.published("today")[-1]["days"][0]["day"] == "2026-03-02"


def test_the_outlooks_window_moves_by_time_alone() -> None:
    device = Device(baseline=2)
    for day in range(22, 29):
        for hour in ("04", "16"):
            device.order("nursing", effective=True, at=f"2026-02-{day}T{hour}:00:00Z")
    assert device.published("today")[-1]["outlook"]["label"] == "steady"
    device.wait(2 * 86400)
    assert device.published("today")[-1]["outlook"]["label"] == "unknown"


def test_diagnostics_are_told_once_a_minute_at_most(device: Device) -> None:
    device.wait(61)
    told = len(device.published("diagnostics"))
    for number in range(120):
        device.send(LineRejected(device.at, "checksum"))
        device.send(OutboxChanged(device.at, number))
        device.wait(1)
    assert 2 <= len(device.published("diagnostics")) - told <= 3
    device.wait(61)
    assert device.published("diagnostics")[-1]["errors"] == {"serial_checksum": 120}
    assert device.published("diagnostics")[-1]["outbox"] == 119
    told = len(device.published("diagnostics"))
    device.wait(3600)
    assert len(device.published("diagnostics")) == told


def test_a_motor_signal_that_does_not_last_is_counted_and_one_that_does_is_not(device: Device) -> None:
    for lasts in (0.5, 2.5, 200.0):
        device.pump(True, lasts=lasts)
        device.pump(False, lasts=200.0)
    assert device.published("diagnostics")[-1]["errors"] == {"motor_blips": 2}
    strokes = Device(rules=Rules(signal="pulses", debounce_s=0.005))
    for count in (1, 3, 200):
        for _ in range(count):
            strokes.pump(True, lasts=0.1)
            strokes.pump(False, lasts=0.7)
        strokes.wait(200)
    assert strokes.published("diagnostics")[-1]["errors"] == {"motor_blips": 2}


def test_the_disks_state_is_in_diagnostics(device: Device) -> None:
    device.wait(61)
    device.disk_says(StoreState.FULL)
    assert device.published("diagnostics")[-1]["store"]["state"] == "full"


def test_an_idle_device_wakes_for_its_minute_and_in_the_dark_for_nothing() -> None:
    device = Device(off_after_s=600)
    shown = len(device.effects)
    device.wait(300)
    assert sum(type(one).__name__ == "WakeAt" for _, one in device.effects[shown:]) <= 6
    device.wait(400)
    dark = len(device.effects)
    device.wait(3600)
    assert len(device.effects) == dark


def test_a_pump_by_pulses_is_told_of_as_seldom() -> None:
    device = Device(rules=Rules(signal="pulses"))
    with device.seen() as seen:
        for _ in range(100):
            device.pump(True, lasts=0.3)
            device.pump(False, lasts=0.7)
    told = [one for one in seen if isinstance(one, Publish) and one.topic is Topic.STATE]
    assert len(told) <= 12
