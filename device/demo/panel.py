"""The device's own panel on the page: what its screen shows, as a stream, and what a visitor does to it.

It is no part of the contract: the dashboard beside it knows nothing of it.
"""

import base64
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

import msgspec

from device.core.model.record import Button
from device.page.server import Asked, Reply
from drivers.virtual.pump import FASTEST, SLOWEST

SETTLE_S = 0.02
"""A picture takes the bus a few transfers; what comes within this is one change."""
KEEPALIVE_S = 15.0
TAP_S = 0.06
"""A finger's shortest press: a click of a millisecond would be bounce to the device."""
EARLY_S = 1.0
"""A release that overtook its press on the way here still belongs to it within this."""
SPEEDS = (1, 10, 60, 600)


class PressableKeys(Protocol):
    def press(self, name: str) -> None: ...
    def release(self, name: str) -> None: ...


class Fingers:
    """Presses and releases the three keys as fingers would; in the loop's thread. `later(real_s, fn)` is the loop's."""

    def __init__(self, keys: PressableKeys, later: Callable[[float, Callable[[], object]], object]) -> None:
        self._keys, self._later = keys, later
        self._down: dict[str, float] = {}
        self._early: dict[str, float] = {}

    def press(self, button: str) -> None:
        """One that is down (its release got lost with the page) is let go first."""
        if button in self._down:
            self._let_go(button)
            self._later(TAP_S, partial(self.press, button))
            return
        self._down[button] = now = time.monotonic()
        self._keys.press(button)
        if now - self._early.pop(button, float("-inf")) < EARLY_S:
            self.release(button)

    def release(self, button: str) -> None:
        if button not in self._down:
            self._early[button] = time.monotonic()
            return
        rest_s = self._down[button] + TAP_S - time.monotonic()
        if rest_s > 0:
            self._later(rest_s, partial(self._let_go, button))
        else:
            self._let_go(button)

    def _let_go(self, button: str) -> None:
        if self._down.pop(button, None) is not None:
            self._keys.release(button)


class Watched:
    """The newest whole state for any number of pages; `look` tells it and is called only where somebody watches."""

    def __init__(self, look: Callable[[], Mapping[str, object]]) -> None:
        self._look = look
        self._changed = threading.Condition()
        self._version = 0
        self._ended = threading.Event()

    def changed(self) -> None:
        """Something is not as it was; from any thread."""
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def end(self) -> None:
        """Let every page go."""
        self._ended.set()
        self.changed()

    def events(self, _asked: Asked) -> Iterator[bytes]:
        """The state at once and after every change, as server-sent events."""
        seen, said = -1, b""
        while not self._ended.is_set():
            with self._changed:
                moved = self._changed.wait_for(partial(self._is_newer, seen), KEEPALIVE_S)
            if not moved:
                yield b": still here\n\n"
                continue
            if seen >= 0:
                self._ended.wait(SETTLE_S)
            seen = self._version
            state = msgspec.json.encode(self._look())
            if state != said:
                said = state
                yield b"data: " + state + b"\n\n"

    def _is_newer(self, seen: int) -> bool:
        return self._version != seen


def screen(bits: bytes) -> str:
    """A one-bit picture's rows (Pillow's `tobytes`) as the page takes them."""
    return base64.b64encode(bits).decode("ascii")


# -- what a visitor does ---------------------------------------------------------------------------------------


class Deed(NamedTuple):
    """Which values it takes, in words for the refusal, and what it does with one."""

    takes: Callable[[Any], bool]
    right: str
    act: Callable[[Any], object]


class NotNowError(Exception):
    """What was asked for can't be done; one line."""


def deeds(
    *,
    press: Callable[[str], object],
    release: Callable[[str], object],
    motor: Callable[[bool], object],
    cpm: Callable[[int], object],
    serial: Callable[[bool], object],
    broker: Callable[[bool], object],
    speed: Callable[[int], object],
) -> dict[str, Deed]:
    buttons = ", ".join(Button)
    flag = "true or false"
    return {
        "press": Deed(_is_button, f"one of {buttons}", press),
        "release": Deed(_is_button, f"one of {buttons}", release),
        "motor": Deed(_is_flag, flag, motor),
        "cpm": Deed(lambda value: _is_whole(value) and SLOWEST <= value <= FASTEST, f"{SLOWEST:g} to {FASTEST:g}", cpm),
        "serial": Deed(_is_flag, flag, serial),
        "broker": Deed(_is_flag, flag, broker),
        "speed": Deed(
            lambda value: _is_whole(value) and value in SPEEDS, f"one of {', '.join(map(str, SPEEDS))}", speed
        ),
    }


def do(known: Mapping[str, Deed], asked: Asked) -> Reply:
    """What `{"press": "left"}` and the like ask for is done; 204, or 400 and 503 with one line."""
    try:
        given = msgspec.json.decode(asked.body)
    except (msgspec.DecodeError, RecursionError):
        return _wrong("it is not JSON")
    if not isinstance(given, dict) or len(given) != 1:
        return _wrong(f"give one of {', '.join(known)}")
    ((name, value),) = given.items()
    deed = known.get(name)
    if deed is None:
        return _wrong(f"give one of {', '.join(known)}")
    if not deed.takes(value):
        return _wrong(f"{name}: give {deed.right}")
    try:
        deed.act(value)
    except NotNowError as error:
        return Reply(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n".encode())
    return Reply(HTTPStatus.NO_CONTENT)


def _wrong(why: str) -> Reply:
    return Reply(HTTPStatus.BAD_REQUEST, f"{why}\n".encode())


def _is_button(value: object) -> bool:
    return isinstance(value, str) and value in set(Button)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
