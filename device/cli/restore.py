"""`restore`: a copy takes the record's place; the former one is kept beside it."""

from pathlib import Path

import click

from device.store.copies import restore_backup
from device.store.opening import publishes

from .configured import configured, with_config
from .owner import become_owner
from .saying import say, somebody_answers


@click.command("restore")
@with_config
@click.option("--yes", is_flag=True, help="Do not ask. Nothing is asked either where no terminal could answer.")
@click.argument("file", type=click.Path(path_type=Path))
def restore_command(config_file: Path | None, file: Path, *, yes: bool) -> None:
    """Put FILE, a copy that `backup` made, in the record's place. The former record is kept beside it.

    What differs is given out anew: what was recorded since the copy was made comes as deleted, and can be restored.
    """
    config = configured(config_file, connecting=False)
    become_owner(config.store.path)
    if not yes and somebody_answers():
        click.confirm(f"Put {file} in the place of {config.store.path}?", abort=True)
    aside = restore_backup(config.store.path, file, publishing=publishes(config), holder="restore")
    say(f"{config.store.path}: is {file} now; the former record is {aside}")
