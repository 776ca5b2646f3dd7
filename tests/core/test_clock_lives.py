"""Lives of many boots whose true time is known: ahead, behind, set in steps or never; cut in sessions and in pauses.

More than the few lives of every run: `LIVES=5000 pytest tests/core/test_clock_lives.py`.
"""

import os
import random
from dataclasses import dataclass, field

import pytest

from device.core.model.record import Cause, Clock, Record, Session, finished
from device.core.record import corrections
from device.core.state import held
from device.wire.values import instant
from tests.support.drive import Disk, Plain
from tests.support.effort import so_many

LIVES = int(os.environ.get("LIVES", so_many(24, least=4)))
DAY = 86400.0
BORN = 1772334000.0
OFF = [0.0, -40.0, -75.0, 90.0, -3600.0, -16 * 3600.0, 26 * 3600.0, -30 * DAY, 400 * DAY, -56 * 365 * DAY]
NEAR_S = 5.0
CHECKPOINT_S = 31.0


@dataclass
class Life:
    """One device in a true time that it does not know; what it must find is written down here."""

    chance: random.Random
    true: float = BORN
    boot: int = 0
    device: Plain = field(init=False)
    disk: Disk = field(default_factory=Disk)
    error: float = 0.0
    synced: bool = False
    learned: set[int] = field(default_factory=set)
    began_in: dict[str, int] = field(default_factory=dict)
    heard_in: dict[str, set[int]] = field(default_factory=dict)
    nursed_at: dict[str, float] = field(default_factory=dict)
    edges: list[float] = field(default_factory=list)
    """Every true instant at which a motor began, fell quiet or was last known to run."""
    cuts: list[float] = field(default_factory=list)
    on: bool = False

    def live(self) -> None:
        for _ in range(self.chance.randint(2, 8)):
            self.start_boot()
            for _ in range(self.chance.randint(1, 7)):
                self.chance.choice([self.pump, self.pump, self.set_clock, self.set_clock, self.restart, self.nurse])()
                self.wait(self.chance.choice([1.0, 20.0, 200.0, 4000.0]))
            self.cut()
        self.start_boot()
        self.wait(200.0)
        self.stop_pump()
        self.wait(200.0)
        self.know()

    # -- time and power ----------------------------------------------------------------------------------------

    @property
    def wall(self) -> float:
        return self.true + self.error

    def begin(self, at: float, boot: int) -> None:
        self.device = Plain(
            at=at, wall=self.wall, synced=self.synced, disk=self.disk, broker=False, at_home=False, boot=f"boot-{boot}"
        )

    def start_boot(self) -> None:
        self.boot += 1
        self.error = self.chance.choice(OFF)
        self.synced = self.chance.random() < 0.2
        if self.synced:
            self.error = 0.0
            self.learned.add(self.boot)
        self.begin(self.chance.uniform(3.0, 40.0), self.boot)
        if self.on and self.chance.random() < 0.8:
            self.wait(self.chance.uniform(0.0, 3.0))
            self.start_pump()
        else:
            self.on = False

    def wait(self, seconds: float) -> None:
        self.true += seconds
        self.device.wait(seconds)
        self.note()

    def cut(self) -> None:
        self.cuts.append(self.true)
        self.true += self.chance.choice([2.0, 30.0, 100.0, 3600.0, 11 * 3600.0, 3 * DAY])

    def restart(self) -> None:
        """The daemon alone ends (cut off or in good order) and begins again: the clock and the boot go on."""
        kept = self.device
        downtime = self.chance.choice([0.5, 5.0, 60.0])
        if self.on:
            self.cuts.append(self.true)
        self.true += downtime
        self.begin(kept.at + downtime, self.boot)
        if self.on:
            self.wait(self.chance.uniform(0.0, 1.0))
            self.start_pump()

    # -- the clock ---------------------------------------------------------------------------------------------

    def set_clock(self) -> None:
        """Somebody sets it, near or far; or the network does, and the system says so at once, or seconds later."""
        kind = self.chance.choice(["wrong", "right", "later", "later"])
        if self.synced:
            return
        if kind == "wrong":
            self.error = self.chance.choice(OFF) + self.chance.uniform(-30, 30)
            self.device.clock(self.wall, synced=False)
            return
        self.error = 0.0
        if kind == "later":
            self.device.clock(self.wall, synced=False)
            self.wait(self.chance.choice([1.0, 30.0]))
        self.know()

    def know(self) -> None:
        self.error, self.synced = 0.0, True
        self.learned.add(self.boot)
        self.device.clock(self.wall, synced=True)

    # -- what happens ------------------------------------------------------------------------------------------

    def start_pump(self) -> None:
        self.on = True
        self.edges.append(self.true)
        self.device.pump(True)
        self.wait(4.0)
        running = self.device.state.running
        if running:
            self.heard_in.setdefault(running, set()).add(self.boot)

    def stop_pump(self) -> None:
        self.on = False
        self.edges.append(self.true)
        self.device.pump(False)

    def pump(self) -> None:
        if not self.on:
            self.start_pump()
        self.wait(self.chance.choice([70.0, 300.0, 900.0]))
        if self.chance.random() < 0.7:
            self.stop_pump()
            self.wait(self.chance.choice([10.0, 60.0, 200.0]))

    def nurse(self) -> None:
        reply = self.device.order("nursing", effective=True)
        self.nursed_at[reply["nursing"]["id"]] = self.true
        self.note()

    def note(self) -> None:
        """Remember in which boot each record was first seen."""
        for record in held(self.device.state):
            self.began_in.setdefault(record.id, self.boot)

    # -- what must be so ---------------------------------------------------------------------------------------

    def judge(self) -> None:
        for record in self.disk.records.values():
            boots = self.boots_of(record.id)
            known = {self.began_in[record.id], max(boots)} <= self.known()
            assert (record.clock is Clock.SYNCED) <= known, f"nobody could know: {record}"
            if len(boots) == 1:
                assert record.clock is Clock.SYNCED or not known, f"its boot learned the time: {record}"
            if record.clock is Clock.SYNCED:
                self.is_right(record)
        self.nothing_is_corrected_twice()

    def known(self) -> set[int]:
        """The boots whose clock counted as synchronised at last."""
        return self.learned

    def near_s(self, _record: Record) -> float:
        """How far off a time may be that is called synchronised."""
        return NEAR_S

    def knowledge(self) -> int:
        """How often anything became known of a clock, beyond once a boot."""
        return 0

    def boots_of(self, record: str) -> set[int]:
        """The boots that have witnessed it; the last of them saw its end."""
        return {self.began_in[record]} | self.heard_in.get(record, set())

    def is_right(self, record: Record) -> None:
        near_s = self.near_s(record)
        if not isinstance(record, Session):
            assert abs(record.at - self.nursed_at[record.id]) <= near_s
            return
        assert record.ended_at is not None
        assert any(abs(record.started_at - edge) <= near_s for edge in self.edges), f"start: {record}"
        ends = any(abs(record.ended_at - edge) <= near_s for edge in self.edges)
        ends = ends or any(cut - CHECKPOINT_S - near_s <= record.ended_at <= cut + near_s for cut in self.cuts)
        assert ends, f"end: {record}"

    def nothing_is_corrected_twice(self) -> None:
        times: dict[str, list[tuple[int, int | None, Clock]]] = {}
        for one in self.disk.log:
            if one.cause is Cause.CLOCK:
                end = one.ended_at if isinstance(one, Session) else None
                start = one.started_at if isinstance(one, Session) else one.at
                times.setdefault(one.id, []).append((start, end, one.clock))
        for record, corrected in times.items():
            assert len(corrected) <= len(self.boots_of(record)) + self.knowledge(), (record, corrected)


TOLD_OFF_S = 60
"""How far off a person's phone may be."""


@dataclass
class ToldLife(Life):
    """A life without the internet for most of the time: people tell the clock, and are off by up to a minute."""

    told: set[int] = field(default_factory=set)
    tellings: int = 0

    def set_clock(self) -> None:
        if self.chance.random() < 0.3:
            super().set_clock()
        else:
            self.tell()

    def tell(self) -> None:
        at = round(self.true) + self.chance.randint(-TOLD_OFF_S, TOLD_OFF_S)
        reply = self.device.order("clock", at=instant(at))
        certain = [finished(one) for one in held(self.device.state) if corrections.is_certain(one) and one.anchor]
        if self.synced:
            assert reply["code"] == "not_now", reply
        elif reply["ok"]:
            self.told.add(self.boot)
            self.tellings += 1
        else:
            assert reply["code"] == "out_of_range", reply
            assert at < max(certain), reply

    def known(self) -> set[int]:
        return self.learned | self.told

    def near_s(self, record: Record) -> float:
        return NEAR_S if self.boots_of(record.id) <= self.learned else NEAR_S + TOLD_OFF_S

    def knowledge(self) -> int:
        return self.tellings


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("kind", [Life, ToldLife])
def test_only_what_a_boot_knew_of_its_own_clock_is_called_synced_and_that_is_right(kind: type[Life], part: int) -> None:
    for seed in range(part, LIVES, 4):
        life = kind(random.Random(seed))
        try:
            life.live()
            life.judge()
        except AssertionError as fault:
            raise AssertionError(f"life {seed}: {fault}") from fault
