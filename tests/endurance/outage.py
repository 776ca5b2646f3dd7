"""A year without a broker, and then it is there: all of it arrives, in order and in full, a page at a time."""

import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

from device.core.model.record import Session
from device.store.records import Store
from device.wire import payloads
from tests.endurance.dashboard import HOLDS_BACK_NONE, Dashboard
from tests.support.household import Device, PumpPort, write_config
from tests.support.kept import DAY, NOW, session
from tests.support.page_world import Mosquitto

A_DAY = 16
"""Sessions and their changes, as a parent who pumps eight times makes them."""
MORE_MIB = 4.0
"""What draining may cost above the same record with nothing waiting, at its highest."""
WAIT_S = 600.0


def year(count: int, _seed: int) -> list[str]:
    """`count` records wait; a dashboard hears each once and as it is kept, and then memory is compared."""
    records = [session(number, NOW - (count - number) * DAY // A_DAY) for number in range(1, count + 1)]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        broker = Mosquitto(folder, lines=HOLDS_BACK_NONE)
        stack.callback(broker.stop)
        pump = PumpPort(folder)
        stack.callback(pump.close)
        with closing(Store.open(folder / "pump.db")) as store, store.transaction():
            for one in records:
                store.save([one], None)
        device = Device(write_config(folder, broker.port, pump.path), {"TZ": "Etc/UTC"})
        draining_mib = lived(device, broker.port, records)
        resting_mib = lived(device, broker.port, [])
    assert draining_mib <= resting_mib + MORE_MIB, f"{draining_mib:.1f} MiB while draining, {resting_mib:.1f} at rest"
    return [f"{count:,} records in order, memory at most {draining_mib:.1f} MiB ({resting_mib:.1f} with none waiting)"]


def lived(device: Device, port: int, waiting: list[Session]) -> float:
    """A start with these records in the outbox; the most memory that it ever had, in MiB, once they have arrived."""
    dashboard = Dashboard(port, "session", "diagnostics")
    device.start()
    assert device.process is not None
    try:
        dashboard.until("the empty outbox", lambda heard: any(is_drained(*one) for one in heard[-9:]), WAIT_S)
        most = highest_mib(device.process.pid)
    finally:
        status, said = device.end()
        dashboard.close()
    assert status == 0, said
    assert "Traceback" not in said, said
    told = [payload for topic, payload in dashboard.heard if topic == "session"]
    assert told == [bytes(payloads.encode(payloads.record_payload(one, "pump"))) for one in waiting]
    return most


def is_drained(topic: str, payload: bytes) -> bool:
    return topic == "diagnostics" and b'"outbox":0,' in payload


def highest_mib(pid: int) -> float:
    """The most memory that a process had in RAM since its start."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024
