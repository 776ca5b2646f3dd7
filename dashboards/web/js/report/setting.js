// How the report writes times, days and amounts: in the words' own language, so that whoever makes it it says the same.

import { bare } from "../amount.js";
import { plural } from "../language.js";
import { purposeWord, reasonWord, REPORT, TIMES } from "../words.js";

const JOINED = "\u00a0"; // a number is never parted from its unit

// `{hours} h {minutes:02}` with its values
export const put = (sentence, values) =>
  sentence.replace(/\{(\w+)(?::0(\d))?\}/g, (_, name, digits) => String(values[name]).padStart(digits ?? 0, "0"));

export const howMany = (sentences, count, values = {}) => put(plural(sentences, count), { count, ...values });

export const joined = (text) => text.replaceAll(" ", JOINED);

// What the words rest on besides the record; `now` is when the report is made, in ms.
export function settingOf({ now, times, units, baseline, outlook, device, timezone, notes }) {
  const time = (at) => put(TIMES.time, times.wall(at));
  const date = (name) => {
    const [, month, day] = name.split("-").map(Number);
    return put(TIMES.date, { day, month: TIMES.months[month - 1] });
  };
  const day = (name) => {
    const weekday = TIMES.weekdays[(new Date(`${name}T12:00:00Z`).getUTCDay() + 6) % 7];
    return put(REPORT.day, { weekday, date: date(name) });
  };
  return {
    now,
    times,
    units,
    baseline,
    outlook,
    device,
    timezone,
    notes,
    time,
    date,
    day,
    moment: (at) => put(TIMES.day_and_time, { day: day(times.day(at)), time: time(at) }),
    amount: (ml) => `${bare(ml, units)}${JOINED}${units}`,
    bare: (ml) => bare(ml, units),
    length: (seconds) => joined(lengthOf(seconds)),
    minute: (at) => times.wall(at).hour * 60 + times.wall(at).minute,
    purpose: (name) => (name === null ? REPORT.no_purpose : purposeWord(name)),
    reason: (name) => (name === null ? REPORT.no_reason : reasonWord(name)),
  };
}

function lengthOf(seconds) {
  const all = Math.floor(seconds / 60);
  const [hours, minutes] = [Math.floor(all / 60), all % 60];
  if (seconds < 60) return put(TIMES.seconds, { seconds });
  if (hours >= 48) return put(TIMES.days, { days: Math.floor(hours / 24) });
  if (hours >= 10 || (hours && !minutes)) return put(TIMES.hours, { hours });
  return hours ? put(TIMES.hours_and_minutes, { hours, minutes }) : put(TIMES.minutes, { minutes });
}

// A sequence cut where the places of two neighbours lie more than one apart.
export function runs(things, place) {
  const found = [];
  for (const each of things) {
    const last = found.at(-1);
    if (last && place(each) - place(last.at(-1)) <= 1) last.push(each);
    else found.push([each]);
  }
  return found;
}

export const fromTo = (first, last) => (first === last ? first : put(REPORT.from_to, { first, last }));
