"""`report` as a user calls it: one private file, beside a running daemon, or one line that says why there is none."""

import json
import os
import re
import stat
import subprocess
import sys
import time
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import astuple

from device.cli import main
from device.cli.report import MOST_RECORDS
from device.core.model.record import Purpose, Reason, Record
from device.store.copies import take_in
from device.store.records import Store
from device.words import LANGUAGES
from device.words.en import EN
from device.words.shape import Words
from tests.support.effort import so_many
from tests.support.household import ROOT
from tests.support.report_households import SITTING_S, made_nursing, made_session


class Reporting:
    """`pump-companion report` in this process, at a record of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.config, self.record, self.file = folder / "config.toml", folder / "pump.db", folder / "report.html"
        self.config.write_text(f'[mqtt]\nport = 1\n[store]\npath = "{self.record}"\n')

    def __call__(self, *arguments: str, command: str = "report") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([command, "--config", str(self.config), *arguments])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def made(self, *arguments: str) -> str:
        status, _, err = self("-o", str(self.file), *arguments)
        assert (status, err) == (0, "")
        return self.file.read_text()

    def holds(self, *records: Record) -> None:
        with closing(Store.open(self.record)) as store:
            take_in(store, records, now=NOW, sitting_s=SITTING_S)


NOW = int(time.time())
HOUR = 3600


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reporting:
    return Reporting(tmp_path, capsys)


def session(number: int, ago_s: int, **fields: Any) -> Record:
    return made_session(number, NOW - ago_s, NOW - ago_s + 900, **fields)


class Texts(HTMLParser):
    """What a reader sees without any script or style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text.partition("<body>")[2])

    def handle_data(self, data: str) -> None:
        self.found += [data.replace("\u00a0", " ")] if data.strip() else []


def test_a_report_is_one_file_for_its_owner_alone_and_says_where_it_is(report: Reporting) -> None:
    report.holds(session(1, HOUR, volume_ml=85), made_nursing(1, NOW - 4 * HOUR))
    status, out, err = report("-o", str(report.file))
    assert (status, err) == (0, "")
    assert str(report.file) in out
    assert "health data" in out
    assert stat.S_IMODE(report.file.stat().st_mode) == 0o600
    texts = Texts(report.file.read_text()).found
    assert {"Pumping report", "How often", "85 ml, of 1", "Nursings: 1 effective, 0 not effective."} <= set(texts)


@pytest.mark.parametrize("ago_s", [None, 20 * 24 * HOUR])
def test_days_without_a_record_are_one_line_and_nothing_is_written(report: Reporting, ago_s: int | None) -> None:
    if ago_s is not None:
        report.holds(session(1, ago_s))
    status, out, err = report("-o", str(report.file))
    assert (status, out) == (1, "")
    said = "nothing was recorded in the last 14 days; give more --days, up to 92"
    assert err == f"{report.record}: {said}\n"
    assert not report.file.exists()


def test_where_there_is_no_longer_span_none_is_asked_for(report: Reporting) -> None:
    report.holds(session(1, 100 * 24 * HOUR))
    status, out, err = report("-o", str(report.file), "--days", "92")
    said = "nothing was recorded in the last 92 days; `sessions` shows what there is"
    assert (status, out, err) == (1, "", f"{report.record}: {said}\n")


def test_a_record_deleted_is_none(report: Reporting) -> None:
    report.holds(session(1, HOUR, deleted=True))
    assert report("-o", str(report.file), "--days", "1")[0] == 1


@pytest.mark.parametrize("name", ["pump.db", "pump.db-wal", "pump.db.lock", "pump.db-numbers", "config.toml"])
def test_no_name_that_is_taken_or_the_records_own_is_written(report: Reporting, name: str) -> None:
    report.holds(session(1, HOUR))
    path = report.record.with_name(name)
    before = path.read_bytes() if path.exists() else b""
    status, _, err = report("-o", str(path))
    assert status == 2
    assert str(path) in err
    assert err.count("\n") == 1
    assert (path.read_bytes() if path.exists() else b"") == before


@pytest.mark.parametrize("days", ["0", "93", "x"])
def test_a_span_that_is_none_is_asked_wrongly(report: Reporting, days: str) -> None:
    assert report("-o", str(report.file), "--days", days)[0] == 2
    assert report()[0] == 2
    assert not report.file.exists()


def test_a_dash_is_stdout(tmp_path: Path, report: Reporting) -> None:
    report.holds(session(1, HOUR))
    words = [sys.executable, "-m", "device", "report", "--config", str(report.config), "-o", "-"]
    done = subprocess.run(words, capture_output=True, cwd=ROOT, check=True, env=os.environ | {"LC_ALL": "C"})
    assert done.stdout.startswith(b"<!doctype html>")
    assert done.stderr == b""
    assert not (ROOT / "-").exists()


def test_notes_go_in_where_they_are_asked_for_and_ounces_where_they_are_the_unit(report: Reporting) -> None:
    report.config.write_text(report.config.read_text() + '[supply]\nunits = "oz"\n')
    report.holds(session(1, HOUR, volume_ml=81, note="sore on the left"))
    assert "sore on the left" not in report.made()
    report.file.unlink()
    texts = Texts(report.made("--notes")).found
    assert "sore on the left" in texts
    assert "2¾ oz, of 1" in texts


def test_the_baseline_and_the_outlook_are_those_of_suggest(report: Reporting) -> None:
    report.config.write_text(report.config.read_text() + "[supply]\nbaseline = 4\n")
    report.holds(*(session(100 - place, (place + 1) * 6 * HOUR) for place in range(40)))
    said = json.loads(report("--json", command="suggest")[1])["outlook"]
    assert said["label"] == "steady"
    texts = Texts(report.made()).found
    assert "baseline 4" in texts
    assert "About the same in the next days" in texts


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_speaks_the_devices_language(report: Reporting, code: str) -> None:
    report.config.write_text(report.config.read_text() + f'[device]\nlanguage = "{code}"\n')
    duct: dict[str, Any] = {"purpose": Purpose.TREAT, "reason": Reason.PLUGGED_DUCT}
    report.holds(*(session(100 - place, (place + 1) * 6 * HOUR, note="-", **duct) for place in range(40)))
    text, words = report.made("--notes"), LANGUAGES[code]
    assert re.findall(r'\blang="(\w+)"', text) == [code, code]
    said = Texts(text).found
    assert shown(words) - {*said} == set()
    assert (shown(EN) - shown(words)) & {*said} == set()


def shown(words: Words) -> set[str]:
    """What stands on every report that lacks nothing but amounts."""
    whole = {*astuple(words.report.sheet), *words.report.questions}
    whole |= {words.reasons[Reason.PLUGGED_DUCT].long, words.report.no_amount}
    whole |= {words.purposes[purpose].long for purpose in Purpose}
    return {text.replace("\u00a0", " ") for text in whole}


def test_of_a_long_record_only_the_span_is_read(report: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    years = [session(number, (so_many(6000) - number) * 4 * HOUR) for number in range(1, so_many(6000))]
    report.holds(*years)
    read: list[int] = []
    history = Store.history

    def watched(store: Store, *asked: Any) -> tuple[Record, ...]:
        found = history(store, *asked)
        read.append(len(found))
        return found

    monkeypatch.setattr(Store, "history", watched)
    report.made("--days", "7")
    assert len(read) == 1
    assert read[0] <= 8 * 6 + 1


def test_more_records_than_anybody_reads_are_one_line(report: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.cli.report.MOST_RECORDS", 5)
    report.holds(*(session(number, number * HOUR) for number in range(1, 12)))
    status, _, err = report("-o", str(report.file))
    assert (status, err.count("\n")) == (1, 1)
    assert "fewer --days" in err
    assert MOST_RECORDS > 92 * 100
    assert not report.file.exists()
