"""An MQTT broker for a computer that has none: amqtt, on TCP and WebSocket, in a process that ends with ours.

It speaks 3.1.1 only, so that the demo walks the fallback too, and it forgets everything when it is stopped.
"""

import select
import socket
import subprocess
import sys

from device import OneLineError
from drivers.virtual.broker_process import PROCESS, READY

HERE = "127.0.0.1"
START_S = 20.0


class BrokerError(OneLineError):
    """The broker can't be had; it names the port."""


class EmbeddedBroker:
    """Listens from `start()` to `stop()`, any number of times, on the same two ports.

    A port of 0 is any free one: see `port` and `websocket_port` afterwards. Raises BrokerError where one is taken.
    `origins`, which may be set before `start`, is a pattern: of the pages in a browser only those from there are let in
    by WebSocket (what is no browser names no origin, or as paho the broker's own address); None: any.
    """

    def __init__(self, port: int = 1883, websocket_port: int = 9001, *, host: str = HERE) -> None:
        self._host = host
        self.origins: str | None = None
        self.port = _free(host, port)
        self.websocket_port = _free(host, websocket_port)
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Listen; returns when both ports answer."""
        if self.running:
            return
        self.stop()
        ports = (self.port, self.websocket_port)
        for port in ports:
            _free(self._host, port)
        # as a file, since it needs nothing of ours; in a group of its own, since Ctrl-C is for us, who end it
        self._process = subprocess.Popen(  # noqa: S603 - nothing in it is a stranger's
            [sys.executable, "-P", PROCESS, self._host, *map(str, ports), *filter(None, [self.origins])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            process_group=0,
        )
        said = _first_line(self._process, START_S)
        if said != READY:
            self.stop()
            raise BrokerError(f"the embedded broker does not start on ports {ports[0]} and {ports[1]}: "
                              f"{said or 'no answer'}")  # fmt: skip

    def stop(self) -> None:
        """Hang up on everybody and listen no more: in order amqtt would wait for clients, and forget some."""
        process, self._process = self._process, None
        if process is not None:
            with process:
                process.kill()


def _first_line(process: subprocess.Popen[str], wait_s: float) -> str:
    """Return what it says first, "" where that is nothing."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    came, _, _ = select.select([process.stdout], [], [], wait_s)
    return process.stdout.readline().strip() if came else ""


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
