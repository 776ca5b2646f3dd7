"""What can be asked of the store's thread, besides the core's effects, and what it answers."""

from typing import Final, assert_never

import msgspec

from device.core.model.effects import Checkpoint, Fetch, KeepBaseline, KeepClock, ReadHistory, Refill, Save
from device.core.model.events import Event, Order
from device.core.model.record import Record
from device.wire.gate import Passed


class KeepFact(msgspec.Struct, frozen=True):
    key: str
    value: str | None


class ReadFacts(msgspec.Struct, frozen=True):
    """Ask for facts as they are on disk (another process may have kept one), then `FactsRead`."""

    keys: tuple[str, ...]


class ReadOutbox(msgspec.Struct, frozen=True):
    """Ask for at most `limit` revisions that wait, behind `after`, then `OutboxRead`.

    Where there are none it is answered at the commit that brings some; the newest request replaces the one before.
    """

    after: int
    limit: int


class Acknowledged(msgspec.Struct, frozen=True):
    """The broker has these."""

    seqs: tuple[int, ...]


class FactsRead(Event, frozen=True):
    facts: dict[str, str | None]


class OutboxRead(Event, frozen=True):
    """Revisions to publish, in order, each with the number by which it is acknowledged; those behind `after`."""

    rows: tuple[tuple[int, Record], ...]
    after: int


class HistoryRead(Event, frozen=True):
    """The answer to a `ReadHistory`: what the worker's `page` made of it."""

    asked: ReadHistory
    page: Passed


class ReadFailed(Event, frozen=True):
    """A `Fetch` or `ReadHistory` could not be answered, and why, for people."""

    order: Order
    error: str


Write = Save | Checkpoint | KeepBaseline | KeepClock | KeepFact | Acknowledged
Batch = Save | KeepBaseline | KeepClock


def fact(write: KeepBaseline | KeepClock | KeepFact) -> tuple[str, str | None]:
    """Under which key it is kept, and how it is written; None: not at all any more."""
    match write:
        case KeepBaseline():
            return "baseline", f"{write.stimulations} {write.configured}"
        case KeepClock():
            return "told_clock", None if write.told is None else msgspec.json.encode(write.told).decode()
        case KeepFact():
            return write.key, write.value
        case _:
            assert_never(write)


Overtaking = ReadHistory | ReadOutbox | ReadFacts
"""Reads that want what is durable: while writes fail they go ahead. A `Fetch` waits, since a new revision follows."""


class Scrub(msgspec.Struct, frozen=True):
    """Nothing waits: the worker looks whether the file is as it should be."""


NOTHING_KNOWN: Final[dict[str, str | None]] = {"unannounced": "yes"}
"""The facts while the file can't be read: nothing is announced, and nothing taken back."""

Read = Overtaking | Fetch | Refill | Scrub
Request = Write | Read
Told = FactsRead | OutboxRead | HistoryRead | ReadFailed
"""What is answered to the publisher, past the core."""


def replaces(new: Write, old: Write) -> bool:
    """Of one kind, or one fact, the newest word stands."""
    if isinstance(new, KeepFact) and isinstance(old, KeepFact):
        return new.key == old.key
    return type(new) is type(old)
