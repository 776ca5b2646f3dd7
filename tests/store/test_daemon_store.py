"""The daemon and its record's file: what a stop keeps, and that it watches whatever becomes of the file.

The real daemon and the real thread of the store, without a broker.
"""

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from device.core import outward
from device.core.dialogue import flow
from device.core.model.events import ButtonPressed, ButtonReleased, GiveNursing, Order, Ordered, RecordRead, StoreState
from device.core.model.live import Disk
from device.core.model.record import Button, Cause
from device.core.model.view import ScreenName, WarningKind
from device.daemon import STOP_S, STORE_STOP_S, Daemon
from device.settings.loading import load
from device.store.records import Store
from device.wire import payloads
from drivers.clock import SystemClock

UNIT = Path(__file__).parents[2] / "systemd" / "pump-companion.service"


def a_daemon(folder: Path, store: Path | None = None) -> Daemon:
    file = folder / "config.toml"
    path = store or folder / "pump.db"
    file.write_text(f'[display]\ndriver = "none"\n[mqtt]\nport = 1\n[store]\npath = "{path}"\n')
    config, faults = load(file, {}, watching=True)
    assert config is not None, faults
    return Daemon(config, SystemClock(), timezone=lambda: "UTC", environment={})


def nurse(daemon: Daemon) -> None:
    command = GiveNursing(effective=True)
    daemon._step(Ordered(daemon.clock.now(), command, Order()))


def test_a_stop_writes_also_what_the_core_still_held(tmp_path: Path) -> None:
    daemon = a_daemon(tmp_path)
    for _ in range(40):  # no answer of the store is heard meanwhile, so most of them wait in the core
        nurse(daemon)
    assert not all(batch.sent for batch in daemon.state.unsaved)
    daemon.stop()
    with contextlib.closing(Store.open(tmp_path / "pump.db")) as store:
        assert [one.number for one in store.records()] == list(range(1, 41))


def test_a_stop_uses_the_time_that_systemd_grants_and_no_more() -> None:
    granted = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    assert granted is not None
    assert STORE_STOP_S >= 2 * 3  # a commit that runs and the last one, on a card of 3 s a sync
    assert float(granted[1]) > STORE_STOP_S + STOP_S


def run_until(daemon: Daemon, what: str, true: Callable[[], object]) -> None:
    """Let the daemon run until it is so; a deadline ends it where it never is."""
    give_up = time.monotonic() + 60

    def look() -> None:
        assert time.monotonic() < give_up, f"not within a minute: {what}"
        if true():
            daemon.loop.stop()
        else:
            daemon.loop.call_after(0.02, look)

    daemon.loop.call_after(0.0, look)
    daemon.loop.run(daemon._step)


def numbers(path: Path) -> list[int]:
    with contextlib.closing(Store.open(path)) as store:
        return [one.number for one in store.records()]


def test_a_folder_that_is_not_there_keeps_nobody_from_watching_and_all_is_written_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "card" / "pump.db"
    daemon = a_daemon(tmp_path, path)
    run_until(daemon, "the failure is said", lambda: daemon.state.health.store is not StoreState.OK)
    for _ in range(3):
        nurse(daemon)
    daemon._read_status()
    told = outward.diagnostics(daemon.state, daemon.clock.now())
    assert (told.store, told.in_memory, told.dropped) == (Disk.FAILING, 3, 0)
    assert flow.open_warning(daemon.state) is WarningKind.NOT_SAVED
    assert payloads.record_payload(daemon.state.nursings[0], "pump")["number"] is None
    path.parent.mkdir()
    run_until(daemon, "it is written", lambda: daemon.state.known and not daemon.state.unsaved)
    assert [one.number for one in daemon.state.nursings] == [1, 2, 3]
    daemon.stop()
    assert numbers(path) == [1, 2, 3]


def test_what_goes_beyond_a_thousand_in_memory_is_counted(tmp_path: Path) -> None:
    daemon = a_daemon(tmp_path, tmp_path / "card" / "pump.db")
    for _ in range(1002):
        nurse(daemon)
    told = outward.diagnostics(daemon.state, daemon.clock.now())
    assert (told.in_memory, told.dropped) == (1000, 2)
    daemon.stop()


def test_a_file_that_can_be_opened_later_is_joined_to_what_happened_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "card" / "pump.db"
    path.parent.mkdir()
    first = a_daemon(tmp_path, path)
    for _ in range(5):
        nurse(first)
    first.stop()
    path.parent.rename(tmp_path / "away")
    daemon = a_daemon(tmp_path, path)
    nurse(daemon)
    (tmp_path / "away").rename(path.parent)
    run_until(daemon, "it is joined", lambda: daemon.state.known and not daemon.state.unsaved)
    assert [one.number for one in daemon.state.nursings] == [1, 2, 3, 4, 5, 6]
    daemon.stop()
    assert numbers(path) == [1, 2, 3, 4, 5, 6]


def test_another_programs_file_is_watched_over_without_end_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not ours")
    daemon = a_daemon(tmp_path, path)
    run_until(daemon, "the failure is said", lambda: daemon.state.health.store is not StoreState.OK)
    nurse(daemon)
    assert "is no record" in daemon.state.health.store_why
    daemon.stop()
    assert path.read_text() == "not ours"


def test_files_that_are_deleted_while_it_runs_are_written_anew_and_the_screen_says_so_until_ok(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    daemon = a_daemon(tmp_path)
    nurse(daemon)
    run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
    for file in tmp_path.glob("pump.db*"):
        file.unlink()
    nurse(daemon)
    run_until(daemon, "it is repaired", lambda: daemon.state.health.repair_open and not daemon.state.unsaved)
    assert daemon.state.dialogue.screen is ScreenName.WARNING
    for press in (ButtonPressed, ButtonReleased):
        daemon._step(press(daemon.clock.now() + 1, Button.RIGHT))
    assert not daemon.state.health.repair_open
    daemon.stop()
    assert numbers(path) == [1, 2]
    again = a_daemon(tmp_path)
    assert (again.state.health.repair_open, again.state.health.repaired_at is not None) == (False, True)
    again.stop()


def test_a_repair_at_the_start_is_a_line_in_the_log_until_somebody_said_ok(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "pump.db"
    first = a_daemon(tmp_path)
    nurse(first)
    first.stop()
    path.write_bytes(path.read_bytes()[:20] + b"!" + path.read_bytes()[21:])
    for _ in range(2):
        caplog.clear()
        daemon = a_daemon(tmp_path)
        (line,) = caplog.messages
        assert line.startswith(f"store: {path}: was damaged and is repaired; revisions that could not be read: 0")
        assert flow.open_warning(daemon.state) is WarningKind.REPAIRED
        daemon.stop()
    again = a_daemon(tmp_path)
    for press in (ButtonPressed, ButtonReleased):
        again._step(press(again.clock.now() + 1, Button.RIGHT))
    again.stop()
    caplog.clear()
    a_daemon(tmp_path).stop()
    assert caplog.messages == []


def test_a_revision_that_the_file_lost_is_given_out_anew_from_memory(tmp_path: Path) -> None:
    path = tmp_path / "pump.db"
    daemon = a_daemon(tmp_path)
    nurse(daemon)
    run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
    (held,) = daemon.state.nursings
    daemon._step(
        RecordRead(daemon.clock.now(), next_session=65, next_nursing=65, seed=b"x" * 16, again=True, repaired_at=1)
    )
    assert [(one.revision, one.cause) for one in daemon.state.nursings] == [(held.revision + 1, Cause.REPAIRED)]
    run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
    daemon.stop()
    assert numbers(path) == [1]
