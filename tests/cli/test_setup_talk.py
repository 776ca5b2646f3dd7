"""`setup` at a terminal: a file that is broken, brokers of the house, who leaves early, and a narrow screen."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from device.settings.loading import load
from tests.support.page_world import Mosquitto
from tests.support.setup_rig import LAPTOP, NEARBY
from tests.support.terminal import ROOT, UNSPOKEN, Reply, talk_to

EMPTY = ("--motor-pin", "none", "--buttons-left", "none", "--display-driver", "none", "--serial-port", "none")
LAST = ("--device-language", "en", "--supply-units", "ml", "--supply-baseline", "8")
BROKER = ("--mqtt-host", "127.0.0.1", "--mqtt-port", "1", "--mqtt-tls", "no", "--mqtt-username", "none")
NO_BROKER: tuple[tuple[str, Reply], ...] = (("Other answers", "no"), ("Write that into", "yes"))


def talked(
    file: Path,
    options: tuple[str, ...],
    *talk: tuple[str, Reply],
    columns: int = 80,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    words = ("tests.support.setup_rig", "setup", "--config", str(file), *options)
    status, screen = talk_to(words, *talk, environment=environment, columns=columns)
    assert "Traceback" not in screen, screen
    return status, screen


# -- a file that is there ----------------------------------------------------------------------------------------------


REST = ("serial port", "encrypted", "Its port", "Which user", "Which language", "ml or oz", "How many stimulations")
WRONG_KEYS = '[motor]\npin = 99\ncolour = "red"\n[display]\nrotate = 45\ndriver = "none"\n[mqtt]\nport = 1\n'
WRONG_SECTIONS = 'motor = 3\n[milk]\nfat = 4\n["a.b"]\nc = 1\n[mqtt]\nport = 1\n[serial.patterns]\nMOO = "x"\n'
ONE_BUTTON = "[buttons]\nleft = 5\nmiddle = 5\n[mqtt]\nport = 1\n"


@pytest.mark.parametrize(
    ("content", "faults", "left_out", "asked", "becomes"),
    [
        (WRONG_KEYS, ("motor.pin: ", "motor.colour: ", "display.rotate: "), "Left out: motor.colour, display.rotate.",
         ("hears the pump's motor", "has the left button", "Which controller"),
         {"motor": {}, "display": {"driver": "none"}, "mqtt": {"port": 1, "host": "127.0.0.1"}}),
        (WRONG_SECTIONS, ("motor: ", "milk: ", "a.b: ", "serial.patterns.MOO: "),
         "Left out: motor, milk, a.b, serial.patterns.MOO.", ("hears the pump's motor", "has the left button"),
         {"mqtt": {"port": 1, "host": "127.0.0.1"}, "serial": {"patterns": {}}}),
        (ONE_BUTTON, ("buttons.right: ", "buttons.middle: "), "",
         ("hears the pump's motor", "has the left button", "middle button", "right button"),
         {"buttons": {"left": 5, "middle": 6, "right": 13}, "mqtt": {"port": 1, "host": "127.0.0.1"}}),
    ],
)  # fmt: skip
def test_a_file_with_faults_is_shown_and_begun_with(
    tmp_path: Path,
    content: str,
    faults: tuple[str, ...],
    left_out: str,
    asked: tuple[str, ...],
    becomes: dict[str, Any],
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"# mine\n{content}")
    first = content.splitlines()[0]
    shown: list[tuple[str, Reply]] = [(f"   2  {first}", None), *((fault, None) for fault in faults)]
    mended: list[tuple[str, Reply]] = [("Begin with it?", "yes"), (left_out, None)]
    answers: list[tuple[str, Reply]] = [(question, "") for question in (*asked, *REST)]
    options = ("--mqtt-host", "127.0.0.1", *(() if "Which controller" in asked else ("--display-driver", "none")))
    end = [("Press the left", "\x03")] if "buttons" in becomes else []
    status, screen = talked(file, options, *shown, *mended, *answers, *NO_BROKER, *end)
    assert status == 0, screen
    found = tomllib.loads(file.read_text())
    assert {section: found[section] for section in becomes} == becomes
    assert {"milk", "a.b"}.isdisjoint(found)
    assert file.read_text().startswith("# mine\n")
    assert load(file, {}, watching=True)[0] is not None
    (kept,) = tmp_path.glob("config.toml.*")
    assert kept.read_text() == f"# mine\n{content}"


def test_who_does_not_want_the_broken_file_begins_anew_and_has_it_kept(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[motor]\npin = 99\n")
    status, screen = talked(file, (*EMPTY, *LAST, *BROKER), ("Begin with it?", "no"), *NO_BROKER)
    assert (status, "# The pin that hears the motor" in file.read_text()) == (0, True), screen


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[motor]\npin = 17\n[motor\n", "   3  [motor"),
        (b"[motor]\nname = '\xff\x1b[2J'\n", "   2  name = '\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[2J'"),
        (b"a = 1\n" + b"\n".join(b"b%d = 1" % number for number in range(70)) + b"\n[", "and 12 lines more"),
    ],
)
def test_what_is_no_toml_is_shown_and_can_only_be_begun_anew(tmp_path: Path, content: bytes, line: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    assert talked(file, BROKER, (line, None), ("Begin anew?", "no"))[0] == 2
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [content]
    status, screen = talked(file, (*EMPTY, *LAST, *BROKER), (line, None), ("Begin anew?", "yes"), *NO_BROKER)
    assert (status, load(file, {}, watching=True)[0] is not None) == (0, True), screen
    (kept,) = tmp_path.glob("config.toml.*")
    assert kept.read_bytes() == content


# -- who leaves early --------------------------------------------------------------------------------------------------

ON_THE_WAY = (
    ("hears the pump's motor", "17"), ("active all the while", ""), ("motor runs (high, low)", ""),
    ("own resistor", ""), ("has the left button", "5"), ("middle button", ""), ("right button", ""),
    ("Which controller", ""), ("At which address", ""), ("Which serial port", ""), ("Where is the MQTT broker", ""),
    ("encrypted", ""), ("Its port", "1"), ("Which user", "pump"), ("Which language", ""), ("ml or oz", ""),
    ("How many stimulations", ""), ("Its password", "secret"), ("Other answers", "no"), ("Write that into", ""),
)  # fmt: skip


@pytest.mark.parametrize(
    ("last", "key"), [*((last, "\x03") for last in range(len(ON_THE_WAY))), *((last, "\x04") for last in (0, -3, -1))]
)
def test_who_leaves_at_any_question_leaves_nothing_behind(tmp_path: Path, last: int, key: str) -> None:
    talk: list[tuple[str, Reply]] = [*ON_THE_WAY[:last], (ON_THE_WAY[last][0], key)]
    status, screen = talked(tmp_path / "config.toml", (), *talk)
    assert (status, list(tmp_path.iterdir())) == (1, []), screen
    assert "it was stopped; call it again" in screen


# -- the screen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "drawn"), [(20, "11 GPIO17\r\n12 GPIO18\r\n"), (80, "GPIO17 11 o o 12 GPIO18\r\n")]
)
def test_on_a_narrow_screen_the_header_has_a_line_a_pin(tmp_path: Path, columns: int, drawn: str) -> None:
    status, screen = talked(tmp_path / "config.toml", (), (drawn, None), ("none)?", "\x03"), columns=columns)
    assert status == 1, screen


def test_each_question_stands_below_what_was_found_and_why_it_is_asked(tmp_path: Path) -> None:
    talk: list[tuple[str, Reply]] = [
        ("On I2C answers: 0x3C.", None), ("0.96 in are mostly", None), ("Which controller", ""),
        ("No serial adapter", None), ("A lasting name", None), ("Which serial port", ""),
        ("No broker answers on this machine.", None), ("Dashboards subscribe there", None), ("MQTT broker", ""),
        ("language is none of the device's", None), ("it (Italiano)", None), ("Which language", ""),
        ("are not noted are not counted, and that is fine", None), ("How many stimulations", "\x03"),
    ]  # fmt: skip
    options = ("--motor-pin", "none", "--buttons-left", "none", "--display-i2c-address", "0x3C", *BROKER[2:])
    status, screen = talked(tmp_path / "config.toml", (*options, "--supply-units", "ml"), *talk)
    assert status == 1, screen


def test_on_a_laptop_no_pin_is_asked_for_and_that_is_said(tmp_path: Path) -> None:
    talk: list[tuple[str, Reply]] = [
        ("no header of pins", None),
        ("Which controller", ""),
        ("Which serial port", "\x03"),
    ]
    status, screen = talked(tmp_path / "config.toml", (), *talk, environment={LAPTOP: "yes"})
    assert (status, "GPIO" in screen, "left button" in screen) == (1, False, False), screen


# -- brokers of the house ----------------------------------------------------------------------------------------------


def nearby(*brokers: tuple[str, str, int, bool]) -> dict[str, str]:
    keys = ("name", "host", "port", "tls")
    return {NEARBY: json.dumps([dict(zip(keys, broker, strict=True)) for broker in brokers])}


def test_one_that_refuses_is_said_with_why_and_another_is_picked_by_its_number(tmp_path: Path) -> None:
    file, (shut, opened) = tmp_path / "config.toml", (tmp_path / "a", tmp_path / "b")
    shut.mkdir()
    opened.mkdir()
    refuses, lets_in = Mosquitto(shut, lines="allow_anonymous false\n"), Mosquitto(opened)
    house = nearby(("Kitchen", "127.0.0.1", refuses.port, False), ("Attic", "127.0.0.1", lets_in.port, False))
    try:
        status, screen = talked(
            file,
            (*EMPTY, *LAST),
            (f"1. In the house: Kitchen, 127.0.0.1:{refuses.port} (without TLS)", None),
            (f"2. In the house: Attic, 127.0.0.1:{lets_in.port} (without TLS)", None),
            ("[127.0.0.1]", ""),
            ("encrypted", ""),
            (f"Its port? [{refuses.port}]", ""),
            ("Which user", ""),
            ("refuse", None),
            ("Other answers", "yes"),
            ("[127.0.0.1]", "2"),
            ("encrypted", ""),
            (f"Its port? [{lets_in.port}]", ""),
            ("Which user", ""),
            ("lets this device in", None),
            ("Write that into", ""),
            environment=house,
        )
    finally:
        refuses.stop()
        lets_in.stop()
    assert status == 0, screen
    assert tomllib.loads(file.read_text())["mqtt"] == {"host": "127.0.0.1", "port": lets_in.port}


def test_a_number_brings_the_port_and_tls_of_that_one(tmp_path: Path) -> None:
    house = nearby(("A", "192.0.2.7", 1884, False), ("A", "192.0.2.7", 8884, True))
    status, screen = talked(
        tmp_path / "config.toml", (*EMPTY, *LAST), ("MQTT broker", "2"), ("(TLS; yes, no)? [yes]", ""),
        ("Its port? [8884]", "\x03"), environment=house,
    )  # fmt: skip
    assert status == 1, screen


def test_without_a_person_none_of_the_house_is_taken_but_told(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.support.setup_rig", "setup", "--config", str(tmp_path / "config.toml")]
    house = nearby(("A", "192.0.2.7", 1884, False))

    def told(*options: str) -> Any:
        ended = subprocess.run(
            [*words, "--json", *options], capture_output=True, check=True, cwd=ROOT, env=os.environ | UNSPOKEN | house,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return json.loads(ended.stdout)

    looked = told()
    assert looked["found"]["nearby"] == json.loads(house[NEARBY])
    assert (looked["written"], "--mqtt-host" in looked["missing"]) == (False, True)
    done = told("--yes", "--mqtt-port", "1")
    assert (done["written"], done["missing"], done["values"].get("mqtt.host")) == (True, [], None)
    assert list(tmp_path.iterdir()) == [tmp_path / "config.toml"]


@pytest.mark.parametrize(
    ("user", "password", "lies", "said"),
    [
        ("", "newer", "newer\n", {"username": "pump", "password_file": "mqtt-password"}),
        ("", "", "old\n", {"username": "pump", "password_file": "mqtt-password"}),
        ("none", None, "old\n", {}),
    ],
)
def test_a_password_that_is_kept_can_be_changed_and_goes_with_its_user(
    tmp_path: Path, user: str, password: str | None, lies: str, said: dict[str, str]
) -> None:
    file, secret = tmp_path / "config.toml", tmp_path / "mqtt-password"
    secret.touch(mode=0o600)
    secret.write_text("old\n")
    file.write_text('[mqtt]\nhost = "127.0.0.1"\nport = 1\nusername = "pump"\npassword_file = "mqtt-password"\n')
    asked: list[tuple[str, Reply]] = [
        ("MQTT broker", ""), ("encrypted", ""), ("Its port", ""), ("Which user", ""), ("Other answers", "yes"),
        ("MQTT broker", ""), ("encrypted", ""), ("Its port", ""), ("Which user", user),
    ]  # fmt: skip
    asked += [] if password is None else [("Enter alone: the one in mqtt-password", password)]
    status, screen = talked(file, (*EMPTY, *LAST), *asked, *NO_BROKER)
    assert (status, secret.read_text()) == (0, lies), screen
    assert tomllib.loads(file.read_text())["mqtt"] == {"host": "127.0.0.1", "port": 1} | said
