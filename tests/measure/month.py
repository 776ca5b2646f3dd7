"""What becomes of the daemon's memory in a month: all of it lives that in made-up time, in a process of its own.

Run as `python -m tests.measure.month {device,household} DAYS`: `device` has days that are alike and a broker that hears
nothing, so that nothing but the device is there to grow; `household` is everyday life with the simulation's own book.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

from device.simulation.faults import DAY_S
from device.simulation.household import Household
from device.simulation.life import Life, told_of_warnings
from device.simulation.rules import reached
from device.simulation.simulate import ON_NO_DISK
from tests.measure.day import MODEL, SEED, EightSessions
from tests.measure.stage import rss_mib
from tests.support.household import ROOT

LIVES = ("device", "household")
LOOKS_A_DAY = 4


class Look(NamedTuple):
    """After so many days: MiB resident, Python's blocks after a collection, KiB that device and book reach."""

    day: float
    mib: float
    blocks: int
    device_kib: float
    book_kib: float
    sessions: int


class Alone(EightSessions):
    """Days that are alike, and nobody who writes down what the device says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, MODEL)
        self.broker.on_message = lambda *_heard: None


def led(kind: str, folder: Path, days: int) -> Life:
    """A life that is switched on, its days planned."""
    if kind == "device":
        life = Alone(folder)
        life.switch_on()
        for day in range(days):
            life.at(day * DAY_S, partial(life.plan, day))
        return life
    other = Life(SEED, folder)
    other.switch_on()
    Household(other).plan_day()
    return other


def look(life: Life) -> Look:
    assert life.daemon is not None
    mib = rss_mib(os.getpid())
    gc.collect()
    blocks = sys.getallocatedblocks()
    device_kib, book_kib = (sum(map(sys.getsizeof, reached(root))) / 1024 for root in (life.daemon, life.book))
    return Look(life.now / DAY_S, mib, blocks, device_kib, book_kib, len(life.daemon.state.sessions))


def lead(kind: str, days: int) -> None:
    """Lead that life, and say each look at it in a line."""
    with tempfile.TemporaryDirectory(dir=ON_NO_DISK if ON_NO_DISK.is_dir() else None) as folder:
        life = led(kind, Path(folder), days)
        try:
            with told_of_warnings(life):
                for place in range(1, days * LOOKS_A_DAY + 1):
                    life.live_until(place * DAY_S / LOOKS_A_DAY)
                    print(json.dumps(look(life)), flush=True)
        finally:
            life.end()


def measure(days: int) -> dict[str, list[Look]]:
    """Both lives, one after the other."""
    found = {}
    for kind in LIVES:
        command = [sys.executable, "-m", "tests.measure.month", kind, str(days)]
        said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        found[kind] = [Look(*json.loads(line)) for line in said.splitlines()]
    return found


if __name__ == "__main__":
    lead(sys.argv[1], int(sys.argv[2]))
