"""A screen is one row: what its keys say and do, where Back leads, how long it stays, what it shows.

The rows stand with their kin (`questions`, `running`, `amounts`, `records`, `idle`) and are put together in `SCREENS`;
the buttons, a dashboard's `press`, the picture and the timers all walk them. Here is the picture that is made of a row
(a view is all that it depends on; whoever draws it knows nothing of the rest).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from device.core.model.effects import Show
from device.core.model.live import Question
from device.core.model.record import Button, Nursing, Session
from device.core.model.view import Body, Lit, ScreenName, View
from device.core.pump.witnesses import SLACK_S, ends_at
from device.core.rules.sittings import MINUTE_S
from device.core.state import NEVER, State, Turn, find_record, find_session, is_night, running_s, wall
from device.words import EN

BACK_SHOWS_S = 0.3
"""From then on a right button that is held says Back."""
PLACES = {Button.LEFT: 0, Button.MIDDLE: 1, Button.RIGHT: 2}
SHIFT_EVERY_S = 180
SHIFTS_DOWN = (0, 1, 0, -1)
"""Where the picture stands against burn-in, a place every three minutes: two bytes for the panel's own offset.

To the side it moves when the screen changes, since that moves every column.
"""


class NextAmount(Protocol):
    def __call__(self, state: State, *, big: bool) -> int: ...


class Key(NamedTuple):
    """What a button says on a screen, and what it does there."""

    label: str
    act: Callable[[Turn], None]
    amount: NextAmount | None = None
    """To which amount a finger that stays on it goes on, by a big step or a small one; None: it acts once."""


Labels = tuple[str | None, str | None, str | None]
Keys = tuple[Key | None, Key | None, Key | None]
"""Left, middle, right; None for a button that does nothing."""


def no_place(_state: State) -> int | None:
    return None


def is_gone(state: State) -> bool:
    """The record that the screen speaks of is not there any more."""
    about = state.dialogue.about
    record = record_shown(state)
    return about is not None and (record is None or record.deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    keys: Keys | Callable[[State], Keys]
    body: Callable[[State, float], Body]
    back: Callable[[Turn], None] | None = None
    """What holding the right button does; None: it is no more than a press."""
    stays_s: float | None = None
    """How long the screen stays where it is left alone; None: for ever."""
    waits: bool = False
    """For ever, too, while the question of its session is open."""
    left_alone: Callable[[Turn], None]
    """Where it goes then, and where its ground is lost."""
    is_over: Callable[[State], bool] = is_gone
    """The screen's record is gone or has its answer, its session or warning is over."""
    suggested: Callable[[State], int | None] = no_place
    """The place of the key that is the suggested choice."""
    protected: bool = False
    """Nothing replaces it for a while after a press."""
    question: Question | None = None
    shows_seconds: bool = False
    """Of its session's running time."""


SCREENS: dict[ScreenName, Screen] = {}


def keys_of(state: State) -> Keys:
    """What the three buttons say and do on this screen."""
    keys = SCREENS[state.dialogue.screen].keys
    return keys(state) if callable(keys) else keys


def labels(state: State) -> Labels:
    left, middle, right = keys_of(state)
    return left and left.label, middle and middle.label, right and right.label


def record_shown(state: State) -> Session | Nursing | None:
    return find_record(state, state.dialogue.about)


def session_shown(state: State) -> Session:
    """The session on the screen; a screen without its session is left before it is drawn."""
    session = find_session(state, state.dialogue.about)
    if session is None:
        raise LookupError(f"{state.dialogue.screen} has no session")
    return session


# -- the picture ----------------------------------------------------------------------------------------------------


def view(state: State, at: float) -> View:
    """The picture of this moment, pressed keys, dimming and the shift against burn-in included."""
    dialogue = state.dialogue
    if dialogue.glow is None or at >= dialogue.glow.until or dialogue.dark:
        return plain(state, at)
    return dialogue.glow.view or replace(plain(state, at), pressed=dialogue.glow.place)


def plain(state: State, at: float) -> View:
    """The screen itself, without the last press's afterglow."""
    dialogue, now = state.dialogue, wall(state, at)
    row, keys = SCREENS[dialogue.screen], labels(state)
    place = pressed(state, keys)
    if place == PLACES[Button.RIGHT] and dialogue.held and row.back is not None:
        keys = (keys[0], keys[1], EN.key.back if at >= dialogue.held.since + BACK_SHOWS_S else keys[2])
    waking = dialogue.held is not None and dialogue.held.woke and not dialogue.dark
    return View(
        body=row.body(state, at),
        keys=(None, None, None) if waking else keys,
        suggested=None if waking else row.suggested(state),
        pressed=place,
        lit=lit(state, now),
        shift=(dialogue.serial % 3 - 1, SHIFTS_DOWN[now // SHIFT_EVERY_S % len(SHIFTS_DOWN)]),
    )


def pressed(state: State, keys: Labels) -> int | None:
    """The key under the finger, on the screen that saw the press."""
    held = state.dialogue.held
    if held is None or held.idle or held.went_back or held.serial != state.dialogue.serial:
        return None
    place = PLACES[held.button]
    return place if keys[place] is not None else None


def lit(state: State, now: int) -> Lit:
    if state.dialogue.dark:
        return Lit.DARK
    return Lit.DIM if is_night(state, now) else Lit.ON


def show(turn: Turn) -> float:
    """Show the picture where it is another than before: when a running time, a countdown or the clock moves on."""
    shown, picture = turn.state.shown, view(turn.state, turn.at)
    still_dark = shown is not None and shown.lit is Lit.DARK and picture.lit is Lit.DARK
    if picture != shown and not still_dark:
        turn.state = replace(turn.state, shown=picture)
        turn.effects.insert(0, Show(picture))
    return ticks_at(turn.state, turn.at)


def ticks_at(state: State, at: float) -> float:
    dialogue, run = state.dialogue, state.detector.run
    if dialogue.dark or not state.settings.display:
        return NEVER
    minute_at = at + until_next(at + state.offset, MINUTE_S)
    counts = SCREENS[dialogue.screen].shows_seconds and dialogue.about == state.running
    if run is not None and counts and not dialogue.correcting:
        if run.quiet is None:
            return min(minute_at, run.began + run.rested_s + running_s(state, at) + 1)
        ends = ends_at(run, state.settings.rules)
        if ends is not None and dialogue.screen is ScreenName.TIMER:
            return min(minute_at, at + until_next(at - ends, 1))
    return minute_at


def until_next(value: float, step: int) -> float:
    """How long until a value that grows with time comes to its next whole step; one as good as reached is past."""
    left = step - value % step
    return left if left > SLACK_S else left + step
