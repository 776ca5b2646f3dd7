"""`page`: serves our own dashboard, on this computer only unless asked otherwise."""

import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import click

from device.settings.loading import DEFAULT_PATH, Config

from .configured import configured, with_config, with_host
from .saying import say

WEBSOCKET_PORT = 9001
"""What most brokers' examples, ours too, give the WebSocket listener."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ANYWHERE = {"0.0.0.0", "::"}


@click.command("page")
@with_config
@with_host
@click.option("--port", type=click.IntRange(0, 65535), default=8099, show_default=True, help="0: any free one.")
@click.option(
    "--broker",
    metavar="URL",
    help=f"The broker's WebSocket, ws:// or wss:// [default: mqtt.host of the configuration, port {WEBSOCKET_PORT}].",
)
def page_command(config_file: Path | None, host: str, port: int, broker: str | None) -> None:
    """Serve our own dashboard: prints its address, and a QR code of it for a phone. Ctrl-C ends it.

    The address names the broker and the device, so that the page asks for nothing but a password; without a
    configuration on this computer it asks for the broker too.
    """
    from device.page.installed import installed_folder
    from device.page.server import Site

    if broker is not None and not is_websocket(broker):
        raise click.UsageError(f"--broker {broker}: give a WebSocket address such as ws://192.168.1.10:9001.")
    named = config_file is not None or os.access(DEFAULT_PATH, os.F_OK)
    # the record may be another machine's, and the password is not for whoever serves a page
    config = configured(config_file, watching=True, connecting=False) if named else None
    site = Site(installed_folder("web"), host, port)
    name = reached_by(host)
    where = address(name, site.port, broker, config)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        say(where)
        if name in LOOPBACK:
            say("Only this computer reaches it; --host 0.0.0.0 lets a phone in.")
        else:
            say(code(where, sys.stdout.encoding))
        site.serve()
    site.close()


def reached_by(host: str) -> str:
    """The name by which others reach a server that listens there."""
    if host not in ANYWHERE:
        return host
    from drivers.machine import THIS_MACHINE

    found = THIS_MACHINE.address()
    return socket.gethostname() if found == "none" else found


def is_websocket(text: str) -> bool:
    """Whether a browser could open a WebSocket at this address."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"ws", "wss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket or a port that is none
        return False


def websocket(config: Config, name: str) -> str:
    """The broker's likely WebSocket as a browser reaches it: one on this computer is where the page is."""
    host = config.mqtt.host
    return f"ws://{_in_url(name if host in LOOPBACK else host)}:{WEBSOCKET_PORT}"


def address(name: str, port: int, broker: str | None, config: Config | None) -> str:
    """The page's address, with its broker and device where they are known."""
    query = {}
    if broker or config:
        query["broker"] = broker or (websocket(config, name) if config else "")
    if config:
        query |= {"device": config.device.id, "prefix": config.mqtt.prefix}
    return f"http://{_in_url(name)}:{port}/" + (f"?{urlencode(query, safe=':/')}" if query else "")


def code(text: str, encoding: str = "utf-8") -> str:
    """A QR code for a terminal of that encoding, or how to get one."""
    try:
        "█▀▄".encode(encoding)
    except UnicodeEncodeError:
        return f"No QR code: this terminal's encoding, {encoding}, has no blocks (utf-8 has)."
    try:
        import qrcode
    except ImportError:
        return "No QR code: the library qrcode is not installed (pip install 'pump-companion[page]')."
    drawn = qrcode.QRCode(border=2)
    drawn.add_data(text)
    rows = drawn.get_matrix()
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    # half blocks, two rows a line; the light modules are drawn, as terminals are mostly dark
    blocks = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    return "\n".join(
        "".join(blocks[above, below] for above, below in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
