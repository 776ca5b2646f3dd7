"""The page's files: small, of one origin, licensed, installable, and each module short enough to read."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.support.page_states import World, demo, idle
from tests.support.page_world import PAGE, Quiet, Site, until

pytest_plugins = ("tests.support.page_fixtures",)

FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())
OURS = [path for path in FILES if path.suffix in {".js", ".css", ".html"} and "vendor" not in path.parts]


def name(path: object) -> str:
    return str(path).removeprefix(f"{PAGE}/")


def test_all_of_it_is_under_300_kb_gzipped() -> None:
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in FILES)
    print(f"the page is {size / 1024:.0f} KiB gzipped")
    assert size < 300_000


@pytest.mark.parametrize("path", OURS, ids=name)
def test_no_file_of_ours_names_another_host_or_is_too_long_to_read(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"(?:https?|wss?)://(?!raspberrypi\.local)\w[\w.]*", text) == []
    assert text.count("\n") <= 400 or re.match(r"words\...\.js", path.name)


def test_the_page_asks_no_host_but_its_own_and_the_broker(world: World) -> None:
    idle(world)
    asked = until("requests", world.browser.requests)
    hosts = {address.split("/")[2] for address in asked if "://" in address}
    assert hosts <= {world.site.address.split("/")[2], world.broker.address.split("/")[2]}
    assert world.browser.complaints() == []


class Elsewhere(Quiet):
    """Another server, which no page of ours may ask."""

    asked: list[str]

    def do_GET(self) -> None:  # noqa: N802 # the library's name
        self.asked.append(self.path)
        self.answer("text/plain", b"")


FROM_ELSEWHERE = """
const [other, done] = arguments;
const blocked = [];
addEventListener("securitypolicyviolation", ({effectiveDirective: name}) => blocked.push(name));
const add = (tag, fields) => document.body.append(Object.assign(document.createElement(tag), fields));
add("img", {src: `${other}/x.png`});
add("script", {src: `${other}/x.js`});
add("script", {textContent: "window.broken = true"});
const fetched = fetch(`${other}/x.json`, {mode: "no-cors"}).then(() => "fetched", () => "refused");
const parts = () => blocked.filter((name) => name !== "connect-src").sort();
const wait = () => (parts().length < 3 ? setTimeout(wait, 20) : fetched.then((how) => done([parts(), how])));
wait();
"""


def test_the_policy_lets_no_script_style_or_picture_come_from_elsewhere(world: World) -> None:
    idle(world)
    Elsewhere.asked = []
    elsewhere = Site(Elsewhere)
    blocked, fetched = world.browser.later(FROM_ELSEWHERE, elsewhere.address)
    assert blocked == ["img-src", "script-src-elem", "script-src-elem"]
    assert world.browser.js("return window.broken") is None
    elsewhere.stop()
    # WebKit goes by the standard, in which `ws:` covers http: too; the others are stricter
    may_ask = world.browser.name == "webkit"
    assert (fetched, Elsewhere.asked) == (("fetched", ["/x.json"]) if may_ask else ("refused", []))


def test_the_service_worker_keeps_every_file_of_the_page_and_nothing_else() -> None:
    worker = (PAGE / "service-worker.js").read_text()
    kept = set(re.findall(r'"([^"\s]+\.(?:js|css|svg|png|webmanifest|xml))"', worker))
    served = {name(path) for path in FILES if path.suffix in {".js", ".css", ".svg", ".png", ".webmanifest", ".xml"}}
    assert kept == served - {"service-worker.js"}


def test_the_page_opens_without_its_server_once_it_was_there(world: World) -> None:
    world.device().connect()
    site = Site()
    world.browser.open(site.address, broker=world.broker.address, prefix=world.prefix)
    world.browser.later("navigator.serviceWorker.ready.then(() => arguments[0]())")
    world.browser.reload()
    world.browser.sees("Pumped 08:10", ".now")
    site.stop()
    world.browser.reload()
    world.browser.sees("Pumped 08:10", ".now")
    world.browser.later(UNREGISTER)


UNREGISTER = """
navigator.serviceWorker.getRegistrations()
  .then((all) => Promise.all(all.map((one) => one.unregister()))).then(() => arguments[0]());
"""


def test_the_demo_installs_no_service_worker(world: World) -> None:
    demo(world)
    assert (
        world.browser.later("navigator.serviceWorker.getRegistrations().then((all) => arguments[0](all.length))") == 0
    )


def test_it_is_installable_with_icons_of_its_own() -> None:
    manifest = json.loads((PAGE / "manifest.webmanifest").read_text())
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    assert all((PAGE / icon["src"]).is_file() for icon in manifest["icons"])


def test_every_vendored_file_has_its_licence_and_version() -> None:
    recorded = (PAGE / "vendor" / "README.md").read_text()
    for path in (PAGE / "vendor").glob("*.js"):
        assert f"`{path.name}`" in recorded
    for licence in ("mqtt.LICENSE.md", "htm.LICENSE", "preact.LICENSE"):
        assert licence in recorded
        assert len((PAGE / "vendor" / licence).read_text()) > 500
