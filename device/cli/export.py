"""`export`: the record on stdout."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from device.core.model.record import Nursing, Record, Units, begun
from device.store.mending import readable
from device.store.records import Store, StoreError, Trouble
from device.wire import babybuddy_rows
from device.wire.csv_rows import COLUMNS, MARK, to_row
from device.wire.lines import to_line
from device.wire.values import FieldError, parse_instant
from drivers.clock import timezone

from .configured import configured, unrecorded, with_config
from .owner import become_owner
from .saying import escaped_line, in_lines, say

FORMATS = ("jsonl", "csv", "babybuddy")


@click.command("export")
@with_config
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("--since", metavar="TIME", help="What began then or later: a day, or ISO 8601 with its zone.")
@click.option("--until", metavar="TIME", help="What began before.")
@click.option("--nursings", is_flag=True, help="Nursings alone; a CSV holds sessions otherwise.")
@click.option(
    "--child", type=click.IntRange(min=1), default=1, show_default=True, help="babybuddy: the child's number."
)
@click.option("--tags", metavar="NUMBER=NAME,…", help="babybuddy: 3=ineffective,5=no amount.")
def export_command(
    config_file: Path | None, form: str, since: str | None, until: str | None, child: int, tags: str | None, *,
    nursings: bool,
) -> None:  # fmt: skip
    """Write the record to stdout, the oldest first, deleted ones too.

    jsonl: one JSON object a line. csv: a row a record, a column a field, for a spreadsheet. babybuddy: a CSV for
    Baby Buddy's import, pumpings or feedings, without deleted ones; docs/formats.md.
    """
    zone = ZoneInfo(timezone())
    begin, end = (instant_of(name, given, zone) for name, given in (("--since", since), ("--until", until)))
    config = configured(config_file, connecting=False)
    out = sys.stdout.buffer
    table = form != "jsonl"
    numbers = numbers_of_tags(form, tags)
    to_cells: Callable[[Record], list[str] | None]
    if form == "babybuddy":
        units = Units(config.supply.units)
        to_cells = partial(babybuddy_rows.to_babybuddy, zone=zone, units=units, child=child, tags=numbers)
        out.write(line_of(list(babybuddy_rows.FEEDING if nursings else babybuddy_rows.PUMPING)).encode())
    else:
        to_cells = partial(to_row, device=config.device.id, zone=zone)
        if table:
            out.write((MARK + line_of(list(COLUMNS["nursing" if nursings else "session"]))).encode())
    if unrecorded(config):
        return
    become_owner(config.store.path)
    written = set[str]()
    otherwise = Counter[str]()
    for record in every_record(config.store.path, written):
        written.add(record.id)
        is_asked = isinstance(record, Nursing) == nursings if table or nursings else True
        if not is_asked or not (begin is None or begin <= begun(record)) or not (end is None or begun(record) < end):
            continue
        if form == "babybuddy":
            otherwise.update(babybuddy_rows.lost_there(record, zone, numbers))
        if not table:
            out.write(escaped_line(to_line(record, config.device.id)))
        elif (cells := to_cells(record)) is not None:
            out.write(line_of(cells).encode())
    for what, count in otherwise.items():
        say(what.format(count), err=True)


def numbers_of_tags(form: str, said: str | None) -> dict[str, str]:
    if said is None:
        return {}
    if form != "babybuddy":
        raise click.UsageError(f"--tags: is for --format babybuddy; leave it out with {form}")
    try:
        return babybuddy_rows.parse_tags(said)
    except FieldError as error:
        raise click.UsageError(f"--tags: {error}") from None


def instant_of(name: str, given: str | None, zone: ZoneInfo) -> int | None:
    """A day's beginning in this zone, or an instant."""
    if given is None:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        try:
            return parse_instant(given)
        except FieldError as error:
            raise click.UsageError(f"{name}: {error}; or a day, as in 2026-03-01.") from None
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def line_of(cells: list[str]) -> str:
    """A line of CSV (RFC 4180); control characters, which no note needs, are shown as unknown."""
    text = io.StringIO()
    csv.writer(text).writerow([in_lines(cell) for cell in cells])
    return text.getvalue()


def every_record(path: Path, written: set[str]) -> Iterator[Record]:
    """All of them; where the file is damaged, from there on what can be read of those not `written` yet, and a word."""
    try:
        with closing(Store.open(path, read_only=True)) as store, closing(store.records()) as records:
            yield from records
    except StoreError as error:
        if error.trouble is not Trouble.DAMAGED:
            raise
        say(f"{error}; what can be read follows", err=True)
        yield from (record for record in readable(path) if record.id not in written)
