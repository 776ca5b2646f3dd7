// Made by `python -m device.words dashboards/web/js` from device/words/es.py, the place for changes.

export default {
  "__proto__": null,
  "purposes": {
    "__proto__": null,
    "protect": "Proteger",
    "promote": "Subir",
    "treat": "Tratar"
  },
  "questions": {
    "__proto__": null,
    "protect": "¿En vez de una toma, o para completarla?",
    "promote": "¿Elevar la producción, o hacer reserva?",
    "treat": "¿Obstrucción, mastitis o dolor de pezón?"
  },
  "reasons": {
    "__proto__": null,
    "protect": {
      "__proto__": null,
      "in_place_of_nursing": "En vez de una toma",
      "complete_nursing": "Completar una toma"
    },
    "promote": {
      "__proto__": null,
      "raise_low_supply": "Elevar la producción",
      "collect_extra_milk": "Hacer reserva"
    },
    "treat": {
      "__proto__": null,
      "plugged_duct": "Obstrucción",
      "mastitis": "Mastitis",
      "nipple_pain": "Dolor de pezón"
    }
  },
  "intentions": {
    "__proto__": null,
    "feed": "Para una toma",
    "fridge": "Nevera",
    "freezer": "Congelador",
    "donate": "Donar",
    "discard": "Desechar"
  },
  "uses": {
    "__proto__": null,
    "feed": "para una toma",
    "fridge": "para la nevera",
    "freezer": "para el congelador",
    "donate": "para donar",
    "discard": "para desechar"
  },
  "outlooks": {
    "__proto__": null,
    "steady": "Más o menos igual en los próximos días",
    "falling": "Un poco menos en 3 a 5 días",
    "low": "Como en los últimos días, por debajo de la base",
    "rising": "Un poco más en 3 a 5 días",
    "high": "Como en los últimos días, por encima de la base (hacia un exceso de leche)",
    "recovering": "Volviendo a la base",
    "settling": "Bajando hacia la base",
    "unknown": "No se sabe. Hacen falta 5 días anotados sin huecos."
  },
  "hints": {
    "__proto__": null,
    "also_promotes": "Esta también la sube.",
    "toward_oversupply": "Hacia un exceso de leche."
  },
  "times": {
    "__proto__": null,
    "weekdays": [
      "lun",
      "mar",
      "mié",
      "jue",
      "vie",
      "sáb",
      "dom"
    ],
    "months": [
      "ene",
      "feb",
      "mar",
      "abr",
      "may",
      "jun",
      "jul",
      "ago",
      "sept",
      "oct",
      "nov",
      "dic"
    ],
    "date": "{day} {month}",
    "time": "{hour}:{minute:02}",
    "day_and_time": "{day} {time}",
    "seconds": "{seconds} s",
    "minutes": "{minutes} min",
    "hours": "{hours} h",
    "hours_and_minutes": "{hours} h {minutes:02}",
    "days": "{days} días",
    "days_past": "{days} días"
  },
  "report": {
    "__proto__": null,
    "sheet": {
      "__proto__": null,
      "title": "Informe de extracciones",
      "in_short": "En resumen",
      "each_day": "Día a día",
      "day": "Día",
      "hours_24": "24 horas",
      "stimulations": "Estimulaciones",
      "sessions": "Sesiones",
      "nursings": "Pecho",
      "and_ineffective": "+ no eficaz",
      "pumping": "Tiempo",
      "amount": "Cantidad",
      "stimulation_is": "Una estimulación es una toma eficaz al pecho, o una serie: una sesión, o varias que se siguen de cerca.",
      "by_purpose": "Según el porqué",
      "purpose": "Por qué",
      "reasons": "Razones, número de sesiones",
      "median_amount": "Cantidad mediana, de cuántas",
      "median_pumping": "Tiempo mediano de extracción",
      "chart_note": "A rayas: el día no ha terminado, o falta una cantidad. –: nada anotado, o sin cantidad.",
      "treated": "Qué se trató, y cuándo",
      "what": "Tratado",
      "when": "Cuándo",
      "outlook": "Tendencia",
      "outlook_counts": "Estimulaciones en cada uno de los últimos cinco periodos de 24 h, el más antiguo primero",
      "before": "hace de 5 a 3 días: la producción de hoy",
      "lately": "últimos 3 días: los próximos días",
      "missing": "Lo que falta",
      "notes": "Notas"
    },
    "span": {
      "__proto__": null,
      "one": "{last} {year}",
      "other": "del {first} al {last} {year}, {count} días"
    },
    "made": "Hecho el {when}; las horas son las de {zone}.",
    "baseline": "base {count}",
    "day": "{weekday}, {date}",
    "until": "hasta {time}",
    "not_24_h": "{hours} h",
    "no_record": "nada anotado",
    "questions": [
      "Cuántas veces",
      "Por qué",
      "Cuánto",
      "Sube o baja",
      "Tratado"
    ],
    "often": "de {low} a {high} estimulaciones al día, mediana {median}; la base es {baseline}",
    "often_alike": "Estimulaciones al día: {median}; la base es {baseline}",
    "much": "de {low} a {high} al día, mediana {median}",
    "much_alike": "{median} al día",
    "no_whole_day": "aún no hay un día entero anotado",
    "no_session": "ninguna sesión contada",
    "no_amount": "ninguna cantidad anotada",
    "not_treated": "nada en estos días",
    "counted": "{word} {count}",
    "no_purpose": "por qué sin anotar",
    "no_reason": "razón sin anotar",
    "nursed": "pecho",
    "ineffective": "pecho, no eficaz",
    "without_amount": {
      "__proto__": null,
      "one": "{count} sin",
      "other": "{count} sin"
    },
    "at": "{time} {what}",
    "pumped": "{purpose}, {pumping}, {amount}",
    "of_amounts": "{median}, de {count}",
    "all_nursings": "Tomas al pecho eficaces: {effective}; no eficaces: {ineffective}.",
    "stimulations_a_day": "Estimulaciones al día; la línea es la base de {baseline}",
    "amount_a_day": "Cantidad al día, {unit}",
    "from_to": "del {first} al {last}",
    "outlook_rests": "La producción de hoy responde a días de unas {now} estimulaciones; la de los próximos días, a unas {coming}. Una estimación según lo anotado.",
    "tenths": "{whole},{tenth}",
    "missing": {
      "__proto__": null,
      "purpose": {
        "__proto__": null,
        "one": "{count} sesión sin porqué",
        "other": "{count} sesiones sin porqué"
      },
      "amount": {
        "__proto__": null,
        "one": "{count} serie de sesiones sin cantidad",
        "other": "{count} series de sesiones sin cantidad"
      },
      "day": {
        "__proto__": null,
        "one": "{count} día sin nada anotado",
        "other": "{count} días sin nada anotado"
      },
      "clock": {
        "__proto__": null,
        "one": "{count} registro de cuando el reloj estaba sin hora: su hora no es segura",
        "other": "{count} registros de cuando el reloj estaba sin hora: sus horas no son seguras"
      },
      "end": {
        "__proto__": null,
        "one": "{count} sesión cortada: su final no es seguro",
        "other": "{count} sesiones cortadas: su final no es seguro"
      },
      "short": {
        "__proto__": null,
        "one": "{count} sesión demasiado corta para contarla: en ninguna cifra de aquí",
        "other": "{count} sesiones demasiado cortas para contarlas: en ninguna cifra de aquí"
      }
    },
    "days_missing": "{said}: {days}",
    "running": "Hay una sesión en curso: en ninguna cifra de aquí",
    "nothing_missing": "Nada: cada sesión tiene un porqué, cada serie una cantidad, cada día algo anotado.",
    "source": "De los registros de «{device}», tal como se anotaron. Ningún producto sanitario lo ha hecho, y no juzga nada."
  },
  "treat": "El ritmo de siempre, mientras resulte cómodo. Con fiebre, malestar, o si no mejora en un día: consultar con un profesional sanitario.",
  "sources": {
    "__proto__": null,
    "gpio": "el cable del motor",
    "serial": "el enlace con el sacaleches",
    "button": "los botones del aparato",
    "dashboard": "un panel",
    "added": "añadida a mano",
    "import": "importada"
  },
  "sides": {
    "__proto__": null,
    "left": "Izquierdo",
    "right": "Derecho",
    "both": "Los dos"
  },
  "stimulation": {
    "__proto__": null,
    "one": "estimulación",
    "other": "estimulaciones"
  },
  "places": {
    "__proto__": null,
    "room": "Temperatura ambiente",
    "fridge": "Nevera",
    "freezer": "Congelador",
    "thawed": "Descongelada",
    "used": "Usada",
    "donated": "Donada",
    "discarded": "Desechada"
  },
  "moves": {
    "__proto__": null,
    "fridge": "A la nevera",
    "freezer": "Congelar",
    "thawed": "Descongelar",
    "used": "Usada",
    "part": "Usada en parte",
    "donated": "Donar",
    "discarded": "Desechar"
  },
  "moved": {
    "__proto__": null,
    "room": "a temperatura ambiente",
    "fridge": "en la nevera",
    "freezer": "en el congelador",
    "thawed": "descongelada",
    "used": "usada",
    "donated": "donada",
    "discarded": "desechada"
  },
  "refusals": {
    "__proto__": null,
    "unknown_record": "el aparato ya no tiene este registro",
    "moved_on": "se ha cambiado en otro sitio mientras tanto; lo que se ve ahora es lo más reciente",
    "not_here": "este aparato no admite esa petición desde un panel",
    "busy": "el aparato tiene ahora más trabajo del que puede; inténtalo de nuevo en un momento"
  },
  "refused": "el aparato no lo ha entendido; quizá su versión no sea la de esta página",
  "not_set": "el reloj del aparato aún no está en hora y no puede situar ese momento; necesita la red un instante",
  "not_now": {
    "__proto__": null,
    "start": "ya hay una sesión en curso",
    "stop": "no hay ninguna sesión en curso",
    "pause": "ya está en pausa, o se oye al propio sacaleches",
    "go_on": "ya está en marcha, o se oye al propio sacaleches",
    "milk": "de esta leche no hay nada anotado que se pueda anular",
    "edit": "la sesión sigue en curso",
    "delete": "la sesión sigue en curso",
    "clock": "el reloj del aparato ya está en hora"
  },
  "not_the_time": "no es el momento para eso",
  "out_of_range": {
    "__proto__": null,
    "volume": "una cantidad va de 0 a 2000 ml",
    "note": "una nota tiene como mucho 500 caracteres",
    "baseline": "una base va de 1 a 24",
    "start": "un inicio anotado más tarde no queda más atrás de lo que puede durar una sesión, ni en el futuro",
    "milk": "queda menos que eso, o la hora es anterior a su llegada a ese sitio, o está en el futuro",
    "edit": "ya hay algo a esa hora, o está en el futuro",
    "add": "ya hay una sesión a esa hora, o está en el futuro",
    "nursing": "está en el futuro",
    "clock": "ya hay una hora posterior, de cuando el reloj del aparato estaba en hora"
  },
  "overlaps": "ya hay una sesión a esa hora",
  "ends_before_start": "el final está antes del inicio",
  "no_such_value": "un valor está fuera de lo posible",
  "not_saved": "Aún sin guardar: el disco del aparato no admite nada ahora. Lo que tiene en la memoria se escribirá en cuanto se pueda; con una vez basta.",
  "failures": {
    "__proto__": null,
    "unreachable": [
      "Nadie responde en esa dirección.",
      "Comprueba el nombre y el puerto, y que el broker escuche ahí WebSockets."
    ],
    "mixed": [
      "Esta página vino por HTTPS, así que el navegador solo abre direcciones wss://.",
      "Da al broker un WebSocket con TLS, o abre la página por http://."
    ],
    "address": [
      "Esa no es la dirección de un broker.",
      "Se parece a ws://raspberrypi.local:9001 o wss://…"
    ],
    "refused": [
      "El broker ha rechazado el nombre o la contraseña.",
      "Comprueba los dos; por lo demás, el broker responde."
    ],
    "not_mqtt": [
      "Algo responde ahí, pero no habla MQTT.",
      "Comprueba el puerto: suele ser 9001 u 8083."
    ],
    "denied": [
      "El broker no deja a este usuario leer los topics del aparato.",
      "Hay que añadirlos en su lista de acceso."
    ]
  }
};
