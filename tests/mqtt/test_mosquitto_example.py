"""The example broker of `config/mosquitto`, adapted in paths and ports alone, with the real mosquitto and the daemon.

What its access list allows works, what it does not is refused, and the device says in words which setting is wrong.
"""

import json
import queue
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.support.clients import end_thread
from tests.support.page_world import Mosquitto, until
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "mosquitto"
USERS = {"pump": "milk and honey", "dashboard": "sofa", "homeassistant": "hallway"}
ANNOUNCEMENT = "homeassistant/device/pump-companion-pump/config"
WAIT_S = 60


class Home(NamedTuple):
    """A running broker: its ports, and the folder with its certificates."""

    folder: Path
    plain: int
    tls: int
    websocket: int


def make_ca(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [str(EXAMPLE / "make-ca"), str(folder), *names]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def example_broker(folder: Path) -> Iterator[Home]:
    """The example as it stands, but with this folder and free ports."""
    home = Home(folder, free_port(), free_port(), free_port())
    assert make_ca(folder, "127.0.0.1", "broker.lan").returncode == 0
    (folder / "access.acl").write_bytes((EXAMPLE / "access.acl").read_bytes())
    for made, (user, password) in enumerate(USERS.items()):
        create = [] if made else ["-c"]
        subprocess.run(["mosquitto_passwd", "-b", *create, str(folder / "users"), user, password], check=True)
    text = (EXAMPLE / "pump-companion.conf").read_text()
    for was, now in {"1883": home.plain, "8883": home.tls, "9001": home.websocket}.items():
        text = re.sub(rf"^listener {was}\b", f"listener {now}", text, flags=re.MULTILINE)
    text = text.replace("/etc/mosquitto/pump-companion", str(folder))
    file = folder / "mosquitto.conf"
    file.write_text(f"user root\n{text}")  # a broker that root started reads a test's folder only as root
    with (folder / "mosquitto.log").open("wb") as log:
        process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(file)], stdout=log, stderr=log)
    try:
        for port in home[1:]:
            until(f"mosquitto on {port}", partial(Mosquitto._open, port))
        yield home
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with example_broker(tmp_path_factory.mktemp("mosquitto")) as made:
        yield made


class Guest:
    """A client of the broker; what it hears, and what the broker says to what it does."""

    def __init__(
        self,
        home: Home,
        user: str | None,
        password: str | None = None,
        *,
        over: Literal["tls", "websocket", "plain"] = "tls",
    ) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.answers: queue.Queue[str] = queue.Queue()
        kind: Literal["tcp", "websockets"] = "websockets" if over == "websocket" else "tcp"
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, transport=kind)
        if user is not None:
            self.client.username_pw_set(user, password if password is not None else USERS[user])
        if over != "plain":
            context = ssl.create_default_context(cafile=str(home.folder / "ca.crt"))
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            self.client.tls_set_context(context)
        self.client.on_connect = lambda _client, _data, _flags, reason, _p: self.answers.put(str(reason))
        self.client.on_publish = lambda _client, _data, _mid, reason, _p: self.answers.put(str(reason))
        self.client.on_subscribe = lambda _client, _data, _mid, reasons, _p: self.answers.put(str(reasons[0]))
        self.client.on_message = lambda _client, _data, message: self.heard.put((message.topic, bytes(message.payload)))
        self.client.connect("127.0.0.1", getattr(home, over))
        self.client.loop_start()
        self.welcome = self.answers.get(timeout=WAIT_S)

    def subscribe(self, topic: str) -> str:
        self.client.subscribe([(topic, SubscribeOptions(qos=1))])
        return self.answers.get(timeout=WAIT_S)

    def publish(self, topic: str, payload: bytes | str, *, retain: bool = False) -> str:
        self.client.publish(topic, payload, qos=1, retain=retain)
        return self.answers.get(timeout=WAIT_S)

    def hear(self, topic: str, wanted: Callable[[bytes], bool] = lambda _: True) -> bytes:
        while True:
            came, payload = self.heard.get(timeout=WAIT_S)
            if came == topic and wanted(payload):
                return payload

    def close(self) -> None:
        self.client.disconnect()
        end_thread(self.client)


@contextmanager
def guest(home: Home, user: str | None, password: str | None = None, **options: Any) -> Iterator[Guest]:
    one = Guest(home, user, password, **options)
    try:
        yield one
    finally:
        one.close()


class Pump:
    """The daemon as a process, with nothing but a broker; what it says on stderr."""

    def __init__(self, folder: Path, lines: str, password: str | None = USERS["pump"], device: str = "pump") -> None:
        if password is not None:
            secret = folder / "password"
            secret.touch(mode=0o600)
            secret.write_text(password)
            lines += f'\npassword_file = "{secret}"'
        config = folder / "config.toml"
        store = f'[store]\npath = "{folder / "pump.db"}"\n'
        config.write_text(f'[device]\nid = "{device}"\n[display]\ndriver = "none"\n[mqtt]\n{lines}\n{store}')
        self._words = folder / "stderr"
        with self._words.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "device", "run", "--config", str(config)], cwd=ROOT, stderr=words
            )

    def said(self) -> str:
        return self._words.read_text()

    def says(self, words: str) -> str:
        """Wait until a line on stderr holds these words, and return it."""

        def line() -> str | None:
            assert self.process.poll() is None, self.said()
            return next((one for one in self.said().splitlines() if words in one), None)

        return until(f"{words!r} in {self._words}", line, WAIT_S)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=WAIT_S)


@contextmanager
def pump(folder: Path, lines: str, password: str | None = USERS["pump"], device: str = "pump") -> Iterator[Pump]:
    one = Pump(folder, lines, password, device)
    try:
        yield one
    finally:
        one.end()


def good(home: Home) -> dict[str, str]:
    """The settings with which the device comes to this broker."""
    ca = json.dumps(str(home.folder / "ca.crt"))
    return {"host": '"127.0.0.1"', "port": str(home.tls), "tls": "true", "ca_file": ca, "username": '"pump"'}


def written(settings: dict[str, str]) -> str:
    return "\n".join(f"{key} = {value}" for key, value in settings.items())


# -- what is allowed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("over", ["tls", "websocket", "plain"])
def test_a_dashboard_reads_the_pump_and_commands_it_by_every_listener(
    home: Home, tmp_path: Path, over: Literal["tls", "websocket", "plain"]
) -> None:
    with pump(tmp_path, written(good(home))) as device, guest(home, "dashboard", over=over) as sofa:
        assert sofa.welcome == "Success"
        assert sofa.subscribe("pump-companion/pump/#") == "Granted QoS 1"
        sofa.hear("pump-companion/pump/availability", lambda said: said == b"online")
        assert json.loads(sofa.hear("pump-companion/pump/state"))["phase"] == "idle"
        command = {"command": "nursing", "effective": True, "request": over}
        assert sofa.publish("pump-companion/pump/command", json.dumps(command)) == "Success"
        reply = json.loads(sofa.hear("pump-companion/pump/reply", lambda said: json.loads(said)["request"] == over))
        assert reply["ok"] is True
        assert json.loads(sofa.hear("pump-companion/pump/nursing"))["id"] == reply["nursing"]["id"]
        assert "access list" not in device.said()


def test_home_assistant_hears_the_announcement_is_born_and_may_remove_the_device(home: Home, tmp_path: Path) -> None:
    with pump(tmp_path, written(good(home))) as device, guest(home, "homeassistant") as hall:
        assert hall.subscribe("homeassistant/#") == "Granted QoS 1"
        hall.hear(ANNOUNCEMENT, lambda said: said != b"")
        assert hall.publish(ANNOUNCEMENT, b"", retain=True) == "Success"
        hall.hear(ANNOUNCEMENT, lambda said: said == b"")
        assert hall.publish("homeassistant/status", "online") == "Success"
        hall.hear(ANNOUNCEMENT, lambda said: said != b"")
        assert hall.subscribe("pump-companion/pump/#") == "Granted QoS 1"
        hall.hear("pump-companion/pump/state")
        assert hall.publish("pump-companion/pump/command", '{"command": "nursing", "effective": false}') == "Success"
        hall.hear("pump-companion/pump/nursing")
        assert "access list" not in device.said()


# -- what is not -----------------------------------------------------------------------------------------------------

OF_THE_DEVICE = [
    "availability",
    "state",
    "session",
    "session/last",
    "nursing",
    "today",
    "diagnostics",
    "reply",
    "screen",
]


@pytest.mark.parametrize("user", ["dashboard", "homeassistant"])
def test_nobody_but_the_device_may_write_as_the_device(home: Home, user: str) -> None:
    with guest(home, "pump") as pump_itself, guest(home, user) as other, guest(home, "dashboard") as witness:
        assert witness.subscribe("pump-companion/pump/#") == "Granted QoS 1"
        for name in OF_THE_DEVICE:
            assert other.publish(f"pump-companion/pump/{name}", "false witness") == "Not authorized", name
        assert pump_itself.publish("pump-companion/pump/reply", "the last of all") == "Success"
        witness.hear("pump-companion/pump/reply", lambda said: said == b"the last of all")
        assert b"false witness" not in [payload for _, payload in list(witness.heard.queue)]


def test_a_dashboard_may_not_announce_and_the_device_may_not_leave_its_own_topics(home: Home) -> None:
    with guest(home, "dashboard") as sofa, guest(home, "pump") as device:
        assert sofa.publish(ANNOUNCEMENT, "{}") == "Not authorized"
        assert sofa.publish("homeassistant/status", "online") == "Not authorized"
        for topic in ("pump-companion/other/state", "zigbee2mqtt/lamp/set", "homeassistant/device/lamp/config"):
            assert device.publish(topic, "on") == "Not authorized", topic


@pytest.mark.parametrize("over", ["tls", "websocket", "plain"])
def test_a_stranger_and_a_wrong_password_are_turned_away_at_every_listener(
    home: Home, over: Literal["tls", "websocket", "plain"]
) -> None:
    with guest(home, None, over=over) as stranger, guest(home, "dashboard", "guessed", over=over) as guesser:
        assert stranger.welcome == "Not authorized"
        assert guesser.welcome == "Not authorized"


@pytest.mark.parametrize("port", ["tls", "websocket"])
def test_what_is_reachable_from_elsewhere_speaks_nothing_unencrypted(home: Home, port: str) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    ended: queue.Queue[str] = queue.Queue()
    client.on_connect = lambda *_: ended.put("connected")
    client.on_disconnect = lambda *_: ended.put("hung up")
    client.username_pw_set("dashboard", USERS["dashboard"])
    client.connect("127.0.0.1", getattr(home, port))
    client.loop_start()
    assert ended.get(timeout=WAIT_S) == "hung up"
    end_thread(client)


def test_only_the_unencrypted_listener_is_bound_to_this_computer() -> None:
    lines = (EXAMPLE / "pump-companion.conf").read_text().splitlines()
    assert [line for line in lines if line.startswith("listener")] == [
        "listener 1883 127.0.0.1",
        "listener 8883",
        "listener 9001",
    ]


# -- the device says which setting is wrong --------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, str | None], str | None, tuple[str, ...]]] = {
    "a wrong password": ({}, "guessed", ("mqtt.username, mqtt.password_file",)),
    "no password": ({"username": None}, None, ("mqtt.username, mqtt.password_file",)),
    "an unknown user": ({"username": '"pumpe"'}, USERS["pump"], ("mqtt.username, mqtt.password_file",)),
    "no CA named": ({"ca_file": None}, USERS["pump"], ("the system's certificates", "mqtt.ca_file")),
    "another home's CA": ({"ca_file": '"OTHER"'}, USERS["pump"], ("mqtt.ca_file", "signed by nobody", "OTHER")),
    "a name not in the certificate": ({"host": '"localhost"'}, USERS["pump"], ("mqtt.host", "another host name")),
    "no TLS at the encrypted port": ({"tls": "false", "ca_file": None}, USERS["pump"], ("mqtt.tls",)),
    "nothing listens there": ({"port": "FREE"}, USERS["pump"], ("nothing listens at", "is the broker running?")),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_device_names_the_wrong_setting_and_goes_on(home: Home, tmp_path: Path, name: str) -> None:
    changed, password, words = WRONG[name]
    other = tmp_path / "other"
    if "OTHER" in words:
        assert make_ca(other, "127.0.0.1").returncode == 0
    settings: dict[str, str | None] = {**good(home), **changed}
    places = {'"OTHER"': json.dumps(str(other / "ca.crt")), "FREE": str(free_port())}
    lines = {key: places.get(value, value) for key, value in settings.items() if value is not None}
    with pump(tmp_path, written(lines), password) as device:
        said = device.says(words[0])
        for word in words:
            assert (str(other / "ca.crt") if word == "OTHER" else word) in said, said
        assert said.startswith("mqtt")
        assert device.process.poll() is None
        for secret in (password or "", "milk and honey", "guessed"):
            assert not secret or secret not in device.said()


def test_a_ca_file_that_is_not_there_is_a_fault_of_the_configuration(home: Home, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[mqtt]\nport = 8883\ntls = true\nca_file = "no.crt"\n')
    command = [sys.executable, "-m", "device", "check", "--config", str(config)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "mqtt.ca_file" in line]
    assert done.returncode == 2
    assert len(said) == 1
    assert "no.crt is not there" in said[0]


def test_a_device_that_comes_as_a_dashboard_is_told_of_the_access_list(home: Home, tmp_path: Path) -> None:
    with pump(tmp_path, written(good(home) | {"username": '"dashboard"'}), USERS["dashboard"]) as device:
        said = device.says("access list")
        assert said.startswith("mqtt: ")
        assert device.process.poll() is None


def test_an_id_that_the_access_list_does_not_know_is_named_once(home: Home, tmp_path: Path) -> None:
    with pump(tmp_path, written(good(home)), device="other") as device:
        device.says("pump-companion/other/")
    assert device.said().count("check the broker's access list for") == 1


# -- the script ------------------------------------------------------------------------------------------------------


def test_made_again_the_authority_stays_and_the_broker_gets_a_new_certificate(tmp_path: Path) -> None:
    assert make_ca(tmp_path, "broker.lan").returncode == 0
    before = {name: (tmp_path / name).read_bytes() for name in ("ca.crt", "ca.key", "broker.crt", "broker.key")}
    done = make_ca(tmp_path, "broker.lan", "fe80::1", "192.168.1.2")
    assert done.returncode == 0, done.stderr
    after = {name: (tmp_path / name).read_bytes() for name in before}
    assert [name for name in before if before[name] != after[name]] == ["broker.crt", "broker.key"]
    shown = ["openssl", "x509", "-in", str(tmp_path / "broker.crt"), "-noout", "-ext", "subjectAltName"]
    names = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    assert "DNS:broker.lan, IP Address:FE80:0:0:0:0:0:0:1, IP Address:192.168.1.2" in names
    verify = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.crt", "broker.crt"]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_keys_are_readable_for_their_owner_alone(tmp_path: Path) -> None:
    assert make_ca(tmp_path / "ca", "broker.lan").returncode == 0
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in (tmp_path / "ca").iterdir()}
    assert modes == {"ca.key": "0o600", "broker.key": "0o600", "ca.crt": "0o644", "broker.crt": "0o644"}


@pytest.mark.parametrize("arguments", [(), ("ca",), ("ca", "a b"), ("ca", "x,IP:1.2.3.4"), ("ca", "")])
def test_asked_wrongly_the_script_says_how_in_one_line_and_makes_nothing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    command = [str(EXAMPLE / "make-ca"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_authority_without_its_key_is_never_replaced_in_silence(tmp_path: Path) -> None:
    assert make_ca(tmp_path, "broker.lan").returncode == 0
    (tmp_path / "ca.key").unlink()
    before = (tmp_path / "ca.crt").read_bytes()
    done = make_ca(tmp_path, "broker.lan")
    assert done.returncode == 1
    assert "ca.key" in done.stderr
    assert (tmp_path / "ca.crt").read_bytes() == before
