"""Lines of export and import: a full one comes back as it was, a bad one is named."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.model.record import Cause, ClassifiedBy, Nursing, Purpose, Reason, Session, SessionState, Source
from device.wire.lines import LineError, from_line, to_line
from device.wire.payloads import encode
from tests.support.made import AT, records, session, values
from tests.support.wire import validate


@given(records)
def test_a_full_line_comes_back_as_it_was(record: Session | Nursing) -> None:
    line = to_line(record, "pump")
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    validate("line", line)
    imported = from_line(line)
    assert imported.full
    at_home: dict[str, Any] = {"anchor": None}
    if isinstance(record, Session) and isinstance(imported.record, Session):
        moves = {"milk_moves": imported.record.milk_moves, "milk_began": imported.record.milk_began}
        at_home |= {"volume_by_hand": False, **moves}
        assert len(imported.record.milk_moves) <= 1
    assert to_line(imported.record, "pump") == line
    assert imported.record == msgspec.structs.replace(record, **at_home)


def test_a_short_session_needs_only_its_start_and_its_end_or_duration() -> None:
    for end in ({"ended_at": "2026-03-01T03:30:50Z"}, {"duration_s": 1121.6}):
        line = json.dumps({"session": {"started_at": "2026-03-01T04:12:08+01:00", **end}}).encode()
        validate("line", line)
        imported = from_line(line)
        assert not imported.full
        assert imported.record == Session(
            id="",
            number=0,
            revision=1,
            cause=Cause.IMPORTED,
            revised_at=0,
            state=SessionState.ENDED,
            started_at=AT,
            ended_at=AT + 1122,
            duration_s=1122,
            pumping_s=1122,
            sources=(Source.IMPORT,),
            sitting="",
        )


def test_a_short_session_may_say_why_and_how_much() -> None:
    record = from_line(
        b'{"session": {"started_at": "2026-03-01T03:12:08Z", "duration_s": 600, "reason": "plugged_duct",'
        b' "left_ml": 30, "right_ml": 40, "note": null, "colour": "blue"}}'
    ).record
    assert isinstance(record, Session)
    assert (record.purpose, record.reason) == (Purpose.TREAT, Reason.PLUGGED_DUCT)
    assert record.classified_by is ClassifiedBy.IMPORT
    assert record.volume_ml == 70


def test_a_short_nursing_needs_only_its_time_and_whether_it_was_effective() -> None:
    line = b'{"nursing": {"at": "2026-03-01T03:12:08Z", "effective": false}}'
    validate("line", line)
    imported = from_line(line)
    assert imported.given == {"at", "effective"}
    assert isinstance(imported.record, Nursing)
    assert (imported.record.at, imported.record.source, imported.record.cause) == (AT, Source.IMPORT, Cause.IMPORTED)


SUGGESTED = '{"purpose": "treat", "reason": "complete_nursing", "context": "below_baseline", "because": "-"}'
START = '"started_at": "2026-03-01T03:12:08Z"'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "not JSON"),
        ("{}", "holds no record"),
        ("[]", "holds no record"),
        ('{"session": {}, "nursing": {}}', "holds no record"),
        ('{"session": []}', "session: a list is not an object"),
        ('{"session": {}}', "started_at is missing"),
        (f'{{"session": {{{START}}}}}', "ended_at is missing; give it, or duration_s"),
        (f'{{"session": {{{START}, "duration_s": -1}}}}', "duration_s: -1 is out of range"),
        (f'{{"session": {{{START}, "duration_s": "600"}}}}', "duration_s: '600' is not a number of seconds"),
        (f'{{"session": {{{START}, "ended_at": "2026-03-01T03:12:07Z"}}}}', "ended_at: it is before started_at"),
        (f'{{"session": {{{START}, "duration_s": 60, "purpose": "fun"}}}}', "purpose: 'fun' is not one of protect"),
        (
            f'{{"session": {{{START}, "duration_s": 60, "purpose": "treat", "reason": "raise_low_supply"}}}}',
            "reason: raise_low_supply belongs to promote, not to treat",
        ),
        (f'{{"session": {{{START}, "duration_s": 60, "pumping_s": 61}}}}', "pumping_s: it is longer"),
        (f'{{"session": {{{START}, "duration_s": 0}}}}', "duration_s: a session lasts at least a second"),
        (f'{{"session": {{{START}, "ended_at": "2026-03-01T03:12:08Z"}}}}', "duration_s: a session lasts at least"),
        (f'{{"session": {{{START}, "ended_at": "2026-03-01T03:20:08Z", "duration_s": 60}}}}', "differs from ended_at"),
        (
            f'{{"session": {{{START}, "duration_s": 60, "volume_ml": 90, "left_ml": 40, "right_ml": 40}}}}',
            "volume_ml: it is not the sum",
        ),
        (f'{{"session": {{{START}, "duration_s": 60, "volume_ml": 2001}}}}', "volume_ml: 2001 is out of range"),
        (f'{{"session": {{{START}, "duration_s": 60, "sources": ["gpio", "ear"]}}}}', "sources: 'ear' is not one of"),
        (f'{{"session": {{{START}, "duration_s": 60, "suggestion": {{}}}}}}', "suggestion: purpose is missing"),
        (
            f'{{"session": {{{START}, "duration_s": 60, "suggestion": {SUGGESTED}}}}}',
            "suggestion: reason: complete_nursing belongs to protect",
        ),
        (f'{{"session": {{{START}, "duration_s": 60, "schema": 2}}}}', "schema: 2 is not known here"),
        (f'{{"session": {{{START}, "state": "running", "ended_at": "2026-03-01T03:12:09Z"}}}}', "running session"),
        (
            '{"session": {"started_at": "2026-03-01 03:12"}}',
            "started_at: '2026-03-01 03:12' is not a time with its zone",
        ),
        ('{"nursing": {"at": "2026-03-01T03:12:08Z"}}', "effective is missing"),
        (
            '{"nursing": {"at": "2026-03-01T03:12:08Z", "effective": "yes"}}',
            "effective: 'yes' is neither true nor false",
        ),
        ('{"nursing": {"at": null, "effective": true}}', "at: null is not a time"),
        ("[" * 70000, "too long"),
        ("[" * 60000, "nested too deep"),
    ],
)
def test_a_bad_line_is_named_in_one_line(line: str, words: str) -> None:
    with pytest.raises(LineError) as caught:
        from_line(line.encode())
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@given(st.binary(max_size=2000) | st.dictionaries(st.sampled_from(["session", "nursing"]), values).map(encode))
def test_any_line_is_a_record_or_named(line: bytes) -> None:
    try:
        validate("line", to_line(from_line(line).record, "pump"))
    except LineError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


def test_a_record_without_an_id_is_a_new_one_whatever_an_export_said_of_it() -> None:
    payload = json.loads(to_line(session(number=412, revision=3), "pump"))
    del payload["session"]["id"]
    imported = from_line(encode(payload))
    record = imported.record
    assert (record.revision, record.cause, record.number) == (1, Cause.IMPORTED, 0)
    assert imported.given.isdisjoint({"id", "number", "revision", "cause", "revised_at", "sitting"})


BELOW: dict[str, Any] = {
    "purpose": "protect",
    "reason": "in_place_of_nursing",
    "context": "below_baseline",
    "because": "5 of 8 stimulations in 24 h",
}


@pytest.mark.parametrize("said", ["", " ", "5\nof 8", "\x1b[31m5", "5\x00", "\u202e8 fo 5", "5\u2028of 8", "x" * 201])
def test_a_because_that_is_no_line_of_text_is_named(said: str) -> None:
    given = json.loads(to_line(session(), "pump"))["session"]
    with pytest.raises(LineError, match="suggestion: because: "):
        from_line(encode({"session": given | {"suggestion": BELOW | {"because": said}}}))


@pytest.mark.parametrize("facts", [{}, {"facts": None}], ids=["absent", "null"])
def test_a_suggestion_from_before_there_were_facts_comes_back_without_them(facts: dict[str, Any]) -> None:
    given = json.loads(to_line(session(), "pump"))["session"]
    record = from_line(encode({"session": given | {"suggestion": BELOW | facts}})).record
    line = to_line(record, "pump")
    validate("line", line)
    assert json.loads(line) == {"session": given | {"suggestion": BELOW}}


def test_facts_are_read_by_their_rule_and_what_a_later_version_adds_is_passed_over() -> None:
    suggestion = BELOW | {"facts": {"stimulations": 5.0, "baseline": 8, "minutes": 3, "moon": "full"}}
    given = {"started_at": "2026-03-01T03:12:08Z", "duration_s": 60, "suggestion": suggestion}
    line = to_line(from_line(encode({"session": given})).record, "pump")
    assert json.loads(line)["session"]["suggestion"] == BELOW | {"facts": {"stimulations": 5, "baseline": 8}}


@pytest.mark.parametrize(
    ("context", "facts", "words"),
    [
        ("below_baseline", [], "facts: a list is not an object"),
        ("below_baseline", {"stimulations": 5}, "facts: baseline is missing"),
        ("above_baseline", {"stimulations": "5", "baseline": 8}, "facts: stimulations: '5' is not a whole number"),
        ("after_effective_nursing", {"stimulations": 5, "baseline": 8}, "facts: minutes is missing"),
        ("after_ineffective_nursing", {"minutes": -1}, "facts: minutes: -1 is out of range"),
        ("treatment_continues", {"minutes": 5}, "facts: reason is missing"),
        ("treatment_continues", {"minutes": 5, "reason": "fun"}, "facts: reason: 'fun' is not one of"),
    ],
)
def test_facts_that_are_not_those_of_their_rule_are_named(context: str, facts: object, words: str) -> None:
    given = json.loads(to_line(session(), "pump"))["session"]
    line = encode({"session": given | {"suggestion": BELOW | {"context": context, "facts": facts}}})
    with pytest.raises(LineError, match=f"suggestion: {words}"):
        from_line(line)
    with pytest.raises(AssertionError):
        validate("session", encode(json.loads(line)["session"]))


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 65])
def test_an_id_that_is_none_is_named(name: str) -> None:
    with pytest.raises(LineError, match="id: "):
        from_line(encode({"nursing": {"id": name, "at": "2026-03-01T03:12:08Z", "effective": True}}))
