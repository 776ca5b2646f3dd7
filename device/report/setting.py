"""What the report's words rest on besides the record, and how it writes times, days and amounts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from device.core.model.live import Outlook
from device.core.model.record import Purpose, Reason, Units
from device.core.rules.amounts import amount_of, written_amount
from device.words import times
from device.words.shape import Words

Scope: TypeAlias = "dict[str, str | list[Scope]]"
"""Texts by their names on the sheet, and what stands there once for each of a list."""

JOINED = "\N{NO-BREAK SPACE}"
"""A number is never parted from its unit."""

T = TypeVar("T")


class Setting(Struct, frozen=True, kw_only=True):
    """`now` is when the report is made; `lang` the language of the words, by its code."""

    device: str
    now: int
    timezone: str
    units: Units
    baseline: int
    outlook: Outlook
    lang: str
    words: Words
    notes: bool = False

    def local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at, ZoneInfo(self.timezone))

    def time(self, at: int) -> str:
        return times.time(self.local(at), self.words.times)

    def date_of(self, day: date) -> str:
        return times.date(datetime(day.year, day.month, day.day), self.words.times)  # noqa: DTZ001 - no instant

    def day(self, day: date) -> str:
        return self.words.report.day.format(weekday=self.words.times.weekdays[day.weekday()], date=self.date_of(day))

    def moment(self, at: int) -> str:
        return self.words.times.day_and_time.format(day=self.day(self.local(at).date()), time=self.time(at))

    def amount(self, ml: int) -> str:
        return f"{written_amount(amount_of(ml, self.units), self.units)}{JOINED}{self.units}"

    def length(self, seconds: int) -> str:
        return times.length(seconds, self.words.times).replace(" ", JOINED)

    def tenths(self, tenths: int) -> str:
        return self.words.report.tenths.format(whole=tenths // 10, tenth=tenths % 10)

    def how_many(self, sentences: Mapping[str, str], count: int, **values: str) -> str:
        return sentences[self.words.plural(count)].format(count=count, **values)

    def purpose(self, purpose: Purpose | None) -> str:
        return self.words.report.no_purpose if purpose is None else self.words.purposes[purpose].long

    def reason(self, reason: Reason | None) -> str:
        return self.words.report.no_reason if reason is None else self.words.reasons[reason].long


def unbroken(things: Sequence[T], place: Callable[[T], int]) -> list[list[T]]:
    """Cut a sequence where the places of two neighbours lie more than one apart."""
    found: list[list[T]] = []
    for each in things:
        if found and place(each) - place(found[-1][-1]) <= 1:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def from_to(first: str, last: str, setting: Setting) -> str:
    return first if first == last else setting.words.report.from_to.format(first=first, last=last)
