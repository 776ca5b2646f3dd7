"""A record of each layout that there ever was, as the program of its time wrote it, is opened and brought up for ever.

`layouts/N.db` is the file that it left, `layouts/N.jsonl` its own `export` of it. With a new layout comes a new pair.
"""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from device.core.model.record import Anchor
from device.store import mending
from device.store.file import SCHEMA
from device.store.records import Store
from device.store.rows import SESSION, body_of, checksum, columns
from device.wire.lines import to_line
from tests.support.kept import DAY, NOW, nursing, progress, running, session

LAYOUTS = Path(__file__).parent / "layouts"


def exported(lines: list[bytes] | list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_each_layout_before_this_one_has_a_record_written_by_its_program() -> None:
    assert {int(file.stem) for file in LAYOUTS.glob("*.db")} >= set(range(1, SCHEMA))


@pytest.mark.parametrize("layout", range(1, SCHEMA))
def test_a_record_of_an_older_program_is_brought_up_with_every_field_that_it_had(layout: int, tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    shutil.copy(LAYOUTS / f"{layout}.db", path)
    with contextlib.closing(Store.open(path)) as store:
        now = exported([to_line(record, "pump") for record in store.records()])
        before = exported((LAYOUTS / f"{layout}.jsonl").read_text().splitlines())
        assert [list(record) for record in now] == [list(record) for record in before]
        for after, was in zip(now, before, strict=True):
            (kind,) = was
            assert {key: after[kind][key] for key in was[kind]} == was[kind]
        assert store.db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        mending.check_file(path, store.db)


def test_what_a_person_had_dated_before_layout_3_waits_for_the_systems_clock(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    shutil.copy(LAYOUTS / "2.db", path)
    told = session(5, NOW - 100 * DAY, told=True, anchor=Anchor("boot-1", 5.0))
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        number = db.execute("SELECT max(seq) + 1 FROM log").fetchone()[0]
        row = (SESSION, told.id, *columns(told)[:5], 1, 0, number)  # as layout 2 had it: it does not wait
        place = db.execute("INSERT INTO records VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
        line = (number, place, 1, SESSION, body_of(told))
        db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", (*line, checksum(*line)))
    with contextlib.closing(Store.open(path)) as store:
        assert told in store.load(NOW).sessions


def test_what_was_under_way_in_a_record_of_layout_1_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    shutil.copy(LAYOUTS / "1.db", path)
    with contextlib.closing(Store.open(path)) as store:
        opened = store.load(NOW + 2 * DAY)
        assert opened.running is not None
        assert opened.running.number == 4
        assert opened.progress == progress(running(4, NOW + 2 * DAY), 60)
        assert (opened.baseline, opened.repaired_at, opened.outbox) == ((9, 8), None, 4)
        assert [record.revision for _, record in store.outbox_head(9)] == [1, 1, 2, 1]
        assert store.find(nursing(1, NOW + 3600).id) == nursing(1, NOW + 3600)
        assert (opened.next_session_number, opened.next_nursing_number) == (5, 3)
