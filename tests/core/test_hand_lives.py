"""Lives by hand, held against a second reckoning in whole seconds, made of the contract's sentences alone.

A parent tells starts late, pauses, goes on, stops and corrects; a wire or a link comes in between, the power goes.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from device.core.model.record import Session, SessionState
from device.core.pump.witnesses import Rules
from device.wire.payloads import parse_instant
from device.wire.values import instant
from tests.support.drive import Plain
from tests.support.effort import so_many

PAUSE_S, LONGEST_S, MINUTE_S = 120, 1000, 60
LASTS_S = 4
"""A motor that has run for so long is heard."""
LOST_S = 30
"""What a cut takes at most: a pause that is no older may be among it, but for one by hand."""
HEARD_S = 22
"""So long after a restart what waits for its pump has been decided."""


# -- the reckoning -----------------------------------------------------------------------------------------------


@dataclass
class Span:
    """A session: seconds of the wall clock."""

    start: int
    end: int | None = None
    given: bool = False
    heard: bool = False
    rests: list[tuple[int, int]] = field(default_factory=list)
    """Finished pauses, also those before a start that was told later."""
    older: tuple[int, int] = (0, 0)
    """How long, and how many, pauses were before a restart, which knows no more of them."""
    quiet: int | None = None
    interrupted: bool = False
    uncertain: bool = False
    """A cut took the last seconds: up to 30 of them."""

    @property
    def within(self) -> list[int]:
        return [on - max(quiet, self.start) for quiet, on in self.rests if on > self.start]

    @property
    def rested(self) -> int:
        return self.older[0] + sum(self.within)

    @property
    def pauses(self) -> int:
        return self.older[1] + len(self.within)


@dataclass
class Reckoning:
    now: int
    past: list[Span] = field(default_factory=list)
    runs: Span | None = None
    motor: bool = False
    muted: bool = False

    def pass_time(self, until: int) -> None:
        """What ends by time alone: a pause that is over, a start that was forgotten."""
        run = self.runs
        if run is not None and run.quiet is not None and run.quiet + PAUSE_S <= until:
            self.end(run.quiet)
        elif run is not None and run.quiet is None and not run.heard and run.start + run.rested + LONGEST_S <= until:
            run.interrupted = True
            self.end(run.start + run.rested + LONGEST_S)
        self.now = until

    def end(self, at: int) -> None:
        assert self.runs is not None
        self.past.append(replace(self.runs, end=at, quiet=None))
        self.runs = None

    def place(self, start: int) -> int | str:
        """Where a start comes that a person tells of a session that runs; or why not."""
        if start > self.now:
            return "out_of_range"
        for other in sorted(self.past, key=lambda span: span.start):
            end = other.end or other.start
            if start < end < start + MINUTE_S and other.start < end:
                start = end
        lengths = [(other.start, other.end or 0) for other in self.past if other.start != other.end]
        return "out_of_range" if any(began < self.now and start < end for began, end in lengths) else start

    def start(self, ago: int | None) -> str:
        if self.runs is not None:
            return "not_now"
        start: int | str = self.now if ago is None else self.place(self.now - ago)
        if ago is not None and ago >= LONGEST_S:
            return "out_of_range"
        if isinstance(start, str):
            return start
        self.runs = Span(start, given=ago is not None)
        return "ok"

    def edit(self, ago: int) -> str:
        run = self.runs
        assert run is not None
        start = self.place(self.now - ago)
        if isinstance(start, str) or start >= (self.now + 1 if run.quiet is None else run.quiet):
            return "out_of_range"
        pumped = (self.now if run.quiet is None else run.quiet) - start - run.rested
        if not run.heard and pumped >= LONGEST_S:
            return "out_of_range"
        run.start, run.given = start, True
        if len(run.within) < len(run.rests):  # what was before those was before the start, too
            run.older = (0, 0)
        return "ok"

    def pause(self) -> str:
        run = self.runs
        if run is None or run.heard or run.quiet is not None:
            return "not_now"
        run.quiet = self.now
        return "ok"

    def go_on(self, at: int | None = None) -> str:
        """By hand; or `at` the first edge of what is heard."""
        run = self.runs
        if run is None or run.quiet is None or (run.heard and at is None):
            return "not_now"
        run.rests.append((run.quiet, self.now if at is None else at))
        run.quiet = None
        return "ok"

    def stop(self) -> str:
        run = self.runs
        if run is None:
            return "not_now"
        self.end(self.now if run.quiet is None else run.quiet)
        self.muted = self.motor
        return "ok"

    def motor_runs(self) -> None:
        """It is heard three seconds later, as of now."""
        self.motor = True
        run = self.runs
        if run is None:
            self.runs = Span(self.now, heard=True)
            return
        if not run.heard and not run.given:
            run.start, run.rests, run.older, run.quiet = self.now, [], (0, 0), None
        self.go_on(self.now)
        run.heard = True

    def motor_rests(self) -> None:
        if self.runs is not None and self.motor and not self.muted:
            self.runs.quiet = self.now
        self.motor = self.muted = False

    def restart(self, downtime: int, cut: bool) -> None:
        """What ran goes on within `pause_s`: by hand at once, what was heard if it is heard again."""
        run = self.runs
        seen = self.now
        self.now += downtime
        if run is None:
            return
        run.older, run.rests = (run.rested, run.pauses), []
        if downtime <= PAUSE_S:
            self.pass_time(self.now)
        elif run.quiet is not None:
            self.end(run.quiet)
        else:
            run.interrupted, run.uncertain = True, cut
            self.end(seen)


# -- the lives ---------------------------------------------------------------------------------------------------

AGO = st.sampled_from([0, 1, 17, 59, 60, 61, 119, 130, 200, 307, 500, 611, 999, 1000, 1300, -3])
WAIT = st.sampled_from([1, 3, 7, 31, 58, 83, 113, 127, 251, 640])
ACTS = st.one_of(
    st.tuples(st.just("start"), st.none() | AGO),
    st.tuples(st.sampled_from(["pause", "go_on", "stop", "pause", "go_on", "motor", "motor"])),
    st.tuples(st.just("edit"), AGO),
    st.tuples(st.just("restart"), st.sampled_from([2, 60, 89, 300]), st.booleans(), st.booleans()),
)
LIVES = st.lists(st.tuples(WAIT, ACTS), min_size=2, max_size=14)


class Life:
    def __init__(self) -> None:
        self.boots = 1
        self.device = Plain(rules=Rules(max_session_s=LONGEST_S))
        self.device.until(self.device.at + 3600)
        self.reckoned = Reckoning(int(self.device.wall))

    def wait(self, seconds: int) -> None:
        self.device.wait(seconds)
        self.reckoned.pass_time(self.reckoned.now + seconds)

    def act(self, name: str, *given: Any) -> None:
        reckoned, device = self.reckoned, self.device
        match name:
            case "start" if reckoned.muted:
                return  # the contract leaves open from when on a motor counts that was stopped by hand
            case "start":
                (ago,) = given
                told = {} if ago is None else {"at": instant(reckoned.now - ago)}
                self.told(device.order("start", **told), reckoned.start(ago))
            case "edit" if reckoned.runs is not None:
                (ago,) = given
                session = device.state.running
                reply = device.order("edit", session=session, started_at=instant(reckoned.now - ago))
                self.told(reply, reckoned.edit(ago))
            case "pause" | "go_on" | "stop":
                before = device.last.revision if device.state.sessions else 0
                reply = device.order(name)
                self.told(reply, getattr(reckoned, name)())
                assert name == "stop" or not reply["ok"] or reply["session"]["revision"] == before
            case "motor":
                self.switch_motor()
            case "restart":
                self.restart(*given)

    def told(self, reply: dict[str, Any], expected: str) -> None:
        assert ("ok" if reply["ok"] else reply["code"]) == expected, reply
        if reply["ok"] and self.reckoned.runs is not None:
            assert parse_instant(reply["session"]["started_at"]) == self.reckoned.runs.start

    def switch_motor(self) -> None:
        on = not self.reckoned.motor
        if on:
            self.reckoned.motor_runs()
        else:
            self.reckoned.motor_rests()
        self.device.pump(on)
        self.wait(LASTS_S)

    def restart(self, downtime: int, cut: bool, boots: bool) -> None:
        reckoned, self.boots = self.reckoned, self.boots + boots
        if reckoned.motor and reckoned.muted:
            return  # for a while nobody can tell that motor from another
        was, run = reckoned.motor, reckoned.runs
        if run is not None and run.heard and run.quiet is not None:
            cut = cut and reckoned.now - run.quiet >= LOST_S
        self.device = self.device.restart(downtime, boot=f"boot-{self.boots}" if boots else None, cut=cut)  # type: ignore[assignment]
        heard_all_the_while = was and run is not None and downtime <= PAUSE_S
        reckoned.restart(downtime, cut)
        if was:
            if not heard_all_the_while:
                reckoned.motor_runs()
            self.device.pump(True)
            self.wait(LASTS_S)
        else:
            self.wait(HEARD_S)

    def compare(self) -> None:
        reckoned, device = self.reckoned, self.device
        found = sorted(device.state.sessions, key=lambda session: session.number)
        assert len(found) == len(reckoned.past) + (reckoned.runs is not None)
        for session, span in zip(found, reckoned.past, strict=False):
            self.is_as(session, span)
        run = reckoned.runs
        assert (run is None) == (device.state.running is None)
        if run is not None:
            now, until = device.last, reckoned.now if run.quiet is None else run.quiet
            assert (now.started_at, now.pauses, now.state) == (run.start, run.pauses, SessionState.RUNNING)
            assert now.pumping_s == max(until - run.start - run.rested, 0)
            assert device.live["phase"] == ("pumping" if run.quiet is None else "paused")

    def is_as(self, session: Session, span: Span) -> None:
        assert span.end is not None
        if span.uncertain:
            assert session.ended_at is not None
            assert span.end - LOST_S <= session.ended_at <= span.end
            span.end, span.uncertain = session.ended_at, False
        said = (session.started_at, session.ended_at, session.pauses, session.interrupted)
        assert said == (span.start, span.end, span.pauses, span.interrupted)
        assert session.pumping_s == max(span.end - span.start - span.rested, 0)


@settings(max_examples=so_many(150), phases=(Phase.explicit, Phase.generate))
@given(LIVES)
@example([(1, ("start", 500)), (31, ("pause",)), (7, ("restart", 60, True, True)), (1, ("go_on",)), (3, ("motor",))])
@example([(1, ("start", None)), (31, ("pause",)), (83, ("motor",)), (31, ("edit", 500)), (1, ("motor",))])
@example([(1, ("start", None)), (31, ("pause",)), (7, ("go_on",)), (31, ("motor",)), (83, ("motor",))])
@example([(1, ("start", None)), (640, ("pause",)), (113, ("go_on",)), (251, ("go_on",)), (113, ("stop",))])
@example([(1, ("motor",)), (31, ("edit", 200)), (1, ("restart", 60, False, False)), (7, ("motor",))])
def test_a_life_by_hand_is_what_the_contract_says(life: list[tuple[int, tuple[Any, ...]]]) -> None:
    lived = Life()
    for seconds, act in life:
        lived.wait(seconds)
        lived.act(*act)
        lived.compare()
    lived.wait(3000)
    lived.compare()


# -- people type minutes -------------------------------------------------------------------------------------------

NOW = 7200
OTHERS = st.lists(st.integers(1, 5000), min_size=2, max_size=8, unique=True).map(sorted)
"""Where sessions begin and end, by turns."""


@settings(max_examples=so_many(150))
@given(edges=OTHERS, start=st.integers(0, 4200), length=st.integers(1, 3000), how=st.sampled_from(["add", "edit"]))
@example(edges=[1000, 2000], start=1941, length=500, how="add")
@example(edges=[1000, 2000], start=1940, length=500, how="add")
@example(edges=[1000, 2000], start=500, length=559, how="edit")
@example(edges=[1000, 2000], start=500, length=560, how="edit")
def test_an_overlap_of_under_a_minute_is_the_neighbours_edge_and_the_other_end_stays(
    edges: list[int], start: int, length: int, how: str
) -> None:
    device, others = asked_with(edges)
    zero, end = int(device.wall) - NOW, start + length
    fields = {"started_at": instant(zero + start), "ended_at": instant(zero + end)}
    if how == "edit":
        own = device.order("add", started_at=instant(zero - 9000), duration_s=60)["session"]["id"]
        fields["session"] = own
    reply = device.order(how, **fields)
    over = [(began, ended) for began, ended in others if began < end and start < ended]
    if not reply["ok"]:
        assert reply["code"] == "out_of_range"
        assert any(device.session(reply["overlaps"]).started_at - zero == began for began, _ in over)
        assert len(over) > 1 or expected(start, end, *over) is None
        return
    placed = [parse_instant(reply["session"][name]) - zero for name in ("started_at", "ended_at")]
    assert not any(began < placed[1] and placed[0] < ended for began, ended in others)
    assert placed[0] in {start, *(ended for _, ended in over)}
    assert placed[1] in {end, *(began for began, _ in over)}
    assert len(over) > 1 or tuple(placed) == expected(start, end, *over)


def expected(start: int, end: int, other: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """With one neighbour at most; None: refused."""
    if other is None:
        return start, end
    if other[1] < end and other[1] - start < MINUTE_S:
        return other[1], end
    if start < other[0] and end - other[0] < MINUTE_S:
        return start, other[0]
    return None


def asked_with(edges: list[int]) -> tuple[Plain, list[tuple[int, int]]]:
    device = Plain()
    device.until(device.at + 3600)
    zero, pairs = int(device.wall) - NOW, list(zip(edges[::2], edges[1::2], strict=False))
    for began, ended in pairs:
        assert device.order("add", started_at=instant(zero + began), ended_at=instant(zero + ended))["ok"]
    return device, pairs
