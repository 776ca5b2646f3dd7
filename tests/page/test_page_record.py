"""A long record on the page: paged by its cursor, smooth to scroll, folded into sittings; and pure functions."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.page_states import World, idle, whole_record
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)


RUN = """
const [module, script, done] = arguments;
import(new URL(module, document.baseURI)).then((m) => (MADE)(m)).then(done, (error) => done(String(error)));
"""


def run(world: World, module: str, script: str) -> Any:
    """What `script` gives back, with the module's exports as `m`."""
    made = RUN.replace("MADE", f"(m) => {{ {script} }}")
    return world.browser.later(made, module, script)


def test_a_sitting_is_one_row_that_opens(world: World) -> None:
    idle(world)
    world.browser.press("Sat 10:05", ".card:has(#sessions-title)")
    world.browser.sees("Sat 10:35–10:45", ".card:has(#sessions-title)")
    world.browser.press("Sat 10:35", ".card:has(#sessions-title)")
    world.browser.sees("Sat 28, 10:35–10:45", "dialog")


def test_a_row_of_the_week_opens_its_day(world: World) -> None:
    idle(world)
    world.browser.js("document.querySelectorAll('.week-row')[2].click()")
    world.browser.sees("Fri 27", "dialog")
    world.browser.sees("Fri 16:40–16:58", "dialog")


END = "That is the whole record: 49 rows."


def scrolled_to_the_end(world: World) -> None:
    """As a finger does it: again where what was drawn meanwhile has moved the end away."""

    def look() -> bool:
        world.browser.js(
            "const body = document.querySelector('dialog .sheet-body'); body.scrollTop = body.scrollHeight"
        )
        return END in world.browser.text("dialog")

    until("the end of the record", look)


def test_the_whole_record_says_where_it_ends(world: World) -> None:
    whole_record(world)
    scrolled_to_the_end(world)


def test_a_record_that_is_looked_through_before_it_is_known_comes_to_its_end(world: World) -> None:
    device = world.device()
    device.answering = False
    device.connect()
    world.open("Last sessions")
    world.browser.press("all", ".card:has(#sessions-title)")
    world.browser.sees("Asking the device", "dialog")
    asked = until("a question", lambda: device.heard)[0]
    with device.lock:
        device.answering = True
        device.send_reply(device.reply_topics[0], asked, device._answer(asked))
    world.browser.sees(END, "dialog")


def test_pages_of_nothing_but_deleted_sessions_do_not_end_the_record(world: World) -> None:
    device = world.device()
    for back in range(200):
        device.session(device.wall - timedelta(days=9, hours=3 * back), 15, purpose="protect", deleted=True)
    device.connect()
    world.open()
    world.browser.sees("Sat 21:40")
    world.browser.press("all", ".card:has(#sessions-title)")
    scrolled_to_the_end(world)


def test_a_thousand_sessions_are_paged_and_drawn_only_where_they_are_looked_at(world: World) -> None:
    device = world.device(week=False)
    for back in range(1200):
        device.session(
            device.wall - timedelta(hours=3 * back + 1),
            15,
            volume_ml=60 + back % 40,
            purpose="protect",
            reason="in_place_of_nursing",
            classified_by="button",
        )
    device.connect()
    world.open()
    world.browser.press("all")
    world.browser.sees("All sessions", "dialog")
    until(
        "the end",
        lambda: world.browser.js(
            "const b = document.querySelector('dialog .sheet-body'); b.scrollTop = b.scrollHeight;"
            "return b.innerText.includes('1200 rows')"
        ),
    )
    assert world.browser.js("return document.querySelectorAll('dialog .row').length") < 250
    pages = [c for c in device.heard if c["command"] == "history"]
    assert len(pages) > 8
    world.browser.js("document.querySelector('dialog .sheet-body').scrollTop = 0")
    world.browser.sees("08:42", "dialog")
    frames = world.browser.later("""
      const done = arguments[0], body = document.querySelector("dialog .sheet-body"), times = [];
      let before = performance.now();
      const step = () => {
        const now = performance.now();
        times.push(now - before);
        before = now;
        body.scrollTop += 400;
        if (times.length < 120) requestAnimationFrame(step); else done(times.sort((a, b) => a - b));
      };
      requestAnimationFrame(step);
    """)
    print(f"scrolling 1200 rows: median frame {frames[60]:.0f} ms, 95 of 100 within {frames[114]:.0f} ms")


@pytest.mark.parametrize(
    ("text", "units", "ml"),
    [
        ("85", "ml", 85),
        (" 85 ml ", "ml", 85),
        ("", "ml", None),
        ("3.25", "oz", 96),
        ("3,25 oz", "oz", 96),
        ("¾", "oz", 22),
        ("3¼", "oz", 96),
        ("x", "ml", "NaN"),
        ("-5", "ml", "NaN"),
    ],
)
def test_typed_amounts_are_read_in_the_devices_unit(world: World, text: str, units: str, ml: object) -> None:
    read = run(world, "js/amount.js", f"const v = m.parsed({text!r}, {units!r}); return Number.isNaN(v) ? 'NaN' : v")
    assert read == ml


@pytest.mark.parametrize(
    ("ml", "direction", "units", "then"),
    [
        ("null", 1, "ml", 60),
        (90, -1, "ml", 85),
        (87, 1, "ml", 90),
        (87, -1, "ml", 85),
        (0, -1, "ml", 0),
        ("null", -1, "oz", 59),
        (59, 1, "oz", 67),
        (2000, 1, "ml", 2000),
    ],
)
def test_an_amount_steps_by_five_ml_or_a_quarter_ounce(
    world: World, ml: object, direction: int, units: str, then: int
) -> None:
    assert run(world, "js/amount.js", f"return m.stepped({ml}, {direction}, {units!r})") == then


def test_wall_times_become_instants_on_both_sides_of_a_change_of_hour(world: World) -> None:
    script = """
      const times = m.timesIn("Europe/Vienna", Date.UTC(2026, 2, 29, 12));
      return [times.instant("2026-03-29", "01:30:00"), times.instant("2026-03-29", "03:30:00"),
          times.instant("2026-10-25", "12:00:00")]
        .map((at) => m.iso(at));
    """
    assert run(world, "js/time.js", script) == ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-10-25T11:00:00Z"]


def test_the_devices_clock_goes_back_only_by_a_reply(world: World) -> None:
    script = """
      let browser = 0;
      const clock = new m.DeviceClock(() => browser), seen = [];
      const at = (seconds) => new Date(seconds * 1000).toISOString();
      clock.heard(at(1000)); seen.push(clock.now());
      browser += 5000; clock.heard(at(990)); seen.push(clock.now());
      clock.heard(at(990), true); seen.push(clock.now());
      clock.runAt(60); browser += 1000; seen.push(clock.now());
      clock.stop(); browser += 9000; seen.push(clock.now());
      return seen.map((ms) => ms / 1000);
    """
    assert run(world, "js/clock.js", script) == [1000.5, 1005.5, 990, 1050, 1050]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("3:12", "03:12:00"),
        ("03:12:08", "03:12:08"),
        ("0312", "03:12:00"),
        ("24:00", None),
        ("3", None),
        ("noon", None),
    ],
)
def test_typed_times_are_read_with_and_without_colons(world: World, text: str, time: str | None) -> None:
    assert run(world, "js/time.js", f"return m.typedTime({text!r})") == time
