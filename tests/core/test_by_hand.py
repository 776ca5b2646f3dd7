"""What a hand says of a session: that it began earlier, that it pauses and goes on, when it truly began."""

from typing import Any

import pytest

from device.core.model.events import StoreState
from device.core.model.record import Cause, Clock, Purpose, SessionState, Source
from device.core.pump.witnesses import Rules
from device.core.state import IN_FLIGHT
from device.wire import gate, payloads
from device.wire.values import instant
from tests.core.test_orders import refused
from tests.support.drive import WALL, Device, running

MINUTE = 60
STRAY = WALL - 40 * 86400.0


@pytest.fixture
def device() -> Device:
    made = Device()
    made.until(made.at + 3600)
    return made


def ago(device: Device, seconds: float) -> str:
    return instant(int(device.wall - seconds))


def at(text: str) -> int:
    return payloads.parse_instant(text)


def started(device: Device, seconds: float) -> dict[str, Any]:
    reply = device.order("start", at=ago(device, seconds))
    assert reply["ok"], reply
    session: dict[str, Any] = reply["session"]
    return session


def times(said: dict[str, Any]) -> tuple[int, int, int]:
    return said["duration_s"], said["pumping_s"], said["pauses"]


# -- a start that nobody told in time --------------------------------------------------------------------------


def test_a_start_told_late_counts_from_when_it_was(device: Device) -> None:
    began = int(device.wall) - 600
    said = started(device, 600)
    assert (at(said["started_at"]), said["cause"], said["sources"]) == (began, "started", ["dashboard"])
    assert times(said) == (600, 600, 0), "as it stood when that was revised"
    assert (device.live["session"]["pumping_s"], device.live["phase"]) == (600, "pumping")
    assert device.body.heading.running_s == 600
    device.wait(300)
    ended = device.order("stop")["session"]
    assert (at(ended["started_at"]), times(ended), ended["counted"]) == (began, (900, 900, 0), True)


def test_a_start_told_late_has_the_suggestion_and_the_sitting_of_its_time(device: Device) -> None:
    first = device.order("add", started_at=ago(device, 1800), duration_s=600, purpose="treat")["session"]
    device.order("nursing", effective=False, at=ago(device, 60))
    said = started(device, 600)
    assert (said["sitting"], said["purpose"]) == (first["id"], "treat")
    assert said["suggestion"]["facts"] == {"minutes": 20, "reason": None}
    device.order("stop")
    device.order("delete", session=said["id"])
    device.order("delete", session=first["id"])
    assert started(device, 600)["suggestion"]["context"] == "below_baseline", "the nursing came after it"


def test_no_start_lies_in_the_future_or_as_far_back_as_a_session_may_last(device: Device) -> None:
    assert refused(device.order("start", at=ago(device, -2))) == ("out_of_range", "at")
    assert refused(device.order("start", at=ago(device, 7200))) == ("out_of_range", "at")
    assert device.state.running is None
    assert started(device, 7199)["state"] == "running"
    device.wait(2)
    assert (device.last.state, device.last.interrupted, device.last.duration_s) == (SessionState.ENDED, True, 7200)
    assert device.order("start", at=ago(device, 0))["ok"], "now is the past already"


def test_no_start_while_one_runs_or_where_another_session_was(device: Device) -> None:
    other = device.order("add", started_at=ago(device, 1800), duration_s=600)["session"]
    for back in (1261, 1500, 1800, 2400):
        reply = device.order("start", at=ago(device, back))
        assert refused(reply) == ("out_of_range", "at"), back
        assert (reply["error"], reply["overlaps"]) == ("It overlaps session number 1.", other["id"])
    for back in (1259, 1200, 0):
        assert at(started(device, back)["started_at"]) == int(device.wall) - min(back, 1200), "people type minutes"
        assert refused(device.order("start", at=ago(device, 10))) == ("not_now", None)
        device.order("delete", session=device.order("stop")["session"]["id"])


@pytest.mark.parametrize("later", [0, 5])
def test_a_start_may_be_the_end_of_the_one_before_though_that_was_rounded_up(later: float) -> None:
    device = Device()
    device.until(device.at + 0.55)
    device.pump(True, lasts=70)
    device.order("stop")
    device.wait(later)
    said = device.order("start", at=ago(device, 10))["session"]
    assert at(said["started_at"]) == device.state.sessions[0].ended_at
    assert device.live["session"]["duration_s"] == max(later - 1, 0)
    device.wait(100)
    assert device.order("stop")["session"]["duration_s"] == 100 + later


def test_a_start_that_was_told_stays_whatever_is_heard_after(device: Device) -> None:
    began = int(device.wall) - 600
    started(device, 600)
    device.wait(60)
    device.pump(True, lasts=40)
    assert (device.last.sources, device.last.started_at) == ((Source.DASHBOARD, Source.GPIO), began)
    device.line("RUN", t=4000, cpm=60)
    assert device.last.started_at == began
    device.line("STOP")
    device.pump(False, lasts=121)
    assert (device.last.started_at, device.last.duration_s, device.last.pumping_s) == (began, 700, 700)


@pytest.mark.parametrize("boot", [None, "boot-2"])
@pytest.mark.parametrize("cut", [True, False])
def test_it_stays_over_a_restart_too(device: Device, boot: str | None, cut: bool) -> None:
    began = int(device.wall) - 600
    started(device, 600)
    device.wait(60)
    again = device.restart(30, boot=boot, cut=cut)
    again.wait(10)
    again.pump(True, lasts=50)
    again.pump(False, lasts=121)
    assert (again.last.started_at, again.last.sources) == (began, (Source.DASHBOARD, Source.GPIO))
    assert again.last.duration_s == 750
    assert [one.number for one in again.state.sessions] == [1]


def test_while_the_clock_is_not_set_no_start_can_be_placed() -> None:
    device = Device(wall=STRAY, synced=False)
    assert refused(device.order("start", at=instant(WALL))) == ("not_now", "at")
    assert device.state.running is None
    assert device.order("start")["ok"]
    session = device.last.id
    assert refused(device.order("edit", session=session, started_at=instant(WALL))) == ("not_now", "started_at")


def test_a_start_that_was_told_stays_when_the_clock_that_a_person_set_is_put_right() -> None:
    device = Device(wall=STRAY, synced=False)
    true = WALL - device.at
    device.order("clock", at=instant(int(true + device.at) + 300))
    began = int(true + device.at) - 200
    assert device.order("start", at=instant(began))["ok"]
    device.wait(60)
    assert device.live["session"]["clock"] == "synced"
    device.clock(true + device.at, synced=True)
    assert (device.last.started_at, device.last.duration_s) == (began, 260)
    device.wait(40)
    ended = device.order("stop")["session"]
    assert (at(ended["started_at"]), times(ended)) == (began, (300, 300, 0))
    assert at(ended["ended_at"]) == round(device.wall)


def test_it_stays_after_its_end_as_well_and_only_the_end_moves() -> None:
    device = Device(wall=STRAY, synced=False)
    true = WALL - device.at
    device.order("clock", at=instant(int(true + device.at) - 300))
    began = int(device.wall) - 200
    device.order("start", at=instant(began))
    device.wait(100)
    device.order("stop")
    right = round(true + device.at)
    device.clock(true + device.at, synced=True)
    assert (device.last.started_at, device.last.ended_at, device.last.clock) == (began, right, Clock.SYNCED)


@pytest.mark.parametrize("still_runs", [True, False])
def test_one_that_would_not_have_begun_yet_moves_whole_with_the_clock(still_runs: bool) -> None:
    device = Device(wall=STRAY, synced=False)
    true = WALL - device.at
    device.order("clock", at=instant(int(true + device.at) + 2000))
    device.order("start", at=instant(int(device.wall) - 300))
    device.wait(600)
    if not still_runs:
        device.order("stop")
    device.clock(true + device.at, synced=True)
    began = round(true + device.at) - 900
    assert (device.last.started_at, device.last.duration_s, device.last.clock) == (began, 900, Clock.SYNCED)
    if still_runs:
        device.wait(60)
        ended = device.order("stop")["session"]
        assert (at(ended["started_at"]), times(ended), ended["counted"]) == (began, (960, 960, 0), True)


# -- the start of a session that runs is edited ----------------------------------------------------------------


def test_the_start_of_a_running_session_is_edited_and_stays(device: Device) -> None:
    device.pump(True, lasts=100)
    began = int(device.wall) - 400
    said = device.order("edit", session=device.last.id, started_at=instant(began), if_revision=1)["session"]
    assert (at(said["started_at"]), said["revision"], said["cause"], said["state"]) == (began, 2, "edited", "running")
    assert (said["duration_s"], device.live["session"]["pumping_s"]) == (400, 400)
    device.line("RUN", t=3000)
    device.line("STOP")
    device.pump(False, lasts=121)
    assert (device.last.started_at, device.last.duration_s) == (began, 400)
    assert [one.cause for one in device.revisions(device.last.id)] == [Cause.STARTED, Cause.EDITED, Cause.ENDED]


def test_by_hand_then_edited_then_heard_begins_when_a_person_said(device: Device) -> None:
    device.order("start")
    device.wait(100)
    began = int(device.wall) - 50
    device.order("edit", session=device.last.id, started_at=instant(began))
    device.wait(20)
    device.pump(True, lasts=30)
    assert (device.last.started_at, device.last.duration_s) == (began, 100)


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_edited_start_keeps_to_the_same_rules(device: Device, by_hand: bool) -> None:
    other = device.order("add", started_at=ago(device, 1800), duration_s=600)["session"]
    if by_hand:
        device.order("start")
        device.wait(100)
    else:
        device.pump(True, lasts=100)
    session, revision = device.last.id, device.last.revision
    future = device.order("edit", session=session, started_at=ago(device, -2))
    assert refused(future) == ("out_of_range", "started_at")
    over = device.order("edit", session=session, started_at=ago(device, 1361))
    assert (refused(over), over["overlaps"]) == (("out_of_range", "started_at"), other["id"])
    assert device.last.revision == revision
    snapped = device.order("edit", session=session, started_at=ago(device, 1359))["session"]
    assert snapped["started_at"] == other["ended_at"]
    for fields in ({"ended_at": ago(device, 1)}, {"started_at": ago(device, 60), "ended_at": ago(device, 1)}):
        assert refused(device.order("edit", session=session, **fields)) == ("not_now", "session")
    stale = device.order("edit", session=session, started_at=ago(device, 60), if_revision=revision)
    assert refused(stale) == ("moved_on", "if_revision")


def test_by_hand_it_can_not_have_begun_so_long_ago_that_it_would_be_over(device: Device) -> None:
    device.order("start")
    session = device.last.id
    reply = device.order("edit", session=session, started_at=ago(device, 7200))
    assert refused(reply) == ("out_of_range", "started_at")
    assert device.order("edit", session=session, started_at=ago(device, 7190))["ok"]
    device.wait(11)
    assert (device.last.interrupted, device.last.duration_s) == (True, 7200)


def test_what_is_heard_may_have_begun_longer_ago_and_is_thought_stuck_then(device: Device) -> None:
    device.pump(True, lasts=100)
    session = device.last.id
    assert refused(device.order("edit", session=session, started_at=ago(device, 86401)))[0] == "out_of_range"
    assert device.order("edit", session=session, started_at=ago(device, 7300))["session"]["stuck_sensor"]
    assert device.state.running == session


def test_a_start_that_was_mistyped_leaves_no_stuck_sensor_behind_once_it_is_put_right(device: Device) -> None:
    device.pump(True, lasts=100)
    session, limit = device.last.id, int(device.settings.rules.max_session_s)
    assert device.order("edit", session=session, started_at=ago(device, limit))["ok"]
    assert (device.last.stuck_sensor, device.screen) == (True, "warning")
    right = device.order("edit", session=session, started_at=ago(device, 100))["session"]
    assert (right["stuck_sensor"], device.live["session"]["stuck_sensor"], device.screen) == (False, False, "purpose")
    device.wait(limit - 100)
    assert (device.last.stuck_sensor, device.screen) == (True, "warning"), "it is said anew once it has lasted so long"
    still = device.order("edit", session=session, started_at=ago(device, limit + 60))["session"]
    assert still["stuck_sensor"]


def test_in_a_pause_it_began_before_it(device: Device) -> None:
    device.pump(True, lasts=100)
    device.pump(False, lasts=50)
    session = device.last.id
    assert refused(device.order("edit", session=session, started_at=ago(device, 50))) == ("out_of_range", "started_at")
    assert device.order("edit", session=session, started_at=ago(device, 80))["ok"]
    device.wait(71)
    assert (device.last.duration_s, device.last.pumping_s) == (30, 30)


def test_one_of_no_length_that_lies_in_it_then_is_of_its_sitting(device: Device) -> None:
    for said in ("edit", "start"):
        device.order("start")
        short = device.order("stop")["session"]["id"]
        device.wait(3000)
        if said == "edit":
            device.order("start")
            device.order("edit", session=device.last.id, started_at=ago(device, 4000))
        else:
            device.order("start", at=ago(device, 4000))
        assert device.session(short).sitting == device.state.running
        device.order("stop")
        device.wait(8000)


def test_an_edit_may_bring_the_running_session_into_a_sitting_with_its_answer(device: Device) -> None:
    first = device.order("add", started_at=ago(device, 1800), duration_s=600, purpose="treat")["session"]
    device.order("start")
    assert (device.last.sitting, device.screen) == (device.last.id, "purpose")
    said = device.order("edit", session=device.last.id, started_at=ago(device, 700))["session"]
    assert (said["sitting"], said["purpose"], said["classified_by"]) == (first["id"], "treat", "sitting")
    assert device.screen == "timer"


# -- pause and go on -------------------------------------------------------------------------------------------


def test_a_pause_by_hand_is_no_pumping_and_makes_no_revision(device: Device) -> None:
    device.order("start")
    device.press("left", "left", "left")
    session = device.last.id
    device.wait(97)
    before = device.last
    reply = device.order("pause")["session"]
    assert (reply["id"], reply["revision"]) == (session, before.revision)
    assert (device.live["phase"], device.screen, device.body.ends_in_s) == ("paused", "timer", 120)
    device.wait(50)
    assert device.body.pumping_s == before.pumping_s
    assert device.order("go_on")["session"]["revision"] == before.revision
    assert (device.live["phase"], device.body.ends_in_s, device.live["session"]["pauses"]) == ("pumping", None, 1)
    device.wait(100)
    ended = device.order("stop")["session"]
    assert (ended["revision"], ended["pauses"]) == (before.revision + 1, 1)
    assert ended["duration_s"] - ended["pumping_s"] == 50
    assert [one.cause for one in device.revisions(session)][-1] is Cause.ENDED


def test_a_pause_by_hand_that_is_over_ends_it_when_it_was_paused(device: Device) -> None:
    device.order("start")
    device.wait(100)
    device.order("pause")
    device.wait(119)
    assert device.live["phase"] == "paused"
    device.wait(2)
    said = device.last
    assert (said.state, said.cause, said.interrupted) == (SessionState.ENDED, Cause.ENDED, False)
    assert (said.duration_s, said.pumping_s, said.pauses) == (100, 100, 0)
    assert refused(device.order("go_on")) == ("not_now", None)


@pytest.mark.parametrize("how", ["stop", "press"])
def test_stop_in_a_pause_by_hand_ends_it_there(device: Device, how: str) -> None:
    device.order("start")
    device.press("left", "left", "left")
    device.wait(97)
    paused = round(device.wall)
    device.order("pause")
    device.wait(60)
    if how == "stop":
        device.order("stop")
    else:
        assert device.keys[2] == "Stop"
        device.press("right")
    assert (device.last.state, device.last.ended_at, device.last.pauses) == (SessionState.ENDED, paused, 0)


def test_pause_and_go_on_are_for_their_time_only(device: Device) -> None:
    for command in ("pause", "go_on"):
        assert refused(device.order(command)) == ("not_now", None)
    device.order("start")
    assert refused(device.order("go_on")) == ("not_now", None)
    assert refused(device.order("pause", if_revision=9)) == ("moved_on", "if_revision")
    assert device.order("pause", if_revision=1)["ok"]
    assert refused(device.order("pause")) == ("not_now", None)
    assert refused(device.order("go_on", if_revision=9)) == ("moved_on", "if_revision")
    assert device.order("go_on", if_revision=1)["ok"]
    assert refused(device.order("go_on")) == ("not_now", None)


@pytest.mark.parametrize("heard", ["wire", "link"])
def test_what_hears_the_pump_tells_its_pauses(device: Device, heard: str) -> None:
    device.order("start")
    device.pump(True, lasts=4) if heard == "wire" else device.line("START")
    assert refused(device.order("pause")) == ("not_now", None)
    device.pump(False, lasts=4) if heard == "wire" else device.line("PAUSE")
    assert device.live["phase"] == "paused"
    assert refused(device.order("go_on")) == ("not_now", None)
    assert device.live["phase"] == "paused"


def test_a_pump_that_is_heard_in_a_pause_by_hand_lets_it_go_on_and_it_begins_there(device: Device) -> None:
    device.order("start")
    device.wait(100)
    assert device.order("pause")["ok"]
    device.wait(50)
    heard = device.wall
    device.pump(True, lasts=100)
    assert (device.live["phase"], device.last.started_at) == ("pumping", heard)
    device.pump(False, lasts=121)
    assert (device.last.duration_s, device.last.pumping_s, device.last.pauses) == (100, 100, 0)
    assert len(device.state.sessions) == 1


def test_where_its_start_was_given_the_pause_ends_at_the_first_edge_heard(device: Device) -> None:
    began = int(device.wall) - 100
    started(device, 100)
    device.order("pause")
    device.wait(118)
    device.pump(True, lasts=100)
    assert (device.last.started_at, device.live["session"]["pauses"]) == (began, 1)
    device.pump(False, lasts=121)
    assert (device.last.duration_s, device.last.pumping_s, device.last.pauses) == (318, 200, 1)
    assert len(device.state.sessions) == 1, "the edge lay within pause_s, though it lasted beyond"


def test_a_serial_stop_in_a_pause_by_hand_ends_it_at_the_pause(device: Device) -> None:
    device.order("start")
    device.wait(100)
    device.order("pause")
    device.wait(50)
    device.line("STOP", ml=60)
    assert (device.last.duration_s, device.last.pumping_s, device.last.volume_ml) == (100, 100, 60)


def test_pauses_by_hand_do_not_count_toward_a_forgotten_start() -> None:
    device = Device(rules=Rules(max_session_s=1000))
    device.order("start")
    device.wait(990)
    device.order("pause")
    device.wait(60)
    device.order("go_on")
    device.wait(9)
    assert device.last.state is SessionState.RUNNING
    device.wait(2)
    assert (device.last.interrupted, device.last.duration_s, device.last.pumping_s) == (True, 1060, 1000)


def test_one_forgotten_in_a_pause_ends_by_it() -> None:
    device = Device(rules=Rules(max_session_s=1000))
    device.order("start")
    device.wait(990)
    device.order("pause")
    device.wait(5000)
    assert (device.last.cause, device.last.interrupted, device.last.duration_s) == (Cause.ENDED, False, 990)


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("boot", [None, "boot-2"])
@pytest.mark.parametrize("downtime", [30, 119, 300])
def test_a_pause_by_hand_lasts_over_a_restart(device: Device, cut: bool, boot: str | None, downtime: float) -> None:
    device.order("start")
    device.wait(100)
    device.order("pause")
    device.wait(20)
    again = device.restart(downtime, cut=cut, boot=boot)
    again.wait(1)
    if downtime < 100:
        assert (again.live["phase"], again.live["session"]["pumping_s"]) == ("paused", 100)
        again.order("go_on")
        again.wait(49)
        ended = again.order("stop")["session"]
        assert times(ended) == (200, 149, 1)
    else:
        said = again.last
        assert (said.cause, said.interrupted, said.duration_s, said.pumping_s) == (Cause.ENDED, False, 100, 100)


def test_a_pause_is_told_good_once_it_is_durable(device: Device) -> None:
    device.order("start")
    device.wait(10)
    device.holds = True
    assert device.order("pause") == {}
    before = len(device.effects)
    device.disk_goes_on()
    assert [one["ok"] for one in device.replies(before)] == [True]
    assert device.disk.progress is not None
    assert device.disk.progress.quiet == device.at
    device.disk_says(StoreState.FULL)
    for _ in range(50):
        assert refused(device.order("go_on")) == ("not_saved", None)
        assert refused(device.order("pause")) == ("not_saved", None)
    assert len(device.state.unsaved) <= IN_FLIGHT + 1, "where it stood before is of no account"
    device.disk_says(StoreState.OK)
    assert device.disk.progress.pauses == 50


# -- who is in the way -----------------------------------------------------------------------------------------


def test_a_refusal_names_the_session_in_the_way_where_the_record_leaves_the_house(device: Device) -> None:
    other = device.order("add", started_at=ago(device, 1800), duration_s=600)["session"]
    moved = device.order("add", started_at=ago(device, 3000), duration_s=600)["session"]
    given: list[tuple[str, dict[str, Any]]] = [
        ("start", {"at": ago(device, 1500)}),
        ("add", {"started_at": ago(device, 1700), "duration_s": 300}),
        ("edit", {"session": moved["id"], "ended_at": ago(device, 1500)}),
    ]
    for command, fields in given:
        reply = device.order(command, **fields)
        assert (refused(reply)[0], reply["overlaps"]) == ("out_of_range", other["id"])
        told = gate.left(gate.Outgoing.REFUSED, reply, "summary")
        assert told is not None
        assert set(told) == set(reply) - {"overlaps"}
    device.order("delete", session=other["id"])
    twin = device.order("add", started_at=ago(device, 1750), duration_s=600)["session"]
    assert device.order("restore", session=other["id"])["overlaps"] == twin["id"]
    assert "overlaps" not in device.order("start", at=ago(device, -60))


def test_a_purpose_that_was_answered_before_an_edit_stays() -> None:
    device = running()
    device.press("left")
    assert device.order("edit", session=device.last.id, started_at=ago(device, 60))["ok"]
    assert device.last.purpose is Purpose.PROTECT


@pytest.mark.parametrize("back", [False, True])
def test_what_rested_before_a_corrected_start_is_no_part_of_it(back: bool) -> None:
    device = Device()
    device.line("START")
    for _ in range(3):
        device.wait(300)
        device.line("PAUSE")
        device.wait(60)
        device.line("START")
    device.wait(200)
    session = device.disk.sessions()[-1]
    if back:
        device.order("edit", session=session.id, started_at=ago(device, 200 - 30 + 60))
        assert device.order("edit", session=session.id, started_at=ago(device, 3 * 360 + 200))["ok"]
    else:
        assert device.order("edit", session=session.id, started_at=ago(device, 200 + 30))["ok"]
    device.line("STOP")
    ended = device.disk.sessions()[-1]
    assert ended.duration_s == (1280 if back else 230)
    assert (ended.pumping_s, ended.pauses) == ((1100, 3) if back else (200, 1))
