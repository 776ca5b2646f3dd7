"""What sensors on a pump put on its wire: raw edges, bounce and chatter and all, made from a seed.

A signal is a list of `(seconds, active)`, in order, that begins and ends inactive. `SENSORS` names them; each gets the
strokes' pace, when the pump runs from and to, and a `Random`. The last of them has no pace of its own.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random

Signal = list[tuple[float, bool]]
Knock = tuple[float, float]


def strokes(cpm: float, begins: float, ends: float, dice: Random) -> Iterator[tuple[float, float]]:
    """When strokes begin, and how long until the next: as even as a motor under load is."""
    at = begins
    while at < ends:
        period = 60 / cpm
        yield at, period
        at += period * dice.uniform(0.97, 1.03)


def bounced(knock: Knock, longest_s: float, dice: Random) -> Iterator[Knock]:
    """A contact that closes and opens bounces: gaps and knocks of up to `longest_s` at either end."""
    at, until = knock
    for _ in range(dice.randint(0, 6)):
        closed = dice.uniform(0.0002, longest_s)
        yield at, at + closed
        at += closed + dice.uniform(0.0002, longest_s)
    yield at, max(until, at + 0.02)
    at = max(until, at + 0.02)
    for _ in range(dice.randint(0, 6)):
        at += dice.uniform(0.0002, longest_s)
        closed = dice.uniform(0.0002, longest_s)
        yield at, at + closed
        at += closed


def reed(cpm: float, begins: float, ends: float, dice: Random) -> Iterator[Knock]:
    """A magnet passes: a short closure, with bounces that may be as long as knocks."""
    for at, period in strokes(cpm, begins, ends, dice):
        yield from bounced((at, at + min(dice.uniform(0.02, 0.2), period * 0.3)), 0.008, dice)


def relay(cpm: float, begins: float, ends: float, dice: Random) -> Iterator[Knock]:
    """Closed for about half of the stroke: at 10 a minute for three seconds."""
    for at, period in strokes(cpm, begins, ends, dice):
        yield from bounced((at, at + period * dice.uniform(0.4, 0.5)), 0.006, dice)


def hall(cpm: float, begins: float, ends: float, dice: Random) -> Iterator[Knock]:
    """Clean, any share of the stroke, now and then a spike."""
    share = dice.uniform(0.05, 0.6)
    for at, period in strokes(cpm, begins, ends, dice):
        yield at, at + max(period * share, 0.006)
        if dice.random() < 0.1:
            spike = at + period * 0.8
            yield spike, spike + dice.uniform(0.0002, 0.004)


def thumps(cpm: float, begins: float, ends: float, dice: Random) -> Iterator[Knock]:
    """A vibration sensor that each stroke knocks several times, for up to a third of it."""
    for at, period in strokes(cpm, begins, ends, dice):
        knock = at
        while knock < at + min(period / 3, 0.6):
            length = dice.uniform(0.006, 0.06)
            yield knock, knock + length
            knock += length + dice.uniform(0.002, 0.1)


def vibration(_cpm: float, begins: float, ends: float, dice: Random) -> Iterator[Knock]:
    """A vibration sensor on a motor that turns all the time: it knocks on and on."""
    at = begins
    while at < ends:
        length = dice.uniform(0.006, 0.06)
        yield at, at + length
        at += length + dice.uniform(0.001, 0.14)


Sensor = Callable[[float, float, float, Random], Iterator[Knock]]
SENSORS: dict[str, Sensor] = {"reed": reed, "relay": relay, "hall": hall, "thumps": thumps, "vibration": vibration}
PACELESS = {"vibration"}


def signal(sensor: str, cpm: float, begins: float, ends: float, dice: Random) -> Signal:
    edges: Signal = []
    for began, over in SENSORS[sensor](cpm, begins, ends, dice):
        edges += [(began, True), (over, False)]
    assert edges == sorted(edges, key=lambda edge: edge[0]), "a signal goes forward"
    return edges


def last_stroke(edges: Signal) -> float:
    """When the last stroke began: after 150 ms of rest or, in a chatter, with the last knock."""
    knocks = [(began, over) for (began, _), (over, _) in zip(edges[::2], edges[1::2], strict=True)]
    held = [knock for knock in knocks if knock[1] - knock[0] >= 0.005]
    apart = [began for (_, over), (began, _) in pairwise(held) if began - over >= 0.15]
    return apart[-1] if apart else held[-1][0]
