"""The questions of `setup`, in their order: why each is asked, when, and which answer is likely by what was found."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from device.settings.keys import BY_NAME

Answers = Mapping[str, Any]


class FoundHere(msgspec.Struct, frozen=True):
    """What this machine has: a header; what answers on I2C (None: it can't be asked); ports by a lasting name."""

    header: bool = False
    answering: tuple[int, ...] | None = None
    ports: tuple[str, ...] = ()
    broker: bool = False
    """Something listens on this machine's port 1883."""


class SetupQuestion(msgspec.Struct, frozen=True):
    """`likely`: the answer where nobody gives another, from what was found and was answered before."""

    key: str
    asks: str
    why: str = ""
    likely: Callable[[FoundHere, Answers], Any] | None = None
    when: Callable[[FoundHere, Answers], bool] = lambda _found, _answers: True

    def default(self, found: FoundHere, answers: Answers) -> Any:
        return BY_NAME[self.key].default if self.likely is None else self.likely(found, answers)


OLED_ADDRESSES = (0x3C, 0x3D)
"""Of all 128x64 OLEDs of these controllers (their datasheets: SA0 chooses)."""


def _has_header(found: FoundHere, _answers: Answers) -> bool:
    return found.header


def _all_given(*keys: str) -> Callable[[FoundHere, Answers], bool]:
    return lambda _found, answers: all(answers.get(key) not in (None, False) for key in keys)


def _display(found: FoundHere, _answers: Answers) -> str:
    return (
        str(BY_NAME["display.driver"].default)
        if found.header and set(OLED_ADDRESSES) & set(found.answering or ())
        else "none"
    )


def _address(found: FoundHere, _answers: Answers) -> int:
    return next((address for address in OLED_ADDRESSES if address in (found.answering or ())), OLED_ADDRESSES[0])


def _has_display(_found: FoundHere, answers: Answers) -> bool:
    return bool(answers.get("display.driver", "none") != "none")


QUESTIONS = (
    SetupQuestion("motor.pin", "Which pin hears the pump's motor (17, GPIO17, BOARD11; none)?",
        "A wire from an opto-coupler, a reed contact or a sensor board; docs/hardware.md draws it.",
        lambda _found, _answers: None, _has_header),
    SetupQuestion("motor.signal", "Is the wire active all the while (level), or once a stroke (pulses)?",
        "A vibration sensor, a reed contact and a valve give pulses. `pump-companion learn` tells it from the signal.",
        when=_all_given("motor.pin")),
    SetupQuestion("motor.active", "Which level means that the motor runs (high, low)?",
        "An opto-coupler and a contact to ground are low.", when=_all_given("motor.pin")),
    SetupQuestion("motor.pull", "The Pi's own resistor on that wire (none, up, down)?",
        "A contact to ground or an opto-coupler needs up; a board that drives its output needs none.",
        lambda _found, answers: "up" if answers.get("motor.active") == "low" else "none", _all_given("motor.pin")),
    SetupQuestion("buttons.left", "Which pin has the left button (none: no buttons)?",
        "Three buttons beside the display; each joins its pin to ground.", lambda _found, _answers: None, _has_header),
    SetupQuestion("buttons.middle", "The middle button?", "", lambda _found, _answers: 6, _all_given("buttons.left")),
    SetupQuestion("buttons.right", "The right button?", "", lambda _found, _answers: 13, _all_given("buttons.left")),
    SetupQuestion("display.driver", "Which controller has the OLED (ssd1306, sh1106, ssd1309, none)?",
        "0.96 in are mostly SSD1306, 1.3 in SH1106, 2.42 in SSD1309.", _display),
    SetupQuestion("display.i2c_address", "At which address does it answer?",
        "Boards often print it in 8 bits (0x78 is 0x3C); both are understood.", _address, _has_display),
    SetupQuestion("serial.port", "Which serial port does the pump or a sensor board speak on (none)?",
        "A lasting name such as /dev/serial/by-id/… stays the same when it is plugged in elsewhere.",
        lambda found, _answers: found.ports[0] if len(found.ports) == 1 else None),
    SetupQuestion("mqtt.host", "Where is the MQTT broker?",
        "Dashboards subscribe there; this machine's own is localhost."),
    SetupQuestion("mqtt.tls", "Is the connection encrypted (TLS; yes, no)?"),
    SetupQuestion("mqtt.port", "Its port?", "8883 mostly with TLS.",
        lambda _found, answers: 8883 if answers.get("mqtt.tls") else 1883),
    SetupQuestion("mqtt.username", "Which user does it ask for (none)?", "", lambda _found, _answers: None),
    SetupQuestion("supply.units", "Amounts in ml or oz?"),
    SetupQuestion("supply.baseline", "How many stimulations in 24 h hold your supply steady?",
        "8 for many; you can change it at any time. Nursings that are not noted are not counted, and that is fine."),
)  # fmt: skip
