"""A broker of raw sockets that says whatever it likes, and made-up packets, good, odd and broken, from a seed."""

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator

SUBSCRIBE, PUBLISH, PUBACK = 0x82, 3, 0x40


def length(number: int) -> bytes:
    """MQTT's variable byte integer."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(out)


def packet(first: int, body: bytes = b"") -> bytes:
    return bytes([first]) + length(len(body)) + body


def text(value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(raw)) + raw


def publish(
    topic: bytes | str, payload: bytes, *, v5: bool, retain: bool = False, qos: int = 0, properties: bytes = b""
) -> bytes:
    mid = struct.pack("!H", 7) if qos else b""
    extra = length(len(properties)) + properties if v5 else b""
    return packet(0x30 | qos << 1 | retain, text(topic) + mid + extra + payload)


class Peer:
    """One connection of the device: `v5` as it asked, packets as they come."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._file = connection.makefile("rb")
        first, connect = self.read()
        assert first == 0x10
        self.v5 = connect[6] == 5
        self.connect = connect

    def read(self) -> tuple[int, bytes]:
        """The next packet's first byte and body; raises EOFError when the device has gone."""
        first = self._file.read(1)
        size, shift = 0, 0
        while first:
            digit = self._file.read(1)
            if not digit:
                break
            size |= (digit[0] & 127) << shift
            shift += 7
            if digit[0] < 128:
                return first[0], self._file.read(size)
        raise EOFError

    def packets(self) -> Iterator[tuple[int, bytes]]:
        with contextlib.suppress(EOFError, OSError):
            while True:
                yield self.read()

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.connection.sendall(data)

    def welcome(self, properties: bytes = b"") -> None:
        self.send(packet(0x20, b"\0\0" + (length(len(properties)) + properties if self.v5 else b"")))

    def subscribed(self) -> bytes:
        """Answer what comes up to the subscription, and return that: filters with options."""
        for first, body in self.packets():
            if first == SUBSCRIBE:
                self.send(packet(0x90, body[:2] + (b"\0" if self.v5 else b"") + b"\1\1"))
                return body
            self.acknowledge(first, body)
        raise EOFError

    def acknowledge(self, first: int, body: bytes) -> None:
        if first >> 4 == PUBLISH and first & 6:
            size = struct.unpack("!H", body[:2])[0]
            self.send(packet(PUBACK, body[2 + size : 4 + size]))
        elif first == 0xC0:
            self.send(packet(0xD0))

    def until_gone(self) -> list[tuple[int, bytes]]:
        """Acknowledge what is published until the device hangs up; all that came."""
        came = []
        for first, body in self.packets():
            came.append((first, body))
            self.acknowledge(first, body)
        return came


class HostileBroker:
    """Gives each connection to `meet` in one thread, one after the other, and closes it after that."""

    def __init__(self, meet: Callable[[Peer], None]) -> None:
        self._meet = meet
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._now: socket.socket | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="hostile broker", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._now = connection
            if self._closing:
                connection.close()
                return
            with contextlib.suppress(EOFError, OSError, AssertionError), connection:
                peer = Peer(connection)
                with peer._file:
                    self._meet(peer)

    def close(self) -> None:
        self._closing = True
        for one in (self._server, self._now):
            if one is not None:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(30)
        assert not self._thread.is_alive()


# -- packets from a seed -------------------------------------------------------------------------------------------

TEXTS = [b"", b"a/b", b"\xef\xbb\xbfx", b"\xff\xfe", b"nul\0", b"/" * 201, b"+/#", b"\xed\xa0\x80", b"x" * 300]


def property_of(dice: random.Random) -> bytes:
    name = dice.choice([1, 2, 3, 8, 9, 11, 17, 18, 21, 22, 23, 28, 31, 33, 35, 36, 38, 39, 40, 0, 77, 255])
    value = dice.choice([text(dice.choice(TEXTS)), dice.randbytes(dice.randrange(5)), text(b"k") + text(b"v")])
    return bytes([name]) + value


def properties_of(dice: random.Random) -> bytes:
    made = b"".join(property_of(dice) for _ in range(dice.randrange(4)))
    size = len(made) if dice.random() < 0.8 else dice.choice([0, 1, 127, 128, 1 << 20])
    return length(size) + made


def any_packet(dice: random.Random, topics: tuple[str, ...], payloads: tuple[bytes, ...], *, v5: bool) -> bytes:
    """Something that looks like a packet: mostly a PUBLISH, else an answer to nothing, noise, a length that lies."""
    kind = dice.randrange(12)
    topic = dice.choice([one.encode() for one in topics] + TEXTS)
    body = dice.choice([*payloads, dice.randbytes(dice.randrange(40))])
    if kind < 5:
        first = 0x30 | dice.choice([0, 1, 2, 3, 8, 10, 4, 6, 5])
        mid = b"\0\7" if first & 6 else b""
        return packet(first, text(topic) + mid + (properties_of(dice) if v5 else b"") + body)
    if kind < 8:
        first = dice.choice([0x40, 0x50, 0x60, 0x62, 0x70, 0x90, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0, 0x20, 0x10])
        reason = bytes([dice.choice([0, 1, 4, 0x80, 0x87, 0x8E, 0x95, 0xFF])])
        parts = [dice.randbytes(2), reason, properties_of(dice), dice.choice(TEXTS)]
        return packet(first, b"".join(parts[: dice.randrange(5)]))
    if kind == 8:
        return bytes([dice.randrange(256)]) + length(dice.choice([1, 300 << 10, 60 << 20])) + dice.randbytes(20)
    if kind == 9:
        return dice.randbytes(dice.randrange(1, 12))
    if kind == 10:
        return bytes([dice.choice([0x30, 0x40, 0xD0])]) + b"\xff\xff\xff\xff\xff"
    return publish(dice.choice(topics), dice.choice(payloads), v5=v5, retain=dice.random() < 0.5)
