"""The portion: where a session's milk is, how much of it is left, until when it keeps; and the stock of all portions.

The times are the CDC's for fresh milk of a healthy term baby ("Breast Milk Storage and Preparation").
"""

from bisect import bisect_left, insort
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from device.core.model.live import Stock
from device.core.model.record import Clock, Intention, Milk, MilkMove, Place, Portion, Session

from .sittings import DAY_S, HOUR_S

FREEZER_MONTHS = 6
BEGINS = {
    Intention.FEED: Place.ROOM,
    Intention.FRIDGE: Place.FRIDGE,
    Intention.FREEZER: Place.FREEZER,
    Intention.DONATE: Place.DONATED,
    Intention.DISCARD: Place.DISCARDED,
}
GONE = (Place.USED, Place.DONATED, Place.DISCARDED)
MOVES: dict[Place, tuple[Place, ...]] = {
    Place.ROOM: (Place.FRIDGE, Place.FREEZER, *GONE),
    Place.FRIDGE: (Place.FREEZER, *GONE),
    Place.FREEZER: (Place.THAWED, *GONE),
    Place.THAWED: GONE,
    Place.USED: (Place.DONATED, Place.DISCARDED),
    Place.DONATED: (Place.USED, Place.DISCARDED),
    Place.DISCARDED: (Place.USED, Place.DONATED),
}
"""Where a portion may go from where it is; thawed milk is never frozen again."""

FOREVER = 1 << 53
"""Later than any `use_by`: where there is none."""
MOST_PORTIONS = 4000
"""How many portions the stock holds; where there are more, those that keep longest."""
LETS_GO_S = 2 * DAY_S
"""So long after its `use_by` the stock still holds a portion."""


def use_by(place: Place, since: int, ended_at: int) -> int:
    """Until when milk keeps that came to room, fridge, freezer or thawed then; in the fridge the room's time counts.

    Months are the calendar's (UTC), clamped to their last day.
    """
    if place is Place.FREEZER:
        came = datetime.fromtimestamp(since, UTC)
        years, month = divmod(came.month - 1 + FREEZER_MONTHS, 12)
        year, month = came.year + years, month + 1
        day = min(came.day, monthrange(year, month)[1])
        return int(came.replace(year=year, month=month, day=day).timestamp())
    if place is Place.FRIDGE:
        return ended_at + 4 * DAY_S
    return since + (DAY_S if place is Place.THAWED else 4 * HOUR_S)


def portion(session: Session) -> tuple[Milk | None, int | None]:
    """A session's portion and until when it keeps, from its end, amount, intention and `milk` commands alone.

    The commands count in the order in which they were given, each no earlier than what it moves.
    """
    moves, end = session.milk_moves, session.ended_at
    began = session.milk_began if moves else session.intention
    if end is None or not session.counted or session.deleted or (began is None and not moves):
        return None, None
    place, since = BEGINS[began] if began else None, end
    until = None if place is None or place in GONE else use_by(place, end, end)
    left, is_all, last = 0, place in GONE, None
    for move in moves:
        at = max(move.at, since)
        if move.place in GONE:
            left, is_all = left + (move.went or 0), is_all or move.went is None
            last = (move.place, at)
            continue
        if move.place is not place:
            until = use_by(move.place, at, end) if place is None else _moved(until, move, at, end)
            place, since = move.place, at
        left = left if move.went is None else move.went
        until = until if move.use_by is UNSET else move.use_by
    ml = None if session.volume_ml is None else max(session.volume_ml - left, 0)
    ml = 0 if is_all else ml
    if ml == 0 and last is not None:
        place, since = last
    milk = Milk(place or moves[0].place, ml, since)
    return milk, until if ml != 0 and session.clock is Clock.SYNCED else None


def _moved(until: int | None, move: MilkMove, at: int, ended_at: int) -> int | None:
    """Milk does not get younger: once its time is over it stays over. What rests on a wrong clock has no time."""
    if until is None or move.unsynced:
        return None
    return until if at > until else use_by(move.place, at, ended_at)


def as_said(session: Session, milk: Milk, until: int | None | UnsetType) -> Session:
    """An imported session with the portion that its line says, by one `milk` command where it is not as it began.

    `until` is the `use_by` that the line says; UNSET: none.
    """
    good = replace(session, counted=True, deleted=False)
    if portion(good)[0] == milk:
        return session
    is_there = session.intention and BEGINS[session.intention] is milk.place and milk.since == session.ended_at
    went = None if milk.ml is None or milk.place in GONE else (session.volume_ml or 0) - milk.ml
    move = MilkMove(milk.place, milk.since, went)
    began = session.intention if is_there else None
    if until is not UNSET and portion(replace(good, milk_moves=(move,), milk_began=began))[1] != until:
        move = replace(move, use_by=until)
    return replace(session, milk_moves=(move,), milk_began=began)


# -- the stock -------------------------------------------------------------------------------------------------


def in_stock(session: Session) -> Portion | None:
    """The session's portion as the stock counts it; None where there is none, or it is gone."""
    milk, _ = portion(session)
    return None if milk is None or milk.ml == 0 else Portion(session.id, milk.place, milk.ml, session.use_by)


def keeps(held: Portion) -> tuple[int, str]:
    """How portions are sorted: by how long they keep."""
    return FOREVER if held.use_by is None else held.use_by, held.session


def with_portion(portions: tuple[Portion, ...], session: Session, former: Session | None = None) -> tuple[Portion, ...]:
    """The sorted portions with this session's in the place of the one that it had; the same where that is as it was.

    `former` is the revision before, where that is held: then nothing is looked for where both have the same.
    """
    now, theirs = in_stock(session), (held for held in portions if held.session == session.id)
    was = next(theirs, None) if former is None else in_stock(former)
    if now == was:
        return portions
    others = list(portions)
    place = 0 if was is None else bisect_left(others, keeps(was), key=keeps)
    if was is not None and others[place : place + 1] == [was]:
        del others[place]
    if now is not None:
        insort(others, now, key=keeps)
    return tuple(others[-MOST_PORTIONS:])


def without_past(portions: tuple[Portion, ...], now: int) -> tuple[Portion, ...]:
    """The portions but those that nobody will use any more."""
    return portions[good_since(portions, now - LETS_GO_S) :]


def good_since(portions: Sequence[Portion], now: int | None) -> int:
    """From which place on the sorted portions are not past; `now` None: the clock is not set, so that none is."""
    return 0 if now is None else bisect_left(portions, (now, ""), key=keeps)


def stock(portions: Sequence[Portion], now: int | None) -> Stock:
    """What there is in each place, of sorted portions."""
    return restocked(Stock(), portions, (), portions[good_since(portions, now) :], now)


def restocked(
    stock: Stock, portions: Sequence[Portion], gone: Iterable[Portion], come: Iterable[Portion], now: int | None
) -> Stock:
    """The stock without what is gone of it and with what came, which makes it that of these sorted portions."""
    ml = dict.fromkeys(Place, 0)
    ml[Place.ROOM], ml[Place.FRIDGE] = stock.room_ml, stock.fridge_ml
    ml[Place.FREEZER], ml[Place.THAWED] = stock.freezer_ml, stock.thawed_ml
    for held in gone:
        ml[held.place] -= held.ml or 0
    for held in come:
        ml[held.place] += held.ml or 0
    good = good_since(portions, now)
    return Stock(
        room_ml=ml[Place.ROOM],
        fridge_ml=ml[Place.FRIDGE],
        freezer_ml=ml[Place.FREEZER],
        thawed_ml=ml[Place.THAWED],
        portions=len(portions) - good,
        next_use_by=None if now is None or good == len(portions) else portions[good].use_by,
    )


def stock_with(
    stock: Stock | None, portions: Sequence[Portion], session: Session, former: Session | None, now: int | None
) -> Stock | None:
    """The stock after a session's revision, which brought it to these portions; None: add it all up again."""
    if stock is None or former is None or len(portions) == MOST_PORTIONS:
        return None
    if now is not None and stock.next_use_by is not None and now > stock.next_use_by:
        return None
    was, held = in_stock(former), in_stock(session)
    return restocked(stock, portions, still_good(was, now), still_good(held, now), now)


def still_good(held: Portion | None, now: int | None) -> list[Portion]:
    return [] if held is None or good_since([held], now) else [held]
