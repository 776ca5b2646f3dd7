"""Import: a file of ours read in the browser, what it would bring in said first, then one command after the other."""

import json
from typing import Any

from tests.page.test_page_actions import commands
from tests.page.test_page_download import KEEP, kept_file
from tests.page.test_page_record import run
from tests.support.page_device import RefusedError
from tests.support.page_states import FILE, World, brought_in, choosing, download, dry_run, give_file, idle
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)

TOP = "dialog:last-of-type"


def lines(world: World) -> list[str]:
    script = "return [...document.querySelectorAll('.import-line')].map((e) => e.textContent.replace(/\\s+/g, ' '))"
    return list(world.browser.js(script))


def sent(device: Any) -> list[dict[str, Any]]:
    return [{k: v for k, v in c.items() if k != "request"} for c in commands(device)]


def test_the_dry_run_says_line_by_line_what_would_come_in_and_sends_nothing(world: World) -> None:
    device = idle(world)
    dry_run(world)
    said = lines(world)
    assert [line for line in said if "line 2" in line] == [
        "line 2Sat 17:45–18:00 another session is at that time · that of line 1–"
    ]
    assert next(line for line in said if "line 3" in line).startswith(
        "line 303:20–03:45 another session is at that timeOpen that"
    )
    assert next(line for line in said if "line 6" in line).startswith(
        "line 6 purpose is none of protect, promote, treat"
    )
    assert next(line for line in said if "line 7" in line).startswith("line 7Sat 23:00 nursed, effective")
    assert commands(device) == []


def test_what_comes_in_goes_as_commands_one_after_the_other(world: World) -> None:
    device = idle(world)
    brought_in(world)
    assert sent(device) == [
        {
            "command": "add",
            "started_at": "2026-02-28T16:40:00Z",
            "ended_at": "2026-02-28T16:55:00Z",
            "purpose": "protect",
            "ml": 75,
        },
        {"command": "nursing", "at": "2026-02-28T22:00:00Z", "effective": True, "side": "left"},
    ]
    world.browser.press("Done", TOP)
    world.browser.sees("Sat 17:40–17:55", "dialog")


def test_a_file_taken_in_twice_changes_nothing_the_second_time(world: World) -> None:
    device = idle(world)
    brought_in(world)
    give_file(world.browser, "record.jsonl", FILE)
    world.browser.sees("Nothing is sent yet: 0 would come in, 3 can’t, 3 there already.", TOP)
    assert len(commands(device)) == 2


def test_a_downloaded_table_is_there_already_line_for_line(world: World) -> None:
    device = idle(world)
    newest = device._newest()
    assert newest
    device.announce(device.revise(newest, "note", note='=one, "two"\nthree')["session"])
    world.browser.js(KEEP)
    download(world)
    world.browser.press("Make the file", TOP)
    world.browser.sees("kB", TOP)
    text = kept_file(world)
    world.browser.press("Done", TOP)
    world.browser.press("Import", "dialog")
    give_file(world.browser, "sessions.csv", text)
    count = len(device.sessions)
    world.browser.sees(f"Nothing is sent yet: 0 would come in, 0 can’t, {count} there already.", TOP)
    read = run(world, "js/table.js", f"return m.linesOf({text!r}).at(-1)")
    assert read["fields"]["note"] == '=one, "two"\nthree'


MILK = [
    {"intention": "feed", "milk": {"place": "used", "ml": 0, "since": "2026-02-20T09:00:00Z"}},
    {"intention": "fridge", "milk": {"place": "freezer", "ml": 50, "since": "2026-02-21T10:00:00Z"}},
    {"intention": "freezer", "milk": {"place": "freezer", "ml": 80, "since": "2026-02-22T08:10:00Z"}},
    {"intention": "donate", "milk": {"place": "donated", "ml": 0, "since": "2026-02-23T08:10:00Z"}},
]


def test_what_became_of_the_milk_comes_in_behind_its_session(world: World) -> None:
    device = idle(world)
    choosing(world)
    starts = [f"2026-02-{20 + day}T08:00:00Z" for day in range(4)]
    days = [
        {"session": {"started_at": at, "duration_s": 600, "volume_ml": 80, **milk}}
        for at, milk in zip(starts, MILK, strict=True)
    ]
    give_file(world.browser, "record.jsonl", "".join(json.dumps(line) + "\n" for line in days))
    world.browser.press("Bring in 4", TOP)
    world.browser.sees("4 of 4 records came in.", TOP)
    assert [c["command"] for c in commands(device)] == ["add", "milk", "add", "milk", "add", "add"]
    came = [s["milk"] for s in device.sessions.values() if s["started_at"] in starts]
    assert [(milk["place"], milk["since"]) for milk in came] == [
        ("used", "2026-02-20T09:00:00Z"),
        ("freezer", "2026-02-21T10:00:00Z"),
        ("freezer", "2026-02-22T08:10:00Z"),
        ("donated", "2026-02-23T08:10:00Z"),
    ]
    assert commands(device)[3]["ml"] == 50


def test_an_import_is_cancelled_at_any_time(world: World) -> None:
    device = idle(world)
    dry_run(world)
    device.answering = False
    world.browser.press("Bring in 2", TOP)
    world.browser.sees("0 of 2 records …", TOP)
    world.browser.press("Cancel", TOP)
    world.browser.sees("Cancelled: 0 of 2 records came in.", TOP)
    assert len(commands(device)) == 1


def test_a_device_that_is_busy_is_asked_again_and_says_so(world: World) -> None:
    device = idle(world)
    dry_run(world)
    device.refusals["add"] = [RefusedError("busy", None, "1,000 wait")]
    world.browser.press("Bring in 2", TOP)
    world.browser.sees("it goes on in a moment", TOP)
    world.browser.sees("2 of 2 records came in.", TOP)
    assert [c["command"] for c in commands(device)] == ["add", "add", "nursing"]


def test_what_is_refused_is_named_and_the_rest_comes_in(world: World) -> None:
    device = idle(world)
    dry_run(world)
    other = str(device._kept()[-1]["id"])
    device.refusals["add"] = [RefusedError("out_of_range", "started_at", "it overlaps", other)]
    world.browser.press("Bring in 2", TOP)
    world.browser.sees("1 of 2 records came in, 1 refused.", TOP)
    world.browser.press("Open that session", TOP)
    world.browser.sees("Today, 08:10–08:26", TOP)


def test_after_a_broken_connection_nothing_is_sent_twice(world: World) -> None:
    device = idle(world)
    dry_run(world)
    device.answering = False
    world.browser.press("Bring in 2", TOP)
    asked = until("an add", lambda: commands(device))[0]
    with device.lock:
        device._answer(asked)  # done, but its answer never comes
    world.broker.stop()
    world.browser.sees("The connection broke after 0 of 2 records.", TOP)
    device.leave()
    device.answering = True
    world.broker.start()
    device.connect()
    world.browser.press("Look again", TOP)
    world.browser.sees("Nothing is sent yet: 1 would come in, 3 can’t, 2 there already.", TOP)
    world.browser.press("Bring in 1", TOP)
    world.browser.sees("1 of 1 record came in.", TOP)
    assert [c["command"] for c in commands(device)] == ["add", "nursing"]


def test_a_device_that_goes_away_stops_it(world: World) -> None:
    device = idle(world)
    dry_run(world)
    device.answering = False
    world.browser.press("Bring in 2", TOP)
    until("an add", lambda: commands(device))
    device.disconnect()
    world.browser.sees("The connection broke after 0 of 2 records.", TOP)


def test_what_the_device_cannot_keep_stops_it_and_counts_as_in(world: World) -> None:
    device = idle(world)
    dry_run(world)
    device.refusals["add"] = [RefusedError("not_saved", None, "Not on the disk yet.")]
    world.browser.press("Bring in 2", TOP)
    world.browser.sees("1 of 2 records came in. Not saved yet", TOP)
    assert len(commands(device)) == 1


def test_a_file_that_is_too_large_or_none_of_ours_is_said(world: World) -> None:
    idle(world)
    choosing(world)
    give_file(world.browser, "large.csv", "x" * 4_000_001)
    world.browser.sees("It has over 4 MB", TOP)
    give_file(world.browser, "many.jsonl", "{}\n" * 5001)
    world.browser.sees("It has 5001 lines, over 5000", TOP)
    give_file(world.browser, "other.csv", "a,b\n1,2\n")
    world.browser.sees("it has no column started_at", TOP)
    give_file(world.browser, "empty.csv", "")
    world.browser.sees("There is no record in it.", TOP)
    assert world.browser.complaints() == []


def test_tables_are_read_as_spreadsheets_of_several_countries_save_them(world: World) -> None:
    semicolons = '﻿started_at;duration_s;volume_ml;note;deleted\r\n2026-02-28T17:40:00+01:00;900,0;75;"\'=1;2";FALSE\r\n'
    read = run(world, "js/table.js", f"return m.linesOf({semicolons!r})")
    assert read == [
        {
            "line": 2,
            "kind": "session",
            "fields": {
                "started_at": "2026-02-28T17:40:00+01:00",
                "duration_s": 900,
                "volume_ml": 75,
                "note": "=1;2",
                "deleted": False,
            },
        }
    ]


def test_lines_that_say_too_much_or_too_little_are_named(world: World) -> None:
    given = [
        {"session": {"started_at": "2026-02-28T16:40:00Z"}},
        {"session": {"started_at": "2026-02-28T16:40:00", "duration_s": 60}},
        {"session": {"started_at": "2026-02-28T16:40:00Z", "ended_at": "2026-02-28T16:40:00Z"}},
        {"session": {"started_at": "2026-02-28T16:40:00Z", "duration_s": 90_000}},
        {"session": {"started_at": "2026-02-28T16:40:00Z", "duration_s": 60, "volume_ml": 2001}},
        {
            "session": {
                "started_at": "2026-02-28T16:40:00Z",
                "duration_s": 60,
                "purpose": "treat",
                "reason": "collect_extra_milk",
            }
        },
        {"session": {"started_at": "2026-02-28T16:40:00Z", "duration_s": 60, "note": "x" * 501}},
        {"session": {"started_at": "2026-03-02T16:40:00Z", "duration_s": 60}},
        {"session": {"started_at": "2026-02-28T16:40:00Z", "state": "running"}},
        {"nursing": {"at": "2026-02-28T16:40:00Z"}},
    ]
    text = "".join(json.dumps(line) + "\n" for line in given)
    script = f"""
      const {{ linesOf }} = await import(new URL("js/table.js", document.baseURI));
      const plan = m.planned(linesOf({text!r}), [], Date.UTC(2026, 2, 1));
      return plan.map(({{ words, state }}) => `${{state}}: ${{words}}`);
    """
    assert run(world, "js/import.js", f"return (async () => {{ {script} }})()") == [
        "bad: ended_at is missing, and duration_s",
        "bad: started_at is no time with its zone",
        "bad: it ends before it begins",
        "bad: it is longer than a day",
        "bad: volume_ml is no amount from 0 to 2000 ml",
        "bad: reason: collect_extra_milk belongs to promote",
        "bad: the note is longer than 500 characters",
        "bad: it lies in the future",
        "left: still running then",
        "bad: effective is neither true nor false",
    ]
