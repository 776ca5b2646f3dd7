"""The daemon's record copied while it is written, put elsewhere by its export, forgotten here and at the broker."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from device.core.model.record import Record
from device.store.mending import check_file
from device.store.records import Store
from device.wire.values import instant
from tests.support.household import ROOT, Household, household
from tests.support.kept import NOW, bodies

AT_ONCE, COPIES = 12, 3
OF_RECORDS, OF_NOW = {"session/last", "screen"}, {"today", "state"}
"""Topics that are retained: what a daemon takes back, and what it says anew."""


def called(config: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "device", *arguments, "--config", str(config)]
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, check=True, timeout=120)


def configured(folder: Path, name: str) -> Path:
    """Another record in the same house, whose broker is never there."""
    file = folder / f"{name}.toml"
    file.write_text(f'[mqtt]\nport = 1\n[store]\npath = "{folder / f"{name}.db"}"\n')
    return file


def add(home: Household, number: int) -> None:
    at = instant(NOW + number * 7200)
    home.wire.say({"command": "add", "request": f"a{number}", "started_at": at, "duration_s": 900})


def replied(home: Household, number: int) -> Any:
    return home.wire.on("reply", lambda reply: reply["request"] == f"a{number}")


def read(path: Path) -> list[Record]:
    with closing(Store.open(path)) as store:
        check_file(path, store.db)
        return bodies(store)


def cleared(home: Household, topics: set[str]) -> None:
    """What was retained there is taken back."""
    home.wire.until("cleared", lambda seen: {one.topic for one in seen if not one.payload} >= topics)


def test_a_running_record_is_copied_whole_put_elsewhere_and_forgotten(tmp_path: Path) -> None:
    with household(tmp_path, extra="mirror_screen = true") as home:
        config = home.device.config
        for copy in range(COPIES):
            for number in range(copy * AT_ONCE, (copy + 1) * AT_ONCE):
                add(home, number)
            called(config, "backup", str(tmp_path / f"copy{copy}.db"))
        last = [replied(home, number)["session"]["number"] for number in range(COPIES * AT_ONCE)][-1]
        assert last == COPIES * AT_ONCE
        home.device.end()
        every = read(tmp_path / "pump.db")
        copies = [read(tmp_path / f"copy{copy}.db") for copy in range(COPIES)]
        assert [copied == every[: len(copied)] for copied in copies] == [True] * COPIES
        put_elsewhere(tmp_path)
        forgotten(home, last)


def put_elsewhere(folder: Path) -> None:
    """What a copy exports is imported elsewhere, and exports the same."""
    exported = called(configured(folder, f"copy{COPIES - 1}"), "export").stdout
    other = configured(folder, "other")
    called(other, "import", "-", given=exported)
    assert called(other, "export").stdout == exported


def forgotten(home: Household, last: int) -> None:
    """Once while no broker is there, cleared at the next connection; once with it, cleared at once. Numbers go on."""
    away = configured(home.folder, "pump")
    assert b"cleared at the next connection" in called(away, "forget", "--yes").stderr
    assert read(home.folder / "pump.db") == []
    home.wire.clear()
    home.device.start()
    cleared(home, OF_RECORDS)
    home.wire.on("today", lambda today: today["last_stimulation_at"] is None)
    add(home, COPIES * AT_ONCE)
    assert replied(home, COPIES * AT_ONCE)["session"]["number"] == last + 1
    home.device.end()
    home.wire.clear()
    assert called(home.device.config, "forget", "--yes").stderr == b""
    cleared(home, OF_RECORDS | OF_NOW)
    assert read(home.folder / "pump.db") == []
