"""Measures the device on this machine, each figure beside its floor of the same run, and says what the targets are.

Run as `python -m tests.measure [--quick] [--json FILE] [resting promptness keeping drawing starting ...]`.
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from drivers.controllers import CONTROLLERS
from tests.measure import drawing, fleet, flooding, keeping, promptness, resting, starting
from tests.measure.fleet_picture import picture
from tests.measure.stage import Mosquitto
from tests.support.household import ROOT


class Row(NamedTuple):
    """What was measured, its floor and unit, and the ratio (or the figure itself, where there is no floor) at most."""

    what: str
    value: float
    floor: float | None
    unit: str
    most: float | None

    @property
    def figure(self) -> float:
        return self.value if self.floor is None else self.value / self.floor

    def line(self) -> str:
        floor = "" if self.floor is None else f"{self.floor:.3g} {self.unit}"
        ratio = "" if self.floor is None else f"{self.figure:.2f}"
        target = "" if self.most is None else f"≤ {self.most:g}{'' if self.floor is None else ' ×'}"
        met = "" if self.most is None else "yes" if self.figure <= self.most else "no"
        return f"| {self.what} | {self.value:.3g} {self.unit} | {floor} | {ratio} | {target} | {met} |"


Rows = Iterator[Row]


def rest(folder: Path, broker: Mosquitto, quick: bool) -> Rows:
    found = resting.measure(folder, broker, 60 if quick else 300)
    floor = found["libraries"]["mib"]
    yield Row("memory, display and store", found["lit"]["mib"], floor, "MiB", 1.1)
    yield Row("memory, no display", found["none"]["mib"], floor, "MiB", None)
    for name, most in (("lit", 0.5), ("dark", 0.25), ("pumping", 3.0)):
        yield Row(f"wakeups, {name}", found[name]["wakeups"], None, "/s", most)
    yield Row("wakeups, libraries with paho's own thread", found["libraries"]["wakeups"], None, "/s", None)
    for name, most_percent in (("lit", 0.047), ("dark", 0.047), ("pumping", None)):
        yield Row(f"processor, {name}", found[name]["cpu_percent"], None, "%", most_percent)
    for name in ("lit", "dark"):
        yield Row(f"bytes written, {name}", found[name]["written"], None, "B", 0)


def prompt(folder: Path, broker: Mosquitto, quick: bool) -> Rows:
    count = 60 if quick else 300
    figures = {name: promptness.figures(one) for name, one in promptness.presses(folder, broker, count).items()}
    yield Row("edge → state, median", figures["state"][0], figures["floor"][0], "ms", 4)
    yield Row("edge → state, p99", figures["state"][1], figures["floor"][1], "ms", None)
    yield Row("edge → first pixel, median", figures["pixels"][0], None, "ms", None)
    slow = {
        name: promptness.figures(one)
        for name, one in promptness.presses_on_a_slow_disk(folder, broker, count // 3).items()
    }
    for what in ("pixels", "state"):
        yield Row(f"edge → {what}, every fsync 500 ms", slow[f"slow {what}"][0], slow[f"quick {what}"][0], "ms", 1.5)
    yield Row(
        "that disk's reply to a command, beside a quick one",
        slow["slow durable"][0],
        slow["quick durable"][0],
        "ms",
        None,
    )
    figures = {name: promptness.figures(one) for name, one in promptness.stops(folder, broker, count).items()}
    yield Row("STOP → record, median", figures["record"][0], figures["floor"][0], "ms", 3)
    yield Row("STOP → record, p99", figures["record"][1], figures["floor"][1], "ms", 10)


def keep(folder: Path, broker: Mosquitto, quick: bool) -> Rows:
    life = keeping.bytes_a_session(folder)
    yield Row("bytes written a session", life["kib"], life["floor_kib"], "KiB", 3)
    yield Row("writes of an idle day", keeping.writes_of_an_idle_day(), None, "", 0)
    drain = keeping.drains(folder, broker, 3 if quick else 7)
    yield Row("outbox of 6,000 records", drain["ours"], drain["floor"], "s", 1 / 0.3)


def draws(_folder: Path, _broker: Mosquitto, _quick: bool) -> Rows:
    views = drawing.day()
    for driver, controller in CONTROLLERS.items():
        found = drawing.measure(controller, views)
        yield Row(f"{driver}: a second on the Timer, median", found["tick"], None, "B", 120)
        yield Row(f"{driver}: a second on the Timer, most", found["most tick"], None, "B", 120)
        yield Row(f"{driver}: seconds of more than 120 B", found["ticks over"], None, "%", None)
        yield Row(f"{driver}: a new screen", found["screen"], found["luma"], "B", 1)
        yield Row(f"{driver}: a day", found["day"], found["changed"], "B", 1.6)
        yield Row(f"{driver}: a day, beside luma", found["day"], found["luma day"], "B", 1)
        yield Row(f"{driver}: nothing changed", found["nothing"], None, "B", 0)


def start(folder: Path, broker: Mosquitto, quick: bool) -> Rows:
    found = starting.ready(folder, broker, 5 if quick else 15)
    yield Row("exec → READY", found["few"], found["floor"], "s", 2)
    yield Row("exec → READY, 60,000 records beside 60", found["many"], found["few"], "s", 1.3)
    words = starting.words(7 if quick else 21)
    for name in ("help", "version", "check"):
        yield Row(f"pump-companion {name}, beside importing click", words[name], words["click"], "s", None)


def floods(folder: Path, broker: Mosquitto, quick: bool) -> Rows:
    for name, found in flooding.measure(folder, broker, 6 if quick else 60):
        yield Row(f"{name}: memory after, beside before", found.more_mib, None, "MiB", 8)
        yield Row(f"{name}: a press drawn, at worst", found.press_ms, None, "ms", 100)
        if "commands" not in name:  # most of those behind them are dropped by the broker
            yield Row(f"{name}: a command answered, at worst", found.answer_ms, None, "ms", 1000)
    for qos in (0, 1):
        rate = flooding.answered_a_second(folder, qos)
        yield Row(f"a burst of {flooding.BURST} commands at QoS {qos}: beside 2,000/s", 2000, rate, "/s", 1)


def fleets(folder: Path, _broker: Mosquitto, quick: bool) -> Rows:
    cost, storms, count = fleet.measure(folder, quick)
    for name in ("messages in", "bytes in", "messages out", "bytes out"):
        yield Row(f"a device's day: {name}", cost.ours[name] / count, None, "", None)
        yield Row(
            f"{name} by mosquitto, its subscriber included", cost.share(name, 0, 3), cost.ours[name] / count, "", None
        )
    yield Row("a device's day: connections", cost.ours["tries"] / count, None, "", 1)
    yield Row("a device's day: processor", 1000 * cost.share("cpu", 0, 3), None, "ms", None)
    yield Row("a device: retained messages", cost.share("retained", 1, 3), None, "", None)
    for what, first, last in (("its connection", 0, 1), ("what it retains", 1, 3)):
        yield Row(f"a device: {what}, mosquitto's heap", cost.share("heap", first, last) / 1024, None, "KiB", None)
        yield Row(f"a device: {what}, resident", cost.share("rss", first, last), None, "KiB", None)
    yield Row("records that a shared subscription missed", cost.lost, None, "", 0)
    for (keeps, down_s, jittered), one in storms.items():
        name = f"away {down_s:g} s, {'' if jittered else 'no '}jitter, {'' if keeps else 'not '}persistent"
        yield Row(f"{name}: the last connected", one.up[-1], None, "s", None)
        yield Row(f"{name}: the last said all", one.back[-1], None, "s", None)
        yield Row(f"{name}: most connections in a second", one.most_in(1), None, "", None)
        yield Row(f"{name}: most connections in 0.1 s", one.most_in(0.1), None, "", None)
        yield Row(f"{name}: tries a device", one.tries / count, None, "", None)
        yield Row(f"{name}: processor", 1000 * (one.cpu[-1][1] - one.cpu[0][1]), None, "ms", None)
    if not quick:
        drawn = {(down_s, jittered): one for (keeps, down_s, jittered), one in storms.items() if not keeps}
        (ROOT / "docs" / "pictures" / "fleet.svg").write_text(picture(drawn))


ROOMS: dict[str, Callable[[Path, Mosquitto, bool], Rows]] = {
    "drawing": draws, "keeping": keep, "starting": start, "promptness": prompt, "resting": rest,
    "flooding": floods, "fleet": fleets,
}  # fmt: skip


def measured(room: str, quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        broker = Mosquitto(Path(name), lines="allow_anonymous true\nset_tcp_nodelay true\n")
        try:
            return list(ROOMS[room](Path(name), broker, quick))
        finally:
            broker.stop()


def machine() -> str:
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    cores = Path("/proc/cpuinfo").read_text().count("\nprocessor") + 1
    load = Path("/proc/loadavg").read_text().split()[0]
    return (
        f"{time.strftime('%Y-%m-%d')}, {platform.machine()}, {cores} cores, "
        f"{int(memory.split()[1]) / 1048576:.0f} GiB, Python {platform.python_version()}, load {load} before"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the device beside its floors.")
    parser.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="only these")
    parser.add_argument("--quick", action="store_true", help="fewer turns: six minutes instead of eighteen")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures for other programs")
    asked = parser.parse_args()
    print(f"{machine()}\n\n| what | measured | floor | ratio | target | met |\n| --- | --- | --- | --- | --- | --- |")
    kept: list[dict[str, Any]] = []
    for room in asked.rooms or ROOMS:
        for row in measured(room, asked.quick):
            print(row.line(), flush=True)
            kept.append({**row._asdict(), "room": room})
    if asked.json:
        asked.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
