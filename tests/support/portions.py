"""The contract's portions, by its sentences alone: a session's book of `milk` commands, and the stock of all records.

Nothing here knows how the device reckons.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

HOUR = 3600
DAY = 24 * HOUR
BEGIN = {"feed": "room", "fridge": "fridge", "freezer": "freezer", "donate": "donated", "discard": "discarded"}
KEPT = ("room", "fridge", "freezer", "thawed")
LEFT = ("used", "discarded", "donated")
WAYS = {("room", "fridge"), ("room", "freezer"), ("fridge", "freezer"), ("freezer", "thawed")}


def seconds(text: str) -> int:
    return calendar.timegm(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timetuple())


def text(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def half_a_year_on(at: int) -> int:
    came = datetime.fromtimestamp(at, UTC)
    month = came.month + 6
    year, month = (came.year, month) if month <= 12 else (came.year + 1, month - 12)
    for day in (came.day, 30, 29, 28):
        try:
            return int(came.replace(year=year, month=month, day=day).timestamp())
        except ValueError:
            continue
    raise AssertionError("no month is shorter")


@dataclass(frozen=True)
class Said:
    """A `milk` command that was accepted, as it was said, and the amount that the session had then."""

    place: str
    ml: int | None
    at: int
    amount: int | None


@dataclass
class PortionBook:
    """One session: what is known of it, and the commands that stand. Times are whole seconds since 1970."""

    ended_at: int
    amount: int | None = None
    intention: str | None = None
    lives: bool = True
    """It counts and is not deleted."""
    began: str | None = None
    said: list[Said] = field(default_factory=list)

    def story(self) -> tuple[str, int | None, int, int | None] | None:
        """Where the portion is, how much is left, since when, and until when it keeps."""
        beginning = self.began if self.said else self.intention
        if not self.lives or beginning is None:
            return None
        place, since = BEGIN[beginning], self.ended_at
        until = self.keeps(place, since)
        gone_whole, gone_ml, last = place in LEFT, 0, None
        for one in self.said:
            at = max(one.at, since)  # the end may have been edited: nothing goes before it came
            if one.place in LEFT:
                last = one.place, at
                if one.ml is None:
                    gone_whole = True
                else:
                    gone_ml += one.ml
                continue
            if one.place != place:
                place, since = one.place, at
                until = until if until is not None and at > until else self.keeps(place, since)
            if one.ml is not None:
                assert one.amount is not None
                gone_ml = one.amount - one.ml
        ml = 0 if gone_whole else None if self.amount is None else max(self.amount - gone_ml, 0)
        if ml != 0:
            return place, ml, since, until
        where, when = last or (place, since)
        return where, 0, when, None

    def keeps(self, place: str, since: int) -> int | None:
        if place in LEFT:
            return None
        if place == "freezer":
            return half_a_year_on(since)
        return {"room": since + 4 * HOUR, "fridge": self.ended_at + 4 * DAY, "thawed": since + 24 * HOUR}[place]

    def milk(self, place: str | None, ml: int | None, at: int | None, now: int) -> tuple[str, str | None] | None:
        """Take a command, or refuse it: the code and the field."""
        stands = self.story()
        if stands is None:
            return "not_now", None
        if place is None:
            if not self.said:
                return "not_now", None
            self.said.pop()
            return None
        where, left, since, _ = stands
        corrects = place == where and place in KEPT and ml is not None
        may = (where, place) in WAYS or (place in LEFT and place != where)
        if not (corrects or may):
            return "out_of_range", "place"
        if at is not None and (at > now or at < since):
            return "out_of_range", "at"
        if ml is not None and place in LEFT and left is not None and ml > left:
            return "out_of_range", "ml"
        if ml is not None and place in KEPT:
            if self.amount is None:
                return "not_now", "ml"
            if ml > self.amount:
                return "out_of_range", "ml"
        if not self.said:
            self.began = self.intention
        self.said.append(Said(place, ml, max(now, since) if at is None else at, self.amount))
        return None

    def is_record(self, record: Json) -> None:
        """The record says what the book does."""
        stands = self.story()
        if stands is None:
            assert (record["milk"], record["use_by"]) == (None, None)
            return
        place, ml, since, until = stands
        assert record["milk"] == {"place": place, "ml": ml, "since": text(since)}
        assert record["use_by"] == (None if until is None else text(until))


def stock_of(records: Iterable[Json], now: int, *, synced: bool = True) -> Json:
    """`today.milk` by the records alone, as they were published."""
    there = [record for record in records if record["milk"] is not None and record["milk"]["ml"] != 0]
    if synced:
        there = [record for record in there if record["use_by"] is None or now <= seconds(record["use_by"])]
    sums = {f"{place}_ml": 0 for place in KEPT}
    for record in there:
        sums[f"{record['milk']['place']}_ml"] += record["milk"]["ml"] or 0
    times = sorted(record["use_by"] for record in there if record["use_by"] is not None)
    return {**sums, "portions": len(there), "next_use_by": times[0] if synced and times else None}
