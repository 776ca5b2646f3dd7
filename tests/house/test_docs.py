"""What the papers say is so: every example is held against schema and parser, every mosquitto line is run as it stands.

Examples are the fenced blocks of README.md and docs/; a block's info string says what it is (`json reply`).
"""

import json
import os
import queue
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import xor
from pathlib import Path
from typing import NamedTuple

import pytest

from device.core.model.events import LineRejected, PumpSaid, Verb
from device.core.model.record import Cause, Context, Intention, Purpose, Reason
from device.core.rules.guidance import LABELS
from device.mqtt.replies import may_answer_on
from device.settings.loading import load
from device.wire.commands import COMMANDS, Refusal, parse_command
from device.wire.payloads import House
from drivers.pump_link import KEYS, RANGES, LineParser
from tests.support.household import Device, PumpPort, Wire, write_config
from tests.support.page_world import Mosquitto
from tests.support.wire import PLAIN, SCHEMAS, TOPICS, validate

ROOT = Path(__file__).parents[2]
PAPERS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
WAIT_S = 60.0


class Block(NamedTuple):
    paper: str
    line: int
    kind: str
    text: str


def blocks(paper: Path) -> Iterator[Block]:
    fence = re.compile(r"^( *)```(.*?)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
    text = paper.read_text()
    for found in fence.finditer(text):
        indent, kind, body = found.groups()
        lines = "\n".join(line.removeprefix(indent) for line in body.splitlines())
        yield Block(paper.name, text.count("\n", 0, found.start()) + 1, kind.strip(), lines)


def blocks_of(paper: str, kind: str) -> list[Block]:
    return [block for block in ALL if (block.paper, block.kind) == (paper, kind)]


def rows(paper: str, *head: str) -> list[list[str]]:
    """The cells of the table with these first heads, without their code marks."""
    lines = (ROOT / "docs" / paper).read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| " + " | ".join(head)))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


ALL = [block for paper in PAPERS for block in blocks(paper)]
JSON = [block for block in ALL if block.kind.startswith("json ")]
CODE = re.compile(r"`([^`]+)`")


def where(block: Block) -> str:
    return f"{block.paper}:{block.line}"


# -- MQTT ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", JSON, ids=where)
def test_an_example_keeps_to_its_schema(block: Block) -> None:
    schema = block.kind.removeprefix("json ")
    value = validate(schema, block.text.encode())
    if schema == "command":
        assert not isinstance(parse_command(block.text.encode(), retained=False), Refusal)
    else:
        assert value["device"] == "pump"


def test_every_topic_has_an_example_and_a_row() -> None:
    assert {block.kind.removeprefix("json ") for block in JSON} == set(TOPICS.values())
    assert {row[0].strip("`") for row in rows("mqtt.md", "topic")} == {*TOPICS, *PLAIN}


def test_every_command_has_an_example_and_a_row_with_its_fields() -> None:
    shown = {json.loads(block.text)["command"] for block in JSON if block.kind == "json command"}
    assert shown == set(COMMANDS)
    told = {row[0].strip("`"): {name.strip("?") for name in CODE.findall(row[1])} for row in rows("mqtt.md", "command")}
    assert set(told) == set(COMMANDS)
    for name, shape in COMMANDS.items():
        assert set(shape.fields) <= told[name], name


def test_every_code_of_a_refusal_is_told() -> None:
    schema = json.loads((SCHEMAS / "reply.schema.json").read_text())
    assert [row[0].strip("`") for row in rows("mqtt.md", "code")] == schema["else"]["properties"]["code"]["enum"]


def test_every_cause_of_a_revision_is_told() -> None:
    text = (ROOT / "docs" / "mqtt.md").read_text()
    for cause in Cause:
        assert f"`{cause}`" in text


# -- every mosquitto line, run ---------------------------------------------------------------------------------------


def commands() -> list[tuple[str, str]]:
    """Paper:line and the shell line, of every line that begins with mosquitto's clients, in the order of the papers."""
    tools = ("mosquitto_sub ", "mosquitto_pub ", "mosquitto_rr ")
    return [
        (f"{block.paper}:{block.line + number}", line)
        for block in ALL
        if block.kind in {"sh", "bash", "console", ""}
        for number, line in enumerate(block.text.splitlines(), 1)
        if line.startswith(tools)
    ]


SHIM = """#!{python}
import os, sys
given, kept = sys.argv[1:], []
while given:
    one = given.pop(0)
    if one in ("-h", "--host", "-p", "--port", "-u", "-P", "--cafile"):
        given.pop(0)
    else:
        kept.append(one)
os.execv("/usr/bin/{tool}", ["{tool}", "-h", "127.0.0.1", "-p", "{port}", *kept])
"""
"""The real client with the test's broker in place of the reader's."""


class Terminal:
    """A shell in which the reader's host is the test's broker."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        for tool in ("mosquitto_sub", "mosquitto_pub", "mosquitto_rr"):
            file = self.folder / tool
            file.write_text(SHIM.format(python=sys.executable, tool=tool, port=port))
            file.chmod(0o755)

    def run(self, line: str) -> subprocess.Popen[str]:
        path = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {line}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",  # a mirrored screen is a PNG
            env=os.environ | path,
        )


class Home(NamedTuple):
    wire: Wire
    terminal: Terminal


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A running household with a session in its record."""
    folder = tmp_path_factory.mktemp("docs")
    broker, pump = Mosquitto(folder), PumpPort(folder)
    wire = Wire(broker.port)
    device = Device(write_config(folder, broker.port, pump.path, "mirror_screen = true"), {"TZ": "Europe/Vienna"})
    device.start()
    try:
        wire.on("availability", lambda text: text == "online", WAIT_S)
        added = wire.ask("add", started_at="2026-01-02T03:04:05Z", duration_s=900)
        assert added["ok"] is True
        yield Home(wire, Terminal(folder, broker.port))
    finally:
        device.end()
        wire.close()
        pump.close()
        broker.stop()


@contextmanager
def something_happens(wire: Wire) -> Iterator[None]:
    """Sessions begin and end and nursings come, for a subscriber of what is not retained."""
    stop = threading.Event()

    def live() -> None:
        while not stop.wait(0.5):
            for command in ({"command": "start"}, {"command": "stop"}, {"command": "nursing", "effective": True}):
                wire.say({**command})

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def first_line(process: subprocess.Popen[str]) -> str:
    """The first line that a subscriber prints; "" where it ended without any."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]
    return lines.get(timeout=WAIT_S)


@pytest.mark.parametrize(("place", "line"), commands(), ids=[place for place, _ in commands()])
def test_a_line_of_the_papers_works_as_it_stands(home: Home, place: str, line: str) -> None:
    if line.startswith("mosquitto_pub"):
        published(home, line)
        return
    process = home.terminal.run(line)
    try:
        with something_happens(home.wire):
            said = first_line(process)
        assert said.strip(), f"{place} said nothing"
        assert not said.startswith(("Error", "Connection")), said
        words = shlex.split(line, comments=True)
        topic = words[words.index("-e" if words[0] == "mosquitto_rr" else "-t") + 1].rpartition("/")[2]
        if said.startswith("{") and topic in TOPICS:
            validate(TOPICS[topic], said.encode())
    finally:
        process.kill()  # asked to end while it ends by itself, it may wait for itself for ever
        process.communicate(timeout=WAIT_S)


def published(home: Home, line: str) -> None:
    """A command is answered with a good reply; where it belongs to a running session one runs."""
    words = shlex.split(line, comments=True)
    command = json.loads(words[words.index("-m") + 1])
    assert words[words.index("-t") + 1] == "pump-companion/pump/command"
    phase = "pumping" if command["command"] == "stop" else "idle" if command["command"] == "start" else None
    if phase == "idle":
        home.wire.ask("stop")
    elif phase == "pumping":
        home.wire.ask("start")
    home.wire.clear()
    process = home.terminal.run(line)
    said, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, said
    reply = home.wire.on("reply", lambda payload: payload["request"] == command.get("request"))
    assert reply["ok"] is True, reply


OWN = [f"pump-companion/pump/{name}" for name in ("state", "session/last", "command", "availability")]


@pytest.mark.parametrize("topic", [*OWN, "homeassistant/device/pump-companion-pump/config"])
def test_a_reply_is_never_sent_as_what_the_device_says_elsewhere(home: Home, topic: str) -> None:
    home.wire.clear()
    home.wire.say({"command": "history", "limit": 1, "request": topic}, ResponseTopic=topic, CorrelationData=b"7")
    reply = home.wire.until(
        "the reply",
        lambda seen: next((message for message in seen if b'"ok":' in message.payload and message.correlation), None),
    )
    assert (reply.topic, reply.correlation, reply.value["request"]) == ("reply", b"7", topic)


@pytest.mark.parametrize("topic", ["kitchen/#", "+/kitchen", "$SYS/kitchen", "kit\0chen", "", None])
def test_a_reply_is_never_sent_to_what_is_no_topic(topic: str | None) -> None:
    """Asked directly: a newer mosquitto hangs up on whoever names such a topic, and the client tries for ever."""
    assert not may_answer_on(topic, House("pump"), ())
    assert may_answer_on("kitchen/reply", House("pump"), ())


def test_there_are_lines_to_run_in_the_readme_and_the_topics_paper() -> None:
    assert {place.partition(":")[0] for place, _ in commands()} >= {"README.md", "mqtt.md"}


# -- the serial line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", "\n".join(block.text for block in blocks_of("serial.md", "text pump")).splitlines())
def test_a_line_of_the_serial_paper_is_taken(line: str) -> None:
    said = LineParser().feed(f"{line}\r\n".encode(), 0.0)
    assert [type(event) for event in said] == [PumpSaid]
    assert line.split()[1].partition("*")[0] == said[0].verb.value  # type: ignore[union-attr]


@pytest.mark.parametrize("row", rows("serial.md", "line", "why"), ids=lambda row: row[0])
def test_a_line_that_the_serial_paper_rejects_is_rejected_and_counted_as_it_says(row: list[str]) -> None:
    line, _, name = row
    said = LineParser().feed(f"{line.strip('`')}\n".encode(), 0.0)
    assert said == [LineRejected(0.0, name.strip("`"))]


def test_the_serial_papers_patterns_take_the_lines_below_them(tmp_path: Path) -> None:
    (block,) = blocks_of("serial.md", "toml")
    patterns = tomllib.loads(block.text)["serial"]["patterns"]
    (lines,) = blocks_of("serial.md", "text pattern")
    parser = LineParser(patterns)
    verbs = [said.verb for line in lines.text.splitlines() for said in parser.feed(f"{line}\n".encode(), 0.0)]  # type: ignore[union-attr]
    assert verbs == [Verb.START, Verb.RUN, Verb.PAUSE, Verb.START, Verb.STOP, Verb.VOLUME, Verb.STOP]
    assert set(patterns) == {verb.value for verb in verbs}


def test_the_checksum_worked_by_hand_is_right() -> None:
    line, so_far = b"PUMP START", 0
    steps = rows("serial.md", "byte", "hex")
    assert len(steps) == len(line)
    for byte, (shown, value, result) in zip(line, steps, strict=True):
        so_far ^= byte
        assert shown.strip("`").replace("space", " ") == chr(byte)
        assert (int(value, 16), int(result, 16)) == (byte, so_far)
    assert so_far == reduce(xor, line)


def test_the_serial_paper_tells_every_verb_key_and_range() -> None:
    assert [row[0].strip("`") for row in rows("serial.md", "verb")] == [verb.value for verb in KEYS]
    for verb, row in zip(KEYS, rows("serial.md", "verb"), strict=True):
        assert tuple(CODE.findall(row[1])) == KEYS[verb]
    assert {row[0].strip("`"): (int(row[2]), int(row[3])) for row in rows("serial.md", "key")} == RANGES


# -- guidance, configuration, links ----------------------------------------------------------------------------------


def test_the_guidance_paper_tells_every_reason_context_and_label() -> None:
    text = (ROOT / "docs" / "guidance.md").read_text()
    for word in (*Reason, *Context, "unknown"):
        assert f"`{word}`" in text, word
    assert {row[0] for row in rows("guidance.md", "purpose")} == set(Purpose)
    assert {word for word in Intention if word in text} >= {Intention.FEED, Intention.FRIDGE, Intention.FREEZER}


def test_the_outlooks_labels_are_told_as_they_are_given() -> None:
    told = {}
    for row in rows("guidance.md", "now", "coming"):
        for now in row[0].split(" or "):
            told[now, row[1]] = CODE.findall(row[2])[0]
    assert told == {(now, coming): str(label) for (now, coming), label in LABELS.items()}


@pytest.mark.parametrize("block", [block for block in ALL if block.kind == "toml"], ids=where)
def test_a_configuration_in_the_papers_is_right_but_for_the_readers_own_files(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(block.text)
    (tmp_path / "mqtt-password").touch(mode=0o600)
    (tmp_path / "mqtt-password").write_text("milk and honey")
    _, faults = load(file, {})
    assert [fault for fault in faults if not fault.warning and not fault.key.endswith("_file")] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_link_to_a_file_or_a_heading_leads_somewhere(paper: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", paper.read_text()):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        file = (paper.parent / name) if name else paper
        assert file.exists(), f"{paper.name}: {target}"
        if heading:
            heads = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^a-z0-9 _-]", "", head.lower()).replace(" ", "-") for head in heads]
            assert heading in slugs, f"{paper.name}: {target}"
