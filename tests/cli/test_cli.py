"""The command line as a user types it: the guidance's cases by import and suggest, the record out and in, errors."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from device.cli import configured, main
from device.store.records import Store
from tests.support.histories import SCENARIOS


class Run:
    """`pump-companion` in this process; a whole process is tried in test_process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.config = folder / "config.toml"
        self.config.write_text(f'[mqtt]\nport = 1\n[store]\npath = "{folder / "pump.db"}"\n')

    def __call__(self, command: str, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([command, "--config", str(self.config), *arguments])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def file(self, lines: list[dict[str, Any]], name: str = "history.jsonl") -> str:
        path = self.folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return str(path)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


def lines(history: list[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    """The scenario's history as lines of an import."""
    for entry in history:
        if "nursing" in entry:
            at = now - timedelta(minutes=entry["ago_min"])
            yield {"nursing": {"at": iso(at), "effective": entry["nursing"] == "effective"}}
            continue
        starts = [now - timedelta(minutes=entry["ago_min"])] if "ago_min" in entry else []
        step = 0
        while "every_h" in entry and entry["from_days"] * 24 - step * entry["every_h"] > entry["to_days"] * 24:
            starts.append(now - timedelta(days=entry["from_days"]) + timedelta(hours=step * entry["every_h"]))
            step += 1
        for start in starts:
            given = {name: entry[name] for name in ("purpose", "reason") if name in entry}
            amount = {"volume_ml": entry["ml"]} if "ml" in entry else {}
            seconds = entry.get("minutes", 15) * 60
            yield {"session": {"started_at": iso(start), "duration_s": round(seconds), **given, **amount}}


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("case", SCENARIOS["case"], ids=lambda case: str(case["name"]))
def test_a_history_imported_gives_the_guidance_of_the_scenario(run: Run, case: dict[str, Any]) -> None:
    run.config.write_text(run.config.read_text() + f"[supply]\nbaseline = {SCENARIOS['baseline']}\n")
    status, _, err = run("import", run.file(list(lines(case["history"], SCENARIOS["now"]))))
    assert (status, err) == (0, "")
    status, out, _ = run("suggest", "--json", "--at", iso(SCENARIOS["now"]))
    assert status == 0
    said = json.loads(out)
    found = said["suggestion"] | {
        "stimulations_24h": said["stimulations_24h"],
        "expectation_ml": "none" if said["expectation_ml"] is None else said["expectation_ml"],
        "outlook": said["outlook"]["label"],
    }
    assert {key: found[key] for key in case["expect"]} == case["expect"]


def test_a_because_is_in_the_devices_language_for_programs_and_english_for_the_terminal(run: Run) -> None:
    run.config.write_text(run.config.read_text() + '[device]\nlanguage = "de"\n')
    because = json.loads(run("suggest", "--json")[1])["suggestion"]["because"]
    assert because == "0\N{NO-BREAK SPACE}von\N{NO-BREAK SPACE}8 Stimulationen in 24 h"
    assert run("suggest")[1].startswith("Likely protect (in place of nursing): 0 of 8 stimulations in 24 h\n")


HISTORY: list[dict[str, Any]] = [
    {"session": {"started_at": "2026-03-01T10:00:00Z", "duration_s": 900, "reason": "mastitis", "volume_ml": 60}},
    {"session": {"started_at": "2026-03-01T10:20:00Z", "ended_at": "2026-03-01T10:30:00Z", "intention": "fridge"}},
    {"nursing": {"at": "2026-03-01T12:00:00+01:00", "effective": True}},
]


ALL_TAKEN: dict[str, Any] = {"passed_over": 0, "bad": 0, "left_out": 0, "dry_run": False, "lines": [], "asides": {}}
"""What `import --json` says besides its counts where there is nothing to be said of any line."""


def test_what_is_exported_comes_back_as_it_was_and_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    assert run("import", run.file(HISTORY))[0] == 0
    _, out, _ = run("export")
    records = [json.loads(line) for line in out.splitlines()]
    sessions = [one["session"] for one in records if "session" in one]
    assert [one["purpose"] for one in sessions] == ["treat", None]
    assert sessions[0]["sitting"] == sessions[1]["sitting"]
    assert sessions[1]["use_by"] == "2026-03-05T10:30:00Z"
    assert all(one["cause"] == "imported" and one["counted"] for one in sessions)
    (tmp_path / "out.jsonl").write_text(out)
    status, said, _ = run("import", "--json", str(tmp_path / "out.jsonl"))
    assert (status, json.loads(said)) == (0, ALL_TAKEN | {"new": 0, "revised": 0, "unchanged": 3})
    run.config.write_text(run.config.read_text().replace("pump.db", "other.db"))
    assert run("import", str(tmp_path / "out.jsonl"))[0] == 0
    assert run("export")[1] == out


def test_a_csv_holds_what_the_lines_hold_and_comes_back(run: Run, tmp_path: Path) -> None:
    assert run("import", run.file(HISTORY))[0] == 0
    lines = run("export")[1]
    for name, more in (("sessions.csv", ()), ("nursings.csv", ("--nursings",))):
        status, out, err = run("export", "--format", "csv", *more)
        assert (status, err, out.startswith("\ufeff")) == (0, "", True)
        (tmp_path / name).write_text(out, encoding="utf-8", newline="")
    run.config.write_text(run.config.read_text().replace("pump.db", "other.db"))
    for name, new in (("sessions.csv", 2), ("nursings.csv", 1)):
        for found in ({"new": new, "unchanged": 0}, {"new": 0, "unchanged": new}):
            status, said, err = run("import", "--format", "csv", "--json", str(tmp_path / name))
            assert (status, err, json.loads(said)) == (0, "", ALL_TAKEN | {"revised": 0} | found)
    assert run("export")[1] == lines
    (tmp_path / "bad.csv").write_text("started_at,duration_s\n2026-05-01T10:00:00Z,900\n2026-05-02,9\n")
    status, _, err = run("import", "--format", "csv", str(tmp_path / "bad.csv"))
    assert (status, "bad.csv: line 3: started_at" in err, "nothing is imported" in err) == (1, True, True)
    assert run("export")[1] == lines


def test_what_is_exported_can_be_a_span_or_nursings_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Vienna")
    assert run("import", run.file(HISTORY))[0] == 0

    def count(*options: str) -> int:
        status, out, err = run("export", *options)
        assert (status, err) == (0, "")
        return len(out.splitlines())

    assert (count(), count("--nursings"), count("--since", "2026-03-01"), count("--since", "2026-03-02")) == (
        3,
        1,
        3,
        0,
    )
    assert (count("--since", "2026-03-01T10:20:00Z"), count("--until", "2026-03-01T10:20:00Z")) == (2, 1)
    status, _, err = run("export", "--since", "last week")
    assert (status, "--since: " in err, len(err.splitlines())) == (2, True, 1)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ({"session": {"started_at": "2026-03-01T10:05:00Z", "duration_s": 900}}, "overlap"),
        ({"session": {"started_at": "2026-03-01 10:05", "duration_s": 900}}, "started_at"),
        ({"session": {"started_at": "2026-03-02T10:05:00Z"}}, "ended_at"),
        ({"nursing": {"at": "2026-03-02T10:05:00Z", "effective": "yes"}}, "effective"),
        ({"feeding": {}}, "session"),
        ({"session": {"started_at": "2026-03-02T10:05:00Z", "duration_s": 9, "purpose": "nap"}}, "purpose"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(run: Run, line: dict[str, Any], named: str) -> None:
    status, _, err = run("import", run.file([*HISTORY, line]))
    assert status == 1
    assert "line 4" in err
    assert named in err
    assert len(err.splitlines()) == 1
    assert run("export")[1] == ""


@pytest.mark.parametrize("file", ["/dev/zero", "/dev/urandom", "/dev/null", "/proc/self/mem", "/"])
def test_whatever_lies_there_import_comes_to_an_end(run: Run, file: str) -> None:
    status, _, err = run("import", file)
    assert (status, len(err.splitlines())) in {(0, 0), (1, 1), (2, 1)}


def test_the_record_can_be_read_as_a_table_and_as_json(run: Run) -> None:
    assert run("sessions")[1].strip() == "Nothing recorded yet."
    run("import", run.file(HISTORY))
    _, out, _ = run("sessions")
    assert len(out.splitlines()) == 4
    assert "60 ml" in out
    said = json.loads(run("sessions", "--json")[1])
    assert (len(said["sessions"]), len(said["nursings"])) == (2, 1)


@pytest.mark.parametrize("command", ["sessions", "suggest", "export", "report -o REPORT", "backup COPY", "import FILE"])
def test_what_connects_to_no_broker_needs_no_file_of_its_password_or_keys(
    run: Run, tmp_path: Path, command: str
) -> None:
    history = run.file(HISTORY)
    run("import", history)
    files = "".join(f'{name} = "{tmp_path}/shut"\n' for name in ("password_file", "cert_file", "key_file"))
    run.config.write_text(f'[mqtt]\nusername = "pump"\ntls = true\n{files}[store]\npath = "{tmp_path}/pump.db"\n')
    name, *arguments = command.split()
    files_meant = {"FILE": history, "REPORT": str(tmp_path / "report.html"), "COPY": str(tmp_path / "copy.db")}
    status, _, errors = run(name, *(files_meant.get(argument, argument) for argument in arguments))
    said = "shut" in errors or status == 2
    assert not said, errors
    assert run("announce")[0] == 2, "which connects"


def test_a_backup_is_a_record_of_its_own(run: Run, tmp_path: Path) -> None:
    run("import", run.file(HISTORY))
    assert run("backup", str(tmp_path / "copy.db"))[0] == 0
    out = run("export")[1]
    run.config.write_text(run.config.read_text().replace("pump.db", "copy.db"))
    assert run("export")[1] == out


def test_forget_removes_everything_and_says_when_the_broker_is_away(run: Run, tmp_path: Path) -> None:
    secret = "plum dumpling"
    run("import", run.file([{"session": {**HISTORY[0]["session"], "note": secret}}]))
    assert run("backup", str(tmp_path / "copy.db"))[0] == 0
    (tmp_path / "notes.txt").write_text("nobody's record")
    status, out, err = run("forget", "--yes")
    assert status == 0
    assert "removed" in out
    assert "copy.db: is a backup of it" in out
    assert not {"notes.txt", "pump.db:"} & set(out.splitlines()[1].split("/"))
    assert (tmp_path / "copy.db").exists()
    assert "next connection" in err
    assert run("export")[1] == ""
    for file in tmp_path.glob("pump.db*"):
        assert secret.encode() not in file.read_bytes()


def test_check_names_every_fault_in_a_line_of_its_own_and_ends_with_2(run: Run) -> None:
    run.config.write_text("[devize]\n[session]\npause = 3\nask_s = 'long'\n")
    status, out, err = run("check")
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 3
    assert "pause_s" in err
    assert run("run")[0] == 2


def test_only_run_and_check_warn_and_check_only_where_nothing_is_wrong(run: Run) -> None:
    assert run("sessions")[2] == ""
    status, out, err = run("check")
    assert (status, out) == (0, "")
    assert "warning" in err
    run.config.write_text(run.config.read_text() + "[supply]\nbaseline = 99\n")
    status, _, err = run("check")
    assert (status, len(err.splitlines())) == (2, 1)
    assert "supply.baseline" in err


def test_a_command_by_hand_has_the_password_that_systemd_gives_to_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, of_service = tmp_path / "credstore", tmp_path / "credentials"
    for folder in (store, of_service):
        folder.mkdir()
        (folder / "password_file").write_text(f"{folder.name}\n")
    monkeypatch.setattr(configured, "CREDSTORE", str(store))
    file = tmp_path / "let-in.toml"
    file.write_text('[mqtt]\nusername = "me"\n')
    assert configured.secret(configured.configured(file)) == "credstore"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(of_service))
    assert configured.secret(configured.configured(file)) == "credentials"


def test_forget_asks_nobody_where_there_is_no_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", run.file(HISTORY))
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("forget")[0] == 0
    assert run("export")[1] == ""


def test_forget_asks_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", run.file(HISTORY))
    stdin = io.StringIO("y\ny\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    status, out, _ = run("forget")
    assert (status, out.count("[y/N]")) == (0, 2)
    assert run("export")[1] == ""


@pytest.mark.process
@pytest.mark.parametrize(("words", "status"), [(("setup", "--mqtt-host", "localhost"), 2), (("doctor",), 1)])
def test_a_stdin_that_was_closed_is_no_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], status: int
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert run(*words)[0] == status
    if sys.stdin is not None:  # what the command reads instead, for as long as its process
        sys.stdin.close()


@pytest.mark.parametrize("answer", ["n\n", "", "y\nn\n"])
def test_a_question_that_is_not_answered_with_yes_is_one_line_and_status_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    run("import", run.file(HISTORY))
    stdin = io.StringIO(answer)
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    status, _, err = run("forget")
    assert (status, len(err.splitlines())) == (1, 1)
    assert len(run("export")[1].splitlines()) == 3


def test_a_configuration_that_is_shut_is_named_with_its_remedy(run: Run) -> None:
    run.config.chmod(0)
    me = os.getuid()
    if me == 0:
        for folder in (run.folder, *run.folder.parents[:2]):
            folder.chmod(0o755)
        os.setresuid(65534, 65534, 0)  # the real one too, by which access(2) goes
    try:
        status, _, err = run("check")
    finally:
        os.setresuid(me, me, me)
    remedy = "run as the service's user, or chmod it"
    assert (status, err) == (2, f"{run.config}: may not be read by this user; {remedy}\n")


def test_what_is_not_to_be_found_is_not_announced(run: Run) -> None:
    run.config.write_text(run.config.read_text() + "[homeassistant]\ndiscovery = false\n")
    status, _, err = run("announce")
    assert (status, len(err.splitlines())) == (2, 1)
    assert "homeassistant.discovery" in err


def test_a_broker_that_is_away_is_named_once(run: Run) -> None:
    status, _, err = run("announce")
    assert (status, len(err.splitlines()), err.count("mqtt:")) == (1, 1, 1)


@pytest.mark.parametrize("command", ["version", "sessions", "suggest --json", "export", "check", "--help"])
@pytest.mark.parametrize("out", [">/dev/full", ">&-"])
def test_a_stdout_that_takes_nothing_is_one_line_and_status_1(run: Run, command: str, out: str) -> None:
    run.config.write_text(run.config.read_text() + "[motor]\npin = 17\n[display]\ndriver = 'none'\n")
    run("import", run.file(HISTORY))
    config = "" if command in {"version", "--help"} else f"--config {run.config}"
    line = f"{sys.executable} -m device {command} {config} {out}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("stdout: ")


@pytest.mark.parametrize(
    ("command", "status"), [("setup", 2), ("doctor", 2), ("learn", 2), ("version", 0), ("check", 2), ("import -", 2)]
)
def test_a_stdin_that_is_closed_is_like_one_without_a_terminal(tmp_path: Path, command: str, status: int) -> None:
    config = "" if command == "version" else f"--config {tmp_path}/none.toml"
    line = f"{sys.executable} -m device {command} {config} <&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (status, 1 if status else 0), done.stderr


@pytest.mark.parametrize("command", ["check --config c.toml", "setup --yes --config c.toml", "replay c", "version"])
def test_a_folder_that_is_gone_under_the_command_is_one_line(tmp_path: Path, command: str) -> None:
    line = f"cd {tmp_path} && rmdir {tmp_path} && exec {sys.executable} -m device {command}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode == 0, len(done.stderr.splitlines())) in {(True, 0), (False, 1)}, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "pump-companion: Missing command. See pump-companion --help."),
        (["nap"], "pump-companion: No such command 'nap'. See pump-companion --help."),
        (["suggest", "--at", "yesterday"], ""),
        (["import"], "pump-companion import: Missing argument 'FILE'. See pump-companion import --help."),
        (["import", "/nope"], "No such file or directory. See pump-companion import --help."),
        (["export", "--format", "xml"], "pump-companion export: "),
        (["run", "--record"], "pump-companion run: Option '--record' requires an argument. See pump-companion run -"),
        (["--help=3"], "See pump-companion --help."),
    ],
)
def test_a_wrong_call_is_one_line_that_names_its_command_and_status_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert said in err


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "check",
        "sessions",
        "suggest",
        "export",
        "import -",
        "announce",
        "unannounce",
        "page",
        "backup x",
        "forget",
    ],
)
def test_a_configuration_that_a_power_cut_emptied_ends_every_command_with_one_line_and_status_2(
    run: Run, command: str
) -> None:
    run.config.write_bytes(b"\0" * 512)
    name, *others = command.split()
    status, out, err = run(name, *others)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(f"{run.config}: holds nothing, as after a power cut; ")


@pytest.mark.parametrize(
    "zone", [":/etc/localtime", "/etc/localtime", "CET-1CEST,M3.5.0,M10.5.0/3", "Nowhere", "a/../b"]
)
@pytest.mark.parametrize("command", ["sessions", "suggest"])
def test_whatever_tz_says_a_table_is_a_table(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, zone: str
) -> None:
    run("import", run.file(HISTORY))
    monkeypatch.setenv("TZ", zone)
    status, out, err = run(command)
    assert (status, err) == (0, "")
    assert out


def test_check_warns_of_a_tz_that_names_no_zone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST")
    status, _, err = run("check")
    assert status == 0
    assert err.splitlines()[-1] == (
        'environment: warning: TZ: "CET-1CEST" names no timezone of the database, so the system\'s own is used; '
        "write a name such as Europe/Vienna, or leave TZ out"
    )
    assert json.loads(run("check", "--json")[1])["faults"][-1]["key"] == "TZ"


def test_without_a_database_of_timezones_it_is_one_line(run: Run) -> None:
    run("import", run.file(HISTORY))
    done = subprocess.run(
        [sys.executable, "-m", "device", "sessions", "--config", str(run.config)],
        env={"PYTHONTZPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        1, "the system has no database of timezones; install the package tzdata\n",
    )  # fmt: skip


def test_what_a_device_let_happen_is_exported_and_taken_in_again(run: Run, tmp_path: Path) -> None:
    stuck = {"id": "stuck", "revision": 3, "started_at": "2026-03-01T10:00:00Z", "duration_s": 30 * 86400,
             "stuck_sensor": True, "disagreement_s": 2_000_000, "number": 10**9}  # fmt: skip
    within = {"id": "within", "revision": 2, "started_at": "2026-03-03T10:00:00Z", "duration_s": 900}
    assert run("import", run.file([{"session": stuck}, {"session": within}]))[0] == 0
    _, out, _ = run("export")
    assert [json.loads(line)["session"]["number"] for line in out.splitlines()] == [1, 2]
    (tmp_path / "out.jsonl").write_text(out)
    run.config.write_text(run.config.read_text().replace("pump.db", "other.db"))
    assert run("import", str(tmp_path / "out.jsonl"))[0] == 0
    assert run("export")[1] == out


@pytest.mark.parametrize("full", [{}, {"id": "typed"}, {"revision": 3}])
def test_what_a_person_types_keeps_to_the_limits_for_people(run: Run, full: dict[str, Any]) -> None:
    long = {"started_at": "2026-03-01T10:00:00Z", "duration_s": 2 * 86400, **full}
    status, _, err = run("import", run.file([{"session": long}]))
    assert (status, "duration_s" in err) == (1, True)
    over = [{"session": {"started_at": f"2026-03-01T10:0{minute}:00Z", "duration_s": 900}} for minute in range(2)]
    over[1]["session"] |= full
    status, _, err = run("import", run.file(over))
    assert (status, "overlaps" in err) == (1, True)


def test_nothing_that_is_imported_where_only_a_summary_leaves_waits_for_the_broker(run: Run, tmp_path: Path) -> None:
    run.config.write_text(run.config.read_text().replace("port = 1", 'port = 1\npublish = "summary"'))
    assert run("import", run.file(HISTORY))[0] == 0
    with closing(Store.open(tmp_path / "pump.db")) as store:
        assert store.outbox == 0


def test_a_backup_is_put_back_by_restore(run: Run, tmp_path: Path) -> None:
    run("import", run.file(HISTORY))
    run("backup", str(tmp_path / "copy.db"))
    before = run("export")[1]
    later = {"session": {"started_at": "2026-03-05T10:00:00Z", "duration_s": 900}}
    run("import", run.file([later], "later.jsonl"))
    status, out, err = run("restore", str(tmp_path / "copy.db"))
    assert (status, err, "the former record is" in out) == (0, "", True)
    assert [line for line in run("export")[1].splitlines() if '"deleted":false' in line] == before.splitlines()
    status, _, err = run("restore", str(tmp_path / "config.toml"))
    assert (status, len(err.splitlines())) == (1, 1)
