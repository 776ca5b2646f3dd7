"""A file of `import`, row by row, in whichever format: what each line brings, or what is wrong with it."""

import codecs
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO

import msgspec

from device.wire import tables
from device.wire.babybuddy_rows import babybuddy_reader
from device.wire.csv_rows import row_reader
from device.wire.foreign_rows import RowReader, Ways, generic_reader, huckleberry_reader
from device.wire.lines import LineError, from_line
from device.wire.tables import BadRowError, Brought

LONGEST = 1 << 16
"""A record is a few KiB long; a device such as /dev/zero has no lines and no end."""
MOST_BAD = 1000
"""So many bad lines are no slip any more."""
FOREIGN: dict[str, Callable[[Sequence[str], Ways], RowReader]] = {
    "babybuddy": babybuddy_reader,
    "huckleberry": huckleberry_reader,
    "generic": generic_reader,
}
"""Other apps' tables: their times are local, and they say no more than they know."""
FORMATS = ("jsonl", "csv", *FOREIGN)


class Row(msgspec.Struct, frozen=True):
    """A line of the file, and what it brings; None where it is bad."""

    line: int
    brought: Brought | None
    bad: str = ""


def rows_of(file: BinaryIO, form: str, ways: Ways) -> Iterator[Row]:
    """Each row of a file. Raises BadRowError where no further row can be read."""
    opened = tables.buffered(file)
    tables.refuse_no_text(opened)
    bad = 0
    for row in _of_lines(opened) if form == "jsonl" else _of_table(opened, form, ways):
        bad += row.brought is None
        if bad > MOST_BAD:
            raise BadRowError(row.line, f"more than {MOST_BAD} lines are bad; is this the right file?")
        yield row


def _of_lines(file: io.BufferedReader) -> Iterator[Row]:
    for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), b""), 1):
        if len(line) > LONGEST:
            raise BadRowError(number, f"is longer than {LONGEST} bytes; is this the right file?")
        if number == 1:
            if line.startswith(tables.UTF_16):
                raise BadRowError(1, "the file is UTF-16; turn it with iconv -f utf-16 -t utf-8")
            line = line.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901 - the mark is no part of it
        if line.strip():
            yield _row_of(number, lambda said: Brought(from_line(said)), line)


def _of_table(file: io.BufferedReader, form: str, ways: Ways) -> Iterator[Row]:
    text = tables.text_of(file)
    try:
        names, rows = tables.table_of(text, own=form == "csv")
        read = row_reader(names) if form == "csv" else FOREIGN[form](names, ways)
        for line, cells in rows:
            yield _row_of(line, read, cells)
    finally:
        text.detach()


def _row_of(line: int, read: Callable[[Any], Brought], said: object) -> Row:
    try:
        return Row(line, read(said))
    except LineError as error:
        return Row(line, None, str(error))
