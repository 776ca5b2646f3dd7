"""What the record's file goes through in its life, by the product's own code, in a process whose deeds are recorded.

Run as `python -m tests.endurance.disk_work FOLDER life SEED`; with `open` for `life` it is opened, and no more. Before
each step it says in the log that it begins, and after it what the record looks like now: what is reported durable.
"""

import os
import random
import sys
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from device.core.model.record import Session
from device.store.copies import forget_record, restore_backup, take_in, write_backup
from device.store.records import Store, StoreError, Trouble
from device.store.rows import NURSING, SESSION
from tests.support.kept import DAY, NOW, SITTING_S, a_life, bare, nursing

from .disk_log import Marker

NAME: Final = "pump.db"
COPY: Final = "copy.db"
KEPT: Final = ("baseline", "announced_as", "publish", "to_clear", "forgetting")
"""The facts in a picture; others hold a time or what is random."""
LIVES: Final = 5
HEAD_AT: Final = 21
"""A byte of the file's head that is the same in each (the largest part of a page that a row may take)."""


class Picture(msgspec.Struct, frozen=True):
    """A record's whole content, as sums: two of them are equal where nothing in it differs."""

    revisions: int
    sums: tuple[int, ...]
    """Of the log, what stands of each record, where a session stands, the outbox."""
    facts: tuple[str | None, ...]
    repaired: bool


class Mark(msgspec.Struct, frozen=True):
    """A step begins, or is done: then the record and the copies beside it look so. Next numbers: session, nursing."""

    step: str
    done: bool = False
    after: Picture | None = None
    numbers: tuple[int, int] = (0, 0)
    copies: dict[str, Picture] = {}


def picture(store: Store) -> Picture:
    opened = store.load(NOW)
    log = store.db.execute("SELECT seq, revision, kind, body FROM log ORDER BY seq").fetchall()
    newest = [(record.id, record.revision, store.highest(record.id)) for record in store.records()]
    waiting = [(seq, record.id, record.revision) for seq, record in store.outbox_head(10_000)]
    facts = tuple(store.fact(key) for key in KEPT)
    parts = (log, newest, opened.progress, (store.outbox, waiting))
    sums = tuple(zlib.crc32(repr(part).encode()) for part in parts)
    return Picture(len(log), sums, facts, opened.repaired_at is not None)


def open_as_the_daemon(path: Path) -> Store:
    """Open the record, look at all of it as the daemon does in a quiet moment, and have it repaired if need be."""
    store = Store.open(path)
    try:
        store.load(NOW)
        for _ in store.checking():
            pass
    except StoreError as error:
        store.let_go()
        if error.trouble is not Trouble.DAMAGED:
            raise
        store = Store.open(path, suspect=True)
    return store


class Life:
    """A record and what is done with it, step by step."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.path, self.copy = folder / NAME, folder / COPY
        self.dice = random.Random(seed)
        self.marker = Marker()
        self.store: Store | None = None
        self.seen = Mark("begin")
        self.number = 0

    @property
    def open(self) -> Store:
        assert self.store is not None
        return self.store

    def step(self, name: str, do: Callable[[], object]) -> None:
        self.marker.say(Mark(name))
        do()
        seen = replace(self.seen, step=name, done=True)
        if self.store is not None:
            numbers = (self.store.next_number(SESSION), self.store.next_number(NURSING))
            seen = replace(seen, after=picture(self.store), numbers=numbers)
        if name == "backup":
            assert seen.after is not None
            seen = replace(seen, copies=seen.copies | {COPY: seen.after})
        self.seen = seen
        self.marker.say(seen)

    # -- steps -------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.store = open_as_the_daemon(self.path)

    def end(self) -> None:
        self.open.close()
        self.store = None

    def session(self) -> None:
        """One session with its revisions and where it stood, a nursing, and what the broker acknowledges of them."""
        self.number = max(self.number, self.open.next_number(SESSION) - 1) + 1
        for place, (one, standing) in enumerate(a_life(self.number, NOW + self.number * 20_000)):
            if one is not None:
                self.step("save", partial(self.open.save, [one], standing))
            elif standing is not None and place % 8 == 0:
                self.step("checkpoint", partial(self.open.checkpoint, standing))
        at = NOW + self.number * 20_000 + 7000
        self.step("nursing", lambda: self.open.save([nursing(self.open.next_number(NURSING), at)], None))
        if self.dice.random() < 0.7:
            heard = [seq for seq, _ in self.open.outbox_head(self.dice.randrange(1, 9))]
            self.step("acknowledged", lambda: self.open.acknowledged(heard))
        if self.dice.random() < 0.5:
            self.step("tidy", self.open.tidy)

    def facts(self) -> None:
        self.step("fact", lambda: self.open.keep_fact("announced_as", f"pump {self.number}"))
        self.step("fact", lambda: self.open.keep_fact("baseline", f"{self.number} 8"))

    def again(self) -> None:
        if self.store is not None:
            self.step("close", self.end)
        self.step("open", self.begin)

    def backup(self) -> None:
        self.step("backup", lambda: write_backup(self.open, self.copy))

    def imported(self) -> None:
        lines = [bare(NOW - DAY * self.number - place * 7200) for place in range(3)]
        self.step("import", lambda: take_in(self.open, lines, now=NOW, sitting_s=SITTING_S))

    def restored(self) -> None:
        def restore() -> None:
            self.end()
            restore_backup(self.path, self.copy, publishing=True, holder="a test")
            self.begin()

        self.step("restore", restore)

    def mended(self) -> None:
        """A bad card: one byte of the file is another, of a revision or of the head."""

        def damage() -> None:
            sessions = list(self.open.sessions())
            self.end()
            self.flip(self.dice.choice(sessions) if sessions and self.dice.random() < 0.8 else None)
            self.begin()

        self.step("repair", damage)

    def flip(self, session: Session | None) -> None:
        """Change a byte in the first place where a session's id stands with a revision; None: in the head."""
        at = HEAD_AT
        if session is not None:
            name = f'{{"id":"{session.id}"'.encode()
            at = self.path.read_bytes().index(name) + len(name) - 3
        file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        os.pwrite(file, b"~", at)
        os.fsync(file)
        os.close(file)

    def forgotten(self) -> None:
        self.step("forget", lambda: forget_record(self.open))

    def live(self) -> None:
        """All of it, in an order that the seed gives."""
        self.step("open", self.begin)
        chapters = [self.facts, self.again, self.imported, self.restored, self.mended, self.forgotten, self.backup]
        self.dice.shuffle(chapters)
        for place in range(max(LIVES, len(chapters))):
            if place < LIVES:
                self.session()
            if place == 0:
                self.backup()
            for chapter in chapters[place : place + 1]:
                chapter()
        self.step("close", self.end)


def main() -> None:
    folder, what, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    life = Life(folder, seed)
    if what == "life":
        life.live()
    else:
        life.again()


if __name__ == "__main__":
    main()
