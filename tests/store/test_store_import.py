"""Importing into the store: all or nothing, the same file twice, numbers, overlaps, sittings.

A record that is exported and imported elsewhere is the same.
"""

import contextlib
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.record import Cause, ClassifiedBy, Clock, Intention, Purpose, Record, Session, Source
from device.store.copies import take_in, weigh, write_planned
from device.store.importing import Fate, ImportOutcome, ImportRefusedError
from device.store.records import Store, StoreError
from tests.support.effort import so_many
from tests.support.kept import DAY, NOW, SITTING_S, bare, bare_nursing, bodies, nursing, session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pump.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with contextlib.closing(Store.open(path)) as opened:
        yield opened


def take(store: Store, *records: Record, sitting_s: float = SITTING_S) -> ImportOutcome:
    return take_in(store, records, now=NOW, sitting_s=sitting_s)


def test_a_bare_record_gets_number_id_and_first_revision_and_goes_through_the_outbox(store: Store) -> None:
    store.save([session(7, NOW - DAY)], None)
    done = take(store, bare(NOW), bare_nursing(NOW - 60))
    assert done == ImportOutcome(new=2, revised=0, unchanged=0, moved=0)
    one, fed = (record for _, record in store.outbox_head(9, after=1))
    assert isinstance(one, Session)
    assert (one.number, one.revision, one.cause, one.revised_at) == (8, 1, Cause.IMPORTED, NOW)
    assert one.sitting == one.id != ""
    assert (fed.number, fed.revision, fed.cause) == (1, 1, Cause.IMPORTED)
    assert store.load(NOW).next_session_number == 9


def test_a_file_imported_twice_changes_nothing_even_where_its_records_were_changed_since(store: Store) -> None:
    lines = (bare(NOW), bare(NOW + 3600, volume_ml=90), bare_nursing(NOW), session(9, NOW + 9000))
    take(store, *lines)
    deleted = [one for one in store.records() if one.number == 10]
    store.save([replace(deleted[0], revision=2, deleted=True)], None)
    before = bodies(store)
    assert take(store, *lines) == ImportOutcome(new=0, revised=0, unchanged=4, moved=0)
    assert bodies(store) == before


def test_an_overlap_is_named_also_where_later_sessions_follow_it_and_the_store_closes(path: Path) -> None:
    store = Store.open(path)
    store.save([session(number, NOW + number * DAY) for number in range(1, 9)], None)
    with pytest.raises(ImportRefusedError, match="overlaps session 1"), contextlib.closing(store):
        take(store, bare(NOW + DAY + 60))
    with contextlib.closing(Store.open(path)) as again:
        assert len(list(again.sessions())) == 8


def test_closing_masks_no_other_error_and_says_its_own(path: Path) -> None:
    store = Store.open(path)
    store.save([session(number, NOW + number * DAY) for number in range(1, 9)], None)
    read = store.sessions()
    next(read)  # a file that is being read can't be put together
    with pytest.raises(KeyError), contextlib.closing(store):
        raise KeyError
    store = Store.open(path)
    store.save([session(9, NOW)], None)
    read = store.sessions()
    next(read)
    with pytest.raises(StoreError, match="busy"):
        store.close()
    read.close()


def test_a_number_that_is_taken_gives_way_to_the_next(store: Store) -> None:
    store.save([session(1, NOW)], None)
    take(store, bare(NOW + 20_000), session(1, NOW + 40_000), session(30, NOW + 60_000), session(30, NOW + 80_000))
    assert [one.number for one in store.records()] == [1, 31, 32, 30, 33]


def test_of_one_id_the_higher_revision_wins(store: Store) -> None:
    store.save([session(1, NOW), session(2, NOW + DAY, revision=5, note="mine")], None)
    done = take(
        store,
        session(1, NOW, revision=3, note="theirs"),
        session(1, NOW, revision=2, note="older"),
        session(2, NOW + DAY, revision=4, note="theirs"),
    )
    assert done == ImportOutcome(new=0, revised=1, unchanged=2, moved=0)
    assert [(one.revision, one.note) for one in store.sessions()] == [(3, "theirs"), (5, "mine")]


@pytest.mark.parametrize(
    ("records", "index", "text"),
    [
        ([bare(NOW - 600)], 0, "overlaps session 1 "),
        ([bare(NOW + 60, minutes=1)], 0, "overlaps session 1 "),
        ([bare(NOW - DAY, minutes=3 * 24 * 60)], 0, "overlaps session 1 "),
        ([bare(NOW + DAY), bare(NOW + 2 * DAY), bare(NOW + DAY + 899)], 2, "overlaps another session of the file"),
        (
            [bare(NOW + DAY), nursing(1, NOW, id=session(1, NOW).id, revision=9)],
            1,
            r"is a session \(number 1\) already",
        ),
    ],
)
def test_a_record_that_can_not_be_is_named_and_nothing_is_taken(
    store: Store, records: list[Record], index: int, text: str
) -> None:
    store.save([session(1, NOW)], None)
    with pytest.raises(ImportRefusedError, match=text) as refused:
        take(store, *records)
    assert refused.value.index == index
    assert bodies(store) == [session(1, NOW)]
    assert store.outbox == 1


def test_touching_sessions_and_deleted_ones_overlap_nothing(store: Store) -> None:
    store.save([session(1, NOW), session(2, NOW + 5000, deleted=True)], None)
    done = take(store, bare(NOW + 900), bare(NOW - 900), bare(NOW + 5100), bare(NOW + 120, deleted=True))
    assert done.new == 4


def test_a_session_that_is_imported_between_two_joins_their_sittings(store: Store) -> None:
    first, second = session(1, NOW), session(2, NOW + 1900, purpose=Purpose.TREAT)
    store.save([first, second], None)
    done = take(store, bare(NOW + 950))
    assert done == ImportOutcome(new=1, revised=0, unchanged=0, moved=1)
    found = list(store.sessions())
    assert [one.sitting for one in found] == [first.id] * 3
    assert [(one.revision, one.cause) for one in found] == [
        (1, Cause.ENDED), (1, Cause.IMPORTED), (2, Cause.EDITED)
    ]  # fmt: skip
    assert found[2].purpose is Purpose.TREAT
    assert store.outbox == 4


def test_a_session_that_comes_to_another_sitting_takes_its_answer_where_it_had_none(store: Store) -> None:
    head = session(1, NOW, purpose=Purpose.PROTECT, classified_by=ClassifiedBy.BUTTON, classified_at=NOW + 60)
    store.save([head, session(2, NOW + 2400), session(3, NOW + 4800, purpose=Purpose.TREAT)], None)
    take(store, bare(NOW + 1500), bare(NOW + 3900))
    _, between, after, _, answered = store.sessions()
    assert between.purpose is None, "what is imported comes as it is"
    assert (after.number, after.cause, after.revision) == (2, Cause.EDITED, 2)
    assert (after.purpose, after.classified_by, after.classified_at) == ("protect", "sitting", NOW + 60)
    assert (answered.cause, answered.purpose) == (Cause.EDITED, Purpose.TREAT)


def test_a_session_that_an_import_moves_away_leaves_the_others_their_own_sitting(store: Store) -> None:
    first, second, other = session(1, NOW), session(2, NOW + 1000), session(3, NOW + 50 * DAY, sitting="kept as it is")
    store.save([first, replace(second, sitting=first.id), other], None)
    take(store, session(1, NOW - DAY, id=first.id, revision=2))
    found = store.find(second.id)
    assert isinstance(found, Session)
    assert (found.sitting, found.revision) == (second.id, 2)
    assert store.find(other.id) == other  # an import says nothing about sittings that it does not touch


def test_what_has_no_id_is_passed_over_where_its_times_are_held_also_by_a_deleted_one(store: Store) -> None:
    store.save([session(1, NOW, note="mine"), session(2, NOW + DAY, deleted=True), nursing(1, NOW)], None)
    before = bodies(store)
    rows = (bare(NOW, volume_ml=90), bare(NOW + DAY, volume_ml=90), bare_nursing(NOW, effective=False))
    made = weigh(store, rows, now=NOW)
    assert [made.fates[index] for index in range(3)] == [
        (Fate.PASSED_OVER, "session (number 1)"),
        (Fate.PASSED_OVER, "session (number 2)"),
        (Fate.PASSED_OVER, "nursing (number 1)"),
    ]
    assert take(store, *rows) == ImportOutcome(new=0, revised=0, unchanged=0, moved=0)
    assert bodies(store) == before
    longer = bare(NOW + DAY, minutes=16)
    assert take(store, longer, bare_nursing(NOW + 1)).new == 2


def test_what_is_weighed_is_not_written_and_what_is_bad_can_be_left(store: Store) -> None:
    store.save([session(1, NOW)], None)
    rows = (bare(NOW + 60, minutes=1), bare(NOW + DAY), bare(NOW + DAY + 60), nursing(1, NOW, id=session(1, NOW).id))
    made = weigh(store, rows, now=NOW, skip=True)
    assert [made.fates[index][0] for index in range(4)] == [Fate.BAD, Fate.NEW, Fate.BAD, Fate.BAD]
    assert bodies(store) == [session(1, NOW)]
    assert write_planned(store, made, NOW, SITTING_S) == ImportOutcome(new=1, revised=0, unchanged=0, moved=0)
    assert [one.started_at for one in store.sessions()] == [NOW, NOW + DAY]
    assert [one.number for one in store.sessions()] == [1, 2]


spans = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12)


@settings(max_examples=so_many(60))
@given(held=spans, given_=spans, full=st.sets(st.integers(0, 11)))
def test_of_what_overlaps_all_that_can_stand_is_taken_and_the_rest_overlaps_it(
    held: list[tuple[int, int]], given_: list[tuple[int, int]], full: set[int]
) -> None:
    there = [session(number, NOW + at * 60, minutes) for number, (at, minutes) in enumerate(held, 1)]
    rows = [bare(NOW + at * 60, minutes=minutes) for at, minutes in given_]
    wrote = frozenset(index for index in full if index < len(rows))
    for index in wrote:
        rows[index] = replace(rows[index], id=f"full {index}", revision=2)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Store.open(Path(folder) / "one.db")) as store:
        store.save(there, None)
        made = weigh(store, rows, now=NOW, full=wrote, skip=True)
        write_planned(store, made, NOW, SITTING_S)
        standing = list(store.sessions())
    refused = [index for index, (fate, _) in made.fates.items() if fate is Fate.BAD]
    assert not wrote & {*refused}
    new = [one for one in standing if one.cause is Cause.IMPORTED and one.revision == 1]
    for one in new:
        assert not any(overlap(one, other) for other in standing if other is not one)
    for index in refused:
        assert any(overlap(rows[index], other) for other in standing)
    assert len(new) + len(refused) + len(wrote) + made.count(Fate.PASSED_OVER) + made.count(Fate.UNCHANGED) == len(rows)


def overlap(one: Record, other: Record) -> bool:
    assert isinstance(one, Session)
    assert isinstance(other, Session)
    return max(one.started_at, other.started_at) < min(one.ended_at or 0, other.ended_at or 0)


optional = st.none() | st.integers(0, 2000)


@st.composite
def a_record(draw: st.DrawFn) -> list[Record]:
    """Some weeks: sessions that don't overlap, nursings, deleted ones of both, with anything in their fields."""
    at, made = NOW, list[Record]()
    for number in range(1, draw(st.integers(0, 12)) + 1):
        at += draw(st.integers(0, 5000))
        minutes = draw(st.integers(0, 90))
        purpose = draw(st.none() | st.sampled_from(Purpose))
        one = session(
            number, at, minutes, purpose=purpose, revision=draw(st.integers(1, 9)), cause=draw(st.sampled_from(Cause)),
            note=draw(st.none() | st.text(max_size=40)), volume_ml=draw(optional), left_ml=draw(optional),
            cycles_per_minute=draw(optional), clock=draw(st.sampled_from(Clock)), deleted=draw(st.booleans()),
            sources=tuple(draw(st.lists(st.sampled_from(Source), max_size=3))), stuck_sensor=draw(st.booleans()),
            intention=draw(st.none() | st.sampled_from(Intention)),
        )  # fmt: skip
        at += minutes * 60
        made.append(one)
        if draw(st.booleans()):
            made.append(nursing(number, at, effective=draw(st.booleans()), deleted=draw(st.booleans())))
    return made


@settings(max_examples=so_many(40))
@given(records=a_record(), dice=st.randoms(use_true_random=False))
def test_an_export_that_is_imported_elsewhere_is_the_same_record(records: list[Record], dice: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.closing(Store.open(Path(folder) / "one.db")) as one:
            take(one, *records)
            exported = list(one.records())
            assert len(exported) == len(records)
            assert take(one, *exported).new == 0
            assert list(one.records()) == exported
        dice.shuffle(exported)
        with contextlib.closing(Store.open(Path(folder) / "other.db")) as other:
            assert take(other, *exported).new == len(exported)
            assert {each.id: each for each in other.records()} == {each.id: each for each in exported}
            take(other, *exported[: len(exported) // 2])
            assert {each.id: each for each in other.records()} == {each.id: each for each in exported}
            assert other.outbox == len(exported)
