"""Records as the store's tests need them: a session's whole life, nursings, lines to import.

Times are whole seconds from NOW on, ids follow from the number and the start.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from device.core.model.record import (
    Anchor,
    Cause,
    ClassifiedBy,
    Context,
    Intention,
    Nursing,
    Progress,
    Purpose,
    Reason,
    Record,
    Session,
    SessionState,
    Source,
    Suggestion,
    record_id,
)
from device.store.records import Store
from device.store.rows import record_of

NOW = 1_772_000_000
DAY = 86_400
SITTING_S = 720
SEED = b"a seed for tests"


def session(number: int, started_at: int, minutes: float = 15, **fields: Any) -> Session:
    name = record_id(started_at, "session", number, SEED)
    ended_at = started_at + round(minutes * 60)
    made = Session(
        id=name, number=number, revision=1, cause=Cause.ENDED, revised_at=ended_at, state=SessionState.ENDED,
        started_at=started_at, ended_at=ended_at, duration_s=round(minutes * 60), pumping_s=round(minutes * 60),
        counted=True, sources=(Source.GPIO,), sitting=name,
    )  # fmt: skip
    return replace(made, **fields)


def nursing(number: int, at: int, **fields: Any) -> Nursing:
    made = Nursing(
        id=record_id(at, "nursing", number, SEED), number=number, revision=1, cause=Cause.ADDED, revised_at=at, at=at,
        effective=True, source=Source.BUTTON,
    )  # fmt: skip
    return replace(made, **fields)


def running(number: int, started_at: int, **fields: Any) -> Session:
    return session(
        number, started_at, state=SessionState.RUNNING, cause=Cause.STARTED, ended_at=None, duration_s=0, pumping_s=0,
        counted=False, revised_at=started_at, **fields,
    )  # fmt: skip


def progress(of: Session, seconds: int) -> Progress:
    return Progress(
        session=of.id, boot="0123456789abcdef" * 2, seen=1234.5 + seconds, seen_at=of.started_at + seconds,
        began=1234.5, quiet=None, rested_s=0.0, pauses=0, cycles=(54.0, 60.0), by_hand=False,
    )  # fmt: skip


def a_life(number: int, started_at: int) -> Iterator[tuple[Session | None, Progress | None]]:
    """Everything a session of twenty minutes has written: its revisions, and where it stands every 30 s."""
    one = running(
        number,
        started_at,
        suggestion=Suggestion(
            Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING, Context.BELOW_BASELINE, "5 of 8 stimulations in 24 h"
        ),
        anchor=Anchor("0123456789abcdef" * 2, 1234.5),
    )
    yield one, progress(one, 0)
    answers: tuple[dict[str, Any], ...] = (
        {"purpose": Purpose.PROTECT},
        {"reason": Reason.IN_PLACE_OF_NURSING},
        {"intention": Intention.FRIDGE},
    )
    for revision, answer in enumerate(answers, 2):
        one = replace(one, revision=revision, cause=Cause.CLASSIFIED, classified_by=ClassifiedBy.BUTTON, **answer)
        yield one, progress(one, 5 * revision)
    for seconds in range(30, 1200, 30):
        yield None, progress(one, seconds)
    one = replace(
        one, revision=5, cause=Cause.ENDED, state=SessionState.ENDED, ended_at=started_at + 1200, duration_s=1200,
        pumping_s=1180, pauses=1, counted=True, cycles_per_minute=54,
    )  # fmt: skip
    yield one, None
    yield replace(one, revision=6, cause=Cause.VOLUME, volume_ml=85, volume_by_hand=True), None


def bodies(store: Store) -> list[Record]:
    """Every revision there is, in the order in which it was made."""
    rows = store.db.execute("SELECT kind, body FROM log ORDER BY seq").fetchall()
    return [record_of(kind, body) for kind, body in rows]


def bare(started_at: int, minutes: float = 15, **fields: Any) -> Session:
    """A line that says only when: the rest is to be given."""
    blank = {"id": "", "revised_at": 0, "sitting": "", "sources": (Source.IMPORT,), "cause": Cause.IMPORTED}
    return session(0, started_at, minutes, **blank | fields)


def bare_nursing(at: int, **fields: Any) -> Nursing:
    return nursing(0, at, id="", revised_at=0, source=Source.IMPORT, cause=Cause.IMPORTED, **fields)


def live(store: Store, lives: int) -> None:
    """So many lives of a session, each with a nursing after it; the first half acknowledged and out of the log."""
    for number in range(1, lives + 1):
        for one, standing in a_life(number, NOW + number * 20_000):
            if one is not None:
                store.save([one], standing)
        store.save([nursing(number, NOW + number * 20_000 + 7000)], None)
        if number == lives // 2:
            store.acknowledged([seq for seq, _ in store.outbox_head(1000)])
            store.tidy()
