"""What a screen shows, as facts: `dialogue` makes one of these bodies, `device/screens` draws it.

Each body belongs to one screen, which may have others. Equal views are equal pictures, so a picture is drawn only
where its view changed.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from .events import StoreState
from .record import Intention, Purpose, Reason, Suggestion, Units


class ScreenName(StrEnum):
    IDLE = "idle"
    PURPOSE = "purpose"
    REASON = "reason"
    NOTE = "note"
    INTENTION = "intention"
    TIMER = "timer"
    VOLUME = "volume"
    SAVED = "saved"
    NURSED = "nursed"
    LAST = "last"
    CHANGE = "change"
    STATUS = "status"
    WARNING = "warning"


class Lit(StrEnum):
    ON = "on"
    DIM = "dim"
    DARK = "dark"


class Icon(StrEnum):
    WARNING = "warning"
    UNLINKED = "unlinked"
    MOON = "moon"


class Heading(msgspec.Struct, frozen=True):
    """The fact at a title's right: exactly one is given (running time, minutes once ended, or whose record)."""

    running_s: int | None = None
    pumped_s: int | None = None
    of: datetime | None = None


class PlainBody(msgspec.Struct, frozen=True):
    """A screen without facts: a title and a text, which `device/words` has under its name."""

    screen: ScreenName


class IdleBody(msgspec.Struct, frozen=True):
    """`local` is None while the clock is not set; `last` is pumped or nursed.

    It is empty where only what is no stimulation is recorded, None where nothing is.
    """

    screen: ClassVar = ScreenName.IDLE
    local: datetime | None
    stimulations: int
    baseline: int
    last: str | None
    last_ago_s: int
    icons: tuple[Icon, ...]


class PurposeBody(msgspec.Struct, frozen=True):
    """`correcting`: the purpose and reason that stand now (of a record picked in Last, or answered before)."""

    screen: ClassVar = ScreenName.PURPOSE
    heading: Heading
    suggestion: Suggestion | None
    correcting: tuple[Purpose | None, Reason | None] | None = None


class ReasonBody(msgspec.Struct, frozen=True):
    screen: ClassVar = ScreenName.REASON
    purpose: Purpose
    heading: Heading


class NoteKind(StrEnum):
    TREAT_RHYTHM = "treat_rhythm"
    TREAT_CLINICIAN = "treat_clinician"
    SHORT = "short"


class NoteBody(msgspec.Struct, frozen=True):
    """`answered` is treat's reason (or treat itself where Reason was left alone), for the title of its first page."""

    screen: ClassVar = ScreenName.NOTE
    kind: NoteKind
    answered: Reason | Purpose | None = None
    a_minute: bool = True
    """Short is what lasted under a minute, as configured by default."""


class Hint(StrEnum):
    ALSO_PROMOTES = "also_promotes"
    TOWARD_OVERSUPPLY = "toward_oversupply"


class IntentionBody(msgspec.Struct, frozen=True):
    """`answered` is the answer just given; without one the heading stands there. Units as `units` says."""

    screen: ClassVar = ScreenName.INTENTION
    answered: Reason | Purpose | None
    heading: Heading
    hint: Hint | None
    expectation_ml: int | None
    units: Units


class TimerBody(msgspec.Struct, frozen=True):
    screen: ClassVar = ScreenName.TIMER
    pumping_s: int
    cycles_per_minute: int | None
    purpose: Purpose | None
    intention: Intention | None
    ends_in_s: int | None
    """In a pause: seconds until the session ends; else None."""


class VolumeBody(msgspec.Struct, frozen=True):
    """`amount` counts whole millilitres, or quarters of an ounce where units are oz; None is `--`."""

    screen: ClassVar = ScreenName.VOLUME
    amount: int | None
    units: Units
    expectation_ml: int | None


class SavedVolume(msgspec.Struct, frozen=True):
    """`under_a_day`: `use_by` is to come within 24 h, so that its time alone says when."""

    screen: ClassVar = ScreenName.SAVED
    amount: int | None
    units: Units
    use_by: datetime | None
    under_a_day: bool = False


class SavedNursing(msgspec.Struct, frozen=True):
    screen: ClassVar = ScreenName.SAVED
    at: datetime | None
    effective: bool
    deleted: bool = False


class SessionFacts(msgspec.Struct, frozen=True):
    """A session on Last and Change."""

    started: datetime
    unsynced: bool
    pumping_s: int
    running: bool
    volume_ml: int | None
    intention: Intention | None
    purpose: Purpose | None
    reason: Reason | None
    interrupted: bool
    units: Units


class NursingFacts(msgspec.Struct, frozen=True):
    at: datetime
    unsynced: bool
    effective: bool


class LastBody(msgspec.Struct, frozen=True):
    """`facts` None: nothing is recorded yet (then index and of are 0). Index counts from 1."""

    screen: ClassVar = ScreenName.LAST
    facts: SessionFacts | NursingFacts | None
    index: int
    of: int


class ChangeBody(msgspec.Struct, frozen=True):
    screen: ClassVar = ScreenName.CHANGE
    facts: SessionFacts | NursingFacts
    index: int
    of: int


class ReachBody(msgspec.Struct, frozen=True):
    """Status, first page: where the device is and whom it reaches; `pump` is empty where nothing watches one."""

    screen: ClassVar = ScreenName.STATUS
    address: str
    broker_away_s: int | None
    """None: it is connected."""
    waiting: int
    passed_over: int
    pump: str
    link_lost: bool


class HealthBody(msgspec.Struct, frozen=True):
    """Status, second page: what runs, and how it fares; `storage` is empty until it was read."""

    screen: ClassVar = ScreenName.STATUS
    version: str
    storage: str
    store: StoreState
    synced: bool
    running_s: int


class WarningKind(StrEnum):
    NOT_SAVED = "not_saved"
    DISK_FULL = "disk_full"
    REPAIRED = "repaired"
    STUCK_SENSOR = "stuck_sensor"
    NOT_STARTED = "not_started"
    """The configuration has a fault: the daemon can only say so."""


class WarningBody(msgspec.Struct, frozen=True):
    screen: ClassVar = ScreenName.WARNING
    kind: WarningKind
    stop_on_timer: bool = False


Body = (
    PlainBody
    | IdleBody
    | PurposeBody
    | ReasonBody
    | NoteBody
    | IntentionBody
    | TimerBody
    | VolumeBody
    | SavedVolume
    | SavedNursing
    | LastBody
    | ChangeBody
    | ReachBody
    | HealthBody
    | WarningBody
)


class View(msgspec.Struct, frozen=True):
    """A whole picture. Keys are the labels under the buttons, None where a button does nothing or the press woke.

    − and + are the labels "−" and "+". `suggested` and `pressed` are places 0 to 2. `shift` moves the picture against
    burn-in by −1..1 pixels each way; while `lit` is dark nothing is drawn. `language` is the code of the words.
    """

    body: Body
    keys: tuple[str | None, str | None, str | None]
    suggested: int | None = None
    pressed: int | None = None
    lit: Lit = Lit.ON
    shift: tuple[int, int] = (0, 0)
    language: str = "en"

    @property
    def screen(self) -> ScreenName:
        return self.body.screen
