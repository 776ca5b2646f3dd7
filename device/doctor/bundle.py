"""One file for whoever helps from afar: versions, settings, the looks, the last lines; without names, secrets, health.

What it takes in is chosen, and of each text only our own words stay (`scrubbing`): what is unknown is left out.
"""

import platform
import re
import sys
from collections.abc import Sequence
from typing import Any

from device import version
from device.settings.keys import KEYS, Night
from device.settings.loading import Config, Fault

from .case import Case
from .finding import Finding
from .machine import REQUIREMENT
from .scrubbing import (
    OF_FAULTS,
    OF_THE_KERNEL,
    PRIVATE_KINDS,
    SHAPES,
    SPEAKERS,
    is_ours,
    own_words,
    private_words,
    scrubbed,
    words_written,
)

FORMAT = 1
LEAST_LINES = 40
"""Of the kernel, the last that tell of buses."""
OF_DEVELOPMENT = re.compile(r"""extra == ["'](?:test|fuzz)["']""")
"""What the package needs for its own tests alone, as its metadata says it."""
BUSES = re.compile(r"\b(?:i2c|spi|gpio|pinctrl|tty|usb|uart|mmc)|voltage", re.IGNORECASE)
BOARD = frozenset({"Raspberry", "Pi", "Model", "Zero", "Plus", "Rev", "Compute", "Module", "Lite", "A", "B", "W"})
SYSTEMS = {"debian", "raspbian", "ubuntu"}
MACHINES = {"aarch64", "armv6l", "armv7l", "x86_64"}
HEALTH: dict[str, set[object]] = {
    "clock": {"synced", "unsynced"},
    "clock_by": {"system", "person", None},
    "protocol": {"5", "3.1.1", None},
    "state": {"up", "lost", "off", "failed", "ok", "failing", "full"},
}
"""What of `diagnostics` is a word: its fields, and all that they may say; the rest are counts."""
PARTS = {"mqtt", "serial", "display", "store", "errors"}
LARGEST_COUNT = 10**9


def bundled(
    case: Case, findings: list[Finding], *, faults: Sequence[Fault] = (), recording: str | None = None
) -> dict[str, Any]:
    """All of it, to be written as JSON; with `faults` the case's configuration is made up, and they stand instead.

    A recording is the only part that is taken in as it is.
    """
    private = private_words(case.config, case.world.user(), platform.node())
    words = own_words() - private
    if faults:
        private |= words_written(case.config.path)
        words = own_words(SPEAKERS + OF_FAULTS) - private
    ours = [line for line in case.journal if is_ours(line, words)]
    told = {
        "pump-companion doctor": FORMAT,
        "versions": told_versions(case),
        "configuration": None if faults else settings_without_names(case.config),
        "faults": [told_fault(fault, words) for fault in faults],
        "checks": [told_finding(finding, words) for finding in findings],
        "journal": [scrubbed(line, words) for line in ours],
        "journal_lines_left_out": len(case.journal) - len(ours),
        "diagnostics": counts_of_health(case.health, words),
        "kernel": [scrubbed(line, OF_THE_KERNEL - private) for line in of_buses(case.kernel)],
    }
    return told if recording is None else told | {"recording": recording}


def told_fault(fault: Fault, words: frozenset[str]) -> dict[str, Any]:
    """A fault of the configuration, without its file; of a key that is none of ours only that there is one."""
    key = scrubbed(fault.key, words, counts=fault.key.startswith("line "))
    what, remedy = (scrubbed(said, words) for said in (fault.what, fault.remedy))
    return {"key": key, "what": what, "remedy": remedy, "warning": fault.warning}


def numeric(said: str) -> str:
    """A version's numbers alone."""
    found = re.match(r"\d+(?:\.\d+){0,3}", said)
    return found[0] if found else ""


def told_versions(case: Case) -> dict[str, Any]:
    release = dict(line.split("=", 1) for line in (case.world.text("/etc/os-release") or "").split("\n") if "=" in line)
    system, machine = release.get("ID", "").strip('"'), platform.machine()
    board = (case.world.text("/sys/firmware/devicetree/base/model") or "").rstrip("\0")
    ours = [line for line in case.world.requirements() if not OF_DEVELOPMENT.search(line)]
    needed = [found[1] for line in ours if (found := REQUIREMENT.match(line))]
    return {
        "pump-companion": numeric(version()),
        "python": ".".join(map(str, sys.version_info[:3])),
        "libraries": {name: numeric(case.world.installed(name) or "") for name in needed},
        "kernel": numeric(platform.release()),
        "machine": machine if machine in MACHINES else "another",
        "system": system if system in SYSTEMS else "another",
        "system_version": numeric(release.get("VERSION_ID", "").strip('"')),
        "board": scrubbed(board, BOARD, counts=True),
    }


def settings_without_names(config: Config) -> dict[str, Any]:
    """Each key; its value where that is a number, a choice or a pin, else only whether somebody has chosen one."""
    told: dict[str, Any] = {}
    for key in KEYS:
        part = getattr(config, key.section)
        value = getattr(part, key.name, None)
        plain = key.kind not in PRIVATE_KINDS or (key.full == "serial.port" and SHAPES.fullmatch(str(value)))
        if isinstance(value, Night):
            told[key.full] = [value.begins_min, value.ends_min]
        elif plain:
            told[key.full] = value
        else:
            told[key.full] = "not set" if not value else "default" if str(value) == key.default else "set"
    return told


def told_finding(finding: Finding, words: frozenset[str]) -> dict[str, str | None]:
    return {
        "name": finding.name,
        "state": finding.state,
        "detail": scrubbed(finding.detail, words, counts=True),
        "remedy": None if finding.remedy is None else scrubbed(finding.remedy, words, counts=True),
    }


def counts_of_health(health: dict[str, Any], words: frozenset[str]) -> dict[str, Any]:
    """Of `diagnostics` the states and the counts; no device, no time."""
    told: dict[str, Any] = {}
    for name, value in health.items():
        word = name in HEALTH and (value is None or isinstance(value, str)) and value in HEALTH[name]
        count = type(value) is int and 0 <= value < LARGEST_COUNT and set(name.split("_")) <= words
        if word or count:
            told[name] = value
        elif isinstance(value, dict) and name in PARTS:
            told[name] = counts_of_health(value, words)
    return told


def of_buses(lines: list[str]) -> list[str]:
    return [line for line in lines if BUSES.search(line)][-LEAST_LINES:]
