"""Power cuts at the disk: a short round of them, and that the checker sees a record that is not as it should be.

`scripts/endure --cuts 10000` tries more of them.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.endurance.disk_cuts import Cutting, Recording, cuts, in_memory, power_cuts, so_many, without_syncs
from tests.endurance.disk_log import Deed, Did, why_not
from tests.endurance.disk_power import LOST, Disk, Luck
from tests.endurance.disk_work import NAME, Mark
from tests.store.test_layouts import LAYOUTS

CUTS = 200

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture(scope="module")
def tries() -> Iterator[Cutting]:
    with in_memory() as name:
        yield Cutting(Path(name).resolve(), 1)


@pytest.fixture(scope="module")
def life(tries: Cutting) -> Recording:
    return tries.life(1)


def test_after_a_power_cut_anywhere_all_that_was_reported_is_there_and_nothing_is_half() -> None:
    print(*power_cuts(CUTS, random.randrange(1, 1000)), sep="\n")


def test_a_power_cut_while_an_older_record_is_brought_up_to_date_costs_nothing_of_it(tries: Cutting) -> None:
    old = {NAME: (LAYOUTS / "1.db").read_bytes()}
    recording = tries.opening(old, Mark("an older program's"))
    tries.wrong.clear()
    tries.try_some(recording, 60)
    assert not tries.wrong


@pytest.mark.parametrize("lost", ["-wal", NAME, ".part", "the folder"])
def test_the_checker_sees_what_a_card_loses_that_says_it_has_synced(tries: Cutting, life: Recording, lost: str) -> None:
    if lost == "the folder":
        lying = life._replace(deeds=[deed for deed in life.deeds if deed.did is not Did.SYNC or deed.file])
    else:
        lying = without_syncs(life, lost)
    assert len(lying.deeds) < len(life.deeds)
    dice = random.Random(5)
    tried = cuts(lying, so_many(lying, 400, dice), dice)
    assert any(tries.checker.what_is_wrong(cut) for cut in tried)


def test_what_is_recorded_is_all_that_happened(tries: Cutting) -> None:
    disk = Disk({})
    for deed in tries.life(3).deeds:
        disk.take(deed)
    assert disk.cut(Luck.ALL, random.Random(0)) == tries.left


def written(*deeds: tuple[Did, int, int, str, bytes]) -> Disk:
    disk = Disk({"old": b"." * 2048})
    for deed in deeds:
        disk.take(Deed(*deed))
    return disk


def test_a_torn_write_ends_between_two_sectors_and_what_was_not_written_reads_as_zeros() -> None:
    disk = written(
        (Did.OPEN, 7, 0, "old", b""), (Did.WRITE, 7, 2048, "", b"x" * 512), (Did.WRITE, 7, 100, "", b"y" * 1024)
    )
    seen = {disk.cut(Luck.TORN, random.Random(seed))["old"] for seed in range(60)}
    assert {len(content) for content in seen} == {2048, 2560}
    assert {content[100:512] + content[512:1124].replace(b"y", b"Y") for content in seen} >= {b"y" * 412 + b"." * 612}
    assert disk.cut(Luck.NOTHING, random.Random(0))["old"] == b"." * 2048


def test_a_name_is_there_after_its_folders_sync_and_before_only_by_luck() -> None:
    new = ((Did.OPEN, 8, 1, "new", b""), (Did.WRITE, 8, 0, "", b"z"), (Did.SYNC, 8, 0, "", b""))
    moved = (*new, (Did.RENAME, 0, 0, "new", b"old"))
    dice = random.Random(0)
    assert written(*new).cut(Luck.NOTHING, dice) == {"old": b"." * 2048}
    assert written(*moved).cut(Luck.NOTHING, dice) == {"old": b"." * 2048}
    assert written(*moved).cut(Luck.ALL, dice) == {"old": b"z"}
    assert written(*moved, (Did.SYNC, 0, 0, "", b"")).cut(Luck.NOTHING, dice) == {"old": b"z"}
    assert written((Did.OPEN, 9, 1, f"old{LOST}", b"")).cut(Luck.ALL, dice) == {"old": b"." * 2048}
