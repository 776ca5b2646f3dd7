"""The device's side of the broker: live topics, the outbox in its order, commands and their replies.

At every connection: availability, the announcement, all retained topics, then the outbox.
"""

import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

from msgspec.structs import replace

from device.core.model.effects import Answer, Publish, Refuse, Topic
from device.core.model.events import BrokerChanged, Counted, Event, HomeAssistantBorn, Order, Ordered, PassedOver
from device.core.model.record import Nursing, Session
from device.store.requests import Acknowledged, HistoryRead, KeepFact, OutboxRead, ReadFacts, ReadFailed, ReadOutbox
from device.wire import payloads
from device.wire.commands import Refusal, parse_command
from device.wire.gate import CLEARED, Outgoing, Passed, left, lets_out, passed, refused_here, without_record
from drivers.broker import Broker
from drivers.broker_address import Calls, Message, Version
from drivers.runtime import EventLoop

from .homeassistant import SETTLE_S, Announced
from .line import Line
from .replies import reply_to

REPEATS = 100
"""A command equal in every byte to one of the last hundred that had a request is answered again, not done again."""
MOST_COMMANDS, MOST_BYTES = 1000, 4 << 20
"""Commands that may wait, and what they may weigh; those that come then are refused as `busy`."""
IN_HAND, AT_ONCE = 256, 16
"""Commands that the core has not answered yet, and those handed to it before others get their turn."""
BIRTH_PAUSE_S = 3.0
"""At most so long after Home Assistant's birth, so that a house full of devices does not speak at once."""
OUTBOX_READ = 100
LIVE_TOPICS = (Outgoing.STATE, Outgoing.TODAY, Outgoing.DIAGNOSTICS, Outgoing.LAST, Outgoing.SCREEN)
RECORD_TOPICS = tuple(topic for topic in LIVE_TOPICS if not lets_out(topic, "summary"))
"""Retained topics that hold something of the record."""
WORDED_TOPICS = (Outgoing.STATE, Outgoing.TODAY, Outgoing.DIAGNOSTICS)
"""Retained topics of which Home Assistant makes words that it holds against those announced."""
FACTS = ("unannounced", "to_retire", "announced_as", "announced_in", "to_clear")

log = logging.getLogger(__name__)


class Publisher:
    """Everything that goes over MQTT.

    post: takes events for the core. ask: requests for the store's worker. show_again: has `screen` published again.
    """

    def __init__(
        self,
        line: Line,
        *,
        loop: EventLoop,
        post: Callable[[Event], object],
        ask: Callable[[Any], object],
        wall: Callable[[], float],
        show_again: Callable[[], object],
        broker: Callable[..., Broker] = Broker,
    ) -> None:
        self._line, self._house = line, line.house
        self._loop, self._post, self._ask, self._wall = loop, post, ask, wall
        self._show_again = show_again
        self._ready = False
        self._told_refused = False
        self._translated = False
        self._retired: int | None = None
        self._after = 0
        self._asked = False
        self._rows: deque[tuple[int, Session | Nursing]] = deque()
        self._waiting: dict[int, int] = {}
        self._acknowledged: list[int] = []
        self._looking = False
        self._passed_over = 0
        self._said: dict[Topic, Any] = {}
        self._newest: dict[Topic, Passed] = {}
        self._birth_waits = False
        self._clearing: int | None = None
        self._commands: deque[Message] = deque()
        self._weight = 0
        self._in_hand = 0
        self._taking = False
        self._counts: Counter[str] = Counter()
        self._replies: OrderedDict[bytes, Passed | list[Order]] = OrderedDict()
        self._version: Version | None = line.hint
        house, birth = line.house, line.birth_topic
        self.broker = broker(
            line.address,
            protocol=line.protocol,
            hint=line.hint,
            will=(house.topic("availability"), "offline"),
            subscriptions=(house.topic("command"), *([birth] if birth else [])),
            own=house.topic("command"),
            repeats=birth,
            calls=Calls(self._up, self._down, self._acknowledge, self._refused, self._message, self._count),
            loop=loop,
        )

    def start(self) -> None:
        self.broker.start()

    def stop(self, deadline_s: float) -> None:
        """Say offline and leave, so that no will is needed."""
        self._forget_acknowledged()
        self._tell_availability(b"offline")
        self.broker.stop(deadline_s)

    def _pass(self, what: Outgoing, said: payloads.Payload | bytes | None) -> Passed:
        return passed(what, said, self._house.publish)

    def _send(
        self,
        topic: str,
        payload: Passed,
        *,
        retain: bool = False,
        correlation: bytes | None = None,
        may_be_lost: bool = False,
    ) -> int | None:
        """The only way out."""
        return self.broker.publish(topic, payload, retain=retain, correlation=correlation, may_be_lost=may_be_lost)

    def _tell_availability(self, word: bytes) -> None:
        topic = self._house.topic(Outgoing.AVAILABILITY)
        self._send(topic, self._pass(Outgoing.AVAILABILITY, word), retain=True)

    # -- connecting --------------------------------------------------------------------------------------------

    def hurry(self) -> None:
        self.broker.hurry()

    def _up(self, version: Version) -> None:
        self._version = version
        self._ready, self._asked, self._after = False, False, 0
        self._told_refused, self._retired, self._clearing = False, None, None
        self._passed_over, self._birth_waits = 0, False
        self._waiting.clear()
        self._rows.clear()
        self._said.clear()
        self._newest.clear()
        self._tell_availability(b"online")
        if not self.broker.by_detour:
            self._ask(KeepFact("protocol", version))
        self._ask(ReadFacts(FACTS))

    def facts_read(self, facts: dict[str, str | None]) -> None:
        """What the disk says of announcements, another process's wish included: announce, then tell all the rest.

        It is asked at every connection, and at Home Assistant's birth.
        """
        if not self.broker.connected or self._version is None:
            return
        before = facts.get("announced_as")
        if before and before != self._line.announced_as:
            self._clear(before.split("\n"))  # it had another id or prefix then: nothing of that stays behind
        if facts.get("to_clear"):
            self._clear(self._house.topic(name) for name in RECORD_TOPICS)
            self._ask(KeepFact("to_clear", None))
        if not facts.get("unannounced"):
            spoken = facts.get("announced_in")
            if spoken not in (None, self._line.language) and not self._translated:
                self._translate()
                return
            self.announce()
            if spoken != self._line.language:
                self._ask(KeepFact("announced_in", self._line.language))
            if before != self._line.announced_as:
                self._ask(KeepFact("announced_as", self._line.announced_as))
        elif facts.get("to_retire"):
            self._retire()
        if self._ready:
            self._birth_waits = False
            self._said.clear()
            self._tell_availability(b"online")
            self._show_again()
            self._post(HomeAssistantBorn(self._loop.now()))
            return
        self._clear(self._house.topic(name) for name in RECORD_TOPICS if not lets_out(name, self._house.publish))
        self._ready = True
        address = self._line.address
        log.info("mqtt: connected to %s:%d as %s", address.host, address.port, self._house.device)
        self._show_again()
        self._post(BrokerChanged(self._loop.now(), up=True, protocol=self._version))
        self._loop.call(self._more)

    def read_again(self, withheld_until: int) -> None:
        """The record's file was opened only now, or anew: what it says of the broker holds, and what waits in it."""
        self._line = replace(self._line, withheld_until=withheld_until)
        if self._ready and self._version is not None:
            self._up(self._version)

    def announce(self) -> None:
        """A pause between: Home Assistant drops what follows while it still makes the entities of a message."""
        for place, message in enumerate(self._line.announcement):
            send = partial(self._send, message.topic, message.payload, retain=message.retain)
            if place == 0:
                send()
            else:
                self._loop.call_after(place * SETTLE_S, send)

    def _translate(self) -> None:
        """Home Assistant would hold the words of the language before against the new ones: they go first, and come back
        when it has taken the new ones in.
        """
        self._translated = True
        self._clear(self._house.topic(name) for name in WORDED_TOPICS)
        self.announce()
        self._loop.call_after(SETTLE_S, self._born)

    def _retire(self) -> None:
        """The wish of an `unannounce` that found no broker; it is forgotten once the broker has all of it."""
        whole, nothing = self._line.retirement
        self._send(whole.topic, whole.payload, retain=whole.retain)
        self._loop.call_after(SETTLE_S, partial(self._retire_wholly, nothing))

    def _retire_wholly(self, nothing: Announced) -> None:
        self._retired = self._send(nothing.topic, nothing.payload, retain=nothing.retain)

    def _clear(self, topics: Iterable[str]) -> None:
        for topic in topics:
            self._send(topic, CLEARED, retain=True)

    def _down(self, why: str) -> None:
        log.warning("%s", why)
        self._ready = False
        self._forget_acknowledged()
        self._post(BrokerChanged(self._loop.now(), up=False, why=why))
        self._go_on()

    # -- live topics and records -------------------------------------------------------------------------------

    def publish(self, publish: Publish) -> None:
        """A retained live topic, where more of it is new than its `at`; where much waits, the newest waits alone.

        While the broker is away nothing is kept: the core says it all again then.
        """
        what, value = Outgoing(publish.topic), publish.value
        if not lets_out(what, self._house.publish):
            return  # cleared at the connection already
        if isinstance(value, Session) and value.revised_at < self._line.withheld_until:
            publish = replace(publish, value=None)
        whole = payloads.live_payload(publish, self._house)
        payload = whole and left(what, whole, self._house.publish)
        said = payload and {**payload, "at": None}
        if publish.topic in self._said and self._said[publish.topic] == said:
            return
        self._said[publish.topic] = said
        self._newest[publish.topic] = self._pass(what, payload)
        self._flush()

    def _flush(self) -> None:
        while self._newest and not self.broker.crowded:
            topic = next(iter(self._newest))
            self._send(self._house.topic(topic), self._newest.pop(topic), retain=True)

    def screen(self, png: bytes) -> None:
        self._send(self._house.topic(Outgoing.SCREEN), self._pass(Outgoing.SCREEN, png), retain=True)

    def repeat(self, record: Session) -> None:
        """The newest ended record once more, for a Home Assistant that was away."""
        if lets_out(Outgoing.SESSION, self._house.publish) and record.revised_at >= self._line.withheld_until:
            self._send(*self._record(record))

    def _record(self, record: Session | Nursing) -> tuple[str, Passed]:
        what = Outgoing(payloads.kind(record))
        return self._house.topic(what), self._pass(what, payloads.record_payload(record, self._house.device))

    def _more(self) -> None:
        """Send as far as the broker's window has room, and read on in the outbox before the last of it is sent.

        Records alone are counted there: no flood of replies keeps them back, and their own acknowledgements come here.
        """
        while self._rows and len(self._waiting) < self.broker.window:
            seq, record = self._rows[0]
            topic, payload = self._record(record)
            if len(payload) > self.broker.largest_payload(topic):
                self._pass_over(topic, len(payload))
            else:
                mid = self._send(topic, payload)
                if mid is None:
                    return
                self._waiting[mid] = seq
            self._rows.popleft()
        if self._ready and not self._asked and len(self._rows) < OUTBOX_READ // 2:
            self._asked = True
            self._ask(ReadOutbox(self._after, OUTBOX_READ))

    def _pass_over(self, topic: str, size: int) -> None:
        """A record that the broker would not take stays in the outbox until the next connection."""
        if not self._passed_over:
            log.warning("mqtt: %s: %d bytes are more than the broker takes; raise its limit of a packet", topic, size)
        self._passed_over += 1
        self._count("mqtt_passed_over")
        self._post(PassedOver(self._loop.now(), self._passed_over))

    def outbox_read(self, read: OutboxRead) -> None:
        """Take what was asked for; what the connection before had asked for would come out of its order."""
        if read.after != self._after:
            return
        self._asked = False
        if self._ready:
            self._rows.extend(read.rows)
            self._after = read.rows[-1][0]
            self._more()

    def _acknowledge(self, mid: int) -> None:
        if mid == self._retired:
            self._retired = None
            self._ask(KeepFact("to_retire", None))
        if mid == self._clearing:
            self._clearing = None
        seq = self._waiting.pop(mid, None)
        if seq is not None:
            self._acknowledged.append(seq)
        self._look_soon()

    def _look_soon(self) -> None:
        if not self._looking:
            self._looking = True
            self._loop.call(self._look)

    def _look(self) -> None:
        """Something was acknowledged, whatever it was: there is room for more.

        Records that came together leave the outbox in one transaction: all, or half of many while the rest goes on.
        """
        self._looking = False
        if len(self._acknowledged) >= len(self._waiting):
            self._forget_acknowledged()
        self._flush()
        self._more()
        self._go_on()

    def _forget_acknowledged(self) -> None:
        seqs, self._acknowledged = tuple(self._acknowledged), []
        if seqs:
            self._ask(Acknowledged(seqs))

    def _refused(self, mid: int, why: str) -> None:
        """Each is counted, and told of once a connection."""
        self._waiting.pop(mid, None)
        if mid == self._clearing:
            self._clearing = None
        self._look_soon()
        if not self._told_refused:
            self._told_refused = True
            log.warning("mqtt: %s; check the broker's access list for %s", why, self._house.topic("#"))
        self._count("mqtt_refused")

    def _count(self, name: str) -> None:
        """What comes in floods is told the core once a turn."""
        self._counts[name] += 1
        if self._counts.total() == 1:
            self._loop.call(self._tell_counts)

    def _tell_counts(self) -> None:
        counts, self._counts = self._counts, Counter()
        for name, count in counts.items():
            self._post(Counted(self._loop.now(), name, count))

    # -- commands ----------------------------------------------------------------------------------------------

    def _message(self, message: Message) -> None:
        if message.topic == self._line.birth_topic:
            if message.payload == self._line.birth_payload.encode() and not self._birth_waits:
                self._birth_waits = True
                self._loop.call_after(self._loop.machine.uniform(0, BIRTH_PAUSE_S), self._born)
            return
        if message.topic != self._house.topic("command"):
            return  # some brokers send what nobody here subscribed to
        if not message.payload and (message.retain or self._version == "3.1.1"):
            return  # somebody cleared what was retained there, as far as can be told
        size = message.weight
        if len(self._commands) >= MOST_COMMANDS or self._weight + size > MOST_BYTES:
            parsed = parse_command(message.payload, message.retain)
            request = parsed.request if isinstance(parsed, Refusal) else parsed[0].request
            self._refuse(Refusal(request, "busy", "too many commands wait; send it again later"), message)
            return
        self._commands.append(message)
        self._weight += size
        self._go_on()

    def _go_on(self) -> None:
        if self._commands and not self._taking:
            self._taking = True
            self._loop.call(self._take)

    def _take(self) -> None:
        """Carry out a few of the commands that wait, as long as answers get away; the next few come after those."""
        self._taking = False
        for _ in range(AT_ONCE):
            if not self._commands or self._in_hand >= IN_HAND or self.broker.crowded:
                return
            message = self._commands.popleft()
            self._weight -= message.weight
            self._carry_out(message)
        self._go_on()

    def _carry_out(self, message: Message) -> None:
        parsed = parse_command(message.payload, message.retain)
        if message.retain:
            self._clear_command()
        if isinstance(parsed, Refusal):
            self._refuse(parsed, message)
            return
        order, command = parsed
        order = replace(
            order, response_topic=message.response_topic, correlation=message.correlation, key=message.payload
        )
        refusal = refused_here(command, self._house.publish)
        if refusal is not None:
            self._refuse(refusal, message)
        elif not self._known(order):
            self._in_hand += 1
            self._post(Ordered(self._loop.now(), command, order))

    def _clear_command(self) -> None:
        """Whoever retains a command would have it refused at every connection."""
        if self._clearing is None:
            self._clearing = self._send(self._house.topic("command"), CLEARED, retain=True)

    def _born(self) -> None:
        """Announce again, if the disk still says so; the rest comes after that."""
        self._ask(ReadFacts(FACTS))

    def _refuse(self, refusal: Refusal, message: Message) -> None:
        self._count(f"command_{refusal.code}")
        payload = payloads.refusal_payload(refusal.dated(int(self._wall())), self._house)
        order = Order(refusal.request)
        if not message.retain:
            order = replace(order, response_topic=message.response_topic, correlation=message.correlation)
        self._reply(order, self._pass(Outgoing.MISUNDERSTOOD, payload), may_be_lost=refusal.code == "busy")

    def _known(self, order: Order) -> bool:
        """A repeat of a request is answered again, now or when the first one is."""
        if order.request is None:
            return False
        known = self._replies.get(order.key)
        if known is None:
            self._replies[order.key] = [order]
            self._forget_replies()
            return False
        if isinstance(known, bytes):
            self._reply(order, known)
        else:
            known.append(order)
            self._in_hand += 1
        return True

    def _forget_replies(self) -> None:
        """The oldest beyond the limit, but those that somebody waits for; of them there are never more than IN_HAND."""
        answered = (key for key, known in self._replies.items() if isinstance(known, bytes))
        for key in list(islice(answered, max(0, len(self._replies) - REPEATS))):
            del self._replies[key]

    def answer(self, answer: Answer) -> None:
        self._finish(answer.order, self._pass(Outgoing.ANSWER, payloads.answer_payload(answer, self._house)))

    def refuse(self, refusal: Refuse) -> None:
        self._count(f"command_{refusal.code}")
        self._finish(refusal.order, self._pass(Outgoing.REFUSED, payloads.refusal_payload(refusal, self._house)))

    def history_read(self, read: HistoryRead) -> None:
        self._finish(read.asked.order, read.page)

    def read_failed(self, failed: ReadFailed) -> None:
        self.refuse(Refuse(failed.order, int(self._wall()), "not_saved", failed.error))

    def _finish(self, order: Order, payload: Passed) -> None:
        known = self._replies.get(order.key) if order.request is not None else None
        orders = known if isinstance(known, list) else [order]
        if order.key in self._replies:
            self._replies[order.key] = payload
        self._in_hand = max(0, self._in_hand - len(orders))
        for waiting in orders:
            self._reply(waiting, payload)
        self._go_on()

    def largest_reply(self, order: Order) -> int:
        """Bytes of the largest reply to an order that the broker takes."""
        return self.broker.largest_payload(*self._reply_to(order))

    def _reply(self, order: Order, payload: Passed, *, may_be_lost: bool = False) -> None:
        topic, correlation = self._reply_to(order)
        if len(payload) > self.broker.largest_payload(topic, correlation):
            payload = without_record(payload)
        self._send(topic, payload, correlation=correlation, may_be_lost=may_be_lost)

    def _reply_to(self, order: Order) -> tuple[str, bytes | None]:
        """The topic of a reply and its correlation data."""
        return reply_to(order, self._house, {message.topic for message in self._line.announcement})
