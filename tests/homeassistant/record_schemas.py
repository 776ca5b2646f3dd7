"""Writes down what an installed Home Assistant accepts of a device announcement, as JSON on stdout.
It is run by hand inside that Home Assistant's Python when a new version is to be checked against (see README.md).
"""

import json
import sys
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from typing import Any

PLATFORMS = ("binary_sensor", "button", "event", "image", "number", "select", "sensor")


def named(validator: Any) -> str:
    return getattr(validator, "__name__", type(validator).__name__)


def kind(validator: Any) -> Any:
    """A list of the values that may stand there, or the validators' names, from the outside in."""
    if isinstance(validator, list):
        return ["each", *(kind(one) for one in validator)] if validator else "list"
    if isinstance(validator, dict):
        return "object"
    if validator is None or isinstance(validator, str | int | float):
        return {"value": validator}
    if (inner := getattr(validator, "validators", None)) is not None:
        return {named(validator): [kind(one) for one in inner]}
    if (container := getattr(validator, "container", None)) is not None:
        return {"one_of": sorted(map(str, container))}
    target = getattr(validator, "type", None) or getattr(validator, "target_type", None)
    if isinstance(target, type):
        return {"one_of": [str(one.value) for one in target]} if issubclass(target, Enum) else named(target)
    if isinstance(validator, type) and issubclass(validator, Enum):
        return {"one_of": [str(one.value) for one in validator]}
    return named(validator)


def mapping(schema: Any) -> dict[Any, Any]:
    """The dictionary inside a schema, however deeply it is wrapped in All."""
    while not isinstance(schema, dict):
        inner = getattr(schema, "validators", None)
        if inner is None:
            schema = schema.schema
        else:
            schema = next(one for one in inner if hasattr(one, "schema") or isinstance(one, dict))
    return schema


def keys(schema: Any) -> dict[str, Any]:
    found = {}
    for marker, validator in mapping(schema).items():
        required = type(marker).__name__ == "Required"
        found[str(getattr(marker, "schema", marker))] = {"required": required, "kind": kind(validator)}
    return dict(sorted(found.items()))


def units(table: dict[Any, Any]) -> dict[str, list[str | None]]:
    return {
        str(name): sorted((None if one is None else str(one) for one in allowed), key=str)
        for name, allowed in sorted(table.items())
    }


def main() -> None:
    mqtt = "homeassistant.components.mqtt"
    schemas = import_module(f"{mqtt}.schemas")
    sensor = import_module("homeassistant.components.sensor.const")
    number = import_module("homeassistant.components.number.const")
    binary = import_module("homeassistant.components.binary_sensor")
    account = {
        "homeassistant": import_module("homeassistant.const").__version__,
        "recorded": datetime.now(UTC).date().isoformat(),
        "top": keys(schemas.DEVICE_DISCOVERY_SCHEMA),
        "device": keys(schemas.MQTT_DEVICE_INFO_SCHEMA),
        "origin": keys(schemas.MQTT_ORIGIN_INFO_SCHEMA),
        "platforms": {name: keys(import_module(f"{mqtt}.{name}").DISCOVERY_SCHEMA) for name in PLATFORMS},
        "topic": import_module(f"{mqtt}.discovery").TOPIC_MATCHER.pattern,
        "blocked_attributes": sorted(import_module(f"{mqtt}.entity").MQTT_ATTRIBUTES_BLOCKED),
        "classes": {
            "binary_sensor": sorted(str(one) for one in binary.BinarySensorDeviceClass),
            "number": sorted(str(one) for one in number.NumberDeviceClass),
            "sensor": sorted(str(one) for one in sensor.SensorDeviceClass),
        },
        "units": {"number": units(number.DEVICE_CLASS_UNITS), "sensor": units(sensor.DEVICE_CLASS_UNITS)},
        "state_classes": units(sensor.DEVICE_CLASS_STATE_CLASSES),
        "state_class_names": sorted(str(one) for one in sensor.SensorStateClass),
        "categories": sorted(str(one) for one in import_module("homeassistant.const").EntityCategory),
    }
    json.dump(account, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
