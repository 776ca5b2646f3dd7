"""The demo's panel on the page: the screen pixel by pixel, its buttons by mouse, keys and holding, its switches."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.page_browsers import Browser
from tests.support.page_panel import Panel, demo_handler
from tests.support.page_states import World
from tests.support.page_world import Site, until

pytest_plugins = ("tests.support.page_fixtures",)


@dataclass
class Shown:
    browser: Browser
    panel: Panel


@pytest.fixture
def shown(world: World) -> Iterator[Shown]:
    panel = Panel()
    world.device().connect()
    site = Site(demo_handler(world.broker.address, world.prefix, panel))
    world.browser.open(site.address)
    world.browser.sees("plugged in")
    yield Shown(world.browser, panel)
    world.browser.get("about:blank")
    site.stop()


def test_the_page_of_the_demo_connects_by_itself(shown: Shown) -> None:
    shown.browser.sees("demo", ".top")
    shown.browser.sees("Pumped 08:10", ".now")


def test_the_screen_is_drawn_pixel_for_pixel(shown: Shown) -> None:
    until(
        "the diagonal",
        lambda: shown.browser.js("""
      const picture = document.querySelector(".oled canvas").getContext("2d").getImageData(0, 0, 128, 64).data;
      const lit = (x, y) => picture[(y * 128 + x) * 4] === 255;
      return lit(30, 30) && !lit(31, 30) && lit(127, 5) && lit(5, 63) && !lit(5, 62);
    """),
    )
    assert shown.browser.js("return document.querySelector('.oled canvas').ariaLabel") == "Why pump? Likely Protect"


@pytest.mark.parametrize(("width", "scale"), [(360, 2), (1280, 3)])
def test_the_screen_is_three_times_as_large_and_twice_on_a_phone(shown: Shown, width: int, scale: int) -> None:
    shown.browser.size(width, 800)
    size = "const r = document.querySelector('.oled canvas').getBoundingClientRect(); return [r.width, r.height]"
    until("the size", lambda: shown.browser.js(size) == [128 * scale, 64 * scale])


def mouse(shown: Shown, index: int, *, down: bool = True, up: bool = True) -> None:
    x, y = shown.browser.js(
        "const e = document.querySelectorAll('.device-button')[arguments[0]]; e.scrollIntoView({block: 'center'});"
        "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]",
        index,
    )
    shown.browser.mouse(x, y, down=down, up=up)


def test_a_button_is_pressed_and_released_as_a_finger_does(shown: Shown) -> None:
    mouse(shown, 2, up=False)
    until("the press", lambda: shown.panel.asked == [{"press": "right"}])
    mouse(shown, 2, down=False)
    until("the release", lambda: shown.panel.asked == [{"press": "right"}, {"release": "right"}])


def test_keys_1_2_3_are_the_buttons_and_a_held_key_presses_once(shown: Shown) -> None:
    for _ in range(3):
        shown.browser.key("1", up=False)
    shown.browser.key("1", down=False)
    until("one press", lambda: shown.panel.asked == [{"press": "left"}, {"release": "left"}])


def test_keys_are_letters_while_a_dialog_is_open(shown: Shown) -> None:
    shown.browser.press("Settings")
    shown.browser.sees("Colours", "dialog")
    shown.browser.js("document.querySelector('dialog input.field').focus()")
    shown.browser.key("1")
    shown.browser.press("Close")
    shown.browser.key("2")
    until("the middle one only", lambda: shown.panel.asked == [{"press": "middle"}, {"release": "middle"}])


@pytest.mark.parametrize(
    ("words", "asked", "said"),
    [
        ("Pump motor", {"motor": False}, "still"),
        ("Serial cable", {"serial": False}, "unplugged"),
        ("Broker", {"broker": False}, "out of reach"),
        ("60×", {"speed": 60}, "60×"),
    ],
)
def test_a_switch_tells_the_demo_and_says_its_state_in_words(
    shown: Shown,
    words: str,
    asked: dict[str, object],
    said: str,
) -> None:
    shown.browser.press(words, ".demo")
    until("what was asked", lambda: shown.panel.asked == [asked])
    shown.browser.sees(said, ".demo")


def test_the_motors_speed_is_set_with_the_slider(shown: Shown) -> None:
    shown.browser.js(
        "const e = document.querySelector('input[type=range]'); e.value = 80;"
        "e.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    shown.browser.sees("80 a minute", ".demo")
    assert shown.panel.asked == [{"cpm": 80}]
