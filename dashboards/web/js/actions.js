// What a person asked of the device, and how it went: pending, late, saved, held or refused, by the place that asked.

import { overlapping } from "./record.js";
import { DAY } from "./time.js";
import { NOT_SAVED, OVERLAPS, refusalWords, say } from "./words.js";

const LATE_MS = 10_000;
const SAVED_MS = 3_000;
const NOT_SENT = say("it could not be sent; the connection was just lost");
const UNKNOWN_OUTCOME = say("the connection broke before the answer; if it was done, it shows here");

// Whether the device took it: done, or done and not on its disk yet.
export const taken = (reply) => Boolean(reply?.ok) || reply?.code === "not_saved";

const savedSince = ({ heard }, diagnostics) =>
  diagnostics !== heard && diagnostics?.store.state === "ok" && !diagnostics.store.in_memory;

export class Actions {
  // place -> {status: "pending" | "late" | "saved" | "held" (in the device's memory) | "refused", value, words, device,
  // other (the id of the session that is in the way)}
  #at = new Map();
  #queues = new Map(); // record id -> the last command about it, so that revisions follow each other

  constructor(device, changed) {
    this.device = device;
    this.changed = changed;
  }

  // {status, value, words, device, other}, or null
  of(place) {
    const action = this.#at.get(place) ?? null;
    return action?.status === "held" && savedSince(action, this.device.diagnostics) ? null : action;
  }

  pending(place) {
    return ["pending", "late"].includes(this.of(place)?.status);
  }

  clear(place) {
    if (this.#at.delete(place)) this.changed();
  }

  // Sends `command` for `place`; `value` is what the place shows meanwhile. With `careful` it is refused where the
  // record has moved on since `record` was shown. Resolves with the reply, or null where it was not sent.
  async send(place, command, { value = null, record = null, careful = false } = {}) {
    if (!this.device.reachable || this.pending(place)) return null;
    const action = { status: "pending", value };
    this.#set(place, action);
    const late = setTimeout(() => this.#set(place, { ...action, status: "late" }), LATE_MS);
    try {
      const reply = await this.#inTurn(record?.id, async () => {
        const answer = await this.device.ask(this.#marked(command, record, careful));
        this.#made(answer); // before the next in turn goes
        return answer;
      });
      this.#answered(place, command, reply, record);
      return reply;
    } catch {
      this.#set(place, { status: "refused", words: NOT_SENT });
      return null;
    } finally {
      clearTimeout(late);
    }
  }

  // Several commands as one: each goes when the one before it is taken; where one is not, those before it are taken back,
  // the last first. `steps` are {command, record, back}, `back` being the command that undoes it. Resolves with the last
  // reply where all were taken, else null.
  async all(place, steps, { value = null } = {}) {
    if (!this.device.reachable || this.pending(place)) return null;
    const action = { status: "pending", value };
    this.#set(place, action);
    const late = setTimeout(() => this.#set(place, { ...action, status: "late" }), LATE_MS);
    const done = [];
    let reply = null;
    for (const step of steps) {
      reply = await this.#step(step.command, step.record);
      if (!taken(reply)) break;
      done.unshift(step);
    }
    const { command, record } = steps[Math.min(done.length, steps.length - 1)];
    if (!taken(reply)) for (const step of done) await this.#step(step.back, step.record);
    clearTimeout(late);
    this.#answered(place, command, reply, record);
    return taken(reply) ? reply : null;
  }

  // What waits for its answer while the connection is lost is sent again as it comes back, unless the device was the one
  // that left.
  #step(command, record) {
    return this.#inTurn(record.id, async () => {
      const { device } = this;
      const lost = async () => {
        await device.left();
        await device.returned();
        await new Promise((over) => setTimeout(over, LATE_MS));
        return { ok: false, code: "unknown_outcome" };
      };
      const unsent = () => ({ ok: false, code: "unknown_outcome" });
      const reply = await Promise.race([device.ask(this.#marked(command, record, true)).catch(unsent), lost()]);
      this.#made(reply);
      return reply;
    });
  }

  #marked(command, record, careful) {
    if (!careful) return command;
    return { ...command, if_revision: Math.max(record.revision, this.#own.get(record.id) ?? 0) };
  }

  #own = new Map(); // record id -> the revision that this page's own last command made

  #made({ ok, session, nursing }) {
    const record = session ?? nursing;
    if (ok && record?.id) this.#own.set(record.id, record.revision);
  }

  async #inTurn(id, ask) {
    if (!id) return ask();
    const turn = (this.#queues.get(id) ?? Promise.resolve()).then(ask, ask);
    this.#queues.set(id, turn);
    return turn;
  }

  #answered(place, command, reply, record) {
    if (reply.ok) {
      const saved = { status: "saved" };
      this.#set(place, saved);
      setTimeout(() => this.of(place) === saved && this.clear(place), SAVED_MS);
      return;
    }
    const device = reply.error ?? null;
    if (reply.code === "not_saved") {
      this.#set(place, { status: "held", words: NOT_SAVED, device, heard: this.device.diagnostics });
      return;
    }
    const other = this.#inTheWay(command, reply, record);
    const words =
      reply.code === "unknown_outcome"
        ? UNKNOWN_OUTCOME
        : other
          ? OVERLAPS
          : refusalWords(command, { ...reply, shown: record });
    this.#set(place, { status: "refused", words, device, other });
  }

  // The id of the session that the device names as in the way, else of the one that lies there by what is known here.
  #inTheWay(command, reply, record) {
    if (reply.code !== "out_of_range") return null;
    const { started_at: from, ended_at: to, id = null } = { ...record, ...command };
    const now = this.device.clock.now();
    const start = Date.parse(from ?? command.at);
    const end = to ? Date.parse(to) : now;
    if (reply.overlaps) {
      if (!this.device.find(reply.overlaps) && start < end) this.device.fetchSpan(start - DAY, end + 1000);
      return reply.overlaps;
    }
    if (command.command === "start") return null; // whoever knows a start with a time names what is in its way
    return start < end && end <= now ? (overlapping(this.device.record, { id, start, end }, now)?.id ?? null) : null;
  }

  #set(place, action) {
    this.#at.set(place, action);
    this.changed();
  }
}
