"""Any event at any time: whatever happens at the pump, on the panel and at the broker, the contract's rules hold.

More than the few examples of every run: `MACHINE_EXAMPLES=5000 pytest tests/core/test_core_machine.py`; with
`MACHINE_SHRINK=1` a failure is made small, which may take minutes.
"""

import os
import sys
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from device.core.model.effects import Effect, Save
from device.core.model.events import (
    ButtonPressed,
    ButtonReleased,
    CoreEvent,
    DisplayChanged,
    Fetched,
    HomeAssistantBorn,
    LineRejected,
    MotorEdge,
    Ordered,
    OutboxChanged,
    Press,
    StatusRead,
    StoreState,
    ZoneRead,
)
from device.core.model.live import Stock, TodayNow
from device.core.model.record import (
    NEWEST,
    REMEMBERED_S,
    Cause,
    ClassifiedBy,
    Clock,
    Nursing,
    Place,
    Record,
    Session,
    SessionState,
    Units,
    begun,
)
from device.core.model.view import ScreenName
from device.core.pump.witnesses import Rules
from device.core.rules import figures, sittings
from device.core.rules.records import records_of
from device.core.state import find_session, last_session, newest, wall
from device.wire.payloads import instant, session_payload, today_payload
from tests.support.drive import DAY, HOUSE, Device, Disk
from tests.support.effort import so_many
from tests.support.portions import stock_of

KEYS = st.sampled_from(["left", "middle", "right"])
SHORT = st.sampled_from([0.05, 0.1, 0.31, 0.5, 0.85, 1.0, 2.5, 3.1, 4.0, 7.7])
LONG = st.sampled_from([10.0, 20.5, 31.0, 61.0, 119.0, 125.0])
HOURS = st.sampled_from([600.0, 700.0, 3000.0, 4 * 3600.0, 11 * 3600.0, DAY, 3 * DAY, 16 * DAY])
AGO = st.sampled_from([0, 1, 30, 100, 300, 700, 2000, 9000, 30000, DAY, 2 * DAY, 5 * DAY, 14 * DAY, 16 * DAY, 30 * DAY])
LASTED = st.sampled_from([1, 30, 60, 61, 600, 1200])
PURPOSES = st.sampled_from(["protect", "promote", "treat", None])
REASONS = st.sampled_from(["in_place_of_nursing", "collect_extra_milk", "mastitis", None])
INTENTIONS = st.sampled_from(["feed", "fridge", "freezer", "discard", None])
ML = st.sampled_from([0, 60, 85.5, 90, 1995, 2000, None])
YEARS_OFF = st.sampled_from([-400 * DAY, -3600, -30, 30, 3600, 400 * DAY])


PROTECTED = {"nursed", "last", "change", "volume"}
"""Nothing replaces these within ten seconds of a press."""


class Watched(Device):
    """A device that looks at every single step: what only a person may do, and in which order things are kept."""

    batch = 0

    def step(self, event: CoreEvent) -> None:
        before, shown = self.state, self.screen
        super().step(event)
        if not isinstance(event, ButtonPressed | ButtonReleased | Ordered | Fetched):
            for session in self.state.sessions:
                unanswered_by_itself(session, find_session(before, session.id))
        pressed = isinstance(event, ButtonPressed | ButtonReleased) or before.dialogue.held is not None
        pressed = pressed or (isinstance(event, Ordered) and isinstance(event.command, Press))
        talk = self.state.dialogue
        if talk.screen is ScreenName.PURPOSE and shown != "purpose" and not pressed and not talk.correcting:
            asked = find_session(self.state, talk.about)
            assert asked is not None
            assert asked.purpose is None, "an answered question was asked again by itself"
        if before.dialogue.held is None and not isinstance(event, ButtonPressed | ButtonReleased | Ordered | Fetched):
            quiet_for = self.state.now - before.dialogue.touched
            assert shown not in PROTECTED or quiet_for >= 9.999 or self.screen == shown, f"{shown} was replaced"

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Save):
                assert effect.batch > self.batch, "batches reach the disk in order, each once"
                self.batch = effect.batch
        super().take(effects)


def unanswered_by_itself(now: Session, before: Session | None) -> None:
    """Time, the pump and the clock answer nothing: a session keeps its words, a new one has its sitting's."""
    if before is None:
        assert now.purpose is None or now.classified_by is ClassifiedBy.SITTING
        return
    assert (now.purpose, now.reason, now.intention) == (before.purpose, before.reason, before.intention)
    assert now.classified_by == before.classified_by


class Household(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.device: Watched
        self.offset = 0.0
        """The right time minus monotonic time."""
        self.boots = 1

    @initialize(
        signal=st.sampled_from(["level", "pulses"]),
        synced=st.booleans(),
        serial=st.booleans(),
        units=st.sampled_from(Units),
        off_after_s=st.sampled_from([0, 2, 120]),
        off=YEARS_OFF,
    )
    def switched_on(self, signal: Any, synced: bool, off: int, **chosen: Any) -> None:
        rules = Rules(signal=signal, max_session_s=400)
        self.device = Watched(
            synced=synced, wall=1772334000 + (0 if synced else off), rules=rules, timezone="Europe/Vienna", **chosen
        )
        self.offset = self.device.state.offset - (0 if synced else off)

    # -- the pump and the panel --------------------------------------------------------------------------------

    @rule(active=st.booleans(), settled=st.booleans())
    def edge(self, active: bool, settled: bool) -> None:
        self.device.send(MotorEdge(self.device.at, active, settled=settled))

    @rule(seconds=st.sampled_from([2.9, 3.1, 30.0, 61.0, 70.0]))
    def pump(self, seconds: float) -> None:
        self.device.pump(True, lasts=seconds)
        self.device.pump(False, lasts=0.1)

    @rule(count=st.integers(2, 40), every=st.sampled_from([0.5, 1.0, 6.0]))
    def strokes(self, count: int, every: float) -> None:
        for _ in range(count):
            self.device.pump(True, lasts=every / 3)
            self.device.pump(False, lasts=2 * every / 3)

    @rule(seconds=st.sampled_from([20.0, 70.0]))
    def session(self, seconds: float) -> None:
        self.device.pump(True, lasts=seconds)
        self.device.pump(False, lasts=130)

    @rule(verb=st.sampled_from(["START", "RUN", "PAUSE", "STOP", "VOLUME", "HELLO"]), values=st.data())
    def line(self, verb: str, values: st.DataObject) -> None:
        said = {"t": st.sampled_from([0.0, 1.0, 30.0, 90.0, 700.0]), "cpm": st.sampled_from([10.0, 54.0, 120.0])}
        said |= {"ml": st.sampled_from([0.0, 85.0, 85.5])}
        drawn = {key: values.draw(st.none() | value, label=key) for key, value in said.items()}
        self.device.line(verb, **drawn)

    @rule(up=st.booleans())
    def port(self, up: bool) -> None:
        self.device.link(up)

    @rule(key=KEYS)
    def down(self, key: str) -> None:
        self.device.down(key)

    @rule(key=KEYS)
    def up(self, key: str) -> None:
        self.device.up(key)

    @rule(key=KEYS, seconds=SHORT)
    def held(self, key: str, seconds: float) -> None:
        self.device.hold(key, seconds)

    @rule(keys=st.lists(KEYS, min_size=1, max_size=4))
    def presses(self, keys: list[str]) -> None:
        self.device.press(*keys)

    # -- time --------------------------------------------------------------------------------------------------

    @rule(seconds=SHORT)
    def moment(self, seconds: float) -> None:
        self.device.wait(seconds)

    @rule(seconds=LONG)
    def while_(self, seconds: float) -> None:
        self.device.wait(seconds)

    @precondition(lambda self: self.device.state.running is None)
    @rule(seconds=HOURS)
    def hours(self, seconds: float) -> None:
        self.device.wait(seconds)

    @rule(off=YEARS_OFF)
    def clock_set_wrong(self, off: int) -> None:
        if self.device.state.clock is Clock.UNSYNCED:
            self.device.clock(self.device.at + self.offset + off, synced=False)

    @rule()
    def clock_synced(self) -> None:
        self.device.clock(self.device.at + self.offset, synced=True)

    # -- dashboards --------------------------------------------------------------------------------------------

    def some(self, data: st.DataObject, kind: type[Record]) -> str:
        known = [one.id for one in self.all().values() if isinstance(one, kind)]
        return data.draw(st.sampled_from([*known, "unknown"]), label="record")

    @rule(data=st.data())
    def classify(self, data: st.DataObject) -> None:
        words = {"purpose": PURPOSES, "reason": REASONS, "intention": INTENTIONS}
        chosen = data.draw(st.lists(st.sampled_from(sorted(words)), min_size=1, unique=True), label="fields")
        fields = {name: data.draw(words[name], label=name) for name in chosen}
        if data.draw(st.booleans(), label="named"):
            fields["session"] = self.some(data, Session)
        self.device.order("classify", **fields)

    @rule(data=st.data(), ml=ML, left=ML, right=ML)
    def volume(self, data: st.DataObject, ml: float | None, left: float | None, right: float | None) -> None:
        fields = data.draw(st.sampled_from([{"ml": ml}, {"left_ml": left}, {"left_ml": left, "right_ml": right}]))
        named = data.draw(st.booleans(), label="named")
        self.device.order("volume", **fields, **({"session": self.some(data, Session)} if named else {}))

    @rule(data=st.data(), place=st.none() | st.sampled_from(Place), ml=ML, ago=st.none() | AGO)
    def milk(self, data: st.DataObject, place: str | None, ml: float | None, ago: int | None) -> None:
        fields = {"place": place, "ml": ml, "session": self.some(data, Session)}
        moment = {} if ago is None else {"at": instant(self.wall() - ago)}
        self.device.order("milk", **fields, **moment)

    @rule(effective=st.booleans(), ago=st.none() | AGO)
    def nursing(self, effective: bool, ago: int | None) -> None:
        moment = {} if ago is None else {"at": instant(self.wall() - ago)}
        self.device.order("nursing", effective=effective, **moment)

    @rule(command=st.sampled_from(["start", "stop", "pause", "go_on"]))
    def by_hand(self, command: str) -> None:
        self.device.order(command)

    @rule(ago=AGO)
    def told_late(self, ago: int) -> None:
        self.device.order("start", at=instant(self.wall() - ago))

    @precondition(lambda self: self.device.state.running is not None)
    @rule(ago=AGO)
    def began_elsewhere(self, ago: int) -> None:
        self.device.order("edit", session=self.device.state.running, started_at=instant(self.wall() - ago))

    def trusted(self) -> bool:
        return self.device.state.clock is Clock.SYNCED

    @precondition(trusted)
    @rule(ago=AGO, lasted=LASTED, purpose=PURPOSES, ml=ML)
    def add(self, ago: int, lasted: int, purpose: str | None, ml: float | None) -> None:
        start = self.wall() - ago
        self.device.order("add", started_at=instant(start), duration_s=lasted, purpose=purpose, ml=ml)

    @precondition(trusted)
    @rule(data=st.data(), ago=AGO, lasted=LASTED, both=st.booleans())
    def move(self, data: st.DataObject, ago: int, lasted: int, both: bool) -> None:
        start = self.wall() - ago
        end = {"ended_at": instant(start + lasted)} if both else {}
        self.device.order("edit", session=self.some(data, Session), started_at=instant(start), **end)

    @rule(data=st.data(), ago=AGO, effective=st.none() | st.booleans())
    def move_nursing(self, data: st.DataObject, ago: int, effective: bool | None) -> None:
        fields = {} if effective is None else {"effective": effective}
        self.device.order("edit", nursing=self.some(data, Nursing), at=instant(self.wall() - ago), **fields)

    @rule(data=st.data(), command=st.sampled_from(["delete", "restore"]), kind=st.sampled_from([Session, Nursing]))
    def remove(self, data: st.DataObject, command: str, kind: type[Record]) -> None:
        if command == "restore" and not self.trusted():
            return
        self.device.order(command, **{kind.__name__.lower(): self.some(data, kind)})

    @rule(key=KEYS, held=st.booleans())
    def press(self, key: str, held: bool) -> None:
        self.device.order("press", button=key, held=held and key == "right")

    @rule(stimulations=st.integers(1, 24))
    def baseline(self, stimulations: int) -> None:
        self.device.order("baseline", stimulations=stimulations)

    @rule(text=st.sampled_from(["sore", None]))
    def note(self, text: str | None) -> None:
        self.device.order("note", text=text)

    # -- the rest of the house ---------------------------------------------------------------------------------

    @rule(state=st.sampled_from(StoreState))
    def disk(self, state: StoreState) -> None:
        self.device.disk_says(state)

    @rule(holds=st.booleans())
    def slow_disk(self, holds: bool) -> None:
        if holds:
            self.device.holds = True
        else:
            self.device.disk_goes_on()

    @rule(up=st.booleans())
    def broker(self, up: bool) -> None:
        self.device.broker(up)

    @rule(what=st.sampled_from([HomeAssistantBorn, DisplayChanged, OutboxChanged, LineRejected, StatusRead, ZoneRead]))
    def other(self, what: type[Any]) -> None:
        given: dict[type[Any], tuple[Any, ...]] = {
            DisplayChanged: (False,),
            OutboxChanged: (3,),
            LineRejected: ("range",),
            StatusRead: ("10.0.0.9", "60 %"),
            ZoneRead: ("Pacific/Apia",),
        }
        self.device.send(what(self.device.at, *given.get(what, ())))

    @rule(cut=st.booleans(), downtime=st.sampled_from([0.5, 20.0, 100.0, 130.0, 5000.0]), boots=st.booleans())
    def restarted(self, cut: bool, downtime: float, boots: bool) -> None:
        old = self.device
        if old.disk_state is not StoreState.OK or old.holds or old.waiting:
            return
        run, kept = old.state.detector.run, old.disk.progress
        if run is not None and run.quiet is None and old.state.running:
            assert kept is not None
            assert kept.seen >= old.at - 30, "more than 30 s of a running session would be lost"
        self.boots += boots
        boot, synced = f"boot-{self.boots}" if boots else old.settings.boot, old.state.clock is Clock.SYNCED
        new_wall = old.wall + downtime
        self.device = old.restart(downtime, cut=cut, boot=boot if boots else None, wall=new_wall, synced=synced)  # type: ignore[assignment]
        self.offset += old.at + downtime - 5.0 if boots else 0.0

    # -- what must hold ----------------------------------------------------------------------------------------

    def wall(self) -> int:
        return int(self.device.wall)

    def all(self) -> dict[str, Record]:
        """The newest revision of every record there has ever been, durable or not."""
        found = dict(self.device.disk.records)
        for batch in self.device.state.unsaved:
            if isinstance(batch.save, Save):
                found |= {record.id: record for record in batch.save.records}
        return found

    def sessions(self) -> list[Session]:
        return [one for one in self.all().values() if isinstance(one, Session)]

    @invariant()
    def the_rules_hold(self) -> None:
        self.numbers_have_no_gaps_and_revisions_rise_by_one()
        self.durations_add_up()
        self.a_running_session_is_one_and_is_the_detectors()
        self.sessions_do_not_overlap()
        self.sittings_follow_from_the_times()
        self.today_is_what_the_records_say()
        self.last_shows_the_newest_and_the_last_session_is_the_last()
        self.a_reason_belongs_to_its_purpose()
        self.no_question_stays_open_and_no_session_runs_in_the_dark()

    def numbers_have_no_gaps_and_revisions_rise_by_one(self) -> None:
        log: list[Record] = self.device.disk.log
        revisions: dict[str, int] = {}
        for record in log:
            assert record.revision == revisions.get(record.id, 0) + 1, record
            revisions[record.id] = record.revision
        for kind in (Session, Nursing):
            numbers = [one.number for one in log if isinstance(one, kind) and one.revision == 1]
            assert numbers == list(range(1, len(numbers) + 1))

    def durations_add_up(self) -> None:
        for one in self.sessions():
            assert 0 <= one.pumping_s <= one.duration_s, one
            assert one.counted == (one.state is SessionState.ENDED and one.pumping_s >= 60)
            if one.ended_at is not None:
                assert one.ended_at - one.started_at == one.duration_s, one
            if one.cause in {Cause.ENDED, Cause.INTERRUPTED} and one.clock is Clock.SYNCED:
                assert (one.ended_at or 0) <= one.revised_at + 1, one  # the nearest second

    def a_running_session_is_one_and_is_the_detectors(self) -> None:
        state = self.device.state
        running = [one.id for one in self.sessions() if one.state is SessionState.RUNNING]
        assert running == ([state.running] if state.running else [])
        assert (state.running is None) == (state.detector.run is None)

    def sessions_do_not_overlap(self) -> None:
        now = self.wall()
        spans = sorted(
            (one.started_at, max(now, one.started_at) if one.ended_at is None else one.ended_at, one.number)
            for one in self.sessions()
            if not one.deleted and one.clock is Clock.SYNCED and one.ended_at != one.started_at
        )
        if self.device.state.clock is Clock.SYNCED:
            for (_, end, number), (start, _, other) in pairwise(spans):
                assert start >= end, f"{number} and {other}: {spans}"

    def sittings_follow_from_the_times(self) -> None:
        sessions = self.sessions()
        found = sittings.sittings(sessions, 720)
        wrong = [(one.number, one.sitting, found[one.id]) for one in sessions if found[one.id] != one.sitting]
        assert not wrong

    def today_is_what_the_records_say(self) -> None:
        state, records = self.device.state, self.all().values()
        first = min((begun(one) for one in records if not one.deleted), default=None)
        if self.device.waiting:  # the store has not told yet what stands behind what a correction took away
            assert state.first_record_at is None or first is None or state.first_record_at <= first
            first = state.first_record_at
        there = records_of(self.sessions(), (one for one in records if isinstance(one, Nursing)), 720)
        now, timezone = wall(state, state.now), state.settings.timezone
        told = figures.today(
            there,
            figures.week(there, now=now, timezone=timezone),
            baseline=state.baseline,
            now=now,
            timezone=timezone,
            units=state.settings.units,
            since=state.settings.since,
            first_record_at=first,
        )
        assert state.today is not None
        if self.device.waiting and told.last_stimulation_at != state.today.last_stimulation_at:
            assert (told.last_stimulation_at or 0) < wall(state, state.now) - REMEMBERED_S
            told = replace(
                told,
                last_stimulation_at=state.today.last_stimulation_at,
                last_stimulation_ended_at=state.today.last_stimulation_ended_at,
            )
        assert replace(state.today, milk=Stock()) == told
        payloads = [session_payload(one, "pump") for one in self.sessions()]
        at = wall(state, state.now)
        said = today_payload(TodayNow(at, state.today), HOUSE)["milk"]
        assert said == stock_of(payloads, at, synced=state.clock is Clock.SYNCED)

    def last_shows_the_newest_and_the_last_session_is_the_last(self) -> None:
        if self.device.waiting:
            return
        live = sorted((one for one in self.all().values() if not one.deleted), key=lambda one: (begun(one), one.number))
        assert sorted(map(begun, newest(self.device.state))) == sorted(map(begun, live[-NEWEST:]))
        sessions = [one.id for one in live if isinstance(one, Session)]
        last = last_session(self.device.state)
        assert (last.id if last else None) == (sessions[-1] if sessions else None)

    def no_question_stays_open_and_no_session_runs_in_the_dark(self) -> None:
        state = self.device.state
        assert state.running is None or not state.dialogue.dark
        open_until = state.ask.until if state.ask else None
        assert open_until is None or state.now < max(open_until, state.dialogue.touched + 10)

    def a_reason_belongs_to_its_purpose(self) -> None:
        for one in self.sessions():
            assert one.reason is None or one.purpose is not None
            assert (one.purpose is None) == (one.classified_by is None)

    def teardown(self) -> None:
        if not hasattr(self, "device") or sys.exc_info()[0] is not None:
            return
        self.device.holds = False
        self.device.disk_says(StoreState.OK)
        assert not self.device.state.unsaved, "what was not saved is saved in the end"
        self.numbers_have_no_gaps_and_revisions_rise_by_one()


EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", so_many(10)))
PHASES = tuple(Phase) if "MACHINE_SHRINK" in os.environ else (Phase.explicit, Phase.generate)
TestHousehold = Household.TestCase
TestHousehold.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=int(os.environ.get("MACHINE_STEPS", "40")),
    deadline=None,
    phases=PHASES,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
__all__ = ["Disk", "TestHousehold"]
