"""A clock that runs at a chosen pace.

It stands in for `drivers.clock.SystemClock`, so that the demo lets an hour pass in a minute.
"""

import threading
import time
import uuid

from drivers.clock import Jumps

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

    def jumps(self) -> Jumps:
        return Jumps()

    def synced(self) -> bool:
        return True


def _checked(speed: float) -> float:
    if not 1.0 <= speed <= FASTEST:
        raise ValueError(f"speed {speed}: 1 to {FASTEST:g} are possible")
    return speed
