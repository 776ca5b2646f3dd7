"""Two sessions that were one are joined in one step with one Undo; a refused time names the session that is there."""

from datetime import timedelta
from typing import Any

import pytest

from tests.page.test_page_actions import NIGHT, commands, open_session, record
from tests.support.page_device import RefusedError, ScriptedDevice
from tests.support.page_states import World, cut, fill, idle
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

AS_THEY_WERE = ("started_at", "ended_at", "pumping_s", "volume_ml", "left_ml", "right_ml", "purpose", "note", "deleted")


def seen(device: ScriptedDevice) -> list[dict[str, Any]]:
    """What Undo has to give back, of each session."""
    return [{name: s[name] for name in AS_THEY_WERE} for s in device.sessions.values()]


def names(device: ScriptedDevice) -> list[str]:
    return [c["command"] for c in commands(device)]


def test_two_halves_of_a_session_become_one_with_both_amounts_and_one_undo_gives_them_back(world: World) -> None:
    device = cut(world)
    before = seen(device)
    world.browser.press("Join with 08:10–08:26", "dialog")
    world.browser.sees("Today, 08:10–08:51", "dialog")
    world.browser.sees("Joined to 08:10–08:51", "dialog")
    first, second = list(device.sessions.values())[-2:]
    assert (first["volume_ml"], first["deleted"], second["deleted"]) == (90, False, True)
    assert names(device) == ["delete", "edit", "volume"]
    world.browser.press("Undo")
    world.browser.sees("Today, 08:10–08:26", "dialog")
    until("no toast", lambda: not world.browser.js("return document.querySelector('.toast')"))
    assert names(device)[3:] == ["volume", "edit", "restore"]
    assert seen(device) == before


def test_what_the_earlier_half_lacks_comes_from_the_later(world: World) -> None:
    device = cut(world, reason="mastitis", purpose="treat", intention="feed", note="left side")
    first = list(device.sessions.values())[-2]
    first.update(volume_ml=None, purpose=None, reason=None, intention=None)
    device.announce(device.revise(first, "edited")["session"])
    world.browser.sees("08:10–08:51 · 30 ml", "dialog")
    world.browser.press("Join with 08:10–08:26", "dialog")
    world.browser.sees("Joined to", "dialog")
    assert [first[name] for name in ("volume_ml", "purpose", "reason", "intention", "note")] == [
        30, "treat", "mastitis", "feed", "left side",
    ]  # fmt: skip
    world.browser.press("Undo")
    until("all of it back", lambda: names(device)[-1] == "restore")
    assert [first[name] for name in ("volume_ml", "purpose", "reason", "intention", "note")] == [None] * 5


def test_sides_add_up_apart_where_both_have_them(world: World) -> None:
    device = cut(world, volume_ml=30, left_ml=10, right_ml=20)
    first = list(device.sessions.values())[-2]
    first.update(volume_ml=85, left_ml=40, right_ml=45)
    device.announce(device.revise(first, "volume")["session"])
    world.browser.sees("08:10–08:51 · 115 ml", "dialog")
    world.browser.press("Join with 08:10–08:26", "dialog")
    world.browser.sees("Joined to", "dialog")
    assert [first[name] for name in ("volume_ml", "left_ml", "right_ml")] == [115, 50, 65]


@pytest.mark.parametrize("step", ["delete", "edit", "volume"])
def test_where_one_step_is_refused_all_is_as_it_was(world: World, step: str) -> None:
    device = cut(world)
    before = seen(device)
    device.refusals[step] = [RefusedError("moved_on", "if_revision", "it is at revision 9")]
    world.browser.press("Join with 08:10–08:26", "dialog")
    world.browser.sees("Not joined: it was changed elsewhere meanwhile", "dialog")
    assert seen(device) == before


def test_a_connection_that_breaks_between_the_steps_ends_with_both_as_one_or_both_as_they_were(world: World) -> None:
    device = cut(world)
    device.answering = False
    world.browser.press("Join with 08:10–08:26", "dialog")
    until("the first step", lambda: names(device) == ["delete"])
    world.broker.stop()
    world.browser.sees("No connection since", ".banner")
    device.leave()
    device.answering = True
    world.broker.start()
    device.connect()
    world.browser.sees("Joined to 08:10–08:51", "dialog")
    first, second = list(device.sessions.values())[-2:]
    assert (first["volume_ml"], first["deleted"], second["deleted"]) == (90, False, True)


def test_only_neighbours_in_time_are_offered_to_be_joined(world: World) -> None:
    device = idle(world)
    open_session(world)
    assert "Join" not in world.browser.text("dialog")  # hours after the one before
    late = device.session(device.wall - timedelta(minutes=70), 10)  # 5 min after that of 08:10
    device.announce(late)
    device.announce(device.nursing(device.wall - timedelta(minutes=73)))
    world.browser.press("Done", "dialog")
    world.browser.press("08:32", ".card:has(#sessions-title)")
    world.browser.sees("Purpose", "dialog")
    assert "Join" not in world.browser.text("dialog")  # a nursing lies between


def test_a_refused_overlap_names_the_other_session_and_opens_it(world: World) -> None:
    idle(world)
    open_session(world)
    world.browser.type("dialog input[aria-label=End]", "08:20:00")
    world.browser.sees("Not changed: another session is at that time.", "dialog")
    world.browser.press("Open that session, 08:10–08:26", "dialog")
    world.browser.sees("Today, 08:10–08:26", "dialog:last-of-type")


def test_an_overlap_that_the_device_does_not_name_is_found_in_the_record(world: World) -> None:
    device = idle(world)
    device.refusals["edit"] = [RefusedError("out_of_range", "ended_at", "it overlaps session 41")]
    open_session(world)
    world.browser.type("dialog input[aria-label=End]", "08:20:00")
    world.browser.sees("Open that session, 08:10–08:26", "dialog")


def test_a_time_in_the_future_names_no_session(world: World) -> None:
    idle(world)
    world.browser.press("Last")
    world.browser.type("dialog input[aria-label=End]", "09:55:00")
    world.browser.sees("Not changed: another record is at that time, or it lies in the future.", "dialog")
    assert "Open that" not in world.browser.text("dialog")
    assert record(world.devices[0], NIGHT)["revision"] == 1


def test_a_session_in_the_way_from_before_what_is_known_here_is_looked_up_and_opens(world: World) -> None:
    device = idle(world)
    device.session(device.wall - timedelta(days=40), 20, volume_ml=77, purpose="protect")
    fill(world, "2026-01-20", "09:50", "10:30")
    world.browser.press("Add")
    world.browser.sees("another session is at that time.", "dialog:last-of-type")
    world.browser.press("Open that session, 20 Jan", "dialog:last-of-type")
    world.browser.sees("20 min pumping", "dialog:last-of-type")


@pytest.mark.parametrize("said", [{"place": "used"}, {"place": "used", "ml": 10}, {"place": "fridge"}])
def test_halves_of_which_milk_was_said_to_have_gone_are_joined_once_that_is_taken_back(
    world: World, said: dict[str, Any]
) -> None:
    device = cut(world)
    first = list(device.sessions.values())[-2]
    reply = device._answer({"command": "milk", "session": first["id"], **said})
    device.announce(reply["session"])
    world.browser.sees("It can be joined with 08:10–08:26 once", "dialog")
    assert "Join with" not in world.browser.text("dialog")
    device.announce(device._answer({"command": "milk", "session": first["id"], "place": None})["session"])
    world.browser.sees("Join with 08:10–08:26", "dialog")
    world.browser.sees("08:10–08:51 · 90 ml · room", "dialog")
