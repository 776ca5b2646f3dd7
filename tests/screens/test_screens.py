"""The screens: golden pictures, what must hold of any picture, and the words beside them.

Golden pictures and docs/screens.md are made anew by `scripts/renew`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image, ImageChops

from device.core.model.events import StoreState
from device.core.model.record import REASONS, Context, Intention, Purpose, Reason, Suggestion, Units
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
from device.screens import draw, words
from device.screens.__main__ import draw_examples, images, pixels, texts
from device.screens.examples import EXAMPLES
from device.screens.faces import NBSP, Face, width, wrapped
from device.screens.pages import FigurePage, TextPage, page
from device.screens.pictures import HEIGHT, WIDTH, Mark, bars, marks, on_page
from device.words.en import EN
from device.words.times import elapsed, since
from tests.support.effort import so_many

HERE = Path(__file__).parents[1]
GOLDEN = HERE / "golden"
SHOWN = HERE.parent / "docs" / "screens"
BY_NAME = {example.name: example.view for example in EXAMPLES}
AGAIN = "make them anew: scripts/renew"

# -- golden pictures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_NAME)
def test_a_picture_is_its_golden_one_pixel_for_pixel(name: str) -> None:
    assert draw(BY_NAME[name]).tobytes() == pixels(GOLDEN / f"{name}.png"), AGAIN


def test_golden_texts_and_docs_are_current() -> None:
    for path, text in texts(GOLDEN, SHOWN).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not current; {AGAIN}"
    for path, picture in images(GOLDEN, SHOWN).items():
        assert pixels(path) == picture.tobytes(), f"{path.name} is not current; {AGAIN}"


def test_no_golden_file_is_left_over_from_a_screen_that_is_gone() -> None:
    made = {*texts(GOLDEN, SHOWN), *images(GOLDEN, SHOWN)}
    found = {path for folder in (GOLDEN, SHOWN) for path in folder.iterdir()}
    assert found - made == set()


def test_the_command_makes_them_and_leaves_unchanged_pictures_alone(tmp_path: Path) -> None:
    golden, shown = tmp_path / "golden", tmp_path / "screens"
    subprocess.run([sys.executable, "-m", "device.screens", golden, shown], check=True, cwd=HERE.parent)
    assert (golden / "timer.txt").read_bytes() == (GOLDEN / "timer.txt").read_bytes()
    assert (tmp_path / "screens.md").read_bytes() == SHOWN.with_suffix(".md").read_bytes()
    Image.new("1", (WIDTH, HEIGHT)).save(golden / "idle.png")
    before = (golden / "timer.png").stat().st_mtime_ns
    draw_examples(golden, shown)
    assert pixels(golden / "idle.png") == pixels(GOLDEN / "idle.png")
    assert (golden / "timer.png").stat().st_mtime_ns == before


def test_every_screen_has_a_golden_picture() -> None:
    assert {view.screen for view in BY_NAME.values()} == set(ScreenName)
    assert {type(view.body) for view in BY_NAME.values()} == set(get_args(Body))


# -- any picture -----------------------------------------------------------------------------------------------

moments = st.datetimes(datetime(2020, 1, 1), datetime(2039, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
spans = st.one_of(st.integers(0, 40_000), st.integers(0, 10**8))  # three years: longer than any device lives unseen
percents = st.integers(0, 99)
strokes = st.none() | st.integers(0, 200)
volumes = st.none() | st.integers(0, 2000)
units = st.sampled_from(Units)
purposes = st.sampled_from(Purpose)
some_purpose = st.none() | purposes
intentions = st.none() | st.sampled_from(Intention)
pauses = st.none() | st.integers(0, 86_400)
headings = st.one_of(
    st.builds(Heading, running_s=spans), st.builds(Heading, pumped_s=spans), st.builds(Heading, of=moments)
)
answers = purposes.flatmap(lambda why: st.tuples(st.just(why), st.none() | st.sampled_from(REASONS[why])))
whys = st.just((None, None)) | answers
icons = st.sets(st.sampled_from(Icon)).map(lambda some: tuple(icon for icon in Icon if icon in some))


def ago(longest_s: int) -> st.SearchStrategy[str]:
    return st.integers(0, longest_s).map(lambda seconds: since(seconds, EN.times))


because = st.one_of(
    st.builds("{} of {} stimulations in 24 h".format, percents, st.integers(1, 24)),
    st.builds("{} in 24 h, baseline {}".format, percents, st.integers(1, 24)),
    st.builds("nursed {} ago, not effective".format, ago(3600)),
    st.builds("nursed well {} ago".format, ago(3600)),
    st.builds(
        "{} treated {} ago".format,
        st.sampled_from(("plugged duct", "mastitis", "nipple pain")),
        ago(86_400),
    ),
)
suggestions = st.builds(Suggestion, purposes, st.none(), st.sampled_from(Context), because)


@st.composite
def sessions(draw_from: st.DrawFn) -> SessionFacts:
    purpose, reason = draw_from(whys)
    running = draw_from(st.booleans())
    return SessionFacts(
        started=draw_from(moments),
        unsynced=draw_from(st.booleans()),
        pumping_s=draw_from(st.one_of(st.integers(0, 40_000), st.integers(0, 99 * 86_400))),
        running=running,
        volume_ml=draw_from(volumes),
        intention=draw_from(intentions),
        purpose=purpose,
        reason=reason,
        interrupted=not running and draw_from(st.booleans()),
        units=draw_from(units),
    )


@st.composite
def answered_intentions(draw_from: st.DrawFn) -> IntentionBody:
    answered = draw_from(st.none() | purposes | st.sampled_from(Reason))
    hint = draw_from(st.none() | st.sampled_from(Hint))
    return IntentionBody(answered, draw_from(headings), hint, draw_from(volumes), draw_from(units))


places = st.integers(1, 8)
nursings = st.builds(NursingFacts, moments, st.booleans(), st.booleans())
values = st.sampled_from(("192.168.178.123", "serial, GPIO 17", "1.12.3", "61 % free", "a" * 60, "", "–"))
counts = st.integers(0, 10**6)
amounts = st.none() | st.integers(0, 1500)
# What guidance, dialogue and the pump can say at most; each with the keys of the contract's table.
BODIES: dict[tuple[str | None, str | None, str | None], st.SearchStrategy[Body]] = {
    ("Nursed", "Last", "Start"): st.builds(
        IdleBody,
        st.none() | moments,
        percents,
        st.integers(1, 24),
        st.sampled_from((None, "pumped", "nursed")),
        spans,
        icons,
    ),
    ("Protect", "Promote", "Treat"): st.builds(PurposeBody, headings, st.none() | suggestions, st.none() | whys),
    ("Duct", "Mastitis", "Nipple"): st.builds(ReasonBody, purposes, headings),
    ("In place", "Finish", "Skip"): st.builds(ReasonBody, purposes, headings),
    ("Raise", "Collect", "Skip"): st.builds(ReasonBody, purposes, headings),
    (None, None, "More"): st.builds(NoteBody, st.sampled_from(NoteKind), st.sampled_from(REASONS[Purpose.TREAT])),
    ("Feed", "Fridge", "Freezer"): answered_intentions(),
    ("Why?", "Milk for", None): st.builds(TimerBody, st.integers(0, 7199), strokes, some_purpose, intentions, pauses),
    # Stop stands where nothing counts strokes, and after two hours, when the sensor may be stuck.
    ("Why?", "Milk for", "Stop"): st.one_of(
        st.builds(TimerBody, spans, st.none(), some_purpose, intentions, pauses),
        st.builds(TimerBody, spans.map(lambda s: s + 7200), strokes, some_purpose, intentions, pauses),
    ),
    ("−", "+", "Save"): st.builds(VolumeBody, amounts, st.just(Units.ML), volumes),
    ("−", "+", "Skip"): st.builds(VolumeBody, st.none() | st.integers(0, 200), st.just(Units.OZ), volumes),
    ("Undo", None, "OK"): st.one_of(
        st.builds(SavedVolume, amounts, st.just(Units.ML), st.none() | moments, st.booleans()),
        st.builds(SavedVolume, st.none() | st.integers(0, 270), st.just(Units.OZ), st.none() | moments, st.booleans()),
        st.builds(SavedNursing, st.none() | moments, st.booleans(), st.booleans()),
    ),
    ("Yes", "No", "Back"): st.just(PlainBody(ScreenName.NURSED)),
    ("Yes", "No", "Delete"): st.builds(ChangeBody, nursings, places, places),
    ("Older", "Change", "Back"): st.builds(LastBody, st.none() | sessions() | nursings, places, places),
    ("Why", "Milk for", "ml"): st.builds(ChangeBody, sessions(), places, places),
    ("Older", None, "Back"): st.one_of(
        st.builds(ReachBody, values, st.none() | spans, counts, counts, values, st.booleans()),
        st.builds(HealthBody, values, values, st.sampled_from(StoreState), st.booleans(), spans),
    ),
    (None, None, "OK"): st.builds(WarningBody, st.sampled_from(WarningKind), st.booleans()),
}
PLACES = st.none() | st.integers(0, 2)


@st.composite
def views(draw_from: st.DrawFn) -> View:
    keys = draw_from(st.sampled_from(list(BODIES)))
    body = draw_from(BODIES[keys])
    pressed = draw_from(PLACES)
    suggested = draw_from(PLACES) if isinstance(body, PurposeBody | ReasonBody) else None
    if draw_from(st.booleans()) and pressed == 2:
        keys = (keys[0], keys[1], "Back")
    lit = draw_from(st.sampled_from((Lit.ON, Lit.DIM)))
    return View(body, keys, suggested, pressed, lit)


def whole(found: list[Mark]) -> Iterator[Mark]:
    """The marks, the signs of one figure as one."""
    signs = [mark for mark in found if mark.kind == "figure"]
    if signs:
        size = (signs[-1].end - signs[0].x, signs[0].mask.height)
        yield signs[0]._replace(mask=Image.new("1", size))
    yield from (mark for mark in found if mark.kind != "figure" and mark.mask.width)


def too_close(one: Mark, other: Mark) -> bool:
    if one.y >= other.y + other.mask.height or other.y >= one.y + one.mask.height:
        return False
    gap = max(one.x, other.x) - min(one.end, other.end)
    return gap < (3 if "icon" in (one.kind, other.kind) else 5)


def test_two_texts_four_pixels_apart_are_too_close() -> None:
    here = Mark("text", 2, 10, Image.new("1", (20, 8)))
    assert too_close(here, here._replace(x=26))
    assert not too_close(here, here._replace(x=27))
    assert not too_close(here, here._replace(y=18))


@settings(max_examples=so_many(300))
@given(views())
def test_nothing_is_lit_on_the_outer_pixel_and_no_two_texts_touch(view: View) -> None:
    left, top, right, bottom = draw(view).getbbox() or (1, 1, 1, 1)
    assert left >= 1
    assert top >= 1
    assert right <= WIDTH - 1
    assert bottom <= HEIGHT - 1
    found = list(whole(list(marks(view))))
    for mark in found:
        assert mark.x >= 2, mark
        assert mark.end <= 126, mark
    assert [pair for pair in combinations(found, 2) if too_close(*pair)] == []


@pytest.mark.parametrize("days", [9, 10, 99])
@pytest.mark.parametrize("volume_ml", [0, 1000, 2000])
def test_the_longest_session_of_a_stuck_sensor_fits_whole(days: int, volume_ml: int) -> None:
    for intention in Intention:
        facts = SessionFacts(
            started=datetime(2020, 1, 1, tzinfo=UTC), unsynced=False, pumping_s=days * 86_400, running=False,
            volume_ml=volume_ml, intention=intention, purpose=None, reason=None, interrupted=False, units=Units.ML,
        )  # fmt: skip
        shown = page(LastBody(facts, 1, 1), EN)
        assert isinstance(shown, TextPage)
        lines = [line for paragraph in shown.body for line in wrapped(paragraph, 124, 2)]
        assert len(lines) <= 2, lines


@settings(max_examples=so_many(200))
@given(views())
def test_every_text_of_our_own_fits_whole(view: View) -> None:
    shown = page(view.body, EN)
    if isinstance(shown, TextPage):
        lines = [line for paragraph in shown.body for line in wrapped(paragraph, 124, 2)]
        assert len(lines) <= 2
        assert " ".join(lines).replace(NBSP, " ") == " ".join(shown.body)


@settings(max_examples=so_many(200))
@given(views())
def test_no_more_than_a_fifth_is_lit_while_no_finger_is_down(view: View) -> None:
    assert lit_share(replace(view, pressed=None)) <= 0.2


def lit_share(view: View) -> float:
    return draw(view).convert("L").histogram()[255] / (WIDTH * HEIGHT)


@pytest.mark.parametrize(
    ("pumping_s", "strokes", "stop"),
    [(3488, 200, None), (4088, 200, None), (4088, None, "Stop"), (7688, 200, "Stop"), (29_288, 200, "Stop")],
)
def test_the_brightest_timers_stay_under_a_fifth(pumping_s: int, strokes: int | None, stop: str | None) -> None:
    body = TimerBody(pumping_s, strokes, Purpose.PROMOTE, Intention.FREEZER, None)
    assert lit_share(View(body, ("Why?", "Milk for", stop))) <= 0.2


@given(views(), st.tuples(st.integers(-1, 1), st.integers(-1, 1)))
@settings(deadline=None)
def test_a_shift_moves_the_whole_picture_and_loses_nothing(view: View, shift: tuple[int, int]) -> None:
    moved = draw(replace(view, shift=shift))
    assert moved.tobytes() == ImageChops.offset(draw(view), *shift).tobytes()


@given(views())
@settings(deadline=None)
def test_a_dark_view_is_all_dark(view: View) -> None:
    dark = replace(view, lit=Lit.DARK)
    assert draw(dark).getbbox() is None
    assert words(dark) == "The display is dark."


@given(views())
@settings(deadline=None)
def test_the_press_that_woke_shows_no_keys(view: View) -> None:
    waking = replace(view, keys=(None, None, None), pressed=None)
    box = draw(waking).getbbox()
    assert box is None or box[3] <= 48
    assert "Keys" not in words(waking)


# -- single screens --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("figure", ["99:59", "1:23:45", "23:58"])
def test_the_longest_times_leave_room_for_the_strokes(figure: str) -> None:
    shown = FigurePage(figure, upper="200", upper_face=Face.UNIT, lower="/min", caption="Promote", aside="Freezer")
    found = list(whole(list(on_page(shown, night=False))))
    assert found[0].mask.height == 24
    assert [pair for pair in combinations(found, 2) if too_close(*pair)] == []


def test_at_night_the_figures_are_thinner_and_as_wide() -> None:
    day, night = BY_NAME["idle"], BY_NAME["idle-night"]
    assert night == replace(day, lit=Lit.DIM)
    assert lit_share(night) < lit_share(day)
    assert [mark.x for mark in marks(night)] == [mark.x for mark in marks(day)]


def test_a_key_of_which_nothing_is_done_has_neither_line_nor_label() -> None:
    view = BY_NAME["timer"]
    assert view.keys[2] is None
    right_third = draw(view).crop((86, 48, WIDTH, HEIGHT))
    assert right_third.getbbox() is None
    assert len(list(bars(view))) == 2


def test_a_pressed_key_is_filled_to_its_edges_and_its_label_dark() -> None:
    view = replace(BY_NAME["intention"], pressed=2)
    filled = draw(view).crop((88, 50, 127, 63))
    resting = draw(replace(view, pressed=None)).crop((88, 51, 127, 63))
    assert filled.getpixel((0, 0))
    assert filled.crop((0, 1, 39, 13)).tobytes() == ImageChops.invert(resting.convert("L")).convert("1").tobytes()


def test_a_suggested_key_has_three_rows_of_line() -> None:
    picture = draw(BY_NAME["purpose-promote"])
    lit = [[bool(picture.getpixel((centre, y))) for y in (48, 49, 50)] for centre in (21, 64, 107)]
    assert lit == [[False, False, True], [True, True, True], [False, False, True]]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0:00"),
        (0, "0:00"),
        (599, "9:59"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (5025, "1:23:45"),
        (359_999, "99:59:59"),
        (360_000, "100 h"),
    ],
)
def test_a_counting_clock_has_hours_from_an_hour_on(seconds: int, shown: str) -> None:
    assert elapsed(seconds, EN.times) == shown


@pytest.mark.parametrize(
    ("quarters", "shown"), [(None, "-- oz"), (0, "0 oz"), (1, "¼ oz"), (8, "2 oz"), (49, "12¼ oz"), (199, "49¾ oz")]
)
def test_ounces_are_shown_in_quarters(quarters: int | None, shown: str) -> None:
    body = VolumeBody(quarters, Units.OZ, None)
    assert words(View(body, ("−", "+", "Save"))) == f"{shown}. Amount. Keys: −, +, Save."


NUMBERS = st.integers(0, 2000).flatmap(
    lambda n: st.sampled_from(("ml", "oz", "h", "min", "days", "%")).map(f"{n} {{}}".format)
)
PARTS = NUMBERS | st.sampled_from(("nursed", "about", "in", "2 h 10", "5 of 8", "plugged duct"))


@given(st.lists(PARTS, min_size=4, max_size=12).map(" and ".join))
@settings(max_examples=so_many(300))
def test_wrapping_never_parts_a_number_from_its_unit(said: str) -> None:
    lines = wrapped(said, 124, 20)
    assert " ".join(lines).replace(NBSP, " ") == said
    for line, following in pairwise(lines):
        if line[-1].isdigit():
            assert following.split(" ")[0] not in {"ml", "oz", "h", "min", "days", "%", "of"}
        assert width(line) <= 124


def test_what_does_not_fit_says_so() -> None:
    lines = wrapped("a because of many words that no rule of the guidance would ever say at such a length", 124, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(width(line) <= 124 for line in lines)


@given(views())
@settings(max_examples=so_many(300))
def test_the_words_name_every_key_and_are_one_line(view: View) -> None:
    said = words(view)
    assert "\n" not in said
    assert all(key in said for key in view.keys if key)
    assert all(f"{key} (pressed" in said or f"{key} (suggested, pressed" in said for key in _pressed(view))


def _pressed(view: View) -> list[str]:
    key = None if view.pressed is None else view.keys[view.pressed]
    return [key] if key else []


def test_a_stuck_sensor_sends_to_the_timer_where_it_has_a_stop() -> None:
    assert "Stop it on the Timer." in words(BY_NAME["warning-stuck-timer"])
    assert "Timer" not in words(BY_NAME["warning-stuck"])


def test_a_second_on_the_timer_redraws_only_the_figure(capsys: pytest.CaptureFixture[str]) -> None:
    body = TimerBody(60, 54, Purpose.PROTECT, Intention.FRIDGE, None)
    minute = [View(replace(body, pumping_s=s), ("Why", "Milk for", None)) for s in range(60, 121)]
    draw(minute[0])
    began = time.perf_counter()
    pictures = [draw(view) for view in minute]
    took_ms = (time.perf_counter() - began) * 1000 / len(minute)
    for one, other in pairwise(pictures):
        box = ImageChops.logical_xor(one, other).getbbox()
        assert box is not None
        assert (box[1] >= 8, box[3] <= 32) == (True, True)
    with capsys.disabled():
        print(f"\nscreens: a running second is drawn in {took_ms:.3f} ms")
