"""A verdict stands where chance does not reach, and the pictures are pictures."""

import random
import xml.etree.ElementTree as ET

import pytest

from tests.measure.compare import ENOUGH, Row, compared, spread
from tests.measure.pictures import DASHED, SOLID, Curve, cumulative, waterfall

EVEN = [1.0] * 100
UNEVEN = random.Random(0).sample([1.0, 9.0] * 50, 100)


@pytest.mark.parametrize(("most", "met"), [(1.5, "no"), (2.5, "yes"), (None, "")])
def test_what_does_not_vary_is_met_or_not(most: float | None, met: str) -> None:
    assert compared("twice", [2.0] * 100, EVEN, "ms", most).met == met


def test_there_is_no_verdict_where_the_target_lies_within_the_noise() -> None:
    assert compared("noisy", UNEVEN, EVEN, "ms", 4).met == "unsure"
    assert compared("noisy", UNEVEN, EVEN, "ms", 10).met == "yes"


def test_there_is_no_verdict_on_a_99th_percentile_of_few_turns() -> None:
    few = compared("few", EVEN, EVEN, "ms", 2, 0.99)
    assert (few.met, few.line().count("inf")) == ("unsure", 0)
    assert compared("enough", [1.0] * ENOUGH, [1.0] * ENOUGH, "ms", 2, 0.99).met == "yes"


def test_the_spread_is_of_turns_taken_together() -> None:
    """A machine that is ten times slower for both in half of the turns changes no ratio."""
    floor = [1.0] * 50 + [10.0] * 51
    assert spread([2 * one for one in floor], floor, 0.5) == (2.0, 2.0)


def test_a_figure_that_stands_alone_is_held_against_its_target() -> None:
    assert [Row("bytes", value, None, "B", 120).met for value in (119, 121)] == ["yes", "no"]


@pytest.mark.parametrize(
    "drawn",
    [
        waterfall("A & B", [("line → loop", 0.1), ("commit", 2.0)]),
        cumulative("A & B", [Curve("ours", [0.5, 1, 20], SOLID), Curve("floor", [0.2, 0.3], DASHED)]),
    ],
)
def test_a_picture_is_whole_and_says_what_it_is(drawn: str) -> None:
    root = ET.fromstring(drawn)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A & B"
    wide, high = (float(one) for one in root.attrib["viewBox"].split()[2:])
    for node in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(node.attrib["x"]) <= wide
        assert 0 <= float(node.attrib["y"]) <= high
