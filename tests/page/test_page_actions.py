"""Everything that can be done on the page, in a real Chromium against a real broker; the device is a script of the
contract's answers. The same presses against the real daemon are in `test_page_daemon.py`.
"""

import json
from typing import Any

import pytest

from tests.page.test_page_record import run
from tests.support.page_device import RefusedError, ScriptedDevice
from tests.support.page_records import instant
from tests.support.page_states import World, amount, idle, question, running
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)


def commands(device: ScriptedDevice) -> list[dict[str, Any]]:
    return [c for c in device.heard if c["command"] != "history"]


def last_command(device: ScriptedDevice) -> dict[str, Any]:
    return until("a command", lambda: commands(device))[-1]


def open_session(world: World, words: str = "03:12") -> None:
    world.browser.press(words, ".card:has(#sessions-title)")
    world.browser.sees("Purpose", "dialog")


def record(device: ScriptedDevice, started_at: str) -> dict[str, Any]:
    return next(s for s in device.sessions.values() if s["started_at"] == started_at)


NIGHT = "2026-03-01T02:12:00Z"


def test_the_whole_chain_of_questions_is_answered_with_one_press_each(world: World) -> None:
    device = question(world)
    session = device.live["session"]
    world.browser.press("Promote", ".dock")
    world.browser.sees("Raise a low supply, or collect extra milk?", ".dock")
    world.browser.press("Collect extra milk", ".dock")
    world.browser.sees("Milk for?", ".dock")
    world.browser.press("Freezer", ".dock")
    world.browser.sees("Why", ".dock")
    assert (session["purpose"], session["reason"], session["intention"]) == ("promote", "collect_extra_milk", "freezer")
    assert all(c["session"] == session["id"] for c in commands(device))


def test_the_suggested_purpose_is_marked_and_none_is_chosen(world: World) -> None:
    device = question(world)
    assert world.browser.js("return [...document.querySelectorAll('.dock .likely')].map(e => e.innerText.trim())") == [
        "Protect"
    ]
    assert commands(device) == []


def test_later_puts_the_question_away_here_only_and_sends_nothing(world: World) -> None:
    device = question(world)
    world.browser.press("Later", ".dock")
    world.browser.sees("Milk for", ".dock")
    world.browser.sees_no("Why pump?", ".dock")
    assert commands(device) == []


def test_why_and_milk_for_change_a_running_session(world: World) -> None:
    device = running(world)
    session = device.live["session"]
    world.browser.press("Why", ".dock")
    world.browser.press("Treat", ".dock")
    world.browser.sees("Plugged duct, mastitis or nipple pain?", ".dock")
    world.browser.sees("call your clinician", ".dock")
    world.browser.press("Mastitis", ".dock")
    world.browser.press("Milk for", ".dock")
    world.browser.press("Discard", ".dock")
    world.browser.sees("to discard", ".now")
    assert (session["purpose"], session["reason"], session["intention"]) == ("treat", "mastitis", "discard")


def test_stop_stands_only_where_no_wire_or_link_hears_the_session(world: World) -> None:
    device = running(world)
    world.browser.sees("Milk for", ".dock")
    assert "Stop" not in world.browser.text(".dock")
    device.live["session"]["sources"] = ["dashboard"]
    device.publish_live()
    world.browser.press("Stop", ".dock")
    world.browser.sees("Session ended", ".now")
    assert last_command(device)["command"] == "stop"


def test_start_begins_a_session_once(world: World) -> None:
    device = idle(world)
    world.browser.press("Start", ".dock")
    world.browser.sees("Pumping", ".now")
    world.browser.sees("Why pump?", ".dock")
    assert [c["command"] for c in commands(device)] == ["start"]


def test_nursed_asks_first_and_its_toast_takes_it_back(world: World) -> None:
    device = idle(world)
    world.browser.press("Nursed", ".dock")
    world.browser.sees("Nursed: effective?", ".dock")
    assert commands(device) == []
    world.browser.press("Yes", ".dock")
    world.browser.sees("Nursing saved")
    world.browser.sees("Nursed 09:4", ".now")
    world.browser.press("Undo")
    world.browser.sees("Pumped 08:10", ".now")
    assert [n["deleted"] for n in device.nursings.values()][-1] is True


def test_a_nursings_side_may_be_told_with_it_and_the_last_one_stands_under_now(world: World) -> None:
    device = idle(world)
    assert "Last side" not in world.browser.text(".now")
    world.browser.press("Nursed", ".dock")
    world.browser.press("Left", ".dock")
    world.browser.press("Yes", ".dock")
    world.browser.sees("Nursing saved")
    assert commands(device)[-1] | {"request": ""} == {
        "command": "nursing", "effective": True, "side": "left", "request": "",
    }  # fmt: skip
    world.browser.sees("Last side: left, 09:4", ".now")
    world.browser.press("Undo")
    world.browser.sees("Pumped 08:10", ".now")
    world.browser.sees_no("Last side", ".now")


def test_who_counts_from_the_end_sees_since_when_it_ended(world: World) -> None:
    device = idle(world)
    began = world.browser.text(".now-figure")
    device.since = "end"
    device.publish_today()
    world.browser.sees("Since the last stimulation ended", ".now")
    world.browser.sees("Pumped 08:10 to 08:26", ".now")
    assert (began.split(), world.browser.text(".now-figure").split()) == (
        ["1", "h", "32", "min"], ["1", "h", "16", "min"],
    )  # fmt: skip


def test_back_from_nursed_sends_nothing(world: World) -> None:
    device = idle(world)
    world.browser.press("Nursed", ".dock")
    world.browser.press("Back", ".dock")
    world.browser.sees("Start", ".dock")
    assert commands(device) == []


def test_the_amount_starts_at_the_expectation_and_steps_by_five(world: World) -> None:
    device = amount(world)
    world.browser.press("less", ".dock")
    world.browser.sees("Save", ".dock")
    world.browser.press("Save", ".dock")
    world.browser.sees("Start", ".dock")
    assert last_command(device)["ml"] == 85


def test_an_amount_can_be_typed(world: World) -> None:
    device = amount(world)
    world.browser.type(".dock .field", "112 ml")
    world.browser.press("Save", ".dock")
    until("the amount", lambda: last_command(device).get("ml") == 112)


def test_skip_puts_the_amount_away_and_sends_nothing(world: World) -> None:
    device = amount(world)
    world.browser.press("Skip", ".dock")
    world.browser.sees("Start", ".dock")
    assert commands(device) == []


def test_last_opens_the_newest_record(world: World) -> None:
    idle(world)
    world.browser.press("Last", ".dock")
    world.browser.sees("Today, 08:10–08:26", "dialog")
    world.browser.press("Older")
    world.browser.sees("Today, 06:05", "dialog")
    world.browser.sees("Nursing", "dialog")
    world.browser.press("Newer")
    world.browser.sees("Today, 08:10–08:26", "dialog")


def test_what_waits_is_answered_with_one_tap_and_the_next_comes(world: World) -> None:
    device = idle(world)
    world.browser.sees("1 of 2", ".card:has(#waiting-title)")
    world.browser.press("Protect", ".card:has(#waiting-title)")
    world.browser.sees("Sat 28, 18:20", ".card:has(#waiting-title)")
    assert record(device, "2026-03-01T07:10:00Z")["purpose"] == "protect"
    world.browser.press("Undo")
    world.browser.sees("1 of 2", ".card:has(#waiting-title)")
    assert record(device, "2026-03-01T07:10:00Z")["purpose"] is None


@pytest.mark.parametrize(
    ("press", "field", "value"),
    [
        ("Treat", "purpose", "treat"),
        ("Finish a nursing", "reason", "complete_nursing"),
        ("Donate", "intention", "donate"),
    ],
)
def test_a_choice_in_the_dialog_goes_at_once_with_the_revision_that_was_shown(
    world: World,
    press: str,
    field: str,
    value: str,
) -> None:
    device = idle(world)
    open_session(world)
    world.browser.press(press, "dialog")
    world.browser.sees("saved", "dialog")
    assert record(device, NIGHT)[field] == value
    assert last_command(device)["if_revision"] == 1


def test_take_back_leaves_the_purpose_open_again(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.press("Take back", "dialog")
    until("no purpose", lambda: record(device, NIGHT)["purpose"] is None)
    world.browser.sees("No purpose given", ".card:has(#sessions-title)")


def test_several_steps_of_the_amount_are_one_correction(world: World) -> None:
    device = idle(world)
    open_session(world)
    for _ in range(3):
        world.browser.press("more")
    world.browser.sees("saved", "dialog")
    assert record(device, NIGHT)["volume_ml"] == 100
    assert len(commands(device)) == 1


def test_no_amount_is_null_and_not_zero(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.press("No amount")
    world.browser.sees("saved", "dialog")
    assert record(device, NIGHT)["volume_ml"] is None


def test_left_and_right_are_given_apart(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.press("Left and right apart")
    world.browser.type("dialog input[aria-label=Left]", "50")
    world.browser.sees("saved", "dialog")
    world.browser.type("dialog input[aria-label=Right]", "45")
    world.browser.sees("95 ml together", "dialog")
    assert [record(device, NIGHT)[side] for side in ("volume_ml", "left_ml", "right_ml")] == [95, 50, 45]


def test_a_note_goes_on_enter_and_is_shown_as_text(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.type("dialog textarea", "<b>tired</b>")
    world.browser.sees("saved", "dialog")
    assert record(device, NIGHT)["note"] == "<b>tired</b>"


def test_an_end_is_corrected_in_the_devices_own_zone(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.type("dialog input[aria-label=End]", "03:35:10")
    world.browser.sees("Today, 03:12–03:35", "dialog")
    assert record(device, NIGHT)["ended_at"] == "2026-03-01T02:35:10Z"


def test_a_start_moved_over_midnight_is_the_day_before(world: World) -> None:
    device = world.device()
    session = device.session(instant("2026-02-28T23:10:00Z"), 12)  # 00:10 in Vienna
    device.connect()
    world.open()
    world.browser.press("00:10", ".card:has(#sessions-title)")
    world.browser.type("dialog input[aria-label=Start]", "23:55:00")
    until("the start", lambda: session["started_at"] == "2026-02-28T22:55:00Z")


def test_a_refused_time_comes_back_with_our_words_and_the_devices(world: World) -> None:
    idle(world)
    open_session(world)
    world.browser.type("dialog input[aria-label=End]", "03:02:00")
    world.browser.sees("Not changed: the end lies before the start.", "dialog")
    world.browser.sees("Device: A session ends after it starts.", "dialog")
    until(
        "the old value",
        lambda: world.browser.js(
            "return document.querySelector('dialog input[aria-label=End]').value.startsWith('03:31')"
        ),
    )


def test_a_record_that_moved_on_is_refused_and_the_newest_is_shown(world: World) -> None:
    device = idle(world)
    open_session(world)
    device.revise(record(device, NIGHT), "note", note="from the device")  # this page has not heard it yet
    world.browser.press("Treat", "dialog")
    world.browser.sees("Not changed: it was changed elsewhere meanwhile", "dialog")
    assert record(device, NIGHT)["purpose"] == "protect"


def test_delete_asks_nothing_and_the_toast_gives_it_back(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.press("Delete")
    world.browser.sees("Session of 03:12 deleted")
    world.browser.sees_no("03:12–03:31", ".card:has(#sessions-title)")
    assert record(device, NIGHT)["deleted"] is True
    world.browser.press("Undo")
    world.browser.sees("03:12–03:31", ".card:has(#sessions-title)")
    assert record(device, NIGHT)["deleted"] is False


def test_a_deleted_session_is_found_and_restored_from_the_whole_record(world: World) -> None:
    device = world.device()
    record(device, NIGHT)["deleted"] = True
    device.connect()
    world.open()
    world.browser.press("all")
    world.browser.sees("06:05", "dialog")
    assert "03:12–03:31" not in world.browser.text("dialog")
    world.browser.press("Show deleted")
    world.browser.press("03:12")
    world.browser.press("Restore")
    until("the session back", lambda: record(device, NIGHT)["deleted"] is False)


def test_a_nursing_is_corrected_and_deleted(world: World) -> None:
    device = idle(world)
    world.browser.press("06:05", ".card:has(#sessions-title)")
    world.browser.press("No")
    world.browser.sees("06:05 nursed, not effective")
    nursing = next(n for n in device.nursings.values() if n["at"] == "2026-03-01T05:05:00Z")
    assert nursing["effective"] is False
    world.browser.press("Delete")
    world.browser.sees("Nursing of 06:05 deleted")
    assert nursing["deleted"] is True


def test_a_missed_session_is_added_with_what_is_known_of_it(world: World) -> None:
    device = idle(world)
    world.browser.press("all")
    world.browser.press("Add a session")
    world.browser.type("dialog:last-of-type input[type=date]", "2026-02-28", enter=False)
    for index, clock in enumerate(("13:05", "13:20")):
        world.browser.js(
            "const f = document.querySelectorAll('dialog:last-of-type input[inputmode=numeric]')[arguments[0]];"
            "f.value = arguments[1]; f.dispatchEvent(new Event('input', {bubbles: true}))",
            index,
            clock,
        )
    world.browser.press("Protect")
    world.browser.press("Add")
    world.browser.sees("Sat 13:05–13:20")
    added = record(device, "2026-02-28T12:05:00Z")
    assert (added["ended_at"], added["purpose"], added["volume_ml"]) == ("2026-02-28T12:20:00Z", "protect", None)


def test_the_baseline_is_set_where_the_settings_are(world: World) -> None:
    device = idle(world)
    world.browser.press("Settings")
    world.browser.press("more", "dialog")
    world.browser.sees("baseline 9", ".card:has(#day-title)")
    assert device.baseline == 9


def test_ounces_are_shown_and_typed_in_quarters(world: World) -> None:
    device = world.opened(units="oz")
    world.browser.press("03:12", ".card:has(#sessions-title)")
    until(
        "85 ml as ounces",
        lambda: world.browser.js("return document.querySelector('dialog .amount .field')?.value") == "2¾\u00a0oz",
    )
    world.browser.type("dialog .amount .field", "3¼")
    until("3¼ oz as ml", lambda: record(device, NIGHT)["volume_ml"] == 96)


def test_taps_within_half_a_second_of_a_question_that_came_by_itself_do_nothing(world: World) -> None:
    device = idle(world)
    # the page's clock goes by our word: a busy machine may tap later than half a second
    world.browser.js("window.passed = 0; const came = performance.now(); performance.now = () => came + passed;")
    device.begin()
    world.browser.sees("Why pump?", ".dock")
    key = (
        "const r = document.querySelector('.dock .purposes .key').getBoundingClientRect(); return [r.x + 30, r.y + 20]"
    )
    world.browser.js("window.passed = 450")
    world.browser.mouse(*world.browser.js(key))
    world.browser.sees("Why pump?", ".dock")
    assert commands(device) == []
    world.browser.js("window.passed = 550")
    world.browser.mouse(*world.browser.js(key))
    until("the answer", lambda: [c["purpose"] for c in commands(device)] == ["protect"])


def test_a_correction_asked_for_while_another_is_under_way_follows_it(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.js("""
      document.querySelector("dialog input[value=treat]").click();
      document.querySelector("dialog .remove button").click();
    """)
    until("both", lambda: record(device, NIGHT)["deleted"] is True)
    assert [c["command"] for c in commands(device)] == ["classify", "delete"]
    assert record(device, NIGHT)["purpose"] == "treat"


def test_a_dialog_that_closes_takes_no_step_with_it(world: World) -> None:
    device = idle(world)
    open_session(world)
    world.browser.press("more")
    world.browser.press("Done")
    until("the amount", lambda: record(device, NIGHT)["volume_ml"] == 90)


CLOCK = "the device’s clock is not set yet, so it can’t place that time"


@pytest.mark.parametrize(
    ("code", "field", "words"),
    [
        ("busy", None, "Not changed: the device has more to do than it can just now"),
        ("not_now", "ended_at", f"Not changed: {CLOCK}"),
        ("not_now", "at", f"Not changed: {CLOCK}"),
        ("not_now", "session", "Not changed: the session is still running."),
        ("moved_on", "if_revision", "Not changed: it was changed elsewhere meanwhile"),
        ("not_here", None, "Not changed: this device takes no such request from a dashboard."),
        ("not_saved", None, "Not saved yet: the device’s storage takes nothing just now."),
        ("toString", None, "Not changed: the device did not understand it"),
    ],
)
def test_each_refusal_is_said_in_words_of_ours_beside_the_devices(
    world: World, code: str, field: str | None, words: str
) -> None:
    device = idle(world)
    open_session(world)
    device.refusals["edit"] = [RefusedError(code, field, "what the device says")]
    world.browser.type("dialog input[aria-label=End]", "03:30:00")
    world.browser.sees(words, "dialog")
    world.browser.sees("Device: what the device says", "dialog")


@pytest.mark.parametrize("command", ["start", "nursing", "add"])
def test_a_clock_that_is_not_set_is_named_for_what_carries_a_time_alone(world: World, command: str) -> None:
    idle(world)
    refusal = {"code": "not_now", "field": "started_at"}
    script = f"return m.refusalWords({{command: {command!r}}}, {json.dumps(refusal)})"
    assert CLOCK in run(world, "js/words.js", script)
    other = run(world, "js/words.js", f"return m.refusalWords({{command: {command!r}}}, {{code: 'not_now'}})")
    assert CLOCK not in other


def test_what_is_done_but_not_on_the_disk_is_asked_no_second_time_and_said_until_it_is(world: World) -> None:
    device = question(world)
    session = device.live["session"]
    device.refusals["classify"] = [RefusedError("not_saved", None, "Not on the disk yet.")]
    world.browser.press("Promote", ".dock")
    world.browser.sees("Not saved yet", ".dock")
    session.update(purpose="promote")
    device.live["question"] = "reason"
    device.publish_live()  # it is ahead of the disk
    world.browser.sees("Raise a low supply, or collect extra milk?", ".dock")
    device.faults = {"store": {"state": "failing", "in_memory": 2}}
    device.publish_all()
    world.browser.sees("2 records in memory, not saved yet", ".card:has(#device-title)")
    world.browser.sees("Not saved yet", ".dock")
    device.faults = {}
    device.publish_all()
    world.browser.sees_no("Not saved yet", ".dock")
    world.browser.sees("everything sent", ".card:has(#device-title)")
    assert [c["command"] for c in commands(device)] == ["classify"]


def test_a_device_with_too_much_to_do_is_asked_for_its_record_again(world: World) -> None:
    device = world.device()
    device.refusals["history"] = [RefusedError("busy", None, "too many commands wait")]
    device.connect()
    world.open()
    world.browser.sees("Sat 21:40")
    assert not device.refusals["history"]
