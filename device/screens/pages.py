"""What each screen says: a view's facts become a page, which is words and icons in their places, before any pixel.

The picture and the text for those who cannot see it are made from the same page; its words are `device/words`'.
"""

from datetime import datetime
from typing import assert_never

import msgspec
from msgspec import UNSET

from device.core.model.record import Intention, Purpose, Reason, Suggestion, Units
from device.core.model.view import (
    Body,
    ChangeBody,
    Heading,
    HealthBody,
    IdleBody,
    IntentionBody,
    LastBody,
    NoteBody,
    NoteKind,
    NursingFacts,
    PlainBody,
    PurposeBody,
    ReachBody,
    ReasonBody,
    SavedNursing,
    SavedVolume,
    ScreenName,
    SessionFacts,
    TimerBody,
    VolumeBody,
    WarningBody,
    WarningKind,
)
from device.core.rules.amounts import amount_of, written_amount
from device.core.rules.sittings import DAY_S, HOUR_S
from device.words.because import because_drawn
from device.words.shape import WarningScreen, Words
from device.words.times import date, day_and_time, elapsed, how_long_ago, length, since, time

from .faces import Face

THIN_FROM_S = 2 * HOUR_S  # so many figures in thick strokes, a Stop and the strokes would light a fifth of the pixels


class FigurePage(msgspec.Struct, frozen=True):
    """One large figure; a column at its right, a caption below, and at the caption's right an aside or icons."""

    figure: str
    unit: str = ""
    thin: bool = False
    """The figure in the night's thin strokes at any hour."""
    figure_icon: str | None = None
    upper: str = ""
    upper_face: Face = Face.BOLD
    lower: str = ""
    caption: str = ""
    caption_face: Face = Face.BOLD
    caption_icon: str | None = None
    aside: str = ""
    aside_icon: str | None = None
    icons: tuple[str, ...] = ()
    """From the right edge leftward."""


class TextPage(msgspec.Struct, frozen=True):
    """A title with a fact at its right, two lines of body (a paragraph begins a line), an aside beside the second."""

    title: str
    title_icon: str | None = None
    title_end_icon: str | None = None
    right: str = ""
    right_icon: str | None = None
    body: tuple[str, ...] = ()
    aside: str = ""


class TablePage(msgspec.Struct, frozen=True):
    """Up to four rows of a name and a value."""

    rows: tuple[tuple[str, str], ...]


Page = FigurePage | TextPage | TablePage


def page(body: Body, words: Words) -> Page:
    """Find the words and icons for a body."""
    match body:
        case PlainBody():
            said = words.screens.plain[body.screen]
            return TextPage(said.title, body=(said.text,))
        case IdleBody():
            return _idle(body, words)
        case PurposeBody():
            return _purpose(body, words)
        case ReasonBody():
            answer = words.purposes[body.purpose]
            return TextPage(answer.short, "check", right=_heading(body.heading, words), body=(answer.question,))
        case NoteBody():
            return _note(body, words)
        case IntentionBody():
            return _intention(body, words)
        case TimerBody():
            return _timer(body, words)
        case VolumeBody():
            return _volume(body, words)
        case SavedVolume():
            return _saved_volume(body, words)
        case SavedNursing():
            return _saved_nursing(body, words)
        case LastBody():
            return _last(body, words)
        case ChangeBody():
            return _change(body, words)
        case ReachBody():
            return _reach(body, words)
        case HealthBody():
            return _health(body, words)
        case WarningBody():
            return _warning(body, words.screens.warning)
    assert_never(body)


# -- figures ---------------------------------------------------------------------------------------------------


def _idle(body: IdleBody, words: Words) -> FigurePage:
    say = words.screens.idle
    return FigurePage(
        figure=time(body.local, words.times) if body.local else "--:--",
        figure_icon=None if body.local else "clock",
        upper=say.stimulations.format(count=body.stimulations, baseline=body.baseline),
        lower=say.in_24_h,
        caption=_last_one(body, words),
        caption_face=Face.TEXT,
        icons=tuple(icon.value for icon in body.icons[:2]),
    )


def _last_one(body: IdleBody, words: Words) -> str:
    say = words.screens.idle
    if body.last is None:
        return say.nothing_yet if len(body.icons) < 2 else say.nothing
    if not body.last:
        return say.no_stimulation
    last = say.nursed if body.last == "nursed" else say.pumped
    if body.last_ago_s < 60:
        return say.just_now.format(last=last)
    # Three digits of days would run into the icons, and nobody counts them.
    sentence = say.ago if body.last_ago_s < 100 * DAY_S else say.long_ago
    return sentence.format(last=last, since=how_long_ago(body.last_ago_s, words.times))


def _timer(body: TimerBody, words: Words) -> FigurePage:
    say = words.screens.timer
    figure, _, unit = elapsed(body.pumping_s, words.times).partition(" ")
    paused = body.ends_in_s is not None
    # From ten hours on the figure needs the column's room: the strokes of such a session are not what matters.
    strokes = None if paused or body.pumping_s >= 10 * HOUR_S else body.cycles_per_minute
    if body.ends_in_s is None:
        aside = words.intentions[body.intention].short if body.intention else ""
    else:
        in_words = elapsed if body.ends_in_s < HOUR_S else since
        aside = say.ends_in.format(time=in_words(body.ends_in_s, words.times))
    return FigurePage(
        figure,
        unit,
        thin=body.pumping_s >= THIN_FROM_S,
        upper="" if strokes is None else str(strokes),
        upper_face=Face.UNIT,
        lower="" if strokes is None else say.a_minute,
        caption=words.purposes[body.purpose].short if body.purpose else "",
        aside=aside,
        aside_icon="pause" if paused else None,
    )


def _volume(body: VolumeBody, words: Words) -> FigurePage:
    say, expected = words.screens.volume, body.expectation_ml
    aside = "" if expected is None else say.expected.format(amount=_bare(expected, body.units))
    return FigurePage(_amount(body.amount, body.units), body.units.value, caption=say.title, aside=aside)


def _saved_volume(body: SavedVolume, words: Words) -> FigurePage:
    say = words.screens.saved
    figure = _amount(body.amount, body.units)
    aside = _use_by(body.use_by, words, under_a_day=body.under_a_day) if body.use_by else ""
    return FigurePage(figure, body.units.value, caption=say.saved, caption_icon="check", aside=aside)


def _use_by(at: datetime, words: Words, *, under_a_day: bool) -> str:
    say = words.screens.saved
    if under_a_day:
        return say.use_by_time.format(time=time(at, words.times))
    return say.use_by.format(date=date(at, words.times))


# -- titles and text -------------------------------------------------------------------------------------------


def _purpose(body: PurposeBody, words: Words) -> TextPage:
    say = words.screens.purpose
    if body.correcting and body.correcting[0]:
        sentences: tuple[str, ...] = (say.now.format(answer=_why(*body.correcting, words)),)
    elif body.suggestion:
        sentences = (_likely(body.suggestion, words),)
    else:
        sentences = (say.none,) if body.correcting else ()
    return TextPage(say.title, right=_heading(body.heading, words), body=sentences)


def _likely(suggestion: Suggestion, words: Words) -> str:
    """In the screen's own words; a suggestion from before facts were kept has only those that were published."""
    purpose, facts = words.purposes[suggestion.purpose].short, suggestion.facts
    because = suggestion.because if facts is UNSET else because_drawn(words)(suggestion.context, facts)
    return words.screens.purpose.likely.format(purpose=purpose, because=because)


def _note(body: NoteBody, words: Words) -> TextPage:
    say = words.screens.note
    match body.kind:
        case NoteKind.TREAT_RHYTHM:
            answered = body.answered if isinstance(body.answered, Reason) else None
            title = words.reasons[answered].long if answered else words.purposes[Purpose.TREAT].short
            return TextPage(title, "check", body=(say.rhythm,))
        case NoteKind.TREAT_CLINICIAN:
            return TextPage(say.clinician.title, body=(say.clinician.text,))
        case NoteKind.SHORT:
            return TextPage(say.under_a_minute if body.a_minute else say.short.title, body=(say.short.text,))
    assert_never(body.kind)


def _intention(body: IntentionBody, words: Words) -> TextPage:
    say, expected = words.screens.intention, body.expectation_ml
    hint = () if body.hint is None else (words.hints[body.hint],)
    if expected is None:
        expectation = say.none_expected
    else:
        expectation = say.expected.format(amount=_amount_in_words(expected, body.units))
    return TextPage(
        say.title,
        right=_short(body.answered, words) if body.answered else _heading(body.heading, words),
        right_icon="tick" if body.answered else None,
        body=(*hint, expectation),
    )


def _saved_nursing(body: SavedNursing, words: Words) -> TextPage:
    say = words.screens.saved
    if body.deleted:
        sentence = _nursed(words, effective=body.effective)
    else:
        sentence = say.effective if body.effective else say.ineffective
    at = time(body.at, words.times) if body.at else ""
    return TextPage(say.deleted if body.deleted else say.nursed, "check", right=at, body=(sentence,))


def _nursed(words: Words, *, effective: bool) -> str:
    return words.screens.last.nursed_effective if effective else words.screens.last.nursed_ineffective


def _last(body: LastBody, words: Words) -> TextPage:
    say, facts = words.screens.last, body.facts
    if facts is None:
        return TextPage(say.nothing.title, body=(say.nothing.text,))
    if isinstance(facts, NursingFacts):
        return _of_record(facts, body.index, body.of, (_nursed(words, effective=facts.effective),), words)
    why = _why(facts.purpose, facts.reason, words) if facts.purpose else words.screens.purpose.none
    # From ten days on it was a stuck sensor: with what the milk is for, its facts would take a line too many.
    intention = facts.intention if facts.pumping_s < 10 * DAY_S else None
    shown = _of_record(facts, body.index, body.of, (_length_and_amount(facts, words, intention), why), words)
    ended = say.running if facts.running else say.cut_off if facts.interrupted else ""
    return msgspec.structs.replace(shown, aside=ended)


def _change(body: ChangeBody, words: Words) -> TextPage:
    facts = body.facts
    if isinstance(facts, NursingFacts):
        return TextPage(words.screens.plain[ScreenName.NURSED].title, body=(day_and_time(facts.at, words.times),))
    lines = _length_and_amount(facts, words), words.screens.change
    return _of_record(facts, body.index, body.of, lines, words)


def _of_record(
    facts: SessionFacts | NursingFacts, index: int, of: int, lines: tuple[str, ...], words: Words
) -> TextPage:
    at = facts.at if isinstance(facts, NursingFacts) else facts.started
    unsynced = "clock" if facts.unsynced else None
    place = words.screens.last.place.format(index=index, of=of)
    return TextPage(day_and_time(at, words.times), title_end_icon=unsynced, right=place, body=lines)


def _length_and_amount(facts: SessionFacts, words: Words, intention: Intention | None = None) -> str:
    """`18 min · 85 ml · Fridge`. No amount is worth a word once it has ended, a shorter one beside an intention."""
    say, units = words.screens.last, facts.units
    if facts.volume_ml is not None:
        amount = _amount_in_words(facts.volume_ml, units)
    elif facts.running:
        amount = ""
    else:
        amount = say.no_unit.format(unit=units.value) if intention else say.no_amount
    milk = words.intentions[intention].short if intention else ""
    return _side_by_side(length(facts.pumping_s, words.times), amount, milk)


def _warning(body: WarningBody, say: WarningScreen) -> TextPage:
    warning = say.kinds[body.kind]
    on_timer = body.kind is WarningKind.STUCK_SENSOR and body.stop_on_timer
    return TextPage(warning.title, "warning", body=(say.stop_on_timer if on_timer else warning.text,))


# -- tables ----------------------------------------------------------------------------------------------------


def _reach(body: ReachBody, words: Words) -> TablePage:
    say = words.screens.status
    away_s, count = body.broker_away_s, body.waiting
    waiting = say.records[words.plural(count)].format(count=count)
    if body.passed_over:
        waiting = say.too_large.format(count=count, passed_over=body.passed_over)
    pump = body.pump or say.by_hand
    return TablePage(
        (
            (say.address, body.address or say.no_address),
            (say.broker, say.connected if away_s is None else say.away.format(since=how_long_ago(away_s, words.times))),
            (say.waiting, waiting),
            (say.pump, say.link_lost.format(pump=pump) if body.link_lost else pump),
        )
    )


def _health(body: HealthBody, words: Words) -> TablePage:
    say = words.screens.status
    return TablePage(
        (
            (say.version, body.version),
            (say.storage, body.storage or say.stores[body.store]),
            (say.clock, say.clock_set if body.synced else say.clock_not_set),
            (say.running, since(body.running_s, words.times)),
        )
    )


# -- parts of sentences ----------------------------------------------------------------------------------------


def _heading(heading: Heading, words: Words) -> str:
    if heading.of is not None:
        return day_and_time(heading.of, words.times)
    if heading.pumped_s is not None:
        return length(heading.pumped_s, words.times)
    return "" if heading.running_s is None else elapsed(heading.running_s, words.times)


def _amount(amount: int | None, units: Units) -> str:
    """Millilitres, or quarters of an ounce, as the figure shows them."""
    return "--" if amount is None else written_amount(amount, units)


def _bare(volume_ml: int, units: Units) -> str:
    return _amount(amount_of(volume_ml, units), units)


def _amount_in_words(volume_ml: int, units: Units) -> str:
    return f"{_bare(volume_ml, units)} {units.value}"


def _short(answer: Purpose | Reason, words: Words) -> str:
    return words.reasons[answer].short if isinstance(answer, Reason) else words.purposes[answer].short


def _why(purpose: Purpose | None, reason: Reason | None, words: Words) -> str:
    return _side_by_side(*(_short(answer, words) for answer in (purpose, reason) if answer))


def _side_by_side(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
