"""Nothing is sent that nobody typed: what a field shows is rounded for people and is never read back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.page_device import ScriptedDevice
from tests.support.page_records import instant
from tests.support.page_states import World
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

EVENING = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
VISIT = """
for (const field of document.querySelectorAll("dialog .field")) {
  field.focus();
  field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
  field.blur();
}"""
FIELD = "return document.querySelector(arguments[0])?.value.replace(/\\s/g, ' ')"


def asked(device: ScriptedDevice) -> list[dict[str, Any]]:
    ours = ("command", "request", "session", "if_revision")
    heard = [c for c in device.heard if c["command"] != "history"]
    return [{key: value for key, value in c.items() if key not in ours} | {"is": c["command"]} for c in heard]


def session_of(world: World, units: str = "oz", **fields: Any) -> tuple[ScriptedDevice, dict[str, Any]]:
    """One session of the afternoon, its dialog open."""
    device = world.device(week=False, units=units)
    device.wall = EVENING
    record = device.session(instant("2026-03-01T14:12:08Z"), 18, purpose="protect", **fields)
    device.connect()
    world.open()
    world.browser.press("15:12", ".card:has(#sessions-title)")
    world.browser.sees("Purpose", "dialog")
    return device, record


@pytest.mark.parametrize(
    "fields",
    [
        {"volume_ml": 85, "note": "two\r\nlines and a space "},
        {"volume_ml": 85, "left_ml": 43, "right_ml": 42},
        {"volume_ml": 1},
        {"volume_ml": None, "note": None},
    ],
    ids=["rounded", "two sides", "nearly nothing", "nothing"],
)
def test_looking_into_every_field_and_leaving_it_sends_nothing(world: World, fields: dict[str, Any]) -> None:
    device, record = session_of(world, **fields)
    world.browser.js(VISIT)
    world.browser.press("Treat", "dialog")  # what is sent comes in order, so nothing came before it
    until("the purpose", lambda: record["purpose"] == "treat")
    assert asked(device) == [{"is": "classify", "purpose": "treat"}]


def test_one_side_is_corrected_and_the_other_stays_to_the_millilitre(world: World) -> None:
    device, record = session_of(world, volume_ml=85, left_ml=43, right_ml=42)
    world.browser.js("document.querySelector('dialog input[aria-label=Left]').focus()")
    world.browser.type("dialog input[aria-label=Right]", "2 oz")
    until("2 oz", lambda: record["right_ml"] == 59)
    assert asked(device) == [{"is": "volume", "left_ml": 43, "right_ml": 59}]


def test_the_words_for_what_stands_there_are_no_new_amount(world: World) -> None:
    device, record = session_of(world, volume_ml=85)
    world.browser.type("dialog .amount .field", "2.75")  # 2¾ oz, as it stands there
    world.browser.type("dialog .amount .field", "3")
    until("3 oz", lambda: record["volume_ml"] == 89)
    assert [c["ml"] for c in asked(device)] == [89]


def test_what_is_being_typed_stays_while_the_device_speaks(world: World) -> None:
    device, record = session_of(world, "ml", volume_ml=85)
    texts = {"dialog textarea": "tir", "dialog input[aria-label=End]": "15:4", "dialog .amount .field": "11"}
    for baseline, (field, text) in enumerate(texts.items(), start=9):
        world.browser.type(field, text, enter=False)
        device.baseline = baseline
        device.publish_today()
        world.browser.sees(f"baseline {baseline}")
        assert world.browser.js(FIELD, field) == text
    world.browser.type("dialog .amount .field", "112")
    until("the amount", lambda: record["volume_ml"] == 112)


def test_what_is_typed_after_a_step_is_what_counts(world: World) -> None:
    device, record = session_of(world, "ml", volume_ml=85)
    world.browser.press("more")
    world.browser.type("dialog .amount .field", "40")
    until("40 ml", lambda: record["volume_ml"] == 40)
    world.browser.press("Done")  # a step that waits goes now
    world.browser.press("Last", ".dock")
    world.browser.press("Treat", "dialog")
    until("the purpose", lambda: record["purpose"] == "treat")
    assert [c.get("ml") for c in asked(device) if c["is"] == "volume"] == [40]


def test_save_takes_the_text_as_it_stands_though_nobody_left_the_field(world: World) -> None:
    device, record = session_of(world, "ml")
    device.live = {**device.live, "question": "volume", "session": record, "expectation_ml": 90}
    device.publish_live()
    world.browser.press("Done")
    world.browser.sees("expected 90 ml", ".dock")
    world.browser.type(".dock .field", "7", enter=False)
    world.browser.type(".dock .field", "7x", enter=False)
    save = "return [...document.querySelectorAll('.dock .key')].at(-1).ariaDisabled"
    until("Save waiting for an amount", lambda: world.browser.js(save) == "true")
    world.browser.type(".dock .field", "75", enter=False)
    world.browser.press("Save", ".dock")
    until("the amount", lambda: record["volume_ml"] == 75)
