"""The connection to the broker: a real mosquitto with passwords, access lists and TLS; brokers that refuse or wait.

Nothing is lost silently: what is not on its way is said, what is acknowledged is told once.
"""

import contextlib
import queue
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from device.loop import Loop
from drivers import broker as driver
from drivers.broker import Broker
from drivers.broker_address import Address, Calls, Message, Tls
from drivers.clock import SystemClock
from drivers.paho_guard import new_client
from drivers.virtual.broker import EmbeddedBroker
from tests.support.clients import end_thread
from tests.support.hostile import PUBACK, PUBLISH, HostileBroker, Peer, packet
from tests.support.ports import free_port

DEADLINE_S = 30.0


class Mosquitto(NamedTuple):
    port: int
    folder: Path
    process: list[subprocess.Popen[bytes]]

    def start(self) -> None:
        self.process.append(
            subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(self.folder / "conf")], stderr=subprocess.DEVNULL)
        )
        until = time.monotonic() + DEADLINE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < until, "mosquitto does not start"
            threading.Event().wait(0.02)

    def stop(self) -> None:
        while self.process:
            process = self.process.pop()
            process.terminate()
            process.wait(DEADLINE_S)


Serve = Callable[..., Mosquitto]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a mosquitto with further lines of configuration."""
    made: list[Mosquitto] = []

    def one(*lines: str) -> Mosquitto:
        port = free_port()
        folder = tmp_path / f"mosquitto-{port}"
        folder.mkdir()
        folder.chmod(0o755)
        anonymous = [] if any(line.startswith("allow_anonymous") for line in lines) else ["allow_anonymous true"]
        (folder / "conf").write_text("\n".join(["user root", f"listener {port} 127.0.0.1", *anonymous, *lines]) + "\n")
        made.append(Mosquitto(port, folder, []))
        made[-1].start()
        return made[-1]

    yield one
    for server in made:
        server.stop()


class Seen:
    """What the driver told, in order, and a loop that runs until something was told."""

    def __init__(self) -> None:
        self.loop = Loop(SystemClock())
        self.told: list[tuple[str, Any]] = []
        self.brokers: list[Broker] = []

    def calls(self) -> Calls:
        def tell(name: str) -> Callable[..., None]:
            return lambda *given: self.told.append((name, given[0] if len(given) == 1 else given))

        return Calls(*(tell(name) for name in ("up", "down", "acknowledged", "refused", "message", "counted")))

    def broker(self, port: int, host: str = "127.0.0.1", **given: Any) -> Broker:
        address = {key: given.pop(key) for key in ("username", "password", "tls") if key in given}
        made = Broker(
            Address(host, port, given.pop("client_id", "pump"), **address), calls=self.calls(), loop=self.loop, **given
        )
        self.brokers.append(made)
        made.start()
        return made

    def of(self, name: str) -> list[Any]:
        return [what for which, what in self.told if which == name]

    def until(self, name: str, count: int = 1) -> Any:
        """Run until `name` was told `count` times; returns the last."""
        give_up: list[bool] = []

        def late() -> None:
            give_up.append(True)

        timer = self.loop.call_after(DEADLINE_S, late)

        def look() -> None:
            if len(self.of(name)) >= count or give_up:
                self.loop.stop()
            else:
                self.loop.call_after(0.005, look)

        self.loop.call_after(0.0, look)
        self.loop.run(lambda event: None)
        timer.cancel()
        assert not give_up, f"waited in vain for {name}: {self.told}"
        return self.of(name)[-1]

    def idle(self, seconds: float) -> None:
        self.loop.call_after(seconds, self.loop.stop)
        self.loop.run(lambda event: None)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    monkeypatch.setattr(driver, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(driver, "LONGEST_PAUSE_S", 0.2)
    made = Seen()
    yield made
    for one in made.brokers:
        one.stop(5.0)
    for thread in threading.enumerate():
        if thread.name == "broker connects":
            thread.join(DEADLINE_S)
    made.loop.close()


class Dashboard:
    """Another client of the same broker."""

    def __init__(self, port: int, topic: str = "#") -> None:
        self.got: list[paho.MQTTMessage] = []
        self._came = threading.Condition()
        self._ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.on_message = self._message
        self.client.on_connect = self._connected
        self._topic = topic
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(DEADLINE_S)

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe(self._topic, qos=1)

    def _message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        with self._came:
            self.got.append(message)
            self._came.notify_all()

    def wait(self, count: int = 1) -> list[tuple[str, bytes]]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.got) >= count, DEADLINE_S)
            return [(message.topic, bytes(message.payload)) for message in self.got]

    def close(self) -> None:
        self.client.disconnect()
        end_thread(self.client)


def test_it_comes_up_with_version_5_and_what_it_publishes_arrives_and_is_acknowledged(serve: Serve, seen: Seen) -> None:
    server = serve()
    broker = seen.broker(server.port)
    assert seen.until("up") == "5"
    dashboard = Dashboard(server.port)
    mids = [
        broker.publish("p/session", "one"),
        broker.publish("p/session", b"two"),
        broker.publish("p/state", "", retain=True),
    ]
    seen.until("acknowledged", 3)
    assert seen.of("acknowledged") == mids
    assert dashboard.wait(3) == [("p/session", b"one"), ("p/session", b"two"), ("p/state", b"")]
    assert [thread.name for thread in threading.enumerate() if "broker" in thread.name] == []
    dashboard.close()


def test_while_there_is_no_connection_nothing_is_taken(seen: Seen) -> None:
    broker = seen.broker(free_port())
    assert broker.publish("p/session", "one") is None
    assert broker.window == 0
    why = seen.until("down")
    assert "nothing listens at 127.0.0.1:" in why
    assert "is the broker running?" in why
    seen.idle(0.3)
    assert len(seen.of("down")) == 1


def test_a_broker_that_stops_and_comes_back_is_told_and_nothing_is_sent_twice(serve: Serve, seen: Seen) -> None:
    server = serve()
    broker = seen.broker(server.port)
    seen.until("up")
    broker.publish("p/a", "before")
    seen.until("acknowledged")
    server.stop()
    assert seen.until("down").startswith("mqtt: ")
    assert broker.publish("p/a", "while away") is None
    server.start()
    assert seen.until("up", 2) == "5"
    dashboard = Dashboard(server.port)
    broker.publish("p/a", "after")
    assert dashboard.wait() == [("p/a", b"after")]
    dashboard.close()


def test_the_will_is_sent_when_the_plug_is_pulled_and_not_after_a_clean_stop(serve: Serve, seen: Seen) -> None:
    server = serve()
    for clean in (True, False):
        broker = seen.broker(server.port, will=("p/availability", "offline"))
        seen.until("up", len(seen.of("up")) + 1)
        dashboard = Dashboard(server.port)
        if clean:
            broker.publish("p/availability", "bye", retain=True)
            broker.stop(5.0)
            assert dashboard.wait() == [("p/availability", b"bye")]
        else:
            connection: Any = broker._client.socket()  # type: ignore[union-attr]
            connection.shutdown(socket.SHUT_RDWR)
            # the first is what is retained
            assert dashboard.wait(2)[-1] == ("p/availability", b"offline")
        dashboard.close()


def test_commands_come_with_their_response_topic_and_correlation_and_the_reply_goes_back(
    serve: Serve, seen: Seen
) -> None:
    server = serve()
    broker = seen.broker(server.port, subscriptions=("p/command",), own="p/command")
    seen.until("up")
    dashboard = Dashboard(server.port, "answers/#")
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic, properties.CorrelationData = "answers/1", b"\x00\x01"
    dashboard.client.publish("p/command", "{}", qos=1, properties=properties)
    assert seen.until("message") == Message("p/command", b"{}", False, "answers/1", b"\x00\x01")
    broker.publish("answers/1", "ok", correlation=b"\x00\x01")
    dashboard.wait()
    assert dashboard.got[0].properties.CorrelationData == b"\x00\x01"  # type: ignore[union-attr]
    dashboard.client.publish("p/command", "live, retained", qos=1, retain=True)
    assert seen.until("message", 2) == Message("p/command", b"live, retained", True, None, None)
    dashboard.close()


def test_a_reply_to_no_topic_at_all_goes_nowhere_and_costs_no_connection(serve: Serve, seen: Seen) -> None:
    broker = seen.broker(serve().port)
    seen.until("up")
    for topic in ("", "#", "a/+/b", "nul\0", "x" * 65536):
        assert broker.publish(topic, "{}", correlation=b"1") is None
    assert broker.publish("a/topic", "{}") is not None
    seen.until("acknowledged")
    assert seen.of("down") == []


# -- versions --------------------------------------------------------------------------------------------------


class Old:
    """A broker that can't do version 5: it refuses it, hangs up or is silent; what is older goes to a real one."""

    def __init__(self, behind: int, manner: str) -> None:
        self.manner, self.behind = manner, behind
        self.asked: list[int] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._open.append(client)
            connect = client.recv(4096)
            if not connect:
                continue
            # fixed header 2 bytes, then the string "MQTT" with its length, then the level
            self.asked.append(connect[8])
            if connect[8] == 5:
                if self.manner == "refuses":
                    client.sendall(bytes([0x20, 2, 0, 1]))
                if self.manner != "is silent":
                    client.close()
                continue
            real = socket.create_connection(("127.0.0.1", self.behind))
            self._open.append(real)
            real.sendall(connect)
            for source, sink in ((client, real), (real, client)):
                threading.Thread(target=_pass_on, args=(source, sink), daemon=True).start()

    def hang_up(self) -> None:
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.hang_up()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(4096):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("manner", ["refuses", "hangs up", "is silent"])
def test_a_broker_that_cannot_do_version_5_gets_3_1_1_and_it_is_remembered(
    serve: Serve, seen: Seen, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(driver, "ANSWER_S", 0.5)
    old = Old(serve().port, manner)
    broker = seen.broker(old.port, subscriptions=("p/command",))
    assert seen.until("up") == "3.1.1"
    assert old.asked == [5, 4]
    broker.publish("p/command", "still works")
    assert seen.until("message").payload == b"still works"
    old.hang_up()
    assert seen.until("up", 2) == "3.1.1"
    assert old.asked == [5, 4, 4]
    broker.stop(5.0)
    old.close()


def test_what_worked_before_is_tried_first(serve: Serve, seen: Seen) -> None:
    old = Old(serve().port, "refuses")
    seen.broker(old.port, hint="3.1.1")
    assert seen.until("up") == "3.1.1"
    assert old.asked == [4]
    old.close()


def test_a_version_that_is_demanded_is_not_left_and_its_refusal_is_said(serve: Serve, seen: Seen) -> None:
    old = Old(serve().port, "refuses")
    seen.broker(old.port, protocol="5")
    assert "mqtt.protocol" in seen.until("down")
    assert "does not speak MQTT 5" in seen.of("down")[-1]
    seen.idle(0.3)
    assert set(old.asked) == {5}
    old.close()


def test_a_broker_that_is_going_down_does_not_cost_version_5(serve: Serve, seen: Seen) -> None:
    server = serve()
    old = Old(server.port, "hangs up")
    broker = seen.broker(old.port, hint="5")
    assert "hangs up before answering" in seen.until("down")
    assert old.asked == [5]
    broker.stop(5.0)
    old.close()


def test_the_embedded_broker_gets_3_1_1(seen: Seen) -> None:
    embedded = EmbeddedBroker(0, 0)
    embedded.start()
    broker = seen.broker(embedded.port, hint="3.1.1", subscriptions=("p/command",))
    assert seen.until("up") == "3.1.1"
    broker.publish("p/command", "{}")
    assert seen.until("message") == Message("p/command", b"{}", False, None, None)
    embedded.stop()
    seen.until("down")
    embedded.start()
    seen.until("up", 2)
    broker.stop(5.0)
    embedded.stop()


# -- who may -------------------------------------------------------------------------------------------------------


def test_a_user_with_a_password_comes_in_and_a_wrong_one_is_told_what_to_look_at(
    serve: Serve, seen: Seen, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "parent", "secret"], check=True)
    server = serve("allow_anonymous false", f"password_file {passwords}")
    seen.broker(server.port, username="parent", password="secret")
    seen.until("up")
    for protocol in ("5", "3.1.1"):
        wrong = seen.broker(server.port, username="parent", password="no", protocol=protocol, client_id="wrong")
        why = seen.until("down")
        assert "mqtt.username, mqtt.password_file" in why
        wrong.stop(5.0)
        seen.told.clear()


def test_a_topic_that_the_access_list_forbids_is_refused_not_acknowledged(
    serve: Serve, seen: Seen, tmp_path: Path
) -> None:
    access = tmp_path / "access"
    access.write_text("topic readwrite p/#\n")
    broker = seen.broker(serve(f"acl_file {access}").port)
    seen.until("up")
    forbidden, allowed = broker.publish("q/session", "x"), broker.publish("p/session", "x")
    seen.until("acknowledged")
    assert seen.of("acknowledged") == [allowed]
    assert seen.of("refused") == [(forbidden, "the broker will not take it: Not authorized")]


def test_a_second_device_with_the_same_id_is_told_so(serve: Serve, seen: Seen) -> None:
    server = serve()
    first = seen.broker(server.port)
    seen.until("up")
    second = seen.broker(server.port)
    # mosquitto 2.0.11 just hangs up, later ones say why
    assert "device.id" in seen.until("down")
    first.stop(5.0)
    second.stop(5.0)


def test_a_connecting_thread_that_fails_in_whatever_way_is_told_and_tried_again(
    serve: Serve, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, odd = new_client, [RuntimeError("odd"), KeyError("odder")]

    def made(*given: Any) -> Any:
        if odd:
            raise odd.pop()
        return make(*given)

    monkeypatch.setattr("drivers.broker.new_client", made)
    seen.broker(serve("allow_anonymous true").port)
    assert "odder" in seen.until("down")
    seen.until("up")
    assert not odd


def test_a_host_that_has_no_address_is_named(seen: Seen) -> None:
    seen.broker(1883, host="no-such-host.invalid")
    assert seen.until("down").startswith("mqtt.host = no-such-host.invalid: no such host")


# paho leaves a socket to the garbage collector whose handshake failed
leaky = pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")

# -- TLS -----------------------------------------------------------------------------------------------------------


AUTHORITY = """\
[req]
distinguished_name = names
x509_extensions = authority
[names]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A throwaway authority, a certificate for `localhost`, and an authority that signed nothing."""
    folder = tmp_path_factory.mktemp("tls")
    folder.chmod(0o755)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    # Python 3.13 is strict: it wants the use of the keys, and whose key signed whose
    (folder / "authority").write_text(AUTHORITY)
    (folder / "names").write_text(
        "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n"
    )
    for name in ("ca", "stranger"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-config", "authority", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key",
            "-out", "server.csr", "-subj", "/CN=localhost")  # fmt: skip
    signed = ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
              "-extfile", "names"]  # fmt: skip
    openssl(*signed, "-out", "server.pem", "-days", "2")
    # openssl refuses a negative number of days only from 3.2 on; 0 ends in the second in which it begins
    openssl(*signed, "-out", "expired.pem", "-days", "0")
    return folder


@pytest.fixture
def safe(serve: Serve, certificates: Path) -> Mosquitto:
    return serve(*(f"{key} {certificates / name}" for key, name in (
        ("cafile", "ca.pem"), ("certfile", "server.pem"), ("keyfile", "server.key"))))  # fmt: skip


def test_over_tls_many_messages_and_large_ones_all_arrive(safe: Mosquitto, seen: Seen, certificates: Path) -> None:
    broker = seen.broker(safe.port, "localhost", tls=Tls(str(certificates / "ca.pem")), subscriptions=("p/#",))
    assert seen.until("up") == "5"
    large = b"x" * 200_000
    broker.publish("p/large", large)
    for number in range(60):
        broker.publish("p/small", str(number))
    seen.until("message", 61)
    assert seen.of("message")[0].payload == large
    assert [message.payload for message in seen.of("message")[1:]] == [str(n).encode() for n in range(60)]
    seen.until("acknowledged", 61)


@leaky
@pytest.mark.parametrize(
    ("host", "authority", "says"),
    [
        ("localhost", "stranger.pem", "is signed by nobody in mqtt.ca_file"),
        ("localhost", None, "is signed by nobody in mqtt.ca_file (the system's certificates)"),
        ("127.0.0.1", "ca.pem", "mqtt.host must be one that it names"),
        ("localhost", "missing.pem", "mqtt.ca_file = "),
        ("localhost", "server.key", "mqtt.ca_file = "),
    ],
)
def test_what_is_wrong_with_tls_names_the_setting(
    safe: Mosquitto, seen: Seen, certificates: Path, host: str, authority: str | None, says: str
) -> None:
    seen.broker(safe.port, host, tls=Tls(str(certificates / authority) if authority else None))
    why = seen.until("down")
    assert says in why
    assert "\n" not in why


@leaky
def test_an_expired_certificate_says_so(serve: Serve, seen: Seen, certificates: Path) -> None:
    server = serve(f"certfile {certificates / 'expired.pem'}", f"keyfile {certificates / 'server.key'}")
    seen.broker(server.port, "localhost", tls=Tls(str(certificates / "ca.pem")))
    assert "has expired; or is this device's clock wrong?" in seen.until("down")


@leaky
def test_tls_to_a_plain_port_and_plain_to_a_tls_port_each_say_what_to_change(
    serve: Serve, safe: Mosquitto, seen: Seen
) -> None:
    one = seen.broker(serve().port, "localhost", tls=Tls())
    assert "mqtt.tls" in seen.until("down")
    one.stop(5.0)
    seen.told.clear()
    seen.broker(safe.port)
    assert "does this port want mqtt.tls?" in seen.until("down")


# -- pace ----------------------------------------------------------------------------------------------------------


def test_a_flood_keeps_to_the_window_and_arrives_in_order(serve: Serve, seen: Seen) -> None:
    server = serve("max_inflight_messages 10", "max_queued_messages 0")
    broker = seen.broker(server.port)
    seen.until("up")
    dashboard = Dashboard(server.port)
    assert 0 < broker.window <= 100
    sent, total = 0, 3000
    most = 0
    began = time.monotonic()

    def fill() -> None:
        nonlocal sent, most
        while sent < total and len(broker._waiting) < broker.window:
            assert broker.publish("p/session", str(sent)) is not None
            sent += 1
        most = max(most, len(broker._waiting))
        if len(seen.of("acknowledged")) < total:
            seen.loop.call_after(0.0, fill)

    fill()
    seen.until("acknowledged", total)
    print(f"outbox: {total / (time.monotonic() - began):.0f} messages a second, at most {most} on their way")
    assert [payload for _, payload in dashboard.wait(total)] == [str(n).encode() for n in range(total)]
    assert len(set(seen.of("acknowledged"))) == total
    dashboard.close()


def test_live_topics_go_besides_a_full_window(serve: Serve, seen: Seen) -> None:
    broker = seen.broker(serve().port)
    seen.until("up")
    for number in range(300):
        assert broker.publish("p/x", str(number)) is not None
    seen.until("acknowledged", 300)


def test_an_idle_connection_wakes_nobody(serve: Serve, seen: Seen) -> None:
    seen.broker(serve().port)
    seen.until("up")
    turns = seen.loop.turns
    seen.idle(0.5)
    print(f"turns of an idle connection in 0.5 s: {seen.loop.turns - turns}")
    assert seen.loop.turns - turns <= 2


def test_a_quiet_connection_is_pinged_and_one_that_does_not_answer_is_given_up(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "KEEPALIVE_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen.broker(int(server.getsockname()[1]), protocol="3.1.1")
        client, _ = server.accept()
        assert client.recv(4096)[0] == 0x10
        client.sendall(bytes([0x20, 2, 0, 0]))
        seen.until("up")
        assert "no longer answers" in seen.until("down")
        assert client.recv(4096) == bytes([0xC0, 0])
        client.close()


class Acknowledging:
    """A broker that welcomes, answers pings, and acknowledges the messages that it is told to."""

    def __init__(self) -> None:
        self.came: queue.Queue[bytes] = queue.Queue()
        self.server = HostileBroker(self._meet)

    def _meet(self, peer: Peer) -> None:
        self.peer = peer
        peer.welcome()
        for first, body in peer.packets():
            if first == 0xC0:
                peer.acknowledge(first, body)
            elif first >> 4 == PUBLISH:
                size = int.from_bytes(body[:2], "big")
                self.came.put(body[2 + size : 4 + size])

    def acknowledge(self, message: bytes) -> None:
        self.peer.send(packet(PUBACK, message))


def test_a_message_that_is_never_acknowledged_costs_the_connection_and_one_that_waits_its_turn_does_not(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost acknowledgements would fill the broker's window, and what waits in the outbox would wait for ever."""
    now = [0.0]
    monkeypatch.setattr(driver, "time", SimpleNamespace(monotonic=lambda: now[0]))
    far = Acknowledging()
    broker = seen.broker(far.server.port)
    seen.until("up")
    numbers = [broker.publish("p/session", str(number)) for number in range(4)]
    first, second, third, fourth = (far.came.get(timeout=DEADLINE_S) for _ in numbers)
    for done, message in enumerate((first, second), 1):
        now[0] += driver.ACKNOWLEDGED_S - 1
        far.acknowledge(message)
        seen.until("acknowledged", done)
        broker._keep_alive()
        assert broker.connected
    now[0] += driver.ACKNOWLEDGED_S - 1
    far.acknowledge(fourth)
    seen.until("acknowledged", 3)
    broker._keep_alive()
    assert broker.connected
    now[0] += 1
    broker._keep_alive()
    assert third not in {first, second, fourth}
    assert "no longer acknowledges what it is sent" in seen.of("down")[-1]
    seen.until("up", 2)
    broker.stop(5.0)
    far.server.close()
