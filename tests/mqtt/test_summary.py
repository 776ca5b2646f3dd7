"""Where only a summary leaves: whatever is to be said, nothing of the record is in what the broker gets.

What may leave stands here in the contract's words, not in the gate's own.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.effects import Answer, Publish, ReadHistory, Refuse, Repeat, Topic
from device.core.model.events import History, Order
from device.core.model.live import LiveState
from device.core.model.record import Record, Session, Suggestion
from device.daemon import Daemon
from device.mqtt import homeassistant
from device.store.opening import ready
from device.store.requests import HistoryRead, OutboxRead, ReadFailed
from device.wire.gate import IN_GENERAL, Outgoing, left
from device.wire.payloads import Publishing
from device.words.en import EN
from tests.homeassistant.rendering import DIAGNOSTICS, SESSION, STATE, TODAY, rendered
from tests.mqtt.test_flood import Desk
from tests.mqtt.test_publisher_wire import CONFIG, Sent, configured
from tests.support.kept import NOW
from tests.support.kept import session as kept
from tests.support.made import healths, instants, lives, records, sessions, todays

EXTRA = '[mqtt]\npublish = "summary"\nmirror_screen = true\n'
PRIVATE = "PRIVATE"
"""Stands in every text of a record, and in each refusal that may speak of one."""


# -- what is said ----------------------------------------------------------------------------------------------


def private_suggestion(suggestion: Suggestion | None) -> Suggestion | None:
    return suggestion and replace(suggestion, because=PRIVATE)


def private_session(session: Session) -> Session:
    suggestion = private_suggestion(session.suggestion)
    return replace(session, id=PRIVATE, sitting=PRIVATE, note=PRIVATE, suggestion=suggestion)


def private(record: Record) -> Record:
    return private_session(record) if isinstance(record, Session) else replace(record, id=PRIVATE)


def private_live(live: LiveState) -> LiveState:
    session, suggestion = live.session and private_session(live.session), private_suggestion(live.suggestion)
    return replace(live, session=session, suggestion=suggestion, buttons=(PRIVATE, PRIVATE, PRIVATE))


def in_the_way(refused: Refuse) -> Refuse:
    return replace(refused, overlaps=PRIVATE)


orders = st.builds(Order, request=st.none() | st.just("r"), key=st.binary(max_size=3))
telling = st.sampled_from([*(code for code, general in IN_GENERAL.items() if general), "a_code_to_come"])
refusals = st.tuples(telling, st.just(PRIVATE)) | st.tuples(st.sampled_from(["not_saved", "busy"]), st.just("later"))
private_records, private_sessions = records.map(private), sessions().map(private_session)
ANYTHING_SAID = (
    st.builds(Publish, st.just(Topic.STATE), lives.map(private_live))
    | st.builds(Publish, st.just(Topic.TODAY), todays)
    | st.builds(Publish, st.just(Topic.DIAGNOSTICS), healths)
    | st.builds(Publish, st.just(Topic.LAST), st.none() | private_sessions)
    | st.builds(Answer, orders, instants, st.none() | private_records, st.just({"screen": PRIVATE}))
    | st.builds(lambda order, at, words: Refuse(order, at, *words), orders, instants, refusals).map(in_the_way)
    | st.builds(Repeat, private_sessions)
    | st.builds(OutboxRead, st.just(0.0), st.tuples(st.tuples(st.just(1), private_records)), st.just(0))
    | st.tuples(st.builds(ReadHistory, st.just(History()), orders, instants), st.lists(private_records, max_size=3))
    | st.builds(ReadFailed, st.just(0.0), orders, st.just("the record can't be opened now"))
    | st.builds(bytes, st.just(PRIVATE.encode()))
)


def say(desk: Desk, said: Any) -> None:
    """Have it said as the daemon would, the store's refusal aside."""
    publisher = desk.publisher
    match said:
        case Publish():
            publisher.publish(said)
        case Answer():
            publisher.answer(said)
        case Refuse():
            publisher.refuse(said)
        case Repeat():
            publisher.repeat(said.record)
        case OutboxRead():
            publisher.outbox_read(said)
        case (ReadHistory() as asked, found):
            daemon: Any = SimpleNamespace(_publisher=publisher, house=publisher._house)
            store: Any = SimpleNamespace(history=lambda *_: found)
            publisher.history_read(HistoryRead(0.0, asked, Daemon._page(daemon, store, asked)))
        case ReadFailed():
            publisher.read_failed(said)
        case bytes():
            publisher.screen(said)
    desk.turns()


# -- what may leave --------------------------------------------------------------------------------------------

HEAD = {"schema", "device", "at"}
FIGURES = {"baseline", "since", "last_stimulation_at", "last_stimulation_ended_at", "last_24h"}
REPLY = HEAD | {"request", "ok", "error", "code", "field"}


def hold(topic: str, payload: bytes) -> None:
    """Hold a message against the contract's words on a summary."""
    assert PRIVATE.encode() not in payload
    match topic, payload and topic not in {"availability", "screen"} and json.loads(payload):
        case "state", {"phase": "idle" | "pumping" | "paused", **rest}:
            assert set(rest) == HEAD
        case "today", {"last_24h": {"stimulations": int(), **figures}, **rest}:
            assert (set(rest) <= HEAD | FIGURES, figures) == (True, {})
        case "reply", {"ok": bool(), **rest}:
            assert set(rest) <= REPLY
        case ("diagnostics", {}) | ("availability", False):
            pass
        case name, _:
            assert (name, payload) in {(one, b"") for one in ("session/last", "screen", "session", "nursing")}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("summary"), EXTRA)


def announced(desk: Desk) -> list[Sent]:
    desk.up()
    return [message for message in desk.recorder.sent if message.topic == CONFIG]


@given(anything=st.lists(ANYTHING_SAID, max_size=5))
def test_whatever_is_said_nothing_of_the_record_leaves_as_a_summary(desk: Desk, anything: list[Any]) -> None:
    before = announced(desk)
    for said in anything:
        say(desk, said)
    messages = [message for message in desk.recorder.sent if message.topic != CONFIG]
    assert announced(desk) == before  # it is the same, whatever was said
    for message in (*messages, *desk.recorder.sent):
        if message.topic != CONFIG:
            assert isinstance(message.payload, bytes)
            hold(message.topic, message.payload)


EXAMPLES = {Outgoing.STATE: STATE, Outgoing.TODAY: TODAY, Outgoing.DIAGNOSTICS: DIAGNOSTICS}


def shown(entity: homeassistant.Entity, publish: Publishing) -> str | None:
    """What it shows of an example message; None where nothing of that leaves."""
    topic = Outgoing("screen" if entity.mirror else entity.state)
    leaves = left(topic, EXAMPLES.get(topic, SESSION), publish)
    return None if leaves is None else rendered(entity.value, json.dumps(leaves))


@pytest.mark.parametrize("entity", homeassistant._table("ml", EN), ids=lambda entity: entity.key)
def test_an_entity_is_private_exactly_where_it_shows_what_no_summary_says(entity: homeassistant.Entity) -> None:
    shows = entity.state or entity.mirror
    assert entity.private == bool(shows and shown(entity, "full") != shown(entity, "summary"))


# -- the store's own refusal -----------------------------------------------------------------------------------


def test_what_a_repair_put_back_into_the_outbox_is_not_handed_out_as_a_summary(tmp_path: Path) -> None:
    config = configured(tmp_path, EXTRA)
    store, *_ = ready(config, NOW, suspect=False)
    store.save([kept(1, NOW)], None)
    store._move_mark(0)  # as where the row with the outbox's place was lost
    assert (store.outbox, store.outbox_head(10)) == (1, [])
    store.close()
    store, opened, _ = ready(config, NOW, suspect=False)
    assert (opened.outbox, store.outbox_head(10)) == (0, [])
    store.close()
