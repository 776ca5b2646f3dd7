"""Other apps' tables: samples made by hand as each app writes them, and cells that could mean two things."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.model.record import Nursing, Purpose, Session, Side, Source, Units
from device.wire.babybuddy_rows import babybuddy_reader
from device.wire.foreign_rows import (
    GENERIC,
    NO_END,
    RowReader,
    Ways,
    generic_reader,
    huckleberry_reader,
    ml_of_cell,
    note_of,
    parse_columns,
    seconds_of_cell,
)
from device.wire.lines import LineError
from device.wire.local_times import Dates
from device.wire.tables import BadRowError, Brought, buffered, refuse_no_text, table_of, text_of
from device.wire.values import FieldError, instant

SAMPLES = Path(__file__).parent / "samples"
VIENNA = Ways(ZoneInfo("Europe/Vienna"))
READERS: dict[str, Callable[[Sequence[str], Ways], RowReader]] = {
    "huckleberry": huckleberry_reader,
    "babybuddy": babybuddy_reader,
    "generic": generic_reader,
}


def read(form: str, said: bytes, ways: Ways = VIENNA) -> list[Brought]:
    names, rows = table_of(text_of(buffered(io.BytesIO(said))), own=False)
    reader = READERS[form](names, ways)
    return [reader(cells) for _, cells in rows]


def sessions(taken: list[Brought]) -> list[Session]:
    return [one.imported.record for one in taken if one.imported and isinstance(one.imported.record, Session)]


def nursings(taken: list[Brought]) -> list[Nursing]:
    return [one.imported.record for one in taken if one.imported and isinstance(one.imported.record, Nursing)]


def huckleberry(*rows: str) -> list[Brought]:
    head = "Type,Start,End,Duration,Start Condition,Start Location,End Condition,Notes"
    return read("huckleberry", "\n".join((head, *rows)).encode())


def test_huckleberrys_pumps_are_sessions_with_their_sides_and_15_minutes_where_no_end_is_known() -> None:
    first, bare, at_once, by_duration = sessions(read("huckleberry", (SAMPLES / "huckleberry.csv").read_bytes()))
    assert (instant(first.started_at), first.duration_s) == ("2026-03-01T03:12:00Z", 18 * 60)
    assert (first.left_ml, first.right_ml, first.volume_ml, first.note) == (30, 55, 85, "slow\nstart")
    assert (first.sources, first.purpose) == ((Source.IMPORT,), None)
    assert (bare.left_ml, bare.right_ml, bare.volume_ml) == (74, None, 74)
    assert (bare.duration_s, bare.note) == (900, NO_END)
    assert (at_once.duration_s, at_once.note) == (900, NO_END)
    assert (by_duration.duration_s, by_duration.note, by_duration.right_ml) == (25 * 60, None, 15)


def test_huckleberrys_feeds_at_the_breast_are_nursings_with_their_side_and_all_else_is_left_out() -> None:
    taken = read("huckleberry", (SAMPLES / "huckleberry.csv").read_bytes())
    assert [(one.side, one.effective) for one in nursings(taken)] == [
        (Side.BOTH, True), (Side.LEFT, True), (None, True),
    ]  # fmt: skip
    assert [one.left_out for one in taken if one.left_out] == ["'Feed' ('Bottle')", "'Diaper'", "'Sleep'"]
    assert ["its note is left out: a nursing has none" in one.asides for one in taken].count(True) == 1


def test_what_was_moved_by_the_zone_is_said_also_where_the_row_is_bad_for_it() -> None:
    (taken,) = huckleberry("Pump,2026-03-29 02:30,2026-03-29 03:50,,,,,")
    assert taken.remarks == ("2026-03-29 02:30:00 does not exist in Europe/Vienna: 03:30:00 is taken",)
    with pytest.raises(LineError, match=r"ends before it starts; .* does not exist .* 03:30:00 is taken"):
        huckleberry("Pump,2026-03-29 02:30,2026-03-29 03:20,,,,,")
    ((one,),) = ([*sessions(huckleberry("Pump,2026-10-25 02:50,2026-10-25 02:10,00:20,,,,"))],)
    assert one.duration_s == 20 * 60


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Pump,2026-03-01 04:12,,,lots,,,", "Start Condition: 'lots' is no amount"),
        ("Pump,01/03/2026 04:12,,,30ml,,,", "Start: .*--dates"),
        ("Pump,2026-03-01 04:12,2026-03-03 04:12,,30ml,,,", "lasts at most a day"),
        ("Pump,2026-03-01 04:12,,,1500ml,,900ml,", "over 2000"),
        ("Pump,2026-03-01 04:12,,soon,30ml,,,", "Duration: 'soon'"),
        ("Feed,yesterday,,,00:10R,Breast,,", "Start: 'yesterday' is no date"),
        ("Pump", "Start: '' is no date"),
    ],
)
def test_a_row_that_says_something_wrong_is_named_with_its_column(row: str, says: str) -> None:
    with pytest.raises(LineError, match=says):
        huckleberry(row)


def test_baby_buddys_pumpings_and_breast_feedings_come_in_and_tags_by_the_numbers_that_were_told() -> None:
    pumping = (SAMPLES / "babybuddy-pumping.csv").read_bytes()
    ways = Ways(VIENNA.zone, tags={"3": "ineffective", "5": "no amount"})
    first, unknown, none = sessions(read("babybuddy", pumping, ways))
    assert (instant(first.started_at), first.duration_s) == ("2026-03-01T03:12:08Z", 1080)
    assert (first.volume_ml, first.note) == (86, "slow, at first")
    assert (unknown.volume_ml, none.volume_ml) == (None, 0)
    taken = read("babybuddy", (SAMPLES / "babybuddy-feeding.csv").read_bytes(), ways)
    assert [(one.side, one.effective) for one in nursings(taken)] == [(Side.BOTH, True), (Side.LEFT, False)]
    assert taken[2].left_out == "a feeding by 'bottle'"
    assert "tag '2' has no name in this file" in taken[1].asides[0]
    in_oz = sessions(read("babybuddy", b"start,end,amount\n2026-03-01 04:12:08,2026-03-01 04:30:08,2.87\n",
                          Ways(VIENNA.zone, Units.OZ)))  # fmt: skip
    assert in_oz[0].volume_ml == 85


@pytest.mark.parametrize("tags", ["Ineffective", "sleepy,ineffective", "effective, ineffective"])
def test_a_feeding_with_the_tag_by_its_name_is_ineffective(tags: str) -> None:
    said = f'start,end,method,tags\n2026-03-01 04:12:08,2026-03-01 04:12:08,Left Breast,"{tags}"\n'
    assert [one.effective for one in nursings(read("babybuddy", said.encode()))] == [False]


def generic(text: str, columns: str, dates: Dates | None = None, units: Units = Units.ML) -> list[Brought]:
    return read("generic", text.encode(), Ways(VIENNA.zone, units, dates, parse_columns(columns)))


def test_any_table_is_read_whose_columns_are_named() -> None:
    text = (SAMPLES / "generic.csv").read_text(encoding="utf-8")
    columns = "start=Beginn,end=Ende,ml=Menge (ml),left=Seite links,purpose=Wozu,note=Notiz"
    with pytest.raises(LineError, match=r"Beginn: .*--dates"):
        generic(text, columns)
    with pytest.raises(LineError, match="volume_ml: it is not the sum"):
        generic(text, columns, Dates.DMY)
    first, second = sessions(generic(text, columns.replace("left=Seite links,", ""), Dates.DMY))
    assert (instant(first.started_at), first.duration_s, first.volume_ml) == ("2026-03-01T03:12:00Z", 1080, 86)
    assert (first.purpose, first.note) == (Purpose.PROTECT, "Größe M")
    assert (second.volume_ml, second.purpose, second.note) == (None, None, None)


def test_a_total_that_two_sides_make_up_is_theirs_as_far_as_it_is_rounded() -> None:
    text = "a,b,l,r,t\n2026-03-01 04:12,2026-03-01 04:20,1.25,1.25,2.5\n"
    (one,) = sessions(generic(text, "start=a,end=b,left=l,right=r,oz=t", units=Units.OZ))
    assert (one.left_ml, one.right_ml, one.volume_ml) == (37, 37, 74)
    with pytest.raises(LineError, match="not the sum"):
        generic(text.replace("2.5\n", "4\n"), "start=a,end=b,left=l,right=r,oz=t", units=Units.OZ)


def test_how_long_it_took_stands_for_an_end() -> None:
    text = "a,b,Dauer (min)\n2026-03-01 04:12,,15\n2026-03-01 06:12,2026-03-01 06:32,\n2026-03-01 08:12,,0:20:00\n"
    assert [one.duration_s for one in sessions(generic(text, "start=a,end=b,duration=Dauer (min)"))] == [
        900,
        1200,
        1200,
    ]
    with pytest.raises(LineError, match="b: '' is no date"):
        generic("a,b,d\n2026-03-01 04:12,,\n", "start=a,end=b,duration=d")
    with pytest.raises(LineError, match="it ends when it starts"):
        generic("a,b\n2026-03-01 04:12,2026-03-01 04:12\n", "start=a,end=b")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("", "name start, and end"),
        ("=", "'' is none of start"),
        ("start=a", "name start, and end or duration"),
        ("end=a", "name start, and end or duration"),
        ("start=a,end=b,start=c", "name each once"),
        ("start=,end=b", "name each once"),
        ("start=a,end=b,menge=c", "'menge' is none of start"),
        ("start=a,end=b,ml=c,oz=d", "ml or oz, not both"),
        ('start=a,"end=b', "unexpected end"),
    ],
)
def test_columns_that_can_not_be_are_named(said: str, says: str) -> None:
    with pytest.raises(FieldError, match=says):
        parse_columns(said)


def test_a_columns_name_may_hold_a_comma_or_an_equals_sign() -> None:
    assert parse_columns('start=a=b, "end=Ende, Uhr"') == {"start": "a=b", "end": "Ende, Uhr"}


@pytest.mark.parametrize(
    ("form", "head", "says"),
    [
        ("huckleberry", "Type,Start,End", "no column Duration"),
        ("babybuddy", "child_id,amount,time", "Baby Buddy 2"),
        ("generic", "Beginn,Ende", "no column 'start'; it has 'Beginn', 'Ende'"),
        ("generic", "", "no column 'start'"),
    ],
)
def test_a_table_without_a_column_that_is_needed_is_named(form: str, head: str, says: str) -> None:
    with pytest.raises(BadRowError, match=says):
        read(form, head.encode(), Ways(VIENNA.zone, columns={"start": "start", "end": "end"}))


def test_columns_without_end_are_said_in_part() -> None:
    with pytest.raises(BadRowError) as error:
        read("generic", ",".join(["\uffff" * 50] * 50).encode(), Ways(VIENNA.zone, columns={"start": "start"}))
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("cell", "ml"),
    [("85", 85), ("85.5 ml", 85.5), ("85,5", 85.5), ("2.75oz", 81.3), ("1 fl oz", 29.6), ("0oz", 0), ("90cc", 90)],
)
def test_an_amount_is_read_with_its_unit(cell: str, ml: float) -> None:
    assert ml_of_cell(cell, Units.ML) == pytest.approx(ml, abs=0.1)


@pytest.mark.parametrize("cell", ["1,234", "-5", "1.2.3", "ml", "85 g", "1e3", "٣", "nan", "1234567"])
def test_what_is_no_amount_or_might_be_two_is_named(cell: str) -> None:
    with pytest.raises(FieldError):
        ml_of_cell(cell, Units.ML)


@pytest.mark.parametrize(
    ("cell", "column", "hours", "seconds"),
    [
        ("0:15:00", "", False, 900), ("00:15", "", True, 900), ("15 min", "", False, 900), ("15m", "", False, 900),
        ("900", "seconds", False, 900), ("1.5 h", "", False, 5400), ("15", "Duration (min)", False, 900),
    ],
)  # fmt: skip
def test_a_length_of_time_is_read_with_its_unit(cell: str, column: str, hours: bool, seconds: int) -> None:
    assert seconds_of_cell(cell, column, hours=hours) == seconds


@pytest.mark.parametrize(
    ("cell", "column"), [("0:15", "d"), ("15", "d"), ("15", "min or s"), ("-1 min", ""), ("x", "")]
)
def test_a_length_of_time_that_might_be_two_is_named(cell: str, column: str) -> None:
    with pytest.raises(FieldError):
        seconds_of_cell(cell, column)


def test_a_note_that_is_too_long_is_cut_and_that_is_said() -> None:
    note, asides = note_of("x" * 600, "[mark]")
    assert note is not None
    assert (len(note), note.endswith("x [mark]"), len(asides)) == (500, True, 1)
    assert note_of("x" * 501) == ("x" * 500, ("its note is longer than 500 characters: cut there",))
    assert note_of("x" * 500) == ("x" * 500, ())
    assert note_of("  ") == (None, ())


def test_a_column_that_stands_there_twice_is_no_guess() -> None:
    with pytest.raises(BadRowError, match="more than one column 'ml'"):
        generic("Start,End,ml,ml\n2026-03-01 04:12,2026-03-01 04:30,80,90\n", "start=Start,end=End,ml=ml")


def test_what_stands_in_quotes_parts_no_columns() -> None:
    text = '"Start";"End";"Note, and, some more, words"\n2026-03-01 04:12;2026-03-01 04:30;x\n'
    (row,) = generic(text, 'start=Start,end=End,"note=Note, and, some more, words"')
    assert row.imported is not None


TABLE = "start,end,amount\n2026-03-01 04:12:08,2026-03-01 04:30:08,85\n"


@pytest.mark.parametrize(
    "said",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace("85", '"85"').replace("amount\n", "amount\r\n").removesuffix("\n").encode(),
    ],
)
def test_whatever_a_spreadsheet_made_of_a_table_is_read(said: bytes) -> None:
    assert [(one.volume_ml, one.duration_s) for one in sessions(read("babybuddy", said))] == [(85, 1080)]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (b"PK\x03\x04rest", "zip archive, as an .xlsx is; unpack it"),
        (b"\x1f\x8b\x08rest", "packed with gzip"),
        (b"\xd0\xcf\x11\xe0rest", "an old spreadsheet"),
        (b"%PDF-1.7", "a PDF"),
        (b"SQLite format 3\0rest", "restore"),
        ("start,note\nx,Größe\n".encode("cp1252"), "not UTF-8; save it as CSV UTF-8, or turn it with iconv"),
        (TABLE.encode("utf-16-le"), "NUL bytes"),
        (TABLE.encode("utf-32"), "UTF-32"),
        (TABLE.encode("utf-16")[:-1], "not UTF-8"),
        (b'start,end,amount\n"' + b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_what_is_no_table_is_named_with_what_to_do(said: bytes, says: str) -> None:
    with pytest.raises(BadRowError, match=says):
        everything(said)


def everything(said: bytes) -> None:
    file = buffered(io.BytesIO(said))
    refuse_no_text(file)
    list(table_of(text_of(file), own=False)[1])


class Endless(io.RawIOBase):
    """A table without an end."""

    def __init__(self, row: bytes) -> None:
        self.row, self.given = row, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = (self.row * (len(buffer) // len(self.row) + 1))[: len(buffer)]
        buffer[:] = chunk
        self.given += len(chunk)
        return len(chunk)


@pytest.mark.parametrize("row", [b"x,y\n", b"x" * 1000 + b"\n", b",", b"\n"])
def test_a_table_without_an_end_is_read_no_further_than_the_largest(row: bytes) -> None:
    endless = Endless(row)
    with pytest.raises(BadRowError, match=r"16 MiB, or 100000 lines|larger than field limit"):
        for _ in table_of(text_of(io.BufferedReader(endless)), own=False)[1]:
            pass
    assert endless.given < 17 << 20


cells = st.text(max_size=30) | st.sampled_from(["Pump", "Feed", "Breast", "2026-03-01 04:12", "30ml", "00:14R", "\0"])
COLUMNS = {name: name for name in GENERIC if name != "oz"}


@given(st.sampled_from([*READERS]), st.lists(cells, max_size=10))
def test_whatever_stands_in_a_row_is_a_record_or_a_fault_in_one_line(form: str, row: list[str]) -> None:
    heads = {
        "huckleberry": [
            "Type",
            "Start",
            "End",
            "Duration",
            "Start Condition",
            "Start Location",
            "End Condition",
            "Notes",
        ],
        "babybuddy": ["start", "end", "amount", "notes", "tags"],
        "generic": [*COLUMNS],
    }
    reader = READERS[form](heads[form], Ways(VIENNA.zone, dates=Dates.DMY, columns=COLUMNS))
    try:
        taken = reader(row)
    except LineError as error:
        said = [str(error)]
    else:
        assert (taken.imported is None) == bool(taken.left_out)
        said = [taken.left_out, *taken.remarks, *taken.asides]
    assert all(one.isprintable() for one in said)


@given(st.sampled_from([*READERS]), st.binary(max_size=300))
def test_whatever_bytes_a_file_holds_they_are_rows_or_a_fault_in_one_line(form: str, said: bytes) -> None:
    fault = ""
    try:
        read(form, said, Ways(VIENNA.zone, columns=COLUMNS))
    except (BadRowError, LineError) as error:
        fault = str(error)
    assert fault.isprintable()
