"""Pictures of what becomes of figures: as the record grows, as days go by, and over a day."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, cycle
from math import ceil, floor

from tests.measure.compare import quantile
from tests.measure.drawing import BEGAN_H, Stretches
from tests.measure.growing import FAR, NEAR, Found, Taken
from tests.measure.month import Look
from tests.measure.pictures import DASHED, DOTTED, SOLID, SPARSE, Panel, Points, Scale, Series, charts, decades

HELD_DAYS = 15
"""So long a record is held; a month begins with none."""
MANNERS = [(dashes, grey) for grey in ("#111", "#777") for dashes in (SOLID, DASHED, DOTTED, SPARSE)]
"""How lines look, so that no two of eight are alike."""
NIGHT_GREY, SESSION_GREY = "#f0f0f0", "#ccc"


def drawn(lines: Mapping[str, Points]) -> list[Series]:
    return [
        Series(name, points, dashes, grey)
        for (name, points), (dashes, grey) in zip(lines.items(), cycle(MANNERS), strict=False)
    ]


def records(sizes: Sequence[int]) -> Scale:
    return Scale(sizes[0], sizes[-1], [(size, f"{size:,}") for size in sizes], log=True)


def medians(taken: Taken) -> dict[str, Points]:
    return {name: [(size, quantile(turns, 0.5)) for size, turns in sizes.items()] for name, sizes in taken.items()}


def growth(found: Found) -> str:
    far, near = records(FAR), records(NEAR)
    memory = {
        "the daemon, no display: resident": [(size, mib * 1024) for size, mib in found.processes.items()],
        "the state that the core holds": list(found.states["far"].items()),
    }
    panels = [
        Panel("a step, µs of processor: records two hours apart", far, decades(2, 900), drawn(medians(found.far))),
        Panel("a step, µs: the same, packed into two weeks, so that all are held", near, decades(2, 900),
              drawn(medians(found.near))),
        Panel("the store, µs of processor: records two hours apart", far, decades(110, 900_000),
              drawn(medians(found.store))),
        Panel("memory, KiB: records two hours apart", far, decades(11, 90_000), drawn(memory), high=150),
    ]  # fmt: skip
    return charts("What a record of so many costs", panels)


def month(lives: Mapping[str, Sequence[Look]]) -> str:
    alone, household = lives["device"], lives["household"]
    last = alone[-1].day
    days = Scale(0, last, [(day, f"day {day}" if day == 0 else str(day)) for day in range(0, int(last) + 1, 5)])
    held = [(0.0, float(min(HELD_DAYS, last)), NIGHT_GREY)]
    resident = {
        "the device alone": [(look.day, look.mib) for look in alone],
        "a household and its book": [(look.day, look.mib) for look in household],
    }
    reached = {
        "the device alone": [(look.day, look.device_kib) for look in alone],
        "the device in a household": [(look.day, look.device_kib) for look in household],
        "the simulation's book of it": [(look.day, look.book_kib) for look in household],
    }
    taken = [mib for points in resident.values() for _, mib in points]
    most = max(kib for points in reached.values() for _, kib in points)
    panels = [
        Panel("MiB resident, not from 0; in grey the days until 15 of them are held", days,
              even(min(taken), max(taken), 1), drawn(resident), held),
        Panel("KiB reached from it", days, even(0, most, 500), drawn(reached), held),
    ]  # fmt: skip
    return charts(f"{last:g} days without a restart", panels)


def even(low: float, high: float, step: int) -> Scale:
    """A scale of whole steps around these."""
    first, last = floor(low / step) * step, ceil(high / step) * step
    return Scale(first, last, [(value, f"{value:,}") for value in range(first, last + 1, step)])


def wire(name: str, day: Stretches) -> str:
    lines = {
        "luma twice a second": day.redrawn,
        "luma at each change": day.luma,
        "ours": day.ours,
    }
    clock = Scale(0, 24, [(hour, f"{(BEGAN_H + hour) % 24}:00") for hour in range(0, 25, 3)])
    up = Scale(1e4, 1e9, [(1e4, "10 kB"), (1e5, "100 kB"), (1e6, "1 MB"), (1e7, "10 MB"),
                          (1e8, "100 MB"), (1e9, "1 GB")], log=True)  # fmt: skip
    bands = [(*one, NIGHT_GREY) for one in day.night] + [(*one, SESSION_GREY) for one in day.sessions]
    hourly, so_far = list[Series](), list[Series]()
    for (words, stretches), (dashes, grey) in zip(lines.items(), MANNERS, strict=False):
        runs = hours(stretches)
        hourly += [Series("" if place else words, run, dashes, grey) for place, run in enumerate(runs)]
        total = [(place * 24 / len(stretches), sent) for place, sent in enumerate(accumulate(stretches), 1)]
        sent = f"{total[-1][1] / 1e6:,.{0 if total[-1][1] > 1e8 else 2}f} MB"
        so_far.append(Series(f"{words}: {sent}", [one for one in total if one[1]], dashes, grey))
    panels = [
        Panel("in each hour; no line where nothing was sent", clock, up, hourly, bands),
        Panel("since the day began", clock, up, so_far, bands),
    ]
    return charts(f"Bytes on the wire of an {name} in a day: eight sessions in grey, the night in light grey", panels)


def hours(stretches: Sequence[float]) -> list[Points]:
    """What each hour has, level; apart where an hour in between has nothing."""
    each = len(stretches) // 24
    runs: list[list[tuple[float, float]]] = [[]]
    for hour in range(24):
        if sent := sum(stretches[hour * each : (hour + 1) * each]):
            runs[-1] += [(hour, sent), (hour + 1, sent)]
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
