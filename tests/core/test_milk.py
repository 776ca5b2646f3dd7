"""The portion of a session: what `milk` moves, corrects and takes back, until when it keeps, and the stock of all."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.events import CoreEvent
from device.core.model.record import Cause, Place, Portion, Session
from device.core.rules import keeping
from device.core.state import find_session
from device.wire.payloads import instant, session_payload
from tests.support.drive import DAY, WALL, Device
from tests.support.portions import BEGIN, HOUR, PortionBook, seconds, stock_of, text

PLACES = ["room", "fridge", "freezer", "thawed", "used", "discarded", "donated"]
ENDED = WALL - 600


def with_portion(intention: str | None = "fridge", ml: int | None = 100, ended: int = ENDED, **settings: Any) -> Device:
    """A device with one session, of 20 minutes, that ended at `ended`."""
    device = Device(at_home=False, **settings)
    added(device, intention, ml, ended)
    return device


def added(device: Device, intention: str | None, ml: int | None, ended: int) -> str:
    reply = device.order("add", started_at=instant(ended - 1200), duration_s=1200, intention=intention, ml=ml)
    return str(reply["session"]["id"])


def record(device: Device) -> dict[str, Any]:
    newest: Session = next(one for one in reversed(device.disk.log) if isinstance(one, Session))
    return session_payload(newest, "pump")


def told(device: Device) -> tuple[str, int | None, int, str | None]:
    """Place, amount, seconds since the session's end, use_by."""
    said = record(device)
    return said["milk"]["place"], said["milk"]["ml"], seconds(said["milk"]["since"]) - ENDED, said["use_by"]


def refused(device: Device, **fields: Any) -> tuple[str, str | None]:
    before = len(device.disk.log)
    reply = device.order("milk", **fields)
    assert not reply["ok"]
    assert reply["error"]
    assert len(device.disk.log) == before, "nothing changes"
    return reply["code"], reply["field"]


def today(device: Device) -> dict[str, Any]:
    """The stock as dashboards were told it last."""
    return dict(device.published("today")[-1]["milk"])


# -- any course of things --------------------------------------------------------------------------------------

AMOUNTS = st.sampled_from([None, 0, 1, 30, 50, 60, 90, 100, 120])
ACTS = st.one_of(
    st.tuples(
        st.just("milk"),
        st.sampled_from([*PLACES, None]),
        st.none() | st.sampled_from([0, 1, 30, 50, 60, 100, 101]),
        st.none() | st.sampled_from([-1, 0, 1, 600, 4 * HOUR, 5 * HOUR, 4 * DAY, 5 * DAY, 200 * DAY]),
    ),
    st.tuples(st.just("volume"), AMOUNTS),
    st.tuples(st.just("classify"), st.sampled_from([*BEGIN, None])),
    st.tuples(st.just("wait"), st.sampled_from([60, HOUR, 4 * HOUR, DAY, 4 * DAY, 190 * DAY])),
    st.tuples(st.just("edit"), st.sampled_from([-1170, -300, 0, 300, 2 * HOUR])),
    st.tuples(st.just("delete")),
    st.tuples(st.just("restore")),
)


class Course:
    """A device with one session, and the book that is kept of it."""

    def __init__(self, intention: str | None, amount: int | None) -> None:
        self.device = with_portion(intention, amount)
        self.book = PortionBook(ENDED, amount, intention)
        self.id = record(self.device)["id"]
        self.counts, self.deleted = True, False

    def act(self, name: str, *given: Any) -> None:
        device, book, now = self.device, self.book, int(self.device.wall)
        match name, *given:
            case "milk", place, ml, after:
                at = None if after is None else self.since() + after
                fields = {"ml": ml} if ml is not None else {}
                fields |= {"at": instant(at)} if at is not None else {}
                reply = device.order("milk", session=self.id, place=place, **fields)
                wrong = book.milk(place, ml, at, now)
                assert (reply.get("code"), reply.get("field")) == (wrong or (None, None)), reply
                assert reply["ok"] == (wrong is None)
                if wrong is None:
                    assert reply["session"]["cause"] == "milk"
                    assert reply["session"] == record(device)
            case "volume", ml:
                device.order("volume", session=self.id, ml=ml)
                book.amount = ml
            case "classify", intention:
                device.order("classify", session=self.id, intention=intention)
                book.intention = intention
            case "wait", length:
                device.wait(length)
            case "edit", shift:
                ended = ENDED + shift
                if not device.order("edit", session=self.id, ended_at=instant(ended))["ok"]:
                    return
                book.ended_at, self.counts = ended, ended - (ENDED - 1200) >= 60
            case "delete" | "restore", *_:
                device.order(name, session=self.id)
                self.deleted = name == "delete"
        book.lives = self.counts and not self.deleted

    def since(self) -> int:
        stands = self.book.story()
        return stands[2] if stands else self.book.ended_at


@given(st.sampled_from([*BEGIN, None]), AMOUNTS, st.lists(ACTS, max_size=12))
def test_whatever_is_said_of_a_portion_it_is_where_the_contract_has_it(
    intention: str | None, amount: int | None, acts: list[tuple[Any, ...]]
) -> None:
    course = Course(intention, amount)
    for act in acts:
        before = len(course.device.disk.log)
        course.act(*act)
        assert len(course.device.disk.log) <= before + 1, "one command, one revision"
        newest = record(course.device)
        course.book.is_record(newest)
        assert today(course.device) == stock_of([newest], int(course.device.wall))


# -- sentence by sentence --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intention", "milk", "use_by"),
    [
        ("feed", ("room", 100), ENDED + 4 * HOUR),
        ("fridge", ("fridge", 100), ENDED + 4 * DAY),
        ("freezer", ("freezer", 100), seconds("2026-09-01T02:50:00Z")),
        ("donate", ("donated", 0), None),
        ("discard", ("discarded", 0), None),
    ],
)
def test_a_portion_begins_at_the_sessions_end_where_its_intention_puts_it(
    intention: str, milk: tuple[str, int], use_by: int | None
) -> None:
    device = with_portion(None)
    assert record(device)["milk"] is None
    device.wait(DAY / 2)
    device.order("classify", intention=intention)
    said = record(device)
    assert said["milk"] == {"place": milk[0], "ml": milk[1], "since": text(ENDED)}
    assert said["use_by"] == (None if use_by is None else text(use_by))


def test_an_amount_of_nothing_is_a_portion_of_nothing_that_stays_where_it_is() -> None:
    device = with_portion("freezer", 0)
    assert told(device) == ("freezer", 0, 0, None)
    assert today(device)["portions"] == 0
    device.order("volume", ml=20)
    assert told(device)[:3] == ("freezer", 20, 0)
    assert today(device)["freezer_ml"] == 20


def test_a_part_may_leave_and_the_last_one_says_where_it_all_went() -> None:
    device = with_portion()
    device.order("milk", place="used", ml=40)
    assert told(device)[:3] == ("fridge", 60, 0)
    device.wait(HOUR)
    device.order("milk", place="discarded", ml=60)
    assert told(device) == ("discarded", 0, 600 + HOUR, None)
    assert today(device) == {"room_ml": 0, "fridge_ml": 0, "freezer_ml": 0, "thawed_ml": 0, "portions": 0} | {
        "next_use_by": None
    }
    device.order("volume", ml=130)
    assert told(device)[:3] == ("fridge", 30, 0)
    assert today(device)["fridge_ml"] == 30


def test_more_than_is_left_can_not_go_and_what_nobody_measured_can() -> None:
    device = with_portion()
    assert refused(device, place="used", ml=101) == ("out_of_range", "ml")
    device.order("volume", ml=None)
    device.order("milk", place="used", ml=101)
    assert told(device)[:2] == ("fridge", None)
    assert today(device)["portions"] == 1
    device.order("volume", ml=150)
    assert told(device)[:2] == ("fridge", 49)


def test_all_that_went_stays_gone_whatever_the_amount_becomes() -> None:
    device = with_portion()
    device.order("milk", place="used")
    device.order("volume", ml=150)
    assert told(device)[:2] == ("used", 0)


def test_where_it_went_may_be_said_otherwise_but_it_does_not_come_back() -> None:
    device = with_portion()
    device.order("milk", place="used")
    assert refused(device, place="used") == ("out_of_range", "place")
    assert refused(device, place="fridge", ml=30) == ("out_of_range", "place")
    device.order("milk", place="donated")
    assert told(device)[:2] == ("donated", 0)


def test_thawed_milk_is_never_frozen_again() -> None:
    device = with_portion("freezer")
    device.order("milk", place="thawed")
    reply = device.order("milk", place="freezer")
    assert (reply["code"], reply["field"]) == ("out_of_range", "place")
    assert "never frozen again" in reply["error"]


def test_what_is_there_now_may_be_corrected() -> None:
    device = with_portion()
    assert refused(device, place="fridge") == ("out_of_range", "place")
    assert refused(device, place="fridge", ml=101) == ("out_of_range", "ml")
    device.order("milk", place="fridge", ml=70)
    assert told(device)[:3] == ("fridge", 70, 0)
    device.order("volume", ml=120)
    assert told(device)[:3] == ("fridge", 90, 0)
    device.order("milk", place="freezer", ml=80)
    assert told(device)[:3] == ("freezer", 80, 600)
    device.order("volume", ml=None)
    assert refused(device, place="freezer", ml=80) == ("not_now", "ml")


def test_milk_does_not_get_younger() -> None:
    device = with_portion("feed")
    device.wait(5 * HOUR)
    device.order("milk", place="fridge")
    assert told(device)[3] == text(ENDED + 4 * HOUR)
    device.order("milk", place="freezer")
    assert told(device)[3] == text(ENDED + 4 * HOUR)
    device.order("milk", place="thawed")
    assert told(device)[3] == text(ENDED + 4 * HOUR)


def test_a_move_at_the_very_use_by_is_in_time() -> None:
    device = with_portion("feed")
    device.wait(5 * HOUR)
    device.order("milk", place="fridge", at=text(ENDED + 4 * HOUR))
    assert told(device)[3] == text(ENDED + 4 * DAY)


def test_the_last_command_is_taken_back_and_then_the_one_before() -> None:
    device = with_portion("feed")
    device.order("milk", place="fridge")
    device.order("milk", place="used", ml=20)
    device.order("classify", intention="donate")
    assert told(device)[:2] == ("fridge", 80), "a new intention changes nothing while a command stands"
    device.order("milk", place=None)
    assert told(device)[:2] == ("fridge", 100)
    device.order("milk", place=None)
    assert told(device)[:2] == ("donated", 0), "then it is where the intention puts it"
    assert refused(device, place=None) == ("not_now", None)


def test_a_portion_stays_where_a_command_put_it_when_its_intention_is_taken_back() -> None:
    device = with_portion("feed")
    device.order("milk", place="fridge")
    device.order("classify", intention=None)
    assert told(device)[:2] == ("fridge", 100)
    device.order("milk", place=None)
    assert record(device)["milk"] is None


def test_where_there_is_no_portion_there_is_nothing_to_move() -> None:
    device = Device()
    assert refused(device, place="used") == ("unknown_record", "session")
    device.pump(True, lasts=30)
    device.order("classify", intention="fridge")
    assert refused(device, place="used") == ("not_now", None), "it runs"
    device.pump(False, lasts=200)
    assert refused(device, place="used") == ("not_now", None), "it does not count"
    device = with_portion(None)
    assert refused(device, place="used") == ("not_now", None), "nobody said what it is for"
    device = with_portion()
    device.order("delete", session=record(device)["id"])
    assert refused(device, place="used", session=record(device)["id"]) == ("not_now", None)


def test_a_move_lies_between_where_it_came_and_now() -> None:
    device = with_portion()
    assert refused(device, place="freezer", at=text(ENDED - 1)) == ("out_of_range", "at")
    assert refused(device, place="freezer", at=text(WALL + 1)) == ("out_of_range", "at")
    device.order("milk", place="freezer", at=text(ENDED + 60))
    assert told(device)[2] == 60


def test_nothing_goes_anywhere_before_the_session_ended_also_where_that_is_edited() -> None:
    device = with_portion()
    device.order("milk", place="freezer", at=text(ENDED + 60))
    device.order("edit", session=record(device)["id"], ended_at=text(ENDED + 300))
    assert told(device)[2] == 300


def test_the_record_may_have_moved_on() -> None:
    device = with_portion()
    assert refused(device, place="used", if_revision=7) == ("moved_on", "if_revision")
    assert refused(device, place="used", session="nobody") == ("unknown_record", "session")


def test_so_many_commands_may_stand_and_no_more() -> None:
    device = with_portion(ml=200)
    for _ in range(100):
        assert device.order("milk", place="used", ml=1)["ok"]
    assert refused(device, place="used", ml=1) == ("not_now", None)
    assert device.order("milk", place=None)["ok"]


def test_deleted_milk_is_none_and_comes_back_with_its_commands() -> None:
    device = with_portion()
    name = record(device)["id"]
    device.order("milk", place="used", ml=30)
    device.order("delete", session=name)
    assert record(device)["milk"] is None
    assert today(device)["portions"] == 0
    device.order("restore", session=name)
    assert told(device)[:2] == ("fridge", 70)


# -- the stock -------------------------------------------------------------------------------------------------


def test_the_stock_holds_portions_of_any_age() -> None:
    device = with_portion("freezer", 80)
    device.wait(40 * DAY)
    assert find_session(device.state, record(device)["id"]) is not None, "it is the newest still"
    added(device, "fridge", None, int(device.wall) - HOUR)
    for number in range(10):
        added(device, None, 10, int(device.wall) - (20 - number) * DAY)
    device.wait(60)
    assert today(device)["portions"] == 2
    assert today(device)["freezer_ml"] == 80
    again = device.restart(boot="boot-2")
    again.broker(True)
    assert today(again) == today(device)


def test_a_portion_that_is_not_held_any_more_may_be_moved_all_the_same() -> None:
    device = with_portion("freezer", 80)
    name = record(device)["id"]
    device.wait(30 * DAY)
    for number in range(12):
        added(device, None, 10, int(device.wall) - (12 - number) * HOUR)
    device.wait(DAY)
    assert find_session(device.state, name) is None
    reply = device.order("milk", session=name, place="thawed")
    assert reply["session"]["milk"] == {"place": "thawed", "ml": 80, "since": text(int(device.wall))}
    assert today(device) == {"room_ml": 0, "fridge_ml": 0, "freezer_ml": 0, "thawed_ml": 80, "portions": 1} | {
        "next_use_by": text(int(device.wall) + DAY)
    }


def test_a_portion_passes_by_time_alone_and_the_day_says_so_at_that_second() -> None:
    device = with_portion("feed", 60)
    added(device, "fridge", 40, ENDED - 3 * HOUR)
    assert today(device)["next_use_by"] == text(ENDED + 4 * HOUR)
    device.until(device.at + ENDED + 4 * HOUR - device.wall + 0.5)
    added(device, "freezer", 5, ENDED - DAY)
    assert today(device)["room_ml"] == 60, "at its use_by it is good"
    device.wait(1)
    assert today(device)["room_ml"] == 0
    assert today(device)["portions"] == 2
    assert today(device)["next_use_by"] == text(ENDED - 3 * HOUR + 4 * DAY)


def test_what_is_long_past_is_let_go() -> None:
    device = with_portion("feed", 60)
    assert len(device.state.portions) == 1
    device.wait(3 * DAY)
    assert not device.state.portions


def test_nothing_counts_as_past_while_the_clock_is_not_set() -> None:
    device = with_portion("feed", 60)
    device.wait(2 * DAY)
    assert today(device)["portions"] == 0
    again = device.restart(boot="boot-2", wall=WALL - 300 * DAY, synced=False)
    again.broker(True)
    assert (today(again)["room_ml"], today(again)["next_use_by"]) == (60, None)
    again.wait(DAY)
    assert today(again)["room_ml"] == 60
    again.clock(WALL + 3 * DAY, synced=True)
    assert (today(again)["room_ml"], today(again)["portions"]) == (0, 0)


def test_a_year_that_a_person_mistook_takes_no_portion_out_of_the_stock_for_good() -> None:
    device = with_portion("freezer", 100)
    again = device.restart(60, boot="boot-2", wall=WALL, synced=False)
    again.broker(True)
    again.order("clock", at=text(WALL + 365 * DAY))
    assert today(again)["portions"] == 0
    again.order("add", started_at=text(WALL - DAY), duration_s=600, intention="discard")
    again.wait(2 * HOUR)
    again.order("clock", at=text(WALL + 3 * HOUR))
    assert (today(again)["freezer_ml"], today(again)["portions"]) == (100, 1)


# -- the clock -------------------------------------------------------------------------------------------------


def test_what_is_moved_while_the_clock_is_not_set_gets_its_time_later() -> None:
    device = with_portion("feed", 60)
    again = device.restart(60, boot="boot-2", wall=WALL - 300 * DAY, synced=False)
    again.wait(100)
    moved_at = again.at
    assert refused(again, place="fridge", at=text(WALL)) == ("not_now", "at")
    again.order("milk", place="fridge")
    assert told(again) == ("fridge", 60, 0, None), "never before it came to where it was"
    again.wait(1000)
    again.clock(WALL + 5000, synced=True)
    assert told(again) == ("fridge", 60, 600 + 5000 - 1000, text(ENDED + 4 * DAY))
    assert again.disk.log[-1].cause is Cause.CLOCK
    assert again.at - moved_at == 1000
    revision = record(again)["revision"]
    again.clock(WALL + 5000, synced=True)
    assert record(again)["revision"] == revision


def test_a_told_clock_is_put_right_once_more() -> None:
    device = with_portion("feed", 60)
    again = device.restart(60, boot="boot-2", wall=WALL - 300 * DAY, synced=False)
    again.order("clock", at=text(WALL + 1000))
    again.order("milk", place="freezer")
    assert told(again)[2:] == (1600, "2026-09-01T03:16:40Z")
    again.wait(10)
    again.clock(WALL + 2010, synced=True)
    assert told(again)[2:] == (2600, "2026-09-01T03:33:20Z")


def test_a_time_that_no_boot_ever_learned_gives_no_use_by() -> None:
    device = with_portion("feed", 60)
    again = device.restart(60, boot="boot-2", wall=WALL + 300 * DAY, synced=False)
    again.order("milk", place="freezer")
    assert told(again)[3] is None
    third = again.restart(60, boot="boot-3", wall=WALL + 5000, synced=True)
    place, ml, after, use_by = told(third)
    assert (place, ml, use_by) == ("freezer", 60, None)
    assert 0 <= after <= 5600
    third.broker(True)
    assert today(third) == {"room_ml": 0, "fridge_ml": 0, "freezer_ml": 60, "thawed_ml": 0, "portions": 1} | {
        "next_use_by": None
    }
    third.order("milk", place="thawed")
    assert told(third)[3] is None, "nobody knows whether it was in time"


# -- what it costs ---------------------------------------------------------------------------------------------


def calls(portions: int) -> list[int]:
    """How many functions of the core's each event of a session's life calls, where so many portions are there."""
    device = Device(at_home=False)
    stock = tuple(Portion(f"p{number:03}", Place.FREEZER, 50, WALL + number * DAY) for number in range(1, portions + 1))
    device.state = replace(device.state, portions=stock, stock=None)
    device.order("note", text="none yet")
    counts = list[int]()

    def count(frame: FrameType, what: str, _argument: object) -> None:
        counts[-1] += what == "call" and "/device/core/" in frame.f_code.co_filename

    def watched(event: CoreEvent) -> None:
        counts.append(0)
        sys.setprofile(count)
        try:
            step(event)
        finally:
            sys.setprofile(None)

    step = device.step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device, "step", watched)
        device.pump(True, lasts=400)
        device.press("left", "left", "middle")
        device.pump(False, lasts=10)
        device.order("classify", purpose="protect")
        device.order("note", text="a note")
    return counts


def test_an_event_that_moves_no_milk_costs_at_400_portions_what_it_costs_at_one() -> None:
    calls(1)  # words are read when they are first said
    assert calls(400) == calls(1)


def test_the_core_holds_so_many_portions_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_PORTIONS", 2)
    device = with_portion("feed")
    added(device, "freezer", 30, ENDED - HOUR)
    added(device, "fridge", 20, ENDED - 3 * HOUR)
    assert [portion.place for portion in device.state.portions] == ["fridge", "freezer"], "those that keep longest"


def test_a_purpose_leaves_the_stock_as_it_was() -> None:
    device = with_portion()
    stock = device.state.stock
    device.order("classify", session=record(device)["id"], purpose="protect")
    assert device.state.stock is stock, "nothing was added up again"
