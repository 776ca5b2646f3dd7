// Made by `python -m device.words dashboards/web/js` from device/words/it.py, the place for changes.

export default {
  "__proto__": null,
  "purposes": {
    "__proto__": null,
    "protect": "Mantenere",
    "promote": "Stimolare",
    "treat": "Cura"
  },
  "questions": {
    "__proto__": null,
    "protect": "Invece di una poppata, o per completarla?",
    "promote": "Alzare una produzione bassa, o fare scorta?",
    "treat": "Dotto ostruito, mastite o dolore al capezzolo?"
  },
  "reasons": {
    "__proto__": null,
    "protect": {
      "__proto__": null,
      "in_place_of_nursing": "Invece di una poppata",
      "complete_nursing": "Completare una poppata"
    },
    "promote": {
      "__proto__": null,
      "raise_low_supply": "Produzione bassa",
      "collect_extra_milk": "Fare scorta"
    },
    "treat": {
      "__proto__": null,
      "plugged_duct": "Dotto ostruito",
      "mastitis": "Mastite",
      "nipple_pain": "Male al capezzolo"
    }
  },
  "intentions": {
    "__proto__": null,
    "feed": "Per un pasto",
    "fridge": "Frigorifero",
    "freezer": "Freezer",
    "donate": "Donare",
    "discard": "Buttare"
  },
  "uses": {
    "__proto__": null,
    "feed": "per un pasto",
    "fridge": "per il frigorifero",
    "freezer": "per il freezer",
    "donate": "da donare",
    "discard": "da buttare"
  },
  "outlooks": {
    "__proto__": null,
    "steady": "Più o meno uguale nei prossimi giorni",
    "falling": "Un po’ meno tra 3-5 giorni",
    "low": "Come negli ultimi giorni, sotto la base",
    "rising": "Un po’ di più tra 3-5 giorni",
    "high": "Come negli ultimi giorni, sopra la base (verso troppo latte)",
    "recovering": "Torna verso la base",
    "settling": "Scende verso la base",
    "unknown": "Non si sa. Servono 5 giorni annotati senza vuoti."
  },
  "hints": {
    "__proto__": null,
    "also_promotes": "Questa stimola anche.",
    "toward_oversupply": "Verso troppo latte."
  },
  "times": {
    "__proto__": null,
    "weekdays": [
      "lun",
      "mar",
      "mer",
      "gio",
      "ven",
      "sab",
      "dom"
    ],
    "months": [
      "gen",
      "feb",
      "mar",
      "apr",
      "mag",
      "giu",
      "lug",
      "ago",
      "set",
      "ott",
      "nov",
      "dic"
    ],
    "date": "{day} {month}",
    "time": "{hour:02}:{minute:02}",
    "day_and_time": "{day} {time}",
    "seconds": "{seconds} s",
    "minutes": "{minutes} min",
    "hours": "{hours} h",
    "hours_and_minutes": "{hours} h {minutes:02}",
    "days": "{days} gg",
    "days_past": "{days} giorni"
  },
  "report": {
    "__proto__": null,
    "sheet": {
      "__proto__": null,
      "title": "Resoconto del latte tirato",
      "in_short": "In breve",
      "each_day": "Giorno per giorno",
      "day": "Giorno",
      "hours_24": "24 ore",
      "stimulations": "Stimolazioni",
      "sessions": "Sedute",
      "nursings": "Poppate",
      "and_ineffective": "+ non efficaci",
      "pumping": "Durata",
      "amount": "Quantità",
      "stimulation_is": "Una stimolazione è una poppata efficace, o una serie: una seduta, o più sedute che si seguono da vicino.",
      "by_purpose": "Secondo il perché",
      "purpose": "Perché",
      "reasons": "Motivi, numero di sedute",
      "median_amount": "Quantità mediana, su quante",
      "median_pumping": "Durata mediana",
      "chart_note": "Tratteggiato: il giorno non è finito, o manca una quantità. –: nulla annotato, o senza quantità.",
      "treated": "Che cosa è stato curato, e quando",
      "what": "Curato",
      "when": "Quando",
      "outlook": "Andamento",
      "outlook_counts": "Stimolazioni in ciascuno degli ultimi cinque periodi di 24 h, il più vecchio per primo",
      "before": "da 5 a 3 giorni fa: la produzione di oggi",
      "lately": "ultimi 3 giorni: i prossimi giorni",
      "missing": "Che cosa manca",
      "notes": "Note"
    },
    "span": {
      "__proto__": null,
      "one": "{last} {year}",
      "other": "{first} – {last} {year}, {count} giorni"
    },
    "made": "Fatto: {when}; le ore sono quelle di {zone}.",
    "baseline": "base {count}",
    "day": "{weekday} {date}",
    "until": "fino alle {time}",
    "not_24_h": "{hours} h",
    "no_record": "nulla annotato",
    "questions": [
      "Quante volte",
      "Perché",
      "Quanto",
      "Su o giù",
      "Curato"
    ],
    "often": "da {low} a {high} stimolazioni al giorno, mediana {median}; la base è {baseline}",
    "often_alike": "Stimolazioni al giorno: {median}; la base è {baseline}",
    "much": "da {low} a {high} al giorno, mediana {median}",
    "much_alike": "{median} al giorno",
    "no_whole_day": "ancora nessun giorno intero annotato",
    "no_session": "nessuna seduta contata",
    "no_amount": "nessuna quantità annotata",
    "not_treated": "nulla in questi giorni",
    "counted": "{word} {count}",
    "no_purpose": "perché non annotato",
    "no_reason": "motivo non annotato",
    "nursed": "poppata",
    "ineffective": "poppata, non efficace",
    "without_amount": {
      "__proto__": null,
      "one": "{count} senza",
      "other": "{count} senza"
    },
    "at": "{time} {what}",
    "pumped": "{purpose}, {pumping}, {amount}",
    "of_amounts": "{median}, su {count}",
    "all_nursings": "Poppate efficaci: {effective}; non efficaci: {ineffective}.",
    "stimulations_a_day": "Stimolazioni al giorno; la linea è la base di {baseline}",
    "amount_a_day": "Quantità al giorno, {unit}",
    "from_to": "{first} – {last}",
    "outlook_rests": "La produzione di oggi risponde a giorni di circa {now} stimolazioni, quella dei prossimi giorni a circa {coming}. Una stima da quanto annotato.",
    "tenths": "{whole},{tenth}",
    "missing": {
      "__proto__": null,
      "purpose": {
        "__proto__": null,
        "one": "{count} seduta senza perché",
        "other": "{count} sedute senza perché"
      },
      "amount": {
        "__proto__": null,
        "one": "{count} serie di sedute senza quantità",
        "other": "{count} serie di sedute senza quantità"
      },
      "day": {
        "__proto__": null,
        "one": "{count} giorno senza nulla di annotato",
        "other": "{count} giorni senza nulla di annotato"
      },
      "clock": {
        "__proto__": null,
        "one": "{count} dato di quando l’orologio era da regolare: la sua ora non è certa",
        "other": "{count} dati di quando l’orologio era da regolare: le loro ore non sono certe"
      },
      "end": {
        "__proto__": null,
        "one": "{count} seduta interrotta: la sua fine non è certa",
        "other": "{count} sedute interrotte: la loro fine non è certa"
      },
      "short": {
        "__proto__": null,
        "one": "{count} seduta troppo breve per contarla: qui in nessuna cifra",
        "other": "{count} sedute troppo brevi per contarle: qui in nessuna cifra"
      }
    },
    "days_missing": "{said}: {days}",
    "running": "Una seduta è in corso: qui in nessuna cifra",
    "nothing_missing": "Nulla: ogni seduta ha un perché, ogni serie una quantità, ogni giorno qualcosa di annotato.",
    "source": "Dai dati di «{device}», come sono stati annotati. Nessun dispositivo medico lo ha fatto, e non giudica nulla."
  },
  "treat": "Il ritmo di sempre, finché è confortevole. Con febbre, malessere, o se non va meglio in un giorno: sentire il medico o l’ostetrica.",
  "sources": {
    "__proto__": null,
    "gpio": "il filo del motore",
    "serial": "il collegamento al tiralatte",
    "button": "i tasti dell’apparecchio",
    "dashboard": "un pannello",
    "added": "aggiunta a mano",
    "import": "importata"
  },
  "sides": {
    "__proto__": null,
    "left": "Sinistro",
    "right": "Destro",
    "both": "Tutti e due"
  },
  "stimulation": {
    "__proto__": null,
    "one": "stimolazione",
    "other": "stimolazioni"
  },
  "places": {
    "__proto__": null,
    "room": "Temperatura ambiente",
    "fridge": "Frigorifero",
    "freezer": "Freezer",
    "thawed": "Scongelato",
    "used": "Usato",
    "donated": "Donato",
    "discarded": "Buttato"
  },
  "moves": {
    "__proto__": null,
    "fridge": "In frigorifero",
    "freezer": "Congelare",
    "thawed": "Scongelare",
    "used": "Usato",
    "part": "Usato in parte",
    "donated": "Donare",
    "discarded": "Buttare"
  },
  "moved": {
    "__proto__": null,
    "room": "a temperatura ambiente",
    "fridge": "in frigorifero",
    "freezer": "nel freezer",
    "thawed": "scongelato",
    "used": "usato",
    "donated": "donato",
    "discarded": "buttato"
  },
  "refusals": {
    "__proto__": null,
    "unknown_record": "l’apparecchio non ha più questo dato",
    "moved_on": "intanto è stato cambiato altrove; quello che si vede ora è il più recente",
    "not_here": "questo apparecchio non accetta una richiesta simile da un pannello",
    "busy": "l’apparecchio ha più da fare di quanto possa; riprova tra un momento"
  },
  "refused": "l’apparecchio non ha capito; forse la sua versione non è quella di questa pagina",
  "not_set": "l’orologio dell’apparecchio non è ancora regolato e non può collocare quell’ora; gli serve la rete per un momento",
  "not_now": {
    "__proto__": null,
    "start": "una seduta è già in corso",
    "stop": "non c’è nessuna seduta in corso",
    "pause": "è già in pausa, o si sente il tiralatte stesso",
    "go_on": "è già in funzione, o si sente il tiralatte stesso",
    "milk": "di questo latte non è annotato nulla che si possa annullare",
    "edit": "la seduta è ancora in corso",
    "delete": "la seduta è ancora in corso",
    "clock": "l’orologio dell’apparecchio ormai è regolato"
  },
  "not_the_time": "non è il momento per questo",
  "out_of_range": {
    "__proto__": null,
    "volume": "una quantità va da 0 a 2000 ml",
    "note": "una nota ha al massimo 500 caratteri",
    "baseline": "una base va da 1 a 24",
    "start": "un inizio annotato dopo non è più indietro di quanto può durare una seduta, e non è nel futuro",
    "milk": "ne resta meno di così, oppure l’ora è prima che arrivasse lì o è nel futuro",
    "edit": "a quell’ora c’è già qualcosa, oppure è nel futuro",
    "add": "a quell’ora c’è già una seduta, oppure è nel futuro",
    "nursing": "è nel futuro",
    "clock": "c’è già un’ora successiva, di quando l’orologio dell’apparecchio era regolato"
  },
  "overlaps": "a quell’ora c’è già una seduta",
  "ends_before_start": "la fine è prima dell’inizio",
  "no_such_value": "un valore è fuori dai limiti",
  "not_saved": "Non salvato: il disco dell’apparecchio ora non accetta nulla. Quello che ha in memoria sarà scritto appena possibile; una volta basta.",
  "failures": {
    "__proto__": null,
    "unreachable": [
      "Nessuna risposta a quell’indirizzo.",
      "Controlla nome e porta, e che il broker lì ascolti i WebSocket."
    ],
    "mixed": [
      "Questa pagina è arrivata via HTTPS, quindi il browser apre solo indirizzi wss://.",
      "Dai al broker un WebSocket con TLS, o apri la pagina con http://."
    ],
    "address": [
      "Non è l’indirizzo di un broker.",
      "Somiglia a ws://raspberrypi.local:9001 o wss://…"
    ],
    "refused": [
      "Il broker ha rifiutato il nome o la password.",
      "Controlla entrambi; per il resto il broker risponde."
    ],
    "not_mqtt": [
      "Lì qualcosa risponde, ma non parla MQTT.",
      "Controlla la porta: spesso è 9001 o 8083."
    ],
    "denied": [
      "Il broker non lascia leggere a questo utente i topic dell’apparecchio.",
      "Vanno aggiunti alla sua lista di accesso."
    ]
  }
};
