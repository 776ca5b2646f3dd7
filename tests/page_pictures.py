"""Draws every state of the page in every theme, at 360 and at 1280 px: `scripts/page-pictures [DIR] [STATE ...]`.
The pictures are for eyes, to be put beside the design's.
"""

import sys
import tempfile
from pathlib import Path

from tests.page_states import SIZES, STATES, THEMES, World, at_rest
from tests.page_world import Browser, Mosquitto, Site


def draw(folder: Path, names: list[str]) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        broker, site, browser = Mosquitto(Path(scratch)), Site(), Browser(Path(scratch) / "profile")
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


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("page-pictures"), sys.argv[2:] or list(STATES))
