"""While nothing is asked: the clock, the device's health, and what is wrong."""

from device.core.model.record import Clock, Since, begun
from device.core.model.view import HealthBody, Icon, IdleBody, ReachBody, ScreenName, WarningBody, WarningKind
from device.core.rules.sittings import MINUTE_S, between
from device.core.state import State, Turn, is_night, last_session, minute, monotonic, newest, wall
from device.words import in_each

from .flow import Key, Keys, Screen, go, home, may_stop, open_warning, show_last

STATUS_S = 30.0

# -- idle ----------------------------------------------------------------------------------------------------------


def show_newest(turn: Turn) -> None:
    show_last(turn, 0)


def start_session(turn: Turn) -> None:
    turn.hand = "start"


IDLE_KEYS: Keys = (
    Key(in_each(lambda words: words.key.nursed), lambda turn: go(turn, ScreenName.NURSED)),
    Key(in_each(lambda words: words.key.last), show_newest),
    Key(in_each(lambda words: words.key.start), start_session),
)


def idle_body(state: State, at: float) -> IdleBody:
    now, today = minute_now(state, at), state.today
    last_at = today.last_stimulation_at if today else None
    since = today.last_stimulation_ended_at if today and today.since is Since.END else last_at
    nursed = last_at is not None and is_nursing(state, last_at)
    return IdleBody(
        local=minute(state, now) if state.clock is Clock.SYNCED else None,
        stimulations=today.last_24h.stimulations if today else 0,
        baseline=state.baseline,
        last=("" if newest(state) else None) if last_at is None else "nursed" if nursed else "pumped",
        last_ago_s=0 if since is None else max(now - since, 0) // MINUTE_S * MINUTE_S,
        icons=icons(state, at),
    )


def is_nursing(state: State, stimulated_at: int) -> bool:
    """Whether the stimulation of that second is an effective nursing's."""
    then = between(state.nursings, stimulated_at - 1, stimulated_at, begun)
    return any(nursing.effective and not nursing.deleted for nursing in then)


def minute_now(state: State, at: float) -> int:
    """The wall time of the clock's last minute, at which the screen is drawn: what counts minutes is as of then."""
    return wall(state, at) // MINUTE_S * MINUTE_S


def icons(state: State, at: float) -> tuple[Icon, ...]:
    """At most two: a warning, the broker away, the display dimmed, in that order."""
    shown = ((open_warning(state) or still_stuck(state), Icon.WARNING), (not state.health.broker, Icon.UNLINKED))
    wanted = [icon for is_so, icon in (*shown, (is_night(state, wall(state, at)), Icon.MOON)) if is_so]
    return tuple(wanted[:2])


def still_stuck(state: State) -> bool:
    """A stuck sensor's session was stopped by hand, and its line is active yet: an icon, nothing to be done."""
    wire, last = state.detector.wire, last_session(state)
    return wire.muted and wire.running and last is not None and last.stuck_sensor


def idle_is_over(state: State) -> bool:
    warning = open_warning(state)
    return state.running is not None or (warning is not None and warning not in state.dialogue.acknowledged)


# -- status --------------------------------------------------------------------------------------------------------


def turn_status(turn: Turn) -> None:
    """The second page, after that the records again."""
    if turn.state.dialogue.page == 1:
        go(turn, ScreenName.STATUS, page=2)
    else:
        show_newest(turn)


STATUS_KEYS: Keys = (
    Key(in_each(lambda words: words.key.older), turn_status),
    None,
    Key(in_each(lambda words: words.key.back), home),
)


def status_body(state: State, at: float) -> ReachBody | HealthBody:
    health, settings = state.health, state.settings
    now = monotonic(state, minute_now(state, at))
    if state.dialogue.page == 1:
        return ReachBody(
            address=state.address,
            broker_away_s=None if health.broker else int(now - health.broker_since),
            waiting=health.outbox,
            passed_over=health.passed_over,
            pump=settings.pump,
            link_lost=settings.serial and not health.serial,
        )
    return HealthBody(
        version=settings.version,
        storage=state.storage,
        store=health.store,
        synced=state.clock is Clock.SYNCED,
        running_s=int(now - state.started),
    )


# -- warnings ------------------------------------------------------------------------------------------------------


def acknowledge(turn: Turn) -> None:
    dialogue = turn.state.dialogue
    if dialogue.warning:
        if dialogue.warning is WarningKind.REPAIRED:
            turn.tell_health(repair_open=False)
        turn.talk(acknowledged=(*dialogue.acknowledged, dialogue.warning))
        home(turn)


WARNING_KEYS: Keys = (None, None, Key(in_each(lambda words: words.key.ok), acknowledge))


def warning_body(state: State, _at: float) -> WarningBody:
    kind = state.dialogue.warning or WarningKind.NOT_SAVED
    return WarningBody(kind, stop_on_timer=kind is WarningKind.STUCK_SENSOR and may_stop(state))


ROWS: dict[ScreenName, Screen] = {
    ScreenName.IDLE: Screen(keys=IDLE_KEYS, body=idle_body, left_alone=home, is_over=idle_is_over),
    ScreenName.STATUS: Screen(
        keys=STATUS_KEYS,
        body=status_body,
        back=home,
        stays_s=STATUS_S,
        left_alone=home,
    ),
    ScreenName.WARNING: Screen(
        keys=WARNING_KEYS,
        body=warning_body,
        back=acknowledge,
        left_alone=home,
        is_over=lambda state: open_warning(state) is not state.dialogue.warning,
    ),
}
