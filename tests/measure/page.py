"""What the page costs with a long record behind it, by engine: its first card, a year, an hour, and nothing at all.

Behind it stands the real daemon; where a page of the record is asked for again and again, or an hour passes, it is the
demo with its own broker, since Debian's mosquitto hands out 4 KB of a WebSocket message each tenth of a second.
"""

import contextlib
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.measure.browsing import (
    REDRAW,
    SCROLL,
    WATCHED,
    YEAR,
    Held,
    Stamped,
    cpu_s,
    drawn,
    held,
    processes,
    recorded,
    stamp,
)
from tests.measure.stage import Ear, Mosquitto, pump
from tests.measure.starting import FEW, MANY
from tests.support.clients import end_thread
from tests.support.demo_process import Demo
from tests.support.page_browsers import ENGINES, Browser, Chromium, Firefox
from tests.support.page_world import Site, until

COUNTS = {"few": FEW, "many": MANY}
CHUNK = 40
REPLY = 64_000
"""Bytes of a page of the record, as large as the contract lets it be."""
SETTLE_S = 20.0
"""Longer than a browser is busy with a page that is there."""
HOUR_S = 3600
PACE = 10
"""Ten seconds in one: as fast as the page still draws each second of a session."""
SESSIONS = ".card:has(#sessions-title)"


@contextlib.contextmanager
def opened(engine: str, folder: Path) -> Iterator[Browser]:
    browser = ENGINES[engine](folder)
    try:
        yield browser
    finally:
        browser.stop()


def fill(folder: Path) -> None:
    for name, count in COUNTS.items():
        (folder / name).mkdir()
        recorded(folder / name / "pump.db", count)


@contextlib.contextmanager
def behind(folder: Path, broker: Mosquitto, name: str) -> Iterator[None]:
    """The daemon with few or many records, at a clock that is set."""
    try:
        with pump(folder, broker, name, 'driver = "none"', CLOCK_SET="yes"):
            yield
    finally:
        (folder / name / "tty").unlink()


# -- the first card ---------------------------------------------------------------------------------------------------


def first_cards(folder: Path, broker: Mosquitto, engine: str, turns: int) -> dict[str, list[float]]:
    """Milliseconds from the navigation's start to the first card and to the record's rows, with few and many records.

    `empty`: a page of nothing, just before. Each turn is another origin, so that nothing of it is kept; `again`: there
    once more, through the service worker.
    """
    taken: dict[str, list[float]] = {}

    def note(name: str, milliseconds: float) -> None:
        taken.setdefault(name, []).append(milliseconds)

    with ExitStack() as stack:
        for name in COUNTS:
            stack.enter_context(behind(folder, broker, name))
        browser = stack.enter_context(opened(engine, folder / engine))
        for _ in range(turns):
            for name in COUNTS:
                site = Site(Stamped)
                browser.get(f"{site.address}/empty")
                note(f"{name} empty", stamp(browser, "card"))
                browser.open(site.address, broker=broker.address, device=name)
                note(name, stamp(browser, "card"))
                note(f"{name} record", stamp(browser, "record"))
                browser.later("navigator.serviceWorker.ready.then(() => arguments[0]())")
                browser.reload()
                note(f"{name} again", stamp(browser, "card"))
                browser.get("about:blank")
                site.stop()
    return taken


def large_message(broker: Mosquitto, turns: int) -> list[float]:
    """Milliseconds that this broker takes to hand a message of a page's size to a plain client over WebSocket."""
    ready, came, taken = threading.Event(), threading.Event(), []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, transport="websockets")
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda *_: came.set()
    client.connect("127.0.0.1", broker.ws_port)
    client.loop_start()
    client.subscribe("large", qos=1)
    assert ready.wait(60)
    ear = Ear(broker.port, "nothing")
    for _ in range(turns):
        came.clear()
        began = time.monotonic()
        ear.say("large", text="x" * REPLY)
        assert came.wait(60)
        taken.append(1000 * (time.monotonic() - began))
    ear.close()
    client.disconnect()
    end_thread(client)
    return taken


# -- a year, and an hour, at the demo ---------------------------------------------------------------------------------


class Year(NamedTuple):
    """A year looked through; `again`: the dialog closed once more. Redrawing in milliseconds."""

    seconds: float
    frames: list[float]
    before: Held
    after: Held
    again: Held
    redraw_before: float
    redraw_after: float


@contextlib.contextmanager
def at_demo(folder: Path, *options: str) -> Iterator[Demo]:
    """The demo with a copy of the many records: what happens there is nobody else's."""
    store = folder / "demo.db"
    shutil.copy(folder / "many" / "pump.db", store)
    demo = Demo(folder, "--store", str(store), *options)
    try:
        yield demo
    finally:
        demo.end()
        for file in folder.glob("demo.db*"):
            file.unlink()


def see(browser: Browser, demo: Demo) -> None:
    """The page alone, without the demo's panel, its whole window read."""
    said = demo.described()
    browser.open(demo.address, broker=said["websocket"], prefix=said["prefix"], device=said["device"])
    rows = f"return document.querySelectorAll({SESSIONS + ' .row'!r}).length"
    until("the record", lambda: browser.js(rows) > 1)
    browser.sees("Freezer")


def year(folder: Path, engine: str) -> Year:
    with at_demo(folder) as demo, opened(engine, folder / f"{engine} year") as browser:
        see(browser, demo)
        before, redraw_before = held(browser), browser.later(REDRAW)
        browser.press("all", SESSIONS)
        browser.sees("All sessions", "dialog")
        scrolled: dict[str, Any] = browser.later(SCROLL, YEAR // CHUNK)
        after = held(browser)
        browser.js("document.querySelector('dialog [aria-label=Close]').click()")
        return Year(**scrolled, before=before, after=after, again=held(browser), redraw_before=redraw_before,
                    redraw_after=browser.later(REDRAW))  # fmt: skip


def hour(folder: Path, pace: int) -> dict[str, tuple[Held, Held]]:
    """What each engine's page holds five minutes into a session and an hour later."""
    with ExitStack() as stack:
        demo = stack.enter_context(at_demo(folder, "--speed", str(pace)))
        browsers = {name: stack.enter_context(opened(name, folder / f"{name} hour")) for name in ENGINES}
        for browser in browsers.values():
            see(browser, demo)
        demo.home()
        demo.do(motor=True)
        demo.says("Why pump?")  # its clock runs fast only where nothing is asked
        for shows in ("In place", "Milk for", "Keys:"):
            demo.press("left", shows)
        seen = until("a session", lambda: minutes_of(browsers["chromium"]) >= 5)
        before = {name: held(browser) for name, browser in browsers.items()}
        until("an hour", lambda: minutes_of(browsers["chromium"]) >= seen + 60, 2 * HOUR_S / pace + 60)
        return {name: (before[name], held(browser)) for name, browser in browsers.items()}


def minutes_of(browser: Browser) -> int:
    """How long the session has been running by the page."""
    found = re.search(r"(?:(\d+):)?(\d+):\d\d$", browser.text(".now-figure").strip())
    return int(found[1] or 0) * 60 + int(found[2]) if found else 0


# -- nothing at all ---------------------------------------------------------------------------------------------------


class Rest(NamedTuple):
    """Percent of a processor at rest, and whether the page was out of sight meanwhile."""

    cpu_percent: float
    hidden: bool


HOWS = ("page", "hidden", "empty")


def rest(folder: Path, broker: Mosquitto, seconds: float) -> tuple[dict[tuple[str, str], Rest], Counter[str]]:
    """Each engine at the page, at the page behind another tab, and at an empty page, all at once.

    Then Chromium's trace of as many seconds more of the page in sight.
    """
    with ExitStack() as stack:
        stack.enter_context(behind(folder, broker, "many"))
        site = Site(Stamped)
        stack.callback(site.stop)
        browsers = {
            (name, how): stack.enter_context(opened(name, folder / f"{name} {how}")) for name in ENGINES for how in HOWS
        }
        firsts = {key: at_rest(browser, site, broker, key[1]) for key, browser in browsers.items()}
        time.sleep(SETTLE_S)
        before = {key: Spent.of(browser) for key, browser in browsers.items()}
        time.sleep(seconds)
        after = {key: Spent.of(browser) for key, browser in browsers.items()}
        found = {}
        for key, browser in browsers.items():
            to_front(browser, firsts[key])
            found[key] = Rest(before[key].percent(after[key]), browser.js("return was_hidden"))
        visible = browsers["chromium", "page"]
        assert isinstance(visible, Chromium)
        return found, drawn(visible, seconds)


class Spent(NamedTuple):
    at: float
    cpu_s: float

    @classmethod
    def of(cls, browser: Browser) -> "Spent":
        return cls(time.monotonic(), cpu_s(processes(browser)))

    def percent(self, later: "Spent") -> float:
        return 100 * (later.cpu_s - self.cpu_s) / (later.at - self.at)


def at_rest(browser: Browser, site: Site, broker: Mosquitto, how: str) -> str:
    """Open a page and leave it alone; the name of its tab."""
    if how == "empty":
        browser.get(f"{site.address}/empty")
        stamp(browser, "card")
    else:
        browser.open(site.address, broker=broker.address, device="many")
        stamp(browser, "record")
        browser.sees("Freezer")
    browser.js(WATCHED)
    driver: Any = browser
    first = str(driver.tab if isinstance(browser, Firefox) else driver.driver.current_window_handle)
    if how == "hidden":
        if isinstance(browser, Firefox):
            driver._ask("browsingContext.create", type="tab")
        else:
            driver.driver.switch_to.new_window("tab")
    return first


def to_front(browser: Browser, tab: str) -> None:
    if not isinstance(browser, Firefox):
        driver: Any = browser
        driver.driver.switch_to.window(tab)
