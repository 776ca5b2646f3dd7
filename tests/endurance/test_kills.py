"""A short round of kills, and that its rules see what would be wrong; the long one is `scripts/endure --kills 1000`."""

import json
from typing import Any

import pytest

from tests.endurance import kills
from tests.endurance.book import Pumped, Record, hold, listened

SEED = 15


def test_forty_kills_of_the_daemon_and_eight_of_the_broker_over_a_bad_line_lose_and_double_nothing() -> None:
    print(*kills.kills(kills.STRETCH, SEED), sep="\n")


# -- what the rules see ------------------------------------------------------------------------------------------------


def revision(number: int, of: int, **fields: Any) -> Record:
    ended = {"state": "ended", "ended_at": "2026-11-24T03:00:05Z", "duration_s": 5, "pumping_s": 5, "volume_ml": number}
    running = {"state": "running", "ended_at": None, "duration_s": 0, "pumping_s": 0, "volume_ml": None}
    made = {"id": f"id {number}", "number": number, "revision": of, "started_at": "2026-11-24T03:00:00Z"}
    return made | {"interrupted": False, "pauses": 0, "sources": ["serial"]} | (running if of == 1 else ended) | fields


BEGAN = 1_795_489_200.0
TRUTH = [Pumped(number, (BEGAN, BEGAN), (BEGAN + 5, BEGAN + 5), {"r": {"note": "n"}}) for number in (1, 2)]
GOOD = [revision(1, 1), revision(1, 2, note="n"), revision(2, 1), revision(2, 2, note="n")]
KEPT = [GOOD[1], GOOD[3]]


def judge(told: list[Record], kept: list[Record], *replies: Record) -> None:
    heard = [("session", json.dumps(one).encode()) for one in told]
    heard += [("reply", json.dumps({"request": "r", **one}).encode()) for one in replies]
    hold(listened(heard), kept, TRUTH)


def test_what_is_told_twice_alike_and_all_there_is_right() -> None:
    judge([*GOOD, GOOD[1]], KEPT, {"ok": True, "session": GOOD[1]}, {"ok": True, "session": GOOD[1]})


UNTOLD = revision(2, 2, note=None)


@pytest.mark.parametrize(
    ("told", "kept", "replies", "seen"),
    [
        ([GOOD[0], *GOOD[2:]], KEPT, [], "revisions"),  # the last revision lost
        (GOOD[1:], KEPT, [], "revisions"),  # the first one
        (GOOD[:2], KEPT, [], "sessions"),  # a session
        (GOOD[:2], KEPT[:1], [], "numbers"),  # a session, on the disk too
        ([*GOOD, revision(3, 1)], [*KEPT, revision(3, 1)], [], "numbers"),  # one that nobody pumped
        ([*GOOD, revision(2, 2, note="other")], KEPT, [], "two contents"),
        (GOOD, [KEPT[0], revision(2, 2, note="other")], [], "told"),  # another than is kept
        ([*GOOD[2:], *GOOD[:2]], KEPT, [], "not in order"),
        ([GOOD[1], GOOD[0], *GOOD[2:]], KEPT, [], "revisions"),
        (GOOD, KEPT, [{"ok": True, "session": revision(1, 3)}], "never told"),
        (GOOD, KEPT, [{"ok": True}, {"ok": False}], "two ways"),
        ([*GOOD[:3], UNTOLD], [KEPT[0], UNTOLD], [{"ok": True}], "lost"),  # a note that was answered
    ],
)
def test_what_is_lost_doubled_changed_or_out_of_order_is_seen(
    told: list[Record], kept: list[Record], replies: list[Record], seen: str
) -> None:
    with pytest.raises(AssertionError, match=seen):
        judge(told, kept, *replies)


@pytest.mark.parametrize(
    "wrong",
    [
        {"volume_ml": 3},
        {"state": "running"},
        {"interrupted": True},
        {"pauses": 1},
        {"started_at": "2026-11-24T03:00:03Z"},
        {"ended_at": "2026-11-24T03:00:02Z"},
        {"pumping_s": 2},
    ],
)
def test_a_record_that_is_not_what_happened_is_seen(wrong: Record) -> None:
    last = revision(2, 2, **{"note": "n", **wrong})
    with pytest.raises(AssertionError):
        judge([*GOOD[:3], last], [KEPT[0], last])
