"""A household's week for the page's tests and pictures: a fixed one, so that pictures can be compared."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.support.page_device import ZONE, ScriptedDevice
from tests.support.page_records import SUGGESTION, iso


def a_week(device: ScriptedDevice) -> None:
    """One household: Monday 23 to Sunday 1 March, seen on Sunday at 09:42."""
    zone = ZoneInfo(ZONE)

    def at(day: str, clock: str) -> datetime:
        return datetime.fromisoformat(f"2026-{day}T{clock}:00").replace(tzinfo=zone).astimezone(UTC)

    for day, clock, minutes, purpose, ml, intention in _SESSIONS:
        reason = {"protect": "in_place_of_nursing", "promote": "raise_low_supply", "treat": "plugged_duct"}.get(
            purpose or ""
        )
        device.session(
            at(day, clock),
            minutes,
            purpose=purpose,
            reason=reason,
            volume_ml=ml,
            intention=intention,
            classified_by="button" if purpose else None,
            suggestion=SUGGESTION,
        )
    power = [
        s
        for s in device.sessions.values()
        if s["started_at"] in {iso(at("02-28", c)) for c in ("10:05", "10:35", "10:55")}
    ]
    for session in power:
        session["sitting"] = power[0]["id"]
    finish = next(s for s in device.sessions.values() if s["started_at"] == iso(at("02-28", "07:45")))
    finish["reason"] = "complete_nursing"
    for day, clocks in _NURSINGS.items():
        for clock in clocks:
            device.nursing(at(day, clock), effective=not (day == "02-28" and clock == "07:20"))
    device.outlook = {"label": "falling", "now": 1.06, "coming": 0.875, "stimulations": [7, 6, 8, 8, 9]}


_SESSIONS: list[tuple[str, str, float, str | None, int | None, str | None]] = [
    ("02-23", "04:30", 18, "protect", 70, "feed"),
    ("02-23", "08:00", 15, "treat", 50, None),
    ("02-23", "14:50", 15, "treat", 40, None),
    ("02-23", "21:20", 16, "treat", 55, None),
    ("02-24", "02:10", 18, "protect", 105, "feed"),
    ("02-24", "08:00", 18, "protect", 90, "feed"),
    ("02-24", "14:00", 15, "treat", 45, None),
    ("02-24", "20:00", 18, "protect", 75, "feed"),
    ("02-25", "04:00", 19, "protect", 100, "feed"),
    ("02-25", "09:30", 17, "protect", 80, "feed"),
    ("02-25", "15:00", 15, "promote", 30, "freezer"),
    ("02-25", "20:00", 18, "protect", 90, "feed"),
    ("02-26", "02:00", 18, "protect", 95, "feed"),
    ("02-26", "08:20", 18, "protect", 100, "feed"),
    ("02-26", "12:10", 16, "promote", 35, "freezer"),
    ("02-26", "19:00", 18, "protect", 85, "feed"),
    ("02-27", "01:30", 18, "protect", 95, "feed"),
    ("02-27", "08:30", 18, "protect", 85, "feed"),
    ("02-27", "16:40", 18, "protect", 90, "feed"),
    ("02-28", "00:50", 20, "protect", 90, "fridge"),
    ("02-28", "07:45", 12, "protect", 40, "feed"),
    ("02-28", "10:05", 20, "promote", 55, "freezer"),
    ("02-28", "10:35", 10, "promote", 10, "freezer"),
    ("02-28", "10:55", 10, "promote", 15, "freezer"),
    ("02-28", "18:20", 15, None, None, None),
    ("02-28", "21:40", 18, "protect", 80, "fridge"),
    ("03-01", "03:12", 19, "protect", 85, "fridge"),
    ("03-01", "08:10", 16, None, 60, "feed"),
]
_NURSINGS = {
    "02-23": ["01:40", "11:30", "18:00"],
    "02-24": ["05:30", "11:20", "17:10", "23:00"],
    "02-25": ["01:20", "06:40", "12:30", "17:30", "22:50"],
    "02-26": ["05:10", "11:00", "15:30", "22:40"],
    "02-27": ["05:00", "12:15", "21:10"],
    "02-28": ["04:10", "07:20"],
    "03-01": ["00:35", "06:05"],
}
SUNDAY = datetime(2026, 3, 1, 8, 42, tzinfo=UTC)
