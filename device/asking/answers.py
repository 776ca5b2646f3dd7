"""A person's words become a key's value: `yes`, `GPIO17`, `0x78`, nothing."""

import re
from typing import Any

from device.settings.keys import BY_NAME, KEYS, READERS, SettingKey, WrongError

FLAGS = {key.full: f"--{key.section}-{key.name.replace('_', '-')}" for key in KEYS if key.kind != "patterns"}
"""Each key's flag on the command line."""
YES, NO = {"yes", "y", "true", "on", "1"}, {"no", "n", "false", "off", "0"}
NOTHING = {"", "-", "none"}
NUMBER = re.compile(r"-?\d+|0[xX][0-9a-fA-F]+", re.ASCII)
FIRST_BEYOND = 0x78
"""The first that is no address of an I2C bus (its specification, 3.1.12): many boards print 8 bits, one for reading."""


def read_answer(name: str, text: str) -> Any:
    """The value of a key as the file would say it; None: no such wire, file or user. Raises WrongError."""
    key, word = BY_NAME[name], text.strip()
    if key.default is None and word.lower() in NOTHING:
        return None
    value = _typed(key, word)
    if name == "display.i2c_address" and isinstance(value, int) and FIRST_BEYOND <= value <= 0xFF:
        value >>= 1
    READERS[key.kind](key, value)
    return value


def _typed(key: SettingKey, word: str) -> Any:
    if key.kind == "flag":
        if word.lower() not in YES | NO:
            raise WrongError(f"“{word}” is neither yes nor no", "say yes or no")
        return word.lower() in YES
    number = int(word, 0 if word.lower().startswith("0x") else 10) if NUMBER.fullmatch(word) else None
    numbers = key.kind in {"int", "pin"} or (key.kind == "choice" and isinstance(key.choices[0], int))
    return number if numbers and number is not None else word


def shown_answer(name: str, value: object) -> str:
    """A value as a person would type it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return BY_NAME[name].form.format(value)
