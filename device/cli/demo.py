"""`demo`: the whole thing on any computer, with a page on which to press the buttons."""

import importlib.util
import signal
import sys
from pathlib import Path

import click

from device import SPOKEN

from .configured import with_host
from .owner import become_owner
from .saying import begin_log, say

PORT = click.IntRange(0, 65535)


@click.command("demo")
@with_host
@click.option("--port", type=PORT, default=8000, show_default=True, help="The page's port; 0: any free one.")
@click.option("--mqtt-port", type=PORT, default=0, help="The broker's port [default: any free one].")
@click.option("--ws-port", type=PORT, default=0, help="The broker's WebSocket port [default: any free one].")
@click.option("--empty", is_flag=True, help="Begin with an empty record instead of the sample.")
@click.option("--store", type=click.Path(path_type=Path), help="Keep the record in this file (without the sample).")
@click.option(
    "--speed", type=click.IntRange(1, 600), default=1, show_default=True, help="How many seconds pass in one, at most."
)
@click.option(
    "--language", type=click.Choice(SPOKEN), default=SPOKEN[0], show_default=True, help="What the display speaks."
)
def demo_command(
    host: str, port: int, mqtt_port: int, ws_port: int, speed: int, store: Path | None, language: str, *, empty: bool
) -> None:
    """The device without a Pi: a virtual pump, buttons and screen, an MQTT broker, and a page to see and press them.

    It begins with ten days of made-up record. Its clock runs fast, where asked to, on Idle and Timer only.
    """
    if importlib.util.find_spec("amqtt") is None:
        raise click.ClickException(
            "the demo's broker, amqtt, is not installed; run scripts/demo, which sets it up, "
            "or pip install 'pump-companion[demo]'"
        )
    if ":" in host:
        raise click.UsageError(f"--host {host}: give an IPv4 address or a name.")
    if store is not None:
        become_owner(store.absolute())
    begin_log()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    from device.demo.house import Wishes, give

    wishes = Wishes(host, port, mqtt_port, ws_port, speed, empty=empty, store=store, language=language)
    raise SystemExit(give(wishes, say))
