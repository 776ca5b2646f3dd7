"""The store's thread: takes what the core asks for, one after the other, and answers with events.

A commit on a slow card takes half a second, and a full one never ends: nobody else may wait for that.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, assert_never

from device.core.model.effects import Checkpoint, Fetch, KeepBaseline, KeepClock, ReadHistory, Refill, Save
from device.core.model.events import (
    Counted,
    Event,
    Fetched,
    NotStored,
    OutboxChanged,
    RecordRead,
    Refilled,
    StoreChanged,
    Stored,
    StoreState,
)
from device.core.model.record import Record, begun, finished
from device.wire.gate import Passed
from drivers.machine import THIS_MACHINE
from drivers.runtime import Machine, TimeSource

from .opening import first_read, refuse_another_record
from .records import Opened, Store, StoreError, Trouble
from .requests import (
    NOTHING_KNOWN,
    Acknowledged,
    Batch,
    FactsRead,
    HistoryRead,
    KeepFact,
    OutboxRead,
    Overtaking,
    Read,
    ReadFacts,
    ReadFailed,
    ReadOutbox,
    Request,
    Scrub,
    Write,
    fact,
    replaces,
)

log = logging.getLogger(__name__)

READS: Final = 264
"""How many questions may wait, more than commands are ever in hand; of our own one of a kind does.

Writes are few: the core sends 16 batches ahead, and of the rest one of a kind waits.
"""

TOGETHER: Final = 64
"""How many writes that wait share one commit."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
"""Between two tries of a write that fails: doubled each time."""

COMMITS_A_TIDY: Final = 200
"""After so many commits the write-ahead log moves into the file, in a moment when nothing waits."""


class StoreWorker:
    """Owns the store from `start` to `stop`. What it is given is called on its thread.

    open_store: opens the record and reads what the core starts from; True: something was wrong with it. post: takes
    events. clock: gives them their instant. page: makes a page of history from the store.
    """

    def __init__(
        self,
        open_store: Callable[[bool], tuple[Store, Opened]],
        post: Callable[[Event], object],
        clock: TimeSource,
        page: Callable[[Store, ReadHistory], Passed],
        machine: Machine = THIS_MACHINE,
    ) -> None:
        self._open_store = open_store
        self._post = post
        self._clock = clock
        self._page = page
        self._machine = machine
        self._store: Store | None = None
        self._stood: tuple[Store, bytes] | None = None
        self._first: RecordRead | StoreError | None = None
        self._begun_without = False
        self._shut = ""
        self._writes: deque[tuple[int, Write]] = deque()
        self._reads: deque[tuple[int, Read]] = deque()
        self._offered = 0
        self._wrote = False
        self._changed = machine.condition()
        self._stopping = False
        self._ended = False
        self._asked: dict[type[Read], Read] = {}
        self._state = StoreState.OK
        self._commits = 0
        self._told_outbox = -1
        self._unwritten = 0
        self._at_work = 0
        self._scrub: Iterator[None] | None = None
        self._surprise = self._told_surprise = ""
        self._thread = machine.thread("store", self._run)

    def start(self, patience_s: float = 0.0) -> RecordRead | None:
        """Open the record: what it holds; None where that takes longer, or can't be: `RecordRead` tells it later.

        Raises StoreError where another process has it.
        """
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._first is not None, patience_s)
            first = self._first
            self._begun_without = not isinstance(first, RecordRead)
        if isinstance(first, StoreError):
            if first.trouble is Trouble.HELD:
                self.stop()
                raise first
            return None
        return first

    def offer(self, request: Request) -> bool:
        """Hand over a request, without waiting; False: too many questions wait already, or it was stopped."""
        with self._changed:
            if self._stopping or self._ended:
                return False
            if isinstance(request, Write):
                self._put(request)
            elif isinstance(request, ReadHistory | Fetch):
                if len(self._reads) >= READS:
                    return False
                self._reads.append((self._offered, request))
            else:  # the device's own: one of a kind, and never without an answer
                self._reads = deque(waiting for waiting in self._reads if type(waiting[1]) is not type(request))
                self._reads.append((self._offered, request))
            self._offered += 1
            self._changed.notify_all()
        return True

    def _put(self, write: Write) -> None:
        """Let it wait behind the others; in its kind the newest word stands, but for batches, of which each counts."""
        if isinstance(write, Acknowledged):
            before = [earlier.seqs for _, earlier in self._writes if isinstance(earlier, Acknowledged)]
            write = Acknowledged((*(seq for seqs in before for seq in seqs), *write.seqs))
        if not isinstance(write, Batch):
            self._writes = deque(waiting for waiting in self._writes if not replaces(write, waiting[1]))
        self._writes.append((self._offered, write))

    def stop(self, timeout_s: float | None = None) -> int:
        """Write what waits, then close the file; say how many writes could not be done (the disk does not allow them).

        Where the disk has not answered after `timeout_s`, the thread is left behind and what waits there is counted.
        Closing the file is waited for only while there is time: what was written is safe without it.
        """
        with self._changed:
            self._stopping = True
            self._reads.clear()
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        with self._changed:
            return self._unwritten + len(self._writes) + self._at_work

    def _run(self) -> None:
        try:
            if self._open():
                self._tell_outbox()
            while requests := self._take():
                writes = [request for request in requests if isinstance(request, Write)]
                if writes:
                    self._write(writes)
                self._read(request for request in requests if isinstance(request, Read))
        except BaseException as error:
            self._ended = True
            self._post(StoreChanged(self._now(), StoreState.FAILING, f"the store's thread ended: {error!r}"))
            raise
        finally:
            self._close()

    def _now(self) -> float:
        return self._clock.now()

    # -- opening -----------------------------------------------------------------------------------------------

    def _open(self) -> bool:
        """Open the record, however often that must be tried; False at a stop, or where trying does not help."""
        pause_s = FIRST_PAUSE_S
        while not self._try_to_open(suspect=False):
            if self._shut or self._stopping:
                return False
            self._pause(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        return True

    def _try_to_open(self, *, suspect: bool) -> bool:
        again = isinstance(self._first, RecordRead)
        try:
            refuse_another_record(self._stood)
            with self._surprises_as_trouble():
                store, opened = self._open_store(suspect)
        except StoreError as error:
            self._tell_state(error.state, str(error))
            if error.trouble is Trouble.DAMAGED and not suspect:
                return self._try_to_open(suspect=True)
            with self._changed:
                self._first = self._first or error
                self._shut = str(error) if error.trouble is Trouble.LASTING else ""
                self._changed.notify_all()
            return False
        read = first_read(opened, self._now(), again=again)
        self._store, self._scrub, self._stood = store, store.checking(), (store, opened.seed)
        self._told_outbox = -1
        self._tell_state(StoreState.OK, "")
        with self._changed:
            late, self._first = self._begun_without or again, read
            self._changed.notify_all()
        if late:
            self._post(read)
        return True

    def _mend(self, error: StoreError) -> bool:
        """Open the record anew where its file is damaged or gone, so that the repair is done; whether that helped."""
        store = self._store
        try:
            refuse_another_record(self._stood)
            if store is not None and error.trouble is Trouble.GONE:
                from .copies import rescue  # with the import's code, which no daemon needs else

                rescue(store)
        except StoreError as again:
            self._tell_state(again.state, str(again))
            return False
        self._let_go()
        return self._try_to_open(suspect=error.trouble is Trouble.DAMAGED)

    def _let_go(self) -> None:
        store, self._store, self._scrub = self._store, None, None
        if store is not None:
            store.let_go()

    def _take(self) -> list[Request]:
        """Wait for work: the writes that wait, or one read; nothing at the end.

        Writes go before reads. Only a read that waited longer than all of them comes in between, after one commit.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._writes or self._reads or self._stopping or self._scrub)
            if self._shut:
                self._changed.wait_for(lambda: self._reads or self._stopping)
                self._unwritten = len(self._writes)
                self._writes.clear()
            if self._scrub and not self._writes and not self._reads and not self._stopping:
                return [Scrub()]
            first_read = self._reads[0][0] if self._reads else None
            if self._writes and (first_read is None or not self._wrote or self._writes[0][0] < first_read):
                taken: list[Request] = [self._writes.popleft()[1] for _ in range(min(len(self._writes), TOGETHER))]
                self._at_work, self._wrote = len(taken), True
                return taken
            self._wrote = False
            return [self._reads.popleft()[1]] if self._reads else []

    # -- writing -----------------------------------------------------------------------------------------------

    def _write(self, writes: list[Write]) -> None:
        """Commit all of them at once, however often that must be tried, and say so."""
        pause_s = FIRST_PAUSE_S
        while True:
            is_last = self._stopping
            try:
                self._commit(writes)
                break
            except StoreError as error:
                self._tell_state(error.state, str(error))
                if self._surprise:
                    self._let_go()  # whatever was left half done is read anew
                if error.trouble is Trouble.LASTING:
                    self._write_singly(writes)
                    return
                helped = error.trouble in {Trouble.DAMAGED, Trouble.GONE} and self._mend(error)
            if is_last:
                self._abandon(writes)
                return
            if not helped or pause_s > FIRST_PAUSE_S:
                self._pause(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        self._written(writes)

    def _commit(self, writes: list[Write]) -> None:
        if self._store is None and not self._try_to_open(suspect=False):
            raise StoreError(self._shut or "the record is not open", self._state)
        store = self._opened()
        conflicts = store.conflicts
        with self._surprises_as_trouble(writing=True), store.transaction():
            for write in writes:
                self._apply(store, write)
        for _ in range(store.conflicts - conflicts):
            self._post(Counted(self._now(), "revision_conflict"))

    @contextmanager
    def _surprises_as_trouble(self, *, writing: bool = False) -> Iterator[None]:
        """An error that nobody foresaw is one to tell as well; the same at the next try to write does not pass."""
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            said, before = repr(error), self._surprise
            if said != self._told_surprise:
                self._told_surprise = said
                log.exception("the store met what nobody foresaw; please report it")
            self._surprise = said if writing else before
            trouble = Trouble.LASTING if writing and said == before else Trouble.PASSING
            raise StoreError(f"an error of the device itself ({said}); please report it", trouble=trouble) from error

    def _written(self, writes: list[Write]) -> None:
        self._at_work, self._surprise = 0, ""
        self._tell_state(StoreState.OK, "")
        for write in writes:
            if isinstance(write, Batch):
                self._post(Stored(self._now(), write.batch))
        asked, self._asked = self._asked, {}
        self._read(asked.values())
        self._tell_outbox()  # nobody waits for a count
        self._tidy()

    def _write_singly(self, writes: list[Write]) -> None:
        """What the file takes is written; what it will never take is said, and let go."""
        for write in writes:
            try:
                self._commit([write])
            except StoreError as error:
                if error.trouble is not Trouble.LASTING:
                    self._write([write])
                elif isinstance(write, Batch):
                    self._post(NotStored(self._now(), write.batch))
                else:
                    self._post(Counted(self._now(), "store_refused"))
            else:
                self._written([write])
        self._at_work = 0
        self._tell_state(StoreState.OK, "")

    def _opened(self) -> Store:
        if self._store is None:
            raise StoreError(self._shut or "the record can't be opened now; it is tried again", self._state)
        return self._store

    def _apply(self, store: Store, write: Write) -> None:
        match write:
            case Save():
                store.save(write.records, write.progress)
            case Checkpoint():
                store.checkpoint(write.progress)
            case KeepBaseline() | KeepClock() | KeepFact():
                store.keep_fact(*fact(write))
            case Acknowledged():
                store.acknowledged(write.seqs)
            case _:
                assert_never(write)

    def _pause(self, seconds: float) -> None:
        """Wait before the next try, meanwhile answering reads; a stop cuts it short."""
        until = self._machine.monotonic() + seconds
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._overtaking(), until - self._machine.monotonic())
                reads = self._overtaking()
                self._reads = deque(waiting for waiting in self._reads if not isinstance(waiting[1], Overtaking))
            if not reads:
                return
            self._read(reads)

    def _overtaking(self) -> list[Read]:
        return [request for _, request in self._reads if isinstance(request, Overtaking)]

    def _abandon(self, writes: list[Write]) -> None:
        """Stop while the disk refuses: what waits can't be kept, and order forbids to try what came later."""
        with self._changed:
            self._unwritten = len(writes) + len(self._writes)
            self._at_work = 0
            self._writes.clear()

    def _tidy(self) -> None:
        self._commits += 1
        if self._commits >= COMMITS_A_TIDY and not self._writes and not self._reads:
            self._commits = 0
            try:
                self._opened().tidy()
            except StoreError:
                self._post(Counted(self._now(), "store_tidy"))

    def _look_on(self) -> None:
        """Look at a few more rows of the file, in a moment when nothing waits; damage is repaired at once."""
        try:
            if self._scrub is not None and next(self._scrub, self) is self:
                self._scrub = None
        except StoreError as error:
            self._scrub = None
            self._tell_state(error.state, str(error))
            if error.trouble is Trouble.DAMAGED:
                self._mend(error)

    def _close(self) -> None:
        try:
            if self._store is not None:
                self._store.close()
        except StoreError as error:
            self._tell_state(error.state, str(error))

    # -- answering ---------------------------------------------------------------------------------------------

    def _tell_state(self, state: StoreState, why: str) -> None:
        if state is not self._state:
            self._state = state
            self._post(StoreChanged(self._now(), state, why))

    def _tell_outbox(self) -> None:
        store = self._opened()
        if store.outbox != self._told_outbox:
            self._told_outbox = store.outbox
            self._post(OutboxChanged(self._now(), self._told_outbox))

    def _read(self, requests: Iterable[Read], *, mends: bool = True) -> None:
        for request in requests:
            try:
                self._answer(request)
            except StoreError as error:
                self._post(Counted(self._now(), "store_read"))
                if mends and error.trouble is Trouble.DAMAGED and self._mend(error):
                    self._read([request], mends=False)
                else:
                    self._read_failed(request, error)

    def _read_failed(self, request: Read, error: StoreError) -> None:
        match request:
            case ReadHistory() | Fetch():
                self._post(ReadFailed(self._now(), request.order, str(error)))
            case ReadOutbox() | Refill():
                self._asked[type(request)] = request  # answered once there is a record again
            case ReadFacts():
                self._post(FactsRead(self._now(), NOTHING_KNOWN))
            case Scrub():
                pass
            case _:
                assert_never(request)

    def _answer(self, request: Read) -> None:
        with self._surprises_as_trouble():
            self._read_for(request)

    def _read_for(self, request: Read) -> None:
        match request:
            case Scrub():
                self._look_on()
            case Fetch():
                records = self._fetch(request)
                self._post(Fetched(self._now(), records, request.command, request.order))
            case Refill():
                self._post(Refilled(self._now(), *self._opened().newest()))
            case ReadHistory():
                self._post(HistoryRead(self._now(), request, self._page(self._opened(), request)))
            case ReadOutbox():
                self._read_outbox(request)
            case ReadFacts():
                store = self._opened()
                facts = {key: store.fact(key) for key in request.keys}
                self._post(FactsRead(self._now(), facts))
            case _:
                assert_never(request)

    def _read_outbox(self, request: ReadOutbox) -> None:
        self._asked[ReadOutbox] = request
        rows = self._opened().outbox_head(request.limit, request.after)
        if rows:
            del self._asked[ReadOutbox]
            self._post(OutboxRead(self._now(), tuple(rows), request.after))

    def _fetch(self, request: Fetch) -> tuple[Record, ...]:
        """Find the record with its neighbours, or those around the span; none where the id is unknown."""
        store = self._opened()
        if request.record is not None:
            record = store.find(request.record)
            if record is None:
                return ()
            neighbours = store.around(begun(record), finished(record))
            if request.span is not None:
                neighbours += store.around(*request.span)
            found = {near.id: near for near in (record, *neighbours)}
            return tuple(found.values())
        return store.around(*request.span) if request.span is not None else ()
