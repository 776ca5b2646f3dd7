"""The page's report: opened, a span chosen, notes ticked, printed; and it says what the command line's says."""

from typing import Any

from hypothesis import given
from msgspec import to_builtins

from device.report.said import sheet_scope
from device.report.setting import Scope
from device.report.sheet import report_html
from device.wire.payloads import record_payload
from tests.support.page_browsers import Browser
from tests.support.page_world import PAGE, Site
from tests.support.report_households import Days, households

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
            "html": report_html((PAGE / "report.xml").read_text(), (PAGE / "css" / "report.css").read_text(), made),
        },
    )


def test_the_page_and_the_command_line_say_the_same_of_any_days_cell_by_cell(browser: Browser, site: Site) -> None:
    browser.get(f"{site.address}/blank")

    @given(households())
    def same(days: Days) -> None:
        made = sheet_scope(days.account, days.setting)
        scope, differs = on_page(browser, days, made)
        assert as_texts(scope) == made
        assert differs is None

    same()
