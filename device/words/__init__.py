"""Every word that a parent reads: one file a language, all of one shape."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeVar

from device import SPOKEN

from .en import EN
from .shape import Words

__all__ = ["EN", "LANGUAGES", "Words", "in_each"]

Said = TypeVar("Said")

LANGUAGES: Mapping[str, Words] = {code: getattr(import_module(f".{code}", __name__), code.upper()) for code in SPOKEN}
"""By the code in the configuration; each is one file here, and one word in `SPOKEN`."""


def in_each(word: Callable[[Words], Said]) -> Mapping[str, Said]:
    """A word in every language, by the language's code: found when a row is written, not when a button is pressed."""
    return {code: word(words) for code, words in LANGUAGES.items()}
