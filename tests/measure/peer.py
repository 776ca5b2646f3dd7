"""mqtt-io beside us, in an environment of its own: the same mock pins, a pty as ours, the same broker.

Its figures depend on how it is told to look: at the pins (interrupts, or each at every tenth of a second, as it comes)
and at the port, which it reads at intervals alone. So it runs in several ways.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.measure.stage import LEFT, MIDDLE, MOTOR, RIGHT, Ear, Mosquitto, Process, Pump
from tests.support.household import ROOT, PumpPort

PEER = "mqtt-io==2.7.0"
NEEDS = (PEER, "gpiozero", "pyserial")
PLACE = ROOT / ".venv-peer"


class Way(NamedTuple):
    words: str
    interrupts: bool
    read_every_s: float


WAYS = {
    "quickest": Way("mqtt-io, interrupts, its port each 10 ms", interrupts=True, read_every_s=0.01),
    "quietest": Way("mqtt-io, interrupts", interrupts=True, read_every_s=60),
    "as it comes": Way("mqtt-io as it comes", interrupts=False, read_every_s=60),
}
"""10 ms is the shortest that it takes between two looks at the port, a minute its default."""


@cache
def its_python() -> str | None:
    """The Python that has it, set up where it is not there yet; None where it can't be had, and that is said."""
    own, mark = PLACE / "bin" / "python", PLACE / f".prepared-{PEER}"
    if not mark.exists():
        print(f"setting {PEER} up in {PLACE.name}", file=sys.stderr)
        pip = (str(own), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDS)
        for command in ((sys.executable, "-m", "venv", str(PLACE)), pip):
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            if run.returncode:
                why = [line for line in run.stderr.splitlines() if "ERROR" in line] or [run.stderr.strip()]
                print(f"{PEER} can't be had, so its figures are missing: {why[-1]}", file=sys.stderr)
                return None
        mark.touch()
    return str(own)


def written(folder: Path, name: str, port: int, tty: Path, way: Way) -> Path:
    """Its configuration: our four inputs and the port. YAML takes JSON as it is."""
    looks = {"interrupt": "both"} if way.interrupts else {}
    pins = {"motor": MOTOR, "left": LEFT, "middle": MIDDLE, "right": RIGHT}
    file = folder / "config.yml"
    file.write_text(
        json.dumps({
            "mqtt": {"host": "127.0.0.1", "port": port, "topic_prefix": f"mqtt-io/{name}"},
            "options": {"install_requirements": False},
            "gpio_modules": [{"name": "pins", "module": "gpiozero"}],
            "digital_inputs": [{"name": pin, "module": "pins", "pin": line, **looks} for pin, line in pins.items()],
            "stream_modules": [
                {"name": "pump", "module": "serial", "device": str(tty), "baud": 115200, "read": True,
                 "read_interval": way.read_every_s}
            ],
        })
    )  # fmt: skip
    return file


@contextmanager
def mqtt_io(folder: Path, broker: Mosquitto, name: str, python: str) -> Iterator[Pump]:
    """It as a process like ours; ready once its first message is heard."""
    place = folder / f"mqtt-io {name}"
    place.mkdir(exist_ok=True)
    prefix = f"mqtt-io/{name}"
    with ExitStack() as stack:
        port = PumpPort(place)
        stack.callback((place / "tty").unlink)
        stack.callback(port.close)
        ear = Ear(broker.port, f"{prefix}/status")
        stack.callback(ear.close)
        device = Process(
            place, "mqtt-io", "tests.measure.rig", "mqtt_io",
            str(written(place, name, broker.port, port.path, WAYS[name])),
            python=python, is_ready=lambda: ear.until(f"{prefix}/status", lambda heard: heard.payload == b"running"),
        )  # fmt: skip
        stack.callback(device.end)
        yield Pump(device, port, prefix, place)


@contextmanager
def peers(folder: Path, broker: Mosquitto, *names: str) -> Iterator[dict[str, Pump]]:
    """It in these ways, by name; none where it can't be had."""
    python = its_python()
    with ExitStack() as stack:
        yield {name: stack.enter_context(mqtt_io(folder, broker, name, python)) for name in names if python}
