"""An MQTT broker inside the process, for a computer that has none: amqtt, on TCP and WebSocket, in a thread of its own.

It speaks 3.1.1 only, so that the demo walks the fallback too, and it forgets everything when it is stopped.
"""

import asyncio
import contextlib
import logging
import os
import selectors
import socket
import threading
import weakref
from typing import Any

HERE = "127.0.0.1"
START_S, STOP_S = 20.0, 1.5
CALM_S = 0.5
"""How long amqtt may take to leave in order, and its tasks to end after that; then their sockets are shut."""
_QUIET = ("amqtt", "transitions", "websockets")


class BrokerError(Exception):
    """The broker can't be had; one line that names the port."""


class EmbeddedBroker:
    """Listens from `start()` to `stop()`, any number of times, on the same two ports.

    A port of 0 is any free one: see `port` and `websocket_port` afterwards. Raises BrokerError where one is taken.
    """

    def __init__(self, port: int = 1883, websocket_port: int = 9001, *, host: str = HERE) -> None:
        self._host = host
        self.port = _free(host, port)
        self.websocket_port = _free(host, websocket_port)
        self._thread: threading.Thread | None = None
        self._asyncio: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None
        self._started = threading.Event()
        self._failure: Exception | None = None

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self) -> None:
        """Listen; returns when both ports answer."""
        if self._thread is not None:
            return
        for port in (self.port, self.websocket_port):
            _free(self._host, port)
        self._failure = None
        self._started.clear()
        self._thread = threading.Thread(target=self._run, name="embedded broker", daemon=True)
        self._thread.start()
        if not self._started.wait(START_S) or self._failure is not None:
            failure = self._failure
            self.stop()
            raise BrokerError(f"the embedded broker does not start on ports {self.port} and {self.websocket_port}: "
                              f"{failure or 'no answer'}")  # fmt: skip

    def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._asyncio is not None and self._leave is not None and not self._asyncio.is_closed():
            self._asyncio.call_soon_threadsafe(self._leave.set)
        thread.join(STOP_S)

    def _run(self) -> None:
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        selector = selectors.DefaultSelector()
        loop = asyncio.SelectorEventLoop(selector)
        # what amqtt's tasks end with when they are cut off is nobody's concern
        loop.set_exception_handler(lambda _loop, _context: None)
        try:
            loop.run_until_complete(self._serve())
        except Exception as error:  # noqa: BLE001 - told where `start` waits
            self._failure = error
        finally:
            _cut_off(loop, selector)
            self._started.set()

    async def _serve(self) -> None:
        from amqtt.broker import Broker
        from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType

        self._asyncio = asyncio.get_running_loop()
        self._leave = asyncio.Event()
        broker: Any = Broker(
            BrokerConfig(
                listeners={
                    "default": ListenerConfig(type=ListenerType.TCP, bind=f"{self._host}:{self.port}"),
                    "websocket": ListenerConfig(type=ListenerType.WS, bind=f"{self._host}:{self.websocket_port}"),
                },
                plugins={"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            )
        )
        writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        connected = broker.stream_connected

        async def noted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str) -> None:
            writers.add(writer)
            await connected(reader, writer, listener_name)

        broker.stream_connected = noted
        await broker.start()
        self._started.set()
        await self._leave.wait()
        # it may wait for ever for a client that it was sending to
        await asyncio.wait({asyncio.ensure_future(broker.shutdown())}, timeout=CALM_S)
        # amqtt does not close every connection that it is done with
        for writer in list(writers):
            writer.close()


def _cut_off(loop: asyncio.AbstractEventLoop, selector: selectors.BaseSelector) -> None:
    """End what is left: the tasks, as far as they heed it, and every socket, so that both ports are free again."""
    for key in list(selector.get_map().values()):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(key.fd)) as end:
            if end.family in {socket.AF_INET, socket.AF_INET6}:
                end.shutdown(socket.SHUT_RDWR)
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=CALM_S))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def _free(host: str, port: int) -> int:
    """Return a port that can be listened on, chosen where 0 is asked for; raises BrokerError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BrokerError(
                f"port {port} on {host} can't be had: {reason}; choose another or stop who has it"
            ) from error
        return int(trial.getsockname()[1])
