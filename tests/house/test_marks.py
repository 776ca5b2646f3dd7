"""A test carries the mark of what it starts, told from what its code names, or may not start it."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.household import household
from tests.support.marks import needed, reached
from tests.support.page_browsers import Chromium
from tests.support.page_world import Mosquitto


def by_a_lambda() -> Callable[[], object]:
    return lambda: subprocess.run(["true"], check=True)


def nothing() -> str:
    return "a process, mosquitto, firefox-esr: words alone start nothing"


@pytest.mark.parametrize(
    ("code", "marks"),
    [
        (nothing, set()),
        (by_a_lambda, {"process"}),
        (Mosquitto, {"process", "broker"}),
        (household, {"process", "broker"}),
        (Chromium, {"browser"}),
    ],
)
def test_what_a_test_starts_is_told_from_what_its_code_names(code: object, marks: set[str]) -> None:
    assert reached(code) == marks


def test_a_test_without_the_mark_of_what_it_starts_is_refused() -> None:
    hidden: Any = sys.modules["subprocess"]
    with pytest.raises(RuntimeError, match="gave it no mark `process`"):
        hidden.run(["true"])


@pytest.mark.parametrize(
    ("program", "mark"),
    [("/usr/sbin/mosquitto", "broker"), ("/usr/bin/chromedriver", "browser"), (sys.executable, "process")],
)
def test_a_broker_and_a_browser_need_a_mark_of_their_own(program: str, mark: str) -> None:
    assert needed("subprocess.Popen", (program, [program], None, None)) == mark


def test_tests_of_one_group_are_known_as_such_to_their_worker(request: pytest.FixtureRequest) -> None:
    in_a_worker = "PYTEST_XDIST_WORKER" in os.environ
    assert request.node.nodeid.endswith("@tests/house/test_marks.py") == in_a_worker
