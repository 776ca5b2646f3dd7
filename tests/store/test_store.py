"""The record in the store: what is written comes back as it was, in order, once, whatever it costs to read.

On real files.
"""

import contextlib
import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.events import History
from device.core.model.record import (
    Anchor,
    Cause,
    ClassifiedBy,
    Clock,
    Context,
    Facts,
    Intention,
    MilkMove,
    Nursing,
    Place,
    Purpose,
    Reason,
    Record,
    Session,
    Source,
    Suggestion,
)
from device.store.copies import keep_fact_beside
from device.store.records import Store
from device.store.rows import body_of
from device.store.salvage import HEAD, PAGE
from tests.support.effort import so_many
from tests.support.kept import DAY, NOW, a_life, bodies, nursing, progress, running, session

MANY = so_many(20_000, least=3000)
FIRST = (1 << 53, 0)
"""Where the first page of history begins."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pump.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with contextlib.closing(Store.open(path)) as opened:
        yield opened


def test_a_record_and_its_revisions_come_back_as_they_were(store: Store, path: Path) -> None:
    made = [one for one, _ in a_life(1, NOW) if one is not None]
    for one in made:
        store.save([one], None)
    assert bodies(store) == made
    assert store.find(made[0].id) == made[-1]
    with contextlib.closing(Store.open(path, read_only=True)) as reader:
        assert reader.find(made[0].id) == made[-1]
        assert [record for _, record in reader.outbox_head(100)] == made


def test_a_suggestion_of_before_there_were_facts_stays_without_them_beside_one_that_has_some(store: Store) -> None:
    said = Suggestion(Purpose.PROTECT, None, Context.BELOW_BASELINE, "5 of 8 stimulations in 24 h")
    before = session(1, NOW, suggestion=said)
    after = session(2, NOW + DAY, suggestion=replace(said, facts=Facts(5, 8)))
    store.save([before, after], None)
    old, new = (body for (body,) in store.db.execute("SELECT body FROM log ORDER BY seq"))
    assert '"because":"5 of 8 stimulations in 24 h"}' in old
    assert '"because":"5 of 8 stimulations in 24 h","facts":{"stimulations":5,"baseline":8}}' in new
    assert bodies(store) == [before, after]


def test_a_save_that_is_repeated_changes_nothing(store: Store) -> None:
    batch: list[Record] = [
        running(1, NOW),
        replace(running(1, NOW), revision=2, cause=Cause.CLASSIFIED),
        nursing(1, NOW),
    ]
    store.save(batch, None)
    store.save(batch, None)
    assert bodies(store) == batch
    assert (store.outbox, store.conflicts) == (3, 0)


def test_a_revision_never_has_two_contents(store: Store) -> None:
    store.save([session(1, NOW)], None)
    store.save([session(1, NOW, volume_ml=90)], None)
    assert store.find(session(1, NOW).id) == session(1, NOW)
    assert store.conflicts == 1


def test_records_leave_the_outbox_only_when_acknowledged_and_in_order(store: Store, path: Path) -> None:
    made = [session(number, NOW + number * DAY) for number in range(1, 8)]
    store.save(made, None)
    head = store.outbox_head(3)
    assert [record for _, record in head] == made[:3]
    assert [record for _, record in store.outbox_head(2, after=head[-1][0])] == made[3:5]
    seqs = [seq for seq, _ in store.outbox_head(10)]
    store.acknowledged([seqs[0], seqs[2]])
    assert [record for _, record in store.outbox_head(2)] == [made[1], made[3]]
    assert store.outbox == 5
    with contextlib.closing(Store.open(path, read_only=True)) as reader:  # as after a power cut
        assert [record for _, record in reader.outbox_head(10)] == made[1:]
    store.acknowledged([seqs[1], seqs[0], seqs[6] + 1000])
    assert [record for _, record in store.outbox_head(10)] == made[3:]
    store.drop_outbox()
    assert (store.outbox, store.outbox_head(10)) == (0, [])
    assert bodies(store) == made


@settings(max_examples=so_many(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["save", "fail", "acknowledge", "read"]), st.integers(1, 40)), max_size=12))
def test_what_a_commit_hands_on_is_what_waits(tmp_path: Path, life: list[tuple[str, int]]) -> None:
    waiting: dict[int, Record] = {}
    last = 0
    with contextlib.closing(Store.open(Path(tempfile.mkdtemp(dir=tmp_path)) / "pump.db")) as store:
        for act, count in life:
            made = [session(last + 1 + place, NOW + (last + place) * 600, 5) for place in range(count)]
            if act == "save":
                store.save(made, None)
                waiting |= {last + 1 + place: one for place, one in enumerate(made)}
                last += count
            elif act == "fail":
                with contextlib.suppress(KeyboardInterrupt), store.transaction():
                    store.save(made, None)
                    raise KeyboardInterrupt
            elif act == "acknowledge":
                told = [seq for seq in waiting if seq % count == 0][:count]
                store.acknowledged(told)
                waiting = {seq: one for seq, one in waiting.items() if seq not in told}
            for after in (0, max(0, last - count), last - 1):
                behind = [(seq, one) for seq, one in waiting.items() if seq > after]
                assert store.outbox_head(count, after) == behind[:count]


def test_nothing_waits_in_the_outbox_of_a_house_that_publishes_a_summary(store: Store) -> None:
    store.publishing = False
    store.save([session(1, NOW)], None)
    assert store.outbox == 0
    store.publishing = True
    store.save([session(2, NOW + DAY)], None)
    assert [record.number for _, record in store.outbox_head(10)] == [2]


def test_progress_is_kept_with_the_record_and_cleared_with_it(store: Store) -> None:
    one = running(1, NOW)
    store.save([one], progress(one, 0))
    assert store.load(NOW).running == one
    store.checkpoint(progress(one, 30))
    assert store.load(NOW).progress == progress(one, 30)
    store.save([session(1, NOW, revision=2)], None)
    opened = store.load(NOW)
    assert (opened.progress, opened.running) == (None, None)


def test_a_transaction_that_fails_leaves_nothing_behind(store: Store) -> None:
    store.save([session(1, NOW)], None)

    def half() -> None:
        with store.transaction():
            store.save([session(2, NOW + DAY)], progress(session(2, NOW + DAY), 0))
            store.acknowledged([1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert bodies(store) == [session(1, NOW)]
    assert [seq for seq, _ in store.outbox_head(9)] == [1]
    assert store.load(NOW).progress is None
    store.save([session(2, NOW + DAY)], None)
    assert [record.number for _, record in store.outbox_head(9)] == [1, 2]


def test_facts_are_kept_also_beside_a_daemon(store: Store, path: Path) -> None:
    store.keep_fact("announced", "pump homeassistant")
    keep_fact_beside(path, "unannounced", "1")
    assert (store.fact("announced"), store.fact("unannounced"), store.fact("other")) == (
        "pump homeassistant",
        "1",
        None,
    )
    store.keep_fact("announced", None)
    assert store.fact("announced") is None
    store.keep_fact("baseline", "9 8")
    assert store.load(NOW).baseline == (9, 8)


def test_what_the_core_starts_from(store: Store) -> None:
    old = [session(number, NOW - (60 - number) * DAY) for number in range(1, 30)]
    fresh = [session(number, NOW - (44 - number) * DAY) for number in range(30, 44)]
    deleted = session(44, NOW - DAY // 2, deleted=True)
    fed = [nursing(1, NOW - 100 * DAY), nursing(2, NOW - 3 * DAY, deleted=True), nursing(3, NOW - 2 * DAY + 3600)]
    store.save([*old, *fresh, deleted, *fed], None)
    opened = store.load(NOW)
    assert opened.sessions == (*fresh, deleted)
    assert opened.nursings == tuple(fed[1:])
    assert opened.last == fresh[-1]
    assert [type(one).__name__[0] + str(one.number) for one in opened.newest] == [
        "S43", "N3", "S42", "S41", "S40", "S39", "S38", "S37", "S36", "N1"
    ]  # fmt: skip
    assert (opened.next_session_number, opened.next_nursing_number) == (45, 4)
    assert opened.first_record_at == NOW - 100 * DAY


def test_the_newest_are_read_in_whole_sittings_with_the_last_stimulations_however_old(store: Store) -> None:
    head = session(1, NOW - 90 * DAY + 600).id
    sitting = [session(number, NOW - 90 * DAY + 600 * number, sitting=head, counted=True) for number in range(1, 31)]
    short = [session(number, NOW - 80 * DAY + 9000 * number, counted=False) for number in range(31, 40)]
    fed = [nursing(1, NOW - 70 * DAY, effective=True)]
    fed += [nursing(number, NOW - 60 * DAY + number, effective=False) for number in range(2, 12)]
    store.save([*sitting, *short, *fed], None)
    found, first = store.newest()
    assert first == sitting[0].started_at
    expected: list[Record] = [*sitting, *short[1:], fed[0], *fed[-8:]]
    assert {one.id for one in found} == {one.id for one in expected}
    store.save([replace(one, revision=2, deleted=True) for one in short], None)
    assert {one.id for one in store.newest()[0] if isinstance(one, Session)} == {one.id for one in sitting}


@pytest.mark.parametrize("clock", [0, NOW - 400 * DAY, NOW + 400 * DAY])
def test_a_clock_that_is_years_off_hides_no_record_and_asks_for_few(store: Store, clock: int) -> None:
    made = [session(number, NOW - (400 - number) * DAY) for number in range(1, 401)]
    store.save(made, None)
    opened = store.load(clock)
    assert set(opened.sessions) >= set(made[-15:])
    assert len(opened.sessions) <= 50


def test_records_that_wait_for_the_clock_are_among_what_the_core_starts_from(store: Store) -> None:
    unsynced = [session(1, 100, clock=Clock.UNSYNCED), session(3, 90_000_000, clock=Clock.UNSYNCED)]
    fed = nursing(1, 200, clock=Clock.UNSYNCED)
    store.save([*unsynced, fed, session(2, NOW)], None)
    opened = store.load(NOW)
    assert opened.sessions == (*unsynced, session(2, NOW))
    assert opened.nursings == (fed,)
    store.save([replace(unsynced[0], revision=2, started_at=NOW - 200 * DAY, clock=Clock.SYNCED)], None)
    assert store.load(NOW).sessions == (unsynced[1], session(2, NOW))


def test_what_a_persons_clock_has_dated_waits_for_the_systems_as_well(store: Store) -> None:
    here = Anchor("boot-1", 5.0)
    move = MilkMove(Place.FRIDGE, NOW - 99 * DAY, anchor=here)
    made = [
        session(1, NOW - 100 * DAY, told=True, anchor=here),
        session(2, NOW - 99 * DAY, answered=here),
        session(3, NOW - 98 * DAY, intention=Intention.FEED, milk_began=Intention.FEED, milk_moves=(move,)),
        session(4, NOW - 97 * DAY),
        session(5, NOW),
    ]
    fed = nursing(1, NOW - 100 * DAY, told=True, anchor=here)
    store.save([*made, fed], None)
    opened = store.load(NOW)
    assert [record.number for record in opened.sessions] == [1, 2, 3, 5]
    assert opened.nursings == (fed,)


def test_a_revision_with_all_answers_fits_in_a_page_so_that_a_page_that_is_lost_takes_no_other(store: Store) -> None:
    facts = Facts(stimulations=5, baseline=8)
    because = "5 of 8 stimulations in 24 h"
    suggestion = Suggestion(
        Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING, Context.BELOW_BASELINE, because=because, facts=facts
    )
    whole = session(
        412, NOW, revision=3, purpose=Purpose.PROTECT, reason=Reason.IN_PLACE_OF_NURSING, suggestion=suggestion,
        classified_by=ClassifiedBy.DASHBOARD, classified_at=NOW, answer=12, intention=Intention.FRIDGE,
        use_by=NOW, expectation_ml=90, volume_ml=85, volume_by_hand=True,
        cycles_per_minute=54, sources=(Source.GPIO, Source.SERIAL),
        anchor=Anchor("0123456789abcdef0123456789abcdef", 3456.789, 4456.789),
    )  # fmt: skip
    store.save([whole], None)
    assert store.find(whole.id) == whole
    assert len(body_of(whole).encode()) + HEAD <= PAGE - 35  # fileformat2.html 1.6: what of a row stays on its leaf


def test_a_revision_of_layout_2_that_comes_again_is_no_other_though_it_said_more(store: Store) -> None:
    there = session(1, NOW)
    store.save([there], None)
    with store.transaction():
        store.db.execute("UPDATE log SET body = ?", (msgspec.json.encode(there).decode(),))
    store.save([there], None)
    assert store.conflicts == 0
    store.save([replace(there, volume_ml=7)], None)
    assert store.conflicts == 1


def test_around_a_time_are_its_neighbours_and_whoever_reaches_in(store: Store) -> None:
    long = session(1, NOW - 5 * DAY, minutes=4.5 * 24 * 60)  # a stuck sensor
    made = [long, session(2, NOW + 60), session(3, NOW + DAY // 2, deleted=True), session(4, NOW + 3 * DAY)]
    store.save([*made, nursing(1, NOW), nursing(2, NOW - 2 * DAY)], None)
    assert store.around(NOW, NOW + 900) == (long, nursing(1, NOW), made[1], made[2])


# -- the history -----


def pages(store: Store, query: History) -> Iterator[tuple[list[int], list[int]]]:
    """The numbers on each page of `query.limit` sessions and as many nursings."""
    sessions, nursings = FIRST, FIRST
    while found := store.history(query, sessions, nursings, query.limit):
        on_page = [one for one in found if isinstance(one, Session)]
        fed = [one for one in found if isinstance(one, Nursing)]
        yield [one.number for one in on_page], [one.number for one in fed]
        before = (sessions, nursings)
        sessions = (on_page[-1].started_at, on_page[-1].number) if on_page else (0, 0)
        nursings = (fed[-1].at, fed[-1].number) if fed else (0, 0)
        assert (sessions, nursings) < before  # it gets on


def test_history_gives_each_list_newest_first_up_to_its_limit(store: Store) -> None:
    sessions = [session(number, NOW + number * 3600) for number in range(1, 8)]
    nursings = [nursing(number, NOW - number * 3600) for number in range(1, 4)]
    store.save([*sessions, *nursings], None)
    assert list(pages(store, History(limit=3))) == [([7, 6, 5], [1, 2, 3]), ([4, 3, 2], []), ([1], [])]


def test_history_takes_every_filter(store: Store) -> None:
    store.save(
        [
            session(1, NOW, purpose=Purpose.TREAT),
            session(2, NOW + 3600, revised_at=NOW + 90 * DAY),
            session(3, NOW + 7200, deleted=True),
            session(4, NOW + 9000, counted=False),
            running(5, NOW + 10_800),
            nursing(1, NOW + 1800),
        ],
        None,
    )

    def numbers(**fields: Any) -> tuple[list[int], list[int]]:
        return next(pages(store, replace(History(), **fields)), ([], []))

    assert numbers() == ([5, 4, 2, 1], [1])
    assert numbers(deleted=True) == ([5, 4, 3, 2, 1], [1])
    assert numbers(since=NOW + 3600) == ([5, 4, 2], [])
    assert numbers(until=NOW + 3600) == ([1], [1])
    assert numbers(revised_since=NOW + 80 * DAY) == ([2], [])
    assert numbers(unclassified=True) == ([5, 4, 2], [])


def test_records_that_begin_together_are_paged_once_each(store: Store) -> None:
    store.save([nursing(number, NOW) for number in (3, 1, 2, 7, 5, 4, 6)], None)
    assert [number for page in pages(store, History(limit=2)) for number in page[1]] == [7, 6, 5, 4, 3, 2, 1]


# -- large ----


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with contextlib.closing(a_record_of(MANY, tmp_path_factory.mktemp("large") / "pump.db")) as store:
        yield store


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with contextlib.closing(a_record_of(200, tmp_path_factory.mktemp("few") / "pump.db")) as store:
        yield store


def a_record_of(sessions: int, path: Path) -> Store:
    """So many sessions, eight a day up to now, and a nursing after every tenth."""
    store = Store.open(path)
    with store.transaction():
        for number in range(1, sessions + 1):
            store.save([session(number, NOW - (sessions - number) * 10_800, purpose=Purpose.PROTECT)], None)
            if number % 10 == 0:
                store.save([nursing(number // 10, NOW - (sessions - number) * 10_800 + 7_000)], None)
    return store


def steps(store: Store, do: Callable[[Store], object]) -> int:
    """What SQLite had to do for it, in tens of its own instructions: the same on a machine that is busy."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    store.db.set_progress_handler(tick, 10)
    do(store)
    store.db.set_progress_handler(None, 0)
    return count


COSTS: dict[str, Callable[[Store], object]] = {
    "load": lambda store: store.load(NOW),
    "first page": lambda store: store.history(History(), FIRST, FIRST, 15),
    "around": lambda store: store.around(NOW - 3 * DAY, NOW - 3 * DAY),
    "find": lambda store: store.find(session(1, NOW).id),
    "outbox": lambda store: store.outbox_head(100),
}


@pytest.mark.parametrize("name", COSTS)
def test_what_is_read_costs_at_thousands_of_records_what_it_costs_at_few(large: Store, few: Store, name: str) -> None:
    at_few, at_many = (steps(store, COSTS[name]) for store in (few, large))
    print(f"{name}: {at_many} steps at {MANY} records, {at_few} at 200")
    assert at_many <= 1.3 * at_few + 2


def test_thousands_of_records_are_paged_whole_in_bounded_memory(large: Store) -> None:
    next(pages(large, History(limit=300)))
    tracemalloc.start()
    sessions = nursings = count = 0
    for on_page, fed in pages(large, History(limit=300)):
        assert on_page == list(range(MANY - sessions, MANY - sessions - len(on_page), -1))
        sessions, nursings, count = sessions + len(on_page), nursings + len(fed), count + 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{count} pages, at most {peak / 1024:.0f} KiB at once")
    assert (sessions, nursings) == (MANY, MANY // 10)
    assert peak < 2_000_000


def test_a_session_writes_at_most_three_times_what_its_bytes_alone_would(tmp_path: Path) -> None:
    lives = [list(a_life(number, NOW + number * 20_000)) for number in range(1, 11)]
    with contextlib.closing(Store.open(tmp_path / "pump.db")) as store:
        base = written()
        for life in lives:
            for one, standing in life:
                if one is not None:
                    store.save([one], standing)
                    store.acknowledged([seq for seq, _ in store.outbox_head(9)])
                elif standing is not None:
                    store.checkpoint(standing)
    ours, base = written() - base, written()
    floor_file = os.open(tmp_path / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for life in lives:
        for one, standing in life:
            os.write(floor_file, msgspec.json.encode(one or standing))
            os.fdatasync(floor_file)
    os.close(floor_file)
    floor = written() - base
    if not floor:
        pytest.skip("this file system does not count what is written")
    print(f"a session: {ours / len(lives) / 1024:.0f} KiB written, {ours / floor:.2f} times its bytes alone")
    assert ours <= 3 * floor


def written() -> int:
    """What this process has had the kernel write to disks so far, in bytes (proc(5), /proc/pid/io)."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("write_bytes")))
