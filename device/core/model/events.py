"""What can happen: small frozen types, each with its instant on the monotonic clock (`at`, seconds).

Drivers and workers make them, the loop hands them to the core one at a time.
"""

from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

from .record import Button, Intention, Nursing, Place, Portion, Progress, Purpose, Reason, Session, Side, ToldClock


class Event(msgspec.Struct, frozen=True):
    at: float


# -- the wires, the link, the panel ----------------------------------------------------------------------------


class MotorEdge(Event, frozen=True):
    """The motor's line changed (or is first seen): `active` is "running" or "a stroke", after polarity.

    `settled` says that the level has been stable for debounce_ms already and `at` is the first edge (taken back).
    """

    active: bool
    settled: bool = False


class ButtonPressed(Event, frozen=True):
    button: Button


class ButtonReleased(Event, frozen=True):
    button: Button


class Verb(StrEnum):
    HELLO = "HELLO"
    START = "START"
    RUN = "RUN"
    PAUSE = "PAUSE"
    STOP = "STOP"
    VOLUME = "VOLUME"


class PumpSaid(Event, frozen=True):
    """One good line of the pump link; numbers are within the contract's ranges."""

    verb: Verb
    t: float | None = None
    cpm: float | None = None
    vac: float | None = None
    ml: float | None = None
    model: str | None = None
    fw: str | None = None


class LineRejected(Event, frozen=True):
    """Lines that fit nothing; `why` is a counter's name such as `checksum`, `range`, `too_long`, `unknown`."""

    why: str
    count: int = 1


class LinkChanged(Event, frozen=True):
    """The serial port was opened or lost."""

    up: bool


class DisplayChanged(Event, frozen=True):
    up: bool


# -- the clock -------------------------------------------------------------------------------------------------


class TimeCame(Event, frozen=True):
    """A wake that the core asked for."""


class ClockRead(Event, frozen=True):
    """What the system's clock says at `at`: posted at the start, when it was set, when it became synchronised."""

    wall: float
    synced: bool


class ZoneRead(Event, frozen=True):
    """The system's timezone is another than before: a name of the database, such as `Europe/Vienna`."""

    timezone: str


# -- the store -------------------------------------------------------------------------------------------------


class Stored(Event, frozen=True):
    """Everything up to and with this batch is durable."""

    batch: int


class StoreState(StrEnum):
    OK = "ok"
    FAILING = "failing"
    FULL = "full"


class StoreChanged(Event, frozen=True):
    """The store can't write (it goes on trying, in order), or can again."""

    state: StoreState
    why: str = ""


class RecordRead(Event, frozen=True, kw_only=True):
    """The record's file was opened after the start (`again`: once more), and what it holds.

    sessions, nursings: as at the start. to_give_out: records of which a higher revision was given out (it is said
    here) than can be read any more. repaired_at: when the file was last repaired (wall); repair_seen: and said OK to.
    """

    sessions: tuple[Session, ...] = ()
    nursings: tuple[Nursing, ...] = ()
    portions: tuple[Portion, ...] = ()
    next_session: int
    next_nursing: int
    first_record_at: int | None = None
    progress: Progress | None = None
    baseline: tuple[int, int] | None = None
    told_clock: ToldClock | None = None
    seed: bytes
    outbox: int = 0
    to_give_out: tuple[tuple[Session | Nursing, int], ...] = ()
    repaired_at: int | None = None
    repair_seen: bool = False
    set_aside: int = 0
    again: bool = False


class NotStored(Event, frozen=True):
    """The file will not take this batch, however often it is tried."""

    batch: int


class OutboxChanged(Event, frozen=True):
    waiting: int


# -- the broker and what it brings -----------------------------------------------------------------------------


class BrokerChanged(Event, frozen=True):
    """Connected (with the protocol that worked, `5` or `3.1.1`) or away (with why, for people)."""

    up: bool
    protocol: str | None = None
    why: str = ""


class HomeAssistantBorn(Event, frozen=True):
    """Home Assistant's birth message was heard."""


class Counted(Event, frozen=True):
    """Something was survived, so often: it is counted under this name in diagnostics."""

    name: str
    count: int = 1


class PassedOver(Event, frozen=True):
    """So many records of the outbox are larger than the broker takes; they wait for the next connection."""

    records: int


class StatusRead(Event, frozen=True):
    """What Status shows of the machine: its address, free storage; and how fast a demo's clock runs."""

    address: str
    storage: str
    speed: float = 1.0


class Order(msgspec.Struct, frozen=True):
    """Where a command's reply goes: `request` as it came, and MQTT 5's response topic with its correlation data."""

    request: str | None = None
    response_topic: str | None = None
    correlation: bytes | None = None
    key: bytes = b""
    """The command's own bytes: what makes a repeat of a request known."""


class Command(msgspec.Struct, frozen=True, tag_field="command", kw_only=True):
    """What a dashboard can ask for. A field left out is UNSET, one taken back is None."""

    request: str | None = None


Millilitres = float
Instant = str


class Classify(Command, frozen=True, tag="classify", kw_only=True):
    purpose: Purpose | None | UnsetType = UNSET
    reason: Reason | None | UnsetType = UNSET
    intention: Intention | None | UnsetType = UNSET
    session: str | None = None
    if_revision: int | None = None


class GiveVolume(Command, frozen=True, tag="volume", kw_only=True):
    ml: Millilitres | None | UnsetType = UNSET
    left_ml: Millilitres | None | UnsetType = UNSET
    right_ml: Millilitres | None | UnsetType = UNSET
    session: str | None = None
    if_revision: int | None = None


class GiveNote(Command, frozen=True, tag="note", kw_only=True):
    text: str | None
    session: str | None = None
    if_revision: int | None = None


class GiveMilk(Command, frozen=True, tag="milk", kw_only=True):
    place: Place | None
    ml: Millilitres | None = None
    moment: int | None = msgspec.field(default=None, name="at")
    session: str | None = None
    if_revision: int | None = None


class GiveNursing(Command, frozen=True, tag="nursing", kw_only=True):
    effective: bool
    side: Side | None = None
    moment: int | None = msgspec.field(default=None, name="at")
    """Whole seconds since 1970; messages turns ISO 8601 into it."""


class Start(Command, frozen=True, tag="start", kw_only=True):
    moment: int | None = msgspec.field(default=None, name="at")
    """When it was, where nobody told in time."""


class Stop(Command, frozen=True, tag="stop"):
    if_revision: int | None = None


class Pause(Command, frozen=True, tag="pause"):
    if_revision: int | None = None


class GoOn(Command, frozen=True, tag="go_on"):
    if_revision: int | None = None


class Add(Command, frozen=True, tag="add", kw_only=True):
    started_at: int
    ended_at: int | None = None
    duration_s: float | None = None
    purpose: Purpose | None = None
    reason: Reason | None = None
    intention: Intention | None = None
    ml: Millilitres | None = None
    note: str | None = None


class Edit(Command, frozen=True, tag="edit", kw_only=True):
    session: str | None = None
    nursing: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    moment: int | None = msgspec.field(default=None, name="at")
    effective: bool | None = None
    side: Side | None | UnsetType = UNSET
    if_revision: int | None = None


class Delete(Command, frozen=True, tag="delete", kw_only=True):
    session: str | None = None
    nursing: str | None = None
    if_revision: int | None = None


class Restore(Command, frozen=True, tag="restore", kw_only=True):
    session: str | None = None
    nursing: str | None = None
    if_revision: int | None = None


class SetBaseline(Command, frozen=True, tag="baseline", kw_only=True):
    stimulations: int


class TellClock(Command, frozen=True, tag="clock", kw_only=True):
    """A person says the time, as the phone or computer that asks has it."""

    moment: int = msgspec.field(name="at")


class Press(Command, frozen=True, tag="press", kw_only=True):
    button: Button
    held: bool = False


class History(Command, frozen=True, tag="history", kw_only=True):
    since: int | None = None
    until: int | None = None
    revised_since: int | None = None
    unclassified: bool = False
    deleted: bool = False
    milk: bool = False
    limit: int = 100
    cursor: str | None = None


AnyCommand = (
    Classify
    | GiveVolume
    | GiveNote
    | GiveMilk
    | GiveNursing
    | Start
    | Stop
    | Pause
    | GoOn
    | Add
    | Edit
    | Delete
    | Restore
    | SetBaseline
    | TellClock
    | Press
    | History
)


class Ordered(Event, frozen=True):
    """A command that was understood; `order` says where its reply goes."""

    command: AnyCommand
    order: Order


class Fetched(Event, frozen=True):
    """What the store had for a `Fetch`: the record asked for with its neighbours in time, and the command again."""

    records: tuple[Session | Nursing, ...]
    command: AnyCommand
    order: Order


class Refilled(Event, frozen=True):
    """What the store had for a `Refill`."""

    records: tuple[Session | Nursing, ...]
    first_record_at: int | None


CoreEvent = (
    MotorEdge
    | PumpSaid
    | LinkChanged
    | LineRejected
    | ButtonPressed
    | ButtonReleased
    | DisplayChanged
    | TimeCame
    | ClockRead
    | ZoneRead
    | Stored
    | NotStored
    | StoreChanged
    | RecordRead
    | OutboxChanged
    | PassedOver
    | BrokerChanged
    | HomeAssistantBorn
    | Counted
    | StatusRead
    | Ordered
    | Fetched
    | Refilled
)
"""All that the core takes."""
