"""What systemd is told: ready, alive, stopping, and a line for `systemctl status`.

The protocol is sd_notify(3)'s datagrams, so no library is needed; without NOTIFY_SOCKET every call does nothing.
"""

import os
import socket
from collections.abc import Mapping


def notify(*lines: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send lines such as `READY=1`; False where nobody listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto("\n".join(lines).encode(), "\0" + address[1:] if address[0] == "@" else address)
    except OSError:
        return False
    return True


def notify_ready(status: str = "") -> bool:
    return notify("READY=1", *_status(status))


def stopping(text: str = "") -> bool:
    return notify("STOPPING=1", *_status(text))


def alive() -> bool:
    """Feed the watchdog: call it from the loop itself, so that a stuck loop starves it."""
    return notify("WATCHDOG=1")


def watchdog_interval_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often to call `alive`: half of what systemd waits; None where it watches no one, or another process."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    waits_us = environment.get("WATCHDOG_USEC", "")
    return int(waits_us) / 2_000_000 if waits_us.isascii() and waits_us.isdigit() and int(waits_us) else None


def _status(text: str) -> tuple[str, ...]:
    return (f"STATUS={' '.join(text.split())}",) if text else ()
