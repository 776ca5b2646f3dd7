"""Files beneath one folder over HTTP, and answers to a few addresses more: what serves the page, and the demo's panel.

No listing, nothing from outside the folder, the right types, and a policy that keeps the page to itself.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

LARGEST_BODY = 4096
IDLE_S = 60.0
"""A kept connection that says nothing for so long is closed."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".md": "text/plain; charset=utf-8",
    ".LICENSE": "text/plain; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A broker may be anywhere, so `ws:` and `wss:` stand without a host."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
log = logging.getLogger(__name__)


class SiteError(Exception):
    """The port can't be had; one line with port and host, to be ended with the option's name."""


class Asked(msgspec.Struct, frozen=True):
    """One request to a route: `host` is the name in its address, without the port; `body` is a POST's."""

    host: str
    body: bytes


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    type: str = "text/plain; charset=utf-8"


Route = Callable[[Asked], Reply | Iterator[bytes]]
"""Answers at once, or with a stream of server-sent events."""


class Site:
    """Has its port from the beginning, answers from `start` to `stop`. Raises SiteError where the port is taken.

    `welcome` says which host names it may be called by (another site's name that leads here is turned away);
    None: any. With it, requests that another site's page makes are turned away too.
    """

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        *,
        cache: str = "no-cache",
        welcome: Callable[[str], bool] | None = None,
    ) -> None:
        self.folder, self.cache, self.welcome = folder.resolve(), cache, welcome
        self.routes: Mapping[tuple[str, str], Route] = {}
        self.host = host
        try:
            self._server = _Server((host, port), partial(_Handler, self))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise SiteError(f"port {port} on {host} can't be had: {why}") from error
        self.port = int(self._server.server_address[1])

    def start(self, routes: Mapping[tuple[str, str], Route]) -> None:
        """Answer in threads of its own; `routes`: (method, path) → what answers instead of a file."""
        self.routes = routes
        threading.Thread(target=self._server.serve_forever, name="site", args=(0.1,), daemon=True).start()

    def serve(self) -> None:
        """Answer in this thread, until it is interrupted."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Answer nobody any more, after `start`; whoever is being answered is left to the process's end."""
        self._server.shutdown()
        self.close()

    def close(self) -> None:
        """Let go of the port."""
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        # http.server would ask the DNS for this computer's name, which may take seconds
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", int(self.server_address[1])

    def handle_error(self, _request: object, client_address: object) -> None:
        why = sys.exception()
        if not isinstance(why, ConnectionError):  # a page that was closed while it loaded
            log.warning("page: answering %s failed: %r", client_address, why)


class _Handler(BaseHTTPRequestHandler):
    """One connection; http.server calls `do_*` by name."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S

    def __init__(self, site: Site, *arguments: Any) -> None:
        self._site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        path = urlsplit(self.path).path
        host = _name(self.headers.get("Host", ""))
        if not self._is_ours(host):
            self._send(Reply(HTTPStatus.FORBIDDEN, b"This is for the page that is served here, at its own address.\n"))
            return
        route = self._site.routes.get((method, path))
        if route is not None:
            body = self._body() if method == "POST" else b""
            if body is not None:
                self._say(route(Asked(host, body)))
        elif method != "POST":
            self._send(self._file(path))
        else:
            self._send(Reply(HTTPStatus.NOT_FOUND, b"Not here.\n"))

    def _is_ours(self, host: str) -> bool:
        """Whether the address is one of ours, and the request not another site's (browsers say whose it is)."""
        if self._site.welcome is None:
            return True
        origin = self.headers.get("Origin")
        return self._site.welcome(host) and origin in (None, f"http://{self.headers.get('Host')}")

    def _body(self) -> bytes | None:
        """What was sent; None where that was refused (and the connection ends, since it may still be coming)."""
        length = self.headers.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY:
            return self.rfile.read(int(length))
        self.close_connection = True
        self._send(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Send at most {LARGEST_BODY} bytes.\n".encode()))
        return None

    def _file(self, path: str) -> Reply:
        folder = self._site.folder
        name = unquote(path).removeprefix("/") or "index.html"
        if "\0" not in name:
            file = (folder / name).resolve()
            if file.is_relative_to(folder) and file.is_file():
                return Reply(HTTPStatus.OK, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
        return Reply(HTTPStatus.NOT_FOUND, b"Not here.\n")

    def _say(self, reply: Reply | Iterator[bytes]) -> None:
        if isinstance(reply, Reply):
            self._send(reply)
            return
        self.close_connection = True
        self._head(HTTPStatus.OK, "text/event-stream", None)
        try:
            for event in reply:
                self.wfile.write(event)
        except OSError:
            return  # the page was closed

    def _send(self, reply: Reply) -> None:
        self._head(reply.status, reply.type, len(reply.body))
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def _head(self, status: int, kind: str, length: int | None) -> None:
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", kind)
            if length is not None:
                self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", self._site.cache)
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        return "pump-companion"

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


def _name(host: str) -> str:
    """A Host header's name, in lower case, without its port and an IPv6 address's brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
