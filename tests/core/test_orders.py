"""Commands: every one with what it changes, what it refuses, under which code and field, and when it is answered."""

from typing import Any

import pytest

from device.core.model.effects import Answer, Refuse
from device.core.model.events import StoreState
from device.core.model.record import ClassifiedBy, Source
from device.wire import payloads
from tests.support.drive import Device, classified, ended, running

EARLIER = "2026-02-28T10:00:00Z"


@pytest.fixture
def device() -> Device:
    return Device()


def added(device: Device, **fields: Any) -> dict[str, Any]:
    reply = device.order("add", **{"started_at": EARLIER, "duration_s": 900, **fields})
    assert reply["ok"], reply
    session: dict[str, Any] = reply["session"]
    return session


def refused(reply: dict[str, Any]) -> tuple[str, str | None]:
    assert reply["ok"] is False, reply
    assert reply["error"]
    other = {"overlaps"} if reply["error"].startswith("It overlaps") else set()
    assert set(reply) == {"schema", "device", "request", "ok", "at", "error", "code", "field"} | other
    return reply["code"], reply["field"]


# -- each command ----------------------------------------------------------------------------------------------


def test_classify_means_the_running_session_else_the_last(device: Device) -> None:
    added(device)
    assert device.order("classify", purpose="protect")["session"]["number"] == 1
    device.pump(True, lasts=5)
    reply = device.order("classify", purpose="promote", intention="donate")["session"]
    assert (reply["number"], reply["purpose"], reply["intention"], reply["classified_by"]) == (
        2,
        "promote",
        "donate",
        "dashboard",
    )
    assert device.order("classify", session=device.state.sessions[0].id, purpose="treat")["session"]["number"] == 1


CLASSIFIED: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    ({"reason": "mastitis"}, ("treat", "mastitis", "fridge")),
    ({"purpose": "protect"}, ("protect", "in_place_of_nursing", "fridge")),
    ({"purpose": "promote"}, ("promote", None, "fridge")),
    ({"purpose": "promote", "reason": "raise_low_supply"}, ("promote", "raise_low_supply", "fridge")),
    ({"reason": None}, ("protect", None, "fridge")),
    ({"purpose": None}, (None, None, "fridge")),
    ({"intention": None}, ("protect", "in_place_of_nursing", None)),
    ({"intention": "discard"}, ("protect", "in_place_of_nursing", "discard")),
]


@pytest.mark.parametrize(("given", "stands"), CLASSIFIED)
def test_what_is_absent_stays_null_takes_back_and_a_reason_implies_its_purpose(
    given: dict[str, Any], stands: tuple[Any, ...]
) -> None:
    device = classified()
    reply = device.order("classify", **given)["session"]
    assert (reply["purpose"], reply["reason"], reply["intention"]) == stands
    assert (reply["classified_by"] is None) == (reply["purpose"] is None)


def test_an_intention_alone_leaves_who_classified() -> None:
    device = classified()
    device.order("classify", intention="feed")
    assert device.last.classified_by is ClassifiedBy.BUTTON


def test_a_reason_of_another_purpose_is_refused(device: Device) -> None:
    added(device)
    assert refused(device.order("classify", purpose="protect", reason="mastitis")) == ("out_of_range", "reason")


VOLUMES: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    ({"ml": 85}, (85, None, None)),
    ({"ml": 84.5}, (85, None, None)),
    ({"ml": 0}, (0, None, None)),
    ({"left_ml": 40, "right_ml": 45}, (85, 40, 45)),
    ({"left_ml": 40}, (40, 40, None)),
    ({"ml": None}, (None, None, None)),
]


@pytest.mark.parametrize(("given", "stands"), VOLUMES)
def test_a_volume_is_a_total_or_two_sides(given: dict[str, Any], stands: tuple[Any, ...], device: Device) -> None:
    added(device, ml=10)
    reply = device.order("volume", **given)["session"]
    assert (reply["volume_ml"], reply["left_ml"], reply["right_ml"]) == stands


def test_one_side_after_the_other_adds_up(device: Device) -> None:
    added(device)
    device.order("volume", left_ml=40)
    assert device.order("volume", right_ml=45)["session"]["volume_ml"] == 85
    assert device.order("volume", left_ml=None)["session"]["volume_ml"] == 45
    device.order("volume", left_ml=1500)
    assert refused(device.order("volume", right_ml=1500)) == ("out_of_range", "right_ml")


def test_a_note_is_kept_and_taken_back(device: Device) -> None:
    added(device)
    assert device.order("note", text="left side sore")["session"]["note"] == "left side sore"
    assert device.order("note", text=None)["session"]["note"] is None
    assert refused(device.order("note", text="x" * 501)) == ("out_of_range", "text")


def test_a_nursing_is_now_or_at_a_time_that_is_not_in_the_future(device: Device) -> None:
    reply = device.order("nursing", effective=False)["nursing"]
    assert (reply["effective"], reply["source"], reply["cause"], reply["number"]) == (False, "dashboard", "added", 1)
    assert device.order("nursing", effective=True, at=EARLIER)["nursing"]["at"] == EARLIER
    assert refused(device.order("nursing", effective=True, at="2026-03-01T04:00:00Z")) == ("out_of_range", "at")


def test_start_and_stop_are_for_their_time_only(device: Device) -> None:
    assert refused(device.order("stop"))[0] == "not_now"
    assert device.order("start")["session"]["state"] == "running"
    assert refused(device.order("start"))[0] == "not_now"
    device.wait(100)
    reply = device.order("stop")["session"]
    assert (reply["state"], reply["duration_s"]) == ("ended", 100)


def test_add_records_what_the_device_missed(device: Device) -> None:
    given = {"reason": "raise_low_supply", "intention": "freezer", "ml": 60.5, "note": "by hand pump"}
    said = added(device, ended_at="2026-02-28T10:15:00Z", duration_s=None, **given)
    assert (said["purpose"], said["reason"], said["intention"]) == ("promote", "raise_low_supply", "freezer")
    assert (said["volume_ml"], said["note"], said["sources"]) == (61, "by hand pump", ["added"])
    assert (said["duration_s"], said["pumping_s"], said["counted"], said["cause"]) == (900, 900, True, "added")
    assert said["use_by"] == "2026-08-28T10:15:00Z"


def test_add_with_a_purpose_fills_its_unclassified_sitting(device: Device) -> None:
    added(device)
    added(device, started_at="2026-02-28T10:20:00Z", purpose="protect", intention="feed")
    early = device.state.sessions[0]
    assert (early.purpose, early.intention, early.classified_by) == ("protect", "feed", "sitting")


def test_add_without_a_purpose_inherits_its_sittings(device: Device) -> None:
    added(device, purpose="protect", intention="feed")
    heir = added(device, started_at="2026-02-28T10:20:00Z")
    assert (heir["purpose"], heir["intention"], heir["classified_by"]) == ("protect", "feed", "sitting")


def test_a_session_added_between_two_joins_them_to_one_sitting(device: Device) -> None:
    first = added(device)
    added(device, started_at="2026-02-28T10:40:00Z")
    added(device, started_at="2026-02-28T10:25:00Z", duration_s=600)
    assert {one.sitting for one in device.state.sessions} == {first["id"]}
    assert device.state.sessions[2].cause == "edited"


SPANS: list[tuple[dict[str, Any], str]] = [
    ({"started_at": "2026-03-01T05:00:00Z"}, "started_at"),
    ({"started_at": "2026-03-01T02:59:00Z"}, "duration_s"),
    ({"started_at": "2026-03-01T02:59:00Z", "duration_s": None, "ended_at": "2026-03-01T03:14:00Z"}, "ended_at"),
    ({"started_at": "2026-02-27T02:59:00Z", "duration_s": 86402}, "duration_s"),
    ({"started_at": "2026-02-28T10:14:00Z"}, "started_at"),
    ({"started_at": "2026-02-28T09:46:00Z"}, "started_at"),
    ({"started_at": "2026-02-28T10:14:10Z", "duration_s": 40}, "started_at"),
    ({"started_at": "2026-02-28T10:05:00Z", "duration_s": 60}, "started_at"),
]


@pytest.mark.parametrize(("given", "field"), SPANS)
def test_no_session_lies_in_the_future_or_overlaps_another(device: Device, given: dict[str, Any], field: str) -> None:
    added(device)
    reply = device.order("add", **{"duration_s": 900, **given})
    assert refused(reply) == ("out_of_range", field)
    assert len(device.state.sessions) == 1


def test_sessions_may_touch(device: Device) -> None:
    added(device)
    added(device, started_at="2026-02-28T10:15:00Z")
    added(device, started_at="2026-02-28T09:45:00Z")
    assert len(device.state.sessions) == 3


def test_none_may_be_added_over_the_running_one(device: Device) -> None:
    device.pump(True, lasts=600)
    reply = device.order("add", started_at="2026-03-01T03:05:00Z", duration_s=60)
    assert refused(reply) == ("out_of_range", "started_at")


def test_edit_moves_a_session_and_its_rests_stay(device: Device) -> None:
    device.pump(True, lasts=300)
    device.pump(False, lasts=60)
    device.pumped(300)
    session = device.last.id
    device.wait(600)
    reply = device.order("edit", session=session, started_at="2026-03-01T03:01:00Z", ended_at="2026-03-01T03:11:00Z")
    said = reply["session"]
    assert (said["duration_s"], said["pumping_s"], said["cause"], said["revision"]) == (600, 540, "edited", 3)
    assert refused(device.order("edit", session=session, ended_at="2026-03-01T03:00:30Z")) == (
        "out_of_range",
        "ended_at",
    )


def test_edit_corrects_a_nursing(device: Device) -> None:
    nursing = device.order("nursing", effective=True)["nursing"]["id"]
    said = device.order("edit", nursing=nursing, effective=False, at=EARLIER)["nursing"]
    assert (said["effective"], said["at"], said["revision"], said["cause"]) == (False, EARLIER, 2, "edited")
    future = device.order("edit", nursing=nursing, at="2026-03-02T00:00:00Z")
    assert refused(future) == ("out_of_range", "at")


def test_a_nursings_side_is_told_corrected_and_taken_back(device: Device) -> None:
    nursing = device.order("nursing", effective=True, side="left")["nursing"]
    assert nursing["side"] == "left"
    assert device.order("nursing", effective=False)["nursing"]["side"] is None
    assert device.order("edit", nursing=nursing["id"], side="both")["nursing"]["side"] == "both"
    moved = device.order("edit", nursing=nursing["id"], effective=False)["nursing"]
    assert (moved["side"], moved["revision"]) == ("both", 3), "what is left out stays"
    assert device.order("edit", nursing=nursing["id"], side=None)["nursing"]["side"] is None
    assert refused(device.order("edit", nursing=nursing["id"], side="middle")) == ("out_of_range", "side")
    assert refused(device.order("edit", session=added(device)["id"], side="left")) == ("missing", "started_at")


@pytest.mark.parametrize("command", ["edit", "delete"])
def test_a_running_session_is_neither_moved_nor_deleted(device: Device, command: str) -> None:
    device.pump(True, lasts=5)
    fields = {"started_at": EARLIER, "ended_at": "2026-02-28T10:15:00Z"} if command == "edit" else {}
    assert refused(device.order(command, session=device.last.id, **fields))[0] == "not_now"


def test_delete_and_restore_and_each_twice(device: Device) -> None:
    session, nursing = added(device)["id"], device.order("nursing", effective=True)["nursing"]["id"]
    for field, record in (("session", session), ("nursing", nursing)):
        for command, deleted, revision in (("delete", True, 2), ("restore", False, 3)):
            for _ in range(2):
                said = device.order(command, **{field: record})[field]
                assert (said["deleted"], said["revision"], said["cause"]) == (deleted, revision, f"{command}d")


def test_a_deleted_session_is_not_restored_over_another(device: Device) -> None:
    session = added(device)["id"]
    device.order("delete", session=session)
    added(device)
    assert refused(device.order("restore", session=session)) == ("out_of_range", "session")


def test_a_session_of_no_length_can_be_deleted_and_restored(device: Device) -> None:
    session = device.order("start")["session"]["id"]
    assert device.order("stop")["session"]["duration_s"] == 0
    device.order("delete", session=session)
    assert device.order("restore", session=session)["ok"]


def test_the_baseline_by_command_wins_until_the_configuration_changes(device: Device) -> None:
    assert device.order("baseline", stimulations=6)["ok"]
    assert device.published("today")[-1]["baseline"] == 6
    again = device.restart()
    assert again.state.baseline == 6
    again.settings = Device(baseline=7).settings
    assert again.restart().state.baseline == 7


@pytest.mark.parametrize("command", ["classify", "volume", "note"])
def test_without_any_session_there_is_none_to_change(device: Device, command: str) -> None:
    given: dict[str, dict[str, Any]] = {"classify": {"purpose": "treat"}, "volume": {"ml": 1}, "note": {"text": ""}}
    fields = given[command]
    assert refused(device.order(command, **fields)) == ("unknown_record", "session")


@pytest.mark.parametrize("field", ["session", "nursing"])
def test_an_unknown_record_is_said_so(device: Device, field: str) -> None:
    for command in ("delete", "restore"):
        assert refused(device.order(command, **{field: "no such"})) == ("unknown_record", field)
    session = added(device)["id"]
    assert refused(device.order("delete", nursing=session)) == ("unknown_record", "nursing")


@pytest.mark.parametrize("command", ["classify", "volume", "note", "delete", "restore", "edit"])
def test_an_empty_id_names_no_record_and_is_not_the_last_one(device: Device, command: str) -> None:
    added(device)
    given: dict[str, dict[str, Any]] = {"classify": {"purpose": "treat"}, "volume": {"ml": 1}, "note": {"text": "x"}}
    given |= {"edit": {"started_at": EARLIER}}
    assert refused(device.order(command, session="", **given.get(command, {}))) == ("unknown_record", "session")
    if command in {"delete", "restore"}:
        assert refused(device.order(command, nursing="")) == ("unknown_record", "nursing")


MOVES = [
    ({"started_at": "2026-02-28T10:15:01Z"}, "started_at"),
    ({"started_at": "2026-02-27T10:00:00Z"}, "started_at"),
    ({"ended_at": "2026-02-28T12:10:00Z"}, "ended_at"),
    ({"ended_at": "2026-02-28T09:10:00Z"}, "ended_at"),
    ({"ended_at": "2026-03-01T05:00:00Z"}, "ended_at"),
    ({"started_at": "2026-02-28T12:05:00Z", "ended_at": "2026-02-28T12:10:00Z"}, "started_at"),
]


@pytest.mark.parametrize(("given", "field"), MOVES)
def test_a_refused_edit_names_a_field_that_was_sent(device: Device, given: dict[str, str], field: str) -> None:
    session = added(device)["id"]
    added(device, started_at="2026-02-28T12:00:00Z")
    assert refused(device.order("edit", session=session, **given)) == ("out_of_range", field)


def test_a_record_that_has_moved_on_is_not_changed(device: Device) -> None:
    session = added(device)["id"]
    nursing = device.order("nursing", effective=True)["nursing"]["id"]
    commands: list[tuple[str, dict[str, Any]]] = [
        ("classify", {"purpose": "treat"}),
        ("volume", {"ml": 1}),
        ("note", {"text": "x"}),
        ("edit", {"session": session, "started_at": "2026-02-28T10:01:00Z"}),
        ("edit", {"nursing": nursing, "effective": False}),
        ("delete", {"session": session}),
        ("restore", {"nursing": nursing}),
    ]
    for command, fields in commands:
        assert refused(device.order(command, if_revision=9, **fields)) == ("moved_on", "if_revision")
    assert {one.revision for one in device.disk.records.values()} == {1}
    assert device.order("note", text="x", if_revision=1)["session"]["revision"] == 2
    device.pump(True, lasts=5)
    assert refused(device.order("stop", if_revision=2))[0] == "moved_on"


# -- press -----------------------------------------------------------------------------------------------------


def test_a_press_from_a_dashboard_is_a_whole_one_without_the_guard(device: Device) -> None:
    device.pump(True, lasts=3.05)
    reply = device.order("press", button="left")
    assert (reply["session"]["purpose"], device.screen) == ("protect", "reason")
    assert device.order("press", button="right")["ok"]
    assert device.screen == "intention"
    assert device.order("press", button="right", held=True)["ok"]
    assert device.screen == "reason"


def test_a_held_press_on_idle_acts_as_the_key_says_as_a_finger_does(device: Device) -> None:
    device.order("press", button="right", held=True)
    assert device.screen == "purpose"
    assert device.last.sources == (Source.BUTTON,)


def test_a_press_on_a_dark_display_only_wakes(device: Device) -> None:
    device.wait(200)
    for held in (False, True):
        device.order("press", button="right", held=held)
        assert (device.screen, device.live["dark"]) == ("idle", False)
        device.wait(200)


def test_a_press_that_starts_and_stops_answers_with_the_session(device: Device) -> None:
    assert device.order("press", button="right")["session"]["sources"] == ["button"]
    device.order("press", button="right", held=True)
    device.wait(100)
    assert device.order("press", button="right")["session"]["state"] == "ended"


def test_a_press_from_a_dashboard_leaves_the_finger_that_is_down_alone(device: Device) -> None:
    device.down("right")
    device.order("press", button="middle")
    assert device.screen == "last"
    device.up("right")
    assert device.screen == "last", "the finger went down on another screen"


# -- when it is answered ---------------------------------------------------------------------------------------


def test_a_good_reply_is_sent_once_it_is_durable(device: Device) -> None:
    device.holds = True
    assert device.order("nursing", effective=True) == {}
    assert device.order("baseline", stimulations=5) == {}
    assert device.order("press", button="middle")["ok"], "nothing changed, so nothing is waited for"
    device.disk_goes_on()
    assert [one["ok"] for one in device.replies()[1:]] == [True, True]
    assert device.replies()[1]["nursing"]["effective"]


def test_while_the_disk_fails_it_says_not_saved_and_saves_it_later(device: Device) -> None:
    device.holds = True
    device.order("nursing", effective=True)
    before = len(device.effects)
    device.holds = False
    device.disk_says(StoreState.FULL)
    assert [one["code"] for one in device.replies(before)] == ["not_saved"]
    assert refused(device.order("nursing", effective=False)) == ("not_saved", None)
    assert device.disk.log == []
    before = len(device.effects)
    device.disk_says(StoreState.OK)
    assert [one.number for one in device.disk.nursings()] == [1, 2]
    assert device.replies(before) == []


def test_deleting_twice_while_the_disk_holds_answers_when_the_first_is_durable(device: Device) -> None:
    session = added(device)["id"]
    device.holds = True
    assert device.order("delete", session=session) == {}
    assert device.order("delete", session=session) == {}
    device.disk_goes_on()
    assert [one["session"]["revision"] for one in device.replies()[-2:]] == [2, 2]


def test_an_old_record_that_waits_for_the_disk_is_changed_as_it_is_now(device: Device) -> None:
    old = added(device, started_at="2026-01-10T10:00:00Z")["id"]
    for day in range(10, 19):
        added(device, started_at=f"2026-02-{day}T10:00:00Z")
    device.holds = True
    device.order("delete", session=old)
    device.wait(60)
    device.order("restore", session=old)
    device.disk_goes_on()
    assert [one.revision for one in device.disk.log if one.id == old] == [1, 2, 3]


def test_a_refusal_and_history_wait_for_no_disk(device: Device) -> None:
    device.holds = True
    device.order("nursing", effective=True)
    assert refused(device.order("stop"))[0] == "not_now"
    with device.seen() as seen:
        device.order("history", limit=3)
    assert [type(one).__name__ for one in seen] == ["ReadHistory"]


def test_replies_come_in_the_order_of_their_commands(device: Device) -> None:
    device.holds = True
    for effective in (True, False, True):
        device.order("nursing", effective=effective)
    device.disk_goes_on()
    told = [one for _, one in device.effects if isinstance(one, Answer | Refuse)]
    assert [one.record.number for one in told if isinstance(one, Answer) and one.record] == [1, 2, 3]


def test_the_answer_to_a_late_question_is_a_new_revision() -> None:
    device = ended(running())
    device.wait(3 * 3600)
    before = device.last.revision
    reply = device.order("classify", purpose="protect")["session"]
    assert (reply["revision"], reply["cause"]) == (before + 1, "classified")
    assert device.screen == "idle"


def test_an_answer_corrects_what_it_filled_and_never_what_another_answer_said(device: Device) -> None:
    start = device.wall - 3600
    ids = []
    for minutes in (0, 6, 12):
        begun = payloads.instant(int(start + 60 * minutes))
        ids.append(device.order("add", started_at=begun, duration_s=240)["session"]["id"])
    first, second, third = ids
    device.order("classify", session=second, purpose="protect")
    assert [device.session(one).purpose for one in ids] == ["protect"] * 3
    device.order("classify", session=third, purpose="treat")
    assert [device.session(one).purpose for one in ids] == ["protect", "protect", "treat"]
    device.order("classify", session=second, purpose="protect")
    device.order("classify", session=second, purpose="promote")
    assert [device.session(one).purpose for one in ids] == ["promote", "promote", "treat"]
    assert device.session(first).classified_by is ClassifiedBy.SITTING


def test_deleting_a_session_of_many_hours_lets_the_one_after_it_begin_a_sitting_of_its_own(device: Device) -> None:
    start = device.wall - 20 * 3600
    begun = payloads.instant(int(start))
    long = device.order("add", started_at=begun, duration_s=14 * 3600)["session"]["id"]
    after = payloads.instant(int(start + 14 * 3600 + 60))
    short = device.order("add", started_at=after, duration_s=300)["session"]["id"]
    assert device.session(short).sitting == long
    device.order("delete", session=long)
    assert device.session(short).sitting == short
