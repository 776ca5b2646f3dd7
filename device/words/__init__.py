"""Every word that a parent reads: one file a language, all of one shape."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from device import SPOKEN

if TYPE_CHECKING:  # the words are of the core's values, and the core says them
    from .shape import Words

Said = TypeVar("Said")


class Languages(Mapping[str, "Words"]):
    """By the code in the configuration; each is one file here, and one word in `SPOKEN`.

    A file is read when its first word is said: a device speaks one language.
    """

    def __getitem__(self, code: str) -> "Words":
        if code not in SPOKEN:
            raise KeyError(code)
        words: Words = getattr(import_module(f".{code}", __name__), code.upper())
        return words

    def __iter__(self) -> Iterator[str]:
        return iter(SPOKEN)

    def __len__(self) -> int:
        return len(SPOKEN)


LANGUAGES = Languages()


class Spoken(dict[str, Said]):
    """One word in each language in which it was said so far."""

    def __init__(self, word: "Callable[[Words], Said]") -> None:
        super().__init__()
        self._word = word

    def __missing__(self, code: str) -> Said:
        said = self[code] = self._word(LANGUAGES[code])
        return said


def in_each(word: "Callable[[Words], Said]") -> Mapping[str, Said]:
    """A word in every language, by the language's code."""
    return Spoken(word)
