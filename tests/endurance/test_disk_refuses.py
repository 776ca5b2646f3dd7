"""A disk that is full or read-only, under the real daemon: what people hear of it, and what is kept."""

import re
from pathlib import Path

import pytest

from device.core import outward
from device.core.dialogue import flow
from device.core.model.events import StoreState
from device.core.model.live import Disk
from device.core.model.view import ScreenName, WarningKind
from device.core.state import IN_MEMORY
from device.daemon import Daemon
from device.store.records import StoreError
from device.store.worker import StoreWorker
from tests.endurance.disk_card import Card, answering, formatted, mounted
from tests.endurance.disk_damage import press
from tests.store.test_daemon_store import a_daemon, numbers, nurse, run_until

SAID = {Disk.FULL: WarningKind.DISK_FULL, Disk.FAILING: WarningKind.NOT_SAVED}


def refuses(daemon: Daemon) -> bool:
    return daemon.state.health.store is not StoreState.OK


def told(daemon: Daemon) -> tuple[Disk, int, int]:
    health = outward.diagnostics(daemon.state, daemon.clock.now())
    return health.store, health.in_memory, health.dropped


def watch_without_a_disk(daemon: Daemon, how: Disk, caplog: pytest.LogCaptureFixture, before: int) -> None:
    """It says so once in the log, on the screen and in diagnostics; buttons act; what happens is in memory."""
    run_until(daemon, "the failure is said", lambda: refuses(daemon))
    nurse(daemon)
    run_until(daemon, "it is tried again", lambda: daemon._worker._at_work or daemon._worker._store is None)
    assert (told(daemon), flow.open_warning(daemon.state)) == ((how, before + 1, 0), SAID[how])
    assert daemon.state.dialogue.screen is ScreenName.WARNING
    press(daemon)
    assert daemon.state.dialogue.screen is not ScreenName.WARNING
    lines = [line for line in caplog.messages if line.startswith("store:")]
    assert len(lines) == 1, lines
    assert re.match(r"store: /\S+pump\.db(-\w+)?: .+; .+$", lines[0]), lines


def comes_back(daemon: Daemon) -> None:
    run_until(daemon, "all is written", lambda: daemon.state.known and not daemon.state.unsaved and not refuses(daemon))
    assert told(daemon)[0] is Disk.OK


def test_a_full_disk_under_a_running_daemon(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with mounted(tmp_path, "8m") as card:
        daemon = a_daemon(tmp_path, card.place / "pump.db")
        nurse(daemon)
        run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
        card.fill()
        written = until_it_refuses(daemon)
        watch_without_a_disk(daemon, Disk.FULL, caplog, told(daemon)[1])
        for _ in range(IN_MEMORY + 2 - told(daemon)[1]):
            nurse(daemon)
        assert told(daemon) == (Disk.FULL, IN_MEMORY, 2)
        card.make_room()
        comes_back(daemon)
        assert told(daemon) == (Disk.OK, 0, 2)
        daemon.stop()
        found = numbers(card.place / "pump.db")
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= written + IN_MEMORY


def until_it_refuses(daemon: Daemon) -> int:
    """Write until the disk takes no more; how many nursings it took."""
    while True:
        nurse(daemon)
        run_until(daemon, "it is written or refused", lambda: not daemon.state.unsaved or refuses(daemon))
        if refuses(daemon):
            return len(daemon.state.nursings) - told(daemon)[1]


def test_a_disk_that_is_full_from_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with mounted(tmp_path) as card:
        a_record(card)
        card.fill()
        daemon = a_daemon(tmp_path, card.place / "pump.db")
        watch_without_a_disk(daemon, Disk.FULL, caplog, 0)
        card.make_room()
        comes_back(daemon)
        daemon.stop()
        assert numbers(card.place / "pump.db") == [1, 2]


def a_record(card: Card) -> None:
    """One nursing, as a daemon left it."""
    daemon = a_daemon(card.place.parent, card.place / "pump.db")
    nurse(daemon)
    daemon.stop()


def test_a_disk_that_is_read_only_from_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with mounted(tmp_path) as card:
        a_record(card)
        card.set_read_only(to=True)
        daemon = a_daemon(tmp_path, card.place / "pump.db")
        watch_without_a_disk(daemon, Disk.FAILING, caplog, 0)
        card.set_read_only(to=False)
        comes_back(daemon)
        daemon.stop()
        assert numbers(card.place / "pump.db") == [1, 2]


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the record was looked for anew."""
    tries, mend = [0], StoreWorker._mend

    def counted(self: StoreWorker, error: StoreError) -> bool:
        tries[0] += 1
        return mend(self, error)

    monkeypatch.setattr(StoreWorker, "_mend", counted)
    return tries


def test_a_card_that_is_given_up_taken_out_and_put_back_under_a_running_daemon(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, tries: list[int]
) -> None:
    with formatted(tmp_path, 16 << 20) as card:
        daemon = a_daemon(tmp_path, card.place / "pump.db")
        nurse(daemon)
        run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
        card.give_up()
        nurse(daemon)
        watch_without_a_disk(daemon, Disk.FAILING, caplog, 1)
        card.take_out()
        before = tries[0]
        run_until(daemon, "it is tried again without the card", lambda: tries[0] > before + 1)
        assert [*card.place.iterdir()] == [], "no second record is begun where the card will lie over it"
        card.put_in()
        comes_back(daemon)
        daemon.stop()
        assert numbers(card.place / "pump.db") == [1, 2, 3]


def a_longer_one(folder: Path) -> bytes:
    """Another household's record."""
    daemon = a_daemon(folder, folder / "theirs.db")
    for _ in range(9):
        nurse(daemon)
    daemon.stop()
    return (folder / "theirs.db").read_bytes()


@pytest.mark.parametrize("beneath", ["its own, as it was when the card was mounted over it", "another household's"])
def test_a_record_that_a_card_had_hidden_is_not_gone_on_with_once_the_card_is_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, tries: list[int], beneath: str
) -> None:
    with formatted(tmp_path, 16 << 20) as card:
        a_record(card)
        hidden = (card.place / "pump.db").read_bytes() if beneath.startswith("its own") else a_longer_one(tmp_path)
        card.hide(hidden, "pump.db")
        daemon = a_daemon(tmp_path, card.place / "pump.db")
        nurse(daemon)
        run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
        card.give_up()
        card.take_out()
        nurse(daemon)
        watch_without_a_disk(daemon, Disk.FAILING, caplog, 1)
        assert "its disk was taken out; put it back" in caplog.text
        before = tries[0]
        run_until(daemon, "it is tried again without the card", lambda: tries[0] > before + 1)
        assert (card.place / "pump.db").read_bytes() == hidden
        card.put_in()
        comes_back(daemon)
        daemon.stop()
        assert numbers(card.place / "pump.db") == [1, 2, 3, 4]


@pytest.mark.parametrize("error", ["EIO", "EROFS"])
def test_a_disk_that_answers_with_an_error_under_a_running_daemon(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    file = tmp_path / "pump.db"
    daemon = a_daemon(tmp_path, file)
    nurse(daemon)
    run_until(daemon, "it is written", lambda: not daemon.state.unsaved)
    with answering(error, file, file.with_name("pump.db-wal")):
        nurse(daemon)
        watch_without_a_disk(daemon, Disk.FAILING, caplog, 1)
    comes_back(daemon)
    daemon.stop()
    assert numbers(file) == [1, 2, 3]
