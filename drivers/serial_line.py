"""A serial line, as settings, driver and doctor know it: how long lines are, which ports are pins, who has one open."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

LONGEST_LINE = 128
"""Bytes of a line, its ending not counted; a longer one is dropped to its end."""
HEADER_PORTS = ("/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0")
"""Ports that are (or on most boards may be) GPIO14 and GPIO15 on the header."""
SPEEDS = (115200, 9600, 57600, 38400, 19200, 4800, 2400, 230400)
"""Which are usual, in the order in which they are tried."""


class PortHolder(NamedTuple):
    """A process that has a port open."""

    pid: int
    program: str

    def __str__(self) -> str:
        return f"process {self.pid} ({self.program})"


def port_holders(port: Path, root: Path = Path("/")) -> list[PortHolder]:
    """Who else has a port open, as far as this user may look: only root sees what strangers have (proc(5))."""
    wanted, found = os.path.realpath(port), dict[int, PortHolder]()
    for process in root.glob("proc/[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is nobody's business
            if process.name != str(os.getpid()) and wanted in opened_by(process):
                program = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                found[int(process.name)] = PortHolder(int(process.name), program)
    return sorted(found.values())


def opened_by(process: Path) -> set[str]:
    """What a process has open. Raises OSError."""
    opened = set()
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(OSError):  # it was closed meanwhile
            opened.add(str(descriptor.readlink()))
    return opened
