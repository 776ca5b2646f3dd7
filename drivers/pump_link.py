"""The pump's serial line: bytes become `PumpSaid` or `LineRejected`, a port that is lost is opened again.

The parser is a value that eats bytes and yields events, so that it is tested without a port.
"""

import grp
import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from operator import xor
from pathlib import Path
from typing import Any

from device.core.model.events import LineRejected, LinkChanged, PumpSaid, Verb
from device.core.model.record import LARGEST_VOLUME_ML
from drivers.runtime import EventLoop, SerialPort, TimerHandle
from drivers.serial_line import HEADER_PORTS, LONGEST_LINE

RANGES = {"t": (0, 86400), "cpm": (0, 200), "vac": (0, 400), "ml": (0, LARGEST_VOLUME_ML)}
KEYS: dict[Verb, tuple[str, ...]] = {
    Verb.HELLO: ("model", "fw"),
    Verb.START: (),
    Verb.RUN: ("t", "cpm", "vac"),
    Verb.PAUSE: ("t",),
    Verb.STOP: ("t", "ml"),
    Verb.VOLUME: ("ml",),
}
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
"""Between attempts to open a port that is not there."""
FIRST_ANSWER_S = 0.2
"""So long the start waits for a port to open, which takes milliseconds as a rule: else a dashboard would hear for a
minute, which is how often `diagnostics` is told, that it is lost."""
READ_AT_ONCE = 128
"""Bytes: a dozen lines at most before others get their turn, whatever the port brings."""
CONSOLES = Path("/sys/class/tty/console/active")
"""The kernel's list of the ports that are its console (Documentation/ABI/testing/sysfs-tty); a login comes with it."""
FREE_IT = "sudo raspi-config nonint do_serial_cons 1, then restart the Pi"

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CHECKSUM = re.compile(rb"[0-9A-Fa-f]{2}")
_PRINTABLE = re.compile(rb"[ -~]*")
Said = PumpSaid | LineRejected
Patterns = Mapping[str, str | Sequence[str]]
log = logging.getLogger(__name__)


class BadLineError(ValueError):
    """A line that fits nothing; its text is the counter's name."""


class LineParser:
    """Eats bytes in any pieces, yields what the lines say.

    `patterns`: for a verb one regular expression or several, with named groups, searched for in a line of another pump.
    """

    def __init__(self, patterns: Patterns | None = None) -> None:
        self._patterns = [
            (Verb(verb), re.compile(pattern))
            for verb, given in (patterns or {}).items()
            for pattern in ([given] if isinstance(given, str) else given)
        ]
        self._line = bytearray()
        self._dropping = False

    def feed(self, data: bytes, at: float) -> list[Said]:
        """Take the next bytes; `at` is when they came, and the instant of what their lines say."""
        said: list[Said] = []
        pieces = data.split(b"\n")
        for piece in pieces[:-1]:
            self._add(piece, at, said)
            if not self._dropping:
                said.append(self._read(bytes(self._line).removesuffix(b"\r"), at))
            self._line.clear()
            self._dropping = False
        self._add(pieces[-1], at, said)
        return said

    def reset(self) -> None:
        """Forget half a line: what follows is from a port opened anew."""
        self._line.clear()
        self._dropping = False

    def _add(self, piece: bytes, at: float, said: list[Said]) -> None:
        if self._dropping:
            return
        self._line += piece[: LONGEST_LINE + 2]
        # the one byte more may be the CR of an ending that is still to come
        if len(self._line) > LONGEST_LINE and not (len(self._line) == LONGEST_LINE + 1 and self._line[-1] == 0x0D):
            said.append(LineRejected(at, "too_long"))
            self._line.clear()
            self._dropping = True

    def _read(self, line: bytes, at: float) -> Said:
        try:
            return _own(line, at)
        except BadLineError as error:
            if str(error) not in {"unknown", "syntax"}:
                return LineRejected(at, str(error))
            why = str(error)
        text = line.decode("latin-1")
        for verb, pattern in self._patterns:
            found = pattern.search(text)
            if found:
                groups = {key: value for key, value in found.groupdict().items() if value is not None}
                try:
                    return _said(verb, groups, at)
                except BadLineError as error:
                    return LineRejected(at, str(error))
        return LineRejected(at, why)


def _own(line: bytes, at: float) -> PumpSaid:
    """Read `PUMP <VERB> [key=value]...[*HH]`."""
    if not line.startswith(b"PUMP "):
        raise BadLineError("unknown")
    if not _PRINTABLE.fullmatch(line):
        raise BadLineError("not_ascii")
    body, star, checksum = line.rpartition(b"*")
    if not star:
        body = line
    elif not _CHECKSUM.fullmatch(checksum) or reduce(xor, body) != int(checksum, 16):
        raise BadLineError("checksum")
    name, *words = body.decode("ascii").split()[1:] or [""]
    if name not in Verb.__members__:
        raise BadLineError("unknown")
    values: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise BadLineError("syntax")
        if key in values:
            raise BadLineError("duplicate")
        values[key] = value
    return _said(Verb(name), values, at)


def _said(verb: Verb, values: Mapping[str, str], at: float) -> PumpSaid:
    known: dict[str, Any] = {}
    for key in KEYS[verb]:
        if key in values:
            known[key] = _quantity(key, values[key]) if key in RANGES else values[key]
    if verb is Verb.VOLUME and "ml" not in known:
        raise BadLineError("missing")
    return PumpSaid(at, verb, **known)


def _quantity(key: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise BadLineError("number")
    low, high = RANGES[key]
    if not low <= float(text) <= high:
        raise BadLineError("range")
    return float(text)


class PumpLink:
    """Keeps the port open: any path or URL of pyserial's `serial_for_url`, 8N1, ours alone.

    Posts what the pump says and `LinkChanged` (at the first answer to whether the port is there, and at each change);
    `why` says for people why it is down. Opening happens in a thread of its own, for it may take seconds.
    """

    def __init__(
        self,
        port: str,
        *,
        baud: int = 115200,
        patterns: Patterns | None = None,
        post: Callable[[PumpSaid | LineRejected | LinkChanged], object],
        loop: EventLoop,
    ) -> None:
        self.port, self.baud = port, baud
        self.why = ""
        self.reopened = 0
        self._post, self._loop = post, loop
        self._parser = LineParser(patterns)
        self._serial: SerialPort | None = None
        self._fd: int | None = None
        self._up: bool | None = None
        self._pause_s = FIRST_PAUSE_S
        self._timer: TimerHandle | None = None
        self._closed = False
        self._open()

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._drop()

    def _open(self) -> None:
        self._timer = None
        if "://" not in self.port and not Path(self.port).exists():
            self._failed(f"serial.port = {self.port}: {no_such_port(self.port)}")
            return
        opening = self._loop.machine.thread("pump link opens", self._attempt)
        opening.start()
        if self._up is None:
            opening.join(FIRST_ANSWER_S)

    def _attempt(self) -> None:
        try:
            port = self._loop.machine.open_serial(self.port, self.baud)
        except Exception as error:  # noqa: BLE001 - termios has an error of its own; whatever it is, it is tried again
            why = f"serial.port = {self.port}: {why_no_port(error, self.port)}"
            self._loop.call(lambda: self._failed(why))
        else:
            self._loop.call(lambda: self._opened(port))

    def _opened(self, port: Any) -> None:
        if self._closed:
            port.close()
            return
        self._serial = port
        self._parser.reset()
        self._pause_s = FIRST_PAUSE_S
        self.why = ""
        if self._up is not None:
            self.reopened += 1
            log.info("serial.port = %s: it is there again", self.port)
        elif is_console(self.port):
            log.warning("serial.port = %s: the console's login eats the pump's lines; %s", self.port, FREE_IT)
        self._say(up=True)
        try:
            self._fd = port.fileno()
        except OSError:
            # loop:// and rfc2217:// have no descriptor; they alone get a thread, which looks up every five seconds
            port.timeout = 5
            self._loop.machine.thread("pump link", partial(self._read_for_ever, port)).start()
        else:
            self._loop.watch(self._fd, self._readable)

    def _readable(self) -> None:
        if self._serial is None:
            return
        try:
            data = self._serial.read(READ_AT_ONCE)
        except OSError as error:
            self._lost(why_no_port(error, self.port))
        else:
            self._feed(data)

    def _read_for_ever(self, port: Any) -> None:
        while self._is_current(port):
            try:
                data = port.read(max(1, min(port.in_waiting, READ_AT_ONCE)))
            except Exception as error:  # noqa: BLE001 - what a port that went under its reader raises differs by URL
                self._loop.call(partial(self._threads_say, port, b"", why_no_port(error, self.port)))
                return
            if data:
                self._loop.call(partial(self._threads_say, port, data, ""))

    def _threads_say(self, port: Any, data: bytes, why: str) -> None:
        if not self._is_current(port):
            return
        if why:
            self._lost(why)
        else:
            self._feed(data)

    def _is_current(self, port: object) -> bool:
        return self._serial is port

    def _feed(self, data: bytes) -> None:
        """Post what the lines say, and how many fitted nothing."""
        at = self._loop.now()
        rejected: Counter[str] = Counter()
        for said in self._parser.feed(data, at):
            if isinstance(said, LineRejected):
                rejected[said.why] += 1
            else:
                self._post(said)
        for why, count in rejected.items():
            self._post(LineRejected(at, why, count))

    def _lost(self, why: str) -> None:
        self._drop()
        self._failed(f"serial.port = {self.port}: lost ({why})")

    def _drop(self) -> None:
        port, self._serial = self._serial, None
        if self._fd is not None:
            self._loop.unwatch(self._fd)
            self._fd = None
        if port is not None:
            self._loop.machine.thread("pump link closes", partial(_close, port)).start()

    def _failed(self, why: str) -> None:
        if self._closed:
            return
        if why != self.why:
            log.warning("%s", why)
        self.why = why
        self._say(up=False)
        self._timer = self._loop.call_after(self._pause_s, self._open)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def _say(self, *, up: bool) -> None:
        if up != self._up:
            self._up = up
            self._post(LinkChanged(self._loop.now(), up=up))


def _close(port: Any) -> None:
    # pyserial leaves a socket open whose other end has gone
    connection = getattr(port, "_socket", None)
    if connection is not None:
        connection.close()
    try:
        port.close()
    except OSError as error:
        log.info("closing %s: %s", port.name, error)


def is_console(port: str) -> bool:
    """Whether the system has its console on a port."""
    try:
        return Path(port).resolve().name in CONSOLES.read_text().split()
    except OSError:
        return False


def group_that_may(port: str) -> str | None:
    """The group whose members may open a port; None where none may but root's. A port without a file: dialout."""
    try:
        status = Path(port).stat()
        group = grp.getgrgid(status.st_gid).gr_name
    except OSError:
        return "dialout"
    except KeyError:
        group = str(status.st_gid)
    return group if status.st_mode & 0o060 == 0o060 and status.st_gid else None


def no_such_port(port: str) -> str:
    header = "is it switched on (sudo raspi-config nonint do_serial_hw 0)?"
    return f"no such port; {header if port in HEADER_PORTS else 'is the adapter plugged in?'}"


def why_no_port(error: Exception, port: str) -> str:
    """Say in one line why a port can't be had."""
    text = " ".join(str(error).split())
    if "Errno 2]" in text:
        return no_such_port(port)
    if "Errno 13" in text or isinstance(error, PermissionError):
        group = group_that_may(port)
        if group is None and is_console(port):  # a login takes its terminal from the group (agetty(8))
            return f"the console's login has it; {FREE_IT}"
        if group is None:
            return "no permission; call this with sudo, or let a rule of udev give the port to the group dialout"
        return f"no permission; add the user to the group {group}"
    if "exclusively lock" in text or "Errno 16" in text:
        return f"another program has the port open (a second pump-companion?); stop it; if it is a login: {FREE_IT}"
    if "returned no data" in text:  # pyserial's word for an adapter that was pulled
        return "it was pulled, or is read by two programs"
    if "Errno 21]" in text or "(25, " in text or isinstance(error, io.UnsupportedOperation):  # a folder, a file, no fd
        return "is no serial port of this machine; name one, as in /dev/serial/by-id/"
    return text or type(error).__name__
