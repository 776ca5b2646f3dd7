"""An input line on gpiozero: what the motor and the buttons have in common, polarity, age of an edge, clear errors.

Whatever pin factory gpiozero has; one that debounces (stamping an edge at the end of its period) says so by
`debounces = True`. The filter for those that don't stands here too.
"""

import contextlib
import importlib.util
import io
import warnings
from collections.abc import Callable
from typing import Any, Literal

from device import OneLineError

Pull = Literal["none", "up", "down"]
OnEdge = Callable[[float, bool], object]
_PULL_UP = {"none": None, "up": True, "down": False}


class GpioError(OneLineError):
    """A line can't be had; the text begins with the configuration's key and the pin."""


class Filter:
    """A level counts once it was stable for `stable_s`: a filter, not a lockout. Pure; times are the caller's.

    `edge` takes every change; `settle` says, when asked at `due`, whether the level changed for good and since when.
    """

    def __init__(self, stable_s: float, *, level: bool = False) -> None:
        self.stable_s = stable_s
        self.level = level
        self._since: float | None = None
        self._now_level = level

    @property
    def due(self) -> float | None:
        """When to ask `settle`; None while nothing is under way."""
        return None if self._since is None else self._since + self.stable_s

    def edge(self, at: float, level: bool) -> None:
        if level == self._now_level:
            return
        self._now_level = level
        self._since = None if level == self.level else at

    def settle(self, at: float) -> float | None:
        """Return the first instant of the level that has just become the one that counts; else None."""
        if self._since is None or at < self._since + self.stable_s:
            return None
        since, self._since = self._since, None
        self.level = self._now_level
        return since


class InputLine:
    """A line with both edges watched: `on_edge(at, active)` in whatever thread the pin factory has.

    `at` is the edge on the clock `now`, by its age on the factory's own. Where `settled` is true the level was already
    stable for debounce_ms, `at` being its first edge; else every bounce is reported.
    """

    def __init__(
        self,
        key: str,
        pin: int | str,
        *,
        active: Literal["high", "low"],
        pull: Pull,
        debounce_ms: int,
        on_edge: OnEdge,
        now: Callable[[], float],
    ) -> None:
        import gpiozero

        self._now = now
        self._on_edge = on_edge
        pulled = _PULL_UP[pull]
        wanted = active == "high"
        try:
            # a factory that gpiozero has yet to pick is none of ours
            self.settled = bool(getattr(gpiozero.Device.pin_factory, "debounces", False)) and debounce_ms > 0
            self._taken_back_s = debounce_ms / 1000 if self.settled else 0.0
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                # of each factory that it tries in vain (pigpio's prints a banner); what becomes of it is said below
                warnings.simplefilter("ignore", gpiozero.PinFactoryFallback)
                self._device: Any = gpiozero.DigitalInputDevice(
                    pin,
                    pull_up=pulled,
                    active_state=wanted if pulled is None else None,
                    bounce_time=self._taken_back_s or None,
                )
        except Exception as error:
            raise GpioError(f"{key} = {pin}: {_why_no_line(error, key)}") from error
        # gpiozero calls a pulled-up line active when it is low, whatever the user says
        self._inverted = pulled is not None and wanted == pulled
        self._device.when_activated = self._activated
        self._device.when_deactivated = self._deactivated

    @property
    def active(self) -> bool:
        return bool(self._device.is_active) != self._inverted

    def close(self) -> None:
        self._device.close()

    def _activated(self) -> None:
        self._report(self._device.active_time, active=not self._inverted)

    def _deactivated(self) -> None:
        self._report(self._device.inactive_time, active=self._inverted)

    def _report(self, age_s: float | None, *, active: bool) -> None:
        # the age is None only if the line changed again while the factory's thread was on its way here
        self._on_edge(self._now() - (age_s or 0.0) - self._taken_back_s, active)


def _why_no_line(error: Exception, key: str) -> str:
    """Say in one line what is wrong with a pin and what to do."""
    kind = type(error).__name__
    text = " ".join(str(error).split())
    if isinstance(error, PermissionError):
        return f"{text}; add the user to the group gpio"
    install = "" if importlib.util.find_spec("gpiod") else "on a Raspberry Pi install gpiod, on another "
    known = {
        "BadPinFactory": f"no way to pins of this computer; {install}take {key} out",
        "PinUnknownPi": "this computer is no Raspberry Pi, so it has no such pin",
        "PinInvalidPin": "no such pin on this board; give its BCM number or a name such as BOARD11",
        "PinNoPins": "no such pin on this board; give its BCM number or a name such as BOARD11",
        "GPIOPinInUse": "the pin is in use",
        "PinFixedPull": 'this pin has a pull-up resistor of its own; choose another pin, or pull = "up"',
    }.get(kind)
    if "default pin factory" in text:  # that gpiozero tried all of its own in vain says nothing more
        return known or text
    return f"{known} ({text})" if known else text or kind


def close_all(lines: list[InputLine]) -> None:
    """Close lines of which some may be half made."""
    for line in lines:
        with contextlib.suppress(OSError):
            line.close()
