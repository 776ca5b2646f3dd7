"""The record as a whole: copies only where they may stand, put back with what differs given out, forgotten for good."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.core.model.record import Cause
from device.store.copies import forget_record, restore_backup, write_backup
from device.store.records import Store, StoreError
from tests.store.test_store_mend import Cut, cut_at
from tests.support.kept import DAY, NOW, bodies, nursing, session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pump.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with contextlib.closing(Store.open(path)) as opened:
        opened.save([session(1, NOW), nursing(1, NOW)], None)
        yield opened


@pytest.mark.parametrize("end", ["-wal", "-shm", ".lock", "-numbers", ".new", ".damaged-20260301T000000Z", ".former-x"])
def test_what_stands_beside_the_record_is_no_place_for_a_copy(store: Store, path: Path, end: str) -> None:
    with pytest.raises(StoreError, match="belongs to the record"):
        write_backup(store, path.with_name(path.name + end))


@pytest.mark.parametrize("kind", ["fifo", "link", "link to nothing", "folder", "somebody's file"])
def test_what_is_no_former_backup_is_not_replaced(store: Store, tmp_path: Path, kind: str) -> None:
    target, other = tmp_path / "target", tmp_path / "other"
    other.write_text("precious")
    match kind:
        case "fifo":
            os.mkfifo(target)
        case "link":
            target.symlink_to(other)
        case "link to nothing":
            target.symlink_to(tmp_path / "nothing")
        case "folder":
            target.mkdir()
        case _:
            target.write_text("precious")
    before = target.lstat()
    with pytest.raises(StoreError, match="target: is"):
        write_backup(store, target)
    assert os.path.samestat(target.lstat(), before)
    assert other.read_text() == "precious"
    assert not [file for file in tmp_path.iterdir() if file.name.endswith(".part")]


def test_a_copy_put_back_gives_out_what_differs_and_numbers_go_on(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with contextlib.closing(Store.open(path)) as store:
        same, changed = session(1, NOW), session(2, NOW + DAY)
        store.save([same, changed, nursing(1, NOW)], None)
        write_backup(store, copy)
        later = session(3, NOW + 2 * DAY)
        store.save([session(2, NOW + DAY, revision=4, note="later"), later], None)
        store.keep_fact("announced_as", "now")
        store.acknowledged([seq for seq, _ in store.outbox_head(99)])
    aside = restore_backup(path, copy, publishing=True, holder="a test")
    with contextlib.closing(Store.open(path)) as store:
        found = {one.id: one for one in store.records()}
        assert (found[same.id], found[changed.id].revision, found[changed.id].cause) == (same, 5, Cause.REPAIRED)
        assert ("later" in str(found[changed.id]), found[later.id].deleted, found[later.id].revision) == (
            False,
            True,
            2,
        )
        assert [record.id for _, record in store.outbox_head(99)][-2:] == [changed.id, later.id]
        assert (store.load(NOW).next_session_number, store.fact("announced_as")) == (4, "now")
    with contextlib.closing(Store.open(aside)) as former:
        assert former.find(later.id) == later


def test_a_copy_put_back_where_nothing_is_known_jumps_over_what_may_have_been_given_out(
    store: Store, tmp_path: Path
) -> None:
    write_backup(store, tmp_path / "copy.db")
    (tmp_path / "new").mkdir()
    restore_backup(tmp_path / "new" / "pump.db", tmp_path / "copy.db", publishing=True, holder="a test")
    with contextlib.closing(Store.open(tmp_path / "new" / "pump.db")) as other:
        assert [(one.revision, one.cause) for one in other.records()] == [(1001, Cause.REPAIRED)] * 2
        assert other.load(NOW).next_session_number == 1002


def test_only_a_whole_backup_is_put_back_and_only_where_no_daemon_is(store: Store, path: Path, tmp_path: Path) -> None:
    copy, before = tmp_path / "copy.db", bodies(store)
    write_backup(store, copy)
    with pytest.raises(StoreError, match=rf"process {os.getpid()} .* has the record open"):
        restore_backup(path, copy, publishing=True, holder="a test")
    store.close()
    os.truncate(copy, copy.stat().st_size - 3000)
    for wrong in (copy, tmp_path / "nothing", path):
        with pytest.raises(StoreError):
            restore_backup(path, wrong, publishing=True, holder="a test")
    with contextlib.closing(Store.open(path)) as again:
        assert bodies(again) == before


def test_a_cut_at_any_step_of_a_restore_leaves_the_one_or_the_other(tmp_path: Path) -> None:
    for step in range(1, 40):
        folder = tmp_path / str(step)
        folder.mkdir()
        path, copy = folder / "pump.db", folder / "copy.db"
        with contextlib.closing(Store.open(path)) as store:
            store.save([session(1, NOW)], None)
            write_backup(store, copy)
            store.save([session(2, NOW + DAY)], None)
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Cut):
            cut_at(patch, step)
            restore_backup(path, copy, publishing=True, holder="a test")
            break
        with contextlib.closing(Store.open(path)) as store:
            assert [one.deleted for one in store.records()] in ([False, False], [False, True])
            assert store.next_number(0) == 3
    assert step > 8


def test_a_cut_at_any_step_of_forget_leaves_all_or_nothing_and_the_broker_is_still_cleared(tmp_path: Path) -> None:
    for step in range(1, 20):
        path = tmp_path / str(step) / "pump.db"
        path.parent.mkdir()
        with contextlib.closing(Store.open(path)) as store:
            store.save([session(1, NOW, note="plum dumpling")], None)
        path.with_name("pump.db.damaged-20260301T000000Z").write_text("plum dumpling")
        store = Store.open(path)
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Cut):
            cut_at(patch, step)
            forget_record(store)
            store.let_go()
            break
        store.let_go()
        with contextlib.closing(Store.open(path)) as again:
            assert (bodies(again), again.fact("to_clear"), again.fact("forgetting")) == ([], "yes", None)
            assert (again.next_number(0), again.load(NOW).repaired_at) == (2, None)
        assert not [file for file in path.parent.iterdir() if b"plum" in file.read_bytes()]
    assert step > 2
    path.unlink()
    with contextlib.closing(Store.open(path)) as anew:  # a record that was forgotten is not missed
        assert (anew.load(NOW).repaired_at, anew.next_number(0)) == (None, 2)
