"""What may stand in a file for a stranger: words that this program itself says, and nothing else.

A name, a host, a note is no word of ours, so it is left out without anybody having to know it.
"""

import ast
import errno
import importlib.util
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from device.core.model.events import Verb
from device.core.model.live import Diagnostics
from device.core.model.record import Intention, Purpose, Reason
from device.settings.document import beginning_of
from device.settings.keys import KEYS
from device.settings.loading import Config

LEFT_OUT = "…"
SPEAKERS = (
    "device.daemon", "device.doctor.broker", "device.doctor.clock", "device.doctor.display",
    "device.doctor.examination", "device.doctor.link", "device.doctor.machine", "device.doctor.permission",
    "device.doctor.record", "device.doctor.wires", "device.loop", "device.mqtt.publisher", "device.store.file",
    "drivers.broker", "drivers.broker_address", "drivers.gpiod_pins", "drivers.oled", "drivers.pump_link",
)  # fmt: skip
"""Whose lines come in the journal and in what the doctor says. None of them has a word of the record."""
OF_FAULTS = ("device.settings.document", "device.settings.keys", "device.settings.loading", "device.settings.patterns")
"""Who says what is wrong with a configuration."""
OF_THE_KERNEL = frozenset(
    re.findall(
        r"\w+",
        """adapter arbitration attached buffer bus cdc ch chip clock connected console controller converter cp detected
        device disabled disconnect enabled error failed found gpio hub lost low mmc new not now number overlay pinctrl
        probe registered reset serial soc spi spidev stuck supply timed timeout transfer tty ttyACM ttyAMA ttyS ttyUSB
        uart unable under Under Undervoltage undervoltage unknown usb USB voltage Voltage normalised out writing reading
        Device FTDI Serial""",
    )
)
"""What the kernel says of buses; of a USB device it says the maker's and the owner's words too."""
OF_THE_RESOLVER = (
    "Name or service not known",
    "Temporary failure in name resolution",
    "No address associated with hostname",
)
"""What getaddrinfo(3) says of a name; the rest of the system's words are strerror's."""
PRIVATE_KINDS = {"text", "file", "id", "topic", "host", "patterns"}
"""Of the configuration's keys: values that somebody thought of."""
WORD = re.compile(r"[^\W\d_]+")
TELL_NOTHING = frozenset(
    WORD.findall("pump companion etc config toml var lib db dev a and as at in is of on or s the to")
)
"""Words of the usual paths, and of every sentence: nobody is known by them."""
COMMENTS = re.compile(r"""^((?:[^"'#\n]|"[^"\n]*"|'[^'\n]*')*)#.*$""", re.MULTILINE)
QUOTED = re.compile('“.*”|"[^"]*"', re.DOTALL)
SHAPES = re.compile(
    r"(?<![\w/])(?:0x[0-9A-F]{2}|GPIO\d{1,2}|do_i2c|do_spi|ext4|bcm\d{4}|i2c|I2C|10 µF|3\.3 V|"
    r"/dev/(?:i2c-\d{1,3}|spidev\d\.\d|gpiochip\d{1,2}|serial0|tty(?:USB|ACM|AMA|S)\d{1,2}))(?![\w/])"
)
"""What is known whole: addresses on a bus, pins, devices as the kernel names them."""
COUNT = re.compile(r"(?<![\w.:/@=-])\d{1,4}(?![\w.:/@=-])")
"""A number that stands alone: no part of an address, a time, a version."""
TOKENS = re.compile(rf"(?P<shape>{SHAPES.pattern})|(?P<count>{COUNT.pattern})|(?P<word>{WORD.pattern})|(?P<digits>\d+)")


@cache
def own_words(speakers: tuple[str, ...] = SPEAKERS) -> frozenset[str]:
    """The words in what our modules can say: their texts, docstrings aside, and the configuration's keys."""
    by_system = [*map(os.strerror, errno.errorcode), *OF_THE_RESOLVER]
    said = {
        word
        for text in (*(key.full for key in KEYS), *Diagnostics.__struct_fields__, *by_system)
        for word in WORD.findall(text)
    }
    for name in speakers:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            said |= said_in(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
    of_the_record = {word for answers in (Purpose, Reason, Intention) for word in WORD.findall(" ".join(answers))}
    of_the_record -= TELL_NOTHING | {"low"}
    return (
        frozenset(word for word in said if len(word) > 1 or word in TELL_NOTHING)
        - of_the_record
        - {"ml", "volume", "VOLUME", "breast", "Breast"}
    )


def said_in(tree: ast.AST) -> set[str]:
    """The words of a module's strings that are no statements of their own."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        for word in WORD.findall(node.value)
    }


def private_words(config: Config, *names: str) -> frozenset[str]:
    """Words of what somebody has chosen in the configuration, and of further names: left out though they be ours."""
    chosen = [*names, str(config.path)]
    for key in KEYS:
        value = getattr(getattr(config, key.section), key.name, None)
        if key.kind in PRIVATE_KINDS and value is not None and value != key.default and str(value) != key.default:
            chosen += (
                [pattern.pattern for given in value.values() for pattern in given]
                if key.kind == "patterns"
                else [str(value)]
            )
    return frozenset(WORD.findall(" ".join(chosen))) - TELL_NOTHING


def words_written(file: Path) -> frozenset[str]:
    """Words of a configuration that can't be read as one, its keys' and its comments' aside: any may be a name."""
    try:
        text = beginning_of(file)[0].decode("utf-8", "replace")
    except (OSError, ValueError):
        return frozenset()
    of_keys = {word for name in (*(key.full for key in KEYS), *Verb) for word in WORD.findall(name)}
    return frozenset(WORD.findall(COMMENTS.sub(r"\1", text))) - of_keys - TELL_NOTHING


def scrubbed(text: str, words: Iterable[str], *, counts: bool = False) -> str:
    """The text with all left out but these words, shapes that are known, marks, and, where asked for, lone numbers."""
    allowed = frozenset(words)

    def shown_as(found: re.Match[str]) -> str:
        if found["shape"]:
            return found["shape"]
        if found["count"]:
            return found["count"] if counts else "#"
        return found["word"] if found["word"] in allowed else "#" if found["digits"] else LEFT_OUT

    plain = TOKENS.sub(shown_as, QUOTED.sub(f"“{LEFT_OUT}”", text))
    kept = "".join(character for character in plain if character.isprintable())
    return re.sub(f"{LEFT_OUT}(?:[^\\w“”]?{LEFT_OUT})+", LEFT_OUT, kept)


def is_ours(line: str, words: Iterable[str]) -> bool:
    """Whether a line of the journal has the shape of what we say: of its words half are ours at least."""
    allowed, found = frozenset(words), WORD.findall(QUOTED.sub("", line))
    return bool(found) and 2 * sum(word in allowed for word in found) >= len(found)
