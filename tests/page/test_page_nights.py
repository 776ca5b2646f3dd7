"""The nights in which the clocks change, zones of odd hours and unknown ones, times as their readers write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.page.test_page_record import run
from tests.support.page_browsers import LOCALE
from tests.support.page_device import ZONE, ScriptedDevice
from tests.support.page_records import instant, iso
from tests.support.page_states import CLOCKS_WENT_BACK as BACK
from tests.support.page_states import World, fill, idle
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

FORTH = datetime(2026, 3, 29, 9, 0, tzinfo=UTC)


def opened(world: World, now: datetime) -> ScriptedDevice:
    device = world.device(week=False)
    device.wall = now
    device.session(now - timedelta(hours=2), 12, purpose="protect")
    device.connect()
    world.open()
    return device


def added(device: ScriptedDevice) -> tuple[str, str]:
    found = until("the session", lambda: [s for s in device.sessions.values() if s["cause"] == "added"])
    return found[0]["started_at"], found[0]["ended_at"]


def test_a_session_over_the_hour_that_came_twice_is_as_long_as_it_looks(world: World) -> None:
    device = opened(world, BACK)
    fill(world, "2026-10-25", "01:50", "02:20")
    world.browser.sees("The clocks went back that night", "dialog:last-of-type")
    world.browser.press("Add")
    assert added(device) == ("2026-10-24T23:50:00Z", "2026-10-25T00:20:00Z")


def test_the_second_of_two_times_can_be_meant(world: World) -> None:
    device = opened(world, BACK)
    fill(world, "2026-10-25", "02:10", "02:20")
    world.browser.press("second 02:10 to second 02:20, 10 min")
    world.browser.press("Add")
    assert added(device) == ("2026-10-25T01:10:00Z", "2026-10-25T01:20:00Z")


def test_only_what_has_been_is_offered_while_the_night_lasts(world: World) -> None:
    device = opened(world, datetime(2026, 10, 25, 0, 40, tzinfo=UTC))  # the first 02:40
    fill(world, "2026-10-25", "02:10", "02:20")
    world.browser.press("Add")
    assert added(device) == ("2026-10-25T00:10:00Z", "2026-10-25T00:20:00Z")
    assert "The clocks went back" not in world.browser.text("body")


def test_a_time_that_was_left_out_moves_forward_and_says_so(world: World) -> None:
    device = opened(world, FORTH)
    fill(world, "2026-03-29", "01:50", "02:20")
    world.browser.sees("02:20 is taken for 03:20", "dialog:last-of-type")
    world.browser.press("Add")
    assert added(device) == ("2026-03-29T00:50:00Z", "2026-03-29T01:20:00Z")


def test_a_time_that_came_twice_is_named_and_the_other_one_offered(world: World) -> None:
    device = world.device(week=False)
    device.wall = BACK
    session = device.session(instant("2026-10-25T00:10:00Z"), 65, purpose="protect")  # first 02:10, second 02:15
    device.connect()
    world.open()
    world.browser.press("02:10", ".card:has(#sessions-title)")
    world.browser.sees("02:10 came twice that night; this is the first.", "dialog")
    world.browser.sees("02:15 came twice that night; this is the second.", "dialog")
    world.browser.type("dialog input[aria-label=End]", "02:15:00")  # as it stands there: no other time
    world.browser.press("Take the first", "dialog")
    until("the end", lambda: session["ended_at"] == "2026-10-25T00:15:00Z")
    assert [c["ended_at"] for c in device.heard if c["command"] == "edit"] == ["2026-10-25T00:15:00Z"]


ORACLE_DAYS = {
    "Europe/Vienna": ["2026-10-25", "2026-03-29", "2026-07-01"],
    "America/New_York": ["2026-11-01", "2026-03-08"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # half an hour
    "America/Sao_Paulo": ["2018-11-04", "2018-02-17"],  # midnight itself is left out, or the hour before it comes twice
    "America/St_Johns": ["2026-11-01"],
    "Asia/Kathmandu": ["2026-06-01"],
    "Pacific/Apia": ["2011-12-29"],
}


def instants(zone: str, day: str, time: str) -> list[str]:
    """Every instant of a wall time, found by looking at each quarter of an hour around it."""
    wall = datetime.fromisoformat(f"{day}T{time}")
    around = (wall.replace(tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(-64, 65))
    return [iso(at) for at in around if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall]


def test_every_wall_time_of_such_nights_has_its_instants_and_each_leads_back(world: World) -> None:
    times = [f"{hour:02}:{minute:02}:00" for hour in (23, 0, 1, 2, 3, 12) for minute in (0, 15, 30, 45)]
    asked = [[zone, day, time] for zone, days in ORACLE_DAYS.items() for day in days for time in times]
    script = """
      return ASKED.map(([zone, day, time]) => m.timesIn(zone, 0).instants(day, time).map(m.iso));
    """.replace("ASKED", str(asked))
    assert run(world, "js/time.js", script) == [instants(*one) for one in asked]


def test_the_likeliest_span_is_the_shortest_and_an_end_before_the_start_is_the_next_days(world: World) -> None:
    cases = {
        ("2026-10-25", "02:50:00", "02:10:00"): [1200],
        ("2026-10-25", "02:10:00", "02:10:00"): [3600],
        ("2026-10-25", "02:20:00", "03:10:00"): [3000, 6600],
        ("2026-10-24", "23:50:00", "00:20:00"): [1800],
        ("2026-10-24", "23:50:00", "02:20:00"): [9000, 12600],
        ("2026-07-01", "12:00:00", "12:00:00"): [0],
        ("2026-03-29", "01:50:00", "03:10:00"): [1200],
    }
    script = f"""
      const times = m.timesIn("{ZONE}", 0);
      const spans = (c) => m.spansOf(...c, times, Infinity).map(([a, b]) => (b - a) / 1000);
      return {[list(case) for case in cases]}.map(spans);
    """
    assert run(world, "js/time.js", script) == list(cases.values())


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "toString", 7, None, ["UTC"]])
def test_a_zone_that_the_browser_does_not_know_is_said_and_all_else_goes_on(world: World, zone: Any) -> None:
    device = world.device()
    device.strange, device.extra = True, {"timezone": zone}
    device.connect()
    world.open()
    world.browser.sees("Pumped", ".now")
    if zone and isinstance(zone, str):
        world.browser.sees(f"doesn’t know the zone “{zone}”", ".card:has(#device-title)")
    device.extra = {}
    device.publish_today()
    world.browser.sees("Pumped 08:10", ".now")
    world.browser.sees_no("doesn’t know the zone")


def test_the_axis_of_a_day_has_its_hours_where_they_are_in_a_zone_of_odd_minutes(world: World) -> None:
    device = world.device()
    device.extra = {"timezone": "Asia/Kathmandu"}  # 5 h 45 min east
    device.connect()
    world.open()
    ticks = """const strip = document.querySelector('.hours');
        return [...strip.querySelectorAll('span:not(.last)')].map((tick) =>
            [tick.innerText, parseFloat(getComputedStyle(tick).left) / strip.getBoundingClientRect().width])"""

    def off(hour: str, share: float) -> float:  # minutes between where it stands and where it is
        back = timedelta(days=1 - share)
        at = device.now().astimezone(ZoneInfo("Asia/Kathmandu")) - back
        return abs(((at.hour - int(hour)) * 60 + at.minute + at.second / 60 + 720) % 1440 - 720)

    def in_place() -> bool:  # by the device's clock, as soon as that is heard
        shown = world.browser.js(ticks)
        return len(shown) >= 3 and all(off(*tick) < 3 for tick in shown)

    until("the hours in their places", in_place)


AMERICAN = re.compile(r"\b0\d:\d\d\s[AP]M|\b\d{1,2} (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\b(?:1[3-9]|2\d):\d\d\b")


def test_an_american_browser_writes_times_and_days_as_its_readers_do(world: World) -> None:
    world.browser.locale("en-US")
    try:
        idle_american(world)
    finally:
        world.browser.locale(LOCALE)


def idle_american(world: World) -> None:
    world.opened()
    world.browser.sees("Pumped 8:10 AM", ".now")
    world.browser.sees("Fri, Feb 27", ".week")
    world.browser.sees("6 AM", ".week")
    world.browser.press("Table", ".card:has(#amounts-title)")
    said = world.browser.text()
    world.browser.press("all", ".card:has(#sessions-title)")
    world.browser.sees("4:40 PM", "dialog")
    world.browser.press("Fri 4:40 PM", "dialog")
    world.browser.sees("Fri, Feb 27, 4:40 PM", "dialog:last-of-type")
    fields = world.browser.js("return [...document.querySelectorAll('dialog .times input')].map((e) => e.value)")
    said = "\n".join([said, world.browser.text(), *fields]).replace("\u202f", " ")
    assert AMERICAN.findall(said) == []
    world.browser.type("dialog:last-of-type input[aria-label=End]", "5:02 pm")
    world.browser.sees("4:40 PM–5:02 PM", "dialog:last-of-type")


def test_a_british_browser_writes_them_as_its_own_do(world: World) -> None:
    idle(world)
    world.browser.sees("Fri 27", ".week")
    world.browser.sees("Wed 4, 01:10", ".card:has(#milk-title)")


@pytest.mark.parametrize("width", [360, 1280])
def test_days_and_hours_of_other_readers_take_one_line_and_stay_in_their_card(world: World, width: int) -> None:
    world.browser.locale("en-US")
    try:
        device = world.device()
        device.wall = BACK - timedelta(hours=9, minutes=5)
        device.extra = {"timezone": "Etc/UTC"}  # the strip begins five minutes before midnight
        device.connect()
        world.open()
        world.browser.size(width, 800)
        world.browser.sees("12 AM", ".hours")
        world.browser.sees("Oct", ".week")
        broken = """const words = document.querySelectorAll(".week .day, .hours span, .week-hours span");
        return [...words].filter((word) => {
            const lines = document.createRange();
            lines.selectNodeContents(word);
            const card = word.closest(".card").getBoundingClientRect(), at = word.getBoundingClientRect();
            const strip = word.closest(".hours")?.getBoundingClientRect() ?? card;
            return lines.getClientRects().length > 1 || at.left < strip.left - 1 || at.right > card.right;
        }).map((word) => word.innerText)"""
        assert world.browser.js(broken) == []
    finally:
        world.browser.locale(LOCALE)


@pytest.mark.parametrize(("width", "locale"), [(360, "en-US"), (1280, "en-US"), (1280, LOCALE)])
def test_the_hours_of_the_strip_keep_clear_of_now_and_of_each_other(world: World, width: int, locale: str) -> None:
    shown = """const strip = document.querySelector(".hours").getBoundingClientRect();
        const words = [...document.querySelectorAll(".hours span")].map((word) => word.getBoundingClientRect());
        const middle = ({ left, right }) => ((left + right) / 2 - strip.left) / strip.width;
        return [words.map(middle), words.slice(1).map((word, index) => word.left - words[index].right)]"""
    world.browser.locale(locale)
    try:
        device = world.device()
        device.extra = {"timezone": "Etc/UTC"}
        device.wall = BACK.replace(hour=15)
        device.connect()
        world.open()
        world.browser.size(width, 800)
        world.browser.sees("now", ".hours")
        for minutes in range(30, 150, 15):  # noon goes back from where it has no room beside "now"
            device.wall = BACK.replace(hour=15) + timedelta(minutes=minutes)
            device.publish_all()
            midnight = 1 - (15 + minutes / 60) / 24

            def in_place(midnight: float = midnight) -> list[float] | None:
                middles, gaps = world.browser.js(shown)
                return gaps if any(abs(at - midnight) < 0.004 for at in middles) else None

            assert min(until("the strip at that time", in_place)) > 2, minutes
    finally:
        world.browser.locale(LOCALE)
