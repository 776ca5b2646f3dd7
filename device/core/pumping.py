"""What the pump does: the detector's begin, pauses and end become records and screens; so do Start and Stop by hand."""

from msgspec.structs import replace

from .dialogue import flow
from .model.events import LinkChanged, MotorEdge, PumpSaid, TimeCame, Verb
from .model.record import Cause, Clock, Session, Source
from .model.view import ScreenName, WarningKind
from .pump import detector
from .pump.witnesses import RESUME_S, begun_at, overlap, pumping_s
from .record import corrections, revisions, sessions
from .record.revisions import CHECKPOINT_S
from .state import Ask, Turn, find_session, monotonic, span, wall, witnessed

MOTOR_BLIPS = "motor_blips"


def hear_time(turn: Turn) -> None:
    hear_pump(turn, TimeCame(turn.at))


def line(turn: Turn, event: PumpSaid) -> None:
    turn.tell_health(lines=turn.state.health.lines + 1)
    if event.verb is Verb.HELLO:
        turn.tell_health(pump_model=event.model)
    hear_pump(turn, event)


def link(turn: Turn, event: LinkChanged) -> None:
    health = turn.state.health
    lost = health.serial and not event.up
    turn.tell_health(serial=event.up, serial_lost=health.serial_lost + lost)
    hear_pump(turn, event)


def hear_pump(turn: Turn, event: MotorEdge | PumpSaid | LinkChanged | TimeCame) -> bool:
    """Whether it is of any account yet. A motor signal that did not last is counted: a wire that chatters shows so."""
    was = turn.state.detector.wire
    heard_by, heard = detector.hear(turn.state.detector, event, turn.state.settings.rules)
    turn.state = replace(turn.state, detector=heard_by)
    if heard:
        listen(turn, heard)
    blip = was.since not in {None, heard_by.wire.since} and not (was.running or was.muted or heard)
    if blip:
        turn.count(MOTOR_BLIPS)
    return bool(heard) or blip or (was.running, was.muted) != (heard_by.wire.running, heard_by.wire.muted)


def listen(turn: Turn, heard: tuple[detector.Heard, ...]) -> None:
    """Turn what the detector made of edges and lines into records and screens."""
    for news in heard:
        match news:
            case detector.Began(run):
                opened = sessions.open_session(turn, run.began, run.sources)
                turn.set(running=opened.id, began=run.began, checkpoint_at=turn.at + CHECKPOINT_S)
                session_began(turn, opened)
            case detector.Changed(run) | detector.WentOn(run):
                session = turn.running
                if isinstance(news, detector.WentOn):
                    turn.set(checkpoint_at=turn.at)
                if session and witnessed(turn.state, session) is None:
                    sessions.carry_over(turn, session, run)
                if turn.running and run.began != turn.state.began:
                    sessions.move_start(turn, turn.running, run)
            case detector.Ended(run, at, interrupted):
                end(turn, run, at, interrupted=interrupted)
            case detector.Missed(began, ended, ml):
                missed(turn, began, ended, ml)
            case detector.Collected(ml, began, ended):
                collected(turn, ml, began, ended)
            case detector.Stuck():
                stuck(turn)
            case detector.Paused():
                continue


def session_began(turn: Turn, session: Session) -> None:
    flow.wake(turn)
    ask = turn.state.ask
    turn.set(ask=Ask(session.id, former=None if ask is None else replace(ask, former=None)))
    turn.talk(short=None)
    flow.forget_warning(turn, WarningKind.STUCK_SENSOR)
    flow.summon(turn)


def session_ended(turn: Turn, session: Session, until: float) -> None:
    """Open the ended session's questions until `until`; one under a minute asks nothing, nor hides what was asked."""
    flow.wake(turn)
    dialogue, ask = turn.state.dialogue, turn.state.ask
    if not session.counted:
        former = ask.former if ask and ask.session == session.id else ask
        turn.set(ask=former)
        turn.talk(short=session.id)
        flow.summon(turn)
        return
    turn.set(ask=Ask(session.id, until))
    chain = {ScreenName.REASON, ScreenName.NOTE, ScreenName.INTENTION}
    if session.purpose is None:
        chain.add(ScreenName.PURPOSE)
    if dialogue.about != session.id or dialogue.screen not in chain or dialogue.correcting:
        flow.summon(turn)


def clock_learned(turn: Turn) -> None:
    """What waits for its pump since a restart waits less long, or was over, if only now the clock says for how long."""
    state = turn.state
    run, seen_at = state.detector.run, state.seen_at
    if run is not None and run.given:
        hear_time(turn)  # by the right clock it may have run for too long
    turn.set(seen_at=None)
    if run is None or run.until is None or seen_at is None:
        return
    downtime, pause_s = max(wall(state, state.started) - seen_at, 0), state.settings.rules.pause_s
    until = state.started
    if downtime <= pause_s and run.quiet is not None:
        until = max(run.quiet - downtime + pause_s, state.started + RESUME_S)
    turn.set(detector=replace(state.detector, run=replace(run, until=min(until, run.until))))
    hear_time(turn)


def collected(turn: Turn, ml: float, began: float | None = None, ended: float | None = None) -> None:
    """The amount of the running session, or of one that ended within `ask_s`: drying the tubing gives no milk.

    A STOP while none runs says itself of which.
    """
    if began is not None and ended is not None:
        session, last = spoken_of(turn, began, ended), turn.state.detector.last
        # where the last one was deleted, the one before it has had its own STOP
        if session and last and overlap(span(turn.state, session, turn.at), last[0] - sessions.OVERLAP_S, last[1]):
            revisions.volume_from_pump(turn, session, ml)
        return
    lately = sessions.lately_ended(turn.state, turn.at - turn.state.settings.ask_s)
    counted = (session for session in lately if session.counted)
    revisions.volume_from_pump(turn, turn.running or next(counted, next(iter(lately), None)), ml)


def spoken_of(turn: Turn, began: float, ended: float) -> Session | None:
    """The session that ran last in the time that a STOP speaks of."""
    lately = sessions.lately_ended(turn.state, ended - turn.state.settings.ask_s)
    since = began - sessions.OVERLAP_S
    meant = (session for session in lately if overlap(span(turn.state, session, turn.at), since, ended))
    return next(meant, None)


def stuck(turn: Turn) -> None:
    if turn.running:
        revisions.revise(turn, turn.running, Cause.STUCK_SENSOR, stuck_sensor=True)
        flow.summon(turn)


def end(turn: Turn, run: detector.Run, at: float, *, interrupted: bool) -> None:
    session = turn.running
    if session is None:
        return
    ended = sessions.end_session(turn, session, run, at, interrupted=interrupted)
    if turn.state.clock is Clock.SYNCED and ended.clock is Clock.UNSYNCED:
        corrections.correct_clock(turn)  # the boot that it was in never learned the time
        ended = find_session(turn.state, ended.id) or ended
    flow.forget_warning(turn, WarningKind.STUCK_SENSOR)
    since = max(turn.state.started, at) if interrupted else at
    session_ended(turn, ended, max(since + turn.state.settings.ask_s, turn.at))


def missed(turn: Turn, began: float, ended: float, ml: float | None) -> None:
    """The pump speaks of a session that nobody heard: it is recorded, and asked about."""
    if corrections.overlapping(turn.state.records, wall(turn.state, began), wall(turn.state, ended)):
        recorded = spoken_of(turn, began, ended)
        if ml is not None and recorded is not None and recorded.volume_ml is None:
            revisions.volume_from_pump(turn, recorded, ml)
        return
    amount = None if ml is None else int(ml + 0.5)
    session = sessions.open_session(turn, began, (Source.SERIAL,), ended=ended, ml=amount)
    session_ended(turn, session, ended + turn.state.settings.ask_s)


def work_by_hand(turn: Turn, source: Source) -> None:
    """Start or stop as a button or a dashboard asked, and answer the dashboard with the record."""
    wanted, order = turn.hand, turn.hand_order
    if wanted is None:
        return
    turn.hand = turn.hand_order = None
    rules, now = turn.state.settings.rules, turn.state.detector
    about = turn.state.running
    if wanted == "start" and about is None:
        now, heard = detector.start_by_hand(now, turn.at, source, rules, turn.hand_began)
    else:
        now, heard = detector.stop_by_hand(now, turn.at, rules)
    turn.set(detector=now)
    listen(turn, heard)
    if order is not None:
        turn.answer(order, find_session(turn.state, about or turn.state.running))


def pause_or_go_on(turn: Turn, *, goes_on: bool) -> None:
    """Pause the running session, or let it go on: no revision says it, so where it stands is kept before the reply."""
    now, heard = detector.rest_by_hand(turn.state.detector, turn.at, turn.state.settings.rules, goes_on=goes_on)
    turn.set(detector=now)
    listen(turn, heard)
    turn.place = turn.waits = True


def begin_at(turn: Turn, session: Session, run: detector.Run, started_at: int) -> None:
    """The running session began when a person says, whatever is heard; one that is not so long is no stuck sensor's."""
    run = begun_at(run, min(monotonic(turn.state, started_at), turn.at))
    if run.stuck and pumping_s(run, turn.at) < turn.state.settings.rules.max_session_s:
        run, session = replace(run, stuck=False), replace(session, stuck_sensor=False)
        flow.forget_warning(turn, WarningKind.STUCK_SENSOR)
    turn.set(detector=replace(turn.state.detector, run=run))
    sessions.move_start(turn, session, run, Cause.EDITED)
    hear_time(turn)
