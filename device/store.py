"""The record on disk: sessions and nursings with all their revisions, and the outbox, in one SQLite file.

What a method that writes has returned from is durable; of what failed nothing is there, and it may be tried again.
"""

import heapq
import os
import secrets
import sqlite3
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from .core.effects import Progress
from .core.events import History
from .core.record import Clock, Nursing, Record, Session, SessionState
from .store_file import SCHEMA, StoreError, check_header, connect, connect_to_read, free_share, lock, make, told
from .store_history import NURSING, RECORDS, SESSION, decoded, newest_below
from .store_import import Imported, ImportRefusedError, Known, began, kind_of, plan, settle

__all__ = [
    "SCHEMA",
    "ImportRefusedError",
    "Imported",
    "Opened",
    "Store",
    "StoreError",
    "free_share",
    "keep_fact_beside",
]

DAY_S: Final = 86_400
REMEMBERED_S: Final = 15 * DAY_S
"""How far back the core is given the record at the start: the expectation looks back 14 days."""

AT_MOST: Final = 4_000
"""How many records of one kind the core is given at most, so that what it holds is bounded whatever was imported."""

NEWEST: Final = 8
"""How many sessions and nursings the Last screen shows, however old they are."""

FORGOTTEN_FACTS: Final = ("baseline", "seed", "acknowledged")
"""Facts that are part of the record; the others are about the broker and outlive `forget`."""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What the core starts from. Sessions by start, nursings by time; deleted ones too, where not said otherwise.

    sessions, nursings: of the last 15 days (as the clock goes, and as the newest record goes, since the clock may be
    wrong), and those that wait for the clock. newest: the 8 newest of both, not deleted, newest first.
    """

    sessions: tuple[Session, ...]
    nursings: tuple[Nursing, ...]
    next_session_number: int
    next_nursing_number: int
    progress: Progress | None
    running: Session | None
    baseline: tuple[int, int] | None
    """The baseline kept, and the configured one that it replaced."""
    seed: bytes
    first_record_at: int | None
    last: Session | None
    newest: tuple[Record, ...]
    outbox: int


class Store:
    """One open file. Used by one thread at a time; `StoreError` is all that its methods raise, where not said."""

    def __init__(self, path: Path, db: sqlite3.Connection, held: int | None) -> None:
        self.path = path
        self.publishing = True
        """False: what is saved counts as acknowledged at once, since nothing of it may leave the house."""
        self.conflicts = 0
        """Revisions that were there already with other content: kept as they were."""
        self._db = db
        self._held = held
        self._acknowledged: set[int] = set()
        self._recall()

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, holder: str = "pump-companion") -> Self:
        """Open or create the file. Only one process writes; `holder` is what another is told that this one is."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 -- a link stays the name that people know
        held = None
        with told(path):
            if not read_only:
                make(path)
                held = lock(path, holder)
            db = None
            try:
                if not read_only:
                    check_header(path)
                db = connect_to_read(path) if read_only else connect(path)
                return cls(path, db, held)
            except BaseException:
                if db is not None:
                    db.close()
                if held is not None:
                    os.close(held)
                raise

    def close(self) -> None:
        """Move everything into the one file and let others have it. An error that led here stays the one to tell."""
        led_here = sys.exc_info()[1]
        try:
            with told(self.path):
                if self._held is not None:
                    self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except StoreError:
            if led_here is None:
                raise
        finally:
            self._db.close()
            if self._held is not None:
                os.close(self._held)

    def _recall(self) -> None:
        """Read what is mirrored in memory: the log's end, the outbox's, the progress kept."""
        (self._end,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM log").fetchone()
        self._mark = int(self._fact("acknowledged") or 0)
        row = self._db.execute("SELECT body FROM progress").fetchone()
        self._progress: str | None = row[0] if row else None

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are one commit, durable at its end, or none of them happened. May be nested."""
        if self._db.in_transaction:
            yield
            return
        before = (self._end, self._mark, self._progress, self.conflicts, set(self._acknowledged))
        with told(self.path):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    with suppress(sqlite3.Error):  # the error that led here is the one to tell
                        self._db.execute("ROLLBACK")
                self._end, self._mark, self._progress, self.conflicts, self._acknowledged = before
                raise

    def save(self, records: Iterable[Record], progress: Progress | None) -> None:
        """Commit revisions, in order, with their places in the outbox, and where the running session stands.

        A revision that is there already is passed over, so that a save may be repeated.
        """
        with self.transaction():
            for record in records:
                self._write(record)
            self._keep_progress(progress)
            if not self.publishing:
                self.drop_outbox()

    def checkpoint(self, progress: Progress) -> None:
        """Commit where the running session stands."""
        with self.transaction():
            self._keep_progress(progress)

    def _keep_progress(self, progress: Progress | None) -> None:
        body = None if progress is None else msgspec.json.encode(progress).decode()
        if body == self._progress:
            return
        if body is None:
            self._db.execute("DELETE FROM progress")
        else:
            self._db.execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (body,))
        self._progress = body

    def _write(self, record: Record) -> None:
        columns = _columns(record)
        body = msgspec.json.encode(record).decode()
        names = ", ".join(columns)
        query = f"SELECT record, seq, {names} FROM records WHERE id = ?"  # noqa: S608 -- our own names
        row = self._db.execute(query, (record.id,)).fetchone()
        seq = self._end + 1
        if row is None:
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO records (kind, id, seq, {names}) VALUES (?, ?, ?, {marks})"  # noqa: S608
            place = self._db.execute(insert, [kind_of(record), record.id, seq, *columns.values()]).lastrowid
        else:
            place, newest, *old = row
            there = dict(zip(columns, old, strict=True))
            if there["revision"] >= record.revision:
                kept = self._db.execute("SELECT revision, body FROM log WHERE seq = ?", (newest,)).fetchone()
                self.conflicts += kept[0] == record.revision and kept[1] != body
                return
            # Only what changed: an index that stays as it is costs no page.
            changed = {"seq": seq} | {name: value for name, value in columns.items() if value != there[name]}
            setting = ", ".join(f"{name} = ?" for name in changed)
            update = f"UPDATE records SET {setting} WHERE record = ?"  # noqa: S608 -- our own names
            self._db.execute(update, [*changed.values(), place])
        self._db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", (seq, place, record.revision, kind_of(record), body))
        self._end = seq

    # -- facts -------------------------------------------------------------------------------------------------

    def keep_fact(self, key: str, value: str | None) -> None:
        """Keep a word about the device (not the record); None takes it back."""
        if self._fact(key) != value:
            with self.transaction():
                _keep(self._db, key, value)

    def fact(self, key: str) -> str | None:
        with told(self.path):
            return self._fact(key)

    def _fact(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def keep_baseline(self, stimulations: int, configured: int) -> None:
        self.keep_fact("baseline", f"{stimulations} {configured}")

    def _seed(self) -> bytes:
        """Random once a file, so that ids can't be foreseen; a file opened for reading may have none yet."""
        seed = self._fact("seed")
        if seed is None:
            seed = secrets.token_hex(16)
            if self._held is not None:
                self.keep_fact("seed", seed)
        return bytes.fromhex(seed)

    # -- the outbox --------------------------------------------------------------------------------------------

    @property
    def outbox(self) -> int:
        """How many revisions the broker has not acknowledged."""
        waiting: int = self._end - self._mark - len(self._acknowledged)
        return waiting

    def outbox_head(self, limit: int, after: int = 0) -> list[tuple[int, Record]]:
        """Read the oldest revisions that wait, behind `after`, in the order in which they were made."""
        with told(self.path):
            rows = self._db.execute(
                "SELECT seq, kind, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?",
                (max(after, self._mark), limit + len(self._acknowledged)),
            ).fetchall()
            waiting = [row for row in rows if row[0] not in self._acknowledged][:limit]
            return [(seq, decoded(kind, body)) for seq, kind, body in waiting]

    def acknowledged(self, seqs: Iterable[int]) -> None:
        """Take these out: the broker has them. Where it skipped one, those behind stay until that one comes too."""
        with self.transaction():
            self._acknowledged.update(seq for seq in seqs if self._mark < seq <= self._end)
            mark = self._mark
            while mark + 1 in self._acknowledged:
                mark += 1
                self._acknowledged.remove(mark)
            self._move_mark(mark)

    def drop_outbox(self) -> None:
        """Nothing of what was made so far waits any longer."""
        with self.transaction():
            self._acknowledged.clear()
            self._move_mark(self._end)

    def _move_mark(self, mark: int) -> None:
        if mark != self._mark:
            _keep(self._db, "acknowledged", str(mark))
            self._mark = mark

    # -- reading -----------------------------------------------------------------------------------------------

    def load(self, now: int) -> Opened:
        """Read what the core starts from; `now` is the wall clock's word. The record's size makes no difference."""
        with told(self.path):
            unsettled = self._records("WHERE r.unsettled ORDER BY r.record DESC LIMIT ?", AT_MOST)
            found = {one.id: one for kind in (SESSION, NURSING) for one in self._recent(kind, now)}
            found |= {one.id: one for one in unsettled}
            sessions = sorted((one for one in found.values() if isinstance(one, Session)), key=began)
            nursings = sorted((one for one in found.values() if isinstance(one, Nursing)), key=began)
            newest = [one for kind in (SESSION, NURSING) for one in self._ends(kind, NEWEST)]
            first = [began(one) for kind in (SESSION, NURSING) for one in self._ends(kind, 1, "ASC")]
            baseline = self._fact("baseline")
            numbers = [int(word) for word in baseline.split()] if baseline else []
            return Opened(
                sessions=tuple(sessions),
                nursings=tuple(nursings),
                next_session_number=self._next_number(SESSION),
                next_nursing_number=self._next_number(NURSING),
                progress=msgspec.json.decode(self._progress, type=Progress) if self._progress else None,
                running=next((one for one in reversed(sessions) if one.state is SessionState.RUNNING), None),
                baseline=(numbers[0], numbers[1]) if numbers else None,
                seed=self._seed(),
                first_record_at=min(first, default=None),
                last=next((one for one in newest if isinstance(one, Session)), None),
                newest=tuple(sorted(newest, key=began, reverse=True)[:NEWEST]),
                outbox=self.outbox,
            )

    def _recent(self, kind: int, now: int) -> Iterator[Record]:
        last = self._db.execute("SELECT max(start) FROM records WHERE kind = ?", (kind,)).fetchone()[0] or 0
        # A clock of 1970 or of next year must neither hide the newest records nor call for all of them.
        for since, until in ((now - REMEMBERED_S, now + REMEMBERED_S), (last - REMEMBERED_S, last)):
            condition = "WHERE r.kind = ? AND r.start BETWEEN ? AND ? ORDER BY r.start DESC, r.number DESC LIMIT ?"
            yield from self._records(condition, kind, since, until, AT_MOST // 2)

    def _ends(self, kind: int, limit: int, order: str = "DESC") -> list[Record]:
        condition = f"WHERE r.kind = ? AND r.deleted = 0 ORDER BY r.start {order}, r.number {order} LIMIT ?"
        return self._records(condition, kind, limit)

    def _records(self, condition: str, *values: int | str) -> list[Record]:
        return [decoded(kind, body) for kind, body in self._db.execute(RECORDS + condition, values)]

    def _next_number(self, kind: int) -> int:
        (number,) = self._db.execute("SELECT max(number) FROM records WHERE kind = ?", (kind,)).fetchone()
        return (number or 0) + 1

    def find(self, record: str) -> Record | None:
        """Read the newest revision of the record with this id, deleted or not."""
        with told(self.path):
            return next(iter(self._records("WHERE r.id = ?", record)), None)

    def around(self, start: int, end: int) -> tuple[Record, ...]:
        """Every record, deleted ones too, that has a part within a day of start..end; by start."""
        since, until = start - DAY_S, end + DAY_S
        with told(self.path):
            within = "WHERE r.kind = ? AND r.start BETWEEN ? AND ? ORDER BY r.start, r.number LIMIT ?"
            found = [one for kind in (SESSION, NURSING) for one in self._records(within, kind, since, until, AT_MOST)]
            # Sessions don't overlap, so only the last one before can reach in.
            before = "WHERE r.kind = ? AND r.deleted = 0 AND r.start < ? ORDER BY r.start DESC, r.number DESC LIMIT 1"
            found += [
                one
                for one in self._records(before, SESSION, since)
                if isinstance(one, Session) and (one.ended_at is None or one.ended_at > since)
            ]
        return tuple(sorted(found, key=began))

    def history(
        self, query: History, sessions_below: tuple[int, int], nursings_below: tuple[int, int], limit: int
    ) -> tuple[Record, ...]:
        """Read what a page of history chooses from: of each kind the newest `limit` whose (start, number) is less."""
        with told(self.path), self._snapshot():
            sessions = newest_below(self._db, SESSION, query, sessions_below, limit)
            return (*sessions, *newest_below(self._db, NURSING, query, nursings_below, limit))

    def records(self) -> Generator[Record]:
        """Every record at its newest revision, deleted ones too, oldest first, as it is at the first step."""
        with told(self.path), self._snapshot():
            order = "WHERE r.kind = ? ORDER BY r.start, r.number"
            streams = [self._stream(order, kind) for kind in (SESSION, NURSING)]
            yield from heapq.merge(*streams, key=began)

    def sessions(self) -> Generator[Session]:
        """Every session that is not deleted, oldest first. To be closed by who may not read it to its end."""
        live = "WHERE r.kind = ? AND r.deleted = 0 ORDER BY r.start, r.number"
        with told(self.path), closing(self._stream(live, SESSION)) as found:
            for one in found:
                if isinstance(one, Session):
                    yield one

    def _stream(self, condition: str, kind: int) -> Generator[Record]:
        for found, body in self._db.execute(RECORDS + condition, (kind,)):
            yield decoded(found, body)

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Several queries see one moment, while another process may write."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    # -- the whole record --------------------------------------------------------------------------------------

    def import_records(self, records: Sequence[Record], *, now: int, sitting_s: float) -> Imported:
        """Take records in, all or none. `ImportRefusedError` names the one that can't be.

        id "", number 0 and revised_at 0 stand for "to be given". Of one id the higher revision wins; a number that is
        taken gives way to the next; sittings follow from the times.
        """
        with self.transaction(), closing(self.sessions()) as stored:
            known = Known(find=self.find, is_taken=self._is_taken, next_number=self._next_number, seed=self._seed())
            made = plan(records, known, now)
            moved = settle(made, stored, now, sitting_s)
            for record in [*made.records.values(), *moved]:
                self._write(record)
        return Imported(
            new=len(made.records) - len(made.replaced),
            revised=len(made.replaced),
            unchanged=made.unchanged,
            moved=len(moved),
        )

    def _is_taken(self, kind: int, number: int) -> bool:
        query = "SELECT 1 FROM records WHERE kind = ? AND number = ? LIMIT 1"
        return self._db.execute(query, (kind, number)).fetchone() is not None

    def backup(self, target: Path) -> None:
        """Make a whole copy as of now, in one file for its owner alone, while another process may write.

        `target` is replaced at the end, in one step; its folder must exist.
        """
        with told(target):
            if target.exists() and target.samefile(self.path):
                raise StoreError(f"{target}: is the record itself; name another file")
            part = target.with_name(target.name + ".part")
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            copy = sqlite3.connect(part, isolation_level=None)
            try:
                self._db.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, readable from anywhere
            except BaseException:
                part.unlink()
                raise
            finally:
                copy.close()
            _sync(part)
            part.replace(target)
            _sync(target.parent)

    def forget(self) -> None:
        """Remove every record, revision and outbox row, and overwrite the pages on which they stood.

        What is kept is about the device and the broker (what is announced there). Numbers begin again.
        """
        with told(self.path):
            self._db.execute("PRAGMA secure_delete = ON")
        with self.transaction():
            for table in ("log", "records", "progress"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own names
            for key in FORGOTTEN_FACTS:
                _keep(self._db, key, None)
        self._acknowledged.clear()
        with told(self.path):
            self._recall()
            # First the zeros over the old pages, then the file without them, then a log without their images.
            self._truncate_log()
            self._db.execute("VACUUM")
            self._truncate_log()

    def tidy(self) -> None:
        """Move what the write-ahead log holds into the file, as far as readers allow; for a quiet moment."""
        with told(self.path):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _truncate_log(self) -> None:
        if self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise StoreError(f"{self.path}: another program is reading it; end that, then try again")


def keep_fact_beside(path: Path, key: str, value: str | None) -> None:
    """Keep a fact while another process (the daemon) may have the store: a moment's connection without its lock."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 -- a link stays the name that people know
    with told(path):
        make(path)
        db = connect(path)
        try:
            _keep(db, key, value)
        finally:
            db.close()


def _keep(db: sqlite3.Connection, key: str, value: str | None) -> None:
    if value is None:
        db.execute("DELETE FROM facts WHERE key = ?", (key,))
    else:
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value))


def _columns(record: Record) -> dict[str, int | None]:
    """Say what queries need of a record beside its body."""
    session = record if isinstance(record, Session) else None
    running = session is not None and session.state is SessionState.RUNNING
    return {
        "number": record.number,
        "revision": record.revision,
        "revised_at": record.revised_at,
        "start": began(record),
        "deleted": int(record.deleted),
        "waiting": int(session is not None and session.purpose is None),
        "unsettled": int(running or record.clock is Clock.UNSYNCED),
    }


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
