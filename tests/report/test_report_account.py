"""The report's figures against an oracle that reckons them anew, record by record, from what the contract says."""

import re
import statistics
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from msgspec.structs import replace

from device.core.model.live import Outlook
from device.core.model.record import Clock, Nursing, Purpose, Reason, Record, Session, SessionState, Units
from device.core.rules.records import median
from device.report.account import account
from device.report.said import sheet_scope
from device.report.setting import Scope, Setting
from device.report.sheet import report_html
from device.words import LANGUAGES
from device.words.en import EN
from tests.support.page_world import PAGE
from tests.support.report_households import SITTING_S, Days, households, made_nursing, made_session
from tests.words.test_words import shouted

VIENNA = ZoneInfo("Europe/Vienna")
UNKNOWN = Outlook("unknown", None, None, (0, 0, 0, 0, 0))


def said(records: Sequence[Record], *, now: int, length: int = 3, **more: object) -> Scope:
    given_or_usual = {"units": Units.ML, "baseline": 8, "outlook": UNKNOWN, "words": EN, **more}
    setting = Setting(device="pump", lang="en", now=now, timezone="Europe/Vienna", **given_or_usual)  # type: ignore[arg-type]
    found = account(records, count=length, sitting_s=SITTING_S, now=now, timezone="Europe/Vienna")
    return sheet_scope(found, setting)


def at(day: str, clock: str) -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=VIENNA).timestamp())


NOW = at("2026-03-05", "14:00")


def pumped(number: int, day: str, clock: str, minutes: int = 15, **fields: Any) -> Session:
    start = at(day, clock)
    return made_session(number, start, start + 60 * minutes, **fields)


def texts(rows: object, name: str) -> list[str]:
    assert isinstance(rows, list)
    return [str(row[name]) for row in rows]


# -- any household ---------------------------------------------------------------------------------------------


def days_of(days: Days) -> dict[date, list[Record]]:
    """What began on each local day by the calendar alone, without an instant of midnight."""
    zone, told = ZoneInfo(days.told["timezone"]), days.told["now"]
    found: dict[date, list[Record]] = {}
    for record in days.records:
        start = record.started_at if isinstance(record, Session) else record.at
        if not record.deleted and start <= told:
            found.setdefault(datetime.fromtimestamp(start, zone).date(), []).append(record)
    return found


def sitting_heads(sessions: list[Session]) -> dict[str, list[Session]]:
    """Sittings by their first sessions: each session with all that ended before it looked at, one by one."""
    standing = sorted((s for s in sessions if not s.deleted), key=lambda s: (s.started_at, s.number))
    found: dict[str, list[Session]] = {}
    head = ""
    for place, session in enumerate(standing):
        ends = [s.ended_at or s.started_at + s.duration_s for s in standing[:place]]
        if not ends or session.started_at - max(ends) > SITTING_S:
            head = session.id
        found.setdefault(head, []).append(session)
    return found


def is_counted(session: Session) -> bool:
    return session.counted and session.state is SessionState.ENDED


@given(households())
def test_each_day_counts_what_began_on_it_and_a_day_without_a_record_is_none(days: Days) -> None:
    by_day = days_of(days)
    past = [s for s in days.records if isinstance(s, Session) and s.started_at <= days.told["now"]]
    sittings = sitting_heads(past)
    zone = ZoneInfo(days.told["timezone"])
    for row in days.account.days:
        records = by_day.get(row.day, [])
        if not records:
            assert row.figures is None
            continue
        assert row.figures is not None
        counted = [s for s in records if isinstance(s, Session) and is_counted(s)]
        heads = [next((s for s in sitting if is_counted(s)), None) for sitting in sittings.values()]
        here = [
            sitting
            for head, sitting in zip(heads, sittings.values(), strict=True)
            if head is not None and datetime.fromtimestamp(head.started_at, zone).date() == row.day
        ]
        effective = sum(n.effective for n in records if isinstance(n, Nursing))
        assert row.figures.stimulations == len(here) + effective
        assert row.figures.without_amount == sum(all(s.volume_ml is None for s in sitting) for sitting in here)
        assert row.figures.volume_ml == sum(s.volume_ml or 0 for s in counted)
        assert row.figures.pumping_s == sum(s.pumping_s for s in counted)
        assert sorted(s.id for s in row.sessions) == sorted(s.id for s in counted)


@given(households())
def test_each_purpose_has_its_sessions_its_median_amount_and_length(days: Days) -> None:
    by_day = days_of(days)
    mine = [s for row in days.account.days for s in by_day.get(row.day, []) if isinstance(s, Session) and is_counted(s)]
    rows = sheet_scope(days.account, days.setting)["purposes"]
    assert isinstance(rows, list)
    for purpose, row in zip([*Purpose, None], rows, strict=False):
        sessions = [s for s in mine if s.purpose is purpose]
        amounts = [s.volume_ml for s in sessions if s.volume_ml is not None]
        assert row["count"] == str(len(sessions))
        assert (row["amount"] == "–") == (not amounts)
        if amounts and days.told["units"] is Units.ML:
            half_up = int(statistics.median(amounts) + 0.5)
            assert str(row["amount"]).startswith(f"{half_up}\u00a0ml, of {len(amounts)}")
        if sessions:
            assert median([s.pumping_s for s in sessions]) == int(
                statistics.median(s.pumping_s for s in sessions) + 0.5
            )
    assert len(rows) == 3 + any(s.purpose is None for s in mine)


@given(households())
def test_what_is_missing_is_counted_and_nothing_else_is_said(days: Days) -> None:
    by_day = days_of(days)
    records = [record for row in days.account.days for record in by_day.get(row.day, [])]
    sessions = [s for s in records if isinstance(s, Session)]
    lacks = " | ".join(texts(sheet_scope(days.account, days.setting)["lacks"], "said"))
    for words, count in {
        " without a purpose": sum(is_counted(s) and s.purpose is None for s in sessions),
        " without a record": sum(row.day not in by_day for row in days.account.days),
        " made while the clock was not set": sum(record.clock is Clock.UNSYNCED for record in records),
        " cut off": sum(is_counted(s) and s.interrupted for s in sessions),
        " too short to be counted": sum(not s.counted and s.state is SessionState.ENDED for s in sessions),
    }.items():
        found = [part for part in lacks.split(" | ") if words in part]
        assert [part.split()[0] for part in found] == ([str(count)] if count else [])
    assert ("A session is running" in lacks) == any(s.state is SessionState.RUNNING for s in sessions)
    assert (lacks == EN.report.nothing_missing) == (not re.search(r"\d|running", lacks))


@given(households())
def test_a_report_says_nothing_past_the_table_of_words(days: Days) -> None:
    setting = Setting(**days.told | {"notes": False}, device="PUMP", lang="EN", words=shouted(EN))
    names = {"shape", "kind", "x", "y", "wide", "high", "made", "units"}

    def told(scope: Scope) -> list[str]:
        inner = [text for name, value in scope.items() if name not in names for text in listed(value)]
        return [text.replace("ml", "").replace("oz", "") for text in inner]

    def listed(value: str | list[Scope]) -> list[str]:
        return [value] if isinstance(value, str) else [text for row in value for text in told(row)]

    assert [text for text in told(sheet_scope(days.account, setting)) if text != text.upper()] == []


# -- one by one ------------------------------------------------------------------------------------------------


def test_a_day_without_a_record_is_said_and_is_no_zero() -> None:
    scope = said([pumped(1, "2026-03-05", "08:00", volume_ml=80)], now=NOW)
    days = scope["days"]
    assert isinstance(days, list)
    assert [row["unrecorded"] for row in days] == [[{"text": "no record"}]] * 2 + [[]]
    assert [row["cells"] for row in days][:2] == [[], []]
    assert texts(scope["lacks"], "said")[-1] == "2 days without a record: 3 Mar to 4 Mar"


def test_an_amount_that_nobody_gave_is_no_zero_and_one_of_zero_is() -> None:
    without = pumped(1, "2026-03-05", "08:00")
    nothing = pumped(2, "2026-03-04", "08:00", volume_ml=0)
    both = [pumped(3, "2026-03-03", "08:00", volume_ml=80), pumped(4, "2026-03-03", "12:00")]
    days = said([without, nothing, *both], now=NOW)["days"]
    assert isinstance(days, list)
    amounts = [texts(row["cells"], "text")[-1].replace("\u00a0", " ") for row in days]
    assert amounts == ["80 ml, 1 without", "0 ml", "1 without"]


def test_power_pumping_is_one_stimulation_and_its_amount_is_the_sittings() -> None:
    power = [pumped(n, "2026-03-05", clock, 10) for n, clock in enumerate(("08:00", "08:20", "08:40"), 1)]
    power[2] = replace(power[2], volume_ml=60)
    days = said(power, now=NOW, length=1)["days"]
    assert isinstance(days, list)
    assert texts(days[0]["cells"], "text") == ["1", "3", "0", "30\u00a0min", "60\u00a0ml"]
    assert texts(days[0]["shapes"], "shape") == ["open"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", "23 h"), ("2026-10-25", "25 h"), ("2026-03-28", None)])
def test_a_day_in_which_the_clocks_change_says_its_length(day: str, hours: str | None) -> None:
    now = at(day, "12:00") + 86400
    days = said([made_nursing(1, at(day, "00:00")), made_nursing(2, at(day, "23:59"))], now=now, length=2)["days"]
    assert isinstance(days, list)
    assert texts(days[0]["more"], "said") == ([hours] if hours else [])
    assert texts(days[0]["cells"], "text")[:3] == ["2", "0", "2"]


def test_what_was_treated_is_said_with_its_reason_and_its_days() -> None:
    duct: dict[str, Any] = {"purpose": Purpose.TREAT, "reason": Reason.PLUGGED_DUCT}
    found = said(
        [
            pumped(1, "2026-02-20", "08:00", **duct),
            pumped(2, "2026-02-27", "08:00", **duct),
            pumped(3, "2026-02-28", "09:30", **duct),
            pumped(4, "2026-03-01", "23:10", purpose=Purpose.TREAT),
        ],
        now=NOW,
        length=14,
    )
    rows = found["treated_some"]
    assert isinstance(rows, list)
    treated = rows[0]["treatments"]
    assert isinstance(treated, list)
    assert [(row["word"], row["count"], row["when"]) for row in treated] == [
        ("Plugged duct", "3", "Fri 20 Feb 8:00; Fri 27 Feb 8:00 to Sat 28 Feb 9:30"),
        ("no reason given", "1", "Sun 1 Mar 23:10"),
    ]
    answers = dict(zip(texts(found["answers"], "question"), texts(found["answers"], "answer"), strict=True))
    assert answers["Treated"] == "Plugged duct 3 · no reason given 1"
    assert answers["Why"] == "Treat 4"


def test_the_outlook_says_what_it_rests_on() -> None:
    view = Outlook("falling", 1.06, 0.88, (7, 6, 8, 8, 9))
    known = said([made_nursing(1, NOW - 60)], now=NOW, outlook=view)["outlook_known"]
    assert isinstance(known, list)
    assert str(known[0]["rests"]).startswith("Today answers to days of about 8.5 stimulations; the next days answer to")
    assert texts(known[0]["counts"], "count") == ["9", "8", "8", "6", "7"]
    assert said([made_nursing(1, NOW - 60)], now=NOW)["outlook_known"] == []


@pytest.mark.parametrize(
    ("code", "made", "day", "span", "first_noted", "about"),
    [
        ("de", "Do, 5. März 14:00", "Mi, 4. März", "3. März bis 5. März 2026, 3 Tage", "Do, 5. März 08:00", "8,5"),
        ("fr", "jeu. 5 mars 14:00", "mer. 4 mars", "du 3 mars au 5 mars 2026, 3 jours", "jeu. 5 mars 08:00", "8,5"),
        ("es", "jue, 5 mar 14:00", "mié, 4 mar", "del 3 mar al 5 mar 2026, 3 días", "jue, 5 mar 8:00", "8,5"),
        ("it", "gio 5 mar 14:00", "mer 4 mar", "3 mar – 5 mar 2026, 3 giorni", "gio 5 mar 08:00", "8,5"),
    ],
)
def test_days_times_and_tenths_are_written_as_the_language_does(
    code: str, made: str, day: str, span: str, first_noted: str, about: str
) -> None:
    view = Outlook("falling", 1.06, 0.88, (7, 6, 8, 8, 9))
    noted = pumped(1, "2026-03-05", "08:00", note="-")
    scope = said([noted], now=NOW, outlook=view, words=LANGUAGES[code], notes=True)
    assert made in str(scope["made"])
    assert texts(scope["days"], "date")[1] == day
    assert scope["span"] == span
    noted_rows, known = scope["noted"], scope["outlook_known"]
    assert isinstance(noted_rows, list)
    assert isinstance(known, list)
    assert texts(noted_rows[0]["rows"], "at") == [first_noted]
    assert re.findall(r"\d[.,]\d", str(known[0]["rests"])) == [about, "7,0"]


def test_deleted_records_are_nowhere() -> None:
    gone: list[Record] = [
        pumped(1, "2026-03-05", "08:00", deleted=True, note="gone"),
        made_nursing(1, NOW - 60, deleted=True),
    ]
    found = account(gone, count=3, sitting_s=SITTING_S, now=NOW, timezone="Europe/Vienna")
    assert found.standing == ()
    assert found.recorded_days == []


def test_notes_are_there_where_they_are_asked_for_alone() -> None:
    noted = [pumped(1, "2026-03-05", "08:00", note="sore")]
    assert said(noted, now=NOW)["noted"] == []
    assert said(noted, now=NOW, notes=True)["noted"] == [{"rows": [{"at": "Thu 5 Mar 8:00", "note": "sore"}]}]


HOSTILE = "<script>alert(1)</script>\"'&amp;\x1b[31m\x00\ud800{title}\nnext"


def test_a_hostile_note_is_a_text_and_nothing_more() -> None:
    scope = said([pumped(1, "2026-03-05", "08:00", note=HOSTILE)], now=NOW, notes=True)
    whole = report_html((PAGE / "report.xml").read_text(), (PAGE / "css" / "report.css").read_text(), scope)
    shown = "&lt;script&gt;alert(1)&lt;/script&gt;\"'&amp;amp;\ufffd[31m\ufffd\ufffd{title}\nnext"
    assert shown in whole
    assert "<script" not in whole
    assert not any(ord(letter) < 32 and letter != "\n" for letter in whole)
    whole.encode()


def test_the_file_names_nothing_that_is_to_be_fetched() -> None:
    whole = report_html((PAGE / "report.xml").read_text(), (PAGE / "css" / "report.css").read_text(), said([], now=NOW))
    assert "default-src 'none'" in whole
    assert "http:" not in whole
    assert "https:" not in whole
    assert "url(" not in whole
    assert "{" not in whole.partition("</style>")[2]
