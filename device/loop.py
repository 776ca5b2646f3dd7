"""The one loop: a mailbox, descriptors, timers and calls from other threads; and workers for what may block.

It sleeps until something happens and takes one event at a time, so that nothing but its thread touches the state.
"""

import heapq
import os
import selectors
import signal
import socket
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

Call = Callable[[], object]
T = TypeVar("T")

LONG_S = 0.1
"""A callback that ran longer held up every press: it is counted."""
BATCH = 64
"""Events taken before descriptors and timers get their turn."""
LONGEST_WAIT_S = 86400.0
"""epoll counts milliseconds in 31 bits."""


class Clock(Protocol):
    """What the loop needs of a clock: `real_s` is how long to really wait until it reads `at`."""

    def now(self) -> float: ...
    def real_s(self, at: float) -> float: ...


@runtime_checkable
class Leaping(Protocol):
    """A clock that stands still and is moved: the loop leaps it to what is due next instead of waiting."""

    def now(self) -> float: ...
    def leap_to(self, at: float) -> None: ...


class Timer:
    """A call that is due; `cancel()` makes it never come (also from within its own time, and twice)."""

    __slots__ = ("at", "fn")

    def __init__(self, at: float, fn: Call) -> None:
        self.at = at
        self.fn: Call | None = fn

    def cancel(self) -> None:
        self.fn = None


class Timers:
    """A heap of timers; those of the same instant come in the order in which they were asked for."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0

    def add(self, at: float, fn: Call) -> Timer:
        timer = Timer(at, fn)
        self._count += 1
        if self._count % 256 == 0:
            self._heap = [entry for entry in self._heap if entry[2].fn is not None]
            heapq.heapify(self._heap)
        heapq.heappush(self._heap, (at, self._count, timer))
        return timer

    def next_at(self) -> float | None:
        while self._heap and self._heap[0][2].fn is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    @property
    def count(self) -> int:
        return self._count

    def due(self, now: float, count: int) -> Call | None:
        """Take out the first call whose instant has come; one that is not among the first `count` waits its turn."""
        at = self.next_at()
        if at is None or at > now or self._heap[0][1] > count:
            return None
        timer = heapq.heappop(self._heap)[2]
        fn, timer.fn = timer.fn, None
        return fn


class Loop:
    """`run(step)` until `stop()`. Only `post`, `call` and `stop` may come from other threads.

    What it noticed: `turns` (how often it woke), `deepest` (most letters in the mailbox), `long_calls`, and `longest`
    (seconds, which callback).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._box: deque[tuple[bool, Any]] = deque()
        self._timers = Timers()
        self._real = Timers()
        self._selector = selectors.DefaultSelector()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # not closed before the last thread that could still ring it has let go: its number may soon be another file's
        weakref.finalize(self, os.close, self._bell)
        self._selector.register(self._bell, selectors.EVENT_READ, (self._silence, None))
        self._thread = threading.get_ident()
        self._running = False
        self._workers: list[Worker[Any]] = []
        self._signals: dict[int, Call] = {}
        self._signal_pair: tuple[socket.socket, socket.socket] | None = None
        self.turns = 0
        self.deepest = 0
        self.long_calls = 0
        self.longest = (0.0, "")

    def now(self) -> float:
        return self._clock.now()

    def post(self, event: object) -> None:
        """Put an event (anything that is not None) into the mailbox; `step` gets them in the order of their coming."""
        self._put((True, event))

    def call(self, fn: Call) -> None:
        """Have `fn` called by the loop's thread, in its place among the events."""
        self._put((False, fn))

    def call_at(self, at: float, fn: Call) -> Timer:
        """Call `fn` once the clock reads `at`; an `at` that has passed is due at once, after what is waiting."""
        return self._timers.add(at, fn)

    def call_after(self, real_s: float, fn: Call) -> Timer:
        """Call `fn` when so many real seconds have passed, whatever the clock's pace: for wires and networks."""
        return self._real.add(time.monotonic() + real_s, fn)

    def watch(self, fd: int, on_readable: Call | None, on_writable: Call | None = None) -> None:
        """Call back while the descriptor is ready; a further call for the same descriptor replaces the first."""
        events = (selectors.EVENT_READ if on_readable else 0) | (selectors.EVENT_WRITE if on_writable else 0)
        key = self._selector.get_map().get(fd)
        if key is None:
            self._selector.register(fd, events, (on_readable, on_writable))
        elif key.events != events or key.data != (on_readable, on_writable):
            self._selector.modify(fd, events, (on_readable, on_writable))

    def unwatch(self, fd: int) -> None:
        """Forget a descriptor, be it closed already or never watched; after `close` too."""
        if (self._selector.get_map() or {}).get(fd) is not None:
            self._selector.unregister(fd)

    def on_signal(self, number: int, fn: Call) -> None:
        """Call `fn` from the loop when the signal comes; only in the main thread (signal.set_wakeup_fd)."""
        if self._signal_pair is None:
            self._signal_pair = read, write = socket.socketpair()
            read.setblocking(False)
            write.setblocking(False)
            signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
            self.watch(read.fileno(), self._take_signals)
        self._signals[number] = fn
        signal.signal(number, lambda _number, _frame: None)

    def stop(self) -> None:
        """Let `run` return after the callback that runs now; what waits in the mailbox stays there."""
        self._running = False
        self._ring()

    def run(self, step: Callable[[Any], object]) -> None:
        """Take events until `stop()`. What `step` or a callback raises comes out of here."""
        self._thread = threading.get_ident()
        self._running = True
        while self._running:
            self._take_mail(step)
            self._take_timers()
            if self._running:
                self._sleep()

    def close(self) -> None:
        """Release the descriptors, give the signals back; the workers were stopped by who made them.

        A thread that is late may still post: nobody reads it, and no harm is done.
        """
        if self._signal_pair is not None:
            signal.set_wakeup_fd(-1)
            for number in self._signals:
                signal.signal(number, signal.SIG_DFL)
            for end in self._signal_pair:
                end.close()
            self._signal_pair = None
        self._selector.close()

    def _put(self, letter: tuple[bool, Any]) -> None:
        self._box.append(letter)
        if threading.get_ident() != self._thread:
            self._ring()

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    def _silence(self) -> None:
        try:
            os.eventfd_read(self._bell)
        except BlockingIOError:
            return

    def _take_mail(self, step: Callable[[Any], object]) -> None:
        waiting = len(self._box)
        self.deepest = max(self.deepest, waiting)
        for _ in range(min(waiting, BATCH)):
            if not self._running:
                return
            is_event, content = self._box.popleft()
            self._timed(step if is_event else content, *((content,) if is_event else ()))

    def _take_timers(self) -> None:
        now, real = self._clock.now(), time.monotonic()
        for timers, until in ((self._timers, now), (self._real, real)):
            count = timers.count
            while self._running and (fn := timers.due(until, count)) is not None:
                self._timed(fn)

    def _sleep(self) -> None:
        """Wait for a descriptor or for the next thing due, and serve the descriptors that are ready."""
        self.turns += 1
        ready = self._selector.select(self._patience())
        if not ready and isinstance(self._clock, Leaping) and not self._busy() and not self._box:
            at = self._timers.next_at()
            if at is not None:
                self._clock.leap_to(at)
        for key, events in ready:
            for mask, fn in zip((selectors.EVENT_READ, selectors.EVENT_WRITE), key.data, strict=True):
                still = self._selector.get_map().get(key.fd)
                if fn is not None and events & mask and still is not None and still.data == key.data and self._running:
                    self._timed(fn)

    def _patience(self) -> float | None:
        """Real seconds to wait at most; None: for ever."""
        if self._box:
            return 0.0
        waits = []
        real_at, at = self._real.next_at(), self._timers.next_at()
        if real_at is not None:
            waits.append(real_at - time.monotonic())
        if at is not None:
            if not isinstance(self._clock, Leaping):
                waits.append(self._clock.real_s(at))
            elif not self._busy():
                return 0.0
        return max(0.0, min(*waits, LONGEST_WAIT_S)) if waits else None

    def _busy(self) -> bool:
        return any(worker.busy for worker in self._workers)

    def _timed(self, fn: Callable[..., object], *arguments: object) -> None:
        began = time.monotonic()
        fn(*arguments)
        took = time.monotonic() - began
        if took > LONG_S:
            self.long_calls += 1
        if took > self.longest[0]:
            self.longest = (took, getattr(fn, "__qualname__", repr(fn)))

    def _take_signals(self) -> None:
        if self._signal_pair is None:
            return
        for number in self._signal_pair[0].recv(64):
            if number in self._signals:
                self._timed(self._signals[number])

    def _join(self, worker: "Worker[Any]") -> None:
        self._workers.append(worker)

    def _leave(self, worker: "Worker[Any]") -> None:
        if worker in self._workers:
            self._workers.remove(worker)

    @property
    def leaps(self) -> bool:
        return isinstance(self._clock, Leaping)


class Worker(Generic[T]):
    """One thread that does what may block, one item after the other, from a bounded inbox.

    `work(item)` runs in that thread and answers by `loop.post` or `loop.call`; what it raises comes out of `loop.run`.
    With `newest`, only the last item offered waits: for pictures.
    """

    def __init__(
        self, loop: Loop, name: str, work: Callable[[T], object], *, size: int = 100, newest: bool = False
    ) -> None:
        self._loop = loop
        self._work = work
        self._size = 1 if newest else size
        self._newest = newest
        self._inbox: deque[T] = deque()
        self._changed = threading.Condition()
        self._at_work = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        loop._join(self)  # noqa: SLF001 - the two halves of one file
        self._thread.start()

    @property
    def busy(self) -> bool:
        with self._changed:
            return self._at_work or bool(self._inbox)

    @property
    def waiting(self) -> int:
        return len(self._inbox)

    def offer(self, item: T) -> bool:
        """Leave an item, never waiting; False where the inbox is full (or the worker stops): the item was not taken."""
        with self._changed:
            if self._newest:
                self._inbox.clear()
            if self._stopping or len(self._inbox) >= self._size:
                return False
            self._inbox.append(item)
            self._changed.notify()
            return True

    def stop(self, deadline_s: float) -> bool:
        """Let it finish what waits, at most so long; False where it did not (its thread dies with the process)."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(deadline_s)
        self._loop._leave(self)  # noqa: SLF001 - the two halves of one file
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._at_work = False
                if self._loop.leaps and not self._inbox:
                    self._loop.call(_nothing)
                while not self._inbox:
                    if self._stopping:
                        return
                    self._changed.wait()
                item = self._inbox.popleft()
                self._at_work = True
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001 - raised again where it is seen
                self._loop.call(_raise(error))


def _nothing() -> None:
    """Wake a loop that waits for its workers to be idle."""


def _raise(error: Exception) -> Call:
    def again() -> None:
        raise error

    return again
