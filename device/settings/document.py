"""A file's beginning as bytes, and the configuration's as TOML: whatever lies there, nobody waits, nothing is endless.

What the words in it mean is `config.py`'s.
"""

import errno
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, BinaryIO

LARGEST_FILE = 1 << 20


class FileError(Exception):
    """The file as a whole cannot be read: where in it, what is wrong, what to do."""


def read_document(path: Path) -> dict[str, Any]:
    """Return what the file says as it stands, unchecked; raises FileError. It holds a key at least."""
    try:
        content, _ = beginning_of(path)
    except FileNotFoundError:
        remedy = "let `sudo pump-companion setup` write it, copy the example there, or name another with --config"
        raise FileError("", "there is no such file", remedy) from None
    except PermissionError:
        raise FileError("", "may not be read by this user", "run as the service's user, or chmod it") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise FileError("", f"cannot be read ({why})", "name a file with --config") from None
    if len(content) > LARGEST_FILE:
        raise FileError("", "is larger than 1 MiB", "name the configuration with --config")
    if not content.strip(b"\0 \t\r\n"):
        raise _keyless("nothing")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(f"line {line}", "is not UTF-8", "save the file as UTF-8") from None
    try:
        document = tomllib.loads(text)
        bare = _is_bare(document)
    except (ValueError, RecursionError) as error:
        raise _syntax(str(error), text) from None
    if bare:
        raise _keyless("no key")
    return document


def _is_bare(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_bare, value.values()))


def _keyless(what: str) -> FileError:
    """Say so of a file that lost what it said in a power cut; with the defaults it would be another device."""
    return FileError(
        "", f"holds {what}, as after a power cut", 'put it back, or write at least id = "pump" in [device]'
    )


def _syntax(message: str, text: str) -> FileError:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    what, line, column = found.groups() if found else ("is nested too deep, or a number is too long", None, None)
    where = f"line {line}, column {column}" if line else "" if found is None else f"line {text.count(chr(10)) + 1}"
    remedy = "write key = value, with text in quotes"
    if what.startswith("Cannot"):
        remedy = "keep one of the two, for each section and each key may stand once"
    return FileError(where, f"is not TOML ({what})", remedy)


def beginning_of(file: Path) -> tuple[bytes, int]:
    """Return the beginning of a file, LARGEST_FILE and a byte more at most, and its mode; never waits for a pipe."""
    with open_regular(file) as opened:
        return opened.read(LARGEST_FILE + 1), os.fstat(opened.fileno()).st_mode


def open_regular(file: Path) -> BinaryIO:
    """Open a file to read it; raises OSError also for what is none, as a pipe, whose end nobody might ever see."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise IsADirectoryError(errno.EISDIR, "Is a directory" if stat.S_ISDIR(mode) else "it is no regular file")
    return os.fdopen(descriptor, "rb")
