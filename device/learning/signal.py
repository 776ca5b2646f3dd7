"""What a motor's wire carries, judged from one watch of it: level, pulses, vibration, noise, nothing; and its settings.

The judging is about shapes alone; what it proposes is then read by the detector itself (`hearing`), and told.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import ceil
from statistics import median
from typing import Any

import msgspec

from device.core.pump.detector import LASTS_S

from .hearing import HeardRun, Reading, hear_as
from .waveform import (
    Level,
    Mark,
    Stroke,
    Waveform,
    busiest_second,
    gaps_between,
    grouped,
    is_rhythmic,
    marks_of,
    periods,
    settled,
    share_high,
    span_s,
    strokes_of,
)

AT_REST_S = 3.0
"""The pump is off for so long at the beginning, as whoever watches is told."""
SOLID_S = 0.001
"""A mark shorter than this is a spike, or one of a motor's that is switched fast: no filter of ours hears it."""
APART_FROM_PRESS_S = 0.03
"""What begins this close to a button's edge is the button's, on a wire beside it."""
PRESS_LIKE_S = 0.1
"""And is no longer than this, unless it also ends with the press."""
SWITCHED_FAST = 300
"""Edges in a second: above any sensor's chatter."""
KNOCKS_A_SECOND = 1.0
"""A vibration sensor knocks at least as often on the whole, else it is noise."""
FEWEST_KNOCKS = 10
SLOWEST_S = 7.5
"""Seconds from stroke to stroke: slow expression is 10 a minute, and a hand that switches a pump is slower."""
SLOWEST_SHORT_S = 20.0
"""The same where no mark lasts as long as a pump that is switched on."""
BUZZES_S = 0.025
"""Knocks of one stroke with so much between two of them are a vibration's; a contact bounces within less."""

DEFAULT_GAP_S = 8
LEVEL_MS = (50, 20, 100, 200, 400, 800)
KNOCK_LEAST_MS = (5, 3, 2, 1, 10, 20, 40, 80)
"""`debounce_ms` in the order in which it is tried; the first of each is the default."""
MOST_OF = 0.7
"""Of all strokes so many must stand in rhythmic bouts."""
ROOM = 0.7
"""Of a filter's width, what the longest gap that was seen may take: tomorrow's is longer."""
BY_HAND_S = 1.0
"""Nobody switches a pump off and on again faster."""
ENDS_SHARP_S = 0.5
"""A level after its filter keeps its ends within this of what was seen, else it is none."""
AGREES_S = 1.0
"""So closely a begin and an end are promised."""


class SignalKind(StrEnum):
    LEVEL = "level"
    PULSES = "pulses"
    VIBRATION = "vibration"
    NOTHING = "nothing"
    NOISE = "noise"


class SignalFigures(msgspec.Struct, frozen=True):
    """What was counted; seconds since the watch began, milliseconds and strokes a minute."""

    watched_s: float
    edges: int
    edges_in_busiest_second: int
    lost: int
    shortest_ms: float | None = None
    longest_ms: float | None = None
    strokes_a_minute: int | None = None
    with_buttons: int = 0
    """Marks that came and went with a button's wire."""


class SignalFinding(msgspec.Struct, frozen=True):
    """What the wire is taken for, in figures and words, and what to write (full key names; empty: nothing)."""

    kind: SignalKind
    figures: SignalFigures
    proposal: dict[str, Any]
    heard: tuple[HeardRun, ...]
    """What the device hears of this very watch with the proposal: seconds since it began."""
    words: tuple[str, ...]


class WireShape(msgspec.Struct, frozen=True):
    """A kind, how to read it, and when the pump ran as far as one can see."""

    kind: SignalKind
    reading: Reading
    runs: tuple[tuple[float, float], ...]
    chattered_ms: int = 0
    """The longest gap that the filter rides over, where there are such."""


def judge_signal(seen: Waveform) -> SignalFinding:
    """Say what was on the wire. The pump was off for the first AT_REST_S, then on and off as often as was liked."""
    active = _active_level(seen)
    raw = marks_of(seen, active)
    strays = [mark for mark in raw if _is_stray(mark, seen.presses)]
    own = [mark for mark in raw if mark not in strays]
    figures = SignalFigures(
        watched_s=round(seen.ends - seen.begins, 1),
        edges=len(seen.edges),
        edges_in_busiest_second=busiest_second(seen),
        lost=seen.lost,
        shortest_ms=_in_ms(min(map(span_s, raw), default=None)),
        longest_ms=_in_ms(max(map(span_s, raw), default=None)),
        with_buttons=len(strays),
    )
    if not raw:
        return SignalFinding(SignalKind.NOTHING, figures, {}, (), _nothing_said(seen))
    shape = _shape(own, strays, active)
    heard = () if shape is None else hear_as(seen, shape.reading)
    if shape is None or not heard:
        return SignalFinding(SignalKind.NOISE, figures, {}, (), _noise_said(figures, own, strays))
    cpm = _pace_of(heard)
    figures = msgspec.structs.replace(figures, strokes_a_minute=cpm)
    since = tuple(HeardRun(run.began - seen.begins, run.ended - seen.begins, run.cpm) for run in heard)
    agrees = _agree(heard, shape.runs)
    words = tuple(_known_said(shape, figures, since, agrees=agrees))
    return SignalFinding(shape.kind, figures, _proposal(seen, shape.reading), since, words)


# -- shapes ----------------------------------------------------------------------------------------------------------


def _active_level(seen: Waveform) -> Level:
    """The level that the wire does not rest at: of the first seconds and the last, whichever are the quieter."""
    first = share_high(seen, seen.begins, min(seen.begins + AT_REST_S, seen.ends))
    last = share_high(seen, max(seen.ends - AT_REST_S, seen.begins), seen.ends)
    rest = last if abs(last - 0.5) > abs(first - 0.5) + 0.1 else first
    return "low" if rest > 0.5 else "high"


def _is_stray(mark: Mark, presses: Sequence[float]) -> bool:
    """Whether a button's wire did this: it begins with an edge there, and is short or ends with one too."""

    def beside(at: float) -> bool:
        return any(abs(at - press) <= APART_FROM_PRESS_S for press in presses)

    return beside(mark[0]) and (span_s(mark) <= PRESS_LIKE_S or beside(mark[1]))


def _shape(own: Sequence[Mark], strays: Sequence[Mark], active: Level) -> WireShape | None:
    """The first kind that fits; None: noise."""
    solid = [mark for mark in own if span_s(mark) >= SOLID_S]
    brief = max(map(span_s, solid), default=0.0) < LASTS_S
    # a filter that leaves the buttons' marks out, where strokes are long enough for it
    least_ms = ceil(1000 * max((span_s(mark) for mark in strays if span_s(mark) <= PRESS_LIKE_S), default=0)) + 1
    knocks_ms = sorted(KNOCK_LEAST_MS, key=lambda ms: bool(strays) and ms < least_ms)
    for apart_s in (DEFAULT_GAP_S, SLOWEST_SHORT_S) if brief else (DEFAULT_GAP_S,):
        bouts = [group for group in grouped(solid, apart_s) if group[-1][1] - group[0][0] >= LASTS_S]
        if not bouts:
            continue
        slowest_s = SLOWEST_SHORT_S if brief and apart_s > DEFAULT_GAP_S else SLOWEST_S
        shape = _pulses(bouts, active, knocks_ms, slowest_s) or _switched(bouts, own, active) or _chatter(bouts, active)
        if shape is not None:
            return shape
    return None


def _pulses(
    bouts: Sequence[Sequence[Mark]], active: Level, widths_ms: Sequence[int], slowest_s: float
) -> WireShape | None:
    for width_ms in widths_ms:
        each = [strokes_of(settled(bout, width_ms / 1000)) for bout in bouts]
        rhythmic = [strokes for strokes in each if is_rhythmic(strokes, slowest_s)]
        if not rhythmic or sum(map(len, rhythmic)) < MOST_OF * sum(map(len, each)):
            continue
        longest_s = max(max(periods(strokes)) for strokes in rhythmic)
        gap_s = max(DEFAULT_GAP_S, ceil(longest_s * 1.3)) if longest_s < SLOWEST_SHORT_S else DEFAULT_GAP_S
        kind = SignalKind.VIBRATION if _buzzes(rhythmic) else SignalKind.PULSES
        runs = tuple((strokes[0].began, strokes[-1].began) for strokes in rhythmic)
        return WireShape(kind, Reading("pulses", active, width_ms, gap_s), runs)
    return None


def _buzzes(bouts: Sequence[Sequence[Stroke]]) -> bool:
    """Whether most strokes are several knocks, too far apart for a contact's bounce."""
    strokes = [stroke for bout in bouts for stroke in bout]
    return sum(stroke.widest_gap_s >= BUZZES_S for stroke in strokes) > len(strokes) / 2


def _switched(bouts: Sequence[Sequence[Mark]], own: Sequence[Mark], active: Level) -> WireShape | None:
    for width_ms in LEVEL_MS:
        runs: list[Mark] = []
        for bout in bouts:
            on = settled([mark for mark in own if bout[0][0] <= mark[0] <= bout[-1][1]], width_ms / 1000)
            if (
                not on
                or not _keeps_on(on)
                or on[0][0] > bout[0][0] + ENDS_SHARP_S
                or on[-1][1] < bout[-1][1] - ENDS_SHARP_S
            ):
                break
            runs += on
        else:
            ridden = ([mark for mark in own if begin <= mark[0] < end] for begin, end in runs)
            inside = [gap for marks in ridden for gap in gaps_between(marks)]
            chattered_ms = ceil(1000 * max(inside, default=0.0))
            if chattered_ms > ROOM * width_ms:
                continue
            return WireShape(SignalKind.LEVEL, Reading("level", active, width_ms), tuple(runs), chattered_ms)
    return None


def _keeps_on(on: Sequence[Mark]) -> bool:
    """Whether these are a pump's times of running, each switched on and off by hand."""
    return all(span_s(mark) >= LASTS_S for mark in on) and min(gaps_between(on), default=LASTS_S) >= BY_HAND_S


def _chatter(bouts: Sequence[Sequence[Mark]], active: Level) -> WireShape | None:
    """Knocks on and on, without a pace: the motor runs as long as they come."""
    for width_ms in KNOCK_LEAST_MS:
        each = [settled(bout, width_ms / 1000) for bout in bouts]
        busy = [
            knocks
            for knocks in each
            if len(knocks) >= FEWEST_KNOCKS and len(knocks) >= KNOCKS_A_SECOND * (knocks[-1][1] - knocks[0][0])
        ]
        # a width that drops a bout's beginning or end is none
        whole = [
            knocks
            for knocks, bout in zip(each, bouts, strict=True)
            if knocks in busy and knocks[0][0] - bout[0][0] <= ENDS_SHARP_S and bout[-1][1] - knocks[-1][1] <= AGREES_S
        ]
        if busy and len(whole) == len(busy):
            runs = tuple((knocks[0][0], knocks[-1][0]) for knocks in busy)
            return WireShape(SignalKind.VIBRATION, Reading("pulses", active, width_ms), runs)
    return None


def _proposal(seen: Waveform, reading: Reading) -> dict[str, Any]:
    proposal = {
        "motor.signal": reading.signal,
        "motor.active": reading.active,
        "motor.pull": _pull(seen, reading.active),
        "motor.debounce_ms": reading.debounce_ms,
    }
    return proposal | ({"motor.pulse_gap_s": reading.pulse_gap_s} if reading.signal == "pulses" else {})


def _pull(seen: Waveform, active: Level) -> str:
    """The resistor that holds an open wire where it rests; a wire that its board holds needs none."""
    if seen.floats is None:
        return seen.pull
    if not seen.floats:
        return "none"
    return "up" if active == "low" else "down"


def _pace_of(heard: Sequence[HeardRun]) -> int | None:
    """The pace of the longest run that has one."""
    paced = [(run.ended - run.began, run.cpm) for run in heard if run.cpm is not None]
    return max(paced)[1] if paced else None


def _agree(heard: Sequence[HeardRun], runs: Sequence[tuple[float, float]]) -> bool:
    lasting = [run for run in runs if run[1] - run[0] >= LASTS_S]
    return len(heard) == len(lasting) and all(
        abs(run.began - began) <= AGREES_S and abs(run.ended - ended) <= AGREES_S
        for run, (began, ended) in zip(heard, lasting, strict=True)
    )


# -- words -----------------------------------------------------------------------------------------------------------


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)


def _nothing_said(seen: Waveform) -> tuple[str, ...]:
    at = "high" if seen.high else "low"
    told = f"Nothing: the wire stayed {at} all the while."
    if seen.floats:
        other = "down" if seen.pull == "up" else "up"
        joins = "3.3 V" if other == "down" else "ground"
        return (
            told,
            "At rest nothing holds it but the Pi's own resistor: a contact that never closed, or a wire that is off.",
            f"Look at the wire and its ground; if the contact joins it to {joins}, call this with --pull {other}.",
        )
    if seen.floats is None:
        return told, "Was the pump switched on? Look at the wire, its ground and the sensor's supply."
    return (
        told,
        "Something holds it there, so a sensor is connected: turn its trimmer, or bring it closer to the motor.",
        "A lamp on the board that does not light while the pump runs says the same.",
    )


def _noise_said(figures: SignalFigures, own: Sequence[Mark], strays: Sequence[Mark]) -> tuple[str, ...]:
    if len(strays) > len(own):
        return (
            f"Noise from the buttons' wires: {len(strays)} of {len(strays) + len(own)} marks came with a press.",
            "Lead the motor's wire apart from theirs, or twist each with its own ground, and keep them short;",
            "10 kΩ from the motor's wire to where it rests (3.3 V or ground) helps where it is longer than 30 cm.",
        )
    if figures.edges_in_busiest_second >= SWITCHED_FAST and own and median(map(span_s, own)) < SOLID_S * 3:
        return (
            f"Noise: up to {figures.edges_in_busiest_second} edges in a second, too short to tell strokes from.",
            "A motor whose speed is set by switching it fast looks like this: put 10 µF across the coupler's LED,",
            "after the resistor, plus to the anode; then call this again.",
        )
    return (
        f"Noise: {figures.edges} edges without a rhythm, the longest mark {figures.longest_ms:g} ms.",
        "That is no pump that ran for three seconds. Was it on for ten at least? Else look at the wire's ground,",
        "keep it away from mains and motor leads, and give it 10 kΩ to where it rests (3.3 V or ground).",
    )


def _known_said(shape: WireShape, figures: SignalFigures, heard: Sequence[HeardRun], *, agrees: bool) -> Iterator[str]:
    active, width_ms = shape.reading.active, shape.reading.debounce_ms
    rest = "low" if active == "high" else "high"
    match shape.kind:
        case SignalKind.LEVEL:
            yield f"A level: {rest} at rest, {active} while the pump runs."
            if shape.chattered_ms:
                gaps = f"gaps of up to {shape.chattered_ms} ms"
                yield f"It chatters, with {gaps}; debounce_ms = {width_ms} rides over them."
        case SignalKind.PULSES:
            pace = (
                "no pace to be had"
                if figures.strokes_a_minute is None
                else f"{figures.strokes_a_minute} strokes a minute"
            )
            yield f"Pulses: {rest} at rest, {active} once a stroke, {pace}."
        case _ if figures.strokes_a_minute is not None:
            yield f"Vibration: it knocks several times a stroke, {figures.strokes_a_minute} strokes a minute."
        case _:
            yield "Vibration, or a sensor that chatters: it knocks all the while, so there is no pace to be had."
    if figures.with_buttons:
        yield f"{figures.with_buttons} marks came with a press of a button: lead the wires apart."
    if figures.lost:
        yield f"{figures.lost} edges came too fast to be taken."
    for run in heard:
        pace = f", {run.cpm} strokes a minute" if run.cpm is not None else ""
        yield f"With these settings the device hears the pump run from {run.began:.1f} s to {run.ended:.1f} s{pace}."
    if not agrees:
        yield "That is not what was seen on the wire: watch once more, and leave the pump on for ten seconds at least."
