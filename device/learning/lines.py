"""What a serial port brought, judged: our lines, lines of another pump, frames, a wrong speed; and the patterns for it.

What it proposes has passed the configuration's own check, and the link's parser has read those very lines by it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

import msgspec

from device.core.model.events import PumpSaid, Verb
from device.settings.keys import WrongError, read_pattern
from drivers.pump_link import KEYS, LineParser
from drivers.serial_line import LONGEST_LINE

from .shapes import (
    DIGITS,
    LineShape,
    Taken,
    expression,
    expressions,
    groups_of,
    name_beside,
    of_a_clock,
    shapes_of,
    ticks_of,
)

TEXT_SHARE = 0.9
FEWEST_BEATS = 3
SILENT_AFTER_S = 15.0
"""A heartbeat comes at least so often, else the device takes its silence for quiet."""
AROUND_S = 5.0
"""A line that comes so shortly before the first heartbeat, or after the last, tells of the begin or the end."""
EXAMPLES, SHOWN = 6, 40
"""Of lines that nobody knows so many are shown, and so much of each."""
BURST_S = 0.02
FRAMES = 4
SAYS: dict[Verb, set[str]] = {
    Verb.START: {"start", "started", "starting", "on", "begin", "began", "go", "run", "running", "pumping"},
    Verb.STOP: {"stop", "stopped", "off", "end", "ended", "done", "finish", "finished", "idle", "standby", "false"},
    Verb.PAUSE: {"pause", "paused", "rest", "resting", "hold"},
    Verb.HELLO: {"hello", "hi", "boot", "booted", "ready", "version", "fw", "firmware", "model", "welcome"},
}
"""Words by which a line may be known, where its place says nothing else."""


class LinesKind(StrEnum):
    PUMP = "pump"
    DIALECT = "dialect"
    TEXT = "text"
    BINARY = "binary"
    GARBAGE = "garbage"
    SILENT = "silent"


class Listened(msgspec.Struct):
    """What came while the port had one speed: when, and which bytes."""

    baud: int
    chunks: list[tuple[float, bytes]]

    @property
    def data(self) -> bytes:
        return b"".join(piece for _, piece in self.chunks)


class LinesFinding(msgspec.Struct, frozen=True):
    """What the port is taken for, in counts and words, and what to write (full key names; empty: nothing)."""

    kind: LinesKind
    baud: int
    bytes: int
    lines: int
    verbs: dict[str, int]
    """How many lines of each verb the device reads, with the proposal."""
    proposal: dict[str, Any]
    words: tuple[str, ...]


def is_text(data: bytes) -> bool:
    good = sum(0x20 <= byte < 0x7F or byte in b"\r\n\t" for byte in data)
    return bool(data) and good >= TEXT_SHARE * len(data)


def judge_lines(listened: Sequence[Listened]) -> LinesFinding:
    """Say what came; of several speeds the one counts that brought text."""
    best = next((heard for heard in reversed(listened) if is_text(heard.data)), listened[0])
    data = best.data

    def finding(kind: LinesKind, *words: str, **more: Any) -> LinesFinding:
        count = len(_lines_of(best.chunks)) if kind in {LinesKind.PUMP, LinesKind.DIALECT, LinesKind.TEXT} else 0
        empty: dict[str, Any] = {"verbs": {}, "proposal": {}}
        return LinesFinding(kind, best.baud, len(data), count, words=words, **(empty | more))

    if not data:
        return finding(
            LinesKind.SILENT,
            f"Nothing came at {best.baud} baud. Was the pump switched on? Is its TX joined to the Pi's RX, and ground?",
        )
    if not is_text(data):
        return finding(*_no_text(best, [heard.baud for heard in listened if heard.data]))
    lines = _lines_of(best.chunks)
    if not lines:
        ended = "ended by CR alone" if b"\r" in data else "without an end"
        return finding(LinesKind.TEXT, f"Text {ended}: the device reads lines that end with LF, or CR and LF.")
    own = _verbs(best.chunks, {})
    if own.total() * 2 >= len(lines):
        told = f"Our own lines at {best.baud} baud: {_counted(own)}. No pattern is needed."
        return finding(LinesKind.PUMP, told, verbs=dict(own), proposal={"serial.baud": best.baud})
    shapes = shapes_of(lines)
    patterns, how = _patterns(shapes)
    if not patterns:
        return finding(
            LinesKind.TEXT,
            f"{len(lines)} lines of text at {best.baud} baud; by no word or number is one known as a start or a run.",
            *_examples(shapes),
            "Watch once more, and start and stop the pump twice; else write [serial.patterns] by hand.",
        )
    verbs = _verbs(best.chunks, patterns)
    left = len(lines) - verbs.total()
    words = [f"Lines of its own at {best.baud} baud: {_counted(verbs)}; {left} of {len(lines)} fit nothing.", *how]
    if any(len(text) > LONGEST_LINE for _, text in lines):
        words.append(f"Lines of more than {LONGEST_LINE} bytes are dropped.")
    proposal = {"serial.baud": best.baud, "serial.patterns": patterns}
    return finding(LinesKind.DIALECT, *words, verbs=dict(verbs), proposal=proposal)


def _lines_of(chunks: Sequence[tuple[float, bytes]]) -> list[tuple[float, str]]:
    """Whole lines, each at the instant of its end."""
    lines, rest = [], b""
    for at, data in chunks:
        *whole, rest = (rest + data).split(b"\n")
        lines += [(at, line.removesuffix(b"\r").decode("latin-1")) for line in whole]
    return lines


def _verbs(chunks: Sequence[tuple[float, bytes]], patterns: dict[str, Any]) -> Counter[str]:
    """What the link's own parser reads of it."""
    parser = LineParser(patterns)
    said = (line for at, data in chunks for line in parser.feed(data, at))
    return Counter(line.verb.value for line in said if isinstance(line, PumpSaid))


def _examples(shapes: Sequence[LineShape]) -> Iterator[str]:
    """The lines that came, one of each shape, so that somebody who reads them can tell what they say."""
    if shapes:
        shown = (f"{shape.seen[-1].text.strip()[:SHOWN]!r} ({len(shape.seen)})" for shape in shapes[:EXAMPLES])
        yield f"They are like {', '.join(shown)}{', and others' if len(shapes) > EXAMPLES else ''}."


def _counted(verbs: Counter[str]) -> str:
    return ", ".join(f"{verb} {verbs[verb]}" for verb in Verb if verbs[verb])


# -- which line says what --------------------------------------------------------------------------------------------


def _patterns(shapes: Sequence[LineShape]) -> tuple[dict[str, Any], list[str]]:
    """The patterns by verb, those alone that the configuration takes; and what was taken for what, in words."""
    patterns: dict[str, Any] = {}
    words: list[str] = []
    for verb, texts, word in _verbs_found(shapes):
        try:
            read_pattern(verb, texts)
        except WrongError as error:
            words.append(f"{verb}: the pattern that fits is refused ({error.what}).")
            continue
        patterns[verb] = texts[0] if len(texts) == 1 else texts
        words.append(word)
    return (patterns, words) if {"RUN", "START"} & set(patterns) else ({}, [])


def _verbs_found(shapes: Sequence[LineShape]) -> Iterator[tuple[str, list[str], str]]:
    """For each verb its expressions, and a sentence about them."""
    beats = [shape for shape in shapes if _beats(shape)]
    zeros = {id(shape): _zero_at_rest(shape) for shape in beats}
    runs = _runs_of(beats, zeros)
    rest = [shape for shape in shapes if shape not in beats]
    start, stop = _ends(rest, runs)
    begins = sorted([line.at for line in start.seen] if start else [begin for begin, _ in runs])
    by_verb: dict[Verb, list[LineShape]] = {
        Verb.HELLO: [shape for shape in rest if shape not in (start, stop) and _is_about(shape, Verb.HELLO)],
        Verb.START: [start] if start else [],
        Verb.RUN: beats,
        Verb.PAUSE: [shape for shape in rest if shape not in (start, stop) and _is_about(shape, Verb.PAUSE)],
        Verb.STOP: [stop] if stop else [],
    }
    told = [shape for some in by_verb.values() for shape in some]
    by_verb[Verb.VOLUME] = [shape for shape in rest if shape not in told and groups_of(shape, ("ml",), beats=False)]
    for verb, some in by_verb.items():
        texts: list[str] = []
        names: list[str] = []
        notes: list[str] = []
        for shape in some:
            # an end that is said again and again speaks of no session in particular
            allowed = () if verb is Verb.STOP and len(shape.seen) > len(runs or begins) + 1 else KEYS[verb]
            running = _running(shape, zeros.get(id(shape)))
            lasted_s = [_lasted_s(line.at, begins) for line in running.seen]
            keys = [key for key in allowed if key != "model"]
            groups = groups_of(running, keys, beats=verb is Verb.RUN, lasted_s=lasted_s)
            texts += expressions(shape, groups, zeros.get(id(shape)))
            names += (taken.group for taken in groups.values())
            notes += _notes(running, groups, "t" in keys)
        if verb is Verb.STOP and not texts:
            some.extend(shape for shape in beats if zeros[id(shape)] is not None)
            texts = [_resting(shape, zero) for shape in some if (zero := zeros[id(shape)]) is not None]
        if texts:
            with_groups = f", with {', '.join(dict.fromkeys(names))}" if names else ""
            example = _running(some[0], zeros.get(id(some[0])) if verb is Verb.RUN else None).seen[-1].text.strip()
            told_first = f"{verb.value}: lines like {example!r}{with_groups}."
            yield verb.value, texts, " ".join([told_first, *dict.fromkeys(notes)])


def _lasted_s(at: float, begins: Sequence[float]) -> float | None:
    """How long the pump had run by then; None where nothing told of its start."""
    before = [begin for begin in begins if begin <= at]
    return at - before[-1] if before else None


def _notes(shape: LineShape, groups: dict[int, Taken], may_have_t: bool) -> Iterator[str]:
    """What of the numbers is a guess, what is cut, and what is left out and why."""
    for number, taken in groups.items():
        values = shape.column(number)
        span = f"({min(values):g} to {max(values):g})"
        if taken.guessed:
            yield f"That its number {number + 1} {span} is {taken.group} is a guess by its size: nothing names it."
        if taken.ticks:
            yield f"Its number {number + 1} counts {10**taken.ticks} a second; t is the whole seconds of it."
    if not may_have_t or any(taken.group == "t" for taken in groups.values()):
        return
    if of_a_clock(shape):
        yield "Its time stands as minutes and seconds; a pattern's t is seconds in one number, so t is left out."
    elif any(name_beside(shape, number) == "t" for number in range(shape.numbers)):
        yield "What it calls its time does not count the seconds since the start, so t is left out."


def _resting(shape: LineShape, zero: int) -> str:
    """The expression of a heartbeat that says 0 at this number, as it does while the pump rests."""
    marked = expression(shape, {zero: Taken("zero")})
    return marked.replace(f"(?P<zero>{DIGITS})", r"0+(?:\.0+)?")


def _beats(shape: LineShape) -> bool:
    """Whether lines come again and again while the pump runs, and tell of it."""
    if len(shape.seen) < FEWEST_BEATS or shape.every_s() > SILENT_AFTER_S or shape.words & SAYS[Verb.STOP]:
        return False
    numbers = range(shape.numbers)
    tells = any(name_beside(shape, number) == "cpm" or ticks_of(shape, number) is not None for number in numbers)
    return tells or bool(shape.words & SAYS[Verb.START])


def _zero_at_rest(shape: LineShape) -> int | None:
    """The number that is 0 while the pump rests, of a line that comes whether it runs or not."""
    found: dict[int, int] = {}
    for number in set(range(shape.numbers)) - of_a_clock(shape):
        is_zero = [value == 0 for value in shape.column(number)]
        changes = sum(a != b for a, b in pairwise(is_zero))
        if is_zero.count(True) >= 2 and is_zero.count(False) >= FEWEST_BEATS and changes <= len(is_zero) / 3:
            found[number] = is_zero.count(True)
    # a count of seconds is 0 once in a run too
    return min(found, key=lambda number: found[number]) if found else None


def _running(shape: LineShape, zero: int | None) -> LineShape:
    """The shape's lines without those that come while the pump rests."""
    return (
        shape if zero is None else LineShape(shape.pieces, [heard for heard in shape.seen if heard.numbers[zero] != 0])
    )


def _runs_of(beats: Sequence[LineShape], zeros: dict[int, int | None]) -> list[tuple[float, float]]:
    """From the first heartbeat to the last, for each time that the pump ran."""
    times = []
    for shape in beats:
        times += [line.at for line in _running(shape, zeros[id(shape)]).seen]
    times.sort()
    apart_s = 2.5 * min((shape.every_s() for shape in beats), default=1.0)
    runs: list[tuple[float, float]] = []
    for at in times:
        if runs and at - runs[-1][1] <= apart_s:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _ends(rest: Sequence[LineShape], runs: Sequence[tuple[float, float]]) -> tuple[LineShape | None, LineShape | None]:
    """The shapes that tell of the begin and of the end: by their words, among those that come just there."""

    def near(shape: LineShape, earliest_s: float, latest_s: float, ends: Sequence[float]) -> bool:
        hits = [any(earliest_s <= line.at - end <= latest_s for line in shape.seen) for end in ends]
        return bool(hits) and sum(hits) > len(hits) / 2 and len(shape.seen) <= len(runs) + 1

    def pick(verb: Verb, placed: Sequence[LineShape], among: Sequence[LineShape]) -> LineShape | None:
        by_word = [shape for shape in among if shape.words & SAYS[verb]]
        both = [shape for shape in by_word if shape in placed]
        silent = [shape for shape in placed if not any(_is_about(shape, other) for other in SAYS)]
        return next(iter([*both, *by_word, *silent]), None)

    before = [shape for shape in rest if near(shape, -AROUND_S - SILENT_AFTER_S / 2, 0.0, [begin for begin, _ in runs])]
    start = pick(Verb.START, before, [shape for shape in rest if not _is_about(shape, Verb.STOP)])
    others = [shape for shape in rest if shape is not start]
    after = [shape for shape in others if near(shape, 0.0, AROUND_S + SILENT_AFTER_S / 2, [end for _, end in runs])]
    return start, pick(Verb.STOP, after, others)


def _is_about(shape: LineShape, verb: Verb) -> bool:
    return bool(shape.words & SAYS[verb])


# -- no text ---------------------------------------------------------------------------------------------------------


def _no_text(best: Listened, speeds: Sequence[int]) -> tuple[LinesKind, str, str]:
    tried = ", ".join(map(str, speeds))
    header = _header(best)
    if header is not None:
        return (
            LinesKind.BINARY,
            f"Binary frames that begin with {header.hex(' ')}, at {tried} baud. The device can't read such.",
            "A small board between the two may turn them into PUMP lines, or take the motor's wire instead.",
        )
    return (
        LinesKind.GARBAGE,
        f"Bytes that are no text, tried at {tried} baud: another speed, a line that is turned over, or no ground.",
        "Look at the pump's papers for its speed, set serial.baud, and call this again.",
    )


def _header(best: Listened) -> bytes | None:
    """The two bytes with which most bursts begin, or most frames of one length; None: there is no such order."""
    bursts: list[bytes] = []
    newest = float("-inf")
    for at, data in best.chunks:
        if at - newest < BURST_S:
            bursts[-1] += data
        else:
            bursts.append(data)
        newest = at
    begun = Counter(burst[:2] for burst in bursts)
    header, count = begun.most_common(1)[0]
    if len(bursts) >= FRAMES and count >= 0.7 * len(bursts):
        return header
    data = best.data
    for pair, count in Counter(pairwise(data)).most_common(8):
        places = [n for n in range(len(data) - 1) if (data[n], data[n + 1]) == pair]
        spaces = Counter(b - a for a, b in pairwise(places))
        if count >= FRAMES and pair[0] != pair[1] and spaces.most_common(1)[0][1] >= 0.8 * (count - 1):
            return bytes(pair)
    return None
