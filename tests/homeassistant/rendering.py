"""Renders templates as Home Assistant does, and holds one example of each message that they read.
It exists so that every template is tried without Home Assistant; what would be a warning there is an error here.
"""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

SUGGESTION = {
    "purpose": "protect",
    "reason": "in_place_of_nursing",
    "context": "below_baseline",
    "because": "5 of 8 stimulations in 24 h",
    "facts": {"stimulations": 5, "baseline": 8},
}
SESSION: dict[str, Any] = {
    "schema": 1, "device": "pump", "id": "0199-412", "number": 412, "revision": 3, "cause": "ended",
    "revised_at": "2026-03-01T03:30:50Z", "state": "ended", "started_at": "2026-03-01T03:12:08Z",
    "ended_at": "2026-03-01T03:30:50Z", "duration_s": 1122, "pumping_s": 1098, "pauses": 1,
    "cycles_per_minute": 54, "counted": True, "interrupted": False, "clock": "synced",
    "sources": ["gpio", "serial"], "disagreement_s": None, "stuck_sensor": False, "sitting": "0199-412",
    "purpose": "protect", "reason": "in_place_of_nursing", "classified_by": "button",
    "suggestion": SUGGESTION, "intention": "fridge", "use_by": "2026-03-05T03:30:50Z",
    "expectation_ml": 90, "volume_ml": 85, "left_ml": None, "right_ml": None, "note": None, "deleted": False,
}  # fmt: skip
UNANSWERED = SESSION | {"purpose": None, "reason": None, "intention": None, "use_by": None, "volume_ml": None}
STATE = {
    "schema": 1, "device": "pump", "at": "2026-03-01T03:13:00Z", "phase": "pumping", "screen": "purpose",
    "dark": False, "buttons": ["Protect", "Promote", "Treat"], "question": "purpose", "session": SESSION,
    "suggestion": SUGGESTION, "expectation_ml": 90,
}  # fmt: skip
DAY = {
    "stimulations": 6, "pumpings": {"protect": 3, "promote": 1, "treat": 0, "unclassified": 0},
    "nursings": {"effective": 2, "ineffective": 1}, "pumping_s": 4212, "volume_ml": 340, "without_amount": 1,
}  # fmt: skip
TODAY = {
    "schema": 1, "device": "pump", "at": "2026-03-01T03:31:00Z", "timezone": "Europe/Vienna", "units": "ml",
    "baseline": 8, "last_stimulation_at": "2026-03-01T03:12:08Z", "unclassified": 2, "last_24h": DAY,
    "milk": {
        "room_ml": 0, "fridge_ml": 340, "freezer_ml": 1250, "thawed_ml": 0, "portions": 19,
        "next_use_by": "2026-03-02T09:30:00Z",
    },
    "days": [{"day": "2026-03-01", **DAY}],
    "outlook": {"label": "falling", "now": 1.02, "coming": 0.86, "stimulations": [7, 6, 8, 8, 9]},
}  # fmt: skip
DIAGNOSTICS = {
    "schema": 1, "device": "pump", "version": "1.2.3", "started_at": "2026-02-27T10:00:00Z", "clock": "synced",
    "outbox": 0, "mqtt": {"protocol": "5", "reconnects": 0}, "serial": {"state": "up", "lines": 7},
    "display": {"state": "up"}, "store": {"state": "ok"}, "errors": {},
}  # fmt: skip

NOW = datetime(2026, 3, 1, 3, 31, tzinfo=UTC)


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The few things of Home Assistant's templates that ours use; what is undefined is an error here."""
    found = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    found.filters["to_json"] = lambda value: json.dumps(value, separators=(",", ":"))
    found.globals |= {"utcnow": lambda: NOW, "timedelta": timedelta}
    return found


@cache
def _compiled(template: str) -> Template:
    return environment().from_string(template)


def rendered(template: str, payload: str, attributes: dict[str, Any] | None = None) -> str:
    """As Home Assistant does it: `value_json` is not there where the payload is no JSON."""
    given: dict[str, Any] = {"value": payload, "this": SimpleNamespace(attributes=attributes or {})}
    with contextlib.suppress(ValueError):
        given["value_json"] = json.loads(payload)
    return _compiled(template).render(given).strip()
