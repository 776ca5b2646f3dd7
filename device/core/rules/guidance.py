"""What the record says to a parent now: the suggestion, the outlook, notes from both. `records` has the volume.

Each rule names its source, so that a reader can judge it; it suggests, and nothing here applies itself.
Every function takes whole seconds since 1970 (UTC) and records by start; deleted records count nowhere.
"""

from collections.abc import Callable, Sequence

from device.core.model.live import Outlook
from device.core.model.record import Context, Facts, Nursing, Purpose, Reason, Session, Suggestion, begun
from device.core.model.view import Hint

from .sittings import DAY_S, MINUTE_S, between, is_counted, within

AFTER_NURSING_S = 60 * MINUTE_S
"""How long a nursing is a session's likely reason (the contract's rules 2 and 3)."""

OUTLOOK_DAYS = 5
"""The body answers a change in stimulation 3 to 5 days later ("Purpose of a Pumping Session")."""

LOW_PERCENT = 90
HIGH_PERCENT = 115

LABELS = {
    ("within", "within"): "steady",
    ("within", "low"): "falling",
    ("within", "high"): "rising",
    ("low", "low"): "low",
    ("low", "within"): "recovering",
    ("low", "high"): "rising",
    ("high", "low"): "falling",
    ("high", "within"): "settling",
    ("high", "high"): "high",
}
"""What (now, coming) mean together; `high` is toward oversupply."""

# -- the suggestion --------------------------------------------------------------------------------------------


Because = Callable[[Context, Facts], str]
Likely = tuple[Purpose, Reason | None, Context, Facts]


def suggest(
    sessions: Sequence[Session],
    nursings: Sequence[Nursing],
    *,
    stimulations_24h: int,
    baseline: int,
    now: int,
    outlook: str,
    because: Because,
    about: str | None = None,
) -> Suggestion:
    """The purpose that the record makes likely for a session that begins `now`; the first rule that fits wins.

    `outlook` is its label; `because` says the facts; `about` is the id of the session itself, which is not in the
    count either. The rules follow the article: treat goes on, pumping after a nursing completes or promotes, else the
    baseline decides. Rule 1 is also a brake: while a treatment is recent nothing suggests promoting.
    """
    purpose, reason, context, facts = (
        _treatment_continues(sessions, now, about)
        or _after_nursing(sessions, nursings, now, outlook, about)
        or _by_baseline(stimulations_24h, baseline, outlook)
    )
    return Suggestion(purpose, reason, context, because(context, facts), facts)


def _treatment_continues(sessions: Sequence[Session], now: int, about: str | None) -> Likely | None:
    recent = (
        session
        for session in reversed(between(sessions, now - DAY_S, now, begun))
        if session.purpose is not None and not session.deleted and session.id != about
    )
    newest = next(recent, None)
    if newest is None or newest.purpose is not Purpose.TREAT:
        return None
    facts = Facts(minutes=(now - newest.started_at) // MINUTE_S, reason=newest.reason)
    return Purpose.TREAT, newest.reason, Context.TREATMENT_CONTINUES, facts


def _after_nursing(
    sessions: Sequence[Session], nursings: Sequence[Nursing], now: int, outlook: str, about: str | None
) -> Likely | None:
    recent = reversed(between(nursings, now - AFTER_NURSING_S - 1, now, begun))
    newest = next((nursing for nursing in recent if not nursing.deleted), None)
    if newest is None:
        return None
    since = between(sessions, newest.at - 1, now, begun)
    if any(is_counted(session) and session.id != about for session in since):
        return None
    facts = Facts(minutes=(now - newest.at) // MINUTE_S)
    if newest.effective:
        return Purpose.PROMOTE, _promoting(outlook), Context.AFTER_EFFECTIVE_NURSING, facts
    return Purpose.PROTECT, Reason.COMPLETE_NURSING, Context.AFTER_INEFFECTIVE_NURSING, facts


def _by_baseline(count: int, baseline: int, outlook: str) -> Likely:
    facts = Facts(stimulations=count, baseline=baseline)
    if count >= baseline:
        return Purpose.PROMOTE, _promoting(outlook), Context.ABOVE_BASELINE, facts
    return Purpose.PROTECT, Reason.IN_PLACE_OF_NURSING, Context.BELOW_BASELINE, facts


def _promoting(outlook: str) -> Reason:
    return Reason.RAISE_LOW_SUPPLY if outlook in {"falling", "low"} else Reason.COLLECT_EXTRA_MILK


# -- the outlook, and notes ------------------------------------------------------------------------------------


def outlook(
    stimulated: Sequence[int], recorded: Sequence[int], *, baseline: int, first_record_at: int | None, now: int
) -> Outlook:
    """Where the supply is heading, from the sorted times of the stimulations and of all records.

    `first_record_at` is the whole record's first. `now` is the mean of stimulations a day 5 to 3 days ago over the
    baseline, what today's supply answers to; `coming` that of the last 3 days. Thresholds see exact ratios, people two
    places. A record with holes says nothing about a supply, then the label is `unknown` and both are None.
    """
    windows = [(now - (day + 1) * DAY_S, now - day * DAY_S) for day in range(OUTLOOK_DAYS)]
    counts = tuple(within(stimulated, *window) for window in windows)
    young = first_record_at is None or now - first_record_at < OUTLOOK_DAYS * DAY_S
    if young or not all(within(recorded, *window) for window in windows):
        return Outlook(label="unknown", now=None, coming=None, stimulations=counts)
    before, lately = (sum(counts[3:]), 2 * baseline), (sum(counts[:3]), 3 * baseline)
    return Outlook(
        label=LABELS[_level(*before), _level(*lately)],
        now=_hundredths(*before),
        coming=_hundredths(*lately),
        stimulations=counts,
    )


def _level(count: int, needed: int) -> str:
    if 100 * count < LOW_PERCENT * needed:
        return "low"
    return "high" if 100 * count > HIGH_PERCENT * needed else "within"


def _hundredths(count: int, needed: int) -> float:
    return (200 * count + needed) // (2 * needed) / 100


def hint(purpose: Purpose, stimulations_24h: int, baseline: int, outlook_label: str) -> Hint | None:
    """The short note after an answer: protect chosen above the baseline also promotes; promote while `high`.

    `stimulations_24h` leaves the session itself out, as for the suggestion.
    """
    if purpose is Purpose.PROTECT and stimulations_24h >= baseline:
        return Hint.ALSO_PROMOTES
    if purpose is Purpose.PROMOTE and outlook_label == "high":
        return Hint.TOWARD_OVERSUPPLY
    return None
