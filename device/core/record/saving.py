"""How the record gets to the disk: a turn's revisions are one transaction, replies wait for it, a running session's
place is kept now and then.
"""

from msgspec.structs import replace

from device.core.model.effects import Checkpoint, Save
from device.core.model.events import Stored, StoreState
from device.core.state import IN_FLIGHT, IN_MEMORY, NEVER, Batch, Turn, in_memory, progress

from . import memory

NO_ROOM = "The disk does not take it, and no more has room in memory."
CHECKPOINT_S = 25.0
"""At most 30 s of a running session may be lost, and a slow card takes its time."""


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
        turn.state = replace(state, next_batch=state.next_batch + 1, unsaved=(*state.unsaved, Batch(batch)))
    waits = turn.waits or any(answer.record is not None for answer in turn.answers)
    if waits and turn.state.unsaved:
        *rest, newest = turn.state.unsaved
        newest = replace(newest, answers=(*newest.answers, *turn.answers))
        if not state.known or turn.state.health.store is not StoreState.OK:
            newest = refuse_unsaved(turn, newest)
        turn.set(unsaved=(*rest, newest))
    else:
        turn.effects.extend(turn.answers)
    if turn.state.unsaved:
        send_unsaved(turn)


def refuse_unsaved(turn: Turn, batch: Batch) -> Batch:
    """Tell those who wait for this batch that it is not on the disk; it is the batch with nobody waiting."""
    error = "Not on the disk yet; it is written as soon as the disk allows."
    for answer in batch.answers:
        turn.refuse(answer.order, "not_saved", error)
    return replace(batch, answers=())


def send_unsaved(turn: Turn) -> None:
    """Hand the store as much as its inbox is sure to take, in order."""
    if not turn.state.known:
        return
    waiting: list[Batch] = []
    state = turn.state
    for place, batch in enumerate(state.unsaved):
        if not batch.sent and place < IN_FLIGHT:
            turn.effects.append(batch.save)
            waiting.append(replace(batch, sent=True))
        else:
            waiting.append(batch)
    turn.state = replace(state, unsaved=tuple(waiting))


def stored(turn: Turn, event: Stored) -> None:
    """What waited for these batches is told; what is old may be let go."""
    unsaved = turn.state.unsaved
    for batch in unsaved:
        if batch.save.batch <= event.batch:
            turn.effects.extend(batch.answers)
            saved = batch.save.records if isinstance(batch.save, Save) else ()
            turn.tidy = turn.tidy or any(memory.is_old(turn, record) for record in saved)
    turn.set(unsaved=tuple(batch for batch in unsaved if batch.save.batch > event.batch))


def checkpoint(turn: Turn) -> float:
    """Keep the running session's place where it is due, and was not kept with a save of this turn: when next."""
    state = turn.state
    if state.running is None or state.detector.run is None:
        return NEVER
    due_at = state.checkpoint_at
    if due_at is not None and turn.at < due_at and not turn.changed:
        return due_at
    if not turn.changed and state.known and state.health.store is StoreState.OK:
        place = progress(state, turn.at)
        turn.effects.extend([] if place is None else [Checkpoint(place)])
    turn.state = replace(state, checkpoint_at=turn.at + CHECKPOINT_S)
    return turn.at + CHECKPOINT_S
