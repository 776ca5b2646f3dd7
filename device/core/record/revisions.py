"""Every change of a record is a new revision of a frozen one: how it is made, held, and handed to the disk.

Answers, amounts and nursings are here, whoever gave them (a button, a dashboard: an argument); how a session begins and
ends is in `sessions`, what people and the clock put right in `corrections`.
"""

from collections.abc import Sequence
from operator import attrgetter

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from device.core.model.effects import Checkpoint, KeepBaseline, KeepClock, Save
from device.core.model.events import Stored, StoreState
from device.core.model.record import (
    PURPOSE_OF,
    REMEMBERED_S,
    SESSIONS_IN_ORDER,
    Anchor,
    Cause,
    ClassifiedBy,
    Clock,
    Intention,
    MilkMove,
    Nursing,
    Purpose,
    Reason,
    Record,
    Session,
    SessionState,
    Side,
    Source,
    ToldClock,
    finished,
    record_id,
)
from device.core.rules import keeping, sittings
from device.core.rules.records import expectation, with_record, with_sessions
from device.core.state import (
    IN_FLIGHT,
    IN_MEMORY,
    MOST,
    NEVER,
    Batch,
    Changes,
    State,
    Turn,
    as_at,
    find_session,
    in_memory,
    progress,
    sitting_of,
    witnessed,
)

from .sittings import in_answers_order, seat, seated_anew

NO_ROOM = "The disk does not take it, and no more has room in memory."
CHECKPOINT_S = 25.0
"""At most 30 s of a running session may be lost, and a slow card takes its time."""


# -- made ------------------------------------------------------------------------------------------------------


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
    session = replace(session, counted=counted)
    return replace(session, use_by=keeping.portion(session)[1])


def expected(state: State, session: Session) -> int | None:
    """The expectation of the purpose answered, else of the one suggested; sessions nobody suggested for have none."""
    suggestion = session.suggestion
    if suggestion is None:
        return None
    purpose = session.purpose or suggestion.purpose
    return expectation(state.records.amounts, purpose, suggestion.context, session.started_at, session.id)


def settle_times(turn: Turn, drafts: Sequence[Session], cause: Cause, *moments: int) -> None:
    """Keep these drafts of sessions, whose times or deletion changed, each as one revision, with all that follows.

    Sittings follow from the times, near the former moments that are given and near the drafts' own; a session that
    comes to another sitting gets a revision too (`edited`), and takes that one's answer where it had none.
    """
    state = turn.state
    after, causes = with_sessions(state.records, drafts), dict.fromkeys((draft.id for draft in drafts), cause)
    edges = [*moments, *(edge for draft in drafts for edge in (draft.started_at, finished(draft)))]
    seated = seated_anew(after, min(edges), max(edges), causes) if edges else []
    changed = {draft.id: draft for draft in drafts}
    after = with_sessions(after, seated)
    changed |= {session.id: seat(session, after.members[session.sitting]) for session in seated}
    moved = {session.id for session in seated}
    for session in sorted(in_answers_order(after, changed), key=SESSIONS_IN_ORDER):
        before = find_session(turn.state, session.id)
        if before != session:
            revise(turn, session, causes.get(session.id, Cause.EDITED if session.id in moved else cause))


def refresh_first(turn: Turn, *moved: int) -> None:
    """The first record may have gone from one of these times, or another may be earlier now.

    Where not all are held, the store is asked; until it has told, it all began when it did.
    """
    state = turn.state
    first, starts = state.first_record_at, list(state.records.recorded[:1])
    if first is not None and (state.partial or first not in moved):
        starts.append(first)
    turn.refill = state.partial
    turn.set(first_record_at=min(starts, default=None))


def earliest(first: int | None, at: int) -> int:
    return at if first is None else min(first, at)


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
    waits = state.clock is Clock.UNSYNCED or state.told
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


def move_milk(turn: Turn, session: Session, moves: tuple[MilkMove, ...]) -> Session:
    """Have these `milk` commands stand; the portion began by the intention that stood before the first of them."""
    began = session.milk_began if session.milk_moves else session.intention
    return revise(turn, session, Cause.MILK, milk_moves=moves, milk_began=began if moves else None)


def volume_from_pump(turn: Turn, session: Session | None, ml: float) -> Session | None:
    """What the pump collected; never over a person's amount."""
    amount = int(ml + 0.5)
    if session is None or session.volume_by_hand or session.volume_ml == amount:
        return None
    return give_volume(turn, session, amount, by_hand=False)


# -- nursings --------------------------------------------------------------------------------------------------


def nurse(turn: Turn, source: Source, *, effective: bool, side: Side | None = None, at: int | None = None) -> Nursing:
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
        side=side,
        clock=Clock.SYNCED if is_given else state.clock,
        source=source,
        anchor=None if is_given else Anchor(state.settings.boot, turn.at),
        told=state.told and not is_given,
    )
    turn.set(next_nursing=number + 1, first_record_at=earliest(state.first_record_at, at))
    keep(turn, nursing)
    return nursing


def revise_nursing(turn: Turn, nursing: Nursing, cause: Cause, **changes: Changes[Nursing]) -> Nursing:
    revised = replace(nursing, revision=nursing.revision + 1, cause=cause, revised_at=turn.wall, **changes)
    keep(turn, revised)
    return revised


# -- held ------------------------------------------------------------------------------------------------------


def keep(turn: Turn, *records: Record) -> None:
    """Put these revisions in the place of the ones before, and on the way to the disk, in this order."""
    for record in records:
        remember(turn, record)
        turn.changed.append(record)
        turn.tidy = turn.tidy or is_old(turn, record)


def remember(turn: Turn, record: Record) -> None:
    """Hold this record among those that the rules look at; it takes the place of its former revision."""
    state = turn.state
    turn.tidy = turn.tidy or max(len(state.records.sessions), len(state.records.nursings)) > MOST + MOST // 8
    records = with_record(state.records, record)
    if isinstance(record, Nursing):
        turn.set(records=records, today_stale=True)
        return
    earlier = state.records.by_id.get(record.id)
    former = earlier if isinstance(earlier, Session) else None
    if record.state is SessionState.ENDED:
        portions = keeping.with_portion(state.portions, record, former)
        if portions is not state.portions:
            now = None if state.clock is Clock.UNSYNCED else turn.wall
            stock = keeping.stock_with(state.stock, portions, record, former, now)
            state = replace(state, portions=portions, stock=stock)
    if adds_nothing(state, record, former):
        turn.state = replace(state, records=records)
    else:
        turn.state = replace(state, records=records, today_stale=True)


def adds_nothing(state: State, session: Session, old: Session | None) -> bool:
    """Whether a session changes no figure, so that a pump gone mad costs no more with each of its sessions.

    A note changes none, nor does what the milk is for. A session that does not count changes none where it comes last,
    on the heels of another, with the words of its sitting; nor does its further course.
    """
    if state.today is not None and old is not None and FIGURES(old) == FIGURES(session):
        return True
    if session.counted or session.deleted or state.today is None:
        return False
    held = state.records.sessions
    if old is not None:
        alone = session.sitting == session.id == held[-1].id
        return TIMES(old) == TIMES(session) and (alone or ANSWERS(old) == ANSWERS(session))
    last = held[-1] if held else None
    follows = last is not None and not last.deleted and 0 <= session.started_at - last.started_at < sittings.DAY_S
    return follows and session.volume_ml is None and session.classified_by in {None, ClassifiedBy.SITTING}


FIGURES = attrgetter(
    "started_at", "number", "duration_s", "ended_at", "state", "counted", "deleted", "sitting", "pumping_s", "purpose",
    "classified_at", "volume_ml",
)  # fmt: skip
"""All that a figure may rest on."""
TIMES = attrgetter("started_at", "counted", "deleted", "sitting")
ANSWERS = attrgetter("purpose", "classified_at", "volume_ml")
"""What the figures rest on in a session that does not count: on answers only where its sitting has others."""


def is_old(turn: Turn, record: Record) -> bool:
    """No rule looks at it any more, and no clock puts its times right, however late this boot learns the time.

    A clock that is not set proves nothing about what a right one has dated.
    """
    if isinstance(record, Session):
        anchors = (record.answered, *(move.anchor for move in record.milk_moves))
        if any(anchor is not None and anchor.boot == turn.state.settings.boot for anchor in anchors):
            return False
    if (record.clock is Clock.UNSYNCED or record.told) and witnessed(turn.state, record) is not None:
        return False
    if turn.state.clock is Clock.UNSYNCED and record.clock is Clock.SYNCED:
        return False
    return (record.started_at if isinstance(record, Session) else record.at) < turn.wall - REMEMBERED_S


# -- to the disk -----------------------------------------------------------------------------------------------


def save(turn: Turn) -> None:
    """This turn's revisions are one transaction; good replies wait for it, or say that the disk does not take it."""
    state = turn.state
    if turn.changed and in_memory(state) + len(turn.changed) > IN_MEMORY:
        turn.tell_health(dropped=state.health.dropped + len(turn.changed))
        for answer in turn.answers:
            turn.refuse(answer.order, "not_saved", NO_ROOM)
        turn.changed.clear()
        turn.answers.clear()
    if turn.changed or turn.place:
        batch = Save(state.next_batch, tuple(turn.changed), progress(state, turn.at))
        unsaved = (waiting for waiting in state.unsaved if waiting.sent or waiting.answers or not says_nothing(waiting))
        turn.state = replace(state, next_batch=state.next_batch + 1, unsaved=(*unsaved, Batch(batch)))
    waits = turn.waits or any(answer.record is not None for answer in turn.answers)
    if waits and turn.state.unsaved:
        *rest, newest = turn.state.unsaved
        newest = replace(newest, answers=(*newest.answers, *turn.answers))
        if not state.known or turn.state.health.store is not StoreState.OK:
            newest = refuse_unsaved(turn, newest)
        turn.set(unsaved=(*rest, newest))
    else:
        turn.effects.extend(turn.answers)
    if turn.state.unsaved:
        send_unsaved(turn)


def says_nothing(batch: Batch) -> bool:
    """It only keeps where a session stood, which a newer one does as well."""
    return isinstance(batch.save, Save) and not batch.save.records


def keep_fact(turn: Turn, kept: KeepBaseline | KeepClock) -> None:
    """Put this on its way to the disk behind what waits there; this turn's replies wait for it."""
    turn.set(next_batch=kept.batch + 1, unsaved=(*turn.state.unsaved, Batch(kept)))
    turn.waits = True


def keep_clock(turn: Turn, told: ToldClock | None) -> None:
    keep_fact(turn, KeepClock(turn.state.next_batch, told))


def refuse_unsaved(turn: Turn, batch: Batch) -> Batch:
    """Tell those who wait for this batch that it is not on the disk; it is the batch with nobody waiting."""
    error = "Not on the disk yet; it is written as soon as the disk allows."
    for answer in batch.answers:
        turn.refuse(answer.order, "not_saved", error)
    return replace(batch, answers=())


def send_unsaved(turn: Turn) -> None:
    """Hand the store as much as its inbox is sure to take, in order."""
    if not turn.state.known:
        return
    waiting: list[Batch] = []
    state = turn.state
    for place, batch in enumerate(state.unsaved):
        if not batch.sent and place < IN_FLIGHT:
            turn.effects.append(batch.save)
            waiting.append(replace(batch, sent=True))
        else:
            waiting.append(batch)
    turn.state = replace(state, unsaved=tuple(waiting))


def stored(turn: Turn, event: Stored) -> None:
    """What waited for these batches is told; what is old may be let go."""
    unsaved = turn.state.unsaved
    for batch in unsaved:
        if batch.save.batch <= event.batch:
            turn.effects.extend(batch.answers)
            saved = batch.save.records if isinstance(batch.save, Save) else ()
            turn.tidy = turn.tidy or any(is_old(turn, record) for record in saved)
    turn.set(unsaved=tuple(batch for batch in unsaved if batch.save.batch > event.batch))


def checkpoint(turn: Turn) -> float:
    """Keep the running session's place where it is due, and was not kept with a save of this turn: when next."""
    state = turn.state
    if state.running is None or state.detector.run is None:
        return NEVER
    due_at = state.checkpoint_at
    if due_at is not None and turn.at < due_at and not turn.changed:
        return due_at
    if not turn.changed and state.known and state.health.store is StoreState.OK:
        place = progress(state, turn.at)
        turn.effects.extend([] if place is None else [Checkpoint(place)])
    turn.state = replace(state, checkpoint_at=turn.at + CHECKPOINT_S)
    return turn.at + CHECKPOINT_S
