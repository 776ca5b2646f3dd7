"""The record over MQTT with years of records behind it: pages, gaps, memory, and a press while all of it is read.

Figures are logged beside their peer in the same run; what is asserted holds on a busy machine too.
"""

import itertools
import json
import logging
import queue
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.clients import end_thread
from tests.support.effort import so_many
from tests.support.household import LEFT, MIDDLE, PREFIX, ROOT, Device, PumpPort, write_config
from tests.support.page_world import Mosquitto, until
from tests.support.wire import check

RECORDS, EVERY_NURSING = so_many(30_000), 6
PAGE = 65_536
WAIT_S = 120.0
PRESSES = 24
log = logging.getLogger(__name__)


class Reader:
    """A subscriber with a response topic of its own; `count` are the records it heard, their numbers by topic."""

    names = itertools.count(1)

    def __init__(self, port: int, *topics: str) -> None:
        self.here = f"{PREFIX}/reply/reader{next(self.names)}"
        self.replies: queue.Queue[bytes] = queue.Queue()
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._requests = itertools.count()
        self._ready = threading.Event()
        self._topics = [(self.here, 1), *((f"{PREFIX}/{topic}", 1) for topic in topics)]
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(WAIT_S)

    def _connected(self, client: mqtt.Client, *_rest: object) -> None:
        connection: Any = client.socket()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the figures are of delayed answers
        client.subscribe(self._topics)

    def _message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        if message.topic == self.here:
            self.replies.put(payload)
        elif not message.retain:
            value = json.loads(payload) if payload[:1] == b"{" else payload.decode()
            self.heard.put((message.topic.removeprefix(f"{PREFIX}/"), value))

    def say(self, **command: Any) -> None:
        asked = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        asked.ResponseTopic = self.here
        command["request"] = f"r{next(self._requests)}"
        self._client.publish(f"{PREFIX}/command", json.dumps(command), qos=1, properties=asked)

    def ask(self, **command: Any) -> Any:
        self.say(**command)
        return json.loads(self.replies.get(timeout=WAIT_S))

    def pages(self, **query: Any) -> Iterator[bytes]:
        """Every page of a history, as it came."""
        cursor: str | None = None
        while True:
            self.say(command="history", **query, cursor=cursor)
            page = self.replies.get(timeout=WAIT_S)
            yield page
            cursor = json.loads(page)["next"]
            if cursor is None:
                return

    def close(self) -> None:
        self._client.disconnect()
        end_thread(self._client)


@contextmanager
def reader(port: int, *topics: str) -> Iterator[Reader]:
    one = Reader(port, *topics)
    try:
        yield one
    finally:
        one.close()


class Home(NamedTuple):
    port: int
    device: Device


def lines() -> Iterator[str]:
    """A record of years: a session an hour until yesterday, each sixth a nursing."""
    first = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1, hours=RECORDS)
    for number in range(RECORDS):
        at = (first + timedelta(hours=number)).isoformat()
        if number % EVERY_NURSING == 0:
            yield json.dumps({"nursing": {"at": at, "effective": number % 4 == 0}})
        else:
            yield json.dumps({"session": {"started_at": at, "duration_s": 900, "purpose": "protect", "volume_ml": 80}})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A device with the whole record, all of which the broker has had."""
    folder = tmp_path_factory.mktemp("history")
    # a broker drops what a subscriber is too slow for; here the device is tried, not this subscriber
    broker = Mosquitto(folder, lines="allow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 0\n")
    pump = PumpPort(folder)
    config = write_config(folder, broker.port, pump.path)
    command = [sys.executable, "-m", "device", "import", "--config", str(config), "-"]
    done = subprocess.run(command, cwd=ROOT, input="\n".join(lines()), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    device = Device(config, {"TZ": "Europe/Vienna"})
    numbers: dict[str, list[int]] = {"session": [], "nursing": []}
    try:
        with reader(broker.port, "session", "nursing") as witness:
            begun = time.monotonic()
            device.start()
            while sum(map(len, numbers.values())) < RECORDS:
                topic, record = witness.heard.get(timeout=WAIT_S)
                numbers[topic].append(record["number"])
            log.info("outbox: %d records in %.1f s from the start", RECORDS, time.monotonic() - begun)
        for heard in numbers.values():
            assert heard == list(range(1, len(heard) + 1)), "nothing is missing, doubled or out of its order"
        yield Home(broker.port, device)
    finally:
        if device.process is not None and device.process.poll() is None:
            device.end()
        pump.close()
        broker.stop()


def memory_mib(device: Device, name: str = "VmRSS") -> float:
    assert device.process is not None
    status = Path(f"/proc/{device.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(name))) / 1024


# -- pages -----------------------------------------------------------------------------------------------------------


def test_the_whole_record_comes_in_pages_under_64_kib_and_memory_stays_bounded(home: Home) -> None:
    with reader(home.port) as one:
        before = memory_mib(home.device)
        after: list[float] = []
        for _ in range(2):
            seen: dict[str, list[int]] = {"sessions": [], "nursings": []}
            starts: dict[str, list[str]] = {"sessions": [], "nursings": []}
            largest, pages, begun = 0, 0, time.monotonic()
            for page in one.pages(limit=500):
                largest, pages = max(largest, len(page)), pages + 1
                value = json.loads(page)
                for of, at in (("sessions", "started_at"), ("nursings", "at")):
                    seen[of] += [record["number"] for record in value[of]]
                    starts[of] += [record[at] for record in value[of]]
                if pages % 100 == 1:
                    check(f"{PREFIX}/reply", page)
            took_s = time.monotonic() - begun
            after.append(memory_mib(home.device))
            log.info(
                "history: %d pages, largest %d bytes, %.1f s; memory %.1f MiB, before %.1f, at most %.1f",
                *(pages, largest, took_s, after[-1], before, memory_mib(home.device, "VmHWM")),
            )
            assert largest < PAGE
            assert sum(map(len, seen.values())) >= RECORDS
            for of, numbers in seen.items():
                assert len(set(numbers)) == len(numbers), "no record on two pages"
                assert starts[of] == sorted(starts[of], reverse=True), "newest first, across pages too"
        # the whole record is over 20 MiB as JSON; a hundred replies are remembered, under 64 KiB each
        assert after[0] - before < 15
        assert after[1] - after[0] < 10


def test_a_span_of_time_and_a_small_limit_page_on_by_the_cursor(home: Home) -> None:
    until_at = datetime.now(UTC) - timedelta(days=900)
    since_at = until_at - timedelta(hours=36)
    with reader(home.port) as one:
        pages = [
            json.loads(page) for page in one.pages(since=since_at.isoformat(), until=until_at.isoformat(), limit=4)
        ]
    assert all(len(page["sessions"]) <= 4 and len(page["nursings"]) <= 4 for page in pages)
    found = [record for page in pages for record in (*page["sessions"], *page["nursings"])]
    assert len(found) == 36
    for record in found:
        at = datetime.fromisoformat(record.get("started_at") or record["at"])
        assert since_at.replace(microsecond=0) <= at < until_at


def test_a_cursor_that_no_reply_gave_is_refused(home: Home) -> None:
    with reader(home.port) as one:
        refused = one.ask(command="history", cursor="the next one")
    assert (refused["ok"], refused["code"], refused["field"]) == (False, "out_of_range", "cursor")


# -- a gap -----------------------------------------------------------------------------------------------------------


def test_a_subscriber_that_finds_a_gap_in_number_closes_it(home: Home) -> None:
    def add(minutes_ago: int) -> Any:
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        return teller.ask(command="add", started_at=at.isoformat(), duration_s=120)["session"]

    with reader(home.port) as teller:
        with reader(home.port, "session") as one:
            add(400)
            _, last = one.heard.get(timeout=WAIT_S)
        missed = [add(minutes) for minutes in (350, 300, 250)]
        assert teller.ask(command="delete", session=missed[1]["id"])["ok"] is True
        with reader(home.port, "session") as again:
            added, newest = add(200), missed[0]
            while newest["number"] != added["number"]:  # what was missed may still be on its way
                _, newest = again.heard.get(timeout=WAIT_S)
            gap = set(range(last["number"] + 1, newest["number"]))
            assert gap == {record["number"] for record in missed}
            closed: dict[int, Any] = {}
            for page in again.pages(revised_since=last["revised_at"], deleted=True, limit=1):
                closed |= {record["number"]: record for record in json.loads(page)["sessions"]}
    assert gap <= set(closed)
    assert [closed[number]["deleted"] for number in sorted(gap)] == [False, True, False]


# -- a press ---------------------------------------------------------------------------------------------------------


def pressed(device: Device, pin: int) -> float:
    """Press, and see how long the glass takes to show something else; in seconds."""
    before = device.picture()
    begun = time.monotonic()
    device.tell(f"low {pin}")
    while device.picture() == before:
        assert time.monotonic() - begun < WAIT_S, "the press changed nothing"
    took_s = time.monotonic() - begun
    device.tell(f"high {pin}")
    threading.Event().wait(0.06)  # the finger is off for longer than the debouncing
    return took_s


def presses(device: Device) -> list[float]:
    """From wherever it stands to Last, and on through older records."""
    device.press(MIDDLE)
    threading.Event().wait(0.6)  # past the half second after a change that no press caused
    return [pressed(device, LEFT) for _ in range(PRESSES)]


def test_a_press_is_not_kept_waiting_by_a_full_history_read(home: Home) -> None:
    with reader(home.port, "state") as watch, reader(home.port) as one:
        watch.ask(command="press", button="middle")
        alone = presses(home.device)
        done, pages = threading.Event(), itertools.count()

        def read() -> None:
            while not done.is_set():
                for _ in one.pages(limit=500):
                    next(pages)
                    if done.is_set():
                        return

        thread = threading.Thread(target=read)
        thread.start()
        until("a first page", lambda: next(pages) > 1)
        beside = presses(home.device)
        done.set()
        thread.join()
    assert len(beside) == PRESSES
    for name, figures in (("alone", alone), ("during a history read", beside)):
        median, worst = statistics.median(figures) * 1000, max(figures) * 1000
        log.info("press → glass %s: median %.1f ms, longest %.1f ms of %d", name, median, worst, len(figures))
    log.info("pages meanwhile: %d", next(pages))
