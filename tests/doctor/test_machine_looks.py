"""What `doctor` says of record, clock, power, service and versions, each condition made in a small world."""

import errno
import sqlite3
from pathlib import Path

import pytest

from device.doctor.broker_call import BrokerSeen
from device.doctor.machine import numbers
from device.doctor.surroundings import Room, Surroundings
from device.store.records import Store
from device.wire.values import instant
from tests.support.examined import ROUTES, SERVICE, MadeWorld, configuration, diagnostics, found


@pytest.fixture
def world(tmp_path: Path) -> MadeWorld:
    return MadeWorld(tmp_path / "world")


def recorded(folder: Path) -> Path:
    Store.open(folder / "pump.db").close()
    return folder / "pump.db"


def test_a_record_that_is_whole_on_a_disk_with_room_is_all_well(tmp_path: Path, world: MadeWorld) -> None:
    recorded(tmp_path)
    world.put("/proc/mounts", f"/dev/root / ext4 rw,noatime 0 0\n/dev/sda1 {tmp_path} ext4 rw 0 0\n")
    told = found(world, configuration(tmp_path), "record")
    assert {name: finding.state for name, finding in told.items()} == {
        "record.file": "ok", "record.mount": "ok", "record.room": "ok", "record.write": "ok",
    }  # fmt: skip


def test_nothing_recorded_yet_is_no_fault(tmp_path: Path, world: MadeWorld) -> None:
    told = found(world, configuration(tmp_path), "record")
    assert told["record.file"].state == "not_here"


def test_a_damaged_record_is_bad_and_says_how_it_is_mended(tmp_path: Path, world: MadeWorld) -> None:
    file = recorded(tmp_path)
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xff" * 3996
    file.write_bytes(content)
    told = found(world, configuration(tmp_path), "record")["record.file"]
    assert told.state == "bad"
    assert "damaged" in told.detail
    assert "restore" in str(told.remedy)


def test_damage_that_opening_does_not_meet_is_found_too(tmp_path: Path, world: MadeWorld) -> None:
    file = recorded(tmp_path)
    with sqlite3.connect(file) as db:
        root = db.execute("SELECT max(rootpage) FROM sqlite_schema WHERE type = 'index'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    content = bytearray(file.read_bytes())
    content[(root - 1) * size : root * size] = b"\x99" * size
    file.write_bytes(content)
    told = found(world, configuration(tmp_path), "record")["record.file"]
    assert told.state == "bad"
    assert "damaged" in told.detail


def test_a_record_made_by_a_newer_program_names_it(tmp_path: Path, world: MadeWorld) -> None:
    with sqlite3.connect(recorded(tmp_path)) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    told = found(world, configuration(tmp_path), "record")["record.file"]
    assert told.state == "bad"
    assert "newer version" in told.detail
    assert "install that version" in str(told.remedy)


@pytest.mark.parametrize("space", [Room(10 << 20, 100 << 20), Room(1 << 30, 32 << 30)])
def test_a_disk_that_is_nearly_full_is_bad(tmp_path: Path, world: MadeWorld, space: Room) -> None:
    world.space = space
    told = found(world, configuration(tmp_path), "record")["record.room"]
    assert told.state == "bad"


@pytest.mark.parametrize(
    ("mounted", "says"),
    [
        ("/dev/root / ext4 ro,noatime 0 0\n", "read-only"),
        ("overlay / overlay rw,lowerdir=/lower 0 0\n", "kept in memory"),
        ("/dev/root / ext4 rw 0 0\ntmpfs FOLDER tmpfs rw 0 0\n", "kept in memory"),
    ],
)
def test_a_disk_that_takes_or_keeps_nothing_is_bad(tmp_path: Path, world: MadeWorld, mounted: str, says: str) -> None:
    world.put("/proc/mounts", mounted.replace("FOLDER", str(tmp_path)))
    told = found(world, configuration(tmp_path), "record")["record.mount"]
    assert told.state == "bad"
    assert says in told.detail


@pytest.mark.parametrize(
    ("wrote", "state"),
    [
        (OSError(errno.EIO, "Input/output error"), "bad"),
        (OSError(errno.EROFS, "Read-only file system"), "bad"),
        (OSError(errno.ENOSPC, "No space left on device"), "bad"),
        (PermissionError(errno.EACCES, "Permission denied"), "unknown"),
        (7.5, "bad"),
        (0.5, "ok"),
    ],
)
def test_a_write_is_tried(tmp_path: Path, world: MadeWorld, wrote: float | OSError, state: str) -> None:
    world.wrote = wrote
    assert found(world, configuration(tmp_path), "record")["record.write"].state == state


@pytest.mark.parametrize(("state", "seen"), [("ok", "ok"), ("failing", "bad"), ("full", "bad")])
def test_a_daemon_that_cannot_write_says_so_itself(tmp_path: Path, world: MadeWorld, state: str, seen: str) -> None:
    world.starts(7, "pump-companion", "run", "--config", str(tmp_path / "config.toml"))
    lies = {"pump-companion/pump/diagnostics": diagnostics(store={"state": state, "in_memory": 3})}
    world.broker = BrokerSeen(up=True, retained=lies)
    told = found(world, configuration(tmp_path), "record")["record.daemon"]
    assert told.state == seen
    assert ("3 changes" in told.detail) == (seen == "bad")


def test_the_real_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    assert Surroundings().try_writing(tmp_path) >= 0.0
    assert list(tmp_path.iterdir()) == []


# -- the clock ---------------------------------------------------------------------------------------------------


UNANSWERED = "Server: 162.159.200.1 (0.debian.pool.ntp.org)\nPoll interval: 34s\nPacket count: 0\n"


@pytest.mark.parametrize(
    ("routes", "active", "status", "says"),
    [
        ("", "active\n", "", "no network"),
        ("Iface Destination Gateway\neth0 0001A8C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n", "active\n", "", "no network"),
        (ROUTES, "inactive\ninactive\n", "", "no time service"),
        (ROUTES, "active\ninactive\n", UNANSWERED, "UDP port 123"),
        (ROUTES, "active\n", "Packet count: 1\n", "not set yet"),
    ],
)
def test_an_unset_clock_says_why(
    tmp_path: Path, world: MadeWorld, routes: str, active: str, status: str, says: str
) -> None:
    world.is_synced = False
    world.put("/proc/net/route", routes)
    world.said |= {"systemctl is-active systemd-timesyncd": active, "timedatectl timesync-status": status}
    told = found(world, configuration(tmp_path), "clock")["clock.set"]
    assert told.state == "bad"
    assert says in told.detail
    assert "clock --now" in str(told.remedy)


def test_a_time_that_a_person_told_the_daemon_is_enough(tmp_path: Path, world: MadeWorld) -> None:
    world.is_synced = False
    config = configuration(tmp_path)
    lies = {"pump-companion/pump/diagnostics": diagnostics(clock_by="person")}
    world.broker = BrokerSeen(up=True, retained=lies)
    assert found(world, config, "clock")["clock.set"].state == "bad", "no daemon runs here: that is an old word"
    world.starts(7, "pump-companion", "run", "--config", str(config.path))
    told = found(world, config, "clock")["clock.set"]
    assert (told.state, "person" in told.detail) == ("ok", True)


def test_of_a_time_told_within_the_minute_in_which_the_daemon_keeps_silent_nobody_can_know(
    tmp_path: Path, world: MadeWorld
) -> None:
    world.is_synced = False
    config = configuration(tmp_path)
    world.starts(7, "pump-companion", "run", "--config", str(config.path))
    for ago, state in ((2, "unknown"), (600, "bad")):
        said = diagnostics(clock="unsynced", clock_by=None, at=instant(round(world.wall()) - ago))
        world.broker = BrokerSeen(up=True, retained={"pump-companion/pump/diagnostics": said})
        told = found(world, config, "clock")["clock.set"]
        assert (told.state, "no network" in told.detail) == (state, True)
        assert ("look again in a minute" in str(told.remedy)) == (state == "unknown")
        assert ("if it was told the time a moment ago" in told.detail) == (state == "unknown")


def test_a_way_out_by_ipv6_alone_is_a_network(tmp_path: Path, world: MadeWorld) -> None:
    world.is_synced = False
    zero = "0" * 32
    world.put("/proc/net/ipv6_route", f"{zero} 00 {zero} 00 fe80{'0' * 28} 00000400 1 0 00450003 eth0\n")
    assert "no network" not in found(world, configuration(tmp_path), "clock")["clock.set"].detail
    world.put("/proc/net/ipv6_route", f"{zero} 00 {zero} 00 {zero} ffffffff 1 0 00200200 lo\n")
    assert "no network" in found(world, configuration(tmp_path), "clock")["clock.set"].detail


def test_a_clock_that_is_set_is_well_and_a_mark_below_the_root_says_so(tmp_path: Path, world: MadeWorld) -> None:
    assert found(world, configuration(tmp_path), "clock")["clock.set"].state == "ok"
    world.put("/run/pump-companion/synchronized")
    assert Surroundings.synced(world)


def test_a_zone_that_nobody_knows_is_bad(tmp_path: Path) -> None:
    world = MadeWorld(tmp_path / "world", {"TZ": "Europe/Nowhere"})
    told = found(world, configuration(tmp_path), "clock")["clock.zone"]
    assert told.state == "bad"
    assert "Europe/Nowhere" in told.detail


# -- power, service, versions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "state", "says"),
    [
        ("0x0", "ok", "neither"),
        ("0x50005", "bad", "now: the voltage is too low, it is throttled"),
        ("0x50000", "bad", "since the start: the voltage is too low"),
        ("0x80008", "bad", "too hot"),
    ],
)
def test_the_firmware_tells_of_voltage_and_heat(
    tmp_path: Path, world: MadeWorld, bits: str, state: str, says: str
) -> None:
    config = configuration(tmp_path)
    world.said["vcgencmd get_throttled"] = f"throttled={bits}\n"
    told = found(world, config, "machine")["machine.power"]
    assert told.state == state
    assert says in told.detail
    del world.said["vcgencmd get_throttled"]
    world.put("/sys/devices/platform/soc/soc:firmware/get_throttled", f"{bits.removeprefix('0x')}\n")
    assert found(world, config, "machine")["machine.power"] == told


def test_a_firmware_tool_that_may_not_ask_tells_nothing(tmp_path: Path, world: MadeWorld) -> None:
    world.said["vcgencmd get_throttled"] = "VCHI initialization failed\n"
    assert found(world, configuration(tmp_path), "machine")["machine.power"].state == "not_here"


def test_the_kernels_sensor_tells_of_the_voltage_where_there_is_no_firmware_tool(
    tmp_path: Path, world: MadeWorld
) -> None:
    config = configuration(tmp_path)
    assert found(world, config, "machine")["machine.power"].state == "not_here"
    world.put("/sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    world.put("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    assert found(world, config, "machine")["machine.power"].state == "ok"
    world.put("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert found(world, config, "machine")["machine.power"].state == "bad"


def service(world: MadeWorld, **instead: str) -> None:
    told = dict(line.split("=") for line in SERVICE.split()) | instead
    world.said["systemctl show"] = "".join(f"{key}={value}\n" for key, value in told.items())


@pytest.mark.parametrize(
    ("instead", "name", "says", "remedy"),
    [
        ({"LoadState": "not-found"}, "service.installed", "not installed", "install"),
        ({"LoadState": "masked"}, "service.installed", "is masked", "systemctl unmask"),
        ({"UnitFileState": "disabled"}, "service.installed", "by itself", "systemctl enable"),
        ({"ActiveState": "inactive"}, "service.running", "does not run", "systemctl start"),
        ({"ActiveState": "inactive", "ConditionResult": "no"}, "service.running", "skipped", "configuration"),
        ({"ActiveState": "failed", "Result": "exit-code"}, "service.running", "no such port", "last line"),
        ({"ActiveState": "failed", "Result": "watchdog"}, "service.running", "hung", "systemctl restart"),
        ({"ActiveState": "activating", "NRestarts": "7"}, "service.running", "no such port", "last line"),
        ({"ActiveState": "inactive", "NRestarts": "7"}, "service.running", "does not run", "systemctl start"),
    ],
)
def test_a_service_that_is_not_there_or_not_well_is_bad(
    tmp_path: Path, world: MadeWorld, instead: dict[str, str], name: str, says: str, remedy: str
) -> None:
    service(world, **instead)
    world.said["journalctl -u"] = "first\nserial.port = /dev/ttyUSB0: no such port\n"
    told = found(world, configuration(tmp_path), "machine")[name]
    assert told.state == "bad"
    assert says in told.detail
    assert remedy in str(told.remedy)


def test_why_a_service_fails_is_its_own_word_and_not_systemds(tmp_path: Path, world: MadeWorld) -> None:
    service(world, ActiveState="activating", NRestarts="7", Result="exit-code")
    world.said["journalctl -u"] = (
        "Starting pump-companion@left.service - Pump companion: asks why (left)...\n"
        "Couldn't read inherited credential 'password_file', skipping: No such file or directory\n"
        "motor.pin = 17: the pin is in use (GPIO17 is held by gpiomon)\n"
        "pump-companion@left.service: Main process exited, code=exited, status=1/FAILURE\n"
        "pump-companion@left.service: Failed with result 'exit-code'.\n"
        "Failed to start pump-companion@left.service - Pump companion: asks why (left).\n"
        "pump-companion@left.service: Consumed 3.1s CPU time, 30M memory peak.\n"
        "pump-companion@left.service: Scheduled restart job, restart counter is at 7.\n"
    )
    told = found(world, configuration(tmp_path), "machine")["service.running"]
    assert told.detail == (
        "the service pump-companion fails: “motor.pin = 17: the pin is in use (GPIO17 is held by gpiomon)”"
    )


def test_a_service_that_runs_is_well_and_no_systemd_is_no_fault(tmp_path: Path, world: MadeWorld) -> None:
    config = configuration(tmp_path)
    assert found(world, config, "machine")["service.running"].state == "ok"
    del world.said["systemctl show"]
    assert found(world, config, "machine")["service.installed"].state == "not_here"


def test_two_daemons_of_one_configuration_are_found_and_others_are_not_taken_for_them(
    tmp_path: Path, world: MadeWorld
) -> None:
    config = configuration(tmp_path)
    nobody = found(world, config, "machine")["service.once"]
    assert (nobody.state, nobody.detail) == ("unknown", "it does not run now")
    world.starts(10, "/usr/bin/python3", "/usr/bin/pump-companion", "run", "--config", str(config.path))
    world.starts(11, "/usr/bin/python3", "/usr/bin/pump-companion", "run")
    world.starts(12, "/usr/bin/python3", "/usr/bin/pump-companion", "page", "--config", str(config.path))
    world.starts(13, "vi", "run", "--config", str(config.path))
    assert found(world, config, "machine")["service.once"].state == "ok"
    world.starts(14, "python3", "-m", "device", "run", f"--config={config.path}")
    told = found(world, config, "machine")["service.once"]
    assert told.state == "bad"
    assert "10, 14" in told.detail


def test_a_library_that_is_too_old_or_missing_is_named(tmp_path: Path, world: MadeWorld) -> None:
    config = configuration(tmp_path)
    assert found(world, config, "machine")["versions.libraries"].state == "ok"
    world.packages = {"click": "8.0.9"}
    told = found(world, config, "machine")["versions.libraries"]
    assert told.state == "bad"
    assert "click is 8.0.9, older than 8.1" in told.detail
    assert "paho-mqtt is missing" in told.detail
    world.needs = []
    assert found(world, config, "machine")["versions.libraries"].state == "not_here"


def test_a_python_that_is_too_old_is_bad(tmp_path: Path, world: MadeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configuration(tmp_path)
    assert found(world, config, "machine")["versions.python"].state == "ok"
    monkeypatch.setattr("sys.version_info", (3, 10, 14, "final", 0))
    told = found(world, config, "machine")["versions.python"]
    assert (told.state, told.remedy) == ("bad", "install Python 3.11 or newer")


def test_versions_are_compared_by_their_numbers() -> None:
    assert numbers("2.10.0") > numbers("2.9")
    assert numbers("3.5.post1") == (3, 5)


def test_a_look_that_fails_is_itself_a_finding(tmp_path: Path, world: MadeWorld) -> None:
    world.space = None  # type: ignore[assignment]
    told = found(world, configuration(tmp_path), "record")
    assert told["record"].state == "unknown"
    assert "AttributeError" in told["record"].detail
