"""The figures of the day: sums, local days where clocks change, and when time alone changes them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.record import ClassifiedBy, Nursing, Purpose, Session
from device.core.rules import figures, sittings
from tests.support.histories import DAY, HOUR, MIN, NOW, SITTING_S, nursed, pumped, running, today_of


def test_an_empty_record_gives_noughts() -> None:
    found = today_of([])
    assert found.last_stimulation_at is None
    assert (found.last_24h.stimulations, found.last_24h.volume_ml, found.unclassified) == (0, 0, 0)
    assert [one.day for one in found.days] == [date(2026, 3, 10) - timedelta(days=back) for back in range(7)]


def test_the_figures_of_the_last_24_hours_add_up_counted_sessions() -> None:
    sessions = [
        pumped(2 * HOUR, 10, purpose=Purpose.PROTECT, volume_ml=70),
        pumped(5 * HOUR, 20, purpose=Purpose.PROMOTE),
        pumped(8 * HOUR, 0.5, volume_ml=5),
        pumped(11 * HOUR, 15, volume_ml=30),
        pumped(25 * HOUR, 15, volume_ml=300),
        running(60),
    ]
    nursings = [nursed(3 * HOUR), nursed(4 * HOUR, effective=False), nursed(6 * HOUR, deleted=True)]
    found = today_of(sessions, nursings).last_24h
    assert found.stimulations == 4
    assert found.pumpings == {"protect": 1, "promote": 1, "treat": 0, "unclassified": 1}
    assert found.nursings == {"effective": 1, "ineffective": 1}
    assert (found.pumping_s, found.volume_ml, found.without_amount) == (45 * MIN, 100, 1)
    assert today_of(sessions, nursings).last_stimulation_at == NOW - 2 * HOUR


def test_the_last_stimulation_ends_with_its_sittings_last_counted_session() -> None:
    power = [pumped(100 * MIN, 20), pumped(70 * MIN, 10), pumped(55 * MIN, 0.5)]
    assert ended([]) is None
    assert ended(power) == NOW - 60 * MIN, "a short one after it is not counted"
    assert ended([*power, pumped(20 * MIN, 15, deleted=True), running(5 * MIN)]) == NOW - 60 * MIN
    assert ended(power, [nursed(65 * MIN)]) == NOW - 65 * MIN, "the later start is the last"
    assert ended(power, [nursed(30 * MIN, effective=False)]) == NOW - 60 * MIN
    assert ended([pumped(65 * MIN, 25)], [nursed(65 * MIN)]) == NOW - 40 * MIN


def ended(sessions: list[Session], nursings: list[Nursing] | None = None) -> int | None:
    return today_of(sessions, nursings or []).last_stimulation_ended_at


def test_a_sitting_counts_once_by_its_newest_answer() -> None:
    a = pumped(100 * MIN, 10, purpose=Purpose.TREAT, classified_at=NOW, classified_by=ClassifiedBy.DASHBOARD)
    b = pumped(80 * MIN, 10, purpose=Purpose.PROTECT, classified_at=NOW - 70 * MIN, classified_by=ClassifiedBy.BUTTON)
    assert today_of([a, b]).last_24h.pumpings == {"protect": 0, "promote": 0, "treat": 1, "unclassified": 0}


def test_an_answer_without_a_time_is_older_than_any_and_of_equal_ones_the_later_start_speaks() -> None:
    a = pumped(100 * MIN, 10, purpose=Purpose.TREAT, classified_by=ClassifiedBy.IMPORT)
    b = pumped(80 * MIN, 10, purpose=Purpose.PROTECT, classified_by=ClassifiedBy.SITTING)
    assert sittings.standing_answer([a, b]) is b
    told = replace(a, classified_at=1)
    assert sittings.standing_answer([told, b]) is told
    assert sittings.standing_answer([told, replace(b, classified_at=1)]) == replace(b, classified_at=1)
    assert sittings.standing_answer([replace(a, purpose=None)]) is None


def test_a_sitting_in_which_one_session_has_an_amount_has_one() -> None:
    assert today_of([pumped(100 * MIN, 10), pumped(80 * MIN, 10, volume_ml=0)]).last_24h.without_amount == 0
    assert today_of([pumped(100 * MIN, 10), pumped(80 * MIN, 10)]).last_24h.without_amount == 1


def test_unclassified_counts_the_counted_sessions_of_seven_days_that_wait() -> None:
    waiting = [pumped(100 * MIN, 10), pumped(80 * MIN, 10), pumped(6.9 * DAY)]
    others = [pumped(5 * HOUR, purpose=Purpose.TREAT), pumped(7 * HOUR, 0.5), pumped(7 * DAY), running(MIN)]
    assert today_of(waiting + others).unclassified == 3


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Vienna", date(2026, 3, 29), 23),
        ("Europe/Vienna", date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 3, 8), 23),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_local_day_is_whole_where_the_clocks_change(zone: str, day: date, hours: float) -> None:
    noon_at = int(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).timestamp())
    nursings = [nursed(NOW - (noon_at + minutes * MIN)) for minutes in range(-36 * 60, 36 * 60, 30)]
    found = today_of([], nursings, now=noon_at + 36 * HOUR, timezone=zone)
    whole = next(one for one in found.days if one.day == day)
    assert whole.nursings["effective"] == hours * 2


def test_the_days_are_local_days() -> None:
    at = int(datetime(2026, 3, 9, 23, 30, tzinfo=UTC).timestamp())
    session = pumped(NOW - at, 10)
    assert [one.stimulations for one in today_of([session], timezone="Europe/Vienna").days][:2] == [1, 0]
    assert [one.stimulations for one in today_of([session], timezone="UTC").days][:2] == [0, 1]


MOMENTS = st.lists(
    st.tuples(st.integers(0, 8 * DAY), st.sampled_from(["pumped", "short", "effective", "ineffective", "running"])),
    max_size=12,
)


def records_of(moments: Iterable[tuple[int, str]]) -> tuple[list[Session], list[Nursing]]:
    sessions: list[Session] = []
    nursings: list[Nursing] = []
    for number, (ago, kind) in enumerate(moments):
        if kind in {"effective", "ineffective"}:
            nursings.append(nursed(ago, effective=kind == "effective", id=f"n{number}"))
        elif kind == "running":
            sessions.append(running(ago, id=f"s{number}", number=number))
        else:
            sessions.append(
                pumped(ago, 10 if kind == "pumped" else 0.5, id=f"s{number}", number=number, volume_ml=ago % 100)
            )
    return sessions, nursings


@given(MOMENTS, st.sampled_from(["Europe/Vienna", "UTC", "America/St_Johns", "Asia/Kathmandu"]))
def test_nothing_changes_before_the_next_change(moments: list[tuple[int, str]], zone: str) -> None:
    sessions, nursings = records_of(moments)
    recorded = sittings.record_times(sessions, nursings)
    when = figures.next_change(recorded, now=NOW, timezone=zone, first_record_at=min(recorded, default=None))
    assert NOW < when <= NOW + DAY
    assert today_of(sessions, nursings, timezone=zone) == today_of(sessions, nursings, now=when - 1, timezone=zone)


@given(MOMENTS)
def test_the_figures_of_the_day_agree_with_the_stimulations(moments: list[tuple[int, str]]) -> None:
    sessions, nursings = records_of(moments)
    times = sittings.stimulations(sittings.together(sessions, SITTING_S), nursings)
    found = today_of(sessions, nursings)
    assert found.last_24h.stimulations == sittings.within(times, NOW - DAY, NOW)
    assert sum(found.outlook.stimulations) == sittings.within(times, NOW - 5 * DAY, NOW)
    assert found.last_24h.stimulations == found.outlook.stimulations[0]
    assert sum(one.stimulations for one in found.days) <= len(times)


def test_the_first_record_turning_five_days_old_is_a_change_also_where_it_was_deleted() -> None:
    first = NOW - 5 * DAY + 60
    assert figures.next_change([], now=NOW, timezone="UTC", first_record_at=first) == NOW + 60
