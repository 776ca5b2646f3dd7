"""Writes the schema of config.toml, and its example's ranges and defaults, from the table of keys: `scripts/renew`."""

import json
import re
from pathlib import Path

from device.settings.keys import KEYS, SettingKey, schema

HERE = Path(__file__).parent
EXAMPLE, SCHEMA = HERE / "pump-companion.toml", HERE / "schemas" / "config.schema.json"


def renewed(example: str) -> str:
    """The example with each `# 1 to 24 stimulations; default 8.` as the table says it, in the table's order."""
    keys = iter(KEYS)
    return re.sub(r"(?m)^# .*; default .*\.$", lambda _: f"# {_range(next(keys))}", example)


def _range(key: SettingKey) -> str:
    default = "none" if key.default is None else json.dumps(key.default, ensure_ascii=False)
    if key.form != "{}":
        default = key.form.format(key.default)
    return f"{key.right[0].upper()}{key.right[1:]}; default {default}."


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    EXAMPLE.write_text(renewed(EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
