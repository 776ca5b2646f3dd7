"""The machine that this runs on: `drivers.runtime.Machine` by the operating system."""

import contextlib
import ctypes
import os
import random
import selectors
import shutil
import socket
import threading
import time
from pathlib import Path

from drivers.runtime import Call, SerialPort


class ThisMachine:
    def monotonic(self) -> float:
        return time.monotonic()

    def thread(self, name: str, run: Call) -> threading.Thread:
        return threading.Thread(target=run, name=name, daemon=True)

    def condition(self) -> threading.Condition:
        return threading.Condition()

    def selector(self) -> selectors.BaseSelector:
        return selectors.DefaultSelector()

    def open_serial(self, port: str, baud: int) -> SerialPort:
        """A path or URL of pyserial's, 8N1, ours alone."""
        import serial

        opened: SerialPort = serial.serial_for_url(port, baud, timeout=0, exclusive=True)
        return opened

    def entropy(self, size: int) -> bytes:
        return os.urandom(size)

    def uniform(self, least: float, most: float) -> float:
        """Chance on which no secret hangs."""
        return random.uniform(least, most)  # noqa: S311

    def address(self) -> str:
        """The address by which the home network reaches this device; nothing is sent to find it out."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))
            except OSError:
                return "none"
            return str(probe.getsockname()[0])

    def free_share(self, path: Path) -> float | None:
        """How much of the disk under `path` is free, 0 to 1; None where its folder went away."""
        try:
            usage = shutil.disk_usage(path.parent)
        except OSError:
            return None
        return usage.free / usage.total if usage.total else 0.0

    def give_back(self) -> None:
        """Let the system have what the start needed and has freed: half a MiB that glibc would keep."""
        with contextlib.suppress(AttributeError):  # other C libraries have no such call
            ctypes.CDLL(None).malloc_trim(0)


THIS_MACHINE = ThisMachine()
