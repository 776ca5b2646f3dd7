"""Records as CSV: whatever a record holds comes back as it was, and a spreadsheet's habits are understood."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.record import Nursing, Session
from device.wire.csv_rows import COLUMNS, FORMULA, MARK, Kind, read_rows, to_row
from device.wire.lines import from_line, to_line
from device.wire.tables import BadRowError
from tests.support.made import records

ZONES = st.sampled_from(["Europe/Vienna", "America/St_Johns", "Asia/Kathmandu", "Etc/UTC"])


def table(*rows: list[str], of: Kind = "session", delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([COLUMNS[of], *rows])
    return text.getvalue()


def read(text: str) -> list[Session | Nursing]:
    return [imported.record for _, imported in read_rows(io.StringIO(text, newline=""))]


@given(records, ZONES)
def test_a_record_comes_back_as_from_its_line(record: Session | Nursing, zone: str) -> None:
    of: Kind = "session" if isinstance(record, Session) else "nursing"
    row = to_row(record, "pump", ZoneInfo(zone))
    assert not any(cell.startswith(tuple(FORMULA.removesuffix("'"))) for cell in row)
    ((_, imported),) = read_rows(io.StringIO(table(row, of=of), newline=""))
    by_line = from_line(to_line(record, "pump"))
    assert (imported.record, imported.full) == (by_line.record, by_line.full)


def test_times_are_local_with_their_offset_and_the_columns_are_the_records() -> None:
    assert COLUMNS["nursing"][:8] == ("id", "number", "revision", "cause", "revised_at", "at", "effective", "side")
    assert {"started_at", "volume_ml", "suggestion.purpose", "suggestion.facts.minutes"} <= {*COLUMNS["session"]}
    (nursing,) = read("at,effective,side\r\n2026-03-01T04:12:08+01:00,true,left\r\n")
    cells = dict(zip(COLUMNS["nursing"], to_row(nursing, "pump", ZoneInfo("Europe/Vienna")), strict=True))
    assert (cells["at"], cells["effective"], cells["side"]) == ("2026-03-01T04:12:08+01:00", "true", "left")


@pytest.mark.parametrize(
    "note", ["=1+1", "+49 1", "-", "@home", "\tx", "'tis", "''", 'a, b; "c"', "two\nlines", "Größe"]
)
def test_a_note_is_never_a_formula_and_comes_back(note: str) -> None:
    (noted,) = read(f"started_at,duration_s,note\n2026-03-01T03:12:08Z,900,{quoted(note)}\n")
    assert isinstance(noted, Session)
    row = to_row(replace(noted, id="a", number=1), "pump", ZoneInfo("Etc/UTC"))
    (again,) = read(table(row))
    assert isinstance(again, Session)
    assert again.note == noted.note == (note.removeprefix("'") if note.startswith("'") else note)


def quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", MARK])
@pytest.mark.parametrize("flags", ["FALSE TRUE", "FALSCH WAHR", "FAUX VRAI", "FALSO VERDADERO", "FALSO VERO"])
def test_what_spreadsheets_make_of_it_is_understood(delimiter: str, mark: str, flags: str) -> None:
    no, yes = flags.split()
    rows = [
        ["started_at", "duration_s", "volume_ml", "deleted", "note", "colour"],
        ["2026-03-01T03:12:08Z", "900,0", "85.0", no, "x", "red"],
        ["", "", "", "", "", ""],
        ["2026-03-01T05:12:08Z", "60", "", yes, "", ""],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    said = (mark + text.getvalue()).encode()
    first, second = (one.record for _, one in read_rows(io.TextIOWrapper(io.BytesIO(said), "utf-8-sig", newline="")))
    assert isinstance(first, Session)
    assert (first.duration_s, first.volume_ml, first.deleted, first.note) == (900, 85, False, "x")
    assert isinstance(second, Session)
    assert (second.volume_ml, second.deleted) == (None, True)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "no column"),
        ("Datum,Menge\n1,2\n", 1, "no column"),
        ("started_at,duration_s\n2026-03-01T03:12:08Z,900\n2026-03-01 05:12,60\n", 3, "started_at"),
        ("started_at,duration_s\n2026-03-01T03:12:08Z,nine\n", 2, "duration_s: 'nine'"),
        ('started_at,note\n2026-03-01T03:12:08Z,"two\nlines"\n', 3, "ended_at is missing"),
        ("at,effective\n2026-03-01T03:12:08Z,perhaps\n", 2, "neither true nor false"),
        ("started_at,note\nx," + "y" * (1 << 17) + "\n", 2, "too long"),
    ],
)
def test_a_bad_row_is_named_by_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(BadRowError, match=says) as error:
        list(read_rows(io.StringIO(text, newline="")))
    assert error.value.line == line


def test_a_file_in_an_old_encoding_is_told_to_be_saved_as_utf_8() -> None:
    latin = io.TextIOWrapper(io.BytesIO("started_at,note\nx,Größe\n".encode("latin-1")), "utf-8-sig", newline="")
    with pytest.raises(BadRowError, match="not UTF-8; save it as CSV UTF-8"):
        list(read_rows(latin))
