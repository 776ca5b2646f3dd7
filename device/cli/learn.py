"""`learn`: watches the pump's signal for a minute, says what it is, and proposes the settings."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import msgspec

from device.asking.answers import read_answer
from device.cli.configured import FiniteRange, loaded, with_config, with_json
from device.cli.saying import print_json, say, somebody_answers
from device.cli.watching import PortTap, WireTap, plotted, watch_for
from device.learning.lines import LinesFinding, judge_lines
from device.learning.signal import SignalFinding, judge_signal
from device.loop import Loop
from device.settings.instances import service_of, started_by
from device.settings.keys import WrongError
from device.settings.loading import DEFAULT_PATH, Config, Serial
from device.settings.writing import with_values, write_values
from drivers import gpiod_pins
from drivers.clock import SystemClock
from drivers.gpio_lines import Pull


@click.command("learn")
@with_config
@with_json
@click.option("--seconds", type=FiniteRange(10, 600), default=60, show_default=True, help="How long to watch.")
@click.option("--pin", metavar="PIN", help="The motor's wire, instead of the configuration's.")
@click.option("--pull", type=click.Choice(["none", "up", "down"]), help="The Pi's resistor on it meanwhile.")
@click.option("--port", metavar="PORT", help="The serial port, instead of the configuration's.")
@click.option("--write", is_flag=True, help="Write the proposal into the configuration, without asking.")
def learn_command(
    config_file: Path | None,
    seconds: float,
    pin: str | None,
    pull: Pull | None,
    port: str | None,
    *,
    as_json: bool,
    write: bool,
) -> None:
    """Watch the pump's signal while you start and stop the pump, say what it is, and propose the settings.

    Leave the pump off for the first five seconds, then run it for ten at least, once or twice. Ctrl-C ends it early.
    """
    config = _configuration(config_file, named=pin is not None or port is not None)
    wanted_pin, wanted_port = _wanted(config, pin, port)
    if wanted_pin is None and wanted_port is None:
        raise click.UsageError("the configuration names neither motor.pin nor serial.port; name one by --pin or --port")
    terminal = not as_json and sys.stdout.isatty()
    live = terminal and os.environ.get("TERM", "dumb") != "dumb"
    with ExitStack() as at_last:
        wire, tap, loop = _begin(at_last, config, wanted_pin, pull, wanted_port)
        if not as_json:
            say("Leave the pump off for five seconds; then start it, and stop it after ten at least. Ctrl-C ends this.")
        watch_for(loop, seconds, wire, tap, live=live)
        rows = plotted(seconds, wire, tap)
        of_wire = None if wire is None else judge_signal(wire.seen())
        of_port = None if tap is None else judge_lines(tap.listened())
    proposal: dict[str, Any] = {}
    if of_wire is not None and of_wire.proposal:
        proposal |= ({"motor.pin": wanted_pin} if pin is not None else {}) | of_wire.proposal
    if of_port is not None and of_port.proposal:
        proposal |= ({"serial.port": wanted_port} if port is not None else {}) | of_port.proposal
        taught = config.serial if config is not None else None
        if "serial.patterns" in proposal and taught is not None and taught.port == wanted_port:
            proposal["serial.patterns"] = _taught(taught) | proposal["serial.patterns"]
    if not as_json:
        say("\n".join([*rows, "", *_told(of_wire, of_port)]))
    file = config_file or DEFAULT_PATH
    written, kept = _write(file, proposal, write=write, ask=terminal and somebody_answers(), quiet=as_json)
    if as_json:
        found = {"motor": of_wire, "serial": of_port, "proposal": proposal}
        kept_beside = None if kept is None else str(kept)
        print_json(msgspec.to_builtins(found) | {"written": str(file) if written else None, "kept": kept_beside})


def _configuration(file: Path | None, *, named: bool) -> Config | None:
    """The configuration; None where it can't be read, but what to watch was named: its faults are not the wire's."""
    config, faults = loaded(file)
    if config is None and not named:
        for fault in faults:
            say(str(fault), err=True)
        raise SystemExit(2)
    return config


def _wanted(config: Config | None, pin: str | None, port: str | None) -> tuple[int | str | None, str | None]:
    """What to watch: what was named, and nothing else then; else all that the configuration has."""
    if pin is not None or port is not None:
        return _read_option("motor.pin", "--pin", pin), _read_option("serial.port", "--port", port)
    if config is None:
        return None, None
    return config.motor.pin if config.motor else None, config.serial.port if config.serial else None


def _read_option(key: str, option: str, text: str | None) -> Any:
    """What an option names, as the configuration would."""
    try:
        return None if text is None else read_answer(key, text)
    except WrongError as error:
        raise click.UsageError(f"{option} {error.what}; {error.remedy}") from None


def _begin(
    at_last: ExitStack, config: Config | None, pin: int | str | None, pull: Pull | None, port: str | None
) -> tuple[WireTap | None, PortTap | None, Loop]:
    """Open what is watched; whatever is open is closed by `at_last`."""
    loop = Loop(SystemClock())
    at_last.callback(loop.close)
    wire = tap = None
    if pin is not None:
        factory = gpiod_pins.use(loop.watch, loop.unwatch, later=loop.call_after)
        if factory is not None:
            at_last.callback(factory.close)
        motor, buttons = (config.motor, config.buttons) if config else (None, None)
        pins = {name: getattr(buttons, name) for name in ("left", "middle", "right")} if buttons else {}
        given = motor.pull if motor and motor.pull != "none" else None
        wire = WireTap(loop, pin, pull or given, pins, buttons.pull if buttons else "up")
        at_last.callback(wire.close)
    if port is not None:
        tap = PortTap(loop, port, config.serial.baud if config and config.serial else 115200)
        at_last.callback(tap.close)
    return wire, tap, loop


def _told(of_wire: SignalFinding | None, of_port: LinesFinding | None) -> Iterator[str]:
    for name, finding in (("The wire", of_wire), ("The port", of_port)):
        if finding is not None:
            yield f"{name}:"
            yield from (f"  {line}" for line in finding.words)


def _taught(serial: Serial) -> dict[str, list[str]]:
    """What the port's pump has been taught to say: a word that did not come in this minute is not forgotten."""
    return {str(verb): [line.pattern for line in lines] for verb, lines in serial.patterns.items()}


def _write(file: Path, proposal: dict[str, Any], *, write: bool, ask: bool, quiet: bool) -> tuple[bool, Path | None]:
    """Write the proposal where that is wanted, else show what to write; whether it was, and where the old file is."""
    if not proposal:
        return False, None
    if not quiet:
        say(f"\nFor {file}:\n\n{with_values('', proposal).strip()}\n")
    if not write and not (ask and click.confirm(f"Write that into {file}?", default=False)):
        return False, None
    kept = write_values(file, proposal)
    if not quiet:
        beside = "" if kept is None else f" The old file is {kept}."
        absolute = file.absolute()
        by_hand = started_by(absolute, DEFAULT_PATH)
        restart = f"Restart the service: sudo systemctl restart {service_of(absolute, DEFAULT_PATH)}"
        say(f"{file}: written.{beside} " + (f"Start it again: {by_hand}" if by_hand else restart))
    return True, kept
