"""What the page does while nothing happens, after a long look back, and in an hour of a session: counts, no times."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.page_browsers import Browser, Chromium
from tests.support.page_states import World, idle, running
from tests.support.page_world import Quiet, Site, until

pytest_plugins = ("tests.support.page_fixtures",)
SESSIONS = ".card:has(#sessions-title)"


# Its timers in the test's hand: `waiting` is what waits, `hurry` lets seconds pass at once, frames included.
class Hurried(Quiet):
    scripts = """
      const given = Object.fromEntries(
        ["setTimeout", "setInterval", "clearTimeout"].map((name) => [name, window[name].bind(window)]));
      given.now = Date.now;
      const turn = (run) => {
        const {port1, port2} = new MessageChannel();
        port1.onmessage = run;
        port2.postMessage(0);
      };
      const ours = ({ms}) => ms <= 60000; // WebKit's WebDriver has one of its own there
      let ahead = 0, hurries = false;
      window.waiting = new Map();
      window.frames_asked = 0;
      Date.now = () => given.now() + ahead;
      window.setTimeout = (run, ms = 0, ...all) => {
        const id = given.setTimeout(() => { if (waiting.delete(id)) run(...all); }, ms);
        waiting.set(id, {run, ms, at: Date.now() + ms, again: false});
        return id;
      };
      window.setInterval = (run, ms) => {
        const id = given.setInterval(run, ms);
        waiting.set(id, {run, ms, again: true});
        return id;
      };
      window.clearTimeout = window.clearInterval = (id) => { waiting.delete(id); given.clearTimeout(id); };
      const draw = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (run) => { frames_asked += 1; return hurries ? turn(run) : draw(run); };
      window.hurry = async (seconds) => {
        hurries = true;
        const until = Date.now() + 1000 * seconds;
        for (;;) {
          const due = [...waiting].filter(([, one]) => ours(one) && !one.again).sort(([, a], [, b]) => a.at - b.at)[0];
          if (!due || due[1].at > until) break;
          ahead += Math.max(0, due[1].at - Date.now());
          clearTimeout(due[0]);
          due[1].run();
          await new Promise(turn);
          await new Promise(turn);
        }
        ahead += Math.max(0, until - Date.now());
        hurries = false;
      };
    """


@pytest.fixture
def hurried(world: World) -> Iterator[World]:
    site = Site(Hurried)
    yield World(world.broker, site, world.browser, world.prefix, world.devices)
    world.browser.get("about:blank")
    site.stop()


WAITS = """
const name = ({ms, again}) => (again ? `every ${ms / 1000} s` : ms <= 5000 ? `in ${ms} ms` : "a minute");
return [...waiting.values()].filter(ours).map(name).sort();
"""
AT_REST = ["a minute", "a minute", "every 30 s", "every 5 s"]
"""What stands in minutes, how long since; MQTT's keepalive; and the beat by which a sleep is noticed."""
BEAT = """
const done = arguments[0];
let changes = 0;
new MutationObserver((all) => { changes += all.length; })
  .observe(document, {attributes: true, childList: true, characterData: true, subtree: true});
frames_asked = 0;
for (const {run, ms, again} of waiting.values()) if (again && ms === 5000) run();
turn(() => turn(() => done([changes, frames_asked, document.getAnimations().length])));
"""
MINUTE = "const done = arguments[0]; frames_asked = 0; hurry(60).then(() => turn(() => done(frames_asked)))"


def at_rest(browser: Browser, timers: list[str]) -> None:
    until("rest", lambda: browser.js(WAITS) == timers)


def test_at_rest_nothing_is_drawn_between_two_minutes_and_only_these_timers_wait(hurried: World) -> None:
    idle(hurried)
    at_rest(hurried.browser, AT_REST)
    assert hurried.browser.later(BEAT) == [0, 0, 0]
    assert hurried.browser.later(MINUTE) == 2
    assert hurried.browser.js(WAITS) == AT_REST


# How many times it reads and writes to draw everything anew, as with any message, and how many elements there are then.
DRAWING = """
const done = arguments[0], parse = Date.parse, write = Intl.DateTimeFormat.prototype.formatToParts;
let count = 0;
Date.parse = (text) => { count += 1; return parse(text); };
Intl.DateTimeFormat.prototype.formatToParts = function (at) { count += 1; return write.call(this, at); };
(async () => {
  theme.apply();
  for (let turn = 0; turn < 9; turn += 1) await null;
  Date.parse = parse;
  Intl.DateTimeFormat.prototype.formatToParts = write;
  done([count, document.querySelectorAll("*").length]);
})();
"""


def test_a_message_costs_no_more_once_somebody_looked_far_back(world: World) -> None:
    device = world.device(week=False)
    for back in range(320):
        started = device.wall - timedelta(hours=3 * back + 1)
        device.session(started, 15, volume_ml=60, purpose="protect", classified_by="button")
    device.connect()
    world.open()
    world.browser.sees("05:42", SESSIONS)
    before = world.browser.later(DRAWING)
    world.browser.press("all", SESSIONS)
    bottom = "const b = document.querySelector('dialog .sheet-body'); b.scrollTop = b.scrollHeight; return b.innerText"
    until("the end", lambda: "320 rows" in world.browser.js(bottom))
    assert world.browser.js("return document.querySelectorAll('*').length") < before[1] + 1500
    world.browser.js("document.querySelector('dialog [aria-label=Close]').click()")
    until("no dialog", lambda: world.browser.js("return !document.querySelector('dialog')"))
    assert before[0] > 100
    after = world.browser.later(DRAWING)
    assert after[0] <= before[0] + 10
    assert after[1] == before[1]


def held(browser: Any) -> list[int]:
    """DOM nodes, those that only a script holds too, and listeners, where the engine counts them; else elements."""
    if not isinstance(browser, Chromium):
        return [int(browser.js("return document.querySelectorAll('*').length"))]
    for command in ("Performance.enable", "HeapProfiler.enable", *["HeapProfiler.collectGarbage"] * 3):
        browser.driver.execute_cdp_cmd(command, {})
    said = browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    counts = {one["name"]: int(one["value"]) for one in said}
    return [counts["Nodes"], counts["JSEventListeners"]]


def test_an_hour_of_a_session_leaves_nothing_behind(hurried: World) -> None:
    device = running(hurried)
    browser = hurried.browser
    drawn = []
    for minute in range(65):
        browser.later(MINUTE)
        device.wall += timedelta(minutes=1)
        device.live["session"]["pumping_s"] += 60
        device.publish_all()
        if minute in (4, 64):
            browser.sees(f"{device.live['session']['pumping_s'] // 60 % 60}:", ".now")
            drawn.append(held(browser))
    early, late = drawn
    assert browser.complaints() == []
    assert all(after <= before + 8 for before, after in zip(early, late, strict=True)), drawn
