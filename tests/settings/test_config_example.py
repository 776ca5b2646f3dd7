"""The documented example and the JSON Schema of the configuration agree with the table of keys.

Both are for people and their editors, so nothing else would notice that they went stale.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.renew import EXAMPLE, SCHEMA, renewed
from device.settings import loading
from device.settings.keys import BY_NAME, KEYS, PIN_NAMES, SECTIONS, schema
from device.settings.loading import Config, Fault, load
from tests.support.effort import so_many


def loaded(folder: Path, text: str) -> tuple[Config | None, list[Fault]]:
    file = folder / "config.toml"
    file.write_text(text)
    return load(file, {})


def uncommented() -> str:
    return re.sub(r"(?m)^# (\w+ = )", r"\1", EXAMPLE.read_text())


def test_the_example_as_shipped_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    shipped, plain = loaded(tmp_path, EXAMPLE.read_text()), loaded(tmp_path, "[supply]\nbaseline = 8\n")
    assert shipped == plain
    assert shipped[0] is not None


def test_the_example_documents_every_key_with_range_and_default() -> None:
    document = tomllib.loads(uncommented())
    assert {name: [*table] for name, table in document.items()} == {
        name: [key.name for key in keys] for name, keys in SECTIONS.items()
    }
    sections = dict(re.findall(r"(?ms)^\[(\w+)\]\n(.*?)(?=^\[|\Z)", EXAMPLE.read_text()))
    for key in KEYS:
        about = re.search(rf"(?m)((?:^# .*\n)+)(?:# )?{key.name} = (.*)$", sections[key.section])
        assert about is not None, key.full
        assert key.meaning.lower() in about[1].lower()
        [default] = re.findall(r"; default (.*)\.\n", about[1])
        if key.default not in (None, {}):
            assert about[2] == default


def test_the_example_s_ranges_and_defaults_are_the_table_s() -> None:
    assert EXAMPLE.read_text().count("; default ") == len(KEYS)
    assert renewed(EXAMPLE.read_text()) == EXAMPLE.read_text(), "scripts/renew"


def test_every_line_of_the_example_may_be_uncommented(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator(schema()).validate(tomllib.loads(uncommented()))
    text = uncommented().replace("tls = false", "tls = true")
    for name in ("mqtt-password", "ca.crt", "pump.crt", "pump.key"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    assert [str(fault) for fault in loaded(tmp_path, text)[1]] == []


def test_the_schema_too_takes_a_file_without_a_key_for_a_broken_one() -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid({})
    assert jsonschema.Draft202012Validator(schema()).is_valid({"device": {"id": "pump"}})


def test_the_schema_file_is_current() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "device.settings.loading"], check=True, capture_output=True, cwd=EXAMPLE.parent.parent
    ).stdout
    assert SCHEMA.read_bytes() == written, "scripts/renew"
    jsonschema.Draft202012Validator.check_schema(json.loads(written))


@pytest.mark.parametrize(
    "text",
    [
        "colour = 1\n",
        "[moter]\npin = 17\n",
        "[supply]\nbaselin = 8\n",
        "supply = 8\n",
        "[[supply]]\nbaseline = 8\n",
        "[serial.patterns]\nstop = 'x'\n",
        "[serial.patterns]\nSTOP = '('\n",
        "[serial.patterns]\nSTOP = []\n",
        "[buttons]\nleft = 5\nright = 6\n",
        "[mqtt]\npassword = 'hunter2'\n",
    ],
)
def test_the_schema_refuses_what_the_configuration_refuses(text: str, tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    assert not validator.is_valid(tomllib.loads(text))
    assert loaded(tmp_path, text)[0] is None


def values(name: str) -> st.SearchStrategy[object]:
    key = BY_NAME[name]
    near = [key.low - 1, key.low, key.high, key.high + 1, key.default, *key.choices, *list(PIN_NAMES)[:9]]
    junk = [
        True,
        0,
        "",
        " ",
        "a:1",
        "fe80::1",
        "a/b",
        "#",
        "é",
        "x" * 300,
        [],
        {},
        "23:59-00:00",
        "24:00-01:00",
        "none",
        "5",
        -1,
        28,
    ]
    return st.sampled_from([value for value in near + junk if value is not None])


@settings(max_examples=so_many(300))
@given(data=st.data())
def test_the_schema_and_the_configuration_agree_on_any_value(data: st.DataObject) -> None:
    # Paths, and what only shows beside other keys, are not the schema's to see.
    name = data.draw(st.sampled_from([k.full for k in KEYS if k.kind != "file" and k.section != "session"]))
    value = data.draw(values(name))
    section, key = name.split(".")
    table = {section: {key: value}}
    if section == "buttons" and key in ("left", "middle", "right"):
        return
    schema_says = jsonschema.Draft202012Validator(schema()).is_valid(table)
    draft = loading._Draft(Path("/"), "")
    assert schema_says == (not list(loading._read_document(table, draft))), (name, value)
