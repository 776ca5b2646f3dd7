"""German, for Germany, Austria and Switzerland; it addresses nobody, so that neither du nor Sie is needed.

Where the terms are from: EISL, the European institute for lactation (stillen-institut.com: Milchstau, Mastitis,
Milchmenge steigern, effektives Stillen); Still-Lexikon (still-lexikon.de: Milchstau, wunde Brustwarzen, hörbares
Schlucken); the DHV's midwives (apotheken-umschau.de: Milchmenge). Times and dates are as in Unicode's CLDR.
"""

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

# "Milchbildung aufrechterhalten", "Milchmenge steigern" are EISL's; "behandeln" is too wide for a key.
# Unsure: "Lindern" for treat: does it say enough of a mastitis?
PURPOSES = {
    Purpose.PROTECT: PurposeWords(
        "Erhalten", "Erhalten", "Erhalten", "Erhalten", "Als Ersatz fürs Stillen oder zur Ergänzung?"
    ),
    Purpose.PROMOTE: PurposeWords(
        "Steigern", "Steigern", "Steigern", "Steigern", "Milchmenge steigern oder Vorrat anlegen?"
    ),
    Purpose.TREAT: PurposeWords(
        "Lindern", "Lindern", "Lindern", "Lindern", "Milchstau, Mastitis oder wunde Brustwarze?"
    ),
}
# "Stillmahlzeit", "Milchstau", "wunde Brustwarzen": EISL, Still-Lexikon.
# Unsure: "Wunde Brustwarze" for nipple pain, which may hurt without being sore.
REASONS = {
    Reason.IN_PLACE_OF_NURSING: ReasonWords(
        "Ersatz", "Ersatz", "Statt einer Stillmahlzeit", "Statt einer Stillmahlzeit"
    ),
    Reason.COMPLETE_NURSING: ReasonWords("Ergänz.", "Ergänz.", "Stillmahlzeit ergänzen", "Stillmahlzeit ergänzen"),
    Reason.RAISE_LOW_SUPPLY: ReasonWords("Menge", "Menge", "Milchmenge steigern", "Milchmenge steigern"),
    Reason.COLLECT_EXTRA_MILK: ReasonWords("Vorrat", "Vorrat", "Vorrat anlegen", "Vorrat anlegen"),
    Reason.PLUGGED_DUCT: ReasonWords("Stau", "Milchstau", "Milchstau", "Milchstau", "Milchstau"),
    Reason.MASTITIS: ReasonWords("Mastitis", "Mastitis", "Mastitis", "Mastitis", "Mastitis"),
    Reason.NIPPLE_PAIN: ReasonWords("Wund", "Wund", "Wunde Brustwarze", "Wunde Brustwarze", "Brustwarze"),
}
# Unsure: "Gefrier." for the freezer, where "Einfrieren" is too wide.
INTENTIONS = {
    Intention.FEED: IntentionWords("Füttern", "Füttern", "Füttern", "Füttern", "zum Füttern"),
    Intention.FRIDGE: IntentionWords("Kühlen", "Kühlen", "Kühlschrank", "Kühlschrank", "für den Kühlschrank"),
    Intention.FREEZER: IntentionWords("Gefrier.", "Gefrier.", "Gefrierfach", "Gefrierfach", "für das Gefrierfach"),
    Intention.DONATE: IntentionWords("Spenden", "Spende", "Spenden", "Spenden", "zum Spenden"),
    Intention.DISCARD: IntentionWords("Weg", "Weg", "Verwerfen", "Verwerfen", "zum Verwerfen"),
}

# -- guidance --------------------------------------------------------------------------------------------------

# "Stimulation der Brust", "effektiv gestillt": EISL.
# Unsure: "Grundwert" for the baseline.
CONTEXTS = {
    Context.TREATMENT_CONTINUES: "{treated} vor {since} behandelt",
    Context.AFTER_INEFFECTIVE_NURSING: "{ago} gestillt, nicht effektiv",
    Context.AFTER_EFFECTIVE_NURSING: "{ago} effektiv gestillt",
    Context.ABOVE_BASELINE: "{stimulations} in 24 h, Grundwert\u00a0{baseline}",
    Context.BELOW_BASELINE: "{stimulations}\u00a0von\u00a0{baseline} Stimulationen in 24 h",
}
BECAUSE = BecauseWords(
    contexts=CONTEXTS,
    drawn=CONTEXTS,
    treated="Beschwerden",
    ago="vor {since}",
    just_now="gerade",
)
OUTLOOKS = {
    "steady": OutlookWords("Gleich", "In den nächsten Tagen etwa gleich viel"),
    "falling": OutlookWords("Sinkend", "In 3 bis 5 Tagen etwas weniger"),
    "low": OutlookWords("Niedrig", "Etwa wie in den letzten Tagen, unter dem Grundwert"),
    "rising": OutlookWords("Steigend", "In 3 bis 5 Tagen etwas mehr"),
    "high": OutlookWords("Hoch", "Etwa wie in den letzten Tagen, über dem Grundwert (Richtung Überproduktion)"),
    "recovering": OutlookWords("Wieder steigend", "Kommt wieder auf den Grundwert"),
    "settling": OutlookWords("Wieder sinkend", "Pendelt sich auf den Grundwert ein"),
    "unknown": OutlookWords(None, "Nicht bekannt. Dazu braucht es 5 Tage mit Einträgen ohne Lücke."),
}
# "Überproduktion": EISL.
HINTS = {Hint.ALSO_PROMOTES: "Diesmal steigert es auch.", Hint.TOWARD_OVERSUPPLY: "Richtung Überproduktion."}

# -- the device ------------------------------------------------------------------------------------------------

KEY = KeyWords(
    back="Zurück",
    change="Korrektur",
    delete="Löschen",
    last="Letzte",
    milk_for="Milch für",
    more="Weiter",
    no="Nein",
    nursed="Gestillt",
    ok="OK",
    older="Früher",
    save="Sichern",
    skip="Weiter",
    start="Start",
    stop="Stopp",
    undo="Rückg.",
    why="Warum",
    why_open="Warum?",
    yes="Ja",
)

TIMES = TimeWords(
    weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    date="{day}. {month}",
    time="{hour:02}:{minute:02}",
    day_and_time="{day} {time}",
    seconds="{seconds} s",
    minutes="{minutes} min",
    hours="{hours} h",
    hours_and_minutes="{hours} h {minutes:02}",
    days="{days}\u00a0Tage",
    days_past="{days}\u00a0Tg.",
)

# Unsure: "Sitzung" for a session, "Ausfall" where a power cut ended one.
SCREENS = Screens(
    plain={ScreenName.NURSED: Titled("Gestillt: effektiv?", "Schlucken gehört, Brust danach weicher.")},
    idle=IdleScreen(
        stimulations="{count} von {baseline}",
        in_24_h="in 24 h",
        nothing="nichts notiert",
        nothing_yet="noch nichts notiert",
        no_stimulation="keine Stimulation",
        pumped="gepumpt",
        nursed="gestillt",
        just_now="gerade {last}",
        ago="{last} vor {since}",
        long_ago="{last} vor langem",
    ),
    purpose=PurposeScreen(
        title="Warum?",
        likely="{purpose}? {because}",
        now="Bisher: {answer}",
        none="Ohne Angabe",
    ),
    note=NoteScreen(
        rhythm="Gewohnter Rhythmus, so viel, wie angenehm ist.",
        clinician=Titled("Arztpraxis anrufen:", "Fieber, Krankheitsgefühl, nach 1 Tag nicht besser."),
        short=Titled("Kurze Sitzung", "Behalten, nicht gezählt."),
        under_a_minute="Unter 1 Minute",
    ),
    intention=IntentionScreen(
        title="Milch für?",
        expected="Erwartet: etwa {amount}.",
        none_expected="Noch keine Erwartung.",
    ),
    timer=TimerScreen(a_minute="/min", ends_in="endet in {time}"),
    volume=VolumeScreen(title="Menge", expected="erwartet {amount}"),
    saved=SavedScreen(
        saved="Notiert",
        deleted="Gelöscht",
        nursed="Gestillt",
        use_by="bis {date}",
        use_by_time="bis {time}",
        effective="Effektiv",
        ineffective="Nicht effektiv",
    ),
    last=LastScreen(
        nothing=Titled("Nichts notiert", "Hier stehen später die Einträge."),
        place="{index} von {of}",
        no_amount="keine Menge",
        no_unit="ohne {unit}",
        running="läuft",
        cut_off="Ausfall",
        nursed_effective="Gestillt · effektiv",
        nursed_ineffective="Gestillt · nicht effektiv",
    ),
    change="Was ändern?",
    status=StatusScreen(
        address="Adresse",
        broker="Broker",
        waiting="Wartet",
        pump="Pumpe",
        version="Version",
        storage="Speicher",
        clock="Uhr",
        running="Läuft",
        no_address="keine",
        by_hand="von Hand",
        serial="seriell",
        connected="verbunden",
        away="weg seit {since}",
        records={"one": "{count} Eintrag", "other": "{count} Einträge"},
        too_large="{count}, {passed_over} zu groß",
        link_lost="weg: {pump}",
        clock_set="gestellt",
        clock_not_set="nicht gestellt",
        free="{percent:.0f} % frei",
        no_folder="kein Ordner",
        stores={StoreState.OK: "in Ordnung", StoreState.FAILING: "gestört", StoreState.FULL: "voll"},
    ),
    warning=WarningScreen(
        kinds={
            WarningKind.NOT_SAVED: Titled("Nicht gesichert", "Speicherfehler: Strom bitte anlassen."),
            WarningKind.DISK_FULL: Titled("Nicht gesichert", "Speicher voll: bitte Platz schaffen."),
            WarningKind.REPAIRED: Titled("Daten repariert", "Die Datei war beschädigt. Notiz liegt daneben."),
            WarningKind.STUCK_SENSOR: Titled("Läuft sie noch?", "Seit 2 h: hängt vielleicht der Sensor?"),
            WarningKind.NOT_STARTED: Titled("Nicht gestartet", "Einstellung falsch: pump-companion check"),
        },
        stop_on_timer="Hängt der Sensor? Stopp steht beim Timer.",
    ),
)

ALOUD = AloudWords(
    icons={
        "check": "✓",
        "tick": "✓",
        "pause": "Pause,",
        "moon": "gedimmt",
        "unlinked": "Broker weg",
        "clock": "Uhr nicht gestellt",
        "warning": "Warnung:",
    },
    dark="Die Anzeige ist dunkel.",
    keys="Tasten: {keys}",
    suggested="wahrscheinlich",
    pressed="gedrückt",
)

# -- dashboards ------------------------------------------------------------------------------------------------

HOME = HomeWords(
    entities={
        "pumping": "Abpumpen",
        "session_running": "Sitzung läuft",
        "phase": "Phase",
        "suggestion": "Vermutung",
        "session_ended": "Sitzung beendet",
        "purpose": "Warum",
        "reason": "Grund",
        "intention": "Milch für",
        "volume": "Menge",
        "expectation": "Erwartete Menge",
        "use_by": "Haltbar bis",
        "session_began": "Sitzung begonnen",
        "pumping_time": "Pumpzeit",
        "stimulations_24h": "Stimulationen in 24 h",
        "last_stimulation": "Letzte Stimulation",
        "volume_24h": "Menge in 24 h",
        "unclassified": "Sitzungen ohne Warum",
        "milk_fridge": "Milch im Kühlschrank",
        "milk_freezer": "Milch im Gefrierfach",
        "milk_next": "Nächste Milch haltbar bis",
        "outlook": "Ausblick",
        "nursed_effective": "Gestillt, effektiv",
        "nursed_ineffective": "Gestillt, nicht effektiv",
        "start": "Start",
        "stop": "Stopp",
        "baseline": "Grundwert",
        "screen": "Anzeige",
        "outbox": "Wartende Einträge",
        "clock": "Uhr",
        "pump_link": "Verbindung zur Pumpe",
        "display": "Display",
        "storage": "Speicher",
        "started": "Gestartet",
    },
    phases={Phase.IDLE: "Ruhe", Phase.PUMPING: "Läuft", Phase.PAUSED: "Pause"},
    links={LinkState.UP: "Verbunden", LinkState.LOST: "Getrennt", LinkState.OFF: "Aus"},
    displays={Panel.UP: "In Ordnung", Panel.FAILED: "Gestört", Panel.OFF: "Aus"},
    stores={Disk.OK: "In Ordnung", Disk.FAILING: "Gestört", Disk.FULL: "Voll"},
)

PAGE = PageWords(
    treat="Gewohnter Rhythmus, so viel, wie angenehm ist. Bei Fieber, Krankheitsgefühl oder wenn es nach einem Tag "
    "nicht besser ist: ärztlichen Rat holen.",
    sides={Side.LEFT: "Links", Side.RIGHT: "Rechts", Side.BOTH: "Beide"},
    sources={
        Source.GPIO: "die Leitung des Motors",
        Source.SERIAL: "die Verbindung zur Pumpe",
        Source.BUTTON: "die Tasten des Geräts",
        Source.DASHBOARD: "ein Dashboard",
        Source.ADDED: "von Hand nachgetragen",
        Source.IMPORT: "importiert",
    },
    stimulation={"one": "Stimulation", "other": "Stimulationen"},
    places={
        "room": "Raumtemperatur",
        "fridge": "Kühlschrank",
        "freezer": "Gefrierfach",
        "thawed": "Aufgetaut",
        "used": "Verbraucht",
        "donated": "Gespendet",
        "discarded": "Verworfen",
    },
    moves={
        "fridge": "In den Kühlschrank",
        "freezer": "Einfrieren",
        "thawed": "Auftauen",
        "used": "Verbraucht",
        "part": "Teil verbraucht",
        "donated": "Spenden",
        "discarded": "Verwerfen",
    },
    moved={
        "room": "bei Raumtemperatur",
        "fridge": "im Kühlschrank",
        "freezer": "im Gefrierfach",
        "thawed": "aufgetaut",
        "used": "verbraucht",
        "donated": "gespendet",
        "discarded": "verworfen",
    },
    refusals={
        "unknown_record": "das Gerät hat diesen Eintrag nicht mehr",
        "moved_on": "er wurde inzwischen anderswo geändert; zu sehen ist jetzt das Neueste",
        "not_here": "dieses Gerät nimmt so etwas nicht von einem Dashboard an",
        "busy": "das Gerät hat gerade mehr zu tun, als es kann; gleich noch einmal versuchen",
    },
    refused="das Gerät hat es nicht verstanden; seine Version ist vielleicht eine andere als die dieser Seite",
    not_set="die Uhr des Geräts ist noch nicht gestellt, es kann diese Zeit nicht einordnen; dazu braucht es kurz "
    "das Netz",
    not_now={
        "start": "es läuft schon eine Sitzung",
        "stop": "es läuft keine Sitzung",
        "pause": "es ist schon Pause, oder die Pumpe wird selbst gehört",
        "go_on": "sie läuft schon, oder die Pumpe wird selbst gehört",
        "milk": "zu dieser Milch steht nichts da, was sich zurücknehmen ließe",
        "edit": "die Sitzung läuft noch",
        "delete": "die Sitzung läuft noch",
        "clock": "die eigene Uhr des Geräts ist inzwischen gestellt",
    },
    not_the_time="dafür ist gerade nicht der Moment",
    out_of_range={
        "volume": f"eine Menge liegt zwischen 0 und {LARGEST_VOLUME_ML} ml",
        "note": "eine Notiz hat höchstens 500 Zeichen",
        "baseline": "ein Grundwert liegt zwischen 1 und 24",
        "start": "ein nachgetragener Beginn liegt nicht länger zurück, als eine Sitzung dauern kann, und nicht in der "
        "Zukunft",
        "milk": "so viel ist nicht mehr da, oder die Zeit liegt davor, als sie dorthin kam, oder in der Zukunft",
        "edit": "zu dieser Zeit gibt es schon einen Eintrag, oder sie liegt in der Zukunft",
        "add": "zu dieser Zeit gibt es schon eine Sitzung, oder sie liegt in der Zukunft",
        "nursing": "das liegt in der Zukunft",
        "clock": "es gibt schon einen späteren Eintrag von damals, als die Uhr des Geräts gestellt war",
    },
    overlaps="zu dieser Zeit gibt es schon eine Sitzung",
    ends_before_start="das Ende liegt vor dem Beginn",
    no_such_value="ein Wert liegt außerhalb dessen, was möglich ist",
    not_saved="Noch nicht gespeichert: der Speicher des Geräts nimmt gerade nichts an. Was es im Gedächtnis hat, wird "
    "geschrieben, sobald es geht; einmal genügt.",
    failures={
        "unreachable": (
            "Unter dieser Adresse antwortet nichts.",
            "Sind Name und Port richtig, und hat der Broker dort WebSockets?",
        ),
        "mixed": (
            "Diese Seite kam über HTTPS, deshalb öffnet der Browser nur Adressen mit wss://.",
            "Dem Broker einen WebSocket mit TLS geben oder die Seite über http:// öffnen.",
        ),
        "address": (
            "Das ist keine Adresse eines Brokers.",
            "Sie sieht aus wie ws://raspberrypi.local:9001 oder wss://…",
        ),
        "refused": (
            "Der Broker hat Namen oder Passwort abgelehnt.",
            "Beides noch einmal ansehen; der Broker selbst antwortet.",
        ),
        "not_mqtt": ("Dort antwortet etwas, aber es spricht kein MQTT.", "Stimmt der Port? Oft ist es 9001 oder 8083."),
        "denied": (
            "Der Broker lässt diesen Benutzer die Topics des Geräts nicht lesen.",
            "In seiner Zugriffsliste fehlen sie.",
        ),
    },
)

# Unsure: "Pumpfolge" for a sitting; "Warum" as the name of the purpose, above a column.
REPORT = ReportWords(
    sheet=ReportSheet(
        title="Bericht zum Abpumpen",
        in_short="Kurz gefasst",
        each_day="Tag für Tag",
        day="Tag",
        hours_24="24 Stunden",
        stimulations="Stimulationen",
        sessions="Sitzungen",
        nursings="Gestillt",
        and_ineffective="+ nicht effektiv",
        pumping="Pumpzeit",
        amount="Menge",
        stimulation_is="Eine Stimulation ist ein effektives Stillen oder eine Pumpfolge: eine Sitzung oder mehrere, "
        "die dicht aufeinanderfolgen.",
        by_purpose="Nach dem Warum",
        purpose="Warum",
        reasons="Gründe, mit Zahl der Sitzungen",
        median_amount="Menge im Median, aus wie vielen",
        median_pumping="Pumpzeit im Median",
        chart_note="Gestrichelt: der Tag ist nicht vorbei, oder eine Menge fehlt. –: kein Eintrag oder keine Menge.",
        treated="Was behandelt wurde, und wann",
        what="Behandelt",
        when="Wann",
        outlook="Ausblick",
        outlook_counts="Stimulationen in jedem der letzten fünf Abschnitte von 24 h, der älteste zuerst",
        before="vor 5 bis 3 Tagen: die Milchmenge von heute",
        lately="letzte 3 Tage: die nächsten Tage",
        missing="Was fehlt",
        notes="Notizen",
    ),
    span={"one": "{last} {year}", "other": "{first} bis {last} {year}, {count} Tage"},
    made="Erstellt: {when}; die Zeiten sind die von {zone}.",
    baseline="Grundwert {count}",
    day="{weekday}, {date}",
    until="bis {time}",
    not_24_h="{hours} h",
    no_record="kein Eintrag",
    questions=("Wie oft", "Warum", "Wie viel", "Auf oder ab", "Behandelt"),
    often="{low} bis {high} Stimulationen am Tag, Median {median}; der Grundwert ist {baseline}",
    often_alike="Stimulationen am Tag: {median}; der Grundwert ist {baseline}",
    much="{low} bis {high} am Tag, Median {median}",
    much_alike="{median} am Tag",
    no_whole_day="noch kein ganzer Tag mit Einträgen",
    no_session="keine Sitzung gezählt",
    no_amount="keine Menge angegeben",
    not_treated="nichts in diesen Tagen",
    counted="{word} {count}",
    no_purpose="kein Warum angegeben",
    no_reason="kein Grund angegeben",
    nursed="gestillt",
    ineffective="gestillt, nicht effektiv",
    without_amount={"one": "{count} ohne", "other": "{count} ohne"},
    at="{time} {what}",
    pumped="{purpose}, {pumping}, {amount}",
    of_amounts="{median}, aus {count}",
    all_nursings="Gestillt: {effective}\u00a0× effektiv, {ineffective}\u00a0× nicht effektiv.",
    stimulations_a_day="Stimulationen am Tag; die Linie ist der Grundwert von {baseline}",
    amount_a_day="Menge am Tag, {unit}",
    from_to="{first} bis {last}",
    outlook_rests="Die Milchmenge von heute antwortet auf Tage mit etwa {now} Stimulationen, die der nächsten Tage auf "
    "etwa {coming}. Eine Schätzung aus den Einträgen.",
    tenths="{whole},{tenth}",
    missing={
        "purpose": {"one": "{count} Sitzung ohne Warum", "other": "{count} Sitzungen ohne Warum"},
        "amount": {"one": "{count} Pumpfolge ohne Menge", "other": "{count} Pumpfolgen ohne Menge"},
        "day": {"one": "{count} Tag ohne Eintrag", "other": "{count} Tage ohne Eintrag"},
        "clock": {
            "one": "{count} Eintrag, als die Uhr nicht gestellt war: seine Zeit ist nicht sicher",
            "other": "{count} Einträge, als die Uhr nicht gestellt war: ihre Zeiten sind nicht sicher",
        },
        "end": {
            "one": "{count} Sitzung unterbrochen: ihr Ende ist nicht sicher",
            "other": "{count} Sitzungen unterbrochen: ihr Ende ist nicht sicher",
        },
        "short": {
            "one": "{count} Sitzung zu kurz, um gezählt zu werden: hier in keiner Zahl",
            "other": "{count} Sitzungen zu kurz, um gezählt zu werden: hier in keiner Zahl",
        },
    },
    days_missing="{said}: {days}",
    running="Eine Sitzung läuft: hier in keiner Zahl",
    nothing_missing="Nichts: jede Sitzung hat ein Warum, jede Pumpfolge eine Menge, jeder Tag einen Eintrag.",
    source="Aus den Einträgen von „{device}“, wie sie notiert wurden. Kein Medizinprodukt hat den Bericht erstellt, "
    "und er bewertet nichts.",
)

DE = Words(
    name="Deutsch",
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
