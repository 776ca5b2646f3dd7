"""The daemon asked to stop in the middle of a session, by a broker that answers, is frozen or is gone.

What happened is kept and goes on, `offline` is told, and it is quick, for systemd and people wait for it.
"""

import random
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.endurance.book import Pumped, hold, listened
from tests.endurance.kills import Scene, all_told, ended, kept_by, played_in, say_until, seen
from tests.endurance.proxy import Mood
from tests.support.household import Device
from tests.support.page_world import until

MOST_S = 2.0
"""From SIGTERM to the exit."""
BY = (Mood.GOOD, Mood.FROZEN, Mood.SHUT)
"""What the broker does meanwhile."""


def stops(count: int, seed: int) -> list[str]:
    """`count` stops, each in a session of its own; half of each kind at least are as quick as they should be."""
    took = stopped(count, seed)
    lines = [
        f"{len(seconds)} by a broker that is {mood}: {statistics.median(seconds):.2f} s, at most {max(seconds):.2f} s"
        for mood, seconds in took.items()
    ]
    slow = [mood for mood, seconds in took.items() if statistics.median(seconds) > MOST_S]
    assert not slow, f"--stops {count} --seed {seed}: not within {MOST_S} s: {lines}"
    return lines


def stopped(count: int, seed: int) -> dict[Mood, list[float]]:
    """So many stops; how many seconds each took. AssertionError where one lost something or left in another way."""
    took: dict[Mood, list[float]] = {mood: [] for mood in BY[:count]}
    topics = ("session", "reply", "availability")
    with (
        tempfile.TemporaryDirectory() as name,
        played_in(Path(name), random.Random(seed), *topics) as (scene, device),
    ):
        device.start()
        book = [one_stop(scene, device, number, took) for number in range(1, count + 1)]
        until("all of it told", partial(all_told, scene))
        device.end()
        scene.dashboard.catch_up()
        told = [one for one in scene.dashboard.heard if one[0] != "availability"]
        hold(listened(told), kept_by(scene), book)
    return took


def one_stop(scene: Scene, device: Device, number: int, took: dict[Mood, list[float]]) -> Pumped:
    """A session with a stop in it, which the next life goes on with."""
    began = time.time()
    _, late_s = say_until(scene.pump, lambda: number, lambda: "START", partial(seen, scene, number))
    scene.dashboard.until("it is online", lambda heard: last_word(heard) == b"online")
    mood = BY[(number - 1) % len(BY)]
    scene.line.be(mood)
    asked = time.monotonic()
    status, said = device.end()
    took[mood].append(time.monotonic() - asked)
    assert status == 0, said
    assert "Traceback" not in said, said
    scene.line.be(Mood.GOOD)
    scene.dashboard.until("it is offline", lambda heard: last_word(heard) == b"offline")
    device.start()
    since = time.time()
    say_until(scene.pump, lambda: number, lambda: f"STOP ml={number}", partial(ended, scene, number))
    return Pumped(number, (began, began + late_s), (since, time.time()), {})


def last_word(heard: list[tuple[str, bytes]]) -> bytes | None:
    """What the device said last of whether it is there, or the broker for it."""
    return next((payload for topic, payload in reversed(heard) if topic == "availability"), None)
