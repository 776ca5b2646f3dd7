"""Which screen, which question: how the contract's table of screens leads from one to the next.

What the pump and a dashboard do to the screen is here, and what time does; what a finger does stands in `fingers`.
"""

from msgspec.structs import replace

from . import ledger
from .amount import amount_of, start_amount
from .events import StoreState
from .record import Purpose, Session
from .state import Ask, Dialogue, State, Turn, Undo, find_nursing, find_session, newest
from .view import NoteKind, ScreenName, WarningKind

PROTECTED_S = 10.0
"""How long after a press nothing replaces the screens below."""
PROTECTED = {ScreenName.NURSED, ScreenName.LAST, ScreenName.CHANGE, ScreenName.VOLUME, ScreenName.SAVED}
STATUS_AT_START_S = 10.0

LEFT_ALONE_S: dict[ScreenName, float] = {
    ScreenName.REASON: 20.0,
    ScreenName.INTENTION: 20.0,
    ScreenName.SAVED: 4.0,
    ScreenName.NURSED: 30.0,
    ScreenName.LAST: 30.0,
    ScreenName.CHANGE: 30.0,
    ScreenName.STATUS: 30.0,
    ScreenName.NOTE: 60.0,
}
SHORT_NOTE_S = 4.0
CORRECTING_S = 30.0

NOTED = 8

Labels = tuple[str | None, str | None, str | None]

REASON_LABELS: dict[Purpose, Labels] = {
    Purpose.PROTECT: ("In place", "Finish", "Skip"),
    Purpose.PROMOTE: ("Raise", "Collect", "Skip"),
    Purpose.TREAT: ("Duct", "Mastitis", "Nipple"),
}
LABELS: dict[ScreenName, Labels] = {
    ScreenName.IDLE: ("Nursed", "Last", "Start"),
    ScreenName.PURPOSE: ("Protect", "Promote", "Treat"),
    ScreenName.INTENTION: ("Feed", "Fridge", "Freezer"),
    ScreenName.SAVED: ("Undo", None, "OK"),
    ScreenName.NURSED: ("Yes", "No", "Back"),
    ScreenName.LAST: ("Older", "Change", "Back"),
    ScreenName.STATUS: ("Older", None, "Back"),
    ScreenName.WARNING: (None, None, "OK"),
}


def labels(state: State) -> Labels:
    """What the three buttons do on this screen; None for one that does nothing."""
    talk = state.dialogue
    match talk.screen:
        case ScreenName.REASON:
            session = find_session(state, talk.about)
            return REASON_LABELS[session.purpose] if session and session.purpose else LABELS[ScreenName.WARNING]
        case ScreenName.NOTE:
            return (None, None, "More" if talk.note is NoteKind.TREAT_RHYTHM else "OK")
        case ScreenName.TIMER:
            session = find_session(state, state.running)
            asked = session is not None and session.purpose is None
            return ("Why?" if asked else "Why", "Milk for", "Stop" if may_stop(state) else None)
        case ScreenName.VOLUME:
            return ("−", "+", "Skip" if talk.amount is None else "Save")
        case ScreenName.SAVED if talk.undo is None:
            return (None, None, "OK")
        case ScreenName.LAST if not newest(state):
            return ("Older", None, "Back")
        case ScreenName.CHANGE:
            if find_nursing(state, talk.about):
                return ("Yes", "No", "Delete")
            return ("Why", "Milk for", state.settings.units.value)
        case screen:
            return LABELS[screen]


def may_stop(state: State) -> bool:
    """Stop on the Timer: for a session that no wire or port witnesses, and for a stuck sensor's."""
    run, session = state.detector.run, find_session(state, state.running)
    return run is not None and session is not None and (run.by_hand or session.stuck_sensor)


# -- going from screen to screen -------------------------------------------------------------------------------


def go(turn: Turn, screen: ScreenName, *, by_press: bool, **fields: object) -> None:
    """Show this screen; what the former one was about is left behind unless it is handed over."""
    talk = turn.state.dialogue
    fresh = Dialogue(
        screen=screen,
        serial=talk.serial + 1,
        came=turn.at,
        touched=turn.at if by_press else float("-inf"),
        by_press=by_press,
        lit_until=talk.lit_until,
        dark=talk.dark,
        held=talk.held,
        flash=talk.flash,
        flash_until=talk.flash_until,
        noted=talk.noted,
        acknowledged=talk.acknowledged,
        summoned=talk.summoned and screen in PROTECTED,
    )
    turn.set(dialogue=replace(fresh, **fields))
    restart_leaving(turn)


def restart_leaving(turn: Turn) -> None:
    """Count anew how long this screen stays when it is left alone."""
    talk = turn.state.dialogue
    stays = LEFT_ALONE_S.get(talk.screen)
    if talk.screen is ScreenName.NOTE and talk.note is NoteKind.SHORT:
        stays = SHORT_NOTE_S
    elif talk.screen in {ScreenName.PURPOSE, ScreenName.VOLUME} and not asks_openly(turn.state):
        stays = CORRECTING_S
    turn.talk(leaves_at=None if stays is None else turn.at + stays)


def asks_openly(state: State) -> bool:
    """The screen asks the open question, so it stays until that is closed."""
    talk, ask = state.dialogue, state.ask
    if talk.correcting or ask is None or talk.about != ask.session:
        return False
    session = find_session(state, ask.session)
    return session is not None and (talk.screen is not ScreenName.PURPOSE or session.purpose is None)


def home(turn: Turn, *, by_press: bool) -> None:
    """Go to the screen that the situation asks for: a warning, the open question, the running time, or the clock."""
    state = turn.state
    warning = open_warning(state)
    session = find_session(state, state.ask.session) if state.ask else None
    if warning and warning not in state.dialogue.acknowledged:
        go(turn, ScreenName.WARNING, by_press=by_press, warning=warning)
    elif state.ask and session and session.purpose is None and not state.ask.purpose_put_off:
        go(turn, ScreenName.PURPOSE, by_press=by_press, about=session.id)
    elif state.running:
        go(turn, ScreenName.TIMER, by_press=by_press, about=state.running)
    elif state.ask and session and session.volume_ml is None and not state.ask.volume_put_off:
        go(turn, ScreenName.VOLUME, by_press=by_press, about=session.id, amount=first_amount(state, session))
    else:
        if session is None or session.purpose is not None:
            turn.set(ask=None)
        go(turn, ScreenName.IDLE, by_press=by_press)


def first_amount(state: State, session: Session) -> int | None:
    """What Volume starts from: the expectation, but not from the second of a sitting on."""
    earlier = [one for one in ledger.sitting_of(state, session) if one.counted and one.started_at < session.started_at]
    return None if earlier else start_amount(session.expectation_ml, state.settings.units)


def open_warning(state: State) -> WarningKind | None:
    """What is wrong now and has one thing to do."""
    if state.health.store is StoreState.FULL:
        return WarningKind.DISK_FULL
    if state.health.store is StoreState.FAILING:
        return WarningKind.NOT_SAVED
    session = find_session(state, state.running)
    return WarningKind.STUCK_SENSOR if session and session.stuck_sensor else None


def summon(turn: Turn) -> None:
    """Something happened that no press caused and that wants the screen: at once, or when it is free."""
    if is_protected(turn.state, turn.at):
        turn.talk(summoned=True)
    else:
        turn.talk(summoned=False)
        home(turn, by_press=False)


def is_protected(state: State, at: float) -> bool:
    talk = state.dialogue
    return (talk.screen in PROTECTED or talk.correcting) and at < talk.touched + PROTECTED_S


def wake(turn: Turn) -> None:
    """Light the display and let it burn for a while."""
    off_after = turn.state.settings.off_after_s
    turn.talk(dark=False, lit_until=turn.at + off_after if off_after else float("inf"))


# -- what the pump does to the screen --------------------------------------------------------------------------


def session_began(turn: Turn, session: Session) -> None:
    wake(turn)
    turn.set(ask=Ask(session.id))
    forget_warning(turn, WarningKind.STUCK_SENSOR)
    summon(turn)


def session_ended(turn: Turn, session: Session, until: float) -> None:
    """Open the ended session's questions until `until`; one under a minute asks nothing."""
    wake(turn)
    talk = turn.state.dialogue
    if not session.counted:
        turn.set(ask=None)
        if is_protected(turn.state, turn.at):
            turn.talk(summoned=True)
        else:
            go(turn, ScreenName.NOTE, by_press=False, note=NoteKind.SHORT, about=session.id)
        return
    turn.set(ask=Ask(session.id, until))
    chain = {ScreenName.PURPOSE, ScreenName.REASON, ScreenName.NOTE, ScreenName.INTENTION}
    if talk.about == session.id and talk.screen in chain and not talk.correcting:
        return
    summon(turn)


def forget_warning(turn: Turn, *kinds: WarningKind) -> None:
    kept = tuple(kind for kind in turn.state.dialogue.acknowledged if kind not in kinds)
    turn.talk(acknowledged=kept)


def answered_elsewhere(turn: Turn, before: Session, given: set[str]) -> None:
    """A dashboard's answer to the question that the screen asks moves it on as the press would."""
    if turn.state.dialogue.about != before.id:
        return
    if turn.state.dialogue.screen is ScreenName.PURPOSE and "purpose" in given:
        ask_reason(turn, by_press=False)
        given = given - {"purpose"}
    if turn.state.dialogue.screen is ScreenName.REASON and "reason" in given:
        after_reason(turn, by_press=False)
    screen = turn.state.dialogue.screen
    if screen is ScreenName.INTENTION and "intention" in given:
        end_chain(turn, by_press=False)
    elif screen is ScreenName.VOLUME and "volume" in given:
        show_saved_volume(turn, before, by_press=False)


# -- the chain of questions ------------------------------------------------------------------------------------


def subject(turn: Turn) -> Session | None:
    return find_session(turn.state, turn.state.dialogue.about)


def ask_reason(turn: Turn, *, by_press: bool) -> None:
    talk = turn.state.dialogue
    go(turn, ScreenName.REASON, by_press=by_press, about=talk.about, correcting=talk.correcting, index=talk.index)


def after_reason(turn: Turn, *, by_press: bool, ends: bool = False) -> None:
    """Treat's note once a sitting, else what the milk is for; `ends`: nobody answered, nothing more is asked."""
    talk, session = turn.state.dialogue, subject(turn)
    carried = {"about": talk.about, "correcting": talk.correcting, "index": talk.index}
    if session and session.purpose is Purpose.TREAT and session.sitting not in talk.noted:
        noted = (*talk.noted, session.sitting)[-NOTED:]
        note = {"note": NoteKind.TREAT_RHYTHM, "note_ends": ends, "noted": noted}
        go(turn, ScreenName.NOTE, by_press=by_press, **carried, **note)
    elif ends or talk.correcting or (session and session.intention):
        end_chain(turn, by_press=by_press)
    else:
        asked = {"answered": True, "opened_by": ScreenName.REASON}
        go(turn, ScreenName.INTENTION, by_press=by_press, **carried, **asked)


def after_note(turn: Turn, *, by_press: bool) -> None:
    talk, session = turn.state.dialogue, subject(turn)
    if talk.note is NoteKind.SHORT:
        home(turn, by_press=by_press)
    elif talk.note_ends or talk.correcting or (session and session.intention):
        end_chain(turn, by_press=by_press)
    else:
        asked = {"about": talk.about, "answered": True, "opened_by": ScreenName.NOTE}
        go(turn, ScreenName.INTENTION, by_press=by_press, **asked)


def turn_page(turn: Turn, *, by_press: bool) -> None:
    talk = turn.state.dialogue
    go(
        turn,
        ScreenName.NOTE,
        by_press=by_press,
        note=NoteKind.TREAT_CLINICIAN,
        note_ends=talk.note_ends,
        about=talk.about,
        correcting=talk.correcting,
        index=talk.index,
    )


def end_chain(turn: Turn, *, by_press: bool) -> None:
    talk = turn.state.dialogue
    if talk.correcting:
        show_last(turn, talk.index, by_press=by_press)
    else:
        home(turn, by_press=by_press)


def show_last(turn: Turn, index: int, *, by_press: bool) -> None:
    records = newest(turn.state)
    index = min(index, max(len(records) - 1, 0))
    about = records[index].id if records else None
    go(turn, ScreenName.LAST, by_press=by_press, index=index, about=about)


def show_saved_volume(turn: Turn, before: Session, *, by_press: bool) -> None:
    """Say that the amount is recorded; `before` is what Undo brings back."""
    talk, now = turn.state.dialogue, find_session(turn.state, before.id)
    given = now.volume_ml if now else None
    go(
        turn,
        ScreenName.SAVED,
        by_press=by_press,
        about=before.id,
        amount=None if given is None else amount_of(given, turn.state.settings.units),
        undo=Undo(before.id, before, ScreenName.VOLUME),
        correcting=talk.correcting,
        index=talk.index,
    )


# -- time ------------------------------------------------------------------------------------------------------


def pass_time(turn: Turn) -> None:
    """Let screens that were left alone go, close what is over, and go dark."""
    close_ask(turn)
    settle(turn)
    talk = turn.state.dialogue
    if talk.summoned and not is_protected(turn.state, turn.at):
        turn.talk(summoned=False)
        home(turn, by_press=False)
    elif talk.leaves_at is not None and turn.at >= talk.leaves_at:
        leave(turn)
    talk = turn.state.dialogue
    if not talk.dark and turn.state.running is None and turn.at >= talk.lit_until and talk.held is None:
        turn.talk(dark=True)


def leave(turn: Turn) -> None:
    """What a screen that was left alone leads to."""
    talk = turn.state.dialogue
    match talk.screen:
        case ScreenName.REASON:
            after_reason(turn, by_press=False, ends=True)
        case ScreenName.NOTE if talk.note is NoteKind.TREAT_RHYTHM:
            turn_page(turn, by_press=False)
        case ScreenName.NOTE if talk.note is NoteKind.TREAT_CLINICIAN:
            end_chain(turn, by_press=False)
        case ScreenName.SAVED | ScreenName.INTENTION:
            end_chain(turn, by_press=False)
        case _:
            home(turn, by_press=False)


def close_ask(turn: Turn) -> None:
    """The question of a session that ended long enough ago is closed; a finger on Volume is waited for."""
    ask, talk = turn.state.ask, turn.state.dialogue
    if ask is None or ask.until is None or turn.at < ask.until:
        return
    asking = talk.screen in {ScreenName.PURPOSE, ScreenName.VOLUME} and asks_openly(turn.state)
    if asking and is_protected(turn.state, turn.at):
        return
    turn.set(ask=None)
    if asking:
        home(turn, by_press=False)


def settle(turn: Turn) -> None:
    """Leave a screen whose ground is gone: its record was deleted or answered, its session or warning is over."""
    state, talk = turn.state, turn.state.dialogue
    session = find_session(state, talk.about)
    record = session or find_nursing(state, talk.about)
    gone = talk.about is not None and (record is None or (record.deleted and talk.screen is not ScreenName.SAVED))
    match talk.screen:
        case ScreenName.TIMER:
            gone = state.running is None or talk.about != state.running
        case ScreenName.REASON:
            gone = gone or session is None or session.purpose is None
        case ScreenName.VOLUME:
            given = session is not None and session.volume_ml is not None and asks_openly(state)
            gone = gone or (given and not is_protected(state, turn.at))
        case ScreenName.WARNING:
            gone = open_warning(state) is not talk.warning
        case ScreenName.IDLE:
            warning = open_warning(state)
            gone = state.running is not None or (warning is not None and warning not in talk.acknowledged)
        case _:
            pass
    if gone:
        home(turn, by_press=False)


def due(state: State, at: float) -> list[float]:
    """The instants at which time alone changes the screen."""
    talk, ask = state.dialogue, state.ask
    moments = [talk.leaves_at] if talk.leaves_at is not None else []
    if talk.summoned or (ask and ask.until is not None and at >= ask.until):
        moments.append(talk.touched + PROTECTED_S)
    if ask and ask.until is not None and at < ask.until:
        moments.append(ask.until)
    if talk.flash is not None:
        moments.append(talk.flash_until)
    if not talk.dark and state.running is None and talk.held is None:
        moments.append(talk.lit_until)
    return moments


def start(turn: Turn) -> None:
    """The first ten seconds show Status, unless something asks for the screen."""
    wake(turn)
    go(turn, ScreenName.STATUS, by_press=False)
    turn.talk(leaves_at=turn.at + STATUS_AT_START_S)
    if turn.state.running or turn.state.ask:
        home(turn, by_press=False)


def question(state: State) -> str | None:
    """The question that the screen asks, as `state` names it."""
    screen = state.dialogue.screen
    asks = {ScreenName.PURPOSE, ScreenName.REASON, ScreenName.INTENTION, ScreenName.VOLUME}
    return screen.value if screen in asks else None


def asked_about(state: State) -> Session | None:
    """The session that the question is about: the one on the screen, else the running one, else the one still open."""
    if question(state):
        return find_session(state, state.dialogue.about)
    return find_session(state, state.running) or (find_session(state, state.ask.session) if state.ask else None)
