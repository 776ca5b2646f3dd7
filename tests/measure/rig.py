"""The real command line on mock pins and a display bus that only counts, so that what is measured is the daemon.

Run as `python -m tests.measure.rig run --config FILE`; with `mqtt_io FILE` it is mqtt-io on the same pins, in a Python
that has it. It takes `low PIN`, `high PIN` (answered with the instant in nanoseconds), `wire SINCE` (the display's
transfers from that instant on, `instant:bytes` each), `chatter PIN` and `calm`, `thread` (its own number, so that it
is not taken for one of the daemon's) and, with STAGES in the environment, `stages` (tests/measure/stamps.py).
"""

import os
import runpy
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from tests.measure import stamps


class Wire:
    """What `smbus2.SMBus` is to luma's I2C: takes whole transfers and notes when, and how long they are on the wire."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []

    def write_i2c_block_data(self, _address: int, _mode: int, data: Iterable[int]) -> None:
        self.taken.append((time.monotonic_ns(), 2 + sum(1 for _ in data)))

    def i2c_rdwr(self, *messages: bytes) -> None:
        self.taken += [(time.monotonic_ns(), 1 + len(message)) for message in messages]

    def close(self) -> None:
        """Nothing to let go of."""


WIRE = Wire()


def open_bus() -> Any:
    from luma.core.interface.serial import i2c

    bus = i2c(bus=WIRE, address=0x3C)
    bus._managed = True
    bus._i2c_msg_write = lambda _address, data: bytes(data)
    return bus


CALM = threading.Event()


def chatter(pin: int) -> None:
    """Toggle a line as fast as its callbacks let us."""
    drive = Device.pin_factory.pin(pin)
    while not CALM.is_set():
        drive.drive_high()
        drive.drive_low()
        drive.clear_states()  # a mock pin keeps all that it ever was


def obey(line: str) -> str:
    match line.split():
        case ["low" | "high" as level, pin]:
            drive = Device.pin_factory.pin(int(pin))
            at = time.monotonic_ns()
            drive.drive_low() if level == "low" else drive.drive_high()
            return str(at)
        case ["wire", since]:
            taken = [one for one in WIRE.taken if one[0] >= int(since)]
            WIRE.taken.clear()
            return " ".join(f"{at}:{count}" for at, count in taken)
        case ["chatter", pin]:
            CALM.clear()
            threading.Thread(target=chatter, args=(int(pin),), daemon=True).start()
            return "chattering"
        case ["calm"]:
            CALM.set()
            return "calm"
        case ["stages"]:
            return stamps.taken()
        case ["thread"]:
            return str(threading.get_native_id())
    return "?"


def listen() -> None:
    for line in sys.stdin:
        sys.stdout.write(obey(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # as the kernel's own debouncing does it: an edge that is told of was stable already
    MockFactory.debounces = True
    Device.pin_factory = MockFactory()
    threading.Thread(target=listen, daemon=True).start()
    if sys.argv[1] == "mqtt_io":
        sys.argv.pop(0)
        runpy.run_module("mqtt_io", run_name="__main__", alter_sys=False)
    else:
        if "NO_DISPLAY" not in os.environ:  # without one, nothing of it is loaded
            import drivers.oled

            drivers.oled.i2c_bus = lambda *_arguments, **_named: open_bus
        if "STAGES" in os.environ:
            stamps.watch()
        if "CLOCK_SET" in os.environ:  # whatever this machine says of its own
            import drivers.clock

            drivers.clock.SystemClock.synced = lambda _clock: True  # type: ignore[method-assign, assignment]
        from device.cli import main

        main()
