"""The store's thread: takes what the core asks for, one after the other, and answers with events.

A commit on a slow card takes half a second, and a full one never ends: nobody else may wait for that.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from .core.effects import Checkpoint, Fetch, KeepBaseline, ReadHistory, Refill, Save
from .core.events import Counted, Event, Fetched, Order, OutboxChanged, Refilled, StoreChanged, Stored, StoreState
from .core.record import Record, Session
from .store import Store, StoreError

READS: Final = 256
"""How many questions may wait. Writes are few: the core sends 16 batches ahead, and of the rest one of a kind waits."""

TOGETHER: Final = 64
"""How many writes that wait share one commit."""

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
"""Between two tries of a write that fails: doubled each time."""

COMMITS_A_TIDY: Final = 200
"""After so many commits the write-ahead log moves into the file, in a moment when nothing waits."""


class KeepFact(msgspec.Struct, frozen=True):
    key: str
    value: str | None


class ReadFacts(msgspec.Struct, frozen=True):
    """Ask for facts as they are on disk (another process may have kept one), then `FactsRead`."""

    keys: tuple[str, ...]


class ReadOutbox(msgspec.Struct, frozen=True):
    """Ask for at most `limit` revisions that wait, behind `after`, then `OutboxRead`.

    Where there are none it is answered at the commit that brings some; the newest request replaces the one before.
    """

    after: int
    limit: int


class Acknowledged(msgspec.Struct, frozen=True):
    """The broker has these."""

    seqs: tuple[int, ...]


class DropOutbox(msgspec.Struct, frozen=True):
    """Nothing of what was made so far may be sent any more."""


class FactsRead(Event, frozen=True):
    facts: dict[str, str | None]


class OutboxRead(Event, frozen=True):
    """Revisions to publish, in order, each with the number by which it is acknowledged; those behind `after`."""

    rows: tuple[tuple[int, Record], ...]
    after: int


class HistoryRead(Event, frozen=True):
    """The answer to a `ReadHistory`: what the worker's `page` made of it."""

    asked: ReadHistory
    page: Any


class ReadFailed(Event, frozen=True):
    """A `Fetch` or `ReadHistory` could not be answered, and why, for people."""

    order: Order
    error: str


Write = Save | Checkpoint | KeepBaseline | KeepFact | Acknowledged | DropOutbox
Batch = Save | KeepBaseline
Overtaking = ReadHistory | ReadOutbox | ReadFacts
"""Reads that want what is durable: while writes fail they go ahead. A `Fetch` waits, since a new revision follows."""
Read = Overtaking | Fetch | Refill
Request = Write | Read


class StoreWorker:
    """Owns the store from `start` to `stop`. What it is given is called on its thread.

    post: takes events. now: gives them their instant. page: makes a page of history from the store.
    """

    def __init__(
        self,
        store: Store,
        post: Callable[[Event], object],
        now: Callable[[], float],
        page: Callable[[Store, ReadHistory], Any],
    ) -> None:
        self._store = store
        self._post = post
        self._now = now
        self._page = page
        self._writes: deque[tuple[int, Write]] = deque()
        self._reads: deque[tuple[int, Read]] = deque()
        self._offered = 0
        self._wrote = False
        self._changed = threading.Condition()
        self._stopping = False
        self._ended = False
        self._asked: ReadOutbox | None = None
        self._state = StoreState.OK
        self._commits = 0
        self._told_outbox = -1
        self._unwritten = 0
        self._at_work = 0
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def offer(self, request: Request) -> bool:
        """Hand over a request, without waiting; False: too many questions wait already, or it was stopped."""
        with self._changed:
            if self._stopping or self._ended:
                return False
            if isinstance(request, Write):
                self._put(request)
            elif len(self._reads) < READS:
                self._reads.append((self._offered, request))
            else:
                return False
            self._offered += 1
            self._changed.notify_all()
        return True

    def _put(self, write: Write) -> None:
        """Let it wait behind the others; in its kind the newest word stands, but for batches, of which each counts."""
        if isinstance(write, Acknowledged):
            before = [one.seqs for _, one in self._writes if isinstance(one, Acknowledged)]
            write = Acknowledged((*(seq for seqs in before for seq in seqs), *write.seqs))
        if not isinstance(write, Batch):
            self._writes = deque(one for one in self._writes if not _replaces(write, one[1]))
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
            self._tell_outbox()
            while requests := self._take():
                writes = [one for one in requests if isinstance(one, Write)]
                if writes:
                    self._write(writes)
                else:
                    self._read(requests)
        except BaseException as error:
            self._ended = True
            self._post(StoreChanged(self._now(), StoreState.FAILING, f"the store's thread ended: {error!r}"))
            raise
        finally:
            self._close()

    def _take(self) -> list[Request]:
        """Wait for work: the writes that wait, or one read; nothing at the end.

        Writes go before reads. Only a read that waited longer than all of them comes in between, after one commit.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._writes or self._reads or self._stopping)
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
        conflicts = self._store.conflicts
        while True:
            is_last = self._stopping
            try:
                with self._store.transaction():
                    for one in writes:
                        self._apply(one)
                break
            except StoreError as error:
                self._tell_state(error.state, str(error))
            if is_last:
                self._abandon(writes)
                return
            self._pause(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        self._at_work = 0
        self._tell_state(StoreState.OK, "")
        for one in writes:
            if isinstance(one, Save | KeepBaseline):
                self._post(Stored(self._now(), one.batch))
        for _ in range(self._store.conflicts - conflicts):
            self._post(Counted(self._now(), "revision_conflict"))
        self._tell_outbox()
        if self._asked:
            self._read([self._asked])
        self._tidy()

    def _apply(self, write: Write) -> None:
        match write:
            case Save():
                self._store.save(write.records, write.progress)
            case Checkpoint():
                self._store.checkpoint(write.progress)
            case KeepBaseline():
                self._store.keep_fact("baseline", f"{write.stimulations} {write.configured}")
            case KeepFact():
                self._store.keep_fact(write.key, write.value)
            case Acknowledged():
                self._store.acknowledged(write.seqs)
            case DropOutbox():
                self._store.drop_outbox()

    def _pause(self, seconds: float) -> None:
        """Wait before the next try, meanwhile answering reads; a stop cuts it short."""
        until = time.monotonic() + seconds
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._overtaking(), until - time.monotonic())
                reads = self._overtaking()
                self._reads = deque(one for one in self._reads if not isinstance(one[1], Overtaking))
            if not reads:
                return
            self._read(reads)

    def _overtaking(self) -> list[Read]:
        return [one for _, one in self._reads if isinstance(one, Overtaking)]

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
                self._store.tidy()
            except StoreError:
                self._post(Counted(self._now(), "store_tidy"))

    def _close(self) -> None:
        try:
            self._store.close()
        except StoreError as error:
            self._tell_state(error.state, str(error))

    # -- answering ---------------------------------------------------------------------------------------------

    def _tell_state(self, state: StoreState, why: str) -> None:
        if state is not self._state:
            self._state = state
            self._post(StoreChanged(self._now(), state, why))

    def _tell_outbox(self) -> None:
        if self._store.outbox != self._told_outbox:
            self._told_outbox = self._store.outbox
            self._post(OutboxChanged(self._now(), self._told_outbox))

    def _read(self, requests: Iterable[Request]) -> None:
        for request in requests:
            try:
                self._answer(request)
            except StoreError as error:
                self._post(Counted(self._now(), "store_read"))
                if isinstance(request, ReadHistory | Fetch):
                    self._post(ReadFailed(self._now(), request.order, str(error)))

    def _answer(self, request: Request) -> None:
        match request:
            case Fetch():
                records = self._fetch(request)
                self._post(Fetched(self._now(), records, request.command, request.order))
            case Refill():
                self._post(Refilled(self._now(), *self._store.newest()))
            case ReadHistory():
                self._post(HistoryRead(self._now(), request, self._page(self._store, request)))
            case ReadOutbox():
                self._read_outbox(request)
            case ReadFacts():
                facts = {key: self._store.fact(key) for key in request.keys}
                self._post(FactsRead(self._now(), facts))

    def _read_outbox(self, request: ReadOutbox) -> None:
        self._asked = request
        rows = self._store.outbox_head(request.limit, request.after)
        if rows:
            self._asked = None
            self._post(OutboxRead(self._now(), tuple(rows), request.after))

    def _fetch(self, request: Fetch) -> tuple[Record, ...]:
        """Find the record with its neighbours, or those around the span; none where the id is unknown."""
        if request.record is not None:
            record = self._store.find(request.record)
            if record is None:
                return ()
            if isinstance(record, Session):
                span = (record.started_at, record.started_at if record.ended_at is None else record.ended_at)
            else:
                span = (record.at, record.at)
            neighbours = self._store.around(*span)
            if request.span is not None:
                neighbours += self._store.around(*request.span)
            found = {one.id: one for one in (record, *neighbours)}
            return tuple(found.values())
        return self._store.around(*request.span) if request.span is not None else ()


def _replaces(new: Write, old: Write) -> bool:
    if isinstance(new, KeepFact) and isinstance(old, KeepFact):
        return new.key == old.key
    return type(new) is type(old)
