"""The store's thread: every request is answered once and in order, also over a full disk, a stop, or a kill.

The disk is full for real: by SQLite's own limit on the file, and on a small file system where one may be mounted.
"""

import contextlib
import os
import queue
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from device.core.model.effects import Checkpoint, Fetch, KeepBaseline, ReadHistory, Refill, Save
from device.core.model.events import (
    Counted,
    Event,
    Fetched,
    History,
    NotStored,
    Order,
    OutboxChanged,
    RecordRead,
    Refilled,
    Start,
    StoreChanged,
    Stored,
    StoreState,
)
from device.core.model.record import Progress, Record
from device.store import file as record_file
from device.store.records import Opened, Store, StoreError
from device.store.requests import (
    Acknowledged,
    FactsRead,
    HistoryRead,
    KeepFact,
    OutboxRead,
    ReadFacts,
    ReadFailed,
    ReadOutbox,
    Request,
)
from device.store.worker import READS, StoreWorker
from device.wire.gate import Passed
from tests.support.kept import DAY, NOW, bodies, nursing, progress, running, session

PATIENCE_S = 60
E = TypeVar("E", bound=Event)


class Asker:
    """The other side: hands over requests and takes the answers in the order in which they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store.open(path)
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.refuses: StoreError | None = None
        self.worker = StoreWorker(self.open, self.events.put, self, self.page)
        self.unwritten: int | None = None

    def now(self) -> float:
        return 12.5

    def open(self, suspect: bool) -> tuple[Store, Opened]:
        """The store that is open already, the first time; then the file again."""
        if self.refuses is not None:
            raise self.refuses
        try:
            self.store.fact("open")
        except StoreError:  # it was closed
            self.store = Store.open(self.path, suspect=suspect)
        try:
            return self.store, self.store.load(NOW)
        except StoreError:
            self.store.let_go()
            raise

    def page(self, store: Store, asked: ReadHistory) -> Passed:
        records = store.history(asked.command, (1 << 53, 0), (1 << 53, 0), asked.command.limit)
        return Passed(b" ".join(b"%d" % record.number for record in records))

    def ask(self, *requests: Request) -> None:
        for one in requests:
            assert self.worker.offer(one)

    def wait_for(self, kind: type[E], wanted: Callable[[E], bool] = lambda _: True) -> E:
        """The next event that is wanted; those before it are of no interest."""
        while True:
            event = self.events.get(timeout=PATIENCE_S)
            if isinstance(event, kind) and wanted(event):
                return event

    def stop(self) -> list[Event]:
        """Stop the worker; what it still said."""
        self.unwritten = self.worker.stop(PATIENCE_S)
        left = []
        with contextlib.suppress(queue.Empty):
            while True:
                left.append(self.events.get_nowait())
        return left


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    made = Asker(tmp_path / "pump.db")
    yield made
    if made.unwritten is None:
        made.worker.start() if not made.worker._thread.ident else None
        made.stop()


def save(batch: int, **fields: Any) -> Save:
    return Save(batch, (session(batch, NOW + batch * DAY, **fields),), None)


def numbers(path: Path) -> list[int]:
    with contextlib.closing(Store.open(path)) as store:
        return [one.number for one in bodies(store)]


def test_each_batch_is_said_to_be_stored_in_order_and_is(asker: Asker) -> None:
    asker.ask(*(save(batch) for batch in range(1, 101)))
    asker.worker.start()
    said = [event.batch for event in asker.stop() if isinstance(event, Stored)]
    assert said == list(range(1, 101))
    assert asker.unwritten == 0
    assert numbers(asker.path) == list(range(1, 101))


def test_saves_that_wait_together_share_a_commit(asker: Asker) -> None:
    statements: list[str] = []
    asker.store.load(NOW)  # which keeps the seed of its ids
    asker.store.db.set_trace_callback(statements.append)
    asker.ask(*(save(batch) for batch in range(1, 31)))
    asker.worker.start()
    asker.wait_for(Stored, lambda event: event.batch == 30)
    assert statements.count("COMMIT") == 1


def test_a_question_too_many_and_whatever_comes_after_the_stop_stays_with_the_caller(asker: Asker) -> None:
    asker.ask(*(ReadHistory(History(), Order(str(number)), NOW) for number in range(READS)))
    assert not asker.worker.offer(ReadHistory(History(), Order("one more"), NOW))
    asker.ask(save(1))
    asker.worker.start()
    asker.stop()
    assert not asker.worker.offer(save(2))
    assert numbers(asker.path) == [1]


def test_the_devices_own_questions_have_their_place_however_many_others_ask_and_one_of_a_kind_waits(
    asker: Asker,
) -> None:
    asker.ask(*(ReadHistory(History(), Order(str(number)), NOW) for number in range(READS)))
    for after in range(1000):
        asker.ask(ReadFacts(("key",)), ReadOutbox(after, 100), Refill())
    assert len(asker.worker._reads) == READS + 3
    asker.ask(ReadOutbox(0, 100), save(1))
    asker.worker.start()
    assert asker.wait_for(FactsRead).facts == {"key": None}
    asker.wait_for(OutboxRead)
    asker.stop()


def test_of_writes_but_batches_one_of_a_kind_waits_however_many_come(asker: Asker) -> None:
    one = running(1, NOW)
    asker.ask(Save(1, (one, *(session(n, NOW + n * DAY) for n in range(2, 6))), progress(one, 0)))
    for second in range(1000):
        asker.ask(Checkpoint(progress(one, second)), KeepFact("protocol", str(second)), Acknowledged((1 + second % 4,)))
    assert len(asker.worker._writes) == 4
    asker.worker.start()
    asker.stop()
    with contextlib.closing(Store.open(asker.path)) as store:
        assert (store.load(NOW).progress, store.fact("protocol")) == (progress(one, 999), "999")
        assert [record.number for _, record in store.outbox_head(9)] == [5]


def test_writes_go_before_questions_and_a_question_comes_between_commits(asker: Asker) -> None:
    questions = [ReadHistory(History(), Order(str(number)), NOW) for number in range(READS)]
    asker.ask(*questions, *(save(batch) for batch in range(1, 81)))
    asker.worker.start()
    said = [asker.wait_for(Event, lambda one: isinstance(one, Stored | HistoryRead)) for _ in range(82)]
    kinds = [type(one).__name__ for one in said]
    assert (kinds.index("HistoryRead"), kinds[65:81]) == (64, ["Stored"] * 16)
    asker.stop()


def test_a_stop_writes_what_waits_and_leaves_the_questions(asker: Asker) -> None:
    asker.ask(*(ReadHistory(History(), Order(str(number)), NOW) for number in range(READS)), save(1))
    asker.worker.stop(0)  # not started yet: what a daemon sees whose disk hangs
    asker.worker.start()
    left = asker.stop()
    assert [one.batch for one in left if isinstance(one, Stored)] == [1]
    assert not [one for one in left if isinstance(one, HistoryRead)]
    assert (asker.unwritten, numbers(asker.path)) == (0, [1])


def test_events_carry_the_instant_that_they_are_given(asker: Asker) -> None:
    asker.worker.start()
    asker.ask(save(1))
    assert asker.wait_for(Stored) == Stored(12.5, 1)


def test_the_outbox_is_read_as_soon_as_there_is_something_in_it(asker: Asker) -> None:
    asker.worker.start()
    assert asker.wait_for(OutboxChanged).waiting == 0
    asker.ask(ReadOutbox(0, 10), KeepFact("other", "work"), save(1))
    assert asker.wait_for(Stored).batch == 1
    assert asker.wait_for(OutboxChanged).waiting == 1
    rows = asker.wait_for(OutboxRead).rows
    assert [record.number for _, record in rows] == [1]
    asker.ask(save(2), Save(3, (nursing(1, NOW),), None), ReadOutbox(rows[0][0], 10))
    assert [type(record).__name__ for _, record in asker.wait_for(OutboxRead).rows] == ["Session", "Nursing"]
    asker.ask(Acknowledged((rows[0][0],)))
    assert asker.wait_for(OutboxChanged, lambda event: event.waiting < 3).waiting == 2


def test_facts_baseline_and_progress_are_kept(asker: Asker) -> None:
    one = running(1, NOW)
    asker.worker.start()
    asker.ask(Save(1, (one,), progress(one, 0)), Checkpoint(progress(one, 30)), KeepBaseline(2, 9, 8))
    asker.ask(KeepFact("protocol", "5"), ReadFacts(("protocol", "none")))
    assert asker.wait_for(Stored, lambda event: event.batch == 2)
    assert asker.wait_for(FactsRead).facts == {"protocol": "5", "none": None}
    asker.stop()
    with contextlib.closing(Store.open(asker.path)) as store:
        opened = store.load(NOW)
        assert (opened.running, opened.progress, opened.baseline) == (one, progress(one, 30), (9, 8))


def test_a_fetch_brings_the_record_and_its_neighbours_or_those_around_a_span(asker: Asker) -> None:
    asker.worker.start()
    asker.ask(*(save(batch) for batch in range(1, 10)))
    order = Order("a request")
    asker.ask(Fetch(Start(), order, record=session(4, NOW + 4 * DAY).id))
    found = asker.wait_for(Fetched)
    assert ([one.number for one in found.records], found.order) == ([4, 3, 5], order)
    asker.ask(Fetch(Start(), order, record="nobody"), Fetch(Start(), order, span=(NOW, NOW + 60)))
    assert asker.wait_for(Fetched).records == ()
    assert [one.number for one in asker.wait_for(Fetched).records] == [1]


def test_a_history_is_made_into_a_page_on_the_workers_thread(asker: Asker) -> None:
    asker.worker.start()
    asked = ReadHistory(History(limit=2), Order("h"), NOW)
    asker.ask(save(1), save(2), save(3), asked)
    assert asker.wait_for(HistoryRead) == HistoryRead(12.5, asked, Passed(b"3 2"))


def test_a_revision_with_two_contents_is_counted(asker: Asker) -> None:
    asker.worker.start()
    asker.ask(save(1), save(1, note="another"))
    assert asker.wait_for(Counted).name == "revision_conflict"


# -- a disk that refuses ---------------------------------------------------------------------------------------


def fill(store: Store) -> None:
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count = {pages}")


def make_room(store: Store) -> None:
    store.db.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_is_said_once_and_what_waited_is_written_in_order_when_there_is_room(asker: Asker) -> None:
    fill(asker.store)
    asker.worker.start()
    asker.ask(*(save(batch, note="x" * 500) for batch in range(1, 4)))
    event = asker.wait_for(StoreChanged)
    assert event.state is StoreState.FULL
    assert event.why == f"{asker.path}: the disk is full; make room, and what waits is written"
    asker.ask(save(4), Fetch(Start(), Order("f"), record=session(4, NOW + 4 * DAY).id), save(5))
    asker.ask(ReadHistory(History(), Order("h"), NOW), ReadFacts(("key",)))
    assert asker.wait_for(HistoryRead).page == b""  # what is durable is read all the while
    assert asker.wait_for(FactsRead).facts == {"key": None}
    make_room(asker.store)
    assert asker.wait_for(StoreChanged) == StoreChanged(12.5, StoreState.OK)
    assert [asker.wait_for(Stored).batch for _ in range(5)] == [1, 2, 3, 4, 5]
    assert [one.number for one in asker.wait_for(Fetched).records] == [4, 3, 5]
    assert not [event for event in asker.stop() if isinstance(event, StoreChanged)]
    assert numbers(asker.path) == [1, 2, 3, 4, 5]


def test_a_stop_while_the_disk_refuses_says_how_much_could_not_be_written(asker: Asker) -> None:
    asker.worker.start()
    asker.ask(save(1))
    asker.wait_for(Stored)
    fill(asker.store)
    asker.ask(save(2, note="x" * 500))
    asker.wait_for(StoreChanged)
    asker.ask(save(3))
    asker.stop()
    assert asker.unwritten == 2
    assert numbers(asker.path) == [1]


def test_a_stop_tries_once_more(asker: Asker) -> None:
    fill(asker.store)
    asker.worker.start()
    asker.ask(save(1, note="x" * 500))
    asker.wait_for(StoreChanged)
    make_room(asker.store)
    asker.stop()
    assert asker.unwritten == 0
    assert numbers(asker.path) == [1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of one megabyte."""
    place = tmp_path / "card"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_card_that_fills_up_loses_nothing_that_was_said_to_be_stored(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(700_000))
    asker = Asker(small_disk / "pump.db")
    asker.worker.start()
    said: list[int] = []
    batch = 0
    while True:
        batch += 1
        asker.ask(save(batch, note="x" * 500))
        event = asker.wait_for(Event, lambda event: isinstance(event, Stored | StoreChanged))
        if isinstance(event, StoreChanged):
            break
        assert isinstance(event, Stored)
        said.append(event.batch)
    assert event.state is StoreState.FULL
    assert len(said) > 10
    ballast.unlink()
    assert asker.wait_for(StoreChanged).state is StoreState.OK
    asker.ask(save(batch + 1))
    asker.wait_for(Stored, lambda event: event.batch == batch + 1)
    asker.stop()
    assert asker.unwritten == 0
    assert numbers(asker.path) == list(range(1, batch + 2))


def test_where_the_disk_was_taken_out_no_second_record_is_begun_in_the_bare_folder(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.worker.start()
    asker.ask(save(1))
    asker.wait_for(Stored)
    card, looked, bare = tmp_path / "card", queue.SimpleQueue[int](), record_file.disk_of(asker.path) + 1
    card.mkdir()

    def disk_of(_path: Path) -> int:
        looked.put(bare)
        return bare

    with monkeypatch.context() as patch:
        patch.setattr(record_file, "disk_of", disk_of)
        for part in tmp_path.glob("pump.db*"):
            part.rename(card / part.name)
        asker.ask(save(2))
        assert "its disk was taken out; put it back" in asker.wait_for(StoreChanged).why
        for _ in range(2):  # the second look comes after all that the first led to
            looked.get(timeout=PATIENCE_S)
        assert list(tmp_path.iterdir()) == [card]
        for part in card.iterdir():
            part.rename(tmp_path / part.name)
    assert asker.wait_for(Stored).batch == 2
    asker.stop()
    assert numbers(asker.path) == [1, 2]


def surprise(*_given: object) -> NoReturn:
    raise RuntimeError("odd")


def test_an_error_that_nobody_foresaw_is_said_and_the_next_try_opens_the_record_anew(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asker.worker.start(PATIENCE_S)
    monkeypatch.setattr(asker.store, "save", surprise)  # of this opening alone
    asker.ask(save(1))
    changed = asker.wait_for(StoreChanged)
    assert changed.state is StoreState.FAILING
    assert changed.why == "an error of the device itself (RuntimeError('odd')); please report it"
    assert asker.wait_for(StoreChanged).state is StoreState.OK
    assert asker.wait_for(RecordRead).again
    assert asker.wait_for(Stored).batch == 1
    asker.stop()
    assert (asker.unwritten, numbers(asker.path)) == (0, [1])
    (said,) = [line for line in caplog.records if line.exc_info]
    assert said.exc_info is not None
    assert isinstance(said.exc_info[1], RuntimeError)


def test_a_write_that_meets_it_each_time_is_given_up_and_the_others_are_kept(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_all = Store.save

    def save_most(store: Store, records: Iterable[Record], progress: Progress | None) -> None:
        if any(record.number == 2 for record in records):
            surprise()
        save_all(store, records, progress)

    monkeypatch.setattr(Store, "save", save_most)
    asker.ask(save(1), save(2), save(3), KeepFact("seed", "ab" * 16))
    asker.worker.start(PATIENCE_S)
    said: list[Stored | NotStored] = []
    while len(said) < 3:
        event = asker.wait_for(Event, lambda event: isinstance(event, Stored | NotStored))
        assert isinstance(event, Stored | NotStored)
        said.append(event)
    assert {event.batch for event in said if isinstance(event, NotStored)} == {2}
    asker.ask(save(4))
    asker.wait_for(Stored, lambda event: event.batch == 4)
    asker.stop()
    assert (asker.unwritten, numbers(asker.path)) == (0, [1, 3, 4])
    with contextlib.closing(Store.open(asker.path)) as store:
        assert store.fact("seed") == "ab" * 16


def test_a_read_that_meets_it_is_answered_so_and_the_thread_goes_on(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asker.worker.start(PATIENCE_S)
    monkeypatch.setattr(asker.worker, "_page", surprise)
    asker.ask(ReadHistory(History(), Order("odd"), NOW))
    assert "RuntimeError('odd')" in asker.wait_for(ReadFailed).error
    asker.ask(ReadHistory(History(), Order("odd again"), NOW))
    asker.wait_for(ReadFailed)
    assert len([line for line in caplog.records if line.exc_info]) == 1
    tries: list[Callable[..., object]] = [surprise, surprise, Store.save]

    def save_late(*given: object) -> None:
        tries.pop(0)(*given)

    monkeypatch.setattr(Store, "save", save_late)  # what reads met is no reason to give it up
    asker.ask(save(1))
    assert isinstance(asker.wait_for(Event, lambda event: isinstance(event, Stored | NotStored)), Stored)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # as it is in the journal
def test_a_thread_that_is_ended_all_the_same_says_so_and_takes_nothing_more(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_given: object) -> NoReturn:
        raise SystemExit("odd")

    asker.worker.start(PATIENCE_S)
    monkeypatch.setattr(asker.store, "save", ended)
    asker.ask(save(1))
    changed = asker.wait_for(StoreChanged, lambda event: event.state is StoreState.FAILING)
    assert changed.why == "the store's thread ended: SystemExit('odd')"
    asker.stop()
    assert not asker.worker.offer(save(2))
    assert asker.unwritten == 1


def test_damage_that_the_opening_meets_is_repaired_before_anybody_is_told(asker: Asker) -> None:
    asker.store.save([session(number, NOW + number * DAY) for number in range(1, 4)], None)
    asker.store.save([session(2, NOW + 2 * DAY, revision=2)], None)
    asker.store.db.execute("PRAGMA secure_delete = ON")  # else the good one is found on its old place
    asker.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    asker.store.db.execute("UPDATE log SET body = replace(body, 'gpio', 'gpip') WHERE seq = 4")
    asker.store.close()
    asker.worker.start()
    asker.ask(ReadHistory(History(), Order("h"), NOW), ReadOutbox(0, 9))
    read = asker.wait_for(RecordRead)
    assert ([(one.revision, highest) for one, highest in read.to_give_out], read.again) == ([(1, 2)], False)
    assert [record.number for _, record in asker.wait_for(OutboxRead).rows] == [1, 2, 3]
    asker.ask(save(9))
    assert asker.wait_for(Stored).batch == 9
    asker.stop()
    assert asker.unwritten == 0


def test_damage_that_nobody_reads_is_found_when_nothing_else_is_to_be_done(asker: Asker) -> None:
    asker.store.save([session(1, NOW), session(1, NOW, revision=2)], None)
    asker.store.db.execute("PRAGMA secure_delete = ON")
    asker.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    asker.store.db.execute("UPDATE log SET body = replace(body, 'gpio', 'gpip') WHERE seq = 1")
    asker.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    asker.worker.start()
    assert asker.wait_for(RecordRead, lambda read: read.again).set_aside == 1
    asker.stop()


def test_a_record_that_can_not_be_opened_is_tried_again_and_what_waits_is_answered_or_written(asker: Asker) -> None:
    asker.store.close()
    asker.refuses = StoreError("pump.db: the folder is gone")
    asker.worker.start()
    assert asker.wait_for(StoreChanged) == StoreChanged(12.5, StoreState.FAILING, "pump.db: the folder is gone")
    asker.ask(ReadHistory(History(), Order("h"), NOW), ReadFacts(("announced_as",)), ReadOutbox(0, 9), save(1))
    assert "can't be opened now" in asker.wait_for(ReadFailed).error
    assert asker.wait_for(FactsRead).facts == {"unannounced": "yes"}  # so that nobody announces what nobody knows of
    asker.refuses = None
    assert asker.wait_for(StoreChanged).state is StoreState.OK
    assert not asker.wait_for(RecordRead).again
    assert asker.wait_for(Stored).batch == 1
    assert len(asker.wait_for(OutboxRead).rows) == 1


def test_a_refill_that_could_not_be_read_is_answered_after_the_next_commit(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def newest(_store: Store) -> NoReturn:
        raise StoreError("pump.db: disk I/O error")

    asker.worker.start()
    with monkeypatch.context() as broken:
        broken.setattr(Store, "newest", newest)
        asker.ask(Refill())
        asker.wait_for(Counted, lambda counted: counted.name == "store_read")
    asker.ask(save(1))
    assert [record.number for record in asker.wait_for(Refilled).records] == [1]


def test_a_file_that_is_deleted_while_it_is_open_is_written_anew_with_all_that_was_in_it(asker: Asker) -> None:
    asker.worker.start()
    asker.ask(save(1))
    asker.wait_for(Stored)
    for file in asker.path.parent.glob("pump.db*"):
        file.unlink()
    asker.ask(save(2))
    assert "was deleted or replaced" in asker.wait_for(StoreChanged, lambda one: one.state is not StoreState.OK).why
    assert asker.wait_for(RecordRead, lambda read: read.again).repaired_at is not None
    assert asker.wait_for(Stored).batch == 2
    asker.stop()
    assert numbers(asker.path) == [1, 2]


def test_what_the_file_will_never_take_is_said_and_the_rest_is_written(asker: Asker) -> None:
    asker.store.db.execute("CREATE TRIGGER never BEFORE INSERT ON log WHEN NEW.seq = 2 AND NEW.body LIKE '%never%' "
                           "BEGIN SELECT RAISE(ABORT, 'not this one'); END")  # fmt: skip
    asker.ask(save(1), save(2, note="never"), save(3), save(4))
    asker.worker.start()
    assert [asker.wait_for(Event, lambda one: isinstance(one, Stored | NotStored)) for _ in range(4)] == [
        Stored(12.5, 1), NotStored(12.5, 2), Stored(12.5, 3), Stored(12.5, 4)
    ]  # fmt: skip
    asker.stop()
    assert (asker.unwritten, numbers(asker.path)) == (0, [1, 3, 4])


# -- killed ----------------------------------------------------------------------------------------------------

SAVER = """
import sys, threading, time
from pathlib import Path
from device.core.model.effects import Checkpoint, Save
from device.core.model.events import Stored
from device.core.model.record import Progress, Record
from device.store.records import Opened, Store, StoreError
from device.store.worker import StoreWorker
from drivers.clock import SystemClock
from tests.support.kept import NOW, a_life

store = Store.open(Path(sys.argv[1]))
number = store.load(NOW).next_session_number
room = threading.Semaphore(8)

def post(event):
    if isinstance(event, Stored):
        print(event.batch, flush=True)
        room.release()

worker = StoreWorker(lambda _: (store, store.load(NOW)), post, SystemClock(), lambda store, asked: None)
worker.start()
while True:
    for one, standing in a_life(number, NOW + number * 20_000):
        if one is None:
            worker.offer(Checkpoint(standing))
        else:
            room.acquire()
            while not worker.offer(Save(number * 10 + one.revision, (one,), standing)):
                time.sleep(0.001)
    number += 1
"""


def killed_while_saving(path: Path, lines: int) -> set[int]:
    """The batches that a process said were stored; it was killed when it had said so many, or a little later."""
    saver = [sys.executable, "-c", SAVER, str(path)]
    with subprocess.Popen(saver, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        assert all(said), "it ended before it was killed"
        child.kill()
        said += child.stdout.readlines()
    return {int(line) for line in said if line.endswith(b"\n")}


def test_a_kill_at_any_moment_loses_and_doubles_nothing_that_was_said_to_be_stored(tmp_path: Path) -> None:
    dice, path, said, kills = random.Random(1), tmp_path / "pump.db", set[int](), 12
    for _ in range(kills):
        said |= killed_while_saving(path, dice.randrange(1, 120))
        with contextlib.closing(Store.open(path)) as store:
            made = bodies(store)
            assert said <= {one.number * 10 + one.revision for one in made}
            assert store.outbox == len(made)
            assert [record for _, record in store.outbox_head(len(made))] == made
            newest: dict[str, int] = {}
            for one in made:
                assert one.revision == newest.get(one.id, 0) + 1  # in order, none missing, none twice
                newest[one.id] = one.revision
            assert {one.id: one.revision for one in store.records()} == newest
            assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
    print(f"{kills} kills, {len(said)} revisions said to be stored, none lost or doubled")
