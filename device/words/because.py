"""Why a purpose is likely, in words."""

from collections.abc import Callable

from device.core.model.record import Context, Facts

from .shape import Words
from .times import since


def because(words: Words) -> Callable[[Context, Facts], str]:
    """What says a suggestion's facts in this language: `5 of 8 stimulations in 24 h`."""
    row = words.because

    def said(context: Context, facts: Facts) -> str:
        length = since((facts.minutes or 0) * 60, words.times)
        return row.contexts[context].format(
            stimulations=facts.stimulations,
            baseline=facts.baseline,
            treated=(words.reasons[facts.reason].treated if facts.reason else None) or row.treated,
            since=length,
            ago=row.ago.format(since=length) if facts.minutes else row.just_now,
        )

    return said
