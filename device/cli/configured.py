"""What commands share: `--config` and `--json`, the configuration or its faults, the record or why it can't be had."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .owner import become_owner
from .saying import say

if TYPE_CHECKING:
    from device.settings.loading import Config, Fault
    from device.store.records import Store

Command = TypeVar("Command", bound=Callable[..., Any])
CREDSTORE = "/etc/credstore"
"""Where systemd takes the service's password from (systemd.exec(5), LoadCredential); root's to read."""


class FiniteRange(click.FloatRange):
    """A range that nan is not in, though it is neither below nor above it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is no number", param, ctx)
        return number


def with_config(command: Command) -> Command:
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, readable=False),
        help="The configuration [default: /etc/pump-companion/config.toml].",
    )(command)


def with_json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")(command)


def with_host(command: Command) -> Command:
    return click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        callback=where_to_listen,
        help="Where to listen; 0.0.0.0: the whole network.",
    )(command)


def where_to_listen(_context: click.Context, _option: click.Parameter, host: str) -> str:
    """An empty name means every address to the system, and nobody asked for that."""
    if not host.strip():
        raise click.UsageError("--host is empty; give an address or a name, 0.0.0.0 for the whole network.")
    return host


def configured(file: Path | None, *, warn: bool = False, watching: bool = False, connecting: bool = True) -> "Config":
    """The checked configuration; faults go to stderr and end the command with status 2, warnings where asked for."""
    config, faults = loaded(file, watching=watching, connecting=connecting)
    for fault in faults:
        if warn or not fault.warning:
            say(str(fault), err=True)
    if config is None:
        raise SystemExit(2)
    return config


def environment() -> dict[str, str]:
    """This process's environment; outside a service the credentials are where systemd would take them from."""
    return {"CREDENTIALS_DIRECTORY": CREDSTORE, **os.environ}


def secret(config: "Config") -> str | None:
    """The broker's password; to be read before `recorded`, for only root may be able to. Raises ConfigError."""
    from device.settings.loading import read_password

    return read_password(config)


def loaded(
    file: Path | None, *, watching: bool = False, connecting: bool = True
) -> "tuple[Config | None, list[Fault]]":
    """The configuration and all faults, as `load` gives them; warned of is also a TZ that names no timezone."""
    from device.settings.keys import quoted
    from device.settings.loading import Fault, load
    from drivers.clock import unknown_zone

    config, faults = load(file, environment(), watching=watching, connecting=connecting)
    named = unknown_zone(os.environ)
    if named is not None:
        what = f"{quoted(named)} names no timezone of the database, so the system's own is used"
        remedy = "write a name such as Europe/Vienna, or leave TZ out"
        faults.append(Fault("TZ", what, remedy, warning=True, file="environment"))
    return config, faults


def recorded(config: "Config", *, read_only: bool = True) -> "Store":
    """The record. Raises StoreError where its file is not there, or another process has it."""
    from device.store.records import Store

    become_owner(config.store.path)
    return Store.open(config.store.path, read_only=read_only)


def unrecorded(config: "Config") -> bool:
    """Nothing has been recorded yet: there is no file, which is no error for whoever only reads."""
    become_owner(config.store.path)
    try:
        config.store.path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        remedy = "call this as the user to whom its folder belongs, or with sudo"
        raise click.ClickException(f"{config.store.path}: {error.strerror}; {remedy}") from error
    return False


def in_force(kept: tuple[int, int] | None, config: "Config") -> int:
    """The baseline given by command, as long as the configuration's is what it then was; else the configuration's."""
    return kept[0] if kept and kept[1] == config.supply.baseline else config.supply.baseline
