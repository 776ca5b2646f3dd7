"""What can be asked for: small frozen types that the loop hands to the part that can do each.

The order of a step's effects is the order in which they are handed over: what dashboards are told, the picture, the
record.
"""

from enum import StrEnum
from typing import Any

import msgspec

from .events import AnyCommand, History, Order
from .live import Diagnostics, LiveState, TodayNow
from .record import Nursing, Progress, Session, ToldClock
from .view import View


class Show(msgspec.Struct, frozen=True):
    """The picture changed."""

    view: View


class Save(msgspec.Struct, frozen=True):
    """Commit these revisions (or none) with their outbox rows in one transaction, then `Stored(batch)`.

    `progress` is the running session's, kept in the same transaction; None clears it.
    """

    batch: int
    records: tuple[Session | Nursing, ...]
    progress: Progress | None


class Checkpoint(msgspec.Struct, frozen=True):
    progress: Progress


class KeepBaseline(msgspec.Struct, frozen=True):
    """Keep the baseline with the configured one that it replaces: it wins until that changes."""

    batch: int
    stimulations: int
    configured: int


class KeepClock(msgspec.Struct, frozen=True):
    """Keep the clock that a person told, for restarts in its boot; None: the system's own is synchronised."""

    batch: int
    told: ToldClock | None


class Topic(StrEnum):
    STATE = "state"
    TODAY = "today"
    DIAGNOSTICS = "diagnostics"
    LAST = "session/last"


class Publish(msgspec.Struct, frozen=True):
    """A retained live topic: only the newest counts. `value` is what it says; None clears."""

    topic: Topic
    value: LiveState | TodayNow | Diagnostics | Session | None


class Answer(msgspec.Struct, frozen=True):
    """A good reply, with the record that it changed."""

    order: Order
    at: int
    record: Session | Nursing | None = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)


class Refuse(msgspec.Struct, frozen=True):
    """A refusal: `error` for people, `code` and `field` for programs."""

    order: Order
    at: int
    code: str
    error: str
    field: str | None = None
    overlaps: str | None = None
    """The id of the session whose time it would take."""


class Fetch(msgspec.Struct, frozen=True):
    """Ask for a record by id with its neighbours of a day, and for those within a day of `span`; `Fetched` answers."""

    command: AnyCommand
    order: Order
    record: str | None = None
    span: tuple[int, int] | None = None


class Refill(msgspec.Struct, frozen=True):
    """Ask for the newest records of each kind, in whole sittings, and for the time of the first: a correction may have
    taken away one that others stand behind which are not held. `Refilled` answers.
    """


class ReadHistory(msgspec.Struct, frozen=True):
    """`kept_since`: of `milk` those that keep until then or longer; None: all that are not gone."""

    command: History
    order: Order
    at: int
    kept_since: int | None = None


class Repeat(msgspec.Struct, frozen=True):
    """This record once more on `session`: a Home Assistant that was away has missed its end."""

    record: Session


class WakeAt(msgspec.Struct, frozen=True):
    """Wake the core at this monotonic instant; None: nothing is due. The newest replaces the one before."""

    at: float | None


Effect = (
    Show
    | Save
    | Checkpoint
    | KeepBaseline
    | KeepClock
    | Publish
    | Answer
    | Refuse
    | Fetch
    | Refill
    | ReadHistory
    | Repeat
    | WakeAt
)
