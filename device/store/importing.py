"""What an import makes of its records: which are new, which win, which are refused, which sittings move.

Pure planning over what the store says, so that nothing is written before the whole file is known to be good.
"""

import hashlib
import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
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


class Plan(msgspec.Struct):
    """The records to write by id, in the order given, each with its index; and what they replace."""

    records: dict[str, Record]
    indices: dict[str, int]
    replaced: dict[str, Record]
    unchanged: int = 0


def plan(records: Sequence[Record], known: Known, now: int) -> Plan:
    """Which of `records` are written, with which id, revision and number; the higher revision of an id wins.

    A record without an id ("") gets one that follows from what it says, so that the same line is the same record
    whenever it is imported: revision 1, cause `imported`. Number 0, or one that is taken, becomes the next.
    """
    made = Plan(records={}, indices={}, replaced={})
    for index, given in enumerate(records):
        record = given
        if not given.id:
            record = replace(given, id=_identity(given, known.seed), revision=1, cause=Cause.IMPORTED, revised_at=now)
        elif not given.revised_at:
            record = replace(given, revised_at=now)
        before = made.records.get(record.id) or known.find(record.id)
        if before is not None and kind_of(before) != kind_of(record):
            raise ImportRefusedError(index, f"id {record.id} is a {_named(before)} already")
        if before is not None and before.revision >= record.revision:
            made.unchanged += 1
            continue
        if before is not None:
            record = replace(record, number=before.number)
            if record.id not in made.records:
                made.replaced[record.id] = before
        made.records[record.id] = record
        made.indices[record.id] = index
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


def seat_planned(
    made: Plan, stored: Iterator[Session], now: int, sitting_s: float, full: frozenset[int] = frozenset()
) -> list[Session]:
    """Refuse overlaps, seat the planned sessions in `made`, and return the stored ones whose sitting thereby moves.

    `stored` are the sessions that are not deleted, by start. A stored session that moves gets a revision (`edited`);
    an imported one comes back as it was but for its sitting, which follows from the times. `full` are the places of
    those that a device wrote as it saw them: their overlaps are no fault.
    """
    planned = [record for record in made.records.values() if isinstance(record, Session)]
    for session in planned:
        if session.deleted and not session.sitting:
            made.records[session.id] = replace(session, sitting=session.id)
    live = sorted((session for session in planned if not session.deleted), key=begun)
    kept = (session for session in stored if session.id not in made.records)
    touched = sorted({edge(record) for record in [*planned, *made.replaced.values()] for edge in (begun, finished)})
    moved: list[Session] = []
    for chain in _chains(_without_overlap(heapq.merge(kept, live, key=begun), made, full), sitting_s):
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


def _without_overlap(sessions: Iterable[Session], made: Plan, full: frozenset[int]) -> Iterator[Session]:
    longest: Session | None = None
    for session in sessions:
        if longest is not None and min(finished(longest), finished(session)) > begun(session):
            pair = [either for either in (longest, session) if made.indices.get(either.id, -1) not in full | {-1}]
            if pair:
                new = max(pair, key=lambda either: made.indices[either.id])
                other = longest if new is session else session
                raise ImportRefusedError(made.indices[new.id], f"overlaps {_place(other, made)}")
        if longest is None or finished(session) > finished(longest):
            longest = session
        yield session


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
