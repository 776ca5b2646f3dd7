"""Inputs as text: a line each, as Python would write the bytes; and new ones made from them by a seed.

`corpus/NAME.txt` are those that a target begins with, `found/NAME.txt` those that once broke something.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent


def read(folder: str, name: str) -> list[bytes]:
    """The inputs of a file; none where there is no such file."""
    file = HERE / folder / f"{name}.txt"
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return [line.encode().decode("unicode_escape").encode("latin-1") for line in lines if not line.startswith("# ")]


def written(data: bytes) -> str:
    """An input as a line of such a file."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def mutated(dice: random.Random, corpus: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """One of the corpus, changed in a few places: bytes, tokens, pieces doubled, lost, moved or of another input."""
    data = bytearray(dice.choice(corpus))
    for _ in range(dice.choice((1, 1, 2, 3, 5, 9))):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((1, 1, 2, 4, 8, 32)))
        match dice.randrange(7):
            case 0:
                data[at:end] = dice.randbytes(end - at)
            case 1:
                data[at:at] = dice.choice(tokens)
            case 2:
                data[at:end] = dice.choice(tokens)
            case 3:
                del data[at:end]
            case 4:
                data[at:at] = data[at:end] * dice.choice((1, 2, 40))
            case 5:
                other = dice.choice(corpus)
                data[at:] = other[dice.randrange(len(other) + 1) :]
            case 6 if data:
                data[at % len(data)] ^= 1 << dice.randrange(8)
    return bytes(data)


def made(corpus: Sequence[bytes], tokens: Sequence[bytes], longest: int, seed: str) -> Iterator[bytes]:
    """The corpus, and then inputs without end; the same ones for the same seed."""
    yield from corpus
    dice = random.Random(seed)
    while True:
        yield mutated(dice, corpus, tokens)[:longest]
