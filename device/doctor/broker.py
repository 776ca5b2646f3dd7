"""The broker and who listens there: let in, heard, alone under this name; certificates; Home Assistant."""

import ssl
import time
from collections.abc import Iterator

from device.core.model.effects import Topic
from device.daemon import announced, house
from device.mqtt.homeassistant import announcement

from .broker_call import validity
from .case import Case
from .finding import Finding, absent, fine, quote, unclear, wrong

REMEDIES = (
    ("no such host", "write the broker's name or address into mqtt.host"),
    ("nothing listens", "start the broker, or write its port into mqtt.port"),
    ("user or password", "set mqtt.username and the file of mqtt.password_file as the broker knows them"),
    ("does not authorise", "set mqtt.username and the file of mqtt.password_file as the broker knows them"),
    ("client id", "choose another device.id"),
    ("has expired", "renew the broker's certificate, or set this device's clock"),
    ("not valid yet", "set this device's clock"),
    ("is for another", "write a name into mqtt.host that the certificate names"),
    ("signed by nobody", "name the authority that signed the broker's certificate in mqtt.ca_file"),
    ("mqtt.protocol", 'write protocol = "auto" in [mqtt]'),
    ("want a certificate", "name this device's certificate in mqtt.cert_file and mqtt.key_file"),
    ("mqtt.cert_file", "name a certificate and its key that can be read"),
    ("want mqtt.tls", "write tls = true in [mqtt], or the port without TLS into mqtt.port"),
    ("TLS", "write the port that speaks TLS into mqtt.port, or tls = false in [mqtt]"),
    ("same id", "give each pump a device.id of its own"),
    ("MQTT broker", "write the port of the MQTT broker into mqtt.port"),
    ("does not answer", "see whether the broker's machine is on, and its firewall lets mqtt.port through"),
)
"""By words of why it was not let in (drivers/broker_address.py), the first that fit."""
AT_LAST = "look into the broker's own log"
SOON_S = 14 * 86400
"""A certificate that ends within this is told of."""
ALWAYS_THERE = (Topic.STATE, Topic.TODAY, Topic.DIAGNOSTICS)
"""What a daemon that is connected leaves at the broker, whatever happens."""
ACCESS = "access list"


def look_at_broker(case: Case) -> Iterator[Finding]:
    seen = case.broker
    if seen.up:
        yield fine("broker.reached", f"{case.config.mqtt.host}:{case.config.mqtt.port} lets this device in")
    else:
        why = seen.why or f"mqtt: {case.config.mqtt.host}:{case.config.mqtt.port} does not answer"
        yield wrong("broker.reached", why, next((what for words, what in REMEDIES if words in why), AT_LAST))
    yield from certificates(case)
    if not seen.up:
        return
    yield heard(case)
    yield takes_enough(case)
    yield from own_daemon(case)
    yield dashboard(case)


def certificates(case: Case) -> Iterator[Finding]:
    if not case.config.mqtt.tls:
        yield absent("broker.certificate", "the connection is not encrypted (mqtt.tls)")
        return
    yield dated(case, "broker.certificate", case.broker.valid, "the broker's certificate", "renew it at the broker")
    file = case.config.mqtt.cert_file
    if file is not None:
        try:
            times = validity(ssl.PEM_cert_to_DER_cert(file.read_text(encoding="ascii").strip()))
        except (OSError, ValueError):
            times = None
        yield dated(case, "broker.own_certificate", times, "mqtt.cert_file", "let its authority renew it")


def dated(case: Case, name: str, times: tuple[str, str] | None, whose: str, remedy: str) -> Finding:
    if times is None:
        return unclear(name, f"{whose} could not be seen")
    now, soon = (
        time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at)) for at in (case.world.wall(), case.world.wall() + SOON_S)
    )
    begins, ends = times
    if now < begins:
        return wrong(name, f"{whose} is valid from {begins} on, and here it is {now}", "set this device's clock")
    if ends <= now:
        return wrong(name, f"{whose} was valid until {ends}", remedy)
    if ends < soon:
        return wrong(name, f"{whose} is valid until {ends} alone", remedy)
    return fine(name, f"{whose} is valid until {ends}")


def heard(case: Case) -> Finding:
    topics = house(case.config)
    lines = [line for line in case.journal if ACCESS in line]
    remedy = f"allow writing {topics.topic('#')} and reading {topics.topic('command')} in the broker's access list"
    if case.broker.refused:
        return wrong(
            "broker.access", f"the broker forbids {topics.topic('reply')}: {quote(case.broker.refused)}", remedy
        )
    if not case.broker.acknowledged:
        what = "the broker let this device in and acknowledged nothing"
        return wrong("broker.access", what, "restart the broker; where it stays so, look into its own log")
    if lines:
        return wrong("broker.access", f"the daemon was refused something: {quote(lines[-1])}", remedy)
    if case.lying("availability") == b"online" and case.daemons:
        missing = [topics.topic(name) for name in ALWAYS_THERE if case.lying(name) is None]
        if missing:
            what = f"the daemon is connected, and nothing lies on {', '.join(missing)}"
            return wrong("broker.access", what, remedy)
    return fine("broker.access", "what is published is acknowledged")


def takes_enough(case: Case) -> Finding:
    largest = max(len(message.payload) for message in announcement(announced(case.config)))
    if case.broker.largest < largest:
        what = f"the broker takes {case.broker.largest} bytes at once, and the announcement has {largest}"
        return wrong("broker.limit", what, "raise its limit of a packet (mosquitto: max_packet_size)")
    return fine("broker.limit", "the broker takes messages as large as there are")


def own_daemon(case: Case) -> Iterator[Finding]:
    """Whether the daemon is there as the broker sees it, and whether it is this one alone."""
    there, device = case.lying("availability"), case.config.device.id
    taken = [line for line in case.journal if "same id" in line or "same device.id" in line]
    own = "give each pump a device.id of its own"
    if case.twins:
        what = f"{case.twins[0]} runs here with the same device.id and mqtt.prefix, or the same store.path"
        yield wrong("broker.alone", what, f"{own}, and a record of its own")
    elif taken:
        yield wrong("broker.alone", f"another client has the same id: {quote(taken[-1])}", own)
    elif there == b"online" and not case.daemons:
        what = f"{device} is online at the broker, and no daemon runs here: another one has this device.id"
        yield wrong("broker.alone", what, f"{own}, or look at the other machine")
    elif there is None:
        what = f"nothing can be read on {house(case.config).topic('availability')}"
        yield unclear(
            "broker.alone", what, f"let the user read {house(case.config).topic('#')} too, or start the service"
        )
    else:
        yield fine("broker.alone", f"no other device is {device}")
    if case.daemons and there == b"offline":
        last = quote(case.said[-1]) if case.said else "its journal says why"
        yield wrong(
            "broker.daemon", f"the daemon runs and is not connected: {last}", f"sudo systemctl restart {case.unit}"
        )
    elif case.daemons and there == b"online":
        yield fine("broker.daemon", "the daemon is connected")
    else:
        yield unclear("broker.daemon", "no daemon runs here that could be asked")


def dashboard(case: Case) -> Finding:
    """Whether Home Assistant is where it is looked for, as far as it left a word."""
    where = case.config.homeassistant
    if not where.discovery:
        return absent("homeassistant", "Home Assistant is not told (homeassistant.discovery)")
    lies = case.broker.retained.get(where.birth_topic)
    if lies is not None:
        if lies == where.birth_payload.encode():
            return fine("homeassistant", f"Home Assistant is there ({where.birth_topic})")
        what = f"Home Assistant is away, or says another word on {where.birth_topic}"
        return unclear("homeassistant", what, "start it, or write its word into homeassistant.birth_payload")
    words = {b"online", b"offline", where.birth_payload.encode()}
    others = sorted(
        topic
        for topic, said in case.broker.retained.items()
        if topic.endswith("/status") and topic.count("/") == 1 and said in words
    )
    if others:
        prefix = others[0].partition("/")[0]
        remedy = f'write birth_topic = "{others[0]}" and prefix = "{prefix}" in [homeassistant]'
        return wrong("homeassistant", f"Home Assistant seems to be at {others[0]}, not {where.birth_topic}", remedy)
    what = f"nothing lies on {where.birth_topic}: Home Assistant says that it is there only when it starts"
    return unclear("homeassistant", what, "have it keep its birth message (retain) in its MQTT settings")
