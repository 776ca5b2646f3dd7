"""State → the live topics' contents: what the device does now, the figures of the day, its health."""

from .dialogue.flow import asked_about, labels, question
from .model.events import StoreState
from .model.live import Diagnostics, Disk, Link, LiveState, Panel, Phase, Question
from .model.record import Session
from .pump.witnesses import Run
from .record.revisions import as_at
from .rules import figures
from .state import State, Turn, in_memory, is_running, monotonic, wall


def phase(state: State) -> Phase:
    run = state.detector.run
    if run is None or state.running is None:
        return Phase.IDLE
    return Phase.PUMPING if run.quiet is None else Phase.PAUSED


def live_state(state: State, at: float) -> LiveState:
    """`state` as at `at`: a dashboard counts on from here."""
    asked, session, run = question(state), asked_about(state), state.detector.run
    if session is not None and is_running(session) and run is not None:
        session = as_at(session, run, at)
    return LiveState(
        at=wall(state, at),
        phase=phase(state),
        screen=state.dialogue.screen,
        dark=state.dialogue.dark,
        buttons=labels(state),
        question=Question(asked) if asked else None,
        session=session,
        suggestion=session.suggestion if session else None,
        expectation_ml=session.expectation_ml if session else None,
        speed=state.speed if state.settings.paced else None,
    )


def state_key(now: LiveState, run: Run | None) -> object:
    """What must differ for a new message: not what a dashboard counts on by itself, but from where it counts."""
    session: Session | None = now.session
    alone = None if session is None else (session.id, session.revision, session.sources, session.disagreement_s)
    counts = None if run is None else (run.began, run.rested_s, run.pauses)
    return (now.phase, now.screen, now.dark, now.buttons, now.question, alone, counts, now.expectation_ml, now.speed)


def refresh_today(turn: Turn) -> None:
    """Reckon the figures of the day again where a record changed, or where time alone may have changed one."""
    state = turn.state
    if not state.today_stale and turn.at < state.today_until:
        return
    now, settings = turn.wall, state.settings
    today = figures.today(
        state.sessions,
        state.nursings,
        baseline=state.baseline,
        sitting_s=settings.sitting_s,
        now=now,
        timezone=settings.timezone,
        units=settings.units,
        first_record_at=state.first_record_at,
    )
    change = figures.next_change(
        state.sessions, state.nursings, now=now, timezone=settings.timezone, first_record_at=state.first_record_at
    )
    turn.set(today=today, today_stale=False, today_until=monotonic(state, change))


def diagnostics(state: State, at: float) -> Diagnostics:
    health, settings = state.health, state.settings
    serial = Link.OFF if not settings.serial else Link.UP if health.serial else Link.LOST
    display = Panel.OFF if not settings.display else Panel.UP if health.display else Panel.FAILED
    return Diagnostics(
        at=wall(state, at),
        version=settings.version,
        started_at=wall(state, state.started),
        clock=state.clock,
        outbox=health.outbox,
        protocol=health.protocol,
        reconnects=max(health.connections - 1, 0),
        serial=serial,
        display=display,
        store=Disk(StoreState(health.store).value),
        serial_counts={"lines": health.lines, "rejected": health.rejected, "lost": health.serial_lost},
        display_counts={"failures": health.display_failed},
        set_aside=health.set_aside,
        repaired_at=health.repaired_at,
        in_memory=in_memory(state),
        dropped=health.dropped,
        store_counts={"failures": health.store_failed},
        errors=health.errors,
    )


def due(state: State, _at: float) -> list[float]:
    """When a figure of the day may change by time alone."""
    return [state.today_until]
