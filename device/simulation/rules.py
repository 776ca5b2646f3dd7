"""What must hold at the end of a life: what the device told a dashboard, held against the household's book."""

import gc
import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from types import CodeType, FunctionType, ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from device.core.model.record import Clock, Nursing, Purpose, Session
from device.screens import draw
from device.store.records import Store
from drivers.oled import OledFrame, OledPanel
from drivers.virtual.panel import VirtualPanel

from .book import LEFT, Pumping
from .broker import MadeUpBroker
from .clock import MadeUpClock
from .life import BrokenRuleError, Life
from .machine import MadeUpMachine

SECONDS = 2.0
"""How far a start, an end or a length may be off: the nearest second, and a contact's bounce."""
SYNCED_S = 6.0
DAY_S = 86400
MOST_HELD = 12_000
FEW_LINES = 2
NOT_HELD = (type, ModuleType, FunctionType, CodeType, MadeUpMachine, MadeUpBroker, MadeUpClock, Life)
"""Code, and what belongs to the world around the device."""


def check(life: Life) -> None:
    """Raises BrokenRuleError with every rule that is broken, a line each."""
    rules = (_nothing_waits, _all_arrived, _as_it_was, _asked_why, _today, _answers, _few_lines)
    broken = [fault for rule in rules for fault in rule(life)]
    if broken:
        raise BrokenRuleError("\n".join(broken))


def _nothing_waits(life: Life) -> Iterator[str]:
    told = life.book.retained.get("diagnostics")
    if told is None:
        yield "diagnostics were never told"
    else:
        if told["outbox"] or told["store"]["in_memory"]:
            yield f"at the end {told['outbox']} wait in the outbox, {told['store']['in_memory']} in memory"
        for part, there in (("serial", life.pump.ties.line), ("display", life.panel)):
            if told[part]["state"] != ("up" if there else "off"):
                yield f"at the end {part} is {told[part]['state']}"
    daemon = life.daemon
    if daemon is None:
        yield "the device is off"
        return
    if daemon.state.unsaved:
        yield f"{len(daemon.state.unsaved)} batches were never saved"


def stays_small(life: Life) -> None:
    """Look at what the device holds; raises BrokenRuleError where that grows with its life."""
    if life.daemon is not None and (count := len(reached(life.daemon))) > MOST_HELD:
        raise BrokenRuleError(f"the device holds {count} values")


def reached(root: object) -> list[object]:
    """The values that can be reached from one without leaving the device, and itself."""
    seen, values = {id(root)}, [root]
    for value in values:  # which grow meanwhile
        for found in gc.get_referents(value):
            if id(found) not in seen and not isinstance(found, NOT_HELD):
                seen.add(id(found))
                values.append(found)
    return values


def _all_arrived(life: Life) -> Iterator[str]:
    """The disk's newest revision of each record is the one that a dashboard heard; numbers are without a gap."""
    book = life.book
    store = Store.open(life.card.path, read_only=True)
    try:
        records: list[Session | Nursing] = list(store.records())
    finally:
        store.db.close()
    for kind in (Session, Nursing):
        numbers = sorted(record.number for record in records if isinstance(record, kind))
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{kind.__name__} numbers {numbers}"
    for record in records:
        heard = book.revisions.get(record.id, {})
        missing = set(range(1, record.revision + 1)) - set(heard)
        if missing:
            name = f"{type(record).__name__} {record.number}"
            yield f"{name}: revisions {sorted(missing)} of {record.revision} never came"
    stored = {record.id for record in records}
    for key, told in book.newest.items():
        if key not in stored:
            yield f"record {told['number']} was told and is not on the disk"


def _as_it_was(life: Life) -> Iterator[str]:
    book = life.book
    of = {pumping.record: pumping for pumping in book.pumpings if pumping.record}
    doubtful = sum(pumping.doubtful for pumping in book.pumpings)
    sessions = {key: record for key, record in book.newest.items() if "started_at" in record}
    for key, record in sessions.items():
        if record["state"] == "running":
            yield f"session {record['number']} runs, and no pump does"
        if key not in of and not doubtful:
            yield f"session {record['number']} is nobody's pumping"
    if len(sessions) > len(book.pumpings) + 2 * doubtful:
        yield f"{len(sessions)} sessions of {len(book.pumpings)} pumpings, {doubtful} of them doubtful"
    for place, pumping in enumerate(book.pumpings):
        if not pumping.doubtful:
            yield from (f"pumping {place + 1}: {fault}" for fault in _faults(life, pumping))
    nursings = sum(1 for record in book.newest.values() if "effective" in record)
    if not 0 <= nursings - book.nursings <= 2 * book.nursings_doubtful:
        yield f"{nursings} nursings came, {book.nursings} were, {book.nursings_doubtful} doubtful"


def _faults(life: Life, pumping: Pumping) -> Iterator[str]:
    if pumping.record is None:
        if pumping.ended is not None and pumping.ended - pumping.began >= life.pump.seen_within_s:
            yield "no record"
        return
    record: dict[str, Any] | None = life.book.newest.get(pumping.record)
    if record is None:
        yield "its record never came"
        return
    if pumping.ended is None:
        return
    if record["state"] != "ended":
        yield f"its record is {record['state']}"
        return
    heard = {"serial": pumping.by_line, "gpio": pumping.tied and life.pump.ties.wire}
    for source in (source for source, was in heard.items() if was and source not in record["sources"]):
        yield f"{source} heard it, recorded {record['sources']}"
    if not pumping.tied and record["sources"] != ["dashboard"]:
        yield f"a hand alone told of it, recorded {record['sources']}"
    yield from _times(life, pumping, record)
    if not pumping.purpose_doubtful and pumping.purpose is not None and record["purpose"] != pumping.purpose:
        yield f"answered {pumping.purpose}, recorded {record['purpose']}"
    if pumping.volume_ml is not None and record["volume_ml"] != pumping.volume_ml:
        yield f"{pumping.volume_ml} ml, recorded {record['volume_ml']}"
    if pumping.note is not None and record["note"] != pumping.note:
        yield f"note {pumping.note!r}, recorded {record['note']!r}"
    milk = record["milk"] and (record["milk"]["place"], record["milk"]["ml"])
    left = 0 if pumping.place in LEFT else record["volume_ml"]
    if pumping.place and record["counted"] and not record["deleted"] and milk != (pumping.place, left):
        yield f"its milk is {pumping.place}, {left} ml, recorded {milk}"
    if record["deleted"] != pumping.deleted:
        yield f"deleted: {pumping.deleted}, recorded {record['deleted']}"


def _times(life: Life, pumping: Pumping, record: dict[str, Any]) -> Iterator[str]:
    """When it was and how long, as far as nobody edited it."""
    if pumping.told_start is not None and record["started_at"] != pumping.told_start:
        yield f"told to begin at {pumping.told_start}, recorded {record['started_at']}"
    if pumping.edited_end is not None:
        if record["ended_at"] != pumping.edited_end:
            yield f"edited to end at {pumping.edited_end}, recorded {record['ended_at']}"
        return
    ended = pumping.ended or math.inf
    length, pumped = ended - pumping.began, ended - pumping.began - pumping.paused_s
    cycle_s = life.pump.ties.cycle_s  # a motor that makes strokes may be up to one longer on than they tell
    wrong_s = max(life.book.told.get(pumping.boot, [0])) if pumping.told_start is not None else 0.0
    late_s = pumping.late_s + wrong_s  # an instant that was told is by the device's clock, right or wrong
    if abs(record["duration_s"] - length) > SECONDS + cycle_s + late_s:
        yield f"lasted {length:.1f} s, recorded {record['duration_s']}"
    if abs(record["pumping_s"] - pumped) > SECONDS + 1 + cycle_s * (1 + pumping.pauses) + late_s:
        yield f"pumped {pumped:.1f} s, recorded {record['pumping_s']}"
    if not pumping.tied and record["pauses"] != pumping.pauses:
        yield f"paused {pumping.pauses} times, recorded {record['pauses']}"
    learned = pumping.boot in life.book.learned
    if record["clock"] != "synced" and learned:
        yield "its boot learned the time, its record did not"
    if record["clock"] == "synced":
        off_s = SYNCED_S + cycle_s + pumping.late_s + (0 if learned else max(life.book.told.get(pumping.boot, [0])))
        for name, at in (("started_at", pumping.began), ("ended_at", ended)):
            told = datetime.fromisoformat(record[name]).timestamp()
            if abs(told - life.first_wall - at) > off_s:
                yield f"{name} is {told - life.first_wall - at:+.1f} s off"


def _asked_why(life: Life) -> Iterator[str]:
    """Whoever pumps is asked why, unless the sitting has its answer."""
    for place, pumping in enumerate(life.book.pumpings):
        heard = life.book.revisions.get(pumping.record or "", {})
        if pumping.doubtful or pumping.warned or 1 not in heard or pumping.record in life.book.asked_why:
            continue
        revisions = [msgspec.json.decode(body) for body in heard.values()]
        # a clock that was set, or a correction, may bring it into a sitting with an answer before a warning was read
        came = any(
            revision["cause"] in {"clock", "edited"} and revision["classified_by"] == "sitting"
            for revision in revisions
        )
        if msgspec.json.decode(heard[1])["purpose"] is None and not came:
            yield f"pumping {place + 1}: nobody was asked why"


def panel_shows(life: Life) -> None:
    """What the panel shows is what it would show were it drawn anew; raises BrokenRuleError."""
    if life.panel is None or life.view is None or life.now < life.panel_due:
        return
    fresh, view = VirtualPanel(life.panel.controller), life.view
    image = draw(replace(view, shift=(0, 0)))
    OledPanel(fresh.controller, fresh.open_bus).show(OledFrame(image, view.lit.value, view.shift))
    if fresh.picture().tobytes() != life.panel.picture().tobytes():
        raise BrokenRuleError(f"the panel does not show {view.screen}")


def _few_lines(life: Life) -> Iterator[str]:
    """The log is for people: a fault is said once, not as often as it was met."""
    if life.warnings > FEW_LINES * (1 + life.faults):
        yield f"{life.warnings} warnings of {life.faults} faults"


def _today(life: Life) -> Iterator[str]:
    """The figures of the last 24 hours and of each day, computed anew from what was heard."""
    told = life.book.retained.get("today")
    if told is None:
        yield "today was never told"
        return
    until = datetime.fromisoformat(told["at"]).timestamp()
    yield from _compared(life, "today", told["last_24h"], until - DAY_S + 1, until + 1)
    if told["milk"] != (stock := _stock(life, until)):
        yield f"today: milk {told['milk']}, by the record {stock}"
    zone = ZoneInfo(life.zone)
    days = [datetime.fromtimestamp(until, zone).date() - timedelta(days=back) for back in range(-1, 7)]
    begins = [datetime.combine(day, time(), zone).timestamp() for day in days]
    for day, figures, start, end in zip(days[1:], told["days"], begins[1:], begins[:-1], strict=True):
        if figures["day"] != day.isoformat():
            yield f"today: {figures['day']} stands where {day} should"
        yield from _compared(life, str(day), figures, start, end)


def _stock(life: Life, now: float) -> dict[str, Any]:
    """What is there of milk, of whatever age."""
    is_set = life.daemon is not None and life.daemon.state.clock is Clock.SYNCED
    there = [record for record in life.book.newest.values() if record.get("milk") and record["milk"]["ml"] != 0]
    good = [record for record in there if not (is_set and record["use_by"] and _at(record["use_by"]) < now)]
    ml = {
        f"{place}_ml": sum(record["milk"]["ml"] or 0 for record in good if record["milk"]["place"] == place)
        for place in ("room", "fridge", "freezer", "thawed")
    }
    following = min((record["use_by"] for record in good if record["use_by"]), default=None)
    return {**ml, "portions": len(good), "next_use_by": following if is_set else None}


def _compared(life: Life, name: str, figures: dict[str, Any], start: float, end: float) -> Iterator[str]:
    """One row of figures against those of what began in start ≤ instant < end."""
    for key, value in _reckoned(life, start, end).items():
        if figures[key] != value:
            yield f"{name}: {key} {figures[key]}, by the record {value}"


def _reckoned(life: Life, start: float, end: float) -> dict[str, Any]:
    kept = [record for record in life.book.newest.values() if not record["deleted"]]
    sittings: dict[str, list[dict[str, Any]]] = {}
    for record in sorted((r for r in kept if "started_at" in r), key=lambda r: (r["started_at"], r["number"])):
        sittings.setdefault(record["sitting"], []).append(record)
    counts: Counter[str] = Counter()
    pumping_s = volume_ml = 0
    for sitting in sittings.values():
        counted = [record for record in sitting if record["counted"]]
        lately = [record for record in counted if start <= _at(record["started_at"]) < end]
        pumping_s += sum(record["pumping_s"] for record in lately)
        volume_ml += sum(record["volume_ml"] or 0 for record in lately)
        if lately and lately[0] is counted[0]:
            spoken = [record for record in sitting if record["classified_at"]]
            answer = max(spoken, key=lambda record: (record["classified_at"], record["started_at"]), default=None)
            counts[answer["purpose"] or "unclassified" if answer else "unclassified"] += 1
    nursed = [r for r in kept if "effective" in r and start <= _at(r["at"]) < end]
    effective = sum(record["effective"] for record in nursed)
    return {
        "stimulations": sum(counts.values()) + effective,
        "nursings": {"effective": effective, "ineffective": len(nursed) - effective},
        "pumping_s": pumping_s,
        "volume_ml": volume_ml,
        "pumpings": {**dict.fromkeys((*map(str, Purpose), "unclassified"), 0), **counts},
    }


def _at(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def _answers(life: Life) -> Iterator[str]:
    for request, asked in life.book.asked.items():
        if asked.heard and not asked.answered and not asked.lost:
            yield f"{request} ({asked.about}) was heard {asked.heard} times and never answered"
