"""What the three keys say together: the rows that the core makes of its screens, in each language."""

from collections.abc import Mapping

from device.core.model.record import Intention, Purpose, Reason
from device.words import in_each

Labels = tuple[str | None, str | None, str | None]
Row = Mapping[str, Labels]
"""What the three keys say, by the language's code."""

IDLE: Row = in_each(lambda words: (words.key.nursed, words.key.last, words.key.start))
WHY: Row = in_each(
    lambda words: (
        words.purposes[Purpose.PROTECT].key,
        words.purposes[Purpose.PROMOTE].key,
        words.purposes[Purpose.TREAT].key,
    )
)
MILK_FOR: Row = in_each(
    lambda words: (
        words.intentions[Intention.FEED].key,
        words.intentions[Intention.FRIDGE].key,
        words.intentions[Intention.FREEZER].key,
    )
)
TIMER: Row = in_each(lambda words: (words.key.why, words.key.milk_for, None))
BY_HAND: Row = in_each(lambda words: (words.key.why, words.key.milk_for, words.key.stop))
OPEN: Row = in_each(lambda words: (words.key.why_open, words.key.milk_for, words.key.stop))
AMOUNT: Row = in_each(lambda words: ("−", "+", words.key.save))
SAVED: Row = in_each(lambda words: (words.key.undo, None, words.key.ok))
LAST: Row = in_each(lambda words: (words.key.older, words.key.change, words.key.back))
STATUS: Row = in_each(lambda words: (words.key.older, None, words.key.back))
ONLY_OK: Row = in_each(lambda words: (None, None, words.key.ok))
NO_KEYS: Row = in_each(lambda _: (None, None, None))
GOING_BACK: Row = in_each(
    lambda words: (words.purposes[Purpose.PROTECT].key, words.purposes[Purpose.PROMOTE].key, words.key.back)
)
PROTECT: Row = in_each(
    lambda words: (
        words.reasons[Reason.IN_PLACE_OF_NURSING].key,
        words.reasons[Reason.COMPLETE_NURSING].key,
        words.key.skip,
    )
)
PROMOTE: Row = in_each(
    lambda words: (
        words.reasons[Reason.RAISE_LOW_SUPPLY].key,
        words.reasons[Reason.COLLECT_EXTRA_MILK].key,
        words.key.skip,
    )
)
TREAT: Row = in_each(
    lambda words: (
        words.reasons[Reason.PLUGGED_DUCT].key,
        words.reasons[Reason.MASTITIS].key,
        words.reasons[Reason.NIPPLE_PAIN].key,
    )
)
MORE: Row = in_each(lambda words: (None, None, words.key.more))
NO_AMOUNT_YET: Row = in_each(lambda words: ("−", "+", words.key.skip))
NURSED: Row = in_each(lambda words: (words.key.yes, words.key.no, words.key.back))
CHANGE: Row = in_each(lambda words: (words.key.why, words.key.milk_for, "ml"))
CHANGE_OZ: Row = in_each(lambda words: (words.key.why, words.key.milk_for, "oz"))
CHANGE_NURSING: Row = in_each(lambda words: (words.key.yes, words.key.no, words.key.delete))

ROWS = (
    IDLE,
    WHY,
    MILK_FOR,
    TIMER,
    BY_HAND,
    OPEN,
    AMOUNT,
    SAVED,
    LAST,
    STATUS,
    ONLY_OK,
    NO_KEYS,
    GOING_BACK,
    PROTECT,
    PROMOTE,
    TREAT,
    MORE,
    NO_AMOUNT_YET,
    NURSED,
    CHANGE,
    CHANGE_OZ,
    CHANGE_NURSING,
)
