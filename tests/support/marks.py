"""The marks of a test, told from its code: does it start a `process`, and is that a `broker` or a `browser`?

A test reaches what its functions and its fixtures name, and what that names in turn, as far as it is code of the tests.
"""

import inspect
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

PROGRAMS = {
    "/usr/sbin/mosquitto": "broker",
    "/usr/bin/chromedriver": "browser",
    "firefox-esr": "browser",
    "/usr/bin/WebKitWebDriver": "browser",
}
"""What is more than a process, by the name under which the tests start it."""


def marks_of(item: pytest.Item) -> frozenset[str]:
    """What this test starts; its fixtures' code counts as its own."""
    test: Any = item
    code = [test.obj, *(fixture.func for fixture in _fixtures(item))]
    return frozenset().union(*(reached(_plain(one)) for one in code))


def group_of(item: pytest.Item) -> str | None:
    """The tests that stay in one worker: of what is made or read once a module, and of a slow browser."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    if (engine := parameters.get("engine", "chromium")) != "chromium":
        return str(engine)
    module = item.nodeid.partition("::")[0]
    reads_all_code = module.startswith("tests/house/")
    return module if reads_all_code or any(one.scope == "module" for one in _fixtures(item)) else None


def stay_together(item: Any, group: str) -> None:
    """Say the group in the test's id, where pytest-xdist reads it; what that writes itself, pytest 9.2 no longer takes.

    That is pytest-xdist's issue 1386: without this, tests of one group are in any worker, and nothing says so.
    """
    if hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")


def needed(event: str, arguments: tuple[object, ...]) -> str | None:
    """The mark that a test must have for an audit event of Python's."""
    if event == "subprocess.Popen":
        return PROGRAMS.get(str(arguments[0]), "process")
    return "process" if event in {"os.fork", "os.forkpty", "os.posix_spawn"} else None


def _fixtures(item: pytest.Item) -> Iterator[Any]:
    test: Any = item
    for name in test.fixturenames:
        yield from test._fixtureinfo.name2fixturedefs.get(name, ())


@cache
def reached(root: object) -> frozenset[str]:
    """The marks of what this function or class of the tests may start."""
    seen: dict[int, object] = {}
    todo = {id(root): root}
    while todo:
        seen |= todo
        todo = {key: thing for one in todo.values() for key, thing in _next(one).items() if key not in seen}
    return frozenset(mark for one in seen.values() if (mark := _mark_of(one)))


def _mark_of(thing: object) -> str | None:
    if isinstance(thing, str):
        return PROGRAMS.get(thing)
    return "process" if thing is subprocess or thing is os.fork else None


_followed: dict[int, tuple[object, dict[int, object]]] = {}
"""What each thing names, by the thing's id; the thing itself stays beside it, so that its id stays its own."""


def _next(thing: object) -> dict[int, object]:
    if id(thing) not in _followed:
        _followed[id(thing)] = (thing, {id(one): one for one in map(_plain, _named(thing))})
    return _followed[id(thing)][1]


def _named(thing: Any) -> Iterator[object]:
    """What a function, a class or a table of the tests names; nothing for anything else."""
    if isinstance(thing, dict | list | tuple):
        yield from (one for one in (thing.values() if isinstance(thing, dict) else thing) if callable(one))
    elif not str(getattr(thing, "__module__", "")).startswith(("tests.", "test_", "drivers.virtual.")):
        return
    elif isinstance(thing, type):
        yield from (*thing.__bases__, *vars(thing).values())
    elif isinstance(thing, FunctionType):
        yield from inspect.getclosurevars(thing).nonlocals.values()
        for code in _nested(thing.__code__):
            yield from (one for one in code.co_consts if isinstance(one, str))
            known = [thing.__globals__[name] for name in code.co_names if name in thing.__globals__]
            yield from known
            yield from (vars(one).get(name) for one in known if isinstance(one, ModuleType) for name in code.co_names)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _nested(one)


def _plain(thing: Any) -> Any:
    """The function under what decorates it."""
    if hasattr(thing, "hypothesis"):
        thing = thing.hypothesis.inner_test
    if isinstance(thing, property):
        thing = thing.fget
    return inspect.unwrap(getattr(thing, "__func__", thing))
