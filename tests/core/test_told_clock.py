"""A clock that a person set: it counts for its boot, gives way to a newer word, and to the system's own."""

import pytest

from device.core import outward
from device.core.model.effects import KeepClock
from device.core.model.record import Cause, Clock, End, Session
from device.wire import payloads
from device.wire.values import instant
from tests.core.test_orders import refused
from tests.support.drive import HOUSE, WALL, Device

STRAY = WALL - 40 * 86400.0
"""What the clock said at the start, while nobody had set it."""


def unset(**more: object) -> Device:
    return Device(**{"wall": STRAY, "synced": False, "serial": True, **more})  # type: ignore[arg-type]


def told(device: Device, wall: float) -> None:
    """A person says the true time: `wall` seconds since 1970."""
    reply = device.order("clock", at=instant(round(wall)))
    assert reply["ok"], reply
    assert reply["at"] == instant(round(wall))


def clock(device: Device) -> tuple[str, str | None]:
    said = payloads.diagnostics_payload(outward.diagnostics(device.state, device.at), HOUSE)
    return said["clock"], said["clock_by"]


def pumped(device: Device, seconds: float) -> None:
    device.pump(True, lasts=seconds)
    device.pump(False)
    device.wait(device.settings.rules.pause_s + 1)


def only_session(device: Device) -> Session:
    (session,) = device.state.sessions
    return session


def test_what_was_recorded_gets_its_time_and_counts_as_synchronised() -> None:
    device = unset()
    began = device.at
    pumped(device, 300)
    assert (clock(device), only_session(device).clock) == (("unsynced", None), Clock.UNSYNCED)
    passed = device.at - began
    told(device, WALL + passed)
    session = only_session(device)
    assert (session.clock, session.cause, session.use_by) == (Clock.SYNCED, Cause.CLOCK, None)
    assert abs(session.started_at - WALL) <= 1
    assert clock(device) == ("synced", "person")
    device.wait(device.settings.ask_s)
    device.press("left")  # it was dark
    assert (device.screen, device.body.local is None) == ("idle", False), "Idle has its clock"


def test_a_later_word_replaces_the_earlier_and_what_rests_on_it_moves() -> None:
    device = unset()
    began = device.at
    pumped(device, 300)
    told(device, WALL + device.at - began + 3600)
    device.order("classify", purpose="protect", intention="fridge")
    wrong = only_session(device)
    told(device, WALL + device.at - began)
    right = only_session(device)
    assert (wrong.started_at - right.started_at, right.revision, right.cause) == (3600, wrong.revision + 1, Cause.CLOCK)
    assert wrong.classified_at is not None
    assert right.classified_at is not None
    assert wrong.classified_at - right.classified_at == 3600
    assert right.use_by == right.ended_at + 4 * 86400 if right.ended_at else False
    before = right.revision
    told(device, WALL + device.at - began)
    assert only_session(device).revision == before, "the same word again changes nothing"


def test_the_system_knows_better_and_then_no_word_counts() -> None:
    device = unset()
    began = device.at
    pumped(device, 300)
    told(device, WALL + device.at - began + 900)
    device.order("nursing", effective=True)
    device.clock(STRAY + 99, synced=False)  # a clock that nobody has set says nothing against a person
    assert clock(device) == ("synced", "person")
    device.clock(WALL + device.at - began, synced=True)
    session, (nursing,) = only_session(device), device.state.nursings
    assert abs(session.started_at - WALL) <= 1
    assert abs(nursing.at - (WALL + device.at - began)) <= 1
    assert (session.told, nursing.told, clock(device)) == (False, False, ("synced", "system"))
    assert refused(device.order("clock", at=instant(WALL + 86400))) == ("not_now", None)
    assert device.disk.told_clock is None


def test_it_counts_as_long_as_its_boot_over_restarts_and_no_longer() -> None:
    device = unset()
    began = device.at
    told(device, WALL)
    pumped(device, 300)
    again = device.restart(60, wall=STRAY + 400, synced=False)
    assert clock(again) == ("synced", "person")
    assert abs(again.wall - (WALL + again.at - began)) < 1
    again.clock(again.wall - 120, synced=True)
    assert abs(only_session(again).started_at - (WALL - 120)) <= 1, "what rested on it moved with it"
    later = again.restart(60, boot="boot-2", wall=STRAY, synced=False)
    assert clock(later) == ("unsynced", None)


def test_what_a_person_told_stays_when_its_boot_never_learned_better() -> None:
    device = unset()
    told(device, WALL)
    pumped(device, 300)
    before = only_session(device)
    later = device.restart(3600, boot="boot-2", wall=WALL + 9000, synced=True)
    assert only_session(later) == before


def test_no_word_puts_the_clock_before_what_the_system_has_known() -> None:
    device = Device(synced=True)
    pumped(device, 300)
    over = only_session(device).ended_at
    assert over is not None
    later = device.restart(3600, boot="boot-2", wall=STRAY, synced=False)
    assert refused(later.order("clock", at=instant(over - 1))) == ("out_of_range", "at")
    assert clock(later) == ("unsynced", None)
    told(later, over)
    told(later, over + 5)
    pumped(later, 100)
    told(later, over + 1)  # what rests on a person's word binds nobody


def test_what_a_person_typed_under_a_told_clock_stays_where_it_is() -> None:
    device = unset()
    told(device, WALL)
    pumped(device, 300)
    first = only_session(device)
    typed = first.started_at - 120
    assert device.order("edit", session=first.id, started_at=instant(typed))["ok"]
    assert only_session(device).known == (End.START,)
    assert device.order("nursing", effective=True, at=instant(typed - 600))["ok"]
    device.clock(device.wall + 30, synced=True)
    session, (nursing,) = only_session(device), device.state.nursings
    assert (session.started_at, session.ended_at) == (typed, (first.ended_at or 0) + 30)
    assert (nursing.at, session.clock, session.known) == (typed - 600, Clock.SYNCED, ())


def test_instants_are_understood_once_a_person_has_told_the_time() -> None:
    device = unset()
    added = {"started_at": instant(WALL - 7200), "duration_s": 600}
    assert refused(device.order("add", **added)) == ("not_now", "started_at")
    told(device, WALL)
    assert device.order("add", **added)["ok"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, "missing"), ({"at": None}, "wrong_type"), ({"at": 3}, "wrong_type"), ({"at": "now"}, "wrong_type")],
)
def test_a_word_that_is_no_time_is_refused(fields: dict[str, object], code: str) -> None:
    device = unset()
    assert refused(device.order("clock", **fields)) == (code, "at")
    assert not [effect for _, effect in device.effects if isinstance(effect, KeepClock)]


def test_a_session_that_runs_meanwhile_begins_and_ends_right() -> None:
    device = unset()
    began = device.at
    device.pump(True, lasts=120)
    told(device, WALL + device.at - began + 50)
    device.wait(60)
    running = only_session(device)
    assert abs(running.started_at - (WALL + 50)) <= 1
    device.clock(WALL + device.at - began, synced=True)
    device.pump(False)
    device.wait(150)
    session = only_session(device)
    assert abs(session.started_at - WALL) <= 1
    assert (session.clock, session.told) == (Clock.SYNCED, False)
    assert session.ended_at is not None
    assert abs(session.ended_at - session.started_at - 180) <= 2


@pytest.mark.parametrize("by_person", [False, True], ids=["unsynced", "told by a person"])
def test_a_boot_that_learns_the_time_after_weeks_puts_right_what_it_saw_on_its_first_day(by_person: bool) -> None:
    device = unset()
    began = device.at
    pumped(device, 300)
    device.order("nursing", effective=False)
    nursed = device.at
    if by_person:
        told(device, WALL + 1800 + device.at - began)
    for _ in range(20):
        device.wait(86400)
        device.order("nursing", effective=True)
    device.clock(WALL + device.at - began, synced=True)
    (session,), nursings = device.disk.sessions(), device.disk.nursings()
    assert abs(session.started_at - WALL) <= 1
    assert abs(nursings[0].at - (WALL + nursed - began)) <= 1
    assert (session.clock, session.told) == (Clock.SYNCED, False)
    assert {(nursing.clock, nursing.told) for nursing in nursings} == {(Clock.SYNCED, False)}
    assert nursings[0] not in device.state.nursings, "put right, it is old and let go"
