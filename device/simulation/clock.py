"""A boot's clock in made-up time: it knows how far its wall is off, and whether the system calls it synchronised."""

import os
from contextlib import suppress

from .machine import Turns


class MadeUpClock:
    """`drivers.runtime.DeviceClock`. `true_wall` is the wall time at the beginning of the life; `off_s` the error."""

    def __init__(self, turns: Turns, true_wall: float, boot_id: str, *, off_s: float, synced: bool) -> None:
        self._turns, self._true_wall = turns, true_wall
        self._began = turns.now
        self._off_s, self._synced = off_s, synced
        self.boot_id = boot_id
        self._bell: ClockBell | None = None

    def now(self) -> float:
        return self._turns.now - self._began

    def wall(self) -> float:
        return self._true_wall + self._turns.now + self._off_s

    def real_s(self, at: float) -> float:
        return at - self.now()

    def synced(self) -> bool:
        return self._synced

    def jumps(self) -> "ClockBell":
        self._bell = ClockBell()
        return self._bell

    def set(self, *, off_s: float, synced: bool) -> None:
        """Somebody sets it, or the system calls it synchronised: a step is heard of, the mark alone is not."""
        stepped = off_s != self._off_s
        self._off_s, self._synced = off_s, synced
        if stepped and self._bell is not None:
            self._bell.ring()


class ClockBell:
    """`drivers.runtime.SetClock`."""

    def __init__(self) -> None:
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._open = True

    def ring(self) -> None:
        if self._open:
            os.eventfd_write(self.fd, 1)

    def jumped(self) -> bool:
        with suppress(BlockingIOError):
            os.eventfd_read(self.fd)
            return True
        return False

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.fd)
