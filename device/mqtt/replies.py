"""Where a reply goes: on the topic that its command names (MQTT 5), where a reply may go there, else on `reply`."""

from collections.abc import Collection
from typing import TypeGuard

from device.core.model.events import Order
from device.wire.payloads import House

LONGEST_TOPIC, MOST_LEVELS = 256, 16
"""Of a response topic: bytes and levels. mosquitto ends the connection of who publishes to one of 201 levels."""


def reply_to(order: Order, house: House, announced: Collection[str]) -> tuple[str, bytes | None]:
    """The topic and the correlation data; `announced` are the topics of the announcement."""
    topic = order.response_topic if may_answer_on(order.response_topic, house, announced) else house.topic("reply")
    return topic, order.correlation if order.response_topic else None


def may_answer_on(topic: str | None, house: House, announced: Collection[str]) -> TypeGuard[str]:
    """No reply is mistaken for what the device says elsewhere, and none goes where nobody can listen."""
    if not topic or topic[0] == "$" or not topic.isprintable() or "+" in topic or "#" in topic:
        return False
    if len(topic.encode()) > LONGEST_TOPIC or topic.count("/") >= MOST_LEVELS or topic in announced:
        return False
    return not f"{topic}/".startswith(house.topic("")) or f"{topic}/".startswith(house.topic("reply/"))
