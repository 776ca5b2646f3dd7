"""`check`: the configuration's faults, exactly one line each."""

from pathlib import Path

import click

from .configured import loaded, with_config, with_json
from .saying import print_json, say


@click.command("check")
@with_config
@with_json
def check_command(config_file: Path | None, *, as_json: bool) -> None:
    """Check the configuration: exactly one line a fault on stderr, exit status 2. Where there is none, warnings."""
    config, faults = loaded(config_file)
    if as_json:
        keys = ("key", "what", "remedy", "warning")
        told = [{key: getattr(fault, key) for key in keys} for fault in faults]
        print_json({"ok": config is not None, "faults": told})
    else:
        for fault in faults:
            if config is not None or not fault.warning:
                say(str(fault), err=True)
        if not faults and config is not None:
            say(f"{config.path}: nothing is wrong")
    if config is None:
        raise SystemExit(2)
