"""`export`: the record on stdout."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from device.core.model.record import Record
from device.store.mending import readable
from device.store.records import Store, StoreError, Trouble
from device.wire.lines import to_line

from .configured import configured, unrecorded, with_config
from .owner import become_owner
from .saying import escaped_line, say


@click.command("export")
@with_config
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
def export_command(config_file: Path | None, form: str) -> None:
    """Write the whole record to stdout, the oldest first, deleted ones too: one JSON object a line."""
    if form != "jsonl":
        raise click.UsageError("jsonl is the only format.")
    config = configured(config_file)
    if unrecorded(config):
        return
    become_owner(config.store.path)
    out, written = sys.stdout.buffer, set[str]()
    for record in every_record(config.store.path, written):
        out.write(escaped_line(to_line(record, config.device.id)))
        written.add(record.id)


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
