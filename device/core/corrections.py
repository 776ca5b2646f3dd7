"""What people and the clock put right: sessions added, moved, deleted and restored, times corrected.

Each correction is a new revision; sittings and the first record's time follow.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from .ledger import (
    OVERLAP_S,
    derived,
    earliest,
    fill_sitting,
    give_volume,
    inherit,
    keep,
    refresh_first,
    resit,
    revise,
    revise_nursing,
)
from .record import Cause, ClassifiedBy, Clock, Nursing, Record, Session, SessionState, Source, record_id
from .state import Turn, begun, find_nursing, find_session, held, wall

SURE_S = 300
"""A clock that fell behind by less was off no longer: what it said is right by as much."""


def add_session(turn: Turn, start: int, end: int, source: Source, **given: object) -> Session:
    """Record a session that the device missed, from the wall instants that a person gave."""
    number = turn.state.next_session
    identity = record_id(start, "session", number, turn.state.seed)
    told = {"duration_s": end - start, "pumping_s": end - start, "ended_at": end, "sources": (source,), **given}
    plain = Session(
        id=identity,
        number=number,
        revision=1,
        cause=Cause.ADDED,
        revised_at=turn.wall,
        state=SessionState.ENDED,
        started_at=start,
        sitting=identity,
    )
    session = replace(plain, **told)
    heir = inherit(turn.state, session)
    if session.purpose:
        keeps = ("purpose", "reason", "classified_by", "classified_at")
        heir = replace(heir, **{name: getattr(session, name) for name in keeps})
    session = derived(turn.state, replace(heir, intention=session.intention or heir.intention))
    turn.set(next_session=number + 1, first_record_at=earliest(turn.state.first_record_at, start))
    keep(turn, session)
    resit(turn, start, end)
    added = find_session(turn.state, session.id) or session
    if session.classified_by is not ClassifiedBy.SITTING:
        fill_sitting(turn, added)
    return find_session(turn.state, session.id) or added


def move_session(turn: Turn, session: Session, start: int, end: int) -> Session:
    """A person knows better when it was; its rests stay as long as they were. No clock corrects it any more."""
    rests = session.duration_s - session.pumping_s
    pumping = max(end - start - rests, 0)
    times = {"started_at": start, "ended_at": end, "duration_s": end - start, "pumping_s": pumping}
    revise(turn, session, Cause.EDITED, clock=Clock.SYNCED, anchor=None, **times)
    resit(turn, session.started_at, session.ended_at or session.started_at, start, end)
    refresh_first(turn, session.started_at)
    return find_session(turn.state, session.id) or session


def overlapping(sessions: Sequence[Session], start: int, end: int, but: str | None = None) -> Session | None:
    """A session that is not deleted and shares more than a second's rounding with start..end."""
    for session in sessions:
        if session.deleted or session.id == but:
            continue
        until = session.ended_at if session.ended_at is not None else max(session.started_at + session.duration_s, end)
        if min(until, end) - max(session.started_at, start) >= OVERLAP_S:
            return session
    return None


def set_deleted(turn: Turn, record: Record, *, deleted: bool) -> Record:
    """Delete a record or bring it back; sittings and the first record follow."""
    cause = Cause.DELETED if deleted else Cause.RESTORED
    if isinstance(record, Nursing):
        revised: Record = revise_nursing(turn, record, cause, deleted=deleted)
    else:
        revised = revise(turn, record, cause, deleted=deleted)
        resit(turn, record.started_at, record.ended_at or record.started_at)
        revised = find_session(turn.state, record.id) or revised
    refresh_first(turn, begun(record))
    return revised


def correct_clock(turn: Turn, fell_behind: int | None = None) -> None:
    """The clock is right now: give this boot's records their true times, by the monotonic clock.

    `fell_behind` is by how much the clock was wrong until now, None where it was right from the start. Records of
    earlier boots that never learned the time are put right as far as that tells.
    """
    state, moments = turn.state, []
    waiting = [one for one in held(state) if one.clock is Clock.UNSYNCED and one.anchor is not None]
    for record in waiting:
        if record.anchor is not None and record.anchor.boot == state.settings.boot:
            moments += retime(turn, record, wall(state, record.anchor.at), Clock.SYNCED)
    earlier: dict[str, list[Record]] = {}
    for record in waiting:
        if record.anchor is not None and record.anchor.boot != state.settings.boot:
            earlier.setdefault(record.anchor.boot, []).append(record)
    until = int(state.offset)
    for boot in sorted(earlier.values(), key=lambda records: max(map(order, records)), reverse=True):
        moments += correct_boot(turn, boot, fell_behind, until)
        until = min([until, *(begun(one) for one in held(turn.state) if one.id in {past.id for past in boot})])
    resit(turn, *moments)
    refresh_first(turn, *moments)


def correct_boot(turn: Turn, records: list[Record], fell_behind: int | None, until: int) -> list[int]:
    """Put right what an earlier boot recorded without ever learning the time; it ended before `until`.

    Where nobody can tell how long the power was off, the times are the best estimate and stay `unsynced`: no time
    beats a wrong one. Only where the clock had fallen behind by minutes are they known to be right by as much.
    """
    start, end = min(map(begun, records)), max(map(finished, records))
    first = {type(one): min(other.number for other in records if type(other) is type(one)) for one in records}
    known = [
        finished(one)
        for one in held(turn.state)
        if one.clock is Clock.SYNCED and one.number < first.get(type(one), 0) and one.anchor is not None
    ]
    shift = fell_behind or 0
    fits = max(known, default=start + shift) <= start + shift and end + shift <= until
    is_sure = fits and fell_behind is not None and 0 <= fell_behind <= SURE_S
    if not fits:
        shift = until - end
    if shift == 0 and not is_sure:
        return []
    clock = Clock.SYNCED if is_sure else Clock.UNSYNCED
    return [moment for one in records for moment in retime(turn, one, begun(one) + shift, clock)]


def retime(turn: Turn, record: Record, at: int, clock: Clock) -> list[int]:
    """Let a record begin at this wall instant; return the moments at which something changed."""
    if isinstance(record, Nursing):
        revise_nursing(turn, record, Cause.CLOCK, at=at, clock=clock)
    else:
        ended_at = None if record.ended_at is None else at + record.duration_s
        revise(turn, record, Cause.CLOCK, started_at=at, ended_at=ended_at, clock=clock)
    return [begun(record), at]


def finished(record: Record) -> int:
    return (record.ended_at or record.started_at) if isinstance(record, Session) else record.at


def order(record: Record) -> tuple[bool, int]:
    """In which order records were made: by number; sessions tell, where there are any."""
    return isinstance(record, Session), record.number


def restore_record(turn: Turn, record: str, before: Record | None) -> Record | None:
    """Saved's Undo: the former value as a new revision; what was new is deleted."""
    now = find_session(turn.state, record) or find_nursing(turn.state, record)
    if now is None:
        return None
    if before is None or now.deleted != before.deleted:
        return set_deleted(turn, now, deleted=before is None or before.deleted)
    if isinstance(now, Nursing) and isinstance(before, Nursing):
        return revise_nursing(turn, now, Cause.EDITED, effective=before.effective)
    if isinstance(now, Session) and isinstance(before, Session):
        former = {"left_ml": before.left_ml, "right_ml": before.right_ml, "by_hand": before.volume_by_hand}
        return give_volume(turn, now, before.volume_ml, **former)  # type: ignore[arg-type]
    return None
