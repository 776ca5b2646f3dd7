"""Three buttons under a thumb: when a press acts, what holding does, which press is no press, amounts, the light."""

import pytest

from device.core.model.events import MotorEdge, StoreState
from device.core.model.record import Purpose, Units
from device.core.model.view import Icon, Lit
from tests.support.drive import Device, classified, ended, running


@pytest.fixture
def device() -> Device:
    return Device()


# -- buttons ---------------------------------------------------------------------------------------------------


def test_left_and_middle_act_when_pressed_and_right_when_released(device: Device) -> None:
    device.down("left")
    assert device.state.dialogue.screen.value == "nursed"
    device.up("left")
    device.wait(1)
    device.down("right")
    assert device.screen == "nursed"
    device.wait(0.2)
    device.up("right")
    assert device.screen == "idle"


def test_right_reads_back_after_0_3_s_and_goes_back_when_let_go() -> None:
    device = running()
    device.press("right")
    device.down("right")
    device.wait(0.29)
    assert device.keys[2] == "Nipple"
    device.wait(0.02)
    assert (device.keys[2], device.view.pressed) == ("Back", 2)
    device.up("right")
    assert (device.screen, device.last.reason) == ("purpose", None)


def test_right_held_for_0_8_s_goes_back_by_itself_and_letting_go_does_nothing_more() -> None:
    device = running()
    device.press("right")
    device.down("right")
    device.wait(0.79)
    assert device.screen == "reason"
    device.wait(0.02)
    assert device.screen == "purpose"
    device.wait(3)
    device.up("right")
    assert device.screen == "purpose"


@pytest.mark.parametrize("seconds", [0.1, 0.5, 2.0])
def test_idle_and_timer_know_no_back_so_a_long_press_acts(device: Device, seconds: float) -> None:
    device.down("right")
    device.wait(seconds)
    assert device.keys[2] == "Start"
    device.up("right")
    device.wait(1)
    assert device.screen == "purpose"
    device.press("left", "left", "left")
    device.down("right")
    device.wait(seconds)
    assert (device.screen, device.keys[2]) == ("timer", "Stop")
    device.up("right")
    assert device.state.running is None


def test_a_presss_key_is_filled_while_it_is_down_and_for_120_ms_at_least(device: Device) -> None:
    device.down("middle")
    assert (device.view.screen.value, device.view.pressed) == ("idle", 1)
    device.wait(0.05)
    device.up("middle")
    assert (device.view.screen.value, device.view.pressed) == ("idle", 1)
    device.wait(0.08)
    assert (device.view.screen.value, device.view.pressed) == ("last", None)
    made = ended()
    made.hold("middle", 0.02)
    assert (made.body.amount, made.view.pressed) == (60, 1)
    made.wait(0.11)
    assert made.view.pressed is None
    made.down("middle")
    made.wait(0.4)
    assert made.view.pressed == 1


BACK = {
    "reason": (["left"], "purpose"),
    "purpose": ([], "timer"),
    "intention after reason": (["left", "left"], "reason"),
    "intention after the note": (["right", "left", "right", "right"], "note"),
    "the note": (["right", "left"], "reason"),
    "intention from the timer": (["left", "left", "left", "middle"], "timer"),
}


@pytest.mark.parametrize("name", BACK)
def test_back_leads(name: str) -> None:
    presses, leads = BACK[name]
    device = running()
    device.press(*presses)
    device.hold("right", 0.5)
    assert device.screen == leads


def test_back_from_purpose_after_the_end_is_volume_and_from_there_idle() -> None:
    device = ended(running())
    assert device.screen == "purpose"
    device.hold("right", 0.5)
    assert device.screen == "volume"
    device.wait(1)
    device.press("middle")
    device.hold("right", 0.5)
    assert (device.screen, device.last.volume_ml) == ("idle", None)


def test_back_from_change_is_last_and_from_a_correction_change() -> None:
    device = ended()
    device.press("right", "middle", "middle", "left")
    device.hold("right", 0.5)
    assert device.screen == "change"
    device.wait(1)
    device.hold("right", 0.5)
    assert device.screen == "last"
    device.wait(1)
    device.hold("right", 0.5)
    assert device.screen == "idle"


def test_back_on_saved_and_warning_is_ok() -> None:
    device = ended()
    device.press("middle", "right")
    device.hold("right", 0.5)
    assert (device.screen, device.last.volume_ml) == ("idle", 60)
    device.disk_says(StoreState.FAILING)
    device.wait(1)
    device.hold("right", 0.5)
    assert device.screen == "idle"


def test_a_press_meant_for_nursed_does_not_land_on_protect(device: Device) -> None:
    device.send(MotorEdge(device.at, True, settled=True))
    device.wait(3.2)
    assert device.screen == "purpose"
    device.hold("left", 0.1)
    assert (device.screen, device.last.purpose) == ("purpose", None)
    assert device.keys == ("Protect", "Promote", "Treat")
    device.wait(0.3)
    device.hold("left", 0.1)
    assert device.last.purpose is Purpose.PROTECT


@pytest.mark.parametrize("down_first", [True, False], ids=["under the finger", "just before it"])
def test_a_screen_that_the_situation_asks_for_again_is_no_change(device: Device, down_first: bool) -> None:
    device.line("START")
    device.disk_says(StoreState.FULL)
    device.wait(20)
    if down_first:
        device.down("right")
        device.line("STOP", t=20.0)
        device.wait(0.1)
        device.up("right")
    else:
        device.line("STOP", t=20.0)
        assert device.screen == "warning"
        device.hold("right", 0.1)
    assert device.screen == "idle"  # OK was heeded


def test_a_change_that_a_press_caused_has_no_guard(device: Device) -> None:
    device.hold("right", 0.1)
    assert device.screen == "purpose"
    device.hold("left", 0.05)
    assert device.last.purpose is Purpose.PROTECT


@pytest.mark.parametrize(("presses", "screen"), [(["left"], "nursed"), (["middle"], "last")])
def test_nothing_replaces_nursed_or_last_within_ten_seconds_of_a_press(
    device: Device, presses: list[str], screen: str
) -> None:
    device.press(*presses)
    device.pump(True, lasts=8.8)
    assert device.screen == screen
    device.wait(0.4)
    assert device.screen == "purpose"
    device.hold("left", 0.1)
    assert device.last.purpose is None


def test_nothing_replaces_change_within_ten_seconds_of_a_press_there() -> None:
    device = ended()
    device.press("right", "middle", "middle")
    device.wait(700)
    device.press("middle", "middle", "middle")
    assert device.screen == "change"
    device.pump(True, lasts=8.5)
    assert device.screen == "change"
    device.wait(1)
    assert device.screen == "purpose"


def test_nothing_replaces_volume_within_ten_seconds_of_a_press_there() -> None:
    device = ended()
    device.press("middle")
    device.pump(True, lasts=8.5)
    assert (device.screen, device.body.amount) == ("volume", 60)
    device.press("middle")
    device.wait(8)
    first = device.state.sessions[0]
    device.press("right")
    assert (device.screen, device.session(first.id).volume_ml) == ("saved", 65)
    device.wait(4)
    assert device.screen == "timer"


def test_the_pumps_own_amount_takes_volume_away_but_not_from_under_a_finger() -> None:
    device = ended()
    device.line("VOLUME", ml=85)
    assert (device.screen, device.last.volume_ml) == ("idle", 85)
    device = ended()
    device.press("middle")
    device.line("VOLUME", ml=85)
    assert device.screen == "volume"
    device.wait(10)
    assert device.screen == "idle"


# -- amounts ---------------------------------------------------------------------------------------------------


def test_the_first_of_minus_or_plus_gives_60_ml_and_a_press_is_5() -> None:
    for key in ("left", "middle"):
        device = ended()
        assert (device.body.amount, device.keys[2]) == (None, "Skip")
        device.press(key)
        assert (device.body.amount, device.keys[2]) == (60, "Save")
    device.press("middle", "middle", "middle", "middle", "middle")
    assert device.body.amount == 85


def test_held_it_repeats_six_times_a_second_then_in_larger_steps_to_round_ones() -> None:
    device = ended()
    device.down("middle")
    amounts = {}
    for tenths in range(1, 26):
        device.wait(0.1)
        amounts[tenths] = device.body.amount
    device.up("middle")
    assert amounts[4] == 60
    assert amounts[6] == 65
    assert amounts[12] == 85
    assert amounts[20] == 105, "the ninth repeat is the last of the small ones"
    assert amounts[21] == 120, "from the tenth on it steps by 20, to round ones"
    assert amounts[25] == 160


def test_an_amount_stays_between_0_and_1500_and_a_finger_that_stays_there_is_left_alone() -> None:
    device = ended()
    device.down("middle")
    device.wait(60)
    assert device.body.amount == 1500
    device.up("middle")
    device.hold("left", 60)
    assert device.body.amount == 0
    device.press("right")
    assert device.last.volume_ml == 0


def test_ounces_step_by_a_quarter_and_start_at_two() -> None:
    device = ended(classified(units=Units.OZ))
    device.press("middle")
    assert (device.body.amount, device.body.units) == (8, Units.OZ)
    device.press("middle", "right")
    assert device.last.volume_ml == 67


def test_a_total_entered_here_clears_the_two_sides() -> None:
    device = ended()
    device.order("volume", left_ml=40, right_ml=45)
    device.wait(5)
    device.press("middle", "middle", "right", "middle", "right")
    assert (device.last.volume_ml, device.last.left_ml, device.last.right_ml) == (90, None, None)


def test_skip_leaves_the_amount_null_and_is_not_asked_again() -> None:
    device = ended()
    device.press("right")
    assert (device.screen, device.last.volume_ml) == ("idle", None)
    device.press("left")
    device.press("right")
    assert device.screen == "idle"


# -- the display -----------------------------------------------------------------------------------------------


def test_a_press_that_wakes_does_nothing_else_and_the_keys_come_as_the_finger_lifts(device: Device) -> None:
    device.wait(130)
    assert device.view.lit is Lit.DARK
    device.down("left")
    assert (device.view.lit, device.screen, device.keys) == (Lit.ON, "idle", (None, None, None))
    device.wait(0.2)
    device.up("left")
    assert (device.screen, device.keys) == ("idle", ("Nursed", "Last", "Start"))


def test_the_pump_wakes_the_display_which_never_goes_dark_while_it_runs_or_pauses(device: Device) -> None:
    device.wait(500)
    assert device.live["dark"]
    device.pump(True, lasts=1000)
    assert (device.view.lit, device.live["dark"]) == (Lit.ON, False)
    device.pump(False, lasts=119)
    assert (device.screen, device.view.lit) == ("purpose", Lit.ON)
    device.wait(130)
    assert device.view.lit is Lit.DARK


def test_the_display_dims_at_night_and_shows_the_moon() -> None:
    device = Device(timezone="Europe/Vienna", off_after_s=0, night=(21 * 60, 7 * 60))
    assert (device.view.lit, device.body.icons) == (Lit.DIM, (Icon.MOON,))
    device.wait(4 * 3600)
    assert (device.view.lit, device.body.icons) == (Lit.ON, ())


def test_the_picture_moves_against_burn_in() -> None:
    device = Device(off_after_s=0)
    seen = set()
    for _ in range(30):
        device.wait(60)
        seen.add(device.view.shift)
    assert {down for _, down in seen} == {-1, 0, 1}


def test_to_the_side_it_moves_only_when_the_screen_changes_for_that_moves_every_column() -> None:
    device = Device(off_after_s=0)
    device.press("left")
    sides = [device.view.shift[0]]
    for key in ("right", "left", "right"):
        device.wait(1)
        device.press(key)
        device.wait(1)
        sides.append(device.view.shift[0])
    assert set(sides) == {-1, 0, 1}


def test_a_button_that_never_lifts_does_not_keep_the_display_lit(device: Device) -> None:
    device.down("left")
    device.wait(200)
    assert device.view.lit is Lit.DARK
