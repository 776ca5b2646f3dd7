"""The three buttons: presses and releases, each once, however much the contacts bounce.

Debouncing happens once: in the kernel where the pin factory can, else by the filter here; the core times a hold.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from device.core.events import ButtonPressed, ButtonReleased
from device.core.record import Button
from drivers.lines import Line, Pull, close_all

Post = Callable[[ButtonPressed | ButtonReleased], object]


class Filter:
    """A level counts once it was stable for `stable_s`: a filter, not a lockout. Pure; times are the caller's.

    `edge` takes every change; `settle` says, when asked at `due`, whether the level changed for good and since when.
    """

    def __init__(self, stable_s: float, *, level: bool = False) -> None:
        self._stable_s = stable_s
        self.level = level
        self._since: float | None = None
        self._now_level = level

    @property
    def due(self) -> float | None:
        """When to ask `settle`; None while nothing is under way."""
        return None if self._since is None else self._since + self._stable_s

    def edge(self, at: float, level: bool) -> None:
        if level == self._now_level:
            return
        self._now_level = level
        self._since = None if level == self.level else at

    def settle(self, at: float) -> float | None:
        """Return the first instant of the level that has just become the one that counts; else None."""
        if self._since is None or at < self._since + self._stable_s:
            return None
        since, self._since = self._since, None
        self.level = self._now_level
        return since


class _Timer(Protocol):
    def cancel(self) -> None: ...


class _Loop(Protocol):
    def now(self) -> float: ...
    def call(self, fn: Callable[[], object]) -> object: ...
    def call_at(self, at: float, fn: Callable[[], object]) -> _Timer: ...


class Buttons:
    """Watches the buttons that have a pin. One that is held down at the start says nothing until it is let go.

    Without a pull-up or pull-down here a button is taken to switch to ground. Raises LineError naming the key.
    """

    def __init__(
        self, pins: Mapping[Button, int | str], *, pull: Pull = "up", debounce_ms: int = 20, post: Post, loop: _Loop
    ) -> None:
        self._keys: list[_Key] = []
        try:
            for button, pin in pins.items():
                self._keys.append(_Key(button, pin, pull=pull, debounce_ms=debounce_ms, post=post, loop=loop))
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        close_all([key.line for key in self._keys])


class _Key:
    def __init__(
        self, button: Button, pin: int | str, *, pull: Pull, debounce_ms: int, post: Post, loop: _Loop
    ) -> None:
        self._button = button
        self._post = post
        self._loop = loop
        self._timer: _Timer | None = None
        self.line = Line(
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
        self._post((ButtonPressed if active else ButtonReleased)(at, self._button))
