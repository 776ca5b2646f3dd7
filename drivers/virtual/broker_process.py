"""The embedded broker's own process: amqtt, from the start until its standard input ends.

Run as a file, so nothing of ours is imported here.
"""

import asyncio
import logging
import os
import re
import sys
from functools import partial
from typing import Any

PROCESS = __file__
SPOKEN = 4
"""The protocol level of MQTT 3.1.1."""
READY = "ready"
"""What it says first, once both ports answer; else what is wrong."""


async def _serve(host: str, port: str, websocket_port: str, origins: str = ".*") -> None:
    """Be the broker, until standard input ends or somebody kills this process."""
    import websockets
    from amqtt.adapters import BufferReader
    from amqtt.broker import Broker
    from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
    from amqtt.mqtt.connect import ConnectPayload

    broker: Any = Broker(
        BrokerConfig(
            listeners={
                "default": ListenerConfig(type=ListenerType.TCP, bind=f"{host}:{port}"),
                # amqtt's own would let any page in
                "websocket": ListenerConfig(type=ListenerType.EXTERNAL, bind=f"{host}:{websocket_port}"),
            },
            plugins={"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        )
    )
    deliver = broker._publish_retained_messages_for_subscription  # noqa: SLF001 - it has no other door

    async def deliver_own(subscription: tuple[str, int], session: object) -> None:
        # at every connect amqtt 0.12.1 walks the filters of all clients, and would send this one what others want
        if any(subscriber is session for subscriber, _qos in broker.subscriptions.get(subscription[0], ())):
            await deliver(subscription, session)

    broker._publish_retained_messages_for_subscription = deliver_own  # noqa: SLF001
    read_payload = ConnectPayload.from_stream

    async def read_what_it_knows(reader: Any, fixed: Any, header: Any) -> Any:
        # amqtt 0.12.1 refuses a version only after it read all of it as 3.1.1, and waits for bytes that never come
        if header.proto_level != SPOKEN:
            header.flags, reader = 0, BufferReader(b"")
        return await read_payload(reader, fixed, header)

    ConnectPayload.from_stream = read_what_it_knows
    await broker.start()
    await websockets.serve(
        partial(broker.ws_connected, listener_name="websocket"),
        host,
        int(websocket_port),
        origins=[None, re.compile(origins)],
        subprotocols=[websockets.Subprotocol("mqtt")],
    )
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), os._exit, 0)
    print(READY, flush=True)
    await asyncio.Event().wait()


def _main(*where: str) -> None:
    logging.disable()
    try:
        asyncio.run(_serve(*where))
    except Exception as error:
        # told where `start` waits
        print(" ".join(str(error).split()), flush=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    _main(*sys.argv[1:])
