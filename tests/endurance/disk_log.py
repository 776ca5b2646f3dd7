"""What a process did to the files of a folder, in order, as `disk_recorder.c` writes it down; and marks among it."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

HERE: Final = Path(__file__).parent
HEAD: Final = struct.Struct("=IIQQQ")
LOG: Final = "RECORD_LOG"


class Did(IntEnum):
    """As in `disk_recorder.c`; a mark is the recorded process's own word."""

    OPEN = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    RENAME = 5
    UNLINK = 6
    MARK = 7


class Deed(NamedTuple):
    """`file` is an inode's number, 0 for the folder itself; `at` a place or size in bytes, or 1 for a file that is new.

    A rename has the new name in `content`, a mark its word as JSON.
    """

    did: Did
    file: int
    at: int
    name: str
    content: bytes


def why_not() -> str | None:
    """Why nothing can be recorded here."""
    if not sys.platform.startswith("linux"):
        return "LD_PRELOAD is Linux's"
    return None if shutil.which("cc") else "no C compiler (`cc`) is here to build the recorder"


def built(folder: Path) -> Path:
    """The recorder, made by the machine's own compiler."""
    library = folder / "disk_recorder.so"
    if not library.exists():
        source = HERE / "disk_recorder.c"
        made = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", str(library), str(source), "-ldl", "-lpthread"]
        subprocess.run(made, check=True)
    return library


def recorded(library: Path, folder: Path, log: Path, module: str, *arguments: str) -> list[Deed]:
    """Run a module of the tests in a process of its own; everything that it did to the files of `folder`."""
    log.write_bytes(b"")
    environment = os.environ | {"LD_PRELOAD": str(library), "RECORD_FOLDER": str(folder), LOG: str(log)}
    command = [sys.executable, "-m", module, str(folder), *arguments]
    subprocess.run(command, check=True, cwd=HERE.parents[1], env=environment)
    return list(deeds(log.read_bytes()))


def deeds(log: bytes) -> Iterator[Deed]:
    at = 0
    while at < len(log):
        did, named, file, place, size = HEAD.unpack_from(log, at)
        at += HEAD.size
        yield Deed(Did(did), file, place, log[at : at + named].decode(), log[at + named : at + named + size])
        at += named + size


class Marker:
    """In the recorded process: puts words into the log, between what was done before and what comes after."""

    def __init__(self) -> None:
        self._log = os.open(os.environ[LOG], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def say(self, word: Any) -> None:
        content = msgspec.json.encode(word)
        os.write(self._log, HEAD.pack(Did.MARK, 0, 0, 0, len(content)) + content)
