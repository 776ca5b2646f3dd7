"""Many inputs for one target in a process of its own, which they may end: guided by its branches, or by chance.

Run as `python -m tests.fuzz.course guided|chance FOLDER TARGET INPUTS SEED`. In `FOLDER`, `figures.json` says how far
it came, `now` is the input that is being tried, and `corpus` holds those that led somewhere new.
"""

import importlib
import json
import logging
import resource
import signal
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

from tests.fuzz.inputs import made, read

GUIDES = ["device.wire", "device.settings", "device.store", "device.mqtt", "device.core", "drivers", "paho.mqtt"]
"""Packages whose branches say whether an input is a new one."""
EVERY = 500
ENDLESS_S, MOST_BYTES = 60.0, 1 << 30
"""What ends the process at once: so much of the processor's time for one input, so much memory."""


class Course:
    """What was tried so far."""

    def __init__(self, folder: Path, target: Any, inputs: int) -> None:
        self._target, self._inputs = target, inputs
        self._now, self._figures = (folder / "now").open("wb", buffering=0), folder / "figures.json"
        self._tried, self._slowest_s = 0, 0.0

    def take(self, data: bytes) -> None:
        self._now.seek(0)
        self._now.truncate()
        self._now.write(data)
        signal.setitimer(signal.ITIMER_PROF, ENDLESS_S)
        began = time.process_time()
        self._target.try_one(data)
        took_s = time.process_time() - began
        assert took_s < self._target.most_s, f"takes {took_s:.2f} s of the processor"
        self._slowest_s = max(self._slowest_s, took_s)
        self._tried += 1
        if self._tried % EVERY == 0 or self._tried >= self._inputs:
            memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            said = {"inputs": self._tried, "slowest_s": self._slowest_s, "memory_mib": memory_mib}
            self._figures.write_text(json.dumps(said))


def by_chance(folder: Path, name: str, inputs: int, seed: int) -> None:
    """Without looking at branches, which is quicker: from the corpus and what a guided course had found before."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    target = importlib.import_module("tests.fuzz.targets").TARGETS[name]
    course = Course(folder, target, inputs)
    known = [*read("found", name), *read("corpus", name)]
    further = [file.read_bytes() for file in sorted((folder / "corpus").glob("*"))]
    for data in islice(made(known + further, target.tokens, target.longest, f"{name} {seed}"), inputs):
        course.take(data)


def guided(folder: Path, name: str, inputs: int, seed: int) -> None:
    """By atheris, which ends the process itself."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=GUIDES):
        target = importlib.import_module("tests.fuzz.targets").TARGETS[name]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate([*read("found", name), *read("corpus", name)]):
        (corpus / str(number)).write_bytes(data)
    quoted = ("".join(f"\\x{byte:02x}" for byte in token) for token in target.tokens if len(token) < 60)
    (folder / "tokens").write_text("".join(f'"{one}"\n' for one in quoted))
    limits = [f"-runs={inputs}", f"-seed={seed}", f"-max_len={target.longest}", f"-rss_limit_mb={MOST_BYTES >> 20}"]
    places = [f"-dict={folder / 'tokens'}", f"-artifact_prefix={folder}/", str(corpus)]
    atheris.Setup([sys.argv[0], *limits, *places], Course(folder, target, inputs).take)
    atheris.Fuzz()


if __name__ == "__main__":
    logging.disable()  # what is said a thousand times
    {"guided": guided, "chance": by_chance}[sys.argv[1]](
        Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    )
