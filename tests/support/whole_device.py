"""One whole device in made-up time, and how often it does what costs something: the same on every machine.

The daemon with its threads, its store and its display's driver, at a pump with a motor's wire and a serial line, as
`simulate` has it, with nothing left to chance: no contact bounces, no fault comes. The broker takes each message after
two milliseconds and acknowledges it after another, each of which wakes the loop; on a real wire the acknowledgement
alone does. What the network's keepalive and systemd's watchdog wake is not here.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from device.core.model.events import Event
from device.simulation.life import PREFIX, Life
from device.simulation.pump import Ties
from device.wire.recording import Seen
from drivers.controllers import CONTROLLERS
from drivers.virtual.panel import VirtualPanel
from tests.support import wire

SETTLED_S = 60.0
"""After the start: Status is gone, and what is retained was said once."""
SESSION_S = 20 * 60.0
AFTER_S = 160.0
"""The pause after which a session is over, and what a parent says of it then."""
FINGERS = {"left": 0, "middle": 1, "right": 2}


class Counts:
    """What happened in a stretch of time.

    woken: by thread, how often each was woken (a commit's wait for the card is one). turns: of the loop, as it counts
    them itself. events: what came into the core, by kind. statements: SQLite's, by their first word. log: bytes that
    the write-ahead log grew by. wire: bytes to the display. messages, sizes: at the broker, by topic.
    """

    def __init__(self) -> None:
        self.woken, self.events, self.statements = Counter[str](), Counter[str](), Counter[str]()
        self.messages, self.sizes = Counter[str](), Counter[str]()
        self.turns = self.log = self.wire = 0


class NoChance(random.Random):
    """Whoever may choose takes the first, which is no bounce."""

    def choice(self, choices: Any) -> Any:
        return choices[0]


class WholeDevice(Life):
    """A device that was switched on a minute ago, at four in the morning in Vienna; nobody has pumped there yet."""

    def __init__(self, folder: Path, *, display: Literal["none", "ssd1306"] = "none", off_after_s: int = 120) -> None:
        super().__init__(0, folder)
        self.counts = Counts()
        self.chance = self.pump._chance = NoChance(0)
        self.pump.ties = Ties(wire=True, line=True)
        self.pump.plug()
        self.zone, self.first_wall = "Europe/Vienna", datetime(2026, 3, 1, 3, tzinfo=UTC).timestamp()
        self.driver, self.pause_s, self.sitting_s = display, 120, 720
        self.panel = None if display == "none" else VirtualPanel(CONTROLLERS[display])
        config = self._configure()
        self._config = replace(config, display=replace(config.display, off_after_s=off_after_s))
        self._wait = self.turns.wait
        self.turns.wait = self._waits  # type: ignore[method-assign]
        self.card._statement = self._states  # type: ignore[method-assign, assignment]
        self.switch_on()
        assert self.daemon is not None
        self.daemon._on_step = self._steps
        self.wait(SETTLED_S)

    # -- counting ----------------------------------------------------------------------------------------------

    @contextmanager
    def counted(self) -> Iterator[Counts]:
        """What happens meanwhile; `turns`, `log` and `wire` are there at the end."""
        assert self.daemon is not None
        counts = self.counts = Counts()
        turns, log, written = self.daemon.loop.turns, self._log_bytes(), self._wire_bytes()
        yield counts
        counts.turns = self.daemon.loop.turns - turns
        counts.log, counts.wire = self._log_bytes() - log, self._wire_bytes() - written

    def _log_bytes(self) -> int:
        return self.card.path.with_name(self.card.path.name + "-wal").stat().st_size

    def _wire_bytes(self) -> int:
        return 0 if self.panel is None else self.panel.written

    def _waits(self, until: float, ready: Any = None) -> None:
        if (thread := self.turns._current.name) != "world":
            self.counts.woken[thread] += 1
        self._wait(until, ready)

    def _states(self, statement: str) -> None:
        self.counts.statements[statement.split(maxsplit=1)[0]] += 1

    def _steps(self, seen: Seen) -> None:
        if isinstance(seen, Event):
            self.counts.events[type(seen).__name__] += 1

    def _heard(self, topic: str, payload: bytes, retain: bool) -> None:
        name = topic.removeprefix(PREFIX)
        if name != topic:
            wire.check(topic, payload)
        self.counts.messages[name] += 1
        self.counts.sizes[name] += len(payload)

    # -- a household -------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        self.live_until(self.now + seconds)

    def finger(self, *keys: str) -> None:
        """Short presses, one after the other, at a person's pace."""
        for key in keys:
            self.press(FINGERS[key], 0.1)
            self.wait(1.0)

    def order(self, command: str, **fields: Any) -> None:
        payload = json.dumps({"command": command, "request": f"r{self.now}", **fields}).encode()
        assert self.broker.command(payload, f"{PREFIX}reply/test")
        self.wait(1.0)

    def begin(self) -> None:
        """The pump runs from now on, by its wire and its line, whose heartbeat falls between the session's seconds."""
        self.pump.begin()
        self.wait(0.4)
        self.pump.go_on()
        self.wait(4.6)

    def session(self) -> None:
        """Twenty minutes that the pump runs, its three questions answered; then what came, and a note on it."""
        since = self.now
        self.begin()
        self.finger("left", "left", "middle")
        self.live_until(since + SESSION_S)
        self.pump.end()
        self.wait(AFTER_S - 20.0)
        self.order("volume", ml=85)
        self.order("note", text="the left one was sore")
        self.live_until(since + SESSION_S + AFTER_S)
