"""An hour without the broker, in seconds: the real daemon on a quick clock, its record on disk, a real mosquitto.

The clock runs 600 times as fast; what is asserted is order and completeness, never an instant.
"""

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from device.core.dialogue.idle import status_body
from device.core.model.effects import Save
from device.core.model.events import PumpSaid, Verb
from device.core.model.record import Cause, Session
from device.core.model.view import ReachBody
from device.daemon import Daemon
from device.settings.loading import load
from device.store.records import Store
from device.store.requests import Request
from drivers.clock import SystemClock
from drivers.runtime import DeviceClock
from drivers.virtual.clock import FASTEST, PacedClock
from tests.support.clients import end_thread
from tests.support.household import PREFIX, Wire
from tests.support.page_world import Mosquitto

HOUR, EVERY, LASTS = 3600, 30, 20
SESSIONS = HOUR // EVERY
WAIT_S = 120.0


def on_a_clock(folder: Path, port: int, clock: DeviceClock) -> Daemon:
    file = folder / "config.toml"
    file.write_text(f'[display]\ndriver = "none"\n[mqtt]\nport = {port}\n[store]\npath = "{folder / "pump.db"}"\n')
    config, faults = load(file, {})
    assert config is not None, faults
    return Daemon(config, clock, timezone=lambda: "UTC", environment={})


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


def test_every_revision_of_an_hour_without_the_broker_arrives_once_and_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Mosquitto(tmp_path)
    broker.stop()
    daemon = on_a_clock(tmp_path, broker.port, PacedClock(FASTEST))
    made: list[Session] = []

    ask = daemon._ask

    def note(request: Request) -> None:
        if isinstance(request, Save):
            made.extend(record for record in request.records if isinstance(record, Session))
        ask(request)

    monkeypatch.setattr(daemon, "_ask", note)

    def say(verb: Verb, **values: Any) -> float:
        now = daemon.loop.now()
        daemon.loop.post(PumpSaid(now, verb, **values))
        return now

    def start(number: int) -> None:
        daemon.loop.call_at(say(Verb.START) + LASTS, partial(stop, number))

    def stop(number: int) -> None:
        ended = say(Verb.STOP, ml=number)
        if number + 1 < SESSIONS:
            daemon.loop.call_at(ended + EVERY - LASTS, partial(start, number + 1))

    daemon._publisher.start()
    daemon.loop.call(partial(start, 0))
    run_until(daemon, "the end of the hour", lambda: ended_in(made) == list(range(1, SESSIONS + 1)))

    broker.start()
    wire = Wire(broker.port)
    assert wire.listening.wait(WAIT_S)
    daemon.hurry()
    run_until(
        daemon, "everything heard and nothing waiting",
        lambda: len(wire.all("session")) >= len(made) and daemon.state.health.outbox == 0,
    )  # fmt: skip
    heard = [(one["id"], one["revision"]) for one in wire.all("session")]
    assert heard == [(session.id, session.revision) for session in made]
    ends = [one for one in wire.all("session") if one["cause"] == "ended"]
    assert [(one["number"], one["volume_ml"]) for one in ends] == [(number + 1, number) for number in range(SESSIONS)]
    daemon.stop()
    wire.close()
    broker.stop()
    record = Store.open(tmp_path / "pump.db")
    assert record.outbox == 0
    record.close()


def ended_in(made: list[Session]) -> list[int]:
    return [session.number for session in made if session.cause is Cause.ENDED]


# -- a broker with little room ---------------------------------------------------------------------------------------


NURSINGS, BURST = 60, 6000


@pytest.mark.parametrize("window", ["1", "2", "3", None])
def test_every_record_arrives_while_live_topics_and_replies_fill_the_brokers_window(
    tmp_path: Path, window: str | None
) -> None:
    """Each nursing is a record, new figures and a reply, and asks for its place in the window like all others."""
    lines = "allow_anonymous true\nmax_queued_messages 0\n"
    broker = Mosquitto(tmp_path, lines=lines + (f"max_inflight_messages {window}\n" if window else ""))
    wire = Wire(broker.port)
    assert wire.listening.wait(WAIT_S)
    daemon = on_a_clock(tmp_path, broker.port, SystemClock())
    daemon._publisher.start()
    run_until(daemon, "connected", lambda: daemon.state.health.broker)
    for number in range(NURSINGS):
        wire.say({"command": "nursing", "request": f"{number}", "effective": number % 2 == 0})
        wire.say({"command": "history", "request": f"asked {number}", "limit": 1})
    run_until(
        daemon, "everything heard and nothing waiting",
        lambda: len(wire.all("nursing")) >= NURSINGS and daemon.state.health.outbox == 0
        and len(wire.all("reply")) >= 2 * NURSINGS,
    )  # fmt: skip
    assert [one["number"] for one in wire.all("nursing")] == list(range(1, NURSINGS + 1))
    assert daemon._publisher.broker.connections == 1
    daemon.stop()
    wire.close()
    broker.stop()


@pytest.mark.parametrize("qos", ["0", "1"])
def test_every_command_of_a_burst_is_answered_and_the_one_behind_it_too(tmp_path: Path, qos: str) -> None:
    """A thousand of them are done, in order, however many come at once, with a broker that holds back none (QoS 0)."""
    broker = Mosquitto(tmp_path, lines="allow_anonymous true\nmax_queued_messages 0\n")
    daemon = on_a_clock(tmp_path, broker.port, SystemClock())
    daemon._publisher.start()
    run_until(daemon, "connected", lambda: daemon.state.health.broker)
    answers: list[Any] = []
    listening = threading.Event()
    wire = mqtt.Client(CallbackAPIVersion.VERSION2)
    wire.on_subscribe = lambda *_told: listening.set()
    wire.on_message = lambda _client, _data, message: answers.append(json.loads(message.payload))
    wire.connect("127.0.0.1", broker.port)
    wire.subscribe(f"{PREFIX}/reply", 1)
    wire.loop_start()
    assert listening.wait(WAIT_S)
    asked = [f'{{"command": "history", "limit": 1, "request": "{number}"}}' for number in range(BURST)]
    flood = subprocess.Popen(
        ["mosquitto_pub", "-p", str(broker.port), "-t", f"{PREFIX}/command", "-q", qos, "-l"],
        stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert flood.stdin is not None
    flood.stdin.write("\n".join(asked))
    flood.stdin.close()
    assert flood.wait(WAIT_S) == 0
    wire.publish(f"{PREFIX}/command", '{"command": "press", "button": "left", "request": "behind them"}', qos=1)
    run_until(daemon, "all answered", lambda: len(answers) > BURST)
    assert Counter(one["request"] for one in answers) == Counter([*map(str, range(BURST)), "behind them"])
    assert all(one["ok"] or one["code"] == "busy" for one in answers)
    done = [int(one["request"]) for one in answers if one["ok"] and "sessions" in one]
    assert done == sorted(done)
    assert len(done) >= 1000
    assert "mqtt_dropped" not in daemon.state.health.errors
    wire.disconnect()
    end_thread(wire)
    daemon.stop()
    broker.stop()


def last_reply(wire: Wire, request: str) -> Any:
    """The newest reply, where it is to this request."""
    replies = wire.all("reply")
    return replies[-1] if replies and replies[-1]["request"] == request else None


def test_a_broker_of_small_packets_gets_what_fits_and_the_rest_once_it_takes_more(tmp_path: Path) -> None:
    """One record has a note as long as may be; pages of the history come in pieces that fit, and to an end."""
    limit = 1300
    broker = Mosquitto(tmp_path, lines=f"allow_anonymous true\nmax_packet_size {limit}\n")
    wire = Wire(broker.port)
    assert wire.listening.wait(WAIT_S)
    daemon = on_a_clock(tmp_path, broker.port, SystemClock())
    daemon._publisher.start()
    run_until(daemon, "connected", lambda: daemon.state.health.broker)
    commands = [{"command": name, "request": f"{number} {name}"} for number in range(6) for name in ("start", "stop")]
    commands.insert(6, {"command": "note", "request": "note", "text": "w" * 500})
    for command in commands:
        wire.say(command)
        reply = partial(last_reply, wire, command["request"])
        run_until(daemon, "an answer", reply)
        assert reply()["ok"]
    run_until(daemon, "only what is too large waits", lambda: daemon.state.health.outbox == 1)
    assert daemon.state.health.passed_over == 1
    status = status_body(daemon.state, daemon.loop.now())
    assert isinstance(status, ReachBody)
    assert (status.waiting, status.passed_over) == (1, 1)
    assert "note" not in {one["cause"] for one in wire.all("session")}

    pages: list[Any] = []
    cursor = None
    while not pages or cursor is not None:
        reply = partial(last_reply, wire, f"page {len(pages)}")
        wire.say({"command": "history", "request": f"page {len(pages)}", "cursor": cursor})
        run_until(daemon, "a page", reply)
        pages.append(reply())
        cursor = pages[-1]["next"]
    assert len(pages) > 2
    assert [one["number"] for page in pages for one in page["sessions"]] == [6, 5, 4, 2, 1]
    assert daemon._publisher.broker.connections == 1

    broker.stop()
    wire.listening.clear()
    broker.lines = "allow_anonymous true\n"
    broker.start()
    assert wire.listening.wait(WAIT_S)
    daemon.hurry()
    run_until(daemon, "nothing waits", lambda: daemon.state.health.broker and daemon.state.health.outbox == 0)
    run_until(daemon, "the note", lambda: "note" in {one["cause"] for one in wire.all("session")})
    assert daemon.state.health.passed_over == 0
    daemon.stop()
    wire.close()
    broker.stop()
