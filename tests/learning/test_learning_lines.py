"""What a port brought is told for what it is, and what is proposed makes the link and the detector hear the pump."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from device.core.model.events import LineRejected, PumpSaid, Verb
from device.core.pump import detector as d
from device.learning.lines import LinesFinding, LinesKind, Listened, judge_lines
from device.settings.keys import read_pattern
from drivers.pump_link import LineParser
from tests.support.bench import Bench

Spoken = list[tuple[float, str]]
RUNS = ((6.0, 24.0), (34.0, 55.0))
"""When the made-up pump ran, in seconds: it was watched for a minute."""


def words(dice: Random) -> Spoken:
    """Words and bare numbers."""
    said: Spoken = [(0.4, "ACME breast pump ready")]
    for begin, end in RUNS:
        said += [(begin, "motor on")]
        said += [(begin + t, f"working {t} {dice.randint(50, 58)}") for t in range(2, int(end - begin), 2)]
        said += [(end, "motor off")]
    return said


def numbers(dice: Random) -> Spoken:
    """A comma between numbers, always the same line: time, pace, vacuum; nothing but zeros at rest."""
    said: Spoken = []
    for second in range(60):
        run = next(((begin, end) for begin, end in RUNS if begin <= second < end), None)
        count = f"{second - run[0]:.0f},{dice.randint(52, 56)},{dice.randint(150, 200)}" if run else "0,0,0"
        said.append((second + 0.01, f"${count}"))
    return said


def json_lines(dice: Random) -> Spoken:
    said: Spoken = [(0.2, '{"event":"boot","fw":"2.1"}')]
    for begin, end in RUNS:
        said += [(begin, '{"event":"start"}')]
        said += [
            (
                begin + t,
                f'{{"event":"status","elapsed":{t},"cpm":{dice.randint(60, 64)},"mmHg":{dice.randint(90, 240)}}}',
            )
            for t in range(3, int(end - begin), 3)
        ]
        said += [(end, f'{{"event":"stop","elapsed":{int(end - begin)},"ml":{dice.randint(40, 90)}}}')]
    return said


def key_value(dice: Random) -> Spoken:
    """With a checksum at the end, and a state for rest that is said again and again."""
    said: Spoken = [(second + 0.5, "state=idle*3A") for second in range(1, 60)]
    said = [line for line in said if not any(begin <= line[0] <= end for begin, end in RUNS)]
    for begin, end in RUNS:
        said += [
            (
                begin + t,
                f"state=run t={t} rate={dice.randint(50, 60)} vac={dice.uniform(100, 200):.1f}*{dice.randint(16, 99)}",
            )
            for t in range(0, int(end - begin), 1)
        ]
    return sorted(said)


def sentences(dice: Random) -> Spoken:
    """No heartbeat at all; the volume is said by itself, with its unit."""
    said: Spoken = []
    for begin, end in RUNS:
        said += [
            (begin, "Session started"),
            (end, "Session finished"),
            (end + 2, f"Collected {dice.randint(30, 120)} ml"),
        ]
    return said


def paused(dice: Random) -> Spoken:
    said: Spoken = []
    for begin, end in RUNS:
        said += [(begin, ">GO")]
        said += [(begin + t, f">T{t} S{dice.randint(40, 44)}") for t in range(1, int(end - begin))]
        said += [(end, f">END {int(end - begin)}")]
    return [*said[:8], (13.5, ">HOLD 7"), *said[8:]]


Dialect = Callable[[Random], Spoken]
DIALECTS: dict[Dialect, dict[str, set[str]]] = {
    words: {"START": set(), "RUN": {"t", "cpm"}, "STOP": set(), "HELLO": set()},
    numbers: {"RUN": {"t", "cpm", "vac"}, "STOP": set()},
    json_lines: {"HELLO": set(), "START": set(), "RUN": {"t", "cpm", "vac"}, "STOP": {"t", "ml"}},
    key_value: {"RUN": {"t", "cpm", "vac"}, "STOP": set()},
    sentences: {"START": set(), "STOP": set(), "VOLUME": {"ml"}},
    paused: {"START": set(), "RUN": {"t", "cpm"}, "PAUSE": set(), "STOP": set()},
}
"""What each of them can be heard to say, and with which numbers."""


def heard(said: Spoken, baud: int = 9600, ending: str = "\r\n") -> list[Listened]:
    """The lines as they come from a port: some in two pieces."""
    chunks: list[tuple[float, bytes]] = []
    for at, line in sorted(said):
        data = (line + ending).encode()
        cut = len(data) // 2 if len(chunks) % 3 == 0 else len(data)
        chunks += [(at, piece) for piece in (data[:cut], data[cut:]) if piece]
    return [Listened(baud, chunks)]


def read_by(found: LinesFinding, listened: list[Listened]) -> list[PumpSaid | LineRejected]:
    """The link's parser on those very bytes, with what the configuration makes of the proposal."""
    patterns = {
        verb: [one.pattern for one in read_pattern(verb, given)]
        for verb, given in found.proposal["serial.patterns"].items()
    }
    parser = LineParser(patterns)
    return [line for at, data in listened[-1].chunks for line in parser.feed(data, at)]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_a_dialect_gets_patterns_and_its_sessions_are_heard(dialect: Dialect, seed: int) -> None:
    listened = heard(dialect(Random(seed)))
    found = judge_lines(listened)
    assert (found.kind, found.proposal["serial.baud"]) == (LinesKind.DIALECT, 9600)
    said = [line for line in read_by(found, listened) if isinstance(line, PumpSaid)]
    groups: dict[str, set[str]] = {}
    for line in said:
        filled = {key for key in ("t", "cpm", "vac", "ml") if getattr(line, key) is not None}
        groups.setdefault(line.verb.value, set()).update(filled)
    for verb, keys in DIALECTS[dialect].items():
        assert groups.get(verb, {"none"}) >= keys, (verb, found.proposal)
    assert set(groups) == set(DIALECTS[dialect])
    assert {verb.value: sum(line.verb == verb for line in said) for verb in Verb if verb in groups} == found.verbs

    bench = Bench(d.Rules(pause_s=3))
    for line in said:
        bench.hear(line)
    ended = [one for _, one in bench.rest().told if isinstance(one, d.Ended)]
    assert len(ended) == len(RUNS)
    for one, (begin, end) in zip(ended, RUNS, strict=True):
        assert one.run.began == pytest.approx(begin, abs=1.1)
        assert one.at == pytest.approx(end, abs=1.1)


def test_our_own_lines_need_no_pattern() -> None:
    said: Spoken = [
        (1, "PUMP START"),
        *((1.0 + t, f"PUMP RUN t={t} cpm=54") for t in range(5, 20, 5)),
        (21, "PUMP STOP t=20"),
    ]
    found = judge_lines(heard(said, 115200, "\n"))
    assert (found.kind, found.proposal) == (LinesKind.PUMP, {"serial.baud": 115200})
    assert found.verbs == {"START": 1, "RUN": 3, "STOP": 1}


def framed(dice: Random) -> list[tuple[float, bytes]]:
    return [(n * 0.5, b"\xaa\x55" + bytes(dice.randrange(256) for _ in range(9))) for n in range(80)]


@pytest.mark.parametrize("seed", range(4))
def test_frames_are_told_to_be_beyond_it(seed: int) -> None:
    chunks = framed(Random(seed))
    for came in (chunks, [(n * 0.001, bytes([byte])) for n, byte in enumerate(b"".join(c for _, c in chunks))]):
        found = judge_lines([Listened(9600, came[:40]), Listened(19200, came)][::-1])
        assert (found.kind, found.proposal) == (LinesKind.BINARY, {})
        assert "aa 55" in found.words[0]


def test_bytes_without_an_order_are_another_speed_and_the_one_that_brings_text_counts() -> None:
    dice = Random(3)
    noise = [(n * 0.3, bytes(dice.choice(b"\x00\x80\xf8\xe0\xff\x1c\x9e") for _ in range(7))) for n in range(30)]
    found = judge_lines([Listened(115200, noise)])
    assert (found.kind, found.proposal) == (LinesKind.GARBAGE, {})
    assert "115200" in found.words[0]
    found = judge_lines([Listened(115200, noise), *heard(json_lines(dice), 9600)])
    assert (found.kind, found.baud) == (LinesKind.DIALECT, 9600)


def said_at(lines: Any, ending: bytes = b"\n") -> list[Listened]:
    return [Listened(9600, [(float(n), line + ending) for n, line in enumerate(lines)])]


@pytest.mark.parametrize(
    ("listened", "kind", "word"),
    [
        ([Listened(9600, [])], LinesKind.SILENT, "Nothing came at 9600"),
        (said_at([b"temp 36.5", b"temp 36.4", b"temp 36.5", b"temp 36.6"]), LinesKind.TEXT, "by no word or number"),
        (said_at([b"start", b"stop"], b"\r"), LinesKind.TEXT, "CR alone"),
        (said_at([b""] * 9), LinesKind.TEXT, "by no word or number"),
    ],
)
def test_what_can_not_be_used_is_said(listened: list[Listened], kind: LinesKind, word: str) -> None:
    found = judge_lines(listened)
    assert (found.kind, found.proposal) == (kind, {})
    assert word in found.words[0]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_is_judged_and_every_pattern_is_one_that_the_configuration_takes(seed: int) -> None:
    dice = Random(seed)
    alphabet = "abt=:,;(.*)+?[]{}\\\"' 0123456789#$^|"
    lines = ["".join(dice.choices(alphabet, k=dice.randint(0, 12))) for _ in range(5)]
    spoken: Spoken = [
        (float(n), dice.choice(lines) + dice.choice(["", " start", f" t={n}", " stop"])) for n in range(60)
    ]
    found = judge_lines(heard(spoken))
    assert found.words
    for verb, given in found.proposal.get("serial.patterns", {}).items():
        assert read_pattern(verb, given)
