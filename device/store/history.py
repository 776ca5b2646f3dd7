"""Reading the record newest first: for `history`, from any place on, through any filter; and what the core holds of it.

A page costs what it holds, however large the record is: each list goes on after its last record, by start and number.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from device.core.model.events import History
from device.core.model.record import NEWEST, Record, Session, begun

from .rows import NURSING, RECORDS, SESSION, of_records

AT_MOST: Final = 4_000
"""How many records of one kind the core is given at most, so that what it holds is bounded whatever was imported."""

NEWEST_FIRST: Final = "ORDER BY r.start DESC, r.number DESC LIMIT ?"


def newest_below(db: sqlite3.Connection, kind: int, query: History, below: tuple[int, int], limit: int) -> list[Record]:
    """At most `limit` records of a kind that pass the query's filters and whose (start, number) is less than `below`.

    since ≤ start < until, revised_since ≤ revised_at; a nursing's start is its `at`. Unclassified are
    sessions without a purpose, the running one and those that do not count too; no nursing is.
    """
    if query.unclassified and kind == NURSING:
        return []
    conditions: list[tuple[str, int | None]] = [
        ("r.kind = ?", kind),
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
