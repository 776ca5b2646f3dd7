"""`run --record`: a private, new file that holds all that came in, and costs the device nothing but that file."""

import errno
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from device import OneLineError
from device.cli import recorder
from device.cli.recorder import Recorder, new_file
from device.core.model.events import ButtonPressed, Event, TimeCame
from device.core.state import Settings
from device.wire.recording import Beginning, Ending, Line, Seen, read_lines
from tests.support.drive import classified, ended
from tests.support.recorded import recorded, told

START = Beginning(settings=Settings(), at=0.0, wall=0.0, synced=True, seed=b"s" * 16, next_session=1, next_nursing=1)


def lines(file: Path) -> list[Line]:
    with file.open("rb") as opened:
        return [line for _, line in read_lines(opened)]


def times(file: Path) -> list[float]:
    return [line.at for line in lines(file) if isinstance(line, TimeCame)]


# -- the file ----------------------------------------------------------------------------------------------------


def test_it_is_its_owners_alone_and_says_first_that_it_holds_health_data(tmp_path: Path) -> None:
    file = tmp_path / "life.jsonl"
    before = os.umask(0)
    try:
        descriptor = new_file(file, tmp_path / "pump.db")
    finally:
        os.umask(before)
    with Recorder(descriptor, str(file), "pump") as writing:
        writing.take(START)
    writing._thread.join(60)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b'["Head",{"holds":"Health data')


def test_as_root_it_is_of_whoever_owns_its_folder(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(tmp_path, 1234, 1235)
    os.close(new_file(tmp_path / "life.jsonl", tmp_path / "pump.db"))
    there = (tmp_path / "life.jsonl").stat()
    assert (there.st_uid, there.st_gid) == (1234, 1235)


@pytest.mark.parametrize(
    "name", ["there", "link", "nowhere", "folder", "away/new", "pump.db", "pump.db-wal", "pump.db.lock", "there/new"]
)
def test_only_a_new_file_is_written_that_is_none_of_the_records(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "nowhere").symlink_to("not/there")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OneLineError) as error:
        new_file(tmp_path / name, tmp_path / "pump.db")
    assert str(error.value).startswith(f"{tmp_path / name}: ")
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there").read_bytes() == b"mine"


# -- what it holds -----------------------------------------------------------------------------------------------


def test_all_that_came_in_is_there_in_its_order(tmp_path: Path) -> None:
    seen: list[Seen] = []
    file = tmp_path / "life.jsonl"
    with recorded(file), told(seen.append):
        device = ended(classified(serial=True))
        device.order("note", text="a word")
    came = [one for one in seen if not isinstance(one, list)]
    assert len(came) > 100
    assert [line for line in lines(file) if isinstance(line, Beginning | Event)] == came
    assert lines(file)[-1] == Ending("the device stopped")


def stumble(seen: Seen) -> None:
    if isinstance(seen, ButtonPressed):
        raise KeyError("a hole")


def test_what_ended_the_device_is_the_last_line_behind_the_event_that_did(tmp_path: Path) -> None:
    file = tmp_path / "life.jsonl"
    with pytest.raises(KeyError), told(stumble), recorded(file):
        classified()
    *_, last, end = lines(file)
    assert (type(last), end) == (ButtonPressed, Ending("KeyError ended the device"))


def test_what_came_is_on_its_way_to_the_disk_while_the_loop_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, put = threading.Event(), Recorder._put

    def noticed(self: Recorder, data: bytes) -> None:
        put(self, data)
        if b"TimeCame" in data:
            written.set()

    monkeypatch.setattr(Recorder, "_put", noticed)
    with recorded(tmp_path / "life.jsonl") as writing:
        writing.take(START)
        writing.take(TimeCame(1.0))
        assert written.wait(60)


# -- where it ends -----------------------------------------------------------------------------------------------


def test_a_full_disk_ends_the_recording_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(os.open("/dev/full", os.O_WRONLY), "life.jsonl", "pump") as writing, told(writing.take):
        device = classified()
        writing._thread.join(60)
        assert ended(device).last.counted
    assert caplog.messages == [f"life.jsonl: {os.strerror(errno.ENOSPC)}; the recording ends here, the device goes on"]


def test_a_file_that_is_full_ends_the_recording_with_one_line_and_is_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "MOST", 1_000_000)
    file = tmp_path / "life.jsonl"
    with recorded(file, largest=1 << 20) as writing:
        writing.take(START)
        for at in range(30_000):
            writing.take(TimeCame(float(at)))
    assert caplog.messages == [f"{file}: 1 MiB are full; the recording ends here, the device goes on"]
    assert (1 << 20) - 500 < file.stat().st_size <= 1 << 20
    kept = times(file)
    assert kept == [float(at) for at in range(len(kept))]
    assert lines(file)[-1] == Ending("1 MiB are full")


def test_a_flood_ends_the_recording_with_one_line_before_it_fills_the_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, goes_on, put = tmp_path / "life.jsonl", threading.Event(), Recorder._put

    def slow(self: Recorder, data: bytes) -> None:
        assert goes_on.wait(60)
        put(self, data)

    monkeypatch.setattr(Recorder, "_put", slow)
    with recorded(file) as writing:
        writing.take(START)
        for at in range(3 * recorder.MOST):
            writing.take(TimeCame(float(at)))
        assert len(writing._box) <= recorder.MOST + 1
        goes_on.set()
        writing._thread.join(60)
    assert caplog.messages == [f"{file}: more came than could be written; the recording ends here, the device goes on"]
    kept = times(file)
    assert kept == [float(at) for at in range(len(kept))]
    assert len(kept) >= recorder.MOST - 1


def test_what_cant_be_written_down_ends_the_recording_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_words(*_: object) -> None:
        raise LookupError("plum dumpling")

    monkeypatch.setattr(recorder, "said", no_words)
    file = tmp_path / "life.jsonl"
    with recorded(file) as writing:
        device = classified()
        writing._thread.join(60)
        assert ended(device).last.counted
    assert caplog.messages == [f"{file}: LookupError while it was written; the recording ends here, the device goes on"]


def test_it_does_not_keep_the_device_from_stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, file, began = threading.Event(), tmp_path / "life.jsonl", time.monotonic()
    monkeypatch.setattr(Recorder, "_put", lambda *_: hangs.wait(600))
    with Recorder(new_file(file, tmp_path / "pump.db"), str(file), "pump") as writing:
        writing.take(START)
    took = time.monotonic() - began
    hangs.set()
    writing._thread.join(60)
    assert took < 60
