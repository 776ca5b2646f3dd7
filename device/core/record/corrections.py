"""What people and the clock put right: sessions added, moved, deleted and restored, times corrected.

Each correction is a new revision; sittings and the first record's time follow.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from device.core.model.record import (
    Anchor,
    Cause,
    ClassifiedBy,
    Clock,
    End,
    Intention,
    MilkMove,
    Nursing,
    Purpose,
    Reason,
    Record,
    Session,
    SessionState,
    Source,
    begun,
    finished,
)
from device.core.rules.records import Records, near
from device.core.state import (
    State,
    Turn,
    find_record,
    find_session,
    held,
    is_running,
    monotonic,
    nearest,
    sitting_of,
    wall,
    witnessed,
)

from .revisions import (
    derived,
    fill_sitting,
    give_volume,
    refresh_first,
    remember,
    revise_nursing,
    settle_times,
    unanswered,
)
from .sessions import OVERLAP_S, keep_new, lasting, new_session

TYPED_S = 60
"""People type minutes: a session begins in the minute in which the one before it ended."""


def add_session(
    turn: Turn,
    start: int,
    end: int,
    *,
    purpose: Purpose | None = None,
    reason: Reason | None = None,
    intention: Intention | None = None,
    volume_ml: int | None = None,
    note: str | None = None,
) -> Session:
    """Record a session that the device missed, from the wall instants that a person gave."""
    session = new_session(
        turn,
        start,
        cause=Cause.ADDED,
        sources=(Source.ADDED,),
        volume_ml=volume_ml,
        volume_by_hand=volume_ml is not None,
        note=note,
    )
    if purpose:
        session = replace(unanswered(session), purpose=purpose, reason=reason, classified_by=ClassifiedBy.DASHBOARD)
    if intention:
        session = replace(session, intention=intention)
    session = lasting(replace(session, state=SessionState.ENDED), start, end)
    keep_new(turn, derived(turn.state, session))
    added = find_session(turn.state, session.id) or session
    if added.classified_by is not ClassifiedBy.SITTING:
        fill_sitting(turn, added, sitting_of(turn.state, added))
    return find_session(turn.state, session.id) or added


def move_session(turn: Turn, session: Session, start: int | None, end: int | None) -> Session:
    """A person knows better when it was: an end that they gave no clock moves any more; the other its boot may yet."""
    was = (session.started_at, finished(session))
    draft = lasting(session, was[0] if start is None else start, was[1] if end is None else end)
    start_known = (End.START,) if start is not None else ()
    known = {*session.known, *start_known, *((End.END,) if end is not None else ())}
    if not is_certain(session) and known < set(End):
        anchor = session.anchor and replace(session.anchor, until=witnessed_end(session))
        draft = replace(draft, anchor=anchor, known=tuple(sorted(known)))
    else:
        draft = replace(draft, clock=Clock.SYNCED, anchor=None, known=(), guessed=False, told=False)
    settle_times(turn, (draft,), Cause.EDITED, *was)
    refresh_first(turn, session.started_at)
    return find_session(turn.state, session.id) or session


def beside(records: Records, start: int, end: int, but: str | None) -> tuple[int, int]:
    """A session that shares under a minute with a neighbour begins where that ends, or ends where that begins.

    One that lies within it, further than that from both its ends, is no neighbour.
    """
    for session in near(records, start, end):
        if session.id == but:
            continue
        theirs = until_at_least(session, end)
        if min(theirs, end) - max(session.started_at, start) < OVERLAP_S:
            continue
        if theirs - start < TYPED_S and theirs < end:
            start = theirs
        elif end - session.started_at < TYPED_S and start < session.started_at:
            end = session.started_at
    return start, end


def until_at_least(session: Session, end: int) -> int:
    """When a session was over; one that runs reaches as far as anybody asks."""
    return session.ended_at if session.ended_at is not None else max(finished(session), end)


def overlapping(records: Records, start: int, end: int, but: str | None = None) -> Session | None:
    """A session that is not deleted and shares more than a second's rounding with start..end."""
    for session in near(records, start, end):
        if session.id == but:
            continue
        if min(until_at_least(session, end), end) - max(session.started_at, start) >= OVERLAP_S:
            return session
    return None


def set_deleted(turn: Turn, record: Record, *, deleted: bool) -> Record:
    """Delete a record or bring it back; sittings and the first record follow."""
    cause = Cause.DELETED if deleted else Cause.RESTORED
    if isinstance(record, Nursing):
        revised: Record = revise_nursing(turn, record, cause, deleted=deleted)
    else:
        settle_times(turn, (replace(record, deleted=deleted),), cause)
        revised = find_session(turn.state, record.id) or record
    refresh_first(turn, begun(record))
    return revised


def correct_clock(turn: Turn) -> None:
    """The clock is right now, or a person says so: give what this boot has witnessed its true times.

    What earlier boots recorded that ended without ever learning the time is estimated, once, and stays `unsynced`:
    nobody knows how long the power was off, and what one boot's clock was off by says nothing of another's.
    """
    hold_given(turn)
    state = turn.state
    right: dict[str, Record] = {record.id: right_times(state, record) for record in held(state)}
    earlier: dict[str, list[Record]] = {}
    for record in right.values():
        is_past = record.anchor is not None and witnessed(state, record) is None
        if record.clock is Clock.UNSYNCED and is_past and record.id != state.running and not is_running_one(record):
            earlier.setdefault(record.anchor.boot if record.anchor else "", []).append(record)
    until = nearest(state, 0.0)
    for boot in sorted(earlier.values(), key=lambda records: max(map(order, records)), reverse=True):
        estimated = estimate(held(state), boot, until)
        until = min([until, *map(begun, estimated)])
        right |= {record.id: record for record in estimated}
    until = nearest(state, 0.0)
    change(turn, [unlearned(record, until, state.settings.boot) for record in right.values()])


def hold_given(turn: Turn) -> None:
    """A start that a person gave stays where they gave it: by a clock that was put right its run lasts since then."""
    state, session, run = turn.state, turn.running, turn.state.detector.run
    if session is None or run is None or not run.given or witnessed(state, session) is None:
        return
    began, latest = monotonic(state, session.started_at), turn.at if run.quiet is None else run.quiet
    if (
        began > latest + OVERLAP_S
    ):  # it ran before: the clock by which that was given was further off than it has lasted
        remember(turn, replace(session, known=()))
        return
    began = min(began, latest)
    turn.set(began=began, detector=replace(state.detector, run=replace(run, began=began)))
    remember(turn, replace(session, anchor=Anchor(state.settings.boot, began)))


def change(turn: Turn, right: list[Record]) -> None:
    """Keep those records that are other than they were held, each as one revision."""
    was = {record.id: record for record in held(turn.state)}
    changed = [record for record in right if was[record.id] != record]
    for record in changed:
        if isinstance(record, Nursing):
            revise_nursing(turn, record, Cause.CLOCK)
    drafts = [record for record in changed if isinstance(record, Session)]
    edges = [edge for draft in drafts for edge in (begun(was[draft.id]), finished(was[draft.id]))]
    settle_times(turn, drafts, Cause.CLOCK, *edges)
    refresh_first(turn, *(begun(was[record.id]) for record in changed))


def right_times(state: State, record: Record) -> Record:
    """A record as its boot's clock has it, now that this boot knows the time; any other as it is."""
    if isinstance(record, Nursing):
        if is_certain(record) or witnessed(state, record) is None or record.anchor is None:
            return record
        return replace(record, at=wall(state, record.anchor.at), clock=Clock.SYNCED, told=state.told)
    if record.answered is not None and record.answered.boot == state.settings.boot:
        answered = record.answered if state.told else None
        record = replace(record, classified_at=wall(state, record.answered.at), answered=answered)
    if record.milk_moves:
        record = replace(record, milk_moves=tuple(right_move(state, move) for move in record.milk_moves))
    anchor = witnessed(state, record)
    if is_certain(record) or anchor is None:
        return record
    start = record.started_at if End.START in record.known else nearest(state, anchor.at)
    if is_running_one(record):
        clock = record.clock if record.guessed else Clock.SYNCED
        return replace(record, started_at=start, clock=clock, told=state.told)
    end = finished(record) if End.END in record.known else nearest(state, witnessed_end(record))
    if start >= end and record.duration_s:  # what was given was by a clock further off than it lasted: all of it moves
        start, end = nearest(state, anchor.at), nearest(state, anchor.at) + record.duration_s
    moved = replace(lasting(record, start, end), told=state.told)
    if record.guessed and End.START not in record.known:
        return moved if state.told else replace(moved, anchor=None, known=(End.END,))
    if state.told:
        return replace(moved, clock=Clock.SYNCED)
    return replace(moved, clock=Clock.SYNCED, known=(), guessed=False)


def right_move(state: State, move: MilkMove) -> MilkMove:
    """A `milk` command that this boot has heard, at its true time."""
    if move.anchor is None or move.anchor.boot != state.settings.boot:
        return move
    return replace(move, at=wall(state, move.anchor.at), anchor=move.anchor if state.told else None, unsynced=False)


def unlearned(record: Record, until: int, boot: str) -> Record:
    """A record whose `milk` commands another boot heard that ended without learning the time: it was before `until`."""
    waits = [
        move.unsynced and move.anchor is not None and move.anchor.boot != boot
        for move in (record.milk_moves if isinstance(record, Session) else ())
    ]
    if not isinstance(record, Session) or not any(waits):
        return record
    moves = (
        replace(move, at=min(move.at, until), anchor=None) if is_late else move
        for move, is_late in zip(record.milk_moves, waits, strict=True)
    )
    return replace(record, milk_moves=tuple(moves))


def is_certain(record: Record) -> bool:
    """No clock puts its times right any more: the system's own had them, or a person gave them."""
    return record.clock is Clock.SYNCED and not record.told


def known_by_the_system(state: State) -> int | None:
    """The newest start or end that a clock had which the system itself synchronised."""
    certain = (record for record in held(state) if is_certain(record) and record.anchor is not None)
    return max(map(finished, certain), default=None)


def witnessed_end(session: Session) -> float:
    anchor = session.anchor
    if anchor is None:
        return float(finished(session))
    return anchor.at + session.duration_s if anchor.until is None else anchor.until


def estimate(records: Sequence[Record], boot: list[Record], until: int) -> list[Record]:
    """Where a boot's records must lie: after what came before them, before `until`; in that as its clock had them.

    An end that a person gave stays. No clock moves any of them again.
    """
    free = [record for record in boot if not (isinstance(record, Session) and record.known)]
    shift = 0
    if free:
        first = {type(record): min(other.number for other in free if type(other) is type(record)) for record in free}
        ends = [
            finished(record)
            for record in records
            if record.clock is Clock.SYNCED and record.number < first.get(type(record), 0) and record.anchor is not None
        ]
        start, end = min(map(begun, free)), max(map(finished, free))
        shift = min(max(max(ends, default=start) - start, 0), until - end) if end <= until else until - end
    return [shifted(record, shift if record in free else 0) for record in boot]


def shifted(record: Record, shift: int) -> Record:
    if isinstance(record, Nursing):
        return replace(record, at=record.at + shift, anchor=None)
    moved = lasting(record, record.started_at + shift, finished(record) + shift)
    answered = record.answered is not None and record.anchor is not None and record.answered.boot == record.anchor.boot
    if answered and record.classified_at is not None:
        moved = replace(moved, classified_at=record.classified_at + shift, answered=None)
    boot = record.anchor.boot if record.anchor else None
    moves = (
        replace(move, at=move.at + shift) if move.unsynced and move.anchor and move.anchor.boot == boot else move
        for move in record.milk_moves
    )
    return replace(moved, anchor=None, milk_moves=tuple(moves))


def is_running_one(record: Record) -> bool:
    return isinstance(record, Session) and is_running(record)


def order(record: Record) -> tuple[bool, int]:
    """In which order records were made: by number; sessions tell, where there are any."""
    return isinstance(record, Session), record.number


def restore_record(turn: Turn, record: str, before: Record | None) -> Record | None:
    """Saved's Undo: the former value as a new revision; what was new is deleted."""
    now = find_record(turn.state, record)
    if now is None:
        return None
    if before is None or now.deleted != before.deleted:
        return set_deleted(turn, now, deleted=before is None or before.deleted)
    if isinstance(now, Nursing) and isinstance(before, Nursing):
        return revise_nursing(turn, now, Cause.EDITED, effective=before.effective)
    if isinstance(now, Session) and isinstance(before, Session):
        left, right, by_hand = before.left_ml, before.right_ml, before.volume_by_hand
        return give_volume(turn, now, before.volume_ml, left_ml=left, right_ml=right, by_hand=by_hand)
    return None
