"""The chain of questions: Purpose, Reason, the notes on treating, and what the milk is for."""

from functools import partial

from msgspec.structs import replace

from device.core.model.live import Question
from device.core.model.record import (
    REASONS,
    ClassifiedBy,
    Intention,
    Purpose,
    Reason,
    Session,
    SessionState,
)
from device.core.model.view import (
    Heading,
    Hint,
    IntentionBody,
    NoteBody,
    NoteKind,
    PurposeBody,
    ReasonBody,
    ScreenName,
)
from device.core.record import revisions
from device.core.record.sessions import outlook_label
from device.core.rules import guidance
from device.core.rules.records import stimulated_but
from device.core.rules.sittings import DAY_S, MINUTE_S, within
from device.core.state import State, Turn, find_session, minute, running_s
from device.words import in_each

from .amounts import show_saved_volume
from .flow import (
    CORRECTING_S,
    Key,
    Keys,
    Screen,
    asks_openly,
    change_again,
    end_chain,
    go_on,
    home,
    is_gone,
    session_shown,
)

REASON_S, INTENTION_S, NOTE_S = 20.0, 20.0, 60.0
"""How long each stays where it is left alone."""
NOTED = 8
"""How many sittings are remembered that have had treat's note."""
NO_KEYS: Keys = (None, None, None)
PURPOSES = tuple(Purpose)


def heading(state: State, session: Session, at: float) -> Heading:
    if state.dialogue.correcting:
        return Heading(of=minute(state, session.started_at))
    if session.state is SessionState.RUNNING:
        return Heading(running_s=running_s(state, at))
    return Heading(pumped_s=session.pumping_s)


# -- purpose -------------------------------------------------------------------------------------------------------


def answer_purpose(purpose: Purpose, turn: Turn) -> None:
    session = find_session(turn.state, turn.state.dialogue.about)
    if session:
        revisions.classify(turn, session, ClassifiedBy.BUTTON, purpose=purpose)
        go_on(turn, ScreenName.REASON)


PURPOSE_KEYS: Keys = (
    Key(in_each(lambda words: words.purposes[Purpose.PROTECT].key), partial(answer_purpose, Purpose.PROTECT)),
    Key(in_each(lambda words: words.purposes[Purpose.PROMOTE].key), partial(answer_purpose, Purpose.PROMOTE)),
    Key(in_each(lambda words: words.purposes[Purpose.TREAT].key), partial(answer_purpose, Purpose.TREAT)),
)


def purpose_body(state: State, at: float) -> PurposeBody:
    session = session_shown(state)
    answer = (session.purpose, session.reason) if session.purpose or state.dialogue.correcting else None
    return PurposeBody(heading(state, session, at), session.suggestion, answer)


def suggested_purpose(state: State) -> int | None:
    session = find_session(state, state.dialogue.about)
    if session is None or session.suggestion is None or session.purpose:
        return None
    return PURPOSES.index(session.suggestion.purpose)


def purpose_is_over(state: State) -> bool:
    dialogue = state.dialogue
    if dialogue.answered or dialogue.correcting:
        return is_gone(state)
    session = find_session(state, dialogue.about)
    return is_gone(state) or (session is not None and session.purpose is not None)


def leave_purpose(turn: Turn) -> None:
    """Back: the record picked in Last, else the question is put off."""
    if turn.state.dialogue.correcting:
        change_again(turn)
        return
    if turn.state.ask and asks_openly(turn.state):
        turn.set(ask=replace(turn.state.ask, purpose_put_off=True))
    home(turn)


# -- reason --------------------------------------------------------------------------------------------------------


def answer_reason(reason: Reason, turn: Turn) -> None:
    session = find_session(turn.state, turn.state.dialogue.about)
    if session and session.purpose:
        revisions.classify(turn, session, ClassifiedBy.BUTTON, reason=reason, purpose=session.purpose)
        after_reason(turn)


def after_reason(turn: Turn, *, ends: bool = False) -> None:
    """Treat's note once a sitting, else what the milk is for; `ends`: nobody answered, nothing more is asked."""
    dialogue, session = turn.state.dialogue, find_session(turn.state, turn.state.dialogue.about)
    if session and session.purpose is Purpose.TREAT and session.sitting not in dialogue.noted:
        noted = (*dialogue.noted, session.sitting)[-NOTED:]
        go_on(turn, ScreenName.NOTE, note=NoteKind.TREAT_RHYTHM, note_ends=ends, noted=noted)
    else:
        ask_intention(turn, ends=ends)


def reason_key(reason: Reason) -> Key:
    return Key(in_each(lambda words: words.reasons[reason].key), partial(answer_reason, reason))


def reasons_and_skip(purpose: Purpose) -> Keys:
    """A key for each reason, and where one is left, Skip."""
    keys = [reason_key(reason) for reason in REASONS[purpose]]
    left, middle, right = [*keys, Key(in_each(lambda words: words.key.skip), after_reason)][:3]
    return left, middle, right


REASON_KEYS = {purpose: reasons_and_skip(purpose) for purpose in Purpose}


def reason_keys(state: State) -> Keys:
    session = find_session(state, state.dialogue.about)
    return REASON_KEYS[session.purpose] if session and session.purpose else NO_KEYS


def reason_body(state: State, at: float) -> ReasonBody:
    session = session_shown(state)
    return ReasonBody(session.purpose or Purpose.PROTECT, heading(state, session, at))


def suggested_reason(state: State) -> int | None:
    """Only while there is none, and for the purpose that was suggested."""
    session = find_session(state, state.dialogue.about)
    if session is None or session.suggestion is None or session.purpose is None or session.reason:
        return None
    reasons, likely = REASONS[session.purpose], session.suggestion
    fits = session.purpose is likely.purpose and likely.reason in reasons
    return reasons.index(likely.reason) if fits and likely.reason else None


def reason_is_over(state: State) -> bool:
    session = find_session(state, state.dialogue.about)
    return session is None or session.deleted or session.purpose is None


# -- notes ---------------------------------------------------------------------------------------------------------


def note_keys(state: State) -> Keys:
    match state.dialogue.note:
        case NoteKind.TREAT_RHYTHM:
            return (None, None, MORE)
        case NoteKind.TREAT_CLINICIAN:
            return (None, None, READ)
    return (None, None, OK)


def turn_page(turn: Turn) -> None:
    go_on(turn, ScreenName.NOTE, note=NoteKind.TREAT_CLINICIAN, note_ends=turn.state.dialogue.note_ends)


def after_clinician(turn: Turn) -> None:
    ask_intention(turn, ends=turn.state.dialogue.note_ends)


MORE = Key(in_each(lambda words: words.key.more), turn_page)
READ = Key(in_each(lambda words: words.key.ok), after_clinician)
OK = Key(in_each(lambda words: words.key.ok), home)


def leave_note(turn: Turn) -> None:
    """Back."""
    if turn.state.dialogue.note is NoteKind.SHORT:
        home(turn)
    else:
        go_on(turn, ScreenName.REASON)


def note_left_alone(turn: Turn) -> None:
    match turn.state.dialogue.note:
        case NoteKind.TREAT_RHYTHM:
            turn_page(turn)
        case NoteKind.TREAT_CLINICIAN:
            end_chain(turn)
        case _:
            home(turn)


def note_body(state: State, _at: float) -> NoteBody:
    session, kind = find_session(state, state.dialogue.about), state.dialogue.note or NoteKind.SHORT
    answered: Reason | Purpose | None = (session.reason or session.purpose) if session else None
    a_minute = state.settings.min_session_s == MINUTE_S
    return NoteBody(kind, answered if kind is not NoteKind.SHORT else None, a_minute)


def note_is_over(state: State) -> bool:
    if state.dialogue.note is NoteKind.SHORT:
        return is_gone(state)
    session = find_session(state, state.dialogue.about)
    return session is None or session.deleted or session.purpose is not Purpose.TREAT


# -- intention -----------------------------------------------------------------------------------------------------


def ask_intention(turn: Turn, *, ends: bool) -> None:
    """Ask what the milk is for, unless the chain ends here or that is answered."""
    dialogue, session = turn.state.dialogue, find_session(turn.state, turn.state.dialogue.about)
    if ends or dialogue.correcting or (session and session.intention):
        end_chain(turn)
    else:
        go_on(turn, ScreenName.INTENTION, answered=True, opened_by=dialogue.screen)


def answer_intention(intention: Intention, turn: Turn) -> None:
    session = find_session(turn.state, turn.state.dialogue.about)
    if session:
        revisions.classify(turn, session, ClassifiedBy.BUTTON, intention=intention)
        end_chain(turn)


INTENTION_KEYS: Keys = (
    Key(in_each(lambda words: words.intentions[Intention.FEED].key), partial(answer_intention, Intention.FEED)),
    Key(in_each(lambda words: words.intentions[Intention.FRIDGE].key), partial(answer_intention, Intention.FRIDGE)),
    Key(in_each(lambda words: words.intentions[Intention.FREEZER].key), partial(answer_intention, Intention.FREEZER)),
)


def leave_intention(turn: Turn) -> None:
    """Back: to the screen that asked before."""
    dialogue = turn.state.dialogue
    if dialogue.opened_by is ScreenName.REASON:
        go_on(turn, ScreenName.REASON)
    elif dialogue.opened_by is ScreenName.NOTE:
        go_on(turn, ScreenName.NOTE, note=NoteKind.TREAT_CLINICIAN)
    elif dialogue.correcting:
        change_again(turn)
    else:
        home(turn)


def intention_body(state: State, at: float) -> IntentionBody:
    session, dialogue = session_shown(state), state.dialogue
    return IntentionBody(
        answered=(session.reason or session.purpose) if dialogue.answered else None,
        heading=heading(state, session, at),
        hint=answer_hint(state, session) if dialogue.answered else None,
        expectation_ml=session.expectation_ml,
        units=state.settings.units,
    )


def answer_hint(state: State, session: Session) -> Hint | None:
    if session.purpose is None:
        return None
    at = session.started_at
    count = within(stimulated_but(state.records, session), at - DAY_S, at)
    return guidance.hint(session.purpose, count, state.baseline, outlook_label(state, at))


# -- a dashboard's answers -----------------------------------------------------------------------------------------


def answered_elsewhere(turn: Turn, before: Session, answers: set[str]) -> None:
    """A dashboard's answer to the question that the screen asks moves it on as the press would."""
    dialogue, now = turn.state.dialogue, find_session(turn.state, before.id)
    if dialogue.about != before.id or now is None:
        return
    if dialogue.screen is ScreenName.VOLUME and "volume" in answers:
        show_saved_volume(turn, before)
        return
    another = dialogue.screen is ScreenName.REASON and now.purpose is not None and now.purpose is not before.purpose
    if another or (dialogue.screen is ScreenName.PURPOSE and "purpose" in answers):
        go_on(turn, ScreenName.REASON)
    if turn.state.dialogue.screen is ScreenName.REASON and "reason" in answers:
        after_reason(turn)
    if turn.state.dialogue.screen is ScreenName.INTENTION and "intention" in answers:
        end_chain(turn)


# -- the screens ---------------------------------------------------------------------------------------------------

ROWS: dict[ScreenName, Screen] = {
    ScreenName.PURPOSE: Screen(
        keys=PURPOSE_KEYS,
        body=purpose_body,
        back=leave_purpose,
        stays_s=CORRECTING_S,
        waits=True,
        left_alone=home,
        is_over=purpose_is_over,
        suggested=suggested_purpose,
        question=Question.PURPOSE,
        shows_seconds=True,
    ),
    ScreenName.REASON: Screen(
        keys=reason_keys,
        body=reason_body,
        back=lambda turn: go_on(turn, ScreenName.PURPOSE, answered=True),
        stays_s=REASON_S,
        left_alone=partial(after_reason, ends=True),
        is_over=reason_is_over,
        suggested=suggested_reason,
        question=Question.REASON,
        shows_seconds=True,
    ),
    ScreenName.NOTE: Screen(
        keys=note_keys,
        body=note_body,
        back=leave_note,
        stays_s=NOTE_S,
        left_alone=note_left_alone,
        is_over=note_is_over,
    ),
    ScreenName.INTENTION: Screen(
        keys=INTENTION_KEYS,
        body=intention_body,
        back=leave_intention,
        stays_s=INTENTION_S,
        left_alone=end_chain,
        question=Question.INTENTION,
        shows_seconds=True,
    ),
}
