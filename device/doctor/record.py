"""The record: whether its file is whole, and whether the disk under it takes and keeps what is written."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePath

from device.core.model.events import StoreState
from device.store.file import StoreError
from device.store.records import Store

from .case import Case, section
from .finding import Finding, absent, fine, unclear, wrong, wrong_as_said

LEAST_FREE, LEAST_SHARE = 64 << 20, 0.05
"""A disk with less room, in bytes and as a share, is nearly full: a record grows by a few MiB a year."""
SLOW_S = 2.0
"""A write that takes longer comes from a card that is failing; a slow one takes half a second."""


def look_at_record(case: Case) -> Iterator[Finding]:
    path = case.config.store.path
    if not path.parent.is_dir():
        remedy = "start the service, which makes it" if str(path.parent) == "/var/lib/pump-companion" else "make it"
        yield wrong("record.file", f"the folder {path.parent} does not exist", f"{remedy}, or change store.path")
        return
    if not os.access(path.parent, os.R_OK | os.X_OK):
        what = f"{path.parent} may not be read by this user"
        yield unclear("record.file", what, "call this with sudo, which becomes the owner of the folder")
        return
    yield record_whole(case)
    yield from mounted(case)
    yield roomy(case)
    yield kept(case)
    yield from by_daemon(case)


def record_whole(case: Case) -> Finding:
    path = case.config.store.path
    if not path.exists():
        return absent("record.file", f"{path} is not there yet: nothing was recorded")
    try:
        with closing(Store.open(path, read_only=True)) as store:
            said = store.db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except StoreError as error:
        return wrong_as_said("record.file", str(error))
    if said != "ok":
        remedy = (
            f"stop the service, set {path} aside and start it again, or `pump-companion restore FILE` takes a backup"
        )
        return wrong("record.file", f"{path} is damaged", remedy)
    return fine("record.file", f"{path} can be read and is whole")


def mounted(case: Case) -> Iterator[Finding]:
    """The file system that the record lies on, as the kernel has it mounted."""
    folder, longest, found = case.config.store.path.parent.resolve(), -1, ["", "", "", ""]
    for line in (case.world.text("/proc/mounts") or "").splitlines():
        words = line.split()
        point = PurePath(words[1].replace("\\040", " ")) if len(words) >= 4 else PurePath("none")
        if folder.is_relative_to(point) and len(point.parts) >= longest:
            longest, found = len(point.parts), words
    kind, options = found[2], found[3].split(",")
    if "ro" in options:
        remedy = "mount it for writing; it may have become so by an error of the card: see `dmesg`"
        yield wrong("record.mount", f"the disk under {folder} is read-only", remedy)
    elif kind in {"overlay", "tmpfs", "ramfs"}:
        what = f"{folder} is kept in memory ({kind}): the record is gone when the power is"
        yield wrong("record.mount", what, "give the record a partition of its own: docs/install.md says how")
    elif longest >= 0:
        yield fine("record.mount", f"{folder} is on a disk that can be written ({kind})")


def roomy(case: Case) -> Finding:
    folder = case.config.store.path.parent
    room = case.world.room(folder)
    share = room.free / room.total if room.total else 0.0
    said = f"{share:.0%} of the disk under {folder} is free"
    if room.free < LEAST_FREE or share < LEAST_SHARE:
        return wrong("record.room", said, "make room: remove what is large (`sudo journalctl --vacuum-size=50M`)")
    return fine("record.room", said)


def kept(case: Case) -> Finding:
    folder = case.config.store.path.parent
    try:
        took_s = case.world.try_writing(folder)
    except PermissionError:
        remedy = "call this with sudo, which becomes the owner of the folder"
        return unclear("record.write", f"{folder} may not be written by this user", remedy)
    except OSError as error:
        what = f"a write beside the record failed: {error.strerror or error}"
        return wrong("record.write", what, "replace the card, or make room; save `pump-companion backup FILE` first")
    if took_s > SLOW_S:
        what = f"a small write took {took_s:.1f} s until the disk had it"
        return wrong("record.write", what, "replace the card; save `pump-companion backup FILE` first")
    return fine("record.write", "a small write beside the record was kept by the disk")


def by_daemon(case: Case) -> Iterator[Finding]:
    """What a daemon that runs here says of its record; nothing where it can't be asked."""
    told = section(case.health, "store")
    waiting = told.get("in_memory") or 0
    if told.get("state") in {StoreState.FAILING, StoreState.FULL}:
        what = f"the daemon can't write the record, and {waiting} changes wait in memory"
        remedy = (
            "make room on the disk"
            if told["state"] == StoreState.FULL
            else f"see the last lines of {case.unit}'s journal"
        )
        yield wrong("record.daemon", what, f"{remedy}; do not switch the device off before")
    elif told.get("state") == StoreState.OK:
        yield fine("record.daemon", "the daemon writes the record")
