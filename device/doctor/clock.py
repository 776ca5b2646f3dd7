"""The clock: whether the system has set it, else what hinders it; and the timezone."""

from collections.abc import Iterator

from device.core.outward import DIAGNOSTICS_EVERY_S
from device.wire.values import FieldError, parse_instant
from drivers.clock import system_zone, unknown_zone

from .case import Case
from .finding import Finding, fine, quote, unclear, wrong

SERVICES = ("systemd-timesyncd", "chrony", "chronyd", "ntpsec", "ntp")


def look_at_clock(case: Case) -> Iterator[Finding]:
    yield clock_set(case)
    named = unknown_zone(case.world.environment)
    if named is not None:
        remedy = "write a name that `timedatectl list-timezones` has, or leave TZ out"
        yield wrong("clock.zone", f"TZ = {quote(named)} names no timezone of the database", remedy)
    else:
        yield fine("clock.zone", f"the system's timezone is {quote(system_zone(case.world.root))}")


def clock_set(case: Case) -> Finding:
    if case.world.synced():
        return fine("clock.set", "the system's clock is synchronised")
    if case.health.get("clock_by") == "person":
        return fine("clock.set", "a person told the device the time; the system's own clock is not synchronised")
    what, remedy = hindrance(case)
    remedy = f"{remedy}, or say the time by `pump-companion clock --now` from a machine that knows it"
    if just_spoken(case):
        what = f"{what}; if it was told the time a moment ago, the daemon has not said so yet"
        return unclear("clock.set", what, f"look again in a minute; where it stays so, {remedy}")
    return wrong("clock.set", what, remedy)


def just_spoken(case: Case) -> bool:
    """Whether the daemon spoke of its health so lately that it may not speak of a change yet (contract, *MQTT*)."""
    try:
        at = parse_instant(str(case.health.get("at")))
    except FieldError:
        return False
    return abs(case.world.wall() - at) <= DIAGNOSTICS_EVERY_S


def hindrance(case: Case) -> tuple[str, str]:
    """Why the system has not set its clock, and what to do."""
    if not online(case):
        return "the clock is not set: there is no network (no default route)", "connect it to the network"
    said = case.world.run("systemctl", "is-active", *SERVICES)
    if said is not None and "active" not in said.split():
        return "the clock is not set: no time service runs", "sudo timedatectl set-ntp true"
    status = case.world.run("timedatectl", "timesync-status") or ""
    if any(line.strip() == "Packet count: 0" for line in status.splitlines()):
        what = "the clock is not set: no time server answers (is NTP, UDP port 123, blocked?)"
        return what, "let UDP port 123 out at the router, or name its own time server"
    return "the clock is not set yet", "wait a few minutes and look again"


def online(case: Case) -> bool:
    """Whether a way leads out: a default route of IPv4 or IPv6 in the kernel's own tables (proc(5))."""
    fours = [line.split() for line in (case.world.text("/proc/net/route") or "").splitlines()[1:]]
    sixes = [line.split() for line in (case.world.text("/proc/net/ipv6_route") or "").splitlines()]
    by_four = any(len(words) > 7 and words[1] == "00000000" == words[7] for words in fours)
    return by_four or any(len(words) > 9 and words[1] == "00" and words[9] != "lo" for words in sixes)
