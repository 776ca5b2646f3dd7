"""A short round of a year's outage; `scripts/endure --year 6000` leads the whole one."""

from tests.endurance import outage


def test_what_an_outage_kept_waiting_is_drained_in_order_in_full_and_a_page_at_a_time() -> None:
    print(*outage.year(1500, 0), sep="\n")
