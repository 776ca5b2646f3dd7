"""The real `setup` on a made-up Pi: mock pins, a recording display, one I2C address, what a test says of brokers.

Run as `python -m tests.support.setup_rig setup …`. It takes rig's lines, and `hold 5` (pressed for good), from the
pipe that PIPE names; NEARBY is a JSON list of `{"name", "host", "port", "tls"}`. LAPTOP, where it is set, takes the
header and the bus away.
"""

import json
import os
import sys
import threading

from gpiozero import Device
from gpiozero.pins.mock import MockFactory

import drivers.oled
from device.asking.nearby import NearbyBroker
from device.cli import main, setup, trying
from device.doctor.surroundings import Surroundings
from tests.support.rig import PANEL, obey

PIPE, NEARBY, LAPTOP, WAIT = "RIG_PIPE", "RIG_NEARBY", "RIG_LAPTOP", "RIG_WAIT_S"


class MadePi(Surroundings):
    def header(self) -> str:
        return "" if os.environ.get(LAPTOP) else "/dev/gpiochip0"

    def there(self, path: object) -> bool:
        return path == "/dev/i2c-1" and not os.environ.get(LAPTOP)

    def answering(self, bus: str) -> list[int]:
        return [0x3C]

    def names(self, pattern: str) -> list[str]:
        return [] if pattern.startswith("/dev") else super().names(pattern)

    def broker_here(self) -> bool:
        return False

    def nearby(self) -> tuple[NearbyBroker, ...]:
        return tuple(NearbyBroker(**broker) for broker in json.loads(os.environ.get(NEARBY, "[]")))


def listen() -> None:
    with open(os.environ[PIPE]) as lines:  # noqa: PTH123
        for line in lines:
            if line.startswith("hold "):  # stronger than the Pi's own resistor
                pin = Device.pin_factory.pin(int(line.split()[1]))
                pin._set_pull = lambda pull, pin=pin: setattr(pin, "_pull", pull)
                pin.drive_low()
            else:
                obey(line)


if __name__ == "__main__":
    vars(setup)["Surroundings"] = MadePi
    trying.WAIT_S = float(os.environ.get(WAIT, trying.WAIT_S))
    Device.pin_factory = MockFactory()
    drivers.oled.i2c_bus = lambda *_arguments, **_named: PANEL.open_bus
    if PIPE in os.environ:
        threading.Thread(target=listen, daemon=True).start()
    main(sys.argv[1:])
