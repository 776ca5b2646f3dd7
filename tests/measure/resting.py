"""What the device costs while nothing happens, and while a session runs: memory, wakeups, processor, disk.

All of it at once on one broker: lit, dark, pumping, without a display, a process that only has the libraries, and
mqtt-io in its ways, where it can be had.
"""

import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.measure.peer import WAYS, peers
from tests.measure.stage import MOTOR, Ear, Mosquitto, Process, Pump, cpu_s, floor, pump, rss_mib, waits, written

SETTLE_S = 15.0
"""Longer than Status at the start and the display's shortest time to go dark."""
DISPLAYS = {
    "lit": 'driver = "ssd1306"\noff_after_s = 86400',
    "dark": 'driver = "ssd1306"\noff_after_s = 10',
    "pumping": 'driver = "ssd1306"\noff_after_s = 86400',
    "none": 'driver = "none"',
}


def measure(folder: Path, broker: Mosquitto, seconds: float) -> dict[str, Any]:
    """Figures a process: MiB, wakeups and processor milliseconds a second, bytes written."""
    with ExitStack() as stack:
        pumps: dict[str, Pump] = {
            name: stack.enter_context(pump(folder, broker, name, display)) for name, display in DISPLAYS.items()
        }
        others = stack.enter_context(peers(folder, broker, *WAYS))
        bare = floor(folder, broker)
        stack.callback(bare.end)
        ear = Ear(broker.port, "pump-companion/pumping/state")
        stack.callback(ear.close)
        pumps["pumping"].device.ask(f"high {MOTOR}")
        ear.until("pump-companion/pumping/state", lambda heard: heard.value["phase"] == "pumping")
        time.sleep(SETTLE_S)
        rigs = pumps | others
        processes = {name: one.device for name, one in rigs.items()} | {"libraries": bare}
        listeners = {name: int(one.device.ask("thread")) for name, one in rigs.items()}
        before = {name: _taken(one, listeners.get(name)) for name, one in processes.items()}
        beats = int(seconds / 5)
        for beat in range(beats):
            time.sleep(seconds / beats)
            pumps["pumping"].port.say(f"RUN t={20 + 5 * beat} cpm=54 vac=180")
        after = {name: _taken(one, listeners.get(name)) for name, one in processes.items()}
        return {name: _difference(before[name], after[name]) for name in processes}


def _taken(process: Process, listener: int | None) -> dict[str, Any]:
    pid = process.pid
    return {
        "at": time.monotonic(), "mib": rss_mib(pid), "waits": waits(pid, listener), "cpu_s": cpu_s(pid),
        "written": written(pid),
    }  # fmt: skip


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, float]:
    seconds = after["at"] - before["at"]
    woken = sum(count - before["waits"].get(thread, 0) for thread, count in after["waits"].items())
    return {
        "mib": statistics.mean((before["mib"], after["mib"])),
        "wakeups": woken / seconds,
        "cpu_percent": 100 * (after["cpu_s"] - before["cpu_s"]) / seconds,
        "written": after["written"] - before["written"],
        "threads": len(after["waits"]),
    }
