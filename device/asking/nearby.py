"""The MQTT brokers that announce themselves in the house by mDNS (RFC 6762, 6763), as far as a device can use them."""

import contextlib
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec

KINDS = {"_mqtt._tcp.local.": False, "_secure-mqtt._tcp.local.": True}
"""By IANA's name of the service: whether TLS is spoken there."""
LOOK_S = 2.0
ASK_S = 1.0
"""After that, for the ports and addresses of those of which only a name came."""
FIND_S = 2.0
"""How long the system may take to find the names, all at once."""
MOST_NAMES = 64
"""As many are asked for more; that a stranger sends thousands keeps no other broker out, unless it is faster."""
MOST = 9
"""More are not told of: no house has them."""
LOCAL_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}\.local", re.ASCII)


class NearbyBroker(msgspec.Struct, frozen=True):
    """What a broker says of itself, without a character that moves a cursor; `host` is one that this machine finds."""

    name: str
    host: str
    port: int
    tls: bool


class AnnouncedBroker(msgspec.Struct, frozen=True):
    """The same as it came: `addresses` as text, the host's own name with its dot."""

    name: str
    server: str
    addresses: tuple[str, ...]
    port: int
    tls: bool


def nearby_brokers(interfaces: Sequence[str] | None = None) -> tuple[NearbyBroker, ...] | None:
    """Listen for LOOK_S on these interfaces' addresses (None: on all); None without the library. Raises OSError."""
    try:
        import zeroconf
    except ImportError:
        return None
    came: dict[tuple[str, str], None] = {}

    def heard(service_type: str, name: str, **_more: object) -> None:
        if len(came) < MOST_NAMES:
            came[service_type, name] = None

    try:
        listener = zeroconf.Zeroconf(interfaces or zeroconf.InterfaceChoice.All)
    except RuntimeError as error:  # its word for a machine without any interface
        raise OSError(str(error)) from error
    with contextlib.closing(listener) as opened:
        browser = zeroconf.ServiceBrowser(opened, [*KINDS], handlers=[heard])
        time.sleep(LOOK_S)
        browser.cancel()
        until = time.monotonic() + ASK_S
        announced = [_answered(opened, kind, name, until) for kind, name in came]
    return usable([broker for broker in announced if broker is not None])


def _answered(opened: Any, kind: str, name: str, until: float) -> AnnouncedBroker | None:
    """What is known of it, or comes until then; None where nothing comes, or its name is none (control characters)."""
    import zeroconf

    try:
        info = opened.get_service_info(kind, name, timeout=max(1, round(1000 * (until - time.monotonic()))))
    except zeroconf.Error:
        return None
    if info is None or info.port is None:
        return None
    own = name.removesuffix(f".{kind}")
    return AnnouncedBroker(own, info.server or "", tuple(info.parsed_addresses()), info.port, KINDS[kind])


def usable(announced: Sequence[AnnouncedBroker]) -> tuple[NearbyBroker, ...]:
    """Those with a port and a host that can be written down, each once: by name, then without TLS first."""
    names = {broker.server.removesuffix(".") for broker in announced}
    known = _known_here([name for name in names if LOCAL_NAME.fullmatch(name)])
    found: dict[tuple[str, int], NearbyBroker] = {}
    for broker in announced:
        name = broker.server.removesuffix(".")
        host = name if name in known else next(filter(_is_of_a_host, broker.addresses), None)
        if host is not None and 0 < broker.port <= 0xFFFF:
            said = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in broker.name)
            found.setdefault((host, broker.port), NearbyBroker(said, host, broker.port, broker.tls))
    return tuple(sorted(found.values(), key=lambda broker: (broker.name, broker.tls, broker.host, broker.port))[:MOST])


def _is_of_a_host(address: str) -> bool:
    """Whether a connection can go there, also from another interface (link-local ones need its name besides)."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    of_one_wire = read.version == 6 and read.is_link_local
    return not (read.is_unspecified or read.is_multicast or read.is_reserved or of_one_wire)


def _known_here(names: Sequence[str]) -> set[str]:
    """Those that this machine's own resolver finds (names in `.local`: by libnss-mdns or systemd-resolved)."""
    known = set[str]()

    def find(name: str) -> None:
        with contextlib.suppress(OSError):
            socket.getaddrinfo(name, None)
            known.add(name)

    threads = [threading.Thread(target=find, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    until = time.monotonic() + FIND_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return set(known)
