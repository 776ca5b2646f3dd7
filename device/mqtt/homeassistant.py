"""The announcement by which Home Assistant finds the pump: every entity in one table, and the messages made of it.
It exists so that nobody has to write a line of YAML to see a session, answer its why or correct its amount.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar

import msgspec

from device.core.model.record import LARGEST_VOLUME_ML
from device.core.rules.amounts import ML_PER_OZ
from device.wire.gate import CLEARED, Outgoing, Passed, lets_out, passed
from device.wire.payloads import Publishing
from device.words.en import EN
from device.words.shape import IntentionWords, OutlookWords, PurposeWords, ReasonWords, Words

Name = TypeVar("Name", bound=str)
Units = Literal["ml", "oz"]

_UNITS: Final = {"ml": "mL", "oz": "fl. oz."}  # Home Assistant's own spellings, others are refused
_STEPS: Final = {"ml": 1, "oz": 0.01}
_DIGITS: Final = {"ml": 0, "oz": 2}
# Home Assistant drops the rest of an announcement while one of its entities is still being made, so what follows a
# whole one waits (seen on 2026.11: without a pause after its restart, half of what should go stayed).
SETTLE_S: Final = 2.0


class Announcing(msgspec.Struct, frozen=True):
    """What the device is called and configured to tell, in which words. The prefixes have no slash at the end."""

    device_id: str
    name: str
    prefix: str
    discovery_prefix: str
    version: str
    units: Units
    publish: Publishing
    mirror_screen: bool
    words: Words = EN

    @property
    def topic(self) -> str:
        return f"{self.discovery_prefix}/device/pump-companion-{self.device_id}/config"


class Announced(msgspec.Struct, frozen=True):
    """One message for the broker, QoS 1. An empty payload clears what is retained on the topic."""

    topic: str
    payload: Passed
    retain: bool


class Entity(msgspec.Struct, frozen=True):
    """One row of the table. `key` and `platform` never change once released: take a new key, retire the old. Its name
    is among the words. Where a state is a word, an attribute has the contract's name for it: words differ by language.

    `state`, `command` and `attributes` are topics below the device's own; `facts` are the other keys of
    Home Assistant's discovery, in full. `private` is gone in a summary, `mirror` is there only with the screen.
    """

    key: str
    platform: str
    icon: str = ""
    category: str = ""
    device_class: str = ""
    unit: str = ""
    state_class: str = ""
    state: str = ""
    value: str = ""
    command: str = ""
    attributes: tuple[str, str] | None = None
    facts: dict[str, Any] = {}
    private: bool = True
    mirror: bool = False


def _options(rows: Mapping[Name, str | PurposeWords | ReasonWords | IntentionWords | OutlookWords]) -> dict[str, str]:
    """Return a table of wire words and Home Assistant's plain ones, as templates hold it."""
    words = {str(name): row if isinstance(row, str) else row.home for name, row in rows.items()}
    return {name: word for name, word in words.items() if word is not None}


def _field(*path: str) -> str:
    """Return the expression that reads a field of the message: none where anything on the way is missing."""
    found = "(value_json | default({}, true))"
    for step in path[:-1]:
        found = f"({found}.get('{step}') or {{}})"
    return f"{found}.get('{path[-1]}')"


def _attributes(topic: str, attributes: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """Return the topic and the template of an entity's attributes: fields of the message by the names they get."""
    pairs = ", ".join(f"'{name}': {_field(*path)}" for name, path in attributes.items())
    return topic, "{{ {" + pairs + "} | to_json }}"


def _show(*path: str) -> str:
    return "{{ " + _field(*path) + " }}"


def _word(words: dict[str, str], *path: str) -> str:
    """Return the template that says a wire word in plain words: none for a word that this table lacks."""
    return "{{ " + f"{words}.get({_field(*path)})" + " }}"


def _classify(field: str, words: dict[str, str]) -> str:
    """Return the command template of a select. The id of the session shown goes with the answer, so that one
    given while the next session starts reaches the record it was meant for.
    """
    wire = {word: name for name, word in words.items()}
    return _COMMAND % f"'command': 'classify', '{field}': {wire}[value]"


_COMMAND: Final = (
    "{%% set id = this.attributes.get('session') %%}{{ dict({%s}, **({'session': id} if id else {})) | to_json }}"
)
_SESSION: Final = {"session": ("id",), "number": ("number",), "ended_at": ("ended_at",)}
_SUGGESTED: Final = ("state", "{{ (" + _field("suggestion") + " or {}) | to_json }}")
_MINUTES: Final = "{% set t = " + _field("pumping_s") + " %}{{ none if t is none else (t / 60) | round(2) }}"

# Every revision of every record crosses the `session` topic; the event may fire once for each session. What fired
# last is remembered in its own attributes, which survive a restart. A session is new when its number is higher,
# and it did not end before that one began (an old record that was imported); or when it began after that one ended
# (the record was forgotten and counts from 1 again) and nobody moved it there. Unsynced times are not compared with
# others, for what a later revision makes of them is no end: only the revision that ended a session speaks then.
# Where nothing ever fired, an old record that is only being corrected stays silent.
_ENDED: Final = (
    "{% set s = value_json | default({}, true) %}{% set last = this.attributes %}"
    "{% set number = s.get('number') or 0 %}{% set sources = s.get('sources') or [] %}"
    "{% set just = s.get('cause') in ('ended', 'interrupted') %}"
    "{% set recent = (s.get('ended_at') or '') > (utcnow() - timedelta(hours=12)).isoformat() %}"
    "{% set synced = 'unsynced' not in (s.get('clock'), last.get('clock')) %}"
    "{% set older = synced and (s.get('ended_at') or '9') < (last.get('started_at') or '') %}"
    "{% set later = (s.get('started_at') or '') > (last.get('ended_at') or '9') %}"
    "{% if s.get('state') == 'ended' and not s.get('deleted')"
    " and 'added' not in sources and 'import' not in sources and ((just or recent)"
    " if last.get('number') is none else s.get('id') != last.get('session')"
    " and (number > last.get('number') and not older"
    " or later and (just or synced and s.get('cause') != 'edited'))) %}"
    "{{ {'event_type': 'ended', 'session': s.get('id'), 'number': number,"
    " 'started_at': s.get('started_at'), 'ended_at': s.get('ended_at'),"
    " 'pumping_s': s.get('pumping_s'), 'counted': s.get('counted'), 'interrupted': s.get('interrupted'),"
    " 'clock': s.get('clock'), 'purpose': s.get('purpose'), 'reason': s.get('reason'),"
    " 'intention': s.get('intention'), 'volume_ml': s.get('volume_ml'), 'use_by': s.get('use_by')}"
    " | to_json }}{% endif %}"
)


def _select(key: str, icon: str, words: dict[str, str]) -> Entity:
    return Entity(
        key=key, platform="select", icon=icon, state="session/last", value=_word(words, key),
        command="command", attributes=_attributes("session/last", {**_SESSION, key: (key,)}),
        facts={"options": list(words.values()), "command_template": _classify(key, words)},
    )  # fmt: skip


def _button(key: str, icon: str, **command: str | bool) -> Entity:
    pressed = msgspec.json.encode(command).decode()
    return Entity(
        key=key, platform="button", icon=icon, command="command",
        facts={"payload_press": pressed}, private=False,
    )  # fmt: skip


def _in_units(units: Units, *path: str) -> str:
    if units == "ml":
        return _show(*path)
    return f"{{% set v = {_field(*path)} %}}{{{{ none if v is none else (v / {ML_PER_OZ}) | round(2) }}}}"


def _enum(key: str, icon: str, options: dict[str, str], **rest: Any) -> Entity:
    return Entity(key, "sensor", icon, device_class="enum", facts={"options": list(options.values())}, **rest)


def _part_health(key: str, icon: str, part: str, options: dict[str, str]) -> Entity:
    """Return the row for a part of the diagnostics, whose state may stand beside its counts or alone."""
    state = "part.get('state') if part is mapping else part"
    value = f"{{% set part = {_field(part)} %}}{{{{ {options}.get({state}) }}}}"
    return _enum(key, icon, options, category="diagnostic", state="diagnostics", value=value, private=False)


def _now(words: Words) -> tuple[Entity, ...]:
    phases, purposes = _options(words.home.phases), _options(words.purposes)
    return (
        Entity("pumping", "binary_sensor", device_class="running", state="state",
               value=_word({"pumping": "ON", "paused": "OFF", "idle": "OFF"}, "phase"), private=False),
        Entity("session_running", "binary_sensor", device_class="running", state="state",
               value=_word({"pumping": "ON", "paused": "ON", "idle": "OFF"}, "phase"), private=False),
        _enum("phase", "mdi:timer-play-outline", phases, state="state", value=_word(phases, "phase"),
              attributes=_attributes("state", {"phase": ("phase",)}), private=False),
        _enum("suggestion", "mdi:lightbulb-outline", purposes, state="state",
              value=_word(purposes, "suggestion", "purpose"), attributes=_SUGGESTED),
    )  # fmt: skip


_BUTTONS: Final = (
    _button("nursed_effective", "mdi:mother-nurse", command="nursing", effective=True),
    _button("nursed_ineffective", "mdi:mother-nurse", command="nursing",
            effective=False),
    _button("start", "mdi:play", command="start"),
    _button("stop", "mdi:stop", command="stop"),
)  # fmt: skip


def _device(words: Words) -> tuple[Entity, ...]:
    return (
        Entity("baseline", "number", "mdi:ray-vertex", "config", state="today",
               value=_show("baseline"), command="command", private=False,
               facts={"min": 1, "max": 24, "step": 1, "mode": "box", "command_template":
                      "{{ {'command': 'baseline', 'stimulations': value | round | int} | to_json }}"}),
        Entity("screen", "image", "mdi:monitor-small", "diagnostic", mirror=True,
               facts={"content_type": "image/png"}),
        Entity("outbox", "sensor", "mdi:tray-full", "diagnostic", state_class="measurement",
               state="diagnostics", value=_show("outbox"), private=False),
        Entity("clock", "binary_sensor", "", "diagnostic", "problem", state="diagnostics",
               value=_word({"synced": "OFF", "unsynced": "ON"}, "clock"), private=False),
        _part_health("pump_link", "mdi:serial-port", "serial", _options(words.home.links)),
        _part_health("display", "mdi:monitor-small", "display", _options(words.home.displays)),
        _part_health("storage", "mdi:sd", "store", _options(words.home.stores)),
        Entity("started", "sensor", "", "diagnostic", "timestamp", state="diagnostics",
               value=_show("started_at"), facts={"enabled_by_default": False}, private=False),
    )  # fmt: skip


def _session(units: Units, words: Words) -> tuple[Entity, ...]:
    """Return the rows about the last session, which is the running one while there is one."""
    unit, step = _UNITS[units], _STEPS[units]
    ml = "value" if units == "ml" else f"value * {ML_PER_OZ}"
    most = LARGEST_VOLUME_ML if units == "ml" else round(LARGEST_VOLUME_ML / ML_PER_OZ, 2)
    return (
        Entity("session_ended", "event", "mdi:flag-checkered", state="session",
               value=_ENDED, facts={"event_types": ["ended"]}),
        _select("purpose", "mdi:help-circle-outline", _options(words.purposes)),
        _select("reason", "mdi:comment-question-outline", _options(words.reasons)),
        _select("intention", "mdi:baby-bottle-outline", _options(words.intentions)),
        Entity("volume", "number", "mdi:cup-water", device_class="volume", unit=unit, state="session/last",
               value=_in_units(units, "volume_ml"), command="command",
               attributes=_attributes("session/last", _SESSION),
               facts={"min": 0, "max": most, "step": step, "mode": "box",
                      "command_template": _COMMAND % f"'command': 'volume', 'ml': ({ml}) | round | int"}),
        Entity("expectation", "sensor", "mdi:cup-outline", device_class="volume_storage",
               unit=unit, state="session/last", value=_in_units(units, "expectation_ml"),
               facts={"suggested_display_precision": _DIGITS[units]}),
        Entity("use_by", "sensor", "mdi:calendar-clock", device_class="timestamp",
               state="session/last", value=_show("use_by")),
        Entity("session_began", "sensor", "mdi:clock-start", device_class="timestamp",
               state="session/last", value=_show("started_at")),
        Entity("pumping_time", "sensor", device_class="duration", unit="min",
               state_class="measurement", state="session/last", value=_MINUTES,
               facts={"suggested_display_precision": 0}),
    )  # fmt: skip


def _milk_in(key: str, icon: str, units: Units, field: str) -> Entity:
    """Return the row for the milk that is kept in one place."""
    return Entity(key, "sensor", icon, device_class="volume_storage", unit=_UNITS[units], state_class="measurement",
                  state="today", value=_in_units(units, "milk", field),
                  facts={"suggested_display_precision": _DIGITS[units]})  # fmt: skip


def _day(units: Units, words: Words) -> tuple[Entity, ...]:
    outlooks = _options(words.outlooks)
    return (
        Entity("stimulations_24h", "sensor", "mdi:counter", state_class="measurement",
               state="today", value=_show("last_24h", "stimulations"), private=False),
        Entity("last_stimulation", "sensor", device_class="timestamp", state="today",
               value=_show("last_stimulation_at"), private=False),
        Entity("volume_24h", "sensor", "mdi:cup", device_class="volume_storage",
               unit=_UNITS[units], state_class="measurement", state="today",
               value=_in_units(units, "last_24h", "volume_ml"),
               facts={"suggested_display_precision": _DIGITS[units]}),
        Entity("unclassified", "sensor", "mdi:help-box-multiple-outline",
               state_class="measurement", state="today", value=_show("unclassified")),
        _milk_in("milk_fridge", "mdi:fridge-outline", units, "fridge_ml"),
        _milk_in("milk_freezer", "mdi:snowflake", units, "freezer_ml"),
        Entity("milk_next", "sensor", "mdi:calendar-clock", device_class="timestamp", state="today",
               value=_show("milk", "next_use_by")),
        _enum("outlook", "mdi:trending-up", outlooks, state="today", value=_word(outlooks, "outlook", "label"),
              attributes=_attributes("today", {name: ("outlook", name) for name in ("label", "now", "coming")})),
    )  # fmt: skip


def _table(units: Units, words: Words) -> tuple[Entity, ...]:
    """Return every entity there is, whatever the configuration."""
    return _now(words) + _session(units, words) + _day(units, words) + _BUTTONS + _device(words)


def slug(name: str) -> str:
    """Return a name as Home Assistant writes it in an entity's id: `Breast pump Milk for` is breast_pump_milk_for."""
    plain = name.casefold()
    if not plain.isascii():  # most names are, and Unicode's tables are 0.7 MiB
        from unicodedata import combining, normalize

        plain = "".join(sign for sign in normalize("NFKD", plain) if not combining(sign))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _component(entity: Entity, about: Announcing, base: str) -> dict[str, Any]:
    """Return one entity as Home Assistant wants it: nothing in it is null, what is empty is left out."""
    attributes_topic, attributes_template = entity.attributes or ("", "")
    english = f"{about.name} {EN.home.entities[entity.key]}"
    named = {
        "icon": entity.icon,
        "entity_category": entity.category,
        "device_class": entity.device_class,
        "unit_of_measurement": entity.unit,
        "state_class": entity.state_class,
        "state_topic": entity.state and base + entity.state,
        "value_template": entity.value,
        "command_topic": entity.command and base + entity.command,
        "json_attributes_topic": attributes_topic and base + attributes_topic,
        "json_attributes_template": attributes_template,
        "image_topic": base + "screen" if entity.mirror else "",
    }
    return {
        "platform": entity.platform,
        "unique_id": f"pump-companion-{about.device_id}_{entity.key}",
        "default_entity_id": f"{entity.platform}.{slug(english)}",
        "name": about.words.home.entities[entity.key],
        **{key: fact for key, fact in named.items() if fact},
        **entity.facts,
    }


def _message(about: Announcing, table: tuple[Entity, ...], retired: tuple[Entity, ...] = ()) -> Passed:
    base = f"{about.prefix}/{about.device_id}/"
    components = {entity.key: _component(entity, about, base) for entity in table}
    # Only its platform under its key makes Home Assistant let an entity go; leaving the key out keeps it.
    components |= {entity.key: {"platform": entity.platform} for entity in retired}
    return passed(
        Outgoing.ANNOUNCEMENT,
        {
            "device": {
                "identifiers": [f"pump-companion-{about.device_id}"],
                "name": about.name,
                "manufacturer": "Pump companion",
                "model": "Pump companion for Raspberry Pi",
                "sw_version": about.version,
            },
            "origin": {"name": "pump-companion", "sw_version": about.version},
            "availability_topic": base + "availability",
            "qos": 1,
            "components": components,
        },
        about.publish,
    )


def announcement(about: Announcing) -> list[Announced]:
    """Return the messages that announce the device, in order, for every connection and every birth message.

    What this configuration does not have is retired in two messages: Home Assistant lets an entity go only where it
    has seen it whole in this run, so the first, which the broker does not keep, has everything, and the second
    has only the platform of what goes.
    """
    table = _table(about.units, about.words)
    kept = tuple(
        entity
        for entity in table
        if (not entity.private or lets_out(Outgoing.SESSION, about.publish))
        and (about.mirror_screen or not entity.mirror)
    )
    retired = tuple(entity for entity in table if entity not in kept)
    whole = Announced(about.topic, _message(about, table), retain=False)
    last = Announced(about.topic, _message(about, kept, retired), retain=True)
    return [whole, last] if retired else [last]


def retirement(about: Announcing) -> list[Announced]:
    """Return the messages that take the device away: everything it ever had, whole, then nothing.

    Ghosts of what an earlier configuration had go with the rest, so it does not matter what this one tells.

    The caller waits `SETTLE_S` between the two. A Home Assistant that was away when the device left keeps ghosts
    of it, which go only where it has seen the whole first. The device's other topics are cleared after them.
    """
    whole = _message(about, _table(about.units, about.words))
    return [Announced(about.topic, whole, retain=True), Announced(about.topic, CLEARED, retain=True)]
