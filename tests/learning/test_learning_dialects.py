"""More dialects of made-up pumps: clocks of their own, headers, uptimes, states; each read by the link's own parser."""

from collections.abc import Callable
from random import Random

import pytest

from device.core.model.events import PumpSaid
from device.core.pump import detector as d
from device.learning.lines import LinesKind, judge_lines
from tests.learning.test_learning_lines import RUNS, Spoken, heard, read_by
from tests.support.bench import Bench

TWO_RUNS = ((6.0, 24.0), (30.0, 110.0))
"""The second goes on beyond a minute."""


def run_at(second: float) -> float | None:
    """How long the pump has run by then; None while it rests."""
    return next((second - begin for begin, end in RUNS if begin <= second < end), None)


def milliseconds(dice: Random) -> Spoken:
    said: Spoken = [(0.3, "# fw 3.1")]
    for begin, end in RUNS:
        said += [(begin, "evt:PUMP_ON")]
        halves = range(int(2 * (end - begin)))
        said += [
            (
                begin + t / 2,
                f"tick={t * 500 + dice.randint(0, 9)} spm={dice.randint(50, 56)} temp={dice.randint(30, 90)}",
            )
            for t in halves
        ]
        said += [(end, f"evt:PUMP_OFF ms={int(1000 * (end - begin)) + 13}")]
    return said


def minutes_and_seconds(dice: Random) -> Spoken:
    said: Spoken = []
    for begin, end in TWO_RUNS:
        said += [(begin, "> go")]
        said += [
            (begin + t, f"> {t // 60}:{t % 60:02d} | {dice.randint(50, 56)} cpm | {dice.randint(100, 200)} mmHg")
            for t in range(1, int(end - begin))
        ]
        said += [(end, f"> end {int(end - begin) // 60}:{int(end - begin) % 60:02d}")]
    return said


def table(dice: Random) -> Spoken:
    """Columns under a header, twice a second, also at rest."""
    said: Spoken = [(0.1, "time_s;state;rate;pressure")]
    for half in range(120):
        ran = run_at(half / 2)
        row = "0.0;0;0;0" if ran is None else f"{ran:.1f};1;{dice.randint(50, 56)};{dice.randint(120, 180)}"
        said.append((half / 2 + 0.2, row))
    return said


def uptime(dice: Random) -> Spoken:
    """JSON with the milliseconds since the board was switched on, which tell nothing of the session."""
    said: Spoken = []
    for second in range(60):
        on = run_at(second) is not None
        pump = f'{{"on":{"true" if on else "false"},"spm":{dice.randint(50, 54) if on else 0}}}'
        said.append((second + 0.05, f'{{"ts":{734000 + second * 1000 + dice.randint(0, 5)},"pump":{pump}}}'))
    return said


def checked_sentences(dice: Random) -> Spoken:
    said: Spoken = []
    for begin, end in RUNS:
        said += [(begin, f"$MPSTA,START*{dice.randint(160, 255):02X}")]
        said += [
            (begin + t, f"$MPRUN,{t},{dice.randint(50, 56)}*{dice.randint(16, 99)}")
            for t in range(2, int(end - begin), 2)
        ]
        said += [(end, f"$MPSTA,STOP,{int(end - begin)}*{dice.randint(16, 99)}")]
    return said


def padded(dice: Random) -> Spoken:
    """Numbers of one width, zeros before them."""
    said: Spoken = []
    for second in range(60):
        ran = run_at(second)
        row = "00000,000" if ran is None else f"{ran * 1000:05.0f},{dice.randint(50, 56):03d}"
        said.append((second + 0.03, row))
    return said


def states(dice: Random) -> Spoken:
    said: Spoken = []
    for second in range(60):
        on = run_at(second) is not None
        rate = dice.randint(50, 56) if on else 0
        said.append((second + 0.03, f"PUMP#A3 state={'RUNNING' if on else 'STANDBY'} rate={rate}"))
    return said


def log_lines(dice: Random) -> Spoken:
    """Numbers with names that mean nothing here lie among those that do."""
    said: Spoken = []
    for begin, end in RUNS:
        said += [(begin, "[INFO] motor: started, profile=2")]
        said += [
            (
                begin + t,
                f"[DBG] t={t}.{dice.randint(0, 9)}s speed={dice.randint(50, 56)}cpm batt={dice.randint(60, 90)}%",
            )
            for t in range(2, int(end - begin), 2)
        ]
        said += [(end, f"[INFO] motor: stopped after {int(end - begin)} s, 85 ml")]
    return said


Dialect = Callable[[Random], Spoken]
DIALECTS: dict[Dialect, tuple[dict[str, set[str]], tuple[str, ...]]] = {
    milliseconds: (
        {"HELLO": set(), "START": set(), "RUN": {"t", "cpm"}, "STOP": {"t"}},
        ("RUN: ", "number 1 counts 1000 a second"),
    ),
    minutes_and_seconds: (
        {"START": set(), "RUN": {"cpm", "vac"}, "STOP": set()},
        ("minutes and seconds", "so t is left out"),
    ),
    table: (
        {"RUN": {"t", "cpm", "vac"}, "STOP": set()},
        ("number 3 (50 to 56) is cpm is a guess", "is vac is a guess"),
    ),
    uptime: ({"RUN": {"cpm"}, "STOP": {"cpm"}}, ()),
    checked_sentences: ({"START": set(), "RUN": {"t", "cpm"}, "STOP": set()}, ("is cpm is a guess by its size",)),
    padded: ({"RUN": {"t", "cpm"}, "STOP": set()}, ("counts 1000 a second", "is cpm is a guess")),
    states: ({"RUN": {"cpm"}, "STOP": set()}, ()),
    log_lines: ({"START": set(), "RUN": {"t", "cpm"}, "STOP": {"t", "ml"}}, ()),
}
"""What each can be heard to say, with which numbers, and what has to be told of them."""


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_each_line_is_read_for_what_it_says_and_what_is_a_guess_is_called_one(dialect: Dialect, seed: int) -> None:
    listened = heard(dialect(Random(seed)))
    found = judge_lines(listened)
    assert found.kind == LinesKind.DIALECT, found.words
    said = [line for line in read_by(found, listened) if isinstance(line, PumpSaid)]
    groups: dict[str, set[str]] = {}
    for line in said:
        filled = {key for key in ("t", "cpm", "vac", "ml") if getattr(line, key) is not None}
        groups.setdefault(line.verb.value, set()).update(filled)
    verbs, told = DIALECTS[dialect]
    runs = TWO_RUNS if dialect is minutes_and_seconds else RUNS
    assert {verb: keys & {"t", "cpm", "vac", "ml"} for verb, keys in groups.items() if verb != "STOP"} == {
        verb: keys for verb, keys in verbs.items() if verb != "STOP"
    }, found.proposal
    assert set(groups) == set(verbs)
    assert all(any(part in line for line in found.words) for part in told), found.words
    assert any("guess" in line for line in found.words) == any("guess" in part for part in told)

    bench = Bench(d.Rules(pause_s=3))
    for line in said:
        bench.hear(line)
        if line.verb.value == "RUN" and line.t is not None:
            assert line.t == pytest.approx(line.at - max(begin for begin, _ in runs if begin <= line.at), abs=1.1)
        if line.verb.value == "STOP" and line.t is not None:
            assert line.t in {end - begin for begin, end in runs}
    ended = [one for _, one in bench.rest().told if isinstance(one, d.Ended)]
    assert len(ended) == len(runs)
    for one, (begin, end) in zip(ended, runs, strict=True):
        assert one.run.began == pytest.approx(begin, abs=1)
        assert one.at == pytest.approx(end, abs=1)
        assert d.cycles_per_minute(one.run) == pytest.approx(53, abs=3)


def test_words_that_nobody_here_knows_are_shown_to_be_read_by_a_person() -> None:
    said: Spoken = []
    for begin, end in RUNS:
        said += [(begin, "Motor: EIN"), *((begin + t, "Takt 54") for t in range(1, 18)), (end, "Motor: AUS")]
    found = judge_lines(heard(said))
    assert (found.kind, found.proposal) == (LinesKind.TEXT, {})
    assert "They are like 'Motor: EIN' (2), 'Takt 54' (34), 'Motor: AUS' (2)." in found.words
