"""A session as it is witnessed, the rules it is held to, and what the detector tells of it.

Values only: `detector` makes them, everything that shows or keeps a running session reads them.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from .record import Source

DISAGREE_S = 10.0
"""Two witnesses that differ by more than this are told of."""


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
    disagreement_s: int | None = None
    stuck: bool = False
    stopped: bool = False
    """The pump said STOP: the session is over once the wire is quiet too."""
    until: float | None = None
    """After a restart: so long the run waits for the pump to be heard."""
    lapsed: bool = False
    """It pumped when it was last seen, before a restart: if it is heard again, it pumped all the while."""
    rest: tuple[float, float] | None = None
    """The latest finished pause, until a wire's first edge may show that it was shorter."""
    wire_began: float | None = None
    link_began: float | None = None
    """What each witness says of the start; None: it has not been heard in this run."""


class Wire(msgspec.Struct, frozen=True):
    """The motor's line: `raw` as last seen, `level` after the filter, from which `raw` differs since `edge`."""

    raw: bool = False
    level: bool = False
    edge: float | None = None
    since: float | None = None
    """The first edge (stroke) of the signal that is on."""
    strokes: tuple[float, ...] = ()
    """Pulses: the newest strokes of that signal, `count` in all."""
    count: int = 0
    running: bool = False
    """The signal has lasted 3 s."""
    muted: bool = False
    """Stopped by hand meanwhile: it must fall quiet before it counts again."""
    quiet: float | None = None
    """When the motor last fell quiet."""
    seen: float = float("-inf")


class Link(msgspec.Struct, frozen=True):
    """What the pump says of itself. `began` is the start of its session, `heard` its last START or RUN."""

    running: bool = False
    since: float = 0.0
    began: float = 0.0
    heard: float = 0.0
    beats: bool = False
    """RUN has been heard in this session."""
    muted: bool = False
    quiet: float | None = None


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
    """The pump tells the volume, of the running session or the one that just ended."""

    ml: float


class Stuck(msgspec.Struct, frozen=True):
    run: Run


Heard = Began | Changed | Paused | WentOn | Ended | Missed | Collected | Stuck


def pumping_s(run: Run, at: float) -> float:
    """Seconds of pumping up to `at`, without the pauses."""
    return max((at if run.quiet is None else run.quiet) - run.began - run.rested_s, 0.0)


def ends_at(run: Run, rules: Rules) -> float | None:
    """When a pause ends the session, unless the pump is heard before; None while it pumps."""
    if run.until is not None:
        return run.until
    return None if run.quiet is None else run.quiet + rules.pause_s


def cycles_per_minute(run: Run) -> int | None:
    """The mean over the whole run; where too little was heard for one, the last pace heard."""
    strokes, seconds = run.cycles
    return int(60 * strokes / seconds + 0.5) if seconds > 0 else run.last_cpm


def joined(run: Run, source: Source, began: float, rules: Rules) -> Run:
    """A witness is heard for the first time: either starts a session, so the earlier start is the session's."""
    if source is Source.GPIO:
        run = replace(run, wire_began=began)
        if rules.signal == "pulses":
            run = replace(run, cycles=(0.0, 0.0), cpm=None)
    else:
        run = replace(run, link_began=began)
    run = replace(
        run,
        sources=with_source(run.sources, source),
        began=began if run.by_hand else min(run.began, began),
        by_hand=False,
    )
    return disagree(run, run.wire_began, run.link_began)


def disagree(run: Run, wire: float | None, link: float | None) -> Run:
    if wire is None or link is None or abs(wire - link) <= DISAGREE_S:
        return run
    return replace(run, disagreement_s=max(run.disagreement_s or 0, int(abs(wire - link) + 0.5)))


def with_source(sources: tuple[Source, ...], source: Source) -> tuple[Source, ...]:
    return sources if source in sources else (*sources, source)
