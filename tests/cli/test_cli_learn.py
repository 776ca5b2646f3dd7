"""`learn` as it is called: on pins and on a pty, in made-up seconds; what it says, proposes, asks and writes."""

import errno
import json
import os
import select
import signal as signal_module
import stat
import subprocess
import sys
import tomllib
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from device.cli import learn, main, watching
from device.loop import Loop
from device.settings.loading import load
from drivers.gpio_lines import GpioError
from drivers.machine import ThisMachine
from drivers.serial_line import SPEEDS
from tests.support.leaping import LeapingClock
from tests.support.waveforms import Signal, last_stroke, signal

pytest_plugins = ("tests.support.virtual_pins",)

ROOT = Path(__file__).parents[2]
WAIT_S = 60
AGAIN_S = 5
"""A second Ctrl-C while it leaves would be a signal to a process that no longer handles any."""

CONFIG = """\
# ours
[device]
name = "Pump"

[motor]
pin = 17  # the opto-coupler's
pull = "up"

[buttons]
left = 5
middle = 6
right = 13
"""
Script = Callable[[Loop], object]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    file.chmod(0o644)
    return file


class Played:
    """The command in made-up seconds, while a script drives what it watches."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clock: LeapingClock
    ) -> None:
        self._capsys, self._clock, self.script = capsys, clock, list[Script]()
        monkeypatch.setattr(learn, "SystemClock", lambda: clock)
        monkeypatch.setattr(learn, "Loop", self._loop)

    def _loop(self, clock: LeapingClock) -> Loop:
        loop = Loop(clock)
        for each in self.script:
            each(loop)
        return loop

    def __call__(self, *options: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["learn", *map(str, options)])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clock: LeapingClock) -> Played:
    return Played(monkeypatch, capsys, clock)


def driving(pin: Any, edges: Signal) -> Script:
    """The opto-coupler's way: low is active."""

    def begin(loop: Loop) -> None:
        for at, active in edges:
            loop.call_at(at, pin.drive_low if active else pin.drive_high)

    return begin


# -- the wire --------------------------------------------------------------------------------------------------------


def test_a_reed_on_a_pin_is_told_drawn_and_what_to_write_is_shown(played: Played, pins: Any, config: Path) -> None:
    edges = signal("reed", 54, 8, 48, Random(1))
    played.script.append(driving(pins.pin(17), edges))
    status, out, err = played("--config", config)
    assert (status, err) == (0, "")
    assert "Pulses: high at rest, low once a stroke, 54 strokes a minute." in out
    assert "hears the pump run from 8.0 s" in out
    assert 'signal = "pulses"' in out
    plot = {line[:7].strip(): line[8:-1] for line in out.splitlines() if line[7:8] == "|"}
    assert set(plot) == {"high", "low", "edges"}
    assert plot["high"].replace("#", "") == ""
    assert set(plot["low"][:8]) == {" "}
    assert "#" in plot["low"]
    assert config.read_text() == CONFIG


def test_the_proposal_is_written_and_the_old_file_kept(played: Played, pins: Any, config: Path) -> None:
    edges = signal("thumps", 40, 8, 48, Random(2))
    played.script.append(driving(pins.pin(17), edges))
    status, out, err = played("--config", config, "--json", "--write", "--seconds", 60)
    assert (status, err) == (0, "")
    said = json.loads(out)
    assert said["motor"]["kind"] == "vibration"
    assert said["serial"] is None
    (run,) = said["motor"]["heard"]
    assert (run["began"], run["cpm"]) == (pytest.approx(8, abs=0.5), pytest.approx(40, abs=3))
    assert run["ended"] == pytest.approx(last_stroke(edges), abs=0.5)
    assert said["written"] == str(config)
    assert Path(said["kept"]).read_text() == CONFIG
    read, faults = load(config, {})
    assert [fault for fault in faults if not fault.warning] == []
    assert read is not None
    assert read.motor is not None
    assert {f"motor.{key}": getattr(read.motor, key) for key in ("signal", "active", "pull", "debounce_ms")} == {
        key: value for key, value in said["proposal"].items() if key != "motor.pulse_gap_s"
    }
    assert config.read_text().startswith("# ours\n[device]\n")


def test_presses_beside_a_wire_are_told_of_and_nothing_is_written(played: Played, pins: Any, config: Path) -> None:
    press, wire = pins.pin(5), pins.pin(17)

    def script(loop: Loop) -> None:
        for at in (9.0, 15.0, 22.0, 31.0):
            for late, call in ((0, press.drive_low), (0.001, wire.drive_low), (0.006, wire.drive_high)):
                loop.call_at(at + late, call)
            loop.call_at(at + 0.3, press.drive_high)

    played.script.append(script)
    status, out, _ = played("--config", config, "--write")
    assert status == 0
    assert "Noise from the buttons' wires: 4 of 4 marks" in out
    assert config.read_text() == CONFIG


def test_a_pin_can_be_named_where_there_is_no_configuration(played: Played, pins: Any, tmp_path: Path) -> None:
    played.script.append(driving(pins.pin(22), [(9.0, True), (40.0, False)]))
    status, out, _ = played("--config", tmp_path / "new.toml", "--pin", "22", "--write")
    assert (status, "A level" in out) == (0, True)
    read, _ = load(tmp_path / "new.toml", {})
    assert read is not None
    assert read.motor is not None
    assert (read.motor.pin, read.motor.signal, read.motor.active) == (22, "level", "low")


def test_a_line_that_the_daemon_holds_is_said_in_one_line(
    played: Played, pins: Any, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> None:
        raise GpioError("motor.pin = 17: the pin is in use (GPIO17 is held by pump-companion)")

    monkeypatch.setattr(watching, "InputLine", held)
    status, out, err = played("--config", config)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("motor.pin = 17: the pin is in use (GPIO17 is held by pump-companion); sudo systemctl stop")


def test_what_is_asked_wrongly_ends_with_2(played: Played, pins: Any, tmp_path: Path) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text('[device]\nname = "Pump"\n')
    for options, word in (
        (["--config", bare], "--pin or --port"),
        (["--config", tmp_path / "none.toml"], "there is no such file"),
        (["--config", bare, "--pin", "17", "--seconds", "3"], "--seconds"),
        (["--config", bare, "--pin", "17", "--seconds", "nan"], "--seconds"),
        (["--config", bare, "--pin", "99"], "--pin 99 is no GPIO pin of the 40-pin header; write"),
        (["--config", bare, "--pin", ""], "--pin or --port"),
        (["--config", bare, "--port", ""], "--pin or --port"),
    ):
        status, out, err = played(*options)
        assert (status, out, err.count("\n"), word in err) == (2, "", 1, True), err


def test_a_wire_that_its_board_holds_needs_no_resistor(played: Played, pins: Any, config: Path) -> None:
    pin = pins.pin(17)
    pin._set_pull = lambda pull: setattr(pin, "_pull", pull)  # the board is stronger than the Pi's resistor
    pin.drive_low()

    def script(loop: Loop) -> None:
        loop.call_at(9, pin.drive_high)
        loop.call_at(30, pin.drive_low)

    played.script.append(script)
    said = json.loads(played("--config", config, "--json")[1])
    assert (said["motor"]["kind"], said["proposal"]["motor.pull"]) == ("level", "none")
    assert said["proposal"]["motor.active"] == "high"


# -- the port --------------------------------------------------------------------------------------------------------


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def speaking(ours: int, port: str, said: list[tuple[float, bytes]]) -> Script:
    """Bytes at their seconds; the made-up clock waits until each has arrived."""

    def send(data: bytes) -> None:
        os.write(ours, data)
        listener = os.open(port, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        assert select.select([listener], [], [], 10)[0]
        os.close(listener)

    def begin(loop: Loop) -> None:
        for at, data in said:
            loop.call_at(at, lambda data=data: send(data))  # type: ignore[misc]

    return begin


def test_a_pump_with_lines_of_its_own_is_understood_and_written(
    played: Played, pty: tuple[int, str], config: Path
) -> None:
    said = [(6.0, b"pump on\r\n"), *((6.0 + t, b"run %d 5%d\r\n" % (t, t % 3)) for t in range(2, 20, 2))]
    said += [(26.0, b"pump off 20 s 65 ml\r\n")]
    played.script.append(speaking(*pty, said))
    status, out, err = played("--config", config, "--port", pty[1], "--json", "--write")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert (found["motor"], found["serial"]["kind"]) == (None, "dialect")
    assert found["serial"]["verbs"] == {"START": 1, "RUN": 9, "STOP": 1}
    read, faults = load(config, {})
    assert [fault for fault in faults if not fault.warning] == []
    assert read is not None
    assert read.serial is not None
    assert (read.serial.port, set(read.serial.patterns)) == (pty[1], {"START", "RUN", "STOP"})
    (stop,) = read.serial.patterns["STOP"]
    matched = stop.search("pump off 1098 s 85 ml")
    assert matched is not None
    assert matched.groupdict() == {"t": "1098", "ml": "85"}


def test_what_was_taught_and_did_not_come_this_time_is_kept(played: Played, pty: tuple[int, str], config: Path) -> None:
    taught = "[serial.patterns]\nRUN = '^old$'\nSTOP = ['^off$', '^done$']\n"
    config.write_text(f'{CONFIG}\n[serial]\nport = "{pty[1]}"\n{taught}')
    played.script.append(speaking(*pty, [(6.0 + t, b"run %d 5%d\r\n" % (t, t % 3)) for t in range(2, 40, 2)]))
    status, _, err = played("--config", config, "--port", pty[1], "--write")
    assert (status, err) == (0, "")
    said = tomllib.loads(config.read_text())["serial"]["patterns"]
    assert said.keys() == {"RUN", "STOP"}
    assert said["STOP"] == ["^off$", "^done$"]
    assert said["RUN"] != "^old$"


def test_frames_on_a_port_are_tried_at_every_speed_and_told(played: Played, pty: tuple[int, str], config: Path) -> None:
    dice = Random(5)
    frames = [(n * 0.3, b"\xaa\x55" + bytes(dice.randrange(256) for _ in range(9))) for n in range(1, 190)]
    played.script.append(speaking(*pty, frames))
    status, out, _ = played("--config", config, "--port", pty[1], "--write")
    assert status == 0
    assert "Binary frames that begin with aa 55" in out
    assert all(str(speed) in out for speed in SPEEDS)
    assert "aa 55" in out.partition("The port:")[0], "the bytes themselves are shown as hex"
    assert config.read_text() == CONFIG


def test_a_port_that_is_not_there_or_is_in_use_is_said(played: Played, pty: tuple[int, str], tmp_path: Path) -> None:
    status, _, err = played("--config", tmp_path / "c", "--port", tmp_path / "ttyUSB7")
    assert (status, err) == (1, f"serial.port = {tmp_path / 'ttyUSB7'}: no such port; is the adapter plugged in?\n")
    taken = ThisMachine().open_serial(pty[1], 9600)
    status, _, err = played("--config", tmp_path / "c", "--port", pty[1])
    taken.close()
    assert (status, err.count("\n"), "another program has the port open" in err) == (1, 1, True)


@pytest.mark.parametrize("port", ["/dev/null", "/dev", "loop://"])
def test_what_is_no_port_is_said_with_what_would_be_one(played: Played, tmp_path: Path, port: str) -> None:
    status, _, err = played("--config", tmp_path / "c", "--port", port)
    remedy = "is no serial port of this machine; name one, as in /dev/serial/by-id/"
    assert (status, err) == (1, f"serial.port = {port}: {remedy}\n")


@pytest.mark.process
def test_who_has_the_port_is_named(played: Played, pty: tuple[int, str], tmp_path: Path) -> None:
    words = ["flock", "--close", pty[1], "sh", "-c", "echo locked; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        try:
            status, _, err = played("--config", tmp_path / "c", "--port", pty[1])
        finally:
            os.killpg(other.pid, signal_module.SIGKILL)
    assert (status, err.count("\n")) == (1, 1)
    assert f"process {other.pid} (flock): if that is the daemon, sudo systemctl stop pump-companion" in err


def test_a_file_that_no_service_reads_is_started_by_hand(played: Played, pins: Any, config: Path) -> None:
    played.script.append(driving(pins.pin(17), [(9.0, True), (40.0, False)]))
    _, out, _ = played("--config", config, "--write")
    assert out.endswith(f" Start it again: sudo pump-companion run --config {config}\n")


def test_a_full_disk_is_said_and_the_old_file_stands(
    played: Played, pins: Any, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    played.script.append(driving(pins.pin(17), [(9.0, True), (40.0, False)]))
    monkeypatch.setattr(os, "fsync", full)
    status, out, err = played("--config", config, "--write")
    assert (status, err.count("\n")) == (1, 1)
    assert f"{config}: can't be written (No space left on device); make room" in err
    assert 'signal = "level"' in out, "what it found is not lost"
    assert (config.read_text(), list(config.parent.iterdir())) == (CONFIG, [config])


# -- a terminal ------------------------------------------------------------------------------------------------------


def test_on_a_terminal_it_draws_each_second_and_asks_before_it_writes(
    played: Played, pins: Any, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("device.cli.learn.DEFAULT_PATH", config.with_name("the-one.toml"))
    asked: list[str] = []

    def yes(text: str, **_: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr("click.confirm", yes)
    played.script.append(driving(pins.pin(17), [(9.0, True), (40.0, False)]))
    status, out, _ = played("--config", config)
    assert status == 0
    assert out.count("edges in the last second") >= 60
    assert asked == [f"Write that into {config}?"]
    assert "written" in out
    assert "restart pump-companion@config\n" in out, "that of the second pump, whose file it is then"
    assert stat.S_IMODE(config.stat().st_mode) == stat.S_IMODE(
        Path(next(config.parent.glob("config.toml.*"))).stat().st_mode
    )


@pytest.mark.parametrize("term", ["dumb", None])
def test_a_plain_terminal_is_drawn_on_once_and_asked_all_the_same(
    played: Played, pins: Any, config: Path, monkeypatch: pytest.MonkeyPatch, term: str | None
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.delenv("TERM", raising=False)
    if term is not None:
        monkeypatch.setenv("TERM", term)
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda text, **_: asked.append(text))
    played.script.append(driving(pins.pin(17), [(9.0, True), (40.0, False)]))
    status, out, _ = played("--config", config)
    assert (status, "\x1b" in out, asked) == (0, False, [f"Write that into {config}?"])


def at_a_terminal(pty: tuple[int, str], config: Path, lines: bytes, *talk: tuple[str, bytes | None]) -> tuple[int, str]:
    """The command on a terminal of its own; each answer, or a Ctrl-C (None), goes when its words stand there."""
    master, slave = os.openpty()
    words = [sys.executable, "-m", "device", "learn", "--config", str(config), "--port", pty[1]]
    screen, waiting, again = "", [("Ctrl-C ends this", lines), *talk], 0
    with subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, start_new_session=True) as process:
        os.close(slave)
        try:
            while True:
                leaving = not waiting and talk[-1][1] is None
                if not select.select([master], [], [], AGAIN_S if leaving else WAIT_S)[0]:
                    if not leaving or again * AGAIN_S >= WAIT_S:
                        break
                    again += 1
                    process.send_signal(signal_module.SIGINT)  # Python's `input` hears none before it waits
                    continue
                screen += os.read(master, 4096).decode(errors="replace")
                if waiting and waiting[0][0] in screen:
                    _, answer = waiting.pop(0)
                    if answer is None:
                        process.send_signal(signal_module.SIGINT)
                    else:
                        os.write(pty[0] if answer is lines else master, answer)
            process.kill()
        except OSError:  # its end is gone
            process.wait(WAIT_S)
    os.close(master)
    assert not waiting, (waiting[0], screen)
    return process.returncode, screen


SPOKEN = b"Session started\r\nSession finished\r\n" * 2 + b"heap 4711\r\n"


@pytest.mark.process
@pytest.mark.parametrize(
    ("last", "status", "says"),
    [(b"y\n", 0, "written"), (b"n\n", 0, "Write that"), (None, 1, "pump-companion learn: it was stopped")],
)
def test_ctrl_c_ends_the_watch_early_and_what_was_seen_is_told_and_proposed(
    pty: tuple[int, str], config: Path, last: bytes | None, status: int, says: str
) -> None:
    ended, screen = at_a_terminal(pty, config, SPOKEN, ("4711", None), ("Write that into", last))
    assert (ended, says in screen) == (status, True), screen
    assert "Lines of its own at 115200 baud: START 2, STOP 2; 1 of 5 fit nothing." in screen
    assert ("started" in config.read_text()) == (last == b"y\n")


def test_a_port_that_is_pulled_meanwhile_is_said(played: Played, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    port = os.ttyname(theirs)

    def pull() -> None:
        os.close(theirs)
        os.close(ours)

    played.script.append(lambda loop: loop.call_at(5, pull))
    status, _, err = played("--config", tmp_path / "c", "--port", port)
    assert (status, err.count("\n"), f"serial.port = {port}: lost (" in err) == (1, 1, True), err
