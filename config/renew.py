"""Writes what config/ has from tables: the schema of config.toml and its example's ranges and defaults, and the schema
of the names that payloads share: `scripts/renew`.
"""

import json
import re
from pathlib import Path
from typing import Any

from device.core.model.record import REASONS, Cause, Clock, Context, Intention, Place, Purpose, Reason, Side, Source
from device.core.model.view import ScreenName
from device.settings.keys import KEYS, SettingKey, schema

HERE = Path(__file__).parent
EXAMPLE, SCHEMA = HERE / "pump-companion.toml", HERE / "schemas" / "config.schema.json"
NAMES = HERE / "schemas" / "names.schema.json"
ENUMS = {
    "purpose": Purpose,
    "reason": Reason,
    "intention": Intention,
    "place": Place,
    "side": Side,
    "context": Context,
    "clock": Clock,
    "source": Source,
    "cause": Cause,
    "screen": ScreenName,
}


def renewed(example: str) -> str:
    """The example with each `# 1 to 24 stimulations; default 8.` as the table says it, in the table's order."""
    keys = iter(KEYS)
    return re.sub(r"(?m)^# .*; default .*\.$", lambda _: f"# {_range(next(keys))}", example)


def _range(key: SettingKey) -> str:
    default = "none" if key.default is None else json.dumps(key.default, ensure_ascii=False)
    if key.form != "{}":
        default = key.form.format(key.default)
    return f"{key.right[0].upper()}{key.right[1:]}; default {default}."


def names() -> dict[str, Any]:
    """Each enumeration whose names stand in payloads, and that a reason belongs to its purpose."""
    fits = [
        {
            "if": {"required": ["purpose", "reason"], "properties": {"reason": {"enum": reasons}}},
            "then": {"properties": {"purpose": {"const": purpose}}},
        }
        for purpose, reasons in REASONS.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Names",
        "description": "The names that topics, replies, commands and lines share; made by scripts/renew.",
        "$defs": {name: {"enum": list(enum)} for name, enum in ENUMS.items()}
        | {"reason_fits": {"description": "A reason belongs to its purpose.", "allOf": fits}},
    }


if __name__ == "__main__":
    for path, made in ((SCHEMA, schema()), (NAMES, names())):
        path.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    EXAMPLE.write_text(renewed(EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
