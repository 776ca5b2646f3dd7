// Made by `python -m device.words dashboards/web/js` from device/words/fr.py, the place for changes.

export default {
  "__proto__": null,
  "purposes": {
    "__proto__": null,
    "protect": "Protéger",
    "promote": "Stimuler",
    "treat": "Soigner"
  },
  "questions": {
    "__proto__": null,
    "protect": "Au lieu d'une tétée, ou pour la compléter ?",
    "promote": "Relancer la lactation, ou faire une réserve ?",
    "treat": "Canal bouché, mastite ou mamelon douloureux ?"
  },
  "reasons": {
    "__proto__": null,
    "protect": {
      "__proto__": null,
      "in_place_of_nursing": "Au lieu d'une tétée",
      "complete_nursing": "Compléter une tétée"
    },
    "promote": {
      "__proto__": null,
      "raise_low_supply": "Relancer la lactation",
      "collect_extra_milk": "Faire une réserve"
    },
    "treat": {
      "__proto__": null,
      "plugged_duct": "Canal bouché",
      "mastitis": "Mastite",
      "nipple_pain": "Mal au mamelon"
    }
  },
  "intentions": {
    "__proto__": null,
    "feed": "Pour bébé",
    "fridge": "Réfrigérateur",
    "freezer": "Congélateur",
    "donate": "Don",
    "discard": "À jeter"
  },
  "uses": {
    "__proto__": null,
    "feed": "pour bébé",
    "fridge": "pour le réfrigérateur",
    "freezer": "pour le congélateur",
    "donate": "pour un don",
    "discard": "à jeter"
  },
  "outlooks": {
    "__proto__": null,
    "steady": "À peu près pareil dans les prochains jours",
    "falling": "Un peu moins dans 3 à 5 jours",
    "low": "À peu près comme ces derniers jours, sous le repère",
    "rising": "Un peu plus dans 3 à 5 jours",
    "high": "À peu près comme ces derniers jours, au-dessus du repère (vers un excès de lait)",
    "recovering": "Revient vers le repère",
    "settling": "Redescend vers le repère",
    "unknown": "Inconnue. Il faut 5 jours notés sans interruption."
  },
  "hints": {
    "__proto__": null,
    "also_promotes": "Celle-ci stimule aussi.",
    "toward_oversupply": "Vers un excès de lait."
  },
  "times": {
    "__proto__": null,
    "weekdays": [
      "lun.",
      "mar.",
      "mer.",
      "jeu.",
      "ven.",
      "sam.",
      "dim."
    ],
    "months": [
      "janv.",
      "févr.",
      "mars",
      "avr.",
      "mai",
      "juin",
      "juil.",
      "août",
      "sept.",
      "oct.",
      "nov.",
      "déc."
    ],
    "date": "{day} {month}",
    "time": "{hour:02}:{minute:02}",
    "day_and_time": "{day} {time}",
    "seconds": "{seconds} s",
    "minutes": "{minutes} min",
    "hours": "{hours} h",
    "hours_and_minutes": "{hours} h {minutes:02}",
    "days": "{days} jours",
    "days_past": "{days} jours"
  },
  "report": {
    "__proto__": null,
    "sheet": {
      "__proto__": null,
      "title": "Suivi des tirages",
      "in_short": "En bref",
      "each_day": "Jour par jour",
      "day": "Jour",
      "hours_24": "24 heures",
      "stimulations": "Stimulations",
      "sessions": "Séances",
      "nursings": "Tétées",
      "and_ineffective": "+ pas efficaces",
      "pumping": "Tirage",
      "amount": "Quantité",
      "stimulation_is": "Une stimulation est une tétée efficace, ou une suite : une séance, ou plusieurs qui se suivent de près.",
      "by_purpose": "Selon le pourquoi",
      "purpose": "Pourquoi",
      "reasons": "Raisons, nombre de séances",
      "median_amount": "Quantité médiane, sur combien",
      "median_pumping": "Durée médiane du tirage",
      "chart_note": "En pointillé : le jour n’est pas fini, ou une quantité manque. – : rien de noté, ou pas de quantité.",
      "treated": "Ce qui a été soigné, et quand",
      "what": "Soigné",
      "when": "Quand",
      "outlook": "Tendance",
      "outlook_counts": "Stimulations dans chacune des cinq dernières périodes de 24 h, la plus ancienne d’abord",
      "before": "il y a 5 à 3 jours : la lactation d’aujourd’hui",
      "lately": "3 derniers jours : les prochains jours",
      "missing": "Ce qui manque",
      "notes": "Notes"
    },
    "span": {
      "__proto__": null,
      "one": "{last} {year}",
      "other": "du {first} au {last} {year}, {count} jours"
    },
    "made": "Fait le {when} ; les heures sont celles de {zone}.",
    "baseline": "repère {count}",
    "day": "{weekday} {date}",
    "until": "jusqu’à {time}",
    "not_24_h": "{hours} h",
    "no_record": "rien de noté",
    "questions": [
      "Combien de fois",
      "Pourquoi",
      "Quelle quantité",
      "Hausse ou baisse",
      "Soigné"
    ],
    "often": "de {low} à {high} stimulations par jour, médiane {median} ; le repère est {baseline}",
    "often_alike": "Stimulations par jour : {median} ; le repère est {baseline}",
    "much": "de {low} à {high} par jour, médiane {median}",
    "much_alike": "{median} par jour",
    "no_whole_day": "encore aucun jour entier noté",
    "no_session": "aucune séance comptée",
    "no_amount": "aucune quantité notée",
    "not_treated": "rien pendant ces jours",
    "counted": "{word} {count}",
    "no_purpose": "pourquoi non noté",
    "no_reason": "raison non notée",
    "nursed": "tétée",
    "ineffective": "tétée, pas efficace",
    "without_amount": {
      "__proto__": null,
      "one": "{count} sans",
      "other": "{count} sans"
    },
    "at": "{time} {what}",
    "pumped": "{purpose}, {pumping}, {amount}",
    "of_amounts": "{median}, sur {count}",
    "all_nursings": "Tétées efficaces : {effective} ; pas efficaces : {ineffective}.",
    "stimulations_a_day": "Stimulations par jour ; la ligne est le repère de {baseline}",
    "amount_a_day": "Quantité par jour, {unit}",
    "from_to": "du {first} au {last}",
    "outlook_rests": "La lactation d’aujourd’hui répond à des jours d’environ {now} stimulations, celle des prochains jours à environ {coming}. Une estimation d’après ce qui est noté.",
    "tenths": "{whole},{tenth}",
    "missing": {
      "__proto__": null,
      "purpose": {
        "__proto__": null,
        "one": "{count} séance sans pourquoi",
        "other": "{count} séances sans pourquoi"
      },
      "amount": {
        "__proto__": null,
        "one": "{count} suite de séances sans quantité",
        "other": "{count} suites de séances sans quantité"
      },
      "day": {
        "__proto__": null,
        "one": "{count} jour sans rien de noté",
        "other": "{count} jours sans rien de noté"
      },
      "clock": {
        "__proto__": null,
        "one": "{count} donnée d’avant la mise à l’heure de l’horloge : son heure n’est pas sûre",
        "other": "{count} données d’avant la mise à l’heure de l’horloge : leurs heures ne sont pas sûres"
      },
      "end": {
        "__proto__": null,
        "one": "{count} séance coupée : sa fin n’est pas sûre",
        "other": "{count} séances coupées : leur fin n’est pas sûre"
      },
      "short": {
        "__proto__": null,
        "one": "{count} séance trop courte pour être comptée : dans aucun chiffre ici",
        "other": "{count} séances trop courtes pour être comptées : dans aucun chiffre ici"
      }
    },
    "days_missing": "{said} : {days}",
    "running": "Une séance est en cours : dans aucun chiffre ici",
    "nothing_missing": "Rien : chaque séance a un pourquoi, chaque suite une quantité, chaque jour quelque chose de noté.",
    "source": "D’après ce qui est noté sur « {device} », tel que le parent l’a donné. Aucun dispositif médical ne l’a établi, et il ne juge rien."
  },
  "treat": "Gardez votre rythme habituel, si cela reste confortable. Fièvre, malaise, ou pas de mieux en un jour : demandez un avis médical.",
  "sources": {
    "__proto__": null,
    "gpio": "le fil du moteur",
    "serial": "la liaison avec le tire-lait",
    "button": "les touches de l’appareil",
    "dashboard": "un tableau de bord",
    "added": "ajoutée à la main",
    "import": "importée"
  },
  "sides": {
    "__proto__": null,
    "left": "Gauche",
    "right": "Droit",
    "both": "Les deux"
  },
  "stimulation": {
    "__proto__": null,
    "one": "stimulation",
    "other": "stimulations"
  },
  "places": {
    "__proto__": null,
    "room": "Température ambiante",
    "fridge": "Réfrigérateur",
    "freezer": "Congélateur",
    "thawed": "Décongelé",
    "used": "Utilisé",
    "donated": "Donné",
    "discarded": "Jeté"
  },
  "moves": {
    "__proto__": null,
    "fridge": "Au réfrigérateur",
    "freezer": "Congeler",
    "thawed": "Décongeler",
    "used": "Utilisé",
    "part": "Utilisé en partie",
    "donated": "Donner",
    "discarded": "Jeter"
  },
  "moved": {
    "__proto__": null,
    "room": "à température ambiante",
    "fridge": "au réfrigérateur",
    "freezer": "au congélateur",
    "thawed": "décongelé",
    "used": "utilisé",
    "donated": "donné",
    "discarded": "jeté"
  },
  "refusals": {
    "__proto__": null,
    "unknown_record": "l’appareil n’a plus cet enregistrement",
    "moved_on": "il a été changé ailleurs entre-temps ; ce qui est affiché maintenant est le plus récent",
    "not_here": "cet appareil n’accepte pas cette demande d’un tableau de bord",
    "busy": "l’appareil a trop à faire en ce moment ; réessayez dans un instant"
  },
  "refused": "l’appareil n’a pas compris ; sa version n’est peut-être pas celle de cette page",
  "not_set": "l’horloge de l’appareil n’est pas encore à l’heure, il ne peut pas situer ce moment ; il lui faut le réseau un instant",
  "not_now": {
    "__proto__": null,
    "start": "une séance est déjà en cours",
    "stop": "aucune séance n’est en cours",
    "pause": "elle est déjà en pause, ou le tire-lait est entendu lui-même",
    "go_on": "elle est déjà en route, ou le tire-lait est entendu lui-même",
    "milk": "rien n’a été noté sur ce lait qui puisse être annulé",
    "edit": "la séance est encore en cours",
    "delete": "la séance est encore en cours",
    "clock": "l’horloge de l’appareil est maintenant à l’heure"
  },
  "not_the_time": "ce n’est pas le moment pour cela",
  "out_of_range": {
    "__proto__": null,
    "volume": "une quantité va de 0 à 2000 ml",
    "note": "une note a 500 caractères au plus",
    "baseline": "un repère va de 1 à 24",
    "start": "un début noté après coup ne remonte pas plus loin que ce qu’une séance peut durer, et n’est pas dans le futur",
    "milk": "il en reste moins que cela, ou l’heure est avant son arrivée à cet endroit, ou dans le futur",
    "edit": "il y a déjà quelque chose à cette heure, ou elle est dans le futur",
    "add": "il y a déjà une séance à cette heure, ou elle est dans le futur",
    "nursing": "c’est dans le futur",
    "clock": "il y a déjà une heure plus tardive, notée quand l’horloge de l’appareil était à l’heure"
  },
  "overlaps": "il y a déjà une séance à cette heure",
  "ends_before_start": "la fin est avant le début",
  "no_such_value": "une valeur est hors limites",
  "not_saved": "Pas encore enregistré : le disque de l’appareil n’accepte rien en ce moment. Ce qu’il garde en mémoire sera écrit dès que possible ; une fois suffit.",
  "failures": {
    "__proto__": null,
    "unreachable": [
      "Pas de réponse à cette adresse.",
      "Vérifiez le nom et le port, et que le broker y écoute les WebSockets."
    ],
    "mixed": [
      "Cette page est venue par HTTPS, le navigateur n’ouvre donc que des adresses wss://.",
      "Donnez au broker un WebSocket avec TLS, ou ouvrez la page par http://."
    ],
    "address": [
      "Ce n’est pas l’adresse d’un broker.",
      "Elle ressemble à ws://raspberrypi.local:9001 ou wss://…"
    ],
    "refused": [
      "Le broker a refusé le nom ou le mot de passe.",
      "Vérifiez les deux ; à part cela, il répond."
    ],
    "not_mqtt": [
      "Quelque chose répond là, mais ne parle pas MQTT.",
      "Vérifiez le port : c’est souvent 9001 ou 8083."
    ],
    "denied": [
      "Le broker ne laisse pas cet utilisateur lire les topics de l’appareil.",
      "Il faut l’ajouter à sa liste d’accès."
    ]
  }
};
