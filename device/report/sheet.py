"""The sheet filled with texts, and around it one HTML file that needs nothing else.

In the sheet `{name}` stands for a text, and an element with `each` stands once for each of a list, whose own names
come before those around it. An element holds either text or elements.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from .setting import Scope

NAME = re.compile(r"\{(\w+)\}")
NO_TEXT = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but the line's end, and halves of characters."""


def report_html(sheet: str, style: str, scope: Scope) -> str:
    """The whole file, of the page's own sheet (XML) and style."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (made,) = filled(ET.fromstring(sheet), scope)  # noqa: S314 - our own
    return (
        f'<!doctype html>\n<html lang="{worded("{lang}", scope)}">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(worded('{title}', scope))}</title>\n<style>{style}</style>\n</head>\n<body><main>"
        f"{ET.tostring(made, encoding='unicode', method='html')}</main></body>\n</html>\n"
    )


def filled(node: ET.Element, scope: Scope) -> Iterator[ET.Element]:
    """The element with its texts, once or for each; an unknown name is a KeyError."""
    name = node.get("each")
    inner = [{}] if name is None else scope[name]
    if isinstance(inner, str):
        raise TypeError(f"{name} is a text, and stands once")
    for own in inner:
        within = {**scope, **own}
        attributes = {key: worded(value, within) for key, value in node.items() if key != "each"}
        made = ET.Element(node.tag, attributes)
        made.text = worded((node.text or "").strip(), within)
        for child in node:
            made.extend(filled(child, within))
        yield made


def worded(text: str, scope: Scope) -> str:
    """The text with its names' values, in which what is no character is shown as unknown."""
    return NAME.sub(lambda name: NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", str(scope[name[1]])), text)
