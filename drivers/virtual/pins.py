"""gpiozero's mock pins whose edges are as old as the device's own clock says, and are not kept for ever."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin


class VirtualPin(MockPin):  # type: ignore[misc]
    def _change_state(self, value: bool) -> bool:
        if self._state is value:  # type: ignore[has-type]
            return False
        self._state = value
        self._last_change = self.factory.ticks()
        return True


class VirtualPins(MockFactory):  # type: ignore[misc]
    """A pin factory; `now` is the clock by which whoever watches a pin lives."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(pin_class=VirtualPin)
        # its own: gpiozero 1.6 has one table for all factories, and another's clock would come with its pins
        self.pins: dict[Any, VirtualPin] = {}
        self._reservations: defaultdict[Any, list[Any]] = defaultdict(list)
        self._now = now

    def ticks(self) -> float:
        return self._now()
