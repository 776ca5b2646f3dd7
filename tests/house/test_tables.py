"""No table has a hole: each has a row for every member of what it is about.

What `match` decides needs no test: there `assert_never` has mypy name what was forgotten.
"""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import fields

from device.core.model.effects import Topic
from device.core.model.events import Command
from device.mqtt import homeassistant
from device.mqtt.publisher import LIVE_TOPICS
from device.settings.keys import READERS, Kind
from device.wire.commands import ATTRIBUTES, COMMANDS
from device.wire.gate import IN_GENERAL, SUMMARY, Outgoing
from device.words.en import EN
from tests.support.wire import TOPICS

SCHEMAS = Path(__file__).parents[2] / "config" / "schemas"


def test_every_command_is_read_by_its_row() -> None:
    assert {row.type for row in COMMANDS.values()} == set(Command.__subclasses__())
    for name, row in COMMANDS.items():
        assert row.type.__struct_config__.tag == name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_field_of_a_command_is_read_and_required_where_it_must_be(name: str) -> None:
    row = COMMANDS[name]
    read = {ATTRIBUTES.get(field, field): about.required for field, about in row.fields.items()}
    assert read == {field.name: field.required for field in fields(row.type) if field.name != "request"}


def test_the_gate_knows_of_everything_that_is_said_what_may_leave() -> None:
    assert set(SUMMARY) == set(Outgoing)
    assert {*TOPICS, "availability", "screen"} - {"command", "reply"} <= set(Outgoing)
    codes = json.loads((SCHEMAS / "reply.schema.json").read_text())["else"]["properties"]["code"]["enum"]
    assert set(IN_GENERAL) <= set(codes)


def test_every_live_topic_is_published_and_taken_away_with_the_device() -> None:
    assert set(LIVE_TOPICS) == {*Topic, "screen"}


@pytest.mark.parametrize("entity", homeassistant._table("ml", EN), ids=lambda entity: entity.key)
def test_every_entity_has_a_name_reads_what_is_said_and_asks_for_what_can_be_done(
    entity: homeassistant.Entity,
) -> None:
    assert entity.key in EN.home.entities
    read = {topic for topic in (entity.state, entity.attributes and entity.attributes[0]) if topic}
    assert read <= {*LIVE_TOPICS, "session"}
    asked = entity.facts.get("payload_press") or entity.facts.get("command_template") or ""
    command = re.search("command['\"]: ?['\"]([a-z_]+)", asked)
    assert (command[1] in COMMANDS) if command else not entity.command


def test_every_kind_of_key_is_read() -> None:
    assert set(READERS) == set(get_args(Kind))
