"""What each screen says: a view's facts become a page, which is words and icons in their places, before any pixel.

All words of the screens stand here. The picture and the text for those who cannot see it are made from the same page.
"""

from datetime import datetime
from typing import assert_never

import msgspec

from device.core.model.record import Purpose, Reason, Suggestion, Units
from device.core.model.view import (
    Body,
    ChangeBody,
    Heading,
    Hint,
    IdleBody,
    IntentionBody,
    LastBody,
    NoteBody,
    NoteKind,
    NursedBody,
    NursingFacts,
    PurposeBody,
    ReasonBody,
    SavedNursing,
    SavedVolume,
    SessionFacts,
    StatusBody,
    TimerBody,
    VolumeBody,
    WarningBody,
    WarningKind,
)
from device.core.rules.amounts import amount_of
from device.core.rules.guidance import since

from .faces import Face

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOUR_S = 3600
DAY_S = 86_400
THIN_FROM_S = 2 * HOUR_S  # so many figures in thick strokes, a Stop and the strokes would light a fifth of the pixels
PURPOSES = {Purpose.PROTECT: "Protect", Purpose.PROMOTE: "Promote", Purpose.TREAT: "Treat"}
SHORT_REASONS = {
    Reason.IN_PLACE_OF_NURSING: "In place",
    Reason.COMPLETE_NURSING: "Finish",
    Reason.RAISE_LOW_SUPPLY: "Raise",
    Reason.COLLECT_EXTRA_MILK: "Collect",
    Reason.PLUGGED_DUCT: "Duct",
    Reason.MASTITIS: "Mastitis",
    Reason.NIPPLE_PAIN: "Nipple",
}
TREATED = {Reason.PLUGGED_DUCT: "Plugged duct", Reason.MASTITIS: "Mastitis", Reason.NIPPLE_PAIN: "Nipple pain"}
QUESTIONS = {
    Purpose.PROTECT: "In place of nursing, or to finish one?",
    Purpose.PROMOTE: "Raise a low supply, or collect extra milk?",
    Purpose.TREAT: "Plugged duct, mastitis or nipple pain?",
}
HINTS = {Hint.ALSO_PROMOTES: "This one will also promote.", Hint.TOWARD_OVERSUPPLY: "Toward oversupply."}


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


def page(body: Body) -> Page:
    """Find the words and icons for a body."""
    match body:
        case IdleBody():
            return _idle(body)
        case PurposeBody():
            return _purpose(body)
        case ReasonBody():
            title = PURPOSES[body.purpose]
            return TextPage(title, "check", right=_heading(body.heading), body=(QUESTIONS[body.purpose],))
        case NoteBody():
            return _note(body)
        case IntentionBody():
            return _intention(body)
        case TimerBody():
            return _timer(body)
        case VolumeBody():
            return _volume(body)
        case SavedVolume():
            return _saved_volume(body)
        case SavedNursing():
            return _saved_nursing(body)
        case NursedBody():
            about = _day_and_time(body.of) if body.of else "Swallowing heard, breast softer afterwards."
            return TextPage("Nursed: effective?", body=(about,))
        case LastBody():
            return _last(body)
        case ChangeBody():
            return _of_record(body.facts, body.index, body.of, (_length_and_amount(body.facts), "Change what?"))
        case StatusBody():
            return TablePage(body.rows[:4])
        case WarningBody():
            return _warning(body)
    assert_never(body)


# -- figures ---------------------------------------------------------------------------------------------------


def _idle(body: IdleBody) -> FigurePage:
    return FigurePage(
        figure=_time(body.local) if body.local else "--:--",
        figure_icon=None if body.local else "clock",
        upper=f"{body.stimulations} of {body.baseline}",
        lower="in 24 h",
        caption=_last_one(body),
        caption_face=Face.TEXT,
        icons=tuple(icon.value for icon in body.icons[:2]),
    )


def _last_one(body: IdleBody) -> str:
    if body.last is None:
        return "nothing recorded yet" if len(body.icons) < 2 else "nothing recorded"
    if not body.last:
        return "no stimulation yet"
    if body.last_ago_s < 60:
        return f"{body.last} just now"
    # Three digits of days would run into the icons, and nobody counts them.
    return f"{body.last} {since(body.last_ago_s)} ago" if body.last_ago_s < 100 * DAY_S else f"{body.last} long ago"


def _timer(body: TimerBody) -> FigurePage:
    figure, _, unit = elapsed(body.pumping_s).partition(" ")
    paused = body.ends_in_s is not None
    # From ten hours on the figure needs the column's room: the strokes of such a session are not what matters.
    strokes = None if paused or body.pumping_s >= 10 * HOUR_S else body.cycles_per_minute
    aside = body.intention.value.capitalize() if body.intention else ""
    return FigurePage(
        figure,
        unit,
        thin=body.pumping_s >= THIN_FROM_S,
        upper="" if strokes is None else str(strokes),
        upper_face=Face.UNIT,
        lower="" if strokes is None else "/min",
        caption=PURPOSES[body.purpose] if body.purpose else "",
        aside=aside if body.ends_in_s is None else f"ends in {_countdown(body.ends_in_s)}",
        aside_icon="pause" if paused else None,
    )


def _countdown(seconds: int) -> str:
    return elapsed(seconds) if seconds < HOUR_S else since(seconds)


def _volume(body: VolumeBody) -> FigurePage:
    expected = "" if body.expectation_ml is None else f"expected {_bare(body.expectation_ml, body.units)}"
    return FigurePage(_amount(body.amount, body.units), body.units.value, caption="Amount", aside=expected)


def _saved_volume(body: SavedVolume) -> FigurePage:
    use_by = f"use by {body.use_by.day} {MONTHS[body.use_by.month - 1]}" if body.use_by else ""
    figure = _amount(body.amount, body.units)
    return FigurePage(figure, body.units.value, caption="Saved", caption_icon="check", aside=use_by)


# -- titles and text -------------------------------------------------------------------------------------------


def _purpose(body: PurposeBody) -> TextPage:
    if body.correcting and body.correcting[0]:
        said: tuple[str, ...] = (f"Now: {_why(*body.correcting)}",)
    elif body.suggestion:
        said = (_likely(body.suggestion),)
    else:
        said = ("No purpose given",) if body.correcting else ()
    return TextPage("Why pump?", right=_heading(body.heading), body=said)


def _likely(suggestion: Suggestion) -> str:
    return f"Likely {PURPOSES[suggestion.purpose]}: {suggestion.because}"


def _note(body: NoteBody) -> TextPage:
    match body.kind:
        case NoteKind.TREAT_RHYTHM:
            title = TREATED[body.answered] if isinstance(body.answered, Reason) else PURPOSES[Purpose.TREAT]
            return TextPage(title, "check", body=("Keep your usual rhythm, as much as is comfortable.",))
        case NoteKind.TREAT_CLINICIAN:
            return TextPage("Call your clinician", body=("for fever, feeling ill, or if not better in a day.",))
        case NoteKind.SHORT:
            return TextPage("Under a minute" if body.a_minute else "Short session", body=("Kept, not counted.",))
    assert_never(body.kind)


def _intention(body: IntentionBody) -> TextPage:
    hint = () if body.hint is None else (HINTS[body.hint],)
    amount = None if body.expectation_ml is None else _amount_in_words(body.expectation_ml, body.units)
    expectation = "No expectation yet." if amount is None else f"Expect about {amount}."
    return TextPage(
        "Milk for?",
        right=_short(body.answered) if body.answered else _heading(body.heading),
        right_icon="tick" if body.answered else None,
        body=(*hint, expectation),
    )


def _saved_nursing(body: SavedNursing) -> TextPage:
    effective = "effective" if body.effective else "not effective"
    said = f"Nursed · {effective}" if body.deleted else effective.capitalize()
    at = _time(body.at) if body.at else ""
    return TextPage("Deleted" if body.deleted else "Nursed", "check", right=at, body=(said,))


def _last(body: LastBody) -> TextPage:
    facts = body.facts
    if facts is None:
        return TextPage("Nothing recorded", body=("Sessions and nursings will be listed here.",))
    if isinstance(facts, NursingFacts):
        said = f"Nursed · {'effective' if facts.effective else 'not effective'}"
        return _of_record(facts, body.index, body.of, (said,))
    why = _why(facts.purpose, facts.reason) if facts.purpose else "No purpose given"
    lines = (_length_and_amount(facts, facts.intention.value.capitalize() if facts.intention else ""), why)
    shown = _of_record(facts, body.index, body.of, lines)
    return msgspec.structs.replace(shown, aside=_how_it_ended(facts))


def _how_it_ended(facts: SessionFacts) -> str:
    if facts.running:
        return "running"
    return "cut off" if facts.interrupted else ""


def _of_record(facts: SessionFacts | NursingFacts, index: int, of: int, lines: tuple[str, ...]) -> TextPage:
    at = facts.at if isinstance(facts, NursingFacts) else facts.started
    unsynced = "clock" if facts.unsynced else None
    return TextPage(_day_and_time(at), title_end_icon=unsynced, right=f"{index} of {of}", body=lines)


def _length_and_amount(facts: SessionFacts, intention: str = "") -> str:
    """`18 min · 85 ml · Fridge`. No amount is worth a word once it has ended, a shorter one beside an intention."""
    if facts.volume_ml is not None:
        amount = _amount_in_words(facts.volume_ml, facts.units)
    elif facts.running:
        amount = ""
    else:
        amount = f"no {facts.units.value}" if intention else "no amount"
    return " · ".join(part for part in (duration(facts.pumping_s), amount, intention) if part)


def _warning(body: WarningBody) -> TextPage:
    match body.kind:
        case WarningKind.NOT_SAVED:
            said = "Disk error: the record waits. Leave the power on."
            return TextPage("Not saved yet", "warning", body=(said,))
        case WarningKind.DISK_FULL:
            return TextPage("Not saved yet", "warning", body=("Disk full: the record waits. Free some space.",))
        case WarningKind.REPAIRED:
            said = "The file was damaged. See the note beside it."
            return TextPage("Record repaired", "warning", body=(said,))
        case WarningKind.STUCK_SENSOR if body.stop_on_timer:
            return TextPage("Still pumping?", "warning", body=("The sensor may be stuck. Stop it on the Timer.",))
        case WarningKind.STUCK_SENSOR:
            return TextPage("Still pumping?", "warning", body=("Running for 2 h: the sensor may be stuck.",))
        case WarningKind.NOT_STARTED:
            return TextPage("Not started", "warning", body=("A setting is wrong: run pump-companion check.",))
    assert_never(body.kind)


# -- words for times, lengths and amounts ----------------------------------------------------------------------


def elapsed(seconds: int) -> str:
    """Show a counting clock: `9:59`, from an hour `1:23:45`, from a hundred hours (no such session is real) `100 h`."""
    minutes, seconds = divmod(max(seconds, 0), 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours} h"
    return f"{hours}:{rest:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def duration(seconds: int) -> str:
    """Say how long a pumping was that is over: `45 s`, `18 min`, `1 h 23`."""
    return since(seconds) if seconds >= 60 else f"{max(seconds, 0)} s"


def _heading(heading: Heading) -> str:
    if heading.of is not None:
        return _day_and_time(heading.of)
    if heading.pumped_s is not None:
        return duration(heading.pumped_s)
    return "" if heading.running_s is None else elapsed(heading.running_s)


def _time(at: datetime) -> str:
    return f"{at.hour}:{at.minute:02}"


def _day_and_time(at: datetime) -> str:
    return f"{WEEKDAYS[at.weekday()]} {_time(at)}"


def _amount(amount: int | None, units: Units) -> str:
    """Millilitres, or quarters of an ounce, as the figure shows them."""
    if amount is None:
        return "--"
    if units is Units.ML:
        return str(amount)
    whole, quarters = divmod(amount, 4)
    return f"{whole or ''}{'¼½¾'[quarters - 1]}" if quarters else str(whole)


def _bare(volume_ml: int, units: Units) -> str:
    return _amount(amount_of(volume_ml, units), units)


def _amount_in_words(volume_ml: int, units: Units) -> str:
    return f"{_bare(volume_ml, units)} {units.value}"


def _short(answer: Purpose | Reason) -> str:
    return SHORT_REASONS[answer] if isinstance(answer, Reason) else PURPOSES[answer]


def _why(purpose: Purpose | None, reason: Reason | None) -> str:
    return " · ".join(_short(answer) for answer in (purpose, reason) if answer)
