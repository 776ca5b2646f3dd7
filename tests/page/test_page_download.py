"""Download: the record as a file, made in the browser, byte for byte what `pump-companion export` writes."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.cli.export import line_of
from device.cli.saying import escaped_line
from device.core.model.record import Nursing, Session, begun
from device.wire.csv_rows import COLUMNS, MARK, Kind, to_row
from device.wire.lines import to_line
from device.wire.payloads import kind, record_payload
from tests.page.test_page_record import run
from tests.support import made
from tests.support.effort import so_many
from tests.support.page_device import RefusedError
from tests.support.page_records import Json
from tests.support.page_states import World, download, idle
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

FEW = st.lists(made.records, max_size=6, unique_by=lambda r: (begun(r), r.number))
TOP = "dialog:last-of-type"
ZONES = ["Europe/Vienna", "America/St_Johns", "Australia/Lord_Howe", "Etc/UTC"]

KEEP = """
window.kept = [];
const made = URL.createObjectURL;
URL.createObjectURL = (blob) => { window.kept.push(blob); return made.call(URL, blob); };
"""
KEPT = """
const text = (bytes) => new TextDecoder("utf-8", {ignoreBOM: true}).decode(bytes);
window.kept.at(-1).arrayBuffer().then(text).then(arguments[0]);
"""


def kept_file(world: World) -> str:
    return str(world.browser.later(KEPT))


def exported(records: list[Session | Nursing], form: str, zone: str) -> str:
    """What the command line writes of these."""
    ordered = sorted(records, key=lambda r: (begun(r), isinstance(r, Nursing), r.number))
    if form == "jsonl":
        return b"".join(escaped_line(to_line(record, "pump")) for record in ordered).decode()
    of: Kind = "session" if form == "session" else "nursing"
    rows = [to_row(record, "pump", ZoneInfo(zone)) for record in ordered if kind(record) == of]
    return MARK + "".join(line_of(row) for row in [[*COLUMNS[of]], *rows])


@settings(max_examples=so_many(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=FEW, zone=st.sampled_from(ZONES))
def test_a_file_made_here_is_the_exports_byte_for_byte(
    world: World, records: list[Session | Nursing], zone: str
) -> None:
    given = json.dumps([record_payload(record, "pump") for record in records])
    script = f"const of = (form) => m.fileOf({given}, form, {zone!r}); return ['jsonl', 'session', 'nursing'].map(of)"
    made_here = run(world, "js/table.js", script)
    assert made_here == [exported(records, form, zone) for form in ("jsonl", "session", "nursing")]


def test_the_whole_record_is_paged_through_and_offered_as_a_file(world: World) -> None:
    device = world.device()
    device.page_bytes = 9_000  # several pages
    device.session(device.wall - timedelta(days=200), 15, volume_ml=77, deleted=True, note="=1+1")
    device.connect()
    world.open()
    world.browser.js(KEEP)
    download(world)
    world.browser.press("Make the file", TOP)
    world.browser.sees(f"{len(device.sessions)} records, ", TOP)
    until("a link", lambda: world.browser.js("return document.querySelector('dialog a[download]')?.download"))
    rows = kept_file(world).splitlines()
    assert len(rows) == 1 + len(device.sessions)
    assert rows[0].startswith("\ufeffid,number")
    assert "'=1+1,true" in rows[1]
    assert len([c for c in device.heard if c.get("cursor")]) > 3


def start_of(record: Json) -> str:
    return str(record.get("started_at") or record["at"])


def test_some_days_alone_and_all_of_it_as_lines(world: World) -> None:
    device = idle(world)
    world.browser.js(KEEP)
    download(world)
    world.browser.press("All of it", TOP)
    world.browser.press("Some days", TOP)
    world.browser.type("dialog:last-of-type label:nth-of-type(1) input[type=date]", "2026-02-27", enter=False)
    world.browser.type("dialog:last-of-type label:nth-of-type(2) input[type=date]", "2026-02-28", enter=False)
    world.browser.press("Make the file", TOP)
    world.browser.sees("kB", TOP)
    lines = [json.loads(line) for line in kept_file(world).splitlines()]
    both = [*device.sessions.values(), *device.nursings.values()]
    starts = sorted(map(start_of, both))
    assert [start_of(line.get("session") or line["nursing"]) for line in lines] == [
        at for at in starts if "2026-02-26T23" <= at < "2026-02-28T23"
    ]


def test_a_download_can_be_cancelled_and_a_broken_connection_is_said_and_gone_on_from(world: World) -> None:
    device = world.device()
    device.page_bytes = 9_000
    device.connect()
    world.open()
    world.browser.sees("Sat 21:40")
    world.browser.js(KEEP)
    download(world)
    device.answering = False
    world.browser.press("Make the file", TOP)
    world.browser.press("Cancel", TOP)
    world.browser.sees("Cancelled.", TOP)
    world.browser.press("Make the file", TOP)
    world.browser.sees("Asking the device", TOP)
    world.broker.stop()
    world.browser.sees("The connection broke after 0 records.", TOP)
    device.leave()
    device.answering = True
    world.broker.start()
    device.connect()
    world.browser.sees("It is back: go on.", TOP)
    world.browser.press("Go on", TOP)
    world.browser.sees("kB", TOP)
    assert len(kept_file(world).splitlines()) == 1 + len(device.sessions)


def test_a_device_that_keeps_its_record_to_itself_gives_no_file(world: World) -> None:
    device = idle(world)
    download(world)
    device.refusals["history"] = [RefusedError("not_here", None, "no history in summary")]
    world.browser.press("Make the file", TOP)
    world.browser.sees("The device gives out no record.", TOP)


@pytest.mark.parametrize("form", ["Sessions, a table", "All of it"])
def test_the_file_that_is_saved_names_device_and_day(world: World, form: str) -> None:
    idle(world)
    download(world)
    world.browser.press(form, TOP)
    world.browser.press("Make the file", TOP)
    name = until("a link", lambda: world.browser.js("return document.querySelector('dialog a[download]')?.download"))
    assert name == ("pump-2026-03-01-sessions.csv" if form.startswith("Sessions") else "pump-2026-03-01-record.jsonl")
    assert world.browser.complaints() == []


LARGE = """
const device = {
  left: () => new Promise(() => {}),
  ask: ({cursor = "0"}) => Promise.resolve({
    ok: true, next: cursor === "9" ? null : String(Number(cursor) + 1),
    records: Array.from({length: 15_000}, (_, i) => ({
      id: `${cursor} ${i}`, revision: 1, effective: true,
      at: new Date(1e12 + 1e6 * (i + 15_000 * Number(cursor))).toISOString(),
    })),
  }),
};
const each = new m.Gathering(device, {}, () => {});
return each.run().then(() => [each.status, each.count, each.oldest]);
"""


def test_a_record_of_any_length_says_how_far_back_it_goes(world: World) -> None:
    idle(world)
    assert run(world, "js/gathering.js", LARGE) == ["done", 150_000, 1e12]


MANY = """
let asked = 0;
const parts = Intl.DateTimeFormat.prototype.formatToParts;
Intl.DateTimeFormat.prototype.formatToParts = function (at) { asked += 1; return parts.call(this, at); };
const of = (i) => ({id: "n", number: i, revision: 1, effective: true, at: new Date(1.77e12 + 5e6 * i).toISOString()});
const rows = m.fileOf(Array.from({length: 2000}, (_, i) => of(i)), "nursing", "Europe/Vienna").split("\\r\\n");
Intl.DateTimeFormat.prototype.formatToParts = parts;
return [asked, rows.length];
"""


def test_a_long_table_asks_for_the_zone_a_few_times_a_day_and_not_for_each_cell(world: World) -> None:
    idle(world)
    asked, rows = run(world, "js/table.js", MANY)
    assert rows == 2000 + 2
    assert asked <= 3 * 116 + 200  # both ends of each day; the days on which the clocks change, each cell
