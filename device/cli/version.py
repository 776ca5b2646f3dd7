"""`version`."""

import click

from .configured import print_json, with_json


@click.command()
@with_json
def version(*, as_json: bool) -> None:
    """Which version this is."""
    from device import version as installed

    if as_json:
        print_json({"version": installed()})
    else:
        click.echo(f"pump-companion {installed()}")
