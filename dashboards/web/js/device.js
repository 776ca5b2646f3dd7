// One device as a subscriber knows it: what its topics said last, its record so far, and how to ask it something.

import { Broker } from "./broker.js";
import { DeviceClock } from "./clock.js";
import { known, payload, wholeRecords } from "./payloads.js";
import { isNursing, startOf } from "./record.js";
import { rootOf } from "./settings.js";
import { isKept } from "./stock.js";
import { DAY, iso } from "./time.js";

const WINDOW = 8 * DAY; // the week's rows and the day before
const PAGE = 500;
const MOST_PAGES = 200; // of one refresh
const BUSY_MS = 2000; // until a device with too much to do is asked again
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_PUMPS = 8; // that a household has at one broker
const TOPICS = ["availability", "state", "session", "session/last", "nursing", "today", "diagnostics"];
// what must never happen twice, or later, without a person asking again
const ONCE = new Set(["start", "stop", "pause", "go_on", "nursing", "add", "press", "clock"]);

export class Device {
  link = { status: "connecting", failure: null, since: null };
  availability = null;
  state = null;
  today = null;
  diagnostics = null;
  sessions = new Map();
  nursings = new Map();
  portions = new Map(); // the sessions whose milk is not gone, however old
  loaded = false; // the window of the record is complete
  reach = null; // the record is complete back to here, ms
  older = { cursor: null, until: null, ended: false, asking: false };
  clock = new DeviceClock();
  pumps = new Set(); // the ids of all devices under this prefix that the broker knows of

  #broker;
  #waiting = new Map(); // request -> {text, once, whole, resolve}
  #leaving = []; // who waits for the device to be out of reach
  #returning = []; // and for its return
  #gaps = new Set(); // numbers that the device was asked for in vain
  #live = false; // its availability came as it was said, not from what the broker kept
  #seen = null; // ids heard since a refresh began
  #recent = null; // until the next change

  constructor(settings, changed) {
    this.settings = settings;
    this.changed = () => {
      this.#recent = null;
      changed();
    };
    this.root = rootOf(settings);
  }

  start() {
    this.#broker = new Broker(
      this.settings,
      (version, id) => {
        this.replyTo = `${this.root}/reply${version === 5 ? `/${id}` : ""}`;
        return [...TOPICS.map((topic) => `${this.root}/${topic}`), this.replyTo];
      },
      [`${this.settings.prefix}/+/availability`],
      {
        up: () => this.#up(),
        down: (failure) => this.#down(failure),
        message: (topic, bytes, retained) => this.#message(topic, bytes, retained),
      },
    );
  }

  end() {
    this.#broker.end();
  }

  // Commands reach the device: the broker is there and the device says that it is.
  get reachable() {
    return this.link.status === "up" && this.availability === "online";
  }

  // Only the figures of the day leave this device (`mqtt.publish = "summary"`).
  get summary() {
    const { today } = this;
    return today !== null && today.days === null && !today.last_24h?.pumpings;
  }

  get record() {
    return { sessions: [...this.sessions.values()], nursings: [...this.nursings.values()] };
  }

  // What the cards draw with every message, however far back somebody has looked: the window, or where that is empty
  // the newest session.
  get recent() {
    this.#recent ??= this.#window();
    return this.#recent;
  }

  #window() {
    const { sessions, nursings } = this.record;
    const from = this.older.until ?? "";
    const found = sessions.filter((session) => session.started_at >= from);
    const newest = () => sessions.filter(({ deleted }) => !deleted).sort((a, b) => startOf(a) - startOf(b)).slice(-1);
    return {
      sessions: found.length ? found : newest(),
      nursings: nursings.filter((nursing) => nursing.at >= from),
    };
  }

  find(id) {
    return this.sessions.get(id) ?? this.nursings.get(id) ?? this.portions.get(id) ?? null;
  }

  // Resolves with the reply whenever it comes, however late; rejects only where nothing was sent. `whole` adds as
  // `records` what the reply holds, every field as it came.
  ask(command, { whole = false } = {}) {
    const request = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const text = JSON.stringify({ ...command, request });
    const sent = this.#send(text);
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { text, once: ONCE.has(command.command), whole, resolve });
      sent.catch((error) => {
        if (!this.#broker.up && !ONCE.has(command.command)) return; // sent again when the device is back
        this.#waiting.delete(request);
        reject(error);
      });
    });
  }

  // Resolves once no answer can come any more: the broker or the device went away.
  left() {
    return this.reachable ? new Promise((resolve) => this.#leaving.push(resolve)) : Promise.resolve();
  }

  // Resolves once it can be reached.
  returned() {
    return this.reachable ? Promise.resolve() : new Promise((resolve) => this.#returning.push(resolve));
  }

  // One page further back in the record, for who scrolls there. True while there is more.
  async fetchOlder() {
    const { older } = this;
    if (older.asking || older.ended || !this.loaded) return !older.ended;
    older.asking = true;
    try {
      const page = await this.#page({ until: older.until, cursor: older.cursor });
      if (page && this.older === older) {
        older.cursor = page.next;
        older.ended = page.next === null;
        this.reach = older.ended ? -Infinity : Math.min(this.reach, reachOf(page));
      }
    } finally {
      older.asking = false;
      this.changed();
    }
    return !older.ended;
  }

  // What began in this span (ms) and lies further back than is known here, as a session that a time runs into.
  async fetchSpan(since, until) {
    await this.#page({ since: iso(Math.max(0, since)), until: iso(until) });
    this.changed();
  }

  known() {
    const { state, today, diagnostics } = this;
    return {
      state,
      today,
      diagnostics,
      sessions: [...this.sessions.values()],
      nursings: [...this.nursings.values()],
      portions: [...this.portions.values()],
    };
  }

  // What this browser remembered from before, until the device says better.
  recall(kept) {
    const { state, today, diagnostics, sessions, nursings, portions } = known(kept);
    Object.assign(this, { state, today, diagnostics });
    for (const record of [...(sessions ?? []), ...(nursings ?? [])]) this.#learn(record);
    for (const record of portions ?? []) this.#stock(record);
    this.heardAt = this.#newest();
    if (this.heardAt) this.clock.stop(this.heardAt);
  }

  #send(text) {
    return this.#broker.publish(`${this.root}/command`, text, { responseTopic: this.replyTo });
  }

  #up() {
    this.link = { status: "up", failure: null, since: null };
    this.changed();
  }

  #down(failure) {
    if (this.clock.stopped === false) this.heardAt = this.clock.now();
    this.clock.stop(this.heardAt);
    this.link = { status: "down", failure, since: this.link.status === "down" ? this.link.since : this.heardAt };
    this.availability = null;
    this.#leave();
    this.changed();
  }

  #leave() {
    for (const leave of this.#leaving.splice(0)) leave();
  }

  #message(topic, bytes, retained) {
    const name = topic.slice(this.root.length + 1);
    const text = new TextDecoder().decode(bytes);
    if (topic.endsWith("/availability")) this.#knows(topic, text);
    if (!topic.startsWith(`${this.root}/`)) return this.changed();
    if (name === "availability") this.#available(text, retained);
    else if (text === "") this.#cleared(name);
    else this.#payload(name, text, retained);
    this.changed();
  }

  // Another device of this household, or this one; an emptied topic is one that went for good.
  #knows(topic, text) {
    const id = topic.slice(this.settings.prefix.length + 1, -"/availability".length);
    if (text === "") this.pumps.delete(id);
    else if (ID.test(id) && this.pumps.size < MOST_PUMPS) this.pumps.add(id);
  }

  #available(text, retained) {
    const before = this.availability;
    const back = before !== "online" || !(retained || this.#live); // each message comes by two subscriptions
    this.availability = text;
    this.#live = !retained;
    if (text === "online") {
      if (back) this.#sendAgain();
      for (const resume of this.#returning.splice(0)) resume();
      if (before !== "online") this.refresh();
      return;
    }
    this.#leave();
    this.heardAt = retained ? this.#newest() : this.clock.now();
    this.clock.stop(this.heardAt ?? this.clock.now());
  }

  // The device is back, and hears commands only now: it subscribes with a clean start, and an `online` that the broker
  // kept may be of before. The same bytes are answered, not done again.
  #sendAgain() {
    for (const [request, { text, once, resolve }] of this.#waiting) {
      if (once) {
        this.#waiting.delete(request);
        resolve({ ok: false, code: "unknown_outcome" });
      } else this.#send(text).catch(() => {}); // lost again: it goes with the next return
    }
  }

  // The newest instant that the retained topics speak of, or null.
  #newest() {
    const said = [this.state, this.today, this.diagnostics].map((topic) => Date.parse(topic?.at) || 0);
    return Math.max(...said) || null;
  }

  // An emptied topic: the record was forgotten, or no longer leaves the house.
  #cleared(name) {
    if (name === "state" || name === "today" || name === "diagnostics") this[name] = null;
    if (name === "session/last" && this.loaded) this.refresh();
  }

  #payload(name, text, retained) {
    let value, given;
    try {
      given = JSON.parse(text);
      value = payload(name, given);
    } catch {
      return; // not the device's: it publishes JSON only
    }
    if (value === null) return;
    const isRecord = "revision" in value;
    if (name === "state" || name === "today" || name === "diagnostics") this[name] = value;
    if (name === "state") this.clock.runAt(value.speed ?? 1);
    if (this.availability === "offline" && retained) this.clock.stop((this.heardAt = this.#newest()));
    if (value.at && !retained && !isRecord) this.clock.heard(value.at, name.startsWith("reply"));
    if (name.startsWith("reply")) this.#reply(value, given);
    else if (isRecord) {
      this.#learn(value);
      this.#closeGap(value);
    }
  }

  #reply(reply, given) {
    for (const record of [reply.session, reply.nursing]) if (record) this.#learn(record);
    const waiting = this.#waiting.get(reply.request);
    if (!waiting) return; // another dashboard's
    this.#waiting.delete(reply.request);
    waiting.resolve(waiting.whole ? { ...reply, records: wholeRecords(given) } : reply);
  }

  // The higher revision wins; the same one never has two contents, so a repeat is harmless (and heals a strange one).
  #learn(record) {
    const place = isNursing(record) ? this.nursings : this.sessions;
    if (!(place.get(record.id)?.revision > record.revision)) place.set(record.id, record);
    this.#seen?.add(record.id);
    if (!isNursing(record)) this.#stock(record);
  }

  #stock(session) {
    if (this.portions.get(session.id)?.revision > session.revision) return;
    if (isKept(session)) this.portions.set(session.id, session);
    else this.portions.delete(session.id);
  }

  // Asks for the window of the record from the start: what is not in it any more is gone from here, too.
  async refresh() {
    const seen = (this.#seen = new Set());
    // any reply sets the clock, which says where the window begins
    if (!this.clock.set) await this.#page({ limit: 1 });
    const since = this.clock.now() - WINDOW;
    for await (const page of this.#pages({ since: iso(since) })) {
      if (this.#seen !== seen) return; // a newer refresh is under way
      if (!page) {
        this.#seen = null;
        this.loaded = true; // refused (summary only): there is nothing to wait for
        this.changed();
        return;
      }
    }
    for (const place of [this.sessions, this.nursings]) {
      for (const id of place.keys()) if (!seen.has(id)) place.delete(id);
    }
    this.#seen = null;
    this.loaded = true;
    this.reach = since;
    this.older = { cursor: null, until: iso(since), ended: false, asking: false };
    this.#gaps.clear();
    this.changed();
    await this.#restock();
  }

  // All portions, also those from before the window, which make no rows of the record; what the device no longer names
  // is gone from here, too.
  async #restock() {
    if (!this.today?.milk) return; // it keeps no stock
    const stocked = new Set();
    for await (const page of this.#pages({ milk: true, deleted: false })) {
      if (!page) return;
      for (const session of page.sessions ?? []) stocked.add(session.id);
    }
    for (const id of this.portions.keys()) if (!stocked.has(id) && !this.sessions.has(id)) this.portions.delete(id);
    this.changed();
  }

  // Each page in turn, null where one was refused: the last then.
  async *#pages(fields) {
    let cursor = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await this.#page({ ...fields, cursor });
      yield page;
      cursor = page?.next ?? null;
      if (cursor === null) return;
    }
  }

  async #page(fields) {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
    const command = { command: "history", deleted: true, limit: PAGE, ...given };
    let reply = await this.ask(command).catch(() => null);
    while (reply?.code === "busy") {
      await new Promise((again) => setTimeout(again, BUSY_MS));
      reply = await this.ask(command).catch(() => null);
    }
    if (!reply?.ok) return null;
    for (const record of [...(reply.sessions ?? []), ...(reply.nursings ?? [])]) {
      if (given.milk) this.#stock(record);
      else this.#learn(record);
    }
    return reply;
  }

  // A number that was never heard means a record that was missed: ask for what was revised since.
  async #closeGap(record) {
    if (!this.loaded || this.summary || record.number === null) return;
    const place = isNursing(record) ? this.nursings : this.sessions;
    const numbers = new Map([...place.values()].map((entry) => [entry.number, entry]));
    const missing = [];
    for (
      let number = record.number - 1;
      number > 0 && !numbers.has(number) && missing.length < PAGE;
      number -= 1
    ) {
      missing.push(`${isNursing(record) ? "nursing" : "session"} ${number}`);
    }
    const fresh = missing.filter((name) => !this.#gaps.has(name));
    const before = numbers.get(record.number - 1 - missing.length);
    if (!fresh.length || !before) return;
    fresh.forEach((name) => this.#gaps.add(name));
    const pages = this.#pages({ revised_since: before.revised_at });
    while (!(await pages.next()).done);
    this.changed();
  }
}

// How far back a page is complete: the list that reaches less far decides.
function reachOf({ sessions, nursings }) {
  const oldest = (list) => (list?.length ? Math.min(...list.map(startOf)) : -Infinity);
  return Math.max(oldest(sessions), oldest(nursings));
}
