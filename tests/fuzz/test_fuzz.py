"""A short round of what scripts/fuzz does for long: whatever was found, the corpus, and some inputs made from it."""

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import parsers
from tests.fuzz.inputs import HERE, made, read, written
from tests.fuzz.targets import TARGETS
from tests.support.effort import so_many

INPUTS = so_many(1000)
"""Of all targets together."""


@pytest.fixture(scope="module", autouse=True)
def _written_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files that inputs are written to, and no line for each connection that ends."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("fuzz")
        patch.setattr(parsers, "folder", lambda: place)
        logging.disable()
        yield
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_what_a_parser_promises(name: str) -> None:
    target = TARGETS[name]
    corpus = [*read("found", name), *read("corpus", name)]
    inputs = len(corpus) + round(INPUTS * target.share) + 1
    for data in islice(made(corpus, target.tokens, target.longest, name), inputs):
        try:
            target.try_one(data)
        except Exception as error:
            error.add_note(f"with this line of tests/fuzz/found/{name}.txt:\n{written(data)}")
            raise


def test_every_file_of_inputs_belongs_to_a_target_and_reads_as_it_was_written() -> None:
    files = [file for folder in ("corpus", "found") for file in (HERE / folder).glob("*.txt")]
    assert {Path(file).stem for file in files} == TARGETS.keys()
    for data in (bytes(range(256)), b"", b"# \\x00\n\r\x85"):
        assert written(data).encode().decode("unicode_escape").encode("latin-1") == data
        assert len(written(data).splitlines()) <= 1
