"""`backup`: a whole copy of the record, also while the daemon runs."""

from pathlib import Path

import click

from device.store.copies import backup as copy_to
from device.store.file import StoreError

from .configured import configured, recorded, with_config
from .saying import say


@click.command()
@with_config
@click.argument("file", type=click.Path(path_type=Path))
def backup(config_file: Path | None, file: Path) -> None:
    """Copy the whole record to FILE, as it is now; the daemon may go on writing."""
    config = configured(config_file)
    store = recorded(config)
    try:
        copy_to(store, file)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()
    say(f"{file}: a copy of {config.store.path}")
