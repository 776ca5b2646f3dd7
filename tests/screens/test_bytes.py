"""What a picture costs on the display's wire: its bytes are the same on every machine, so each is told exactly.

Our own driver on luma's real interface and a bus that counts; luma's own driver is asked for what it sends. Where a
screen was meant to look different, the figures change with it: docs/measures.md has them too.
"""

import statistics
from collections.abc import Iterable
from functools import cache
from itertools import pairwise, product

import pytest
from PIL import Image

from device.core.model.view import TimerBody, View
from device.screens import draw
from device.screens.examples import EXAMPLES
from drivers import oled
from drivers.controllers import CONTROLLERS, Controller
from drivers.virtual.panel import VirtualPanel
from tests.measure.drawing import day, luma_bytes, measure

TICK = 120
"""The target for a second on the Timer; one that fills a minute changes three large figures or more."""
ADDRESSED = {row.addressing.spans_pages: row for row in reversed(CONTROLLERS.values())}.values()
"""A controller of each way to say where bytes belong: all that one has in common with another here."""
each = pytest.mark.parametrize("controller", ADDRESSED, ids=lambda row: row.name)


@cache
def timer(second: int, strokes: int = 54) -> Image.Image:
    return draw(View(TimerBody(second, strokes, None, None, None), ("Why?", "Milk for", None)))


def costs(controller: Controller, pictures: Iterable[Image.Image]) -> list[int]:
    """Bytes of each picture after the one before it; the first is there already."""
    panel = VirtualPanel(controller)
    shown = oled.OledPanel(controller, panel.open_bus)
    written = []
    for picture in pictures:
        shown.show(oled.OledFrame(picture))
        written.append(panel.written)
    return [after - before for before, after in pairwise(written)]


def kind(second: int) -> str:
    """What fills up with this second: large figures change, or all of them move, where one more is needed."""
    if second % 60:
        return "second"
    if second % 600:
        return "minute"
    return f"{second // 60} minutes" if second in {600, 3600, 7200} else "ten minutes"


MOST = {
    "SSD1306": {"second": 86, "minute": 137, "ten minutes": 166, "10 minutes": 219, "60 minutes": 290,
                "120 minutes": 240},
    "SH1106": {"second": 77, "minute": 125, "ten minutes": 145, "10 minutes": 200, "60 minutes": 283,
               "120 minutes": 256},
}  # fmt: skip
MEDIAN = {"SSD1306": 50, "SH1106": 55}


@each
def test_each_second_of_two_hours_on_the_timer(controller: Controller) -> None:
    sent = costs(controller, map(timer, range(7201)))
    most: dict[str, int] = {}
    for second, cost in enumerate(sent, 1):
        most[kind(second)] = max(cost, most.get(kind(second), 0))
    assert most == MOST[controller.name]
    assert most["second"] <= TICK
    assert statistics.median(sent) == MEDIAN[controller.name]


PACE = 52


@each
def test_another_pace_costs_no_more_than_a_second(controller: Controller) -> None:
    paces = (strokes for pair in product((9, 48, 54, 88, 99), (10, 47, 55, 60, 100, 120)) for strokes in pair)
    assert max(costs(controller, (timer(100, strokes) for strokes in paces))) == PACE <= TICK


NEW = {"SSD1306": 984, "SH1106": 988}


@each
def test_a_new_screen_after_any_other_costs_no_more_than_lumas(controller: Controller) -> None:
    pictures = [draw(example.view) for example in EXAMPLES[::4]]
    sent = costs(controller, (picture for pair in product(pictures, pictures) for picture in pair))
    assert max(sent) == NEW[controller.name]
    assert max(sent) <= luma_bytes(controller, [EXAMPLES[0].view])
    assert min(sent) == 0, "the same once more"


pictures_of_a_day = cache(day)
A_DAY = {
    "SSD1306": {"tick": 50, "most tick": 219, "screen": 927, "day": 443119, "changed": 298300, "nothing": 0},
    "SH1106": {"tick": 55, "most tick": 200, "screen": 913, "day": 462563, "changed": 298300, "nothing": 0},
}


@each
def test_a_day_costs_at_most_1_6_times_its_changed_bytes(controller: Controller) -> None:
    found = measure(controller, pictures_of_a_day())
    assert {name: found[name] for name in A_DAY[controller.name]} == A_DAY[controller.name]
    assert found["day"] <= 1.6 * found["changed"]
