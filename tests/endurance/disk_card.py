"""A card of its own for the record: a small file system that can be filled, and made read-only."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.page_world import until

BLOCK = 4096
WRITES = "pwrite64,fdatasync,fsync,ftruncate"


class Card(NamedTuple):
    """Where it is mounted, and the file that it is made in; None: the memory."""

    place: Path
    image: Path | None = None

    def fill(self) -> None:
        """Not a block is left."""
        with (self.place / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(BLOCK))

    def make_room(self) -> None:
        (self.place / "ballast").unlink()

    def set_read_only(self, *, to: bool) -> None:
        ran("mount", "-o", f"remount,{'ro' if to else 'rw'}", str(self.place))

    def give_up(self) -> None:
        """Nothing is written any more, as on a worn card once ext4 met an error; a file that is open stays so."""
        ran("mount", "-o", "remount,abort", str(self.place))

    def take_out(self) -> None:
        """The folder that it was mounted on is there, and empty."""
        ran("umount", "-l", str(self.place))

    def hide(self, content: bytes, name: str) -> None:
        """Write a file into the folder that it is mounted on, where it lies hidden while the card is in."""
        view = self.place.with_name("view")
        view.mkdir()
        ran("mount", "--bind", str(self.place.parent), str(view))
        (view / self.place.name / name).write_bytes(content)
        ran("umount", str(view))

    def put_in(self) -> None:
        """As somebody puts back the card, or its copy: the system looks at it anew."""
        assert self.image is not None
        copied = self.image.with_name("copied")  # the same image would be the same file system, given up
        shutil.copy(self.image, copied)
        ran("mount", "-o", "loop", str(copied), str(self.place))


def ran(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def mounted(folder: Path, size: str = "1m") -> Iterator[Card]:
    """A card in memory; skips where nothing may be mounted."""
    place = folder / "card"
    place.mkdir()
    if os.geteuid():
        pytest.skip("only root may mount a file system")
    try:
        ran("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system may be mounted here: {error}")
    try:
        yield Card(place)
    finally:
        ran("umount", "-l", str(place))


@contextlib.contextmanager
def formatted(folder: Path, size: int, *options: str) -> Iterator[Card]:
    """A card of so many bytes with ext4, made with these options of mkfs; skips where that can't be."""
    card = Card(folder / "card", folder / "image")
    card.place.mkdir()
    if os.geteuid() or not shutil.which("mkfs.ext4"):
        pytest.skip("no file system can be made here")
    (folder / "image").write_bytes(bytes(size))
    try:
        ran("mkfs.ext4", "-q", "-F", *options, str(card.image))
        ran("mount", "-o", "loop", str(card.image), str(card.place))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no file system may be mounted here: {error}")
    try:
        yield card
    finally:
        if card.place.is_mount():
            card.take_out()


@contextlib.contextmanager
def answering(error: str, *files: Path) -> Iterator[None]:
    """This process's writes to these files and their syncs end with this error; skips where nobody may trace it."""
    if not shutil.which("strace"):
        pytest.skip("strace is not there")
    paths = [word for file in files for word in ("-P", str(file))]
    inject = ["-e", f"trace={WRITES}", "-e", f"inject={WRITES}:error={error}"]
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", *paths, *inject, "-p", str(os.getpid())])
    try:
        until("strace looks on", lambda: tracer.poll() is not None or is_traced())
        if tracer.returncode is not None:
            pytest.skip("nobody may trace a process here")
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def is_traced() -> bool:
    """Whether every thread of this process is."""
    states = [thread.read_text() for thread in Path("/proc/self/task").glob("*/status")]
    return all("TracerPid:\t0\n" not in state for state in states)
