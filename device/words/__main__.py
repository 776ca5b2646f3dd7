"""What the dashboards hold of the words: `python -m device.words dashboards` writes it anew.

The page's are modules, a file a language, which its service worker keeps; Home Assistant's stand in our dashboard and
blueprints.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import to_builtins

from device.core.model.record import REASONS

from . import LANGUAGES
from .homeassistant import in_each_language
from .shape import Words


def modules(folder: Path) -> dict[Path, str]:
    """What belongs into the page's folder of modules, by its path."""
    names = {code: words.name for code, words in LANGUAGES.items()}
    return {folder / "languages.js": _module("", names)} | {
        folder / f"words.{code}.js": _module(f"{code}.py", _page_words(words)) for code, words in LANGUAGES.items()
    }


def worker_of_all(worker: Path) -> dict[Path, str]:
    """The page's service worker with the files of all languages among those that it keeps."""
    lines = "".join(f'  "js/words.{code}.js",\n' for code in sorted(LANGUAGES))
    return {worker: re.sub(r'(  "js/words\.\w+\.js",\n)+', lines, worker.read_text(encoding="utf-8"))}


def _page_words(words: Words) -> dict[str, object]:
    return {
        "purposes": {name: row.long for name, row in words.purposes.items()},
        "questions": {name: row.question for name, row in words.purposes.items()},
        "reasons": {purpose: {name: words.reasons[name].long for name in group} for purpose, group in REASONS.items()},
        "intentions": {name: row.long for name, row in words.intentions.items()},
        "uses": {name: row.use for name, row in words.intentions.items()},
        "outlooks": {name: row.page for name, row in words.outlooks.items()},
        "hints": words.hints,
        "times": to_builtins(words.times),
        "report": to_builtins(words.report),
        **to_builtins(words.page),
    }


def _module(source: str, table: Mapping[str, object]) -> str:
    head = f"// Made by scripts/renew from device/words/{source}, the place for changes."
    return f"{head}\n\nexport default {json.dumps(_alone(table), ensure_ascii=False, indent=0)};\n"


def _alone(value: object) -> object:
    """Let no table inherit anything in JavaScript, so that a name which is none of the contract's finds nothing."""
    return (
        {"__proto__": None} | {name: _alone(row) for name, row in value.items()} if isinstance(value, dict) else value
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m device.words FOLDER")
    dashboards = Path(sys.argv[1])
    web, home = dashboards / "web", dashboards / "homeassistant"
    for path, text in (modules(web / "js") | worker_of_all(web / "service-worker.js") | in_each_language(home)).items():
        path.write_text(text, encoding="utf-8")
