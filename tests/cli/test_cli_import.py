"""`import` of other apps' tables as a user types it: the dry run, what is left, what is there already, strange files.

And `export --format babybuddy`, which comes back.
"""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from device.store.records import Store
from tests.cli.test_cli import HISTORY, Run

SAMPLES = Path(__file__).parents[1] / "wire" / "samples"
HUCKLEBERRY = ("--format", "huckleberry", str(SAMPLES / "huckleberry.csv"))
HEAD = "Type,Start,End,Duration,Start Condition,Start Location,End Condition,Notes\n"
NOTHING = "; nothing is imported"
NO_END = "no end: 15 min are assumed"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TZ", "Europe/Vienna")
    return Run(tmp_path, capsys)


def written(run: Run, said: str | bytes, name: str = "file.csv") -> str:
    file = run.folder / name
    file.write_bytes(said if isinstance(said, bytes) else said.encode())
    return str(file)


def twice(time: str) -> str:
    return f"2026-10-25 {time}:00 exists twice in Europe/Vienna: the first is taken"


def facts(run: Run, *arguments: str) -> dict[str, Any]:
    status, out, err = run("import", "--json", *arguments)
    assert (status, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def exported(run: Run) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in run("export")[1].splitlines()]
    return [next(iter(line.values())) for line in lines]


def test_a_dry_run_says_each_line_and_imports_nothing(run: Run) -> None:
    file = written(
        run,
        HEAD + "Pump,2026-03-01 04:12,2026-03-01 04:30,00:18,30ml,,55ml,\n"
        "Pump,2026-03-01 04:20,,,30ml,,,\n"
        "Feed,2026-03-01 12:00,,,Formula,Bottle,110ml,\n"
        "Pump,2026-10-25 02:30,2026-10-25 02:40,00:10,30ml,,,\n"
        "Pump,soon,,,30ml,,,\n",
    )
    status, out, err = run("import", "--format", "huckleberry", "--dry-run", file)
    assert out.splitlines() == [
        "times are those of Europe/Vienna, amounts without a unit are in ml (supply.units)",
        "line 2: session 2026-03-01 04:12:00 to 04:30:00, 85 ml, comes in",
        out.splitlines()[2],
        "line 4: is left out: 'Feed' ('Bottle')",
        f"line 5: session 2026-10-25 02:30:00 to 02:40:00, 30 ml, comes in; {twice('02:30')}; {twice('02:40')}",
        "line 6: is bad: Start: 'soon' is no date with a time of day, such as 2026-03-01 03:12",
        "would be: 2 new, 0 revised, 0 unchanged, 2 bad, 1 left out (1 'Feed' ('Bottle'))",
    ]
    overlap = out.splitlines()[2]
    assert overlap.startswith(
        "line 3: session 2026-03-01 04:20:00 to 04:35:00, 30 ml, is bad: overlaps another session"
    )
    assert overlap.endswith(f"; {NO_END}")
    assert (status, len(err.splitlines()), "2 bad lines, named above" in err, "--skip-bad" in err) == (1, 1, True, True)
    assert not (run.folder / "pump.db").exists()
    assert run("import", "--format", "huckleberry", "--dry-run", "--skip-bad", file)[0] == 0


def test_a_dry_run_reads_beside_whoever_has_the_record_and_an_import_does_not(run: Run) -> None:
    assert facts(run, *HUCKLEBERRY)["new"] == 7
    with closing(Store.open(run.folder / "pump.db", holder="a daemon")):
        found = facts(run, "--dry-run", *HUCKLEBERRY)
        assert (found["new"], found["unchanged"], found["dry_run"], len(found["lines"])) == (0, 7, True, 10)
        status, _, err = run("import", *HUCKLEBERRY)
        assert (status, "a daemon" in err, len(err.splitlines())) == (1, True, 1)


def test_nothing_of_a_file_is_imported_where_a_line_is_bad_unless_it_may_be_left(run: Run) -> None:
    file = written(run, HEAD + "Pump,2026-03-01 04:12,,,30ml,,,\nPump,soon,,,30ml,,,\n")
    status, out, err = run("import", "--format", "huckleberry", file)
    assert (status, out, "line 3: Start: 'soon'" in err, err.strip().endswith(NOTHING)) == (1, "", True, True)
    assert exported(run) == []
    status, out, err = run("import", "--format", "huckleberry", "--skip-bad", file)
    assert (status, err) == (0, "")
    assert "line 3: is bad: Start: 'soon'" in out
    assert out.splitlines()[-1] == "1 new, 0 revised, 0 unchanged, 1 bad"
    assert [one["volume_ml"] for one in exported(run)] == [30]


def test_a_bad_line_may_be_left_in_every_format(run: Run) -> None:
    file = run.file([*HISTORY, {"session": {"started_at": "soon"}}, {"session": {**HISTORY[0]["session"], "note": "x"}},
                     {"session": {**HISTORY[0]["session"], "duration_s": 60}}])  # fmt: skip
    status, _, err = run("import", file)
    assert (status, "line 4: started_at" in err) == (1, True)
    found = facts(run, "--skip-bad", file)
    assert (found["new"], found["bad"], [line["line"] for line in found["lines"]]) == (3, 3, [4, 5, 6])
    rows = "started_at,duration_s\n2026-05-01T10:00:00Z,900\n2026-05-02,9\n"
    found = facts(run, "--format", "csv", "--skip-bad", written(run, rows))
    assert (found["new"], found["bad"], [line["line"] for line in found["lines"]]) == (1, 1, [3])


def test_a_monthly_export_can_be_taken_in_again_whatever_became_of_what_it_brought(run: Run) -> None:
    assert (facts(run, *HUCKLEBERRY)["new"], len(exported(run))) == (7, 7)
    before = run("export")[1]
    assert facts(run, *HUCKLEBERRY)["unchanged"] == 7
    text = (SAMPLES / "huckleberry.csv").read_text(encoding="utf-8")
    later = text.replace("slow", "quick").replace("00:14R", "00:14L") + '\n"Pump","2026-04-01 08:00",,,"2oz",,,,'
    found = facts(run, "--format", "huckleberry", written(run, later))
    assert (found["new"], found["passed_over"], found["unchanged"]) == (1, 2, 5)
    assert [
        line for line in run("export")[1].splitlines() if '"started_at":"2026-04' not in line
    ] == before.splitlines()


def test_a_row_without_an_id_is_passed_over_by_its_times_in_every_format_and_a_dry_run_says_so(run: Run) -> None:
    assert run("import", run.file(HISTORY))[0] == 0
    again = [
        {"session": {"started_at": "2026-03-01T10:00:00Z", "ended_at": "2026-03-01T10:15:00Z", "volume_ml": 90}},
        {"nursing": {"at": "2026-03-01T11:00:00Z", "effective": False}},
    ]
    found = facts(run, run.file(again))
    assert (found["new"], found["passed_over"], found["bad"]) == (0, 2, 0)
    _, out, _ = run("import", "--dry-run", run.file(again))
    assert "is passed over, for its times are those of session (number 1)" in out
    assert "is passed over, for its times are those of nursing (number 1)" in out
    csv = "started_at,ended_at,volume_ml\n2026-03-01T10:00:00Z,2026-03-01T10:15:00Z,90\n"
    assert facts(run, "--format", "csv", written(run, csv))["passed_over"] == 1
    assert [one.get("volume_ml") for one in exported(run)] == [60, None, None]


def test_what_goes_to_baby_buddy_comes_back_and_what_is_otherwise_there_is_said(run: Run) -> None:
    assert run("import", run.file(HISTORY))[0] == 0
    status, out, err = run("export", "--format", "babybuddy")
    assert (status, out.splitlines()) == (0, [
        "child_id,start,end,amount,notes,tags",
        "1,2026-03-01 11:00:00,2026-03-01 11:15:00,60,,",
        "1,2026-03-01 11:20:00,2026-03-01 11:30:00,0,,no amount",
    ])  # fmt: skip
    assert '1 without an amount: 0, with the tag "no amount"' in err
    assert "--tags 3=effective" in err
    pumpings = written(run, out, "pumpings.csv")
    tags = ("--tags", "3=effective,5=no amount")
    status, fed, err = run("export", "--format", "babybuddy", "--nursings", "--child", "7", *tags)
    assert fed.splitlines()[1:] == ["7,2026-03-01 12:00:00,2026-03-01 12:00:00,breast milk,both breasts,,,3"]
    assert err == "1 without a side: both breasts\n"
    feedings = written(run, fed, "feedings.csv")
    assert facts(run, "--format", "babybuddy", pumpings)["passed_over"] == 2
    run.config.write_text(run.config.read_text().replace("pump.db", "other.db"))
    assert facts(run, "--format", "babybuddy", pumpings)["new"] == 2
    assert facts(run, "--format", "babybuddy", *tags, feedings)["new"] == 1
    assert [one.get("volume_ml") for one in exported(run)] == [60, None, None]
    assert run("export", "--format", "babybuddy", "--since", "2026-03-02")[1].splitlines()[1:] == []


def test_amounts_that_go_to_baby_buddy_are_in_the_units_of_the_house(run: Run) -> None:
    assert run("import", run.file(HISTORY))[0] == 0
    run.config.write_text(run.config.read_text() + '[supply]\nunits = "oz"\n')
    assert "2026-03-01 11:15:00,2.03,," in run("export", "--format", "babybuddy")[1]


def test_any_table_comes_in_by_its_columns_in_the_zone_that_is_named(run: Run) -> None:
    asked = ("--format", "generic", "--columns", "start=Beginn,end=Ende,ml=Menge (ml),note=Notiz")
    file = str(SAMPLES / "generic.csv")
    status, _, err = run("import", *asked, file)
    assert (status, "line 2: Beginn: '01.03.26 4:12' may be more than one day; say --dates dmy" in err) == (1, True)
    found = facts(run, *asked, "--dates", "dmy", "--timezone", "America/New_York", file)
    assert (found["new"], exported(run)[0]["started_at"]) == (2, "2026-03-01T09:12:00Z")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "generic"], "--columns: is missing"),
        (["--format", "generic", "--columns", "begin=a"], "--columns: 'begin' is none of start"),
        (["--columns", "start=a,end=b"], "--columns: is for --format generic"),
        (["--timezone", "Europe/Vienna"], "--timezone: is for --format babybuddy, huckleberry, generic"),
        (["--format", "huckleberry", "--timezone", "Vienna"], "--timezone: 'Vienna' is no zone of the database"),
        (["--format", "csv", "--dates", "dmy"], "--dates: is for --format babybuddy, huckleberry, generic"),
        (["--format", "huckleberry", "--tags", "3=effective"], "--tags: is for --format babybuddy"),
        (["--format", "babybuddy", "--tags", "effective"], "--tags: 'effective='"),
        (["--format", "xlsx"], "'xlsx' is not one of"),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_status_2(run: Run, arguments: list[str], says: str) -> None:
    status, out, err = run("import", *arguments, str(SAMPLES / "generic.csv"))
    assert (status, out, len(err.splitlines()), says in err) == (2, "", 1, True)
    assert run("export", "--tags", "3=effective")[0] == 2


def packed() -> bytes:
    said = io.BytesIO()
    with zipfile.ZipFile(said, "w") as archive:
        archive.writestr("huckleberry.csv", HEAD)
    return said.getvalue()


STRANGE = {
    "a zip": (packed(), "zip archive", "zip archive"),
    "packed with gzip": (gzip.compress(HEAD.encode(), mtime=0), "gzip", "gzip"),
    "cp1252": ((HEAD + "Pump,2026-03-01 04:12,,,30ml,,,Größe\n").encode("cp1252"), "is not UTF-8", "not JSON in UTF-8"),
    "utf-16 without its mark": (HEAD.encode("utf-16-le"), "NUL bytes", "not JSON in UTF-8"),
    "zeros": (b"\0" * 5000, "NUL bytes", "not JSON in UTF-8"),
    "another table": (b"x,y\n" * 1_000_000, "no column", "not JSON in UTF-8"),
}
"""What is no table of ours, and what is said of it, by tables and by lines."""


@pytest.mark.parametrize("form", ["jsonl", "csv", "babybuddy", "huckleberry", "generic"])
@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_is_none_is_named_in_one_line_and_nothing_is_imported(run: Run, form: str, name: str) -> None:
    said, *says = STRANGE[name]
    columns = ["--columns", "start=Start,end=End"] if form == "generic" else []
    for more in ([], ["--skip-bad"][form == "jsonl" :]):
        status, _, err = run("import", "--format", form, *columns, *more, written(run, said))
        assert (status, len(err.splitlines()), err.strip().endswith(NOTHING)) == (1, 1, True)
        assert says[form == "jsonl"] in err
    assert exported(run) == []


def test_a_table_of_100_mb_is_refused_after_its_first_part(run: Run) -> None:
    file = Path(written(run, HEAD))
    with file.open("ab") as opened:
        for _ in range(100):
            opened.write(b"Pump,2026-03-01 04:12,,,30ml,,," + b"x" * ((1 << 20) - 32) + b"\n")
    status, _, err = run("import", "--format", "huckleberry", str(file))
    assert (status, len(err.splitlines()), err.strip().endswith(NOTHING)) == (1, 1, True)
    file.write_text(HEAD + "Sleep,2026-03-01 04:12,,,,,,\n" * 100_001)
    status, _, err = run("import", "--format", "huckleberry", str(file))
    assert (status, "more than 16 MiB, or 100000 lines" in err, err.strip().endswith(NOTHING)) == (1, True, True)


@pytest.mark.parametrize("file", ["/dev/zero", "/dev/urandom", "/dev/null", "/proc/self/mem", "/"])
@pytest.mark.parametrize("form", ["jsonl", "csv", "babybuddy", "huckleberry"])
def test_whatever_lies_there_each_format_comes_to_an_end(run: Run, form: str, file: str) -> None:
    for more in ("--dry-run", "--skip-bad"):
        status, _, err = run("import", "--format", form, more, file)
        assert status in {0, 1, 2}
        assert len(err.splitlines()) == (status != 0)


def test_a_table_in_utf_16_with_its_mark_is_read(run: Run) -> None:
    said = (HEAD + "Pump,2026-03-01 04:12,,,30ml,,,Größe\n").replace(",", "\t").encode("utf-16")
    assert facts(run, "--format", "huckleberry", written(run, said))["new"] == 1
    assert exported(run)[0]["note"].startswith("Größe")


def test_what_a_file_says_never_reaches_a_terminal_raw(run: Run) -> None:
    file = written(run, HEAD + '"\x1b[2J\nSleep",,,,,,,\nPump,"\x1b[31m\n",,,,,,\nFeed,x,,,,\x9b2J,,\n')
    _, out, err = run("import", "--format", "huckleberry", "--dry-run", file)
    assert not {"\x1b", "\x9b"} & {*out, *err}
    assert len(out.splitlines()) == 5


def test_what_is_said_aside_is_counted_and_what_is_said_of_times_is_said_of_each(run: Run) -> None:
    rows = "".join(f"Pump,2026-10-{day:02} 02:30,,,30ml,,,\n" for day in range(1, 31))
    _, out, _ = run("import", "--format", "huckleberry", written(run, HEAD + rows))
    assert out.splitlines()[1:] == [
        f"line 26: session 2026-10-25 02:30:00 to 02:45:00, 30 ml, comes in; {twice('02:30')}; {NO_END}",
        f"30 lines: {NO_END}",
        "30 new, 0 revised, 0 unchanged",
    ]
    _, again, _ = run("import", "--format", "huckleberry", written(run, HEAD + rows + rows))
    assert again.splitlines()[1:] == ["0 new, 0 revised, 60 unchanged"]
    _, twofold, _ = run("import", "--dry-run", run.file([HISTORY[0], HISTORY[0]]))
    assert "is there already: another line says it" in twofold


def test_the_marks_of_encodings_do_not_make_lines_unreadable(run: Run) -> None:
    line = '{"nursing": {"at": "2026-03-01T10:00:00Z", "effective": true}}\n'
    assert facts(run, written(run, "\ufeff" + line))["new"] == 1
    status, _, err = run("import", written(run, line.encode("utf-16")))
    assert (status, len(err.splitlines()), "the file is UTF-16; turn it with iconv" in err) == (1, 1, True)


@pytest.mark.parametrize(
    "row", ['Pump,2026-03-01 04:12,,,30ml,,,"left open', 'Pump,2026-03-01 04:12,,,30ml,,,"a "word" within"']
)
def test_a_quote_left_open_takes_no_other_row_in(run: Run, row: str) -> None:
    after = "Pump,2026-03-01 08:12,,,40ml,,,\nPump,2026-03-01 12:12,,,50ml,,,\n"
    for more in ((), ("--dry-run",), ("--skip-bad",)):
        status, out, err = run("import", "--format", "huckleberry", *more, written(run, f"{HEAD}{row}\n{after}"))
        assert (status, out, len(err.splitlines())) == (1, "", 1)
        assert ": line 2: " in err
        assert "a cell that begins with a quote ends with one" in err
    assert exported(run) == []


def test_what_lies_in_the_future_comes_in_and_is_said_but_of_what_a_device_wrote(run: Run) -> None:
    file = written(run, HEAD + "Pump,2126-03-01 04:12,2126-03-01 04:30,,30ml,,,\nFeed,2126-03-01 04:12,,,,Breast,,\n")
    status, out, err = run("import", "--dry-run", "--format", "huckleberry", file)
    assert (status, err) == (0, "")
    assert "2126-03-01 04:30 lies in the future: this machine's clock says " in out
    found = facts(run, "--format", "huckleberry", file)
    assert (found["new"], found["bad"], len(found["lines"])) == (2, 0, 2)
    assert all("lies in the future" in line["remarks"][-1] for line in found["lines"])
    wrote = {"id": "one", "revision": 3, "at": "2126-03-01T04:13:00Z", "effective": True}
    found = facts(run, written(run, json.dumps({"nursing": wrote})))
    assert (found["new"], found["lines"]) == (1, [])


def test_another_apps_dates_are_read_in_the_order_that_is_said(run: Run) -> None:
    row = "Pump,03/05/2026 2:12 PM,03/05/2026 2:30 PM,00:18,30ml,,,\n"
    asked = ("--format", "huckleberry", written(run, HEAD + row))
    assert "say --dates dmy, mdy or ymd" in run("import", *asked)[2]
    assert facts(run, "--dates", "mdy", *asked)["new"] == 1
    assert [one["started_at"] for one in exported(run)] == ["2026-03-05T13:12:00Z"]


def test_a_file_comes_from_standard_input_too(run: Run) -> None:
    file = written(run, HEAD + "Pump,2026-03-01 04:12,,,30ml,,,\n")
    with Path(file).open("rb") as opened:
        done = subprocess.run(
            [sys.executable, "-m", "device", "import", "--config", str(run.config), "--format", "huckleberry", "-"],
            stdin=opened, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 new, 0 revised, 0 unchanged")
