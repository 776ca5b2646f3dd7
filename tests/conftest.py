"""What holds for every test: Ctrl-C, a clock that counts as set, its marks, and how many cases are made up.

Ctrl-C works in the processes that tests start, also where the tests run in a shell's background: there SIGINT is
ignored from the start, and who is started inherits that. And the clock counts as set, whatever the machine says of it
on which the tests run; `tests/support/rig.py` says the same in a process.
"""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

import drivers.clock
import tests.support.effort  # noqa: F401 # says how many cases Hypothesis makes up
from tests.support.marks import group_of, marks_of, needed, stay_together

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

running: list[pytest.Item] = []


@pytest.fixture(autouse=True)
def _clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers.clock, "kernel_says_synced", lambda: True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_a_worker = "PYTEST_XDIST_WORKER" in os.environ
    for item in items:
        for mark in marks_of(item):
            item.add_marker(mark)
        if group := group_of(item):
            item.add_marker(pytest.mark.xdist_group(group))
            if in_a_worker:
                stay_together(item, group)
    if in_a_worker:
        # what takes long first: the short ones fill up what is left at the end
        items.sort(key=lambda item: not marks_of(item))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    running[:] = [item]
    yield
    running.clear()


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    mark = needed(event, arguments) if running else None
    if mark and not running[0].get_closest_marker(mark):
        raise RuntimeError(
            f"{running[0].nodeid} starts {arguments}, and tests/support/marks.py gave it no mark `{mark}`"
        )


sys.addaudithook(_refuse)
