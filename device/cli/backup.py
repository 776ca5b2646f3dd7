"""`backup`: a whole copy of the record, also while the daemon runs."""

from contextlib import closing
from pathlib import Path

import click

from device.store.copies import write_backup

from .configured import configured, recorded, with_config
from .saying import say


@click.command("backup")
@with_config
@click.argument("file", type=click.Path(path_type=Path))
def backup_command(config_file: Path | None, file: Path) -> None:
    """Copy the whole record to FILE, as it is now; the daemon may go on writing."""
    config = configured(config_file, connecting=False)
    with closing(recorded(config)) as store:
        write_backup(store, file)
    say(f"{file}: a copy of {config.store.path}")
