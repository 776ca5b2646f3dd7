"""`run --record --verbose` as a process of its own: what the file holds, what not, and that it comes out the same."""

import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.household import MIDDLE, ROOT, Device, PumpPort, until, write_config

SECRET = "plum-dumpling"


def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "device", *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False
    )


class Home:
    """A daemon that is recorded, with a password for a broker that is not there."""

    def __init__(self, folder: Path) -> None:
        self.pump = PumpPort(folder)
        (folder / "password").write_text(SECRET)
        (folder / "password").chmod(0o600)
        broker = f'username = "me"\npassword_file = "{folder / "password"}"'
        self.config = write_config(folder, 1, self.pump.path, broker)
        self.file = folder / "life.jsonl"
        self.device = Device(self.config, {"TZ": "Europe/Vienna"}, "--record", str(self.file), "--verbose")

    def wrote(self, words: str) -> None:
        process = self.device.process
        assert process is not None
        until(words, lambda: process.poll() is not None or (self.file.exists() and words in self.file.read_text()))
        assert process.poll() is None

    def live(self) -> None:
        """A session by the pump's line, answered at the buttons."""
        self.device.start()
        self.wrote('"up":true')
        self.pump.say("START")
        self.wrote("Why pump?")
        threading.Event().wait(0.6)  # the half second after a change that no press caused
        self.device.press(MIDDLE)
        self.wrote('"cause":"classified"')


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    if made.device.process is not None and made.device.process.poll() is None:
        made.device.end(signal.SIGKILL)
    made.pump.close()


def test_what_was_recorded_is_private_and_comes_out_the_same(home: Home) -> None:
    home.live()
    status, told = home.device.end()
    assert status == 0
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o600
    assert SECRET not in home.file.read_text()
    replayed = call("replay", home.file)
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert replayed.stdout.splitlines()[-1] == "ended: the device stopped"
    again = call("run", "--config", home.config, "--record", home.file)
    assert (again.returncode, again.stderr.splitlines()[-1]) == (1, f"{home.file}: File exists; name a new one")
    assert f"{home.file}: was recorded by `run --record`" in call("forget", "--yes", "--config", home.config).stdout
    events = re.findall(r'^\["(\w+)",\{"at"', home.file.read_text(), re.MULTILINE)
    lines = [line.partition("(")[0] for line in told.splitlines() if re.match(r"\w+\(.*\bat=[\d.]+.*\): ", line)]
    assert lines == ["Beginning", *events]
    assert re.search(
        r"^ButtonPressed\(at=[\d.]+, button=middle\): Show\(\w+\), Save\(batch=2, 1 records", told, re.MULTILINE
    )
    assert "why=" not in told
    assert not {"promote", "treat", "protect"} & set(re.findall(r"\w+", told))


def test_of_a_device_that_was_killed_what_was_written_until_then_is_replayed(home: Home) -> None:
    home.live()
    home.device.end(signal.SIGKILL)
    replayed = call("replay", home.file)
    assert (replayed.returncode, replayed.stderr.count("\n")) == (1, 1)
    assert "it breaks off here" in replayed.stderr
    assert '"cause":"classified"' in replayed.stdout
    assert "otherwise" not in replayed.stdout
