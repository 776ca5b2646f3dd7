"""Keys written into the configuration: all else stays to the byte, the former file too, and nothing is ever half."""

import errno
import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.settings.loading import load
from device.settings.writing import WritingError, as_before, with_values, write_secret, write_values
from tests.support.effort import so_many

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "pump-companion.toml"
FILE = """# ours
[device]
id = "pump"   # as on the lid

[motor]
pin = 17
# a reed contact
signal = 'level'
"""


def beside(file: Path) -> list[str]:
    return [other.name for other in file.parent.iterdir() if other != file]


def test_a_key_that_stands_there_changes_in_its_place_and_others_come_to_their_section() -> None:
    text = with_values(
        FILE, {"motor.signal": "pulses", "motor.pulse_gap_s": 6, "supply.baseline": 7, "device.id": None}
    )
    assert text == FILE.replace("'level'", '"pulses"').replace('id = "pump"   # as on the lid\n', "") + (
        "pulse_gap_s = 6\n\n[supply]\nbaseline = 7\n"
    )


def test_patterns_are_a_table_that_a_person_can_read() -> None:
    patterns = {"STOP": r"^off (?P<t>\d+)$", "START": "^it's on$"}
    text = with_values(FILE, {"serial.port": "/dev/ttyUSB0", "serial.patterns": patterns})
    assert tomllib.loads(text)["serial"] == {"port": "/dev/ttyUSB0", "patterns": patterns}
    assert r"STOP = '^off (?P<t>\d+)$'" in text
    again = with_values(text, {"serial.patterns": {"STOP": "^x$"}})
    assert tomllib.loads(again)["serial"]["patterns"] == {"STOP": "^x$"}


def test_the_documented_example_keeps_every_line_of_its_own() -> None:
    before = EXAMPLE.read_text()
    after = with_values(before, {"motor.pin": 27, "mqtt.host": "broker.lan", "motor.signal": "pulses"})
    changed = [(was, line) for was, line in zip(before.splitlines(), after.splitlines(), strict=True) if was != line]
    assert changed == [
        ("# pin = 17", "pin = 27"),
        ('# signal = "level"', 'signal = "pulses"'),
        ('# host = "localhost"', 'host = "broker.lan"'),
    ]
    said = tomllib.loads(after)
    assert (said["motor"]["pin"], said["motor"]["signal"], said["mqtt"]["host"]) == (27, "pulses", "broker.lan")


NAMES = st.sampled_from(["device.name", "mqtt.username", "homeassistant.birth_payload", "motor.pin", "supply.baseline"])


@settings(max_examples=so_many(100), deadline=None)
@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), max_size=30) | st.integers(-(2**31), 2**31)))
def test_whatever_is_written_is_read_back(values: dict[str, object]) -> None:
    said = tomllib.loads(with_values(FILE, values))
    for name, value in values.items():
        section, key = name.split(".")
        assert said[section][key] == value
    for section, key, value in (("device", "id", "pump"), ("motor", "signal", "level")):
        assert said[section][key] == value


def test_the_former_file_is_kept_with_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text(FILE)
    real.chmod(0o640)
    link.symlink_to(real)
    kept = write_values(link, {"motor.pin": 22})
    assert kept is not None
    assert kept.read_text() == FILE
    assert link.is_symlink()
    assert tomllib.loads(real.read_text())["motor"]["pin"] == 22
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    others = {write_values(link, {"motor.pin": pin}) for pin in (23, 24, 25)}
    assert len(others | {kept}) == 4, "none of them in another's place"
    config, faults = load(link, {})
    assert config is not None, faults


def test_a_new_file_is_read_by_the_service_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert write_values(file, {"motor.pin": 17}) is None
    assert file.read_text() == "[motor]\npin = 17\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert beside(file) == []


@pytest.mark.parametrize("content", [b"[motor\n", b"\xff\xfe", b"", b"pin = \n"])
def test_a_broken_file_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(WritingError, match=r"config\.toml: "):
        write_values(file, {"motor.pin": 17})
    assert file.read_bytes() == content
    assert beside(file) == []


@pytest.mark.parametrize("broken", ["fsync", "fchmod", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_half(
    tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE)

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path if broken == "replace" else os, broken, full)
    with pytest.raises(WritingError, match=r"\(No space left on device\); make room"):
        write_values(file, {"motor.pin": 17})
    assert file.read_text() == FILE
    assert not [name for name in beside(file) if name.startswith(".")]


def test_where_there_are_no_links_the_former_file_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE)

    def no_links(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    kept = write_values(file, {"motor.pin": 22})
    assert kept is not None
    assert kept.read_text() == FILE
    assert tomllib.loads(file.read_text())["motor"]["pin"] == 22


def test_a_secret_is_its_owners_alone_and_the_former_one_is_gone_only_with_the_new_one_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mqtt-password"
    file.write_text("old\n")
    file.chmod(0o644)
    with monkeypatch.context() as patch:

        def full(*_arguments: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(os, "fsync", full)
        with pytest.raises(WritingError):
            write_secret(file, "new", None)
    assert (file.read_text(), beside(file)) == ("old\n", [])
    write_secret(file, "new", (os.geteuid(), os.getegid()))
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode), beside(file)) == ("new\n", 0o600, [])


def test_a_secret_that_can_not_be_given_to_the_service_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mqtt-password"

    def refused(*_arguments: object, **_named: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(file))

    monkeypatch.setattr(os, "chown", refused)
    monkeypatch.setattr(os, "fchown", refused)
    with pytest.raises(WritingError):
        write_secret(file, "new", (1, 1))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("former", ["old\n", None])
def test_what_fails_within_leaves_the_secret_as_it_was(tmp_path: Path, former: str | None, written: bool) -> None:
    file = tmp_path / "mqtt-password"
    if former is not None:
        file.write_text(former)

    def stopped() -> None:
        with as_before(file):
            if written:
                write_secret(file, "new", None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    before = {} if former is None else {file.name: former}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
    with as_before(file):
        write_secret(file, "new", None)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {file.name: "new\n"}
