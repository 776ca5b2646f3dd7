"""Motor edges, the pump's lines and hand starts become a run: begun, paused, went on, ended, as the contract says.

Pure, on monotonic seconds. Two witnesses, the wire and the link, each say whether the motor runs; `_judge` holds the
run against what they say, and `_dues` is the one table of what happens by time alone.
"""

from enum import IntEnum

from msgspec.structs import replace

from device.core.model.events import LinkChanged, MotorEdge, PumpSaid, TimeCame, Verb
from device.core.model.record import Source

from . import strokes
from .witnesses import (
    Began,
    Changed,
    Collected,
    Detector,
    Ended,
    Heard,
    Link,
    Missed,
    Paused,
    Rules,
    Run,
    Stuck,
    WentOn,
    Wire,
    cycles_per_minute,
    disagree,
    ends_at,
    gone_on,
    hush,
    joined,
    over_at,
    overlap,
    pumping_s,
    resume,
    shorten_rests,
    strokes_tell,
    with_last,
    with_source,
)

__all__ = [
    "Began",
    "Changed",
    "Collected",
    "Detector",
    "Ended",
    "Heard",
    "Missed",
    "Paused",
    "Rules",
    "Run",
    "Stuck",
    "WentOn",
    "cycles_per_minute",
    "ends_at",
    "hear",
    "hush",
    "pumping_s",
    "rest_by_hand",
    "resume",
    "start_by_hand",
    "stop_by_hand",
    "wake_at",
    "with_last",
]

LASTS_S = 3.0
"""A motor signal that lasts this long begins a session, or lets it go on."""

SILENCE_S = 15.0
"""Once RUN was heard in a session, so long without one is quiet."""

LATE_S = 1.0
"""How far a settled edge may lie back: it is told at the end of its period."""

STEPS = 64
"""More things than this never come due in one step."""


# -- doors -----------------------------------------------------------------------------------------------------


def hear(
    detector: Detector, event: MotorEdge | PumpSaid | LinkChanged | TimeCame, rules: Rules
) -> tuple[Detector, tuple[Heard, ...]]:
    """One event, after all that came due before it. Times that run backwards are taken as now."""
    heard: list[Heard] = []
    at = max(event.at, detector.now)
    detector = _advance(detector, at, rules, heard)
    match event:
        case MotorEdge():
            detector = _edge(detector, event, rules, heard)
        case PumpSaid():
            detector = _line(detector, event, rules, heard)
        case LinkChanged(up=True):
            detector = _port_found(detector)
        case LinkChanged():
            detector = _port_lost(detector, rules, heard)
    return _advance(detector, at, rules, heard), tuple(heard)


def start_by_hand(
    detector: Detector, at: float, source: Source, rules: Rules, began: float | None = None
) -> tuple[Detector, tuple[Heard, ...]]:
    """Begin a session that nothing witnesses yet; a motor that was silenced by a hand stop counts from now.

    `began` is when a person says that it was. Where one runs, nothing happens.
    """
    heard: list[Heard] = []
    detector = _advance(detector, max(at, detector.now), rules, heard)
    if detector.run is None:
        start = detector.now if began is None else min(began, detector.now)
        run = Run(began=start, sources=(source,), by_hand=True, given=began is not None)
        wire, link = replace(detector.wire, hush=float("-inf")), detector.link
        if wire.muted:
            wire = replace(wire, muted=False, since=detector.now if wire.since is not None else None)
        if link.muted:
            link = Link() if link.lost else replace(link, muted=False, since=detector.now, began=detector.now)
        heard.append(Began(run))
        detector = _judge(replace(detector, run=run, wire=wire, link=link), rules, heard)
    return _advance(detector, detector.now, rules, heard), tuple(heard)


def stop_by_hand(detector: Detector, at: float, rules: Rules) -> tuple[Detector, tuple[Heard, ...]]:
    """End the running session now, in a pause when the motor went quiet; what still runs is muted until it is quiet.

    Where none runs, nothing happens.
    """
    heard: list[Heard] = []
    detector = _advance(detector, max(at, detector.now), rules, heard)
    if detector.run is not None:
        quiet, wire = detector.run.quiet, detector.wire
        detector = _end(detector, detector.now if quiet is None else quiet, heard)
        detector = replace(
            detector,
            wire=replace(wire, muted=wire.since is not None or _rising(wire)),
            link=replace(detector.link, muted=detector.link.running),
        )
    return detector, tuple(heard)


def rest_by_hand(detector: Detector, at: float, rules: Rules, *, goes_on: bool) -> tuple[Detector, tuple[Heard, ...]]:
    """Pause what nothing but a hand witnesses, or let it go on; where that changes nothing, nothing happens."""
    heard: list[Heard] = []
    detector = _advance(detector, max(at, detector.now), rules, heard)
    run = detector.run
    if run is not None and run.by_hand and goes_on is not (run.quiet is None):
        run = gone_on(run, detector.now) if goes_on else replace(run, quiet=detector.now)
        heard.append(WentOn(run) if goes_on else Paused(run))
    return _advance(replace(detector, run=run), detector.now, rules, heard), tuple(heard)


def wake_at(detector: Detector, rules: Rules) -> float:
    """When something may happen by time alone; infinite: only an event can change anything."""
    return min(_dues(detector, rules), default=(float("inf"), Due.SETTLED))[0]


# -- time ------------------------------------------------------------------------------------------------------


class Due(IntEnum):
    """What time brings; of two at one instant the first here goes first."""

    SETTLED = 1
    LASTED = 2
    GAP = 3
    SILENCE = 4
    OVER = 5
    STUCK = 6


def _dues(detector: Detector, rules: Rules) -> list[tuple[float, Due]]:
    wire, link, run = detector.wire, detector.link, detector.run
    dues: list[tuple[float, Due]] = []
    if wire.edge is not None:
        dues.append((wire.edge + rules.debounce_s, Due.SETTLED))
    if wire.since is not None and rules.signal == "level":
        # A fall that is not settled yet decides first, unless the signal had lasted before it.
        lasted = wire.since + LASTS_S
        if not wire.running and (wire.edge is None or wire.edge >= lasted):
            dues.append((lasted, Due.LASTED))
    elif wire.since is not None:
        gone = strokes.latest(wire.strokes) + rules.pulse_gap_s
        if wire.edge is None or not _rising(wire) or wire.edge >= gone:
            dues.append((gone, Due.GAP))
    if link.running and link.beats and not link.lost:
        dues.append((link.heard + SILENCE_S, Due.SILENCE))
    over = None if run is None else over_at(run, rules)
    if run is not None and over is not None:
        first = _candidate(wire)
        if first is None or (first > over and not run.stopped):
            dues.append((over, Due.OVER))
    elif run is not None and not run.stuck:
        dues.append((run.began + run.rested_s + rules.max_session_s, Due.STUCK))
    return dues


def _advance(detector: Detector, at: float, rules: Rules, heard: list[Heard]) -> Detector:
    """Let everything happen, in order, that is due by `at`."""
    for _ in range(STEPS):
        due_at, due = min(_dues(detector, rules), default=(float("inf"), Due.SETTLED))
        if due_at > at:
            return replace(detector, now=at)
        wire, link, run = detector.wire, detector.link, detector.run
        match due:
            case Due.SETTLED:
                detector = _settle(detector, wire.edge or 0.0, rules, heard)
            case Due.LASTED:
                detector = _judge(replace(detector, wire=replace(wire, running=True)), rules, heard)
            case Due.GAP:
                detector = _wire_quiet(detector, strokes.latest(wire.strokes), rules, heard)
            case Due.SILENCE:
                link = replace(link, running=False, muted=False, quiet=link.heard)
                detector = _judge(replace(detector, link=link), rules, heard)
            case Due.OVER if run is not None:
                detector = _judge(_over(detector, run, due_at, heard), rules, heard)
            case Due.STUCK if run is not None:
                run = replace(run, stuck=True)
                heard.append(Stuck(run))
                detector = replace(detector, run=run)
    raise AssertionError(f"time does not pass: {detector}")


# -- the wire --------------------------------------------------------------------------------------------------


def _rising(wire: Wire) -> bool:
    return wire.edge is not None and wire.raw


def _candidate(wire: Wire) -> float | None:
    """The first edge of a signal that may yet last."""
    if wire.muted or wire.running:
        return None
    return wire.since if wire.since is not None else wire.edge if wire.raw else None


def _edge(detector: Detector, event: MotorEdge, rules: Rules, heard: list[Heard]) -> Detector:
    wire = detector.wire
    at = detector.now
    if event.settled:
        at = max(min(event.at, at), at - LATE_S, wire.seen)
    if event.active == wire.raw and not (event.settled and wire.edge is not None):
        at_rest = rules.signal == "level" and not event.active
        return replace(detector, wire=replace(wire, hush=float("-inf"))) if at_rest else detector
    edge = at if event.active != wire.level else None
    wire = replace(wire, raw=event.active, edge=edge, seen=at)
    if wire.edge is None and wire.since is None:
        wire = replace(wire, muted=False)
    detector = replace(detector, wire=wire)
    return _settle(detector, at, rules, heard) if event.settled and edge is not None else detector


def _settle(detector: Detector, at: float, rules: Rules, heard: list[Heard]) -> Detector:
    """The level has been stable for its period: it changed at its edge."""
    wire = replace(detector.wire, level=detector.wire.raw, edge=None)
    detector = replace(detector, wire=wire)
    if rules.signal == "pulses":
        if wire.level:
            return _knock(detector, at, rules, heard)
        return replace(detector, wire=replace(wire, strokes=strokes.knock_over(wire.strokes, at)))
    if wire.level:
        return replace(detector, wire=replace(wire, since=at, muted=wire.muted or at < wire.hush))
    return detector if wire.since is None else _wire_quiet(detector, at, rules, heard)


def _knock(detector: Detector, at: float, rules: Rules, heard: list[Heard]) -> Detector:
    wire = detector.wire
    since = wire.since
    if since is None:
        muted = wire.muted or at < wire.hush
        return replace(detector, wire=replace(wire, since=at, strokes=strokes.first_knock(at), muted=muted))
    wire = replace(wire, strokes=strokes.knock(wire.strokes, at))
    lasted = strokes.latest(wire.strokes) - since >= LASTS_S
    wire = replace(wire, running=wire.running or lasted)
    if wire.muted:
        wire = replace(wire, strokes=strokes.told(wire.strokes))
    detector = _judge(replace(detector, wire=wire), rules, heard)
    if not wire.running or wire.muted or (wire.strokes.chatters and detector.link.running):
        return detector
    detector = replace(detector, wire=replace(wire, strokes=strokes.told(wire.strokes)))
    return _paced(detector, wire.strokes.cycles, strokes.pace(wire.strokes), heard)


def _wire_quiet(detector: Detector, at: float, rules: Rules, heard: list[Heard]) -> Detector:
    wire = detector.wire
    quiet = at if wire.running else wire.quiet
    fresh = Wire(raw=wire.raw, level=wire.level, edge=wire.edge, quiet=quiet, seen=wire.seen)
    return _judge(replace(detector, wire=fresh), rules, heard)


# -- the link --------------------------------------------------------------------------------------------------


def _line(detector: Detector, line: PumpSaid, rules: Rules, heard: list[Heard]) -> Detector:
    match line.verb:
        case Verb.START | Verb.RUN:
            return _link_runs(detector, line, rules, heard)
        case Verb.PAUSE:
            return _link_pauses(detector, rules, heard)
        case Verb.STOP:
            return _link_stops(detector, line, rules, heard)
        case Verb.VOLUME if line.ml is not None:
            heard.append(Collected(line.ml))
    return detector


def _link_runs(detector: Detector, line: PumpSaid, rules: Rules, heard: list[Heard]) -> Detector:
    """START and RUN; a RUN with no START tells of a session that began `t` ago: after a stop by hand, of the next."""
    now, link, run = detector.now, replace(detector.link, paused=None, stop_t=None), detector.run
    beats = line.verb is Verb.RUN
    before = link.heard if link.running and link.beats else None
    anew = not beats or (line.t is not None and detector.last is not None and now - line.t >= detector.last[1])
    if link.running and not (link.muted and anew):
        link = replace(link, heard=now, beats=link.beats or beats, lost=False)
    else:
        had_begun = run is not None and run.link_began is not None
        began = now - line.t if beats and line.t is not None and not had_begun else now
        beats = beats or (link.beats and had_begun)
        link = Link(running=True, since=now, began=began, heard=now, beats=beats, quiet=link.quiet)
    detector = _judge(replace(detector, link=link), rules, heard)
    run = detector.run
    if line.cpm is None or link.muted or run is None or strokes_tell(run, detector.wire, rules):
        return detector
    lasted = 0.0 if before is None else min(now - before, SILENCE_S)
    return _paced(detector, (line.cpm * lasted / 60, lasted), line.cpm, heard)


def _link_pauses(detector: Detector, rules: Rules, heard: list[Heard]) -> Detector:
    detector = _heard_after_restart(detector, heard)
    link = detector.link
    if link.running:
        link = replace(link, running=False, muted=False, quiet=detector.now)
    if link.paused is None or link.stop_t is not None:
        link = replace(link, paused=detector.now, stop_t=None)
    return _judge(replace(detector, link=link), rules, heard)


def _link_stops(detector: Detector, line: PumpSaid, rules: Rules, heard: list[Heard]) -> Detector:
    """STOP. While no session runs it speaks of the time before it, or before a PAUSE that nothing followed."""
    now, link, t = detector.now, detector.link, line.t or 0.0
    if link.stop_t not in {None, t}:
        link = replace(link, paused=None)
    ended = now if link.paused is None else link.paused
    link = replace(link, stop_t=t)
    if link.running:
        link = replace(link, running=False, muted=False, quiet=now)
    detector = _heard_after_restart(replace(detector, link=link), heard)
    run = detector.run
    if run is None:
        return _stop_out_of_the_blue(detector, line, ended, heard)
    if line.ml is not None:
        heard.append(Collected(line.ml))
    if run.by_hand:
        quiet = now if run.quiet is None else run.quiet
        run = replace(run, by_hand=False, quiet=quiet, sources=with_source(run.sources, Source.SERIAL))
    return _judge(replace(detector, run=replace(run, stopped=True)), rules, heard)


def _stop_out_of_the_blue(detector: Detector, line: PumpSaid, ended: float, heard: list[Heard]) -> Detector:
    """No session runs: it tells of one that nobody heard, or is the STOP that the last one never had."""
    tells = line.t is not None and line.t >= 1
    began = ended - (line.t or 0.0) if tells else float("-inf")
    if tells and (detector.last is None or not overlap(detector.last, began, ended)):
        heard.append(Missed(began, ended, line.ml))
        return with_last(detector, began, ended, had_stop=True)
    if line.ml is not None and not detector.had_stop:
        heard.append(Collected(line.ml, began, ended))
    return replace(detector, had_stop=True)


def _heard_after_restart(detector: Detector, heard: list[Heard]) -> Detector:
    """PAUSE and STOP are the pump's too: a run that waits for it had pumped until then."""
    run = detector.run
    if run is None or run.until is None:
        return detector
    if run.lapsed:
        run = replace(run, quiet=None, until=None, lapsed=False, sources=with_source(run.sources, Source.SERIAL))
        run = replace(run, link_began=run.began if run.link_began is None else run.link_began)
        heard.append(WentOn(run))
        return replace(detector, run=run, link=replace(detector.link, quiet=detector.now))
    return replace(detector, run=replace(run, until=None))


def _port_lost(detector: Detector, rules: Rules, heard: list[Heard]) -> Detector:
    """The port is gone: its witness is quiet as of the last RUN; a pump that sends none ran until now."""
    link = replace(detector.link, paused=None, stop_t=None)
    if link.muted:
        link = replace(link, lost=True)
    elif link.running:
        link = replace(link, running=False, quiet=link.heard if link.beats else detector.now)
    return _judge(replace(detector, link=link), rules, heard)


def _port_found(detector: Detector) -> Detector:
    """The port is back: a silence of a muted link counts from now."""
    link = detector.link
    return replace(detector, link=replace(link, lost=False, heard=detector.now)) if link.lost else detector


# -- the run ---------------------------------------------------------------------------------------------------


def _judge(detector: Detector, rules: Rules, heard: list[Heard]) -> Detector:
    """Hold the run against its witnesses: begin one, let it go on, or pause it when the last of them is quiet."""
    wire, link = detector.wire, detector.link
    if wire.running and not wire.muted and wire.since is not None:
        detector = _runs(detector, Source.GPIO, wire.since, wire.since, rules, heard)
    if link.running and not link.muted and not _is_held_open(detector, link.since, rules):
        detector = _runs(detector, Source.SERIAL, link.since, link.began, rules, heard)
    run = detector.run
    wire_runs, link_runs = wire.running and not wire.muted, link.running and not link.muted
    if run is None or run.by_hand or run.quiet is not None:
        return detector
    if wire_runs or link_runs:
        tells = wire_runs if strokes_tell(run, wire, rules) else link_runs
        if tells or run.cpm is None:
            return detector
        run = replace(run, cpm=None)
        heard.append(Changed(run))
        return replace(detector, run=run)
    quiets = [run.rests[-1][1] if run.rests else run.began]
    quiets += [wire.quiet] if run.wire_began is not None and wire.quiet is not None else []
    quiets += [link.quiet] if run.link_began is not None and link.quiet is not None else []
    run = replace(run, quiet=max(quiets), cpm=None)
    if not run.stopped:
        heard.append(Paused(run))
    return replace(detector, run=run)


def _is_held_open(detector: Detector, at: float, rules: Rules) -> bool:
    """Whether the run is over by then, unless the wire shows that it had gone on before: that decides first."""
    run = detector.run
    over = None if run is None else over_at(run, rules)
    return over is not None and run is not None and (at > over or (run.stopped and at == over))


def _runs(detector: Detector, source: Source, since: float, began: float, rules: Rules, heard: list[Heard]) -> Detector:
    """One witness says that the motor runs `since` then, in a session that `began` then."""
    run = detector.run
    if detector.last is not None:
        earliest = min(detector.last[1], detector.now)
        since, began = max(since, earliest), max(began, earliest)
    if run is None:
        run = joined(Run(began=began, sources=()), source, began, rules)
        heard.append(Began(run))
        return replace(detector, run=run)
    before = run
    if (run.wire_began if source is Source.GPIO else run.link_began) is None:
        run = joined(run, source, began, rules)
    if run.quiet is not None and run.lapsed:
        run = replace(run, quiet=None, until=None, lapsed=False)
    elif run.quiet is not None and since > run.quiet:
        run = gone_on(run, since)
    else:
        run = shorten_rests(replace(run, quiet=None, until=None), since)
    if source is Source.SERIAL:
        run = replace(run, stopped=False)
    if run != before:
        heard.append(WentOn(run) if before.quiet is not None else Changed(run))
    return replace(detector, run=run)


def _over(detector: Detector, run: Run, over: float, heard: list[Heard]) -> Detector:
    """A pause, or what a restart waits for, is over; or nobody heard of what a hand started for too long."""
    if run.quiet is None:
        return _end(detector, over, heard, interrupted=True)
    return _end(detector, run.quiet, heard, interrupted=run.until is not None and run.lapsed and not run.stopped)


def _end(detector: Detector, at: float, heard: list[Heard], *, interrupted: bool = False) -> Detector:
    run, wire, link = detector.run, detector.wire, detector.link
    if run is None:
        return detector
    if run.wire_began is not None and run.link_began is not None:
        run = disagree(run, at if wire.running else wire.quiet, at if link.running else link.quiet)
    at = max(at, run.began)
    heard.append(Ended(run, at, interrupted))
    link = link if link.running else Link(paused=link.paused, stop_t=link.stop_t)
    return replace(detector, run=None, last=(run.began, at), had_stop=run.stopped, link=link)


def _paced(detector: Detector, counted: tuple[float, float], pace: float | None, heard: list[Heard]) -> Detector:
    run = detector.run
    if run is None or run.quiet is not None:
        return detector
    cpm = None if pace is None else int(pace + 0.5)
    cycles = (run.cycles[0] + counted[0], run.cycles[1] + counted[1])
    paced = replace(run, cycles=cycles, cpm=cpm, last_cpm=run.last_cpm if cpm is None else cpm)
    if cpm != run.cpm:
        heard.append(Changed(paced))
    return replace(detector, run=paced)
