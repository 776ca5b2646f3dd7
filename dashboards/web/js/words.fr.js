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
    "edit": "il y a déjà quelque chose à cette heure, ou elle est dans le futur",
    "add": "il y a déjà une séance à cette heure, ou elle est dans le futur",
    "nursing": "c’est dans le futur",
    "clock": "il y a déjà une heure plus tardive, notée quand l’horloge de l’appareil était à l’heure"
  },
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
