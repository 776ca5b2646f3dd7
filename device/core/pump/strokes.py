"""Knocks on the motor's wire become strokes and their pace: a contact bounces, a vibration sensor chatters.

Values only, on monotonic seconds; a knock is an edge that held for debounce_ms.
"""

import msgspec
from msgspec.structs import replace

APART_S = 0.15
"""Knocks with less than this between them are one stroke."""

CHATTER_S = 1.0
"""A stroke that lasts longer than this, its longest knock aside, is a chatter: the motor runs, but has no pace.

Its longest knock aside, for slow expression holds a contact for seconds, and it bounces as it lets go.
"""

RECENT = 8
"""How many strokes the pace of the moment is taken from."""

FASTEST = 200
"""Strokes a minute: a pace above is none."""


class Strokes(msgspec.Struct, frozen=True):
    """What is known of the strokes of a signal; `began` to `longest_s` are of the newest one."""

    began: float = float("-inf")
    knock: float = float("-inf")
    """The newest knock's edge."""
    over: float = float("-inf")
    """When the newest knock that is over ended."""
    longest_s: float = 0.0
    """The longest knock that is over."""
    chatters: bool = False
    newest: tuple[float, ...] = ()
    """When the newest strokes began that make a pace."""
    cycles: tuple[float, float] = (0.0, 0.0)
    """Strokes, over how many seconds, that nobody has been told of yet."""


NONE = Strokes()


def first_knock(at: float) -> Strokes:
    """The first knock of a signal."""
    return Strokes(began=at, knock=at, newest=(at,))


def knock(strokes: Strokes, at: float) -> Strokes:
    """A further knock: one more of the stroke that is on, or the next stroke."""
    if at - strokes.over < APART_S:
        chatters = strokes.chatters or at - strokes.began - strokes.longest_s > CHATTER_S
        newest = () if chatters else strokes.newest
        return replace(strokes, knock=at, chatters=chatters, newest=newest)
    newest = (*strokes.newest, at)[-RECENT:]
    count, seconds = strokes.cycles
    if _pace(newest) is not None:
        count, seconds = count + 1, seconds + at - newest[-2]
    return Strokes(began=at, knock=at, over=strokes.over, newest=newest, cycles=(count, seconds))


def knock_over(strokes: Strokes, at: float) -> Strokes:
    return replace(strokes, over=at, longest_s=max(strokes.longest_s, at - strokes.knock))


def latest(strokes: Strokes) -> float:
    """Until when the signal has lasted: its last stroke, in a chatter the last knock."""
    return strokes.knock if strokes.chatters else strokes.began


def told(strokes: Strokes) -> Strokes:
    return replace(strokes, cycles=(0.0, 0.0))


def pace(strokes: Strokes) -> float | None:
    """Strokes a minute; None in a chatter, where they are too few, or too fast for any pump."""
    return _pace(strokes.newest)


def _pace(newest: tuple[float, ...]) -> float | None:
    if len(newest) < 2 or newest[-1] <= newest[0]:
        return None
    cpm = 60 * (len(newest) - 1) / (newest[-1] - newest[0])
    return cpm if cpm <= FASTEST else None
