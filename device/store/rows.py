"""A record as rows of the file: its columns, its body, the checksum by which a flipped byte is noticed.

Whoever writes or reads a row does it through here, whether by SQLite or from the bytes of a file that it can't read.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from device.core.model.record import IN_THE_HOUSE, Clock, Nursing, Record, Session, SessionState, begun
from device.core.rules import keeping

KINDS: Final[tuple[type[Session], type[Nursing]]] = (Session, Nursing)
"""The column `kind`: an index into this."""

SESSION: Final = 0
NURSING: Final = 1

COLUMNS: Final = ("number", "revision", "revised_at", "start", "deleted", "waiting", "unsettled", "keeps")
"""What queries need of a record beside its body; `keeps` is until when its portion does, none where that is gone."""

LARGEST_ROW: Final = 1 << 16
"""Bytes; the longest record has a tenth of them."""

RECORDS: Final = (
    "SELECT l.seq, l.record, l.revision, l.kind, l.body, l.sum, r.record, r.kind, r.id, r.number, r.revision, "
    "r.revised_at, r.start, r.deleted, r.waiting, r.unsettled, r.keeps FROM records r LEFT JOIN log l ON l.seq = r.seq "
)
LOG: Final = "SELECT seq, record, revision, kind, body, sum FROM log "


class RowError(Exception):
    """A row is not what was written there."""


def kind_of(record: Record) -> int:
    return SESSION if isinstance(record, Session) else NURSING


def columns(record: Record) -> tuple[int | None, ...]:
    """What `COLUMNS` hold of a record."""
    session = record if isinstance(record, Session) else None
    running = session is not None and session.state is SessionState.RUNNING
    anchors = () if session is None else (session.answered, *(move.anchor for move in session.milk_moves))
    waits_for_clock = record.clock is Clock.UNSYNCED or record.told or any(anchor is not None for anchor in anchors)
    portion = None if session is None else keeping.in_stock(session)
    return (
        record.number,
        record.revision,
        record.revised_at,
        begun(record),
        int(record.deleted),
        int(session is not None and session.purpose is None),
        int(running or waits_for_clock),
        None if portion is None else keeping.keeps(portion)[0],
    )


def checksum(*values: object) -> int:
    """CRC-32 of the values as text, signed, so that it takes four bytes in a row."""
    return zlib.crc32("\0".join(map(str, values)).encode(errors="surrogatepass")) - (1 << 31)


def body_of(record: Record) -> str:
    """A record as JSON; what the house notes of it stands there only where it says something, to fit in a page."""
    said = msgspec.to_builtins(record)
    for name in IN_THE_HOUSE:
        if not said.get(name):
            said.pop(name, None)
    return msgspec.json.encode(said).decode()


def is_body_of(body: str, record: Record) -> bool:
    """Whether a body holds this revision, also one in which everything stands, as in layout 2."""
    return body in {body_of(record), msgspec.json.encode(record).decode()}


def record_of(kind: int, body: str) -> Record:
    return msgspec.json.decode(body, type=KINDS[kind])


def of_log(row: Sequence[Any]) -> Record:
    """The revision in a row of `LOG`. Raises RowError; MsgspecError for a body that is whole and can't be read."""
    *said, summed = row
    if None in said or checksum(*said) != summed:
        raise RowError
    return record_of(row[3], row[4])


def of_records(row: Sequence[Any]) -> Record:
    """The newest revision in a row of `RECORDS`. Raises as `of_log` does, also where the two rows differ.

    Only the revision may be ahead of the body's: what was given out once and can't be read any more.
    """
    record = of_log(row[:6])
    place, kind, name, *found = row[6:]
    wanted = list(columns(record))
    wanted[1] = max(record.revision, found[1])
    if (place, kind, name, found) != (row[1], row[3], record.id, wanted):
        raise RowError
    return record
