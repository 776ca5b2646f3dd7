"""Spanish, as in Spain; the screen addresses nobody, the page says tú.

Where the terms are from: the Spanish paediatricians' association and its journals (AEP, PrevInfad, Pediatría Integral:
toma, obstrucción de un conducto, mastitis, dolor de pezón, aumentar la producción), the health services' guide for
mothers (GuíaSalud/OSTEBA: extracción, sacaleches, nevera, congelador). Times and dates are as in Unicode's CLDR.
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

# "Mantener" and "aumentar la producción" are the AEP's; both are too wide for a key.
# Unsure: "Proteger" for mantener, "Subir" for aumentar la producción, "Elevar" beside it where the supply is low.
PURPOSES = {
    Purpose.PROTECT: PurposeWords(
        "Proteger", "Proteger", "Proteger", "Proteger", "¿En vez de una toma, o para completarla?"
    ),
    Purpose.PROMOTE: PurposeWords("Subir", "Subir", "Subir", "Subir", "¿Elevar la producción, o hacer reserva?"),
    Purpose.TREAT: PurposeWords("Tratar", "Tratar", "Tratar", "Tratar", "¿Obstrucción, mastitis o dolor de pezón?"),
}
# "Toma", "obstrucción de un conducto", "dolor de pezón": AEP, Pediatría Integral 2025.
REASONS = {
    Reason.IN_PLACE_OF_NURSING: ReasonWords("En vez", "En vez", "En vez de una toma", "En vez de una toma"),
    Reason.COMPLETE_NURSING: ReasonWords("Complet.", "Compl.", "Completar una toma", "Completar una toma"),
    Reason.RAISE_LOW_SUPPLY: ReasonWords("Elevar", "Elevar", "Elevar la producción", "Elevar una producción baja"),
    Reason.COLLECT_EXTRA_MILK: ReasonWords("Reserva", "Reserva", "Hacer reserva", "Hacer reserva"),
    Reason.PLUGGED_DUCT: ReasonWords("Obstruc.", "Obstruc.", "Obstrucción", "Obstrucción", "obstrucción tratada"),
    Reason.MASTITIS: ReasonWords("Mastitis", "Mastitis", "Mastitis", "Mastitis", "mastitis tratada"),
    Reason.NIPPLE_PAIN: ReasonWords("Pezón", "Pezón", "Dolor de pezón", "Dolor de pezón", "pezón tratado"),
}
# Unsure: "Nevera" is Spain's; elsewhere it is refrigerador or heladera.
INTENTIONS = {
    Intention.FEED: IntentionWords("Toma", "Toma", "Para una toma", "Para una toma", "para una toma"),
    Intention.FRIDGE: IntentionWords("Nevera", "Nevera", "Nevera", "Nevera", "para la nevera"),
    Intention.FREEZER: IntentionWords("Congelar", "Congel.", "Congelador", "Congelador", "para el congelador"),
    Intention.DONATE: IntentionWords("Donar", "Donar", "Donar", "Donar", "para donar"),
    Intention.DISCARD: IntentionWords("Tirar", "Tirar", "Desechar", "Desechar", "para desechar"),
}

# -- guidance --------------------------------------------------------------------------------------------------

# Unsure: "base" for the baseline.
CONTEXTS = {
    Context.TREATMENT_CONTINUES: "{treated} hace {since}",
    Context.AFTER_INEFFECTIVE_NURSING: "pecho {ago}, no eficaz",
    Context.AFTER_EFFECTIVE_NURSING: "toma eficaz {ago}",
    Context.ABOVE_BASELINE: "{stimulations} en 24 h, base\u00a0{baseline}",
    Context.BELOW_BASELINE: "{stimulations}\u00a0de\u00a0{baseline} estimulaciones en 24 h",
}
BECAUSE = BecauseWords(
    contexts=CONTEXTS,
    drawn=CONTEXTS,
    treated="tratamiento",
    ago="hace {since}",
    just_now="hace poco",
)
OUTLOOKS = {
    "steady": OutlookWords("Estable", "Más o menos igual en los próximos días"),
    "falling": OutlookWords("Bajando", "Un poco menos en 3 a 5 días"),
    "low": OutlookWords("Baja", "Como en los últimos días, por debajo de la base"),
    "rising": OutlookWords("Subiendo", "Un poco más en 3 a 5 días"),
    "high": OutlookWords("Alta", "Como en los últimos días, por encima de la base (hacia un exceso de leche)"),
    "recovering": OutlookWords("Recuperándose", "Volviendo a la base"),
    "settling": OutlookWords("Asentándose", "Bajando hacia la base"),
    "unknown": OutlookWords(None, "No se sabe. Hacen falta 5 días anotados sin huecos."),
}
HINTS = {Hint.ALSO_PROMOTES: "Esta también la sube.", Hint.TOWARD_OVERSUPPLY: "Hacia un exceso de leche."}

# -- the device ------------------------------------------------------------------------------------------------

# Unsure: "Pecho" for nursed, "Destino" for what the milk is for, "Razón" where the screen asks "¿Por qué?".
KEY = KeyWords(
    back="Atrás",
    change="Cambiar",
    delete="Borrar",
    last="Diario",
    milk_for="Destino",
    more="Sigue",
    no="No",
    nursed="Pecho",
    ok="OK",
    older="Antes",
    save="Guardar",
    skip="Saltar",
    start="Iniciar",
    stop="Parar",
    undo="Anular",
    why="Razón",
    why_open="¿Razón?",
    yes="Sí",
)

TIMES = TimeWords(
    weekdays=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    date="{day} {month}",
    time="{hour}:{minute:02}",
    day_and_time="{day} {time}",
    seconds="{seconds} s",
    minutes="{minutes} min",
    hours="{hours} h",
    hours_and_minutes="{hours} h {minutes:02}",
    days="{days}\u00a0días",
    days_past="{days}\u00a0días",
)

# Unsure: "sacada" of milk that was pumped; "Motor" where there is no room for sacaleches.
SCREENS = Screens(
    plain={ScreenName.NURSED: Titled("Pecho: ¿eficaz?", "Se le oyó tragar, pecho más blando después.")},
    idle=IdleScreen(
        stimulations="{count} de {baseline}",
        in_24_h="en 24 h",
        nothing="nada anotado",
        nothing_yet="nada anotado aún",
        no_stimulation="sin estimulación",
        pumped="sacada",
        nursed="pecho",
        just_now="{last} hace poco",
        ago="{last} hace {since}",
        long_ago="{last} hace mucho",
    ),
    purpose=PurposeScreen(
        title="¿Por qué?",
        likely="¿{purpose}? {because}",
        now="Ahora: {answer}",
        none="Sin respuesta",
    ),
    note=NoteScreen(
        rhythm="El ritmo de siempre, mientras resulte cómodo.",
        clinician=Titled("Llamar al médico si:", "hay fiebre, malestar, o no mejora en un día."),
        short=Titled("Sesión corta", "Guardada, no contada."),
        under_a_minute="Menos de 1 minuto",
    ),
    intention=IntentionScreen(
        title="¿Destino?",
        expected="Previsto: unos {amount}.",
        none_expected="Aún no hay previsión.",
    ),
    timer=TimerScreen(a_minute="/min", ends_in="queda {time}"),
    volume=VolumeScreen(title="Cantidad", expected="previsto {amount}"),
    saved=SavedScreen(
        saved="Anotado",
        deleted="Borrado",
        nursed="Pecho",
        use_by="hasta {date}",
        use_by_time="hasta {time}",
        effective="Eficaz",
        ineffective="No eficaz",
    ),
    last=LastScreen(
        nothing=Titled("Nada anotado", "Aquí saldrán las sesiones y las tomas."),
        place="{index} de {of}",
        no_amount="sin cantidad",
        no_unit="sin {unit}",
        running="activa",
        cut_off="cortada",
        nursed_effective="Pecho · eficaz",
        nursed_ineffective="Pecho · no eficaz",
    ),
    change="¿Qué cambiar?",
    status=StatusScreen(
        address="Direc.",
        broker="Broker",
        waiting="Espera",
        pump="Motor",
        version="Versión",
        storage="Disco",
        clock="Reloj",
        running="Activo",
        no_address="ninguna",
        by_hand="a mano",
        serial="serie",
        connected="conectado",
        away="ausente {since}",
        records={"one": "{count} registro", "other": "{count} registros"},
        too_large="{count}, {passed_over} grandes",
        link_lost="perdido: {pump}",
        clock_set="en hora",
        clock_not_set="sin hora",
        free="{percent:.0f}\u00a0% libre",
        no_folder="sin carpeta",
        stores={StoreState.OK: "en orden", StoreState.FAILING: "con fallos", StoreState.FULL: "lleno"},
    ),
    warning=WarningScreen(
        kinds={
            WarningKind.NOT_SAVED: Titled("Aún sin guardar", "Error de disco: no quitar la corriente."),
            WarningKind.DISK_FULL: Titled("Aún sin guardar", "Disco lleno: hacer sitio."),
            WarningKind.REPAIRED: Titled("Datos reparados", "Archivo dañado: ver la nota al lado."),
            WarningKind.STUCK_SENSOR: Titled("¿Aún en marcha?", "Ya van 2 h: quizá falla el sensor."),
            WarningKind.NOT_STARTED: Titled("No arrancó", "Ajuste mal puesto: pump-companion check."),
        },
        stop_on_timer="¿Falla el sensor? Parar, en el cronómetro.",
    ),
)

ALOUD = AloudWords(
    icons={
        "check": "✓",
        "tick": "✓",
        "pause": "pausa,",
        "moon": "atenuada",
        "unlinked": "broker ausente",
        "clock": "reloj sin hora",
        "warning": "aviso:",
    },
    dark="La pantalla está apagada.",
    keys="Teclas: {keys}",
    suggested="probable",
    pressed="pulsada",
)

# -- dashboards ------------------------------------------------------------------------------------------------

HOME = HomeWords(
    entities={
        "pumping": "Extracción en marcha",
        "session_running": "Sesión en curso",
        "phase": "Fase",
        "suggestion": "Probable",
        "session_ended": "Sesión terminada",
        "purpose": "Por qué",
        "reason": "Razón",
        "intention": "Destino de la leche",
        "volume": "Cantidad",
        "expectation": "Cantidad prevista",
        "use_by": "Usar hasta",
        "session_began": "Inicio de la sesión",
        "pumping_time": "Tiempo de extracción",
        "stimulations_24h": "Estimulaciones en 24 h",
        "last_stimulation": "Última estimulación",
        "volume_24h": "Cantidad en 24 h",
        "unclassified": "Sesiones sin porqué",
        "milk_fridge": "Leche en la nevera",
        "milk_freezer": "Leche en el congelador",
        "milk_next": "Próxima fecha límite",
        "outlook": "Tendencia",
        "nursed_effective": "Pecho, eficaz",
        "nursed_ineffective": "Pecho, no eficaz",
        "start": "Iniciar",
        "stop": "Parar",
        "baseline": "Base",
        "screen": "Imagen de la pantalla",
        "outbox": "Registros en espera",
        "clock": "Reloj",
        "pump_link": "Enlace con el sacaleches",
        "display": "Pantalla",
        "storage": "Disco",
        "started": "Encendido",
    },
    phases={Phase.IDLE: "En reposo", Phase.PUMPING: "Extracción", Phase.PAUSED: "Pausa"},
    links={LinkState.UP: "Conectado", LinkState.LOST: "Perdido", LinkState.OFF: "Apagado"},
    displays={Panel.UP: "En orden", Panel.FAILED: "Con fallos", Panel.OFF: "Apagada"},
    stores={Disk.OK: "En orden", Disk.FAILING: "Con fallos", Disk.FULL: "Lleno"},
)

# Unsure: "usada", "donada" after an amount, where they agree with the milk.
PAGE = PageWords(
    treat="El ritmo de siempre, mientras resulte cómodo. Con fiebre, malestar, o si no mejora en un día: consultar con "
    "un profesional sanitario.",
    sides={Side.LEFT: "Izquierdo", Side.RIGHT: "Derecho", Side.BOTH: "Los dos"},
    sources={
        Source.GPIO: "el cable del motor",
        Source.SERIAL: "el enlace con el sacaleches",
        Source.BUTTON: "los botones del aparato",
        Source.DASHBOARD: "un panel",
        Source.ADDED: "añadida a mano",
        Source.IMPORT: "importada",
    },
    stimulation={"one": "estimulación", "other": "estimulaciones"},
    places={
        "room": "Temperatura ambiente",
        "fridge": "Nevera",
        "freezer": "Congelador",
        "thawed": "Descongelada",
        "used": "Usada",
        "donated": "Donada",
        "discarded": "Desechada",
    },
    moves={
        "fridge": "A la nevera",
        "freezer": "Congelar",
        "thawed": "Descongelar",
        "used": "Usada",
        "part": "Usada en parte",
        "donated": "Donar",
        "discarded": "Desechar",
    },
    moved={
        "room": "a temperatura ambiente",
        "fridge": "en la nevera",
        "freezer": "en el congelador",
        "thawed": "descongelada",
        "used": "usada",
        "donated": "donada",
        "discarded": "desechada",
    },
    refusals={
        "unknown_record": "el aparato ya no tiene este registro",
        "moved_on": "se ha cambiado en otro sitio mientras tanto; lo que se ve ahora es lo más reciente",
        "not_here": "este aparato no admite esa petición desde un panel",
        "busy": "el aparato tiene ahora más trabajo del que puede; inténtalo de nuevo en un momento",
    },
    refused="el aparato no lo ha entendido; quizá su versión no sea la de esta página",
    not_set="el reloj del aparato aún no está en hora y no puede situar ese momento; necesita la red un instante",
    not_now={
        "start": "ya hay una sesión en curso",
        "stop": "no hay ninguna sesión en curso",
        "pause": "ya está en pausa, o se oye al propio sacaleches",
        "go_on": "ya está en marcha, o se oye al propio sacaleches",
        "milk": "de esta leche no hay nada anotado que se pueda anular",
        "edit": "la sesión sigue en curso",
        "delete": "la sesión sigue en curso",
        "clock": "el reloj del aparato ya está en hora",
    },
    not_the_time="no es el momento para eso",
    out_of_range={
        "volume": f"una cantidad va de 0 a {LARGEST_VOLUME_ML} ml",
        "note": "una nota tiene como mucho 500 caracteres",
        "baseline": "una base va de 1 a 24",
        "start": "un inicio anotado más tarde no queda más atrás de lo que puede durar una sesión, ni en el futuro",
        "milk": "queda menos que eso, o la hora es anterior a su llegada a ese sitio, o está en el futuro",
        "edit": "ya hay algo a esa hora, o está en el futuro",
        "add": "ya hay una sesión a esa hora, o está en el futuro",
        "nursing": "está en el futuro",
        "clock": "ya hay una hora posterior, de cuando el reloj del aparato estaba en hora",
    },
    overlaps="ya hay una sesión a esa hora",
    ends_before_start="el final está antes del inicio",
    no_such_value="un valor está fuera de lo posible",
    not_saved="Aún sin guardar: el disco del aparato no admite nada ahora. Lo que tiene en la memoria se escribirá en "
    "cuanto se pueda; con una vez basta.",
    failures={
        "unreachable": (
            "Nadie responde en esa dirección.",
            "Comprueba el nombre y el puerto, y que el broker escuche ahí WebSockets.",
        ),
        "mixed": (
            "Esta página vino por HTTPS, así que el navegador solo abre direcciones wss://.",
            "Da al broker un WebSocket con TLS, o abre la página por http://.",
        ),
        "address": ("Esa no es la dirección de un broker.", "Se parece a ws://raspberrypi.local:9001 o wss://…"),
        "refused": (
            "El broker ha rechazado el nombre o la contraseña.",
            "Comprueba los dos; por lo demás, el broker responde.",
        ),
        "not_mqtt": ("Algo responde ahí, pero no habla MQTT.", "Comprueba el puerto: suele ser 9001 u 8083."),
        "denied": (
            "El broker no deja a este usuario leer los topics del aparato.",
            "Hay que añadirlos en su lista de acceso.",
        ),
    },
)

# Unsure: "serie" for a sitting; "Por qué" as the name of the purpose, above a column.
REPORT = ReportWords(
    sheet=ReportSheet(
        title="Informe de extracciones",
        in_short="En resumen",
        each_day="Día a día",
        day="Día",
        hours_24="24 horas",
        stimulations="Estimulaciones",
        sessions="Sesiones",
        nursings="Pecho",
        and_ineffective="+ no eficaz",
        pumping="Tiempo",
        amount="Cantidad",
        stimulation_is="Una estimulación es una toma eficaz al pecho, o una serie: una sesión, o varias que se "
        "siguen de cerca.",
        by_purpose="Según el porqué",
        purpose="Por qué",
        reasons="Razones, número de sesiones",
        median_amount="Cantidad mediana, de cuántas",
        median_pumping="Tiempo mediano de extracción",
        chart_note="A rayas: el día no ha terminado, o falta una cantidad. –: nada anotado, o sin cantidad.",
        treated="Qué se trató, y cuándo",
        what="Tratado",
        when="Cuándo",
        outlook="Tendencia",
        outlook_counts="Estimulaciones en cada uno de los últimos cinco periodos de 24 h, el más antiguo primero",
        before="hace de 5 a 3 días: la producción de hoy",
        lately="últimos 3 días: los próximos días",
        missing="Lo que falta",
        notes="Notas",
    ),
    span={"one": "{last} {year}", "other": "del {first} al {last} {year}, {count} días"},
    made="Hecho el {when}; las horas son las de {zone}.",
    baseline="base {count}",
    day="{weekday}, {date}",
    until="hasta {time}",
    not_24_h="{hours} h",
    no_record="nada anotado",
    questions=("Cuántas veces", "Por qué", "Cuánto", "Sube o baja", "Tratado"),
    often="de {low} a {high} estimulaciones al día, mediana {median}; la base es {baseline}",
    often_alike="Estimulaciones al día: {median}; la base es {baseline}",
    much="de {low} a {high} al día, mediana {median}",
    much_alike="{median} al día",
    no_whole_day="aún no hay un día entero anotado",
    no_session="ninguna sesión contada",
    no_amount="ninguna cantidad anotada",
    not_treated="nada en estos días",
    counted="{word} {count}",
    no_purpose="por qué sin anotar",
    no_reason="razón sin anotar",
    nursed="pecho",
    ineffective="pecho, no eficaz",
    without_amount={"one": "{count} sin", "other": "{count} sin"},
    at="{time} {what}",
    pumped="{purpose}, {pumping}, {amount}",
    of_amounts="{median}, de {count}",
    all_nursings="Tomas al pecho eficaces: {effective}; no eficaces: {ineffective}.",
    stimulations_a_day="Estimulaciones al día; la línea es la base de {baseline}",
    amount_a_day="Cantidad al día, {unit}",
    from_to="del {first} al {last}",
    outlook_rests="La producción de hoy responde a días de unas {now} estimulaciones; la de los próximos días, a unas "
    "{coming}. Una estimación según lo anotado.",
    tenths="{whole},{tenth}",
    missing={
        "purpose": {"one": "{count} sesión sin porqué", "other": "{count} sesiones sin porqué"},
        "amount": {"one": "{count} serie de sesiones sin cantidad", "other": "{count} series de sesiones sin cantidad"},
        "day": {"one": "{count} día sin nada anotado", "other": "{count} días sin nada anotado"},
        "clock": {
            "one": "{count} registro de cuando el reloj estaba sin hora: su hora no es segura",
            "other": "{count} registros de cuando el reloj estaba sin hora: sus horas no son seguras",
        },
        "end": {
            "one": "{count} sesión cortada: su final no es seguro",
            "other": "{count} sesiones cortadas: su final no es seguro",
        },
        "short": {
            "one": "{count} sesión demasiado corta para contarla: en ninguna cifra de aquí",
            "other": "{count} sesiones demasiado cortas para contarlas: en ninguna cifra de aquí",
        },
    },
    days_missing="{said}: {days}",
    running="Hay una sesión en curso: en ninguna cifra de aquí",
    nothing_missing="Nada: cada sesión tiene un porqué, cada serie una cantidad, cada día algo anotado.",
    source="De los registros de «{device}», tal como se anotaron. Ningún producto sanitario lo ha hecho, y no juzga "
    "nada.",
)

ES = Words(
    name="Español",
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
