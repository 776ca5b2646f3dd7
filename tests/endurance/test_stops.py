"""A stop keeps what happened and says that it is gone, and a loop that is stuck starves the watchdog.

The long round is `scripts/endure --stops 60`.
"""

import threading
from pathlib import Path

import pytest

from drivers import systemd
from tests.endurance import stops
from tests.store.test_daemon_store import a_daemon


def test_a_stop_in_a_session_keeps_it_and_says_offline_also_where_the_broker_is_frozen_or_gone() -> None:
    took = stops.stopped(len(stops.BY), 15)
    assert [len(seconds) for seconds in took.values()] == [1] * len(stops.BY)


def test_the_watchdog_is_fed_by_the_loop_itself_so_a_loop_that_is_stuck_starves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_s = 0.01
    monkeypatch.setenv("WATCHDOG_USEC", f"{2e6 * every_s:.0f}")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    fed: list[int] = []
    while_stuck: list[int] = []
    daemon = a_daemon(tmp_path)

    def feed() -> bool:
        fed.append(threading.get_ident())
        match len(fed):
            case 3:
                daemon.loop.call(stuck)
            case 6:
                daemon.loop.stop()
        return True

    def stuck() -> None:
        before = len(fed)
        threading.Event().wait(30 * every_s)
        while_stuck.append(len(fed) - before)

    monkeypatch.setattr(systemd, "alive", feed)
    daemon.run()
    assert while_stuck == [0]
    assert set(fed) == {threading.get_ident()}
