"""Clocks that need not wait: one that runs at a chosen pace, one that stands still and is leapt from event to event.

Both stand in for `drivers.clock.SystemClock`: the demo lets an hour pass in a minute, a test days in seconds.
"""

import threading
import time
import uuid

FASTEST = 600.0


class PacedClock:
    """Runs `speed` times as fast as the real one (1 to 600), without a jump where the speed changes."""

    def __init__(self, speed: float = 1.0, wall: float | None = None) -> None:
        self._lock = threading.Lock()
        self._real = time.monotonic()
        self._at = self._real
        self._speed = _checked(speed)
        self._wall_minus_now = (time.time() if wall is None else wall) - self._at
        self.boot_id = str(uuid.uuid4())

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on; from another thread, wake the loop afterwards (`loop.call`)."""
        with self._lock:
            real = time.monotonic()
            self._at += (real - self._real) * self._speed
            self._real = real
            self._speed = _checked(speed)

    def now(self) -> float:
        with self._lock:
            return self._at + (time.monotonic() - self._real) * self._speed

    def wall(self) -> float:
        return self.now() + self._wall_minus_now

    def real_s(self, at: float) -> float:
        """Real seconds until `now()` reads `at`, if the speed stays."""
        return (at - self.now()) / self._speed

    def synced(self) -> bool:
        return True


class LeapingClock:
    """Stands still until it is moved; the loop moves it to the next thing due, once nobody is at work.

    `wall` is the wall time at its beginning; `set_wall` and `set_synced` play somebody who sets the clock.
    """

    def __init__(self, at: float = 1000.0, wall: float = 1_767_225_600.0, *, synced: bool = True) -> None:
        self._at = at
        self._wall_minus_now = wall - at
        self._synced = synced
        self.boot_id = "00000000-0000-4000-8000-000000000001"

    def now(self) -> float:
        return self._at

    def wall(self) -> float:
        return self._at + self._wall_minus_now

    def real_s(self, at: float) -> float:
        return 0.0 if at > self._at else at - self._at

    def leap_to(self, at: float) -> None:
        """Move on to `at`; never back."""
        self._at = max(self._at, at)

    def set_wall(self, wall: float) -> None:
        self._wall_minus_now = wall - self._at

    def set_synced(self, *, synced: bool) -> None:
        self._synced = synced

    def synced(self) -> bool:
        return self._synced


def _checked(speed: float) -> float:
    if not 1.0 <= speed <= FASTEST:
        raise ValueError(f"speed {speed}: 1 to {FASTEST:g} are possible")
    return speed
