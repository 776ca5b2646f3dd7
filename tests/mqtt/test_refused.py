"""A broker that will not have the device: it says once which setting that is about, and asks again ever more seldom.

No pause is waited for here: what the driver asked to wait is written down, and over at once.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from drivers import broker as driver
from drivers.broker_address import Tls
from tests.drivers import test_broker as on_the_wire
from tests.drivers.test_broker import DEADLINE_S, Seen, Serve, leaky
from tests.support.hostile import HostileBroker, Peer, packet

serve, certificates = on_the_wire.serve, on_the_wire.certificates

ATTEMPTS = 9
TURNS_EACH = 20
"""Of the loop for an attempt: two versions of MQTT, each connecting, an answer in pieces, hanging up; the pause."""


class Pauses:
    """What a driver asked to wait before each attempt."""

    def __init__(self) -> None:
        self.seen = Seen()
        self.asked: list[float] = []

    def note(self, real_s: float) -> None:
        self.asked.append(real_s)
        if len(self.asked) == ATTEMPTS:
            self.seen.loop.stop()

    def check(self) -> None:
        """Wait for so many attempts: pauses double up to a minute, each by chance, and nothing runs between them."""
        loop, late = self.seen.loop, list[bool]()
        timer = loop.call_after(ATTEMPTS * DEADLINE_S, lambda: late.append(True) or loop.stop())  # type: ignore[func-returns-value]
        loop.run(lambda event: None)
        timer.cancel()
        assert not late, f"{len(self.asked)} attempts"
        longest = driver.LONGEST_PAUSE_S
        spread = [asked_s / min(driver.FIRST_PAUSE_S * 2**place, longest) for place, asked_s in enumerate(self.asked)]
        assert all(1 - driver.JITTER <= one <= 1 + driver.JITTER for one in spread), self.asked
        assert len(set(spread)) == ATTEMPTS, "without chance a house full of pumps comes all at once"
        assert self.asked[-1] >= longest * (1 - driver.JITTER)
        assert loop.turns < ATTEMPTS * TURNS_EACH


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pauses]:
    made, after = Pauses(), driver.Broker._after

    def at_once(broker: driver.Broker, name: str, real_s: float, fn: Callable[[], object]) -> None:
        if name == "again":
            made.note(real_s)
            real_s = 0.0
        after(broker, name, real_s, fn)

    monkeypatch.setattr(driver.Broker, "_after", at_once)
    yield made
    for one in made.seen.brokers:
        one.stop(5.0)
    made.seen.loop.close()


class Refused(NamedTuple):
    """A broker's lines of configuration, how the device comes, and which words tell what to look at."""

    lines: tuple[str, ...]
    says: tuple[str, ...]
    trusts: str | None = None
    host: str = "localhost"


def shows(certificate: str) -> tuple[str, ...]:
    return (f"certfile FOLDER/{certificate}.pem", "keyfile FOLDER/server.key")


REFUSED = {
    "a password is demanded": Refused(("allow_anonymous false",), ("mqtt.username, mqtt.password_file",)),
    "another name": Refused(shows("server"), ("mqtt.host", "another address"), "ca.pem", "127.0.0.1"),
    "an expired certificate": Refused(shows("expired"), ("has expired", "clock"), "ca.pem"),
    "an unknown CA": Refused(shows("server"), ("mqtt.ca_file", "signed by nobody"), "stranger.pem"),
    "no TLS there": Refused((), ("mqtt.tls",), "ca.pem"),
    "TLS is demanded": Refused(shows("server"), ("mqtt.tls",)),
}


@leaky
@pytest.mark.parametrize("name", REFUSED)
def test_what_a_broker_refuses_is_one_line_and_the_pauses_grow_by_chance(
    serve: Serve, certificates: Path, pauses: Pauses, name: str
) -> None:
    refused = REFUSED[name]
    server = serve(*(line.replace("FOLDER", str(certificates)) for line in refused.lines))
    tls = None if refused.trusts is None else Tls(str(certificates / refused.trusts))
    pauses.seen.broker(server.port, refused.host, tls=tls)
    pauses.check()
    (why,) = pauses.seen.of("down")
    assert why.isprintable()
    assert all(word in why for word in refused.says), why
    assert pauses.seen.of("up") == []


TAKEN = "mqtt: another client with the same id took over: give each pump a device.id of its own"


@pytest.mark.parametrize("at_once", [True, False])
def test_a_device_whose_id_another_one_takes_comes_ever_more_seldom(pauses: Pauses, at_once: bool) -> None:
    """Where it was connected between, both are told each time; the log counts what it has said already.

    Welcome and farewell at once are mostly read together; on a busy machine it is connected between.
    """

    def meet(peer: Peer) -> None:
        welcome, leave = packet(0x20, b"\0\0\0"), packet(0xE0, b"\x8e\0")
        peer.send(welcome + leave if at_once else welcome)
        if not at_once:
            peer.subscribed()
            peer.send(leave)
        peer.until_gone()

    server = HostileBroker(meet)
    pauses.seen.broker(server.port, subscriptions=("p/command",))
    pauses.check()
    server.close()
    told = [name for name, _ in pauses.seen.told if name in {"up", "down"}]
    assert set(pauses.seen.of("down")) == {TAKEN}
    assert ("down", "down") not in pairwise(told)
    assert told.count("up") in (range(ATTEMPTS + 1) if at_once else [ATTEMPTS])
