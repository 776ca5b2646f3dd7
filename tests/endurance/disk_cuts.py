"""Power cuts at the disk: a record's life is recorded, and the power fails after every one of its deeds.

After each cut the record opens by the product's own code; all that was reported durable is in it, as it was reported
or as the step that was under way would have left it, and nothing in between; it is not taken for damaged where nothing
was; no number is given twice; the copies beside it are whole; and it takes the next session.
"""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from device.store.records import Store
from device.store.rows import NURSING, SESSION
from tests.support.kept import DAY, NOW, session

from .disk_log import Deed, Did, built, recorded
from .disk_power import LOST, Disk, Luck
from .disk_work import NAME, Mark, Picture, open_as_the_daemon, picture

MODULE: Final = "tests.endurance.disk_work"
LATER: Final = NOW + 400 * DAY
RAM: Final = Path("/dev/shm")


class Cut(NamedTuple):
    """Where the power failed, what was there afterwards, and between which reports that was."""

    place: int
    luck: Luck
    before: Mark
    after: Mark
    files: dict[str, bytes]


class Recording(NamedTuple):
    """Of which seed it is, what was done to the folder, what was in that at first, and how the record looked then."""

    seed: int
    deeds: list[Deed]
    files: dict[str, bytes]
    before: Mark


class Checker:
    """Builds the folder as of a cut and looks at it; keeps what it has seen of copies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies: dict[bytes, Picture] = {}

    def what_is_wrong(self, cut: Cut) -> str | None:
        """One line; None where the record is as it must be."""
        here = self._folder / "cut"
        here.mkdir()
        try:
            for name, content in cut.files.items():
                (here / name).write_bytes(content)
            self._look(here, cut)
        except Exception as error:  # noqa: BLE001 -- whatever it is that a cut leads to is what is looked for
            return (
                f"{cut.before.step} → {cut.after.step}, deed {cut.place}, {cut.luck}: {type(error).__name__}: {error}"
            )
        finally:
            shutil.rmtree(here)
        return None

    def _look(self, here: Path, cut: Cut) -> None:
        before, after = cut.before, cut.after
        for name, content in cut.files.items():
            if name in after.copies or name in before.copies:
                if content not in self._copies:
                    with closing(Store.open(here / name, read_only=True)) as copy:
                        self._copies[content] = picture(copy)
                either = (before.copies.get(name), after.copies.get(name))
                assert self._copies[content] in either, f"{name} is neither copy"
        for name in before.copies:
            assert name in cut.files, f"{name} is missing"
        with closing(open_as_the_daemon(here / NAME)) as store:
            found = picture(store)
            assert found in allowed(before, after), f"{found} is neither {before.after} nor {after.after}"
            numbers = [store.next_number(kind) for kind in (SESSION, NURSING)]
            again = any(number < given for number, given in zip(numbers, before.numbers, strict=True))
            assert not again, f"next are {numbers}, and {before.numbers} were before"
            record = session(numbers[0], LATER)
            store.save([record], None)
            assert store.find(record.id) == record, "the next session was not taken"


def allowed(before: Mark, after: Mark) -> list[Picture]:
    """What a record may look like between two reports; where a byte was made bad, also repaired without a loss."""
    found = [mark.after for mark in (before, after) if mark.after is not None]
    return found + [replace(one, repaired=True) for one in found if after.step == "repair"]


def cuts(recording: Recording, wanted: Container[int], dice: random.Random) -> Iterator[Cut]:
    """The power fails after each deed in turn, with each kind of luck: of these cuts, counted from 0, those wanted."""
    disk, before = Disk(recording.files), recording.before
    reports = [mark for mark in marks(recording.deeds) if mark.done]
    count = 0
    for place, deed in enumerate(recording.deeds):
        if deed.did is Did.MARK:
            if reports and msgspec.json.decode(deed.content, type=Mark).done:
                before = reports.pop(0)
        elif not disk.take(deed):
            continue
        after = reports[0] if reports else before
        for luck in Luck:
            if count in wanted:
                yield Cut(place, luck, before, after, disk.cut(luck, dice))
            count += 1


def so_many(recording: Recording, count: int, dice: random.Random) -> frozenset[int]:
    """Which of a recording's cuts are tried where about `count` are wanted of them."""
    disk = Disk(recording.files)
    there = len(Luck) * sum(disk.take(deed) or deed.did is Did.MARK for deed in recording.deeds)
    return frozenset(dice.sample(range(there), min(count, there)))


def marks(deeds: Iterable[Deed]) -> list[Mark]:
    return [msgspec.json.decode(deed.content, type=Mark) for deed in deeds if deed.did is Did.MARK]


def without_syncs(recording: Recording, of: str) -> Recording:
    """The same life where the syncs of the files whose names end so never reached the disk."""
    names: dict[int, str] = {}
    kept = []
    for deed in recording.deeds:
        if deed.did is Did.OPEN:
            names[deed.file] = deed.name
        if deed.did is not Did.SYNC or not names.get(deed.file, "").endswith(of):
            kept.append(deed)
    return recording._replace(deeds=kept)


class Cutting:
    """A place in memory for recordings and cuts; counts what was tried and keeps what was found wrong."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.dice = random.Random(seed)
        self.library = built(folder)
        self.checker = Checker(folder)
        self.tried: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.left: dict[str, bytes] = {}
        """What the process recorded last left in its folder."""

    def life(self, seed: int) -> Recording:
        return Recording(seed, self._record("life", str(seed), {}), {}, Mark("begin"))

    def opening(self, files: dict[str, bytes], before: Mark, seed: int = 0) -> Recording:
        return Recording(seed, self._record("open", "0", files), files, before)

    def _record(self, what: str, argument: str, files: dict[str, bytes]) -> list[Deed]:
        home = self.folder / "home"
        home.mkdir()
        try:
            for name, content in files.items():
                (home / name).write_bytes(content)
            deeds = recorded(self.library, home, self.folder / "log", MODULE, what, argument)
            self.left = {file.name: file.read_bytes() for file in home.iterdir() if not file.name.endswith(LOST)}
        finally:
            shutil.rmtree(home)
        return deeds

    def try_some(self, recording: Recording, count: int) -> list[Cut]:
        """Look at what about so many cuts leave; those are given back in which a file was about to be moved."""
        under_way = []
        for cut in cuts(recording, so_many(recording, count, self.dice), self.dice):
            self.tried[cut.before.step if cut.before.step.startswith("second") else cut.after.step] += 1
            if wrong := self.checker.what_is_wrong(cut):
                self.wrong.append(f"seed {recording.seed}: {wrong}")
            elif cut.before is not cut.after and cut.after.step in MOVES:
                under_way.append(cut)
        return under_way

    def second_cut(self, cut: Cut, seed: int, count: int) -> None:
        """The power fails again, in the opening that takes up what the first cut left."""
        self.try_some(
            self.opening(cut.files, replace(cut.before, step=f"second cut, in {cut.after.step}"), seed), count
        )


def in_memory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=RAM if RAM.is_dir() else None, prefix="cuts-")


MOVES: Final = ("repair", "restore", "forget")
SECOND: Final = 8
"""In at most so many openings of a life the power fails a second time, in a quarter of the cuts."""
A_LIFE: Final = 6000
"""Cuts, about as many as there are places and kinds of luck."""


def power_cuts(count: int, seed: int) -> list[str]:
    """So many cuts, spread over lives of seeds from `seed` on: figures. AssertionError tells those that were bad."""
    with in_memory() as name:
        tries, lives = Cutting(Path(name).resolve(), seed), 0
        while tries.tried.total() < count:
            left = min(count - tries.tried.total(), A_LIFE)
            recording = tries.life(seed + lives)
            lives += 1
            under_way = tries.try_some(recording, left - left // 4)
            again = min(SECOND, 1 + left // 500)
            for cut in tries.dice.sample(under_way, min(again, len(under_way))):
                tries.second_cut(cut, recording.seed, left // 4 // again)
        assert not tries.wrong, "\n".join(tries.wrong)
        tried = ", ".join(f"{step} {times}" for step, times in sorted(tries.tried.items()))
        return [f"{tries.tried.total():,} power cuts in {lives} lives of a record, none of them bad", tried]
