"""Fingers: what each button does on each screen, when it acts, and what holding it does.

Left and middle act when pressed, right when released, for holding it goes back.
"""

from collections.abc import Callable

from msgspec.structs import replace

from . import ledger
from .amount import FIRST, amount_of, ml_of, stepped
from .dialogue import (
    after_note,
    after_reason,
    ask_reason,
    end_chain,
    first_amount,
    go,
    home,
    labels,
    may_stop,
    restart_leaving,
    show_last,
    show_saved_volume,
    subject,
    turn_page,
    wake,
)
from .record import REASONS, Button, Cause, ClassifiedBy, Intention, Nursing, Purpose, Record, Session, Source
from .state import Held, State, Turn, Undo, find_nursing, find_session, newest
from .view import NoteKind, ScreenName

GUARD_S = 0.5
"""Presses this soon after a change that no press caused are ignored: a press meant for Nursed must not be Protect."""
BACK_SHOWS_S, BACK_GOES_S = 0.3, 0.8
NO_BACK = {ScreenName.IDLE, ScreenName.TIMER}
FIRST_REPEAT_S, REPEATS_PER_S, BIG_FROM_REPEAT = 0.5, 6, 10

PURPOSES = tuple(Purpose)
INTENTIONS = (Intention.FEED, Intention.FRIDGE, Intention.FREEZER)
PLACES = {Button.LEFT: 0, Button.MIDDLE: 1, Button.RIGHT: 2}

# -- what each button does -------------------------------------------------------------------------------------


def on_idle(turn: Turn, place: int) -> None:
    match place:
        case 0:
            go(turn, ScreenName.NURSED, by_press=True)
        case 1:
            show_last(turn, 0, by_press=True)
        case _:
            turn.hand = "start"


def on_purpose(turn: Turn, place: int) -> None:
    session = subject(turn)
    if session:
        ledger.classify(turn, session, ClassifiedBy.BUTTON, purpose=PURPOSES[place])
        ask_reason(turn, by_press=True)


def on_reason(turn: Turn, place: int) -> None:
    session = subject(turn)
    if session and session.purpose:
        reasons = REASONS[session.purpose]
        if place < len(reasons):
            ledger.classify(turn, session, ClassifiedBy.BUTTON, reason=reasons[place], purpose=session.purpose)
        after_reason(turn, by_press=True)


def on_note(turn: Turn, place: int) -> None:
    talk = turn.state.dialogue
    if place != 2:
        return
    if talk.note is NoteKind.TREAT_RHYTHM:
        turn_page(turn, by_press=True)
    else:
        after_note(turn, by_press=True)


def on_intention(turn: Turn, place: int) -> None:
    session = subject(turn)
    if session:
        ledger.classify(turn, session, ClassifiedBy.BUTTON, intention=INTENTIONS[place])
        end_chain(turn, by_press=True)


def on_timer(turn: Turn, place: int) -> None:
    state = turn.state
    match place:
        case 0:
            if state.ask:
                turn.set(ask=replace(state.ask, purpose_put_off=False))
            go(turn, ScreenName.PURPOSE, by_press=True, about=state.running)
        case 1:
            go(turn, ScreenName.INTENTION, by_press=True, about=state.running, opened_by=ScreenName.TIMER)
        case _ if may_stop(state):
            turn.hand = "stop"
        case _:
            return


def on_volume(turn: Turn, place: int) -> None:
    talk = turn.state.dialogue
    if place < 2:
        step_amount(turn, -1 if place == 0 else 1, big=False)
        return
    session = subject(turn)
    if session is None or talk.amount is None:
        put_off_volume(turn)
        return
    units = turn.state.settings.units
    if session.volume_ml is None or amount_of(session.volume_ml, units) != talk.amount:
        ledger.give_volume(turn, session, ml_of(talk.amount, units))
    show_saved_volume(turn, session, by_press=True)


def put_off_volume(turn: Turn) -> None:
    """Leave Volume without an amount."""
    if turn.state.dialogue.correcting:
        end_chain(turn, by_press=True)
        return
    if turn.state.ask:
        turn.set(ask=replace(turn.state.ask, volume_put_off=True))
    home(turn, by_press=True)


def step_amount(turn: Turn, direction: int, *, big: bool) -> None:
    talk, units = turn.state.dialogue, turn.state.settings.units
    amount = FIRST[units] if talk.amount is None else stepped(talk.amount, direction, units, big=big)
    turn.talk(amount=amount, touched=turn.at)


def on_saved(turn: Turn, place: int) -> None:
    talk = turn.state.dialogue
    if place == 0 and talk.undo:
        take_back(turn, talk.undo)
    elif place == 2:
        end_chain(turn, by_press=True)


def take_back(turn: Turn, undo: Undo) -> None:
    talk = turn.state.dialogue
    now = find_session(turn.state, undo.record) or find_nursing(turn.state, undo.record)
    if now is not None and (undo.before is None or undo.before.revision != now.revision):
        ledger.restore_record(turn, undo.record, undo.before)
    session = find_session(turn.state, undo.record)
    if undo.screen is ScreenName.VOLUME and session and (talk.correcting or turn.state.ask):
        open_volume(turn, session)
    else:
        end_chain(turn, by_press=True)


def open_volume(turn: Turn, session: Session) -> None:
    """Volume with the amount that stands, else with what to start from."""
    talk, units = turn.state.dialogue, turn.state.settings.units
    given = session.volume_ml
    amount = amount_of(given, units) if given is not None else first_amount(turn.state, session)
    carried = {"about": session.id, "correcting": talk.correcting, "index": talk.index}
    go(turn, ScreenName.VOLUME, by_press=True, amount=amount, **carried)


def on_nursed(turn: Turn, place: int) -> None:
    if place == 2:
        home(turn, by_press=True)
        return
    nursing = ledger.nurse(turn, Source.BUTTON, effective=place == 0)
    undo = Undo(nursing.id, None, ScreenName.NURSED)
    go(turn, ScreenName.SAVED, by_press=True, about=nursing.id, undo=undo)


def on_last(turn: Turn, place: int) -> None:
    talk, records = turn.state.dialogue, newest(turn.state)
    match place:
        case 0 if talk.index + 1 < len(records):
            turn.talk(index=talk.index + 1, about=records[talk.index + 1].id)
        case 0:
            go(turn, ScreenName.STATUS, by_press=True)
        case 1 if records:
            go(turn, ScreenName.CHANGE, by_press=True, about=talk.about, index=talk.index)
        case 2:
            home(turn, by_press=True)
        case _:
            return


def on_change(turn: Turn, place: int) -> None:
    talk = turn.state.dialogue
    nursing, session = find_nursing(turn.state, talk.about), find_session(turn.state, talk.about)
    carried = {"about": talk.about, "correcting": True, "index": talk.index}
    if nursing:
        change_nursing(turn, nursing, place)
    elif session and place == 0:
        go(turn, ScreenName.PURPOSE, by_press=True, **carried)
    elif session and place == 1:
        go(turn, ScreenName.INTENTION, by_press=True, opened_by=ScreenName.CHANGE, **carried)
    elif session:
        turn.talk(correcting=True)
        open_volume(turn, session)


def change_nursing(turn: Turn, nursing: Nursing, place: int) -> None:
    if place == 2:
        changed: Record = ledger.set_deleted(turn, nursing, deleted=True)
    else:
        changed = ledger.revise_nursing(turn, nursing, Cause.EDITED, effective=place == 0)
    undo = Undo(changed.id, nursing, ScreenName.CHANGE)
    index = turn.state.dialogue.index
    go(turn, ScreenName.SAVED, by_press=True, about=nursing.id, undo=undo, correcting=True, index=index)


def on_status(turn: Turn, place: int) -> None:
    talk = turn.state.dialogue
    match place:
        case 0 if talk.page == 1:
            go(turn, ScreenName.STATUS, by_press=True, page=2)
        case 0:
            show_last(turn, 0, by_press=True)
        case 2:
            home(turn, by_press=True)
        case _:
            return


def on_warning(turn: Turn, place: int) -> None:
    talk = turn.state.dialogue
    if place == 2 and talk.warning:
        turn.talk(acknowledged=(*talk.acknowledged, talk.warning))
        home(turn, by_press=True)


ACTIONS: dict[ScreenName, Callable[[Turn, int], None]] = {
    ScreenName.IDLE: on_idle,
    ScreenName.PURPOSE: on_purpose,
    ScreenName.REASON: on_reason,
    ScreenName.NOTE: on_note,
    ScreenName.INTENTION: on_intention,
    ScreenName.TIMER: on_timer,
    ScreenName.VOLUME: on_volume,
    ScreenName.SAVED: on_saved,
    ScreenName.NURSED: on_nursed,
    ScreenName.LAST: on_last,
    ScreenName.CHANGE: on_change,
    ScreenName.STATUS: on_status,
    ScreenName.WARNING: on_warning,
}


def back(turn: Turn) -> None:
    """What holding the right button does."""
    talk = turn.state.dialogue
    carried = {"about": talk.about, "correcting": talk.correcting, "index": talk.index}
    match talk.screen:
        case ScreenName.REASON:
            go(turn, ScreenName.PURPOSE, by_press=True, **carried)
        case ScreenName.NOTE if talk.note is not NoteKind.SHORT:
            go(turn, ScreenName.REASON, by_press=True, **carried)
        case ScreenName.INTENTION if talk.opened_by is ScreenName.REASON:
            go(turn, ScreenName.REASON, by_press=True, **carried)
        case ScreenName.INTENTION if talk.opened_by is ScreenName.NOTE:
            go(turn, ScreenName.NOTE, by_press=True, note=NoteKind.TREAT_CLINICIAN, **carried)
        case ScreenName.PURPOSE | ScreenName.INTENTION | ScreenName.VOLUME if talk.correcting:
            go(turn, ScreenName.CHANGE, by_press=True, about=talk.about, index=talk.index)
        case ScreenName.PURPOSE:
            if turn.state.ask:
                turn.set(ask=replace(turn.state.ask, purpose_put_off=True))
            home(turn, by_press=True)
        case ScreenName.VOLUME:
            put_off_volume(turn)
        case ScreenName.CHANGE:
            show_last(turn, talk.index, by_press=True)
        case ScreenName.NOTE | ScreenName.SAVED | ScreenName.WARNING:
            ACTIONS[talk.screen](turn, 2)
        case ScreenName.IDLE | ScreenName.TIMER:
            return
        case _:
            home(turn, by_press=True)


# -- down and up ---------------------------------------------------------------------------------------------------


def press(turn: Turn, button: Button, *, guarded: bool = True) -> None:
    """A button went down. One that wakes the display, or comes too early, does nothing."""
    talk = turn.state.dialogue
    was_dark = talk.dark
    early = guarded and not talk.by_press and turn.at - talk.came < GUARD_S
    wake(turn)
    turn.talk(held=Held(button, turn.at, talk.serial, idle=was_dark or early))
    if was_dark or early:
        return
    turn.talk(touched=turn.at)
    restart_leaving(turn)
    if button is not Button.RIGHT:
        ACTIONS[talk.screen](turn, PLACES[button])


def release(turn: Turn, button: Button) -> None:
    talk = turn.state.dialogue
    held = talk.held
    if held is None or held.button is not button:
        return
    wake(turn)
    turn.talk(held=None)
    if held.idle or held.went_back or held.serial != talk.serial or button is not Button.RIGHT:
        return
    turn.talk(touched=turn.at)
    if turn.at - held.since >= BACK_SHOWS_S and talk.screen not in NO_BACK:
        back(turn)
    elif labels(turn.state)[2] is not None:
        ACTIONS[talk.screen](turn, 2)


def press_whole(turn: Turn, button: Button, *, held: bool) -> None:
    """A dashboard's press: pressed and released at once, or held until it goes back."""
    dark = turn.state.dialogue.dark
    if button is Button.RIGHT and held and not dark:
        wake(turn)
        turn.talk(touched=turn.at)
        back(turn)
        return
    press(turn, button, guarded=False)
    release(turn, button)


def hold(turn: Turn) -> None:
    """Time passed under a finger: − and + repeat, right goes back."""
    talk = turn.state.dialogue
    held = talk.held
    if held is None or held.idle or held.serial != talk.serial:
        return
    if held.button is Button.RIGHT:
        if turn.at >= held.since + BACK_GOES_S and talk.screen not in NO_BACK and not held.went_back:
            turn.talk(held=replace(held, went_back=True))
            back(turn)
    elif talk.screen is ScreenName.VOLUME:
        while turn.at >= repeat_at(held):
            held = replace(held, repeats=held.repeats + 1)
            turn.talk(held=held)
            step_amount(turn, -1 if held.button is Button.LEFT else 1, big=held.repeats >= BIG_FROM_REPEAT)


def repeat_at(held: Held) -> float:
    return held.since + FIRST_REPEAT_S + held.repeats / REPEATS_PER_S


def due(state: State, at: float) -> list[float]:
    """When a finger that stays down does the next thing."""
    talk = state.dialogue
    held = talk.held
    if held is None or held.idle or held.serial != talk.serial:
        return []
    if held.button is Button.RIGHT:
        if talk.screen in NO_BACK or held.went_back:
            return []
        return [moment for moment in (held.since + BACK_SHOWS_S, held.since + BACK_GOES_S) if moment > at]
    return [repeat_at(held)] if talk.screen is ScreenName.VOLUME else []
