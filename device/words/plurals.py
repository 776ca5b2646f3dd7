"""Which plural goes with a whole number, by the names that Unicode's CLDR and `Intl.PluralRules` give them."""


def singular_at_one(count: int) -> str:
    """English, German, Spanish, Italian."""
    return "one" if count == 1 else "other"


def singular_below_two(count: int) -> str:
    """French, where nothing is singular too."""
    return "one" if count < 2 else "other"
