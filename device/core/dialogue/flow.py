"""A screen is one row: what its keys say and do, where Back leads, how long it stays, what it shows.

The rows stand with their kin (`questions`, `running`, `amounts`, `records`, `idle`) and are put together in `SCREENS`;
the buttons, a dashboard's `press`, the picture and the timers all walk them. Here is how one screen leads to the next,
whatever asks for it, and what a finger and time do to it. Left and middle act when pressed, right when released, for
holding it goes back.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from device.core.model.events import StoreState
from device.core.model.live import Question
from device.core.model.record import Button, Nursing, Session
from device.core.model.view import Body, NoteKind, ScreenName, WarningKind
from device.core.rules.amounts import start_amount
from device.core.state import (
    NEVER,
    Changes,
    Dialogue,
    Held,
    State,
    Turn,
    find_record,
    find_session,
    newest,
    sitting_of,
)

BACK_SHOWS_S = 0.3
"""From then on a right button that is held says Back."""
PLACES = {Button.LEFT: 0, Button.MIDDLE: 1, Button.RIGHT: 2}
PROTECTED_S = 10.0
"""How long after a press nothing replaces a protected screen."""
STATUS_AT_START_S = 10.0
SHORT_NOTE_S = 4.0
CORRECTING_S = 30.0
GUARD_S = 0.5
"""Presses this soon after a change that no press caused are ignored: a press meant for Nursed must not be Protect."""
BACK_GOES_S = 0.8
FIRST_REPEAT_S, REPEATS_PER_S, BIG_FROM_REPEAT = 0.5, 6, 10


# -- a screen --------------------------------------------------------------------------------------------------


class NextAmount(Protocol):
    def __call__(self, state: State, *, big: bool) -> int: ...


class Key(NamedTuple):
    """What a button says on a screen, in each language, and what it does there."""

    label: Mapping[str, str]
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
    language, (left, middle, right) = state.settings.language, keys_of(state)
    return left and left.label[language], middle and middle.label[language], right and right.label[language]


def record_shown(state: State) -> Session | Nursing | None:
    return find_record(state, state.dialogue.about)


def session_shown(state: State) -> Session:
    """The session on the screen; a screen without its session is left before it is drawn."""
    session = find_session(state, state.dialogue.about)
    if session is None:
        raise LookupError(f"{state.dialogue.screen} has no session")
    return session


# -- going from screen to screen -------------------------------------------------------------------------------


def go(turn: Turn, name: ScreenName, **fields: Changes[Dialogue]) -> None:
    """Show this screen; what the former one was about is left behind unless it is handed over."""
    put_up(turn, replace(fresh(turn, name), **fields))


def go_on(turn: Turn, name: ScreenName, **fields: Changes[Dialogue]) -> None:
    """Go to a screen about the same record."""
    dialogue = turn.state.dialogue
    same = replace(fresh(turn, name), about=dialogue.about, correcting=dialogue.correcting, index=dialogue.index)
    put_up(turn, replace(same, **fields))


def fresh(turn: Turn, name: ScreenName) -> Dialogue:
    dialogue = turn.state.dialogue
    return Dialogue(
        screen=name,
        serial=dialogue.serial + 1,
        came=turn.at,
        touched=turn.at if turn.by_press else float("-inf"),
        by_press=turn.by_press,
        lit_until=dialogue.lit_until,
        dark=dialogue.dark,
        held=dialogue.held,
        glow=dialogue.glow,
        noted=dialogue.noted,
        acknowledged=dialogue.acknowledged,
        summoned=dialogue.summoned,
        short=dialogue.short,
    )


def put_up(turn: Turn, dialogue: Dialogue) -> None:
    before, shown = turn.state.dialogue, turn.state.shown
    turn.state = replace(turn.state, dialogue=dialogue)
    restart_leaving(turn)
    if not turn.by_press and shown is not None and is_as(dialogue, before) and labels(turn.state) == shown.keys:
        turn.talk(serial=before.serial, came=before.came, touched=before.touched, by_press=before.by_press)


def is_as(dialogue: Dialogue, before: Dialogue) -> bool:
    """It says the same of the same record: no change, for whoever looks at it."""
    return before == replace(
        before,
        screen=dialogue.screen,
        about=dialogue.about,
        correcting=dialogue.correcting,
        index=dialogue.index,
        page=dialogue.page,
        amount=dialogue.amount,
        note=dialogue.note,
        warning=dialogue.warning,
    )


def restart_leaving(turn: Turn) -> None:
    """Count anew how long this screen stays when it is left alone."""
    dialogue = turn.state.dialogue
    row = SCREENS[dialogue.screen]
    stays_s = SHORT_NOTE_S if dialogue.note is NoteKind.SHORT else row.stays_s
    leaves_at = None if stays_s is None or (row.waits and asks_openly(turn.state)) else turn.at + stays_s
    turn.state = replace(turn.state, dialogue=replace(dialogue, leaves_at=leaves_at))


def asking(state: State) -> Session | None:
    """The session whose question is open."""
    session = find_session(state, state.ask.session) if state.ask else None
    return None if session is None or session.deleted else session


def asks_openly(state: State) -> bool:
    """The screen is about the session whose question is open, so Purpose and Volume stay until that is closed."""
    dialogue, session = state.dialogue, asking(state)
    return session is not None and dialogue.about == session.id and not dialogue.correcting


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
    sitting = sitting_of(state, session)
    if any(member.counted and member.started_at < session.started_at for member in sitting):
        return None
    return start_amount(session.expectation_ml, state.settings.units)


def end_chain(turn: Turn) -> None:
    """The last of a chain of questions has its answer."""
    if turn.state.dialogue.correcting:
        show_last(turn, place(turn.state))
    else:
        home(turn)


def place(state: State) -> int:
    """Where the screen's record stands among those that Last shows."""
    shown = [record.id for record in newest(state)]
    dialogue = state.dialogue
    return shown.index(dialogue.about) if dialogue.about in shown else min(dialogue.index, max(len(shown) - 1, 0))


def show_last(turn: Turn, index: int) -> None:
    records = newest(turn.state)
    index = min(index, max(len(records) - 1, 0))
    go(turn, ScreenName.LAST, index=index, about=records[index].id if records else None)


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


def forget_warning(turn: Turn, *kinds: WarningKind) -> None:
    acknowledged = tuple(kind for kind in turn.state.dialogue.acknowledged if kind not in kinds)
    turn.talk(acknowledged=acknowledged)


def may_stop(state: State) -> bool:
    """Stop on the Timer: for a session that no wire or port witnesses, and for a stuck sensor's."""
    run, session = state.detector.run, find_session(state, state.running)
    return run is not None and session is not None and (run.by_hand or session.stuck_sensor)


def summon(turn: Turn) -> None:
    """Something happened that wants the screen: it gets it at once, or when nothing protects the one that shows."""
    if is_protected(turn.state, turn.at):
        turn.talk(summoned=True)
    else:
        home(turn)


def is_protected(state: State, at: float) -> bool:
    dialogue = state.dialogue
    return (dialogue.correcting or SCREENS[state.dialogue.screen].protected) and at < dialogue.touched + PROTECTED_S


def wake(turn: Turn) -> None:
    """Light the display and let it burn for a while."""
    turn.talk(dark=False, lit_until=lit_until(turn))


def lit_until(turn: Turn) -> float:
    off_after = turn.state.settings.off_after_s
    return turn.at + off_after if off_after else NEVER


def show_status_first(turn: Turn) -> None:
    """The first ten seconds show Status, unless something wants the screen."""
    wake(turn)
    go(turn, ScreenName.STATUS)
    turn.talk(leaves_at=turn.at + STATUS_AT_START_S)


def subject(turn: Turn) -> Session | None:
    """The session that the screen speaks of."""
    return find_session(turn.state, turn.state.dialogue.about)


def change_again(turn: Turn) -> None:
    """Back from the correction of one of its answers to the record picked in Last."""
    go(turn, ScreenName.CHANGE, about=turn.state.dialogue.about, index=turn.state.dialogue.index)


# -- what a finger does ----------------------------------------------------------------------------------------


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


# -- time ------------------------------------------------------------------------------------------------------


def dues(state: State, at: float) -> Iterator[tuple[float, Callable[[Turn], None]]]:
    """When time alone changes the screen, and what it does then."""
    yield from finger_dues(state, at)
    dialogue, ask = state.dialogue, state.ask
    if dialogue.summoned:
        yield dialogue.touched + PROTECTED_S, settle
    if ask and ask.until is not None:
        yield ask.until if at < ask.until else dialogue.touched + PROTECTED_S, settle
    if dialogue.leaves_at is not None:
        yield dialogue.leaves_at, leave
    if not dialogue.dark and state.running is None:
        yield dialogue.lit_until, go_dark
    if dialogue.glow is not None:
        yield dialogue.glow.until, fade


def due_at(state: State, at: float) -> float:
    """When the first of it is due."""
    return min((due_at for due_at, _ in dues(state, at)), default=NEVER)


def finger_dues(state: State, at: float) -> Iterator[tuple[float, Callable[[Turn], None]]]:
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


def leave(turn: Turn) -> None:
    """The screen was left alone for as long as it stays."""
    SCREENS[turn.state.dialogue.screen].left_alone(turn)


def go_dark(turn: Turn) -> None:
    turn.talk(dark=True)


def fade(turn: Turn) -> None:
    turn.talk(glow=None)


def settle(turn: Turn) -> None:
    """What no press decides: close a question that is over, give the screen to what waits for it, leave lost ground."""
    turn.by_press = False
    if turn.state.ask is not None:
        close_ask(turn)
    if turn.state.dialogue.summoned or has_amount(turn.state):
        summon(turn)
    dialogue = turn.state.dialogue
    if dialogue.screen is ScreenName.LAST and dialogue.about is None:
        turn.talk(about=next((record.id for record in newest(turn.state)), None))
    if SCREENS[turn.state.dialogue.screen].is_over(turn.state):
        home(turn)


def close_ask(turn: Turn) -> None:
    """The question of a session that ended long enough ago is closed; a finger on Volume is waited for."""
    ask, dialogue = turn.state.ask, turn.state.dialogue
    if ask is None or ask.until is None or turn.at < ask.until:
        return
    asks = dialogue.screen in {ScreenName.PURPOSE, ScreenName.VOLUME} and asks_openly(turn.state)
    if asks and is_protected(turn.state, turn.at):
        return
    turn.set(ask=None)
    if asks:
        home(turn)


def has_amount(state: State) -> bool:
    """Volume asks for an amount that the pump or another person has given meanwhile."""
    if state.dialogue.screen is not ScreenName.VOLUME or not asks_openly(state):
        return False
    session = find_session(state, state.dialogue.about)
    return session is not None and session.volume_ml is not None
