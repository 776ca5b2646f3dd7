"""Whatever a broker sends, the device goes on: a connection may end, the process does not, and it comes back.

`HOSTILE_PACKETS=20000` sends so many packets instead of a few hundred.
"""

import os
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from device.daemon import Daemon
from drivers import broker as driver
from drivers.broker_address import Message
from drivers.clock import SystemClock
from tests.drivers.test_broker import Seen
from tests.support.effort import so_many
from tests.support.hostile import PUBACK, PUBLISH, HostileBroker, Peer, any_packet, length, packet, publish, text

COMMAND = "pump-companion/pump/command"
BIRTH = "homeassistant/status"
MARK = b"\xef\xbb\xbfanswers"
PACKETS = int(os.environ.get("HOSTILE_PACKETS", so_many(400, least=50)))
POISON = bytes([8]) + text(MARK)
"""A response topic that begins with U+FEFF."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(driver, "LONGEST_PAUSE_S", 0.002)


@pytest.fixture
def seen(quick: None) -> Iterator[Seen]:
    made = Seen()
    yield made
    for one in made.brokers:
        one.stop(5.0)
    made.loop.close()


Start = Callable[[Callable[[Peer], None]], HostileBroker]


@pytest.fixture
def start() -> Iterator[Start]:
    made: list[HostileBroker] = []

    def one(meet: Callable[[Peer], None]) -> HostileBroker:
        made.append(HostileBroker(meet))
        return made[-1]

    yield one
    for server in made:
        server.close()


def daemon(folder: Path, port: int, extra: str = "") -> Daemon:
    from device.settings.loading import load

    file = folder / "config.toml"
    file.write_text(
        f'[display]\ndriver = "none"\n[store]\npath = "{folder / "pump.db"}"\n[mqtt]\nport = {port}\n{extra}'
    )
    config, faults = load(file, {})
    assert config is not None, faults
    return Daemon(config, SystemClock(), timezone=lambda: "UTC")


def memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def test_thousands_of_hostile_packets_end_connections_and_nothing_else(
    quick: None, start: Start, tmp_path: Path
) -> None:
    """Then a good command is answered, and memory is where it was after the first few."""
    dice = random.Random(2711)
    payloads = (b'{"command": "history", "limit": 1}', b'{"command": "press", "button": "left"}', b"{", b"online", b"")
    sent = connections = 0
    before: list[float] = []
    answers: list[bytes] = []

    def meet(peer: Peer) -> None:
        nonlocal sent, connections
        connections += 1
        peer.welcome()
        peer.subscribed()
        if sent >= PACKETS:
            question = publish(COMMAND, b'{"command": "history", "request": "still there?"}', v5=peer.v5)
            peer.send(question)
            for first, body in peer.packets():
                peer.acknowledge(first, body)
                if first >> 4 == PUBLISH and b"still there?" in body:
                    answers.append(body)
                    device.loop.call(device.loop.stop)
            return
        if sent >= PACKETS // 4 and not before:
            before.append(memory_mib())
        # as many as the connection lives for, a few at least that it may not survive
        for _ in range(dice.randrange(1, 8)):
            peer.send(any_packet(dice, (COMMAND, BIRTH), payloads, v5=peer.v5))
            sent += 1
        peer.connection.shutdown(socket.SHUT_WR)
        peer.until_gone()

    server = start(meet)
    device = daemon(tmp_path, server.port)
    device.loop.call_after(60 + PACKETS * 0.1, device.loop.stop)
    device.run()
    print(f"{sent} packets, {connections} connections, {memory_mib() - before[0]:+.1f} MiB")
    print(device.state.health.errors)
    assert answers
    assert b'"ok":true' in answers[0]
    assert device.state.health.errors["mqtt_unreadable"] > 0
    assert memory_mib() - before[0] < 8


@pytest.mark.parametrize("retain", [False, True])
def test_a_packet_that_cannot_be_read_costs_one_connection_and_is_counted(
    seen: Seen, start: Start, retain: bool
) -> None:
    poisoned: list[bool] = []

    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        if not poisoned:
            poisoned.append(True)
            peer.send(publish("p/command", b"{}", v5=True, retain=retain, properties=POISON[:-3] + b"\xff\xfe\xff"))
        else:
            peer.send(publish("p/command", b"good", v5=True))
        peer.until_gone()

    seen.broker(start(meet).port, subscriptions=("p/command",), own="p/command")
    assert seen.until("message").payload == b"good"
    assert seen.of("counted") == ["mqtt_unreadable"]
    assert "a packet that cannot be read" in seen.of("down")[0]
    assert "device.id" not in seen.of("down")[0]


def retaining(dead: list[str], *, v5_only: bool, heeds: bool) -> Callable[[Peer], None]:
    """A broker with something retained that `peer` cannot read, until it is cleared (or for ever, in `dead`)."""

    def meet(peer: Peer) -> None:
        peer.welcome()
        for first, body in peer.packets():
            if first == 0x82:
                peer.send(packet(0x90, body[:2] + (b"\0" if peer.v5 else b"") + b"\1"))
                wanted = not peer.v5 or not body[-1] & 0x20
                dead.append(f"{'5' if peer.v5 else '3.1.1'} {'with' if wanted else 'without'}")
                if (wanted or not heeds) and "cleared" not in dead and (peer.v5 or not v5_only):
                    peer.send(packet(0x31, b"\0"))
            elif first >> 4 == PUBLISH and first & 1 and body.startswith(text("p/command")) and heeds:
                assert body.endswith(b"\0" if peer.v5 else body[-1:])
                dead.append("cleared")
            peer.acknowledge(first, body)

    return meet


def test_what_is_retained_on_the_own_command_and_cannot_be_read_is_cleared_after_three_losses(
    seen: Seen, start: Start
) -> None:
    told: list[str] = []
    broker = seen.broker(
        start(retaining(told, v5_only=False, heeds=True)).port, subscriptions=("p/command",), own="p/command"
    )
    seen.until("up", 4)
    mid = broker.publish("p/state", "{}")
    seen.until("acknowledged", 2)
    assert mid in seen.of("acknowledged")
    assert told == ["5 with"] * 3 + ["cleared", "5 without"]
    assert "without retained messages, and p/command is cleared" in seen.of("down")[-1]
    assert broker.by_detour


def test_a_broker_that_cannot_speak_version_5_cleanly_gets_3_1_1_after_three_losses_of_each_way(
    seen: Seen, start: Start
) -> None:
    told: list[str] = []
    seen.broker(start(retaining(told, v5_only=True, heeds=False)).port, subscriptions=("p/command",), own="p/command")
    seen.until("up", 7)
    assert seen.of("up") == ["5"] * 6 + ["3.1.1"]
    seen.idle(0.2)
    assert told == ["5 with"] * 3 + ["5 without"] * 3 + ["3.1.1 with"]


def test_a_length_field_beyond_the_limit_is_hung_up_on_before_anything_of_it_is_read(seen: Seen, start: Start) -> None:
    asked: list[bytes] = []

    def meet(peer: Peer) -> None:
        asked.append(peer.connect)
        peer.welcome()
        peer.subscribed()
        peer.send(b"\x31" + length(60 << 20))
        peer.until_gone()

    before = memory_mib()
    seen.broker(start(meet).port, subscriptions=("p/command",))
    assert "sent a packet of more than 256 KiB" in seen.until("down")
    assert memory_mib() - before < 8
    assert b"\x27" + struct.pack("!I", 256 << 10) in asked[0]


def test_the_largest_packet_that_may_come_comes(seen: Seen, start: Start) -> None:
    payload = b"x" * ((256 << 10) - 4 - 2 - len("p/command") - 1)

    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        peer.send(publish("p/command", payload, v5=True))
        peer.send(publish("p/command", payload + b"x", v5=True))
        peer.until_gone()

    seen.broker(start(meet).port, subscriptions=("p/command",))
    seen.until("down")
    assert {len(one.payload) for one in seen.of("message")} == {len(payload)}


@pytest.mark.parametrize(
    "said",
    [
        publish("p/command", b"{}", v5=True, qos=2),
        packet(0xC0),
        packet(0x20, b"\0\0\0"),
        packet(0x62, b"\0\1"),
        packet(0x30, text(b"\xff") + b"\0"),
    ],
    ids=["QoS 2", "PINGREQ", "CONNACK again", "PUBREL", "topic"],
)
def test_what_a_broker_has_no_reason_to_send_ends_the_connection(seen: Seen, start: Start, said: bytes) -> None:
    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        peer.send(said)
        peer.until_gone()

    seen.broker(start(meet).port, subscriptions=("p/command",))
    seen.until("down")
    assert seen.of("counted")[0] == "mqtt_unreadable"
    assert seen.of("message") == []


class Stranger:
    """Answers whoever comes with the same bytes, whatever they said."""

    def __init__(self, says: bytes) -> None:
        self._says = says

    def __call__(self, peer: Peer) -> None:
        peer.send(self._says)
        peer.until_gone()


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "mqtt.port: what answers at 127.0.0.1:{} speaks like a web server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "speaks like an SSH server"),
        (b"\x15\x03\x01\0\2\2\x46", "speaks in TLS (mqtt.tls?)"),
        (b"\0\0\0\0", "speaks no MQTT; is it an MQTT broker?"),
        (b"\x20\x03\0\0\7", "answers with a packet that cannot be read; is it an MQTT broker?"),
    ],
)
def test_what_stands_at_the_port_and_is_no_broker_is_named(seen: Seen, start: Start, says: bytes, told: str) -> None:
    server = start(Stranger(says))
    seen.broker(server.port, subscriptions=("p/command",))
    assert told.format(server.port) in seen.until("down")


def test_pauses_double_while_connections_end_soon_and_begin_anew_after_one_that_lasted(
    seen: Seen, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "LONGEST_PAUSE_S", 0.016)
    monkeypatch.setattr(driver, "JITTER", 0.0)

    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()

    pauses: list[float] = []
    broker = seen.broker(start(meet).port, subscriptions=("p/command",))
    after: Any = broker._after

    def noted(name: str, real_s: float, fn: Callable[[], object]) -> None:
        if name == "again":
            pauses.append(real_s)
            if len(pauses) == 6:
                monkeypatch.setattr(driver, "STOOD_S", 0.0)
        after(name, real_s, fn)

    monkeypatch.setattr(broker, "_after", noted)
    seen.until("up", 8)
    assert pauses[:7] == [0.001, 0.002, 0.004, 0.008, 0.016, 0.016, 0.001]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (0x8B, "the broker is shutting down"),
        (0x8E, "another client with the same id took over"),
        (0x95, "a message was larger than the broker takes"),
        (0x97, "Quota exceeded"),
        (None, "did not say why"),
    ],
)
def test_why_a_broker_ended_the_connection_is_said_as_it_says_it(
    seen: Seen, start: Start, reason: int | None, told: str
) -> None:
    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        if reason is not None:
            peer.send(packet(0xE0, bytes([reason])))

    seen.broker(start(meet).port, subscriptions=("p/command",))
    assert told in seen.until("down")


def test_a_device_whose_id_another_has_taken_over_goes_no_other_way_for_it(seen: Seen, start: Start) -> None:
    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        peer.send(packet(0xE0, b"\x8e\0"))

    broker = seen.broker(start(meet).port, subscriptions=("p/command",))
    seen.until("up", 5)
    assert not broker.by_detour


def listening(peer: Peer) -> None:
    """A broker that takes whatever is published."""
    peer.welcome()
    peer.subscribed()
    peer.until_gone()


def test_one_who_does_not_read_what_is_written_is_not_listened_to_until_it_does(
    seen: Seen, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its messages want acknowledgements, which would pile up."""

    broker = seen.broker(start(listening).port, subscriptions=("p/command",))
    seen.until("up")
    waiting: Any = broker._client._out_packet  # type: ignore[union-attr]
    watched: list[tuple[bool, bool]] = []
    monkeypatch.setattr(
        seen.loop, "watch", lambda _fd, read, write=None: watched.append((read is not None, write is not None))
    )
    for count in (0, driver.CROWDED, driver.CROWDED + 1, 0):
        waiting.clear()
        waiting.extend([None] * count)
        broker._interest()
    assert watched == [(True, False), (True, True), (False, True), (True, False)]


def test_what_was_read_ahead_waits_as_well_until_what_waits_was_written(
    seen: Seen, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = seen.broker(start(listening).port, subscriptions=("p/command",))
    seen.until("up")
    client: Any = broker._client
    turns: list[int] = []
    monkeypatch.setattr(seen.loop, "call", lambda _reads_on: turns.append(len(client._out_packet)))
    monkeypatch.setattr(client, "loop_read", lambda: paho.MQTT_ERR_SUCCESS)  # there is always more
    monkeypatch.setattr(client, "loop_write", lambda: client._out_packet.clear() or paho.MQTT_ERR_SUCCESS)
    client._out_packet.extend([None] * (driver.CROWDED + 1))
    broker._readable()
    assert turns == []
    broker._writable()
    assert turns == [0]


def asking(seen: Seen, many: int, told: list[int]) -> Callable[[Peer], None]:
    """A broker that sends so many messages, then takes what comes: the numbers acknowledged, 0 for one published."""

    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        for number in range(1, many + 1):
            peer.send(packet(0x32, text("p/command") + struct.pack("!H", number) + (b"\0" if peer.v5 else b"") + b"{}"))
        for first, body in peer.packets():
            told.append(struct.unpack("!H", body[:2])[0] if first == PUBACK else 0)
            if len(told) - told.count(0) == many:
                seen.loop.call(lambda: seen.told.append(("all", None)))
            peer.acknowledge(first, body)

    return meet


@pytest.mark.parametrize("answered", [True, False])
def test_a_broker_is_acknowledged_in_order_and_no_faster_than_it_takes_our_answers_once_many_wait(
    seen: Seen, start: Start, answered: bool
) -> None:
    """mosquitto reads our packets one by one: behind a thousand acknowledgements no answer gets through."""
    many = 3 * driver.CROWDED
    told: list[int] = []
    ahead: list[int] = []
    broker = seen.broker(start(asking(seen, many, told)).port, subscriptions=("p/command",))
    heard = broker._calls.message

    def answer(message: Message) -> None:
        heard(message)
        if answered:
            broker.publish("p/reply", message.payload)
        ahead.append(len(seen.of("message")) - len(broker._owed) - len(seen.of("acknowledged")))

    broker._calls = broker._calls._replace(message=answer)
    seen.until("all")
    assert [number for number in told if number] == list(range(1, many + 1))
    assert len(seen.of("message")) == many
    if answered:
        assert max(ahead) <= driver.CROWDED
        assert not told.index(driver.CROWDED + driver.WINDOW + 1) < told.index(0)


def test_a_message_that_needs_no_acknowledgement_is_none_for_the_one_that_had_its_number_before(
    seen: Seen, start: Start
) -> None:
    """paho counts its messages to 65,535, those of QoS 0 as well, and begins anew: a record may wait that long."""
    go_on = threading.Event()

    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        waiting, without = [], 0
        for first, body in peer.packets():
            size = struct.unpack("!H", body[:2])[0]
            if first >> 4 == PUBLISH and first & 6:
                waiting.append(body[2 + size : 4 + size])
                continue
            without += 1
            seen.loop.call(lambda: seen.told.append(("without", None)))
            if without == 3:
                go_on.wait(30)
                peer.send(b"".join(packet(PUBACK, number) for number in waiting))

    broker = seen.broker(start(meet).port, subscriptions=("p/command",))
    seen.until("up")
    sent = [broker.publish("p/session", b"{}") or 0 for _ in range(driver.CROWDED)]
    client: Any = broker._client
    for number in sent[:3]:
        client._last_mid = number - 1  # as after 65,535 replies
        assert broker.publish("p/reply", b"{}", may_be_lost=True) is None
    seen.until("without", 3)
    assert seen.of("acknowledged") == []
    client._last_mid = 65534
    assert not {broker.publish("p/session", b"{}") for _ in range(2)} & {*sent}
    go_on.set()
    seen.until("acknowledged", driver.WINDOW)
    assert seen.of("acknowledged")[: driver.WINDOW] == sent[: driver.WINDOW]


@pytest.mark.parametrize("retain", [False, True])
def test_equal_births_that_lie_behind_each_other_are_one_and_nothing_between_them_is_lost(
    seen: Seen, start: Start, retain: bool
) -> None:
    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        birth = publish(BIRTH, b"online", v5=True, retain=retain)
        peer.send(birth * 50_000)
        peer.send(publish("p/command", b"first", v5=True) * 3)
        peer.send(birth * 100 + publish(BIRTH, b"offline", v5=True) + birth * 2)
        peer.send(publish("p/command", b"last", v5=True))
        peer.until_gone()

    seen.broker(start(meet).port, subscriptions=("p/command", BIRTH), repeats=BIRTH)
    while b"last" not in (came := [one.payload for one in seen.of("message")]):
        seen.until("message", len(came) + 1)
    assert came[0] == b"online"
    assert came.count(b"online") < 2000
    tail = came[came.index(b"first") :]
    assert [one for at, one in enumerate(tail) if one == b"first" or one != tail[at - 1]] == [
        *[b"first"] * 3,
        *[b"online", b"offline", b"online", b"last"],
    ]


def test_however_often_more_is_to_be_read_than_was_it_is_asked_for_once_a_turn(seen: Seen, start: Start) -> None:
    def meet(peer: Peer) -> None:
        peer.welcome()
        peer.subscribed()
        peer.send(publish("p/command", b"{}", v5=True) * 2000)
        peer.until_gone()

    broker = seen.broker(start(meet).port, subscriptions=("p/command",))
    longest: list[int] = []
    heard = broker._calls.message

    def slowly(message: Any) -> None:
        heard(message)
        longest.append(sum(getattr(content, "__self__", None) is broker for _, content in seen.loop._box))

    broker._calls = broker._calls._replace(message=slowly)
    seen.until("message", 2000)
    assert max(longest) <= 1
