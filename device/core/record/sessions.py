"""A session's life, as the pump or a person tells it: begun, moved, carried over a restart, ended."""

from msgspec.structs import replace

from device.core.model.record import (
    Anchor,
    Cause,
    Clock,
    End,
    Session,
    SessionState,
    Source,
    Suggestion,
    finished,
    record_id,
)
from device.core.pump.witnesses import Run, cycles_per_minute, pumping_s, whole_s
from device.core.rules import guidance, sittings
from device.core.rules.records import near
from device.core.state import (
    Changes,
    State,
    Turn,
    as_at,
    find_session,
    nearest,
    sitting_of,
    span,
    witnessed,
)
from device.words import LANGUAGES
from device.words.because import because

from .revisions import derived, earliest, expected, keep, refresh_first, remember, revise, settle_times
from .sittings import seat, sitting_at

OVERLAP_S = 1
"""Under a second is no overlap: instants are whole seconds."""


def open_session(
    turn: Turn, began: float, sources: tuple[Source, ...], *, ended: float | None = None, ml: int | None = None
) -> Session:
    """Open the record of a session that began at this monotonic instant (or that also ended, told afterwards)."""
    state = turn.state
    started_at = nearest(state, began)
    if state.clock is Clock.UNSYNCED:
        started_at = after_the_last(state, started_at)
    session = new_session(
        turn,
        started_at,
        cause=Cause.STARTED if ended is None else Cause.ENDED,
        clock=state.clock,
        sources=sources,
        volume_ml=ml,
        suggestion=suggested(state, started_at),
        anchor=Anchor(state.settings.boot, began, ended),
        told=state.told,
    )
    run = state.detector.run
    if ended is None and run is not None and run.given:  # it has lasted for a while already
        session = replace(as_at(session, run, turn.at), known=given_ends(state, run))
    session = replace(session, expectation_ml=expected(state, session))
    if ended is not None:
        over = started_at + nearest(state, ended) - nearest(state, began)
        session = derived(state, lasting(replace(session, state=SessionState.ENDED), started_at, over))
    keep_new(turn, session)
    return find_session(turn.state, session.id) or session


def new_session(turn: Turn, started_at: int, **fields: Changes[Session]) -> Session:
    """The next number's session, in its sitting, with what that has answered."""
    state = turn.state
    identity = record_id(started_at, "session", state.next_session, state.seed)
    session = Session(
        id=identity,
        number=state.next_session,
        revision=1,
        revised_at=turn.wall,
        state=SessionState.RUNNING,
        started_at=started_at,
        sitting=identity,
        **fields,
    )
    session = replace(session, sitting=sitting_at(state, session))
    return seat(session, sitting_of(state, session))


def keep_new(turn: Turn, session: Session) -> None:
    """Keep a session's first revision; those that it parts or joins come to other sittings."""
    state = turn.state
    turn.set(next_session=state.next_session + 1, first_record_at=earliest(state.first_record_at, session.started_at))
    keep(turn, session)
    if turn.state.sessions[-1].id != session.id:
        settle_times(turn, (), Cause.EDITED, session.started_at, finished(session))


def after_the_last(state: State, started_at: int, but: str | None = None) -> int:
    """A start that a clock which is not set puts into another session is that session's end."""
    ends = [
        session.ended_at
        for session in near(state.records, started_at, started_at)
        if session.ended_at is not None and session.id != but and session.started_at <= started_at < session.ended_at
    ]
    return max(ends, default=started_at)


def suggested(state: State, at: int) -> Suggestion:
    return guidance.suggest(
        state.sessions,
        state.nursings,
        stimulations_24h=sittings.within(state.records.stimulated, at - sittings.DAY_S, at),
        baseline=state.baseline,
        now=at,
        outlook=outlook_label(state, at),
        because=because(LANGUAGES[state.settings.language]),
    )


def outlook_label(state: State, at: int) -> str:
    return guidance.outlook(
        state.records.stimulated,
        state.records.recorded,
        baseline=state.baseline,
        first_record_at=state.first_record_at,
        now=at,
    ).label


def move_start(turn: Turn, session: Session, run: Run, cause: Cause = Cause.STARTED) -> Session:
    """It turns out to have begun elsewhere (by hand before the pump was heard): this boot has witnessed that begin.

    Or a person says so (`edited`).
    """
    state, former = turn.state, state_began(turn.state, run)
    started_at = session.started_at + round(run.began - former)
    if state.clock is Clock.SYNCED:
        started_at = nearest(state, run.began)
    elif session.clock is Clock.UNSYNCED and witnessed(state, session) is not None:
        started_at = after_the_last(state, nearest(state, run.began), session.id)
    turn.set(began=run.began)
    draft = replace(
        as_at(session, run, turn.at),
        started_at=started_at,
        clock=state.clock,
        anchor=Anchor(state.settings.boot, run.began),
        known=given_ends(state, run),
        guessed=False,
        told=state.told,
    )
    settle_times(turn, (draft,), cause, session.started_at)
    refresh_first(turn, session.started_at)
    return find_session(turn.state, session.id) or draft


def given_ends(state: State, run: Run) -> tuple[End, ...]:
    """What of a running session stays when the clock that a person set is put right: a start that a person gave."""
    return (End.START,) if run.given and state.told else ()


def state_began(state: State, run: Run) -> float:
    return run.began if state.began is None else state.began


def carry_over(turn: Turn, session: Session, run: Run) -> None:
    """A session goes on in another boot than the one that saw it begin. No clock may tell how long the power was off.

    Where the former boot knew the time, its start is known. Where it did not, it never will be.
    """
    state, anchor = turn.state, Anchor(turn.state.settings.boot, run.began)
    if session.clock is Clock.SYNCED:
        agrees = abs(nearest(state, run.began) - session.started_at) <= 1
        certain = state.clock is Clock.SYNCED and not state.told and agrees and not session.known
        remember(turn, replace(session, anchor=anchor, known=() if certain else (End.START,)))
        return
    guess = replace(session, anchor=anchor, guessed=True)
    if state.clock is Clock.SYNCED and nearest(state, run.began) != session.started_at:
        settle_times(turn, (replace(guess, started_at=nearest(state, run.began)),), Cause.CLOCK, session.started_at)
        refresh_first(turn, session.started_at)
    else:
        remember(turn, guess)


def end_session(turn: Turn, session: Session, run: Run, ended: float, *, interrupted: bool) -> Session:
    """Close the record: both ends are the nearest second, and the duration is their difference.

    Where the clock was set meanwhile, or another boot saw it begin, the duration is the monotonic clock's.
    """
    state, anchor = turn.state, session.anchor
    former = state_began(state, run)
    if anchor is not None:
        anchor = replace(anchor, until=anchor.at + ended - former)
    ours = witnessed(state, session) is not None
    start, end = session.started_at, session.started_at + round(ended - run.began)
    if ours and (start == nearest(state, former) or (End.START in session.known and state.clock is Clock.SYNCED)):
        end = max(nearest(state, ended), start)
    pumped_s = pumping_s(run, ended)
    pumped = max(end - start - round(run.rested_s), 0)
    if pumped_s < state.settings.min_session_s:  # a rounded second makes no session count
        pumped = min(pumped, whole_s(pumped_s))
    final = replace(as_at(session, run, ended), duration_s=end - start, pumping_s=pumped)
    if session.known and not (ours and state.clock is Clock.SYNCED):
        final = replace(final, clock=Clock.UNSYNCED)
    if ours:
        final = replace(final, told=state.told)
    if state.clock is Clock.SYNCED and ours and not state.told:
        final = replace(final, known=(End.END,) if session.guessed else ())
        anchor = None if session.guessed else anchor
    turn.set(running=None, checkpoint_at=None, began=None)
    final = replace(
        final,
        state=SessionState.ENDED,
        ended_at=end,
        anchor=anchor,
        cycles_per_minute=cycles_per_minute(run),
        interrupted=interrupted,
    )
    revise(turn, final, Cause.INTERRUPTED if interrupted else Cause.ENDED)
    if turn.state.sessions[-1].id != session.id:
        settle_times(turn, (), Cause.EDITED, start, end)
    return find_session(turn.state, session.id) or final


def lasting(session: Session, start: int, end: int) -> Session:
    """The session from `start` to `end`: its rests stay as long as they were."""
    rests = session.duration_s - session.pumping_s
    length = max(end - start, 0)
    return replace(
        session,
        started_at=start,
        ended_at=start + length,
        duration_s=length,
        pumping_s=max(length - rests, 0),
    )


def lately_ended(state: State, since: float) -> list[Session]:
    """The sessions that ended after this monotonic instant; the one that ended last is first."""
    ended = [session for session in state.sessions if session.ended_at is not None and not session.deleted]
    lately = [(span(state, session, since)[1], session.number, session) for session in ended]
    lately = [ending for ending in lately if since <= ending[0] <= state.now + OVERLAP_S]
    return [session for _, _, session in sorted(lately, key=lambda ending: ending[:2], reverse=True)]
