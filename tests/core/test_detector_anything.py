"""A machine that fires any event at the detector at any time, and checks what must always hold."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from device.core.model.events import LinkChanged, MotorEdge, PumpSaid, TimeCame, Verb
from device.core.pump import detector as d
from device.core.pump.detector import Detector, Rules, Run
from tests.support.bench import Bench
from tests.support.effort import so_many

STEP_S = st.one_of(
    st.floats(0, 0.2, allow_nan=False),
    st.floats(0, 20, allow_nan=False),
    st.sampled_from([3.0, 8.0, 15.0, 120.0, 7200.0]),
)


class AnythingAtAnyTime(RuleBasedStateMachine):
    held_to = Rules()

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(self.held_to)
        self.clock = 0.0
        self.seen = 0
        self.last_end = float("-inf")
        self.open: Run | None = None

    def act(self, event: MotorEdge | PumpSaid | LinkChanged | TimeCame) -> None:
        self.clock = max(self.clock, event.at)
        self.bench.hear(event)

    @rule(after=STEP_S, active=st.booleans(), settled=st.booleans())
    def edge(self, after: float, active: bool, settled: bool) -> None:
        self.act(MotorEdge(self.clock + after, active, settled))

    @rule(
        after=STEP_S, verb=st.sampled_from(Verb), t=st.none() | st.floats(0, 86400), cpm=st.none() | st.floats(0, 200)
    )
    def said(self, after: float, verb: Verb, t: float | None, cpm: float | None) -> None:
        self.act(PumpSaid(self.clock + after, verb, t=t, cpm=cpm))

    @rule(after=STEP_S, up=st.booleans())
    def port(self, after: float, up: bool) -> None:
        self.act(LinkChanged(self.clock + after, up))

    @rule(back=st.floats(0, 100))
    def backwards(self, back: float) -> None:
        self.act(MotorEdge(self.clock - back, active=True))
        self.act(PumpSaid(self.clock - back, Verb.RUN))

    @rule(after=STEP_S, late=st.booleans())
    def time(self, after: float, late: bool) -> None:
        if late:
            self.clock += after
            self.bench.take(d.hear(self.bench.detector, TimeCame(self.clock), self.held_to))
        else:
            self.bench.wait(self.clock)

    @rule(every=st.floats(0.3, 9), count=st.integers(1, 20))
    def strokes(self, every: float, count: int) -> None:
        for number in range(count):
            self.act(MotorEdge(self.clock + every * (number > 0), active=True))
            self.act(MotorEdge(self.clock + 0.1, active=False))

    @rule(after=STEP_S)
    def start(self, after: float) -> None:
        self.clock += after
        self.bench.step(self.clock, "start")

    @rule(after=STEP_S)
    def stop(self, after: float) -> None:
        self.clock += after
        self.bench.step(self.clock, "stop")
        assert self.bench.detector.run is None

    @precondition(lambda self: self.bench.detector.run is not None)
    @rule(downtime=st.floats(0, 300), wait=st.floats(0, 120))
    def restart(self, downtime: float, wait: float) -> None:
        seen = self.bench.detector.now
        run = replace(self.bench.run, until=None, lapsed=False)
        self.clock = max(self.clock, seen) + downtime
        fresh = d.with_last(Detector(), *(self.bench.detector.last or (-1e9, -1e9)))
        self.bench.detector = d.resume(fresh, run, seen, self.clock + wait)
        self.act(TimeCame(self.clock))

    @invariant()
    def nothing_is_due_in_the_past(self) -> None:
        wake = d.wake_at(self.bench.detector, self.held_to)
        assert wake is None or wake > self.bench.detector.now

    @invariant()
    def durations_lie_within_wall_time_and_runs_never_overlap(self) -> None:
        for at, one in self.bench.told[self.seen :]:
            if isinstance(one, d.Missed | d.Collected):
                continue
            run, until = one.run, one.at if isinstance(one, d.Ended) else at
            assert run.began >= self.last_end
            assert 0 <= d.pumping_s(run, until) <= until - run.began + 1e-6
            assert run.rested_s >= 0
            assert run.pauses == 0 or run.rested_s > 0
            assert not run.by_hand or until - run.began <= self.held_to.max_session_s + 8
            assert run.quiet is None or run.began <= run.quiet
            if isinstance(one, d.Began):
                assert self.open is None
                self.open = run
            elif isinstance(one, d.Ended):
                assert self.open is not None
                assert run.began <= one.at <= at
                self.open, self.last_end = None, one.at
            assert not isinstance(one, d.Paused | d.WentOn | d.Changed) or self.open is not None
        self.seen = len(self.bench.told)
        assert (self.open is None) is (self.bench.detector.run is None)

    def teardown(self) -> None:
        """Left alone for two days, everything but a session that nothing can end has ended."""
        self.bench.wait(self.clock + 200_000)
        run = self.bench.detector.run
        assert run is None or run.quiet is None


class AnythingWithStrokes(AnythingAtAnyTime):
    held_to = Rules(signal="pulses")


TestAnythingWithALevel = AnythingAtAnyTime.TestCase
TestAnythingWithALevel.settings = settings(max_examples=so_many(60), stateful_step_count=40)
TestAnythingWithStrokes = AnythingWithStrokes.TestCase
TestAnythingWithStrokes.settings = TestAnythingWithALevel.settings
