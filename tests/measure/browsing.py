"""What a measure needs around a browser and the device behind its page: the record, the processes, their figures.

A browser is all of its processes; memory is what they share, shared out (PSS), since engines differ in their number.
"""

import json
import os
import time
import urllib.request
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import websocket
from msgspec.structs import replace

from device.core.model.record import ClassifiedBy, Intention, Purpose, Reason, Session
from device.core.rules import keeping
from device.store.records import Store
from tests.support.kept import DAY, session
from tests.support.page_browsers import Browser, Chromium, Firefox
from tests.support.page_world import Quiet, until

A_DAY = 8
YEAR = 365 * A_DAY
TRACED = "devtools.timeline,devtools.timeline.frame"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
FOR = (Intention.FRIDGE, Intention.FEED, Intention.FEED, Intention.FREEZER)


def one_of(number: int, started_at: int) -> Session:
    """A session with all its answers; every fourth goes to the freezer, whose milk is kept for half a year."""
    made = session(
        number, started_at, purpose=Purpose.PROTECT, reason=Reason.IN_PLACE_OF_NURSING, volume_ml=60 + number % 40,
        classified_by=ClassifiedBy.BUTTON, classified_at=started_at + 60, intention=FOR[number % len(FOR)],
    )  # fmt: skip
    return replace(made, use_by=keeping.portion(made)[1])


def recorded(file: Path, count: int) -> None:
    """A record of so many sessions, eight a day up to an hour ago, all of them with the broker."""
    newest = int(time.time()) - 3600
    with closing(Store.open(file)) as store, store.transaction():
        for number in range(1, count + 1):
            store.save([one_of(number, newest - (count - number) * DAY // A_DAY)], None)
        store.drop_outbox()


def processes(browser: Browser) -> list[int]:
    """The browser's processes, without the program that drives it."""
    if isinstance(browser, Firefox):
        return _with_children(browser.process.pid)
    driver: Any = browser
    return _with_children(driver.driver.service.process.pid)[1:]


def _with_children(pid: int) -> list[int]:
    found = [pid]
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += [one for child in (thread / "children").read_text().split() for one in _with_children(int(child))]
    return found


def cpu_s(pids: list[int]) -> float:
    """Processor time of processes, their ended threads included."""
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(one[11]) + int(one[12]) for one in fields) * TICK_S


def pss_mib(pids: list[int]) -> float:
    lines = (line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


EMPTY = (
    b'<!doctype html><link rel="icon" href="data:,">'  # none of its own to ask for
    b'<script src="first.js"></script><script src="empty.js"></script>'
)


class Stamped(Quiet):
    """Serves the page with instants in it, and a page of which nothing is in the way of its first frame."""

    disable_nagle_algorithm = True  # else each file waits for an acknowledgement, 40 ms
    scripts = """
      window.stamped = {};
      window.painted = (name) => requestAnimationFrame(() => {
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => { stamped[name] = performance.now(); };
        port2.postMessage(0);
      });
      const sought = new Map([
        ["card", () => document.querySelector(".now-figure")],
        ["record", () => document.querySelectorAll(".card:has(#sessions-title) .row").length > 1],
      ]);
      new MutationObserver((_, observer) => {
        for (const [name, seen] of sought) if (seen() && sought.delete(name)) painted(name);
        if (!sought.size) observer.disconnect();
      }).observe(document, {childList: true, subtree: true});
    """
    empty = (
        '<!doctype html><link rel="icon" href="data:,"><script src="first.js"></script><script src="empty.js"></script>'
    )

    def do_GET(self) -> None:  # noqa: N802 # the library's name
        if self.path == "/empty":
            self.answer("text/html", EMPTY)
        elif self.path == "/empty.js":
            self.answer("text/javascript", b'painted("card");')
        else:
            super().do_GET()


def stamp(browser: Browser, name: str) -> float:
    """Milliseconds from the navigation's start until what is called so had been painted."""
    found = until(f"{name} painted", lambda: browser.js("return window.stamped?.[arguments[0]]", name))
    return float(found)


# A flick that never ends: 600 px a frame, until so many chunks of 40 rows are known. What a frame took is the time
# between two.
SCROLL = """
const [chunks, done] = arguments;
const body = document.querySelector("dialog .sheet-body"), frames = [], began = performance.now();
let before = began;
const step = () => {
  const now = performance.now();
  frames.push(now - before);
  before = now;
  body.scrollTop += 600;
  if (body.querySelectorAll(":scope > div:not(.record-tools)").length < chunks) requestAnimationFrame(step);
  else done({seconds: (now - began) / 1000, frames});
};
requestAnimationFrame(step);
"""
# Milliseconds that a drawing of everything takes, as a message makes one: the median of twenty.
REDRAW = """
const done = arguments[0], taken = [];
(async () => {
  for (let round = 0; round < 20; round += 1) {
    await new Promise((over) => setTimeout(over, 0));
    const began = performance.now();
    theme.apply();
    for (let turn = 0; turn < 9; turn += 1) await null;
    document.body.offsetHeight;
    taken.push(performance.now() - began);
  }
  done(taken.sort((a, b) => a - b)[10]);
})();
"""
# Whether the page is ever out of sight from now on.
WATCHED = """
window.was_hidden = document.hidden;
document.addEventListener("visibilitychange", () => { was_hidden ||= document.hidden; });
"""


class Held(NamedTuple):
    """What a page holds, the garbage collected where the engine does that when asked."""

    mib: float
    nodes: int
    heap_mib: float | None = None
    listeners: int | None = None


def held(browser: Browser) -> Held:
    mib = pss_mib(processes(browser))
    nodes = int(browser.js("return document.querySelectorAll('*').length"))
    if not isinstance(browser, Chromium):
        return Held(mib, nodes)
    for command in ("Performance.enable", "HeapProfiler.enable", *["HeapProfiler.collectGarbage"] * 3):
        browser.driver.execute_cdp_cmd(command, {})
    metrics = browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    said = {one["name"]: one["value"] for one in metrics}
    return Held(mib, int(said["Nodes"]), said["JSHeapUsedSize"] / 1048576, int(said["JSEventListeners"]))


def drawn(browser: Chromium, seconds: float) -> Counter[str]:
    """How often Chromium did what in the meantime, by its own trace: frames drawn, timers fired."""
    address = browser.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    with urllib.request.urlopen(f"http://{address}/json/version") as answer:
        port = json.load(answer)["webSocketDebuggerUrl"]
    trace = websocket.create_connection(port, timeout=120, suppress_origin=True)
    trace.send(json.dumps({"id": 1, "method": "Tracing.start", "params": {"categories": TRACED}}))
    time.sleep(seconds)
    trace.send(json.dumps({"id": 2, "method": "Tracing.end"}))
    counts: Counter[str] = Counter()
    while (said := json.loads(trace.recv())).get("method") != "Tracing.tracingComplete":
        if said.get("method") == "Tracing.dataCollected":
            counts.update(one["name"] for one in said["params"]["value"])
    trace.close()
    return counts
