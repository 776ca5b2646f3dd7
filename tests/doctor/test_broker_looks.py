"""What `doctor` says of the broker: a real mosquitto with passwords, access lists, certificates and other clients.

What no mosquitto does (not to acknowledge, to name a small limit) a broker of a few lines does.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.publish as paho
import pytest

from device.doctor import broker_call
from device.doctor.broker_call import BrokerSeen, call_broker, validity
from device.doctor.finding import Finding
from device.settings.loading import Config
from tests.drivers import test_broker as on_the_wire
from tests.drivers.test_broker import Serve
from tests.support.examined import MadeWorld, configuration, diagnostics, found
from tests.support.hostile import HostileBroker, Peer, packet
from tests.support.ports import free_port
from tests.support.wire import check

serve, certificates = on_the_wire.serve, on_the_wire.certificates
OURS = "pump-companion/pump"


class Caller(MadeWorld):
    """A made-up world whose broker is a real one."""

    def call(self, config: Config, password: str | None) -> BrokerSeen:
        return call_broker(config, "secret" if config.mqtt.username else password)


@pytest.fixture
def world(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "world")


Look = Callable[..., dict[str, Finding]]


@pytest.fixture
def look(tmp_path: Path, world: MadeWorld) -> Look:
    def looked(port: int, *more: str, rest: str = "") -> dict[str, Finding]:
        lines = "\n".join(["[mqtt]", f"port = {port}", *more, rest])
        return found(world, configuration(tmp_path, lines), "broker")

    return looked


def leave(port: int, **topics: bytes | str) -> None:
    """Retain something on topics, whose names have a double underscore for each slash."""
    messages = [(name.replace("__", "/"), payload, 1, True) for name, payload in topics.items()]
    paho.multiple([(topic, payload, qos, keep) for topic, payload, qos, keep in messages], "127.0.0.1", port)


def daemon_at(port: int, **instead: bytes) -> None:
    lies = {"availability": b"online", "state": b"{}", "today": b"{}", "diagnostics": diagnostics()} | instead
    leave(port, **{f"{OURS}/{name}".replace("/", "__"): payload for name, payload in lies.items()})


def test_a_broker_that_lets_it_in_and_has_the_daemon_there_is_well(
    serve: Serve, look: Look, world: Caller, tmp_path: Path
) -> None:
    server = serve()
    daemon_at(server.port)
    leave(server.port, homeassistant__status=b"online")
    world.starts(7, "pump-companion", "run", "--config", str(tmp_path / "config.toml"))
    told = look(server.port)
    assert {name for name, finding in told.items() if finding.state != "ok"} == {"broker.certificate"}
    assert told["broker.certificate"].state == "not_here"


def test_what_the_doctor_does_at_the_broker_nobody_else_notices(serve: Serve, look: Look) -> None:
    server = serve()
    daemon_at(server.port)
    dashboard = on_the_wire.Dashboard(server.port, f"{OURS}/#")
    dashboard.wait(4)
    look(server.port)
    ((topic, reply),) = dashboard.wait(5)[4:]
    assert check(topic, reply)["request"].startswith("doctor-")
    later = on_the_wire.Dashboard(server.port, f"{OURS}/#")
    assert len(later.wait(4)) == 4, "it left nothing"
    dashboard.close()
    later.close()


def shows(folder: Path, name: str) -> tuple[str, ...]:
    demands = (f"cafile {folder}/ca.pem", "require_certificate true") if name == "strict" else ()
    return f"certfile {folder}/{'server' if demands else name}.pem", f"keyfile {folder}/server.key", *demands


LET_IN = {
    "no such host": ((), ('host = "nowhere.invalid"',), "no such host", "mqtt.host"),
    "a password is demanded": (("allow_anonymous false",), (), "mqtt.username", "mqtt.password_file"),
    "another name": ("server", ('host = "127.0.0.1"', "tls = true", "CA"), "another address", "mqtt.host"),
    "an expired certificate": ("expired", ("tls = true", "CA"), "has expired", "renew"),
    "an unknown CA": ("server", ("tls = true", "STRANGER"), "signed by nobody", "mqtt.ca_file"),
    "no TLS there": ((), ("tls = true", "CA"), "TLS", "mqtt.port"),
    "a certificate is demanded": ("strict", ("tls = true", "CA"), "want a certificate", "mqtt.cert_file"),
    "TLS is demanded": ("server", ('host = "127.0.0.1"',), "hangs up", "tls = true"),
}


@on_the_wire.leaky
@pytest.mark.parametrize("name", LET_IN)
def test_a_broker_that_does_not_let_it_in_says_which_setting_to_look_at(
    serve: Serve, certificates: Path, look: Look, name: str
) -> None:
    lines, settings, says, remedy = LET_IN[name]
    server = serve(*(shows(certificates, lines) if isinstance(lines, str) else lines))
    files = {"CA": f'ca_file = "{certificates}/ca.pem"', "STRANGER": f'ca_file = "{certificates}/stranger.pem"'}
    told = look(server.port, *(files.get(line, line) for line in settings))
    assert told["broker.reached"].state == "bad"
    assert says in told["broker.reached"].detail
    assert remedy in str(told["broker.reached"].remedy)
    if name == "an expired certificate":
        assert told["broker.certificate"].state == "bad"
        assert "was valid until 20" in told["broker.certificate"].detail


def test_where_nobody_listens_it_says_so(look: Look) -> None:
    told = look(free_port())["broker.reached"]
    assert told.state == "bad"
    assert "nothing listens" in told.detail


def test_a_wrong_password_is_told_from_a_right_one(serve: Serve, look: Look, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "pump", "secret"], check=True)
    passwords.chmod(0o644)
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "secret").chmod(0o600)
    server = serve("allow_anonymous false", f"password_file {passwords}")
    good = look(server.port, 'username = "pump"', 'password_file = "secret"')
    assert good["broker.reached"].state == "ok"
    bad = look(server.port, 'username = "pimp"', 'password_file = "secret"')
    assert bad["broker.reached"].state == "bad"
    assert "password_file" in str(bad["broker.reached"].remedy)


def test_a_certificate_says_until_when_it_is_valid_and_one_that_ends_soon_is_bad(
    serve: Serve, certificates: Path, look: Look, world: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(*shows(certificates, "server"))
    tls = ("tls = true", f'ca_file = "{certificates}/ca.pem"')
    own = (f'cert_file = "{certificates}/server.pem"', f'key_file = "{certificates}/server.key"')
    (certificates / "server.key").chmod(0o600)
    told = look(server.port, *tls, *own)
    assert told["broker.reached"].state == "ok"
    for name in ("broker.certificate", "broker.own_certificate"):
        assert (told[name].state, "alone" in told[name].detail) == ("bad", True), "it lasts for two days"
    now = time.time()
    monkeypatch.setattr(world, "wall", lambda: now - 13 * 86400.0)
    assert "valid from" in look(server.port, *tls)["broker.certificate"].detail
    assert "set this device's clock" in str(look(server.port, *tls)["broker.certificate"].remedy)


def test_what_is_no_certificate_has_no_dates() -> None:
    assert validity(b"") is None
    assert validity(b"\x30\x82\xff\xff") is None
    assert validity(b"\x30\x03\x30\x01\x02") is None


def test_an_access_list_that_forbids_names_the_topic(serve: Serve, look: Look, tmp_path: Path) -> None:
    access = tmp_path / "access"
    access.write_text("topic read #\n")
    access.chmod(0o644)
    told = look(serve(f"acl_file {access}").port)["broker.access"]
    assert told.state == "bad"
    assert f"{OURS}/reply" in told.detail
    assert f"{OURS}/#" in str(told.remedy)


def test_the_documented_access_list_is_well_and_what_it_keeps_from_the_device_is_unknown(
    serve: Serve, look: Look, world: Caller, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    access = tmp_path / "access"
    access.write_text(f"topic write {OURS}/#\ntopic read {OURS}/command\ntopic read homeassistant/status\n")
    access.chmod(0o644)
    world.starts(7, "pump-companion", "run", "--config", str(tmp_path / "config.toml"))
    told = look(serve(f"acl_file {access}").port)
    assert told["broker.access"].state == "ok"
    assert told["broker.alone"].state == "unknown"
    assert f"{OURS}/#" in str(told["broker.alone"].remedy)
    assert capfd.readouterr().err == ""


def test_what_a_connected_daemon_could_not_leave_names_the_topics(
    serve: Serve, look: Look, world: Caller, tmp_path: Path
) -> None:
    server = serve()
    daemon_at(server.port, today=b"")
    world.starts(7, "pump-companion", "run", "--config", str(tmp_path / "config.toml"))
    told = look(server.port)["broker.access"]
    assert told.state == "bad"
    assert f"{OURS}/today" in told.detail


def test_what_the_daemon_was_refused_is_read_in_its_journal(serve: Serve, look: Look, world: Caller) -> None:
    world.said["journalctl -u"] = (
        "mqtt: the broker refuses to let us hear a/b (Not authorized); check its access list\n"
    )
    assert "a/b" in look(serve().port)["broker.access"].detail


def test_another_client_with_the_same_id_is_found_at_the_broker_and_in_the_journal(
    serve: Serve, look: Look, world: Caller
) -> None:
    server = serve()
    assert look(server.port)["broker.alone"].state == "unknown"
    daemon_at(server.port)
    told = look(server.port)["broker.alone"]
    assert told.state == "bad"
    assert "no daemon runs here" in told.detail
    daemon_at(server.port, availability=b"offline")
    assert look(server.port)["broker.alone"].state == "ok"
    world.said["journalctl -u"] = "mqtt: another client with the same id took over: give each pump a device.id\n"
    assert look(server.port)["broker.alone"].state == "bad"


@pytest.mark.parametrize(("second", "alone"), [("", False), ('[device]\nid = "two"\n', True)])
def test_two_services_with_one_id_and_prefix_are_named(
    serve: Serve, look: Look, world: Caller, tmp_path: Path, second: str, alone: bool
) -> None:
    server = serve()
    daemon_at(server.port)
    (tmp_path / "two.toml").write_text(f'{second}[mqtt]\nport = {server.port}\n[store]\npath = "{tmp_path}/two.db"\n')
    world.starts(7, "pump-companion", "run", "--config", str(tmp_path / "config.toml"))
    world.starts(8, "pump-companion", "run", "--config", str(tmp_path / "two.toml"))
    told = look(server.port)["broker.alone"]
    assert told.state == ("ok" if alone else "bad")
    assert ("two.toml" in told.detail) is not alone


def test_a_daemon_that_runs_and_is_not_connected_is_bad(
    serve: Serve, look: Look, world: Caller, tmp_path: Path
) -> None:
    server = serve()
    daemon_at(server.port, availability=b"offline")
    world.starts(7, "pump-companion", "run", "--config", str(tmp_path / "config.toml"))
    world.said["journalctl -u"] = "mqtt: the broker is busy\nStarted pump-companion.service - Pump companion.\n"
    told = look(server.port)["broker.daemon"]
    assert told.state == "bad"
    assert "the broker is busy" in told.detail


def test_home_assistant_that_listens_elsewhere_is_found(serve: Serve, look: Look) -> None:
    server = serve()
    assert look(server.port)["homeassistant"].state == "unknown"
    leave(server.port, ha__status=b"online", tele__status=b"{}")
    told = look(server.port)["homeassistant"]
    assert told.state == "bad"
    assert 'birth_topic = "ha/status" and prefix = "ha"' in str(told.remedy)
    leave(server.port, homeassistant__status=b"offline")
    assert look(server.port)["homeassistant"].state == "unknown"
    assert look(server.port, rest="[homeassistant]\ndiscovery = false")["homeassistant"].state == "not_here"


Meet = Callable[[Peer], None]


@pytest.fixture
def hostile() -> Iterator[Callable[[Meet], int]]:
    made: list[HostileBroker] = []

    def one(meet: Meet) -> int:
        made.append(HostileBroker(meet))
        return made[-1].port

    yield one
    for server in made:
        server.close()


def refusing(code: int) -> Meet:
    return lambda peer: peer.send(packet(0x20, bytes((0, code, 0))))


REFUSALS: dict[str, tuple[Meet, str, str]] = {
    "the id": (refusing(0x85), "client id", "choose another device.id"),
    "the user": (refusing(0x87), "authorise", "mqtt.username"),
    "web": (lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "MQTT broker", "port of the MQTT broker"),
    "busy": (refusing(0x89), "busy", "the broker's own log"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_a_broker_has_against_this_device_names_the_setting(
    hostile: Callable[[Meet], int], look: Look, name: str
) -> None:
    meet, says, remedy = REFUSALS[name]
    told = look(hostile(meet), 'host = "127.0.0.1"')["broker.reached"]
    assert (told.state, says in told.detail, remedy in str(told.remedy)) == ("bad", True, True), told


@pytest.mark.parametrize(
    ("why", "remedy"),
    [
        (
            "mqtt: the certificate of b:8883 is not valid yet; or is this device's clock wrong?",
            "set this device's clock",
        ),
        ("mqtt: b:1883 does not answer", "firewall"),
        ("mqtt: another client with the same id took over", "device.id of its own"),
        ("mqtt.protocol: b:1883 does not speak MQTT 3.1.1", 'protocol = "auto"'),
    ],
)
def test_what_no_broker_here_can_be_made_to_say_has_its_remedy_too(tmp_path: Path, why: str, remedy: str) -> None:
    world = MadeWorld(tmp_path / "world")
    world.broker = BrokerSeen(up=False, why=why)
    told = found(world, configuration(tmp_path), "broker")["broker.reached"]
    assert (told.state, told.detail, remedy in str(told.remedy)) == ("bad", why, True)


def test_a_broker_that_acknowledges_nothing_is_bad(
    hostile: Callable[[Meet], int], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_call, "ACKNOWLEDGED_S", 0.5)

    def meet(peer: Peer) -> None:
        peer.send(packet(0x20, b"\0\0\0"))
        peer.subscribed()
        for _nothing_is_answered in peer.packets():
            pass

    told = look(hostile(meet), 'protocol = "5"', 'host = "127.0.0.1"')["broker.access"]
    assert told.state == "bad"
    assert "acknowledged nothing" in told.detail


def test_a_limit_of_the_packet_that_the_announcement_does_not_fit_is_bad(
    hostile: Callable[[Meet], int], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_call, "ACKNOWLEDGED_S", 0.5)

    def meet(peer: Peer) -> None:
        peer.send(packet(0x20, b"\0\0\x05\x27" + (1000).to_bytes(4, "big")))
        peer.subscribed()
        peer.until_gone()

    told = look(hostile(meet), 'protocol = "5"', 'host = "127.0.0.1"')["broker.limit"]
    assert told.state == "bad"
    assert "max_packet_size" in str(told.remedy)
