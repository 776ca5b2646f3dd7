"""Which records stay held: those that the rules look at, whole sittings of them, and no more.

What lies further back is in the store, and is fetched for the one command that needs it.
"""

from device.core.model.record import Clock, Session
from device.core.pump import detector
from device.core.rules import keeping, sittings
from device.core.rules.records import records_of
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
    young = [session for session in state.sessions[-MOST:] if not is_old(turn, session)]
    near = {session.id for session in young} | wanted
    sittings = {session.sitting for session in state.sessions if session.id in near}
    sessions = [session for session in state.sessions if session.id in near or session.sitting in sittings]
    if len(sessions) > MOST:
        sessions = [session for session in sessions[:-MOST] if session.id in wanted] + sessions[-MOST:]
    nursings = [nursing for nursing in state.nursings if nursing.id in wanted or not is_old(turn, nursing)][-MOST:]
    is_sure = state.clock is Clock.SYNCED and not state.told  # a person may have mistaken the year
    portions = keeping.without_past(state.portions, turn.wall) if is_sure else state.portions
    dropped = len(sessions) < len(state.sessions) or len(nursings) < len(state.nursings)
    turn.set(
        records=records_of(sessions, nursings, state.settings.sitting_s) if dropped else state.records,
        portions=portions,
        tidy_at=turn.at + TIDY_S,
        partial=state.partial or dropped,
    )


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
