"""Every screen in every language: with the longest values no key is wider than its place, and no sentence is cut.

The extremes are walked, not drawn by chance: what a language says at most is known.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import combinations, pairwise, product

import pytest
from msgspec.structs import astuple, replace

from device.core.dialogue import amounts, idle, running
from device.core.dialogue import questions as asked
from device.core.dialogue import records as recorded
from device.core.dialogue.flow import Key
from device.core.model.events import StoreState
from device.core.model.record import REASONS, Context, Facts, Intention, Purpose, Reason, Suggestion, Units
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
from device.core.rules.sittings import DAY_S, HOUR_S
from device.screens import draw, key_rows, words
from device.screens.examples import examples
from device.screens.faces import NBSP, shortened, wrapped
from device.screens.pages import TablePage, TextPage, page
from device.screens.pictures import HEIGHT, KEY_ROOM, LEFT, RIGHT, TABLE_VALUES, WIDTH, marks
from device.words import LANGUAGES
from tests.screens.test_screens import too_close, whole

DIALOGUE = (amounts, idle, asked, recorded, running)
LINE = 50
"""The row of the line over a key."""
EVERY = pytest.mark.parametrize("code", LANGUAGES)
WEEK = [datetime(2026, 3, day, 23, 58, tzinfo=UTC) for day in range(2, 9)]
YEAR = [datetime(2026, month, 28, 3, 30, tzinfo=UTC) for month in range(1, 13)]
ANSWERS = [(purpose, reason) for purpose in Purpose for reason in (None, *REASONS[purpose])]
LENGTHS = [59, 3599, 5025, 35_940, 23 * HOUR_S, 9 * DAY_S, 10 * DAY_S, 99 * DAY_S]
AMOUNTS = [(None, Units.ML), (1495, Units.ML), (2000, Units.ML), (2000, Units.OZ), (362, Units.OZ)]
HEADINGS = [
    *(Heading(running_s=length) for length in (5025, 86_399, 359_999)),
    *(Heading(pumped_s=length) for length in LENGTHS),
    *(Heading(of=day) for day in WEEK),
]
LIKELY = {
    Context.TREATMENT_CONTINUES: Purpose.TREAT,
    Context.AFTER_INEFFECTIVE_NURSING: Purpose.PROTECT,
    Context.AFTER_EFFECTIVE_NURSING: Purpose.PROMOTE,
    Context.ABOVE_BASELINE: Purpose.PROMOTE,
    Context.BELOW_BASELINE: Purpose.PROTECT,
}
"""Which purpose the guidance finds likely by each."""
FACTS = {
    Context.TREATMENT_CONTINUES: [
        Facts(minutes=minutes, reason=reason)
        for minutes in (0, 59, 599, 1439)
        for reason in (None, *REASONS[Purpose.TREAT])
    ],
    Context.AFTER_INEFFECTIVE_NURSING: [Facts(minutes=minutes) for minutes in (0, 20, 59, 60)],
    Context.AFTER_EFFECTIVE_NURSING: [Facts(minutes=minutes) for minutes in (0, 20, 59, 60)],
    Context.ABOVE_BASELINE: [Facts(24, 24), Facts(48, 1)],
    Context.BELOW_BASELINE: [Facts(0, 1), Facts(23, 24)],
}


def suggestions() -> Iterator[Suggestion]:
    for context, purpose in LIKELY.items():
        for facts in FACTS[context]:
            yield Suggestion(purpose, None, context, "", facts)


def at_rest() -> Iterator[Body]:
    some_icons = [(), *((icon,) for icon in Icon), *combinations(Icon, 2)]
    times = (0, 59 * 60, 35_940, 47 * HOUR_S, 98 * DAY_S, 100 * DAY_S)
    for last, ago_s, icons in product((None, "", "pumped", "nursed"), times, some_icons):
        for local in (None, WEEK[0]):
            yield IdleBody(local, 99, 24, last, ago_s, icons)


def questions() -> Iterator[Body]:
    for heading in HEADINGS:
        yield PurposeBody(heading, next(suggestions()))
        for purpose in Purpose:
            yield ReasonBody(purpose, heading)
        yield IntentionBody(None, heading, None, 90, Units.ML)
    for suggestion in suggestions():
        yield PurposeBody(HEADINGS[0], suggestion)
    for answer in (*ANSWERS, (None, None)):
        yield PurposeBody(HEADINGS[0], None, answer)
    for answered, hint, (amount, units) in product((*Purpose, *Reason), (None, *Hint), AMOUNTS):
        yield IntentionBody(answered, HEADINGS[0], hint, amount, units)
    yield NoteBody(NoteKind.TREAT_RHYTHM, Purpose.TREAT)
    for kind, reason, a_minute in product(NoteKind, REASONS[Purpose.TREAT], (True, False)):
        yield NoteBody(kind, reason, a_minute)


def at_work() -> Iterator[Body]:
    for pumping_s, purpose, intention in product((3599, 7199), (None, *Purpose), (None, *Intention)):
        yield TimerBody(pumping_s, 120, purpose, intention, None)
    for ends_in_s, purpose in product((75, 3599, 4980, 35_940, DAY_S), (None, *Purpose)):
        yield TimerBody(5025, 120, purpose, None, ends_in_s)
    for amount, units in ((1495, Units.ML), (199, Units.OZ)):
        yield VolumeBody(amount, units, 2000)
        for use_by in (None, *YEAR):
            yield SavedVolume(amount, units, use_by)
        yield SavedVolume(amount, units, WEEK[0], under_a_day=True)
    for at, effective, deleted in product((None, WEEK[0]), (True, False), (True, False)):
        yield SavedNursing(at, effective, deleted)
    yield PlainBody(ScreenName.NURSED)


def records() -> Iterator[Body]:
    yield LastBody(None, 0, 0)
    for day, unsynced, effective in product(WEEK, (True, False), (True, False)):
        yield LastBody(NursingFacts(day, unsynced, effective), 8, 8)
        yield ChangeBody(NursingFacts(day, unsynced, effective), 8, 8)
    facts = SessionFacts(
        started=WEEK[0], unsynced=True, pumping_s=0, running=False, volume_ml=None, intention=None, purpose=None,
        reason=None, interrupted=False, units=Units.ML,
    )  # fmt: skip
    lasted, answered = product(LENGTHS, AMOUNTS, (None, *Intention)), product((None, *ANSWERS), ("", "runs", "cut"))
    for (pumping_s, (volume_ml, units), intention), (why, state) in product(lasted, list(answered)):
        purpose, reason = why or (None, None)
        shown = replace(
            facts, pumping_s=pumping_s, volume_ml=volume_ml, units=units, intention=intention, purpose=purpose,
            reason=reason, running=state == "runs", interrupted=state == "cut",
        )  # fmt: skip
        yield LastBody(shown, 8, 8)
        if purpose is None:
            yield ChangeBody(shown, 8, 8)


def health() -> Iterator[Body]:
    for away_s, waiting, passed_over in product((None, *LENGTHS), (0, 1, 99), (0, 99)):
        yield ReachBody("", away_s, waiting, passed_over, "", link_lost=False)
    for state, synced, running_s in product(StoreState, (True, False), LENGTHS):
        yield HealthBody("1.12.3", "", state, synced, running_s)
    for kind, on_timer in product(WarningKind, (True, False)):
        yield WarningBody(kind, on_timer)


SAID = {"at rest": at_rest, "questions": questions, "at work": at_work, "records": records, "health": health}


def faults(body: Body, code: str) -> Iterator[str]:
    """What is cut or runs into something else."""
    shown = page(body, LANGUAGES[code])
    said = ", ".join(str(word) for word in astuple(shown) if word and isinstance(word, str | tuple))
    if isinstance(shown, TextPage):
        lines = [line for paragraph in shown.body for line in wrapped(paragraph, RIGHT - LEFT, 2)]
        if len(lines) > 2 or " ".join(lines).replace(NBSP, " ") != " ".join(shown.body).replace(NBSP, " "):
            yield f"cut: {' '.join(shown.body)}"
        if any(line[-1].isdigit() and following.split()[0] in units(code) for line, following in pairwise(lines)):
            yield f"parted from its unit: {' '.join(shown.body)}"
    if isinstance(shown, TablePage):
        for name, value in shown.rows:
            if shortened(name, TABLE_VALUES - LEFT - 5) != name or shortened(value, RIGHT - TABLE_VALUES) != value:
                yield f"cut: {name}: {value}"
    found = list(whole(list(marks(View(body, (None, None, None), language=code)))))
    if any(mark.x < LEFT or mark.end > RIGHT or mark.y < 1 for mark in found):
        yield f"wider than the screen: {said}"
    if any(too_close(*pair) for pair in combinations(found, 2)):
        yield f"too close: {said}"


@cache
def units(code: str) -> set[str]:
    times = LANGUAGES[code].times
    forms = (times.seconds, times.minutes, times.hours, times.days, times.days_past)
    return {"ml", "oz", "%", *(form.split()[-1] for form in forms)}


def once(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))


@EVERY
@pytest.mark.parametrize("bodies", SAID.values(), ids=SAID)
def test_no_sentence_is_cut_with_the_longest_values(bodies: Callable[[], Iterator[Body]], code: str) -> None:
    assert once(fault for body in bodies() for fault in faults(body, code)) == []


@EVERY
def test_every_screen_is_drawn_and_read_aloud(code: str) -> None:
    for each in examples(code):
        assert each.view.language == code
        picture = draw(each.view)
        left, top, right, bottom = picture.getbbox() or (1, 1, 1, 1)
        assert min(left, top) >= 1, each.name
        assert (right <= WIDTH - 1, bottom <= HEIGHT - 1) == (True, True), each.name
        at_rest = draw(replace(each.view, pressed=None))
        assert at_rest.convert("L").histogram()[255] <= WIDTH * HEIGHT / 5, each.name
        assert list(faults(each.view.body, code)) == []
        assert all(key in words(each.view) for key in each.view.keys if key)


# -- keys ----------------------------------------------------------------------------------------------------------

ROWS: dict[str, key_rows.Row] = {
    name: row for name, row in vars(key_rows).items() if name.isupper() and isinstance(row, dict)
}
LABELS = {label for row in ROWS.values() for label in row["en"]}


def keys_in(value: object) -> Iterator[Key]:
    """The keys that a module of the dialogue has, wherever they stand."""
    if isinstance(value, Key):
        yield value
    elif isinstance(value, tuple | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from keys_in(inner)


def test_the_rows_looked_at_here_have_every_key_of_the_core() -> None:
    found = {key.label["en"] for module in DIALOGUE for value in vars(module).values() for key in keys_in(value)}
    assert found == LABELS - {None}
    assert [*ROWS.values()] == [*key_rows.ROWS]


@EVERY
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_no_key_is_wider_than_its_place_nor_runs_into_the_next(row: key_rows.Row, code: str) -> None:
    left, middle, right = row[code]
    for last in {right, right and LANGUAGES[code].key.back}:
        view = View(PlainBody(ScreenName.NURSED), (left, middle, last), language=code)
        found = [mark for mark in marks(view) if mark.kind == "key"]
        rooms = [room for room, key in zip(KEY_ROOM, view.keys, strict=True) if key]
        assert all(mark.mask.width <= room for mark, room in zip(found, rooms, strict=True)), view.keys
        assert all(mark.x >= LEFT and mark.end <= RIGHT for mark in found), view.keys
        assert all(mark.y > LINE + 1 for mark in found), f"{view.keys}: an accent touches the line"
        assert not any(too_close(*pair) for pair in pairwise(found)), view.keys


@EVERY
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_holding_the_right_key_leaves_the_others_as_they_are(row: key_rows.Row, code: str) -> None:
    left, middle, right = row[code]
    shown, held = (
        View(PlainBody(ScreenName.NURSED), (left, middle, last), language=code)
        for last in (right, right and LANGUAGES[code].key.back)
    )
    beside = [[mark for mark in marks(view) if mark.kind == "key" and mark.x < 86] for view in (shown, held)]
    assert beside[0] == beside[1]
