"""Payloads, replies and pages of history: each against its schema and the contract's words."""

import json
from typing import Any, get_args
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from device.core.model.effects import Answer, Publish, ReadHistory, Refuse, Topic
from device.core.model.events import History, Order, Start
from device.core.model.live import Diagnostics, LiveState, TodayNow
from device.core.model.record import (
    IN_THE_HOUSE,
    Cause,
    ClassifiedBy,
    Context,
    Facts,
    Intention,
    Nursing,
    Purpose,
    Reason,
    Session,
    Source,
    Suggestion,
    in_order,
)
from device.wire.commands import DONE, FIRST
from device.wire.gate import Outgoing, left, passed, refused_here
from device.wire.payloads import (
    Cursor,
    Payload,
    Publishing,
    answer_payload,
    diagnostics_payload,
    encode,
    history_payload,
    instant,
    live_payload,
    page_limit,
    read_cursor,
    record_payload,
    refusal_payload,
    session_payload,
    state_payload,
    today_payload,
)
from tests.support.made import AT, FULL, healths, lives, nursings, records, session, sessions, todays
from tests.support.wire import check

PUBLISHING: tuple[Publishing, ...] = get_args(Publishing)


def summary(what: Outgoing, payload: Payload) -> Payload:
    leaves = left(what, payload, "summary")
    assert leaves is not None
    return leaves


@given(records)
def test_every_record_keeps_to_its_schema_and_nothing_of_the_house_is_in_it(record: Session | Nursing) -> None:
    payload = check("session" if isinstance(record, Session) else "nursing", encode(record_payload(record, "pump")))
    assert list(payload)[:3] == ["schema", "device", "id"]
    portion = ["milk"] if isinstance(record, Session) else []
    assert list(payload)[-3:-1] == (["milk", "note"] if portion else ["clock", "source"])
    assert set(payload) == {"schema", "device", *record.__struct_fields__, *portion} - set(IN_THE_HOUSE)


def test_a_session_payload_is_the_contracts_example() -> None:
    because = "5 of 8 stimulations in 24 h"
    record = session(
        number=412,
        revision=3,
        revised_at=AT + 1122,
        duration_s=1122,
        pumping_s=1098,
        pauses=1,
        cycles_per_minute=54,
        counted=True,
        sources=(Source.GPIO, Source.SERIAL),
        purpose=Purpose.PROTECT,
        reason=Reason.IN_PLACE_OF_NURSING,
        classified_by=ClassifiedBy.BUTTON,
        classified_at=AT + 72,
        suggestion=Suggestion(
            Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING, Context.BELOW_BASELINE, because, Facts(5, 8)
        ),
        intention=Intention.FRIDGE,
        use_by=AT + 1122 + 4 * 86400,
        expectation_ml=90,
        volume_ml=85,
        volume_by_hand=True,
    )
    assert session_payload(record, "pump") == json.loads(
        """{"schema": 1, "device": "pump", "id": "s412", "number": 412, "revision": 3, "cause": "ended",
        "revised_at": "2026-03-01T03:30:50Z", "state": "ended", "started_at": "2026-03-01T03:12:08Z",
        "ended_at": "2026-03-01T03:30:50Z", "duration_s": 1122, "pumping_s": 1098, "pauses": 1,
        "cycles_per_minute": 54, "counted": true, "interrupted": false, "clock": "synced",
        "sources": ["gpio", "serial"], "disagreement_s": null, "stuck_sensor": false, "sitting": "s412",
        "purpose": "protect", "reason": "in_place_of_nursing", "classified_by": "button",
        "classified_at": "2026-03-01T03:13:20Z",
        "suggestion": {"purpose": "protect", "reason": "in_place_of_nursing", "context": "below_baseline",
        "because": "5 of 8 stimulations in 24 h", "facts": {"stimulations": 5, "baseline": 8}},
        "intention": "fridge", "use_by": "2026-03-05T03:30:50Z",
        "expectation_ml": 90, "volume_ml": 85, "left_ml": null, "right_ml": null,
        "milk": {"place": "fridge", "ml": 85, "since": "2026-03-01T03:30:50Z"}, "note": null, "deleted": false}"""
    )


@given(lives, todays, healths)
def test_every_live_topic_keeps_to_its_schema_in_full_and_in_summary(
    live: LiveState, today: TodayNow, health: Diagnostics
) -> None:
    for topic, value in ((Topic.STATE, live), (Topic.TODAY, today), (Topic.DIAGNOSTICS, health)):
        payload = live_payload(Publish(topic, value), FULL)
        for publish in PUBLISHING:
            assert check(topic, passed(Outgoing(topic), payload, publish))["at"] == instant(value.at)
    assert ("speed" in state_payload(live, FULL)) is (live.speed is not None)
    health_said = diagnostics_payload(health, FULL)
    assert left(Outgoing.DIAGNOSTICS, health_said, "summary") == health_said


@given(lives, todays, sessions())
def test_a_summary_says_only_what_the_contract_lets_out(live: LiveState, today: TodayNow, last: Session) -> None:
    assert set(summary(Outgoing.STATE, state_payload(live, FULL))) == {"schema", "device", "at", "phase"}
    figures = summary(Outgoing.TODAY, today_payload(today, FULL))
    when = {"since", "last_stimulation_at", "last_stimulation_ended_at"}
    assert set(figures) == {"schema", "device", "at", "baseline", "last_24h"} | when
    assert set(figures["last_24h"]) == {"stimulations"}
    assert left(Outgoing.LAST, session_payload(last, "pump"), "summary") is None
    answer = Answer(Order("r"), AT, last, {"page": "private"})
    good = answer_payload(answer, FULL)
    assert good["page"] == "private"
    assert set(summary(Outgoing.ANSWER, good)) == {"schema", "device", "request", "ok", "at"}
    refuse = Refuse(Order("r"), AT, "out_of_range", "it overlaps the session of 03:12", "started_at")
    refusal = refusal_payload(refuse, FULL)
    assert "03:12" in refusal["error"]
    assert "03:12" not in summary(Outgoing.REFUSED, refusal)["error"]


def test_the_last_session_is_published_whole_and_cleared_where_there_is_none() -> None:
    payload = live_payload(Publish(Topic.LAST, session()), FULL)
    assert check(Topic.LAST, passed(Outgoing.LAST, payload, "full"))["number"] == 1
    assert live_payload(Publish(Topic.LAST, None), FULL) is None
    assert passed(Outgoing.LAST, None, "full") == b""


@given(records, st.none() | st.text())
def test_a_good_reply_carries_the_record_that_it_changed(record: Session | Nursing, request: str | None) -> None:
    reply = check("reply", encode(answer_payload(Answer(Order(request), AT, record), FULL)))
    assert (reply["ok"], reply["request"], reply["at"]) == (True, request, "2026-03-01T03:12:08Z")
    assert reply["session" if isinstance(record, Session) else "nursing"]["id"] == record.id


def test_a_refusal_says_code_field_and_error() -> None:
    refuse = Refuse(Order("r1"), AT, "moved_on", "the record is at revision 4", "if_revision")
    reply = check("reply", encode(refusal_payload(refuse, FULL)))
    assert (reply["ok"], reply["request"], reply["code"], reply["field"]) == (False, "r1", "moved_on", "if_revision")
    assert refused_here(History(request="r2"), "full") is None
    assert refused_here(Start(), "summary") is None
    forbidden = refused_here(History(request="r2"), "summary")
    assert forbidden is not None
    payload = refusal_payload(forbidden.dated(AT), FULL)
    assert check("reply", passed(Outgoing.MISUNDERSTOOD, payload, "summary"))["code"] == "not_here"


def read_all(held: list[Session | Nursing], limit: int) -> list[dict[str, Any]]:
    """Every page, from a store that answers as the real one does."""
    pages: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        places = read_cursor(cursor)
        found: list[Session | Nursing] = []
        for kind, before in ((Session, places.sessions), (Nursing, places.nursings)):
            older = sorted((one for one in held if isinstance(one, kind) and in_order(one) < before), key=in_order)
            found += older[::-1][: page_limit(History(limit=limit)) + 1]
        asked = ReadHistory(History(limit=limit, cursor=cursor), Order("r"), AT)
        pages.append(check("reply", encode(history_payload(asked, found, FULL))))
        cursor = pages[-1]["next"]
        if cursor is None:
            return pages
        assert len(pages) <= len(held), "the pages do not come to an end"


@given(st.lists(sessions() | nursings, max_size=30, unique_by=lambda one: one.number), st.integers(1, 12))
def test_the_pages_of_history_hold_every_record_once_newest_first(held: list[Any], limit: int) -> None:
    pages = read_all(held, limit)
    for name, kind in (("sessions", Session), ("nursings", Nursing)):
        expected = sorted((one for one in held if isinstance(one, kind)), key=in_order, reverse=True)
        assert [one["id"] for page in pages for one in page[name]] == [one.id for one in expected]
        assert all(len(page[name]) <= limit for page in pages)


def test_a_page_is_under_64_kib_and_the_next_goes_on_where_it_was_full() -> None:
    long = "\x01" * 500
    held: list[Any] = [
        session(number, started_at=AT + number, ended_at=AT + 9999, note=long) for number in range(1, 90)
    ]
    pages = read_all(held, 500)
    assert len(pages) > 4
    assert [one["number"] for page in pages for one in page["sessions"]] == list(range(89, 0, -1))
    assert all(60000 < len(encode(page)) < 65536 for page in pages[:-1])


def test_a_page_of_small_records_is_full_to_the_brim_and_no_more() -> None:
    held: list[Any] = [session(number, started_at=AT + number, ended_at=AT + 9999) for number in range(1, 301)]
    first = read_all(held, 500)[0]
    assert 65536 - len(encode(first["sessions"][0])) - 100 < len(encode(first)) < 65536


def test_a_list_that_came_to_its_end_is_not_begun_again() -> None:
    pages = read_all([session(1), session(2, started_at=AT - 9999)], 1)
    assert read_cursor(pages[0]["next"]) == Cursor(sessions=(AT, 1), nursings=DONE)


def test_an_empty_history_is_one_page_with_nothing_left() -> None:
    assert [(page["sessions"], page["nursings"], page["next"]) for page in read_all([], 100)] == [([], [], None)]
    assert read_cursor(None) == Cursor(FIRST, FIRST)
    assert FIRST > DONE


def test_no_page_has_room_for_more_records_than_are_read_for_it() -> None:
    smallest = Nursing(
        id=str(UUID(int=0)),
        number=1,
        revision=1,
        cause=Cause.ADDED,
        revised_at=AT,
        at=AT,
        effective=True,
        source=Source.GPIO,
    )
    assert page_limit(History(limit=500)) * len(encode(record_payload(smallest, "p"))) > 65535
    assert page_limit(History(limit=7)) == 7
