"""What the record says of a span of days, as values: by the core's rules, and nothing that is not in the record."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from device.core.model.live import Figures
from device.core.model.record import (
    Clock,
    Nursing,
    Purpose,
    Record,
    Session,
    SessionState,
    begun,
    in_order,
)
from device.core.rules.figures import days_back, figures_of_days
from device.core.rules.sittings import first_counted, is_counted, standing_answer, together

Kind = TypeVar("Kind", bound=Record)


class ReportDay(Struct, frozen=True, kw_only=True):
    """One local day, and what began in it: counted sessions and nursings in order, and `sittings` by their first
    counted session's time, each with its purpose. `figures` are None where nothing was recorded.
    """

    day: date
    start: int
    end: int
    figures: Figures | None
    sessions: tuple[Session, ...]
    sittings: tuple[tuple[int, Purpose | None], ...]
    nursings: tuple[Nursing, ...]


class Account(Struct, frozen=True, kw_only=True):
    """A span of days, the oldest first; the last one is not over. `standing` are its records that are not deleted."""

    days: tuple[ReportDay, ...]
    standing: tuple[Record, ...]

    @property
    def sessions(self) -> list[Session]:
        return [session for day in self.days for session in day.sessions]

    @property
    def whole_days(self) -> list[Figures]:
        """Those that are over and have a record."""
        return [day.figures for day in self.days[:-1] if day.figures is not None]

    @property
    def recorded_days(self) -> list[Figures]:
        return [day.figures for day in self.days if day.figures is not None]

    @property
    def unsynced(self) -> int:
        return sum(record.clock is Clock.UNSYNCED for record in self.standing)

    @property
    def uncounted(self) -> int:
        return sum(_is_over(record) and not record.counted for record in self.standing if isinstance(record, Session))

    @property
    def interrupted(self) -> int:
        return sum(session.interrupted for session in self.sessions)

    @property
    def running(self) -> bool:
        return any(isinstance(record, Session) and not _is_over(record) for record in self.standing)


def _is_over(session: Record) -> bool:
    return isinstance(session, Session) and session.state is SessionState.ENDED


def account(records: Iterable[Record], *, count: int, sitting_s: float, now: int, timezone: str) -> Account:
    """The last `count` local days, today included, from the records of these and of the day before them.

    A session belongs to the day in which it began, a sitting to that of its first counted session.
    """
    past = sorted((record for record in records if begun(record) <= now and not record.deleted), key=in_order)
    sessions = [record for record in past if isinstance(record, Session)]
    nursings = [record for record in past if isinstance(record, Nursing)]
    spans = days_back(now, ZoneInfo(timezone), count)
    figures = figures_of_days(sessions, nursings, spans, sitting_s=sitting_s)
    groups = [(first, group) for group in together(sessions, sitting_s) if (first := first_counted(group))]
    sittings = [(first.started_at, standing_answer(group)) for first, group in groups]
    days = tuple(
        ReportDay(
            day=day,
            start=start,
            end=end,
            figures=figures_of_day if any(start <= begun(record) < end for record in past) else None,
            sessions=_begun_in(start, end, [session for session in sessions if is_counted(session)]),
            sittings=tuple((at, speaks.purpose if speaks else None) for at, speaks in sittings if start <= at < end),
            nursings=_begun_in(start, end, nursings),
        )
        for (day, start, end), figures_of_day in zip(spans, figures, strict=True)
    )
    return Account(days=days[::-1], standing=tuple(record for record in past if begun(record) >= spans[-1][1]))


def _begun_in(start: int, end: int, records: Sequence[Kind]) -> tuple[Kind, ...]:
    return tuple(record for record in records if start <= begun(record) < end)
