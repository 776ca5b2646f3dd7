"""`import`: records from a file, all of them or none."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import click
import msgspec

from device.core.model.record import Record, Units, finished
from device.settings.loading import Config
from device.store.copies import weigh, write_planned
from device.store.importing import Fate, ImportRefusedError, Known, Plan, plan
from device.store.opening import publishes
from device.wire.babybuddy_rows import parse_tags
from device.wire.foreign_rows import Ways, parse_columns
from device.wire.lines import Imported, complete
from device.wire.local_times import Dates
from device.wire.tables import BadRowError
from device.wire.values import FieldError
from drivers.clock import is_zone, timezone

from .configured import configured, recorded, unrecorded, with_config, with_json
from .import_words import FileLine, as_facts, counted_asides, sentence, summary, taken_as, tell_lines
from .incoming import FOREIGN, FORMATS, rows_of
from .saying import in_one_line, print_json, say

NONE_YET = Known(find=lambda _id: None, is_taken=lambda _kind, _number: False, next_number=lambda _kind: 1, seed=b"0")
"""What is known of a record of which there is no file yet."""


class Read(msgspec.Struct):
    """What a file brings: its lines, and their records, of which those at `full` are as a device wrote them."""

    lines: list[FileLine]
    records: list[Record]
    full: set[int]

    def line_of(self, index: int) -> int:
        return next(line.number for line in self.lines if line.index == index)


class ImportAsked(msgspec.Struct, frozen=True):
    """How the command was called."""

    form: str
    ways: Ways
    dry: bool
    skip: bool
    as_json: bool


@click.command("import")
@with_config
@with_json
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("--dry-run", "dry", is_flag=True, help="Say line by line what would come in; nothing is imported.")
@click.option("--skip-bad", "skip", is_flag=True, help="Leave bad lines out, named, and take the others in.")
@click.option(
    "--timezone", "zone", metavar="ZONE", help="Whose clock another app's times are [default: this device's]."
)
@click.option("--columns", metavar="OURS=THEIRS,…", help="generic: start=Beginn,end=Ende,ml=Menge; docs/formats.md.")
@click.option("--dates", type=click.Choice([order.value for order in Dates]), help="How another app writes its days.")
@click.option("--tags", metavar="NUMBER=NAME,…", help="babybuddy: 3=ineffective,5=no amount.")
@click.argument("file", type=click.File("rb"))
def import_command(
    config_file: Path | None, file: BinaryIO, zone: str | None, columns: str | None, dates: str | None,
    tags: str | None, form: str, *, dry: bool, skip: bool, as_json: bool,
) -> None:  # fmt: skip
    """Take records from FILE (or - for standard input): lines, or a CSV's rows, as `export` writes them.

    Or another app's CSV: Baby Buddy's, Huckleberry's, any whose columns are named. A session needs only started_at
    and ended_at or duration_s, a nursing at and effective. A bad line is named and nothing of the file is imported;
    what is there already, by its id or else its times, is passed over.
    """
    refuse_stray_options(form, {"--timezone": zone, "--columns": columns, "--dates": dates, "--tags": tags})
    config = configured(config_file, connecting=False)
    ways = Ways(
        zone_of(zone), Units(config.supply.units), Dates(dates) if dates else None,
        parsed_option("--columns", parse_columns, columns), parsed_option("--tags", parse_tags, tags),
    )  # fmt: skip
    asked = ImportAsked(form, ways, dry, skip, as_json)
    try:
        read = read_whole(file, asked, config.session.min_session_s)
    except BadRowError as error:
        raise click.ClickException(f"{file.name}: line {error.line}: {error}; nothing is imported") from error
    try:
        made = planned(config, read, asked)
    except ImportRefusedError as error:
        line = read.line_of(error.index)
        raise click.ClickException(f"{file.name}: line {line}: {error}; nothing is imported") from error
    bad = report(read, made, asked)
    if dry and bad and not skip:
        remedy = "nothing would be imported; mend them, or leave them out with --skip-bad"
        raise click.ClickException(f"{file.name}: {bad} bad {'line' if bad == 1 else 'lines'}, named above: {remedy}")


def refuse_stray_options(form: str, given: Mapping[str, str | None]) -> None:
    """An option that a format knows nothing of is a slip; and generic knows nothing without its columns."""
    of = {"--timezone": (*FOREIGN,), "--columns": ("generic",), "--dates": (*FOREIGN,), "--tags": ("babybuddy",)}
    for name, formats in of.items():
        if given[name] is not None and form not in formats:
            raise click.UsageError(f"{name}: is for --format {', '.join(formats)}; leave it out with {form}")
    if form == "generic" and given["--columns"] is None:
        raise click.UsageError("--columns: is missing; say which are which, as in start=Beginn,end=Ende,ml=Menge")


def zone_of(name: str | None) -> ZoneInfo:
    if name is not None and not is_zone(name):
        raise click.UsageError(f"--timezone: {name!r} is no zone of the database; write one such as Europe/Vienna")
    return ZoneInfo(name or timezone())


def parsed_option(option: str, parse: Callable[[str], dict[str, str]], said: str | None) -> dict[str, str]:
    """What an option says; a fault is one of asking."""
    try:
        return parse(said) if said is not None else {}
    except FieldError as error:
        raise click.UsageError(f"{option}: {error}") from None


def read_whole(file: BinaryIO, asked: ImportAsked, min_session_s: int) -> Read:
    """Every line; a bad one is BadRowError where nothing was asked that goes on after it."""
    read, now = Read([], [], set()), int(time.time())
    for row in rows_of(file, asked.form, asked.ways):
        if row.brought is None or row.bad:
            if not asked.dry and not asked.skip:
                raise BadRowError(row.line, row.bad)
            read.lines.append(FileLine(row.line, bad=row.bad))
            continue
        imported = row.brought.imported
        if imported is None:
            read.lines.append(FileLine(row.line, left_out=row.brought.left_out))
            continue
        if imported.full:
            read.full.add(len(read.records))
        remarks = (*row.brought.remarks, *still_to_come(imported, now, asked.ways.zone))
        read.lines.append(FileLine(row.line, len(read.records), remarks=remarks, asides=row.brought.asides))
        read.records.append(complete(imported, min_session_s))
    return read


def still_to_come(imported: Imported, now: int, zone: ZoneInfo) -> tuple[str, ...]:
    """What is said of a record that lies in the future; of one that a device wrote nothing, whatever its clock was.

    It comes in all the same: where this machine's clock is not set, everything lies there.
    """
    if imported.full or finished(imported.record) <= now + 60:  # people write minutes
        return ()
    end, clock = (f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}" for at in (finished(imported.record), now))
    return (f"{end} lies in the future: this machine's clock says {clock} ({zone.key})",)


def planned(config: Config, read: Read, asked: ImportAsked) -> Plan:
    """What becomes of each record; it is done, unless that was a dry run. Raises ImportRefusedError."""
    full, now = frozenset(read.full), int(time.time())
    if asked.dry and unrecorded(config):
        return plan(read.records, NONE_YET, now, full=full, skip=True)
    store = recorded(config, read_only=asked.dry)
    try:
        made = weigh(store, read.records, now=now, full=full, skip=asked.dry or asked.skip)
        if not asked.dry:
            store.publishing = publishes(config)
            write_planned(store, made, now, config.session.sitting_s)
    finally:
        store.close()
    return made


def report(read: Read, made: Plan, asked: ImportAsked) -> int:
    """Say what came in, or would: of a dry run every line, else what there is to say. How many lines are bad."""
    said = list(tell_lines(read.lines, made.fates))
    counts = {str(fate): sum(told.fate is fate for told in said) for fate in Fate}
    left_out = [line.left_out for line in read.lines if line.left_out]
    if asked.as_json:
        facts = as_facts(told for told in said if asked.dry or told.matters)
        more = {"left_out": len(left_out), "dry_run": asked.dry, "lines": facts, "asides": counted_asides(said)}
        print_json(counts | more)
        return counts["bad"]
    if asked.form in FOREIGN:
        say(taken_as(asked.ways))
    for line, told in zip(read.lines, said, strict=True):
        if asked.dry or told.matters:
            record = None if line.index is None else read.records[line.index]
            say(in_one_line(sentence(told, record, asked.ways.zone)))
    if not asked.dry:
        for aside, count in counted_asides(said).items():
            say(in_one_line(f"{count} {'line' if count == 1 else 'lines'}: {aside}"))
    say(("would be: " if asked.dry else "") + summary(counts, left_out))
    return counts["bad"]
