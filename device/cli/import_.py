"""`import`: records from a file, all of them or none."""

import io
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from device.core.model.record import Record
from device.store.copies import take_in
from device.store.importing import ImportRefusedError
from device.store.opening import publishes
from device.wire.csv_rows import BadRowError, read_rows
from device.wire.lines import Imported, LineError, complete, from_line

from .configured import configured, recorded, with_config, with_json
from .saying import print_json, say

LONGEST = 1 << 16
"""A record is a few KiB long; a device such as /dev/zero has no lines and no end."""


@click.command("import")
@with_config
@with_json
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.argument("file", type=click.File("rb"))
def import_command(config_file: Path | None, form: str, file: BinaryIO, *, as_json: bool) -> None:
    """Take records from FILE (or - for standard input): lines, or a CSV's rows, as `export` writes them.

    A session needs only started_at and ended_at or duration_s, a nursing at and effective. A bad line is named and
    nothing of the file is imported; importing a file twice changes nothing.
    """
    config = configured(config_file)
    records: list[Record] = []
    numbers: list[int] = []
    full: set[int] = set()
    for number, imported in of_table(file) if form == "csv" else of_lines(file):
        records.append(complete(imported, config.session.min_session_s))
        if imported.full:
            full.add(len(numbers))
        numbers.append(number)
    store = recorded(config, read_only=False)
    store.publishing = publishes(config)
    try:
        done = take_in(store, records, now=int(time.time()), sitting_s=config.session.sitting_s, full=frozenset(full))
    except ImportRefusedError as error:
        number = numbers[error.index]
        raise click.ClickException(f"{file.name}: line {number}: {error}; nothing is imported") from error
    finally:
        store.close()
    if as_json:
        print_json({"new": done.new, "revised": done.revised, "unchanged": done.unchanged})
    else:
        say(f"{done.new} new, {done.revised} revised, {done.unchanged} unchanged")


def of_lines(file: BinaryIO) -> Iterator[tuple[int, Imported]]:
    """Each record of a file with its line's number; a bad line ends the command, and nothing is imported."""
    for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), b""), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST:
            what = f"is longer than {LONGEST} bytes; is this the right file?"
            raise click.ClickException(f"{file.name}: line {number}: {what} Nothing is imported")
        try:
            yield number, from_line(line)
        except LineError as error:
            raise click.ClickException(f"{file.name}: line {number}: {error}; nothing is imported") from error


def of_table(file: BinaryIO) -> Iterator[tuple[int, Imported]]:
    """The same of a CSV."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        yield from read_rows(text)
    except BadRowError as error:
        raise click.ClickException(f"{file.name}: line {error.line}: {error}; nothing is imported") from error
    finally:
        text.detach()
