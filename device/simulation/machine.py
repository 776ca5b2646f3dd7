"""A machine in made-up time: its threads take turns, one at a time, and its seconds pass while all of them wait.

What is decided nowhere else, chance and who is next, comes from the seed and from the order of waiting: the same seed
gives the same life.
"""

import math
import random
import selectors
import threading
from collections.abc import Callable
from pathlib import Path

from drivers.runtime import Call, SerialPort

OpenPort = Callable[[str, int], SerialPort]

FOR_EVER = math.inf
TICK_S = 1e-6
"""A clock never reads less than what was waited for."""


class PowerCutError(BaseException):
    """What a thread of a device that was cut off meets wherever it waits. Nobody may catch it for good."""


class NothingEverHappensError(Exception):
    """All threads wait for each other."""


class MadeUpThread:
    """A thread that runs while all others wait. `start` and `join` are threading.Thread's."""

    def __init__(self, turns: "Turns", name: str, run: Call) -> None:
        self.name = name
        self.until = 0.0
        self.held_until = 0.0
        """Until then it does not get its turn: a process that is stuck."""
        self.ready: Callable[[], object] = _never
        self.cut = self.ended = False
        self.error: BaseException | None = None
        self.go = threading.Lock()
        self.go.acquire()
        self._turns, self._run = turns, run
        self._thread: threading.Thread | None = None

    @property
    def ident(self) -> int | None:
        return None if self._thread is None else self._thread.ident

    def start(self) -> None:
        self._thread = threading.Thread(target=self._live, name=self.name, daemon=True)
        self._turns.takes_part(self)
        self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        turns = self._turns
        turns.wait(FOR_EVER if timeout is None else turns.now + timeout, lambda: self.ended)

    def is_alive(self) -> bool:
        return self._thread is not None and not self.ended

    def _live(self) -> None:
        self.go.acquire()
        try:
            if not self.cut:
                self._run()
        except PowerCutError:
            pass
        except BaseException as error:  # noqa: BLE001 - whoever leads the life looks at it
            self.error = error
        self.ended = True
        self._turns.leaves(self)


class Turns:
    """Whose turn it is, and what time. The thread that makes it takes part from the start."""

    def __init__(self) -> None:
        self.now = 0.0
        self.errors: list[BaseException] = []
        first = MadeUpThread(self, "world", _never)
        self._all = [first]
        self._current = first

    def takes_part(self, turn: MadeUpThread) -> None:
        turn.until = self.now
        self._all.append(turn)

    def leaves(self, turn: MadeUpThread) -> None:
        if turn.error is not None:
            self.errors.append(turn.error)
        following = self._next()
        self._all.remove(turn)
        self._current = following
        following.go.release()

    def wait(self, until: float, ready: Callable[[], object] | None = None) -> None:
        """Let others go on until `ready`, or until it is `until`. Raises PowerCutError."""
        turn = self._current
        if turn.cut:
            raise PowerCutError
        turn.until, turn.ready = until, ready or _never
        following = self._next()
        if following is not turn:
            self._current = following
            following.go.release()
            turn.go.acquire()
        if turn.cut:
            raise PowerCutError

    def cut(self, turns: list[MadeUpThread]) -> None:
        """End these threads wherever they wait, one after the other; one that was never started has nothing to end."""
        started = [turn for turn in turns if turn.ident is not None]
        for turn in started:
            turn.cut = True
        self.wait(FOR_EVER, lambda: all(turn.ended for turn in started))

    def _next(self) -> MadeUpThread:
        """Who is next: after the one that ran, whoever may go; where nobody may, the time comes of who waits least."""
        at = self._all.index(self._current)
        order = [*self._all[at + 1 :], *self._all[: at + 1]]
        while True:
            soonest = FOR_EVER
            for turn in order:
                if turn.ended:
                    continue
                if turn.held_until > self.now and not turn.cut:
                    soonest = min(soonest, turn.held_until)
                    continue
                if turn.cut or turn.until <= self.now or turn.ready():
                    return turn
                soonest = min(soonest, turn.until)
            if soonest == FOR_EVER:
                raise NothingEverHappensError(", ".join(turn.name for turn in order))
            self.now = soonest


def _never() -> bool:
    return False


class TurnCondition:
    """threading.Condition where one thread runs at a time: nothing to lock, and every wait looks anew."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *error: object) -> None:
        pass

    def wait_for(self, predicate: Callable[[], object], timeout: float | None = None) -> object:
        found = predicate()
        if not found:
            turns = self._turns
            turns.wait(FOR_EVER if timeout is None else turns.now + timeout, predicate)
            found = predicate()
        return found

    def notify_all(self) -> None:
        pass


class TurnSelector(selectors.EpollSelector):
    """Real descriptors, waited for in made-up time."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self._turns = turns

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0 or self._look():
            return super().select(0)
        until = FOR_EVER if timeout is None else self._turns.now + timeout + TICK_S
        self._turns.wait(until, self._look)
        return super().select(0)

    def _look(self) -> bool:
        return bool(self._selector.poll(0, 1))  # type: ignore[attr-defined]


class MadeUpMachine:
    """`drivers.runtime.Machine` by turns and from a seed."""

    def __init__(self, turns: Turns, chance: random.Random, open_port: OpenPort) -> None:
        self._turns, self._chance, self._open_port = turns, chance, open_port
        self.threads: list[MadeUpThread] = []

    def monotonic(self) -> float:
        return self._turns.now

    def thread(self, name: str, run: Call) -> MadeUpThread:
        turn = MadeUpThread(self._turns, name, run)
        self.threads.append(turn)
        return turn

    def condition(self) -> TurnCondition:
        return TurnCondition(self._turns)

    def selector(self) -> selectors.BaseSelector:
        return TurnSelector(self._turns)

    def open_serial(self, port: str, baud: int) -> SerialPort:
        return self._open_port(port, baud)

    def entropy(self, size: int) -> bytes:
        return self._chance.randbytes(size)

    def uniform(self, least: float, most: float) -> float:
        return self._chance.uniform(least, most)

    def address(self) -> str:
        return "192.0.2.7"

    def free_share(self, _path: Path) -> float | None:
        return 0.5

    def give_back(self) -> None:
        pass
