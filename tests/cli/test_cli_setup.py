"""`setup` by flags, on a terminal, over what is there, where something is wrong: what it writes is a good file."""

import errno
import json
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from device.cli import draft, main
from device.cli import setup as command
from device.doctor import case
from device.doctor.surroundings import Surroundings
from device.settings.loading import load
from tests.endurance.disk_card import mounted
from tests.support.page_world import Mosquitto
from tests.support.setup_rig import LAPTOP
from tests.support.terminal import Reply, talk_to

pytestmark = [pytest.mark.process, pytest.mark.broker]
NOBODY = ("--mqtt-port", "1")
STANDING = '[device]\nid = "pump"\n'


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker of the house that the tests run in, nor that machine's language."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(Surroundings, "nearby", lambda _world: ())
    monkeypatch.setattr(Surroundings, "broker_here", lambda _world: False)


def setup(file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["setup", "--config", str(file), *options])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def said(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text())


def talked(file: Path, *talk: tuple[str, Reply], options: tuple[str, ...] = ()) -> tuple[int, str]:
    words = ("tests.support.setup_rig", "setup", "--config", str(file), *options)
    return talk_to(words, *talk, environment={LAPTOP: "yes"})


def test_flags_become_the_file_with_its_comments_and_check_finds_it_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    flags = (
        "--motor-pin",
        "GPIO17",
        "--motor-active",
        "low",
        "--display-i2c-address",
        "0x78",
        "--display-driver",
        "sh1106",
    )
    status, out, err = setup(file, capsys, "--yes", *NOBODY, *flags, "--supply-baseline", "7")
    assert (status, err) == (0, ""), err
    assert "nothing listens" in out, "the broker was tried"
    assert said(file) == {
        "device": {"id": "pump"},
        "supply": {"baseline": 7},
        "session": {},
        "motor": {"pin": "GPIO17", "active": "low", "pull": "up"},
        "buttons": {},
        "serial": {},
        "display": {"driver": "sh1106", "i2c_address": 0x3C},
        "mqtt": {"port": 1},
        "homeassistant": {},
        "store": {},
    }
    assert "\ni2c_address = 0x3C\n" in file.read_text()
    assert "# The pin that hears the motor" in file.read_text()
    config, faults = load(file, {}, watching=True)
    assert config is not None, faults


def test_a_file_that_is_there_is_changed_and_kept_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text('# mine\n[motor]\npin = 22 # green\n[mqtt]\nport = 1\nhost = "127.0.0.1"\n')
    before = file.read_text()
    status, out, _ = setup(file, capsys, "--yes", "--json", "--motor-signal", "pulses", "--display-driver", "none")
    told = json.loads(out)
    assert (status, told["written"]) == (0, True)
    assert Path(told["kept"]).read_text() == before
    assert file.read_text().startswith("# mine\n[motor]\npin = 22 # green\n")
    assert said(file)["motor"] == {"pin": 22, "signal": "pulses"}
    assert told["values"]["motor.signal"] == "pulses"
    assert told["broker"]["reached"] is False
    assert set(told) == {"path", "found", "values", "missing", "broker", "written", "kept"}


def test_without_a_terminal_it_says_which_flags_are_missing_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    status, _, err = setup(file, capsys, "--motor-pin", "17")
    assert status == 2
    for flag in ("--motor-signal", "--serial-port", "--mqtt-host", "--device-language", "--supply-baseline"):
        assert flag in err
    assert "--motor-pin" not in err
    assert not file.exists()
    every = (
        "--serial-port",
        "none",
        "--mqtt-host",
        "localhost",
        *NOBODY,
        "--mqtt-tls",
        "no",
        "--mqtt-username",
        "none",
    )
    units = ("--supply-units", "oz", "--supply-baseline", "8", "--display-driver", "none")
    status, out, _ = setup(file, capsys, *every, "--device-language", "en", *units)
    assert (status, file.exists(), "units" in out) == (0, False, True), "shown, and not written without --yes"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--motor-pin", "99"), "--motor-pin"),
        (("--mqtt-tls", "maybe"), "--mqtt-tls"),
        (("--buttons-left", "5"), "buttons.middle"),
        (("--motor-pin", "5", "--buttons-left", "5", "--buttons-middle", "6", "--buttons-right", "13"), "buttons.left"),
        (("--mqtt-password-file", "gone"), "mqtt.password_file"),
        (("--mqtt-password", "secret"), "No such option"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], named: str
) -> None:
    file = tmp_path / "config.toml"
    status, _, err = setup(file, capsys, "--yes", *NOBODY, *flags)
    if named == "buttons.middle":  # the likely pins are taken for the others
        assert (status, said(file)["buttons"]) == (0, {"left": 5, "middle": 6, "right": 13})
        return
    assert (status, named in err, "secret" in err.replace("--mqtt-password", "")) == (2, True, False), err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"[motor\n", b"", b"[motor]\npin = 99\n"])
def test_a_broken_file_is_told_of_and_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    status, _, err = setup(file, capsys, "--yes", *NOBODY)
    assert (status, str(file) in err) == (2, True)
    assert file.read_bytes() == content


def test_a_person_is_asked_shown_the_file_and_the_password_lies_alone(tmp_path: Path) -> None:
    file, broker = tmp_path / "config.toml", Mosquitto(tmp_path)
    try:
        status, screen = talked(
            file,
            ("controller", "none"),
            ("serial port", "/dev/ttyUSB0"),
            ("MQTT broker", "127.0.0.1"),
            ("encrypted", "perhaps"),
            ("encrypted", "no"),
            ("Its port", str(broker.port)),
            ("Which user", "pump"),
            ("Which language", "fr"),
            ("ml or oz", "oz"),
            ("How many stimulations", "7"),
            ("Its password", "milk and honey"),
            ("Write that into", "yes"),
            options=("--motor-pin", "none", "--buttons-left", "none"),
        )
    finally:
        broker.stop()
    assert status == 0, screen
    assert "“perhaps” is neither yes nor no" in screen
    assert "lets this device in" in screen
    assert "milk and honey" not in screen
    found = said(file)
    assert found["device"] == {"id": "pump", "language": "fr"}
    assert found["serial"] == {"port": "/dev/ttyUSB0"}
    assert found["supply"] == {"units": "oz", "baseline": 7}
    assert found["mqtt"] == {
        "host": "127.0.0.1", "port": broker.port, "username": "pump", "password_file": "mqtt-password",
    }  # fmt: skip
    secret = tmp_path / "mqtt-password"
    assert (secret.read_text(), stat.S_IMODE(secret.stat().st_mode)) == ("milk and honey\n", 0o600)
    assert "milk" not in file.read_text()
    assert load(file, {}, watching=True)[0] is not None


def test_who_says_no_at_last_has_nothing_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    questions = (
        "controller",
        "serial port",
        "MQTT broker",
        "encrypted",
        "Which user",
        "Which language",
        "ml or oz",
        "How many stimulations",
    )
    talk = [(question, "") for question in questions]
    options = ("--mqtt-port", "1", "--motor-pin", "none", "--buttons-left", "none")
    status, screen = talked(file, *talk, ("Other answers", "no"), ("Write that into", "no"), options=options)
    assert (status, list(tmp_path.iterdir())) == (0, []), screen


def test_who_may_not_write_the_file_hears_it_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    me = os.geteuid()
    tmp_path.chmod(0o555)
    if me == 0:
        os.seteuid(65534)
    try:
        status, out, err = setup(tmp_path / "config.toml", capsys, "--yes", *NOBODY)
    finally:
        if me == 0:
            os.seteuid(0)
        tmp_path.chmod(0o755)
    assert (status, out) == (1, "")
    assert "may not write there; call this with sudo" in err


def test_a_disk_that_takes_nothing_is_said_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mounted(tmp_path) as card:
        file = card.place / "config.toml"
        file.write_text(STANDING)
        card.set_read_only(to=True)
        shut = "(Read-only file system); mount its disk for writing, or name another with --config\n"
        assert setup(file, capsys, "--yes", *NOBODY) == (1, "", f"{file}: can't be written {shut}")
        card.set_read_only(to=False)
        card.fill()
        full = "(No space left on device); make room, or name another with --config\n"
        assert setup(file, capsys, "--yes", *NOBODY) == (1, "", f"{file}: can't be written {full}")
        assert file.read_text() == STANDING
        assert sorted(entry.name for entry in card.place.iterdir()) == ["ballast", "config.toml"]


@pytest.mark.parametrize(("option", "ends"), [("--yes", 1), ("--json", 2)])
@pytest.mark.parametrize("name", ["circle.toml", "n" * 300 + ".toml", "file/c.toml"])
def test_a_name_that_leads_nowhere_is_said_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, option: str, ends: int
) -> None:
    (tmp_path / "circle.toml").symlink_to("circle.toml")
    (tmp_path / "file").write_text("")
    status, out, err = setup(tmp_path / name, capsys, option, *NOBODY)
    assert (status, out, err.count("\n")) == (ends, "", 1), err
    assert "; make room, or name another with --config" in err


def test_a_folder_that_is_not_there_is_said_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none" / "config.toml"
    status, out, err = setup(file, capsys, "--yes", *NOBODY)
    assert (status, out) == (1, "")
    assert err == f"{file}: there is no folder {file.parent}; make it, or name another with --config\n"


def test_a_warning_is_said_once_and_an_address_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    flags = ("--display-driver", "sh1106", "--display-i2c-address", "0x7A", "--motor-pin", "none")
    status, out, err = setup(file, capsys, "--yes", *NOBODY, *flags, "--buttons-left", "none")
    assert (status, err.count(": warning: "), err.count("\n")) == (0, 1, 1), err
    assert "i2c_address = 0x3D\n" in out
    assert "i2c_address = 0x3D" in file.read_text()


class ShutBus(Surroundings):
    """A Pi whose I2C this user may not open."""

    def there(self, path: str | Path) -> bool:
        return str(path) == "/dev/i2c-1"

    def answering(self, bus: str) -> list[int]:
        raise PermissionError(errno.EACCES, "Permission denied", bus)


def test_a_bus_that_is_shut_is_not_said_to_be_off(capsys: pytest.CaptureFixture[str]) -> None:
    found = command.looked(ShutBus(), announced=False)
    assert (found.answering, found.bus_shut) == (None, True)
    command._tell_found(replace(found, header=True))
    told = capsys.readouterr().out
    assert "call this with sudo" in told
    assert "raspi-config" not in told


def test_a_bus_on_which_nobody_can_be_heard_is_not_said_to_be_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(_world: object, bus: str) -> list[int]:
        raise OSError(errno.ETIMEDOUT, "Connection timed out", bus)

    monkeypatch.setattr(ShutBus, "answering", stuck)
    command._tell_found(replace(command.looked(ShutBus(), announced=False), header=True))
    told = capsys.readouterr().out
    assert "On I2C answers: nothing." in told
    assert "raspi-config" not in told


def test_a_second_pumps_file_is_named_in_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (draft, case, command):
        monkeypatch.setattr(module, "DEFAULT_PATH", tmp_path / "config.toml")
    file = tmp_path / "night.toml"
    status, out, err = setup(file, capsys, "--yes", *NOBODY, "--display-driver", "none", "--motor-pin", "17")
    assert (status, err) == (0, ""), err
    assert said(file)["device"]["id"] == "night"
    assert "enable pump-companion@night && sudo systemctl restart pump-companion@night\n" in out, "its own service"
    assert f"doctor --config {file}\n" in out


def test_a_file_that_no_service_reads_is_named_to_whoever_starts_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "my pump.toml"
    status, out, err = setup(file, capsys, "--yes", *NOBODY, "--display-driver", "none", "--motor-pin", "17")
    assert (status, err) == (0, ""), err
    assert f"\nStart it: sudo pump-companion run --config '{file}'\n" in out
    assert f"doctor --config '{file}'\n" in out
    assert "systemctl" not in out
    for module in (draft, case, command):
        monkeypatch.setattr(module, "DEFAULT_PATH", file)
    status, out, err = setup(file, capsys, "--yes", *NOBODY)
    assert "\nStart it: sudo systemctl enable pump-companion && sudo systemctl restart pump-companion\n" in out, err
