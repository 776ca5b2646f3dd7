"""The Debian package's papers agree with the project: versions, dependencies, man page, completion, what purge removes.

The package itself is built and tried in bare Debian roots by scripts/package, which needs root and minutes.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from device.cli import COMMANDS, cli
from device.settings.keys import DEFAULT_STORE
from device.settings.loading import DEFAULT_PATH

ROOT = Path(__file__).parents[2]
DEBIAN = ROOT / "debian"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RULES = (DEBIAN / "rules").read_text()
CONTROL = (DEBIAN / "control").read_text()
DEBIAN_NAMES = {"gpiod": "libgpiod", "paho-mqtt": "paho-mqtt", "Pillow": "pil", "pyserial": "serial"}
NEEDED_BY_OTHERS = {"smbus2": "python3-luma.core depends on it"}


def of_man_page() -> str:
    """The man page's text without roff's marks."""
    made = subprocess.run(
        [sys.executable, DEBIAN / "manpage.py", PROJECT["version"], "1772334728"],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert not made.stderr
    return made.stdout.replace("\\-", "-").replace("\\&", "")


@pytest.fixture(scope="module")
def man_page() -> str:
    return of_man_page()


def test_package_and_project_have_one_version() -> None:
    newest = re.match(r"pump-companion \((\S+)\)", (DEBIAN / "changelog").read_text())
    assert newest
    assert newest[1] == PROJECT["version"]


def test_the_package_needs_what_the_project_needs_from_the_same_version_on() -> None:
    named = dict(re.findall(r"^ python3-(\S+) \(>= ([\d.]+)\)", CONTROL, re.MULTILINE))
    wanted = {}
    for line in PROJECT["dependencies"]:
        found = re.match(r"([\w.-]+)>=([\d.]+)", line)
        assert found, line
        if found[1] not in NEEDED_BY_OTHERS:
            wanted[DEBIAN_NAMES.get(found[1], found[1])] = found[2]
    assert named == wanted
    assert f"python3 ({PROJECT['requires-python'].replace('>=', '>= ')})" in CONTROL


def test_the_build_names_each_library_that_making_the_man_page_loads() -> None:
    """A bare Debian has no other one while the package is built."""
    script = "import sys; from device.cli import COMMANDS, cli; "
    script += "[cli.get_command(None, name) for name in COMMANDS]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ours = {re.split(r"[>=]", line)[0] for line in PROJECT["dependencies"]}
    made_by = importlib.metadata.packages_distributions()
    libraries = {name for module in loaded.split() for name in made_by.get(module, ()) if name in ours}
    named = set(re.findall(r"^ python3-(\S+),$", CONTROL.partition("\nPackage:")[0], re.MULTILINE))
    assert {DEBIAN_NAMES.get(name, name) for name in libraries} <= named


@pytest.mark.parametrize("name", COMMANDS)
def test_the_man_page_has_each_command_with_its_options(name: str, man_page: str) -> None:
    section = re.search(rf'^\.SS "{name} .*?(?=^\.S[SH])', man_page, re.MULTILINE | re.DOTALL)
    assert section, name
    command = cli.commands.get(name) or cli.get_command(None, name)  # type: ignore[arg-type]
    assert command
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--"):
                assert option in section[0]


def test_the_man_page_names_the_files_that_the_program_uses(man_page: str) -> None:
    assert man_page.startswith(".TH PUMP-COMPANION 1 ")
    assert str(DEFAULT_PATH) in man_page
    assert DEFAULT_STORE in man_page


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_for_a_shell_is_the_command_lines_own(shell: str) -> None:
    assert "for shell in bash zsh; do _PUMP_COMPANION_COMPLETE=$${shell}_source" in RULES
    made = subprocess.run(
        [sys.executable, "-m", "device"], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"_PUMP_COMPANION_COMPLETE": f"{shell}_source"},
    )  # fmt: skip
    assert "pump-companion" in made.stdout
    asked = {"_PUMP_COMPANION_COMPLETE": f"{shell}_complete", "COMP_WORDS": "pump-companion che", "COMP_CWORD": "1"}
    said = subprocess.run(
        [sys.executable, "-m", "device"], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ | asked
    )
    assert "check" in said.stdout
    assert "version" not in said.stdout


def test_the_command_runs_the_code_in_the_private_folder_and_no_other(tmp_path: Path) -> None:
    script = (DEBIAN / "pump-companion.py").read_text()
    assert '"/usr/share/pump-companion"' in script
    assert "HOUSE = debian/pump-companion/usr/share/pump-companion" in RULES
    (tmp_path / "private" / "device").mkdir(parents=True)
    (tmp_path / "private" / "device" / "cli.py").write_text(
        "def main() -> None:\n    print('from the private folder')\n"
    )
    command = tmp_path / "pump-companion"
    command.write_text(script.replace("/usr/share/pump-companion", str(tmp_path / "private")))
    # -I, as its first line says: neither the folder of the user nor PYTHONPATH comes first
    assert script.startswith("#!/usr/bin/python3 -I\n")
    said = subprocess.run(
        [sys.executable, "-I", command], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert said.stdout == "from the private folder\n"


def test_purge_removes_configuration_and_record_and_remove_neither() -> None:
    script = (DEBIAN / "pump-companion.postrm").read_text()
    removal = re.search(r'if \[ "\$1" = purge \]; then\n +rm -rf (.*)\nfi', script)
    assert removal
    assert removal[1].split() == [str(DEFAULT_PATH.parent), str(Path(DEFAULT_STORE).parent)]
    assert script.count("rm -rf") == 1


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("postinst", "deb-systemd-invoke try-restart 'pump-companion@*.service'"),
        ("prerm", "deb-systemd-invoke stop 'pump-companion@*.service'"),
        ("postrm", "rm -f /etc/systemd/system/*.wants/pump-companion@*.service"),
    ],
)
def test_further_pumps_services_are_restarted_stopped_and_forgotten_with_the_package(script: str, what: str) -> None:
    assert what in (DEBIAN / f"pump-companion.{script}").read_text()


def test_the_package_brings_no_configuration_file_but_the_folder_for_one() -> None:
    into_etc = [line for line in RULES.splitlines() if "/etc" in line]
    assert into_etc == ["\tinstall -d debian/pump-companion/etc/pump-companion"]


def test_whatever_lies_in_systemd_is_installed_by_name_or_as_an_example() -> None:
    for file in (ROOT / "systemd").iterdir():
        assert file.suffix in {".service", ".conf"} or file.name in RULES, file.name


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_the_packages_scripts_are_posix_shell_and_leave_room_for_debhelper(script: str) -> None:
    file = DEBIAN / f"pump-companion.{script}"
    subprocess.run(["sh", "-n", file], check=True)
    assert "\n#DEBHELPER#\n" in file.read_text()
