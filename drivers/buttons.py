"""The three buttons: presses and releases, each once, however much the contacts bounce.

Debouncing happens once: by the pin factory where it can, else by the filter here; the core times a hold.
"""

from collections.abc import Callable, Mapping

from device.core.model.events import ButtonPressed, ButtonReleased, Counted
from device.core.model.record import Button
from drivers.gpio_lines import Filter, InputLine, Pull, close_all
from drivers.runtime import EventLoop, TimerHandle

Post = Callable[[ButtonPressed | ButtonReleased | Counted], object]

AGAIN_S = 0.06
"""No finger is back so soon: such a press is the contact's, which bounces for longer than its filter."""


def bounces_of(button: Button) -> str:
    """The name under which diagnostics count such presses of a button."""
    return f"button_{button}_bounces"


class ButtonWatch:
    """Watches the buttons that have a pin. One that is held down at the start says nothing until it is let go.

    Without a pull-up or pull-down here a button is taken to switch to ground. Raises GpioError naming the key.
    """

    def __init__(
        self, pins: Mapping[Button, int | str], *, pull: Pull = "up", debounce_ms: int = 20, post: Post, loop: EventLoop
    ) -> None:
        self._keys: list[_Key] = []
        try:
            for button, pin in pins.items():
                self._keys.append(_Key(button, pin, pull=pull, debounce_ms=debounce_ms, post=post, loop=loop))
        except Exception:
            self.close()
            raise

    @property
    def held(self) -> tuple[Button, ...]:
        """Those that are pressed now, as their lines say."""
        return tuple(key.button for key in self._keys if key.line.active)

    def close(self) -> None:
        close_all([key.line for key in self._keys])


class _Key:
    def __init__(
        self, button: Button, pin: int | str, *, pull: Pull, debounce_ms: int, post: Post, loop: EventLoop
    ) -> None:
        self.button = button
        self._post = post
        self._loop = loop
        self._timer: TimerHandle | None = None
        self._released = float("-inf")
        self.line = InputLine(
            f"buttons.{button}",
            pin,
            active="high" if pull == "down" else "low",
            pull=pull,
            debounce_ms=debounce_ms,
            on_edge=self._edge,
            now=loop.now,
        )
        self._filter = Filter(debounce_ms / 1000, level=self.line.active)

    def _edge(self, at: float, active: bool) -> None:
        if self.line.settled:
            self._say(at, active)
        else:
            self._loop.call(lambda: self._filtered(at, active))

    def _filtered(self, at: float, active: bool) -> None:
        self._settle(at)  # a loop that is late hears of a press and its release together
        self._filter.edge(at, active)
        if self._timer is not None:
            self._timer.cancel()
        due = self._filter.due
        self._timer = None if due is None else self._loop.call_at(due, lambda: self._settle(self._loop.now()))

    def _settle(self, at: float) -> None:
        since = self._filter.settle(at)
        if since is not None:
            self._say(since, self._filter.level)

    def _say(self, at: float, active: bool) -> None:
        if not active:
            self._released = at
        elif at - self._released < AGAIN_S:
            self._post(Counted(at, bounces_of(self.button)))
        self._post((ButtonPressed if active else ButtonReleased)(at, self.button))
