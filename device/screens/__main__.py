"""Draws every example: `python -m device.screens tests/golden docs/screens`.

The first folder gets the golden pictures, each beside a text rendering; the second the enlarged ones, and its page.
"""

import sys
from pathlib import Path

from PIL import Image

from . import draw, words
from .examples import CHAPTERS, EXAMPLES, Example

ZOOM = 3
HALF_BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
INTRODUCTION = """\
# The screens

Everything that the 128×64 one-bit display can show, three times enlarged; a picture's alternative text is what it
says. This page is made by `python -m device.screens tests/golden docs/screens`, together with the golden pictures of
the tests, and a test fails when it is not current.

A reader looks once, at arm's length, at 3 am: so a screen has one large thing, at most two lines under it, and three
keys above the three buttons. A key that does nothing is not drawn. A thick line marks the likely answer; a filled key
has a finger on it. While the display is dimmed the figures are thinner. The outermost pixel stays dark, since the
picture shifts by one against burn-in.

Figures and icons are our own (public domain); the letters are X.Org's Helvetica bitmaps, whose notice is in
`device/screens/fonts/LICENCE.txt`.
"""


def as_text(picture: Image.Image) -> str:
    """Render two rows of pixels in one of half blocks, which keeps the picture's proportions in a terminal."""
    lit = [[1 if picture.getpixel((x, y)) else 0 for x in range(picture.width)] for y in range(picture.height)]
    rows = (
        "".join(HALF_BLOCKS[pair] for pair in zip(*two, strict=True)) for two in zip(lit[::2], lit[1::2], strict=True)
    )
    return "".join(row.rstrip() + "\n" for row in rows)


def texts(golden: Path, shown: Path) -> dict[Path, str]:
    """Every text file that belongs beside the pictures, by its path."""
    beside = {golden / f"{each.name}.txt": f"{words(each.view)}\n\n{as_text(draw(each.view))}" for each in EXAMPLES}
    return {**beside, shown.with_suffix(".md"): _page(shown.name)}


def images(golden: Path, shown: Path) -> dict[Path, Image.Image]:
    """Every picture, by its path."""
    pictures: dict[Path, Image.Image] = {}
    for each in EXAMPLES:
        picture = draw(each.view)
        pictures[golden / f"{each.name}.png"] = picture
        pictures[shown / f"{each.name}.png"] = picture.resize(
            (picture.width * ZOOM, picture.height * ZOOM), Image.Resampling.NEAREST
        )
    return pictures


def _page(folder: str) -> str:
    parts = [INTRODUCTION]
    for title, examples in CHAPTERS.items():
        rows = "\n".join(_row(folder, each) for each in examples)
        parts.append(f"## {title}\n\n| screen | |\n| --- | --- |\n{rows}\n")
    return "\n".join(parts)


def _row(folder: str, each: Example) -> str:
    return f"| ![{words(each.view)}]({folder}/{each.name}.png) | **{each.name}** {each.about} |"


def draw_examples(golden: Path, shown: Path) -> None:
    """Write what is missing or different; a picture of the same pixels is left as it is."""
    for folder in (golden, shown):
        folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts(golden, shown).items():
        path.write_text(text, encoding="utf-8")
    for path, picture in images(golden, shown).items():
        if not path.exists() or pixels(path) != picture.tobytes():
            picture.save(path, optimize=True)


def pixels(path: Path) -> bytes:
    """Read a picture's pixels, which stay the same whatever packed its file."""
    with Image.open(path) as picture:
        return picture.convert("1").tobytes()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m device.screens GOLDEN_FOLDER PAGE_FOLDER")
    draw_examples(Path(sys.argv[1]), Path(sys.argv[2]))
