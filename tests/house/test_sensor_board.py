"""The sketch for a sensor board, run as it is on a stub of MicroPython: what it says is what the pump did."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.core.model.events import LineRejected, PumpSaid, Verb
from device.core.pump import detector as d
from drivers.pump_link import LineParser
from tests.support.bench import Bench
from tests.support.effort import so_many
from tests.support.sensor_board import SKETCH, WRAPS, SketchBoard
from tests.support.waveforms import PACELESS, SENSORS, Signal, last_stroke, signal

ON_THE_WAY_S = 0.002


def heard(edges: Signal, until: float, powered: int = 0) -> Bench:
    """What the companion makes of the board's lines."""
    bench, parser = Bench(), LineParser()
    for at, line in SketchBoard(edges, until, powered).run():
        for said in parser.feed(f"{line}\r\n".encode(), at + ON_THE_WAY_S):
            assert not isinstance(said, LineRejected), line
            assert isinstance(said, PumpSaid)
            if said.verb is not Verb.HELLO:
                bench.hear(said)
    return bench


def test_it_is_short_and_says_who_it_is() -> None:
    assert len(SKETCH.read_text().splitlines()) < 100
    ((at, line),) = SketchBoard([], 5).run()
    assert (at, line[:-3]) == (0, "PUMP HELLO model=sensor-board fw=1")
    (said,) = LineParser().feed(f"{line}\n".encode(), at)
    assert isinstance(said, PumpSaid)
    assert (said.verb, said.model, said.fw) == (Verb.HELLO, "sensor-board", "1")


@settings(max_examples=so_many(20, least=5), deadline=None)
@given(
    sensor=st.sampled_from(sorted(SENSORS)),
    cpm=st.floats(10, 120),
    lasts=st.floats(30, 90),
    powered=st.sampled_from([0, WRAPS - 20_000]),
    seed=st.integers(0, 2**32),
)
def test_each_sensor_at_each_pace_is_a_session_from_its_first_stroke_to_its_last(
    sensor: str, cpm: float, lasts: float, powered: int, seed: int
) -> None:
    edges = signal(sensor, cpm, 10, 10 + lasts, Random(seed))
    bench = heard(edges, 10 + lasts + 30, powered).rest()
    (ended,) = [told for _, told in bench.told if isinstance(told, d.Ended)]
    assert ended.run.began == pytest.approx(10, abs=1)
    assert ended.at == pytest.approx(last_stroke(edges), abs=1.1)
    if sensor in PACELESS:
        assert d.cycles_per_minute(ended.run) is None
    else:
        assert d.cycles_per_minute(ended.run) == pytest.approx(cpm, abs=3)


def test_a_rest_is_a_pause_and_two_strokes_end_it() -> None:
    dice = Random(4)
    before = signal("reed", 54, 10, 70, dice)
    edges = before + signal("reed", 54, 110, 170, dice)
    bench = heard(edges, 200).rest()
    (ended,) = [told for _, told in bench.told if isinstance(told, d.Ended)]
    assert ended.run.pauses == 1
    assert ended.run.rested_s == pytest.approx(110 - last_stroke(before), abs=2.5)


def test_a_knock_at_the_table_is_no_session() -> None:
    lasting = ((5, 0.02), (5.3, 0.05), (40, 0.3), (41, 0.01), (80, 0.004), (83.5, 0.004))
    knocks = [(at, at + lasts) for at, lasts in lasting]
    edges = [(at, active) for begins, ends in knocks for at, active in ((begins, True), (ends, False))]
    assert [line for _, line in SketchBoard(edges, 120).run()][1:] == []


def test_it_speaks_once_a_second_at_most() -> None:
    said = [at for at, _ in SketchBoard(signal("vibration", 0, 1, 60, Random(1)), 80).run()][1:]
    assert 50 <= len(said) <= 60
    assert all(round(1000 * (following - at)) >= 1000 for at, following in pairwise(said))
