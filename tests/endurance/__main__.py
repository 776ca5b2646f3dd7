"""Rounds of endurance from outside, with real parts: each a row of the table, asked for by its name.

Run as `python -m tests.endurance [--year N] [--seed S] ...`; what each does, and its usual number, says `--help`.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import NamedTuple

from tests.endurance import disk_cuts, disk_damage, flood, kills, outage, stops


class Round(NamedTuple):
    """`lead(count, seed)` gives lines of figures; it raises AssertionError, with the seed, where a rule is broken."""

    lead: Callable[[int, int], list[str]]
    usual: int
    what: str


ROUNDS = {
    "kills": Round(kills.kills, 1000, "SIGKILLs of the daemon, a fifth as many of the broker, a bad line between them"),
    "cuts": Round(disk_cuts.power_cuts, 10_000, "power cuts at the disk, after any write of a record's life"),
    "stops": Round(stops.stops, 60, "SIGTERMs in a session, by a broker that answers, is frozen or is gone"),
    "damage": Round(disk_damage.damage, 3600, "pages of a record damaged, before, while and after it is open"),
    "flood": Round(flood.flood, 600, "seconds of every input at its fastest, all at once"),
    "year": Round(outage.year, 6000, "records of a year without a broker, drained in order while memory is watched"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/endure", description="The device with real parts, through faults.")
    for name, row in ROUNDS.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{row.what} (usually {row.usual:,})")
    parser.add_argument("--seed", type=int, help="lead the same again; usually another each time")
    asked = vars(parser.parse_args())
    seed = random.SystemRandom().randrange(1_000_000) if asked["seed"] is None else asked["seed"]
    chosen = {name: asked[name] for name in ROUNDS if asked[name] is not None} or {
        name: row.usual for name, row in ROUNDS.items()
    }
    for name, count in chosen.items():
        began = time.monotonic()
        print(f"{name} {count:,}, seed {seed}", flush=True)
        for line in ROUNDS[name].lead(count, seed):
            print(f"  {line}", flush=True)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
