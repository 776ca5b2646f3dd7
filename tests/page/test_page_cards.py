"""What the cards say and draw where it is tight: at the edges of time, on the first day, at one and at two hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.page_device import RefusedError, ScriptedDevice
from tests.support.page_records import instant
from tests.support.page_states import SIZES, World, amount, at_rest, running
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

OUTSIDE = """
return [...document.querySelectorAll(".timeline")].flatMap((line) => {
  const axis = line.getBoundingClientRect();
  return [...line.querySelectorAll(".bar, .mark svg")].map((e) => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.left < axis.left - 0.1 || box.right > axis.right + 0.1)
    .map(([e, box]) => `${e.outerHTML.slice(0, 90)} ${box.left - axis.left} ${box.right - axis.right}`);
})"""
BESIDE = """
return [...document.querySelectorAll(".strip .mark:not(.nursing)")].map((mark) => {
  const [shape, bar] = [mark.querySelector("svg"), mark.nextElementSibling].map((e) => e.getBoundingClientRect());
  return Math.abs(shape.left + shape.width / 2 - bar.left - bar.width / 2);
})"""
TICKS = """
return [...document.querySelectorAll(".hours span")].map((e) => [e.innerText, e.getBoundingClientRect()])
  .map(([word, box]) => [word, box.left, box.right])"""
COUNTS = "return [...document.querySelectorAll('.week-row .count')].map((e) => e.innerText)"
LABELS = "return [...document.querySelectorAll('.week-row [role=img]')].map((e) => e.ariaLabel)"


def at_hour(world: World, hour: int, minute: int = 0) -> ScriptedDevice:
    """A device of its own, on 1 March at that hour of its zone (UTC+1), with nothing recorded."""
    device = world.device(week=False)
    device.wall = datetime(2026, 3, 1, hour, minute, tzinfo=UTC) - timedelta(hours=1)
    return device


def shown(world: World, device: ScriptedDevice, seen: str) -> None:
    device.connect()
    world.open()
    world.browser.sees(seen)


@pytest.mark.parametrize("purpose", ["protect", None])
def test_what_lies_at_an_edge_of_the_day_is_drawn_whole_and_inside(world: World, purpose: str | None) -> None:
    device = at_hour(world, 0, 2)
    device.session(device.wall - timedelta(seconds=70), 1, purpose=purpose)
    device.session(device.wall - timedelta(hours=23, minutes=59), 1, purpose=purpose)
    device.nursing(device.wall - timedelta(hours=12))
    shown(world, device, "00:00")
    for width, height in SIZES:
        world.browser.size(width, height)
        at_rest(world.browser)
        until("both sessions", lambda: len(world.browser.js(BESIDE)) == 2)
        assert world.browser.js(OUTSIDE) == []


def test_a_shape_stands_over_the_middle_of_its_bar_however_narrow(world: World) -> None:
    device = at_hour(world, 12)
    for back in (4, 9, 15):
        device.session(device.wall - timedelta(hours=back), back, purpose="treat")
    shown(world, device, "08:00")
    until("all three", lambda: len(world.browser.js(BESIDE)) == 3)
    assert max(world.browser.js(BESIDE)) < 0.6


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_no_label_of_the_strip_touches_another(world: World, hour: int) -> None:
    device = at_hour(world, hour, 10)
    device.session(device.wall - timedelta(hours=1), 12)
    shown(world, device, "1 stimulation baseline")
    for width in (320, 1280):
        world.browser.size(width, 800)
        at_rest(world.browser)
        ticks = world.browser.js(TICKS)
        assert ticks[-1][0] == "now"
        assert len(ticks) in {4, 5}
        gaps = [after[1] - before[2] for before, after in pairwise(ticks)]
        assert min(gaps) > 2, ticks


def test_one_is_one_stimulation(world: World) -> None:
    device = at_hour(world, 9)
    device.session(device.wall - timedelta(hours=1), 12, purpose="protect")
    shown(world, device, "1 stimulation baseline")
    until("its label", lambda: world.browser.js(LABELS)[0] == "Today: 1 stimulation; 1 protect")


def test_days_before_the_first_record_are_blank_and_quiet_ones_after_it_are_zero(world: World) -> None:
    device = at_hour(world, 9)
    device.session(device.wall - timedelta(days=2), 12, purpose="protect")
    shown(world, device, "Last sessions")
    until("the counts", lambda: world.browser.js(COUNTS) == ["0", "0", "1", "", "", "", ""])
    assert world.browser.js(LABELS)[1:4:2] == ["Sat 28: 0 stimulations; nothing recorded", "Thu 26: nothing recorded"]


def test_an_ended_session_of_two_hours_is_told_in_hours(world: World) -> None:
    device = amount(world)
    device.live["session"].update(pumping_s=7200)
    device.publish_live()
    world.browser.sees("2 h 0 min", ".now")


def test_no_line_begins_with_a_dot_or_parts_a_duration(world: World) -> None:
    device = at_hour(world, 9)
    device.session(
        device.wall - timedelta(hours=2), 45, purpose="protect", reason="in_place_of_nursing", intention="feed"
    )
    shown(world, device, "use by")
    whole = "return document.querySelector(arguments[0]).textContent"
    assert "Protect\u00a0· in place of nursing\u00a0· feed" in world.browser.js(whole, ".card:has(#sessions-title)")
    assert ", in\u00a02\u00a0h\u00a0" in world.browser.js(whole, ".milk-row")


DEVICE = ".card:has(#device-title)"


@pytest.mark.parametrize(
    ("store", "seen", "unseen"),
    [
        (
            {"state": "failing", "in_memory": 1},
            ["1 record in memory, not saved yet", "check the card"],
            "everything sent",
        ),
        ({"state": "full", "in_memory": 12}, ["12 records in memory, not saved yet", "make room"], "everything sent"),
        ({"repaired_at": "2026-03-01T05:30:00Z"}, ["All well.", "Record repaired, 06:30: all of it"], "not saved"),
        (
            {"repaired_at": "2026-02-27T05:30:00Z", "set_aside": 2},
            ["All well.", "Record repaired, Fri 06:30: 2 changes could not be read."],
            "not saved",
        ),
        ({"repaired_at": "2026-02-10T05:30:00Z", "set_aside": 2}, ["All well.", "everything sent"], "repaired"),
        ({"dropped": 1}, ["1 change found no room in memory"], "repaired"),
    ],
)
def test_what_became_of_the_records_file_is_said_calmly(
    world: World, store: dict[str, object], seen: list[str], unseen: str
) -> None:
    device = world.device()
    device.faults = {"store": store}
    device.connect()
    world.open("Device")
    for words in seen:
        world.browser.sees(words, DEVICE)
    assert unseen not in world.browser.text(DEVICE).replace("not yet sent", "")


def test_a_clock_that_is_not_set_can_be_told_and_a_refusal_is_said(world: World) -> None:
    device = world.device()
    device.faults = {"clock": "unsynced", "clock_by": None}
    device.connect()
    world.open("The clock is not set")
    early, late = RefusedError("out_of_range", "at", "too early"), RefusedError("not_now", None, "it is set")
    device.refusals["clock"] = [early, late]
    world.browser.press("Use this computer’s time", DEVICE)
    world.browser.sees("Not set: the record already holds a later time", DEVICE)
    world.browser.press("Use this computer’s time", DEVICE)
    world.browser.sees("Not set: the device’s own clock is set by now.", DEVICE)
    at = instant([heard for heard in device.heard if heard["command"] == "clock"][-1]["at"])
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5), "this browser's time, not the device's"
    device.faults = {"clock_by": "person"}
    device.publish_all()
    world.browser.sees("clock set by a person", DEVICE)
    world.browser.sees_no("Use this")


def test_a_session_that_has_no_number_yet_is_shown_like_any_other(world: World) -> None:
    device = running(world, "purpose", number=None)
    world.browser.sees("Why pump?", ".dock")
    world.browser.press("Protect", ".dock")
    world.browser.sees("In place of nursing", ".dock")
    session = device.live["session"]
    device.announce(
        device.revise(session, "ended", state="ended", counted=True, ended_at="2026-03-01T02:21:10Z")["session"]
    )
    device.live = {**device.live, "phase": "idle", "question": None, "session": None}
    device.publish_live()
    world.browser.press("Last", ".dock")
    world.browser.sees("Not saved yet.", "dialog")
    session["number"] = 1001  # saved, and after a repair
    device.announce(session)
    world.browser.sees("Number 1001, revision", "dialog")
    assert world.browser.complaints() == []


def test_a_running_session_whose_state_says_no_time_stands_still_and_counts_on_with_the_next(world: World) -> None:
    device = running(world)
    device.strange = True  # the broker brings a state without its `at`
    device.live["session"]["pumping_s"] = 600
    device.live["at"] = None
    device.publish_live()
    world.browser.sees("10:00", ".now-figure")
    del device.live["at"]
    device.publish_live()
    until("it counts on", lambda: world.browser.text(".now-figure") > "10:00")
