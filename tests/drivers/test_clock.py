"""The clock: what the system says of its time, the zone's name, a jump that is noticed, and what systemd is told."""

import ctypes
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device import daemon
from device.core.model.events import ClockRead
from device.loop import Loop
from device.settings.loading import load
from device.simulation.clock import ClockBell
from drivers import clock as driver
from drivers import systemd
from drivers.clock import (
    ClockWatch,
    Jumps,
    SystemClock,
    boot_id,
    is_zone,
    kernel_says_synced,
    status_of,
    timezone,
    unknown_zone,
)
from drivers.virtual.clock import PacedClock
from tests.support.effort import so_many


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop(SystemClock())
    yield made
    made.close()


def test_the_system_clock_is_monotonic_knows_the_wall_and_this_boot() -> None:
    clock = SystemClock()
    before = time.monotonic()
    assert before <= clock.now() <= time.monotonic()
    assert abs(clock.wall() - time.time()) < 5
    assert clock.boot_id == boot_id({})
    assert clock.real_s(clock.now() + 10) == pytest.approx(10, abs=1)


def test_a_boot_is_named_by_the_unit_or_the_kernel_else_every_start_is_one(tmp_path: Path) -> None:
    kernels = tmp_path / "boot_id"
    assert boot_id({}, kernels) != boot_id({}, kernels)
    kernels.write_text("0d412c50-b597-4f41-8d94-83f19f0e535e\n")
    assert boot_id({}, kernels) == "0d412c50b5974f418d9483f19f0e535e"
    # systemd's %b has no dashes
    assert boot_id({"PUMP_COMPANION_BOOT": "ffff"}, kernels) == "ffff"


def test_a_clock_is_synced_where_a_mark_says_so_and_never_by_its_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "timesync", tmp_path / "ours"
    clock = SystemClock(marks)
    for kernel, expected in ((None, False), (False, False), (True, True)):
        monkeypatch.setattr(driver, "kernel_says_synced", lambda kernel=kernel: kernel)
        assert clock.synced() is expected
    monkeypatch.setattr(driver, "kernel_says_synced", lambda: None)
    for mark in marks:
        mark.touch()
        assert clock.synced()
        mark.unlink()
        assert not clock.synced()


def test_the_kernels_flag_is_read_from_its_place() -> None:
    class Timex(ctypes.Structure):
        _fields_ = (
            ("modes", ctypes.c_uint),
            *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
            ("status", ctypes.c_int),
            ("rest", ctypes.c_char * 400),
        )

    assert status_of(bytes(Timex(0, 1, 2, 3, 4, 0x2040))) == 0x2040
    assert kernel_says_synced() in {True, False, None}


def test_a_forbidden_adjtimex_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Libc:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def adjtimex(self, _timex: object) -> int:
            return -1

    monkeypatch.setattr(ctypes, "CDLL", Libc)
    assert kernel_says_synced() is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TZ": "Europe/Vienna"}, "Europe/Vienna"),
        ({"TZ": ":America/Lima"}, "America/Lima"),
        ({"TZ": ":/usr/share/zoneinfo/Asia/Tokyo"}, "Asia/Tokyo"),
        ({}, "Europe/Berlin"),
        ({"TZ": ""}, "Europe/Berlin"),
        ({"TZ": ":"}, "Europe/Berlin"),
        ({"TZ": ":/etc/localtime"}, "Europe/Berlin"),
        ({"TZ": "/etc/localtime"}, "Europe/Berlin"),
        ({"TZ": "/etc/../etc//localtime"}, "Europe/Berlin"),
        ({"TZ": "localtime"}, "Europe/Berlin"),
        ({"TZ": ":/usr/share/zoneinfo/localtime"}, "Europe/Berlin"),
        ({"TZ": "posix/Asia/Tokyo"}, "Asia/Tokyo"),
        ({"TZ": "EST5EDT"}, "EST5EDT"),
        ({"TZ": "UTC"}, "UTC"),
    ],
)
def test_the_timezones_name_is_from_tz_else_from_localtime(
    tmp_path: Path, environment: dict[str, str], expected: str
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").symlink_to("../usr/share/zoneinfo/Europe/Berlin")
    assert timezone(environment, tmp_path) == expected
    assert unknown_zone(environment) is None


@pytest.mark.parametrize(
    "named",
    [
        "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30", "UTC0", "Europe", "Europe/", "../etc/passwd", "/etc/passwd",
        "/home/me/localtime", "europe/vienna", "zone.tab", "tzdata.zi", "Mars/Olympus", "Ünder", "\udcff", "a" * 5000,
        " ", ":::",
    ],
)  # fmt: skip
def test_a_tz_that_names_no_zone_of_the_database_means_the_systems_own_and_is_told(tmp_path: Path, named: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").symlink_to("../usr/share/zoneinfo/Europe/Berlin")
    assert timezone({"TZ": named}, tmp_path) == "Europe/Berlin"
    assert unknown_zone({"TZ": named}) == named


@settings(max_examples=so_many(300))
@given(named=st.text(max_size=40), content=st.binary(max_size=40), link=st.text("./zoneinfUTC\0ü", max_size=20))
def test_whatever_the_system_says_the_zone_is_one_of_the_database(named: str, content: bytes, link: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "etc").mkdir()
        (root / "etc/timezone").write_bytes(content)
        if link and "\0" not in link:
            (root / "etc/localtime").symlink_to(link)
        assert is_zone(timezone({"TZ": named}, root))


def test_localtime_is_followed_link_by_link(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").symlink_to("here")
    (tmp_path / "etc/here").symlink_to("/usr/share/zoneinfo/Africa/Nairobi")
    assert timezone({}, tmp_path) == "Africa/Nairobi"
    (tmp_path / "etc/here").unlink()
    (tmp_path / "etc/here").symlink_to("localtime")
    assert timezone({}, tmp_path) == "UTC"


def test_without_a_link_the_timezone_is_from_its_file_else_utc(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert timezone({}, tmp_path) == "UTC"
    (tmp_path / "etc/localtime").write_bytes(b"TZif2")
    (tmp_path / "etc/timezone").write_text("Africa/Lagos\n")
    assert timezone({}, tmp_path) == "Africa/Lagos"
    for nonsense in (b"Atlantis\n", b"\xff\0", b"", b"Africa/Lagos Africa/Cairo"):
        (tmp_path / "etc/timezone").write_bytes(nonsense)
        assert timezone({}, tmp_path) == "UTC"
    (tmp_path / "etc/timezone").unlink()
    (tmp_path / "etc/timezone").mkdir()
    assert timezone({}, tmp_path) == "UTC"


def test_the_systems_zone_is_looked_at_again_and_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert daemon.ZONE_EVERY_S == 3600
    monkeypatch.setattr(daemon, "ZONE_EVERY_S", 0.001)
    (tmp_path / "config.toml").write_text('[display]\ndriver = "none"\n[mqtt]\nport = 1\n[store]\npath = "pump.db"\n')
    config, _ = load(tmp_path / "config.toml", {})
    assert config is not None
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc/localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    device = daemon.Daemon(config, SystemClock(), timezone=lambda: timezone({}, tmp_path), environment={})
    assert device.state.settings.timezone == "Asia/Tokyo"
    zones = iter(("America/Lima", "Nowhere/AtAll", "Asia/Kolkata"))
    followed = []

    def move() -> None:
        followed.append(device.state.settings.timezone)
        zone = next(zones, None)
        if zone is None:
            device.loop.stop()
            return
        link.unlink()
        link.symlink_to(f"/usr/share/zoneinfo/{zone}")
        device.loop.call_after(0.0, wait)

    def wait() -> None:
        seen = device.state.settings.timezone
        device.loop.call_after(0.001, wait) if seen != timezone({}, tmp_path) else move()

    device.loop.call_after(0.0, move)
    device.run()
    assert followed == ["Asia/Tokyo", "America/Lima", "UTC", "Asia/Kolkata"]


def test_a_clock_that_is_set_is_noticed() -> None:
    jumps = Jumps()
    assert not jumps.jumped()
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.time())
    except PermissionError:
        jumps.close()
        pytest.skip("nobody may set the clock here")
    assert jumps.jumped()
    assert not jumps.jumped()
    jumps.close()


class Wound:
    """A clock whose wall and state the test sets."""

    def __init__(self) -> None:
        self.at, self.is_synced = 1_000_000.0, False

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return self.at

    def synced(self) -> bool:
        return self.is_synced


def until(loop: Loop, seen: Callable[[], bool]) -> None:
    """Run until that is so."""

    def look() -> None:
        if seen():
            loop.stop()
        else:
            loop.call_after(0.005, look)

    look()
    if not seen():
        loop.run(lambda event: None)


def test_the_watch_tells_the_start_a_jump_and_the_moment_of_synchronisation(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "LOOK_EVERY_S", 0.02)
    told: list[ClockRead] = []
    clock, bell = Wound(), ClockBell()  # a real one rings for every test that sets the machine's clock
    watch = ClockWatch(clock, bell, post=told.append, loop=loop)
    assert [(read.wall, read.synced) for read in told] == [(1_000_000.0, False)]
    clock.at = 2_000_000.0
    bell.ring()
    until(loop, lambda: len(told) == 2)
    assert told[-1].wall == 2_000_000.0
    clock.is_synced = True
    until(loop, lambda: len(told) == 3)
    assert [read.synced for read in told] == [False, False, True]
    loop.call_after(0.1, loop.stop)
    loop.run(lambda event: None)
    assert len(told) == 3, "a clock that is set is looked at no more"
    watch.close()


def test_a_paced_clock_goes_on_without_a_jump_when_its_pace_changes() -> None:
    clock = PacedClock(600, wall=5_000.0)
    for speed in (1, 600, 60, 1):
        before, wall = clock.now(), clock.wall()
        clock.set_speed(speed)
        after = clock.now()
        assert before <= after
        assert clock.wall() - wall >= after - before - 1
    # no test holds the machine up for a minute at the old pace, let alone at the new one
    assert clock.real_s(clock.now() + 30) == pytest.approx(30, abs=5)
    clock.set_speed(60)
    assert clock.real_s(clock.now() + 60) == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("speed", [0, 0.5, 601, -1])
def test_a_pace_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="1 to 600"):
        PacedClock(speed)


# -- systemd ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_what_it_waits_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    name = f"@pump-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemds:
        systemds.bind(name.replace("@", "\0"))
        systemds.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        assert systemd.notify_ready("up\nand well")
        assert systemd.alive()
        assert systemd.stopping()
        told = [systemds.recv(1000) for _ in range(3)]
    assert told == [b"READY=1\nSTATUS=up and well", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("name", ["", "vsock:2:1", "/nowhere/at/all"])
def test_without_systemd_nothing_happens(name: str) -> None:
    assert not systemd.notify("READY=1", environment={"NOTIFY_SOCKET": name})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_systemd_asks(
    environment: dict[str, str], expected: float | None
) -> None:
    assert systemd.watchdog_interval_s(environment) == expected
