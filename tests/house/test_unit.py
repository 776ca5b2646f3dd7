"""The service's unit: how open it is, that each open item is explained, and that the daemon does its part of it.

What needs a real systemd as init is not here; what systemd-analyze and a notify socket can tell is.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.settings.instances import defaults_of
from device.settings.keys import DEFAULT_STORE
from device.settings.loading import CREDENTIAL, DEFAULT_PATH
from drivers.clock import MARKS, boot_id
from drivers.systemd import watchdog_interval_s

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
UNIT = (UNITS / "pump-companion.service").read_text()
CLOCK = (UNITS / "pump-companion-clock.service").read_text()
DEADLINE_S = 60.0
analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this system has no systemd-analyze")


def values(unit: str, name: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{name}=")]


def exposure(unit: str, folder: Path) -> tuple[float, list[str]]:
    """What systemd-analyze says of a unit's text: the figure, and the settings that are still open."""
    file = folder / "pump-companion.service"
    file.write_text(unit)
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)]
    said = subprocess.run([*command[:3], "--json=short", *command[3:]], capture_output=True, text=True, check=True)
    overall = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figure = re.search(r"Overall exposure level for \S+: ([\d.]+)", overall)
    assert figure
    return float(figure[1]), [row["name"] for row in json.loads(said.stdout) if float(row["exposure"] or 0) > 0]


@analyze
def test_the_service_is_exposed_by_1_3_at_most_and_each_item_that_stays_open_is_explained(tmp_path: Path) -> None:
    figure, still_open = exposure(UNIT, tmp_path)
    assert figure <= 1.3
    explained = UNIT.partition("# What stays open")[2]
    names = {
        re.split(r"[=(]", name.replace("RestrictAddressFamilies=~", "").removeprefix("AF_("))[0] for name in still_open
    }
    assert names
    for name in names:
        word = {"INET|INET6)": "AF_INET"}.get(name, name)
        assert word in explained, name


@analyze
def test_with_the_home_network_alone_it_is_exposed_by_1_2_at_most(tmp_path: Path) -> None:
    figure, _ = exposure(f"{UNIT}\n{(UNITS / 'home-network-only.conf').read_text()}", tmp_path)
    assert figure <= 1.2


NEWER = ("RestartSteps=", "RestartMaxDelaySec=")
"""What systemd 252 does not know: it says so and goes on, as docs/install.md does."""
PIPX = {
    "pump-companion": ("pipx.conf", "/usr/local/bin/pump-companion", ""),
    "pump-companion-clock": (
        "pipx-clock.conf", "/opt/pipx/venvs/pump-companion/bin/python", "/usr/local/libexec/pump-companion-clock-mark",
    ),
}  # fmt: skip
INSTALL = (ROOT / "docs" / "install.md").read_text()


def verified(root: Path, name: str, drop_in: str) -> subprocess.CompletedProcess[str]:
    """Have systemd read a unit with a drop-in of ours as if both were installed in a system at `root`."""
    folder = root / "etc" / "systemd" / "system"
    (folder / f"{name}.service.d").mkdir(parents=True, exist_ok=True)
    unit = (UNITS / f"{name}.service").read_text().splitlines(keepends=True)
    (folder / f"{name}.service").write_text("".join(line for line in unit if not line.startswith(NEWER)))
    (folder / f"{name}.service.d" / "pipx.conf").write_text(drop_in)
    return subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={root}", f"{name}.service"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@analyze
@pytest.mark.parametrize("name", PIPX)
def test_with_pipx_systemd_takes_the_unit_with_its_drop_in_and_the_page_puts_both_there(
    name: str, tmp_path: Path
) -> None:
    drop_in, command, argument = PIPX[name]
    text = (UNITS / drop_in).read_text()
    assert values(text, "ExecStart")[1].split()[0] == command
    assert argument in values(text, "ExecStart")[1]
    assert f"systemd/{drop_in} /etc/systemd/system/{name}.service.d/pipx.conf" in INSTALL
    assert argument in INSTALL
    # the program is not there: so it is this command that systemd would run
    missing = verified(tmp_path, name, text)
    assert f"{command} is not executable" in missing.stderr
    program = tmp_path / command.removeprefix("/")
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    taken = verified(tmp_path, name, text)
    assert (taken.returncode, taken.stderr) == (0, "")
    # without the empty line a second command is refused
    refused = verified(tmp_path, name, text.replace("ExecStart=\n", ""))
    assert "more than one ExecStart" in refused.stderr


def test_a_missing_password_does_not_stop_the_service_and_its_name_is_the_one_that_the_program_looks_for() -> None:
    # with a path behind it, a file that is not there ends the unit with 243/CREDENTIALS
    assert values(UNIT, "LoadCredential") == [CREDENTIAL]


def test_the_line_that_moves_the_record_leaves_a_configuration_that_is_right_and_may_be_run_again(
    tmp_path: Path,
) -> None:
    (line,) = re.findall(r"^sudo sed.*/config\.toml$", INSTALL, re.MULTILINE)
    file = tmp_path / "config.toml"
    file.write_text((ROOT / "config" / "pump-companion.toml").read_text())
    before = tomllib.loads(file.read_text())
    for _ in range(2):
        words = shlex.split(line)[1:]
        subprocess.run([*words[:-1], str(file)], check=True)
        assert tomllib.loads(file.read_text()) == before | {"store": {"path": "/srv/pump/pump.db"}}


def test_no_configuration_means_skipped_and_the_record_lies_where_the_service_may_write() -> None:
    assert values(UNIT, "ConditionPathExists") == [str(DEFAULT_PATH)]
    assert Path("/var/lib", values(UNIT, "StateDirectory")[0]) == Path(DEFAULT_STORE).parent


def test_a_second_pumps_service_is_the_same_but_for_its_name_its_file_and_its_folder() -> None:
    (made,) = re.findall(
        r"^sed (?:.*\n)+?.*pump-companion@\.service$", (ROOT / "scripts" / "renew").read_text(), re.MULTILINE
    )
    said = subprocess.run(
        made.partition(" >")[0], shell=True, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    second = (UNITS / "pump-companion@.service").read_text()
    assert second == said, "scripts/renew makes it anew"
    assert values(second, "ConditionPathExists") == [str(DEFAULT_PATH.with_name("%i.toml"))]
    assert values(second, "ExecStart") == [
        f"{values(UNIT, 'ExecStart')[0]} --config {DEFAULT_PATH.with_name('%i.toml')}"
    ]
    record = Path(defaults_of("%i")["store.path"])
    assert Path("/var/lib", values(second, "StateDirectory")[0]) == record.parent
    differing = [line for line in second.splitlines() if line not in UNIT.splitlines()]
    assert len(differing) == 5


def test_each_group_of_the_service_is_made_by_the_package() -> None:
    made = re.findall(r"^[gu] (\S+)", (UNITS / "pump-companion.sysusers").read_text(), re.MULTILINE)
    groups = values(UNIT, "SupplementaryGroups")[0].split()
    assert {*groups, values(UNIT, "User")[0]} == {*made}
    rules = (UNITS / "pump-companion.rules").read_text()
    assert {*re.findall(r'GROUP="(\w+)"', rules)} == {*groups} - {"dialout"}


def test_devices_are_allowed_by_a_class_that_is_always_there_or_by_number() -> None:
    # linux/Documentation/admin-guide/devices.txt; gpiochip's number is given out at boot, its class with the kernel
    allowed = {device.split()[0].removeprefix("char-") for device in values(UNIT, "DeviceAllow")}
    assert allowed == {"gpiochip", "89", "153", "188", "166", "204", "4"}
    assert values(UNIT, "DevicePolicy") == ["closed"]


def test_the_loop_feeds_the_watchdog_twice_in_its_time_and_a_start_that_fails_is_tried_for_ever() -> None:
    waits_s = float(values(UNIT, "WatchdogSec")[0])
    assert watchdog_interval_s({"WATCHDOG_USEC": f"{waits_s * 1e6:.0f}"}) == waits_s / 2
    assert values(UNIT, "Restart") == ["always"]
    assert values(UNIT, "StartLimitIntervalSec") == ["0"]


def test_the_service_says_the_boot_that_its_sandbox_hides() -> None:
    assert values(UNIT, "ProcSubset") == ["pid"]
    (setting,) = (said for said in values(UNIT, "Environment") if "%" in said)
    name, _, given = setting.partition("=")
    assert given == "%b"
    assert boot_id({name: "0f1e"}) == "0f1e"


def test_a_boot_has_one_name_whoever_says_it_and_one_that_nobody_knows_is_no_other(tmp_path: Path) -> None:
    kernel = tmp_path / "boot_id"
    kernel.write_text("0b1c2d3e-0000-4000-8000-00000000000a\n")
    said = {"PUMP_COMPANION_BOOT": "0b1c2d3e00004000800000000000000a"}
    assert boot_id({}, kernel) == boot_id(said, tmp_path / "none") == "0b1c2d3e00004000800000000000000a"
    assert boot_id({}, tmp_path / "none") != boot_id({}, tmp_path / "none")


def test_the_clock_mark_is_left_where_the_companion_looks_and_not_before_the_kernel_says_so(tmp_path: Path) -> None:
    """The kernel's word is played by a stand-in of drivers/clock.py: this machine's clock says what it likes."""
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers" / "clock.py").write_text(
        "from pathlib import Path\n"
        f"MARKS = (Path('nowhere'), Path({str(tmp_path / 'mark')!r}))\n"
        "LOOK_EVERY_S = 0.03\n"
        "answers = [False, None, True]\n"
        "def kernel_says_synced():\n"
        "    assert not MARKS[-1].exists()\n"
        "    return answers.pop(0)\n"
    )
    subprocess.run([sys.executable, "-I", UNITS / "clock-mark", tmp_path], check=True, timeout=DEADLINE_S)
    assert (tmp_path / "mark").exists()
    assert f"/run/{values(CLOCK, 'RuntimeDirectory')[0]}" == str(MARKS[-1].parent)
    assert f"!{MARKS[-1]}" in values(CLOCK, "ConditionPathExists")


class Service:
    """The daemon as systemd would start it, with systemd's end of the notify socket."""

    def __init__(self, folder: Path, config: str, **environment: str) -> None:
        (folder / "config.toml").write_text(config)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(DEADLINE_S)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device", "run", "--config", str(folder / "config.toml")],
            cwd=ROOT,
            env=os.environ | {"NOTIFY_SOCKET": str(folder / "notify")} | environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def heard(self, word: str) -> str:
        """Wait for a message with this word."""
        while True:
            said = self._socket.recv(4096).decode()
            if word in said:
                return said

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self._socket.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    config = f'[display]\ndriver = "none"\n[mqtt]\nport = 1\n[store]\npath = "{tmp_path}/pump.db"\n'
    started = Service(tmp_path, config, WATCHDOG_USEC="400000")
    yield started
    started.close()


def test_it_is_ready_without_a_broker_feeds_the_watchdog_and_says_that_it_stops(service: Service) -> None:
    assert "STATUS=watching by hand" in service.heard("READY=1")
    for _ in range(3):
        service.heard("WATCHDOG=1")
    service.process.send_signal(signal.SIGTERM)
    service.heard("STOPPING=1")
    assert service.process.wait(DEADLINE_S) == 0
