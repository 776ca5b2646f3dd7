"""What may happen to the record: sessions opened, ended and revised, answers, amounts, nursings, corrections.

Every change is a new revision of a frozen record; whoever asked (a button, a dashboard) is an argument.
"""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from device.core.model.record import (
    PURPOSE_OF,
    SESSIONS_IN_ORDER,
    Anchor,
    Cause,
    ClassifiedBy,
    Clock,
    End,
    Intention,
    Nursing,
    Purpose,
    Reason,
    Session,
    SessionState,
    Source,
    Suggestion,
    begun,
    finished,
    record_id,
)
from device.core.pump.witnesses import Run, cycles_per_minute, pumping_s, whole_s
from device.core.rules import guidance, keeping, sittings
from device.core.state import (
    Changes,
    State,
    Turn,
    as_at,
    find_session,
    held,
    nearest,
    sitting_of,
    span,
    witnessed,
)
from device.words import EN
from device.words.because import because

from .memory import keep, put_in, remember
from .sittings import in_answers_order, seat, seated_anew, sitting_at

OVERLAP_S = 1
"""Under a second is no overlap: instants are whole seconds."""


# -- keeping ---------------------------------------------------------------------------------------------------


def revise(turn: Turn, session: Session, cause: Cause, **changes: Changes[Session]) -> Session:
    """Make and keep the next revision; a running session's durations are as they are now."""
    run = turn.state.detector.run
    if run is not None and session.id == turn.state.running and session.state is SessionState.RUNNING:
        session = as_at(session, run, turn.at)
    revised = replace(session, revision=session.revision + 1, cause=cause, revised_at=turn.wall, **changes)
    revised = derived(turn.state, revised)
    keep(turn, revised)
    return revised


def derived(state: State, session: Session) -> Session:
    """The fields that follow from others: counted, use_by, and what to expect while it runs."""
    if session.state is SessionState.RUNNING:
        return replace(session, counted=False, use_by=None, expectation_ml=expected(state, session))
    counted = session.pumping_s >= state.settings.min_session_s
    lasts = session.clock is Clock.SYNCED and session.ended_at is not None
    until = keeping.use_by(session.ended_at or 0, session.intention) if lasts else None
    return replace(session, counted=counted, use_by=until)


def expected(state: State, session: Session) -> int | None:
    """The expectation of the purpose answered, else of the one suggested; sessions nobody suggested for have none."""
    suggestion = session.suggestion
    if suggestion is None:
        return None
    purpose = session.purpose or suggestion.purpose
    return guidance.expectation(state.sessions, purpose, suggestion.context, session.started_at, session.id)


def settle_times(turn: Turn, drafts: Sequence[Session], cause: Cause, *moments: int) -> None:
    """Keep these drafts of sessions, whose times or deletion changed, each as one revision, with all that follows.

    Sittings follow from the times, near the former moments that are given and near the drafts' own; a session that
    comes to another sitting gets a revision too (`edited`), and takes that one's answer where it had none.
    """
    state = turn.state
    after, causes = state.sessions, dict.fromkeys((draft.id for draft in drafts), cause)
    for draft in drafts:
        after, _ = put_in(after, draft)
    edges = [*moments, *(edge for draft in drafts for edge in (draft.started_at, finished(draft)))]
    seats = seated_anew(after, min(edges), max(edges), state.settings.sitting_s, causes) if edges else {}
    changed = {draft.id: draft for draft in drafts}
    if seats:
        after = tuple(replace(session, sitting=seats.get(session.id, session.sitting)) for session in after)
    changed |= {session.id: seat(session, after) for session in after if session.id in seats}
    for session in sorted(in_answers_order(after, changed), key=SESSIONS_IN_ORDER):
        before = find_session(turn.state, session.id)
        if before != session:
            revise(turn, session, causes.get(session.id, Cause.EDITED if session.id in seats else cause))


def refresh_first(turn: Turn, *moved: int) -> None:
    """The first record may have gone from one of these times, or another may be earlier now.

    Where not all are held, the store is asked; until it has told, it all began when it did.
    """
    state = turn.state
    first, starts = state.first_record_at, [begun(record) for record in held(state) if not record.deleted]
    if first is not None and (state.partial or first not in moved):
        starts.append(first)
    turn.refill = state.partial
    turn.set(first_record_at=min(starts, default=None))


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


# -- a session's life ------------------------------------------------------------------------------------------


def open_session(
    turn: Turn, began: float, sources: tuple[Source, ...], *, ended: float | None = None, ml: int | None = None
) -> Session:
    """Open the record of a session that began at this monotonic instant (or that also ended, told afterwards)."""
    turn.set(stimulated=stimulated(turn.state))
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
    )
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
    return seat(replace(session, sitting=sitting_at(state, session)), state.sessions)


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
        for session in state.sessions
        if session.ended_at is not None
        and not session.deleted
        and session.id != but
        and session.started_at <= started_at < session.ended_at
    ]
    return max(ends, default=started_at)


def earliest(first: int | None, at: int) -> int:
    return at if first is None else min(first, at)


def suggested(state: State, at: int) -> Suggestion:
    return guidance.suggest(
        state.sessions,
        state.nursings,
        stimulations_24h=sittings.within(stimulated(state), at - sittings.DAY_S, at),
        baseline=state.baseline,
        now=at,
        outlook=outlook_label(state, at),
        because=because(EN),
    )


def outlook_label(state: State, at: int) -> str:
    return guidance.outlook(
        stimulated(state),
        sittings.record_times(state.sessions, state.nursings),
        baseline=state.baseline,
        first_record_at=state.first_record_at,
        now=at,
    ).label


def stimulated(state: State) -> tuple[int, ...]:
    if state.stimulated is not None:
        return state.stimulated
    return sittings.stimulations(state.sessions, state.nursings, state.settings.sitting_s)


def move_start(turn: Turn, session: Session, run: Run) -> Session:
    """It turns out to have begun elsewhere (by hand before the pump was heard): this boot has witnessed that begin."""
    state, former = turn.state, state_began(turn.state, run)
    started_at = session.started_at + round(run.began - former)
    if state.clock is Clock.SYNCED:
        started_at = nearest(state, run.began)
    elif session.clock is Clock.UNSYNCED and witnessed(state, session) is not None:
        started_at = after_the_last(state, nearest(state, run.began), session.id)
    turn.set(began=run.began)
    draft = replace(
        session,
        started_at=started_at,
        sources=run.sources,
        clock=state.clock,
        anchor=Anchor(state.settings.boot, run.began),
        known=(),
        guessed=False,
    )
    settle_times(turn, (draft,), Cause.STARTED, session.started_at)
    refresh_first(turn, session.started_at)
    return find_session(turn.state, session.id) or draft


def state_began(state: State, run: Run) -> float:
    return run.began if state.began is None else state.began


def carry_over(turn: Turn, session: Session, run: Run) -> None:
    """A session goes on in another boot than the one that saw it begin. No clock may tell how long the power was off.

    Where the former boot knew the time, its start is known. Where it did not, it never will be.
    """
    state, anchor = turn.state, Anchor(turn.state.settings.boot, run.began)
    if session.clock is Clock.SYNCED:
        agrees = abs(nearest(state, run.began) - session.started_at) <= 1
        certain = state.clock is Clock.SYNCED and agrees and not session.known
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
    if state.clock is Clock.SYNCED and ours:
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


# -- answers ---------------------------------------------------------------------------------------------------


def classify(
    turn: Turn,
    session: Session,
    by: ClassifiedBy,
    *,
    purpose: Purpose | None | UnsetType = UNSET,
    reason: Reason | None | UnsetType = UNSET,
    intention: Intention | None | UnsetType = UNSET,
) -> Session:
    """Answer a session's questions. A reason alone implies its purpose; a new purpose without one clears it.

    The answer fills the other sessions of its sitting that nobody has classified yet.
    """
    if isinstance(reason, Reason) and purpose is UNSET:
        purpose = PURPOSE_OF[reason]
    draft, sitting = session, sitting_of(turn.state, session)
    if purpose is not UNSET:
        reason_before = session.reason if purpose is session.purpose else None
        draft = replace(session, purpose=purpose, reason=reason_before if reason is UNSET else reason)
        draft = newly_answered(turn, draft, by, sitting) if purpose else unanswered(draft)
    elif reason is not UNSET:
        draft = replace(session, reason=reason)
        draft = newly_answered(turn, draft, by, sitting) if session.purpose else draft
    if intention is not UNSET:
        draft = replace(draft, intention=intention, intention_by=None)
    revised = revise(turn, draft, Cause.CLASSIFIED)
    fill_sitting(turn, revised, sitting)
    return revised


def unanswered(session: Session) -> Session:
    return replace(session, classified_by=None, filled_by=None, classified_at=None, answer=0, answered=None)


def newly_answered(turn: Turn, session: Session, by: ClassifiedBy, sitting: Sequence[Session]) -> Session:
    """Its answer is the newest: counted, and later than those that its sitting has, whatever the clock says."""
    state = turn.state
    latest = max((member.classified_at or 0 for member in sitting), default=-1)
    turn.state = replace(state, next_answer=state.next_answer + 1)
    waits = state.clock is Clock.UNSYNCED
    return replace(
        session,
        classified_by=by,
        filled_by=None,
        classified_at=max(turn.wall, latest + 1),
        answer=state.next_answer,
        answered=Anchor(state.settings.boot, turn.at) if waits else None,
    )


def fill_sitting(turn: Turn, answered: Session, sitting: Sequence[Session]) -> None:
    """Give a sitting's answer to its sessions that had none, and correct in them what this session's answer had filled.

    One that inherited its words when it began keeps them, as does one that was answered by itself.
    """
    for member in sitting:
        if member.id == answered.id or answered.deleted:
            continue
        draft, theirs = member, member.filled_by == answered.id or member.purpose is None
        if theirs and (answered.purpose, answered.reason) != (member.purpose, member.reason):
            draft = replace(
                member,
                purpose=answered.purpose,
                reason=answered.reason,
                classified_by=ClassifiedBy.SITTING if answered.purpose else None,
                filled_by=answered.id if answered.purpose else None,
                classified_at=answered.classified_at,
                answer=answered.answer,
                answered=answered.answered,
            )
        follows = member.intention_by == answered.id or (theirs and member.intention is None)
        if follows and answered.intention != member.intention:
            given_by = answered.id if answered.intention else None
            draft = replace(draft, intention=answered.intention, intention_by=given_by)
        if draft is not member:
            revise(turn, draft, Cause.CLASSIFIED)


def give_volume(
    turn: Turn,
    session: Session,
    ml: int | None,
    *,
    left_ml: int | None = None,
    right_ml: int | None = None,
    by_hand: bool = True,
) -> Session:
    """Set the amount; a total clears the two sides, the sides make the total."""
    return revise(
        turn,
        session,
        Cause.VOLUME,
        volume_ml=ml,
        left_ml=left_ml,
        right_ml=right_ml,
        volume_by_hand=by_hand and ml is not None,
    )


def volume_from_pump(turn: Turn, session: Session | None, ml: float) -> Session | None:
    """What the pump collected; never over a person's amount."""
    amount = int(ml + 0.5)
    if session is None or session.volume_by_hand or session.volume_ml == amount:
        return None
    return give_volume(turn, session, amount, by_hand=False)


def lately_ended(state: State, since: float) -> list[Session]:
    """The sessions that ended after this monotonic instant; the one that ended last is first."""
    ended = [session for session in state.sessions if session.ended_at is not None and not session.deleted]
    lately = [(span(state, session, since)[1], session.number, session) for session in ended]
    lately = [ending for ending in lately if since <= ending[0] <= state.now + OVERLAP_S]
    return [session for _, _, session in sorted(lately, key=lambda ending: ending[:2], reverse=True)]


# -- nursings --------------------------------------------------------------------------------------------------


def nurse(turn: Turn, source: Source, *, effective: bool, at: int | None = None) -> Nursing:
    """Record a nursing of now, or of the wall instant that a person gave (which no clock corrects)."""
    state, is_given = turn.state, at is not None
    at = turn.wall if at is None else at
    number = state.next_nursing
    nursing = Nursing(
        id=record_id(at, "nursing", number, state.seed),
        number=number,
        revision=1,
        cause=Cause.ADDED,
        revised_at=turn.wall,
        at=at,
        effective=effective,
        clock=Clock.SYNCED if is_given else state.clock,
        source=source,
        anchor=None if is_given else Anchor(state.settings.boot, turn.at),
    )
    turn.set(next_nursing=number + 1, first_record_at=earliest(state.first_record_at, at))
    keep(turn, nursing)
    return nursing


def revise_nursing(turn: Turn, nursing: Nursing, cause: Cause, **changes: Changes[Nursing]) -> Nursing:
    revised = replace(nursing, revision=nursing.revision + 1, cause=cause, revised_at=turn.wall, **changes)
    keep(turn, revised)
    return revised
