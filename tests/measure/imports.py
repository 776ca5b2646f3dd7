"""What each import costs, in the order in which the daemon first needs it: processor time, and memory that it leaves.

Run as `python imports.py RUNS` by any Python that has the libraries (ours on PYTHONPATH): a table of medians. It needs
nothing but Python itself, so that it can be taken to a machine with the distribution's own packages.
"""

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).absolute().parent.parent.parent
STEPS = {
    "Python itself": (),
    "click": ("click",),
    "msgspec": ("msgspec",),
    "sqlite3": ("sqlite3",),
    "paho": ("paho.mqtt.client",),
    "gpiozero": ("gpiozero",),
    "pyserial": ("serial",),
    "luma.core": ("luma.core.interface.serial",),
    "Pillow": ("PIL.Image",),
    "the rest of Python's": ("ctypes", "faulthandler", "json", "secrets", "tomllib", "zoneinfo"),
    "the command line": ("device.cli.run",),
    "the core": ("device.core", "device.words.en"),
    "the store": ("device.store.worker",),
    "the publisher": ("device.mqtt.publisher",),
    "the screens": ("device.screens",),
    "the drivers": ("drivers.broker", "drivers.gpiod_pins", "drivers.motor", "drivers.oled", "drivers.pump_link"),
    "the daemon": ("device.daemon",),
}
AS_A_UNIT = {"MALLOC_ARENA_MAX": "1", "PYTHONNODEBUGRANGES": "1", "PYTHONTZPATH": "/usr/share/zoneinfo"}
"""What the service is started with (systemd/pump-companion.service)."""
Cost = tuple[float, float]
"""Milliseconds of processor, KiB resident."""


def resident_kib() -> int:
    said = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in said if line.startswith("VmRSS:"))


def here() -> dict[str, Cost]:
    """The cost of each step in this process, which has imported nothing of it yet."""
    took, memory, found = 0.0, 0, {}
    for name, modules in STEPS.items():
        for module in modules:
            importlib.import_module(module)
        now, kib = time.process_time() * 1e3, resident_kib()
        found[name] = (now - took, float(kib - memory))
        took, memory = now, kib
    return found


def pythons() -> dict[str, str]:
    """By version this one, and those that have an environment of their own beside it (scripts/test-pythons)."""
    others = ROOT.glob(".venv-3.*/bin/python")
    found = {python.parents[1].name.removeprefix(".venv-"): str(python) for python in sorted(others)}
    return {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable} | found


def of(python: str, runs: int) -> dict[str, Cost]:
    """The medians of so many processes of a Python, the first one left out: it may have to compile."""
    environment = {"PYTHONPATH": str(ROOT)} | os.environ | AS_A_UNIT
    turns = [
        json.loads(subprocess.run([python, __file__], env=environment, check=True, capture_output=True).stdout)
        for _ in range(runs + 1)
    ][1:]
    return {
        name: (statistics.median(turn[name][0] for turn in turns), statistics.median(turn[name][1] for turn in turns))
        for name in STEPS
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for step, (ms, kib) in of(sys.executable, int(sys.argv[1])).items():
            print(f"{step:24} {ms:7.1f} ms {kib / 1024:6.2f} MiB")
    else:
        print(json.dumps(here()))
