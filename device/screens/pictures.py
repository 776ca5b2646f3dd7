"""Where everything stands on the 128×64 pixels, and the drawing itself: a page becomes marks, marks become a picture.

Each mark is pasted from a kept stamp, so a running second costs well under a millisecond.
"""

from collections.abc import Iterator
from functools import cache
from itertools import chain, pairwise
from typing import Literal, NamedTuple

from PIL import Image

from device.core.model.view import Lit, View
from device.words import LANGUAGES

from .faces import Face, Stamp, figure, icon, shortened, stamp, wrapped
from .key_rows import ROWS, Labels
from .pages import FigurePage, Page, TablePage, TextPage, page

WIDTH, HEIGHT = 128, 64
LEFT, RIGHT = 2, 126  # text is lit in columns 2 to 125
FIGURE_Y = 8  # the figure fills rows 8 to 31: three whole pages of the display's memory, so a second sends little
# Baselines: the first row below a letter that stands on the line.
TITLE, CAPTION, KEYS = 11, 45, 61
BODY = (26, 39)
UPPER, LOWER = FIGURE_Y + 11, FIGURE_Y + 24
TABLE, TABLE_VALUES = (11, 22, 33, 44), 46
CENTRES = (21, 64, 107)  # of the three buttons below the glass
KEY_ROOM = (40, 43, 40)  # how wide each key's label may be
KEY_GAP = 5
KEY_ICONS = {"−": "minus", "+": "plus"}

Align = Literal["left", "centre", "right"]
Kind = Literal["figure", "text", "icon", "key"]


class Mark(NamedTuple):
    """A stamp in its place; a dark one is cut out of what lies there."""

    kind: Kind
    x: int
    y: int
    mask: Image.Image
    dark: bool = False

    @property
    def end(self) -> int:
        """The first column after it."""
        return self.x + self.mask.width


def draw(view: View) -> Image.Image:
    """Picture the view in one bit (mode `1`, 128×64); all dark where the view is dark."""
    picture = Image.new("1", (WIDTH, HEIGHT))
    if view.lit is Lit.DARK:
        return picture
    dx, dy = view.shift
    for box in bars(view):
        picture.paste(1, (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy))
    for mark in marks(view):
        picture.paste(0 if mark.dark else 1, (mark.x + dx, mark.y + dy), mark.mask)
    return picture


def marks(view: View) -> Iterator[Mark]:
    """Everything on the view but its keys' lines, unshifted."""
    return chain(on_page(page(view.body, LANGUAGES[view.language]), view.lit is Lit.DIM), _draw_keys(view))


def on_page(shown: Page, night: bool) -> Iterator[Mark]:
    """Yield a page's marks, from top left to bottom right but for what is set from the right edge."""
    match shown:
        case FigurePage():
            return _draw_figures(shown, night)
        case TextPage():
            return _title_and_text(shown)
        case TablePage():
            return _draw_table(shown)


# -- the three kinds of page -----------------------------------------------------------------------------------


def _draw_figures(shown: FigurePage, night: bool) -> Iterator[Mark]:
    x = LEFT
    for sign in shown.figure:
        x += sign in "¼½¾" and x > LEFT
        mark = Mark("figure", x, FIGURE_Y, figure(sign, night or shown.thin).mask)
        x = mark.end + 3
        yield mark
    if shown.unit:
        yield _draw_text(x + 2, LOWER, shown.unit, Face.UNIT)
    if shown.figure_icon:
        yield Mark("icon", x + 3, FIGURE_Y + 7, icon(shown.figure_icon).mask)
    if shown.upper:
        # Beside the thin figures a large number would be the loudest thing on the screen.
        face = Face.TEXT if night and shown.upper_face is Face.UNIT else shown.upper_face
        yield _draw_text(RIGHT, UPPER, shown.upper, face, "right")
        yield _draw_text(RIGHT, LOWER, shown.lower, align="right")
    yield from _caption(shown)


def _caption(shown: FigurePage) -> Iterator[Mark]:
    x = LEFT
    if shown.caption_icon:
        mark = _draw_icon(x, CAPTION, shown.caption_icon)
        x = mark.end + 4
        yield mark
    if shown.caption:
        yield _draw_text(x, CAPTION, shown.caption, shown.caption_face)
    x = RIGHT
    if shown.aside:
        mark = _draw_text(x, CAPTION, shown.aside, align="right")
        x = mark.x - 5
        yield mark
    for name in (shown.aside_icon, *shown.icons):
        if name:
            mark = _draw_icon(x, CAPTION, name, "right")
            x = mark.x - 4
            yield mark


def _title_and_text(shown: TextPage) -> Iterator[Mark]:
    x = LEFT
    if shown.title_icon:
        mark = _draw_icon(x, TITLE, shown.title_icon)
        x = mark.end + 4
        yield mark
    mark = _draw_text(x, TITLE, shown.title, Face.TITLE)
    yield mark
    if shown.title_end_icon:
        yield _draw_icon(mark.end + 5, TITLE, shown.title_end_icon)
    if shown.right:
        mark = _draw_text(RIGHT, TITLE, shown.right, align="right")
        yield mark
        if shown.right_icon:
            yield _draw_icon(mark.x - 3, TITLE, shown.right_icon, "right")
    lines: list[str] = []
    for paragraph in shown.body:
        lines += wrapped(paragraph, RIGHT - LEFT, len(BODY) - len(lines))
    for baseline, line in zip(BODY, lines, strict=False):
        yield _draw_text(LEFT, baseline, line)
    if shown.aside:
        yield _draw_text(RIGHT, BODY[1], shown.aside, align="right")


def _draw_table(shown: TablePage) -> Iterator[Mark]:
    for baseline, (name, value) in zip(TABLE, shown.rows, strict=False):
        yield _draw_text(LEFT, baseline, shortened(name, TABLE_VALUES - LEFT - 5))
        yield _draw_text(TABLE_VALUES, baseline, shortened(value, RIGHT - TABLE_VALUES))


# -- keys ------------------------------------------------------------------------------------------------------


def bars(view: View) -> Iterator[tuple[int, int, int, int]]:
    """Yield the line over each key that does something: thick over a suggested one, down to the edge while pressed."""
    for place, (centre, label) in enumerate(zip(CENTRES, _labels(view), strict=True)):
        if label:
            yield centre - 19, 48 if place == view.suggested else 50, centre + 20, 51
            if place == view.pressed:
                half = max(19, label.cut.width // 2 + 2)
                yield max(1, centre - half), 50, min(WIDTH - 1, centre + half + 1), 63


def _draw_keys(view: View) -> Iterator[Mark]:
    for place, label in enumerate(_labels(view)):
        if label:
            yield Mark("key", label.x, label.y, label.cut.mask, dark=place == view.pressed)


class Label(NamedTuple):
    """A key's word or sign in its place."""

    x: int
    y: int
    cut: Stamp


def _labels(view: View) -> tuple[Label | None, ...]:
    """The three keys, all bold where they have room for that, else all plain: one bold key would look suggested."""
    bold = _in_face(view.keys, Face.BOLD)
    crowded = view.keys[:2] in _crowded(view.language) or not fits(bold)
    return _in_face(view.keys, Face.TEXT) if crowded else bold


@cache
def _crowded(language: str) -> set[tuple[str | None, ...]]:
    """The left and middle keys of rows too wide for bold: they stay plain while right is held and says Back."""
    return {row[language][:2] for row in ROWS if not fits(_in_face(row[language], Face.BOLD))}


def _in_face(keys: Labels, face: Face) -> tuple[Label | None, ...]:
    return tuple(_label(place, label, face) for place, label in enumerate(keys))


def _label(place: int, label: str | None, face: Face) -> Label | None:
    if label is None:
        return None
    cut = icon(KEY_ICONS[label]) if label in KEY_ICONS else stamp(label, face)
    x = min(max(CENTRES[place] - cut.width // 2, LEFT), RIGHT - cut.width)
    return Label(x, 53 if label in KEY_ICONS else KEYS + cut.top, cut)


def fits(labels: tuple[Label | None, ...]) -> bool:
    """Whether each has room in its place, and beside the next one."""
    narrow = all(label is None or label.cut.width <= room for label, room in zip(labels, KEY_ROOM, strict=True))
    shown = [label for label in labels if label]
    return narrow and all(here.x + here.cut.width + KEY_GAP <= there.x for here, there in pairwise(shown))


# -- one mark --------------------------------------------------------------------------------------------------


def _draw_text(x: int, baseline: int, words: str, face: Face = Face.TEXT, align: Align = "left") -> Mark:
    """Words whose left edge, or first dark column after them, is x."""
    cut = stamp(words, face)
    return Mark("text", x - cut.width if align == "right" else x, baseline + cut.top, cut.mask)


def _draw_icon(x: int, baseline: int, name: str, align: Align = "left") -> Mark:
    cut = icon(name)
    return Mark("icon", x - cut.width if align == "right" else x, baseline + cut.top, cut.mask)
