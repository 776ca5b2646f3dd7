"""Which sessions are one sitting and whose answer stands for it, which of them count, and when stimulations were.

Every function takes whole seconds since 1970 (UTC) and records in any order; deleted records count nowhere.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from device.core.model.record import SESSIONS_IN_ORDER, Nursing, Session, SessionState, finished

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S

T = TypeVar("T")
Groups = tuple[tuple[Session, ...], ...]
"""Sittings, a tuple of sessions each, in the order of their starts: no two of them overlap."""


def sittings(sessions: Iterable[Session], sitting_s: float) -> dict[str, str]:
    """Which sitting each session belongs to: its id → the id of the sitting's first session.

    A session that starts within `sitting_s` of the latest end among those before it belongs to their sitting; of two
    that began in the same second the one with the lower number came first. Deleted sessions keep the sitting that
    they have.
    """
    seats: dict[str, str] = {}
    sitting, quiet_since = "", float("-inf")
    for session in sorted(sessions, key=SESSIONS_IN_ORDER):
        if session.deleted:
            seats[session.id] = session.sitting
            continue
        if not joins(session.started_at - quiet_since, sitting_s):
            sitting = session.id
        seats[session.id] = sitting
        quiet_since = max(quiet_since, finished(session))
    return seats


def joins(rest_s: float, sitting_s: float) -> bool:
    """Whether a session belongs to those before it, after such a rest: one that overlaps them always does."""
    return rest_s < 0 or (sitting_s > 0 and rest_s <= sitting_s)


def together(sessions: Iterable[Session], sitting_s: float) -> Groups:
    """The sessions that are not deleted, a tuple a sitting, all in the order of their starts."""
    groups: list[list[Session]] = []
    quiet_since = float("-inf")
    for session in sorted((session for session in sessions if not session.deleted), key=SESSIONS_IN_ORDER):
        if groups and joins(session.started_at - quiet_since, sitting_s):
            groups[-1].append(session)
        else:
            groups.append([session])
        quiet_since = max(quiet_since, finished(session))
    return tuple(map(tuple, groups))


def is_counted(session: Session) -> bool:
    """A session that lasted long enough; a running one is not counted yet."""
    return session.counted and not session.deleted and session.state is SessionState.ENDED


def first_counted(sitting: Iterable[Session]) -> Session | None:
    """The session whose start is the sitting's time, as a stimulation; None where none is counted."""
    return next((session for session in sitting if is_counted(session)), None)


def first_times(groups: Iterable[Iterable[Session]]) -> list[int]:
    """The times of the sittings that are stimulations."""
    firsts = map(first_counted, groups)
    return [first.started_at for first in firsts if first is not None]


def stimulations(groups: Iterable[Iterable[Session]], nursings: Iterable[Nursing]) -> tuple[int, ...]:
    """The times of all stimulations, oldest first.

    An ineffective nursing is none by itself, so it and the pumping that completes it are one.
    """
    times = [nursing.at for nursing in nursings if nursing.effective and not nursing.deleted]
    return tuple(sorted(first_times(groups) + times))


def within(times: Sequence[int], since: int, until: int) -> int:
    """How many of the sorted `times` lie in (since, until]."""
    return bisect_right(times, until) - bisect_right(times, since)


def between(items: Sequence[T], since: int, until: int, key: Callable[[T], int]) -> Sequence[T]:
    """Of items sorted by their times those in (since, until]."""
    return items[bisect_right(items, since, key=key) : bisect_right(items, until, key=key)]


def standing_answer(sitting: Iterable[Session]) -> Session | None:
    """The session whose purpose speaks for its sitting: the newest answer's. None where nobody has answered.

    Of equal ones (inherited, imported) the later start speaks; where nobody knows when it was, it is the oldest.
    """

    def newest(session: Session) -> tuple[int, int, int]:
        at = session.classified_at
        return -1 if at is None else at, session.started_at, session.number

    return max((session for session in sitting if session.purpose is not None), key=newest, default=None)


def record_times(sessions: Iterable[Session], nursings: Iterable[Nursing]) -> tuple[int, ...]:
    """When anything was recorded, counted or not, effective or not; sorted."""
    times = [session.started_at for session in sessions if not session.deleted]
    times += [nursing.at for nursing in nursings if not nursing.deleted]
    return tuple(sorted(times))
