"""`announce` and `unannounce`: this device in Home Assistant, or out of it."""

from pathlib import Path

import click

from device.mqtt import homeassistant
from device.settings.loading import Config, ConfigError
from device.store.copies import keep_fact_beside
from device.store.file import StoreError
from device.store.records import Store

from .configured import configured, secret, with_config
from .owner import become_owner
from .saying import say


@click.command("announce")
@with_config
def announce_command(config_file: Path | None) -> None:
    """Tell Home Assistant of this device, now and at every connection from now on."""
    config = configured(config_file)
    if not config.homeassistant.discovery:
        what = "is false, so this device is not announced; write true, or leave the line out"
        raise ConfigError(f"{config.path}: homeassistant.discovery: {what}")
    password = secret(config)
    wish(config, unannounced=None, to_retire=None)
    from device.daemon import announced

    at_broker(config, password, *([message] for message in homeassistant.announcement(announced(config))))
    say(f"{config.device.name} is announced under {config.homeassistant.prefix}/device/")


@click.command("unannounce")
@with_config
def unannounce_command(config_file: Path | None) -> None:
    """Take this device out of Home Assistant, until `announce`; clears its retained topics unless the daemon runs."""
    config = configured(config_file)
    password = secret(config)
    wish(config, unannounced="yes", to_retire="yes")
    from device.daemon import announced, own_topics
    from device.wire.gate import CLEARED

    taken = homeassistant.retirement(announced(config))
    whole, nothing = (
        [message for message in taken if message.payload],
        [message for message in taken if not message.payload],
    )
    gone = {message.topic for message in taken}
    others = [] if runs(config) else [topic for topic in own_topics(config) if topic not in gone]
    at_broker(
        config, password, whole, [*nothing, *(homeassistant.Announced(topic, CLEARED, retain=True) for topic in others)]
    )
    wish(config, to_retire=None)
    say(f"{config.device.name} is taken out of Home Assistant until `pump-companion announce`")


def wish(config: Config, **facts: str | None) -> None:
    """Put these on the disk, where a daemon reads them at its next connection; None takes one back."""
    become_owner(config.store.path)
    for key, value in facts.items():
        keep_fact_beside(config.store.path, key, value)


def runs(config: Config) -> bool:
    """Whether a daemon has the store."""
    try:
        Store.open(config.store.path).close()
    except StoreError:
        return True
    return False


def at_broker(config: Config, password: str | None, *batches: list[homeassistant.Announced]) -> None:
    from .at_broker import AwayError, tell_broker

    try:
        tell_broker(config, password, *batches)
    except AwayError as error:
        raise AwayError(f"{error}; it is done at the daemon's next connection, or call this again") from error
