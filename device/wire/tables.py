"""A table as a file: its encoding, its delimiter, its rows with their lines; and what is no such file, by its name.

Every CSV is read through here, whoever wrote it.
"""

import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, TextIO, cast

import msgspec

from .lines import Imported

DELIMITERS = ",;\t"
"""What a spreadsheet saves with, by the country."""
LONGEST_CELL = 1 << 16
LARGEST_TABLE, MOST_LINES = 16 << 20, 100_000
"""Characters and lines of another app's table: a child's years have less. What `export` writes may be of any size."""

CALLED = {
    b"PK\x03\x04": "a zip archive, as an .xlsx is; unpack it, or save the spreadsheet as CSV UTF-8",
    b"PK\x05\x06": "an empty zip archive; give the file that should be in it",
    b"\x1f\x8b": "packed with gzip; unpack it with gunzip",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls); save it as CSV UTF-8",
    b"%PDF": "a PDF; ask the app for a CSV",
    b"SQLite format 3\0": "a database; for a backup of the record there is restore",
    b"\xff\xfe\0\0": "text in UTF-32; save it as CSV UTF-8",
}
"""How files begin that are no text, and what to do."""
QUOTED = re.compile('"[^"]*"')
QUOTES = "a cell that begins with a quote ends with one, and each within it is written twice"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
NOT_UTF_8 = "the file is not UTF-8; save it as CSV UTF-8, or turn it with iconv -f cp1252 -t utf-8"


class BadRowError(ValueError):
    """A table, or a row, that can't be read: the line, and one line for people."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class Brought(msgspec.Struct, frozen=True):
    """What a row brings: a record; or why it is left out, being nothing of ours.

    remarks: what is to be said of its times; asides: of what else it says, where a count may do.
    """

    imported: Imported | None
    left_out: str = ""
    remarks: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


def buffered(file: BinaryIO) -> io.BufferedReader:
    """The same file, of which the beginning can be looked at before it is read."""
    return file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", file))


def refuse_no_text(file: io.BufferedReader) -> None:
    """Raise BadRowError for what is no file of text by how it begins."""
    head = file.peek(32)
    for magic, what in CALLED.items():
        if head.startswith(magic):
            raise BadRowError(1, f"the file is {what}")


def text_of(file: io.BufferedReader) -> io.TextIOWrapper:
    """A table's text: UTF-8, with or without its mark, or UTF-16 with it."""
    head = file.peek(32)
    utf_16 = head.startswith(UTF_16)
    if b"\0" in head and not utf_16:
        raise BadRowError(1, "the file holds NUL bytes, as no table does; save it as CSV UTF-8")
    return io.TextIOWrapper(file, "utf-16" if utf_16 else "utf-8-sig", newline="")


def table_of(file: TextIO, *, own: bool) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The columns' names, and each row that says something with the line on which it ended. Raises BadRowError.

    `own`: it is as `export` writes it, and of any size.
    """
    csv.field_size_limit(LONGEST_CELL)
    lines = _text_lines(file, own=own)
    head = next(lines, "")
    delimiter = max(DELIMITERS, key=QUOTED.sub("", head).count)
    try:
        names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise BadRowError(1, f"{error}; {QUOTES}") from None
    return names, _rows(lines, delimiter)


def _text_lines(file: TextIO, *, own: bool) -> Iterator[str]:
    read = 0
    try:
        for number, line in enumerate(iter(partial(file.readline, LONGEST_CELL), ""), 1):  # no line without an end
            read += len(line)
            if not own and (read > LARGEST_TABLE or number > MOST_LINES):
                most = f"{LARGEST_TABLE >> 20} MiB, or {MOST_LINES} lines"
                raise BadRowError(number, f"the file has more than {most}; is it the right one? Else give it in parts")
            yield line
    except UnicodeError:
        raise BadRowError(1, NOT_UTF_8) from None


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(lines, delimiter=delimiter, strict=True)  # else a quote left open takes in all that follows
    while True:
        first = rows.line_num + 2
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise BadRowError(first, f"{error}; {QUOTES}") from None
        if cells is None:
            return
        if any(cells):
            yield rows.line_num + 1, cells
