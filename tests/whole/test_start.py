"""What the daemon knows of its parts before a dashboard hears of it: `diagnostics` are told once a minute at most."""

import threading
from pathlib import Path
from typing import Any

import pytest

from device.core import outward
from device.core.model.live import Panel
from device.daemon import Daemon
from device.loop import Loop
from device.settings.loading import load
from drivers.clock import SystemClock
from drivers.oled import Oled


class ThereAtOnce:
    """A broker that answers before anybody else had a turn; nothing is said to it, for the device then ends."""

    connected = False

    def __init__(self, *_parts: object, loop: Loop, **_named: object) -> None:
        self._loop = loop

    def start(self) -> None:
        self._loop.call(self._loop.stop)

    def publish(self, *_message: object, **_named: object) -> None:
        """Not told: the end."""

    def stop(self, _deadline_s: float) -> None:
        """Nothing waits."""


def test_a_panel_that_does_not_answer_is_known_before_a_dashboard_could_hear_that_it_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited_for, answered = threading.Event(), Oled.answered

    def patiently(oled: Oled) -> bool:
        waited_for.set()
        return answered(oled, 20)

    def no_bus() -> Any:
        waited_for.wait(20)
        raise OSError(121, "Remote I/O error")

    monkeypatch.setattr(Oled, "answered", patiently)
    file = tmp_path / "config.toml"
    file.write_text(f'[display]\ndriver = "ssd1306"\n[mqtt]\nport = 1\n[store]\npath = "{tmp_path / "pump.db"}"\n')
    config, faults = load(file, {}, watching=True)
    assert config is not None, faults
    parts: dict[str, Any] = {"open_bus": no_bus, "broker": ThereAtOnce}
    daemon = Daemon(config, SystemClock(), timezone=lambda: "UTC", environment={}, **parts)
    assert daemon.live() == 0
    assert outward.diagnostics(daemon.state, daemon.clock.now()).display is Panel.FAILED
