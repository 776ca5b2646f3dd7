"""The first state, from what the store kept: a session goes on or was cut off, an open question is open again.

Pure like every step; how long the power was off is taken from the clocks as far as they can tell.
"""

from msgspec.structs import replace

from .dialogue import flow
from .dialogue.questions import NOTED
from .model.effects import Effect
from .model.record import Cause, Clock, Nursing, Portion, Progress, Purpose, Session, Source, ToldClock, finished
from .pump import detector
from .pump.witnesses import RESUME_S
from .pumping import hear_time
from .record import corrections, memory, revisions
from .record.memory import CLOCKS_DIFFER_S
from .record.sessions import carry_over
from .rules import keeping, sittings
from .rules.records import records_of
from .state import Ask, Health, Settings, State, Turn, is_running, monotonic, span, witnessed
from .step import finish


def begin(
    settings: Settings,
    *,
    at: float,
    wall: float,
    synced: bool,
    seed: bytes,
    sessions: tuple[Session, ...] = (),
    nursings: tuple[Nursing, ...] = (),
    portions: tuple[Portion, ...] = (),
    next_session: int = 1,
    next_nursing: int = 1,
    first_record_at: int | None = None,
    progress: Progress | None = None,
    baseline: tuple[int, int] | None = None,
    told_clock: ToldClock | None = None,
    outbox: int = 0,
    known: bool = True,
) -> tuple[State, list[Effect]]:
    """The first state, from what the store kept; `baseline` is the one given by command and the configured one then.

    `told_clock` is what a person said the time was, if that was in this boot.
    """
    told = not synced and told_clock is not None and told_clock.boot == settings.boot
    in_force = baseline[0] if baseline and baseline[1] == settings.baseline else settings.baseline
    state = State(
        settings=settings,
        seed=seed,
        records=records_of(sessions, nursings, settings.sitting_s),
        portions=tuple(sorted(portions, key=keeping.keeps)),
        next_session=next_session,
        next_nursing=next_nursing,
        next_answer=max((session.answer for session in sessions), default=0) + 1,
        known=known,
        partial=known and (next_session - 1 > len(sessions) or next_nursing - 1 > len(nursings)),
        first_record_at=first_record_at,
        baseline=in_force,
        offset=told_clock.offset if told and told_clock else wall - at,
        clock=Clock.SYNCED if synced or told else Clock.UNSYNCED,
        told=told,
        started=at,
        now=at,
        health=Health(outbox=outbox, broker_since=at),
    )
    turn = Turn(state, at)
    flow.show_status_first(turn)
    if turn.state.clock is Clock.SYNCED:
        corrections.correct_clock(turn)
    last = memory.remember_last(turn)
    running = next((session for session in turn.state.sessions if is_running(session)), None)
    if running is not None:
        pick_up(turn, running, progress)
    else:
        turn.set(ask=open_question(turn))
        hush_stopped(turn, last)
    remember_notes(turn)
    if turn.state.running or turn.state.ask:
        flow.home(turn)
    finish(turn)
    return turn.state, turn.effects


def open_question(turn: Turn) -> Ask | None:
    """A question that was open when the power went stays open for the rest of its time, whatever uncounted followed."""
    state = turn.state
    latest = turn.at + CLOCKS_DIFFER_S
    counted = [
        session for session in state.sessions if sittings.is_counted(session) and asked_from(turn, session) < latest
    ]
    last = max(counted, key=lambda session: span(state, session, turn.at), default=None)
    if last is None or (last.purpose is not None and last.volume_ml is not None):
        return None
    until = asked_from(turn, last) + state.settings.ask_s
    return Ask(last.id, until) if turn.at < until else None


def asked_from(turn: Turn, session: Session) -> float:
    """From when `ask_s` counts: the end, or where a cut ended it the restart that said so."""
    if session.cause is Cause.INTERRUPTED:
        return monotonic(turn.state, session.revised_at)
    return span(turn.state, session, turn.at)[1]


def hush_stopped(turn: Turn, last: Session | None) -> None:
    """A session that ended less than a pause ago ended by no pause: its motor may run on, stopped by hand."""
    state = turn.state
    if last is None or last.interrupted or Source.GPIO not in last.sources:
        return
    if turn.at - span(state, last, turn.at)[1] < state.settings.rules.pause_s:
        turn.set(detector=detector.hush(state.detector, turn.at + RESUME_S))


def remember_notes(turn: Turn) -> None:
    """Treat's note comes after its reason: a sitting with one has had it."""
    noted = [session.sitting for session in turn.state.sessions if session.purpose is Purpose.TREAT and session.reason]
    turn.talk(noted=tuple(dict.fromkeys(noted))[-NOTED:])


def pick_up(turn: Turn, session: Session, progress: Progress | None) -> None:
    """A session was running when the process ended: it goes on if the pump does, else it was cut off."""
    state = turn.state
    if progress is None or progress.session != session.id:
        progress = Progress(
            session=session.id,
            boot="",
            seen=float(session.duration_s),
            seen_at=finished(session),
            began=0.0,
            quiet=None,
            rested_s=float(session.duration_s - session.pumping_s),
            pauses=session.pauses,
            cycles=(0.0, 0.0),
            by_hand=session.sources in {(Source.BUTTON,), (Source.DASHBOARD,)},
        )
    if progress.anchor is not None:
        session = replace(session, anchor=progress.anchor, known=progress.known, guessed=progress.guessed)
        revisions.remember(turn, session)
    rules = state.settings.rules
    same_boot = progress.boot == state.settings.boot and progress.seen <= turn.at
    downtime = turn.at - progress.seen if same_boot else max(turn.wall - progress.seen_at, 0)
    shift = turn.at - downtime - progress.seen
    goes_on = downtime <= rules.pause_s
    run = detector.Run(
        began=progress.began + shift,
        sources=session.sources,
        quiet=None if progress.quiet is None else progress.quiet + shift,
        rested_s=progress.rested_s,
        pauses=progress.pauses,
        cycles=progress.cycles,
        by_hand=progress.by_hand and goes_on,
        given=progress.given,
        disagreement_s=session.disagreement_s,
        stuck=session.stuck_sensor,
    )
    until = turn.at
    if goes_on:
        quiet = turn.at - downtime if run.quiet is None else run.quiet
        until = max(quiet + rules.pause_s, turn.at + RESUME_S)
    told_later = goes_on and not same_boot and state.clock is Clock.UNSYNCED and session.clock is Clock.SYNCED
    turn.set(
        running=session.id,
        seen_at=progress.seen_at if told_later else None,
        began=run.began,
        ask=Ask(session.id, former=open_question(turn)),
        checkpoint_at=turn.at,
        detector=detector.resume(state.detector, run, turn.at - downtime, until),
    )
    if witnessed(state, session) is None and run.by_hand:
        carry_over(turn, session, run)
    hear_time(turn)
