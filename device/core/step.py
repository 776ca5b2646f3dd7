"""The whole behaviour: `step(state, event) -> (state, effects)`, reading like the contract.

Pure: no clock, no thread, no I/O. Instants come with the events; what must be done comes out as effects.
"""

from collections.abc import Callable

from msgspec.structs import replace

from . import commands, outcome
from .dialogue import buttons, flow, showing
from .model.effects import Effect, Repeat, Save
from .model.events import (
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
    NotStored,
    Ordered,
    OutboxChanged,
    PassedOver,
    Press,
    PumpSaid,
    RecordRead,
    Refilled,
    StatusRead,
    StoreChanged,
    Stored,
    StoreState,
    TimeCame,
    Verb,
    ZoneRead,
)
from .model.record import Button, Cause, Clock, Session, Source
from .model.view import WarningKind
from .pump import detector
from .pump.witnesses import overlap
from .record import corrections, file, memory, revisions
from .state import Glow, Published, State, Turn, find_session, span, undurable, wall, witnessed

FLASH_S = 0.12
"""How long a key that was tapped stays filled at least."""


def step(state: State, event: Event) -> tuple[State, list[Effect]]:
    """Take one event; return the state that follows and what is to be done, in order."""
    turn = Turn(state, max(event.at, state.now))
    turn.set(now=turn.at)
    if state.wake_at is not None and state.wake_at <= turn.at and not isinstance(event, TimeCame):
        pass_time(turn)
    HANDLERS[type(event)](turn, event)
    outcome.finish(turn)
    return turn.state, turn.effects


# -- what happens ----------------------------------------------------------------------------------------------


def pass_time(turn: Turn) -> None:
    hear(turn, TimeCame(turn.at))
    buttons.hold(turn)
    flow.pass_time(turn)


def hear(turn: Turn, event: MotorEdge | PumpSaid | LinkChanged | TimeCame) -> None:
    heard_by, heard = detector.hear(turn.state.detector, event, turn.state.settings.rules)
    turn.set(detector=heard_by)
    listen(turn, heard)


def listen(turn: Turn, heard: tuple[detector.Heard, ...]) -> None:
    """Turn what the detector made of edges and lines into records and screens."""
    for said in heard:
        match said:
            case detector.Began(run):
                opened = revisions.open_session(turn, run.began, run.sources)
                turn.set(running=opened.id, began=run.began, checkpoint_at=turn.at + outcome.CHECKPOINT_S)
                flow.session_began(turn, opened)
            case detector.Changed(run) | detector.WentOn(run):
                session = turn.running
                if isinstance(said, detector.WentOn):
                    turn.set(checkpoint_at=turn.at)
                if session and witnessed(turn.state, session) is None:
                    revisions.carry_over(turn, session, run)
                if turn.running and run.began != turn.state.began:
                    revisions.move_start(turn, turn.running, run)
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
        if session and last and overlap(span(turn.state, session, turn.at), last[0] - revisions.OVERLAP_S, last[1]):
            revisions.volume_from_pump(turn, session, ml)
        return
    lately = revisions.lately_ended(turn.state, turn.at - turn.state.settings.ask_s)
    counted = (one for one in lately if one.counted)
    revisions.volume_from_pump(turn, turn.running or next(counted, next(iter(lately), None)), ml)


def spoken_of(turn: Turn, began: float, ended: float) -> Session | None:
    """The session that ran last in the time that a STOP speaks of."""
    lately = revisions.lately_ended(turn.state, ended - turn.state.settings.ask_s)
    told = (one for one in lately if overlap(span(turn.state, one, turn.at), began - revisions.OVERLAP_S, ended))
    return next(told, None)


def stuck(turn: Turn) -> None:
    if turn.running:
        revisions.revise(turn, turn.running, Cause.STUCK_SENSOR, stuck_sensor=True)
        flow.summon(turn)


def end(turn: Turn, run: detector.Run, at: float, *, interrupted: bool) -> None:
    session = turn.running
    if session is None:
        return
    ended = revisions.end_session(turn, session, run, at, interrupted=interrupted)
    if turn.state.clock is Clock.SYNCED and ended.clock is Clock.UNSYNCED:
        corrections.correct_clock(turn)  # the boot that it was in never learned the time
        ended = find_session(turn.state, ended.id) or ended
    flow.forget_warning(turn, WarningKind.STUCK_SENSOR)
    since = max(turn.state.started, at) if interrupted else at
    flow.session_ended(turn, ended, max(since + turn.state.settings.ask_s, turn.at))


def missed(turn: Turn, began: float, ended: float, ml: float | None) -> None:
    """The pump speaks of a session that nobody heard: it is recorded, and asked about."""
    if corrections.overlapping(turn.state.sessions, wall(turn.state, began), wall(turn.state, ended)):
        known = spoken_of(turn, began, ended)
        if ml is not None and known is not None and known.volume_ml is None:
            revisions.volume_from_pump(turn, known, ml)
        return
    amount = None if ml is None else int(ml + 0.5)
    session = revisions.open_session(turn, began, (Source.SERIAL,), ended=ended, ml=amount)
    flow.session_ended(turn, session, ended + turn.state.settings.ask_s)


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
    touch(turn, event.button, turn.at, lambda: buttons.press(turn, event.button))


def released(turn: Turn, event: ButtonReleased) -> None:
    held = turn.state.dialogue.held
    if held is not None and held.button is event.button:
        touch(turn, event.button, held.since, lambda: buttons.release(turn, event.button))


def touch(turn: Turn, button: Button, since: float, act: Callable[[], None]) -> None:
    """A finger acts. Its key glows for a moment at least, on the screen that the press left or on the one it is on."""
    before, was = showing.plain(turn.state, turn.at), turn.state.dialogue
    turn.by_press = True
    act()
    work_by_hand(turn, Source.BUTTON)
    now, key = turn.state.dialogue, buttons.PLACES[button]
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
        commands.answer(turn, order, find_session(turn.state, about or turn.state.running))


def display(turn: Turn, event: DisplayChanged) -> None:
    turn.tell_health(display=event.up, display_failed=turn.state.health.display_failed + (not event.up))


def clock(turn: Turn, event: ClockRead) -> None:
    """The system's clock was read: wall times follow it, and are corrected once it is synchronised."""
    before = turn.state.clock
    turn.set(offset=event.wall - event.at, clock=Clock.SYNCED if event.synced else Clock.UNSYNCED, today_stale=True)
    if event.synced and before is Clock.UNSYNCED:
        corrections.correct_clock(turn)


def stored(turn: Turn, event: Stored) -> None:
    unsaved = turn.state.unsaved
    for batch in unsaved:
        if batch.save.batch <= event.batch:
            turn.effects.extend(batch.answers)
            saved = batch.save.records if isinstance(batch.save, Save) else ()
            turn.tidy = turn.tidy or any(memory.is_old(turn, record) for record in saved)
    turn.set(unsaved=tuple(batch for batch in unsaved if batch.save.batch > event.batch))


def store(turn: Turn, event: StoreChanged) -> None:
    """The disk does not take the record (it waits, in order), or takes it again."""
    health = turn.state.health
    failed = event.state is not StoreState.OK
    turn.tell_health(store=event.state, store_why=event.why, store_failed=health.store_failed + failed)
    if failed:
        turn.set(unsaved=tuple(outcome.refuse_unsaved(turn, batch) for batch in turn.state.unsaved))
        flow.summon(turn)
    else:
        flow.forget_warning(turn, WarningKind.NOT_SAVED, WarningKind.DISK_FULL)
        flow.settle(turn)


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
        touch(turn, command.button, turn.at, lambda: commands.carry_out(turn, command, event.order))
        return
    commands.carry_out(turn, command, event.order)
    work_by_hand(turn, Source.DASHBOARD)
    if turn.changed:
        memory.remember_last(turn)


def fetched(turn: Turn, event: Fetched) -> None:
    commands.bring_in(turn, event.records)
    commands.carry_out(turn, event.command, event.order, fetched=True)
    memory.remember_last(turn)


def zone(turn: Turn, event: ZoneRead) -> None:
    """The house moved, or was told where it is: days, night and clock are those of the new zone from now on."""
    turn.set(settings=replace(turn.state.settings, timezone=event.timezone), today_stale=True)


def refilled(turn: Turn, event: Refilled) -> None:
    """What is not held yet comes from the store; where a correction waits for the disk, what is held is newer."""
    for record in event.records:
        if commands.held(turn, record.id) is None:
            memory.remember(turn, record)
    if not undurable(turn.state):
        turn.set(first_record_at=event.first_record_at)


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
    RecordRead: file.record_read,
    NotStored: file.not_stored,
    OutboxChanged: outbox,
    PassedOver: passed_over,
    BrokerChanged: broker,
    HomeAssistantBorn: born,
    Counted: counted,
    StatusRead: status,
    Ordered: ordered,
    Fetched: fetched,
    Refilled: refilled,
    TimeCame: time_came,
    ZoneRead: zone,
}
