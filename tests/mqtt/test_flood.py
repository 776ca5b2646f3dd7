"""More than the device can take: each input is read no faster than it is done, and every queue has its limit.

What is told of a record once, whatever fills the broker's window; what is too large for the broker, passed over.
"""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from device import core
from device.core.model.effects import Answer, Publish, ReadHistory, Topic
from device.core.model.events import (
    BrokerChanged,
    Counted,
    History,
    HomeAssistantBorn,
    LineRejected,
    Order,
    Ordered,
    OutboxChanged,
    PassedOver,
)
from device.core.model.live import Diagnostics, LiveState, Phase
from device.core.model.view import ScreenName
from device.loop import BATCH, MOST, Loop
from device.mqtt import publisher
from device.store.records import Store
from device.store.requests import Acknowledged, OutboxRead, ReadFacts, ReadOutbox
from device.wire.gate import Passed, without_record
from device.wire.payloads import House, encode, history_payload, record_payload
from drivers.broker_address import Message
from drivers.clock import SystemClock
from drivers.pump_link import READ_AT_ONCE, PumpLink
from tests.mqtt.test_hostile_broker import daemon
from tests.mqtt.test_publisher_wire import CONFIG, NOTHING_SAID, Sent, Table, configured
from tests.support.household import PREFIX
from tests.support.made import AT, session

COMMAND = f"{PREFIX}/command"


class Desk(Table):
    """A publisher whose loop takes calls when it is told to, a turn of them at a time."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.waiting: deque[Callable[[], object]] = deque()
        config = configured(folder, extra)
        with closing(Store.open(config.store.path)) as store:
            super().__init__(config, store)
        self.up()
        self.turns()
        self.posted.clear()
        self.recorder.sent.clear()

    def call(self, fn: Callable[[], object]) -> None:
        self.waiting.append(fn)

    def turn(self) -> None:
        for _ in range(len(self.waiting)):
            self.waiting.popleft()()

    def turns(self) -> None:
        while self.waiting:
            self.turn()

    def hear(self, payload: bytes, *, retain: bool = False, response: str | None = None, data: bytes = b"") -> None:
        self.publisher._message(Message(COMMAND, payload, retain, response, data or None))

    def acknowledge(self, mid: int) -> None:
        self.publisher._acknowledge(mid)
        self.turns()

    def orders(self) -> list[Ordered]:
        return [one for one in self.posted if isinstance(one, Ordered)]

    def counts(self) -> dict[str, int]:
        return {one.name: one.count for one in self.posted if isinstance(one, Counted)}

    def replies(self) -> list[Any]:
        return [json.loads(one.payload) for one in self.recorder.sent if one.topic == "reply"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def start(number: int) -> bytes:
    return json.dumps({"command": "start", "request": f"r{number}"}).encode()


# -- commands ------------------------------------------------------------------------------------------------------


def test_a_thousand_commands_wait_and_those_beyond_are_busy(desk: Desk) -> None:
    for number in range(publisher.MOST_COMMANDS + 7):
        desk.hear(start(number))
    assert [reply["code"] for reply in desk.replies()] == ["busy"] * 7
    assert [reply["request"] for reply in desk.replies()] == [f"r{number}" for number in range(1000, 1007)]
    desk.turn()
    assert desk.counts() == {"command_busy": 7}
    while desk.waiting or len(desk.orders()) < publisher.MOST_COMMANDS:
        for ordered in desk.orders()[len(desk.replies()) - 7 :]:
            desk.publisher.answer(Answer(ordered.order, AT))
        desk.turn()
    assert [ordered.order.request for ordered in desk.orders()] == [f"r{number}" for number in range(1000)]


def test_a_command_that_was_busy_is_done_when_it_comes_again(desk: Desk) -> None:
    for number in range(publisher.MOST_COMMANDS + 1):
        desk.hear(start(number))
    desk.publisher._commands.clear()
    desk.turns()
    desk.hear(start(publisher.MOST_COMMANDS))
    desk.turns()
    assert desk.orders()[-1].order.request == "r1000"


def test_the_core_gets_a_few_commands_at_a_time_and_only_as_many_as_it_answers(desk: Desk) -> None:
    for number in range(600):
        desk.hear(start(number))
    desk.turn()
    assert len(desk.orders()) == publisher.AT_ONCE
    desk.turns()
    assert len(desk.orders()) == publisher.IN_HAND
    for ordered in desk.orders():
        desk.publisher.answer(Answer(ordered.order, AT))
    desk.turns()
    assert len(desk.orders()) == 2 * publisher.IN_HAND


def test_equal_commands_that_wait_for_one_answer_count_as_in_hand_too(desk: Desk) -> None:
    for _ in range(900):
        desk.hear(start(1))
    desk.turns()
    assert len(desk.orders()) == 1
    assert desk.publisher._in_hand == publisher.IN_HAND
    desk.publisher.answer(Answer(desk.orders()[0].order, AT))
    desk.turns()
    assert len(desk.replies()) == 900
    assert desk.publisher._in_hand == 0


def test_equal_commands_are_all_answered_however_many_others_come_before_their_answer(desk: Desk) -> None:
    many = publisher.REPEATS + 50
    for number in (0, 0, *range(1, many)):
        desk.hear(start(number))
    desk.turns()
    assert len(desk.orders()) == many
    for ordered in desk.orders():
        desk.publisher.answer(Answer(ordered.order, AT))
    assert [reply["request"] for reply in desk.replies()].count("r0") == 2
    assert desk.publisher._in_hand == 0
    desk.hear(start(many))
    desk.turns()
    assert len(desk.publisher._replies) == publisher.REPEATS


def test_what_waits_is_limited_in_bytes_as_well(desk: Desk) -> None:
    for _ in range(200):
        desk.hear(b'{"command": "start"}', response="a/b", data=b"x" * 65535)
    assert desk.publisher._weight <= publisher.MOST_BYTES
    busy = [one for one in desk.recorder.sent if isinstance(one.payload, bytes) and b"busy" in one.payload]
    assert len(busy) == 200 - len(desk.publisher._commands)


def test_while_nobody_takes_the_answers_no_more_commands_are_done_until_an_acknowledgement(desk: Desk) -> None:
    desk.recorder.crowded = True
    desk.hear(start(1))
    desk.turns()
    assert desk.orders() == []
    desk.recorder.crowded = False
    desk.acknowledge(99)
    assert len(desk.orders()) == 1


def test_a_retained_command_is_refused_on_reply_and_cleared_at_the_broker_once_for_many(desk: Desk) -> None:
    for number in range(5):
        desk.hear(start(number), retain=True, response="elsewhere", data=b"1")
    desk.turns()
    assert [reply["code"] for reply in desk.replies()] == ["not_here"] * 5
    assert desk.orders() == []
    assert desk.counts() == {"command_not_here": 5}
    assert desk.recorder.sent.count(Sent("command", b"")) == 1
    desk.acknowledge(1 + desk.recorder.sent.index(Sent("command", b"")))
    desk.hear(start(9), retain=True)
    desk.turns()
    assert desk.recorder.sent.count(Sent("command", b"")) == 2


@pytest.mark.parametrize(
    ("topic", "answered_on"),
    [
        ("a/b", "a/b"),
        ("/".join("x" * 16), "/".join("x" * 16)),
        ("/".join("x" * 17), "reply"),
        ("/" * 201, "reply"),
        ("x" * 256, "x" * 256),
        ("x" * 257, "reply"),
        ("ä" * 129, "reply"),
        ("a/+", "reply"),
        (f"{PREFIX}/state", "reply"),
        (f"{PREFIX}/command", "reply"),
        (f"{PREFIX}/reply/mine", "reply/mine"),
        (CONFIG, "reply"),
    ],
)
def test_a_response_topic_is_short_and_flat_and_no_other_of_ours(desk: Desk, topic: str, answered_on: str) -> None:
    desk.hear(b"{}", response=topic)
    desk.turns()
    assert desk.topics == [answered_on]


# -- what is told --------------------------------------------------------------------------------------------------


def live(at: int, dark: bool = False) -> Publish:
    state = LiveState(at=at, phase=Phase.IDLE, screen=ScreenName.IDLE, dark=dark, buttons=(None, None, None))
    return Publish(Topic.STATE, state)


@pytest.mark.parametrize("mode", ["full", "summary"])
def test_a_live_topic_is_told_again_only_when_more_than_its_at_is_new(tmp_path: Path, mode: str) -> None:
    desk = Desk(tmp_path, f'[mqtt]\npublish = "{mode}"\n')
    for at, dark in ((1, False), (2, False), (3, True), (4, True)):
        desk.publisher.publish(live(at, dark))
    assert len(desk.topics) == (2 if mode == "full" else 1)
    desk.publisher.facts_read(NOTHING_SAID)
    desk.recorder.sent.clear()
    desk.publisher.publish(live(5, dark=True))
    desk.up()
    desk.recorder.sent.clear()
    desk.publisher.publish(live(6, dark=True))
    assert desk.topics == ["state"]


def test_where_much_waits_the_newest_of_a_live_topic_waits_alone(desk: Desk) -> None:
    desk.recorder.crowded = True
    for at in range(10):
        desk.publisher.publish(live(at, dark=at % 2 == 0))
    assert desk.topics == []
    desk.recorder.crowded = False
    desk.acknowledge(99)
    assert [json.loads(one.payload)["at"][-3:] for one in desk.recorder.sent] == ["09Z"]


def test_births_that_wait_are_one_retained_or_not(desk: Desk) -> None:
    desk.timers.clear()
    for retain in (True, False) * 500:
        desk.publisher._message(Message("homeassistant/status", b"online", retain, None, None))
    assert len(desk.timers) == 1
    desk.asked.clear()
    desk.pass_time()
    assert [type(one) for one in desk.asked] == [ReadFacts]
    desk.publisher.facts_read(NOTHING_SAID)
    assert sum(isinstance(one, HomeAssistantBorn) for one in desk.posted) == 1
    desk.timers.clear()
    desk.publisher._message(Message("homeassistant/status", b"online", True, None, None))
    assert len(desk.timers) == 1


def test_a_birth_whose_turn_comes_while_the_broker_is_away_makes_the_device_deaf_to_no_later_one(desk: Desk) -> None:
    birth = Message("homeassistant/status", b"online", False, None, None)
    desk.publisher._message(birth)
    desk.recorder.connected = False
    desk.pass_time()
    desk.publisher.facts_read(NOTHING_SAID)
    desk.recorder.connected = True
    desk.up()
    desk.turns()
    desk.timers.clear()
    desk.publisher._message(birth)
    assert len(desk.timers) == 1


def rows(*numbers: int, after: int = 0) -> OutboxRead:
    return OutboxRead(0.0, tuple((number, session(number)) for number in numbers), after)


@pytest.mark.parametrize("window", [1, 2, 3, 20])
def test_a_record_goes_out_whatever_else_fills_the_window(desk: Desk, window: int) -> None:
    """Each acknowledgement looks for more, and live topics take no record's place."""
    desk.recorder.window = window
    for at in range(3 * window):
        desk.publisher.publish(live(at, dark=at % 2 == 0))
    desk.publisher.outbox_read(rows(*range(1, 61)))
    acknowledged = 0
    while acknowledged < len(desk.recorder.sent):
        acknowledged += 1
        desk.acknowledge(acknowledged)
        assert len(desk.publisher._waiting) <= window
    assert desk.topics.count("session") == 60
    assert [seq for one in desk.asked if isinstance(one, Acknowledged) for seq in one.seqs] == list(range(1, 61))
    assert ReadOutbox(60, publisher.OUTBOX_READ) in desk.asked


# -- what the broker does not take -----------------------------------------------------------------------------------


def test_a_record_larger_than_the_broker_takes_stays_and_those_behind_it_go(desk: Desk) -> None:
    small, large = session(1), session(2, note="x" * 500)
    desk.recorder.largest = len(encode(record_payload(small, "pump")))
    desk.publisher.outbox_read(OutboxRead(0.0, ((1, small), (2, large), (3, small)), 0))
    assert desk.topics == ["session", "session"]
    for mid in (1, 2):
        desk.acknowledge(mid)
    assert [one.seqs for one in desk.asked if isinstance(one, Acknowledged)] == [(1,), (3,)]
    assert [one.records for one in desk.posted if isinstance(one, PassedOver)] == [1]
    desk.up()
    desk.turns()
    desk.recorder.sent.clear()
    desk.recorder.largest = len(encode(record_payload(large, "pump")))
    desk.publisher.outbox_read(OutboxRead(0.0, ((2, large),), 0))
    assert desk.topics == ["session"]


def test_a_reply_larger_than_the_broker_takes_goes_without_its_record(desk: Desk) -> None:
    desk.recorder.largest = 600
    desk.hear(start(1))
    desk.turns()
    desk.publisher.answer(Answer(desk.orders()[0].order, AT, session(1, note="x" * 500)))
    assert desk.replies() == [
        {"schema": 1, "device": "pump", "request": "r1", "ok": True, "at": "2026-03-01T03:12:08Z"}
    ]
    busy = Passed(b'{"ok": false, "code": "busy", "more": 1}')
    assert json.loads(without_record(busy)) == {"ok": False, "code": "busy"}


@pytest.mark.parametrize("largest", [1200, 3000, 20_000])
def test_pages_of_history_are_as_small_as_the_broker_wants_them_and_come_to_an_end(largest: int) -> None:
    records = [session(n, started_at=AT - n, note="x" * 500 if n % 3 == 0 else None) for n in range(1, 40)]
    found: list[int] = []
    cursor = None
    for _ in range(60):
        asked = ReadHistory(History(cursor=cursor), Order("r"), AT)
        start_at = (1 << 53) if cursor is None else int(cursor.partition(".")[0])
        page = history_payload(asked, [one for one in records if one.started_at < start_at], House("pump"), largest)
        assert len(json.dumps(page, separators=(",", ":"))) <= largest
        found += [one["number"] for one in page["sessions"]]
        cursor = page["next"]
        if cursor is None:
            break
    wanted = [n for n in range(1, 40) if largest > 1200 or n % 3]
    assert found == wanted


# -- the loop and the wires ----------------------------------------------------------------------------------------


def test_no_descriptor_is_read_while_as_many_events_wait_as_a_turn_takes() -> None:
    """The reader is far quicker than the one who works; the mailbox stays short, and all is done in the end."""
    loop = Loop(SystemClock())
    read, write = os.pipe()
    os.set_blocking(write, False)
    longest = done = 0

    def readable() -> None:
        for _ in os.read(read, 10):
            loop.post("letter")

    def step(_event: object) -> None:
        nonlocal longest, done
        longest = max(longest, len(loop._box))
        done += 1
        if done == 2000:
            loop.stop()

    os.write(write, b"x" * 2000)
    loop.watch(read, readable)
    for _ in range(300):
        loop.post("before")
    loop.run(step)
    assert longest <= 300
    loop.close()
    os.close(read)
    os.close(write)
    assert BATCH < 300


def test_other_threads_wait_while_the_mailbox_is_full_and_are_let_in_or_let_go() -> None:
    loop = Loop(SystemClock())
    seen: list[int] = []
    longest = 0

    def bring() -> None:
        for number in range(3 * MOST):
            loop.post(number)

    def step(event: int) -> None:
        nonlocal longest
        longest = max(longest, len(loop._box))
        seen.append(event)
        if len(seen) == 2 * MOST:
            loop.stop()

    threads = [threading.Thread(target=bring) for _ in range(3)]
    for thread in threads:
        loop.call(thread.start)
    loop.run(step)
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert longest <= MOST + len(threads)
    loop.close()


def test_a_thread_that_brings_without_end_keeps_no_descriptor_from_being_read() -> None:
    loop = Loop(SystemClock())
    read, write = os.pipe()
    over = threading.Event()

    def bring() -> None:
        while not over.is_set():
            loop.post("edge")

    thread = threading.Thread(target=bring)
    os.write(write, b"x")
    loop.watch(read, loop.stop)
    loop.call(thread.start)
    loop.run(lambda _event: time.sleep(0.0001))
    over.set()
    thread.join(30)
    assert not thread.is_alive()
    loop.close()
    os.close(read)
    os.close(write)


def test_lines_that_fit_nothing_are_told_once_a_read_with_their_number(desk: Desk) -> None:
    posted: list[Any] = []
    link = PumpLink.__new__(PumpLink)
    from drivers.pump_link import LineParser

    link._parser, link._post, link._loop = LineParser(), posted.append, desk
    link._feed(b"\n" * (READ_AT_ONCE - 20) + b"PUMP START\nx\n")
    assert [type(one) for one in posted].count(LineRejected) == 1
    assert sum(one.count for one in posted if isinstance(one, LineRejected)) == READ_AT_ONCE - 20 + 1


def test_diagnostics_say_at_once_that_the_outbox_has_emptied_after_a_connection_and_later_at_their_pace(
    tmp_path: Path,
) -> None:
    device = daemon(tmp_path, 1)
    state, at = device.state, device.clock.now()
    device.stop()
    told: list[list[int]] = []
    for waiting in (1, 2, None, 1, 0, 1, 0):
        at += 0.01
        event = BrokerChanged(at, up=True, protocol="5") if waiting is None else OutboxChanged(at, waiting)
        state, effects = core.step(state, event)
        published = [one.value for one in effects if isinstance(one, Publish)]
        told.append([value.outbox for value in published if isinstance(value, Diagnostics)])
    assert told == [[], [], [2], [], [0], [], []]
