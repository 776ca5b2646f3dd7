"""The file beside the record that says which numbers were given, and that there is a record: `pump.db-numbers`.

Written before a number is used, a stretch ahead, so that no number is given twice whatever becomes of the record.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from .rows import checksum

AHEAD: Final = 64
"""How many numbers are reserved at once: so seldom is the file written."""

UNKNOWN: Final = 1000
"""How far what can't be known is jumped over: numbers, and the revisions of a record."""


class Numbers(msgspec.Struct, frozen=True):
    """The highest numbers that may have been given, and the layout of the record.

    `aside` names the file to which a damaged one is being moved.
    """

    sessions: int = 0
    nursings: int = 0
    forgotten: bool = False
    aside: str | None = None
    layout: int = 0

    @property
    def kept(self) -> bool:
        """There was a record, which must be there."""
        return not self.forgotten and (self.sessions > 0 or self.nursings > 0)


def numbers_file(path: Path) -> Path:
    return path.with_name(path.name + "-numbers")


def read_numbers(path: Path) -> Numbers | None:
    """What stands beside the record at `path`; None where nothing does, or nothing that can be read."""
    try:
        said, _, summed = numbers_file(path).read_text().rpartition(" ")
        return msgspec.json.decode(said, type=Numbers) if str(checksum(said)) == summed.strip() else None
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_numbers(path: Path, numbers: Numbers) -> None:
    """Put them in the former ones' place, in one step and durably."""
    said = msgspec.json.encode(numbers).decode()
    replace_file(numbers_file(path), f"{said} {checksum(said)}\n".encode())


def replace_file(file: Path, content: bytes) -> None:
    """Write a whole file, for its owner alone, or leave the former one as it was; durable at the return."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        like_its_folder(descriptor, file.parent)
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.replace(file)
    sync(file.parent)


def like_its_folder(descriptor: int, folder: Path) -> None:
    # What root creates (an import before the first start, say) belongs to whom the folder belongs to.
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def sync(path: Path) -> None:
    """Have what was done in a folder, or to a file, on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
