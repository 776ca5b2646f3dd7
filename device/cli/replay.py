"""`replay`: a recording once more through the core; what it says now, and where that is not what it said then."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

import click
import msgspec
from msgspec.structs import asdict

from device import core, version
from device.core.model.effects import Effect
from device.core.model.events import CoreEvent
from device.core.state import State, wall
from device.settings.document import open_regular
from device.wire.payloads import House, instant
from device.wire.recording import Beginning, Ending, Head, RecordingError, Said, read_lines

from .configured import with_json
from .recorder import said
from .saying import escaped_line, say

LONGEST = 400
"""Characters of an event, or of a difference, that people are shown: a record that was read may be 2 MB."""


class Step(NamedTuple):
    """What came in at a line, the state that followed; what is said of it now, and was then (None: nobody knows)."""

    line: int
    came: Beginning | CoreEvent
    state: State
    now: Said
    then: Said | None = None


@click.command("replay")
@with_json
@click.argument("file", type=click.Path(path_type=Path))
def replay_command(file: Path, *, as_json: bool) -> None:
    """Run FILE, which `run --record` wrote, through the core again: screens, records and messages as they follow.

    It reads no configuration, writes nothing and connects nowhere. What comes out otherwise than when it was recorded
    is said, and ends it with status 1, as damage does: then all before it was replayed. --json is an object a line.
    """
    show = show_json if as_json else show_text
    steps, differing, first = 0, 0, ""
    recording = open_recording(file)
    try:
        for done in replayed(recording):
            found = differences(done) if isinstance(done, Step) else []
            if isinstance(done, Step):
                steps += 1
                differing += bool(found)
                first = first or "".join(f"line {done.line}: {difference}" for difference in found[:1])
            elif isinstance(done, Head) and done.version != version():
                may = "what comes out otherwise may be meant so"
                say(f"{file}: recorded by {done.version}, and this is {version()}: {may}", err=True)
            show(done, found)
    except RecordingError as error:
        raise RecordingError(f"{file}: {error}") from error
    finally:
        recording.close()
        if differing:
            say(
                f"{file}: {differing} of {steps} steps came out otherwise, the first at {first}"[:LONGEST],
                err=True,
            )
    if differing:
        raise SystemExit(1)


def open_recording(file: Path) -> BinaryIO:
    """What `run --record` wrote, to be read. Raises UsageError for what can't be."""
    try:
        return open_regular(file)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}; name a file that `run --record` wrote") from None


def replayed(file: BinaryIO) -> Iterator[Head | Step | Ending]:
    """Each step as it comes out now; RecordingError where the file is not whole, after the last step before that."""
    pending: Step | None = None
    state: Any = None
    house = House("")
    try:
        for number, line in read_lines(file):
            if isinstance(line, Said):
                pending = pending and pending._replace(then=line)
                continue
            if pending is not None:
                yield pending if pending.then else pending._replace(then=Said(()))
                pending = None
            if isinstance(line, Head):
                house = House(line.device)
            if isinstance(line, Head | Ending):
                yield line
                continue
            state, effects = again(state, line, number)
            pending = Step(number, line, state, said(effects, house))
    except RecordingError:
        if pending is not None:
            yield pending
        raise


def again(state: Any, came: Beginning | CoreEvent, number: int) -> tuple[State, list[Effect]]:
    """One step of the core; what it raises names the line."""
    try:
        return core.begin(**asdict(came)) if isinstance(came, Beginning) else core.step(state, came)
    except Exception as error:
        error.add_note(f"at line {number} of the recording: {came}"[:LONGEST])
        raise


# -- then and now ----------------------------------------------------------------------------------------------


def differences(done: Step) -> list[str]:
    """Where a step came out otherwise; nothing where what it said then is not known."""
    found: list[str] = []
    then, now = by_title(done.then or done.now), by_title(done.now)
    for title in dict.fromkeys([*then, *now]):
        for earlier, later in zip_longest(then[title], now[title], fillvalue="nothing"):
            found += otherwise(earlier, later, title)
    return found


def by_title(said: Said) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for title, value in said.parts:
        found[title].append(value)
    return found


def otherwise(then: Any, now: Any, where: str) -> Iterator[str]:
    """Where two values differ, down to the field; a field that there was not yet is no difference."""
    match then, now:
        case dict(), dict():
            for name, value in then.items():
                yield from otherwise(value, now.get(name), f"{where}.{name}")
        case ((list() | tuple()), (list() | tuple())) if len(then) == len(now):
            for place, (earlier, later) in enumerate(zip(then, now, strict=True)):
                yield from otherwise(earlier, later, f"{where}.{place}")
        case _ if then != now:
            yield f"{where}: {one_line(then)} then, {one_line(now)} now"


# -- how it is shown -------------------------------------------------------------------------------------------


def one_line(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def show_text(done: Head | Step | Ending, other: list[str]) -> None:
    match done:
        case Head():
            say(f"recorded by {done.version} on {done.device}")
        case Ending():
            say(f"ended: {done.why}")
        case Step():
            at = datetime.fromtimestamp(wall(done.state, done.state.now), ZoneInfo(done.state.settings.timezone))
            say(f"{done.line}  {at:%a %H:%M:%S}  {type(done.came).__name__} {one_line(done.came)[:LONGEST]}")
            for title, value in done.now.parts:
                say(f"    {title}: {one_line(value)}")
            for difference in other:
                say(f"    otherwise: {difference}")


def show_json(done: Head | Step | Ending, other: list[str]) -> None:
    fields: dict[str, Any] = {}
    match done:
        case Head() | Ending():
            fields = {type(done).__name__.lower(): done}
        case Step():
            at = instant(wall(done.state, done.state.now))
            came = {"event": type(done.came).__name__, "value": done.came}
            fields = {"line": done.line, "at": at, **came, "said": done.now.parts, "otherwise": other}
    sys.stdout.buffer.write(escaped_line(msgspec.json.encode(fields) + b"\n"))
