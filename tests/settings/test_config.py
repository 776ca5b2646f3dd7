"""The configuration: what is right is read, what is wrong is named in one line, all of it at once.

Every kind of fault stands in one table: the text of a file, the key that must be named, and words of the remedy.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.settings import loading
from device.settings.keys import SECTIONS, Night
from device.settings.loading import Config, ConfigError, Fault, load, read_password
from drivers.controllers import CONTROLLERS
from tests.support.effort import so_many

ROOT = Path(__file__).parents[2]
MOTOR = "[motor]\npin = 17\n"
NOBODY = 65534

FAULTS = {
    # the file as TOML
    "syntax": ("[device]\nname = Breast pump\n", "line 2, column 8", "not TOML"),
    "syntax at the end": ('[device]\nname = "Breast', "line 2", "not TOML"),
    "a key twice": ("[supply]\nbaseline = 8\nbaseline = 9\n", "line 3, column 13", "may stand once"),
    "a section twice": (MOTOR + "[supply]\n[motor]\n", "line 4, column 7", "may stand once"),
    "nested deep": ("a = " + "[" * 100_000, "", "nested too deep"),
    # names
    "unknown section": ("[moter]\npin = 17\n", "moter", "did you mean [motor]?"),
    "unknown key": ("[supply]\nbaselin = 9\n", "supply.baselin", "did you mean baseline?"),
    "key of another section": ("[device]\npause_s = 9\n", "device.pause_s", "it belongs in [session]"),
    "misspelt key of another section": ("[device]\nbaselime = 9\n", "device.baselime", "did you mean supply.baseline?"),
    "key in no section": ("baseline = 9\n", "baseline", "it belongs in [supply]"),
    "patterns in no section": ("[patterns]\nSTOP = 'x'\n", "patterns", "it belongs in [serial.patterns]"),
    "key like no other": ("[supply]\nzzz = 9\n", "supply.zzz", "use one of baseline, units"),
    "key with another case": ("[supply]\nBaseline = 9\n", "supply.Baseline", "did you mean baseline?"),
    "section in a section": ("[motor.foo]\nx = 1\n", "motor.foo", "is no key"),
    "value where a section stands": ('mqtt = "localhost"\n', "mqtt", "write [mqtt] once"),
    "list of sections": ("[[motor]]\npin = 17\n", "motor", "write [motor] once"),
    "password in the file": ('[mqtt]\npassword = "hunter2"\n', "mqtt.password", "secrets do not stand in this file"),
    "passwd anywhere": ('passwd = "hunter2"\n', "passwd", "mqtt.password_file"),
    # types
    "text for a number": ('[supply]\nbaseline = "8"\n', "supply.baseline", "write 8 without quotes"),
    "flag for a number": ("[supply]\nbaseline = true\n", "supply.baseline", "write 1 to 24 stimulations"),
    "broken float for a number": ("[supply]\nbaseline = 8.5\n", "supply.baseline", "write 1 to 24"),
    "infinity for a number": ("[supply]\nbaseline = inf\n", "supply.baseline", "write 1 to 24"),
    "list for a text": ("[device]\nname = []\n", "device.name", "a list"),
    "date for a text": ("[device]\nname = 2026-01-01\n", "device.name", "a date or time"),
    "number for a flag": ("[mqtt]\nmirror_screen = 1\n", "mqtt.mirror_screen", "write true or false"),
    "text for a flag": ('[mqtt]\nmirror_screen = "True"\n', "mqtt.mirror_screen", "write true without quotes"),
    "number for a choice": ("[mqtt]\nprotocol = 5\n", "mqtt.protocol", 'write "5"'),
    "flag for a number's choice": ("[display]\nrotate = false\n", "display.rotate", "write 0 or 180"),
    "flag for a pin": ("[motor]\npin = true\n", "motor.pin", "BCM number"),
    "text for an address": ('[display]\ni2c_address = "0x3C"\n', "display.i2c_address", "write 0x3C without quotes"),
    "number for patterns": ("[serial]\nport='x'\npatterns = 3\n", "serial.patterns", "[serial.patterns]"),
    "float for a number": ("[supply]\nbaseline = 8.0\n", "supply.baseline", "write 8"),
    "float for a pin": ("[motor]\npin = 17.0\n", "motor.pin", "write 17"),
    # values
    "too small": ("[supply]\nbaseline = 0\n", "supply.baseline", "0 is out of range; write 1 to 24 stimulations"),
    "too large": ("[mqtt]\nport = 65536\n", "mqtt.port", "write 1 to 65535"),
    "address below": ("[display]\ni2c_address = 0x02\n", "display.i2c_address", "write 0x03 to 0x77"),
    "address above": ("[display]\ni2c_address = 0x78\n", "display.i2c_address", "0x78 is out of range; write 0x03 to"),
    "no such language": ('[device]\nlanguage = "nl"\n', "device.language", 'write "en", "de", "fr", "es" or "it"'),
    "no such choice": ('[motor]\npin=17\nsignal = "pulse"\n', "motor.signal", 'write "level" or "pulses"'),
    "no such level": ('[motor]\npin=17\nactive = "hi"\n', "motor.active", 'write "high" or "low"'),
    "no such pull": ('[motor]\npin=17\npull = "UP"\n', "motor.pull", 'write "none", "up" or "down"'),
    "no such rotation": ("[display]\nrotate = 90\n", "display.rotate", "write 0 or 180"),
    "no such protocol": ('[mqtt]\nprotocol = "3.1"\n', "mqtt.protocol", 'write "auto", "5" or "3.1.1"'),
    "no such publish": ('[mqtt]\npublish = "none"\n', "mqtt.publish", 'write "full" or "summary"'),
    "no such unit": ('[supply]\nunits = "cl"\n', "supply.units", 'write "ml" or "oz"'),
    "night without minutes": ('[display]\nnight = "21-7"\n', "display.night", "21:00-07:00"),
    "night after midnight's end": ('[display]\nnight = "21:00-24:30"\n', "display.night", "21:00-07:00"),
    "id with a slash": ('[device]\nid = "a/b"\n', "device.id", "letters, digits"),
    "id with a plus": ('[device]\nid = "a+b"\n', "device.id", "letters, digits"),
    "id with a hash": ('[device]\nid = "#"\n', "device.id", "letters, digits"),
    "id with an umlaut": ('[device]\nid = "pümp"\n', "device.id", "letters, digits"),
    "id too long": (f'[device]\nid = "{"a" * 65}"\n', "device.id", "longer than 64"),
    "prefix with a plus": ('[mqtt]\nprefix = "a/+"\n', "mqtt.prefix", "without + or #"),
    "prefix with a hash": ('[mqtt]\nprefix = "#"\n', "mqtt.prefix", "without + or #"),
    "prefix with an empty level": ('[mqtt]\nprefix = "a//b"\n', "mqtt.prefix", "none empty"),
    "prefix that ends in a slash": ('[homeassistant]\nprefix = "ha/"\n', "homeassistant.prefix", "none empty"),
    "prefix of the broker's own": ('[mqtt]\nprefix = "$SYS"\n', "mqtt.prefix", "not starting with $"),
    "birth topic with a wildcard": ('[homeassistant]\nbirth_topic = "ha/#"\n', "homeassistant.birth_topic", "without"),
    "host as a URL": ('[mqtt]\nhost = "mqtt://me:hunter2@broker"\n', "mqtt.host", "more than a host"),
    "absurdly large": (f"[mqtt]\nport = 0x{'F' * 5000}\n", "mqtt.port", "a number of that size is out of range"),
    "night of no length": ('[display]\nnight = "07:00-07:00"\n', "display.night", "at the same time"),
    "name empty": ('[device]\nname = " "\n', "device.name", "is empty"),
    "name of two lines": ('[device]\nname = "a\\nb"\n', "device.name", "control character"),
    "host with a port": ('[mqtt]\nhost = "broker:1883"\n', "mqtt.host", "more than a host"),
    # pins
    "no such number": ("[motor]\npin = 28\n", "motor.pin", "28 is no GPIO pin"),
    "negative number": ("[motor]\npin = -1\n", "motor.pin", "-1 is no GPIO pin"),
    "no such name": ('[motor]\npin = "GPIO99"\n', "motor.pin", "is no GPIO pin"),
    "a pin of ground": ('[motor]\npin = "BOARD6"\n', "motor.pin", "is no GPIO pin"),
    "a button missing": ("[buttons]\nleft = 5\nright = 13\n", "buttons.middle", "missing beside buttons.left and"),
    "a pin twice": (
        "[motor]\npin = 5\n[buttons]\nleft = 5\nmiddle = 6\nright = 13\n", "buttons.left",
        "GPIO5 is already the pin of motor.pin",
    ),
    "a pin twice in two spellings": (
        '[motor]\npin = "BOARD29"\n[buttons]\nleft = 6\nmiddle = "WPI21"\nright = 13\n', "buttons.middle",
        "GPIO5 is already the pin of motor.pin",
    ),
    "a pin of I2C": ("[motor]\npin = 2\n", "motor.pin", "I2C 1 has for the display"),
    "a pin of the other I2C": ("[motor]\npin = 1\n[display]\ni2c_port = 0\n", "motor.pin", "I2C 0 has"),
    "a pin of SPI": ('[motor]\npin = 8\n[display]\nbus = "spi"\ndc_pin = 24\n', "motor.pin", "SPI has for the display"),
    "the display's own pin on SPI": ('[display]\nbus = "spi"\ndc_pin = 11\n', "display.dc_pin", "SPI has"),
    "a pin of the serial port": (
        '[motor]\npin = 15\n[serial]\nport = "/dev/serial0"\n', "motor.pin", "serial.port has",
    ),
    "SPI without D/C": ('[display]\nbus = "spi"\n', "display.dc_pin", "an OLED on SPI needs it"),
    # patterns
    "pattern that does not compile": (
        "[serial]\nport='x'\npatterns.STOP = '(off'\n", "serial.patterns.STOP", "compile",
    ),
    "pattern that is no text": ("[serial]\nport='x'\npatterns.STOP = 3\n", "serial.patterns.STOP", "nor a list"),
    "pattern list of numbers": ("[serial]\nport='x'\npatterns.STOP = [3]\n", "serial.patterns.STOP", "nor a list"),
    "pattern list without any": ("[serial]\nport='x'\npatterns.STOP = []\n", "serial.patterns.STOP", "nor a list"),
    "unknown verb": ("[serial]\nport='x'\npatterns.stop = 'x'\n", "serial.patterns.stop", "write STOP"),
    "verb like no other": ("[serial]\nport='x'\npatterns.QQ = 'x'\n", "serial.patterns.QQ", "one of HELLO, START"),
    "port empty": ('[serial]\nport = ""\n', "serial.port", "is empty"),
    "pattern with an unknown group": (
        "[serial]\nport='x'\n[serial.patterns]\nSTOP = ['off', 'end (?P<time>.)']\n", "serial.patterns.STOP",
        "unknown group time",
    ),
    "volume without its group": ("[serial]\nport='x'\npatterns.VOLUME = '\\d+'\n", "serial.patterns.VOLUME", "ml"),
    # what belongs together
    "sitting longer than a day": ("[session]\nsitting_s = 86401\n", "session.sitting_s", "write 0 to 86400"),
    "least longer than most": (
        "[session]\nmin_session_s = 90\nmax_session_s = 80\n", "session.min_session_s", "less than",
    ),
    "debounce that eats strokes": (
        '[motor]\npin = 17\nsignal = "pulses"\ndebounce_ms = 250\n', "motor.debounce_ms", "swallow fast strokes",
    ),
    "TLS file without TLS": ('[mqtt]\nca_file = "here"\n', "mqtt.ca_file", "write tls = true"),
    "certificate without its key": ('[mqtt]\ntls = true\nport = 1\ncert_file = "here"\n', "mqtt.key_file", "name both"),
    "key without its certificate": ('[mqtt]\ntls = true\nport = 1\nkey_file = "here"\n', "mqtt.cert_file", "name both"),
    "password without a user": ('[mqtt]\npassword_file = "here"\n', "mqtt.username", "a password is set"),
    # files
    "authority missing": (
        '[mqtt]\ntls = true\nport = 1\nca_file = "gone.crt"\n', "mqtt.ca_file", "gone.crt is not there",
    ),
    "authority a folder": ('[mqtt]\ntls = true\nport = 1\nca_file = "folder"\n', "mqtt.ca_file", "cannot be read"),
    "authority empty": ('[mqtt]\ntls = true\nport = 1\nca_file = "empty"\n', "mqtt.ca_file", "is empty"),
    "private key open to all": (
        '[mqtt]\ntls = true\nport = 1\ncert_file = "open"\nkey_file = "open"\n', "mqtt.key_file",
        "open to every user of this machine; chmod 600",
    ),
    "password file missing": ('[mqtt]\nusername="u"\npassword_file = "gone"\n', "mqtt.password_file", "is not there"),
    "password file open to all": ('[mqtt]\nusername="u"\npassword_file="open"\n', "mqtt.password_file", "chmod 600"),
    "password file a folder": (
        '[mqtt]\nusername="u"\npassword_file="folder"\n', "mqtt.password_file", "cannot be read",
    ),
    "password file empty": ('[mqtt]\nusername="u"\npassword_file="empty"\n', "mqtt.password_file", "is empty"),
    "password of two lines": ('[mqtt]\nusername="u"\npassword_file="lines"\n', "mqtt.password_file", "not one line"),
    "password not UTF-8": ('[mqtt]\nusername="u"\npassword_file="latin"\n', "mqtt.password_file", "not UTF-8"),
    "path from home": ('[store]\npath = "~/pump.db"\n', "store.path", "write the whole path"),
    "store's folder missing": (
        '[store]\npath = "/no/such/folder/pump.db"\n', "store.path", "/no/such/folder does not exist",
    ),
    "store's folder a file": ('[store]\npath = "here/pump.db"\n', "store.path", "does not exist"),
    "store a folder": ('[store]\npath = "folder"\n', "store.path", "is a folder"),
    "store a device": ('[store]\npath = "/dev/null"\n', "store.path", "/dev/null is no regular file"),
}  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can enter, with the files that the table names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "folder").mkdir()
        files = {"here": b"hunter2\n", "open": b"hunter2\n", "empty": b"", "lines": b"a\nb\n", "latin": b"\xfc\n"}
        for file, content in files.items():
            (folder / file).write_bytes(content)
            (folder / file).chmod(0o644 if file == "open" else 0o600)
        yield folder


def loaded(folder: Path, text: str | bytes, **environment: str) -> tuple[Config | None, list[Fault]]:
    file = folder / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file, environment)


def good(folder: Path, text: str, **environment: str) -> Config:
    read, faults = loaded(folder, text, **environment)
    assert [str(fault) for fault in faults if not fault.warning] == []
    assert read is not None
    return read


def unreadable_for(folder: Path, text: str) -> list[str]:
    """Load the text as a user who owns nothing here, and return the lines."""
    file = folder / "config.toml"
    if not file.exists():
        file.write_text(text)
        file.chmod(0o644)
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        return [str(fault) for fault in load(file, {})[1] if not fault.warning]
    finally:
        if me == 0:
            os.seteuid(0)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_with_file_key_and_remedy(name: str, folder: Path) -> None:
    text, key, words = FAULTS[name]
    read, faults = loaded(folder, text)
    wrong = [fault for fault in faults if not fault.warning]
    assert read is None
    assert [fault.key for fault in wrong] == [key]
    line = str(wrong[0])
    assert line.startswith(f"{folder}/config.toml: {key}" if key else f"{folder}/config.toml: ")
    assert words in line
    assert re.search(r".; .", line)
    assert "\n" not in line
    assert line.isprintable()
    assert "hunter2" not in line


def test_every_fault_is_named_at_once(folder: Path) -> None:
    text = """
        colour = 1
        [device]
        id = "a/b"
        [supply]
        baseline = 99
        units = "l"
        [motor]
        pin = 2
        debounce = 3
        [buttons]
        left = 5
        middle = 5
        [serial]
        port = "x"
        [serial.patterns]
        STOP = '('
        START = '(?P<x>)'
        [mqtt]
        tls = true
        ca_file = "gone"
        [store]
        path = "/no/such/pump.db"
    """
    read, faults = loaded(folder, text)
    assert read is None
    assert {fault.key for fault in faults if not fault.warning} == {
        "colour", "device.id", "supply.baseline", "supply.units", "motor.pin", "motor.debounce", "buttons.middle",
        "buttons.right", "serial.patterns.STOP", "serial.patterns.START", "mqtt.ca_file", "store.path",
    }  # fmt: skip
    assert [fault.key for fault in faults if fault.warning] == ["mqtt.port"]
    assert faults[-1].warning


def test_a_wrong_value_draws_no_faults_after_it(folder: Path) -> None:
    text = '[mqtt]\ntls = "yes"\nca_file = "gone"\n[session]\npause_s = "9"\nsitting_s = 60\n[motor]\npin = 99\n'
    faults = loaded(folder, text)[1]
    assert [fault.key for fault in faults] == ["mqtt.tls", "session.pause_s", "motor.pin"]


def test_a_missing_file_is_a_clear_fault(tmp_path: Path) -> None:
    read, faults = load(tmp_path / "gone.toml", {})
    assert read is None
    remedy = "let `sudo pump-companion setup` write it, copy the example there, or name another with --config"
    assert [str(fault) for fault in faults] == [f"{tmp_path}/gone.toml: there is no such file; {remedy}"]


def test_no_path_means_the_file_in_etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path("/etc/pump-companion/config.toml") == loading.DEFAULT_PATH
    monkeypatch.setattr(loading, "DEFAULT_PATH", tmp_path / "config.toml")
    assert str(load(None, {})[1][0]).startswith(f"{tmp_path}/config.toml: there is no such file; ")
    (tmp_path / "config.toml").write_text(MOTOR)
    read, faults = load(None, {})
    assert read is not None
    assert (read.path, faults) == (tmp_path / "config.toml", [])


def test_a_folder_instead_of_a_file_is_a_fault(tmp_path: Path) -> None:
    assert "Is a directory" in str(load(tmp_path, {})[1][0])


def test_a_file_without_an_end_is_a_fault() -> None:
    assert "it is no regular file" in str(load(Path("/dev/zero"), {})[1][0])


def test_a_file_above_a_mebibyte_is_a_fault(folder: Path) -> None:
    assert "larger than 1 MiB" in str(loaded(folder, MOTOR + "#" * (1 << 20))[1][0])


def test_nobody_waits_for_a_pipe_into_which_nobody_writes(folder: Path) -> None:
    os.mkfifo(folder / "config.toml")
    os.mkfifo(folder / "secret")
    assert "it is no regular file" in str(load(folder / "config.toml", {})[1][0])
    (folder / "config.toml").unlink()
    faults = loaded(folder, MOTOR + '[mqtt]\nusername = "me"\npassword_file = "secret"\n')[1]
    assert ["it is no regular file" in str(fault) for fault in faults] == [True]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n \t\r\n",
        b"\0" * 4096,
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\r\n",
        b"[device]\n[mqtt]\n",
        b"[serial.patterns]\n",
        b"# all of it is a comment\n",
        b"[no.such.thing]\n",
        b"display = {}\n",
    ],
)
def test_a_file_without_a_single_key_is_one_fault(content: bytes, folder: Path) -> None:
    read, faults = loaded(folder, content)
    assert read is None
    assert [(fault.key, fault.warning) for fault in faults] == [("", False)]
    assert "as after a power cut; put it back, or write at least id" in str(faults[0])


@pytest.mark.parametrize(
    "content", [MOTOR.encode() + b"\0" * 300, b"\0" * 300 + MOTOR.encode(), b"[motor]\npin = 1\0\0"]
)
def test_a_file_that_a_power_cut_left_in_part_is_a_fault(content: bytes, folder: Path) -> None:
    read, faults = loaded(folder, content)
    assert read is None
    assert ["is not TOML" in str(fault) for fault in faults] == [True]


def test_a_file_that_is_not_utf8_is_named_with_its_line(folder: Path) -> None:
    faults = loaded(folder, b'[device]\nname = "M\xfcller"\n')[1]
    assert [str(fault) for fault in faults] == [f"{folder}/config.toml: line 2: is not UTF-8; save the file as UTF-8"]


def test_a_number_of_five_thousand_digits_is_a_fault(folder: Path) -> None:
    faults = loaded(folder, "[mqtt]\nport = " + "9" * 5000)[1]
    assert len(faults) == 1
    assert "a number is too long" in str(faults[0])


@pytest.mark.parametrize("content", ["a" + ".a" * 5000 + " = 1", f"[{'a.' * 5000}a]", f"a = {'[' * 5000}{']' * 5000}"])
def test_what_is_nested_without_end_is_a_fault(content: str, folder: Path) -> None:
    faults = loaded(folder, content)[1]
    assert ["is nested too deep" in str(fault) for fault in faults] == [True]


def test_a_configuration_that_may_not_be_read_is_a_fault(folder: Path) -> None:
    file = folder / "config.toml"
    file.write_text(MOTOR)
    file.chmod(0)
    assert ["config.toml: may not be read by this user; " in line for line in unreadable_for(folder, "")] == [True]


def test_files_that_may_not_be_read_or_written_are_faults(folder: Path) -> None:
    (folder / "here").chmod(0)
    (folder / "folder").chmod(0o555)
    (folder / "empty").chmod(0o444)
    text = '[mqtt]\nusername = "u"\npassword_file = "here"\n[store]\npath = "folder/pump.db"\n'
    lines = unreadable_for(folder, text)
    remedy = "call this with sudo; the service's user is to own it"
    assert [f"mqtt.password_file: may not be read by this user; {remedy}" in line for line in lines] == [True, False]
    remedy = "call this with sudo, or chown it to the service's user"
    assert f"store.path: {folder}/folder may not be written by this user; {remedy}" in lines[1]


def test_a_file_with_one_key_is_valid_with_every_default_and_one_warning(folder: Path) -> None:
    read, faults = loaded(folder, '[device]\nid = "pump"\n')
    assert read is not None
    line = f"{folder}/config.toml: warning: motor.pin: neither this nor serial.port nor buttons are set"
    assert [str(fault) for fault in faults] == [f"{line}, so only a dashboard can start a session; name what is wired"]
    assert (read.motor, read.buttons, read.serial) == (None, None, None)
    assert read.device == loading.Device("pump", "Breast pump", "en")
    assert read.supply == loading.Supply(8, "ml", "start")
    assert [getattr(read.session, key.name) for key in SECTIONS["session"]] == [120, 720, 60, 7200, 600]
    assert read.display == loading.Display(
        "ssd1306", "i2c", 1, 0x3C, 0, None, None, 0, Night(21 * 60, 7 * 60), 120
    )  # fmt: skip
    assert read.mqtt == loading.Mqtt(
        "localhost", 1883, None, None, False, None, None, None, "auto", "pump-companion", "full", False
    )  # fmt: skip
    assert read.homeassistant == loading.HomeAssistant(True, "homeassistant", "homeassistant/status", "online")
    assert read.store.path == Path("/var/lib/pump-companion/pump.db")


@pytest.mark.parametrize("driver", [*CONTROLLERS, "none"])
def test_each_controller_of_the_table_may_be_named_and_none(folder: Path, driver: str) -> None:
    read = good(folder, f'[display]\ndriver = "{driver}"\n')
    assert read.display.controller == CONTROLLERS.get(driver)


def test_what_is_wired_is_read(folder: Path) -> None:
    read = good(
        folder,
        """
        [motor]
        pin = "J8:11"
        signal = "pulses"
        [buttons]
        left = 5
        middle = "gpio6"
        right = "BOARD33"
        [serial]
        port = "/dev/ttyUSB0"
        patterns = {STOP = ['^off (?P<t>\\d+)$', '^end$'], START = '^on$'}
        [display]
        night = "22:30-06:15"
        [store]
        path = "pump.db"
        """,
    )
    assert read.motor == loading.Motor(17, "pulses", "high", "none", 5, 8)
    assert read.buttons == loading.Buttons(5, 6, 13, "up", 20)
    assert read.serial is not None
    assert (read.serial.port, read.serial.baud) == ("/dev/ttyUSB0", 115200)
    found = read.serial.patterns["STOP"][0].search("off 12")
    assert found is not None
    assert found["t"] == "12"
    assert read.display.night == Night(22 * 60 + 30, 6 * 60 + 15)
    assert read.store.path == folder / "pump.db"


@pytest.mark.parametrize(
    ("written", "debounce_ms"),
    [
        ("", 50),
        ('signal = "level"\n', 50),
        ('signal = "pulses"\n', 5),
        ('signal = "pulses"\ndebounce_ms = 50\n', 50),
        ('debounce_ms = 0\nsignal = "pulses"\n', 0),
        ("debounce_ms = 7\n", 7),
    ],
)
def test_a_knock_may_be_shorter_than_a_level_where_nothing_else_is_written(
    written: str, debounce_ms: int, folder: Path
) -> None:
    read = good(folder, "[motor]\npin = 17\n" + written)
    assert read.motor is not None
    assert read.motor.debounce_ms == debounce_ms


@pytest.mark.parametrize("sitting_s", [0, 1, 119, 120, 121, 86400])
@pytest.mark.parametrize("pause_s", [1, 120, 3600])
def test_a_sitting_may_be_shorter_than_a_pause_or_none_at_all(sitting_s: int, pause_s: int, folder: Path) -> None:
    read = good(folder, MOTOR + f"[session]\nsitting_s = {sitting_s}\npause_s = {pause_s}\n")
    assert (read.session.sitting_s, read.session.pause_s) == (sitting_s, pause_s)


def test_a_byte_order_mark_and_windows_lines_are_read(folder: Path) -> None:
    assert loaded(folder, b"\xef\xbb\xbf[motor]\r\npin = 17\r\n")[1] == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[buttons]\nleft = 5\nmiddle = 6\nright = 13\n[motor]\nactive = 'low'\n", "motor.pin"),
        (MOTOR + "[serial]\nbaud = 9600\n", "serial.port"),
        (MOTOR + "[buttons]\npull = 'down'\n", "buttons.left"),
        ("[motor]\npin = 14\n", "motor.pin"),
        ("[motor]\npin = 17\nsignal = 'pulses'\npulse_gap_s = 120\n", "motor.pulse_gap_s"),
        (MOTOR + "[mqtt]\ntls = true\n", "mqtt.port"),
    ],
)
def test_what_is_odd_but_possible_is_only_a_warning(text: str, key: str, folder: Path) -> None:
    read, faults = loaded(folder, text)
    assert read is not None
    assert [(fault.key, fault.warning) for fault in faults] == [(key, True)]
    assert str(faults[0]).startswith(f"{folder}/config.toml: warning: {key}: ")


@pytest.mark.parametrize(
    "text",
    [
        MOTOR + '[mqtt]\nusername = "me"\n',
        MOTOR + '[mqtt]\nhost = "fe80::1"\n',
        MOTOR + '[mqtt]\nusername = "me"\npassword_file = "here"\n',
        MOTOR + '[mqtt]\ntls = true\nport = 8883\nca_file = "open"\ncert_file = "open"\nkey_file = "here"\n',
        '[motor]\npin = 2\n[display]\ndriver = "none"\n',
        '[motor]\npin = 2\n[display]\nbus = "spi"\ndc_pin = 24\n',
        "[motor]\npin = 8\n",
        '[serial]\nport = "/dev/ttyUSB0"\n',
        '[serial]\nport = "socket://sensor:7000"\n',
        MOTOR + '[store]\npath = "here"\n',
    ],
)
def test_what_is_right_draws_no_line(text: str, folder: Path) -> None:
    assert [str(fault) for fault in loaded(folder, text)[1]] == []


def test_the_password_is_read_from_its_file_and_shown_nowhere(folder: Path) -> None:
    read = good(folder, '[mqtt]\nusername = "me"\npassword_file = "here"\n')
    assert read_password(read) == "hunter2"
    assert "hunter2" not in repr(read)
    assert read_password(good(folder, '[mqtt]\nusername = "me"\n')) is None


def test_a_systemd_credential_comes_before_the_file(folder: Path) -> None:
    credentials = folder / "credentials"
    credentials.mkdir()
    text = MOTOR + '[mqtt]\nusername = "me"\npassword_file = "gone"\n'
    assert [fault.key for fault in loaded(folder, text, CREDENTIALS_DIRECTORY=str(credentials))[1]] == [
        "mqtt.password_file"
    ]
    (credentials / "password_file").write_text("from systemd\n")
    assert read_password(good(folder, text, CREDENTIALS_DIRECTORY=str(credentials))) == "from systemd"
    alone = MOTOR + '[mqtt]\nusername = "me"\n'
    assert read_password(good(folder, alone, CREDENTIALS_DIRECTORY=str(credentials))) == "from systemd"
    read, faults = loaded(folder, MOTOR, CREDENTIALS_DIRECTORY=str(credentials))
    assert [(fault.key, fault.warning) for fault in faults] == [("mqtt.username", True)]
    assert read is not None
    assert read_password(read) is None


def test_a_password_that_goes_away_later_is_one_line_without_it(folder: Path) -> None:
    read = good(folder, '[mqtt]\nusername = "me"\npassword_file = "here"\n')
    (folder / "here").write_text("hunter2\nhunter3\n")
    with pytest.raises(ConfigError) as raised:
        read_password(read)
    assert str(raised.value) == (
        f"{folder}/config.toml: mqtt.password_file: is not one line with a password; write the password alone into it"
    )
    (folder / "here").unlink()
    with pytest.raises(ConfigError, match="is not there; "):
        read_password(read)


@pytest.mark.parametrize(
    "password", ["hunter2", "hunter2/x", "hunter2/secret/x", "here/hunter2", "/hunter2/x", "x" * 300]
)
def test_a_password_written_where_its_file_belongs_is_not_shown_in_any_part(password: str, folder: Path) -> None:
    faults = loaded(folder, f'[mqtt]\nusername = "me"\npassword_file = "{password}"\n')[1]
    assert [fault.key for fault in faults if not fault.warning] == ["mqtt.password_file"]
    assert not re.search("hunter2|secret", " ".join(map(str, faults)))


@pytest.mark.parametrize(
    "line", ["password = hunter2", 'password = "hunter2"', "pass.word = 'hunter2'", 'host = "me:hunter2@b"']
)
def test_a_secret_that_stands_in_the_file_is_not_shown(line: str, folder: Path) -> None:
    faults = loaded(folder, MOTOR + f"[mqtt]\n{line}\n")[1]
    assert faults
    assert "hunter2" not in " ".join(map(str, faults))


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfhunter2", b"\xef\xbb\xbfhunter2\r\n", b"hunter2\r\n", b"hunter2\n"])
def test_a_password_is_read_without_what_an_editor_put_around_it(content: bytes, folder: Path) -> None:
    (folder / "here").write_bytes(content)
    assert read_password(good(folder, '[mqtt]\nusername = "me"\npassword_file = "here"\n')) == "hunter2"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b" \t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\0" * 64, b"hunter2\0\0", b"hunter2\n\n",
        b"hunter2\rx", "hunter2".encode("utf-16"), b"hunter\xfc", "ß".encode() * 40_000,
    ],
)  # fmt: skip
def test_what_is_no_password_is_one_fault_that_shows_nothing_of_it(content: bytes, folder: Path) -> None:
    (folder / "here").write_bytes(content)
    faults = loaded(folder, MOTOR + '[mqtt]\nusername = "me"\npassword_file = "here"\n')[1]
    assert [fault.key for fault in faults] == ["mqtt.password_file"]
    assert "hunter" not in str(faults[0])


def test_a_key_with_a_line_break_stays_one_line(folder: Path) -> None:
    line = str(loaded(folder, MOTOR + '"a\\nb" = 1\n')[1][0])
    assert "motor.a\N{REPLACEMENT CHARACTER}b: is no key; " in line
    assert len(line.splitlines()) == 1


def test_the_structs_hold_exactly_the_keys_of_the_table() -> None:
    kinds = {
        "device": loading.Device, "supply": loading.Supply, "session": loading.SessionSection, "motor": loading.Motor,
        "buttons": loading.Buttons, "serial": loading.Serial, "display": loading.Display, "mqtt": loading.Mqtt,
        "homeassistant": loading.HomeAssistant, "store": loading.StoreSection,
    }  # fmt: skip
    assert [*kinds] == [*SECTIONS] == [name for name in Config.__struct_fields__ if name != "path"]
    for section, kind in kinds.items():
        assert list(kind.__struct_fields__) == [key.name for key in SECTIONS[section]]


@settings(max_examples=so_many(200))
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_whatever_ends_in_a_traceback(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        read, faults = loaded(Path(name), content)
        assert (read is None) == any(not fault.warning for fault in faults)
        assert all(str(fault).isprintable() for fault in faults)


def test_the_module_starts_without_hardware_or_network_libraries() -> None:
    code = "import sys, device.settings.loading; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()
    assert "msgspec" in modules
    assert not {"gpiozero", "luma", "paho", "serial", "ssl", "PIL", "click", "sqlite3"} & set(modules)
