"""Volume: how much it was; and Saved, which says what was recorded and takes it back."""

from functools import partial

from msgspec.structs import replace

from device.core.model.live import Question
from device.core.model.record import Clock, Session
from device.core.model.view import SavedNursing, SavedVolume, ScreenName, VolumeBody
from device.core.record import corrections, revisions
from device.core.rules.amounts import FIRST, amount_of, ml_of, stepped
from device.core.rules.sittings import DAY_S
from device.core.state import State, Turn, Undo, find_nursing, find_record, find_session, local, minute, wall
from device.words import in_each

from .flow import (
    CORRECTING_S,
    Key,
    Keys,
    Screen,
    asks_openly,
    change_again,
    end_chain,
    first_amount,
    go_on,
    home,
    record_shown,
    session_shown,
    subject,
)

SAVED_S = 4.0
"""How long Saved stays."""


# -- volume --------------------------------------------------------------------------------------------------------


def volume_keys(state: State) -> Keys:
    return SKIP_AMOUNT if state.dialogue.amount is None else SAVE_AMOUNT


def next_amount(direction: int, state: State, *, big: bool = False) -> int:
    amount, units = state.dialogue.amount, state.settings.units
    return FIRST[units] if amount is None else stepped(amount, direction, units, big=big)


def step_amount(direction: int, turn: Turn) -> None:
    turn.talk(amount=next_amount(direction, turn.state), touched=turn.at)


def save_amount(turn: Turn) -> None:
    dialogue, session = turn.state.dialogue, subject(turn)
    if session is None or dialogue.amount is None:
        put_off_volume(turn)
        return
    units = turn.state.settings.units
    recorded_ml = session.volume_ml
    if recorded_ml is None or amount_of(recorded_ml, units) != dialogue.amount:
        revisions.give_volume(turn, session, ml_of(dialogue.amount, units))
    elif not session.volume_by_hand:
        revisions.give_volume(turn, session, recorded_ml, left_ml=session.left_ml, right_ml=session.right_ml)
    show_saved_volume(turn, session)


def show_saved_volume(turn: Turn, before: Session) -> None:
    """Say that the amount is recorded; `before` is what Undo brings back."""
    now = find_session(turn.state, before.id)
    recorded_ml = now.volume_ml if now else None
    amount = None if recorded_ml is None else amount_of(recorded_ml, turn.state.settings.units)
    go_on(turn, ScreenName.SAVED, amount=amount, undo=Undo(before.id, before, ScreenName.VOLUME))


def put_off_volume(turn: Turn) -> None:
    """Leave Volume without an amount."""
    if turn.state.ask and asks_openly(turn.state):
        turn.set(ask=replace(turn.state.ask, volume_put_off=True))
    end_chain(turn)


def leave_volume(turn: Turn) -> None:
    """Back."""
    if turn.state.dialogue.correcting:
        change_again(turn)
    else:
        put_off_volume(turn)


def open_volume(turn: Turn, session: Session, *, correcting: bool) -> None:
    """Volume with the amount that stands, else with what to start from."""
    units = turn.state.settings.units
    recorded_ml = session.volume_ml
    amount = amount_of(recorded_ml, units) if recorded_ml is not None else first_amount(turn.state, session)
    go_on(turn, ScreenName.VOLUME, amount=amount, correcting=correcting)


def volume_body(state: State, _at: float) -> VolumeBody:
    amount, expected = state.dialogue.amount, session_shown(state).expectation_ml
    return VolumeBody(amount, state.settings.units, expected if amount is not None else None)


LESS = Key(in_each(lambda _: "−"), partial(step_amount, -1), partial(next_amount, -1))
MORE = Key(in_each(lambda _: "+"), partial(step_amount, 1), partial(next_amount, 1))
SKIP_AMOUNT: Keys = (LESS, MORE, Key(in_each(lambda words: words.key.skip), save_amount))
SAVE_AMOUNT: Keys = (LESS, MORE, Key(in_each(lambda words: words.key.save), save_amount))


# -- saved ---------------------------------------------------------------------------------------------------------


def take_back(turn: Turn) -> None:
    dialogue = turn.state.dialogue
    undo = dialogue.undo
    if undo is None:
        return
    now = find_record(turn.state, undo.record)
    if now is not None and (undo.before is None or undo.before.revision != now.revision):
        corrections.restore_record(turn, undo.record, undo.before)
    session = find_session(turn.state, undo.record)
    if undo.screen is ScreenName.VOLUME and session and (dialogue.correcting or asks_openly(turn.state)):
        open_volume(turn, session, correcting=dialogue.correcting)
    else:
        end_chain(turn)


UNDO, DONE = Key(in_each(lambda words: words.key.undo), take_back), Key(in_each(lambda words: words.key.ok), end_chain)


def saved_body(state: State, at: float) -> SavedVolume | SavedNursing:
    nursing = find_nursing(state, state.dialogue.about)
    if nursing:
        shown = None if nursing.clock is Clock.UNSYNCED else minute(state, nursing.at)
        return SavedNursing(shown, nursing.effective, nursing.deleted)
    session = session_shown(state)
    amount, units = state.dialogue.amount, state.settings.units
    if session.use_by is None:
        return SavedVolume(amount, units, None)
    under_a_day = 0 <= session.use_by - wall(state, at) < DAY_S
    return SavedVolume(amount, units, local(state, session.use_by), under_a_day)


def saved_is_over(state: State) -> bool:
    """A record that was just deleted is there to be brought back."""
    return state.dialogue.about is not None and record_shown(state) is None


ROWS: dict[ScreenName, Screen] = {
    ScreenName.VOLUME: Screen(
        keys=volume_keys,
        body=volume_body,
        back=leave_volume,
        stays_s=CORRECTING_S,
        waits=True,
        left_alone=home,
        protected=True,
        question=Question.VOLUME,
    ),
    ScreenName.SAVED: Screen(
        keys=lambda state: (UNDO if state.dialogue.undo else None, None, DONE),
        body=saved_body,
        back=end_chain,
        stays_s=SAVED_S,
        left_alone=end_chain,
        is_over=saved_is_over,
        protected=True,
    ),
}
