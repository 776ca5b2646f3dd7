"""Made-up values for Hypothesis: every record and live value that the contract allows.

Tests that need a record without caring which take it from here.
"""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET

from device.core.model.live import (
    Diagnostics,
    Disk,
    Figures,
    LinkState,
    LiveState,
    Outlook,
    Panel,
    Phase,
    Question,
    Stock,
    Today,
    TodayNow,
)
from device.core.model.record import (
    REASONS,
    Anchor,
    Cause,
    ClassifiedBy,
    Clock,
    Context,
    Facts,
    Intention,
    MilkMove,
    Nursing,
    Place,
    Purpose,
    Session,
    SessionState,
    Side,
    Since,
    Source,
    Suggestion,
    Units,
)
from device.core.model.view import ScreenName
from device.wire.payloads import House

FULL = House("pump")
AT = 1772334728  # 2026-03-01T03:12:08Z


instants = st.integers(0, 32503679999)
ids = st.uuids().map(str)
volumes = st.none() | st.integers(0, 2000)
notes = st.text(max_size=500).filter(lambda text: text.isprintable() or "\n" in text)
whys = st.sampled_from(
    [(None, None), *((purpose, reason) for purpose, group in REASONS.items() for reason in (None, *group))]
)


minutes = st.integers(0, 1440)
after_nursing = st.builds(Facts, minutes=minutes)
by_baseline = st.builds(Facts, stimulations=st.integers(0, 99), baseline=st.integers(1, 24))
facts = {
    Context.TREATMENT_CONTINUES: st.builds(
        Facts, minutes=minutes, reason=st.none() | st.sampled_from(REASONS[Purpose.TREAT])
    ),
    Context.AFTER_INEFFECTIVE_NURSING: after_nursing,
    Context.AFTER_EFFECTIVE_NURSING: after_nursing,
    Context.ABOVE_BASELINE: by_baseline,
    Context.BELOW_BASELINE: by_baseline,
}


@st.composite
def suggestions(draw: st.DrawFn) -> Suggestion:
    purpose = draw(st.sampled_from(Purpose))
    reason = draw(st.none() | st.sampled_from(REASONS[purpose]))
    context = draw(st.sampled_from(Context))
    return Suggestion(purpose, reason, context, "5 of 8 stimulations in 24 h", draw(st.just(UNSET) | facts[context]))


@st.composite
def milk_moves(draw: st.DrawFn, ended_at: int) -> tuple[MilkMove, ...]:
    """Any `milk` commands, also those that no device would have taken."""
    made = st.builds(
        MilkMove,
        place=st.sampled_from(Place),
        at=st.integers(ended_at, min(ended_at + 10**7, 32503679999)),
        went=volumes,
        anchor=st.none() | st.just(Anchor("a-boot", 1.5)),
        unsynced=st.booleans(),
    )
    return tuple(draw(st.lists(made, max_size=3)))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    purpose, reason = draw(whys)
    running = draw(st.booleans())
    clock = draw(st.sampled_from(Clock))
    started_at, lasted = draw(instants), draw(st.integers(0, 8000))
    kept = draw(st.none() | instants)
    ended_at = min(started_at + lasted, 32503679999)
    lasted = ended_at - started_at
    left, right = draw(st.none() | st.integers(0, 1000)), draw(st.none() | st.integers(0, 1000))
    in_all = draw(volumes) if left is None and right is None else (left or 0) + (right or 0)
    counted = not running and draw(st.booleans())
    moved = draw(milk_moves(ended_at)) if counted else ()
    return Session(
        id=draw(ids),
        number=draw(st.integers(1, 10**6)),
        revision=draw(st.integers(1, 99)),
        cause=draw(st.sampled_from(Cause)),
        revised_at=draw(instants),
        state=SessionState.RUNNING if running else SessionState.ENDED,
        started_at=started_at,
        ended_at=None if running else ended_at,
        duration_s=lasted,
        pumping_s=draw(st.integers(0, lasted)),
        pauses=draw(st.integers(0, 9)),
        cycles_per_minute=draw(st.none() | st.integers(0, 200)),
        counted=counted,
        interrupted=draw(st.booleans()),
        clock=clock,
        sources=tuple(draw(st.lists(st.sampled_from(Source), unique=True))),
        disagreement_s=draw(st.none() | st.integers(0, 99)),
        stuck_sensor=draw(st.booleans()),
        sitting=draw(ids),
        purpose=purpose,
        reason=reason,
        classified_by=draw(st.sampled_from(ClassifiedBy)) if purpose else None,
        suggestion=draw(st.none() | suggestions()),
        intention=draw(st.none() | st.sampled_from(Intention)),
        use_by=None if running or clock is Clock.UNSYNCED else kept,
        expectation_ml=draw(volumes),
        volume_ml=in_all,
        left_ml=left,
        right_ml=right,
        note=draw(st.none() | notes),
        deleted=draw(st.booleans()),
        classified_at=draw(st.none() | instants),
        volume_by_hand=draw(st.booleans()),
        anchor=draw(st.none() | st.just(Anchor("a-boot", 1.5))),
        milk_moves=moved,
        milk_began=draw(st.sampled_from(Intention)) if moved else None,
    )


nursings = st.builds(
    Nursing,
    id=ids,
    number=st.integers(1, 10**6),
    revision=st.integers(1, 99),
    cause=st.sampled_from(Cause),
    revised_at=instants,
    at=instants,
    effective=st.booleans(),
    side=st.none() | st.sampled_from(Side),
    clock=st.sampled_from(Clock),
    source=st.sampled_from(Source),
    deleted=st.booleans(),
    anchor=st.none() | st.just(Anchor("a-boot", 1.5)),
)
records = sessions() | nursings
labels = st.none() | st.sampled_from(["Protect", "−", "+", "Skip"])
lives = st.builds(
    LiveState,
    at=instants,
    phase=st.sampled_from(Phase),
    screen=st.sampled_from(ScreenName),
    dark=st.booleans(),
    buttons=st.tuples(labels, labels, labels),
    question=st.none() | st.sampled_from(Question),
    session=st.none() | sessions(),
    suggestion=st.none() | suggestions(),
    expectation_ml=volumes,
    speed=st.none() | st.floats(0.1, 600),
)
few = st.integers(0, 99)


def figures(day: date | None) -> st.SearchStrategy[Figures]:
    return st.builds(
        Figures,
        day=st.just(day),
        stimulations=few,
        pumpings=st.fixed_dictionaries(dict.fromkeys(["protect", "promote", "treat", "unclassified"], few)),
        nursings=st.fixed_dictionaries(dict.fromkeys(["effective", "ineffective"], few)),
        pumping_s=few,
        volume_ml=few,
        without_amount=few,
    )


ratio = st.floats(0, 3)
five = st.tuples(few, few, few, few, few)
outlooks = st.builds(Outlook, st.sampled_from(["steady", "falling", "high"]), ratio, ratio, five) | st.builds(
    Outlook, st.just("unknown"), st.none(), st.none(), five
)
todays = st.builds(
    TodayNow,
    at=instants,
    figures=st.builds(
        Today,
        timezone=st.just("Europe/Vienna"),
        units=st.sampled_from(Units),
        baseline=st.integers(1, 24),
        since=st.sampled_from(Since),
        last_stimulation_at=st.none() | instants,
        last_stimulation_ended_at=st.none() | instants,
        unclassified=few,
        last_24h=figures(None),
        days=st.tuples(*(figures(date(2026, 3, 7 - back)) for back in range(7))),
        outlook=outlooks,
        milk=st.builds(Stock, few, few, few, few, few, st.none() | instants),
    ),
)
counts = st.dictionaries(st.sampled_from(["lines", "rejected", "checksum"]), few)
healths = st.builds(
    Diagnostics,
    at=instants,
    version=st.just("0.1.0"),
    started_at=instants,
    clock=st.sampled_from(Clock),
    outbox=few,
    protocol=st.sampled_from([None, "5", "3.1.1"]),
    reconnects=few,
    serial=st.sampled_from(LinkState),
    display=st.sampled_from(Panel),
    store=st.sampled_from(Disk),
    serial_counts=counts,
    errors=counts,
)


def session(number: int = 1, **fields: Any) -> Session:
    values: dict[str, Any] = {
        "id": f"s{number}",
        "sitting": f"s{number}",
        "number": number,
        "revision": 1,
        "cause": Cause.ENDED,
    }
    values |= {"revised_at": AT, "state": SessionState.ENDED, "started_at": AT, "ended_at": AT + 1122}
    values |= {"duration_s": 1122}
    return Session(**values | fields)


values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["protect", "mastitis", "fridge", "left", "2026-03-01T03:12:08Z", "1.1-2.2"])
    | st.integers(0, 30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
