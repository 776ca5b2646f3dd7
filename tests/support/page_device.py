"""A device by script: publishes the contract's payloads over a real broker and answers its commands from memory.
The page's tests stand on it where they need a moment that no real device would reach in a test's time.
"""

import copy
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from device.core import refusals
from device.core.commands import milk_moved
from device.core.model.events import Add, AnyCommand, Edit, GiveMilk, Restore, Start
from device.core.model.record import UNNUMBERED, Cause, MilkMove, Session
from device.core.refusals import Refused
from device.core.rules import keeping
from device.core.rules.sittings import standing_answer
from device.core.state import Turn
from device.wire.values import parse_instant
from tests.support import made
from tests.support.clients import end_thread
from tests.support.page_records import SUGGESTION, Json, instant, iso, nursing_record, session_record
from tests.support.page_rules import as_session, kept, stock, turn_at, understood
from tests.support.wire import check

ZONE = "Europe/Vienna"
LONGEST = timedelta(hours=2)
"""As `max_session_s`."""
SHORTEST_S = 60
"""As `min_session_s`."""
BASELINE = 8
ROOT = "pump-companion/pump"
PURPOSE_OF = {
    "in_place_of_nursing": "protect",
    "complete_nursing": "protect",
    "raise_low_supply": "promote",
    "collect_extra_milk": "promote",
    "plugged_duct": "treat",
    "mastitis": "treat",
    "nipple_pain": "treat",
}

Telling = TypeVar("Telling", bound=Callable[..., Any])


def counted(sitting: list[Json]) -> list[Json]:
    return [session for session in sitting if session["counted"]]


def purpose_of(sitting: list[Json]) -> str | None:
    """By the core's rule, so that the page is held to that one."""
    told = (
        made.session(
            record["number"] or UNNUMBERED,
            started_at=parse_instant(record["started_at"]),
            purpose=record["purpose"],  # whatever a hostile broker made of it
            classified_at=record["classified_at"] and parse_instant(record["classified_at"]),
        )
        for record in sitting
    )
    speaker = standing_answer(told)
    return None if speaker is None else str(speaker.purpose)


class RefusedError(Exception):
    """A command that the contract refuses: its code, the field and words for people; `overlaps` is the session that is
    in the way, where one is.
    """

    def __init__(self, code: str, field: str | None, words: str, overlaps: str | None = None) -> None:
        super().__init__(words)
        self.code, self.field, self.words = code, field, words
        self.overlaps = {} if overlaps is None else {"overlaps": overlaps}


def told_as_one(tell: Telling) -> Telling:
    @wraps(tell)
    def whole(device: "ScriptedDevice", *args: Any, **kwargs: Any) -> Any:
        with device.speaking():
            return tell(device, *args, **kwargs)

    return cast(Telling, whole)


class ScriptedDevice:
    """One device at a given wall time; `answering` off leaves every command without a reply."""

    def __init__(self, port: int, now: datetime, *, units: str = "ml", root: str = ROOT) -> None:
        self.started, self.wall = datetime.now(UTC), now
        self.port, self.units, self.root = port, units, root
        self.sessions: dict[str, Json] = {}
        self.nursings: dict[str, Json] = {}
        self.moves: dict[str, tuple[MilkMove, ...]] = {}  # of each session's milk, in the order in which they were told
        self.began: dict[str, str | None] = {}  # what it was for when the first of them was told
        self.rested_at: datetime | None = None
        self.baseline = BASELINE
        self.since = "start"
        self.live: Json = {
            "phase": "idle",
            "question": None,
            "session": None,
            "suggestion": None,
            "expectation_ml": None,
        }
        self.faults: Json = {}
        self.outlook: Json = {"label": "unknown", "now": None, "coming": None, "stimulations": [0, 0, 0, 0, 0]}
        self.summary = False
        self.extra: Json = {}
        self.answering = True
        self.refusals: dict[str, list[RefusedError]] = {}  # command -> how it is refused, each once
        self.heard: list[Json] = []
        self.answered: dict[bytes, Json] = {}  # what is asked again in the same bytes is answered, not done, again
        self.reply_topics: list[str] = []
        self.lock = threading.RLock()
        self.speaking_depth = 0
        self.last_sent: mqtt.MQTTMessageInfo | None = None
        self.client: mqtt.Client | None = None
        self.page_bytes = 60_000
        self.strange = False  # what it says on purpose against the schemas

    # --- its clock and its life

    def now(self) -> datetime:
        return self.wall + (datetime.now(UTC) - self.started)

    def connect(self, protocol: int = mqtt.MQTTv5) -> None:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=protocol)  # type: ignore[arg-type]
        client.will_set(f"{self.root}/availability", "offline", qos=1, retain=True)
        ready = threading.Event()
        client.on_message = self._command
        client.on_subscribe = lambda *_: ready.set()
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        client.subscribe(f"{self.root}/command", qos=1)
        assert ready.wait(20), "the broker did not take the subscription"
        self.client = client
        self.publish_all()

    def disconnect(self) -> None:
        """A clean stop, as the contract has it."""
        self._send("availability", b"offline", retain=True)
        self.leave()

    def leave(self) -> None:
        """End the connection without a word, whether or not the broker is still there."""
        if self.client is not None:
            self.client.disconnect()
            end_thread(self.client)
            self.client = None

    @contextmanager
    def speaking(self, *, waits: bool = True) -> Iterator[None]:
        """What is read and told in here is one: no answer of the client's thread comes between with what stood before.
        Its end waits for the broker, without the lock, which that thread may need first; the thread itself can't wait.
        """
        with self.lock:
            self.speaking_depth += 1
            try:
                yield
            finally:
                self.speaking_depth -= 1
            sent = None
            if waits and not self.speaking_depth:
                sent, self.last_sent = self.last_sent, None
        if sent is not None:
            sent.wait_for_publish(20)

    def _send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert self.client
        if not self.strange:
            check(topic, payload)
        with self.speaking():
            self.last_sent = self.client.publish(f"{self.root}/{topic}", payload, qos=1, retain=retain)

    def _json(self, topic: str, value: Json, *, retain: bool = False) -> None:
        whole = {"schema": 1, "device": "pump", **value, **self.extra}
        self._send(topic, json.dumps(whole).encode(), retain=retain)

    @told_as_one
    def publish_all(self) -> None:
        self._send("availability", b"online", retain=True)
        self.publish_live()
        self.publish_today()
        self._json(
            "diagnostics",
            {
                "version": "1.0.0",
                "started_at": iso(self.wall),
                "clock": "synced",
                "clock_by": "system",
                "outbox": 0,
                "mqtt": {"protocol": "5", "reconnects": 0},
                "serial": {"state": "up"},
                "display": {"state": "up"},
                "errors": {},
                "at": iso(self.now()),
                **self.faults,
                "store": {
                    "state": "ok",
                    "set_aside": 0,
                    "repaired_at": None,
                    "in_memory": 0,
                    "dropped": 0,
                    **self.faults.get("store", {}),
                },
            },
            retain=True,
        )
        newest = self._newest()
        if newest and not self.summary:
            self._json("session/last", newest, retain=True)

    @told_as_one
    def publish_live(self) -> None:
        state = {
            "at": iso(self.now()),
            "screen": "idle",
            "dark": False,
            "buttons": ["Nursed", "Last", "Start"],
            **self.live,
        }
        if self.summary:
            state = {"at": state["at"], "phase": state["phase"]}
        self._json("state", state, retain=True)

    @told_as_one
    def publish_today(self) -> None:
        last = self.stimulations(self.now() - timedelta(days=30), self.now())
        at = {
            "at": iso(self.now()),
            "baseline": self.baseline,
            "since": self.since,
            "last_stimulation_at": iso(last[-1]) if last else None,
            "last_stimulation_ended_at": iso(self.ended(last[-1])) if last else None,
        }
        figures = self.figures(self.now() - timedelta(days=1), self.now())
        if self.summary:
            self._json("today", {**at, "last_24h": {"stimulations": figures["stimulations"]}}, retain=True)
            return
        unclassified = sum(1 for s in self._kept() if s["counted"] and s["purpose"] is None)
        self._json(
            "today",
            {
                **at,
                "timezone": ZONE,
                "units": self.units,
                "unclassified": unclassified,
                "last_24h": figures,
                "milk": self.stock(),
                "days": self.days(),
                "outlook": self.outlook,
            },
            retain=True,
        )

    # --- figures of the day, as the contract defines them

    def stock(self) -> Json:
        return dict(stock((self.as_core(one) for one in self._kept()), self.now() if self.clock_set else None))

    @property
    def clock_set(self) -> bool:
        return bool(self.faults.get("clock") != "unsynced")

    def as_core(self, record: Json) -> Session:
        return as_session(record, self.moves.get(record["id"], ()), self.began.get(record["id"]))

    def turn(self) -> Turn:
        """The core with this record, now."""
        return turn_at(self.now(), [self.as_core(one) for one in self.sessions.values()])

    def _kept(self) -> list[Json]:
        return sorted((s for s in self.sessions.values() if not s["deleted"]), key=lambda s: str(s["started_at"]))

    def _newest(self) -> Json | None:
        kept = self._kept()
        return kept[-1] if kept else None

    def sittings(self) -> dict[str, list[Json]]:
        """The sittings with a counted session, every session of each, by their starts."""
        groups: dict[str, list[Json]] = {}
        for session in self._kept():
            groups.setdefault(session["sitting"], []).append(session)
        return {name: group for name, group in groups.items() if counted(group)}

    def ended(self, stimulation: datetime) -> datetime:
        """When the stimulation that began then was over."""
        for group in self.sittings().values():
            if instant(counted(group)[0]["started_at"]) == stimulation:
                return max(instant(session["ended_at"]) for session in counted(group))
        return stimulation

    def stimulations(self, since: datetime, until: datetime) -> list[datetime]:
        starts = [instant(counted(group)[0]["started_at"]) for group in self.sittings().values()]
        starts += [instant(n["at"]) for n in self.nursings.values() if n["effective"] and not n["deleted"]]
        return sorted(at for at in starts if since < at <= until)

    def figures(self, since: datetime, until: datetime) -> Json:
        sittings = [(group, counted(group)) for group in self.sittings().values()]
        sittings = [one for one in sittings if since < instant(one[1][0]["started_at"]) <= until]
        counts = {"protect": 0, "promote": 0, "treat": 0, "unclassified": 0}
        for group, _ in sittings:
            purpose = purpose_of(group) or ""
            counts[purpose if purpose in counts else "unclassified"] += 1
        nursings = [n for n in self.nursings.values() if not n["deleted"] and since < instant(n["at"]) <= until]
        effective = sum(1 for n in nursings if n["effective"])
        volumes = [[s["volume_ml"] for s in g if s["volume_ml"] is not None] for _, g in sittings]
        return {
            "stimulations": len(self.stimulations(since, until)),
            "pumpings": counts,
            "nursings": {"effective": effective, "ineffective": len(nursings) - effective},
            "pumping_s": sum(s["pumping_s"] for _, g in sittings for s in g),
            "volume_ml": sum(sum(v) for v in volumes),
            "without_amount": sum(1 for v in volumes if not v),
        }

    def days(self) -> list[Json]:
        midnight = self.now().astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
        second = timedelta(seconds=1)
        starts = [midnight - timedelta(days=back) for back in range(7)]
        return [
            {"day": s.strftime("%Y-%m-%d"), **self.figures(s - second, s + timedelta(days=1) - second)} for s in starts
        ]

    # --- making records

    def session(self, started_at: datetime, minutes: float, **fields: Any) -> Json:
        record = session_record(len(self.sessions) + 1, started_at, minutes, fields)
        self.sessions[str(record["id"])] = record
        return record

    def nursing(self, at: datetime, effective: bool = True, side: str | None = None) -> Json:
        record = nursing_record(len(self.nursings) + 1, at, effective=effective, side=side)
        self.nursings[str(record["id"])] = record
        return record

    @told_as_one
    def announce(self, record: Json) -> None:
        """Publish a record that changed, and what follows from it."""
        self._json("nursing" if "effective" in record else "session", record)
        newest = self._newest()
        if newest is not None:
            self._json("session/last", newest, retain=True)
        self.publish_today()

    @told_as_one
    def begin(self, *, started_s_ago: float = 0, question: str | None = "purpose", **fields: Any) -> Json:
        record = self.session(
            self.now() - timedelta(seconds=started_s_ago),
            started_s_ago / 60,
            state="running",
            ended_at=None,
            cause="started",
            counted=False,
            **fields,
        )
        self.live = {
            "phase": "pumping",
            "question": question,
            "session": record,
            "suggestion": SUGGESTION,
            "expectation_ml": 90,
        }
        self.announce(record)
        self.publish_live()
        return record

    # --- commands

    def _command(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        command = json.loads(payload)
        with self.speaking(waits=False):
            self.heard.append(command)
            self.reply_topics.append(getattr(message.properties, "ResponseTopic", None) or f"{self.root}/reply")
            if not self.answering:
                return
            reply = self.answered.get(payload) or self._answer(command)
            if reply.get("code") != "busy":
                self.answered[payload] = reply
            self.send_reply(self.reply_topics[-1], command, reply)
            record = reply.get("session") or reply.get("nursing")
            if record or command["command"] == "baseline":
                self._announce_after(record)

    def send_reply(self, topic: str, command: Json, reply: Json) -> None:
        whole = {"schema": 1, "device": "pump", "at": iso(self.now()), "request": command.get("request"), **reply}
        assert self.client
        self.client.publish(topic, json.dumps(whole).encode(), qos=1)

    def _announce_after(self, record: Json | None) -> None:
        if record:
            self._json("nursing" if "effective" in record else "session", record)
        self.publish_live()
        self.publish_today()

    def _answer(self, command: Json) -> Json:
        try:
            if self.refusals.get(command["command"]):
                raise self.refusals[command["command"]].pop(0)
            self._readable(command)
            return {"ok": True, **COMMANDS[command["command"]](self, command)}
        except RefusedError as no:
            return {"ok": False, "code": no.code, "field": no.field, "error": no.words, **no.overlaps}
        except Refused as no:
            other = {} if no.overlaps is None else {"overlaps": no.overlaps}
            return {"ok": False, "code": no.code, "field": no.field, "error": no.error, **other}

    def _readable(self, command: Json) -> None:
        if command["command"] == "history":  # whose cursors are this device's own
            return
        understood(command)
        dated = next((name for name in ("started_at", "ended_at", "at") if command.get(name)), None)
        if dated and not self.clock_set and command["command"] != "clock":
            raise Refused("not_now", "The device's clock is not set yet, so it can't place that time.", dated)

    def _record(self, command: Json) -> Json:
        for name, place in (("session", self.sessions), ("nursing", self.nursings)):
            if name in command:
                if command[name] not in place:
                    raise RefusedError("unknown_record", name, f"unknown {name}")
                record = place[command[name]]
                if command.get("if_revision", record["revision"]) != record["revision"]:
                    raise RefusedError("moved_on", "if_revision", f"{name} is at revision {record['revision']}")
                return record
        newest = self._newest()
        if newest is None:
            raise RefusedError("unknown_record", "session", "no session yet")
        return newest

    def revise(self, record: Json, cause: str, **fields: Any) -> Json:
        record.update(fields)
        record.update(revision=record["revision"] + 1, cause=cause, revised_at=iso(self.now()))
        if "effective" in record:
            return {"nursing": copy.deepcopy(record)}
        record.update(kept(self.as_core(record)))
        if self.live["session"] and self.live["session"]["id"] == record["id"]:
            self.live["session"] = record
        return {"session": copy.deepcopy(record)}


def _classify(device: ScriptedDevice, command: Json) -> Json:
    record = device._record(command)
    fields: Json = {key: command[key] for key in ("purpose", "reason", "intention") if key in command}
    if fields.get("reason"):
        fields["purpose"] = PURPOSE_OF[fields["reason"]]
    elif "purpose" in fields and fields["purpose"] != record["purpose"]:
        fields["reason"] = None
    if "purpose" in fields:
        sitting = [s["classified_at"] for s in device.sessions.values() if s["sitting"] == record["sitting"]]
        before = max((instant(at) + timedelta(seconds=1) for at in sitting if at), default=device.now())
        fields["classified_at"] = iso(max(device.now(), before)) if fields["purpose"] else None
    order = ["purpose", "reason", "intention"]
    if device.live["question"] in command and device.live["session"] and device.live["session"]["id"] == record["id"]:
        following = order.index(device.live["question"]) + 1
        device.live["question"] = order[following] if following < len(order) else None
    return device.revise(record, "classified", classified_by="dashboard", **fields)


def _volume(device: ScriptedDevice, command: Json) -> Json:
    record = device._record(command)
    left, right = command.get("left_ml"), command.get("right_ml")
    ml = command.get("ml", (left or 0) + (right or 0) if left is not None or right is not None else None)
    if ml is not None and not 0 <= ml <= 2000:
        raise RefusedError("out_of_range", "ml", "ml is 0 to 2000")
    if device.live["question"] == "volume":
        device.live = {**device.live, "question": None, "session": None}
    return device.revise(record, "volume", volume_ml=ml, left_ml=left, right_ml=right)


Told = TypeVar("Told", bound=AnyCommand)


def _told(command: Json, kind: type[Told]) -> Told:
    told = understood(command)[1]
    assert isinstance(told, kind)
    return told


def _edit(device: ScriptedDevice, command: Json) -> Json:
    record, told, turn = device._record(command), _told(command, Edit), device.turn()
    if "effective" in record:
        refusals.past(turn, told.moment or 0, "at")
        return device.revise(record, "edited", **{n: command[n] for n in ("at", "effective", "side") if n in command})
    session = device.as_core(record)
    if told.ended_at is not None:
        refusals.at_rest(session)
    begin = session.started_at if told.started_at is None else told.started_at
    if record["ended_at"] is None:
        start, end = refusals.free_start(turn, begin, "started_at", record["id"]), turn.wall
    else:
        given = session.ended_at if told.ended_at is None else told.ended_at
        assert given is not None
        start, end = refusals.free(turn, told, begin, given, record["id"])
    rests = record["duration_s"] - record["pumping_s"]
    pumping_s = max(0, end - start - rests)
    if record["ended_at"] is None and by_hand(record) and pumping_s >= LONGEST.total_seconds():
        raise Refused("out_of_range", "A session that began then would be over.", "started_at")
    fields = {"started_at": told_at(start), "duration_s": end - start, "pumping_s": pumping_s}
    if record["ended_at"] is not None:
        fields["ended_at"] = told_at(end)
    return device.revise(record, "edited", **fields)


def told_at(at: int) -> str:
    return iso(datetime.fromtimestamp(at, UTC))


def by_hand(record: Json) -> bool:
    return {*record["sources"]} <= {"button", "dashboard"}


def _delete(device: ScriptedDevice, command: Json) -> Json:
    record = device._record(command)
    if "effective" not in record:
        refusals.at_rest(device.as_core(record))
    return device.revise(record, "deleted", deleted=True)


def _restore(device: ScriptedDevice, command: Json) -> Json:
    record = device._record(command)
    _told(command, Restore)
    if "effective" not in record:
        start, end = instant(record["started_at"]), instant(record["ended_at"])
        refusals.alone(device.turn(), int(start.timestamp()), int(end.timestamp()), record["id"], "session")
    return device.revise(record, "restored", deleted=False)


def _nursing(device: ScriptedDevice, command: Json) -> Json:
    at = instant(command["at"]) if command.get("at") else device.now()
    refusals.past(device.turn(), int(at.timestamp()), "at")
    return {"nursing": copy.deepcopy(device.nursing(at, command["effective"], command.get("side")))}


def _add(device: ScriptedDevice, command: Json) -> Json:
    told = _told(command, Add)
    end = told.started_at + round(told.duration_s or 0) if told.ended_at is None else told.ended_at
    start, end = refusals.free(device.turn(), told, told.started_at, end)
    record = device.session(
        datetime.fromtimestamp(start, UTC),
        (end - start) / 60,
        cause="added",
        sources=["added"],
        purpose=command.get("purpose"),
        reason=command.get("reason"),
        intention=command.get("intention"),
        note=command.get("note"),
        volume_ml=command.get("ml"),
    )
    return {"session": copy.deepcopy(record)}


def _start(device: ScriptedDevice, command: Json) -> Json:
    told, turn = _told(command, Start), device.turn()
    if device.live["phase"] != "idle":
        raise Refused("not_now", "A session is running already.")
    at = device.now()
    if told.moment is not None:
        refusals.past(turn, told.moment, "at")
        if turn.wall - told.moment >= LONGEST.total_seconds():
            raise Refused("out_of_range", "A session that began then would be over; add it instead.", "at")
        at = datetime.fromtimestamp(refusals.free_start(turn, told.moment, "at"), UTC)
    minutes = (device.now() - at).total_seconds() / 60
    record = device.session(at, minutes, state="running", ended_at=None, sources=["dashboard"], counted=False)
    record["cause"] = "started"
    device.live = {
        "phase": "pumping",
        "question": "purpose",
        "session": record,
        "suggestion": SUGGESTION,
        "expectation_ml": 90,
    }
    return {"session": copy.deepcopy(record)}


def _running(device: ScriptedDevice) -> Json:
    record = device.live["session"]
    if record is None or device.live["phase"] == "idle":
        raise Refused("not_now", "No session is running.")
    return cast(Json, record)


def _stop(device: ScriptedDevice, _command: Json) -> Json:
    record = _running(device)
    ended_at = device.rested_at or device.now()
    device.rested_at = None
    changed = device.revise(record, "ended", state="ended", ended_at=iso(ended_at), counted=True)
    device.live = {**device.live, "phase": "idle", "question": "volume"}
    return changed


def _milk(device: ScriptedDevice, command: Json) -> Json:
    record, told = device._record(command), _told(command, GiveMilk)
    session = device.as_core(record)
    moves, (milk, _) = session.milk_moves, keeping.portion(session)
    if milk is None:
        raise Refused("not_now", "That session has no portion.")
    if told.place is None and not moves:
        raise Refused("not_now", "No milk command stands that could be taken back.")
    if told.place is None:
        device.moves[record["id"]] = moves[:-1]
    else:
        device.moves[record["id"]] = (*moves, milk_moved(device.turn(), session, milk, told.place, told))
        device.began.setdefault(record["id"], record["intention"])
    if not device.moves[record["id"]]:
        device.began.pop(record["id"], None)
    return device.revise(record, str(Cause.MILK))


def _rest(goes_on: bool) -> Callable[[ScriptedDevice, Json], Json]:
    def rest(device: ScriptedDevice, _command: Json) -> Json:
        running, now = _running(device), device.now()
        if not by_hand(running):
            raise Refused("not_now", "The pump itself is heard: it tells its pauses.")
        if goes_on is (device.live["phase"] == "pumping"):
            raise Refused("not_now", "The session is in no pause." if goes_on else "The session is in a pause already.")
        if goes_on:
            running["duration_s"] = int((now - instant(running["started_at"])).total_seconds())
            running["pauses"] += 1
        else:
            rests = running["duration_s"] - running["pumping_s"]
            running["duration_s"] = int((now - instant(running["started_at"])).total_seconds())
            running["pumping_s"] = max(0, running["duration_s"] - rests)
        device.rested_at = None if goes_on else now
        device.live = {**device.live, "phase": "pumping" if goes_on else "paused"}
        return {"session": copy.deepcopy(running)}

    return rest


def _baseline(device: ScriptedDevice, command: Json) -> Json:
    device.baseline = command["stimulations"]
    return {}


def _history(device: ScriptedDevice, command: Json) -> Json:
    if device.summary:
        raise RefusedError("not_here", None, "this device keeps its record to itself")

    def chosen(records: Iterable[Json], key: str) -> list[Json]:
        return sorted(
            (
                r
                for r in records
                if command.get("since", "") <= r[key] <= command.get("until", "~")
                and r["revised_at"] >= command.get("revised_since", "")
                and (command.get("deleted") or not r["deleted"])
            ),
            key=lambda r: str(r[key]),
            reverse=True,
        )

    def is_stock(session: Json) -> bool:
        let_go = iso(device.now() - timedelta(days=1)) if device.clock_set else ""
        return bool(session["milk"]) and session["milk"]["ml"] != 0 and (session["use_by"] or "~") > let_go

    both = [("sessions", s) for s in chosen(device.sessions.values(), "started_at")]
    if command.get("milk"):
        both = [entry for entry in both if is_stock(entry[1])]
    else:
        both += [("nursings", n) for n in chosen(device.nursings.values(), "at")]
    both.sort(key=lambda entry: str(entry[1].get("started_at") or entry[1].get("at")), reverse=True)
    page: Json = {"sessions": [], "nursings": [], "next": None}
    size, at = 0, int(command.get("cursor") or 0)
    for index, (name, record) in enumerate(both[at:], start=at):
        size += len(json.dumps(record)) + 2
        if size > device.page_bytes or len(page[name]) >= command.get("limit", 100):
            page["next"] = str(index)
            break
        page[name].append(record)
    return page


COMMANDS: dict[str, Callable[[ScriptedDevice, Json], Json]] = {
    "classify": _classify,
    "volume": _volume,
    "note": lambda device, command: device.revise(device._record(command), "note", note=command["text"]),
    "nursing": _nursing,
    "edit": _edit,
    "delete": _delete,
    "restore": _restore,
    "add": _add,
    "start": _start,
    "stop": _stop,
    "pause": _rest(goes_on=False),
    "go_on": _rest(goes_on=True),
    "milk": _milk,
    "baseline": _baseline,
    "history": _history,
}
