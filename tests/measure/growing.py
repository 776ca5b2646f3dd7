"""What grows with the record: processor of a step and of the store, memory of the state and of the process.

A record of 10 to 60,000 is written to a real file, and the whole daemon starts with it in made-up time, by turns. Two
records an everyday pace apart lie years back; packed into two weeks all of them are held.
"""

import gc
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from device.core import step
from device.core.model import events
from device.core.model.events import CoreEvent, GiveNote, GiveVolume, History, Order, Ordered
from device.core.model.record import Button, ClassifiedBy, Context, Intention, Purpose, Reason, Record, Suggestion
from device.core.rules import keeping
from device.core.state import State
from device.settings.loading import Config
from device.simulation.rules import reached
from device.store.records import Store
from device.store.salvage import PAGE
from tests.measure.stage import Mosquitto, pump, rss_mib
from tests.support.collection import no_collection
from tests.support.kept import DAY, nursing, session
from tests.support.whole_device import WholeDevice

FAR = (10, 60, 180, 1_000, 6_000, 60_000)
FAR_APART_S = 7_200
"""60,000 of them are 13 years and 8 months."""
NEAR = (10, 60, 180, 500, 1_000, 2_000)
NEAR_SPAN_S = 14 * DAY
NEAR_SITTING_S = 300
"""2,000 records in two weeks are ten minutes apart; each session shall be a sitting here too."""
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
STEPS = 10
FRAME = PAGE + 24
"""A page in the write-ahead log with its header."""
SETTLED_S = 5.0
"""After READY: the daemon has given back what the start took."""

Taken = dict[str, dict[int, list[float]]]
"""By what was done, by the number of records: the turns."""


def everyday(count: int, until: float, apart_s: float) -> Iterator[Record]:
    """So many records up to then: two answered sessions, one in eight of them for the freezer, and a nursing."""
    numbers = [0, 0]
    for place in range(count):
        at, is_nursing = int(until - (count - 1 - place) * apart_s), place % 3 == 2
        numbers[is_nursing] += 1
        if is_nursing:
            yield nursing(numbers[1], at)
            continue
        one = session(
            numbers[0],
            at,
            min(15.0, apart_s / 180),
            purpose=Purpose.PROTECT,
            reason=Reason.IN_PLACE_OF_NURSING,
            classified_by=ClassifiedBy.BUTTON,
            classified_at=at + 20,
            suggestion=Suggestion(Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING, Context.BELOW_BASELINE, "5 of 8"),
            intention=Intention.FRIDGE if numbers[0] % 8 else Intention.FREEZER,
            volume_ml=80,
            volume_by_hand=True,
        )
        yield replace(one, use_by=keeping.portion(one)[1])


def filled(path: Path, records: Iterable[Record]) -> None:
    """All of them in the file, and with the broker."""
    with closing(Store.open(path)) as store, store.transaction():
        for record in records:
            store.save([record], None)
        store.drop_outbox()


class Grown(WholeDevice):
    """The daemon a minute before midnight, started with a record of which the last is two hours old."""

    def __init__(self, folder: Path, count: int, apart_s: float, sitting_s: int) -> None:
        self._record, self._sitting_s = (count, MIDNIGHT - 7200, apart_s), sitting_s
        folder.mkdir()
        super().__init__(folder, display="ssd1306")
        assert self.daemon is not None
        self.state: State = self.daemon.state

    def _configure(self) -> Config:
        self.sitting_s = self._sitting_s
        return super()._configure()

    def switch_on(self, **how: Any) -> None:
        self.zone, self.first_wall = "UTC", MIDNIGHT - 120
        filled(self.card.path, everyday(*self._record))
        super().switch_on(**how)


# -- a step ----------------------------------------------------------------------------------------------------


class Act(NamedTuple):
    """One step: an event that comes to a state."""

    state: State
    event: CoreEvent

    @property
    def after(self) -> State:
        return step(self.state, self.event)[0]


def ordered(state: State, command: Any) -> Act:
    return Act(state, Ordered(state.now + 1, command, Order("r")))


def woken(state: State, is_last: Callable[[State], bool]) -> Act:
    """Let time pass up to the step after which that is so."""
    while True:
        assert state.wake_at is not None
        act = Act(state, events.TimeCame(state.wake_at))
        state = act.after
        if is_last(state):
            return act


def acts(idle: State) -> dict[str, Act]:
    """What may happen a minute before midnight, and in a session that begins then."""
    edge = Act(idle, events.MotorEdge(idle.now + 1, True, settled=True))
    begins = woken(edge.after, lambda state: state.running is not None)
    asks = begins.after
    press = events.ButtonPressed(asks.now + 1, Button.LEFT)
    return {
        "midnight: a new day in today": woken(idle, lambda state: state.now + state.offset >= MIDNIGHT),
        "an amount by command": ordered(idle, GiveVolume(ml=120)),
        "start by command, and its suggestion": ordered(idle, events.Start()),
        "a session begins, and its suggestion": begins,
        "a note by command": ordered(idle, GiveNote(text="a note")),
        "a press that answers": Act(asks, press),
        "a press on Idle": Act(idle, events.ButtonPressed(idle.now + 1, Button.LEFT)),
        "an edge": edge,
    }


def steps(states: dict[int, State], rounds: int) -> Taken:
    """Microseconds of processor a step, by turns."""
    every = {size: acts(state) for size, state in states.items()}
    taken: Taken = {name: {size: [] for size in states} for name in next(iter(every.values()))}
    for act in (act for those in every.values() for act in those.values()):
        step(act.state, act.event)  # words are read when they are first said
    with no_collection():
        for _ in range(rounds):
            for name, sizes in taken.items():
                for size, found in sizes.items():
                    state, event = every[size][name]
                    began = time.process_time_ns()
                    for _ in range(STEPS):
                        step(state, event)
                    found.append((time.process_time_ns() - began) / STEPS / 1000)
            gc.collect()
    return taken


def kib(root: object) -> float:
    """What can be reached from it, each object once, as large as it says itself."""
    return sum(map(sys.getsizeof, reached(root))) / 1024


# -- the store -------------------------------------------------------------------------------------------------


NEWEST = (1 << 53, 0)
COMMIT, REVISION, PAGE_OF_50 = "a new record's commit", "a revision's commit", "history, the last 50"
LOAD, CHECK = "loading at the start", "looking at all of it after a start"


Deal = Callable[[Store, int], object]
DEALS: dict[str, Deal] = {
    COMMIT: lambda store, turn: store.save([another(turn)], None),
    REVISION: lambda store, turn: store.save([replace(another(turn), revision=2)], None),
    PAGE_OF_50: lambda store, _turn: store.history(History(limit=50), NEWEST, NEWEST, 51),
    LOAD: lambda store, _turn: store.load(int(MIDNIGHT)),
}


class Counted(NamedTuple):
    """What a commit of a new record takes, and one of a revision."""

    statements: tuple[int, int]
    pages: tuple[float, float]


def stored(paths: dict[int, Path], rounds: int) -> tuple[Taken, dict[int, Counted]]:
    """Microseconds of processor in the store's thread, by turns; then counts of as many commits more."""
    with ExitStack() as stack, no_collection():
        stores = {size: stack.enter_context(closing(Store.open(path))) for size, path in paths.items()}
        taken = by_turns(stores, DEALS, rounds)
        counts = {size: counted(store, rounds) for size, store in stores.items()}
        looking: dict[str, Deal] = {CHECK: lambda store, _turn: deque(store.checking(), 0)}
        return taken | by_turns(stores, looking, rounds // 4), counts


def by_turns(stores: dict[int, Store], deals: dict[str, Deal], rounds: int) -> Taken:
    taken: Taken = {name: {size: [] for size in stores} for name in deals}
    for turn in range(rounds):
        for size, store in stores.items():
            for name, deal in deals.items():
                began = time.process_time_ns()
                deal(store, turn)
                taken[name][size].append((time.process_time_ns() - began) / 1000)
    return taken


def another(turn: int) -> Record:
    return session(100_000 + turn, int(MIDNIGHT) + turn * FAR_APART_S, purpose=Purpose.PROTECT, volume_ml=80)


def counted(store: Store, rounds: int) -> Counted:
    """Statements of one commit, and the log's pages of each in the mean."""
    log, statements, found = store.path.with_name(store.path.name + "-wal"), list[str](), list[tuple[int, float]]()
    for revision in (1, 2):
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for turn in range(rounds, 2 * rounds):
            statements.clear()
            store.db.set_trace_callback(statements.append)
            store.save([replace(another(turn), revision=revision)], None)
            store.db.set_trace_callback(None)
        found.append((len(statements), log.stat().st_size // FRAME / rounds))
    (new, new_pages), (more, more_pages) = found
    return Counted((new, more), (new_pages, more_pages))


# -- all of it -------------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """Steps with the record far back and near, the store with it far back; KiB of the state, MiB of the process."""

    far: Taken
    near: Taken
    store: Taken
    counts: dict[int, Counted]
    states: dict[Literal["far", "near"], dict[int, float]]
    held: dict[int, tuple[int, int, int]]
    """Sessions, nursings and portions in the state."""
    processes: dict[int, float]


def measure(folder: Path, broker: Mosquitto, rounds: int) -> Found:
    near_apart = {size: min(FAR_APART_S, NEAR_SPAN_S / size) for size in NEAR}
    far = {size: Grown(folder / f"far{size}", size, FAR_APART_S, 720) for size in FAR}
    near = {size: Grown(folder / f"near{size}", size, near_apart[size], NEAR_SITTING_S) for size in NEAR}
    states = {name: {size: one.state for size, one in those.items()} for name, those in (("far", far), ("near", near))}
    for one in (*far.values(), *near.values()):
        one.end()
    store, counts = stored({size: one.card.path for size, one in far.items()}, rounds)
    return Found(
        far=steps(states["far"], rounds),
        near=steps(states["near"], rounds),
        store=store,
        counts=counts,
        states={"far": sizes(states["far"]), "near": sizes(states["near"])},
        held={n: (len(one.sessions), len(one.nursings), len(one.portions)) for n, one in states["far"].items()},
        processes=resident(folder, broker),
    )


def sizes(states: dict[int, State]) -> dict[int, float]:
    return {size: kib(state) for size, state in states.items()}


def resident(folder: Path, broker: Mosquitto) -> dict[int, float]:
    """MiB of the real process without a display, some seconds after its start, with records up to two hours ago."""
    found = {}
    for size in FAR:
        name = f"grown{size}"
        (folder / name).mkdir()
        filled(folder / name / "pump.db", everyday(size, time.time() - 7200, FAR_APART_S))
        with pump(folder, broker, name, 'driver = "none"') as one:
            time.sleep(SETTLED_S)
            found[size] = rss_mib(one.device.pid)
    return found
