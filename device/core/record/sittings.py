"""To which sitting a session comes, what it takes from there, and in which order a sitting's answers stand.

Plain functions over sessions sorted by start; a sitting follows from the times alone (`sittings.sittings`), and here
only what lies near a change is walked.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Mapping
from itertools import groupby
from operator import attrgetter

from msgspec.structs import replace

from device.core.model.record import SESSIONS_IN_ORDER, ClassifiedBy, Session, finished
from device.core.rules import sittings
from device.core.rules.records import Records
from device.core.state import State, sitting_of


def sitting_at(state: State, session: Session) -> str:
    """The sitting to which a session comes that is not held yet."""
    place = bisect_right(state.sessions, SESSIONS_IN_ORDER(session), key=SESSIONS_IN_ORDER)
    before = next((earlier for earlier in reversed(state.sessions[:place]) if not earlier.deleted), None)
    if before is None:
        return session.id
    rest_s = session.started_at - finished(before)
    if not sittings.joins(rest_s, state.settings.sitting_s):
        rest_s = session.started_at - max(finished(member) for member in sitting_of(state, before))
    return before.sitting if sittings.joins(rest_s, state.settings.sitting_s) else session.id


def seated_anew(records: Records, since: int, until: int, moved: Container[str] = ()) -> list[Session]:
    """By start, in their new sittings, the sessions whose sitting is another than they say.

    Something changed between these moments. What began before the sitting that stood at `since`, or after a sitting
    that begins behind `until` as it did, is as it was. A sitting whose first session is not held keeps its name, but
    for those that `moved` to where they are.
    """
    sessions = records.sessions
    first = bisect_left(sessions, (since, 0), key=SESSIONS_IN_ORDER) - 1
    while first > 0 and sessions[first].deleted:
        first -= 1
    sitting = sessions[first].sitting if first >= 0 else ""
    while first > 0 and (sessions[first - 1].sitting == sitting or sessions[first - 1].deleted):
        first -= 1
    seated: list[Session] = []
    name, quiet_since = "", float("-inf")
    for session in sessions[max(first, 0) :]:
        if session.deleted:
            continue
        if not sittings.joins(session.started_at - quiet_since, records.sitting_s):
            if session.started_at > until and session.sitting == session.id:
                break
            trusted = name == "" and session.id not in moved
            cut = trusted and session.sitting not in records.by_id
            name = session.sitting if cut else session.id
        if session.sitting != name:
            seated.append(replace(session, sitting=name))
        quiet_since = max(quiet_since, finished(session))
    return seated


def seat(session: Session, sessions: Iterable[Session]) -> Session:
    """A session that comes to its sitting: where it has no answer, it takes that of the sitting's others."""
    others = [
        other for other in sessions if other.sitting == session.sitting and not other.deleted and other.id != session.id
    ]
    speaker = sittings.standing_answer(others)
    if session.purpose is None and speaker is not None:
        session = replace(
            session,
            purpose=speaker.purpose,
            reason=speaker.reason,
            classified_by=ClassifiedBy.SITTING,
            classified_at=speaker.classified_at,
            answer=speaker.answer,
            answered=speaker.answered,
        )
    if session.intention is None:
        intentions = (other.intention for other in reversed(others) if other.intention)
        session = replace(session, intention=next(intentions, None))
    return session


ANSWER = attrgetter("answer")


def in_answers_order(records: Records, changed: Mapping[str, Session]) -> list[Session]:
    """The changed sessions, and those of their sittings whose answer must now stand after an earlier one.

    The order in which answers were given is counted; what a clock said then can only follow it, by a second at least.
    """
    touched = {session.sitting for session in changed.values() if session.answer}
    if not touched:
        return list(changed.values())
    in_order = dict(changed)
    for sitting in touched:
        now = (changed.get(session.id, session) for session in records.members.get(sitting, ()))
        members = [session for session in now if session.classified_at is not None and not session.deleted]
        latest = max((member.classified_at or 0 for member in members if not member.answer), default=-1)
        for number, at_once in groupby(sorted(members, key=ANSWER), key=ANSWER):
            if not number:
                continue
            alike = list(at_once)
            latest = max(latest + 1, *(member.classified_at or 0 for member in alike))
            in_order |= {
                member.id: replace(member, classified_at=latest) for member in alike if member.classified_at != latest
            }
    return list(in_order.values())
