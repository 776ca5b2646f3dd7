"""What `step` leaves in memory: so many new objects in the state, nothing besides, and no more from day to day.

They are counted by walking the state, which comes to the same on CPython 3.11, 3.12 and 3.13.
"""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import pytest

from device.core import step
from device.core.model.events import ButtonPressed, CoreEvent, MotorEdge, TimeCame
from device.core.model.record import Button
from device.core.state import State
from tests.support.collection import no_collection
from tests.support.drive import DAY, Device, Plain, classified, running

SHARED = (type, FunctionType, BuiltinFunctionType, ModuleType, Enum)
"""What code holds, however many states point there."""
NOISE = 60
"""Objects that another thread or the interpreter may have made meanwhile; a step that leaves one leaves thousands."""


def parts(state: State) -> dict[int, Any]:
    """All that can be reached from a state, by its place in memory."""
    found: dict[int, Any] = {}
    todo: list[Any] = [state]
    while todo:
        part = todo.pop()
        if id(part) not in found and not isinstance(part, SHARED):
            found[id(part)] = part
            todo += gc.get_referents(part)
    return found


def edge(state: State) -> CoreEvent:
    return MotorEdge(state.now + 0.001, True)


def press(state: State) -> CoreEvent:
    return ButtonPressed(state.now + 1, Button.LEFT)


def second(state: State) -> CoreEvent:
    assert state.wake_at is not None
    return TimeCame(state.wake_at)


def on_timer() -> Device:
    device = classified()
    device.wait(100)
    return device


Make = Callable[[], Device]
Happens = Callable[[State], CoreEvent]
CASES: dict[str, tuple[Make, Happens, int, int]] = {
    # the state, its detector, and two instants
    "an edge that changes nothing": (running, edge, 4, 2048),
    # besides them the view, its body with its number, what was published, and what is told next
    "a second on Timer": (on_timer, second, 9, 4096),
    # a revision and its batch, what follows from the records, the figures beside it, the next screen
    "a press that answers": (running, press, 42, 8192),
}
"""A device, what happens to it; the objects that are new in its state, and bytes at most while that is made."""
each = pytest.mark.parametrize(("make", "event", "new", "most"), CASES.values(), ids=CASES)


@each
def test_a_step_changes_so_many_objects_of_the_state(make: Make, event: Happens, new: int, most: int) -> None:
    state = make().state
    before = parts(state)
    after = parts(step(state, event(state))[0])
    assert len(after.keys() - before.keys()) == new


@each
def test_a_step_needs_so_many_bytes_at_most_while_it_runs(make: Make, event: Happens, new: int, most: int) -> None:
    state = make().state
    happens = event(state)
    peaks = []
    tracemalloc.start()
    try:
        for _ in range(5):
            before, _peak = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            step(state, happens)
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    assert min(peaks) <= most


@pytest.mark.parametrize("name", ["an edge that changes nothing", "a second on Timer"])
def test_of_thousands_of_steps_nothing_is_left_but_the_last_state(name: str) -> None:
    make, event, *_ = CASES[name]
    state = make().state

    def go_on() -> None:
        nonlocal state
        for _ in range(3000):
            state = step(state, event(state))[0]

    with no_collection():
        go_on()
        before = sys.getallocatedblocks()
        go_on()
        assert sys.getallocatedblocks() - before < NOISE
        assert gc.collect() < NOISE, "a step makes no cycles"


def test_an_hour_on_timer_leaves_the_state_as_large_as_it_was() -> None:
    device = on_timer()
    before = len(parts(device.state))
    device.wait(3600)
    assert device.screen == "timer"
    assert len(parts(device.state)) == before


def test_a_day_of_ticks_leaves_the_state_as_large_as_it_was() -> None:
    device = Plain()
    for _ in range(8):
        device.pumped(900)
        device.wait(2 * 3600)
    device.wait(7 * DAY)  # what is older than the figures need has been let go
    before = len(parts(device.state))
    device.wait(DAY)
    assert len(parts(device.state)) <= before
