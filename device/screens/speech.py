"""A screen as one line of text, in reading order: for those who cannot see the picture, and for reviews of it."""

from device.core.model.view import Lit, View

from .pages import FigurePage, TablePage, TextPage, page

ICONS = {
    "check": "✓",
    "tick": "✓",
    "pause": "paused,",
    "moon": "dimmed",
    "unlinked": "broker away",
    "clock": "clock not set",
    "warning": "warning:",
    None: "",
}


def words(view: View) -> str:
    """Say what the screen says, top left to bottom right, and what its keys do; icons as words."""
    if view.lit is Lit.DARK:
        return "The display is dark."
    shown = page(view.body)
    match shown:
        case FigurePage():
            said = _figures(shown)
        case TextPage():
            said = _text(shown)
        case TablePage():
            said = [f"{name}: {value}" for name, value in shown.rows]
    return " ".join(_sentence(part) for part in (*said, _keys(view)) if part)


def _figures(shown: FigurePage) -> list[str]:
    return [
        _spaced(shown.figure, shown.unit, ICONS[shown.figure_icon]),
        _spaced(shown.upper, shown.lower),
        _spaced(ICONS[shown.caption_icon], shown.caption),
        _spaced(ICONS[shown.aside_icon], shown.aside),
        *(ICONS[name].rstrip(":").capitalize() for name in reversed(shown.icons)),
    ]


def _text(shown: TextPage) -> list[str]:
    unsure = ICONS[shown.title_end_icon]
    return [
        _spaced(ICONS[shown.title_icon], shown.title, f"({unsure})" if unsure else ""),
        _spaced(ICONS[shown.right_icon], shown.right),
        *shown.body,
        shown.aside,
    ]


def _keys(view: View) -> str:
    if not any(view.keys):
        return ""
    said = []
    for place, label in enumerate(view.keys):
        marks = [name for name, where in (("suggested", view.suggested), ("pressed", view.pressed)) if where == place]
        said.append((label or "–") + (f" ({', '.join(marks)})" if label and marks else ""))
    return f"Keys: {', '.join(said)}"


def _spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?")) else f"{words}."
