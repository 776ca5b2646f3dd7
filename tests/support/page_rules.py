"""The core's own rules for the device by script: what its milk is, and what a command is refused for."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from device import core
from device.core.model.events import AnyCommand, Order
from device.core.model.record import UNNUMBERED, Clock, Intention, MilkMove, Session, SessionState
from device.core.refusals import Refused
from device.core.rules import keeping
from device.core.rules.records import records_of
from device.core.state import Settings, Turn
from device.wire import payloads
from device.wire.values import instant as written
from device.wire.values import parse_instant
from tests.support import made

Json = dict[str, Any]


def as_session(record: Json, moves: tuple[MilkMove, ...] = (), began: str | None = None) -> Session:
    """What the core's rules look at in a record of the contract."""
    fields = {name: record[name] for name in ("id", "sitting", "revision", "duration_s", "pumping_s", "volume_ml")}
    fields |= {name: record[name] for name in ("counted", "deleted")}
    intention = (
        Intention(record["intention"]) if record["intention"] in {*Intention} else None
    )  # whatever a broker says
    session = made.session(
        **fields,
        number=UNNUMBERED if record["number"] is None else record["number"],
        state=SessionState(str(record["state"])),
        clock=Clock(str(record["clock"])),
        started_at=parse_instant(record["started_at"]),
        ended_at=None if record["ended_at"] is None else parse_instant(record["ended_at"]),
        intention=intention,
        milk_moves=moves,
        milk_began=Intention(began) if began else None,
    )
    return replace(session, use_by=keeping.portion(session)[1])


def kept(session: Session) -> Json:
    """A record's `milk` and `use_by`."""
    milk, until = keeping.portion(session)
    said = milk and {"place": str(milk.place), "ml": milk.ml, "since": written(milk.since)}
    return {"milk": said, "use_by": None if until is None else written(until)}


def stock(sessions: Iterable[Session], now: datetime | None) -> Json:
    """As `today.milk`; `now` None: the clock is not set."""
    portions = [portion for one in sessions if (portion := keeping.in_stock(one)) is not None]
    found = keeping.stock(sorted(portions, key=keeping.keeps), None if now is None else int(now.timestamp()))
    ml = {f"{place}_ml": getattr(found, f"{place}_ml") for place in ("room", "fridge", "freezer", "thawed")}
    next_use_by = None if found.next_use_by is None else written(found.next_use_by)
    return {**ml, "portions": found.portions, "next_use_by": next_use_by}


def turn_at(now: datetime, sessions: Iterable[Session]) -> Turn:
    """The core at this moment, with these sessions; none of them runs by what it has heard itself."""
    wall = int(now.timestamp())
    state, _ = core.begin(Settings(boot="a-boot"), at=0.0, wall=wall, synced=True, seed=b"s" * 16)
    turn = Turn(state, 0.0)
    turn.set(records=records_of(sessions, (), state.settings.sitting_s))
    return turn


def understood(command: Json) -> tuple[Order, AnyCommand]:
    """The command as the device reads it. Raises Refused."""
    read = payloads.parse_command(json.dumps(command).encode(), retained=False)
    if isinstance(read, payloads.Refusal):
        raise Refused(read.code, read.error, read.field)
    return read
