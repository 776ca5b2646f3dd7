"""How two that took turns compare, how far chance and the machine reach into that, and how noisy the machine was."""

import itertools
import math
import os
import random
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.measure.stage import Ear, Mosquitto, floor

DRAWS = 400
ENOUGH = 1000
"""Of so many turns ten are slower than the 99th percentile; of fewer it says little, and no verdict rests on it."""
PLAIN = 1000
"""Plain publishes before and after a room."""


def quantile(taken: Sequence[float], share: float) -> float:
    ordered = sorted(taken)
    return statistics.median(ordered) if share == 0.5 else ordered[int(len(ordered) * share)]


def spread(measured: Sequence[float], beside: Sequence[float], share: float) -> tuple[float, float]:
    """Where the ratio of two quantiles lies 95 times in 100 when the turns are drawn anew.

    They are drawn in runs of a fiftieth of them, both of a turn together: a machine that is busy stays so for a while.
    """
    if share != 0.5 and len(measured) < ENOUGH:
        return 0.0, math.inf
    turns = list(zip(measured, beside, strict=True))
    length = max(1, len(turns) // 50)
    chance, ratios = random.Random(1), []
    for _ in range(DRAWS):
        starts = (chance.randrange(len(turns) - length + 1) for _ in range(math.ceil(len(turns) / length)))
        drawn = list(itertools.chain.from_iterable(turns[start : start + length] for start in starts))
        ratios.append(quantile([one for one, _ in drawn], share) / quantile([one for _, one in drawn], share))
    ratios.sort()
    return ratios[DRAWS // 40], ratios[-DRAWS // 40 - 1]


class Row(NamedTuple):
    """What was measured, its floor or peer, the unit, and the ratio (or the figure, where it stands alone) at most.

    `between`: how far chance reaches; where the target lies within, there is no verdict.
    """

    what: str
    value: float
    beside: float | None
    unit: str
    most: float | None
    between: tuple[float, float] | None = None

    @property
    def figure(self) -> float:
        return self.value if self.beside is None else self.value / self.beside

    @property
    def met(self) -> str:
        if self.most is None:
            return ""
        if self.between is not None and self.between[0] <= self.most <= self.between[1]:
            return "unsure"
        return "yes" if self.figure <= self.most else "no"

    def line(self) -> str:
        beside = "" if self.beside is None else f"{short(self.beside)} {self.unit}"
        ratio = "" if self.beside is None else f"{self.figure:.2f}" if self.figure >= 0.1 else f"{self.figure:.1g}"
        low, high = self.between or (0, math.inf)
        ratio += f" ({low:.2f} to {high:.2f})" if high < math.inf else ""
        target = "" if self.most is None else f"≤ {self.most:g}{'' if self.beside is None else ' ×'}"
        return f"| {self.what} | {short(self.value)} {self.unit} | {beside} | {ratio} | {target} | {self.met} |"


def short(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.3g}"


def compared(
    what: str, measured: Sequence[float], beside: Sequence[float], unit: str, most: float | None, share: float = 0.5
) -> Row:
    """Two that took turns, by a quantile of each."""
    values = quantile(measured, share), quantile(beside, share)
    return Row(what, *values, unit, most, spread(measured, beside, share))


class Plain(NamedTuple):
    """A plain publish in milliseconds, and the machine's ticks at that moment: all of them, and those stolen."""

    median: float
    p99: float
    ticks: int
    stolen: int


def plain(folder: Path, broker: Mosquitto) -> Plain:
    bare, ear = floor(folder, broker), Ear(broker.port, "floor")
    try:
        taken = [-bare.at("publish") + ear.until("floor").at for _ in range(PLAIN)]
    finally:
        ear.close()
        bare.end()
    ticks = [int(count) for count in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return Plain(quantile(taken, 0.5) / 1e6, quantile(taken, 0.99) / 1e6, sum(ticks), ticks[7])


def noise(before: Plain, after: Plain) -> str:
    """How it was during a room, as the cells of a row: the floor before and after it, the share stolen, the load."""
    stolen = 100 * (after.stolen - before.stolen) / max(1, after.ticks - before.ticks)
    halves = " | ".join(f"{one.median:.2f}, {one.p99:.2f} ms" for one in (before, after))
    ratio = max(after.median / before.median, before.median / after.median)
    return f"{halves} | {ratio:.2f} × | {stolen:.1f} % | {os.getloadavg()[1]:.1f}"
