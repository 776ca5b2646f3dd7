"""The record's file: who may open it, how it is laid out, and how its errors are told to people.

Everything that touches the file before or besides a query is here, so that `store.py` is about records alone.
"""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from .core.events import StoreState

SCHEMA: Final = 1
"""The newest layout that this program knows: `PRAGMA user_version` of the file."""

APPLICATION: Final = 0x50554D50
"""`PUMP`, the file's `PRAGMA application_id`: nobody else's database is taken for a record."""

PAGE: Final = 1024
"""Bytes a page: a commit writes whole pages, and a revision fits in one (a quarter of SQLite's default to write)."""

WAL_FRAMES: Final = 4000
"""Where SQLite itself moves the log into the file, if the worker never found a quiet moment to."""

BUSY_S: Final = 5.0
"""How long to wait for another process that keeps a fact (`announce`, `unannounce`)."""

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE records (
      record INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, number INTEGER NOT NULL,
      revision INTEGER NOT NULL, revised_at INTEGER NOT NULL, start INTEGER NOT NULL,
      deleted INTEGER NOT NULL, waiting INTEGER NOT NULL, unsettled INTEGER NOT NULL, seq INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX by_number ON records (kind, number);
    CREATE INDEX by_start ON records (kind, start, number);
    CREATE INDEX by_unsettled ON records (record) WHERE unsettled;
    CREATE TABLE log (
      seq INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES records, revision INTEGER NOT NULL,
      kind INTEGER NOT NULL, body TEXT NOT NULL
    ) STRICT;
    CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
    CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
)
"""One a schema version, from an empty file on.

`records` has a row a session or nursing with what queries need, `log` one a revision with its whole body. The outbox
is the end of the log: what comes after the revision that the broker acknowledged last (a fact), so a record and its
place in the outbox are one row, and an acknowledgement rewrites a number.
"""


class StoreError(Exception):
    """The record could not be opened, read or written: one line for people. `state` says whether the disk is full."""

    def __init__(self, text: str, state: StoreState = StoreState.FAILING) -> None:
        super().__init__(text)
        self.state = state


def free_share(path: Path) -> float:
    """How much of the disk under `path` is free, 0 to 1."""
    usage = shutil.disk_usage(path.parent)
    return usage.free / usage.total if usage.total else 0.0


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into a `StoreError` that names the file and the remedy."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except msgspec.MsgspecError as error:
        raise StoreError(f"{path}: holds what this version can't read ({error}); put a backup in its place") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        remedy = "make room on the disk" if full else "check who owns it and its folder"
        raise StoreError(
            f"{path}: {error.strerror or error}; {remedy}", StoreState.FULL if full else StoreState.FAILING
        ) from error


def _explained(path: Path, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _no_room(path)):
        return StoreError(f"{path}: the disk is full; make room, and what waits is written", StoreState.FULL)
    if name.startswith("SQLITE_NOTADB"):
        return _damaged(path)
    if name.startswith("SQLITE_CORRUPT"):
        return StoreError(f"{path}: is damaged ({error}); put a backup in its place, or move it away to begin anew")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"{path}: another program is busy with it; try again")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return StoreError(f"{path}: may not be opened or written ({error}); check who owns it and its folder")
    if name.startswith("SQLITE_IOERR"):
        return StoreError(f"{path}: the disk reports an error ({name}); check the card and its space")
    return StoreError(f"{path}: {error}")


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < PAGE * 64
    except OSError:
        return False


def lock(path: Path, holder: str) -> int:
    """Hold the record for this process until the descriptor is closed; `StoreError` names the process that has it."""
    beside = path.with_name(path.name + ".lock")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        who = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
            raise
        raise StoreError(f"{path}: {who} has the record open; stop it first") from error
    _like_its_folder(descriptor, path.parent)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()} ({holder})\n".encode(), 0)
    return descriptor


def make(path: Path) -> None:
    """Create the empty file, for its owner alone, where there is none; the folder must exist."""
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist; make it, or change store.path")
    if path.is_dir():
        raise StoreError(f"{path}: is a folder; name a file in it, as in pump.db")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        _like_its_folder(descriptor, path.parent)
    finally:
        os.close(descriptor)


def _like_its_folder(descriptor: int, folder: Path) -> None:
    # What root creates (an import before the first start, say) belongs to whom the folder belongs to.
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def check_header(path: Path) -> None:
    """Refuse what is no record of ours, or a newer program's, before SQLite may touch the file.

    Only where this process has no connection to it: closing a file drops the locks that SQLite holds on it.
    SQLite's file format, 1.3: magic in the first 16 bytes, user_version at 60, application_id at 68.
    """
    _check_size(path)
    with path.open("rb") as file:
        header = file.read(100)
    if header and not header.startswith(b"SQLite format 3\0"):
        raise _damaged(path)
    if header:
        _check(path, int.from_bytes(header[60:64], "big"), int.from_bytes(header[68:72], "big"))


def _check_size(path: Path) -> None:
    # SQLite takes a file shorter than its smallest page for an empty one, and would write over it.
    if 0 < path.stat().st_size < 512:
        raise _damaged(path)


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path}: is damaged or no record; put a backup in its place, or move it away to begin anew")


def _check(path: Path, version: int, application: int) -> None:
    # A file that lost its power during its very first transaction has neither number yet, and no table.
    if application not in {0, APPLICATION} or (application == 0 and version != 0):
        raise StoreError(f"{path}: is another program's database; change store.path")
    if version > SCHEMA:
        raise StoreError(
            f"{path}: was written by a newer version (layout {version}, this one knows {SCHEMA}); "
            "install that version again, or put an older backup in its place"
        )


def connect(path: Path) -> sqlite3.Connection:
    """Open for writing: every commit is on the disk when it returns (WAL, synchronous=FULL). The layout is current."""
    _check_size(path)
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=64)
    try:
        version = _known_version(db, path)
        db.execute(f"PRAGMA page_size = {PAGE}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute(f"PRAGMA wal_autocheckpoint = {WAL_FRAMES}")
        db.execute(f"PRAGMA journal_size_limit = {WAL_FRAMES * PAGE}")
        _migrate(db, version)
    except BaseException:
        db.close()
        raise
    return db


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open for reading, also beside a daemon that writes, and from a folder that this user may not write."""
    if not path.exists():
        raise _no_record(path)
    _check_size(path)
    address = "file:" + str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro"
    db = _reading(address)
    try:
        db.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        db.close()
        # A log that can't be shared can't be read either; without one nobody writes, and the file is all there is.
        if path.with_name(path.name + "-wal").exists():
            raise
        db = _reading(address + "&immutable=1")
    except BaseException:
        db.close()
        raise
    try:
        version = _known_version(db, path)
    except BaseException:
        db.close()
        raise
    if version != SCHEMA:
        db.close()
        raise (
            _no_record(path)
            if version == 0
            else StoreError(f"{path}: has the layout of an older version; `run` brings it up to date")
        )
    return db


def _no_record(path: Path) -> StoreError:
    return StoreError(f"{path}: there is no record yet; it begins with the first `run` or `import`")


def _reading(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


def _known_version(db: sqlite3.Connection, path: Path) -> int:
    """Read the layout's number, after the log's own word; `StoreError` as for the header."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    _check(path, version, application)
    if application == 0 and db.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise StoreError(f"{path}: is another program's database; change store.path")
    return int(version)


def _migrate(db: sqlite3.Connection, version: int) -> None:
    if version == SCHEMA:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version:]:
            for statement in statements.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {SCHEMA}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    # So that the header alone tells an older program what it must not touch.
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
