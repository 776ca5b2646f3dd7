"""Fingers: what each button does on each screen, when it acts, and what holding it does.

Left and middle act when pressed, right when released, for holding it goes back.
"""

from collections.abc import Callable

from msgspec.structs import replace

from device.core.model.record import REASONS, Button, Cause, ClassifiedBy, Intention, Nursing, Purpose, Session, Source
from device.core.model.view import NoteKind, ScreenName, WarningKind
from device.core.record import corrections, revisions
from device.core.rules.amounts import FIRST, amount_of, ml_of, stepped
from device.core.state import Held, State, Turn, Undo, find_nursing, find_session, newest

from .flow import (
    after_note,
    after_reason,
    asks_openly,
    end_chain,
    first_amount,
    go,
    go_on,
    home,
    labels,
    may_stop,
    place,
    restart_leaving,
    show_last,
    show_saved_volume,
    subject,
    turn_page,
    wake,
)

GUARD_S = 0.5
"""Presses this soon after a change that no press caused are ignored: a press meant for Nursed must not be Protect."""
BACK_SHOWS_S, BACK_GOES_S = 0.3, 0.8
NO_BACK = {ScreenName.IDLE, ScreenName.TIMER}
FIRST_REPEAT_S, REPEATS_PER_S, BIG_FROM_REPEAT = 0.5, 6, 10

PURPOSES = tuple(Purpose)
INTENTIONS = (Intention.FEED, Intention.FRIDGE, Intention.FREEZER)
PLACES = {Button.LEFT: 0, Button.MIDDLE: 1, Button.RIGHT: 2}

# -- what each button does -------------------------------------------------------------------------------------


def on_idle(turn: Turn, key: int) -> None:
    match key:
        case 0:
            go(turn, ScreenName.NURSED)
        case 1:
            show_last(turn, 0)
        case _:
            turn.hand = "start"


def on_purpose(turn: Turn, key: int) -> None:
    session = subject(turn)
    if session:
        revisions.classify(turn, session, ClassifiedBy.BUTTON, purpose=PURPOSES[key])
        go_on(turn, ScreenName.REASON)


def on_reason(turn: Turn, key: int) -> None:
    session = subject(turn)
    if session and session.purpose:
        reasons = REASONS[session.purpose]
        if key < len(reasons):
            revisions.classify(turn, session, ClassifiedBy.BUTTON, reason=reasons[key], purpose=session.purpose)
        after_reason(turn)


def on_note(turn: Turn, key: int) -> None:
    talk = turn.state.dialogue
    if key != 2:
        return
    if talk.note is NoteKind.TREAT_RHYTHM:
        turn_page(turn)
    else:
        after_note(turn)


def on_intention(turn: Turn, key: int) -> None:
    session = subject(turn)
    if session:
        revisions.classify(turn, session, ClassifiedBy.BUTTON, intention=INTENTIONS[key])
        end_chain(turn)


def on_timer(turn: Turn, key: int) -> None:
    state = turn.state
    match key:
        case 0:
            if state.ask:
                turn.set(ask=replace(state.ask, purpose_put_off=False))
            answered = turn.running is not None and turn.running.purpose is not None
            go(turn, ScreenName.PURPOSE, about=state.running, answered=answered)
        case 1:
            go(turn, ScreenName.INTENTION, about=state.running, opened_by=ScreenName.TIMER)
        case _ if may_stop(state):
            turn.hand = "stop"
        case _:
            return


def on_volume(turn: Turn, key: int) -> None:
    talk = turn.state.dialogue
    if key < 2:
        step_amount(turn, -1 if key == 0 else 1, big=False)
        return
    session = subject(turn)
    if session is None or talk.amount is None:
        put_off_volume(turn)
        return
    units = turn.state.settings.units
    said = session.volume_ml
    if said is None or amount_of(said, units) != talk.amount:
        revisions.give_volume(turn, session, ml_of(talk.amount, units))
    elif not session.volume_by_hand:
        revisions.give_volume(turn, session, said, left_ml=session.left_ml, right_ml=session.right_ml)
    show_saved_volume(turn, session)


def put_off_volume(turn: Turn) -> None:
    """Leave Volume without an amount."""
    if turn.state.ask and asks_openly(turn.state):
        turn.set(ask=replace(turn.state.ask, volume_put_off=True))
    end_chain(turn)


def step_amount(turn: Turn, direction: int, *, big: bool) -> None:
    talk, units = turn.state.dialogue, turn.state.settings.units
    amount = FIRST[units] if talk.amount is None else stepped(talk.amount, direction, units, big=big)
    turn.talk(amount=amount, touched=turn.at)


def on_saved(turn: Turn, key: int) -> None:
    talk = turn.state.dialogue
    if key == 0 and talk.undo:
        take_back(turn, talk.undo)
    elif key == 2:
        end_chain(turn)


def take_back(turn: Turn, undo: Undo) -> None:
    talk = turn.state.dialogue
    now = find_session(turn.state, undo.record) or find_nursing(turn.state, undo.record)
    if now is not None and (undo.before is None or undo.before.revision != now.revision):
        corrections.restore_record(turn, undo.record, undo.before)
    session = find_session(turn.state, undo.record)
    if undo.screen is ScreenName.VOLUME and session and (talk.correcting or asks_openly(turn.state)):
        open_volume(turn, session, correcting=talk.correcting)
    else:
        end_chain(turn)


def open_volume(turn: Turn, session: Session, *, correcting: bool) -> None:
    """Volume with the amount that stands, else with what to start from."""
    units = turn.state.settings.units
    given = session.volume_ml
    amount = amount_of(given, units) if given is not None else first_amount(turn.state, session)
    go_on(turn, ScreenName.VOLUME, amount=amount, correcting=correcting)


def on_nursed(turn: Turn, key: int) -> None:
    if key == 2:
        home(turn)
        return
    nursing = revisions.nurse(turn, Source.BUTTON, effective=key == 0)
    undo = Undo(nursing.id, None, ScreenName.NURSED)
    go(turn, ScreenName.SAVED, about=nursing.id, undo=undo)


def on_last(turn: Turn, key: int) -> None:
    records, index = newest(turn.state), place(turn.state)
    match key:
        case 0 if index + 1 < len(records):
            turn.talk(index=index + 1, about=records[index + 1].id)
        case 0:
            go(turn, ScreenName.STATUS)
        case 1 if records:
            go_on(turn, ScreenName.CHANGE)
        case 2:
            home(turn)
        case _:
            return


def on_change(turn: Turn, key: int) -> None:
    talk = turn.state.dialogue
    nursing, session = find_nursing(turn.state, talk.about), find_session(turn.state, talk.about)
    if nursing:
        change_nursing(turn, nursing, key)
    elif session and key == 0:
        go_on(turn, ScreenName.PURPOSE, correcting=True)
    elif session and key == 1:
        go_on(turn, ScreenName.INTENTION, correcting=True, opened_by=ScreenName.CHANGE)
    elif session:
        open_volume(turn, session, correcting=True)


def change_nursing(turn: Turn, nursing: Nursing, key: int) -> None:
    if key == 2:
        corrections.set_deleted(turn, nursing, deleted=True)
    else:
        revisions.revise_nursing(turn, nursing, Cause.EDITED, effective=key == 0)
    go_on(turn, ScreenName.SAVED, undo=Undo(nursing.id, nursing, ScreenName.CHANGE), correcting=True)


def on_status(turn: Turn, key: int) -> None:
    talk = turn.state.dialogue
    match key:
        case 0 if talk.page == 1:
            go(turn, ScreenName.STATUS, page=2)
        case 0:
            show_last(turn, 0)
        case 2:
            home(turn)
        case _:
            return


def on_warning(turn: Turn, key: int) -> None:
    talk = turn.state.dialogue
    if key == 2 and talk.warning:
        if talk.warning is WarningKind.REPAIRED:
            turn.tell_health(repair_open=False)
        turn.talk(acknowledged=(*talk.acknowledged, talk.warning))
        home(turn)


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
    match talk.screen:
        case ScreenName.REASON:
            go_on(turn, ScreenName.PURPOSE, answered=True)
        case ScreenName.NOTE if talk.note is not NoteKind.SHORT:
            go_on(turn, ScreenName.REASON)
        case ScreenName.INTENTION if talk.opened_by is ScreenName.REASON:
            go_on(turn, ScreenName.REASON)
        case ScreenName.INTENTION if talk.opened_by is ScreenName.NOTE:
            go_on(turn, ScreenName.NOTE, note=NoteKind.TREAT_CLINICIAN)
        case ScreenName.PURPOSE | ScreenName.INTENTION | ScreenName.VOLUME if talk.correcting:
            go(turn, ScreenName.CHANGE, about=talk.about, index=talk.index)
        case ScreenName.PURPOSE:
            if turn.state.ask and asks_openly(turn.state):
                turn.set(ask=replace(turn.state.ask, purpose_put_off=True))
            home(turn)
        case ScreenName.VOLUME:
            put_off_volume(turn)
        case ScreenName.CHANGE:
            show_last(turn, place(turn.state))
        case ScreenName.NOTE | ScreenName.SAVED | ScreenName.WARNING:
            ACTIONS[talk.screen](turn, 2)
        case ScreenName.IDLE | ScreenName.TIMER:
            return
        case _:
            home(turn)


# -- down and up ---------------------------------------------------------------------------------------------------


def press(turn: Turn, button: Button, *, guarded: bool = True) -> None:
    """A button went down. One that wakes the display, or comes too early, does nothing."""
    talk = turn.state.dialogue
    early = guarded and not talk.by_press and turn.at - talk.came < GUARD_S
    wake(turn)
    turn.talk(held=Held(button, turn.at, talk.serial, idle=talk.dark or early, woke=talk.dark))
    if talk.dark or early:
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
    """A dashboard's press: pressed and released at once, or held until it goes back; a finger that is down stays so."""
    finger = turn.state.dialogue.held
    goes_back = turn.state.dialogue.screen not in NO_BACK and not turn.state.dialogue.dark
    if held and button is Button.RIGHT and goes_back:
        wake(turn)
        turn.talk(touched=turn.at)
        back(turn)
        return
    press(turn, button, guarded=False)
    release(turn, button)
    turn.talk(held=finger)


def hold(turn: Turn) -> None:
    """Time passed under a finger: − and + repeat, right goes back."""
    talk = turn.state.dialogue
    held = talk.held
    if held is None or held.idle or held.serial != talk.serial:
        return
    if held.button is Button.RIGHT:
        if turn.at >= held.since + BACK_GOES_S and talk.screen not in NO_BACK and not held.went_back:
            turn.talk(held=replace(held, went_back=True))
            turn.by_press = True
            back(turn)
    elif talk.screen is ScreenName.VOLUME:
        while turn.at >= repeat_at(held) and not at_limit(turn.state):
            held = replace(held, repeats=held.repeats + 1)
            turn.talk(held=held)
            step_amount(turn, direction_of(held), big=held.repeats >= BIG_FROM_REPEAT)


def direction_of(held: Held) -> int:
    return -1 if held.button is Button.LEFT else 1


def at_limit(state: State) -> bool:
    """The finger on − or + has come to the last amount there is."""
    talk, units = state.dialogue, state.settings.units
    if talk.held is None or talk.amount is None:
        return False
    return stepped(talk.amount, direction_of(talk.held), units, big=False) == talk.amount


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
    return [repeat_at(held)] if talk.screen is ScreenName.VOLUME and not at_limit(state) else []
