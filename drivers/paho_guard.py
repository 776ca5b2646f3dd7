"""paho's client with a guard at its socket: what may be read, how much of it at once, and how large a packet may be."""

from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from .broker_address import Address, context

_VERSIONS = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}
LARGEST_PACKET = 256 * 1024
"""Bytes of a packet that a broker may send us; none comes near with what anybody has to say to a pump."""
READ_AHEAD = 4096
_SPEAKS = {ord("H"): "like a web server", ord("S"): "like an SSH server", 0x15: "in TLS (mqtt.tls?)"}
"""What a first byte that is no CONNACK tells of who stands there (HTTP/1.1, SSH-2.0, a TLS alert)."""
_CONNACK, _DISCONNECT = 0x20, 0xE0
_QOS_0 = (b"\x30", b"\x31")
_MAY_COME = {0x40, 0x90, 0xD0, 0xE0, 0x30, 0x31, 0x32, 0x33, 0x38, 0x39, 0x3A, 0x3B}
"""First bytes that a broker has reason to send us: PUBACK, SUBACK, PINGRESP, DISCONNECT, PUBLISH of QoS 0 and 1."""


class UnreadableError(Exception):
    """What came can't be read as it should be; the text says what, for people."""


class Client(mqtt.Client):
    """paho's, with a look at what it is about to read: it would take any length, any packet, and as many as come.

    It reads a packet's first byte, its length byte by byte, then asks for all the rest at once.
    """

    _ahead = b""
    budget = 0
    """Packets that may still be begun; beyond them it seems that nothing more has come."""
    dry = False
    """Nothing more had come when last looked."""
    first = True
    repeats = b""
    """A topic on which equal messages that wait behind each other are one: they are not even unpacked."""
    farewell: int | None = None
    """A DISCONNECT's reason, of which paho 2.1.0 takes no note where nothing follows it."""
    acknowledged: Callable[[int, ReasonCode], object] = staticmethod(lambda _mid, _reason: None)
    """Told of each PUBACK. paho's own `on_publish` comes for a message of QoS 0 as well, as soon as it is written."""

    def _do_on_publish(self, mid: int, reason_code: ReasonCode, properties: Properties) -> MQTTErrorCode:
        with self._in_callback_mutex:  # so that what is published meanwhile is written afterwards
            self.acknowledged(mid, reason_code)
        return super()._do_on_publish(mid, reason_code, properties)

    def _mid_generate(self) -> int:
        """Not that of a message which waits for its acknowledgement: paho counts to 65,535 and begins anew (2.2.1)."""
        mid = super()._mid_generate()
        while mid in self._out_messages:
            mid = super()._mid_generate()
        return mid

    @property
    def unwritten(self) -> int:
        """How many packets wait to be written; paho keeps to no limit of its own there."""
        return len(self._out_packet)

    def hang_up(self) -> None:
        """Close the connection, and let go what it held: by itself it would when Python next looks for circles."""
        connection = self.socket()
        if connection is not None:
            connection.close()
        self._out_messages.clear()
        self._out_packet.clear()

    def _sock_recv(self, bufsize: int) -> bytes:
        begins = self._in_packet["command"] == 0
        if begins and self.budget <= 0:
            raise BlockingIOError
        if bufsize > LARGEST_PACKET - 4:
            raise UnreadableError(f"a packet of more than {LARGEST_PACKET // 1024} KiB")
        data = self._take(bufsize)
        if begins and data:
            self._pass_over_repeats(data)
            self.budget -= 1
            first, self.first = self.first, False
            if data[0] not in ({_CONNACK} if first else _MAY_COME):
                raise UnreadableError(
                    _SPEAKS.get(data[0], "") if first else f"a packet that begins with {data[0]:#04x}"
                )
        elif self._in_packet["command"] == _DISCONNECT and self._in_packet["have_remaining"] and self.farewell is None:
            self.farewell = data[0] if data else None
        return data

    def _take(self, bufsize: int) -> bytes:
        """Read ahead a little: a system call a packet, not four."""
        if not self._ahead:
            try:
                self._ahead = super()._sock_recv(max(bufsize, READ_AHEAD))
            except BlockingIOError:
                self.dry = True
                raise
        data, self._ahead = self._ahead[:bufsize], self._ahead[bufsize:]
        return data

    def _pass_over_repeats(self, first: bytes) -> None:
        """Leave one of the equal messages of QoS 0 that were read together, of which this is the first byte."""
        if first not in _QOS_0 or not self.repeats or not self._ahead:
            return
        size, topic = 1 + self._ahead[0], len(self.repeats).to_bytes(2, "big") + self.repeats
        if self._ahead[0] < 128 and self._ahead.startswith(topic, 1):
            rest, again = self._ahead[:size], first + self._ahead[:size]
            at = size
            while self._ahead.startswith(again, at):
                at += len(again)
            self._ahead = rest + self._ahead[at:]


def reason_name(code: int) -> str:
    """MQTT's name of a DISCONNECT's reason."""
    try:
        return str(ReasonCode(PacketTypes.DISCONNECT, identifier=code))
    except (KeyError, ValueError):
        return f"reason {code:#04x}"


def new_client(address: Address, version: str, will: tuple[str, str] | None) -> Client:
    """A client for one connection; raises ValueError naming the setting of TLS that is wrong."""
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=address.client_id,
        clean_session=None if version == "5" else True,
        protocol=_VERSIONS[version],
        reconnect_on_failure=False,
        manual_ack=True,
    )
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    if will is not None:
        client.will_set(will[0], will[1], qos=1, retain=True)
    if address.tls is not None:
        client.tls_set_context(context(address.tls))
    return client


def connect_options(version: str) -> dict[str, Any]:
    """What CONNECT says beside: nothing of before is wanted, and nothing too large."""
    if version != "5":
        return {}
    asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    asked.MaximumPacketSize = LARGEST_PACKET
    return {"clean_start": True, "properties": asked}


def options(version: str, *, own: bool, sent: bool) -> Any:
    """A subscription's: `own` lets a live message that was to be retained show it, `sent` has what is retained sent."""
    if version != "5":
        return 1
    handling = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE if sent else SubscribeOptions.RETAIN_DO_NOT_SEND
    return SubscribeOptions(qos=1, retainAsPublished=own, retainHandling=handling)


def may_be_published_to(topic: str) -> bool:
    """Say whether a topic is one: not empty, no wildcard, no NUL, at most 65,535 bytes (MQTT 5, 4.7)."""
    return 0 < len(topic.encode("utf-8", "replace")) < 65536 and not set("+#\0") & set(topic)
