"""One demo as a process of its own, and a dashboard that listens to it: what the demo's tests stand on.

It is started as a visitor would, and known only by what it prints and answers.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.clients import end_thread
from tests.support.page_world import until
from tests.support.wire import check

ROOT = Path(__file__).parents[2]
WAIT_S = 120


def command() -> list[str]:
    """The README's own command where its environment is set up; else what that runs, so that nothing is installed."""
    mark = ROOT / ".venv/.prepared-demo"
    if mark.exists() and mark.stat().st_mtime > (ROOT / "pyproject.toml").stat().st_mtime:
        return [str(ROOT / "scripts/demo")]
    return [sys.executable, "-m", "device", "demo"]


class Demo:
    """One demo as a process of its own; `told` is what it printed before its last line of greeting."""

    def __init__(self, folder: Path, *options: str, zone: str = "Europe/Vienna") -> None:
        self.folder = folder
        environment = {**os.environ, "TMPDIR": str(folder), "TZ": zone}
        self.process = subprocess.Popen(
            [*command(), "--port", "0", *options],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.told = ""
        for line in self.process.stdout:
            self.told += line
            if line.startswith("Ctrl-C"):
                break
        found = re.search(r"^page +(http://127\.0\.0\.1:\d+)/$", self.told, re.MULTILINE)
        assert found, self.told
        self.address = found[1]
        self.states: list[dict[str, Any]] = []
        self.turned_at = float("inf")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            with urllib.request.urlopen(f"{self.address}/demo/events") as events:
                for line in events:
                    if line.startswith(b"data:"):
                        self._take(json.loads(line[5:]))
        except OSError:
            return  # it ended

    def _take(self, state: dict[str, Any]) -> None:
        if not self.states or keys(state) != keys(self.states[-1]):
            self.turned_at = time.monotonic()
        self.states.append(state)

    @property
    def state(self) -> dict[str, Any]:
        return until("a state of the panel", lambda: self.states[-1] if self.states else None, WAIT_S)

    def sees(self, what: str, seen: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        return until(f"{what} on the panel", lambda: self.state if seen(self.state) else None, WAIT_S)

    def says(self, words: str) -> None:
        self.sees(words, lambda state: words in state["words"])

    def do(self, headers: dict[str, str] | None = None, **deed: Any) -> int:
        return self.ask("POST", "/demo/do", json.dumps(deed).encode(), headers)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
        given = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.address + path, body, given, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def described(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/demo") as answer:
            said: dict[str, Any] = json.load(answer)
            return said

    def settle(self) -> None:
        """Wait until a press is heard: it is not within half a second of a change that came by itself."""
        until("a screen that stays", lambda: time.monotonic() > self.turned_at + 0.6, WAIT_S)

    def press(self, button: str, shows: str) -> None:
        self.settle()
        self.do(press=button)
        self.do(release=button)
        self.says(shows)

    def home(self) -> None:
        """To Idle from Status, which it would leave by itself ten seconds after its start."""
        self.press("right", "Nursed, Last, Start")

    def end(self, how: int = signal.SIGINT) -> str:
        """What it printed since its greeting."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=WAIT_S)
        return rest or ""


class Subscriber:
    """A dashboard that only listens; every message is held against the contract's schemas."""

    def __init__(self, demo: Demo) -> None:
        found = re.search(r"^listen +mosquitto_sub -h (\S+) -p (\d+) -v -t '([^']+)'$", demo.told, re.MULTILINE)
        assert found, demo.told
        self.heard: list[tuple[str, Any]] = []
        self._topic = found[3]
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe(self._topic, qos=1)
        self.client.on_message = self._message
        self.client.connect(found[1], int(found[2]))
        self.client.loop_start()

    def _message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, check(message.topic, bytes(message.payload))))

    def hears(self, topic: str, right: Callable[[Any], object]) -> Any:
        def found() -> Any:
            return next((said for at, said in self.heard if at.endswith(f"/{topic}") and said and right(said)), None)

        return until(f"{topic} as expected", found, WAIT_S)

    def say(self, command: dict[str, Any]) -> None:
        self.client.publish(self._topic.replace("#", "pump/command"), json.dumps(command), qos=1)

    def stop(self) -> None:
        self.client.disconnect()
        end_thread(self.client)


def keys(state: dict[str, Any]) -> str:
    return str(state["words"]).rpartition("Keys:")[2]


def bits(state: dict[str, Any]) -> list[int]:
    return list(base64.b64decode(state["screen"]))
