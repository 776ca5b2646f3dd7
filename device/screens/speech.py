"""A screen as one line of text, in reading order: for those who cannot see the picture, and for reviews of it."""

from device.core.model.view import Lit, View
from device.words import LANGUAGES
from device.words.shape import AloudWords

from .pages import FigurePage, TablePage, TextPage, page


def words(view: View) -> str:
    """Say what the screen says, top left to bottom right, and what its keys do; icons as words."""
    spoken = LANGUAGES[view.language]
    say = spoken.aloud
    if view.lit is Lit.DARK:
        return say.dark
    shown = page(view.body, spoken)
    match shown:
        case FigurePage():
            said = _figures(shown, say)
        case TextPage():
            said = _text(shown, say)
        case TablePage():
            said = [f"{name}: {value}" for name, value in shown.rows]
    return " ".join(_sentence(part) for part in (*said, _keys(view, say)) if part)


def _figures(shown: FigurePage, say: AloudWords) -> list[str]:
    return [
        _spaced(shown.figure, shown.unit, _icon(shown.figure_icon, say)),
        _spaced(shown.upper, shown.lower),
        _spaced(_icon(shown.caption_icon, say), shown.caption),
        _spaced(_icon(shown.aside_icon, say), shown.aside),
        *(_icon(name, say).rstrip(":").capitalize() for name in reversed(shown.icons)),
    ]


def _text(shown: TextPage, say: AloudWords) -> list[str]:
    unsure = _icon(shown.title_end_icon, say)
    return [
        _spaced(_icon(shown.title_icon, say), shown.title, f"({unsure})" if unsure else ""),
        _spaced(_icon(shown.right_icon, say), shown.right),
        *shown.body,
        shown.aside,
    ]


def _icon(name: str | None, say: AloudWords) -> str:
    return say.icons[name] if name else ""


def _keys(view: View, say: AloudWords) -> str:
    if not any(view.keys):
        return ""
    said = []
    for place, label in enumerate(view.keys):
        marks = [
            mark for mark, where in ((say.suggested, view.suggested), (say.pressed, view.pressed)) if where == place
        ]
        said.append((label or "–") + (f" ({', '.join(marks)})" if label and marks else ""))
    return say.keys.format(keys=", ".join(said))


def _spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?")) else f"{words}."
