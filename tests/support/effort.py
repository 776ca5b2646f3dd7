"""How many made-up cases a test tries: with `EFFORT=10` ten times as many as usual, in `scripts/test --fast` a few."""

import os

from hypothesis import HealthCheck, settings

EFFORT = float(os.environ.get("EFFORT", "1"))


def so_many(usual: int, least: int = 1) -> int:
    return max(least, round(usual * EFFORT))


# A busy machine is no fault of what is tested.
settings.register_profile(
    "patient", max_examples=so_many(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")
