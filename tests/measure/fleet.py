"""Many devices on one mosquitto: what one costs it a day, and how all of them come back after its restart.

One process plays them, a socket each, with the packets that `day` has recorded. A day is shortened in time, keepalive
included; a restart is not, and the pauses between attempts are the driver's.
"""

import contextlib
import random
import selectors
import socket
import subprocess
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

from drivers.broker import ANSWER_S, CONNECT_S, FIRST_PAUSE_S, JITTER, LONGEST_PAUSE_S
from tests.measure.day import DAY_S, Day, Packet, opened, recorded, with_pings
from tests.measure.stage import Mosquitto, cpu_s, rss_mib

LINES = "allow_anonymous true\nset_tcp_nodelay true\nsys_interval 1\n"
SYS_S = 2.5
"""mosquitto renews its own figures once a second."""
LOOK_S = 0.25
PATIENCE_S = 300.0
SYS = {
    "connected": "clients/connected",
    "messages in": "messages/received",
    "messages out": "messages/sent",
    "bytes in": "bytes/received",
    "bytes out": "bytes/sent",
    "retained": "retained messages/count",
    "heap": "heap/current",
}
CONNACK, PUBLISH, PUBACK, PINGRESP = 2, 3, 4, 13
SHARED = "$share/backend/pump-companion/+/session"


def pauses(jitter: float) -> Iterator[float]:
    """Seconds between attempts, as `Broker._failed` has them."""
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s * random.uniform(1 - jitter, 1 + jitter)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


class Device:
    """One device's end of its connection. `owed` are messages that are not acknowledged yet."""

    def __init__(self, fleet: "Fleet", day: Day) -> None:
        self.fleet, self.day = fleet, day
        self.socket: socket.socket | None = None
        self.pauses = pauses(0)
        self.attempt = self.owed = 0
        self.up = self.done = False
        self.up_at = self.back_at = 0.0
        self.then: list[Packet] = []
        self._came = b""

    def connect(self) -> None:
        self.attempt += 1
        self.fleet.counts["tries"] += 1
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(("127.0.0.1", self.fleet.port))
        self.fleet.selector.register(self.socket, selectors.EVENT_WRITE, self._dialled)
        self._lose_after(CONNECT_S)

    def _lose_after(self, seconds: float) -> None:
        def look(attempt: int = self.attempt) -> None:
            if self.attempt == attempt and not self.up:
                self.lose()

        self.fleet.after(seconds, look)

    def _dialled(self) -> None:
        assert self.socket is not None
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.lose()
            return
        self.fleet.selector.modify(self.socket, selectors.EVENT_READ, self._readable)
        self._lose_after(ANSWER_S)
        self.send(self.day.connect)

    def send(self, data: bytes) -> None:
        """What a device says at once fits into its socket."""
        if self.socket is None:
            return
        try:
            assert self.socket.send(data) == len(data)
        except OSError:
            self.lose()
            return
        self.owed += data[0] >> 4 == PUBLISH
        self.fleet.counts["messages in"] += 1
        self.fleet.counts["bytes in"] += len(data)

    def _readable(self) -> None:
        assert self.socket is not None
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.lose()
            return
        self.fleet.counts["bytes out"] += len(data)
        self._came += data
        while len(self._came) > 1 and len(self._came) >= 2 + self._came[1]:  # no answer is longer than 127 bytes
            packet, self._came = self._came[: 2 + self._came[1]], self._came[2 + self._came[1] :]
            self.fleet.counts["messages out"] += 1
            self._take(packet)

    def _take(self, packet: bytes) -> None:
        kind = packet[0] >> 4
        if kind == CONNACK:
            assert packet[3] == 0, "refused"
            self.up, self.up_at = True, time.monotonic()
            self.fleet.up += 1
            self.send(self.day.subscribe)
            self.play(self.then, self.fleet.pace)
        elif kind in {PUBACK, PINGRESP}:
            self.owed -= kind == PUBACK
            if not (self.owed or self.then or self.done):
                self.done, self.back_at = True, time.monotonic()
                self.fleet.back += 1

    def play(self, packets: list[Packet], pace: float) -> None:
        """Say these from now on, at so many times their pace."""
        began = time.monotonic() - packets[0].at / pace if packets else 0.0
        self.then, self.done = packets[::-1], False
        self._say(self.attempt, began, pace)

    def _say(self, attempt: int, began: float, pace: float) -> None:
        while self.then and attempt == self.attempt:
            wait = began + self.then[-1].at / pace - time.monotonic()
            if wait > 0:
                self.fleet.after(wait, lambda: self._say(attempt, began, pace))
                return
            self.send(self.then.pop().data)

    def lose(self) -> None:
        if self.socket is not None:
            self.fleet.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None
        self.fleet.up -= self.up
        self.fleet.back -= self.done
        self.attempt += 1
        self.up = self.done = False
        self.owed, self._came, self.then = 0, b"", self.day.again
        self.fleet.after(next(self.pauses), self.connect)


class Fleet:
    """The devices, their timers and their sockets; `up` are connected, `back` have said what they had to.

    `pace` is how many times faster they say what follows a connection.
    """

    def __init__(self, port: int, day: Day, count: int, pace: float = 1.0) -> None:
        self.port, self.pace = port, pace
        self.selector = selectors.DefaultSelector()
        self.counts: Counter[str] = Counter()
        self.up = self.back = self._order = 0
        self.timers: list[tuple[float, int, Callable[[], object]]] = []
        self.devices = [Device(self, day.of(f"p{number:03}")) for number in range(1, count + 1)]

    def after(self, seconds: float, do: Callable[[], object]) -> None:
        self._order += 1
        heappush(self.timers, (time.monotonic() + seconds, self._order, do))

    def live_until(self, over: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not over():
            assert time.monotonic() < deadline, f"{self.up} up, {self.back} back"
            while self.timers and self.timers[0][0] <= time.monotonic():
                heappop(self.timers)[2]()
            wait = self.timers[0][0] - time.monotonic() if self.timers else LOOK_S
            for key, _events in self.selector.select(max(0.0, min(wait, LOOK_S))):
                key.data()

    def connect(self, packets: Callable[[Device], list[Packet]]) -> None:
        """Connect one after the other, each saying this then."""
        for number, device in enumerate(self.devices):
            device.then = packets(device)
            self.after(number / 200, device.connect)
        self.live_until(lambda: self.up == len(self.devices))

    def all_say(self, packets: Callable[[Device], list[Packet]], pace: float) -> None:
        self.back = 0
        for device in self.devices:
            device.play(packets(device), pace)
        self.live_until(lambda: self.back == len(self.devices))

    def times(self) -> list[tuple[float, float]]:
        return [(device.up_at, device.back_at) for device in self.devices]

    def close(self) -> None:
        for device in self.devices:
            if device.socket is not None:
                device.socket.close()
        self.selector.close()


@contextlib.contextmanager
def mosquitto(folder: Path, lines: str = "") -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, lines=LINES + lines)
    try:
        yield broker
    finally:
        broker.stop()


def figures(broker: Mosquitto) -> dict[str, float]:
    """What mosquitto says of itself, and the kernel of it."""
    assert broker.process is not None
    time.sleep(SYS_S)
    topics = [word for name in SYS.values() for word in ("-t", f"$SYS/broker/{name}")]
    ask = ["mosquitto_sub", "-p", str(broker.port), *topics, "-C", str(len(SYS)), "-F", "%t=%p"]
    heard = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.split("\n")
    said = {topic.removeprefix("$SYS/broker/"): value for topic, _, value in (line.partition("=") for line in heard)}
    own = {name: float(said[topic]) for name, topic in SYS.items()}
    return {**own, "rss": rss_mib(broker.process.pid) * 1024, "cpu": cpu_s(broker.process.pid)}


class Costs(NamedTuple):
    """`steps` are mosquitto's figures before any device, with all connected, greeted, and after their day."""

    steps: list[dict[str, float]]
    ours: Counter[str]
    """What the devices counted themselves."""
    devices: int
    lost: int
    """Records that the devices said and that did not come to the one subscriber that shares them."""

    def share(self, name: str, first: int, last: int) -> float:
        """What a device made of a figure between two steps."""
        return (self.steps[last][name] - self.steps[first][name]) / self.devices


def costs(broker: Mosquitto, day: Day, count: int, pace: float) -> Costs:
    steps, fleet, chance = [figures(broker)], Fleet(broker.port, day, count), random.Random(count)
    # another process: beside the fleet in this one it would be too slow, and mosquitto drops what it can't keep
    hear = ["mosquitto_sub", "-p", str(broker.port), "-t", SHARED, "-q", "1", "-N", "-F", "."]
    with subprocess.Popen(hear, stdout=subprocess.PIPE) as subscriber:
        fleet.connect(lambda _device: [])
        steps.append(figures(broker))
        fleet.all_say(lambda device: device.day.greeting, 1.0)
        steps.append(figures(broker))

        def from_somewhere(device: Device) -> list[Packet]:
            """Each household's day begins at another hour."""
            shift = chance.uniform(0, DAY_S)
            return sorted(Packet((at + shift) % DAY_S, data) for at, data in with_pings(device.day.rest))

        fleet.all_say(from_somewhere, pace)
        steps.append(figures(broker))
        subscriber.terminate()
        heard = subscriber.communicate()[0].count(b".")
    said = count * sum(opened(packet.data)[0].endswith("/session") for packet in day.rest)
    fleet.close()
    return Costs(steps, fleet.counts, count, said - heard)


class Storm(NamedTuple):
    """Seconds after mosquitto listens again: when each was connected and had said all; its CPU seconds by then."""

    up: list[float]
    back: list[float]
    cpu: list[tuple[float, float]]
    tries: int

    def most_in(self, seconds: float) -> int:
        """The most connections in any such time."""
        return max(bisect_left(self.up, at + seconds) - place for place, at in enumerate(self.up))


def storm(fleet: Fleet, broker: Mosquitto, down_s: float, jitter: float) -> Storm:
    """Stop mosquitto as its service is stopped, start it after so long, and see all come back."""
    listens: list[float] = []
    cpu: list[tuple[float, float]] = []

    def start() -> None:
        broker.start()
        listens.append(time.monotonic())

    def look() -> None:
        if listens and broker.process is not None:
            cpu.append((time.monotonic() - listens[0], cpu_s(broker.process.pid)))
        fleet.after(LOOK_S, look)

    for device in fleet.devices:  # as after a connection that stood
        device.pauses = pauses(jitter)
    assert broker.process is not None
    broker.process.terminate()
    broker.process.wait()
    fleet.live_until(lambda: fleet.up == 0)
    fleet.counts.clear()
    fleet.after(down_s, threading.Thread(target=start).start)
    look()
    fleet.live_until(lambda: fleet.back == len(fleet.devices))
    fleet.timers.clear()
    assert figures(broker)["retained"] >= len(fleet.devices) * len(
        {opened(one.data)[0] for one in fleet.devices[0].day.again}
    )
    up, back = (sorted(at - listens[0] for at in times) for times in zip(*fleet.times(), strict=True))
    return Storm(up, back, cpu, fleet.counts["tries"])


def storms(
    folder: Path, day: Day, count: int, downs: tuple[float, ...], lines: str
) -> Iterator[tuple[float, bool, Storm]]:
    """All come back after each time away, with jitter and without."""
    with mosquitto(folder, lines) as broker:
        fleet = Fleet(broker.port, day, count)
        fleet.connect(lambda device: device.day.again)
        fleet.live_until(lambda: fleet.back == count)
        for down_s in downs:
            for jitter in (JITTER, 0.0):
                yield down_s, jitter > 0, storm(fleet, broker, down_s, jitter)
        fleet.close()


def measure(folder: Path, quick: bool) -> tuple[Costs, dict[tuple[bool, float, bool], Storm], int]:
    """The costs, the storms by (persistence, time away, jitter), and of how many devices."""
    count, pace, downs = (100, 2880, (0.5,)) if quick else (500, 720, (0.5, 20.0))
    day = recorded()
    found: dict[tuple[bool, float, bool], Storm] = {}
    for place in ("day", "forgets", "keeps"):
        (folder / place).mkdir()
    with mosquitto(folder / "day") as broker:
        cost = costs(broker, day, count, pace)
    for keeps, place in ((False, "forgets"), (True, "keeps")):
        lines = f"persistence true\npersistence_location {folder / place}/\n" if keeps else ""
        for down_s, jittered, one in storms(folder / place, day, count, downs, lines):
            found[keeps, down_s, jittered] = one
    return cost, found, count
