"""The record's file: who may open it, how it is laid out, and how its errors are told to people.

Everything that touches the file before or besides a query is here, so that `store.py` is about records alone.
"""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn

import msgspec

from device import OneLineError
from device.core.model.events import StoreState
from device.store.reserved import like_its_folder

from .rows import COLUMNS, RowError, checksum, columns, record_of
from .salvage import PAGE

SCHEMA: Final = 3
"""The newest layout that this program knows: `PRAGMA user_version` of the file."""

APPLICATION: Final = 0x50554D50
"""`PUMP`, the file's `PRAGMA application_id`: nobody else's database is taken for a record."""

WAL_FRAMES: Final = 4000
"""Where SQLite itself moves the log into the file, if the worker never found a quiet moment to."""

CACHE_KIB: Final = 256
"""Of pages in memory, where SQLite itself lets 2,000 KiB fill up in a month; nothing is slower by it."""

INDEX_BYTES: Final = 64 * 1024
"""Of the log's index (`-shm`): enough for twice `WAL_FRAMES`, with all its blocks from the start.

SQLite maps it into memory. Where a block is missing and the disk has none left, the system ends the process (SIGBUS).
"""

ROOM_TO_OPEN: Final = 2 * INDEX_BYTES
"""Bytes that must be free before the file is opened, for the same reason."""

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
    """
    ALTER TABLE log ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE progress ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE facts ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    UPDATE log SET sum = body_sum(kind, body, seq, record, revision, kind, body);
    UPDATE progress SET sum = row_sum(body);
    UPDATE facts SET sum = row_sum(key, value);
    """,
    """
    ALTER TABLE records ADD COLUMN keeps INTEGER;
    UPDATE records SET keeps = body_column('keeps', log.kind, body),
      unsettled = coalesce(body_column('unsettled', log.kind, body), unsettled) FROM log WHERE log.seq = records.seq;
    CREATE INDEX by_keeps ON records (keeps) WHERE keeps IS NOT NULL;
    """,
)
"""One a schema version, from an empty file on.

`records` has a row a session or nursing with what queries need, `log` one a revision with its whole body. The outbox
is the end of the log: what comes after the revision that the broker acknowledged last (a fact), so a record and its
place in the outbox are one row, and an acknowledgement rewrites a number. `sum` is each row's checksum; a record's
revision may be above that of its body: what was given out once, and could not be read any more.
"""


class Trouble(StrEnum):
    """What may help: to try again, nothing but a person, a repair, another file; or another process has the record."""

    PASSING = "passing"
    LASTING = "lasting"
    DAMAGED = "damaged"
    GONE = "gone"
    HELD = "held"


class StoreError(OneLineError):
    """The record could not be opened, read or written: one line for people. `state` says whether the disk is full."""

    def __init__(self, text: str, state: StoreState = StoreState.FAILING, trouble: Trouble = Trouble.PASSING) -> None:
        super().__init__(text)
        self.state = state
        self.trouble = trouble


@contextmanager
def as_store_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into a `StoreError` that names the file and the remedy."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except RowError as error:
        raise damaged(path, "a row is not what was written") from error
    except UnicodeDecodeError as error:  # Python's, of what SQLite says of a table whose text is damaged
        raise damaged(path, "its tables") from error
    except msgspec.MsgspecError as error:
        raise StoreError(
            f"{path}: holds what this version can't read ({error}); install the newest one", trouble=Trouble.LASTING
        ) from error
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
    if says_damage(error):
        return damaged(path, str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"{path}: another program is busy with it; try again")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return StoreError(f"{path}: may not be opened or written ({error}); check who owns it and its folder")
    if name.startswith("SQLITE_IOERR"):
        return StoreError(f"{path}: the disk reports an error ({name}); check the card and its space")
    return StoreError(f"{path}: {error}; this does not pass by itself, please report it", trouble=Trouble.LASTING)


def says_damage(error: BaseException) -> bool:
    """Whether an error of SQLite says that the file is not what it should be.

    Also where a table or column is not there: our statements fit our layout, whose version was looked at.
    """
    name = getattr(error, "sqlite_errorname", "")
    is_missing = str(error).startswith(("no such table", "no such column"))
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or (name == "SQLITE_ERROR" and is_missing)


def damaged(path: Path, what: str) -> StoreError:
    said = "the daemon repairs it, as far as it can be read; or `pump-companion restore FILE` takes a backup"
    return StoreError(f"{path}: is damaged ({what}); {said}", trouble=Trouble.DAMAGED)


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < PAGE * 64
    except OSError:
        return False


class HeldFile:
    """The record held for this process, by its file itself and beside its name, until `release`.

    The lock beside the name says who holds it; a link to the file, or a lock that was deleted, leads to the file all
    the same. Its descriptors stay open as long as SQLite's connection: closing one drops what SQLite has locked.
    """

    def __init__(self, path: Path, holder: str) -> None:
        self._path = path
        self._beside = os.open(path.with_name(path.name + ".lock"), BESIDE, 0o600)
        self._files: list[int] = []
        self._seen: dict[Path, tuple[int, int] | None] = {}
        self._disk = disk_of(path)
        try:
            self._lock(self._beside)
            like_its_folder(self._beside, path.parent)
            os.ftruncate(self._beside, 0)
            os.pwrite(self._beside, f"process {os.getpid()} ({holder})\n".encode(), 0)
        except BaseException:
            self.release()
            raise

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            said = os.pread(self._beside, 200, 0).decode(errors="replace").strip()
            who = said if descriptor == self._beside and said else _holder(descriptor)
            raise StoreError(f"{self._path}: {who} has the record open; stop it first", trouble=Trouble.HELD) from error

    def take(self) -> None:
        """Hold the file that stands at the path now (made where there is none), beside those held before."""
        if self._path.exists() and self.is_of(self._path):
            return
        descriptor = make(self._path)
        self._files.append(descriptor)
        self._lock(descriptor)

    def is_of(self, path: Path) -> bool:
        return any(os.path.samestat(os.fstat(descriptor), path.stat()) for descriptor in self._files)

    def fill_index(self) -> None:
        """Give the log's index all its blocks; SQLite has opened it."""
        descriptor = os.open(self._path.with_name(self._path.name + "-shm"), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._files.append(descriptor)
        os.posix_fallocate(descriptor, 0, INDEX_BYTES)

    def look(self) -> None:
        """What is written to a file that was deleted or replaced goes nowhere; SQLite itself does not notice."""
        for name in (self._path, self._path.with_name(self._path.name + "-wal")):
            there = None
            with suppress(FileNotFoundError, NotADirectoryError):
                status = name.stat()
                there = (status.st_dev, status.st_ino)
            if self._seen.setdefault(name, there) is None:
                self._seen[name] = there
            elif self._seen[name] != there:
                said = "was deleted or replaced while it was in use; what waits is kept until there is a file again"
                if on_another_disk(self._path, self._disk):
                    said = TAKEN_OUT
                raise StoreError(f"{name}: {said}", trouble=Trouble.GONE)

    def release(self) -> None:
        for descriptor in (*self._files, self._beside):
            os.close(descriptor)
        self._files.clear()


def _holder(descriptor: int) -> str:
    """Who holds the file, by the kernel's own list (proc(5), /proc/locks), where that may be read."""
    node = os.fstat(descriptor).st_ino
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/locks").read_text().splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].endswith(f":{node}"):
                name = Path(f"/proc/{words[4]}/comm").read_text().strip()
                return f"process {words[4]} ({name})"
    return "another process"


BESIDE: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def real(path: Path) -> Path:
    """The file itself, whatever link or way the configuration names: what stands beside it is SQLite's choice too."""
    return Path(os.path.realpath(path))


def check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist; make it, or change store.path")
    if path.is_dir():
        raise StoreError(f"{path}: is a folder; name a file in it, as in pump.db", trouble=Trouble.LASTING)
    if not path.exists() or path.is_file():
        return
    raise StoreError(f"{path}: is no file; change store.path", trouble=Trouble.LASTING)


def disk_of(path: Path) -> int:
    """Which disk a file's folder lies on, as the system counts them."""
    return path.parent.stat().st_dev


TAKEN_OUT: Final = "its disk was taken out; put it back, and what waits is written"


def on_another_disk(path: Path, disk: int) -> bool:
    """Whether a folder is there, and not on the disk that it was on: that one was taken out, or put back anew."""
    return path.parent.is_dir() and disk_of(path) != disk


def make(path: Path) -> int:
    """Open the file, made empty and for its owner alone where there is none; its descriptor."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileNotFoundError):
        return os.open(path, flags)
    descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    like_its_folder(descriptor, path.parent)
    return descriptor


def check_header(path: Path) -> None:
    """Refuse what is no record of ours, or a newer program's, before SQLite may touch the file.

    Only where this process has no connection to it: closing a file drops the locks that SQLite holds on it.
    SQLite's file format, 1.3: the magic, page size and fixed numbers in the first 24 bytes, the text's encoding at 56,
    user_version at 60, application_id at 68.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return
    # SQLite takes a file shorter than its smallest page for an empty one, and would write over it.
    if path.stat().st_size < 512 or not header.startswith(b"SQLite format 3\0"):
        raise damaged(path, "it is no record")
    if header[18:20] not in {b"\1\1", b"\2\2"} or header[20:24] != b"\0@  " or header[56:60] not in ENCODINGS:
        raise damaged(path, "its head")
    _check(path, int.from_bytes(header[60:64], "big"), int.from_bytes(header[68:72], "big"))


def only_begun(path: Path) -> bool:
    """Whether the power went in SQLite's very first transaction: it takes back by itself whatever of it is there.

    SQLite's file format, 3: the journal's magic, and at 16 how many pages there were before.
    """
    with suppress(FileNotFoundError), path.with_name(path.name + "-journal").open("rb") as journal:
        header = journal.read(20)
        return header.startswith(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7") and header[16:] == bytes(4)
    return False


ENCODINGS: Final = {b"\0\0\0\0", b"\0\0\0\1"}
"""None yet, or UTF-8."""


def _foreign(path: Path) -> NoReturn:
    raise StoreError(f"{path}: is another program's database; change store.path", trouble=Trouble.LASTING)


def _check(path: Path, version: int, application: int) -> None:
    # A file that lost its power during its very first transaction has neither number yet, and no table.
    if application not in {0, APPLICATION} or (application == 0 and version != 0):
        _foreign(path)
    if version > SCHEMA:
        raise StoreError(
            f"{path}: was written by a newer version (layout {version}, this one knows {SCHEMA}); "
            "install that version again, or `pump-companion restore` an older backup",
            trouble=Trouble.LASTING,
        )


def connect(path: Path) -> sqlite3.Connection:
    """Open for writing: every commit is on the disk when it returns (WAL, synchronous=FULL). The layout is current."""
    if shutil.disk_usage(path.parent).free < ROOM_TO_OPEN:
        raise StoreError(f"{path}: the disk is full; make room, and the record is opened", StoreState.FULL)
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=64)
    db.text_factory = as_stored
    try:
        version = _known_version(db, path)
        db.execute(f"PRAGMA page_size = {PAGE}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        db.execute(f"PRAGMA wal_autocheckpoint = {WAL_FRAMES}")
        db.execute(f"PRAGMA journal_size_limit = {WAL_FRAMES * PAGE}")
        migrate(db, version)
    except BaseException:
        db.close()
        raise
    return db


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open for reading, also beside a daemon that writes, and from a folder that this user may not write."""
    if not path.exists():
        raise _no_record(path)
    check_folder(path)
    if 0 < path.stat().st_size < 512:
        raise damaged(path, "it is no record")
    # A log that can't be shared can't be read either; without one nobody writes, and the file is all there is.
    all_is_in_file = not _bytes_of(path, "-wal")
    room = _room_for_index(path)
    if not (room or all_is_in_file):
        raise StoreError(f"{path}: the disk is full; make room, and the record is read", StoreState.FULL)
    db = reading(path, immutable=not room)
    try:
        db.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        db.close()
        if not all_is_in_file:
            raise
        db = reading(path, immutable=True)
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


def _bytes_of(path: Path, beside: str) -> int:
    """How long the file beside the record is; 0 where there is none."""
    with suppress(FileNotFoundError):
        return path.with_name(path.name + beside).stat().st_size
    return 0


def _room_for_index(path: Path) -> bool:
    """Whether the log's index has all its blocks, as a daemon gives it, or the disk has them to give."""
    return _bytes_of(path, "-shm") >= INDEX_BYTES or shutil.disk_usage(path.parent).free >= ROOM_TO_OPEN


def _no_record(path: Path) -> StoreError:
    return StoreError(f"{path}: there is no record yet; it begins with the first `run` or `import`")


def reading(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    """Open for reading and nothing else; `immutable`: without the log, and without a look at who writes."""
    address = "file:" + str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro"
    address += "&immutable=1" if immutable else ""
    db = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.text_factory = as_stored
    return db


def as_stored(stored: bytes) -> str:
    """A text as it stands there, also one that a flipped bit left no UTF-8: its checksum tells it."""
    return stored.decode(errors="surrogateescape")


def _known_version(db: sqlite3.Connection, path: Path) -> int:
    """Read the layout's number, after the log's own word; `StoreError` as for the header."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    _check(path, version, application)
    if application == 0 and db.execute("SELECT 1 FROM sqlite_schema").fetchone():
        _foreign(path)
    return int(version)


def migrate(db: sqlite3.Connection, version: int) -> None:
    """Bring the layout from `version` (0: an empty file) up to date, in one step."""
    if version == SCHEMA:
        return
    db.create_function("row_sum", -1, checksum)
    db.create_function("body_sum", -1, _body_sum)
    db.create_function("body_column", 3, _body_column)
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


def _body_column(name: str, kind: int, body: str) -> int | None:
    """This one of `COLUMNS` of the record with this body; None also where that is no record."""
    with suppress(msgspec.MsgspecError, IndexError, TypeError):
        return dict(zip(COLUMNS, columns(record_of(kind, body)), strict=True))[name]
    return None


def _body_sum(kind: int, body: str, *row: object) -> int:
    """A row's checksum; one whose body is no record gets none that holds."""
    with suppress(msgspec.MsgspecError, IndexError, TypeError):
        record_of(kind, body)
        return checksum(*row)
    return ~checksum(*row)
