"""The edge between `doctor` and the world, on real files, programs, a pty, and libraries played by a few lines."""

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import gpiod
import pytest
import smbus2
from gpiozero.exc import BadPinFactory

from device.doctor.case import config_of
from device.doctor.surroundings import LineWatched, Surroundings
from drivers.controllers import CONTROLLERS, HEIGHT, WIDTH
from drivers.serial_line import port_holders
from drivers.virtual.panel import VirtualPanel
from tests.drivers.test_gpiod_pins import Kernel
from tests.support.examined import MadeWorld, configuration, found


@pytest.mark.process
def test_a_programs_words_are_read_whatever_its_status_and_none_is_none(tmp_path: Path) -> None:
    program = tmp_path / "systemctl"
    program.write_text('#!/bin/sh\necho "$1 $LC_ALL"; exit 3\n')
    program.chmod(0o755)
    world = Surroundings(environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert world.run("systemctl", "show") == "show C\n"
    assert world.run("no-such-program") is None


@pytest.mark.process
def test_a_program_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.doctor.surroundings.PROGRAM_S", 0.05)
    assert Surroundings().run("sleep", "60") is None


def test_files_lie_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "gpiochip0").write_bytes(b"\xff")
    world = Surroundings(tmp_path)
    assert world.names("/dev/gpiochip*") == ["/dev/gpiochip0"]
    assert world.text("/dev/gpiochip0") == "\N{REPLACEMENT CHARACTER}"
    assert world.text("/dev/none") is None
    world.openable("/dev/gpiochip0")
    with pytest.raises(FileNotFoundError):
        world.openable("/dev/none")
    assert world.group_of("/dev/gpiochip0") == Surroundings().group_of(str(tmp_path))
    assert world.room(tmp_path).total > world.room(tmp_path).free > 0


def test_this_programs_own_packages_are_read() -> None:
    world = Surroundings()
    assert any(line.startswith("click") for line in world.requirements())
    assert world.installed("click")
    assert world.installed("no-such-package") is None


def test_a_user_who_joined_a_group_after_the_login_is_told_from_one_who_did_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    groups = {"i2c": SimpleNamespace(gr_gid=4711, gr_mem=[Surroundings().user()])}
    monkeypatch.setattr("grp.getgrnam", groups.__getitem__)
    assert Surroundings().joined("i2c")
    assert not Surroundings().joined("spi")
    monkeypatch.setattr(os, "getgroups", lambda: [4711])
    assert not Surroundings().joined("i2c")


class Bus:
    """An I2C bus with a display and a clock: who is read and who is written to."""

    asked: list[tuple[str, int]]

    def __init__(self, path: str) -> None:
        assert path == "/dev/i2c-1"
        Bus.asked = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _answer(self, how: str, address: int) -> None:
        self.asked.append((how, address))
        if address not in {0x3C, 0x50}:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")

    def read_byte(self, address: int) -> None:
        self._answer("read", address)

    def write_quick(self, address: int) -> None:
        self._answer("quick", address)


def test_every_address_of_a_bus_is_asked_and_memories_are_only_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smbus2, "SMBus", Bus)
    assert Surroundings().answering("/dev/i2c-1") == [0x3C, 0x50]
    assert len(Bus.asked) == 0x78 - 0x08
    assert {address for how, address in Bus.asked if how == "read"} == {*range(0x30, 0x38), *range(0x50, 0x60)}


class Lines:
    """A request that brings two edges of GPIO17 and then nothing."""

    def __init__(self, config: dict[int, Any]) -> None:
        self.config, self.left = config, [1_000_000_000, 1_060_000_000]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait_edge_events(self, seconds: float) -> bool:
        return bool(self.left) or threading.Event().wait(seconds)

    def read_edge_events(self) -> list[Any]:
        return [SimpleNamespace(line_offset=17, timestamp_ns=self.left.pop(0))]

    def get_value(self, pin: int) -> Any:
        return gpiod.line.Value.ACTIVE if pin == 17 else gpiod.line.Value.INACTIVE


def test_lines_are_taken_for_a_moment_with_their_pulls(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, Lines]] = []

    def request(chip: str, *, consumer: str, config: Any, event_buffer_size: int) -> Lines:
        made.append((consumer, Lines(config)))
        return made[-1][1]

    monkeypatch.setattr(gpiod, "request_lines", request)
    seen = Surroundings().watch_lines("/dev/gpiochip0", {17: "none", 5: "up"}, 0.05)
    assert seen == {17: LineWatched(high=True, edges=(1.0, 1.06)), 5: LineWatched(high=False)}
    ((consumer, lines),) = made
    assert consumer == "pump-companion doctor"
    assert lines.config[5].bias == gpiod.line.Bias.PULL_UP
    assert lines.config[17].bias == gpiod.line.Bias.DISABLED
    assert all(settings.direction == gpiod.line.Direction.INPUT for settings in lines.config.values())


def test_who_holds_a_line_is_asked_without_taking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Chip:
        def __init__(self, path: str) -> None:
            self.path = path

        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda *_: None  # noqa: E731

        def get_line_info(self, pin: int) -> Any:
            return SimpleNamespace(used=pin == 17, consumer="thermostat" if pin == 17 else "")

    monkeypatch.setattr(gpiod, "Chip", Chip)
    held = Surroundings().held_lines("/dev/gpiochip0", [17, 5])
    assert (held[17].used, held[17].consumer, held[5].used) == (True, "thermostat", False)


def test_the_headers_chip_is_found_by_its_label_and_none_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(
        {str(tmp_path / f"dev/gpiochip{number}"): label for number, label in enumerate(("sx1509", "pinctrl-rp1"))}
    )
    (tmp_path / "dev").mkdir()
    for path in kernel.chips:
        Path(path).touch()
    monkeypatch.setattr(gpiod, "Chip", kernel.Chip)
    assert Surroundings(tmp_path).header() == str(tmp_path / "dev/gpiochip1")
    kernel.chips[str(tmp_path / "dev/gpiochip1")] = "another"
    with pytest.raises(BadPinFactory, match="no Raspberry Pi header"):
        Surroundings(tmp_path).header()
    kernel.shut |= set(kernel.chips)
    with pytest.raises(PermissionError, match="no permission"):
        Surroundings(tmp_path).header()
    monkeypatch.setitem(sys.modules, "gpiod", None)
    with pytest.raises(ModuleNotFoundError):
        Surroundings(tmp_path).header()


@pytest.mark.process
def test_levels_are_read_by_pinctrl_as_long_as_they_may_change(tmp_path: Path) -> None:
    program, calls = tmp_path / "pinctrl", tmp_path / "calls"
    program.write_text(
        f"""#!/bin/sh
echo "$*" >>{calls}
[ $(wc -l <{calls}) = 1 ] && level=lo || level=hi
echo " 5: ip    pu | $level // GPIO5 = input"
echo "17: ip    pd | lo // GPIO17 = input"
"""
    )
    program.chmod(0o755)
    world = Surroundings(environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert world.levels([5, 17], 0.15) == {5: {True, False}, 17: {False}}
    assert calls.read_text().splitlines()[0] == "get 5,17"
    program.write_text("#!/bin/sh\nexit 1\n")
    assert world.levels([5, 17], 60) == {}, "one that may not is asked once"


@pytest.mark.process
def test_who_else_has_a_port_open_is_found_in_proc() -> None:
    ours, theirs = os.openpty()
    port = os.ttyname(theirs)
    with subprocess.Popen(["sleep", "60"], stdin=theirs) as other:
        try:
            assert Surroundings().port_holders(port) == [(other.pid, "sleep")]
        finally:
            other.kill()
            os.close(ours)
            os.close(theirs)


def test_a_process_that_ends_while_it_is_looked_at_has_no_port_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = tmp_path / "port"
    port.touch()
    for pid in ("1", "2"):
        (tmp_path / "proc" / pid / "fd").mkdir(parents=True)
        (tmp_path / "proc" / pid / "fd" / "0").symlink_to(port)
        (tmp_path / "proc" / pid / "comm").write_text("sleep\n")

    def ended(list_folder: Callable[..., Any], path: Any) -> Any:
        if str(path).endswith("proc/1/fd"):
            raise ProcessLookupError(errno.ESRCH, "No such process", str(path))
        return list_folder(path)

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, partial(ended, getattr(os, name)))
    assert port_holders(port, tmp_path) == [(2, "sleep")]


def test_what_arrives_at_a_real_port_is_read_until_the_time_is_over() -> None:
    ours, theirs = os.openpty()
    try:
        over = threading.Event()
        pump = threading.Thread(
            target=lambda: [os.write(ours, b"PUMP RUN\n") for _ in iter(partial(over.wait, 0.02), True)]
        )
        pump.start()
        heard = Surroundings().listen(os.ttyname(theirs), 115200, 0.5)
        over.set()
        pump.join()
        assert heard.splitlines()[1] == b"PUMP RUN"
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_port_that_somebody_else_holds_is_an_error() -> None:
    import serial

    ours, theirs = os.openpty()
    try:
        with (
            serial.Serial(os.ttyname(theirs), exclusive=True),
            pytest.raises(OSError, match="exclusively"),
        ):
            Surroundings().listen(os.ttyname(theirs), 9600, 0.1)
    finally:
        os.close(ours)
        os.close(theirs)


EDGE = {(x, y) for x in range(WIDTH) for y in range(HEIGHT) if x in {0, WIDTH - 1} or y in {0, HEIGHT - 1}}
PANELS = [
    (driver, panel)
    for driver, row in CONTROLLERS.items()
    for panel in CONTROLLERS
    if row.addressing.spans_pages or panel == driver
]
"""What the virtual panel can be driven by: it knows no page mode of a controller that is addressed by windows."""


@pytest.mark.parametrize(("driver", "panel"), PANELS)
def test_a_frame_along_all_four_edges_tells_a_panel_that_is_driven_as_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str, panel: str
) -> None:
    """Where the two are addressed alike the frame is whole; what else differs (a charge pump) no bus can show."""
    glass = VirtualPanel(CONTROLLERS[panel])
    monkeypatch.setattr("device.daemon.display_bus", lambda _config: glass.open_bus)
    world = MadeWorld(tmp_path / "world")
    world.put("/dev/i2c-1")
    monkeypatch.setattr(world, "draw", Surroundings().draw)

    def eye(_question: str) -> bool:
        picture = glass.picture()
        return {(x, y) for x in range(WIDTH) for y in range(HEIGHT) if picture.getpixel((x, y))} == EDGE

    told = found(world, configuration(tmp_path, f'[display]\ndriver = "{driver}"\n'), "display", eye)
    alike = CONTROLLERS[driver].addressing == CONTROLLERS[panel].addressing
    assert told["display.picture"].state == ("ok" if alike else "bad")


@pytest.mark.parametrize(
    ("words", "config"),
    [
        (["/usr/bin/python3", "/usr/bin/pump-companion", "run"], "/etc/pump-companion/config.toml"),
        (["/usr/bin/python3", "-I", "/usr/bin/pump-companion", "run", "--verbose"], "/etc/pump-companion/config.toml"),
        (
            ["python3", "-m", "device", "run", "--config", "/etc/pump-companion/two.toml"],
            "/etc/pump-companion/two.toml",
        ),
        (["pump-companion", "run", "--config=/elsewhere.toml"], "/elsewhere.toml"),
        (["pump-companion", "check"], None),
        (["less", "run"], None),
        ([""], None),
    ],
)
def test_a_daemon_and_its_configuration_are_known_by_its_words(words: list[str], config: str | None) -> None:
    assert config_of(words) == config
