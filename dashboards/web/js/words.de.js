// Made by `python -m device.words dashboards/web/js` from device/words/de.py, the place for changes.

export default {
  "__proto__": null,
  "purposes": {
    "__proto__": null,
    "protect": "Erhalten",
    "promote": "Steigern",
    "treat": "Lindern"
  },
  "questions": {
    "__proto__": null,
    "protect": "Als Ersatz fürs Stillen, oder zur Ergänzung?",
    "promote": "Milchmenge steigern, oder Vorrat anlegen?",
    "treat": "Milchstau, Mastitis, oder wunde Brustwarze?"
  },
  "reasons": {
    "__proto__": null,
    "protect": {
      "__proto__": null,
      "in_place_of_nursing": "Statt einer Stillmahlzeit",
      "complete_nursing": "Stillmahlzeit ergänzen"
    },
    "promote": {
      "__proto__": null,
      "raise_low_supply": "Milchmenge steigern",
      "collect_extra_milk": "Vorrat anlegen"
    },
    "treat": {
      "__proto__": null,
      "plugged_duct": "Milchstau",
      "mastitis": "Mastitis",
      "nipple_pain": "Wunde Brustwarze"
    }
  },
  "intentions": {
    "__proto__": null,
    "feed": "Füttern",
    "fridge": "Kühlschrank",
    "freezer": "Gefrierfach",
    "donate": "Spenden",
    "discard": "Verwerfen"
  },
  "uses": {
    "__proto__": null,
    "feed": "zum Füttern",
    "fridge": "für den Kühlschrank",
    "freezer": "für das Gefrierfach",
    "donate": "zum Spenden",
    "discard": "zum Verwerfen"
  },
  "outlooks": {
    "__proto__": null,
    "steady": "In den nächsten Tagen etwa gleich viel",
    "falling": "In 3 bis 5 Tagen etwas weniger",
    "low": "Etwa wie in den letzten Tagen, unter dem Grundwert",
    "rising": "In 3 bis 5 Tagen etwas mehr",
    "high": "Etwa wie in den letzten Tagen, über dem Grundwert (es geht zu viel Milch entgegen)",
    "recovering": "Kommt wieder auf den Grundwert",
    "settling": "Pendelt sich auf den Grundwert ein",
    "unknown": "Nicht bekannt. Dazu braucht es 5 Tage mit Einträgen ohne Lücke."
  },
  "hints": {
    "__proto__": null,
    "also_promotes": "Diesmal steigert es auch.",
    "toward_oversupply": "Eher Überproduktion."
  },
  "treat": "Gewohnter Rhythmus, so viel, wie angenehm ist. Bei Fieber, Krankheitsgefühl, oder wenn es nach einem Tag nicht besser ist: ärztlichen Rat holen.",
  "sources": {
    "__proto__": null,
    "gpio": "die Leitung des Motors",
    "serial": "die Verbindung zur Pumpe",
    "button": "die Tasten des Geräts",
    "dashboard": "ein Dashboard",
    "added": "von Hand nachgetragen",
    "import": "importiert"
  },
  "sides": {
    "__proto__": null,
    "left": "Links",
    "right": "Rechts",
    "both": "Beide"
  },
  "stimulation": {
    "__proto__": null,
    "one": "Stimulation",
    "other": "Stimulationen"
  },
  "refusals": {
    "__proto__": null,
    "unknown_record": "das Gerät hat diesen Eintrag nicht mehr",
    "moved_on": "er wurde inzwischen anderswo geändert; zu sehen ist jetzt das Neueste",
    "not_here": "dieses Gerät nimmt so etwas nicht von einem Dashboard an",
    "busy": "das Gerät hat gerade mehr zu tun, als es kann; gleich noch einmal versuchen"
  },
  "refused": "das Gerät hat es nicht verstanden; seine Version ist vielleicht eine andere als die dieser Seite",
  "not_set": "die Uhr des Geräts ist noch nicht gestellt, es kann diese Zeit nicht einordnen; dazu braucht es kurz das Netz",
  "not_now": {
    "__proto__": null,
    "start": "es läuft schon eine Sitzung",
    "stop": "es läuft keine Sitzung",
    "edit": "die Sitzung läuft noch",
    "delete": "die Sitzung läuft noch",
    "clock": "die eigene Uhr des Geräts ist inzwischen gestellt"
  },
  "not_the_time": "dafür ist gerade nicht der Moment",
  "out_of_range": {
    "__proto__": null,
    "volume": "eine Menge liegt zwischen 0 und 2000 ml",
    "note": "eine Notiz hat höchstens 500 Zeichen",
    "baseline": "ein Grundwert liegt zwischen 1 und 24",
    "edit": "zu dieser Zeit gibt es schon einen Eintrag, oder sie liegt in der Zukunft",
    "add": "zu dieser Zeit gibt es schon eine Sitzung, oder sie liegt in der Zukunft",
    "nursing": "das liegt in der Zukunft",
    "clock": "es gibt schon eine spätere Zeit aus der Zeit, als die Uhr des Geräts gestellt war"
  },
  "ends_before_start": "das Ende liegt vor dem Beginn",
  "no_such_value": "ein Wert liegt außerhalb dessen, was möglich ist",
  "not_saved": "Noch nicht gespeichert: der Speicher des Geräts nimmt gerade nichts an. Was es im Gedächtnis hat, wird geschrieben, sobald es geht; einmal genügt.",
  "failures": {
    "__proto__": null,
    "unreachable": [
      "Unter dieser Adresse antwortet nichts.",
      "Sind Name und Port richtig, und hat der Broker dort WebSockets?"
    ],
    "mixed": [
      "Diese Seite kam über HTTPS, deshalb öffnet der Browser nur Adressen mit wss://.",
      "Dem Broker einen WebSocket mit TLS geben, oder die Seite über http:// öffnen."
    ],
    "address": [
      "Das ist keine Adresse eines Brokers.",
      "Sie sieht aus wie ws://raspberrypi.local:9001 oder wss://…"
    ],
    "refused": [
      "Der Broker hat Namen oder Passwort abgelehnt.",
      "Beides noch einmal ansehen; sonst antwortet der Broker."
    ],
    "not_mqtt": [
      "Dort antwortet etwas, aber es spricht kein MQTT.",
      "Stimmt der Port? Oft ist es 9001 oder 8083."
    ],
    "denied": [
      "Der Broker lässt diesen Benutzer die Topics des Geräts nicht lesen.",
      "In seiner Zugriffsliste fehlen sie."
    ]
  }
};
