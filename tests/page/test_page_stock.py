"""The stock: where the milk is, how much of it, until when it keeps, and what became of it; each move with its Undo."""

from datetime import timedelta
from typing import Any

import pytest

from device.core.rules.keeping import MOVES
from tests.page.test_page_actions import commands, last_command
from tests.page.test_page_record import run
from tests.support.page_device import RefusedError, ScriptedDevice
from tests.support.page_states import MILK, World, idle, part_used, portion
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

SATURDAY = "2026-02-28T00:10:00Z"  # 90 ml in the fridge


def said(world: World) -> list[str]:
    """The card's places with their sums, and its portions, line by line."""
    script = """
      const parts = document.querySelectorAll(".card:has(#milk-title) :is(.milk-place > header, .milk-row > .row)");
      return [...parts].map((e) => e.innerText.replace(/\\s+/g, " ").trim());
    """
    return list(world.browser.js(script))


def record(device: ScriptedDevice, ended_at: str = SATURDAY) -> dict[str, Any]:
    return next(s for s in device.sessions.values() if s["ended_at"] == ended_at)


def keys(world: World) -> list[str]:
    return list(world.browser.js("return [...document.querySelectorAll('.moves .key')].map((e) => e.innerText.trim())"))


def kept(world: World, place: str, **fields: Any) -> ScriptedDevice:
    """One portion alone, in this place."""
    device = world.device(week=False)
    intention = {"room": "feed", "fridge": "fridge"}.get(place, "freezer")
    hours = 2 if place == "room" else 30
    given = {"volume_ml": 80, "intention": intention, "purpose": "protect", **fields}
    session = device.session(device.wall - timedelta(hours=hours, minutes=15), 15, **given)
    device.connect()
    if place == "thawed":
        device._answer({"command": "milk", "session": session["id"], "place": "thawed"})
        device.announce(session)
    world.open()
    world.browser.sees("Milk kept")
    return device


def test_the_stock_stands_by_place_with_its_sums_the_earliest_first(world: World) -> None:
    idle(world)
    assert said(world) == [
        "Room 60 ml",
        "use by 12:26, in 2 h 43 from today 08:26 60 ml",
        "Fridge 255 ml",
        "use by Wed 4, 01:10 from Sat 01:10 90 ml",
        "use by Wed 4, 21:58 from Sat 21:58 80 ml",
        "use by Thu 5, 03:31 from today 03:31 85 ml",
        "Freezer 145 ml",
        "use by 25 Aug from Wed 15:15 30 ml",
        "use by 26 Aug from Thu 12:26 35 ml",
        "use by 28 Aug from Sat 10:25 55 ml",
        "Past its time",
        "Room, until Sat 11:57 from Sat 07:57 40 ml",
    ]
    assert "The record doesn" not in world.browser.text(MILK)
    world.browser.sees("What nobody told counts as still there.", MILK)
    world.browser.press("all 5 portions", MILK)
    assert len(said(world)) == 14


@pytest.mark.parametrize(
    ("place", "offered"),
    [
        ("room", ["Used", "Part used", "To the fridge", "Freeze", "Donate", "Discard"]),
        ("fridge", ["Used", "Part used", "Freeze", "Donate", "Discard"]),
        ("freezer", ["Used", "Part used", "Thaw", "Donate", "Discard"]),
        ("thawed", ["Used", "Part used", "Donate", "Discard"]),
    ],
)
def test_only_the_moves_that_lead_on_from_a_place_are_offered(world: World, place: str, offered: list[str]) -> None:
    kept(world, place)
    world.browser.press("use by", MILK)
    assert keys(world) == offered


def test_the_pages_moves_are_the_contracts(world: World) -> None:
    for place, to in MOVES.items():
        assert set(run(world, "js/stock.js", f"return m.movesFrom({str(place)!r})")) - {"part"} == {
            str(one) for one in to
        }


@pytest.mark.parametrize(
    ("press", "place", "words"),
    [
        ("Used", "used", "90 ml used"),
        ("Freeze", "freezer", "90 ml in the freezer"),
        ("Donate", "donated", "90 ml donated"),
        ("Discard", "discarded", "90 ml discarded"),
    ],
)
def test_a_move_goes_at_once_and_its_undo_takes_it_back(world: World, press: str, place: str, words: str) -> None:
    device = portion(world)
    before = dict(record(device)["milk"])
    world.browser.press(press, MILK)
    world.browser.sees(words, ".toast")
    assert record(device)["milk"]["place"] == place
    command = last_command(device)
    assert (command["command"], command["if_revision"], "ml" in command) == ("milk", 1, False)
    world.browser.press("Undo")
    world.browser.sees("use by Wed 4, 01:10", MILK)
    assert record(device)["milk"] == before
    assert last_command(device)["place"] is None


def test_a_part_that_was_used_leaves_the_rest_where_it_is(world: World) -> None:
    device = portion(world)
    world.browser.press("Part used", MILK)
    world.browser.type(f"{MILK} .amount .field", "30")
    world.browser.press("Save", MILK)
    world.browser.sees("30 ml used", ".toast")
    world.browser.sees("60 ml", MILK)
    world.browser.sees("of 90 ml", MILK)
    world.browser.sees("225 ml", MILK)  # the fridge's sum
    assert [last_command(device)[name] for name in ("place", "ml")] == ["used", 30]
    world.browser.press("Undo")
    world.browser.sees("255 ml", MILK)


def test_no_more_than_is_left_can_be_said_to_be_used(world: World) -> None:
    part_used(world)
    for _ in range(12):
        world.browser.press("more", MILK)
    assert world.browser.js("return document.querySelector('.milk-row .amount .field').value") == "90\u00a0ml"


def test_the_keyboard_alone_says_what_became_of_a_portion(world: World) -> None:
    device = kept(world, "fridge")
    world.browser.js("document.querySelector('.milk-row .row').focus()")
    for key in ("Enter", "Tab", "Tab", "Enter"):  # opens it, to Used, to Part used
        world.browser.key(key)
    world.browser.sees("Save", MILK)
    for key in ("Tab", "Tab", "Tab", "Enter", "Tab", "Tab", "Enter"):  # less, the amount, more; Back, Save
        world.browser.key(key)
    world.browser.sees("60 ml used", ".toast")
    world.browser.key("Tab")
    focused = "return document.activeElement.innerText"
    until("Used in focus again", lambda: str(world.browser.js(focused)).strip() == "Used")
    world.browser.key("Enter")
    world.browser.sees("20 ml used", ".toast")
    assert [c.get("ml") for c in commands(device)] == [60, None]


def test_a_move_may_have_been_earlier(world: World) -> None:
    device = kept(world, "room")
    world.browser.press("use by", MILK)
    world.browser.type(f"{MILK} .when .field", "8:30", enter=False)
    world.browser.press("To the fridge", MILK)
    world.browser.sees("80 ml in the fridge", ".toast")
    assert last_command(device)["at"] == "2026-03-01T07:30:00Z"
    world.browser.sees("fridge since 08:30", MILK)


def test_a_time_before_the_milk_came_there_is_refused_in_our_words(world: World) -> None:
    kept(world, "room")
    world.browser.press("use by", MILK)
    world.browser.type(f"{MILK} .when .field", "7:00", enter=False)
    world.browser.press("Used", MILK)
    world.browser.sees("Not done: there is less left than that, or the time is before it came there", MILK)


def test_what_is_past_its_time_stands_apart_for_a_day_until_somebody_says_what_became_of_it(world: World) -> None:
    device = idle(world)
    world.browser.press("Room, until Sat 11:57", MILK)
    world.browser.press("Discard", MILK)
    world.browser.sees("40 ml discarded", ".toast")
    world.browser.sees_no("Past its time", MILK)
    assert record(device, "2026-02-28T06:57:00Z")["volume_ml"] == 40  # its record as it was
    world.browser.press("Undo")
    world.browser.sees("Past its time", MILK)
    device.wall += timedelta(hours=2, minutes=30)
    world.browser.js("const at = Date.now.bind(Date); Date.now = () => at() + 9_000_000; theme.apply()")
    world.browser.sees_no("Sat 11:57", MILK)


def test_past_its_time_looks_like_all_the_rest(world: World) -> None:
    idle(world)
    script = """
      const colour = (e) => getComputedStyle(e).color;
      const words = [...document.querySelectorAll(".milk-row .row-words > span:first-child")].map(colour);
      return [...new Set(words)].length;
    """
    assert world.browser.js(script) == 1


def test_milk_frozen_months_ago_is_there_without_asking_and_makes_no_row_of_the_record(world: World) -> None:
    device = world.device()
    device.page_bytes = 9_000
    for back in range(40, 80):
        device.session(device.wall - timedelta(days=back), 15, volume_ml=77, intention="freezer", purpose="promote")
    device.connect()
    world.open()
    world.browser.sees("all 45 portions", MILK)
    first = next(s for s in device.sessions.values() if s["volume_ml"] == 77)
    world.browser.press("all 45 portions", MILK)
    world.browser.press("all", ".card:has(#sessions-title)")
    world.browser.sees("08:10–08:26", "dialog")
    assert "77 ml" not in world.browser.text("dialog")
    assert [c for c in device.heard if c.get("milk")]
    device.announce(device.revise(first, "deleted", deleted=True)["session"])
    until("one less", lambda: len([line for line in said(world) if "77 ml" in line]) == 39)


def test_another_dashboards_move_shows_by_itself(world: World) -> None:
    device = idle(world)
    session = record(device)
    device._answer({"command": "milk", "session": session["id"], "place": "used"})
    device.announce(session)
    world.browser.sees_no("Wed 4, 01:10", MILK)
    world.browser.sees("165 ml", MILK)


def test_milk_of_which_nobody_knows_how_much_is_counted_apart(world: World) -> None:
    kept(world, "fridge", volume_ml=None)
    assert said(world) == ["Fridge 0 ml · 1 without amount", "use by Wed 4, 03:42 from Sat 03:42 –"]
    world.browser.press("use by", MILK)
    world.browser.press("Used", MILK)
    world.browser.sees("Milk of Sat 03:42 used", ".toast")


def test_a_record_that_moved_on_refuses_a_move(world: World) -> None:
    device = portion(world)
    device.revise(record(device), "note", note="from the device")  # this page has not heard it yet
    world.browser.press("Used", MILK)
    world.browser.sees("Not done: it was changed elsewhere meanwhile", MILK)


def test_where_the_milk_is_stands_in_its_sessions_dialog_and_is_taken_back_there(world: World) -> None:
    device = idle(world)
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.sees("Fridge since 03:31 · 85 ml left", "dialog")
    world.browser.press("Used", "dialog")
    world.browser.sees("Used since 09:4", "dialog")
    assert keys(world) == ["Donate", "Discard"]
    world.browser.press("Take back what", "dialog")
    world.browser.sees("Fridge since 03:31 · 85 ml left", "dialog")
    device.refusals["milk"] = [RefusedError("not_now", "place", "No milk command stands.")]
    world.browser.press("Take back what", "dialog")
    world.browser.sees("Not taken back: nothing was said of this milk that could be taken back.", "dialog")


def test_while_the_clock_is_not_set_nothing_counts_as_past(world: World) -> None:
    device = idle(world)
    device.faults = {"clock": "unsynced"}
    device.publish_all()
    world.browser.sees("The clock is not set", ".card:has(#device-title)")
    world.browser.sees_no("Past its time", MILK)


def test_a_device_that_keeps_no_stock_is_not_asked_for_one(world: World) -> None:
    device = world.device()
    device.extra = {"milk": None}
    device.strange = True
    device.connect()
    world.open()
    world.browser.sees("Sat 21:40")
    assert [c for c in device.heard if c.get("milk")] == []
    assert commands(device) == []


def test_what_reads_as_all_that_is_left_is_all_of_it_in_ounces_too(world: World) -> None:
    device = kept(world, "fridge", volume_ml=86)
    device.units = "oz"
    device.publish_today()
    world.browser.sees("3 oz", MILK)
    world.browser.press("use by", MILK)
    world.browser.press("Part used", MILK)
    world.browser.type(f"{MILK} .amount .field", "3")  # as it stands there, but 89 ml
    world.browser.press("Save", MILK)
    world.browser.sees("3 oz used", ".toast")
    assert last_command(device)["ml"] == 86


ODD_MILK: list[Any] = [
    None,
    {"place": "fridge", "ml": None, "since": None},
    {"place": "fridge", "ml": -5, "since": "2026-02-28T00:10:00Z"},
    {"place": "fridge", "ml": 10**15, "since": "2026-02-28T00:10:00Z"},
    {"place": "fridge", "ml": "85", "since": "yesterday"},
    {"place": "garage", "ml": 85, "since": "2026-02-28T00:10:00Z"},
    {"place": "__proto__", "ml": 85, "since": "2026-02-28T00:10:00Z"},
    {"place": "constructor", "ml": 85, "since": "2026-02-28T00:10:00Z"},
    {"place": ["fridge"], "ml": {}, "since": []},
    [],
    "fridge",
]


def test_odd_milk_from_the_broker_breaks_nothing_and_the_next_good_word_heals_it(world: World) -> None:
    device = idle(world)
    device.strange = True
    session = record(device)
    good = {**session}
    for odd in ODD_MILK:
        session.update(milk=odd, revision=session["revision"] + 1)
        device._json("session", session)
        world.browser.sees("Milk kept")
    for odd in [None, [], {"fridge_ml": -1}, {"fridge_ml": 10**15, "portions": 400}]:
        device.extra = {"milk": odd}
        device.publish_today()
    device.extra = {}
    session.update({**good, "revision": session["revision"] + 1})
    device.announce(session)
    until("the portion again", lambda: "use by Wed 4, 01:10 from Sat 01:10 90 ml" in said(world))
    assert world.browser.complaints() == []


def test_four_hundred_portions_are_all_there_for_who_asks(world: World) -> None:
    device = world.device(week=False)
    for number in range(400):
        at = device.wall - timedelta(days=100, hours=number)
        device.session(at, 10, volume_ml=50, intention="freezer", purpose="promote")
    device.connect()
    world.open()
    world.browser.sees("all 400 portions", MILK)
    assert said(world)[0] == "Freezer 20,000 ml"
    world.browser.press("all 400 portions", MILK)
    until("all of them", lambda: len(said(world)) == 401)
