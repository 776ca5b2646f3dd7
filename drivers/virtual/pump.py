"""A pump without a motor: it drives the motor's wire on a gpiozero mock pin and speaks the serial lines on a pty.

It lives on the daemon's own loop and clock, so that it runs as fast as they do; other threads go by `loop.call`.
"""

import contextlib
import os
import tempfile
import tty
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any, Literal

from drivers.runtime import EventLoop, TimerHandle

HEARTBEAT_S = 5.0
SLOWEST, FASTEST = 10.0, 120.0
"""Cycles a minute: slow expression, fast stimulation."""


class Pump:
    """Switched on and off, it makes a level or strokes on its wire and says START, RUN, PAUSE, STOP on its line.

    `pin`: the motor line's, on gpiozero's MockFactory; None for a pump without a wire. `port`: the path that
    stays the same however often the cable is pulled; None where `serial` is false.
    """

    def __init__(
        self,
        loop: EventLoop,
        *,
        pin: int | str | None = None,
        signal: Literal["level", "pulses"] = "level",
        active: Literal["high", "low"] = "high",
        serial: bool = True,
        cycles_per_minute: float = 54.0,
        model: str = "virtual",
    ) -> None:
        self._loop = loop
        self._signal = signal
        self._active = active
        self._model = model
        self._line: Any = None
        if pin is not None:
            from gpiozero import Device

            self._line = Device.pin_factory.pin(pin)
        self.cycles_per_minute = cycles_per_minute
        self.running = False
        self._began: float | None = None
        self._stroke: TimerHandle | None = None
        self._heartbeat: TimerHandle | None = None
        self._ends: tuple[int, int] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="pump-") if serial else None
        self.port = str(Path(self._folder.name) / "tty") if self._folder is not None else None
        self._drive(active=False)
        if serial:
            self.plug()

    @property
    def plugged(self) -> bool:
        return self._ends is not None

    def start(self) -> None:
        """Switch on, or go on after a pause."""
        if self.running:
            return
        self.running = True
        if self._began is None:
            self._began = self._loop.now()
            self.say("START")
        self._beat()
        if self._signal == "level":
            self._drive(active=True)
        else:
            self._pull()

    def pause(self) -> None:
        """Let the motor rest; `start` goes on."""
        if self.running:
            self._rest()
            self.say(f"PAUSE t={self._ran_s()}")

    def stop(self, ml: float | None = None) -> None:
        """Switch off, saying the volume where one is given."""
        if self._began is None:
            return
        ran_s = self._ran_s()
        self._rest()
        self._began = None
        self.say(f"STOP t={ran_s}" + ("" if ml is None else f" ml={ml:g}"))

    def volume(self, ml: float) -> None:
        self.say(f"VOLUME ml={ml:g}")

    def set_speed(self, cycles_per_minute: float) -> None:
        """Change the strokes' speed, at once on the wire and with the next heartbeat on the line."""
        self.cycles_per_minute = min(max(cycles_per_minute, SLOWEST), FASTEST)

    def plug(self) -> None:
        """Put the serial cable in: the port appears, and the pump introduces itself."""
        if self._ends is not None or self.port is None:
            return
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._ends = master, slave
        Path(self.port).symlink_to(os.ttyname(slave))
        self.say(f"HELLO model={self._model} fw=1")

    def unplug(self) -> None:
        """Pull the serial cable: the port is gone, whoever has it open gets an error."""
        if self._ends is not None and self.port is not None:
            Path(self.port).unlink()
            for end in self._ends:
                os.close(end)
            self._ends = None

    def say(self, words: str) -> None:
        """Send a good line with its checksum; into the air while the cable is out."""
        body = f"PUMP {words}".encode("ascii")
        self.send(body + b"*%02X\r\n" % reduce(xor, body))

    def send(self, data: bytes) -> None:
        """Send any bytes, rubbish too; what a full port can't take is lost, as on a wire."""
        if self._ends is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._ends[0], data)

    def close(self) -> None:
        self._rest()
        self.unplug()
        if self._folder is not None:
            self._folder.cleanup()

    def _ran_s(self) -> int:
        return 0 if self._began is None else round(self._loop.now() - self._began)

    def _rest(self) -> None:
        self.running = False
        for timer in (self._stroke, self._heartbeat):
            if timer is not None:
                timer.cancel()
        self._drive(active=False)

    def _beat(self) -> None:
        self.say(
            f"RUN t={self._ran_s()} cpm={self.cycles_per_minute:.0f} vac={150 + round(self.cycles_per_minute) % 40}"
        )
        self._heartbeat = self._loop.call_at(self._loop.now() + HEARTBEAT_S, self._beat)

    def _pull(self) -> None:
        self._drive(active=True)
        self._stroke = self._loop.call_at(self._loop.now() + 30 / self.cycles_per_minute, self._let_go)

    def _let_go(self) -> None:
        self._drive(active=False)
        self._stroke = self._loop.call_at(self._loop.now() + 30 / self.cycles_per_minute, self._pull)

    def _drive(self, *, active: bool) -> None:
        if self._line is None:
            return
        if active == (self._active == "high"):
            self._line.drive_high()
        else:
            self._line.drive_low()
