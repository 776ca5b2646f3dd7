"""The parts without hardware: the pump on wire and cable, the keys, the glass, the broker in the process."""

import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from device.core.model.events import LineRejected, LinkChanged, MotorEdge, PumpSaid, Verb
from device.loop import Loop
from drivers import pump_link
from drivers.motor import MotorWatch
from drivers.pump_link import LineParser, PumpLink
from drivers.virtual.broker import BrokerError, EmbeddedBroker
from drivers.virtual.clock import PacedClock
from drivers.virtual.panel import VirtualKeys, VirtualPanel
from drivers.virtual.pump import Pump
from tests.support.clients import end_thread
from tests.support.leaping import LeapingClock

pytest_plugins = ("tests.support.virtual_pins",)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def leaping(clock: LeapingClock) -> Iterator[Loop]:
    made = Loop(clock)
    yield made
    made.close()


class Overheard:
    """What a pump says, line by line, without a port."""

    def __init__(self, pump: Pump) -> None:
        self._parser = LineParser()
        self.said: list[PumpSaid | LineRejected] = []
        pump.send = self._hear  # type: ignore[method-assign]
        self._now = pump._loop.now

    def _hear(self, data: bytes) -> None:
        self.said += self._parser.feed(data, self._now())


def test_pulses_come_on_the_wire_at_the_pumps_pace_and_end_with_it(pins: Any, leaping: Loop) -> None:
    edges: list[MotorEdge] = []
    motor = MotorWatch(17, post=edges.append, now=leaping.now)
    pump = Pump(leaping, pin=17, signal="pulses", serial=False, cycles_per_minute=60)
    pump.start()
    leaping.call_at(60.25, pump.stop)
    leaping.call_at(100.0, leaping.stop)
    leaping.run(lambda event: None)
    strokes = [edge for edge in edges if edge.active]
    assert len(strokes) == 61
    assert strokes[-1].at == pytest.approx(60, abs=0.1)
    assert not edges[-1].active
    motor.close()


@pytest.mark.parametrize("active", ["high", "low"])
def test_a_level_lasts_as_long_as_the_pump_runs(pins: Any, leaping: Loop, active: Any) -> None:
    edges: list[MotorEdge] = []
    pump = Pump(leaping, pin=17, active=active, serial=False)
    motor = MotorWatch(17, active=active, post=edges.append, now=leaping.now)
    pump.start()
    leaping.call_at(90.0, pump.pause)
    leaping.call_at(120.0, pump.start)
    leaping.call_at(180.0, pump.stop)
    leaping.call_at(181.0, leaping.stop)
    leaping.run(lambda event: None)
    rounded = [(round(edge.at), edge.active) for edge in edges]
    assert rounded == [(0, False), (0, True), (90, False), (120, True), (180, False)]
    motor.close()


def test_a_session_is_spoken_with_heartbeats_a_pause_and_a_volume(leaping: Loop) -> None:
    pump = Pump(leaping, serial=False, cycles_per_minute=54)
    heard = Overheard(pump)
    pump.start()
    leaping.call_at(12.0, pump.pause)
    leaping.call_at(20.0, pump.start)
    leaping.call_at(22.0, lambda: pump.stop(ml=85.5))
    leaping.call_at(60.0, leaping.stop)
    leaping.run(lambda event: None)
    lines = [(e.verb, e.at, e.t) for e in heard.said if isinstance(e, PumpSaid)]
    assert lines == [
        (Verb.START, 0, None),
        (Verb.RUN, 0, 0),
        (Verb.RUN, 5, 5),
        (Verb.RUN, 10, 10),
        (Verb.PAUSE, 12, 12),
        (Verb.RUN, 20, 20),
        (Verb.STOP, 22, 22),
    ]
    assert isinstance(heard.said[-1], PumpSaid)
    assert heard.said[-1].ml == 85.5
    assert len(lines) == len(heard.said)


def test_a_change_of_pace_is_heard_on_both(pins: Any, leaping: Loop) -> None:
    pump = Pump(leaping, pin=17, signal="pulses", serial=False)
    heard = Overheard(pump)
    pump.start()
    leaping.call_at(7.0, lambda: pump.set_speed(500))
    leaping.call_at(11.0, leaping.stop)
    leaping.run(lambda event: None)
    assert [e.cpm for e in heard.said if isinstance(e, PumpSaid) and e.verb is Verb.RUN] == [54, 54, 120]
    pump.stop()


def test_a_day_of_pumping_passes_in_a_moment(pins: Any, leaping: Loop) -> None:
    edges: list[MotorEdge] = []
    motor = MotorWatch(17, post=edges.append, now=leaping.now)
    pump = Pump(leaping, pin=17, signal="pulses", serial=False, cycles_per_minute=60)
    for hour in range(0, 24, 3):
        leaping.call_at(hour * 3600.0, pump.start)
        leaping.call_at(hour * 3600.0 + 900, pump.stop)
    leaping.call_at(86_400.0, leaping.stop)
    leaping.run(lambda event: None)
    assert sum(edge.active for edge in edges) == pytest.approx(8 * 900, abs=8)
    motor.close()


def test_the_port_keeps_its_name_and_what_is_said_while_the_cable_is_out_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pump_link, "FIRST_PAUSE_S", 0.02)
    loop = Loop(PacedClock(60))
    pump = Pump(loop)
    port = pump.port
    link = PumpLink(str(port), post=loop.post, loop=loop)
    events: list[Any] = []

    def step(event: Any) -> None:
        events.append(event)
        match event:
            case LinkChanged(up=True) if len(events) == 1:
                pump.start()
                pump.unplug()
            case LinkChanged(up=False):
                pump.stop(ml=10)
                pump.plug()
            case LinkChanged(up=True):
                pump.volume(85)
            case PumpSaid(verb=Verb.VOLUME):
                loop.stop()

    late = loop.call_after(20.0, loop.stop)
    loop.run(step)
    late.cancel()
    assert events[-1] == PumpSaid(events[-1].at, Verb.VOLUME, ml=85)
    assert Verb.STOP not in [event.verb for event in events if isinstance(event, PumpSaid)]
    assert pump.port == port
    link.close()
    pump.close()
    loop.close()


def test_keys_pull_their_pins_to_ground_and_let_go(pins: Any) -> None:
    keys = VirtualKeys({"left": 5, "right": "GPIO13"})
    keys.press("left")
    assert not pins.pin(5).state
    keys.release("left")
    assert pins.pin(5).state
    keys.press("right")
    assert not pins.pin(13).state


def test_a_panel_without_power_forgets_and_a_dark_one_shows_nothing() -> None:
    panel = VirtualPanel()
    panel.write_i2c_block_data(0x3C, 0x00, [0x21, 0, 0, 0x22, 0, 0])
    panel.i2c_rdwr(bytes([0x40, 0x0F]))
    assert panel.picture().getbbox() is None
    panel.write_i2c_block_data(0x3C, 0x00, [0xAF])
    assert [panel.picture().getpixel((0, y)) for y in range(8)] == [255] * 4 + [0] * 4
    panel.unplug()
    with pytest.raises(OSError, match="Remote I/O"):
        panel.write_i2c_block_data(0x3C, 0x00, [0xAE])
    panel.plug()
    assert not panel.on


def greeted(port: int, transport: Any) -> bool:
    """Connect and say goodbye as an MQTT client; whether the broker said CONNACK."""
    came = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, transport=transport)
    client.on_connect = lambda *_: came.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    answered = came.wait(20)
    client.disconnect()
    end_thread(client)
    return answered


def test_the_embedded_broker_answers_on_both_ports_and_stops_and_starts_on_the_same() -> None:
    broker = EmbeddedBroker(0, 0)
    for _ in range(2):
        broker.start()
        broker.start()
        assert broker.running
        assert greeted(broker.port, "tcp")
        assert greeted(broker.websocket_port, "websockets")
        broker.stop()
        broker.stop()
        assert not broker.running
        for port in (broker.port, broker.websocket_port):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 20)


@pytest.mark.parametrize("flags", [0x02, 0xEE], ids=["as the page", "with a will, a user and a password"])
def test_the_embedded_broker_refuses_version_5_at_once_whatever_comes_with_it(flags: int) -> None:
    """amqtt by itself reads it as 3.1.1, and waits for bytes that its properties seem to announce."""
    broker = EmbeddedBroker(0, 0)
    broker.start()
    largest = b"\x05\x27\x00\x04\x00\x00"
    connect = b"\x00\x04MQTT\x05" + bytes([flags]) + b"\x00\x3c" + largest + b"\x00\x01x"
    with socket.create_connection(("127.0.0.1", broker.port), 20) as client:
        client.sendall(bytes([0x10, len(connect)]) + connect)
        assert client.recv(4) == b"\x20\x02\x00\x01", "CONNACK of 3.1.1: unacceptable protocol version"
        assert client.recv(1) == b""
    broker.stop()


def test_the_embedded_broker_ends_with_the_process_that_has_it_even_where_that_is_killed() -> None:
    started = "b = EmbeddedBroker(0, 0); b.start(); print(b.port, flush=True); signal.pause()"
    owner = subprocess.Popen(
        [sys.executable, "-c", f"import signal; from drivers.virtual.broker import EmbeddedBroker; {started}"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert owner.stdout is not None
    port = int(owner.stdout.readline())
    with owner, socket.create_connection(("127.0.0.1", port), 20) as client:
        client.settimeout(60)
        owner.kill()
        assert client.recv(1) == b""


def test_the_embedded_broker_gives_what_is_retained_to_those_who_asked_for_it_and_to_nobody_else() -> None:
    """amqtt by itself sends whoever connects what matches the filters of all others."""
    broker = EmbeddedBroker(0, 0)
    broker.start()
    heard: queue.Queue[tuple[str, str]] = queue.Queue()
    clients = []

    def client(name: str, topic: str) -> paho.Client:
        made = paho.Client(CallbackAPIVersion.VERSION2, name, protocol=paho.MQTTv311)
        subscribed = threading.Event()
        made.on_connect = lambda *_: made.subscribe(topic, qos=1) and None
        made.on_subscribe = lambda *_: subscribed.set()
        made.on_message = lambda _client, _data, message: heard.put((name, message.topic))
        made.connect("127.0.0.1", broker.port)
        made.loop_start()
        clients.append(made)
        assert subscribed.wait(60)
        return made

    first = client("everything", "p/#")
    first.publish("p/state", b"idle", qos=1, retain=True).wait_for_publish(60)
    assert heard.get(timeout=60) == ("everything", "p/state")
    client("sessions", "p/session")
    first.publish("p/session", b"{}", qos=1).wait_for_publish(60)
    assert sorted(heard.get(timeout=60) for _ in range(2)) == [("everything", "p/session"), ("sessions", "p/session")]
    client("late", "p/state")
    assert heard.get(timeout=60) == ("late", "p/state")
    assert heard.empty()
    for one in clients:
        one.disconnect()
        end_thread(one)
    broker.stop()


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=rf"^port {port} on 127\.0\.0\.1 can't be had: Address already in use"):
            EmbeddedBroker(port, 0)
    broker = EmbeddedBroker(0, 0)
    with (
        socket.create_server(("127.0.0.1", broker.websocket_port)),
        pytest.raises(BrokerError, match=f"^port {broker.websocket_port} "),
    ):
        broker.start()
    assert not broker.running
