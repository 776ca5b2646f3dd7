"""The detector, a row for every sentence of the contract's "The session"; `bench` says how a script reads."""

from typing import Any

import pytest

from device.core.model.events import MotorEdge, TimeCame
from device.core.model.record import Source
from device.core.pump import detector as d
from device.core.pump.detector import Detector, Rules, Run
from tests.support.bench import Bench

PULSES = Rules(signal="pulses")

LEVEL = {
    "a signal that lasts 3 s starts a session at its first edge": ("10 on; 40 off", ["10..40 pumped 30 gpio"]),
    "a signal of exactly 3 s is one": ("10 on; 13 off", ["10..13 pumped 3 gpio"]),
    "a shorter signal is none": ("10 on; 12.9 off; 20 on; 22.9 off", []),
    "a signal whose fall is in the filter at the third second is none": ("0 on; 2.98 off", []),
    "a short signal in a pause does not go on": ("0 on; 60 off; 90 on; 92 off", ["0..60 pumped 60 gpio"]),
    "a pause shorter than pause_s is one session": (
        "0 on; 60 off; 100 on; 130 off",
        ["0..130 pumped 90 pauses 1 gpio"],
    ),
    "an edge just within pause_s goes on": ("0 on; 60 off; 179.5 on; 190 off", ["0..190 pumped 70.5 pauses 1 gpio"]),
    "an edge after pause_s is the next session": (
        "0 on; 60 off; 180.5 on; 190.5 off",
        ["0..60 pumped 60 gpio", "180.5..190.5 pumped 10 gpio"],
    ),
    "an edge within pause_s that fails ends it at its quiet": (
        "0 on; 60 off; 179 on; 181 off",
        ["0..60 pumped 60 gpio"],
    ),
    "after an edge that failed the next within pause_s still counts": (
        "0 on; 60 off; 100 on; 101 off; 170 on; 190 off",
        ["0..190 pumped 80 pauses 1 gpio"],
    ),
    "a bounce is no edge": ("0 on; 30 off; 30.02 on; 60 off", ["0..60 pumped 60 gpio"]),
    "a bouncing edge counts from where it stays": ("0 on; 0.01 off; 0.02 on; 30 off", ["0.02..30 pumped 29.98 gpio"]),
    "noise shorter than the filter never adds up": ("; ".join(f"{n} on; {n}.04 off" for n in range(40)), []),
    "noise during a session does not end it": (
        "0 on; " + "; ".join(f"{n} off; {n}.04 on" for n in range(5, 50)) + "; 60 off",
        ["0..60 pumped 60 gpio"],
    ),
    "a hand start has no witness and no pause": ("5 start; 900 stop", ["5..900 pumped 895 button"]),
    "started by hand and then heard it begins at the first edge": (
        "5 start; 60 on; 300 off",
        ["60..300 pumped 240 button gpio"],
    ),
    "an edge just before the hand start is its begin": ("4 on; 5 start; 90 off", ["4..90 pumped 86 button gpio"]),
    "an edge that does not last moves no begin": ("5 start; 60 on; 61 off; 90 stop", ["5..90 pumped 85 button"]),
    "a hand stop ends it now": ("0 on; 60 stop; 70 off", ["0..60 pumped 60 gpio"]),
    "a hand stop in a pause ends it when the motor went quiet": ("0 on; 60 off; 90 stop", ["0..60 pumped 60 gpio"]),
    "after a hand stop the wire must fall quiet first": (
        "0 on; 60 stop; 100 off; 110 on; 150 off",
        ["0..60 pumped 60 gpio", "110..150 pumped 40 gpio"],
    ),
    "stopped by hand in a pause the next edge starts": (
        "0 on; 60 off; 90 stop; 100 on; 150 off",
        ["0..60 pumped 60 gpio", "100..150 pumped 50 gpio"],
    ),
    "stopped by hand while an edge is waited out it is muted": (
        "0 on; 60 off; 90 on; 91 stop; 120 off; 130 on; 150 off",
        ["0..60 pumped 60 gpio", "130..150 pumped 20 gpio"],
    ),
    "stopped and started by hand the running motor counts from the start": (
        "0 on; 60 stop; 80 start; 100 off",
        ["0..60 pumped 60 gpio", "80..100 pumped 20 button gpio"],
    ),
    "a second hand start changes nothing": ("0 start; 10 start; 60 stop; 70 stop", ["0..60 pumped 60 button"]),
    "the same level told twice is one edge": ("0 on; 1 on; 30 off; 31 off", ["0..30 pumped 30 gpio"]),
}

STROKES = {
    "slow expression is running": ("0 strokes 60 6", ["0..60 pumped 60 gpio"]),
    "fast stimulation is running": ("0 strokes 60 0.5", ["0..60 pumped 60 gpio"]),
    "strokes over less than 3 s are none": ("0 strokes 2.5 0.5", []),
    "two strokes 8 s apart are none": ("0 strokes 0 1; 8 strokes 8 1", []),
    "a gap of 8 s is a rest, dated from the last stroke": (
        "0 strokes 60 1; 68 strokes 90 1",
        ["0..90 pumped 82 pauses 1 gpio"],
    ),
    "a gap just under 8 s is none": ("0 strokes 60 1; 67.9 strokes 89.9 1", ["0..89.9 pumped 89.9 gpio"]),
    "a stroke that the filter settles after the gap was in time": (
        "0 strokes 60 1; 67.98 strokes 90.98 1",
        ["0..90.98 pumped 90.98 gpio"],
    ),
    "a first stroke within pause_s goes on": (
        "0 strokes 60 1; 179 strokes 200 1",
        ["0..200 pumped 81 pauses 1 gpio"],
    ),
    "a lone stroke in a pause does not go on": ("0 strokes 60 1; 179 strokes 179 1", ["0..60 pumped 60 gpio"]),
    "after a hand stop the strokes must cease for 8 s": (
        "0 strokes 60 1; 60.5 stop; 61 strokes 90 1; 98 strokes 120 1",
        ["0..60.5 pumped 60.5 gpio", "98..120 pumped 22 gpio"],
    ),
}

LINK = {
    "START starts at once, STOP stops": ("0 START; 60 STOP t=60", ["0..60 pumped 60 serial"]),
    "RUN alone starts as well": ("5 RUN; 15 STOP", ["5..15 pumped 10 serial"]),
    "a RUN with no START joins a session that began t ago": ("100 RUN t=40; 110 STOP", ["60..110 pumped 50 serial"]),
    "never before the last one's end": (
        "0 START; 60 STOP; 70 RUN t=40; 80 STOP",
        ["0..60 pumped 60 serial", "60..80 pumped 20 serial"],
    ),
    "a PAUSE rests, a RUN goes on at once": (
        "0 START; 60 PAUSE; 70 RUN; 80 STOP",
        ["0..80 pumped 70 pauses 1 serial"],
    ),
    "a STOP after a PAUSE ends at the PAUSE": ("0 START; 60 PAUSE; 70 STOP", ["0..60 pumped 60 serial"]),
    "a pause that is over ends at the PAUSE": ("0 START; 60 PAUSE", ["0..60 pumped 60 serial"]),
    "once RUN was heard 15 s without one is quiet, from the last": (
        "0 START; 5 RUN t=5; 10 RUN t=10",
        ["0..10 pumped 10 serial"],
    ),
    "with no RUN silence is none": ("0 START; 900 STOP", ["0..900 pumped 900 serial"]),
    "RUN after a silence goes on": (
        "0 START; 10 RUN; 60 RUN; 65 STOP",
        ["0..65 pumped 15 pauses 1 serial"],
    ),
    "a START after a STOP is the next session": (
        "0 START; 60 STOP; 61 START; 90 STOP",
        ["0..60 pumped 60 serial", "61..90 pumped 29 serial"],
    ),
    "after a hand stop RUN starts nothing until it was quiet": (
        "0 START; 10 RUN; 20 stop; 24 RUN; 35 RUN; 45 PAUSE; 50 RUN; 60 STOP",
        ["0..20 pumped 20 serial", "50..60 pumped 10 serial"],
    ),
    "after a hand stop a silence of 15 s is quiet": (
        "0 START; 10 RUN; 20 stop; 24 RUN; 50 RUN; 60 STOP",
        ["0..20 pumped 20 serial", "50..60 pumped 10 serial"],
    ),
    "after a hand stop a START shows that the pump had stopped": (
        "0 START; 20 stop; 25 START; 60 STOP",
        ["0..20 pumped 20 serial", "25..60 pumped 35 serial"],
    ),
    "after a hand stop a port that is lost and found is no quiet": (
        "0 START; 10 RUN t=10; 20 stop; 24 RUN t=24; 26 lost; 60 found; 61 RUN t=61; 75 RUN; 90 STOP t=90",
        ["0..20 pumped 20 serial"],
    ),
    "but a RUN that tells of a session since the stop starts it": (
        "0 START; 10 RUN t=10; 20 stop; 24 RUN t=24; 26 lost; 60 found; 61 RUN t=11; 70 STOP t=20",
        ["0..20 pumped 20 serial", "50..70 pumped 20 serial"],
    ),
    "and a silence of 15 s once the port is back is quiet": (
        "0 START; 10 RUN t=10; 20 stop; 26 lost; 60 found; 76 RUN; 80 STOP",
        ["0..20 pumped 20 serial", "76..80 pumped 4 serial"],
    ),
    "and so is a PAUSE": (
        "0 START; 10 RUN t=10; 20 stop; 26 lost; 60 found; 61 PAUSE; 62 RUN; 70 STOP",
        ["0..20 pumped 20 serial", "62..70 pumped 8 serial"],
    ),
    "a hand start while the port of a muted link is lost has no witness": (
        "0 START; 10 RUN; 20 stop; 26 lost; 30 start; 90 stop",
        ["0..20 pumped 20 serial", "30..90 pumped 60 button"],
    ),
    "started by hand and then heard it begins at the line": (
        "0 start; 50 START; 90 STOP",
        ["50..90 pumped 40 button serial"],
    ),
    "a STOP ends one that was started by hand": ("0 start; 90 STOP", ["0..90 pumped 90 button serial"]),
    "a lost port waits in pause and goes on when it is heard": (
        "0 START; 10 RUN; 12 lost; 40 found; 50 RUN; 60 STOP",
        ["0..60 pumped 20 pauses 1 serial"],
    ),
    "a lost port that stays lost ends it at the last RUN": ("0 START; 10 RUN; 12 lost", ["0..10 pumped 10 serial"]),
    "a pump that sends no RUN ran until the port was lost": ("0 START; 300 lost", ["0..300 pumped 300 serial"]),
}

BOTH = {
    "either starts it and the last to fall quiet stops it": (
        "0 on; 2 START; 60 off; 65 STOP",
        ["0..65 pumped 65 serial gpio"],
    ),
    "STOP while the wire runs ends it where the wire falls quiet": (
        "0 START; 0 on; 60 STOP; 64 off",
        ["0..64 pumped 64 serial gpio"],
    ),
    "STOP after a PAUSE with a quiet wire ends at the later of the two": (
        "0 START; 0 on; 58 off; 60 PAUSE; 70 STOP",
        ["0..60 pumped 60 serial gpio"],
    ),
    "a pause is when both are quiet": (
        "0 START; 0 on; 50 PAUSE; 55 off; 70 START; 71 on; 90 STOP; 90 off",
        ["0..90 pumped 75 pauses 1 serial gpio"],
    ),
    "a pause ends at the first edge, also where the wire tells later": (
        "0 START; 0 on; 50 PAUSE; 50 off; 69 on; 71 START; 90 off; 90 STOP",
        ["0..90 pumped 71 pauses 1 serial gpio"],
    ),
    "one witness's rest alone is none": (
        "0 START; 0 on; 50 PAUSE; 60 START; 90 off; 90 STOP",
        ["0..90 pumped 90 serial gpio"],
    ),
    "10 s of difference are not told": ("0 on; 10 START; 60 off; 70 STOP", ["0..70 pumped 70 gpio serial"]),
    "more than 10 s at the start are": ("0 on; 11 START; 60 off; 60 STOP", ["0..60 pumped 60 differ 11 gpio serial"]),
    "more than 10 s at the end are": (
        "0 on; 0 START; 60 off; 72.6 STOP",
        ["0..72.6 pumped 72.6 differ 13 serial gpio"],
    ),
    "the larger is told": ("0 on; 20 START; 60 off; 72 STOP", ["0..72 pumped 72 differ 20 gpio serial"]),
    "RUN t tells of a start before the wire's": (
        "100 on; 105 RUN t=300; 160 off; 160 STOP",
        ["-195..160 pumped 355 differ 295 gpio serial"],
    ),
    "a STOP ends the pause of a wire that the link never witnessed": (
        "0 on; 60 off; 70 STOP",
        ["0..60 pumped 60 gpio"],
    ),
    "a lost port leaves the wire": (
        "0 on; 0 START; 10 RUN; 12 lost; 60 off",
        ["0..60 pumped 60 differ 50 serial gpio"],
    ),
    "a STOP waits for an edge that may yet last": (
        "0 START; 60 PAUSE; 70 on; 71 STOP; 90 off",
        ["0..90 pumped 80 pauses 1 differ 70 serial gpio"],
    ),
    "a START after a STOP while the wire runs is the same session": (
        "0 on; 0 START; 50 STOP; 52 START; 90 STOP; 90 off",
        ["0..90 pumped 90 serial gpio"],
    ),
}


TWO = {
    "a blip near the end of a pause holds nothing open for the link": (
        "0 on; 0 START; 60 off; 60 PAUSE; 179.5 on; 180.5 START; 181 off; 300 STOP",
        ["0..60 pumped 60 serial gpio", "180.5..300 pumped 119.5 serial"],
    ),
    "nor does one that bounces": (
        "0 on; 0 START; 60 off; 60 PAUSE; 179.9 on; 179.94 off; 180.1 START; 181 off; 300 STOP",
        ["0..60 pumped 60 serial gpio", "180.1..300 pumped 119.9 serial"],
    ),
    "but a wire that lasts from within the pause goes on, and the link with it": (
        "0 on; 0 START; 60 off; 60 PAUSE; 179.5 on; 180.5 START; 300 off; 300 STOP",
        ["0..300 pumped 180.5 pauses 1 serial gpio"],
    ),
    "a START within the pause goes on at once, whatever the wire does": (
        "0 on; 0 START; 60 off; 60 PAUSE; 179 on; 179.5 START; 180.5 off; 300 STOP",
        ["0..300 pumped 180.5 pauses 1 differ 240 serial gpio"],
    ),
    "a blip while a STOP waits for the wire keeps no later START": (
        "0 START; 60 PAUSE; 70 on; 71 STOP; 72 START; 72.5 off; 90 STOP",
        ["0..60 pumped 60 serial", "72..90 pumped 18 serial"],
    ),
    "a wire that lasts keeps it": (
        "0 START; 60 PAUSE; 70 on; 71 STOP; 72 START; 90 STOP; 95 off",
        ["0..95 pumped 85 pauses 1 differ 70 serial gpio"],
    ),
    "a wire that takes over within 3 s of the PAUSE leaves no pause": (
        "0 START; 58 on; 60 PAUSE; 90 off; 90 STOP",
        ["0..90 pumped 90 differ 58 serial gpio"],
    ),
    "nor where the link has taken over in turn before the wire has lasted": (
        "0 START; 49 on; 50 PAUSE; 51 START; 90 off; 90 STOP",
        ["0..90 pumped 90 differ 49 serial gpio"],
    ),
    "nor where the link rests twice meanwhile": (
        "0 START; 50 PAUSE; 50.5 on; 51 START; 52 PAUSE; 90 off; 91 STOP",
        ["0..90 pumped 89.5 pauses 1 differ 51 serial gpio"],
    ),
    "a wire that takes over a moment later shortens it": (
        "0 START; 50 PAUSE; 55 on; 57 START; 90 off; 90 STOP",
        ["0..90 pumped 85 pauses 1 differ 55 serial gpio"],
    ),
}

BY_HAND = {
    "one that nobody heard of is over at max_session_s": ("0 start", ["0..7200 pumped 7200 interrupted button"]),
    "and what is heard later begins its own": (
        "0 start; 20000 on; 20100 off",
        ["0..7200 pumped 7200 interrupted button", "20000..20100 pumped 100 gpio"],
    ),
    "and so does a START": (
        "0 start; 7200 START; 7300 STOP",
        ["0..7200 pumped 7200 interrupted button", "7200..7300 pumped 100 serial"],
    ),
    "and a RUN that began before it was over": (
        "0 start; 7300 RUN t=500; 7310 STOP",
        ["0..7200 pumped 7200 interrupted button", "7200..7310 pumped 110 serial"],
    ),
    "an edge in time is its begin": ("0 start; 7199 on; 7300 off", ["7199..7300 pumped 101 button gpio"]),
    "an edge in time that does not last keeps nothing open for the link": (
        "0 start; 7199 on; 7200.5 START; 7201 off; 7300 STOP",
        ["0..7200 pumped 7200 interrupted button", "7200.5..7300 pumped 99.5 serial"],
    ),
    "one that was heard is only stuck": ("0 start; 100 on; 9000 off", ["100..9000 pumped 8900 button gpio"]),
    "a hand that stops it then comes too late": ("0 start; 9000 stop", ["0..7200 pumped 7200 interrupted button"]),
}


def named(*tables: tuple[Rules, dict[str, tuple[str, list[str]]]]) -> list[Any]:
    return [pytest.param(rules, *row, id=name) for rules, table in tables for name, row in table.items()]


@pytest.mark.parametrize(
    ("rules", "script", "sessions"),
    named((Rules(), LEVEL), (PULSES, STROKES), (Rules(), LINK), (Rules(), BOTH), (Rules(), TWO), (Rules(), BY_HAND)),
)
def test_every_sentence_about_a_session_holds(rules: Rules, script: str, sessions: list[str]) -> None:
    assert Bench(rules).play(script).rest().ended == sessions


# -- when it is told -------------------------------------------------------------------------------------------


def test_a_level_is_told_at_its_third_second_and_a_pause_when_it_is_settled() -> None:
    bench = Bench().play("10 on; 40 off").rest()
    assert bench.names == ["Began", "Paused", "Ended"]
    assert (bench.when(d.Began), bench.when(d.Paused), bench.when(d.Ended)) == ([13], [40.05], [160])


def test_a_settled_edge_needs_no_further_waiting_and_counts_from_where_it_was() -> None:
    bench = Bench()
    bench.hear(TimeCame(10.05))
    bench.hear(MotorEdge(10.0, active=True, settled=True))
    bench.hear(TimeCame(40.05))
    bench.hear(MotorEdge(40.0, active=False, settled=True))
    assert (bench.when(d.Paused), bench.run.quiet) == ([40.05], 40)
    assert bench.rest().ended == ["10..40 pumped 30 gpio"]


def test_strokes_tell_a_pause_8_s_after_the_last() -> None:
    bench = Bench(PULSES).play("0 strokes 60 1").rest()
    assert (bench.when(d.Began), bench.when(d.Paused), bench.when(d.Ended)) == ([3.05], [68], [180])


def test_a_serial_line_is_told_at_once_and_a_stop_is_no_pause() -> None:
    bench = Bench().play("5 START; 60 STOP")
    assert [(at, type(one)) for at, one in bench.told] == [(5, d.Began), (60, d.Ended)]


def test_a_session_with_both_ends_at_once_when_the_last_falls_quiet() -> None:
    assert Bench().play("0 on; 0 START; 60 STOP; 64 off").rest().when(d.Ended) == [64.05]
    assert Bench().play("0 on; 0 START; 60 off; 64 STOP").rest().when(d.Ended) == [64]


def test_a_pause_says_when_the_session_will_end() -> None:
    bench = Bench().play("0 on; 60 off; 61 off")
    assert (bench.run.quiet, d.ends_at(bench.run, bench.rules), d.pumping_s(bench.run, 100)) == (60, 180, 60)


def test_the_session_is_not_ended_while_an_edge_within_pause_s_is_waited_out() -> None:
    bench = Bench().play("0 on; 60 off; 179.99 on")
    bench.wait(182.9)
    assert bench.names == ["Began", "Paused"]
    bench.wait(183)
    assert bench.names == ["Began", "Paused", "WentOn"]


def test_a_line_in_its_filter_at_the_end_of_the_pause_is_waited_for_too() -> None:
    bench = Bench().play("0 on; 60 off; 179.99 on; 180.01 off").rest()
    assert bench.when(d.Ended) == [180.01]


def test_too_long_is_told_once_and_the_session_goes_on() -> None:
    bench = Bench(Rules(max_session_s=100)).play("0 on; 60 off; 80 on; 500 off").rest()
    assert bench.when(d.Stuck) == [120]
    assert bench.ended == ["0..500 pumped 480 pauses 1 gpio"]


def test_a_level_that_is_active_from_the_start_on_is_a_first_edge() -> None:
    bench = Bench()
    bench.hear(MotorEdge(5000, active=True, settled=True))
    bench.wait(5003)
    assert bench.run.began == 5000


def test_a_witness_that_joins_is_told_with_the_earlier_begin() -> None:
    bench = Bench().play("0 on; 1 START")
    bench.wait(10)
    assert [type(one) for _, one in bench.told] == [d.Began, d.Changed]
    assert (bench.run.began, bench.run.sources) == (0, (Source.SERIAL, Source.GPIO))


# -- volumes and missed sessions -------------------------------------------------------------------------------


def others(bench: Bench) -> list[d.Heard]:
    return [one for _, one in bench.told if isinstance(one, d.Missed | d.Collected)]


def test_a_volume_is_told_and_a_stops_volume_before_its_end() -> None:
    bench = Bench().play("0 START; 60 STOP t=60 ml=85; 70 VOLUME ml=90")
    assert bench.names == ["Began", "Collected", "Ended", "Collected"]
    assert others(bench) == [d.Collected(85), d.Collected(90)]


def test_a_stop_with_t_while_none_runs_speaks_of_a_missed_session_once() -> None:
    bench = Bench().play("1000 STOP t=600 ml=80; 1010 STOP t=600 ml=80").rest()
    assert others(bench) == [d.Missed(400, 1000, 80)]


def test_a_stop_long_after_its_pause_speaks_of_the_time_before_the_pause() -> None:
    bench = Bench().play("0 START; 300 PAUSE t=300; 700 STOP t=300 ml=80; 1100 STOP t=300 ml=80")
    assert bench.ended == ["0..300 pumped 300 serial"]
    assert others(bench) == [d.Collected(80, 0, 300)]
    bench = Bench().play("1000 PAUSE; 1100 STOP t=600; 1900 STOP t=600")
    assert others(bench) == [d.Missed(400, 1000, None)], "nobody heard it, and it is told twice"
    bench = Bench().play("0 START; 60 PAUSE t=60; 90 stop; 700 STOP t=60")
    assert others(bench) == [], "stopped by hand in the pause"


@pytest.mark.parametrize(
    "since", ["400 START; 500 STOP t=100", "400 RUN; 500 STOP", "400 lost; 410 found", "400 STOP t=300", "400 PAUSE"]
)
def test_after_that_another_stop_speaks_of_the_time_before_itself(since: str) -> None:
    bench = Bench().play(f"0 START; 300 PAUSE t=300; {since}; 2000 STOP t=500 ml=80")
    missed = d.Missed(-100, 400, 80) if since == "400 PAUSE" else d.Missed(1500, 2000, 80)
    assert others(bench)[-1] == (d.Collected(80, -200, 300) if since == "400 PAUSE" else missed)


@pytest.mark.parametrize(("at", "missed"), [(110, False), (659, False), (661, True)])
def test_a_stop_is_a_repeat_where_the_last_session_overlaps_its_time(at: int, missed: bool) -> None:
    bench = Bench().play(f"0 START; 60 STOP t=60; {at} STOP t=600")
    assert any(isinstance(one, d.Missed) for _, one in bench.told) is missed


def test_a_session_of_the_record_is_a_last_one_too() -> None:
    bench = Bench(detector=d.with_last(Detector(), -500, -100)).play("0 STOP t=200; 50 RUN t=300; 60 STOP")
    assert others(bench) == []
    assert bench.ended == ["-100..60 pumped 160 serial"]


@pytest.mark.parametrize("again", ["STOP t=300 ml=99", "STOP ml=99", "STOP t=0.5 ml=99", "STOP t=0 ml=99"])
@pytest.mark.parametrize("stop", ["300 STOP t=300 ml=80", "300 STOP t=300", "300 STOP", "290 PAUSE; 300 STOP ml=80"])
def test_a_stop_gives_nothing_to_a_session_that_had_its_own(stop: str, again: str) -> None:
    bench = Bench().play(f"0 START; {stop}")
    before = len(bench.told)
    bench.play(f"310 {again}; 320 {again}; 330 START; 400 STOP; 410 STOP ml=1")
    assert [type(one) for _, one in bench.told[before:]] == [d.Began, d.Ended]


@pytest.mark.parametrize("late", ["STOP t=300 ml=80", "STOP ml=80", "STOP t=0.5 ml=80"])
@pytest.mark.parametrize("end", ["300 PAUSE; 500 HELLO", "300 stop; 301 HELLO", "300 lost; 500 found"])
def test_a_late_stop_gives_its_amount_once_to_a_session_that_had_none(end: str, late: str) -> None:
    bench = Bench().play(f"0 START; {end}; 510 {late}; 511 STOP ml=1; 512 STOP t=300 ml=2")
    assert [one.ml for one in others(bench) if isinstance(one, d.Collected)] == [80]


def test_a_stop_without_t_while_none_runs_is_nothing() -> None:
    assert Bench().play("10 STOP; 20 PAUSE; 30 HELLO; 40 VOLUME").rest().told == []


# -- the pace --------------------------------------------------------------------------------------------------


def test_the_pace_comes_from_the_recent_strokes_and_the_mean_from_all() -> None:
    bench = Bench(PULSES).play("0 strokes 60 0.5; 61 strokes 121 1")
    assert bench.run.cpm == 60
    assert d.cycles_per_minute(bench.rest().told[-1][1].run) == 90  # type: ignore[union-attr]


def test_the_pace_comes_from_the_link_where_no_strokes_are_counted() -> None:
    bench = Bench().play("0 START; 5 RUN cpm=120; 10 RUN cpm=60; 15 RUN cpm=60")
    assert (bench.run.cpm, d.cycles_per_minute(bench.run)) == (60, 60)
    assert d.cycles_per_minute(Bench().play("0 RUN cpm=54").run) == 54
    assert Bench().play("0 RUN cpm=54; 5 PAUSE").run.cpm is None


@pytest.mark.parametrize("quiet", ["30 HELLO", "6 lost", "6 PAUSE", "6 STOP"])
def test_the_pace_of_a_link_that_fell_quiet_is_not_told_on(quiet: str) -> None:
    bench = Bench().play("0 on; 4 RUN t=4 cpm=54; 5 RUN t=5 cpm=54")
    assert bench.run.cpm == 54
    after = bench.play(quiet).run
    assert (after.cpm, after.quiet) == (None, None)
    assert [type(one) for _, one in bench.told][-1] is d.Changed
    assert d.cycles_per_minute(bench.run) == 54
    strokes = Bench(PULSES).play(f"0 START; 5 RUN; 0 strokes 30 1; {quiet}")
    assert strokes.run.cpm == 60


def test_counted_strokes_win_over_what_the_link_says() -> None:
    bench = Bench(PULSES).play("0 START; 0 strokes 30 1; 31 RUN cpm=100")
    assert (bench.run.cpm, d.cycles_per_minute(bench.run)) == (60, 60)


# -- after a restart -------------------------------------------------------------------------------------------


def resumed(
    script: str, *, until: float = 60.0, quiet: float | None = None, by_hand: bool = False, seen: float = -20.0
) -> Bench:
    """A run that began 300 s before the restart (at 0) and was last seen 20 s before it."""
    source = Source.BUTTON if by_hand else Source.GPIO
    run = Run(began=-300, sources=(source,), quiet=quiet, by_hand=by_hand)
    return Bench(detector=d.resume(Detector(), run, seen, until)).play(script)


@pytest.mark.parametrize(
    ("script", "sessions"),
    [
        ("0 on; 100 off", ["-300..100 pumped 400 gpio"]),
        ("2 RUN t=302; 10 STOP", ["-300..10 pumped 310 gpio serial"]),
        ("30 PAUSE", ["-300..30 pumped 330 gpio serial"]),
        ("30 STOP t=330", ["-300..30 pumped 330 gpio serial"]),
        ("0 on; 1 off", ["-300..-20 pumped 280 interrupted gpio"]),
        ("59 on; 100 off", ["-300..100 pumped 400 gpio"]),
        ("61 on; 100 off", ["-300..-20 pumped 280 interrupted gpio", "61..100 pumped 39 gpio"]),
        ("10 stop", ["-300..-20 pumped 280 gpio"]),
    ],
)
def test_a_run_waits_for_the_pump_after_a_restart(script: str, sessions: list[str]) -> None:
    assert resumed(script).rest().ended == sessions


def test_a_run_that_rested_at_the_cut_rested_until_it_is_heard() -> None:
    assert resumed("10 on; 100 off", quiet=-50).rest().ended == ["-300..100 pumped 340 pauses 1 gpio"]
    assert resumed("", quiet=-50).rest().ended == ["-300..-50 pumped 250 gpio"], "its pause ended it"


def test_after_a_restart_in_a_pause_a_late_stop_is_a_repeat() -> None:
    run = Run(began=-300, sources=(Source.SERIAL,), quiet=-50)
    bench = Bench(detector=d.resume(Detector(), run, -20, 70)).play("400 STOP t=250 ml=80")
    assert bench.ended == ["-300..-50 pumped 250 serial"]
    assert others(bench) == [d.Collected(80, -300, -50)]


@pytest.mark.parametrize(
    ("rules", "script", "sessions"),
    [
        (Rules(), "1 on; 100 off; 110 on; 150 off", ["110..150 pumped 40 gpio"]),
        (Rules(), "1 off; 2 on; 100 off", ["2..100 pumped 98 gpio"]),
        (Rules(), "1 start; 2 on; 100 off", ["2..100 pumped 98 button gpio"]),
        (Rules(), "21 on; 100 off", ["21..100 pumped 79 gpio"]),
        (PULSES, "1 off; 5 strokes 60 5; 70 strokes 90 1", ["70..90 pumped 20 gpio"]),
        (PULSES, "1 off; 21 strokes 60 1", ["21..60 pumped 39 gpio"]),
    ],
)
def test_a_line_that_was_stopped_by_hand_before_a_restart_is_muted_until_it_is_quiet(
    rules: Rules, script: str, sessions: list[str]
) -> None:
    assert Bench(rules, d.hush(Detector(), 20)).play(script).rest().ended == sessions


def test_a_run_by_hand_goes_on_at_once() -> None:
    bench = resumed("100 stop", by_hand=True)
    assert bench.ended == ["-300..100 pumped 400 button"]


def test_a_run_whose_time_is_over_is_ended_at_the_first_moment() -> None:
    bench = resumed("", until=0)
    bench.hear(TimeCame(0))
    assert bench.ended == ["-300..-20 pumped 280 interrupted gpio"]
