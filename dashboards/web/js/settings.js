// What this browser keeps: where the broker is, the password only when asked, and what was heard only when asked. A
// broker named in a link is none of these until somebody says so.

const CONNECTION = "pump-companion.connection";
const PASSWORD = "pump-companion.password";
const HEARD = "pump-companion.heard";
const LANGUAGE = "pump-companion.language";
const ONCE = "pump-companion.once"; // of this tab: {broker, user, password}
const WHERE = { broker: "", prefix: "pump-companion", device: "pump" };
const DEFAULTS = { ...WHERE, user: "", remember: false };

// `store` is a name: where storage is forbidden, even to look at `localStorage` raises.
const read = (store, key) => {
  try {
    return JSON.parse(globalThis[store].getItem(key) ?? "null");
  } catch {
    return null;
  }
};

const write = (store, key, value) => {
  try {
    if (value === null) globalThis[store].removeItem(key);
    else globalThis[store].setItem(key, JSON.stringify(value));
  } catch {
    /* a full or forbidden store keeps nothing, and the page goes on */
  }
};

// What was kept, of the right types whatever stands there.
const fitting = (kept, defaults) =>
  Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      typeof kept?.[name] === typeof value ? kept[name] : value,
    ]),
  );

const kept = () => fitting(read("localStorage", CONNECTION), DEFAULTS);
const text = (value) => (typeof value === "string" ? value : null);

// Name and password go only to the broker that they were given for: those of this tab, or the kept ones; `keep` says
// whether the password is kept.
function login(broker) {
  const own = kept();
  const once = fitting(read("sessionStorage", ONCE), { broker: "", user: "", password: "" });
  const secret = own.broker === broker ? text(read("localStorage", PASSWORD)) : null;
  if (secret !== null) return { user: own.user, password: secret, keep: true };
  if (once.broker === broker && broker) return { user: once.user, password: once.password, keep: false };
  return { user: own.broker === broker ? own.user : "", password: "", keep: false };
}

// The connection to use. An address in the page's own address (?broker=ws://…&device=…&prefix=…) wins, and is `linked`
// where it is another than the kept one.
export function connection(search = location.search) {
  const own = kept();
  const query = new URLSearchParams(search);
  const named = query.get("broker");
  if (!named) return { ...own, ...login(own.broker), linked: false };
  const where = {
    broker: named,
    device: query.get("device") ?? WHERE.device,
    prefix: query.get("prefix") ?? WHERE.prefix,
  };
  const linked = Object.keys(WHERE).some((name) => where[name] !== own[name]);
  const remember = linked ? marks(where, read("localStorage", HEARD)) : own.remember;
  return { ...own, ...where, ...login(named), linked, remember };
}

// A linked one lasts as long as its tab; the kept one and its password stay as they are.
export function keepConnection({ password: secret, keep, linked, ...rest }) {
  if (!linked) {
    write("localStorage", CONNECTION, fitting(rest, DEFAULTS));
    write("localStorage", PASSWORD, keep && secret ? secret : null);
  }
  const { broker, user } = rest;
  if ((linked || !keep) && secret) write("sessionStorage", ONCE, { broker, user, password: secret });
  else if (read("sessionStorage", ONCE)?.broker === broker) write("sessionStorage", ONCE, null);
}

export const rootOf = ({ prefix, device }) => `${prefix}/${device}`;

const marks = (settings, known) => known?.root === rootOf(settings) && known.broker === settings.broker;

export const heard = (settings) => {
  const known = settings.remember ? read("localStorage", HEARD) : null;
  return marks(settings, known) ? known : null;
};
export const keepHeard = (settings, known) => {
  if (settings.remember)
    write("localStorage", HEARD, { root: rootOf(settings), broker: settings.broker, ...known });
};
export const forgetHeard = () => write("localStorage", HEARD, null);

// The code of the language to speak, "" to follow the browser.
export const toldLanguage = () => text(read("localStorage", LANGUAGE)) ?? "";
export const tellLanguage = (code) => write("localStorage", LANGUAGE, code || null);
