"""More than the device can take: each input at its fastest, while a finger presses and a dashboard asks.

Memory before and after, how soon a press is drawn and a command answered; and how many commands of a burst are answered
a second.
"""

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.measure.stage import LEFT, MOTOR, RIGHT, Ear, Mosquitto, Pump, pump, rss_mib

SETTLE_S, PATIENCE_S = 3.0, 10.0
QUIET_S = 0.6
"""After a change of screen by nobody's finger presses are ignored for half a second."""


class Found(NamedTuple):
    """The worst of each, milliseconds; `more_mib` over the whole flood."""

    more_mib: float
    press_ms: float
    answer_ms: float


@contextlib.contextmanager
def writing(one: Pump, said: bytes) -> Iterator[None]:
    """Write to the pump's port as fast as it takes it."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            os.write(one.port.master, said)

    os.set_blocking(one.port.master, True)
    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    yield
    stop.set()


@contextlib.contextmanager
def publishing(port: int, topic: str, said: bytes, qos: int) -> Iterator[None]:
    """Publish from processes of its own, one after the other, as fast as the broker takes it.

    None is given more than `AT_ONCE` messages: mosquitto_pub keeps in memory all that it read and could not send yet.
    """
    command = ["mosquitto_pub", "-p", str(port), "-t", topic, "-q", str(qos), "-l"]
    now: list[subprocess.Popen[bytes]] = []
    stopped, lock = threading.Event(), threading.Lock()

    def write() -> None:
        while True:
            with lock:
                if stopped.is_set():
                    return
                now[:] = [subprocess.Popen(command, stdin=subprocess.PIPE)]
            with contextlib.suppress(OSError):  # it was killed
                now[0].communicate(said * AT_ONCE)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    yield
    with lock:
        stopped.set()
        for process in now:
            process.kill()
    thread.join(30)


@contextlib.contextmanager
def chattering(one: Pump) -> Iterator[None]:
    one.device.ask(f"chatter {MOTOR}")
    yield
    one.device.ask("calm")


Flood = Callable[[Pump, Mosquitto], contextlib.AbstractContextManager[None]]
BURST = AT_ONCE = 20_000
HISTORY = b'{"command": "history", "limit": 1, "request": "%s"}\n'
FLOODS: dict[str, Flood] = {
    "nothing": lambda _one, _broker: contextlib.nullcontext(),
    "bare newlines": lambda one, _broker: writing(one, b"\n" * 4096),
    "heartbeats": lambda one, _broker: writing(one, b"PUMP HELLO model=x\n" * 200),
    "noise": lambda one, _broker: writing(one, bytes(range(256)) * 16),
    "commands": lambda one, broker: publishing(broker.port, f"{one.prefix}/command", HISTORY % b"flood", 1),
    "no commands": lambda one, broker: publishing(broker.port, f"{one.prefix}/command", b"x\n", 1),
    "births": lambda _one, broker: publishing(broker.port, "homeassistant/status", b"online\n", 0),
    "a chattering motor wire": lambda one, _broker: chattering(one),
}


def measure(folder: Path, broker: Mosquitto, seconds: float) -> Iterator[tuple[str, Found]]:
    for name, flood in FLOODS.items():
        with pump(folder, broker, name.replace(" ", "-")) as one:
            yield name, flooded(one, broker, flood, seconds)


def flooded(one: Pump, broker: Mosquitto, flood: Flood, seconds: float) -> Found:
    ear = Ear(broker.port, answers_of(one))
    time.sleep(SETTLE_S)
    press(one)
    ask(ear, one, "before")
    before = rss_mib(one.device.pid)
    presses, answers = [0.0], [0.0]
    with flood(one, broker):
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            presses.append(press(one))
            answers.append(ask(ear, one, f"{time.monotonic_ns()}"))
    time.sleep(1.0)
    after = rss_mib(one.device.pid)
    ear.close()
    return Found(after - before, max(presses), max(answers))


def answered_a_second(folder: Path, qos: int) -> float:
    """Replies a second to a burst of commands, from the first to the last, through a broker that drops none."""
    broker = Mosquitto(folder, lines="allow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 0\n")
    with pump(folder, broker, f"burst-{qos}") as one:
        hear = ["mosquitto_sub", "-p", str(broker.port), "-t", f"{one.prefix}/reply", "-F", "."]
        replies = subprocess.Popen([*hear, "-C", str(BURST)], stdout=subprocess.PIPE)
        assert replies.stdout is not None
        time.sleep(SETTLE_S)
        said = b"".join(HISTORY % b"%d" % number for number in range(BURST))
        say = ["mosquitto_pub", "-p", str(broker.port), "-t", f"{one.prefix}/command", "-q", str(qos), "-l"]
        began = time.monotonic()
        subprocess.run(say, input=said, check=True)
        replies.wait()
        took = time.monotonic() - began
    broker.stop()
    return BURST / took


def press(one: Pump) -> float:
    """Milliseconds from an edge on Idle to the display's first byte; then back to Idle."""
    at = one.device.at(f"low {LEFT}")
    one.device.at(f"high {LEFT}")
    time.sleep(QUIET_S)
    drawn = one.device.ask(f"wire {at}").partition(":")[0]
    one.device.at(f"low {RIGHT}")
    one.device.at(f"high {RIGHT}")
    time.sleep(QUIET_S)
    return (int(drawn) - at) / 1e6 if drawn else float("inf")


def answers_of(one: Pump) -> str:
    """A response topic must be none of the device's own."""
    return f"answers/{one.prefix}"


def ask(ear: Ear, one: Pump, request: str) -> float:
    """Milliseconds from a command to its reply on a topic of the asker's own; endless where the broker dropped it."""
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    wanted = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    wanted.ResponseTopic = answers_of(one)
    at = time.monotonic_ns()
    payload = json.dumps({"command": "history", "limit": 1, "request": request})
    ear._client.publish(f"{one.prefix}/command", payload, qos=1, properties=wanted)
    with contextlib.suppress(queue.Empty):
        heard = ear.until(answers_of(one), lambda heard: heard.value["request"] == request, PATIENCE_S)
        return (heard.at - at) / 1e6
    return float("inf")
