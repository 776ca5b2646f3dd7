"""The loop: order, timers, descriptors, calls from other threads, signals, and a clock with another pace."""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from device.loop import LONG_S, Loop
from drivers.clock import SystemClock
from drivers.virtual.clock import PacedClock
from tests.support.leaping import LeapingClock


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop(SystemClock())
    yield made
    made.close()


@pytest.fixture
def leaping() -> Iterator[Loop]:
    made = Loop(LeapingClock())
    yield made
    made.close()


def run(loop: Loop, step: Callable[[Any], object] = lambda event: None, deadline_s: float = 60.0) -> None:
    """Run until somebody stops it; a loop that nobody stops is a failure, not a hang."""
    failed: list[bool] = []

    def give_up() -> None:
        failed.append(True)
        loop.stop()

    timer = loop.call_after(deadline_s, give_up)
    loop.run(step)
    timer.cancel()
    assert not failed, "nothing stopped the loop"


def test_events_come_in_the_order_in_which_they_were_posted(loop: Loop) -> None:
    seen: list[Any] = []
    for number in range(500):
        loop.post(number)
    loop.call(loop.stop)
    run(loop, seen.append)
    assert seen == list(range(500))


def test_an_event_posted_by_a_step_comes_after_those_that_waited(loop: Loop) -> None:
    seen: list[Any] = []

    def step(event: object) -> None:
        seen.append(event)
        if event == "first":
            loop.post("third")
        if event == "third":
            loop.stop()

    loop.post("first")
    loop.post("second")
    run(loop, step)
    assert seen == ["first", "second", "third"]


def test_many_threads_post_and_nothing_is_lost_or_reordered(loop: Loop) -> None:
    seen: list[Any] = []

    def talk(name: int) -> None:
        for number in range(300):
            loop.post((name, number))

    def step(event: object) -> None:
        seen.append(event)
        if len(seen) == 1200:
            loop.stop()

    threads = [threading.Thread(target=talk, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    run(loop, step)
    for name in range(4):
        assert [number for who, number in seen if who == name] == list(range(300))


def test_an_idle_loop_wakes_only_for_what_is_due(loop: Loop) -> None:
    loop.call_after(0.3, loop.stop)
    loop.run(lambda event: None)
    print(f"turns of an idle loop in 0.3 s: {loop.turns}")
    assert loop.turns <= 2


def test_a_post_from_another_thread_wakes_a_sleeping_loop(loop: Loop) -> None:
    threading.Timer(0.05, loop.post, ["wake"]).start()
    seen: list[object] = []

    def take(event: object) -> None:
        seen.append(event)
        loop.stop()

    run(loop, take)
    assert seen == ["wake"]


def test_timers_come_in_order_of_their_instants_and_a_cancelled_one_never(leaping: Loop) -> None:
    seen: list[Any] = []
    leaping.call_at(30.0, lambda: seen.append((leaping.now(), "late")))
    leaping.call_at(10.0, lambda: seen.append((leaping.now(), "early")))
    leaping.call_at(20.0, lambda: seen.append((leaping.now(), "never"))).cancel()
    leaping.call_at(10.0, lambda: seen.append((leaping.now(), "early too")))
    leaping.call_at(40.0, leaping.stop)
    run(leaping)
    assert seen == [(10.0, "early"), (10.0, "early too"), (30.0, "late")]


def test_a_timer_that_asks_for_itself_again_at_once_starves_nobody(leaping: Loop) -> None:
    calls: list[int] = []

    def again() -> None:
        calls.append(1)
        leaping.call_at(leaping.now(), again)

    again()
    leaping.post("event")
    run(leaping, lambda event: leaping.call_at(leaping.now(), leaping.stop))
    assert len(calls) < 10


def test_thousands_of_cancelled_timers_leave_nothing_behind(leaping: Loop) -> None:
    for number in range(20_000):
        leaping.call_at(1e9 + number, lambda: None).cancel()
    assert len(leaping._timers._heap) < 600


def test_thirty_days_of_minutes_pass_in_a_moment_and_the_same_way_each_time() -> None:
    def days() -> list[float]:
        loop = Loop(LeapingClock())
        seen: list[float] = []

        def minute() -> None:
            seen.append(loop.now())
            loop.post(loop.now())
            loop.call_at(loop.now() + 60, minute)

        loop.call_at(60.0, minute)
        loop.call_at(30 * 86400.0, loop.stop)
        run(loop, seen.append, deadline_s=60)
        loop.close()
        return seen

    first = days()
    assert len(first) == 2 * 43_199
    assert first == days()


def test_a_descriptor_is_served_when_it_can_be_read_and_not_after_unwatch(loop: Loop) -> None:
    read, write = os.pipe()
    seen: list[Any] = []

    def readable() -> None:
        seen.append(os.read(read, 10))
        if seen[-1] == b"two":
            loop.unwatch(read)
            os.write(write, b"three")
            loop.call_after(0.05, loop.stop)
        else:
            os.write(write, b"two")

    loop.watch(read, readable)
    os.write(write, b"one")
    run(loop)
    assert seen == [b"one", b"two"]
    os.close(read)
    os.close(write)


def test_a_descriptor_that_can_be_written_is_served_until_nobody_wants_to_write(loop: Loop) -> None:
    read, write = os.pipe()
    seen: list[Any] = []

    def writable() -> None:
        seen.append(1)
        loop.unwatch(write)
        loop.stop()

    loop.watch(write, None, writable)
    run(loop)
    assert seen == [1]
    os.close(read)
    os.close(write)


def test_one_callback_may_unwatch_another_that_is_ready_in_the_same_turn(loop: Loop) -> None:
    pipes = [os.pipe() for _ in range(2)]
    seen: list[Any] = []

    def served(own: int, other: int) -> None:
        seen.append(own)
        loop.unwatch(pipes[other][0])
        loop.stop()

    for own, other in ((0, 1), (1, 0)):
        loop.watch(pipes[own][0], partial(served, own, other))
        os.write(pipes[own][1], b"x")
    run(loop)
    assert len(seen) == 1
    for pipe in pipes:
        for end in pipe:
            os.close(end)


def test_unwatching_a_closed_or_unknown_descriptor_is_harmless(loop: Loop) -> None:
    read, write = os.pipe()
    loop.watch(read, lambda: None)
    os.close(read)
    os.close(write)
    loop.unwatch(read)
    loop.unwatch(987)
    loop.call_after(0.0, loop.stop)
    run(loop)
    assert loop.turns <= 2


def test_the_first_callback_that_runs_long_is_told_by_names_alone(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    def sluggish(event: object) -> None:
        until = time.monotonic() + LONG_S
        while time.monotonic() <= until:
            pass

    loop.post("a secret")
    loop.post("another")
    loop.call(loop.stop)
    run(loop, sluggish)
    (told,) = caplog.messages
    assert "sluggish str held everything else up for " in told
    assert "secret" not in told


def test_a_callback_with_its_values_bound_is_told_without_them(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    loop.call(partial(time.sleep, LONG_S * 1.1))
    loop.call(loop.stop)
    run(loop)
    (told,) = caplog.messages
    assert told.startswith("sleep held everything else up for ")


def test_what_a_step_raises_comes_out_of_run(loop: Loop) -> None:
    def step(event: object) -> None:
        raise LookupError(event)

    loop.post("boom")
    with pytest.raises(LookupError, match="boom"):
        run(loop, step)


def test_a_signal_is_a_callback_of_the_loop(loop: Loop) -> None:
    seen: list[Any] = []

    def came() -> None:
        seen.append(threading.current_thread())
        loop.stop()

    loop.on_signal(signal.SIGUSR1, came)
    loop.call_after(0.01, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    run(loop)
    assert seen == [threading.main_thread()]


def test_at_six_hundred_times_the_pace_a_minute_takes_a_tenth_of_a_second_of_waiting() -> None:
    clock = PacedClock(600)
    loop = Loop(clock)
    began, at = time.monotonic(), clock.now()
    loop.call_at(at + 60, loop.stop)
    run(loop)
    assert clock.now() - at >= 60
    assert time.monotonic() - began >= 0.1
    loop.close()


def test_a_change_of_pace_is_heeded_by_a_loop_that_waits() -> None:
    clock = PacedClock(1)
    loop = Loop(clock)
    loop.call_at(clock.now() + 300, loop.stop)
    threading.Timer(0.02, lambda: loop.call(lambda: clock.set_speed(600))).start()
    begun = clock.now()
    run(loop)
    assert clock.now() - begun >= 299
    loop.close()


def test_after_close_a_late_thread_may_post_and_unwatch_and_the_descriptors_go_with_the_loop() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    loop = Loop(SystemClock())
    read, write = os.pipe()
    loop.watch(read, lambda: None)
    loop.close()
    late = threading.Thread(target=loop.post, args=("late",))
    late.start()
    late.join()
    loop.unwatch(read)
    os.close(read)
    os.close(write)
    del loop, late
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
