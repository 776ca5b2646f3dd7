"""The pump's serial link: the port is there and ours, its speed is right, and opening it disturbs nobody."""

from collections.abc import Iterator

from device.core.model.events import PumpSaid, Verb
from device.learning.lines import is_text
from device.settings.loading import Serial
from drivers.pump_link import FREE_IT, LineParser
from drivers.serial_line import HEADER_PORTS, SPEEDS

from .case import STOP_FIRST, Case, counted, section
from .finding import Finding, absent, fine, quote, unclear, wrong
from .permission import shut

LISTEN_S = 2.5
"""A pump says RUN every second or so; a board that starts anew takes two to say HELLO."""
SHOWN = 60


def look_at_link(case: Case) -> Iterator[Finding]:
    serial = case.config.serial
    if serial is None:
        yield absent("link.port", "no port is configured (serial.port)")
        return
    port = port_there(case, serial)
    yield port
    if port.state != "ok":
        return
    others = [holder for holder in case.port_holders if holder.pid not in case.daemons]
    if others:
        who = ", ".join(quote(str(holder)) for holder in others)
        remedy = f"end it (sudo kill {others[0].pid}), for each line is read by one of two alone"
        yield wrong("link.lines", f"another program has {serial.port} open: {who}", remedy)
    elif case.daemons:
        yield link_of_daemon(case, serial)
    else:
        yield from lines(case, serial)


def port_there(case: Case, serial: Serial) -> Finding:
    name = "link.port"
    if "://" in serial.port:
        return fine(name, f"{serial.port} is no port of this machine's")
    if not case.world.there(serial.port):
        found = case.world.names("/dev/ttyUSB*") + case.world.names("/dev/ttyACM*")
        header = serial.port in HEADER_PORTS
        what = f"{serial.port} is not there (others: {', '.join(found) or 'none'})"
        remedy = "sudo raspi-config nonint do_serial_hw 0, then restart the Pi" if header else "plug it in"
        return wrong(name, what, "write the right one into serial.port" if found else remedy)
    real = case.world.place(serial.port).resolve().name
    consoles = (case.world.text("/sys/class/tty/console/active") or "").split()
    logins = case.world.run("systemctl", "is-active", f"serial-getty@{real}.service") or ""
    if real in consoles or logins.strip() == "active":
        return wrong(name, f"{serial.port} is the console's: its login eats the pump's lines", FREE_IT)
    try:
        case.world.openable(serial.port)
    except PermissionError:
        return shut(case, name, serial.port)
    except OSError as error:
        return wrong(name, f"{serial.port}: {error.strerror or error}", "plug it in anew, or write another serial.port")
    return fine(name, f"{serial.port} is there and can be opened")


def link_of_daemon(case: Case, serial: Serial) -> Finding:
    """What the daemon, which has the port, says of it."""
    told = section(case.health, "serial")
    state, understood_lines, rejected = told.get("state"), counted(told, "lines"), counted(told, "rejected")
    if state == "up" and rejected > understood_lines:
        what = f"the daemon hears the port, and understands {understood_lines} lines of {understood_lines + rejected}"
        errors = section(case.health, "errors")
        if 2 * counted(errors, "serial_unknown") > rejected:
            return wrong("link.lines", what, "let `pump-companion learn` propose [serial.patterns]; " + STOP_FIRST)
        return wrong(
            "link.lines", what, f"look whether the pump's speed is {serial.baud} baud (serial.baud), and at GND"
        )
    if state == "up":
        lost = counted(told, "lost")
        often = f"; it went away {'once' if lost == 1 else f'{lost} times'} since the daemon's start" if lost else ""
        return fine("link.lines", f"the daemon hears the port{often}")
    if state == "lost":
        last = next((line for line in reversed(case.said) if line.startswith("serial.port = ")), "")
        if "another program" in last:
            remedy = "end that program; a second pump's service needs a serial.port of its own"
            return wrong("link.lines", "the daemon can't have the port: another program has it open", remedy)
        what = "the daemon has lost the port"
        return wrong("link.lines", what, "plug it in anew; the daemon opens it again by itself")
    return unclear("link.lines", "the daemon has the port, and can't be asked")


def lines(case: Case, serial: Serial) -> Iterator[Finding]:
    """What arrives, at the port's speed and at the usual others."""
    try:
        heard = case.world.listen(serial.port, serial.baud, LISTEN_S)
        if says_hello(serial, heard) and says_hello(serial, case.world.listen(serial.port, serial.baud, LISTEN_S)):
            what = "the board starts anew whenever the port is opened (it says HELLO each time)"
            remedy = "put 10 µF between its RESET and GND, or cut its reset bridge"
            yield wrong("link.reset", what, remedy)
        if understood(serial, heard):
            yield fine("link.lines", f"the pump speaks at {serial.baud} baud: {excerpt(heard)}")
            return
        if is_lines(heard):
            what = f"lines arrive that nobody understands: {excerpt(heard)}"
            remedy = "let `pump-companion learn` propose [serial.patterns], or write them: docs/serial.md says how"
            yield wrong("link.lines", what, remedy)
            return
        yield other_speed(case, serial, heard)
    except OSError as error:
        remedy = "end the program that has it open; with sudo this names it"
        yield wrong("link.lines", f"{serial.port} can't be had: {quote(str(error))}", remedy)


def other_speed(case: Case, serial: Serial, heard: bytes) -> Finding:
    for baud in SPEEDS:
        if baud != serial.baud:
            said = case.world.listen(serial.port, baud, LISTEN_S)
            if is_lines(said):
                what = f"at {serial.baud} baud nothing can be read, at {baud} it can: {excerpt(said)}"
                return wrong("link.lines", what, f"write baud = {baud} in [serial]")
            heard = heard or said
    if heard:
        what = f"bytes arrive that are no text at any usual speed: {excerpt(heard)}"
        return wrong("link.lines", what, "look at the wires (GND too, RX and TX crossed), and the pump's own speed")
    what = f"nothing arrived, at {serial.baud} baud nor at the usual others"
    return unclear("link.lines", what, "switch the pump on and look again; is TX of the pump on RX of the Pi?")


def says_hello(serial: Serial, heard: bytes) -> bool:
    return any(said.verb is Verb.HELLO for said in understood(serial, heard))


def understood(serial: Serial, heard: bytes) -> list[PumpSaid]:
    parser = LineParser({verb: [p.pattern for p in given] for verb, given in serial.patterns.items()})
    return [said for said in parser.feed(heard, 0.0) if isinstance(said, PumpSaid)]


def is_lines(heard: bytes) -> bool:
    return b"\n" in heard and is_text(heard)


def excerpt(heard: bytes) -> str:
    """The beginning of what arrived, as text where it is text, else as hex."""
    if is_lines(heard):
        return quote(" | ".join(heard[: 2 * SHOWN].decode("ascii", "replace").splitlines())[:SHOWN])
    return quote(heard[: SHOWN // 3].hex(" "))
