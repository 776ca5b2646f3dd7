"""Italian; keys say tu as Italian programs do, the other words address nobody but for the page, which says tu.

Where the terms are from: La Leche League Italia (lllitalia.org: tirare il latte, tiralatte, poppata, dotto ostruito,
mastite, produzione di latte); leaflets of the health service (allattare.info and others: frigo, freezer). Times and
dates are as in Unicode's CLDR.
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

# "Mantenere", "stimolare", "aumentare la produzione di latte": LLL Italia; "aumenta" is too wide beside "mantieni".
# Unsure: "Cura" for treat; "Mantieni" and "Stimola" without their object.
PURPOSES = {
    Purpose.PROTECT: PurposeWords(
        "Mantieni", "Mantieni", "Mantenere", "Mantenere", "Invece di una poppata, o per completarla?"
    ),
    Purpose.PROMOTE: PurposeWords(
        "Stimola", "Stimola", "Stimolare", "Stimolare", "Alzare una produzione bassa, o fare scorta?"
    ),
    Purpose.TREAT: PurposeWords("Cura", "Cura", "Cura", "Cura", "Dotto ostruito, mastite o dolore al capezzolo?"),
}
# "Poppata", "dotto ostruito", "mastite", "dolore al capezzolo": LLL Italia.
REASONS = {
    Reason.IN_PLACE_OF_NURSING: ReasonWords("Invece", "Invece", "Invece di una poppata", "Invece di una poppata"),
    Reason.COMPLETE_NURSING: ReasonWords("Compl.", "Compl.", "Completare una poppata", "Completare una poppata"),
    Reason.RAISE_LOW_SUPPLY: ReasonWords("Alza", "Alza", "Produzione bassa", "Alzare una produzione bassa"),
    Reason.COLLECT_EXTRA_MILK: ReasonWords("Scorta", "Scorta", "Fare scorta", "Fare scorta"),
    Reason.PLUGGED_DUCT: ReasonWords("Dotto", "Dotto", "Dotto ostruito", "Dotto ostruito", "dotto ostruito curato"),
    Reason.MASTITIS: ReasonWords("Mastite", "Mastite", "Mastite", "Mastite", "mastite curata"),
    Reason.NIPPLE_PAIN: ReasonWords("Dolore", "Dolore", "Male al capezzolo", "Dolore al capezzolo", "capezzolo curato"),
}
INTENTIONS = {
    Intention.FEED: IntentionWords("Pasto", "Pasto", "Per un pasto", "Per un pasto", "per un pasto"),
    Intention.FRIDGE: IntentionWords("Frigo", "Frigo", "Frigorifero", "Frigorifero", "per il frigorifero"),
    Intention.FREEZER: IntentionWords("Freezer", "Freezer", "Freezer", "Freezer", "per il freezer"),
    Intention.DONATE: IntentionWords("Dono", "Dono", "Donare", "Donare", "da donare"),
    Intention.DISCARD: IntentionWords("Butta", "Butta", "Buttare", "Buttare", "da buttare"),
}

# -- guidance --------------------------------------------------------------------------------------------------

# Unsure: "base" for the baseline.
CONTEXTS = {
    Context.TREATMENT_CONTINUES: "{treated} {since}\u00a0fa",
    Context.AFTER_INEFFECTIVE_NURSING: "poppata {ago}, non efficace",
    Context.AFTER_EFFECTIVE_NURSING: "poppata efficace {ago}",
    Context.ABOVE_BASELINE: "{stimulations} in 24 h, base\u00a0{baseline}",
    Context.BELOW_BASELINE: "{stimulations}\u00a0su\u00a0{baseline} stimolazioni in 24 h",
}
BECAUSE = BecauseWords(
    contexts=CONTEXTS,
    drawn=CONTEXTS,
    treated="cura",
    ago="{since}\u00a0fa",
    just_now="poco fa",
)
OUTLOOKS = {
    "steady": OutlookWords("Stabile", "Più o meno uguale nei prossimi giorni"),
    "falling": OutlookWords("In calo", "Un po’ meno tra 3-5 giorni"),
    "low": OutlookWords("Bassa", "Come negli ultimi giorni, sotto la base"),
    "rising": OutlookWords("In aumento", "Un po’ di più tra 3-5 giorni"),
    "high": OutlookWords("Alta", "Come negli ultimi giorni, sopra la base (verso troppo latte)"),
    "recovering": OutlookWords("In ripresa", "Torna verso la base"),
    "settling": OutlookWords("Si assesta", "Scende verso la base"),
    "unknown": OutlookWords(None, "Non si sa. Servono 5 giorni annotati senza vuoti."),
}
HINTS = {Hint.ALSO_PROMOTES: "Questa stimola anche.", Hint.TOWARD_OVERSUPPLY: "Verso troppo latte."}

# -- the device ------------------------------------------------------------------------------------------------

KEY = KeyWords(
    back="Indietro",
    change="Cambia",
    delete="Elimina",
    last="Ultime",
    milk_for="Latte per",
    more="Segue",
    no="No",
    nursed="Al seno",
    ok="OK",
    older="Prima",
    save="Salva",
    skip="Salta",
    start="Avvia",
    stop="Stop",
    undo="Annulla",
    why="Perché",
    why_open="Perché?",
    yes="Sì",
)

TIMES = TimeWords(
    weekdays=("lun", "mar", "mer", "gio", "ven", "sab", "dom"),
    months=("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"),
    date="{day} {month}",
    time="{hour:02}:{minute:02}",
    day_and_time="{day} {time}",
    seconds="{seconds} s",
    minutes="{minutes} min",
    hours="{hours} h",
    hours_and_minutes="{hours} h {minutes:02}",
    days="{days}\u00a0gg",
    days_past="{days}\u00a0giorni",
)

# Unsure: "Seduta" for a session, "stima" for what is expected.
SCREENS = Screens(
    plain={ScreenName.NURSED: Titled("Poppata: efficace?", "Si sentiva deglutire, seno poi più morbido.")},
    idle=IdleScreen(
        stimulations="{count} su {baseline}",
        in_24_h="in 24 h",
        nothing="nulla annotato",
        nothing_yet="ancora nulla annotato",
        no_stimulation="nessuna stimolazione",
        pumped="tirato",
        nursed="poppata",
        just_now="{last} poco fa",
        ago="{last} {since}\u00a0fa",
        long_ago="{last} tempo fa",
    ),
    purpose=PurposeScreen(
        title="Perché?",
        likely="{purpose}? {because}",
        now="Ora: {answer}",
        none="Senza risposta",
    ),
    note=NoteScreen(
        rhythm="Il ritmo di sempre, finché è confortevole.",
        clinician=Titled("Sentire il medico se:", "febbre, malessere, o non va meglio in un giorno."),
        short=Titled("Seduta breve", "Tenuta, non contata."),
        under_a_minute="Meno di un minuto",
    ),
    intention=IntentionScreen(
        title="Latte per?",
        expected="Stima: circa {amount}.",
        none_expected="Ancora nessuna stima.",
    ),
    timer=TimerScreen(a_minute="/min", ends_in="fine tra {time}"),
    volume=VolumeScreen(title="Quantità", expected="stima {amount}"),
    saved=SavedScreen(
        saved="Salvato",
        deleted="Eliminato",
        nursed="Poppata",
        use_by="entro {date}",
        use_by_time="entro le {time}",
        effective="Efficace",
        ineffective="Non efficace",
    ),
    last=LastScreen(
        nothing=Titled("Nulla annotato", "Qui ci saranno le sedute e le poppate."),
        place="{index} su {of}",
        no_amount="senza quantità",
        no_unit="senza {unit}",
        running="in corso",
        cut_off="interr.",
        nursed_effective="Poppata · efficace",
        nursed_ineffective="Poppata · non efficace",
    ),
    change="Cambiare cosa?",
    status=StatusScreen(
        address="Indirizzo",
        broker="Broker",
        waiting="Attesa",
        pump="Tiralatte",
        version="Versione",
        storage="Disco",
        clock="Orologio",
        running="Attivo",
        no_address="nessuno",
        by_hand="a mano",
        serial="seriale",
        connected="collegato",
        away="via da {since}",
        records={"one": "{count} dato", "other": "{count} dati"},
        too_large="{count}, {passed_over} grandi",
        link_lost="perso: {pump}",
        clock_set="esatto",
        clock_not_set="da regolare",
        free="{percent:.0f}\u00a0% libero",
        no_folder="senza cartella",
        stores={StoreState.OK: "a posto", StoreState.FAILING: "guasto", StoreState.FULL: "pieno"},
    ),
    warning=WarningScreen(
        kinds={
            WarningKind.NOT_SAVED: Titled("Non salvato", "Errore del disco: non togliere corrente."),
            WarningKind.DISK_FULL: Titled("Non salvato", "Disco pieno: fare un po' di spazio."),
            WarningKind.REPAIRED: Titled("Dati riparati", "File danneggiato: vedi la nota accanto."),
            WarningKind.STUCK_SENSOR: Titled("Ancora acceso?", "Già 2 h: forse è bloccato il sensore."),
            WarningKind.NOT_STARTED: Titled("Non avviato", "Impostazione errata: pump-companion check."),
        },
        stop_on_timer="Sensore bloccato? Lo Stop è sul timer.",
    ),
)

ALOUD = AloudWords(
    icons={
        "check": "✓",
        "tick": "✓",
        "pause": "pausa,",
        "moon": "attenuato",
        "unlinked": "broker assente",
        "clock": "orologio da regolare",
        "warning": "avviso:",
    },
    dark="Lo schermo è spento.",
    keys="Tasti: {keys}",
    suggested="probabile",
    pressed="premuto",
)

# -- dashboards ------------------------------------------------------------------------------------------------

HOME = HomeWords(
    entities={
        "pumping": "Tiralatte in funzione",
        "session_running": "Seduta in corso",
        "phase": "Fase",
        "suggestion": "Probabile",
        "session_ended": "Seduta finita",
        "purpose": "Perché",
        "reason": "Motivo",
        "intention": "Latte per",
        "volume": "Quantità",
        "expectation": "Quantità stimata",
        "use_by": "Da usare entro",
        "session_began": "Inizio della seduta",
        "pumping_time": "Durata",
        "stimulations_24h": "Stimolazioni in 24 h",
        "last_stimulation": "Ultima stimolazione",
        "volume_24h": "Quantità in 24 h",
        "unclassified": "Sedute senza perché",
        "milk_fridge": "Latte in frigorifero",
        "milk_freezer": "Latte nel freezer",
        "milk_next": "Prossima scadenza",
        "outlook": "Andamento",
        "nursed_effective": "Poppata efficace",
        "nursed_ineffective": "Poppata non efficace",
        "start": "Avvia",
        "stop": "Stop",
        "baseline": "Base",
        "screen": "Immagine dello schermo",
        "outbox": "Dati in attesa",
        "clock": "Orologio",
        "pump_link": "Collegamento al tiralatte",
        "display": "Schermo",
        "storage": "Disco",
        "started": "Avviato",
    },
    phases={Phase.IDLE: "A riposo", Phase.PUMPING: "In funzione", Phase.PAUSED: "Pausa"},
    links={LinkState.UP: "Attivo", LinkState.LOST: "Perso", LinkState.OFF: "Spento"},
    displays={Panel.UP: "A posto", Panel.FAILED: "Guasto", Panel.OFF: "Spento"},
    stores={Disk.OK: "A posto", Disk.FAILING: "Guasto", Disk.FULL: "Pieno"},
)

# Unsure: "usato", "donato" after an amount, where they agree with the milk.
PAGE = PageWords(
    treat="Il ritmo di sempre, finché è confortevole. Con febbre, malessere, o se non va meglio in un giorno: sentire "
    "il medico o l’ostetrica.",
    sides={Side.LEFT: "Sinistro", Side.RIGHT: "Destro", Side.BOTH: "Tutti e due"},
    sources={
        Source.GPIO: "il filo del motore",
        Source.SERIAL: "il collegamento al tiralatte",
        Source.BUTTON: "i tasti dell’apparecchio",
        Source.DASHBOARD: "un pannello",
        Source.ADDED: "aggiunta a mano",
        Source.IMPORT: "importata",
    },
    stimulation={"one": "stimolazione", "other": "stimolazioni"},
    places={
        "room": "Temperatura ambiente",
        "fridge": "Frigorifero",
        "freezer": "Freezer",
        "thawed": "Scongelato",
        "used": "Usato",
        "donated": "Donato",
        "discarded": "Buttato",
    },
    moves={
        "fridge": "In frigorifero",
        "freezer": "Congelare",
        "thawed": "Scongelare",
        "used": "Usato",
        "part": "Usato in parte",
        "donated": "Donare",
        "discarded": "Buttare",
    },
    moved={
        "room": "a temperatura ambiente",
        "fridge": "in frigorifero",
        "freezer": "nel freezer",
        "thawed": "scongelato",
        "used": "usato",
        "donated": "donato",
        "discarded": "buttato",
    },
    refusals={
        "unknown_record": "l’apparecchio non ha più questo dato",
        "moved_on": "intanto è stato cambiato altrove; quello che si vede ora è il più recente",
        "not_here": "questo apparecchio non accetta una richiesta simile da un pannello",
        "busy": "l’apparecchio ha più da fare di quanto possa; riprova tra un momento",
    },
    refused="l’apparecchio non ha capito; forse la sua versione non è quella di questa pagina",
    not_set="l’orologio dell’apparecchio non è ancora regolato e non può collocare quell’ora; gli serve la rete per un "
    "momento",
    not_now={
        "start": "una seduta è già in corso",
        "stop": "non c’è nessuna seduta in corso",
        "pause": "è già in pausa, o si sente il tiralatte stesso",
        "go_on": "è già in funzione, o si sente il tiralatte stesso",
        "milk": "di questo latte non è annotato nulla che si possa annullare",
        "edit": "la seduta è ancora in corso",
        "delete": "la seduta è ancora in corso",
        "clock": "l’orologio dell’apparecchio ormai è regolato",
    },
    not_the_time="non è il momento per questo",
    out_of_range={
        "volume": f"una quantità va da 0 a {LARGEST_VOLUME_ML} ml",
        "note": "una nota ha al massimo 500 caratteri",
        "baseline": "una base va da 1 a 24",
        "start": "un inizio annotato dopo non è più indietro di quanto può durare una seduta, e non è nel futuro",
        "milk": "ne resta meno di così, oppure l’ora è prima che arrivasse lì o è nel futuro",
        "edit": "a quell’ora c’è già qualcosa, oppure è nel futuro",
        "add": "a quell’ora c’è già una seduta, oppure è nel futuro",
        "nursing": "è nel futuro",
        "clock": "c’è già un’ora successiva, di quando l’orologio dell’apparecchio era regolato",
    },
    overlaps="a quell’ora c’è già una seduta",
    ends_before_start="la fine è prima dell’inizio",
    no_such_value="un valore è fuori dai limiti",
    not_saved="Non salvato: il disco dell’apparecchio ora non accetta nulla. Quello che ha in memoria sarà "
    "scritto appena possibile; una volta basta.",
    failures={
        "unreachable": (
            "Nessuna risposta a quell’indirizzo.",
            "Controlla nome e porta, e che il broker lì ascolti i WebSocket.",
        ),
        "mixed": (
            "Questa pagina è arrivata via HTTPS, quindi il browser apre solo indirizzi wss://.",
            "Dai al broker un WebSocket con TLS, o apri la pagina con http://.",
        ),
        "address": ("Non è l’indirizzo di un broker.", "Somiglia a ws://raspberrypi.local:9001 o wss://…"),
        "refused": (
            "Il broker ha rifiutato il nome o la password.",
            "Controlla entrambi; per il resto il broker risponde.",
        ),
        "not_mqtt": ("Lì qualcosa risponde, ma non parla MQTT.", "Controlla la porta: spesso è 9001 o 8083."),
        "denied": (
            "Il broker non lascia leggere a questo utente i topic dell’apparecchio.",
            "Vanno aggiunti alla sua lista di accesso.",
        ),
    },
)

# Unsure: "serie" for a sitting; "Perché" as the name of the purpose, above a column.
REPORT = ReportWords(
    sheet=ReportSheet(
        title="Resoconto del latte tirato",
        in_short="In breve",
        each_day="Giorno per giorno",
        day="Giorno",
        hours_24="24 ore",
        stimulations="Stimolazioni",
        sessions="Sedute",
        nursings="Poppate",
        and_ineffective="+ non efficaci",
        pumping="Durata",
        amount="Quantità",
        stimulation_is="Una stimolazione è una poppata efficace, o una serie: una seduta, o più sedute che si "
        "seguono da vicino.",
        by_purpose="Secondo il perché",
        purpose="Perché",
        reasons="Motivi, numero di sedute",
        median_amount="Quantità mediana, su quante",
        median_pumping="Durata mediana",
        chart_note="Tratteggiato: il giorno non è finito, o manca una quantità. –: nulla annotato, o senza quantità.",
        treated="Che cosa è stato curato, e quando",
        what="Curato",
        when="Quando",
        outlook="Andamento",
        outlook_counts="Stimolazioni in ciascuno degli ultimi cinque periodi di 24 h, il più vecchio per primo",
        before="da 5 a 3 giorni fa: la produzione di oggi",
        lately="ultimi 3 giorni: i prossimi giorni",
        missing="Che cosa manca",
        notes="Note",
    ),
    span={"one": "{last} {year}", "other": "{first} – {last} {year}, {count} giorni"},
    made="Fatto: {when}; le ore sono quelle di {zone}.",
    baseline="base {count}",
    day="{weekday} {date}",
    until="fino alle {time}",
    not_24_h="{hours} h",
    no_record="nulla annotato",
    questions=("Quante volte", "Perché", "Quanto", "Su o giù", "Curato"),
    often="da {low} a {high} stimolazioni al giorno, mediana {median}; la base è {baseline}",
    often_alike="Stimolazioni al giorno: {median}; la base è {baseline}",
    much="da {low} a {high} al giorno, mediana {median}",
    much_alike="{median} al giorno",
    no_whole_day="ancora nessun giorno intero annotato",
    no_session="nessuna seduta contata",
    no_amount="nessuna quantità annotata",
    not_treated="nulla in questi giorni",
    counted="{word} {count}",
    no_purpose="perché non annotato",
    no_reason="motivo non annotato",
    nursed="poppata",
    ineffective="poppata, non efficace",
    without_amount={"one": "{count} senza", "other": "{count} senza"},
    at="{time} {what}",
    pumped="{purpose}, {pumping}, {amount}",
    of_amounts="{median}, su {count}",
    all_nursings="Poppate efficaci: {effective}; non efficaci: {ineffective}.",
    stimulations_a_day="Stimolazioni al giorno; la linea è la base di {baseline}",
    amount_a_day="Quantità al giorno, {unit}",
    from_to="{first} – {last}",
    outlook_rests="La produzione di oggi risponde a giorni di circa {now} stimolazioni, quella dei prossimi giorni a "
    "circa {coming}. Una stima da quanto annotato.",
    tenths="{whole},{tenth}",
    missing={
        "purpose": {"one": "{count} seduta senza perché", "other": "{count} sedute senza perché"},
        "amount": {"one": "{count} serie di sedute senza quantità", "other": "{count} serie di sedute senza quantità"},
        "day": {"one": "{count} giorno senza nulla di annotato", "other": "{count} giorni senza nulla di annotato"},
        "clock": {
            "one": "{count} dato di quando l’orologio era da regolare: la sua ora non è certa",
            "other": "{count} dati di quando l’orologio era da regolare: le loro ore non sono certe",
        },
        "end": {
            "one": "{count} seduta interrotta: la sua fine non è certa",
            "other": "{count} sedute interrotte: la loro fine non è certa",
        },
        "short": {
            "one": "{count} seduta troppo breve per contarla: qui in nessuna cifra",
            "other": "{count} sedute troppo brevi per contarle: qui in nessuna cifra",
        },
    },
    days_missing="{said}: {days}",
    running="Una seduta è in corso: qui in nessuna cifra",
    nothing_missing="Nulla: ogni seduta ha un perché, ogni serie una quantità, ogni giorno qualcosa di annotato.",
    source="Dai dati di «{device}», come sono stati annotati. Nessun dispositivo medico lo ha fatto, e non giudica "
    "nulla.",
)

IT = Words(
    name="Italiano",
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
