"""The page's report: opened, a span chosen, notes ticked, printed; and it says what the command line's says."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec import to_builtins
from msgspec.structs import replace

from device.core.model.live import Outlook
from device.core.model.record import PURPOSE_OF, Clock, Reason, Record, Units
from device.report.said import sheet_scope
from device.report.setting import Scope
from device.report.sheet import report_html
from device.wire.payloads import record_payload
from device.words import LANGUAGES
from tests.page.test_page_daemon import taken_in
from tests.support.effort import so_many
from tests.support.household import ROOT, household
from tests.support.page_browsers import Browser, Chromium
from tests.support.page_records import iso
from tests.support.page_states import World, at_rest, report
from tests.support.page_world import PAGE, Site, until
from tests.support.report_households import Days, households, made_nursing, made_session

pytest_plugins = ("tests.support.page_fixtures",)

ON_PAGE = """
const [given, done] = arguments;
const parts = ["account", "said", "setting", "sheet"].map((name) => `report/${name}`);
const all = Promise.all([...parts, "time", "payloads", "../vendor/preact"].map((name) => import(`/js/${name}.js`)));
all.then(async ([{account}, {sheetScope}, {settingOf}, {filled, loaded}, {timesIn}, {session, nursing}, {render}]) => {
  const times = timesIn(given.timezone, given.now * 1000);
  const now = given.now * 1000;
  const record = {sessions: given.sessions.map(session), nursings: given.nursings.map(nursing)};
  const found = account(record, {length: given.length, now, times});
  const scope = sheetScope(found, settingOf({...given, now, times}));
  const place = document.createElement("main");
  document.body.replaceChildren(place);
  render(filled(await loaded(), scope), place);
  const made = new DOMParser().parseFromString(given.html, "text/html").querySelector(".report");
  const drawn = document.querySelector(".report");
  drawn.normalize();
  const differs = (a, b) => {
    if (a.isEqualNode(b)) return null;
    const [here, there] = [a, b].map((node) => [...node.childNodes]);
    const inner = here.findIndex((child, place) => !there[place] || !child.isEqualNode(there[place]));
    if (inner < 0 || !there[inner]) return [a.cloneNode().outerHTML ?? a.data, b.cloneNode().outerHTML ?? b.data];
    return differs(here[inner], there[inner]);
  };
  done([scope, differs(drawn, made)]);
}).catch((error) => done([String(error.stack), null]));
"""


def as_texts(scope: Any) -> Any:
    """Numbers and texts are one on the sheet."""
    match scope:
        case dict():
            return {name: as_texts(value) for name, value in scope.items()}
        case list():
            return [as_texts(value) for value in scope]
    return str(scope)


def as_file(scope: Scope) -> str:
    return report_html((PAGE / "report.xml").read_text(), (PAGE / "css" / "report.css").read_text(), scope)


def on_page(browser: Browser, days: Days, made: Scope) -> Any:
    told = [record_payload(record, "pump") for record in days.records]
    return browser.later(
        ON_PAGE,
        {
            **to_builtins(days.told),
            "device": "pump",
            "length": days.length,
            "sessions": [record for record in told if "started_at" in record],
            "nursings": [record for record in told if "at" in record],
            "html": as_file(made),
        },
    )


@pytest.fixture
def spoken(browser: Browser, site: Site) -> Iterator[Callable[[str], None]]:
    """An empty page in a language, told as Settings tells it; what a page said last is forgotten afterwards."""

    def speak(code: str) -> None:
        browser.get(f"{site.address}/blank")
        browser.js("localStorage.setItem('pump-companion.language', JSON.stringify(arguments[0]))", code)
        browser.get(f"{site.address}/blank")

    yield speak
    browser.js("localStorage.removeItem('pump-companion.language')")
    browser.get("about:blank")


@pytest.mark.parametrize(("code", "examples"), [("en", 100), ("de", 20), ("fr", 20)])
def test_the_page_and_the_command_line_say_the_same_of_any_days_cell_by_cell(
    browser: Browser, spoken: Callable[[str], None], code: str, examples: int
) -> None:
    spoken(code)

    @settings(max_examples=so_many(examples))
    @given(households())
    def same(days: Days) -> None:
        made = sheet_scope(days.account, replace(days.setting, lang=code, words=LANGUAGES[code]))
        scope, differs = on_page(browser, days, made)
        assert as_texts(scope) == made
        assert differs is None

    same()


# -- on the page -----------------------------------------------------------------------------------------------


def chromium(world: World) -> Chromium:
    if not isinstance(world.browser, Chromium):
        pytest.skip("only Chromium prints where nobody looks")
    return world.browser


PAPERS = {"A4": (8.27, 11.69), "Letter": (8.5, 11)}


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_span_is_chosen_notes_are_ticked_and_the_browser_prints_it(world: World) -> None:
    device = world.device()
    noted = device.session(device.wall - timedelta(days=25), 15, purpose="treat", reason="mastitis")
    noted["note"] = "<b>sore</b> & red"
    device.connect()
    world.open()
    world.browser.find("Report to print")
    world.browser.js("[...document.querySelectorAll('button')].find((e) => e.innerText === 'Report to print').focus()")
    world.browser.press("Report to print")
    world.browser.sees("16 Feb to 1 Mar 2026, 14 days", ".report")
    assert "Mastitis" not in world.browser.text(".report")
    assert world.browser.js("return document.activeElement.innerText") == "Back"
    world.browser.press("30 days", ".report-tools")
    world.browser.sees("Mastitis", ".report")
    assert "sore" not in world.browser.text(".report")
    world.browser.press("Notes too", ".report-tools")
    world.browser.sees("<b>sore</b> & red", ".report-notes")
    world.browser.js("window.printed = 0; window.print = () => (window.printed += 1)")
    world.browser.press("Print", ".report-tools")
    assert world.browser.js("return window.printed") == 1
    world.browser.press("Back")
    world.browser.sees("Report to print")
    assert world.browser.text(".report") == ""
    assert world.browser.js("return [document.activeElement.innerText, document.title]") == ["Report to print", "Pump"]
    assert world.browser.complaints() == []


def test_the_report_of_days_without_a_record_says_so(world: World) -> None:
    device = world.device(week=False)
    device.session(device.wall - timedelta(days=20), 15)
    device.connect()
    world.open()
    world.browser.press("Report to print")
    world.browser.sees("Nothing is recorded in these days. Choose more of them.")
    world.browser.press("30 days", ".report-tools")
    world.browser.sees("29 days without a record", ".report")


def test_while_the_device_is_away_no_half_report_is_shown(world: World) -> None:
    device = world.opened()
    world.browser.sees("00:35", ".card:has(#sessions-title)")  # the record is known as far as a week
    device.answering = False
    world.browser.press("Report to print")
    world.browser.sees("Asking the device …", ".report-view")
    assert world.browser.text(".report") == ""
    assert world.browser.js("return document.querySelector('.main-action').ariaDisabled") == "true"
    device.disconnect()
    world.browser.sees("It comes with the connection.", ".report-view")
    world.browser.press("7 days", ".report-tools")  # as far as it is known
    world.browser.sees("By purpose", ".report")


@pytest.mark.parametrize("theme", ["dark", "night"])
def test_it_is_printed_black_on_white_whatever_the_theme(world: World, theme: str) -> None:
    report(world)
    world.browser.theme(theme)
    printing = chromium(world)
    printing.media("print")
    at_rest(world.browser)
    colours = world.browser.js("""
      const marked = [...document.querySelectorAll(".report *")];
      return [...new Set(marked.flatMap((e) => [getComputedStyle(e).color, getComputedStyle(e).fill]))].sort();""")
    shown = world.browser.js("""
      return [...document.querySelectorAll("body > *")].filter((e) => e.offsetHeight).map((e) => e.className);""")
    printing.media("")
    assert set(colours) <= {"rgb(0, 0, 0)", "none"}
    assert shown == ["report-view"]


def busy(length: int) -> Days:
    """Ten sessions and ten nursings a day, with all that takes room on the pages; every note is long."""
    reasons, records = [*Reason, None], list[Record]()
    for number in range(10 * length, 0, -1):
        reason = reasons[number % len(reasons)]
        start = BUSY - (10 * length - number) * 8640 - 3000
        records.append(made_nursing(number, start - 3300, effective=number % 3 != 0))
        session = made_session(
            number,
            start,
            start + 1500,
            purpose=PURPOSE_OF[reason] if reason else None,
            reason=reason,
            note="word " * 100,
            interrupted=number % 7 == 0,
            clock=Clock.UNSYNCED if number % 9 == 0 else Clock.SYNCED,
            volume_ml=None if number % 11 == 0 else 95,
        )
        records.append(session)
    view = Outlook("high", 1.7, 1.8, (16, 16, 16, 16, 16))
    told = {"now": BUSY, "timezone": "Europe/Vienna", "units": Units.ML, "baseline": 8, "outlook": view}
    return Days(tuple(records), length, told)


BUSY = 1772369000


@pytest.mark.parametrize("paper", PAPERS)
def test_fourteen_busy_days_are_two_pages_on_either_paper_and_more_days_are_more(
    world: World, tmp_path: Path, paper: str
) -> None:
    printing, printed = chromium(world), {}
    for length in (1, 14, 92):
        days, file = busy(length), tmp_path / f"{length}.html"
        file.write_text(as_file(sheet_scope(days.account, days.setting)))
        printing.get(f"file://{file}")
        printed[length] = pages(printing.printed(*PAPERS[paper]))
        assert printing.complaints() + printing.axe() == []
    assert printed[1] == printed[14] == 2
    assert 4 <= printed[92] <= 8


NARROWEST_PX = 703
"""What lies between the edges of an A4 page."""
RUNS_INTO_THE_NEXT = """
const lines = (head) => {
  const found = document.createTreeWalker(head, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const rects = [];
  while (found.nextNode()) {
    range.selectNodeContents(found.currentNode);
    rects.push(...range.getClientRects());
  }
  return rects;
};
const touch = (left, right) => left.right > right.left - 2 && left.top < right.bottom && left.bottom > right.top;
return [...document.querySelectorAll(".report-page thead th + th")]
  .map((head) => [head.previousElementSibling, head])
  .filter(([left, right]) => lines(left).some((one) => lines(right).some((other) => touch(one, other))))
  .map(([left, right]) => `${left.innerText} | ${right.innerText}`);
"""


@pytest.mark.parametrize("code", LANGUAGES)
def test_two_pages_hold_them_in_any_language(world: World, tmp_path: Path, code: str) -> None:
    days, file, printing = busy(14), tmp_path / "report.html", chromium(world)
    setting = replace(days.setting, lang=code, words=LANGUAGES[code])
    file.write_text(as_file(sheet_scope(days.account, setting)))
    printing.get(f"file://{file}")
    printing.media("print")
    printing.size(NARROWEST_PX, 1000)
    assert printing.js(RUNS_INTO_THE_NEXT) == []
    assert [pages(printing.printed(*paper)) for paper in PAPERS.values()] == [2, 2]
    assert printing.complaints() + printing.axe() == []


@pytest.mark.parametrize("paper", PAPERS)
def test_the_page_itself_prints_the_two_pages_and_nothing_else(world: World, paper: str) -> None:
    report(world)
    world.browser.theme("night")
    assert pages(chromium(world).printed(*PAPERS[paper])) == 2


# -- beside a real daemon --------------------------------------------------------------------------------------

NOW = datetime.now(UTC).replace(microsecond=0)


def a_household() -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for number in range(60):
        at = NOW - timedelta(hours=5 * number + 1)
        lines.append({"nursing": {"at": iso(at - timedelta(hours=2)), "effective": number % 4 != 0}})
        reason = [*Reason, None][number % 8]
        session = {"started_at": iso(at), "duration_s": 900 + number, "reason": reason, "volume_ml": 60 + number}
        lines.append({"session": {name: value for name, value in session.items() if value is not None}})
    return lines


def test_beside_a_real_daemon_both_say_the_same(tmp_path: Path, browser: Browser, site: Site) -> None:
    with household(tmp_path) as house:
        config, file = str(house.device.config), tmp_path / "report.html"
        house.device.end()
        taken_in(house.device.config, a_household())
        house.device.start()
        browser.open(site.address, broker=house.broker.address)
        browser.sees("Report to print")
        browser.press("Report to print")
        browser.sees("What is missing", ".report")

        def same() -> bool:
            file.unlink(missing_ok=True)
            words = [sys.executable, "-m", "device", "report", "--config", config, "-o", str(file)]
            subprocess.run(words, check=True, cwd=ROOT, env=os.environ | {"TZ": "Europe/Vienna"}, stdout=PIPE)
            there, here = browser.js(TEXTS, file.read_text())
            assert len(here) > 150
            differing = {(a, b) for a, b in zip(here, there, strict=True) if a != b}
            assert all("Made" in a or "to " in a or ":" in a for a, _ in differing), differing  # another minute
            return not differing

        until("the same minute", same)
        browser.get("about:blank")


TEXTS = """
const texts = (root) => {
  const found = [...root.querySelectorAll("th, td, p, li, h1, h2, h3, small, text, caption, [aria-label]")];
  return found.map((node) => [node.ariaLabel, node.children.length ? null : node.textContent].join("|"));
};
const made = new DOMParser().parseFromString(arguments[0], "text/html");
return [texts(made.querySelector(".report")), texts(document.querySelector(".report"))];"""


@pytest.mark.parametrize("shape", ["protect", "promote", "treat"])
def test_the_sheets_shapes_are_the_pages(shape: str) -> None:
    drawn = re.search(rf'id="report-{shape}" viewBox="0 0 16 16"><path d="([^"]+)"', (PAGE / "report.xml").read_text())
    assert drawn
    assert drawn[1] in (PAGE / "js" / "parts" / "shapes.js").read_text()
