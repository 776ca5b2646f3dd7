"""What is looked at: the configuration, the world around it, and what several looks share, each found out once."""

import re
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

from device.daemon import house
from device.settings.instances import service_of
from device.settings.loading import DEFAULT_PATH, Config, load
from device.wire.values import FieldError, decoded
from drivers.serial_line import PortHolder

from .broker_call import BrokerSeen
from .surroundings import Surroundings

Ask = Callable[[str], bool]
"""Asks a person a question that is answered by yes or no."""
STOP_FIRST = "stop the service meanwhile"

OF_SYSTEMD = re.compile(
    r"(?:Starting|Started|Stopping|Stopped|Failed to start) \S+\.service\b"
    r"|\S+\.service: (?:Scheduled restart job|Failed with result|Main process exited|Deactivated|Consumed)"
    r"|Couldn't read inherited credential"
)
"""What systemd says whenever a service ends and is started again: no reason is in it (its catalog of messages)."""


class Case:
    """One examination. `ask` is None where nobody sits there to be asked."""

    def __init__(self, config: Config, password: str | None, world: Surroundings, ask: Ask | None = None) -> None:
        self.config, self.password, self.world, self.ask = config, password, world, ask

    @property
    def unit(self) -> str:
        """The service's name: a second pump's is an instance, named like its configuration."""
        return service_of(self.config.path, DEFAULT_PATH)

    @cached_property
    def all_daemons(self) -> dict[int, str]:
        """Every process of this machine that is a daemon of ours, with the path of its configuration."""
        found = {}
        for name in self.world.names("/proc/[0-9]*/cmdline"):
            config = config_of((self.world.text(name) or "").split("\0"))
            if config is not None:
                found[int(PurePath(name).parent.name)] = config
        return found

    @property
    def daemons(self) -> list[int]:
        """The processes that run this configuration."""
        return sorted(pid for pid, config in self.all_daemons.items() if config == str(self.config.path))

    @property
    def twins(self) -> list[str]:
        """Other configurations that run here under the same name at the same broker, or on the same record."""
        found = []
        for path in sorted({*self.all_daemons.values()} - {str(self.config.path)}):
            other, _ = load(Path(path), {}, watching=True)
            if other is not None and (
                name_and_place(other) == name_and_place(self.config) or other.store == self.config.store
            ):
                found.append(path)
        return found

    @cached_property
    def broker(self) -> BrokerSeen:
        return self.world.call(self.config, self.password)

    def lying(self, name: str) -> bytes | None:
        """What is retained on a topic of the device's own."""
        return self.broker.retained.get(house(self.config).topic(name))

    @cached_property
    def health(self) -> dict[str, Any]:
        """What a daemon that runs here says of itself (`diagnostics`); empty where none does, or it can't be read."""
        return self.said_by_daemon("diagnostics")

    def said_by_daemon(self, name: str) -> dict[str, Any]:
        """An object that a daemon which runs here keeps at the broker; empty where none does, or it can't be read."""
        lies = self.lying(name) if self.daemons else None
        try:
            said = None if lies is None else decoded(lies)
        except FieldError:
            return {}
        return said if isinstance(said, dict) else {}

    @cached_property
    def journal(self) -> list[str]:
        """The service's last lines, oldest first."""
        said = self.world.run("journalctl", "-u", self.unit, "-n", "50", "-o", "cat", "--no-pager", "-q")
        return (said or "").splitlines()

    @property
    def said(self) -> list[str]:
        """Of those the lines that may tell a reason."""
        return [line for line in self.journal if not OF_SYSTEMD.match(line)]

    @cached_property
    def port_holders(self) -> list[PortHolder]:
        """Who has the pump's port open, where this user may look."""
        serial = self.config.serial
        return [] if serial is None else self.world.port_holders(serial.port)

    @cached_property
    def kernel(self) -> list[str]:
        """What the kernel said since the start of the machine, where this user may read it."""
        said = self.world.run("journalctl", "-k", "-b", "-o", "cat", "--no-pager", "-q") or self.world.run("dmesg")
        return (said or "").splitlines()

    @cached_property
    def service(self) -> dict[str, str]:
        """What systemd says of the service; empty where there is no systemd."""
        wanted = "LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,ConditionResult"
        said = self.world.run("systemctl", "show", self.unit, "--no-pager", "-p", wanted) or ""
        return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def config_of(words: list[str]) -> str | None:
    """Which configuration a process with these words runs; None where it is no daemon of ours."""
    names = [PurePath(word).name for word in words[:4]]
    ours = "pump-companion" in names or ("-m" in words[:3] and "device" in names)
    if not ours or "run" not in words:
        return None
    after = words[words.index("run") + 1 :]
    given = [word.removeprefix("--config=") for word in after if word.startswith("--config=")]
    given += [value for word, value in pairwise(after) if word == "--config"]
    return (given or [str(DEFAULT_PATH)])[-1]


def name_and_place(config: Config) -> tuple[str, int, str, str]:
    """Under which name a device is known, and where."""
    return config.mqtt.host, config.mqtt.port, config.mqtt.prefix, config.device.id


def section(found: object, name: str) -> dict[str, Any]:
    """A part of a payload, empty where it is none."""
    part = found.get(name) if isinstance(found, dict) else None
    return part if isinstance(part, dict) else {}


def counted(part: dict[str, Any], name: str) -> int:
    """A count that a payload tells, 0 where it tells none."""
    count = part.get(name)
    return count if type(count) is int and count > 0 else 0
