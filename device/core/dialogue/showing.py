"""State → view: what each screen shows at this moment, as facts.

A view is all that a picture depends on; whoever draws it knows nothing of the rest.
"""

import math
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from device.core.model.record import REASONS, Button, Clock, Nursing, Purpose, Reason, Session
from device.core.model.view import (
    Body,
    ChangeBody,
    Heading,
    Hint,
    Icon,
    IdleBody,
    IntentionBody,
    LastBody,
    Lit,
    NoteBody,
    NoteKind,
    NursedBody,
    NursingFacts,
    PurposeBody,
    ReasonBody,
    SavedNursing,
    SavedVolume,
    ScreenName,
    SessionFacts,
    StatusBody,
    TimerBody,
    View,
    VolumeBody,
    WarningBody,
    WarningKind,
)
from device.core.pump.detector import ends_at, pumping_s
from device.core.record.revisions import outlook_label, whole_s
from device.core.rules import guidance, sittings
from device.core.state import SLACK_S, State, find_nursing, find_session, is_running, newest, wall
from device.words import EN
from device.words.times import since

from .buttons import BACK_SHOWS_S, NO_BACK, PLACES, PURPOSES
from .flow import labels, may_stop, open_warning, place, still_stuck

MINUTE_S = 60
SHIFT_EVERY_S = 180
SHIFTS_DOWN = (0, 1, 0, -1)
"""Where the picture stands against burn-in, a place every three minutes: two bytes for the panel's own offset.

To the side it moves when the screen changes, since that moves every column.
"""


def view(state: State, at: float) -> View:
    """The picture of this moment, pressed keys, dimming and the shift against burn-in included."""
    talk = state.dialogue
    if talk.glow is None or at >= talk.glow.until or talk.dark:
        return plain(state, at)
    return talk.glow.view or replace(plain(state, at), pressed=talk.glow.place)


def plain(state: State, at: float) -> View:
    """The screen itself, without the last press's afterglow."""
    talk = state.dialogue
    place, keys = pressed(state), labels(state)
    if place == PLACES[Button.RIGHT] and talk.held and talk.screen not in NO_BACK:
        keys = (keys[0], keys[1], "Back" if at >= talk.held.since + BACK_SHOWS_S else keys[2])
    waking = talk.held is not None and talk.held.woke and not talk.dark
    return View(
        screen=talk.screen,
        body=BODIES[talk.screen](state, at),
        keys=(None, None, None) if waking else keys,
        suggested=None if waking else suggested_place(state),
        pressed=place,
        lit=lit(state, at),
        shift=(talk.serial % 3 - 1, SHIFTS_DOWN[int((at + state.offset) // SHIFT_EVERY_S) % len(SHIFTS_DOWN)]),
    )


def pressed(state: State) -> int | None:
    """The key under the finger, on the screen that saw the press."""
    held = state.dialogue.held
    if held is None or held.idle or held.went_back or held.serial != state.dialogue.serial:
        return None
    place = PLACES[held.button]
    return place if labels(state)[place] is not None else None


def lit(state: State, at: float) -> Lit:
    if state.dialogue.dark:
        return Lit.DARK
    return Lit.DIM if is_night(state, at) else Lit.ON


def is_night(state: State, at: float) -> bool:
    """Within the configured night; a clock that is not set knows no night."""
    night = state.settings.night
    if night is None or state.clock is not Clock.SYNCED:
        return False
    now = local(state, wall(state, at))
    minute, (begin, end) = now.hour * 60 + now.minute, night
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def local(state: State, instant: int) -> datetime:
    """A wall instant as the house's clocks show it."""
    return datetime.fromtimestamp(instant, ZoneInfo(state.settings.timezone)).replace(tzinfo=None)


def minute(state: State, instant: int) -> datetime:
    return local(state, instant).replace(second=0)


def suggested_place(state: State) -> int | None:
    """The key of the suggested choice; a record that has its answer shows that instead."""
    talk = state.dialogue
    session = find_session(state, talk.about)
    if session is None or session.suggestion is None:
        return None
    if talk.screen is ScreenName.PURPOSE:
        return None if session.purpose else PURPOSES.index(session.suggestion.purpose)
    if talk.screen is ScreenName.REASON and session.purpose is session.suggestion.purpose and session.reason is None:
        reasons = REASONS[session.purpose]
        return reasons.index(session.suggestion.reason) if session.suggestion.reason in reasons else None
    return None


# -- bodies ----------------------------------------------------------------------------------------------------


def idle(state: State, at: float) -> IdleBody:
    now, today = wall(state, at), state.today
    last_at = today.last_stimulation_at if today else None
    nursed = any(one.at == last_at and one.effective and not one.deleted for one in state.nursings)
    return IdleBody(
        local=minute(state, now) if state.clock is Clock.SYNCED else None,
        stimulations=today.last_24h.stimulations if today else 0,
        baseline=state.baseline,
        last=("" if newest(state) else None) if last_at is None else "nursed" if nursed else "pumped",
        last_ago_s=0 if last_at is None else max(now - last_at, 0) // MINUTE_S * MINUTE_S,
        icons=icons(state, at),
    )


def icons(state: State, at: float) -> tuple[Icon, ...]:
    """At most two: a warning, the broker away, the display dimmed, in that order."""
    shown = ((open_warning(state) or still_stuck(state), Icon.WARNING), (not state.health.broker, Icon.UNLINKED))
    found = [icon for is_so, icon in (*shown, (is_night(state, at), Icon.MOON)) if is_so]
    return tuple(found[:2])


def heading(state: State, session: Session, at: float) -> Heading:
    if state.dialogue.correcting:
        return Heading(of=minute(state, session.started_at))
    if is_running(session):
        return Heading(running_s=running_s(state, at))
    return Heading(pumped_s=session.pumping_s)


def running_s(state: State, at: float) -> int:
    run = state.detector.run
    return 0 if run is None else whole_s(pumping_s(run, at))


def subject(state: State) -> Session:
    """The session on the screen; a screen without its session is left before it is drawn."""
    session = find_session(state, state.dialogue.about)
    if session is None:
        raise LookupError(f"{state.dialogue.screen} has no session")
    return session


def purpose(state: State, at: float) -> PurposeBody:
    session = subject(state)
    said = (session.purpose, session.reason) if session.purpose or state.dialogue.correcting else None
    return PurposeBody(heading(state, session, at), session.suggestion, said)


def reason(state: State, at: float) -> ReasonBody:
    session = subject(state)
    return ReasonBody(session.purpose or Purpose.PROTECT, heading(state, session, at))


def note(state: State, _at: float) -> NoteBody:
    session = find_session(state, state.dialogue.about)
    answered: Reason | Purpose | None = (session.reason or session.purpose) if session else None
    kind = state.dialogue.note or NoteKind.SHORT
    a_minute = state.settings.min_session_s == MINUTE_S
    return NoteBody(kind, answered if kind is not NoteKind.SHORT else None, a_minute)


def intention(state: State, at: float) -> IntentionBody:
    session, talk = subject(state), state.dialogue
    return IntentionBody(
        answered=(session.reason or session.purpose) if talk.answered else None,
        heading=heading(state, session, at),
        hint=hint(state, session) if talk.answered else None,
        expectation_ml=session.expectation_ml,
        units=state.settings.units,
    )


def hint(state: State, session: Session) -> Hint | None:
    if session.purpose is None:
        return None
    at = session.started_at
    times = sittings.stimulations(state.sessions, state.nursings, state.settings.sitting_s, session.id)
    count = sittings.within(times, at - sittings.DAY_S, at)
    return guidance.hint(session.purpose, count, state.baseline, outlook_label(state, at))


def timer(state: State, at: float) -> TimerBody:
    session, run = subject(state), state.detector.run
    paused = run is not None and run.quiet is not None
    until = ends_at(run, state.settings.rules) if run is not None and paused else None
    return TimerBody(
        pumping_s=running_s(state, at),
        cycles_per_minute=None if run is None or paused else run.cpm,
        purpose=session.purpose,
        intention=session.intention,
        ends_in_s=None if until is None else max(math.ceil(until - at - SLACK_S), 0),
    )


def volume(state: State, _at: float) -> VolumeBody:
    session, talk = subject(state), state.dialogue
    return VolumeBody(talk.amount, state.settings.units, session.expectation_ml if talk.amount is not None else None)


def saved(state: State, _at: float) -> SavedVolume | SavedNursing:
    nursing = find_nursing(state, state.dialogue.about)
    if nursing:
        shown = None if nursing.clock is Clock.UNSYNCED else minute(state, nursing.at)
        return SavedNursing(shown, nursing.effective, nursing.deleted)
    session = subject(state)
    use_by = None if session.use_by is None else local(state, session.use_by)
    return SavedVolume(state.dialogue.amount, state.settings.units, use_by)


def nursed(_state: State, _at: float) -> NursedBody:
    return NursedBody()


def facts(state: State, record: Session | Nursing, at: float) -> SessionFacts | NursingFacts:
    unsynced = record.clock is Clock.UNSYNCED
    if isinstance(record, Nursing):
        return NursingFacts(minute(state, record.at), unsynced, record.effective)
    return SessionFacts(
        started=minute(state, record.started_at),
        unsynced=unsynced,
        pumping_s=running_s(state, at) if is_running(record) else record.pumping_s,
        running=is_running(record),
        volume_ml=record.volume_ml,
        intention=record.intention,
        purpose=record.purpose,
        reason=record.reason,
        interrupted=record.interrupted,
        units=state.settings.units,
    )


def last(state: State, at: float) -> LastBody:
    records, talk = newest(state), state.dialogue
    record = find_session(state, talk.about) or find_nursing(state, talk.about)
    if record is None:
        return LastBody(None, 0, 0)
    return LastBody(facts(state, record, at), place(state) + 1, len(records))


def change(state: State, at: float) -> ChangeBody | NursedBody:
    nursing = find_nursing(state, state.dialogue.about)
    if nursing:
        return NursedBody(of=minute(state, nursing.at))
    known = facts(state, subject(state), at)
    if not isinstance(known, SessionFacts):
        raise TypeError("a session has a session's facts")
    return ChangeBody(known, place(state) + 1, len(newest(state)))


def status(state: State, at: float) -> StatusBody:
    health, settings = state.health, state.settings
    if state.dialogue.page == 1:
        broker = "connected" if health.broker else f"away {since(int(at - health.broker_since), EN.times)}"
        waiting = "1 record" if health.outbox == 1 else f"{health.outbox} records"
        if health.passed_over:
            waiting = f"{health.outbox}, {health.passed_over} too large"
        pump = settings.pump if not settings.serial or health.serial else f"{settings.pump}, link lost"
        rows = (("Address", state.address or "none"), ("Broker", broker), ("Waiting", waiting), ("Pump", pump))
        return StatusBody(1, rows)
    clock = "set" if state.clock is Clock.SYNCED else "not set"
    running = since(int(at - state.started), EN.times)
    storage = state.storage or state.health.store.value
    return StatusBody(2, (("Version", settings.version), ("Storage", storage), ("Clock", clock), ("Running", running)))


def warning(state: State, _at: float) -> WarningBody:
    kind = state.dialogue.warning or WarningKind.NOT_SAVED
    return WarningBody(kind, stop_on_timer=kind is WarningKind.STUCK_SENSOR and may_stop(state))


BODIES: dict[ScreenName, Callable[[State, float], Body]] = {
    ScreenName.IDLE: idle,
    ScreenName.PURPOSE: purpose,
    ScreenName.REASON: reason,
    ScreenName.NOTE: note,
    ScreenName.INTENTION: intention,
    ScreenName.TIMER: timer,
    ScreenName.VOLUME: volume,
    ScreenName.SAVED: saved,
    ScreenName.NURSED: nursed,
    ScreenName.LAST: last,
    ScreenName.CHANGE: change,
    ScreenName.STATUS: status,
    ScreenName.WARNING: warning,
}


# -- when the picture changes by itself ------------------------------------------------------------------------


def ticks(state: State, at: float) -> list[float]:
    """The next instant at which a running time, a countdown or the clock must move on; none in the dark."""
    talk, run = state.dialogue, state.detector.run
    if talk.dark or not state.settings.display:
        return []
    minute = at + until_next(at + state.offset, MINUTE_S)
    seconds = {ScreenName.TIMER, ScreenName.PURPOSE, ScreenName.REASON, ScreenName.INTENTION}
    if run is None or talk.screen not in seconds or talk.about != state.running or talk.correcting:
        return [minute]
    if run.quiet is None:
        return [at + until_next(pumping_s(run, at), 1)]
    ends = ends_at(run, state.settings.rules)
    return [minute] if ends is None or talk.screen is not ScreenName.TIMER else [at + until_next(at - ends, 1)]


def until_next(value: float, step: int) -> float:
    """How long until a value that grows with time comes to its next whole step; one as good as reached is past."""
    left = step - value % step
    return left if left > SLACK_S else left + step
