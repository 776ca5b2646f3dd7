"""Each day on its strip of 24 hours and as figures, and the days beside each other as bars.

Places are whole numbers, so that whoever reckons them anew comes to the same ones.
"""

from collections.abc import Sequence

from msgspec import Struct

from device.core.model.live import Figures
from device.core.model.record import Nursing, Record, Session, begun
from device.core.rules.amounts import amount_of, written_amount

from .account import Account, ReportDay
from .setting import JOINED, Scope, Setting

MINUTES = 1440
"""How wide a strip of 24 hours is."""
NARROWEST = 6
SHAPE, DISC = 62, 44
WIDE, HIGH, TOP = 600, 120, 34
"""Of a chart: its width, that of the highest bar, and where this begins."""
MOST_NUMBERED = 16
"""So many days have room for a number each; of more every seventh is named."""


def knows_amount(figures: Figures) -> bool:
    """An amount is known of that day: where none was given the sum of 0 says nothing."""
    return figures.volume_ml > 0 or (figures.without_amount == 0 and sum(figures.pumpings.values()) > 0)


def day_row(day: ReportDay, setting: Setting, *, is_last: bool) -> Scope:
    """A day's row: its name, what is drawn on its strip, its figures; the last one is not over."""
    words = setting.words.report
    hours = (day.end - day.start) // 3600
    more = [words.until.format(time=setting.time(setting.now))] if is_last else []
    more += [words.not_24_h.format(hours=hours)] if hours != 24 and not is_last else []
    nothing = words.no_record if day.figures is None else words.no_session
    return {
        "date": setting.day(day.day),
        "more": [{"said": said} for said in more],
        "label": "; ".join(_spoken(day, setting)) or nothing,
        "bars": [_bar(session, setting) for session in day.sessions],
        "shapes": [
            {"shape": str(purpose or "open"), "x": str(_minute(at, setting) - SHAPE // 2)}
            for at, purpose in day.sittings
        ],
        "discs": [
            {
                "shape": "nursed" if nursing.effective else "ineffective",
                "x": str(_minute(nursing.at, setting) - DISC // 2),
            }
            for nursing in day.nursings
        ],
        "cells": [{"text": text} for text in _cells(day, setting)],
        "unrecorded": [{"text": words.no_record}] if day.figures is None else [],
    }


def _minute(at: int, setting: Setting) -> int:
    """Where an instant lies in its local day, by the clock on the wall."""
    local = setting.local(at)
    return local.hour * 60 + local.minute


def _bar(session: Session, setting: Setting) -> Scope:
    start = _minute(session.started_at, setting)
    wide = max(NARROWEST, (session.ended_at or session.started_at) // 60 - session.started_at // 60)
    return {"x": str(start), "wide": str(min(wide, MINUTES - start)), "kind": str(session.purpose or "open")}


def _spoken(day: ReportDay, setting: Setting) -> list[str]:
    """What was on a day, in order, for those who don't see the strip."""
    words, told = setting.words.report, []
    records: list[Record] = [*day.sessions, *day.nursings]
    for record in sorted(records, key=begun):
        if isinstance(record, Nursing):
            what = words.nursed if record.effective else words.ineffective
        else:
            amount = words.no_amount if record.volume_ml is None else setting.amount(record.volume_ml)
            pumping = setting.length(record.pumping_s)
            what = words.pumped.format(purpose=setting.purpose(record.purpose), pumping=pumping, amount=amount)
        told.append(words.at.format(time=setting.time(begun(record)), what=what))
    return told


def _cells(day: ReportDay, setting: Setting) -> list[str]:
    figures, words = day.figures, setting.words.report
    if figures is None:
        return []
    effective, ineffective = figures.nursings["effective"], figures.nursings["ineffective"]
    amount = [setting.amount(figures.volume_ml)] if knows_amount(figures) else []
    if figures.without_amount:
        amount.append(setting.how_many(words.without_amount, figures.without_amount).replace(" ", JOINED))
    return [
        str(figures.stimulations),
        str(len(day.sessions)),
        f"{effective}{JOINED}+{JOINED}{ineffective}" if ineffective else str(effective),
        setting.length(figures.pumping_s) if figures.pumping_s else "–",
        ", ".join(amount) or "–",
    ]


# -- the days beside each other --------------------------------------------------------------------------------


class Bar(Struct, frozen=True):
    """A day's value in a chart and how people write it; None: nobody knows. `part`: it may yet be more."""

    value: int | None
    text: str
    part: bool


def charts(found: Account, setting: Setting) -> list[Scope]:
    """Stimulations a day beside the baseline, and amounts."""
    words, last = setting.words.report, found.days[-1]
    stimulations, amounts = [], []
    for day in found.days:
        figures, is_last = day.figures, day is last
        count = None if figures is None else figures.stimulations
        stimulations.append(Bar(count, "–" if count is None else str(count), is_last))
        known = figures is not None and knows_amount(figures)
        ml = figures.volume_ml if figures is not None and known else None
        text = "–" if ml is None else written_amount(amount_of(ml, setting.units), setting.units)
        amounts.append(Bar(ml, text, is_last or (figures is not None and figures.without_amount > 0)))
    above = words.stimulations_a_day.format(baseline=setting.baseline)
    return [
        _chart(above, stimulations, setting.baseline, found, setting),
        _chart(words.amount_a_day.format(unit=setting.units), amounts, None, found, setting),
    ]


def _chart(title: str, bars: Sequence[Bar], line: int | None, found: Account, setting: Setting) -> Scope:
    most, numbered = max(1, line or 0, *(bar.value or 0 for bar in bars)), len(bars) <= MOST_NUMBERED
    columns: list[Scope] = []
    named: list[Scope] = []
    texts: list[Scope] = []
    for place, (bar, day) in enumerate(zip(bars, found.days, strict=True)):
        left, right = WIDE * place // len(bars), WIDE * (place + 1) // len(bars)
        rest, middle = (right - left) // 6, (left + right) // 2
        high = HIGH * (bar.value or 0) // most
        if bar.value:
            x, wide = str(left + rest), str(right - left - 2 * rest)
            kind = "part" if bar.part else "whole"
            columns.append({"x": x, "y": str(TOP + HIGH - high), "wide": wide, "high": str(high), "kind": kind})
        if numbered:
            texts.append({"x": str(middle), "y": str(TOP + HIGH - high - 6), "text": bar.text})
        if numbered or place % 7 == 0:
            named.append({"x": str(middle), "text": str(day.day.day) if numbered else setting.date_of(day.day)})
    spoken = "; ".join(f"{setting.day(day.day)} {bar.text}" for bar, day in zip(bars, found.days, strict=True))
    return {
        "title": title,
        "label": f"{title}: {spoken}",
        "columns": columns,
        "values": texts,
        "named": named,
        "line": [] if line is None else [{"y": str(TOP + HIGH - HIGH * line // most)}],
    }
