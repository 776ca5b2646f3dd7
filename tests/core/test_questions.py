"""The questions: how long each waits, what a sitting inherits, what is not asked again, and who else may answer."""

import pytest

from device.core.model.record import ClassifiedBy, Intention, Purpose, Reason
from device.core.model.view import Hint, Lit, NoteKind
from tests.support.drive import Device, classified, ended, expecting, running


@pytest.fixture
def device() -> Device:
    return Device()


# -- left alone ------------------------------------------------------------------------------------------------


def test_one_press_is_enough() -> None:
    device = running()
    device.press("left")
    device.wait(20)
    assert device.screen == "timer"
    device.wait(400)
    device.pump(False, lasts=121)
    assert device.screen == "volume"
    device.wait(120)
    assert device.view.lit is Lit.DARK
    device.wait(600)
    assert device.screen == "idle"
    assert (device.last.purpose, device.last.reason, device.last.volume_ml) == (Purpose.PROTECT, None, None)


def test_reason_and_intention_left_alone_for_20_s_end_the_chain() -> None:
    device = running()
    device.press("left")
    device.wait(18.9)
    assert device.screen == "reason"
    device.wait(0.2)
    assert device.screen == "timer"
    device.wait(1)
    device.press("left", "left", "left")
    assert device.screen == "intention"
    device.wait(19.2)
    assert (device.screen, device.last.intention) == ("timer", None)


def test_purpose_stays_while_it_runs_and_ten_minutes_after_the_end_through_darkness() -> None:
    device = running()
    device.wait(3000)
    assert (device.screen, device.live["question"]) == ("purpose", "purpose")
    device.pump(False, lasts=300)
    assert (device.screen, device.view.lit) == ("purpose", Lit.DARK)
    device.press("left")
    assert (device.screen, device.view.lit, device.last.purpose) == ("purpose", Lit.ON, None)
    device.wait(297)
    assert device.screen == "purpose"
    device.wait(3)
    assert (device.screen, device.last.purpose, device.live["session"]) == ("idle", None, None)


def test_an_answer_that_is_looked_at_again_stays_too_but_makes_room_for_volume() -> None:
    device = classified()
    device.press("left")
    device.wait(300)
    assert device.screen == "purpose"
    device.hold("right", 0.5)
    device.wait(1)
    device.press("left", "left")
    device.hold("right", 0.5)
    device.wait(100)
    assert (device.screen, device.body.correcting[0]) == ("purpose", Purpose.PROTECT)
    ended(device)
    assert device.screen == "volume"


def test_an_open_purpose_comes_before_volume() -> None:
    device = ended(running())
    assert device.screen == "purpose"
    assert device.body.heading.pumped_s == 405
    device.press("left", "left", "left")
    assert device.screen == "volume"


def test_volume_waits_ten_minutes_from_the_end() -> None:
    device = ended()
    device.wait(478)
    assert device.screen == "volume"
    device.wait(2)
    assert device.screen == "idle"


@pytest.mark.parametrize(("presses", "screen"), [(["left"], "nursed"), (["middle"], "last")])
def test_other_screens_leave_after_30_s(device: Device, presses: list[str], screen: str) -> None:
    device.press(*presses)
    device.wait(28.9)
    assert device.screen == screen
    device.wait(0.2)
    assert device.screen == "idle"


def test_the_questions_about_an_old_record_leave_after_30_s_too() -> None:
    device = ended()
    device.press("right")
    device.wait(700)
    device.press("left", "middle", "middle", "left")
    assert device.screen == "purpose"
    device.wait(31)
    assert device.screen == "idle"


def test_a_press_restarts_what_a_screen_left_alone_counts() -> None:
    device = running()
    device.press("left")
    device.wait(15)
    device.hold("right", 0.5)
    device.wait(1)
    device.press("left")
    device.wait(18)
    assert device.screen == "reason"


# -- the short session -----------------------------------------------------------------------------------------


def test_a_short_session_is_kept_not_counted_for_four_seconds_and_asks_nothing(device: Device) -> None:
    device.pump(True, lasts=59)
    device.pump(False, lasts=120.1)
    assert (device.screen, device.body.kind, device.keys) == ("note", NoteKind.SHORT, (None, None, "OK"))
    device.wait(4)
    assert device.screen == "idle"
    assert not device.last.counted
    assert device.live["session"] is None


def test_drying_the_tubing_does_not_take_away_the_amount_that_was_asked_for() -> None:
    device = ended()
    device.wait(60)
    device.pump(True, lasts=20)
    assert device.screen == "timer"
    device.pump(False, lasts=121)
    device.wait(4)
    assert device.screen == "volume"
    device.press("middle", "right")
    assert device.state.sessions[0].volume_ml == 60


def test_a_short_session_that_the_last_screen_hides_is_told_of_afterwards(device: Device) -> None:
    device.press("middle")
    device.line("START")
    device.wait(2)
    device.line("STOP", t=2)
    assert device.screen == "last"
    device.wait(10)
    assert (device.screen, device.body.kind) == ("note", NoteKind.SHORT)


# -- sittings --------------------------------------------------------------------------------------------------


def test_the_next_of_a_sitting_goes_straight_to_the_timer_with_the_inherited_words() -> None:
    device = ended()
    device.press("right")
    device.wait(300)
    device.pump(True, lasts=4)
    assert device.screen == "timer"
    assert (device.body.purpose, device.body.intention) == (Purpose.PROTECT, Intention.FRIDGE)
    assert (device.last.classified_by, device.last.sitting) == (ClassifiedBy.SITTING, device.state.sessions[0].id)


def test_volume_comes_after_each_counted_stop_from_the_second_on_without_an_amount() -> None:
    device = expecting()
    device.pump(True, lasts=5)
    device.press("left", "left", "middle")
    assert ended(device).body.amount == 90
    device.press("right", "right")
    device.wait(200)
    device.pumped(100)
    assert (device.screen, device.body.amount, device.keys[2]) == ("volume", None, "Skip")


def test_a_sitting_that_nobody_has_classified_goes_on_asking_and_the_answer_fills_it() -> None:
    device = ended(running())
    first = device.last.id
    device.wait(100)
    device.pump(True, lasts=5)
    assert device.screen == "purpose"
    device.press("left", "middle", "left")
    filled = device.session(first)
    assert (filled.purpose, filled.reason, filled.intention) == (
        Purpose.PROTECT,
        Reason.COMPLETE_NURSING,
        Intention.FEED,
    )
    assert filled.classified_by is ClassifiedBy.SITTING


# -- the notes on Intention ------------------------------------------------------------------------------------


def test_protect_above_the_baseline_will_also_promote() -> None:
    device = Device(baseline=1)
    device.press("left", "left", "right")
    device.wait(3700)
    device.pump(True, lasts=5)
    device.press("left", "left")
    assert device.body.hint is Hint.ALSO_PROMOTES
    other = running(baseline=1)
    other.press("left", "left")
    assert other.body.hint is None


# -- what dashboards do to the screen --------------------------------------------------------------------------


def test_an_answer_to_the_question_on_the_screen_moves_it_on_as_the_press_would() -> None:
    device = running()
    device.order("classify", purpose="protect")
    assert device.screen == "reason"
    device.order("classify", reason="in_place_of_nursing")
    assert device.screen == "intention"
    device.order("classify", intention="donate")
    assert (device.screen, device.last.intention) == ("timer", Intention.DONATE)
    ended(device)
    device.order("volume", ml=70)
    assert (device.screen, device.body.amount) == ("saved", 70)
    device.wait(5)
    assert device.screen == "idle"


def test_one_answer_with_everything_ends_the_chain() -> None:
    device = running()
    device.order("classify", reason="collect_extra_milk", intention="freezer")
    assert (device.screen, device.last.purpose) == ("timer", Purpose.PROMOTE)


def test_any_other_answer_leaves_the_screen() -> None:
    device = running()
    device.order("classify", intention="feed")
    device.order("volume", ml=30)
    assert device.screen == "purpose"


def test_a_dashboard_that_moves_the_screen_is_guarded_against() -> None:
    device = running()
    device.order("classify", purpose="protect")
    device.wait(0.2)
    device.hold("left", 0.1)
    assert device.last.reason is None


def test_another_purpose_under_an_open_reason_asks_for_its_own_reasons() -> None:
    device = running()
    device.press("left")
    device.order("classify", purpose="treat")
    assert device.keys == ("Duct", "Mastitis", "Nipple")
    device.hold("left", 0.1)
    assert device.last.reason is None


def test_treats_note_goes_when_it_is_no_treatment_any_more() -> None:
    device = running()
    device.press("right", "left")
    device.order("classify", purpose="protect", reason="complete_nursing")
    assert device.screen == "timer"


def test_the_question_ends_where_another_of_the_sitting_was_answered() -> None:
    device = ended(running())
    first = device.last.id
    device.wait(60)
    device.pump(True, lasts=5)
    device.order("classify", session=first, purpose="protect")
    assert (device.screen, device.last.purpose) == ("timer", Purpose.PROTECT)


def test_deleting_the_session_that_is_asked_about_closes_its_question() -> None:
    device = ended(running())
    device.order("delete", session=device.last.id)
    assert (device.screen, device.live["session"], device.live["question"]) == ("idle", None, None)


def test_the_state_speaks_of_the_running_session_while_an_old_one_is_corrected() -> None:
    device = ended()
    device.wait(2000)
    device.press("left", "middle", "middle", "left")
    device.pump(True, lasts=4)
    assert device.screen == "purpose"
    assert device.live["session"]["id"] == device.last.id


def test_a_slow_disk_delays_no_picture(device: Device) -> None:
    device.holds = True
    device.press("left", "left")
    assert device.screen == "saved"
    device.pump(True, lasts=5)
    device.press("left")
    assert device.screen == "reason"
    assert len(device.waiting) == 3
    device.disk_goes_on()
    assert {one.id for one in device.disk.log} == {device.last.id, device.fed.id}
