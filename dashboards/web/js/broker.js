// One connection to the broker over WebSocket: opened again when lost, in MQTT 5 or, where that is refused, 3.1.1.
// A new client every time, so that nothing is ever sent again by the library.

import mqtt from "../vendor/mqtt.js";

const CONNECT_MS = 5000; // as long as the contract gives a broker to answer version 5
const WAITS_S = [1, 2, 4, 8, 15, 30];
// CONNACK codes of 3.1.1 and of 5: bad user or password, not authorized, banned
const BAD_LOGIN = new Set([4, 5, 134, 135, 138]);
const clientId = () => `pump-page-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

export class Broker {
  #client = null;
  #timer = null;
  #version = 5;
  #tries = 0;
  #ended = false;

  // `topicsFor(version, clientId)` lists what to subscribe to; `on` has up(), message(topic, bytes, retained) and
  // down(failure), a key of FAILURES or null.
  constructor({ broker, user, password }, topicsFor, on) {
    this.address = broker;
    this.login = user ? { username: user, password } : {}; // MQTT 3.1.1 knows no password without a name
    this.topicsFor = topicsFor;
    this.on = on;
    this.clientId = clientId();
    this.hurry = () => this.#hurry();
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
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
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.#client?.end(true);
  }

  #open() {
    this.#timer = null;
    const attempt = { opened: false, accepted: false, error: null, over: false };
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
    client.on("message", (topic, bytes, packet) => this.on.message(topic, bytes, packet.retain));
    client.on("connect", () => this.#accepted(client, attempt));
  }

  async #accepted(client, attempt) {
    attempt.accepted = true;
    this.#tries = 0;
    try {
      const granted = await client.subscribeAsync(this.topicsFor(this.#version, this.clientId), { qos: 1 });
      if (granted.some(({ qos }) => qos >= 128)) attempt.error = { denied: true };
      else this.on.up();
    } catch (error) {
      attempt.error = /unspecified|not authorized/i.test(error.message) ? { denied: true } : error;
    }
    if (attempt.error) client.end(true);
  }

  #finish(attempt) {
    if (this.#ended || attempt.over) return;
    attempt.over = true;
    this.#client.end(true);
    const failure = failureOf(attempt);
    const otherVersion = failure === "not_mqtt" && this.#tries === 0;
    if (failure === "not_mqtt") this.#version = this.#version === 5 ? 4 : 5;
    if (!otherVersion) this.on.down(failure);
    const wait_s = otherVersion ? 0 : WAITS_S[Math.min(this.#tries, WAITS_S.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#open(), wait_s * 1000);
  }

  #hurry() {
    if (this.#timer === null || document.visibilityState === "hidden") return;
    clearTimeout(this.#timer);
    this.#open();
  }
}

// Why it ended: null for a connection that had been accepted and was lost.
function failureOf({ opened, accepted, error }) {
  if (error?.denied) return "denied";
  if (BAD_LOGIN.has(error?.code)) return "refused";
  if (accepted) return null;
  return opened ? "not_mqtt" : "unreachable";
}
