"""Broker, web server and browser for the page's tests, each the real one, each ended with its test.
A test waits for what it wants to see, with a deadline; the deadline is long, since a machine may be busy.
"""

import http.server
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PAGE = Path(__file__).parent.parent / "dashboards" / "web"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
WAIT_S = 30
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --force-color-profile=srgb"
)
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass


class Site:
    """The page's files on a port of their own, as any web server would serve them."""

    def __init__(self, handler: type[http.server.SimpleHTTPRequestHandler] = Quiet) -> None:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(PAGE)))
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Browser:
    """Chromium with a profile of its own, and the few things that the tests do with a page."""

    def __init__(self, profile: Path) -> None:
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(120)
        self.cdp("Emulation.setLocaleOverride", locale="en-GB")
        self.size(360, 780)

    def size(self, width: int, height: int) -> None:
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def cdp(self, command: str, **fields: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, fields)

    def open(self, site: str, **query: str) -> None:
        self.driver.get(f"{site}/{'?' + urlencode(query) if query else ''}")

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def later(self, script: str, *arguments: Any) -> Any:
        """What the script hands to its last argument, a function, whenever it does."""
        return self.driver.execute_async_script(script, *arguments)

    def text(self, selector: str = "body") -> str:
        shown = self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return str(shown).replace("\u00a0", " ")

    def sees(self, words: str, selector: str = "body") -> None:
        until(f"“{words}” in {selector}", lambda: words in self.text(selector))

    def sees_no(self, words: str, selector: str = "body") -> None:
        until(f"no “{words}” in {selector}", lambda: words not in self.text(selector))

    def find(self, words: str, within: str = "body") -> Any:
        """The button, choice or switch with these words, the topmost dialog first."""
        return until(f"something to press, “{words}” in {within}", lambda: self.js(FIND, words, within))

    def press(self, words: str, within: str = "body") -> None:
        def clicked() -> bool:
            element = self.js(FIND, words, within)
            if element is None or self.js("return arguments[0].ariaDisabled === 'true'", element):
                return False
            self.js("arguments[0].scrollIntoView({block: 'center'})", element)
            self.js("arguments[0].click()", element)
            return True

        until(f"“{words}” to press in {within}", clicked)

    def type(self, selector: str, text: str, *, enter: bool = True) -> None:
        field = until(selector, lambda: self.js("return document.querySelector(arguments[0])", selector))
        self.js(TYPE, field, text, enter)

    def theme(self, name: str) -> None:
        self.js(
            "theme.night(arguments[0] === 'night'); if (arguments[0] !== 'night') theme.colours(arguments[0])", name
        )

    def axe(self) -> list[str]:
        """What axe-core finds, one line each."""
        if not self.js("return 'axe' in window"):
            self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE.read_text()})
        found = self.driver.execute_async_script(RUN_AXE)
        return [
            f"{v['id']}: {[n['html'][:160] + ' ' + n.get('failureSummary', '')[:300] for n in v['nodes'][:3]]}"
            for v in found["violations"]
        ]

    def complaints(self) -> list[str]:
        """What the console said, but for the question by which the page looks for a demo, and lost connections."""
        logs = [str(entry["message"]) for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]
        return [line for line in logs if "/demo " not in line and "WebSocket connection to" not in line]

    def requests(self) -> list[str]:
        """Every address that the page asked for since the last call."""
        asked = []
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
            if message["method"] == "Network.webSocketCreated":
                asked.append(message["params"]["url"])
        return asked

    def picture(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(file))

    def stop(self) -> None:
        self.driver.quit()


FIND = """
const [words, within] = arguments;
const dialogs = [...document.querySelectorAll("dialog[open]")];
const root = within === "body" && dialogs.length ? dialogs.at(-1) : document.querySelector(within);
if (!root) return null;
const named = [...root.querySelectorAll("button, label.choice, label.switch, summary")];
const name = (e) => (e.ariaLabel ?? (e.querySelector(".switch-label") ?? e).innerText).trim().replace(/\\s+/g, " ");
const found = named.find((e) => name(e) === words) ?? named.find((e) => name(e).startsWith(words));
return found?.querySelector("input") ?? found ?? null;
"""
TYPE = """
const [field, text, enter] = arguments;
field.focus();
field.value = text;
field.dispatchEvent(new Event("input", {bubbles: true}));
if (enter) field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
"""
RUN_AXE = """
axe.run(document, {resultTypes: ["violations"]})
  .then(arguments[0], (error) => arguments[0]({violations: [{id: String(error), nodes: []}]}));
"""
