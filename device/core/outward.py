"""What the core says outwardly of its state: the picture, and what dashboards are told.

The picture is made of the screen's row as a view, and whoever draws that knows nothing of the rest.
Dashboards are told what the device does now, the figures of the day, its health, and the last record.
"""

from msgspec.structs import replace

from device.core.model.effects import Publish, Show, Topic
from device.core.model.events import StoreState
from device.core.model.live import ClockBy, Diagnostics, Disk, LinkState, LiveState, Panel, Phase, Stock, TodayNow
from device.core.model.record import Button, Clock, Session
from device.core.model.view import Lit, ScreenName, View
from device.core.pump.witnesses import SLACK_S, Run, ends_at
from device.words import in_each

from .dialogue.flow import BACK_SHOWS_S, PLACES, SCREENS, Labels, asking, labels
from .rules import figures, keeping
from .rules.sittings import MINUTE_S
from .state import (
    NEVER,
    State,
    Turn,
    as_at,
    find_session,
    in_memory,
    is_night,
    is_running,
    last_session,
    monotonic,
    running_s,
    undurable,
    wall,
)

SAYS_BACK = in_each(lambda words: words.key.back)
SHIFT_EVERY_S = 180
SHIFTS_DOWN = (0, 1, 0, -1)
"""Where the picture stands against burn-in, a place every three minutes: two bytes for the panel's own offset.

To the side it moves when the screen changes, since that moves every column.
"""
CYCLES_EVERY_S = 10.0
DIAGNOSTICS_EVERY_S = 60.0


# -- the picture ----------------------------------------------------------------------------------------------------


def view(state: State, at: float) -> View:
    """The picture of this moment, pressed keys, dimming and the shift against burn-in included."""
    dialogue = state.dialogue
    if dialogue.glow is None or at >= dialogue.glow.until or dialogue.dark:
        return plain(state, at)
    return dialogue.glow.view or replace(plain(state, at), pressed=dialogue.glow.place)


def plain(state: State, at: float) -> View:
    """The screen itself, without the last press's afterglow."""
    dialogue = state.dialogue
    row, keys = SCREENS[dialogue.screen], labels(state)
    place = pressed(state, keys)
    if place == PLACES[Button.RIGHT] and dialogue.held and row.back is not None:
        back = SAYS_BACK[state.settings.language] if at >= dialogue.held.since + BACK_SHOWS_S else keys[2]
        keys = (keys[0], keys[1], back)
    waking = dialogue.held is not None and dialogue.held.woke and not dialogue.dark
    body, suggested, now = row.body(state, at), row.suggested(state), wall(state, at)
    return View(
        body=body,
        keys=(None, None, None) if waking else keys,
        suggested=None if waking else suggested,
        pressed=place,
        lit=lit(state, now),
        shift=(dialogue.serial % 3 - 1, SHIFTS_DOWN[now // SHIFT_EVERY_S % len(SHIFTS_DOWN)]),
        language=state.settings.language,
    )


def pressed(state: State, keys: Labels) -> int | None:
    """The key under the finger, on the screen that saw the press."""
    held = state.dialogue.held
    if held is None or held.idle or held.went_back or held.serial != state.dialogue.serial:
        return None
    place = PLACES[held.button]
    return place if keys[place] is not None else None


def lit(state: State, now: int) -> Lit:
    if state.dialogue.dark:
        return Lit.DARK
    return Lit.DIM if is_night(state, now) else Lit.ON


def show(turn: Turn) -> float:
    """Show the picture where it is another than before: when a running time, a countdown or the clock moves on."""
    shown, picture = turn.state.shown, view(turn.state, turn.at)
    still_dark = shown is not None and shown.lit is Lit.DARK and picture.lit is Lit.DARK
    if picture != shown and not still_dark:
        turn.state = replace(turn.state, shown=picture)
        turn.effects.insert(0, Show(picture))
    return ticks_at(turn.state, turn.at)


def ticks_at(state: State, at: float) -> float:
    dialogue, run = state.dialogue, state.detector.run
    if dialogue.dark or not state.settings.display:
        return NEVER
    minute_at = at + until_next(at + state.offset, MINUTE_S)
    counts = SCREENS[dialogue.screen].shows_seconds and dialogue.about == state.running
    if run is not None and counts and not dialogue.correcting:
        if run.quiet is None:
            return min(minute_at, run.began + run.rested_s + running_s(state, at) + 1)
        ends = ends_at(run, state.settings.rules)
        if ends is not None and dialogue.screen is ScreenName.TIMER:
            return min(minute_at, at + until_next(at - ends, 1))
    return minute_at


def until_next(value: float, step: int) -> float:
    """How long until a value that grows with time comes to its next whole step; one as good as reached is past."""
    left = step - value % step
    return left if left > SLACK_S else left + step


# -- what dashboards are told ---------------------------------------------------------------------------------------


def phase(state: State) -> Phase:
    run = state.detector.run
    if run is None or state.running is None:
        return Phase.IDLE
    return Phase.PUMPING if run.quiet is None else Phase.PAUSED


def asked_about(state: State) -> Session | None:
    """Whom `state` speaks of: the running session, else the one whose question the screen asks or is still open."""
    about = state.running or (state.dialogue.about if SCREENS[state.dialogue.screen].question else None)
    return find_session(state, about) if about else asking(state)


def live_state(state: State, at: float) -> LiveState:
    """`state` as at `at`: a dashboard counts on from here."""
    asked, going, run = SCREENS[state.dialogue.screen].question, phase(state), state.detector.run
    session = asked_about(state)
    if session is not None and is_running(session) and run is not None:
        session = as_at(session, run, at)
    return LiveState(
        at=wall(state, at),
        phase=going,
        screen=state.dialogue.screen,
        dark=state.dialogue.dark,
        buttons=labels(state),
        question=asked,
        session=session,
        suggestion=session.suggestion if session else None,
        expectation_ml=session.expectation_ml if session else None,
        speed=state.speed if state.settings.paced else None,
    )


def state_key(now: LiveState, run: Run | None) -> object:
    """What must differ for a new message: not what a dashboard counts on by itself, but from where it counts."""
    session: Session | None = now.session
    alone = None if session is None else (session.id, session.revision, session.sources, session.disagreement_s)
    counts = None if run is None else (run.began, run.rested_s, run.pauses)
    return (now.phase, now.screen, now.dark, now.buttons, now.question, alone, counts, now.expectation_ml, now.speed)


def refresh_today(turn: Turn) -> float:
    """Reckon the figures of the day again where a record or time alone may have changed one: when next."""
    stock = refresh_stock(turn)
    state = turn.state
    passes_at = NEVER if stock.next_use_by is None else monotonic(state, stock.next_use_by + 1)
    if state.today is not None and not state.today_stale and turn.at < state.today_until:
        if state.today.milk is not stock:
            turn.set(today=replace(state.today, milk=stock))
        return min(state.today_until, passes_at)
    now, settings = turn.wall, state.settings
    days = figures.week(state.records, now=now, timezone=settings.timezone, known=state.days)
    today = figures.today(
        state.records,
        days,
        baseline=state.baseline,
        now=now,
        timezone=settings.timezone,
        units=settings.units,
        since=settings.since,
        first_record_at=state.first_record_at,
    )
    change = figures.next_change(
        state.records.recorded, now=now, timezone=settings.timezone, first_record_at=state.first_record_at
    )
    turn.set(today=replace(today, milk=stock), days=days, today_stale=False, today_until=monotonic(state, change))
    return min(turn.state.today_until, passes_at)


def refresh_stock(turn: Turn) -> Stock:
    """Reckon the stock again where a portion or the clock changed, or one has passed its `use_by`."""
    state, stock = turn.state, turn.state.stock
    if stock is None:
        stock = keeping.stock(state.portions, None if state.clock is Clock.UNSYNCED else turn.wall)
    elif stock.next_use_by is not None and turn.wall > stock.next_use_by:
        past = [keeping.good_since(state.portions, at) for at in (stock.next_use_by, turn.wall)]
        stock = keeping.restocked(stock, state.portions, state.portions[slice(*past)], (), turn.wall)
    if stock is not state.stock:
        turn.set(stock=stock)
    return stock


def diagnostics(state: State, at: float) -> Diagnostics:
    health, settings = state.health, state.settings
    serial = LinkState.OFF if not settings.serial else LinkState.UP if health.serial else LinkState.LOST
    clock_by = None if state.clock is Clock.UNSYNCED else ClockBy.PERSON if state.told else ClockBy.SYSTEM
    display = Panel.OFF if not settings.display else Panel.UP if health.display else Panel.FAILED
    return Diagnostics(
        at=wall(state, at),
        version=settings.version,
        started_at=wall(state, state.started),
        clock=state.clock,
        clock_by=clock_by,
        outbox=health.outbox,
        protocol=health.protocol,
        reconnects=max(health.connections - 1, 0),
        serial=serial,
        display=display,
        store=Disk(StoreState(health.store).value),
        serial_counts={"lines": health.lines, "rejected": health.rejected, "lost": health.serial_lost},
        display_counts={"failures": health.display_failed},
        set_aside=health.set_aside,
        repaired_at=health.repaired_at,
        in_memory=in_memory(state),
        dropped=health.dropped,
        store_counts={"failures": health.store_failed},
        errors=health.errors,
    )


# -- telling it ---------------------------------------------------------------------------------------------------


def tell(turn: Turn) -> float:
    """Tell dashboards what changed: state, today, diagnostics, and the last record once it is durable.

    What is not to be told too often waits: when the first of it may be told, infinite where nothing waits.
    """
    state_at = publish_state(turn)
    publish_today(turn)
    health_at = publish_health(turn)
    publish_last(turn)
    return min(state_at, health_at)


def publish_state(turn: Turn) -> float:
    state, published = turn.state, turn.state.published
    now, run = live_state(state, turn.at), state.detector.run
    key, cycles = state_key(now, run), None if run is None else run.cpm
    paced_at = NEVER if cycles == published.cycles_per_minute else published.cycles_at + CYCLES_EVERY_S
    if key == published.state and turn.at < paced_at:
        return paced_at
    turn.effects.append(Publish(Topic.STATE, now))
    published = replace(published, state=key, cycles_per_minute=cycles, cycles_at=turn.at)
    turn.state = replace(turn.state, published=published)
    return NEVER


def publish_today(turn: Turn) -> None:
    today, published = turn.state.today, turn.state.published
    if today != published.today and today is not None:
        turn.effects.append(Publish(Topic.TODAY, TodayNow(turn.wall, today)))
        turn.state = replace(turn.state, published=replace(published, today=today))


def publish_health(turn: Turn) -> float:
    published, health = turn.state.published, diagnostics(turn.state, turn.at)
    key, due_at = replace(health, at=0), published.diagnostics_at + DIAGNOSTICS_EVERY_S
    if key == published.diagnostics:
        return NEVER
    if turn.at < due_at:
        return due_at
    turn.effects.append(Publish(Topic.DIAGNOSTICS, health))
    turn.state = replace(turn.state, published=replace(published, diagnostics=key, diagnostics_at=turn.at))
    return NEVER


def publish_last(turn: Turn) -> None:
    """The record itself, as the disk has it; empty where there is none."""
    published, last = turn.state.published, last_session(turn.state)
    if last is None and not turn.state.known:
        return  # nobody knows whether there is one
    key = None if last is None else (last.id, last.revision)
    if key == published.last or (last is not None and last.id in undurable(turn.state)):
        return
    turn.effects.append(Publish(Topic.LAST, last))
    turn.state = replace(turn.state, published=replace(published, last=key))
