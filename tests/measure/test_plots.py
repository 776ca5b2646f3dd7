"""The pictures of what grows are pictures, and show what they were given."""

import random
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from device.core.model.record import Nursing
from tests.measure import plots
from tests.measure.drawing import A_DAY, Stretches
from tests.measure.growing import FAR, NEAR, Counted, Found, everyday
from tests.measure.month import Look
from tests.measure.pictures import APART, WIDTH, apart, decades
from tests.support.kept import DAY, NOW

SVG = "{http://www.w3.org/2000/svg}"
LETTER = 0.49
"""Of its size a letter is as wide, in the mean."""


def found() -> Found:
    far = {"an edge": {size: [5.0, 6.0, 7.0] for size in FAR}, "a note": {size: [60.0] for size in FAR}}
    near = {"an edge": {size: [size / 10] for size in NEAR}}
    by_size = {size: 200.0 + size for size in FAR}
    counts, held = dict.fromkeys(FAR, Counted((5, 5), (8.0, 4.0))), dict.fromkeys(FAR, (120, 60, 57))
    return Found(far, near, far, counts, {"far": by_size, "near": by_size}, held, dict.fromkeys(FAR, 38.0))


def lives() -> dict[str, list[Look]]:
    looks = [Look(day / 4, 42 + day / 40, 160_000, 300.0, 30.0 * day, 120) for day in range(1, 80)]
    return {"device": looks, "household": looks}


def a_day() -> Stretches:
    ours = [float(5000 * (place % 36 < 4)) for place in range(A_DAY)]
    return Stretches(ours, [20 * one for one in ours], [600_000.0] * A_DAY, [(0.0, 0.3), (3.0, 3.3)], [(18, 24)])


@pytest.mark.parametrize(
    ("drawn", "lines"),
    [(plots.growth(found()), 2 + 1 + 2 + 2), (plots.month(lives()), 2 + 3), (plots.wire("ssd1306", a_day()), 17 + 3)],
)
def test_a_picture_has_its_lines_and_nothing_beyond_its_edge(drawn: str, lines: int) -> None:
    root = ET.fromstring(drawn)
    wide, high = (float(one) for one in root.attrib["viewBox"].split()[2:])
    assert wide == WIDTH
    polylines = [node.attrib["points"].split() for node in root.iter(f"{SVG}polyline")]
    assert len(polylines) == lines
    for x, y in (point.split(",") for points in polylines for point in points):
        assert 0 < float(x) < wide
        assert 0 < float(y) < high
    for node in root.iter(f"{SVG}text"):
        words, at, size = node.text or "", float(node.attrib["x"]), float(node.attrib["font-size"])
        shift = {"start": 0, "middle": 0.5, "end": 1}[node.attrib["text-anchor"]] * len(words) * LETTER * size
        assert at - shift >= 0, words
        assert at - shift + len(words) * LETTER * size <= wide, words
        assert 0 < float(node.attrib["y"]) < high


def test_an_hour_in_which_nothing_was_sent_parts_a_line() -> None:
    runs = plots.hours(a_day().ours)
    assert [run[0] for run in runs] == [(hour, 20_000.0) for hour in range(0, 24, 3)]


def test_names_stand_apart_in_the_order_of_their_lines_and_around_them() -> None:
    assert apart([100.0, 50.0, 300.0]) == [100.0, 50.0, 300.0]
    assert apart([100.0, 100.0]) == [100.0 - APART / 2, 100.0 + APART / 2]
    places = [random.Random(3).uniform(0, 200) for _ in range(12)]
    spots = [spot for _, spot in sorted(zip(places, apart(places), strict=True))]
    assert all(below - above >= APART - 1e-9 for above, below in pairwise(spots))


def test_a_logarithmic_scale_goes_from_a_power_of_ten_to_one() -> None:
    scale = decades(0.3, 2_000_000.0, " ms")
    assert [words for _, words in scale.named][::4] == ["0.1 ms", "1,000 ms", "10,000,000 ms"]
    assert (scale.low, scale.high) == (0.1, 1e7)
    assert (scale.share(0.1), scale.share(1e7), scale.share(1e3)) == (0, 1, 0.5)


def test_everyday_records_are_so_many_so_far_apart_and_numbered_each_kind_for_itself() -> None:
    records = list(everyday(30, NOW, 7200))
    times = [one.at if isinstance(one, Nursing) else one.started_at for one in records]
    assert [after - before for before, after in pairwise(times)] == [7200] * 29
    assert times[-1] == NOW
    nursings = [one.number for one in records if isinstance(one, Nursing)]
    assert nursings == list(range(1, 11))
    assert len({one.id for one in records}) == 30
    assert NOW - times[0] < 3 * DAY
