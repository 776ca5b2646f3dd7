"""The shape of a language: every word that a parent reads, a struct for what belongs together.

A language is one value of `Words`, in a file of its own. mypy names a word that it lacks, and `tests/words` a row. A
sentence has its values in braces (`{count}`) and is said by `str.format`; every language uses the same ones, in its own
order. What a language has to reckon itself (a plural, a case) is a function in its file.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from device.core.model.events import StoreState
from device.core.model.live import Disk, LinkState, Panel, Phase
from device.core.model.record import Context, Intention, Purpose, Reason, Side, Source
from device.core.model.view import Hint, ScreenName, WarningKind

# -- answers ---------------------------------------------------------------------------------------------------


class PurposeWords(Struct, frozen=True):
    """`key` stands above a button (43 pixels), `short` on the screen beside other words, `long` where there is room:
    in a title, on the page. `home` is Home Assistant's option; `question` is what the answer leads to.
    """

    key: str
    short: str
    long: str
    home: str
    question: str


class ReasonWords(Struct, frozen=True):
    """As a purpose's; `treated` says that it was, where it is treated."""

    key: str
    short: str
    long: str
    home: str
    treated: str | None = None


class IntentionWords(Struct, frozen=True):
    """As a purpose's; `use` says it after an amount: `90 ml for the fridge`."""

    key: str
    short: str
    long: str
    home: str
    use: str


class BecauseWords(Struct, frozen=True, kw_only=True):
    """Why a purpose is likely: `contexts` as published, `drawn` for the screen, where `PurposeScreen.likely` puts the
    purpose before it. `ago` and `just_now` are said of a nursing, `treated` where nobody gave a reason.
    """

    contexts: Mapping[Context, str]
    drawn: Mapping[Context, str]
    treated: str
    ago: str
    just_now: str


class OutlookWords(Struct, frozen=True):
    """`home` is None where Home Assistant shows no value; the page says a sentence."""

    home: str | None
    page: str


# -- the device's screens --------------------------------------------------------------------------------------


class KeyWords(Struct, frozen=True, kw_only=True):
    """Above the buttons, at most 43 pixels wide, the outer ones 38; an answer's is in its own row."""

    back: str
    change: str
    delete: str
    last: str
    milk_for: str
    more: str
    no: str
    nursed: str
    ok: str
    older: str
    save: str
    skip: str
    start: str
    stop: str
    undo: str
    why: str
    why_open: str
    """Nobody has said why yet."""
    yes: str


class Titled(Struct, frozen=True):
    """A title, and at most two lines below it."""

    title: str
    text: str


class TimeWords(Struct, frozen=True, kw_only=True):
    """Instants and lengths. Days of the week begin with Monday."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    time: str
    day_and_time: str
    seconds: str
    minutes: str
    hours: str
    hours_and_minutes: str
    days: str
    """Two at least."""
    days_past: str
    """The same after the word for `ago`, in it or before it."""


class IdleScreen(Struct, frozen=True, kw_only=True):
    stimulations: str
    in_24_h: str
    nothing: str
    nothing_yet: str
    """Where there is room for more than `nothing`."""
    no_stimulation: str
    pumped: str
    nursed: str
    just_now: str
    ago: str
    long_ago: str


class PurposeScreen(Struct, frozen=True, kw_only=True):
    title: str
    likely: str
    now: str
    """The answer that stands."""
    none: str


class NoteScreen(Struct, frozen=True, kw_only=True):
    """`rhythm` stands below what is treated; `under_a_minute` is `short`'s title where that is how short it was."""

    rhythm: str
    clinician: Titled
    short: Titled
    under_a_minute: str


class IntentionScreen(Struct, frozen=True, kw_only=True):
    title: str
    expected: str
    none_expected: str


class TimerScreen(Struct, frozen=True, kw_only=True):
    a_minute: str
    ends_in: str


class VolumeScreen(Struct, frozen=True, kw_only=True):
    title: str
    expected: str


class SavedScreen(Struct, frozen=True, kw_only=True):
    saved: str
    deleted: str
    nursed: str
    use_by: str
    use_by_time: str
    """Under a day."""
    effective: str
    ineffective: str


class LastScreen(Struct, frozen=True, kw_only=True):
    nothing: Titled
    place: str
    no_amount: str
    no_unit: str
    """The same, beside an intention."""
    running: str
    cut_off: str
    nursed_effective: str
    nursed_ineffective: str


class StatusScreen(Struct, frozen=True, kw_only=True):
    """Names of the rows and what stands there in words."""

    address: str
    broker: str
    waiting: str
    pump: str
    version: str
    storage: str
    clock: str
    running: str
    no_address: str
    by_hand: str
    """No pump is watched."""
    serial: str
    """The pump link, beside its port or a pin."""
    connected: str
    away: str
    records: Mapping[str, str]
    """By the plural's name, as `Words.plural` gives it."""
    too_large: str
    link_lost: str
    clock_set: str
    clock_not_set: str
    free: str
    no_folder: str
    stores: Mapping[StoreState, str]
    """Until the storage was looked at."""


class WarningScreen(Struct, frozen=True, kw_only=True):
    """`stop_on_timer` is said of a stuck sensor where the Timer can stop it."""

    kinds: Mapping[WarningKind, Titled]
    stop_on_timer: str


class Screens(Struct, frozen=True, kw_only=True):
    """Each `ScreenName` has a row in `plain` or a field, but Reason, which says its purpose and that one's question."""

    plain: Mapping[ScreenName, Titled]
    idle: IdleScreen
    purpose: PurposeScreen
    note: NoteScreen
    intention: IntentionScreen
    timer: TimerScreen
    volume: VolumeScreen
    saved: SavedScreen
    last: LastScreen
    change: str
    status: StatusScreen
    warning: WarningScreen


class AloudWords(Struct, frozen=True, kw_only=True):
    """What those hear who can't see the picture; icons by the names under which they are drawn."""

    icons: Mapping[str, str]
    dark: str
    keys: str
    suggested: str
    pressed: str


# -- dashboards ------------------------------------------------------------------------------------------------


class ToldWords(Struct, frozen=True, kw_only=True):
    """What our blueprints tell a phone: `milk` of an ended session, `kept` of a portion whose time ends, `open` of a
    session without a purpose; what is in braces is filled in.
    """

    milk: str
    milk_for: str
    milk_use_by: str
    kept: str
    kept_use_by: str
    open: str
    open_can_wait: str


class HomeWords(Struct, frozen=True, kw_only=True):
    """Home Assistant's: entities by their keys, and the states that are no answers."""

    entities: Mapping[str, str]
    phases: Mapping[Phase, str]
    links: Mapping[LinkState, str]
    displays: Mapping[Panel, str]
    stores: Mapping[Disk, str]
    told: ToldWords
    dashboard: Mapping[str, str] = {}
    """What our dashboard calls things, by the English that stands in its file: so English has none."""


class PageWords(Struct, frozen=True, kw_only=True):
    """The page's own. Mappings of strings are by a reply's code, by a command's name, or by what keeps a broker away;
    counted words by the plural's names in `Intl.PluralRules`. `says` holds the page's own sentences by their English,
    which its scripts have: so English has none.
    """

    treat: str
    sources: Mapping[Source, str]
    sides: Mapping[Side, str]
    """Of a nursing."""
    stimulation: Mapping[str, str]
    places: Mapping[str, str]
    moves: Mapping[str, str]
    """What a key says that moves a portion there; `part`: a part of it is used."""
    moved: Mapping[str, str]
    """After an amount."""
    refusals: Mapping[str, str]
    refused: str
    not_set: str
    not_now: Mapping[str, str]
    not_the_time: str
    out_of_range: Mapping[str, str]
    overlaps: str
    ends_before_start: str
    no_such_value: str
    not_saved: str
    failures: Mapping[str, tuple[str, str]]
    capitals: bool = False
    """Nouns are written with a capital, also within a sentence."""
    says: Mapping[str, str | Mapping[str, str]] = {}


class ReportSheet(Struct, frozen=True, kw_only=True):
    """What stands on the report as it is: its headings, and sentences without a value."""

    title: str
    in_short: str
    each_day: str
    day: str
    hours_24: str
    stimulations: str
    sessions: str
    nursings: str
    and_ineffective: str
    pumping: str
    amount: str
    stimulation_is: str
    by_purpose: str
    purpose: str
    reasons: str
    median_amount: str
    median_pumping: str
    chart_note: str
    treated: str
    what: str
    when: str
    outlook: str
    outlook_counts: str
    before: str
    """The two of the five counts that today's supply answers to."""
    lately: str
    """The three that the next days' will."""
    missing: str
    notes: str


class ReportWords(Struct, frozen=True, kw_only=True):
    """What the report says with values in it, or where it fits. Counted sentences are by the plural's names, as the
    page's are.
    """

    sheet: ReportSheet
    span: Mapping[str, str]
    made: str
    baseline: str
    day: str
    until: str
    """After a day that is not over."""
    not_24_h: str
    """After a day in which the clocks were changed."""
    no_record: str
    questions: tuple[str, ...]
    """How often, why, how much, where the supply is heading, what is treated."""
    often: str
    often_alike: str
    much: str
    much_alike: str
    no_whole_day: str
    no_session: str
    no_amount: str
    not_treated: str
    counted: str
    no_purpose: str
    no_reason: str
    nursed: str
    ineffective: str
    without_amount: Mapping[str, str]
    at: str
    pumped: str
    of_amounts: str
    all_nursings: str
    stimulations_a_day: str
    amount_a_day: str
    from_to: str
    outlook_rests: str
    tenths: str
    """A number with one decimal."""
    missing: Mapping[str, Mapping[str, str]]
    days_missing: str
    running: str
    nothing_missing: str
    source: str


class Words(Struct, frozen=True, kw_only=True):
    """A whole language. `name` is its own; `plural` names the plural that goes with a number, as JavaScript's
    `Intl.PluralRules` does.
    """

    name: str
    plural: Callable[[int], str]
    purposes: Mapping[Purpose, PurposeWords]
    reasons: Mapping[Reason, ReasonWords]
    intentions: Mapping[Intention, IntentionWords]
    because: BecauseWords
    outlooks: Mapping[str, OutlookWords]
    """By the outlook's label."""
    hints: Mapping[Hint, str]
    key: KeyWords
    times: TimeWords
    screens: Screens
    aloud: AloudWords
    home: HomeWords
    report: ReportWords
    page: PageWords
