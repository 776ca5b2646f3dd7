"""A card of its own for the record: a small file system that can be filled, and made read-only."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

BLOCK = 4096


class Card(NamedTuple):
    """Where it is mounted."""

    place: Path

    def fill(self) -> None:
        """Not a block is left."""
        with (self.place / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(BLOCK))

    def make_room(self) -> None:
        (self.place / "ballast").unlink()

    def set_read_only(self, *, to: bool) -> None:
        ran("mount", "-o", f"remount,{'ro' if to else 'rw'}", str(self.place))


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
