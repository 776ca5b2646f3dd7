// Made by `python -m device.wire dashboards/web/js` from device/wire/csv_rows.py, the place for changes.

export const COLUMNS = {
  "session": [
    "id",
    "number",
    "revision",
    "cause",
    "revised_at",
    "state",
    "started_at",
    "ended_at",
    "duration_s",
    "pumping_s",
    "pauses",
    "cycles_per_minute",
    "counted",
    "interrupted",
    "clock",
    "sources",
    "disagreement_s",
    "stuck_sensor",
    "sitting",
    "purpose",
    "reason",
    "classified_by",
    "classified_at",
    "suggestion.purpose",
    "suggestion.reason",
    "suggestion.context",
    "suggestion.because",
    "suggestion.facts.stimulations",
    "suggestion.facts.baseline",
    "suggestion.facts.minutes",
    "suggestion.facts.reason",
    "intention",
    "use_by",
    "expectation_ml",
    "volume_ml",
    "left_ml",
    "right_ml",
    "milk.place",
    "milk.ml",
    "milk.since",
    "note",
    "deleted"
  ],
  "nursing": [
    "id",
    "number",
    "revision",
    "cause",
    "revised_at",
    "at",
    "effective",
    "side",
    "clock",
    "source",
    "deleted"
  ]
};

export const TIMES = [
  "at",
  "classified_at",
  "ended_at",
  "milk.since",
  "revised_at",
  "started_at",
  "use_by"
];

export const TEXTS = [
  "id",
  "note",
  "sitting",
  "suggestion.because"
];

export const FORMULA = "=+-@\t\r'";
