"""The device by script answers and refuses as the core does: what the page is tested with is what it will meet."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.drive import WALL, Device
from tests.support.page_device import ScriptedDevice
from tests.support.page_records import iso

NOW = WALL + 11  # when a device on the table is at home


def at(minutes: float) -> str:
    return iso(datetime.fromtimestamp(NOW + minutes * 60, UTC))


EARLIER = {"started_at": at(-60), "ended_at": at(-40), "ml": 90, "intention": "fridge"}
FIRST: dict[str, Any] = {"command": "add", **EARLIER}
START: dict[str, Any] = {"command": "start", "at": at(-10)}
LIVES: dict[str, list[dict[str, Any]]] = {
    "a start told later": [START, {"command": "start"}, {"command": "start", "at": at(-5)}],
    "a start in the future": [{"command": "start", "at": at(5)}],
    "a start two hours ago": [{"command": "start", "at": at(-120)}],
    "a start that cannot be read": [{"command": "start", "at": "03:12"}],
    "a start within another session": [FIRST, {"command": "start", "at": at(-50)}],
    "a start a moment before another's end": [FIRST, {"command": "start", "at": at(-40.5)}],
    "a rest and going on": [START, *({"command": name} for name in ("go_on", "pause", "pause", "go_on", "go_on"))],
    "no rest without a session": [{"command": name} for name in ("pause", "go_on", "stop")],
    "a running start corrected": [START, {"command": "edit", "session": 0, "started_at": at(-20)}],
    "a running end": [START, {"command": "edit", "session": 0, "ended_at": at(0)}],
    "a running one deleted": [START, {"command": "delete", "session": 0}],
    "a running start before another's end": [
        FIRST,
        START,
        {"command": "edit", "session": 1, "started_at": at(-45)},
        {"command": "edit", "session": 1, "started_at": at(-40.5)},
    ],
    "a running start so early that it would be over": [
        START,
        {"command": "edit", "session": 0, "started_at": at(-130)},
        {"command": "edit", "session": 0, "started_at": at(10)},
    ],
    "times over another session": [
        {"command": "add", "started_at": at(-60), "ended_at": at(-40)},
        {"command": "add", "started_at": at(-41), "duration_s": 600},
        {"command": "add", "started_at": at(-40.5), "duration_s": 600},
        {"command": "edit", "session": 1, "started_at": at(-50)},
        {"command": "edit", "session": 1, "ended_at": at(5)},
        {"command": "edit", "session": 1, "ended_at": at(-55)},
    ],
    "added over one that runs": [START, {"command": "add", "started_at": at(-5), "duration_s": 120}],
    "restored where another is now": [
        FIRST,
        {"command": "delete", "session": 0},
        {"command": "add", "started_at": at(-50), "duration_s": 600},
        {"command": "restore", "session": 0},
    ],
    "a portion's way": [
        FIRST,
        {"command": "milk", "place": None},
        {"command": "milk", "place": "used", "ml": 30},
        {"command": "milk", "place": "used", "ml": 61},
        {"command": "milk", "place": "fridge"},
        {"command": "milk", "place": "fridge", "ml": 50},
        {"command": "milk", "place": "fridge", "ml": 91},
        {"command": "milk", "place": "room"},
        {"command": "milk", "place": "freezer", "at": at(-41)},
        {"command": "milk", "place": "freezer", "at": at(5)},
        {"command": "milk", "place": "freezer", "at": at(-20)},
        {"command": "classify", "intention": "feed"},
        {"command": "milk", "place": "thawed"},
        {"command": "milk", "place": "freezer"},
        {"command": "milk", "place": "used", "ml": 50},
        {"command": "milk", "place": "discarded"},
        {"command": "milk", "place": None},
        {"command": "milk", "place": None},
    ],
    "a part before the amount": [
        {"command": "add", "started_at": at(-60), "ended_at": at(-40), "intention": "fridge"},
        {"command": "milk", "place": "used", "ml": 30},
        {"command": "milk", "place": "fridge", "ml": 30},
        {"command": "volume", "ml": 90},
    ],
    "no portion": [
        {"command": "add", "started_at": at(-60), "ended_at": at(-40)},
        {"command": "milk", "place": "used"},
        {"command": "milk", "place": "there"},
        {"command": "milk"},
    ],
}
REPLY = ("ok", "code", "field", "overlaps")
RECORD = ("started_at", "ended_at", "state", "milk", "use_by", "volume_ml", "deleted")


def lived(commands: list[dict[str, Any]], answer: Any) -> Iterator[dict[str, Any]]:
    """What comes of each; ids are each device's own, so a session is named by its place."""
    ids: list[str] = []
    for command in commands:
        meant = {"session": ids[command["session"]]} if "session" in command else {}
        reply = answer({**command, **meant})
        record = reply.get("session") or {}
        if record and record["id"] not in ids:
            ids.append(record["id"])
        said = {name: reply.get(name) for name in REPLY} | {name: record.get(name) for name in RECORD}
        yield {**said, "overlaps": said["overlaps"] and ids.index(said["overlaps"])}


@pytest.mark.parametrize("life", LIVES)
def test_the_device_by_script_answers_as_the_core_does(life: str) -> None:
    real = Device()
    scripted = ScriptedDevice(0, datetime.fromtimestamp(NOW, UTC))
    expected = list(lived(LIVES[life], lambda command: real.order(command.pop("command"), **command)))
    assert list(lived(LIVES[life], scripted._answer)) == expected


def test_while_the_clock_is_not_set_both_refuse_what_carries_an_instant() -> None:
    real = Device(synced=False)
    scripted = ScriptedDevice(0, datetime.fromtimestamp(NOW, UTC))
    scripted.faults = {"clock": "unsynced"}
    asked = [START, FIRST, {"command": "nursing", "effective": True, "at": at(-5)}]
    expected = list(lived(asked, lambda command: real.order(command.pop("command"), **command)))
    assert list(lived(asked, scripted._answer)) == expected
    assert {reply["code"] for reply in expected} == {"not_now"}
