"""The MQTT broker: one connection at a time on the loop's own selectors, made anew whenever it is lost.

It keeps no queue of its own beside the outbox: what is published while it is away is refused, and what a lost
connection had not acknowledged is gone with it (the outbox has it still). Whatever bytes come, at most they end the
connection.
"""

import logging
import random
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from drivers.runtime import EventLoop, TimerHandle

from .broker_address import (
    NOT_BY_WHAT_WAS_SAID,
    UNSUPPORTED,
    Address,
    Calls,
    Message,
    OnTheirWay,
    Version,
    why_ended,
    why_unreachable,
)
from .paho_guard import Client, UnreadableError, connect_options, may_be_published_to, new_client, options, reason_name

KEEPALIVE_S = 60
ANSWER_S = 5.0
"""How long a broker may take to answer CONNECT before version 5 is thought to be too much for it."""
CONNECT_S = 10.0
"""For DNS, TCP and TLS, each."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, JITTER = 1.0, 60.0, 0.2
STOOD_S = 60.0
"""A connection that lasted so long was a good one: the next pause is a short one again."""
SOON_S, QUICK = 10.0, 3
"""So many losses of one kind, each so soon after connecting, and it is tried another way."""
UNLIMITED = 1 << 28
"""More than MQTT's length field can say."""
PACKETS, TURN_S = 8, 0.01
"""Read at once, and for how long before others get their turn."""
SLACK_S = 0.25
"""paho notes the time of a packet a little after we do, and pings only once its own keepalive is over."""
WINDOW = 100
"""Messages on their way at once; fewer where the broker's Receive Maximum says so."""
CROWDED, CROWDED_BYTES = 500, 1 << 20
"""So much unacknowledged is enough: whoever can wait with more does."""
ACKNOWLEDGED_S = 60.0
"""What is the oldest on its way for so long is never acknowledged: mosquitto drops acknowledgements too."""
MOST_WAITING = 2000
"""Unacknowledged messages at all; what goes beyond is dropped and counted."""

log = logging.getLogger(__name__)


class Broker:
    """Connects from `start()` on and keeps connected; every connection is a new paho Client.

    `protocol` is `auto`, `5` or `3.1.1`; with `auto`, `hint` is what worked last, 5 is tried first and 3.1.1 where
    5 is refused, hung up on or not answered. `will` is (topic, payload), retained, QoS 1. `own` is the subscription
    on which nobody rightly retains anything: who published to it so is told of, and it is cleared where that may help.
    `repeats` is the one on which equal messages that wait behind each other may be one.
    """

    def __init__(
        self,
        address: Address,
        *,
        protocol: Literal["auto", "5", "3.1.1"] = "auto",
        hint: Version | None = None,
        will: tuple[str, str] | None = None,
        subscriptions: tuple[str, ...] = (),
        own: str | None = None,
        repeats: str | None = None,
        calls: Calls,
        loop: EventLoop,
    ) -> None:
        self._address = address
        self._auto = protocol == "auto"
        self._version: Version = (hint or "5") if protocol == "auto" else protocol
        self._proven = hint
        self._will = will
        self._subscriptions, self._own, self._repeats = subscriptions, own, repeats or ""
        self._calls = calls
        self._loop = loop
        self._client: Client | None = None
        self._attempt = self._detour = 0
        self._kind, self._quick = "", 0
        self._fd: int | None = None
        self._up, self._why = False, ""
        self._refusal: str | None = None
        self._fault: str | None = None
        self._subscribed = self._more_to_read = self._held_back = False
        self._pause_s = FIRST_PAUSE_S
        self._window = WINDOW
        self._largest = UNLIMITED
        self._waiting = OnTheirWay()
        self._owed: deque[int] = deque()
        self._keepalive_s = float(KEEPALIVE_S)
        self._heard = self._spoke = self._up_since = 0.0
        self._timers: dict[str, TimerHandle] = {}
        self.connections = 0

    @property
    def connected(self) -> bool:
        return self._up

    @property
    def window(self) -> int:
        """How many records may be on their way at once; live topics and replies go besides, after what waits."""
        return self._window if self._up else 0

    @property
    def crowded(self) -> bool:
        """So much is on its way that whoever can wait had better."""
        return self._up and (len(self._waiting) >= CROWDED or self._waiting.bytes >= CROWDED_BYTES)

    @property
    def by_detour(self) -> bool:
        """Connected in another way than the usual one, which failed: nothing to remember."""
        return self._detour > 0

    @property
    def _speaks(self) -> Version:
        return "3.1.1" if self._detour == 2 else self._version

    def largest_payload(self, topic: str, correlation: bytes | None = None) -> int:
        """How many bytes of payload the broker takes on a topic; where it names no limit, more than there ever are."""
        around = 1 + 4 + 2 + len(topic.encode("utf-8", "replace")) + 2
        if self._speaks == "5":
            around += 1 if correlation is None else 4 + 3 + len(correlation)
        return max(0, self._largest - around)

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
        self,
        topic: str,
        payload: bytes | str,
        *,
        retain: bool = False,
        correlation: bytes | None = None,
        may_be_lost: bool = False,
    ) -> int | None:
        """Publish with QoS 1; the message's number, or None: it went nowhere.

        That is so while there is no connection, for a topic that nobody may publish to (a reply's is a stranger's
        choice, and a wrong one would end the connection), for more than the broker takes, and where too much waits.
        What `may_be_lost` goes with QoS 0 then (None too): the acknowledgements come behind all that was sent to us.
        """
        if not self._up or self._client is None or not may_be_published_to(topic):
            return None
        if len(payload if isinstance(payload, bytes) else payload.encode()) > self.largest_payload(topic, correlation):
            self._calls.counted("mqtt_too_large")
            return None
        properties = None
        if correlation is not None and self._speaks == "5":
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = correlation
        qos = 0 if may_be_lost and self.crowded else 1
        info = self._client.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            if info.rc == mqtt.MQTT_ERR_QUEUE_SIZE:
                self._calls.counted("mqtt_dropped")
            self._loop.call(self._check)
            return None
        self._spoke = time.monotonic()
        if qos:
            self._waiting.add(info.mid, len(payload), self._spoke)
        self._interest()
        return info.mid if qos else None

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
        if client is not None:
            client.hang_up()

    # -- connecting, in a thread ------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._attempt += 1
        thread = threading.Thread(
            target=self._dial, args=(self._attempt, self._speaks), name="broker connects", daemon=True
        )
        thread.start()

    def _dial(self, attempt: int, version: Version) -> None:
        """Resolve, connect, shake hands: what may block for seconds."""
        client = None
        try:
            client = new_client(self._address, version, self._will)
            client.connect_timeout, client.repeats = CONNECT_S, self._repeats.encode()
            client.max_inflight_messages, client.max_queued_messages = WINDOW, MOST_WAITING
            client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
            client.acknowledged, client.on_message = self._on_acknowledged, self._on_message
            client.on_subscribe = self._on_subscribe
            client.connect(self._address.host, self._address.port, KEEPALIVE_S, **connect_options(version))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and tried again
            if client is not None:
                client.hang_up()
            self._loop.call(partial(self._failed, attempt, why_unreachable(error, self._address)))
        else:
            self._loop.call(partial(self._dialled, attempt, client))

    # -- connected: from here on in the loop's thread ---------------------------------------------------------

    def _dialled(self, attempt: int, client: Client) -> None:
        connection: Any = client.socket()
        if attempt != self._attempt:
            client.hang_up()
            return
        self._client = client
        self._refusal = self._fault = None
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
        client.budget, client.dry = PACKETS, False
        until = time.monotonic() + TURN_S
        while self._done(client.loop_read) and not client.dry and time.monotonic() < until:
            client.budget = PACKETS
        self._heard = time.monotonic()
        self._acknowledge()
        self._held_back = bool(not client.dry or (self._owed and not self.crowded))
        self._go_on_reading()
        self._check()

    def _acknowledge(self) -> None:
        """Let the broker send on, no faster than it takes what we have to say.

        mosquitto reads one packet of ours a turn, and what is in its way is read first: a thousand
        acknowledgements of commands there, and the answers, of which it takes twenty at a time, get nowhere.
        """
        client = self._client
        for _ in range(min(len(self._owed), WINDOW)):
            if client is None or self.crowded or not self._done(partial(client.ack, self._owed.popleft(), 1)):
                return

    def _go_on_reading(self) -> None:
        """Of what was read ahead, decrypted or is owed no selector will ever tell; it waits while nothing is read."""
        client = self._client
        if client is None or client.socket() is None or self._fault is not None:
            return
        if self._held_back and not self._more_to_read and client.unwritten <= CROWDED:
            self._held_back, self._more_to_read = False, True  # in the next turn, once
            self._loop.call(self._reads_on)

    def _reads_on(self) -> None:
        self._more_to_read = False
        self._readable()

    def _writable(self) -> None:
        if self._client is not None:
            self._done(self._client.loop_write)
            self._spoke = time.monotonic()
            self._go_on_reading()
            self._check()

    def _done(self, work: Callable[[], MQTTErrorCode]) -> bool:
        """Let paho work on what came or goes; False: the connection has ended with it.

        Whatever a packet makes of paho (2.1.0 raises for many a one) or of us is a lost connection.
        """
        try:
            rc = work()
        except UnreadableError as error:
            self._fault = str(error)
        except Exception as error:  # noqa: BLE001 - what a packet can raise has no end; it is told and counted
            self._fault = f"a packet that cannot be read ({type(error).__name__})"
        else:
            if rc == mqtt.MQTT_ERR_PROTOCOL and self._refusal is None:
                self._fault = "a packet that cannot be read"
            return rc == mqtt.MQTT_ERR_SUCCESS and self._client is not None and self._client.socket() is not None
        return False

    def _check(self) -> None:
        """Look whether the connection still stands, and what it waits for."""
        if self._client is None:
            return
        if self._fault is not None or self._client.socket() is None:
            self._lost()
        else:
            self._interest()

    def _interest(self) -> None:
        """Hear the socket; one who does not read what we write is not heard either, so that nothing piles up."""
        client = self._client
        if client is not None and self._fd is not None:
            reads = None if client.unwritten > CROWDED else self._readable
            self._loop.watch(self._fd, reads, self._writable if client.want_write() else None)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            return
        self._timers["answer"].cancel()
        self._keepalive_s = float(getattr(properties, "ServerKeepAlive", KEEPALIVE_S)) or KEEPALIVE_S
        self._window = max(1, min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW)))
        self._largest = getattr(properties, "MaximumPacketSize", 0) or UNLIMITED
        # paho has no public way to heed a broker's Receive Maximum; exceeding it ends the connection (MQTT 5, 3.3.4)
        client._max_inflight_messages = self._window  # noqa: SLF001
        self._waiting = OnTheirWay()
        if self._detour and self._own:
            self._waiting.add(client.publish(self._own, b"", qos=1, retain=True).mid, 0, time.monotonic())
        if self._subscriptions:
            sent = not self._detour
            client.subscribe(
                [(topic, options(self._speaks, own=topic == self._own, sent=sent)) for topic in self._subscriptions]
            )
        self._up = True
        if not self._detour:
            self._proven = self._version
        self._subscribed = False
        self._owed.clear()
        self._up_since = time.monotonic()
        self.connections += 1
        self._after("keepalive", self._keepalive_s + SLACK_S, self._keep_alive)
        # from the mailbox: what it publishes is then sent at once, not queued behind this callback
        self._loop.call(partial(self._say_up, self._attempt))

    def _say_up(self, attempt: int) -> None:
        if self._up and attempt == self._attempt:
            self._why = ""
            self._calls.up(self._speaks)

    def _on_disconnect(self, client: Any, _data: Any, flags: Any, _reason: ReasonCode, _properties: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._refusal = "Normal disconnection" if client.farewell is None else reason_name(client.farewell)

    def _on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        if not self._waiting.take(mid, time.monotonic()):
            return
        if reason.is_failure:
            self._calls.refused(mid, f"the broker will not take it: {reason}")
        else:
            self._calls.acknowledged(mid)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            raise UnreadableError("a packet whose topic is not UTF-8") from error
        if message.qos:
            self._owed.append(message.mid)
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
        heard, self._subscribed = self._subscribed, True
        for topic, reason in () if heard else zip(self._subscriptions, reasons, strict=False):
            if reason.is_failure:
                log.warning("mqtt: the broker refuses to let us hear %s (%s); check its access list", topic, reason)

    def _keep_alive(self) -> None:
        """Ping where nothing was heard or said for the keepalive; paho closes where its last ping went unanswered."""
        quiet_s = time.monotonic() - min(self._heard, self._spoke)
        if quiet_s >= self._keepalive_s and self._client is not None:
            if not self._done(self._client.loop_misc):
                self._refusal = "silent"
            self._heard = self._spoke = time.monotonic()
            quiet_s = 0.0
        if self._waiting.oldest_s(time.monotonic()) >= ACKNOWLEDGED_S:
            self._refusal = "unacknowledged"
            self._lost()
            return
        if self._up:
            self._after("keepalive", self._keepalive_s - quiet_s + SLACK_S, self._keep_alive)
        self._check()

    # -- losing it --------------------------------------------------------------------------------------------

    def _unanswered(self) -> None:
        self._refusal = "unanswered"
        self._lost()

    def _lost(self) -> None:
        """Decide what a connection that ended means: another version, another way, or a pause."""
        client, self._client = self._client, None
        self._unwatch()
        if client is not None:
            client.hang_up()
        for timer in self._timers.values():
            timer.cancel()
        was_up, self._up = self._up, False
        lasted_s = time.monotonic() - self._up_since
        refusal, self._refusal = self._refusal, None
        fault, self._fault = self._fault, None
        if fault is not None:
            self._calls.counted("mqtt_unreadable")
        if not was_up and self._tries_another_version(refusal):
            self._connect()
            return
        up_s = lasted_s if was_up else None
        why = why_ended(self._address, self._speaks, refusal, fault, up_s=up_s, soon_s=SOON_S)
        if not was_up or lasted_s >= STOOD_S:
            self._kind, self._quick, self._detour = "", 0, 0
        elif refusal not in NOT_BY_WHAT_WAS_SAID:
            why += self._way_after(fault or refusal or "lost", soon=lasted_s < SOON_S)
        if was_up and lasted_s >= STOOD_S:
            self._pause_s = FIRST_PAUSE_S
        self._failed(self._attempt, why)

    def _tries_another_version(self, refusal: str | None) -> bool:
        """Whether to go on at once with another version, since the broker would not hear of this one."""
        if self._detour:
            return False
        if self._proven == self._version and refusal != UNSUPPORTED:
            # it worked before: a broker that is just going down or coming up hangs up too
            self._proven = None
            return False
        if self._auto and refusal in {None, "unanswered", UNSUPPORTED}:
            self._version = "3.1.1" if self._version == "5" else "5"
            return self._version == "3.1.1"
        return False

    def _way_after(self, kind: str, *, soon: bool) -> str:
        """Count a loss that may lie in what is said; where it comes again and again, go another way and say so."""
        self._quick = self._quick + 1 if soon and kind == self._kind else int(soon)
        self._kind = kind
        if self._quick < QUICK:
            return ""
        self._quick = 0
        ways = 3 if self._auto and self._version == "5" else 2
        self._detour = (self._detour + 1) % ways
        what = ("as at first", "without retained messages", "as MQTT 3.1.1")[self._detour]
        cleared = f", and {self._own} is cleared" if self._detour and self._own else ""
        return f"; tried next {what}{cleared}"

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
