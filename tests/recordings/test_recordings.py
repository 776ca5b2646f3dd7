"""Faults as they came in once, beside what the contract wants of them; each file was recorded before the mending."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from device.wire.recording import Said
from tests.support.recorded import steps

FILES = sorted(Path(__file__).parent.glob("*.jsonl"))
FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # the boot's clock was 16 h behind; after a restart it was set, and 3 s later the system called it synchronised
    "clock_set_then_synchronised": (
        {"clock": "synced", "started_at": "2026-02-28T11:00:11Z", "ended_at": "2026-02-28T11:01:21Z"},
        {"clock": "synced", "started_at": "2026-03-01T03:00:11Z", "ended_at": "2026-03-01T03:01:21Z"},
    ),
    # a session with its STOP and 85 ml; two minutes later a STOP with 30 ml whose START was lost
    "stop_without_its_start": ({"volume_ml": 30}, {"volume_ml": 85}),
}
"""By file: what the last revision that was saved said then, and what it must say."""


def last_saved(said: Iterable[Said | None]) -> dict[str, Any]:
    *_, last = (value for one in said if one for title, value in one.parts if title == "saved")
    found: dict[str, Any] = last
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_what_was_a_fault_when_it_was_recorded_comes_out_as_it_should(file: Path) -> None:
    was, should = FAULTS[file.stem]
    found = steps(file)
    then, now = last_saved(one.then for one in found), last_saved(one.now for one in found)
    assert {name: then[name] for name in was} == was, "the file holds the fault"
    assert {name: now[name] for name in should} == should
