"""The breadboards, hole by hole, join what the wiring's description joins, and nothing else."""

import itertools
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

import pytest

from docs.wiring import draw, wires
from docs.wiring.breadboard import (
    BOARDS,
    OLED_BODY_MM,
    PITCH_MM,
    RAILS,
    Breadboard,
    inside,
    joined,
    leads,
    metal,
    powered,
    strip,
)
from docs.wiring.drawn_board import board_svg, place

SVG = "{http://www.w3.org/2000/svg}"
each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


def plugged(board: Breadboard) -> list[str]:
    """Every hole that something is in."""
    return [
        *(hole for placed in board.placed for hole in placed.holes),
        *(hole for jumper in board.jumpers for hole in jumper),
        *(hole for _, hole in board.header),
    ]


def described(board: Breadboard) -> set[frozenset[str]]:
    """The nets that wires.py asks for, of leads and of positions of the header."""
    groups: list[list[str]] = [*inside(board.placed)]
    for module in board.modules:
        groups += [[f"{module.name}:{wire.terminal}", f"header {wire.position}"] for wire in module.wires]
        groups += [[name if name[0] != ":" else module.name + name for name in net.split()] for net in module.nets]
    groups += powered(wire.position for module in board.modules for wire in module.wires)
    return told(joined(groups))


def told(nets: list[frozenset[str]]) -> set[frozenset[str]]:
    """Leads and positions alone, without holes and terminals; what hangs together with nothing is left out."""
    named = {frozenset(name for name in net if not re.match(r"upper|lower|rail|\w+:", name)) for net in nets}
    return {net for net in named if len(net) > 1}


@each_board
def test_the_holes_join_what_is_described_and_nothing_else(board: Breadboard) -> None:
    assert told(metal(board)) == described(board)


@each_board
def test_a_board_takes_every_wire_of_its_drawing(board: Breadboard) -> None:
    assert sorted(position for position, _ in board.header) == sorted(
        wire.position for module in board.modules for wire in module.wires
    )
    (drawing,) = (drawing for drawing in wires.DRAWINGS if drawing.name == board.name)
    assert board.modules == (wires.PICO,) or set(board.modules) == set(drawing.modules)


@each_board
def test_supplies_ground_and_each_signal_are_nets_of_their_own(board: Breadboard) -> None:
    for net in metal(board):
        positions = [int(name.removeprefix("header ")) for name in net if name.startswith("header ")]
        kinds = {wires.POWER.get(position, f"signal {position}") for position in positions}
        assert len(kinds) <= 1, net


@each_board
def test_no_hole_holds_two_leads_and_each_exists(board: Breadboard) -> None:
    assert [hole for hole, count in Counter(plugged(board)).items() if count > 1] == []
    assert all(strip(hole) for hole in plugged(board))


@pytest.mark.parametrize("hole", ["a31", "k1", "T+6", "B-30", "f0"])
def test_a_hole_that_no_board_has_is_refused(hole: str) -> None:
    with pytest.raises(ValueError, match="no such hole"):
        strip(hole)


@each_board
def test_every_part_with_leads_is_placed_as_often_as_it_is_bought(board: Breadboard) -> None:
    bought = Counter({part: part.pieces for module in board.modules for part in module.parts if part.leads})
    placed = Counter(placed.part for placed in board.placed if placed.part != wires.MOTOR)
    assert placed == bought
    assert all(len(leads(placed)) == len(placed.part.leads) for placed in board.placed)


@each_board
def test_nothing_is_plugged_in_under_the_display(board: Breadboard) -> None:
    covers = OLED_BODY_MM / PITCH_MM
    for placed in board.placed:
        if placed.part.look == "oled":
            columns = [int(hole[1:]) for hole in placed.holes]
            middle = (columns[0] + columns[-1]) / 2
            others = [hole for hole in plugged(board) if hole not in placed.holes and hole[0] not in "jT"]
            assert all(abs(int(re.sub(r"\D", "", hole)) - middle) > covers / 2 for hole in others)


def test_across_the_opto_coupler_the_pump_is_far_from_the_pi() -> None:
    (board,) = (board for board in BOARDS if board.name == "opto")
    pumps = [net for net in metal(board) if any(name.startswith("motor.") for name in net)]
    assert not any(name.startswith("header ") for net in pumps for name in net)
    pump_strips = {
        name for net in metal(board) for name in net if net & {"coupler.1", "coupler.2", "motor.+", "motor.−"}
    }
    pump_strips = {name for name in pump_strips if name.startswith(("upper", "lower", "rail"))}
    pi_strips = {strip(hole) for hole in plugged(board)} - pump_strips
    assert len(pump_strips) == 4
    assert all(name.startswith("upper") for name in pump_strips)
    assert not {f"rail {rail}" for rail in RAILS if rail[0] == "T"} & pi_strips
    for pump, other in itertools.product(pump_strips, pi_strips):
        half, number = other.split()
        if half == "upper":  # the two halves are three holes apart
            assert abs(int(number) - int(pump.split()[1])) * PITCH_MM >= 6

    page = draw.PAGE.read_text(encoding="utf-8")
    *first, last = sorted(int(name.split()[1]) for name in pump_strips)
    assert f"columns {', '.join(map(str, first))} and {last} of the upper half, and ground" in page


@pytest.mark.parametrize(
    ("measured", "lead"),
    [
        ("halved", "comparator.6"),
        ("threshold", "comparator.5"),
        ("never too much", "comparator.7"),
        ("never too much", "comparator.8"),
    ],
)
def test_the_page_measures_the_comparator_where_the_board_has_it(measured: str, lead: str) -> None:
    (board,) = (board for board in BOARDS if board.name == "current")
    (net,) = (net for net in metal(board) if lead in net)
    section = draw.PAGE.read_text(encoding="utf-8").partition("## The supply current")[2].partition("\n## ")[0]
    (row,) = (line for line in section.splitlines() if line.startswith(f"| {measured}"))
    assert any(f"lower {column}" in net for column in re.findall(r"column (\d+)", row))


@each_board
def test_the_leads_of_every_chip_go_round_it_against_the_clock(board: Breadboard) -> None:
    """So they do on every chip that is seen from above; a mirrored one would be fed backwards."""
    chips = [placed for placed in board.placed if placed.part.look in {"chip", "pico"}]
    assert bool(chips) == (board.name in {"opto", "current", "serial"})
    for chip in chips:
        points = [place(hole) for hole in chip.holes]
        around = sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True))
        assert around < 0  # y grows downward


@each_board
def test_every_wire_of_a_board_has_its_pins_number_at_both_ends(board: Breadboard) -> None:
    said = [element.text for element in ET.fromstring(board_svg(board)).iter(f"{SVG}text")]
    for position, _ in board.header:
        assert said.count(f"{position}") >= 2


Piece = tuple[tuple[float, ...], tuple[float, ...]]


def straight(board: Breadboard) -> Iterator[tuple[int, Piece]]:
    """The straight pieces of every wire and bridge, with the number of what they belong to."""
    drawn = ET.fromstring(board_svg(board)).iter(f"{SVG}polyline")
    for number, element in enumerate(each for each in drawn if each.attrib["stroke-width"] == "4"):
        points = [tuple(map(float, point.split(","))) for point in element.attrib["points"].split()]
        yield from ((number, pair) for pair in itertools.pairwise(points))


@each_board
def test_no_wire_of_a_board_runs_along_another(board: Breadboard) -> None:
    for (one, (a, b)), (other, (c, d)) in itertools.combinations(straight(board), 2):
        for along, across in ((0, 1), (1, 0)):
            if one != other and a[across] == b[across] == c[across] == d[across]:
                apart = max(a[along], b[along]) < min(c[along], d[along]) or max(c[along], d[along]) < min(
                    a[along], b[along]
                )
                assert apart, (a, b, c, d)


def boxes(board: Breadboard) -> Iterator[tuple[str, float, float, float, float]]:
    """The words of a picture and about where they are, but for those that stand upright."""
    for element in ET.fromstring(board_svg(board)).iter(f"{SVG}text"):
        if "transform" not in element.attrib and element.text:
            size, x, y = (float(element.attrib[name]) for name in ("font-size", "x", "y"))
            w = len(element.text) * size * 0.5
            left = {"start": x, "middle": x - w / 2, "end": x - w}[element.attrib["text-anchor"]]
            yield element.text, left, left + w, y - size * 0.75, y


@each_board
def test_no_words_of_a_board_lie_on_each_other_or_outside(board: Breadboard) -> None:
    _, _, width, height = map(float, ET.fromstring(board_svg(board)).attrib["viewBox"].split())
    for one, other in itertools.combinations(boxes(board), 2):
        assert one[2] <= other[1] or other[2] <= one[1] or one[4] <= other[3] or other[4] <= one[3], (one, other)
    for said, left, right, top, bottom in boxes(board):
        assert left >= 0 <= top, said
        assert right <= width, said
        assert bottom <= height, said


# -- the values ------------------------------------------------------------------------------------------------------


def test_the_resistors_light_the_led_from_3_to_24_volts_and_stay_cool() -> None:
    assert (wires.RANGES[0].least, wires.RANGES[-1].most) == (3, 24)
    assert all(before.most == after.least for before, after in itertools.pairwise(wires.RANGES))
    for row in wires.RANGES:
        assert row.milliamperes(row.least) >= 3
        assert row.milliamperes(row.most) <= 8
        assert row.hottest_mw <= 250 / 2
        assert wires.ohms(row.ohms) in wires.LED_RESISTOR.choose


def test_the_trimmer_reaches_the_currents_of_pumps_within_what_the_comparator_compares() -> None:
    least, most = wires.THRESHOLD_V
    rest, ampere = wires.HALL_REST_V / 2, wires.HALL_V_A / 2
    assert least < rest - 0.05
    assert rest + ampere * 2 < most < 3.3 - 1.5
    assert rest + ampere * 0.25 < 3.3 - 2


# -- on disk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", draw.pictures())
def test_every_picture_on_disk_is_the_one_that_the_descriptions_make(name: str) -> None:
    assert (draw.HERE / name).read_text(encoding="utf-8") == draw.pictures()[name]


def test_the_page_shows_every_picture_and_no_other_lies_about() -> None:
    shown = re.findall(r"\(wiring/([\w-]+\.svg)\)", draw.PAGE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(draw.pictures()) == sorted(path.name for path in draw.HERE.glob("*.svg"))
