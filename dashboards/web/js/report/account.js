// What the record says of a span of days, as values: as `device/report/account.py` has it, from what was heard.

import { endOf, isNursing, oldestFirst, sittings, startOf } from "../record.js";
import { daysBack } from "../time.js";

const sum = (values) => values.reduce((all, value) => all + (value ?? 0), 0);
export const count = (list, fits) => list.filter(fits).length;
const isRunning = (record) => record.state === "running";
const isCounted = (session) => Boolean(session.counted) && !isRunning(session);

// The last `length` local days, today included, the oldest first; `now` in whole seconds as ms. Of the day before them
// the record is known too, for a sitting may reach over.
export function account({ sessions, nursings }, { length, now, times }) {
  const past = [...sessions, ...nursings]
    .filter((record) => !record.deleted && startOf(record) <= now)
    .sort(oldestFirst);
  const fed = past.filter(isNursing);
  const pumped = past.filter((record) => !isNursing(record));
  const joined = sittings(pumped, { until: now })
    .filter((sitting) => sitting.counted)
    .sort((a, b) => a.stimulationAt - b.stimulationAt);
  const names = daysBack(times.day(now), length).reverse();
  const starts = names.map((name) => times.instant(name, "00:00:00"));
  const days = names.map((name, place) => {
    const start = starts[place];
    const end = starts[place + 1] ?? now + 1000;
    const within = (at) => at >= start && at < end;
    const day = {
      name,
      start,
      end,
      sessions: pumped.filter((session) => isCounted(session) && within(startOf(session))),
      sittings: joined.filter((sitting) => within(sitting.stimulationAt)),
      nursings: fed.filter((nursing) => within(startOf(nursing))),
    };
    return { ...day, figures: past.some((record) => within(startOf(record))) ? figures(day) : null };
  });
  const standing = past.filter((record) => startOf(record) >= starts[0]);
  return {
    days,
    standing,
    sessions: days.flatMap((day) => day.sessions),
    wholeDays: days.slice(0, -1).flatMap((day) => day.figures ?? []),
    recordedDays: days.flatMap((day) => day.figures ?? []),
    unsynced: count(standing, (record) => record.clock === "unsynced"),
    uncounted: count(standing, (record) => !isNursing(record) && !isRunning(record) && !record.counted),
    interrupted: count(
      days.flatMap((day) => day.sessions),
      (session) => session.interrupted,
    ),
    running: standing.some(isRunning),
  };
}

function figures({ sessions, sittings: day, nursings }) {
  const effective = count(nursings, (nursing) => nursing.effective);
  return {
    stimulations: day.length + effective,
    sittings: day.length,
    effective,
    ineffective: nursings.length - effective,
    pumping: sum(sessions.map((session) => session.pumping_s)),
    ml: sum(sessions.map((session) => session.volume_ml)),
    withoutAmount: count(day, (sitting) => sitting.volume_ml === null),
  };
}

// An amount is known of that day: where none was given the sum of 0 says nothing.
export const hasAmount = (day) => day.ml > 0 || (day.withoutAmount === 0 && day.sittings > 0);

// Rounded to a whole number, half up; of one value at least.
export function median(values) {
  const ordered = values.toSorted((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  return ordered.length % 2 ? ordered[middle] : Math.floor((ordered[middle - 1] + ordered[middle] + 1) / 2);
}

export const lastMinute = (session) => Math.floor(endOf(session) / 60_000) - Math.floor(startOf(session) / 60_000);
