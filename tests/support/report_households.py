"""Made-up days of a household for the report's tests: nights in which the clocks change, hostile notes, holes."""

from itertools import count
from typing import Any, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from device.core.model.live import Outlook
from device.core.model.record import (
    REASONS,
    Cause,
    Clock,
    Nursing,
    Purpose,
    Record,
    Session,
    SessionState,
    Source,
    Units,
)
from device.core.rules.guidance import LABELS
from device.core.rules.sittings import sittings
from device.report.account import Account, account
from device.report.setting import Setting
from device.words.en import EN

SITTING_S = 720
ZONES = ("Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Etc/UTC")
CHANGES = (1774746000, 1792890000, 1772953200, 1775314800, 1788667200, 1767225600)
"""Instants at which clocks of these zones change, and a new year."""
NOTES = ("sore\nleft <b>&amp;</b>", "\x1b[31m\x00\x85", "\u202edrawkcab", "\"'{note}", "😀 — é", "x" * 500)


class Days(NamedTuple):
    """What a report is made of."""

    records: tuple[Record, ...]
    length: int
    told: dict[str, Any]

    @property
    def setting(self) -> Setting:
        return Setting(**self.told, device="pump", lang="en", words=EN)

    @property
    def account(self) -> Account:
        now, timezone = self.told["now"], self.told["timezone"]
        return account(self.records, count=self.length, sitting_s=SITTING_S, now=now, timezone=timezone)


@st.composite
def households(draw: st.DrawFn) -> Days:
    now = draw(st.sampled_from(CHANGES)) + draw(st.integers(-2 * 86400, 3 * 86400))
    view = draw(
        st.builds(Outlook, st.sampled_from(sorted(LABELS.values())), shares, shares, five)
        | st.builds(Outlook, st.just("unknown"), st.none(), st.none(), five)
    )
    told = {
        "now": now,
        "timezone": draw(st.sampled_from(ZONES)),
        "units": draw(st.sampled_from(Units)),
        "baseline": draw(st.integers(1, 24)),
        "outlook": view,
        "notes": draw(st.booleans()),
    }
    pumped = draw(sessions(now))
    nursed = [
        made_nursing(number, now - ago, effective=effective, **more)
        for number, (ago, effective, more) in enumerate(draw(st.lists(nursings, max_size=12)), 1)
    ]
    return Days((*pumped, *nursed), draw(st.sampled_from([1, 2, 3, 7, 14, 17, 30])), told)


shares = st.integers(0, 300).map(lambda hundredths: hundredths / 100)
five = st.tuples(*[st.integers(0, 15)] * 5)
nursings = st.tuples(
    st.integers(-500, 20 * 86400),
    st.booleans(),
    st.fixed_dictionaries({"deleted": st.sampled_from([False, False, True]), "clock": st.sampled_from(Clock)}),
)


@st.composite
def sessions(draw: st.DrawFn, now: int) -> list[Session]:
    """From the newest back, none over another."""
    found: list[Session] = []
    end = now + draw(st.sampled_from([0, 0, 900]))
    for number in count(draw(st.integers(0, 30)), -1):
        if number < 1:
            break
        end -= draw(st.sampled_from([30, 300, 719, 720, 721, 3000, 9000, 40000, 200000]))
        start = end - draw(st.sampled_from([20, 59, 60, 600, 1122, 4000, 50000]))
        found.append(made_session(number, start, end, **draw(facts)))
        end = start
    is_running = draw(st.booleans())
    if found and is_running:
        found[0] = replace(found[0], state=SessionState.RUNNING, ended_at=None, counted=False, deleted=False)
    seats = sittings(found, SITTING_S)
    return [replace(session, sitting=seats[session.id]) for session in found]


@st.composite
def why(draw: st.DrawFn) -> dict[str, Any]:
    purpose = draw(st.none() | st.sampled_from(Purpose))
    return {
        "purpose": purpose,
        "reason": draw(st.none() | st.sampled_from(REASONS[purpose])) if purpose else None,
        "classified_at": draw(st.none() | st.integers(1767225600, 1767225603)) if purpose else None,
    }


facts = st.builds(
    dict.__or__,
    why(),
    st.fixed_dictionaries(
        {
            "volume_ml": st.sampled_from([None, None, 0, 5, 81, 90, 2000]),
            "note": st.none() | st.sampled_from(NOTES),
            "interrupted": st.booleans(),
            "deleted": st.sampled_from([False, False, False, True]),
            "clock": st.sampled_from([Clock.SYNCED, Clock.SYNCED, Clock.UNSYNCED]),
        }
    ),
)


def made_session(number: int, start: int, end: int, **fields: Any) -> Session:
    known: dict[str, Any] = {
        "id": f"s{number}",
        "sitting": f"s{number}",
        "number": number,
        "revision": 1,
        "cause": Cause.ENDED,
        "revised_at": end,
        "state": SessionState.ENDED,
        "started_at": start,
        "ended_at": end,
        "duration_s": end - start,
        "pumping_s": end - start,
        "counted": end - start >= 60,
    }
    return Session(**known | fields)


def made_nursing(number: int, at: int, *, effective: bool = True, **fields: Any) -> Nursing:
    known: dict[str, Any] = {
        "id": f"n{number}",
        "number": number,
        "revision": 1,
        "cause": Cause.ADDED,
        "revised_at": at,
        "at": at,
        "effective": effective,
        "source": Source.BUTTON,
    }
    return Nursing(**known | fields)
