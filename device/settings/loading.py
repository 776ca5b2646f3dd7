"""The configuration: the TOML file read by the table of keys into typed values, or every fault at once.

It exists so that a wrong line is named before a wire is touched, and the rest of the house sees only what is right.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from device import OneLineError
from device.settings.document import FileError, read_document
from device.settings.instances import AT_BROKER, defaults_of, instance, others, shared_wires
from device.settings.keys import (
    BY_NAME,
    KEYS,
    KNOCK_MS,
    PIN_KEYS,
    READERS,
    SECTIONS,
    Night,
    WrongError,
    read_pattern,
    schema,
    unknown,
)
from device.settings.named_file import content_of, secret_in
from drivers.controllers import CONTROLLERS, Controller
from drivers.serial_line import HEADER_PORTS

DEFAULT_PATH = Path("/etc/pump-companion/config.toml")
CREDENTIAL = "password_file"
BUTTONS = ("buttons.left", "buttons.middle", "buttons.right")

Pull = Literal["none", "up", "down"]
Patterns = Mapping[str, tuple[re.Pattern[str], ...]]


class Device(msgspec.Struct, frozen=True):
    id: str
    name: str
    language: str


class Supply(msgspec.Struct, frozen=True):
    baseline: int
    units: Literal["ml", "oz"]
    since: Literal["start", "end"]


class SessionSection(msgspec.Struct, frozen=True):
    pause_s: int
    sitting_s: int
    min_session_s: int
    max_session_s: int
    ask_s: int


class Motor(msgspec.Struct, frozen=True):
    pin: int
    signal: Literal["level", "pulses"]
    active: Literal["high", "low"]
    pull: Pull
    debounce_ms: int
    pulse_gap_s: int


class Buttons(msgspec.Struct, frozen=True):
    left: int
    middle: int
    right: int
    pull: Pull
    debounce_ms: int


class Serial(msgspec.Struct, frozen=True):
    port: str
    baud: int
    patterns: Patterns


class Display(msgspec.Struct, frozen=True):
    driver: str
    bus: Literal["i2c", "spi"]
    i2c_port: int
    i2c_address: int
    spi_device: int
    dc_pin: int | None
    reset_pin: int | None
    rotate: Literal[0, 180]
    night: Night
    off_after_s: int

    @property
    def controller(self) -> Controller | None:
        """The row of the OLED's controller; None where there is no OLED."""
        return CONTROLLERS.get(self.driver)


class Mqtt(msgspec.Struct, frozen=True):
    """`password_file` is where the password really lies: the credential where there is one, else the file."""

    host: str
    port: int
    username: str | None
    password_file: Path | None
    tls: bool
    ca_file: Path | None
    cert_file: Path | None
    key_file: Path | None
    protocol: Literal["auto", "5", "3.1.1"]
    prefix: str
    publish: Literal["full", "summary"]
    mirror_screen: bool


class HomeAssistant(msgspec.Struct, frozen=True):
    discovery: bool
    prefix: str
    birth_topic: str
    birth_payload: str


class StoreSection(msgspec.Struct, frozen=True):
    path: Path


class Config(msgspec.Struct, frozen=True):
    """What the file says, checked: pins are BCM numbers, paths absolute; a part without its wire is None."""

    path: Path
    device: Device
    supply: Supply
    session: SessionSection
    motor: Motor | None
    buttons: Buttons | None
    serial: Serial | None
    display: Display
    mqtt: Mqtt
    homeassistant: HomeAssistant
    store: StoreSection

    def watched(self, link: str) -> str:
        """What watches the pump: `serial ttyUSB0`, `serial, GPIO 17`; empty where nothing does."""
        watches = []
        if self.serial:
            watches.append(link if self.motor else f"{link} {self.serial.port.rpartition('/')[2]}")
        if self.motor:
            watches.append(f"GPIO {self.motor.pin}")
        return ", ".join(watches)


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong (or, as a warning, odd) in the file; `str()` is its one line."""

    key: str
    what: str
    remedy: str
    warning: bool = False
    passing: bool = False
    """It may be otherwise in a moment, as a disk may come back: no reason not to watch the pump."""
    file: str = str(DEFAULT_PATH)

    def __str__(self) -> str:
        parts = (self.file, "warning" if self.warning else "", self.key, f"{self.what}; {self.remedy}")
        line = ": ".join(part for part in parts if part)
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


class ConfigError(OneLineError):
    """What the configuration names can't be used, a secret that can't be read; no part of it is in the text."""

    status = 2


def load(
    path: Path | None, environment: Mapping[str, str], *, watching: bool = False, connecting: bool = True
) -> tuple[Config | None, list[Fault]]:
    """Read the file (None: the one in /etc) and return the configuration and all faults, warnings last.

    The configuration is None where any fault is more than a warning; `watching`: one that may pass is none.
    Not `connecting`: what only a connection to the broker needs, password and certificates, is not looked at.
    `environment` is asked for systemd's CREDENTIALS_DIRECTORY alone.
    """
    path = DEFAULT_PATH if path is None else path.absolute()
    try:
        document = read_document(path)
    except FileError as error:
        key, what, remedy = error.args
        return None, [Fault(key, what, remedy, file=str(path))]
    return checked(document, path, environment, watching=watching, connecting=connecting)


def checked(
    document: Mapping[str, Any],
    path: Path,
    environment: Mapping[str, str],
    *,
    watching: bool = False,
    connecting: bool = True,
) -> tuple[Config | None, list[Fault]]:
    """The same of a document that was read, or is yet to be written to `path`."""
    draft = _Draft(path, environment.get("CREDENTIALS_DIRECTORY", ""))
    found = list(_read_document(document, draft))
    if draft["motor.signal"] == "pulses" and "motor.debounce_ms" not in draft.given:
        draft.values["motor.debounce_ms"] = KNOCK_MS
    for names, rule in RULES:
        if not draft.bad.intersection(names) and (connecting or rule not in FOR_A_CONNECTION):
            found += rule(draft)
    said = (msgspec.structs.replace(f, file=str(path), warning=f.warning or (watching and f.passing)) for f in found)
    faults = sorted(said, key=lambda f: f.warning)
    return None if any(not fault.warning for fault in faults) else _config(path, draft), faults


def defaults(path: Path) -> Config:
    """What a configuration of this path says where nothing can be read in it."""
    return _config(path, _Draft(path, ""))


def read_password(config: Config) -> str | None:
    """Return the broker's password, or None where none is set; raises ConfigError with one line."""
    file = config.mqtt.password_file
    if file is None:
        return None
    try:
        return secret_in(file, private=False)
    except WrongError as error:
        fault = Fault("mqtt.password_file", error.what, error.remedy, file=str(config.path))
        raise ConfigError(str(fault)) from None


class _Draft:
    """What is known so far: every key's value (its default until read), which were given, which are wrong."""

    def __init__(self, file: Path, credentials: str) -> None:
        self.file, self.folder = file, file.parent
        credential = Path(credentials, CREDENTIAL)
        self.credential = credential if credentials and _mode(credential) else None
        self.values: dict[str, Any] = {key.full: key.default for key in KEYS}
        self.values["display.night"] = READERS["night"](BY_NAME["display.night"], self["display.night"])
        self.values |= defaults_of(instance(file, DEFAULT_PATH))
        self.store = self["store.path"]
        self.given: set[str] = set()
        self.bad: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def path(self, name: str) -> Path | None:
        """Where a key's file is: a relative path begins at the configuration's own folder."""
        return None if self[name] is None else self.folder / self[name]

    def named(self, *names: str) -> list[str]:
        return [name for name in names if name in self.given]


def _read_document(document: Mapping[str, Any], draft: _Draft) -> Iterator[Fault]:
    """Put every good value of the document into the draft; yield what is unknown or wrong."""
    for section, table in document.items():
        if section not in SECTIONS:
            yield Fault(section, *unknown("", section, is_section=isinstance(table, dict)))
        elif not isinstance(table, dict):
            draft.bad.update(key.full for key in SECTIONS[section])
            yield Fault(section, "is the name of a section", f"write [{section}] once, and its keys below it")
        else:
            for name, value in table.items():
                yield from _read_key(section, name, value, draft)


def _read_key(section: str, name: str, value: object, draft: _Draft) -> Iterator[Fault]:
    key = BY_NAME.get(f"{section}.{name}")
    if key is None:
        yield Fault(f"{section}.{name}", *unknown(section, name, is_section=False))
        return
    draft.given.add(key.full)
    if key.kind == "patterns" and isinstance(value, dict):
        draft.values[key.full] = patterns = {}
        for verb, listed in value.items():
            try:
                patterns[verb] = read_pattern(verb, listed)
            except WrongError as error:
                yield Fault(f"{key.full}.{verb}", error.what, error.remedy)
        return
    try:
        draft.values[key.full] = READERS[key.kind](key, value)
    except WrongError as error:
        draft.bad.add(key.full)
        yield Fault(key.full, error.what, error.remedy)


def _session_order(draft: _Draft) -> Iterator[Fault]:
    less, more = "session.min_session_s", "session.max_session_s"
    if draft[less] >= draft[more]:
        what = f"min_session_s is {draft[less]} and max_session_s is {draft[more]}"
        yield Fault(less if less in draft.given else more, what, "make min_session_s less than max_session_s")


def _motor_signal(draft: _Draft) -> Iterator[Fault]:
    debounce_ms, gap_s = draft["motor.debounce_ms"], draft["motor.pulse_gap_s"]
    if draft["motor.signal"] == "level":
        return
    # Fast stimulation is 120 strokes a minute: a level lasts 250 ms at most.
    if debounce_ms >= 250:
        yield Fault("motor.debounce_ms", f"{debounce_ms} would swallow fast strokes", "write less than 250")
    if gap_s >= draft["session.pause_s"]:
        remedy = "make it less than session.pause_s"
        yield Fault("motor.pulse_gap_s", f"{gap_s} leaves no room for a pause", remedy, warning=True)


def _buttons_together(draft: _Draft) -> Iterator[Fault]:
    given = draft.named(*BUTTONS)
    if given:
        for name in BUTTONS:
            if name not in given:
                yield Fault(name, f"is missing beside {' and '.join(given)}", "give all three buttons a pin, or none")


def _pins_once(draft: _Draft) -> Iterator[Fault]:
    owners: dict[int, str] = {}
    for name in PIN_KEYS:
        pin = draft[name]
        if name in draft.given and name not in draft.bad:
            if pin in owners:
                yield Fault(name, f"GPIO{pin} is already the pin of {owners[pin]}", "wire and name another pin")
            owners.setdefault(pin, name)


def _pins_of_buses(draft: _Draft) -> Iterator[Fault]:
    """Find pins that a bus in use has: the header's functions as in gpiozero's pin data."""
    taken: dict[int, str] = {}
    drawn = draft["display.driver"] in CONTROLLERS
    if drawn and draft["display.bus"] == "i2c":
        port = draft["display.i2c_port"]
        taken |= dict.fromkeys({0: (0, 1), 1: (2, 3)}.get(port, ()), f"I2C {port} has for the display")
    elif drawn:
        taken |= dict.fromkeys(range(7, 12), "SPI has for the display")
    if draft["serial.port"] in HEADER_PORTS:
        taken |= dict.fromkeys((14, 15), "serial.port has for the pump link")
    for name in draft.named(*PIN_KEYS):
        pin = draft[name]
        if name in draft.bad:
            continue
        if pin in taken:
            yield Fault(name, f"GPIO{pin} is a pin that {taken[pin]}", "wire and name another pin")
        elif pin in (14, 15):
            what = f"GPIO{pin} is the serial console's on many systems"
            yield Fault(name, what, "wire another pin, or switch the console off in raspi-config", warning=True)


def _display_wiring(draft: _Draft) -> Iterator[Fault]:
    drawn = draft["display.driver"] in CONTROLLERS
    if drawn and draft["display.bus"] == "spi" and "display.dc_pin" not in draft.given:
        yield Fault(
            "display.dc_pin", "is missing, and an OLED on SPI needs it", f"write {BY_NAME['display.dc_pin'].right}"
        )


def _wires(draft: _Draft) -> Iterator[Fault]:
    """Warn of a section whose wire has no name, and of a device that nothing but a dashboard can reach."""
    wires = {"motor": ["motor.pin"], "serial": ["serial.port"], "buttons": [*BUTTONS]}
    for section, names in wires.items():
        if not draft.named(*names) and draft.named(*(key.full for key in SECTIONS[section])):
            yield Fault(names[0], f"is missing, so [{section}] has no effect", "name the wire", warning=True)
    if not any(draft.named(*names) for names in wires.values()):
        what = "neither this nor serial.port nor buttons are set, so only a dashboard can start a session"
        yield Fault("motor.pin", what, "name what is wired", warning=True)


def _tls(draft: _Draft) -> Iterator[Fault]:
    files = draft.named("mqtt.ca_file", "mqtt.cert_file", "mqtt.key_file")
    if not draft["mqtt.tls"]:
        for name in files:
            yield Fault(name, "has no effect without TLS", "write tls = true in [mqtt], or remove this key")
        return
    for named, other in (("mqtt.cert_file", "mqtt.key_file"), ("mqtt.key_file", "mqtt.cert_file")):
        if named in files and other not in files:
            yield Fault(other, f"is missing beside {named}", "name both, or neither")
    for name in files:
        file = draft.path(name)
        try:
            content_of(file, private=name == "mqtt.key_file")
        except WrongError as error:
            yield Fault(name, f"{file} {error.what}", error.remedy)
    if "mqtt.port" not in draft.given:
        yield Fault("mqtt.port", "is 1883, mostly a port without TLS", "write 8883, or port = 1883", warning=True)


def _password(draft: _Draft) -> Iterator[Fault]:
    """Never show the file's name: some write the password itself here."""
    named, credential = draft.path("mqtt.password_file"), draft.credential
    file = credential or named
    if file is None:
        return
    if "mqtt.username" not in draft.given:
        what, remedy = "is missing, and a password is set", "write the user it belongs to"
        yield Fault("mqtt.username", what, remedy, warning=named is None)
    try:
        secret_in(file, private=credential is None)
    except WrongError as error:
        yield Fault("mqtt.password_file", error.what, error.remedy)


def _store(draft: _Draft) -> Iterator[Fault]:
    """Look whether the record could be written; the folder of the default path is made by the service."""
    file = draft.path("store.path")
    if file is None or str(file) == draft.store:
        return
    if stat.S_ISDIR(_mode(file)):
        yield Fault("store.path", f"{file} is a folder", "name a file in it, as in pump.db")
    elif _mode(file) and not stat.S_ISREG(_mode(file)):
        yield Fault("store.path", f"{file} is no regular file", "name another, as in pump.db")
    elif not stat.S_ISDIR(_mode(file.parent)):
        yield Fault("store.path", f"the folder {file.parent} does not exist", "make it, or name another", passing=True)
    else:
        for place in (file.parent, file):
            if _mode(place) and not os.access(place, os.W_OK, effective_ids=True):
                remedy = "call this with sudo, or chown it to the service's user"
                yield Fault("store.path", f"{place} may not be written by this user", remedy, passing=True)
                break


def _instances(draft: _Draft) -> Iterator[Fault]:
    """Look at the other pumps' files: each pump has a name of its own at its broker, and a record of its own."""
    name = instance(draft.file, DEFAULT_PATH)
    if name is not None and "device.id" not in draft.given:
        try:
            READERS["id"](BY_NAME["device.id"], name)
        except WrongError as error:
            yield Fault("device.id", f"is missing, and the file's own name {error.what}", error.remedy)
    for other, theirs in others(draft.file, DEFAULT_PATH):
        if all(theirs[key] == draft[key] for key in AT_BROKER):
            what = f"is that of {other} too, with the same mqtt.prefix at the same broker"
            yield Fault("device.id", what, "give each pump an id of its own", passing=True)
        if draft.folder / str(theirs["store.path"]) == draft.path("store.path"):
            yield Fault("store.path", f"is that of {other} too", "give each pump a record of its own", passing=True)
        for key in shared_wires(draft.values, theirs):
            yield Fault(key, f"is {other}'s too", "name another, where both are to run", warning=True)


RULES: tuple[tuple[tuple[str, ...], Callable[[_Draft], Iterator[Fault]]], ...] = (
    (("session.min_session_s", "session.max_session_s"), _session_order),
    (("motor.signal", "motor.debounce_ms", "motor.pulse_gap_s", "session.pause_s"), _motor_signal),
    ((), _buttons_together),
    ((), _pins_once),
    (("display.driver", "display.bus", "display.i2c_port"), _pins_of_buses),
    (("display.driver", "display.bus"), _display_wiring),
    ((*PIN_KEYS, "serial.port"), _wires),
    (("mqtt.tls", "mqtt.ca_file", "mqtt.cert_file", "mqtt.key_file"), _tls),
    (("mqtt.username", "mqtt.password_file"), _password),
    (("store.path",), _store),
    ((*AT_BROKER, "store.path"), _instances),
)
FOR_A_CONNECTION = (_tls, _password)


def _mode(path: Path) -> int:
    """Return a file's type and mode, 0 where there is none to be seen."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _config(path: Path, draft: _Draft) -> Config:
    def part(section: str) -> dict[str, Any]:
        return {key.name: draft[key.full] for key in SECTIONS[section]}

    files = {key.name: draft.path(key.full) for key in SECTIONS["mqtt"] if key.kind == "file"}
    if draft.credential and draft["mqtt.username"]:
        files["password_file"] = draft.credential
    return Config(
        path=path,
        device=Device(**part("device")),
        supply=Supply(**part("supply")),
        session=SessionSection(**part("session")),
        motor=None if draft["motor.pin"] is None else Motor(**part("motor")),
        buttons=None if draft["buttons.left"] is None else Buttons(**part("buttons")),
        serial=None if draft["serial.port"] is None else Serial(**part("serial")),
        display=Display(**part("display")),
        mqtt=Mqtt(**part("mqtt") | files),
        homeassistant=HomeAssistant(**part("homeassistant")),
        store=StoreSection(path=draft.folder / draft["store.path"]),
    )


if __name__ == "__main__":
    import json

    print(json.dumps(schema(), indent=2))
