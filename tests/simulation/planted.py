"""Mistakes as people make them, each planted by a small patch: the simulation must find every one."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import pytest
from msgspec.structs import replace

from device.core import outward, pumping, restart
from device.core.model.events import MotorEdge, Stored, Verb
from device.core.model.record import Clock, Portion
from device.core.pump import witnesses
from device.core.record import corrections
from device.core.rules import figures, keeping
from device.core.rules.records import records_of
from device.core.state import undurable
from device.mqtt.publisher import Publisher
from device.simulation.clock import MadeUpClock
from device.store.records import Store, StoreError
from device.store.requests import Batch
from device.store.worker import StoreWorker
from device.wire import payloads
from drivers import pump_link
from drivers.motor import MotorWatch
from drivers.oled import OledPanel
from drivers.pump_link import PumpLink

Patch = pytest.MonkeyPatch


def everywhere(patch: Patch, old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Put `new` wherever the device has `old` by name."""
    for module in [module for name, module in sys.modules.items() if name.startswith(("device.", "drivers."))]:
        for name, value in list(vars(module).items()):
            if value is old:
                patch.setattr(module, name, new)


def acknowledged_before_the_commit(patch: Patch) -> None:
    write = StoreWorker._write

    def early(self: StoreWorker, writes: list[Any]) -> None:
        for batch in (one for one in writes if isinstance(one, Batch)):
            self._post(Stored(self._now(), batch.batch))
        write(self, writes)

    patch.setattr(StoreWorker, "_write", early)


def forgotten_before_the_acknowledgement(patch: Patch) -> None:
    more = Publisher._more

    def hasty(self: Publisher) -> None:
        more(self)
        self._acknowledged.extend(self._waiting.values())
        self._forget_acknowledged()

    patch.setattr(Publisher, "_more", hasty)


def numbered_from_memory(patch: Patch) -> None:
    patch.setattr(Store, "next_number", lambda _self, _kind: 1)


def durations_by_the_wall_clock(patch: Patch) -> None:
    def now(self: Any) -> float:
        return float(self.wall() - self.__dict__.setdefault("first_wall", self.wall()))

    patch.setattr(MadeUpClock, "now", now)


def debounced_by_a_lockout(patch: Patch) -> None:
    def edge(self: Any, at: float, active: bool) -> None:
        if at >= self.__dict__.get("locked_until", 0.0):
            self.locked_until = at + 0.05
            self._post(MotorEdge(at, active=active, settled=True))

    patch.setattr(MotorWatch, "_edge", edge)


def pause_timer_never_reset(patch: Patch) -> None:
    over_at, firsts = witnesses.over_at, dict[float, float]()

    def first_over(run: Any, rules: Any) -> float | None:
        at = over_at(run, rules)
        return at if at is None else max(run.quiet or 0.0, min(at, firsts.setdefault(run.began, at)))

    everywhere(patch, over_at, first_over)


def deleted_sessions_count(patch: Patch) -> None:
    today = figures.today

    def restored(records: Any, _days: Any, **given: Any) -> Any:
        sessions = (replace(session, deleted=False) for session in records.sessions)
        records = records_of(sessions, records.nursings, records.sitting_s)
        return today(records, figures.week(records, now=given["now"], timezone=given["timezone"]), **given)

    patch.setattr(figures, "today", restored)


def outbox_out_of_order(patch: Patch) -> None:
    head = Store.outbox_head
    patch.setattr(Store, "outbox_head", lambda self, limit, after=0: list(reversed(head(self, limit, after))))


def retained_before_the_record(patch: Patch) -> None:
    everywhere(patch, undurable, lambda _state: frozenset())


def every_tenth_answer_lost(patch: Patch) -> None:
    answer, count = Publisher.answer, [0]

    def forgetful(self: Publisher, given: Any) -> None:
        count[0] += 1
        if count[0] % 10:
            answer(self, given)

    patch.setattr(Publisher, "answer", forgetful)


def a_revision_says_when_it_was_sent(patch: Patch) -> None:
    made, count = payloads.record_payload, [0]

    def dated(*arguments: Any) -> Any:
        count[0] += 1
        return {**made(*arguments), "note": f"sent as number {count[0]}"}

    everywhere(patch, made, dated)


def clock_never_corrected(patch: Patch) -> None:
    everywhere(patch, corrections.correct_clock, lambda _turn: None)


def a_person_is_believed_for_good(patch: Patch) -> None:
    everywhere(patch, corrections.is_certain, lambda record: record.clock is Clock.SYNCED)


def today_told_by_changes_alone(patch: Patch) -> None:
    refresh = outward.refresh_today

    def once(turn: Any) -> float:
        if turn.state.today is not None and not turn.state.today_stale:
            return float("inf")
        refresh(turn)
        return float("inf")

    everywhere(patch, refresh, once)


def what_the_disk_refuses_is_dropped(patch: Patch) -> None:
    commit = StoreWorker._commit

    def careless(self: StoreWorker, writes: list[Any]) -> None:
        try:
            commit(self, writes)
        except StoreError:
            return

    patch.setattr(StoreWorker, "_commit", careless)


def interrupted_sessions_are_forgotten(patch: Patch) -> None:
    everywhere(patch, restart.pick_up, lambda *_: None)


def a_lost_port_is_not_opened_again(patch: Patch) -> None:
    patch.setattr(PumpLink, "_failed", lambda _self, _why: None)


def a_panel_that_came_back_is_not_set_up(patch: Patch) -> None:
    patch.setattr(OledPanel, "forget", lambda _self: None)


def days_begin_at_greenwich(patch: Patch) -> None:
    everywhere(patch, figures._midnight, lambda day, _zone: int(datetime.combine(day, time(), UTC).timestamp()))


def a_rest_of_the_link_counts_as_pumping(patch: Patch) -> None:
    patch.setitem(pump_link.KEYS, Verb.PAUSE, ())
    said = pump_link._said

    def deaf(verb: Verb, values: Any, at: float) -> Any:
        return said(Verb.RUN if verb is Verb.PAUSE else verb, values, at)

    everywhere(patch, said, deaf)


def used_milk_stays_in_the_stock(patch: Patch) -> None:
    def all_of_it(session: Any) -> Portion | None:
        milk, until = keeping.portion(session)
        return None if milk is None else Portion(session.id, milk.place, milk.ml, until)

    everywhere(patch, keeping.in_stock, all_of_it)


def milk_stays_where_it_began(patch: Patch) -> None:
    portion = keeping.portion

    def begun_alone(session: Any) -> Any:
        return portion(replace(session, milk_moves=()))

    everywhere(patch, portion, begun_alone)


def a_pause_by_hand_counts_as_pumping(patch: Patch) -> None:
    gone_on = witnesses.gone_on

    def restless(run: Any, since: float) -> Any:
        return gone_on(replace(run, quiet=since) if run.by_hand else run, since)

    everywhere(patch, gone_on, restless)


def a_start_that_was_told_gives_way_to_what_is_heard(patch: Patch) -> None:
    joined = witnesses.joined
    everywhere(patch, joined, lambda run, *heard: joined(replace(run, given=False), *heard))


def an_edited_start_is_put_to_its_minute(patch: Patch) -> None:
    begin_at = pumping.begin_at

    def rounded(turn: Any, session: Any, run: Any, started_at: int) -> None:
        begin_at(turn, session, run, started_at - started_at % 60)

    everywhere(patch, begin_at, rounded)


PLANTED = [
    acknowledged_before_the_commit,
    forgotten_before_the_acknowledgement,
    numbered_from_memory,
    durations_by_the_wall_clock,
    debounced_by_a_lockout,
    pause_timer_never_reset,
    deleted_sessions_count,
    outbox_out_of_order,
    retained_before_the_record,
    every_tenth_answer_lost,
    a_revision_says_when_it_was_sent,
    clock_never_corrected,
    a_person_is_believed_for_good,
    today_told_by_changes_alone,
    what_the_disk_refuses_is_dropped,
    interrupted_sessions_are_forgotten,
    a_lost_port_is_not_opened_again,
    a_panel_that_came_back_is_not_set_up,
    days_begin_at_greenwich,
    a_rest_of_the_link_counts_as_pumping,
    used_milk_stays_in_the_stock,
    milk_stays_where_it_began,
    a_pause_by_hand_counts_as_pumping,
    a_start_that_was_told_gives_way_to_what_is_heard,
    an_edited_start_is_put_to_its_minute,
]
OF_THE_DISPLAY = {a_panel_that_came_back_is_not_set_up}
