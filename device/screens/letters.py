"""Letters of X.Org's bitmap fonts (PCF), each read when it is first wanted.

FreeType reads them too, but a library of that size is a thirtieth of all the device's memory (docs/measures.md).
"""

import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from PIL import Image

METRICS, BITMAPS, ENCODINGS = 1 << 2, 1 << 3, 1 << 5
FORMS = {METRICS: 0x10E, BITMAPS: 0x0E, ENCODINGS: 0x0E}
"""How our files have these tables: big-endian, rows of four bytes or a multiple, metrics of a byte each."""
NOBODY = 0xFFFF


class Letter(NamedTuple):
    """Its pixels, how far right of the pen and above the baseline they begin, and how far the pen goes on."""

    mask: Image.Image
    left: int
    ascent: int
    advance: int


class Font:
    """A gzipped PCF file (https://fontforge.org/docs/techref/pcf-format.html)."""

    def __init__(self, file: Path) -> None:
        self._data = zlib.decompress(file.read_bytes(), wbits=31)
        (count,) = struct.unpack_from("<4xI", self._data)
        found = (struct.unpack_from("<4I", self._data, 8 + 16 * place) for place in range(count))
        self._at = {kind: at + 4 for kind, form, _size, at in found if FORMS.get(kind) == form}

    def letter(self, char: str) -> Letter:
        """The letter of a character; the font's default one where it has none."""
        place = self._place(char)
        left, right, advance, ascent, descent = (
            byte - 0x80 for byte in struct.unpack_from("5B", self._data, self._at[METRICS] + 2 + 5 * place)
        )
        wide, high = right - left, ascent + descent
        (count,) = struct.unpack_from(">I", self._data, self._at[BITMAPS])
        (offset,) = struct.unpack_from(">I", self._data, self._at[BITMAPS] + 4 + 4 * place)
        first, stride = self._at[BITMAPS] + 4 + 4 * count + 16 + offset, -(-wide // 32) * 4
        rows = self._data[first : first + stride * high]
        return Letter(Image.frombytes("1", (wide, high), rows, "raw", "1", stride), left, ascent, advance)

    def _place(self, char: str) -> int:
        at = self._at[ENCODINGS]
        first, last, first_row, last_row, default = struct.unpack_from(">5H", self._data, at)
        for code in (ord(char), default):
            row, column = divmod(code, 256)
            if first <= column <= last and first_row <= row <= last_row:
                index = (row - first_row) * (last - first + 1) + column - first
                (place,) = struct.unpack_from(">H", self._data, at + 10 + 2 * index)
                if place != NOBODY:
                    return int(place)
        return 0
