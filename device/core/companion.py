"""The whole behaviour: `step(state, event) -> (state, effects)`, reading like the contract.

Pure: no clock, no thread, no I/O. Instants come with the events; what must be done comes out as effects.
"""

from collections.abc import Callable

from msgspec.structs import replace

from . import corrections, detector, dialogue, fingers, guidance, ledger, orders, outcome, showing
from .effects import Effect, Progress, Repeat
from .events import (
    BrokerChanged,
    ButtonPressed,
    ButtonReleased,
    ClockRead,
    Counted,
    DisplayChanged,
    Event,
    Fetched,
    HomeAssistantBorn,
    LineRejected,
    LinkChanged,
    MotorEdge,
    Ordered,
    OutboxChanged,
    PassedOver,
    Press,
    PumpSaid,
    StatusRead,
    StoreChanged,
    Stored,
    StoreState,
    TimeCame,
    Verb,
    ZoneRead,
)
from .record import Anchor, Button, Cause, Clock, Nursing, Purpose, Session, Source
from .run import overlap
from .state import (
    Ask,
    Glow,
    Health,
    Published,
    Settings,
    State,
    Turn,
    find_session,
    is_running,
    monotonic,
    span,
    undurable,
    wall,
)
from .view import WarningKind

FLASH_S = 0.12
"""How long a key that was tapped stays filled at least."""
CLOCKS_DIFFER_S = 60.0
"""What two readings of a clock that was set meanwhile may differ by; beyond that it was another clock."""
RESUME_S = 20.0
"""How long after a restart a pump that still runs may take to be heard: two slow strokes, or a heartbeat."""


def step(state: State, event: Event) -> tuple[State, list[Effect]]:
    """Take one event; return the state that follows and what is to be done, in order."""
    turn = Turn(state, max(event.at, state.now))
    turn.set(now=turn.at)
    if state.wake_at is not None and state.wake_at <= turn.at and not isinstance(event, TimeCame):
        pass_time(turn)
    HANDLERS[type(event)](turn, event)
    outcome.finish(turn)
    return turn.state, turn.effects


def begin(
    settings: Settings,
    *,
    at: float,
    wall: float,
    synced: bool,
    seed: bytes,
    sessions: tuple[Session, ...] = (),
    nursings: tuple[Nursing, ...] = (),
    next_session: int = 1,
    next_nursing: int = 1,
    first_record_at: int | None = None,
    progress: Progress | None = None,
    baseline: tuple[int, int] | None = None,
    outbox: int = 0,
) -> tuple[State, list[Effect]]:
    """The first state, from what the store kept; `baseline` is the one given by command and the configured one then."""
    kept = baseline[0] if baseline and baseline[1] == settings.baseline else settings.baseline
    state = State(
        settings=settings,
        seed=seed,
        sessions=tuple(sorted(sessions, key=lambda one: (one.started_at, one.number))),
        nursings=tuple(sorted(nursings, key=lambda one: (one.at, one.number))),
        next_session=next_session,
        next_nursing=next_nursing,
        first_record_at=first_record_at,
        baseline=kept,
        offset=wall - at,
        clock=Clock.SYNCED if synced else Clock.UNSYNCED,
        started=at,
        now=at,
        health=Health(outbox=outbox, broker_since=at),
    )
    turn = Turn(state, at)
    dialogue.start(turn)
    if synced:
        corrections.correct_clock(turn)
    last = remember_last(turn)
    running = next((one for one in turn.state.sessions if is_running(one)), None)
    if running is not None:
        pick_up(turn, running, progress)
    else:
        turn.set(ask=open_question(turn))
        hush(turn, last)
    remember_notes(turn)
    if turn.state.running or turn.state.ask:
        dialogue.home(turn)
    outcome.finish(turn)
    return turn.state, turn.effects


def remember_last(turn: Turn) -> Session | None:
    """Find the session that ended last, as far as the clock can tell, and let nothing begin before its end."""
    state = turn.state
    ended = [(span(state, one, turn.at), one) for one in state.sessions if one.ended_at is not None and not one.deleted]
    past = [(times, one) for times, one in ended if times[1] < turn.at + CLOCKS_DIFFER_S]
    if not past:
        return None
    (began, finished), last = max(past, key=lambda found: found[0][1])
    turn.set(
        detector=detector.remember(state.detector, began, min(finished, turn.at), had_stop=last.volume_ml is not None)
    )
    return last


def open_question(turn: Turn) -> Ask | None:
    """A question that was open when the power went stays open for the rest of its time, whatever uncounted followed."""
    state = turn.state
    latest = turn.at + CLOCKS_DIFFER_S
    counted = [one for one in state.sessions if guidance.is_counted(one) and asked_from(turn, one) < latest]
    last = max(counted, key=lambda one: span(state, one, turn.at), default=None)
    if last is None or (last.purpose is not None and last.volume_ml is not None):
        return None
    until = asked_from(turn, last) + state.settings.ask_s
    return Ask(last.id, until) if turn.at < until else None


def asked_from(turn: Turn, session: Session) -> float:
    """From when `ask_s` counts: the end, or where a cut ended it the restart that said so."""
    if session.cause is Cause.INTERRUPTED:
        return monotonic(turn.state, session.revised_at)
    return span(turn.state, session, turn.at)[1]


def hush(turn: Turn, last: Session | None) -> None:
    """A session that ended less than a pause ago ended by no pause: its motor may run on, stopped by hand."""
    state = turn.state
    if last is None or last.interrupted or Source.GPIO not in last.sources:
        return
    if turn.at - span(state, last, turn.at)[1] < state.settings.rules.pause_s:
        turn.set(detector=detector.hush(state.detector, turn.at + RESUME_S))


def remember_notes(turn: Turn) -> None:
    """Treat's note comes after its reason: a sitting with one has had it."""
    noted = [one.sitting for one in turn.state.sessions if one.purpose is Purpose.TREAT and one.reason]
    turn.talk(noted=tuple(dict.fromkeys(noted))[-dialogue.NOTED :])


def pick_up(turn: Turn, session: Session, kept: Progress | None) -> None:
    """A session was running when the process ended: it goes on if the pump does, else it was cut off."""
    state = turn.state
    if kept is None or kept.session != session.id:
        kept = Progress(
            session=session.id,
            boot="",
            seen=float(session.duration_s),
            seen_at=session.started_at + session.duration_s,
            began=0.0,
            quiet=None,
            rested_s=float(session.duration_s - session.pumping_s),
            pauses=session.pauses,
            cycles=(0.0, 0.0),
            by_hand=session.sources in {(Source.BUTTON,), (Source.DASHBOARD,)},
        )
    rules = state.settings.rules
    same_boot = kept.boot == state.settings.boot and kept.seen <= turn.at
    downtime = turn.at - kept.seen if same_boot else max(turn.wall - kept.seen_at, 0)
    shift = turn.at - downtime - kept.seen
    goes_on = downtime <= rules.pause_s
    run = detector.Run(
        began=kept.began + shift,
        sources=session.sources,
        quiet=None if kept.quiet is None else kept.quiet + shift,
        rested_s=kept.rested_s,
        pauses=kept.pauses,
        cycles=kept.cycles,
        by_hand=kept.by_hand and goes_on,
        disagreement_s=session.disagreement_s,
        stuck=session.stuck_sensor,
    )
    until = turn.at
    if goes_on:
        quiet = turn.at - downtime if run.quiet is None else run.quiet
        until = max(quiet + rules.pause_s, turn.at + RESUME_S)
    ledger.remember(turn, replace(session, anchor=Anchor(state.settings.boot, run.began)))
    turn.set(
        running=session.id,
        ask=Ask(session.id, former=open_question(turn)),
        checkpoint_at=turn.at,
        detector=detector.resume(state.detector, run, turn.at - downtime, until),
    )
    hear(turn, TimeCame(turn.at))


# -- what happens ----------------------------------------------------------------------------------------------


def pass_time(turn: Turn) -> None:
    hear(turn, TimeCame(turn.at))
    fingers.hold(turn)
    dialogue.pass_time(turn)


def hear(turn: Turn, event: MotorEdge | PumpSaid | LinkChanged | TimeCame) -> None:
    heard_by, heard = detector.hear(turn.state.detector, event, turn.state.settings.rules)
    turn.set(detector=heard_by)
    listen(turn, heard)


def listen(turn: Turn, heard: tuple[detector.Heard, ...]) -> None:
    """Turn what the detector made of edges and lines into records and screens."""
    for said in heard:
        match said:
            case detector.Began(run):
                opened = ledger.open_session(turn, run.began, run.sources)
                turn.set(running=opened.id, checkpoint_at=turn.at + outcome.CHECKPOINT_S)
                dialogue.session_began(turn, opened)
            case detector.Changed(run) | detector.WentOn(run):
                session = turn.running
                if isinstance(said, detector.WentOn):
                    turn.set(checkpoint_at=turn.at)
                if session and session.anchor and run.began != session.anchor.at:
                    ledger.move_start(turn, session, run)
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


def collected(turn: Turn, ml: float, began: float | None = None, ended: float | None = None) -> None:
    """The amount of the running session, or of one that ended within `ask_s`: drying the tubing gives no milk.

    A STOP while none runs says itself of which.
    """
    if began is not None and ended is not None:
        session, last = spoken_of(turn, began, ended), turn.state.detector.last
        # where the last one was deleted, the one before it has had its own STOP
        if session and last and overlap(span(turn.state, session, turn.at), last[0] - ledger.OVERLAP_S, last[1]):
            ledger.volume_from_pump(turn, session, ml)
        return
    lately = ledger.lately_ended(turn.state, turn.at - turn.state.settings.ask_s)
    counted = (one for one in lately if one.counted)
    ledger.volume_from_pump(turn, turn.running or next(counted, next(iter(lately), None)), ml)


def spoken_of(turn: Turn, began: float, ended: float) -> Session | None:
    """The session that ran last in the time that a STOP speaks of."""
    lately = ledger.lately_ended(turn.state, ended - turn.state.settings.ask_s)
    told = (one for one in lately if overlap(span(turn.state, one, turn.at), began - ledger.OVERLAP_S, ended))
    return next(told, None)


def stuck(turn: Turn) -> None:
    if turn.running:
        ledger.revise(turn, turn.running, Cause.STUCK_SENSOR, stuck_sensor=True)
        dialogue.summon(turn)


def end(turn: Turn, run: detector.Run, at: float, *, interrupted: bool) -> None:
    session = turn.running
    if session is None:
        return
    ended = ledger.end_session(turn, session, run, at, interrupted=interrupted)
    dialogue.forget_warning(turn, WarningKind.STUCK_SENSOR)
    since = max(turn.state.started, at) if interrupted else at
    dialogue.session_ended(turn, ended, max(since + turn.state.settings.ask_s, turn.at))


def missed(turn: Turn, began: float, ended: float, ml: float | None) -> None:
    """The pump speaks of a session that nobody heard: it is recorded, and asked about."""
    if corrections.overlapping(turn.state.sessions, wall(turn.state, began), wall(turn.state, ended)):
        known = spoken_of(turn, began, ended)
        if ml is not None and known is not None and known.volume_ml is None:
            ledger.volume_from_pump(turn, known, ml)
        return
    amount = None if ml is None else int(ml + 0.5)
    session = ledger.open_session(turn, began, (Source.SERIAL,), ended=ended, ml=amount)
    dialogue.session_ended(turn, session, ended + turn.state.settings.ask_s)


def edge(turn: Turn, event: MotorEdge) -> None:
    hear(turn, event)


def line(turn: Turn, event: PumpSaid) -> None:
    turn.tell_health(lines=turn.state.health.lines + 1)
    if event.verb is Verb.HELLO:
        turn.tell_health(pump_model=event.model)
    hear(turn, event)


def rejected(turn: Turn, event: LineRejected) -> None:
    turn.tell_health(rejected=turn.state.health.rejected + event.count)
    turn.count(f"serial_{event.why}", event.count)


def link(turn: Turn, event: LinkChanged) -> None:
    health = turn.state.health
    lost = health.serial and not event.up
    turn.tell_health(serial=event.up, serial_lost=health.serial_lost + lost)
    hear(turn, event)


def pressed(turn: Turn, event: ButtonPressed) -> None:
    touch(turn, event.button, turn.at, lambda: fingers.press(turn, event.button))


def released(turn: Turn, event: ButtonReleased) -> None:
    held = turn.state.dialogue.held
    if held is not None and held.button is event.button:
        touch(turn, event.button, held.since, lambda: fingers.release(turn, event.button))


def touch(turn: Turn, button: Button, since: float, act: Callable[[], None]) -> None:
    """A finger acts. Its key glows for a moment at least, on the screen that the press left or on the one it is on."""
    before, was = showing.plain(turn.state, turn.at), turn.state.dialogue
    turn.by_press = True
    act()
    work_by_hand(turn, Source.BUTTON)
    now, key = turn.state.dialogue, fingers.PLACES[button]
    idle = was.dark or any(held is not None and held.idle for held in (was.held, now.held))
    until = since + FLASH_S
    if idle or before.keys[key] is None or until <= turn.at:
        return
    if now.serial != was.serial:
        turn.talk(glow=Glow(replace(before, pressed=key), key, until))
    elif now.held is None:
        turn.talk(glow=Glow(None, key, until))


def work_by_hand(turn: Turn, source: Source) -> None:
    """Start or stop as a button or a dashboard asked, and answer the dashboard with the record."""
    wanted, order = turn.hand, turn.hand_order
    if wanted is None:
        return
    turn.hand = turn.hand_order = None
    rules, now = turn.state.settings.rules, turn.state.detector
    about = turn.state.running
    if wanted == "start" and about is None:
        now, heard = detector.start_by_hand(now, turn.at, source, rules)
    else:
        now, heard = detector.stop_by_hand(now, turn.at, rules)
    turn.set(detector=now)
    listen(turn, heard)
    if order is not None:
        orders.answer(turn, order, find_session(turn.state, about or turn.state.running))


def display(turn: Turn, event: DisplayChanged) -> None:
    turn.tell_health(display=event.up, display_failed=turn.state.health.display_failed + (not event.up))


def clock(turn: Turn, event: ClockRead) -> None:
    """The system's clock was read: wall times follow it, and are corrected once it is synchronised."""
    before, behind = turn.state.clock, event.wall - event.at - turn.state.offset
    turn.set(offset=event.wall - event.at, clock=Clock.SYNCED if event.synced else Clock.UNSYNCED, today_stale=True)
    if event.synced and before is Clock.UNSYNCED:
        corrections.correct_clock(turn, round(behind))


def stored(turn: Turn, event: Stored) -> None:
    unsaved = turn.state.unsaved
    for batch in unsaved:
        if batch.save.batch <= event.batch:
            turn.effects.extend(batch.answers)
    turn.set(unsaved=tuple(batch for batch in unsaved if batch.save.batch > event.batch))


def store(turn: Turn, event: StoreChanged) -> None:
    """The disk does not take the record (it waits, in order), or takes it again."""
    health = turn.state.health
    failed = event.state is not StoreState.OK
    turn.tell_health(store=event.state, store_why=event.why, store_failed=health.store_failed + failed)
    if failed:
        turn.set(unsaved=tuple(outcome.refuse_unsaved(turn, batch) for batch in turn.state.unsaved))
        dialogue.summon(turn)
    else:
        dialogue.forget_warning(turn, WarningKind.NOT_SAVED, WarningKind.DISK_FULL)
        dialogue.settle(turn)


def outbox(turn: Turn, event: OutboxChanged) -> None:
    """Once all that waited for a connection is gone, dashboards hear so at once."""
    turn.tell_health(outbox=event.waiting)
    told = turn.state.published
    if event.waiting == 0 and not told.caught_up:
        turn.set(published=replace(told, caught_up=True, diagnostics_at=float("-inf")))


def passed_over(turn: Turn, event: PassedOver) -> None:
    turn.tell_health(passed_over=event.records)


def broker(turn: Turn, event: BrokerChanged) -> None:
    health = turn.state.health
    if health.broker != event.up:
        turn.tell_health(broker_since=turn.at)
    turn.tell_health(broker=event.up, broker_why=event.why)
    if event.up:
        turn.tell_health(protocol=event.protocol, connections=health.connections + 1, passed_over=0)
        turn.set(published=Published(caught_up=health.outbox == 0))


def born(turn: Turn, _event: HomeAssistantBorn) -> None:
    """Home Assistant was away and is announced to: tell it all again, and the newest end, which it may have missed."""
    turn.set(published=Published(caught_up=turn.state.published.caught_up))
    outcome.publish(turn)
    ended = [one for one in turn.state.sessions if one.ended_at is not None and not one.deleted]
    if ended and ended[-1].id not in undurable(turn.state):
        turn.effects.append(Repeat(ended[-1]))


def counted(turn: Turn, event: Counted) -> None:
    turn.count(event.name, event.count)


def status(turn: Turn, event: StatusRead) -> None:
    turn.set(address=event.address, storage=event.storage, speed=event.speed)


def ordered(turn: Turn, event: Ordered) -> None:
    command = event.command
    if isinstance(command, Press):
        touch(turn, command.button, turn.at, lambda: orders.carry_out(turn, command, event.order))
        return
    orders.carry_out(turn, command, event.order)
    work_by_hand(turn, Source.DASHBOARD)
    if turn.changed:
        remember_last(turn)


def fetched(turn: Turn, event: Fetched) -> None:
    orders.bring_in(turn, event.records)
    orders.carry_out(turn, event.command, event.order, fetched=True)
    remember_last(turn)


def zone(turn: Turn, event: ZoneRead) -> None:
    """The house moved, or was told where it is: days, night and clock are those of the new zone from now on."""
    turn.set(settings=replace(turn.state.settings, timezone=event.timezone), today_stale=True)


def time_came(turn: Turn, _event: TimeCame) -> None:
    pass_time(turn)


HANDLERS: dict[type[Event], Callable[..., None]] = {
    MotorEdge: edge,
    PumpSaid: line,
    LineRejected: rejected,
    LinkChanged: link,
    ButtonPressed: pressed,
    ButtonReleased: released,
    DisplayChanged: display,
    ClockRead: clock,
    Stored: stored,
    StoreChanged: store,
    OutboxChanged: outbox,
    PassedOver: passed_over,
    BrokerChanged: broker,
    HomeAssistantBorn: born,
    Counted: counted,
    StatusRead: status,
    Ordered: ordered,
    Fetched: fetched,
    TimeCame: time_came,
    ZoneRead: zone,
}
