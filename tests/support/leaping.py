"""A clock that leaps to whatever the loop waits for next.

With it a day of timers passes in a moment, and the same way each time.
"""


class LeapingClock:
    """What the loop asks of its clock: it stands still until the loop asks how long to wait."""

    def __init__(self) -> None:
        self._at = 0.0

    def now(self) -> float:
        return self._at

    def real_s(self, at: float) -> float:
        """Leap to `at`, never back: there is nothing to wait for."""
        self._at = max(self._at, at)
        return 0.0
