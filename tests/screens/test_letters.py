"""The letters that we read ourselves, held against FreeType's reading of the same files."""

import gzip
import subprocess
import sys
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from device.screens.faces import FONTS, Face, Stamp, stamp
from tests.support.effort import so_many

SIZES = {Face.TEXT: 10, Face.BOLD: 10, Face.TITLE: 12, Face.UNIT: 14}
BASELINE = 24
MADE_UP = st.characters(blacklist_characters="·\N{NBSP}", blacklist_categories=["Cs", "Cc"])


def by_freetype(words: str, face: Face) -> Stamp:
    unpacked = BytesIO(gzip.decompress((FONTS / face.value).read_bytes()))
    font = ImageFont.truetype(unpacked, SIZES[face], layout_engine=ImageFont.Layout.BASIC)
    picture = Image.new("1", (40 + int(font.getlength(words)), 2 * BASELINE))
    ImageDraw.Draw(picture).text((20, BASELINE), words, fill=1, font=font, anchor="ls")
    box = picture.getbbox() or (0, BASELINE, 0, BASELINE)
    return Stamp(picture.crop(box), box[1] - BASELINE)


def same(words: str, face: Face) -> bool:
    ours, theirs = stamp(words, face), by_freetype(words, face)
    return (ours.top, ours.mask.size, ours.mask.tobytes()) == (theirs.top, theirs.mask.size, theirs.mask.tobytes())


@pytest.mark.parametrize("face", Face)
def test_each_letter_is_as_freetype_draws_it_the_default_one_too(face: Face) -> None:
    points = [*range(0x20, 0x250), *range(0x2000, 0x2200), 0xFB01, 0xFFFD, 0x1F37C]
    assert not [chr(point) for point in points if chr(point) not in "·\N{NBSP}" and not same(f"H{chr(point)}j", face)]


@settings(max_examples=so_many(200))
@given(st.text(MADE_UP, max_size=30), st.sampled_from(Face))
def test_any_words_are_as_freetype_draws_them(words: str, face: Face) -> None:
    assert same(words, face)


def test_a_screen_is_drawn_without_loading_freetype() -> None:
    code = "import sys; from device.screens.examples import EXAMPLES; from device.screens import draw"
    code += "; [draw(each.view) for each in EXAMPLES]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "PIL.Image" in loaded
    assert not {"PIL.ImageFont", "PIL._imagingft"} & set(loaded)
