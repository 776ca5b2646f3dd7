"""The record's file: who may open it, what is refused and left as it was, copies, and forgetting.

Real files, real processes, a real second user.
"""

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from device.store import reserved
from device.store.copies import forget_record, keep_fact_beside, write_backup
from device.store.records import SCHEMA, Store, StoreError, Trouble
from tests.endurance.disk_card import formatted
from tests.support.kept import DAY, NOW, nursing, progress, running, session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pump.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with contextlib.closing(Store.open(path)) as opened:
        yield opened


def test_a_new_record_is_empty_and_for_its_owner_alone(store: Store, path: Path) -> None:
    store.save([session(1, NOW)], None)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert sum(1 for _ in path.parent.iterdir()) >= 3  # the file, its log, its lock


def test_what_an_empty_record_opens_with(store: Store) -> None:
    opened = store.load(NOW)
    assert (opened.sessions, opened.nursings, opened.newest) == ((), (), ())
    assert (opened.next_session_number, opened.next_nursing_number, opened.outbox) == (1, 1, 0)
    assert (opened.progress, opened.running, opened.baseline) == (None, None, None)
    assert (opened.first_record_at, opened.last) == (None, None)
    assert len(opened.seed) == 16
    assert store.load(NOW).seed == opened.seed


def test_commits_are_durable_pages_small_and_few_of_them_in_memory(store: Store) -> None:
    pragmas = {name: store.db.execute(f"PRAGMA {name}").fetchone()[0] for name in
               ("journal_mode", "synchronous", "foreign_keys", "page_size", "cache_size", "user_version")}  # fmt: skip
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "page_size": 1024,
                       "cache_size": -256, "user_version": SCHEMA}  # fmt: skip


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the folder .*nowhere does not exist; make it, or change store\.path"):
        Store.open(tmp_path / "nowhere" / "pump.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(tmp_path)


def test_a_pipe_in_the_files_place_is_named_and_nobody_waits_at_it(path: Path) -> None:
    os.mkfifo(path)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"pump\.db: is no file; change store\.path"):
            Store.open(path, read_only=read_only)


@pytest.mark.parametrize("content", [b"not a database, just a longer line of text" * 10, b"short", b"\0" * 8192])
def test_a_file_that_is_no_record_where_none_was_is_refused_and_left_as_it_was(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"pump\.db: is no record; move it away, or change store\.path") as refused:
        Store.open(path)
    assert refused.value.trouble is Trouble.LASTING
    with pytest.raises(StoreError, match=r"pump\.db: is damaged"):
        Store.open(path, read_only=True)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_was(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match="another program's database"):
            Store.open(path, read_only=read_only)
    assert path.read_bytes() == before


def test_a_record_of_a_newer_version_is_refused_and_left_as_it_was(path: Path) -> None:
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW)], None)
        store.db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    reserved.write_numbers(path, reserved.Numbers(64, 0, layout=SCHEMA + 1))
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match=rf"newer version \(layout {SCHEMA + 1}, this one knows {SCHEMA}\)"):
            Store.open(path, read_only=read_only)
    with pytest.raises(StoreError, match="newer version"):
        keep_fact_beside(path, "unannounced", "1")
    assert path.read_bytes() == before


def test_a_second_process_is_told_which_one_has_the_record(store: Store, path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from device.store.records import Store, StoreError\n"
        "try: Store.open(Path(sys.argv[1]))\n"
        "except StoreError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert said == f"{path}: process {os.getpid()} (pump-companion) has the record open; stop it first\n"


def test_the_record_is_free_again_after_a_close(path: Path) -> None:
    Store.open(path).close()
    Store.open(path).close()
    assert not path.with_name("pump.db-wal").exists()


def test_a_reader_sees_what_a_writer_committed_and_can_write_nothing(store: Store, path: Path) -> None:
    with contextlib.closing(Store.open(path, read_only=True)) as reader:
        assert reader.find(session(1, NOW).id) is None
        store.save([session(1, NOW)], None)
        assert reader.find(session(1, NOW).id) == session(1, NOW)
        with pytest.raises(StoreError, match="may not be opened or written"):
            reader.save([session(2, NOW + DAY)], None)
    store.save([session(3, NOW + 2 * DAY)], None)


def test_reading_a_record_that_is_not_there_makes_none(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no record yet"):
        Store.open(path, read_only=True)
    assert list(path.parent.iterdir()) == []


@contextlib.contextmanager
def a_folder_not_ours() -> Iterator[Path]:
    """A folder that the user of `as_somebody` may read and not write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def as_somebody(folder: Path, do: Callable[[], str]) -> str:
    """What `do` says when it is done by a user who may not write in the folder."""
    folder.chmod(0o555)
    for file in folder.iterdir():
        file.chmod(0o444)
    come, go = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os.write(go, do().encode())
        except BaseException as error:  # noqa: BLE001 -- the child may not come back into the tests
            os.write(go, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(go)
    with os.fdopen(come, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def test_a_folder_that_may_not_be_written_is_said() -> None:
    with a_folder_not_ours() as folder:
        said = as_somebody(folder, lambda: str(Store.open(folder / "pump.db")))
        assert said == f"StoreError: {folder / 'pump.db'}: Permission denied; check who owns it and its folder"


def test_a_record_at_rest_is_read_from_a_folder_that_may_not_be_written() -> None:
    with a_folder_not_ours() as folder:
        with contextlib.closing(Store.open(folder / "pump.db")) as store:
            store.save([session(1, NOW)], None)

        def read() -> str:
            with contextlib.closing(Store.open(folder / "pump.db", read_only=True)) as reader:
                return str([one.number for one in reader.records()])

        assert as_somebody(folder, read) == "[1]"


def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr("device.store.file.shutil.disk_usage", lambda _path: full)


def test_a_record_at_rest_is_read_on_a_full_disk_and_nothing_is_laid_beside_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW)], None)
    before = sorted(path.parent.iterdir())
    no_room(monkeypatch)
    with contextlib.closing(Store.open(path, read_only=True)) as reader:
        assert [record.number for record in reader.records()] == [1]
        assert sorted(path.parent.iterdir()) == before


def test_a_record_is_read_beside_its_daemon_when_the_disk_is_full(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save([session(1, NOW)], None)
    no_room(monkeypatch)
    with contextlib.closing(Store.open(path, read_only=True)) as reader:
        assert [record.number for record in reader.records()] == [1]


def test_a_log_that_a_kill_left_waits_for_room_on_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW)], None)
        log = path.with_name("pump.db-wal")
        left = log.read_bytes()
    log.write_bytes(left)
    no_room(monkeypatch)
    with pytest.raises(StoreError, match=r"pump\.db: the disk is full; make room, and the record is read"):
        Store.open(path, read_only=True)


@pytest.fixture
def card_of_small_blocks(tmp_path: Path) -> Iterator[Path]:
    """4 MiB in blocks of 1 KiB: SQLite gives its index one block in four."""
    with formatted(tmp_path, 4 << 20, "-b", "1024", "-O", "^has_journal", "-m", "0") as card:
        yield card.place


READ = """
import sys, pathlib
from device.store.records import Store
print(len(list(Store.open(pathlib.Path(sys.argv[1]), read_only=True).records())))
"""


def test_reading_survives_a_card_with_hardly_a_block_left(card_of_small_blocks: Path) -> None:
    path = card_of_small_blocks / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW)], None)
    with (card_of_small_blocks / "ballast").open("wb", buffering=0) as ballast:
        with contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(1024))
        size = ballast.tell()
        for blocks_left in (0, 4, 8, 9, 10, 12, 16, 32):
            ballast.truncate(size - 1024 * blocks_left)
            os.fsync(ballast.fileno())
            read = subprocess.run([sys.executable, "-c", READ, str(path)], check=False, capture_output=True, text=True)
            assert (read.returncode, read.stdout) == (0, "1\n"), (blocks_left, read.stderr)


# -- backup, forget ----


def test_a_backup_is_whole_while_the_record_is_written(store: Store, path: Path, tmp_path: Path) -> None:
    store.save([session(1, NOW), nursing(1, NOW)], None)
    store.keep_fact("baseline", "9 8")
    target = tmp_path / "copies" / "pump-backup.db"
    target.parent.mkdir()
    write_backup(store, target)
    with contextlib.closing(Store.open(path, read_only=True)) as reader:
        write_backup(reader, target)
    store.save([session(2, NOW + DAY)], None)
    assert [file.name for file in target.parent.iterdir()] == ["pump-backup.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with contextlib.closing(Store.open(target)) as copy:
        assert [one.number for one in copy.records()] == [1, 1]
        assert copy.load(NOW).baseline == (9, 8)
        assert copy.outbox == 2


def test_a_backup_onto_the_record_or_nowhere_is_refused(store: Store, path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is the record itself"):
        write_backup(store, path)
    with pytest.raises(StoreError, match="No such file"):
        write_backup(store, tmp_path / "nowhere" / "copy.db")


def test_forget_leaves_no_word_of_the_record_in_any_file(store: Store, path: Path) -> None:
    store.keep_fact("announced", "pump homeassistant")
    store.keep_fact("baseline", "9 8")
    secret = "Geheimnis der Nacht"
    for number in range(1, 60):
        store.save([session(number, NOW + number * DAY, note=f"{secret} {number}" + "x" * 400)], None)
    store.tidy()
    one = running(60, NOW + 90 * DAY, note=secret)
    store.save([one], progress(one, 0))
    seed = store.load(NOW).seed
    assert any(secret.encode() in file.read_bytes() for file in path.parent.iterdir())
    forget_record(store)
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert secret.encode() not in content, file
        assert one.id.encode() not in content, file
    opened = store.load(NOW)
    assert opened.sessions == opened.newest == ()
    assert (opened.progress, opened.baseline, opened.outbox, opened.next_session_number) == (None, None, 0, 61)
    assert opened.seed != seed
    assert store.fact("announced") == "pump homeassistant"
    store.save([session(61, NOW)], None)
    assert [record.number for _, record in store.outbox_head(9)] == [61]


def test_forget_is_refused_while_somebody_reads(store: Store, path: Path) -> None:
    store.save([session(number, NOW + number * DAY) for number in range(1, 5)], None)
    store.db.execute("PRAGMA busy_timeout = 50")
    with contextlib.closing(Store.open(path, read_only=True)) as reader:
        stream = reader.records()
        assert isinstance(stream, Generator)
        next(stream)
        with pytest.raises(StoreError, match=r"another program is (busy|reading)"):
            forget_record(store)
        stream.close()
        forget_record(store)
