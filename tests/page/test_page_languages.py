"""The page's language: the browser's or the one told, all of it in that language, and room for longer words."""

import calendar
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from device.core.model.record import Purpose
from device.words import LANGUAGES
from tests.page.test_page_access import WIDER
from tests.support.effort import so_many
from tests.support.page_browsers import LOCALE, Browser
from tests.support.page_languages import (
    CROWDED,
    OUTSIDE,
    arrive,
    counted_by_the_page,
    drawn_out,
    made_up,
    site,
    tell,
)
from tests.support.page_states import STATES, World, at_rest, idle, pumping
from tests.support.page_world import Site, until

pytest_plugins = ("tests.support.page_fixtures",)

NARROW = (320, 700)

# -- which language --------------------------------------------------------------------------------------------

SAYS = """
const [done] = arguments;
const modules = ["language", "words", "time"].map((name) => import(`/js/${name}.js`));
Promise.all(modules).then(([{number}, {PURPOSES}, {timesIn}]) => done({
  lang: document.documentElement.lang,
  protect: PURPOSES.protect,
  clock: timesIn("Europe/Vienna", 0).clock("2026-03-01T07:10:00Z"),
  numbers: [number(0.5, 1), number(1234), number(12345)].join(" | "),
}));
"""


def spoken(browser: Browser, at: Site) -> dict[str, Any]:
    """The page's language, by what it says; spaces that do not break as plain ones."""
    browser.open(at.address)
    until("the page", lambda: browser.js("return document.querySelector('main .card')"))
    assert browser.complaints() == []
    found = browser.later(SAYS)
    return {name: re.sub(r"\s", " ", word) for name, word in found.items()}


@pytest.fixture
def reader(browser: Browser) -> Iterator[Any]:
    """Opens the page as one who reads these languages sees it; the browser's own is the first."""
    sites: list[Site] = []

    def read(*tags: str, told: str | None = None, **others: Any) -> dict[str, Any]:
        sites.append(site(tags, **others))
        browser.locale(tags[0])
        if told is not None:
            tell(browser, sites[-1], f'"{told}"')
        return spoken(browser, sites[-1])

    yield read
    browser.locale(LOCALE)
    browser.get("about:blank")
    for each in sites:
        each.stop()


def word(code: str) -> str:
    return LANGUAGES[code].purposes[Purpose.PROTECT].long


@pytest.mark.parametrize(
    ("tags", "code", "clock", "numbers"),
    [
        (["de-AT"], "de", "08:10", "0,5 | 1234 | 12 345"),
        (["sv", "fr-CA", "de"], "fr", "08 h 10", "0,5 | 1234 | 12 345"),
        (["es-MX"], "es", "8:10 a.m.", "0.5 | 1234 | 12,345"),
        (["en-US"], "en", "8:10 AM", "0.5 | 1234 | 12,345"),
        (["sv"], "en", "08:10", "0,5 | 1234 | 12 345"),  # no words in it: English ones, the browser's own dates
    ],
    ids=["own", "second", "region", "English", "none"],
)
def test_it_speaks_the_first_of_the_browsers_languages_that_it_knows(
    reader: Any, tags: Sequence[str], code: str, clock: str, numbers: str
) -> None:
    assert reader(*tags) == {"lang": code, "protect": word(code), "clock": clock, "numbers": numbers}


@pytest.mark.parametrize(
    ("told", "tags", "code", "numbers"),
    [
        ("it", ["en-GB"], "it", "0,5 | 1234 | 12.345"),
        ("fr", ["de", "fr-CA"], "fr", "0,5 | 1234 | 12 345"),
        ("en", ["de-DE"], "en", "0.5 | 1234 | 12,345"),
    ],
)
def test_what_is_told_wins(reader: Any, told: str, tags: Sequence[str], code: str, numbers: str) -> None:
    said = reader(*tags, told=told)
    assert (said["lang"], said["protect"], said["numbers"]) == (code, word(code), numbers)


def test_rubbish_in_the_storage_tells_nothing(browser: Browser) -> None:
    at = site(["de"])
    for rubbish in ("{", "42", '"__proto__"', '["fr"]'):  # whatever another page of that address wrote
        tell(browser, at, rubbish)
        assert spoken(browser, at)["lang"] == "de"
    browser.get("about:blank")
    at.stop()


@pytest.mark.parametrize("file", [None, b"export default {", b"<!doctype html>"], ids=["missing", "torn", "another"])
def test_a_language_whose_words_do_not_come_leaves_an_english_page(reader: Any, file: bytes | None) -> None:
    said = reader("fr", instead={"/js/words.fr.js": file})
    assert said == {"lang": "en", "protect": "Protect", "clock": "08:10", "numbers": "0,5 | 1234 | 12 345"}


LANG = "return document.documentElement.lang"


def test_settings_choose_it_and_give_the_choice_back_to_the_browser(world: World) -> None:
    idle(world)
    world.browser.press("Settings")
    world.browser.press("Deutsch")
    until("German", lambda: world.browser.js(LANG) == "de")
    world.browser.sees(word("de"), ".card:has(#day-title)")
    world.browser.sees("8,5", ".card:has(#outlook-title)")
    world.browser.sees("Sa., 28.", ".week")
    world.browser.reload()
    world.browser.sees(word("de"), ".card:has(#day-title)")
    world.browser.js("document.querySelector('.top .icon-button').click()")
    until("the choice", lambda: world.browser.js("return document.querySelector('[name=language][value=de]:checked')"))
    world.browser.js("document.querySelector('[name=language][value=\"\"]').click()")
    until("English", lambda: world.browser.js(LANG) == "en")
    world.browser.sees("Protect", ".card:has(#day-title)")
    assert world.browser.js("return localStorage.getItem('pump-companion.language')") is None


COUNTS = """
const [forms, done] = arguments;
import("/js/words.js").then(({counted}) =>
  done([0, 1, 2, 12345].map((count) => forms.map(([one, other]) => counted(count, one, other)))));
"""


@pytest.mark.parametrize(("code", "singular"), [("de", {1}), ("fr", {0, 1})])
def test_each_counted_sentence_has_the_plural_of_its_language(
    reader: Any, browser: Browser, code: str, singular: set[int]
) -> None:
    reader(code, instead=made_up(code))
    forms = counted_by_the_page()
    found = browser.later(COUNTS, forms)
    for count, said in zip((0, 1, 2, 12345), found, strict=True):
        written = {"de": "12.345", "fr": "12\u202f345"}[code] if count > 9999 else str(count)
        of_forms = [drawn_out(one if count in singular else other) for one, other in forms]
        assert said == [sentence.replace("{count}", written) for sentence in of_forms]


LISTED = """
const [done] = arguments;
import("/js/language.js").then(({listed}) => done(listed(["a", "b", "c"])));
"""


@pytest.mark.parametrize(
    ("code", "said"), [("en", "a, b, c"), ("sv", "a, b, c"), ("de", "a, b und c"), ("fr", "a, b et c")]
)
def test_facts_in_a_row_are_put_as_the_language_puts_them(reader: Any, browser: Browser, code: str, said: str) -> None:
    reader(code)
    assert browser.later(LISTED) == said


# -- all of it, and with room ----------------------------------------------------------------------------------

WHOLE = [
    "idle",
    "question",
    "amount",
    "nursed",
    "fault",
    "first_time",
    "settings",
    "correct",
    "nursing",
    "cut",
    "add",
    "day",
    "download",
    "dry_run",
    "report",
    "demo",
]
"""States in which each card and each dialog is seen; EFFORT=10 goes through all."""
NAMES = [*calendar.day_abbr, *calendar.month_abbr[1:]]
UNITS = ["ml", "oz"]
FROM_ELSEWHERE = {
    *(words.name for words in LANGUAGES.values()),  # each by its own
    "record.jsonl",  # the person's file
    "Why pump? Likely Protect",  # the device's own screen, in the demo
}
NO_WORD = re.compile(rf"wss?://[\w.:]+|\b({'|'.join(NAMES + UNITS)})\b")


@pytest.fixture(scope="module")
def longer() -> Iterator[Site]:
    """The page in the made-up language."""
    longer = site(instead=made_up())
    yield longer
    longer.stop()


@pytest.mark.parametrize("state", list(STATES) if so_many(1) > 1 else WHOLE)
def test_nothing_is_said_past_the_table_and_longer_words_have_room(world: World, longer: Site, state: str) -> None:
    world.site = longer
    world.browser.get(f"{longer.address}/blank")
    world.browser.js("localStorage.clear(); sessionStorage.clear()")
    STATES[state](world)
    outside = [text for text in world.browser.js(OUTSIDE) if text not in FROM_ELSEWHERE]
    assert [text for text in outside if re.search(r"[^\W\d_]|[⟦⟧]", NO_WORD.sub("", text))] == []
    assert crowded(world) == []


def crowded(world: World) -> list[str]:
    """What has no room at 320 px, and at twice the text."""
    world.browser.size(*NARROW)
    found = []
    for size in ("100%", "200%"):
        world.browser.js("document.documentElement.style.fontSize = arguments[0]", size)
        at_rest(world.browser)
        wider = [] if world.browser.js("return document.querySelector('.report')") else world.browser.js(WIDER)
        found += [f"{size}: {line}" for line in wider + world.browser.js(CROWDED)]
    world.browser.js("document.documentElement.style.fontSize = ''")
    return found


def test_what_stands_past_the_table_or_has_no_room_is_seen(world: World, longer: Site) -> None:
    world.browser.get(f"{longer.address}/blank")
    world.browser.js(
        "document.body.innerHTML = `<p title='Said'>⟦Kept⟧ past</p><button style='width: 30px'>Unbreakable</button>"
        "<p>under</p><p style='margin-top: -2em'>over</p>`"
    )
    assert world.browser.js(OUTSIDE) == ["Said", "past", "Unbreakable", "under", "over"]
    assert world.browser.js(CROWDED) == ["past its BUTTON.: Unbreakable", "over another: under / over"]


# -- in each language ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_axe_finds_nothing_and_nothing_is_cut_in_any_language(world: World, code: str) -> None:
    tell(world.browser, world.site, f'"{code}"')
    pumping(world, "purpose")
    arrive(world)
    assert world.browser.js(LANG) == code
    found = world.browser.axe() + crowded(world)
    world.browser.size(360, 780)
    for opener in (".top .icon-button", ".card:has(#sessions-title) .row"):
        world.browser.js("document.querySelector(arguments[0]).click()", opener)
        until("the dialog", lambda: world.browser.js("return document.querySelector('dialog[open] .sheet-body')"))
        at_rest(world.browser)
        found += world.browser.axe() + world.browser.js(CROWDED)
        world.browser.key("Escape")
        until("no dialog", lambda: not world.browser.js("return document.querySelector('dialog')"))
    assert found + world.browser.complaints() == []
