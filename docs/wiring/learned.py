"""What `learn` shows and says of each way, made by itself from the synthetic signals that the tests use."""

from random import Random
from typing import Any

from device.learning.lines import Listened, judge_lines
from device.learning.plot import port_rows, wire_rows
from device.learning.signal import judge_signal
from device.learning.waveform import Level, Waveform
from device.settings.writing import with_values
from tests.support.sensor_board import SketchBoard
from tests.support.waveforms import SENSORS, Signal, signal

SEED = 1
WATCHED_S, WIDTH = 60.0, 79
BEGINS, ENDS = 10, 45
"""Of the pump's run within the minute, in seconds."""
LEVEL: Signal = [(BEGINS, True), (ENDS, False)]
WAYS: dict[str, tuple[str, Level]] = {
    "opto": ("hall", "low"),
    "vibration": ("vibration", "high"),
    "reed": ("reed", "low"),
    "current": ("level", "low"),
}
"""The way → its sensor among the synthetic ones (or a clean level), and which level is active there."""


def learned() -> dict[str, str]:
    """Way → the plot, the words and the proposal, as the terminal shows them after the minute."""
    return {way: of_a_wire(*row) for way, row in WAYS.items()} | {"serial": of_the_sensor_board()}


def strokes_of(sensor: str) -> Signal:
    return signal(sensor, 50, BEGINS, ENDS, Random(SEED))  # noqa: S311 -- no secret


def of_a_wire(sensor: str, active: Level) -> str:
    edges = strokes_of(sensor) if sensor in SENSORS else LEVEL
    changes = tuple((at, on == (active == "high")) for at, on in edges)
    low = active == "low"
    seen = Waveform(0.0, WATCHED_S, low, changes, floats=low, pull="up" if low else "none")
    found = judge_signal(seen)
    return terminal(wire_rows(seen, WATCHED_S, WIDTH), "The wire:", found.words, found.proposal)


def of_the_sensor_board() -> str:
    """The sketch itself hears a reed, and its port is watched."""
    said = SketchBoard(strokes_of("reed"), WATCHED_S).run()
    heard = Listened(115200, [(at, f"{line}\r\n".encode()) for at, line in said])
    rows = [f"/dev/ttyACM0 at {heard.baud} baud", *port_rows(heard.chunks, 0.0, WIDTH)]
    found = judge_lines([heard])
    return terminal(rows, "The port:", found.words, found.proposal)


def terminal(rows: list[str], what: str, words: tuple[str, ...], proposal: dict[str, Any]) -> str:
    return "\n".join([*rows, "", what, *(f"  {line}" for line in words), "", with_values("", proposal).strip()])
