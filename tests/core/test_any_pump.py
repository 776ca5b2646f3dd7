"""Any pump: reed contact, relay, Hall sensor and vibration sensor are heard, at any pace, however they bounce."""

from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from device.core.model.events import LinkChanged, MotorEdge, PumpSaid, TimeCame, Verb
from device.core.model.record import Source
from device.core.pump import detector as d
from device.core.pump.detector import Rules
from device.loop import Loop
from drivers.motor import MotorWatch
from tests.support.bench import Bench
from tests.support.effort import so_many
from tests.support.leaping import LeapingClock
from tests.support.waveforms import PACELESS, SENSORS, Signal, last_stroke, signal

pytest_plugins = ("tests.support.virtual_pins",)

RULES = Rules(signal="pulses", debounce_s=0.005)


def played(edges: Signal, rules: Rules = RULES) -> Bench:
    bench = Bench(rules)
    for at, active in edges:
        bench.hear(MotorEdge(at, active))
    return bench


def paces(bench: Bench) -> list[int]:
    """Every pace that was told while it ran."""
    runs = [one.run for _, one in bench.told if isinstance(one, d.Changed)]
    return [run.cpm for run in runs if run.cpm is not None]


def held(bench: Bench, sensor: str, cpm: float, begins: float, edges: Signal) -> None:
    """Hold what was heard against what the pump did, as the contract says how closely."""
    (ended,) = [one for _, one in bench.told if isinstance(one, d.Ended)]
    assert ended.run.began == pytest.approx(begins, abs=1)
    assert ended.at == pytest.approx(last_stroke(edges), abs=1)
    assert (ended.run.pauses, ended.run.rested_s) == (0, 0)
    mean = d.cycles_per_minute(ended.run)
    if sensor in PACELESS:
        assert (mean, paces(bench)) == (None, [])
    else:
        assert mean == pytest.approx(cpm, abs=3)
        assert all(abs(told - cpm) <= 3 + cpm * 0.03 for told in paces(bench))


sensors = st.sampled_from(sorted(SENSORS))


@settings(max_examples=so_many(80))
@given(sensor=sensors, cpm=st.floats(10, 120), lasts=st.floats(20, 90), seed=st.integers(0, 2**32))
@example(sensor="relay", cpm=10, lasts=90, seed=1)
@example(sensor="vibration", cpm=60, lasts=90, seed=2)
def test_every_sensor_is_heard_at_every_pace(sensor: str, cpm: float, lasts: float, seed: int) -> None:
    edges = signal(sensor, cpm, 100, 100 + lasts, Random(seed))
    bench = played(edges)
    assert len(bench.detector.wire.strokes.newest) <= 8, "what is held of a signal does not grow with it"
    held(bench.rest(), sensor, cpm, 100, edges)


@settings(max_examples=so_many(40))
@given(sensor=sensors, cpm=st.floats(10, 120), rest=st.floats(9, 110), seed=st.integers(0, 2**32))
def test_every_sensor_tells_a_pause(sensor: str, cpm: float, rest: float, seed: int) -> None:
    dice = Random(seed)
    edges = signal(sensor, cpm, 0, 40, dice)
    on = last_stroke(edges) + rest
    bench = played(edges + signal(sensor, cpm, on, on + 40, dice)).rest()
    (ended,) = [one for _, one in bench.told if isinstance(one, d.Ended)]
    assert ended.run.pauses == 1
    assert ended.run.rested_s == pytest.approx(rest, abs=1)


ONE_BY_ONE: dict[str, tuple[list[tuple[float, float]], int | None]] = {
    "a knock of 6 ms is a stroke": ([(at, 0.006) for at in range(20)], 60),
    "a knock of 4 ms is none": ([(at, 0.004) for at in range(20)], None),
    "knocks 149 ms apart are one stroke": (
        [(at + late, 0.01) for at in range(20) for late in (0, 0.159, 0.318)], 60,
    ),
    "knocks 151 ms apart are two": ([(at * 0.5 + late, 0.01) for at in range(40) for late in (0, 0.161)], None),
    "three seconds of closure are a stroke, however they begin": (
        [(at * 6 + late, lasts) for at in range(10) for late, lasts in ((-0.02, 0.007), (-0.01, 0.007), (0, 3.0))], 10,
    ),
    "and however they end": (
        [(at * 6 + late, lasts) for at in range(10) for late, lasts in ((0, 3.0), (3.01, 0.007), (3.02, 0.007))], 10,
    ),
    "200 a minute is a pace": ([(at * 0.3, 0.1) for at in range(60)], 200),
    "210 a minute is none": ([(at * 60 / 210, 0.02) for at in range(60)], None),
    "on nearly all the time is running without a pace": ([(at, 0.95) for at in range(20)], None),
    "knocks without an end are a chatter": ([(at * 0.1, 0.05) for at in range(200)], None),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_the_stroke_is_what_the_contract_says(name: str) -> None:
    knocks, cpm = ONE_BY_ONE[name]
    bench = played([(at + late, late == 0) for at, lasts in knocks for late in (0, lasts)]).rest()
    if name == "a knock of 4 ms is none":
        assert bench.told == []
        return
    (ended,) = [one for _, one in bench.told if isinstance(one, d.Ended)]
    assert ended.run.began == knocks[0][0]
    assert ended.at == pytest.approx(knocks[-1][0], abs=1 if name != "and however they end" else 3.03)
    assert d.cycles_per_minute(ended.run) == cpm
    assert set(paces(bench)) == (set() if cpm is None else {cpm})


def test_a_pace_comes_back_after_a_chatter_and_the_mean_leaves_the_chatter_out() -> None:
    edges = signal("hall", 60, 0, 60, Random(1)) + signal("vibration", 0, 61, 90, Random(2))
    bench = played(edges)
    assert bench.run.cpm is None
    for at, active in signal("hall", 60, 91, 150, Random(3)):
        bench.hear(MotorEdge(at, active))
    assert bench.run.cpm == pytest.approx(60, abs=3)
    assert d.cycles_per_minute(bench.run) == pytest.approx(60, abs=3)


def test_where_the_wire_chatters_the_links_pace_stands() -> None:
    bench = Bench(RULES)
    events: list[MotorEdge | PumpSaid] = [PumpSaid(at, Verb.RUN, t=float(at), cpm=54) for at in range(5, 60, 5)]
    events += [MotorEdge(at, active) for at, active in signal("vibration", 0, 0, 60, Random(1))]
    for event in sorted(events, key=lambda event: event.at):
        bench.hear(event)
    assert (bench.run.cpm, d.cycles_per_minute(bench.run)) == (54, 54)
    bench.hear(LinkChanged(60, up=False))
    assert bench.run.cpm is None
    assert bench.run.sources == (Source.GPIO, Source.SERIAL)


# -- with the driver, on gpiozero's mock pins ------------------------------------------------------------------


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("cpm", [10, 54, 120])
def test_every_sensor_is_heard_on_a_pin(clock: LeapingClock, pins: Any, sensor: str, cpm: int) -> None:
    loop, bench, edges = Loop(clock), Bench(RULES), signal(sensor, cpm, 10, 50, Random(cpm))
    motor = MotorWatch(17, active="low", pull="up", debounce_ms=5, post=loop.post, now=loop.now)
    line = pins.pin(17)
    for at, active in edges:
        loop.call_at(at, line.drive_low if active else line.drive_high)
    loop.call_at(200, loop.stop)
    loop.run(bench.hear)
    bench.hear(TimeCame(200))
    motor.close()
    loop.close()
    held(bench, sensor, cpm, 10, edges)
