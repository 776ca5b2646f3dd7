"""What is wired or configured wrongly on this computer: one clear line each from the real process, and what goes on.

A pin twice, a pin of a bus, a name that no board has: test_config. A line in use, a chip of another: test_gpiod_pins.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.test_unit import DEADLINE_S, ROOT, Service

NO_PINS = pytest.mark.skipif(any(Path("/dev").glob("gpiochip*")), reason="this computer has a GPIO character device")
Start = Callable[[str], Service]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Service] = []

    def one(config: str) -> Service:
        rest = f'[mqtt]\nport = 1\n[store]\npath = "{tmp_path}/pump.db"\n'
        started.append(Service(tmp_path, config + rest))
        return started[-1]

    yield one
    for service in started:
        service.close()


def said(tmp_path: Path, config: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the daemon, which ends by itself."""
    (tmp_path / "config.toml").write_text(f'{config}[store]\npath = "{tmp_path}/pump.db"\n')
    given = {name: value for name, value in os.environ.items() if name != "GPIOZERO_PIN_FACTORY"} | environment
    return subprocess.run(
        [sys.executable, "-m", "device", "run", "--config", tmp_path / "config.toml"],
        cwd=ROOT, env=given, text=True, capture_output=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip


def test_a_display_that_is_not_there_is_one_line_that_says_what_to_do_and_the_rest_runs(start: Start) -> None:
    service = start('[display]\ni2c_port = 97\n[serial]\nport = "/dev/none-such"\n')
    service.heard("READY=1")
    assert service.process.stderr
    lines: dict[str, str] = {}
    while not {"display on i2c", "serial.port = /dev/none-such"} <= set(lines):
        line = service.process.stderr.readline()
        assert line, lines
        lines[line.partition(":")[0]] = line
    assert lines["display on i2c"] == (
        "display on i2c: I2C device not found: /dev/i2c-97; check its wires, its address, and that the bus is enabled "
        "(raspi-config)\n"
    )
    assert lines["serial.port = /dev/none-such"].endswith("no such port; is the adapter plugged in?\n")
    assert service.process.poll() is None


@NO_PINS
@pytest.mark.parametrize(
    ("config", "key"),
    [
        ("[motor]\npin = 17\n", "motor.pin = 17"),
        ("[buttons]\nleft = 5\nmiddle = 6\nright = 13\n", "buttons.left = 5"),
    ],
)
def test_a_pin_on_a_computer_without_any_is_one_line_that_says_what_to_do(
    config: str, key: str, tmp_path: Path
) -> None:
    done = said(tmp_path, '[display]\ndriver = "none"\n' + config)
    left = key.partition(" ")[0]
    install = "" if importlib.util.find_spec("gpiod") else "on a Raspberry Pi install gpiod, on another "
    assert done.stderr == f"{key}: no way to pins of this computer; {install}take {left} out\n"
    assert done.returncode == 1


def test_a_pin_factory_that_does_not_exist_is_one_line_that_names_it(tmp_path: Path) -> None:
    done = said(tmp_path, '[display]\ndriver = "none"\n[motor]\npin = 17\n', GPIOZERO_PIN_FACTORY="nonsense")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("motor.pin = 17: ")
    assert "nonsense" in done.stderr
