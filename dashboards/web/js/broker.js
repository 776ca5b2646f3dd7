// One connection to the broker over WebSocket: opened again when lost, in MQTT 5 or, where that is refused, 3.1.1.
// A new client every time, so that nothing is ever sent again by the library.

import mqtt from "../vendor/mqtt.js";

const CONNECT_MS = 5000; // as long as the contract gives a broker to answer version 5
const ANSWER_MS = 3000; // after sleep a socket may look alive that has long been dead
const BEAT_MS = 5000;
const LARGEST_B = 262_144; // four times what the device sends at most
const WAITS_S = [1, 2, 4, 8, 15, 30];
// what a browser says when the page comes back to the front, or the network
/** @type {[EventTarget, string][]} */
const FRONT = [
  [document, "visibilitychange"],
  [document, "resume"],
  [globalThis, "pageshow"],
  [globalThis, "focus"],
  [globalThis, "online"],
];
// CONNACK codes of 3.1.1 and of 5: bad user or password, not authorized, banned
const BAD_LOGIN = new Set([4, 5, 134, 135, 138]);
const clientId = () => `pump-page-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

export class Broker {
  #client = null;
  #timer = null;
  #version = 5;
  #tries = 0;
  #ended = false;
  #attempt = null;
  #asked = null; // the timer of a question whether the broker is still there

  // `topicsFor(version, clientId)` lists what to subscribe to, `beside` what may be refused; `on` has up(), message(topic, bytes, retained) and
  // down(failure), a key of FAILURES or null.
  constructor({ broker, user, password }, topicsFor, beside, on) {
    this.address = broker;
    this.login = user ? { username: user, password } : {}; // MQTT 3.1.1 knows no password without a name
    this.topicsFor = topicsFor;
    this.beside = beside;
    this.on = on;
    this.clientId = clientId();
    this.front = () => this.#front();
    FRONT.forEach(([where, event]) => where.addEventListener(event, this.front));
    this.beat = this.#heedSleep();
    this.#open();
  }

  get version() {
    return this.#version;
  }

  get up() {
    return this.#client?.connected ?? false;
  }

  // Resolves once the broker has the message; nothing is queued where it is away.
  publish(topic, text, properties) {
    if (!this.up) return Promise.reject(new Error("no connection"));
    return this.#client.publishAsync(topic, text, { qos: 1, ...(this.#version === 5 ? { properties } : {}) });
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#asked);
    clearInterval(this.beat);
    FRONT.forEach(([where, event]) => where.removeEventListener(event, this.front));
    this.#client?.end(true);
  }

  #open() {
    this.#timer = null;
    const attempt = { opened: false, accepted: false, error: null, over: false };
    this.#attempt = attempt;
    const finish = () => this.#finish(attempt);
    if (location.protocol === "https:" && /^ws:/.test(this.address)) {
      this.on.down("mixed"); // refused by every browser, so not even tried
      return;
    }
    let client;
    try {
      client = mqtt.connect(this.address, {
        ...this.login,
        clientId: this.clientId,
        protocolVersion: this.#version,
        clean: true,
        ...(this.#version === 5 ? { properties: { maximumPacketSize: LARGEST_B } } : {}),
        keepalive: 60,
        timerVariant: "native", // the other kind needs a worker from a blob: address
        connectTimeout: CONNECT_MS,
        reconnectPeriod: 0,
        createWebsocket: (url, protocols) => {
          const socket = new WebSocket(url, protocols);
          socket.addEventListener("open", () => {
            attempt.opened = true;
          });
          return socket;
        },
      });
    } catch {
      this.on.down("address");
      return;
    }
    this.#client = client;
    client.on("error", (error) => {
      attempt.error = error;
    });
    client.on("close", finish);
    client.on("packetreceive", ({ cmd }) => {
      if (cmd === "pingresp" && attempt === this.#attempt) this.#answered();
    });
    client.on("message", (topic, bytes, packet) => this.on.message(topic, bytes, packet.retain));
    client.on("connect", () => this.#accepted(client, attempt));
  }

  async #accepted(client, attempt) {
    attempt.accepted = true;
    this.#tries = 0;
    try {
      const granted = await client.subscribeAsync(this.topicsFor(this.#version, this.clientId), { qos: 1 });
      if (granted.some(({ qos }) => qos >= 128)) attempt.error = { denied: true };
      else {
        this.on.up();
        client.subscribeAsync(this.beside, { qos: 1 }).catch(() => {}); // not for whoever may hear one device alone
      }
    } catch (error) {
      attempt.error = /unspecified|not authorized/i.test(error.message) ? { denied: true } : error;
    }
    if (attempt.error) client.end(true);
  }

  #finish(attempt, { atOnce = false } = {}) {
    if (this.#ended || attempt.over) return;
    attempt.over = true;
    this.#answered();
    this.#client.end(true);
    const failure = failureOf(attempt);
    const otherVersion = failure === "not_mqtt" && this.#tries === 0;
    if (failure === "not_mqtt") this.#version = this.#version === 5 ? 4 : 5;
    if (!otherVersion) this.on.down(failure);
    const wait_s = otherVersion || atOnce ? 0 : WAITS_S[Math.min(this.#tries, WAITS_S.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#open(), wait_s * 1000);
  }

  // Back at the front: a connection that waits is tried now, one that stands is asked whether it does.
  #front() {
    if (document.visibilityState === "hidden") return;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#open();
    } else if (this.up && this.#asked === null) {
      this.#client.sendPing();
      this.#asked = setTimeout(() => this.#finish(this.#attempt, { atOnce: true }), ANSWER_MS);
    }
  }

  #answered() {
    clearTimeout(this.#asked);
    this.#asked = null;
  }

  // A computer that slept with the page at the front tells it nothing; the clock then made a leap.
  #heedSleep() {
    let before = Date.now();
    return setInterval(() => {
      const now = Date.now();
      if (now - before > 2 * BEAT_MS) this.front();
      before = now;
    }, BEAT_MS);
  }
}

// Why it ended: null for a connection that had been accepted and was lost.
function failureOf({ opened, accepted, error }) {
  if (error?.denied) return "denied";
  if (BAD_LOGIN.has(error?.code)) return "refused";
  if (accepted) return null;
  return opened ? "not_mqtt" : "unreachable";
}
