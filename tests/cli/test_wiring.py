"""The wiring's one description, its drawings and hardware.md agree with the configuration and with the header.

A wrong number in a drawing is a burnt board, and nothing else would notice it.
"""

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from device.settings.keys import BY_NAME, PIN_NAMES
from device.settings.loading import load
from docs.wiring import draw, wires
from docs.wiring.svg import COLOURS
from docs.wiring.wires import DRAWINGS, Drawing

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "config" / "pump-companion.toml").read_text()
DISPLAY_PINS = {"SDA": 2, "SCL": 3}
each = pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)


def all_wires(drawing: Drawing) -> list[wires.Wire]:
    return [wire for module in drawing.modules for wire in module.wires]


def test_the_header_is_the_one_that_the_configuration_knows() -> None:
    assert {f"BOARD{position}": gpio for position, gpio in wires.GPIO.items()} == {
        name: gpio for name, gpio in PIN_NAMES.items() if name.startswith("BOARD")
    }
    assert sorted([*wires.GPIO, *wires.POWER]) == list(range(1, 41))


@pytest.mark.parametrize("revision", ["902120", "a02082", "c03111", "c04170"])
def test_pins_have_the_names_that_gpiozero_gives_them_on_each_board(revision: str) -> None:
    factory = MockFactory(revision=revision)
    if hasattr(factory, "_get_board_info"):
        pins = factory._get_board_info().headers["J8"].pins.values()
        theirs = {f"{name}": pin.name for pin in pins if "GPIO" in pin.name for name in pin.names}
    else:  # gpiozero 1 has an answer to each name, but no list of them
        theirs = {name: f"GPIO{factory.pi_info.to_gpio(name)}" for name in PIN_NAMES}
    assert {name: f"GPIO{number}" for name, number in PIN_NAMES.items()} == theirs


@each
def test_a_drawing_uses_no_position_of_the_header_twice(drawing: Drawing) -> None:
    used = [wire.position for wire in all_wires(drawing)]
    assert len(used) == len(set(used))


@each
def test_what_a_drawing_says_for_the_configuration_is_right_and_names_the_pins_that_are_drawn(
    drawing: Drawing, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(drawing.config)
    config, faults = load(tmp_path / "config.toml", {})
    assert config is not None
    assert [str(fault) for fault in faults] == []
    drawn = {wire.key: wires.GPIO[wire.position] for wire in all_wires(drawing) if wire.key}
    named = {f"buttons.{name}": getattr(config.buttons, name) for name in ("left", "middle", "right")}
    if config.motor:
        named["motor.pin"] = config.motor.pin
    assert drawn == named


@each
def test_the_drawn_pins_are_those_that_the_documented_example_shows(drawing: Drawing) -> None:
    for wire in all_wires(drawing):
        if wire.key:
            assert re.search(rf"^# {wire.key.partition('.')[2]} = {wires.GPIO[wire.position]}$", EXAMPLE, re.MULTILINE)


@each
def test_the_display_is_drawn_on_the_bus_of_the_defaults(drawing: Drawing) -> None:
    assert (BY_NAME["display.bus"].default, BY_NAME["display.i2c_port"].default) == ("i2c", 1)
    drawn = {wire.terminal: wires.GPIO[wire.position] for wire in wires.OLED.wires if wire.kind == "signal"}
    assert drawn == DISPLAY_PINS
    assert wires.OLED in drawing.modules


@each
def test_five_volts_feed_nothing_whose_output_goes_to_a_gpio_but_the_board_that_says_so(drawing: Drawing) -> None:
    for module in drawing.modules:
        kinds = {wire.kind for wire in module.wires}
        assert "5 V" not in kinds or "never 5 V" in " ".join(module.note)
        assert "ground" in kinds


@each
def test_whatever_reaches_into_a_pump_is_isolated(drawing: Drawing) -> None:
    reaching = [module for module in drawing.modules if module.beyond]
    assert reaching
    assert all(module.isolated for module in reaching)
    assert "stroke-dasharray" in draw.svg(drawing)


@each
def test_every_terminal_and_every_pin_in_use_is_named_inside_the_picture(drawing: Drawing) -> None:
    picture = ET.fromstring(draw.svg(drawing))
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    said = []
    for element in picture.iter("{http://www.w3.org/2000/svg}text"):
        x, y, length = float(element.attrib["x"]), float(element.attrib["y"]), len(element.text or "") * 5
        said.append(element.text)
        left = {"start": x, "middle": x - length / 2, "end": x - length}[element.attrib["text-anchor"]]
        assert left >= 0, element.text
        assert left + length <= width, element.text
        assert 0 < y < height
    for wire in all_wires(drawing):
        assert wire.terminal in said
        assert wires.pin_name(wire.position) in said


def segments(drawing: Drawing) -> list[tuple[str, tuple[float, float], tuple[float, float]]]:
    """The wires' straight pieces, each with its wire's points as its name."""
    found = []
    wanted = set(COLOURS.values())
    for element in ET.fromstring(draw.svg(drawing)).iter("{http://www.w3.org/2000/svg}polyline"):
        points = [tuple(map(float, point.split(","))) for point in element.attrib["points"].split()]
        if element.attrib["stroke"] in wanted and len(points) == 4:
            found += [(element.attrib["points"], one[:2], other[:2]) for one, other in itertools.pairwise(points)]
    return found  # type: ignore[return-value]


@each
def test_no_two_wires_of_a_drawing_cross_or_lie_on_each_other(drawing: Drawing) -> None:
    pieces = segments(drawing)
    assert len({name for name, _, _ in pieces}) == len(all_wires(drawing))
    for number, (name, (ax, ay), (bx, by)) in enumerate(pieces):
        for other, (cx, cy), (dx, dy) in pieces[number + 1 :]:
            if name != other:
                apart_x = max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx)
                apart_y = max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by)
                assert apart_x or apart_y, (name, other)


def test_the_tables_of_the_page_are_those_that_the_description_makes() -> None:
    page = draw.PAGE.read_text(encoding="utf-8")
    assert draw.filled(page) == page


def test_a_page_without_a_mark_is_refused() -> None:
    page = draw.PAGE.read_text(encoding="utf-8").replace("<!-- opto wires -->", "")
    with pytest.raises(ValueError, match="opto wires"):
        draw.filled(page)


@each
def test_the_parts_list_counts_each_wire_and_each_button(drawing: Drawing) -> None:
    counted = {part.name: part.pieces for part in wires.parts(drawing)}
    assert counted["Push button"] == 3
    assert counted["Wire"] == len(all_wires(drawing))
    assert all(part.pieces >= 1 and part.choose for part in wires.parts(drawing))


@each
def test_the_page_checks_every_wired_input_with_a_command_of_its_own(drawing: Drawing) -> None:
    checks = draw.PAGE.read_text(encoding="utf-8").partition("## Check the wires")[2]
    for wire in all_wires(drawing):
        if wire.key:
            assert f"gpiomon --bias=pull-up {wires.pin_name(wire.position)}`" in checks
    assert "i2cdetect -y 1" in checks
    assert "pump-companion check" in checks


def test_the_second_pumps_pins_are_what_they_are_called_and_free_beside_the_first() -> None:
    section = draw.PAGE.read_text(encoding="utf-8").partition("## Two pumps in one house")[2].partition("\n## ")[0]
    named = {int(position): int(gpio) for position, gpio in re.findall(r"(\d+) \(GPIO(\d+)\)", section)}
    assert {wires.GPIO[position] for position in named} == set(named.values())
    assert all(wires.GPIO[position] == gpio for position, gpio in named.items())
    assert not {wire.position for drawing in DRAWINGS for wire in all_wires(drawing) if wire.kind == "signal"} & set(
        named
    )
    assert {int(value) for value in re.findall(r"(?:pin|left|middle|right) = (\d+)", section)} == set(named.values())
