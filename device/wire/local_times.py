"""Other apps' times: a cell of a table → local time → instant, by the zone's own rules.

A local time that exists twice is the first, one that does not exist moves forward (PEP 495), and both are said.
"""

import re
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from .values import EXAMPLE, LATEST, FieldError, parse_instant, shown


class Dates(StrEnum):
    """In which order a date's parts stand. Where the year has four digits and comes first, nobody need say."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class Moment(msgspec.Struct, frozen=True):
    """An instant, and what is to be said of how it was found; and the later one where its local time has two."""

    at: int
    remark: str = ""
    second: int | None = None


CENTURY = 2000
"""Of a year with two digits: nobody kept such a table before."""
LOCAL = re.compile(
    r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})(?:,? +|T)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?"
    r"(?: ?([ap])\.?m\.?)?",
    re.ASCII | re.IGNORECASE,
)
WITH_OFFSET = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]([\d:.,]+) ?(Z|[+-]\d{2}(?::?\d{2})?)", re.ASCII | re.IGNORECASE)
SPACES = str.maketrans(dict.fromkeys("\u00a0\u2009\u202f", " "))
"""What stands between a time and its am or pm in some countries."""


def moment_of(cell: str, zone: ZoneInfo, dates: Dates | None = None, *, after: int | None = None) -> Moment:
    """The instant that a cell names; raises FieldError. `after` is the start, if this is an end.

    An end that would lie before its start, and exists twice, is the second.
    """
    text = cell.strip().translate(SPACES)
    found = WITH_OFFSET.fullmatch(text)
    if found:
        return Moment(parse_instant("{}T{}{}".format(*found.groups())))
    moment = by_the_zone(parse_local(text, dates), zone)
    if after is not None and moment.at < after and moment.second is not None:
        return Moment(moment.second)
    return moment


def parse_local(text: str, dates: Dates | None = None) -> datetime:
    """A date and a time of day as people write them; FieldError for what is none, or might be two."""
    found = LOCAL.fullmatch(text)
    if found is None:
        raise FieldError("wrong_type", f"{shown(text)} is no date with a time of day, such as {EXAMPLE[:10]} 03:12")
    first, _, middle, last, hours, minutes, seconds, half = found.groups()
    order = Dates.YMD if len(first) == 4 else dates
    if order is None:
        raise FieldError("wrong_type", f"{shown(text)} may be more than one day; say --dates dmy, mdy or ymd")
    parts = dict(zip(order, (first, middle, last), strict=True))
    if len(parts["y"]) not in {2, 4} or max(len(parts["m"]), len(parts["d"])) > 2:
        raise FieldError("out_of_range", f"{shown(text)} is no date in the order {order}; --dates says another")
    year = int(parts["y"]) + (CENTURY if len(parts["y"]) == 2 else 0)
    hour = int(hours)
    if half is not None:
        if not 1 <= hour <= 12:
            raise FieldError("out_of_range", f"{shown(text)} is no time of day; am and pm have hours from 1 to 12")
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    try:
        return datetime(year, int(parts["m"]), int(parts["d"]), hour, int(minutes), int(seconds or 0))  # noqa: DTZ001
    except ValueError as error:
        raise FieldError("out_of_range", f"{shown(text)} is no date and time: {error}") from None


def by_the_zone(local: datetime, zone: ZoneInfo) -> Moment:
    """The instant of a local time; FieldError for one that the record can't hold."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    try:
        at = int(first.timestamp())
    except OverflowError:
        at = -1
    if not 0 <= at < LATEST:
        raise FieldError("out_of_range", f"{local} is out of range; give a time from 1970 to 2999")
    gained = (second.utcoffset(), first.utcoffset())
    if gained[0] == gained[1]:
        return Moment(at)
    if int(second.timestamp()) > at:
        return Moment(at, f"{local} exists twice in {zone.key}: the first is taken", int(second.timestamp()))
    moved = datetime.fromtimestamp(at, zone)
    return Moment(at, f"{local} does not exist in {zone.key}: {moved:%H:%M:%S} is taken")
