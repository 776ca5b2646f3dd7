"""The lines and the port while `learn` watches them: raw edges and bytes with their instants, nothing decided here."""

import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import click

from device.cli.saying import redraw, say
from device.learning.lines import Listened, is_text
from device.learning.plot import port_rows, wire_rows
from device.learning.waveform import Waveform
from device.loop import Loop
from drivers.gpio_lines import GpioError, InputLine, Pull
from drivers.pump_link import FREE_IT, READ_AT_ONCE, is_console, why_no_port
from drivers.serial_line import SPEEDS, port_holders

MOST_EDGES = 200_000
"""A minute of a motor that is switched three thousand times a second; more says nothing new."""
MOST_BYTES = 1 << 18
PROBES: tuple[Literal["up", "down"], ...] = ("up", "down", "up", "down")
"""Which way the Pi pulls a wire to see whether anything holds it."""
TRY_S = 2.0
"""A speed is given so long to bring text, once anything comes."""
ENOUGH = 32
"""Bytes by which a speed is judged."""
REDRAW_S = 1.0
RELEASE = "sudo systemctl stop pump-companion (a second pump's: pump-companion@NAME), then call this again"


class WireTap:
    """The motor's wire, and the buttons' beside it, with every edge as the pin factory gives it.

    Raises GpioError, also where another process has a line.
    """

    def __init__(self, loop: Loop, pin: int | str, pull: Pull | None, buttons: Mapping[str, int], held: Pull) -> None:
        self._loop = loop
        self._lines: list[InputLine] = []
        self._edges: list[tuple[float, bool]] = []
        self._presses: list[float] = []
        self._lost = 0
        self.floats = self._floats(pin)
        self.pull: Pull = pull or ("up" if self.floats else "none")
        try:
            self._line = self._open("motor.pin", pin, self.pull, self._edge)
            for name, at_pin in buttons.items():
                self._open(f"buttons.{name}", at_pin, held, lambda at, _high: self._presses.append(at))
        except GpioError:
            self.close()
            raise
        self.begins, self.high = loop.now(), self._line.active

    def close(self) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()

    def seen(self) -> Waveform:
        """What was seen until now; edges that another thread stamped a moment late are put in their order."""
        edges = tuple(sorted(edge for edge in list(self._edges) if edge[0] >= self.begins))
        presses = tuple(self._presses)
        return Waveform(self.begins, self._loop.now(), self.high, edges, presses, self.floats, self.pull, self._lost)

    def _open(self, key: str, pin: int | str, pull: Pull, on_edge: Callable[[float, bool], object]) -> InputLine:
        try:
            line = InputLine(key, pin, active="high", pull=pull, debounce_ms=0, on_edge=on_edge, now=self._loop.now)
        except GpioError as error:
            raise GpioError(f"{error}; {RELEASE}" if "held by pump-companion" in str(error) else str(error)) from error
        self._lines.append(line)
        return line

    def _floats(self, pin: int | str) -> bool | None:
        """Whether the wire follows the Pi's own resistor both ways; None where the pin has one that can't be chosen."""
        levels = []
        for pull in PROBES:
            try:
                line = self._open("motor.pin", pin, pull, lambda _at, _high: None)
            except GpioError as error:
                if type(error.__cause__.__cause__ if error.__cause__ else None).__name__ == "PinFixedPull":
                    return None
                raise
            levels.append(line.active)
            self.close()
        return levels == [pull == "up" for pull in PROBES]

    def _edge(self, at: float, high: bool) -> None:
        if len(self._edges) < MOST_EDGES:
            self._edges.append((at, high))
        else:
            self._lost += 1


class PortTap:
    """A serial port's bytes; where they are no text, the usual speeds are tried in turn. Raises ClickException.

    It is opened once, for that resets many boards; another speed is set on the open port.
    """

    def __init__(self, loop: Loop, port: str, baud: int) -> None:
        self._loop, self.port = loop, port
        self._listened = [Listened(baud, [])]
        self._speeds = [speed for speed in SPEEDS if speed != baud]
        self._bytes = 0
        self.begins = loop.now()
        try:
            self._serial: Any = loop.machine.open_serial(port, baud)
            self._fd = self._serial.fileno()
        except Exception as error:
            why = why_no_port(error, port)
            if "another program" in why:
                holders = ", ".join(map(str, port_holders(Path(port))))
                why += f"; {holders}: if that is the daemon, {RELEASE}" if holders else f"; is it the daemon? {RELEASE}"
            raise click.ClickException(f"serial.port = {port}: {why}") from error
        if is_console(port):
            say(f"serial.port = {port}: the console's login eats the pump's lines; {FREE_IT}", err=True)
        loop.watch(self._fd, self._read)
        loop.call_at(loop.now() + TRY_S, self._judge)

    def close(self) -> None:
        self._loop.unwatch(self._fd)
        self._serial.close()

    def listened(self) -> list[Listened]:
        return [listened for listened in self._listened if listened.chunks] or self._listened[:1]

    def _read(self) -> None:
        try:
            data = self._serial.read(READ_AT_ONCE)
        except OSError as error:
            self.close()
            why = why_no_port(error, self.port)
            raise click.ClickException(
                f"serial.port = {self.port}: lost ({why}); plug it in, call this again"
            ) from error
        self._bytes += len(data)
        if data and self._bytes <= MOST_BYTES:
            self._listened[-1].chunks.append((self._loop.now(), data))

    def _judge(self) -> None:
        """Try the next speed, where this one has brought enough to tell that it is none; at last the first again."""
        now = self._listened[-1]
        data = b"".join(piece for _, piece in now.chunks)
        if len(data) >= ENOUGH and not is_text(data):
            speed = self._speeds.pop(0) if self._speeds else self._listened[0].baud
            if speed != now.baud:
                self._serial.baudrate = speed
                self._listened.append(Listened(speed, []))
        self._loop.call_at(self._loop.now() + TRY_S, self._judge)


def watch_for(loop: Loop, seconds: float, wire: WireTap | None, port: PortTap | None, *, live: bool) -> None:
    """Watch for so long, or until Ctrl-C; `live`: the plots are drawn anew each second."""
    drawn = 0

    def draw() -> None:
        nonlocal drawn
        drawn = redraw(plotted(seconds, wire, port), drawn)
        loop.call_at(loop.now() + REDRAW_S, draw)

    loop.on_signal(signal.SIGINT, loop.stop)
    if live:
        draw()
    loop.call_at(loop.now() + seconds, loop.stop)
    loop.run(lambda _event: None)
    if live:  # the last picture is the whole one's, drawn once more by whoever tells of it
        redraw([], drawn)


def plotted(seconds: float, wire: WireTap | None, port: PortTap | None) -> list[str]:
    """What has been seen so far, as wide as the terminal."""
    width = _width()
    rows = []
    if wire is not None:
        rows += wire_rows(wire.seen(), seconds, width)
    if port is not None:
        last = port.listened()[-1]
        rows += [f"{port.port} at {last.baud} baud", *port_rows(last.chunks, port.begins, width)]
    return rows


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((80, 24)).columns - 1, 120) if sys.stdout.isatty() else 79
