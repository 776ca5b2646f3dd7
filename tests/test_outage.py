"""An hour without the broker, in seconds: the real daemon on a quick clock, its record on disk, a real mosquitto.

The clock runs 600 times as fast; what is asserted is order and completeness, never an instant.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from device.config import load
from device.core.effects import Save
from device.core.events import PumpSaid, Verb
from device.core.record import Session
from device.daemon import Daemon
from device.store import Store
from drivers.virtual.clock import FASTEST, PacedClock
from tests.household import Wire
from tests.page_world import Mosquitto

HOUR, EVERY, LASTS = 3600, 30, 20
SESSIONS = HOUR // EVERY
WAIT_S = 120.0


def on_a_quick_clock(folder: Path, port: int) -> Daemon:
    file = folder / "config.toml"
    file.write_text(f'[display]\ndriver = "none"\n[mqtt]\nport = {port}\n[store]\npath = "{folder / "pump.db"}"\n')
    config, faults = load(file, {})
    assert config is not None, faults
    return Daemon(config, PacedClock(FASTEST), timezone=lambda: "UTC", environment={})


def run_until(daemon: Daemon, what: str, true: Callable[[], object]) -> None:
    """Let the daemon run until it is so; a deadline ends it where it never is."""
    give_up = time.monotonic() + WAIT_S

    def look() -> None:
        assert time.monotonic() < give_up, f"not within {WAIT_S} s: {what}"
        if true():
            daemon.loop.stop()
        else:
            daemon.loop.call_after(0.05, look)

    daemon.loop.call_after(0.0, look)
    daemon.loop.run(daemon._step)


def test_every_revision_of_an_hour_without_the_broker_arrives_once_and_in_its_order(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.stop()
    daemon = on_a_quick_clock(tmp_path, broker.port)
    made: list[tuple[str, int]] = []

    def save(effect: Save) -> None:
        made.extend((record.id, record.revision) for record in effect.records if isinstance(record, Session))
        daemon._ask(effect)

    daemon._effects[Save] = save

    def pump(verb: Verb, **values: Any) -> None:
        daemon.loop.post(PumpSaid(daemon.loop.now(), verb, **values))

    began = daemon.loop.now()
    for number in range(SESSIONS):
        daemon.loop.call_at(began + number * EVERY, lambda: pump(Verb.START))
        daemon.loop.call_at(began + number * EVERY + LASTS, lambda ml=number: pump(Verb.STOP, ml=ml))  # type: ignore[misc]
    daemon._publisher.start()
    run_until(daemon, "the end of the hour", lambda: daemon.loop.now() >= began + HOUR)
    assert len(made) >= 2 * SESSIONS

    broker.start()
    wire = Wire(broker.port)
    assert wire.listening.wait(WAIT_S)
    daemon.hurry()
    run_until(
        daemon, "everything heard and nothing waiting",
        lambda: len(wire.all("session")) >= len(made) and daemon.state.health.outbox == 0,
    )  # fmt: skip
    heard = [(one["id"], one["revision"]) for one in wire.all("session")]
    assert heard == made
    ends = [one for one in wire.all("session") if one["cause"] == "ended"]
    assert [one["number"] for one in ends] == list(range(1, SESSIONS + 1))
    daemon.stop()
    wire.close()
    broker.stop()
    record = Store.open(tmp_path / "pump.db")
    assert record.outbox == 0
    record.close()
