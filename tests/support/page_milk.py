"""What became of a session's milk, for the device by script: the contract's moves, and what follows from them."""

from dataclasses import dataclass
from datetime import timedelta

from tests.support.page_records import Json, instant, iso

GONE = ("used", "donated", "discarded")
MOVES = {
    "room": ("fridge", "freezer", *GONE),
    "fridge": ("freezer", *GONE),
    "freezer": ("thawed", *GONE),
    "thawed": GONE,
    "used": ("donated", "discarded"),
    "donated": ("used", "discarded"),
    "discarded": ("used", "donated"),
}
KEEPS = {"room": timedelta(hours=4), "freezer": timedelta(days=181), "thawed": timedelta(days=1)}


@dataclass(frozen=True)
class Move:
    """A `milk` command that stands; `ml` is its part, None where all of it went."""

    place: str
    ml: int | None
    at: str


def is_gone(place: str) -> bool:
    return place in GONE


def as_moved(record: Json, moves: list[Move]) -> Json:
    """The record's `milk` and `use_by` after these."""
    if not moves or record["milk"] is None:
        return {}
    milk, until = dict(record["milk"]), record["use_by"]
    for move in moves:
        if move.place in GONE and move.ml is not None and milk["ml"] is not None:
            milk["ml"] -= move.ml
        elif move.place in GONE and move.ml is None:
            milk["ml"] = 0
        if move.place in GONE and milk["ml"] == 0:
            milk |= {"place": move.place, "since": move.at}
        elif move.place not in GONE:
            milk |= {"place": move.place, "since": move.at}
            until = until if until is None or move.at > until else _use_by(move, record)
    return {"milk": milk, "use_by": None if milk["ml"] == 0 else until}


def _use_by(move: Move, record: Json) -> str:
    if move.place == "fridge":
        return iso(instant(record["ended_at"]) + timedelta(days=4))
    return iso(instant(move.at) + KEEPS[move.place])
