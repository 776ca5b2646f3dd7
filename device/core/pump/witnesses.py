"""A session as it is witnessed, the rules it is held to, what the detector knows and tells of it.

Values only: `detector` makes them, everything that shows or keeps a running session reads them.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from device.core.model.record import Source

from .strokes import NONE, Strokes

DISAGREE_S = 10.0
"""Two witnesses that differ by more than this are told of."""


SLACK_S = 1e-3
"""Instants are sums of floats: one that falls short of a whole second by less than this has reached it."""


MOST_RESTS = 16
"""Of a run's finished pauses so many are known by their instants: a link's within the time that a signal must last."""


class Rules(msgspec.Struct, frozen=True):
    pause_s: float = 120.0
    max_session_s: float = 7200.0
    signal: Literal["level", "pulses"] = "level"
    debounce_s: float = 0.05
    pulse_gap_s: float = 8.0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it is witnessed. `quiet`: in pause since then, None while it pumps."""

    began: float
    sources: tuple[Source, ...]
    quiet: float | None = None
    rested_s: float = 0.0
    """The finished pauses."""
    pauses: int = 0
    """Those after which it went on."""
    cycles: tuple[float, float] = (0.0, 0.0)
    """Strokes (or cycles) counted, over how many seconds: the mean."""
    cpm: int | None = None
    """The pace of the moment; None in a pause."""
    last_cpm: int | None = None
    """The last pace that was heard."""
    by_hand: bool = False
    """No witness has been heard."""
    given: bool = False
    """A person said when it began: that stays, whatever is heard."""
    disagreement_s: int | None = None
    stuck: bool = False
    stopped: bool = False
    """The pump said STOP: the session is over once the wire is quiet too."""
    until: float | None = None
    """After a restart: so long the run waits for the pump to be heard."""
    lapsed: bool = False
    """It pumped when it was last seen, before a restart: if it is heard again, it pumped all the while."""
    rests: tuple[tuple[float, float], ...] = ()
    """The latest finished pauses, until a wire's first edge may show that they were shorter, or none."""
    wire_began: float | None = None
    link_began: float | None = None
    """What each witness says of the start; None: it has not been heard in this run."""


class Wire(msgspec.Struct, frozen=True):
    """The motor's line: `raw` as last seen, `level` after the filter, from which `raw` differs since `edge`."""

    raw: bool = False
    level: bool = False
    edge: float | None = None
    since: float | None = None
    """The first edge of the signal that is on."""
    strokes: Strokes = NONE
    """Pulses: what is known of that signal's."""
    running: bool = False
    """The signal has lasted 3 s."""
    muted: bool = False
    """Stopped by hand meanwhile: it must fall quiet before it counts again."""
    quiet: float | None = None
    """When the motor last fell quiet."""
    seen: float = float("-inf")
    hush: float = float("-inf")
    """After a restart: a signal that is on by then is the one that was stopped by hand before."""


class Link(msgspec.Struct, frozen=True):
    """What the pump says of itself. `began` is the start of its session, `heard` its last START or RUN."""

    running: bool = False
    since: float = 0.0
    began: float = 0.0
    heard: float = 0.0
    beats: bool = False
    """RUN has been heard in this session."""
    muted: bool = False
    lost: bool = False
    """The port went while it was muted: silence says nothing until the port is back."""
    quiet: float | None = None
    paused: float | None = None
    """When it said PAUSE, if it has said nothing since: a STOP speaks of the time before."""
    stop_t: float | None = None
    """The `t` of the STOP that followed: one with another speaks of another session."""


class Detector(msgspec.Struct, frozen=True):
    """`last` is when the last session began and ended: nothing begins before its end."""

    wire: Wire = Wire()
    link: Link = Link()
    run: Run | None = None
    last: tuple[float, float] | None = None
    had_stop: bool = False
    """The pump has said its STOP: no other one speaks of that session."""
    now: float = float("-inf")


class Began(msgspec.Struct, frozen=True):
    run: Run


class Changed(msgspec.Struct, frozen=True):
    """A witness joined, the begin moved, or the pace changed."""

    run: Run


class Paused(msgspec.Struct, frozen=True):
    run: Run


class WentOn(msgspec.Struct, frozen=True):
    run: Run


class Ended(msgspec.Struct, frozen=True):
    run: Run
    at: float
    interrupted: bool = False


class Missed(msgspec.Struct, frozen=True):
    """A STOP speaks of a session that nobody recorded."""

    began: float
    ended: float
    ml: float | None


class Collected(msgspec.Struct, frozen=True):
    """The pump tells the volume, of the running session or of one that ended; a repeated STOP says when that was."""

    ml: float
    began: float | None = None
    ended: float | None = None


class Stuck(msgspec.Struct, frozen=True):
    run: Run


Heard = Began | Changed | Paused | WentOn | Ended | Missed | Collected | Stuck


def pumping_s(run: Run, at: float) -> float:
    """Seconds of pumping up to `at`, without the pauses."""
    return max((at if run.quiet is None else run.quiet) - run.began - run.rested_s, 0.0)


def whole_s(seconds: float) -> int:
    """Whole seconds that have passed: what the Timer shows, and never more than the wall's clock."""
    return max(int(seconds + SLACK_S), 0)


def ends_at(run: Run, rules: Rules) -> float | None:
    """When a pause ends the session, unless the pump is heard before; None while it pumps."""
    if run.until is not None:
        return run.until
    return None if run.quiet is None else run.quiet + rules.pause_s


def over_at(run: Run, rules: Rules) -> float | None:
    """When time alone ends the session; None while its pump runs. By hand: when it must have been forgotten."""
    if run.by_hand and run.quiet is None:
        return run.began + run.rested_s + rules.max_session_s
    return run.quiet if run.stopped else ends_at(run, rules)


def cycles_per_minute(run: Run) -> int | None:
    """The mean over the whole run; where too little was heard for one, the last pace heard."""
    strokes, seconds = run.cycles
    return int(60 * strokes / seconds + 0.5) if seconds > 0 else run.last_cpm


def joined(run: Run, source: Source, began: float, rules: Rules) -> Run:
    """A witness is heard for the first time: either starts a session, so the earlier start is the session's.

    One by hand begins where it is heard, and what rested before is no part of it; a start that was given stays.
    """
    if run.by_hand and not run.given:
        run = replace(run, began=began, quiet=None, rested_s=0.0, rests=(), pauses=0)
    if source is Source.GPIO:
        run = replace(run, wire_began=began)
        if rules.signal == "pulses":
            run = replace(run, cycles=(0.0, 0.0), cpm=None)
    else:
        run = replace(run, link_began=began)
    run = replace(
        run,
        sources=with_source(run.sources, source),
        began=run.began if run.given else min(run.began, began),
        by_hand=False,
    )
    return disagree(run, run.wire_began, run.link_began)


def disagree(run: Run, wire: float | None, link: float | None) -> Run:
    if wire is None or link is None or abs(wire - link) <= DISAGREE_S:
        return run
    return replace(run, disagreement_s=max(run.disagreement_s or 0, int(abs(wire - link) + 0.5)))


def gone_on(run: Run, since: float) -> Run:
    """The pause is over since then."""
    quiet = since if run.quiet is None else run.quiet
    return replace(
        run,
        rested_s=run.rested_s + since - quiet,
        rests=(*run.rests, (quiet, since))[-MOST_RESTS:],
        pauses=run.pauses + 1,
        quiet=None,
        until=None,
    )


def begun_at(run: Run, began: float) -> Run:
    """A person says when it began, and that stays: what rested before is no part of it.

    Rests that are not known by their instants any more lie before those that are.
    """
    former, rests = rests_since(run.rests, run.began), rests_since(run.rests, began)
    older_s, older = run.rested_s - sum(on - quiet for quiet, on in former), run.pauses - len(former)
    if len(rests) < len(run.rests):
        older_s, older = 0.0, 0
    rested_s = older_s + sum(on - quiet for quiet, on in rests)
    return replace(run, began=began, given=True, rested_s=rested_s, pauses=older + len(rests))


def rests_since(rests: tuple[tuple[float, float], ...], began: float) -> list[tuple[float, float]]:
    return [(max(quiet, began), on) for quiet, on in rests if on > began]


def shorten_rests(run: Run, since: float) -> Run:
    """The other witness ran before these rests were over; where it ran all the while there was none."""
    while run.rests and since < run.rests[-1][1]:
        *others, (began, on) = run.rests
        went_on = max(since, began)
        left = [(began, went_on)] if went_on > began else []
        run = replace(
            run,
            rested_s=run.rested_s - (on - went_on),
            rests=(*others, *left),
            pauses=run.pauses - (not left),
        )
        if left:
            break
    return run


def strokes_tell(run: Run, wire: Wire, rules: Rules) -> bool:
    """Strokes are counted, so the pace is theirs whatever the link says; a chatter has none."""
    return rules.signal == "pulses" and run.wire_began is not None and not wire.strokes.chatters


def overlap(times: tuple[float, float], began: float, ended: float) -> bool:
    return times[0] < ended and times[1] > began


def with_source(sources: tuple[Source, ...], source: Source) -> tuple[Source, ...]:
    return sources if source in sources else (*sources, source)


RESUME_S = 20.0
"""How long after a restart a pump that still runs may take to be heard: two slow strokes, or a heartbeat."""

# -- what a restart knows ------------------------------------------------------------------------------------------


def resume(detector: Detector, run: Run, at: float, until: float) -> Detector:
    """Take up a run after a restart; `at` is the last moment at which it is known to have gone on.

    It waits for the pump until `until`. Heard, it goes on, and if it pumped at `at` it is taken to have pumped all the
    while; not heard, it ended at `at`, interrupted, or, where it rested, by its pause. A run by hand goes on at once.
    What the witnesses said of the start is as good as the run's own.
    """
    now = max(detector.now, at)
    if run.by_hand:
        return replace(detector, run=run, now=now)
    quiet = at if run.quiet is None else run.quiet
    run = replace(
        run,
        quiet=max(quiet, run.began),
        cpm=None,
        until=until,
        lapsed=run.quiet is None,
        wire_began=run.began if Source.GPIO in run.sources else None,
        link_began=run.began if Source.SERIAL in run.sources else None,
    )
    link = replace(detector.link, paused=run.quiet if run.link_began is not None and not run.lapsed else None)
    return replace(detector, run=run, link=link, now=now)


def with_last(detector: Detector, began: float, ended: float, *, had_stop: bool = False) -> Detector:
    """Tell of the newest session that the record holds: none begins before its end, no STOP repeats it."""
    if detector.last is not None and detector.last[1] >= ended:
        return detector
    return replace(detector, last=(began, ended), had_stop=had_stop)


def hush(detector: Detector, until: float) -> Detector:
    """After a restart that followed a stop by hand: a line that is active as the device starts is muted until quiet.

    With pulses: one whose strokes are heard before `until`.
    """
    return replace(detector, wire=replace(detector.wire, hush=until))
