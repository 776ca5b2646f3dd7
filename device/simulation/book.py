"""The household's own book: what truly happened, and what a dashboard was told. The rules compare the two.

What happened comes from the household alone. The device is asked for one thing: which record it has for the pumping
that is on, so that the two can be laid side by side.
"""

from typing import Any

import msgspec

from device.core.model.record import Purpose

MILK_FOR = {"feed": "room", "fridge": "fridge", "freezer": "freezer", "discard": "discarded"}
"""What milk is for, and where it is then."""
GOES = {"room": {"fridge", "freezer"}, "fridge": {"freezer"}, "freezer": {"thawed"}}
LEFT = {"used", "discarded", "donated"}
PLACES = ("room", "fridge", "freezer", "thawed", "used", "discarded", "donated")
"""Where it may be said to be: some places lead to others, and from each it may leave."""


class Pumping(msgspec.Struct, eq=False):
    """The motor's true life from its first turn to its last, pauses within; seconds of the life."""

    began: float
    ended: float | None = None
    rests: list[tuple[float, float]] = []
    """From when to when it paused, also before a start that was told later."""
    tied: bool = False
    """The device could hear its pump; else a hand alone told of it."""
    told_start: str | None = None
    """What a dashboard said of its start, as the device answered: an instant as in the record."""
    rests_since: float | None = None
    """It rests by hand since then."""
    late_s: float = 0.0
    """So late, in all, was what a dashboard asked of it perhaps done."""
    by_line: bool = False
    """The serial line was good when it began."""
    warned: bool = False
    """At its end a warning stood on the screen."""
    boot: int = 0
    """The boot in which it began."""
    record: str | None = None
    """The record that the device has for it; None: nobody could look."""
    doubtful: bool = False
    """The device was off, or its wires were out, for a part of it."""
    purpose: Purpose | None = None
    purpose_doubtful: bool = False
    """An answer may have come in the moment before a cut."""
    edited_end: str | None = None
    """What a dashboard put in place of its end: an instant as in the record."""
    volume_ml: int | None = None
    note: str | None = None
    place: str | None = None
    """Where its milk is; None: nobody said what it is for."""
    deleted: bool = False

    @property
    def paused(self) -> list[float]:
        """How long each pause of it was: none that was over when it began."""
        return [on - max(quiet, self.began) for quiet, on in self.rests if on > self.began]

    @property
    def paused_s(self) -> float:
        return sum(self.paused)

    @property
    def pauses(self) -> int:
        return len(self.paused)


class Awaited(msgspec.Struct):
    """A dashboard's command that waits for its answer. `heard` by so many devices, answered so often."""

    about: str
    heard: int = 0
    answered: int = 0
    at: float = 0.0
    """When it was last heard."""
    lost: bool = False
    """The device or the line went away meanwhile."""


class Book(msgspec.Struct):
    """`revisions`: by a record's id what a dashboard heard, revision by revision."""

    pumpings: list[Pumping] = []
    nursings: int = 0
    nursings_doubtful: int = 0
    asked: dict[str, Awaited] = {}
    revisions: dict[str, dict[int, bytes]] = {}
    newest: dict[str, dict[str, Any]] = {}
    retained: dict[str, dict[str, Any]] = {}
    asked_why: set[str] = set()
    """The records whose purpose was asked for on the screen."""
    learned: set[int] = set()
    """The boots whose clock was set."""
    told: dict[int, list[float]] = {}
    """By the boot in which somebody told the time: how far off each word was at most, in seconds."""
