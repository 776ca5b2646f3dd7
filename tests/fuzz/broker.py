"""MQTT packets as paho hands them on: bytes from a broker through the driver and the publisher, and what goes out."""

import socket
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any
from unittest.mock import patch

from device.core.model.effects import Answer
from device.core.model.events import Event, Ordered
from device.daemon import broker_line
from device.mqtt.line import Line
from device.mqtt.publisher import Publisher
from device.store.opening import Kept
from device.store.requests import ReadFacts
from drivers import broker as driver
from drivers.machine import THIS_MACHINE
from drivers.paho_guard import Client, may_be_published_to, new_client
from tests.mqtt.test_publisher_wire import NOTHING_SAID, Timer, configured
from tests.support.household import PREFIX
from tests.support.made import AT
from tests.support.wire import check

from .parsers import folder

OURS = ("command", "availability", "state", "session", "session/last", "nursing", "today", "diagnostics", "screen")
WELCOME = {"5": b"\x20\x03\0\0\0", "3.1.1": b"\x20\x02\0\0"}
MOST_TURNS = 5000


@cache
def line() -> Line:
    return broker_line(configured(folder()), Kept(None, 0), None)


class Loop:
    """Does what it is called for when it is told to."""

    machine = THIS_MACHINE

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], object]] = deque()

    def now(self) -> float:
        return 0.0

    def call(self, fn: Callable[[], object]) -> None:
        self.waiting.append(fn)

    def call_after(self, _real_s: float, fn: Callable[[], object]) -> Timer:
        return Timer(fn)

    call_at = call_after

    def watch(self, *_: Any) -> None: ...

    def unwatch(self, _fd: int) -> None: ...

    def turn(self) -> None:
        for _ in range(len(self.waiting)):
            self.waiting.popleft()()


class Conversation:
    """A publisher with its real driver at one end of a pair of sockets; the core and the disk say the least."""

    def __init__(self, version: str) -> None:
        self.loop = Loop()
        with socket.create_server(("127.0.0.1", 0)) as door:
            self.ours = socket.create_connection(door.getsockname())
            self.theirs, _ = door.accept()
        self.ours.setblocking(False)
        self.publisher = Publisher(
            line(),
            loop=self.loop,  # type: ignore[arg-type]
            post=self.post,
            ask=self.ask,
            wall=lambda: AT,
            show_again=lambda: None,
        )
        self.broker = self.publisher.broker
        self.broker._version = self.broker._proven = version  # type: ignore[assignment]
        self.again = False
        """It would try another version of MQTT at once."""
        self.broker._connect = self.note  # type: ignore[method-assign]

    def note(self) -> None:
        self.again = True

    def post(self, event: Event) -> None:
        if isinstance(event, Ordered):
            self.loop.call(partial(self.publisher.answer, Answer(event.order, AT)))

    def ask(self, request: Any) -> None:
        if isinstance(request, ReadFacts):
            self.loop.call(partial(self.publisher.facts_read, dict(NOTHING_SAID)))

    def dial(self) -> None:
        def client(*given: Any) -> Client:
            made = new_client(*given)
            made._create_socket = lambda: self.ours  # type: ignore[method-assign]
            return made

        with patch.object(driver, "new_client", client):
            self.broker._dial(self.broker._attempt, self.broker._speaks)
        self.loop.turn()

    def hear(self, data: bytes) -> bytes:
        """Take what a broker says, which hangs up then; what was said to it."""
        self.theirs.setblocking(False)
        self.theirs.sendall(data)
        self.theirs.shutdown(socket.SHUT_WR)
        said = b""
        for _ in range(MOST_TURNS):
            self.broker._readable()
            self.broker._writable()
            self.loop.turn()
            said += self.read()
            if self.broker._client is None:
                return said
        raise AssertionError("a broker that has hung up is heard without end")

    def read(self) -> bytes:
        try:
            return self.theirs.recv(1 << 20)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        self.broker.stop(0.0)
        self.ours.close()
        self.theirs.close()


def packets(data: bytes) -> None:
    """A broker that says this: at most the connection ends; what is said to it are whole packets of the contract.

    The first byte's bits: version 3.1.1, no welcome before.
    """
    manner = data[0] if data else 0
    version = "3.1.1" if manner & 1 else "5"
    talk = Conversation(version)
    try:
        talk.dial()
        said = talk.hear((b"" if manner & 2 else WELCOME[version]) + data[1:])
        why = talk.broker._why
        assert not talk.broker.connected
        assert why or talk.again
        assert not why or why.isprintable(), "why there is no connection is one line"
        assert len(why) < 600
        for first, body in split(said):
            if first >> 4 == 3:
                published(first, body, version)
    finally:
        talk.close()


def split(said: bytes) -> Iterator[tuple[int, bytes]]:
    """The packets; the last one may be cut off, for the broker has hung up."""
    at = 0
    while at < len(said):
        first, size, shift = said[at], 0, 0
        at += 1
        while at < len(said):
            digit = said[at]
            size |= (digit & 127) << shift
            shift, at = shift + 7, at + 1
            if digit < 128:
                break
        if at + size <= len(said):
            yield first, said[at : at + size]
        at += size


def published(first: int, body: bytes, version: str) -> None:
    size = int.from_bytes(body[:2], "big")
    topic, at = body[2 : 2 + size].decode(), 2 + size + (2 if first & 6 else 0)
    if version == "5":
        assert body[at] < 128, "longer properties than a reply's are read otherwise"
        at += 1 + body[at]
    assert may_be_published_to(topic)
    ours = topic.removeprefix(f"{PREFIX}/")
    if topic.startswith("homeassistant/") or ours == "command":
        return
    payload = body[at:]
    check(ours if topic != ours and ours in OURS else "reply", payload)
