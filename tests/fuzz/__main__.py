"""`scripts/fuzz`: so many inputs, each target in processes of its own, and a line of figures for each.

A share of the inputs is guided by the branches that they reach, where atheris is there; the others are made by chance
from what that found. One that breaks a promise ends its target, and is printed as a line for `tests/fuzz/found/`.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.fuzz.inputs import written
from tests.fuzz.targets import TARGETS

GUIDED = 20
"""One of so many inputs: looking at branches makes each several times slower."""
HEADS = ("target", "inputs", "guided", "branches", "corpus", "slowest", "memory", "took", "broken")
DONE = re.compile(r"cov: (\d+) .*?corp: (\d+)/")


class Round(NamedTuple):
    """What became of one target: a line of figures, and where one of its inputs broke it, that and what was said."""

    line: str
    name: str
    found: bytes | None
    said: str


def fuzzed(name: str, inputs: int, seed: int) -> Round:
    share = {"guided": max(1, inputs // GUIDED) if importlib.util.find_spec("atheris") else 0}
    share["chance"] = max(0, inputs - share["guided"])
    far: dict[str, dict[str, Any]] = {}
    branches, corpus, found, said = "–", "–", None, ""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        place = Path(folder)
        for manner, count in share.items():
            if not count or found is not None:
                continue
            done = course(manner, folder, name, count, seed)
            figures = place / "figures.json"
            far[manner] = json.loads(figures.read_text()) if figures.exists() else {}
            figures.unlink(missing_ok=True)
            branches, corpus = (DONE.findall(done.stdout) or [(branches, corpus)])[-1]
            if done.returncode:
                found, said = (place / "now").read_bytes(), done.stdout
    tried = {manner: int(one.get("inputs", 0)) for manner, one in far.items()}
    words = [name, f"{sum(tried.values()):,}", f"{tried.get('guided', 0):,}", branches, corpus]
    words += [f"{max(float(one.get('slowest_s', 0)) for one in far.values()) * 1000:.1f} ms"]
    words += [f"{max(float(one.get('memory_mib', 0)) for one in far.values()):.0f} MiB"]
    words += [f"{time.monotonic() - began:.0f} s", "no" if found is None else "YES"]
    return Round(f"| {' | '.join(words)} |", name, found, said)


def course(manner: str, folder: str, name: str, inputs: int, seed: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz.course", manner, folder, name, str(inputs), str(seed)],
        env={**os.environ, "TMPDIR": folder},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Made-up inputs for every parser.")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N", help="in all (100,000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same inputs for the same seed (1)")
    asked = parser.parse_args()
    names = asked.targets or list(TARGETS)
    whole = sum(TARGETS[name].share for name in names)
    print(f"| {' | '.join(HEADS)} |\n|{' --- |' * len(HEADS)}")
    broken = []
    for name in names:
        one = fuzzed(name, max(1, round(asked.inputs * TARGETS[name].share / whole)), asked.seed)
        print(one.line, flush=True)
        broken += [one] if one.found is not None else []
    for one in broken:
        said = "\n".join(line for line in one.said.splitlines() if not line.startswith("#"))
        print(f"\n{said[-3000:]}\n\nfor tests/fuzz/found/{one.name}.txt:\n{written(one.found or b'')}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
