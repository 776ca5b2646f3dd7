"""`doctor --bundle`: secrets, names, addresses and health data are planted wherever it looks; none is in the file."""

import errno
import json
import os
import re
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from gpiozero.exc import BadPinFactory

from device.cli import doctor, main
from device.doctor import surroundings
from device.doctor.broker_call import BrokerSeen
from device.doctor.bundle import bundled
from device.doctor.case import Case
from device.doctor.examination import examine
from device.doctor.scrubbing import OF_THE_KERNEL, SPEAKERS, own_words, said_in, scrubbed
from device.doctor.surroundings import LineHeld
from device.settings.keys import KEYS
from device.store.records import Store
from tests.support.examined import MadeWorld, configuration, diagnostics

PLANTED = {
    "adalovelace": "a user", "Zoë": "a child", "Quendolin": "a device's name", "quendolin7": "a device's id",
    "hunter2": "a password", "mosquito-attic": "a host", "attic": "a host", "brokerbert": "a broker's user",
    "192.168.7.23": "an address", "fe80::dead": "an address", "b8:27:eb:12:34:56": "an address", "7.23": "an address",
    "homestead": "a prefix", "Fridolin": "a serial port", "FT9XYZ": "a serial number", "Marzipan": "a note",
    "mastitis": "health", "nipple": "health", "85": "millilitres", "0612": "a phone", "Musterstadt": "a town",
    "Vienna": "a zone", "wlan-attic": "a network", "birthword": "a payload", "gargoyle": "a folder",
    "sekret": "a pattern", "2026-11-2": "a day", "thermobert": "a program", "rpi-ada": "a kernel",
}  # fmt: skip
"""What was put somewhere, and what it stands for."""

CONFIG = """
[device]
id = "quendolin7"
name = "Quendolin's pump, Musterstadt"
[motor]
pin = 17
[buttons]
left = 5
middle = 6
right = 13
[serial]
port = "/dev/serial/by-id/usb-Fridolin_FT9XYZ-if00"
[serial.patterns]
STOP = '^sekret off$'
[mqtt]
host = "mosquito-attic.lan"
username = "brokerbert"
password_file = "hunter2"
prefix = "homestead/quendolin7"
[homeassistant]
birth_topic = "homestead/status"
birth_payload = "birthword"
"""
JOURNAL = """\
mqtt: connected to mosquito-attic.lan:1883 as quendolin7
mqtt: the certificate of 192.168.7.23:8883 has expired; or is this device's clock wrong?
mqtt.host = mosquito-attic.lan: no such host (Name or service not known)
mqtt: [fe80::dead]:1883 does not answer
serial.port = /dev/serial/by-id/usb-Fridolin_FT9XYZ-if00: no such port; plug it in
store: /home/gargoyle/pump.db: the disk is full; make room, and what waits is written
mqtt: the broker says: adalovelace said "Marzipan, 85 ml, mastitis"
Marzipan 85 ml for Zoë, nipple pain, call 0612 on 2026-11-28
device waits for 85 ml of Zoë
"""
KERNEL = """\
usb 1-1.2: Product: Fridolin's Pump of adalovelace
usb 1-1.2: SerialNumber: FT9XYZ
usb 1-1.2: FTDI USB Serial Device converter now attached to ttyUSB0
i2c-bcm2835 fe804000.i2c: i2c transfer timed out
hwmon hwmon1: Undervoltage detected!
wlan0: associated with wlan-attic b8:27:eb:12:34:56 (voltage)
"""
HEALTH: dict[str, Any] = {
    "device": "quendolin7",
    "at": "2026-11-29T21:00:00Z",
    "note": "Marzipan",
    "mqtt": {"protocol": "5", "reconnects": 3, "host": "mosquito-attic", "mastitis": 1},
    "errors": {"Zoë": 85, "too_long": 4, "nipple_pain": 1},
    "clock": "adalovelace",
    "outbox": 7,
    "serial": {"state": "Fridolin"},
    "display": {"state": "failed", "last_volume_ml": 85},
}


def planted_world(folder: Path, environment: dict[str, str]) -> MadeWorld:
    """Everything is wrong in it, so that every look has something to say."""
    world = MadeWorld(folder / "world", environment)
    world.starts(7, "pump-companion", "run", "--config", str(folder / "gargoyle" / "config.toml"))
    world.said |= {
        "journalctl -u": JOURNAL,
        "journalctl -k": KERNEL,
        "systemctl show": "LoadState=loaded\nActiveState=failed\nResult=adalovelace\nUnitFileState=disabled\n",
    }
    world.put("/etc/os-release", 'PRETTY_NAME="Musterstadt OS"\nID=debian\nVERSION_ID="13 (adalovelace)"\n')
    world.put("/sys/firmware/devicetree/base/model", "Raspberry Pi 4 Model B Rev 1.1 of Quendolin\0")
    world.put("/proc/mounts", "/dev/Fridolin / ext4 ro 0 0\n")
    world.put("/dev/i2c-1")
    world.put("/dev/gpiochip0")
    world.put("/dev/serial/by-id/usb-Fridolin_FT9XYZ-if00")
    world.packages, world.needs = {"click": "8.0.0+adalovelace"}, ["click>=8.1", "paho-mqtt>=2.1"]
    world.wrote = OSError(errno.EIO, "Marzipan in /home/gargoyle")
    world.addresses = [0x3D]
    world.held = {17: LineHeld(used=True, consumer="thermobert of adalovelace")}
    base = "homestead/quendolin7/quendolin7"
    lies = {
        f"{base}/availability": b"offline",
        f"{base}/diagnostics": diagnostics(**HEALTH),
        f"{base}/session/last": b'{"note": "Marzipan", "volume_ml": 85, "reason": "mastitis"}',
        "attic/status": b"online",
    }
    world.broker = BrokerSeen(
        up=True,
        why="mqtt: mosquito-attic.lan:1883: Marzipan",
        refused="adalovelace may not: 192.168.7.23",
        retained=lies,
    )
    world.is_synced = False
    return world


class Unkind(MadeWorld):
    """Each part of it fails with words of its own."""

    def header(self) -> str:
        raise BadPinFactory("no Raspberry Pi header among /dev/gpiochip0 (adalovelace)")

    def room(self, folder: Path) -> Any:
        raise RuntimeError("Marzipan 85 ml for Zoë at 192.168.7.23")

    def answering(self, bus: str) -> list[int]:
        raise KeyError("mastitis: hunter2")


def written(case: Case) -> str:
    return json.dumps(bundled(case, list(examine(case))), ensure_ascii=False)


def leaks(text: str) -> set[str]:
    return {secret for secret in PLANTED if secret.lower() in text.lower()}


@pytest.mark.parametrize("variant", ["daemon", "no daemon", "not let in", "unkind", "talkative"])
def test_nothing_that_was_planted_is_in_it(tmp_path: Path, variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: "attic")
    monkeypatch.setattr("platform.release", lambda: "6.12.25+rpt-rpi-ada")
    folder = tmp_path / "gargoyle"
    folder.mkdir()
    (folder / "hunter2").write_text("hunter2\n")
    (folder / "hunter2").chmod(0o600)
    (folder / "world" / "etc").mkdir(parents=True)
    config = configuration(folder, CONFIG)
    Store.open(config.store.path).close()
    world = planted_world(folder, {"TZ": "Europe/Vienna-Marzipan"})
    world.starts(7, "pump-companion", "run", "--config", str(config.path))
    if variant != "daemon":
        world.place("/proc/7/cmdline").unlink()
    if variant == "not let in":
        world.broker = BrokerSeen(
            up=False, why="mqtt: nothing listens at mosquito-attic.lan:1883; is the broker running?"
        )
    if variant == "unkind":
        world.__class__ = Unkind
    if variant == "talkative":
        world.speaks = {115200: b"PUMP VOLUME ml=85\nZo\xc3\xab Marzipan 85 ml\n", 9600: b"vol 85 ml of Marzipan\n"}
    text = written(Case(config, "hunter2", world))
    assert leaks(text) == set()
    told = json.loads(text)
    assert {finding["state"] for finding in told["checks"]} >= {"bad"}
    assert told["versions"]["kernel"] == "6.12.25"
    assert told["versions"]["system_version"] == "13"
    assert told["versions"]["board"].startswith("Raspberry Pi 4 Model")
    assert told["configuration"]["mqtt.host"] == "set"
    assert told["configuration"]["motor.pin"] == 17
    assert "mqtt: the certificate of #.#.#.#:# has expired; or is this device's clock wrong?" in told["journal"]
    assert told["journal_lines_left_out"] >= 1
    assert any("transfer timed out" in line for line in told["kernel"])
    if variant == "daemon":
        assert told["diagnostics"]["outbox"] == 7
        assert told["diagnostics"]["errors"] == {"too_long": 4}
        assert told["diagnostics"]["display"] == {"state": "failed"}


def test_what_was_planted_would_be_found(tmp_path: Path) -> None:
    """The same world, told to whoever sits at the device: there the names are, so the search can fail."""
    (tmp_path / "hunter2").write_text("hunter2\n")
    (tmp_path / "hunter2").chmod(0o600)
    config = configuration(tmp_path, CONFIG)
    told = str(list(examine(Case(config, "hunter2", planted_world(tmp_path, {})))))
    assert leaks(told) >= {"attic", "Fridolin", "Marzipan", "thermobert", "homestead"}


def test_every_key_of_the_configuration_is_named_in_it(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    told = bundled(Case(config, None, MadeWorld(tmp_path / "world")), [])
    assert list(told["configuration"]) == [key.full for key in KEYS]
    assert told["configuration"]["mqtt.host"] == "default"
    assert told["configuration"]["mqtt.username"] == "not set"
    assert told["configuration"]["session.pause_s"] == 120


def test_of_libraries_those_are_named_that_the_program_uses_and_no_test_of_it(tmp_path: Path, world: MadeWorld) -> None:
    world.needs += ['spidev>=3.5; extra == "spi"', "atheris>=3; sys_platform == 'linux' and extra == 'fuzz'"]
    told = json.loads(written(Case(configuration(tmp_path), None, world)))["versions"]["libraries"]
    assert told == {"click": "8.1.3", "paho-mqtt": "2.1.0", "spidev": ""}


def test_the_vocabulary_has_no_word_of_the_record() -> None:
    health = {"mastitis", "nipple", "plugged", "duct", "nursing", "volume", "breast", "milk", "ml", "note", "baby"}
    of_keys = {word for key in KEYS for word in re.findall("[a-z]+", key.full)}
    assert not (own_words() - of_keys) & health
    assert not OF_THE_KERNEL & health
    assert len(own_words()) > 300
    assert SPEAKERS


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("nothing listens at example.org:1883", "nothing listens at …:#"),
        ("0x3C answers on /dev/i2c-1", "0x3C answers on /dev/i2c-1"),
        ("/dev/ttyUSB0Ada", "/dev/…"),
        ("the broker says “anything at” all “mqtt”", "the broker … “…”"),
        ("mqtt: Ada\u202e\n", "mqtt: …"),
    ],
)
def test_what_is_unknown_is_left_out(said: str, kept: str) -> None:
    words = {"nothing", "listens", "at", "answers", "on", "dev", "the", "broker", "mqtt"}
    assert scrubbed(said, words) == kept


def test_a_docstring_is_nothing_that_is_said() -> None:
    import ast

    assert said_in(ast.parse('"""Grace."""\nsay("broker")\n"""Rose."""\n')) == {"broker"}


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeWorld:
    made = MadeWorld(tmp_path / "world")
    monkeypatch.setattr(surroundings, "Surroundings", lambda: made)
    monkeypatch.setattr(doctor, "become_owner", lambda _file: None)
    return made


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *words])
    return int(ended.value.code or 0)


QUIET = '[display]\ndriver = "none"\n[homeassistant]\ndiscovery = false\n'


def test_as_json_it_is_the_checks_alone_and_the_status_says_whether_something_is_bad(
    tmp_path: Path, world: MadeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configuration(tmp_path, QUIET)
    assert run("--config", str(config.path), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["checks"]
    assert {tuple(finding) for finding in told["checks"]} == {("name", "state", "detail", "remedy")}
    assert {finding["state"] for finding in told["checks"]} <= {"ok", "unknown", "not_here"}
    assert len({finding["name"] for finding in told["checks"]}) == len(told["checks"])
    world.wrote = OSError(errno.EIO, "Input/output error")
    assert run("--config", str(config.path), "--json") == 1
    assert run("--config", str(config.path)) == 1
    assert "BAD record.write: a write beside the record failed" in capsys.readouterr().out


def test_a_broken_configuration_is_told_as_check_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[motor]\npim = 3\n[mqtt]\nport = 0\n")
    assert run("--config", str(file)) == 2
    told = capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["check", "--config", str(file)])
    assert set(capsys.readouterr().err.splitlines()) <= set(told.splitlines())
    assert run("--what") == 2


BROKEN = """
[device]
id = "quendolin7"
nickname = "Zoë of Musterstadt"  # mosquito-attic
[mqtt]
host = "mosquito-attic lan 192.168.7.23"
port = "hunter2"
Fridolin = "Marzipan"
[serial.patterns]
STOP = '(sekret+)+$'
[motor]
pim = 17
"""


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            BROKEN,
            {
                "mqtt.host": "write",
                "mqtt.port": "write",
                "motor.…": "did you mean pin?",
                "mqtt.…": "remove it, or use one of host, port, username",
                "serial.patterns.STOP": "",
            },
        ),
        ("[mqtt\nhost = mosquito-attic\n# Zoë 85 ml\n", {"line #, column #": "write key = value"}),
        (None, {"": "let `sudo pump-companion setup` write it"}),
    ],
    ids=["keys", "syntax", "no file"],
)
def test_of_a_broken_configuration_a_bundle_tells_the_faults_without_what_they_name(
    tmp_path: Path, world: MadeWorld, text: str | None, faults: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    file, bundle = tmp_path / "config.toml", tmp_path / "bundle.json"
    if text is not None:
        file.write_text(text)
    world.said["journalctl -u"] = f"{file}: mqtt.port: a text in quotes has no meaning here; write 1883\n{JOURNAL}"
    world.is_synced = False
    assert run("--config", str(file), "--bundle", str(bundle)) == 2
    out, err = capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["check", "--config", str(file)])
    assert capsys.readouterr().err.splitlines() == err.splitlines()
    assert "BAD clock.set" in out
    told = json.loads(bundle.read_text())
    assert leaks(bundle.read_text()) == set()
    assert told["configuration"] is None
    remedies = {fault["key"]: fault["remedy"] for fault in told["faults"]}
    for key, remedy in faults.items():
        assert remedy in remedies[key.replace("#", "1", 1).replace("#", "6")], remedies
    assert all(fault["what"].strip("… ") for fault in told["faults"])
    assert told["journal"][0].endswith("mqtt.port: a text in quotes has no meaning here; write #")
    assert {"clock.set", "machine.power", "service.running"} <= {check["name"] for check in told["checks"]}
    assert told["versions"]["python"]


RECORDING = Path(__file__).parents[1] / "recordings" / "stop_without_its_start.jsonl"


@pytest.mark.parametrize("text", [QUIET, BROKEN])
def test_a_recording_is_in_it_only_where_it_is_named(
    tmp_path: Path, world: MadeWorld, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(f'{text}\n[store]\npath = "{tmp_path}/pump.db"\n')
    shutil.copy(RECORDING, tmp_path / "fault.jsonl")
    session = re.search(rb'"id":"([0-9a-f-]{36})"', RECORDING.read_bytes())
    assert session is not None
    for name, more, held in (
        ("without", [], False),
        ("with", ["--with-recording", str(tmp_path / "fault.jsonl")], True),
    ):
        bundle = tmp_path / name
        assert run("--config", str(tmp_path / "config.toml"), "--bundle", str(bundle), *more) in {0, 2}
        content = bundle.read_bytes()
        assert (session[1] in content, b"Health data" in content) == (held, held)
        assert ("HOLDS THE RECORD" in capsys.readouterr().out) is held
        assert json.loads(content).get("recording") == (RECORDING.read_text() if held else None)


@pytest.mark.parametrize("name", ["pump.db", "config.toml", "none", ".", "pipe"])
def test_what_is_no_recording_is_refused_and_nothing_is_written(
    tmp_path: Path, world: MadeWorld, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config, bundle = configuration(tmp_path, QUIET), tmp_path / "bundle.json"
    Store.open(config.store.path).close()
    os.mkfifo(tmp_path / "pipe")
    words = ["--config", str(config.path), "--with-recording", str(tmp_path / name)]
    assert run(*words, "--bundle", str(bundle)) == 2
    assert "name a file that `run --record` wrote" in capsys.readouterr().err
    assert not bundle.exists()
    assert run(*words) == 2
    assert "--bundle" in capsys.readouterr().err


def test_help_says_that_a_recording_holds_health_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "health data" in " ".join(capsys.readouterr().out.split())


def test_a_full_disk_under_the_bundle_is_said_and_leaves_nothing(
    tmp_path: Path, world: MadeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config, bundle = configuration(tmp_path, QUIET), tmp_path / "bundle.json"

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    assert run("--config", str(config.path), "--bundle", str(bundle)) == 1
    told = capsys.readouterr().err
    assert told == f"{bundle}: No space left on device; name a file on a disk that has room\n"
    assert not bundle.exists()


def test_a_bundle_is_one_new_file_of_its_owners_alone(
    tmp_path: Path, world: MadeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    config, file = configuration(tmp_path, QUIET), tmp_path / "bundle.json"
    before = os.umask(0)
    try:
        assert run("--config", str(config.path), "--bundle", str(file)) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_bytes().decode())["pump-companion doctor"] == 1
    assert "read it before" in capsys.readouterr().out
    content = file.read_bytes()
    assert run("--config", str(config.path), "--bundle", str(file)) == 2
    assert "already" in capsys.readouterr().err
    assert file.read_bytes() == content


@pytest.mark.parametrize("name", ["link", "pump.db-wal", "nowhere/bundle"])
def test_a_bundle_goes_onto_no_link_nor_beside_the_record(
    tmp_path: Path, world: MadeWorld, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configuration(tmp_path, QUIET)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert run("--config", str(config.path), "--bundle", str(tmp_path / name)) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "elsewhere").exists()


def test_of_a_bundle_that_could_not_be_finished_nothing_is_left(
    tmp_path: Path, world: MadeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, file = configuration(tmp_path, QUIET), tmp_path / "bundle.json"

    def stopped(*_: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(world, "try_writing", stopped)
    assert run("--config", str(config.path), "--bundle", str(file)) == 1
    assert not file.exists()
