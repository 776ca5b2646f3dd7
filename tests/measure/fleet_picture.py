"""How a fleet comes back, as a picture that needs no colour: with jitter drawn through, without dashed."""

from collections.abc import Iterator
from itertools import pairwise

from docs.wiring.svg import FAINT, INK, PAPER, line, text
from tests.measure.fleet import Storm

WIDTH, HEIGHT = 420, 150
LEFT, TOP, APART_X, APART_Y = 60, 50, 80, 60
TICKS = 4
Points = list[tuple[float, float]]


def connected(storm: Storm) -> Points:
    """How many are connected, as time goes on."""
    counted = [(at, float(count)) for count, at in enumerate(storm.up)]
    return [(0.0, 0.0), *counted, (storm.back[-1], float(len(storm.up)))]


def load(storm: Storm) -> Points:
    """Percent of a core that mosquitto took between two looks."""
    return [(at, 100 * (cpu - cpu_0) / (at - at_0)) for (at_0, cpu_0), (at, cpu) in pairwise(storm.cpu)]


def panel(x: float, y: float, title: str, unit: str, solid: Points, dashed: Points) -> Iterator[str]:
    end = round_up(max(at for at, _ in solid + dashed))
    top = round_up(max(value for _, value in solid + dashed))

    def place(points: Points) -> Points:
        return [(round(x + WIDTH * at / end, 1), round(y + HEIGHT * (1 - value / top), 1)) for at, value in points]

    for tick in range(TICKS + 1):
        share = tick / TICKS
        across, up = x + WIDTH * share, y + HEIGHT * (1 - share)
        yield line([(x, up), (x + WIDTH, up)], FAINT, width=0.5)
        yield text(x - 6, up + 4, f"{top * share:g}", size=11, anchor="end")
        yield text(across, y + HEIGHT + 16, f"{end * share:g}", size=11, anchor="middle")
    yield text(x, y - 8, f"{title}, {unit}", size=12, bold=True)
    yield line(place(solid), INK, width=2)
    yield line(place(dashed), INK, width=2, dash="6 4")


def round_up(most: float) -> float:
    """The next number that four ticks divide well."""
    return next(step * 10.0**power for power in range(-1, 6) for step in (1, 2, 4, 5, 6, 8) if step * 10**power >= most)


def picture(storms: dict[tuple[float, bool], Storm]) -> str:
    """The storms by how long mosquitto was away and whether there was jitter, as SVG."""
    downs = sorted({down_s for down_s, _ in storms})
    width, height = LEFT + len(downs) * (WIDTH + APART_X), TOP + 2 * (HEIGHT + APART_Y)
    parts = [
        text(
            LEFT, 20, "solid: with the driver's jitter; dashed: without; seconds after mosquitto listens again", size=13
        )
    ]
    for column, down_s in enumerate(downs):
        both = storms[down_s, True], storms[down_s, False]
        x = LEFT + column * (WIDTH + APART_X)
        parts += panel(
            x,
            TOP + 10,
            f"away for {down_s:g} s: devices connected",
            "of " + str(len(both[0].up)),
            *map(connected, both),
        )
        parts += panel(x, TOP + 10 + HEIGHT + APART_Y, "mosquitto", "% of a core", *map(load, both))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
