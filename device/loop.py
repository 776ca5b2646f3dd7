"""The one loop: a mailbox, descriptors, timers and calls from other threads.

It sleeps until something happens and takes one event at a time, so that nothing but its thread touches the state.
"""

import heapq
import logging
import os
import selectors
import signal
import socket
import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from drivers.machine import THIS_MACHINE
from drivers.runtime import Call, Machine, WaitedClock

log = logging.getLogger(__name__)

LONG_S = 0.5
"""A callback that ran longer held up every press: the first one is told."""
BATCH = 64
"""Events taken before descriptors and timers get their turn; while as many wait, no descriptor is read."""
MOST = BATCH // 2
"""So many waiting, and other threads wait with more; fewer, so that they keep no descriptor from being read."""
LONGEST_WAIT_S = 86400.0
"""epoll counts milliseconds in 31 bits."""


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

    `turns` counts how often it woke.
    """

    def __init__(self, clock: WaitedClock, machine: Machine = THIS_MACHINE) -> None:
        self._clock, self.machine = clock, machine
        self._box: deque[tuple[bool, Any]] = deque()
        self._timers = Timers()
        self._real = Timers()
        self._selector = machine.selector()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # not closed before the last thread that could still ring it has let go: its number may soon be another file's
        weakref.finalize(self, os.close, self._bell)
        self._selector.register(self._bell, selectors.EVENT_READ, (self._silence, None))
        self._thread = threading.get_ident()
        self._running = False
        self._room = machine.condition()
        self._crowd = 0
        self._signals: dict[int, Call] = {}
        self._former: dict[int, Any] = {}
        """By signal what became of it before."""
        self._signal_pair: tuple[socket.socket, socket.socket] | None = None
        self._always = {self._bell}
        self.turns = 0
        self._told_long = False

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
        return self._real.add(self.machine.monotonic() + real_s, fn)

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
            self._always.add(read.fileno())
        self._signals[number] = fn
        self._former.setdefault(number, signal.signal(number, lambda _number, _frame: None))

    def stop(self) -> None:
        """Let `run` return after the callback that runs now; what waits in the mailbox stays there."""
        self._running = False
        self._let_in()
        self._ring()

    def run(self, step: Callable[[Any], object]) -> None:
        """Take events until `stop()`. What `step` or a callback raises comes out of here."""
        self._thread = threading.get_ident()
        self._running = True
        try:
            while self._running:
                self._take_mail(step)
                self._take_timers()
                if self._running:
                    self._sleep()
        finally:
            self._running = False
            self._let_in()

    def close(self) -> None:
        """Release the descriptors, give the signals back to whoever had them.

        A thread that is late may still post: nobody reads it, and no harm is done.
        """
        if self._signal_pair is not None:
            signal.set_wakeup_fd(-1)
            for number, former in self._former.items():
                signal.signal(number, former or signal.SIG_DFL)
            for end in self._signal_pair:
                end.close()
            self._signal_pair = None
        self._selector.close()

    def _put(self, letter: tuple[bool, Any]) -> None:
        ours = threading.get_ident() == self._thread
        if not ours and self._running and len(self._box) >= MOST:
            self._wait_outside()
        self._box.append(letter)
        if not ours:
            self._ring()

    def _wait_outside(self) -> None:
        with self._room:
            self._crowd += 1
            self._room.wait_for(lambda: len(self._box) < MOST or not self._running)
            self._crowd -= 1

    def _let_in(self) -> None:
        if self._crowd:
            with self._room:
                self._room.notify_all()

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    def _silence(self) -> None:
        try:
            os.eventfd_read(self._bell)
        except BlockingIOError:
            return

    def _take_mail(self, step: Callable[[Any], object]) -> None:
        for _ in range(min(len(self._box), BATCH)):
            if not self._running:
                return
            is_event, content = self._box.popleft()
            self._timed(step if is_event else content, *((content,) if is_event else ()))
        self._let_in()

    def _take_timers(self) -> None:
        now, real = self._clock.now(), self.machine.monotonic()
        for timers, until in ((self._timers, now), (self._real, real)):
            count = timers.count
            while self._running and (fn := timers.due(until, count)) is not None:
                self._timed(fn)

    def _sleep(self) -> None:
        """Wait for a descriptor or for the next thing due, and serve the descriptors that are ready.

        What brings more than is done is left unread, in the kernel, while the mailbox is long.
        """
        self.turns += 1
        for key, events in self._selector.select(self._patience()):
            if len(self._box) >= BATCH and key.fd not in self._always:
                continue
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
            waits.append(real_at - self.machine.monotonic())
        if at is not None:
            waits.append(self._clock.real_s(at))
        return max(0.0, min(*waits, LONGEST_WAIT_S)) if waits else None

    def _timed(self, fn: Callable[..., object], *arguments: object) -> None:
        began = self.machine.monotonic()
        fn(*arguments)
        took = self.machine.monotonic() - began
        if took > LONG_S and not self._told_long:
            self._told_long = True
            log.warning("%s held everything else up for %.1f s", _what_ran(fn, arguments), took)

    def _take_signals(self) -> None:
        if self._signal_pair is None:
            return
        for number in self._signal_pair[0].recv(64):
            if number in self._signals:
                self._timed(self._signals[number])


def _what_ran(fn: Callable[..., object], arguments: tuple[object, ...]) -> str:
    """What ran, by names alone: the values are private."""
    fn = getattr(fn, "func", fn)  # a partial's
    name = getattr(fn, "__qualname__", type(fn).__name__)
    return " ".join([name, *(type(argument).__name__ for argument in arguments)])
