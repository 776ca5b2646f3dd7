"""How one value that came from outside is read: instants, volumes, words, and what is said where one is wrong.

Commands and import lines share these, so that both take the same values and refuse them in the same words.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from device.core.model.record import LARGEST_VOLUME_ML, PURPOSE_OF, Purpose, Reason

LONGEST_NOTE = 500
LONGEST_SESSION_S = 7 * 24 * 3600
"""A guard against slips of the keyboard, far beyond any session."""

LATEST = 32503680000
"""3000-01-01: room for every date that is computed from an instant."""

JSON = msgspec.json.Decoder(float_hook=float)
"""A number too large for a float is infinite then, and out of range, instead of no JSON."""

START = datetime(1970, 1, 1, tzinfo=UTC)
EXAMPLE = "2026-03-01T03:12:08Z"
SHAPE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9:.,]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)")

Reader = Callable[[Any], Any]
Word = TypeVar("Word", bound=StrEnum)


class FieldError(ValueError):
    """What is wrong, in one line for people; `code` is the contract's word for programs, `field` where it lies."""

    def __init__(self, code: str, error: str, field: str | None = None) -> None:
        super().__init__(error)
        self.code, self.error, self.field = code, error, field


class Field(msgspec.Struct, frozen=True):
    """One field of a command or a line. A null counts as left out, unless it `clears` or the field is required."""

    read: Reader
    required: bool = False
    clears: bool = False


def instant(at: int) -> str:
    """Whole seconds since 1970 as the wire says them: ISO 8601, UTC, with `Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat()[:19] + "Z"


def parse_instant(text: str) -> int:
    """ISO 8601 with a zone → whole seconds since 1970, fractions floored. Raises FieldError for anything else."""
    try:
        seconds = (datetime.fromisoformat(text.upper()) - START).total_seconds()
    except (ValueError, TypeError):
        seconds = None
    if seconds is None or not SHAPE.fullmatch(text.upper()):
        raise FieldError("wrong_type", f"{shown(text)} is not a time with its zone; give one such as {EXAMPLE}")
    if not 0 <= seconds < LATEST:
        raise FieldError("out_of_range", f"{shown(text)} is out of range; give a time from 1970 to 2999")
    return math.floor(seconds)


def shown(value: object) -> str:
    """A value as an error may show it: short, one line, whatever came."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value) if abs(value) < 1e15 else "a number that large"
        case str():
            return repr(value) if len(value) <= 40 else repr(value[:40]) + "…"
        case list():
            return "a list"
        case _:
            return "an object"


def decoded(payload: bytes) -> object:
    """What a JSON text holds. Raises FieldError (`not_json`) for anything else, also where it is nested too deep."""
    try:
        return JSON.decode(payload)
    except RecursionError:
        raise FieldError("not_json", "it is nested too deep") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise FieldError("not_json", f"it is not JSON in UTF-8: {error}".replace("\n", " ")) from None


def read_fields(given: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values of the fields that stand there, unknown ones aside. Raises FieldError with the field's name."""
    found: dict[str, Any] = {}
    for name, field in fields.items():
        value = given.get(name)
        if value is None and not (name in given and (field.required or field.clears)):
            if field.required:
                raise FieldError("missing", f"{name} is missing", name)
            continue
        if value is None and field.clears:
            found[name] = None
            continue
        try:
            found[name] = field.read(value)
        except FieldError as fault:
            raise FieldError(fault.code, f"{name}: {fault.error}", name) from None
    return found


# -- the readers: a value as JSON has it → the value as the core has it, or FieldError ------------------------------


def moment(value: object) -> int:
    if not isinstance(value, str):
        raise FieldError("wrong_type", f"{shown(value)} is not a time; give text such as {EXAMPLE}")
    return parse_instant(value)


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise FieldError("wrong_type", f"{shown(value)} is neither true nor false")
    return value


def whole_number(low: int | None = None, high: int | None = None) -> Reader:
    """Whole numbers (3.0 is one too, as JSON Schema has it) within these limits."""

    def read(value: object) -> int:
        huge = value in (math.inf, -math.inf)
        if isinstance(value, bool) or not isinstance(value, int | float) or (not huge and value % 1 != 0):
            raise FieldError("wrong_type", f"{shown(value)} is not a whole number")
        if huge or (low is not None and value < low) or (high is not None and value > high):
            raise FieldError("out_of_range", f"{shown(value)} is out of range; {_limits(low, high)}")
        return int(value)

    return read


def _limits(low: int | None, high: int | None) -> str:
    return f"{low} to {high}" if high is not None else f"{low or 0} or more"


def _rounded(value: object, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError("wrong_type", f"{shown(value)} is not a number of {what}")
    if not low - 0.5 <= value < high + 0.5:  # said of what is rounded, and of numbers that no float holds
        raise FieldError("out_of_range", f"{shown(value)} is out of range; {low} to {high} {what}")
    return math.floor(value + 0.5)


def millilitres(value: object) -> int:
    """Millilitres, rounded half up to whole ones; 0 to 2000 then."""
    return _rounded(value, "millilitres", 0, LARGEST_VOLUME_ML)


def duration(value: object) -> int:
    """Seconds, rounded half up to whole ones."""
    return _rounded(value, "seconds", 0, LONGEST_SESSION_S)


def text(longest: int | None = None) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise FieldError("wrong_type", f"{shown(value)} is not text")
        if longest is not None and len(value) > longest:
            raise FieldError("out_of_range", f"{len(value)} characters are too many; {longest} at most")
        return value

    return read


def one_of(words: type[Word]) -> Reader:
    known = {str(word): word for word in words}
    names = ", ".join(known)

    def read(value: object) -> Word:
        if not isinstance(value, str):
            raise FieldError("wrong_type", f"{shown(value)} is not text; one of {names}")
        if value not in known:
            raise FieldError("out_of_range", f"{shown(value)} is not one of {names}")
        return known[value]

    return read


FLAG, MOMENT, DURATION, VOLUME = Field(flag), Field(moment), Field(duration), Field(millilitres)
PURPOSE, REASON = Field(one_of(Purpose)), Field(one_of(Reason))


# -- rules between fields, whoever they came from --------------------------------------------------------------------


def sum_of_sides(found: dict[str, Any]) -> int | None:
    """Millilitres of left and right together; None where neither is given."""
    sides = [found[side] for side in ("left_ml", "right_ml") if found.get(side) is not None]
    if sum(sides) > LARGEST_VOLUME_ML:
        raise FieldError(
            "out_of_range", f"left_ml: both sides together are over {LARGEST_VOLUME_ML} millilitres", "left_ml"
        )
    return sum(sides) if sides else None


def reason_fits(found: dict[str, Any]) -> None:
    """A reason must belong to its purpose, and alone implies it (here it is filled in)."""
    reason: Reason | None = found.get("reason")
    if reason is None:
        return
    purpose = found.setdefault("purpose", PURPOSE_OF[reason])
    if purpose is not PURPOSE_OF[reason]:
        said = "null" if purpose is None else str(purpose)
        raise FieldError("out_of_range", f"reason: {reason} belongs to {PURPOSE_OF[reason]}, not to {said}", "reason")
