"""What is said at a connection and at Home Assistant's birth, and in which order: to a recorder, and on a real broker.

Wishes of other processes (`announce`, `unannounce`) are read from the disk then.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import dropwhile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from device.core.model.effects import Publish, Topic
from device.core.model.events import BrokerChanged, Event, HomeAssistantBorn, Ordered
from device.core.model.view import IdleBody, View
from device.daemon import Daemon, broker_line
from device.mqtt.mirror import Mirror
from device.mqtt.publisher import FACTS, Publisher
from device.screens import draw
from device.settings.loading import Config, load
from device.store.opening import Kept
from device.store.records import Store
from device.store.requests import KeepFact, ReadFacts
from drivers.broker_address import Message
from drivers.clock import SystemClock
from drivers.machine import THIS_MACHINE
from drivers.runtime import Machine
from tests.support.household import PREFIX, ROOT, Household, Seen, household

CONFIG = "homeassistant/device/pump-companion-pump/config"
NOTHING_SAID = dict.fromkeys(("unannounced", "to_retire", "announced_as", "announced_in", "to_clear"))


class Sent(NamedTuple):
    topic: str
    payload: bytes | str


class Recorder:
    """Stands where the broker does."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.connected, self.window, self.crowded, self.by_detour = True, 9, False, False
        self.largest = 1 << 28

    def publish(self, topic: str, payload: bytes | str, **_options: Any) -> int:
        self.sent.append(Sent(topic.removeprefix(f"{PREFIX}/"), payload))
        return len(self.sent)

    def largest_payload(self, _topic: str, _correlation: bytes | None = None) -> int:
        return self.largest


class Timer:
    def __init__(self, fn: Callable[[], object]) -> None:
        self.fn: Callable[[], object] = fn

    def cancel(self) -> None:
        self.fn = lambda: None


class Table:
    """A publisher on a table: `sent` is what it publishes, `posted` what the core gets, `asked` what the store does."""

    machine: Machine = THIS_MACHINE

    def __init__(self, config: Config, store: Store) -> None:
        self.timers: list[Timer] = []
        self.posted: list[Event] = []
        self.asked: list[Any] = []
        self.recorder = Recorder()
        self.publisher = Publisher(
            broker_line(config, Kept(store.fact("protocol"), int(store.fact("withheld_until") or 0)), None),
            loop=self,
            post=self.posted.append,
            ask=self.asked.append,
            wall=time.time,
            show_again=lambda: self.recorder.publish("screen", b""),
        )
        self.publisher.broker = self.recorder  # type: ignore[assignment]

    def now(self) -> float:
        return 0.0

    def call(self, fn: Callable[[], object]) -> None:
        fn()

    def call_after(self, _real_s: float, fn: Callable[[], object]) -> Timer:
        self.timers.append(Timer(fn))
        return self.timers[-1]

    call_at = call_after

    def watch(self, *_: Any) -> None: ...

    def unwatch(self, _fd: int) -> None: ...

    def pass_time(self) -> None:
        timers, self.timers = self.timers, []
        for timer in timers:
            timer.fn()

    def up(self, **facts: str) -> list[str]:
        """A connection, and what the disk says then; the topics that were published."""
        self.recorder.sent.clear()
        self.publisher._up("5")
        self.publisher.facts_read({**NOTHING_SAID, **facts})
        return self.topics

    @property
    def topics(self) -> list[str]:
        return [one.topic for one in self.recorder.sent]


def configured(folder: Path, extra: str = "") -> Config:
    file = folder / "config.toml"
    file.write_text(f'[display]\ndriver = "none"\n[store]\npath = "{folder / "pump.db"}"\n{extra}')
    config, faults = load(file, {})
    assert config is not None, faults
    return config


def table(folder: Path, extra: str = "") -> Table:
    config = configured(folder, extra)
    store = Store.open(config.store.path)
    made = Table(config, store)
    store.close()
    return made


def test_a_connection_is_said_once_so_that_nobody_thinks_it_still_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = table(tmp_path)
    made.up()
    made.publisher._down("mqtt: nothing listens")
    made.up()
    assert caplog.messages == [said := "mqtt: connected to localhost:1883 as pump", "mqtt: nothing listens", said]


def test_at_a_connection_the_picture_is_told_again_before_the_outbox(tmp_path: Path) -> None:
    device = table(tmp_path)
    assert device.up() == ["availability", CONFIG, "screen"]
    assert isinstance(device.posted[0], BrokerChanged)


def test_at_home_assistants_birth_the_announcement_comes_before_all_else(tmp_path: Path) -> None:
    device = table(tmp_path)
    device.up()
    device.pass_time()
    device.recorder.sent.clear()
    device.publisher._message(Message("homeassistant/status", b"online", False, None, None))
    assert device.topics == []
    device.pass_time()
    assert not any(isinstance(one, HomeAssistantBorn) for one in device.posted)
    device.publisher.facts_read(NOTHING_SAID)
    assert device.topics == [CONFIG, "availability", "screen"]
    assert isinstance(device.posted[-1], HomeAssistantBorn)


def test_a_device_that_was_taken_out_without_a_broker_leaves_at_the_next_connection_once(tmp_path: Path) -> None:
    device = table(tmp_path)
    device.up(unannounced="yes", to_retire="yes")
    assert next(one.payload for one in device.recorder.sent if one.topic == CONFIG)
    kept = KeepFact("to_retire", None)
    device.pass_time()
    assert device.recorder.sent[-1] == (CONFIG, b"")
    assert kept not in device.asked
    device.publisher._acknowledge(len(device.recorder.sent))
    assert kept in device.asked
    assert CONFIG not in device.up(unannounced="yes")


def test_in_another_language_the_old_words_go_before_the_announcement_and_the_new_come_once_it_is_taken_in(
    tmp_path: Path,
) -> None:
    device = table(tmp_path, '[device]\nlanguage = "de"\n[mqtt]\nmirror_screen = true\n')
    assert device.up(announced_in="en") == ["availability", "state", "today", "diagnostics", CONFIG]
    assert [one.payload for one in device.recorder.sent[1:4]] == [b""] * 3
    assert device.posted == []  # nothing is told again yet
    device.recorder.sent.clear()
    device.asked.clear()
    device.pass_time()
    assert device.asked == [ReadFacts(FACTS)]
    device.publisher.facts_read({**NOTHING_SAID, "announced_in": "en"})
    assert device.topics == [CONFIG, "screen"]
    assert KeepFact("announced_in", "de") in device.asked
    assert isinstance(device.posted[0], BrokerChanged)
    assert device.up(announced_in="de") == ["availability", CONFIG, "screen"]


@pytest.mark.parametrize(
    ("version", "retain", "counted"),
    [("5", False, ["command_not_json"]), ("5", True, []), ("3.1.1", False, [])],
)
def test_an_empty_command_is_answered_unless_somebody_cleared_the_topic(
    tmp_path: Path, version: Any, retain: bool, counted: list[str]
) -> None:
    device = table(tmp_path)
    device.publisher._up(version)
    device.publisher._message(Message(f"{PREFIX}/command", b"", retain, None, None))
    assert [getattr(one, "name", None) for one in device.posted] == counted
    assert ("reply" in device.topics) is bool(counted)


def test_in_summary_mode_the_last_session_is_cleared_once_a_connection(tmp_path: Path) -> None:
    device = table(tmp_path, '[mqtt]\npublish = "summary"\n')
    assert device.up().count("session/last") == 1
    device.publisher.publish(Publish(Topic.LAST, None))
    assert device.topics.count("session/last") == 1


def idle(stimulations: int) -> View:
    body = IdleBody(local=None, stimulations=stimulations, baseline=8, last=None, last_ago_s=0, icons=())
    return View(body, (None, None, None))


def test_the_picture_is_sent_again_at_once_and_the_next_one_waits_its_two_seconds(tmp_path: Path) -> None:
    device, sent = table(tmp_path), list[bytes]()
    mirror = Mirror(device, draw, sent.append)
    mirror.again()
    assert sent == []
    mirror.show(idle(stimulations=1))
    mirror.again()
    assert len(sent) == 2
    mirror.show(idle(stimulations=2))
    assert len(sent) == 2
    device.pass_time()
    assert len(sent) == 3


def test_a_baseline_by_command_stays_forgotten_once_the_configured_one_has_changed(tmp_path: Path) -> None:
    found = []
    config = configured(tmp_path)
    store = Store.open(config.store.path)
    store.keep_fact("baseline", "12 8")
    store.close()
    for baseline in (8, 10, 8):
        config = configured(tmp_path, f"[supply]\nbaseline = {baseline}\n")
        device = Daemon(config, SystemClock(), timezone=lambda: "UTC")
        found.append(device.state.baseline)
        device.stop()
    assert found == [12, 10, 8]


# -- on a real broker ------------------------------------------------------------------------------------------


def told_after(seen: list[Seen], count: int) -> list[str]:
    """The topics of what was heard, cleared ones aside, once `session` was heard so often."""
    topics = [one.topic for one in seen if one.payload and one.topic != "reply"]
    # what a break had left in the outbox may come first, that it is empty now, and a picture of its own account
    topics = list(dropwhile(lambda topic: topic in {"session", "diagnostics", "screen"}, topics))
    return topics if topics.count("session") >= count else []


def test_what_comes_on_a_topic_that_is_not_the_commands_is_no_command(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with closing(Store.open(config.store.path)) as store:
        table = Table(config, store)
        table.up()
        for topic, heard in ((f"{PREFIX}/session", 0), (f"{PREFIX}/command", 1)):
            table.posted.clear()
            table.publisher._message(Message(topic, b'{"command": "start"}', False, None, None))
            assert sum(isinstance(one, Ordered) for one in table.posted) == heard


def test_a_broker_that_forgot_all_is_told_all_again_and_so_is_home_assistant_at_its_birth(tmp_path: Path) -> None:
    with household(tmp_path, extra="mirror_screen = true", topics=(CONFIG,)) as home:
        home.wire.ask("add", started_at="2026-03-01T03:00:00Z", duration_s=900)
        forget_at_the_broker(home)
        kept = {"availability", CONFIG, "state", "today", "diagnostics", "session/last", "screen"}
        heard = home.wire.until("all again", lambda seen: kept <= {one.topic for one in seen} and list(seen))
        assert [one.topic for one in heard][:2] == ["availability", CONFIG]
        home.wire.clear()
        home.wire._client.publish("homeassistant/status", b"online", qos=1)
        topics = home.wire.until("the newest end", lambda seen: told_after(seen, 1))
        assert topics[0] == CONFIG
        assert topics[-1] == "session"
        assert kept <= set(topics)


def forget_at_the_broker(home: Household) -> None:
    """Restart it without its memory; the dashboard listens before the device is back."""
    home.broker.stop()
    home.device.freeze(frozen=True)
    home.wire.listening.clear()
    home.broker.start()
    assert home.wire.listening.wait(90)
    home.wire.clear()
    home.device.freeze(frozen=False)


def test_unannounce_without_a_broker_is_done_when_the_daemon_meets_it_again(tmp_path: Path) -> None:
    with household(tmp_path, topics=(CONFIG,)) as home:
        home.broker.stop()
        command = [sys.executable, "-m", "device", "unannounce", "--config", str(home.device.config)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        forget_at_the_broker(home)
        home.wire.until(
            "whole, then nothing",
            lambda seen: [bool(one.payload) for one in seen if one.topic == CONFIG][-2:] == [True, False],
        )
        home.wire.ask("history")
        home.device.end()
    store = Store.open(tmp_path / "pump.db")
    assert (store.fact("unannounced"), store.fact("to_retire")) == ("yes", None)
    store.close()
