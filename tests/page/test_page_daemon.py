"""The page against the real daemon and the real mosquitto: every action, and what the record says of it afterwards."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.page.test_page_download import KEEP, KEPT
from tests.support.household import MOTOR, Household, household
from tests.support.page_browsers import Browser
from tests.support.page_records import iso
from tests.support.page_states import give_file
from tests.support.page_world import Site, until
from tests.support.wire import validate

pytest_plugins = ("tests.support.page_fixtures",)

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC).replace(microsecond=0)
DEVICE = ".card:has(#device-title)"
OLD = NOW - timedelta(hours=30)  # a purposeless session that waits, and milk in the fridge before it


LINES: list[dict[str, Any]] = [
    {
        "session": {
            "started_at": iso(OLD - timedelta(hours=3)),
            "duration_s": 900,
            "purpose": "protect",
            "reason": "in_place_of_nursing",
            "intention": "fridge",
            "volume_ml": 85,
        }
    },
    {"session": {"started_at": iso(OLD), "duration_s": 960, "volume_ml": 60}},
    {"nursing": {"at": iso(OLD + timedelta(hours=2)), "effective": True}},
]


class Home:
    """The page in a browser, at a real device whose record begins with a few imported days."""

    def __init__(self, house: Household, browser: Browser, site: Site) -> None:
        self.house, self.browser, self.site = house, browser, site

    def open(self) -> None:
        self.browser.open(self.site.address, broker=self.house.broker.address)
        self.browser.sees("Device")

    def newest(self) -> dict[str, Any]:
        sessions = self.house.wire.ask("history", limit=1, deleted=True)["sessions"]
        assert sessions
        return dict(sessions[0])

    def record(self, ident: str) -> dict[str, Any]:
        found = self.house.wire.ask("history", deleted=True, limit=500)
        return next(dict(r) for r in [*found["sessions"], *found["nursings"]] if r["id"] == ident)


def taken_in(config: Path, lines: list[dict[str, Any]]) -> None:
    file = config.parent / "record.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    subprocess.run([sys.executable, "-m", "device", "import", "--config", str(config), str(file)], check=True, cwd=ROOT)


def own_replies_are_right(house: Household) -> None:
    """The page's replies go to a topic of its own below `reply`; they keep to the schema like any other."""
    replies = [one for one in house.wire.seen if one.topic.startswith("reply/")]
    assert replies
    for one in replies:
        validate("reply", one.payload)
    house.wire.faults[:] = [fault for fault in house.wire.faults if "/reply/" not in fault]


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path, browser: Browser, site: Site) -> Iterator[Home]:
    """The device at home, whose pauses last 3 s or what a test gives."""
    with household(tmp_path, pause_s=getattr(request, "param", 3)) as house:
        house.device.end()
        taken_in(house.device.config, LINES)
        house.device.start()
        browser.size(360, 780)
        browser.open(site.address)
        browser.js("localStorage.clear(); sessionStorage.clear()")
        home = Home(house, browser, site)
        home.open()
        browser.sees("85 ml", ".card:has(#sessions-title)")
        yield home
        own_replies_are_right(house)
        browser.get("about:blank")


def test_a_session_from_start_to_amount_is_answered_on_the_page_alone(home: Home) -> None:
    home.browser.press("Start", ".dock")
    home.browser.sees("Why pump?", ".dock")
    home.browser.press("Protect", ".dock")
    home.browser.press("Finish a nursing", ".dock")
    home.browser.press("Fridge", ".dock")
    home.browser.sees("for the fridge", ".now")
    until("a counted second", lambda: home.browser.text(".now .figure") not in {"0:00", "0:01"})
    home.browser.press("Stop", ".dock")
    home.browser.sees("Amount", ".dock")
    home.browser.type(".dock .field", "75")
    home.browser.press("Save", ".dock")
    home.browser.sees("Start", ".dock")
    record = home.newest()
    assert [record[key] for key in ("purpose", "reason", "intention", "volume_ml", "state")] == [
        "protect",
        "complete_nursing",
        "fridge",
        75,
        "ended",
    ]
    assert record["sources"] == ["dashboard"]


def test_the_pumps_motor_shows_on_the_page_and_the_page_answers_its_question(home: Home) -> None:
    stop = run_motor(home)
    try:
        home.browser.sees("Pumping", ".now")
        home.browser.press("Treat", ".dock")
        home.browser.press("Mastitis", ".dock")
        home.browser.sees("mastitis", ".now")
        assert "Stop" not in home.browser.text(".dock")
    finally:
        stop()
    home.browser.sees("Since the last stimulation", ".now")
    assert home.newest()["reason"] == "mastitis"


def run_motor(home: Home) -> Callable[[], None]:
    over = threading.Event()

    def strokes() -> None:
        while not over.wait(0.2):
            home.house.device.tell(f"high {MOTOR}")
            over.wait(0.2)
            home.house.device.tell(f"low {MOTOR}")

    thread = threading.Thread(target=strokes)
    thread.start()

    def stop() -> None:
        over.set()
        thread.join()

    return stop


@pytest.mark.parametrize("home", [600], indirect=True)  # longer than any restart
def test_a_daemon_restart_in_the_middle_is_the_same_session_on_the_page(home: Home) -> None:
    home.browser.press("Start", ".dock")
    home.browser.press("Promote", ".dock")
    home.browser.sees("Raise a low supply", ".dock")
    before = home.newest()["id"]
    home.house.device.end()
    home.browser.sees("The device is offline")
    home.house.device.start()
    home.browser.sees_no("The device is offline")
    home.browser.sees("Pumping", ".now")
    assert home.newest()["id"] == before


def test_what_waits_is_answered_and_taken_back(home: Home) -> None:
    place = ".card:has(#waiting-title)"
    home.browser.press("Promote", place)
    home.browser.sees_no("Waiting for a purpose")
    home.browser.press("Undo")
    home.browser.sees("Waiting for a purpose")


def test_every_correction_of_a_session_arrives_in_the_record(home: Home) -> None:
    ident = home.newest()["id"]
    home.browser.press("Last", ".dock")
    home.browser.press("Older")  # the newest is the nursing
    home.browser.press("Treat", "dialog")
    until("treat", lambda: home.record(ident)["purpose"] == "treat")
    home.browser.press("Nipple pain", "dialog")
    until("the reason", lambda: home.record(ident)["reason"] == "nipple_pain")
    home.browser.press("Discard")
    until("the intention", lambda: home.record(ident)["intention"] == "discard")
    home.browser.press("more")
    until("65 ml", lambda: home.record(ident)["volume_ml"] == 65)
    home.browser.press("Left and right apart")
    home.browser.type("dialog input[aria-label=Left]", "30")
    until("left", lambda: home.record(ident)["left_ml"] == 30)
    home.browser.type("dialog input[aria-label=Right]", "25")
    until("both", lambda: home.record(ident)["volume_ml"] == 55)
    home.browser.press("No amount")
    until("no amount", lambda: home.record(ident)["volume_ml"] is None)
    home.browser.type("dialog textarea", "a note & <more>")
    until("the note", lambda: home.record(ident)["note"] == "a note & <more>")
    end = home.record(ident)["ended_at"]
    later = home.browser.js("const f = document.querySelector('dialog input[aria-label=End]'); return f.value")
    hours, minutes, *_ = later.split(":")
    moved = f"{hours}:{int(minutes) + (-1 if minutes == '59' else 1):02}:00"
    home.browser.type("dialog input[aria-label=End]", moved)
    until("the end", lambda: home.record(ident)["ended_at"] != end)
    home.browser.press("Delete")
    until("deleted", lambda: home.record(ident)["deleted"] is True)
    home.browser.press("Undo")
    until("restored", lambda: home.record(ident)["deleted"] is False)


def test_nursings_are_made_corrected_and_deleted(home: Home) -> None:
    home.browser.press("Nursed", ".dock")
    home.browser.press("No", ".dock")
    home.browser.sees("Nursing saved")
    nursing = home.house.wire.ask("history", limit=1)["nursings"][0]["id"]
    assert home.record(nursing)["effective"] is False
    home.browser.press("Last", ".dock")
    home.browser.press("Yes")
    until("effective", lambda: home.record(nursing)["effective"] is True)
    home.browser.press("Both", "dialog")
    until("its side", lambda: home.record(nursing)["side"] == "both")
    home.browser.press("Take back", "dialog")
    until("no side", lambda: home.record(nursing)["side"] is None)
    home.browser.press("Delete")
    until("deleted", lambda: home.record(nursing)["deleted"] is True)


def test_a_session_is_added_and_the_baseline_set(home: Home) -> None:
    home.browser.press("all")
    home.browser.press("Add a session")
    day = (NOW - timedelta(days=4)).strftime("%Y-%m-%d")
    home.browser.type("dialog:last-of-type input[type=date]", day, enter=False)
    for index, clock in enumerate(("10:00", "10:20")):
        home.browser.js(
            "const f = document.querySelectorAll('dialog:last-of-type input[inputmode=numeric]')[arguments[0]];"
            "f.value = arguments[1]; f.dispatchEvent(new Event('input', {bubbles: true}))",
            index,
            clock,
        )
    home.browser.press("Treat")
    home.browser.press("Add")
    home.browser.sees("Session added")
    found = home.house.wire.ask("history", until=iso(NOW - timedelta(days=3)))["sessions"][0]
    assert (found["started_at"], found["purpose"], found["sources"]) == (f"{day}T09:00:00Z", "treat", ["added"])
    home.browser.press("Close")
    home.browser.press("Settings")
    home.browser.press("less", "dialog")
    home.browser.sees("baseline 7", ".card:has(#day-title)")


TOP = "dialog:last-of-type"


def exported(home: Home, *options: str) -> str:
    """What the command line writes, in the zone that the device says."""
    command = [sys.executable, "-m", "device", "export", "--config", str(home.house.device.config), *options]
    zone = home.house.wire.on("today", lambda today: bool(today["timezone"]))["timezone"]
    env = {**os.environ, "TZ": zone}
    return subprocess.run(command, check=True, cwd=ROOT, env=env, capture_output=True).stdout.decode()


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("Sessions, a table", ["--format", "csv"]),
        ("Nursings, a table", ["--format", "csv", "--nursings"]),
        ("All of it", []),
    ],
)
def test_a_file_from_the_page_is_the_one_that_export_writes(home: Home, form: str, options: list[str]) -> None:
    home.house.wire.ask("note", text='=1+1, "twice"\nover\x7f and ½ oz')
    home.house.wire.ask("delete", nursing=home.house.wire.ask("history")["nursings"][0]["id"])
    home.browser.js(KEEP)
    home.browser.press("all", ".card:has(#sessions-title)")
    home.browser.press("Download", "dialog")
    home.browser.press(form, TOP)
    home.browser.press("Make the file", TOP)
    home.browser.sees("kB", TOP)
    assert home.browser.later(KEPT) == exported(home, *options)


def test_a_file_is_taken_in_and_the_same_again_changes_nothing(home: Home) -> None:
    days = [{"session": {"started_at": iso(OLD - timedelta(days=day)), "duration_s": 900}} for day in range(1, 21)]
    days += [{"nursing": {"at": iso(OLD - timedelta(days=1, hours=3)), "effective": False, "side": "left"}}]
    text = "".join(json.dumps(line) + "\n" for line in days)
    home.browser.press("all", ".card:has(#sessions-title)")
    home.browser.press("Import", "dialog")
    give_file(home.browser, "record.jsonl", text)
    home.browser.press("Bring in 21", TOP)
    home.browser.sees("21 of 21 records came in.", TOP)
    give_file(home.browser, "record.jsonl", text)
    home.browser.sees("0 would come in, 0 can’t, 21 there already.", TOP)
    held = home.house.wire.ask("history", limit=500)
    assert (len(held["sessions"]), len(held["nursings"])) == (22, 2)


def test_two_halves_of_a_session_are_joined_and_given_back_by_the_real_device(home: Home) -> None:
    wire, begin = home.house.wire, OLD + timedelta(hours=10)
    wire.ask("add", started_at=iso(begin), duration_s=600, ml=60, purpose="protect")
    wire.ask("add", started_at=iso(begin + timedelta(minutes=14)), duration_s=300, ml=25, note="the rest")
    names = ("started_at", "ended_at", "pumping_s", "volume_ml", "purpose", "intention", "note", "deleted")

    def halves() -> list[dict[str, Any]]:
        found = sorted(wire.ask("history", since=iso(begin))["sessions"], key=lambda s: str(s["started_at"]))
        return [{name: session[name] for name in names} for session in found]

    before = halves()
    home.browser.press("Last", ".dock")
    home.browser.press("Join with", "dialog")
    home.browser.sees("Joined to", "dialog")
    (whole,) = halves()
    assert (whole["ended_at"], whole["volume_ml"], whole["note"]) == (before[1]["ended_at"], 85, "the rest")
    home.browser.press("Undo")
    until("both again", lambda: len(halves()) == 2)
    assert halves() == before


MILK = ".card:has(#milk-title)"


def sums(home: Home) -> list[str]:
    """The stock's places with their sums, as the card has them."""
    script = f"return [...document.querySelectorAll('{MILK} .milk-place > header')].map((e) => e.innerText)"
    return [" ".join(str(line).split()) for line in home.browser.js(script)]


def stock(home: Home) -> dict[str, Any]:
    return dict(home.house.wire.all("today")[-1]["milk"])


def becomes(home: Home, key: str, words: str, places: list[str]) -> None:
    """One key of the opened portion, what the toast says, and the stock after it."""
    home.browser.press(key, MILK)
    home.browser.sees(words, ".toast")
    until(f"{places}", lambda: sums(home) == places)


def test_a_portion_goes_its_whole_way_and_each_step_is_taken_back(home: Home) -> None:
    ident = home.house.wire.ask("history", milk=True)["sessions"][0]["id"]
    home.browser.press("use by", MILK)
    for key, words, places in (
        ("Freeze", "85 ml in the freezer", ["Freezer 85 ml"]),
        ("Donate", "85 ml donated", []),
        ("Used", "85 ml used", []),
    ):
        becomes(home, key, words, places)
        home.browser.press("Undo")
        until("the fridge again", lambda: sums(home) == ["Fridge 85 ml"])
        home.browser.press("use by", MILK)
    home.browser.press("Part used", MILK)
    home.browser.type(f"{MILK} .amount .field", "30")
    becomes(home, "Save", "30 ml used", ["Fridge 55 ml"])
    home.browser.sees("of 85 ml", MILK)
    becomes(home, "Freeze", "55 ml in the freezer", ["Freezer 55 ml"])
    home.browser.press("use by", MILK)
    becomes(home, "Thaw", "55 ml thawed", ["Thawed 55 ml"])
    until("its sum", lambda: (stock(home)["thawed_ml"], stock(home)["portions"]) == (55, 1))
    home.browser.press("use by", MILK)
    becomes(home, "Discard", "55 ml discarded", [])
    assert home.record(ident)["milk"] | {"since": None} == {"place": "discarded", "ml": 0, "since": None}
    assert home.record(ident)["volume_ml"] == 85
    home.browser.press("Undo")
    until("thawed again", lambda: sums(home) == ["Thawed 55 ml"])


def test_milk_past_its_time_is_in_no_sum_and_may_still_be_said_to_be_used_earlier(home: Home) -> None:
    begin = NOW - timedelta(hours=6)
    added = home.house.wire.ask("add", started_at=iso(begin), duration_s=900, ml=40, intention="feed")["session"]
    home.browser.sees("Past its time", MILK)
    until("its place", lambda: sums(home) == ["Fridge 85 ml", "Past its time"])
    assert (stock(home)["room_ml"], stock(home)["portions"]) == (0, 1)
    home.browser.press("Room, until", MILK)
    home.browser.sees("To the fridge", MILK)
    earlier = (NOW - timedelta(hours=4)).astimezone(ZoneInfo("Europe/Vienna"))
    home.browser.type(f"{MILK} .when .field", earlier.strftime("%H:%M"), enter=False)
    becomes(home, "Used", "40 ml used", ["Fridge 85 ml"])
    assert home.record(added["id"])["milk"]["since"] == iso(earlier.replace(second=0))


@pytest.mark.parametrize("home", [600], indirect=True)
def test_a_start_told_late_is_corrected_while_it_runs_and_rests_by_hand(home: Home) -> None:
    def ago(minutes: float) -> str:
        return (datetime.now(ZoneInfo("Europe/Vienna")) - timedelta(minutes=minutes)).strftime("%H:%M")

    home.house.wire.ask("add", started_at=iso(NOW - timedelta(minutes=90)), duration_s=1800)
    home.browser.press("Started earlier", ".dock")
    home.browser.type(".dock .field", ago(75))
    home.browser.sees("Not started: another session is at that time.", ".dock")
    home.browser.press("Open that session", ".dock")
    home.browser.sees("30 min pumping", "dialog")
    home.browser.press("Done", "dialog")
    home.browser.press("10 min", ".dock")
    home.browser.sees("Pumping", ".now")
    session = home.newest()
    assert datetime.now(UTC) - datetime.fromisoformat(session["started_at"]) > timedelta(minutes=9)
    home.browser.press("Correct the start", ".now")
    home.browser.type("dialog input[aria-label=Start]", f"{ago(75)}:00")
    home.browser.sees("Not changed: another session is at that time.", "dialog")
    home.browser.press("Open that session", "dialog")
    home.browser.sees("30 min pumping", "dialog:last-of-type")
    home.browser.press("Done", "dialog:last-of-type")
    corrected = ago(20)
    home.browser.type("dialog input[aria-label=Start]", f"{corrected}:00")
    home.browser.sees("saved", "dialog")
    home.browser.press("Done", "dialog")
    home.browser.sees(f"since {corrected}", ".now")
    home.browser.press("Pause", ".now")
    home.browser.sees("Paused", ".now")
    home.browser.sees("It ends by itself", ".now")
    home.browser.press("Go on", ".now")
    home.browser.sees("Pumping", ".now")
    for answer in ("Protect", "Finish a nursing", "Fridge"):
        home.browser.press(answer, ".dock")
    home.browser.press("Stop", ".dock")
    home.browser.sees("Amount", ".dock")
    ended = home.record(session["id"])
    assert (ended["state"], ended["counted"], ended["pumping_s"] > 19 * 60) == ("ended", True, True)


def test_a_file_brings_what_became_of_the_milk_too(home: Home) -> None:
    def line(day: int, place: str, ml: int) -> dict[str, Any]:
        began = OLD - timedelta(days=day)
        came = timedelta(minutes=15 if place == "freezer" else 90)  # there it was from the end on
        milk = {"place": place, "ml": ml, "since": iso(began + came)}
        told = {"started_at": iso(began), "duration_s": 900, "volume_ml": 90, "intention": "freezer"}
        return {"session": {**told, "milk": milk}}

    lines = [line(2, "freezer", 90), line(3, "freezer", 50), line(4, "used", 0), line(5, "thawed", 90)]
    text = "".join(json.dumps(one) + "\n" for one in lines)
    home.browser.press("all", ".card:has(#sessions-title)")
    home.browser.press("Import", "dialog")
    give_file(home.browser, "record.jsonl", text)
    home.browser.press("Bring in 4", TOP)
    home.browser.sees("4 of 4 records came in.", TOP)
    assert "what became of its milk did not" not in home.browser.text(TOP)
    until("the freezer", lambda: stock(home)["freezer_ml"] == 140)
    portions = home.house.wire.ask("history", since=iso(OLD - timedelta(days=6)), limit=500)["sessions"]
    found = {one["started_at"]: one["milk"] for one in portions if one["intention"] == "freezer"}
    assert found == {one["session"]["started_at"]: one["session"]["milk"] for one in lines}


def test_a_part_that_was_used_as_the_connection_broke_went_once(home: Home) -> None:
    ident = home.house.wire.ask("history", milk=True)["sessions"][0]["id"]
    home.browser.press("use by", MILK)
    home.browser.press("Part used", MILK)
    home.browser.type(f"{MILK} .amount .field", "30")
    home.house.device.freeze(frozen=True)
    home.browser.press("Save", MILK)
    home.house.broker.stop()
    home.browser.sees("No connection since", ".banner")
    home.house.device.freeze(frozen=False)
    home.house.broker.start()
    until("the rest", lambda: sums(home) == ["Fridge 55 ml"])
    home.browser.sees("30 ml used", ".toast")
    home.browser.press("Undo")
    until("all of it", lambda: sums(home) == ["Fridge 85 ml"])
    assert home.record(ident)["milk"]["ml"] == 85


def test_of_two_windows_at_once_the_second_is_told_that_the_milk_went_elsewhere(home: Home) -> None:
    home.browser.press("use by", MILK)
    with home.browser.another():
        home.open()
        home.browser.press("use by", MILK)
        home.house.device.freeze(frozen=True)
        home.browser.press("Used", MILK)
    home.browser.press("Freeze", MILK)
    home.house.device.freeze(frozen=False)
    until("no milk", lambda: stock(home)["portions"] == 0)
    home.browser.sees_no("Milk kept")
    assert home.house.wire.ask("history")["sessions"][1]["milk"]["place"] == "used"


def test_a_refusal_of_the_device_is_shown_in_words(home: Home) -> None:
    home.browser.press("Last", ".dock")
    home.browser.press("Older")
    home.browser.type("dialog .amount .field", "2001")
    home.browser.sees("Not changed: an amount is between 0 and 2000 ml.", "dialog")
    home.browser.sees("Device:", "dialog")


SAID = """
window.said = new Set();
const card = () => document.querySelector(".card:has(#device-title)")?.innerText ?? "";
const hear = () => (card().match(/\\d+ records? not yet sent/g) ?? []).forEach((words) => said.add(words));
new MutationObserver(hear)
  .observe(document.body, {childList: true, subtree: true, characterData: true});
"""


def test_what_had_waited_is_no_longer_said_to_wait_once_it_is_sent(home: Home) -> None:
    home.house.device.end()
    home.browser.sees("The device is offline")
    days = [{"session": {"started_at": iso(OLD - timedelta(days=day)), "duration_s": 900}} for day in range(1, 92)]
    taken_in(home.house.device.config, days)
    home.browser.js(SAID)
    home.house.wire.clear()
    home.house.device.start()
    waited = home.house.wire.on("diagnostics", lambda value: value["outbox"] >= 91)["outbox"]
    home.house.wire.on("diagnostics", lambda value: value["outbox"] == 0)
    home.browser.sees_no("not yet sent", ".card:has(#device-title)")
    home.browser.sees("everything sent", ".card:has(#device-title)")
    assert f"{waited} records not yet sent" in home.browser.js("return [...said]")


def test_a_house_without_internet_gets_its_time_from_the_page(tmp_path: Path, browser: Browser, site: Site) -> None:
    with household(tmp_path, clock_unset=True) as house:
        browser.open(site.address, broker=house.broker.address)
        house.pump.say("START")
        browser.sees("Clock not set; times are corrected later.", ".now")
        browser.press("Use this computer’s time", DEVICE)
        browser.sees("clock set by a person", DEVICE)
        browser.sees_no("not set")
        session = house.wire.on("session", lambda session: session["clock"] == "synced")
        assert abs(datetime.fromisoformat(session["started_at"]) - datetime.now(UTC)) < timedelta(minutes=2)
        own_replies_are_right(house)
        browser.get("about:blank")


def test_an_earlier_start_waits_for_a_clock_that_is_set(tmp_path: Path, browser: Browser, site: Site) -> None:
    with household(tmp_path, clock_unset=True) as house:
        browser.size(360, 780)
        browser.open(site.address, broker=house.broker.address)
        browser.press("Started earlier", ".dock")
        browser.press("10 min", ".dock")
        browser.sees("Not started: the device’s clock is not set", ".dock")
        browser.press("Back", ".dock")
        browser.press("Start", ".dock")
        browser.sees("Pumping", ".now")
        own_replies_are_right(house)
        browser.get("about:blank")


def test_a_device_that_keeps_its_record_to_itself_is_started_and_rested_all_the_same(
    tmp_path: Path, browser: Browser, site: Site
) -> None:
    with household(tmp_path, extra='publish = "summary"', pause_s=600) as house:
        browser.size(360, 780)
        browser.open(site.address, broker=house.broker.address)
        browser.press("Nursed", ".dock")
        browser.press("Yes", ".dock")
        browser.sees("1 stimulation", ".now")
        browser.press("Started earlier", ".dock")
        browser.press("10 min", ".dock")
        browser.sees("Pumping", ".now")
        assert "Milk kept" not in browser.text()
        assert browser.complaints() == []
        own_replies_are_right(house)
        browser.get("about:blank")
