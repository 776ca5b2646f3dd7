"""`sessions`: a table of the record."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from device.core.model.events import History
from device.core.model.record import Clock, Nursing, Record, Session, Units, begun, in_order
from device.core.rules.amounts import amount_of
from device.settings.loading import Config
from device.wire import payloads
from device.wire.commands import FIRST
from drivers.clock import timezone

from .configured import configured, recorded, unrecorded, with_config, with_json
from .saying import print_json, say

HEADS = ("number", "when", "minutes", "purpose", "reason", "milk for", "amount", "")


@click.command("sessions")
@with_config
@with_json
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many of each kind.")
@click.option("--deleted", is_flag=True, help="Deleted ones too.")
def sessions_command(config_file: Path | None, limit: int, *, as_json: bool, deleted: bool) -> None:
    """A table of the record: sessions and nursings, the newest first."""
    config = configured(config_file, connecting=False)
    found = () if unrecorded(config) else records_asked(config, History(limit=limit, deleted=deleted))
    records = sorted(found, key=in_order, reverse=True)
    if as_json:
        said = [(payloads.kind(record), payloads.record_payload(record, config.device.id)) for record in records]
        print_json({f"{of}s": [payload for kind, payload in said if kind == of] for of in ("session", "nursing")})
        return
    zone, units = ZoneInfo(timezone()), Units(config.supply.units)
    rows = [row(record, zone, units) for record in records]
    if not rows:
        say("Nothing recorded yet.")
        return
    widths = [max(len(line[place]) for line in (HEADS, *rows)) for place in range(len(HEADS))]
    for line in (HEADS, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def records_asked(config: Config, query: History) -> tuple[Record, ...]:
    with closing(recorded(config)) as store:
        return store.history(query, FIRST, FIRST, query.limit)


def row(record: Record, zone: ZoneInfo, units: Units) -> tuple[str, ...]:
    at = datetime.fromtimestamp(begun(record), zone)
    when = f"{at:%a %Y-%m-%d %H:%M}" + ("?" if record.clock is Clock.UNSYNCED else "")
    gone = "deleted" if record.deleted else ""
    if isinstance(record, Nursing):
        effective = "effective" if record.effective else "not effective"
        return (f"n{record.number}", when, "", "nursed", effective, "", "", gone)
    return (
        str(record.number),
        when,
        f"{record.pumping_s / 60:.0f}" if record.pumping_s >= 60 else f"{record.pumping_s} s",
        record.purpose or "-",
        (record.reason or "").replace("_", " "),
        record.intention or "",
        amount(record, units),
        gone or ("running" if record.ended_at is None else "cut off" if record.interrupted else ""),
    )


def amount(session: Session, units: Units) -> str:
    if session.volume_ml is None:
        return "-"
    if units is Units.ML:
        return f"{session.volume_ml} ml"
    return f"{amount_of(session.volume_ml, units) / 4:g} oz"
