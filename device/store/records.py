"""The record on disk: sessions and nursings with all their revisions, and the outbox, in one SQLite file.

What a method that writes has returned from is durable; of what failed nothing is there, and it may be tried again.
"""

import heapq
import os
import sqlite3
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

import msgspec
from msgspec.structs import replace

from device.core.model.events import History
from device.core.model.record import (
    REMEMBERED_S,
    Nursing,
    Progress,
    Record,
    Session,
    SessionState,
    ToldClock,
    begun,
)
from device.core.rules.sittings import DAY_S
from device.store import reserved

from .file import SCHEMA, HeldFile, StoreError, Trouble, as_store_errors, connect_to_read, disk_of, real
from .history import AT_MOST, NEWEST_FIRST, Opened, kept_portions, newest_below, newest_whole, rest_of_sitting
from .mending import checking, highest_number, opened, remove_set_aside, tells_of_damage
from .rows import (
    COLUMNS,
    LOG,
    NURSING,
    RECORDS,
    SESSION,
    body_of,
    checksum,
    columns,
    is_body_of,
    kind_of,
    of_log,
    of_records,
)

AT_HAND = 16
"""A commit of no more revisions has them go on to the broker without being read again."""

__all__ = [
    "SCHEMA",
    "Opened",
    "Store",
    "StoreError",
    "Trouble",
]


class Store:
    """One open file. Used by one thread at a time; `StoreError` is all that its methods raise, where not said."""

    def __init__(self, path: Path, db: sqlite3.Connection, held: HeldFile | None) -> None:
        self.path = path
        self.disk = disk_of(path)
        self.publishing = True
        """False: what is saved counts as acknowledged at once, since nothing of it may leave the house."""
        self.conflicts = 0
        """Revisions that were there already with other content: kept as they were."""
        self.db = db
        self._held = held
        self._acknowledged: set[int] = set()
        self._written: list[tuple[int, Record]] = []
        """What the last commit added, the first of it at least."""
        self.numbers = reserved.read_numbers(path) or reserved.Numbers()
        self._look = held.look if held is not None else lambda: None
        self.recall()

    @classmethod
    def open(
        cls, path: Path, *, read_only: bool = False, suspect: bool = False, holder: str = "pump-companion"
    ) -> Self:
        """Open or create the file, repaired where it is damaged. Only one process writes; another is told `holder`.

        `suspect`: something read from it was not as it should be, so all of it is looked at.
        """
        said, path = Path(os.path.abspath(path)), real(path)  # noqa: PTH100 -- a link stays the name that people know
        with as_store_errors(said):
            if read_only:
                db, held = connect_to_read(path), None
            else:
                db, held = opened(path, holder, suspect=suspect)
            try:
                store = cls(path, db, held)
            except BaseException as error:
                db.close()
                if held is not None:
                    held.release()
                if suspect or read_only or not tells_of_damage(error):
                    raise
            else:
                if held is not None and store.fact("forgetting") is not None:
                    with suppress(StoreError):  # somebody reads just now: the next opening does it
                        store.finish_forgetting()
                return store
        return cls.open(path, suspect=True, holder=holder)

    def close(self) -> None:
        """Move everything into the one file and let others have it. An error that led here stays the one to tell."""
        led_here = sys.exc_info()[1]
        try:
            with as_store_errors(self.path):
                if self._held is not None:
                    self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except StoreError:
            if led_here is None:
                raise
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Close as it is: what was committed is safe, and nothing more is asked of the disk."""
        self.db.close()
        if self._held is not None:
            self._held.release()
            self._held = None

    def is_at_its_path(self) -> bool:
        """Whether the file that is open is the one that stands at the path."""
        return self._held is not None and self._held.is_of(self.path)

    def recall(self) -> None:
        """Read what is mirrored in memory: the log's end, the outbox's, the progress kept."""
        (end,) = self.db.execute("SELECT coalesce(max(seq), 0) FROM log").fetchone()
        self.end = max(end, int(self._fact("log_end") or 0))
        self._mark = min(int(self._fact("acknowledged") or 0), self.end)
        waiting = [row[0] for row in self.db.execute("SELECT seq FROM log WHERE seq > ?", (self._mark,))]
        if len(waiting) < self.end - self._mark:  # places that a repair found empty wait for nobody
            self._acknowledged = set(range(self._mark + 1, self.end + 1)) - set(waiting)
        row = self.db.execute("SELECT body, sum FROM progress").fetchone()
        self._progress: str | None = row[0] if row and checksum(row[0]) == row[1] else None

    def checking(self) -> Iterator[None]:
        """Look at every page and row in small steps, between which the store may be used; StoreError tells damage."""
        return checking(self.path, self.db)

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are one commit, durable at its end, or none of them happened. May be nested."""
        if self.db.in_transaction:
            yield
            return
        before = (self.end, self._mark, self._progress, self.conflicts, set(self._acknowledged))
        self._written = []
        with as_store_errors(self.path):
            try:
                self._look()
                self.db.execute("BEGIN IMMEDIATE")
                yield
                self.db.execute("COMMIT")
                self._look()
            except BaseException:
                if self.db.in_transaction:
                    with suppress(sqlite3.Error):  # the error that led here is the one to tell
                        self.db.execute("ROLLBACK")
                self.end, self._mark, self._progress, self.conflicts, self._acknowledged = before
                self._written = []
                raise

    def save(self, records: Iterable[Record], progress: Progress | None) -> None:
        """Commit revisions, in order, with their places in the outbox, and where the running session stands.

        A revision that is there already is passed over, so that a save may be repeated.
        """
        with self.transaction():
            for record in records:
                self.write(record)
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
            self.db.execute("DELETE FROM progress")
        else:
            self.db.execute("INSERT OR REPLACE INTO progress VALUES (1, ?, ?)", (body, checksum(body)))
        self._progress = body

    def write(self, record: Record) -> None:
        """Add a revision, within a transaction; one that is not above what is there is passed over."""
        values, body, kind = columns(record), body_of(record), kind_of(record)
        query = f"SELECT record, seq, {', '.join(COLUMNS)} FROM records WHERE id = ?"  # noqa: S608 -- our own names
        row = self.db.execute(query, (record.id,)).fetchone()
        seq = self.end + 1
        if row is None:
            if self._held is not None:
                self._reserve(kind, record.number)
            named = f"kind, id, {', '.join(COLUMNS)}, seq"
            insert = f"INSERT INTO records ({named}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- as above
            place = self.db.execute(insert, (kind, record.id, *values, seq)).lastrowid
        else:
            place, newest, *old = row
            there = dict(zip(COLUMNS, old, strict=True))
            if there["revision"] >= record.revision:
                kept = self.db.execute("SELECT revision, body FROM log WHERE seq = ?", (newest,)).fetchone()
                is_other = kept is not None and kept[0] == record.revision and not is_body_of(kept[1], record)
                self.conflicts += is_other
                return
            # Only what changed: an index that stays as it is costs no page.
            now = dict(zip(COLUMNS, values, strict=True))
            changed = {"seq": seq} | {name: value for name, value in now.items() if value != there[name]}
            setting = ", ".join(f"{name} = ?" for name in changed)
            update = f"UPDATE records SET {setting} WHERE record = ?"  # noqa: S608 -- our own names
            self.db.execute(update, [*changed.values(), place])
        line = (seq, place, record.revision, kind, body)
        self.db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", (*line, checksum(*line)))
        self.end = seq
        if len(self._written) < AT_HAND:
            self._written.append((seq, record))

    def _reserve(self, kind: int, number: int) -> None:
        """Have it on the disk that this number may have been given, before it is."""
        name = ("sessions", "nursings")[kind]
        if number > getattr(self.numbers, name) or self.numbers.forgotten:
            ahead = {name: max(number + reserved.AHEAD - 1, getattr(self.numbers, name)), "forgotten": False}
            numbers = replace(self.numbers, **ahead)
            reserved.write_numbers(self.path, numbers)
            self.numbers = numbers

    # -- facts -------------------------------------------------------------------------------------------------

    def keep_fact(self, key: str, value: str | None) -> None:
        """Keep a word about the device (not the record); None takes it back."""
        if self._fact(key) != value:
            with self.transaction():
                write_fact(self.db, key, value)

    def fact(self, key: str) -> str | None:
        with as_store_errors(self.path):
            return self._fact(key)

    def _fact(self, key: str) -> str | None:
        """Read a fact; one that is not what was written there counts as none."""
        row = self.db.execute("SELECT value, sum FROM facts WHERE key = ?", (key,)).fetchone()
        return row[0] if row and checksum(key, row[0]) == row[1] else None

    def seed(self) -> bytes:
        """Random once a file, so that ids can't be foreseen; a file opened for reading may have none yet."""
        seed = self._fact("seed")
        if seed is None:
            seed = os.urandom(16).hex()
            if self._held is not None:
                self.keep_fact("seed", seed)
        return bytes.fromhex(seed)

    # -- the outbox --------------------------------------------------------------------------------------------

    @property
    def outbox(self) -> int:
        """How many revisions the broker has not acknowledged."""
        return int(self.end - self._mark - len(self._acknowledged))

    def outbox_head(self, limit: int, after: int = 0) -> list[tuple[int, Record]]:
        """Read the oldest revisions that wait, behind `after`, in the order in which they were made."""
        if not self.publishing:
            return []
        at_hand = (self._written[0][0] - 1, self._written[-1][0]) if self._written else None
        if at_hand == (max(after, self._mark), self.end) and not self._acknowledged:
            return self._written[:limit]
        with as_store_errors(self.path):
            rows = self.db.execute(
                f"{LOG} WHERE seq > ? ORDER BY seq LIMIT ?",
                (max(after, self._mark), limit + len(self._acknowledged)),
            ).fetchall()
            waiting = [row for row in rows if row[0] not in self._acknowledged][:limit]
            return [(row[0], of_log(row)) for row in waiting]

    def acknowledged(self, seqs: Iterable[int]) -> None:
        """Take these out: the broker has them. Where it skipped one, those behind stay until that one comes too."""
        with self.transaction():
            self._acknowledged.update(seq for seq in seqs if self._mark < seq <= self.end)
            mark = self._mark
            while mark + 1 in self._acknowledged:
                mark += 1
                self._acknowledged.remove(mark)
            self._move_mark(mark)

    def drop_outbox(self) -> None:
        """Nothing of what was made so far waits any longer."""
        with self.transaction():
            self._acknowledged.clear()
            self._move_mark(self.end)

    def _move_mark(self, mark: int) -> None:
        if mark != self._mark:
            write_fact(self.db, "acknowledged", str(mark))
            self._mark = mark

    # -- reading -----------------------------------------------------------------------------------------------

    def load(self, now: int) -> Opened:
        """Read what the core starts from; `now` is the wall clock's word. The record's size makes no difference."""
        with as_store_errors(self.path):
            unsettled = self._records("WHERE r.unsettled ORDER BY r.record DESC LIMIT ?", AT_MOST)
            found = {record.id: record for kind in (SESSION, NURSING) for record in self._recent(kind, now)}
            found |= {record.id: record for record in unsettled}
            sessions = sorted((record for record in found.values() if isinstance(record, Session)), key=begun)
            nursings = sorted((record for record in found.values() if isinstance(record, Nursing)), key=begun)
            latest = newest_whole(self.db)
            baseline = self._fact("baseline")
            numbers = [int(word) for word in baseline.split()] if baseline else []
            told = self._fact("told_clock")
            return Opened(
                sessions=tuple(sessions),
                nursings=tuple(nursings),
                portions=kept_portions(self.db, now),
                next_session_number=self.next_number(SESSION),
                next_nursing_number=self.next_number(NURSING),
                progress=msgspec.json.decode(self._progress, type=Progress) if self._progress else None,
                running=next(
                    (session for session in reversed(sessions) if session.state is SessionState.RUNNING), None
                ),
                baseline=(numbers[0], numbers[1]) if numbers else None,
                told_clock=msgspec.json.decode(told, type=ToldClock) if told else None,
                seed=self.seed(),
                first_record_at=self._first_at(),
                last=next((record for record in latest if isinstance(record, Session)), None),
                newest=tuple(latest),
                outbox=self.outbox,
                to_give_out=self._to_give_out(),
                repaired_at=int(self._fact("repaired_at") or 0) or None,
                repair_seen=self._fact("repair_seen") is not None,
                set_aside=int(self._fact("set_aside") or 0),
            )

    def _to_give_out(self) -> tuple[tuple[Record, int], ...]:
        """After a repair: of which records a revision is known that can't be read."""
        if self._fact("to_give_out") is None:
            return ()
        rows = self.db.execute(f"{RECORDS} WHERE r.revision > l.revision").fetchall()
        if not rows and self._held is not None:
            self.keep_fact("to_give_out", None)
        return tuple((of_records(row), row[6 + 4]) for row in rows)

    def _recent(self, kind: int, now: int) -> Iterator[Record]:
        last = self.db.execute("SELECT max(start) FROM records WHERE kind = ?", (kind,)).fetchone()[0] or 0
        # A clock of 1970 or of next year must neither hide the newest records nor call for all of them.
        for since, until in ((now - REMEMBERED_S, now + REMEMBERED_S), (last - REMEMBERED_S, last)):
            condition = f"WHERE r.kind = ? AND r.start BETWEEN ? AND ? {NEWEST_FIRST}"
            found = self._records(condition, kind, since, until, AT_MOST // 2)
            yield from (*found, *rest_of_sitting(self.db, found))

    def newest(self) -> tuple[tuple[Record, ...], int | None]:
        """Read what the core must always hold (the newest, in whole sittings), and when the first record was."""
        with as_store_errors(self.path), self._snapshot():
            return tuple(newest_whole(self.db)), self._first_at()

    def _first_at(self) -> int | None:
        earliest = "SELECT min(start) FROM records WHERE kind = ? AND deleted = 0"
        starts = [self.db.execute(earliest, (kind,)).fetchone()[0] for kind in (SESSION, NURSING)]
        return min((at for at in starts if at is not None), default=None)

    def _records(self, condition: str, *values: int | str) -> list[Record]:
        return [of_records(row) for row in self.db.execute(RECORDS + condition, values)]

    def next_number(self, kind: int) -> int:
        """The next that was never given, also where the records that had them were lost or forgotten."""
        given = int((self._fact("numbers") or "0 0").split()[kind])
        return max(highest_number(self.db, kind), given) + 1

    def find(self, record: str) -> Record | None:
        """Read the newest revision of the record with this id, deleted or not."""
        with as_store_errors(self.path):
            return next(iter(self._records("WHERE r.id = ?", record)), None)

    def highest(self, record: str) -> int:
        """Read the highest revision of this id that was ever given out, as far as is known; 0 where there is none."""
        with as_store_errors(self.path):
            row = self.db.execute("SELECT revision FROM records WHERE id = ?", (record,)).fetchone()
        return row[0] if row else 0

    def around(self, start: int, end: int) -> tuple[Record, ...]:
        """Every record, deleted ones too, that has a part within a day of start..end; by start."""
        since, until = start - DAY_S, end + DAY_S
        with as_store_errors(self.path):
            within = "WHERE r.kind = ? AND r.start BETWEEN ? AND ? ORDER BY r.start, r.number LIMIT ?"
            found = [
                record for kind in (SESSION, NURSING) for record in self._records(within, kind, since, until, AT_MOST)
            ]
            # Sessions don't overlap, so only the last one before can reach in.
            before = "WHERE r.kind = ? AND r.deleted = 0 AND r.start < ? ORDER BY r.start DESC, r.number DESC LIMIT 1"
            found += [
                record
                for record in self._records(before, SESSION, since)
                if isinstance(record, Session) and (record.ended_at is None or record.ended_at > since)
            ]
        return tuple(sorted(found, key=begun))

    def history(
        self,
        query: History,
        sessions_below: tuple[int, int],
        nursings_below: tuple[int, int],
        limit: int,
        kept_since: int | None = None,
    ) -> tuple[Record, ...]:
        """Read what a page of history chooses from: of each kind the newest `limit` whose (start, number) is less.

        kept_since: of `milk` those that keep until then or longer; None: all that are not gone.
        """
        with as_store_errors(self.path), self._snapshot():
            sessions = newest_below(self.db, SESSION, query, sessions_below, limit, kept_since or 0)
            return (*sessions, *newest_below(self.db, NURSING, query, nursings_below, limit))

    def records(self) -> Generator[Record]:
        """Every record at its newest revision, deleted ones too, oldest first, as it is at the first step."""
        with as_store_errors(self.path), self._snapshot():
            order = "WHERE r.kind = ? ORDER BY r.start, r.number"
            streams = [self._stream(order, kind) for kind in (SESSION, NURSING)]
            yield from heapq.merge(*streams, key=begun)

    def sessions(self) -> Generator[Session]:
        """Every session that is not deleted, oldest first. To be closed by who may not read it to its end."""
        live = "WHERE r.kind = ? AND r.deleted = 0 ORDER BY r.start, r.number"
        with as_store_errors(self.path), closing(self._stream(live, SESSION)) as found:
            for record in found:
                if isinstance(record, Session):
                    yield record

    def _stream(self, condition: str, kind: int) -> Generator[Record]:
        for row in self.db.execute(RECORDS + condition, (kind,)):
            yield of_records(row)

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Several queries see one moment, while another process may write."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")

    def is_taken(self, kind: int, number: int) -> bool:
        query = "SELECT 1 FROM records WHERE kind = ? AND number = ? LIMIT 1"
        return self.db.execute(query, (kind, number)).fetchone() is not None

    def finish_forgetting(self) -> None:
        """Do what is left once the rows are gone: the pages on which they stood, the copies that were set aside."""
        sessions, nursings = (self.next_number(kind) - 1 for kind in (SESSION, NURSING))
        self.numbers = reserved.Numbers(sessions, nursings, forgotten=True, layout=SCHEMA)
        with as_store_errors(self.path):
            reserved.write_numbers(self.path, self.numbers)
        self._acknowledged.clear()
        with as_store_errors(self.path):
            self.recall()
            # First the zeros over the old pages, then the file without them, then a log without their images.
            self._truncate_log()
            self.db.execute("VACUUM")
            self._truncate_log()
            remove_set_aside(self.path)
        self.keep_fact("forgetting", None)

    def _truncate_log(self) -> None:
        if self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise StoreError(f"{self.path}: another program is reading it; end that, then try again")

    def tidy(self) -> None:
        """Move what the write-ahead log holds into the file, as far as readers allow; for a quiet moment."""
        with as_store_errors(self.path):
            self.db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def write_fact(db: sqlite3.Connection, key: str, value: str | None) -> None:
    if value is None:
        db.execute("DELETE FROM facts WHERE key = ?", (key,))
    else:
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (key, value, checksum(key, value)))
