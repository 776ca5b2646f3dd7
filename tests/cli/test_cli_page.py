"""`page`: what it prints, what it serves and what it does not; and that an installed program has the page with it."""

import http.client
import re
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.cli import main, page
from device.page import installed
from device.page.server import POLICY, Site
from device.settings.loading import load

ROOT = Path(__file__).parents[2]
WEB = ROOT / "dashboards/web"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(f'[device]\nid = "upstairs"\n[mqtt]\nprefix = "home/milk"\n[store]\npath = "{tmp_path}/pump.db"\n')
    return file


def start(config: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "device", "page", "--config", str(config), "--port", "0", *options],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_page_is_served_with_its_broker_in_its_address(config: Path) -> None:
    process = start(config)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/\?broker=ws://127\.0\.0\.1:9001&device=upstairs&prefix=home/milk", address
    )
    assert "--host" in process.stdout.readline()
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == (WEB / "index.html").read_bytes()
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in said + errors


def test_for_the_network_it_prints_a_code_that_a_phone_reads(config: Path) -> None:
    process = start(config, "--host", "0.0.0.0", "--broker", "wss://broker.example:8084/mqtt")
    assert process.stdout is not None
    lines = [process.stdout.readline().rstrip("\n") for _ in range(10)]
    assert "?broker=wss://broker.example:8084/mqtt&device=upstairs" in lines[0]
    assert set("".join(lines[1:])) <= set("█▀▄ ")
    assert len({len(line) for line in lines[1:]}) == 1
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_without_the_library_it_says_that_there_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qrcode", None)
    assert page.code("http://192.0.2.1:8099/") == (
        "No QR code: the library qrcode is not installed (pip install 'pump-companion[page]')."
    )


def test_a_terminal_without_blocks_gets_no_code() -> None:
    assert page.code("http://192.0.2.1:8099/", "latin-1").startswith("No QR code: this terminal's encoding, latin-1")


def test_a_broker_elsewhere_stays_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[mqtt]\nhost = "mqtt.home.example"\n[store]\npath = "{tmp_path}/pump.db"\n')
    config, _ = load(file, {})
    assert config is not None
    assert page.websocket(config, "192.0.2.7") == "ws://mqtt.home.example:9001"


def test_without_a_configuration_the_page_asks_for_its_broker() -> None:
    assert page.address("192.0.2.7", 8099, None, None) == "http://192.0.2.7:8099/"
    assert page.address("::1", 80, "ws://[::1]:9001", None) == "http://[::1]:80/?broker=ws://%5B::1%5D:9001"


@pytest.mark.parametrize("broker", ["mqtt://a.example", "a.example:9001", "ws://", "ws://[::1", "ws://a:99999"])
def test_a_broker_that_no_browser_can_reach_is_refused(broker: str, config: Path) -> None:
    process = start(config, "--broker", broker)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert "WebSocket address" in errors


@pytest.mark.parametrize("host", ["", " "])
@pytest.mark.parametrize("command", ["page", "demo"])
def test_an_empty_host_is_not_taken_for_every_address(
    host: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--host", host, "--port", "0"])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert (said.count("\n"), "--host is empty" in said) == (1, True), said


def test_it_is_served_without_a_record(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[store]\npath = "{tmp_path}/elsewhere/pump.db"\n')
    served(file)


def test_it_is_served_where_password_and_key_are_for_others_to_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    files = "".join(f'{name} = "{tmp_path}/shut"\n' for name in ("password_file", "cert_file", "key_file"))
    file.write_text(f'[mqtt]\nusername = "pump"\ntls = true\n{files}[store]\npath = "{tmp_path}/pump.db"\n')
    served(file)


def served(file: Path) -> None:
    process = start(file)
    assert process.stdout is not None
    said = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (said.startswith("http://127.0.0.1:"), errors) == (True, ""), errors


def test_a_port_in_use_is_one_line(config: Path) -> None:
    site = Site(WEB, "127.0.0.1", 0)
    process = start(config, "--port", str(site.port))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    lines = [line for line in errors.splitlines() if "warning" not in line]
    (line,) = lines
    assert line.startswith(f"port {site.port} on 127.0.0.1 can't be had: Address already in use; ")
    assert line.endswith("choose another with --port (0: any)")
    site.close()


# -- the files --------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    web = tmp_path / "web"
    (web / "js").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html>")
    (web / "js" / "page.js").write_text("export {}")
    (web / "manifest.webmanifest").write_text("{}")
    (tmp_path / "secret").write_text("secret")
    (web / "link").symlink_to(tmp_path / "secret")
    site = Site(web, "127.0.0.1", 0)
    site.start({})
    yield site
    site.stop()


def get(site: Site, path: str, method: str = "GET") -> http.client.HTTPResponse:
    """As it stands, without any client's own tidying of the path."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/?broker=ws://x", "text/html; charset=utf-8"),
        ("/js/page.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ],
)
def test_files_come_with_their_type_and_the_policy(site: Site, path: str, kind: str) -> None:
    answer = get(site, path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/js", "/js/", "/../secret", "/js/../../secret", "/%2e%2e/secret", "/..%2fsecret", "//secret", "/link",
        "/js/%00", "/%ff", "/nothing.js",
    ],
)  # fmt: skip
def test_nothing_is_listed_and_nothing_comes_from_outside(site: Site, path: str) -> None:
    answer = get(site, path)
    assert answer.status == 404
    assert b"secret" not in answer.body  # type: ignore[attr-defined]


def test_other_methods_get_no_file(site: Site) -> None:
    assert get(site, "/", "POST").status == 404
    assert get(site, "/", "DELETE").status == 501
    head = get(site, "/", "HEAD")
    assert (head.status, head.headers["Content-Length"]) == (200, "15")


def test_an_installed_program_has_every_file_of_the_page_the_schemas_and_the_example() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    placed = {
        f"{target.removeprefix('share/pump-companion/')}/{file.name}": file
        for target, patterns in settings["tool"]["setuptools"]["data-files"].items()
        for pattern in patterns
        for file in ROOT.glob(pattern)
    }
    wanted = {f"web/{file.relative_to(WEB)}" for file in WEB.rglob("*") if file.is_file()}
    wanted |= {f"schemas/{file.name}" for file in (ROOT / "config/schemas").iterdir()}
    assert set(placed) == wanted | {"config/pump-companion.toml"}
    packages = {file.parent.relative_to(ROOT).as_posix().replace("/", ".") for file in ROOT.glob("d*/**/__init__.py")}
    assert set(settings["tool"]["setuptools"]["packages"]) == packages - {"debian", "dashboards"}


def test_files_are_found_beside_the_program_then_beneath_its_prefix_and_else_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed.installed_folder("web") == WEB
    assert (installed.installed_folder("config") / "pump-companion.toml").is_file()
    monkeypatch.setattr(installed, "CHECKOUT", tmp_path / "nowhere")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    in_share = tmp_path / "share/pump-companion/schemas"
    in_share.mkdir(parents=True)
    (in_share / "config.schema.json").write_text("{}")
    assert installed.installed_folder("schemas") == in_share
    monkeypatch.setitem(installed.MARKS, "web", "no-such-page.html")
    with pytest.raises(installed.NowhereError, match=r"web: .*share/pump-companion/web"):
        installed.installed_folder("web")
