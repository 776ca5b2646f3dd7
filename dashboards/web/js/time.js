// Instants as people read them: in the device's zone, as the browser's language writes them.

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
const JOINED = "\u00a0"; // a number is never parted from its unit

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone }));
  return formats.get(key);
}

const HOURS_MINUTES = { hour: "2-digit", minute: "2-digit" };
const WEEKDAY = { weekday: "short" };
const WEEKDAY_DATE = { weekday: "short", day: "numeric" };
const SHORT_DATE = { day: "numeric", month: "short" };
const LONG_DATE = { weekday: "short", day: "numeric", month: "long" };

const wall = new Map();

// The wall clock in `zone` at `at` (ms): {year, month, day, hour, minute, second} as numbers.
function wallClock(at, zone) {
  if (!wall.has(zone)) {
    wall.set(
      zone,
      new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      }),
    );
  }
  const parts = wall.get(zone).formatToParts(at);
  return Object.fromEntries(
    parts.filter((part) => part.type !== "literal").map((part) => [part.type, Number(part.value)]),
  );
}

const two = (number) => String(number).padStart(2, "0");

// The times of one device: every function takes milliseconds or an ISO instant.
export function timesIn(zone, now) {
  const ms = (at) => (typeof at === "number" ? at : Date.parse(at));
  const day = (at) => {
    const w = wallClock(ms(at), zone);
    return `${w.year}-${two(w.month)}-${two(w.day)}`;
  };
  const clock = (at) => format(zone, HOURS_MINUTES).format(ms(at));
  const isToday = (at) => day(at) === day(now);
  const near = (at) => Math.abs(now - ms(at)) < 6 * DAY;
  const dayWord = (at) => {
    if (isToday(at)) return "";
    return format(zone, near(at) ? WEEKDAY : SHORT_DATE).format(ms(at));
  };
  const dated = (at) => `${dayWord(at)} ${clock(at)}`.trim();
  return {
    day,
    clock,
    isToday,
    dated, // "08:10", "Sat 08:10", "28 Aug 08:10"
    titled: (at) =>
      isToday(at) ? `Today, ${clock(at)}` : `${format(zone, WEEKDAY_DATE).format(ms(at))}, ${clock(at)}`,
    span: (from, to) => `${dated(from)}–${clock(to)}`,
    // "12:26", "Wed 4, 01:10", "28 Aug"
    until: (at) => {
      if (isToday(at)) return clock(at);
      return near(at)
        ? `${format(zone, WEEKDAY_DATE).format(ms(at))}, ${clock(at)}`
        : format(zone, SHORT_DATE).format(ms(at));
    },
    long: (at) => `${format(zone, LONG_DATE).format(ms(at))}, ${clock(at)}`,
    secondsOf: (at) => {
      const w = wallClock(ms(at), zone);
      return `${two(w.hour)}:${two(w.minute)}:${two(w.second)}`;
    },
    // The share of its local day that has passed, 0 to 1: by the wall clock, so rows agree over a change of hour.
    share: (at) => {
      const w = wallClock(ms(at), zone);
      return (w.hour * 3600 + w.minute * 60 + w.second) / 86400;
    },
    hour: (at) => wallClock(ms(at), zone).hour,
    rowDay: (name) => format("UTC", WEEKDAY_DATE).format(Date.parse(`${name}T12:00:00Z`)),
    shortDay: (name) => format("UTC", WEEKDAY).format(Date.parse(`${name}T12:00:00Z`)),
    instant: (name, time) => instantOf(name, time, zone),
    nearest: (time, to) => nearestInstant(time, ms(to), zone, day),
  };
}

// A day ("2026-03-01") and a wall time ("03:12:08") in `zone` as milliseconds.
function instantOf(name, time, zone) {
  const asUtc = Date.parse(`${name}T${time.length === 5 ? `${time}:00` : time}Z`);
  const offset = (at) => {
    const w = wallClock(at, zone);
    return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second) - Math.floor(at / 1000) * 1000;
  };
  const guess = asUtc - offset(asUtc);
  return asUtc - offset(guess); // twice, since the first offset may be that of the other side of a change of hour
}

// A corrected wall time means the day that brings it nearest to what stood there: 23:50 becomes the next day's 00:05.
function nearestInstant(time, to, zone, day) {
  const candidates = [-DAY, 0, DAY].map((shift) => instantOf(day(to + shift), time, zone));
  return candidates.reduce((best, at) => (Math.abs(at - to) < Math.abs(best - to) ? at : best));
}

// What was typed as a wall time ("3:12", "03:12:08", "0312") as "03:12:00", or null.
export function typedTime(text) {
  const match = /^(\d{1,2})[:.]?(\d{2})(?:[:.]?(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const [hour, minute, second] = match.slice(1).map((digits) => Number(digits ?? 0));
  return hour < 24 && minute < 60 && second < 60 ? [hour, minute, second].map(two).join(":") : null;
}

export const iso = (at) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

// The days before `name`, newest first, as ISO days: a calendar of its own, free of zones.
export function daysBack(name, count) {
  const first = Date.parse(`${name}T12:00:00Z`);
  return Array.from({ length: count }, (_, index) =>
    new Date(first - index * DAY).toISOString().slice(0, 10),
  );
}

// 9:08, from an hour 2:17:05
export function running(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest.replace(/^0/, "");
}

// [["1", "h"], ["32", "min"]]; from two days on [["3", "days"]]
export function sinceParts(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) return [[minutes, "min"]];
  if (minutes < 2880)
    return [
      [Math.floor(minutes / 60), "h"],
      [minutes % 60, "min"],
    ];
  return [[Math.floor(minutes / 1440), "days"]];
}

export const since = (milliseconds) => sinceParts(milliseconds).flat().join(JOINED);
export const pumping = (seconds) => since(seconds * 1000);

// "2 h 44", "44 min": how long milk still has
export function within(milliseconds) {
  const [hours, rest] = sinceParts(milliseconds);
  return rest ? [hours[0], "h", two(rest[0])].join(JOINED) : hours.join(JOINED);
}
