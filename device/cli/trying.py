"""The first test of each part, live, with the drivers that the daemon has: what a person does is waited for."""

import contextlib
import logging
import os
import signal
import sys
import termios
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

import click

from device.asking.answers import NO, YES
from device.core.model.events import ButtonPressed, LineRejected, LinkChanged, MotorEdge, PumpSaid, TimeCame
from device.core.model.record import Button
from device.core.model.view import Heading, PurposeBody, View
from device.core.pump import detector as d
from device.daemon import settings
from device.doctor.case import Case
from device.doctor.display import other_controllers
from device.loop import Loop
from device.screens import draw
from device.screens.key_rows import WHY
from device.settings.loading import Config, Motor, Serial
from drivers import gpiod_pins
from drivers.buttons import ButtonWatch
from drivers.clock import SystemClock
from drivers.gpio_lines import GpioError
from drivers.motor import MotorWatch
from drivers.pump_link import PumpLink

from .saying import in_one_line, say

WAIT_S = 30.0
"""For each thing that a person is asked to do."""
LEARN = "`sudo pump-companion learn` tells what the pump gives"


class Waiting:
    """Waits for the next event that a driver posts, or for a line that is typed (a text).

    Ctrl-C, and the terminal's end, raise click.Abort from whatever waits.
    """

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self._came: Any = None
        self._over = False
        self._stdin = sys.stdin.fileno()
        loop.watch(self._stdin, self._read)
        loop.on_signal(signal.SIGINT, self._leave)

    def ask(self, what: str) -> float:
        """Say what is to be done; until when it is waited for. What was typed before is no answer."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self._stdin, termios.TCIFLUSH)
        say(in_one_line(what))
        return self.loop.now() + WAIT_S

    def next(self, until: float) -> Any:
        """The next event or line; None: it is `until`."""
        self._came = None
        timer = self.loop.call_at(until, self.loop.stop)
        self.loop.run(self._take)
        timer.cancel()
        if self._over:
            raise click.Abort
        return self._came

    def _take(self, event: object) -> None:
        self._came = event
        self.loop.stop()

    def _read(self) -> None:
        try:
            typed = os.read(self._stdin, 4096)
        except OSError:  # the terminal has gone
            typed = b""
        if typed:
            self._take(typed.decode("utf-8", "replace").strip().lower())
        else:
            self._leave()

    def _leave(self) -> None:
        self._over = True
        self.loop.stop()


def try_parts(case: Case) -> None:
    """Try what is wired, a part after the other. It takes lines that no daemon has, and changes nothing."""
    config = case.config
    parts: list[tuple[object, Callable[[Waiting, Case], None]]] = [
        (config.buttons, try_buttons),
        (config.motor, try_motor),
        (config.serial, try_port),
        (config.display.controller, try_display),
    ]
    wired = [part for is_there, part in parts if is_there]
    if not wired:
        return
    if case.daemons:
        say(f"The service runs and has the parts. To try them: sudo systemctl stop {case.unit}, then call this again.")
        return
    logging.getLogger("drivers").addHandler(logging.NullHandler())  # what they would say is said here
    say(f"\nNow each part is tried, {WAIT_S:.0f} s at most. Enter leaves one out, Ctrl-C all that are left.")
    with ExitStack() as at_last:
        at_last.callback(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        loop = Loop(SystemClock())
        at_last.callback(loop.close)
        factory = gpiod_pins.use(loop.watch, loop.unwatch, later=loop.call_after)
        if factory is not None:
            at_last.callback(factory.close)
        waiting = Waiting(loop)
        try:
            for part in wired:
                part(waiting, case)
        except click.Abort:
            say("\nThe rest is left out; what was written stays.")


def try_buttons(waiting: Waiting, case: Case) -> None:
    """Each of the three in turn."""
    given = case.config.buttons
    if given is None:
        return
    pins = {button: getattr(given, button) for button in Button}
    try:
        watch = ButtonWatch(
            pins, pull=given.pull, debounce_ms=given.debounce_ms, post=waiting.loop.post, loop=waiting.loop
        )
    except GpioError as error:
        say(in_one_line(str(error)))
        return
    with closing(watch):
        for button in watch.held:
            say(
                f"buttons.{button} = {pins[button]}: it is pressed all the time; let go of it, else its wire touches "
                "ground or 3.3 V, or buttons.pull is wrong for it."
            )
        known: set[Button] = set()
        for button in Button:
            until = waiting.ask(f"Press the {button} button (GPIO{pins[button]}).")
            if _is_pressed(waiting, button, pins, known, until):
                known.add(button)


def _is_pressed(waiting: Waiting, button: Button, pins: dict[Button, int], known: set[Button], until: float) -> bool:
    """Wait for this button; one that is known already, and bounced or was pressed again, tells nothing of the wires."""
    while True:
        match waiting.next(until):
            case ButtonPressed(button=pressed) if pressed == button:
                say(f"  It is the {button} button.")
                return True
            case ButtonPressed(button=again) if again in known:
                say(f"  That was the {again} button again.")
            case ButtonPressed(button=other):
                say(
                    f"  That was the {other} button's wire (GPIO{pins[other]}): swap the two, or change "
                    f"buttons.{button} and buttons.{other}. If you pressed another button, press the {button} one."
                )
            case str():
                say("  Left out.")
                return False
            case None:
                say(f"  Nothing came from GPIO{pins[button]}: look at its wire, and at the one to ground.")
                return False


def try_motor(waiting: Waiting, case: Case) -> None:
    """The wire: whether the device would begin a session by it."""
    motor = case.config.motor
    if motor is None:
        return
    try:
        watch = MotorWatch(
            motor.pin, active=motor.active, pull=motor.pull, debounce_ms=motor.debounce_ms, post=waiting.loop.post,
            now=waiting.loop.now,
        )  # fmt: skip
    except GpioError as error:
        say(in_one_line(str(error)))
        return
    with closing(watch):
        until = waiting.ask(f"Switch the pump on (its wire is GPIO{motor.pin}).")
        say(f"  {_heard_by_wire(waiting, case.config, motor, until)}")


def _heard_by_wire(waiting: Waiting, config: Config, motor: Motor, until: float) -> str:
    edges = 0

    def take(event: object) -> bool:
        nonlocal edges
        if isinstance(event, MotorEdge):
            edges += 1
            return edges == 1 and event.active and motor.signal == "level"
        return False

    match _heard_to_run(waiting, config, take, until):
        case "began":
            return "The wire tells that it runs."
        case "left out":
            return "Left out."
        case "at once":
            return (
                "The wire says already that it runs: if the pump is off, the other motor.active is right, or another "
                f"motor.pull; {LEARN}."
            )
    if edges == 1:  # the level at the start
        return f"Nothing came on GPIO{motor.pin}: look at the wire; {LEARN}."
    return f"{edges - 1} changes came on GPIO{motor.pin}, but none that would begin a session; {LEARN}."


def try_port(waiting: Waiting, case: Case) -> None:
    """The serial line: whether the device would begin a session by what is said on it."""
    serial = case.config.serial
    if serial is None:
        return
    until = waiting.ask(f"The serial port is opened: {serial.port}.")
    patterns = {verb: [line.pattern for line in lines] for verb, lines in serial.patterns.items()}
    link = PumpLink(serial.port, baud=serial.baud, patterns=patterns, post=waiting.loop.post, loop=waiting.loop)
    with closing(link):
        say(in_one_line(f"  {_heard_by_port(waiting, case.config, serial, link, until)}"))


def _heard_by_port(waiting: Waiting, config: Config, serial: Serial, link: PumpLink, until: float) -> str:
    said, rejected = Counter[str](), Counter[str]()

    def take(event: object) -> bool:
        match event:
            case PumpSaid():
                said[event.verb] += 1
            case LineRejected():
                rejected[event.why] += event.count
            case LinkChanged(up=up):
                say("Switch the pump on." if up else in_one_line(f"  {link.why}"))
        return False

    outcome = _heard_to_run(waiting, config, take, until)
    if outcome == "began":
        return f"The pump says that it runs ({', '.join(said)})."
    if outcome == "left out":
        return "Left out."
    if link.why:
        return link.why
    if said:
        return f"The pump speaks ({', '.join(said)}), but did not say that it runs."
    if rejected:
        many = ", ".join(f"{why}: {count}" for why, count in rejected.items())
        return f"Lines came that say nothing to the device ({many}): serial.baud or [serial.patterns]; {LEARN}."
    return f"Nothing came on {serial.port} at {serial.baud} baud: look at its cable; {LEARN}."


def _heard_to_run(waiting: Waiting, config: Config, take: Callable[[object], bool], until: float) -> str:
    """Let the daemon's own detector hear what comes: `began`; `left out`; `over`; `at once` where `take` says so."""
    rules, detector = settings(config, "UTC", "").rules, d.Detector()
    while waiting.loop.now() < until:
        event = waiting.next(min(until, d.wake_at(detector, rules)))
        if isinstance(event, str):
            return "left out"
        if event is not None and take(event):
            return "at once"
        if not isinstance(event, MotorEdge | PumpSaid | LinkChanged):
            event = TimeCame(waiting.loop.now())
        detector, heard = d.hear(detector, event, rules)
        if any(isinstance(what, d.Began) for what in heard):
            return "began"
    return "over"


def try_display(waiting: Waiting, case: Case) -> None:
    """The question for the purpose, with its three keys, as it will look."""
    language = case.config.device.language
    asked = View(PurposeBody(Heading(running_s=0), None), WHY[language], language=language)
    try:
        case.world.show(case.config, draw(asked))
    except Exception as error:  # noqa: BLE001 - luma turns some of the bus's errors into its own
        why = " ".join(str(error).split()) or type(error).__name__
        say(in_one_line(f"display: {why}; sudo pump-companion doctor says which wire, bus or address it is"))
        return
    words = ", ".join(key for key in asked.keys if key)
    until = waiting.ask(f"Do you see three words at the bottom of the display ({words})? (yes, no)")
    while True:
        typed = waiting.next(until)
        if typed in YES:
            say("  Then it is the right display.")
        elif typed in NO:
            driver = case.config.display.driver
            say(f"  Look at its four wires. Where it shows something else, write another display.driver than {driver}:")
            say(f"  {other_controllers(driver)}.")
        elif typed and isinstance(typed, str):
            say("  Say yes or no, or Enter alone.")
            continue
        else:
            say("  Left out.")
        return
