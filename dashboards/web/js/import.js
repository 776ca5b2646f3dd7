// Import: what each line of a file would bring into this device's record, and the commands that bring it, one by one.

import { taken } from "./actions.js";
import { MAX_ML } from "./amount.js";
import { answered } from "./gathering.js";
import { listed } from "./language.js";
import { startOf } from "./record.js";
import { BEGINS, isGone } from "./stock.js";
import { DAY, iso } from "./time.js";
import { INTENTIONS, OVERLAPS, PLACES, REASONS, refusalWords, say, SIDES } from "./words.js";

export const LARGEST_B = 4_000_000;
export const MOST = 5000; // lines
const LONGEST_NOTE = 500;
const SNAPPED_MS = 60_000; // an overlap under a minute is taken for the neighbour's edge
const BUSY_MS = 2000; // until a device with too much to do is asked again
const LATE_MS = 10_000;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const FOR_ALL = new Set(["not_here", "not_now", "unknown_command"]); // as refused, so will all others be

class Bad extends Error {}

const missing = (name) => new Bad(say("{name} is missing", { name }));

// --- what a line says

const given = (fields, name) => fields[name] ?? null;

function instant(fields, name) {
  const text = given(fields, name);
  if (text === null) return null;
  const at = typeof text === "string" && INSTANT.test(text) ? Date.parse(text) : NaN;
  if (!(at >= 0)) throw new Bad(say("{name} is no time with its zone", { name }));
  return Math.floor(at / 1000) * 1000;
}

function oneOf(fields, name, names) {
  const word = given(fields, name);
  if (word !== null && !names.includes(word))
    throw new Bad(say("{name} is none of {names}", { name, names: listed(names) }));
  return word;
}

function amountIn(fields, name) {
  const ml = given(fields, name);
  if (ml !== null && !(Number.isFinite(ml) && ml > -0.5 && ml < MAX_ML + 0.5))
    throw new Bad(say("{name} is no amount from 0 to {most} ml", { name, most: MAX_ML }));
  return ml;
}

function noteIn(fields) {
  const note = given(fields, "note");
  if (note === null) return null;
  if ([...String(note)].length > LONGEST_NOTE)
    throw new Bad(say("the note is longer than {most} characters", { most: LONGEST_NOTE }));
  return String(note);
}

function whyIn(fields) {
  const purposes = Object.keys(REASONS);
  const reason = oneOf(fields, "reason", purposes.flatMap((name) => Object.keys(REASONS[name])));
  const purpose = oneOf(fields, "purpose", purposes);
  const of = reason === null ? purpose : purposes.find((name) => reason in REASONS[name]);
  if (purpose !== null && of !== purpose)
    throw new Bad(say("{name}: {reason} belongs to {purpose}", { name: "reason", reason, purpose: of }));
  return { purpose: of, reason };
}

// What became of its milk, as a command that follows once the session is in; null where that is as it began.
function milkIn(fields, { intention = null, ml = null }) {
  const said = fields.milk ?? Object.fromEntries(["place", "ml", "since"].map((name) => [name, fields[`milk.${name}`]]));
  const place = oneOf(said, "place", Object.keys(PLACES));
  const left = amountIn(said, "ml");
  const since = instant(said, "since");
  if (place === null || (BEGINS[intention] === place && (isGone({ place, ml: null }) || left === ml))) return null;
  return {
    command: "milk",
    place,
    ...(since !== null && { at: iso(since) }),
    ...(left !== null && ml !== null && !isGone({ place, ml: null }) && { ml: left }),
  };
}

const known = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

function session(fields) {
  const start = instant(fields, "started_at");
  if (start === null) throw missing("started_at");
  const duration = given(fields, "duration_s");
  if (duration !== null && !Number.isFinite(duration))
    throw new Bad(say("{name} is no number of seconds", { name: "duration_s" }));
  const end = instant(fields, "ended_at") ?? (duration === null ? null : start + Math.round(duration) * 1000);
  if (end === null) throw new Bad(say("{name} is missing, and {other}", { name: "ended_at", other: "duration_s" }));
  if (end <= start) throw new Bad(say("it ends before it begins"));
  if (end - start > DAY) throw new Bad(say("it is longer than a day"));
  const sides = [amountIn(fields, "left_ml"), amountIn(fields, "right_ml")].filter((ml) => ml !== null);
  const ml = amountIn(fields, "volume_ml") ?? (sides.length ? sides.reduce((sum, side) => sum + side, 0) : null);
  const intention = oneOf(fields, "intention", Object.keys(INTENTIONS));
  const rest = known({ ...whyIn(fields), intention, ml, note: noteIn(fields) });
  const command = { command: "add", started_at: iso(start), ended_at: iso(end), ...rest };
  return { start, end, command, milk: milkIn(fields, rest) };
}

function nursing(fields) {
  const start = instant(fields, "at");
  if (start === null) throw missing("at");
  const effective = given(fields, "effective");
  if (typeof effective !== "boolean") throw new Bad(say("{name} is neither true nor false", { name: "effective" }));
  const side = oneOf(fields, "side", Object.keys(SIDES));
  return { start, end: start, command: { command: "nursing", at: iso(start), effective, ...known({ side }) } };
}

const READ = { session, nursing };

// --- what it would come to

// {line, kind, state, words, start, end, command, with} for each line: "new", "there", "left" (out) or "bad"; `held` is
// the record of the device over these days, `with` the record or line that is in the way.
export function planned(lines, held, now) {
  const days = new Days(now);
  held.forEach((record) => days.put(record));
  return lines.map((one) => {
    const item = read(one);
    if (item.state !== "new") return item;
    if (item.end > now) return { ...item, state: "bad", words: say("it lies in the future") };
    const equal = days.equal(item);
    if (equal) return { ...item, state: "there", words: equal.line ? say("as line {line}", { line: equal.line }) : "" };
    const other = item.kind === "session" ? days.over(item) : null;
    if (other) return { ...item, state: "bad", words: OVERLAPS, with: other };
    days.put(item);
    return item;
  });
}

function read({ line, kind, fields, bad }) {
  if (bad) return { line, state: "bad", words: bad };
  try {
    const item = { line, kind, ...READ[kind](fields) };
    return given(fields, "deleted") === true
      ? { ...item, state: "left", words: say("deleted") }
      : { ...item, state: "new" };
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    return given(fields, "state") === "running"
      ? { line, kind, state: "left", words: say("still running then") }
      : { line, kind, state: "bad", words: error.message };
  }
}

// The days over which these lines lie, as instants for `history`; null where none can come in.
export function spanOf(lines) {
  const items = lines.map(read).filter(({ state }) => state === "new");
  if (!items.length) return null;
  const since = Math.min(...items.map(({ start }) => start)) - DAY; // a session that began before may reach into it
  return { since: iso(Math.max(0, since)), until: iso(Math.max(...items.map(({ end }) => end)) + 1000) };
}

// What lies where, a list for each day of it.
class Days {
  #on = new Map();

  constructor(now) {
    this.now = now;
  }

  put(entry) {
    const start = entry.start ?? startOf(entry);
    const end = entry.end ?? (entry.at ? start : Date.parse(entry.ended_at ?? iso(this.now)));
    const kind = entry.kind ?? (entry.at ? "nursing" : "session");
    for (let day = dayOf(start); day <= dayOf(end); day += 1)
      this.#on.set(day, [...(this.#on.get(day) ?? []), { kind, start, end, of: entry }]);
  }

  equal({ kind, start, end }) {
    const same = (one) => one.kind === kind && one.start === start && one.end === end;
    return this.#on.get(dayOf(start))?.find(same)?.of ?? null;
  }

  over({ start, end }) {
    const near = [this.#on.get(dayOf(start)) ?? [], this.#on.get(dayOf(end)) ?? []].flat();
    const over = (one) =>
      one.kind === "session" && !one.of.deleted && Math.min(one.end, end) - Math.max(one.start, start) >= SNAPPED_MS;
    return near.find(over)?.of ?? null;
  }
}

const dayOf = (at) => Math.floor(at / DAY);

// --- bringing it in

export class Taking {
  // "sending", "busy", "late", "lost", "held" (in the device's memory), "refused" (all would be), "cancelled", "done"
  status = "sending";
  words = null;
  device = null;
  #over = false;

  constructor(device, items, changed) {
    this.asked = device;
    this.items = items.filter(({ state }) => state === "new");
    this.changed = changed;
  }

  get came() {
    return this.items.filter(({ state }) => state === "in").length;
  }

  get refused() {
    return this.items.filter(({ state }) => state === "refused");
  }

  // One after the other, each once: where the answer can't come any more it stops, and what the record then holds says
  // what is left.
  async run() {
    for (const item of this.items) {
      if (this.#over) return;
      const reply = await this.#answer(item.command);
      if (reply.lost) return this.#end("lost");
      if (taken(reply)) await this.#came(item, reply.session);
      else Object.assign(item, { state: "refused", words: refusalWords(item.command, reply), device: reply.error });
      item.with = reply.overlaps ?? null;
      if (reply.code === "not_saved") return this.#end("held");
      if (FOR_ALL.has(reply.code)) return this.#end("refused", item.words, reply.error);
      this.changed();
    }
    this.#end("done");
  }

  async #came(item, record) {
    item.state = "in";
    if (!item.milk || !record) return;
    const reply = await this.#answer({ ...item.milk, session: record.id });
    if (taken(reply)) return;
    Object.assign(item, { words: say("what became of its milk did not|come in"), device: reply.error ?? null });
  }

  // What is under way may still come in; nothing after it.
  cancel() {
    this.#end("cancelled");
  }

  #end(status, words = null, device = null) {
    if (this.#over) return;
    this.#over = true;
    Object.assign(this, { status, words, device });
    this.changed();
  }

  #be(status) {
    if (this.#over) return;
    this.status = status;
    this.changed();
  }

  async #answer(command) {
    for (;;) {
      this.#be("sending");
      const late = setTimeout(() => this.#be("late"), LATE_MS);
      const reply = await answered(this.asked, command);
      clearTimeout(late);
      if (reply.code !== "busy" || this.#over) return reply;
      this.#be("busy"); // what is refused so was not done, and may be sent again
      await new Promise((again) => setTimeout(again, BUSY_MS));
      if (this.#over) return reply;
    }
  }
}
