"""A recording is read back as it was written, and whatever befell the file is noticed and named in one line."""

import inspect
import io
import random
from collections.abc import Callable, Iterator
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from device import core
from device.core.model import events
from device.core.model.events import ButtonPressed, Command, Event
from device.core.model.record import Button
from device.core.state import Settings
from device.wire import recording
from device.wire.recording import (
    FORMAT,
    LARGEST,
    Beginning,
    Ending,
    Head,
    Line,
    RecordingError,
    Said,
    fields,
    read_lines,
)

EVENTS = [one for one in vars(events).values() if isinstance(one, type) and issubclass(one, Event) and one is not Event]
PLAIN: dict[Any, Callable[[random.Random], Any]] = {
    bool: lambda chance: chance.random() < 0.5,
    float: lambda chance: chance.choice([0.0, -1e-9, 1e300, chance.uniform(-1e9, 1e9), chance.random()]),
    int: lambda chance: chance.choice([0, -1, 2**53, chance.randint(0, 10**6)]),
    str: lambda chance: chance.choice(["", '"\\\n\0\x85', "ü 🍼", '","12345678"]', "x" * 300]),
    bytes: lambda chance: chance.randbytes(chance.randint(0, 30)),
    NoneType: lambda _: None,
    UnsetType: lambda _: UNSET,
}
HEAD = Head(version="0.1.0", device="pump")
START = Beginning(settings=Settings(), at=5.0, wall=1.0, synced=True, seed=b"s" * 16, next_session=1, next_nursing=1)
END = Ending("the device stopped")
LIFE: list[Line] = [
    HEAD,
    START,
    ButtonPressed(6.0, Button.LEFT),
    Said((("screen", "Was it effective? Keys: Yes, No, Back."),)),
    ButtonPressed(7.5, Button.RIGHT),
    END,
]


def anything(kind: Any, chance: random.Random) -> Any:
    """Any value of a field's type."""
    if kind in PLAIN:
        return PLAIN[kind](chance)
    if kind is Command:
        return anything(chance.choice(Command.__subclasses__()), chance)
    arguments = get_args(kind)
    if get_origin(kind) in {Union, UnionType}:
        return anything(chance.choice(arguments), chance)
    if get_origin(kind) is tuple and arguments[-1] is ...:
        return tuple(anything(arguments[0], chance) for _ in range(chance.randint(0, 2)))
    if get_origin(kind) is tuple:
        return tuple(anything(one, chance) for one in arguments)
    if not arguments and issubclass(kind, msgspec.Struct):
        return kind(**{one.name: anything(one.type, chance) for one in fields(kind)})
    return chance.choice(arguments or list(kind))


def written(*lines: Line) -> bytes:
    content, summed = b"", 0
    for one in lines:
        line, summed = recording.written(one, summed)
        content += line
    return content


def read_back(content: bytes) -> tuple[list[Line], str]:
    """What is read, and why it does not go on."""
    found: list[Line] = []
    try:
        found.extend(line for _, line in read_lines(io.BytesIO(content)))
    except RecordingError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("kind", [Beginning, *EVENTS], ids=lambda kind: str(kind.__name__))
def test_whatever_comes_in_is_read_back_as_it_was(kind: type[Any]) -> None:
    chance = random.Random(kind.__name__)
    for _ in range(50):
        came = anything(kind, chance)
        life = [HEAD, came, END] if kind is Beginning else [HEAD, START, came, END]
        assert read_back(written(*life)) == (life, "")


def test_a_start_is_what_begin_takes() -> None:
    assert list(inspect.signature(core.begin).parameters) == list(Beginning.__struct_fields__)


def test_what_stands_behind_the_end_is_not_read() -> None:
    assert read_back(written(*LIFE) + b"rubbish") == (LIFE, "")


def places() -> Iterator[tuple[int, int]]:
    """Each byte of a recording, with the number of its line."""
    content = written(*LIFE)
    for place in range(len(content)):
        yield place, content.count(b"\n", 0, place) + 1


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_found_wherever_it_is_and_all_before_it_is_read(bit: int) -> None:
    for place, line in places():
        content = bytearray(written(*LIFE))
        content[place] ^= 1 << bit
        found, why = read_back(bytes(content))
        assert found == LIFE[: line - 1], (place, why)
        assert why.startswith(f"line {line}: is " if line > 1 else "is no recording"), (place, why)


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    for place, line in places():
        found, why = read_back(written(*LIFE)[:place])
        assert found == LIFE[: line - 1], place
        assert why.startswith(("is no recording", f"line {line}: is cut off", f"line {line}: it breaks off")), (
            place,
            why,
        )


def test_a_line_that_is_missing_or_in_anothers_place_is_found() -> None:
    lines = written(*LIFE).splitlines(keepends=True)
    assert read_back(b"".join(lines[:2] + lines[3:]))[0] == LIFE[:2]
    assert read_back(b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]))[0] == LIFE[:2]


@pytest.mark.parametrize("content", [b"", b"\n", b"rubbish", b"SQLite format 3\0", b'{"session": {}}\n', b"\xff" * 100])
def test_what_is_no_recording_is_said_to_be_none(content: bytes) -> None:
    assert read_back(content) == ([], "is no recording, or its first line is damaged")


def test_a_file_without_lines_is_read_no_further_than_a_recording_is_long() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size == LARGEST
            self.asked += 1
            return b"\0" * 10

    endless = Endless()
    with pytest.raises(RecordingError):
        list(read_lines(endless))  # type: ignore[arg-type]
    assert endless.asked == 1


class Sneezed(msgspec.Struct):
    at: float


class MotorEdge(msgspec.Struct):
    """As a later version might have it."""

    at: float
    speed: float


class ZoneRead(msgspec.Struct):
    """Likewise; what is only more does no harm."""

    at: float
    timezone: str
    why: str


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (Head(version="9.0.0", device="pump", format=FORMAT + 1), "was written by a newer version (9.0.0); install it"),
        (Sneezed(1.0), "line 3: 'Sneezed' is nothing that this version knows; 9.0.0 wrote it"),
        (
            MotorEdge(1.0, 3.0),
            "line 3: MotorEdge is otherwise in this version (Object missing required field `active`)",
        ),
        (ZoneRead(1.0, "UTC", "moved"), ""),
    ],
)
def test_what_another_version_wrote_is_told_so(line: Any, why: str) -> None:
    head: list[Line] = [] if isinstance(line, Head) else [replace(HEAD, version="9.0.0"), START]
    found, said = read_back(written(*head, line, END))
    assert (found[: len(head)], said) == (head, why)


def test_a_line_stands_only_where_it_belongs() -> None:
    assert read_back(written(HEAD, END))[1] == "line 2: Ending does not belong there"
    assert read_back(written(START, END))[1] == "line 1: Beginning does not belong there"
