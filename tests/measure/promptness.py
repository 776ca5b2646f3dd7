"""How soon: a press on the wire and on the display, a STOP as a record, each beside a plain publish in the same run.

Measured and floor take turns, press by press, so that a busy machine is as busy for both.
"""

import statistics
import time
from contextlib import ExitStack
from pathlib import Path

from tests.measure.stage import LEFT, MIDDLE, Ear, Mosquitto, Pump, floor, pump

Taken = dict[str, list[int]]
WAYS: dict[str, tuple[int, ...]] = {
    "timer": (LEFT,), "purpose": (LEFT, MIDDLE), "reason": (LEFT,), "intention": (LEFT, MIDDLE),
}  # fmt: skip
"""Screen → buttons, taken in turn: round and round through a session's questions, each answer another than before."""
SLOW_S = 0.5
STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync")
GLOW_S = 0.3
"""Longer than the pressed key glows before the next screen is drawn."""


class Walk:
    """Presses that lead through a running session's screens, each heard of and drawn before the next one comes."""

    def __init__(self, one: Pump, broker: Mosquitto) -> None:
        self._device, self._topic = one.device, f"{one.prefix}/state"
        self._port, self._notes = broker.port, 0
        self._ear = Ear(broker.port, self._topic)
        self._visits = dict.fromkeys(WAYS, 0)
        self._ear.until(self._topic, lambda heard: heard.value["screen"] == "idle")
        self._ear.say(f"{one.prefix}/command", command="start")
        self._screen = self._ear.until(self._topic, lambda heard: heard.value["screen"] != "idle").value["screen"]
        time.sleep(0.6)  # what a dashboard did changes the screen, and presses right after that are ignored

    def press(self) -> dict[str, int]:
        """Nanoseconds from the edge to the message at a subscriber, and to the display's first byte."""
        ways = WAYS[self._screen]
        button = ways[self._visits[self._screen] % len(ways)]
        self._visits[self._screen] += 1
        at = self._device.at(f"low {button}")
        heard = self._ear.until(self._topic, lambda heard: heard.value["screen"] != self._screen)
        self._screen = heard.value["screen"]
        self._device.at(f"high {button}")
        time.sleep(GLOW_S)
        return {"state": heard.at - at, "pixels": int(self._device.ask(f"wire {at}").partition(":")[0]) - at}

    def note(self) -> int:
        """Nanoseconds from a command to its reply, which waits for the disk: shows that a slow disk is a slow one."""
        prefix = self._topic.removesuffix("/state")
        ear, self._notes = Ear(self._port, f"{prefix}/reply"), self._notes + 1
        try:
            at = time.monotonic_ns()
            ear.say(f"{prefix}/command", command="note", text=f"{self._notes}", request=f"note {self._notes}")
            heard = ear.until(f"{prefix}/reply", lambda heard: heard.value["request"] == f"note {self._notes}")
            assert heard.value["ok"], heard.value
            return heard.at - at
        finally:
            ear.close()

    def close(self) -> None:
        self._ear.close()


def presses(folder: Path, broker: Mosquitto, count: int) -> Taken:
    """Edge → `state` at a subscriber and → the display, each third without a record; a plain QoS 1 publish between."""
    taken: Taken = {"floor": [], "state": [], "pixels": []}
    with ExitStack() as stack:
        walk = Walk(stack.enter_context(pump(folder, broker, "presses")), broker)
        stack.callback(walk.close)
        bare = floor(folder, broker)
        stack.callback(bare.end)
        ear = Ear(broker.port, "floor")
        stack.callback(ear.close)
        for _ in range(count):
            at = bare.at("publish")
            taken["floor"].append(ear.until("floor").at - at)
            for name, took in walk.press().items():
                taken[name].append(took)
    return taken


def presses_on_a_slow_disk(folder: Path, broker: Mosquitto, count: int) -> Taken:
    """The same while every fsync takes half a second, beside one that is watched as closely and not delayed."""
    slow = ("-e", f"inject=fsync,fdatasync:delay_enter={SLOW_S * 1e6:.0f}")
    taken: Taken = {f"{which} {what}": [] for which in ("quick", "slow") for what in ("state", "pixels")}
    with ExitStack() as stack:
        walks = {}
        for name, options in (("quick", ()), ("slow", slow)):
            one = stack.enter_context(pump(folder, broker, name, before=(*STRACE, *options)))
            walks[name] = Walk(one, broker)
            stack.callback(walks[name].close)
        for _ in range(count):
            for name, walk in walks.items():
                for what, took in walk.press().items():
                    taken[f"{name} {what}"].append(took)
        for name, walk in walks.items():
            taken[f"{name} durable"] = [walk.note() for _ in range(5)]
    return taken


def stops(folder: Path, broker: Mosquitto, count: int) -> Taken:
    """A STOP on the serial line → the ended record at a subscriber; a plain commit and publish between each."""
    taken: Taken = {"floor": [], "record": []}
    with ExitStack() as stack:
        one = stack.enter_context(pump(folder, broker, "stops"))
        bare = floor(folder, broker)
        stack.callback(bare.end)
        record = f"{one.prefix}/session"
        ear = Ear(broker.port, record, "floor")
        stack.callback(ear.close)
        for _ in range(count):
            at = bare.at("commit")
            taken["floor"].append(ear.until("floor").at - at)
            one.port.say("START")
            ear.until(record, lambda heard: heard.value["state"] == "running")
            time.sleep(GLOW_S)
            ear.clear()
            at = time.monotonic_ns()
            one.port.say("STOP t=0 ml=10")
            ended = ear.until(record, lambda heard: heard.value["state"] == "ended")
            taken["record"].append(ended.at - at)
    return taken


def figures(taken_ns: list[int]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    ordered = sorted(taken_ns)
    return statistics.median(ordered) / 1e6, ordered[int(len(ordered) * 0.99)] / 1e6
