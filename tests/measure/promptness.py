"""How soon: a press on the wire and on the display, a STOP as a record, beside a plain publish and beside mqtt-io.

All take turns, press by press, so that a busy machine is as busy for each.
"""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from tests.measure.peer import peers
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
    """Edge → `state` at a subscriber and → the display, each third without a record; a plain QoS 1 publish between.

    Where mqtt-io can be had: edge → its input's message, by its ways; what it says goes with QoS 0.
    """
    taken: Taken = {"floor": [], "state": [], "pixels": []}
    with ExitStack() as stack:
        walk = Walk(stack.enter_context(pump(folder, broker, "presses")), broker)
        stack.callback(walk.close)
        bare = floor(folder, broker)
        stack.callback(bare.end)
        others = stack.enter_context(peers(folder, broker, "quickest", "as it comes"))
        inputs = {name: f"{other.prefix}/input/left" for name, other in others.items()}
        ear = Ear(broker.port, "floor", *inputs.values())
        stack.callback(ear.close)
        for turn in range(count):
            at = bare.at("publish")
            taken["floor"].append(ear.until("floor").at - at)
            for name, took in walk.press().items():
                taken[name].append(took)
            wait_a_while()
            edge, word = (f"low {LEFT}", b"ON") if turn % 2 == 0 else (f"high {LEFT}", b"OFF")
            for name, other in others.items():
                at = other.device.at(edge)
                heard = ear.until(inputs[name], lambda heard: heard.payload == word)  # noqa: B023 - called at once
                taken.setdefault(name, []).append(heard.at - at)
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
    """A STOP on the serial line → the ended record at a subscriber; a plain commit and publish between each.

    Where mqtt-io can be had: the same line → its stream's message, which nothing keeps.
    """
    taken: Taken = {"floor": [], "record": []}
    with ExitStack() as stack:
        one = stack.enter_context(pump(folder, broker, "stops"))
        until_its_port_is_open(one, broker)
        bare = floor(folder, broker)
        stack.callback(bare.end)
        others = stack.enter_context(peers(folder, broker, "quickest"))
        streams = {name: f"{other.prefix}/stream/pump" for name, other in others.items()}
        record = f"{one.prefix}/session"
        ear = Ear(broker.port, record, "floor", *streams.values())
        stack.callback(ear.close)
        for _ in range(count):
            at = bare.at("commit")
            taken["floor"].append(ear.until("floor").at - at)
            at = start_and_stop(one, ear)
            taken["record"].append(ear.until(record, lambda heard: heard.value["state"] == "ended").at - at)
            wait_a_while()
            for name, other in others.items():
                at = time.monotonic_ns()
                other.port.say("STOP t=0 ml=10")
                taken.setdefault(name, []).append(ear.until(streams[name]).at - at)
    return taken


def wait_a_while() -> None:
    """Come at any moment of a program's rounds that looks at its wires ten times a second or oftener."""
    time.sleep(random.uniform(0, 0.1))


def until_its_port_is_open(one: Pump, broker: Mosquitto) -> None:
    """What is said on the line before that is lost."""
    diagnostics = f"{one.prefix}/diagnostics"
    ear = Ear(broker.port, diagnostics)
    ear.until(diagnostics, lambda heard: heard.value["serial"]["state"] == "up")
    ear.close()


def start_and_stop(one: Pump, ear: Ear) -> int:
    """Have a session begin, let it be drawn, and end it by a STOP: its instant."""
    one.port.say("START")
    ear.until(f"{one.prefix}/session", lambda heard: heard.value["state"] == "running")
    time.sleep(GLOW_S)
    ear.clear()
    at = time.monotonic_ns()
    one.port.say("STOP t=0 ml=10")
    return at
