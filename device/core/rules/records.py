"""What is held of the record, and what follows from it, kept as single records change: nothing has to walk them all.

All of it is values. A change gives the next ones, which share with the former what it does not touch.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from device.core.model.record import (
    IN_ORDER,
    SESSIONS_IN_ORDER,
    Context,
    Nursing,
    Purpose,
    Record,
    Session,
    begun,
    finished,
)

from .sittings import DAY_S, Groups, between, first_times, is_counted, record_times, stimulations, together

VOLUMES = 10
ENOUGH_VOLUMES = 3
VOLUME_DAYS = 14
"""An expectation is the median of this parent's own last volumes; fewer than three say nothing."""

R = TypeVar("R", bound=Record)
K = TypeVar("K")
Kind = tuple[Purpose, Context | None]


FEW = 16
"""So many records are changed one by one."""


class Records(msgspec.Struct, frozen=True, kw_only=True):
    sitting_s: float
    sessions: tuple[Session, ...] = ()
    """By start, deleted ones too."""
    nursings: tuple[Nursing, ...] = ()
    by_id: dict[str, Record] = {}
    running: tuple[Session, ...] = ()
    """Those that have no end yet."""
    members: dict[str, tuple[Session, ...]] = {}
    """The sessions by the sitting that they say, deleted ones too."""
    groups: Groups = ()
    """The sittings that follow from the times alone."""
    recorded: tuple[int, ...] = ()
    """When anything was recorded, counted or not, effective or not."""
    stimulated: tuple[int, ...] = ()
    unanswered: tuple[int, ...] = ()
    """The starts of counted sessions without a purpose."""
    amounts: dict[Kind, tuple[Session, ...]] = {}
    """Counted sessions with an amount, by purpose, and by that and the context of the suggestion."""


def records_of(sessions: Iterable[Session], nursings: Iterable[Nursing], sitting_s: float) -> Records:
    """These records, in any order."""
    ordered = tuple(sorted(sessions, key=SESSIONS_IN_ORDER))
    fed = tuple(sorted(nursings, key=IN_ORDER[Nursing]))
    groups = together(ordered, sitting_s)
    by_id: dict[str, Record] = {session.id: session for session in ordered}
    by_id |= {nursing.id: nursing for nursing in fed}
    return Records(
        sitting_s=sitting_s,
        sessions=ordered,
        nursings=fed,
        by_id=by_id,
        running=tuple(session for session in ordered if is_open(session)),
        members=filed(ordered, said_sitting),
        groups=groups,
        recorded=record_times(ordered, fed),
        stimulated=stimulations(groups, fed),
        unanswered=tuple(at for session in ordered for at in waits_at(session)),
        amounts=filed(ordered, kinds_of_amount),
    )


def with_record(records: Records, record: Record) -> Records:
    """The records with this one, in the place of its former revision or where its time puts it."""
    former = records.by_id.get(record.id)
    by_id = {**records.by_id, record.id: record}
    if isinstance(record, Nursing):
        fed = former if isinstance(former, Nursing) else None
        return replace(
            records,
            nursings=exchanged(records.nursings, fed, record),
            by_id=by_id,
            recorded=moved(records.recorded, nursed_at(fed), nursed_at(record)),
            stimulated=moved(records.stimulated, fed_at(fed), fed_at(record)),
        )
    was = former if isinstance(former, Session) else None
    groups, stimulated = regrouped(records, was, record)
    running = tuple(session for session in records.running if session.id != record.id)
    return replace(
        records,
        sessions=exchanged(records.sessions, was, record),
        by_id=by_id,
        running=(*running, record) if is_open(record) else running,
        members=refiled(records.members, was, record, said_sitting),
        groups=groups,
        recorded=moved(records.recorded, started_at(was), started_at(record)),
        stimulated=stimulated,
        unanswered=moved(records.unanswered, waits_at(was), waits_at(record)),
        amounts=refiled(records.amounts, was, record, kinds_of_amount),
    )


def with_sessions(records: Records, sessions: Sequence[Session]) -> Records:
    """The records with all of these; where that are many, as when a clock learns the time, put together anew."""
    if len(sessions) > FEW:
        every = {session.id: session for session in (*records.sessions, *sessions)}
        return records_of(every.values(), records.nursings, records.sitting_s)
    for session in sessions:
        records = with_record(records, session)
    return records


def let_go(records: Records, gone: Sequence[Record]) -> Records:
    """The records but those: a few are taken out one by one, of more the others are put together anew."""
    if len(gone) > FEW:
        names = {record.id for record in gone}
        sessions = (session for session in records.sessions if session.id not in names)
        nursings = (nursing for nursing in records.nursings if nursing.id not in names)
        return records_of(sessions, nursings, records.sitting_s)
    for record in gone:  # deleted first, so that only its own places are left
        records = with_record(records, replace(record, deleted=True))
        by_id = dict(records.by_id)
        left = by_id.pop(record.id)
        if isinstance(left, Nursing):
            records = replace(records, by_id=by_id, nursings=exchanged(records.nursings, left, None))
            continue
        records = replace(
            records,
            by_id=by_id,
            sessions=exchanged(records.sessions, left, None),
            members=refiled(records.members, left, None, said_sitting),
        )
    return records


# -- what a record comes to ------------------------------------------------------------------------------------


def is_open(session: Session) -> bool:
    return session.ended_at is None and not session.deleted


def started_at(session: Session | None) -> list[int]:
    return [] if session is None or session.deleted else [session.started_at]


def nursed_at(nursing: Nursing | None) -> list[int]:
    return [] if nursing is None or nursing.deleted else [nursing.at]


def fed_at(nursing: Nursing | None) -> list[int]:
    return [] if nursing is None or nursing.deleted or not nursing.effective else [nursing.at]


def waits_at(session: Session | None) -> list[int]:
    """When a session began that waits for its purpose."""
    if session is None or session.purpose is not None or is_open(session) or not is_counted(session):
        return []
    return [session.started_at]


def said_sitting(session: Session) -> list[str]:
    return [session.sitting]


def kinds_of_amount(session: Session) -> list[Kind]:
    """Among which amounts its own counts for what is to be expected."""
    purpose, suggestion = session.purpose, session.suggestion
    if purpose is None or session.volume_ml is None or not is_counted(session):
        return []
    return [(purpose, None)] if suggestion is None else [(purpose, None), (purpose, suggestion.context)]


# -- how what is sorted changes --------------------------------------------------------------------------------


def moved(times: tuple[int, ...], gone: Sequence[int], come: Sequence[int]) -> tuple[int, ...]:
    """The sorted times without the one and with the other."""
    if gone == come:
        return times
    changed = list(times)
    for time in gone:
        del changed[bisect_left(changed, time)]
    for time in come:
        insort(changed, time)
    return tuple(changed)


def exchanged(records: tuple[R, ...], former: R | None, record: R | None) -> tuple[R, ...]:
    """Sorted records with this one in the place of its former revision."""
    changed = list(records)
    if former is not None:
        in_order = IN_ORDER[type(former)]
        place = bisect_left(changed, in_order(former), key=in_order)
        while changed[place].id != former.id:
            place += 1
        if record is not None and in_order(former) == in_order(record):
            changed[place] = record
            return tuple(changed)
        del changed[place]
    if record is not None:
        insort(changed, record, key=IN_ORDER[type(record)])
    return tuple(changed)


def filed(sessions: Iterable[Session], keys: Callable[[Session], list[K]]) -> dict[K, tuple[Session, ...]]:
    found: dict[K, list[Session]] = {}
    for session in sessions:
        for key in keys(session):
            found.setdefault(key, []).append(session)
    return {key: tuple(those) for key, those in found.items()}


def refiled(
    files: dict[K, tuple[Session, ...]], was: Session | None, now: Session | None, keys: Callable[[Session], list[K]]
) -> dict[K, tuple[Session, ...]]:
    before, after = ([] if session is None else keys(session) for session in (was, now))
    if not before and not after:
        return files
    files = dict(files)
    for key in {*before, *after}:
        files[key] = exchanged(files.get(key, ()), was if key in before else None, now if key in after else None)
        if not files[key]:
            del files[key]
    return files


PLACED_BY = attrgetter("started_at", "number", "deleted")
ENDS_BY = attrgetter("duration_s", "ended_at")
COUNTS_BY = attrgetter("counted", "state")
"""On which fields of its sessions it rests where a sitting begins, where it ends, and when a stimulation was."""


def regrouped(records: Records, was: Session | None, now: Session) -> tuple[Groups, tuple[int, ...]]:
    """The sittings and the stimulations after one session's change.

    A sitting reaches no further than to its last end and `sitting_s`: only what lies around the times that the session
    had and has is put together anew.
    """
    groups, stimulated = records.groups, records.stimulated
    come: Groups
    standing = [session for session in (was, now) if session is not None and not session.deleted]
    if not standing:
        return groups, stimulated
    first = max(bisect_right(groups, min(map(SESSIONS_IN_ORDER, standing)), key=by_first) - 1, 0)
    stay = was is not None and stays(groups, was, now)
    if stay:
        gone, come = groups[first : first + 1], (exchanged(groups[first], was, now),)
    else:
        reach = max(edge for session in standing for edge in (session.started_at, finished(session)))
        gone = groups[first : bisect_right(groups, reach + records.sitting_s, lo=first, key=began)]
        others = [session for session in chain.from_iterable(gone) if session.id != now.id]
        come = together([*others, now], records.sitting_s)
    if not stay or COUNTS_BY(was) != COUNTS_BY(now):
        stimulated = moved(stimulated, first_times(gone), first_times(come))
    return (*groups[:first], *come, *groups[first + len(gone) :]), stimulated


def stays(groups: Groups, was: Session, now: Session) -> bool:
    """Whether the sittings are as they were: it begins when it did, and ends when it did or with nothing behind it."""
    return PLACED_BY(was) == PLACED_BY(now) and (groups[-1][-1] is was or ENDS_BY(was) == ENDS_BY(now))


def by_first(group: tuple[Session, ...]) -> tuple[int, int]:
    return SESSIONS_IN_ORDER(group[0])


def began(group: tuple[Session, ...]) -> int:
    return group[0].started_at


# -- what is asked of them -------------------------------------------------------------------------------------


def near(records: Records, start: int, end: int) -> list[Session]:
    """By start, all sessions that may share any of start..end, one that runs however long it may; and some beside."""
    past = bisect_right(records.groups, end, key=began)
    first = past
    while first and max(map(finished, records.groups[first - 1])) >= start:
        first -= 1
    found = {session.id: session for session in chain(*records.groups[first:past], records.running)}
    return sorted(found.values(), key=SESSIONS_IN_ORDER)


def stimulated_but(records: Records, session: Session) -> tuple[int, ...]:
    """The times of all stimulations where this session does not count."""
    place = bisect_right(records.groups, SESSIONS_IN_ORDER(session), key=by_first)
    group = records.groups[place - 1] if place else ()
    others = [other for other in group if other.id != session.id]
    return moved(records.stimulated, first_times([group]), first_times([others]))


def expectation(
    amounts: Mapping[Kind, Sequence[Session]],
    purpose: Purpose | None,
    context: Context | None,
    now: int,
    about: str | None = None,
) -> int | None:
    """The volume to expect, in whole millilitres: the median of the last ten of 14 days with the same purpose.

    Those that were suggested in the same context speak alone where there are three of them. None: fewer than three.
    `amounts` are the counted sessions that have one, by start.
    """
    if purpose is None:
        return None

    def lately(kind: Kind) -> list[int]:
        if kind not in amounts:
            return []
        recent = reversed(between(amounts[kind], now - VOLUME_DAYS * DAY_S, now, begun))
        volumes = (session.volume_ml for session in recent if session.id != about)
        return [volume for volume in islice(volumes, VOLUMES) if volume is not None]

    alike = lately((purpose, context)) if context is not None else []
    volumes = alike if len(alike) >= ENOUGH_VOLUMES else lately((purpose, None))
    return median(volumes) if len(volumes) >= ENOUGH_VOLUMES else None


def median(values: Sequence[int]) -> int:
    """Rounded to a whole number, half up; of one value at least."""
    ordered, middle = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle] + 1) // 2
