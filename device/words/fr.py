"""French, for France, Belgium and Switzerland; the screen addresses nobody, the page says vous.

Where the terms are from: La Leche League France (lllfrance.org: tirer son lait, entretenir et augmenter la lactation,
canal lactifère bouché, mastite, mamelons douloureux, réfrigérateur, congélateur). Times and dates are as in Unicode's
CLDR. The screen's faces have no narrow no-break space: a plain one stands before ? and :.
"""

from device.core.model.events import StoreState
from device.core.model.live import Disk, LinkState, Panel, Phase
from device.core.model.record import LARGEST_VOLUME_ML, Context, Intention, Purpose, Reason, Side, Source
from device.core.model.view import Hint, ScreenName, WarningKind

from .plurals import singular_below_two
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

# "Entretenir la lactation", "augmenter sa lactation", "relancer" are LLL France's; two are too wide for a key.
# Unsure: "Protéger" for entretenir; "Stimuler" beside the stimulations that are counted.
PURPOSES = {
    Purpose.PROTECT: PurposeWords(
        "Protéger", "Protéger", "Protéger", "Protéger", "Au lieu d'une tétée, ou pour la compléter ?"
    ),
    Purpose.PROMOTE: PurposeWords(
        "Stimuler", "Stimuler", "Stimuler", "Stimuler", "Relancer la lactation, ou faire une réserve ?"
    ),
    Purpose.TREAT: PurposeWords(
        "Soigner", "Soigner", "Soigner", "Soigner", "Canal bouché, mastite ou mamelon douloureux ?"
    ),
}
# "Canal lactifère bouché", "mamelons douloureux": LLL France.
REASONS = {
    Reason.IN_PLACE_OF_NURSING: ReasonWords("Au lieu", "Au lieu", "Au lieu d'une tétée", "Au lieu d'une tétée"),
    Reason.COMPLETE_NURSING: ReasonWords("Complét.", "Compl.", "Compléter une tétée", "Compléter une tétée"),
    Reason.RAISE_LOW_SUPPLY: ReasonWords("Relancer", "Relancer", "Relancer la lactation", "Relancer la lactation"),
    Reason.COLLECT_EXTRA_MILK: ReasonWords("Réserve", "Réserve", "Faire une réserve", "Faire une réserve"),
    Reason.PLUGGED_DUCT: ReasonWords("Canal", "Canal", "Canal bouché", "Canal bouché", "canal bouché soigné"),
    Reason.MASTITIS: ReasonWords("Mastite", "Mastite", "Mastite", "Mastite", "mastite soignée"),
    Reason.NIPPLE_PAIN: ReasonWords("Mamelon", "Mamelon", "Mal au mamelon", "Mamelon douloureux", "mamelon soigné"),
}
# Unsure: "Bébé" for milk that is fed soon.
INTENTIONS = {
    Intention.FEED: IntentionWords("Bébé", "Bébé", "Pour bébé", "Pour bébé", "pour bébé"),
    Intention.FRIDGE: IntentionWords("Frigo", "Frigo", "Réfrigérateur", "Réfrigérateur", "pour le réfrigérateur"),
    Intention.FREEZER: IntentionWords("Congélo", "Congél.", "Congélateur", "Congélateur", "pour le congélateur"),
    Intention.DONATE: IntentionWords("Don", "Don", "Don", "Don", "pour un don"),
    Intention.DISCARD: IntentionWords("Jeter", "Jeter", "À jeter", "À jeter", "à jeter"),
}

# -- guidance --------------------------------------------------------------------------------------------------

# Unsure: "repère" for the baseline.
CONTEXTS = {
    Context.TREATMENT_CONTINUES: "{treated} il\u00a0y\u00a0a\u00a0{since}",
    Context.AFTER_INEFFECTIVE_NURSING: "tétée {ago}, pas efficace",
    Context.AFTER_EFFECTIVE_NURSING: "tétée efficace {ago}",
    Context.ABOVE_BASELINE: "{stimulations} en 24 h, repère\u00a0{baseline}",
    Context.BELOW_BASELINE: "{stimulations}\u00a0sur\u00a0{baseline} stimulations en 24 h",
}
BECAUSE = BecauseWords(
    contexts=CONTEXTS,
    drawn=CONTEXTS,
    treated="soin",
    ago="il\u00a0y\u00a0a\u00a0{since}",
    just_now="à l'instant",
)
OUTLOOKS = {
    "steady": OutlookWords("Stable", "À peu près pareil dans les prochains jours"),
    "falling": OutlookWords("En baisse", "Un peu moins dans 3 à 5 jours"),
    "low": OutlookWords("Basse", "À peu près comme ces derniers jours, sous le repère"),
    "rising": OutlookWords("En hausse", "Un peu plus dans 3 à 5 jours"),
    "high": OutlookWords("Haute", "À peu près comme ces derniers jours, au-dessus du repère (vers un excès de lait)"),
    "recovering": OutlookWords("Remonte", "Revient vers le repère"),
    "settling": OutlookWords("Se calme", "Redescend vers le repère"),
    "unknown": OutlookWords(None, "Inconnue. Il faut 5 jours notés sans interruption."),
}
HINTS = {Hint.ALSO_PROMOTES: "Celle-ci stimule aussi.", Hint.TOWARD_OVERSUPPLY: "Vers un excès de lait."}

# -- the device ------------------------------------------------------------------------------------------------

# Unsure: "Raison" on a key whose screen asks "Pourquoi ?", which is too wide for it.
KEY = KeyWords(
    back="Retour",
    change="Changer",
    delete="Effacer",
    last="Dernières",
    milk_for="Lait pour",
    more="Suite",
    no="Non",
    nursed="Tétée",
    ok="OK",
    older="Avant",
    save="Valider",
    skip="Passer",
    start="Départ",
    stop="Stop",
    undo="Annuler",
    why="Raison",
    why_open="Raison\u00a0?",
    yes="Oui",
)

TIMES = TimeWords(
    weekdays=("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    months=("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    date="{day} {month}",
    time="{hour:02}:{minute:02}",
    day_and_time="{day} {time}",
    seconds="{seconds} s",
    minutes="{minutes} min",
    hours="{hours} h",
    hours_and_minutes="{hours} h {minutes:02}",
    days="{days}\u00a0jours",
    days_past="{days}\u00a0jours",
)

# Unsure: "Séance" for a session; "reste" for when a pause ends; "active" and "coupée" of a session.
SCREENS = Screens(
    plain={
        ScreenName.NURSED: Titled("Tétée\u00a0: efficace\u00a0?", "Déglutitions entendues, sein plus souple après.")
    },
    idle=IdleScreen(
        stimulations="{count} sur {baseline}",
        in_24_h="en 24 h",
        nothing="rien de noté",
        nothing_yet="rien n'est encore noté",
        no_stimulation="pas de stimulation",
        pumped="tiré",
        nursed="tétée",
        just_now="{last} à l'instant",
        ago="{last} il\u00a0y\u00a0a\u00a0{since}",
        long_ago="{last} il y a des mois",
    ),
    purpose=PurposeScreen(
        title="Pourquoi\u00a0?",
        likely="{purpose}\u00a0? {because}",
        now="Noté\u00a0: {answer}",
        none="Sans réponse",
    ),
    note=NoteScreen(
        rhythm="Rythme habituel, si cela reste confortable.",
        clinician=Titled("Avis médical si\u00a0:", "fièvre, malaise, ou pas de mieux en un jour."),
        short=Titled("Séance courte", "Gardée, non comptée."),
        under_a_minute="Moins d'une minute",
    ),
    intention=IntentionScreen(
        title="Lait pour\u00a0?",
        expected="Prévu\u00a0: env. {amount}.",
        none_expected="Pas encore de prévision.",
    ),
    timer=TimerScreen(a_minute="/min", ends_in="reste {time}"),
    volume=VolumeScreen(title="Quantité", expected="prévu {amount}"),
    saved=SavedScreen(
        saved="Noté",
        deleted="Effacé",
        nursed="Tétée",
        use_by="avant le {date}",
        use_by_time="avant {time}",
        effective="Efficace",
        ineffective="Pas efficace",
    ),
    last=LastScreen(
        nothing=Titled("Rien de noté", "Séances et tétées seront listées ici."),
        place="{index} sur {of}",
        no_amount="sans quantité",
        no_unit="sans {unit}",
        running="active",
        cut_off="coupée",
        nursed_effective="Tétée · efficace",
        nursed_ineffective="Tétée · pas efficace",
    ),
    change="Changer quoi\u00a0?",
    status=StatusScreen(
        address="Adresse",
        broker="Broker",
        waiting="Attente",
        pump="Tire-lait",
        version="Version",
        storage="Disque",
        clock="Horloge",
        running="Marche",
        no_address="aucune",
        by_hand="à la main",
        serial="série",
        connected="connecté",
        away="absent {since}",
        records={"one": "{count} donnée", "other": "{count} données"},
        too_large="{count}, {passed_over} trop gros",
        link_lost="perdu\u00a0: {pump}",
        clock_set="à l'heure",
        clock_not_set="pas à l'heure",
        free="{percent:.0f}\u00a0% libre",
        no_folder="pas de dossier",
        stores={StoreState.OK: "en ordre", StoreState.FAILING: "en panne", StoreState.FULL: "plein"},
    ),
    warning=WarningScreen(
        kinds={
            WarningKind.NOT_SAVED: Titled("Pas enregistré", "Erreur disque\u00a0: ne pas couper le courant."),
            WarningKind.DISK_FULL: Titled("Pas enregistré", "Disque plein\u00a0: libérer de la place."),
            WarningKind.REPAIRED: Titled("Données réparées", "Fichier abîmé\u00a0: voir la note à côté."),
            WarningKind.STUCK_SENSOR: Titled("Encore en route\u00a0?", "2 h déjà\u00a0: capteur peut-être bloqué."),
            WarningKind.NOT_STARTED: Titled("Non démarré", "Réglage faux\u00a0: lancer pump-companion check."),
        },
        stop_on_timer="Capteur bloqué\u00a0? Le Stop est sur la minuterie.",
    ),
)

ALOUD = AloudWords(
    icons={
        "check": "✓",
        "tick": "✓",
        "pause": "pause,",
        "moon": "atténué",
        "unlinked": "broker absent",
        "clock": "horloge pas à l'heure",
        "warning": "attention\u00a0:",
    },
    dark="L'écran est éteint.",
    keys="Touches\u00a0: {keys}",
    suggested="probable",
    pressed="appuyée",
)

# -- dashboards ------------------------------------------------------------------------------------------------

HOME = HomeWords(
    entities={
        "pumping": "Tirage en cours",
        "session_running": "Séance en cours",
        "phase": "Phase",
        "suggestion": "Probable",
        "session_ended": "Séance terminée",
        "purpose": "Pourquoi",
        "reason": "Raison",
        "intention": "Lait pour",
        "volume": "Quantité",
        "expectation": "Quantité prévue",
        "use_by": "À utiliser avant",
        "session_began": "Début de la séance",
        "pumping_time": "Durée du tirage",
        "stimulations_24h": "Stimulations en 24 h",
        "last_stimulation": "Dernière stimulation",
        "volume_24h": "Quantité en 24 h",
        "unclassified": "Séances sans pourquoi",
        "milk_fridge": "Lait au réfrigérateur",
        "milk_freezer": "Lait au congélateur",
        "milk_next": "Prochaine limite d'utilisation",
        "outlook": "Tendance",
        "nursed_effective": "Tétée efficace",
        "nursed_ineffective": "Tétée pas efficace",
        "start": "Démarrer",
        "stop": "Stop",
        "baseline": "Repère",
        "screen": "Écran",
        "outbox": "Données en attente",
        "clock": "Horloge",
        "pump_link": "Liaison avec le tire-lait",
        "display": "Afficheur",
        "storage": "Disque",
        "started": "Démarré",
    },
    phases={Phase.IDLE: "Au repos", Phase.PUMPING: "Tirage", Phase.PAUSED: "Pause"},
    links={LinkState.UP: "Connectée", LinkState.LOST: "Perdue", LinkState.OFF: "Désactivée"},
    displays={Panel.UP: "En ordre", Panel.FAILED: "En panne", Panel.OFF: "Éteint"},
    stores={Disk.OK: "En ordre", Disk.FAILING: "En panne", Disk.FULL: "Plein"},
)

# Unsure: "utilisé", "donné" after an amount, where they agree with the milk.
PAGE = PageWords(
    treat="Gardez votre rythme habituel, si cela reste confortable. Fièvre, malaise, ou pas de mieux en un jour\u00a0: "
    "demandez un avis médical.",
    sides={Side.LEFT: "Gauche", Side.RIGHT: "Droit", Side.BOTH: "Les deux"},
    sources={
        Source.GPIO: "le fil du moteur",
        Source.SERIAL: "la liaison avec le tire-lait",
        Source.BUTTON: "les touches de l’appareil",
        Source.DASHBOARD: "un tableau de bord",
        Source.ADDED: "ajoutée à la main",
        Source.IMPORT: "importée",
    },
    stimulation={"one": "stimulation", "other": "stimulations"},
    places={
        "room": "Température ambiante",
        "fridge": "Réfrigérateur",
        "freezer": "Congélateur",
        "thawed": "Décongelé",
        "used": "Utilisé",
        "donated": "Donné",
        "discarded": "Jeté",
    },
    moves={
        "fridge": "Au réfrigérateur",
        "freezer": "Congeler",
        "thawed": "Décongeler",
        "used": "Utilisé",
        "part": "Utilisé en partie",
        "donated": "Donner",
        "discarded": "Jeter",
    },
    moved={
        "room": "à température ambiante",
        "fridge": "au réfrigérateur",
        "freezer": "au congélateur",
        "thawed": "décongelé",
        "used": "utilisé",
        "donated": "donné",
        "discarded": "jeté",
    },
    refusals={
        "unknown_record": "l’appareil n’a plus cet enregistrement",
        "moved_on": "il a été changé ailleurs entre-temps\u00a0; ce qui est affiché maintenant est le plus récent",
        "not_here": "cet appareil n’accepte pas cette demande d’un tableau de bord",
        "busy": "l’appareil a trop à faire en ce moment\u00a0; réessayez dans un instant",
    },
    refused="l’appareil n’a pas compris\u00a0; sa version n’est peut-être pas celle de cette page",
    not_set="l’horloge de l’appareil n’est pas encore à l’heure, il ne peut pas situer ce moment\u00a0; il lui faut "
    "le réseau un instant",
    not_now={
        "start": "une séance est déjà en cours",
        "stop": "aucune séance n’est en cours",
        "pause": "elle est déjà en pause, ou le tire-lait est entendu lui-même",
        "go_on": "elle est déjà en route, ou le tire-lait est entendu lui-même",
        "milk": "rien n’a été noté sur ce lait qui puisse être annulé",
        "edit": "la séance est encore en cours",
        "delete": "la séance est encore en cours",
        "clock": "l’horloge de l’appareil est maintenant à l’heure",
    },
    not_the_time="ce n’est pas le moment pour cela",
    out_of_range={
        "volume": f"une quantité va de 0 à {LARGEST_VOLUME_ML} ml",
        "note": "une note a 500 caractères au plus",
        "baseline": "un repère va de 1 à 24",
        "start": "un début noté après coup ne remonte pas plus loin que ce qu’une séance peut durer, et n’est pas dans "
        "le futur",
        "milk": "il en reste moins que cela, ou l’heure est avant son arrivée à cet endroit, ou dans le futur",
        "edit": "il y a déjà quelque chose à cette heure, ou elle est dans le futur",
        "add": "il y a déjà une séance à cette heure, ou elle est dans le futur",
        "nursing": "c’est dans le futur",
        "clock": "il y a déjà une heure plus tardive, notée quand l’horloge de l’appareil était à l’heure",
    },
    overlaps="il y a déjà une séance à cette heure",
    ends_before_start="la fin est avant le début",
    no_such_value="une valeur est hors limites",
    not_saved="Pas encore enregistré\u00a0: le disque de l’appareil n’accepte rien en ce moment. Ce qu’il garde en "
    "mémoire sera écrit dès que possible\u00a0; une fois suffit.",
    failures={
        "unreachable": (
            "Pas de réponse à cette adresse.",
            "Vérifiez le nom et le port, et que le broker y écoute les WebSockets.",
        ),
        "mixed": (
            "Cette page est venue par HTTPS, le navigateur n’ouvre donc que des adresses wss://.",
            "Donnez au broker un WebSocket avec TLS, ou ouvrez la page par http://.",
        ),
        "address": ("Ce n’est pas l’adresse d’un broker.", "Elle ressemble à ws://raspberrypi.local:9001 ou wss://…"),
        "refused": (
            "Le broker a refusé le nom ou le mot de passe.",
            "Vérifiez les deux\u00a0; à part cela, il répond.",
        ),
        "not_mqtt": (
            "Quelque chose répond là, mais ne parle pas MQTT.",
            "Vérifiez le port\u00a0: c’est souvent 9001 ou 8083.",
        ),
        "denied": (
            "Le broker ne laisse pas cet utilisateur lire les topics de l’appareil.",
            "Il faut l’ajouter à sa liste d’accès.",
        ),
    },
)

# Unsure: "suite" for a sitting; "Pourquoi" as the name of the purpose, above a column.
REPORT = ReportWords(
    sheet=ReportSheet(
        title="Suivi des tirages",
        in_short="En bref",
        each_day="Jour par jour",
        day="Jour",
        hours_24="24 heures",
        stimulations="Stimulations",
        sessions="Séances",
        nursings="Tétées",
        and_ineffective="+ pas efficaces",
        pumping="Tirage",
        amount="Quantité",
        stimulation_is="Une stimulation est une tétée efficace, ou une suite\u00a0: une séance, ou plusieurs qui se "
        "suivent de près.",
        by_purpose="Selon le pourquoi",
        purpose="Pourquoi",
        reasons="Raisons, nombre de séances",
        median_amount="Quantité médiane, sur combien",
        median_pumping="Durée médiane du tirage",
        chart_note="En pointillé\u00a0: le jour n’est pas fini, ou une quantité manque. –\u00a0: rien de noté, ou pas "
        "de quantité.",
        treated="Ce qui a été soigné, et quand",
        what="Soigné",
        when="Quand",
        outlook="Tendance",
        outlook_counts="Stimulations dans chacune des cinq dernières périodes de 24 h, la plus ancienne d’abord",
        before="il y a 5 à 3 jours\u00a0: la lactation d’aujourd’hui",
        lately="3 derniers jours\u00a0: les prochains jours",
        missing="Ce qui manque",
        notes="Notes",
    ),
    span={"one": "{last} {year}", "other": "du {first} au {last} {year}, {count} jours"},
    made="Fait le {when}\u00a0; les heures sont celles de {zone}.",
    baseline="repère {count}",
    day="{weekday} {date}",
    until="jusqu’à {time}",
    not_24_h="{hours} h",
    no_record="rien de noté",
    questions=("Combien de fois", "Pourquoi", "Quelle quantité", "Hausse ou baisse", "Soigné"),
    often="de {low} à {high} stimulations par jour, médiane {median}\u00a0; le repère est {baseline}",
    often_alike="Stimulations par jour\u00a0: {median}\u00a0; le repère est {baseline}",
    much="de {low} à {high} par jour, médiane {median}",
    much_alike="{median} par jour",
    no_whole_day="encore aucun jour entier noté",
    no_session="aucune séance comptée",
    no_amount="aucune quantité notée",
    not_treated="rien pendant ces jours",
    counted="{word} {count}",
    no_purpose="pourquoi non noté",
    no_reason="raison non notée",
    nursed="tétée",
    ineffective="tétée, pas efficace",
    without_amount={"one": "{count} sans", "other": "{count} sans"},
    at="{time} {what}",
    pumped="{purpose}, {pumping}, {amount}",
    of_amounts="{median}, sur {count}",
    all_nursings="Tétées efficaces\u00a0: {effective}\u00a0; pas efficaces\u00a0: {ineffective}.",
    stimulations_a_day="Stimulations par jour\u00a0; la ligne est le repère de {baseline}",
    amount_a_day="Quantité par jour, {unit}",
    from_to="du {first} au {last}",
    outlook_rests="La lactation d’aujourd’hui répond à des jours d’environ {now} stimulations, celle des prochains "
    "jours à environ {coming}. Une estimation d’après ce qui est noté.",
    tenths="{whole},{tenth}",
    missing={
        "purpose": {"one": "{count} séance sans pourquoi", "other": "{count} séances sans pourquoi"},
        "amount": {"one": "{count} suite de séances sans quantité", "other": "{count} suites de séances sans quantité"},
        "day": {"one": "{count} jour sans rien de noté", "other": "{count} jours sans rien de noté"},
        "clock": {
            "one": "{count} donnée d’avant la mise à l’heure de l’horloge\u00a0: son heure n’est pas sûre",
            "other": "{count} données d’avant la mise à l’heure de l’horloge\u00a0: leurs heures ne sont pas sûres",
        },
        "end": {
            "one": "{count} séance coupée\u00a0: sa fin n’est pas sûre",
            "other": "{count} séances coupées\u00a0: leur fin n’est pas sûre",
        },
        "short": {
            "one": "{count} séance trop courte pour être comptée\u00a0: dans aucun chiffre ici",
            "other": "{count} séances trop courtes pour être comptées\u00a0: dans aucun chiffre ici",
        },
    },
    days_missing="{said}\u00a0: {days}",
    running="Une séance est en cours\u00a0: dans aucun chiffre ici",
    nothing_missing="Rien\u00a0: chaque séance a un pourquoi, chaque suite une quantité, chaque jour quelque chose de "
    "noté.",
    source="D’après ce qui est noté sur «\u00a0{device}\u00a0», tel que le parent l’a donné. Aucun dispositif médical "
    "ne l’a établi, et il ne juge rien.",
)

FR = Words(
    name="Français",
    plural=singular_below_two,
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
