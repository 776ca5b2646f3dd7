"""The drawing of the front puts each button under the key that the screen draws for it, in true millimetres."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from device.screens.examples import EXAMPLES
from device.screens.pictures import WIDTH, marks
from docs.wiring import draw
from docs.wiring.front import APART_MM, COMMON_MM, PANELS, Panel, fitting_mm, front_svg, largest_button_mm

SVG = "{http://www.w3.org/2000/svg}"
each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)


def drawn_buttons(panel: Panel) -> list[ET.Element]:
    """The three buttons of a panel, in the order in which the panels are drawn."""
    found = [element for element in ET.fromstring(front_svg()).iter(f"{SVG}rect") if element.get("class") == "button"]
    place = PANELS.index(panel) * 3
    return found[place : place + 3]


def glass_x(panel: Panel) -> float:
    """The left edge of a panel's lit glass: the rectangle of just its width."""
    return next(
        float(element.attrib["x"])
        for element in ET.fromstring(front_svg()).iter(f"{SVG}rect")
        if element.attrib["width"] == f"{panel.width_mm:.3f}"
    )


def pictured_keys() -> list[tuple[int, float]]:
    """Each key's label on every example of a screen: its place, and the column of its middle."""
    found = []
    for example in EXAMPLES:
        places = [place for place, label in enumerate(example.view.keys) if label]
        labels = [mark for mark in marks(example.view) if mark.kind == "key"]
        found += [(place, mark.x + mark.mask.width / 2) for place, mark in zip(places, labels, strict=True)]
    return found


@each_panel
def test_each_button_stands_under_its_key_as_the_screen_draws_it(panel: Panel) -> None:
    pixel = panel.width_mm / WIDTH
    centres = [
        float(button.attrib["x"]) + float(button.attrib["width"]) / 2 - glass_x(panel)
        for button in drawn_buttons(panel)
    ]
    keys = pictured_keys()
    assert {place for place, _ in keys} == {0, 1, 2}
    for place, column in keys:
        assert abs(centres[place] - column * pixel) <= pixel / 2 + 0.001


@each_panel
def test_no_two_buttons_touch_and_no_usual_one_that_fits_is_larger(panel: Panel) -> None:
    edges = [(float(b.attrib["x"]), float(b.attrib["x"]) + float(b.attrib["width"])) for b in drawn_buttons(panel)]
    assert all(right[0] - left[1] >= APART_MM for left, right in itertools.pairwise(edges))
    assert not any(fitting_mm(panel) < side <= largest_button_mm(panel) for side in COMMON_MM)


def test_the_front_is_as_large_as_it_says_and_fits_on_a_sheet() -> None:
    front = ET.fromstring(front_svg())
    _, _, width, height = map(float, front.attrib["viewBox"].split())
    assert (front.attrib["width"], front.attrib["height"]) == (f"{width:.2f}mm", f"{height:.2f}mm")
    assert width <= 180
    assert height <= 250


@each_panel
def test_the_page_says_which_button_fits(panel: Panel) -> None:
    page = draw.PAGE.read_text(encoding="utf-8")
    assert f"| {panel.name} |" in page
    assert f"| {panel.pitch_mm:.2f} mm | {largest_button_mm(panel):.1f} mm |" in page
