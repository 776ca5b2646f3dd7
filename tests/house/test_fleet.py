"""The fleet that a bench plays says what the daemon says, in the driver's packets and after the driver's pauses."""

import json
import random
from itertools import islice
from xml.etree import ElementTree as ET

import pytest

from device.loop import Loop, Timer
from drivers.broker import JITTER, Broker
from drivers.broker_address import Address, Calls
from drivers.clock import SystemClock
from drivers.runtime import Call
from tests.measure.day import PING, SESSIONS, Message, Said, opened, recorded, said_by, with_pings
from tests.measure.fleet import PATIENCE_S, Fleet, Storm, pauses
from tests.measure.fleet_picture import picture
from tests.support.hostile import HostileBroker, Peer, packet

PLAYED = "p001"
AT_ONCE = 1e9


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may answer late; nothing here is about that."""
    for name in ("drivers.broker.ANSWER_S", "tests.measure.fleet.ANSWER_S", "tests.measure.fleet.CONNECT_S"):
        monkeypatch.setattr(name, PATIENCE_S)


@pytest.fixture(scope="module")
def said() -> Said:
    """What the daemon of that id says, heard for itself."""
    return said_by(PLAYED)


def played() -> list[bytes]:
    """What the fleet's first device puts on its wire in a day, and after it came back."""
    came: list[bytes] = []

    def meet(peer: Peer) -> None:
        came.append(packet(0x10, peer.connect))
        peer.welcome()
        came.append(packet(0x82, peer.subscribed()))
        came.extend(packet(*sent) for sent in peer.until_gone())

    server = HostileBroker(meet)
    fleet = Fleet(server.port, recorded(), 1, AT_ONCE)
    fleet.connect(lambda device: device.day.greeting)
    fleet.live_until(lambda: fleet.back == 1)
    fleet.all_say(lambda device: list(with_pings(device.day.rest)), AT_ONCE)
    fleet.all_say(lambda device: device.day.again, AT_ONCE)
    fleet.close()
    server.close()
    return came


def test_a_played_device_says_a_day_as_the_daemon_of_its_id_does_and_pings_between(said: Said) -> None:
    connect, subscribe, *rest = played()
    published = [sent for sent in rest if sent != PING]
    assert [opened(sent) for sent in published] == [message[1:] for message in [*said.day, *said.again]]
    for named in (said.line.address.client_id, said.line.will[0]):
        assert named.encode() in connect
    assert all(topic.encode() in subscribe for topic in said.line.subscriptions)
    assert len(rest) - len(published) == sum(sent.data == PING for sent in with_pings(recorded().rest))


def test_the_day_has_its_sessions_each_answered_and_with_its_amount(said: Said) -> None:
    records = [json.loads(message.payload) for message in said.day if message.topic.endswith("/session")]
    newest = {record["id"]: record for record in records}
    assert len(newest) == SESSIONS
    for record in newest.values():
        assert None not in {record["purpose"], record["reason"], record["intention"], record["volume_ml"]}


def test_whatever_is_retained_is_said_again_at_a_reconnection(said: Said) -> None:
    def retained(messages: list[Message]) -> set[str]:
        return {message.topic for message in messages if message.retain and message.payload}

    assert retained(said.again) == retained(said.day)


def test_pauses_between_attempts_are_the_drivers(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, waits = Loop(SystemClock()), list[float]()
    later = loop.call_after

    def noted(real_s: float, fn: Call) -> Timer:
        waits.append(real_s)
        return later(real_s, fn)

    monkeypatch.setattr(loop, "call_after", noted)
    calls = Calls(*[lambda *_told: None] * 6)
    driver = Broker(Address("broker.example", 1883, "pump"), calls=calls, loop=loop)
    random.seed(19)
    for _ in range(9):
        driver._failed(driver._attempt, "nothing listens")
    random.seed(19)
    assert waits == list(islice(pauses(JITTER), 9))
    loop.close()


def test_a_device_that_loses_its_broker_comes_back_by_itself() -> None:
    meetings: list[int] = []

    def meet(peer: Peer) -> None:
        meetings.append(1)
        peer.welcome()
        peer.subscribed()
        if len(meetings) > 1:
            peer.until_gone()

    server = HostileBroker(meet)
    fleet = Fleet(server.port, recorded(), 1, AT_ONCE)
    (device,) = fleet.devices
    device.pauses = iter([0.0])
    fleet.connect(lambda _same: [])
    fleet.live_until(lambda: fleet.back == 1)
    assert (len(meetings), fleet.counts["tries"], device.owed) == (2, 2, 0)
    fleet.close()
    server.close()


def test_the_picture_shows_both_ways_of_coming_back() -> None:
    storm = Storm([0.5, 1.0], [2.5, 3.0], [(0.0, 0.1), (1.0, 0.2), (3.0, 0.3)], 2)
    drawn = ET.fromstring(picture({(0.5, True): storm, (0.5, False): storm}))
    lines = [part.get("stroke-dasharray") for part in drawn.iter("{http://www.w3.org/2000/svg}polyline")]
    assert lines.count("6 4") == 2
