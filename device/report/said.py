"""The account of a span of days in words: every text of the sheet by its name there."""

from msgspec.structs import asdict

from device.core.model.record import REASONS, Purpose, Reason, Session
from device.core.rules.records import median

from .account import Account, ReportDay
from .drawn import charts, day_row, knows_amount
from .setting import Scope, Setting, from_to, unbroken


def sheet_scope(found: Account, setting: Setting) -> Scope:
    """All that the sheet names."""
    words = setting.words.report
    first, last = found.days[0].day, found.days[-1].day
    return {
        **asdict(words.sheet),
        "lang": setting.lang,
        "span": setting.how_many(
            words.span, len(found.days), first=setting.date_of(first), last=setting.date_of(last), year=str(last.year)
        ),
        "made": words.made.format(when=setting.moment(setting.now), zone=setting.timezone),
        "baseline": words.baseline.format(count=setting.baseline),
        "answers": [
            {"question": question, "answer": answer}
            for question, answer in zip(words.questions, _in_short(found, setting), strict=True)
        ],
        "legend": _legend(setting),
        "days": [day_row(day, setting, is_last=day is found.days[-1]) for day in found.days],
        "purposes": [_purpose_row(purpose, found, setting) for purpose in _purposes(found)],
        "all_nursings": _all_nursings(found, setting),
        "charts": charts(found, setting),
        "treated_some": [{"treatments": rows}] if (rows := _treatments(found, setting)) else [],
        "untreated": [] if rows else [{"said": words.not_treated}],
        "outlook_says": setting.words.outlooks[setting.outlook.label].page,
        "outlook_known": _outlook_known(setting),
        "lacks": [{"said": said} for said in _lacks(found, setting) or [words.nothing_missing]],
        "noted": _noted(found, setting) if setting.notes else [],
        "source": words.source.format(device=setting.device),
    }


# -- in short --------------------------------------------------------------------------------------------------


def _in_short(found: Account, setting: Setting) -> tuple[str, ...]:
    words = setting.words.report
    each = [
        words.counted.format(word=setting.purpose(purpose), count=len(sessions))
        for purpose in _purposes(found)
        if (sessions := _of_purpose(found, purpose))
    ]
    treated = [
        words.counted.format(word=setting.reason(reason), count=len(sessions)) for reason, sessions in _treated(found)
    ]
    return (
        _often(found, setting),
        " · ".join(each) or words.no_session,
        _much(found, setting),
        setting.words.outlooks[setting.outlook.label].page,
        " · ".join(treated) or words.not_treated,
    )


def _often(found: Account, setting: Setting) -> str:
    words, counts = setting.words.report, [figures.stimulations for figures in found.whole_days]
    if not counts:
        return words.no_whole_day
    sentence = words.often_alike if min(counts) == max(counts) else words.often
    return sentence.format(low=min(counts), high=max(counts), median=median(counts), baseline=setting.baseline)


def _much(found: Account, setting: Setting) -> str:
    words = setting.words.report
    if not found.whole_days:
        return words.no_whole_day
    amounts = [figures.volume_ml for figures in found.whole_days if knows_amount(figures)]
    if not amounts:
        return words.no_amount
    sentence = words.much_alike if min(amounts) == max(amounts) else words.much
    low, high, middle = (setting.amount(ml) for ml in (min(amounts), max(amounts), median(amounts)))
    return sentence.format(low=low, high=high, median=middle)


def _legend(setting: Setting) -> list[Scope]:
    words = setting.words.report
    shapes = {str(purpose): setting.purpose(purpose) for purpose in Purpose}
    shapes |= {"open": words.no_purpose, "nursed": words.nursed, "ineffective": words.ineffective}
    return [{"shape": shape, "word": word} for shape, word in shapes.items()]


# -- by purpose, and what was treated --------------------------------------------------------------------------


def _of_purpose(found: Account, purpose: Purpose | None) -> list[Session]:
    return [session for session in found.sessions if session.purpose is purpose]


def _purposes(found: Account) -> list[Purpose | None]:
    """The three, and None where a session has none."""
    return [*Purpose, *([None] if _of_purpose(found, None) else [])]


def _purpose_row(purpose: Purpose | None, found: Account, setting: Setting) -> Scope:
    words, sessions = setting.words.report, _of_purpose(found, purpose)
    amounts = [session.volume_ml for session in sessions if session.volume_ml is not None]
    of_reason = {
        reason: sum(session.reason is reason for session in sessions)
        for reason in (*(REASONS[purpose] if purpose else ()), None)
    }
    reasons = [
        words.counted.format(word=setting.reason(reason), count=count) for reason, count in of_reason.items() if count
    ]
    middle = setting.amount(median(amounts)) if amounts else ""
    return {
        "shape": str(purpose or "open"),
        "word": setting.purpose(purpose),
        "count": str(len(sessions)),
        "reasons": ", ".join(reasons) if purpose and reasons else "–",
        "amount": words.of_amounts.format(median=middle, count=len(amounts)) if amounts else "–",
        "length": setting.length(median([session.pumping_s for session in sessions])) if sessions else "–",
    }


def _all_nursings(found: Account, setting: Setting) -> str:
    effective = [nursing.effective for day in found.days for nursing in day.nursings]
    said = setting.words.report.all_nursings
    return said.format(effective=sum(effective), ineffective=len(effective) - sum(effective))


def _treated(found: Account) -> list[tuple[Reason | None, list[Session]]]:
    """The sessions to treat by their reasons, those without one last; a reason without any is left out."""
    sessions = _of_purpose(found, Purpose.TREAT)
    by_reason = [
        (reason, [session for session in sessions if session.reason is reason])
        for reason in (*REASONS[Purpose.TREAT], None)
    ]
    return [(reason, those) for reason, those in by_reason if those]


def _treatments(found: Account, setting: Setting) -> list[Scope]:
    """When: from the first to the last session of each run of days on which there was one."""
    places = {session.id: place for place, day in enumerate(found.days) for session in day.sessions}
    return [
        {
            "word": setting.reason(reason),
            "when": "; ".join(
                from_to(setting.moment(run[0].started_at), setting.moment(run[-1].started_at), setting)
                for run in unbroken(those, lambda session: places[session.id])
            ),
            "count": str(len(those)),
        }
        for reason, those in _treated(found)
    ]


# -- the outlook, what is missing, notes -----------------------------------------------------------------------


def _outlook_known(setting: Setting) -> list[Scope]:
    """What the outlook rests on: the two means as stimulations a day, and the five counts, the oldest first."""
    view, words = setting.outlook, setting.words.report
    if view.now is None or view.coming is None:
        return []
    now, coming = (setting.tenths(_tenths(share, setting.baseline)) for share in (view.now, view.coming))
    return [
        {
            "rests": words.outlook_rests.format(now=now, coming=coming),
            "counts": [{"count": str(count)} for count in view.stimulations[::-1]],
        }
    ]


def _tenths(share: float, baseline: int) -> int:
    """A share of the baseline, in hundredths, as tenths of a stimulation: rounded half up."""
    return (int(share * 100 + 0.5) * baseline + 5) // 10


def _lacks(found: Account, setting: Setting) -> list[str]:
    words = setting.words.report
    unrecorded = [(place, day) for place, day in enumerate(found.days) if day.figures is None]
    counts = {
        "purpose": len(_of_purpose(found, None)),
        "amount": sum(figures.without_amount for figures in found.recorded_days),
        "day": len(unrecorded),
        "clock": found.unsynced,
        "end": found.interrupted,
        "short": found.uncounted,
    }
    said = {name: setting.how_many(words.missing[name], count) for name, count in counts.items() if count}
    if unrecorded:
        days = ", ".join(_days_from_to(run, setting) for run in unbroken(unrecorded, lambda placed: placed[0]))
        said["day"] = words.days_missing.format(said=said["day"], days=days)
    return [*said.values(), *([words.running] if found.running else [])]


def _days_from_to(run: list[tuple[int, ReportDay]], setting: Setting) -> str:
    return from_to(setting.date_of(run[0][1].day), setting.date_of(run[-1][1].day), setting)


def _noted(found: Account, setting: Setting) -> list[Scope]:
    """The notes of the span in one table; none where there is no note."""
    notes: list[Scope] = [
        {"at": setting.moment(record.started_at), "note": record.note}
        for record in found.standing
        if isinstance(record, Session) and record.note
    ]
    return [{"rows": notes}] if notes else []
