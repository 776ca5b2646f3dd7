"""What must hold at the end of a life: what the device told a dashboard, held against the household's book."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from device.core.model.record import Nursing, Purpose, Session
from device.store.records import Store

from .book import Pumping
from .life import BrokenRuleError, Life

SECONDS = 2.0
"""How far a start, an end or a length may be off: the nearest second, and a contact's bounce."""
SYNCED_S = 6.0
DAY_S = 86400


def check(life: Life) -> None:
    """Raises BrokenRuleError with every rule that is broken, a line each."""
    broken = [*_nothing_waits(life), *_all_arrived(life), *_as_it_was(life), *_today(life), *_answers(life)]
    if broken:
        raise BrokenRuleError("\n".join(broken))


def _nothing_waits(life: Life) -> Iterator[str]:
    told = life.book.retained.get("diagnostics")
    if told is None:
        yield "diagnostics were never told"
    elif told["outbox"] or told["store"]["in_memory"]:
        yield f"at the end {told['outbox']} wait in the outbox, {told['store']['in_memory']} in memory"
    daemon = life.daemon
    if daemon is None:
        yield "the device is off"
        return
    if daemon.state.unsaved:
        yield f"{len(daemon.state.unsaved)} batches were never saved"
    if len(daemon.state.sessions) > 400:
        yield f"{len(daemon.state.sessions)} sessions are held in memory"


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
    length, pumped = pumping.ended - pumping.began, pumping.ended - pumping.began - pumping.paused_s
    cycle_s = life.pump.ties.cycle_s  # a motor that makes strokes may be up to one longer on than they tell
    if abs(record["duration_s"] - length) > SECONDS + cycle_s:
        yield f"lasted {length:.1f} s, recorded {record['duration_s']}"
    if abs(record["pumping_s"] - pumped) > SECONDS + 1 + cycle_s * (1 + pumping.pauses):
        yield f"pumped {pumped:.1f} s, recorded {record['pumping_s']}"
    if record["clock"] != "synced" and pumping.boot in life.book.learned:
        yield "its boot learned the time, its record did not"
    if record["clock"] == "synced":
        for name, at in (("started_at", pumping.began), ("ended_at", pumping.ended)):
            told = datetime.fromisoformat(record[name]).timestamp()
            if abs(told - life.first_wall - at) > SYNCED_S + cycle_s:
                yield f"{name} is {told - life.first_wall - at:+.1f} s off"
    if not pumping.purpose_doubtful and pumping.purpose is not None and record["purpose"] != pumping.purpose:
        yield f"answered {pumping.purpose}, recorded {record['purpose']}"
    if pumping.volume_ml is not None and record["volume_ml"] != pumping.volume_ml:
        yield f"{pumping.volume_ml} ml, recorded {record['volume_ml']}"
    if pumping.note is not None and record["note"] != pumping.note:
        yield f"note {pumping.note!r}, recorded {record['note']!r}"
    if record["deleted"] != pumping.deleted:
        yield f"deleted: {pumping.deleted}, recorded {record['deleted']}"


def _today(life: Life) -> Iterator[str]:
    """The figures of the last 24 hours, computed anew from what was heard."""
    told = life.book.retained.get("today")
    if told is None:
        yield "today was never told"
        return
    until = datetime.fromisoformat(told["at"]).timestamp()
    kept = [record for record in life.book.newest.values() if not record["deleted"]]
    sittings: dict[str, list[dict[str, Any]]] = {}
    for record in sorted((r for r in kept if "started_at" in r), key=lambda r: (r["started_at"], r["number"])):
        sittings.setdefault(record["sitting"], []).append(record)
    counts: Counter[str] = Counter()
    pumping_s = volume_ml = 0
    for sitting in sittings.values():
        counted = [record for record in sitting if record["counted"]]
        lately = [record for record in counted if until - DAY_S < _at(record["started_at"]) <= until]
        pumping_s += sum(record["pumping_s"] for record in lately)
        volume_ml += sum(record["volume_ml"] or 0 for record in lately)
        if lately and lately[0] is counted[0]:
            spoken = [record for record in counted if record["classified_at"]]
            answer = max(spoken, key=lambda record: (record["classified_at"], record["started_at"]), default=None)
            counts[answer["purpose"] or "unclassified" if answer else "unclassified"] += 1
    nursed = [r for r in kept if "effective" in r and until - DAY_S < _at(r["at"]) <= until]
    effective = sum(record["effective"] for record in nursed)
    fresh = {
        "stimulations": sum(counts.values()) + effective,
        "nursings": {"effective": effective, "ineffective": len(nursed) - effective},
        "pumping_s": pumping_s,
        "volume_ml": volume_ml,
        "pumpings": {**dict.fromkeys((*map(str, Purpose), "unclassified"), 0), **counts},
    }
    figures = told["last_24h"]
    for name, value in fresh.items():
        if figures[name] != value:
            yield f"today: {name} {figures[name]}, by the record {value}"


def _at(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def _answers(life: Life) -> Iterator[str]:
    for request, asked in life.book.asked.items():
        if asked.heard and not asked.answered and not asked.lost:
            yield f"{request} ({asked.about}) was heard {asked.heard} times and never answered"
