"""A short round of bad cards; `scripts/endure --damage 3600` strikes every page in every way at every moment."""

import random

from tests.endurance.disk_damage import damage

STRIKES = 24


def test_whatever_page_is_damaged_the_daemon_goes_on_and_says_what_it_cost() -> None:
    print(*damage(STRIKES, random.randrange(1000)), sep="\n")
