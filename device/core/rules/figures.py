"""The figures of the last 24 h and of the last seven local days, and when time alone may change one of them.

Every function takes whole seconds since 1970 (UTC); deleted records count nowhere.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from device.core.model.live import Figures, Today
from device.core.model.record import IN_ORDER, Nursing, Purpose, Session, Since, Units, finished

from .guidance import OUTLOOK_DAYS, outlook
from .records import Records, began
from .sittings import DAY_S, Groups, between, first_counted, is_counted, standing_answer, together, within

WEEK_DAYS = 7
STARTED_AT, AT = attrgetter("started_at"), attrgetter("at")


class Basis(NamedTuple):
    """What the figures of a span rest on: start ≤ instant < end, the sittings and nursings that lie in it or near."""

    day: date | None
    start: int
    end: int
    groups: Groups
    nursings: Sequence[Nursing]


Days = tuple[tuple[Basis, Figures], ...]
"""Local days with their figures, today first."""


def today(
    records: Records,
    days: Days,
    *,
    baseline: int,
    now: int,
    timezone: str,
    units: Units,
    since: Since,
    first_record_at: int | None,
) -> Today:
    """The figures of the last 24 h and of the last seven local days (`week`), from the records around them.

    A session belongs to the day in which it began, a sitting to that of its first counted session.
    """
    groups = groups_until(records.groups, now)
    last_at, last_until = last_stimulation(records, groups, now)
    return Today(
        timezone=timezone,
        units=units,
        baseline=baseline,
        since=since,
        last_stimulation_at=last_at,
        last_stimulation_ended_at=last_until,
        unclassified=within(records.unanswered, now - WEEK_DAYS * DAY_S, now),
        last_24h=figures_of(basis(groups, records.nursings, None, now - DAY_S + 1, now + 1)),
        days=tuple(figures for _, figures in days),
        outlook=outlook(
            records.stimulated, records.recorded, baseline=baseline, first_record_at=first_record_at, now=now
        ),
    )


def week(records: Records, *, now: int, timezone: str, known: Days = ()) -> Days:
    """The last seven local days; those of the `known` ones that still rest on the same are as they were.

    Raises zoneinfo.ZoneInfoNotFoundError where the time zone is unknown.
    """
    groups, before = groups_until(records.groups, now), {rests_on.day: (rests_on, was) for rests_on, was in known}
    days = [basis(groups, records.nursings, *span) for span in days_back(now, ZoneInfo(timezone))]
    found = ((rests_on, before.get(rests_on.day)) for rests_on in days)
    return tuple(was if was and was[0] == rests_on else (rests_on, figures_of(rests_on)) for rests_on, was in found)


def figures_of_days(
    sessions: Iterable[Session], nursings: Iterable[Nursing], days: Iterable[tuple[date, int, int]], *, sitting_s: float
) -> tuple[Figures, ...]:
    """The figures of each of these days (`days_back`), by the same rule, from the records around them."""
    groups, fed = together(sessions, sitting_s), sorted(nursings, key=IN_ORDER[Nursing])
    return tuple(figures_of(basis(groups, fed, *day)) for day in days)


def groups_until(groups: Groups, now: int) -> Groups:
    """Without the sessions of the future, which stand in a record where a clock was set back."""
    groups = groups[: bisect_right(groups, now, key=began)]
    if groups and groups[-1][-1].started_at > now:
        return (*groups[:-1], groups[-1][: bisect_right(groups[-1], now, key=STARTED_AT)])
    return groups


def last_stimulation(records: Records, groups: Groups, now: int) -> tuple[int | None, int | None]:
    """When the last stimulation was, and when it was over: a sitting with its last counted session."""
    past = bisect_right(records.stimulated, now)
    if not past:
        return None, None
    at = records.stimulated[past - 1]
    following = bisect_right(groups, at, key=began)
    counted = [session for session in groups[following - 1] if is_counted(session)] if following else []
    return at, max(map(finished, counted)) if counted and counted[0].started_at == at else at


def basis(groups: Groups, nursings: Sequence[Nursing], day: date | None, start: int, end: int) -> Basis:
    first = max(bisect_left(groups, start, key=began) - 1, 0)  # one that began before may go on
    here = groups[first : bisect_left(groups, end, lo=first, key=began)]
    return Basis(day, start, end, here, between(nursings, start - 1, end - 1, AT))


def figures_of(span: Basis) -> Figures:
    """Sittings stand by their first counted session's time, sessions by their own."""
    pumpings = dict.fromkeys([*map(str, Purpose), "unclassified"], 0)
    pumping_s = volume_ml = without_amount = 0
    for group in span.groups:
        first = first_counted(group)
        if first is None:
            continue
        if span.start <= first.started_at < span.end:
            speaker = standing_answer(group)
            pumpings[str(speaker.purpose) if speaker is not None else "unclassified"] += 1
            without_amount += all(session.volume_ml is None for session in group)
        for session in between(group, span.start - 1, span.end - 1, STARTED_AT):
            if is_counted(session):
                pumping_s += session.pumping_s
                volume_ml += session.volume_ml or 0
    effective = [nursing.effective for nursing in span.nursings if not nursing.deleted]
    return Figures(
        day=span.day,
        stimulations=sum(pumpings.values()) + sum(effective),
        pumpings=pumpings,
        nursings={"effective": sum(effective), "ineffective": len(effective) - sum(effective)},
        pumping_s=pumping_s,
        volume_ml=volume_ml,
        without_amount=without_amount,
    )


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


def next_change(recorded: Sequence[int], *, now: int, timezone: str, first_record_at: int | None) -> int:
    """The next instant after `now` at which a figure of the day may change by time alone, from all records' times.

    A record leaves the 24 h, a window of the outlook or the 7 days; the first record turns five days old; a record of
    the future comes; midnight.
    """
    zone = ZoneInfo(timezone)
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    # Where a clock went back over midnight, this one has passed and is yet to come: then a day at the most.
    changes = [_midnight(tomorrow, zone), now + DAY_S]
    if first_record_at is not None:
        changes.append(first_record_at + OUTLOOK_DAYS * DAY_S)
    for ago_s in range(0, (WEEK_DAYS + 1) * DAY_S, DAY_S):
        following = bisect_right(recorded, now - ago_s)
        changes += [time + ago_s for time in recorded[following : following + 1]]
    return min(change for change in changes if change > now)
