"""Restarts, power cuts and clocks: a session goes on or is kept as cut off, and no time is invented."""

import pytest

from device.core.model.record import Cause, Clock, SessionState, Source
from device.core.model.view import NoteKind
from tests.support.drive import ON, WALL, Device, classified, ended, running

YEAR = 365 * 86400


def test_a_session_goes_on_when_the_pump_still_runs_after_the_restart() -> None:
    device = classified()
    device.wait(300)
    began, number = device.last.started_at, device.last.number
    again = device.restart(40)
    assert (again.screen, again.live["phase"]) == ("timer", "paused")
    again.pump(True, lasts=4)
    assert again.live["phase"] == "pumping"
    again.wait(100)
    again.pump(False, lasts=121)
    said = again.last
    assert (said.number, said.started_at, said.interrupted) == (number, began, False)
    assert said.ended_at == began + said.duration_s
    assert said.pumping_s == said.duration_s, "it pumped all the while"
    assert len(again.state.sessions) == 1


def test_after_a_clean_stop_it_goes_on_just_so() -> None:
    device = running(rules=Device().settings.rules)
    device.wait(17)
    again = device.restart(5, cut=False)
    again.pump(True, lasts=10)
    assert again.last.duration_s == 37


def test_a_session_that_the_cut_ended_is_interrupted_at_the_last_moment_it_is_known_to_have_run() -> None:
    device = running()
    device.wait(290)
    cut_at = device.wall
    again = device.restart(3600)
    said = again.last
    assert (said.state, said.interrupted, said.cause) == (SessionState.ENDED, True, Cause.INTERRUPTED)
    assert said.ended_at is not None
    assert cut_at - 30 <= said.ended_at <= cut_at
    assert said.duration_s == said.ended_at - said.started_at


def test_its_question_is_open_for_ask_s_from_the_restart() -> None:
    device = running()
    device.wait(290)
    again = device.restart(3600)
    assert again.screen == "purpose"
    again.wait(599)
    assert again.screen == "purpose"
    again.wait(2)
    assert (again.screen, again.live["session"]) == ("idle", None)


def test_where_the_pump_is_waited_for_the_question_still_counts_from_the_restart() -> None:
    again = ended(running(), 290).restart(1)
    assert again.screen == "purpose"
    device = running()
    device.wait(290)
    again = device.restart(10)
    again.wait(130)
    assert (again.last.interrupted, again.screen) == (True, "purpose")
    again.wait(480)
    assert again.screen == "idle"


@pytest.mark.parametrize("downtime", [2, 60, 3600])
@pytest.mark.parametrize("boot", [None, "boot-2"])
def test_a_session_that_rested_at_the_cut_is_ended_by_its_pause(downtime: int, boot: str | None) -> None:
    device = classified()
    device.wait(295)
    device.pump(False, lasts=30)
    again = device.restart(downtime, boot=boot)
    again.wait(121)
    said = again.last
    assert (said.state, said.cause, said.interrupted) == (SessionState.ENDED, Cause.ENDED, False)
    assert said.duration_s == 303
    assert again.screen == ("volume" if downtime < 600 else "idle")
    again.wait(600 - 30 - 121 - downtime - 1)
    assert again.screen == ("volume" if downtime < 600 else "idle")
    again.wait(2)
    assert again.screen == "idle", "its question counts from its end"


def test_a_pause_is_no_longer_for_a_restart_in_it() -> None:
    device = classified()
    device.wait(295)
    device.pump(False, lasts=60)
    again = device.restart(2, cut=False)
    again.wait(60)
    again.pump(True, lasts=4)
    assert [one.number for one in again.state.sessions] == [1, 2]


def test_a_motor_that_was_stopped_by_hand_stays_muted_through_a_restart() -> None:
    device = classified()
    device.wait(400)
    device.order("stop")
    device.wait(20)
    again = device.restart(3)
    again.pump(True, lasts=300)
    assert len(again.state.sessions) == 1
    again.pump(False, lasts=5)
    again.pump(True, lasts=5)
    assert len(again.state.sessions) == 2
    fresh = ended().restart(3)
    fresh.pump(True, lasts=5)
    assert len(fresh.state.sessions) == 2, "a pause had ended it"


def test_a_pump_that_is_heard_too_late_starts_another() -> None:
    device = classified()
    device.wait(300)
    again = device.restart(100)
    again.wait(30)
    assert again.last.interrupted
    again.pump(True, lasts=4)
    assert [one.number for one in again.state.sessions] == [1, 2]


def test_a_session_by_hand_goes_on_within_pause_s_and_is_cut_off_after() -> None:
    for downtime, goes_on in ((100, True), (130, False)):
        device = Device()
        device.order("start")
        device.wait(200)
        again = device.restart(downtime)
        assert (again.state.running is not None) is goes_on
        assert again.last.interrupted is not goes_on
        if goes_on:
            assert again.order("stop")["session"]["duration_s"] == 300


def test_a_second_cut_loses_no_more_than_30_s_either() -> None:
    device = Device()
    device.order("start")
    device.wait(200)
    again = device.restart(100).restart(1)
    assert again.order("stop")["session"]["duration_s"] >= 300
    device = classified()
    device.wait(300)
    waits = device.restart(40)
    waits.order("note", text="written while it waits for the pump")
    again = waits.restart(40)
    again.pump(True, lasts=4)
    again.pump(False, lasts=121)
    assert (again.last.pauses, again.last.pumping_s) == (0, again.last.duration_s)
    assert again.last.duration_s >= 380


def test_after_another_boot_the_clock_tells_the_downtime() -> None:
    device = classified()
    device.wait(300)
    again = device.restart(50, boot="boot-2")
    again.pump(True, lasts=4)
    assert (again.last.number, again.last.duration_s) == (1, 308 + 50 + 4)
    device = classified()
    device.wait(300)
    again = device.restart(500, boot="boot-2")
    assert again.last.interrupted


def test_where_the_clock_cannot_tell_a_pump_that_runs_is_taken_for_the_same() -> None:
    device = classified()
    device.wait(300)
    began = device.last.started_at
    again = device.restart(50, boot="boot-2", wall=WALL - YEAR, synced=False)
    again.pump(True, lasts=4)
    assert (again.last.number, again.last.started_at, again.last.clock) == (1, began, Clock.SYNCED)


def test_a_begin_that_only_a_boot_without_a_clock_has_seen_is_unsynced() -> None:
    device = Device()
    device.order("start")
    device.wait(60)
    began = device.last.started_at
    again = device.restart(50, boot="boot-2", wall=WALL - YEAR, synced=False, cut=False)
    again.pump(True, lasts=4)
    assert again.last.started_at == began + 60
    assert (again.last.sources, again.last.clock) == ((Source.DASHBOARD, Source.GPIO), Clock.UNSYNCED)
    edge, true = again.at - 4, WALL + 500.0
    again.clock(true, synced=True)
    assert (again.last.started_at, again.last.clock) == (round(true - (again.at - edge)), Clock.SYNCED)


def test_an_open_question_is_open_again_for_the_rest_of_its_time() -> None:
    device = ended(running())
    again = device.restart(60)
    assert again.screen == "purpose"
    again.wait(1)
    again.press("left", "left", "left")
    assert again.screen == "volume"
    last = again.restart(60)
    assert last.screen == "volume"
    last.wait(360)
    assert last.screen == "idle"


@pytest.mark.parametrize("short_is_over", [True, False])
def test_a_short_session_after_it_does_not_close_it(short_is_over: bool) -> None:
    device = ended(running())
    device.wait(20)
    device.pump(True, lasts=20)
    if short_is_over:
        device.pump(False, lasts=125)
    again = device.restart(2)
    again.wait(125)
    assert [one.counted for one in again.state.sessions] == [True, False]
    assert (again.screen, again.live["session"]["id"]) == ("purpose", again.state.sessions[0].id)


def test_the_question_of_a_session_that_was_cut_off_counts_from_the_first_restart() -> None:
    device = running()
    device.wait(400)
    again = device.restart(3600, boot="boot-2")
    again.wait(60)
    twice = again.restart(2, boot="boot-3")
    assert (twice.screen, twice.last.interrupted) == ("purpose", True)
    twice.wait(537)
    assert twice.screen == "purpose"
    twice.wait(2)
    assert twice.screen == "idle"


def test_treats_note_is_not_shown_again_in_its_sitting_after_a_restart() -> None:
    device = running()
    device.press("right", "left", "right", "right", "left")
    again = device.restart(2)
    again.pump(True, lasts=5)
    assert again.screen == "timer"
    again.press("left", "right", "left")
    assert again.screen == "timer"


def test_what_was_answered_is_not_asked_again_after_a_restart() -> None:
    device = ended()
    device.press("middle", "right", "right")
    assert device.restart(1).screen == "status"


def test_a_short_session_that_was_cut_off_is_kept_and_not_counted() -> None:
    device = running()
    device.wait(25)
    again = device.restart(3600)
    assert (again.screen, again.body.kind) == ("note", NoteKind.SHORT)
    assert (again.last.counted, again.last.interrupted) == (False, True)


def test_a_stuck_sensor_is_still_warned_of() -> None:
    device = classified()
    device.wait(7200)
    again = device.restart(1)
    assert again.screen == "warning"
    again.wait(1)
    again.press("right")
    assert again.keys[2] == "Stop"


def test_nothing_of_a_finished_session_is_lost() -> None:
    device = ended()
    device.press("middle", "right")
    said = device.last
    again = device.restart(100_000, boot="boot-2")
    assert again.session(said.id) == said


# -- the clock -------------------------------------------------------------------------------------------------


def test_times_are_unsynced_until_the_clock_is_and_then_corrected_with_a_new_revision() -> None:
    device = running(synced=False, wall=12345)
    began = device.at - 5
    ended(device)
    device.press("left", "left", "middle")
    device.order("nursing", effective=True)
    nursed = device.at
    assert device.last.clock is Clock.UNSYNCED
    assert device.last.use_by is None
    before = device.last.revision
    device.wait(1000)
    device.clock(WALL + device.at - ON, synced=True)
    said = device.last
    assert (said.clock, said.cause, said.revision) == (Clock.SYNCED, Cause.CLOCK, before + 1)
    assert said.started_at == WALL + began - ON
    assert said.ended_at == said.started_at + said.duration_s
    assert said.use_by is not None
    assert (device.fed.at, device.fed.clock) == (int(WALL + nursed - ON), Clock.SYNCED)
    assert device.state.first_record_at == said.started_at
    assert device.published("today")[-1]["last_24h"]["stimulations"] == 2


@pytest.mark.parametrize("off", [-56 * YEAR, 20 * YEAR])
def test_a_clock_that_is_years_off_hides_nothing_for_good(off: int) -> None:
    device = Device()
    device.order("nursing", effective=True)
    wrong = device.restart(60, boot="boot-2", wall=max(WALL + off, 100), synced=False)
    wrong.wait(11)
    wrong.pumped(300)
    wrong.wait(100)
    true_wall = device.wall + 60 + wrong.at - 5
    wrong.clock(true_wall, synced=True)
    assert wrong.published("today")[-1]["last_24h"]["stimulations"] == 2
    assert {one.clock for one in wrong.state.sessions} == {Clock.SYNCED}


def test_a_clock_that_was_set_while_it_ran_is_right_from_the_start() -> None:
    device = running(synced=False, wall=12345)
    device.clock(WALL + device.at - ON, synced=True)
    assert device.last.started_at == WALL + 11
    assert device.last.state is SessionState.RUNNING
    ended(device)
    assert device.last.clock is Clock.SYNCED


def test_a_restart_of_the_same_boot_corrects_what_came_before_it() -> None:
    device = ended(running(synced=False, wall=12345))
    again = device.restart(60, wall=WALL + device.at + 60 - ON, synced=True)
    assert (again.last.clock, again.last.started_at) == (Clock.SYNCED, WALL + 11)


def test_a_boot_that_never_learned_the_time_is_estimated_and_stays_unsynced() -> None:
    device = ended(running(synced=False, wall=WALL + 9 * YEAR))
    booted = WALL + 3600
    again = device.restart(60, boot="boot-2", wall=booted, synced=True)
    old = again.state.sessions[0]
    assert (old.clock, old.cause, old.ended_at) == (Clock.UNSYNCED, Cause.CLOCK, int(booted - again.at))
    twice = again.restart(60, boot="boot-3", wall=booted + 600, synced=True)
    assert twice.state.sessions[0] == old


@pytest.mark.parametrize("off", [-56 * YEAR, 9 * YEAR])
def test_after_two_reboots_the_order_is_right_whatever_the_clocks_said(off: int) -> None:
    first = ended(running())
    known = first.last
    second = first.restart(60, boot="boot-2", wall=max(WALL + off, 100), synced=False)
    second.pumped(300)
    second.order("nursing", effective=True)
    third = second.restart(60, boot="boot-3", wall=max(WALL + off, 100), synced=False)
    third.pumped(300)
    true = first.wall + 7200
    third.clock(true, synced=True)
    old, new = (one for one in third.state.sessions if one.number > known.number)
    assert (old.clock, new.clock) == (Clock.UNSYNCED, Clock.SYNCED)
    assert known.ended_at is not None
    assert old.ended_at is not None
    assert known.ended_at <= old.started_at < old.ended_at <= true - third.at <= new.started_at
    assert old.ended_at <= third.fed.at <= true - third.at


def test_corrected_times_make_the_sittings_that_they_are() -> None:
    device = Device()
    device.pumped(300)
    true = device.wall
    again = device.restart(60, boot="boot-2", wall=12345, synced=False)
    again.pump(True, lasts=300)
    assert again.last.sitting == again.last.id or again.state.sessions[0].sitting == again.state.sessions[0].id
    again.pump(False, lasts=121)
    again.clock(true + 60 + again.at - 5, synced=True)
    assert {one.sitting for one in again.state.sessions} == {again.state.sessions[0].id}


def test_with_a_clock_of_another_year_a_session_still_begins_at_its_first_edge() -> None:
    device = ended()
    again = device.restart(3600, boot="boot-2", wall=12345, synced=False)
    again.wait(20)
    at = again.at
    again.pump(True, lasts=3.5)
    newest = next(one for one in again.state.sessions if one.state is SessionState.RUNNING)
    assert newest.anchor is not None
    assert newest.anchor.at == at


@pytest.mark.parametrize(("off_s", "least", "most"), [(30, 60, 90), (85, 20, 35), (121, 4, 4), (1300, 4, 4)])
def test_a_clock_that_is_set_only_after_the_restart_tells_how_long_a_session_still_waits(
    off_s: int, least: int, most: int
) -> None:
    """Until then the power might have been off for a moment only. The last 30 s before a cut are known to nobody."""
    device = running()
    device.wait(290)
    wall, first = device.wall, device.last
    again = device.restart(boot="next", wall=wall - YEAR, synced=False)
    again.wait(4)
    assert again.state.running == first.id
    again.clock(wall + off_s + 4, synced=True)
    again.wait(max(least - 5, 0))
    assert (again.state.running == first.id) == (least > 4)
    again.wait(most - least + 2)
    assert again.state.running is None
    (ended,) = again.state.sessions
    assert ended.interrupted
    assert ended.ended_at is not None
    assert wall - 31 <= ended.ended_at <= wall + 1
    again.pump(True, lasts=30)
    assert again.state.running not in {first.id, None}, "what is heard now is another session"
