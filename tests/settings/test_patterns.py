"""Other pumps' patterns: what could hang the loop is refused before it does, and nothing else is."""

import re
import threading
from pathlib import Path

import pytest

from device.settings import patterns
from device.settings.loading import load

DOCS = Path(__file__).parents[2] / "docs" / "serial.md"


def refused(folder: Path, *texts: str) -> list[str]:
    """The faults of a configuration with these patterns for STOP."""
    file = folder / "config.toml"
    file.write_text(
        "[serial]\nport = 'x'\n[serial.patterns]\nSTOP = [" + ", ".join(f"'''{one}'''" for one in texts) + "]\n"
    )
    return [str(fault) for fault in load(file, {})[1]]


NESTED = [
    r"^((\w+)\s*)+ off$",
    r"(a*)*b",
    r"(?:x+y*?)+",
    r"(?:(?:ab){2,})*",
    r"(?P<ml>\d+,?)+",
    r"(?:z(?=a+))*",
    r"((a|b*)c)*?",
]
SLOW = [
    r"^(a|a)*$",
    r"^(a|aa)+$",
    r"^motor (a|a)+$",
    r"^(?:x?){40}x{40}$",
    r".*.*.*.*.*=x",
    r"^(\d{1,9}){1,20}$",
    r"^(?:\d\d?)+x",
    r"^([^=]|[^;])*=;$",
    r"^pump (?P<model>(?:[A-Z]|Q)(?:Q|[A-Z]-?){30,}) off$",
    r"(?:ü|ü.?){9,99}!",
]
GOOD = [
    r"^off (?P<t>\d+)$",
    r"^(?P<cpm>\d+) cpm, (?P<vac>\d+) mmHg$",
    r"^scale (?P<ml>\d+(?:\.\d+)?) g$",
    r"off",
    r"^\s*\[\w+\]\s+motor\s*=\s*(?:off|0)\s*$",
    r"^.*off.*$",
    r"(?i)^Motor[ ]OFF",
    r"^(?:[0-9A-F]{2} ){7}[0-9A-F]{2}$",
    r"\+\+\+|ATH",
    r"(?<!not )off(?! yet)",
]


@pytest.mark.parametrize("text", NESTED)
def test_an_endless_repeat_inside_another_is_a_fault(text: str, tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, text)
    assert "serial.patterns.STOP: " in fault
    assert "endless repeat inside another" in fault


@pytest.mark.parametrize("text", SLOW)
def test_a_pattern_that_takes_long_for_a_hostile_line_is_a_fault(text: str, tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, "^fine$", text)
    assert "more than 20 ms for a line such as" in fault


def test_what_people_write_is_taken(tmp_path: Path) -> None:
    assert [fault for fault in refused(tmp_path, *GOOD) if "warning" not in fault] == []


def test_a_hostile_line_is_one_that_the_port_could_bring() -> None:
    slow = patterns.slow_line(re.compile(r"^(a|aa)+$"))
    assert slow is not None
    assert len(slow) <= 128
    assert "\n" not in slow


def test_another_thread_is_answered_too() -> None:
    found: list[str | None] = []
    thread = threading.Thread(target=lambda: found.append(patterns.slow_line(re.compile(r"^a+b"))))
    thread.start()
    thread.join()
    assert found == [None]


def test_the_docs_list_the_hostile_lines() -> None:
    listed = re.search(r"<!-- hostile -->\n(.*?)<!-- end of hostile -->", DOCS.read_text(), re.DOTALL)
    assert listed is not None
    words = re.findall(r"`([^`]+)`", listed[1])
    assert [word.encode().decode("unicode_escape") for word in words] == [*patterns.PIECES]
