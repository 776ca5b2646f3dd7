"""What is kept with the records is what follows from all of them; and what an event costs does not grow with them."""

import random
import sys
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.events import MotorEdge
from device.core.model.record import Context, Intention, Nursing, Purpose, Record, Session, SessionState, Suggestion
from device.core.rules import keeping, sittings
from device.core.rules.records import Records, let_go, near, records_of, stimulated_but, with_record, with_sessions
from device.wire.payloads import instant
from tests.support import made
from tests.support.drive import WALL, Plain
from tests.support.histories import HOUR, MIN, NOW, nursed, pumped

SITTINGS_S = [0, 300, 720]


def session_by(chance: random.Random, number: int, sitting: str) -> Session:
    """Any of a short time, so that many touch, overlap, begin at once or last for longer than others."""
    at, lasts = NOW - chance.randrange(200) * MIN, chance.choice([0, 1, 5, 5, 10, 90]) * MIN
    purpose = chance.choice([None, *Purpose])
    context = chance.choice([None, *Context])
    return replace(
        pumped(1, 1),
        id=f"s{number}",
        number=number,
        started_at=at,
        duration_s=lasts,
        ended_at=chance.choice([None, at + lasts, at + lasts]),
        state=chance.choice([SessionState.RUNNING, SessionState.ENDED, SessionState.ENDED]),
        counted=chance.random() < 0.7,
        deleted=chance.random() < 0.2,
        sitting=sitting,
        purpose=purpose,
        volume_ml=chance.choice([None, 40, 90]),
        suggestion=context and Suggestion(Purpose.PROTECT, None, context, ""),
    )


def record_by(chance: random.Random, records: Records) -> Record:
    """A new record, or another revision of one that is there."""
    number = chance.randrange(20)
    if chance.random() < 0.2:
        ago, effective, deleted = chance.randrange(200) * MIN, chance.random() < 0.6, chance.random() < 0.2
        return nursed(ago, effective=effective, deleted=deleted, id=f"n{number}", number=number)
    session = session_by(chance, number, f"s{chance.randrange(20)}")
    former = records.by_id.get(session.id)
    if isinstance(former, Session) and chance.random() < 0.5:  # most revisions leave the times as they were
        return replace(former, purpose=session.purpose, volume_ml=session.volume_ml, counted=session.counted)
    return session


@given(st.integers(0, 2**32), st.sampled_from(SITTINGS_S))
def test_what_is_kept_from_change_to_change_is_what_all_records_give(seed: int, sitting_s: int) -> None:
    chance, records = random.Random(seed), records_of((), (), sitting_s)
    for _ in range(30):
        if records.by_id and chance.random() < 0.2:
            records = let_go(
                records, chance.sample([*records.by_id.values()], chance.choice([1, 1, len(records.by_id)]))
            )
        if chance.random() < 0.1:
            numbers = chance.sample(range(20), chance.choice([2, 18]))
            records = with_sessions(records, [session_by(chance, number, "s1") for number in numbers])
        records = with_record(records, record_by(chance, records))
        every = chance.sample([*records.sessions, *records.nursings], len(records.by_id))
        sessions = [record for record in every if isinstance(record, Session)]
        nursings = [record for record in every if isinstance(record, Nursing)]
        whole = records_of(sessions, nursings, sitting_s)
        assert {session.id for session in records.running} == {session.id for session in whole.running}
        assert replace(records, running=()) == replace(whole, running=())


@given(st.integers(0, 2**32), st.sampled_from(SITTINGS_S))
def test_the_sittings_by_the_times_are_those_that_every_session_is_asked_for(seed: int, sitting_s: int) -> None:
    chance = random.Random(seed)
    sessions = [session_by(chance, number, "") for number in range(15)]
    seats = sittings.sittings([session for session in sessions if not session.deleted], sitting_s)
    groups = records_of(sessions, (), sitting_s).groups
    assert {session.id: group[0].id for group in groups for session in group} == seats
    counted = [next((one for one in group if sittings.is_counted(one)), None) for group in groups]
    assert records_of(sessions, (), sitting_s).stimulated == tuple(one.started_at for one in counted if one is not None)


@given(st.integers(0, 2**32), st.sampled_from(SITTINGS_S))
def test_what_may_share_a_span_is_near_it(seed: int, sitting_s: int) -> None:
    chance = random.Random(seed)
    records = records_of([session_by(chance, number, "") for number in range(15)], (), sitting_s)
    start = NOW - chance.randrange(250) * MIN
    end = start + chance.randrange(100) * MIN
    found = near(records, start, end)
    assert found == [session for session in records.sessions if session in found]
    for session in records.sessions:
        reaches = session.ended_at is None or session.ended_at >= start
        if not session.deleted and session.started_at <= end and reaches:
            assert session in found


@given(st.integers(0, 2**32), st.sampled_from(SITTINGS_S))
def test_stimulations_without_a_session_are_those_where_it_does_not_count(seed: int, sitting_s: int) -> None:
    chance = random.Random(seed)
    records = records_of([session_by(chance, number, "") for number in range(15)], (), sitting_s)
    session = chance.choice(records.sessions)
    without = with_record(records, replace(session, counted=False))
    assert stimulated_but(records, session) == without.stimulated


# -- what it costs ---------------------------------------------------------------------------------------------


SEARCHES = 250
"""Lines by which what looks for a place by halves may cost more: a walk would be 1,940."""


@cache
def held(count: int) -> Plain:
    """A device that holds so many sessions and nursings, one of each every three hours, and each session's milk."""
    device = Plain(wall=WALL + 21 * HOUR - 60)  # just before midnight
    now = int(device.wall)
    sessions = [
        made.session(
            number,
            started_at=(started_at := now - (count - number + 1) * 3 * HOUR),
            ended_at=started_at + 1200,
            duration_s=1200,
            pumping_s=1200,
            counted=True,
            volume_ml=80,
            purpose=Purpose.PROTECT,
            intention=Intention.FREEZER,
            classified_at=started_at,
        )
        for number in range(1, count + 1)
    ]
    nursings = [replace(nursed(0), id=f"n{n}", number=n, at=now - n * 3 * HOUR - HOUR) for n in range(1, count + 1)]
    sessions = [replace(one, sitting=one.id, use_by=keeping.portion(one)[1]) for one in sessions]
    portions = [portion for one in sessions if (portion := keeping.in_stock(one)) is not None]
    device.state = replace(
        device.state,
        records=records_of(sessions, nursings, 720),
        portions=tuple(sorted(portions, key=keeping.keeps)),
        stock=None,
        first_record_at=sessions[0].started_at,
        next_session=count + 1,
        next_nursing=count + 1,
        tidy_at=float("inf"),  # they are from longer ago than anything is held
        today_stale=True,
    )
    device.order("note", text="all is reckoned once")
    return device


def start_and_stop(device: Plain) -> None:
    device.order("start")
    device.wait(90)
    device.order("stop")


def answer(device: Plain) -> None:
    device.pump(True, lasts=4)
    device.press("left", "left", "left")


def edit(device: Plain) -> None:
    device.order("edit", session=device.last.id, ended_at=instant(device.last.started_at + 600))


ACTS: dict[str, Callable[[Plain], object]] = {
    "note": lambda device: device.order("note", text="a note"),
    "note on an older one": lambda device: device.order("note", session=device.state.sessions[-50].id, text="a note"),
    "classify": lambda device: device.order("classify", purpose="treat"),
    "intention": lambda device: device.order("classify", intention="fridge"),
    "volume": lambda device: device.order("volume", ml=120),
    "milk": lambda device: device.order("milk", place="thawed"),
    "nursing": lambda device: device.order("nursing", effective=True),
    "nursing before": lambda device: device.order("nursing", effective=True, at=instant(int(device.wall) - 5 * HOUR)),
    "edit": edit,
    "delete": lambda device: device.order("delete", session=device.last.id),
    "start": lambda device: device.order("start"),
    "start and stop": start_and_stop,
    "edge": lambda device: device.send(MotorEdge(device.at, True)),
    "the pump begins": lambda device: device.pump(True, lasts=4),
    "press": lambda device: device.press("left"),
    "answer": answer,
    "midnight": lambda device: device.wait(60),
}


def lines_run(device: Plain, act: Callable[[Plain], object]) -> int:
    """How many lines of the core an act runs: each turn of a loop or a comprehension is one. The device stays."""
    lines, state, at = [0], device.state, device.at

    def look(frame: FrameType, what: str, _argument: object) -> Any:
        lines[0] += what == "line"
        return look if "/device/core/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(look)
    try:
        act(device)
    finally:
        sys.settrace(before)
    device.state, device.at = state, at
    return lines[0]


@pytest.mark.parametrize("name", ACTS)
def test_what_is_done_costs_with_2000_held_what_it_costs_with_60(name: str) -> None:
    few, many = held(60), held(2000)
    act = ACTS[name]
    lines_run(few, act)  # words are read when they are first said
    few_lines, many_lines = lines_run(few, act), lines_run(many, act)
    assert few_lines > 50, "something was done"
    assert many_lines - few_lines < SEARCHES, f"{few_lines} lines, and {many_lines}"
