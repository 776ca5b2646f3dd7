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
    "edit": "a quell’ora c’è già qualcosa, oppure è nel futuro",
    "add": "a quell’ora c’è già una seduta, oppure è nel futuro",
    "nursing": "è nel futuro",
    "clock": "c’è già un’ora successiva, di quando l’orologio dell’apparecchio era regolato"
  },
  "ends_before_start": "la fine è prima dell’inizio",
  "no_such_value": "un valore è fuori dai limiti",
  "not_saved": "Non ancora salvato: il disco dell’apparecchio ora non accetta nulla. Quello che ha in memoria sarà scritto appena possibile; una volta basta.",
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
