"""Broker and web server for the page's tests, each the real one, each ended with its test.
A test waits for what it wants to see, with a deadline; the deadline is long, since a machine may be busy.
"""

import http.server
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException

from tests.support.ports import free_port

PAGE = Path(__file__).parents[2] / "dashboards" / "web"
WAIT_S = 120
T = TypeVar("T")


def until(what: str, seen: Callable[[], T | None], wait_s: float = WAIT_S) -> T:
    """Wait for a truthy answer, and name what was waited for where it never came."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            answer = seen()
        except StaleElementReferenceException:
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not seen within {wait_s} s: {what}"
        threading.Event().wait(0.03)


class Mosquitto:
    """A real broker on loopback with an MQTT and a WebSocket listener; it can be stopped and started again."""

    def __init__(self, folder: Path, *, lines: str = "allow_anonymous true\n") -> None:
        self.folder, self.lines = folder, lines
        self.port, self.ws_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.ws_port}"

    def start(self) -> None:
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"user root\nlistener {self.port} 127.0.0.1\n"
            f"listener {self.ws_port} 127.0.0.1\nprotocol websockets\n{self.lines}"
        )
        self.process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for port in (self.port, self.ws_port):
            until(f"mosquitto on {port}", partial(self._open, port))

    @staticmethod
    def _open(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the page's files; `scripts` run in it before its own, which is how a test reaches into any browser.
    Files in `instead`, by their paths, are served in place of the page's; one that is None is not there."""

    protocol_version = "HTTP/1.1"
    scripts = ""
    instead: Mapping[str, bytes | None] = {}

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:  # the library's name
        path = self.path.split("?")[0]
        scripts = self.scripts + self._for_webkit()
        if path in self.instead:
            found = self.instead[path]
            self.send_error(404) if found is None else self.answer("text/javascript", found)
        elif path == "/first.js":
            self.answer("text/javascript", scripts.encode())
        elif path == "/blank":  # where a test tidies up what the one before it left
            self.answer("text/html", b'<!doctype html><script src="js/theme.js"></script>')
        elif path == "/" and scripts:
            page = (PAGE / "index.html").read_bytes()
            self.answer("text/html", page.replace(b"<head>", b'<head><script src="first.js"></script>'))
        else:
            super().do_GET()

    def _for_webkit(self) -> str:
        agent, cookie = self.headers.get("user-agent", ""), self.headers.get("cookie", "")
        if "AppleWebKit" not in agent or "Chrome" in agent:
            return ""
        found = re.search(r"locale=([\w-]+)", cookie)
        return WATCH + SPEAK.replace("LOCALE", found[1] if found else "en-GB")

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Site:
    """The page's files on a port of their own, as any web server would serve them."""

    def __init__(self, handler: type[Quiet] = Quiet) -> None:
        self.handler = handler
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(PAGE)))
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


# What a page did, from its first line on: errors, what its policy refused, the sockets that it opened.
WATCH = """
window.watched = {complaints: [], sockets: []};
addEventListener("error", (event) => watched.complaints.push(event.message));
addEventListener("unhandledrejection", (event) => watched.complaints.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => watched.complaints.push(`refused: ${event.violatedDirective}`));
window.WebSocket = class extends WebSocket {
  constructor(...all) { super(...all); watched.sockets.push(String(all[0])); }
};
"""
SPEAK = """
Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
  construct: (format, [language, options]) => new format(language ?? "LOCALE", options),
  apply: (format, _, [language, options]) => new format(language ?? "LOCALE", options),
});
"""
