// The whole record of a device, or a span of it, page by page through `history`: for a file, or to compare with one.

import { startOf } from "./record.js";

const PAGE = 500;
const BUSY_MS = 2000; // until a device with too much to do is asked again
const LOST = { lost: true };

export class Gathering {
  // "asking", "done", "lost" (it can go on), "refused", "cancelled"
  status = "asking";
  oldest = null; // ms
  #found = new Map(); // id -> record, every field as it came
  #cursor = null;
  #run = 0; // which of its runs is the present one

  // `since` and `until`, ISO instants or null: what began from then on, and before.
  constructor(device, { since = null, until = null }, changed) {
    this.device = device;
    this.span = { ...(since && { since }), ...(until && { until }) };
    this.changed = changed;
  }

  get count() {
    return this.#found.size;
  }

  get records() {
    return [...this.#found.values()];
  }

  // From the start, or where it was lost.
  async run() {
    const run = (this.#run += 1);
    this.#be("asking");
    do {
      const reply = await this.#page();
      if (run !== this.#run) return;
      if (reply.lost) return this.#be("lost");
      if (!reply.ok) return this.#be("refused");
      for (const record of reply.records) this.#learn(record);
      this.#cursor = reply.next;
      this.changed();
    } while (this.#cursor !== null);
    this.#be("done");
  }

  cancel() {
    this.#run += 1;
    this.#be("cancelled");
  }

  #be(status) {
    this.status = status;
    this.changed();
  }

  #learn(record) {
    if (this.#found.get(record.id)?.revision > record.revision) return;
    this.#found.set(record.id, record);
    this.oldest = Math.min(this.oldest ?? Infinity, startOf(record));
  }

  async #page() {
    const cursor = this.#cursor === null ? {} : { cursor: this.#cursor };
    const command = { command: "history", deleted: true, limit: PAGE, ...this.span, ...cursor };
    let reply = await answered(this.device, command, { whole: true });
    while (reply.code === "busy") {
      await pause(BUSY_MS);
      reply = await answered(this.device, command, { whole: true });
    }
    return reply;
  }
}

const pause = (ms) => new Promise((over) => setTimeout(over, ms));

// The reply, or {lost: true} where none can come any more.
export const answered = (device, command, options) =>
  Promise.race([device.ask(command, options).catch(() => LOST), device.left().then(() => LOST)]);
