"""The sensor board's sketch, run as it is on a stub of MicroPython."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.waveforms import Signal

SKETCH = Path(__file__).parents[2] / "docs" / "sensor-board" / "main.py"
WRAPS = 1 << 30
"""MicroPython's ticks_ms counts modulo this on a board of 32 bit (time, its documentation)."""


class Over(Exception):  # noqa: N818 - the end of the signal ends the sketch's endless loop
    pass


class SketchBoard:
    """Its sensor in a test's hand and its time made up: each sleep goes on to where something can happen."""

    def __init__(self, edges: Signal, until: float, powered: int = 0) -> None:
        self.changes = [(round(at * 1000), active) for at, active in edges]
        self.now, self.until, self.powered = 0, round(until * 1000), powered
        self.active = False
        self.said: list[tuple[float, str]] = []

    def value(self) -> int:
        return 0 if self.active else 1

    def sleep_ms(self, passed: int) -> None:
        self.now += passed
        while self.changes and self.changes[0][0] <= self.now:
            self.active = self.changes.pop(0)[1]
        if self.now >= self.until:
            raise Over

    def run(self) -> list[tuple[float, str]]:
        machine, time = ModuleType("machine"), ModuleType("time")
        board = self

        class Pin:
            IN, PULL_UP = 0, 1

            def __init__(self, *_wired: int) -> None:
                self.value = board.value

        facts: dict[str, Any] = {
            "ticks_ms": lambda: (self.powered + self.now) % WRAPS,
            "ticks_diff": lambda later, earlier: (later - earlier + WRAPS // 2) % WRAPS - WRAPS // 2,
            "sleep_ms": self.sleep_ms,
        }
        machine.__dict__["Pin"] = Pin
        time.__dict__.update(facts)
        space = {"__name__": "main", "print": lambda text: self.said.append((self.now / 1000, text))}
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "machine", machine)
            patch.setitem(sys.modules, "time", time)
            with pytest.raises(Over):
                exec(compile(SKETCH.read_text(), str(SKETCH), "exec"), space)  # as the board does
        return self.said
