"""A dashboard that misses nothing: its own lasting subscription straight at the broker, which holds back none.

It only notes, since it has to keep up; what it heard is looked at afterwards.
"""

import itertools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.clients import end_thread
from tests.support.household import PREFIX, WAIT_S

HOLDS_BACK_NONE = "allow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n"
"""For mosquitto: by default it sends a subscriber 20 messages at a time and drops what a thousand wait behind."""
LASTS_S = 3600
MARK = "a dashboard/mark"


class Dashboard:
    """Hears `topics` under the device's prefix; `heard`: (topic, payload) as they came, but what was retained."""

    def __init__(self, port: int, *topics: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.listening = threading.Event()
        self._topics = [(MARK, 1), *((f"{PREFIX}/{topic}", 1) for topic in topics)]
        self._marked = threading.Event()
        self._changed = threading.Condition()
        self._requests = itertools.count()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "a dashboard", protocol=mqtt.MQTTv5)
        self._client.on_connect = self._connected
        self._client.on_disconnect = lambda *_told: self.listening.clear()
        self._client.on_subscribe = lambda *_told: self.listening.set()
        self._client.on_message = self._hear
        self._client.reconnect_delay_set(1, 1)
        lasting = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        lasting.SessionExpiryInterval = LASTS_S
        self._client.connect("127.0.0.1", port, clean_start=False, properties=lasting)
        self._client.loop_start()
        assert self.listening.wait(WAIT_S)

    def _connected(self, client: mqtt.Client, *_told: object) -> None:
        client.subscribe(self._topics)

    def _hear(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic == MARK:
            self._marked.set()
        elif message.payload and not message.retain:
            with self._changed:
                self.heard.append((message.topic.removeprefix(f"{PREFIX}/"), bytes(message.payload)))
                self._changed.notify_all()

    def until(self, what: str, found: Callable[[list[tuple[str, bytes]]], Any], wait_s: float = WAIT_S) -> Any:
        """Wait until something in what was heard is truthy, and return it; AssertionError where it never is."""
        deadline = time.monotonic() + wait_s
        with self._changed:
            while not (answer := found(self.heard)):
                left = deadline - time.monotonic()
                assert left > 0, f"not heard within {wait_s:.0f} s: {what}; last: {self.heard[-2:]}"
                self._changed.wait(left)
        return answer

    def ask(self, **command: Any) -> str:
        """Give a command; its request, by which its reply is known."""
        request = f"r{next(self._requests)}"
        said = json.dumps({"request": request, **command})
        self._client.publish(f"{PREFIX}/command", said, qos=1)
        return request

    def catch_up(self) -> None:
        """Hear all that the broker has taken by now: a mark of its own comes behind it."""
        self._marked.clear()
        self._client.publish(MARK, b"", qos=1)
        assert self._marked.wait(WAIT_S)

    def close(self) -> None:
        self._client.disconnect()
        end_thread(self._client)
