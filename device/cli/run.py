"""`run`: the daemon."""

import faulthandler
import logging
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from device import SPOKEN
from device.cli.configured import configured, secret, with_config
from device.cli.owner import become_owner
from device.cli.saying import begin_log
from device.settings.document import FileError, read_document
from device.settings.keys import SECTIONS
from device.settings.loading import DEFAULT_PATH, ConfigError
from drivers.controllers import CONTROLLERS

log = logging.getLogger(__name__)


@click.command("run")
@with_config
@click.option(
    "--record",
    "recording",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write down all that comes in, in a new file, for `replay`: health data, 64 MiB at most.",
)
@click.option("--verbose", is_flag=True, help="A line in the log for each event, without anything private.")
def run_command(config_file: Path | None, recording: Path | None, *, verbose: bool) -> None:
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
    watchers: list[Callable[[Any], object]] = []
    with ExitStack() as at_last:
        if recording is not None:
            from device.cli.recorder import Recorder, new_file

            opened = new_file(recording, config.store.path)
            recorder = at_last.enter_context(Recorder(opened, str(recording), config.device.id))
            watchers.append(recorder.take)
            log.info("%s: all that comes in is written there, until the device stops: health data", recording)
        if verbose:
            log.setLevel(logging.DEBUG)
            watchers.append(teller())
        status = Daemon(
            config,
            SystemClock(),
            timezone=timezone,
            password=password,
            on_step=lambda seen: [watch(seen) for watch in watchers],
        ).run()
    raise SystemExit(status)


def teller() -> Callable[[Any], None]:
    """Tells each event in one line of the log, with what it led to."""
    came = ""

    def tell(seen: Any) -> None:
        nonlocal came
        if isinstance(seen, list):
            log.debug("%s: %s", came, ", ".join(map(named, seen)) or "nothing")
        else:
            came = named(seen)

    return tell


def named(value: msgspec.Struct) -> str:
    """An event or an effect by its name, numbers and words of tables: what is free text or of the record is private."""
    from device.core.model.view import View

    told = []
    for name, field in msgspec.structs.asdict(value).items():
        match field:
            case bool() | int() | StrEnum():
                told.append(f"{name}={field}")
            case float():
                told.append(f"{name}={field:.3f}")
            case View():
                told.append(field.screen)
            case tuple():
                told.append(f"{len(field)} {name}")
            case msgspec.Struct():
                told.append(type(field).__name__)
    return f"{type(value).__name__}({', '.join(told)})"


def say_so_on_the_display(file: Path) -> None:
    """A device without a keyboard says on its own glass that a setting is wrong, as far as the display's are right."""
    display = {key.name: key.default for key in SECTIONS["display"]} | as_written(file, "display")
    bus = Path(f"/dev/i2c-{display['i2c_port']}")
    controller = CONTROLLERS.get(str(display["driver"]))
    if display["bus"] != "i2c" or controller is None or not bus.exists():
        return
    from device.core.model.view import View, WarningBody, WarningKind
    from device.screens import draw
    from drivers.oled import OledFrame, OledPanel, i2c_bus

    language = as_written(file, "device").get("language")
    view = View(WarningBody(WarningKind.NOT_STARTED), (None, None, None))
    picture = draw(msgspec.structs.replace(view, language=language) if language in SPOKEN else view)
    rotate: Literal[0, 180] = 180 if display["rotate"] == 180 else 0
    try:
        opened = i2c_bus(int(display["i2c_port"]), int(display["i2c_address"]))
        OledPanel(controller, opened, rotate).show(OledFrame(picture))
    except Exception as error:  # noqa: BLE001 - luma turns some of the bus's errors into its own
        log.warning("display: it can't show that a setting is wrong: %s", error)


def as_written(file: Path, section: str) -> dict[str, Any]:
    """A section of a file that has faults somewhere; empty where not even that can be read."""
    try:
        written = read_document(file).get(section, {})
    except FileError:
        return {}
    return written if isinstance(written, dict) else {}
