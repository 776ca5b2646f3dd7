"""What a device says in a day of eight sessions: the daemon's own words in made-up time, as the driver's own packets.

Nothing of it is made up here: the daemon lives the day in the simulation, then `drivers.broker` says it to a socket.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from device.loop import Loop
from device.settings.loading import Config, load
from device.simulation.broker import LONGEST_PAUSE_S, MadeUpLine
from device.simulation.faults import DAY_S
from device.simulation.household import Household
from device.simulation.life import Life, told_of_warnings
from device.simulation.simulate import ON_NO_DISK
from drivers.broker import KEEPALIVE_S, SLACK_S, Broker
from drivers.broker_address import Calls
from drivers.clock import SystemClock
from tests.support.hostile import HostileBroker, Peer, packet

SEED = 19
"""A life whose pump is tied by its wire and a line, with no display and nobody's hand: neither says anything here."""
SESSIONS = 8
GREETED_S = 5.0
"""After connecting everything retained has been said; the second announcement comes after two seconds."""
AWAY_S = 5.0
MODEL = "p000"
"""The id of the device that was heard. No word or number has it in it, and all ids are as long."""
PING = b"\xc0\x00"


class Message(NamedTuple):
    """What reached the broker, `at` seconds after the device was switched on, or the broker came back."""

    at: float
    topic: str
    payload: bytes
    retain: bool


class Said(NamedTuple):
    """A day's messages, those of a connection after that, and how the device came to its broker."""

    day: list[Message]
    again: list[Message]
    line: MadeUpLine


class Packet(NamedTuple):
    at: float
    data: bytes


class Day(NamedTuple):
    """A device's packets: how it connects and subscribes, what follows, the rest of its day, and a reconnection's."""

    connect: bytes
    subscribe: bytes
    greeting: list[Packet]
    rest: list[Packet]
    again: list[Packet]

    def of(self, device: str) -> "Day":
        """The same day of another device, whose id is as long."""

        def renamed(data: bytes) -> bytes:
            return data.replace(MODEL.encode(), device.encode())

        def all_of(packets: list[Packet]) -> list[Packet]:
            return [Packet(at, renamed(data)) for at, data in packets]

        parts = all_of(self.greeting), all_of(self.rest), all_of(self.again)
        return Day(renamed(self.connect), renamed(self.subscribe), *parts)


def opened(publish: bytes) -> tuple[str, bytes, bool]:
    """A PUBLISH packet of QoS 1 without properties: its topic, its payload, whether it is to be retained."""
    at = 1 + next(place for place, byte in enumerate(publish[1:5], 1) if byte < 128)
    end = at + 2 + int.from_bytes(publish[at : at + 2], "big")
    return publish[at + 2 : end].decode(), publish[end + 3 :], bool(publish[0] & 1)


class EightSessions(Life):
    """A life in which nothing goes wrong; `device` is its id."""

    def __init__(self, folder: Path, device: str) -> None:
        self.device = device
        super().__init__(SEED, folder)

    def _configure(self) -> Config:
        super()._configure()
        file = self.folder / "config.toml"
        file.write_text(f'{file.read_text()}\n[device]\nid = "{self.device}"\n')
        config, faults = load(file, {})
        assert config is not None, faults
        return config

    def plan(self, day: int = 0) -> None:
        """Every three hours a session of fifteen minutes: why and what for are answered, the amount is given."""
        parent = Household(self)
        for session in range(SESSIONS):
            begins = day * DAY_S + DAY_S / SESSIONS * (session + 0.2)
            self.at(begins, self.pump.begin)
            self.at(begins + 900, self.pump.end)
            asked = begins + 900 + self.pause_s
            keys = [(begins + 20, "Protect"), (begins + 22, "In place"), (begins + 24, "Fridge")]
            for at, key in [*keys, (asked + 10, "+"), (asked + 12, "Save")]:
                self.at(at, partial(parent.press, key))


def lived(life: EightSessions, day: list[Message], again: list[Message]) -> MadeUpLine:
    life.broker.on_message = lambda *heard: day.append(Message(life.now, *heard))
    life.switch_on()
    life.plan()
    life.live_until(DAY_S)
    line = life.broker.line
    assert line is not None
    life.broker.on_message = lambda *_heard: None
    life.broker.go()
    life.live_until(DAY_S + AWAY_S)
    life.broker.up = True
    life.broker.on_message = lambda *heard: again.append(Message(life.now, *heard))
    life.live_until(life.now + LONGEST_PAUSE_S + GREETED_S)
    life.broker.on_message = lambda *_heard: None
    life.stop()
    return line


def said_by(device: str) -> Said:
    """Let the daemon live its day, then let the broker go and come back."""
    day: list[Message] = []
    again: list[Message] = []
    with tempfile.TemporaryDirectory(dir=ON_NO_DISK if ON_NO_DISK.is_dir() else None) as folder:
        life = EightSessions(Path(folder), device)
        try:
            with told_of_warnings(life):
                line = lived(life, day, again)
        finally:
            life.end()
    began = again[0].at
    return Said(day, [message._replace(at=message.at - began) for message in again], line)


def on_the_wire(said: Said) -> list[bytes]:
    """The driver's packets for all of it: CONNECT, SUBSCRIBE, then one for each message, in their order."""
    messages, packets = [*said.day, *said.again], list[bytes]()

    def meet(peer: Peer) -> None:
        packets.append(packet(0x10, peer.connect))
        peer.welcome()
        packets.append(packet(0x82, peer.subscribed()))
        packets.extend(packet(*came) for came in peer.until_gone())

    def say_all(_version: object) -> None:
        for message in messages:
            broker.publish(message.topic, message.payload, retain=message.retain)

    def acknowledged(mid: int) -> None:
        heard.append(mid)
        if len(heard) == len(messages):
            loop.stop()

    heard: list[int] = []
    loop, server, line = Loop(SystemClock()), HostileBroker(meet), said.line
    calls = Calls(say_all, lambda _why: loop.stop(), acknowledged, *[lambda *_told: loop.stop()] * 3)
    broker = Broker(
        line.address._replace(host="127.0.0.1", port=server.port),
        will=(line.will[0], line.will[1].decode()),
        subscriptions=line.subscriptions,
        own=line.own,
        calls=calls,
        loop=loop,
    )
    broker.start()
    loop.run(lambda _event: None)
    broker.stop(GREETED_S)
    loop.close()
    server.close()
    assert len(heard) == len(messages)
    return packets[: 2 + len(messages)]


def recorded() -> Day:
    said = said_by(MODEL)
    connect, subscribe, *published = on_the_wire(said)
    timed = [Packet(message.at, data) for message, data in zip([*said.day, *said.again], published, strict=True)]
    day, again = timed[: len(said.day)], timed[len(said.day) :]
    greeting = [one for one in day if one.at <= GREETED_S]
    return Day(connect, subscribe, greeting, day[len(greeting) :], again)


def with_pings(rest: list[Packet]) -> Iterator[Packet]:
    """The rest of a day with what keeps the connection: a ping where nothing was said for the driver's keepalive."""
    last = GREETED_S
    for one in [*rest, Packet(DAY_S, b"")]:
        while last + KEEPALIVE_S + SLACK_S < one.at:
            last += KEEPALIVE_S + SLACK_S
            yield Packet(last, PING)
        if one.data:
            yield one
        last = one.at


__all__ = ["DAY_S", "Day", "Message", "Packet", "Said", "opened", "recorded", "said_by", "with_pings"]
