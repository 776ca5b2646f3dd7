"""The device in the parent's language: what it says is another, what it does and what it records is the same."""

from itertools import product
from unicodedata import normalize

import pytest
from msgspec.structs import replace

from device.core.model.record import REASONS, Context, Facts, Purpose, Session
from device.screens import words as words_on
from device.wire.lines import from_line
from device.wire.payloads import encode
from device.words import LANGUAGES
from device.words.because import because
from device.words.shape import Words
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


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("context", Context)
def test_a_because_is_a_line_of_plain_text_that_an_import_takes_back(words: Words, context: Context) -> None:
    for minutes, reason in product((0, 1, 59, 60, 61, 1439), (None, *REASONS[Purpose.TREAT])):
        said = because(words)(context, Facts(5, 8, minutes, reason))
        plain = said.replace("\N{NO-BREAK SPACE}", " ")
        assert plain.isprintable()
        assert normalize("NFC", plain) == " ".join(plain.split()) == plain
        likely = {"purpose": "treat", "context": context, "because": said}
        line = {"started_at": "2026-03-01T03:12:08Z", "duration_s": 60, "suggestion": likely}
        record = from_line(encode({"session": line})).record
        assert isinstance(record, Session)
        assert record.suggestion is not None
        assert record.suggestion.because == said


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
