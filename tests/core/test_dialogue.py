"""The contract's table of screens, a row after the other: what each shows and where its buttons lead."""

import pytest

from device.core.dialogue import SCREENS
from device.core.model.events import StoreState
from device.core.model.record import Cause, ClassifiedBy, Intention, Purpose, Reason, Since, Source
from device.core.model.view import (
    HealthBody,
    Icon,
    IdleBody,
    NoteKind,
    ReachBody,
    SavedNursing,
    SavedVolume,
    ScreenName,
    WarningKind,
)
from device.core.rules.sittings import DAY_S
from device.screens import words
from tests.support.drive import Device, classified, ended, expecting, running


@pytest.fixture
def device() -> Device:
    return Device()


# -- the table, a row after the other --------------------------------------------------------------------------


def test_idle_leads_to_nursed_last_and_a_start(device: Device) -> None:
    assert device.keys == ("Nursed", "Last", "Start")
    device.press("left")
    assert device.screen == "nursed"
    device.press("right", "middle")
    assert device.screen == "last"
    device.press("right", "right")
    assert device.screen == "purpose"
    assert device.last.sources == (Source.BUTTON,)


def test_idle_says_the_clock_the_count_and_what_is_wrong() -> None:
    device = Device(broker=False, synced=False)
    assert device.body.local is None
    assert device.body.icons == (Icon.UNLINKED,)
    device.clock(device.wall, synced=True)
    assert device.body.local is not None
    device.press("left", "left", "right")
    assert (device.body.stimulations, device.body.baseline, device.body.last) == (1, 8, "nursed")


def test_all_of_it_is_four_presses_and_the_amount() -> None:
    device = expecting()
    device.pump(True, lasts=5)
    assert device.keys == ("Protect", "Promote", "Treat")
    assert device.view.suggested == 0
    device.press("left")
    assert (device.screen, device.keys) == ("reason", ("In place", "Finish", "Skip"))
    device.press("left")
    assert (device.screen, device.keys) == ("intention", ("Feed", "Fridge", "Freezer"))
    assert device.body.answered is Reason.IN_PLACE_OF_NURSING
    assert device.body.expectation_ml == 90
    device.press("middle")
    assert device.screen == "timer"
    assert (device.body.purpose, device.body.intention) == (Purpose.PROTECT, Intention.FRIDGE)
    ended(device)
    assert (device.screen, device.body.amount, device.keys) == ("volume", 90, ("−", "+", "Save"))
    device.press("left", "right")
    assert device.screen == "saved"
    assert isinstance(device.body, SavedVolume)
    assert (device.body.amount, device.last.volume_ml) == (85, 85)
    assert device.body.use_by is not None
    device.press("right")
    assert device.screen == "idle"
    causes = [one.cause for one in device.revisions(device.last.id)]
    assert causes == [Cause.STARTED, *[Cause.CLASSIFIED] * 3, Cause.ENDED, Cause.VOLUME]


@pytest.mark.parametrize(
    ("left_s", "under_a_day"), [(DAY_S + 1, False), (DAY_S, False), (DAY_S - 1, True), (0, True), (-1, False)]
)
def test_saved_says_a_time_where_the_milk_keeps_for_under_a_day(left_s: int, under_a_day: bool) -> None:
    device = ended(classified())
    device.press("right")
    device.order("classify", session=device.last.id, intention="fridge")
    use_by = device.last.use_by
    assert use_by is not None
    device.wait(use_by - left_s - device.wall - 10)
    device.press("right", "middle", "middle", "right", "middle")
    assert device.screen == "volume"
    device.wait(use_by - left_s - device.wall - 0.1)
    device.press("right")
    assert isinstance(device.body, SavedVolume)
    assert (device.body.use_by is not None, device.body.under_a_day) == (True, under_a_day)
    assert ("use by 3:06." if under_a_day else "use by 5 Mar.") in words(device.view)


@pytest.mark.parametrize(
    ("key", "purpose", "keys"),
    [
        ("left", Purpose.PROTECT, ("In place", "Finish", "Skip")),
        ("middle", Purpose.PROMOTE, ("Raise", "Collect", "Skip")),
        ("right", Purpose.TREAT, ("Duct", "Mastitis", "Nipple")),
    ],
)
def test_each_purpose_asks_for_its_reasons(key: str, purpose: Purpose, keys: tuple[str, ...]) -> None:
    device = running()
    device.press(key)
    assert (device.screen, device.keys, device.last.purpose) == ("reason", keys, purpose)
    assert device.last.classified_by is ClassifiedBy.BUTTON
    assert device.live["buttons"] == list(keys)


def test_skip_leaves_the_reason_open_and_goes_on() -> None:
    device = running()
    device.press("left", "right")
    assert (device.screen, device.last.reason) == ("intention", None)


def test_the_third_reason_of_treat_is_on_the_right() -> None:
    device = running()
    device.press("right", "right")
    assert device.last.reason is Reason.NIPPLE_PAIN
    assert device.screen == "note"


def test_treats_note_has_two_pages_then_the_milk_is_asked_for() -> None:
    device = running()
    device.press("right", "left")
    assert (device.screen, device.keys) == ("note", (None, None, "More"))
    assert (device.body.kind, device.body.answered) == (NoteKind.TREAT_RHYTHM, Reason.PLUGGED_DUCT)
    device.press("right")
    assert (device.body.kind, device.keys) == (NoteKind.TREAT_CLINICIAN, (None, None, "OK"))
    device.press("right")
    assert device.screen == "intention"


def test_the_note_left_alone_turns_its_page_after_a_minute_and_leaves_after_another() -> None:
    device = running()
    device.press("right", "left")
    device.wait(58)
    assert (device.screen, device.body.kind) == ("note", NoteKind.TREAT_RHYTHM)
    device.wait(2)
    assert (device.screen, device.body.kind) == ("note", NoteKind.TREAT_CLINICIAN)
    device.wait(58)
    assert device.screen == "note"
    device.wait(3)
    assert device.screen == "timer"


def test_treats_note_comes_too_when_reason_is_left_alone_and_then_nothing_more_is_asked() -> None:
    device = running()
    device.press("right")
    device.wait(20)
    assert (device.screen, device.body.answered) == ("note", Purpose.TREAT)
    device.press("right", "right")
    assert device.screen == "timer"


def test_treats_note_comes_once_a_sitting() -> None:
    device = running()
    device.press("right", "left", "right", "right", "left")
    device.press("left", "right", "right")
    assert device.last.reason is Reason.NIPPLE_PAIN
    assert device.screen == "timer"
    ended(device)
    device.wait(100)
    device.pump(True, lasts=5)
    device.press("left", "right", "left")
    assert device.screen == "timer"


def test_the_timer_leads_to_why_and_to_the_milk() -> None:
    device = classified()
    assert device.keys == ("Why", "Milk for", None)
    device.press("middle", "right")
    assert (device.screen, device.last.intention) == ("timer", Intention.FREEZER)
    device.press("left")
    assert device.screen == "purpose"
    assert device.body.correcting == (Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING)
    device.press("middle")
    assert (device.last.purpose, device.last.reason) == (Purpose.PROMOTE, None)


def test_the_timer_asks_why_while_nobody_has_said_and_stands_still_in_a_pause() -> None:
    device = running()
    device.hold("right", 0.4)
    device.wait(1)
    assert (device.screen, device.keys) == ("timer", ("Why?", "Milk for", None))
    device.wait(60)
    device.pump(False, lasts=45)
    stands = device.body.pumping_s
    assert (device.body.ends_in_s, device.live["phase"]) == (75, "paused")
    device.wait(5)
    assert (device.body.pumping_s, device.body.ends_in_s) == (stands, 70)


def test_only_an_unwitnessed_session_has_stop() -> None:
    device = Device()
    device.press("right")
    device.press("left", "left", "left")
    assert device.keys[2] == "Stop"
    device.wait(100)
    device.press("right")
    assert device.screen == "volume"
    device = Device()
    device.press("right", "left", "left", "left")
    device.pump(True, lasts=4)
    assert device.keys[2] is None
    device.press("right")
    assert device.state.running


@pytest.mark.parametrize(("since", "ago_min"), [(Since.START, 49), (Since.END, 29)])
def test_idle_counts_from_the_end_of_the_last_stimulation_that_people_chose(since: Since, ago_min: int) -> None:
    device = Device(since=since)
    device.pumped(20 * 60, rest=30 * 60)
    device.order("press", button="left")  # the display is dark: it only wakes
    assert isinstance(device.body, IdleBody)
    assert (device.body.last, round(device.body.last_ago_s / 60)) == ("pumped", ago_min)
    device.order("nursing", effective=True)
    assert device.body.last == "nursed"
    assert device.published("today")[-1]["since"] == since


def test_a_stuck_sensor_warns_and_can_be_stopped_on_the_timer() -> None:
    device = classified()
    device.wait(7200)
    assert (device.screen, device.body.kind, device.body.stop_on_timer) == ("warning", WarningKind.STUCK_SENSOR, True)
    assert device.last.stuck_sensor
    device.press("right")
    assert (device.screen, device.keys[2]) == ("timer", "Stop")
    device.wait(300)
    assert device.screen == "timer"
    device.press("right")
    assert device.screen == "volume"
    assert device.last.stuck_sensor
    device.press("right")
    assert (device.screen, Icon.WARNING in device.body.icons) == ("idle", True), "the line is active yet"
    device.wait(60)
    assert (device.screen, device.state.running) == ("idle", None)
    device.pump(False, lasts=1)
    assert Icon.WARNING not in device.body.icons


def test_saved_says_what_was_recorded_for_four_seconds() -> None:
    device = ended()
    device.press("middle")
    device.hold("right", 0.1)
    assert (device.screen, device.live["buttons"]) == ("saved", ["Undo", None, "OK"])
    device.wait(3.8)
    assert device.screen == "saved"
    device.wait(0.3)
    assert device.screen == "idle"


def test_undo_restores_the_former_amount_as_a_new_revision_and_opens_volume_again() -> None:
    device = ended()
    device.press("middle", "right")
    before = device.last.revision
    device.press("left")
    assert (device.screen, device.last.volume_ml, device.last.revision) == ("volume", None, before + 1)


def test_nursed_records_what_was_said_and_can_be_undone(device: Device) -> None:
    device.press("left", "middle")
    assert device.screen == "saved"
    assert isinstance(device.body, SavedNursing)
    assert (device.fed.effective, device.fed.source) == (False, Source.BUTTON)
    device.press("left")
    assert (device.screen, device.fed.deleted, device.fed.revision) == ("idle", True, 2)


def test_last_shows_the_eight_newest_then_status_then_the_newest_again() -> None:
    device = Device(off_after_s=0)
    for _ in range(5):
        device.pumped(70)
        device.wait(700)
        device.press("left", "left", "right")
    device.press("middle")
    shown = []
    for number in range(8):
        assert (device.screen, device.body.index, device.body.of) == ("last", number + 1, 8)
        shown.append(type(device.body.facts).__name__)
        device.press("left")
    assert shown == ["NursingFacts", "SessionFacts"] * 4
    assert (device.screen, type(device.body)) == ("status", ReachBody)
    device.press("left")
    assert (device.screen, type(device.body)) == ("status", HealthBody)
    device.press("left")
    assert (device.screen, device.body.index) == ("last", 1)
    device.press("right")
    assert device.screen == "idle"


def test_last_shows_the_running_session_too() -> None:
    device = Device()
    device.press("middle")
    device.pump(True, lasts=5)
    assert device.screen == "last"
    assert device.body.facts.running


def test_change_corrects_a_session_and_its_chain_ends_at_last() -> None:
    device = ended()
    device.press("right", "middle", "middle")
    assert (device.screen, device.keys) == ("change", ("Why", "Milk for", "ml"))
    device.press("left")
    assert device.body.correcting == (Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING)
    assert device.body.heading.of is not None
    device.press("middle", "middle")
    assert (device.screen, device.last.reason) == ("last", Reason.COLLECT_EXTRA_MILK)
    device.press("middle", "middle", "left")
    assert (device.screen, device.last.intention) == ("last", Intention.FEED)
    device.press("middle", "right")
    assert (device.screen, device.keys) == ("volume", ("−", "+", "Skip"))
    device.press("middle", "right", "right")
    assert (device.screen, device.last.volume_ml) == ("last", 60)


def test_change_corrects_a_nursing(device: Device) -> None:
    device.press("left", "left", "right", "middle", "middle")
    assert (device.screen, device.keys) == ("change", ("Yes", "No", "Delete"))
    device.press("middle")
    assert (device.screen, device.fed.effective) == ("saved", False)
    device.press("right")
    assert device.screen == "last"
    device.press("middle", "right")
    assert (device.screen, device.fed.deleted, device.body.deleted) == ("saved", True, True)
    device.press("left")
    assert (device.screen, device.fed.deleted, device.fed.cause) == ("last", False, Cause.RESTORED)


def test_a_person_who_saves_the_pumps_own_amount_has_given_it() -> None:
    device = ended()
    device.line("VOLUME", ml=85)
    assert device.screen == "idle"
    device.wait(1)
    device.press("middle", "middle", "right", "right")
    assert device.last.volume_by_hand
    device.line("VOLUME", ml=90)
    assert device.last.volume_ml == 85


def test_status_shows_for_ten_seconds_at_the_start() -> None:
    device = Device(at_home=False)
    assert (device.screen, type(device.body)) == ("status", ReachBody)
    device.wait(9.9)
    assert device.screen == "status"
    device.wait(0.2)
    assert device.screen == "idle"


def test_a_record_that_is_not_saved_is_a_warning_whose_icon_stays_on_idle(device: Device) -> None:
    device.disk_says(StoreState.FAILING)
    assert (device.screen, device.body.kind) == ("warning", WarningKind.NOT_SAVED)
    device.wait(600)
    assert device.screen == "warning"
    device.press("left", "right")
    assert (device.screen, device.body.icons[0]) == ("idle", Icon.WARNING)
    device.disk_says(StoreState.FULL)
    assert device.body.kind is WarningKind.DISK_FULL
    device.disk_says(StoreState.OK)
    assert (device.screen, Icon.WARNING in device.body.icons) == ("idle", False)


def test_every_screen_has_its_row() -> None:
    assert set(SCREENS) == set(ScreenName)
