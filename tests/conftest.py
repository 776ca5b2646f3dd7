"""Ctrl-C works in the processes that tests start, also where the tests run in a shell's background.

There SIGINT is ignored from the start, and who is started inherits that. And the clock counts as set, whatever the
machine says of it on which the tests run; `tests/support/rig.py` says the same in a process.
"""

import signal

import pytest

import drivers.clock

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers.clock, "kernel_says_synced", lambda: True)
