"""Commands and instants: the ones that are understood, and in which words the others are refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.model.events import (
    Add,
    Classify,
    Command,
    Delete,
    Edit,
    GiveNote,
    GiveNursing,
    GiveVolume,
    GoOn,
    History,
    Order,
    Pause,
    Press,
    SetBaseline,
    Start,
    Stop,
)
from device.core.model.record import Button, Intention, Purpose, Reason, Side
from device.wire.commands import COMMANDS
from device.wire.payloads import Refusal, encode, instant, parse_command, parse_instant, refusal_payload
from device.wire.values import FieldError
from tests.support.made import AT, FULL, instants, values
from tests.support.wire import check, validate


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T03:12:08Z",
        "2026-03-01T03:12:08.999Z",
        "2026-03-01T04:12:08+01:00",
        "2026-03-01t03:12:08z",
        "20260301T031208Z",
        "2026-02-28T22:12:08-0500",
    ],
)
def test_an_instant_is_read_in_every_zone_and_its_fraction_floored(text: str) -> None:
    assert parse_instant(text) == AT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-01",
        "2026-03-01T03:12:08",
        "2026-03-01T03:12:08 Z",
        "2026-13-01T03:12:08Z",
        "2026-03-01T03:12:61Z",
        "2026-W09-7T03:12:08Z",
        "٢٠٢٦-03-01T03:12:08Z",
        "2026-03-01T03:12:08Z\n",
        "9" * 5000,
    ],
)
def test_what_is_no_instant_with_a_zone_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FieldError, match="is not a time with its zone") as caught:
        parse_instant(text)
    assert caught.value.code == "wrong_type"
    assert len(caught.value.error.splitlines()) == 1
    assert len(caught.value.error) < 160


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"])
def test_an_instant_outside_of_any_record_is_out_of_range(text: str) -> None:
    with pytest.raises(FieldError, match="out of range") as caught:
        parse_instant(text)
    assert caught.value.code == "out_of_range"


@given(instants)
def test_an_instant_comes_back_as_it_was(at: int) -> None:
    assert parse_instant(instant(at)) == at
    assert instant(at) == datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def refusal(payload: bytes | dict[str, Any], retained: bool = False) -> Refusal:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    read = parse_command(raw, retained=retained)
    assert isinstance(read, Refusal), read
    check("reply", encode(refusal_payload(read.dated(AT), FULL)))
    return read


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"command": "classify", "purpose": "treat"}, Classify(purpose=Purpose.TREAT)),
        ({"command": "classify", "purpose": None, "session": "s1"}, Classify(purpose=None, session="s1")),
        (
            {"command": "classify", "reason": "mastitis"},
            Classify(purpose=Purpose.TREAT, reason=Reason.MASTITIS),
        ),
        ({"command": "classify", "reason": None}, Classify(reason=None)),
        (
            {"command": "classify", "intention": "donate", "if_revision": 3.0, "later": {"anything": 1}},
            Classify(intention=Intention.DONATE, if_revision=3),
        ),
        ({"command": "volume", "ml": 84.5}, GiveVolume(ml=85)),
        ({"command": "volume", "ml": 2000.4}, GiveVolume(ml=2000)),
        ({"command": "volume", "ml": -0.4}, GiveVolume(ml=0)),
        ({"command": "volume", "ml": None, "session": None}, GiveVolume(ml=None)),
        ({"command": "volume", "left_ml": 40, "right_ml": 45.4}, GiveVolume(left_ml=40, right_ml=45)),
        ({"command": "volume", "ml": 85, "left_ml": 40, "right_ml": 45}, GiveVolume(left_ml=40, right_ml=45)),
        ({"command": "volume", "ml": 85, "left_ml": None, "right_ml": None}, GiveVolume(ml=85)),
        ({"command": "volume", "left_ml": 40}, GiveVolume(left_ml=40)),
        ({"command": "note", "text": "x" * 500}, GiveNote(text="x" * 500)),
        ({"command": "note", "text": None}, GiveNote(text=None)),
        ({"command": "nursing", "effective": False}, GiveNursing(effective=False)),
        ({"command": "nursing", "effective": True, "side": "both"}, GiveNursing(effective=True, side=Side.BOTH)),
        ({"command": "nursing", "effective": True, "side": None}, GiveNursing(effective=True)),
        (
            {"command": "nursing", "effective": True, "at": "2026-03-01T03:12:08Z"},
            GiveNursing(effective=True, moment=AT),
        ),
        ({"command": "start"}, Start()),
        ({"command": "start", "at": None}, Start()),
        ({"command": "start", "at": "2026-03-01T04:12:08+01:00"}, Start(moment=AT)),
        ({"command": "stop", "if_revision": 2}, Stop(if_revision=2)),
        ({"command": "pause"}, Pause()),
        ({"command": "pause", "if_revision": 2, "at": 1}, Pause(if_revision=2)),
        ({"command": "go_on", "if_revision": 2}, GoOn(if_revision=2)),
        (
            {"command": "add", "started_at": "2026-03-01T03:12:08Z", "duration_s": 600, "ml": 70, "purpose": None},
            Add(started_at=AT, duration_s=600, ml=70),
        ),
        (
            {"command": "add", "started_at": "2026-03-01T03:12:08Z", "duration_s": 60, "reason": "mastitis"},
            Add(started_at=AT, duration_s=60, purpose=Purpose.TREAT, reason=Reason.MASTITIS),
        ),
        (
            {"command": "add", "started_at": "2026-03-01T03:12:08Z", "ended_at": "2026-03-01T03:30:50Z"},
            Add(started_at=AT, ended_at=AT + 1122),
        ),
        ({"command": "edit", "session": "s", "ended_at": "2026-03-01T03:12:08Z"}, Edit(session="s", ended_at=AT)),
        (
            {"command": "edit", "nursing": "n", "effective": False, "ended_at": "2026-03-01T03:12:08Z"},
            Edit(nursing="n", effective=False),
        ),
        ({"command": "edit", "nursing": "n", "side": "left"}, Edit(nursing="n", side=Side.LEFT)),
        ({"command": "edit", "nursing": "n", "side": None}, Edit(nursing="n", side=None)),
        (
            {"command": "edit", "session": "s", "side": "left", "ended_at": "2026-03-01T03:12:08Z"},
            Edit(session="s", ended_at=AT),
        ),
        ({"command": "delete", "nursing": "n", "session": None}, Delete(nursing="n")),
        ({"command": "baseline", "stimulations": 24}, SetBaseline(stimulations=24)),
        ({"command": "press", "button": "right", "held": True}, Press(button=Button.RIGHT, held=True)),
        ({"command": "history"}, History()),
        (
            {"command": "history", "since": "2026-03-01T03:12:08Z", "deleted": True, "limit": 500, "cursor": None},
            History(since=AT, deleted=True, limit=500),
        ),
    ],
)
def test_a_command_is_understood(payload: dict[str, Any], expected: Command) -> None:
    raw = json.dumps(payload).encode()
    validate("command", raw)
    assert parse_command(raw, retained=False) == (Order(key=raw), expected)


def test_a_command_and_its_order_carry_the_request() -> None:
    order, read = parse_command(b'{"command": "start", "request": "r1"}', retained=False)  # type: ignore[misc]
    assert (order.request, read.request) == ("r1", "r1")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "missing", "command"),
    ({"command": 5}, "wrong_type", "command"),
    ({"command": ["start"]}, "wrong_type", "command"),
    ({"command": "explode"}, "unknown_command", "command"),
    ({"command": "start", "request": 7}, "wrong_type", "request"),
    ({"command": "classify"}, "missing", "purpose"),
    ({"command": "classify", "session": "s1"}, "missing", "purpose"),
    ({"command": "classify", "purpose": "feed"}, "out_of_range", "purpose"),
    ({"command": "classify", "purpose": 1}, "wrong_type", "purpose"),
    ({"command": "classify", "purpose": "treat", "session": 4}, "wrong_type", "session"),
    ({"command": "classify", "purpose": "treat", "if_revision": True}, "wrong_type", "if_revision"),
    ({"command": "classify", "purpose": "treat", "if_revision": 1.5}, "wrong_type", "if_revision"),
    ({"command": "classify", "purpose": "protect", "reason": "mastitis"}, "out_of_range", "reason"),
    ({"command": "classify", "purpose": None, "reason": "mastitis"}, "out_of_range", "reason"),
    ({"command": "volume"}, "missing", "ml"),
    ({"command": "volume", "ml": 2001}, "out_of_range", "ml"),
    ({"command": "volume", "ml": 2000.5}, "out_of_range", "ml"),
    ({"command": "volume", "ml": -1}, "out_of_range", "ml"),
    ({"command": "volume", "ml": 10**300}, "out_of_range", "ml"),
    ({"command": "volume", "ml": True}, "wrong_type", "ml"),
    ({"command": "volume", "ml": "85"}, "wrong_type", "ml"),
    ({"command": "volume", "ml": [85]}, "wrong_type", "ml"),
    ({"command": "note"}, "missing", "text"),
    ({"command": "note", "text": "x" * 501}, "out_of_range", "text"),
    ({"command": "note", "text": {"a": 1}}, "wrong_type", "text"),
    ({"command": "nursing"}, "missing", "effective"),
    ({"command": "nursing", "effective": None}, "wrong_type", "effective"),
    ({"command": "nursing", "effective": "true"}, "wrong_type", "effective"),
    ({"command": "nursing", "effective": 1}, "wrong_type", "effective"),
    ({"command": "nursing", "effective": True, "at": 1772334728}, "wrong_type", "at"),
    ({"command": "nursing", "effective": True, "at": "2026-03-01T03:12:08"}, "wrong_type", "at"),
    ({"command": "start", "at": 1772334728}, "wrong_type", "at"),
    ({"command": "start", "at": "03:12"}, "wrong_type", "at"),
    ({"command": "pause", "if_revision": "2"}, "wrong_type", "if_revision"),
    ({"command": "go_on", "if_revision": 1.5}, "wrong_type", "if_revision"),
    ({"command": "add", "duration_s": 600}, "missing", "started_at"),
    ({"command": "add", "started_at": "2026-03-01T03:12:08Z"}, "missing", "ended_at"),
    ({"command": "add", "started_at": "2026-03-01T03:12:08Z", "duration_s": 0}, "out_of_range", "duration_s"),
    ({"command": "add", "started_at": "2026-03-01T03:12:08Z", "duration_s": 1e9}, "out_of_range", "duration_s"),
    ({"command": "edit", "started_at": "2026-03-01T03:12:08Z"}, "missing", "session"),
    ({"command": "edit", "session": "s"}, "missing", "started_at"),
    ({"command": "edit", "session": "s", "at": "2026-03-01T03:12:08Z"}, "missing", "started_at"),
    ({"command": "edit", "nursing": "n", "started_at": "2026-03-01T03:12:08Z"}, "missing", "at"),
    ({"command": "delete"}, "missing", "session"),
    ({"command": "delete", "session": "s", "nursing": "n"}, "out_of_range", "nursing"),
    ({"command": "restore", "session": None}, "missing", "session"),
    ({"command": "baseline"}, "missing", "stimulations"),
    ({"command": "baseline", "stimulations": 25}, "out_of_range", "stimulations"),
    ({"command": "baseline", "stimulations": 0}, "out_of_range", "stimulations"),
    ({"command": "baseline", "stimulations": 8.5}, "wrong_type", "stimulations"),
    ({"command": "press"}, "missing", "button"),
    ({"command": "press", "button": "up"}, "out_of_range", "button"),
    ({"command": "press", "button": "left", "held": True}, "out_of_range", "held"),
    ({"command": "history", "limit": 501}, "out_of_range", "limit"),
    ({"command": "history", "limit": 0}, "out_of_range", "limit"),
    ({"command": "history", "unclassified": "yes"}, "wrong_type", "unclassified"),
    ({"command": "history", "since": "2026"}, "wrong_type", "since"),
]
BEYOND_A_SCHEMA: list[tuple[dict[str, Any], str, str]] = [
    ({"command": "volume", "ml": 80, "left_ml": 40, "right_ml": 45}, "out_of_range", "ml"),
    ({"command": "volume", "left_ml": 1200, "right_ml": 1200}, "out_of_range", "left_ml"),
    ({"command": "start", "at": "1969-12-31T23:59:59Z"}, "out_of_range", "at"),
    ({"command": "history", "cursor": "newest"}, "out_of_range", "cursor"),
    (
        {"command": "add", "started_at": "2026-03-01T03:12:08Z", "ended_at": "2026-03-01T03:12:08Z"},
        "out_of_range",
        "ended_at",
    ),
]


@pytest.mark.parametrize(("payload", "code", "field"), WRONG + BEYOND_A_SCHEMA)
def test_a_wrong_command_is_refused_with_its_code_and_field(payload: dict[str, Any], code: str, field: str) -> None:
    read = refusal({"request": "r1", **payload})
    assert (read.code, read.field) == (code, field)
    assert read.request == (None if field == "request" else "r1")
    assert len(read.error.splitlines()) == 1
    assert field in read.error


@pytest.mark.parametrize("payload", [payload for payload, _, _ in WRONG])
def test_the_schema_refuses_what_the_device_refuses(payload: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="command: "):
        validate("command", json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "not_json"),
        (b"start", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b'{"command": "start"', "not_json"),
        (b'{"command": "volume", "ml": NaN}', "not_json"),
        (b'{"command": "volume", "ml": 1e999}', "out_of_range"),
        (b'{"command": "history", "limit": -1e999}', "out_of_range"),
        (b'{"command": "note", "text": "\\ud800"}', "not_json"),
        (b'{"command": "note", "text": "\xed\xa0\x80"}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"[" * 4000, "not_json"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "missing"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'"start"', "wrong_type"),
        (b"1" * 4000, "wrong_type"),
        (b'{"command": "volume", "ml": ' + b"9" * 4000 + b"}", "out_of_range"),
        (b'{"command": "start", "x": "' + b"x" * 4096 + b'"}', "too_large"),
        (b"\x00" * (1 << 20), "too_large"),
        (b'{"command": "start", "request": "' + b"x" * (1 << 17) + b'"}', "too_large"),
    ],
)
def test_rubbish_is_refused_in_words(payload: bytes, code: str) -> None:
    read = refusal(payload)
    assert (read.code, read.request) == (code, None)
    assert len(read.error.splitlines()) == 1
    assert len(read.error) < 300


def test_a_nest_deeper_than_the_reader_goes_is_refused_and_so_is_one_that_it_can_read() -> None:
    # Python 3.13 goes deeper than 3.11
    assert refusal(b"[" * 2000 + b"]" * 2000).code in {"not_json", "wrong_type"}


def test_a_command_too_large_and_a_retained_one_still_know_their_request() -> None:
    large = refusal({"command": "note", "text": "x" * 5000, "request": "r1"})
    assert (large.code, large.request) == ("too_large", "r1")
    retained = refusal({"command": "start", "request": "r2"}, retained=True)
    assert (retained.code, retained.request) == ("not_here", "r2")
    assert refusal(b"\xff", retained=True).code == "not_here"


def test_a_command_of_4_kib_is_taken_and_one_more_byte_is_not() -> None:
    padded = b'{"command": "start", "x": "' + b"x" * (4096 - 29) + b'"}'
    assert len(padded) == 4096
    assert not isinstance(parse_command(padded, retained=False), Refusal)
    assert refusal(padded + b" ").code == "too_large"


@given(st.binary(max_size=5000), st.booleans())
def test_any_bytes_are_answered(payload: bytes, retained: bool) -> None:
    read = parse_command(payload, retained)
    assert isinstance(read, Refusal) or not retained


named = sorted({name for shape in COMMANDS.values() for name in shape.fields} | {"request"})


@given(st.sampled_from([*COMMANDS, "explode"]), st.dictionaries(st.sampled_from(named), values, max_size=6))
def test_any_fields_are_answered_and_what_is_taken_keeps_to_the_schema(name: str, fields: dict[str, Any]) -> None:
    payload = json.dumps({"command": name, **fields}).encode()
    read = parse_command(payload, retained=False)
    if isinstance(read, Refusal):
        check("reply", encode(refusal_payload(read.dated(AT), FULL)))
    elif not (fields.get("purpose", 1) is None and name == "add"):
        validate("command", payload)
