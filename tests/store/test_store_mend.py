"""A damaged record: whatever bit flips or is cut off, all that can be read goes on, and the rest is said.

Set SWEEP=1 to try a bit in every page instead of a sample of them.
"""

import contextlib
import os
import random
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from device.cli import main
from device.core.model.record import Record
from device.store import mending, reserved, salvage
from device.store.copies import forget_record
from device.store.file import MIGRATIONS, connect
from device.store.records import Store, StoreError, Trouble
from tests.support.kept import DAY, NOW, bodies, live, nursing, progress, running, session

EVERY = 1 if os.environ.get("SWEEP") else 17
LIVES = 10


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    """A record as a power cut leaves it, half of it in the log: its folder, and every revision."""
    folder = tmp_path_factory.mktemp("made")
    store = Store.open(folder / "pump.db")
    live(store, LIVES)
    store.keep_fact("announced_as", "pump-companion/pump/" * 20)
    revisions = bodies(store)
    shutil.copytree(folder, folder / "cut")
    store.close()
    shutil.copytree(folder, folder / "closed", ignore=shutil.ignore_patterns("cut"))
    return folder, revisions


def a_copy(of: Path, to: Path) -> Path:
    to.mkdir()
    for end in ("", "-wal", "-numbers"):
        file = of / f"pump.db{end}"
        if file.exists():
            shutil.copy(file, to / file.name)
    return to / "pump.db"


def flip(file: Path, at: int, bit: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1 << bit
    file.write_bytes(content)


def told(path: Path) -> str:
    """What the reports beside the record say."""
    return "".join(file.read_text() for file in sorted(path.parent.glob("pump.db.damaged-*.txt")))


@pytest.mark.parametrize(("state", "file", "page"), [("closed", "pump.db", 1024), ("cut", "pump.db-wal", 1048)])
def test_a_flipped_bit_in_any_page_costs_one_revision_at_most_and_never_without_a_word(
    made: tuple[Path, list[Record]], tmp_path: Path, state: str, file: str, page: int
) -> None:
    folder, revisions = made
    dice, costs = random.Random(7), {0: 0, 1: 0}
    pages = (folder / state / file).stat().st_size // page
    for number in range(dice.randrange(EVERY), pages, EVERY):
        path = a_copy(folder / state, tmp_path / str(number))
        flip(path.with_name(file), number * page + dice.randrange(page), dice.randrange(8))
        with contextlib.closing(Store.open(path, suspect=True)) as store:
            found = bodies(store)
            assert all(one in revisions for one in found), number
            lost = len(revisions) - len(found)
            costs[lost] += 1
            assert store.load(NOW).set_aside == lost
            assert not lost or f"{lost} revisions could not be read" in told(path)
            assert store.next_number(0) > LIVES
            assert len(store.outbox_head(1000)) == store.outbox
            assert len(list(store.records())) >= 2 * LIVES - lost  # a nursing has one revision
        shutil.rmtree(path.parent)
    print(f"{file}: {pages} pages, {costs[1]} times one revision was lost")


def flipped_body(store: Store, number: int) -> Record:
    """Flip a letter within the newest revision of this session, as a bad card would."""
    query = "SELECT l.seq, l.body FROM records r JOIN log l ON l.seq = r.seq WHERE r.kind = 0 AND r.number = ?"
    seq, body = store.db.execute(query, (number,)).fetchone()
    (record,) = [one for one in store.sessions() if one.number == number]
    store.db.execute("UPDATE log SET body = ? WHERE seq = ?", (body.replace("gpio", "gpip"), seq))
    return record


def test_a_revision_that_is_not_what_was_written_is_set_aside_and_the_one_before_stands(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    store = Store.open(path)
    store.save([session(1, NOW), session(1, NOW, revision=2, note="good"), session(2, NOW + DAY)], None)
    store.save([session(1, NOW, revision=3, note="bad"), session(3, NOW + 2 * DAY)], None)
    flipped_body(store, 1)
    with pytest.raises(StoreError, match="is damaged") as error:
        list(store.records())
    assert error.value.trouble is Trouble.DAMAGED
    store.let_go()
    with contextlib.closing(Store.open(path, suspect=True)) as mended:
        opened = mended.load(NOW + 2 * DAY)
        assert [(one.number, one.revision) for one in mended.sessions()] == [(1, 2), (2, 1), (3, 1)]
        assert [(record.revision, highest) for record, highest in opened.to_give_out] == [(2, 3)]
        assert [record.number for _, record in mended.outbox_head(9)] == [1, 1, 2, 3]
        assert (opened.set_aside, opened.repair_seen, opened.repaired_at is not None) == (1, False, True)
        assert "the last good one before it stands" in told(path)
        mended.save([session(1, NOW, revision=4, note="good")], None)
        assert mended.load(NOW).to_give_out == ()
    assert len([file for file in path.parent.glob("pump.db.damaged-*") if file.suffix != ".txt"]) >= 1


def test_a_flip_that_leaves_no_text_is_damage_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW), session(2, NOW + DAY)], None)
        store.keep_fact("baseline", "9 8")
        store.keep_fact("announced_as", "now")
    content = path.read_bytes()
    flip(path, content.rfind(b'"gpio"') + 2, 7)
    flip(path, content.rfind(b"announced_as") + len("announced_as"), 7)
    with contextlib.closing(Store.open(path)) as store:
        assert store.fact("announced_as") is None
        with pytest.raises(StoreError, match="is damaged") as error:
            list(store.records())
    assert error.value.trouble is Trouble.DAMAGED
    with contextlib.closing(Store.open(path, suspect=True)) as store:
        assert (len(bodies(store)), store.fact("baseline"), store.load(NOW).set_aside) == (1, "9 8", 1)


def test_an_export_of_a_damaged_record_gives_what_can_be_read_of_it_and_says_so(
    made: tuple[Path, list[Record]], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder, _ = made
    path = a_copy(folder / "closed", tmp_path / "one")
    config = tmp_path / "config.toml"
    config.write_text(f'[mqtt]\nport = 1\n[store]\npath = "{path}"\n')
    whole = path.read_bytes()
    for at in range(0, len(whole), 1024 * 29):
        flip(path, at + 700, 3)
        flip(path, at, 5)
        with pytest.raises(SystemExit) as ended:
            main(["export", "--config", str(config)])
        out, err = capsysbinary.readouterr()
        assert not ended.value.code
        assert len(out.splitlines()) >= 2 * LIVES - 1
        assert len(set(out.splitlines())) == len(out.splitlines())
        assert not err or b"what can be read follows" in err
        path.write_bytes(whole)


def test_where_the_highest_revision_can_not_be_known_a_thousand_are_jumped_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pump.db"
    store = Store.open(path)
    store.save([session(1, NOW), session(1, NOW, revision=2)], None)
    flipped_body(store, 1)

    def blind(path: Path) -> Any:
        found = salvage.scan(path)
        found.highest.clear()  # the table that says it is gone too
        return found

    monkeypatch.setattr(mending, "scan", blind)
    store.let_go()
    with contextlib.closing(Store.open(path, suspect=True)) as mended:
        assert [highest for _, highest in mended.load(NOW).to_give_out] == [1000]


@pytest.mark.parametrize("left", [None, b"", b"\0" * 4096, b"SQLite format 3\0 and no more"])
def test_a_file_that_is_gone_or_empty_where_there_was_a_record_is_damage_and_numbers_go_on(
    tmp_path: Path, left: bytes | None
) -> None:
    path = tmp_path / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW), nursing(1, NOW)], None)
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    with contextlib.closing(Store.open(path)) as store:
        opened = store.load(NOW)
        assert (opened.next_session_number, opened.next_nursing_number) == (65, 65)  # reserved ahead
        assert opened.repaired_at is not None
    assert "nothing was left" in told(path)
    kept = [file.read_bytes() for file in path.parent.glob("pump.db.damaged-*Z")]
    assert kept == ([] if left is None else [left])


def test_a_file_that_is_gone_before_there_was_a_record_begins_anew_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    Store.open(path).close()
    path.write_bytes(b"")
    with contextlib.closing(Store.open(path)) as store:
        assert store.load(NOW).repaired_at is None
    assert told(path) == ""


def test_a_repair_that_comes_to_nothing_on_the_way_is_said_and_numbers_go_on(
    made: tuple[Path, list[Record]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_copy(made[0] / "closed", tmp_path / "one")
    flip(path, 21, 3)
    move_in = mending.move_in

    def emptied(*arguments: Any) -> None:
        monkeypatch.undo()
        os.truncate(mending.coming(path), 0)
        move_in(*arguments)

    monkeypatch.setattr(mending, "move_in", emptied)
    with contextlib.closing(Store.open(path)) as store:
        assert store.load(NOW).repaired_at is not None
        assert store.next_number(0) > LIVES
    assert "nothing was left" in told(path)


@pytest.mark.parametrize("bit", [1, 7])
@pytest.mark.parametrize(
    "flipped", [b"value TEXT", b"facts (key", b"1), body", b"by_start ON", b"TEXT NOT NULL UNIQUE"]
)
def test_a_flip_in_what_the_file_says_of_its_tables_is_damage_and_costs_nothing(
    made: tuple[Path, list[Record]], tmp_path: Path, flipped: bytes, bit: int
) -> None:
    path = a_copy(made[0] / "closed", tmp_path / "one")
    flip(path, path.read_bytes().index(flipped), bit)
    with contextlib.closing(Store.open(path)) as store, contextlib.suppress(StoreError):
        mending.check_file(path, store.db)
        assert store.load(NOW).repaired_at is not None  # at once, where the opening already met it
    with contextlib.closing(Store.open(path, suspect=True)) as store:
        assert bodies(store) == made[1]
        assert store.load(NOW).repaired_at is not None
        assert (store.fact("announced_as") is not None) or b"facts" in flipped or (b"value" in flipped and bit == 7)
    assert "Nothing was lost" in told(path)


def test_what_one_repair_could_not_read_is_not_counted_by_the_next(
    made: tuple[Path, list[Record]], tmp_path: Path
) -> None:
    path = a_copy(made[0] / "closed", tmp_path / "one")
    for lost in (1, 2):
        with contextlib.closing(Store.open(path)) as store:
            body = next(body for (body,) in store.db.execute("SELECT body FROM log ORDER BY seq LIMIT 1 OFFSET 20"))
        content = path.read_bytes()
        path.write_bytes(content.replace(body.encode(), body.replace('"cause":"', '"cause":"?').encode()[: len(body)]))
        with contextlib.closing(Store.open(path, suspect=True)) as store:
            assert (store.load(NOW).set_aside, len(bodies(store))) == (lost, len(made[1]) - lost)
    flip(path, 21, 3)
    with contextlib.closing(Store.open(path)) as store:
        assert store.load(NOW).set_aside == 2


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_damaged_file_that_holds_no_record_any_more_or_yet_is_no_strangers(tmp_path: Path, forgotten: bool) -> None:
    path = tmp_path / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        if forgotten:
            store.save([session(1, NOW)], None)
            forget_record(store)
    flip(path, 21, 3)
    with contextlib.closing(Store.open(path)) as store:
        assert (bodies(store), store.next_number(0)) == ([], 1 + forgotten)
        assert store.load(NOW).repaired_at is not None


@pytest.mark.parametrize("torn", [bytes(512) + b"\r" * 512, b"SQLite format 3\0" + bytes(496), bytes(100)], ids=len)
def test_a_first_start_without_its_end_begins_anew_whatever_of_the_first_page_got_there(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "pump.db"
    path.write_bytes(torn)
    journal = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + struct.pack(">IIIII", 0, 1, 0, 512, 1024)
    path.with_name("pump.db-journal").write_bytes(journal.ljust(512, b"\0"))
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW)], None)
        assert (bodies(store), store.load(NOW).repaired_at) == ([session(1, NOW)], None)


@pytest.mark.parametrize("place", [16, 18, 20, 59, 63, 71])  # page size, versions, encoding, layout, whose it is
def test_a_flipped_bit_in_the_files_head_is_damage_and_no_other_programs_file(
    made: tuple[Path, list[Record]], tmp_path: Path, place: int
) -> None:
    folder, revisions = made
    path = a_copy(folder / "closed", tmp_path / "one")
    flip(path, place, 2)
    with contextlib.closing(Store.open(path)) as store:
        assert bodies(store) == revisions
    assert "Nothing was lost" in told(path)


def test_a_file_cut_off_anywhere_gives_what_is_left_of_it(made: tuple[Path, list[Record]], tmp_path: Path) -> None:
    folder, revisions = made
    whole = (folder / "closed" / "pump.db").stat().st_size
    for number, length in enumerate(random.Random(3).sample(range(600, whole), 12)):
        path = a_copy(folder / "closed", tmp_path / str(number))
        os.truncate(path, length)
        with contextlib.closing(Store.open(path, suspect=True)) as store:
            assert all(one in revisions for one in bodies(store))
            assert store.next_number(0) > LIVES
            store.save([session(500, NOW)], None)


class Cut(BaseException):
    """The power."""


def cut_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Cut the power at this step of those that change names on the disk."""
    count = 0

    def cutting(name: str) -> Any:
        plain = getattr(Path, name)

        def act(self: Path, *arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                raise Cut
            return plain(self, *arguments, **named)

        return act

    for name in ("rename", "replace", "unlink"):
        monkeypatch.setattr(Path, name, cutting(name))


def steps() -> Iterator[int]:
    return iter(range(1, 30))


def test_a_cut_at_any_step_of_a_repair_is_finished_by_the_next_opening(
    made: tuple[Path, list[Record]], tmp_path: Path
) -> None:
    folder, revisions = made
    for step in steps():
        path = a_copy(folder / "cut", tmp_path / str(step))
        flip(path.with_name("pump.db-wal"), 200_000, 3)
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Cut):
            cut_at(patch, step)
            Store.open(path).let_go()
            break
        with contextlib.closing(Store.open(path)) as store:
            assert len(revisions) - len(bodies(store)) <= 1
            assert store.load(NOW).repaired_at is not None
        assert told(path)
    assert step > 5


def to_layout_1(store: Store) -> None:
    store.db.execute("DROP INDEX by_keeps")
    for table, column in (("records", "keeps"), ("log", "sum"), ("progress", "sum"), ("facts", "sum")):
        store.db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    store.db.execute("PRAGMA user_version = 1")


def test_the_layout_of_before_is_brought_up_to_date_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW), running(2, NOW + DAY)], progress(running(2, NOW + DAY), 30))
        store.keep_fact("baseline", "9 8")
        before = bodies(store)
        to_layout_1(store)
    reserved.numbers_file(path).unlink()
    assert len(MIGRATIONS) == 3
    with contextlib.closing(Store.open(path)) as store:
        assert bodies(store) == before
        opened = store.load(NOW)
        assert (opened.baseline, opened.progress, opened.repaired_at) == (
            (9, 8), progress(running(2, NOW + DAY), 30), None
        )  # fmt: skip
        mending.check_file(path, store.db)


def test_a_body_that_was_damaged_before_it_had_a_checksum_gets_none_that_holds(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW), session(1, NOW, revision=2)], None)
        store.db.execute("UPDATE log SET body = '{' WHERE seq = 2")
        to_layout_1(store)
    with contextlib.closing(connect(path)) as db, pytest.raises(StoreError, match="not what was written"):
        mending.check_file(path, db)


# -- whose it is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["symlink", "hard link", "deleted lock", "link to the folder"])
def test_a_second_process_is_refused_by_whatever_way_it_comes(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    path = other = folder / "pump.db"
    with contextlib.closing(Store.open(path)) as store:
        store.save([session(1, NOW)], None)
        if way == "symlink":
            other = tmp_path / "link.db"
            other.symlink_to(path)
        elif way == "hard link":
            other = tmp_path / "hard.db"
            os.link(path, other)
        elif way == "deleted lock":
            (folder / "pump.db.lock").unlink()
        else:
            (tmp_path / "elsewhere").symlink_to(folder)
            other = tmp_path / "elsewhere" / "pump.db"
        with pytest.raises(StoreError, match=rf"process {os.getpid()} \(.*\) has the record open") as error:
            Store.open(other)
        assert error.value.trouble is Trouble.HELD


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "pump.db.lock").symlink_to(victim)
    with pytest.raises(StoreError, match=r"pump\.db"):
        Store.open(tmp_path / "pump.db")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("gone", ["pump.db", "pump.db-wal", "both", "replaced"])
def test_a_write_to_a_file_that_was_deleted_or_replaced_is_no_write(tmp_path: Path, gone: str) -> None:
    path = tmp_path / "pump.db"
    store = Store.open(path)
    store.save([session(1, NOW)], None)
    if gone == "replaced":
        shutil.copy(path, tmp_path / "copy")
        (tmp_path / "copy").replace(path)
    for name in {"both": ("pump.db", "pump.db-wal"), "replaced": ()}.get(gone, (gone,)):
        (tmp_path / name).unlink()
    with pytest.raises(StoreError, match="was deleted or replaced") as error:
        store.save([session(2, NOW + DAY)], None)
    assert error.value.trouble is Trouble.GONE
    store.let_go()
