"""The main walks in Firefox and in WebKit: connect, answer, amount, correct, add, files, join, milk, sleep and wake.

They are tests of the other modules, where they run in Chromium.
"""

from tests.page import test_page_actions as actions
from tests.page import test_page_download as download
from tests.page import test_page_hand as hand
from tests.page import test_page_import as importing
from tests.page import test_page_join as join
from tests.page import test_page_link as link
from tests.page import test_page_nights as nights
from tests.page import test_page_odd as odd
from tests.page import test_page_stock as stock
from tests.page import test_page_typed as typed

pytest_plugins = ("tests.support.page_fixtures",)

ENGINES = ("firefox", "webkit")
WALKS = (
    actions.test_the_whole_chain_of_questions_is_answered_with_one_press_each,
    actions.test_an_amount_can_be_typed,
    actions.test_an_end_is_corrected_in_the_devices_own_zone,
    actions.test_delete_asks_nothing_and_the_toast_gives_it_back,
    actions.test_a_missed_session_is_added_with_what_is_known_of_it,
    download.test_some_days_alone_and_all_of_it_as_lines,
    hand.test_a_start_is_typed_as_the_newest_such_time,
    hand.test_a_session_by_hand_rests_and_goes_on,
    importing.test_what_comes_in_goes_as_commands_one_after_the_other,
    join.test_two_halves_of_a_session_become_one_with_both_amounts_and_one_undo_gives_them_back,
    join.test_a_refused_overlap_names_the_other_session_and_opens_it,
    link.test_a_broker_restart_is_survived_and_what_was_missed_comes_in_by_itself,
    link.test_what_was_heard_stays_on_this_browser_only_when_asked,
    nights.test_every_wall_time_of_such_nights_has_its_instants_and_each_leads_back,
    nights.test_a_session_over_the_hour_that_came_twice_is_as_long_as_it_looks,
    nights.test_an_american_browser_writes_times_and_days_as_its_readers_do,
    odd.test_a_browser_that_forbids_storage_shows_the_page_and_connects_to_what_is_typed,
    odd.test_a_links_broker_is_kept_when_told_to,
    odd.test_a_page_that_comes_back_to_the_front_over_a_dead_socket_connects_anew,
    stock.test_a_part_that_was_used_leaves_the_rest_where_it_is,
    stock.test_a_move_may_have_been_earlier,
    typed.test_one_side_is_corrected_and_the_other_stays_to_the_millilitre,
)
globals().update({walk.__name__: walk for walk in WALKS})
