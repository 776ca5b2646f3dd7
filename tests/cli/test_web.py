"""The server of the page against visitors who mean no good: other sites, smuggled requests, slow ones, and crowds."""

import re
import socket
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from device.demo.house import names, origins
from device.page import server
from device.page.server import HEADERS, Asked, Reply, Site
from tests.support.effort import so_many

JSON = "Content-Type: application/json\r\n"


class Served:
    """A site with one route that must be reached by its own page alone; `done` is what reached it."""

    def __init__(self, folder: Path) -> None:
        (folder / "index.html").write_text("hello")
        self.done: list[bytes] = []
        self.site = Site(folder, "127.0.0.1", 0, welcome=re.compile(names("127.0.0.1")))
        self.site.start({("POST", "/do"): self.do, ("GET", "/state"): lambda _: Reply(HTTPStatus.OK, b"state")})
        self.host = f"127.0.0.1:{self.site.port}"
        self.deed = f"POST /do HTTP/1.1\r\nHost: {self.host}\r\n{JSON}Content-Length: 2\r\n\r\n{{}}"

    def do(self, asked: Asked) -> Reply:
        self.done.append(asked.body)
        return Reply(HTTPStatus.NO_CONTENT)

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.site.port), 60)
        connection.settimeout(60)
        return connection

    def says(self, request: str | bytes) -> bytes:
        """All that comes back until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(request if isinstance(request, bytes) else request.encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            return everything(connection)

    def fill(self, request: str) -> str:
        return request.replace("HOST", self.host).replace("DEED", self.deed).replace("LENGTH", f"{len(self.deed)}")


def everything(connection: socket.socket) -> bytes:
    came = b""
    while some := connection.recv(1 << 16):
        came += some
    return came


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("web"))
    yield made
    made.site.stop()


P = "POST /do HTTP/1.1\r\nHost: HOST\r\n"
LENGTH = "Content-Length: LENGTH\r\n"
REFUSED = {
    "another site's page": P + "Origin: http://elsewhere.example\r\n" + LENGTH,
    "another port's page": P + "Origin: http://127.0.0.1:1\r\n" + LENGTH,
    "a page without an origin": P + f"Origin: null\r\n{JSON}" + LENGTH,
    "two origins": P + "Origin: http://HOST\r\nOrigin: http://x\r\n" + LENGTH,
    "a name made to lead here": "POST /do HTTP/1.1\r\nHost: elsewhere.example\r\n" + LENGTH,
    "a name that begins as ours": "POST /do HTTP/1.1\r\nHost: 127.0.0.1.example\r\n" + LENGTH,
    "no name": "POST /do HTTP/1.1\r\n" + LENGTH,
    "two names": P + "Host: HOST\r\n" + LENGTH,
    "an old browser's form": P + "Content-Type: text/plain\r\n" + LENGTH,
    "a form that says so in its words": (
        P + f"{JSON}Sec-Fetch-Site: cross-site\r\n" + LENGTH
    ),
    "a body where none belongs": "GET / HTTP/1.1\r\nHost: HOST\r\n" + LENGTH,
    "a body behind a head": "HEAD / HTTP/1.1\r\nHost: HOST\r\n" + LENGTH,
    "a body to nobody": "POST /nowhere HTTP/1.1\r\nHost: HOST\r\n" + LENGTH,
    "a body to a file": "POST / HTTP/1.1\r\nHost: HOST\r\n" + LENGTH,
    "another method": "DELETE / HTTP/1.1\r\nHost: HOST\r\n" + LENGTH,
    "chunks": P + f"{JSON}Transfer-Encoding: chunked\r\n",
    "chunks and a length": (
        P + f"{JSON}Content-Length: 0\r\nTransfer-Encoding: identity\r\n"
    ),
    "two lengths": P + f"{JSON}Content-Length: 0\r\n" + LENGTH,
    "two lengths in one": P + f"{JSON}Content-Length: LENGTH, 0\r\n",
    "a length with a sign": P + f"{JSON}Content-Length: +2\r\n",
    "a length of other digits": P + f"{JSON}Content-Length: \xb2\r\n",
    "a length behind a space": P + f"{JSON}Content-Length : LENGTH\r\n",
    "a head that is folded": f"POST /do HTTP/1.1\r\n  x: y\r\nHost: HOST\r\n{JSON}" + LENGTH,
    "a length beyond ours": P + f"{JSON}Content-Length: 4097\r\n",
    "a length beyond all": P + f"{JSON}Content-Length: {'9' * 5000}\r\n",
    "no version": "GET /\r\nHost: HOST\r\n" + LENGTH,
    "the version before the first": f"POST /do HTTP/0.9\r\nHost: HOST\r\n{JSON}" + LENGTH,
    "a version to come": "POST /do HTTP/2.0\r\nHost: HOST\r\n" + LENGTH,
    "no request": "\x16\x03\x01\x02\r\nHost: HOST\r\n" + LENGTH,
    "a line without an end": f"GET /{'x' * 70000}\r\n",
    "a head without an end": f"GET / HTTP/1.1\r\nHost: HOST\r\n{'X: y' * 20000}\r\n",
    "lines without an end": "GET / HTTP/1.1\r\nHost: HOST\r\n" + "X: y\r\n" * 20000,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_after_a_refusal_the_connection_ends_and_its_body_is_no_request(served: Served, name: str) -> None:
    said = served.says(served.fill(REFUSED[name] + "\r\nDEED"))
    assert re.match(rb"HTTP/1\.1 (400|403|404|413|414|415|431|501|505) ", said), said[:80]
    assert said.count(b"HTTP/1.1 ") == 1
    assert served.done == []
    head = said.partition(b"\r\n\r\n")[0].decode("latin-1")
    assert "\r\nConnection: close" in head
    for header, value in HEADERS.items():
        assert f"\r\n{header}: {value}" in head
    assert "\r\nCache-Control: " in head


def test_what_was_refused_shows_nothing_of_what_was_asked_for(served: Served) -> None:
    for line in ("GET /<b>x</b>", "<b>x</b> / HTTP/1.1", "GET / HTTP/<b>", "GET /<b>x</b> HTTP/1.1"):
        assert b"<b>" not in served.says(f"{line}\r\nHost: {served.host}\r\n\r\n")


def test_our_own_page_is_obeyed_on_one_connection_as_often_as_it_asks(served: Served) -> None:
    deed = served.deed.replace(JSON, f"{JSON}Origin: http://{served.host}\r\nSec-Fetch-Site: same-origin\r\n")
    page = f"GET / HTTP/1.1\r\nHost: {served.host}\r\n\r\n"
    linked = page.replace("\r\n\r\n", "\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n\r\n")
    last = page.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    said = served.says(page + deed + linked + deed + last)
    assert re.findall(rb"HTTP/1\.1 (\d+)", said) == [b"200", b"204", b"200", b"204", b"200"]
    assert served.done == [b"{}", b"{}"]
    served.done.clear()


def test_no_file_waits_until_its_head_is_acknowledged(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    connections, made = [], server._Handler.setup

    def setup(handler: server._Handler) -> None:
        made(handler)
        connections.append(handler.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(server._Handler, "setup", setup)
    assert served.says(f"GET / HTTP/1.1\r\nHost: {served.host}\r\n\r\n").endswith(b"hello")
    assert connections == [1]


def test_whoever_sends_too_much_still_reads_why(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(served.fill("POST /do HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100000\r\n\r\n").encode())
        connection.sendall(b"x" * 100000)
        assert everything(connection).endswith(b"Send at most 4096 bytes.\n")


@pytest.mark.parametrize(
    "name",
    ["x" * 300, "x" * 5000, "%C3%A9" * 150, "x/" * 2500, "loop", "loop/index.html", "there", "there/x", "out"],
    ids=lambda name: f"{name[:8]} {len(name)}",
)
def test_a_name_that_no_file_can_have_and_a_link_that_leads_nowhere_are_not_here(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "beside").write_text("of nobody's concern")
    folder = tmp_path / "page"
    folder.mkdir()
    for link, leads in {"loop": "loop", "there": "back", "back": "there", "out": "../beside"}.items():
        (folder / link).symlink_to(leads)
    served = Served(folder)
    said = served.says(f"GET /{name} HTTP/1.1\r\nHost: {served.host}\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 404 ")
    assert said.endswith(b"\r\n\r\nNot here.\n")
    assert served.says(f"GET / HTTP/1.0\r\nHost: {served.host}\r\n\r\n").endswith(b"hello")
    assert caplog.messages == []
    served.site.stop()


@settings(max_examples=so_many(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rubbish=st.lists(
        st.binary(max_size=40)
        | st.sampled_from(
            [
                b"GET ",
                b"POST ",
                b"/do",
                b" HTTP/1.1",
                b"\r\n",
                b"\n",
                b"Host: ",
                b"Content-Length: ",
                b"0",
                b": ",
                b"\0",
            ]
        ),
        max_size=12,
    ).map(b"".join)
)
@example(rubbish=b"GET http://[ HTTP/1.1\r\nHost: [\r\n\r\n")
@example(rubbish=b"GET /" + b"a/" * 3000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
def test_whatever_comes_is_answered_with_our_headers_or_not_at_all(served: Served, rubbish: bytes) -> None:
    said = served.says(rubbish)
    assert said.count(b"HTTP/1.1 ") == said.count(b"X-Content-Type-Options: nosniff")
    assert served.done == []
    assert served.says(f"GET /state HTTP/1.0\r\nHost: {served.host}\r\n\r\n").endswith(b"state")


def test_whoever_does_not_come_to_an_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE_S", 0.3)
    served = Served(tmp_path)
    for begun in ("", "GET / HT", "GET / HTTP/1.1\r\nHost", served.deed[:-1]):
        with served.connect() as connection:
            connection.sendall(begun.encode())
            assert everything(connection) == b""
    assert served.done == []
    served.site.stop()


def test_a_crowd_that_only_waits_makes_room_for_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST", 5)
    served = Served(tmp_path)
    crowd = [served.connect() for _ in range(20)]
    assert served.says(f"GET /state HTTP/1.0\r\nHost: {served.host}\r\n\r\n").endswith(b"state")
    for one in crowd[:15]:
        assert everything(one) == b""
    for one in crowd:
        one.close()
    served.site.stop()


@pytest.mark.parametrize(
    ("listens", "name", "ours"),
    [
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "192.0.2.7", False),
        ("127.0.0.1", "127x0.0.1", False),
        ("127.0.0.1", "", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("Pump.Local", "pump.local", True),
        ("pump.local", "pumpxlocal", False),
        ("0.0.0.0", "192.0.2.7", True),
        ("0.0.0.0", socket.gethostname().lower(), True),
        ("0.0.0.0", f"{socket.gethostname().lower()}.local", True),
        ("0.0.0.0", "192.0.2.7.example", False),
        ("0.0.0.0", "elsewhere.example", False),
        ("", "192.0.2.7", True),
        ("", "", False),
    ],
)
def test_a_page_may_call_us_by_an_address_and_by_our_own_names(listens: str, name: str, ours: bool) -> None:
    assert (re.fullmatch(names(listens), name) is not None) is ours


@pytest.mark.parametrize(
    ("listens", "page", "origin", "ours"),
    [
        ("127.0.0.1", 8000, "http://localhost:8000", True),
        ("127.0.0.1", 8000, "http://localhost:9001", True),
        ("127.0.0.1", 8000, "http://localhost", False),
        ("127.0.0.1", 80, "http://localhost", True),
        ("127.0.0.1", 8000, "http://192.0.2.7:8000", False),
        ("0.0.0.0", 8000, "http://192.0.2.7:8000", True),
        ("0.0.0.0", 8000, "http://192.0.2.7:9001", True),
        ("0.0.0.0", 8000, "http://elsewhere.example:9001", False),
        ("0.0.0.0", 8000, "http://192.0.2.7:80000", False),
        ("0.0.0.0", 8000, "https://192.0.2.7:8000", False),
    ],
)
def test_the_brokers_websocket_is_opened_from_our_page_alone(listens: str, page: int, origin: str, ours: bool) -> None:
    assert (re.fullmatch(origins(listens, page, 9001), origin) is not None) is ours
