"""Draws which screen follows which, between the marks of architecture.md, by walking the real core: `scripts/renew`.

From a few moments of a day it presses every key that says something, holds right, and leaves the screen alone, on every
screen that it comes to so. What a table of arrows would say, nothing could hold to the rows of `device/core/dialogue`.
"""

import copy
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

from device.core.dialogue import SCREENS, flow
from device.core.dialogue.flow import labels, record_shown
from device.core.model.events import StoreState
from device.core.model.view import ScreenName
from tests.support.drive import Plain

PAPER = Path(__file__).parent / "architecture.md"
MARKS = re.compile(r"(?s)(?<=<!-- screens -->\n).*?(?=<!-- end of screens -->)")
KEYS = ("left", "middle", "right")
HOME = "home"
"""Where the situation leads: many ways go there, whichever screen it is then."""
HELD = "right held"
WHY = {
    ScreenName.WARNING: "something is wrong",
    ScreenName.NOTE: "under a minute",
    ScreenName.PURPOSE: "no purpose yet",
    ScreenName.TIMER: "the pump runs",
    ScreenName.VOLUME: "no amount yet",
    ScreenName.IDLE: "else",
}
"""What `flow.home` asks, in its order."""

PLACES = [*ScreenName, HOME]
Arrow = tuple[str, str, str]
"""From, to, by what."""


# -- where the walk begins -----------------------------------------------------------------------------------------


def at_rest() -> Plain:
    """The clock, with a session and a nursing in the record."""
    device = Plain()
    device.pumped(120)
    device.wait(device.settings.ask_s + 1)
    device.order("nursing", effective=True)
    return device


def running() -> Plain:
    device = Plain()
    device.pump(True, lasts=5)
    return device


def ended(lasts: float = 120) -> Plain:
    device = Plain()
    device.pumped(lasts)
    return device


def answered() -> Plain:
    """Purpose has its answer, so the amount is what is open."""
    device = running()
    device.press("left", "left", "middle")
    device.wait(120)
    device.pump(False, lasts=device.settings.rules.pause_s + 1)
    return device


def fails() -> Plain:
    device = at_rest()
    device.disk_says(StoreState.FULL)
    return device


def begins() -> Plain:
    return Plain(at_home=False)


MOMENTS: tuple[Callable[[], Plain], ...] = (begins, at_rest, running, answered, ended, lambda: ended(20), fails)


# -- the walk ------------------------------------------------------------------------------------------------------


def moves(device: Plain) -> Iterator[tuple[str, Callable[[Plain], None]]]:
    """What can happen to this screen: its keys by what they say, right held, and nothing for as long as it stays."""
    talk = device.state.dialogue
    for key, label in zip(KEYS, labels(device.state), strict=True):
        if label is not None:
            yield label, held(key, 0.1)
    if SCREENS[talk.screen].back is not None:
        yield HELD, held("right", 1)
    if talk.leaves_at is not None:
        stays_s = talk.leaves_at - max(talk.came, talk.touched)
        yield f"{stays_s:.0f} s", partial(Plain.until, at=talk.leaves_at)


def held(key: str, seconds: float) -> Callable[[Plain], None]:
    return lambda device: device.hold(key, seconds)


def kind(device: Plain) -> tuple[object, ...]:
    """Two moments of one kind go the same ways."""
    state, talk = device.state, device.state.dialogue
    asks = state.ask and (state.ask.purpose_put_off, state.ask.volume_put_off)
    told = (talk.correcting, talk.opened_by, talk.note, talk.page, talk.undo is None, bool(talk.noted))
    return talk.screen, labels(state), type(record_shown(state)), told, state.running is None, asks


def twin(device: Plain) -> Plain:
    """Another such device, which goes its own way; what it holds are values."""
    other = copy.copy(device)
    other.disk = copy.copy(device.disk)
    other.disk.log, other.waiting, other.effects = [*device.disk.log], [*device.waiting], []
    return other


def went_home(device: Plain, move: Callable[[Plain], None]) -> bool:
    """Make this move; whether the core asked the situation where to go."""
    asked = []

    def look(frame: FrameType, what: str, _argument: object) -> None:
        if what == "call" and frame.f_code is flow.home.__code__:
            asked.append(frame)

    sys.setprofile(look)
    try:
        move(device)
    finally:
        sys.setprofile(None)
    return bool(asked)


def arrows() -> dict[Arrow, None]:
    """Every way that is found."""
    waiting, known = deque(moment() for moment in MOMENTS), set[tuple[object, ...]]()
    found: dict[Arrow, None] = {}
    while waiting:
        device = waiting.popleft()
        if device.state.dialogue.dark:
            device.press("middle")  # it wakes the display, no more
        if kind(device) in known:
            continue
        known.add(kind(device))
        device.wait(1)  # no press comes so early that it is not heeded
        for label, move in moves(device):
            after = twin(device)
            if went_home(after, move):
                found[device.screen, HOME, label] = None
                if after.screen not in WHY:
                    raise LookupError(f"why does {HOME} lead to {after.screen}?")
            else:
                found[device.screen, after.screen, label] = None
            waiting.append(after)
    return found


# -- the picture ---------------------------------------------------------------------------------------------------


def diagram() -> str:
    """The walk as Mermaid: an arrow from screen to screen, with all that leads there."""
    found: dict[tuple[str, str], list[str]] = {}
    for source, goal, label in sorted(arrows(), key=lambda one: (PLACES.index(one[0]), PLACES.index(one[1]))):
        found.setdefault((source, goal), []).append(label)
    lines = [
        f"state {HOME} <<choice>>",
        f'state "{ScreenName.NOTE}" as {named(ScreenName.NOTE)}',
        f"[*] --> {ScreenName.STATUS} : switched on",
        f"[*] --> {HOME} : pump, disk, dashboard",
        *(f"{HOME} --> {named(goal)} : {why}" for goal, why in WHY.items()),
        *(f"{named(source)} --> {named(goal)} : {', '.join(by)}" for (source, goal), by in found.items()),
    ]
    return "\n    ".join(["stateDiagram-v2", *lines])


def named(place: str) -> str:
    """`note` alone is a word of Mermaid's."""
    return "note_" if place == ScreenName.NOTE else place


def renewed(paper: str) -> str:
    return MARKS.sub(f"```mermaid\n{diagram()}\n```\n", paper)


if __name__ == "__main__":
    PAPER.write_text(renewed(PAPER.read_text(encoding="utf-8")), encoding="utf-8")
