"""The one gate of what may leave the house: the broker is given nothing but bytes that were let out here.

`mqtt.publish` is asked here alone. A table says of each thing that is said what of it leaves as a summary; behind it
the store hands out no record to publish (`Store.publishing`).
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NewType

import msgspec

from device.core.model.events import Command, History

from .commands import Refusal
from .payloads import Payload, Publishing, encode

Passed = NewType("Passed", bytes)
"""What may leave, as its bytes; made here alone."""
CLEARED: Final = Passed(b"")
"""Clears what is retained on a topic."""


class Outgoing(StrEnum):
    """What is said: on a topic of the device's own, which its value names, or in another way."""

    AVAILABILITY = "availability"
    STATE = "state"
    TODAY = "today"
    DIAGNOSTICS = "diagnostics"
    LAST = "session/last"
    SCREEN = "screen"
    SESSION = "session"
    NURSING = "nursing"
    ANNOUNCEMENT = "announcement"
    ANSWER = "good reply"
    REFUSED = "refusal of the core or the store, which know the record"
    MISUNDERSTOOD = "refusal of a command by what it says itself"


Cut = Callable[[Payload], Payload | None]


def all_of_it(payload: Payload) -> Payload:
    return payload


def nothing(_payload: Payload) -> None:
    return None


def only(*paths: str) -> Cut:
    """These fields alone; `outer.inner` is one within another."""
    within = {name: inner for name, _, inner in (path.partition(".") for path in paths)}

    def cut(payload: Payload) -> Payload:
        kept = {name: value for name, value in payload.items() if name in within}
        return {name: only(within[name])(value) if within[name] else value for name, value in kept.items()}

    return cut


IN_GENERAL: Mapping[str, str | None] = {
    "out_of_range": "that does not fit the record",
    "unknown_record": "there is no such record",
    "not_now": "not now",
    "moved_on": "the record has moved on",
    "not_saved": None,
    "busy": None,
}
"""By a refusal's code what it says as a summary, for its own words may tell of the record; None: they never do."""


def in_general(payload: Payload) -> Payload:
    kept = {name: value for name, value in payload.items() if name in OF_EVERY_REPLY}
    return kept | {"error": IN_GENERAL.get(payload["code"], "refused") or payload["error"]}


OF_EVERY_MESSAGE = ("schema", "device", "at")
SUMMARY: Mapping[Outgoing, Cut] = {
    Outgoing.AVAILABILITY: all_of_it,
    Outgoing.STATE: only(*OF_EVERY_MESSAGE, "phase"),
    Outgoing.TODAY: only(
        *OF_EVERY_MESSAGE,
        "baseline",
        "since",
        "last_stimulation_at",
        "last_stimulation_ended_at",
        "last_24h.stimulations",
    ),
    Outgoing.DIAGNOSTICS: all_of_it,
    Outgoing.LAST: nothing,
    Outgoing.SCREEN: nothing,
    Outgoing.SESSION: nothing,
    Outgoing.NURSING: nothing,
    Outgoing.ANNOUNCEMENT: all_of_it,  # which entities there are: `homeassistant` leaves the private ones out
    Outgoing.ANSWER: only(*OF_EVERY_MESSAGE, "request", "ok"),
    Outgoing.REFUSED: in_general,
    Outgoing.MISUNDERSTOOD: all_of_it,
}


def lets_out(what: Outgoing, publish: Publishing) -> bool:
    """Whether anything of it leaves."""
    return publish == "full" or SUMMARY[what] is not nothing


def left(what: Outgoing, payload: Payload, publish: Publishing) -> Payload | None:
    """What of a payload leaves; None: nothing."""
    return payload if publish == "full" else SUMMARY[what](payload)


def passed(what: Outgoing, said: Payload | bytes | None, publish: Publishing) -> Passed:
    """A payload as it leaves; empty where nothing of it does. What is no JSON leaves whole or not at all."""
    if isinstance(said, bytes):
        return Passed(said) if publish == "full" or SUMMARY[what] is all_of_it else CLEARED
    payload = None if said is None else left(what, said, publish)
    return CLEARED if payload is None else Passed(encode(payload))


OF_EVERY_REPLY = ("schema", "device", "request", "ok", "at", "error", "code", "field")


def without_record(reply: Passed) -> Passed:
    """A reply without the record or the page, for a broker that does not take them."""
    payload: Payload = msgspec.json.decode(reply)
    return Passed(encode({name: payload[name] for name in OF_EVERY_REPLY if name in payload}))


def refused_here(command: Command, publish: Publishing) -> Refusal | None:
    """The refusal of a command whose whole answer would be the record."""
    if isinstance(command, History) and not lets_out(Outgoing.SESSION, publish):
        return Refusal(command.request, "not_here", "mqtt.publish is summary: the record stays in the house")
    return None
