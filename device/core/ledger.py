"""What may happen to the record: sessions opened, ended and revised, answers, amounts, nursings, corrections.

Every change is a new revision of a frozen record; whoever asked (a button, a dashboard) is an argument.
"""

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from . import guidance
from .detector import Run, cycles_per_minute, pumping_s
from .record import (
    PURPOSE_OF,
    Anchor,
    Cause,
    ClassifiedBy,
    Clock,
    Intention,
    Nursing,
    Purpose,
    Reason,
    Record,
    Session,
    SessionState,
    Source,
    Suggestion,
    record_id,
)
from .state import (
    REMEMBERED_S,
    SLACK_S,
    State,
    Turn,
    begun,
    find_session,
    held,
    is_running,
    newest,
    span,
    undurable,
    wall,
)

NEAR_S = 12 * 3600
OVERLAP_S = 1
"""Under a second is no overlap: instants are whole seconds."""


# -- keeping ---------------------------------------------------------------------------------------------------


def keep(turn: Turn, *records: Record) -> None:
    """Put these revisions in the place of the ones before, and on the way to the disk, in this order."""
    for record in records:
        remember(turn, record)
        turn.changed.append(record)


def remember(turn: Turn, record: Record) -> None:
    """Hold this record among those that the rules look at; it takes the place of its former revision."""
    state = turn.state
    if isinstance(record, Session):
        others = [one for one in state.sessions if one.id != record.id]
        turn.set(sessions=tuple(sorted([*others, record], key=lambda one: (one.started_at, one.number))))
    else:
        fed = [one for one in state.nursings if one.id != record.id]
        turn.set(nursings=tuple(sorted([*fed, record], key=lambda one: (one.at, one.number))))
    turn.set(today_stale=True)


def forget_old(turn: Turn) -> None:
    """Let go of what no rule looks at any more, so that the state stays small however long the device runs."""
    state = turn.state
    if not any(is_old(turn, one) for one in held(state, 1)):
        return
    kept = {one.id for one in newest(state)} | {state.running, state.dialogue.about} | undurable(state)
    kept |= {ask.session for ask in (state.ask, state.ask and state.ask.former) if ask}
    turn.set(
        sessions=tuple(one for one in state.sessions if one.id in kept or not is_old(turn, one)),
        nursings=tuple(one for one in state.nursings if one.id in kept or not is_old(turn, one)),
    )


def is_old(turn: Turn, record: Record) -> bool:
    """No rule looks at it any more. A clock that is not set proves nothing about what a right one has dated."""
    anchor = record.anchor
    if record.clock is Clock.UNSYNCED and anchor is not None and anchor.boot == turn.state.settings.boot:
        return anchor.at < turn.at - REMEMBERED_S
    if turn.state.clock is Clock.UNSYNCED and record.clock is Clock.SYNCED:
        return False
    return begun(record) < turn.wall - REMEMBERED_S


def revise(turn: Turn, session: Session, cause: Cause, **changes: object) -> Session:
    """Make and keep the next revision; a running session's durations are as they are now."""
    if is_running(session) and turn.state.detector.run is not None and session.id == turn.state.running:
        session = as_at(session, turn.state.detector.run, turn.at)
    revised = replace(session, revision=session.revision + 1, cause=cause, revised_at=turn.wall, **changes)
    revised = derived(turn.state, revised)
    keep(turn, revised)
    return revised


def derived(state: State, session: Session) -> Session:
    """The fields that follow from others: counted, use_by, and what to expect while it runs."""
    if is_running(session):
        return replace(session, counted=False, use_by=None, expectation_ml=expected(state, session))
    counted = session.pumping_s >= state.settings.min_session_s
    lasts = session.clock is Clock.SYNCED and session.ended_at is not None
    until = guidance.use_by(session.ended_at or 0, session.intention) if lasts else None
    return replace(session, counted=counted, use_by=until)


def expected(state: State, session: Session) -> int | None:
    """The expectation of the purpose answered, else of the one suggested; sessions nobody suggested for have none."""
    suggestion = session.suggestion
    if suggestion is None:
        return None
    purpose = session.purpose or suggestion.purpose
    return guidance.expectation(state.sessions, purpose, suggestion.context, session.started_at, session.id)


def resit(turn: Turn, *moments: int) -> None:
    """Let sittings follow from the times of the sessions that are not deleted; one that moves gets a revision.

    Only near the moments at which something changed: what lies further back is not all held.
    """
    found = guidance.sittings(turn.state.sessions, turn.state.settings.sitting_s)
    for session in turn.state.sessions:
        near = any(abs(session.started_at - moment) <= NEAR_S for moment in moments)
        if near and not session.deleted and found[session.id] != session.sitting:
            revise(turn, session, Cause.EDITED, sitting=found[session.id])


def refresh_first(turn: Turn, *moved: int) -> None:
    """The first record may have gone from one of these times, or another may be earlier now.

    Not all are held: where the next one is older than those, it is only known that the record is not young.
    """
    state = turn.state
    first, starts = state.first_record_at, [begun(one) for one in held(state) if not one.deleted]
    if first is not None and first not in moved and all(begun(one) != first for one in held(state)):
        starts.append(first)
    turn.set(first_record_at=min(starts, default=None))


def sitting_of(state: State, session: Session) -> tuple[Session, ...]:
    return tuple(one for one in state.sessions if one.sitting == session.sitting and not one.deleted)


# -- a session's life ------------------------------------------------------------------------------------------


def open_session(
    turn: Turn, began: float, sources: tuple[Source, ...], *, ended: float | None = None, ml: int | None = None
) -> Session:
    """Open the record of a session that began at this monotonic instant (or that also ended, told afterwards)."""
    state = turn.state
    number = state.next_session
    started_at = after_the_last(state, wall(state, began))
    identity = record_id(started_at, "session", number, state.seed)
    session = Session(
        id=identity,
        number=number,
        revision=1,
        cause=Cause.STARTED if ended is None else Cause.ENDED,
        revised_at=turn.wall,
        state=SessionState.RUNNING,
        started_at=started_at,
        clock=state.clock,
        sources=sources,
        sitting=identity,
        volume_ml=ml,
        suggestion=suggested(state, started_at),
        anchor=Anchor(state.settings.boot, began),
    )
    session = inherit(state, session)
    session = replace(session, expectation_ml=expected(state, session))
    if ended is not None:
        length = whole_s(ended - began)
        over = {"state": SessionState.ENDED, "ended_at": started_at + length, "duration_s": length, "pumping_s": length}
        session = derived(state, replace(session, **over))
    turn.set(next_session=number + 1, first_record_at=earliest(state.first_record_at, started_at))
    keep(turn, session)
    resit(turn, started_at)
    return session


def after_the_last(state: State, started_at: int) -> int:
    """A start that a clock set back puts into another session is that session's end."""
    ends = [
        one.ended_at
        for one in state.sessions
        if one.ended_at is not None and not one.deleted and one.started_at <= started_at < one.ended_at
    ]
    return max(ends, default=started_at)


def earliest(first: int | None, at: int) -> int:
    return at if first is None else min(first, at)


def suggested(state: State, at: int) -> Suggestion:
    return guidance.suggest(
        state.sessions,
        state.nursings,
        baseline=state.baseline,
        sitting_s=state.settings.sitting_s,
        now=at,
        outlook=outlook_label(state, at),
    )


def outlook_label(state: State, at: int) -> str:
    return guidance.outlook(
        guidance.stimulations(state.sessions, state.nursings, state.settings.sitting_s),
        guidance.record_times(state.sessions, state.nursings),
        baseline=state.baseline,
        first_record_at=state.first_record_at,
        now=at,
    ).label


def inherit(state: State, session: Session) -> Session:
    """Take the words of the sitting that this session belongs to, if it belongs to one."""
    sitting = guidance.sittings([*state.sessions, session], state.settings.sitting_s)[session.id]
    others = [one for one in state.sessions if one.sitting == sitting and not one.deleted and one.id != session.id]
    session = replace(session, sitting=sitting)
    answered = [one for one in others if one.purpose]
    said = max(answered, key=lambda one: (one.classified_at or 0, one.started_at), default=None)
    if said is not None:
        words = {"purpose": said.purpose, "reason": said.reason, "classified_at": said.classified_at}
        session = replace(session, classified_by=ClassifiedBy.SITTING, **words)
    return replace(session, intention=next((one.intention for one in reversed(others) if one.intention), None))


def move_start(turn: Turn, session: Session, run: Run) -> Session:
    """A session started by hand begins where the pump was first heard."""
    state, was = turn.state, session.anchor
    if session.clock is state.clock or was is None:
        started_at = after_the_last(state, wall(state, run.began))
    else:
        started_at = session.started_at + round(run.began - was.at)
    anchor = Anchor(state.settings.boot, run.began)
    moved = revise(turn, session, Cause.STARTED, started_at=started_at, sources=run.sources, anchor=anchor)
    resit(turn, session.started_at, started_at)
    refresh_first(turn, session.started_at)
    return find_session(turn.state, moved.id) or moved


def as_at(session: Session, run: Run, at: float) -> Session:
    """The running session with its durations as they are at `at`: what `state` shows, and every revision holds."""
    quiet = at if run.quiet is None else run.quiet
    return replace(
        session,
        duration_s=whole_s(quiet - run.began),
        pumping_s=whole_s(pumping_s(run, at)),
        pauses=run.pauses,
        cycles_per_minute=run.cpm,
        sources=run.sources,
        disagreement_s=run.disagreement_s,
    )


def whole_s(seconds: float) -> int:
    """Whole seconds that have passed: what the Timer shows, and never more than the wall's clock."""
    return max(int(seconds + SLACK_S), 0)


def end_session(turn: Turn, session: Session, run: Run, ended: float, *, interrupted: bool) -> Session:
    """Close the record: durations by the monotonic clock, the end from the start and the duration."""
    final = as_at(session, run, ended)
    length = whole_s(ended - run.began)
    turn.set(running=None, checkpoint_at=None)
    closed = revise(
        turn,
        replace(final, state=SessionState.ENDED),
        Cause.INTERRUPTED if interrupted else Cause.ENDED,
        ended_at=final.started_at + length,
        duration_s=length,
        pumping_s=min(final.pumping_s, length),
        cycles_per_minute=cycles_per_minute(run),
        interrupted=interrupted,
    )
    resit(turn, closed.started_at)
    return find_session(turn.state, closed.id) or closed


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
    changes: dict[str, object] = {}
    if purpose is not UNSET:
        kept = session.reason if purpose is session.purpose else None
        said = reason if reason is not UNSET else kept
        changes |= {"purpose": purpose, "reason": said}
        changes |= {"classified_by": by if purpose else None, "classified_at": turn.wall if purpose else None}
        changes["filled_by"] = None
    elif reason is not UNSET:
        changes |= {"reason": reason, "classified_at": turn.wall if session.purpose else None}
    if intention is not UNSET:
        changes["intention"] = intention
    revised = revise(turn, session, Cause.CLASSIFIED, **changes)
    if purpose or reason or intention:
        fill_sitting(turn, revised)
    return revised


def fill_sitting(turn: Turn, answered: Session) -> None:
    """Give a sitting's answer to its sessions that had none, and correct in them what this session's answer had filled.

    One that inherited its words when it began keeps them.
    """
    for other in sitting_of(turn.state, answered):
        if other.id == answered.id or answered.deleted:
            continue
        if other.purpose is not None and other.filled_by != answered.id:
            continue
        changes: dict[str, object] = {}
        if answered.purpose and (answered.purpose, answered.reason) != (other.purpose, other.reason):
            changes |= {"purpose": answered.purpose, "reason": answered.reason}
            changes |= {"classified_by": ClassifiedBy.SITTING, "classified_at": answered.classified_at}
            changes["filled_by"] = answered.id
        if answered.intention and other.intention is None:
            changes["intention"] = answered.intention
        if changes:
            revise(turn, other, Cause.CLASSIFIED, **changes)


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
    ended = [one for one in state.sessions if one.ended_at is not None and not one.deleted]
    lately = [(span(state, one, since)[1], one.number, one) for one in ended]
    lately = [one for one in lately if since <= one[0] <= state.now + OVERLAP_S]
    return [session for _, _, session in sorted(lately, key=lambda one: one[:2], reverse=True)]


# -- nursings --------------------------------------------------------------------------------------------------


def nurse(turn: Turn, source: Source, *, effective: bool, at: int | None = None) -> Nursing:
    """Record a nursing of now, or of the wall instant that a person gave (which no clock corrects)."""
    state, told = turn.state, at is not None
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
        clock=Clock.SYNCED if told else state.clock,
        source=source,
        anchor=None if told else Anchor(state.settings.boot, turn.at),
    )
    turn.set(next_nursing=number + 1, first_record_at=earliest(state.first_record_at, at))
    keep(turn, nursing)
    return nursing


def revise_nursing(turn: Turn, nursing: Nursing, cause: Cause, **changes: object) -> Nursing:
    revised = replace(nursing, revision=nursing.revision + 1, cause=cause, revised_at=turn.wall, **changes)
    keep(turn, revised)
    return revised
