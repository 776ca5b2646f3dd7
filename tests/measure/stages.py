"""Where the time from a STOP to its record goes: each stage's share, from stamps that the daemon takes on the way."""

from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from tests.measure.promptness import start_and_stop, until_its_port_is_open
from tests.measure.stage import Ear, Mosquitto, floor, pump

STAGES = {
    "readable": "line: from the pump's end to the port's reader",
    "taken": "line: read and parsed, taken by the loop",
    "stepped": "core: step",
    "shown": "picture: drawn, handed to the display's thread",
    "offered": "hand-over: offered to the store's thread",
    "woken": "hand-over: that thread wakes",
    "written": "commit: rows written",
    "committed": "commit: durable",
    "read": "hand-back: the rows to publish are read",
    "handed_back": "hand-back: the loop takes them, its core first",
    "made": "publish: the payload made",
    "heard": "broker: by paho to it, and to the subscriber",
}
"""What has happened by each stamp, in their order."""


def profile(folder: Path, broker: Mosquitto, count: int) -> dict[str, list[float]]:
    """Milliseconds by stage, STOP by STOP; `whole`: all of it; `floor`: a plain commit and publish between each."""
    taken: dict[str, list[float]] = {name: [] for name in (*STAGES, "whole", "floor")}
    with ExitStack() as stack:
        one = stack.enter_context(pump(folder, broker, "stages", STAGES="1"))
        until_its_port_is_open(one, broker)
        bare = floor(folder, broker)
        stack.callback(bare.end)
        record = f"{one.prefix}/session"
        ear = Ear(broker.port, record, "floor")
        stack.callback(ear.close)
        for _ in range(count):
            at = bare.at("commit")
            taken["floor"].append((ear.until("floor").at - at) / 1e6)
            one.device.ask("stages")
            at = start_and_stop(one, ear)
            heard = ear.until(record, lambda heard: heard.value["state"] == "ended").at
            passed = [at, *in_order(one.device.ask("stages"), at), heard]
            for name, (before, after) in zip(STAGES, pairwise(passed), strict=True):
                taken[name].append((after - before) / 1e6)
            taken["whole"].append((heard - at) / 1e6)
    return taken


def in_order(said: str, at: int) -> list[int]:
    """The first stamp of each stage but the last that is no earlier than the one before it."""
    stamps = [(name, int(instant)) for name, _, instant in (one.partition(":") for one in said.split())]
    found: list[int] = []
    for wanted in list(STAGES)[:-1]:
        at = next(instant for name, instant in stamps if name == wanted and instant >= at)
        found.append(at)
    return found
