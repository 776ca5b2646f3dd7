"""What an import makes of its records: which are new, which win, which are refused, which sittings move.

Pure planning over what the store says, so that nothing is written before the whole file is known to be good.
"""

import hashlib
import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from device.core.model.record import Cause, Record, Session, SessionState, begun, finished, record_id
from device.core.record.sittings import seat
from device.core.rules.keeping import portion
from device.core.rules.sittings import joins, sittings

from .rows import NURSING, SESSION, kind_of

IDENTITY_BYTES: Final = 6
"""How much of what a record without an id says goes into the id that it gets."""


LARGEST_NUMBER: Final = 10**6
"""No device gives a higher one; after it there would soon be none left that can be written."""


class ImportRefusedError(Exception):
    """One record of the import can't be taken; `index` counts the records given, from 0. Nothing was changed."""

    def __init__(self, index: int, text: str) -> None:
        super().__init__(text)
        self.index = index


class ImportOutcome(msgspec.Struct, frozen=True):
    """What an import did: new records, newer revisions of known ones, those it left as they were, moved sittings."""

    new: int
    revised: int
    unchanged: int
    moved: int


class Known(msgspec.Struct, frozen=True):
    """What an import must know of the store: by id, by number, the next numbers, and its seed."""

    find: Callable[[str], Record | None]
    is_taken: Callable[[int, int], bool]
    next_number: Callable[[int], int]
    seed: bytes


class Fate(StrEnum):
    """What becomes of one record of an import."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    PASSED_OVER = "passed_over"
    BAD = "bad"


class Plan(msgspec.Struct):
    """The records to write by id, in the order given, each with its index; and what they replace.

    fates: by index, what becomes of each that was given, and which record, or what fault, is the cause.
    """

    records: dict[str, Record]
    indices: dict[str, int]
    replaced: dict[str, Record]
    fates: dict[int, tuple[Fate, str]]
    skip: bool = False

    def refuse(self, index: int, text: str) -> None:
        """Leave this one out where that was asked for; else raise ImportRefusedError."""
        if not self.skip:
            raise ImportRefusedError(index, text)
        self.fates[index] = (Fate.BAD, text)

    def count(self, fate: Fate) -> int:
        return sum(found is fate for found, _ in self.fates.values())


class Neighbours(msgspec.Struct):
    """What the store holds where the records of an import lie: by their times, and the sessions that are in the way."""

    by_times: dict[tuple[int, int, int], Record]
    sessions: list[Session]


def neighbours(records: Sequence[Record], stored: Iterable[Record]) -> Neighbours:
    """Of all that is `stored` (by start, deleted ones too) what matters to these records."""
    wanted = {_when(record) for record in records if not record.id}
    first, last = min(map(begun, records), default=0), max(map(finished, records), default=0)
    held = Neighbours({}, [])
    for record in stored:
        times = _when(record)
        if times in wanted:
            held.by_times.setdefault(times, record)
        if isinstance(record, Session) and not record.deleted and begun(record) < last and finished(record) > first:
            held.sessions.append(record)
    return held


def _when(record: Record) -> tuple[int, int, int]:
    return kind_of(record), begun(record), finished(record)


def plan(
    records: Sequence[Record],
    known: Known,
    now: int,
    held: Neighbours | None = None,
    full: frozenset[int] = frozenset(),
    *,
    skip: bool = False,
) -> Plan:
    """Which of `records` are written, with which id, revision and number; the higher revision of an id wins.

    A record without an id ("") gets one that follows from what it says, so that the same line is the same record
    whenever it is imported: revision 1, cause `imported`. It is passed over where one is held whose times are equal.
    Number 0, or one that is taken, becomes the next. `full` are the places of those that a device wrote as it saw
    them: their overlaps are no fault. What can't be is left out with `skip`, else it ends the import.
    """
    held = held or Neighbours({}, [])
    made = Plan(records={}, indices={}, replaced={}, fates={}, skip=skip)
    for index, given in enumerate(records):
        record = given
        if not given.id:
            record = replace(given, id=_identity(given, known.seed), revision=1, cause=Cause.IMPORTED, revised_at=now)
        elif not given.revised_at:
            record = replace(given, revised_at=now)
        beside = made.records.get(record.id)
        before = beside or known.find(record.id)
        equal = held.by_times.get(_when(record)) if before is None and not given.id else None
        if equal is not None:
            made.fates[index] = (Fate.PASSED_OVER, _named(equal))
            continue
        if before is not None and kind_of(before) != kind_of(record):
            made.refuse(index, f"id {record.id} is a {_named(before)} already")
            continue
        if before is not None and before.revision >= record.revision:
            made.fates[index] = (Fate.UNCHANGED, _named(before) if beside is None else "another line says it")
            continue
        made.fates[index] = (Fate.NEW if before is None else Fate.REVISED, "")
        if before is not None:
            record = replace(record, number=before.number)
            if record.id not in made.records:
                made.replaced[record.id] = before
        made.records[record.id] = record
        made.indices[record.id] = index
    _refuse_overlaps(made, held.sessions, full)
    _number(made, known)
    return made


def _number(made: Plan, known: Known) -> None:
    """Give every new record its number: its own where that is free, else the next."""
    new = [record for record in made.records.values() if record.id not in made.replaced]
    used: tuple[set[int], set[int]] = (set(), set())
    waiting: list[Record] = []
    for record in new:
        kind = kind_of(record)
        if (
            not 1 <= record.number <= LARGEST_NUMBER
            or record.number in used[kind]
            or known.is_taken(kind, record.number)
        ):
            waiting.append(record)
        else:
            used[kind].add(record.number)
    following = [max(known.next_number(kind), max(used[kind], default=0) + 1) for kind in (SESSION, NURSING)]
    for record in waiting:
        kind = kind_of(record)
        made.records[record.id] = replace(record, number=following[kind])
        following[kind] += 1


def _identity(record: Record, seed: bytes) -> str:
    # What is false, empty or null says nothing, so that a field added to records later changes no identity.
    said: dict[str, Any] = {key: value for key, value in msgspec.to_builtins(record).items() if value}
    for key in ("id", "number", "revision", "revised_at", "cause", "sitting"):
        said.pop(key, None)
    digest = hashlib.blake2b(msgspec.json.encode(said, order="sorted"), digest_size=IDENTITY_BYTES).digest()
    kind = "session" if isinstance(record, Session) else "nursing"
    return record_id(begun(record), f"imported {kind}", int.from_bytes(digest, "big"), seed)


def _named(record: Record) -> str:
    return f"{'session' if isinstance(record, Session) else 'nursing'} (number {record.number})"


def seat_planned(made: Plan, stored: Iterator[Session], now: int, sitting_s: float) -> list[Session]:
    """Seat the planned sessions in `made`, and return the stored ones whose sitting thereby moves.

    `stored` are the sessions that are not deleted, by start. A stored session that moves gets a revision (`edited`);
    an imported one comes back as it was but for its sitting, which follows from the times.
    """
    planned = [record for record in made.records.values() if isinstance(record, Session)]
    for session in planned:
        if session.deleted and not session.sitting:
            made.records[session.id] = replace(session, sitting=session.id)
    live = sorted((session for session in planned if not session.deleted), key=begun)
    kept = (session for session in stored if session.id not in made.records)
    touched = sorted({edge(record) for record in [*planned, *made.replaced.values()] for edge in (begun, finished)})
    moved: list[Session] = []
    for chain in _chains(heapq.merge(kept, live, key=begun), sitting_s):
        first = bisect_left(touched, begun(chain[0]) - sitting_s)
        if first == len(touched) or touched[first] > max(map(finished, chain)) + sitting_s:
            continue
        seats = sittings(chain, sitting_s)
        seated = [replace(session, sitting=seats[session.id]) for session in chain]
        for before, session in zip(chain, seated, strict=True):
            if session.id in made.records:
                made.records[session.id] = session
            elif before.sitting != session.sitting:
                taken = seat(session, seated)
                taken = replace(taken, use_by=portion(taken)[1])
                moved.append(replace(taken, revision=before.revision + 1, cause=Cause.EDITED, revised_at=now))
    return moved


def _refuse_overlaps(made: Plan, held: Sequence[Session], full: frozenset[int]) -> None:
    """Refuse, in the file's order, each session that overlaps what is held, what a device wrote, or one before it."""
    planned = [record for record in made.records.values() if isinstance(record, Session) and not record.deleted]
    given = [session for session in planned if made.indices[session.id] not in full]
    there = [session for session in held if session.id not in made.records]
    there += [session for session in planned if made.indices[session.id] in full]
    standing = sorted((session for session in there if finished(session) > begun(session)), key=begun)
    latest: list[Session] = []
    """Of those that stand up to a place, the one that ends last."""
    for session in standing:
        latest.append(max([session, *latest[-1:]], key=finished))
    starts = [begun(session) for session in standing]
    taken: list[tuple[int, Session]] = []
    for session in sorted(given, key=lambda session: made.indices[session.id]):
        if finished(session) == begun(session):
            continue
        place = bisect_left(taken, begun(session), key=itemgetter(0))
        beside = [session for _, session in taken[max(place - 1, 0) : place + 1]]
        beside += latest[max(bisect_left(starts, finished(session)) - 1, 0) :][:1]
        other = next((other for other in beside if _overlap(other, session)), None)
        if other is None:
            insort(taken, (begun(session), session), key=itemgetter(0))
            continue
        made.refuse(made.indices[session.id], f"overlaps {_place(other, made)}")
        del made.records[session.id]


def _overlap(first: Session, second: Session) -> bool:
    return max(begun(first), begun(second)) < min(finished(first), finished(second))


def _place(session: Session, made: Plan) -> str:
    running = ", which is running" if session.state is SessionState.RUNNING else ""
    where = "another session of the file" if session.id in made.indices else f"session {session.number}"
    return f"{where} ({session.id}){running}"


def _chains(sessions: Iterable[Session], sitting_s: float) -> Iterator[list[Session]]:
    """Cut where a session starts later than `sitting_s` after every end before it: no sitting reaches across."""
    chain: list[Session] = []
    quiet_since = float("-inf")
    for session in sessions:
        if chain and not joins(session.started_at - quiet_since, sitting_s):
            yield chain
            chain = []
        chain.append(session)
        quiet_since = max(quiet_since, finished(session))
    if chain:
        yield chain
