"""Amounts as the Volume screen counts them: whole millilitres, or quarters of a US fluid ounce.

The record always holds whole millilitres; an amount is what a person sees and steps through.
"""

from device.core.model.record import Units

ML_PER_OZ = 29.5735295625
"""NIST Handbook 44, appendix C: a US fluid ounce."""

FIRST = {Units.ML: 60, Units.OZ: 8}
"""What the first press gives where nothing is expected: 60 ml, 2 oz."""
MOST = {Units.ML: 1500, Units.OZ: 200}
SMALL = {Units.ML: 5, Units.OZ: 1}
BIG = {Units.ML: 20, Units.OZ: 4}


def amount_of(ml: int, units: Units) -> int:
    """Whole millilitres as an amount: themselves, or the nearest quarter of an ounce."""
    return ml if units is Units.ML else int(ml / ML_PER_OZ * 4 + 0.5)


def written_amount(amount: int, units: Units) -> str:
    """The figure as people write it, without its unit: `85`, `2¾`."""
    if units is Units.ML:
        return str(amount)
    whole, quarters = divmod(amount, 4)
    return f"{whole or ''}{'¼½¾'[quarters - 1]}" if quarters else str(whole)


def ml_of(amount: int, units: Units) -> int:
    return amount if units is Units.ML else int(amount / 4 * ML_PER_OZ + 0.5)


def start_amount(ml: int | None, units: Units) -> int | None:
    """The expectation as an amount to start from, rounded to a step."""
    if ml is None:
        return None
    return int(ml / 5 + 0.5) * 5 if units is Units.ML else amount_of(ml, units)


def stepped(amount: int, direction: int, units: Units, *, big: bool) -> int:
    """The next round amount up or down, from 0 to the most that is asked for; a larger one that stands only falls."""
    step = (BIG if big else SMALL)[units]
    following = (amount // step + 1) * step if direction > 0 else (amount - 1) // step * step
    return max(amount, min(following, MOST[units])) if direction > 0 else max(following, 0)
