"""The figures of the last 24 h and of the last seven local days, and when time alone may change one of them.

Every function takes whole seconds since 1970 (UTC) and records in any order; deleted records count nowhere.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import TypeVar
from zoneinfo import ZoneInfo

from device.core.model.live import Figures, Today
from device.core.model.record import SESSIONS_IN_ORDER, Nursing, Purpose, Session, Since, Units, finished

from .guidance import OUTLOOK_DAYS, outlook
from .sittings import DAY_S, first_counted, is_counted, record_times, standing_answer, stimulations_of, together

T = TypeVar("T")

WEEK_DAYS = 7


def today(
    sessions: Sequence[Session],
    nursings: Sequence[Nursing],
    *,
    baseline: int,
    sitting_s: float,
    now: int,
    timezone: str,
    units: Units,
    since: Since,
    first_record_at: int | None,
) -> Today:
    """The figures of the last 24 h and of the last seven local days, today first, from the records around them.

    A session belongs to the day in which it began, a sitting to that of its first counted session. Raises
    zoneinfo.ZoneInfoNotFoundError where the time zone is unknown.
    """
    groups = together((session for session in sessions if session.started_at <= now), sitting_s)
    fed = [nursing for nursing in nursings if not nursing.deleted and nursing.at <= now]
    stimulated = stimulations_of(groups, fed)
    view = outlook(
        stimulated, record_times(sessions, nursings), baseline=baseline, first_record_at=first_record_at, now=now
    )
    parts = _parts(groups, fed)
    firsts, counted, _ = parts
    lasted = [(at, _counted_until(group)) for at, group in firsts]
    lasted += [(nursing.at, nursing.at) for nursing in fed if nursing.effective]
    last_at, last_until = max(lasted, default=(None, None))
    return Today(
        timezone=timezone,
        units=units,
        baseline=baseline,
        since=since,
        last_stimulation_at=last_at,
        last_stimulation_ended_at=last_until,
        unclassified=sum(
            session.purpose is None and session.started_at > now - WEEK_DAYS * DAY_S for session in counted
        ),
        last_24h=_figures_between(*parts, None, now - DAY_S + 1, now + 1),
        days=tuple(_figures_between(*parts, day, start, end) for day, start, end in days_back(now, ZoneInfo(timezone))),
        outlook=view,
    )


def figures_of_days(
    sessions: Iterable[Session], nursings: Iterable[Nursing], days: Iterable[tuple[date, int, int]], *, sitting_s: float
) -> tuple[Figures, ...]:
    """The figures of each of these days (`days_back`), by the same rule, from the records around them."""
    parts = _parts(together(sessions, sitting_s), [nursing for nursing in nursings if not nursing.deleted])
    return tuple(_figures_between(*parts, day, start, end) for day, start, end in days)


Parts = tuple[list[tuple[int, tuple[Session, ...]]], list[Session], list[Nursing]]
"""Sittings with a counted session and that one's time, the counted sessions in order, nursings that stand."""


def _parts(groups: Iterable[tuple[Session, ...]], fed: list[Nursing]) -> Parts:
    firsts = [(first.started_at, group) for group in groups if (first := first_counted(group)) is not None]
    counted = [session for _, group in firsts for session in group if is_counted(session)]
    return firsts, sorted(counted, key=SESSIONS_IN_ORDER), fed


def _counted_until(sitting: Iterable[Session]) -> int:
    """The end of the last counted session of a sitting that has one."""
    return max(finished(session) for session in sitting if is_counted(session))


def days_back(now: int, zone: ZoneInfo, count: int = WEEK_DAYS) -> list[tuple[date, int, int]]:
    """The last local days, today first, each with the instants at which it began and was over: 23 to 25 hours apart.

    Today is over right after `now`.
    """
    local = datetime.fromtimestamp(now, zone).date()
    days = [local - timedelta(days=back) for back in range(count)]
    starts = [_midnight(day, zone) for day in days]
    return list(zip(days, starts, [now + 1, *starts], strict=False))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _figures_between(
    sittings: Sequence[tuple[int, tuple[Session, ...]]],
    counted: Sequence[Session],
    nursings: Iterable[Nursing],
    day: date | None,
    start: int,
    end: int,
) -> Figures:
    """The figures of what began in start ≤ instant < end; sittings stand by their first counted session's time."""
    pumpings = dict.fromkeys([*map(str, Purpose), "unclassified"], 0)
    without_amount = 0
    for _, group in _slice(sittings, start, end, key=itemgetter(0)):
        speaker = standing_answer(group)
        pumpings[str(speaker.purpose) if speaker is not None else "unclassified"] += 1
        without_amount += all(session.volume_ml is None for session in group)
    counted = _slice(counted, start, end, key=attrgetter("started_at"))
    effective = [nursing.effective for nursing in nursings if start <= nursing.at < end]
    return Figures(
        day=day,
        stimulations=sum(pumpings.values()) + sum(effective),
        pumpings=pumpings,
        nursings={"effective": sum(effective), "ineffective": len(effective) - sum(effective)},
        pumping_s=sum(session.pumping_s for session in counted),
        volume_ml=sum(session.volume_ml or 0 for session in counted),
        without_amount=without_amount,
    )


def _slice(items: Sequence[T], start: int, end: int, key: Callable[[T], int]) -> Sequence[T]:
    """Of items sorted by their times those with start ≤ time < end."""
    return items[bisect_left(items, start, key=key) : bisect_left(items, end, key=key)]


def next_change(
    sessions: Iterable[Session],
    nursings: Iterable[Nursing],
    *,
    now: int,
    timezone: str,
    first_record_at: int | None,
) -> int:
    """The next instant after `now` at which a figure of the day may change by time alone.

    A record leaves the 24 h, a window of the outlook or the 7 days; the first record turns five days old; a record of
    the future comes; midnight.
    """
    zone = ZoneInfo(timezone)
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    # Where a clock went back over midnight, this one has passed and is yet to come: then a day at the most.
    changes = [_midnight(tomorrow, zone), now + DAY_S]
    if first_record_at is not None:
        changes.append(first_record_at + OUTLOOK_DAYS * DAY_S)
    for time in record_times(sessions, nursings):
        gone = max(0, (now - time) // DAY_S + 1)
        if gone <= WEEK_DAYS:
            changes.append(time + gone * DAY_S)
    return min(change for change in changes if change > now)
