"""Where a broker is, how TLS is set up for it, what is on its way to it, what a connection tells, and why it ended."""

import socket
import ssl
from collections.abc import Callable
from typing import Literal, NamedTuple

_CERTIFICATE = {
    9: "is not valid yet; is this device's clock set?",
    10: "has expired; or is this device's clock wrong?",
    62: "is for another host name: mqtt.host must be one that it names",
    64: "is for another address: mqtt.host must be one that it names",
}
"""OpenSSL's verification codes (x509_vfy.h); the others are about who signed it."""

UNSUPPORTED = "Unsupported protocol version"
_REFUSALS = {
    "Bad user name or password": "the broker refuses the user or password: mqtt.username, mqtt.password_file",
    "Not authorized": "the broker does not authorise this user: mqtt.username, mqtt.password_file, or its access list",
    "Client identifier not valid": "the broker refuses the client id: device.id",
    "Session taken over": "another client with the same id took over: give each pump a device.id of its own",
    "Banned": "the broker has banned this client",
    "Server busy": "the broker is busy",
    "Server unavailable": "the broker is not available",
    "Server shutting down": "the broker is shutting down",
    "Keep alive timeout": "the broker had not heard of this device for too long; is the network down?",
    "Administrative action": "somebody at the broker ended the connection",
    "Quota exceeded": "a limit of the broker is reached (it says: Quota exceeded)",
    "Connection rate exceeded": "the broker says that it is connected to too often",
    "Packet too large": "a message was larger than the broker takes",
    "Receive maximum exceeded": "more was sent at once than the broker takes",
    "Message rate too high": "more was sent than the broker takes in this time",
}
NOT_BY_WHAT_WAS_SAID = {
    "Not authorized", "Session taken over", "Banned", "Server busy", "Server unavailable", "Server shutting down",
    "Keep alive timeout", "Administrative action", "Connection rate exceeded", "Use another server", "Server moved",
    "Maximum connect time", "silent", "unacknowledged",
}  # fmt: skip
"""Reasons of a broker to end a connection that another way of speaking would not mend."""


class Tls(NamedTuple):
    """Files, each a path or None; without a CA file the system's certificates count."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


class Address(NamedTuple):
    """Where the broker is and as whom to come; `tls` None is plain TCP."""

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    tls: Tls | None = None


Version = Literal["5", "3.1.1"]


class Message(NamedTuple):
    """What came in: `retain` as its sender published it, where the protocol is 5."""

    topic: str
    payload: bytes
    retain: bool
    response_topic: str | None
    correlation: bytes | None

    @property
    def weight(self) -> int:
        """Bytes that it holds while it waits."""
        return len(self.payload) + len(self.response_topic or "") + len(self.correlation or b"")


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
    counted: Callable[[str], object]
    """Something was survived; a counter's name."""


class OnTheirWay:
    """Messages that wait for their acknowledgement, in the order in which they were sent."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._oldest_since = 0.0
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, mid: int, size: int, at: float) -> None:
        if not self._sizes:
            self._oldest_since = at
        self._sizes[mid] = size
        self.bytes += size

    def take(self, mid: int, at: float) -> bool:
        """Take out what was acknowledged; False: it is none of these."""
        if mid not in self._sizes:
            return False
        if mid == next(iter(self._sizes)):
            self._oldest_since = at
        self.bytes -= self._sizes.pop(mid)
        return True

    def oldest_s(self, at: float) -> float:
        """For how long one and the same message has been the oldest: one that waits its turn never is for long."""
        return at - self._oldest_since if self._sizes else 0.0


def context(tls: Tls) -> ssl.SSLContext:
    """Make a client's TLS context; raises ValueError naming the setting whose file is missing or no certificate."""
    try:
        made = ssl.create_default_context(cafile=tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"mqtt.ca_file = {tls.ca_file}: {_reason(error)}") from error
    if tls.cert_file:
        try:
            made.load_cert_chain(tls.cert_file, tls.key_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"mqtt.cert_file = {tls.cert_file}, mqtt.key_file: {_reason(error)}") from error
    return made


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)


def why_unreachable(error: Exception, address: Address) -> str:
    """Say in one line why the broker can't be reached, naming the setting."""
    at = f"{address.host}:{address.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        ca = (address.tls and address.tls.ca_file) or "the system's certificates"
        unknown = f"is signed by nobody in mqtt.ca_file ({ca}): {error.verify_message}"
        what = _CERTIFICATE.get(error.verify_code, unknown)
        return f"mqtt: the certificate of {at} {what}"
    if isinstance(error, ssl.SSLError):
        return f"mqtt.tls: {at} does not speak TLS as expected ({error.reason or error}); is it the right port?"
    if isinstance(error, socket.gaierror):
        return f"mqtt.host = {address.host}: no such host ({error.strerror})"
    if isinstance(error, ConnectionRefusedError):
        return f"mqtt: nothing listens at {at}; is the broker running?"
    if isinstance(error, TimeoutError):
        return f"mqtt: {at} does not answer"
    if isinstance(error, ConnectionError) and address.tls is not None:
        return f"mqtt.tls: {at} hangs up on TLS; is it the right port?"
    if isinstance(error, OSError):
        return f"mqtt: {at}: {error.strerror or error}"
    return str(error)


def why_ended(
    address: Address, speaks: str, refusal: str | None, fault: str | None, *, up_s: float | None, soon_s: float
) -> str:
    """Blame what is really wrong with a connection that ended, or say that it is not known.

    `refusal` is what the broker said (MQTT's name of a reason), `fault` what could not be read of it; `up_s` how long
    it was connected, None: never, and under `soon_s` is soon.
    """
    at = f"{address.host}:{address.port}"
    if fault is not None and up_s is None and not fault.startswith("a packet"):
        return f"mqtt.port: what answers at {at} speaks {fault or 'no MQTT'}; is it an MQTT broker?"
    if fault is not None and up_s is None:
        return f"mqtt: {at} answers with {fault}; is it an MQTT broker?"
    if fault is not None:
        return f"mqtt: {at} sent {fault}; the connection was given up"
    if refusal == "unanswered":
        return f"mqtt: {at} does not answer; is it an MQTT broker?"
    if refusal == "silent":
        return f"mqtt: {at} no longer answers; the connection was given up"
    if refusal == "unacknowledged":
        return f"mqtt: {at} no longer acknowledges what it is sent; the connection was given up"
    if refusal == UNSUPPORTED:
        return f"mqtt.protocol: {at} does not speak MQTT {speaks}"
    if refusal is not None:
        return f"mqtt: {_REFUSALS.get(refusal, f'the broker says: {refusal}')}"
    if up_s is not None and up_s >= soon_s:
        return f"mqtt: the connection to {at} was lost"
    if up_s is not None:
        # what an older broker does for all of these
        return (
            f"mqtt: {at} ended the connection soon and did not say why (a restart, a limit of its own, "
            "or another client with the same device.id?)"
        )
    hint = "does it want a certificate (mqtt.cert_file)?" if address.tls else "does this port want mqtt.tls?"
    return f"mqtt: {at} hangs up before answering; {hint}"
