"""The Timer: a session that runs."""

import math

from msgspec.structs import replace

from device.core.model.view import ScreenName, TimerBody
from device.core.pump.witnesses import SLACK_S, ends_at
from device.core.state import State, Turn, find_session, running_s
from device.words import in_each

from .flow import Key, Keys, Screen, go, home, may_stop, session_shown


def ask_purpose(turn: Turn) -> None:
    """Why: also where it was put off."""
    state = turn.state
    if state.ask:
        turn.set(ask=replace(state.ask, purpose_put_off=False))
    answered = turn.running is not None and turn.running.purpose is not None
    go(turn, ScreenName.PURPOSE, about=state.running, answered=answered)


def open_intention(turn: Turn) -> None:
    go(turn, ScreenName.INTENTION, about=turn.state.running, opened_by=ScreenName.TIMER)


def stop_session(turn: Turn) -> None:
    turn.hand = "stop"


WHY_OPEN, WHY, MILK_FOR, STOP = (
    Key(in_each(lambda words: words.key.why_open), ask_purpose),
    Key(in_each(lambda words: words.key.why), ask_purpose),
    Key(in_each(lambda words: words.key.milk_for), open_intention),
    Key(in_each(lambda words: words.key.stop), stop_session),
)


def timer_keys(state: State) -> Keys:
    session = find_session(state, state.running)
    is_open = session is not None and session.purpose is None
    return (WHY_OPEN if is_open else WHY, MILK_FOR, STOP if may_stop(state) else None)


def timer_body(state: State, at: float) -> TimerBody:
    session, run = session_shown(state), state.detector.run
    paused = run is not None and run.quiet is not None
    until = ends_at(run, state.settings.rules) if run is not None and paused else None
    return TimerBody(
        pumping_s=running_s(state, at),
        cycles_per_minute=None if run is None or paused else run.cpm,
        purpose=session.purpose,
        intention=session.intention,
        ends_in_s=None if until is None else max(math.ceil(until - at - SLACK_S), 0),
    )


ROWS: dict[ScreenName, Screen] = {
    ScreenName.TIMER: Screen(
        keys=timer_keys,
        body=timer_body,
        left_alone=home,
        is_over=lambda state: state.running is None or state.dialogue.about != state.running,
        shows_seconds=True,
    ),
}
