"""The device in the parent's language: what it says is another, what it does and what it records is the same."""

import pytest
from msgspec.structs import replace

from device.core.model.record import REASONS, Facts, Purpose
from device.screens import words as words_on
from device.words import LANGUAGES, Words
from device.words.because import because
from tests.support.drive import Device, running

EVERY = pytest.mark.parametrize(("code", "words"), LANGUAGES.items(), ids=LANGUAGES)


@EVERY
def test_the_keys_and_the_because_are_in_the_devices_language(code: str, words: Words) -> None:
    device = running(language=code)
    keys = tuple(words.purposes[purpose].key for purpose in Purpose)
    assert device.keys == keys
    assert device.view.language == code
    assert device.live["buttons"] == list(keys)
    likely = device.last.suggestion
    assert likely is not None
    assert isinstance(likely.facts, Facts)
    assert likely.because == because(words)(likely.context, likely.facts)
    assert device.live["suggestion"]["because"] == likely.because


@EVERY
def test_a_press_does_the_same_whatever_the_key_says(code: str, words: Words) -> None:
    device = running(language=code)
    device.press("right")
    assert device.keys == tuple(words.reasons[reason].key for reason in REASONS[Purpose.TREAT])
    device.press("middle", "right", "right", "left")
    assert (device.last.purpose, device.last.reason, device.last.intention) == ("treat", "mastitis", "feed")
    assert device.screen == "timer"


@EVERY
def test_a_right_key_that_is_held_says_back_in_the_language(code: str, words: Words) -> None:
    device = running(language=code)
    device.down("right")
    device.wait(0.4)
    assert device.keys[2] == words.key.back


def test_what_was_likely_is_said_anew_on_the_screen_and_stays_in_the_record() -> None:
    device = running(language="de")
    recorded = device.last.suggestion
    assert recorded is not None
    german, french = (replace(device.view, language=code) for code in ("de", "fr"))
    assert "Stimulationen" in words_on(german)
    assert "stimulations en" in words_on(french)
    again = Device(disk=device.disk, language="fr")
    assert again.last.suggestion == recorded
