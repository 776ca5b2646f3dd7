"""The configuration as `setup` is about to write it: what it begins with, and the answers so far."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import tomlkit
from msgspec.structs import replace

from device.asking.answers import FLAGS, read_answer, shown_answer
from device.asking.header import drawing
from device.asking.questions import QUESTIONS, FoundHere, SetupQuestion, picked_broker
from device.page.installed import installed_folder
from device.settings.instances import instance
from device.settings.keys import BY_NAME, PIN_KEYS, PIN_NAMES, WrongError
from device.settings.loading import DEFAULT_PATH, Config, Fault, checked
from device.settings.writing import WritingError, standing_text, with_values, without

from .configured import environment
from .saying import in_one_line, say

ADDRESS = "display.i2c_address"
MOST_LINES = 60
"""Of a broken file so many are shown."""
Values = dict[str, Any]


def start(path: Path, *, person: bool) -> tuple[str, Values]:
    """The text to begin with, and what it says; the documented example where there is none that can be read.

    A person is shown a file that is broken, and says whether it is the start all the same. Without one, a file that
    is no TOML ends the command with status 2.
    """
    try:
        text = standing_text(path)
    except WritingError as error:
        say(in_one_line(str(error)), err=True)
        if person and path.is_file():
            _show_lines(path.read_bytes().decode("utf-8", "replace"))
        if not (person and click.confirm("Begin anew? It is kept beside the new one.", default=False)):
            raise SystemExit(2) from None
        text = None
    if text is not None:
        text = _mended(path, text, person=person)
    if text is None:
        text = (installed_folder("config") / "pump-companion.toml").read_text(encoding="utf-8")
    return text, tomllib.loads(text)


def _mended(path: Path, text: str, *, person: bool) -> str | None:
    """A standing file without what is wrong in it, where a person wants that; None: begin anew."""
    faults = _faults_of(path, text)
    if not person:
        if any(not isinstance(table, dict) for table in tomllib.loads(text).values()):  # no flag can put that right
            for fault in faults:
                say(str(fault), err=True)
            raise SystemExit(2)
        return text
    if not faults:
        return text
    _show_lines(text)
    for fault in faults:
        say(str(fault))
    if not click.confirm("Begin with it? What is wrong is left out, or asked for; it is kept beside.", default=True):
        return None
    asked = {question.key for question in QUESTIONS}
    while (mended := without(text, [fault.key for fault in faults])) != text:
        left_out = [fault.key for fault in faults if fault.key not in asked]
        if left_out:
            say(in_one_line(f"Left out: {', '.join(left_out)}."))
        text = mended
        faults = _faults_of(path, text)
    return text


def _faults_of(path: Path, text: str) -> list[Fault]:
    return [fault for fault in checked(tomllib.loads(text), path, environment(), watching=True)[1] if not fault.warning]


def _show_lines(text: str) -> None:
    """The lines that say something, by their numbers."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    for number, line in lines[:MOST_LINES]:
        say(in_one_line(f"{number:>4}  {line}"))
    if len(lines) > MOST_LINES:
        say(f"      … and {len(lines) - MOST_LINES} lines more")


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
        self._warned = set[str]()

    def answers(self) -> Values:
        return self.standing | self.answered | self.given

    def text(self) -> str:
        return with_values(self.start, _as_written({**self.answered, **self.given}))

    def shown(self, more: Values) -> str:
        """The file without its comments, with these values too."""
        return with_values("", _as_written(self.said() | more)).strip()

    def said(self) -> Values:
        """Every key that stands in the file."""
        document = tomllib.loads(self.text())
        return {f"{section}.{key}": value for section, table in document.items() for key, value in table.items()}

    def faults(self) -> tuple[Config | None, list[Fault]]:
        return checked(tomllib.loads(self.text()), self.path, environment(), watching=True)

    def config(self) -> Config:
        """The checked configuration; faults go to stderr and end the command with status 2, and nothing is written.

        What is only warned of is said once, however often this is asked.
        """
        config, faults = self.faults()
        for line in map(str, faults):
            if line not in self._warned:
                say(line, err=True)
                self._warned.add(line)
        if config is None:
            raise SystemExit(2)
        return config

    def keep(self, key: str, value: object, likely: object) -> None:
        """A value that the file would mean without saying it is not written into it, unless another is likely here:
        the next call would take that one.
        """
        if key in self.standing or value != BY_NAME[key].default or value != likely:
            self.answered[key] = value

    def take_likely(self, found: FoundHere, *, yes: bool) -> list[str]:
        """Without anybody to ask: take what is likely, or return which flags are missing.

        A broker that merely announces itself is nobody's choice, and the record would go to it.
        """
        missing, found = [], replace(found, nearby=())
        for question in QUESTIONS:
            if not question.when(found, self.answers()) or question.key in self.answers():
                continue
            if yes:
                likely = question.default(found, self.answers())
                self.keep(question.key, likely, likely)
            else:
                missing.append(FLAGS[question.key])
        return missing

    def ask(self, found: FoundHere) -> None:
        """Ask all, and again what is a fault, until none is left."""
        for question in QUESTIONS:
            if question.when(found, self.answers()) and question.key not in self.given:
                self.put(question, found)
        self.settle(found)

    def settle(self, found: FoundHere) -> None:
        """Ask again what is a fault, until none is left; one that no answer mends ends the command with status 2."""
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
        say("")
        if question.key in {"motor.pin", "buttons.left"}:
            uses = {read_pin(self.answers()[key]): key for key in PIN_KEYS if self.answers().get(key) is not None}
            say("\n".join([*drawing(uses, shutil.get_terminal_size().columns), ""]))
        for line in [*question.found(found), question.why]:
            say(in_one_line(line))
        likely = question.default(found, self.answers())
        shown = shown_answer(question.key, self.answers().get(question.key, likely))
        while True:
            text = click.prompt(question.asks, default=in_one_line(shown), type=str)
            try:
                value = self._chosen(found, text) if question.key == "mqtt.host" else read_answer(question.key, text)
            except WrongError as error:
                say(in_one_line(f"{text} {error.what}; {error.remedy}."))
                continue
            self.answered.pop(question.key, None)
            self.keep(question.key, value, likely)
            if question.key == "mqtt.username" and value is None:  # the password goes with its user
                self.given.pop("mqtt.password_file", None)
                self.keep("mqtt.password_file", None, None)
            return

    def _chosen(self, found: FoundHere, text: str) -> Any:
        """The broker's host; with another broker go another port and its TLS. Raises WrongError."""
        picked = picked_broker(found, text.strip())
        host = read_answer("mqtt.host", text if picked is None else picked.host)
        if host != self.answers().get("mqtt.host"):
            self.answered.pop("mqtt.tls", None)
            self.answered.pop("mqtt.port", None)
        if picked is not None:
            self.answered |= {"mqtt.tls": picked.tls, "mqtt.port": picked.port}
        return host


def _as_written(values: Values) -> Values:
    """The values with the display's address as people write it."""
    address = values.get(ADDRESS)
    return values if address is None else values | {ADDRESS: tomlkit.value(shown_answer(ADDRESS, address))}


def read_pin(value: object) -> int:
    """The BCM number of a pin by any of its names; -1 where it is none."""
    return PIN_NAMES.get(str(value).upper(), -1)
