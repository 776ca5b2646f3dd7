"""docs/architecture.md is true: its rooms are there, its walks are the core's own, its picture of screens is new."""

import re
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType

import pytest

from device.core import step
from device.core.model.events import ButtonPressed, CoreEvent, MotorEdge
from device.core.model.record import Button
from device.core.model.view import ScreenName
from docs import screen_flow
from tests.support.drive import Device, running

ROOT = Path(__file__).parents[2]
CORE = ROOT / "device" / "core"
PAPER = ROOT / "docs" / "architecture.md"
EVENTS: dict[str, Callable[[Device], CoreEvent]] = {
    "edge": lambda device: MotorEdge(device.at + 0.1, True),
    "press": lambda device: ButtonPressed(device.at, Button.LEFT),
}
MOST = {"edge": (5, 9), "press": (7, 50)}
"""How many files a walk passes at most, and how often it goes from one to another between two calls."""

Call = tuple[str, str]
"""File and function."""


def calls(name: str) -> list[Call]:
    """What the core calls, in order, at this event on Purpose while the pump runs."""
    device, found = running(), list[Call]()
    event = EVENTS[name](device)

    def look(frame: FrameType, what: str, _argument: object) -> None:
        file = Path(frame.f_code.co_filename)
        if what == "call" and CORE in file.parents:
            found.append((file.relative_to(CORE).with_suffix("").as_posix(), frame.f_code.co_name))

    sys.setprofile(look)
    try:
        step(device.state, event)
    finally:
        sys.setprofile(None)
    return found


def told(name: str) -> dict[str, set[str]]:
    """The walk as the paper tells it: each file with all that is said of it in code."""
    table = re.search(rf"(?s)<!-- {name} -->\n(.*?)<!-- end of {name} -->", PAPER.read_text())
    assert table is not None
    rows = [line.strip("|").split("|") for line in table[1].splitlines()[2:]]
    return {file.strip(" `"): set(re.findall(r"`([a-z_]+)`", what)) for file, what in rows}


@pytest.mark.parametrize("name", EVENTS)
def test_a_walk_passes_the_files_and_functions_that_the_paper_tells(name: str) -> None:
    made = calls(name)
    assert list(told(name)) == list(dict.fromkeys(file for file, _ in made))
    names = {function for _, function in made} | {file for file, _ in made}
    for file, said in told(name).items():
        assert said <= names, f"{file}: {said - names}"
        assert any((file, function) in made for function in said), f"{file}: nothing that is called there"


@pytest.mark.parametrize("name", EVENTS)
def test_a_walk_passes_few_files_and_seldom_goes_from_one_to_another(name: str) -> None:
    files = [file for file, _ in calls(name)]
    most_files, most_changes = MOST[name]
    assert len(set(files)) <= most_files
    assert sum(file != following for file, following in pairwise(files)) <= most_changes


def test_every_room_has_its_row() -> None:
    told_rooms = set(re.findall(r"(?m)^\| `((?:device|drivers)/[a-z/]*)`", PAPER.read_text())) | {"drivers/"}
    rooms = {path.parent for top in ("device", "drivers") for path in (ROOT / top).rglob("__init__.py")}
    assert told_rooms == {f"{room.relative_to(ROOT).as_posix()}/" for room in rooms}


def test_the_picture_of_the_screens_is_what_the_core_does_and_has_every_screen() -> None:
    paper = PAPER.read_text()
    assert screen_flow.renewed(paper) == paper, "old: scripts/renew"
    for screen in ScreenName:
        assert f"--> {screen_flow.named(screen)} :" in paper
