"""Draws every state of the page in every theme, at 360 and at 1280 px: `scripts/page-pictures [DIR] [STATE ...]`.
The pictures are for eyes. `scripts/page-pictures --docs` draws those that the documents show, from the real demo, and
`--languages` those of the page in German and in French.
"""

import io
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from device.core.model.record import Context, Facts
from device.words import LANGUAGES
from device.words.because import because
from tests.support.demo_process import ROOT, Demo
from tests.support.page_browsers import ENGINES, Browser, Chromium
from tests.support.page_languages import arrive, tell
from tests.support.page_records import SUGGESTION
from tests.support.page_states import SIZES, STATES, THEMES, World, at_rest, pumping
from tests.support.page_world import Mosquitto, Site, until

DOCS = ROOT / "docs" / "pictures"
LARGEST_B = 120_000  # of a picture in the documents
PHONE, DESK = SIZES


def draw(folder: Path, names: list[str], engine: str = "chromium") -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        broker, site = Mosquitto(Path(scratch)), Site()
        browser = ENGINES[engine](Path(scratch) / "profile")
        try:
            for name in names:
                if broker.process is None:
                    broker.start()
                STATES[name](World(broker, site, browser, prefix=f"pictures-{name}"))
                for theme in THEMES:
                    browser.theme(theme)
                    for width, height in SIZES:
                        browser.size(width, height)
                        at_rest(browser)
                        browser.picture(folder / f"{name}-{theme}-{width}.png")
                browser.size(*SIZES[0])
                print(name, flush=True)
        finally:
            browser.stop()
            site.stop()
            broker.stop()


def draw_languages(folder: Path) -> None:
    """The main page in other languages at 360 px, a picture each: idle, with a question, and while a session runs."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        broker, site, browser = Mosquitto(Path(scratch)), Site(), Chromium(Path(scratch) / "profile")
        try:
            for code in SHOWN:
                browser.locale(code)
                tell(browser, site, f'"{code}"')
                worlds = {at: World(broker, site, browser, f"{code}-{at}") for at in ("idle", "asking", "running")}
                shown = [_in_language(world, code, at) for at, world in worlds.items()]
                _in_colours(beside(shown), folder / f"page-{code}.png")
        finally:
            browser.stop()
            site.stop()
            broker.stop()


SHOWN = ("de", "fr")
LONG = (360, 1100)


def _in_language(world: World, code: str, state: str) -> Image.Image:
    said = SUGGESTION | {"because": because(LANGUAGES[code])(Context.BELOW_BASELINE, Facts(6, 8))}
    if state == "idle":
        device = world.device()
        for session in device.sessions.values():
            session["suggestion"] = said
        device.connect()
    else:
        device = pumping(world, "purpose" if state == "asking" else None)
        device.live["suggestion"] = said
        device.publish_live()
    arrive(world)
    world.browser.size(*LONG)
    at_rest(world.browser)
    for device in world.devices:
        device.leave()
    return Image.open(io.BytesIO(world.browser.screenshot()))


def beside(shown: list[Image.Image]) -> Image.Image:
    """Pictures of one height, with a gap between them."""
    width = sum(each.width for each in shown) + GAP * (len(shown) - 1)
    whole = Image.new("RGB", (width, shown[0].height), "white")
    for place, each in enumerate(shown):
        whole.paste(each, (place * (each.width + GAP), 0))
    return whole


GAP = 24


def draw_docs(folder: Path) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        demo, browser = Demo(Path(scratch), zone=_where_it_is_morning()), Chromium(Path(scratch) / "profile")
        try:
            _a_report(demo, browser, folder)
            _a_session(demo, browser, folder)
        finally:
            browser.stop()
            demo.end()


def _where_it_is_morning() -> str:
    """A zone in which it is past ten: by night the display is dimmed, and half of the day's strip has other labels."""
    east = 10 - datetime.now(UTC).hour
    return f"Etc/GMT{-(east if east >= -12 else east + 24):+d}"  # these names count westwards


def _a_session(demo: Demo, browser: Browser, folder: Path) -> None:
    """One visit to the demo: idle, a correction, the motor on and its question, and nine minutes later."""
    about = demo.described()
    broker = {"broker": about["websocket"], "prefix": about["prefix"], "device": about["device"]}
    browser.open(demo.address, **broker)  # with a broker named it is the page alone, without the demo's panel
    browser.sees("All well.")
    browser.sees("use by", ".card:has(#milk-title)")
    _keep(browser, folder / "page-idle-light.png", "light")
    browser.press("Last")
    browser.sees("Purpose", "dialog")
    _keep(browser, folder / "page-correct-light.png", "light")
    browser.press("Done")

    demo.do(motor=True)
    browser.sees("Why pump?", ".dock")
    browser.sees("a minute", ".now")
    _keep(browser, folder / "page-question-night.png", "night")
    browser.open(demo.address)
    browser.size(*DESK)
    browser.sees("Why pump?", ".dock")
    demo.says("Why pump?")
    until("the OLED lit", lambda: browser.js(LIT))
    _keep(browser, folder / "demo.png", "light")

    browser.open(demo.address, **broker)
    browser.size(*PHONE)
    browser.press("Protect", ".dock")
    browser.press("In place of nursing", ".dock")
    browser.press("Fridge", ".dock")
    browser.sees("for the fridge", ".now")
    demo.do(speed=60)
    until("nine minutes", lambda: browser.text(".now [role=timer]").startswith("9:"))
    demo.do(speed=1)
    _keep(browser, folder / "page-running-dark.png", "dark")


def _a_report(demo: Demo, browser: Chromium, folder: Path) -> None:
    """Both pages as they are printed on A4, in grey."""
    about = demo.described()
    browser.open(demo.address, broker=about["websocket"], prefix=about["prefix"], device=about["device"])
    browser.sees("All well.")
    browser.press("Report to print")
    browser.sees("What is missing")
    browser.size(*PRINTED)
    browser.media("print")
    at_rest(browser)
    for place in range(2):
        shown = Image.open(io.BytesIO(browser.picture_of(".report-page", place))).convert("L")
        paper = Image.new("L", (PRINTED[0] + 2 * MARGIN, PRINTED[1] + 2 * MARGIN), 255)
        paper.paste(shown, (MARGIN, MARGIN))
        file = folder / f"report-{place + 1}.png"
        paper.quantize(16, dither=Image.Dither.NONE).save(file, optimize=True)
        print(file, flush=True)
    browser.media("")
    browser.size(*PHONE)


MARGIN = 45
PRINTED = (704, 1033)
"""CSS pixels of an A4 page within margins of 12 mm."""

LIT = """
const canvas = document.querySelector(".oled canvas");
return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((v, i) => i % 4 === 0 && v);
"""


def _keep(browser: Browser, file: Path, theme: str) -> None:
    """The page as it stands."""
    browser.theme(theme)
    at_rest(browser)
    _in_colours(Image.open(io.BytesIO(browser.screenshot())).convert("RGB"), file)


def _in_colours(shown: Image.Image, file: Path) -> None:
    """A picture in as many colours as the size allows."""
    for colours in (256, 128, 64):
        file.parent.mkdir(parents=True, exist_ok=True)
        shown.quantize(colours, dither=Image.Dither.NONE).save(file, optimize=True)
        if file.stat().st_size <= LARGEST_B:
            print(file, flush=True)
            return
    raise SystemExit(f"{file}: over {LARGEST_B} bytes; choose a smaller part of the page")


if __name__ == "__main__":
    if sys.argv[1:2] in (["--docs"], ["--languages"]):
        drawn = draw_docs if sys.argv[1] == "--docs" else draw_languages
        drawn(Path(sys.argv[2]) if len(sys.argv) > 2 else DOCS)
    else:
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("page-pictures")
        for name in os.environ.get("BROWSERS", "chromium").split():
            draw(given / name if "BROWSERS" in os.environ else given, sys.argv[2:] or list(STATES), name)
