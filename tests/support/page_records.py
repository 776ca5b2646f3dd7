"""Records as the contract writes them, for the device by script: sessions, nursings, ids and instants."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.page_rules import as_session, kept

Json = dict[str, Any]

SUGGESTION = {
    "purpose": "protect",
    "reason": "in_place_of_nursing",
    "context": "below_baseline",
    "because": "6 of 8 stimulations in 24 h",
    "facts": {"stimulations": 6, "baseline": 8},
}


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def new_id(at: datetime, number: int) -> str:
    """A UUIDv7 of that instant; its random part only counts, so that a test can repeat itself."""
    stamp = f"{int(at.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{number:012x}"


def session_record(number: int, started_at: datetime, minutes: float, fields: Json) -> Json:
    ended = started_at + timedelta(minutes=minutes)
    record: Json = {
        "schema": 1,
        "device": "pump",
        "id": new_id(started_at, number),
        "number": number,
        "revision": 1,
        "cause": "ended",
        "revised_at": iso(ended),
        "state": "ended",
        "started_at": iso(started_at),
        "ended_at": iso(ended),
        "duration_s": int(minutes * 60),
        "pumping_s": int(minutes * 60),
        "pauses": 0,
        "cycles_per_minute": 54,
        "counted": minutes >= 1,
        "interrupted": False,
        "clock": "synced",
        "sources": ["gpio"],
        "disagreement_s": None,
        "stuck_sensor": False,
        "sitting": new_id(started_at, number),
        "purpose": None,
        "reason": None,
        "classified_by": None,
        "classified_at": None,
        "suggestion": None,
        "intention": None,
        "use_by": None,
        "expectation_ml": None,
        "volume_ml": None,
        "left_ml": None,
        "right_ml": None,
        "milk": None,
        "note": None,
        "deleted": False,
    } | fields
    return record | kept(as_session(record))


def nursing_record(number: int, at: datetime, *, effective: bool, side: str | None = None) -> Json:
    return {
        "schema": 1,
        "device": "pump",
        "id": new_id(at, number),
        "number": number,
        "revision": 1,
        "cause": "added",
        "revised_at": iso(at),
        "at": iso(at),
        "effective": effective,
        "side": side,
        "clock": "synced",
        "source": "dashboard",
        "deleted": False,
    }
