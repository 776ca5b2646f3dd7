"""What a measure needs around the daemon: a broker, a subscriber that stamps, processes, their figures in /proc.

Instants are the kernel's monotonic nanoseconds, the same in every process of this machine.
"""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.clients import end_thread
from tests.support.household import LEFT, MIDDLE, MOTOR, RIGHT, ROOT, PumpPort
from tests.support.page_world import Mosquitto, until

PATIENCE_S = 60.0


def as_a_service() -> dict[str, str]:
    """What the unit file, as it stands, has the daemon run with: its watchdog and its Environment lines."""
    lines = (ROOT / "systemd" / "pump-companion.service").read_text().splitlines()
    said = [line.partition("=")[2] for line in lines if line.startswith("Environment=") and "%" not in line]
    watchdog_s = next(int(line.partition("=")[2]) for line in lines if line.startswith("WatchdogSec="))
    named = {name: value for one in said for name, _, value in (pair.partition("=") for pair in one.split())}
    return {"WATCHDOG_USEC": str(watchdog_s * 1_000_000), **named}


class Heard(NamedTuple):
    at: int
    topic: str
    payload: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.payload)


class Ear:
    """A subscriber that stamps what it hears, once it is one; for the floor, the daemon and mqtt-io alike."""

    def __init__(self, port: int, *topics: str) -> None:
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_message = lambda _client, _data, message: self.heard.put(
            Heard(time.monotonic_ns(), message.topic, bytes(message.payload))
        )
        self._client.connect("127.0.0.1", port)
        connection: Any = self._client.socket()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the figures are of delayed answers
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.subscribe([(topic, 1) for topic in topics])
        self._client.loop_start()
        assert subscribed.wait(PATIENCE_S), f"no answer to subscribing to {topics}"

    def say(self, topic: str, **command: Any) -> None:
        self._client.publish(topic, json.dumps(command).encode(), qos=1)

    def until(
        self, topic: str, wanted: Callable[[Heard], bool] = lambda _: True, patience_s: float = PATIENCE_S
    ) -> Heard:
        """Hear on until a message on a topic is wanted."""
        deadline = time.monotonic() + patience_s
        while True:
            heard = self.heard.get(timeout=max(0.1, deadline - time.monotonic()))
            if heard.topic == topic and heard.payload and wanted(heard):
                return heard

    def clear(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self.heard.get_nowait()

    def close(self) -> None:
        self._client.disconnect()
        end_thread(self._client)


class Process:
    """A process that answers lines, told READY by; `since` are nanoseconds from exec (`began`) to READY.

    `python`: another than ours. `is_ready`: where it does not say READY, what waits until it is.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *command: str,
        before: tuple[str, ...] = (),
        python: str = sys.executable,
        is_ready: Callable[[], object] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        said = folder / f"{name}.notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(str(said))
            ear.settimeout(1)
            self.log = (folder / f"{name}.log").open("w")
            self.began = time.monotonic_ns()
            self.process = subprocess.Popen(
                [*before, python, "-m", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                text=True,
                cwd=ROOT,
                env={**os.environ, "NOTIFY_SOCKET": str(said), "TZ": "Europe/Vienna", **(environment or {})},
            )
            try:
                is_ready() if is_ready else self._await_ready(ear, folder / f"{name}.log")
            except BaseException:
                self.process.kill()
                raise
            self.since = time.monotonic_ns() - self.began
        said.unlink()

    def _await_ready(self, ear: socket.socket, log: Path) -> None:
        heard, deadline = b"", time.monotonic() + PATIENCE_S
        while b"READY=1" not in heard:
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"not ready: {log.read_text()}"
            with contextlib.suppress(TimeoutError):
                heard = ear.recv(1024)

    @property
    def pid(self) -> int:
        """The process itself, or where it runs under another, that one's child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        name = Path(f"/proc/{self.process.pid}/comm").read_text().strip()
        return int(children[0]) if name == "strace" and children else self.process.pid

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def at(self, line: str) -> int:
        return int(self.ask(line))

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(30)
        self.log.close()


class Pump(NamedTuple):
    """A daemon with its store's folder, its pump's port and the topics under its prefix."""

    device: Process
    port: PumpPort
    prefix: str
    folder: Path


def config(folder: Path, name: str, port: int, tty: Path, display: str, extra: str = "") -> Path:
    file = folder / "config.toml"
    file.write_text(
        f'[device]\nid = "{name}"\n[session]\nmin_session_s = 1\npause_s = 3\n'
        f'[motor]\npin = {MOTOR}\nsignal = "level"\npull = "down"\n'
        f"[buttons]\nleft = {LEFT}\nmiddle = {MIDDLE}\nright = {RIGHT}\n"
        f'[serial]\nport = "{tty}"\n[mqtt]\nport = {port}\n[store]\npath = "{folder / "pump.db"}"\n'
        f"[display]\n{display}\n{extra}"
    )
    return file


@contextlib.contextmanager
def pump(
    folder: Path,
    broker: Mosquitto,
    name: str,
    display: str = 'driver = "ssd1306"',
    before: tuple[str, ...] = (),
    **set_besides: str,
) -> Iterator[Pump]:
    """A daemon on its own store, its serial port open."""
    place = folder / name
    place.mkdir(exist_ok=True)
    port = PumpPort(place)
    file = config(place, name, broker.port, port.path, display)
    environment = as_a_service() | ({"NO_DISPLAY": "1"} if '"none"' in display else {}) | set_besides
    device = Process(
        place, name, "tests.measure.rig", "run", "--config", str(file), before=before, environment=environment
    )
    try:
        yield Pump(device, port, f"pump-companion/{name}", place)
    finally:
        device.end()
        port.close()


# -- what the kernel knows of a process -----------------------------------------------------------------------------


def rss_mib(pid: int) -> float:
    return _number(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


def written(pid: int) -> int:
    """Bytes that the process has made the page cache write."""
    return _number(Path(f"/proc/{pid}/io"), "write_bytes:")


def waits(pid: int, but: int | None = None) -> dict[int, int]:
    """How often each thread went to sleep by itself; each time it was woken again."""
    threads = (int(one.name) for one in Path(f"/proc/{pid}/task").iterdir())
    return {
        one: _number(Path(f"/proc/{pid}/task/{one}/status"), "voluntary_ctxt_switches:")
        for one in threads
        if one != but
    }


def cpu_s(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


def _number(file: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(name))


def floor(folder: Path, broker: Mosquitto) -> Process:
    place = folder / "floor"
    place.mkdir(exist_ok=True)
    process = Process(place, "floor", "tests.measure.floor", str(broker.port), str(place))
    assert process.process.stdout is not None
    assert process.process.stdout.readline().strip() == "up"
    return process


__all__ = ["LEFT", "MIDDLE", "MOTOR", "RIGHT", "Ear", "Heard", "Mosquitto", "Process", "Pump", "floor", "pump", "until"]
