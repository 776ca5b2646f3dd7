"""`run`: the daemon."""

import faulthandler
import logging
import os
from pathlib import Path

import click

from device.config import ConfigError, read_password

from .configured import WronglyConfigured, configured, with_config


@click.command()
@with_config
def run(config_file: Path | None) -> None:
    """The daemon: watches the pump, asks why, keeps the record, publishes it. Ends with SIGTERM or Ctrl-C."""
    config = configured(config_file)
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        password = read_password(config)
    except ConfigError as error:
        raise WronglyConfigured(str(error)) from error

    from device.daemon import Daemon
    from device.store_file import StoreError
    from drivers.clock import SystemClock, timezone
    from drivers.lines import LineError

    try:
        status = Daemon(config, SystemClock(), timezone=timezone(dict(os.environ)), password=password).run()
    except (StoreError, LineError) as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(status)
