"""`replay`: what was recorded comes out the same, and where it does not, or the file is not whole, it says so."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from device import core, version
from device.cli import main
from device.core.model.events import LineRejected
from device.wire.recording import Head, Line, Said, read_lines, written
from device.wire.values import instant
from tests.support.drive import classified
from tests.support.recorded import recorded, steps

ROOT = Path(__file__).parents[2]


class Called:
    """`pump-companion replay` in this process, in a folder without a configuration."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> tuple[int, list[str], list[str]]:
        with pytest.raises(SystemExit) as ended:
            main(["replay", *map(str, words)])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out.splitlines(), err.splitlines()


@pytest.fixture
def replay(capsys: pytest.CaptureFixture[str]) -> Called:
    return Called(capsys)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A life of three processes with a bit of everything."""
    file = tmp_path / "life.jsonl"
    with recorded(file):
        device = classified(serial=True, wall=1772334000.0 - 3600, synced=False)
        device.line("RUN", t=5.0, cpm=54.0)
        device.send(LineRejected(device.at, "checksum", 3))
        device.wait(300)
        device.order("note", text="plum \x07 dumpling")
        device = device.restart(20, cut=True, synced=False)
        device.pump(True, lasts=10)
        device.clock(device.wall + 3600, synced=True)
        device.pump(False, lasts=121)
        device.press("middle", "right")
        assert device.order("start", at=instant(int(device.wall) - 100))["ok"]
        device.order("edit", session=device.last.id, started_at=instant(int(device.wall) - 50))
        device.order("pause")
        device = device.restart(20, boot="boot-2", cut=True)
        device.order("go_on")
        assert device.order("stop")["session"]["pauses"] == 1
        device.order("nursing", effective=True)
        device.order("delete", session=device.last.id)
        device.order("baseline", stimulations=6)
        device.order("volume", ml=5, session="nobody's")
        device.order("history")
        device.broker(up=False)
        device.wait(1000)
        device.broker(up=True)
    return file


def test_a_life_comes_out_as_it_was_and_is_told(replay: Called, file: Path) -> None:
    status, out, err = replay(file)
    assert (status, err) == (0, [])
    assert out[0] == f"recorded by {version()} on pump"
    assert out[-1] == "ended: the device stopped"
    told = "\n".join(out)
    for words in ("screen: Why pump?", 'saved: {"schema":1', "session/last: {", 'reply: {"schema":1', "diagnostics: {"):
        assert words in told, words
    assert "otherwise" not in told
    assert "\x07" not in told
    assert len([line for line in out if "  Beginning {" in line]) == 3


def test_as_json_it_is_an_object_a_line(replay: Called, file: Path) -> None:
    status, out, _ = replay("--json", file)
    head, *life, end = map(json.loads, out)
    assert (status, head["head"]["device"], end) == (0, "pump", {"ending": {"why": "the device stopped"}})
    assert {tuple(one) for one in life} == {("line", "at", "event", "value", "said", "otherwise")}
    said: list[tuple[str, Any]] = [(title, value) for one in life for title, value in one["said"]]
    assert {title for title, _ in said} >= {"screen", "saved", "state", "today", "diagnostics", "session/last", "reply"}
    assert [one["event"] for one in life].count("Beginning") == 3


def rewritten(file: Path, change: Callable[[Line], Line | None]) -> Path:
    """The same recording, had something else been written then, or nothing."""
    content, summed = b"", 0
    with file.open("rb") as opened:
        for _, line in read_lines(opened):
            changed = change(line)
            if changed is not None:
                one, summed = written(changed, summed)
                content += one
    other = file.with_name("other.jsonl")
    other.write_bytes(content)
    assert content != file.read_bytes()
    return other


def said(change: Callable[[str, Any], Any]) -> Callable[[Line], Line]:
    """Each part of what was said, changed."""
    return lambda line: Said(tuple((of, change(of, one)) for of, one in line.parts)) if isinstance(line, Said) else line


def without_schema(of: str, one: Any) -> Any:
    return {name: value for name, value in one.items() if name != "schema"} if isinstance(one, dict) else one


def backwards(line: Line) -> Line:
    """What is said in one step in another order; of several records the order tells."""
    several = isinstance(line, Said) and len({of for of, _ in line.parts}) < len(line.parts)
    return Said(line.parts[::-1]) if isinstance(line, Said) and not several else line


def test_where_it_comes_out_otherwise_is_said(replay: Called, file: Path) -> None:
    other = rewritten(file, said(lambda of, one: {**one, "note": "pear"} if of == "saved" and one.get("note") else one))
    status, out, err = replay(other)
    differences = {line for line in out if "otherwise" in line}
    assert differences == {"    otherwise: saved.note: pear then, plum \N{REPLACEMENT CHARACTER} dumpling now"}
    assert (status, len(err)) == (1, 1)
    assert re.match(rf"{other}: \d+ of \d+ steps came out otherwise, the first at line \d+: saved.note: pear", err[0])
    assert any(json.loads(line).get("otherwise") for line in replay("--json", other)[1])


@pytest.mark.parametrize("change", [backwards, said(without_schema)], ids=["another order", "a field that is new"])
def test_what_says_the_same_is_no_difference(replay: Called, file: Path, change: Callable[[Line], Line]) -> None:
    assert replay(rewritten(file, change))[0] == 0


def test_what_is_not_said_any_more_and_what_is_new_are_differences(replay: Called, file: Path) -> None:
    _, out, _ = replay(rewritten(file, lambda line: Said((("sound", "ping"),)) if isinstance(line, Said) else line))
    assert "    otherwise: sound: ping then, nothing now" in out
    assert [line for line in out if line.startswith("    otherwise: screen: nothing then, Why pump?")]
    _, out, _ = replay(rewritten(file, lambda line: None if isinstance(line, Said) else line))
    assert [line for line in out if line.startswith("    otherwise: screen: nothing then, Why pump?")]


def test_of_a_damaged_file_all_before_the_damage_is_replayed(replay: Called, file: Path) -> None:
    whole = replay(file)[1]
    content = file.read_bytes()
    line = content.count(b"\n", 0, content.index(b"dumpling")) + 1
    file.write_bytes(content.replace(b"dumpling", b"dumplinG"))
    status, out, err = replay(file)
    assert (status, err) == (1, [f"{file}: line {line}: is damaged, and what follows can't be trusted"])
    assert len(out) > line / 2
    assert out == whole[: len(out)]


def test_of_a_device_that_was_killed_nothing_is_missed_behind_the_last_event(replay: Called, file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.startswith(b'["ButtonPressed')) + 1
    file.write_bytes(b"".join(lines[:last]))
    status, out, err = replay(file)
    broken = f"{file}: line {last + 1}: it breaks off here, as where the device was killed or still runs"
    assert (status, err) == (1, [broken])
    assert [line for line in out if line.startswith(f"{last}  ")]
    assert "otherwise" not in "\n".join(out)


def test_another_versions_file_says_so_and_is_replayed(replay: Called, file: Path) -> None:
    other = rewritten(file, lambda line: replace(line, version="0.0.9") if isinstance(line, Head) else line)
    status, out, err = replay(other)
    said = f"{other}: recorded by 0.0.9, and this is {version()}: what comes out otherwise may be meant so"
    assert (status, err, out[-1]) == (0, [said], "ended: the device stopped")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_what_is_no_recording_is_one_line(replay: Called, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "notes").write_text("eggs, milk\n")
    os.mkfifo(tmp_path / "pipe")
    for name in ("notes", "nowhere", "", "pipe"):
        status, out, err = replay(*words, tmp_path / name)
        assert (status in {1, 2}, out, len(err)) == (True, [], 1), (name, err)
        assert str(tmp_path / name) in err[0]


def test_what_the_core_raises_names_the_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_state: object, _event: object) -> None:
        raise KeyError("a hole")

    monkeypatch.setattr(core, "step", stumble)
    with pytest.raises(KeyError) as raised:
        steps(file)
    assert raised.value.__notes__[0].startswith("at line 4 of the recording: BrokerChanged(at=1000.0")


def test_it_writes_nothing_and_connects_nowhere(file: Path) -> None:
    code = (
        "import sys, os; from device.cli import main\n"
        "def refuse(name, values):\n"
        "    wrote = name == 'open' and values[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)\n"
        "    if name.startswith('socket.') or wrote: raise SystemExit(f'{name} {values}')\n"
        "sys.addaudithook(refuse); main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "replay", str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
