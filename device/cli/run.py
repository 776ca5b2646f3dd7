"""`run`: the daemon."""

import faulthandler
import logging
from pathlib import Path
from typing import Any, Literal

import click

from device.cli.configured import configured, secret, with_config
from device.cli.owner import become_owner
from device.cli.saying import begin_log
from device.settings.document import FileError, read_document
from device.settings.keys import SECTIONS
from device.settings.loading import DEFAULT_PATH, ConfigError
from drivers.controllers import CONTROLLERS

log = logging.getLogger(__name__)


@click.command()
@with_config
def run(config_file: Path | None) -> None:
    """The daemon: watches the pump, asks why, keeps the record, publishes it. Ends with SIGTERM or Ctrl-C."""
    begin_log()
    try:
        config = configured(config_file, warn=True, watching=True)
        password = secret(config)
    except (ConfigError, SystemExit):
        say_so_on_the_display(config_file or DEFAULT_PATH)
        raise
    faulthandler.enable()

    from device.daemon import Daemon
    from drivers.clock import SystemClock, timezone

    become_owner(config.store.path)
    raise SystemExit(Daemon(config, SystemClock(), timezone=timezone, password=password).run())


def say_so_on_the_display(file: Path) -> None:
    """A device without a keyboard says on its own glass that a setting is wrong, as far as the display's are right."""
    display = {key.name: key.default for key in SECTIONS["display"]} | display_as_written(file)
    bus = Path(f"/dev/i2c-{display['i2c_port']}")
    controller = CONTROLLERS.get(str(display["driver"]))
    if display["bus"] != "i2c" or controller is None or not bus.exists():
        return
    from device.core.model.view import ScreenName, View, WarningBody, WarningKind
    from device.screens import draw
    from drivers.oled import OledFrame, OledPanel, i2c_bus

    picture = draw(View(ScreenName.WARNING, WarningBody(WarningKind.NOT_STARTED), (None, None, None)))
    rotate: Literal[0, 180] = 180 if display["rotate"] == 180 else 0
    try:
        opened = i2c_bus(int(display["i2c_port"]), int(display["i2c_address"]))
        OledPanel(controller, opened, rotate).show(OledFrame(picture))
    except Exception as error:  # noqa: BLE001 - luma turns some of the bus's errors into its own
        log.warning("display: it can't show that a setting is wrong: %s", error)


def display_as_written(file: Path) -> dict[str, Any]:
    """The section `display` of a file that has faults somewhere; empty where not even that can be read."""
    try:
        display = read_document(file).get("display", {})
    except FileError:
        return {}
    return display if isinstance(display, dict) else {}
