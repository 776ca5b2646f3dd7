"""The four faces of type, and stamps: words, figures and icons as pictures cut to their lit pixels.

Rendering a word costs far more than pasting it, so the words of the last pictures are kept.
"""

import re
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from .glyphs import FIGURES, ICONS, NIGHT_FIGURES, Rows
from .letters import Font, Letter

FONTS = Path(__file__).parent / "fonts"
NBSP = "\u00a0"
_NUMBER_AND_UNIT = re.compile(r"(?<=[\d¼½¾]) (?=(?:ml|oz|h|min|s|days?|%)(?!\w))")
_HOURS_AND_MINUTES = re.compile(rf"(?<=\d{NBSP}h) (?=\d)")
_SO_MANY_OF = re.compile(r"(?<=\d) of (?=\d)")


class Face(Enum):
    """X.Org's Helvetica bitmaps (licence beside them)."""

    TEXT = "helvR10.pcf.gz"
    BOLD = "helvB10.pcf.gz"
    TITLE = "helvB12.pcf.gz"
    UNIT = "helvB14.pcf.gz"


class Stamp(NamedTuple):
    """A one-bit picture without dark edges, and its top row's distance from the baseline (negative is above)."""

    mask: Image.Image
    top: int

    @property
    def width(self) -> int:
        return self.mask.width


@cache
def _font(face: Face) -> Font:
    return Font(FONTS / face.value)


@lru_cache(maxsize=256)
def _letter(char: str, face: Face) -> Letter:
    return _font(face).letter(char)


@lru_cache(maxsize=512)
def stamp(words: str, face: Face) -> Stamp:
    """Picture words. The face's own middle dot looks like a hyphen: ours is a square of four pixels."""
    letters = [None if char == "·" else _letter(char, face) for char in words.replace(NBSP, " ")]
    probe = Image.new("1", (sum(letter.advance if letter else 4 for letter in letters) + 40, 48))
    x, baseline = 20, 24
    for letter in letters:
        if letter:
            probe.paste(1, (x + letter.left, baseline - letter.ascent), letter.mask)
        else:
            probe.paste(1, (x + 1, baseline - 4, x + 3, baseline - 2))
        x += letter.advance if letter else 4
    box = probe.getbbox() or (0, baseline, 0, baseline)
    return Stamp(probe.crop(box), box[1] - baseline)


def width(words: str, face: Face = Face.TEXT) -> int:
    """Count the columns from the first lit one to the last, which is what the eye sees of a word's width."""
    return stamp(words, face).width


def _from_rows(rows: Rows) -> Stamp:
    columns = -(-len(rows[0]) // 8) * 8
    bits = "".join(row.ljust(columns, ".") for row in rows).replace("#", "1").replace(".", "0")
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return Stamp(Image.frombytes("1", (len(rows[0]), len(rows)), data), -len(rows))


@cache
def icon(name: str) -> Stamp:
    """Return an icon, which stands on the baseline."""
    return _from_rows(ICONS[name])


@cache
def figure(sign: str, night: bool) -> Stamp:
    """Return one sign of the large figures, 24 rows high; thinner for the night."""
    return _from_rows((NIGHT_FIGURES if night else FIGURES)[sign])


def glued(words: str) -> str:
    """Make the spaces inside `2 h 10`, `85 ml` and `5 of 8` such that no line ends on them."""
    words = _HOURS_AND_MINUTES.sub(NBSP, _NUMBER_AND_UNIT.sub(NBSP, words))
    return _SO_MANY_OF.sub(f"{NBSP}of{NBSP}", words)


@lru_cache(maxsize=64)
def wrapped(words: str, limit: int, lines: int) -> tuple[str, ...]:
    """Break into at most `lines` lines of at most `limit` pixels; what does not fit ends in `…` (our own words fit)."""
    done: list[str] = []
    line = ""
    for word in glued(words).split(" "):
        longer = f"{line} {word}".strip()
        if line and len(done) < lines - 1 and width(longer) > limit:
            done.append(line)
            line = word
        else:
            line = longer
    return tuple(shortened(each, limit) for each in (*done, line))


def shortened(words: str, limit: int, face: Face = Face.TEXT) -> str:
    """Return the words, or as many of their letters as `limit` pixels hold, and `…`."""
    if width(words, face) <= limit:
        return words
    letters = words[:64]
    while letters and width(f"{letters}…", face) > limit:
        letters = letters[:-1].rstrip()
    return f"{letters}…"
