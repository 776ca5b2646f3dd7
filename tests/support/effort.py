"""How many made-up cases a test tries: with `EFFORT=10` ten times as many as usual, in `scripts/test --fast` a few."""

import os

EFFORT = float(os.environ.get("EFFORT", "1"))


def so_many(usual: int, least: int = 1) -> int:
    return max(least, round(usual * EFFORT))
