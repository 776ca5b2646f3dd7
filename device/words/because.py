"""Why a purpose is likely, in words: as it is published, and as the screen has room for."""

from collections.abc import Callable, Mapping

from device.core.model.record import Context, Facts

from .shape import Words
from .times import how_long_ago


def because(words: Words) -> Callable[[Context, Facts], str]:
    """What says a suggestion's facts in this language: `5 of 8 stimulations in 24 h`."""
    return _sayer(words, words.because.contexts)


def because_drawn(words: Words) -> Callable[[Context, Facts], str]:
    """The same in two lines of the screen, the purpose before it included."""
    return _sayer(words, words.because.drawn)


def _sayer(words: Words, contexts: Mapping[Context, str]) -> Callable[[Context, Facts], str]:
    row = words.because

    def said(context: Context, facts: Facts) -> str:
        length = how_long_ago((facts.minutes or 0) * 60, words.times)
        return contexts[context].format(
            stimulations=facts.stimulations,
            baseline=facts.baseline,
            treated=(words.reasons[facts.reason].treated if facts.reason else None) or row.treated,
            since=length,
            ago=row.ago.format(since=length) if facts.minutes else row.just_now,
        )

    return said
