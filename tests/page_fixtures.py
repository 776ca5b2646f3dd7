"""The page's fixtures: one browser and one web server a module, a broker and a topic prefix for each test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.page_states import World
from tests.page_world import Browser, Mosquitto, Site

_worlds = count(1)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture
def world(broker: Mosquitto, site: Site, browser: Browser) -> Iterator[World]:
    browser.size(360, 780)
    browser.open(site.address)
    browser.js("localStorage.clear(); sessionStorage.clear(); theme.colours('light'); theme.night(false)")
    world = World(broker, site, browser, prefix=f"world-{next(_worlds)}")
    yield world
    for device in world.devices:
        device.leave()
    browser.driver.get("about:blank")
