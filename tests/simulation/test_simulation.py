"""Days of a household with faults: no rule breaks, a seed is a life to the byte, and planted mistakes are found."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from device.simulation.life import has_display
from device.simulation.simulate import simulate
from tests.simulation.planted import OF_THE_DISPLAY, PLANTED, Patch
from tests.support.effort import so_many

LIVES = int(os.environ.get("LIVES", "0"))
"""So many lives more than usual; FIRST_LIFE is the seed of the first."""
FIRST = int(os.environ.get("FIRST_LIFE", "1"))
DAYS = 4.0
WITHIN = 12
"""So many lives at most until a mistake is found."""


@pytest.mark.parametrize("seed", range(FIRST, FIRST + (LIVES or so_many(16))))
def test_a_life_goes_as_the_book_says(seed: int) -> None:
    lived = simulate(seed, DAYS)
    trace = "\n".join(lived.lines)
    assert not lived.broken, f"{trace}\n{lived.broken}\npump-companion simulate --seed {seed} --days {DAYS:g}"
    assert lived.sessions > 5


def test_a_rest_that_the_line_garbles_may_be_taken_for_pumping() -> None:
    lived = simulate(15522596, 0.5)  # its third rest: "hold" comes with a wrong end, and RUN goes on within 15 s
    assert not lived.broken


@pytest.mark.parametrize("plant", PLANTED[: so_many(len(PLANTED))], ids=lambda plant: plant.__name__)
def test_a_planted_mistake_is_found(plant: Callable[[Patch], None], monkeypatch: Patch) -> None:
    plant(monkeypatch)
    # a life with a display takes ten times as long as one without
    for seed in sorted(range(1, WITHIN + 1), key=lambda seed: has_display(seed) != (plant in OF_THE_DISPLAY)):
        lived = simulate(seed, DAYS)
        if lived.broken:
            assert lived.lines, "what came before is told"
            return
    pytest.fail(f"{plant.__name__} was not found in {WITHIN} lives of {DAYS:g} days")


def test_a_seed_is_the_same_life_in_every_process() -> None:
    ask = "from device.simulation.simulate import simulate; print(simulate(7, 2).digest)"
    told = [
        subprocess.run(
            [sys.executable, "-c", ask],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": hashing},
        ).stdout
        for hashing in ("1", "2")
    ]
    assert told[0] == told[1] != ""


def test_the_paper_shows_the_trace_of_its_seed() -> None:
    paper = (Path(__file__).parents[2] / "docs" / "durability.md").read_text(encoding="utf-8")
    asked = re.search(r"simulate --seed (\d+) --days (\d+)\n", paper)
    shown = re.search(r"(?m)(^day .*\n)+", paper)
    assert asked is not None
    assert shown is not None
    lines: list[str] = []
    simulate(int(asked[1]), 0.2, lines.append)
    assert shown[0].splitlines() == lines[: shown[0].count("\n")]


def test_households_live_in_several_zones() -> None:
    homes = {
        line.partition(" in ")[2].partition(":")[0]
        for seed in range(1, 9)
        for line in simulate(seed, 0.01).lines
        if "a household in " in line
    }
    assert len(homes) > 2


def test_another_seed_is_another_life() -> None:
    assert simulate(1, 1).digest != simulate(2, 1).digest
