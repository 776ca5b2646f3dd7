// The device's clock as this page knows it: set by live messages, counted on at the device's speed, stopped
// while nothing is heard. The browser's own clock may be wrong and its zone another.

const EXACT_MS = 2000;
const DELAY_MS = 3_600_000;

export class DeviceClock {
  #base = null; // device time, ms
  #since = 0; // this browser's time when that was, ms
  #speed = 1;
  #stopped = false;

  constructor(browserNow = () => Date.now()) {
    this.browserNow = browserNow;
  }

  // A live message says `at` (whole seconds, so up to one second old, and a little more on its way). None speaks of
  // the future, so any may set the clock forward; back only an `exact` one, a reply, which is made when it is sent, or
  // one that no delay explains.
  heard(at, exact = false) {
    const said = Date.parse(at);
    if (Number.isNaN(said)) return;
    const thought = this.now();
    const slack = (exact ? EXACT_MS : DELAY_MS) * Math.max(1, this.#speed);
    const fits = this.#base !== null && thought >= said && thought < said + slack;
    const first = this.#base === null ? said + 500 : said; // the middle of the second that it may be
    if (this.#stopped || !fits) this.#setTo(fits ? thought : first);
    this.#stopped = false;
  }

  runAt(speed) {
    const next = Number.isFinite(speed) && speed > 0 ? speed : 1;
    if (next === this.#speed) return;
    if (this.#base !== null) this.#setTo(this.now());
    this.#speed = next;
  }

  // Times stand still at what was known, at `at` (ms) or now.
  stop(at = this.now()) {
    this.#setTo(at);
    this.#stopped = true;
  }

  get set() {
    return this.#base !== null;
  }

  get speed() {
    return this.#speed;
  }

  get stopped() {
    return this.#stopped;
  }

  now() {
    if (this.#base === null) return this.browserNow();
    return this.#stopped ? this.#base : this.#base + (this.browserNow() - this.#since) * this.#speed;
  }

  #setTo(at) {
    this.#base = at;
    this.#since = this.browserNow();
  }
}
