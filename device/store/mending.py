"""A record that is damaged: told from a good one, set aside whole, and what can be read of it taken into a new one.

Whatever is moved is moved with what SQLite keeps beside it; a kill at any moment is finished by the next opening.
"""

import glob
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from device.core.model.record import Record, begun
from device.store import reserved
from device.store.reserved import UNKNOWN, Numbers, replace_file, sync

from .file import (
    SCHEMA,
    HeldFile,
    StoreError,
    Trouble,
    as_store_errors,
    check_folder,
    check_header,
    connect,
    damaged,
    make,
    migrate,
    only_begun,
    reading,
    real,
    says_damage,
)
from .rows import LOG, NURSING, RECORDS, SESSION, RowError, checksum, columns, of_log, of_records, record_of
from .salvage import MOST_PLACES, Found, breaks_off, scan

BESIDE: Final = ("-wal", "-shm")
"""What SQLite keeps beside a file: one thing with it wherever it is moved."""

UNREADABLE: Final = (sqlite3.Error, OSError, UnicodeDecodeError)
"""What SQLite, or Python for it, says of a file that it can't read."""

MOST_REPAIRS: Final = 3
"""Of one opening: what a repair wrote is looked at like any other file, since the card may go on being bad."""


class Loss(msgspec.Struct, frozen=True):
    """What a repair could not read: how many revisions, and what people are told of it."""

    revisions: int
    told: tuple[str, ...]


def opened(path: Path, holder: str, *, suspect: bool) -> tuple[sqlite3.Connection, HeldFile]:
    """Open the record at `path` (a real one) for this process alone, repaired where it is damaged.

    `suspect`: something was not as it should be, so look at every page and row.
    """
    check_folder(path)
    held = HeldFile(path, holder)
    db = None
    try:
        numbers = _finish_move(path, reserved.read_numbers(path))
        if path.exists():
            held.take()
        for _ in range(MOST_REPAIRS):
            what = _what_is_wrong(path, numbers, suspect=suspect)
            if what is None:
                break
            mend(path, numbers, what)
            numbers = reserved.read_numbers(path)
        held.take()
        db = connect(path)
        _keep_numbers(path, db, reserved.read_numbers(path))  # which also makes SQLite open its log's index
        held.fill_index()
    except BaseException as error:
        if db is not None:
            db.close()
        held.release()
        if suspect or not tells_of_damage(error):
            raise
    else:
        return db, held
    return opened(path, holder, suspect=True)


def tells_of_damage(error: BaseException) -> bool:
    """Whether an error of SQLite, or a row, says that the file is not what it should be."""
    return isinstance(error, RowError | UnicodeDecodeError) or says_damage(error)


# -- what is damage --------------------------------------------------------------------------------------------


def _what_is_wrong(path: Path, numbers: Numbers | None, *, suspect: bool) -> str | None:
    """Why the file must be repaired; None where nothing is known against it. StoreError where it is no record."""
    kept = numbers is not None and numbers.kept
    size = path.stat().st_size if path.exists() else None
    if not size:
        return ("it is gone" if size is None else "it is empty") if kept else None
    if not kept and only_begun(path):
        return None
    try:
        check_header(path)
        if breaks_off(path):
            return "its log breaks off"
        if suspect:
            _check_wholly(path)
    except StoreError as error:
        stood_here = numbers is not None and numbers.layout > 0
        if error.trouble is Trouble.DAMAGED and (stood_here or kept or scan(path).revisions):
            return _cause(error)
        if error.trouble is Trouble.LASTING and numbers is not None and numbers.layout == SCHEMA and _is_ours(path):
            return "its head"
        if error.trouble is Trouble.DAMAGED:
            raise StoreError(
                f"{path}: is no record; move it away, or change store.path", trouble=Trouble.LASTING
            ) from error
        raise
    return None


def _cause(error: StoreError) -> str:
    """What `damaged` says in its parentheses."""
    return str(error).partition("(")[2].partition(")")[0]


def _check_wholly(path: Path) -> None:
    with as_store_errors(path), closing(connect(path)) as db:
        check_file(path, db)


def check_file(path: Path, db: sqlite3.Connection) -> None:
    """Look at every page and row; StoreError (damaged) at the first that is not as it should be."""
    for _ in checking(path, db):
        pass


def checking(path: Path, db: sqlite3.Connection) -> Iterator[None]:
    """The same in small steps, between which others may use the connection."""
    with as_store_errors(path):
        if not _tables(db) >= _layout():
            raise damaged(path, "its tables")
        for table in ("facts", "progress", "records", "log"):
            (said,) = db.execute(f"PRAGMA integrity_check({table})").fetchone()
            if said != "ok":
                raise damaged(path, said.splitlines()[0])
            yield
        for query, key, read in ((LOG, "seq", of_log), (RECORDS, "r.record", of_records)):
            after = 0
            while rows := db.execute(f"{query} WHERE {key} > ? ORDER BY {key} LIMIT 100", (after,)).fetchall():
                for row in rows:
                    read(row)
                after = rows[-1][0 if query is LOG else 6]
                yield


def _is_ours(path: Path) -> bool:
    """Its tables are those of a record as this version lays it out, whatever number its head says."""
    with suppress(*UNREADABLE), closing(reading(path, immutable=True)) as db:
        return _tables(db) == _layout()
    return False


def _tables(db: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index')"))


@cache
def _layout() -> set[tuple[str, str]]:
    """The tables and indexes of a record as this version lays it out."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as ours:
        migrate(ours, 0)
        return _tables(ours)


# -- the repair ------------------------------------------------------------------------------------------------


def mend(path: Path, numbers: Numbers | None, what: str) -> None:
    """Set the record at `path` aside, whole, and put in its place what can be read of it."""
    now = int(time.time())
    aside = free_name(path, "damaged", now)
    found, facts, progress = scan(path), _facts_left(path), _progress(path)
    gone = not path.exists() or not path.stat().st_size
    loss = _build(path, found, facts, progress, numbers=numbers, gone=gone, now=now)
    told_of = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))}: {path.name} was damaged ({what}).\n"
    replace_file(aside.with_name(aside.name + ".txt"), (told_of + "\n".join(loss.told) + "\n").encode())
    move_in(path, aside, numbers or Numbers())


def readable(path: Path) -> list[Record]:
    """The newest revision that can be read of every record in a damaged file, oldest first; nothing is changed."""
    newest: dict[str, tuple[int, int, str]] = {}
    with as_store_errors(path):
        for (name, revision), (_, kind, body) in scan(real(path)).revisions.items():
            if name not in newest or newest[name][0] < revision:
                newest[name] = (revision, kind, body)
    return sorted((record_of(kind, body) for _, kind, body in newest.values()), key=begun)


def free_name(path: Path, word: str, now: int) -> Path:
    """A name beside the record for what is set aside now."""
    stem = f"{path.name}.{word}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}"
    names = (path.with_name(stem if not again else f"{stem}-{again}") for again in range(10_000))
    return next(name for name in names if not any(os.path.lexists(f"{name}{end}") for end in ("", ".txt", *BESIDE)))


def remove_set_aside(path: Path) -> None:
    """Delete what repairs and `restore` kept of the record."""
    for word in ("damaged", "former"):
        for file in path.parent.glob(f"{glob.escape(path.name)}.{word}-*"):
            file.unlink(missing_ok=True)


def coming(path: Path) -> Path:
    """Where the file stands, whole, that takes the record's place."""
    return path.with_name(path.name + ".new")


def new_part(path: Path) -> Path:
    """An empty file, for its owner alone, in which the one that is coming is made; what a kill left of it is gone."""
    part = coming(path).with_name(coming(path).name + ".part")
    for end in ("", "-journal", *BESIDE):
        Path(f"{part}{end}").unlink(missing_ok=True)
    os.close(make(part))
    return part


def move_in(path: Path, aside: Path, numbers: Numbers) -> None:
    """Set the record aside, with what is beside it, and put the file that is coming in its place."""
    reserved.write_numbers(path, replace(numbers, aside=aside.name))
    _finish_move(path, replace(numbers, aside=aside.name))


def _finish_move(path: Path, numbers: Numbers | None) -> Numbers | None:
    """Do what is left of a move that was begun. Where the new file came in already, nothing is moved any more."""
    if numbers is None or numbers.aside is None:
        coming(path).unlink(missing_ok=True)
        return numbers
    if coming(path).exists():
        for end in (*BESIDE, ""):
            if os.path.lexists(f"{path}{end}"):
                Path(f"{path}{end}").rename(path.with_name(numbers.aside + end))
        coming(path).rename(path)
        sync(path.parent)
    done = replace(numbers, aside=None)
    reserved.write_numbers(path, done)
    return done


def _build(
    path: Path,
    found: Found,
    facts: dict[str, str],
    progress: str | None,
    *,
    numbers: Numbers | None,
    gone: bool,
    now: int,
) -> Loss:
    """Write what was found into the file that is coming; whole and durable at the return."""
    rows = sorted((seq, kind, body, name) for (name, _), (seq, kind, body) in found.revisions.items())
    last = max([0, found.last if found.last < MOST_PLACES else 0, *(row[0] for row in rows)])
    missing = set(range(1, last + 1)) - {row[0] for row in rows}
    part = new_part(path)
    with as_store_errors(path), closing(connect(part)) as db:
        db.execute("PRAGMA synchronous = OFF")  # all of it is on the disk before it gets its name
        db.execute("BEGIN")
        ahead = _fill(db, rows, found.highest, missing, cut=_is_cut(path))
        facts |= {"repaired_at": str(now), "log_end": str(last)}
        before = int(facts.get("set_aside", "0"))
        facts["set_aside"] = str(before + len(missing) - min(int(facts.get("gaps", before)), len(missing)))
        facts["gaps"] = str(len(missing))
        facts.pop("repair_seen", None)
        if ahead:
            facts["to_give_out"] = "yes"
        facts["numbers"] = _numbers_above(db, numbers, jump=bool(missing))
        for key, value in facts.items():
            db.execute("INSERT INTO facts VALUES (?, ?, ?)", (key, value, checksum(key, value)))
        if progress is not None:
            db.execute("INSERT INTO progress VALUES (1, ?, ?)", (progress, checksum(progress)))
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = DELETE")
    sync(part)
    part.rename(coming(path))
    sync(path.parent)
    lost = sorted(set(found.highest) - {row[3] for row in rows})
    return Loss(len(missing), tuple(_loss(len(rows), sorted(missing), ahead, lost, gone=gone)))


def _fill(
    db: sqlite3.Connection,
    rows: Iterable[tuple[int, int, str, str]],
    highest: dict[str, int],
    missing: set[int],
    *,
    cut: bool,
) -> list[str]:
    """Write the revisions in their order; the ids of which a higher one was given out than can be read."""
    newest: dict[str, tuple[int, Record]] = {}
    places: dict[str, int] = {}
    for seq, kind, body, name in rows:
        place = places.setdefault(name, len(places) + 1)
        if place == len(places) and name not in newest:
            blank = (place, kind, name, 0, 0, 0, 0, 0, 0, 0, seq, None)
            db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", blank)
        record = record_of(kind, body)
        row = (seq, place, record.revision, kind, body)
        db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", (*row, checksum(*row)))
        if name not in newest or newest[name][1].revision < record.revision:
            newest[name] = (seq, record)
    ahead, newest_gap = [], MOST_PLACES if cut else max(missing, default=0)
    for name, (seq, record) in newest.items():
        said = list(columns(record))
        known = highest.get(name, 0)
        if known < record.revision and newest_gap > seq:
            known = record.revision + UNKNOWN - 1
        if known > record.revision:
            said[1] = known
            ahead.append(name)
        db.execute(
            "UPDATE records SET number = ?, revision = ?, revised_at = ?, start = ?, deleted = ?, waiting = ?, "
            "unsettled = ?, keeps = ?, seq = ? WHERE record = ?",
            (*said, seq, places[name]),
        )
    return ahead


def _is_cut(path: Path) -> bool:
    """The file is shorter than its head says (1.3: the number of pages, at 28), so nobody knows what was at its end."""
    if not path.exists() or path.stat().st_size < 100:
        return True
    with path.open("rb") as file:
        header = file.read(100)
    return path.stat().st_size < int.from_bytes(header[28:32], "big") * int.from_bytes(header[16:18], "big")


def _numbers_above(db: sqlite3.Connection, numbers: Numbers | None, *, jump: bool) -> str:
    """The highest numbers that may have been given, as the fact `numbers` keeps them."""
    found = [highest_number(db, kind) for kind in (SESSION, NURSING)]
    if numbers is None:
        return " ".join(str(number + UNKNOWN * jump) for number in found)
    return f"{max(found[SESSION], numbers.sessions)} {max(found[NURSING], numbers.nursings)}"


def _loss(kept: int, missing: list[int], ahead: list[str], lost: list[str], *, gone: bool) -> Iterator[str]:
    if gone or not kept:
        yield "Of the file itself nothing was left that could be read."
    yield f"{kept} revisions could be read and were taken into the new file."
    if missing:
        places = ", ".join(map(str, missing[:100])) + (" and more" if len(missing) > 100 else "")
        yield f"{len(missing)} revisions could not be read. Their places in the log: {places}."
    for name in ahead:
        yield f"The newest revision of {name} could not be read: the last good one before it stands."
    for name in lost:
        yield f"Of {name} no revision could be read: that record is lost."
    if kept and not missing and not gone:
        yield "Nothing was lost."


def highest_number(db: sqlite3.Connection, kind: int) -> int:
    (number,) = db.execute("SELECT max(number) FROM records WHERE kind = ?", (kind,)).fetchone()
    return number or 0


def _keep_numbers(path: Path, db: sqlite3.Connection, numbers: Numbers | None) -> None:
    """There is a record, and its numbers are above those that it holds."""
    sessions, nursings = (highest_number(db, kind) for kind in (SESSION, NURSING))
    before = numbers or Numbers()
    now = Numbers(
        max(before.sessions, sessions),
        max(before.nursings, nursings),
        forgotten=before.forgotten and not sessions and not nursings,
        layout=SCHEMA,
    )
    if before.forgotten:
        row = ("numbers", f"{before.sessions} {before.nursings}")
        db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?, ?)", (*row, checksum(*row)))
    if now != numbers:
        reserved.write_numbers(path, now)


def _facts_left(path: Path) -> dict[str, str]:
    """What is known about the device."""
    rows = _rows_left(path, "facts")
    return {key: value for key, value, *summed in rows if not summed or summed == [checksum(key, value)]}


def _progress(path: Path) -> str | None:
    rows = _rows_left(path, "progress")
    return next((body for _, body, *summed in rows if summed == [checksum(body)]), None)


def _rows_left(path: Path, table: str) -> list[tuple[Any, ...]]:
    """All of a small table, as far as SQLite can read it; with a checksum in each row where the layout has one."""
    for immutable in (False, True):
        with suppress(*UNREADABLE), closing(reading(path, immutable=immutable)) as db:
            db.execute("PRAGMA writable_schema = ON")  # what the file says of another table may be damaged
            return db.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 -- our own names
    return []
