"""The world as `doctor` sees it: files, programs, buses, lines and ports, each behind one method that tests replace.

Nothing here judges. What may fail raises OSError; what is not there is None or empty.
"""

import contextlib
import grp
import importlib.metadata
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import drivers.clock
from device import SPOKEN
from device.asking.nearby import NearbyBroker, nearby_brokers
from device.settings.loading import Config
from drivers.controllers import HEIGHT, WIDTH
from drivers.serial_line import PortHolder, port_holders

from .broker_call import BrokerSeen, call_broker

if TYPE_CHECKING:
    from PIL.Image import Image

PROGRAM_S = 10.0
"""How long a program of the system may take to answer."""
MOST_TEXT = 1 << 20
HERE_S = 1.0
"""How long this machine's own broker may take to answer."""
CLOSED_S = 1.0
"""How long a serial port that is quiet is read at most before it is looked whether the time is over."""


LEVEL = re.compile(r"^ *(\d+):.*\| (hi|lo)\b", re.MULTILINE)
"""A line of pinctrl's: `17: ip    pu | hi // GPIO17 = input`."""
LOOK_AGAIN_S = 0.1
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""What says in which language a system speaks; the first that says anything counts (POSIX, 8.2)."""


class Room(NamedTuple):
    """Of the disk that a folder is on: bytes."""

    free: int
    total: int


class LineHeld(NamedTuple):
    """A line as the kernel tells of it, without taking it."""

    used: bool
    consumer: str


class LineWatched(NamedTuple):
    """A line that was taken for a moment: its level at the end, and each edge's instant in seconds, oldest first."""

    high: bool
    edges: tuple[float, ...] = ()


class Surroundings:
    """This machine, below `root`."""

    def __init__(self, root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> None:
        self.root, self.environment = root, environment

    # -- files -------------------------------------------------------------------------------------------------

    def place(self, path: str | Path) -> Path:
        """Where an absolute path lies."""
        return self.root / str(path).lstrip("/")

    def text(self, path: str | Path) -> str | None:
        """A file's text, MOST_TEXT bytes at most; None where it is not there or may not be read."""
        try:
            with self.place(path).open("rb") as file:
                return file.read(MOST_TEXT).decode("utf-8", "replace")
        except OSError:
            return None

    def there(self, path: str | Path) -> bool:
        return self.place(path).exists()

    def names(self, pattern: str) -> list[str]:
        """Absolute paths that fit a pattern, in order."""
        found = self.root.glob(pattern.lstrip("/"))
        return sorted(f"/{path.relative_to(self.root)}" for path in found)

    def room(self, folder: Path) -> Room:
        usage = shutil.disk_usage(folder)
        return Room(usage.free, usage.total)

    def try_writing(self, folder: Path) -> float:
        """Write a small file there, wait until the disk has it, and remove it; the seconds that took."""
        begun = time.monotonic()
        descriptor, name = tempfile.mkstemp(prefix="doctor-", dir=folder)
        try:
            os.write(descriptor, b"doctor\n" * 512)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            Path(name).unlink()
        return time.monotonic() - begun

    # -- programs and packages ---------------------------------------------------------------------------------

    def run(self, *words: str) -> str | None:
        """What a program of the system prints, whatever its status; None where there is none, or it does not end."""
        program = shutil.which(words[0], path=self.environment.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin")
        if program is None:
            return None
        environment = {**self.environment, "LC_ALL": "C"}
        try:
            ended = subprocess.run(  # noqa: S603 - the words are the checks' own
                [program, *words[1:]], capture_output=True, timeout=PROGRAM_S, check=False, env=environment,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return None
        return ended.stdout.decode("utf-8", "replace")

    def requirements(self) -> list[str]:
        """What the installed package says that it needs; empty where it has no metadata."""
        try:
            return importlib.metadata.requires("pump-companion") or []
        except importlib.metadata.PackageNotFoundError:
            return []

    def installed(self, package: str) -> str | None:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return None

    def wall(self) -> float:
        return time.time()

    def synced(self) -> bool:
        """Whether the system calls its clock synchronised."""
        return any(map(self.there, drivers.clock.MARKS)) or drivers.clock.kernel_says_synced() is True

    def language(self) -> str | None:
        """The system's, by its code; None: none that the device speaks too, or none at all (`C`, `POSIX`)."""
        locale = next(filter(None, map(self.environment.get, LOCALE)), "")
        code = re.split("[_.@]", locale)[0]
        return code if code in SPOKEN else None

    # -- rights ------------------------------------------------------------------------------------------------

    def group_of(self, path: str) -> str:
        """The group to which a device belongs."""
        number = self.place(path).stat().st_gid
        try:
            return grp.getgrgid(number).gr_name
        except KeyError:
            return str(number)

    def user(self) -> str:
        try:
            return pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            return str(os.geteuid())

    def joined(self, group: str) -> bool:
        """Whether the user was put into a group that this process does not have yet: a login came before it."""
        with contextlib.suppress(KeyError):
            known = grp.getgrnam(group)
            return self.user() in known.gr_mem and known.gr_gid not in os.getgroups()
        return False

    # -- the display's bus -------------------------------------------------------------------------------------

    def answering(self, bus: str) -> list[int]:
        """The addresses that answer on an I2C bus, asked as i2cdetect does: a read where a write could do harm."""
        from smbus2 import SMBus

        found = []
        with SMBus(str(self.place(bus))) as opened:
            for address in range(0x08, 0x78):
                reads = 0x30 <= address <= 0x37 or 0x50 <= address <= 0x5F
                with contextlib.suppress(OSError):
                    opened.read_byte(address) if reads else opened.write_quick(address)
                    found.append(address)
        return found

    def openable(self, device: str) -> None:
        """Open a device and close it. Raises OSError."""
        os.close(os.open(self.place(device), os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))

    def draw(self, config: Config) -> None:
        """Show a frame along all four edges of the display."""
        import PIL.Image
        from PIL import ImageDraw

        image = PIL.Image.new("1", (WIDTH, HEIGHT))
        ImageDraw.Draw(image).rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=1)
        self.show(config, image)

    def show(self, config: Config, image: "Image") -> None:
        """Show a picture on the display, where there is one, until somebody else draws. Raises what its bus raises."""
        from device.daemon import display_bus
        from drivers.oled import OledFrame, OledPanel

        controller = config.display.controller
        if controller is not None:
            panel = OledPanel(controller, display_bus(config), config.display.rotate)
            try:
                panel.show(OledFrame(image))
            finally:
                panel.forget()

    # -- lines -------------------------------------------------------------------------------------------------

    def header(self) -> str:
        """The header's chip; raises PermissionError, gpiozero's BadPinFactory, or ModuleNotFoundError."""
        import gpiod

        from drivers.gpiod_pins import find_chip

        return find_chip(gpiod, paths=[str(self.place(name)) for name in self.names("/dev/gpiochip*")])

    def held_lines(self, chip: str, pins: Sequence[int]) -> dict[int, LineHeld]:
        import gpiod

        with gpiod.Chip(chip) as opened:
            told = {pin: opened.get_line_info(pin) for pin in pins}
        return {pin: LineHeld(bool(line.used), line.consumer or "") for pin, line in told.items()}

    def watch_lines(self, chip: str, pulls: Mapping[int, str], watch_s: float) -> dict[int, LineWatched]:
        """Take the lines for so long, each with its pull (`none`, `up`, `down`). Raises OSError."""
        import gpiod

        biases = {"none": "DISABLED", "up": "PULL_UP", "down": "PULL_DOWN"}
        config: dict[Any, Any] = {
            pin: gpiod.LineSettings(
                direction=gpiod.line.Direction.INPUT,
                edge_detection=gpiod.line.Edge.BOTH,
                bias=getattr(gpiod.line.Bias, biases[pull]),
            )
            for pin, pull in pulls.items()
        }
        edges: dict[int, list[float]] = {pin: [] for pin in pulls}
        with gpiod.request_lines(chip, consumer="pump-companion doctor", config=config, event_buffer_size=256) as lines:
            until = time.monotonic() + watch_s
            while (left := until - time.monotonic()) > 0:
                if lines.wait_edge_events(left):
                    for event in lines.read_edge_events():
                        edges[event.line_offset].append(event.timestamp_ns / 1e9)
            active = gpiod.line.Value.ACTIVE
            return {pin: LineWatched(lines.get_value(pin) == active, tuple(edges[pin])) for pin in pulls}

    def levels(self, pins: Sequence[int], watch_s: float) -> dict[int, set[bool]]:
        """The levels that lines had meanwhile (true: high), whoever holds them: Raspberry Pi OS's pinctrl reads the
        chip's registers and takes no line. Empty where there is no such program, or it may not.
        """
        seen: dict[int, set[bool]] = {}
        until = time.monotonic() + watch_s
        while True:
            for line in LEVEL.finditer(self.run("pinctrl", "get", ",".join(map(str, pins))) or ""):
                seen.setdefault(int(line[1]), set()).add(line[2] == "hi")
            if not seen or time.monotonic() >= until:
                return seen
            time.sleep(LOOK_AGAIN_S)

    # -- the broker ------------------------------------------------------------------------------------------------

    def call(self, config: Config, password: str | None) -> BrokerSeen:
        return call_broker(config, password)

    def broker_here(self) -> bool:
        """Whether something listens on this machine's own port 1883."""
        with contextlib.suppress(OSError), socket.create_connection(("localhost", 1883), HERE_S):
            return True
        return False

    def nearby(self) -> tuple[NearbyBroker, ...] | None:
        """The brokers that announce themselves; None where the library is not there. Raises OSError."""
        return nearby_brokers()

    # -- the serial port ---------------------------------------------------------------------------------------

    def port_holders(self, port: str) -> list[PortHolder]:
        return port_holders(self.place(port), self.root)

    def listen(self, port: str, baud: int, listen_s: float) -> bytes:
        """Open the port, ours alone, and return what arrives within so many seconds, 4 KiB at most."""
        import serial

        heard = b""
        with serial.serial_for_url(port, baud, timeout=min(listen_s, CLOSED_S), exclusive=True) as opened:
            until = time.monotonic() + listen_s
            while time.monotonic() < until and len(heard) < 4096:
                heard += opened.read(max(1, min(opened.in_waiting, 4096)))
        return heard
