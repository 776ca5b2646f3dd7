"""The record as the daemon opens it: in line with the configuration, and with what the core starts from."""

from contextlib import closing
from typing import NamedTuple

from device.core.model.events import RecordRead
from device.core.model.record import Nursing, Session
from device.settings.loading import Config
from device.wire.gate import Outgoing, lets_out

from .file import TAKEN_OUT, as_store_errors, on_another_disk
from .history import Opened
from .records import Store, StoreError


class Kept(NamedTuple):
    """What the record's file says of the broker: the protocol that worked, and since when records may leave."""

    protocol: str | None = None
    withheld_until: int = 0


def ready(config: Config, now: int, *, suspect: bool, kind: type[Store] = Store) -> tuple[Store, Opened, Kept]:
    """Open the record, repaired where that is needed. Raises StoreError."""
    store = kind.open(config.store.path, suspect=suspect)
    try:
        publish_switched(store, config, now)
        opened = store.load(now)
        if opened.baseline and opened.baseline[1] != config.supply.baseline:
            store.keep_fact("baseline", None)  # so that it stays forgotten when the configuration is changed back
        return store, opened, Kept(store.fact("protocol"), int(store.fact("withheld_until") or 0))
    except BaseException:
        store.let_go()
        raise


def refuse_another_record(stood: tuple[Store, bytes] | None) -> None:
    """Raise StoreError where the disk was taken out on which the record stood, the store and its seed, that was open.

    What lies at its path then, hidden until now, is no record, another one, or one that does not go as far.
    """
    if stood is None:
        return
    store, seed = stood
    with as_store_errors(store.path):
        if not on_another_disk(store.path, store.disk):
            return
        if not store.path.exists():  # one that was begun in the bare folder would lie hidden once the disk is back
            raise StoreError(f"{store.path}: {TAKEN_OUT}")
    try:
        with closing(Store.open(store.path, read_only=True)) as there:
            goes_on = there.seed() == seed and there.end >= store.end
    except StoreError:  # damaged, or not to be read now: whoever opens it for good repairs it, or says so
        return
    if not goes_on:
        said = "its disk was taken out, and another or older record lies there; put the disk back"
        raise StoreError(f"{store.path}: {said}, or restart the service to go on with this one")


def publishes(config: Config) -> bool:
    """Whether records may be handed out to be published."""
    return lets_out(Outgoing.SESSION, config.mqtt.publish)


def publish_switched(store: Store, config: Config, now: int) -> None:
    """`mqtt.publish` may be another than at the last start: what waits is dropped, or told only from now on."""
    before, publish = store.fact("publish") or "full", config.mqtt.publish
    store.publishing = publishes(config)
    if not store.publishing and store.outbox:
        store.drop_outbox()
    if publish == before:
        return
    if store.publishing:
        store.keep_fact("withheld_until", str(now))
    store.keep_fact("publish", publish)


def first_read(opened: Opened, at: float, *, again: bool) -> RecordRead:
    """What the core starts from; `again`: what it goes on with."""
    kept = {record.id: record for record in (*opened.sessions, *opened.nursings, *opened.newest)}
    if opened.running:
        kept[opened.running.id] = opened.running
    return RecordRead(
        at,
        sessions=tuple(record for record in kept.values() if isinstance(record, Session)),
        nursings=tuple(record for record in kept.values() if isinstance(record, Nursing)),
        portions=opened.portions,
        next_session=opened.next_session_number,
        next_nursing=opened.next_nursing_number,
        first_record_at=opened.first_record_at,
        progress=opened.progress,
        baseline=opened.baseline,
        told_clock=opened.told_clock,
        seed=opened.seed,
        outbox=opened.outbox,
        to_give_out=opened.to_give_out,
        repaired_at=opened.repaired_at,
        repair_seen=opened.repair_seen,
        set_aside=opened.set_aside,
        again=again,
    )
