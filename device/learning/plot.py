"""What is seen of a wire and of a port as plain text: for any terminal, any width, without colour. Pure."""

from collections.abc import Sequence
from statistics import median

from .waveform import Waveform, marks_of, periods, settled, stretches, strokes_of

Chunk = tuple[float, bytes]
"""When bytes came, and which."""
LEAST_WIDTH = 40
LABEL = 7
LATELY_S = 15.0
MOST_ROWS = 6
"""Lines of a port that are shown at once."""
KNOCK_S = 0.005
COUNTS = ((100, "#"), (10, "*"))
"""More edges in a column than a digit can say."""


def wire_rows(seen: Waveform, planned_s: float, width: int) -> list[str]:
    """The level over time (a column is high, low, or both within it), the edges of each column, and the figures."""
    columns = max(width, LEAST_WIDTH) - LABEL - 2
    column_s = planned_s / columns
    was = {True: [" "] * columns, False: [" "] * columns}
    for begin, end, high in stretches(seen):
        first = min(int((begin - seen.begins) / column_s), columns - 1)
        last = min(int((end - seen.begins) / column_s), columns - 1)
        was[high][first : last + 1] = "#" * (last + 1 - first)
    edges = [0] * columns
    for at, _ in seen.edges:
        edges[min(int((at - seen.begins) / column_s), columns - 1)] += 1
    ends = f"{planned_s:.0f} s"
    return [
        f"{'high':<{LABEL}}|{''.join(was[True])}|",
        f"{'low':<{LABEL}}|{''.join(was[False])}|",
        f"{'edges':<{LABEL}}|{''.join(map(_count, edges))}|",
        f"{'':<{LABEL}} 0 s{ends:>{columns - 3}}",
        _figures_now(seen),
    ]


def _count(edges: int) -> str:
    return next((sign for least, sign in COUNTS if edges >= least), str(edges) if edges else " ")


def _figures_now(seen: Waveform) -> str:
    lately = sum(at > seen.ends - 1 for at, _ in seen.edges)
    pace = pace_lately(seen)
    strokes = "no pace" if pace is None else f"{pace} strokes a minute"
    return f"{seen.ends - seen.begins:5.1f} s: {lately} edges in the last second, {len(seen.edges)} in all; {strokes}"


def pace_lately(seen: Waveform) -> int | None:
    """Strokes a minute in the last seconds, as far as one can tell while it goes on."""
    since = seen.ends - LATELY_S
    knocks = [mark for mark in marks_of(seen, "low" if seen.high else "high") if mark[0] >= since]
    strokes = strokes_of(settled(knocks, KNOCK_S))
    between = periods(strokes)
    if len(between) < 2 or any(stroke.chatters for stroke in strokes):
        return None
    return round(60 / median(between))


def port_rows(chunks: Sequence[Chunk], begins: float, width: int) -> list[str]:
    """The newest bytes of a port, a line of them a row: when, as text, as hex."""
    width = max(width, LEAST_WIDTH)
    room = (width - 12) // 4
    pieces = _rows_of_bytes(chunks)[-MOST_ROWS:]
    rows = [f"{at - begins:7.1f} s {_as_text(piece, room)}  {_as_hex(piece, room)}" for at, piece in pieces]
    count = sum(len(data) for _, data in chunks)
    return [*rows, f"{count} bytes so far" if count else "no byte so far"]


def _rows_of_bytes(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The bytes by lines, each with the instant of its first byte; binary bytes as they came."""
    found: list[Chunk] = []
    for at, data in chunks:
        for piece in data.splitlines(keepends=True):
            if found and not found[-1][1].endswith((b"\n", b"\r")) and len(found[-1][1]) < MOST_ROWS * 16:
                found[-1] = (found[-1][0], found[-1][1] + piece)
            else:
                found.append((at, piece))
    return found


def _as_text(piece: bytes, room: int) -> str:
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in piece.rstrip(b"\r\n"))
    return f"{shown[: room - 1] + '>' if len(shown) > room else shown:<{room}}"


def _as_hex(piece: bytes, room: int) -> str:
    fits = max(1, 3 * room // 3)
    return piece[:fits].hex(" ") + (" >" if len(piece) > fits else "")
