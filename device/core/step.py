"""The whole behaviour: `step(state, event) -> (state, effects)`, reading like the contract.

Pure: no clock, no thread, no I/O. Instants come with the events; what must be done comes out as effects, in order: what
dashboards are told, the picture, the record, and when to wake next.
"""

from collections.abc import Callable
from typing import assert_never

from msgspec.structs import replace

from . import commands, outward, pumping, record_file
from .dialogue import flow
from .model import events
from .model.effects import Effect, Refill, Repeat, WakeAt
from .model.events import CoreEvent, StoreState
from .model.record import Button, Clock, Source
from .model.view import WarningKind
from .pump import detector
from .record import corrections, memory, revisions
from .state import NEVER, Glow, Published, State, Turn, find_record, undurable, wall

FLASH_S = 0.12
"""How long a key that was tapped stays filled at least."""
AT_ONCE = 200
"""More things than this never come due in one step."""


def step(state: State, event: CoreEvent) -> tuple[State, list[Effect]]:
    """Take one event; return the state that follows and what is to be done, in order."""
    at = max(event.at, state.now)
    turn = Turn(replace(state, now=at), at)
    is_due = isinstance(event, events.TimeCame) or (state.wake_at is not None and state.wake_at <= at)
    if is_due:
        pass_time(turn)
    if isinstance(event, events.MotorEdge) and not pumping.hear_pump(turn, event) and not is_due:
        ask_to_wake(turn, state.others_at)  # a contact that bounces: nothing but the detector knows of it
        return turn.state, turn.effects
    happen(turn, event)
    finish(turn)
    return turn.state, turn.effects


# -- what happens ----------------------------------------------------------------------------------------------


def happen(turn: Turn, event: CoreEvent) -> None:
    match event:
        case events.MotorEdge() | events.TimeCame():
            return  # heard already, and done
        case events.PumpSaid():
            pumping.line(turn, event)
        case events.LinkChanged():
            pumping.link(turn, event)
        case events.LineRejected():
            turn.tell_health(rejected=turn.state.health.rejected + event.count)
            turn.count(f"serial_{event.why}", event.count)
        case events.ButtonPressed(button=button):
            touch(turn, button, turn.at, lambda: flow.press(turn, button))
        case events.ButtonReleased(button=button):
            released(turn, button)
        case events.Ordered():
            ordered(turn, event)
        case events.Fetched():
            commands.bring_in(turn, event.records)
            commands.carry_out(turn, event.command, event.order, fetched=True)
            memory.remember_last(turn)
        case events.Refilled():
            refilled(turn, event)
        case events.Stored():
            revisions.stored(turn, event)
        case events.NotStored():
            record_file.not_stored(turn, event)
        case events.StoreChanged():
            store_changed(turn, event)
        case events.RecordRead():
            record_file.record_read(turn, event)
        case events.OutboxChanged():
            outbox_changed(turn, event)
        case events.PassedOver(records=records):
            turn.tell_health(passed_over=records)
        case events.BrokerChanged():
            broker_changed(turn, event)
        case events.HomeAssistantBorn():
            born(turn)
        case events.ClockRead():
            clock_read(turn, event)
        case events.ZoneRead(timezone=timezone):
            turn.set(settings=replace(turn.state.settings, timezone=timezone), today_stale=True)
        case events.StatusRead():
            turn.set(address=event.address, storage=event.storage, speed=event.speed)
        case events.DisplayChanged(up=up):
            turn.tell_health(display=up, display_failed=turn.state.health.display_failed + (not up))
        case events.Counted():
            turn.count(event.name, event.count)
        case _:
            assert_never(event)


def touch(turn: Turn, button: Button, since: float, act: Callable[[], None]) -> None:
    """A finger acts. Its key glows for a moment at least, on the screen that the press left or on the one it is on."""
    before, was = turn.state, turn.state.dialogue
    turn.by_press = True
    act()
    if turn.hand is not None:
        pumping.work_by_hand(turn, Source.BUTTON)
    now, key = turn.state.dialogue, flow.PLACES[button]
    idle = was.dark or (was.held is not None and was.held.idle) or (now.held is not None and now.held.idle)
    until = since + FLASH_S
    if idle or until <= turn.at:
        return
    if now.serial != was.serial:
        left = outward.plain(before, turn.at)
        if left.keys[key] is not None:
            turn.talk(glow=Glow(replace(left, pressed=key), key, until))
    elif now.held is None and flow.labels(before)[key] is not None:
        turn.talk(glow=Glow(None, key, until))


def released(turn: Turn, button: Button) -> None:
    held = turn.state.dialogue.held
    if held is not None and held.button is button:
        touch(turn, button, held.since, lambda: flow.release(turn, button))


def ordered(turn: Turn, event: events.Ordered) -> None:
    command = event.command
    if isinstance(command, events.Press):
        touch(turn, command.button, turn.at, lambda: commands.carry_out(turn, command, event.order))
        return
    commands.carry_out(turn, command, event.order)
    pumping.work_by_hand(turn, Source.DASHBOARD)
    if turn.changed:
        memory.remember_last(turn)


def refilled(turn: Turn, event: events.Refilled) -> None:
    """What is not held yet comes from the store; where a correction waits for the disk, what is held is newer."""
    for record in event.records:
        if find_record(turn.state, record.id) is None:
            revisions.remember(turn, record)
    if not undurable(turn.state):
        turn.set(first_record_at=event.first_record_at)


def store_changed(turn: Turn, event: events.StoreChanged) -> None:
    """The disk does not take the record (it waits, in order), or takes it again."""
    health = turn.state.health
    failed = event.state is not StoreState.OK
    turn.tell_health(store=event.state, store_why=event.why, store_failed=health.store_failed + failed)
    if failed:
        turn.set(unsaved=tuple(revisions.refuse_unsaved(turn, batch) for batch in turn.state.unsaved))
        flow.summon(turn)
    else:
        flow.forget_warning(turn, WarningKind.NOT_SAVED, WarningKind.DISK_FULL)
        flow.settle(turn)


def outbox_changed(turn: Turn, event: events.OutboxChanged) -> None:
    """Once all that waited for a connection is gone, dashboards hear so at once."""
    turn.tell_health(outbox=event.waiting)
    published = turn.state.published
    if event.waiting == 0 and not published.caught_up:
        turn.set(published=replace(published, caught_up=True, diagnostics_at=float("-inf")))


def broker_changed(turn: Turn, event: events.BrokerChanged) -> None:
    health = turn.state.health
    if health.broker != event.up:
        turn.tell_health(broker_since=turn.at)
    turn.tell_health(broker=event.up, broker_why=event.why)
    if event.up:
        turn.tell_health(protocol=event.protocol, connections=health.connections + 1, passed_over=0)
        turn.set(published=Published(caught_up=health.outbox == 0))


def born(turn: Turn) -> None:
    """Home Assistant was away and is announced to: tell it all again, and the newest end, which it may have missed."""
    turn.set(published=Published(caught_up=turn.state.published.caught_up))
    outward.tell(turn)
    ended = (session for session in reversed(turn.state.sessions) if session.ended_at is not None)
    last = next((session for session in ended if not session.deleted), None)
    if last is not None and last.id not in undurable(turn.state):
        turn.effects.append(Repeat(last))


def clock_read(turn: Turn, event: events.ClockRead) -> None:
    """The system's clock was read: wall times follow it, and are corrected once it is synchronised."""
    before, told = turn.state.clock, turn.state.told
    if told and not event.synced:  # a person knows better than a clock that nobody has set
        return
    offset, clock = event.wall - event.at, Clock.SYNCED if event.synced else Clock.UNSYNCED
    turn.set(offset=offset, clock=clock, told=False, today_stale=True, stock=None)
    turn.wall = wall(turn.state, turn.at)
    if told:
        revisions.keep_clock(turn, None)
    if event.synced and (told or before is Clock.UNSYNCED):
        corrections.correct_clock(turn)
        pumping.clock_learned(turn)


# -- time ------------------------------------------------------------------------------------------------------


def pass_time(turn: Turn) -> None:
    """Do all that is due: the detector's first, then what stands first in the list."""
    pumping.hear_time(turn)
    for _ in range(AT_ONCE):
        act = next((act for due_at, act in flow.dues(turn.state, turn.at) if due_at <= turn.at), None)
        if act is None:
            return
        act(turn)
        turn.by_press = False
    raise AssertionError(f"time does not pass: {turn.state.dialogue}")


# -- the end of a turn -----------------------------------------------------------------------------------------


def finish(turn: Turn) -> None:
    """Nothing is decided here any more; what changed is told to those who show, keep and publish it.

    Each says when it has something to do again by time alone: the device is woken for the first. What is told leaves
    first, for it is soon done: behind the picture and a store that is awake it would wait for both (docs/measures.md).
    """
    flow.settle(turn)
    figures_at, begun = outward.refresh_today(turn), len(turn.effects)
    drawn_at = outward.show(turn)
    revisions.save(turn)
    if turn.refill:
        turn.effects.append(Refill())
    kept_at, done = revisions.checkpoint(turn), len(turn.effects)
    told_at = outward.tell(turn) if turn.state.health.broker else NEVER
    turn.effects[begun:] = turn.effects[done:] + turn.effects[begun:done]
    if turn.tidy or turn.at >= turn.state.tidy_at:
        memory.forget_old(turn)
    ask_to_wake(turn, min(figures_at, drawn_at, kept_at, told_at, flow.due_at(turn.state, turn.at)))


def ask_to_wake(turn: Turn, others_at: float) -> None:
    """Ask to be woken for the detector, or when another has something to do."""
    state, sensed_at = turn.state, turn.state.sensed_at
    if state.detector is not turn.detector:
        sensed_at = detector.wake_at(state.detector, state.settings.rules)
    next_at, asked = min(others_at, sensed_at), state.wake_at
    turn.state = replace(state, wake_at=next_at, sensed_at=sensed_at, others_at=others_at)
    if next_at != asked or asked <= turn.at:
        turn.effects.append(WakeAt(next_at))
