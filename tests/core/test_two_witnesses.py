"""A wire and a link on one pump: whatever each says and when, the sessions are those of the time that either ran."""

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from device.core.model.events import MotorEdge, PumpSaid, Verb
from device.core.pump import detector as d
from tests.support.bench import Bench
from tests.support.effort import so_many

Times = list[tuple[float, float]]

LASTS = st.floats(0.1, 2.9) | st.floats(3.1, 10) | st.floats(10, 100)
FILTER_S = d.Rules().debounce_s
RESTS = st.floats(0.1, 3) | st.floats(3, 60) | st.floats(100, 140)


@st.composite
def spells(draw: st.DrawFn) -> Times:
    """When a witness runs, with blips, and rests near the end of a pause."""
    at, found = draw(st.floats(0, 50)), []
    for lasts, rests in draw(st.lists(st.tuples(LASTS, RESTS), max_size=10)):
        found.append((at, at + lasts))
        at += lasts + rests
    return found


def as_told(wire: Times, link: Times) -> list[list[float]]:
    """Begin, end, pumping, pauses, and those longer than the wire's filter, of each session, as the contract says it.

    A wire's blip of under 3 s is nothing.
    """
    runs: list[list[float]] = []
    for began, over in sorted([*((on, off) for on, off in wire if off - on >= 3), *link]):
        if runs and began <= runs[-1][1]:
            runs[-1][1] = max(runs[-1][1], over)
        else:
            runs.append([began, over])
    sessions: list[list[float]] = []
    for began, over in runs:
        assume(not sessions or abs(began - sessions[-1][1] - 120) > 0.1)
        if sessions and began - sessions[-1][1] <= 120:
            start, before, pumped, pauses, long = sessions[-1]
            sessions[-1] = [start, over, pumped + over - began, pauses + 1, long + (began - before > FILTER_S)]
        else:
            sessions.append([began, over, over - began, 0, 0])
    return sessions


@settings(max_examples=so_many(100))
@given(wire=spells(), link=spells())
@example(wire=[(0, 60), (179.5, 181)], link=[(0, 60), (180.5, 300)])
@example(wire=[(58, 90)], link=[(0, 60)])
@example(wire=[(50.5, 90)], link=[(0, 50), (51, 52)])
@example(wire=[(0, 1), (2, 6)], link=[(0, 1), (3, 4), (4.5, 5.5)])
@example(wire=[(2, 6)], link=[(0, 1), (1.5, 2.5), (3, 3.5), (4, 4.5)])
def test_the_sessions_are_those_of_the_time_that_either_ran(wire: Times, link: Times) -> None:
    events: list[MotorEdge | PumpSaid] = []
    for on, off in wire:
        events += [MotorEdge(on, active=True), MotorEdge(off, active=False)]
    for on, off in link:
        events += [PumpSaid(on, Verb.START), PumpSaid(off, Verb.PAUSE)]
    bench = Bench()
    for event in sorted(events, key=lambda event: event.at):
        bench.hear(event)
    told = [one for _, one in bench.rest().told if isinstance(one, d.Ended)]
    found = [[one.run.began, one.at, d.pumping_s(one.run, one.at), one.run.pauses] for one in told]
    wanted = as_told(wire, link)
    # a rest that the wire's own filter outlasts may be none
    assert [[round(value, 6) for value in one[:2]] for one in found] == [
        [round(value, 6) for value in one[:2]] for one in wanted
    ]
    for one, other in zip(found, wanted, strict=True):
        assert abs(one[2] - other[2]) < FILTER_S * len(events)
        assert other[4] <= one[3] <= other[3]
