"""What an answer fills and takes back, in which order answers stand, and to which sitting a session comes."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.record import Cause, ClassifiedBy, Clock, Purpose, Session
from device.core.record.sittings import seated_anew
from device.core.rules import sittings
from device.core.rules.records import records_of
from device.wire.payloads import instant
from tests.support.drive import WALL, Device
from tests.support.histories import MIN, pumped

HOUR = 3600


def three(device: Device, every_s: int = 400) -> list[str]:
    """Three sessions of one sitting, two hours ago, that nobody has classified."""
    start = int(device.wall) - 2 * HOUR
    return [
        device.order("add", started_at=instant(start + every_s * place), duration_s=240)["session"]["id"]
        for place in range(3)
    ]


def words(device: Device, records: list[str]) -> list[tuple[Any, ...]]:
    return [(one.purpose, one.reason, one.intention) for one in map(device.session, records)]


# -- what it fills ---------------------------------------------------------------------------------------------


def test_a_correction_takes_purpose_reason_and_intention_along_and_null_empties_them() -> None:
    device = Device()
    records = three(device)
    first, second, third = records
    device.order("classify", session=second, purpose="protect", reason="complete_nursing", intention="feed")
    assert words(device, records) == [("protect", "complete_nursing", "feed")] * 3
    device.order("classify", session=third, intention="freezer")
    device.order("classify", session=second, intention="fridge")
    assert [one[2] for one in words(device, records)] == ["fridge", "fridge", "freezer"], "one given by itself stays"
    device.order("classify", session=second, reason=None)
    assert {one[1] for one in words(device, records)} == {None}
    device.order("classify", session=second, purpose=None, intention=None)
    assert words(device, records) == [(None, None, None), (None, None, None), (None, None, "freezer")]
    emptied = device.session(first)
    assert (emptied.classified_by, emptied.classified_at, emptied.cause) == (None, None, Cause.CLASSIFIED)


def test_an_answer_of_its_own_stays_when_the_one_that_had_filled_it_is_taken_back() -> None:
    device = Device()
    records = three(device)
    device.order("classify", session=records[0], purpose="treat", reason="mastitis")
    device.order("classify", session=records[2], purpose="treat")
    device.order("classify", session=records[0], purpose=None)
    assert [one[0] for one in words(device, records)] == [None, None, "treat"]


def test_a_reason_that_one_of_them_takes_back_by_itself_is_its_own_answer() -> None:
    device = Device()
    records = three(device)
    device.order("classify", session=records[0], purpose="protect", reason="complete_nursing")
    device.order("classify", session=records[2], reason=None)
    device.order("classify", session=records[0], purpose="treat", reason="mastitis")
    assert [one[:2] for one in words(device, records)] == [
        ("treat", "mastitis"),
        ("treat", "mastitis"),
        ("protect", None),
    ]
    assert device.session(records[2]).classified_by is ClassifiedBy.DASHBOARD


def test_an_added_session_with_a_purpose_has_no_time_of_its_answer() -> None:
    device = Device()
    start = instant(int(device.wall) - HOUR)
    said = device.order("add", started_at=start, duration_s=600, purpose="promote")["session"]
    assert (said["purpose"], said["classified_by"], said["classified_at"]) == ("promote", "dashboard", None)


# -- in which order answers stand ------------------------------------------------------------------------------


def test_an_answer_says_when_it_was_given_and_one_that_is_inherited_has_the_same_time() -> None:
    device = Device()
    device.pump(True, lasts=30)
    device.order("classify", purpose="protect")
    at = int(device.wall)
    assert device.last.classified_at == at
    device.pump(False, lasts=130)
    device.pump(True, lasts=5)
    assert (device.last.classified_by, device.last.classified_at) == (ClassifiedBy.SITTING, at)


def test_the_newer_answer_is_the_one_given_later_though_the_clock_fell_behind_and_stands_a_second_after() -> None:
    device = Device(synced=False)
    device.pumped(100)
    device.pump(True, lasts=70)
    first, second = device.state.sessions[-2].id, device.last.id
    device.order("classify", session=second, purpose="protect")
    early = device.session(second).classified_at
    device.clock(device.wall - 5 * HOUR, synced=False)
    device.order("classify", session=first, purpose="treat")
    assert early is not None
    assert device.session(first).classified_at == early + 1
    device.pump(False, lasts=130)
    true = WALL + 400 * 86400.0
    device.clock(true, synced=True)
    times = [device.session(one).classified_at or 0 for one in (second, first)]
    assert times[0] < times[1] < true
    assert true - times[1] < 200
    assert device.published("today")[-1]["last_24h"]["pumpings"]["treat"] == 1


def test_two_answers_within_one_second_stand_a_second_apart() -> None:
    device = Device()
    records = three(device)
    for record, purpose in zip(records, ("protect", "treat", "promote"), strict=True):
        device.order("classify", session=record, purpose=purpose)
    at = int(device.wall)
    assert [device.session(one).classified_at for one in records] == [at, at + 1, at + 2]
    assert sittings.standing_answer(map(device.session, records)) == device.session(records[2])


def test_answers_of_sittings_that_become_one_stand_in_the_order_in_which_they_were_given() -> None:
    device = Device()
    start = int(device.wall) - 5 * HOUR
    far = [
        device.order("add", started_at=instant(start + place * HOUR), duration_s=600)["session"]["id"]
        for place in range(2)
    ]
    device.order("classify", session=far[1], purpose="protect")
    device.order("classify", session=far[0], purpose="treat")
    assert device.session(far[0]).classified_at == device.session(far[1]).classified_at
    device.order("edit", session=far[1], started_at=instant(start + 700), ended_at=instant(start + 1300))
    early, late = device.session(far[1]).classified_at, device.session(far[0]).classified_at
    assert early is not None
    assert late == early + 1
    assert device.session(far[0]).sitting == device.session(far[1]).sitting


# -- where a session comes to ----------------------------------------------------------------------------------


def test_a_session_of_no_length_does_not_break_the_chain_of_one_that_ends_later() -> None:
    long = pumped(100 * MIN, 60, id="long", number=1)
    short = pumped(90 * MIN, 0, id="short", number=2)
    after = pumped(35 * MIN, 10, id="after", number=3)
    assert sittings.sittings([long, short, after], 720) == dict.fromkeys(("long", "short", "after"), "long")


def test_of_two_that_began_in_the_same_second_the_lower_number_came_first_whatever_their_ids() -> None:
    later, earlier = pumped(50 * MIN, 10, id="a", number=2), pumped(50 * MIN, 10, id="b", number=1)
    assert sittings.sittings([later, earlier], 720) == {"a": "b", "b": "b"}


def test_without_sittings_only_what_overlaps_counts_once() -> None:
    one, touching, apart = (
        pumped(50 * MIN, 10, id="1", number=1),
        pumped(40 * MIN, 10, id="2", number=2),
        pumped(20 * MIN, 9, id="3", number=3),
    )
    assert set(sittings.sittings([one, touching, apart], 0).values()) == {"1", "2", "3"}
    over = pumped(45 * MIN, 10, id="4", number=4)
    assert sittings.sittings([one, over], 0) == {"1": "1", "4": "1"}


def test_a_sitting_longer_than_12_hours_follows_to_its_end() -> None:
    device = Device()
    start = int(device.wall) - 20 * HOUR
    ids = [
        device.order("add", started_at=instant(start + place * 1200), duration_s=600)["session"]["id"]
        for place in range(55)
    ]
    assert {device.session(one).sitting for one in ids} == {ids[0]}
    device.order("delete", session=ids[0])
    assert {device.session(one).sitting for one in ids[1:]} == {ids[1]}
    assert {device.session(one).cause for one in ids[1:]} == {Cause.EDITED}


LIVES = st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 900), st.booleans()), min_size=1, max_size=12)


@given(LIVES, st.integers(0, 2**32), st.sampled_from([0, 60, 300]))
def test_what_is_walked_near_a_change_gives_the_sittings_that_all_sessions_give(
    spans: list[tuple[int, int, bool]], seed: int, sitting_s: int
) -> None:
    chance = random.Random(seed)
    blank = pumped(1, 1)
    made = [
        replace(blank, id=f"s{n}", number=n, started_at=at, ended_at=at + lasts, duration_s=lasts, deleted=gone)
        for n, (at, lasts, gone) in enumerate(spans)
    ]
    made = [replace(one, sitting=one.id) for one in made]
    seats = sittings.sittings(made, sitting_s)
    made = [replace(one, sitting=seats[one.id]) for one in made]
    changed = chance.choice(made)
    at, lasts = chance.randrange(6000), chance.randrange(900)
    draft = chance.choice([
        replace(changed, deleted=not changed.deleted),
        replace(changed, started_at=at, ended_at=at + lasts, duration_s=lasts),
    ])  # fmt: skip
    after: tuple[Session, ...] = tuple(
        sorted([one for one in made if one.id != draft.id] + [draft], key=lambda one: (one.started_at, one.number))
    )
    edges = [changed.started_at, changed.ended_at or 0, draft.started_at, draft.ended_at or 0]
    seated = seated_anew(records_of(after, (), sitting_s), min(edges), max(edges), {draft.id})
    found = {one.id: one.sitting for one in seated}
    right = sittings.sittings(after, sitting_s)
    assert {one.id: found.get(one.id, one.sitting) for one in after if not one.deleted} == {
        one.id: right[one.id] for one in after if not one.deleted
    }


# -- what people type ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "stands"),
    [
        ("10:15:00", "10:30:00", ("10:15:30", "10:30:00")),
        ("09:45:00", "10:01:00", ("09:45:00", "10:00:20")),
        ("10:15:30", "10:30:00", ("10:15:30", "10:30:00")),
    ],
)
@pytest.mark.parametrize("command", ["add", "edit"])
def test_an_overlap_of_under_a_minute_is_the_neighbours_edge(
    command: str, start: str, end: str, stands: tuple[str, str]
) -> None:
    device = Device()
    day = "2026-02-28T"
    device.order("add", started_at=f"{day}10:00:20Z", ended_at=f"{day}10:15:30Z")
    times = {"started_at": f"{day}{start}Z", "ended_at": f"{day}{end}Z"}
    if command == "edit":
        made = device.order("add", started_at=f"{day}12:00:00Z", duration_s=600)["session"]["id"]
        times["session"] = made
    said = device.order(command, **times)
    assert said["ok"], said
    assert (said["session"]["started_at"], said["session"]["ended_at"]) == tuple(f"{day}{one}Z" for one in stands)


@pytest.mark.parametrize(
    ("start", "end", "stands"),
    [
        ("09:00:00", "11:00:00", None),
        ("10:00:00", "11:00:00", ("10:00:50", "11:00:00")),
        ("09:00:00", "10:01:00", ("09:00:00", "10:00:10")),
        ("09:58:00", "10:03:00", None),
    ],
)
def test_a_short_session_within_a_typed_one_is_its_neighbour_only_at_an_end(
    start: str, end: str, stands: tuple[str, str] | None
) -> None:
    device = Device()
    day = "2026-02-28T"
    device.order("add", started_at=f"{day}10:00:10Z", ended_at=f"{day}10:00:50Z")
    said = device.order("add", started_at=f"{day}{start}Z", ended_at=f"{day}{end}Z")
    made = said["session"] if said["ok"] else None
    assert (made and (made["started_at"], made["ended_at"])) == (stands and tuple(f"{day}{one}Z" for one in stands))


def test_while_the_clock_is_not_set_a_command_that_carries_a_time_is_not_for_now() -> None:
    device = Device(synced=False)
    at = instant(int(device.wall) - 600)
    orders: list[tuple[str, dict[str, Any], str]] = [
        ("add", {"started_at": at, "duration_s": 300}, "started_at"),
        ("nursing", {"effective": True, "at": at}, "at"),
        ("edit", {"session": "x", "ended_at": at}, "ended_at"),
    ]
    for command, fields, field in orders:
        said = device.order(command, **fields)
        assert (said["ok"], said["code"], said["field"]) == (False, "not_now", field)
    assert device.order("nursing", effective=True)["ok"]


# -- what is known of each end ---------------------------------------------------------------------------------


def test_an_edit_of_one_end_leaves_the_other_unsynced_until_a_person_says_it_too() -> None:
    first = Device(synced=False, wall=12345)
    first.pumped(600)
    again = first.restart(60, boot="boot-2", wall=WALL + 86400.0, synced=True)
    old = again.state.sessions[0]
    assert old.clock is Clock.UNSYNCED
    assert old.ended_at is not None
    start, end = instant(old.started_at - 3600), instant(old.ended_at - 3000)
    half = again.order("edit", session=old.id, started_at=start)["session"]
    assert (half["clock"], half["use_by"]) == ("unsynced", None)
    third = again.restart(60, boot="boot-3", wall=WALL + 2 * 86400.0, synced=True)
    assert third.session(old.id).clock is Clock.UNSYNCED
    whole = third.order("edit", session=old.id, ended_at=end)["session"]
    assert (whole["clock"], whole["started_at"], whole["ended_at"]) == ("synced", start, end)


def test_a_session_that_went_on_in_a_boot_without_a_clock_gets_its_end_when_that_boot_learns_the_time() -> None:
    first = Device()
    first.pump(True, lasts=600)
    began = first.last.started_at
    again = first.restart(50, boot="boot-2", wall=WALL - 86400.0 * 365, synced=False)
    again.pump(True, lasts=100)
    again.pump(False, lasts=130)
    said = again.state.sessions[0]
    assert (said.started_at, said.clock, said.purpose) == (began, Clock.UNSYNCED, None)
    true_end = began + 600 + 50 + 100
    again.clock(true_end + 130.0, synced=True)
    said = again.state.sessions[0]
    assert (said.clock, said.started_at, said.ended_at) == (Clock.SYNCED, began, true_end)
    assert said.duration_s == 750


def test_a_boot_that_is_unplugged_every_night_moves_its_first_session_once() -> None:
    device = Device(synced=False, wall=WALL - 16 * 3600.0)
    device.pumped(300)
    first = device.last.id
    moved = set()
    for night in range(1, 6):
        device = device.restart(60, boot=f"boot-{night + 1}", wall=WALL + night * 86400.0 - 16 * 3600, synced=False)
        device.wait(30)
        device.clock(WALL + night * 86400.0, synced=True)
        device.pumped(300)
        device.wait(600)
        moved.add((device.session(first).revision, device.session(first).started_at, device.session(first).clock))
    assert len(moved) == 1
    assert moved.pop()[2] is Clock.UNSYNCED
    assert {one.clock for one in device.state.sessions if one.id != first} == {Clock.SYNCED}


def test_how_far_one_boots_clock_was_off_says_nothing_of_anothers() -> None:
    lagging = Device(synced=False, wall=WALL - 26 * 3600.0)
    lagging.pumped(300)
    first = lagging.last.id
    second = lagging.restart(60, boot="boot-2", wall=WALL - 10.0, synced=False)
    second.clock(WALL + 10.0, synced=True)
    stands = second.session(first)
    assert stands.clock is Clock.UNSYNCED
    third = second.restart(60, boot="boot-3", wall=WALL + 3600.0 - 75, synced=False)
    third.clock(WALL + 3600.0, synced=False)
    third.wait(20)
    third.clock(third.wall, synced=True)
    assert third.session(first) == stands


def test_when_an_earlier_boots_session_was_answered_is_put_right_by_the_boot_in_which_it_was() -> None:
    first = Device(synced=False, wall=12345)
    record = first.pumped(600)
    second = first.restart(60, boot="boot-2", wall=20000.0, synced=False)
    second.order("classify", session=record, purpose="protect")
    second.wait(100)
    second.clock(float(WALL), synced=True)
    stands = second.session(record)
    assert (stands.clock, stands.classified_at) == (Clock.UNSYNCED, WALL - 100)
    assert second.restart(60).session(record).revision == stands.revision


def test_purposes_of_a_sitting_are_told_by_its_newest_answer_wherever_it_was_given() -> None:
    device = Device()
    records = three(device)
    device.order("classify", session=records[2], purpose="treat")
    device.wait(5)
    device.order("classify", session=records[0], purpose="promote")
    pumpings = device.published("today")[-1]["last_24h"]["pumpings"]
    assert {name: count for name, count in pumpings.items() if count} == {Purpose.PROMOTE: 1}
