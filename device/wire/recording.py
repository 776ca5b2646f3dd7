"""A recording: what came into the core, as it came, and what it said of it then; written and read back, a line each.

A line is a JSON array of a word, its value, and a checksum that goes on from the line before, so that a line that was
changed, lost or cut off is noticed.
"""

import zlib
from collections.abc import Iterator
from functools import cache
from itertools import count, repeat
from types import UnionType
from typing import Any, BinaryIO, Final, Union, get_args, get_origin

import msgspec

from device import OneLineError
from device.core.model.effects import Effect
from device.core.model.events import AnyCommand, CoreEvent, Event
from device.core.model.record import Nursing, Portion, Progress, Session, ToldClock
from device.core.state import Settings

from .values import shown

FORMAT: Final = 1
"""Events are written by their names and fields: where one is renamed, this is the next."""

BEGINS: Final = b'["Head",{"holds":'
"""By this a recording is known."""

LARGEST: Final = 64 << 20
"""Bytes of a whole recording."""

HOLDS: Final = (
    "Health data: the record of whoever pumps, and every press, answer and reading since. "
    "It holds no password. It leaves the house by a person's hand alone."
)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what the file holds, and who wrote it."""

    holds: str = HOLDS
    format: int = FORMAT
    version: str
    device: str


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What `restart.begin` was given, by the names that it has there: settings, clock, and the record as stored."""

    settings: Settings
    at: float
    wall: float
    synced: bool
    seed: bytes
    sessions: tuple[Session, ...] = ()
    nursings: tuple[Nursing, ...] = ()
    portions: tuple[Portion, ...] = ()
    next_session: int
    next_nursing: int
    first_record_at: int | None = None
    progress: Progress | None = None
    baseline: tuple[int, int] | None = None
    told_clock: ToldClock | None = None
    outbox: int = 0
    known: bool = True


class Said(msgspec.Struct, frozen=True):
    """What became of the line before: by title the screen's words, records and messages."""

    parts: tuple[tuple[str, Any], ...]


class Ending(msgspec.Struct, frozen=True):
    """The last line, and why no other follows."""

    why: str


Seen = Beginning | CoreEvent | list[Effect]
"""What passes by the core: it begins, an event comes, and after each what it asks for."""

Line = Head | Beginning | CoreEvent | Said | Ending


FIRST: Final[dict[int, type]] = {1: Head, 2: Beginning}
"""The lines that come first."""


class RecordingError(OneLineError):
    """Why a file can't be written, or be read from some line on."""


ENCODER: Final = msgspec.json.Encoder()


def written(value: Line, summed: int = 0) -> tuple[bytes, int]:
    """A line, and its checksum; `summed` is that of the line before."""
    body = ENCODER.encode((type(value).__name__, value))[:-1]
    summed = zlib.crc32(body, summed)
    return b'%b,"%08x"]\n' % (body, summed), summed


def read_lines(file: BinaryIO) -> Iterator[tuple[int, Line]]:
    """The lines with their numbers, from the Head to the Ending; RecordingError where they are not whole."""
    summed, version = 0, ""
    for number in count(1):
        line = file.readline(LARGEST)
        body, _, rest = line.rpartition(b',"')
        summed = zlib.crc32(body, summed)
        if rest != b'%08x"]\n' % summed:
            raise RecordingError(broken(number, line))
        word, content = msgspec.json.decode(body + b"]")
        if word not in kinds():
            raise RecordingError(f"line {number}: {shown(word)} is nothing that this version knows; {version} wrote it")
        try:
            value: Line = made(kinds()[word], content)
        except (msgspec.ValidationError, TypeError) as error:
            raise RecordingError(f"line {number}: {word} is otherwise in this version ({error})") from error
        if type(value) is not FIRST.get(number, type(value)):
            raise RecordingError(f"line {number}: {word} does not belong there")
        if isinstance(value, Head):
            version = value.version
            if value.format > FORMAT:
                raise RecordingError(f"was written by a newer version ({version}); install it")
        yield number, value
        if isinstance(value, Ending):
            return


def broken(number: int, line: bytes) -> str:
    if number == 1:
        return "is no recording, or its first line is damaged"
    if not line:
        return f"line {number}: it breaks off here, as where the device was killed or still runs"
    how = "is damaged" if line.endswith(b"\n") else "is cut off"
    return f"line {number}: {how}, and what follows can't be trusted"


@cache
def kinds() -> dict[str, Any]:
    """What a line may be, by its word."""
    every: tuple[type, ...] = (Head, Beginning, Said, Ending, *Event.__subclasses__())
    return {kind.__name__: kind for kind in every}


@cache
def fields(kind: Any) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def made(kind: Any, value: Any) -> Any:
    """A value of this type from JSON's; msgspec's own `convert` can't tell a session from a nursing."""
    if kind == AnyCommand:
        return msgspec.convert(value, kind)
    union = get_args(kind) if get_origin(kind) in UNIONS else (kind,)
    for member in union:
        if isinstance(value, list) and get_origin(member) is tuple:
            first, *others = get_args(member)
            return tuple(map(made, repeat(first) if others == [...] else (first, *others), value))
        if isinstance(value, dict) and isinstance(member, type) and issubclass(member, msgspec.Struct):
            given = {field.name: field for field in fields(member) if field.encode_name in value}
            if all(field.name in given for field in fields(member) if field.required):
                return member(**{name: made(field.type, value[field.encode_name]) for name, field in given.items()})
    return msgspec.convert(value, kind)


UNIONS: Final = {Union, UnionType}
