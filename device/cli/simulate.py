"""`simulate`: the device's own code through days of a made-up household, with faults; the trace, and what was wrong."""

import sys

import click
import msgspec

from .configured import FiniteRange, with_json
from .saying import say


@click.command("simulate")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides everything: the same again, to the byte.")
@click.option("--days", type=FiniteRange(0.01, 3660), default=7, show_default=True)
@click.option("--lives", type=click.IntRange(1), default=1, show_default=True, help="So many seeds, from this one on.")
@click.option("--quiet", is_flag=True, help="No trace, but of what went wrong.")
@with_json
def simulate_command(seed: int, days: float, lives: int, quiet: bool, as_json: bool) -> int:
    """Lead the real core, loop, store and messages through days of a household and its faults, and check the record.

    Power cuts, clocks that are wrong, cards that are full, cables that are pulled, brokers that go away: each line says
    when and what. What a dashboard heard is held against the household's own book. Nothing real is touched. Exit
    status 1: a rule is broken.
    """
    from device.simulation.simulate import simulate

    status = 0
    for life in range(seed, seed + lives):
        tell = (lambda _line: None) if quiet or as_json else say
        lived = simulate(life, days, tell)
        if as_json:
            sys.stdout.buffer.write(msgspec.json.encode({"seed": life, "days": days, **lived._asdict()}) + b"\n")
        elif lived.broken:
            if quiet:
                say("\n".join(lived.lines))
            say(f"seed {life}: broken\n{lived.broken}\nAgain: pump-companion simulate --seed {life} --days {days:g}")
        else:
            say(f"seed {life}: {lived.sessions} sessions, {lived.boots} boots, all as it was ({lived.digest[:16]})")
        if lived.broken:
            status = 1
    return status
