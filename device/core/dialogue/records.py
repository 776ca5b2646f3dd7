"""What is recorded: Nursed, which records a nursing; Last, which leafs through; Change, which corrects one."""

from functools import partial

from device.core.model.record import Cause, Clock, Nursing, Session, Source, Units
from device.core.model.view import ChangeBody, LastBody, NursingFacts, PlainBody, ScreenName, SessionFacts
from device.core.record import corrections, revisions
from device.core.state import State, Turn, Undo, find_nursing, is_running, minute, newest, running_s
from device.words import in_each

from .amounts import open_volume
from .flow import Key, Keys, Screen, go, go_on, home, place, record_shown, session_shown, show_last, subject

LEFT_ALONE_S = 30.0

# -- nursed --------------------------------------------------------------------------------------------------------


def record_nursing(turn: Turn, *, effective: bool) -> None:
    nursing = revisions.nurse(turn, Source.BUTTON, effective=effective)
    go(turn, ScreenName.SAVED, about=nursing.id, undo=Undo(nursing.id, None, ScreenName.NURSED))


NURSED_KEYS: Keys = (
    Key(in_each(lambda words: words.key.yes), partial(record_nursing, effective=True)),
    Key(in_each(lambda words: words.key.no), partial(record_nursing, effective=False)),
    Key(in_each(lambda words: words.key.back), home),
)

# -- last ----------------------------------------------------------------------------------------------------------


def show_older(turn: Turn) -> None:
    """The next older record, after the last one Status."""
    records, index = newest(turn.state), place(turn.state)
    if index + 1 < len(records):
        turn.talk(index=index + 1, about=records[index + 1].id)
    else:
        go(turn, ScreenName.STATUS)


OLDER, CHANGE, BACK = (
    Key(in_each(lambda words: words.key.older), show_older),
    Key(in_each(lambda words: words.key.change), lambda turn: go_on(turn, ScreenName.CHANGE)),
    Key(in_each(lambda words: words.key.back), home),
)


def session_facts(state: State, session: Session, at: float) -> SessionFacts:
    return SessionFacts(
        started=minute(state, session.started_at),
        unsynced=session.clock is Clock.UNSYNCED,
        pumping_s=running_s(state, at) if is_running(session) else session.pumping_s,
        running=is_running(session),
        volume_ml=session.volume_ml,
        intention=session.intention,
        purpose=session.purpose,
        reason=session.reason,
        interrupted=session.interrupted,
        units=state.settings.units,
    )


def nursing_facts(state: State, nursing: Nursing) -> NursingFacts:
    return NursingFacts(minute(state, nursing.at), nursing.clock is Clock.UNSYNCED, nursing.effective)


def last_body(state: State, at: float) -> LastBody:
    record = record_shown(state)
    if record is None:
        return LastBody(None, 0, 0)
    facts = session_facts(state, record, at) if isinstance(record, Session) else nursing_facts(state, record)
    return LastBody(facts, place(state) + 1, len(newest(state)))


# -- change --------------------------------------------------------------------------------------------------------


def correct_nursing(turn: Turn, *, effective: bool) -> None:
    nursing = find_nursing(turn.state, turn.state.dialogue.about)
    if nursing:
        revisions.revise_nursing(turn, nursing, Cause.EDITED, effective=effective)
        undo = Undo(nursing.id, nursing, ScreenName.CHANGE)
        go_on(turn, ScreenName.SAVED, undo=undo, correcting=True)


def delete_nursing(turn: Turn) -> None:
    nursing = find_nursing(turn.state, turn.state.dialogue.about)
    if nursing:
        corrections.set_deleted(turn, nursing, deleted=True)
        undo = Undo(nursing.id, nursing, ScreenName.CHANGE)
        go_on(turn, ScreenName.SAVED, undo=undo, correcting=True)


def correct_amount(turn: Turn) -> None:
    session = subject(turn)
    if session:
        open_volume(turn, session, correcting=True)


NURSING_KEYS: Keys = (
    Key(in_each(lambda words: words.key.yes), partial(correct_nursing, effective=True)),
    Key(in_each(lambda words: words.key.no), partial(correct_nursing, effective=False)),
    Key(in_each(lambda words: words.key.delete), delete_nursing),
)
CORRECT_PURPOSE = Key(
    in_each(lambda words: words.key.why), lambda turn: go_on(turn, ScreenName.PURPOSE, correcting=True)
)
CORRECT_INTENTION = Key(
    in_each(lambda words: words.key.milk_for),
    lambda turn: go_on(turn, ScreenName.INTENTION, correcting=True, opened_by=ScreenName.CHANGE),
)


def correct_in(units: Units) -> Key:
    return Key(in_each(lambda _: units.value), correct_amount)


CORRECT_AMOUNT = {units: correct_in(units) for units in Units}


def change_keys(state: State) -> Keys:
    if find_nursing(state, state.dialogue.about):
        return NURSING_KEYS
    return (CORRECT_PURPOSE, CORRECT_INTENTION, CORRECT_AMOUNT[state.settings.units])


def change_body(state: State, at: float) -> ChangeBody:
    nursing = find_nursing(state, state.dialogue.about)
    facts = nursing_facts(state, nursing) if nursing else session_facts(state, session_shown(state), at)
    return ChangeBody(facts, place(state) + 1, len(newest(state)))


def back_to_last(turn: Turn) -> None:
    show_last(turn, place(turn.state))


ROWS: dict[ScreenName, Screen] = {
    ScreenName.NURSED: Screen(
        keys=NURSED_KEYS,
        body=lambda _state, _at: PlainBody(ScreenName.NURSED),
        back=home,
        stays_s=LEFT_ALONE_S,
        left_alone=home,
        protected=True,
    ),
    ScreenName.LAST: Screen(
        keys=lambda state: (OLDER, CHANGE if newest(state) else None, BACK),
        body=last_body,
        back=home,
        stays_s=LEFT_ALONE_S,
        left_alone=home,
        protected=True,
        shows_seconds=True,
    ),
    ScreenName.CHANGE: Screen(
        keys=change_keys,
        body=change_body,
        back=back_to_last,
        stays_s=LEFT_ALONE_S,
        left_alone=home,
        protected=True,
        shows_seconds=True,
    ),
}
