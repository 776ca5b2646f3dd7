"""Reading the record newest first, for `history`: from any place on, through any filter.

A page costs what it holds, however large the record is: each list goes on after its last record, by start and number.
"""

import sqlite3

from .core.events import History
from .core.record import Record
from .store_rows import NURSING, RECORDS, of_records


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
    return [of_records(row) for row in rows]
