"""Brokers that announce themselves: with a real responder on loopback, and what strangers may say."""

import gc
import socket
import warnings
from collections.abc import Iterator

import pytest
import zeroconf

from device.asking import nearby
from device.asking.nearby import MOST, AnnouncedBroker, NearbyBroker, nearby_brokers, usable
from device.asking.questions import QUESTIONS, FoundHere, picked_broker
from tests.support.page_world import until

LOOPBACK = ["127.0.0.1"]
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
PLAIN, SECURE = nearby.KINDS


@pytest.fixture(autouse=True)
def _left_open() -> Iterator[None]:
    """zeroconf 0.47 leaves its sockets and its loop to Python's collector: not to the next test's."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def responder() -> Iterator[zeroconf.Zeroconf]:
    opened = zeroconf.Zeroconf(interfaces=LOOPBACK)
    yield opened
    opened.close()


def announce(responder: zeroconf.Zeroconf, kind: str, name: str, port: int) -> None:
    address = [socket.inet_aton("127.0.0.1")]
    responder.register_service(
        zeroconf.ServiceInfo(kind, f"{name}.{kind}", addresses=address, port=port, server="pump-test-host.local.")
    )


def from_here(found: tuple[NearbyBroker, ...] | None, name: str) -> list[NearbyBroker]:
    """Without what others announce on this machine at the same time."""
    assert found is not None
    return [broker for broker in found if broker.name.startswith(name)]


def test_a_real_responder_is_found_with_and_without_tls(responder: zeroconf.Zeroconf) -> None:
    announce(responder, PLAIN, "Pump test ü", 18831)
    announce(responder, SECURE, "Pump test ü", 18832)
    both = [
        NearbyBroker("Pump test ü", "127.0.0.1", 18831, tls=False),
        NearbyBroker("Pump test ü", "127.0.0.1", 18832, tls=True),
    ]
    until("both are found", lambda: from_here(nearby_brokers(LOOPBACK), "Pump test ü") == both)


def test_a_responder_that_sends_thousands_of_names_ends_neither_the_time_nor_the_memory(
    responder: zeroconf.Zeroconf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that lead nowhere, some with control characters: pointers alone, no port, no address."""
    monkeypatch.setattr(nearby, "LOOK_S", 0.5)
    monkeypatch.setattr(nearby, "ASK_S", 0.2)
    heard = zeroconf.ServiceBrowser

    class Flooded(heard):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(*arguments, **named)
            for batch in range(20):
                out = zeroconf.DNSOutgoing(0x8400)  # type: ignore[attr-defined]
                for place in range(100):
                    name = f"\x1b[31m{batch}-{place}.{PLAIN}"
                    pointer = zeroconf.DNSPointer(PLAIN, 12, 1, 120, name)  # type: ignore[attr-defined]
                    out.add_answer_at_time(pointer, 0)
                responder.send(out)

    monkeypatch.setattr(zeroconf, "ServiceBrowser", Flooded)
    assert from_here(nearby_brokers(LOOPBACK), "\x1b") == []


def test_without_the_library_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zeroconf", None)
    assert nearby_brokers(LOOPBACK) is None


def said(name: str = "b", server: str = "b.local.", port: int = 1883, *addresses: str) -> AnnouncedBroker:
    return AnnouncedBroker(name, server, addresses, port, tls=False)


@pytest.mark.parametrize(
    ("announced", "host"),
    [
        (said("b", "b.local.", 1883, "192.0.2.7"), "b.local"),
        (said("b", "b.local."), "b.local"),
        (said("b", "c.local.", 1883, "192.0.2.7"), "192.0.2.7"),
        (said("b", "c.local.", 1883, "0.0.0.0", "224.0.0.1", "fe80::1", "moo", "2001:db8::7"), "2001:db8::7"),
        (said("b", "c.local."), None),
        (said("b", "example.org.", 1883), None),
        (said("b", "b\x1b[2J.local.", 1883), None),
        (said("b", "b.local.", 0), None),
        (said("b", "b.local.", 70000), None),
    ],
)
def test_the_host_is_one_that_this_machine_finds(
    announced: AnnouncedBroker, host: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_b(name: str, _port: object) -> None:
        if name != "b.local":
            raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", only_b)
    assert [broker.host for broker in usable([announced])] == ([] if host is None else [host])


def test_a_name_is_one_line_without_what_moves_a_cursor_and_a_broker_comes_once() -> None:
    many = [said(f"x\x1b[2J\n\u202e{place}", "none.", place + 1, "192.0.2.7") for place in range(40)]
    found = usable([*many, *many])
    assert len(found) == MOST
    assert len(set(found)) == MOST
    assert all(broker.name.isprintable() for broker in found)


PAIR = (NearbyBroker("a", "a.local", 8883, tls=True), NearbyBroker("a", "a.local", 1884, tls=False))


def test_a_number_picks_from_a_list_and_is_a_host_where_there_is_none() -> None:
    found = FoundHere(nearby=PAIR)
    assert [picked_broker(found, text) for text in ("1", "2", "3", "0", "a.local", "²")] == [*PAIR, *[None] * 4]
    assert picked_broker(FoundHere(nearby=PAIR[:1]), "1") is None


@pytest.mark.parametrize(
    ("found", "host", "tls", "port"),
    [
        (FoundHere(nearby=PAIR), "a.local", True, 8883),
        (FoundHere(broker=True, nearby=PAIR), "localhost", False, 1883),
        (FoundHere(nearby=PAIR[1:]), "a.local", False, 1884),
        (FoundHere(nearby=()), "localhost", False, 1883),
        (FoundHere(nearby=None), "localhost", False, 1883),
    ],
)
def test_what_announces_itself_is_likely_where_this_machine_has_none(
    found: FoundHere, host: str, tls: bool, port: int
) -> None:
    answers: dict[str, object] = {}
    for question in QUESTIONS:
        if question.key in {"mqtt.host", "mqtt.tls", "mqtt.port"}:
            answers[question.key] = question.default(found, answers)
    assert list(answers.values()) == [host, tls, port]
