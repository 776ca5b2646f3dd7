"""The pins: the header's chip, who holds each line, and, where nobody does, what buttons and motor say."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from device.core.model.record import Button
from device.core.pumping import MOTOR_BLIPS
from device.settings.loading import Motor
from device.wire.values import FieldError, moment
from drivers.buttons import AGAIN_S, bounces_of
from drivers.gpiod_pins import CONSUMER, EDGES_LOST

from .case import STOP_FIRST, Case, counted, section
from .finding import Finding, absent, fine, quote, unclear, wrong
from .permission import shut
from .surroundings import LineHeld, LineWatched

WATCH_S = 3.0
CHATTER = 6
"""Edges in a row of a wire that nobody touches, each sooner after the one before than the filter lets through."""
LONGEST_FILTER_MS = {"level": 1000, "pulses": 245}
"""`motor.debounce_ms`: the key's own range; with pulses, fast strokes still have to get through."""


def look_at_wires(case: Case) -> Iterator[Finding]:
    pins = wired(case)
    if not pins:
        yield absent("wires.chip", "no pin is configured")
        return
    if not case.world.names("/dev/gpiochip*"):
        yield wrong(
            "wires.chip", "there is no /dev/gpiochip* on this computer", "run it on a Pi, or leave the pins out"
        )
        return
    try:
        chip = case.world.header()
    except PermissionError:
        yield shut(case, "wires.chip", case.world.names("/dev/gpiochip*")[0])
        return
    except ModuleNotFoundError:
        yield wrong("wires.chip", "the library gpiod is not installed", "sudo apt install python3-libgpiod")
        return
    except Exception as error:  # noqa: BLE001 - gpiozero's own say in a line what chips there are
        yield wrong("wires.chip", str(error), "run it on a Raspberry Pi, or leave the pins out")
        return
    yield fine("wires.chip", f"the header's pins are {chip}")
    held = case.world.held_lines(chip, list(pins.values()))
    free, ours = {}, {}
    for key, pin in pins.items():
        if not held[pin].used:
            free[key] = pin
        elif held[pin].consumer == CONSUMER and case.daemons:
            ours[key] = pin
        else:
            yield held_by_another(key, pin, held[pin])
    if ours:
        yield from watched_by_daemon(case, ours)
    if free:
        yield from watched(case, chip, free)


def wired(case: Case) -> dict[str, int]:
    """Each pin that is listened to, by its key."""
    config, pins = case.config, dict[str, int]()
    if config.motor is not None:
        pins["motor.pin"] = config.motor.pin
    if config.buttons is not None:
        given = config.buttons
        pins |= {"buttons.left": given.left, "buttons.middle": given.middle, "buttons.right": given.right}
    return pins


def held_by_another(key: str, pin: int, line: LineHeld) -> Finding:
    who = f"it calls itself {quote(line.consumer)}" if line.consumer else "it, or a driver of the kernel, gave no name"
    remedy = f"end that program, or wire and name another pin in {key}"
    return wrong(key, f"GPIO{pin} is held by another program; {who}, and the kernel tells no more of it", remedy)


def watched_by_daemon(case: Case, ours: dict[str, int]) -> Iterator[Finding]:
    """What the daemon, which has the lines, has counted of them, and their levels where those can be read beside it."""
    motor, buttons = case.config.motor, case.config.buttons
    errors, hours = section(case.health, "errors"), running_h(case.health)
    levels = case.world.levels(list(ours.values()), WATCH_S)
    dropped = counted(errors, EDGES_LOST)
    if dropped >= CHATTER * max(hours, 1.0):
        what = (
            f"{dropped} changes of the wires came faster than the daemon could read them, and the kernel dropped them"
        )
        remedy = "let `pump-companion learn` show the motor's; docs/hardware.md tells what calms it; " + STOP_FIRST
        yield wrong("wires.edges", what, remedy)
    for key, pin in ours.items():
        if key == "motor.pin" and motor is not None:
            yield motor_of_daemon(case, motor, levels.get(pin, set()))
        elif buttons is not None:
            bounces = counted(errors, bounces_of(Button(key.removeprefix("buttons."))))
            if levels.get(pin) == {buttons.pull == "down"}:
                yield pressed_always(key, pin)
            elif bounces >= CHATTER // 2 * max(hours / 24, 1.0):
                what = f"the daemon heard the button on GPIO{pin} bounce {bounces} times beyond its filter"
                longer = min(200, buttons.debounce_ms + round(1000 * AGAIN_S))
                yield wrong(key, f"{what} ({buttons.debounce_ms} ms)", f"write debounce_ms = {longer} in [buttons]")
            else:
                yield fine(key, f"the daemon watches GPIO{pin}")


def motor_of_daemon(case: Case, motor: Motor, levels: set[bool]) -> Finding:
    """What the daemon heard on the motor's wire since its start."""
    name, live = "motor.pin", case.said_by_daemon("state")
    if section(live, "session").get("stuck_sensor") is True and live.get("phase") != "idle":
        what = f"the motor's wire on GPIO{motor.pin} has said for too long that the motor runs (session.max_session_s)"
        return wrong(
            name, what, "switch the pump off; where it goes on, motor.active or motor.pull is wrong, or its wire"
        )
    blips, hours = counted(section(case.health, "errors"), MOTOR_BLIPS), running_h(case.health)
    heard = f"{blips} signals too short for a session in {hours:.0f} h on the motor's wire (GPIO{motor.pin})"
    if blips >= CHATTER * max(hours, 1.0):
        remedy = "let `pump-companion learn` find the motor.debounce_ms that fits; " + STOP_FIRST
        return wrong(name, f"the daemon heard {heard}: it chatters", remedy)
    if levels == {motor.active == "high"} and live.get("phase") == "idle":
        what = f"the motor's wire on GPIO{motor.pin} says that the motor runs, and no session does"
        return unclear(name, what, "switch the pump off and look again; else motor.active or motor.pull is wrong")
    return fine(name, f"the daemon watches GPIO{motor.pin}" + (f", and heard {heard}" if blips else ""))


def running_h(health: dict[str, Any]) -> float:
    """For how many hours a daemon has run, as it says itself."""
    try:
        began, now = (moment(health.get(name)) for name in ("started_at", "at"))
    except FieldError:
        return 0.0
    return max(0.0, (now - began) / 3600)


def pressed_always(key: str, pin: int) -> Finding:
    remedy = "let go of it; else its wire touches ground or 3.3 V, or buttons.pull is wrong for it"
    return wrong(key, f"the button on GPIO{pin} was pressed all the time ({WATCH_S:.0f} s)", remedy)


def watched(case: Case, chip: str, free: dict[str, int]) -> Iterator[Finding]:
    """Take the lines that nobody holds for a moment, and hear what they say."""
    motor, buttons = case.config.motor, case.config.buttons
    pulls = {
        pin: motor.pull if key == "motor.pin" and motor else buttons.pull if buttons else "none"
        for key, pin in free.items()
    }
    try:
        seen = case.world.watch_lines(chip, pulls, WATCH_S)
    except OSError as error:
        yield unclear("wires.watched", f"the lines could not be taken: {error.strerror or error}", "look again")
        return
    for key, pin in free.items():
        if key == "motor.pin" and motor is not None:
            yield motor_line(motor, seen[pin])
        elif buttons is not None:
            yield button_line(key, pin, seen[pin], pressed_high=buttons.pull == "down", filter_ms=buttons.debounce_ms)


def gaps_ms(edges: Sequence[float]) -> list[float]:
    """From each edge to the next, in milliseconds."""
    return [1000 * (after - before) for before, after in pairwise(edges)]


def button_line(key: str, pin: int, seen: LineWatched, *, pressed_high: bool, filter_ms: int) -> Finding:
    if seen.high == pressed_high and not seen.edges:
        return pressed_always(key, pin)
    bounces = [gap for gap in gaps_ms(seen.edges) if filter_ms < gap < 4 * max(filter_ms, 20)]
    if len(bounces) >= CHATTER // 2:
        fits = round(max(bounces)) + 5
        what = (
            f"the button on GPIO{pin} bounces for up to {max(bounces):.0f} ms, longer than its filter ({filter_ms} ms)"
        )
        remedy = f"write debounce_ms = {fits} in [buttons]" if fits <= 200 else "replace the button, or its wire"
        return wrong(key, what, remedy)
    return fine(key, f"the button on GPIO{pin} is not stuck")


def motor_line(motor: Motor, seen: LineWatched) -> Finding:
    """What the motor's wire says while no session runs."""
    name, gaps = "motor.pin", gaps_ms(seen.edges)
    short = [gap for gap in gaps if gap < max(motor.debounce_ms, 20) * 2]
    if len(short) >= CHATTER:
        fits = min(LONGEST_FILTER_MS[motor.signal], round(max(short)) + 10)
        what = f"the motor's wire on GPIO{motor.pin} chatters: {len(seen.edges)} edges in {WATCH_S:.0f} s"
        remedy = f"write debounce_ms = {fits} in [motor]"
        if motor.debounce_ms >= fits:
            remedy = "shorten its wire and lead it away from others, or set motor.pull"
        return wrong(name, what, remedy)
    if seen.edges:
        what = (
            f"the motor's wire on GPIO{motor.pin} had {len(seen.edges)} edges in {WATCH_S:.0f} s, and no session runs"
        )
        return unclear(name, what, "switch the pump off and look again: there should be none then")
    if seen.high == (motor.active == "high"):
        what = f"the motor's wire on GPIO{motor.pin} says that the motor runs"
        return unclear(name, what, "switch the pump off and look again; else motor.active or motor.pull is wrong")
    return fine(name, f"the motor's wire on GPIO{motor.pin} is quiet")
