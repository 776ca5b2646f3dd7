"""The core as a device on a table: virtual time, a pump, three fingers, a disk that can hold and fail, a dashboard.

Every message that leaves is held against the schemas, every picture is drawn, and no wake may be asked for in the past.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from device import core
from device.core.dialogue import flow
from device.core.model.effects import (
    Answer,
    Checkpoint,
    Effect,
    Fetch,
    KeepBaseline,
    KeepClock,
    Publish,
    Refill,
    Refuse,
    Repeat,
    Save,
    Show,
    Topic,
)
from device.core.model.events import (
    BrokerChanged,
    ButtonPressed,
    ButtonReleased,
    ClockRead,
    CoreEvent,
    Fetched,
    LinkChanged,
    MotorEdge,
    Ordered,
    PumpSaid,
    Refilled,
    StoreChanged,
    Stored,
    StoreState,
    TimeCame,
    Verb,
)
from device.core.model.record import NEWEST, Button, Nursing, Portion, Progress, Record, Session, ToldClock, begun
from device.core.model.view import View
from device.core.rules import keeping
from device.core.state import Settings, State, as_at, find_nursing, find_session, progress
from device.screens import draw
from device.wire import payloads
from tests.support import wire

WALL = 1772334000
"""2026-03-01T03:00:00Z, when a device on the table was switched on."""
ON = 1000.0
"""What its monotonic clock said then."""
HOUSE = payloads.House("pump")
DAY = 86400
LEFT, MIDDLE, RIGHT = Button.LEFT, Button.MIDDLE, Button.RIGHT
KEYS = {"left": LEFT, "middle": MIDDLE, "right": RIGHT}


@lru_cache(maxsize=4096)
def drawn(view: View) -> None:
    draw(view)


class Disk:
    """What is durable: every revision in the order of its coming, and what else the store keeps."""

    def __init__(self) -> None:
        self.log: list[Record] = []
        self.progress: Progress | None = None
        self.baseline: tuple[int, int] | None = None
        self.told_clock: ToldClock | None = None

    @property
    def records(self) -> dict[str, Record]:
        return {record.id: record for record in self.log}

    def sessions(self) -> tuple[Session, ...]:
        return tuple(one for one in self.records.values() if isinstance(one, Session))

    def nursings(self) -> tuple[Nursing, ...]:
        return tuple(one for one in self.records.values() if isinstance(one, Nursing))

    def portions(self) -> tuple[Portion, ...]:
        return tuple(portion for one in self.sessions() if (portion := keeping.in_stock(one)) is not None)

    def newest(self) -> tuple[tuple[Record, ...], int | None]:
        """What the store gives for a Refill: the newest of each kind in whole sittings, and the first one's time."""
        live: list[list[Record]] = [
            sorted((one for one in kind if not one.deleted), key=lambda one: (begun(one), one.number))
            for kind in (self.sessions(), self.nursings())
        ]
        true = [
            [one for one in kind if getattr(one, word)]
            for kind, word in zip(live, ("counted", "effective"), strict=True)
        ]
        found = {one.id: one for kind in (*live, *(few[-1:] for few in true)) for one in kind[-NEWEST:]}
        sittings = {one.sitting for one in found.values() if isinstance(one, Session)}
        found |= {one.id: one for one in live[0] if isinstance(one, Session) and one.sitting in sittings}
        return tuple(found.values()), min((begun(kind[0]) for kind in live if kind), default=None)

    def around(self, *spans: tuple[int, int]) -> tuple[Record, ...]:
        near = {
            one.id: one
            for one in self.records.values()
            if any(since - DAY <= begun(one) <= until + DAY for since, until in spans)
        }
        return tuple(near.values())

    def fetch(self, wanted: Fetch) -> tuple[Record, ...]:
        record = self.records.get(wanted.record) if wanted.record else None
        if wanted.record and record is None:
            return ()
        spans = [wanted.span] if wanted.span else []
        return self.around(*spans, *([(begun(record), begun(record))] if record else []))


class Device:
    """`device.at` is now; nothing happens but by the methods here. `kept` is the disk of a device before a restart."""

    def __init__(
        self,
        *,
        at: float = ON,
        wall: float = WALL,
        synced: bool = True,
        disk: Disk | None = None,
        broker: bool = True,
        at_home: bool = True,
        **settings: Any,
    ) -> None:
        self.at, self.disk = at, disk or Disk()
        self.effects: list[tuple[float, Effect]] = []
        self.disk_state = StoreState.OK
        self.holds = False
        self.waiting: list[Save | KeepBaseline | KeepClock | Checkpoint | Refill] = []
        self.settings = Settings(**{"boot": "boot-1", "version": "0.1.0", "night": None, **settings})
        self.state: State
        self.begin(wall, synced)
        if broker:
            self.send(BrokerChanged(self.at, True, "5"))
        if at_home:
            self.wait(flow.STATUS_AT_START_S + 1)

    def begin(self, wall: float, synced: bool) -> None:
        disk = self.disk
        starts = [begun(one) for one in disk.records.values() if not one.deleted]
        self.state, effects = core.begin(
            self.settings,
            at=self.at,
            wall=wall,
            synced=synced,
            seed=b"s" * 16,
            sessions=disk.sessions(),
            nursings=disk.nursings(),
            portions=disk.portions(),
            next_session=max((one.number for one in disk.sessions()), default=0) + 1,
            next_nursing=max((one.number for one in disk.nursings()), default=0) + 1,
            first_record_at=min(starts, default=None),
            progress=disk.progress,
            baseline=disk.baseline,
            told_clock=disk.told_clock,
        )
        self.take(effects)

    # -- time and events ---------------------------------------------------------------------------------------

    def step(self, event: CoreEvent) -> None:
        self.state, effects = core.step(self.state, event)
        wake_at = self.state.wake_at
        assert wake_at is not None
        assert wake_at > self.state.now, f"busy: {wake_at} at {self.state.now} after {event}"
        self.take(effects)

    def take(self, effects: list[Effect]) -> None:
        self.effects += [(self.at, effect) for effect in effects]
        for effect in effects:
            self.look(effect)
        for effect in effects:
            match effect:
                case Save() | KeepBaseline() | KeepClock() | Checkpoint() | Refill():
                    self.waiting.append(effect)
                case Fetch():
                    self.step(Fetched(self.at, self.disk.fetch(effect), effect.command, effect.order))
        self.write()

    def look(self, effect: Effect) -> None:
        check(effect)

    def write(self) -> None:
        """Let the disk take what waits, one batch after the other."""
        while self.waiting and not self.holds and self.disk_state is StoreState.OK:
            batch = self.waiting.pop(0)
            if isinstance(batch, Checkpoint):
                self.disk.progress = batch.progress
                continue
            if isinstance(batch, Refill):
                self.step(Refilled(self.at, *self.disk.newest()))
                continue
            if isinstance(batch, Save):
                self.disk.log += batch.records
                self.disk.progress = batch.progress
            elif isinstance(batch, KeepClock):
                self.disk.told_clock = batch.told
            else:
                self.disk.baseline = (batch.stimulations, batch.configured)
            self.step(Stored(self.at, batch.batch))

    def until(self, at: float) -> None:
        """Let time pass to this instant, waking the core whenever it asked for it."""
        while (wake := self.state.wake_at) is not None and wake <= at:
            self.at = max(wake, self.at)
            self.step(TimeCame(self.at))
        self.at = max(at, self.at)

    def wait(self, seconds: float) -> None:
        self.until(self.at + seconds)

    def send(self, event: CoreEvent) -> None:
        self.until(event.at)
        self.step(event)

    # -- the outside -------------------------------------------------------------------------------------------

    def pump(self, on: bool, *, lasts: float = 0.0) -> None:
        """The motor's line changes now, and stays so for a while."""
        self.send(MotorEdge(self.at, on, settled=True))
        self.wait(lasts)

    def pumped(self, seconds: float, *, rest: float | None = None) -> str:
        """A whole session: the pump runs, rests until its session is over, and a moment more; its id."""
        self.pump(True, lasts=seconds)
        self.pump(False, lasts=self.settings.rules.pause_s + 1 if rest is None else rest)
        return self.last.id

    def line(self, verb: str, **values: Any) -> None:
        self.send(PumpSaid(self.at, Verb(verb), **values))

    def link(self, up: bool) -> None:
        self.send(LinkChanged(self.at, up))

    def down(self, key: str) -> None:
        self.send(ButtonPressed(self.at, KEYS[key]))

    def up(self, key: str) -> None:
        self.send(ButtonReleased(self.at, KEYS[key]))

    def press(self, *keys: str) -> None:
        """Short presses, one after the other, at a person's pace."""
        for key in keys:
            self.hold(key, 0.1)
            self.wait(0.9)

    def hold(self, key: str, seconds: float) -> None:
        self.down(key)
        self.wait(seconds)
        self.up(key)

    def clock(self, wall: float, *, synced: bool) -> None:
        self.send(ClockRead(self.at, wall, synced))

    def broker(self, up: bool) -> None:
        self.send(BrokerChanged(self.at, up, "5" if up else None))

    def disk_says(self, state: StoreState) -> None:
        self.disk_state = state
        self.send(StoreChanged(self.at, state, "the disk says so"))
        self.write()

    def disk_goes_on(self) -> None:
        self.holds = False
        self.write()

    def order(self, command: str, **fields: Any) -> dict[str, Any]:
        """What a dashboard sends; its reply as it leaves, or {} while there is none yet."""
        payload = json.dumps({"command": command, "request": "r", **fields}).encode()
        understood = payloads.parse_command(payload, retained=False)
        if isinstance(understood, payloads.Refusal):
            return payloads.refusal_payload(understood.dated(int(self.wall)), HOUSE)
        before = len(self.effects)
        self.send(Ordered(self.at, understood[1], understood[0]))
        replies: list[dict[str, Any]] = self.replies(before)
        assert len(replies) <= 1, "one command, one reply"
        return replies[0] if replies else {}

    def replies(self, since: int = 0) -> list[dict[str, Any]]:
        return [reply(one) for _, one in self.effects[since:] if isinstance(one, Answer | Refuse)]

    def restart(
        self,
        downtime: float = 1.0,
        *,
        boot: str | None = None,
        wall: float | None = None,
        synced: bool = True,
        cut: bool = True,
        at_home: bool = False,
    ) -> "Device":
        """The process ends (cut, or stopped cleanly) and another begins from the disk; a new boot counts from 5."""
        if not cut and (kept := progress(self.state, self.at)) is not None:
            self.disk.progress = kept
        at = self.at + downtime if boot is None else 5.0
        wall = self.wall + downtime if wall is None else wall
        known = {name: getattr(self.settings, name) for name in Settings.__struct_fields__}
        known["boot"] = boot or self.settings.boot
        return type(self)(at=at, wall=wall, synced=synced, disk=self.disk, at_home=at_home, **known)

    # -- what can be seen --------------------------------------------------------------------------------------

    @property
    def wall(self) -> float:
        return self.at + self.state.offset

    @property
    def view(self) -> View:
        shown = self.state.shown
        assert shown is not None
        return shown

    @property
    def screen(self) -> str:
        return self.state.dialogue.screen.value

    @property
    def keys(self) -> tuple[str | None, ...]:
        return self.view.keys

    @property
    def body(self) -> Any:
        return self.view.body

    @property
    def live(self) -> dict[str, Any]:
        """The last `state` that dashboards got."""
        told: dict[str, Any] = self.published("state")[-1]
        return told

    def published(self, topic: str, since: int = 0) -> list[Any]:
        found = (one for _, one in self.effects[since:] if isinstance(one, Publish) and one.topic is Topic(topic))
        told = (payloads.live_payload(one, HOUSE) for one in found)
        return [payload and json.loads(payloads.encode(payload)) for payload in told]

    def session(self, record: str) -> Session:
        found = find_session(self.state, record)
        assert found is not None
        return found

    def nursing(self, record: str) -> Nursing:
        found = find_nursing(self.state, record)
        assert found is not None
        return found

    @property
    def last(self) -> Session:
        """The session with the latest start that is not deleted, as it is now."""
        kept = [one for one in self.state.sessions if not one.deleted]
        now, run = kept[-1], self.state.detector.run
        return as_at(now, run, self.at) if run is not None and self.state.running == now.id else now

    @property
    def fed(self) -> Nursing:
        return self.state.nursings[-1]

    def revisions(self, record: str) -> list[Record]:
        """Everything that was saved of a record, oldest first, durable or not."""
        saves = [one for _, one in self.effects if isinstance(one, Save)]
        return [one for save in saves for one in save.records if one.id == record]

    @contextmanager
    def seen(self) -> Iterator[list[Effect]]:
        """What is asked for meanwhile."""
        before, found = len(self.effects), list[Effect]()
        yield found
        found += [effect for _, effect in self.effects[before:]]


class Plain(Device):
    """The core with its disk and nothing else, for many lives: no pictures, no schemas."""

    def look(self, effect: Effect) -> None:
        pass


def reply(effect: Answer | Refuse) -> dict[str, Any]:
    if isinstance(effect, Answer):
        return payloads.answer_payload(effect, HOUSE)
    return payloads.refusal_payload(effect, HOUSE)


def check(effect: Effect) -> None:
    """Hold what leaves against the contract's schemas, and draw what is shown."""
    match effect:
        case Show(view):
            drawn(view)
        case Publish():
            payload = payloads.live_payload(effect, HOUSE)
            wire.check(effect.topic, b"" if payload is None else payloads.encode(payload))
        case Save(records=records):
            for record in records:
                wire.check(payloads.kind(record), payloads.encode(payloads.record_payload(record, HOUSE.device)))
        case Answer() | Refuse():
            wire.check("reply", payloads.encode(reply(effect)))
        case Repeat(record):
            wire.check("session", payloads.encode(payloads.record_payload(record, HOUSE.device)))


# -- how far a session has come ------------------------------------------------------------------------------------


def running(**settings: Any) -> Device:
    """A pump that has run for five seconds: the display asks why."""
    made = Device(**settings)
    made.pump(True, lasts=5)
    assert made.screen == "purpose"
    return made


def classified(**settings: Any) -> Device:
    """Asked and answered while it runs: the Timer shows."""
    made = running(**settings)
    made.press("left", "left", "middle")
    assert made.screen == "timer"
    return made


def ended(made: Device | None = None, seconds: float = 400.0) -> Device:
    """The pump has been quiet for longer than a pause."""
    made = made or classified()
    made.wait(seconds)
    made.pump(False, lasts=made.settings.rules.pause_s + 1)
    return made


def expecting(ml: int = 90) -> Device:
    """A record of three such sessions of earlier days lets 90 ml be expected."""
    made = Device()
    for days in (1, 2, 3):
        start = f"2026-02-{28 - days + 1:02}T03:00:00Z"
        assert made.order("add", started_at=start, duration_s=900, purpose="protect", ml=ml)["ok"]
    return made


__all__ = [
    "DAY",
    "HOUSE",
    "ON",
    "WALL",
    "Device",
    "Disk",
    "Plain",
    "classified",
    "ended",
    "expecting",
    "reply",
    "running",
]
