"""The machine under it all: its power, the service, and whether Python and the libraries are new enough."""

import platform
import re
import sys
from collections.abc import Iterator

from .case import Case
from .finding import Finding, absent, fine, quote, unclear, wrong

NOW = {0: "the voltage is too low", 1: "its speed is capped", 2: "it is throttled", 3: "it is too hot"}
"""Bits of the firmware's get_throttled; sixteen bits further up stands what has been so since the start."""
SINCE = 16
PYTHON = (3, 11)
REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[[^]]*\])?\s*\(?>=\s*([\d.]+)")


def look_at_machine(case: Case) -> Iterator[Finding]:
    yield power(case)
    yield from service(case)
    yield from processes(case)
    yield from versions(case)


def power(case: Case) -> Finding:
    """Under-voltage and throttling, by the firmware's word or the kernel's sensor."""
    for name in case.world.names("/sys/class/hwmon/*/name"):
        alarm = case.world.text(name.replace("/name", "/in0_lcrit_alarm"))
        if (case.world.text(name) or "").strip() == "rpi_volt" and (alarm or "").strip() == "1":
            return wrong("machine.power", NOW[0], "use the Pi's own power supply, and a short cable")
    said = case.world.run("vcgencmd", "get_throttled") or ""
    file = case.world.text("/sys/devices/platform/soc/soc:firmware/get_throttled") or ""
    found = re.match(r"throttled=0x([0-9a-fA-F]+)$", said.strip()) or re.match(r"([0-9a-fA-F]+)$", file.strip())
    if found is None:
        if case.world.names("/sys/class/hwmon/*/in0_lcrit_alarm"):
            return fine("machine.power", "the voltage is high enough")
        return absent("machine.power", "nothing here tells of the voltage")
    bits = int(found[1], 16)
    now = [what for bit, what in NOW.items() if bits >> bit & 1]
    before = [what for bit, what in NOW.items() if bits >> (bit + SINCE) & 1]
    cold = "give it air, or a heat sink" if bits & 0b1000 or bits >> SINCE & 0b1000 else ""
    remedy = "use the Pi's own power supply, and a short cable" if bits & 1 or bits >> SINCE & 1 else cold
    if now or before:
        when = f"now: {', '.join(now)}" if now else f"since the start: {', '.join(before)}"
        return wrong("machine.power", when, remedy or "use the Pi's own power supply, and a short cable")
    return fine("machine.power", "neither voltage nor heat has been a matter since the start")


def service(case: Case) -> Iterator[Finding]:
    told, unit = case.service, case.unit
    if not told:
        yield absent("service.installed", "there is no systemd that could be asked")
        return
    if told.get("LoadState") == "masked":
        remedy = f"sudo systemctl unmask {unit}, then sudo systemctl enable --now {unit}"
        yield wrong("service.installed", f"the service {unit} is masked: it may not start", remedy)
        return
    if told.get("LoadState") != "loaded":
        what = f"the service {unit} is not installed ({told.get('LoadState', 'unknown')})"
        yield wrong("service.installed", what, "install it as docs/install.md says")
        return
    if told.get("UnitFileState") not in {"enabled", "enabled-runtime", "static", "generated", "linked"}:
        yield wrong(
            "service.installed", f"the service {unit} does not start by itself", f"sudo systemctl enable {unit}"
        )
    else:
        yield fine("service.installed", f"the service {unit} starts by itself")
    yield running(case)


def running(case: Case) -> Finding:
    told, unit = case.service, case.unit
    active, restarts = told.get("ActiveState"), int(told.get("NRestarts") or 0)
    last = "; ".join(quote(line) for line in case.said[-3:]) or "its journal may not be read by this user"
    if active == "active":
        return fine("service.running", f"the service {unit} runs")
    if told.get("Result") == "watchdog":
        remedy = f"sudo systemctl restart {unit}; if it hangs again, report it with `pump-companion doctor --bundle`"
        return wrong("service.running", f"the service {unit} hung, and systemd ended it (watchdog)", remedy)
    if active == "failed" or (restarts and active == "activating"):
        return wrong("service.running", f"the service {unit} fails: {last}", "do what the last line says")
    if told.get("ConditionResult") == "no":
        what = f"the service {unit} is skipped: its configuration is not where it looks"
        return wrong("service.running", what, f"copy the configuration there, then sudo systemctl restart {unit}")
    if active in {"activating", "reloading"}:
        return unclear("service.running", f"the service {unit} is just starting", "look again in a minute")
    return wrong("service.running", f"the service {unit} does not run", f"sudo systemctl start {unit}")


def processes(case: Case) -> Iterator[Finding]:
    found = case.daemons
    if len(found) > 1:
        what = f"it runs {len(found)} times (processes {', '.join(map(str, found))})"
        yield wrong("service.once", what, "end the one that you started by hand; the service is enough")
    elif found:
        yield fine("service.once", "it runs once")
    else:
        yield unclear("service.once", "it does not run now")


def versions(case: Case) -> Iterator[Finding]:
    if sys.version_info[:2] < PYTHON:
        yield wrong("versions.python", platform.python_version(), "install Python 3.11 or newer")
    else:
        yield fine("versions.python", f"Python {platform.python_version()}")
    needed = [line for line in case.world.requirements() if "extra ==" not in line]
    if not needed:
        yield absent("versions.libraries", "it is installed without metadata: the system's packages see to that")
        return
    old = []
    for line in needed:
        found = REQUIREMENT.match(line)
        if found:
            has = case.world.installed(found[1])
            if has is None and "sys_platform" not in line:
                old.append(f"{found[1]} is missing")
            elif has is not None and numbers(has) < numbers(found[2]):
                old.append(f"{found[1]} is {has}, older than {found[2]}")
    if old:
        yield wrong("versions.libraries", ", ".join(old), "install it again: pipx reinstall pump-companion")
    else:
        yield fine("versions.libraries", f"all {len(needed)} libraries are new enough")


def numbers(version: str) -> tuple[int, ...]:
    """A version's numbers, as far as they can be compared."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
