"""Keys written into the configuration: comments and order stay, and the file as it was is kept beside it."""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from device import OneLineError
from device.settings.document import FileError, read_document
from device.settings.loading import DEFAULT_PATH

READABLE = 0o644
"""A new file may be read by everybody: the service runs as a user of its own, and secrets are no keys."""
SECRET = 0o600
"""A secret's file, whatever its mode was before."""
ROOM = 64 * 1024
"""Bytes that a configuration and a secret fit into."""


class WritingError(OneLineError):
    """The file stays as it was; why, and what to do."""


def with_values(text: str, values: Mapping[str, object]) -> str:
    """The configuration's text with these keys (`motor.signal`; a table for `serial.patterns`) said in it.

    A key that stands there gets its value in its place, one that stands as a comment (`# pin = 17`) becomes one there;
    another comes to the end of its section, a new section to the end. None takes a key away.
    """
    document: Any = tomlkit.parse(text)
    for name, value in values.items():
        section, _, key = name.partition(".")
        if value is not None and not isinstance(value, Mapping) and key not in document.get(section, ()):
            text = _out_of_comment(text, section, key, value)
    document = tomlkit.parse(text)
    for name, value in values.items():
        section, _, key = name.partition(".")
        if value is None:
            if section in document:
                document[section].pop(key, None)
            continue
        if section not in document:
            document[section] = tomlkit.table()
        table = document[section]
        if isinstance(value, Mapping):
            table.pop(key, None)
            table[key] = _written(value)
        else:
            table[key] = value
    return tomlkit.dumps(document)


def without(text: str, names: Iterable[str]) -> str:
    """The configuration's text without these sections (`motor`), keys and patterns, as far as they stand in it."""
    document: Any = tomlkit.parse(text)
    for name in names:
        table, key = document, name
        while isinstance(table, Mapping) and key not in table and "." in key:
            section, _, key = key.partition(".")
            table = table.get(section)
        if isinstance(table, MutableMapping):
            table.pop(key, None)
    return tomlkit.dumps(document)


def _out_of_comment(text: str, section: str, key: str, value: object) -> str:
    """The text with this key in the place of a comment that shows it, where its section has one."""
    header, _, after = text.partition(f"[{section}]\n")
    own, following, rest = after.partition("\n[")
    line = re.search(rf"^# ?{re.escape(key)} = .*$", own, re.MULTILINE)
    if line is None:
        return text
    said = f"{key} = {tomlkit.item(value).as_string()}"
    return f"{header}[{section}]\n{own[: line.start()]}{said}{own[line.end() :]}{following}{rest}"


def _written(table: Mapping[str, object]) -> Any:
    """A table of its own; a text with backslashes stands in single quotes, as a regular expression is read best."""
    made = tomlkit.table()
    for key, value in table.items():
        plain = isinstance(value, str) and "'" not in value and value.isprintable()
        made[key] = tomlkit.string(value, literal=True) if plain and isinstance(value, str) else value
    return made


def write_values(path: Path, values: Mapping[str, object]) -> Path | None:
    """Put these keys into the configuration's file, all or none; return where the file as it was stands now.

    None: there was none. A link stays one. Raises WritingError; FileError for a file that can't be read.
    """
    path = resolved(path)
    before = standing_text(path)
    return replace_text(path, with_values(before or "", values))


def replace_text(path: Path, text: str) -> Path | None:
    """Let the file say this, whole or as before; the one before is kept beside it. Raises WritingError."""
    return _replaced(path, text, READABLE, keep=True)


def refuse_shut(path: Path) -> None:
    """Before anybody is asked: raises WritingError where the file's folder takes no file, by right, mount or room.

    The one in /etc may be missing: `setup` makes it.
    """
    folder = resolved(path).parent
    if os.geteuid() != 0 and not os.access(folder, os.W_OK, effective_ids=True):
        raise WritingError(f"{path}: this user may not write there; call this with sudo, or name another with --config")
    if folder != DEFAULT_PATH.parent and not folder.exists():
        raise WritingError(f"{path}: there is no folder {folder}; make it, or name another with --config")
    try:
        with tempfile.TemporaryFile(dir=folder if folder.exists() else folder.parent, buffering=0) as probe:
            probe.write(bytes(ROOM))
            os.fsync(probe.fileno())
    except OSError as error:
        raise _unwritable(path, error) from error


def resolved(path: Path) -> Path:
    """The file to which a name leads, there or not. Raises WritingError where it leads nowhere, as a link to itself."""
    try:
        path.stat()
    except (FileNotFoundError, PermissionError):
        pass
    except OSError as error:
        raise _unwritable(path, error) from error
    return path.resolve()


def write_secret(path: Path, secret: str, owner: tuple[int, int] | None) -> None:
    """A file with this alone, of mode 600, its owner's (user, group); no former one is kept. Raises WritingError."""
    _replaced(path, f"{secret}\n", SECRET, keep=False, owner=owner)


@contextlib.contextmanager
def as_before(path: Path) -> Iterator[None]:
    """Whatever fails within, this file is what it was, or is not there; also where the disk has no room left.

    Raises WritingError where that can't be held.
    """
    former = path.with_name(f".{path.name}.former")
    try:
        former.unlink(missing_ok=True)
        if path.exists():
            former.hardlink_to(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    except BaseException:
        if former.exists():
            former.replace(path)
            former.unlink(missing_ok=True)  # rename(2) leaves both names where they are of one file
        else:
            path.unlink(missing_ok=True)
        raise
    former.unlink(missing_ok=True)


def _replaced(path: Path, text: str, mode: int, *, keep: bool, owner: tuple[int, int] | None = None) -> Path | None:
    try:
        return _replace(path, text, mode, keep=keep, owner=owner)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> WritingError:
    by_hand = {errno.EROFS: "mount its disk for writing"}.get(error.errno or 0, "make room")
    remedy = (
        "call this with sudo" if isinstance(error, PermissionError) else f"{by_hand}, or name another with --config"
    )
    return WritingError(f"{path}: can't be written ({error.strerror or error}); {remedy}")


def standing_text(path: Path) -> str | None:
    """What the file says; None where there is none. Raises WritingError where it is none that could be changed."""
    if not resolved(path).exists():
        return None
    try:
        read_document(path)
        text = path.read_bytes().decode("utf-8-sig")
        tomlkit.parse(text)
    except FileError as error:
        where, what, remedy = error.args
        raise WritingError(": ".join(part for part in (str(path), where, f"{what}; {remedy}") if part)) from None
    except TOMLKitError as error:
        raise WritingError(f"{path}: is not TOML ({error}); put it right first") from None
    return text


def _replace(path: Path, text: str, mode: int, *, keep: bool, owner: tuple[int, int] | None) -> Path | None:
    former = path.stat() if path.exists() else None
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fchmod(descriptor, mode if former is None or mode == SECRET else former.st_mode & 0o777)
            if owner is not None:
                os.fchown(descriptor, *owner)
            elif former is not None and (former.st_uid, former.st_gid) != (os.geteuid(), os.getegid()):
                with contextlib.suppress(PermissionError):  # whoever may write the folder need not own the file
                    os.fchown(descriptor, former.st_uid, former.st_gid)
            os.fsync(descriptor)
        kept = _kept_beside(path, former.st_mtime) if former is not None and keep else None
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept


def _kept_beside(path: Path, changed: float) -> Path:
    """The file under another name, that of when it was changed last; no file of that name is touched."""
    said = datetime.fromtimestamp(changed, UTC).strftime("%Y%m%d-%H%M%S")
    for place in range(1, 1000):
        beside = path.with_name(f"{path.name}.{said}" + (f"-{place}" if place > 1 else ""))
        try:
            beside.hardlink_to(path)
        except FileExistsError:
            if beside.samefile(path) or beside.read_bytes() == path.read_bytes():
                return beside
            continue
        except OSError:  # a file system without links
            if beside.exists():
                continue
            shutil.copy2(path, beside)
        return beside
    raise FileExistsError(f"a thousand copies stand beside it, {path.name}.{said}")
