"""The OLED: the picture on the glass is the picture given, for few bytes; a panel that goes comes back by itself.

luma's real interface and driver on a bus that rebuilds the picture from its bytes.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from device.core.model.events import DisplayChanged
from device.core.model.view import IdleBody, View
from device.screens.pictures import draw
from drivers import oled
from drivers.controllers import CONTROLLERS, HEIGHT, WIDTH, Controller
from drivers.oled import Oled, OledFrame, pages_of, windows
from drivers.virtual.panel import VirtualPanel
from tests.support.effort import so_many
from tests.support.lumas import display, luma_on

SSD1306 = CONTROLLERS["ssd1306"]
each = pytest.mark.parametrize("controller", CONTROLLERS.values(), ids=CONTROLLERS)
NOT_LUMAS = {"SSD1309": (("8d14", ""), ("db40", "db34"))}
"""Where a data sheet knows it better: what luma sends, and what stands in its place."""


def a_picture(controller: Controller) -> int:
    """Bytes that luma sends for any picture, without addresses."""
    return sum(window.size + controller.addressing.overhead - 2 for window in oled.whole_glass(controller))


def blank() -> Image.Image:
    return Image.new("1", (128, 64))


def idle(clock: str) -> Image.Image:
    local = datetime.strptime(f"2026-03-01 {clock} +0000", "%Y-%m-%d %H:%M %z")
    return draw(View(IdleBody(local, 5, 8, "pumped", 60, ()), ("Nursed", "Last", "Start")))


def same(seen: Image.Image, given: Image.Image) -> bool:
    return ImageChops.logical_xor(seen, given).getbbox() is None


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oled, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(oled, "LONGEST_PAUSE_S", 0.05)


Make = Callable[..., Oled]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Oled] = []

    def one(panel: VirtualPanel, posted: list[DisplayChanged] | None = None, **given: Any) -> Oled:
        post = ([] if posted is None else posted).append
        made.append(Oled(panel.controller, panel.open_bus, post=post, now=time.monotonic, **given))
        return made[-1]

    yield one
    for worker in made:
        assert worker.stop(20)


def until(true: Callable[[], bool], deadline_s: float = 20.0) -> None:
    wait = threading.Event()
    give_up = time.monotonic() + deadline_s
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        wait.wait(0.005)


@each
def test_the_first_picture_is_set_up_drawn_whole_and_switched_on(controller: Controller, make: Make) -> None:
    panel, posted = VirtualPanel(controller), list[DisplayChanged]()
    worker = make(panel, posted)
    worker.show(idle("03:12"))
    assert worker.drawn(20)
    assert panel.set_up
    assert panel.on
    assert panel.contrast == controller.bright
    assert same(panel.picture(), idle("03:12"))
    assert [event.up for event in posted] == [True]
    print(f"{controller.name}: set up and first picture {panel.written} bytes")


@each
def test_the_panel_is_set_up_as_luma_does_it(controller: Controller) -> None:
    own, lumas = VirtualPanel(controller), VirtualPanel(controller)
    device = luma_on(lumas)
    if device is None:
        pytest.skip("luma has no driver for it")
    before = lumas.written
    display(device, idle("03:12"))
    assert lumas.written - before == a_picture(controller)
    shown = oled.OledPanel(controller, own.open_bus)
    shown.show(OledFrame(idle("03:12")))
    assert same(own.picture(), lumas.picture())
    assert (own.on, own.contrast, own.offset, own.set_up) == (lumas.on, lumas.contrast, lumas.offset, lumas.set_up)


@each
def test_what_is_sent_first_is_what_luma_sends_but_for_what_the_data_sheet_says_otherwise(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, sent = VirtualPanel(controller), list[bytes]()
    monkeypatch.setattr(panel, "write_i2c_block_data", lambda _address, _mode, data: sent.append(bytes(data)))
    if luma_on(panel) is None:
        pytest.skip("luma has no driver for it")
    expected = sent[0].hex()
    for theirs, ours in NOT_LUMAS.get(controller.name, ()):
        assert theirs in expected
        expected = expected.replace(theirs, ours)
    assert controller.set_up.hex() == expected


@each
def test_the_glass_lies_within_what_a_controller_drives_and_is_told_of_in_one_command(controller: Controller) -> None:
    columns, rows = controller.size
    assert controller.first_column + WIDTH <= columns
    assert rows >= HEIGHT
    assert len(controller.set_up) <= 32, "luma's I2C takes no longer command"
    assert controller.name.lower() != "none"


@each
def test_nothing_changed_is_nothing_sent(controller: Controller) -> None:
    panel = VirtualPanel(controller)
    shown = oled.OledPanel(controller, panel.open_bus)
    shown.show(OledFrame(idle("03:12")))
    before = panel.written
    shown.show(OledFrame(idle("03:12")))
    assert panel.written == before


@each
def test_a_new_picture_is_at_most_lumas(controller: Controller) -> None:
    panel = VirtualPanel(controller)
    shown = oled.OledPanel(controller, panel.open_bus)
    shown.show(OledFrame(idle("03:12")))
    for other in (Image.effect_noise((128, 64), 200).convert("1"), ImageChops.invert(idle("12:34")), blank()):
        before = panel.written
        shown.show(OledFrame(other))
        assert panel.written - before <= a_picture(controller)
        assert same(panel.picture(), other)


def test_one_digit_of_16_by_24_is_58_bytes_on_the_wire() -> None:
    new = blank()
    new.paste(255, (32, 8, 48, 32))
    chosen = windows(SSD1306, pages_of(blank()), pages_of(new))
    assert [tuple(window) for window in chosen] == [(32, 47, 1, 3)]
    # with the two address bytes of its two transfers
    assert sum(window.size + SSD1306.addressing.overhead for window in chosen) == 58


rectangles = st.lists(
    st.tuples(st.integers(0, 127), st.integers(0, 63), st.integers(1, 40), st.integers(1, 24), st.booleans()),
    max_size=6,
)


@each
@settings(max_examples=so_many(60))
@given(steps=st.lists(rectangles, min_size=1, max_size=4), rotate=st.sampled_from([0, 180]))
def test_the_glass_shows_what_was_given_whatever_was_there_before(
    controller: Controller, steps: list[list[tuple[int, int, int, int, bool]]], rotate: Any
) -> None:
    panel = VirtualPanel(controller)
    shown = oled.OledPanel(controller, panel.open_bus, rotate)
    picture = blank()
    for step in steps:
        picture = picture.copy()
        for x, y, width, height, white in step:
            picture.paste(255 * white, (x, y, x + width, y + height))
        before = panel.written
        fresh = shown._shown is None
        shown.show(OledFrame(picture))
        assert same(panel.picture(), picture.rotate(rotate))
        assert fresh or panel.written - before <= a_picture(controller)


@each
def test_dim_is_a_contrast_dark_is_off_and_waking_draws_before_it_lights(controller: Controller) -> None:
    on_at: list[tuple[bool, bool]] = []
    panel = VirtualPanel(controller, on_change=lambda: on_at.append((panel.on, panel.set_up)))
    shown = oled.OledPanel(controller, panel.open_bus)
    shown.show(OledFrame(idle("03:12")))
    before = panel.written
    shown.show(OledFrame(idle("03:12"), "dim"))
    assert panel.contrast == oled.DIM
    assert panel.written - before == 3
    shown.show(OledFrame(idle("03:13"), "dark"))
    assert not panel.on
    before = panel.written
    shown.show(OledFrame(idle("03:14"), "dark"))
    assert panel.written == before
    panel.plug()
    on_at.clear()
    shown.show(OledFrame(idle("03:15")))
    assert same(panel.picture(), idle("03:15"))
    assert [on for on, _ in on_at] == [False] * (len(on_at) - 1) + [True]


@each
def test_a_shift_down_is_three_bytes_and_a_shift_to_the_side_moves_the_picture(controller: Controller) -> None:
    panel = VirtualPanel(controller)
    shown = oled.OledPanel(controller, panel.open_bus)
    picture = blank()
    picture.paste(255, (10, 10, 20, 20))
    shown.show(OledFrame(picture))
    for dx, dy in ((0, 1), (0, -1), (1, -1), (-1, 0), (0, 0)):
        before = panel.written
        shown.show(OledFrame(picture, "on", (dx, dy)))
        assert same(panel.picture(), ImageChops.offset(picture, dx, dy))
        if (dx, dy) == (0, 1):
            assert panel.written - before == 3


def test_a_panel_that_is_missing_at_the_start_is_told_once_and_comes_by_itself(
    make: Make, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    panel, posted = VirtualPanel(), list[DisplayChanged]()
    panel.unplug()
    worker = make(panel, posted, where="display.i2c_address = 0x3C")
    worker.show(idle("03:12"))
    until(lambda: worker.failures > 3)
    assert [event.up for event in posted] == [False]
    assert worker.why.startswith("display.i2c_address = 0x3C: I2C device not found on address: 0x3C; check its wires")
    assert [record.getMessage() for record in caplog.records] == [worker.why]
    panel.plug()
    assert worker.drawn(20)
    assert [event.up for event in posted] == [False, True]
    assert worker.why == ""
    assert same(panel.picture(), idle("03:12"))


@each
def test_a_panel_that_is_pulled_and_put_back_is_set_up_anew_and_drawn_whole(
    controller: Controller, make: Make, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    panel, posted = VirtualPanel(controller), list[DisplayChanged]()
    worker = make(panel, posted, where="display on i2c")
    for minute in range(3):
        worker.show(idle(f"03:1{minute}"))
        assert worker.drawn(20)
        panel.unplug()
        worker.show(idle(f"03:2{minute}"))
        until(lambda: posted[-1].up is False)
        worker.show(idle(f"03:3{minute}"))
        panel.plug()
        assert worker.drawn(20)
        assert same(panel.picture(), idle(f"03:3{minute}"))
    assert [event.up for event in posted] == [True, False] * 3 + [True]
    told = [record.getMessage() for record in caplog.records]
    assert told[1::2] == ["display on i2c: it answers again and is drawn whole"] * 3
    assert all(line.startswith("display on i2c: I2C device not found on address: 0x3C") for line in told[::2])
    assert len(told) == 6


def test_a_bus_that_hangs_holds_nobody_up_and_only_the_newest_picture_is_drawn(make: Make) -> None:
    panel = VirtualPanel()
    worker = make(panel)
    worker.show(idle("00:00"))
    assert worker.drawn(20)
    panel.hang()
    writes = panel.writes
    for second in range(1, 50):
        worker.show(idle(f"00:{second:02}"))
    assert not worker.drawn(0.02)
    panel.release()
    assert worker.drawn(20)
    assert same(panel.picture(), idle("00:49"))
    assert panel.writes - writes < 30


def test_a_bus_that_hangs_does_not_hold_up_the_end(make: Make) -> None:
    panel = VirtualPanel()
    worker = make(panel)
    worker.show(idle("00:00"))
    assert worker.drawn(20)
    panel.hang()
    worker.show(idle("00:01"))
    assert not worker.stop(0.05)
    panel.release()


def test_at_the_end_the_panel_is_switched_off(make: Make) -> None:
    panel = VirtualPanel()
    worker = make(panel)
    worker.show(idle("00:00"))
    assert worker.drawn(20)
    assert worker.stop(20)
    assert not panel.on


def test_a_bus_that_does_not_exist_says_what_to_check(quick: None) -> None:
    posted: list[DisplayChanged] = []
    worker = Oled(SSD1306, oled.i2c_bus(97, 0x3C), post=posted.append, now=time.monotonic)
    worker.show(blank())
    until(lambda: bool(posted))
    assert "/dev/i2c-97" in worker.why
    assert "raspi-config" in worker.why
    assert worker.stop(20)


def test_a_bus_that_fails_in_whatever_way_is_told_and_tried_again(quick: None) -> None:
    panel, odd, posted = VirtualPanel(SSD1306), [RuntimeError("odd"), KeyError("odder")], list[DisplayChanged]()

    def opened() -> oled.Bus:
        if odd:
            raise odd.pop()
        bus: oled.Bus = panel.open_bus()
        return bus

    worker = Oled(SSD1306, opened, post=posted.append, now=time.monotonic)
    worker.show(blank())
    assert worker.drawn(20)
    assert [event.up for event in posted] == [False, True]
    assert worker.failures == 2
    assert worker.stop(20)


class Lines:
    """D/C and reset as RPi.GPIO's words set them."""

    LOW, HIGH, OUT = 0, 1, 0

    def __init__(self) -> None:
        self.levels: dict[int, int] = {}
        self.resets = 0

    def setup(self, pin: int, direction: int) -> None:
        self.levels[pin] = 0

    def output(self, pin: int, level: int) -> None:
        self.resets += pin == 25 and level == 0
        self.levels[pin] = level


@each
def test_on_spi_the_same_bytes_go_by_data_command_and_reset_lines(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, lines = VirtualPanel(controller), Lines()

    class SpiDev:
        max_speed_hz = 0

        def open(self, port: int, device: int) -> None:
            assert (port, device) == (0, 1)

        def writebytes(self, data: list[int]) -> None:
            panel.i2c_rdwr(bytes([0x40 if lines.levels[24] else 0x00, *data]))

        def close(self) -> None:
            pass

    # the library itself is source only and wants a compiler
    monkeypatch.setitem(sys.modules, "spidev", SimpleNamespace(SpiDev=SpiDev))
    shown = oled.OledPanel(controller, oled.spi_bus(1, 24, 25, lines))
    for clock in ("03:12", "03:13"):
        shown.show(OledFrame(idle(clock)))
        assert same(panel.picture(), idle(clock))
    assert lines.resets == 1
