"""What the device does now, as facts: the live topics' contents before they are JSON.

The core fills these, `device/wire/payloads.py` turns them into payloads; instants are whole seconds since 1970.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from .record import Clock, Session, Since, Suggestion, Units
from .view import ScreenName


class Phase(StrEnum):
    IDLE = "idle"
    PUMPING = "pumping"
    PAUSED = "paused"


class Question(StrEnum):
    PURPOSE = "purpose"
    REASON = "reason"
    INTENTION = "intention"
    VOLUME = "volume"


class LiveState(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: what a dashboard counts on from. `buttons` are the three labels, None for one that does nothing.

    `session` is the running one as at `at`, else the one whose question is open; `suggestion` and `expectation_ml`
    stand with it. `speed` is the demo's: how many seconds pass in one.
    """

    at: int
    phase: Phase
    screen: ScreenName
    dark: bool
    buttons: tuple[str | None, str | None, str | None]
    question: Question | None = None
    session: Session | None = None
    suggestion: Suggestion | None = None
    expectation_ml: int | None = None
    speed: float | None = None


class Outlook(msgspec.Struct, frozen=True):
    """Where the supply is heading; `stimulations` are those of the last five times 24 h, newest first."""

    label: str
    now: float | None
    coming: float | None
    stimulations: tuple[int, ...]


class Figures(msgspec.Struct, frozen=True):
    """What was recorded on one local day, or in the last 24 h (`day` None).

    `pumpings` counts sittings by the purpose of each (or `unclassified`), `nursings` by `effective` or `ineffective`.
    """

    day: date | None
    stimulations: int
    pumpings: dict[str, int]
    nursings: dict[str, int]
    pumping_s: int
    volume_ml: int
    without_amount: int


class Stock(msgspec.Struct, frozen=True):
    """What the portions of any age come to that are neither gone nor past their `use_by`."""

    room_ml: int = 0
    fridge_ml: int = 0
    freezer_ml: int = 0
    thawed_ml: int = 0
    portions: int = 0
    next_use_by: int | None = None


class Today(msgspec.Struct, frozen=True):
    """The figures of the day: `days` are the last seven local ones, today first."""

    timezone: str
    units: Units
    baseline: int
    since: Since
    last_stimulation_at: int | None
    last_stimulation_ended_at: int | None
    unclassified: int
    last_24h: Figures
    days: tuple[Figures, ...]
    outlook: Outlook
    milk: Stock = Stock()


class TodayNow(msgspec.Struct, frozen=True):
    """`today`: the figures (equal ones need no new message) and the instant at which they were true."""

    at: int
    figures: Today


class LinkState(StrEnum):
    UP = "up"
    LOST = "lost"
    OFF = "off"


class Panel(StrEnum):
    UP = "up"
    FAILED = "failed"
    OFF = "off"


class ClockBy(StrEnum):
    """Who set the clock that counts as synchronised."""

    SYSTEM = "system"
    PERSON = "person"


class Disk(StrEnum):
    OK = "ok"
    FAILING = "failing"
    FULL = "full"


Counts = Mapping[str, int]
"""How often by name, each a snake_case word other than `state`, `protocol` and `reconnects`."""


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """`diagnostics`: the device's health. `outbox` counts records that the broker has not acknowledged.

    `protocol` is the one that works, `5` or `3.1.1`, None before the first connection. The counts beside each part's
    state are its own (lines, rejected, frames, commits, …); `errors` counts what was survived, by name.
    """

    at: int
    version: str
    started_at: int
    clock: Clock
    clock_by: ClockBy | None
    outbox: int
    protocol: str | None
    reconnects: int
    serial: LinkState
    display: Panel
    store: Disk
    mqtt_counts: Counts = msgspec.field(default_factory=dict)
    serial_counts: Counts = msgspec.field(default_factory=dict)
    display_counts: Counts = msgspec.field(default_factory=dict)
    set_aside: int = 0
    """Revisions that could not be read when the record was repaired, last at `repaired_at`."""
    repaired_at: int | None = None
    in_memory: int = 0
    """Revisions that the disk does not take now; `dropped`: those for which there was no room even in memory."""
    dropped: int = 0
    store_counts: Counts = msgspec.field(default_factory=dict)
    errors: Counts = msgspec.field(default_factory=dict)
