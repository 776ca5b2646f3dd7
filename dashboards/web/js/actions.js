// What a person asked of the device, and how it went: pending, late, saved, held or refused, by the place that asked.

import { NOT_SAVED, refusalWords } from "./words.js";

const LATE_MS = 10_000;
const SAVED_MS = 3_000;
const UNKNOWN_OUTCOME = "the connection broke before the answer; if it was done, it shows here";

// Whether the device took it: done, or done and not on its disk yet.
export const taken = (reply) => Boolean(reply?.ok) || reply?.code === "not_saved";

const savedSince = ({ heard }, diagnostics) =>
  diagnostics !== heard && diagnostics?.store.state === "ok" && !diagnostics.store.in_memory;

export class Actions {
  // place -> {status: "pending" | "late" | "saved" | "held" (in the device's memory) | "refused", value, words, device}
  #at = new Map();
  #queues = new Map(); // record id -> the last command about it, so that revisions follow each other

  constructor(device, changed) {
    this.device = device;
    this.changed = changed;
  }

  // {status, value, words, device}, or null
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
      this.#set(place, { status: "refused", words: "it could not be sent; the connection was just lost" });
      return null;
    } finally {
      clearTimeout(late);
    }
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
    const words =
      reply.code === "unknown_outcome" ? UNKNOWN_OUTCOME : refusalWords(command, { ...reply, shown: record });
    this.#set(place, { status: "refused", words, device });
  }

  #set(place, action) {
    this.#at.set(place, action);
    this.changed();
  }
}
