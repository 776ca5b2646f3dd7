"""The schemas can fail: wrong records and messages are found, and no word is missing."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.renew import NAMES, names
from device.core.model.record import LARGEST_VOLUME_ML, Purpose, Reason
from device.wire.commands import COMMANDS
from device.wire.payloads import encode, session_payload
from tests.support.made import session
from tests.support.wire import SCHEMAS, check

WEB = SCHEMAS.parents[1] / "dashboards" / "web"


def test_every_schema_is_a_good_one_and_leads_somewhere() -> None:
    for path in SCHEMAS.glob("*.schema.json"):
        schema = json.loads(path.read_text())
        Draft202012Validator.check_schema(schema)
        for target in _references(schema):
            name, _, pointer = target.partition("#")
            there: Any = json.loads((SCHEMAS / name).read_text()) if name else schema
            for step in pointer.split("/")[1:]:
                there = there[step]


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [found for one in schema for found in _references(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
    return own + [found for one in schema.values() for found in _references(one)]


GOOD = session_payload(session(purpose=Purpose.TREAT, reason=Reason.MASTITIS), "pump")


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"device": "a/b"},
        {"number": "1"},
        {"revision": 0},
        {"cause": "paused"},
        {"revised_at": "2026-03-01T03:12:08+00:00"},
        {"started_at": 1772334728},
        {"state": "running"},
        {"ended_at": None},
        {"duration_s": 1.5},
        {"counted": 1},
        {"sources": "gpio"},
        {"sources": ["ear"]},
        {"purpose": "protect"},
        {"purpose": None},
        {"suggestion": {"purpose": "protect"}},
        {"volume_ml": 2001},
        {"note": "x" * 501},
        {"anchor": None},
        {"clock": "unsynced", "use_by": "2026-03-05T03:30:50Z"},
    ],
)
def test_the_session_schema_refuses_a_wrong_record(change: dict[str, Any]) -> None:
    check("session", encode(GOOD))
    with pytest.raises(AssertionError, match="session: "):
        check("session", encode(GOOD | change))


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_session_schema_misses_every_field(name: str) -> None:
    with pytest.raises(AssertionError):
        check("session", encode({key: value for key, value in GOOD.items() if key != name}))
    check("session", encode(GOOD | {"a_later_field": 1}))


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("availability", b"Online"),
        ("session", b""),
        ("session", b"{}"),
        ("session", b'{"schema": NaN}'),
        ("nursing", b"[]"),
        ("screen", b"GIF89a"),
        ("sessions", b"{}"),
        ("state", b'{"schema": 1, "device": "pump", "at": "2026-03-01T03:12:08Z"}'),
        ("state", b'{"schema": 1, "device": "pump", "at": "2026-03-01T03:12:08Z", "phase": "idle", "screen": "idle"}'),
        ("reply", b'{"schema": 1, "device": "pump", "request": null, "ok": false, "at": "2026-03-01T03:12:08Z"}'),
        ("reply", b'{"schema": 1, "device": "pump", "ok": true, "at": "2026-03-01T03:12:08Z"}'),
        ("reply", b'{"schema": 1, "device": "pump", "device": "pump", "request": null, "ok": true}'),
    ],
)
def test_a_wrong_message_on_the_wire_is_found(topic: str, payload: bytes) -> None:
    with pytest.raises(AssertionError):
        check(f"pump-companion/pump/{topic}" if topic != "sessions" else topic, payload)


def test_a_right_message_on_the_wire_passes() -> None:
    assert check("pump-companion/pump/availability", b"offline") == "offline"
    assert check("pump-companion/pump/session/last", b"") is None
    assert check("pump-companion/pump/command", b"rubbish") is None
    assert check("pump-companion/pump/command", b'{"command": "start"}') == {"command": "start"}


def test_the_schema_of_names_is_current() -> None:
    assert NAMES.read_text() == json.dumps(names(), indent=2) + "\n", "scripts/renew"


def test_the_schema_and_the_table_know_the_same_commands() -> None:
    commands = json.loads((SCHEMAS / "command.schema.json").read_text())
    assert commands["properties"]["command"]["enum"] == list(COMMANDS)
    for name, shape in COMMANDS.items():
        assert set(commands["$defs"][name].get("properties", {})) == set(shape.fields)


def test_the_schemas_and_the_page_know_the_same_largest_amount() -> None:
    words = json.loads((SCHEMAS / "words.schema.json").read_text())["$defs"]
    assert words["volume_ml"]["maximum"] == LARGEST_VOLUME_ML
    assert words["given_volume"]["exclusiveMaximum"] == LARGEST_VOLUME_ML + 0.5
    assert f"export const MAX_ML = {LARGEST_VOLUME_ML};" in (WEB / "js" / "amount.js").read_text()


def test_no_schema_is_left_unused() -> None:
    held = {path.name.removesuffix(".schema.json") for path in Path(SCHEMAS).glob("*.schema.json")}
    assert held == {
        "session",
        "nursing",
        "state",
        "today",
        "diagnostics",
        "command",
        "reply",
        "line",
        "words",
        "names",
        "config",
    }
