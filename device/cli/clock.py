"""`clock`: tell the daemon this machine's time, where the device's clock is not set."""

import time
from pathlib import Path

import click

from device import OneLineError
from device.wire.values import instant

from .configured import configured, secret, with_config
from .saying import say


class RefusedError(OneLineError):
    """The daemon took no time from us."""


@click.command("clock")
@with_config
@click.option("--now", is_flag=True, required=True, help="Tell the time that this machine has.")
def clock_command(config_file: Path | None, *, now: bool) -> None:  # noqa: ARG001 - it must be there
    """Tell the device the time that this machine has, until the system's own clock is synchronised.

    For a house without internet, on a machine whose clock is right. What was recorded so far gets its times.
    """
    config = configured(config_file, watching=True)  # the record may be another machine's
    password = secret(config)
    from .at_broker import ask_daemon

    reply = ask_daemon(config, password, lambda: {"command": "clock", "at": instant(round(time.time()))})
    if not reply["ok"]:
        raise RefusedError(f"{config.device.id}: the clock stays as it is: {reply['error']}")
    say(f"{config.device.name} takes it to be {reply['at']}, until its own clock is synchronised")
