"""What truly happened at the pump, and the rules that hold what a dashboard heard and what the device kept to it."""

import json
from datetime import datetime
from typing import Any, NamedTuple

Record = dict[str, Any]
ROUNDED_S = 1.0
"""Instants in a record are the nearest second."""


class Pumped(NamedTuple):
    """One session of the pump's: its number is its volume too. Wall instants between which it began and ended."""

    number: int
    began: tuple[float, float]
    ended: tuple[float, float]
    asked: dict[str, Record]
    """Commands about it, by their requests."""


class Heard(NamedTuple):
    """What a dashboard heard: each record's revisions by (id, revision), in the order of the first time; replies."""

    records: dict[tuple[str, int], Record]
    replies: dict[str, Record]
    repeats: int


def listened(heard: list[tuple[str, bytes]]) -> Heard:
    """Read what came; no revision comes with two contents, on whatever topic, no request is answered in two ways."""
    told: dict[tuple[str, int], Record] = {}
    records: dict[tuple[str, int], Record] = {}
    replies: dict[str, Record] = {}
    repeats = 0
    for topic, payload in heard:
        value: Record = json.loads(payload)
        record = value if topic == "session" else value.get("session")
        if topic == "reply":
            known = replies.setdefault(value["request"], value)
            assert known == value, f"answered in two ways: {known} and {value}"
        if record is None:
            continue
        key = record["id"], record["revision"]
        first = told.setdefault(key, record)
        assert first == record, f"one revision, two contents: {first} and {record}"
        if topic == "session":
            repeats += key in records
            records.setdefault(key, record)
    for key, record in told.items():
        assert records.get(key) == record, f"replied, and never told on session: {record}"
    return Heard(records, replies, repeats)


def hold(heard: Heard, kept: list[Record], book: list[Pumped]) -> None:
    """Raise AssertionError where the dashboard and the device differ, or either from the book."""
    numbers = [record["number"] for record in kept]
    assert sorted(numbers) == [one.number for one in book], f"numbers {sorted(numbers)}, pumped {len(book)}"
    told = {name for name, _ in heard.records}
    strange = [record for record in kept if record["id"] not in told]
    assert not strange, f"sessions that were never told: {strange}"
    assert len(told) == len(kept), f"sessions told that are not kept: {told - {record['id'] for record in kept}}"
    first_told = list(dict.fromkeys(record["number"] for record in heard.records.values()))
    assert first_told == sorted(first_told), f"not in order: {first_told}"
    by_number = {record["number"]: record for record in kept}
    for one in book:
        record = by_number[one.number]
        revisions = [revision for name, revision in heard.records if name == record["id"]]
        assert revisions == list(range(1, record["revision"] + 1)), f"revisions {revisions} of {record}"
        last = heard.records[record["id"], record["revision"]]
        assert last == record, f"told {last}, kept {record}"
        hold_one(record, one, heard.replies)


def hold_one(record: Record, truth: Pumped, replies: dict[str, Record]) -> None:
    assert (record["state"], record["volume_ml"]) == ("ended", truth.number), record
    assert (record["interrupted"], record["pauses"], record["sources"]) == (False, 0, ["serial"]), record
    for name, (earliest, latest) in (("started_at", truth.began), ("ended_at", truth.ended)):
        at = datetime.fromisoformat(record[name]).timestamp()
        assert earliest - ROUNDED_S <= at <= latest + ROUNDED_S, f"{name} not from {earliest} to {latest}: {record}"
    assert abs(record["duration_s"] - record["pumping_s"]) <= ROUNDED_S, record
    for request, said in truth.asked.items():
        if replies.get(request, {}).get("ok"):
            stands = {name: record[name] for name in said}
            assert stands == said, f"answered {request} and lost: {said}, kept {record}"
