"""Instants and lengths in words."""

from datetime import datetime

from .shape import TimeWords


def since(seconds: int, words: TimeWords) -> str:
    """A past length by itself: `59 min`, `9 h 59`, from ten hours `23 h`, from two days `3 days`."""
    return _in_its_unit(seconds, words, words.days)


def how_long_ago(seconds: int, words: TimeWords) -> str:
    """The same inside a sentence that says how long ago: some languages' days have another ending there."""
    return _in_its_unit(seconds, words, words.days_past)


def _in_its_unit(seconds: int, words: TimeWords, days: str) -> str:
    minutes = max(seconds, 0) // 60
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return days.format(days=hours // 24)
    if hours >= 10 or (hours and not rest):
        return words.hours.format(hours=hours)
    if hours:
        return words.hours_and_minutes.format(hours=hours, minutes=rest)
    return words.minutes.format(minutes=minutes)


def length(seconds: int, words: TimeWords) -> str:
    """How long a pumping was that is over: `45 s`, `18 min`, `1 h 23`."""
    return since(seconds, words) if seconds >= 60 else words.seconds.format(seconds=max(seconds, 0))


def elapsed(seconds: int, words: TimeWords) -> str:
    """A counting clock: `9:59`, from an hour `1:23:45`, from a hundred hours (no such session is real) `100 h`."""
    minutes, seconds = divmod(max(seconds, 0), 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 100:
        return words.hours.format(hours=hours)
    return f"{hours}:{rest:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def time(at: datetime, words: TimeWords) -> str:
    """`7:05`."""
    return words.time.format(hour=at.hour, minute=at.minute)


def day_and_time(at: datetime, words: TimeWords) -> str:
    """`Mon 7:05`."""
    return words.day_and_time.format(day=words.weekdays[at.weekday()], time=time(at, words))


def date(at: datetime, words: TimeWords) -> str:
    """`3 Aug`."""
    return words.date.format(day=at.day, month=words.months[at.month - 1])
