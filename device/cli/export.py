"""`export`: the record on stdout."""

import sys
from contextlib import closing
from pathlib import Path

import click

from device.jsonl import to_line
from device.store_file import StoreError

from .configured import configured, recorded, unrecorded, with_config
from .saying import escaped_line


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
    store = recorded(config)
    out = sys.stdout.buffer
    try:
        with closing(store.records()) as records:
            for record in records:
                out.write(escaped_line(to_line(record, config.device.id)))
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()
