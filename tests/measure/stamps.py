"""When a STOP passes which of the daemon's functions: they are wrapped, in a rig that is told to, and nowhere else."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

STAMPS: list[tuple[str, int]] = []
"""Name and monotonic nanoseconds, in their order."""


def taken() -> str:
    """The stamps since the last time, `name:nanoseconds` each."""
    said = " ".join(f"{name}:{at}" for name, at in STAMPS)
    STAMPS.clear()
    return said


def around(owner: Any, method: str, *, before: str = "", after: str = "", only: str = "") -> None:
    """Stamp a function's beginning, its end, or both; `only` where its first argument is of that class."""
    inner: Callable[..., Any] = getattr(owner, method)

    @wraps(inner)
    def stamped(*given: Any, **named: Any) -> Any:
        counts = not only or type(given[1]).__name__ == only
        if before and counts:
            STAMPS.append((before, time.monotonic_ns()))
        try:
            return inner(*given, **named)
        finally:
            if after and counts:
                STAMPS.append((after, time.monotonic_ns()))

    setattr(owner, method, stamped)


def watch() -> None:
    """Wrap what a STOP passes, from the port's bytes to the socket's.

    Where another thread or process goes on from, the beginning is stamped: it may be done before the end is.
    """
    from device import core
    from device.daemon import Daemon
    from device.mqtt.publisher import Publisher
    from device.store.records import Store
    from device.store.worker import StoreWorker
    from drivers.broker import Broker
    from drivers.pump_link import PumpLink

    around(PumpLink, "_readable", before="readable")
    around(Daemon, "_step", before="taken", only="PumpSaid")
    around(core, "step", after="stepped", only="PumpSaid")
    around(Daemon, "_show", after="shown")
    around(StoreWorker, "offer", before="offered", only="Save")
    around(StoreWorker, "_write", before="woken")
    around(Store, "save", after="written")
    around(StoreWorker, "_written", before="committed")
    around(Store, "outbox_head", after="read")
    around(Publisher, "outbox_read", before="handed_back")
    around(Broker, "publish", before="made")
