"""How long milk keeps."""

from calendar import monthrange
from datetime import UTC, datetime

from device.core.model.record import Intention

from .sittings import DAY_S, HOUR_S

KEEPS_S = {Intention.FEED: 4 * HOUR_S, Intention.FRIDGE: 4 * DAY_S}
FREEZER_MONTHS = 6
"""The CDC's times for fresh milk of a healthy term baby ("Breast Milk Storage and Preparation")."""


def use_by(ended_at: int, intention: Intention | None) -> int | None:
    """Until when the milk keeps; None where it is not kept. Months are the calendar's, clamped to their last day."""
    if intention is Intention.FREEZER:
        end = datetime.fromtimestamp(ended_at, UTC)
        years, month = divmod(end.month - 1 + FREEZER_MONTHS, 12)
        year, month = end.year + years, month + 1
        day = min(end.day, monthrange(year, month)[1])
        return int(end.replace(year=year, month=month, day=day).timestamp())
    if intention in KEEPS_S:
        return ended_at + KEEPS_S[intention]
    return None
