"""Reading the rows of a record from the bytes of its file and log, whatever of them is damaged.

SQLite gives up at the first page that it can't follow; rows that carry a checksum can be told wherever they stand.
SQLite's file format, 1.6 (b-tree pages), 2.1 (records), 4 (the log); https://sqlite.org/fileformat2.html
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from .rows import KINDS, LARGEST_ROW, RowError, of_log, record_of

PAGE: Final = 1024
"""Bytes a page: a commit writes whole pages, and a revision fits in one (a quarter of SQLite's default to write)."""

TABLE_LEAF: Final = 0x0D
LOG_HEADER: Final = 32
FRAME_HEADER: Final = 24
BODY: Final = b'{"id":"'
"""How the body of every revision begins."""
MOST_PLACES: Final = 1 << 24
"""No log has so many revisions; a damaged row may say anything."""
HEAD: Final = 40
"""Bytes that stand before it in its row, at most."""
LOG_COLUMNS: Final = 6
"""Of a row of the record's log; one of the first layout has no checksum."""

OF_RECORDS: Final = {11, 12}
"""How many columns a row of the records has; those of the layouts before 3 say nothing of a portion."""
SEQ: Final = 10

Row = list[Any]


class Found(msgspec.Struct):
    """What could be read. `revisions` by id and revision, each with its place in the log, its kind and its body.

    `highest` is what the record's own table says of an id, `last` the last place in the log that it names; `unreadable`
    are places in the log that hold no revision.
    """

    revisions: dict[tuple[str, int], tuple[int, int, str]]
    highest: dict[str, int]
    unreadable: set[int]
    last: int = 0


class Frame(msgspec.Struct, frozen=True):
    """A page in the write-ahead log: its number and image, whether it ends a commit and is of the log's newest run."""

    number: int
    image: bytes
    ends: bool
    current: bool


def frames(path: Path, size: int = PAGE) -> tuple[Frame, ...]:
    """What stands in the log beside the record at `path`."""
    log = path.with_name(path.name + "-wal")
    content = log.read_bytes() if log.exists() else b""
    salts, found = content[16:24], []
    for at in range(LOG_HEADER, len(content) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        number, ends = struct.unpack_from(">II", content, at)
        image = content[at + FRAME_HEADER : at + FRAME_HEADER + size]
        found.append(Frame(number, image, ends != 0, content[at + 8 : at + 16] == salts))
    return tuple(found)


def breaks_off(path: Path) -> bool:
    """Whether SQLite would stop in the middle of the log, and leave out what was committed behind that.

    A power cut leaves at most a part of the last commit; with two commits behind, or revisions that the file lacks
    where the log's head is damaged, it was no power cut. SQLite's file format, 4.2 (checksums of the log).
    """
    file = path.with_name(path.name + "-wal")
    content = file.read_bytes() if file.exists() else b""
    if len(content) < LOG_HEADER + FRAME_HEADER + PAGE:
        return False
    log, order = frames(path), ORDERS.get(content[:4])
    if order is None or _summed(order, (0, 0), content[:24]) != struct.unpack_from(">II", content, 24):
        everything, known = Found({}, {}, set()), Found({}, {}, set())
        images = {frame.number: frame.image for frame in log}
        for frame in log:
            Scanner(PAGE, everything).take(frame.number, frame.image, images)
        raw = path.read_bytes()
        pages = {1 + at // PAGE: raw[at : at + PAGE] for at in range(0, len(raw), PAGE)}
        for number, image in pages.items():
            Scanner(PAGE, known).take(number, image, pages)
        return not everything.revisions.keys() <= known.revisions.keys()
    sums = struct.unpack_from(">II", content, 24)
    for place, frame in enumerate(log):
        at = LOG_HEADER + place * (FRAME_HEADER + PAGE)
        sums = _summed(order, _summed(order, sums, content[at : at + 8]), frame.image)
        if not frame.current or sums != struct.unpack_from(">II", content, at + 16):
            return sum(later.ends and later.current for later in log[place:]) > 1
    return False


ORDERS: Final = {b"\x37\x7f\x06\x82": "<", b"\x37\x7f\x06\x83": ">"}


def _summed(order: str, sums: tuple[int, int], content: bytes) -> tuple[int, int]:
    first, second = sums
    for left, right in struct.iter_unpack(f"{order}II", content):
        first = first + left + second & 0xFFFFFFFF
        second = second + right + first & 0xFFFFFFFF
    return first, second


def scan(path: Path) -> Found:
    """Everything that can be told in the file and in the log beside it. What SQLite would see comes first."""
    content = path.read_bytes() if path.exists() else b""
    said = int.from_bytes(content[16:18], "big")
    sizes = {PAGE, said} if said in {512 << power for power in range(7)} else {PAGE}
    return max((_scanned(path, content, size) for size in sorted(sizes)), key=lambda found: len(found.revisions))


def _scanned(path: Path, content: bytes, size: int) -> Found:
    pages = {1 + at // size: content[at : at + size] for at in range(0, len(content), size)}
    log = frames(path, size)
    newest = pages | {frame.number: frame.image for frame in log if frame.current}
    found = Found({}, {}, set())
    scanner = Scanner(size, found)
    for number, image in newest.items():
        scanner.take(number, image, newest)
    for frame in reversed(log):
        if frame.image is not newest.get(frame.number):
            scanner.take(frame.number, frame.image, newest)
    for number, image in pages.items():
        if image is not newest.get(number):
            scanner.take(number, image, pages)
    found.unreadable -= {seq for seq, *_ in found.revisions.values()}
    return found


class Scanner:
    """Takes the rows of pages of one size, one page after the other."""

    def __init__(self, size: int, found: Found) -> None:
        self._size = size
        self._found = found

    def take(self, number: int, image: bytes, pages: Mapping[int, bytes]) -> None:
        """Take what stands on this page; rows go on on others of `pages`."""
        for row in self._rows(image, pages, 100 if number == 1 else 0):
            if len(row) in {LOG_COLUMNS, LOG_COLUMNS - 1} and row[3] in range(len(KINDS)):
                self._take_revision(row)
            elif len(row) in OF_RECORDS and isinstance(row[2], str) and {type(row[4]), type(row[SEQ])} == {int}:
                self._found.highest[row[2]] = max(row[4], self._found.highest.get(row[2], 0))
                self._found.last = max(self._found.last, row[SEQ])

    def _take_revision(self, row: Row) -> None:
        try:
            record = of_log(row) if len(row) == LOG_COLUMNS else record_of(row[3], row[4])
        except (RowError, msgspec.MsgspecError, TypeError, UnicodeError):
            if row[0] < MOST_PLACES:
                self._found.unreadable.add(row[0])
            return
        self._found.revisions.setdefault((record.id, record.revision), (row[0], row[3], row[4]))

    def _rows(self, image: bytes, pages: Mapping[int, bytes], header: int) -> Iterator[Row]:
        """What a leaf of a table points to; and where its head is damaged, whatever stands before a record's body."""
        places = []
        if len(image) == self._size and image[header] == TABLE_LEAF:
            (count,) = struct.unpack_from(">H", image, header + 3)
            count = min(count, (self._size - header - 8) // 2)
            places = list(struct.unpack_from(f">{count}H", image, header + 8))
        body = image.find(BODY)
        while body >= 0:
            if not any(0 < body - place < HEAD for place in places):
                places += range(max(body - HEAD, 0), body)
            body = image.find(BODY, body + 1)
        for at in places:
            try:
                yield self._row(image, at, pages)
            except (IndexError, KeyError, UnicodeDecodeError, RowError):
                continue

    def _row(self, image: bytes, at: int, pages: Mapping[int, bytes]) -> Row:
        """One row, its own number in the place of its first column."""
        size, at = _varint(image, at)
        number, at = _varint(image, at)
        if size > LARGEST_ROW:
            raise RowError
        payload = self._payload(image, at, size, pages)
        length, place = _varint(payload, 0)
        kinds = []
        while place < length:
            kind, place = _varint(payload, place)
            kinds.append(kind)
        values: Row = []
        for kind in kinds:
            value, place = _value(payload, place, kind)
            values.append(value)
        return [number, *values[1:]]

    def _payload(self, image: bytes, at: int, size: int, pages: Mapping[int, bytes]) -> bytes:
        """The whole of a row, also what stands on overflow pages (1.6: X, M and K of a table's leaf)."""
        most, least = self._size - 35, (self._size - 12) * 32 // 255 - 23
        if size <= most:
            return image[at : at + size]
        here = least + (size - least) % (self._size - 4)
        here = here if here <= most else least
        whole = image[at : at + here]
        following = int.from_bytes(image[at + here : at + here + 4], "big")
        while len(whole) < size:
            page = pages[following]
            following = int.from_bytes(page[:4], "big")
            whole += page[4:]
        return whole[:size]


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | content[place] & 0x7F
        if content[place] < 0x80:
            return value, place + 1
    return value << 8 | content[at + 8], at + 9


def _value(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    """One value by its serial type (2.1); real numbers and blobs stand in no row of ours."""
    if kind in {8, 9}:
        return kind - 8, at
    if kind == 0:
        return None, at
    if 1 <= kind <= 6:
        size = (1, 2, 3, 4, 6, 8)[kind - 1]
        return int.from_bytes(payload[at : at + size], "big", signed=True), at + size
    if kind >= 13 and kind % 2:
        size = (kind - 13) // 2
        return payload[at : at + size].decode(), at + size
    raise RowError
