"""A made-up world for `doctor`: files below a folder, programs that say what a test wants, buses, lines and ports."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from device.doctor.broker_call import BrokerSeen
from device.doctor.case import Ask, Case
from device.doctor.examination import LOOKS, examine
from device.doctor.finding import Finding
from device.doctor.surroundings import LineHeld, LineWatched, Room, Surroundings
from device.settings.loading import Config, load

ROUTES = "Iface Destination Gateway Flags RefCnt Use Metric Mask\neth0 00000000 0101A8C0 0003 0 0 0 00000000\n"
SERVICE = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nResult=success\nNRestarts=0\n"


class MadeWorld(Surroundings):
    """Healthy, until a test takes something away: what it can say stands in the attributes."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(root, {} if environment is None else environment)
        root.mkdir(exist_ok=True)
        self.said: dict[str, str] = {"systemctl show": SERVICE, "journalctl -u": "watching GPIO17\n"}
        self.packages = {"click": "8.1.3", "paho-mqtt": "2.1.0"}
        self.needs = ["click>=8.1", "paho-mqtt>=2.1", 'pytest>=7.2; extra == "test"']
        self.is_synced = True
        self.space = Room(10 << 30, 20 << 30)
        self.wrote: float | OSError = 0.1
        self.addresses: list[int] | OSError = [0x3C]
        self.shut: dict[str, OSError] = {}
        self.in_group, self.logged_in_before = "i2c", False
        self.chip: str | Exception = "/dev/gpiochip0"
        self.held: dict[int, LineHeld] = {}
        self.watched: dict[int, LineWatched] = {}
        self.read: dict[int, set[bool]] = {}
        self.took: list[int] = []
        self.speaks: dict[int, bytes] | OSError = {}
        self.opened: list[int] = []
        self.broker = BrokerSeen(up=True, acknowledged=True)
        self.drew: list[str] = []

    def put(self, path: str, text: str = "") -> None:
        place = self.place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def starts(self, pid: int, *words: str) -> None:
        self.put(f"/proc/{pid}/cmdline", "\0".join(words) + "\0")

    def run(self, *words: str) -> str | None:
        return next((said for begins, said in self.said.items() if " ".join(words).startswith(begins)), None)

    def requirements(self) -> list[str]:
        return self.needs

    def installed(self, package: str) -> str | None:
        return self.packages.get(package)

    def synced(self) -> bool:
        return self.is_synced

    def room(self, folder: Path) -> Room:
        return self.space

    def try_writing(self, folder: Path) -> float:
        if isinstance(self.wrote, OSError):
            raise self.wrote
        return self.wrote

    def group_of(self, path: str) -> str:
        return self.in_group

    def user(self) -> str:
        return "ada"

    def joined(self, group: str) -> bool:
        return self.logged_in_before

    def answering(self, bus: str) -> list[int]:
        if isinstance(self.addresses, OSError):
            raise self.addresses
        return self.addresses

    def openable(self, device: str) -> None:
        if device in self.shut:
            raise self.shut[device]

    def header(self) -> str:
        if isinstance(self.chip, Exception):
            raise self.chip
        return self.chip

    def held_lines(self, chip: str, pins: Sequence[int]) -> dict[int, LineHeld]:
        return {pin: self.held.get(pin, LineHeld(used=False, consumer="")) for pin in pins}

    def levels(self, pins: Sequence[int], watch_s: float) -> dict[int, set[bool]]:
        return {pin: self.read[pin] for pin in pins if pin in self.read}

    def watch_lines(self, chip: str, pulls: Mapping[int, str], watch_s: float) -> dict[int, LineWatched]:
        self.took += pulls
        return {pin: self.watched.get(pin, LineWatched(high=pull == "up")) for pin, pull in pulls.items()}

    def listen(self, port: str, baud: int, listen_s: float) -> bytes:
        self.opened.append(baud)
        if isinstance(self.speaks, OSError):
            raise self.speaks
        return self.speaks.get(baud, b"")

    def call(self, config: Config, password: str | None) -> BrokerSeen:
        return self.broker

    def draw(self, config: Config) -> None:
        self.drew.append(config.display.driver)


def configuration(folder: Path, text: str = "") -> Config:
    """A configuration whose record lies in the folder."""
    file = folder / "config.toml"
    file.write_text(f'{text}\n[store]\npath = "{folder / "pump.db"}"\n')
    config, faults = load(file, {}, watching=True)
    assert config is not None, list(map(str, faults))
    return config


def found(world: Surroundings, config: Config, look: str, ask: Ask | None = None) -> dict[str, Finding]:
    """What one look finds, by name; each name comes once."""
    told = list(examine(Case(config, None, world, ask), {look: LOOKS[look]}))
    by_name = {finding.name: finding for finding in told}
    assert len(by_name) == len(told)
    for finding in told:
        assert (finding.state != "bad") or finding.remedy, "what is wrong has a remedy"
        assert finding.detail.isprintable()
    return by_name


def diagnostics(**parts: Any) -> bytes:
    """What a daemon's health says at the broker."""
    health = {
        "version": "0.1.0", "clock": "synced", "clock_by": "system", "outbox": 0,
        "mqtt": {"protocol": "5", "reconnects": 0}, "serial": {"state": "up"}, "display": {"state": "up"},
        "store": {"state": "ok", "set_aside": 0, "repaired_at": None, "in_memory": 0, "dropped": 0}, "errors": {},
    }  # fmt: skip
    return json.dumps(health | parts).encode()
