"""Which records are held: those that the rules look at, whole sittings of them, and no more.

What lies further back is in the store, and is fetched for the one command that needs it.
"""

from bisect import bisect_right
from operator import attrgetter

from msgspec.structs import replace

from device.core.model.record import IN_ORDER, REMEMBERED_S, ClassifiedBy, Clock, Nursing, Record, Session
from device.core.pump import detector
from device.core.rules import sittings
from device.core.state import MOST, R, State, Turn, newest_of, span, undurable, witnessed

TIDY_S = 3600.0
"""How often what has become old is looked for."""
CLOCKS_DIFFER_S = 60.0
"""What two readings of a clock that was set meanwhile may differ by; beyond that it was another clock."""
RECENT = 64
"""Among how many of the newest sessions the one that ended last is looked for."""


def keep(turn: Turn, *records: Record) -> None:
    """Put these revisions in the place of the ones before, and on the way to the disk, in this order."""
    for record in records:
        remember(turn, record)
        turn.changed.append(record)
        turn.tidy = turn.tidy or is_old(turn, record)


def remember(turn: Turn, record: Record) -> None:
    """Hold this record among those that the rules look at; it takes the place of its former revision."""
    state = turn.state
    turn.tidy = turn.tidy or max(len(state.sessions), len(state.nursings)) > MOST + MOST // 8
    if isinstance(record, Nursing):
        nursings, _ = put_in(state.nursings, record)
        turn.set(nursings=nursings, today_stale=True, stimulated=None)
        return
    sessions, former = put_in(state.sessions, record)
    if adds_nothing(state, record, former):
        turn.state = replace(state, sessions=sessions)
    else:
        turn.state = replace(state, sessions=sessions, today_stale=True, stimulated=None)


def adds_nothing(state: State, session: Session, old: Session | None) -> bool:
    """Whether a session changes no figure, so that a pump gone mad costs no more with each of its sessions.

    One that does not count changes none where it comes last, on the heels of another, with the words of its sitting;
    nor does its further course.
    """
    if session.counted or session.deleted or state.today is None:
        return False
    if old is not None:
        alone = session.sitting == session.id == state.sessions[-1].id
        return TIMES(old) == TIMES(session) and (alone or ANSWERS(old) == ANSWERS(session))
    last = state.sessions[-1] if state.sessions else None
    follows = last is not None and not last.deleted and 0 <= session.started_at - last.started_at < sittings.DAY_S
    return follows and session.volume_ml is None and session.classified_by in {None, ClassifiedBy.SITTING}


TIMES = attrgetter("started_at", "counted", "deleted", "sitting")
ANSWERS = attrgetter("purpose", "classified_at", "volume_ml")
"""What the figures rest on in a session that does not count: on answers only where its sitting has others."""


def put_in(records: tuple[R, ...], record: R) -> tuple[tuple[R, ...], R | None]:
    """Sorted records with this one, in its former revision's place or where its time puts it; and that one."""
    in_order, former = IN_ORDER[type(record)], None
    for index in range(len(records) - 1, -1, -1):
        if records[index].id == record.id:
            former = records[index]
            if in_order(former) == in_order(record):
                return (*records[:index], record, *records[index + 1 :]), former
            records = (*records[:index], *records[index + 1 :])
            break
    at = bisect_right(records, in_order(record), key=in_order)
    return (*records[:at], record, *records[at:]), former


def forget_old(turn: Turn) -> None:
    """Let go of what no rule looks at any more, so that the state stays small however long the device runs.

    A sitting is held whole, or its time and its answer would be wrong.
    """
    state = turn.state
    wanted = {session.id for session in newest_of(state.sessions)}
    wanted |= {nursing.id for nursing in newest_of(state.nursings)}
    wanted |= undurable(state) | newest_stimulations(state)
    wanted |= {record for record in (state.running, state.dialogue.about) if record}
    wanted |= {ask.session for ask in (state.ask, state.ask and state.ask.former) if ask}
    young = [session for session in state.sessions[-MOST:] if not is_old(turn, session)]
    near = {session.id for session in young} | wanted
    sittings = {session.sitting for session in state.sessions if session.id in near}
    sessions = [session for session in state.sessions if session.id in near or session.sitting in sittings]
    if len(sessions) > MOST:
        sessions = [session for session in sessions[:-MOST] if session.id in wanted] + sessions[-MOST:]
    nursings = [nursing for nursing in state.nursings if nursing.id in wanted or not is_old(turn, nursing)][-MOST:]
    dropped = len(sessions) < len(state.sessions) or len(nursings) < len(state.nursings)
    turn.set(
        sessions=tuple(sessions),
        nursings=tuple(nursings),
        tidy_at=turn.at + TIDY_S,
        partial=state.partial or dropped,
    )


def newest_stimulations(state: State) -> set[str]:
    """The counted session and the effective nursing that came last, however long ago."""
    pumped = next((session.id for session in reversed(state.sessions) if sittings.is_counted(session)), None)
    fed = next((nursing.id for nursing in reversed(state.nursings) if nursing.effective and not nursing.deleted), None)
    return {record for record in (pumped, fed) if record}


def is_old(turn: Turn, record: Record) -> bool:
    """No rule looks at it any more. A clock that is not set proves nothing about what a right one has dated."""
    if isinstance(record, Session) and record.answered is not None:
        return False
    if record.clock is Clock.UNSYNCED and (anchor := witnessed(turn.state, record)) is not None:
        return anchor.at < turn.at - REMEMBERED_S
    if turn.state.clock is Clock.UNSYNCED and record.clock is Clock.SYNCED:
        return False
    return (record.started_at if isinstance(record, Session) else record.at) < turn.wall - REMEMBERED_S


def remember_last(turn: Turn) -> Session | None:
    """Find the session that ended last, and let nothing begin before its end.

    What this boot has not witnessed counts only where the clocks of both are right: a guess moves no start.
    """
    state = turn.state
    is_known = state.clock is Clock.SYNCED
    ended = [
        (span(state, session, turn.at), session)
        for session in state.sessions[-RECENT:]
        if session.ended_at is not None and not session.deleted
        if witnessed(state, session) is not None or (is_known and session.clock is Clock.SYNCED)
    ]
    past = [(times, session) for times, session in ended if times[1] < turn.at + CLOCKS_DIFFER_S]
    if not past:
        return None
    (began, finished), last = max(past, key=lambda ending: ending[0][1])
    turn.set(
        detector=detector.with_last(state.detector, began, min(finished, turn.at), had_stop=last.volume_ml is not None)
    )
    return last
