"""A broker in made-up time, and the device's end of it, in `drivers.broker.Broker`'s place.

It keeps what is retained, hands on what comes, and does what brokers do: goes away, answers late or never, hangs up
in the middle, refuses a topic, forgets what it kept, comes back speaking an older protocol.
"""

from collections.abc import Callable
from typing import Any, Literal

from drivers.broker_address import Address, Calls, Message, Version
from drivers.runtime import EventLoop, TimerHandle

WINDOW = 100
CROWDED = 500
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
CONNECTING_S = 0.05
LARGEST = 1 << 28
RECORDS = ("/session", "/nursing")
Heard = Callable[[str, bytes, bool], object]


class MadeUpBroker:
    """The broker: `on_message` hears all that reaches it (topic, payload, retained), in its order.

    `on_loss` is told when something under way may never arrive.
    """

    def __init__(self, on_message: Heard, on_loss: Callable[[], object]) -> None:
        self.on_message, self.on_loss = on_message, on_loss
        self.retained: dict[str, bytes] = {}
        self.up = True
        self.speaks: Version = "5"
        self.latency_s = 0.002
        self.ack_s: float | None = 0.001
        """After a message reached it; None: it acknowledges nothing."""
        self.refuses = ""
        """The end of a topic to which nobody may publish."""
        self.hangs_up: Literal["before", "after"] | None = None
        """At the next record that comes: before it took it, or before it said so."""
        self.line: MadeUpLine | None = None

    def take(self, topic: str, payload: bytes, *, retain: bool) -> None:
        if retain and payload:
            self.retained[topic] = payload
        elif retain:
            self.retained.pop(topic, None)
        self.on_message(topic, payload, retain)

    def go(self, *, forget: bool = False) -> None:
        """Go away; with `forget` nothing retained is left when it comes back."""
        self.up = False
        if forget:
            self.retained.clear()
        self.hang_up()

    def hang_up(self) -> None:
        """End the connection, whatever is on its way, and send the will."""
        line, self.line = self.line, None
        if line is not None:
            self.on_loss()
            line.loop.call(line.lose)
            self.take(*line.will, retain=True)

    def command(self, payload: bytes, response_topic: str) -> bool:
        """A dashboard's command, QoS 1; False where no device hears it."""
        line = self.line
        if line is None:
            return False
        correlation = b"c" if line.speaks == "5" else None
        message = Message(line.own, payload, False, response_topic if line.speaks == "5" else None, correlation)
        line.loop.call(lambda: line.hear(message))
        return True

    def born(self, topic: str, payload: bytes) -> None:
        """Home Assistant's birth."""
        line = self.line
        if line is not None:
            line.loop.call(lambda: line.hear(Message(topic, payload, False, None, None)))


class MadeUpLine:
    """`drivers.broker.Broker`, to `broker`. What was on its way when the connection ended is lost, or was heard."""

    def __init__(
        self,
        broker: MadeUpBroker,
        address: Address,
        *,
        protocol: Literal["auto", "5", "3.1.1"],
        hint: Version | None,
        will: tuple[str, str],
        subscriptions: tuple[str, ...],
        own: str,
        calls: Calls,
        loop: EventLoop,
        **_unused: Any,
    ) -> None:
        self._broker, self._calls, self.loop = broker, calls, loop
        self.speaks: Version = (hint or "5") if protocol == "auto" else protocol
        self.address, self.subscriptions = address, subscriptions
        self.own, self.will = own, (will[0], will[1].encode())
        self.connected = False
        self.by_detour = False
        self._connection = 0
        self._why = ""
        self._mid = 0
        self._waiting: set[int] = set()
        self._under_way: dict[int, tuple[str, bytes, bool]] = {}
        self._pause_s = FIRST_PAUSE_S
        self._again: TimerHandle | None = None
        self._arrives_at = 0.0

    @property
    def window(self) -> int:
        return WINDOW if self.connected else 0

    @property
    def crowded(self) -> bool:
        return self.connected and len(self._waiting) >= CROWDED

    def largest_payload(self, topic: str, correlation: bytes | None = None) -> int:  # noqa: ARG002 -- Broker's own
        return LARGEST

    def start(self) -> None:
        self._again = self.loop.call_after(CONNECTING_S, self._connect)

    def hurry(self) -> None:
        self._connect()

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        *,
        retain: bool = False,
        correlation: bytes | None = None,  # noqa: ARG002 -- Broker's own
        may_be_lost: bool = False,  # noqa: ARG002 -- Broker's own
    ) -> int | None:
        if not self.connected:
            return None
        self._mid += 1
        mid, connection = self._mid, self._connection
        self._waiting.add(mid)
        now = self.loop.machine.monotonic()
        self._arrives_at = max(self._arrives_at, now + self._broker.latency_s)
        said = payload if isinstance(payload, bytes) else payload.encode()
        self._under_way[mid] = (topic, said, retain)
        self.loop.call_after(self._arrives_at - now, lambda: self._arrive(connection, mid))
        return mid

    def stop(self, deadline_s: float) -> None:  # noqa: ARG002 -- Broker's own
        """Leave so that no will is needed: what is on its way arrives."""
        if self._again is not None:
            self._again.cancel()
        if self.connected:
            for topic, payload, retain in self._under_way.values():
                self._broker.take(topic, payload, retain=retain)
            self._broker.line = None
        self.connected = False
        self._connection += 1

    # -- on the way --------------------------------------------------------------------------------------------

    def _arrive(self, connection: int, mid: int) -> None:
        broker = self._broker
        if connection != self._connection or broker.line is not self:
            return
        topic, payload, retain = self._under_way.pop(mid)
        if broker.hangs_up is not None and not retain and topic.endswith(RECORDS):
            if broker.hangs_up == "after":
                broker.take(topic, payload, retain=retain)
            broker.hangs_up = None
            broker.hang_up()
            return
        refused = bool(broker.refuses) and topic.endswith(broker.refuses)
        if refused:
            broker.on_loss()
        else:
            broker.take(topic, payload, retain=retain)
        if broker.ack_s is not None:
            self.loop.call_after(broker.ack_s, lambda: self._acknowledge(connection, mid, refused=refused))

    def _acknowledge(self, connection: int, mid: int, *, refused: bool) -> None:
        if connection != self._connection or mid not in self._waiting:
            return
        self._waiting.remove(mid)
        if refused:
            self._calls.refused(mid, "the broker will not take it: Not authorized")
        else:
            self._calls.acknowledged(mid)

    def hear(self, message: Message) -> None:
        if self.connected:
            self._calls.message(message)

    # -- connecting --------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        broker = self._broker
        if self.connected:
            return
        if not broker.up:
            self._failed("nothing listens; is the broker running?")
            return
        self.speaks = broker.speaks
        self.connected, self._why = True, ""
        self._connection += 1
        self._waiting.clear()
        self._under_way.clear()
        self._pause_s = FIRST_PAUSE_S
        broker.line = self
        self._calls.up(self.speaks)

    def lose(self) -> None:
        if self.connected:
            self.connected = False
            self._connection += 1
            self._failed("lost: the broker closed the connection")

    def _failed(self, why: str) -> None:
        if why != self._why:
            self._why = why
            self._calls.down(why)
        pause_s = self._pause_s * self.loop.machine.uniform(0.8, 1.2)
        self._again = self.loop.call_after(pause_s, self._connect)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
