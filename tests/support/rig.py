"""The real command line with its wires in a test's hand: mock pins and a recording display, driven over stdin.

Run as `python -m tests.support.rig run --config FILE`. It takes lines: `high 17`, `low 17` (pins), `press 5`
(a finger's), `unplug`, `plug` (display); and answers `picture` with the panel's picture as hex, in a line of its own
on stdout.
"""

import os
import sys
import threading
import time

from gpiozero import Device
from gpiozero.pins.mock import MockFactory

import drivers.clock
import drivers.oled
from device.cli import main
from drivers.virtual.panel import VirtualPanel

PANEL = VirtualPanel()
UNSET_CLOCK = "RIG_UNSET_CLOCK"
"""Where this stands in the environment, nobody has set the system's clock."""
TAP_S = 0.06
"""A finger: longer than the debouncing of 20 ms."""


def obey(line: str) -> None:
    match line.split():
        case ["high", pin]:
            Device.pin_factory.pin(int(pin)).drive_high()
        case ["low", pin]:
            Device.pin_factory.pin(int(pin)).drive_low()
        case ["press", pin]:
            # here, where it lasts as long as it should also on a machine that is busy
            Device.pin_factory.pin(int(pin)).drive_low()
            time.sleep(TAP_S)
            Device.pin_factory.pin(int(pin)).drive_high()
        case ["pause"]:
            time.sleep(TAP_S)
        case ["unplug"]:
            PANEL.unplug()
        case ["plug"]:
            PANEL.plug()
        case ["picture"]:
            sys.stdout.write(PANEL.picture().tobytes().hex() + "\n")
            sys.stdout.flush()


def listen() -> None:
    for line in sys.stdin:
        obey(line)


if __name__ == "__main__":
    Device.pin_factory = MockFactory()
    drivers.clock.SystemClock.synced = lambda _clock: not os.environ.get(UNSET_CLOCK)  # type: ignore[method-assign, assignment]
    drivers.oled.i2c_bus = lambda *_arguments, **_named: PANEL.open_bus
    threading.Thread(target=listen, daemon=True).start()
    main()
