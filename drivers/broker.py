"""The MQTT broker: one connection at a time on the loop's own selectors, made anew whenever it is lost.

It keeps no queue of its own beside the outbox: what is published while it is away is refused, and what a lost
connection had not acknowledged is gone with it (the outbox has it still).
"""

import logging
import random
import select
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from .dialling import Address, context, words

KEEPALIVE_S = 60
ANSWER_S = 5.0
"""How long a broker may take to answer CONNECT before version 5 is thought to be too much for it."""
CONNECT_S = 10.0
"""For DNS, TCP and TLS, each."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, JITTER = 1.0, 60.0, 0.2
STOOD_S = 10.0
"""A connection that lasted so long was a good one: the next pause is a short one again."""
SLACK_S = 0.25
"""paho notes the time of a packet a little after we do, and pings only once its own keepalive is over."""
WINDOW = 100
"""Messages on their way at once; fewer where the broker's Receive Maximum says so."""

Version = Literal["5", "3.1.1"]
_VERSIONS = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}
_UNSUPPORTED = "Unsupported protocol version"
_REFUSALS = {
    "Bad user name or password": "the broker refuses the user or password: mqtt.username, mqtt.password_file",
    "Not authorized": "the broker does not authorise this user: mqtt.username, mqtt.password_file, or its access list",
    "Client identifier not valid": "the broker refuses the client id: device.id",
    "Session taken over": "another client with the same id took over: give each pump a device.id of its own",
    "Banned": "the broker has banned this client",
    "Server busy": "the broker is busy",
    "Server unavailable": "the broker is not available",
}
log = logging.getLogger(__name__)


class Message(NamedTuple):
    """What came in: `retain` as its sender published it, where the protocol is 5."""

    topic: str
    payload: bytes
    retain: bool
    response_topic: str | None
    correlation: bytes | None


class Calls(NamedTuple):
    """What the loop's thread is told."""

    up: Callable[[Version], object]
    """Connected and subscribed for, with the protocol that worked: remember it as `hint`."""
    down: Callable[[str], object]
    """Not connected, with why for people; at every new reason, not at every attempt."""
    acknowledged: Callable[[int], object]
    """The broker has the message with this number."""
    refused: Callable[[int, str], object]
    """The broker will not take the message with this number (an access list, a quota)."""
    message: Callable[[Message], object]


class _Timer(Protocol):
    def cancel(self) -> None: ...


class _Loop(Protocol):
    def call(self, fn: Callable[[], object]) -> object: ...
    def call_after(self, real_s: float, fn: Callable[[], object]) -> _Timer: ...
    def watch(
        self, fd: int, on_readable: Callable[[], object] | None, on_writable: Callable[[], object] | None = None
    ) -> object: ...
    def unwatch(self, fd: int) -> object: ...


class Broker:
    """Connects from `start()` on and keeps connected; every connection is a new paho Client.

    `protocol` is `auto`, `5` or `3.1.1`; with `auto`, `hint` is what worked last, 5 is tried first and 3.1.1 where
    5 is refused, hung up on or not answered. `will` is (topic, payload), retained, QoS 1.
    """

    def __init__(
        self,
        address: Address,
        *,
        protocol: Literal["auto", "5", "3.1.1"] = "auto",
        hint: Version | None = None,
        will: tuple[str, str] | None = None,
        subscriptions: tuple[str, ...] = (),
        calls: Calls,
        loop: _Loop,
    ) -> None:
        self._address = address
        self._auto = protocol == "auto"
        self._version: Version = (hint or "5") if protocol == "auto" else protocol
        self._proven = hint
        self._will = will
        self._subscriptions = subscriptions
        self._calls = calls
        self._loop = loop
        self._client: mqtt.Client | None = None
        self._attempt = 0
        self._fd: int | None = None
        self._up = False
        self._why = ""
        self._refusal: str | None = None
        self._pause_s = FIRST_PAUSE_S
        self._window = WINDOW
        self._waiting: set[int] = set()
        self._keepalive_s = float(KEEPALIVE_S)
        self._heard = self._spoke = self._up_since = 0.0
        self._timers: dict[str, _Timer] = {}
        self.connections = 0

    @property
    def connected(self) -> bool:
        return self._up

    @property
    def room(self) -> int:
        """How many more records may be on their way; live topics go besides, after what waits."""
        return max(0, self._window - len(self._waiting)) if self._up else 0

    def start(self) -> None:
        self._connect()

    def hurry(self) -> None:
        """Try again at once, for whoever knows that the broker is back; nothing where it is connected."""
        if self._client is None:
            self._pause_s = FIRST_PAUSE_S
            if "again" in self._timers:
                self._timers["again"].cancel()
            self._connect()

    def publish(
        self, topic: str, payload: bytes | str, *, retain: bool = False, correlation: bytes | None = None
    ) -> int | None:
        """Publish with QoS 1; the message's number, or None: it went nowhere.

        That is so while there is no connection, and for a topic that nobody may publish to (a reply's is a stranger's
        choice, and a wrong one would end the connection).
        """
        if not self._up or self._client is None or not may_be_published_to(topic):
            return None
        properties = None
        if correlation is not None and self._version == "5":
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = correlation
        info = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            self._loop.call(self._check)
            return None
        self._waiting.add(info.mid)
        self._spoke = time.monotonic()
        self._interest()
        return info.mid

    def stop(self, deadline_s: float) -> None:
        """Send what waits in the socket and DISCONNECT (so that no will is sent), at most so long, and stay away."""
        self._attempt += 1
        for timer in self._timers.values():
            timer.cancel()
        client, self._client = self._client, None
        self._unwatch()
        connection = None if client is None else client.socket()
        if client is not None and connection is not None and self._up:
            client.disconnect()
            until = time.monotonic() + deadline_s
            while client.want_write() and time.monotonic() < until and client.socket() is not None:
                select.select([], [connection], [], max(0.0, until - time.monotonic()))
                client.loop_write()
        self._up = False
        _hang_up(client)

    # -- connecting, in a thread ------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._attempt += 1
        thread = threading.Thread(
            target=self._dial, args=(self._attempt, self._version), name="broker connects", daemon=True
        )
        thread.start()

    def _dial(self, attempt: int, version: Version) -> None:
        """Resolve, connect, shake hands: what may block for seconds."""
        client = None
        try:
            client = self._new_client(version)
            options: dict[str, Any] = {"clean_start": True} if version == "5" else {}
            client.connect(self._address.host, self._address.port, KEEPALIVE_S, **options)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and tried again
            _hang_up(client)
            self._loop.call(partial(self._failed, attempt, words(error, self._address)))
        else:
            self._loop.call(partial(self._dialled, attempt, client))

    def _new_client(self, version: Version) -> mqtt.Client:
        address = self._address
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=address.client_id,
            clean_session=None if version == "5" else True,
            protocol=_VERSIONS[version],
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages = WINDOW
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        if address.username is not None:
            client.username_pw_set(address.username, address.password)
        if self._will is not None:
            client.will_set(self._will[0], self._will[1], qos=1, retain=True)
        if address.tls is not None:
            client.tls_set_context(context(address.tls))
        return client

    # -- connected: from here on in the loop's thread ---------------------------------------------------------

    def _dialled(self, attempt: int, client: mqtt.Client) -> None:
        connection: Any = client.socket()
        if attempt != self._attempt:
            _hang_up(client)
            return
        self._client = client
        self._refusal = None
        self._heard = self._spoke = time.monotonic()
        if connection is None:
            self._check()
            return
        # without it a small packet waits for the acknowledgement of the one before, 40 ms on Linux
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fd = connection.fileno()
        self._after("answer", ANSWER_S, self._unanswered)
        self._interest()

    def _readable(self) -> None:
        client = self._client
        if client is None:
            return
        while True:
            rc = client.loop_read()
            connection: Any = client.socket()
            # TLS may hold decrypted bytes that no selector will ever tell of
            if rc != mqtt.MQTT_ERR_SUCCESS or connection is None or not getattr(connection, "pending", int)():
                break
        self._heard = time.monotonic()
        self._check()

    def _writable(self) -> None:
        if self._client is not None:
            self._client.loop_write()
            self._spoke = time.monotonic()
            self._check()

    def _check(self) -> None:
        """Look whether the connection still stands, and what it waits for."""
        if self._client is None:
            return
        if self._client.socket() is None:
            self._lost()
        else:
            self._interest()

    def _interest(self) -> None:
        if self._client is not None and self._fd is not None:
            self._loop.watch(self._fd, self._readable, self._writable if self._client.want_write() else None)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            return
        self._timers["answer"].cancel()
        self._keepalive_s = float(getattr(properties, "ServerKeepAlive", KEEPALIVE_S)) or KEEPALIVE_S
        self._window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        # paho has no public way to heed a broker's Receive Maximum; exceeding it ends the connection (MQTT 5, 3.3.4)
        client._max_inflight_messages = self._window  # noqa: SLF001
        if self._subscriptions:
            client.subscribe(
                [(topic, SubscribeOptions(qos=1, retainAsPublished=True)) for topic in self._subscriptions]
                if self._version == "5"
                else [(topic, 1) for topic in self._subscriptions]
            )
        self._up, self._why = True, ""
        self._proven = self._version
        self._waiting.clear()
        self._up_since = time.monotonic()
        self.connections += 1
        self._after("keepalive", self._keepalive_s + SLACK_S, self._keep_alive)
        # from the mailbox: what it publishes is then sent at once, not queued behind this callback
        self._loop.call(partial(self._say_up, self._attempt))

    def _say_up(self, attempt: int) -> None:
        if self._up and attempt == self._attempt:
            self._calls.up(self._version)

    def _on_disconnect(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._refusal = str(reason)

    def _on_publish(self, _client: object, _data: object, mid: int, reason: ReasonCode, _properties: object) -> None:
        self._waiting.discard(mid)
        if reason.is_failure:
            self._calls.refused(mid, f"the broker will not take it: {reason}")
        else:
            self._calls.acknowledged(mid)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            log.warning("a message on a topic that is not UTF-8 was left aside")
            return
        properties = message.properties
        self._calls.message(
            Message(
                topic,
                bytes(message.payload),
                bool(message.retain),
                getattr(properties, "ResponseTopic", None),
                getattr(properties, "CorrelationData", None),
            )
        )

    def _on_subscribe(self, _client: object, _data: object, _mid: int, reasons: list[ReasonCode], _p: object) -> None:
        for topic, reason in zip(self._subscriptions, reasons, strict=False):
            if reason.is_failure:
                log.warning("mqtt: the broker refuses to let us hear %s (%s); check its access list", topic, reason)

    def _keep_alive(self) -> None:
        """Ping where nothing was heard or said for the keepalive; paho closes where its last ping went unanswered."""
        quiet_s = time.monotonic() - min(self._heard, self._spoke)
        if quiet_s >= self._keepalive_s and self._client is not None:
            self._client.loop_misc()
            self._heard = self._spoke = time.monotonic()
            quiet_s = 0.0
        if self._up:
            self._after("keepalive", self._keepalive_s - quiet_s + SLACK_S, self._keep_alive)
        self._check()

    # -- losing it --------------------------------------------------------------------------------------------

    def _unanswered(self) -> None:
        self._refusal = "unanswered"
        self._lost()

    def _lost(self) -> None:
        """Decide what a connection that ended means: another version, or a pause."""
        client, self._client = self._client, None
        self._unwatch()
        _hang_up(client)
        for timer in self._timers.values():
            timer.cancel()
        was_up, self._up = self._up, False
        stood = time.monotonic() - self._up_since >= STOOD_S
        if was_up and stood:
            self._pause_s = FIRST_PAUSE_S
        refusal, self._refusal = self._refusal, None
        if not was_up and self._proven == self._version and refusal != _UNSUPPORTED:
            # it worked before: a broker that is just going down or coming up hangs up too
            self._proven = None
        elif not was_up and self._auto and refusal in {None, "unanswered", _UNSUPPORTED}:
            other: Version = "3.1.1" if self._version == "5" else "5"
            first_of_round = self._version == "5"
            self._version = other
            if first_of_round:
                self._connect()
                return
        self._failed(self._attempt, self._describe(refusal, was_up=was_up, stood=stood))

    def _describe(self, refusal: str | None, *, was_up: bool, stood: bool) -> str:
        at = f"{self._address.host}:{self._address.port}"
        if refusal == "unanswered":
            return f"mqtt: {at} does not answer; is it an MQTT broker?"
        if refusal == _UNSUPPORTED:
            return f"mqtt.protocol: {at} does not speak MQTT {self._version}"
        if refusal is not None:
            return f"mqtt: {_REFUSALS.get(refusal, f'the broker says: {refusal}')}"
        if was_up and stood:
            return f"mqtt: the connection to {at} was lost"
        if was_up:
            # what an older broker does to two clients of the same name
            return f"mqtt: the connection to {at} was lost soon; has another device the same device.id?"
        hint = "does it want a certificate (mqtt.cert_file)?" if self._address.tls else "does this port want mqtt.tls?"
        return f"mqtt: {at} hangs up before answering; {hint}"

    def _failed(self, attempt: int, why: str) -> None:
        if attempt != self._attempt:
            return
        if why != self._why:
            self._why = why
            self._calls.down(why)
        self._after("again", self._pause_s * random.uniform(1 - JITTER, 1 + JITTER), self._connect)  # noqa: S311
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def _unwatch(self) -> None:
        if self._fd is not None:
            self._loop.unwatch(self._fd)
            self._fd = None

    def _after(self, name: str, real_s: float, fn: Callable[[], object]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = self._loop.call_after(real_s, fn)


def may_be_published_to(topic: str) -> bool:
    """Say whether a topic is one: not empty, no wildcard, no NUL, at most 65,535 bytes (MQTT 5, 4.7)."""
    return 0 < len(topic.encode("utf-8", "replace")) < 65536 and not set("+#\0") & set(topic)


def _hang_up(client: mqtt.Client | None) -> None:
    connection = None if client is None else client.socket()
    if connection is not None:
        connection.close()
