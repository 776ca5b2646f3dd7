"""Measures the device on this machine, each figure beside its floor or mqtt-io of the same run, and says the targets.

Run as `python -m tests.measure [--quick] [--json FILE] [--pictures FOLDER] [resting promptness stages keeping ...]`.
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
from tests.measure import (
    drawing,
    fleet,
    flooding,
    growing,
    imports,
    keeping,
    month,
    page,
    peer,
    pictures,
    plots,
    promptness,
    resting,
    stages,
    starting,
)
from tests.measure.compare import ENOUGH, Row, compared, noise, plain, quantile
from tests.measure.fleet_picture import picture
from tests.measure.stage import Mosquitto
from tests.support.page_browsers import ENGINES

Rows = Iterator[Row]


class Run(NamedTuple):
    """Where a room works, how long, and where its pictures go."""

    folder: Path
    broker: Mosquitto
    quick: bool
    pictures: Path | None


def rest(run: Run) -> Rows:
    found = resting.measure(run.folder, run.broker, 60 if run.quick else 300)
    floor = found["libraries"]["mib"]
    yield Row("memory, display and store", found["lit"]["mib"], floor, "MiB", 1.1)
    yield Row("memory, no display", found["none"]["mib"], floor, "MiB", None)
    for name, most in (("lit", 0.5), ("dark", 0.25), ("pumping", 3.0)):
        yield Row(f"wakeups, {name}", found[name]["wakeups"], None, "/s", most)
    yield Row("wakeups, libraries with paho's own thread", found["libraries"]["wakeups"], None, "/s", None)
    for name in ("lit", "dark", "pumping"):
        yield Row(f"processor, {name}", found[name]["cpu_percent"], None, "%", None)
    for name in ("lit", "dark"):
        yield Row(f"bytes written, {name}", found[name]["written"], None, "B", 0)
    for name in (name for name in peer.WAYS if name in found):
        words, judged = peer.WAYS[name].words, name == "quietest"
        yield Row(
            f"memory, no display; {words}", found["none"]["mib"], found[name]["mib"], "MiB", 1 if judged else None
        )
        for what, key, unit, most in (("wakeups", "wakeups", "/s", 0.01), ("processor", "cpu_percent", "%", 0.1)):
            beside = found[name][key]
            yield Row(f"{what}, dark; {words}", found["dark"][key], beside, unit, most if judged else None)


def prompt(run: Run) -> Rows:
    turns = 60 if run.quick else ENOUGH
    pressed = in_ms(promptness.presses(run.folder, run.broker, turns))
    yield compared("edge → `state`, median", pressed["state"], pressed["floor"], "ms", 4)
    yield compared("edge → `state`, p99", pressed["state"], pressed["floor"], "ms", None, 0.99)
    yield compared("edge → first pixel, median, beside a publish", pressed["pixels"], pressed["floor"], "ms", None)
    yield from beside_the_peer("edge → `state`", pressed, "state", judged="quickest")
    draw(run, "edges", "A button's edge → its message at a subscriber", pressed, {"state": "ours, state"})
    slow = in_ms(promptness.presses_on_a_slow_disk(run.folder, run.broker, 20 if run.quick else 100))
    for what, most in (("pixels", 1.5), ("state", 1.5), ("durable", None)):
        name = "that disk's reply to a command" if what == "durable" else f"edge → {what}, every fsync 500 ms"
        yield compared(f"{name}, beside a quick one", slow[f"slow {what}"], slow[f"quick {what}"], "ms", most)
    stopped = in_ms(promptness.stops(run.folder, run.broker, turns))
    yield compared("STOP → record, median", stopped["record"], stopped["floor"], "ms", 3)
    yield compared("STOP → record, p99", stopped["record"], stopped["floor"], "ms", 10, 0.99)
    yield from beside_the_peer("STOP → record", stopped, "record")
    title = "A STOP on the serial line → its message at a subscriber"
    draw(run, "lines", title, stopped, {"record": "ours, durable"})


def in_ms(taken: promptness.Taken) -> dict[str, list[float]]:
    return {name: [one / 1e6 for one in turns] for name, turns in taken.items()}


def beside_the_peer(what: str, taken: dict[str, list[float]], ours: str, judged: str = "") -> Rows:
    """Median and 99th percentile, ours beside mqtt-io's of the same turns; a verdict where a target speaks of it."""
    for name in (name for name in peer.WAYS if name in taken):
        for word, share in (("median", 0.5), ("p99", 0.99)):
            most = 1 if name == judged else None
            yield compared(f"{what}, {word}; {peer.WAYS[name].words}", taken[ours], taken[name], "ms", most, share)


def draw(run: Run, name: str, title: str, taken: dict[str, list[float]], ours: dict[str, str]) -> None:
    names = ours | {"floor": "floor"} | {name: way.words for name, way in peer.WAYS.items()}
    dashes = (pictures.SOLID, pictures.DOTTED, pictures.DASHED, pictures.SPARSE)
    known = [(words, taken[key]) for key, words in names.items() if key in taken]
    curves = [pictures.Curve(words, turns, dash) for (words, turns), dash in zip(known, dashes, strict=False)]
    if run.pictures:
        pictures.save(run.pictures, name, pictures.cumulative(title, curves))


def go_through(run: Run) -> Rows:
    taken = stages.profile(run.folder, run.broker, 100 if run.quick else 300)
    for name, words in stages.STAGES.items():
        yield Row(f"STOP → record; {words}", quantile(taken[name], 0.5), None, "ms", None)
    yield compared("STOP → record with stamps, median", taken["whole"], taken["floor"], "ms", None)
    if run.pictures:
        medians = [(words, quantile(taken[name], 0.5)) for name, words in stages.STAGES.items()]
        title = f"STOP → record, stage by stage: medians of {len(taken['whole'])}"
        pictures.save(run.pictures, "stages", pictures.waterfall(title, medians))


def keep(run: Run) -> Rows:
    life = keeping.bytes_a_session(run.folder)
    yield Row("bytes written a session", life["kib"], life["floor_kib"], "KiB", 3)
    yield Row("writes of an idle day", keeping.writes_of_an_idle_day(), None, "", 0)
    drain = keeping.drains(run.folder, run.broker, 3 if run.quick else 7)
    yield compared("outbox of 6,000 records", drain["ours"], drain["floor"], "s", 1 / 0.3)


def draws(run: Run) -> Rows:
    views = drawing.day()
    for driver, controller in CONTROLLERS.items():
        found = drawing.measure(controller, views)
        yield Row(f"{driver}: a second on the Timer, median", found["tick"], None, "B", 120)
        yield Row(f"{driver}: a second on the Timer, most", found["most tick"], None, "B", 120)
        yield Row(f"{driver}: seconds of more than 120 B", found["ticks over"], None, "%", None)
        yield Row(f"{driver}: such a second, median, beside luma's display()", found["tick"], found["luma"], "B", None)
        yield Row(f"{driver}: the same, redrawn twice a second", found["tick"], 2 * found["luma"], "B", None)
        yield Row(f"{driver}: a new screen", found["screen"], found["luma"], "B", 1)
        yield Row(f"{driver}: a day", found["day"], found["changed"], "B", 1.6)
        yield Row(f"{driver}: a day, beside luma's display()", found["day"], found["luma day"], "B", 1)
        yield Row(f"{driver}: a day, redrawn twice a second", found["day"], found["redrawn day"], "B", None)
        yield Row(f"{driver}: nothing changed", found["nothing"], None, "B", 0)
    if run.pictures:
        pictures.save(run.pictures, "wire", plots.wire("ssd1306", drawing.by_time(CONTROLLERS["ssd1306"])))


def start(run: Run) -> Rows:
    found = starting.ready(run.folder, run.broker, 5 if run.quick else 15)
    yield compared("exec → READY", found["few"], found["floor"], "s", 2)
    yield compared("exec → READY, 60,000 records beside 60", found["many"], found["few"], "s", 1.3)
    if "quietest" in found:
        yield compared("exec → READY; mqtt-io to its first message", found["few"], found["quietest"], "s", 0.5)
        yield compared("exec → first message; mqtt-io", found["online"], found["quietest"], "s", None)
    words = starting.words(7 if run.quick else 21)
    for name in ("help", "version", "check"):
        yield Row(f"pump-companion {name}, beside importing click", words[name], words["click"], "s", None)


def import_all(run: Run) -> Rows:
    for version, python in imports.pythons().items():
        for name, (ms, kib) in imports.of(python, 7 if run.quick else 21).items():
            yield Row(f"Python {version}, {name}: processor", ms, None, "ms", None)
            yield Row(f"Python {version}, {name}: resident", kib / 1024, None, "MiB", None)


def floods(run: Run) -> Rows:
    for name, found in flooding.measure(run.folder, run.broker, 6 if run.quick else 60):
        yield Row(f"{name}: memory after, beside before", found.more_mib, None, "MiB", 8)
        yield Row(f"{name}: a press drawn, at worst", found.press_ms, None, "ms", 100)
        if "commands" not in name:  # most of those behind them are dropped by the broker
            yield Row(f"{name}: a command answered, at worst", found.answer_ms, None, "ms", 1000)
    for qos in (0, 1):
        rate = flooding.answered_a_second(run.folder, qos)
        yield Row(f"a burst of {flooding.BURST} commands at QoS {qos}: beside 2,000/s", 2000, rate, "/s", 1)


def grow(run: Run) -> Rows:
    found = growing.measure(run.folder, run.broker, 12 if run.quick else 48)
    _, few, full, _, year, many = growing.FAR
    near = growing.NEAR[-1]
    for name, by_size in found.far.items():
        yield compared(f"{name}: {many:,} records beside {few}", by_size[many], by_size[few], "µs", 1.3)
    for name, by_size in found.store.items():
        most = None if name == growing.CHECK else 1.3
        yield compared(f"{name}: {many:,} records beside {year:,}", by_size[many], by_size[year], "µs", most)
        yield compared(f"{name}: {many:,} records beside {full}", by_size[many], by_size[full], "µs", None)
    for name, by_size in found.near.items():
        yield compared(f"{name}: {near:,} held beside {full}", by_size[near], by_size[full], "µs", None)
    new, few_new = found.counts[many], found.counts[few]
    for place, what in enumerate(("a new record", "a revision")):
        yield Row(f"{what}: statements", new.statements[place], few_new.statements[place], "", 1)
        yield Row(f"{what}: pages of the log", new.pages[place], few_new.pages[place], "", None)
    for size, kib in found.states["far"].items():
        held = ", ".join(map(str, found.held[size]))
        yield Row(f"the state, of {size:,} records; sessions, nursings, portions held: {held}", kib, None, "KiB", None)
    yield Row(f"the state, {near:,} records held", found.states["near"][near], None, "KiB", None)
    for size, mib in found.processes.items():
        yield Row(f"resident, no display, {size:,} records beside {few}", mib, found.processes[few], "MiB", 1.1)
    if run.pictures:
        pictures.save(run.pictures, "growth", plots.growth(found))


def live(run: Run) -> Rows:
    lives = month.measure(30 if run.quick else 60)
    for name, looks in lives.items():
        full, last = next(look for look in looks if look.day >= plots.HELD_DAYS), looks[-1]
        until = f"day {last.day:g} beside day {full.day:g}"
        most = 1.05 if name == "device" else None
        yield Row(f"{name}: resident, {until}", last.mib, full.mib, "MiB", most)
        yield Row(f"{name}: Python's blocks, {until}", last.blocks, full.blocks, "", most)
        yield Row(f"{name}: reached from the device, {until}", last.device_kib, full.device_kib, "KiB", most)
        yield Row(f"{name}: reached from the simulation's book, {until}", last.book_kib, full.book_kib, "KiB", None)
    if run.pictures:
        pictures.save(run.pictures, "month", plots.month(lives))


def fleets(run: Run) -> Rows:
    cost, storms, count = fleet.measure(run.folder, run.quick)
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
    if run.pictures is not None and not run.quick:
        drawn = {(down_s, jittered): one for (keeps, down_s, jittered), one in storms.items() if not keeps}
        (run.pictures / "fleet.svg").write_text(picture(drawn))


def pages(run: Run) -> Rows:
    page.fill(run.folder)
    plain = page.large_message(run.broker, 5)
    for engine in ENGINES:
        yield from first_cards(engine, page.first_cards(run.folder, run.broker, engine, 7 if run.quick else 30), plain)
    for engine in ENGINES:
        yield from a_year(engine, page.year(run.folder, engine))
    for engine, (before, after) in page.hour(run.folder, 60 if run.quick else page.PACE).items():
        name = f"{engine}: an hour of a session, beside its fifth minute"
        yield Row(f"{name}: DOM nodes", after.nodes, before.nodes, "", 1.05)
        yield Row(f"{name}: processes", after.mib, before.mib, "MiB", None)
        if after.heap_mib and before.heap_mib and after.listeners and before.listeners:
            yield Row(f"{name}: JavaScript's heap", after.heap_mib, before.heap_mib, "MiB", 1.1)
            yield Row(f"{name}: listeners", after.listeners, before.listeners, "", 1)
    seconds = 60 if run.quick else 300
    found, traced = page.rest(run.folder, run.broker, seconds)
    for engine in ENGINES:
        empty = found[engine, "empty"].cpu_percent
        for how, words in (("page", "in sight"), ("hidden", "behind another tab")):
            rested = found[engine, how]
            if how == "page" or rested.hidden:  # not every engine can be told to hide it
                yield Row(f"{engine} at rest, {words}, beside an empty page", rested.cpu_percent, empty, "%", None)
    for name, most in (("AnimationFrame::Presentation", 2), ("TimerFire", None)):
        words = "frames" if "Frame" in name else "timers fired"
        yield Row(f"chromium at rest: {words} a minute", 60 * traced[name] / seconds, None, "", most)


def first_cards(engine: str, taken: dict[str, list[float]], plain: list[float]) -> Rows:
    words = f"{engine}: first card"
    yield compared(f"{words}, 60,000 records beside 60", taken["many"], taken["few"], "ms", 1.3)
    yield compared(f"{words}, beside an empty page", taken["many"], taken["many empty"], "ms", None)
    again = taken["many again"], taken["few again"]
    yield compared(f"{words} through the service worker, 60,000 records beside 60", *again, "ms", 1.3)
    whole = taken["many record"], taken["few record"]
    yield compared(f"{engine}: the record's rows, 60,000 records beside 60", *whole, "ms", 1.3)
    waited = quantile(whole[0], 0.5) - quantile(taken["many"], 0.5)
    yield Row(f"{engine}: from the card to the rows, beside 64 KB to a plain client", waited, min(plain), "ms", None)


def a_year(engine: str, year: page.Year) -> Rows:
    name = f"{engine}: a year looked through"
    yield Row(f"{name}", year.seconds, None, "s", None)
    yield Row(f"{name}: frames longer than 50 ms", sum(one > 50 for one in year.frames), None, "", 0)
    yield Row(f"{name}: the longest frame", max(year.frames), None, "ms", None)
    yield Row(f"{name}: a drawing of everything after, beside before", year.redraw_after, year.redraw_before, "ms", 1.3)
    yield Row(f"{name}: DOM nodes at its end, beside before", year.after.nodes, year.before.nodes, "", None)
    yield Row(f"{name}: DOM nodes with the list closed again", year.again.nodes, year.before.nodes, "", 1.05)
    yield Row(f"{name}: processes, with the list closed again", year.again.mib, year.before.mib, "MiB", None)
    if year.again.heap_mib:
        yield Row(f"{name}: JavaScript's heap", year.again.heap_mib, year.before.heap_mib, "MiB", None)


ROOMS: dict[str, Callable[[Run], Rows]] = {
    "drawing": draws, "keeping": keep, "imports": import_all, "starting": start, "promptness": prompt,
    "stages": go_through, "resting": rest, "flooding": floods, "growing": grow, "month": live, "fleet": fleets,
    "page": pages,
}  # fmt: skip


def measured(room: str, *, quick: bool, to: Path | None) -> tuple[list[Row], str]:
    """A room's rows, told as they come, and how noisy the machine was meanwhile."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(folder, lines="allow_anonymous true\nset_tcp_nodelay true\n")
        try:
            before = plain(folder, broker)
            for row in ROOMS[room](Run(folder, broker, quick, to)):
                print(row.line(), flush=True)
                rows.append(row)
            return rows, noise(before, plain(folder, broker))
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


def table(*columns: str) -> str:
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the device beside floors and mqtt-io.")
    parser.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="only these")
    parser.add_argument("--quick", action="store_true", help="fewer turns: twenty-five minutes instead of ninety")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures for other programs")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="draw the rooms' pictures there, as SVG")
    asked = parser.parse_args()
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}\n\n{table('what', 'measured', 'floor or peer', 'ratio', 'target', 'met')}")
    kept: list[dict[str, Any]] = []
    noises: list[str] = []
    for room in asked.rooms or ROOMS:
        rows, how_noisy = measured(room, quick=asked.quick, to=asked.pictures)
        kept += [{**row._asdict(), "room": room, "met": row.met} for row in rows]
        noises.append(f"| {room} | {how_noisy} |")
    print(f"\n{table('during', 'a plain publish before: median, p99', 'after', 'apart', 'stolen', 'load')}")
    print("\n".join(noises))
    if asked.json:
        asked.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
