"""English."""

from device.core.model.events import StoreState
from device.core.model.live import Disk, LinkState, Panel, Phase
from device.core.model.record import LARGEST_VOLUME_ML, Context, Intention, Purpose, Reason, Side, Source
from device.core.model.view import Hint, ScreenName, WarningKind

from .plurals import singular_at_one
from .shape import (
    AloudWords,
    BecauseWords,
    HomeWords,
    IdleScreen,
    IntentionScreen,
    IntentionWords,
    KeyWords,
    LastScreen,
    NoteScreen,
    OutlookWords,
    PageWords,
    PurposeScreen,
    PurposeWords,
    ReasonWords,
    ReportSheet,
    ReportWords,
    SavedScreen,
    Screens,
    StatusScreen,
    TimerScreen,
    TimeWords,
    Titled,
    VolumeScreen,
    WarningScreen,
    Words,
)

# -- answers ---------------------------------------------------------------------------------------------------

# key, short, long, Home Assistant's, question
PURPOSES = {
    Purpose.PROTECT: PurposeWords("Protect", "Protect", "Protect", "Protect", "In place of nursing, or to finish one?"),
    Purpose.PROMOTE: PurposeWords(
        "Promote", "Promote", "Promote", "Promote", "Raise a low supply, or collect extra milk?"
    ),
    Purpose.TREAT: PurposeWords("Treat", "Treat", "Treat", "Treat", "Plugged duct, mastitis or nipple pain?"),
}
# key, short, long, Home Assistant's, once treated
REASONS = {
    Reason.IN_PLACE_OF_NURSING: ReasonWords("In place", "In place", "In place of nursing", "In place of nursing"),
    Reason.COMPLETE_NURSING: ReasonWords("Finish", "Finish", "Finish a nursing", "Complete nursing"),
    Reason.RAISE_LOW_SUPPLY: ReasonWords("Raise", "Raise", "Raise a low supply", "Raise low supply"),
    Reason.COLLECT_EXTRA_MILK: ReasonWords("Collect", "Collect", "Collect extra milk", "Collect extra milk"),
    Reason.PLUGGED_DUCT: ReasonWords("Duct", "Duct", "Plugged duct", "Plugged duct", "plugged duct treated"),
    Reason.MASTITIS: ReasonWords("Mastitis", "Mastitis", "Mastitis", "Mastitis", "mastitis treated"),
    Reason.NIPPLE_PAIN: ReasonWords("Nipple", "Nipple", "Nipple pain", "Nipple pain", "nipple pain treated"),
}
# key, short, long, Home Assistant's, after an amount
INTENTIONS = {
    Intention.FEED: IntentionWords("Feed", "Feed", "Feed", "Feed", "for a feed"),
    Intention.FRIDGE: IntentionWords("Fridge", "Fridge", "Fridge", "Fridge", "for the fridge"),
    Intention.FREEZER: IntentionWords("Freezer", "Freezer", "Freezer", "Freezer", "for the freezer"),
    Intention.DONATE: IntentionWords("Donate", "Donate", "Donate", "Donate", "to donate"),
    Intention.DISCARD: IntentionWords("Discard", "Discard", "Discard", "Discard", "to discard"),
}

# -- guidance --------------------------------------------------------------------------------------------------

CONTEXTS = {
    Context.TREATMENT_CONTINUES: "{treated} {since} ago",
    Context.AFTER_INEFFECTIVE_NURSING: "nursed {ago}, not effective",
    Context.AFTER_EFFECTIVE_NURSING: "nursed well {ago}",
    Context.ABOVE_BASELINE: "{stimulations} in 24 h, baseline {baseline}",
    Context.BELOW_BASELINE: "{stimulations} of {baseline} stimulations in 24 h",
}
BECAUSE = BecauseWords(
    contexts=CONTEXTS,
    drawn=CONTEXTS,
    treated="treated",
    ago="{since} ago",
    just_now="just now",
)
# Home Assistant's, the page's
OUTLOOKS = {
    "steady": OutlookWords("Steady", "About the same in the next days"),
    "falling": OutlookWords("Falling", "A little less in 3 to 5 days"),
    "low": OutlookWords("Low", "About as in the last days, below the baseline"),
    "rising": OutlookWords("Rising", "A little more in 3 to 5 days"),
    "high": OutlookWords("High", "About as in the last days, above the baseline (toward oversupply)"),
    "recovering": OutlookWords("Recovering", "Coming back to the baseline"),
    "settling": OutlookWords("Settling", "Settling to the baseline"),
    # Home Assistant can't tell the state "unknown" from having no value.
    "unknown": OutlookWords(None, "Not known. It takes 5 days of record without a gap."),
}
HINTS = {Hint.ALSO_PROMOTES: "This one will also promote.", Hint.TOWARD_OVERSUPPLY: "Toward oversupply."}

# -- the device ------------------------------------------------------------------------------------------------

KEY = KeyWords(
    back="Back",
    change="Change",
    delete="Delete",
    last="Last",
    milk_for="Milk for",
    more="More",
    no="No",
    nursed="Nursed",
    ok="OK",
    older="Older",
    save="Save",
    skip="Skip",
    start="Start",
    stop="Stop",
    undo="Undo",
    why="Why",
    why_open="Why?",
    yes="Yes",
)

TIMES = TimeWords(
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    date="{day} {month}",
    time="{hour}:{minute:02}",
    day_and_time="{day} {time}",
    seconds="{seconds} s",
    minutes="{minutes} min",
    hours="{hours} h",
    hours_and_minutes="{hours} h {minutes:02}",
    days="{days} days",
    days_past="{days} days",
)

SCREENS = Screens(
    plain={ScreenName.NURSED: Titled("Nursed: effective?", "Swallowing heard, breast softer afterwards.")},
    idle=IdleScreen(
        stimulations="{count} of {baseline}",
        in_24_h="in 24 h",
        nothing="nothing recorded",
        nothing_yet="nothing recorded yet",
        no_stimulation="no stimulation yet",
        pumped="pumped",
        nursed="nursed",
        just_now="{last} just now",
        ago="{last} {since} ago",
        long_ago="{last} long ago",
    ),
    purpose=PurposeScreen(
        title="Why pump?",
        likely="Likely {purpose}: {because}",
        now="Now: {answer}",
        none="No purpose given",
    ),
    note=NoteScreen(
        rhythm="Keep your usual rhythm, as much as is comfortable.",
        clinician=Titled("Call your clinician", "for fever, feeling ill, or if not better in a day."),
        short=Titled("Short session", "Kept, not counted."),
        under_a_minute="Under a minute",
    ),
    intention=IntentionScreen(
        title="Milk for?",
        expected="Expect about {amount}.",
        none_expected="No expectation yet.",
    ),
    timer=TimerScreen(a_minute="/min", ends_in="ends in {time}"),
    volume=VolumeScreen(title="Amount", expected="expected {amount}"),
    saved=SavedScreen(
        saved="Saved",
        deleted="Deleted",
        nursed="Nursed",
        use_by="use by {date}",
        use_by_time="use by {time}",
        effective="Effective",
        ineffective="Not effective",
    ),
    last=LastScreen(
        nothing=Titled("Nothing recorded", "Sessions and nursings will be listed here."),
        place="{index} of {of}",
        no_amount="no amount",
        no_unit="no {unit}",
        running="running",
        cut_off="cut off",
        nursed_effective="Nursed · effective",
        nursed_ineffective="Nursed · not effective",
    ),
    change="Change what?",
    status=StatusScreen(
        address="Address",
        broker="Broker",
        waiting="Waiting",
        pump="Pump",
        version="Version",
        storage="Storage",
        clock="Clock",
        running="Running",
        no_address="none",
        by_hand="by hand",
        serial="serial",
        connected="connected",
        away="away {since}",
        records={"one": "{count} record", "other": "{count} records"},
        too_large="{count}, {passed_over} too large",
        link_lost="lost: {pump}",
        clock_set="set",
        clock_not_set="not set",
        free="{percent:.0f} % free",
        no_folder="no folder",
        stores={StoreState.OK: "ok", StoreState.FAILING: "failing", StoreState.FULL: "full"},
    ),
    warning=WarningScreen(
        kinds={
            WarningKind.NOT_SAVED: Titled("Not saved yet", "Disk error: the record waits. Leave the power on."),
            WarningKind.DISK_FULL: Titled("Not saved yet", "Disk full: the record waits. Free some space."),
            WarningKind.REPAIRED: Titled("Record repaired", "The file was damaged. See the note beside it."),
            WarningKind.STUCK_SENSOR: Titled("Still pumping?", "Running for 2 h: the sensor may be stuck."),
            WarningKind.NOT_STARTED: Titled("Not started", "A setting is wrong: run pump-companion check."),
        },
        stop_on_timer="The sensor may be stuck. Stop it on the Timer.",
    ),
)

ALOUD = AloudWords(
    icons={
        "check": "✓",
        "tick": "✓",
        "pause": "paused,",
        "moon": "dimmed",
        "unlinked": "broker away",
        "clock": "clock not set",
        "warning": "warning:",
    },
    dark="The display is dark.",
    keys="Keys: {keys}",
    suggested="suggested",
    pressed="pressed",
)

# -- dashboards ------------------------------------------------------------------------------------------------

HOME = HomeWords(
    entities={
        "pumping": "Pumping",
        "session_running": "Session running",
        "phase": "Phase",
        "suggestion": "Suggestion",
        "session_ended": "Session ended",
        "purpose": "Purpose",
        "reason": "Reason",
        "intention": "Milk for",
        "volume": "Volume",
        "expectation": "Expected volume",
        "use_by": "Use by",
        "session_began": "Session began",
        "pumping_time": "Pumping time",
        "stimulations_24h": "Stimulations in 24 h",
        "last_stimulation": "Last stimulation",
        "volume_24h": "Volume in 24 h",
        "unclassified": "Waiting for a purpose",
        "milk_fridge": "Milk in the fridge",
        "milk_freezer": "Milk in the freezer",
        "milk_next": "Next use by",
        "outlook": "Outlook",
        "nursed_effective": "Nursed, effective",
        "nursed_ineffective": "Nursed, not effective",
        "start": "Start",
        "stop": "Stop",
        "baseline": "Baseline",
        "screen": "Screen",
        "outbox": "Records waiting",
        "clock": "Clock",
        "pump_link": "Pump link",
        "display": "Display",
        "storage": "Storage",
        "started": "Started",
    },
    phases={Phase.IDLE: "Idle", Phase.PUMPING: "Pumping", Phase.PAUSED: "Paused"},
    links={LinkState.UP: "Up", LinkState.LOST: "Lost", LinkState.OFF: "Off"},
    displays={Panel.UP: "Up", Panel.FAILED: "Failed", Panel.OFF: "Off"},
    stores={Disk.OK: "In order", Disk.FAILING: "Failing", Disk.FULL: "Full"},
)

PAGE = PageWords(
    treat="Keep your usual rhythm, as much as is comfortable. Fever, feeling ill, or not better in a day: "
    "call your clinician.",
    sides={Side.LEFT: "Left", Side.RIGHT: "Right", Side.BOTH: "Both"},
    sources={
        Source.GPIO: "the motor wire",
        Source.SERIAL: "the pump link",
        Source.BUTTON: "the device’s buttons",
        Source.DASHBOARD: "a dashboard",
        Source.ADDED: "added by hand",
        Source.IMPORT: "imported",
    },
    stimulation={"one": "stimulation", "other": "stimulations"},
    places={
        "room": "Room",
        "fridge": "Fridge",
        "freezer": "Freezer",
        "thawed": "Thawed",
        "used": "Used",
        "donated": "Donated",
        "discarded": "Discarded",
    },
    moves={
        "fridge": "To the fridge",
        "freezer": "Freeze",
        "thawed": "Thaw",
        "used": "Used",
        "part": "Part used",
        "donated": "Donate",
        "discarded": "Discard",
    },
    moved={
        "room": "in the room",
        "fridge": "in the fridge",
        "freezer": "in the freezer",
        "thawed": "thawed",
        "used": "used",
        "donated": "donated",
        "discarded": "discarded",
    },
    refusals={
        "unknown_record": "the device no longer has this record",
        "moved_on": "it was changed elsewhere meanwhile; what is shown now is the newest",
        "not_here": "this device takes no such request from a dashboard",
        "busy": "the device has more to do than it can just now; try again in a moment",
    },
    refused="the device did not understand it; its version may differ from this page’s",
    not_set="the device’s clock is not set yet, so it can’t place that time; it needs the network for a moment",
    not_now={
        "start": "a session is running already",
        "stop": "no session is running",
        "pause": "it rests already, or something other than a hand hears it",
        "go_on": "it runs already, or something other than a hand hears it",
        "milk": "nothing was said of this milk that could be taken back",
        "edit": "the session is still running",
        "delete": "the session is still running",
        "clock": "the device’s own clock is set by now",
    },
    not_the_time="it is not the time for that",
    out_of_range={
        "volume": f"an amount is between 0 and {LARGEST_VOLUME_ML} ml",
        "note": "a note has at most 500 characters",
        "baseline": "a baseline is between 1 and 24",
        "start": "a start told later lies within as long as a session may last, and not in the future",
        "milk": "there is less left than that, or the time is before it came there or in the future",
        "edit": "another record is at that time, or it lies in the future",
        "add": "another session is at that time, or it lies in the future",
        "nursing": "it lies in the future",
        "clock": "the record already holds a later time, from when the device’s clock was set",
    },
    overlaps="another session is at that time",
    ends_before_start="the end lies before the start",
    no_such_value="a value is out of range",
    not_saved="Not saved yet: the device’s storage takes nothing just now. What it keeps in memory is written as "
    "soon as that allows; once is enough.",
    failures={
        "unreachable": (
            "No answer from that address.",
            "Check name and port, and that the broker listens for WebSockets there.",
        ),
        "mixed": (
            "This page came over HTTPS, so the browser opens only wss:// addresses.",
            "Give the broker a WebSocket listener with TLS, or open the page over http://.",
        ),
        "address": ("That is no address of a broker.", "It looks like ws://raspberrypi.local:9001 or wss://…"),
        "refused": ("The broker refused the name or the password.", "Check both; the broker answers otherwise."),
        "not_mqtt": (
            "Something answers there, but it doesn’t speak MQTT.",
            "Check the port: it is often 9001 or 8083.",
        ),
        "denied": ("The broker doesn’t let this user read the device’s topics.", "Its access list needs them."),
    },
)

REPORT = ReportWords(
    sheet=ReportSheet(
        title="Pumping report",
        in_short="In short",
        each_day="Each day",
        day="Day",
        hours_24="24 hours",
        stimulations="Stimulations",
        sessions="Sessions",
        nursings="Nursed",
        and_ineffective="+ not effective",
        pumping="Pumping",
        amount="Amount",
        stimulation_is="A stimulation is an effective nursing, or a sitting with a pumping session; sessions that "
        "follow each other closely are one sitting.",
        by_purpose="By purpose",
        purpose="Purpose",
        reasons="Reasons, sessions of each",
        median_amount="Median amount, of how many",
        median_pumping="Median pumping time",
        chart_note="Dashed: the day is not over, or an amount is missing. –: no record, or no amount.",
        treated="What was treated, and when",
        what="Treated",
        when="When",
        outlook="Outlook",
        outlook_counts="Stimulations in each of the last five times 24 h, oldest first",
        before="5 to 3 days ago: today’s supply",
        lately="last 3 days: the next days",
        missing="What is missing",
        notes="Notes",
    ),
    span={"one": "{last} {year}", "other": "{first} to {last} {year}, {count} days"},
    made="Made {when}; times are those of {zone}.",
    baseline="baseline {count}",
    day="{weekday} {date}",
    until="to {time}",
    not_24_h="{hours} h",
    no_record="no record",
    questions=("How often", "Why", "How much", "Up or down", "Treated"),
    often="{low} to {high} stimulations a day, median {median}; the baseline is {baseline}",
    often_alike="{median} stimulations a day; the baseline is {baseline}",
    much="{low} to {high} a day, median {median}",
    much_alike="{median} a day",
    no_whole_day="no whole day with a record yet",
    no_session="no session counted",
    no_amount="no amount given",
    not_treated="nothing in these days",
    counted="{word} {count}",
    no_purpose="no purpose given",
    no_reason="no reason given",
    nursed="nursed",
    ineffective="nursed, not effective",
    without_amount={"one": "{count} without", "other": "{count} without"},
    at="{time} {what}",
    pumped="{purpose}, {pumping}, {amount}",
    of_amounts="{median}, of {count}",
    all_nursings="Nursings: {effective} effective, {ineffective} not effective.",
    stimulations_a_day="Stimulations a day; the line is the baseline of {baseline}",
    amount_a_day="Amount a day, {unit}",
    from_to="{first} to {last}",
    outlook_rests="Today answers to days of about {now} stimulations; the next days answer to about {coming}. An "
    "estimate from the record.",
    tenths="{whole}.{tenth}",
    missing={
        "purpose": {"one": "{count} session without a purpose", "other": "{count} sessions without a purpose"},
        "amount": {"one": "{count} sitting without an amount", "other": "{count} sittings without an amount"},
        "day": {"one": "{count} day without a record", "other": "{count} days without a record"},
        "clock": {
            "one": "{count} record made while the clock was not set: its time is not certain",
            "other": "{count} records made while the clock was not set: their times are not certain",
        },
        "end": {
            "one": "{count} session cut off: its end is not certain",
            "other": "{count} sessions cut off: their ends are not certain",
        },
        "short": {
            "one": "{count} session too short to be counted: in no figure here",
            "other": "{count} sessions too short to be counted: in no figure here",
        },
    },
    days_missing="{said}: {days}",
    running="A session is running: in no figure here",
    nothing_missing="Nothing: each session has a purpose, each sitting an amount, each day a record.",
    source="From the record of “{device}”, as the parent gave it. No medical device made it, and it judges nothing.",
)

EN = Words(
    name="English",
    plural=singular_at_one,
    purposes=PURPOSES,
    reasons=REASONS,
    intentions=INTENTIONS,
    because=BECAUSE,
    outlooks=OUTLOOKS,
    hints=HINTS,
    key=KEY,
    times=TIMES,
    screens=SCREENS,
    aloud=ALOUD,
    home=HOME,
    report=REPORT,
    page=PAGE,
)
