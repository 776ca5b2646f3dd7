"""Ten days of a household that doesn't exist: the record that the demo begins with.

The same every time but for its instants, which end an hour and a half before now; it comes in as any import does.
"""

from collections.abc import Iterator
from itertools import count, cycle
from typing import Any

import msgspec

from device.core.model.record import Record, Side
from device.core.rules.sittings import DAY_S, MINUTE_S
from device.store import copies
from device.store.importing import ImportOutcome
from device.store.records import Store
from device.wire.lines import complete, from_line
from device.wire.values import instant

NEWEST_S = 92 * MINUTE_S
"""How long before now the newest session begins."""
NURSED_BEFORE_S = 25 * MINUTE_S
"""How long before the pumping that completes it an ineffective nursing was."""
RESTS_S = 10 * MINUTE_S
"""Between the parts of a power pumping: within one sitting."""

DAYS = (
    "P N ? C P N",
    "P N M P C ! N",
    "N P C P N M p P x",
    "P N P W N P C N",
    "N P M N P C P N M",
    "P C N P P N P C",
    "N P T N T P N T",
    "T N T P C N P",
    "P N P C N P N P",
    "N P C N M P p P N",
)
"""Newest first: what each of the last ten times 24 h held, newest first, a letter each, spread evenly over it.

N: an effective nursing; every other letter is in SITTINGS.
"""


class Kind(msgspec.Struct, frozen=True):
    """A sitting: its sessions' minutes, what it was for, and amounts, of which each next one takes the next."""

    minutes: tuple[float, ...] = (16,)
    fields: dict[str, str] = {}
    intentions: tuple[str | None, ...] = (None,)
    amounts_ml: tuple[int | None, ...] = (None,)
    nursed: bool = False
    """An ineffective nursing comes before it."""


IN_PLACE = {"purpose": "protect", "reason": "in_place_of_nursing"}
SITTINGS = {
    "P": Kind((16.5,), IN_PLACE, ("feed", "fridge", "fridge"), (90, 85, 95, 80, 100, 90)),
    "p": Kind((14,), IN_PLACE, ("fridge",)),
    "C": Kind((12,), {"purpose": "protect", "reason": "complete_nursing"}, ("feed",), (50, 45, 55), nursed=True),
    "M": Kind((14,), {"purpose": "promote", "reason": "collect_extra_milk"}, ("freezer",), (60, 55, 65)),
    "W": Kind((20, 10, 10), {"purpose": "promote", "reason": "raise_low_supply"}, ("freezer",), (55, 20, 15)),
    "T": Kind((18,), {"purpose": "treat", "reason": "plugged_duct"}, ("fridge",), (70, 65, 75)),
    "?": Kind((15,)),
    "!": Kind((15.5,), amounts_ml=(75,)),
    "x": Kind((0.6,)),
}


def take_sample_in(store: Store, now: int, *, min_session_s: int, sitting_s: int) -> ImportOutcome:
    """Import the sample into an empty store. Raises StoreError."""
    return copies.take_in(store, records(now, min_session_s), now=now, sitting_s=sitting_s)


def records(now: int, min_session_s: int) -> list[Record]:
    """The sample as `import` would read it from a file, oldest first."""
    lines = sorted(_sample_lines(now), key=lambda line: str(line[1].get("started_at", line[1].get("at"))))
    return [complete(from_line(msgspec.json.encode({name: fields})), min_session_s) for name, fields in lines]


def _sample_lines(now: int) -> Iterator[tuple[str, dict[str, Any]]]:
    places = {letter: count() for letter in SITTINGS}
    sides = cycle(Side)
    for day, letters in enumerate(DAYS):
        held = letters.split()
        for place, letter in enumerate(held):
            # a few minutes to and fro, for nobody nurses by the clock; never for the newest
            drift_s = (place * 7 + day * 5) % 19 * MINUTE_S
            at = now - day * DAY_S - NEWEST_S - round(place * DAY_S / len(held)) - drift_s
            if letter == "N":
                yield "nursing", {"at": instant(at), "effective": True, "side": next(sides)}
            else:
                yield from _sitting(SITTINGS[letter], at, next(places[letter]))


def _sitting(kind: Kind, at: int, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    if kind.nursed:
        yield "nursing", {"at": instant(at - NURSED_BEFORE_S), "effective": False}
    for part, minutes in enumerate(kind.minutes):
        lasted = round(minutes * MINUTE_S)
        amount = kind.amounts_ml[(number + part) % len(kind.amounts_ml)]
        given = {"volume_ml": amount, "intention": kind.intentions[number % len(kind.intentions)]}
        yield (
            "session",
            {
                "started_at": instant(at),
                "ended_at": instant(at + lasted),
                "pumping_s": lasted,
                "cycles_per_minute": 52 + number % 5,
                **kind.fields,
                **{name: value for name, value in given.items() if value is not None},
            },
        )
        at += lasted + RESTS_S
