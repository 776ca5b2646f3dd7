"""Root at the command line: it becomes the owner of the record's folder first, so no link laid there leads anywhere."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.cli.owner import owner
from device.store.records import Store
from tests.support.household import ROOT

OWNER = 65534
ROOTS = b"root's own\n"
NURSING = json.dumps({"nursing": {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "effective": True}}) + "\n"


def everybodys_python() -> str | None:
    """An interpreter of this version that others may run too: a developer's own may lie in root's home."""
    found = [sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"]
    for one in filter(os.path.exists, found):
        with contextlib.suppress(PermissionError):
            asked = [one, "-c", "import sqlite3, ssl"]
            if subprocess.run(asked, user=OWNER, group=OWNER, extra_groups=[], check=False).returncode == 0:
                return one
    return None


PYTHON = everybodys_python() if os.geteuid() == 0 else None
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), sysconfig.get_path("purelib")))}
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody")
as_everybody = pytest.mark.skipif(PYTHON is None, reason="nobody else may run this interpreter")


class Place:
    """A configuration that only root may read, beside a folder of another user's for the record."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.victim = root, root / "record", root / "victim"
        self.folder.mkdir()
        self.record = self.folder / "pump.db"
        os.chown(self.folder, OWNER, OWNER)
        self.victim.write_bytes(ROOTS)
        self.victim.chmod(0o600)
        (root / "password").write_text("hunter2\n")
        (root / "password").chmod(0o600)
        self.config = root / "config.toml"
        self.config.write_text(
            f'[display]\ndriver = "none"\n[mqtt]\nport = 1\nusername = "me"\npassword_file = "{root}/password"\n'
            f'[store]\npath = "{self.record}"\n'
        )
        self.config.chmod(0o600)
        (root / "records.jsonl").write_text(NURSING)
        (root / "records.jsonl").chmod(0o600)

    def command(self, name: str, *arguments: str) -> list[str]:
        return [str(PYTHON), "-m", "device", name, "--config", str(self.config), *arguments]

    def call(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(name, *arguments),
            cwd=ROOT,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def owners(self) -> set[int]:
        return {file.lstat().st_uid for file in self.folder.rglob("*")}


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Place(Path(name))


COMMANDS = {
    "import": ["{root}/records.jsonl"],
    "export": [],
    "sessions": [],
    "suggest": [],
    "report": ["-o", "{folder}/report.html", "--days", "2"],
    "backup": ["{folder}/copy.db"],
    "announce": [],
    "unannounce": [],
    "forget": ["--yes"],
}


@as_everybody
def test_what_each_command_makes_belongs_to_the_folders_owner(place: Place) -> None:
    for name, arguments in COMMANDS.items():
        words = [one.format(root=place.root, folder=place.folder) for one in arguments]
        done = place.call(name, *words)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == (1 if name.endswith("announce") else 0), (name, done.stderr)
        assert "password" not in done.stderr, (name, done.stderr)
        assert place.owners() == {OWNER}, name
        assert stat.S_IMODE(place.record.stat().st_mode) == 0o600


@as_everybody
@pytest.mark.parametrize("name", COMMANDS)
def test_no_link_that_the_owner_laid_leads_root_anywhere(place: Place, name: str) -> None:
    Store.open(place.record).close()
    os.chown(place.record, OWNER, OWNER)
    for suffix in (".lock", "-wal", "-shm", "-journal"):
        link = Path(f"{place.record}{suffix}")
        link.unlink(missing_ok=True)
        link.symlink_to(place.victim)
    words = [one.format(root=place.root, folder=place.folder) for one in COMMANDS[name]]
    done = place.call(name, *words)
    assert "Traceback" not in done.stderr, done.stderr
    assert place.victim.read_bytes() == ROOTS
    assert (place.victim.stat().st_uid, stat.S_IMODE(place.victim.stat().st_mode)) == (0, 0o600)


@as_everybody
def test_a_record_that_is_a_link_leads_root_nowhere(place: Place) -> None:
    place.record.symlink_to(place.victim)
    done = place.call("import", str(place.root / "records.jsonl"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert place.victim.read_bytes() == ROOTS


@as_everybody
def test_a_report_is_written_by_the_owner_and_where_that_may_not_write_it_goes_to_stdout(place: Place) -> None:
    place.call("import", str(place.root / "records.jsonl"))
    done = place.call("report", "-o", str(place.root / "report.html"))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith(f"pump-companion report: {place.root}/report.html: Permission denied; ")
    done = place.call("report", "-o", "-")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("</html>\n")


@as_everybody
def test_the_daemon_reads_the_password_as_root_and_runs_as_the_owner(place: Place) -> None:
    words = place.command("run", "--record", str(place.folder / "life.jsonl"))
    process = subprocess.Popen(words, cwd=ROOT, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert any(line.startswith("mqtt:") for line in process.stderr)
    status = Path(f"/proc/{process.pid}/status").read_text()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "password" in said) == (0, False), said
    assert f"Uid:\t{OWNER}\t{OWNER}\t{OWNER}\t{OWNER}\n" in status
    assert f"Gid:\t{OWNER}\t{OWNER}\t{OWNER}\t{OWNER}\n" in status
    assert " 0 " not in status.partition("Groups:\t")[2].partition("\n")[0].join("  ")
    assert place.owners() == {OWNER}


@as_everybody
def test_what_is_not_the_owners_to_write_is_one_line(place: Place) -> None:
    place.call("import", str(place.root / "records.jsonl"))
    done = place.call("backup", str(place.root / "copy.db"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith(f"{place.root}/copy.db: Permission denied; ")
    done = place.call("backup", str(place.victim))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert place.victim.read_bytes() == ROOTS


@as_everybody
@pytest.mark.parametrize("name", COMMANDS)
def test_somebody_else_is_told_in_one_line(place: Place, name: str) -> None:
    """Who may see that there is a folder, and nothing in it: what the service's is to everybody."""
    place.config.chmod(0o644)
    (place.root / "password").chmod(0o604)
    place.config.write_text(place.config.read_text().replace('username = "me"\npassword_file', 'username = "me"\n# '))
    place.folder.chmod(0o706)
    words = [one.format(root=place.root, folder=place.folder) for one in COMMANDS[name]]
    words = ["-" if one.endswith(".jsonl") else one for one in words]
    done = subprocess.run(
        place.command(name, *words), cwd="/", env=ENVIRONMENT, capture_output=True, text=True, check=False,
        user=12345, group=12345, extra_groups=[], input="",
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith(f"{place.record}: Permission denied; ")


def test_a_folder_of_roots_own_leaves_root_what_it_is_unless_somebodys_link_leads_there(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert owner(tmp_path / "own/pump.db") is None
    assert owner(tmp_path / "nowhere/pump.db") is None
    (tmp_path / "link").symlink_to("own")
    assert owner(tmp_path / "link/pump.db") is None
    (tmp_path / "second").symlink_to("link")
    os.chown(tmp_path / "link", 1234, 1235, follow_symlinks=False)
    assert owner(tmp_path / "link/pump.db") == (1234, 1235)
    assert owner(tmp_path / "second/pump.db") == (1234, 1235)
    assert owner(tmp_path / "second/deeper/../pump.db") is None


def test_a_record_under_another_name_is_its_own_folders(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 1234, 1235)
    (tmp_path / "theirs/pump.db").touch()
    (tmp_path / "here.db").symlink_to("theirs/pump.db")
    assert owner(tmp_path / "here.db") == (1234, 1235)
    (tmp_path / "loop.db").symlink_to("loop.db")
    assert owner(tmp_path / "loop.db") is None


def test_a_program_that_the_owner_may_not_read_says_so(place: Place) -> None:
    """As where it was installed in root's own home."""
    code = 'import os; os.access = lambda file, *_, **__: not str(file).endswith(".py")'
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; from device.cli import main; main()", "export", "--config", str(place.config)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "install the program where everybody may read it" in done.stderr
