"""Draws every example: `python -m device.screens tests/golden docs/screens`.

The first folder gets the golden pictures, each beside a text rendering; the second the enlarged ones, and its page.
"""

import sys
from pathlib import Path

from PIL import Image

from device.words import LANGUAGES

from . import draw, words
from .examples import CHAPTERS, EXAMPLES, Example, examples
from .faces import Face, stamp

ZOOM = 3
COLUMNS, SHEET_ZOOM, SHEET_GAP, SHEET_NAME = 4, 2, 8, 18  # of a sheet: pixels between screens, and for a name below
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
OTHERS = """\
The same screens in the same order, a sheet a language (`device.language`). Where the words are from, and what no native
speaker has read yet: [languages.md](languages.md)."""


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
        pictures[shown / f"{each.name}.png"] = enlarged(picture, ZOOM)
    return pictures | {shown / f"sheet.{code}.png": sheet(examples(code)) for code in sheet_languages()}


def enlarged(picture: Image.Image, zoom: int) -> Image.Image:
    return picture.resize((picture.width * zoom, picture.height * zoom), Image.Resampling.NEAREST)


def sheet_languages() -> list[str]:
    """The languages whose screens stand together on a sheet."""
    return [code for code in LANGUAGES if code != "en"]


def sheet(shown: tuple[Example, ...]) -> Image.Image:
    """Picture all screens of one language, four in a row, each above its name; light paper, dark glass."""
    pictures = [enlarged(draw(each.view), SHEET_ZOOM) for each in shown]
    width, height = pictures[0].width + SHEET_GAP, pictures[0].height + SHEET_NAME
    whole = Image.new("1", (COLUMNS * width + SHEET_GAP, -(-len(shown) // COLUMNS) * height + SHEET_GAP), 1)
    for index, (each, picture) in enumerate(zip(shown, pictures, strict=True)):
        x, y = SHEET_GAP + index % COLUMNS * width, SHEET_GAP + index // COLUMNS * height
        whole.paste(picture, (x, y))
        name = stamp(each.name, Face.TEXT)
        whole.paste(0, (x, y + picture.height + 12 + name.top), name.mask)
    return whole


def _page(folder: str) -> str:
    parts = [INTRODUCTION]
    for title, scenes in CHAPTERS.items():
        rows = "\n".join(_row(folder, scene.said_in("en")) for scene in scenes)
        parts.append(f"## {title}\n\n| screen | |\n| --- | --- |\n{rows}\n")
    sheets = "\n\n".join(f"![Every screen, in {code}]({folder}/sheet.{code}.png)" for code in sheet_languages())
    return "\n".join([*parts, f"## In other languages\n\n{OTHERS}\n\n{sheets}\n"])


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
