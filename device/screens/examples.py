"""Every screen, usual and at its longest, as views: what docs/screens.md shows and the golden pictures hold.

Shipped with the device, so that a screen and the pictures of it change together.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from device.core.model.events import StoreState
from device.core.model.record import Context, Facts, Intention, Purpose, Reason, Suggestion, Units
from device.core.model.view import (
    Body,
    ChangeBody,
    Heading,
    HealthBody,
    Hint,
    Icon,
    IdleBody,
    IntentionBody,
    LastBody,
    Lit,
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
    View,
    VolumeBody,
    WarningBody,
    WarningKind,
)
from device.words import LANGUAGES
from device.words.because import because
from device.words.shape import Words

from . import key_rows as rows


class Example(NamedTuple):
    """One picture: its file's name, what it shows in one line, and the view."""

    name: str
    about: str
    view: View


class Scene(NamedTuple):
    """An example before any language."""

    name: str
    about: str
    body: Body
    keys: rows.Row
    suggested: int | None
    pressed: int | None
    lit: Lit

    def said_in(self, language: str) -> Example:
        words = LANGUAGES[language]
        view = View(_with_words(self.body, words), self.keys[language], self.suggested, self.pressed, self.lit)
        return Example(self.name, self.about, replace(view, language=language))


def _with_words(body: Body, words: Words) -> Body:
    """The few words that a body brings along, which the device has put there."""
    match body:
        case PurposeBody(suggestion=Suggestion(facts=Facts() as facts) as suggestion):
            said = because(words)(suggestion.context, facts)
            return replace(body, suggestion=replace(suggestion, because=said))
        case ReachBody():
            return replace(body, pump=f"{words.screens.status.serial}, GPIO 17")
        case HealthBody():
            return replace(body, storage=words.screens.status.free.format(percent=61))
    return body


def _case(
    name: str,
    about: str,
    body: Body,
    keys: rows.Row,
    *,
    suggested: int | None = None,
    pressed: int | None = None,
    lit: Lit = Lit.ON,
) -> Scene:
    return Scene(name, about, body, keys, suggested, pressed, lit)


def _asked(running_s: int, likely: Purpose, context: Context, facts: Facts) -> PurposeBody:
    return PurposeBody(Heading(running_s=running_s), Suggestion(likely, None, context, "", facts))


def _milk(
    answered: Reason | Purpose | None, hint: Hint | None, expectation_ml: int | None, units: Units = Units.ML
) -> IntentionBody:
    return IntentionBody(answered, Heading(running_s=3599), hint, expectation_ml, units)


TUESDAY = datetime(2026, 3, 3, 3, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, 0, 45, tzinfo=UTC)
WEDNESDAY = datetime(2026, 3, 4, 23, 58, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 7, 30, tzinfo=UTC)
MARCH = datetime(2026, 3, 5, 3, 30, tzinfo=UTC)
MAY = datetime(2026, 5, 25, 3, 30, tzinfo=UTC)

USUAL = SessionFacts(
    started=TUESDAY,
    unsynced=False,
    pumping_s=1098,
    running=False,
    volume_ml=85,
    intention=Intention.FRIDGE,
    purpose=Purpose.PROTECT,
    reason=Reason.IN_PLACE_OF_NURSING,
    interrupted=False,
    units=Units.ML,
)
LONGEST = replace(
    USUAL,
    started=WEDNESDAY,
    pumping_s=5025,
    volume_ml=1495,
    intention=Intention.FREEZER,
    purpose=Purpose.PROMOTE,
    reason=Reason.COLLECT_EXTRA_MILK,
    interrupted=True,
)
UNANSWERED = replace(USUAL, unsynced=True, volume_ml=None, intention=None, purpose=None, reason=None)
RUNNING = replace(USUAL, started=WEDNESDAY, pumping_s=754, running=True, volume_ml=None, purpose=None, reason=None)
NO_AMOUNT = replace(
    LONGEST, unsynced=True, pumping_s=35_940, volume_ml=None, purpose=Purpose.TREAT, reason=Reason.MASTITIS
)
IN_OUNCES = replace(USUAL, volume_ml=362, intention=Intention.FEED, reason=Reason.COMPLETE_NURSING, units=Units.OZ)
NURSING = NursingFacts(MIDNIGHT, unsynced=False, effective=False)
REACH = ReachBody("192.168.178.123", 23 * 3600, 99, 0, "serial, GPIO 17", link_lost=False)

AT_REST = (
    _case(
        "idle",
        "At rest: the clock, the stimulations of 24 hours beside the baseline, the last one.",
        IdleBody(TUESDAY, 5, 8, "nursed", 7800, (Icon.MOON,)),
        rows.IDLE,
    ),
    _case(
        "idle-night",
        "The same while the display is dimmed: thinner figures, and a moon.",
        IdleBody(TUESDAY, 5, 8, "nursed", 7800, (Icon.MOON,)),
        rows.IDLE,
        lit=Lit.DIM,
    ),
    _case(
        "idle-warnings",
        "The clock is not set, the broker is away, and a warning stands.",
        IdleBody(None, 12, 12, "pumped", 35_940, (Icon.WARNING, Icon.UNLINKED)),
        rows.IDLE,
    ),
    _case("idle-fresh", "The first evening.", IdleBody(WEDNESDAY, 0, 8, None, 0, ()), rows.IDLE),
    _case(
        "idle-waking",
        "While the finger that woke the display is still down: no keys yet.",
        IdleBody(WEDNESDAY, 12, 12, "pumped", 3540, ()),
        rows.NO_KEYS,
    ),
    _case(
        "idle-days",
        "After days without a word.",
        IdleBody(WEDNESDAY, 0, 8, "pumped", 8_500_000, (Icon.WARNING, Icon.UNLINKED)),
        rows.IDLE,
    ),
    _case("idle-just-now", "Within a minute of a nursing.", IdleBody(TUESDAY, 6, 8, "nursed", 20, ()), rows.IDLE),
)

QUESTIONS = (
    _case(
        "purpose-protect",
        "The pump has started: why? The likely answer's key has the thick line.",
        _asked(12, Purpose.PROTECT, Context.BELOW_BASELINE, Facts(5, 8)),
        rows.WHY,
        suggested=0,
    ),
    _case(
        "purpose-promote",
        "More often than the baseline needs.",
        _asked(5025, Purpose.PROMOTE, Context.BELOW_BASELINE, Facts(12, 12)),
        rows.WHY,
        suggested=1,
    ),
    _case(
        "purpose-above",
        "The same in the words of the guidance, at its longest.",
        _asked(5025, Purpose.PROMOTE, Context.ABOVE_BASELINE, Facts(24, 24)),
        rows.WHY,
        suggested=1,
    ),
    _case(
        "purpose-treat",
        "A treatment goes on.",
        _asked(3599, Purpose.TREAT, Context.TREATMENT_CONTINUES, Facts(minutes=1380, reason=Reason.PLUGGED_DUCT)),
        rows.WHY,
        suggested=2,
    ),
    _case(
        "purpose-pressed",
        "A key while the finger is down.",
        _asked(14, Purpose.PROMOTE, Context.AFTER_EFFECTIVE_NURSING, Facts(minutes=15)),
        rows.WHY,
        pressed=1,
    ),
    _case(
        "purpose-holding",
        "Right held: it goes back.",
        _asked(14, Purpose.PROMOTE, Context.AFTER_EFFECTIVE_NURSING, Facts(minutes=15)),
        rows.GOING_BACK,
        suggested=1,
        pressed=2,
    ),
    _case(
        "purpose-after",
        "Still open after the end: how long it was.",
        PurposeBody(
            Heading(pumped_s=1098),
            Suggestion(
                Purpose.PROTECT,
                Reason.COMPLETE_NURSING,
                Context.AFTER_INEFFECTIVE_NURSING,
                "",
                Facts(minutes=20),
            ),
        ),
        rows.WHY,
        suggested=0,
    ),
    _case(
        "purpose-correcting",
        "Why of an older session: what stands now.",
        PurposeBody(Heading(of=TUESDAY), None, (Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING)),
        rows.WHY,
    ),
    _case(
        "purpose-correcting-none",
        "Why of an older session that has none.",
        PurposeBody(Heading(of=WEDNESDAY), None, (None, None)),
        rows.WHY,
    ),
    _case(
        "reason-protect",
        "The narrower why. Every answer is saved when pressed, and the next title shows it.",
        ReasonBody(Purpose.PROTECT, Heading(running_s=15)),
        rows.PROTECT,
        suggested=0,
    ),
    _case(
        "reason-promote",
        "To lift a supply, or to collect.",
        ReasonBody(Purpose.PROMOTE, Heading(running_s=15)),
        rows.PROMOTE,
        suggested=1,
    ),
    _case(
        "reason-treat",
        "What is treated: three reasons, so three keys.",
        ReasonBody(Purpose.TREAT, Heading(running_s=5025)),
        rows.TREAT,
        suggested=0,
    ),
    _case(
        "note-treat-1",
        "Once a sitting with a treatment: the note's first page.",
        NoteBody(NoteKind.TREAT_RHYTHM, Reason.PLUGGED_DUCT),
        rows.MORE,
    ),
    _case(
        "note-treat-unanswered",
        "The same where the reason was left open.",
        NoteBody(NoteKind.TREAT_RHYTHM, Purpose.TREAT),
        rows.MORE,
    ),
    _case("note-treat-2", "The note's second page.", NoteBody(NoteKind.TREAT_CLINICIAN), rows.ONLY_OK),
    _case(
        "intention",
        "What the milk is for, and how much to expect from the own record.",
        _milk(Reason.IN_PLACE_OF_NURSING, None, 90),
        rows.MILK_FOR,
    ),
    _case(
        "intention-note-protect",
        "Protect chosen above the baseline.",
        _milk(Reason.IN_PLACE_OF_NURSING, Hint.ALSO_PROMOTES, 1495),
        rows.MILK_FOR,
    ),
    _case(
        "intention-note-promote",
        "Promote while the supply is high; in ounces.",
        _milk(Reason.COLLECT_EXTRA_MILK, Hint.TOWARD_OVERSUPPLY, 103, Units.OZ),
        rows.MILK_FOR,
    ),
    _case(
        "intention-none",
        "Asked from Timer, with fewer than three amounts on record.",
        _milk(None, None, None),
        rows.MILK_FOR,
    ),
    _case(
        "intention-treat",
        "After a treatment whose reason was left open.",
        _milk(Purpose.TREAT, None, 362, Units.OZ),
        rows.MILK_FOR,
    ),
)

AT_WORK = (
    _case(
        "timer",
        "Pumping: the time, the strokes, why and what for. No Stop where a wire or the link sees the pump.",
        TimerBody(1098, 54, Purpose.PROTECT, Intention.FRIDGE, None),
        rows.TIMER,
    ),
    _case(
        "timer-night",
        "The same while the display is dimmed.",
        TimerBody(756, 54, Purpose.PROTECT, Intention.FRIDGE, None),
        rows.TIMER,
        lit=Lit.DIM,
    ),
    _case("timer-unanswered", "Nobody has said why yet.", TimerBody(125, 120, None, None, None), rows.OPEN),
    _case("timer-silent", "Started by hand: no strokes are heard.", TimerBody(125, None, None, None, None), rows.OPEN),
    _case(
        "timer-treat",
        "The milk is discarded, as a dashboard said.",
        TimerBody(520, 54, Purpose.TREAT, Intention.DISCARD, None),
        rows.TIMER,
    ),
    _case(
        "timer-longest", "Over an hour.", TimerBody(5025, 120, Purpose.PROMOTE, Intention.FREEZER, None), rows.BY_HAND
    ),
    _case(
        "timer-hours",
        "Over ten hours, as with a stuck sensor: the figure needs the strokes' place.",
        TimerBody(38_325, 120, Purpose.PROMOTE, Intention.FREEZER, None),
        rows.BY_HAND,
    ),
    _case(
        "timer-days",
        "Over a hundred hours.",
        TimerBody(400_000, 120, Purpose.PROMOTE, Intention.FREEZER, None),
        rows.BY_HAND,
    ),
    _case(
        "timer-paused",
        "In a pause the figure stands still; it says when the session will end.",
        TimerBody(3599, 54, Purpose.PROMOTE, Intention.FREEZER, 75),
        rows.TIMER,
    ),
    _case(
        "timer-paused-long",
        "A long pause, as it can be configured.",
        TimerBody(5025, 54, Purpose.PROMOTE, Intention.FREEZER, 4980),
        rows.TIMER,
    ),
)

AMOUNTS = (
    _case(
        "volume",
        "After a counted stop: the amount, beginning at the expectation.",
        VolumeBody(90, Units.ML, 90),
        rows.AMOUNT,
    ),
    _case("volume-longest", "The longest amount.", VolumeBody(1495, Units.ML, 1495), rows.AMOUNT),
    _case("volume-oz", "In quarters of an ounce.", VolumeBody(199, Units.OZ, 103), rows.AMOUNT),
    _case("volume-oz-quarter", "The least ounce.", VolumeBody(1, Units.OZ, None), rows.AMOUNT),
    _case("volume-oz-longest", "Two figures and a quarter.", VolumeBody(49, Units.OZ, 362), rows.AMOUNT),
    _case(
        "volume-unknown",
        "With no expectation there is no amount to begin with.",
        VolumeBody(None, Units.ML, None),
        rows.NO_AMOUNT_YET,
    ),
    _case("volume-pressed", "− while the finger is down.", VolumeBody(85, Units.ML, 90), rows.AMOUNT, pressed=0),
    _case("saved-volume", "Saved, and until when the milk keeps.", SavedVolume(85, Units.ML, MARCH), rows.SAVED),
    _case(
        "saved-volume-time",
        "Until when, in under a day.",
        SavedVolume(60, Units.ML, MORNING, under_a_day=True),
        rows.SAVED,
    ),
    _case("saved-volume-longest", "The longest of these.", SavedVolume(1495, Units.ML, MAY), rows.SAVED),
    _case("saved-volume-oz", "In ounces, with no time to keep it known.", SavedVolume(11, Units.OZ, None), rows.SAVED),
    _case("saved-volume-none", "Saved without an amount.", SavedVolume(None, Units.ML, None), rows.SAVED),
    _case("note-short", "A session under a minute.", NoteBody(NoteKind.SHORT), rows.ONLY_OK),
)

NURSINGS = (
    _case("nursed", "A nursing is put down.", PlainBody(ScreenName.NURSED), rows.NURSED),
    _case("saved-nursing", "It is saved.", SavedNursing(TUESDAY, effective=False), rows.SAVED),
    _case(
        "saved-nursing-effective",
        "An effective one, while the clock is not set.",
        SavedNursing(None, effective=True),
        rows.SAVED,
    ),
    _case(
        "saved-deleted",
        "After Delete; Undo brings it back.",
        SavedNursing(WEDNESDAY, effective=False, deleted=True),
        rows.SAVED,
    ),
)

RECORD = (
    _case("last", "The eight newest sessions and nursings, one at a time.", LastBody(USUAL, 1, 8), rows.LAST),
    _case("last-running", "The running session.", LastBody(RUNNING, 1, 8), rows.LAST),
    _case("last-longest", "The longest; a power cut ended it.", LastBody(LONGEST, 8, 8), rows.LAST),
    _case("last-unanswered", "Nothing was answered; its time is not sure yet.", LastBody(UNANSWERED, 2, 8), rows.LAST),
    _case("last-no-amount", "Everything was answered but the amount.", LastBody(NO_AMOUNT, 7, 8), rows.LAST),
    _case("last-oz", "In ounces.", LastBody(IN_OUNCES, 4, 8), rows.LAST),
    _case("last-nursing", "A nursing.", LastBody(NURSING, 3, 8), rows.LAST),
    _case("last-nothing", "An empty record.", LastBody(None, 0, 0), rows.STATUS),
    _case("last-change", "Change, for a session.", ChangeBody(USUAL, 2, 8), rows.CHANGE),
    _case(
        "last-change-oz",
        "The same without an amount, in ounces.",
        ChangeBody(UNANSWERED, 2, 8),
        rows.CHANGE_OZ,
    ),
    _case("last-nursing-change", "Change, for a nursing.", ChangeBody(NURSING, 3, 8), rows.CHANGE_NURSING),
    _case(
        "status-1",
        "After the oldest, and in the first ten seconds: where it is and whom it reaches.",
        REACH,
        rows.STATUS,
    ),
    _case(
        "status-too-large",
        "A record is more than the broker takes.",
        replace(REACH, broker_away_s=None, passed_over=99),
        rows.STATUS,
    ),
    _case(
        "status-2",
        "What runs, and how it fares.",
        HealthBody("1.12.3", "61 % free", StoreState.OK, synced=False, running_s=112 * 86_400),
        rows.STATUS,
    ),
)

WARNINGS = (
    _case("warning-disk", "A record could not be written.", WarningBody(WarningKind.NOT_SAVED), rows.ONLY_OK),
    _case("warning-full", "A record finds no room.", WarningBody(WarningKind.DISK_FULL), rows.ONLY_OK),
    _case("warning-repaired", "The record's file was damaged.", WarningBody(WarningKind.REPAIRED), rows.ONLY_OK),
    _case(
        "warning-config",
        "The configuration has a fault; the device did not start.",
        WarningBody(WarningKind.NOT_STARTED),
        rows.NO_KEYS,
    ),
    _case(
        "warning-stuck", "Past two hours the sensor may be stuck.", WarningBody(WarningKind.STUCK_SENSOR), rows.ONLY_OK
    ),
    _case(
        "warning-stuck-timer",
        "The same where Timer has a Stop.",
        WarningBody(WarningKind.STUCK_SENSOR, stop_on_timer=True),
        rows.ONLY_OK,
    ),
)

CHAPTERS: dict[str, tuple[Scene, ...]] = {
    "At rest": AT_REST,
    "The questions": QUESTIONS,
    "While it pumps": AT_WORK,
    "Amounts": AMOUNTS,
    "Nursings": NURSINGS,
    "The record": RECORD,
    "Warnings": WARNINGS,
}


def examples(language: str) -> tuple[Example, ...]:
    """Every example in one language, chapter after chapter."""
    return tuple(scene.said_in(language) for chapter in CHAPTERS.values() for scene in chapter)


EXAMPLES = examples("en")
