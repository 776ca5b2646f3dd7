// Every word that stands for one of the contract's names, in one place: the screens use the same ones. No table
// inherits anything, so that a name which is none of the contract's finds nothing.

export const PURPOSES = { __proto__: null, protect: "Protect", promote: "Promote", treat: "Treat" };

export const REASONS = {
  __proto__: null,
  protect: { __proto__: null, in_place_of_nursing: "In place of nursing", complete_nursing: "Finish a nursing" },
  promote: { __proto__: null, raise_low_supply: "Raise a low supply", collect_extra_milk: "Collect extra milk" },
  treat: { __proto__: null, plugged_duct: "Plugged duct", mastitis: "Mastitis", nipple_pain: "Nipple pain" },
};

export const REASON_QUESTIONS = {
  __proto__: null,
  protect: "In place of nursing, or to finish one?",
  promote: "Raise a low supply, or collect extra milk?",
  treat: "Plugged duct, mastitis or nipple pain?",
};

export const INTENTIONS = {
  __proto__: null,
  feed: "Feed",
  fridge: "Fridge",
  freezer: "Freezer",
  donate: "Donate",
  discard: "Discard",
};

export const OUTLOOKS = {
  __proto__: null,
  steady: "About the same in the next days",
  falling: "A little less in 3 to 5 days",
  low: "About as in the last days, below the baseline",
  rising: "A little more in 3 to 5 days",
  high: "About as in the last days, above the baseline (toward oversupply)",
  recovering: "Coming back to the baseline",
  settling: "Settling to the baseline",
  unknown: "Not known. It takes 5 days of record without a gap.",
};

export const NOTES = {
  __proto__: null,
  alsoPromotes: "This one will also promote.",
  oversupply: "Toward oversupply.",
  treat:
    "Keep your usual rhythm, as much as is comfortable. Fever, feeling ill, or not better in a day: " +
    "call your clinician.",
};

const SOURCES = {
  __proto__: null,
  gpio: "the motor wire",
  serial: "the pump link",
  button: "the device’s buttons",
  dashboard: "a dashboard",
  added: "added by hand",
  import: "imported",
};

const ALL_REASONS = Object.assign(Object.create(null), ...Object.values(REASONS));

// A name that this page does not know yet is shown as it came: the contract may grow.
export const purposeWord = (name) => PURPOSES[name] ?? name;
export const reasonWord = (name) => ALL_REASONS[name] ?? name;
export const intentionWord = (name) => INTENTIONS[name] ?? name;
export const sourcesWords = (names) => (names ?? []).map((name) => SOURCES[name] ?? name).join(", ");
export const lower = (word) => word.charAt(0).toLowerCase() + word.slice(1);

// Facts side by side; no line begins with the dot between them.
export const dotted = (facts) => facts.filter(Boolean).join("\u00a0· ");

// What stands after a count of them.
export const stimulations = (count) => (count === 1 ? "stimulation" : "stimulations");

const FOR = {
    __proto__: null,
    feed: "for a feed",
    fridge: "for the fridge",
    freezer: "for the freezer",
    donate: "to donate",
    discard: "to discard",
  };
export const forWords = (intention) => FOR[intention] ?? intention;

// The note that the contract lets a screen show for a chosen purpose, or null.
export function noteFor(purpose, today) {
  if (purpose === "treat") return NOTES.treat;
  if (purpose === "promote" && today?.outlook?.label === "high") return NOTES.oversupply;
  if (purpose === "protect" && today?.baseline && today.last_24h?.stimulations >= today.baseline) return NOTES.alsoPromotes;
  return null;
}

const REFUSALS = {
  __proto__: null,
  unknown_record: "the device no longer has this record",
  moved_on: "it was changed elsewhere meanwhile; what is shown now is the newest",
  not_here: "this device takes no such request from a dashboard",
  busy: "the device has more to do than it can just now; try again in a moment",
};

const NOT_SET = "the device’s clock is not set yet, so it can’t place that time; it needs the network for a moment";

// Done, but not durable: the one refusal after which nobody should try again.
export const NOT_SAVED =
  "Not saved yet: the device’s storage takes nothing just now. What it keeps in memory is written as soon as that " +
  "allows; once is enough.";

const INSTANTS = new Set(["at", "started_at", "ended_at"]);
const NOT_NOW = {
  __proto__: null,
  start: "a session is running already",
  stop: "no session is running",
  edit: "the session is still running",
  delete: "the session is still running",
};

const OUT_OF_RANGE = {
  __proto__: null,
  volume: "an amount is between 0 and 2000 ml",
  note: "a note has at most 500 characters",
  baseline: "a baseline is between 1 and 24",
  edit: "another record is at that time, or it lies in the future",
  add: "another session is at that time, or it lies in the future",
  nursing: "it lies in the future",
};

// Our words for a refused command; the device's own error stands beside them.
export function refusalWords(command, reply) {
  const { code, field } = reply;
  if (code === "not_now" && INSTANTS.has(field)) return NOT_SET;
  if (code === "not_now" && NOT_NOW[command.command]) return NOT_NOW[command.command];
  if (code === "out_of_range") {
    const { started_at: start, ended_at: end } = { ...reply.shown, ...command };
    if (start && end && Date.parse(end) <= Date.parse(start)) return "the end lies before the start";
    return OUT_OF_RANGE[command.command] ?? "a value is out of range";
  }
  if (code === "not_now") return "it is not the time for that";
  return REFUSALS[code] ?? "the device did not understand it; its version may differ from this page’s";
}

export const FAILURES = {
  __proto__: null,
  unreachable: [
    "No answer from that address.",
    "Check name and port, and that the broker listens for WebSockets there.",
  ],
  mixed: [
    "This page came over HTTPS, so the browser opens only wss:// addresses.",
    "Give the broker a WebSocket listener with TLS, or open the page over http://.",
  ],
  address: ["That is no address of a broker.", "It looks like ws://raspberrypi.local:9001 or wss://…"],
  refused: ["The broker refused the name or the password.", "Check both; the broker answers otherwise."],
  not_mqtt: [
    "Something answers there, but it doesn’t speak MQTT.",
    "Check the port: it is often 9001 or 8083.",
  ],
  denied: ["The broker doesn’t let this user read the device’s topics.", "Its access list needs them."],
};
