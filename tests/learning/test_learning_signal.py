"""What is on the wire is told for what it is, and what is proposed makes the real detector hear it as it was."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.core.model.events import MotorEdge
from device.core.pump import detector as d
from device.core.pump.detector import Rules
from device.learning.signal import SignalFinding, SignalKind, judge_signal
from device.learning.waveform import Level, Waveform
from tests.support.bench import Bench
from tests.support.effort import so_many
from tests.support.waveforms import PACELESS, Knock, Signal, bounced, last_stroke, signal


def watched(edges: Signal, ends: float = 60.0, *, active: Level = "high", presses: tuple[float, ...] = ()) -> Waveform:
    """A watch of a wire that rests at the other level."""
    turned = tuple((at, on == (active == "high")) for at, on in edges if at < ends)
    return Waveform(0.0, ends, active == "low", turned, presses)


def edges_of(knocks: Sequence[Knock]) -> Signal:
    return sorted((at, on) for begin, end in knocks for at, on in ((begin, True), (end, False)))


def sessions(seen: Waveform, found: SignalFinding) -> list[d.Ended]:
    """What the device makes of the waveform with the proposal: the detector as it is, with a session's pauses."""
    proposal = found.proposal
    rules = Rules(
        signal=proposal["motor.signal"],
        debounce_s=proposal["motor.debounce_ms"] / 1000,
        pulse_gap_s=proposal.get("motor.pulse_gap_s", 8),
    )
    bench = Bench(rules)
    active = proposal["motor.active"] == "high"
    for at, high in ((seen.begins, seen.high), *seen.edges):
        bench.hear(MotorEdge(at, high == active))
    return [one for _, one in bench.rest().told if isinstance(one, d.Ended)]


def hold(seen: Waveform, found: SignalFinding, begins: float, ends: float, cpm: float | None) -> None:
    """Hold the proposal to what the pump did, as closely as the contract says."""
    (ended,) = sessions(seen, found)
    assert ended.run.began == pytest.approx(begins, abs=1)
    assert ended.at == pytest.approx(ends, abs=1)
    assert (ended.run.pauses, ended.run.rested_s) == (0, 0)
    mean = d.cycles_per_minute(ended.run)
    assert mean == (None if cpm is None else pytest.approx(cpm, abs=3))
    assert found.figures.strokes_a_minute == mean
    (heard,) = found.heard
    assert heard.began == pytest.approx(begins, abs=1)
    assert heard.ended == pytest.approx(ends, abs=1)
    assert not any("not what was seen" in line for line in found.words)


polarities = st.sampled_from(["high", "low"])
KINDS = {
    "reed": SignalKind.PULSES,
    "relay": SignalKind.PULSES,
    "hall": SignalKind.PULSES,
    "thumps": SignalKind.VIBRATION,
    "vibration": SignalKind.VIBRATION,
}


@settings(max_examples=so_many(100), deadline=None)
@given(
    sensor=st.sampled_from(sorted(KINDS)),
    cpm=st.floats(10, 120),
    begins=st.floats(4, 10),
    lasts=st.floats(20, 45),
    active=polarities,
    seed=st.integers(0, 2**32),
)
def test_every_sensor_at_every_pace_is_told_and_then_heard(
    sensor: str, cpm: float, begins: float, lasts: float, active: Level, seed: int
) -> None:
    edges = signal(sensor, cpm, begins, begins + lasts, Random(seed))
    seen = watched(edges, 70, active=active)
    found = judge_signal(seen)
    assert found.proposal["motor.active"] == active
    assert found.proposal["motor.signal"] == "pulses"
    if sensor != "thumps":  # at a fast pace a knock a stroke may be all that there is of it
        assert found.kind == KINDS[sensor]
    hold(seen, found, begins, last_stroke(edges), None if sensor in PACELESS else cpm)


@settings(max_examples=so_many(40), deadline=None)
@given(begins=st.floats(4, 10), lasts=st.floats(8, 45), active=polarities, seed=st.integers(0, 2**32))
def test_a_level_is_told_however_its_relay_bounces(begins: float, lasts: float, active: Level, seed: int) -> None:
    seen = watched(edges_of(list(bounced((begins, begins + lasts), 0.006, Random(seed)))), active=active)
    found = judge_signal(seen)
    assert (found.kind, found.proposal["motor.signal"]) == (SignalKind.LEVEL, "level")
    assert (found.proposal["motor.active"], found.proposal["motor.debounce_ms"]) == (active, 50)
    hold(seen, found, begins, begins + lasts, None)


def chattering(begins: float, ends: float, on_s: tuple[float, float], off_s: tuple[float, float], seed: int) -> Signal:
    dice, at, knocks = Random(seed), begins, []
    while at < ends:
        on = min(dice.uniform(*on_s), ends - at)
        knocks.append((at, at + on))
        at += on + dice.uniform(*off_s)
    return edges_of(knocks)


@settings(max_examples=so_many(40), deadline=None)
@given(begins=st.floats(4, 10), lasts=st.floats(10, 45), gap_ms=st.integers(2, 90), seed=st.integers(0, 2**32))
def test_a_comparator_that_drops_out_now_and_then_is_a_level_with_a_filter_to_fit(
    begins: float, lasts: float, gap_ms: int, seed: int
) -> None:
    edges = chattering(begins, begins + lasts, (0.25, 2.0), (0.001, gap_ms / 1000), seed)
    seen = watched(edges)
    found = judge_signal(seen)
    hold(seen, found, begins, edges[-1][0], None)
    assert found.kind == SignalKind.LEVEL
    assert any("chatters" in line for line in found.words)


@settings(max_examples=so_many(40), deadline=None)
@given(begins=st.floats(4, 10), lasts=st.floats(10, 45), seed=st.integers(0, 2**32))
def test_a_comparator_on_the_brink_is_heard_as_long_as_it_chatters(begins: float, lasts: float, seed: int) -> None:
    edges = chattering(begins, begins + lasts, (0.006, 0.03), (0.004, 0.03), seed)
    seen = watched(edges)
    found = judge_signal(seen)
    assert found.proposal["motor.signal"] == "pulses"
    hold(seen, found, begins, edges[-1][0], None)


@settings(max_examples=so_many(40), deadline=None)
@given(begins=st.floats(4, 8), lasts=st.floats(10, 45), active=polarities, seed=st.integers(0, 2**32))
def test_a_vibration_sensors_bursts_are_told(begins: float, lasts: float, active: Level, seed: int) -> None:
    edges = chattering(begins, begins + lasts, (0.006, 0.04), (0.003, 0.12), seed)
    seen = watched(edges, active=active)
    found = judge_signal(seen)
    assert found.kind == SignalKind.VIBRATION
    hold(seen, found, begins, last_stroke(edges), None)


def test_knocks_shorter_than_the_usual_filter_get_one_that_fits() -> None:
    edges = edges_of([(5 + n, 5 + n + 0.004) for n in range(40)])
    found = judge_signal(watched(edges))
    assert (found.kind, found.proposal["motor.debounce_ms"]) == (SignalKind.PULSES, 3)
    hold(watched(edges), found, 5, 44, 60)


def test_a_pump_slower_than_any_gets_a_longer_gap() -> None:
    edges = edges_of([(5 + 10 * n, 5 + 10 * n + 0.5) for n in range(6)])
    found = judge_signal(watched(edges, 70))
    assert (found.kind, found.proposal["motor.pulse_gap_s"]) == (SignalKind.PULSES, 13)
    hold(watched(edges, 70), found, 5, 55, 6)


def test_a_pump_that_changes_its_pace_is_still_pulses() -> None:
    edges = signal("hall", 110, 5, 25, Random(1)) + signal("hall", 40, 26, 55, Random(2))
    assert judge_signal(watched(edges)).kind == SignalKind.PULSES


def test_each_run_of_a_watch_is_told() -> None:
    found = judge_signal(watched(edges_of([(6, 20), (31, 52)])))
    assert [(run.began, run.ended) for run in found.heard] == [(6, 20), (31, 52)]
    assert "from 31.0 s to 52.0 s" in found.words[-1]


def test_a_level_that_is_still_on_at_the_end_is_one() -> None:
    found = judge_signal(Waveform(100, 160, False, ((112.0, True),)))
    assert (found.kind, found.proposal["motor.active"]) == (SignalKind.LEVEL, "high")
    assert found.heard[0].began == 12


# -- nothing and noise -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("floats", "pull", "said"),
    [(None, "none", "Was the pump switched on"), (False, "none", "trimmer"), (True, "up", "--pull down")],
)
def test_nothing_is_nothing_and_says_what_to_look_at(floats: bool | None, pull: str, said: str) -> None:
    found = judge_signal(Waveform(0, 60, True, (), floats=floats, pull=pull))  # type: ignore[arg-type]
    assert (found.kind, found.proposal, found.heard) == (SignalKind.NOTHING, {}, ())
    assert said in " ".join(found.words)


def crosstalk(dice: Random, ends: float, longest_s: float) -> tuple[list[Knock], tuple[float, ...]]:
    """Presses of a button beside the wire, and the marks that their edges leave on it."""
    at, knocks, presses = dice.uniform(0.5, 3), [], []
    while at < ends - 2:
        held = dice.uniform(0.1, 0.6)
        presses += [at, at + held]
        for edge in (at, at + held):
            begin = edge
            for _ in range(dice.randint(1, 4)):
                begin += dice.uniform(0.0001, 0.004)
                knocks.append((begin, begin + dice.uniform(0.0003, longest_s)))
                begin = knocks[-1][1]
        at += held + dice.uniform(0.5, 6)
    return knocks, tuple(presses)


@settings(max_examples=so_many(60), deadline=None)
@given(seed=st.integers(0, 2**32), longest_ms=st.integers(1, 6), active=polarities)
def test_presses_on_wires_beside_it_are_named(seed: int, longest_ms: int, active: Level) -> None:
    knocks, presses = crosstalk(Random(seed), 60, longest_ms / 1000)
    found = judge_signal(watched(edges_of(knocks), presses=presses, active=active))
    assert (found.kind, found.proposal) == (SignalKind.NOISE, {})
    assert "buttons' wires" in found.words[0]


def test_a_wire_that_follows_the_button_beside_it_is_noise_of_the_button() -> None:
    knocks = [(at, at + 0.7) for at in (5, 9, 11, 14, 16, 18, 22)]
    presses = tuple(at + late for knock in knocks for at in knock for late in (0.0005,))
    found = judge_signal(watched(edges_of(knocks), presses=presses))
    assert (found.kind, "buttons' wires" in found.words[0]) == (SignalKind.NOISE, True)


@settings(max_examples=so_many(40), deadline=None)
@given(seed=st.integers(0, 2**32), cpm=st.floats(30, 120))
def test_strokes_among_presses_get_a_filter_between_the_two(seed: int, cpm: float) -> None:
    dice = Random(seed)
    strokes = [(at, at + 0.12) for at in (10 + 60 / cpm * n for n in range(int(35 * cpm / 60)))]
    knocks, presses = crosstalk(dice, 60, 0.012)
    apart = [k for k in knocks if not any(s[0] - 0.3 < k[0] < s[1] + 0.3 for s in strokes)]
    seen = watched(edges_of([*apart, *strokes]), 70, presses=presses)
    found = judge_signal(seen)
    assert found.kind == SignalKind.PULSES
    hold(seen, found, 10, strokes[-1][0], cpm)


@settings(max_examples=so_many(60), deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 9))
def test_stray_marks_without_a_button_are_noise(seed: int, count: int) -> None:
    dice = Random(seed)
    times = [dice.uniform(6 * n, 6 * n + 4) for n in range(count)]
    found = judge_signal(watched(edges_of([(at, at + dice.uniform(0.0002, 0.0009)) for at in times])))
    assert (found.kind, found.proposal) == (SignalKind.NOISE, {})


def test_a_motor_that_is_switched_fast_is_told_of_its_capacitor() -> None:
    edges = edges_of([(5 + n * 0.001, 5 + n * 0.001 + 0.0006) for n in range(20_000)])
    found = judge_signal(watched(edges))
    assert (found.kind, found.proposal) == (SignalKind.NOISE, {})
    assert "10 µF" in " ".join(found.words)


@pytest.mark.parametrize(
    ("active", "floats", "configured", "proposed"),
    [
        ("low", True, "up", "up"),
        ("high", True, "down", "down"),
        ("high", False, "up", "none"),
        ("low", None, "up", "up"),
        ("high", None, "none", "none"),
    ],
)
def test_the_resistor_is_the_one_that_the_wire_needs(
    active: Level, floats: bool | None, configured: str, proposed: str
) -> None:
    seen = watched(edges_of([(6, 40)]), active=active)
    asked = Waveform(seen.begins, seen.ends, seen.high, seen.edges, (), floats, configured)  # type: ignore[arg-type]
    assert judge_signal(asked).proposal["motor.pull"] == proposed


MAKERS: dict[str, Callable[[Random], Signal]] = {
    "dense": lambda dice: edges_of([(n * 0.01, n * 0.01 + 0.005) for n in range(3, 5000)]),
    "one edge": lambda dice: [(3.0, True)],
    "at once": lambda dice: [(0.0, True), (0.0, False), (0.0, True), (0.0, False)],
    "random": lambda dice: [(at, n % 2 == 0) for n, at in enumerate(sorted(dice.uniform(0, 60) for _ in range(400)))],
}


@pytest.mark.parametrize("name", MAKERS)
def test_whatever_comes_is_judged_and_said(name: str) -> None:
    found = judge_signal(watched(MAKERS[name](Random(4))))
    assert found.words
    assert bool(found.proposal) == (found.kind not in {SignalKind.NOISE, SignalKind.NOTHING})
