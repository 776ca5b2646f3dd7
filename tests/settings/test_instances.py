"""Two pumps in one house: each file has defaults of its own, and two that come into each other's way are named."""

from pathlib import Path

import pytest

from device.settings import loading
from device.settings.loading import Config, Fault, load

MOTOR = "[motor]\npin = 17\n"


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loading, "DEFAULT_PATH", tmp_path / "config.toml")
    return tmp_path


def read(etc: Path, name: str, text: str | None = None) -> tuple[Config | None, list[Fault]]:
    file = etc / f"{name}.toml"
    if text is not None:
        file.write_text(text)
    return load(file, {})


def test_an_instance_is_named_by_its_file_and_has_a_record_of_its_own(etc: Path) -> None:
    config, faults = read(etc, "left", MOTOR)
    assert config is not None, faults
    assert config.device.id == "left"
    assert str(config.store.path) == "/var/lib/pump-companion/left/pump.db"
    only, faults = read(etc, "config", MOTOR)
    assert only is not None, faults
    assert (only.device.id, str(only.store.path)) == ("pump", "/var/lib/pump-companion/pump.db")


def test_what_the_file_says_counts_and_one_elsewhere_is_no_instance(
    etc: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config, faults = read(etc, "left", f'[device]\nid = "night"\n[store]\npath = "{etc}/own.db"\n')
    assert config is not None, faults
    assert (config.device.id, config.store.path) == ("night", etc / "own.db")
    elsewhere = tmp_path_factory.mktemp("home")
    config, faults = read(elsewhere, "left", MOTOR)
    assert config is not None, faults
    assert config.device.id == "pump"


def test_two_of_one_id_at_one_broker_are_named_and_no_reason_not_to_watch(etc: Path) -> None:
    read(etc, "left", MOTOR)
    config, faults = read(etc, "right", '[device]\nid = "left"\n')
    assert config is None
    (fault,) = [fault for fault in faults if not fault.warning]
    assert fault.key == "device.id"
    assert f"is that of {etc / 'left.toml'} too" in fault.what
    watched, faults = load(etc / "right.toml", {}, watching=True)
    assert watched is not None
    assert [fault.key for fault in faults if "is that of" in fault.what] == ["device.id"]


@pytest.mark.parametrize("apart", ['[mqtt]\nprefix = "two"\n', '[mqtt]\nhost = "other"\n', "[mqtt]\nport = 1884\n"])
def test_one_id_at_two_brokers_or_under_two_prefixes_is_no_fault(etc: Path, apart: str) -> None:
    read(etc, "left", MOTOR)
    config, faults = read(etc, "right", f'[device]\nid = "left"\n{apart}')
    assert config is not None, faults


def test_one_record_for_two_pumps_is_a_fault(etc: Path) -> None:
    read(etc, "left", f'{MOTOR}[store]\npath = "{etc}/pump.db"\n')
    config, faults = read(etc, "config", f'{MOTOR}[store]\npath = "pump.db"\n')
    assert config is None
    assert [fault.key for fault in faults if not fault.warning] == ["store.path"]


def test_a_wire_and_a_port_of_another_pumps_are_warned_of(etc: Path) -> None:
    read(etc, "left", '[motor]\npin = "BOARD11"\n[serial]\nport = "/dev/ttyUSB0"\n')
    right = '[motor]\npin = 22\n[buttons]\nleft = 17\nmiddle = 5\nright = 6\n[serial]\nport = "/dev/ttyUSB0"\n'
    config, faults = read(etc, "right", right)
    assert config is not None, faults
    assert {fault.key for fault in faults if f"is {etc / 'left.toml'}'s too" in fault.what} == {
        "buttons.left", "serial.port",
    }  # fmt: skip


def test_a_neighbour_that_is_broken_hinders_nobody(etc: Path) -> None:
    for name, text in (("a", "[motor"), ("b", ""), ("c", "device = 3\n"), ("d", "[device]\nid = []\n")):
        (etc / f"{name}.toml").write_text(text)
    (etc / "e.toml").mkdir()
    config, faults = read(etc, "left", MOTOR)
    assert config is not None, faults


@pytest.mark.parametrize("name", ["my pump", "kühl", "a.b"])
def test_a_name_that_is_no_id_is_a_fault_until_the_file_says_one(etc: Path, name: str) -> None:
    config, faults = read(etc, name, MOTOR)
    assert config is None
    assert [fault.key for fault in faults if not fault.warning] == ["device.id"]
    config, faults = read(etc, name, f'{MOTOR}[device]\nid = "left"\n')
    assert config is not None, faults
