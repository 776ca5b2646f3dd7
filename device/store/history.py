"""Reading the record newest first: for `history`, from any place on, through any filter; and what the core holds of it.

A page costs what it holds, however large the record is: each list goes on after its last record, by start and number.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from device.core.model.events import History
from device.core.model.record import NEWEST, Nursing, Portion, Progress, Record, Session, ToldClock, begun
from device.core.rules import keeping

from .rows import NURSING, RECORDS, SESSION, of_records

AT_MOST: Final = 4_000
"""How many records of one kind the core is given at most, so that what it holds is bounded whatever was imported."""

NEWEST_FIRST: Final = "ORDER BY r.start DESC, r.number DESC LIMIT ?"


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What the core starts from. Sessions by start, nursings by time; deleted ones too, where not said otherwise.

    sessions, nursings: of the last 15 days (as the clock goes, and as the newest record goes, since the clock may be
    wrong), and those that wait for the clock. newest: what the core must always hold, newest first.
    """

    sessions: tuple[Session, ...]
    nursings: tuple[Nursing, ...]
    portions: tuple[Portion, ...]
    """Those of any age that are not gone, but what was past its `use_by` long before the last session."""
    next_session_number: int
    next_nursing_number: int
    progress: Progress | None
    running: Session | None
    baseline: tuple[int, int] | None
    """The baseline kept, and the configured one that it replaced."""
    told_clock: ToldClock | None
    seed: bytes
    first_record_at: int | None
    last: Session | None
    newest: tuple[Record, ...]
    outbox: int
    to_give_out: tuple[tuple[Record, int], ...]
    """Records of which the highest revision that was given out, said here, can't be read any more."""
    repaired_at: int | None
    repair_seen: bool
    """Somebody was told of it, and said OK."""
    set_aside: int
    """How many revisions repairs could not read, in all."""


def newest_below(
    db: sqlite3.Connection, kind: int, query: History, below: tuple[int, int], limit: int, kept_since: int = 0
) -> list[Record]:
    """At most `limit` records of a kind that pass the query's filters and whose (start, number) is less than `below`.

    since ≤ start < until, revised_since ≤ revised_at; a nursing's start is its `at`. Unclassified are
    sessions without a purpose, the running one and those that do not count too; no nursing is. With `milk`: those
    whose portion is not gone and keeps until `kept_since` at least.
    """
    if (query.unclassified or query.milk) and kind == NURSING:
        return []
    conditions: list[tuple[str, int | None]] = [
        ("r.keeps >= ?", kept_since if query.milk else None),
        ("+r.kind = ?" if query.milk else "r.kind = ?", kind),  # by what keeps: it is the shorter way
        ("r.start >= ?", query.since),
        ("r.start < ?", query.until),
        ("r.revised_at >= ?", query.revised_since),
        ("r.waiting = ?", 1 if query.unclassified else None),
        ("r.deleted = ?", None if query.deleted else 0),
    ]
    where = [text for text, value in conditions if value is not None]
    values = [value for _, value in conditions if value is not None]
    order = f"AND (r.start, r.number) < (?, ?) {NEWEST_FIRST}"
    rows = db.execute(f"{RECORDS} WHERE {' AND '.join(where)} {order}", [*values, *below, limit])
    return [of_records(row) for row in rows]


def kept_portions(db: sqlite3.Connection, now: int) -> tuple[Portion, ...]:
    """The portions that are not gone, those that keep longest where there are too many.

    Left out is what nobody uses any more, by `now` (the wall clock's word, which may be wrong) and by the last session.
    """
    latest = "SELECT start FROM records WHERE kind = ? AND unsettled = 0 ORDER BY start DESC LIMIT 1"
    (last,) = db.execute(latest, (SESSION,)).fetchone() or (0,)
    rows = _records(
        db,
        "WHERE r.keeps >= ? ORDER BY r.keeps DESC LIMIT ?",
        max(min(now, last) - keeping.LETS_GO_S, 0),
        keeping.MOST_PORTIONS,
    )
    portions = (keeping.in_stock(session) for session in rows if isinstance(session, Session))
    return tuple(portion for portion in portions if portion is not None)


def newest_whole(db: sqlite3.Connection) -> list[Record]:
    """The newest of each kind that are not deleted, and each kind's last stimulation, however old; newest first.

    With the rest of their sittings: what a rule says of a sitting it says of the whole.
    """
    latest = f"r.deleted = 0 {NEWEST_FIRST}"
    sessions, nursings = (_records(db, f"WHERE r.kind = ? AND {latest}", kind, NEWEST) for kind in (SESSION, NURSING))
    true = "WHERE r.kind = ? AND json_valid(l.body) AND json_extract(l.body, ?) AND " + latest
    counted, effective = (
        _records(db, true, SESSION, "$.counted", 1),
        _records(db, true, NURSING, "$.effective", 1),
    )
    sittings = [record for few in (sessions, counted) for record in rest_of_sitting(db, few)]
    found = {record.id: record for record in (*sessions, *nursings, *counted, *effective, *sittings)}
    return sorted(found.values(), key=begun, reverse=True)


def rest_of_sitting(db: sqlite3.Connection, sessions: Sequence[Record]) -> list[Record]:
    """What lies between the oldest of these sessions, which are newest first, and the first one of its sitting."""
    oldest = next((session for session in reversed(sessions) if isinstance(session, Session)), None)
    head = [] if oldest is None else _records(db, "WHERE r.id = ? LIMIT ?", oldest.sitting, 1)
    if oldest is None or not head:
        return []
    between = f"WHERE r.kind = ? AND r.start BETWEEN ? AND ? {NEWEST_FIRST}"
    return _records(db, between, SESSION, begun(head[0]), begun(oldest), AT_MOST)


def _records(db: sqlite3.Connection, condition: str, *values: int | str) -> list[Record]:
    return [of_records(row) for row in db.execute(RECORDS + condition, values)]
