"""Every name of code in the papers exists: a path, a folder, a module's function, a class."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAPERS.remove(ROOT / "CHANGELOG.md")  # what was, under the names of its time
OF_THE_CODE = {
    "CONTRIBUTING.md",
    "architecture.md",
    *(path.name for path in (ROOT / "docs" / "decisions").glob("*.md")),
}
"""Where `this.that` is a module's; elsewhere it may be a payload's field or a key of the configuration."""
ELSEWHERE = ("config/www", "config/blueprints")
"""Folders of Home Assistant's, whose names begin like ours."""
ROOMS = ("device", "drivers", "tests")
STEMS = [ROOT, ROOT / "device", ROOT / "device/core", ROOT / "dashboards/web"]
"""Where a path in the papers may begin."""

OURS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}


@cache
def modules() -> dict[str, list[set[str]]]:
    """For each module's own name (`flow`), the names that such modules define."""
    found: dict[str, list[set[str]]] = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            name = path.parent.name if path.stem == "__init__" else path.stem
            found.setdefault(name, []).append(defined(ast.parse(path.read_text())))
    return found


def defined(tree: ast.Module) -> set[str]:
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return names | {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }


def is_there(path: str) -> bool:
    return any((stem / path).exists() for stem in STEMS)


def missing(name: str, *, of_the_code: bool = True) -> bool:
    """Whether a name in code marks is one of code and leads nowhere; what is no name of code is not asked for."""
    if re.fullmatch(r"[\w./-]+", name) is None or name.startswith(("/", ".", "-", *ELSEWHERE)):
        return False
    if "/" in name and (name.partition("/")[0] in OURS or name.endswith(".py")):
        return not is_there(name)
    if name.endswith(".py"):
        return name.removesuffix(".py") not in modules()
    module, _, rest = name.partition(".")
    if not of_the_code or not rest.isidentifier() or module not in modules() or name in FILES:
        return False
    return not any(rest in names for names in modules()[module])


FILES = {"pump.db"}
"""What looks like a module's function and is a file."""


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_name_of_code_in_the_papers_exists(paper: Path) -> None:
    text = re.sub(r"^```.*?^```", "", paper.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert [
        name for name in re.findall(r"`([^`\n]+)`", text) if missing(name, of_the_code=paper.name in OF_THE_CODE)
    ] == []


@pytest.mark.parametrize("name", ["device/core/gone.py", "gone.py", "step.gone", "device/gone/", "loop.gone"])
def test_a_name_that_leads_nowhere_is_found(name: str) -> None:
    assert missing(name)


@pytest.mark.parametrize("name", ["device/loop.py", "daemon.py", "step.step", "drivers/virtual/", "pump.db", "ml"])
def test_a_name_that_leads_somewhere_is_taken(name: str) -> None:
    assert not missing(name)
