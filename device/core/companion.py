"""The whole behaviour: `step(state, event) -> (state, effects)`, reading like the contract.

Pure: no clock, no thread, no I/O. Instants come with the events; what must be done comes out as effects.
"""

from collections.abc import Callable

from msgspec.structs import replace

from . import detector, dialogue, fingers, ledger, live, orders, showing
from .effects import (
    Announce,
    Checkpoint,
    Effect,
    KeepBaseline,
    Progress,
    Publish,
    Refuse,
    Repeat,
    Save,
    Show,
    Topic,
    WakeAt,
)
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
    Press,
    PumpSaid,
    StatusRead,
    StoreChanged,
    Stored,
    StoreState,
    TimeCame,
    Verb,
)
from .figures import diagnostics, due, live_state, refresh_today, state_key
from .record import Anchor, Button, Cause, Clock, Nursing, Session, Source
from .state import (
    IN_FLIGHT,
    Ask,
    Batch,
    Health,
    Published,
    Settings,
    State,
    Turn,
    find_session,
    is_running,
    last_session,
    monotonic,
    progress,
)
from .view import Lit, View, WarningKind

CHECKPOINT_S = 25.0
"""At most 30 s of a running session may be lost, and a slow card takes its time."""
FLASH_S = 0.12
CYCLES_EVERY_S = 10.0
DIAGNOSTICS_EVERY_S = 60.0
RESUME_S = 20.0
"""How long after a restart a pump that still runs may take to be heard: two slow strokes, or a heartbeat."""


def step(state: State, event: Event) -> tuple[State, list[Effect]]:
    """Take one event; return the state that follows and what is to be done, in order."""
    turn = Turn(state, max(event.at, state.now))
    turn.set(now=turn.at)
    if state.wake_at is not None and state.wake_at <= turn.at and not isinstance(event, TimeCame):
        pass_time(turn)
    HANDLERS[type(event)](turn, event)
    finish(turn)
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
    if synced:
        ledger.correct_clock(turn)
    last = next((one for one in reversed(turn.state.sessions) if one.ended_at is not None and not one.deleted), None)
    if last is not None:
        turn.set(detector=detector.remember(turn.state.detector, *span(turn.state, last)))
    running = next((one for one in turn.state.sessions if is_running(one)), None)
    if running is not None:
        pick_up(turn, running, progress)
    elif last is not None and last.ended_at is not None and last.counted:
        reopen(turn, last)
    dialogue.start(turn)
    finish(turn)
    return turn.state, turn.effects


def span(state: State, session: Session) -> tuple[float, float]:
    """A session's begin and end on this boot's monotonic clock."""
    end = session.ended_at if session.ended_at is not None else session.started_at + session.duration_s
    return monotonic(state, session.started_at), monotonic(state, end)


def reopen(turn: Turn, last: Session) -> None:
    """A question that was open when the power went stays open for the rest of its time."""
    until = monotonic(turn.state, last.ended_at or 0) + turn.state.settings.ask_s
    if turn.at < until and (last.purpose is None or last.volume_ml is None):
        turn.set(ask=Ask(last.id, until))


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
    until = turn.at + max(rules.pause_s - downtime, RESUME_S) if goes_on else turn.at
    ledger.remember(turn, replace(session, anchor=Anchor(state.settings.boot, run.began)))
    turn.set(
        running=session.id,
        ask=Ask(session.id),
        checkpoint_at=turn.at + CHECKPOINT_S,
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
                turn.set(running=opened.id, checkpoint_at=turn.at + CHECKPOINT_S)
                dialogue.session_began(turn, opened)
            case detector.Changed(run) | detector.WentOn(run):
                session = turn.running
                if session and session.anchor and run.began != session.anchor.at:
                    ledger.move_start(turn, session, run)
            case detector.Ended(run, at, interrupted):
                end(turn, run, at, interrupted=interrupted)
            case detector.Missed(began, ended, ml):
                missed(turn, began, ended, ml)
            case detector.Collected(ml):
                ledger.volume_from_pump(turn, ml, ended_since=turn.at - turn.state.settings.ask_s)
            case detector.Stuck():
                stuck(turn)
            case detector.Paused():
                continue


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
    asked_from = turn.at if interrupted else at
    dialogue.session_ended(turn, ended, max(asked_from + turn.state.settings.ask_s, turn.at))


def missed(turn: Turn, began: float, ended: float, ml: float | None) -> None:
    """The pump speaks of a session that nobody heard: it is recorded, and asked about."""
    start, finish_at = int(began + turn.state.offset), int(ended + turn.state.offset)
    if ledger.overlapping(turn.state.sessions, start, finish_at):
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
    turn.tell_health(rejected=turn.state.health.rejected + 1)
    turn.count(f"serial_{event.why}")


def link(turn: Turn, event: LinkChanged) -> None:
    health = turn.state.health
    lost = health.serial and not event.up
    turn.tell_health(serial=event.up, serial_lost=health.serial_lost + lost)
    hear(turn, event)


def pressed(turn: Turn, event: ButtonPressed) -> None:
    before = showing.plain(turn.state, turn.at)
    serial, dark = turn.state.dialogue.serial, turn.state.dialogue.dark
    fingers.press(turn, event.button)
    work_by_hand(turn, Source.BUTTON)
    glow(turn, before, event.button, serial, turn.at + FLASH_S, was_dark=dark)


def released(turn: Turn, event: ButtonReleased) -> None:
    before, held = showing.plain(turn.state, turn.at), turn.state.dialogue.held
    serial = turn.state.dialogue.serial
    fingers.release(turn, event.button)
    work_by_hand(turn, Source.BUTTON)
    if held is not None and event.button is Button.RIGHT:
        glow(turn, before, event.button, serial, held.since + FLASH_S, was_dark=held.idle)


def glow(turn: Turn, before: View, button: Button, serial: int, until: float, *, was_dark: bool) -> None:
    """A press that left its screen shows there for a moment which key it was."""
    place = fingers.PLACES[button]
    if turn.state.dialogue.serial != serial and not was_dark and until > turn.at and before.keys[place]:
        turn.talk(flash=showing.afterglow(before, place), flash_until=until)


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
    before = turn.state.clock
    turn.set(offset=event.wall - event.at, clock=Clock.SYNCED if event.synced else Clock.UNSYNCED, today_stale=True)
    if event.synced and before is Clock.UNSYNCED:
        ledger.correct_clock(turn)


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
        for batch in turn.state.unsaved:
            refuse_unsaved(turn, batch)
        turn.set(unsaved=tuple(replace(batch, answers=()) for batch in turn.state.unsaved))
        dialogue.summon(turn)
    else:
        dialogue.forget_warning(turn, WarningKind.NOT_SAVED, WarningKind.DISK_FULL)
        dialogue.settle(turn)


def refuse_unsaved(turn: Turn, batch: Batch) -> None:
    said = "Not on the disk yet; it is written as soon as the disk allows."
    for answer in batch.answers:
        turn.effects.append(Refuse(answer.order, turn.wall, "not_saved", said))


def outbox(turn: Turn, event: OutboxChanged) -> None:
    turn.tell_health(outbox=event.waiting)


def broker(turn: Turn, event: BrokerChanged) -> None:
    health = turn.state.health
    if health.broker != event.up:
        turn.tell_health(broker_since=turn.at)
    turn.tell_health(broker=event.up, broker_why=event.why)
    if event.up:
        turn.tell_health(protocol=event.protocol, connections=health.connections + 1)
        turn.set(published=Published())


def born(turn: Turn, _event: HomeAssistantBorn) -> None:
    """Home Assistant was away: tell it all again, and the newest end, whose event it may have missed."""
    turn.effects.append(Announce())
    turn.set(published=Published())
    publish(turn)
    ended = [one for one in turn.state.sessions if one.ended_at is not None and not one.deleted]
    unsaved = {record.id for batch in turn.state.unsaved for record in records_of(batch)}
    if ended and ended[-1].id not in unsaved:
        turn.effects.append(Repeat(ended[-1]))


def counted(turn: Turn, event: Counted) -> None:
    turn.count(event.name)


def status(turn: Turn, event: StatusRead) -> None:
    turn.set(address=event.address, storage=event.storage, speed=event.speed)


def ordered(turn: Turn, event: Ordered) -> None:
    before, talk = showing.plain(turn.state, turn.at), turn.state.dialogue
    orders.carry_out(turn, event.command, event.order)
    work_by_hand(turn, Source.BUTTON if isinstance(event.command, Press) else Source.DASHBOARD)
    if isinstance(event.command, Press):
        glow(turn, before, event.command.button, talk.serial, turn.at + FLASH_S, was_dark=talk.dark)


def fetched(turn: Turn, event: Fetched) -> None:
    orders.bring_in(turn, event.records)
    orders.carry_out(turn, event.command, event.order, fetched=True)


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
    BrokerChanged: broker,
    HomeAssistantBorn: born,
    Counted: counted,
    StatusRead: status,
    Ordered: ordered,
    Fetched: fetched,
    TimeCame: time_came,
}


# -- the end of a turn: picture first, then the record, then what dashboards see --------------------------------


def finish(turn: Turn) -> None:
    dialogue.settle(turn)
    refresh_today(turn)
    said = list(turn.effects)
    turn.effects.clear()
    show(turn)
    turn.effects.extend(said)
    save(turn)
    checkpoint(turn)
    if turn.state.health.broker:
        publish(turn)
    ledger.forget_old(turn)
    wake(turn)


def show(turn: Turn) -> None:
    picture = showing.view(turn.state, turn.at)
    shown = turn.state.shown
    still_dark = shown is not None and shown.lit is Lit.DARK and picture.lit is Lit.DARK
    if turn.state.dialogue.flash is not None and turn.at >= turn.state.dialogue.flash_until:
        turn.talk(flash=None)
    if picture != shown and not still_dark:
        turn.set(shown=picture)
        turn.effects.append(Show(picture))


def save(turn: Turn) -> None:
    """This turn's revisions are one transaction; good replies wait for it, or say that the disk does not take it."""
    state = turn.state
    answers = tuple(turn.answers)
    if turn.changed:
        batch = Save(state.next_batch, tuple(turn.changed), progress(state, turn.at))
        turn.set(next_batch=state.next_batch + 1, unsaved=(*state.unsaved, Batch(batch)))
    if answers and turn.state.unsaved:
        *rest, newest = turn.state.unsaved
        newest = replace(newest, answers=(*newest.answers, *answers))
        if turn.state.health.store is not StoreState.OK:
            refuse_unsaved(turn, newest)
            newest = replace(newest, answers=())
        turn.set(unsaved=(*rest, newest))
    else:
        turn.effects.extend(answers)
    send_unsaved(turn)


def send_unsaved(turn: Turn) -> None:
    """Hand the store as much as its inbox is sure to take, in order."""
    waiting: list[Batch] = []
    for place, batch in enumerate(turn.state.unsaved):
        if not batch.sent and place < IN_FLIGHT:
            turn.effects.append(batch.save)
            waiting.append(replace(batch, sent=True))
        else:
            waiting.append(batch)
    turn.set(unsaved=tuple(waiting))


def records_of(batch: Batch) -> tuple[Session | Nursing, ...]:
    return () if isinstance(batch.save, KeepBaseline) else batch.save.records


def checkpoint(turn: Turn) -> None:
    due_at, kept = turn.state.checkpoint_at, progress(turn.state, turn.at)
    if kept is None:
        return
    if due_at is None or turn.changed:
        turn.set(checkpoint_at=turn.at + CHECKPOINT_S)
    elif turn.at >= due_at and turn.state.health.store is StoreState.OK:
        turn.effects.append(Checkpoint(kept))
        turn.set(checkpoint_at=turn.at + CHECKPOINT_S)
    elif turn.at >= due_at:
        turn.set(checkpoint_at=turn.at + CHECKPOINT_S)


def publish(turn: Turn) -> None:
    """Tell dashboards what changed: state, today, diagnostics, and the last record once it is durable."""
    state, told = turn.state, turn.state.published
    now = live_state(state, turn.at)
    key, cycles = state_key(now), now.session.cycles_per_minute if now.session else None
    if key != told.state or (cycles != told.cycles_per_minute and turn.at >= told.cycles_at + CYCLES_EVERY_S):
        turn.publish(Publish(Topic.STATE, now))
        told = replace(told, state=key, cycles_per_minute=cycles, cycles_at=turn.at)
    if state.today != told.today and state.today is not None:
        turn.publish(Publish(Topic.TODAY, live.TodayNow(turn.wall, state.today)))
        told = replace(told, today=state.today)
    told = publish_health(turn, told)
    turn.set(published=publish_last(turn, told))


def publish_health(turn: Turn, told: Published) -> Published:
    health = diagnostics(turn.state, turn.at)
    key = replace(health, at=0)
    if key == told.diagnostics or turn.at < told.diagnostics_at + DIAGNOSTICS_EVERY_S:
        return told
    turn.publish(Publish(Topic.DIAGNOSTICS, health))
    return replace(told, diagnostics=key, diagnostics_at=turn.at)


def publish_last(turn: Turn, told: Published) -> Published:
    """The record itself, as the disk has it; empty where there is none."""
    last = last_session(turn.state)
    key = None if last is None else (last.id, last.revision)
    waits = {record.id for batch in turn.state.unsaved for record in records_of(batch)}
    if key == told.last or (last is not None and last.id in waits):
        return told
    turn.publish(Publish(Topic.LAST, last))
    return replace(told, last=key)


def wake(turn: Turn) -> None:
    """Ask to be woken at the next instant at which anything changes by time alone."""
    state = turn.state
    moments = due(state, turn.at) + showing.ticks(state, turn.at) + dialogue.due(state, turn.at)
    moments += fingers.due(state, turn.at)
    sensed = detector.wake_at(state.detector, state.settings.rules)
    if sensed is not None:
        moments.append(sensed)
    if state.checkpoint_at is not None and state.running:
        moments.append(state.checkpoint_at)
    told = state.published
    if state.health.broker and told.state is not None:
        run = state.detector.run
        if run is not None and run.cpm != told.cycles_per_minute:
            moments.append(told.cycles_at + CYCLES_EVERY_S)
        if replace(diagnostics(state, turn.at), at=0) != told.diagnostics:
            moments.append(told.diagnostics_at + DIAGNOSTICS_EVERY_S)
    next_at = min(moments, default=None)
    if next_at != state.wake_at:
        turn.set(wake_at=next_at)
        turn.effects.append(WakeAt(next_at))
