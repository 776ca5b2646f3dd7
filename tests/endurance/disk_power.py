"""A disk as a power cut leaves it: what of the writes since the last sync got there is nobody's to say.

The model, harder than ext4's usual one (`data=ordered`) where it differs:

- A file's bytes and its size are on the disk when it was synced. Of what was written and cut off after that any part
  may be there: nothing, all, some of it, one write torn between two sectors of 512 bytes. A gap reads as zeros.
- A name (new, moved, removed) is on the disk when its folder was synced. Of those after that the first few may be
  there, since a journal keeps their order, and independently of the bytes. A sync of a file takes no name with it,
  not even its own (ext4's does).
- What is mapped into memory (`-shm`) is gone: SQLite makes it anew.
"""

import random
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from .disk_log import Deed, Did

SECTOR: Final = 512
LOST: Final = "-shm"


class Luck(StrEnum):
    """What of the unsynced is there after the cut."""

    NOTHING = "nothing"
    ALL = "all"
    SOME = "some"
    TORN = "torn"


class Change(NamedTuple):
    """Bytes written at a place; None where the file was cut off there (or lengthened to there)."""

    at: int
    content: bytes | None


class FileOnDisk:
    """Bytes that are safe, and what was done since the last sync."""

    def __init__(self, content: bytes = b"") -> None:
        self.safe = content
        self.since: list[Change] = []

    def sync(self) -> None:
        self.safe, self.since = changed(self.safe, self.since), []

    def after(self, luck: Luck, dice: random.Random) -> bytes:
        match luck:
            case Luck.NOTHING:
                return self.safe
            case Luck.ALL:
                return changed(self.safe, self.since)
            case Luck.SOME:
                return changed(self.safe, [one for one in self.since if dice.random() < 0.5])
            case Luck.TORN:
                return changed(self.safe, list(self._torn(dice)))

    def _torn(self, dice: random.Random) -> Iterator[Change]:
        """All before one write, of that one some sectors, and nothing after it."""
        last = dice.randrange(len(self.since)) if self.since else 0
        yield from self.since[:last]
        for at, content in self.since[last : last + 1]:
            if content is not None:
                edges = [at, *range((at // SECTOR + 1) * SECTOR, at + len(content), SECTOR), at + len(content)]
                cut = dice.randrange(len(edges))
                whole = range(cut) if dice.random() < 0.7 else range(cut, len(edges) - 1)
                for part in whole:
                    yield Change(edges[part], content[edges[part] - at : edges[part + 1] - at])


def changed(content: bytes, changes: list[Change]) -> bytes:
    if not changes:
        return content
    made = bytearray(content)
    for at, new in changes:
        if len(made) < at:
            made.extend(bytes(at - len(made)))
        if new is None:
            del made[at:]
        else:
            made[at : at + len(new)] = new
    return bytes(made)


Moves = tuple[tuple[str, FileOnDisk | None], ...]
"""Names and what each stands for from now on, None where it is removed: a rename is two, which no cut parts."""


class Disk:
    """One folder. Takes what was done to it, deed by deed; `cut` says what a cut here would leave."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._names = {name: FileOnDisk(content) for name, content in files.items()}
        self._safe_names = dict(self._names)
        self._moves: list[Moves] = []
        """Since the folder's last sync."""
        self._of_inode: dict[int, FileOnDisk] = {}

    def take(self, deed: Deed) -> bool:
        """Whether the deed changed what a cut could leave."""
        if deed.name.endswith(LOST):
            self._of_inode.pop(deed.file, None)
            return False
        if deed.did in {Did.WRITE, Did.TRUNCATE} and deed.file not in self._of_inode:
            return False
        match deed.did:
            case Did.OPEN:
                if deed.at:
                    self._move((deed.name, FileOnDisk()))
                self._of_inode[deed.file] = self._names[deed.name]
                return bool(deed.at)
            case Did.WRITE:
                self._of_inode[deed.file].since.append(Change(deed.at, deed.content))
            case Did.TRUNCATE:
                self._of_inode[deed.file].since.append(Change(deed.at, None))
            case Did.SYNC if not deed.file:
                self._safe_names, self._moves = dict(self._names), []
            case Did.SYNC:
                if deed.file in self._of_inode:
                    self._of_inode[deed.file].sync()
            case Did.RENAME:
                self._move((deed.content.decode(), self._names[deed.name]), (deed.name, None))
            case Did.UNLINK:
                self._move((deed.name, None))
            case Did.MARK:
                return False
        return True

    def _move(self, *moves: tuple[str, FileOnDisk | None]) -> None:
        _named(self._names, moves)
        self._moves.append(moves)

    def cut(self, luck: Luck, dice: random.Random) -> dict[str, bytes]:
        """What stands in the folder when the power comes back."""
        names = dict(self._safe_names)
        match luck:
            case Luck.NOTHING:
                kept = 0
            case Luck.ALL:
                kept = len(self._moves)
            case _:
                kept = dice.randint(0, len(self._moves))
        for moves in self._moves[:kept]:
            _named(names, moves)
        return {name: file.after(luck, dice) for name, file in names.items()}


def _named(names: dict[str, FileOnDisk], moves: Moves) -> None:
    for name, file in moves:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file
