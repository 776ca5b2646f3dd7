"""What the record costs: bytes a session and a day make the disk write, and the outbox's way to a broker.

Bytes are what the kernel was made to write (/proc/PID/io), the floor's by one append and fdatasync a change.
"""

import os
import time
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from device.core.model.effects import Checkpoint, KeepBaseline, Save
from device.store.records import Store
from device.wire import payloads
from tests.measure.stage import Ear, Mosquitto, floor, pump, written
from tests.support.drive import Device
from tests.support.kept import DAY, NOW, SITTING_S, a_life, session

LIVES = 40
"""Sessions of 20 minutes with three answers, a volume and where they stand every 30 s: the log is tidied twice."""
TIDY = 200
RECORDS = 6_000
"""A year of them."""


def bytes_a_session(folder: Path) -> dict[str, float]:
    """KiB a session's whole life, the log's moves into the file included; and what its bytes alone would."""
    lives = [list(a_life(number, NOW + number * 20 * SITTING_S)) for number in range(1, LIVES + 1)]
    base, commits = written(os.getpid()), 0
    with closing(Store.open(folder / "lives.db")) as store:
        for one, standing in (change for life in lives for change in life):
            if one is not None:
                store.save([one], standing)
                store.acknowledged([seq for seq, _ in store.outbox_head(9)])
            elif standing is not None:
                store.checkpoint(standing)
            commits += 1 + (one is not None)
            if commits >= TIDY:
                store.tidy()
                commits = 0
    ours, base = written(os.getpid()) - base, written(os.getpid())
    with (folder / "floor.log").open("ab", buffering=0) as file:
        for one, standing in (change for life in lives for change in life):
            file.write(msgspec.json.encode(one or standing))
            os.fdatasync(file)
    alone = written(os.getpid()) - base
    return {"kib": ours / LIVES / 1024, "floor_kib": alone / LIVES / 1024}


def writes_of_an_idle_day() -> int:
    """How often the core asks the store for anything in 24 hours without a session, hours after one."""
    device = Device()
    device.pumped(15 * 60)
    device.wait(DAY)
    with device.seen() as asked:
        device.wait(DAY)
    return sum(isinstance(one, Save | Checkpoint | KeepBaseline) for one in asked)


def drains(folder: Path, broker: Mosquitto, runs: int) -> dict[str, list[float]]:
    """Seconds from online to the empty outbox after a year without a broker; the same messages by paho alone."""
    ours, floors = [], []
    size = len(payloads.encode(payloads.record_payload(session(RECORDS, NOW), "drain")))
    with ExitStack() as stack:
        bare = floor(folder, broker)
        stack.callback(bare.end)
        for run in range(runs):
            place = folder / f"drain{run}"
            place.mkdir()
            with closing(Store.open(place / "pump.db")) as store, store.transaction():
                for number in range(1, RECORDS + 1):
                    store.save([session(number, NOW - (RECORDS - number) * DAY // 16)], None)
            ours.append(drained(folder, broker, f"drain{run}"))
            floors.append(float(bare.ask(f"drain {RECORDS} {size}")))
    return {"ours": ours, "floor": floors}


def drained(folder: Path, broker: Mosquitto, name: str) -> float:
    """Seconds from online to the outbox empty on the disk; nobody subscribes, as mosquitto drops what is too fast."""
    availability = f"pump-companion/{name}/availability"
    ear = Ear(broker.port, availability)
    try:
        with pump(folder, broker, name) as one:
            online = ear.until(availability, lambda heard: heard.payload == b"online").at
            with closing(Store.open(one.folder / "pump.db", read_only=True)) as store:
                while store.outbox_head(1, RECORDS - 1) and store.fact("acknowledged") != str(RECORDS):
                    time.sleep(0.005)
            return (time.monotonic_ns() - online) / 1e9
    finally:
        ear.close()
