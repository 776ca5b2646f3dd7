"""The questions of `setup`, in their order: why each is asked, when, and which answer is likely by what was found."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from device import SPOKEN
from device.asking.nearby import NearbyBroker
from device.settings.keys import BY_NAME
from device.words import LANGUAGES

Answers = Mapping[str, Any]


class FoundHere(msgspec.Struct, frozen=True):
    """What this machine has: a header; what answers on I2C (None: it can't be asked); ports by a lasting name."""

    header: bool = False
    answering: tuple[int, ...] | None = None
    ports: tuple[str, ...] = ()
    broker: bool = False
    """Something listens on this machine's port 1883."""
    nearby: tuple[NearbyBroker, ...] | None = ()
    """Those that announce themselves by mDNS; None: they can't be looked for."""
    bus_shut: bool = False
    """I2C is switched on, and this user may not open it."""
    language: str | None = None
    """The system's, by its code; None: none that the device speaks."""


class SetupQuestion(msgspec.Struct, frozen=True):
    """`likely`: the answer where nobody gives another, from what was found and was answered before.

    `found`: what this machine has that bears on it, a line each.
    """

    key: str
    asks: str
    why: str
    likely: Callable[[FoundHere, Answers], Any] | None = None
    when: Callable[[FoundHere, Answers], bool] = lambda _found, _answers: True
    found: Callable[[FoundHere], list[str]] = lambda _found: []

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
    return bool(answers.get("display.driver", BY_NAME["display.driver"].default) != "none")


def _tell_header(found: FoundHere) -> list[str]:
    if found.header:
        return []
    return ["This machine has no header of pins: what follows is for a serial port and for dashboards."]


def _tell_bus(found: FoundHere) -> list[str]:
    if not found.header:
        return []
    if found.bus_shut:
        return ["I2C may not be opened by this user, so no display is looked for: call this with sudo."]
    if found.answering is None:
        return ["No I2C is switched on; if an OLED is wired to it: `sudo raspi-config nonint do_i2c 0`."]
    said = ", ".join(f"0x{address:02X}" for address in found.answering) or "nothing"
    return [f"On I2C answers: {said}."]


def _tell_ports(found: FoundHere) -> list[str]:
    return [f"A serial port: {port}" for port in found.ports] or ["No serial adapter is plugged in."]


def _tell_brokers(found: FoundHere) -> list[str]:
    own = "A broker answers on this machine." if found.broker else "No broker answers on this machine."
    if found.nearby is None:
        return [
            own,
            "Others can't be looked for without the library zeroconf (pip install 'pump-companion[mdns]').",
        ]
    several = len(found.nearby) > 1
    return [own] + [
        (f"{place}. " if several else "") + f"In the house: {broker.name}, {broker.host}:{broker.port}"
        f" ({'with' if broker.tls else 'without'} TLS)"
        for place, broker in enumerate(found.nearby, 1)
    ]


def _likely_host(found: FoundHere, _answers: Answers) -> str:
    """This machine's own comes first: what others announce, anybody in the house may announce."""
    own = str(BY_NAME["mqtt.host"].default)
    return own if found.broker or not found.nearby else found.nearby[0].host


def _of_broker(found: FoundHere, answers: Answers) -> NearbyBroker | None:
    return next((broker for broker in found.nearby or () if broker.host == answers.get("mqtt.host")), None)


def _likely_tls(found: FoundHere, answers: Answers) -> bool:
    broker = _of_broker(found, answers)
    return broker is not None and broker.tls


def _likely_port(found: FoundHere, answers: Answers) -> int:
    tls, broker = bool(answers.get("mqtt.tls")), _of_broker(found, answers)
    return broker.port if broker is not None and broker.tls == tls else 8883 if tls else 1883


def _by_own_name(code: str) -> str:
    return f"{code} ({LANGUAGES[code].name})"


def _tell_language(found: FoundHere) -> list[str]:
    if found.language is None:
        return ["This machine's language is none of the device's."]
    return [f"This machine's language is {_by_own_name(found.language)}."]


def _likely_language(found: FoundHere, _answers: Answers) -> str:
    return found.language or str(BY_NAME["device.language"].default)


def picked_broker(found: FoundHere, text: str) -> NearbyBroker | None:
    """The one whose number in the list was typed, where there is a list."""
    place = int(text) if text.isascii() and text.isdigit() else 0
    several = found.nearby or ()
    return several[place - 1] if len(several) > 1 and 0 < place <= len(several) else None


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
    SetupQuestion("buttons.middle", "The middle button?", "All three are wired, or none.",
        lambda _found, _answers: 6, _all_given("buttons.left")),
    SetupQuestion("buttons.right", "The right button?", "The one below the third word of the display.",
        lambda _found, _answers: 13, _all_given("buttons.left")),
    SetupQuestion("display.driver", "Which controller has the OLED (ssd1306, sh1106, ssd1309, none)?",
        "0.96 in are mostly SSD1306, 1.3 in SH1106, 2.42 in SSD1309.", _display,
        found=lambda found: _tell_header(found) + _tell_bus(found)),
    SetupQuestion("display.i2c_address", "At which address does it answer?",
        "Boards often print it in 8 bits (0x78 is 0x3C); both are understood.", _address, _has_display),
    SetupQuestion("serial.port", "Which serial port does the pump or a sensor board speak on (none)?",
        "A lasting name such as /dev/serial/by-id/… stays the same when it is plugged in elsewhere.",
        lambda found, _answers: found.ports[0] if len(found.ports) == 1 else None, found=_tell_ports),
    SetupQuestion("mqtt.host", "Where is the MQTT broker (a host, or a number of the list where there is one)?",
        "Dashboards subscribe there; this machine's own is localhost. Take none that you don't know: it gets all.",
        _likely_host, found=_tell_brokers),
    SetupQuestion("mqtt.tls", "Is the connection encrypted (TLS; yes, no)?",
        "A broker on this machine goes without; one beyond the house must have it.", _likely_tls),
    SetupQuestion("mqtt.port", "Its port?", "8883 mostly with TLS, 1883 without.", _likely_port),
    SetupQuestion("mqtt.username", "Which user does it ask for (none)?",
        "Home Assistant's broker asks for one; mosquitto on this machine, as it is installed, does not.",
        lambda _found, _answers: None),
    SetupQuestion("device.language", f"Which language does the device speak ({', '.join(SPOKEN)})?",
        f"The display, Home Assistant's names and the report: {', '.join(map(_by_own_name, SPOKEN))}.",
        _likely_language, found=_tell_language),
    SetupQuestion("supply.units", "Amounts in ml or oz?", "The display shows them so; the record keeps ml."),
    SetupQuestion("supply.baseline", "How many stimulations in 24 h hold your supply steady?",
        "8 for many; you can change it at any time. Nursings that are not noted are not counted, and that is fine."),
)  # fmt: skip
