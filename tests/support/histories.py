"""Histories before NOW for the tests of guidance: sessions, nursings, and what follows from them."""

import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from device.core.model.live import Outlook, Today
from device.core.model.record import Cause, Nursing, Session, SessionState, Since, Source, Units
from device.core.rules import figures, guidance
from device.core.rules.records import records_of

MIN, HOUR, DAY = 60, 3600, 86400
NOW = int(datetime(2026, 3, 10, 14, tzinfo=UTC).timestamp())
SITTING_S = 720

COPY = Path(__file__).parents[1] / "scenarios" / "guidance.toml"
ORIGINAL = Path(__file__).parents[3] / "shared" / "scenarios" / "guidance.toml"
SCENARIOS = tomllib.loads((ORIGINAL if ORIGINAL.exists() else COPY).read_text())
"""The guidance's cases, from where they are written where that is at hand."""


def pumped(ago_s: float, minutes: float = 15, **fields: Any) -> Session:
    """An ended session that started so many seconds before NOW."""
    start = NOW - int(ago_s)
    end = start + int(minutes * MIN)
    name = fields.pop("id", f"s{start}")
    plain: dict[str, Any] = {
        "number": start,
        "revision": 1,
        "cause": Cause.ENDED,
        "revised_at": end,
        "state": SessionState.ENDED,
        "started_at": start,
        "ended_at": end,
        "duration_s": end - start,
        "pumping_s": end - start,
        "counted": minutes >= 1,
        "sitting": name,
    }
    return Session(id=name, **(plain | fields))


def running(ago_s: float, **fields: Any) -> Session:
    return pumped(ago_s, state=SessionState.RUNNING, ended_at=None, counted=False, **fields)


def nursed(ago_s: float, *, effective: bool = True, **fields: Any) -> Nursing:
    at = NOW - int(ago_s)
    plain: dict[str, Any] = {
        "id": f"n{at}",
        "number": at,
        "revision": 1,
        "cause": Cause.ADDED,
        "revised_at": at,
        "at": at,
        "effective": effective,
        "source": Source.BUTTON,
    }
    return Nursing(**(plain | fields))


def outlook_of(
    sessions: Sequence[Session],
    nursings: Sequence[Nursing] = (),
    *,
    baseline: int = 8,
    first: int | None = None,
    now: int = NOW,
) -> Outlook:
    records = records_of(sessions, nursings, SITTING_S)
    recorded = records.recorded
    first = first if first is not None else recorded[0] if recorded else None
    return guidance.outlook(records.stimulated, recorded, baseline=baseline, first_record_at=first, now=now)


def daily(counts: Sequence[int], **fields: Any) -> list[Session]:
    """So many sessions in each of the last times 24 h, newest first."""
    return [
        pumped(day * DAY + (place + 0.5) * DAY / count, **fields)
        for day, count in enumerate(counts)
        for place in range(count)
    ]


def today_of(
    sessions: Sequence[Session],
    nursings: Sequence[Nursing] = (),
    *,
    now: int = NOW,
    timezone: str = "Europe/Vienna",
    baseline: int = 8,
) -> Today:
    records = records_of(sessions, nursings, SITTING_S)
    return figures.today(
        records,
        figures.week(records, now=now, timezone=timezone),
        baseline=baseline,
        now=now,
        timezone=timezone,
        units=Units.ML,
        since=Since.START,
        first_record_at=min(records.recorded, default=None),
    )
