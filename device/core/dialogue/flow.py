"""Which screen, which question: how the contract's table of screens leads from one to the next.

What the pump and a dashboard do to the screen is here, and what time does; what a finger does stands in `buttons`.
"""

from msgspec.structs import replace

from device.core.model.events import StoreState
from device.core.model.record import Purpose, Session
from device.core.model.view import NoteKind, ScreenName, WarningKind
from device.core.record import sittings
from device.core.rules.amounts import amount_of, start_amount
from device.core.state import (
    Ask,
    Changes,
    Dialogue,
    State,
    Turn,
    Undo,
    find_nursing,
    find_session,
    last_session,
    newest,
)

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


def go(turn: Turn, screen: ScreenName, **fields: Changes[Dialogue]) -> None:
    """Show this screen; what the former one was about is left behind unless it is handed over."""
    show(turn, replace(fresh(turn, screen), **fields))


def go_on(turn: Turn, screen: ScreenName, **fields: Changes[Dialogue]) -> None:
    """Go to a screen about the same record."""
    talk = turn.state.dialogue
    same = replace(fresh(turn, screen), about=talk.about, correcting=talk.correcting, index=talk.index)
    show(turn, replace(same, **fields))


def fresh(turn: Turn, screen: ScreenName) -> Dialogue:
    talk = turn.state.dialogue
    return Dialogue(
        screen=screen,
        serial=talk.serial + 1,
        came=turn.at,
        touched=turn.at if turn.by_press else float("-inf"),
        by_press=turn.by_press,
        lit_until=talk.lit_until,
        dark=talk.dark,
        held=talk.held,
        glow=talk.glow,
        noted=talk.noted,
        acknowledged=talk.acknowledged,
        summoned=talk.summoned,
        short=talk.short,
    )


def show(turn: Turn, dialogue: Dialogue) -> None:
    turn.set(dialogue=dialogue)
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


def asking(state: State) -> Session | None:
    """The session whose question is open."""
    session = find_session(state, state.ask.session) if state.ask else None
    return None if session is None or session.deleted else session


def asks_openly(state: State) -> bool:
    """The screen is about the session whose question is open, so Purpose and Volume stay until that is closed."""
    talk, session = state.dialogue, asking(state)
    return session is not None and talk.about == session.id and not talk.correcting


def home(turn: Turn) -> None:
    """Go to the screen that the situation asks for: a warning, the open question, the running time, or the clock."""
    state, short = turn.state, turn.state.dialogue.short
    turn.talk(summoned=False, short=None)
    warning, ask, session = open_warning(state), state.ask, asking(state)
    if warning and warning not in state.dialogue.acknowledged:
        go(turn, ScreenName.WARNING, warning=warning)
    elif short is not None and not state.running:
        go(turn, ScreenName.NOTE, note=NoteKind.SHORT, about=short)
    elif ask and session and session.purpose is None and not ask.purpose_put_off:
        go(turn, ScreenName.PURPOSE, about=session.id)
    elif state.running:
        go(turn, ScreenName.TIMER, about=state.running)
    elif ask and session and session.volume_ml is None and not ask.volume_put_off:
        go(turn, ScreenName.VOLUME, about=session.id, amount=first_amount(state, session))
    else:
        if session is None or session.purpose is not None:
            turn.set(ask=None)
        go(turn, ScreenName.IDLE)


def first_amount(state: State, session: Session) -> int | None:
    """What Volume starts from: the expectation, but not from the second counted stop of a sitting on."""
    earlier = [
        one for one in sittings.sitting_of(state, session) if one.counted and one.started_at < session.started_at
    ]
    return None if earlier else start_amount(session.expectation_ml, state.settings.units)


def open_warning(state: State) -> WarningKind | None:
    """What is wrong now and has one thing to do."""
    if state.health.store is StoreState.FULL:
        return WarningKind.DISK_FULL
    if state.health.store is StoreState.FAILING:
        return WarningKind.NOT_SAVED
    if state.health.repair_open:
        return WarningKind.REPAIRED
    session = find_session(state, state.running)
    return WarningKind.STUCK_SENSOR if session and session.stuck_sensor else None


def still_stuck(state: State) -> bool:
    """A stuck sensor's session was stopped by hand, and its line is active yet: an icon, nothing to be done."""
    wire, last = state.detector.wire, last_session(state)
    return wire.muted and wire.running and last is not None and last.stuck_sensor


def summon(turn: Turn) -> None:
    """Something happened that wants the screen: it gets it at once, or when nothing protects the one that shows."""
    if is_protected(turn.state, turn.at):
        turn.talk(summoned=True)
    else:
        home(turn)


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
    ask = turn.state.ask
    turn.set(ask=Ask(session.id, former=None if ask is None else replace(ask, former=None)))
    turn.talk(short=None)
    forget_warning(turn, WarningKind.STUCK_SENSOR)
    summon(turn)


def session_ended(turn: Turn, session: Session, until: float) -> None:
    """Open the ended session's questions until `until`; one under a minute asks nothing, nor hides what was asked."""
    wake(turn)
    talk, ask = turn.state.dialogue, turn.state.ask
    if not session.counted:
        former = ask.former if ask and ask.session == session.id else ask
        turn.set(ask=former)
        turn.talk(short=session.id)
        summon(turn)
        return
    turn.set(ask=Ask(session.id, until))
    chain = {ScreenName.REASON, ScreenName.NOTE, ScreenName.INTENTION}
    if session.purpose is None:
        chain.add(ScreenName.PURPOSE)
    if talk.about != session.id or talk.screen not in chain or talk.correcting:
        summon(turn)


def forget_warning(turn: Turn, *kinds: WarningKind) -> None:
    kept = tuple(kind for kind in turn.state.dialogue.acknowledged if kind not in kinds)
    turn.talk(acknowledged=kept)


def answered_elsewhere(turn: Turn, before: Session, given: set[str]) -> None:
    """A dashboard's answer to the question that the screen asks moves it on as the press would."""
    talk, now = turn.state.dialogue, find_session(turn.state, before.id)
    if talk.about != before.id or now is None:
        return
    if talk.screen is ScreenName.VOLUME and "volume" in given:
        show_saved_volume(turn, before)
        return
    another = talk.screen is ScreenName.REASON and now.purpose is not None and now.purpose is not before.purpose
    if another or (talk.screen is ScreenName.PURPOSE and "purpose" in given):
        go_on(turn, ScreenName.REASON)
    if turn.state.dialogue.screen is ScreenName.REASON and "reason" in given:
        after_reason(turn)
    if turn.state.dialogue.screen is ScreenName.INTENTION and "intention" in given:
        end_chain(turn)


# -- the chain of questions ------------------------------------------------------------------------------------


def subject(turn: Turn) -> Session | None:
    return find_session(turn.state, turn.state.dialogue.about)


def after_reason(turn: Turn, *, ends: bool = False) -> None:
    """Treat's note once a sitting, else what the milk is for; `ends`: nobody answered, nothing more is asked."""
    talk, session = turn.state.dialogue, subject(turn)
    if session and session.purpose is Purpose.TREAT and session.sitting not in talk.noted:
        noted = (*talk.noted, session.sitting)[-NOTED:]
        go_on(turn, ScreenName.NOTE, note=NoteKind.TREAT_RHYTHM, note_ends=ends, noted=noted)
    else:
        ask_intention(turn, ends=ends)


def turn_page(turn: Turn) -> None:
    go_on(turn, ScreenName.NOTE, note=NoteKind.TREAT_CLINICIAN, note_ends=turn.state.dialogue.note_ends)


def after_note(turn: Turn) -> None:
    talk = turn.state.dialogue
    if talk.note is NoteKind.SHORT:
        home(turn)
    else:
        ask_intention(turn, ends=talk.note_ends)


def ask_intention(turn: Turn, *, ends: bool) -> None:
    """Ask what the milk is for, unless the chain ends here or that is answered."""
    talk, session = turn.state.dialogue, subject(turn)
    if ends or talk.correcting or (session and session.intention):
        end_chain(turn)
    else:
        go_on(turn, ScreenName.INTENTION, answered=True, opened_by=talk.screen)


def end_chain(turn: Turn) -> None:
    if turn.state.dialogue.correcting:
        show_last(turn, place(turn.state))
    else:
        home(turn)


def place(state: State) -> int:
    """Where the screen's record stands among those that Last shows."""
    shown = [record.id for record in newest(state)]
    talk = state.dialogue
    return shown.index(talk.about) if talk.about in shown else min(talk.index, max(len(shown) - 1, 0))


def show_last(turn: Turn, index: int) -> None:
    records = newest(turn.state)
    index = min(index, max(len(records) - 1, 0))
    go(turn, ScreenName.LAST, index=index, about=records[index].id if records else None)


def show_saved_volume(turn: Turn, before: Session) -> None:
    """Say that the amount is recorded; `before` is what Undo brings back."""
    now = find_session(turn.state, before.id)
    given = now.volume_ml if now else None
    amount = None if given is None else amount_of(given, turn.state.settings.units)
    go_on(turn, ScreenName.SAVED, amount=amount, undo=Undo(before.id, before, ScreenName.VOLUME))


# -- time ------------------------------------------------------------------------------------------------------


def pass_time(turn: Turn) -> None:
    """Let screens that were left alone go, close what is over, and go dark."""
    settle(turn)
    leaves_at = turn.state.dialogue.leaves_at
    if leaves_at is not None and turn.at >= leaves_at:
        leave(turn)
    talk = turn.state.dialogue
    if not talk.dark and turn.state.running is None and turn.at >= talk.lit_until:
        turn.talk(dark=True)


def leave(turn: Turn) -> None:
    """What a screen that was left alone leads to."""
    talk = turn.state.dialogue
    match talk.screen:
        case ScreenName.REASON:
            after_reason(turn, ends=True)
        case ScreenName.NOTE if talk.note is NoteKind.TREAT_RHYTHM:
            turn_page(turn)
        case ScreenName.NOTE if talk.note is NoteKind.TREAT_CLINICIAN:
            end_chain(turn)
        case ScreenName.SAVED | ScreenName.INTENTION:
            end_chain(turn)
        case _:
            home(turn)


def settle(turn: Turn) -> None:
    """What no press decides: close a question that is over, give the screen to what waits for it, leave lost ground."""
    turn.by_press = False
    close_ask(turn)
    if turn.state.dialogue.summoned or has_amount(turn.state):
        summon(turn)
    talk = turn.state.dialogue
    if talk.screen is ScreenName.LAST and talk.about is None:
        turn.talk(about=next((one.id for one in newest(turn.state)), None))
    if is_groundless(turn.state):
        home(turn)


def close_ask(turn: Turn) -> None:
    """The question of a session that ended long enough ago is closed; a finger on Volume is waited for."""
    ask, talk = turn.state.ask, turn.state.dialogue
    if ask is None or ask.until is None or turn.at < ask.until:
        return
    asks = talk.screen in {ScreenName.PURPOSE, ScreenName.VOLUME} and asks_openly(turn.state)
    if asks and is_protected(turn.state, turn.at):
        return
    turn.set(ask=None)
    if asks:
        home(turn)


def has_amount(state: State) -> bool:
    """Volume asks for an amount that the pump or another person has given meanwhile."""
    session = find_session(state, state.dialogue.about)
    asks = state.dialogue.screen is ScreenName.VOLUME and asks_openly(state)
    return asks and session is not None and session.volume_ml is not None


def is_groundless(state: State) -> bool:
    """The screen's record is gone or has its answer, its session or warning is over."""
    talk = state.dialogue
    session = find_session(state, talk.about)
    record = session or find_nursing(state, talk.about)
    gone = talk.about is not None and (record is None or (record.deleted and talk.screen is not ScreenName.SAVED))
    match talk.screen:
        case ScreenName.TIMER:
            return state.running is None or talk.about != state.running
        case ScreenName.PURPOSE if not talk.answered and not talk.correcting:
            return gone or (session is not None and session.purpose is not None)
        case ScreenName.REASON:
            return gone or session is None or session.purpose is None
        case ScreenName.NOTE if talk.note is not NoteKind.SHORT:
            return gone or session is None or session.purpose is not Purpose.TREAT
        case ScreenName.WARNING:
            return open_warning(state) is not talk.warning
        case ScreenName.IDLE:
            warning = open_warning(state)
            return state.running is not None or (warning is not None and warning not in talk.acknowledged)
        case _:
            return gone


def due(state: State, at: float) -> list[float]:
    """The instants at which time alone changes the screen."""
    talk, ask = state.dialogue, state.ask
    moments = [talk.leaves_at] if talk.leaves_at is not None else []
    if talk.summoned:
        moments.append(talk.touched + PROTECTED_S)
    if ask and ask.until is not None:
        moments.append(ask.until if at < ask.until else talk.touched + PROTECTED_S)
    if talk.glow is not None:
        moments.append(talk.glow.until)
    if not talk.dark and state.running is None:
        moments.append(talk.lit_until)
    return moments


def start(turn: Turn) -> None:
    """The first ten seconds show Status, unless something wants the screen."""
    wake(turn)
    go(turn, ScreenName.STATUS)
    turn.talk(leaves_at=turn.at + STATUS_AT_START_S)


def question(state: State) -> str | None:
    """The question that the screen asks, as `state` names it."""
    screen = state.dialogue.screen
    asks = {ScreenName.PURPOSE, ScreenName.REASON, ScreenName.INTENTION, ScreenName.VOLUME}
    return screen.value if screen in asks else None


def asked_about(state: State) -> Session | None:
    """Whom `state` speaks of: the running session, else the one whose question the screen asks or is still open."""
    about = state.running or (state.dialogue.about if question(state) else None)
    return find_session(state, about) if about else asking(state)
