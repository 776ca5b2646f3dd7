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
    "protect": "Als Ersatz fürs Stillen oder zur Ergänzung?",
    "promote": "Milchmenge steigern oder Vorrat anlegen?",
    "treat": "Milchstau, Mastitis oder wunde Brustwarze?"
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
    "high": "Etwa wie in den letzten Tagen, über dem Grundwert (Richtung Überproduktion)",
    "recovering": "Kommt wieder auf den Grundwert",
    "settling": "Pendelt sich auf den Grundwert ein",
    "unknown": "Nicht bekannt. Dazu braucht es 5 Tage mit Einträgen ohne Lücke."
  },
  "hints": {
    "__proto__": null,
    "also_promotes": "Diesmal steigert es auch.",
    "toward_oversupply": "Richtung Überproduktion."
  },
  "times": {
    "__proto__": null,
    "weekdays": [
      "Mo",
      "Di",
      "Mi",
      "Do",
      "Fr",
      "Sa",
      "So"
    ],
    "months": [
      "Jan.",
      "Feb.",
      "März",
      "Apr.",
      "Mai",
      "Juni",
      "Juli",
      "Aug.",
      "Sept.",
      "Okt.",
      "Nov.",
      "Dez."
    ],
    "date": "{day}. {month}",
    "time": "{hour:02}:{minute:02}",
    "day_and_time": "{day} {time}",
    "seconds": "{seconds} s",
    "minutes": "{minutes} min",
    "hours": "{hours} h",
    "hours_and_minutes": "{hours} h {minutes:02}",
    "days": "{days} Tage",
    "days_past": "{days} Tg."
  },
  "report": {
    "__proto__": null,
    "sheet": {
      "__proto__": null,
      "title": "Bericht zum Abpumpen",
      "in_short": "Kurz gefasst",
      "each_day": "Tag für Tag",
      "day": "Tag",
      "hours_24": "24 Stunden",
      "stimulations": "Stimulationen",
      "sessions": "Sitzungen",
      "nursings": "Gestillt",
      "and_ineffective": "+ nicht effektiv",
      "pumping": "Pumpzeit",
      "amount": "Menge",
      "stimulation_is": "Eine Stimulation ist ein effektives Stillen oder eine Pumpfolge: eine Sitzung oder mehrere, die dicht aufeinanderfolgen.",
      "by_purpose": "Nach dem Warum",
      "purpose": "Warum",
      "reasons": "Gründe, mit Zahl der Sitzungen",
      "median_amount": "Menge im Median, aus wie vielen",
      "median_pumping": "Pumpzeit im Median",
      "chart_note": "Gestrichelt: der Tag ist nicht vorbei, oder eine Menge fehlt. –: kein Eintrag oder keine Menge.",
      "treated": "Was behandelt wurde, und wann",
      "what": "Behandelt",
      "when": "Wann",
      "outlook": "Ausblick",
      "outlook_counts": "Stimulationen in jedem der letzten fünf Abschnitte von 24 h, der älteste zuerst",
      "before": "vor 5 bis 3 Tagen: die Milchmenge von heute",
      "lately": "letzte 3 Tage: die nächsten Tage",
      "missing": "Was fehlt",
      "notes": "Notizen"
    },
    "span": {
      "__proto__": null,
      "one": "{last} {year}",
      "other": "{first} bis {last} {year}, {count} Tage"
    },
    "made": "Erstellt: {when}; die Zeiten sind die von {zone}.",
    "baseline": "Grundwert {count}",
    "day": "{weekday}, {date}",
    "until": "bis {time}",
    "not_24_h": "{hours} h",
    "no_record": "kein Eintrag",
    "questions": [
      "Wie oft",
      "Warum",
      "Wie viel",
      "Auf oder ab",
      "Behandelt"
    ],
    "often": "{low} bis {high} Stimulationen am Tag, Median {median}; der Grundwert ist {baseline}",
    "often_alike": "Stimulationen am Tag: {median}; der Grundwert ist {baseline}",
    "much": "{low} bis {high} am Tag, Median {median}",
    "much_alike": "{median} am Tag",
    "no_whole_day": "noch kein ganzer Tag mit Einträgen",
    "no_session": "keine Sitzung gezählt",
    "no_amount": "keine Menge angegeben",
    "not_treated": "nichts in diesen Tagen",
    "counted": "{word} {count}",
    "no_purpose": "kein Warum angegeben",
    "no_reason": "kein Grund angegeben",
    "nursed": "gestillt",
    "ineffective": "gestillt, nicht effektiv",
    "without_amount": {
      "__proto__": null,
      "one": "{count} ohne",
      "other": "{count} ohne"
    },
    "at": "{time} {what}",
    "pumped": "{purpose}, {pumping}, {amount}",
    "of_amounts": "{median}, aus {count}",
    "all_nursings": "Gestillt: {effective} × effektiv, {ineffective} × nicht effektiv.",
    "stimulations_a_day": "Stimulationen am Tag; die Linie ist der Grundwert von {baseline}",
    "amount_a_day": "Menge am Tag, {unit}",
    "from_to": "{first} bis {last}",
    "outlook_rests": "Die Milchmenge von heute antwortet auf Tage mit etwa {now} Stimulationen, die der nächsten Tage auf etwa {coming}. Eine Schätzung aus den Einträgen.",
    "tenths": "{whole},{tenth}",
    "missing": {
      "__proto__": null,
      "purpose": {
        "__proto__": null,
        "one": "{count} Sitzung ohne Warum",
        "other": "{count} Sitzungen ohne Warum"
      },
      "amount": {
        "__proto__": null,
        "one": "{count} Pumpfolge ohne Menge",
        "other": "{count} Pumpfolgen ohne Menge"
      },
      "day": {
        "__proto__": null,
        "one": "{count} Tag ohne Eintrag",
        "other": "{count} Tage ohne Eintrag"
      },
      "clock": {
        "__proto__": null,
        "one": "{count} Eintrag, als die Uhr nicht gestellt war: seine Zeit ist nicht sicher",
        "other": "{count} Einträge, als die Uhr nicht gestellt war: ihre Zeiten sind nicht sicher"
      },
      "end": {
        "__proto__": null,
        "one": "{count} Sitzung unterbrochen: ihr Ende ist nicht sicher",
        "other": "{count} Sitzungen unterbrochen: ihr Ende ist nicht sicher"
      },
      "short": {
        "__proto__": null,
        "one": "{count} Sitzung zu kurz, um gezählt zu werden: hier in keiner Zahl",
        "other": "{count} Sitzungen zu kurz, um gezählt zu werden: hier in keiner Zahl"
      }
    },
    "days_missing": "{said}: {days}",
    "running": "Eine Sitzung läuft: hier in keiner Zahl",
    "nothing_missing": "Nichts: jede Sitzung hat ein Warum, jede Pumpfolge eine Menge, jeder Tag einen Eintrag.",
    "source": "Aus den Einträgen von „{device}“, wie sie notiert wurden. Kein Medizinprodukt hat den Bericht erstellt, und er bewertet nichts."
  },
  "treat": "Gewohnter Rhythmus, so viel, wie angenehm ist. Bei Fieber, Krankheitsgefühl oder wenn es nach einem Tag nicht besser ist: ärztlichen Rat holen.",
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
  "places": {
    "__proto__": null,
    "room": "Raumtemperatur",
    "fridge": "Kühlschrank",
    "freezer": "Gefrierfach",
    "thawed": "Aufgetaut",
    "used": "Verbraucht",
    "donated": "Gespendet",
    "discarded": "Verworfen"
  },
  "moves": {
    "__proto__": null,
    "fridge": "In den Kühlschrank",
    "freezer": "Einfrieren",
    "thawed": "Auftauen",
    "used": "Verbraucht",
    "part": "Teil verbraucht",
    "donated": "Spenden",
    "discarded": "Verwerfen"
  },
  "moved": {
    "__proto__": null,
    "room": "bei Raumtemperatur",
    "fridge": "im Kühlschrank",
    "freezer": "im Gefrierfach",
    "thawed": "aufgetaut",
    "used": "verbraucht",
    "donated": "gespendet",
    "discarded": "verworfen"
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
    "pause": "es ist schon Pause, oder die Pumpe wird selbst gehört",
    "go_on": "sie läuft schon, oder die Pumpe wird selbst gehört",
    "milk": "zu dieser Milch steht nichts da, was sich zurücknehmen ließe",
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
    "start": "ein nachgetragener Beginn liegt nicht länger zurück, als eine Sitzung dauern kann, und nicht in der Zukunft",
    "milk": "so viel ist nicht mehr da, oder die Zeit liegt davor, als sie dorthin kam, oder in der Zukunft",
    "edit": "zu dieser Zeit gibt es schon einen Eintrag, oder sie liegt in der Zukunft",
    "add": "zu dieser Zeit gibt es schon eine Sitzung, oder sie liegt in der Zukunft",
    "nursing": "das liegt in der Zukunft",
    "clock": "es gibt schon einen späteren Eintrag von damals, als die Uhr des Geräts gestellt war"
  },
  "overlaps": "zu dieser Zeit gibt es schon eine Sitzung",
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
      "Dem Broker einen WebSocket mit TLS geben oder die Seite über http:// öffnen."
    ],
    "address": [
      "Das ist keine Adresse eines Brokers.",
      "Sie sieht aus wie ws://raspberrypi.local:9001 oder wss://…"
    ],
    "refused": [
      "Der Broker hat Namen oder Passwort abgelehnt.",
      "Beides noch einmal ansehen; der Broker selbst antwortet."
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
