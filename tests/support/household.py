"""A household for tests of the real process: mosquitto, a subscriber that checks every message, the daemon, a pump.

Everything waits for the thing itself, with a deadline that a busy machine keeps.
"""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.clients import end_thread
from tests.support.page_world import Mosquitto, until
from tests.support.rig import UNSET_CLOCK
from tests.support.wire import check

ROOT = Path(__file__).parents[2]
PREFIX = "pump-companion/pump"
WAIT_S = 120.0
"""A deadline where something never comes; a machine that is busy takes long."""
MOTOR, LEFT, MIDDLE, RIGHT = 17, 5, 6, 13


class Seen(NamedTuple):
    topic: str
    payload: bytes
    retained: bool
    correlation: bytes | None

    @property
    def value(self) -> Any:
        return json.loads(self.payload) if self.payload[:1] in (b"{", b"[") else self.payload.decode()


class Wire:
    """A dashboard on MQTT 5 that hears everything under the prefix; each message is held against its schema."""

    def __init__(self, port: int, *topics: str) -> None:
        self.seen: list[Seen] = []
        self.faults: list[str] = []
        self._changed = threading.Condition()
        self._requests = itertools.count()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_message = self._heard
        self._client.on_subscribe = self._subscribed
        self.listening = threading.Event()
        self._topics = [(topic, 1) for topic in (f"{PREFIX}/#", *topics)]
        self._client.on_connect = self._connected
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _connected(self, client: mqtt.Client, *_rest: object) -> None:
        client.subscribe(self._topics)

    def _subscribed(self, *_rest: object) -> None:
        self.listening.set()

    def _heard(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        seen = Seen(message.topic.removeprefix(f"{PREFIX}/"), bytes(message.payload), bool(message.retain), correlation)
        if message.topic.startswith(PREFIX):
            try:
                check(message.topic, seen.payload)
            except AssertionError as fault:
                self.faults.append(str(fault))
        with self._changed:
            self.seen.append(seen)
            self._changed.notify_all()

    def until(self, what: str, found: Callable[[list[Seen]], Any], wait_s: float = WAIT_S) -> Any:
        """Wait until something in what was heard is truthy, and return it."""
        deadline = time.monotonic() + wait_s
        with self._changed:
            while True:
                answer = found(self.seen)
                if answer:
                    return answer
                left = deadline - time.monotonic()
                assert left > 0, f"not heard within {wait_s} s: {what}; last: {self.seen[-3:]}"
                self._changed.wait(left)

    def on(self, topic: str, wanted: Callable[[Any], bool] = lambda _: True, wait_s: float = WAIT_S) -> Any:
        """The first message on a topic that is wanted."""
        return self.until(topic, lambda seen: next((s.value for s in seen if good(s, topic, wanted)), None), wait_s)

    def all(self, topic: str) -> list[Any]:
        with self._changed:
            return [one.value for one in self.seen if one.topic == topic and one.payload]

    def say(self, command: dict[str, Any] | bytes, *, retain: bool = False, **properties: Any) -> None:
        payload = command if isinstance(command, bytes) else json.dumps(command).encode()
        asked = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for name, value in properties.items():
            setattr(asked, name, value)
        self._client.publish(f"{PREFIX}/command", payload, qos=1, retain=retain, properties=asked)

    def ask(self, command: str, **fields: Any) -> Any:
        """A command and its reply."""
        request = f"r{next(self._requests)}"
        self.say({"command": command, "request": request, **fields})
        return self.on("reply", lambda reply: reply["request"] == request)

    def clear(self) -> None:
        with self._changed:
            self.seen.clear()

    def close(self) -> None:
        self._client.disconnect()
        end_thread(self._client)
        assert not self.faults, self.faults


def good(one: Seen, topic: str, wanted: Callable[[Any], bool]) -> bool:
    return one.topic == topic and bool(one.payload) and wanted(one.value)


class PumpPort:
    """The pump's end of a serial line on a pty."""

    def __init__(self, folder: Path) -> None:
        self.master, slave = os.openpty()
        os.set_blocking(self.master, False)
        tty.setraw(slave)
        self.path = folder / "tty"
        self.path.symlink_to(os.ttyname(slave))
        self._slave = slave

    def say(self, words: str) -> None:
        body = f"PUMP {words}".encode()
        with contextlib.suppress(BlockingIOError):  # where nobody reads, a full port loses what it can't take
            os.write(self.master, body + b"*%02X\n" % reduce(xor, body))

    def close(self) -> None:
        for end in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(end)


class Device:
    """The daemon as a process of its own, on mock pins and a recording display."""

    def __init__(self, config: Path, environment: dict[str, str], *options: str) -> None:
        self.config, self._options = config, options
        self._environment = environment
        self._telling = threading.Lock()
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.rig", "run", "--config", str(self.config), *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **self._environment},
        )

    def tell(self, line: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        with self._telling:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def press(self, pin: int) -> None:
        self.tell(f"press {pin}")

    def picture(self) -> str:
        self.tell("picture")
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def freeze(self, *, frozen: bool) -> None:
        """Stop the process where it stands, or let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit status and what it said on stderr."""
        assert self.process is not None
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, said


class Household(NamedTuple):
    folder: Path
    broker: Mosquitto
    wire: Wire
    device: Device
    pump: PumpPort


def write_config(folder: Path, port: int, pump: Path, extra: str = "", pause_s: int = 3) -> Path:
    """A configuration whose questions wait as they do, and whose sessions count after a second."""
    file = folder / "config.toml"
    file.write_text(
        f"""
[session]
min_session_s = 1
pause_s = {pause_s}
[motor]
pin = {MOTOR}
signal = "pulses"
pulse_gap_s = 1
debounce_ms = 5
[buttons]
left = {LEFT}
middle = {MIDDLE}
right = {RIGHT}
[serial]
port = "{pump}"
[mqtt]
port = {port}
{extra}
[store]
path = "{folder / "pump.db"}"
"""
    )
    return file


@contextlib.contextmanager
def household(
    folder: Path, *, extra: str = "", topics: tuple[str, ...] = (), pause_s: int = 3, clock_unset: bool = False
) -> Iterator[Household]:
    """All of it, the device running and online; every message that was heard is right at the end."""
    broker, pump = Mosquitto(folder), PumpPort(folder)
    wire = Wire(broker.port, *topics)
    environment = {"TZ": "Europe/Vienna", **({UNSET_CLOCK: "yes"} if clock_unset else {})}
    device = Device(write_config(folder, broker.port, pump.path, extra, pause_s), environment)
    device.start()
    try:
        wire.on("diagnostics", lambda value: value["serial"]["state"] == "up")
        yield Household(folder, broker, wire, device, pump)
    finally:
        if device.process is not None and device.process.poll() is None:
            device.end()
        wire.close()
        pump.close()
        broker.stop()


__all__ = ["Household", "household", "until"]
