"""Where a broker is, how TLS is set up for it, and in which words it is told why it can't be reached."""

import socket
import ssl
from typing import NamedTuple

_CERTIFICATE = {
    9: "is not valid yet; is this device's clock set?",
    10: "has expired; or is this device's clock wrong?",
    62: "is for another host name: mqtt.host must be one that it names",
    64: "is for another address: mqtt.host must be one that it names",
}
"""OpenSSL's verification codes (x509_vfy.h); the others are about who signed it."""


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


def words(error: Exception, address: Address) -> str:
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
