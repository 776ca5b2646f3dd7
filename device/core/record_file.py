"""What becomes of the record's file, as the core sees it: opened at last, repaired meanwhile, or refusing a batch.

What happened while the file could not be opened is in memory, under numbers that nobody else ever sees.
"""

from msgspec.structs import replace

from .dialogue import flow
from .model.effects import KeepBaseline, KeepClock, Save
from .model.events import NotStored, RecordRead
from .model.record import (
    UNNUMBERED,
    Cause,
    Clock,
    Nursing,
    Record,
    Session,
    SessionState,
    begun,
    finished,
)
from .model.view import WarningKind
from .pump.witnesses import whole_s
from .record import corrections, revisions
from .rules import keeping
from .rules.records import records_of
from .state import Batch, Health, Turn, find_record, held, is_running, undurable, wall


def health_of(read: RecordRead, health: Health) -> Health:
    open_still = read.repaired_at is not None and not read.repair_seen
    return replace(
        health,
        outbox=read.outbox,
        set_aside=read.set_aside,
        repaired_at=read.repaired_at,
        repair_open=open_still,
    )


def record_read(turn: Turn, event: RecordRead) -> None:
    """The file was opened, the first time or again: take in what it holds, and give out anew what it lost."""
    was_open = turn.state.health.repair_open
    turn.set(health=health_of(event, turn.state.health))
    if not turn.state.known:
        join(turn, event)
    give_out(turn, event)
    turn.set(
        next_session=max(event.next_session, turn.state.next_session),
        next_nursing=max(event.next_nursing, turn.state.next_nursing),
    )
    if turn.state.health.repair_open and not was_open:
        flow.forget_warning(turn, WarningKind.REPAIRED)
        flow.summon(turn)
    flow.settle(turn)


# -- opened late -----------------------------------------------------------------------------------------------


def join(turn: Turn, event: RecordRead) -> None:
    """Put what the file holds beside what happened without it, which gets its numbers now, in its order."""
    state = turn.state
    waiting = [record for batch in state.unsaved if isinstance(batch.save, Save) for record in batch.save.records]
    sessions = number(waiting, Session, event.next_session)
    nursings = number(waiting, Nursing, event.next_nursing)
    numbers = sessions | nursings
    answered = max((session.answer for session in event.sessions), default=0)
    mine = [renumbered(record, numbers, answered) for record in held(state)]
    last = {record.id: record for record in mine if record.id in numbers}
    every = [*records_read(event), *last.values()]
    records = list({record.id: record for record in every}.values())
    turn.set(
        known=True,
        partial=True,
        next_answer=state.next_answer + answered,
        seed=event.seed,
        records=records_of(
            (record for record in records if isinstance(record, Session)),
            (record for record in records if isinstance(record, Nursing)),
            state.settings.sitting_s,
        ),
        unsaved=tuple(batch_renumbered(batch, numbers, answered) for batch in state.unsaved),
        next_session=event.next_session + len(sessions),
        next_nursing=event.next_nursing + len(nursings),
        portions=tuple(sorted(event.portions, key=keeping.keeps)),
        stock=None,
        today_stale=True,
    )
    for record in last.values():
        if isinstance(record, Session):
            turn.set(portions=keeping.with_portion(turn.state.portions, record))
    for at in (event.first_record_at, *(begun(record) for record in last.values() if not record.deleted)):
        if at is not None:
            turn.set(first_record_at=revisions.earliest(turn.state.first_record_at, at))
    baseline_waits = any(isinstance(batch.save, KeepBaseline) for batch in state.unsaved)
    if event.baseline and event.baseline[1] == state.settings.baseline and not baseline_waits:
        turn.set(baseline=event.baseline[0])
    told_waits = any(isinstance(batch.save, KeepClock) for batch in state.unsaved)
    told = event.told_clock
    if told and told.boot == state.settings.boot and state.clock is Clock.UNSYNCED and not told_waits:
        turn.set(clock=Clock.SYNCED, offset=told.offset, told=True, stock=None)
        turn.wall = wall(turn.state, turn.at)
    end_cut_off(turn, event)
    if turn.state.clock is Clock.SYNCED:
        corrections.correct_clock(turn)
    edges = [
        edge for record in last.values() if isinstance(record, Session) for edge in (begun(record), finished(record))
    ]
    revisions.settle_times(turn, [], Cause.EDITED, *edges)


def number(records: list[Record], kind: type[Session] | type[Nursing], following: int) -> dict[str, int]:
    """The numbers of the records of a kind that had none, in the order in which they were made."""
    names = dict.fromkeys(record.id for record in records if isinstance(record, kind) and record.number >= UNNUMBERED)
    return {name: following + place for place, name in enumerate(names)}


def renumbered(record: Record, numbers: dict[str, int], answered: int) -> Record:
    """A record as it is said to the file; its answers were given after all those that the file holds."""
    if record.id not in numbers:
        return record
    record = replace(record, number=numbers[record.id])
    if isinstance(record, Session) and record.answer:
        record = replace(record, answer=record.answer + answered)
    return record


def batch_renumbered(batch: Batch, numbers: dict[str, int], answered: int) -> Batch:
    if not isinstance(batch.save, Save):
        return batch
    records = tuple(renumbered(record, numbers, answered) for record in batch.save.records)
    return replace(batch, save=replace(batch.save, records=records))


def records_read(event: RecordRead) -> list[Record]:
    records: list[Record] = list(event.sessions)
    records.extend(event.nursings)
    return records


def end_cut_off(turn: Turn, event: RecordRead) -> None:
    """A session that the file still has as running was cut off; nobody could know when the device began to watch."""
    for session in turn.state.sessions:
        if not is_running(session) or session.id == turn.state.running:
            continue
        progress = event.progress if event.progress and event.progress.session == session.id else None
        length = (
            session.duration_s if progress is None else max(progress.seen_at - session.started_at, session.duration_s)
        )
        rested = 0 if progress is None else whole_s(progress.rested_s)
        revisions.revise(
            turn,
            replace(session, state=SessionState.ENDED),
            Cause.INTERRUPTED,
            ended_at=session.started_at + length,
            duration_s=length,
            pumping_s=max(length - rested, session.pumping_s),
            interrupted=True,
        )


# -- repaired --------------------------------------------------------------------------------------------------


def give_out(turn: Turn, event: RecordRead) -> None:
    """Give out anew what was given out once and the file lost: from memory where it is held, else the last good one.

    A revision never has two contents, so the new one stands above the highest known of its record.
    """
    waiting = undurable(turn.state)
    for record, highest in event.to_give_out:
        repaired(turn, find_record(turn.state, record.id) or record, highest)
    lost = {record.id for record, _ in event.to_give_out}
    there = {record.id: record.revision for record in records_read(event)}
    for record in held(turn.state):
        is_safe = record.id in waiting or record.id in lost or record.number >= UNNUMBERED
        if not is_safe and event.again and there.get(record.id, 0) < record.revision:
            repaired(turn, record, record.revision)


def repaired(turn: Turn, record: Record, highest: int) -> None:
    above = max(highest, record.revision)
    if isinstance(record, Session):
        revisions.revise(turn, replace(record, revision=above), Cause.REPAIRED)
    else:
        revisions.keep(turn, replace(record, revision=above + 1, cause=Cause.REPAIRED, revised_at=turn.wall))


# -- refused ---------------------------------------------------------------------------------------------------


def not_stored(turn: Turn, event: NotStored) -> None:
    """The file will never take this batch: whoever waits for it is told, and it is counted and let go."""
    unsaved = []
    for batch in turn.state.unsaved:
        if batch.save.batch != event.batch:
            unsaved.append(batch)
            continue
        revisions.refuse_unsaved(turn, batch)
        records = len(batch.save.records) if isinstance(batch.save, Save) else 1
        turn.tell_health(dropped=turn.state.health.dropped + records)
        turn.count("store_refused")
    turn.set(unsaved=tuple(unsaved))
