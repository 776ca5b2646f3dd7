// What the device's payloads hold, field by field. A broker may bring anything under the device's topics: what is of
// another type is left out here (null, or no element of a list), so that the rest of the page need not ask.

const MOST_REVISIONS = 1e15; // as far as the device takes a number in
const FASTEST = 86_400; // a day in a second
const MOST = 1e9; // no count, duration or amount of a household comes near
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

const only = (fits) => (value) => (fits(value) ? value : null);
const text = only((value) => typeof value === "string");
const flag = only((value) => typeof value === "boolean");
const number = only((value) => Number.isFinite(value) && Math.abs(value) <= MOST);
const count = only((value) => Number.isInteger(value) && value >= 0 && value <= MOST);
const ordinal = only((value) => Number.isInteger(value) && value > 0 && value <= MOST_REVISIONS);
const instant = only((value) => typeof value === "string" && INSTANT.test(value) && !Number.isNaN(Date.parse(value)));
const day = only((value) => typeof value === "string" && DAY.test(value) && !Number.isNaN(Date.parse(value)));
const units = only((value) => value === "ml" || value === "oz");

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// The fields of `shape`, each read its own way; null where it is no object, or lacks what it cannot be without.
const object =
  (shape, needs = []) =>
  (value) => {
    if (!isObject(value)) return null;
    const read = { __proto__: null };
    for (const [name, field] of Object.entries(shape)) {
      read[name] = Object.hasOwn(value, name) ? field(value[name]) : null;
    }
    return needs.every((name) => read[name] !== null) ? read : null;
  };
// The same, but a field of another type leaves the whole record out: half shown, it would say what nobody said.
const record = (shape, needs) => (value) => {
  const read = object(shape, needs)(value);
  const whole = (name) => !Object.hasOwn(value, name) || value[name] === null || read[name] !== null;
  return read && Object.keys(shape).every((name) => ASIDE.has(name) || whole(name)) ? read : null;
};
const ASIDE = new Set(["suggestion", "sources"]);
const list = (field) => (value) =>
  Array.isArray(value) ? value.map(field).filter((element) => element !== null) : null;
// A part of the device's health: a word, or {state, …}.
const part = (value) => text(isObject(value) ? value.state : value);
const stored = object({ state: text, set_aside: count, repaired_at: instant, in_memory: count, dropped: count });

const suggestion = object({ purpose: text, reason: text, because: text }, ["purpose", "because"]);

const milk = object({ place: text, ml: count, since: instant }, ["place"]);

// `number` is null until the record is saved.
const RECORD = { id: text, number: ordinal, revision: ordinal, revised_at: instant, clock: text, deleted: flag };
const NEEDS = ["id", "revision"];

export const session = record(
  {
    ...RECORD,
    state: text,
    started_at: instant,
    ended_at: instant,
    duration_s: count,
    pumping_s: count,
    pauses: count,
    cycles_per_minute: count,
    counted: flag,
    interrupted: flag,
    sources: list(text),
    disagreement_s: count,
    stuck_sensor: flag,
    sitting: text,
    purpose: text,
    reason: text,
    classified_at: instant,
    suggestion,
    intention: text,
    use_by: instant,
    expectation_ml: count,
    volume_ml: count,
    left_ml: count,
    right_ml: count,
    milk,
    note: text,
  },
  [...NEEDS, "started_at"],
);

export const nursing = record({ ...RECORD, at: instant, effective: flag, side: text }, [...NEEDS, "at", "effective"]);

const state = object(
{
  at: instant,
  phase: only((value) => ["idle", "pumping", "paused"].includes(value)),
  question: only((value) => ["purpose", "reason", "intention", "volume"].includes(value)),
  session,
  suggestion,
  expectation_ml: count,
  speed: only((value) => Number.isFinite(value) && value > 0 && value <= FASTEST),
}, ["phase"]);

const figures = {
  stimulations: count,
  pumpings: object({ protect: count, promote: count, treat: count, unclassified: count }),
  nursings: object({ effective: count, ineffective: count }),
  pumping_s: count,
  volume_ml: count,
  without_amount: count,
};

const today = object({
  at: instant,
  timezone: text,
  units,
  baseline: count,
  since: only((value) => value === "start" || value === "end"),
  last_stimulation_at: instant,
  last_stimulation_ended_at: instant,
  last_24h: object(figures),
  milk: object({ room_ml: count, fridge_ml: count, freezer_ml: count, thawed_ml: count }),
  days: list(object({ day, ...figures }, ["day"])),
  outlook: object({ label: text, now: number, coming: number, stimulations: list(count) }, ["label"]),
});

const diagnostics = object({
  at: instant,
  version: text,
  clock: part,
  clock_by: text,
  outbox: (value) => count(isObject(value) ? (value.state ?? value.count) : value),
  serial: part,
  display: part,
  store: (value) => stored(isObject(value) ? value : { state: value }),
});

const reply = object({
  at: instant,
  request: text,
  ok: flag,
  error: text,
  code: text,
  field: text,
  overlaps: text,
  session,
  nursing,
  sessions: list(session),
  nursings: list(nursing),
  next: text,
});

const TOPICS = new Map([
  ["state", state],
  ["session", session],
  ["session/last", session],
  ["nursing", nursing],
  ["today", today],
  ["diagnostics", diagnostics],
]);

// What a topic's JSON says, or null where it says nothing that this page can use. Every field of its shape is there.
export const payload = (topic, value) => (topic.startsWith("reply") ? reply : TOPICS.get(topic))?.(value) ?? null;

// The records of a page of history with every field as it came, also those that this page does not know.
export const wholeRecords = ({ sessions, nursings }) => [
  ...(Array.isArray(sessions) ? sessions.filter(session) : []),
  ...(Array.isArray(nursings) ? nursings.filter(nursing) : []),
];

// What was kept in this browser, read as if it had just been heard.
export const known = object({
  state,
  today,
  diagnostics,
  sessions: list(session),
  nursings: list(nursing),
  portions: list(session),
});
