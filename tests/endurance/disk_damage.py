"""A bad card: every page of a record's files, damaged in every way and at every moment, under the real daemon.

Whatever is damaged, the daemon watches on, its buttons act, and it takes what comes; no revision comes back with
another content, no number twice; what could not be read is said on the screen, in diagnostics and in the log, and the
note beside the record counts it. What is damaged of the last commit in the log can't be told from what a power cut
tore, and is taken back without a word.
"""

import contextlib
import itertools
import logging
import math
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from device import daemon as wiring
from device.core import outward
from device.core.dialogue import flow
from device.core.model.events import ButtonPressed, ButtonReleased
from device.core.model.live import Disk
from device.core.model.record import Button, Cause, Nursing, Record, begun
from device.core.model.view import ScreenName, WarningKind
from device.daemon import Daemon
from device.store import mending
from device.store.opening import ready
from device.store.records import Store
from device.store.salvage import FRAME_HEADER, LOG_HEADER, PAGE, frames
from tests.store.test_daemon_store import a_daemon, nurse, run_until
from tests.support.kept import DAY, NOW, bodies, live

from .disk_cuts import in_memory
from .disk_work import open_as_the_daemon

LIVES: Final = 5
NAME: Final = "pump.db"
LATER: Final = NOW + 60 * DAY
"""What began after this is of the clock's own time."""


class Moment(StrEnum):
    """When the card goes bad."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    REPAIRING = "repairing"


def flipped(page: bytes, dice: random.Random, _other: bytes) -> bytes:
    at = dice.randrange(len(page))
    return page[:at] + bytes([page[at] ^ 1 << dice.randrange(8)]) + page[at + 1 :]


def torn(page: bytes, dice: random.Random, _other: bytes) -> bytes:
    half = len(page) // 2
    return bytes(half) + page[half:] if dice.random() < 0.5 else page[:half] + bytes(half)


KINDS: Final[dict[str, Callable[[bytes, random.Random, bytes], bytes]]] = {
    "a bit": flipped,
    "zeros": lambda page, _dice, _other: bytes(len(page)),
    "noise": lambda page, dice, _other: dice.randbytes(len(page)),
    "torn": torn,
    "another's": lambda page, _dice, other: (other + page)[: len(page)],
    "cut off": lambda _page, _dice, _other: b"",
}
"""What a page becomes; `other` is one from elsewhere in the file. Where nothing is left of it, the file ends there."""


class Strike(NamedTuple):
    """What is done to which page of which file, and when."""

    moment: Moment
    kind: str
    file: str
    page: int

    @property
    def costs(self) -> float:
        """How many revisions it may take: what stood on its page, and what the damage before it took."""
        return math.inf if self.kind == "cut off" else 1 + (self.moment is Moment.REPAIRING)

    def hit(self, folder: Path, dice: random.Random, name: str | None = None) -> None:
        """Do it to the file, where it is there and has so many pages."""
        file = folder / (name or self.file)
        pages = pages_of(file, log=file.name.endswith("-wal"))
        if self.page < len(pages):
            at = sum(map(len, pages[: self.page]))
            new = KINDS[self.kind](pages[self.page], dice, dice.choice(pages))
            with file.open("r+b") as opened:
                opened.seek(at)
                opened.write(new)
                if not new:
                    opened.truncate()


def pages_of(file: Path, *, log: bool) -> list[bytes]:
    """What a file consists of: pages; in a log its head, then a page with its own head each."""
    content = file.read_bytes() if file.exists() else b""
    head, size = (LOG_HEADER, FRAME_HEADER + PAGE) if log else (0, PAGE)
    pages = [content[at : at + size] for at in range(head, len(content), size)]
    return [content[:head], *pages] if head and content else pages


FIRST: Final = Strike(Moment.STOPPED, "noise", f"{NAME}-wal", 30)
"""What leads to the repair that is struck."""


class Made(NamedTuple):
    """A record as a power cut leaves it, half of it in the log: its folder, and every revision that is in it."""

    folder: Path
    revisions: list[Record]

    def is_no_ones_to_know(self, strike: Strike) -> bool:
        """What the log is like where something was never written: it ends early, or its last commit has no end before.

        SQLite reads a log to the last commit that is whole; where only one is behind the damage, a power cut did that.
        """
        ends = [1 + place for place, frame in enumerate(frames(self.folder / NAME)) if frame.ends]
        return strike.file.endswith("-wal") and (strike.kind == "cut off" or strike.page >= ends[-2])

    def strikes(self) -> list[Strike]:
        """Every page of every file, in every way, at every moment."""
        places = [
            (name, page)
            for name in (NAME, f"{NAME}-wal", f"{NAME}-numbers")
            for page in range(len(pages_of(self.folder / name, log=name.endswith("-wal"))))
        ]
        return [Strike(moment, kind, *place) for moment, kind, place in itertools.product(Moment, KINDS, places)]


def make(folder: Path) -> Made:
    folder.mkdir()
    store = Store.open(folder / NAME)
    live(store, LIVES)
    store.keep_fact("announced_as", "pump-companion/pump")
    made = Made(folder.with_name("made"), bodies(store))
    shutil.copytree(folder, made.folder, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    store.close()
    shutil.rmtree(folder)
    return made


class Lines(logging.Handler):
    """What the daemon says in its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == wiring.__name__:
            self.said.append(record.getMessage())


@contextlib.contextmanager
def listening() -> Iterator[Lines]:
    lines, root = Lines(), logging.getLogger()
    root.addHandler(lines)
    try:
        yield lines
    finally:
        root.removeHandler(lines)


@contextlib.contextmanager
def struck(strike: Strike, folder: Path, dice: random.Random) -> Iterator[None]:
    """While this holds, the card goes bad once, at the strike's moment; where it is running, its owner strikes."""
    left = [strike]

    class BadCard(Store):
        @classmethod
        def open(cls, path: Path, **named: Any) -> Any:
            store = super().open(path, **named)
            if left:
                left.pop().hit(folder, dice)
            return store

    def moved_in(path: Path, *more: Any) -> None:
        if left:
            left.pop().hit(folder, dice, mending.coming(path).name)
        move_in(path, *more)

    move_in = mending.move_in
    match strike.moment:
        case Moment.STARTING:
            with patch.object(wiring, "ready", partial(ready, kind=BadCard)):
                yield
            assert not left
        case Moment.REPAIRING:
            FIRST.hit(folder, dice)
            with patch.object(mending, "move_in", moved_in):
                yield
            assert not left
        case Moment.STOPPED:
            strike.hit(folder, dice)
            yield
        case Moment.RUNNING:
            yield


def looked_through(daemon: Daemon) -> bool:
    """The record is open, all of it was looked at, and nothing waits."""
    worker, state = daemon._worker, daemon.state
    return worker._store is not None and worker._scrub is None and state.known and not state.unsaved


def press(daemon: Daemon) -> None:
    """A finger on the right button, which says OK to a warning."""
    for pressed in (ButtonPressed, ButtonReleased):
        daemon._step(pressed(daemon.clock.now() + 1, Button.RIGHT))


def lead(made: Made, strike: Strike, folder: Path, dice: random.Random) -> int:
    """One strike: two lives of the daemon, the second as the first left it; how many revisions were lost."""
    shutil.copytree(made.folder, folder)
    with listening() as lines, struck(strike, folder, dice):
        for life in range(2):
            daemon = a_daemon(folder)
            try:
                run_until(daemon, "it is looked through", partial(looked_through, daemon))
                if strike.moment is Moment.RUNNING and not life:
                    strike.hit(folder, dice)
                nurse(daemon)
                run_until(daemon, "it is written", partial(looked_through, daemon))
                said_so(daemon, lines)
            finally:
                daemon.stop()
    return what_is_left(made, strike, folder, lines)


def said_so(daemon: Daemon, lines: Lines) -> None:
    """The screen, diagnostics and the log say the same, and a press is answered."""
    told, health = outward.diagnostics(daemon.state, daemon.clock.now()), daemon.state.health
    assert (told.store, told.in_memory, told.dropped) == (Disk.OK, 0, 0), told
    if told.repaired_at is not None and health.repair_open:
        assert flow.open_warning(daemon.state) is WarningKind.REPAIRED
        assert any("repaired" in line for line in lines.said), lines.said
        assert daemon.state.dialogue.screen is ScreenName.WARNING
        press(daemon)
        assert not daemon.state.health.repair_open
        run_until(daemon, "it is kept that it was seen", lambda: looked_through(daemon))
    before = daemon.state.dialogue
    press(daemon)
    assert daemon.state.dialogue != before, f"no answer on {before.screen}"


def what_is_left(made: Made, strike: Strike, folder: Path, lines: Lines) -> int:
    with contextlib.closing(open_as_the_daemon(folder / NAME)) as store:
        found = {(one.id, one.revision): one for one in bodies(store)}
        opened, records = store.load(NOW), list(store.records())
    known = {(one.id, one.revision): one for one in made.revisions}
    for key, one in found.items():
        assert one == known.get(key, one) or made.is_no_ones_to_know(strike), f"{key} has another content"
        assert key in known or one.cause is Cause.REPAIRED or begun(one) > LATER, f"{key} was never made"
    kinds = [(type(one), one.number) for one in records]
    assert len(kinds) == len(set(kinds)), "a number was given twice"
    assert sum(begun(one) > LATER for one in records if isinstance(one, Nursing)) == 2, "a nursing of now is missing"
    lost = len(known.keys() - found.keys())
    notes = "".join(file.read_text() for file in folder.glob(f"{NAME}.damaged-*.txt"))
    # Another's page may be a whole, empty one: what stood there of the device, the count too, is gone without a word.
    counted = opened.set_aside >= lost or strike.kind == "another's"
    said = (counted and "could not be read" in notes) or "nothing was left" in notes
    assert not lost or said or made.is_no_ones_to_know(strike), f"{lost} lost, {opened.set_aside} said"
    assert lost <= strike.costs, f"{lost} lost"
    assert len(lines.said) <= MOST_LINES, lines.said
    return lost


MOST_LINES: Final = 4
"""In the log, of two lives: that it is damaged and that it is repaired, twice where the repair itself was struck."""


def damage(count: int, seed: int) -> list[str]:
    """So many strikes, in an order by the seed: figures. AssertionError says which one was not borne."""
    dice = random.Random(seed)
    costs: dict[str, Counter[int]] = {kind: Counter() for kind in KINDS}
    with in_memory() as name:
        made = make(Path(name).resolve() / "making")
        strikes = made.strikes()
        for place, strike in enumerate(itertools.islice(itertools.cycle(dice.sample(strikes, len(strikes))), count)):
            folder = made.folder.with_name(str(place))
            try:
                costs[strike.kind][lead(made, strike, folder, random.Random(f"{seed} {place}"))] += 1
            except Exception as error:
                raise AssertionError(
                    f"seed {seed}, strike {place}: {strike}: {type(error).__name__}: {error}"
                ) from error
            shutil.rmtree(folder)
    figures = [
        f"{kind}: " + ", ".join(f"{lost} lost {times} times" for lost, times in sorted(cost.items()))
        for kind, cost in costs.items()
        if cost
    ]
    return [f"{count:,} of {len(strikes):,} strikes on a record of {len(made.revisions)} revisions", *figures]
