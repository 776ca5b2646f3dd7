"""The browsers that draw the page: Chromium, Firefox and WebKit, each as Debian has it, behind one short interface.

Chromium and WebKit are driven by selenium, Firefox by its own WebDriver BiDi socket, since Debian has no geckodriver.
Each speaks British English, so that what a test looks for is written the same in all of them.
"""

import base64
import contextlib
import itertools
import json
import os
import re
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import websocket
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options as ChromiumOptions
from selenium.webdriver.chrome.service import Service as ChromiumService
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.webkitgtk.options import Options as WebKitOptions
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from tests.support.page_world import WATCH, until
from tests.support.ports import free_port

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
LOCALE = "en-GB"
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "ArrowRight": "\ue014"}
PHONE = (360, 780)
MARKS = "⟦| ?[ø ]*⟧"
"""What the made-up language of `page_languages` adds to the English."""


class Browser:
    """What a test does with a page; each engine brings its own way to run a script and to press."""

    name: str

    # --- each engine's own

    def js(self, script: str, *arguments: Any) -> Any:
        """What the script returns; `arguments` as in WebDriver."""
        raise NotImplementedError

    def later(self, script: str, *arguments: Any) -> Any:
        """What the script hands to its last argument, a function, whenever it does."""
        raise NotImplementedError

    def get(self, url: str) -> None:
        raise NotImplementedError

    def reload(self) -> None:
        raise NotImplementedError

    def size(self, width: int, height: int) -> None:
        raise NotImplementedError

    def locale(self, name: str) -> None:
        """The language in which the pages opened from now on write times and days."""
        raise NotImplementedError

    def key(self, name: str, *, down: bool = True, up: bool = True) -> None:
        raise NotImplementedError

    def mouse(self, x: float, y: float, *, down: bool = True, up: bool = True) -> None:
        raise NotImplementedError

    def screenshot(self) -> bytes:
        raise NotImplementedError

    def another(self) -> contextlib.AbstractContextManager[None]:
        """A second window of the same profile, at the front until the end."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    # --- the same for all

    def open(self, site: str, **query: str) -> None:
        self.get(f"{site}/{'?' + urlencode(query) if query else ''}")

    def text(self, selector: str = "body") -> str:
        shown = self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return re.sub(MARKS, "", str(shown).replace("\u00a0", " "))

    def sees(self, words: str, selector: str = "body") -> None:
        until(f"“{words}” in {selector}", lambda: words in self.text(selector))

    def sees_no(self, words: str, selector: str = "body") -> None:
        until(f"no “{words}” in {selector}", lambda: words not in self.text(selector))

    def find(self, words: str, within: str = "body") -> Any:
        """The button, choice or switch with these words, the topmost dialog first."""
        return until(f"something to press, “{words}” in {within}", lambda: self.js(FIND, words, within))

    def press(self, words: str, within: str = "body") -> None:
        until(f"“{words}” to press in {within}", lambda: self.js(PRESS, words, within))

    def type(self, selector: str, text: str, *, enter: bool = True) -> None:
        until(selector, lambda: self.js(TYPE, selector, text, enter))

    def theme(self, name: str) -> None:
        self.js(
            "theme.night(arguments[0] === 'night'); if (arguments[0] !== 'night') theme.colours(arguments[0])", name
        )

    def axe(self, *rules: str) -> list[str]:
        """What axe-core finds, one line each: by these rules alone, or by all."""
        if not self.js("return 'axe' in window"):
            self.js(AXE.read_text())
        found = self.later(RUN_AXE, rules)
        return [
            f"{v['id']}: {[n['html'][:160] + ' ' + n.get('failureSummary', '')[:300] for n in v['nodes'][:3]]}"
            for v in found["violations"]
        ]

    def complaints(self) -> list[str]:
        """What went wrong in the page since it was opened, and what its policy refused."""
        return [str(one) for one in self.js("return window.watched.complaints")]

    def requests(self) -> list[str]:
        """Every address that the page asked for since it was opened."""
        return [str(one) for one in self.js(REQUESTS)]

    def picture(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.screenshot())


class _Selenium(Browser):
    driver: Any

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def later(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_async_script(script, *arguments)

    def get(self, url: str) -> None:
        self.driver.get(url)

    def reload(self) -> None:
        self.driver.refresh()

    def key(self, name: str, *, down: bool = True, up: bool = True) -> None:
        actions, key = ActionChains(self.driver, duration=0), KEYS.get(name, name)
        if down:
            actions.key_down(key)
        if up:
            actions.key_up(key)
        actions.perform()

    def mouse(self, x: float, y: float, *, down: bool = True, up: bool = True) -> None:
        actions = ActionChains(self.driver, duration=0)
        pointer: Any = actions.w3c_actions.pointer_action
        pointer.move_to_location(int(x), int(y))
        if down:
            actions.click_and_hold()
        if up:
            actions.release()
        actions.perform()

    def screenshot(self) -> bytes:
        return bytes(self.driver.get_screenshot_as_png())

    @contextlib.contextmanager
    def another(self) -> Iterator[None]:
        first = self.driver.current_window_handle
        self.driver.switch_to.new_window("window")
        try:
            self.locale(LOCALE)
            yield
        finally:
            self.driver.close()
            self.driver.switch_to.window(first)

    def stop(self) -> None:
        self.driver.quit()


class Chromium(_Selenium):
    name = "chromium"
    flags = (
        "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --hide-scrollbars --force-color-profile=srgb "
        # no process more than a page needs: kept or spare ones make opening a page four times as dear
        "--in-process-gpu --disable-features=SpareRendererForSitePerProcess,BackForwardCache"
    )

    def __init__(self, folder: Path) -> None:
        options = ChromiumOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*self.flags.split(), f"--user-data-dir={folder}"]:
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options=options, service=ChromiumService("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(120)
        self._cdp("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.locale(LOCALE)
        self.size(*PHONE)

    def _cdp(self, command: str, **fields: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, fields)

    def size(self, width: int, height: int) -> None:
        self._cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def locale(self, name: str) -> None:
        self._cdp("Emulation.setLocaleOverride", locale=name)

    def printed(self, wide_in: float, high_in: float) -> bytes:
        """The page as the browser prints it on such a paper: a PDF."""
        size = {"paperWidth": wide_in, "paperHeight": high_in, "preferCSSPageSize": True}
        return base64.b64decode(self._cdp("Page.printToPDF", **size)["data"])

    def media(self, name: str) -> None:
        """Draw from now on as for `print`, or "" for the screen."""
        self._cdp("Emulation.setEmulatedMedia", media=name)

    def picture_of(self, selector: str, place: int = 0) -> bytes:
        """A part of the page, also where it is out of sight."""
        box = self.js(BOX, selector, place)
        clip = dict(zip(("x", "y", "width", "height", "scale"), [*box, 1], strict=True))
        shot = self._cdp("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])


BOX = """
const box = document.querySelectorAll(arguments[0])[arguments[1]].getBoundingClientRect();
return [box.left + scrollX, box.top + scrollY, box.width, box.height];"""


class WebKit(_Selenium):
    """Safari's engine in Debian's MiniBrowser, on a display of its own. Its window is never narrower than 447 px, and
    it has no way to say a page's language: the web server of the tests brings that, and the watch, into the page."""

    name = "webkit"
    narrowest = 447
    settings = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}  # noqa: RUF012

    def __init__(self, folder: Path) -> None:
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "2000x1400x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.screen.stdout
        with self.screen.stdout as said:
            display = f":{said.readline().strip()}"
        homes = {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("DATA", "CACHE", "CONFIG")}
        options = WebKitOptions()
        options.binary_location = str(next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")))
        options.add_argument("--automation")
        environment = {**os.environ, **self.settings, **homes, "DISPLAY": display}
        service = WebKitService("/usr/bin/WebKitWebDriver", env=environment)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # selenium's own, of how it calls itself
            self.driver = webdriver.WebKitGTK(options=options, service=service)
        self.driver.set_script_timeout(120)
        self.size(*PHONE)

    def size(self, width: int, height: int) -> None:
        wanted = [max(width, self.narrowest), height]
        more = 0

        def fits() -> bool:
            nonlocal more
            self.driver.set_window_size(width, height + more)
            shown = self.js("return [innerWidth, innerHeight]")
            more += height - shown[1]
            return bool(shown == wanted)

        until(f"a page of {wanted}", fits)

    def locale(self, name: str) -> None:
        if self.js("return location.protocol") == "http:":
            self.js("document.cookie = `locale=${arguments[0]}; path=/`", name)

    def stop(self) -> None:
        with contextlib.suppress(WebDriverException):
            self.driver.quit()
        self.screen.kill()
        self.screen.wait()


class Firefox(Browser):
    """firefox-esr, which speaks WebDriver BiDi on a port of its own."""

    name = "firefox"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        folder.mkdir(exist_ok=True)  # it starts with no profile that is not there
        command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--remote-debugging-port", str(port), "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
        )
        self.numbers = itertools.count(1)
        self.socket = until("firefox-esr's port", lambda: self._connected(port), 120)
        self._ask("session.new", capabilities={})
        # the tab that it starts with never has the focus, without which no key presses a button
        self.tab = self._ask("browsingContext.create", type="tab")["context"]
        self._ask("script.addPreloadScript", functionDeclaration=f"() => {{ {WATCH} }}")
        self.locale(LOCALE)
        self.size(*PHONE)

    @staticmethod
    def _connected(port: int) -> Any:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            return websocket.create_connection(f"ws://127.0.0.1:{port}/session", timeout=120, suppress_origin=True)
        return None

    def _ask(self, method: str, **fields: Any) -> Any:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": fields}))
        while (came := json.loads(self.socket.recv())).get("id") != number:
            pass
        if came["type"] == "error":
            raise WebDriverException(f"{method}: {came['error']}: {came['message']}")
        return came["result"]

    def _call(self, function: str, *arguments: Any) -> Any:
        answer = self._ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[
                one if isinstance(one, dict) and "sharedId" in one else {"type": "string", "value": json.dumps(one)}
                for one in arguments
            ],
            target={"context": self.tab},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise WebDriverException(answer["exceptionDetails"]["text"])
        value = answer["result"]
        return {"sharedId": value["sharedId"]} if value["type"] == "node" else json.loads(value["value"])

    def js(self, script: str, *arguments: Any) -> Any:
        return self._call(CALL % f"return (function () {{ {script}\n }}).apply(null, given)", *arguments)

    def later(self, script: str, *arguments: Any) -> Any:
        waits = f"return new Promise((done) => (function () {{ {script}\n }}).apply(null, [...given, done]))"
        return self._call(CALL % waits, *arguments)

    def get(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def reload(self) -> None:
        self._ask("browsingContext.reload", context=self.tab, wait="complete")

    def size(self, width: int, height: int) -> None:
        self._ask("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})
        until("the size", lambda: self.js("return [innerWidth, innerHeight]") == [width, height])

    def locale(self, name: str) -> None:
        self._ask("emulation.setLocaleOverride", locale=name, contexts=[self.tab])

    def _act(self, kind: str, *actions: dict[str, Any]) -> None:
        source = {"type": kind, "id": kind, "actions": list(actions)}
        self._ask("input.performActions", context=self.tab, actions=[source])

    def key(self, name: str, *, down: bool = True, up: bool = True) -> None:
        steps = [kind for kind, wanted in (("keyDown", down), ("keyUp", up)) if wanted]
        self._act("key", *({"type": step, "value": KEYS.get(name, name)} for step in steps))

    def mouse(self, x: float, y: float, *, down: bool = True, up: bool = True) -> None:
        steps = [kind for kind, wanted in (("pointerDown", down), ("pointerUp", up)) if wanted]
        move = {"type": "pointerMove", "x": int(x), "y": int(y)}
        self._act("pointer", move, *({"type": step, "button": 0} for step in steps))

    def screenshot(self) -> bytes:
        return base64.b64decode(self._ask("browsingContext.captureScreenshot", context=self.tab)["data"])

    @contextlib.contextmanager
    def another(self) -> Iterator[None]:
        first, self.tab = self.tab, self._ask("browsingContext.create", type="tab")["context"]
        try:
            self.locale(LOCALE)
            self.size(*PHONE)
            yield
        finally:
            self._ask("browsingContext.close", context=self.tab)
            self.tab = first
            self._ask("browsingContext.activate", context=first)

    def stop(self) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait()


ENGINES = {each.name: each for each in (Chromium, Firefox, WebKit)}

REQUESTS = """
return [location.href, ...watched.sockets, ...performance.getEntriesByType("resource").map((entry) => entry.name)];
"""
CALL = """async function (...all) {
  const given = all.map((one) => (typeof one === "string" ? JSON.parse(one) : one));
  const found = await (async () => { %s })();
  return found instanceof Node ? found : JSON.stringify(found ?? null);
}"""
NAMED = """
const [words, within] = arguments;
const dialogs = [...document.querySelectorAll("dialog[open]")];
const root = within === "body" && dialogs.length ? dialogs.at(-1) : document.querySelector(within);
const named = [...(root?.querySelectorAll("button, label.choice, label.switch, summary") ?? [])];
const plain = (text) => text.trim().replace(/\\s+/g, " ").replace(/MARKS/g, "");
const name = (e) => plain(e.ariaLabel ?? (e.querySelector(".switch-label") ?? e).innerText);
const chosen = named.find((e) => name(e) === words) ?? named.find((e) => name(e).startsWith(words));
const found = chosen?.querySelector("input") ?? chosen ?? null;
""".replace("MARKS", MARKS)
FIND = f"{NAMED} return found;"
PRESS = f"""{NAMED}
if (found === null || found.ariaDisabled === "true") return false;
found.scrollIntoView({{block: "center"}});
found.click();
return true;
"""
TYPE = """
const [selector, text, enter] = arguments;
const field = document.querySelector(selector);
if (!field || field.readOnly) return false; // as while the device can't be reached
field.focus();
field.value = text;
field.dispatchEvent(new Event("input", {bubbles: true}));
if (enter) field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
return true;
"""
RUN_AXE = """
const [rules, done] = arguments;
axe.run(document, {resultTypes: ["violations"], ...(rules.length ? {runOnly: rules} : {})})
  .then(done, (error) => done({violations: [{id: String(error), nodes: []}]}));
"""
