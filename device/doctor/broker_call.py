"""One call at the broker, under a name of its own beside a daemon's: whether it is let in, heard, and what lies there.

It publishes nothing but a good reply that nobody asked for and nobody keeps: every dashboard reads past those.
"""

import contextlib
import secrets
import socket
import ssl
import time
from typing import NamedTuple

from device.daemon import broker_at, house
from device.loop import Loop
from device.settings.loading import Config
from device.wire.gate import Outgoing, Passed, passed
from device.wire.payloads import SCHEMA, instant
from drivers.broker import Broker
from drivers.broker_address import Calls, Message
from drivers.clock import SystemClock

PATIENCE_S = 15.0
"""For finding the host, connecting, TLS and being answered, in both versions of MQTT where one fails."""
ACKNOWLEDGED_S = 5.0
RETAINED_S = 0.5
"""After the acknowledgement: what is retained has mostly come before it."""
MOST_MESSAGES = 200


class BrokerSeen(NamedTuple):
    """What came of it. `why` is why it was not let in, `refused` why the message was not taken."""

    up: bool
    why: str = ""
    acknowledged: bool = False
    refused: str = ""
    largest: int = 1 << 28
    """Bytes of payload that the broker takes."""
    retained: dict[str, bytes] = {}  # noqa: RUF012 - nobody changes it
    """By topic what lies there: the device's own and whatever is called a status."""
    valid: tuple[str, str] | None = None
    """From when until when the broker's certificate is valid, where it shows one."""


def call_broker(config: Config, password: str | None) -> BrokerSeen:
    """Go there, look, and leave."""
    topics, loop = house(config), Loop(SystemClock())
    told: dict[str, str] = {}
    retained: dict[str, bytes] = {}

    def up(_version: str) -> None:
        told["up"] = "yes"
        broker.publish(topics.topic("reply"), to_nobody(config))
        loop.call_after(ACKNOWLEDGED_S, loop.stop)

    def down(why: str) -> None:
        told.setdefault("why", why)
        loop.stop()

    def over(name: str, what: str) -> None:
        told[name] = what
        loop.call_after(RETAINED_S, loop.stop)

    def message(what: Message) -> None:
        if what.payload and len(retained) < MOST_MESSAGES:
            retained[what.topic] = what.payload

    broker = Broker(
        broker_at(config, password, f"pump-companion-{config.device.id}-doctor"),
        protocol=config.mqtt.protocol,
        subscriptions=(topics.topic("#"), config.homeassistant.birth_topic, "+/status"),
        calls=Calls(
            up=up,
            down=down,
            acknowledged=lambda _mid: over("acknowledged", "yes"),
            refused=lambda _mid, why: over("refused", why),
            message=message,
            counted=lambda _name: None,
        ),
        loop=loop,
    )
    loop.call_after(PATIENCE_S, loop.stop)
    broker.start()
    loop.run(lambda _event: None)
    largest = broker.largest_payload(topics.topic("reply"))
    broker.stop(1.0)
    loop.close()
    return BrokerSeen(
        up="up" in told,
        why=told.get("why", ""),
        acknowledged="acknowledged" in told,
        refused=told.get("refused", ""),
        largest=largest,
        retained=retained,
        valid=shown_validity(config) if config.mqtt.tls else None,
    )


def to_nobody(config: Config) -> Passed:
    reply = {
        "schema": SCHEMA,
        "device": config.device.id,
        "request": f"doctor-{secrets.token_hex(8)}",
        "ok": True,
        "at": instant(round(time.time())),
    }
    return passed(Outgoing.ANSWER, reply, config.mqtt.publish)


def shown_validity(config: Config) -> tuple[str, str] | None:
    """From when until when the certificate is valid that the broker shows, whoever signed it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is only looked at; nothing is sent
    with contextlib.suppress(OSError):
        there = (config.mqtt.host, config.mqtt.port)
        with (
            socket.create_connection(there, ACKNOWLEDGED_S) as plain,
            context.wrap_socket(plain, server_hostname=config.mqtt.host) as secured,
        ):
            return validity(secured.getpeercert(binary_form=True) or b"")
    return None


def validity(certificate: bytes) -> tuple[str, str] | None:
    """The two times of a certificate in DER, each as `2026-11-29 21:00 UTC`; None where it is no certificate.

    They stand after its number, algorithm and issuer (RFC 5280, 4.1).
    """
    with contextlib.suppress(IndexError, ValueError):
        body = parts(parts(parts(certificate)[0][1])[0][1])
        first = 1 if body[0][0] == 0xA0 else 0  # the version, where it is said
        times = [read_time(kind, said.decode("ascii")) for kind, said in parts(body[first + 3][1])]
        return times[0], times[1]
    return None


def parts(der: bytes) -> list[tuple[int, bytes]]:
    """The values that stand one after the other: kind and content. Raises IndexError where they are cut off."""
    found, at = [], 0
    while at < len(der):
        kind, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        if at + size > len(der):
            raise IndexError(at)
        found.append((kind, der[at : at + size]))
        at += size
    return found


def read_time(kind: int, said: str) -> str:
    """UTCTime has two digits of the year (RFC 5280, 4.1.2.5.1), GeneralizedTime four."""
    if kind == 0x17:
        said = f"{'20' if int(said[:2]) < 50 else '19'}{said}"
    return f"{said[:4]}-{said[4:6]}-{said[6:8]} {said[8:10]}:{said[10:12]} UTC"
