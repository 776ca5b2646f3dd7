"""The daemon killed at random moments while a pump runs, the broker killed too, and a bad line between them.

A stretch is one record through some forty kills: its seed says what is pumped and what befalls it (though not to the
millisecond when). At its end, in calm, everything that the pump did has arrived.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import Any, NamedTuple

from device.core.model.events import History
from device.core.model.record import Session, SessionState
from device.store.records import Store, StoreError
from device.wire.commands import FIRST
from tests.endurance.book import Pumped, Record, hold, listened
from tests.endurance.dashboard import HOLDS_BACK_NONE, Dashboard
from tests.endurance.outage import highest_mib
from tests.endurance.proxy import Mood, Proxy
from tests.support.household import ROOT, WAIT_S, Device, PumpPort
from tests.support.page_world import Mosquitto, until

STRETCH = 40
"""Kills of the daemon on one record; the broker is killed a fifth as often."""
BROKER_EACH = 5
MOODS = {Mood.GOOD: 4, Mood.CUT: 3, Mood.FROZEN: 1, Mood.LATE: 2, Mood.SLOW: 1, Mood.DEAF: 2, Mood.SHUT: 1}
"""How often the line is in each."""
MOOD_S, BEAT_S, LOOK_S = (0.1, 1.5), 0.3, 0.02
LONGEST_S = 300.0
"""For a line to be heard by one of many short lives, on a busy machine."""
ANSWERS: tuple[Record, ...] = (
    {"purpose": "protect", "reason": "in_place_of_nursing"},
    {"purpose": "promote", "reason": "raise_low_supply"},
    {"purpose": "treat", "reason": "plugged_duct"},
)


def kills(count: int, seed: int) -> list[str]:
    """`count` kills of the daemon, a fifth as many of the broker; the figures of all stretches together."""
    total: Counter[str] = Counter()
    most = 0.0
    for turn, first in enumerate(range(0, count, STRETCH)):
        folder, so_many = Path(tempfile.mkdtemp(prefix="endure-")), min(STRETCH, count - first)
        try:
            figures, mib = stretch(folder, so_many, seed + turn)
        except AssertionError as broken:
            again = f"scripts/endure --kills {so_many} --seed {seed + turn}"
            raise AssertionError(f"{again} (its files: {folder}): {broken}") from broken
        shutil.rmtree(folder)
        total += figures
        most = max(most, mib)
        print(f"  {total['kills']:,} kills, {total['sessions']:,} sessions so far", file=sys.stderr, flush=True)
    return [", ".join(f"{number:,} {name}" for name, number in total.items()) + f"; memory at most {most:.1f} MiB"]


class Scene(NamedTuple):
    folder: Path
    broker: Mosquitto
    line: Proxy
    dashboard: Dashboard
    pump: PumpPort


def stretch(folder: Path, count: int, seed: int) -> tuple[Counter[str], float]:
    """One record's life; what happened how often, and the most memory that the last daemon had, in MiB."""
    with played_in(folder, random.Random(f"{seed} line"), "session", "reply") as (scene, device):
        lives = Lives(scene, device, random.Random(f"{seed} kills"))
        return led(scene, lives, count, seed)


@contextmanager
def played_in(folder: Path, chance: random.Random, *topics: str) -> Iterator[tuple[Scene, Device]]:
    """All that is around a device, and the device, which is not started; a dashboard listens to these topics."""
    with ExitStack() as stack:
        broker = Mosquitto(folder, lines=HOLDS_BACK_NONE)
        stack.callback(broker.stop)
        line = Proxy(broker.port, chance)
        stack.callback(line.close)
        dashboard = Dashboard(broker.port, *topics)
        stack.callback(dashboard.close)
        pump = PumpPort(folder)
        stack.callback(pump.close)
        scene = Scene(folder, broker, line, dashboard, pump)
        device = Device(configured(scene), {"TZ": "Etc/UTC"})
        stack.callback(leave, device)
        yield scene, device


def configured(scene: Scene) -> Path:
    """Sessions that count after a second, each a sitting of its own unless it follows at once."""
    file = scene.folder / "config.toml"
    file.write_text(
        '[session]\nmin_session_s = 1\nsitting_s = 2\n[display]\ndriver = "none"\n'
        f'[serial]\nport = "{scene.pump.path}"\n[mqtt]\nport = {scene.line.port}\n'
        f'[store]\npath = "{record_of(scene)}"\n'
    )
    return file


def record_of(scene: Scene) -> Path:
    return scene.folder / "pump.db"


def led(scene: Scene, lives: "Lives", count: int, seed: int) -> tuple[Counter[str], float]:
    with ThreadPoolExecutor(2) as threads:
        trouble = threads.submit(disturb, scene, count // BROKER_EACH, lives, random.Random(f"{seed} moods"))
        killing = threads.submit(lives.lead, count, trouble)
        try:
            book = pumped(scene, lives, killing, random.Random(f"{seed} pump"))
        finally:
            lives.calm.set()
            broker_kills = trouble.result()
            killing.result()
    until("all of it told", partial(all_told, scene))
    mib = lives.end()
    scene.dashboard.catch_up()
    told = listened(scene.dashboard.heard)
    hold(told, kept_by(scene), book)
    moods = Counter({str(mood): times for mood, times in scene.line.moods.items() if mood is not Mood.GOOD})
    figures = Counter(kills=count)
    figures += Counter({"of the broker": broker_kills, "sessions": len(book), "revisions": len(told.records)})
    return figures + Counter({"told twice": told.repeats}) + moods, mib


# -- who kills ---------------------------------------------------------------------------------------------------------


class Lives:
    """The daemon, started and killed; `count` says which life this is, so that one can tell that it was lost."""

    def __init__(self, scene: Scene, device: Device, dice: random.Random) -> None:
        self._scene, self._device, self._dice = scene, device, dice
        self.count = 0
        self.calm = threading.Event()
        """The faults are over; set it to end them early."""

    def lead(self, kills: int, trouble: "Future[int]") -> None:
        """Live and be killed so often, half of it while starting; the last life begins once the line is good."""
        for _ in range(kills):
            if self.calm.is_set():
                break
            self._start()
            if self._dice.random() < 0.5:
                until("the pump's port opened", self._has_port)
                self.calm.wait(self._dice.choice([0.5, 2.0, 5.0]) * self._dice.random())
            else:
                self.calm.wait(self._dice.random())
            self._kill()
        self.calm.set()
        trouble.result()
        self._start()

    def _start(self) -> None:
        self._device.start()
        self.count += 1

    def _kill(self) -> None:
        self.count += 1
        _, said = self._device.end(SIGKILL)
        assert "Traceback" not in said, said

    def _has_port(self) -> bool:
        assert self._device.process is not None
        assert self._device.process.poll() is None, f"it ended by itself: {self._device.end()}"
        port = self._scene.pump.path.resolve()
        with_open = Path(f"/proc/{self._device.process.pid}/fd")
        return any(points_to(one, port) for one in with_open.iterdir())

    def end(self) -> float:
        """SIGTERM, after which all is well; the most memory that the last life had, in MiB."""
        assert self._device.process is not None
        most = highest_mib(self._device.process.pid)
        status, said = self._device.end()
        assert status == 0, said
        assert "Traceback" not in said, said
        return most


def leave(device: Device) -> None:
    """Where a rule was broken, the process is still there."""
    if device.process is not None and device.process.poll() is None:
        device.end(SIGKILL)


def points_to(link: Path, there: Path) -> bool:
    try:
        return link.readlink() == there
    except OSError:
        return False  # closed meanwhile


def disturb(scene: Scene, broker_kills: int, lives: Lives, dice: random.Random) -> int:
    """Change the line's mood again and again, and kill the broker now and then; how often it was killed."""
    killed = 0
    while not lives.calm.wait(dice.uniform(*MOOD_S)):
        if killed < broker_kills and dice.random() < 0.2:
            restart_broker(scene)
            killed += 1
        scene.line.be(dice.choices(list(MOODS), list(MOODS.values()))[0])
    while killed < broker_kills:
        restart_broker(scene)
        killed += 1
    scene.line.be(Mood.SHUT)
    scene.line.be(Mood.GOOD)
    return killed


def restart_broker(scene: Scene) -> None:
    """Kill the broker; nobody comes in before the dashboard listens again, as it keeps no one's subscription."""
    scene.dashboard.listening.clear()
    scene.broker.stop()
    scene.line.be(Mood.SHUT)
    scene.broker.start()
    assert scene.dashboard.listening.wait(WAIT_S)


# -- who pumps ---------------------------------------------------------------------------------------------------------


def pumped(scene: Scene, lives: Lives, killing: "Future[None]", dice: random.Random) -> list[Pumped]:
    """Pump until the killing is over, one more after it."""
    book: list[Pumped] = []
    while True:
        over = killing.done()
        book.append(one_session(scene, lives, len(book) + 1, dice))
        if over:
            return book
        threading.Event().wait(dice.random())


def one_session(scene: Scene, lives: Lives, number: int, dice: random.Random) -> Pumped:
    """The pump says START, RUN, and STOP until it was heard, whoever lives; the session's number is its volume."""
    began = time.time()
    first = "START" if dice.random() < 0.8 else "RUN t=0"

    def runs() -> str:
        nonlocal first
        words, first = first or f"RUN t={time.time() - began:.2f} cpm=54", ""
        return words

    begun, late_s = say_until(scene.pump, lambda: lives.count, runs, partial(seen, scene, number))
    asked: dict[str, Record] = {}
    ends = time.time() + dice.uniform(0.5, 3.0)
    while time.time() < ends:
        if dice.random() < 0.1:
            command, stands = any_answer(dice)
            asked = {scene.dashboard.ask(session=begun.id, **command): stands}
        scene.pump.say(runs())
        threading.Event().wait(BEAT_S)
    stopped = time.time()
    words = iter([f"STOP t={stopped - began:.2f} ml={number}"])
    repeated = f"STOP ml={number}"
    say_until(scene.pump, lambda: lives.count, lambda: next(words, repeated), partial(ended, scene, number))
    return Pumped(number, (began, began + late_s), (stopped, time.time()), asked)


def any_answer(dice: random.Random) -> tuple[Record, Record]:
    """A command, and what stands in the record once it was answered."""
    if dice.random() < 0.5:
        text = f"note {dice.random()}"
        return {"command": "note", "text": text}, {"note": text}
    answer = dice.choice(ANSWERS)
    return {"command": "classify", **answer}, answer


def say_until(
    pump: PumpPort, life: Callable[[], int], words: Callable[[], str], found: Callable[[], Session | None]
) -> tuple[Session, float]:
    """Say lines until the record has it; what it has, and for how many seconds at most one life had been told."""
    deadline = time.monotonic() + LONGEST_S
    told, since, late_s = life(), time.monotonic(), 0.0
    while time.monotonic() < deadline:
        if life() != told:
            told, since = life(), time.monotonic()
        pump.say(words())
        next_beat = time.monotonic() + BEAT_S
        while time.monotonic() < next_beat:
            session = found()
            late_s = max(late_s, time.monotonic() - since)
            if session is not None:
                return session, late_s
            threading.Event().wait(LOOK_S)
    raise AssertionError(f"never heard, in life {told}: {words()}")


def seen(scene: Scene, number: int) -> Session | None:
    """A session as it stands in the record now, whoever writes there; None where it does not, or nobody can say."""
    try:
        with closing(Store.open(record_of(scene), read_only=True)) as store:
            newest = store.history(History(limit=2), FIRST, FIRST, 2)
    except StoreError:
        return None
    found = (one for one in newest if isinstance(one, Session) and one.number == number)
    return next(found, None)


def ended(scene: Scene, number: int) -> Session | None:
    session = seen(scene, number)
    return session if session is not None and session.state is SessionState.ENDED else None


# -- afterwards --------------------------------------------------------------------------------------------------------


def all_told(scene: Scene) -> bool:
    """The outbox is empty on the disk."""
    try:
        with closing(Store.open(record_of(scene), read_only=True)) as store:
            return not store.outbox_head(1)
    except StoreError:
        return False


def kept_by(scene: Scene) -> list[Record]:
    """The sessions as `pump-companion sessions --json` tells them."""
    command = [sys.executable, "-m", "device", "sessions", "--json", "--deleted", "--limit", "500"]
    done = subprocess.run(
        [*command, "--config", str(scene.folder / "config.toml")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert not said["nursings"]
    return list(said["sessions"])
