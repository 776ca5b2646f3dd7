"""A life: the device's own code, its household and its faults, day after day in made-up time, all from one seed."""

import hashlib
import json
import logging
import random
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from device.core.model.view import Lit, PurposeBody, View
from device.daemon import Daemon
from device.settings.loading import Config, load
from device.store.opening import ready
from device.store.records import Opened, Store
from drivers.controllers import CONTROLLERS
from drivers.virtual.panel import VirtualPanel

from .book import Book
from .broker import MadeUpBroker, MadeUpLine
from .clock import MadeUpClock
from .disk import Card, CardStore
from .machine import MadeUpMachine, Turns
from .pump import DIALECT_PATTERNS, MOTOR, MadeUpPump, Ties

BUTTONS = {"left": 5, "middle": 6, "right": 13}
PREFIX = "pump-companion/pump/"
CONFIG = """\
[buttons]
left = 5
middle = 6
right = 13

[mqtt]
host = "broker.example"

[store]
path = {store}

[session]
pause_s = {pause_s}
sitting_s = {sitting_s}

[display]
driver = {driver}
"""
WIRE = """
[motor]
pin = 17
signal = {signal}
"""
LINE = """
[serial]
port = {port}
"""
LAST_LINES = 200
HEARD_S = 70.0
"""A minute and a little after the clock was set, a device that still runs knows it."""
ANSWERED_S = 60.0
"""However slow the card is, an answer has come by then."""
ZONES = ("Europe/Vienna", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Etc/UTC")
"""Where households live: with and without a summer time, with half hours and quarters."""
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DISPLAY_EACH = 12
"""One life of so many has a panel on its bus: drawing a picture a second takes ten times as long as all else."""
BY_HAND_EACH = 3
"""In one life of so many a parent also has a pump that nothing is tied to, and tells of it at a dashboard."""
WATCHED = ("session", "nursing")


def has_display(seed: int) -> bool:
    return seed % DISPLAY_EACH == 1


def has_hand(seed: int) -> bool:
    return seed % BY_HAND_EACH == 0


def _first_day(zone: ZoneInfo, chance: random.Random) -> datetime:
    """Any day of a year; where the clocks change there, in every second life one of the three before they do."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(365)]
    changes = [
        day
        for day in range(3, 364)
        if days[day].astimezone(zone).utcoffset() != days[day + 1].astimezone(zone).utcoffset()
    ]
    if changes and chance.random() < 0.5:
        return days[chance.choice(changes) - chance.randrange(4)]
    return chance.choice(days)


class BrokenRuleError(Exception):
    """The device did what it must not do: which rule, and what was seen."""


class SimulatedDaemon(Daemon):
    """The daemon on a card of made-up time."""

    def __init__(self, card: Card, *arguments: Any, **named: Any) -> None:
        self._card = card
        super().__init__(*arguments, **named)

    def _open_store(self, suspect: bool) -> tuple[Store, Opened]:
        store, opened, self._kept = ready(self.config, int(self.clock.wall()), suspect=suspect, kind=CardStore)
        assert isinstance(store, CardStore)  # noqa: S101 -- what was asked for
        self._card.opened(store)
        return store, opened


class Life:
    """One device's life. `now` is its time in seconds; `chance` all that is not decided (milk, a hand: their own)."""

    def __init__(self, seed: int, folder: Path, tell: Callable[[str], object] = lambda _line: None) -> None:
        self.chance = random.Random(f"life {seed}")  # noqa: S311 -- no secret
        self.milk_chance = random.Random(f"milk {seed}")  # noqa: S311 -- no secret
        self.hand_chance = random.Random(f"hand {seed}") if has_hand(seed) else None  # noqa: S311 -- no secret
        home = random.Random(f"home {seed}")  # noqa: S311 -- no secret
        self.zone = home.choice(ZONES)
        self.first_wall = _first_day(ZoneInfo(self.zone), home).timestamp()
        self.turns = Turns()
        self._happenings: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0
        self.pump = MadeUpPump(
            Ties.by_chance(home),
            self.chance,
            path=folder / "pump",
            now=lambda: self.now,
            after=self.after,
            drive=self._drive_motor,
        )
        self.driver = home.choice(sorted(CONTROLLERS)) if has_display(seed) else "none"
        self.pause_s, self.sitting_s = home.choice((120, 120, 45, 300)), home.choice((720, 720, 0, 1800))
        self.panel = VirtualPanel(CONTROLLERS[self.driver]) if self.driver in CONTROLLERS else None
        self.panel_due = 0.0
        """From when on the panel must show what the device thinks it shows; never while it is off its bus."""
        self.book = Book()
        self.broker = MadeUpBroker(self._heard, self._lost)
        self.card = Card(folder / "card", self.turns)
        self.machine = MadeUpMachine(self.turns, self.chance, self.pump.open)
        self.clock: MadeUpClock | None = None
        self.daemon: SimulatedDaemon | None = None
        self.view: View | None = None
        self.screen_since = 0.0
        self.boots = 0
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self.digest = hashlib.sha256()
        self.warnings = self.faults = 0
        self.on_cut: Callable[[], object] = lambda: None
        self._tell = tell
        self.folder = folder
        self._pins: Any = None
        self._disk: sqlite3.Connection | None = None
        self._config = self._configure()
        with_seed = Store.open(self.card.path)
        with_seed.keep_fact("seed", self.chance.randbytes(16).hex())
        with_seed.close()

    @property
    def now(self) -> float:
        return self.turns.now

    def say(self, line: str) -> None:
        """A line of the trace."""
        day, second = divmod(int(self.now * 1000), 86_400_000)
        stamp = f"day {day:3} {second // 3_600_000:02}:{second // 60_000 % 60:02}:{second / 1000 % 60:06.3f}"
        whole = f"{stamp}  {line}"
        self.lines.append(whole)
        self.digest.update(whole.encode() + b"\n")
        self._tell(whole)

    # -- time --------------------------------------------------------------------------------------------------

    def at(self, when: float, do: Callable[[], object]) -> None:
        """Have something happen at that time of the life."""
        self._count += 1
        heappush(self._happenings, (when, self._count, do))

    def after(self, seconds: float, do: Callable[[], object]) -> None:
        self.at(self.now + seconds, do)

    def live_until(self, end: float) -> None:
        """Let it all happen. Raises BrokenRuleError, and what ended one of the device's threads."""
        while self._happenings and self._happenings[0][0] <= end:
            when = self._happenings[0][0]
            if when > self.now:
                self.turns.wait(when, lambda: self.card.was_cut or self.turns.errors)
            self._look()
            if self._happenings[0][0] <= self.now:
                heappop(self._happenings)[2]()
        self.turns.wait(end)
        self._look()

    def forget_plans(self) -> None:
        """Nothing that was going to happen does; a finger is off its button, the pump off."""
        self._happenings.clear()
        for pin in BUTTONS.values():
            self._pins.pin(pin).drive_high()
        self.pump.end()

    def end(self) -> None:
        """Let every thread end, whatever happened."""
        self.turns.errors.clear()
        self.turns.cut(self.machine.threads)
        self.pump.device_gone()
        self._close_disk()

    def _look(self) -> None:
        if self.turns.errors:
            raise self.turns.errors[0]
        if self.card.was_cut:
            self.say("fault: the power fails in the middle of a write")
            self.cut_power()
            self.on_cut()

    # -- the device --------------------------------------------------------------------------------------------

    def switch_on(self, *, off_s: float = 0.0, synced: bool = True, same_boot: bool = False) -> None:
        """Start the daemon: in a new boot whose clock is off by `off_s`, or again in the same one."""
        import gpiozero

        from drivers.virtual.pins import VirtualPins

        gpiozero.Device.pin_factory = self._pins = VirtualPins(lambda: self.now)
        for pin in BUTTONS.values():
            self._pins.pin(pin).drive_high()
        self.pump.drive()
        if self.clock is None or not same_boot:
            self.boots += 1
            self.clock = MadeUpClock(self.turns, self.first_wall, f"{self.boots:032x}", off_s=off_s, synced=synced)
        self.machine = MadeUpMachine(self.turns, self.chance, self.pump.open)
        is_set = self.clock.synced()
        self.say(f"switched on: boot {self.boots}, clock {off_s:+.0f} s, {'set' if is_set else 'not set'}")
        self.daemon = SimulatedDaemon(
            self.card,
            self._config,
            self.clock,
            timezone=lambda: self.zone,
            on_show=self._shown,
            environment={},
            open_bus=self.panel.open_bus if self.panel else None,
            machine=self.machine,
            broker=partial(MadeUpLine, self.broker),
        )
        self.machine.thread("daemon", self.daemon.live).start()
        if is_set:
            self.after(HEARD_S, partial(self._has_learned, self.daemon))

    def learn_time(self) -> None:
        """The clock is set, and the system says so."""
        if self.clock is not None:
            self.say("the clock is set")
            self.clock.set(off_s=0.0, synced=True)
            self.after(HEARD_S, partial(self._has_learned, self.daemon))

    def _has_learned(self, daemon: SimulatedDaemon | None) -> None:
        if daemon is not None and self.daemon is daemon:
            self.book.learned.add(self.boots)

    def stop(self) -> None:
        """SIGTERM, and what it takes."""
        daemon = self.daemon
        if daemon is None:
            return
        self.say("stopped")
        daemon.loop.call(daemon.loop.stop)
        mine = list(self.machine.threads)
        self.turns.wait(self.now + 10, lambda: self.turns.errors or all(thread.ended for thread in mine))
        self._look()
        self._gone()

    def kill(self) -> None:
        """SIGKILL: what was committed is there, and nothing is said."""
        self.say("killed")
        self._break_off()

    def cut_power(self) -> None:
        """The same, and the boot is over."""
        self._break_off()
        self.clock = None

    def _break_off(self) -> None:
        if self.daemon is None:
            self.card.restored()
            return
        self.card.cut()
        line, self.broker.line = self.broker.line, None
        if line is not None:
            line.connected = False
            self.broker.take(*line.will, retain=True)
        self.turns.cut(self.machine.threads)
        self._gone()

    def _gone(self) -> None:
        self.daemon, self.view = None, None
        self._close_disk()
        self.card.restored()
        self._lost()
        self.pump.device_gone()
        self._pins.reset()

    def _close_disk(self) -> None:
        if self._disk is not None:
            self._disk.close()
            self._disk = None

    def _lost(self) -> None:
        """Answers that are owed now may never come, and what was asked may be done again."""
        for asked in self.book.asked.values():
            asked.lost = asked.lost or (asked.answered < asked.heard and self.now < asked.at + ANSWERED_S)

    def _configure(self) -> Config:
        file = self.folder / "config.toml"
        ties, quoted = self.pump.ties, json.dumps
        text = CONFIG.format(
            store=quoted(str(self.card.path)),
            driver=quoted(self.driver),
            pause_s=self.pause_s,
            sitting_s=self.sitting_s,
        )
        if ties.wire:
            text += WIRE.format(signal=quoted("pulses" if ties.cycle_s else "level"))
        if ties.line:
            text += LINE.format(port=quoted(str(self.pump.path))) + DIALECT_PATTERNS * ties.dialect
        file.write_text(text, encoding="utf-8")
        config, faults = load(file, {})
        if config is None:
            raise ValueError(str(faults[0]))
        return config

    def _shown(self, view: View) -> None:
        if self.view is None or (self.view.screen, self.view.keys) != (view.screen, view.keys):
            self.say(f"screen: {view.screen} [{' · '.join(key or '–' for key in view.keys)}]")
        went_dark = view.lit is Lit.DARK and (self.view is None or self.view.lit is not Lit.DARK)
        if self.view is None or self.view.screen is not view.screen or went_dark:
            self.screen_since = self.now
        self.view = view
        if isinstance(view.body, PurposeBody) and view.body.correcting is None and self.daemon is not None:
            about = self.daemon.state.dialogue.about
            if about is not None and view.lit is not Lit.DARK:
                self.book.asked_why.add(about)

    # -- its wires ---------------------------------------------------------------------------------------------

    def _drive_motor(self, level: bool) -> None:
        if self._pins is not None:
            pin = self._pins.pin(MOTOR)
            (pin.drive_high if level else pin.drive_low)()

    @property
    def is_stuck(self) -> bool:
        """Whether the device gets no turn now, as a process that the system holds up."""
        return any(thread.held_until > self.now for thread in self.machine.threads)

    def hold_up(self, seconds: float) -> None:
        """All the device's threads stand still."""
        for thread in self.machine.threads:
            thread.held_until = self.now + seconds

    def press(self, place: int, held_s: float) -> None:
        """A finger on a button, with its bounce."""
        if self.daemon is None:
            return
        number = list(BUTTONS.values())[place]
        pin = self._pins.pin(number)
        boot = self.daemon

        def drive(level: bool) -> None:
            if self.daemon is boot:
                (pin.drive_high if level else pin.drive_low)()

        drive(level=False)
        for bounce in range(self.chance.choice((0, 0, 2))):
            self.after(0.001 * (bounce + 1), partial(drive, bounce % 2 == 0))
        self.after(held_s, partial(drive, level=True))

    # -- what a dashboard hears --------------------------------------------------------------------------------

    def _heard(self, topic: str, payload: bytes, retain: bool) -> None:
        name = topic.removeprefix(PREFIX)
        if name in WATCHED and not retain:
            self._record_heard(name, payload)
        elif name == "reply":
            self._reply_heard(payload)
        elif retain and payload[:1] == b"{" and topic.startswith(PREFIX):
            self.book.retained[name] = told = msgspec.json.decode(payload)
            if name == "session/last":
                self._must_be_durable(name, told)
        elif name == "availability":
            self.say(f"broker: {payload.decode()}")

    def _record_heard(self, name: str, payload: bytes) -> None:
        record = msgspec.json.decode(payload)
        key, revision = record["id"], record["revision"]
        known = self.book.revisions.setdefault(key, {})
        if revision > max(known, default=0) + 1:
            raise BrokenRuleError(f"{name} {record['number']}: revision {revision} came after {max(known, default=0)}")
        self._must_be_durable(name, record)
        if known.setdefault(revision, payload) != payload:
            raise BrokenRuleError(f"{name} {record['number']}: revision {revision} came with two contents")
        if revision >= max(known):
            self.book.newest[key] = record
        self.say(f"{name} {record['number']} revision {revision}: {record['cause']}")

    def _must_be_durable(self, name: str, record: dict[str, Any]) -> None:
        """Nothing is told that a power cut could still take back."""
        if self._disk is None:
            self._disk = sqlite3.connect(f"file:{self.card.path}?mode=ro", uri=True, check_same_thread=False)
        row = self._disk.execute("SELECT revision FROM records WHERE id = ?", (record["id"],)).fetchone()
        if row is None or row[0] < record["revision"]:
            raise BrokenRuleError(
                f"{name} {record['number']}: revision {record['revision']} was told before its commit"
            )

    def _reply_heard(self, payload: bytes) -> None:
        reply = msgspec.json.decode(payload)
        asked = self.book.asked.get(reply.get("request") or "")
        if asked is None:
            raise BrokenRuleError(f"a reply to what nobody asked: {reply}")
        asked.answered += 1
        self.say(f"reply to {asked.about}: {'ok' if reply['ok'] else reply['code']}")
        if asked.answered > asked.heard:
            raise BrokenRuleError(f"{asked.about}: answered {asked.answered} times, asked {asked.heard}")
        self.answered(asked, reply)

    def answered(self, asked: Any, reply: dict[str, Any]) -> None:
        """For whoever asked."""


@contextmanager
def told_of_warnings(life: Life) -> Iterator[None]:
    """The device's log goes into the life's trace."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            life.warnings += 1
            if record.exc_info and record.exc_info[1] is not None:
                life.turns.errors.append(record.exc_info[1])
            life.say(f"log: {record.getMessage()}".replace(str(life.folder), "home"))

    ear, log = Ear(logging.WARNING), logging.getLogger()
    log.addHandler(ear)
    try:
        yield
    finally:
        log.removeHandler(ear)
