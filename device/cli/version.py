"""`version`."""

import click

from .configured import with_json
from .saying import print_json, say


@click.command("version")
@with_json
def version_command(*, as_json: bool) -> None:
    """Which version this is."""
    from device import version as installed

    if as_json:
        print_json({"version": installed()})
    else:
        say(f"pump-companion {installed()}")
