"""The rules of guidance: sittings, stimulations, suggestion, expectation, outlook, notes and how long milk keeps.

Each rule names its source, so that a reader can judge it; it suggests, and nothing here applies itself. Every
function takes whole seconds since 1970 (UTC) and records in any order; deleted records count nowhere.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from device.core.model.record import (
    Context,
    Intention,
    Nursing,
    Purpose,
    Reason,
    Session,
    SessionState,
    Suggestion,
    Units,
    finished,
    in_order,
)
from device.core.model.view import Hint

T = TypeVar("T")

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S

AFTER_NURSING_S = 60 * MINUTE_S
"""How long a nursing is a session's likely reason (the contract's rules 2 and 3)."""

VOLUMES = 10
ENOUGH_VOLUMES = 3
VOLUME_DAYS = 14
"""An expectation is the median of this parent's own last volumes; fewer than three say nothing."""

WEEK_DAYS = 7
OUTLOOK_DAYS = 5
"""The body answers a change in stimulation 3 to 5 days later ("Purpose of a Pumping Session")."""

LOW_PERCENT = 90
HIGH_PERCENT = 115

KEEPS_S = {Intention.FEED: 4 * HOUR_S, Intention.FRIDGE: 4 * DAY_S}
FREEZER_MONTHS = 6
"""The CDC's times for fresh milk of a healthy term baby ("Breast Milk Storage and Preparation")."""

LABELS = {
    ("within", "within"): "steady",
    ("within", "low"): "falling",
    ("within", "high"): "rising",
    ("low", "low"): "low",
    ("low", "within"): "recovering",
    ("low", "high"): "rising",
    ("high", "low"): "falling",
    ("high", "within"): "settling",
    ("high", "high"): "high",
}
"""What (now, coming) mean together; `high` is toward oversupply."""

TREATED = {
    Reason.PLUGGED_DUCT: "plugged duct treated",
    Reason.MASTITIS: "mastitis treated",
    Reason.NIPPLE_PAIN: "nipple pain treated",
    None: "treated",
}


class Outlook(msgspec.Struct, frozen=True):
    """Where the supply is heading; `stimulations` are those of the last five times 24 h, newest first."""

    label: str
    now: float | None
    coming: float | None
    stimulations: tuple[int, ...]


class Figures(msgspec.Struct, frozen=True):
    """What was recorded on one local day, or in the last 24 h (`day` None).

    `pumpings` counts sittings by the purpose of each (or `unclassified`), `nursings` by `effective` or `ineffective`.
    """

    day: date | None
    stimulations: int
    pumpings: dict[str, int]
    nursings: dict[str, int]
    pumping_s: int
    volume_ml: int
    without_amount: int


class Today(msgspec.Struct, frozen=True):
    """The figures of the day: `days` are the last seven local ones, today first."""

    timezone: str
    units: Units
    baseline: int
    last_stimulation_at: int | None
    unclassified: int
    last_24h: Figures
    days: tuple[Figures, ...]
    outlook: Outlook


# -- sittings and stimulations ---------------------------------------------------------------------------------


def sittings(sessions: Iterable[Session], sitting_s: float) -> dict[str, str]:
    """Which sitting each session belongs to: its id → the id of the sitting's first session.

    A session that starts within `sitting_s` of the latest end among those before it belongs to their sitting; of two
    that began in the same second the one with the lower number came first. Deleted sessions keep the sitting that
    they have.
    """
    found: dict[str, str] = {}
    sitting, quiet_since = "", float("-inf")
    for session in sorted(sessions, key=in_order):
        if session.deleted:
            found[session.id] = session.sitting
            continue
        if not joins(session.started_at - quiet_since, sitting_s):
            sitting = session.id
        found[session.id] = sitting
        quiet_since = max(quiet_since, finished(session))
    return found


def joins(rest_s: float, sitting_s: float) -> bool:
    """Whether a session belongs to those before it, after such a rest: one that overlaps them always does."""
    return rest_s < 0 or (sitting_s > 0 and rest_s <= sitting_s)


def together(sessions: Iterable[Session], sitting_s: float) -> tuple[tuple[Session, ...], ...]:
    """The sessions that are not deleted, a tuple a sitting, all in the order of their starts."""
    kept = sorted((one for one in sessions if not one.deleted), key=in_order)
    of = sittings(kept, sitting_s)
    groups: dict[str, list[Session]] = {}
    for session in kept:
        groups.setdefault(of[session.id], []).append(session)
    return tuple(tuple(group) for group in groups.values())


def is_counted(session: Session) -> bool:
    """A session that lasted long enough; a running one is not counted yet."""
    return session.counted and not session.deleted and session.state is SessionState.ENDED


def first_counted(sitting: Iterable[Session], about: str | None = None) -> Session | None:
    """The session whose start is the sitting's time, as a stimulation; None where none is counted."""
    return next((one for one in sitting if is_counted(one) and one.id != about), None)


def stimulations(
    sessions: Iterable[Session], nursings: Iterable[Nursing], sitting_s: float, about: str | None = None
) -> tuple[int, ...]:
    """The times of all stimulations, oldest first; `about` is a session that does not count.

    An ineffective nursing is none by itself, so it and the pumping that completes it are one.
    """
    return _stimulations(together(sessions, sitting_s), nursings, about)


def _stimulations(
    groups: Iterable[Iterable[Session]], nursings: Iterable[Nursing], about: str | None = None
) -> tuple[int, ...]:
    counted = (first_counted(sitting, about) for sitting in groups)
    times = [one.started_at for one in counted if one is not None]
    times += [one.at for one in nursings if one.effective and not one.deleted]
    return tuple(sorted(times))


def within(times: Sequence[int], since: int, until: int) -> int:
    """How many of the sorted `times` lie in (since, until]."""
    return bisect_right(times, until) - bisect_right(times, since)


# -- the suggestion --------------------------------------------------------------------------------------------


def suggest(
    sessions: Sequence[Session],
    nursings: Sequence[Nursing],
    *,
    stimulations_24h: int,
    baseline: int,
    now: int,
    outlook: str,
    about: str | None = None,
) -> Suggestion:
    """The purpose that the record makes likely for a session that begins `now`; the first rule that fits wins.

    `outlook` is its label; `about` the id of the session itself, which is not in the count either. The rules follow
    the article: treat goes on, pumping after a nursing completes or promotes, else the baseline decides. Rule 1 is
    also a brake: while a treatment is recent nothing suggests promoting.
    """
    return (
        _treatment_continues(sessions, now, about)
        or _after_nursing(sessions, nursings, now, outlook, about)
        or _by_baseline(stimulations_24h, baseline, outlook)
    )


def _treatment_continues(sessions: Iterable[Session], now: int, about: str | None) -> Suggestion | None:
    recent = [
        one
        for one in sessions
        if one.purpose is not None and not one.deleted and one.id != about and now - DAY_S < one.started_at <= now
    ]
    newest = max(recent, key=lambda one: (one.started_at, one.number), default=None)
    if newest is None or newest.purpose is not Purpose.TREAT:
        return None
    because = f"{TREATED.get(newest.reason, TREATED[None])} {since(now - newest.started_at)} ago"
    return Suggestion(Purpose.TREAT, newest.reason, Context.TREATMENT_CONTINUES, because)


def _after_nursing(
    sessions: Iterable[Session], nursings: Iterable[Nursing], now: int, outlook: str, about: str | None
) -> Suggestion | None:
    past = (one for one in nursings if not one.deleted and one.at <= now)
    newest = max(past, key=lambda one: (one.at, one.number), default=None)
    if newest is None or now - newest.at > AFTER_NURSING_S:
        return None
    if any(is_counted(one) and one.id != about and newest.at <= one.started_at <= now for one in sessions):
        return None
    ago = "just now" if now - newest.at < MINUTE_S else f"{since(now - newest.at)} ago"
    if newest.effective:
        return Suggestion(Purpose.PROMOTE, _promoting(outlook), Context.AFTER_EFFECTIVE_NURSING, f"nursed well {ago}")
    return Suggestion(
        Purpose.PROTECT,
        Reason.COMPLETE_NURSING,
        Context.AFTER_INEFFECTIVE_NURSING,
        f"nursed {ago}, not effective",
    )


def _by_baseline(count: int, baseline: int, outlook: str) -> Suggestion:
    if count >= baseline:
        because = f"{count} in 24 h, baseline {baseline}"
        return Suggestion(Purpose.PROMOTE, _promoting(outlook), Context.ABOVE_BASELINE, because)
    because = f"{count} of {baseline} stimulations in 24 h"
    return Suggestion(Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING, Context.BELOW_BASELINE, because)


def _promoting(outlook: str) -> Reason:
    return Reason.RAISE_LOW_SUPPLY if outlook in {"falling", "low"} else Reason.COLLECT_EXTRA_MILK


def since(seconds: int) -> str:
    """A past duration as the screens say it: `59 min`, `9 h 59`, from ten hours `23 h`, from two days `3 days`."""
    minutes = max(seconds, 0) // MINUTE_S
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    if hours >= 10:
        return f"{hours} h"
    if hours:
        return f"{hours} h {rest:02}" if rest else f"{hours} h"
    return f"{minutes} min"


# -- the expectation -------------------------------------------------------------------------------------------


def expectation(
    sessions: Iterable[Session], purpose: Purpose | None, context: Context | None, now: int, about: str | None = None
) -> int | None:
    """The volume to expect, in whole millilitres: the median of the last ten of 14 days with the same purpose.

    Those that were suggested in the same context speak alone where there are three of them. None: fewer than three.
    """
    if purpose is None:
        return None
    recent = [
        one
        for one in sessions
        if one.purpose is purpose
        and one.volume_ml is not None
        and is_counted(one)
        and one.id != about
        and now - VOLUME_DAYS * DAY_S < one.started_at <= now
    ]
    recent.sort(key=lambda one: (one.started_at, one.number), reverse=True)
    alike = [one for one in recent if one.suggestion is not None and one.suggestion.context is context]
    chosen = alike if context is not None and len(alike) >= ENOUGH_VOLUMES else recent
    return _median([one.volume_ml for one in chosen[:VOLUMES] if one.volume_ml is not None])


def _median(volumes: list[int]) -> int | None:
    if len(volumes) < ENOUGH_VOLUMES:
        return None
    ordered, middle = sorted(volumes), len(volumes) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle] + 1) // 2


# -- the outlook -----------------------------------------------------------------------------------------------


def record_times(sessions: Iterable[Session], nursings: Iterable[Nursing]) -> tuple[int, ...]:
    """When anything was recorded, counted or not, effective or not; sorted."""
    times = [one.started_at for one in sessions if not one.deleted]
    times += [one.at for one in nursings if not one.deleted]
    return tuple(sorted(times))


def outlook(
    stimulated: Sequence[int], recorded: Sequence[int], *, baseline: int, first_record_at: int | None, now: int
) -> Outlook:
    """Where the supply is heading, from the sorted times of the stimulations and of all records.

    `first_record_at` is the whole record's first. `now` is the mean of stimulations a day 5 to 3 days ago over the
    baseline, what today's supply answers to; `coming` that of the last 3 days. Thresholds see exact ratios, people two
    places. A record with holes says nothing about a supply, then the label is `unknown` and both are None.
    """
    windows = [(now - (day + 1) * DAY_S, now - day * DAY_S) for day in range(OUTLOOK_DAYS)]
    counts = tuple(within(stimulated, *window) for window in windows)
    young = first_record_at is None or now - first_record_at < OUTLOOK_DAYS * DAY_S
    if young or not all(within(recorded, *window) for window in windows):
        return Outlook(label="unknown", now=None, coming=None, stimulations=counts)
    before, lately = (sum(counts[3:]), 2 * baseline), (sum(counts[:3]), 3 * baseline)
    return Outlook(
        label=LABELS[_level(*before), _level(*lately)],
        now=_hundredths(*before),
        coming=_hundredths(*lately),
        stimulations=counts,
    )


def _level(count: int, needed: int) -> str:
    if 100 * count < LOW_PERCENT * needed:
        return "low"
    return "high" if 100 * count > HIGH_PERCENT * needed else "within"


def _hundredths(count: int, needed: int) -> float:
    return (200 * count + needed) // (2 * needed) / 100


# -- notes, and how long milk keeps ----------------------------------------------------------------------------


def hint(purpose: Purpose, stimulations_24h: int, baseline: int, outlook_label: str) -> Hint | None:
    """The short note after an answer: protect chosen above the baseline also promotes; promote while `high`.

    `stimulations_24h` leaves the session itself out, as for the suggestion.
    """
    if purpose is Purpose.PROTECT and stimulations_24h >= baseline:
        return Hint.ALSO_PROMOTES
    if purpose is Purpose.PROMOTE and outlook_label == "high":
        return Hint.TOWARD_OVERSUPPLY
    return None


def use_by(ended_at: int, intention: Intention | None) -> int | None:
    """Until when the milk keeps; None where it is not kept. Months are the calendar's, clamped to their last day."""
    if intention is Intention.FREEZER:
        end = datetime.fromtimestamp(ended_at, UTC)
        years, month = divmod(end.month - 1 + FREEZER_MONTHS, 12)
        year, month = end.year + years, month + 1
        day = min(end.day, monthrange(year, month)[1])
        return int(end.replace(year=year, month=month, day=day).timestamp())
    if intention in KEEPS_S:
        return ended_at + KEEPS_S[intention]
    return None


def standing_answer(sitting: Iterable[Session]) -> Session | None:
    """The session whose purpose speaks for its sitting: the newest answer's. None where nobody has answered.

    Of equal ones (inherited, imported) the later start speaks; where nobody knows when it was, it is the oldest.
    """

    def newest(session: Session) -> tuple[int, int, int]:
        at = session.classified_at
        return -1 if at is None else at, session.started_at, session.number

    return max((one for one in sitting if one.purpose is not None), key=newest, default=None)


# -- the figures of the day ------------------------------------------------------------------------------------


def today(
    sessions: Sequence[Session],
    nursings: Sequence[Nursing],
    *,
    baseline: int,
    sitting_s: float,
    now: int,
    timezone: str,
    units: Units,
    first_record_at: int | None,
) -> Today:
    """The figures of the last 24 h and of the last seven local days, today first, from the records around them.

    A session belongs to the day in which it began, a sitting to that of its first counted session. Raises
    zoneinfo.ZoneInfoNotFoundError where the time zone is unknown.
    """
    groups = together((one for one in sessions if one.started_at <= now), sitting_s)
    fed = [one for one in nursings if not one.deleted and one.at <= now]
    stimulated = _stimulations(groups, fed)
    starts = _days(now, ZoneInfo(timezone))
    ends = [now + 1, *(start for _, start in starts)]
    view = outlook(
        stimulated, record_times(sessions, nursings), baseline=baseline, first_record_at=first_record_at, now=now
    )
    counted = [one for group in groups for one in group if is_counted(one)]
    firsts = [(first, group) for group in groups if (first := first_counted(group)) is not None]
    parts = [(first.started_at, group) for first, group in firsts], sorted(counted, key=in_order), fed
    return Today(
        timezone=timezone,
        units=units,
        baseline=baseline,
        last_stimulation_at=stimulated[-1] if stimulated else None,
        unclassified=sum(one.purpose is None and one.started_at > now - WEEK_DAYS * DAY_S for one in counted),
        last_24h=_figures(*parts, None, now - DAY_S + 1, now + 1),
        days=tuple(_figures(*parts, day, start, end) for (day, start), end in zip(starts, ends, strict=False)),
        outlook=view,
    )


def _days(now: int, zone: ZoneInfo) -> list[tuple[date, int]]:
    """The last seven local days with the instant at which each began, today first; also where a day has 23 hours."""
    local = datetime.fromtimestamp(now, zone).date()
    days = [local - timedelta(days=back) for back in range(WEEK_DAYS)]
    return [(day, _midnight(day, zone)) for day in days]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _figures(
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
        said = standing_answer(group)
        pumpings[str(said.purpose) if said is not None else "unclassified"] += 1
        without_amount += all(one.volume_ml is None for one in group)
    counted = _slice(counted, start, end, key=attrgetter("started_at"))
    effective = [one.effective for one in nursings if start <= one.at < end]
    return Figures(
        day=day,
        stimulations=sum(pumpings.values()) + sum(effective),
        pumpings=pumpings,
        nursings={"effective": sum(effective), "ineffective": len(effective) - sum(effective)},
        pumping_s=sum(one.pumping_s for one in counted),
        volume_ml=sum(one.volume_ml or 0 for one in counted),
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
