"""Baby Buddy's CSV both ways: what is written there comes back, as far as it has a place for it."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.record import Nursing, Session, Side, Units
from device.wire.babybuddy_rows import (
    FEEDING,
    NUMBERED,
    PUMPING,
    RUNNING,
    SECOND,
    SIDELESS,
    UNKNOWN,
    babybuddy_reader,
    lost_there,
    parse_tags,
    to_babybuddy,
)
from device.wire.foreign_rows import Ways
from device.wire.values import FieldError
from tests.support import kept
from tests.support.kept import NOW

ZONE = ZoneInfo("Europe/Vienna")
TAGS = {"3": "effective", "4": "ineffective", "5": "no amount"}
numbers = st.sampled_from([{}, TAGS])


def back(cells: list[str], ways: Ways) -> Any:
    names = FEEDING if len(cells) == len(FEEDING) else PUMPING
    text = io.StringIO()
    csv.writer(text).writerows([names, cells])
    ((imported, _),) = [
        (babybuddy_reader(names, ways)(row).imported, row)
        for row in list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1:]
    ]
    assert imported is not None
    return imported.record


@given(
    st.none() | st.integers(0, 2000), st.none() | st.text("aä,;\"\n' =", max_size=480), st.sampled_from(Units), numbers
)
def test_a_pumping_comes_back_with_its_times_amount_and_note(
    ml: int | None, note: str | None, units: Units, tags: dict[str, str]
) -> None:
    one = kept.session(1, NOW, volume_ml=ml, note=note)
    cells = to_babybuddy(one, ZONE, units, 1, tags)
    assert cells is not None
    again = back(cells, Ways(ZONE, units, tags=tags))
    assert (again.started_at, again.ended_at) == (one.started_at, one.ended_at)
    assert (again.volume_ml, again.note) == (ml, (note or "").strip() or None)


@given(st.booleans(), st.sampled_from(Side), numbers)
def test_a_nursing_comes_back_with_its_time_side_and_effect(effective: bool, side: Side, tags: dict[str, str]) -> None:
    one = kept.nursing(1, NOW, effective=effective, side=side)
    cells = to_babybuddy(one, ZONE, Units.ML, 1, tags)
    assert cells is not None
    again = back(cells, Ways(ZONE, tags=tags))
    assert (again.at, again.effective, again.side) == (one.at, effective, side)


def test_the_cells_are_as_baby_buddy_takes_them() -> None:
    one = kept.session(1, NOW, volume_ml=85)
    assert to_babybuddy(one, ZONE, Units.OZ, 7, {}) == [
        "7",
        "2026-02-25 07:13:20",
        "2026-02-25 07:28:20",
        "2.87",
        "",
        "",
    ]
    assert to_babybuddy(replace(one, volume_ml=None), ZONE, Units.ML, 1, TAGS) == [
        "1", "2026-02-25 07:13:20", "2026-02-25 07:28:20", "0", "", "5",
    ]  # fmt: skip
    assert to_babybuddy(kept.nursing(1, NOW), ZONE, Units.ML, 1, {}) == [
        "1", "2026-02-25 07:13:20", "2026-02-25 07:13:20", "breast milk", "both breasts", "", "", "effective",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "has_a_row", "says"),
    [
        (kept.session(1, NOW, volume_ml=5), True, []),
        (kept.session(1, NOW), True, [UNKNOWN, NUMBERED]),
        (kept.session(1, NOW, deleted=True), False, []),
        (kept.running(1, NOW), False, [RUNNING]),
        (kept.session(1, 1792891800, volume_ml=5), True, [SECOND]),  # 2026-10-25T01:30:00Z
        (kept.nursing(1, NOW), True, [NUMBERED, SIDELESS]),
    ],
)
def test_what_has_no_place_there_is_said(record: Session | Nursing, has_a_row: bool, says: list[str]) -> None:
    assert (to_babybuddy(record, ZONE, Units.ML, 1, {}) is not None) == has_a_row
    assert list(lost_there(record, ZONE, {})) == says
    assert NUMBERED not in lost_there(record, ZONE, TAGS)


@pytest.mark.parametrize("said", ["", "3", "x=effective", "3=sleepy", "3=effective,", "٣=effective"])
def test_tags_that_can_not_be_are_named(said: str) -> None:
    with pytest.raises(FieldError, match="say 3=ineffective, for effective, ineffective, no amount"):
        parse_tags(said)
    assert parse_tags(" 3 = Ineffective ,5=no amount") == {"3": "ineffective", "5": "no amount"}
