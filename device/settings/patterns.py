"""Whether a regular expression for another pump's lines could hang the loop: its repeats, its time on hostile lines.

Python's expressions have no time limit of their own, and a line that almost fits can take one of them for years.
"""

import contextlib
import importlib
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from drivers.serial_line import LONGEST_LINE

SLOW_S = 0.02
"""A line that takes longer holds up the pump's next one, and a press."""

PIECES = (
    *("a", "A", "1", " ", "\t", "_", ".", "-", ":", "=", "\xff"),
    *("a ", "1 ", "ab", "a1", "1.", "a=1 ", "PUMP RUN t=1 "),
)
"""A hostile line is one of these, as often as the line takes; and so is what the pattern itself says (`_own_lines`)."""
END = "\x01"
"""What a hostile line ends with: it fits almost no pattern."""
LENGTHS = (16, 32, 64, LONGEST_LINE)

# the parser that `re` itself compiles by; it has no public name since Python 3.11
_parser: Any = importlib.import_module("re._parser")
_op: Any = importlib.import_module("re._constants")
_REPEATS = {_op.MAX_REPEAT, _op.MIN_REPEAT, _op.POSSESSIVE_REPEAT}
_OF_CATEGORY = {_op.CATEGORY_DIGIT: "1", _op.CATEGORY_SPACE: " ", _op.CATEGORY_WORD: "a"}
Node = tuple[Any, Any]


def nests(text: str) -> bool:
    """Whether an unbounded repeat stands inside another."""
    return _nests(_parser.parse(text), inside=False)


def slow_line(pattern: re.Pattern[str]) -> str | None:
    """A hostile line that takes the pattern longer than SLOW_S, or None. The first such ends the search."""
    lines = [*(piece * LONGEST_LINE for piece in PIECES), *_own_lines(pattern.pattern)]
    hostile = [line[: length - 1] + END for line in lines for length in LENGTHS]
    with _stopping() as stop_after:
        return next((line for line in dict.fromkeys(hostile) if _is_slow(pattern, line, stop_after)), None)


def _is_slow(pattern: re.Pattern[str], line: str, stop_after: Callable[[float], object]) -> bool:
    """Three times, for what else the machine does is not the pattern's fault; far over the limit is once enough."""
    for _ in range(3):
        begun, done = time.thread_time(), False
        with contextlib.suppress(_TooSlowError):
            stop_after(10 * SLOW_S)
            pattern.search(line)
            stop_after(0)
            done = True
        took_s = time.thread_time() - begun
        if done and took_s <= SLOW_S:
            return False
        if took_s > 5 * SLOW_S:
            return True
    return True


class _TooSlowError(Exception):
    pass


@contextlib.contextmanager
def _stopping() -> Iterator[Callable[[float], object]]:
    """Give a way to be interrupted after so many seconds of computing: `re` looks for signals as it searches."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda _seconds: None  # Python hands signals to the main thread alone
        return

    def stop(*_: object) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _inner(node: Node) -> list[Any]:
    """The sequences that a node holds."""
    kind, what = node
    if kind in _REPEATS:
        return [what[2]]
    if kind is _op.SUBPATTERN:
        return [what[3]]
    if kind is _op.BRANCH:
        return list(what[1])
    if kind is _op.ATOMIC_GROUP:
        return [what]
    if kind in {_op.ASSERT, _op.ASSERT_NOT}:
        return [what[1]]
    if kind is _op.GROUPREF_EXISTS:
        return [branch for branch in what[1:] if branch is not None]
    return []


def _nests(sequence: Any, *, inside: bool) -> bool:
    for node in sequence:
        endless = node[0] in _REPEATS and node[1][1] is _op.MAXREPEAT
        if (endless and inside) or any(_nests(inside_it, inside=inside or endless) for inside_it in _inner(node)):
            return True
    return False


def _own_lines(text: str) -> list[str]:
    """For each repeat of the pattern a line that fits up to it, then repeats what it repeats."""
    return [*(char * LONGEST_LINE for char in dict.fromkeys(text)), *_lines(_parser.parse(text), "")]


def _lines(sequence: Any, before: str) -> Iterator[str]:
    for node in sequence:
        for inside_it in _inner(node):
            yield from _lines(inside_it, before)
            if node[0] in _REPEATS:
                for unit in _fitting(inside_it):
                    yield (before + (unit or "a") * LONGEST_LINE)[:LONGEST_LINE]
        before += _fitting([node])[0]


def _fitting(sequence: Any) -> list[str]:
    """Texts that a sequence fits, or nearly: the first for each choice that it offers."""
    texts = [""]
    for kind, what in sequence:
        inner = _inner((kind, what))
        if kind is _op.BRANCH:
            texts = [texts[0] + text for inside_it in inner for text in _fitting(inside_it)]
        elif kind in _REPEATS:
            unit = _fitting(inner[0])[0] * min(max(what[0], 1), LONGEST_LINE)
            texts = [text + unit for text in texts]
        elif kind not in {_op.ASSERT, _op.ASSERT_NOT} and inner:
            texts = [texts[0] + text for text in _fitting(inner[0])]
        else:
            texts = [text + _character(kind, what) for text in texts]
    return texts


def _character(kind: Any, what: Any) -> str:
    if kind is _op.LITERAL:
        return chr(what)
    if kind is _op.IN and what[0][0] is not _op.NEGATE:
        first, value = what[0]
        if first is _op.CATEGORY:
            return _OF_CATEGORY.get(value, "-")
        return chr(value if first is _op.LITERAL else value[0])
    return "b" if kind in {_op.ANY, _op.IN, _op.NOT_LITERAL} else ""
