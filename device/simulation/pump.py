"""The pump and what ties it to the device: a motor's wire, of a level or of strokes, a serial line, or both.

A port is a pair of sockets: what is written is there to be read at once, so that a life is the same each time.
"""

import random
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial, reduce
from operator import xor
from pathlib import Path
from typing import Literal

import msgspec
import serial

MOTOR = 17
QUIET_S = 15.0
"""The device takes a line without a heartbeat for so long as quiet."""
STEADY_S = 30.0
"""After a port was pulled or a line disturbed, what came meanwhile has been made up for."""


DIALECT = {
    "HELLO": "made-up pump, version 1",
    "START": "motor on",
    "RUN": "{cpm} cpm, {vac} mmHg",
    "PAUSE": "hold",
    "STOP": "motor off after {t} s",
}
"""What a pump with lines of its own says, and DIALECT_PATTERNS how its owner taught them; no word of a checksum."""
DIALECT_PATTERNS = r"""
[serial.patterns]
START = '^motor on$'
RUN = '^(?P<cpm>\d+) cpm, (?P<vac>\d+) mmHg$'
PAUSE = '^hold$'
STOP = '^motor off after (?P<t>\d+) s$'
"""


class Ties(msgspec.Struct, frozen=True):
    """How the pump is tied to the device. `cycle_s`: from stroke to stroke, 0 where the wire says a level."""

    wire: bool = True
    line: bool = False
    cycle_s: float = 0.0
    knock: Literal["reed", "vibration"] = "reed"
    beat_s: float = 5.0
    """From heartbeat to heartbeat of the line."""
    dialect: bool = False
    """The line speaks words of its own."""

    @classmethod
    def by_chance(cls, chance: random.Random) -> "Ties":
        wire, line = chance.choice(((True, False), (True, True), (True, True), (False, True)))
        strokes = wire and chance.random() < 0.1
        cycle_s = 60 / chance.uniform(12, 50) if strokes else 0.0
        return cls(
            wire,
            line,
            cycle_s,
            chance.choice(("reed", "vibration")),
            chance.choice((5.0, 10.0)),
            dialect=line and chance.random() < 0.3,
        )

    def __str__(self) -> str:
        wire = f"strokes of a {self.knock}, {60 / self.cycle_s:.0f} a minute" if self.cycle_s else "a level"
        line = "a serial line in words of its own" if self.dialect else "a serial line"
        return " and ".join([*([wire] if self.wire else []), *([line] if self.line else [])])


class MadeUpPort:
    """`drivers.runtime.SerialPort`: the device's end of a line."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.name = "pump"

    def fileno(self) -> int:
        return self._end.fileno()

    def read(self, size: int, /) -> bytes:
        try:
            data = self._end.recv(size)
        except BlockingIOError:
            return b""
        if not data:
            raise serial.SerialException("device reports readiness to read but returned no data")
        return data

    def close(self) -> None:
        self._end.close()


class MadeUpPump:
    """`after` has something happen later; `drive` sets the level of the motor's pin. `path` stands for the port."""

    def __init__(
        self,
        ties: Ties,
        chance: random.Random,
        *,
        path: Path,
        now: Callable[[], float],
        after: Callable[[float, Callable[[], object]], object],
        drive: Callable[[bool], object],
    ) -> None:
        self.ties, self.path = ties, path
        self.on = self.level = False
        self.noise = 0.0
        """How likely each byte of the line is lost, doubled or garbled."""
        self.unsteady_until = 0.0
        self._chance, self._now, self._after, self._drive_pin = chance, now, after, drive
        self._began: float | None = None
        self._strokes = 0
        self._last_heard = ""
        self._ours: socket.socket | None = None
        self._theirs: list[socket.socket] = []
        self.plug()

    @property
    def is_witnessed(self) -> bool:
        """Whether what it does now is heard as it is."""
        return self.ties.wire or self.is_heard_by_line

    @property
    def is_heard_by_line(self) -> bool:
        return self.path.exists() and self._now() >= self.unsteady_until and not self.noise

    @property
    def hangs(self) -> bool:
        """It rests, and the line got neither that through nor a heartbeat before it: by its START it runs on."""
        return not self.on and self._last_heard == "START"

    @property
    def rests_unsaid(self) -> bool:
        """It rests, and the line still says that it runs: for the device it does until the line is quiet."""
        return not self.on and self._ours is not None and self._last_heard in {"START", "RUN"}

    @property
    def seen_within_s(self) -> float:
        """So long after it began the device knows: a wire's signal must last for three seconds."""
        return 5.0 + 2 * self.ties.cycle_s

    @property
    def least_rest_s(self) -> float:
        """A shorter rest of the motor is none: strokes may be eight seconds apart."""
        return 1.0 if not self.ties.cycle_s else 9.0 + self.ties.cycle_s

    # -- what the motor does -----------------------------------------------------------------------------------

    def begin(self) -> None:
        self._began = self._now()
        self._say("START")
        self._turn_on()

    def go_on(self) -> None:
        self._turn_on()

    def pause(self) -> None:
        self._turn_off()
        self._say("PAUSE", t=self._ran_s())

    def end(self) -> None:
        """The motor stops."""
        if self._began is None:
            return
        ran_s = self._ran_s()
        self._turn_off()
        self._began = None
        self._say("STOP", t=ran_s)

    def _turn_on(self) -> None:
        self.on = True
        self._strokes += 1
        self._beat(self._strokes)
        if self.ties.cycle_s:
            self._stroke(self._strokes)
        else:
            self._turn(on=True)

    def _turn_off(self) -> None:
        self.on = False
        self._strokes += 1
        self._turn(on=False)

    def _ran_s(self) -> int:
        return 0 if self._began is None else round(self._now() - self._began)

    # -- its wire ----------------------------------------------------------------------------------------------

    def drive(self, *, flipped: bool = False) -> None:
        if self.ties.wire:
            self._drive_pin(self.level != flipped)

    def spike(self) -> None:
        """A spike on the motor's wire, far shorter than what counts."""
        self.drive(flipped=True)
        self._after(self._chance.uniform(0.0001, 0.003 if self.ties.cycle_s else 0.03), self.drive)

    def _turn(self, *, on: bool) -> None:
        """The contact closes or opens, and bounces."""
        self.level = on
        self.drive()
        at = 0.0
        for bounce in range(self._chance.choice((0, 0, 2, 4))):
            at += self._chance.uniform(0.0005, 0.012)
            self._after(at, partial(self.drive, flipped=bounce % 2 == 0))

    def _stroke(self, run: int) -> None:
        """One stroke, and the next after it, as long as this run of strokes lasts."""
        if run != self._strokes:
            return
        knocks = 1 if self.ties.knock == "reed" else self._chance.randrange(1, 4)
        at = 0.0
        for _ in range(knocks):
            held_s = min(0.4 * self.ties.cycle_s, self._chance.uniform(0.008, 0.04 if knocks > 1 else 0.3))
            self._after(at, partial(self._knock, run, on=True))
            self._after(at + held_s, partial(self._knock, run, on=False))
            at += held_s + self._chance.uniform(0.01, 0.1)
        self._after(self.ties.cycle_s, partial(self._stroke, run))

    def _knock(self, run: int, *, on: bool) -> None:
        if run == self._strokes or not on:
            self.level = on
            self.drive()

    # -- its line ----------------------------------------------------------------------------------------------

    def plug(self) -> None:
        """Put the cable in: the port is there, and the pump introduces itself."""
        if self.ties.line and not self.path.exists():
            self.path.touch()
            self.unsteady_until = self._now() + STEADY_S
            self._say("HELLO", model="made-up", fw=1)

    def unplug(self) -> None:
        """Pull it: whoever has the port open finds it gone."""
        self.path.unlink(missing_ok=True)
        self.closed()

    def disturb(self, noise: float) -> None:
        """From now on each byte of the line is lost, doubled or garbled so likely; 0: the line is good again."""
        self.noise = noise
        self.unsteady_until = self._now() + STEADY_S

    def open(self, _port: str, _baud: int) -> MadeUpPort:
        """The device opens its end. What was said before is gone; raises OSError where it is open already."""
        if not self.path.exists():
            raise serial.SerialException(2, f"could not open port {self.path.name}: No such file or directory")
        self.closed()
        self._ours, theirs = socket.socketpair()
        for end in (self._ours, theirs):
            end.setblocking(False)
        self._theirs.append(theirs)
        return MadeUpPort(theirs)

    def closed(self) -> None:
        """Nobody listens any more."""
        if self._ours is not None:
            self._ours.close()
            self._ours = None

    def device_gone(self) -> None:
        """The process ended, and the system closed what it had open."""
        for end in self._theirs:
            end.close()
        self._theirs.clear()
        self.closed()

    def _beat(self, run: int) -> None:
        if run == self._strokes and self.ties.line:
            pace = round(60 / self.ties.cycle_s) if self.ties.cycle_s else 54
            self._say("RUN", t=self._ran_s(), cpm=pace, vac=180)
            self._after(self.ties.beat_s, partial(self._beat, run))

    def _say(self, verb: str, **values: object) -> None:
        if self._ours is None:
            return
        if self.ties.dialect:
            body = DIALECT[verb].format(**values).encode("ascii")
            line = body + b"\r\n"
        else:
            body = " ".join(["PUMP", verb, *(f"{key}={value}" for key, value in values.items())]).encode("ascii")
            line = body + b"*%02X\r\n" % reduce(xor, body)
        said = line.rstrip()
        if self.noise:
            line = b"".join(map(self._garbled, line))
        # a full port loses what it can't take; one that the device let go of hears nothing
        with suppress(OSError):
            self._ours.send(line)
            if line.rstrip(b"\r\n") == said != line:
                self._last_heard = verb

    def _garbled(self, byte: int) -> bytes:
        if self._chance.random() >= self.noise:
            return bytes([byte])
        return self._chance.choice((b"", bytes([byte, byte]), bytes([byte ^ 1 << self._chance.randrange(8)])))
