"""The table of the configuration's keys: type, range, default and meaning of each, and how a value is read.

It exists once: parsing, checking, the JSON Schema and the tests of the documented example all walk it.
"""

import re
import warnings
from collections.abc import Callable
from typing import Any, Literal, assert_never

import msgspec

from device import SPOKEN
from device.settings import patterns
from drivers.controllers import CONTROLLERS

DEFAULT_STORE = "/var/lib/pump-companion/pump.db"
KNOCK_MS = 5
"""`motor.debounce_ms` with pulses, where the file says nothing: a vibration sensor's knocks last from 6 ms on."""
VERBS = ("HELLO", "START", "RUN", "PAUSE", "STOP", "VOLUME")
SECRET_WORDS = ("password", "passwd", "passphrase", "pass", "pw", "secret", "token")
GROUPS = ("t", "cpm", "vac", "ml", "model")
Kind = Literal["int", "flag", "choice", "text", "file", "id", "topic", "host", "pin", "night", "patterns"]


class Night(msgspec.Struct, frozen=True):
    """From when to when the display is dimmed, in minutes after local midnight; it may span midnight."""

    begins_min: int
    ends_min: int


class SettingKey(msgspec.Struct, frozen=True):
    """One key of the file. `low` and `high` bound a number's value or a text's length."""

    section: str
    name: str
    kind: Kind
    default: Any
    meaning: str
    unit: str = ""
    low: int = 1
    high: int = 255
    choices: tuple[str | int, ...] = ()
    form: str = "{}"

    @property
    def full(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def right(self) -> str:
        """Say what would be right, as a person would write it: `1 to 24`, `"level" or "pulses"`, …"""
        match self.kind:
            case "int":
                return f"{self.form.format(self.low)} to {self.form.format(self.high)} {self.unit}".rstrip()
            case "choice":
                *most, last = (quoted(choice) for choice in self.choices)
                return f"{', '.join(most)} or {last}"
            case "flag":
                return "true or false"
            case "pin":
                return "a BCM number from 0 to 27, or a name such as GPIO17, BOARD11 or J8:11"
            case "night":
                return 'two times of day, as in "21:00-07:00"'
            case "patterns":
                return "a section [serial.patterns] with lines such as STOP = '^off (?P<t>\\d+)$'"
            case "id":
                return f"letters, digits, - and _, at most {self.high}"
            case "topic":
                return "topic levels joined by /, without + or #, none empty, not starting with $"
            case "host":
                return "a host's name or address alone"
            case "file":
                return "the path of a file"
            case "text":
                return f"a text of at most {self.high} characters"
            case _:
                assert_never(self.kind)


_PULLS = ("none", "up", "down")
KEYS = (
    SettingKey("device", "id", "id", "pump", "names this device in every topic and to Home Assistant", high=64),
    SettingKey("device", "name", "text", "Breast pump", "the name that people see on dashboards", high=64),
    SettingKey("device", "language", "choice", "en",
        "the language of the display, of Home Assistant's names, of what is likely, and of the report", choices=SPOKEN),
    SettingKey("supply", "baseline", "int", 8,
        "the stimulations in 24 h that hold your supply steady", "stimulations", 1, 24),
    SettingKey("supply", "units", "choice", "ml",
        "the unit in which the display shows amounts", choices=("ml", "oz")),
    SettingKey("supply", "since", "choice", "start",
        "from which end of the last stimulation the display and the page count", choices=("start", "end")),
    SettingKey("session", "pause_s", "int", 120,
        "a rest of the motor up to this long is a pause, longer ends the session", "seconds", 1, 3600),
    SettingKey("session", "sitting_s", "int", 720,
        "sessions that follow each other within this are one sitting; 0: no sittings", "seconds", 0, 86400),
    SettingKey("session", "min_session_s", "int", 60,
        "with less pumping than this a session is kept, but not counted", "seconds", 0, 3600),
    SettingKey("session", "max_session_s", "int", 7200,
        "past this the motor's sensor is thought stuck", "seconds", 5, 86400),
    SettingKey("session", "ask_s", "int", 600,
        "how long after the end the display goes on asking", "seconds", 1, 86400),
    SettingKey("motor", "pin", "pin", None, "the pin that hears the motor; without one the wire is not watched"),
    SettingKey("motor", "signal", "choice", "level",
        "level: active while the motor runs; pulses: one pulse a stroke", choices=("level", "pulses")),
    SettingKey("motor", "active", "choice", "high",
        "the level that means running (or a stroke)", choices=("high", "low")),
    SettingKey("motor", "pull", "choice", "none", "the Pi's own pull resistor on the wire", choices=_PULLS),
    SettingKey("motor", "debounce_ms", "int", 50,
        f"how long a level must be stable to count; with pulses, how long a knock must last (default {KNOCK_MS})",
        "milliseconds", 0, 1000),
    SettingKey("motor", "pulse_gap_s", "int", 8,
        "with pulses, the motor counts as running until this long without one", "seconds", 1, 120),
    SettingKey("buttons", "left", "pin", None, "the left button's pin; all three buttons are wired, or none"),
    SettingKey("buttons", "middle", "pin", None, "the middle button's pin"),
    SettingKey("buttons", "right", "pin", None, "the right button's pin"),
    SettingKey("buttons", "pull", "choice", "up",
        "the pull resistor: up where a press connects to ground, down where to 3.3 V", choices=_PULLS),
    SettingKey("buttons", "debounce_ms", "int", 20,
        "a press counts once it was stable for this long", "milliseconds", 0, 200),
    SettingKey("serial", "port", "text", None,
        "the pump link's port or pyserial URL; without one nothing is opened"),
    SettingKey("serial", "baud", "int", 115200, "the port's speed, always 8N1", "baud", 300, 4_000_000),
    SettingKey("serial", "patterns", "patterns", {},
        "other pumps' lines: a verb and one regular expression, or a list of them"),
    SettingKey("display", "driver", "choice", next(iter(CONTROLLERS)),
        "the OLED's controller, or none", choices=(*CONTROLLERS, "none")),
    SettingKey("display", "bus", "choice", "i2c", "how the OLED is wired", choices=("i2c", "spi")),
    SettingKey("display", "i2c_port", "int", 1, "the number in /dev/i2c-N", "", 0, 255),
    SettingKey("display", "i2c_address", "int", 0x3C,
        "the OLED's address on the bus", "", 0x03, 0x77, form="0x{:02X}"),
    SettingKey("display", "spi_device", "int", 0, "the chip select (CE0 or CE1) that the OLED uses", "", 0, 1),
    SettingKey("display", "dc_pin", "pin", None, "the OLED's D/C pin, needed with spi"),
    SettingKey("display", "reset_pin", "pin", None, "the OLED's reset pin, where it has one"),
    SettingKey("display", "rotate", "choice", 0,
        "180 where the OLED is mounted upside down", "degrees", choices=(0, 180)),
    SettingKey("display", "night", "night", "21:00-07:00", "when the display is dimmed", "local time"),
    SettingKey("display", "off_after_s", "int", 120,
        "idle for this long, the display goes dark", "seconds", 1, 86400),
    SettingKey("mqtt", "host", "host", "localhost", "the broker"),
    SettingKey("mqtt", "port", "int", 1883, "the broker's port (with TLS mostly 8883)", "", 1, 65535),
    SettingKey("mqtt", "username", "text", None, "the user at the broker"),
    SettingKey("mqtt", "password_file", "file", None,
        "a file with the password alone; the systemd credential of this name comes first"),
    SettingKey("mqtt", "tls", "flag", default=False, meaning="whether the connection is encrypted"),
    SettingKey("mqtt", "ca_file", "file", None,
        "the authority that signed the broker's certificate, where the system does not know it"),
    SettingKey("mqtt", "cert_file", "file", None, "this device's own certificate"),
    SettingKey("mqtt", "key_file", "file", None, "the private key of that certificate"),
    SettingKey("mqtt", "protocol", "choice", "auto",
        "MQTT's version; auto tries 5, then 3.1.1", choices=("auto", "5", "3.1.1")),
    SettingKey("mqtt", "prefix", "topic", "pump-companion",
        "what every topic begins with, before the device's id", high=128),
    SettingKey("mqtt", "publish", "choice", "full",
        "full: the record; summary: only counts, nothing private", choices=("full", "summary")),
    SettingKey("mqtt", "mirror_screen", "flag", default=False,
        meaning="whether the display's picture is published too"),
    SettingKey("homeassistant", "discovery", "flag", default=True,
        meaning="whether Home Assistant finds the device by itself"),
    SettingKey("homeassistant", "prefix", "topic", "homeassistant", "Home Assistant's discovery prefix", high=128),
    SettingKey("homeassistant", "birth_topic", "topic", "homeassistant/status",
        "where Home Assistant says that it is back", high=128),
    SettingKey("homeassistant", "birth_payload", "text", "online", "what it says there"),
    SettingKey("store", "path", "file", DEFAULT_STORE,
        "the record, an SQLite file; its folder must exist and be writable"),
)  # fmt: skip
BY_NAME = {key.full: key for key in KEYS}
SECTIONS = {name: [k for k in KEYS if k.section == name] for name in dict.fromkeys(k.section for k in KEYS)}
PIN_KEYS = tuple(key.full for key in KEYS if key.kind == "pin")


def _pin_names() -> dict[str, int]:
    """Every name of a header's pin, as in gpiozero's PinInfo.names (alike from a Zero 2 W to a Pi 5)."""
    gpio_on_header = {
        3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10,
        21: 9, 22: 25, 23: 11, 24: 8, 26: 7, 27: 0, 28: 1, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19,
        36: 16, 37: 26, 38: 20, 40: 21,
    }  # fmt: skip
    wiring_pi = (11, 12, 13, 15, 16, 18, 22, 7, 3, 5, 24, 26, 19, 21, 23, 8, 10)
    wiring_pi_later = (29, 31, 33, 35, 37, 32, 36, 38, 40, 27, 28)
    names: dict[str, int] = {}
    for position, gpio in gpio_on_header.items():
        spelled = (f"{gpio}", f"GPIO{gpio}", f"BCM{gpio}", f"BOARD{position}", f"J8:{position}")
        names |= dict.fromkeys(spelled, gpio)
    for first, positions in ((0, wiring_pi), (21, wiring_pi_later)):
        names |= {f"WPI{n}": gpio_on_header[at] for n, at in enumerate(positions, first)}
    return names


PIN_NAMES = _pin_names()


class WrongError(ValueError):
    """A value that a key cannot have: what is wrong, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy


def quoted(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of that size"
    text = str(value)
    if isinstance(value, (str, bool)):
        import json  # a daemon whose configuration is right does without it

        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _type_name(value: object) -> str:
    return next((words for kind, words in _TYPE_NAMES if isinstance(value, kind)), "a date or time")


_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a point"),
    (str, "a text in quotes"),
    (list, "a list"),
    (dict, "a section"),
)


def wrong_type(key: SettingKey, value: object) -> WrongError:
    """Say which type the value has, and the very text to write where that can be guessed."""
    write = key.right
    if isinstance(value, str) and key.kind in ("int", "flag") and len(value) < 32:
        bare = value.strip()
        if key.kind == "flag" and bare.lower() in ("true", "false"):
            write = f"{bare.lower()} without quotes"
        elif key.kind == "int" and re.fullmatch(r"\d+|0[xX][0-9A-Fa-f]+", bare):
            write = f"{bare} without quotes"
    elif isinstance(value, float) and key.kind in ("int", "pin") and value.is_integer():
        write = f"{value:.0f}"
    elif not isinstance(value, bool) and isinstance(value, (int, float)) and f"{value}" in key.choices:
        write = quoted(f"{value}")
    return WrongError(f"{_type_name(value)} has no meaning here", f"write {write}")


def nearest_name(word: str, known: list[str]) -> str | None:
    import difflib  # only a configuration with a fault needs it

    close = difflib.get_close_matches(word.lower(), [name.lower() for name in known], 1)
    return next((name for name in known if close and name.lower() == close[0]), None)


def unknown(section: str, name: str, *, is_section: bool) -> tuple[str, str]:
    """Say what is wrong with an unknown name and what was probably meant: the same key elsewhere, or the nearest."""
    kind = "section" if is_section else "key"
    if name.lower() in SECRET_WORDS:
        remedy = "put it alone into a file that only the service can read, and name that in mqtt.password_file"
        return "is no key, for secrets do not stand in this file", remedy
    if is_section and (near := nearest_name(name, [*SECTIONS])):
        return f"is no {kind}", f"did you mean [{near}]?"
    elsewhere = [key for key in KEYS if key.name == name and is_section in (False, key.kind == "patterns")]
    if elsewhere:
        places = " or ".join(f"[{key.full if is_section else key.section}]" for key in elsewhere)
        return f"is no {kind}" + (f" of [{section}]" if section else ""), f"it belongs in {places}"
    here = [key.name for key in SECTIONS.get(section, ())]
    near = nearest_name(name, here)
    if near is None and (far := nearest_name(name, [key.name for key in KEYS])):
        near = next(key.full for key in KEYS if key.name == far)
    if near is not None:
        return f"is no {kind}", f"did you mean {near}?"
    return f"is no {kind}", f"remove it, or use one of {', '.join(here or SECTIONS)}"


def _read_int(key: SettingKey, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(key, value)
    if not key.low <= value <= key.high:
        said = key.form.format(value) if 0 <= value < 1 << 64 else quoted(value)
        raise WrongError(f"{said} is out of range", f"write {key.right}")
    return value


def _read_flag(key: SettingKey, value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(key, value)
    return value


def _read_choice(key: SettingKey, value: object) -> str | int:
    if type(value) is not type(key.choices[0]):
        raise wrong_type(key, value)
    for choice in key.choices:
        if value == choice:
            return choice
    raise WrongError(f"{quoted(value)} is none of its choices", f"write {key.right}")


def _read_text(key: SettingKey, value: object) -> str:
    if not isinstance(value, str):
        raise wrong_type(key, value)
    if not value.strip():
        raise WrongError("is empty", f"write {key.right}, or leave the line out")
    if len(value) > key.high:
        raise WrongError(f"is longer than {key.high} characters", "shorten it")
    if not value.isprintable():
        raise WrongError("holds a control character", "write it as plain text in one line")
    return value


def _read_file(key: SettingKey, value: object) -> str:
    text = _read_text(key, value)
    if text.startswith("~"):
        raise WrongError("begins with ~, which a service does not know", "write the whole path")
    return text


def _read_id(key: SettingKey, value: object) -> str:
    text = _read_text(key, value)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise WrongError(f"{quoted(text)} would break the topics", f"write {key.right}")
    return text


def _read_topic(key: SettingKey, value: object) -> str:
    text = _read_text(key, value)
    if "+" in text or "#" in text or text.startswith("$") or "" in text.split("/"):
        raise WrongError(f"{quoted(text)} is no topic to publish under", f"write {key.right}")
    return text


def _read_host(key: SettingKey, value: object) -> str:
    """Never show the value: people paste URLs with a password in them."""
    text = _read_text(key, value)
    if re.search(r"[\s/@\[\]]", text) or text.count(":") == 1:
        raise WrongError("is more than a host", f"write {key.right} (port, user and TLS have their own keys)")
    return text


def _read_pin(key: SettingKey, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise wrong_type(key, value)
    pin = PIN_NAMES.get(f"{value}".upper()) if isinstance(value, str) or 0 <= value <= 27 else None
    if pin is None:
        raise WrongError(f"{quoted(value)} is no GPIO pin of the 40-pin header", f"write {key.right}")
    return pin


def _read_night(key: SettingKey, value: object) -> Night:
    if not isinstance(value, str):
        raise wrong_type(key, value)
    time = r"([01]\d|2[0-3]):([0-5]\d)"
    found = re.fullmatch(f"{time}-{time}", value, re.ASCII)
    if found is None:
        raise WrongError(f"{quoted(value)} is no range of times", f"write {key.right}")
    begin_h, begin_m, end_h, end_m = (int(part) for part in found.groups())
    night = Night(begin_h * 60 + begin_m, end_h * 60 + end_m)
    if night.begins_min == night.ends_min:
        raise WrongError("begins and ends at the same time", f"write {key.right}")
    return night


def _refuse(key: SettingKey, value: object) -> None:
    """Refuse whatever is no section, where the section's own lines are read one by one (`read_pattern`)."""
    raise wrong_type(key, value)


def read_pattern(verb: str, value: Any) -> tuple[re.Pattern[str], ...]:
    if verb not in VERBS:
        near = nearest_name(verb, list(VERBS))
        raise WrongError("is no verb", f"write {near or 'one of ' + ', '.join(VERBS)}")
    listed: list[Any] = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(expression, str) and expression for expression in listed):
        raise WrongError("is neither a regular expression nor a list of them", "write them in single quotes")
    return tuple(_compiled(verb, expression) for expression in listed)


def _compiled(verb: str, text: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pattern = re.compile(text)
            nested = patterns.nests(text)
    except (re.error, OverflowError, RecursionError) as error:
        what = f"{quoted(text)} does not compile ({error})"
        raise WrongError(what, "correct the regular expression") from None
    unknown = [group for group in pattern.groupindex if group not in GROUPS]
    if unknown:
        raise WrongError(f"names an unknown group {unknown[0]}", f"use only {', '.join(GROUPS)}")
    if verb == "VOLUME" and "ml" not in pattern.groupindex:
        raise WrongError("has no group ml, so it gives no volume", r"add one, as in '(?P<ml>\d+)'")
    if nested:
        raise WrongError(f"{quoted(text)} has an endless repeat inside another", "let one of the two repeat nothing")
    slow = patterns.slow_line(pattern)
    if slow is not None:
        what = f"{quoted(text)} takes more than {patterns.SLOW_S * 1000:.0f} ms for a line such as {quoted(slow)}"
        raise WrongError(what, "leave it fewer ways to fit the same text")
    return pattern


READERS: dict[Kind, Callable[[SettingKey, object], Any]] = {
    "int": _read_int,
    "flag": _read_flag,
    "choice": _read_choice,
    "text": _read_text,
    "file": _read_file,
    "id": _read_id,
    "topic": _read_topic,
    "host": _read_host,
    "pin": _read_pin,
    "night": _read_night,
    "patterns": _refuse,
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the file, by which editors complete it."""
    sections = {}
    for name, keys in SECTIONS.items():
        sections[name] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: _key_schema(key) for key in keys},
        }
    pins = ("left", "middle", "right")
    sections["buttons"]["dependentRequired"] = {pin: [p for p in pins if p != pin] for pin in pins}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pump companion: config.toml",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": sections,
    }


def _key_schema(key: SettingKey) -> dict[str, Any]:
    unit = f" ({key.unit})" if key.unit else ""
    about: dict[str, Any] = {"description": f"{key.meaning[0].upper()}{key.meaning[1:]}{unit}."}
    if key.default is not None:
        about["default"] = key.default
    text = {"type": "string", "minLength": 1, "maxLength": key.high}
    match key.kind:
        case "int":
            return about | {"type": "integer", "minimum": key.low, "maximum": key.high}
        case "flag":
            return about | {"type": "boolean"}
        case "choice":
            return about | {"enum": list(key.choices)}
        case "pin":
            return about | {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 27}, {"enum": list(PIN_NAMES)}]}
        case "id":
            return about | text | {"pattern": "^[A-Za-z0-9_-]+$"}
        case "topic":
            return about | text | {"pattern": r"^(?=.*\S)[^$/+#][^/+#]*(/[^/+#]+)*$"}
        case "host":
            return about | text | {"pattern": r"^[^\s/@\[\]:]*(:[^\s/@\[\]:]*:[^\s/@\[\]]*)?$"}
        case "night":
            return about | {
                "type": "string",
                "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$",
            }
        case "patterns":
            expression = {"type": "string", "minLength": 1, "format": "regex"}
            verb = {"anyOf": [expression, {"type": "array", "minItems": 1, "items": expression}]}
            verbs = dict.fromkeys(VERBS, verb)
            return about | {"type": "object", "additionalProperties": False, "properties": verbs}
        case "text" | "file":
            return about | text | {"pattern": r"\S"}
        case _:
            assert_never(key.kind)
