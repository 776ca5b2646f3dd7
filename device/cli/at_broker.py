"""A few messages to the broker without a daemon: connect, publish, wait until the broker has them, leave."""

from collections.abc import Sequence

from device import OneLineError
from device.daemon import broker_at
from device.loop import Loop
from device.mqtt.homeassistant import SETTLE_S, Announced
from device.settings.loading import Config
from drivers.broker import Broker
from drivers.broker_address import Calls
from drivers.clock import SystemClock

PATIENCE_S = 15.0


class AwayError(OneLineError):
    """The broker could not be had; it says why."""


def tell_broker(config: Config, password: str | None, *batches: Sequence[Announced]) -> None:
    """Publish each batch, a pause apart, each acknowledged before the next. Raises AwayError."""
    loop = Loop(SystemClock())
    waiting: set[int | None] = set()
    left = list(batches)
    failure = [f"{config.mqtt.host}:{config.mqtt.port}: no answer"]

    def following() -> None:
        if not left:
            failure.clear()
            loop.stop()
            return
        for message in left.pop(0):
            waiting.add(broker.publish(message.topic, message.payload, retain=message.retain))

    def acknowledged(mid: int) -> None:
        waiting.discard(mid)
        if not waiting:
            loop.call_after(SETTLE_S if left else 0.0, following)

    def gone(why: str) -> None:
        failure[:] = [why]
        loop.stop()

    broker = Broker(
        broker_at(config, password, f"pump-companion-{config.device.id}-command"),
        protocol=config.mqtt.protocol,
        calls=Calls(
            up=lambda _version: following(),
            down=gone,
            acknowledged=acknowledged,
            refused=lambda _mid, why: gone(why),
            message=lambda _message: None,
            counted=lambda name: gone("the broker takes no message as large") if name == "mqtt_too_large" else None,
        ),
        loop=loop,
    )
    loop.call_after(PATIENCE_S, loop.stop)
    broker.start()
    loop.run(lambda _event: None)
    broker.stop(1.0)
    loop.close()
    if failure:
        raise AwayError(failure[0] if failure[0].startswith("mqtt") else f"mqtt: {failure[0]}")
