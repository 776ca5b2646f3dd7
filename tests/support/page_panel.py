"""The demo's own small API, as the page expects it."""

import base64
import json
import threading
from typing import Any

from tests.support.page_world import Quiet


class Panel:
    """A stand-in for the demo's device panel: it shows what it was told, and keeps what was asked of it."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {
            "screen": base64.b64encode(_pattern()).decode(),
            "words": "Why pump? Likely Protect",
            "lit": "on",
            "motor": True,
            "cpm": 54,
            "serial": True,
            "broker": True,
            "speed": 1,
        }
        self.asked: list[dict[str, Any]] = []
        self.changed = threading.Condition()

    def do(self, what: dict[str, Any]) -> None:
        with self.changed:
            self.asked.append(what)
            self.state.update({key: value for key, value in what.items() if key in self.state})
            self.changed.notify_all()


def _pattern() -> bytes:
    """128x64, one bit a pixel: a frame with a diagonal, so that a test can tell a pixel from its neighbour."""
    rows = []
    for y in range(64):
        bits = "".join("1" if y in (0, 63) or x in (0, 127) or x == y else "0" for x in range(128))
        rows.append(int(bits, 2).to_bytes(16, "big"))
    return b"".join(rows)


def demo_handler(websocket: str, prefix: str, panel: Panel | None = None) -> type[Quiet]:
    """A web server's handler that serves the page as the demo does, with `panel` behind its buttons."""
    shown = panel or Panel()

    class Demo(Quiet):
        def do_GET(self) -> None:  # noqa: N802 # the library's name
            if self.path == "/demo":
                about = {"websocket": websocket, "prefix": prefix, "device": "pump", "panel": True, "sample": True}
                self._send(json.dumps(about).encode())
            elif self.path == "/demo/events":
                self._events()
            else:
                super().do_GET()

        def do_POST(self) -> None:  # noqa: N802
            shown.do(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _events(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            try:
                while True:
                    with shown.changed:
                        self.wfile.write(f"data: {json.dumps(shown.state)}\n\n".encode())
                        self.wfile.flush()
                        shown.changed.wait(1)
            except OSError:
                self.close_connection = True

    return Demo
