"""What reaches a terminal: text without control characters, JSON with them escaped, and log lines likewise.

Names, notes and a broker's words are strangers' words: raw, they could move the cursor or write another line.
"""

import contextlib
import logging
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import click

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
RAW = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""C0, DEL and C1; and halves of characters, which stand for a file name's bytes that are no text."""
RAW_IN_LINES = re.compile(f"(?!\n){RAW.pattern}")
RAW_IN_JSON = re.compile("[\x7f-\x9f\ud800-\udfff]")
DIGITS = re.compile("[0-9]+")
OFTEN, COUNTED_S, MOST_LINES = 5, 3600.0, 100
"""How often a line is said within so many seconds, and how many lines are remembered."""
RAW_IN_BYTES = re.compile(rb"\x7f|\xc2[\x80-\x9f]")


def say(text: str, *, err: bool = False) -> None:
    """Print it, line by line; what the terminal's encoding lacks becomes a `?`.

    Where stderr takes nothing, the exit status alone says it.
    """
    file = sys.stderr if err else sys.stdout
    if file is not None:
        encoding = file.encoding or "utf-8"
        text = in_lines(text).encode(encoding, "replace").decode(encoding)
        with contextlib.suppress(OSError) if err else contextlib.nullcontext():
            click.echo(text, file=file)


def somebody_answers() -> bool:
    """Whether answers come from a terminal; stdin may have been closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def redraw(rows: Sequence[str], drawn: int) -> int:
    """Draw rows in the place of so many drawn last, on a terminal that knows ECMA-48's cursor; how many now stand."""
    up = f"\x1b[{drawn}A" if drawn else ""
    click.echo(up + "".join(f"\x1b[K{in_one_line(row)}\n" for row in rows) + "\x1b[J", nl=False)
    return len(rows)


def in_one_line(text: str) -> str:
    """The text as one line; a control character, and a line's end within it, is shown as unknown."""
    return RAW.sub(UNKNOWN, text)


def in_lines(text: str) -> str:
    """The text, its lines' ends as they are, with each other control character shown as unknown."""
    return RAW_IN_LINES.sub(UNKNOWN, text)


def print_json(value: object) -> None:
    """Print it as JSON that stays the same in any encoding; control characters are escaped."""
    import json  # the daemon prints none

    text = RAW_IN_JSON.sub(escaped, json.dumps(value, ensure_ascii=False, indent=2))
    try:
        text.encode(sys.stdout.encoding)
    except (UnicodeEncodeError, AttributeError, TypeError):
        text = json.dumps(value, indent=2)
    click.echo(text, file=sys.stdout)


def escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def escaped_line(json_line: bytes) -> bytes:
    """A line of JSON in UTF-8 with the control characters escaped that JSON itself would let pass."""
    return RAW_IN_BYTES.sub(lambda found: b"\\u00%02x" % found[0][-1], json_line)


class LogLines(logging.Formatter):
    """A message is one line; a traceback below it keeps its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return in_one_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return in_lines(super().format(record))


class Repeats(logging.Filter):
    """Counts a line that comes again and again instead of repeating it; lines that differ in numbers alone are one.

    An hour after the first it may come as often again, and says how often it was held back. Lines of --verbose all go.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._lock = threading.Lock()
        self._said: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """By line when it came first, and how often since; of so many lines, the one that came last is last."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return True
        text, at = record.getMessage(), self._now()
        with self._lock:
            line = DIGITS.sub("#", text)
            since, times = self._said.pop(line, (at, 0))
            held = max(0, times - OFTEN)
            if at - since >= COUNTED_S:
                since, times = at, 0
            self._said[line] = (since, times + 1)
            if len(self._said) > MOST_LINES:
                self._said.popitem(last=False)
        if times == 0 and held:
            record.msg, record.args = f"{text} (and {held} times in between)", None
        elif times == OFTEN - 1:
            record.msg, record.args = f"{text} (again and again: counted for an hour)", None
        return times < OFTEN


def begin_log() -> None:
    """Let the log go to stderr, a line a message; the journal adds the time."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines("%(message)s"))
    handler.addFilter(Repeats())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
