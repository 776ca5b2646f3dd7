"""Waking when the core asked for it, and only then, is enough: more wakes change nothing that anybody sees or keeps.

A life is lived twice: woken at each `WakeAt` alone, and besides every 50 ms after whatever came, more seldom the longer
nothing comes (a twentieth of that time). What comes, comes at the same instants. The two are the same where
- every topic, and the store, is told the same in the same order, each at the same instant: records and their
  progress, checkpoints, live topics, replies;
- the same pictures stand for the same times. One that is gone within a millisecond nobody has seen.

Numbers may differ by 0.001, instants by a millisecond. When the core asks for a wake, and which old records it fetches
from the store, is its own affair.

More than the few lives of every run: `EFFORT=50 pytest tests/core/test_wakes.py`; with `MACHINE_SHRINK=1` a failure is
made small, which takes minutes.
"""

import os
from collections import defaultdict
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from device.core.model.effects import Fetch, Publish, Refill, Show, WakeAt
from device.core.model.events import (
    Counted,
    DisplayChanged,
    HomeAssistantBorn,
    LineRejected,
    MotorEdge,
    OutboxChanged,
    PassedOver,
    StatusRead,
    StoreState,
    TimeCame,
    ZoneRead,
)
from device.core.model.record import Session, Units
from device.core.pump.witnesses import Rules
from device.wire.payloads import instant
from tests.support.drive import DAY, ON, WALL, Plain
from tests.support.effort import so_many

EVERY_S, RARER = 0.05, 20
NEAR = 1e-3

Do = tuple[str, Any]
"""What happens, and with what."""


class Often(Plain):
    """Woken when it asked, and all the time besides."""

    def until(self, at: float) -> None:
        since = self.at
        while (wake_at := min(self.state.wake_at or 0.0, self.at + max(EVERY_S, (self.at - since) / RARER))) <= at:
            self.at = max(wake_at, self.at)
            self.step(TimeCame(self.at))
        self.at = max(at, self.at)


# -- lives -----------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["left", "middle", "right"])
SOON = st.sampled_from([0.0, 0.02, 0.1, 0.31, 0.5, 0.81, 1.0, 2.5, 3.1]) | st.floats(0.0, 5.0)
LATER = st.sampled_from([10.0, 20.5, 31.0, 61.0, 119.0, 125.0]) | st.floats(5.0, 130.0)
HOURS = st.sampled_from([601.0, 3000.0, 11 * 3600.0, DAY, 5 * DAY])
WORDS = {
    "purpose": st.sampled_from(["protect", "promote", "treat", None]),
    "reason": st.sampled_from(["in_place_of_nursing", "mastitis", None]),
    "intention": st.sampled_from(["feed", "freezer", None]),
}
NUMBER = st.integers(0, 3)
"""Which record a command means, counted from the newest; where there are fewer, none is named."""
OTHERS = [
    (DisplayChanged, False),
    (DisplayChanged, True),
    (OutboxChanged, 3),
    (OutboxChanged, 0),
    (LineRejected, "range"),
    (Counted, "oversize"),
    (PassedOver, 1),
    (StatusRead, "10.0.0.9", "60 %"),
    (HomeAssistantBorn,),
    (ZoneRead, "Pacific/Apia"),
]


def does(word: str, what: st.SearchStrategy[Any]) -> st.SearchStrategy[Do]:
    return st.tuples(st.just(word), what)


LINES = st.fixed_dictionaries(
    {"verb": st.sampled_from(["START", "RUN", "PAUSE", "STOP", "VOLUME"])},
    optional={
        "t": st.sampled_from([0.0, 30.0, 90.0, 700.0]),
        "cpm": st.sampled_from([10.0, 54.0, 120.0]),
        "ml": st.sampled_from([0.0, 85.5]),
    },
)
ORDERS = st.one_of(
    st.fixed_dictionaries({"command": st.sampled_from(["start", "stop"])}),
    st.fixed_dictionaries({"command": st.just("classify"), "purpose": WORDS["purpose"]}, optional={"session": NUMBER}),
    st.fixed_dictionaries({"command": st.just("classify")}, optional=WORDS),
    st.fixed_dictionaries(
        {"command": st.just("volume"), "ml": st.sampled_from([60, 85.5, None])}, optional={"session": NUMBER}
    ),
    st.fixed_dictionaries({"command": st.just("nursing"), "effective": st.booleans()}, optional={"at": LATER}),
    st.fixed_dictionaries({"command": st.sampled_from(["delete", "restore"]), "session": NUMBER}),
    st.fixed_dictionaries(
        {
            "command": st.just("add"),
            "started_at": st.sampled_from([300.0, 2000.0, 30000.0, 3.0 * DAY]),
            "duration_s": st.sampled_from([30, 61, 200]),
            "purpose": WORDS["purpose"],
        }
    ),
    st.fixed_dictionaries({"command": st.just("press"), "button": KEYS, "held": st.just(False)}),
    st.fixed_dictionaries({"command": st.just("baseline"), "stimulations": st.integers(1, 12)}),
)
HOLDS = does("hold", st.tuples(KEYS, st.floats(0.2, 4.0)))
RUNS = does("line", st.fixed_dictionaries({"verb": st.just("RUN"), "cpm": st.sampled_from([10.0, 54.0, 120.0])}))
ENDS: Do = ("session", 70.0)
LEADS_TO_VOLUME: Do = ("hold", ("right", 1.0))
STEPS = does("hold", st.tuples(st.sampled_from(["left", "middle"]), st.floats(0.6, 4.0)))
STORIES = st.one_of(
    st.tuples(st.just(ENDS), st.just(LEADS_TO_VOLUME), STEPS, HOLDS),
    st.tuples(*map(st.just, [("broker", True), ENDS, ("wait", float(DAY))])),
    st.tuples(does("press", st.sampled_from([["left"], ["middle"]])), HOLDS),
    st.tuples(does("press", st.sampled_from([["left"], ["middle"]])), does("pump", st.tuples(st.just(True), LATER))),
    st.tuples(st.just(("broker", True)), RUNS, does("wait", SOON), RUNS, does("wait", SOON), RUNS, does("wait", LATER)),
)
"""What chance seldom leads to: a finger on Volume or Last, a pump that begins meanwhile, another pace, a day after a
session."""
DOINGS = st.one_of(
    does("in turn", STORIES),
    does("in turn", STORIES),
    does("in turn", STORIES),
    does("edges", st.lists(st.tuples(st.booleans(), st.sampled_from([0.004, 0.04, 0.06, 1.0])), max_size=5)),
    does("pump", st.tuples(st.booleans(), SOON | LATER)),
    does("session", st.sampled_from([20.0, 70.0])),
    does("strokes", st.tuples(st.integers(2, 30), st.sampled_from([0.5, 1.0, 6.0]))),
    does("line", LINES),
    does("link", st.booleans()),
    does("down", KEYS),
    does("up", KEYS),
    does("hold", st.tuples(KEYS, SOON)),
    does("press", st.lists(KEYS, min_size=1, max_size=4)),
    does("press", st.lists(KEYS, min_size=1, max_size=4)),
    does("clock", st.tuples(st.sampled_from([0.0, 0.3, -40.0, 3600.0, -400.0 * DAY]), st.booleans())),
    does("order", ORDERS),
    does("broker", st.booleans()),
    does("disk_says", st.sampled_from(StoreState)),
    does("holds", st.booleans()),
    does("other", st.sampled_from(OTHERS)),
    does("wait", SOON | LATER),
    does("wait", LATER | HOURS),
)
HOUSES = st.fixed_dictionaries(
    {
        "at": st.just(ON) | st.floats(5.0, 1000.0),
        "wall": st.just(float(WALL)) | st.floats(WALL, WALL + 180.0),
        "synced": st.booleans(),
        "serial": st.booleans(),
        "broker": st.booleans(),
        "signal": st.sampled_from(["level", "level", "pulses"]),
        "units": st.sampled_from(Units),
        "off_after_s": st.sampled_from([0, 2, 120]),
        "night": st.sampled_from([None, (4 * 60 + 3, 7 * 60)]),
    }
)


def happen(device: Plain, word: str, what: Any) -> None:
    match word, what:
        case "in turn", parts:
            for part in parts:
                happen(device, *part)
        case "edges", levels:
            for active, lasts in levels:
                device.send(MotorEdge(device.at, active))
                device.wait(lasts)
        case "pump", (on, lasts):
            device.pump(on, lasts=lasts)
        case "session", lasts:
            device.pump(True, lasts=lasts)
            device.pump(False, lasts=121)
        case "strokes", (count, every):
            for _ in range(count):
                device.pump(True, lasts=every / 3)
                device.pump(False, lasts=2 * every / 3)
        case "line", said:
            device.line(**said)
        case "hold", (key, seconds):
            device.hold(key, seconds)
        case "press", keys:
            device.press(*keys)
        case "clock", (off, synced):
            device.clock(device.wall + off, synced=synced)
        case "order", fields:
            order(device, **fields)
        case "holds", holds:
            device.holds = holds
            device.write()
        case "other", (kind, *values):
            device.send(kind(device.at, *values))
        case _:
            getattr(device, word)(what)


def order(device: Plain, command: str, **fields: Any) -> None:
    if "session" in fields:
        known = [one.id for one in device.disk.records.values() if isinstance(one, Session)][::-1]
        fields["session"] = known[fields["session"]] if fields["session"] < len(known) else "unknown"
    for name in {"started_at", "at"} & set(fields):
        fields[name] = instant(int(device.wall - fields[name]))
    device.order(command, **fields)


def lived(kind: type[Plain], house: dict[str, Any], life: list[Do]) -> Plain:
    known = {"signal", "max_session_s"}
    rules = Rules(max_session_s=400, **{name: house[name] for name in house if name in known})
    device = kind(rules=rules, timezone="Europe/Vienna", **{name: house[name] for name in house if name not in known})
    for word, what in life:
        happen(device, word, what)
    device.wait(130.0)
    return device


# -- what is the same ------------------------------------------------------------------------------------------


def told(device: Plain) -> dict[str, list[Any]]:
    """What is said on each topic and to the store, with its instants; and the pictures, from when each stood."""
    found: dict[str, list[Any]] = defaultdict(list)
    for at, effect in device.effects:
        match effect:
            case WakeAt() | Fetch() | Refill():
                continue
            case Show(view):
                pictures = found["picture"]
                if pictures and at - pictures[-1][0] < NEAR:
                    pictures.pop()
                if not pictures or pictures[-1][1] != view:
                    pictures.append((at, view))
            case Publish(topic):
                found[topic.value].append((at, effect))
            case _:
                found[type(effect).__name__].append((at, effect))
    return found


def is_near(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if isinstance(one, float | int) and isinstance(other, float | int) and float in {type(one), type(other)}:
        return abs(one - other) <= NEAR
    if type(one) is not type(other):
        return False
    if isinstance(one, msgspec.Struct):
        return is_near(astuple(one), astuple(other))
    if isinstance(one, dict):
        return is_near(tuple(one.items()), tuple(other.items()))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(is_near, one, other))
    return False


def difference(asked: list[Any], often: list[Any]) -> str:
    for one, other in zip(asked, often, strict=False):
        if not is_near(one, other):
            return f"asked {one}\noften {other}"
    if len(asked) == len(often):
        return ""
    return f"asked alone {asked[len(often) :][:1]}\noften alone {often[len(asked) :][:1]}"


@settings(
    max_examples=so_many(50),
    deadline=None,
    phases=tuple(Phase) if "MACHINE_SHRINK" in os.environ else (Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(house=HOUSES, life=st.lists(DOINGS, min_size=1, max_size=25))
def test_to_wake_when_asked_is_as_good_as_to_wake_all_the_time(house: dict[str, Any], life: list[Do]) -> None:
    asked, often = told(lived(Plain, house, life)), told(lived(Often, house, life))
    for name in {**asked, **often}:
        found = difference(asked[name], often[name])
        assert not found, f"{name}:\n{found}"
