"""`setup`: asks what is wired and where the broker is, and writes the configuration."""

import os
import pwd
import socket
import sys
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
import tomlkit

from device.asking.answers import FLAGS, read_answer, shown_answer
from device.asking.header import drawing
from device.asking.questions import QUESTIONS, FoundHere, SetupQuestion
from device.doctor.surroundings import Surroundings
from device.page.installed import installed_folder
from device.settings.document import FileError, read_document
from device.settings.instances import instance
from device.settings.keys import BY_NAME, PIN_KEYS, PIN_NAMES, WrongError
from device.settings.loading import DEFAULT_PATH, Config, Fault, checked, read_password
from device.settings.writing import replace_text, with_values, write_secret

from .configured import with_config, with_json
from .saying import print_json, say

SERVICE_USER = "pump-companion"
ADDRESS = "display.i2c_address"
HERE_S = 1.0
"""How long this machine's own broker may take to answer."""
Values = dict[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])


def with_flags(command: Command) -> Command:
    for name, flag in reversed(FLAGS.items()):
        meaning = BY_NAME[name].meaning
        said = f"{meaning[0].upper()}{meaning[1:]}."
        command = click.option(flag, name.replace(".", "__"), metavar="VALUE", help=said)(command)
    return command


@click.command("setup")
@with_config
@click.option(
    "--yes", is_flag=True, help="Ask nothing: take what is likely wherever no flag says otherwise, and write."
)
@with_json
@with_flags
def setup_command(config_file: Path | None, *, yes: bool, as_json: bool, **flags: str | None) -> None:
    """Write the configuration: each question with what was found, a default and a why; it is shown first.

    Every answer has a flag, named as its key. A file that is there is changed, not replaced, and kept beside.
    """
    path = (config_file or DEFAULT_PATH).absolute()
    given = from_flags({name: flags[name.replace(".", "__")] for name in FLAGS})
    person = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    world = Surroundings()
    found = looked(world)
    start, standing = _start(path, person=person)
    draft = Draft(path, start, standing, given)
    if not as_json:
        _tell_found(found)
    if person:
        draft.ask(found)
        secret = _ask_broker(draft, found, world)
    else:
        draft.take_likely(found, yes=yes)
        secret = None
    config = draft.config()
    broker = None if person else world.call(config, read_password(config))
    if not as_json:
        say(f"\nFor {path}:\n\n{with_values('', draft.said()).strip()}\n")
        if broker is not None:
            say(broker.why or f"mqtt: {config.mqtt.host}:{config.mqtt.port} lets this device in")
    written = yes or (person and click.confirm(f"Write that into {path}?", default=True))
    kept = _write_down(draft, secret) if written else None
    if as_json:
        print_json({
            "path": str(path), "found": msgspec.to_builtins(found), "values": draft.said(),
            "broker": None if broker is None else {"reached": broker.up, "why": broker.why or None},
            "written": written, "kept": None if kept is None else str(kept),
        })  # fmt: skip
    elif written:
        say(f"{path}: written." + (f" The old file is {kept}." if kept else ""))
        say("Start it: sudo systemctl restart pump-companion. Whether all is well: sudo pump-companion doctor")


def from_flags(flags: Mapping[str, str | None]) -> Values:
    values = {}
    for name, text in flags.items():
        if text is not None:
            try:
                values[name] = read_answer(name, text)
            except WrongError as error:
                raise click.UsageError(f"{FLAGS[name]} {error.what}; {error.remedy}") from None
    return values


def looked(world: Surroundings) -> FoundHere:
    """What this machine has; whatever can't be looked at is not there."""
    try:
        header = bool(world.header())
    except PermissionError:
        header = True
    except Exception:  # noqa: BLE001 - gpiozero's own error, or no gpiod at all
        header = False
    answering = None
    with suppress(OSError, ImportError):
        if world.there("/dev/i2c-1"):
            answering = tuple(world.answering("/dev/i2c-1"))
    broker = False
    with suppress(OSError), closing(socket.create_connection(("localhost", 1883), HERE_S)):
        broker = True
    return FoundHere(header, answering, tuple(world.names("/dev/serial/by-id/*")), broker)


def _tell_found(found: FoundHere) -> None:
    if not found.header:
        say("This machine has no header of pins: what follows is for a serial port and for dashboards.")
    elif found.answering is None:
        say("Nothing can be asked on I2C: switch it on with `sudo raspi-config nonint do_i2c 0` if an OLED is wired.")
    else:
        said = ", ".join(f"0x{address:02X}" for address in found.answering) or "nothing"
        say(f"On I2C answers: {said}.")
    for port in found.ports:
        say(f"A serial port: {port}")
    say("A broker answers on this machine." if found.broker else "No broker answers on this machine.")


def _start(path: Path, *, person: bool) -> tuple[str, dict[str, Any]]:
    """The text to begin with, and what it says; the documented example where there is none that can be read."""
    example = (installed_folder("config") / "pump-companion.toml").read_text(encoding="utf-8")
    if not path.exists():
        return example, tomllib.loads(example)
    try:
        standing = read_document(path)
    except FileError as error:
        where, what, remedy = error.args
        say(str(Fault(where, what, remedy, file=str(path))), err=True)
        if not (person and click.confirm("Begin anew? It is kept beside the new one.", default=False)):
            raise SystemExit(2) from None
        return example, tomllib.loads(example)
    return path.read_bytes().decode("utf-8-sig"), standing


class Draft:
    """The file as it would be: the text to begin with, and the values that change in it."""

    def __init__(self, path: Path, start: str, standing: Mapping[str, Any], given: Values) -> None:
        self.path, self.start = path, start
        self.standing = {
            f"{section}.{key}": value
            for section, table in standing.items()
            if isinstance(table, dict)
            for key, value in table.items()
        }
        self.given = dict(given)
        name = instance(path, DEFAULT_PATH)
        if name is not None and not path.exists():
            self.given.setdefault("device.id", name)
        self.answered: Values = {}

    def answers(self) -> Values:
        return self.standing | self.answered | self.given

    def text(self) -> str:
        values = {**self.answered, **self.given}
        if ADDRESS in values:
            values[ADDRESS] = tomlkit.integer(shown_answer(ADDRESS, values[ADDRESS]))  # as people write it
        return with_values(self.start, values)

    def said(self) -> Values:
        """Every key that stands in the file."""
        document = tomllib.loads(self.text())
        return {f"{section}.{key}": value for section, table in document.items() for key, value in table.items()}

    def faults(self) -> tuple[Config | None, list[Fault]]:
        return checked(tomllib.loads(self.text()), self.path, os.environ, watching=True)

    def config(self) -> Config:
        """The checked configuration; faults go to stderr and end the command with status 2, and nothing is written."""
        config, faults = self.faults()
        for fault in faults:
            say(str(fault), err=True)
        if config is None:
            raise SystemExit(2)
        return config

    def keep(self, key: str, value: object) -> None:
        """A value that the file would mean without saying it is not written into it."""
        if key in self.standing or value != BY_NAME[key].default:
            self.answered[key] = value

    def take_likely(self, found: FoundHere, *, yes: bool) -> None:
        """Without anybody to ask: what is likely, or which flags are missing."""
        missing = []
        for question in QUESTIONS:
            if not question.when(found, self.answers()) or question.key in self.answers():
                continue
            if yes:
                self.keep(question.key, question.default(found, self.answers()))
            else:
                missing.append(FLAGS[question.key])
        if missing:
            many = ", ".join(missing)
            raise click.UsageError(f"there is no terminal to ask on: give {many}; or --yes to take what is likely")

    def ask(self, found: FoundHere) -> None:
        """Ask all, and again what is a fault, until none is left."""
        for question in QUESTIONS:
            if question.when(found, self.answers()) and question.key not in self.given:
                self.put(question, found)
        while (said := self.faults())[0] is None:
            for fault in said[1]:
                say(str(fault))
            wrong = {fault.key for fault in said[1] if not fault.warning}
            again = [question for question in QUESTIONS if question.key in wrong]
            if not again:
                raise SystemExit(2)
            for question in again:
                self.given.pop(question.key, None)
                self.put(question, found)

    def put(self, question: SetupQuestion, found: FoundHere) -> None:
        """Put one question until its answer is one."""
        if question.key in {"motor.pin", "buttons.left"}:
            uses = {read_pin(self.answers()[key]): key for key in PIN_KEYS if self.answers().get(key) is not None}
            say("\n" + "\n".join(drawing(uses)))
        say("")
        if question.why:
            say(question.why)
        likely = self.answers().get(question.key, question.default(found, self.answers()))
        while True:
            text = click.prompt(question.asks, default=shown_answer(question.key, likely), type=str)
            try:
                value = read_answer(question.key, text)
            except WrongError as error:
                say(f"{text} {error.what}; {error.remedy}.")
                continue
            self.answered.pop(question.key, None)
            self.keep(question.key, value)
            return


def read_pin(value: object) -> int:
    """The BCM number of a pin by any of its names; -1 where it is none."""
    return PIN_NAMES.get(str(value).upper(), -1)


BROKER = ("mqtt.host", "mqtt.tls", "mqtt.port", "mqtt.username")


def _ask_broker(draft: Draft, found: FoundHere, world: Surroundings) -> str | None:
    """Ask for the password where there is a user, and try the broker, until it lets the device in or nobody minds."""
    while True:
        secret = None
        if draft.answers().get("mqtt.username") and not draft.answers().get("mqtt.password_file"):
            secret = click.prompt("Its password (it goes into a file of its own)", hide_input=True, default="") or None
        config = draft.config()
        seen = world.call(config, secret or read_password(config))
        if seen.up:
            say(f"{config.mqtt.host}:{config.mqtt.port} lets this device in.")
            return secret
        say(seen.why or f"mqtt: {config.mqtt.host}:{config.mqtt.port} does not answer")
        if not click.confirm("Other answers for the broker?", default=True):
            return secret
        for question in QUESTIONS:
            if question.key in BROKER:
                draft.given.pop(question.key, None)
                draft.put(question, found)


def _write_down(draft: Draft, secret: str | None) -> Path | None:
    """Write the secret first, then the file that names it; where the old file is."""
    if draft.path == DEFAULT_PATH:
        draft.path.parent.mkdir(exist_ok=True)
    if secret is not None:
        name = instance(draft.path, DEFAULT_PATH)
        file = draft.path.with_name("mqtt-password" if name is None else f"{name}-mqtt-password")
        write_secret(file, secret, _service())
        draft.answered["mqtt.password_file"] = file.name
    return replace_text(draft.path.resolve(), draft.text())


def _service() -> tuple[int, int] | None:
    """The service's user and group, where this is root and there are such."""
    if os.geteuid() != 0:
        return None
    try:
        known = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None
    return known.pw_uid, known.pw_gid
