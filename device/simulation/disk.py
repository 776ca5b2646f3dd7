"""The card under the record, in made-up time: slow, full, read-only, and what is left of it after a power cut.

SQLite itself writes to a folder; what a cut leaves is a copy of that folder as it was at that moment.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from device.store.records import Store

from .machine import Turns

NAME = "pump.db"
LEFT = ("", "-wal", "-journal", "-numbers", "-numbers.part")
"""What stands on the disk; the log's index and the lock are a process's."""
NO_LIMIT = 1 << 30


class Card:
    """`folder` is where the record lies. `commit_s`: what a commit takes."""

    def __init__(self, folder: Path, turns: Turns) -> None:
        self.folder, self._turns = folder, turns
        self.commit_s = 0.005
        self.full = self.read_only = False
        self.cut_in: int | None = None
        """After so many statements more the power fails, in the middle of whatever they belong to."""
        self.was_cut = False
        self._obeyed = (False, False)
        folder.mkdir()

    @property
    def path(self) -> Path:
        return self.folder / NAME

    def opened(self, store: "CardStore") -> None:
        """A daemon has opened the record: from now on it writes by this card's rules."""
        store.card = self
        store.db.set_trace_callback(self._statement)

    def obey(self, db: sqlite3.Connection) -> None:
        if (self.full, self.read_only) != self._obeyed:
            self._obeyed = (self.full, self.read_only)
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {pages if self.full else NO_LIMIT}").fetchone()
            db.execute(f"PRAGMA query_only = {int(self.read_only)}")

    def commit(self) -> None:
        self._turns.wait(self._turns.now + self.commit_s)

    def _statement(self, _statement: str) -> None:
        if self.cut_in is not None and not self.was_cut:
            self.cut_in -= 1
            if self.cut_in <= 0:
                self.cut()

    def cut(self) -> None:
        """The power fails: what is on the card now is what will be found."""
        if not self.was_cut:
            self.was_cut = True
            after = self._after
            after.mkdir()
            for end in LEFT:
                there = self.folder / (NAME + end)
                if there.exists():
                    shutil.copyfile(there, after / there.name)

    def restored(self) -> None:
        """The device is switched on again, and nothing of before writes any more."""
        self.cut_in, self._obeyed = None, (False, False)
        if self.was_cut:
            self.was_cut = False
            shutil.rmtree(self.folder)
            self._after.rename(self.folder)

    @property
    def _after(self) -> Path:
        return self.folder.with_name(self.folder.name + "-after")


class CardStore(Store):
    """The record on such a card."""

    card: Card | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.card is None or self.db.in_transaction:
            with super().transaction():
                yield
            return
        self.card.obey(self.db)
        with super().transaction():
            yield
            self.card.commit()
