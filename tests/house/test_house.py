"""The house stays what docs/architecture.md says: who may import whom, what the core may know, how long things get."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from device import SPOKEN
from drivers.controllers import CONTROLLERS

ROOT = Path(__file__).parents[2]
ROOMS = ("device", "drivers")
LONGEST_FUNCTION, LONGEST_FILE = 70, 500
NAMED_TWICE = {"dues"}
"""Functions that may stand in more than one file: what time does to a finger, to a screen, and the list of both."""
SAY_NOTHING = {"foo", "it", "item", "obj", "one", "res", "ret", "thing", "tmp", "val"}
"""What no local is called: none of them says what it is."""

CORE = [
    "model.record",
    "model.events",
    "model.view",
    "model.live",
    "model.effects",
    "rules.sittings",
    "rules.records",
    "rules.guidance",
    "rules.figures",
    "rules.keeping",
    "rules.amounts",
    "pump.strokes",
    "pump.witnesses",
    "pump.detector",
    "state",
    "record.sittings",
    "record.revisions",
    "record.sessions",
    "record.memory",
    "record.corrections",
    "dialogue.flow",
    "dialogue.amounts",
    "dialogue.questions",
    "dialogue.records",
    "dialogue.running",
    "dialogue.idle",
    "outward",
    "pumping",
    "refusals",
    "commands",
    "record_file",
    "step",
    "restart",
]
"""The core from the bottom up: each may import only what stands before it; SPEAKS say it in `device.words`."""

SPEAKS = ("dialogue.", "record.sessions", "outward")
"""Who says something to people: screens and keys, the picture of them, and a session that begins, its because."""

PURE = {
    "functools",
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "hashlib",
    "itertools",
    "math",
    "operator",
    "typing",
    "zoneinfo",
    "msgspec",
}
"""What the core may import from elsewhere: nothing that has a clock, a thread, a file or a socket."""

OUTSIDE = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "open", "input", "print"}
"""What reads a clock or touches the outside without an import."""

LIBRARIES = {
    "drivers.broker": {"paho"},
    "drivers.buttons": set(),
    "drivers.clock": set(),
    "drivers.controllers": set(),
    "drivers.broker_address": set(),
    "drivers.gpiod_pins": {"gpiod", "gpiozero"},
    "drivers.paho_guard": {"paho"},
    "drivers.gpio_lines": {"gpiozero"},
    "drivers.motor": set(),
    "drivers.oled": {"luma", "PIL"},
    "drivers.pump_link": {"serial"},
    "drivers.machine": {"serial"},
    "drivers.runtime": set(),
    "drivers.serial_line": set(),
    "drivers.systemd": set(),
    "drivers.virtual.broker": set(),
    "drivers.virtual.broker_process": {"amqtt", "websockets"},
    "drivers.virtual.clock": set(),
    "drivers.virtual.panel": {"gpiozero", "luma", "PIL"},
    "drivers.virtual.pins": {"gpiozero"},
    "drivers.virtual.pump": {"gpiozero"},
}
"""Each driver's one library (the display's pictures are Pillow's, our pins are gpiozero's on libgpiod)."""

NO_DRIVERS = {
    "drivers.gpio_lines",
    "drivers.broker_address",
    "drivers.paho_guard",
    "drivers.clock",
    "drivers.controllers",
    "drivers.machine",
    "drivers.runtime",
    "drivers.serial_line",
    "drivers.virtual.broker_process",
}
"""How a broker is reached and read, what lines have in common, tables, protocols, the machine: no drivers."""

MAY: dict[str, set[str]] = {
    "device.core.model": set(),
    "device.core.rules": {"device.core.model"},
    "device.words": {"device.core.model"},
    "device.screens": {"device.core", "device.words"},
    "device.store": {"device.core", "device.wire", "device.settings", "drivers.machine", "drivers.runtime"},
    "device.wire": {"device.core"},
    "device.mqtt": {
        "device.core",
        "device.words",
        "device.wire",
        "device.store.requests",
        "drivers.broker",
        "drivers.broker_address",
        "drivers.runtime",
    },
    "device.settings": {"drivers.controllers", "drivers.serial_line"},
    "device.asking": {"device.core", "device.settings", "device.words"},
    "device.learning": {"device.core", "device.settings", "drivers.pump_link", "drivers.serial_line"},
    "device.loop": {"drivers.machine", "drivers.runtime"},
    "device.page": set(),
    "device.report": {"device.core", "device.words"},
}
"""Rooms that keep to themselves, and whom they may know."""

CAUGHT = {
    "BadLineError",
    "BadRowError",
    "BrokenRuleError",
    "FieldError",
    "FileError",
    "ImportRefusedError",
    "LineError",
    "NotNowError",
    "NothingEverHappensError",
    "Refused",
    "RowError",
    "UnreadableError",
    "WrongError",
    "_TooSlowError",
}
"""Exceptions that become part of another fault, an answer or a counter where they are caught: people see no others."""

NO_ROOM = {"utils", "util", "helpers", "common", "manager", "base", "misc"}


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the house by its name."""
    found = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text())
    return found


def is_package(module: str) -> bool:
    return (ROOT / Path(*module.split(".")) / "__init__.py").exists()


def imports(module: str) -> Iterator[str]:
    """What a module imports, anywhere in it, by whole names."""
    for node in ast.walk(sources()[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = module.split(".") if is_package(module) else module.split(".")[:-1]
            above = parents[: len(parents) - node.level + 1] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            inside = [f"{name}.{alias.name}" for alias in node.names]
            modules = [whole for whole in inside if whole in sources()]
            yield from modules or [name]


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_only_what_stands_below_and_what_is_pure(name: str) -> None:
    below = {f"device.core.{lower}" for lower in CORE[: CORE.index(name)]}
    for imported in imports(f"device.core.{name}"):
        speaks = name.startswith(SPEAKS) and within(imported, {"device.words"})
        assert imported in below or imported.split(".")[0] in PURE or speaks, f"{name} imports {imported}"


def test_every_file_of_the_core_has_its_place() -> None:
    assert {f"device.core.{name}" for name in CORE} == {
        module for module in sources() if within(module, {"device.core"}) and not is_package(module)
    }


@pytest.mark.parametrize("name", CORE)
def test_the_core_reads_no_clock_and_opens_nothing(name: str) -> None:
    for node in ast.walk(sources()[f"device.core.{name}"]):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in OUTSIDE, f"{name}, line {node.lineno}"


def test_a_driver_knows_events_records_and_its_one_library() -> None:
    drivers = {module for module in sources() if within(module, {"drivers"}) and not is_package(module)}
    assert drivers == set(LIBRARIES)
    for driver in drivers:
        for imported in imports(driver):
            top = imported.split(".")[0]
            ours = imported in {"device", "device.core.model.events", "device.core.model.record", *NO_DRIVERS}
            assert ours or top in LIBRARIES[driver] or top in sys.stdlib_module_names, f"{driver} imports {imported}"


def test_nothing_but_its_row_knows_one_display_controller_from_another() -> None:
    for module in set(sources()) - {"drivers.controllers"}:
        for node in ast.walk(sources()[module]):
            if isinstance(node, ast.Constant):
                assert node.value not in CONTROLLERS, f"{module}, line {node.lineno}"


@pytest.mark.parametrize("room", MAY)
def test_a_room_knows_only_whom_it_may(room: str) -> None:
    for module in (module for module in sources() if within(module, {room})):
        for imported in imports(module):
            if within(imported, set(ROOMS)) and imported != "device":
                assert within(imported, MAY[room] | {room}), f"{module} imports {imported}"


def test_every_fault_for_people_is_one_line_and_the_command_line_catches_it_in_one_place() -> None:
    of_their_own = set()
    for module in sources():
        for node in ast.walk(sources()[module]):
            bases = {ast.unparse(base) for base in node.bases} if isinstance(node, ast.ClassDef) else set()
            if isinstance(node, ast.ClassDef) and bases & {"Exception", "ValueError", "OSError", "RuntimeError"}:
                of_their_own.add(node.name)
            if isinstance(node, ast.ExceptHandler) and node.type is not None and within(module, {"device.cli"}):
                assert "OneLineError" not in ast.unparse(node.type) or module == "device.cli"
    assert of_their_own == CAUGHT | {"OneLineError"}


def test_nothing_but_the_command_line_knows_the_command_line() -> None:
    for module in sources():
        for imported in imports(module):
            known = within(module, {"device.cli", "device.__main__"})
            assert known or not within(imported, {"device.cli"}), f"{module} imports {imported}"


def test_no_two_files_import_each_other() -> None:
    graph = {
        module: {imported for imported in imports(module) if imported in sources()} - {module} for module in sources()
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' → '.join((*path, module))}"
        if module not in done:
            for imported in sorted(graph[module]):
                visit(imported, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def places(wanted: Callable[[ast.AST], bool]) -> set[tuple[str, str]]:
    """Modules where such a node stands, each with the function or class that it stands in."""
    return {
        (module, getattr(top, "name", ""))
        for module, tree in sources().items()
        for top in tree.body
        if any(wanted(node) for node in ast.walk(top))
    }


def test_whether_something_may_leave_the_house_is_asked_at_the_gate_alone() -> None:
    """Only the gate compares `mqtt.publish` with anything and makes bytes for the broker, which gets no others."""

    def compares(node: ast.AST) -> bool:
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        return any(isinstance(side, ast.Constant) and side.value in {"full", "summary"} for side in sides)

    def calls(name: str) -> Callable[[ast.AST], bool]:
        return lambda node: isinstance(node, ast.Call) and ast.unparse(node.func).endswith(name)

    assert {module for module, _ in places(compares) | places(calls("Passed"))} == {"device.wire.gate"}
    assert places(calls("broker.publish")) == {
        ("device.mqtt.publisher", "Publisher"),  # in `_send`, of what is `Passed`
        ("device.cli.at_broker", "tell_broker"),  # of what is `Announced`, whose payload is `Passed`
        ("device.cli.at_broker", "ask_daemon"),  # a command, as any dashboard sends it
        ("device.doctor.broker_call", "call_broker"),  # a reply to nobody, which is `Passed`: is it acknowledged?
    }


def test_a_class_or_function_is_named_once() -> None:
    found: dict[str, set[str]] = {}
    for module, tree in sources().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, set()).add(module)
    again = {name: modules for name, modules in found.items() if len(modules) > 1}
    assert set(again) <= NAMED_TWICE, again


def locals_of(tree: ast.AST) -> Iterator[tuple[str | None, int]]:
    """Every name that is bound in a function or a comprehension, or by a `match`, and its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.MatchAs(name=name):
                yield name, node.lineno


def test_a_local_is_named_for_what_it_is() -> None:
    for path in (path for room in (*ROOMS, "tests/house") for path in (ROOT / room).rglob("*.py")):
        for name, line in locals_of(ast.parse(path.read_text())):
            assert name not in SAY_NOTHING, f"{path.relative_to(ROOT)}, line {line}: {name}"


def test_no_room_is_called_after_nothing() -> None:
    assert not {module for module in sources() if set(module.split(".")) & NO_ROOM}


def test_version_loads_no_driver_no_broker_and_no_picture() -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "device", "version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in run.stderr.splitlines() if "|" in line}
    assert "click" in loaded
    assert not loaded & {"gpiozero", "gpiod", "luma", "paho", "PIL", "serial", "drivers", "amqtt"}


def python_files() -> list[Path]:
    return sorted(path for room in (*ROOMS, "tests", "scripts") for path in (ROOT / room).rglob("*.py"))


def test_files_are_short() -> None:
    """A language is one file, as long as its words are."""
    languages = {ROOT / "device" / "words" / f"{code}.py" for code in SPOKEN}
    ours = [path for path in python_files() if not path.is_relative_to(ROOT / "tests") and path not in languages]
    lines = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in ours}
    assert {str(path): count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_functions_fit_on_a_screen() -> None:
    long = []
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {length} lines")
    assert long == []
