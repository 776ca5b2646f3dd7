"""The display: its bus is switched on, it answers at its address, and it is the one that the settings say."""

from collections.abc import Iterator

from drivers.controllers import CONTROLLERS

from .case import Case, section
from .finding import Finding, absent, fine, quote, unclear, wrong
from .permission import shut

QUESTION = "Does the display show a frame along all four edges, with nothing beside it?"


def look_at_display(case: Case) -> Iterator[Finding]:
    display = case.config.display
    if display.controller is None:
        yield absent("display.bus", "no display is configured (display.driver)")
        return
    bus = f"/dev/i2c-{display.i2c_port}" if display.bus == "i2c" else f"/dev/spidev0.{display.spi_device}"
    opened = bus_open(case, bus)
    yield opened
    if opened.state != "ok":
        return
    if display.bus == "i2c":
        answers = answering(case, bus)
        yield answers
        if answers.state == "bad":
            return
    yield drawn(case)


def bus_open(case: Case, bus: str) -> Finding:
    if not case.world.there(bus):
        kind = "i2c" if case.config.display.bus == "i2c" else "spi"
        others = ", ".join(case.world.names("/dev/i2c-*" if kind == "i2c" else "/dev/spidev*"))
        seen = f"; there are {others}" if others else ""
        remedy = f"sudo raspi-config nonint do_{kind} 0, then restart the Pi"
        key = "display.i2c_port" if kind == "i2c" else "display.spi_device"
        return wrong("display.bus", f"{bus} is not there: {kind.upper()} is not switched on{seen}",
                     f"write the right one into {key}" if others else remedy)  # fmt: skip
    try:
        case.world.openable(bus)
    except PermissionError:
        return shut(case, "display.bus", bus)
    except OSError as error:
        return wrong("display.bus", f"{bus}: {error.strerror or error}", "restart the Pi")
    return fine("display.bus", f"{bus} is there and can be opened")


def answering(case: Case, bus: str) -> Finding:
    wanted = case.config.display.i2c_address
    try:
        found = case.world.answering(bus)
    except OSError as error:
        what = f"{bus} was asked in vain: {error.strerror or error}"
        return wrong("display.address", what, "look whether SDA and SCL touch each other or ground")
    there = ", ".join(f"0x{address:02X}" for address in found) or "none"
    if wanted in found:
        return fine("display.address", f"0x{wanted:02X} answers (all that answer: {there})")
    what = f"nothing answers at 0x{wanted:02X} (addresses that answer: {there})"
    if not found:
        return wrong("display.address", what, "look at its four wires: 3.3 V, GND, SDA on GPIO2, SCL on GPIO3")
    likely = next((address for address in (0x3C, 0x3D) if address in found), found[0])
    return wrong("display.address", what, f"write i2c_address = 0x{likely:02X} in [display]")


def drawn(case: Case) -> Finding:
    """Which controller a panel has can't be read from it: a person says what it shows, where nobody else draws."""
    driver = case.config.display.driver
    if case.daemons:
        state = section(case.health, "display").get("state")
        if state == "failed":
            what = "the daemon can't draw on it"
            return wrong("display.picture", what, f"look at its wires; {case.unit}'s journal says what it met")
        said = "the daemon draws on it" if state == "up" else "the daemon has it, and can't be asked"
        return unclear("display.picture", f"{said}; whether the picture is right only a person can see")
    if case.ask is None:
        what = f"whether it is the {driver} that display.driver says only a person can see"
        return unclear("display.picture", what, "stop the service and call this in a terminal, which shows a frame")
    try:
        case.world.draw(case.config)
    except Exception as error:  # noqa: BLE001 - luma turns some of the bus's errors into its own
        why = " ".join(str(error).split()) or type(error).__name__
        return wrong("display.picture", f"nothing can be drawn on it: {quote(why)}", "look at its wires and its power")
    if case.ask(QUESTION):
        return fine("display.picture", f"the frame is whole: it is driven as {driver}, and that is right")
    remedy = f"write another display.driver: {other_controllers(driver)}"
    return wrong("display.picture", f"driven as {driver} the frame is not whole", remedy)


def other_controllers(driver: str) -> str:
    """Which other ones there are, and by what a person knows each."""
    return "; or ".join(f"{name} ({row.sign})" for name, row in CONTROLLERS.items() if name != driver)
