"""`simulate`: a seed's trace and its verdict, and how to see a broken rule again."""

import json
import re

import pytest

from device.cli import main
from tests.simulation.planted import acknowledged_before_the_commit


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["simulate", *words])
    return int(end.value.code or 0), capsys.readouterr().out


def test_a_life_is_told_line_by_line_and_ends_with_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = called(capsys, "--seed", "3", "--days", "0.5")
    lines = told.splitlines()
    assert status == 0
    assert all(re.match(r"day +\d+ \d\d:\d\d:\d\d\.\d{3}  \S", line) for line in lines[:-1])
    assert re.fullmatch(r"seed 3: \d+ sessions, \d+ boots, all as it was \([0-9a-f]{16}\)", lines[-1])
    assert called(capsys, "--seed", "3", "--days", "0.5") == (0, told)


def test_several_lives_are_a_line_each_where_no_trace_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = called(capsys, "--seed", "3", "--days", "0.2", "--lives", "2", "--quiet")
    assert (status, [line[:7] for line in told.splitlines()]) == (0, ["seed 3:", "seed 4:"])


def test_a_broken_rule_is_said_with_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledged_before_the_commit(monkeypatch)
    status, told = called(capsys, "--seed", "1", "--days", "1", "--quiet")
    assert status == 1
    assert re.search(r"^seed 1: broken\n.*told before its commit\n.*simulate --seed 1 --days 1$", told, re.MULTILINE)
    assert re.match(r"day   0 00:00:00\.000  switched on", told), "the last of the trace comes before"


def test_its_facts_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = called(capsys, "--days", "0.2", "--json")
    facts = json.loads(told)
    assert (status, facts["seed"], facts["broken"]) == (0, 1, "")
    assert len(facts["digest"]) == 64


@pytest.mark.parametrize("words", [("--seed", "x"), ("--days", "0"), ("--days", "nan"), ("--lives", "0")])
def test_what_makes_no_life_is_asked_wrongly(capsys: pytest.CaptureFixture[str], words: tuple[str, str]) -> None:
    assert called(capsys, *words)[0] == 2
