"""Waveforms of another making: what is proposed is heard as it was, or it is said in words that it is not."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from device.core.pump import detector as d
from device.learning.signal import SignalKind, judge_signal
from device.learning.waveform import Level
from tests.learning.test_learning_signal import edges_of, sessions, watched
from tests.support.effort import so_many
from tests.support.waveforms import Knock

ENDS = 80.0


def apart(knocks: list[Knock]) -> list[Knock]:
    """In order; those that overlap are one."""
    kept: list[Knock] = []
    for on, off in sorted(knocks):
        if kept and on <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(off, kept[-1][1]))
        else:
            kept.append((on, off))
    return kept


def strokes(cpm: float, begins: float, ends: float, share: float, dice: Random) -> list[Knock]:
    at, knocks = begins, []
    while at < ends:
        period = 60 / cpm * dice.uniform(0.96, 1.04)
        knocks.append((at, at + max(0.008, period * share)))
        at += period
    return knocks


def bounced_first(knocks: list[Knock], dice: Random) -> list[Knock]:
    """Each with a bounce before it: a reed's."""
    return [part for on, off in knocks for part in ((on - 0.004, on - 0.004 + dice.uniform(0.0003, 0.002)), (on, off))]


def spikes(dice: Random) -> list[Knock]:
    """What mains and neighbours leave: up to a millisecond, anywhere."""
    times = [dice.uniform(0, ENDS) for _ in range(dice.randint(1, 60))]
    return [(at, at + dice.uniform(0.0001, 0.0009)) for at in times]


def knocks_of_vibration(knocks: list[Knock], dice: Random) -> list[Knock]:
    return [
        (on + n * 0.12, on + n * 0.12 + dice.uniform(0.006, 0.06))
        for on, _ in knocks
        for n in range(dice.randint(2, 3))
    ]


Make = Callable[[float, float, float, Random], list[Knock]]
PACED: dict[str, Make] = {
    "short": lambda cpm, begins, ends, dice: strokes(cpm, begins, ends, dice.uniform(0.02, 0.2), dice),
    "half": lambda cpm, begins, ends, dice: strokes(cpm, begins, ends, dice.uniform(0.4, 0.6), dice),
    "reed": lambda cpm, begins, ends, dice: bounced_first(strokes(cpm, begins, ends, 0.1, dice), dice),
    "noisy": lambda cpm, begins, ends, dice: [*strokes(cpm, begins, ends, 0.3, dice), *spikes(dice)],
    "vibration": lambda cpm, begins, ends, dice: knocks_of_vibration(
        strokes(min(cpm, 80), begins, ends, 0.1, dice), dice
    ),
}
on_or_off = st.sampled_from(["high", "low"])


@settings(max_examples=so_many(150), deadline=None)
@given(
    name=st.sampled_from(sorted(PACED)),
    cpm=st.floats(10, 120),
    begins=st.floats(3.5, 10),
    lasts=st.floats(20, 60),
    active=on_or_off,
    seed=st.integers(0, 2**32),
)
def test_strokes_of_any_making_are_heard_from_first_to_last_at_their_pace(
    name: str, cpm: float, begins: float, lasts: float, active: Level, seed: int
) -> None:
    dice = Random(seed)
    knocks = apart(PACED[name](cpm, begins, begins + lasts, dice))
    solid = [knock for knock in knocks if knock[1] - knock[0] >= 0.005]
    seen = watched(edges_of(knocks), ENDS, active=active)
    found = judge_signal(seen)
    (ended,) = sessions(seen, found)
    assert ended.run.began == pytest.approx(begins, abs=1)
    assert ended.at == pytest.approx(solid[-1][0], abs=1)
    assert d.cycles_per_minute(ended.run) == pytest.approx(min(cpm, 80) if name == "vibration" else cpm, abs=3)


@settings(max_examples=so_many(60), deadline=None)
@example(begins=7.5, lasts=12, active="high", seed=0)  # a spike 38 ms before it is no gap in it
@given(begins=st.floats(3.5, 10), lasts=st.floats(12, 60), active=on_or_off, seed=st.integers(0, 2**32))
def test_a_level_among_spikes_is_heard_as_one(begins: float, lasts: float, active: Level, seed: int) -> None:
    seen = watched(edges_of(apart([(begins, begins + lasts), *spikes(Random(seed))])), ENDS, active=active)
    found = judge_signal(seen)
    assert found.kind == SignalKind.LEVEL
    (ended,) = sessions(seen, found)
    assert ended.run.began == pytest.approx(begins, abs=1)
    assert ended.at == pytest.approx(begins + lasts, abs=1)


@settings(max_examples=so_many(150), deadline=None)
@example(lengths=[1.0, 0.5, 0.5, 0.75, 1.0], presses=[], floats=None, active="high")  # even, and over too soon
@given(
    lengths=st.lists(st.floats(0.0001, 4.0) | st.floats(0.0001, 0.05), max_size=200),
    presses=st.lists(st.floats(0, ENDS), max_size=20),
    floats=st.sampled_from([None, False, True]),
    active=on_or_off,
)
def test_whatever_comes_is_judged_and_nothing_is_promised_that_is_not_heard(
    lengths: list[float], presses: list[float], floats: bool | None, active: Level
) -> None:
    edges, at = [], 0.0
    for number, length in enumerate(lengths):
        at += length
        edges.append((at, number % 2 == 0))
    seen = watched([edge for edge in edges if edge[0] < ENDS], ENDS, active=active, presses=tuple(sorted(presses)))
    found = judge_signal(type(seen)(seen.begins, seen.ends, seen.high, seen.edges, seen.presses, floats))
    assert found.words
    assert all(line.isprintable() for line in found.words)
    assert bool(found.proposal) == (found.kind not in {SignalKind.NOISE, SignalKind.NOTHING})
    if found.proposal:
        assert found.heard
        assert not any("None" in line for line in found.words)
        told = [line for line in found.words if "hears the pump run" in line]
        assert len(told) == len(found.heard)
