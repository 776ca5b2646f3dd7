"""`forget`: the whole record is removed, here and at the broker."""

from contextlib import closing
from pathlib import Path

import click

from device.store.copies import copies_beside, forget_record
from device.wire.gate import CLEARED, Outgoing
from device.wire.recording import BEGINS

from .configured import configured, recorded, secret, with_config
from .saying import say, somebody_answers


@click.command("forget")
@with_config
@click.option("--yes", is_flag=True, help="Do not ask. Nothing is asked either where no terminal could answer.")
def forget_command(config_file: Path | None, *, yes: bool) -> None:
    """Remove every revision of every session and nursing, and clear what is retained of them at the broker."""
    config = configured(config_file)
    password = secret(config)
    with closing(recorded(config, read_only=False)) as store:
        if not yes and somebody_answers():
            click.confirm(f"Remove the whole record in {config.store.path}?", abort=True)
            click.confirm("Nothing but a backup brings it back. Remove it?", abort=True)
        forget_record(store)
    say(f"{config.store.path}: the record is removed; backups that were made are not, nor what dashboards kept")
    for copy in copies_beside(config.store.path):
        say(f"{copy}: is a backup of it, and is still there")
    for recording in copies_beside(config.store.path, is_recording):
        say(f"{recording}: was recorded by `run --record` and holds it, and is still there")
    from device.daemon import house
    from device.mqtt.homeassistant import Announced

    from .at_broker import AwayError, tell_broker

    names = (Outgoing.LAST, Outgoing.SCREEN, Outgoing.TODAY, Outgoing.STATE)
    try:
        tell_broker(config, password, [Announced(house(config).topic(name), CLEARED, retain=True) for name in names])
    except AwayError as error:
        say(f"{error}; what is retained there is cleared at the next connection", err=True)
        return
    store = recorded(config, read_only=False)
    store.keep_fact("to_clear", None)
    store.close()


def is_recording(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(BEGINS)) == BEGINS
