"""Which records stay held: those that the rules look at, whole sittings of them, and no more.

What lies further back is in the store, and is fetched for the one command that needs it.
"""

from bisect import bisect_left

from device.core.model.record import REMEMBERED_S, Clock, Nursing, Record, Session, begun
from device.core.pump import detector
from device.core.rules import keeping, sittings
from device.core.rules.records import let_go
from device.core.state import MOST, State, Turn, newest_of, span, undurable, witnessed

from .revisions import is_old

TIDY_S = 3600.0
"""How often what has become old is looked for."""
CLOCKS_DIFFER_S = 60.0
"""What two readings of a clock that was set meanwhile may differ by; beyond that it was another clock."""
RECENT = 64
"""Among how many of the newest sessions the one that ended last is looked for."""


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
    gone: list[Record] = [*far_sessions(turn, wanted), *far_nursings(turn, wanted)]
    is_sure = state.clock is Clock.SYNCED and not state.told  # a person may have mistaken the year
    turn.set(
        records=let_go(state.records, gone),
        portions=keeping.without_past(state.portions, turn.wall) if is_sure else state.portions,
        tidy_at=turn.at + TIDY_S,
        partial=state.partial or bool(gone),
    )


def far_sessions(turn: Turn, wanted: set[str]) -> list[Session]:
    """Of the sessions those to let go: only what began long ago is looked at, and what is more than is held."""
    sessions, members = turn.state.sessions, turn.state.records.members
    beyond = len(sessions) - MOST
    past = sessions[: max(bisect_left(sessions, turn.wall - REMEMBERED_S, key=begun), beyond, 0)]
    far = {
        session.id: session
        for place, session in enumerate(past)
        if session.id not in wanted and (place < beyond or is_old(turn, session))
    }
    near = {
        sitting
        for sitting in {session.sitting for session in far.values()}
        if any(member.id not in far for member in reversed(members[sitting]))
    }
    gone = {session.id: session for session in far.values() if session.sitting not in near}
    if beyond > len(gone):
        left = [session for session in sessions if session.id not in gone]
        gone |= {session.id: session for session in left[:-MOST] if session.id not in wanted}
    return list(gone.values())


def far_nursings(turn: Turn, wanted: set[str]) -> list[Nursing]:
    nursings = turn.state.nursings
    past = nursings[: bisect_left(nursings, turn.wall - REMEMBERED_S, key=begun)]
    gone = {nursing.id: nursing for nursing in past if nursing.id not in wanted and is_old(turn, nursing)}
    beyond = len(nursings) - len(gone) - MOST
    if beyond > 0:
        left = [nursing for nursing in nursings if nursing.id not in gone]
        gone |= {nursing.id: nursing for nursing in left[:beyond]}
    return list(gone.values())


def newest_stimulations(state: State) -> set[str]:
    """The counted session and the effective nursing that came last, however long ago."""
    pumped = next((session.id for session in reversed(state.sessions) if sittings.is_counted(session)), None)
    fed = next((nursing.id for nursing in reversed(state.nursings) if nursing.effective and not nursing.deleted), None)
    return {record for record in (pumped, fed) if record}


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
