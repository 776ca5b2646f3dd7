"""Portions in the store: found by a column of their own, of any age, whatever befell the file, and at the same cost."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from device.core.model.events import History
from device.core.model.record import Anchor, Clock, Intention, MilkMove, Place, Portion, Session
from device.core.rules import keeping
from device.store import mending
from device.store.copies import restore_backup, take_in, write_backup
from device.store.file import SCHEMA
from device.store.records import Store
from device.wire.commands import FIRST
from device.wire.csv_rows import COLUMNS
from device.wire.lines import complete, from_line, to_line
from tests.support.kept import DAY, NOW, SITTING_S, bare, running, session

HOUR = 3600
MANY = 60_000
PORTIONS = 400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with contextlib.closing(Store.open(tmp_path / "pump.db")) as opened:
        yield opened


def milk(number: int, at: int, intention: Intention | None = Intention.FREEZER, **fields: object) -> Session:
    """A session with its portion, and the `use_by` that follows."""
    made = replace(session(number, at, intention=intention), **{"volume_ml": 100, **fields})  # type: ignore[arg-type]
    return replace(made, use_by=keeping.portion(made)[1])


def with_moves(made: Session, *moves: MilkMove) -> Session:
    moved = replace(made, milk_moves=moves, milk_began=made.intention)
    return replace(moved, use_by=keeping.portion(moved)[1])


def portions(store: Store, now: int = NOW) -> dict[str, Portion]:
    return {portion.session: portion for portion in store.load(now).portions}


def stock_history(store: Store, kept_since: int | None = None, **query: object) -> list[int]:
    found = store.history(History(milk=True, **query), FIRST, FIRST, 1000, kept_since)  # type: ignore[arg-type]
    return [record.number for record in found]


def test_the_stock_is_read_whatever_its_age_without_what_is_gone_or_long_past(store: Store) -> None:
    used = MilkMove(Place.USED, NOW - HOUR)
    made = [
        milk(1, NOW - 100 * DAY),
        milk(2, NOW - 90 * DAY, Intention.FRIDGE),
        milk(3, NOW - 80 * DAY, volume_ml=None),
        with_moves(milk(4, NOW - 70 * DAY), used),
        milk(5, NOW - 60 * DAY, deleted=True),
        milk(6, NOW - 50 * DAY, volume_ml=0),
        milk(7, NOW - 40 * DAY, counted=False),
        milk(8, NOW - 30 * DAY, None),
        milk(9, NOW - 4 * DAY - HOUR, Intention.FRIDGE),
        milk(10, NOW - 20 * DAY, Intention.DONATE),
        milk(11, NOW - 10 * DAY, clock=Clock.UNSYNCED),
        running(12, NOW, intention=Intention.FEED),
    ]
    store.save(made, None)
    there = portions(store)
    assert set(there) == {made[place].id for place in (0, 2, 8, 10)}
    assert there[made[0].id] == Portion(made[0].id, Place.FREEZER, 100, made[0].use_by)
    assert there[made[10].id] == Portion(made[10].id, Place.FREEZER, 100, None)
    store.save([replace(with_moves(made[0], used), revision=2)], None)
    assert set(portions(store)) == {made[place].id for place in (2, 8, 10)}


@pytest.mark.parametrize("now", [0, NOW, NOW + 3000 * DAY])
def test_a_clock_that_is_wrong_hides_no_portion(store: Store, now: int) -> None:
    made = [milk(1, NOW - 100 * DAY), milk(2, NOW - HOUR, Intention.FEED)]
    store.save(made, None)
    assert set(portions(store, now)) == {one.id for one in made}


def test_a_clock_that_ran_ahead_while_it_was_not_set_hides_none_later(store: Store) -> None:
    made = [milk(1, NOW - 100 * DAY), running(2, NOW + 9000 * DAY, clock=Clock.UNSYNCED)]
    store.save(made, None)
    assert set(portions(store, NOW + 9000 * DAY)) == {made[0].id}


def test_of_too_many_those_that_keep_longest_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_PORTIONS", 3)
    made = [milk(number, NOW - (9 - number) * DAY) for number in range(1, 8)]
    store.save(made, None)
    assert set(portions(store)) == {one.id for one in made[-3:]}


def test_what_waits_for_the_clock_is_held_however_old_it_is(store: Store) -> None:
    waits = MilkMove(Place.THAWED, NOW, anchor=Anchor("a boot", 5.0), unsynced=True)
    made = [with_moves(milk(1, NOW - 100 * DAY), waits), *(milk(number, NOW) for number in range(2, 12))]
    store.save(made, None)
    assert made[0] in store.load(NOW).sessions
    settled = replace(with_moves(made[0], replace(waits, anchor=None)), revision=2)
    store.save([settled], None)
    assert settled not in store.load(NOW).sessions


# -- history ---------------------------------------------------------------------------------------------------


def test_history_gives_the_portions_that_are_there_and_no_nursing(store: Store) -> None:
    made = [
        milk(1, NOW - 100 * DAY),
        milk(2, NOW - 5 * DAY - HOUR, Intention.FRIDGE),
        milk(3, NOW - 4 * DAY - HOUR, Intention.FRIDGE),
        milk(4, NOW - 2 * DAY, None),
        milk(5, NOW - DAY, volume_ml=None),
        with_moves(milk(6, NOW - HOUR), MilkMove(Place.USED, NOW)),
        milk(7, NOW, clock=Clock.UNSYNCED),
    ]
    store.save(made, None)
    assert stock_history(store, NOW - DAY + 1) == [7, 5, 3, 1]
    assert stock_history(store) == [7, 5, 3, 2, 1]
    assert stock_history(store, NOW - DAY + 1, since=NOW - 2 * DAY) == [7, 5]
    edge = made[1].use_by
    assert edge is not None
    assert 2 in stock_history(store, edge)
    assert 2 not in stock_history(store, edge + 1)


def test_the_stock_is_paged_whole(store: Store) -> None:
    store.save([milk(number, NOW - number // 3 * HOUR, milk_began=None) for number in range(1, 30)], None)
    found: list[int] = []
    below = FIRST
    while page := store.history(History(milk=True), below, FIRST, 4):
        found += [one.number for one in page]
        last = page[-1]
        assert isinstance(last, Session)
        below = (last.started_at, last.number)
    in_order = sorted(range(1, 30), key=lambda number: (NOW - number // 3 * HOUR, number), reverse=True)
    assert found == in_order


# -- the file --------------------------------------------------------------------------------------------------


def test_a_record_of_layout_2_gets_its_portions(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    shutil.copy(Path(__file__).parent / "layouts" / "2.db", path)
    with contextlib.closing(Store.open(path)) as store:
        assert store.db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert stock_history(store) == [3, 2, 1]
        places = {portion.place: portion.ml for portion in portions(store).values()}
        assert places == {Place.ROOM: 85, Place.FRIDGE: 60, Place.FREEZER: None}
        mending.check_file(path, store.db)


def test_a_repaired_file_and_one_that_was_restored_have_their_portions(tmp_path: Path) -> None:
    path, copy = tmp_path / "pump.db", tmp_path / "copy.db"
    made = [milk(1, NOW - 100 * DAY), with_moves(milk(2, NOW - DAY), MilkMove(Place.USED, NOW, 30))]
    with contextlib.closing(Store.open(path)) as store:
        store.save(made, None)
        write_backup(store, copy)
        before = portions(store)
        store.db.execute("UPDATE records SET keeps = 7 WHERE number = 1")
    with contextlib.closing(Store.open(path, suspect=True)) as store:
        assert store.load(NOW).repaired_at is not None, "a column that is not what the record says is damage"
        assert portions(store) == before
        store.save([replace(with_moves(made[0], MilkMove(Place.USED, NOW)), revision=2)], None)
    restore_backup(path, copy, publishing=True, holder="a test")
    with contextlib.closing(Store.open(path)) as store:
        assert portions(store) == before


# -- import ----------------------------------------------------------------------------------------------------

MOVED = [
    with_moves(milk(1, NOW - 10 * DAY), MilkMove(Place.USED, NOW - HOUR, 30)),
    with_moves(milk(2, NOW - 9 * DAY, Intention.FEED), MilkMove(Place.FRIDGE, NOW - 9 * DAY + 2 * HOUR)),
    with_moves(milk(3, NOW - 8 * DAY, Intention.FEED), MilkMove(Place.FRIDGE, NOW - 8 * DAY + 9 * HOUR)),
    with_moves(milk(4, NOW - 7 * DAY), MilkMove(Place.THAWED, NOW - HOUR, 20)),
    with_moves(milk(5, NOW - 6 * DAY), MilkMove(Place.DISCARDED, NOW - HOUR)),
    with_moves(milk(6, NOW - 5 * DAY, volume_ml=None), MilkMove(Place.THAWED, NOW - HOUR)),
    with_moves(milk(7, NOW - 4 * DAY), MilkMove(Place.THAWED, NOW - HOUR, unsynced=True)),
    replace(with_moves(milk(8, NOW - 3 * DAY), MilkMove(Place.THAWED, NOW - HOUR)), intention=None),
    replace(with_moves(milk(9, NOW - 2 * DAY), MilkMove(Place.FREEZER, NOW, 5)), intention=Intention.DONATE),
    milk(10, NOW - DAY, volume_ml=0),
]  # fmt: skip


def test_what_was_moved_comes_back_from_an_export_as_it_was(tmp_path: Path) -> None:
    exported = [to_line(one, "pump") for one in MOVED]
    taken = [complete(from_line(line), 60) for line in exported]
    with contextlib.closing(Store.open(tmp_path / "other.db")) as store:
        take_in(store, taken, now=NOW, sitting_s=SITTING_S, full=frozenset(range(len(taken))))
        again = list(store.records())
        assert [to_line(one, "pump") for one in again] == exported
        for was, record in zip(MOVED, again, strict=True):
            assert isinstance(record, Session)
            assert keeping.portion(record) == keeping.portion(was), "a later revision says the same"
        assert stock_history(store) == [one.number for one in reversed(MOVED) if keeping.in_stock(one) is not None]


def test_a_short_line_begins_its_portion_by_its_intention() -> None:
    line = b'{"session": {"started_at": "2026-03-01T03:12:08Z", "duration_s": 600, "intention": "freezer"}}'
    record = complete(from_line(line), 60)
    assert isinstance(record, Session)
    assert (record.milk_moves, record.use_by) == ((), keeping.use_by(Place.FREEZER, record.ended_at or 0, 0))


def test_a_stored_session_that_takes_its_sittings_intention_gets_its_portion(store: Store) -> None:
    store.save([session(1, NOW)], None)
    take_in(store, [bare(NOW - HOUR, 55, intention=Intention.FRIDGE)], now=NOW, sitting_s=SITTING_S)
    moved = store.find(session(1, NOW).id)
    assert isinstance(moved, Session)
    assert moved.intention is Intention.FRIDGE
    assert moved.use_by == keeping.portion(moved)[1] != None  # noqa: E711 -- it keeps


def test_a_table_has_a_column_for_each_word_of_a_portion() -> None:
    names = COLUMNS["session"]
    at = names.index("right_ml")
    assert names[at : at + 5] == ("right_ml", "milk.place", "milk.ml", "milk.since", "note")


# -- large -----------------------------------------------------------------------------------------------------


def filled(path: Path, sessions: int) -> Store:
    """So many sessions, eight a day up to now: put into the fridge and forgotten, but the newest frozen."""
    store = Store.open(path)
    with store.transaction():
        for number in range(sessions, 0, -1):  # so that the numbers are reserved at once
            frozen = number > sessions - PORTIONS
            intention = Intention.FREEZER if frozen else Intention.FRIDGE
            at = NOW - (sessions - number) * 10_800 - (0 if frozen else 10 * DAY)
            store.write(milk(number, at, intention))
    return store


def steps(store: Store, work: str) -> int:
    """What SQLite had to do for it, in tens of its own instructions."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    store.db.set_progress_handler(tick, 10)
    if work == "load":
        assert len(store.load(NOW).portions) == PORTIONS
    elif work == "history":
        assert len(stock_history(store, NOW - DAY + 1)) == PORTIONS
    else:
        store.save([milk(10**6, NOW + 5 * DAY), replace(milk(10**6, NOW + 5 * DAY), revision=2, volume_ml=0)], None)
    store.db.set_progress_handler(None, 0)
    return count


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    folder = tmp_path_factory.mktemp("milk")
    with (
        contextlib.closing(filled(folder / "few.db", 2 * PORTIONS)) as few,
        contextlib.closing(filled(folder / "many.db", MANY)) as many,
    ):
        yield few, many


@pytest.mark.parametrize("work", ["load", "history", "save"])
def test_the_stock_costs_at_60000_sessions_what_it_costs_at_800(both: tuple[Store, Store], work: str) -> None:
    at_few, at_many = (steps(store, work) for store in both)
    assert at_many <= 1.3 * at_few + 2
