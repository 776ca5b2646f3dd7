"""Guidance against the cases of `scenarios/guidance.toml` and, sentence by sentence, against its rules."""

import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from device.core.model.record import Context, Intention, Nursing, Purpose, Reason, Session, Suggestion
from device.core.model.view import Hint
from device.core.rules import guidance, keeping, records, sittings
from device.core.rules.records import records_of, stimulated_but
from device.words.because import because
from device.words.en import EN
from device.words.times import since
from tests.support import made
from tests.support.histories import (
    COPY,
    DAY,
    HOUR,
    MIN,
    NOW,
    ORIGINAL,
    SCENARIOS,
    SITTING_S,
    daily,
    nursed,
    outlook_of,
    pumped,
    running,
    today_of,
)


def suggestion(
    sessions: Sequence[Session] = (),
    nursings: Sequence[Nursing] = (),
    *,
    baseline: int = 8,
    outlook: str = "steady",
    about: str | None = None,
    now: int = NOW,
) -> Suggestion:
    records = records_of(sessions, nursings, SITTING_S)
    itself = records.by_id.get(about or "")
    times = stimulated_but(records, itself) if isinstance(itself, Session) else records.stimulated
    count = sittings.within(times, now - DAY, now)
    return guidance.suggest(
        records.sessions,
        records.nursings,
        stimulations_24h=count,
        baseline=baseline,
        now=now,
        outlook=outlook,
        because=because(EN),
        about=about,
    )


def expectation(
    sessions: Sequence[Session], purpose: Purpose | None, context: Context | None, now: int, about: str | None = None
) -> int | None:
    return records.expectation(records_of(sessions, (), SITTING_S).amounts, purpose, context, now, about)


# -- the cases -------------------------------------------------------------------------------------------------


def history_of(case: dict[str, Any]) -> tuple[list[Session], list[Nursing]]:
    sessions: list[Session] = []
    nursings: list[Nursing] = []
    for entry in case["history"]:
        if "nursing" in entry:
            nursings.append(nursed(entry["ago_min"] * MIN, effective=entry["nursing"] == "effective"))
            continue
        fields = {
            "purpose": Purpose(entry["purpose"]) if "purpose" in entry else None,
            "reason": Reason(entry["reason"]) if "reason" in entry else None,
            "volume_ml": entry.get("ml"),
        }
        if "every_h" in entry:
            step, ago, last = entry["every_h"] * HOUR, entry["from_days"] * DAY, entry["to_days"] * DAY
            while ago > last:
                sessions.append(pumped(ago, entry.get("minutes", 15), **fields))
                ago -= step
        else:
            sessions.append(pumped(entry["ago_min"] * MIN, entry.get("minutes", 15), **fields))
    return sessions, nursings


@pytest.mark.parametrize("case", SCENARIOS["case"], ids=lambda case: case["name"])
def test_every_case_of_the_scenarios_comes_out_as_expected(case: dict[str, Any]) -> None:
    assert SCENARIOS["now"] == datetime.fromtimestamp(NOW, UTC)
    baseline = SCENARIOS["baseline"]
    sessions, nursings = history_of(case)
    view = outlook_of(sessions, nursings, baseline=baseline)
    likely = suggestion(sessions, nursings, baseline=baseline, outlook=view.label)
    found = {
        "purpose": likely.purpose,
        "reason": likely.reason,
        "context": likely.context,
        "stimulations_24h": today_of(sessions, nursings, baseline=baseline).last_24h.stimulations,
        "expectation_ml": expectation(sessions, likely.purpose, likely.context, NOW) or "none",
        "outlook": view.label,
    }
    assert case["expect"].items() <= found.items()


def test_the_copy_of_the_scenarios_says_nothing_else() -> None:
    """A case that was added is run from where it stands; one that was changed makes the copy wrong."""
    copy = tomllib.loads(COPY.read_text())
    assert copy["case"]
    assert (copy["now"], copy["baseline"]) == (SCENARIOS["now"], SCENARIOS["baseline"])
    assert [case["name"] for case in copy["case"] if case not in SCENARIOS["case"]] == [], f"copy {ORIGINAL} to {COPY}"


# -- sittings and stimulations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("rest_s", "together"), [(0, True), (720, True), (721, False)])
def test_a_session_within_sitting_s_of_the_last_end_belongs_to_its_sitting(rest_s: float, together: bool) -> None:
    first, second = pumped(5000, 10, id="a"), pumped(5000 - 600 - rest_s, 10, id="b")
    assert sittings.sittings([second, first], SITTING_S) == {"a": "a", "b": "a" if together else "b"}


def test_sittings_do_not_depend_on_the_order_in_which_sessions_came() -> None:
    sessions = [pumped(ago * MIN, 10, id=str(ago)) for ago in (100, 80, 60, 20)]
    expected = {"100": "100", "80": "100", "60": "100", "20": "20"}
    assert sittings.sittings(sessions, SITTING_S) == sittings.sittings(reversed(sessions), SITTING_S) == expected


def test_a_deleted_session_joins_no_others_and_keeps_its_own_sitting() -> None:
    a, b, c = (pumped(ago * MIN, 10, id=name, sitting="a") for ago, name in ((100, "a"), (80, "b"), (60, "c")))
    gone = msgspec.structs.replace(b, deleted=True)
    assert sittings.sittings([a, gone, c], SITTING_S) == {"a": "a", "b": "a", "c": "c"}


def test_the_first_session_deleted_gives_the_sitting_to_the_next() -> None:
    gone, b = pumped(100 * MIN, 10, id="a", deleted=True), pumped(80 * MIN, 10, id="b", sitting="a")
    c = pumped(60 * MIN, 10, id="c", sitting="a")
    assert sittings.sittings([gone, b, c], SITTING_S) == {"a": "a", "b": "b", "c": "b"}


def test_a_running_session_joins_the_sitting_it_follows() -> None:
    assert sittings.sittings([pumped(20 * MIN, 10, id="a"), running(60, id="b")], SITTING_S) == {"a": "a", "b": "a"}


def test_a_stimulation_is_an_effective_nursing_or_a_sitting_at_its_first_counted_session() -> None:
    sessions = [pumped(100 * MIN, 0.5), pumped(95 * MIN, 10), pumped(80 * MIN, 10)]
    nursings = [nursed(300 * MIN), nursed(200 * MIN, effective=False), nursed(150 * MIN, deleted=True)]
    assert records_of(sessions, nursings, SITTING_S).stimulated == (NOW - 300 * MIN, NOW - 95 * MIN)


@pytest.mark.parametrize(
    "silent",
    [running(5 * MIN), pumped(90 * MIN, 0.5), pumped(90 * MIN, deleted=True)],
    ids=["running", "short", "gone"],
)
def test_a_running_an_uncounted_and_a_deleted_session_are_no_stimulation(silent: Session) -> None:
    assert records_of([silent], [], SITTING_S).stimulated == ()


def test_a_session_left_out_still_holds_its_sitting_together() -> None:
    a, b, c = (pumped(ago * MIN, 10, id=name) for ago, name in ((100, "a"), (80, "b"), (60, "c")))
    records = records_of([a, b, c], [], SITTING_S)
    assert stimulated_but(records, b) == (a.started_at,)
    assert stimulated_but(records, a) == (b.started_at,)


# -- the suggestion --------------------------------------------------------------------------------------------


def test_a_window_leaves_out_what_is_exactly_as_old_as_it() -> None:
    assert suggestion([pumped(DAY)]).because == "0 of 8 stimulations in 24 h"
    assert suggestion([pumped(DAY - 1)]).because == "1 of 8 stimulations in 24 h"


def test_the_session_itself_is_not_in_the_count() -> None:
    itself = pumped(0, id="me", purpose=Purpose.TREAT)
    assert suggestion([itself], about="me").because == "0 of 8 stimulations in 24 h"


def test_what_lies_in_the_future_is_not_in_the_count() -> None:
    assert suggestion([pumped(-60, purpose=Purpose.TREAT)], [nursed(-30)]).because == "0 of 8 stimulations in 24 h"


def treated(ago: float, reason: Reason | None = None) -> Suggestion:
    return suggestion([pumped(ago, purpose=Purpose.TREAT, reason=reason)])


@pytest.mark.parametrize(
    ("likely", "words", "facts"),
    [
        (
            suggestion([pumped(ago * HOUR) for ago in (3, 6, 9, 12, 15)]),
            "5 of 8 stimulations in 24 h",
            {"stimulations": 5, "baseline": 8},
        ),
        (
            suggestion([pumped(ago * HOUR) for ago in range(2, 11)]),
            "9 in 24 h, baseline 8",
            {"stimulations": 9, "baseline": 8},
        ),
        (suggestion([pumped(HOUR)], baseline=1), "1 in 24 h, baseline 1", {"stimulations": 1, "baseline": 1}),
        (suggestion([], [nursed(20 * MIN, effective=False)]), "nursed 20 min ago, not effective", {"minutes": 20}),
        (suggestion([], [nursed(59, effective=False)]), "nursed just now, not effective", {"minutes": 0}),
        (suggestion([], [nursed(15 * MIN + 59)]), "nursed well 15 min ago", {"minutes": 15}),
        (suggestion([], [nursed(0)]), "nursed well just now", {"minutes": 0}),
        (
            treated(23.5 * HOUR, Reason.PLUGGED_DUCT),
            "plugged duct treated 23 h ago",
            {"minutes": 1410, "reason": "plugged_duct"},
        ),
        (treated(2 * HOUR, Reason.MASTITIS), "mastitis treated 2 h ago", {"minutes": 120, "reason": "mastitis"}),
        (treated(59, Reason.NIPPLE_PAIN), "nipple pain treated 0 min ago", {"minutes": 0, "reason": "nipple_pain"}),
        (treated(90 * MIN), "treated 1 h 30 ago", {"minutes": 90, "reason": None}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_because_is_in_the_words_of_the_screens_and_its_facts_are_the_numbers_of_its_rule(
    likely: Suggestion, words: str, facts: dict[str, Any]
) -> None:
    assert likely.because == words
    assert msgspec.to_builtins(likely.facts) == facts


def test_a_treatment_brakes_every_promoting_rule_for_24_hours_even_uncounted() -> None:
    many = [pumped(ago * HOUR) for ago in range(2, 12)]
    treated = pumped(23 * HOUR, 0.5, purpose=Purpose.TREAT)
    assert suggestion([*many, treated], [nursed(5 * MIN)]).purpose is Purpose.TREAT
    assert suggestion([*many, pumped(DAY, purpose=Purpose.TREAT)], [nursed(5 * MIN)]).purpose is Purpose.PROMOTE


@pytest.mark.parametrize("effective", [True, False])
def test_a_nursing_is_the_reason_for_60_minutes_and_no_second_more(effective: bool) -> None:
    assert suggestion([], [nursed(HOUR, effective=effective)]).context is not Context.BELOW_BASELINE
    assert suggestion([], [nursed(HOUR + 1, effective=effective)]).context is Context.BELOW_BASELINE


def test_only_a_counted_session_since_the_nursing_takes_its_place() -> None:
    fed = nursed(30 * MIN, effective=False)
    assert suggestion([pumped(20 * MIN, 0.5)], [fed]).context is Context.AFTER_INEFFECTIVE_NURSING
    assert suggestion([pumped(50 * MIN, 10)], [fed]).context is Context.AFTER_INEFFECTIVE_NURSING
    assert suggestion([pumped(20 * MIN)], [fed]).context is Context.BELOW_BASELINE
    assert suggestion([pumped(-5 * MIN)], [fed]).context is Context.AFTER_INEFFECTIVE_NURSING


def test_the_newest_nursing_decides_and_a_deleted_one_never() -> None:
    fed = [nursed(50 * MIN, effective=True), nursed(20 * MIN, effective=False)]
    assert suggestion([], fed).context is Context.AFTER_INEFFECTIVE_NURSING
    fed[1] = nursed(20 * MIN, effective=False, deleted=True)
    assert suggestion([], fed).context is Context.AFTER_EFFECTIVE_NURSING


@pytest.mark.parametrize("label", ["falling", "low", "steady", "rising", "high", "recovering", "settling", "unknown"])
def test_promoting_raises_a_low_supply_only_where_the_outlook_is_falling_or_low(label: str) -> None:
    reason = Reason.RAISE_LOW_SUPPLY if label in {"falling", "low"} else Reason.COLLECT_EXTRA_MILK
    assert suggestion([], [nursed(MIN)], outlook=label).reason is reason
    assert suggestion([pumped(2 * HOUR)], baseline=1, outlook=label).reason is reason


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 min"),
        (59 * MIN + 59, "59 min"),
        (HOUR, "1 h"),
        (HOUR + 5 * MIN, "1 h 05"),
        (10 * HOUR - 1, "9 h 59"),
        (23.9 * HOUR, "23 h"),
        (2 * DAY - 1, "47 h"),
        (2 * DAY, "2 days"),
        (3.9 * DAY, "3 days"),
    ],
)
def test_a_past_duration_reads_as_on_the_screens(seconds: float, words: str) -> None:
    assert since(int(seconds), EN.times) == words


# -- the expectation -------------------------------------------------------------------------------------------


def volumes(*mls: int | None, context: Context | None = None, start_h: float = 3, **fields: Any) -> list[Session]:
    said = None if context is None else Suggestion(Purpose.PROTECT, None, context, "")
    plain: dict[str, Any] = {"purpose": Purpose.PROTECT, "suggestion": said}
    return [pumped((start_h + 3 * n) * HOUR, volume_ml=ml, **(plain | fields)) for n, ml in enumerate(mls)]


def test_the_expectation_is_the_median_rounded_to_whole_millilitres() -> None:
    assert expectation(volumes(60, 90, 100), Purpose.PROTECT, None, NOW) == 90
    assert expectation(volumes(60, 80, 85, 100), Purpose.PROTECT, None, NOW) == 83
    assert expectation(volumes(60, 90, 100), None, None, NOW) is None


def test_only_the_last_ten_volumes_count() -> None:
    assert expectation(volumes(*[50] * 10, *[500] * 20), Purpose.PROTECT, None, NOW) == 50


def test_a_volume_of_nought_is_one_and_a_volume_nobody_gave_is_none() -> None:
    assert expectation(volumes(0, 0, 10), Purpose.PROTECT, None, NOW) == 0
    assert expectation(volumes(None, 80, 10), Purpose.PROTECT, None, NOW) is None


def test_volumes_of_the_same_context_speak_alone_where_there_are_three() -> None:
    below = volumes(10, 20, 30, context=Context.BELOW_BASELINE)
    others = volumes(100, 110, 120, 130, start_h=30)
    assert expectation(below + others, Purpose.PROTECT, Context.BELOW_BASELINE, NOW) == 20
    assert expectation(below[:2] + others, Purpose.PROTECT, Context.BELOW_BASELINE, NOW) == 105
    assert expectation(below + others, Purpose.PROTECT, None, NOW) == 100


@pytest.mark.parametrize(
    "fields", [{"deleted": True}, {"counted": False}, {"purpose": Purpose.TREAT}, {"start_h": 14 * 24}], ids=str
)
def test_deleted_uncounted_other_and_old_sessions_say_nothing_of_a_volume(fields: dict[str, Any]) -> None:
    sessions = volumes(80, 90) + volumes(100, **({"start_h": 12} | fields))
    assert expectation(sessions, Purpose.PROTECT, None, NOW) is None


def test_a_session_is_no_part_of_its_own_expectation() -> None:
    sessions = volumes(80, 90, 100)
    assert expectation(sessions, Purpose.PROTECT, None, NOW, about=sessions[0].id) is None


# -- the outlook -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ((8, 8, 8, 8, 8), "steady"),
        ((6, 6, 6, 8, 8), "falling"),
        ((6, 6, 6, 6, 6), "low"),
        ((10, 10, 10, 8, 8), "rising"),
        ((10, 10, 10, 10, 10), "high"),
        ((8, 8, 8, 6, 6), "recovering"),
        ((8, 8, 8, 10, 10), "settling"),
        ((10, 10, 10, 6, 6), "rising"),
        ((6, 6, 6, 10, 10), "falling"),
    ],
)
def test_the_outlook_reads_now_and_coming_together(counts: tuple[int, ...], label: str) -> None:
    found = outlook_of(daily(counts), first=NOW - 6 * DAY)
    assert (found.label, found.stimulations) == (label, counts)


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ((18, 18, 18, 20, 20), "steady"),
        ((17, 18, 18, 20, 20), "falling"),
        ((23, 23, 23, 20, 20), "steady"),
        ((24, 23, 23, 20, 20), "rising"),
    ],
)
def test_exactly_nine_tenths_and_exactly_115_percent_are_within(counts: tuple[int, ...], label: str) -> None:
    assert outlook_of(daily(counts), baseline=20, first=NOW - 6 * DAY).label == label


def test_thresholds_see_more_than_the_two_places_that_people_do() -> None:
    found = outlook_of(daily((19, 20, 20, 22, 22)), baseline=22, first=NOW - 6 * DAY)
    assert (found.label, found.now, found.coming) == ("falling", 1.0, 0.89)
    found = outlook_of(daily((7, 6, 8, 8, 9)), first=NOW - 6 * DAY)
    assert (found.now, found.coming) == (1.06, 0.88)


def test_under_five_days_since_the_first_record_the_outlook_is_unknown() -> None:
    sessions = daily((8, 8, 8, 8, 8))
    assert outlook_of(sessions, first=NOW - 5 * DAY).label == "steady"
    young = outlook_of(sessions, first=NOW - 5 * DAY + 1)
    assert (young.label, young.now, young.coming, young.stimulations) == ("unknown", None, None, (8,) * 5)


def test_a_day_with_nothing_recorded_makes_the_outlook_unknown() -> None:
    sessions = daily((8, 0, 8, 8, 8))
    assert outlook_of(sessions, first=NOW - 6 * DAY).label == "unknown"


@pytest.mark.parametrize(
    "record", [nursed(1.5 * DAY, effective=False), pumped(1.5 * DAY, 0.5)], ids=["ineffective", "uncounted"]
)
def test_any_record_of_a_day_shows_that_somebody_was_there(record: Session | Nursing) -> None:
    sessions = daily((8, 0, 8, 8, 8))
    nursings = [record] if isinstance(record, Nursing) else []
    sessions += [record] if isinstance(record, Session) else []
    assert outlook_of(sessions, nursings, first=NOW - 6 * DAY).label == "falling"


def test_a_deleted_record_fills_no_hole() -> None:
    sessions = [*daily((8, 0, 8, 8, 8)), pumped(1.5 * DAY, deleted=True)]
    assert outlook_of(sessions, first=NOW - 6 * DAY).label == "unknown"


# -- notes, use by ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "count", "label", "note"),
    [
        (Purpose.PROTECT, 8, "steady", Hint.ALSO_PROMOTES),
        (Purpose.PROTECT, 7, "high", None),
        (Purpose.PROMOTE, 9, "high", Hint.TOWARD_OVERSUPPLY),
        (Purpose.PROMOTE, 9, "rising", None),
        (Purpose.TREAT, 9, "high", None),
    ],
)
def test_a_hint_stands_where_the_answer_does_more_than_it_says(
    purpose: Purpose, count: int, label: str, note: Hint | None
) -> None:
    assert guidance.hint(purpose, count, 8, label) is note


@pytest.mark.parametrize(
    ("ended", "intention", "until"),
    [
        ("2026-03-01T03:30:50", Intention.FEED, "2026-03-01T07:30:50"),
        ("2026-03-01T03:30:50", Intention.FRIDGE, "2026-03-05T03:30:50"),
        ("2026-03-01T03:30:50", Intention.FREEZER, "2026-09-01T03:30:50"),
        ("2026-08-31T12:00:00", Intention.FREEZER, "2027-02-28T12:00:00"),
        ("2027-08-31T12:00:00", Intention.FREEZER, "2028-02-29T12:00:00"),
        ("2026-12-31T12:00:00", Intention.FREEZER, "2027-06-30T12:00:00"),
        ("2026-06-15T12:00:00", Intention.FREEZER, "2026-12-15T12:00:00"),
        ("2026-03-01T03:30:50", Intention.DONATE, None),
        ("2026-03-01T03:30:50", Intention.DISCARD, None),
        ("2026-03-01T03:30:50", None, None),
    ],
)
def test_milk_keeps_for_4_hours_4_days_or_6_calendar_months(
    ended: str, intention: Intention | None, until: str | None
) -> None:
    def utc(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    session = made.session(ended_at=utc(ended), counted=True, intention=intention)
    assert keeping.portion(session)[1] == (None if until is None else utc(until))
