"""Every state of the page, each made as it comes about: by what a device says and what a person presses.
The checks of access walk this table in every theme, and `scripts/page-pictures` draws it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.page_browsers import Browser
from tests.support.page_device import RefusedError, ScriptedDevice
from tests.support.page_panel import demo_handler
from tests.support.page_records import SUGGESTION
from tests.support.page_week import SUNDAY, a_week
from tests.support.page_world import Mosquitto, Site, until

THEMES = ("light", "dark", "night")
CLOCKS_WENT_BACK = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)  # 10:00, after the night in which 02:00 to 03:00 came twice
SIZES = ((360, 780), (1280, 800))


@dataclass
class World:
    """Broker, web server, browser and one device; `opened` is the page at it."""

    broker: Mosquitto
    site: Site
    browser: Browser
    prefix: str = "pump-companion"
    devices: list[ScriptedDevice] = field(default_factory=list)

    def device(self, *, week: bool = True, **options: Any) -> ScriptedDevice:
        device = ScriptedDevice(self.broker.port, SUNDAY, root=f"{self.prefix}/pump", **options)
        if week:
            a_week(device)
        self.devices.append(device)
        return device

    def opened(self, *, week: bool = True, seen: str = "All well.", **options: Any) -> ScriptedDevice:
        device = self.device(week=week, **options)
        device.connect()
        self.open(seen)
        return device

    def open(self, seen: str = "All well.") -> None:
        self.browser.open(self.site.address, broker=self.broker.address, prefix=self.prefix)
        self.browser.sees(seen)


def idle(world: World) -> ScriptedDevice:
    device = world.opened()
    world.browser.sees("Pumped 08:10")
    world.browser.sees("Sat 21:40")
    return device


def pumping(world: World, question: str | None = None, **fields: Any) -> ScriptedDevice:
    """A device at which a session runs, in the night; the page is not open yet."""
    device = world.device()
    device.wall = SUNDAY.replace(hour=2, minute=21, second=16)
    for record in [*device.sessions.values()]:
        if record["started_at"] > "2026-03-01T02":
            del device.sessions[record["id"]]
    for record in [*device.nursings.values()]:
        if record["at"] > "2026-03-01T02":
            del device.nursings[record["id"]]
    device.connect()
    given = {"purpose": "protect", "reason": "in_place_of_nursing", "intention": "fridge"} if question is None else {}
    device.begin(started_s_ago=548, question=question, **{**given, **fields})
    return device


def running(world: World, question: str | None = None, **fields: Any) -> ScriptedDevice:
    device = pumping(world, question, **fields)
    world.open()
    world.browser.sees("Pumping", ".now")
    world.browser.sees("Sat 21:40")
    return device


def by_hand(world: World) -> ScriptedDevice:
    return running(world, sources=["dashboard"])


def started_earlier(world: World) -> ScriptedDevice:
    device = idle(world)
    world.browser.press("Started earlier", ".dock")
    world.browser.sees("How long ago, or when?", ".dock")
    return device


def question(world: World) -> ScriptedDevice:
    device = running(world, "purpose")
    world.browser.sees("Why pump?", ".dock")
    return device


def paused(world: World) -> None:
    device = running(world)
    device.live["phase"] = "paused"
    device.publish_live()
    world.browser.sees("Goes on if the pump runs again.")


def stuck(world: World) -> None:
    device = running(world)
    device.live["session"].update(pumping_s=8225, stuck_sensor=True)
    device.publish_live()
    world.browser.sees("the sensor may be stuck")


def reason_of_two(world: World) -> None:
    running(world, "reason", purpose="promote")
    world.browser.sees("Raise a low supply, or collect extra milk?", ".dock")


def reason_of_treatment(world: World) -> None:
    running(world, "reason", purpose="treat")
    world.browser.sees("call your clinician", ".dock")


def milk_for(world: World) -> None:
    running(world, "intention", purpose="protect", reason="in_place_of_nursing")
    world.browser.sees("Milk for?", ".dock")


def amount(world: World) -> ScriptedDevice:
    device = running(world)
    ended = device.revise(
        device.live["session"],
        "ended",
        state="ended",
        counted=True,
        pumping_s=1098,
        expectation_ml=90,
        ended_at="2026-03-01T02:21:10Z",
    )["session"]
    device.live = {
        "phase": "idle",
        "question": "volume",
        "session": ended,
        "suggestion": SUGGESTION,
        "expectation_ml": 90,
    }
    device.announce(ended)
    device.publish_live()
    world.browser.sees("expected 90 ml", ".dock")
    return device


def nursed(world: World) -> None:
    idle(world)
    world.browser.press("Nursed")
    world.browser.sees("Nursed: effective?", ".dock")


def pending(world: World) -> ScriptedDevice:
    device = question(world)
    device.answering = False
    world.browser.press("Treat", ".dock")
    world.browser.sees("Treat: sending …", ".dock")
    return device


def refused(world: World) -> None:
    device = question(world)
    device.sessions.clear()
    world.browser.press("Treat", ".dock")
    world.browser.sees("Not done: the device no longer has this record.", ".dock")


def late(world: World) -> None:
    pending(world)
    world.browser.sees("No answer yet.", ".dock")


def offline(world: World) -> None:
    idle(world)
    world.broker.stop()
    world.browser.sees("No connection since")


def away(world: World) -> None:
    device = idle(world)
    device.disconnect()
    world.browser.sees("The device is offline; last heard at")


def loading(world: World) -> None:
    device = world.device()
    device.answering = False
    device.connect()
    device._send("today", b"", retain=True)
    world.open("Asking the device …")


def empty(world: World) -> None:
    world.opened(week=False)
    world.browser.sees("Nothing recorded yet")


def summary(world: World) -> None:
    device = world.device()
    device.summary = True
    device.connect()
    world.open("This device keeps its record to itself.")


def fault(world: World) -> None:
    device = world.device()
    device.faults = {"serial": {"state": "lost"}, "outbox": 3}
    device.connect()
    world.open("Pump link lost: check the cable.")
    world.browser.js("document.querySelector('#device-title').scrollIntoView()")


def held(world: World) -> None:
    """An answer that the device has, while its storage takes nothing."""
    device = question(world)
    device.faults = {
        "store": {"state": "failing", "in_memory": 2, "repaired_at": "2026-02-28T05:30:00Z", "set_aside": 1}
    }
    device.publish_all()
    device.refusals["classify"] = [RefusedError("not_saved", None, "Not on the disk yet.")]
    world.browser.press("Treat", ".dock")
    world.browser.sees("Not saved yet", ".dock")
    device.live["session"]["purpose"], device.live["question"] = "treat", "reason"
    device.publish_live()  # it is ahead of the disk
    world.browser.sees("call your clinician", ".dock")


def strange(world: World) -> None:
    """What the page does not know, and what it cannot read."""
    device = world.device()
    device.strange, device.extra = True, {"timezone": "Mars/Olympus", "last_24h": {}}
    device.connect()
    world.open("doesn’t know the zone")
    world.browser.sees("can’t be read")


def first_time(world: World) -> None:
    world.browser.js("localStorage.clear(); sessionStorage.clear()")
    world.browser.open(world.site.address)
    world.browser.sees("Where is your broker?")


def unreachable(world: World) -> None:
    world.browser.open(world.site.address, broker="ws://127.0.0.1:9", prefix=world.prefix)
    world.browser.sees("No answer from that address.")


def correct(world: World) -> None:
    device = idle(world)
    record = next(s for s in device.sessions.values() if s["started_at"] == "2026-03-01T02:12:00Z")
    record.update(pauses=1, started_at="2026-03-01T02:12:08Z", pumping_s=1098)
    device.announce(device.revise(record, "edited")["session"])
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.press("In place of nursing")
    device.answering = False
    world.browser.press("more")
    world.browser.sees("sending …", "dialog")


def refused_times(world: World) -> None:
    idle(world)
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.type("dialog input[aria-label*=End]", "03:02:00")
    world.browser.sees("Not changed: the end lies before the start.", "dialog")
    world.browser.js("document.querySelector('dialog .times').scrollIntoView({block: 'center'})")


def cut(world: World, **fields: Any) -> ScriptedDevice:
    """Two sessions that were one, the later one open."""
    device = world.device()
    device.session(device.wall - timedelta(minutes=67), 16, **{"volume_ml": 30, **fields})  # 08:35 to 08:51
    device.connect()
    world.open()
    world.browser.sees("Sat 21:40")
    world.browser.press("Last")
    world.browser.sees("Join with", "dialog")
    world.browser.js("document.querySelector('dialog .heard').scrollIntoView()")
    return device


def overlap(world: World) -> None:
    idle(world)
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.type("dialog input[aria-label*=End]", "08:20:00")
    world.browser.sees("Open that session", "dialog")
    world.browser.js("document.querySelector('dialog .times').scrollIntoView({block: 'center'})")


def apart(world: World) -> None:
    device = idle(world)
    newest = device._newest()
    assert newest
    device.announce(device.revise(newest, "volume", volume_ml=95, left_ml=50, right_ml=45)["session"])
    world.browser.press("Last")
    world.browser.sees("95 ml together", "dialog")


def nursing(world: World) -> None:
    idle(world)
    world.browser.press("06:05", ".card:has(#sessions-title)")
    world.browser.sees("Effective", "dialog")


def undo(world: World) -> None:
    idle(world)
    world.browser.press("Last")
    world.browser.press("Delete")
    world.browser.sees("Session of 08:10 deleted")


def whole_record(world: World) -> None:
    idle(world)
    world.browser.press("all")
    until(
        "the end of the record",
        lambda: world.browser.js(
            "const body = document.querySelector('dialog .sheet-body'); body.scrollTop = body.scrollHeight;"
            "return body.innerText.includes('That is the whole record')"
        ),
    )
    world.browser.js("document.querySelector('dialog .sheet-body').scrollTop = 0")
    world.browser.sees("08:10–08:26", "dialog")


def report(world: World) -> None:
    idle(world)
    world.browser.press("Report to print")
    world.browser.sees("What is missing")


def deleted(world: World) -> None:
    undo(world)
    world.browser.press("all")
    world.browser.press("Show deleted")
    world.browser.sees("08:10–08:26", "dialog")


def opened(world: World) -> bool:
    """Whether a test has opened the page at a device of its own."""
    return any(device.client for device in world.devices)


def download(world: World) -> None:
    if not opened(world):
        idle(world)
    world.browser.press("all", ".card:has(#sessions-title)")
    world.browser.press("Download", "dialog")
    world.browser.sees("the record as a file", "dialog:last-of-type")


def give_file(browser: Browser, name: str, text: str) -> None:
    """Choose a file for the import that is open."""
    browser.js(
        "const files = new DataTransfer(), field = document.querySelector('dialog:last-of-type input[type=file]');"
        "files.items.add(new File([arguments[1]], arguments[0])); field.files = files.files;"
        "field.dispatchEvent(new Event('change', {bubbles: true}))",
        name,
        text,
    )


FILE = """\
{"session": {"started_at": "2026-02-28T16:40:00Z", "duration_s": 900, "purpose": "protect", "volume_ml": 75}}
{"session": {"started_at": "2026-02-28T16:45:00Z", "duration_s": 900}}
{"session": {"started_at": "2026-03-01T02:20:00Z", "ended_at": "2026-03-01T02:45:00Z", "note": "over another"}}
{"session": {"started_at": "2026-03-01T02:12:00Z", "ended_at": "2026-03-01T02:31:00Z"}}
{"session": {"started_at": "2026-02-20T08:00:00Z", "duration_s": 900, "deleted": true}}
{"session": {"started_at": "2026-02-20T09:00:00Z", "duration_s": 900, "purpose": "fun"}}
{"nursing": {"at": "2026-02-28T22:00:00Z", "effective": true, "side": "left"}}
"""


def choosing(world: World) -> None:
    """The import, before a file is chosen."""
    if not opened(world):
        idle(world)
    world.browser.press("all", ".card:has(#sessions-title)")
    world.browser.press("Import", "dialog")
    world.browser.sees("Choose a file", "dialog:last-of-type")


def dry_run(world: World) -> None:
    choosing(world)
    give_file(world.browser, "record.jsonl", FILE)
    world.browser.sees("Nothing is sent yet: 2 would come in, 3 can’t, 1 there already.", "dialog:last-of-type")


def brought_in(world: World) -> None:
    dry_run(world)
    world.browser.press("Bring in 2")
    world.browser.sees("2 of 2 records came in.", "dialog:last-of-type")


MILK = ".card:has(#milk-title)"


def portion(world: World) -> ScriptedDevice:
    """A portion of the stock opened, with the keys of what may become of it."""
    device = idle(world)
    world.browser.press("use by Wed 4, 01:10", MILK)
    world.browser.sees("Freeze", MILK)
    world.browser.js("document.querySelector('#milk-title').scrollIntoView()")
    return device


def part_used(world: World) -> None:
    portion(world)
    world.browser.press("Part used", MILK)
    world.browser.press("more", MILK)
    world.browser.sees("Save", MILK)


def milk_undo(world: World) -> None:
    portion(world)
    world.browser.press("Freeze", MILK)
    world.browser.sees("90 ml in the freezer")


def milk_in_dialog(world: World) -> None:
    idle(world)
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.sees("Fridge since 03:31", "dialog")
    world.browser.js("document.querySelector('dialog .moves').scrollIntoView({block: 'center'})")


def add(world: World) -> None:
    whole_record(world)
    world.browser.press("Add a session")
    world.browser.sees("one that the device missed", "dialog:last-of-type")


def fill(world: World, day: str, start: str, end: str) -> None:
    world.browser.press("all")
    world.browser.press("Add a session")
    world.browser.type("dialog:last-of-type input[type=date]", day, enter=False)
    for index, clock in enumerate((start, end)):
        world.browser.js(
            "const f = document.querySelectorAll('dialog:last-of-type input[inputmode=numeric]')[arguments[0]];"
            "f.value = arguments[1]; f.dispatchEvent(new Event('input', {bubbles: true}))",
            index,
            clock,
        )


def twice(world: World) -> None:
    """Adding a session of the hour that came twice."""
    device = world.device(week=False)
    device.wall = CLOCKS_WENT_BACK
    device.session(CLOCKS_WENT_BACK.replace(hour=0, minute=10), 65, purpose="protect")
    device.connect()
    world.open()
    world.browser.press("02:10", ".card:has(#sessions-title)")
    world.browser.sees("this is the first", "dialog")
    world.browser.press("Done")
    fill(world, "2026-10-25", "02:20", "02:30")
    world.browser.sees("The clocks went back that night", "dialog:last-of-type")


def day(world: World) -> None:
    idle(world)
    world.browser.js("document.querySelectorAll('.week-row')[1].click()")
    world.browser.sees("3 sessions", "dialog")
    world.browser.press("Sat 10:05")


def settings(world: World) -> None:
    idle(world)
    world.browser.press("Settings")
    world.browser.sees("hold your supply steady", "dialog")


def days(world: World) -> None:
    idle(world)
    world.browser.press("Days", ".card:has(#amounts-title)")
    world.browser.sees("Today: so far")
    world.browser.js("document.querySelector('#amounts-title').scrollIntoView()")


def table(world: World) -> None:
    idle(world)
    world.browser.press("Table", ".card:has(#amounts-title)")
    world.browser.sees("so far")
    world.browser.js("document.querySelector('#amounts-title').scrollIntoView()")


def ounces(world: World) -> None:
    world.opened(units="oz")
    world.browser.sees("2 oz")
    world.browser.sees("Sat 21:40")


def demo(world: World) -> None:
    device = world.device()
    device.connect()
    handler = demo_handler(world.broker.address, world.prefix)
    handler.instead = world.site.handler.instead
    site = Site(handler)
    world.browser.open(site.address)
    world.browser.sees("Pumped 08:10")
    world.browser.sees("plugged in")
    world.browser.sees("Sat 21:40")


STATES: dict[str, Callable[[World], object]] = {
    each.__name__: each
    for each in (
        idle,
        question,
        running,
        by_hand,
        started_earlier,
        paused,
        stuck,
        reason_of_two,
        reason_of_treatment,
        milk_for,
        amount,
        nursed,
        pending,
        refused,
        late,
        offline,
        away,
        loading,
        empty,
        summary,
        fault,
        held,
        strange,
        first_time,
        unreachable,
        correct,
        refused_times,
        cut,
        overlap,
        apart,
        nursing,
        undo,
        whole_record,
        report,
        deleted,
        portion,
        part_used,
        milk_undo,
        milk_in_dialog,
        add,
        download,
        dry_run,
        brought_in,
        twice,
        day,
        settings,
        days,
        table,
        ounces,
        demo,
    )
}


def at_rest(browser: Browser) -> None:
    """Let the page draw what it knows, with its colours where their fading ends."""
    browser.later("""
      const done = arguments[0];
      requestAnimationFrame(() => requestAnimationFrame(() => {
        document.getAnimations().forEach((fading) => fading.finish());
        done();
      }));
    """)
