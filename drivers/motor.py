"""The wire that says whether the pump's motor runs: its edges become `MotorEdge`.

Nothing is filtered here: where the pin factory doesn't debounce, every bounce goes to the core.
"""

from collections.abc import Callable
from typing import Literal

from device.core.model.events import MotorEdge
from drivers.gpio_lines import InputLine, Pull


class MotorWatch:
    """Watches one line from now on; the level at the start is the first `MotorEdge`.

    Raises GpioError, which begins with `motor.pin` and the pin.
    """

    def __init__(
        self,
        pin: int | str,
        *,
        active: Literal["high", "low"] = "high",
        pull: Pull = "none",
        debounce_ms: int = 50,
        post: Callable[[MotorEdge], object],
        now: Callable[[], float],
    ) -> None:
        self._post = post
        self._line = InputLine(
            "motor.pin", pin, active=active, pull=pull, debounce_ms=debounce_ms, on_edge=self._edge, now=now
        )
        post(MotorEdge(now(), active=self._line.active, settled=self._line.settled))

    def close(self) -> None:
        self._line.close()

    def _edge(self, at: float, active: bool) -> None:
        self._post(MotorEdge(at, active=active, settled=self._line.settled))
