"""Holds a message seen on the wire against the contract's schemas; every test that sees one calls `check`.

Where a message is wrong it raises AssertionError with the topic, the place inside and what is wrong there.
"""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from device.wire.payloads import Refusal, parse_command

SCHEMAS = Path(__file__).parents[2] / "config" / "schemas"
TOPICS = {
    "session/last": "session",
    "session": "session",
    "nursing": "nursing",
    "state": "state",
    "today": "today",
    "diagnostics": "diagnostics",
    "reply": "reply",
    "command": "command",
}
"""Which schema a topic's JSON keeps to."""

PLAIN = ("availability", "screen")
RETAINED = ("availability", "state", "session/last", "today", "diagnostics", "screen")
PNG = b"\x89PNG\r\n\x1a\n"


def check(topic: str, payload: bytes) -> Any:
    """Check one message, and return what its payload says (JSON decoded, None for a cleared topic).

    `topic` is whole or only what follows the device's id. A command is held against its schema where the device would
    take it: tests send wrong ones on purpose.
    """
    if "/reply/" in topic:
        topic = "reply"  # a response topic of a dashboard's own
    name = next((one for one in (*TOPICS, *PLAIN) if topic == one or topic.endswith(f"/{one}")), None)
    assert name is not None, f"{topic}: the contract has no such topic"
    if payload == b"" and name in RETAINED:
        return None
    if name == "availability":
        assert payload in (b"online", b"offline"), f"{topic}: {payload!r} is neither online nor offline"
        return payload.decode()
    if name == "screen":
        assert payload.startswith(PNG), f"{topic}: {payload[:16]!r} is no PNG"
        return payload
    if name == "command" and isinstance(parse_command(payload, retained=False), Refusal):
        return None
    assert len(payload) < 65536, f"{topic}: {len(payload)} bytes are more than a message may have"
    return validate(TOPICS[name], payload)


def validate(schema: str, payload: bytes) -> Any:
    """Hold JSON against `config/schemas/<schema>.schema.json`, and return what it says."""
    try:
        value = json.loads(payload.decode(), parse_constant=_no_number, object_pairs_hook=_once)
    except ValueError as error:
        raise AssertionError(f"{schema}: {error}: {payload[:200]!r}") from None
    faults = [
        f"{schema}: {one.json_path}: {one.message[:500]}" for one in _faults(None, f"{schema}.schema.json", value)
    ]
    assert not faults, "\n".join(faults)
    return value


def _faults(_by: object, where: str, value: Any, _at: object = None) -> Iterator[Any]:
    """What jsonschema says to `$ref`, remembered: what was good once is good, and most messages say much the same."""
    if not _is_good(where, json.dumps(value)):
        yield from _validator(where).iter_errors(value)


@lru_cache(maxsize=1 << 14)
def _is_good(where: str, text: str) -> bool:
    return bool(_validator(where).is_valid(json.loads(text)))


@cache
def _validator(where: str) -> Any:
    """Of one place in the schemas, such as `session.schema.json#/$defs/instant`."""
    checks = extend(Draft202012Validator, {"$ref": _faults})
    return checks(_schemas().resolver().lookup(where).contents)


@cache
def _schemas() -> Registry[Any]:
    """All schemas, each `$ref` with its file's name."""
    files = [
        (path.name, path.read_text().replace('"$ref": "#', f'"$ref": "{path.name}#'))
        for path in SCHEMAS.glob("*.schema.json")
    ]
    return Registry().with_resources([(name, DRAFT202012.create_resource(json.loads(text))) for name, text in files])


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("a key stands there twice")
    return held
