"""One life from its seed: lived, calmed, and held against its book."""

import shutil
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .by_hand import ByHand
from .faults import CALM_S, DAY_S, Faults
from .household import Household
from .life import BrokenRuleError, Life, told_of_warnings
from .rules import check, stays_small

ON_NO_DISK = Path("/dev/shm")  # noqa: S108 -- a folder made there is this process's own


class Lived(NamedTuple):
    """`broken`: what the device did wrong, "" where nothing; `lines`: the last of the trace; `digest` of it all."""

    broken: str
    lines: tuple[str, ...]
    digest: str
    sessions: int
    boots: int


def simulate(seed: int, days: float, tell: Callable[[str], object] = lambda _line: None) -> Lived:
    """Lead a life of so many days; `tell` gets each line of the trace."""
    folder = Path(tempfile.mkdtemp(prefix="pump-life-", dir=ON_NO_DISK if ON_NO_DISK.is_dir() else None))
    broken = ""
    try:
        life = Life(seed, folder, tell)
        with told_of_warnings(life):
            try:
                _live(life, days * DAY_S)
            except BrokenRuleError as error:
                broken = str(error)
            except Exception as error:  # noqa: BLE001 -- whatever ended the device is what is looked for
                broken = "".join(traceback.format_exception(error))
            finally:
                life.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Lived(broken, tuple(life.lines), life.digest.hexdigest(), len(life.book.pumpings), life.boots)


def _live(life: Life, length_s: float) -> None:
    life.switch_on(synced=life.chance.random() < 0.7)
    household = Household(life)
    household.plan_day()
    hand = None if life.hand_chance is None else ByHand(household, life.hand_chance)
    if hand is not None:
        hand.plan_day()
    faults = Faults(life, length_s)
    faults.on_switched_on = household.switched_on
    for day in range(1, int(length_s / DAY_S) + 1):
        life.live_until(day * DAY_S)
        stays_small(life)
    life.live_until(length_s)
    life.forget_plans()
    household.give_up()
    if hand is not None:
        hand.give_up()
    faults.calm()
    life.live_until(length_s + CALM_S)
    check(life)
    life.stop()
