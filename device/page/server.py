"""Files beneath one folder over HTTP, and answers to a few addresses more: what serves the page, and the demo's panel.

No listing, nothing from outside the folder, the right types, and a policy that keeps the page to itself.
"""

import contextlib
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from functools import partial
from http import HTTPStatus
from http.client import LineTooLong
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from device import OneLineError

LARGEST_BODY = 4096
LARGEST_HEAD = 32768
MOST = 64
"""So many connections at a time; where one more comes, whoever has kept us waiting longest makes room."""
PATIENCE_S = 30.0
"""A request is whole within this, from the end of the one before; a page takes what it is sent within this too."""
LEFT_OVER = 1 << 18
"""So much of what was not read is let run dry, that whoever sends it gets to read the answer."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".xml": "application/xml; charset=utf-8",
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
    "Cross-Origin-Resource-Policy": "same-origin",
}
log = logging.getLogger(__name__)


class SiteError(OneLineError):
    """The port can't be had."""


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

    `welcome` is what host names it may be called by (another site's name that leads here is turned away); None: any.
    With it, requests that another site's page makes are turned away too. After whatever was refused or not read the
    connection ends, so that nothing in it is ever taken for the next request.
    """

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        *,
        cache: str = "no-cache",
        welcome: re.Pattern[str] | None = None,
    ) -> None:
        self.folder, self.cache, self.welcome = folder.resolve(), cache, welcome
        self.routes: Mapping[tuple[str, str], Route] = {}
        self.host = host
        try:
            self._server = _Server((host, port), partial(_Handler, self))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            remedy = "stop who has it, or choose another with --port (0: any)"
            raise SiteError(f"port {port} on {host} can't be had: {why}; {remedy}") from error
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
    request_queue_size = MOST
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._gate = threading.Lock()
        self._open: dict[socket.socket, float | None] = {}
        super().__init__(*arguments)

    def server_bind(self) -> None:
        # http.server would ask the DNS for this computer's name, which may take seconds
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", int(self.server_address[1])

    def verify_request(self, request: Any, _client_address: object) -> bool:
        """Take one more connection; where there are too many, the one that keeps us waiting longest is cut off."""
        with self._gate:
            waiting = [(since, connection) for connection, since in self._open.items() if since is not None]
            if len(self._open) >= MOST:
                if not waiting:
                    return False
                longest = min(waiting, key=itemgetter(0))[1]
                del self._open[longest]
                cut(longest)
            self._open[request] = time.monotonic()
        return True

    def service_actions(self) -> None:
        """Cut off who does not come to the end of a request."""
        late = time.monotonic() - PATIENCE_S
        with self._gate:
            for connection, since in self._open.items():
                if since is not None and since < late:
                    cut(connection)

    def waits_for(self, connection: socket.socket, *, request: bool) -> None:
        """Its next request is waited for from now on, or is there."""
        with self._gate:
            if connection in self._open:
                self._open[connection] = time.monotonic() if request else None

    def shutdown_request(self, request: Any) -> None:
        with self._gate:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, _request: object, client_address: object) -> None:
        why = sys.exception()
        if not isinstance(why, OSError):  # a page that was closed while it loaded
            log.warning("page: answering %s failed: %r", client_address, why)


def cut(connection: socket.socket) -> None:
    """End it for whoever reads or writes there, in whatever thread."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Head:
    """A request's lines as http.server reads them, bounded together; and its body."""

    def __init__(self, file: Any) -> None:
        self._file, self.left = file, LARGEST_HEAD
        self.read, self.close = file.read, file.close

    def readline(self, _limit: int) -> bytes:
        line: bytes = self._file.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise LineTooLong("head")
        return line


class _Handler(BaseHTTPRequestHandler):
    """One connection; http.server calls `do_*` by name."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits until its head is acknowledged, 40 ms a file
    timeout = PATIENCE_S
    server: _Server

    def __init__(self, site: Site, *arguments: Any) -> None:
        self._site = site
        self._refused = False
        super().__init__(*arguments)

    def setup(self) -> None:
        super().setup()
        self.rfile: Any = _Head(self.rfile)

    def handle_one_request(self) -> None:
        self.rfile.left = LARGEST_HEAD
        self.headers = Message()
        self.server.waits_for(self.connection, request=True)
        try:
            super().handle_one_request()
        except LineTooLong:  # the first line: http.server itself looks at those after it
            self.requestline = self.command = self.request_version = ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)

    def finish(self) -> None:
        """Let what was not read run dry: closed over it, the connection would take the answer along."""
        super().finish()
        if self._refused:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
                self.connection.settimeout(1.0)
                left = LEFT_OVER
                while left > 0 and (came := self.connection.recv(1 << 16)):
                    left -= max(len(came), 1 << 12)

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        length = self._length()
        if length is None or (length and method != "POST") or self.request_version not in {"HTTP/1.0", "HTTP/1.1"}:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        path = urlsplit(self.path).path
        host = _host_name(self.headers.get("Host", ""))
        route = self._site.routes.get((method, path))
        if not self._is_ours(host):
            self._send(Reply(HTTPStatus.FORBIDDEN, b"This is for the page that is served here, at its own address.\n"))
        elif route is None:
            self._send(Reply(HTTPStatus.NOT_FOUND, b"Not here.\n") if method == "POST" else self._file(path))
        elif length > LARGEST_BODY:
            said = f"Send at most {LARGEST_BODY} bytes.\n".encode()
            self._send(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said))
        elif method == "POST" and self.headers.get_content_type() != "application/json":
            self._send(Reply(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, b"Send application/json.\n"))
        else:
            body = self.rfile.read(length)
            self.server.waits_for(self.connection, request=False)
            if len(body) == length:
                self._say(route(Asked(host, body)))
            else:
                self.close_connection = True

    def _length(self) -> int | None:
        """How long the body is; None where that is not said in exactly one way, or the head is not plain.

        Where two readers of one head may come to different ends, one of them takes a body for a request.
        """
        said = self.headers.get_all("Content-Length", [])
        hosts, coded = self.headers.get_all("Host", []), "Transfer-Encoding" in self.headers
        if self.headers.defects or coded or len(hosts) != 1 or len(said) > 1:
            return None
        if not said:
            return 0
        return int(said[0]) if re.fullmatch("[0-9]{1,9}", said[0]) else None

    def _is_ours(self, host: str) -> bool:
        """Whether the address is one of ours, and the request not another site's (browsers say whose it is)."""
        if self._site.welcome is None:
            return True
        origins = self.headers.get_all("Origin", [])
        return (
            self._site.welcome.fullmatch(host) is not None
            and origins in ([], [f"http://{self.headers['Host']}"])
            and (self.headers.get("Sec-Fetch-Site") != "cross-site" or self.headers.get("Sec-Fetch-Mode") == "navigate")
        )

    def _file(self, path: str) -> Reply:
        folder = self._site.folder
        name = unquote(path).removeprefix("/") or "index.html"
        if "\0" not in name:
            try:
                file = (folder / name).resolve()
                if file.is_relative_to(folder) and file.is_file():
                    return Reply(HTTPStatus.OK, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
            except (OSError, RuntimeError):  # a name that no file can have, a link that leads to itself
                pass
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
        if reply.status >= HTTPStatus.BAD_REQUEST:
            self.close_connection = self._refused = True
        self.server.waits_for(self.connection, request=False)
        self._head(reply.status, reply.type, len(reply.body))
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def send_error(self, code: int, *_words: object) -> None:
        """http.server's own refusals, with our headers and without what was asked for in them."""
        self.request_version = self.protocol_version  # the one before the first would get no headers at all
        self._send(Reply(code, f"{HTTPStatus(code).phrase}.\n".encode()))

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


def _host_name(host: str) -> str:
    """A Host header's name, in lower case, without its port and an IPv6 address's brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
