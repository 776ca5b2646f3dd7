"""The buttons: when a press acts, and what holding one does; what it does on which screen stands in the screens' rows.

Left and middle act when pressed, right when released, for holding it goes back.
"""

from collections.abc import Callable, Iterator
from functools import partial

from msgspec.structs import replace

from device.core.model.record import Button
from device.core.state import Held, State, Turn

from .flow import lit_until, restart_leaving, wake
from .screen import BACK_SHOWS_S, PLACES, SCREENS, NextAmount, keys_of

GUARD_S = 0.5
"""Presses this soon after a change that no press caused are ignored: a press meant for Nursed must not be Protect."""
BACK_GOES_S = 0.8
FIRST_REPEAT_S, REPEATS_PER_S, BIG_FROM_REPEAT = 0.5, 6, 10


# -- down and up ---------------------------------------------------------------------------------------------------


def press(turn: Turn, button: Button, *, guarded: bool = True) -> None:
    """A button went down. One that wakes the display, or comes too early, does nothing."""
    dialogue = turn.state.dialogue
    early = guarded and not dialogue.by_press and turn.at - dialogue.came < GUARD_S
    idle = dialogue.dark or early
    held = Held(button, turn.at, dialogue.serial, idle=idle, woke=dialogue.dark)
    touched = dialogue.touched if idle else turn.at
    dialogue = replace(dialogue, held=held, touched=touched, dark=False, lit_until=lit_until(turn))
    turn.state = replace(turn.state, dialogue=dialogue)
    if idle:
        return
    restart_leaving(turn)
    if button is not Button.RIGHT:
        act(turn, button)


def act(turn: Turn, button: Button) -> None:
    """Do what this button's key says."""
    key = keys_of(turn.state)[PLACES[button]]
    if key is not None:
        key.act(turn)


def hold_back(turn: Turn) -> bool:
    """What holding the right button does; False where that is no more than a press."""
    back = SCREENS[turn.state.dialogue.screen].back
    if back is not None:
        back(turn)
    return back is not None


def release(turn: Turn, button: Button) -> None:
    dialogue = turn.state.dialogue
    held = dialogue.held
    if held is None or held.button is not button:
        return
    wake(turn)
    turn.talk(held=None)
    if held.idle or held.went_back or held.serial != dialogue.serial or button is not Button.RIGHT:
        return
    turn.talk(touched=turn.at)
    if turn.at - held.since < BACK_SHOWS_S or not hold_back(turn):
        act(turn, button)


def press_whole(turn: Turn, button: Button, *, held: bool) -> None:
    """A dashboard's press: pressed and released at once, or held until it goes back; a finger that is down stays so."""
    finger, back = turn.state.dialogue.held, SCREENS[turn.state.dialogue.screen].back
    if held and button is Button.RIGHT and back is not None and not turn.state.dialogue.dark:
        wake(turn)
        turn.talk(touched=turn.at)
        back(turn)
        return
    press(turn, button, guarded=False)
    release(turn, button)
    turn.talk(held=finger)


# -- time under a finger -------------------------------------------------------------------------------------------


def dues(state: State, at: float) -> Iterator[tuple[float, Callable[[Turn], None]]]:
    """When a finger that stays down does the next thing, and what: − and + repeat, right goes back."""
    dialogue = state.dialogue
    held = dialogue.held
    if held is None or held.idle or held.serial != dialogue.serial:
        return
    if held.button is not Button.RIGHT:
        key = keys_of(state)[PLACES[held.button]]
        if key and key.amount and key.amount(state, big=False) != dialogue.amount:
            yield held.since + FIRST_REPEAT_S + held.repeats / REPEATS_PER_S, partial(repeat, key.amount)
    elif SCREENS[state.dialogue.screen].back is not None and not held.went_back:
        if at < held.since + BACK_SHOWS_S:
            yield held.since + BACK_SHOWS_S, draw_anew
        yield held.since + BACK_GOES_S, go_back


def draw_anew(_turn: Turn) -> None:
    """The picture alone is another."""


def go_back(turn: Turn) -> None:
    held = turn.state.dialogue.held
    if held is not None:
        turn.talk(held=replace(held, went_back=True))
        turn.by_press = True
        hold_back(turn)


def repeat(amount: NextAmount, turn: Turn) -> None:
    held = turn.state.dialogue.held
    if held is not None:
        held = replace(held, repeats=held.repeats + 1)
        following = amount(turn.state, big=held.repeats >= BIG_FROM_REPEAT)
        turn.talk(held=held, amount=following, touched=turn.at)
