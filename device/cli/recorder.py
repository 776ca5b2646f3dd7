"""`run --record`: what comes into the core, written to a new file by a thread of its own; and what is said of it.

The loop only lays it down (values never change); a slow disk, a full one or a flood end the recording, not the device.
"""

import errno
import logging
import os
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from device import version
from device.core.model.effects import Answer, Effect, Publish, Refuse, Repeat, Save, Show
from device.screens import words
from device.store.copies import refuse_beside
from device.store.reserved import like_its_folder
from device.wire import payloads
from device.wire.recording import LARGEST, Ending, Head, RecordingError, Said, Seen, written

EVERY_S: Final = 1.0
"""What came is on its way to the disk after so long."""
MANY, MOST = 256, 10_000
"""So much waiting is written at once; more than the most ends the recording."""
STOP_S: Final = 0.5
"""For a disk that does not answer, behind what the device's own stop takes of systemd's ten seconds."""
CHUNK: Final = 256 << 10
"""Bytes that are written at once."""
LAST: Final = 200
"""Bytes kept free for the last line."""

log = logging.getLogger(__name__)


def said(effects: Sequence[Effect], house: payloads.House) -> Said:
    """What people and dashboards get, however the core came to it; also what `summary` keeps in the house."""
    parts: list[tuple[str, Any]] = []
    for effect in effects:
        match effect:
            case Show(view):
                parts.append(("screen", words(view)))
            case Save(records=records):
                parts += (("saved", payloads.record_payload(record, house.device)) for record in records)
            case Publish():
                parts.append((effect.topic.value, payloads.live_payload(effect, house)))
            case Answer():
                parts.append(("reply", payloads.answer_payload(effect, house)))
            case Refuse():
                parts.append(("reply", payloads.refusal_payload(effect, house)))
            case Repeat(record):
                parts.append(("session", payloads.record_payload(record, house.device)))
    return Said(tuple(parts))


def new_file(file: Path, record: Path) -> int:
    """Open a file that was not there, for its owner alone. Raises StoreError for the record's own names, else
    RecordingError.
    """
    refuse_beside(record, file)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        like_its_folder(descriptor, file.parent)
    except OSError as error:
        remedy = "name a new one" if error.errno == errno.EEXIST else "name one where the record's owner may write"
        raise RecordingError(f"{file}: {error.strerror}; {remedy}") from error
    return descriptor


class Recorder:
    """Owns the file from here to `stop`, or to leaving its `with`. `take` is the loop's: it never waits."""

    def __init__(self, descriptor: int, name: str, device: str, *, largest: int = LARGEST) -> None:
        self._descriptor, self._name, self._largest = descriptor, name, largest
        self._house = payloads.House(device)
        self._box: deque[Seen] = deque()
        self._changed = threading.Condition()
        self._over = ""
        self._size = self._sum = 0
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.stop("the device stopped" if kind is None else f"{kind.__name__} ended the device")

    def take(self, seen: Seen) -> None:
        if self._over:
            return
        self._box.append(seen)
        waiting = len(self._box)
        if waiting in (1, MANY):
            with self._changed:
                self._changed.notify()
        elif waiting > MOST:
            self._end("more came than could be written")

    def stop(self, why: str) -> None:
        """Have what waits written; a disk that takes no more is left to itself."""
        with self._changed:
            self._over = self._over or why
            self._changed.notify()
        self._thread.join(STOP_S)

    def _end(self, why: str) -> None:
        """Ending the recording while the device goes on."""
        log.warning("%s: %s; the recording ends here, the device goes on", self._name, why)
        self._over = why

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            going = self._write_down([Head(version=version(), device=self._house.device)])
            while going:
                with self._changed:
                    self._changed.wait_for(lambda: self._box or self._over)
                    self._changed.wait_for(lambda: len(self._box) >= MANY or self._over, EVERY_S)
                going = not self._over  # looked at first: all that was taken before the end is written
                going = self._write_down(self._box.popleft() for _ in range(len(self._box))) and going
            self._put(written(Ending(self._over), self._sum)[0])
        except OSError as error:
            self._end(error.strerror or str(error))
        except Exception as error:  # noqa: BLE001 - whatever can't be written down, the device goes on
            self._end(f"{type(error).__name__} while it was written")
        finally:
            self._box.clear()
            os.close(self._descriptor)

    def _write_down(self, came: Iterable[Head | Seen]) -> bool:
        """Write it all; False where there is no more room in the file."""
        lines, room = bytearray(), True
        for seen in came:
            value = said(seen, self._house) if isinstance(seen, list) else seen
            if isinstance(value, Said) and not value.parts:
                continue
            line, summed = written(value, self._sum)
            room = self._size + len(line) <= self._largest - LAST
            if not room:
                self._end(f"{self._largest >> 20} MiB are full")
                break
            self._size, self._sum = self._size + len(line), summed
            lines += line
            if len(lines) > CHUNK:
                self._put(lines)
                lines = bytearray()
        self._put(lines)
        return room

    def _put(self, lines: bytes | bytearray) -> None:
        left = memoryview(lines)
        while left:
            left = left[os.write(self._descriptor, left) :]
