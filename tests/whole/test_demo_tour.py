"""The README's tour of the topics, line by line, in a shell beside a running demo: its own broker, 3.1.1 and all."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.demo_process import Demo

README = (Path(__file__).parents[2] / "README.md").read_text()
LINES = re.findall(r"^(mosquitto_(?:sub|pub) .*?)(?: +# .*)?$", README, re.MULTILINE)
WAIT_S = 60


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("tour"))
    demo.sees("the broker", lambda state: state["broker"])
    yield demo
    demo.end()


def test_the_tour_has_lines_to_run() -> None:
    assert {line.split()[0] for line in LINES} == {"mosquitto_sub", "mosquitto_pub"}


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_tour_works_beside_the_demo(demo: Demo, line: str) -> None:
    found = re.search(r"^broker +127\.0\.0\.1:(\d+)", demo.told, re.MULTILINE)
    assert found, demo.told
    line = line.replace("-p 1883", f"-p {found[1]}")
    if line.startswith("mosquitto_pub"):
        said = heard(f"mosquitto_sub -p {found[1]} -t pump-companion/pump/reply", lambda: publish(line))
        assert said["ok"] is True
        return
    said = heard(line, lambda: demo.do(motor=not demo.state["motor"]))
    assert (said["schema"], said["device"]) == (1, "pump")
    wanted = "phase" if "/state" in line else "last_24h" if "/today" in line else "sitting"
    assert wanted in said


def publish(line: str) -> None:
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def heard(line: str, something: Callable[[], object]) -> Any:
    """The first message that a subscriber's line hears while something happens, again and again."""
    command = ["sh", "-c", f"exec {line} -C 1 -W {WAIT_S}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            something()
            with suppress(subprocess.TimeoutExpired):
                process.wait(4)
        assert process.stdout is not None
        return json.loads(process.stdout.read())
