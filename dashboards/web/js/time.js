// Instants as people read them: in the device's zone, as the page's language writes them.

import { LOCALE } from "./language.js";
import { counted, say } from "./words.js";

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const MINUTE = 60_000;

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone }));
  return formats.get(key);
}

const knows = (zone) => {
  try {
    return typeof zone === "string" && Boolean(format(zone, {}));
  } catch {
    return false; // a RangeError: no zone that this browser knows
  }
};

// The zone to write times in: the device's, else the browser's own (which may have none that it knows itself).
export const zoneFor = (zone) =>
  [zone, Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC"].find(knows);
export const isKnownZone = knows;

const partsOf = (options, at) => new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: "UTC" }).formatToParts(at);
const EIGHT = Date.UTC(2026, 1, 27, 8, 5);

// An hour before ten has two digits only where its readers write them: "08:05", "8:05 AM".
const shortHour = partsOf({ timeStyle: "short" }, EIGHT).find(({ type }) => type === "hour").value;
const HOURS_MINUTES = { hour: [...shortHour].length > 1 ? "2-digit" : "numeric", minute: "2-digit" };
const SECONDS = { ...HOURS_MINUTES, second: "2-digit" };
const TWELVE = new Intl.DateTimeFormat(LOCALE, { hour: "numeric" }).resolvedOptions().hour12 === true;
const WEEKDAY = { weekday: "short" };
const SHORT_DATE = { day: "numeric", month: "short" };
const WHOLE_DATE = { weekday: "short", ...SHORT_DATE };
const LONG_DATE = { weekday: "short", day: "numeric", month: "long" };

// "Fri 27". Some languages' data make "27 Fri" of it though their readers begin with the weekday: those get the month.
const weekdayFirst = (options) => {
  const types = partsOf(options, EIGHT).map(({ type }) => type);
  return types.indexOf("weekday") < types.indexOf("day");
};
const DAY_OF_WEEK = { weekday: "short", day: "numeric" };
const WEEKDAY_DATE = weekdayFirst(DAY_OF_WEEK) === weekdayFirst(WHOLE_DATE) ? DAY_OF_WEEK : WHOLE_DATE;

const wall = new Map();

// The wall clock in `zone` at `at` (ms): {year, month, day, hour, minute, second} as numbers.
function wallClock(at, zone) {
  if (!wall.has(zone)) {
    wall.set(
      zone,
      new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
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

// The times of one device in a zone that this browser knows: every function takes milliseconds or an ISO instant.
export function timesIn(zone, now) {
  const ms = (at) => (typeof at === "number" ? at : Date.parse(at));
  const day = (at) => {
    const w = wallClock(ms(at), zone);
    return `${w.year}-${two(w.month)}-${two(w.day)}`;
  };
  const seconds = (at) => {
    const w = wallClock(ms(at), zone);
    return `${two(w.hour)}:${two(w.minute)}:${two(w.second)}`;
  };
  const write = (at, options) => format(zone, options).format(ms(at));
  const isToday = (at) => day(at) === day(now);
  const near = (at) => Math.abs(now - ms(at)) < 6 * DAY;
  const clock = (at) => write(at, HOURS_MINUTES);
  const dayOf = (at) => (near(at) ? WEEKDAY : SHORT_DATE);
  const dated = (at) => write(at, { ...(isToday(at) ? {} : dayOf(at)), ...HOURS_MINUTES });
  return {
    day,
    wall: (at) => wallClock(ms(at), zone),
    clock,
    isToday,
    dated, // "08:10", "Sat 08:10", "28 Aug, 08:10"
    titled: (at) =>
      isToday(at) ? say("Today, {time}", { time: clock(at) }) : write(at, { ...WEEKDAY_DATE, ...HOURS_MINUTES }),
    span: (from, to) => `${dated(from)}–${clock(to)}`,
    // "12:26", "Wed 4, 01:10", "28 Aug"
    until: (at) => {
      if (isToday(at)) return clock(at);
      return write(at, near(at) ? { ...WEEKDAY_DATE, ...HOURS_MINUTES } : SHORT_DATE);
    },
    long: (at) => write(at, { ...LONG_DATE, ...HOURS_MINUTES }),
    // for a field: as its readers write it where `typedTime` can read that back, else "03:12:08"
    secondsOf: (at) => {
      const written = write(at, SECONDS);
      return typedTime(written) === seconds(at) ? written : seconds(at);
    },
    // The share of its local day that has passed, 0 to 1: by the wall clock, so rows agree over a change of hour.
    share: (at) => {
      const w = wallClock(ms(at), zone);
      return (w.hour * 3600 + w.minute * 60 + w.second) / 86400;
    },
    // "06" for the axis of a day, "6 AM" where its readers count to twelve; null where no full hour begins at `at`
    fullHour: (at) => {
      const w = wallClock(ms(at), zone);
      return w.minute || w.second ? null : w.hour;
    },
    rowDay: (name) => format("UTC", WEEKDAY_DATE).format(noon(name)),
    shortDay: (name) => format("UTC", WEEKDAY).format(noon(name)),
    instant: (name, time) => likely(name, time, zone),
    instants: (name, time) => instantsOf(name, time, zone),
    nearest: (time, to) => nearestInstant(time, ms(to), zone, day),
    // the other instant of the same wall time, in the night in which the clocks go back; null in all others
    twin: (at) => instantsOf(day(at), seconds(at), zone).find((other) => other !== second(ms(at))) ?? null,
  };
}

const noon = (name) => Date.parse(`${name}T12:00:00Z`);
const second = (at) => Math.floor(at / 1000) * 1000;

// "06" on the axis of a day, to "24"; "6 AM" where its readers count to twelve.
export const hourWord = (hour) =>
  TWELVE ? format("UTC", { hour: "numeric" }).format(hour * HOUR) : two(hour);

// Every instant at which the clocks in `zone` showed this day ("2026-03-01") and time ("03:12:08"): one, two in the
// night in which they go back, none in the hour that is left out when they go forward.
function instantsOf(name, time, zone) {
  const asUtc = Date.parse(`${name}T${time}Z`);
  const both = [asUtc - DAY, asUtc + DAY].map((at) => asUtc - offsetAt(at, zone)); // either side of a change
  const shown = both.filter((at) => at + offsetAt(at, zone) === asUtc);
  return [...new Set(shown)].sort((a, b) => a - b);
}

function offsetAt(at, zone) {
  const w = wallClock(at, zone);
  return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second) - second(at);
}

// The first instant; one that does not exist moves forward by the hour that was left out.
function likely(name, time, zone) {
  const asUtc = Date.parse(`${name}T${time}Z`);
  return instantsOf(name, time, zone)[0] ?? asUtc - offsetAt(asUtc - DAY, zone);
}

// A corrected wall time means the instant that lies nearest to what stood there: 23:50 becomes the next day's 00:05.
function nearestInstant(time, to, zone, day) {
  const candidates = [-DAY, 0, DAY].flatMap((shift) => {
    const name = day(to + shift);
    const found = instantsOf(name, time, zone);
    return found.length ? found : [likely(name, time, zone)];
  });
  return candidates.reduce((best, at) => (Math.abs(at - to) < Math.abs(best - to) ? at : best));
}

// The newest past instant of a wall time.
export function latestInstant(time, now, times) {
  const at = times.nearest(time, now);
  return at > now ? times.nearest(time, now - DAY) : at;
}

// A session's start and end for two wall times on a day, [[start, end], …], the likeliest first: the shortest, an end
// that is not after any start being one after midnight. Several in the night in which the clocks go back; what lies
// in the future is left out where anything else fits.
export function spansOf(name, from, to, times, now) {
  const starts = times.instants(name, from);
  const pairs = (day) =>
    (starts.length ? starts : [times.instant(name, from)]).flatMap((start) => {
      const ends = times.instants(day, to);
      return (ends.length ? ends : [times.instant(day, to)]).map((end) => [start, end]);
    });
  const sameDay = pairs(name);
  const after = sameDay.filter(([start, end]) => end > start);
  const fitting = after.length ? after : sameDay.some(([a, b]) => a === b) ? sameDay : pairs(dayAfter(name, 1));
  const past = fitting.filter(([, end]) => end <= now);
  return (past.length ? past : fitting).sort((a, b) => a[1] - a[0] - (b[1] - b[0]) || a[0] - b[0]);
}

// What was typed as a wall time ("3:12", "03:12:08", "0312", "3:12 pm") as "03:12:00", or null.
export function typedTime(text) {
  const match = /^(\d{1,2})[:.]?(\d{2})(?:[:.]?(\d{2}))?\s*(?:([ap])\.?\s?m\.?)?$/i.exec(text.trim());
  if (!match) return null;
  const [given, minute, seconds] = match.slice(1, 4).map((digits) => Number(digits ?? 0));
  if (match[4] && (given < 1 || given > 12)) return null;
  const hour = match[4] ? (given % 12) + (/p/i.test(match[4]) ? 12 : 0) : given;
  return hour < 24 && minute < 60 && seconds < 60 ? [hour, minute, seconds].map(two).join(":") : null;
}

const steady = new Map(); // zone and day (UTC) -> the offset of all that day, null where it changes

// A file asks for some hundred thousand times, and a formatter takes a long while for each.
function steadyOffset(at, zone) {
  const day = Math.floor(at / DAY);
  const key = `${zone} ${day}`;
  if (!steady.has(key)) {
    const [first, last] = [day * DAY, (day + 1) * DAY - 1000].map((end) => offsetAt(end, zone));
    steady.set(key, first === last ? first : null);
  }
  return steady.get(key);
}

// "2026-03-01T04:12:08+01:00": the wall clock with its offset
export function inZone(at, zone) {
  const offset = steadyOffset(at, zone) ?? offsetAt(at, zone);
  const minutes = Math.round(offset / MINUTE);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const shown = new Date(at + offset).toISOString().slice(0, 19);
  return `${shown}${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

export const iso = (at) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

// The days before `name`, newest first, as ISO days: a calendar of its own, free of zones.
export const daysBack = (name, count) => Array.from({ length: count }, (_, index) => dayAfter(name, -index));
export const dayAfter = (name, days) => new Date(noon(name) + days * DAY).toISOString().slice(0, 10);

// 9:08, from an hour 2:17:05
export function running(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest.replace(/^0/, "");
}

// {minutes}, from an hour {hours, minutes}, from two days {days}: what is said of a length
function lengthOf(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
  if (minutes < 60) return { minutes };
  if (minutes < 2880) return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
  return { days: Math.floor(minutes / 1440) };
}

// [[1, "h"], [32, "min"]]; from two days on [[3, "days"]]
export function sinceParts(milliseconds) {
  const { days, hours, minutes } = lengthOf(milliseconds);
  if (days !== undefined) return [[days, say("days|after their number")]];
  const parts = [[minutes, say("min|after its number")]];
  return hours === undefined ? parts : [[hours, say("h|after its number")], ...parts];
}

// "1 h 32 min"; a number is never parted from its unit.
export function since(milliseconds) {
  const { days, hours, minutes } = lengthOf(milliseconds);
  if (days !== undefined) return counted(days, "{count}\u00a0day", "{count}\u00a0days");
  if (hours === undefined) return say("{minutes}\u00a0min", { minutes });
  return say("{hours}\u00a0h\u00a0{minutes}\u00a0min", { hours, minutes });
}

export const pumping = (seconds) => since(seconds * 1000);

// "2 h 44", "44 min": how long milk still has
export function within(milliseconds) {
  const { hours, minutes } = lengthOf(milliseconds);
  if (hours === undefined) return since(milliseconds);
  return say("{hours}\u00a0h\u00a0{minutes}", { hours, minutes: two(minutes) });
}
