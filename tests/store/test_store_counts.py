"""What a session asks of the disk: statements, commits and pages of the log, by SQLite's own trace in made-up time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.store.salvage import PAGE
from tests.support.whole_device import WholeDevice

DAY = 86400
REVISIONS = 7
"""Begun, three answers, ended, its amount, its note."""
CHECKPOINTS = 47
"""One each 25 s of the 20 minutes since the last answer."""
MOST_PAGES = 96
"""Of 1 KiB into the log; SQLite 3.40 wrote 92, and another one may divide a page elsewhere."""
FRAME = PAGE + 24
"""A page in the write-ahead log with its header (https://www.sqlite.org/fileformat2.html#walformat)."""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[WholeDevice]:
    made = WholeDevice(tmp_path)
    yield made
    made.end()


def test_a_session_is_a_commit_for_each_revision_each_acknowledgement_and_each_checkpoint(device: WholeDevice) -> None:
    with device.counted() as counts:
        device.session()
    commits = 2 * REVISIONS + CHECKPOINTS
    assert counts.statements == {
        "BEGIN": commits,
        "COMMIT": commits,
        "INSERT": 66,
        "SELECT": 68,
        "UPDATE": 6,
        "DELETE": 1,
    }
    assert counts.log % FRAME == 0
    assert counts.log <= MOST_PAGES * FRAME


def test_an_idle_day_asks_nothing_of_the_disk(device: WholeDevice) -> None:
    device.session()
    device.wait(DAY)
    with device.counted() as counts:
        device.wait(DAY)
    assert (counts.statements, counts.log) == ({}, 0)
