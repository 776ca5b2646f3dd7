"""A session by hand from the page: its start told later, corrected while it runs; a rest, and going on."""

from datetime import timedelta

import pytest

from tests.page.test_page_actions import commands, last_command
from tests.support.page_device import RefusedError
from tests.support.page_records import instant
from tests.support.page_states import World, by_hand, idle, running, started_earlier
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)


def test_a_start_ten_minutes_ago_is_one_press_more(world: World) -> None:
    device = started_earlier(world)
    assert commands(device) == []
    world.browser.press("10 min", ".dock")
    world.browser.sees("Pumping", ".now")
    told = instant(last_command(device)["at"])
    assert timedelta(minutes=10) <= device.now() - told < timedelta(minutes=11)
    assert [c["command"] for c in commands(device)] == ["start"]


def test_a_start_is_typed_as_the_newest_such_time(world: World) -> None:
    device = started_earlier(world)
    world.browser.type(".dock .field", "8:55")
    world.browser.sees("Pumping", ".now")
    assert last_command(device)["at"] == "2026-03-01T07:55:00Z"


def test_a_start_too_long_ago_is_refused_in_our_words_and_back_leads_home(world: World) -> None:
    started_earlier(world)
    world.browser.type(".dock .field", "9:59")  # yesterday's, since today's is still to come
    world.browser.sees("Not started: a start told later lies within as long as a session may last", ".dock")
    world.browser.press("Back", ".dock")
    world.browser.sees("Nursed", ".dock")


def test_a_start_within_another_session_names_it(world: World) -> None:
    started_earlier(world)
    world.browser.type(".dock .field", "8:15")
    world.browser.sees("Not started: another session is at that time.", ".dock")
    world.browser.press("Open that session, 08:10–08:26", ".dock")
    world.browser.sees("Today, 08:10–08:26", "dialog")


def test_the_start_of_a_running_session_is_corrected_alone(world: World) -> None:
    device = running(world)
    session = device.live["session"]
    world.browser.press("Correct the start", ".now")
    world.browser.sees("and running", "dialog")
    world.browser.type("dialog input[aria-label=Start]", "03:05:00")
    world.browser.sees("saved", "dialog")
    device.publish_live()
    assert (session["started_at"], session["state"]) == ("2026-03-01T02:05:00Z", "running")
    assert {k for k in last_command(device) if k != "request"} == {"command", "session", "started_at", "if_revision"}
    assert world.browser.js("return document.querySelectorAll('dialog .times .field').length") == 1
    world.browser.press("Done")
    world.browser.sees("since 03:05", ".now")


def test_a_session_by_hand_rests_and_goes_on(world: World) -> None:
    device = by_hand(world)
    world.browser.press("Pause", ".now")
    world.browser.sees("Paused", ".now")
    world.browser.press("Go on", ".now")
    world.browser.sees("Pumping", ".now")
    assert [c["command"] for c in commands(device)] == ["pause", "go_on"]


@pytest.mark.parametrize("sources", [["gpio"], ["dashboard", "gpio"], ["serial"], []])
def test_pause_stands_only_where_nothing_but_a_hand_hears_the_pump(world: World, sources: list[str]) -> None:
    running(world, sources=sources)
    world.browser.sees("Correct the start", ".now")
    assert "Pause" not in world.browser.text(".now")


def test_a_refused_pause_is_said(world: World) -> None:
    device = by_hand(world)
    device.refusals["pause"] = [RefusedError("not_now", None, "The pump is heard.")]
    world.browser.press("Pause", ".now")
    world.browser.sees("Not done: it rests already, or something other than a hand hears it.", ".now")


def test_a_start_and_a_rest_that_were_under_way_are_not_sent_again(world: World) -> None:
    device = by_hand(world)
    device.answering = False
    world.browser.press("Pause", ".now")
    until("a pause", lambda: commands(device))
    world.broker.stop()
    world.browser.sees("No connection since")
    device.leave()
    world.broker.start()
    device.connect()
    world.browser.sees("Not done: ", ".now")
    assert [c["command"] for c in commands(device)] == ["pause"]


def test_no_earlier_start_is_offered_while_a_session_runs(world: World) -> None:
    idle(world)
    world.browser.sees("Started earlier", ".dock")
    world.devices[0].begin(question=None)
    world.browser.sees("Milk for", ".dock")
    assert "Started earlier" not in world.browser.text(".dock")
