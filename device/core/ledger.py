"""What may happen to the record: sessions opened, ended and revised, answers, amounts, nursings, corrections.

Every change is a new revision of a frozen record; whoever asked (a button, a dashboard) is an argument.
"""

from collections.abc import Sequence

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
    State,
    Turn,
    begun,
    find_nursing,
    find_session,
    held,
    is_running,
    monotonic,
    newest,
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
    since = turn.wall - REMEMBERED_S
    if all(begun(one) >= since for one in held(state, 1)):
        return
    kept = {one.id for one in newest(state)} | {state.running, state.ask.session if state.ask else None}
    kept.add(state.dialogue.about)
    turn.set(
        sessions=tuple(one for one in state.sessions if one.started_at >= since or one.id in kept),
        nursings=tuple(one for one in state.nursings if one.at >= since or one.id in kept),
    )


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
        length = max(round(ended - began), 0)
        over = {"state": SessionState.ENDED, "ended_at": started_at + length, "duration_s": length, "pumping_s": length}
        session = derived(state, replace(session, **over))
    turn.set(next_session=number + 1, first_record_at=earliest(state.first_record_at, started_at))
    keep(turn, session)
    resit(turn, started_at)
    return session


def after_the_last(state: State, started_at: int) -> int:
    """A start that rounding put a second into the session before is that session's end."""
    for session in reversed(state.sessions):
        if session.ended_at is not None and not session.deleted and 0 < session.ended_at - started_at <= OVERLAP_S:
            return session.ended_at
    return started_at


def earliest(first: int | None, at: int) -> int:
    return at if first is None else min(first, at)


def suggested(state: State, at: int, about: str | None = None) -> Suggestion:
    return guidance.suggest(
        state.sessions,
        state.nursings,
        baseline=state.baseline,
        sitting_s=state.settings.sitting_s,
        now=at,
        outlook=outlook_label(state, at),
        about=about,
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
    before = [one for one in state.sessions if one.sitting == sitting and not one.deleted]
    if not before:
        return session
    said = max(before, key=lambda one: (one.classified_at or 0, one.started_at))
    return replace(
        session,
        sitting=sitting,
        purpose=said.purpose,
        reason=said.reason,
        intention=next((one.intention for one in reversed(before) if one.intention), None),
        classified_by=ClassifiedBy.SITTING if said.purpose else None,
        classified_at=said.classified_at,
    )


def move_start(turn: Turn, session: Session, run: Run) -> Session:
    """A session started by hand begins where the pump was first heard."""
    started_at = after_the_last(turn.state, wall(turn.state, run.began))
    anchor = Anchor(turn.state.settings.boot, run.began)
    moved = revise(turn, session, Cause.STARTED, started_at=started_at, sources=run.sources, anchor=anchor)
    resit(turn, session.started_at, started_at)
    return find_session(turn.state, moved.id) or moved


def as_at(session: Session, run: Run, at: float) -> Session:
    """The running session with its durations as they are at `at`: what `state` shows, and every revision holds."""
    quiet = at if run.quiet is None else run.quiet
    return replace(
        session,
        duration_s=max(round(quiet - run.began), 0),
        pumping_s=max(round(pumping_s(run, at)), 0),
        pauses=run.pauses,
        cycles_per_minute=run.cpm,
        sources=run.sources,
        disagreement_s=run.disagreement_s,
    )


def end_session(turn: Turn, session: Session, run: Run, ended: float, *, interrupted: bool) -> Session:
    """Close the record: durations by the monotonic clock, the end from the start and the duration."""
    final = as_at(session, run, ended)
    length = max(round(ended - run.began), 0)
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
    elif reason is not UNSET:
        changes |= {"reason": reason, "classified_at": turn.wall if session.purpose else None}
    if intention is not UNSET:
        changes["intention"] = intention
    revised = revise(turn, session, Cause.CLASSIFIED, **changes)
    if purpose or reason or intention:
        fill_sitting(turn, session, revised)
    return revised


def fill_sitting(turn: Turn, before: Session, answered: Session) -> None:
    """Give a sitting's answer to its sessions that had none: those unclassified, and what this chain had filled."""
    for other in sitting_of(turn.state, answered):
        if other.id == answered.id:
            continue
        changes: dict[str, object] = {}
        follows = other.classified_by is ClassifiedBy.SITTING and other.classified_at == before.classified_at
        if answered.purpose and (other.purpose is None or (follows and before.purpose is other.purpose)):
            same = (answered.purpose, answered.reason) == (other.purpose, other.reason)
            if not same and (other.purpose is None or other.reason is None):
                changes |= {"purpose": answered.purpose, "reason": answered.reason}
                changes |= {"classified_by": ClassifiedBy.SITTING, "classified_at": answered.classified_at}
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


def volume_from_pump(turn: Turn, ml: float, *, ended_since: float) -> Session | None:
    """What the pump collected goes to the running session, or one that ended since; never over a person's amount."""
    session = turn.running or last_ended(turn.state, ended_since)
    amount = int(ml + 0.5)
    if session is None or session.volume_by_hand or session.volume_ml == amount:
        return None
    return give_volume(turn, session, amount, by_hand=False)


def last_ended(state: State, since: float) -> Session | None:
    """The last session, if its end lies after this monotonic instant."""
    session = next((one for one in reversed(state.sessions) if not one.deleted), None)
    if session is None or session.ended_at is None or monotonic(state, session.ended_at) < since:
        return None
    return session


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
    resit(turn, start)
    return find_session(turn.state, session.id) or session


def move_session(turn: Turn, session: Session, start: int, end: int) -> Session:
    """A person knows better when it was; its rests stay as long as they were. No clock corrects it any more."""
    rests = session.duration_s - session.pumping_s
    pumping = max(end - start - rests, 0)
    times = {"started_at": start, "ended_at": end, "duration_s": end - start, "pumping_s": pumping}
    revise(turn, session, Cause.EDITED, clock=Clock.SYNCED, anchor=None, **times)
    resit(turn, session.started_at, start)
    refresh_first(turn)
    return find_session(turn.state, session.id) or session


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


# -- corrections -----------------------------------------------------------------------------------------------


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
        resit(turn, record.started_at)
        revised = find_session(turn.state, record.id) or revised
    refresh_first(turn)
    return revised


def refresh_first(turn: Turn) -> None:
    """The first record may have been deleted or moved; one from before what is held stays the first."""
    state = turn.state
    if state.first_record_at is not None and state.first_record_at < turn.wall - REMEMBERED_S:
        return
    starts = [begun(one) for one in held(state) if not one.deleted]
    turn.set(first_record_at=min(starts, default=None))


def correct_clock(turn: Turn) -> None:
    """The clock is right now: give this boot's records their true times, by the monotonic clock."""
    state, moments = turn.state, []
    for record in held(state):
        anchor = record.anchor
        if record.clock is Clock.SYNCED or anchor is None or anchor.boot != state.settings.boot:
            continue
        at = wall(turn.state, anchor.at)
        moments += [begun(record), at]
        if isinstance(record, Nursing):
            revise_nursing(turn, record, Cause.CLOCK, at=at, clock=Clock.SYNCED)
        else:
            ended_at = None if record.ended_at is None else at + record.duration_s
            revise(turn, record, Cause.CLOCK, started_at=at, ended_at=ended_at, clock=Clock.SYNCED)
    resit(turn, *moments)
    refresh_first(turn)


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
