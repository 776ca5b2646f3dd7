"""A few messages to the broker beside a daemon, or without one: connect, publish, wait for what must come, leave."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from device import OneLineError
from device.daemon import broker_at, house
from device.loop import Loop
from device.mqtt.homeassistant import SETTLE_S, Announced
from device.settings.loading import Config
from device.wire.payloads import encode
from device.wire.values import FieldError, decoded
from drivers.broker import Broker
from drivers.broker_address import Calls, Message
from drivers.clock import SystemClock

PATIENCE_S = 15.0
ANSWER_S = 10.0
"""How long a daemon's reply is waited for, from the command's start (contract, *Command line*)."""


class AwayError(OneLineError):
    """The broker could not be had, or nobody answered; it says why."""


class Visit:
    """One connection: `up` and `message` are called in it, until `done` or the patience ends it."""

    def __init__(
        self,
        config: Config,
        password: str | None,
        *,
        up: Callable[[], object],
        acknowledged: Callable[[int], object] = lambda _mid: None,
        message: Callable[[Message], object] = lambda _message: None,
        subscriptions: tuple[str, ...] = (),
    ) -> None:
        self.loop = Loop(SystemClock())
        self.silence = f"{config.mqtt.host}:{config.mqtt.port}: no answer"
        self._why: str | None = None
        self._done = False
        self.broker = Broker(
            broker_at(config, password, f"pump-companion-{config.device.id}-command"),
            protocol=config.mqtt.protocol,
            subscriptions=subscriptions,
            calls=Calls(
                up=lambda _version: up(),
                down=self._gone,
                acknowledged=acknowledged,
                refused=lambda _mid, why: self._gone(why),
                message=message,
                counted=lambda name: (
                    self._gone("the broker takes no message as large") if name == "mqtt_too_large" else None
                ),
            ),
            loop=self.loop,
        )

    def _gone(self, why: str) -> None:
        self._why = self._why or why
        self.loop.stop()

    def done(self) -> None:
        self._done = True
        self.loop.stop()

    def pay(self, patience_s: float) -> None:
        """Go there and stay until it is done. Raises AwayError."""
        self.loop.call_after(patience_s, self.loop.stop)
        self.broker.start()
        self.loop.run(lambda _event: None)
        self.broker.stop(1.0)
        self.loop.close()
        if not self._done:
            why = self._why or self.silence
            raise AwayError(why if why.startswith("mqtt") else f"mqtt: {why}")


def tell_broker(config: Config, password: str | None, *batches: Sequence[Announced]) -> None:
    """Publish each batch, a pause apart, each acknowledged before the next. Raises AwayError."""
    waiting: set[int | None] = set()
    left = list(batches)

    def following() -> None:
        if not left:
            visit.done()
            return
        for message in left.pop(0):
            waiting.add(visit.broker.publish(message.topic, message.payload, retain=message.retain))

    def acknowledged(mid: int) -> None:
        waiting.discard(mid)
        if not waiting:
            visit.loop.call_after(SETTLE_S if left else 0.0, following)

    visit = Visit(config, password, up=following, acknowledged=acknowledged)
    visit.pay(PATIENCE_S)


def ask_daemon(config: Config, password: str | None, command: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Send a command, which is made once there is a connection, and return the daemon's reply. Raises AwayError."""
    topics = house(config)
    request = f"command-line-{secrets.token_hex(8)}"
    replies: list[dict[str, Any]] = []

    def ask() -> None:
        visit.silence = f"nobody answers on {topics.topic('command')}; is the daemon running?"
        visit.broker.publish(topics.topic("command"), encode({**command(), "request": request}))

    def heard(message: Message) -> None:
        try:
            reply = decoded(message.payload)
        except FieldError:
            return
        if isinstance(reply, dict) and reply.get("request") == request:
            replies.append(reply)
            visit.done()

    visit = Visit(config, password, up=ask, message=heard, subscriptions=(topics.topic("reply"),))
    visit.pay(ANSWER_S)
    return replies[0]
