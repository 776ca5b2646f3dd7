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
    "promote": "¿Subir una producción baja, o hacer reserva?",
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
      "raise_low_supply": "Producción baja",
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
    "edit": "ya hay algo a esa hora, o está en el futuro",
    "add": "ya hay una sesión a esa hora, o está en el futuro",
    "nursing": "está en el futuro",
    "clock": "ya hay una hora posterior, de cuando el reloj del aparato estaba en hora"
  },
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
