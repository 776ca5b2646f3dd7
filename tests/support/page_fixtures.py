"""The page's fixtures: one browser of each kind and one web server a process, a broker and a prefix for each test.

All tests run in Chromium, those of a module that names `ENGINES` in these; `BROWSERS="firefox webkit"` in the
environment runs all of them there instead.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.page_browsers import ENGINES, PHONE, Browser
from tests.support.page_states import World
from tests.support.page_world import Mosquitto, Site

_worlds = count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        asked = os.environ.get("BROWSERS", "").split()
        metafunc.parametrize("engine", asked or getattr(metafunc.module, "ENGINES", ["chromium"]))


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Browser]]:
    started: dict[str, Browser] = {}

    def browser(name: str) -> Browser:
        if name not in started:
            started[name] = ENGINES[name](tmp_path_factory.mktemp(name))
        return started[name]

    yield browser
    for each in started.values():
        each.stop()


@pytest.fixture
def browser(engine: str, browsers: Callable[[str], Browser]) -> Browser:
    return browsers(engine)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture
def world(broker: Mosquitto, site: Site, browser: Browser) -> Iterator[World]:
    browser.size(*PHONE)
    browser.get(f"{site.address}/blank")
    browser.js("localStorage.clear(); sessionStorage.clear(); theme.colours('light'); theme.night(false)")
    world = World(broker, site, browser, prefix=f"world-{next(_worlds)}")
    yield world
    for device in world.devices:
        device.leave()
