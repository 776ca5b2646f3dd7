"""The daemon and its record's file: what a stop keeps, and that it watches whatever becomes of the file.

The real daemon and the real thread of the store, without a broker.
"""

import contextlib
import re
from pathlib import Path

from device.config import load
from device.core.events import GiveNursing, Order, Ordered
from device.daemon import STOP_S, STORE_STOP_S, Daemon
from device.store import Store
from drivers.clock import SystemClock

UNIT = Path(__file__).parent.parent / "systemd" / "pump-companion.service"


def a_daemon(folder: Path, store: Path | None = None) -> Daemon:
    file = folder / "config.toml"
    path = store or folder / "pump.db"
    file.write_text(f'[display]\ndriver = "none"\n[mqtt]\nport = 1\n[store]\npath = "{path}"\n')
    config, faults = load(file, {})
    assert config is not None, faults
    return Daemon(config, SystemClock(), timezone=lambda: "UTC", environment={})


def nurse(daemon: Daemon) -> None:
    command = GiveNursing(effective=True)
    daemon._step(Ordered(daemon.clock.now(), command, Order()))


def test_a_stop_writes_also_what_the_core_still_held(tmp_path: Path) -> None:
    daemon = a_daemon(tmp_path)
    for _ in range(40):  # no answer of the store is heard meanwhile, so most of them wait in the core
        nurse(daemon)
    assert not all(batch.sent for batch in daemon.state.unsaved)
    daemon.stop()
    with contextlib.closing(Store.open(tmp_path / "pump.db")) as store:
        assert [one.number for one in store.records()] == list(range(1, 41))


def test_a_stop_uses_the_time_that_systemd_grants_and_no_more() -> None:
    granted = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    assert granted is not None
    assert STORE_STOP_S >= 2 * 3  # a commit that runs and the last one, on a card of 3 s a sync
    assert float(granted[1]) > STORE_STOP_S + STOP_S
