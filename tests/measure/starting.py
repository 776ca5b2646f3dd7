"""How soon the device is ready, with a new record and with a large one, and what the command line's words cost.

Floor, measured and mqtt-io take turns.
"""

import os
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from device.store.records import Store
from tests.measure.peer import peers
from tests.measure.stage import Ear, Mosquitto, Process, pump
from tests.support.household import ROOT
from tests.support.kept import DAY, NOW, session

FEW, MANY = 60, 60_000
WORDS = {
    "python": ("-c", "pass"),
    "click": ("-c", "import click"),
    "version": ("-m", "device", "version"),
    "help": ("-m", "device", "--help"),
    "check": ("-m", "device", "check", "--config", str(ROOT / "config" / "pump-companion.toml")),
}


def filled(folder: Path, name: str, count: int) -> None:
    """A record of so many sessions, all of them with the broker."""
    (folder / name).mkdir()
    with closing(Store.open(folder / name / "pump.db")) as store, store.transaction():
        for number in range(1, count + 1):
            store.save([session(number, NOW - (count - number) * DAY // 16)], None)
        store.drop_outbox()


def ready(folder: Path, broker: Mosquitto, runs: int) -> dict[str, list[float]]:
    """Seconds, exec → READY, of the imports alone and of the daemon with few and many records, run by run.

    `online`: exec → its first message, with few; `quietest`: the same of mqtt-io, where it can be had.
    """
    names = {"few": FEW, "many": MANY}
    for name, count in names.items():
        filled(folder, name, count)
    taken: dict[str, list[float]] = {"floor": [], "online": [], **{name: [] for name in names}}
    availability = "pump-companion/few/availability"
    for _ in range(runs):
        bare = Process(folder, "imports", "tests.measure.floor")
        taken["floor"].append(bare.since / 1e9)
        bare.end()
        ear = Ear(broker.port, availability)
        for name in names:
            with pump(folder, broker, name) as one:
                taken[name].append(one.device.since / 1e9)
                if name == "few":
                    online = ear.until(availability, lambda heard: heard.payload == b"online")
                    taken["online"].append((online.at - one.device.began) / 1e9)
            (folder / name / "tty").unlink()
        ear.close()
        with peers(folder, broker, "quietest") as others:
            for name, other in others.items():
                taken.setdefault(name, []).append(other.device.since / 1e9)
    return taken


def words(runs: int) -> dict[str, float]:
    """Medians in seconds of commands that only speak, beside a bare Python and one that imports click."""
    taken: dict[str, list[float]] = {name: [] for name in WORDS}
    for _ in range(runs):
        for name, command in WORDS.items():
            began = time.monotonic()
            subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, check=False, env=os.environ)
            taken[name].append(time.monotonic() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def loaded(name: str) -> list[str]:
    """The packages that a command imports besides Python's own and ours."""
    command = [sys.executable, "-X", "importtime", *WORDS[name]]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in said.splitlines() if "|" in line}
    return sorted(modules - set(sys.stdlib_module_names) - {"device", "drivers", "imported package"})
