"""Reading the record newest first, for `history`: from any place on, through any filter.

A page costs what it holds, however large the record is: each list goes on after its last record, by start and number.
"""

import sqlite3
from typing import Final

import msgspec

from .core.events import History
from .core.record import Nursing, Record, Session

KINDS: Final[tuple[type[Session], type[Nursing]]] = (Session, Nursing)
"""The column `kind`: an index into this."""

SESSION: Final = 0
NURSING: Final = 1

RECORDS: Final = "SELECT r.kind, l.body FROM records r JOIN log l ON l.seq = r.seq "


def decoded(kind: int, body: str) -> Record:
    return msgspec.json.decode(body, type=KINDS[kind])


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
    order = "AND (r.start, r.number) < (?, ?) ORDER BY r.start DESC, r.number DESC LIMIT ?"
    rows = db.execute(f"{RECORDS} WHERE {' AND '.join(where)} {order}", [*values, *below, limit])
    return [decoded(found, body) for found, body in rows]
