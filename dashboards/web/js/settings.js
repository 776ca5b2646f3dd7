// What this browser keeps: where the broker is, the password only when asked, and what was heard only when asked.

const CONNECTION = "pump-companion.connection";
const PASSWORD = "pump-companion.password";
const HEARD = "pump-companion.heard";
const SESSION_PASSWORD = "pump-companion.password.once";
const DEFAULTS = { broker: "", user: "", prefix: "pump-companion", device: "pump", remember: false };

const read = (store, key) => {
  try {
    return JSON.parse(store.getItem(key) ?? "null");
  } catch {
    return null;
  }
};

const write = (store, key, value) => {
  try {
    if (value === null) store.removeItem(key);
    else store.setItem(key, JSON.stringify(value));
  } catch {
    /* a full or forbidden store keeps nothing, and the page goes on */
  }
};

// The password of this tab, or the kept one; `keep` says which it is.
const password = () => {
  const kept = read(localStorage, PASSWORD);
  return { password: kept ?? read(sessionStorage, SESSION_PASSWORD) ?? "", keep: kept !== null };
};

// The connection to use. An address in the page's own address (?broker=ws://…&device=…&prefix=…) wins; name and
// password go only to the broker that they were given for.
export function connection(search = location.search) {
  const kept = { ...DEFAULTS, ...read(localStorage, CONNECTION), ...password() };
  const query = new URLSearchParams(search);
  const broker = query.get("broker");
  if (!broker) return kept;
  const asked = {
    broker,
    device: query.get("device") ?? DEFAULTS.device,
    prefix: query.get("prefix") ?? DEFAULTS.prefix,
  };
  const mine = kept.broker === broker;
  return { ...kept, ...asked, ...(mine ? {} : { user: "", password: "", keep: false }) };
}

export function keepConnection({ password: secret, keep, ...rest }) {
  write(localStorage, CONNECTION, rest);
  write(localStorage, PASSWORD, keep && secret ? secret : null);
  write(sessionStorage, SESSION_PASSWORD, keep || !secret ? null : secret);
}

export const rootOf = ({ prefix, device }) => `${prefix}/${device}`;

export const heard = (settings) => {
  const kept = settings.remember ? read(localStorage, HEARD) : null;
  return kept?.root === rootOf(settings) && kept.broker === settings.broker ? kept : null;
};
export const keepHeard = (settings, known) => {
  const mark = { root: rootOf(settings), broker: settings.broker };
  write(localStorage, HEARD, settings.remember ? { ...mark, ...known } : null);
};
