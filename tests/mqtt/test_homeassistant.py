"""Holds the announcement against a recorded account of Home Assistant's schemas, and renders every template in it.
It exists so that a mistake shows here and not as a line in somebody's log.
"""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]
from msgspec.structs import replace

from device.mqtt.homeassistant import Announced, Announcing, announcement, retirement, slug
from device.words import LANGUAGES
from device.words.homeassistant import in_each_language, names_in
from device.words.shape import Words
from tests.homeassistant.account import ACCOUNT, faults
from tests.homeassistant.rendering import DIAGNOSTICS, NOW, SESSION, STATE, TODAY, UNANSWERED, environment, rendered

HERE = Path(__file__).parents[1]
DASHBOARDS = HERE.parent / "dashboards" / "homeassistant"
ABOUT = Announcing(
    device_id="pump",
    name="Breast pump",
    prefix="pump-companion",
    discovery_prefix="homeassistant",
    version="1.2.3",
    units="ml",
    publish="full",
    mirror_screen=True,
)
EVERY = [
    {"units": units, "publish": publish, "mirror_screen": mirror}
    for units, publish, mirror in itertools.product(("ml", "oz"), ("full", "summary"), (True, False))
]


def message(announced: Announced) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(announced.payload)
    return found


def components(**changed: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = message(announcement(replace(ABOUT, **changed))[-1])["components"]
    return found


# ---- what Home Assistant accepts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", EVERY)
def test_home_assistant_accepts_every_announcement(changed: dict[str, Any]) -> None:
    for announced in (*announcement(replace(ABOUT, **changed)), *retirement(replace(ABOUT, **changed))[:1]):
        assert faults(announced.topic, message(announced)) == []


@pytest.mark.parametrize(
    ("key", "wrong", "fault"),
    [
        ("volume", {"unit_of_measurement": "ml"}, "ml is no unit of volume"),
        ("volume_24h", {"device_class": "volume"}, "measurement is no state class of volume"),
        ("volume", {"colour": "red"}, "colour is unknown"),
        ("purpose", {"icon": "help"}, "icon may not be 'help'"),
        ("purpose", {"icon": None}, "icon is null"),
        ("outlook", {"unit_of_measurement": "x"}, "enum takes neither unit nor state class"),
        ("outlook", {"device_class": "timestamp"}, "options and enum belong together"),
        ("outbox", {"entity_category": "config"}, "entity_category may not be 'config'"),
    ],
)
def test_the_account_names_a_mistake(key: str, wrong: dict[str, Any], fault: str) -> None:
    (announced,) = announcement(ABOUT)
    whole = message(announced)
    whole["components"][key] |= wrong
    assert any(fault in found for found in faults(announced.topic, whole))


# ---- what is announced -------------------------------------------------------------------------------------------

# Once released, a key, its platform and the unique id made of it stay: people's automations hang on them.
ENTITIES = {
    "pumping": "binary_sensor", "session_running": "binary_sensor", "phase": "sensor", "session_ended": "event",
    "purpose": "select", "reason": "select", "intention": "select", "volume": "number", "expectation": "sensor",
    "use_by": "sensor",
    "session_began": "sensor", "pumping_time": "sensor", "stimulations_24h": "sensor",
    "last_stimulation": "sensor", "volume_24h": "sensor", "unclassified": "sensor", "outlook": "sensor",
    "milk_fridge": "sensor", "milk_freezer": "sensor", "milk_next": "sensor",
    "suggestion": "sensor", "nursed_effective": "button", "nursed_ineffective": "button", "start": "button",
    "stop": "button", "baseline": "number", "screen": "image", "outbox": "sensor", "clock": "binary_sensor",
    "pump_link": "sensor", "display": "sensor", "storage": "sensor", "started": "sensor",
}  # fmt: skip
PUBLIC = {
    "pumping", "session_running", "phase", "stimulations_24h", "last_stimulation", "baseline", "nursed_effective",
    "nursed_ineffective", "start", "stop", "outbox", "clock", "pump_link", "display", "storage", "started",
}  # fmt: skip


def test_every_entity_is_there_under_its_lasting_name() -> None:
    found = components()
    assert {key: component["platform"] for key, component in found.items()} == ENTITIES
    assert {component["unique_id"] for component in found.values()} == {
        f"pump-companion-pump_{key}" for key in ENTITIES
    }


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_names_every_entity_and_tells_its_options_apart(words: Words) -> None:
    assert set(words.home.entities) == set(ENTITIES)
    found = components(words=words)
    assert {key: component["name"] for key, component in found.items()} == dict(words.home.entities)
    for component in found.values():
        options = component.get("options", [])
        assert len(set(options)) == len(options)


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_entity_ids_are_announced_in_english_whatever_the_language(words: Words) -> None:
    english, found = components(), components(words=words)
    assert {key: row["default_entity_id"] for key, row in found.items()} == {
        key: row["default_entity_id"] for key, row in english.items()
    }
    assert found["intention"]["default_entity_id"] == "select.breast_pump_milk_for"
    assert {row["default_entity_id"].partition(".")[0] for row in found.values()} == set(ENTITIES.values())
    assert len({row["default_entity_id"] for row in found.values()}) == len(ENTITIES)


def test_an_entity_id_is_plain_whatever_the_device_is_called() -> None:
    assert slug("Grüße: Élodie’s  pump!") == "grusse_elodie_s_pump"
    found = components(name="Grüße: Élodie’s  pump!")
    assert found["phase"]["default_entity_id"] == "sensor.grusse_elodie_s_pump_phase"


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("key", ["purpose", "reason", "intention"])
def test_a_select_says_each_answer_in_the_language_and_gives_its_name_back(key: str, words: Words) -> None:
    rows: dict[str, Any] = {"purpose": words.purposes, "reason": words.reasons, "intention": words.intentions}
    for name, row in rows[key].items():
        record = SESSION | {key: str(name)}
        assert shown(key, record, words=words) == row.home
        assert command(key, row.home, words=words)[key] == str(name)
        attributes = components(words=words)[key]["json_attributes_template"]
        assert json.loads(rendered(attributes, json.dumps(record)))[key] == str(name)


def test_a_change_of_language_is_another_announcement() -> None:
    told = {announcement(replace(ABOUT, words=words))[-1].payload for words in LANGUAGES.values()}
    assert len(told) == len(LANGUAGES)


def test_no_two_devices_can_share_a_unique_id() -> None:
    assert not [(a, b) for a in ENTITIES for b in ENTITIES if a.endswith("_" + b)]


def test_names_are_plain_and_do_not_repeat_the_device() -> None:
    names = [component["name"] for component in components().values()]
    assert len(set(names)) == len(names)
    for name in names:
        assert name[0].isupper()
        assert name[1:] == name[1:].lower()
        assert "breast pump" not in name.lower()


def test_topics_follow_the_prefixes_and_the_device_id() -> None:
    told = announcement(replace(ABOUT, device_id="Pump_2-b", prefix="home/milk", discovery_prefix="ha/found"))
    (announced,) = told
    whole = message(announced)
    assert announced.topic == "ha/found/device/pump-companion-Pump_2-b/config"
    assert whole["device"]["identifiers"] == ["pump-companion-Pump_2-b"]
    assert whole["availability_topic"] == "home/milk/Pump_2-b/availability"
    for component in whole["components"].values():
        assert component["unique_id"].startswith("pump-companion-Pump_2-b_")
        for key, value in component.items():
            assert not key.endswith("_topic") or value.startswith("home/milk/Pump_2-b/")


def test_a_whole_configuration_is_one_retained_message() -> None:
    (announced,) = announcement(ABOUT)
    assert announced.retain
    assert len(announced.payload) < 20_000


def test_a_screen_that_is_not_mirrored_is_shown_whole_and_then_retired() -> None:
    first, last = announcement(replace(ABOUT, mirror_screen=False))
    assert (first.topic, first.retain, last.retain) == (last.topic, False, True)
    assert message(first)["components"] == components()
    assert message(last)["components"] == components() | {"screen": {"platform": "image"}}


@pytest.mark.parametrize("mirror", [True, False])
def test_a_summary_retires_everything_private(mirror: bool) -> None:
    first, last = announcement(replace(ABOUT, publish="summary", mirror_screen=mirror))
    assert message(first)["components"] == components()
    left = message(last)["components"]
    assert {key for key, component in left.items() if len(component) > 1} == PUBLIC
    assert {key: component["platform"] for key, component in left.items()} == ENTITIES
    assert not {"session", "session/last", "screen"} & {
        topic.removeprefix("pump-companion/pump/")
        for component in left.values() for key, topic in component.items() if key.endswith("_topic")
    }  # fmt: skip


@pytest.mark.parametrize("changed", EVERY)
def test_leaving_shows_everything_once_more_and_then_nothing(changed: dict[str, Any]) -> None:
    first, last = retirement(replace(ABOUT, **changed))
    assert set(message(first)["components"]) == set(ENTITIES)
    assert all("unique_id" in component for component in message(first)["components"].values())
    assert (last.topic, last.payload, last.retain) == (first.topic, b"", True)


# ---- what the templates make of a message ------------------------------------------------------------------------


def shown(key: str, payload: Any, **changed: Any) -> str:
    return rendered(components(**changed)[key]["value_template"], json.dumps(payload))


@pytest.mark.parametrize(
    ("key", "payload", "state"),
    [
        ("pumping", STATE, "ON"),
        ("pumping", STATE | {"phase": "paused"}, "OFF"),
        ("pumping", STATE | {"phase": "idle", "session": None}, "OFF"),
        ("phase", STATE | {"phase": "paused"}, "Paused"),
        ("suggestion", STATE, "Protect"),
        ("suggestion", STATE | {"suggestion": None}, "None"),
        ("purpose", SESSION, "Protect"),
        ("reason", SESSION, "In place of nursing"),
        ("intention", SESSION, "Fridge"),
        ("volume", SESSION, "85"),
        ("volume", SESSION | {"volume_ml": 0}, "0"),
        ("volume", SESSION | {"volume_ml": 2000}, "2000"),
        ("expectation", SESSION, "90"),
        ("use_by", SESSION, "2026-03-05T03:30:50Z"),
        ("session_began", SESSION, "2026-03-01T03:12:08Z"),
        ("pumping_time", SESSION, "18.3"),
        ("purpose", UNANSWERED, "None"),
        ("reason", UNANSWERED, "None"),
        ("intention", UNANSWERED, "None"),
        ("volume", UNANSWERED, "None"),
        ("use_by", UNANSWERED, "None"),
        ("stimulations_24h", TODAY, "6"),
        ("last_stimulation", TODAY, "2026-03-01T03:12:08Z"),
        ("volume_24h", TODAY, "340"),
        ("unclassified", TODAY, "2"),
        ("milk_fridge", TODAY, "340"),
        ("milk_freezer", TODAY, "1250"),
        ("milk_next", TODAY, "2026-03-02T09:30:00Z"),
        ("milk_next", TODAY | {"milk": {"fridge_ml": 0, "next_use_by": None}}, "None"),
        ("milk_fridge", {name: value for name, value in TODAY.items() if name != "milk"}, "None"),
        ("baseline", TODAY, "8"),
        ("outlook", TODAY, "Falling"),
        ("outlook", TODAY | {"outlook": {"label": "unknown", "now": None, "coming": None}}, "None"),
        ("outbox", DIAGNOSTICS, "0"),
        ("clock", DIAGNOSTICS, "OFF"),
        ("clock", DIAGNOSTICS | {"clock": "unsynced"}, "ON"),
        ("pump_link", DIAGNOSTICS, "Up"),
        ("pump_link", DIAGNOSTICS | {"serial": {"state": "off"}}, "Off"),
        ("display", DIAGNOSTICS | {"display": "failed"}, "Failed"),
        ("storage", DIAGNOSTICS | {"store": {"state": "ok"}}, "In order"),
        ("storage", DIAGNOSTICS | {"store": {"state": "full"}}, "Full"),
        ("started", DIAGNOSTICS, "2026-02-27T10:00:00Z"),
    ],
)
def test_a_message_is_shown_in_plain_words(key: str, payload: dict[str, Any], state: str) -> None:
    assert shown(key, payload) == state


def templates() -> list[tuple[str, str, str]]:
    return [
        (key, name, component[name])
        for key, component in components().items()
        for name in ("value_template", "json_attributes_template")
        if name in component and key != "session_ended"
    ]


@pytest.mark.parametrize("payload", ["", "null", "{}", "not json", '{"newer": [1, {"field": null}], "schema": 2}'])
@pytest.mark.parametrize("units", ["ml", "oz"])
def test_a_cleared_or_strange_message_is_no_value_and_no_error(payload: str, units: str) -> None:
    for component in components(units=units).values():
        if "value_template" in component and component["platform"] != "event":
            assert rendered(component["value_template"], payload) == "None"
        if "json_attributes_template" in component:
            assert not any(json.loads(rendered(component["json_attributes_template"], payload)).values())


@pytest.mark.parametrize("example", [STATE, SESSION, TODAY, DIAGNOSTICS])
def test_any_field_may_be_null_or_missing(example: dict[str, Any]) -> None:
    for key, name, template in templates():
        for field in example:
            without = {one: value for one, value in example.items() if one != field}
            for payload in (example | {field: None}, without, example | {"newer": {"a": 1}}):
                assert rendered(template, json.dumps(payload)) != "", (key, name, field)


def test_a_word_from_a_newer_version_is_no_value() -> None:
    assert shown("purpose", SESSION | {"purpose": "soothe"}) == "None"
    assert shown("phase", STATE | {"phase": "warming"}) == "None"


@pytest.mark.parametrize("key", ["purpose", "reason", "intention", "outlook", "suggestion", "phase"])
def test_every_option_can_be_shown(key: str) -> None:
    component = components()[key]
    words = set(re.findall(r"'(\w+)': '[^']+'", component["value_template"]))
    payloads = [
        {key: word, "outlook": {"label": word}, "suggestion": {"purpose": word}} if key not in ("outlook", "suggestion")
        else {"outlook": {"label": word}, "suggestion": {"purpose": word}}
        for word in words
    ]  # fmt: skip
    assert {rendered(component["value_template"], json.dumps(payload)) for payload in payloads} == set(
        component["options"]
    )


def test_attributes_are_few_and_none_of_them_is_dropped() -> None:
    for key, component in components().items():
        if "json_attributes_template" in component:
            topic = component["json_attributes_topic"].rsplit("/", 1)[-1]
            payload = {"state": STATE, "last": SESSION, "today": TODAY}[topic]
            given = json.loads(rendered(component["json_attributes_template"], json.dumps(payload)))
            assert 0 < len(given) <= 5, key
            assert not set(given) & set(ACCOUNT["blocked_attributes"])


# ---- answers -----------------------------------------------------------------------------------------------------


def command(key: str, value: Any, attributes: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    given = {"value": value, "this": SimpleNamespace(attributes=attributes or {})}
    template = components(**changed)[key]["command_template"]
    sent: dict[str, Any] = json.loads(environment().from_string(template).render(given))
    return sent


@pytest.mark.parametrize("key", ["purpose", "reason", "intention"])
def test_every_option_comes_back_as_the_word_that_shows_it(key: str) -> None:
    for option in components()[key]["options"]:
        sent = command(key, option, {"session": "0199-412"})
        assert set(sent) == {"command", key, "session"}
        assert (sent["command"], sent["session"]) == ("classify", "0199-412")
        assert shown(key, {key: sent[key]}) == option


def test_an_answer_names_the_session_it_was_shown_for() -> None:
    attributes = components()["reason"]["json_attributes_template"]
    session = json.loads(rendered(attributes, json.dumps(SESSION)))
    assert command("reason", "In place of nursing", session) == {
        "command": "classify", "reason": "in_place_of_nursing", "session": "0199-412"
    }  # fmt: skip


@pytest.mark.parametrize("attributes", [{}, {"session": None}])
def test_before_the_first_session_an_answer_names_none(attributes: dict[str, Any]) -> None:
    assert command("purpose", "Treat", attributes) == {"command": "classify", "purpose": "treat"}
    assert command("volume", 85, attributes) == {"command": "volume", "ml": 85}


@pytest.mark.parametrize(("value", "ml"), [(85, 85), (88.72, 89), (0, 0), (2000, 2000)])
def test_a_volume_is_whole_millilitres(value: float, ml: int) -> None:
    assert command("volume", value, {"session": "x"}) == {"command": "volume", "ml": ml, "session": "x"}


def test_in_ounces_no_amount_changes_by_being_shown_and_sent_back() -> None:
    component = components(units="oz")["volume"]
    for ml in (*range(0, 2000, 41), 2000):
        state = float(shown("volume", {"volume_ml": ml}, units="oz"))
        assert component["min"] <= state <= component["max"]
        assert command("volume", state, units="oz") == {"command": "volume", "ml": ml}
    assert command("volume", component["max"], units="oz")["ml"] == 2000


def test_buttons_send_their_commands() -> None:
    sent = {
        key: json.loads(component["payload_press"])
        for key, component in components().items() if component["platform"] == "button"
    }  # fmt: skip
    assert sent == {
        "nursed_effective": {"command": "nursing", "effective": True},
        "nursed_ineffective": {"command": "nursing", "effective": False},
        "start": {"command": "start"},
        "stop": {"command": "stop"},
    }
    assert command("baseline", 9.0) == {"command": "baseline", "stimulations": 9}


# ---- the event ---------------------------------------------------------------------------------------------------


def fired(*records: dict[str, Any], last: dict[str, Any] | None = None) -> list[int]:
    """The numbers of the sessions for which the event fires, with the attributes it keeps as Home Assistant does."""
    numbers = []
    attributes = last or {}
    for record in records:
        if out := rendered(components()["session_ended"]["value_template"], json.dumps(record), attributes):
            attributes = json.loads(out)
            assert attributes.pop("event_type") == "ended"
            numbers.append(attributes["number"])
    return numbers


def session(number: int, minute: int = 0, **changed: Any) -> dict[str, Any]:
    return SESSION | {
        "number": number, "id": f"0199-{number}", "started_at": f"2026-03-01T0{3 + minute // 60}:{minute % 60:02}:00Z",
        "ended_at": f"2026-03-01T0{3 + minute // 60}:{minute % 60:02}:30Z", **changed,
    }  # fmt: skip


RUNNING: dict[str, Any] = {"state": "running", "cause": "started", "ended_at": None}


def test_a_session_fires_at_its_end_and_never_again() -> None:
    assert fired(
        session(412, **RUNNING), session(412), session(412),
        session(412, cause="classified", revision=4), session(412, cause="volume", revision=5),
        session(412, cause="deleted", deleted=True), session(412, cause="restored"),
    ) == [412]  # fmt: skip


def test_a_late_edit_of_an_older_session_does_not_fire() -> None:
    assert fired(session(412), session(413, 20), session(412, cause="edited"), session(411, 40, cause="edited")) == [
        412,
        413,
    ]


@pytest.mark.parametrize("source", ["added", "import"])
def test_an_added_or_imported_session_does_not_fire(source: str) -> None:
    assert fired(session(412), session(413, 20, sources=[source], cause="added")) == [412]


def test_old_records_brought_from_another_device_do_not_fire() -> None:
    assert fired(session(1, 50), session(2, 10), session(3, 20), session(4, 55)) == [1, 4]


def test_what_ended_during_an_outage_fires_in_order_with_its_own_end() -> None:
    backlog = [session(n, 10 * i, **more) for i, n in enumerate((412, 413, 414)) for more in (RUNNING, {})]
    assert fired(*backlog) == [412, 413, 414]
    out = json.loads(rendered(components()["session_ended"]["value_template"], json.dumps(session(414, 20))))
    assert (out["ended_at"], out["session"]) == ("2026-03-01T03:20:30Z", "0199-414")


def test_a_session_cut_short_by_a_power_failure_fires() -> None:
    assert fired(session(412), session(413, 20, cause="interrupted", interrupted=True)) == [412, 413]


def test_the_newest_record_told_again_at_birth_fires_only_if_it_was_missed() -> None:
    assert fired(session(412), session(413, 20, cause="volume"), session(413, 20, cause="volume")) == [412, 413]


def test_after_the_record_was_forgotten_a_new_session_fires() -> None:
    assert fired(session(412), session(1, 20), session(1, 20, cause="volume"), session(2, 40)) == [412, 1, 2]
    assert fired(session(412), session(1, 20, cause="classified"), session(1, 20, cause="volume")) == [412, 1]
    assert fired(session(412), session(1, 20, cause="edited")) == [412]


def test_a_clock_that_is_set_right_does_not_fire_again() -> None:
    unsynced: dict[str, Any] = {
        "clock": "unsynced",
        "started_at": "2025-11-01T00:00:00Z",
        "ended_at": "2025-11-01T00:20:00Z",
    }
    assert fired(
        session(412),
        session(413, **unsynced),
        session(414, **(unsynced | {"started_at": "2025-11-01T02:00:00Z", "ended_at": "2025-11-01T02:20:00Z"})),
        session(413, 20, cause="clock"),
        session(414, 40, cause="clock"),
        session(413, 20, cause="classified"),
        session(414, 40, cause="volume"),
        session(415, 59),
    ) == [412, 413, 414, 415]


def test_where_nothing_ever_fired_an_old_correction_stays_silent() -> None:
    long_ago: dict[str, Any] = {"started_at": "2026-02-01T03:00:00Z", "ended_at": "2026-02-01T03:20:00Z"}
    assert fired(session(300, **long_ago, cause="volume")) == []
    assert fired(session(412, cause="volume")) == [412]


@pytest.mark.parametrize("payload", ["", "null", "{}", "not json", '{"state": "ended"}', '{"newer": 1}'])
def test_what_is_no_record_does_not_fire(payload: str) -> None:
    assert rendered(components()["session_ended"]["value_template"], payload, {"number": 412}) == ""


# ---- dashboard and blueprints ------------------------------------------------------------------------------------


class Loader(yaml.SafeLoader):
    """Reads `!input NAME` as the pair that it is."""


def _input(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> tuple[str, object]:
    return "input", loader.construct_scalar(node)


Loader.add_constructor("!input", _input)

CORE_CARDS = {
    "sections", "grid", "heading", "tile", "entities", "conditional", "picture-entity", "history-graph",
}  # fmt: skip


def walk(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def test_the_dashboard_shows_only_entities_that_are_announced() -> None:
    announced = {component["default_entity_id"] for component in components().values()}
    dashboard = yaml.load((DASHBOARDS / "dashboard.yaml").read_text(), Loader)
    used = {value for key, value in walk(dashboard) if key in ("entity", "entity_id") and isinstance(value, str)}
    assert used <= announced
    left = {"binary_sensor.breast_pump_pumping", "event.breast_pump_session_ended", "sensor.breast_pump_started"}
    assert announced - used == left


def test_neither_dashboard_nor_blueprints_depend_on_a_word_of_any_language() -> None:
    spoken = {
        option
        for words in LANGUAGES.values()
        for component in components(words=words).values()
        for option in component.get("options", [])
    }
    dashboard = yaml.load((DASHBOARDS / "dashboard.yaml").read_text(), Loader)
    states = [value for key, value in walk(dashboard) if key in {"state", "state_not"}]
    compared = {state for value in states for state in (value if isinstance(value, list) else [value])}
    assert compared == {"on", "off", "unavailable", "unknown"}
    for path in (DASHBOARDS / "blueprints").glob("*.yaml"):
        assert spoken & set(re.findall(r"'([^']+)'", path.read_text())) == set(), path.name


def test_each_language_has_a_name_for_all_that_the_dashboard_shows() -> None:
    english = set(names_in((DASHBOARDS / "dashboard.yaml").read_text()))
    assert len(english) > 30
    for code, words in LANGUAGES.items():
        assert set(words.home.dashboard) == (set() if code == "en" else english), code


def unnamed(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: unnamed(value) for key, value in node.items() if key not in {"name", "heading", "title"}}
    return [unnamed(value) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_dashboard_in_another_language_differs_in_names_alone(code: str) -> None:
    english, other = (
        yaml.load((DASHBOARDS / name).read_text(), Loader) for name in ("dashboard.yaml", f"dashboard.{code}.yaml")
    )
    assert unnamed(other) == unnamed(english)
    words = LANGUAGES[code].home.dashboard
    assert [value for key, value in walk(other) if key == "heading"] == [
        words[value] for key, value in walk(english) if key == "heading"
    ]


def test_the_dashboards_and_blueprints_have_their_words_from_the_table() -> None:
    files = in_each_language(DASHBOARDS)
    for path, text in files.items():
        assert path.read_text() == text, f"{path.name} is old: scripts/renew"
    assert set(DASHBOARDS.glob("dashboard.*.yaml")) <= set(files)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("en", "90 mL for the fridge, use by 5 Mar 4:05."),
        ("de", "90 mL für den Kühlschrank, haltbar bis 5. März 04:05."),
        ("fr", "90 mL pour le réfrigérateur, à utiliser avant 5 mars 04:05."),
        ("es", "90 mL para la nevera, usar hasta 5 mar 4:05."),
        ("it", "90 mL per il frigorifero, da usare entro 5 mar 04:05."),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_phone_is_told_of_milk_in_the_language_asked_for(code: str, told: str, known: bool) -> None:
    blueprint = yaml.load((DASHBOARDS / "blueprints" / "session_ended.yaml").read_text(), Loader)
    data = blueprint["actions"][-1]["data"]
    until = datetime.fromisoformat("2026-03-05T04:05:00+01:00")
    given = {
        "states": lambda entity, **_named: {"volume": "90 mL", "until": until if known else "unknown"}[entity],
        "state_attr": lambda _entity, _name: "fridge" if known else None,
        "as_datetime": lambda at, default: at if at is until else default,
    }
    about = {"volume": "volume", "use_by": "until", "intention": "select", "language": code}
    jinja = environment()
    jinja.filters["as_local"] = lambda at: at
    message = jinja.from_string(data["message"], globals=given).render(words=blueprint["variables"]["words"], **about)
    assert " ".join(message.split()) == (told if known else "90 mL.")


def test_a_blueprint_can_be_told_in_each_language() -> None:
    for path in (DASHBOARDS / "blueprints").glob("*.yaml"):
        blueprint = yaml.load(path.read_text(), Loader)
        chosen = blueprint["blueprint"]["input"].get("language")
        said = [text for key, text in walk(blueprint["actions"]) if key in {"title", "message"}]
        assert bool(chosen) == bool(said), path.name
        if chosen:
            assert [option["value"] for option in chosen["selector"]["select"]["options"]] == list(LANGUAGES)
            assert set(blueprint["variables"]["words"]) == set(LANGUAGES)
            said_of = set(re.findall(r"(?:words\[language\]|said)\.(\w+)", path.read_text()))
            for words in blueprint["variables"]["words"].values():
                assert set(words) == said_of, path.name


def test_the_dashboard_needs_no_card_from_elsewhere() -> None:
    dashboard = yaml.load((DASHBOARDS / "dashboard.yaml").read_text(), Loader)
    assert {value for key, value in walk(dashboard) if key == "type"} <= CORE_CARDS


@pytest.mark.parametrize("path", sorted((DASHBOARDS / "blueprints").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_blueprint_uses_each_input_that_it_asks_for(path: Path) -> None:
    blueprint = yaml.load(path.read_text(), Loader)
    asked = set(blueprint["blueprint"]["input"])
    used = {value[1] for _, value in walk(blueprint) if isinstance(value, tuple)}
    assert used == asked
    assert blueprint["blueprint"]["domain"] == "automation"


def state(at: str) -> SimpleNamespace:
    return SimpleNamespace(state=at)


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ({"id": "0"}, True),
        ({"from_state": state("2026-03-01T04:00:00+00:00"), "to_state": state("2026-03-01T05:00:00+00:00")}, True),
        ({"from_state": state("2026-03-01T04:00:00+00:00"), "to_state": state("2026-03-01T06:00:00+00:00")}, False),
        ({"from_state": state("2026-03-01T05:00:00+00:00"), "to_state": state("2026-03-01T04:00:00+00:00")}, False),
        ({"from_state": state("2026-03-01T04:00:00+00:00"), "to_state": None}, False),  # unannounced
        ({"from_state": None, "to_state": state("2026-03-01T05:00:00+00:00")}, False),  # announced again
    ],
)
def test_kept_milk_is_told_of_where_less_than_two_hours_remain_for_the_next(
    trigger: dict[str, Any], told: bool
) -> None:
    blueprint = yaml.load((DASHBOARDS / "blueprints" / "milk_use_by.yaml").read_text(), Loader)
    (condition,) = blueprint["conditions"]
    given = {
        "now": lambda: NOW,
        "as_timestamp": lambda at: (at if at is NOW else datetime.fromisoformat(at)).timestamp(),
    }
    template = environment().from_string(condition["value_template"], globals=given)
    assert template.render(trigger={"id": "follows", **trigger}).strip() == str(told)


def test_no_text_tells_anyone_to_pump() -> None:
    for path in DASHBOARDS.rglob("*.yaml"):
        words = path.read_text().lower()
        assert not re.search(r"pump (more|longer|now)|until empty|should|must pump|goal|streak", words)
