"""The session, sentence by sentence of the contract: when it begins, pauses and ends, and what its record says."""

from typing import Any

import pytest

from device.core.model.events import MotorEdge
from device.core.model.record import Cause, ClassifiedBy, Clock, Context, Purpose, Reason, SessionState, Source
from device.core.pump.witnesses import Rules
from device.core.record import memory
from tests.support.drive import ON, WALL, Device, classified, ended, expecting, running

HOUR = 3600


@pytest.fixture
def device() -> Device:
    return Device()


def first(device: Device) -> Any:
    return device.state.sessions[0]


# -- its beginning and its end ---------------------------------------------------------------------------------


def test_it_begins_at_the_first_edge_of_a_signal_that_lasts_three_seconds(device: Device) -> None:
    began = device.wall
    device.pump(True, lasts=2.9)
    assert device.state.running is None
    device.wait(0.2)
    assert device.last.started_at == began
    assert (device.last.state, device.last.cause, device.last.revision) == (SessionState.RUNNING, Cause.STARTED, 1)
    assert (device.last.sources, device.last.number) == ((Source.GPIO,), 1)


def test_a_debounced_edge_is_stamped_at_the_end_of_its_period_and_that_is_taken_back(device: Device) -> None:
    device.until(ON + 20.97)
    device.send(MotorEdge(device.at, True))
    device.wait(3.1)
    assert device.last.started_at == WALL + 21
    assert device.last.anchor is not None
    assert device.last.anchor.at == pytest.approx(ON + 20.97)


@pytest.mark.parametrize("verb", ["START", "RUN"])
def test_a_serial_start_or_run_begins_one_at_once(device: Device, verb: str) -> None:
    device.line(verb)
    assert (device.last.started_at, device.last.sources) == (device.wall, (Source.SERIAL,))


def test_a_session_by_hand_that_is_then_heard_begins_at_the_first_edge_heard(device: Device) -> None:
    device.press("right", "left")
    device.wait(30)
    heard = device.wall
    device.pump(True, lasts=3.1)
    assert device.last.started_at == heard
    assert (device.last.sources, device.last.purpose) == ((Source.BUTTON, Source.GPIO), Purpose.PROTECT)
    assert device.state.first_record_at == heard
    device.wait(97)
    device.pump(False, lasts=121)
    assert device.last.duration_s == 100


def test_a_start_by_command_is_the_dashboards(device: Device) -> None:
    assert device.order("start")["session"]["sources"] == ["dashboard"]


def test_pauses_are_no_pumping_time_and_are_counted_when_it_went_on(device: Device) -> None:
    device.pump(True, lasts=100)
    device.pump(False, lasts=60)
    device.pump(True, lasts=100)
    device.pump(False, lasts=121)
    said = device.last
    assert (said.duration_s, said.pumping_s, said.pauses) == (260, 200, 1)
    assert said.ended_at == said.started_at + 260
    assert [one.cause for one in device.revisions(said.id)] == [Cause.STARTED, Cause.ENDED], "a pause makes no revision"


def test_a_stop_in_a_pause_ends_it_when_the_motor_went_quiet(device: Device) -> None:
    device.pump(True, lasts=100)
    device.pump(False, lasts=50)
    reply = device.order("stop")
    assert reply["session"]["duration_s"] == 100


def test_a_motor_that_runs_on_after_a_stop_by_hand_must_fall_quiet_first(device: Device) -> None:
    device.pump(True, lasts=100)
    device.order("stop")
    device.wait(300)
    assert device.state.running is None
    device.pump(False, lasts=5)
    device.pump(True, lasts=5)
    assert device.last.number == 2


def test_wire_and_link_that_differ_by_more_than_ten_seconds_are_told_of(device: Device) -> None:
    device.line("START")
    device.wait(15)
    device.pump(True, lasts=100)
    device.line("STOP")
    device.pump(False, lasts=20)
    assert device.last.disagreement_s == 15
    assert device.last.sources == (Source.SERIAL, Source.GPIO)


# -- durations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [0.0, 0.1, 0.49, 0.51, 0.75, 0.99])
@pytest.mark.parametrize("lasted", [61.0, 61.2, 61.49, 61.51, 61.95])
def test_start_and_end_are_each_the_nearest_second_and_the_duration_is_their_difference(
    off: float, lasted: float
) -> None:
    device = Device()
    device.until(ON + 20 + off)
    device.pump(True, lasts=lasted)
    device.order("stop")
    said = device.last
    assert said.started_at == round(WALL + 20 + off)
    assert said.ended_at is not None
    assert abs(said.ended_at - (WALL + 20 + off + lasted)) <= 0.501
    assert said.duration_s == said.ended_at - said.started_at
    assert said.pumping_s == said.duration_s, "it never rested"


def test_the_record_is_as_the_timer_showed_it_to_the_nearest_second(device: Device) -> None:
    device.pump(True, lasts=3.2)
    device.press("left", "left", "left")
    device.wait(100.7)
    shown = device.body.pumping_s
    device.order("stop")
    assert device.last.pumping_s - shown in {0, 1}


def test_durations_come_from_the_monotonic_clock_though_the_clock_jumps() -> None:
    device = running(synced=False)
    device.clock(device.wall + 86400, synced=False)
    device.wait(95)
    device.order("stop")
    assert device.last.duration_s == 100


def test_a_revision_while_it_runs_says_how_long_it_has_run() -> None:
    device = running()
    device.wait(50)
    device.press("left")
    saved = device.revisions(device.last.id)[-1]
    assert (saved.duration_s, saved.pumping_s) == (55, 55)  # type: ignore[union-attr]


def test_under_a_minute_it_is_kept_but_not_counted(device: Device) -> None:
    device.pumped(59.9)
    assert (first(device).counted, first(device).pumping_s) == (False, 59)
    device.wait(800)
    device.pumped(60)
    assert device.last.counted
    assert device.published("today")[-1]["last_24h"]["stimulations"] == 1


def test_a_running_one_is_not_counted_yet(device: Device) -> None:
    device.pump(True, lasts=300)
    device.press("left")
    assert not device.revisions(device.last.id)[-1].counted  # type: ignore[union-attr]
    assert device.published("today")[-1]["last_24h"]["stimulations"] == 0


def test_past_max_session_s_it_is_stuck_and_kept() -> None:
    device = running(rules=Rules(max_session_s=100))
    device.wait(96)
    assert (device.last.stuck_sensor, device.last.cause) == (True, Cause.STUCK_SENSOR)
    device.pump(False, lasts=121)
    assert (device.last.stuck_sensor, device.last.state) == (True, SessionState.ENDED)


def test_cycles_per_minute_are_the_mean_of_the_session() -> None:
    device = Device(rules=Rules(signal="pulses"))
    for _ in range(60):
        device.pump(True, lasts=0.3)
        device.pump(False, lasts=0.7)
    device.wait(200)
    assert device.last.cycles_per_minute == 60


# -- what the pump tells ---------------------------------------------------------------------------------------


def test_the_pump_tells_the_volume_of_the_running_session_or_of_one_that_just_ended() -> None:
    device = running()
    device.line("VOLUME", ml=40.5)
    assert device.last.volume_ml == 41
    ended(device)
    device.line("VOLUME", ml=80)
    assert (device.last.volume_ml, device.last.cause) == (80, Cause.VOLUME)
    device.wait(600)
    device.line("VOLUME", ml=99)
    assert device.last.volume_ml == 80


def test_the_volume_that_is_told_after_drying_the_tubing_is_not_the_drying_runs() -> None:
    device = ended()
    device.wait(60)
    device.pumped(20, rest=125)
    device.line("VOLUME", ml=80)
    assert [(one.counted, one.volume_ml) for one in device.state.sessions] == [(True, 80), (False, None)]
    device.line("START")
    device.line("VOLUME", ml=1)
    assert device.last.volume_ml == 1, "the running session comes first"
    device.line("STOP", t=0)
    device.wait(400)
    device.line("VOLUME", ml=2)
    assert [one.volume_ml for one in device.state.sessions] == [80, None, 2], "of a counted one within ask_s, else"


def test_the_volume_of_a_stop_is_that_of_the_session_it_speaks_of() -> None:
    device = Device()
    device.line("START")
    device.wait(300)
    device.line("STOP", t=300, ml=80)
    device.wait(60)
    device.line("START")
    device.wait(20)
    device.line("STOP", t=20, ml=0)
    device.wait(2)
    device.line("STOP", t=20, ml=0)
    assert [one.volume_ml for one in device.state.sessions] == [80, 0]


def test_a_volume_by_hand_is_never_overwritten_by_the_pumps() -> None:
    device = running()
    device.order("volume", ml=70)
    device.line("VOLUME", ml=80)
    assert device.last.volume_ml == 70


def test_the_volume_is_not_given_to_a_session_that_another_clock_dated() -> None:
    device = Device()
    device.order("add", started_at="2026-03-01T01:00:00Z", duration_s=600)
    old = device.restart(30, boot="boot-2", wall=100_000, synced=False)
    old.wait(11)
    old.line("START")
    old.wait(100)
    old.line("STOP", ml=80)
    unsynced = next(one for one in old.state.sessions if one.clock is Clock.UNSYNCED)
    assert unsynced.volume_ml == 80
    assert [one.volume_ml for one in old.state.sessions if one.clock is Clock.SYNCED] == [None]


def test_a_stop_of_a_session_that_nobody_heard_is_recorded_and_asked_about(device: Device) -> None:
    now = device.wall
    device.line("STOP", t=600, ml=85)
    said = device.last
    assert (said.started_at, said.ended_at, said.volume_ml, said.counted) == (now - 600, now, 85, True)
    assert (said.revision, said.cause, said.sources) == (1, Cause.ENDED, (Source.SERIAL,))
    assert device.screen == "purpose"


def test_a_repeated_stop_is_no_other_session() -> None:
    device = Device()
    device.line("START")
    device.wait(600)
    device.line("STOP", t=600, ml=85)
    device.wait(2)
    device.line("STOP", t=600, ml=85)
    assert len(device.state.sessions) == 1


@pytest.mark.parametrize("said", [{}, {"t": 0.0}, {"t": 0.5}, {"t": 500.0}])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_stop_whose_start_was_missed_changes_no_amount_of_the_session_before(
    said: dict[str, float], restarted: bool
) -> None:
    device = Device()
    device.line("START")
    device.wait(600)
    device.line("STOP", t=600, ml=85)
    device.wait(5)
    device = device.restart(5) if restarted else device
    device.wait(30)
    device.line("STOP", **said, ml=30)
    assert [(one.duration_s, one.volume_ml) for one in device.state.sessions] == [(600, 85)]


def test_nor_that_of_one_before_a_session_that_was_deleted() -> None:
    device = Device()
    device.line("START")
    device.wait(600)
    device.line("STOP", t=600, ml=85)
    device.wait(5)
    device.order("delete", session=device.pumped(70))
    device.line("STOP", ml=30)
    assert [(one.deleted, one.volume_ml) for one in device.state.sessions] == [(False, 85), (True, None)]


def test_a_session_by_hand_that_was_forgotten_ends_and_is_asked_about() -> None:
    device = Device(rules=Rules(max_session_s=1000))
    device.press("right", "left", "left")
    began = device.last.started_at
    device.until(device.at + 998)
    assert device.last.state is SessionState.ENDED
    assert (device.last.ended_at, device.last.interrupted, device.last.cause) == (
        began + 1000,
        True,
        Cause.INTERRUPTED,
    )
    assert not device.last.stuck_sensor
    assert device.screen == "volume"
    device.wait(598)
    assert device.screen == "volume", "for ask_s"
    device.wait(5)
    assert device.screen == "idle"
    device.wait(7000)
    heard = device.wall
    device.pump(True, lasts=70)
    assert [one.started_at for one in device.state.sessions] == [began, heard]
    assert device.last.purpose is None


@pytest.mark.parametrize("later", [200, 400, 3000])
def test_a_stop_after_a_pause_that_is_over_gives_its_session_the_volume_and_is_no_other(later: int) -> None:
    device = Device()
    device.line("START")
    device.wait(300)
    device.line("PAUSE", t=300)
    device.wait(later)
    device.line("STOP", t=300, ml=80)
    assert [(one.duration_s, one.volume_ml) for one in device.state.sessions] == [(300, 80)]


def test_a_stop_gives_nothing_to_a_session_after_the_time_it_speaks_of() -> None:
    device = Device()
    device.line("START")
    device.wait(300)
    device.line("PAUSE", t=300)
    device.wait(130)
    device.pumped(70)
    device.line("STOP", t=300, ml=80)
    assert [one.volume_ml for one in device.state.sessions] == [80, None]


def test_a_stop_about_a_session_that_was_added_gives_it_its_volume(device: Device) -> None:
    device.wait(1000)
    device.order("add", started_at="2026-03-01T03:05:00Z", duration_s=600)
    device.line("STOP", t=700, ml=85)
    assert [one.volume_ml for one in device.state.sessions] == [85]


def test_a_run_that_joins_late_never_joins_before_the_end_of_a_session_that_was_added(device: Device) -> None:
    device.wait(1000)
    device.order("add", started_at="2026-03-01T03:10:00Z", duration_s=300)
    end = device.last.ended_at
    device.line("RUN", t=600)
    device.wait(10)
    device.line("STOP")
    assert device.last.started_at == end
    assert device.last.ended_at == device.wall


# -- what goes with it -----------------------------------------------------------------------------------------


def test_the_suggestion_stays_as_it_was_when_the_session_began() -> None:
    device = Device()
    device.press("left", "middle", "right")
    device.wait(60)
    device.pump(True, lasts=5)
    said = device.last.suggestion
    assert said is not None
    assert (said.purpose, said.reason) == (Purpose.PROTECT, Reason.COMPLETE_NURSING)
    assert said.context is Context.AFTER_INEFFECTIVE_NURSING
    device.order("delete", nursing=device.fed.id)
    ended(device)
    assert device.last.suggestion == said


def test_the_expectation_is_that_of_the_purpose_answered_and_is_fixed_at_the_end() -> None:
    device = expecting()
    device.pump(True, lasts=5)
    assert device.last.expectation_ml == 90, "of the purpose suggested"
    device.press("middle")
    assert device.last.expectation_ml is None, "of the purpose answered"
    device.order("classify", purpose="protect")
    ended(device)
    device.order("classify", purpose="treat")
    assert device.last.expectation_ml == 90


def test_added_sessions_have_neither_suggestion_nor_expectation() -> None:
    device = expecting()
    added = device.order("add", started_at="2026-03-01T00:00:00Z", duration_s=900, purpose="protect")["session"]
    assert (added["suggestion"], added["expectation_ml"], added["sources"]) == (None, None, ["added"])


def test_use_by_follows_from_the_end_and_the_intention() -> None:
    device = ended()
    assert device.last.ended_at is not None
    assert device.last.use_by == device.last.ended_at + 4 * 24 * HOUR
    device.order("classify", intention="feed")
    assert device.last.use_by == device.last.ended_at + 4 * HOUR
    device.order("classify", intention=None)
    assert device.last.use_by is None
    unset = ended(classified(synced=False))
    assert unset.last.use_by is None, "no time beats a wrong one"


# -- sittings --------------------------------------------------------------------------------------------------


def test_power_pumping_is_one_sitting_and_one_stimulation(device: Device) -> None:
    device.pump(True, lasts=5)
    device.press("left", "left", "left")
    device.wait(1200)
    device.pump(False, lasts=600)
    device.pump(True, lasts=600)
    device.pump(False, lasts=700)
    device.pump(True, lasts=600)
    device.pump(False, lasts=200)
    sittings = {one.sitting for one in device.state.sessions}
    assert sittings == {first(device).id}
    assert len(device.state.sessions) == 3
    told = device.published("today")[-1]
    assert (told["last_24h"]["stimulations"], told["last_24h"]["pumpings"]["protect"]) == (1, 1)
    assert told["unclassified"] == 0


def test_a_session_after_the_sitting_begins_its_own(device: Device) -> None:
    device.pumped(100)
    device.wait(600.5)
    device.pump(True, lasts=4)
    assert device.last.sitting == device.last.id
    assert device.last.purpose is None


def test_a_deleted_session_is_no_part_of_a_sitting() -> None:
    device = ended()
    device.order("delete", session=device.last.id)
    device.wait(60)
    device.pump(True, lasts=4)
    assert (device.last.sitting, device.last.purpose) == (device.last.id, None)
    device.order("restore", session=first(device).id)
    assert device.last.sitting == first(device).id
    assert (device.last.cause, device.last.purpose) == (Cause.EDITED, Purpose.PROTECT), "it had none, and takes one"
    assert device.last.classified_by is ClassifiedBy.SITTING


def test_why_changes_an_inherited_purpose_like_any_other_and_only_there() -> None:
    device = ended()
    device.wait(60)
    device.pump(True, lasts=5)
    device.press("left", "middle", "right")
    assert (device.last.purpose, device.last.classified_by) == (Purpose.PROMOTE, ClassifiedBy.BUTTON)
    assert first(device).purpose is Purpose.PROTECT
    device.order("classify", session=first(device).id, purpose="treat")
    assert device.last.purpose is Purpose.PROMOTE


def test_a_corrected_answer_corrects_what_it_had_filled_but_not_what_inherited() -> None:
    device = ended(running())
    early = device.last.id
    device.wait(60)
    device.pump(True, lasts=5)
    device.press("left", "left")
    device.hold("right", 0.5)
    device.wait(1)
    device.hold("right", 0.5)
    device.wait(1)
    device.press("middle")
    assert (device.session(early).purpose, device.session(early).reason) == (Purpose.PROMOTE, None)
    ended(device)
    device.wait(60)
    device.pump(True, lasts=5)
    heir = device.last
    assert heir.purpose is Purpose.PROMOTE
    device.order("classify", session=device.state.sessions[1].id, purpose="protect")
    assert device.session(early).purpose is Purpose.PROTECT
    assert device.session(heir.id).purpose is Purpose.PROMOTE


def test_the_intention_of_a_classified_session_is_not_filled_from_a_later_one() -> None:
    device = ended(running())
    device.press("left")
    device.wait(25)
    early = device.last.id
    device.wait(60)
    device.pump(True, lasts=5)
    device.press("middle", "left")
    assert (device.last.intention, device.session(early).intention) == ("feed", None)


# -- old records -----------------------------------------------------------------------------------------------


def test_a_record_from_before_what_is_remembered_can_still_be_corrected(device: Device) -> None:
    long_ago = device.order("add", started_at="2026-01-10T10:00:00Z", duration_s=900)["session"]
    after = device.order("add", started_at="2026-01-10T10:20:00Z", duration_s=900)["session"]
    for _ in range(9):
        device.order("nursing", effective=True)
    assert after["sitting"] == long_ago["id"]
    for number in range(9):
        device.order("add", started_at=f"2026-02-2{number}T10:00:00Z", duration_s=900)
    device.wait(memory.TIDY_S)
    device.order("baseline", stimulations=8)
    assert {one.id for one in device.state.sessions}.isdisjoint({long_ago["id"], after["id"]})
    moved = device.order(
        "edit", session=long_ago["id"], started_at="2026-01-10T09:00:00Z", ended_at="2026-01-10T09:10:00Z"
    )
    assert moved["ok"]
    now = {one.id: one for one in device.disk.sessions()}
    assert now[after["id"]].sitting == after["id"], "its neighbour stands alone now"
    assert device.state.first_record_at == now[long_ago["id"]].started_at
    clash = device.order(
        "edit", session=long_ago["id"], started_at="2026-01-10T10:21:00Z", ended_at="2026-01-10T10:22:00Z"
    )
    assert clash["code"] == "out_of_range"
    device.order("classify", session=after["id"], purpose="treat")
    assert {one.id: one for one in device.disk.sessions()}[after["id"]].purpose is Purpose.TREAT
    assert {one.id for one in device.state.sessions}.isdisjoint({long_ago["id"], after["id"]})


def test_the_first_record_may_go_or_come(device: Device) -> None:
    early = device.order("nursing", effective=True, at="2026-02-20T10:00:00Z")["nursing"]
    later = device.order("nursing", effective=True, at="2026-02-25T10:00:00Z")["nursing"]
    assert device.state.first_record_at == device.nursing(early["id"]).at
    device.order("delete", nursing=early["id"])
    assert device.state.first_record_at == device.nursing(later["id"]).at
    device.order("edit", nursing=later["id"], at="2026-02-26T10:00:00Z")
    assert device.state.first_record_at == device.nursing(later["id"]).at
    device.order("restore", nursing=early["id"])
    assert device.state.first_record_at == device.nursing(early["id"]).at
