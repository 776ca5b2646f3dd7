"""Holds an announcement against the recorded account of what a Home Assistant accepts, and names each fault.
It exists because Home Assistant itself drops what it does not like, and says so only in its log.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.homeassistant.rendering import environment

ACCOUNT = json.loads((Path(__file__).parent / "schemas-2026.11.0.json").read_text())


def is_topic(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[^+#\0]+", value) is not None


def is_template(value: Any) -> bool:
    return isinstance(value, str) and environment().parse(value) is not None


ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "template": is_template,
    "valid_subscribe_topic": is_topic,
    "valid_publish_topic": is_topic,
    "icon": lambda value: isinstance(value, str) and re.fullmatch(r"mdi:[a-z0-9-]+", value) is not None,
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int),
    "float": lambda value: isinstance(value, int | float),
    "NonNegative": lambda value: value >= 0,
    "Range": lambda value: value >= 1e-3,
    "EnsureList": lambda value: isinstance(value, list),
    "Lower": lambda value: value == value.lower(),
    "entity_category_without_config": lambda value: value == "diagnostic",
    "valid_qos_schema": lambda value: value in (0, 1, 2),
    "Schema": lambda value: isinstance(value, dict),
    "validator": lambda value: True,
    "validate_device_has_at_least_one_identifier": lambda value: bool(value.get("identifiers")),
}


def accepted(kind: Any, value: Any) -> bool:
    match kind:
        case str():
            return ACCEPTS[kind](value)
        case ["each", inner]:
            return isinstance(value, list) and all(accepted(inner, one) for one in value)
        case {"one_of": allowed}:
            return value in allowed
        case {"value": only}:
            return bool(value == only)
        case {"All": inner}:
            return all(accepted(one, value) for one in inner)
        case {"Any": inner}:
            return any(accepted(one, value) for one in inner)
    raise AssertionError(f"the account holds a kind that this test does not know: {kind}")


def faults_of_keys(where: str, schema: dict[str, Any], given: dict[str, Any]) -> Iterator[str]:
    for key, rule in schema.items():
        if rule["required"] and key not in given:
            yield f"{where}: {key} is missing"
    for key, value in given.items():
        if key not in schema:
            yield f"{where}: {key} is unknown"
        elif value is None:
            yield f"{where}: {key} is null"
        elif not accepted(schema[key]["kind"], value):
            yield f"{where}: {key} may not be {value!r}"


def faults_of_classes(where: str, component: dict[str, Any]) -> Iterator[str]:
    platform, name, unit = (component.get(k) for k in ("platform", "device_class", "unit_of_measurement"))
    if name in ACCOUNT["units"].get(platform, {}) and unit not in ACCOUNT["units"][platform][name]:
        yield f"{where}: {unit} is no unit of {name}"
    if name in ("enum", "timestamp") and (unit or "state_class" in component):
        yield f"{where}: {name} takes neither unit nor state class"
    state_class = component.get("state_class")
    if state_class and name and state_class not in ACCOUNT["state_classes"][name]:
        yield f"{where}: {state_class} is no state class of {name}"
    if platform == "sensor" and ("options" in component) != (name == "enum"):
        yield f"{where}: options and enum belong together"
    if "options" in component and not component["options"]:
        yield f"{where}: no options"


def faults(topic: str, whole: dict[str, Any]) -> list[str]:
    found = list(faults_of_keys("top", ACCOUNT["top"], whole))
    found += faults_of_keys("device", ACCOUNT["device"], whole["device"])
    found += faults_of_keys("origin", ACCOUNT["origin"], whole.get("origin", {}))
    if not re.fullmatch("homeassistant/" + ACCOUNT["topic"], topic):
        found.append(f"topic: {topic}")
    for key, component in whole["components"].items():
        inside = {name: value for name, value in component.items() if name != "platform"}
        if component["platform"] not in ACCOUNT["platforms"]:
            found.append(f"{key}: no platform {component['platform']}")
        elif inside:
            found += faults_of_keys(key, ACCOUNT["platforms"][component["platform"]], inside)
            found += faults_of_classes(key, component)
            found += [] if "unique_id" in inside else [f"{key}: no unique_id"]
    return found
