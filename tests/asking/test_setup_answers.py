"""What a person's words mean, and the header as text."""

import pytest

from device.asking.answers import FLAGS, read_answer, shown_answer
from device.asking.header import drawing
from device.asking.questions import QUESTIONS, FoundHere
from device.settings.keys import BY_NAME, KEYS, WrongError


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("motor.pin", "17", 17),
        ("motor.pin", "GPIO17", "GPIO17"),
        ("motor.pin", "none", None),
        ("buttons.left", "-", None),
        ("display.i2c_address", "0x78", 0x3C),
        ("display.i2c_address", "0x7A", 0x3D),
        ("display.i2c_address", "0x3d", 0x3D),
        ("display.i2c_address", "60", 0x3C),
        ("display.rotate", "180", 180),
        ("mqtt.tls", "Yes", True),
        ("mqtt.tls", "0", False),
        ("mqtt.host", " broker.lan ", "broker.lan"),
        ("mqtt.username", "", None),
        ("mqtt.protocol", "5", "5"),
        ("supply.units", "oz", "oz"),
        ("display.night", "22:00-06:00", "22:00-06:00"),
    ],
)
def test_an_answer_is_the_value_that_the_file_would_say(key: str, text: str, value: object) -> None:
    found = read_answer(key, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("key", "text"),
    [("motor.pin", "99"), ("motor.pin", "left"), ("mqtt.tls", "perhaps"), ("mqtt.port", "0"), ("mqtt.port", "http"),
     ("display.i2c_address", "0x1FF"), ("mqtt.host", "http://x"), ("supply.units", "cups"), ("device.id", "a b")],
)  # fmt: skip
def test_what_is_none_says_what_would_be(key: str, text: str) -> None:
    with pytest.raises(WrongError) as error:
        read_answer(key, text)
    assert error.value.remedy


def test_every_default_can_be_typed_as_it_is_shown() -> None:
    for key in KEYS:
        if key.kind != "patterns":
            assert read_answer(key.full, shown_answer(key.full, key.default)) == key.default


def test_each_question_is_about_a_key_that_has_a_flag_and_its_likely_answer_is_one() -> None:
    for found in (FoundHere(), FoundHere(True, (0x3C,), ("/dev/serial/by-id/x",), True), FoundHere(True, ())):
        answers: dict[str, object] = {"motor.pin": 17, "motor.active": "low", "buttons.left": 5, "mqtt.tls": True}
        for question in QUESTIONS:
            assert question.key in FLAGS
            likely = question.default(found, answers)
            assert read_answer(question.key, shown_answer(question.key, likely)) == likely


def test_an_oled_that_answers_is_likely_and_on_a_laptop_there_is_none() -> None:
    answers: dict[str, object] = {}
    driver, address = (next(q for q in QUESTIONS if q.key == f"display.{name}") for name in ("driver", "i2c_address"))
    assert driver.default(FoundHere(True, (0x27, 0x3D)), answers) == "ssd1306"
    assert address.default(FoundHere(True, (0x27, 0x3D)), answers) == 0x3D
    for nothing in (FoundHere(), FoundHere(True, None), FoundHere(True, (0x27,)), FoundHere(False, (0x3C,))):
        assert driver.default(nothing, answers) == "none"


def test_the_header_shows_each_pin_once_with_its_use() -> None:
    lines = drawing({17: "motor.pin", 5: "buttons.left"}, 80)
    text = "".join(f"{line}\n" for line in lines)
    assert len(lines) == 20
    assert max(map(len, lines)) <= 60
    for pin in range(28):
        assert text.count(f"GPIO{pin} ") + text.count(f"GPIO{pin}\n") == 1, pin
    assert lines[5].split() == ["GPIO17", "(motor.pin)", "11", "o", "o", "12", "GPIO18"]
    assert "GPIO2 (I2C)" in lines[1]
    assert text.count("ground") == 8
    assert BY_NAME["motor.pin"].kind == "pin"
