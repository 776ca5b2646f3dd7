"""The page in another language: told which, and in one that is made up, of which every text shows where it is from.

A text of the made-up language is its English between ⟦ and ⟧, drawn out with ø to the length that translations take.
It stands in the place of English, so that dates stay as they are, and what a test looks for is found in it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.page_browsers import Browser
from tests.support.page_states import World
from tests.support.page_world import PAGE, Quiet, Site, until
from tests.words.test_words import COUNTED, said_by_the_page

LONGER = 0.4
"""How much longer than its English a text is."""
WORD = 7
"""Letters of a word with which a text is drawn out: a line can break before it."""


def drawn_out(english: str) -> str:
    """`⟦Last 24 hours øøø⟧`; a short word stays one word, as most do. Values in braces are no letters of the text."""
    letters = len(re.sub(r"\{.*?\}", "00", english))
    more = max(0, round(letters * LONGER + 0.5) - 2)  # less what the marks take
    words = ["ø" * min(WORD, more - at) for at in range(0, more, WORD + 1)]
    return f"⟦{english}{'' if more <= 3 else ' '}{' '.join(words)}⟧"


def _made_up(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _made_up(row) for name, row in value.items()}
    if isinstance(value, list):
        return [_made_up(row) for row in value]
    is_text = isinstance(value, str) and re.search(r"[^\W\d_]", re.sub(r"\{.*?\}", "", value))
    return drawn_out(value) if is_text else value


def counted_by_the_page() -> list[tuple[str, str]]:
    """The page's own sentences with a count, by their English: of one and of others."""
    scripts = [path.read_text() for path in (PAGE / "js").rglob("*.js")]
    found = [forms for text in scripts for forms in COUNTED.findall(text)]
    return [(json.loads(f'"{one}"'), json.loads(f'"{other}"')) for one, other in found]


def made_up(code: str = "en") -> dict[str, bytes]:
    """The words of this language drawn out, with the page's own sentences in English: what to serve in their place."""
    table = (PAGE / "js" / f"words.{code}.js").read_text().split("export default ")[1]
    words = _made_up(json.loads(table.rstrip(";\n")))
    says: dict[str, Any] = {english: drawn_out(english.split("|")[0]) for english in said_by_the_page()}
    for one, other in counted_by_the_page():
        says[other] = {"one": drawn_out(one), "other": drawn_out(other)}
    words["says"] = {"__proto__": None, **says}
    return {f"/js/words.{code}.js": f"export default {json.dumps(words, ensure_ascii=False)};\n".encode()}


def site(read: Sequence[str] = (), instead: Mapping[str, bytes | None] = {}) -> Site:
    """The page in a browser whose owner reads these languages, the dearest first, with some of its files others."""
    scripts = f"Object.defineProperty(navigator, 'languages', {{get: () => {json.dumps(read)}}});" if read else ""
    return Site(type("Other", (Quiet,), {"scripts": scripts, "instead": instead}))


def tell(browser: Browser, site: Site, told: str) -> None:
    """What Settings keeps, as JSON."""
    browser.get(f"{site.address}/blank")
    browser.js("localStorage.setItem('pump-companion.language', arguments[0])", told)


def arrive(world: World) -> None:
    """The page at its device, whatever its language: the last of its cards and the record are there."""
    world.open(seen="")
    until("the cards", lambda: world.browser.js(ARRIVED))


ARRIVED = "return document.querySelector('#device-title') && document.querySelectorAll('.week-row .mark').length > 20"


OUTSIDE = """
const named = ["aria-label", "title", "placeholder", "alt", "aria-description", "aria-roledescription"];
const found = new Set();
const keep = (text) => {
  let rest = text.replace(/\\s+/g, " ").trim();
  for (let before = ""; before !== rest;) [before, rest] = [rest, rest.replace(/⟦[^⟦⟧]*⟧/g, "")];
  if (/[\\p{L}⟦⟧]/u.test(rest)) found.add(rest.trim());
};
for (const element of document.querySelectorAll("html *")) {
  if (element.closest("script, style, noscript")) continue;
  named.forEach((name) => element.hasAttribute(name) && keep(element.getAttribute(name)));
  const texts = [...element.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.data : "\\n"));
  texts.join("").split("\\n").forEach(keep);
}
return [...found];
"""
"""What is read or heard on the page past the marks."""

CROWDED = """
const seen = (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".unseen, .toast, .report");
const above = (e) => e.tagName === "DIALOG" || /fixed|sticky/.test(getComputedStyle(e).position);
const around = (e) => (e.parentElement && !above(e) ? [e, ...around(e.parentElement)] : [e]);
const told = (text) => text.trim().replace(/\\s+/g, " ").slice(0, 60);
const found = [];
const lines = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode;
  const element = node.parentElement;
  if (!node.data.trim() || !seen(element)) continue;
  const boxes = around(element).map((e) => [e, getComputedStyle(e), e.getBoundingClientRect()]);
  const layer = boxes.at(-1)[0];
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const line of range.getClientRects()) {
    if (line.width < 1) continue;
    const past = ([, , box]) => line.right > box.right + 1 || line.left < box.left - 1 ||
      line.bottom > box.bottom + line.height / 4 || line.top < box.top - line.height / 4;
    const scrolls = ([, style]) => /auto|scroll/.test(style.overflowX + style.overflowY);
    const holds = ([e, style]) => /hidden|clip/.test(style.overflowX + style.overflowY) ||
      e.matches("button, label, .key, .card, .choice, td, th");
    const out = boxes.find((box) => (holds(box) || scrolls(box)) && past(box));
    if (out && scrolls(out)) continue; // it comes into sight
    if (out) found.push(`past its ${out[0].tagName}.${out[0].className}: ${told(node.data)}`);
    lines.push({node, layer, line});
  }
}
for (const [place, a] of lines.entries()) {
  for (const b of lines.slice(place + 1)) {
    if (a.node === b.node || a.layer !== b.layer) continue;
    const wide = Math.min(a.line.right, b.line.right) - Math.max(a.line.left, b.line.left);
    const high = Math.min(a.line.bottom, b.line.bottom) - Math.max(a.line.top, b.line.top);
    if (wide > 1 && high > Math.min(a.line.height, b.line.height) / 3)
      found.push(`over another: ${told(a.node.data)} / ${told(b.node.data)}`);
  }
}
for (const field of document.querySelectorAll("input[placeholder*=' ']")) { // an address there may be cut
  const { value, placeholder } = field;
  field.style.fontSize = getComputedStyle(field, "::placeholder").fontSize;
  field.value = placeholder;
  if (field.scrollWidth > field.clientWidth + 1) found.push(`cut in its field: ${told(placeholder)}`);
  field.value = value;
  field.style.fontSize = "";
}
const wide = document.documentElement.scrollWidth;
if (wide > innerWidth + 1) found.push(`the page scrolls sideways: ${wide}`);
return found;
"""
"""Text that is cut, spills out of what holds it, or lies over another. A toast lies over what it comes to, and the
report has the width of its paper: `test_page_report` looks at that."""
