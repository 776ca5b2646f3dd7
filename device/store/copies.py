"""The record as a whole: taken in from a file, copied, put back from a copy, forgotten."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from device.core.model.record import Cause, Record, Session, SessionState, finished
from device.store.reserved import UNKNOWN, replace_file, sync

from .file import APPLICATION, Trouble, as_store_errors, check_folder, check_header, connect, reading, real
from .importing import Fate, ImportOutcome, Known, Plan, neighbours, plan, seat_planned
from .mending import check_file, coming, free_name, move_in, new_part
from .records import Store, StoreError, write_fact
from .rows import NURSING, SESSION

OURS: Final = ("", "-wal", "-shm", "-journal", "-numbers", "-numbers.part", ".lock", ".new", ".new.part")
"""What stands beside the record's name, and is no place for a copy; nor is what a repair or `restore` set aside."""

OF_THE_DEVICE: Final = (
    "publish", "withheld_until", "unannounced", "to_retire", "announced_as", "announced_in", "to_clear", "protocol",
    "repaired_at", "repair_seen", "set_aside", "told_clock",
)  # fmt: skip
"""Facts that a copy does not bring back: how the device stands to its broker, and what befell its file."""


OF_THE_RECORD: Final = (
    "baseline", "seed", "acknowledged", "log_end", "to_give_out", "repaired_at", "repair_seen", "set_aside",
    "gaps",
)  # fmt: skip
"""Facts that `forget` removes with it."""


def weigh(
    store: Store, records: Sequence[Record], *, now: int, full: frozenset[int] = frozenset(), skip: bool = False
) -> Plan:
    """What would become of records; nothing is written. Raises as `take_in` does, with `skip` nothing."""
    with closing(store.records()) as stored:
        held = neighbours(records, stored)
    known = Known(store.find, store.is_taken, store.next_number, store.seed())
    return plan(records, known, now, held, full, skip=skip)


def write_planned(store: Store, made: Plan, now: int, sitting_s: float) -> ImportOutcome:
    """Write what was planned of this store as it is, all or none."""
    with store.transaction():
        with closing(store.sessions()) as stored:
            moved = seat_planned(made, stored, now, sitting_s)
        for record in [*made.records.values(), *moved]:
            store.write(record)
        if not store.publishing:
            store.drop_outbox()
    new = len(made.records) - len(made.replaced)
    return ImportOutcome(new, len(made.replaced), made.count(Fate.UNCHANGED), len(moved))


def take_in(
    store: Store, records: Sequence[Record], *, now: int, sitting_s: float, full: frozenset[int] = frozenset()
) -> ImportOutcome:
    """Take records in, all or none. `ImportRefusedError` names the one that can't be.

    id "", number 0 and revised_at 0 stand for "to be given". Of one id the higher revision wins; a number that is
    taken gives way to the next; sittings follow from the times; what has no id and the times of one that is held is
    passed over. `full` are the places of those that a device wrote: they overlap what they may have overlapped there.
    """
    with store.transaction():
        return write_planned(store, weigh(store, records, now=now, full=full), now, sitting_s)


# -- copies ----------------------------------------------------------------------------------------------------


def write_backup(store: Store, target: Path) -> None:
    """Make a whole copy as of now, in one file for its owner alone, while another process may write.

    Only onto a name that is free or a former backup, which is replaced at the end, in one step.
    """
    with as_store_errors(target):
        _check_place(store.path, target)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".part", dir=target.parent)
        os.close(descriptor)
        part = Path(name)
        try:
            copy_of(store.db, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        sync(target.parent)


def copy_of(db: sqlite3.Connection, target: Path) -> None:
    """Fill this file with the whole of `db`; durable at the return, readable from anywhere."""
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    sync(target)


def refuse_beside(record: Path, target: Path) -> None:
    """Raise StoreError for a name that SQLite, a repair or `restore` gives beside the record, or the record's own."""
    if real(target.parent) == record.parent and target.name.startswith(record.name):
        rest = target.name.removeprefix(record.name)
        if rest in OURS or rest.startswith((".damaged-", ".former-")):
            raise StoreError(f"{target}: belongs to the record; name another file")


def _check_place(record: Path, target: Path) -> None:
    if os.path.lexists(target) and target.exists() and target.samefile(record):
        raise StoreError(f"{target}: is the record itself; name another file")
    refuse_beside(record, target)
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_file():
        raise StoreError(f"{target}: is no file of its own; name one that is not there yet")
    if not is_copy(target):
        raise StoreError(f"{target}: is there and is no backup; name another file, or remove it")


def is_copy(file: Path) -> bool:
    with file.open("rb") as opened:
        header = opened.read(100)
    return header.startswith(b"SQLite format 3\0") and header[68:72] == APPLICATION.to_bytes(4, "big")


def copies_beside(record: Path, is_one: Callable[[Path], bool] = is_copy) -> list[Path]:
    """The backups in the record's folder: files of their own that neighbours a record; or what else `is_one`."""
    files = (file for file in sorted(record.parent.iterdir()) if file.is_file() and not file.is_symlink())
    return [file for file in files if not file.samefile(record) and os.access(file, os.R_OK) and is_one(file)]


def restore_backup(path: Path, file: Path, *, publishing: bool, holder: str) -> Path:
    """Put the copy in `file` in the place of the record at `path`; where the former one now stands.

    What differs is given out as `repaired`: records that the copy has otherwise, those that it lacks (as deleted),
    and those of which nobody knows what was given out since.
    """
    now = int(time.time())
    with ExitStack() as at_last, as_store_errors(file):
        former = Store.open(path, holder=holder)
        at_last.callback(former.let_go)
        if not file.is_file():
            raise StoreError(f"{file}: is no file; name a backup")
        if file.samefile(former.path):
            raise StoreError(f"{file}: is the record itself; name a backup")
        part = new_part(former.path)
        try:
            _copy_checked(file, part)
            with as_store_errors(former.path):
                _make_follow(part, former, publishing=publishing, now=now)
                part.rename(coming(former.path))
        finally:
            part.unlink(missing_ok=True)
        with as_store_errors(former.path):
            former.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            former.db.close()
            aside = free_name(former.path, "former", now)
            move_in(former.path, aside, former.numbers)
    return aside


def rescue(store: Store) -> None:
    """Write the record anew where its file was deleted while it was open: from what is still open. StoreError if not.

    Another file that stands there now (a card that is back) is left as it is.
    """
    path = store.path
    with as_store_errors(path):
        check_folder(path)
        if path.exists() and not store.is_at_its_path():
            return
        now = int(time.time())
        part = new_part(path)
        copy_of(store.db, part)
        with closing(connect(part)) as db:
            for key, value in (("repaired_at", str(now)), ("repair_seen", None)):
                write_fact(db, key, value)
            db.execute("PRAGMA journal_mode = DELETE")
        sync(part)
        part.rename(coming(path))
        aside = free_name(path, "damaged", now)
        said = "The file was deleted while it was open. It was written anew from what was open: nothing was lost.\n"
        replace_file(aside.with_name(aside.name + ".txt"), said.encode())
        move_in(path, aside, store.numbers)


def _copy_checked(file: Path, part: Path) -> None:
    """Copy a backup that is whole; StoreError says why another is none."""
    try:
        check_header(file)
        with closing(reading(file)) as source:
            copy_of(source, part)
        with closing(connect(part)) as db:
            check_file(file, db)
            db.execute("PRAGMA journal_mode = DELETE")
    except StoreError as error:
        if error.trouble is not Trouble.DAMAGED:
            raise
        raise StoreError(f"{file}: is no whole backup of a record; name another file") from error


def _make_follow(part: Path, former: Store, *, publishing: bool, now: int) -> None:
    """Make of a copy what may follow the record that stood there until now."""
    with closing(connect(part)) as db:
        store = Store(part, db, None)
        with store.transaction():
            for key in OF_THE_DEVICE:
                store.keep_fact(key, former.fact(key))
            if former.fact("withheld_until") is not None:
                store.drop_outbox()
            for record in _differing(store, former, now):
                store.write(record)
            given = [max(store.next_number(kind), former.next_number(kind)) - 1 for kind in (SESSION, NURSING)]
            if not former.numbers.sessions and not former.numbers.nursings:
                given = [number + UNKNOWN for number in given]
            store.keep_fact("numbers", " ".join(map(str, given)))
            store.keep_fact("to_give_out", None)
            if not publishing:
                store.drop_outbox()
        db.execute("PRAGMA journal_mode = DELETE")
    sync(part)


def _differing(store: Store, former: Store, now: int) -> list[Record]:
    """New revisions of what the copy (in `store`) has otherwise than the record before, in order of time."""
    made: list[Record] = []
    for record in store.records():
        highest, before = store.highest(record.id), former.find(record.id)
        given = former.highest(record.id)
        if before == record and highest == given:
            continue
        above = max(highest, given) if before is not None else highest + UNKNOWN - 1
        made.append(replace(record, revision=above + 1, cause=Cause.REPAIRED, revised_at=now))
    for record in former.records():
        if not record.deleted and store.find(record.id) is None:
            gone = replace(record, revision=former.highest(record.id) + 1, cause=Cause.REPAIRED, revised_at=now)
            made.append(replace(_ended(gone), deleted=True))
    return made


def _ended(record: Record) -> Record:
    if not isinstance(record, Session) or record.state is SessionState.ENDED:
        return record
    return replace(record, state=SessionState.ENDED, ended_at=finished(record), interrupted=True)


# -- forgetting ------------------------------------------------------------------------------------------------


def forget_record(store: Store) -> None:
    """Remove every record, revision and outbox row, what was set aside, and overwrite the pages on which they stood.

    What is kept is about the device and the broker (what is announced there), and which numbers were given. A kill
    anywhere leaves the record as it was, or removed: the rest is done at the next opening.
    """
    given = f"{store.next_number(SESSION) - 1} {store.next_number(NURSING) - 1}"
    with as_store_errors(store.path):
        store.db.execute("PRAGMA secure_delete = ON")
    with store.transaction():
        for table in ("log", "records", "progress"):
            store.db.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own names
        for key in OF_THE_RECORD:
            store.keep_fact(key, None)
        for key, value in (("numbers", given), ("to_clear", "yes"), ("forgetting", "yes")):
            store.keep_fact(key, value)
    store.finish_forgetting()


# -- beside a daemon -------------------------------------------------------------------------------------------


def keep_fact_beside(path: Path, key: str, value: str | None) -> None:
    """Keep a fact while another process (the daemon) may have the store: a moment's connection without its lock."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 -- a link stays the name that people know
    try:
        with closing(Store.open(path)) as store:
            store.keep_fact(key, value)
    except StoreError as error:
        if error.trouble is not Trouble.HELD:
            raise
        with as_store_errors(path), closing(connect(real(path))) as db:
            write_fact(db, key, value)
