"""`setup`: asks what is wired and where the broker is, and writes the configuration."""

import os
import pwd
import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from device.asking.answers import FLAGS, read_answer
from device.asking.nearby import NearbyBroker
from device.asking.questions import QUESTIONS, FoundHere
from device.doctor.case import Case
from device.doctor.surroundings import Surroundings
from device.settings.instances import instance, started_by
from device.settings.keys import BY_NAME, WrongError
from device.settings.loading import DEFAULT_PATH, read_password
from device.settings.writing import as_before, refuse_shut, replace_text, resolved, write_secret

from .configured import with_config, with_json
from .draft import Draft, start
from .saying import in_one_line, print_json, say, somebody_answers
from .trying import try_parts

SERVICE_USER = "pump-companion"
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
    person = not yes and not as_json and somebody_answers() and sys.stdout.isatty()
    if yes or person:
        refuse_shut(path)
    world = Surroundings()
    found = looked(world, announced="mqtt.host" not in given)
    draft = Draft(path, *start(path, person=person), given)
    secret, missing = None, list[str]()
    if person:
        draft.ask(found)
        secret = _ask_broker(draft, found, world)
    else:
        if not as_json:
            _tell_found(found)
        missing = draft.take_likely(found, yes=yes)
    if missing and not as_json:
        many = ", ".join(missing)
        raise click.UsageError(f"there is no terminal to ask on: give {many}; or --yes to take what is likely")
    config = None if missing else draft.config()
    broker = None if person or config is None else world.call(config, read_password(config))
    if not as_json:
        kept_apart = {} if secret is None else {"mqtt.password_file": secret_file(path).name}
        say(f"\nFor {path}:\n\n{draft.shown(kept_apart)}\n")
        if broker is not None and config is not None:
            say(broker.why or f"mqtt: {config.mqtt.host}:{config.mqtt.port} lets this device in")
    written = yes or (person and click.confirm(f"Write that into {path}?", default=True))
    kept = _write_down(draft, secret) if written else None
    if as_json:
        print_json({
            "path": str(path), "found": msgspec.to_builtins(found), "values": draft.said(), "missing": missing,
            "broker": None if broker is None else {"reached": broker.up, "why": broker.why or None},
            "written": written, "kept": None if kept is None else str(kept),
        })  # fmt: skip
    elif written:
        say(f"{path}: written." + (f" The old file is {kept}." if kept else ""))
        _finish(draft, world, person=person)


def _finish(draft: Draft, world: Surroundings, *, person: bool) -> None:
    """The first test of each part, where somebody is there for it; then how the service is started."""
    case = Case(draft.config(), None, world, click.confirm)
    if person:
        try_parts(case)
    named = f" --config {shlex.quote(str(draft.path))}" if draft.path != DEFAULT_PATH else ""
    service = f"sudo systemctl enable {case.unit} && sudo systemctl restart {case.unit}"
    say(f"Start it: {started_by(draft.path, DEFAULT_PATH) or service}")
    say(f"Whether all is well: sudo pump-companion doctor{named}")


def from_flags(flags: Mapping[str, str | None]) -> dict[str, Any]:
    values = {}
    for name, text in flags.items():
        if text is not None:
            try:
                values[name] = read_answer(name, text)
            except WrongError as error:
                raise click.UsageError(f"{FLAGS[name]} {error.what}; {error.remedy}") from None
    return values


def looked(world: Surroundings, *, announced: bool) -> FoundHere:
    """What this machine has, and which brokers the house has; whatever can't be looked at is not there."""
    try:
        header = bool(world.header())
    except PermissionError:
        header = True
    except Exception:  # noqa: BLE001 - gpiozero's own error, or no gpiod at all
        header = False
    answering, bus_shut = None, False
    try:
        if world.there("/dev/i2c-1"):
            answering = tuple(world.answering("/dev/i2c-1"))
    except PermissionError:
        bus_shut = True
    except OSError:  # it is switched on, and nobody can be heard on it: two wires touch
        answering = ()
    except ImportError:  # smbus2 comes with luma.oled
        answering = None
    nearby: tuple[NearbyBroker, ...] | None = ()
    if announced:
        with suppress(OSError):
            nearby = world.nearby()
    ports = tuple(world.names("/dev/serial/by-id/*"))
    return FoundHere(header, answering, ports, world.broker_here(), nearby, bus_shut, world.language())


def _tell_found(found: FoundHere) -> None:
    for question in QUESTIONS:
        for line in question.found(found):
            say(in_one_line(line))


BROKER = ("mqtt.host", "mqtt.tls", "mqtt.port", "mqtt.username")


def _ask_broker(draft: Draft, found: FoundHere, world: Surroundings) -> str | None:
    """Ask for the password where there is a user, and try the broker, until it lets the device in or nobody minds.

    A password that is kept already is tried first, and asked for once it did not help.
    """
    tried = False
    while True:
        secret = None
        user, kept_in = (draft.answers().get(key) for key in ("mqtt.username", "mqtt.password_file"))
        if user and (tried or not kept_in):
            otherwise = f"Enter alone: the one in {kept_in}" if kept_in else "it goes into a file of its own"
            asks = in_one_line(f"Its password ({otherwise})")
            secret = click.prompt(asks, hide_input=True, default="", show_default=False) or None
        tried = True
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
        draft.settle(found)


def secret_file(path: Path) -> Path:
    """Where the broker's password is kept, beside the configuration that names it."""
    name = instance(path, DEFAULT_PATH)
    return path.with_name("mqtt-password" if name is None else f"{name}-mqtt-password")


def _write_down(draft: Draft, secret: str | None) -> Path | None:
    """Write the secret first, then the file that names it; where the old file is."""
    if draft.path == DEFAULT_PATH:
        draft.path.parent.mkdir(exist_ok=True)
    with ExitStack() as at_last:
        if secret is not None:
            file = secret_file(draft.path)
            at_last.enter_context(as_before(file))
            write_secret(file, secret, _service())
            draft.given.pop("mqtt.password_file", None)
            draft.answered["mqtt.password_file"] = file.name
        return replace_text(resolved(draft.path), draft.text())


def _service() -> tuple[int, int] | None:
    """The service's user and group, where this is root and there are such."""
    if os.geteuid() != 0:
        return None
    try:
        known = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None
    return known.pw_uid, known.pw_gid
