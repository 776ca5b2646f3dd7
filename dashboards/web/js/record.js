// What the record says: sittings, rows, what waits. Pure functions over what was heard.

import { DAY, HOUR, iso, MINUTE } from "./time.js";

const ms = (at) => Date.parse(at);
export const startOf = (record) => ms(record.at ?? record.started_at);
export const endOf = (session) => ms(session.ended_at ?? session.started_at);
const numberOf = (record) => record.number ?? Number.MAX_SAFE_INTEGER; // without one it is not saved yet
const newestFirst = (a, b) => startOf(b) - startOf(a) || numberOf(b) - numberOf(a);
export const oldestFirst = (a, b) => newestFirst(b, a);

export const isNursing = (record) => "effective" in record;

// The sum where at least one is given; null is not 0.
const sumOrNull = (values) => {
  const given = values.filter((value) => Number.isFinite(value));
  return given.length ? given.reduce((sum, value) => sum + value, 0) : null;
};

const newest = (sessions, key) => sessions.findLast((session) => session[key])?.[key] ?? null;

// Which session speaks for its sitting: the one whose answer is the newest, of equal ones the later start. An answer
// of which nobody knows when it came is the oldest. It is the core's rule (`standing_answer`), and a test holds them
// together.
function speaker(ordered) {
  const answeredAt = (session) => (session.classified_at ? ms(session.classified_at) : -Infinity);
  return ordered.reduce(
    (best, session) =>
      session.purpose && (!best || answeredAt(session) >= answeredAt(best)) ? session : best,
    null,
  );
}

function sittingOf(sessions) {
  const ordered = sessions.toSorted(oldestFirst);
  const first = ordered[0];
  const counted = ordered.filter((session) => session.counted);
  const speaks = speaker(ordered);
  return {
    id: first.sitting ?? first.id,
    sessions: ordered,
    at: startOf(first),
    end: Math.max(...ordered.map(endOf)),
    counted: counted.length > 0,
    stimulationAt: counted.length ? startOf(counted[0]) : null,
    purpose: speaks?.purpose ?? null,
    reason: speaks?.reason ?? null,
    intention: newest(ordered, "intention"),
    volume_ml: sumOrNull(ordered.map((session) => session.volume_ml)),
    pumping_s: ordered.reduce((sum, session) => sum + (session.pumping_s ?? 0), 0),
    interrupted: ordered.some((session) => session.interrupted),
    deleted: ordered.every((session) => session.deleted),
  };
}

// Sessions folded into sittings, newest first. A deleted one stands alone: it belongs to no sitting. A running one is
// among them only up to `until` (ms), for the pictures.
export function sittings(sessions, { deleted = false, until = null } = {}) {
  const groups = new Map();
  for (const heard of sessions) {
    const running = heard.state === "running";
    if ((running && until === null) || (heard.deleted && !deleted)) continue;
    const session = running ? { ...heard, ended_at: iso(until) } : heard;
    const key = session.deleted ? session.id : `sitting ${session.sitting ?? session.id}`;
    groups.set(key, [...(groups.get(key) ?? []), session]);
  }
  return [...groups.values()].map(sittingOf).sort((a, b) => b.at - a.at);
}

// Rows of the list, newest first: {at, sitting} or {at, nursing}.
export function rows(record, options = {}) {
  const nursings = record.nursings.filter((nursing) => !nursing.deleted || options.deleted);
  return [
    ...sittings(record.sessions, options).map((sitting) => ({
      at: sitting.at,
      id: sitting.sessions[0].id,
      sitting,
    })),
    ...nursings.map((nursing) => ({ at: startOf(nursing), id: nursing.id, nursing })),
  ].sort((a, b) => b.at - a.at);
}

// Every record in time, newest first: the order that "older" and "newer" walk through.
export function inOrder(record) {
  return [...record.sessions, ...record.nursings]
    .filter((entry) => !entry.deleted && entry.state !== "running")
    .sort(newestFirst);
}

const JOINED_MS = HOUR; // further apart no one use of the pump was cut in two

// The session before this one that it may have been one with: its neighbour in time, with no nursing between.
export function joinable(record, session) {
  if (session.deleted || session.state === "running") return null;
  const before = inOrder(record).find((entry) => entry.id !== session.id && startOf(entry) <= startOf(session));
  return before && !isNursing(before) && startOf(session) - endOf(before) <= JOINED_MS ? before : null;
}

// The session that lies over these times for a minute or more, as far as it is known here; null where none does.
export function overlapping(record, { id = null, start, end }, now) {
  const until = (session) => (session.state === "running" ? now : endOf(session));
  const over = (session) => Math.min(until(session), end) - Math.max(startOf(session), start) >= MINUTE;
  return record.sessions.find((session) => session.id !== id && !session.deleted && over(session)) ?? null;
}

// Sittings of the last 7 days that wait for a purpose, newest first.
export function waiting(record, now) {
  return sittings(record.sessions).filter(
    (sitting) =>
      sitting.at > now - 7 * DAY && sitting.sessions.some((session) => session.counted && !session.purpose),
  );
}

// The sitting or nursing that the last stimulation was: {sitting}, {nursing} or null where it isn't known here.
export function lastStimulation(record, today) {
  if (!today?.last_stimulation_at) return null;
  const at = ms(today.last_stimulation_at);
  const nursing = record.nursings.find((entry) => !entry.deleted && ms(entry.at) === at);
  if (nursing) return { nursing };
  const sitting = sittings(record.sessions).find((entry) => entry.stimulationAt === at);
  return sitting ? { sitting } : null;
}

// The newest nursing of which somebody said the side; undefined where there is none.
export const lastSided = (record) => inOrder(record).find((entry) => isNursing(entry) && entry.side);

export const between = (entries, from, to) => entries.filter((entry) => entry.at > from && entry.at <= to);
