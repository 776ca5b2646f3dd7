"""Other apps' times: by the zone's rules, twice or never; what may be two days is a fault."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.wire.local_times import Dates, by_the_zone, moment_of, parse_local
from device.wire.values import LATEST, FieldError, instant

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("cell", "dates", "at"),
    [
        ("2026-03-01 04:12", None, "2026-03-01T03:12:00Z"),
        (" 2026/3/1 4:12:08 ", None, "2026-03-01T03:12:08Z"),
        ("2026-03-01T04:12:08.500", None, "2026-03-01T03:12:08Z"),
        ("2026-03-01 04:12:08+02:00", None, "2026-03-01T02:12:08Z"),
        ("2026-03-01T04:12:08Z", None, "2026-03-01T04:12:08Z"),
        ("2026-03-01 4:12 PM", None, "2026-03-01T15:12:00Z"),
        ("2026-03-01 12:05 a.m.", None, "2026-02-28T23:05:00Z"),
        ("2026-03-01 12:05\u202fpm", None, "2026-03-01T11:05:00Z"),
        ("2026-03-01 04:12", Dates.MDY, "2026-03-01T03:12:00Z"),
        ("01.03.2026 04.12", Dates.DMY, "2026-03-01T03:12:00Z"),
        ("1.3.26, 4:12", Dates.DMY, "2026-03-01T03:12:00Z"),
        ("3/1/26 4:12", Dates.MDY, "2026-03-01T03:12:00Z"),
        ("26-03-01 4:12", Dates.YMD, "2026-03-01T03:12:00Z"),
    ],
)
def test_a_time_is_read_as_people_write_it(cell: str, dates: Dates | None, at: str) -> None:
    found = moment_of(cell, VIENNA, dates)
    assert (instant(found.at), found.remark) == (at, "")


@pytest.mark.parametrize(
    ("cell", "dates", "says"),
    [
        ("01/03/2026 04:12", None, "may be more than one day; say --dates dmy, mdy or ymd"),
        ("25.03.2026 04:12", None, "--dates"),
        ("26-03-01 04:12", None, "--dates"),
        ("25/03/2026 04:12", Dates.MDY, "month must be in 1..12"),
        ("01.03.2026 04:12", Dates.YMD, "no date in the order ymd"),
        ("1.3.126 04:12", Dates.DMY, "no date in the order dmy"),
        ("2026-02-29 04:12", None, "day is out of range"),
        ("2026-03-01 24:12", None, "hour must be in 0..23"),
        ("2026-03-01 13:12 pm", None, "am and pm have hours from 1 to 12"),
        ("2026-03-01 0:12 am", None, "am and pm have hours from 1 to 12"),
        ("2026-03-01", None, "no date with a time of day"),
        ("04:12", None, "no date with a time of day"),
        ("", None, "no date with a time of day"),
        ("2026-03/01 04:12", None, "no date with a time of day"),
        ("٢٠٢٦-٠٣-٠١ ٠٤:١٢", None, "no date with a time of day"),
        ("1969-12-31 04:12", None, "out of range"),
        ("9999-12-31 23:59", None, "out of range"),
        ("0001-01-01 00:00", None, "out of range"),
    ],
)
def test_what_is_no_time_or_might_be_two_is_named(cell: str, dates: Dates | None, says: str) -> None:
    with pytest.raises(FieldError, match=says):
        moment_of(cell, VIENNA, dates)


def test_of_an_hour_that_exists_twice_the_first_is_taken_and_of_one_that_does_not_the_next_and_both_are_said() -> None:
    twice, never = moment_of("2026-10-25 02:30", VIENNA), moment_of("2026-03-29 02:30", VIENNA)
    assert instant(twice.at) == "2026-10-25T00:30:00Z"
    assert twice.remark == "2026-10-25 02:30:00 exists twice in Europe/Vienna: the first is taken"
    assert instant(never.at) == "2026-03-29T01:30:00Z"
    assert never.remark == "2026-03-29 02:30:00 does not exist in Europe/Vienna: 03:30:00 is taken"
    for edge in ("2026-10-25 01:59:59", "2026-10-25 03:00", "2026-03-29 01:59:59", "2026-03-29 03:00"):
        assert moment_of(edge, VIENNA).remark == ""


def test_an_end_that_would_lie_before_its_start_is_the_second_of_two() -> None:
    start = moment_of("2026-10-25 02:50", VIENNA)
    end = moment_of("2026-10-25 02:10", VIENNA, after=start.at)
    assert end.at - start.at == 20 * 60
    assert moment_of("2026-10-25 02:55", VIENNA, after=start.at).at - start.at == 5 * 60


@given(
    st.integers(0, LATEST - 1),
    st.sampled_from(["Europe/Vienna", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Etc/UTC"]),
)
def test_what_the_clock_showed_is_found_again_or_the_first_time_that_it_showed_it(at: int, name: str) -> None:
    shown = datetime.fromtimestamp(at, ZoneInfo(name))
    found = by_the_zone(shown.replace(tzinfo=None, fold=0), ZoneInfo(name))
    assert (found.at == at, found.remark == "") in {(True, True), (True, False), (False, False)}
    if found.at != at:
        assert (found.second, shown.fold) == (at, 1)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)), st.sampled_from(Dates), st.booleans())  # noqa: DTZ001
def test_a_date_is_the_same_in_each_order(local: datetime, order: Dates, half: bool) -> None:
    local = local.replace(microsecond=0, fold=0)
    parts = {"y": f"{local:%y}", "m": f"{local.month}", "d": f"{local:%d}"}
    day = "/".join(parts[part] for part in order)
    time = f"{local:%I:%M:%S %p}" if half else f"{local:%H:%M:%S}"
    assert parse_local(f"{day} {time}", order) == local
    assert parse_local(local.isoformat(), order) == local


@given(st.text(max_size=40), st.none() | st.sampled_from(Dates))
def test_whatever_a_cell_holds_is_a_time_or_a_fault_in_one_line(cell: str, dates: Dates | None) -> None:
    fault = ""
    try:
        assert 0 <= moment_of(cell, VIENNA, dates).at < LATEST
    except FieldError as error:
        fault = str(error)
    assert fault.isprintable()
