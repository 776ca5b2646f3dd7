"""Everything the companion knows between two events, and the turn in which one event changes it.

A `Turn` is the working paper of one step: it starts from a state, and ends as a new state and a list of effects.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from .model.effects import Answer, Effect, KeepBaseline, KeepClock, Refuse, Save
from .model.events import Order, StoreState
from .model.live import Stock, Today
from .model.record import (
    NEWEST,
    Anchor,
    Button,
    Clock,
    Nursing,
    Portion,
    Progress,
    Record,
    Session,
    SessionState,
    Since,
    Units,
    begun,
)
from .model.view import NoteKind, ScreenName, View, WarningKind
from .pump.witnesses import SLACK_S, Detector, Rules, Run
from .rules.figures import Days
from .rules.records import Records

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=msgspec.Struct)


class Changes(Any, Generic[S]):  # type: ignore[misc]
    """What `**changes: Changes[Struct]` takes: fields of the struct, which mypy knows (scripts/mypy_changes.py)."""


MOST = 2000
"""How many records of one kind are held at most, whatever a pump gone mad or an import brings: over 130 a day."""

NEVER = float("inf")

IN_MEMORY = 1000
"""How many revisions are kept while the disk does not take them; what goes beyond is counted and said."""

IN_FLIGHT = 16
"""How many batches may wait in the store's inbox; the rest waits here, in order."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says about behaviour. `night` is minutes of the local day; `off_after_s` 0 is never."""

    rules: Rules = Rules()
    sitting_s: int = 720
    min_session_s: int = 60
    ask_s: int = 600
    baseline: int = 8
    units: Units = Units.ML
    language: str = "en"
    since: Since = Since.START
    timezone: str = "UTC"
    night: tuple[int, int] | None = (21 * 60, 7 * 60)
    off_after_s: int = 120
    version: str = ""
    boot: str = ""
    pump: str = ""
    """What watches the pump, for Status: `serial, GPIO 17`."""
    display: bool = True
    serial: bool = False
    paced: bool = False
    """A demo's clock, which may run fast: `state` then carries `speed`."""


class Ask(msgspec.Struct, frozen=True):
    """Whose question is open: a running session's, or that of one which ended, until `until`."""

    session: str
    until: float | None = None
    purpose_put_off: bool = False
    volume_put_off: bool = False
    former: "Ask | None" = None
    """The question that this session's start covered: it is asked again where this one turns out not to count."""


class Held(msgspec.Struct, frozen=True):
    """A button that is down: since when, on which screen (`serial`), and what it may still do."""

    button: Button
    since: float
    serial: int
    idle: bool = False
    """The press woke the display or came too early: it does nothing."""
    woke: bool = False
    repeats: int = 0
    went_back: bool = False


class Glow(msgspec.Struct, frozen=True):
    """A key that stays filled for a moment: on the screen that the press left, or on the one that shows (None)."""

    view: View | None
    place: int
    until: float


class Undo(msgspec.Struct, frozen=True):
    """What Saved can take back: the record as it was (None: it was new), and the screen to return to."""

    record: str
    before: Record | None
    screen: ScreenName


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """Where the screen is, how it got there, and which finger is down."""

    screen: ScreenName = ScreenName.IDLE
    serial: int = 0
    """Counts screens: a release acts only on the screen that saw the press."""
    came: float = 0.0
    touched: float = float("-inf")
    """The last press on this screen, or the one that opened it."""
    by_press: bool = False
    about: str | None = None
    """The record that the screen speaks of."""
    correcting: bool = False
    """Last led here, and its chain ends there."""
    answered: bool = False
    """There is an answer already: Intention shows the one just given, Purpose the one to be corrected."""
    opened_by: ScreenName = ScreenName.TIMER
    """Where Back leads from Intention."""
    index: int = 0
    page: int = 1
    amount: int | None = None
    """Of Volume: whole millilitres or quarters of an ounce; None is `--`."""
    note: NoteKind | None = None
    note_ends: bool = False
    """Reason was left alone: after the note nothing more is asked."""
    warning: WarningKind | None = None
    undo: Undo | None = None
    leaves_at: float | None = None
    """When a screen left alone goes; None: it stays."""
    summoned: bool = False
    """Something waits for a screen that nothing may replace yet."""
    short: str | None = None
    """The session whose `Kept, not counted.` is to be said."""
    lit_until: float = 0.0
    dark: bool = False
    held: Held | None = None
    glow: Glow | None = None
    noted: tuple[str, ...] = ()
    """Sittings that have had treat's note, the newest last."""
    acknowledged: tuple[WarningKind, ...] = ()


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the parts are, as their events said."""

    broker: bool = False
    broker_why: str = ""
    broker_since: float = 0.0
    protocol: str | None = None
    connections: int = 0
    serial: bool = False
    serial_lost: int = 0
    lines: int = 0
    rejected: int = 0
    display: bool = True
    display_failed: int = 0
    store: StoreState = StoreState.OK
    store_why: str = ""
    store_failed: int = 0
    set_aside: int = 0
    """Revisions that repairs of the record's file could not read."""
    repaired_at: int | None = None
    repair_open: bool = False
    """Nobody has said OK to the repair yet."""
    dropped: int = 0
    """Revisions for which there was no room in memory, or which the file will never take."""
    outbox: int = 0
    passed_over: int = 0
    errors: dict[str, int] = {}
    pump_model: str | None = None


class Batch(msgspec.Struct, frozen=True):
    """A save that is not durable yet, with the replies that wait for it."""

    save: Save | KeepBaseline | KeepClock
    answers: tuple[Answer, ...] = ()
    sent: bool = False


class Published(msgspec.Struct, frozen=True):
    """What dashboards were told last, to say only what changed."""

    state: object = None
    cycles_per_minute: int | None = None
    cycles_at: float = float("-inf")
    today: Today | None = None
    diagnostics: object = None
    diagnostics_at: float = float("-inf")
    last: tuple[str, int] | None | bool = False
    """Id and revision of the record on session/last; False: nothing was published yet."""
    caught_up: bool = True
    """The outbox has been empty since the connection."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    seed: bytes
    detector: Detector = Detector()
    dialogue: Dialogue = Dialogue()
    ask: Ask | None = None
    running: str | None = None
    seen_at: int | None = None
    """When the running session was last known to run (wall), where the restart's clock could not tell how long ago."""
    records: Records
    """Deleted ones too, the running one as well: those of the last 15 days, and the newest 8."""
    portions: tuple[Portion, ...] = ()
    """Those of any age that are not gone; what keeps longest stands last."""
    stock: Stock | None = None
    """What they come to, until one of them or the clock changes."""
    next_session: int = 1
    next_nursing: int = 1
    next_answer: int = 1
    began: float | None = None
    """Where the running session's record begins: its run may turn out to have begun elsewhere."""
    partial: bool = False
    """The store may have older records than those held here."""
    tidy_at: float = float("-inf")
    """When to look again for what may be let go."""
    first_record_at: int | None = None
    baseline: int = 8
    offset: float = 0.0
    """Wall time minus monotonic time."""
    clock: Clock = Clock.UNSYNCED
    told: bool = False
    """The clock counts as synchronised because a person set it."""
    started: float = 0.0
    now: float = float("-inf")
    health: Health = Health()
    known: bool = True
    """The record's file was read: until then nothing is handed to it, and what happens has no numbers."""
    unsaved: tuple[Batch, ...] = ()
    next_batch: int = 1
    checkpoint_at: float | None = None
    today: Today | None = None
    today_until: float = float("-inf")
    today_stale: bool = True
    days: Days = ()
    """What today's days rest on, so that only those are reckoned again in which something changed."""
    shown: View | None = None
    published: Published = Published()
    wake_at: float | None = None
    sensed_at: float = NEVER
    """When the detector has something to do by time alone."""
    others_at: float = NEVER
    """When the first thing is due that is not the detector's."""
    address: str = ""
    storage: str = ""
    speed: float = 1.0

    @property
    def sessions(self) -> tuple[Session, ...]:
        return self.records.sessions

    @property
    def nursings(self) -> tuple[Nursing, ...]:
        return self.records.nursings


@dataclass
class Turn:
    """One event's working paper: the state as it becomes, and what is asked for meanwhile."""

    state: State
    at: float
    wall: int = field(init=False)
    """The wall time of `at`."""
    detector: Detector = field(init=False)
    """As the turn found it."""
    effects: list[Effect] = field(default_factory=list)
    changed: list[Record] = field(default_factory=list)
    """New revisions, in order: one transaction at the turn's end."""
    answers: list[Answer] = field(default_factory=list)
    """Good replies, which wait for that transaction."""
    refill: bool = False
    """What was taken away may leave others the newest, or the first, that are not held."""
    tidy: bool = False
    """Records were brought in for this turn alone, or have become old in it."""
    waits: bool = False
    """The replies wait for the disk, though no record changed."""
    by_press: bool = False
    """A finger (or a dashboard's press) is what changes the screen now."""
    hand: Literal["start", "stop"] | None = None
    """What the Start or Stop button asked of the session."""
    hand_order: Order | None = None
    hand_began: float | None = None
    """When Start says that it was; None: now."""
    place: bool = False
    """Where the running session stands is kept now, though no record changed."""

    def set(self, **changes: Changes[State]) -> None:
        self.state = replace(self.state, **changes)

    def talk(self, **changes: Changes[Dialogue]) -> None:
        self.state = replace(self.state, dialogue=replace(self.state.dialogue, **changes))

    def tell_health(self, **changes: Changes[Health]) -> None:
        self.state = replace(self.state, health=replace(self.state.health, **changes))

    def count(self, name: str, count: int = 1) -> None:
        errors = self.state.health.errors
        self.tell_health(errors={**errors, name: errors.get(name, 0) + count})

    def __post_init__(self) -> None:
        self.wall = math.floor(self.at + self.state.offset + SLACK_S)
        self.detector = self.state.detector

    @property
    def running(self) -> Session | None:
        return find_session(self.state, self.state.running) if self.state.running else None

    def answer(self, order: Order, record: Record | None = None) -> None:
        """A good reply, sent once everything in this turn is durable."""
        self.answers.append(Answer(order, self.wall, record))

    def refuse(
        self, order: Order, code: str, error: str, field_name: str | None = None, overlaps: str | None = None
    ) -> None:
        self.effects.append(Refuse(order, self.wall, code, error, field_name, overlaps))


def wall(state: State, at: float) -> int:
    """The wall time of a monotonic instant, whole seconds."""
    return math.floor(at + state.offset + SLACK_S)


def nearest(state: State, at: float) -> int:
    """The whole second of wall time that is nearest to a monotonic instant: how a session's ends are written."""
    return math.floor(at + state.offset + 0.5)


def monotonic(state: State, instant: int) -> float:
    return instant - state.offset


def local(state: State, instant: int) -> datetime:
    """A wall instant as the house's clocks show it."""
    return datetime.fromtimestamp(instant, ZoneInfo(state.settings.timezone)).replace(tzinfo=None)


def minute(state: State, instant: int) -> datetime:
    return local(state, instant).replace(second=0)


def is_night(state: State, instant: int) -> bool:
    """Within the configured night; a clock that is not set knows no night."""
    night = state.settings.night
    if night is None or state.clock is not Clock.SYNCED:
        return False
    now = local(state, instant)
    minute, (begin, end) = now.hour * 60 + now.minute, night
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def witnessed(state: State, record: Record) -> Anchor | None:
    """Where a record stands on this boot's monotonic clock, if this boot has witnessed it."""
    return record.anchor if record.anchor is not None and record.anchor.boot == state.settings.boot else None


def span(state: State, session: Session, at: float) -> tuple[float, float]:
    """When a session began and ended (or stands at `at`), on the monotonic clock."""
    anchor = witnessed(state, session)
    began = monotonic(state, session.started_at) if anchor is None else anchor.at
    return began, at if session.ended_at is None else began + session.ended_at - session.started_at


def find_session(state: State, record: str | None) -> Session | None:
    found = find_record(state, record)
    return found if isinstance(found, Session) else None


def find_nursing(state: State, record: str | None) -> Nursing | None:
    found = find_record(state, record)
    return found if isinstance(found, Nursing) else None


def find_record(state: State, record: str | None) -> Record | None:
    return None if record is None else state.records.by_id.get(record)


def sitting_of(state: State, session: Session) -> tuple[Session, ...]:
    return tuple(member for member in state.records.members.get(session.sitting, ()) if not member.deleted)


def last_session(state: State) -> Session | None:
    """The session with the latest start that is not deleted, running or not."""
    groups = state.records.groups
    return groups[-1][-1] if groups else None


def in_memory(state: State) -> int:
    """How many revisions are in memory alone, where the disk does not take them."""
    if state.known and state.health.store is StoreState.OK:
        return 0
    return sum(len(batch.save.records) for batch in state.unsaved if isinstance(batch.save, Save))


def undurable(state: State) -> set[str]:
    """The records of which a revision is not on the disk yet."""
    saves = (batch.save for batch in state.unsaved)
    return {record.id for save in saves if isinstance(save, Save) for record in save.records}


def held(state: State, most: int | None = None) -> list[Record]:
    """All records in memory, or the `most` oldest of each kind."""
    records: list[Record] = list(state.sessions[:most])
    records.extend(state.nursings[:most])
    return records


def newest_of(records: Sequence[R], most: int = NEWEST) -> list[R]:
    """The newest of one kind that are not deleted, the newest first."""
    return list(islice((record for record in reversed(records) if not record.deleted), most))


def newest(state: State) -> tuple[Record, ...]:
    """What Last shows: the newest sessions and nursings that are not deleted, the running one too."""
    records: list[Record] = [*newest_of(state.sessions), *newest_of(state.nursings)]
    return tuple(sorted(records, key=begun, reverse=True)[:NEWEST])


def is_running(session: Session) -> bool:
    return session.state is SessionState.RUNNING


def lengths_s(run: Run, at: float) -> tuple[int, int]:
    """Whole seconds that it has lasted at `at`, up to its pause where it rests: in all, and without the pauses."""
    until = at if run.quiet is None else run.quiet
    lasted = until - run.began
    return max(int(lasted + SLACK_S), 0), max(int(lasted - run.rested_s + SLACK_S), 0)


def running_s(state: State, at: float) -> int:
    run = state.detector.run
    return 0 if run is None else lengths_s(run, at)[1]


def as_at(session: Session, run: Run, at: float) -> Session:
    """The running session with its durations as they are at `at`: what `state` shows, and every revision holds."""
    duration_s, pumped_s = lengths_s(run, at)
    return replace(
        session,
        duration_s=duration_s,
        pumping_s=pumped_s,
        pauses=run.pauses,
        cycles_per_minute=run.cpm,
        sources=run.sources,
        disagreement_s=run.disagreement_s,
    )


def progress(state: State, at: float) -> Progress | None:
    """Where the running session stands, for the store; one that waits for its pump stands where it was last seen."""
    run, session = state.detector.run, find_session(state, state.running)
    if run is None or session is None:
        return None
    quiet = run.quiet
    if run.lapsed and quiet is not None:
        at, quiet = quiet, None
    return Progress(
        session=session.id,
        boot=state.settings.boot,
        seen=at,
        seen_at=wall(state, at),
        began=run.began,
        quiet=quiet,
        rested_s=run.rested_s,
        pauses=run.pauses,
        cycles=run.cycles,
        by_hand=run.by_hand,
        given=run.given,
        anchor=session.anchor,
        known=session.known,
        guessed=session.guessed,
    )
