"""The end of a turn: the picture first, then the record, then what dashboards see, and when to wake next.

Nothing is decided here any more; what changed is told to those who show, keep and publish it.
"""

from msgspec.structs import replace

from .dialogue import buttons, flow, showing
from .model import live
from .model.effects import Checkpoint, Publish, Refill, Save, Show, Topic, WakeAt
from .model.events import StoreState
from .model.view import Lit
from .pump import detector
from .record import memory
from .state import IN_FLIGHT, IN_MEMORY, Batch, Published, State, Turn, in_memory, last_session, progress, undurable
from .telemetry import diagnostics, due, live_state, refresh_today, state_key

NO_ROOM = "The disk does not take it, and no more has room in memory."
CHECKPOINT_S = 25.0
"""At most 30 s of a running session may be lost, and a slow card takes its time."""
CYCLES_EVERY_S = 10.0
DIAGNOSTICS_EVERY_S = 60.0


def finish(turn: Turn) -> None:
    flow.settle(turn)
    refresh_today(turn)
    said = list(turn.effects)
    turn.effects.clear()
    show(turn)
    turn.effects.extend(said)
    save(turn)
    if turn.refill:
        turn.effects.append(Refill())
    checkpoint(turn)
    if turn.state.health.broker:
        publish(turn)
    memory.forget_old(turn)
    wake(turn)


def show(turn: Turn) -> None:
    glow, shown = turn.state.dialogue.glow, turn.state.shown
    if glow is not None and turn.at >= glow.until:
        turn.talk(glow=None)
    picture = showing.view(turn.state, turn.at)
    still_dark = shown is not None and shown.lit is Lit.DARK and picture.lit is Lit.DARK
    if picture != shown and not still_dark:
        turn.set(shown=picture)
        turn.effects.append(Show(picture))


def save(turn: Turn) -> None:
    """This turn's revisions are one transaction; good replies wait for it, or say that the disk does not take it."""
    state = turn.state
    if turn.changed and in_memory(state) + len(turn.changed) > IN_MEMORY:
        turn.tell_health(dropped=state.health.dropped + len(turn.changed))
        for answer in turn.answers:
            turn.refuse(answer.order, "not_saved", NO_ROOM)
        turn.changed.clear()
        turn.answers.clear()
    if turn.changed:
        batch = Save(state.next_batch, tuple(turn.changed), progress(state, turn.at))
        turn.set(next_batch=state.next_batch + 1, unsaved=(*state.unsaved, Batch(batch)))
    waits = turn.waits or any(answer.record is not None for answer in turn.answers)
    if waits and turn.state.unsaved:
        *rest, newest = turn.state.unsaved
        newest = replace(newest, answers=(*newest.answers, *turn.answers))
        if not state.known or turn.state.health.store is not StoreState.OK:
            newest = refuse_unsaved(turn, newest)
        turn.set(unsaved=(*rest, newest))
    else:
        turn.effects.extend(turn.answers)
    send_unsaved(turn)


def refuse_unsaved(turn: Turn, batch: Batch) -> Batch:
    """Tell those who wait for this batch that it is not on the disk; it is the batch with nobody waiting."""
    said = "Not on the disk yet; it is written as soon as the disk allows."
    for answer in batch.answers:
        turn.refuse(answer.order, "not_saved", said)
    return replace(batch, answers=())


def send_unsaved(turn: Turn) -> None:
    """Hand the store as much as its inbox is sure to take, in order."""
    if not turn.state.known:
        return
    waiting: list[Batch] = []
    for place, batch in enumerate(turn.state.unsaved):
        if not batch.sent and place < IN_FLIGHT:
            turn.effects.append(batch.save)
            waiting.append(replace(batch, sent=True))
        else:
            waiting.append(batch)
    turn.set(unsaved=tuple(waiting))


def checkpoint(turn: Turn) -> None:
    due_at, kept = turn.state.checkpoint_at, progress(turn.state, turn.at)
    if kept is None:
        return
    if due_at is not None and turn.at < due_at and not turn.changed:
        return
    if not turn.changed and turn.state.known and turn.state.health.store is StoreState.OK:
        turn.effects.append(Checkpoint(kept))
    turn.set(checkpoint_at=turn.at + CHECKPOINT_S)


def publish(turn: Turn) -> None:
    """Tell dashboards what changed: state, today, diagnostics, and the last record once it is durable."""
    state, told = turn.state, turn.state.published
    now = live_state(state, turn.at)
    key, cycles = state_key(now, state.detector.run), pace(state)
    if key != told.state or (cycles != told.cycles_per_minute and turn.at >= told.cycles_at + CYCLES_EVERY_S):
        turn.publish(Publish(Topic.STATE, now))
        told = replace(told, state=key, cycles_per_minute=cycles, cycles_at=turn.at)
    if state.today != told.today and state.today is not None:
        turn.publish(Publish(Topic.TODAY, live.TodayNow(turn.wall, state.today)))
        told = replace(told, today=state.today)
    told = publish_health(turn, told)
    turn.set(published=publish_last(turn, told))


def pace(state: State) -> int | None:
    """Cycles per minute, which `state` tells of every ten seconds at most."""
    return None if state.detector.run is None else state.detector.run.cpm


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
    if last is None and not turn.state.known:
        return told  # nobody knows whether there is one
    key = None if last is None else (last.id, last.revision)
    if key == told.last or (last is not None and last.id in undurable(turn.state)):
        return told
    turn.publish(Publish(Topic.LAST, last))
    return replace(told, last=key)


def wake(turn: Turn) -> None:
    """Ask to be woken at the next instant at which anything changes by time alone."""
    state = turn.state
    moments = due(state, turn.at) + showing.ticks(state, turn.at) + flow.due(state, turn.at)
    moments += buttons.due(state, turn.at)
    sensed = detector.wake_at(state.detector, state.settings.rules)
    if sensed is not None:
        moments.append(sensed)
    if state.checkpoint_at is not None and state.running:
        moments.append(state.checkpoint_at)
    told = state.published
    if state.health.broker and told.state is not None:
        if pace(state) != told.cycles_per_minute:
            moments.append(told.cycles_at + CYCLES_EVERY_S)
        if replace(diagnostics(state, turn.at), at=0) != told.diagnostics:
            moments.append(told.diagnostics_at + DIAGNOSTICS_EVERY_S)
    next_at, asked = min(moments), state.wake_at
    if next_at != asked or asked <= turn.at:
        turn.set(wake_at=next_at)
        turn.effects.append(WakeAt(next_at))
