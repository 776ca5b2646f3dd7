"""What a dashboard may ask for, and what is refused: each command as the change that it makes.

Payloads are understood elsewhere; here is what needs the record: unknown ones, moved ones, overlaps, the future.
"""

from typing import assert_never

from msgspec import UNSET
from msgspec.structs import replace

from . import pumping
from .dialogue import SCREENS, flow, questions
from .model.effects import Fetch, KeepBaseline, ReadHistory
from .model.events import (
    Add,
    AnyCommand,
    Classify,
    Delete,
    Edit,
    GiveMilk,
    GiveNote,
    GiveNursing,
    GiveVolume,
    GoOn,
    History,
    Order,
    Pause,
    Press,
    Restore,
    SetBaseline,
    Start,
    Stop,
    TellClock,
)
from .model.record import (
    LARGEST_VOLUME_ML,
    LONGEST_TYPED_S,
    PURPOSE_OF,
    REMEMBERED_S,
    Anchor,
    Button,
    Cause,
    ClassifiedBy,
    Clock,
    Milk,
    MilkMove,
    Nursing,
    Place,
    Record,
    Session,
    Source,
    ToldClock,
    begun,
    finished,
)
from .pump.witnesses import pumping_s
from .record import corrections, revisions
from .refusals import (
    Refused,
    alone,
    at_rest,
    free,
    free_start,
    known_running,
    past,
    record_meant,
    session_meant,
    unmoved,
)
from .rules import keeping
from .rules.sittings import DAY_S
from .state import Turn, find_record, find_session, is_running, monotonic

INSTANTS = {"started_at": "started_at", "ended_at": "ended_at", "at": "moment"}
"""The fields of commands that hold an instant, and what they are called here."""


MOST_MILK_MOVES = 100
"""How many `milk` commands of one session may stand."""


def carry_out(turn: Turn, command: AnyCommand, order: Order, *, fetched: bool = False) -> None:
    """Do what the command says and answer it, refuse it, or first fetch what it is about."""
    dated = next((name for name in INSTANTS if getattr(command, INSTANTS[name], None) is not None), None)
    if dated is not None and turn.state.clock is Clock.UNSYNCED and not isinstance(command, History | TellClock):
        turn.refuse(order, "not_now", "The device's clock is not set yet, so it can't place that time.", dated)
        return
    missing = None if fetched else beyond(turn, command)
    if missing is not None:
        turn.effects.append(Fetch(command, order, *missing))
        return
    try:
        obey(turn, command, order)
    except Refused as refusal:
        turn.refuse(order, refusal.code, refusal.error, refusal.field, refusal.overlaps)


# -- which record ----------------------------------------------------------------------------------------------


def beyond(turn: Turn, command: AnyCommand) -> tuple[str | None, tuple[int, int] | None] | None:
    """What this command needs that is not held here: a record by its id, a span of time; None: nothing."""
    names = (getattr(command, "session", None), getattr(command, "nursing", None))
    named = next((name for name in names if name is not None), None)
    record = find_record(turn.state, named)
    start = getattr(command, "started_at", None)
    if start is None and isinstance(record, Session):
        start = record.started_at
    edge = turn.wall - REMEMBERED_S + DAY_S
    old = any(at is not None and at < edge for at in (start, begun(record) if record else None))
    unknown = named is not None and record is None
    if not unknown and not (old and isinstance(command, Add | Edit | Delete | Restore | Classify)):
        return None
    return named, None if start is None else (start, getattr(command, "ended_at", None) or start + DAY_S)


# -- each command ----------------------------------------------------------------------------------------------


def obey_classify(turn: Turn, command: Classify, order: Order) -> None:
    session = session_meant(turn, command.session)
    unmoved(session, command.if_revision)
    if command.reason and not (command.purpose is UNSET or command.purpose):
        raise Refused("out_of_range", "A reason needs its purpose.", "reason")
    purpose, reason, intention = command.purpose, command.reason, command.intention
    revised = revisions.classify(
        turn, session, ClassifiedBy.DASHBOARD, purpose=purpose, reason=reason, intention=intention
    )
    answers = {name for name, value in (("reason", reason), ("intention", intention)) if isinstance(value, str)}
    answers |= {"purpose"} if isinstance(purpose, str) or "reason" in answers else set()
    questions.answered_elsewhere(turn, session, answers)
    turn.answer(order, revised)


def obey_volume(turn: Turn, command: GiveVolume, order: Order) -> None:
    session = session_meant(turn, command.session)
    unmoved(session, command.if_revision)
    if command.ml is not UNSET:
        total, left, right = whole(command.ml), None, None
    else:
        left = session.left_ml if command.left_ml is UNSET else whole(command.left_ml)
        right = session.right_ml if command.right_ml is UNSET else whole(command.right_ml)
        total = None if left is None and right is None else (left or 0) + (right or 0)
    if total is not None and total > LARGEST_VOLUME_ML:
        side = "right_ml" if command.left_ml is UNSET else "left_ml"
        raise Refused("out_of_range", f"Both sides together are at most {LARGEST_VOLUME_ML} ml.", side)
    revised = revisions.give_volume(turn, session, total, left_ml=left, right_ml=right)
    if total is not None:
        questions.answered_elsewhere(turn, session, {"volume"})
    turn.answer(order, revised)


def whole(ml: object) -> int | None:
    """Millilitres as the record holds them."""
    return int(ml + 0.5) if isinstance(ml, int | float) else None


def obey_note(turn: Turn, command: GiveNote, order: Order) -> None:
    session = session_meant(turn, command.session)
    unmoved(session, command.if_revision)
    turn.answer(order, revisions.revise(turn, session, Cause.NOTE, note=command.text))


def obey_milk(turn: Turn, command: GiveMilk, order: Order) -> None:
    session = session_meant(turn, command.session)
    unmoved(session, command.if_revision)
    milk, _ = keeping.portion(session)
    if milk is None:
        why = "it runs, is deleted or does not count, or nobody said what the milk is for"
        raise Refused("not_now", f"That session has no portion: {why}.")
    if command.place is not None:
        moves = (*session.milk_moves, milk_moved(turn, session, milk, command.place, command))
    elif session.milk_moves:
        moves = session.milk_moves[:-1]
    else:
        raise Refused("not_now", "No milk command stands that could be taken back.")
    turn.answer(order, revisions.move_milk(turn, session, moves))


def milk_moved(turn: Turn, session: Session, milk: Milk, place: Place, command: GiveMilk) -> MilkMove:
    """The command as one that stands, where the portion may go there, then, and so much of it."""
    state, ml, amount, at = turn.state, whole(command.ml), session.volume_ml, command.moment
    leaves = place in keeping.GONE
    if len(session.milk_moves) >= MOST_MILK_MOVES:
        raise Refused("not_now", f"{MOST_MILK_MOVES} milk commands stand already; take one back with a null place.")
    corrects = place is milk.place and ml is not None and not leaves
    if not corrects and place not in keeping.MOVES[milk.place]:
        raise Refused("out_of_range", no_way(milk.place, place), "place")
    if at is not None:
        past(turn, at, "at")
        if at < milk.since:
            raise Refused("out_of_range", "That is before it came to where it is.", "at")
    if ml is not None and leaves and milk.ml is not None and ml > milk.ml:
        raise Refused("out_of_range", f"Only {milk.ml} ml are left.", "ml")
    if ml is not None and not leaves and amount is None:
        raise Refused("not_now", "The amount of that session is not known yet; give it first.", "ml")
    if ml is not None and not leaves and ml > (amount or 0):
        raise Refused("out_of_range", f"That session gave {amount} ml.", "ml")
    waits = at is None and (state.clock is Clock.UNSYNCED or state.told)
    return MilkMove(
        place=place,
        at=max(turn.wall, milk.since) if at is None else at,
        went=ml if ml is None or leaves else (amount or 0) - ml,
        anchor=Anchor(state.settings.boot, turn.at) if waits else None,
        unsynced=state.clock is Clock.UNSYNCED,
    )


def no_way(place: Place, to: Place) -> str:
    """Why milk can't go there, in words."""
    if place is to:
        return f"Its place is {place} already; give ml to correct how much is there."
    if place is Place.THAWED:
        return "Thawed milk is never frozen again: it is used, donated or discarded."
    *others, last = keeping.MOVES[place]
    return f"From {place} milk goes to {', '.join(others)} or {last}, not to {to}."


def obey_nursing(turn: Turn, command: GiveNursing, order: Order) -> None:
    if command.moment is not None:
        past(turn, command.moment, "at")
    given = revisions.nurse(turn, Source.DASHBOARD, effective=command.effective, side=command.side, at=command.moment)
    turn.answer(order, given)


def obey_start(turn: Turn, command: Start, order: Order) -> None:
    if turn.running is not None:
        raise Refused("not_now", "A session is running already.")
    if command.moment is not None:
        past(turn, command.moment, "at")
        if turn.wall - command.moment >= turn.state.settings.rules.max_session_s:
            raise Refused("out_of_range", "A session that began then would be over; add it instead.", "at")
        turn.hand_began = monotonic(turn.state, free_start(turn, command.moment, "at"))
    turn.hand, turn.hand_order = "start", order


def obey_stop(turn: Turn, command: Stop, order: Order) -> None:
    known_running(turn, command)
    turn.hand, turn.hand_order = "stop", order


def obey_rest(turn: Turn, command: Pause | GoOn, order: Order) -> None:
    """Pause by hand, or go on; its reply has the record as it stands."""
    session, run, goes_on = known_running(turn, command), turn.state.detector.run, isinstance(command, GoOn)
    if run is None or not run.by_hand:
        raise Refused("not_now", "The pump itself is heard: it tells its pauses.")
    if goes_on is (run.quiet is None):
        raise Refused("not_now", "The session is in no pause." if goes_on else "The session is in a pause already.")
    pumping.pause_or_go_on(turn, goes_on=goes_on)
    turn.answer(order, find_session(turn.state, session.id))


def obey_add(turn: Turn, command: Add, order: Order) -> None:
    begun = command.started_at
    end = command.ended_at if command.ended_at is not None else begun + round(command.duration_s or 0)
    begun, end = free(turn, command, begun, end)
    added = corrections.add_session(
        turn,
        begun,
        end,
        purpose=command.purpose or (PURPOSE_OF[command.reason] if command.reason else None),
        reason=command.reason,
        intention=command.intention,
        volume_ml=whole(command.ml),
        note=command.note,
    )
    turn.answer(order, added)


def obey_edit(turn: Turn, command: Edit, order: Order) -> None:
    record = record_meant(turn, command)
    if command.ended_at is not None:
        at_rest(record)
    unmoved(record, command.if_revision)
    if isinstance(record, Session) and is_running(record):
        revised: Record = edit_running(turn, record, command.started_at)
    elif isinstance(record, Nursing):
        at = record.at if command.moment is None else command.moment
        past(turn, at, "at")
        draft = record if command.effective is None else replace(record, effective=command.effective)
        if command.side is not UNSET:
            draft = replace(draft, side=command.side)
        if command.moment is not None:
            draft = replace(draft, at=at, clock=Clock.SYNCED, anchor=None, told=False)
        revised = revisions.revise_nursing(turn, draft, Cause.EDITED)
        revisions.refresh_first(turn, record.at)
    else:
        begun = record.started_at if command.started_at is None else command.started_at
        end = finished(record) if command.ended_at is None else command.ended_at
        start, stop = free(turn, command, begun, end, record.id)
        moved_start = None if start == record.started_at and command.started_at is None else start
        moved_end = None if stop == record.ended_at and command.ended_at is None else stop
        revised = corrections.move_session(turn, record, moved_start, moved_end)
    turn.answer(order, revised)


def edit_running(turn: Turn, session: Session, started_at: int | None) -> Session:
    """A person says when the session began that runs; its end is yet to come."""
    state, run = turn.state, turn.state.detector.run
    if started_at is None or run is None:
        return session
    start = free_start(turn, started_at, "started_at", session.id)
    moved = replace(run, began=monotonic(state, start))
    if run.quiet is not None and moved.began >= run.quiet:
        raise Refused("out_of_range", "A session ends after it starts, and this one rests since then.", "started_at")
    if turn.wall - start > LONGEST_TYPED_S:
        raise Refused("out_of_range", "A session lasts at most 24 hours.", "started_at")
    if run.by_hand and pumping_s(moved, turn.at) >= state.settings.rules.max_session_s:
        raise Refused("out_of_range", "A session that began then would be over.", "started_at")
    pumping.begin_at(turn, session, run, start)
    return find_session(turn.state, session.id) or session


def obey_delete(turn: Turn, command: Delete, order: Order) -> None:
    record = record_meant(turn, command)
    at_rest(record)
    unmoved(record, command.if_revision)
    turn.answer(order, record if record.deleted else corrections.set_deleted(turn, record, deleted=True))


def obey_restore(turn: Turn, command: Restore, order: Order) -> None:
    record = record_meant(turn, command)
    unmoved(record, command.if_revision)
    if not record.deleted:
        turn.answer(order, record)
        return
    if isinstance(record, Session):
        alone(turn, record.started_at, finished(record), record.id, "session")
    turn.answer(order, corrections.set_deleted(turn, record, deleted=False))


def obey_baseline(turn: Turn, command: SetBaseline, order: Order) -> None:
    state = turn.state
    turn.set(baseline=command.stimulations, today_stale=True)
    revisions.keep_fact(turn, KeepBaseline(state.next_batch, command.stimulations, state.settings.baseline))
    turn.answer(order)


def obey_clock(turn: Turn, command: TellClock, order: Order) -> None:
    """Until the system itself knows the time a person's word counts; never against what the system has known."""
    state = turn.state
    if state.clock is Clock.SYNCED and not state.told:
        raise Refused("not_now", "The system's clock is set already.")
    known = corrections.known_by_the_system(state)
    if known is not None and command.moment < known:
        raise Refused("out_of_range", "The record already holds a later time, from when the clock was set.", "at")
    turn.set(offset=command.moment - turn.at, clock=Clock.SYNCED, told=True, today_stale=True, stock=None)
    turn.wall = command.moment
    revisions.keep_clock(turn, ToldClock(state.settings.boot, turn.state.offset))
    corrections.correct_clock(turn)
    pumping.clock_learned(turn)
    turn.answer(order)


def obey_press(turn: Turn, command: Press, order: Order) -> None:
    """Its reply carries the record that it changed, if it did; one that it starts or stops is yet to come."""
    turn.by_press, before = True, len(turn.changed)
    press_whole(turn, command.button, held=command.held)
    if turn.hand:
        turn.hand_order = order
    else:
        changed = turn.changed[before:]
        turn.answer(order, find_record(turn.state, changed[0].id) if changed else None)


def press_whole(turn: Turn, button: Button, *, held: bool) -> None:
    """A dashboard's press: pressed and released at once, or held until it goes back; a finger that is down stays so."""
    finger, back = turn.state.dialogue.held, SCREENS[turn.state.dialogue.screen].back
    if held and button is Button.RIGHT and back is not None and not turn.state.dialogue.dark:
        flow.wake(turn)
        turn.talk(touched=turn.at)
        back(turn)
        return
    flow.press(turn, button, guarded=False)
    flow.release(turn, button)
    turn.talk(held=finger)


def obey_history(turn: Turn, command: History, order: Order) -> None:
    kept_since = None if turn.state.clock is Clock.UNSYNCED else turn.wall - DAY_S + 1
    turn.effects.append(ReadHistory(command, order, turn.wall, kept_since))


def obey(turn: Turn, command: AnyCommand, order: Order) -> None:
    """Raises Refused."""
    match command:
        case Classify():
            obey_classify(turn, command, order)
        case GiveVolume():
            obey_volume(turn, command, order)
        case GiveNote():
            obey_note(turn, command, order)
        case GiveMilk():
            obey_milk(turn, command, order)
        case GiveNursing():
            obey_nursing(turn, command, order)
        case Start():
            obey_start(turn, command, order)
        case Stop():
            obey_stop(turn, command, order)
        case Pause() | GoOn():
            obey_rest(turn, command, order)
        case Add():
            obey_add(turn, command, order)
        case Edit():
            obey_edit(turn, command, order)
        case Delete():
            obey_delete(turn, command, order)
        case Restore():
            obey_restore(turn, command, order)
        case SetBaseline():
            obey_baseline(turn, command, order)
        case TellClock():
            obey_clock(turn, command, order)
        case Press():
            obey_press(turn, command, order)
        case History():
            obey_history(turn, command, order)
        case _:
            assert_never(command)


def bring_in(turn: Turn, records: tuple[Record, ...]) -> None:
    """Hold what was fetched for one command; what is held already is newer."""
    turn.tidy = True
    for record in records:
        if find_record(turn.state, record.id) is None:
            revisions.remember(turn, record)
