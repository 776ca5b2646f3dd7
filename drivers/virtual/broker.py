"""An MQTT broker inside the process, for a computer that has none: amqtt, on TCP and WebSocket, in a thread of its own.

It speaks 3.1.1 only, so that the demo walks the fallback too, and it forgets everything when it is stopped.
"""

import asyncio
import logging
import socket
import threading
from typing import Any

HERE = "127.0.0.1"
START_S, STOP_S = 20.0, 5.0
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
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - told where `start` waits
            self._failure = error
        finally:
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
        await broker.start()
        self._started.set()
        await self._leave.wait()
        await broker.shutdown()


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
