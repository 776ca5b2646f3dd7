"""The page's words as modules, a file a language: `python -m device.words dashboards/web/js`."""

import json
import sys
from pathlib import Path

from msgspec import to_builtins

from device.core.model.record import REASONS

from . import LANGUAGES, Words


def modules(folder: Path) -> dict[Path, str]:
    """What belongs into the page's folder of modules, by its path."""
    return {folder / f"words.{code}.js": _module(code, words) for code, words in LANGUAGES.items()}


def _module(code: str, words: Words) -> str:
    page_words = {
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
    head = f"// Made by `python -m device.words dashboards/web/js` from device/words/{code}.py, the place for changes."
    return f"{head}\n\nexport default {json.dumps(_alone(page_words), ensure_ascii=False, indent=2)};\n"


def _alone(value: object) -> object:
    """Let no table inherit anything in JavaScript, so that a name which is none of the contract's finds nothing."""
    return (
        {"__proto__": None} | {name: _alone(row) for name, row in value.items()} if isinstance(value, dict) else value
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m device.words FOLDER")
    for path, text in modules(Path(sys.argv[1])).items():
        path.write_text(text, encoding="utf-8")
