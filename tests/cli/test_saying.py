"""What reaches a terminal: strangers' words without control characters, in any encoding, where nobody listens too."""

import contextlib
import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from device.cli import main, saying
from device.cli.saying import UNKNOWN, LogLines, Repeats, print_json, say
from tests.support.effort import so_many

ALL = "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]))
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
EVIL = "\x1b]0;x\x07\x9b2J\x7f\r\x08ü"
SESSION = {"started_at": "2026-03-01T10:00:00Z", "duration_s": 900}


class Run:
    """`pump-companion` in this process, with a name that is evil on everything that has one."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder / EVIL, capsys
        self.folder.mkdir()
        self.config = self.folder / "config.toml"
        self.config.write_text(f'[mqtt]\nport = 1\n[store]\npath = "{folder}/pump.db"\n')

    def __call__(self, command: str, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([command, "--config", str(self.config), *arguments])
        out, err = self._capsys.readouterr()
        assert RAW.findall(out + err) == [], (command, out, err)
        return int(ended.value.code or 0), out, err

    def file(self, line: dict[str, Any]) -> str:
        path = self.folder / "history.jsonl"
        path.write_text(json.dumps(line, ensure_ascii=False) + "\n")
        return str(path)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


def test_a_note_of_control_characters_comes_out_escaped_and_back_as_it_was(run: Run) -> None:
    note = f"a{ALL}☕"
    assert run("import", run.file({"session": {**SESSION, "note": note}}))[0] == 0
    for _, out, _ in (run("sessions", "--json"), run("export")):
        said = json.loads(out)
        assert (said["sessions"][0] if "sessions" in said else said["session"])["note"] == note
    assert run("sessions")[0] == 0
    (run.folder / "out.jsonl").write_text(run("export")[1])
    assert run("import", str(run.folder / "out.jsonl"))[1] == "0 new, 0 revised, 1 unchanged\n"


def test_names_of_files_are_shown_without_what_a_terminal_would_obey(run: Run) -> None:
    shown = UNKNOWN + "]0;x" + UNKNOWN
    run("import", run.file({"session": SESSION}))
    for words, status in (
        (("backup", str(run.folder / "copy.db")), 0),
        (("backup", str(run.folder / "nowhere" / "copy.db")), 1),
        (("import", str(run.folder / "nowhere")), 2),
        (("check",), 0),
    ):
        found, out, err = run(*words)
        assert found == status
        assert shown in out + err
    run.config.write_text(f'"{json.dumps(EVIL)[1:-1]}" = 1\n')
    assert shown in run("check")[2]
    assert json.loads(run("check", "--json")[1])["faults"][0]["key"] == EVIL
    run.config.unlink()
    status, _, err = run("sessions")
    assert (status, len(err.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    "line",
    [
        {EVIL: {}},
        {"session": {**SESSION, EVIL: 1}},
        {"session": {**SESSION, "purpose": EVIL}},
        {"session": {"started_at": EVIL, "duration_s": 900}},
        {"nursing": {"at": EVIL, "effective": True}},
        {"session": {**SESSION, "id": EVIL}},
        EVIL,
    ],
)
def test_what_is_wrong_in_a_line_is_told_in_one_without_control_characters(run: Run, line: Any) -> None:
    status, out, err = run("import", run.file(line))
    if status:
        assert (status, out, len(err.splitlines())) == (1, "", 1)


@pytest.mark.parametrize(
    "words",
    [
        (EVIL,),
        ("sessions", f"--{EVIL}"),
        ("sessions", "--limit", EVIL),
        ("suggest", "--at", EVIL),
        ("page", "--broker", EVIL),
    ],
)
def test_a_wrong_call_is_said_back_without_control_characters(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    err = capsys.readouterr().err
    assert (ended.value.code, len(err.splitlines()), RAW.findall(err)) == (2, 1, [])


@settings(max_examples=so_many(50))
@given(
    value=st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
@example(value=ALL)
@example(value="\udcff")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_json_says_the_same_in_any_encoding(encoding: str, value: Any) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    with contextlib.redirect_stdout(out):
        print_json(value)
    out.flush()
    said = out.buffer.getvalue().decode(encoding)
    assert json.loads(said) == value
    assert RAW.findall(said) == []


@settings(max_examples=so_many(50))
@given(text=st.text())
@example(text=ALL + "\udcff")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_text_keeps_its_lines_and_loses_what_a_terminal_would_obey(encoding: str, text: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding, newline="")
    with contextlib.redirect_stdout(out):
        say(text)
    out.flush()
    said = out.buffer.getvalue().decode(encoding)
    assert RAW.findall(said) == []
    assert len(said) == len(text) + 1
    assert said.count("\n") == text.count("\n") + 1


def test_what_a_broker_or_a_pump_said_is_one_line_in_the_log() -> None:
    lines = LogLines("%(message)s")
    record = logging.LogRecord("x", logging.INFO, "x", 1, "mqtt: %s", (f"no\nmqtt: up{EVIL}",), None)
    said = lines.format(record)
    assert RAW.findall(said) == []
    assert said.startswith(f"mqtt: no{UNKNOWN}mqtt: up{UNKNOWN}")
    record.exc_text = f"Traceback:\n{EVIL}"
    said = lines.format(record)
    assert RAW.findall(said) == []
    assert len(said.split("\n")) == 3


def said_by(repeats: Repeats, text: str, level: int = logging.WARNING) -> str | None:
    record = logging.LogRecord("x", level, "x", 1, "%s", (text,), None)
    return record.getMessage() if repeats.filter(record) else None


def test_a_line_that_comes_again_and_again_is_counted_for_an_hour() -> None:
    clock = [0.0]
    repeats = Repeats(lambda: clock[0])
    lost = [said_by(repeats, f"serial.port = /dev/ttyUSB0: lost ({number})") for number in range(40)]
    assert lost[:4] == [f"serial.port = /dev/ttyUSB0: lost ({number})" for number in range(4)]
    assert lost[4] == "serial.port = /dev/ttyUSB0: lost (4) (again and again: counted for an hour)"
    assert lost[5:] == [None] * 35
    assert said_by(repeats, "mqtt: nothing listens") == "mqtt: nothing listens"
    clock[0] = 3600.0
    assert said_by(repeats, "serial.port = /dev/ttyUSB0: lost (9)") == (
        "serial.port = /dev/ttyUSB0: lost (9) (and 35 times in between)"
    )
    assert said_by(repeats, "serial.port = /dev/ttyUSB0: lost (9)") == "serial.port = /dev/ttyUSB0: lost (9)"
    clock[0] = 7300.0
    assert said_by(repeats, "mqtt: nothing listens") == "mqtt: nothing listens"


def test_the_log_on_stderr_counts_what_it_would_repeat(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(logging, "basicConfig", given.update)
    saying.begin_log()
    for number in range(40):
        record = logging.LogRecord("x", logging.WARNING, "x", 1, "lost (%d)", (number,), None)
        given["handlers"][0].handle(record)
    assert capsys.readouterr().err.splitlines()[-2:] == ["lost (3)", "lost (4) (again and again: counted for an hour)"]


def test_what_is_remembered_of_lines_is_bounded_and_verbose_lines_all_go() -> None:
    repeats = Repeats(lambda: 0.0)
    for number in range(1000):
        assert said_by(repeats, "x" * number) is not None
        assert said_by(repeats, "ButtonPressed(at=1.0)", logging.DEBUG) is not None
    assert len(repeats._said) == 100


# -- a whole process ---------------------------------------------------------------------------------------------


def process(config: Path, line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A shell's line in which `C` is the command."""
    line = line.replace("C", f"{sys.executable} -m device", 1).replace("CONFIG", f"--config '{config}'")
    return subprocess.run(["sh", "-c", line], capture_output=True, check=False, env={**os.environ, **environment})


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp437"},
    ],
)
def test_a_terminal_that_lacks_letters_gets_no_traceback(run: Run, environment: dict[str, str]) -> None:
    note = "Brühe ☕ \u202e"
    run("import", run.file({"session": {**SESSION, "note": note}}))
    for line in ("C sessions CONFIG --json", "C export CONFIG"):
        done = process(run.config, line, **environment)
        assert (done.returncode, done.stderr) == (0, b"")
        encoding = environment.get("PYTHONIOENCODING", "utf-8") if "json" in line else "utf-8"
        assert note in json.dumps(json.loads(done.stdout.decode(encoding)), ensure_ascii=False)
    done = process(run.config, f"C backup CONFIG '{run.folder}/☕.db'", **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    done = process(run.config, f"C import CONFIG '{run.folder}/ü☕'", **environment)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


@pytest.mark.parametrize("err", ["2>/dev/full", "2>&-"])
def test_a_stderr_that_takes_nothing_leaves_the_status(run: Run, err: str) -> None:
    assert process(run.config, f"C sessions CONFIG --limit x {err}").returncode == 2
    assert process(run.config, f"C announce CONFIG {err}").returncode == 1
    run.config.write_text("")
    assert process(run.config, f"C sessions CONFIG {err}").returncode == 2


@pytest.mark.parametrize("words", ["sessions --json", "export", "sessions"])
def test_a_pipe_that_nobody_reads_any_more_is_no_traceback(run: Run, words: str) -> None:
    run("import", run.file({"session": SESSION}))
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "device", *words.split(), "--config", str(run.config)]
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, "")


def test_every_word_of_a_command_goes_through_here() -> None:
    folder = Path(saying.__file__).parent
    raw = re.compile(r"click\.(?:echo|secho|echo_via_pager)\(|(?<!\w)print\(|stdout\.write\(|basicConfig\(")
    assert [file.name for file in folder.glob("*.py") if raw.search(file.read_text())] == ["saying.py"]
