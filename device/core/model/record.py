"""Sessions, nursings, purposes, reasons: the contract's words as types.

Instants are whole seconds since 1970 (UTC), durations whole seconds, volumes whole millilitres.
"""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

UNNUMBERED = 1 << 40
"""From here on a number is none: what is in memory alone, while the record's file can't be read, has no other."""


REMEMBERED_S = 15 * 24 * 3600
"""How far back records are held: the expectation looks back 14 days, the outlook 5."""

NEWEST = 8
"""How many sessions and nursings Last shows, however old they are."""

LARGEST_VOLUME_ML = 2000
"""Of a session, both sides together."""

LONGEST_TYPED_S = 24 * 3600
"""What people type as a session's length; what a device measured may be longer."""


class Purpose(StrEnum):
    PROTECT = "protect"
    PROMOTE = "promote"
    TREAT = "treat"


class Reason(StrEnum):
    IN_PLACE_OF_NURSING = "in_place_of_nursing"
    COMPLETE_NURSING = "complete_nursing"
    RAISE_LOW_SUPPLY = "raise_low_supply"
    COLLECT_EXTRA_MILK = "collect_extra_milk"
    PLUGGED_DUCT = "plugged_duct"
    MASTITIS = "mastitis"
    NIPPLE_PAIN = "nipple_pain"


REASONS: dict[Purpose, tuple[Reason, ...]] = {
    Purpose.PROTECT: (Reason.IN_PLACE_OF_NURSING, Reason.COMPLETE_NURSING),
    Purpose.PROMOTE: (Reason.RAISE_LOW_SUPPLY, Reason.COLLECT_EXTRA_MILK),
    Purpose.TREAT: (Reason.PLUGGED_DUCT, Reason.MASTITIS, Reason.NIPPLE_PAIN),
}
PURPOSE_OF: dict[Reason, Purpose] = {reason: purpose for purpose, group in REASONS.items() for reason in group}


class Intention(StrEnum):
    FEED = "feed"
    FRIDGE = "fridge"
    FREEZER = "freezer"
    DONATE = "donate"
    DISCARD = "discard"


class Place(StrEnum):
    """Where the milk of one session is; in the last three nothing is left."""

    ROOM = "room"
    FRIDGE = "fridge"
    FREEZER = "freezer"
    THAWED = "thawed"
    USED = "used"
    DISCARDED = "discarded"
    DONATED = "donated"


class Side(StrEnum):
    """The breast of a nursing, as far as somebody said it."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class Context(StrEnum):
    TREATMENT_CONTINUES = "treatment_continues"
    AFTER_INEFFECTIVE_NURSING = "after_ineffective_nursing"
    AFTER_EFFECTIVE_NURSING = "after_effective_nursing"
    ABOVE_BASELINE = "above_baseline"
    BELOW_BASELINE = "below_baseline"


class Source(StrEnum):
    GPIO = "gpio"
    SERIAL = "serial"
    BUTTON = "button"
    DASHBOARD = "dashboard"
    ADDED = "added"
    IMPORT = "import"


class ClassifiedBy(StrEnum):
    BUTTON = "button"
    DASHBOARD = "dashboard"
    SITTING = "sitting"
    IMPORT = "import"


class Cause(StrEnum):
    STARTED = "started"
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    CLASSIFIED = "classified"
    VOLUME = "volume"
    MILK = "milk"
    NOTE = "note"
    EDITED = "edited"
    DELETED = "deleted"
    RESTORED = "restored"
    REPAIRED = "repaired"
    CLOCK = "clock"
    STUCK_SENSOR = "stuck_sensor"
    ADDED = "added"
    IMPORTED = "imported"


class Clock(StrEnum):
    SYNCED = "synced"
    UNSYNCED = "unsynced"


class SessionState(StrEnum):
    RUNNING = "running"
    ENDED = "ended"


class Units(StrEnum):
    ML = "ml"
    OZ = "oz"


class Since(StrEnum):
    """From which end of the last stimulation people count."""

    START = "start"
    END = "end"


class Button(StrEnum):
    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Facts(msgspec.Struct, frozen=True):
    """What a because says, as numbers; what another context says is unset, and stands nowhere then.

    Above and below the baseline: `stimulations` of the last 24 h. After a nursing: whole `minutes` since. While a
    treatment continues: since that session began, and its `reason`, None where nobody gave one.
    """

    stimulations: int | UnsetType = UNSET
    baseline: int | UnsetType = UNSET
    minutes: int | UnsetType = UNSET
    reason: Reason | None | UnsetType = UNSET


class Suggestion(msgspec.Struct, frozen=True):
    """The purpose that the record makes likely; `because` says its facts to people, in the words of the screens.

    Records from before facts were kept have none.
    """

    purpose: Purpose
    reason: Reason | None
    context: Context
    because: str
    facts: Facts | UnsetType = UNSET


class End(StrEnum):
    """The two ends of a session: where a person or a set clock has told one of them, it stays."""

    START = "start"
    END = "end"


class Anchor(msgspec.Struct, frozen=True):
    """Where a record stands on the monotonic clock of the boot that witnessed it, so that its wall times can be put
    right once that boot learns the time: `at` its start, `until` its end.
    """

    boot: str
    at: float
    until: float | None = None


class Milk(msgspec.Struct, frozen=True):
    """A portion: the milk of one session, `ml` what is left of it (None: nobody knows; 0: it is gone)."""

    place: Place
    ml: int | None
    since: int


class MilkMove(msgspec.Struct, frozen=True):
    """A `milk` command that stands, its `at` in wall seconds.

    `went`: with used, donated and discarded the part that left (None: all that there was), else what had left in all
    by then (None: as it was).
    """

    place: Place
    at: int
    went: int | None = None
    anchor: Anchor | None = None
    """When that was on the boot's own clock, while `at` waits for that boot to learn the time."""
    unsynced: bool = False
    """`at` was read from a clock that nobody had set."""
    use_by: int | None | UnsetType = UNSET
    """Of a record that was imported, where it says another than follows from the rest."""


class Portion(msgspec.Struct, frozen=True):
    """Milk that is not gone, as the stock counts it."""

    session: str
    place: Place
    ml: int | None
    use_by: int | None


class ToldClock(msgspec.Struct, frozen=True):
    """What a person said the time was, for this boot: wall seconds less monotonic ones."""

    boot: str
    offset: float


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one session's record, as the contract lists it; `anchor` stays in the house."""

    id: str
    number: int
    revision: int
    cause: Cause
    revised_at: int
    state: SessionState
    started_at: int
    ended_at: int | None = None
    duration_s: int = 0
    pumping_s: int = 0
    pauses: int = 0
    cycles_per_minute: int | None = None
    counted: bool = False
    interrupted: bool = False
    clock: Clock = Clock.SYNCED
    sources: tuple[Source, ...] = ()
    disagreement_s: int | None = None
    stuck_sensor: bool = False
    sitting: str
    purpose: Purpose | None = None
    reason: Reason | None = None
    classified_by: ClassifiedBy | None = None
    classified_at: int | None = None
    suggestion: Suggestion | None = None
    intention: Intention | None = None
    use_by: int | None = None
    expectation_ml: int | None = None
    volume_ml: int | None = None
    left_ml: int | None = None
    right_ml: int | None = None
    note: str | None = None
    deleted: bool = False
    answer: int = 0
    """Answers are counted as they are given, whatever the clock says then: which one the purpose is; 0: none, or one
    from elsewhere. What follows, and this, stays in the house."""
    answered: Anchor | None = None
    """When that was, on the boot's own clock."""
    filled_by: str | None = None
    """The session of the same sitting whose purpose this is, and with which it is corrected."""
    intention_by: str | None = None
    """Likewise for the intention."""
    volume_by_hand: bool = False
    """The pump never overwrites such a volume."""
    anchor: Anchor | None = None
    known: tuple[End, ...] = ()
    """While `clock` is unsynced: the ends that are right all the same, and that no clock moves any more."""
    guessed: bool = False
    """It began in a boot that never learned the time: the next one, in which it went on, can't tell when."""
    told: bool = False
    """Its times rest on a clock that a person set: the system's own puts them right once that is synchronised."""
    milk_moves: tuple[MilkMove, ...] = ()
    """The `milk` commands that stand, in the order in which they were given."""
    milk_began: Intention | None = None
    """The intention that stood at the first of them: a later one begins no portion anew."""


class Nursing(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one nursing's record; `at` is its time."""

    id: str
    number: int
    revision: int
    cause: Cause
    revised_at: int
    at: int
    effective: bool
    side: Side | None = None
    clock: Clock = Clock.SYNCED
    source: Source
    deleted: bool = False
    anchor: Anchor | None = None
    told: bool = False


class Progress(msgspec.Struct, frozen=True):
    """Where a running session stands: what a power cut may not take. Monotonic instants belong to `boot`.

    seen_at: the last moment the session is known to have run (wall, whole seconds; monotonic `seen`).
    """

    session: str
    boot: str
    seen: float
    seen_at: int
    began: float
    quiet: float | None
    rested_s: float
    pauses: int
    cycles: tuple[float, float]
    """Strokes (or cycles) counted, over how many seconds."""
    by_hand: bool
    given: bool = False
    """A person said when it began."""
    anchor: Anchor | None = None
    known: tuple[End, ...] = ()
    guessed: bool = False
    """What is known of the record's times; its last revision may be older, since it went on in another boot."""


Record = Session | Nursing


def begun(record: Record) -> int:
    return record.started_at if isinstance(record, Session) else record.at


def finished(record: Record) -> int:
    """When a record's time is over; a session that runs is known to have run for its duration."""
    if not isinstance(record, Session):
        return record.at
    return record.started_at + record.duration_s if record.ended_at is None else record.ended_at


IN_ORDER: dict[type[Any], Callable[[Any], tuple[int, int]]] = {
    Session: attrgetter("started_at", "number"),
    Nursing: attrgetter("at", "number"),
}
"""How records of a kind are sorted: of two that began in the same second the lower number came first."""
SESSIONS_IN_ORDER = IN_ORDER[Session]


def in_order(record: Record) -> tuple[int, int]:
    """The same for records of both kinds together."""
    return IN_ORDER[type(record)](record)


IN_THE_HOUSE = (
    "answer", "answered", "filled_by", "intention_by", "volume_by_hand", "anchor", "known", "guessed", "told",
    "milk_moves", "milk_began",
)  # fmt: skip
"""Fields that no topic, reply or export carries."""


def record_id(at: int, kind: str, number: int, seed: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then bits that only `seed` makes unforeseeable.

    The same arguments give the same id, so that the core stays pure; seed is random once a database.
    """
    noise = int.from_bytes(hashlib.blake2b(f"{kind}:{number}:{at}".encode(), key=seed, digest_size=10).digest(), "big")
    value = (max(at, 0) * 1000 & (1 << 48) - 1) << 80 | noise
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
