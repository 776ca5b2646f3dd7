// Each day on its strip of 24 hours and as figures, and the days beside each other as bars. Places are whole numbers,
// so that they are the same as those of `device/report/drawn.py`.

import { isNursing, startOf } from "../record.js";
import { nursingShape, shapeOf } from "../parts/shapes.js";
import { REPORT } from "../words.js";
import { hasAmount, lastMinute } from "./account.js";
import { howMany, joined, put } from "./setting.js";

const MINUTES = 1440;
const NARROWEST = 6;
const SHAPE = 62;
const DISC = 44;
const WIDE = 600;
const HIGH = 120;
const TOP = 34;
const MOST_NUMBERED = 16;
const HOUR = 3_600_000;

// A day's row: its name, what is drawn on its strip, its figures; the last one is not over.
export function dayRow(day, setting, isLast) {
  const hours = Math.floor((day.end - day.start) / HOUR);
  const more = isLast ? [put(REPORT.until, { time: setting.time(setting.now) })] : [];
  if (hours !== 24 && !isLast) more.push(put(REPORT.not_24_h, { hours }));
  const x = (at, wide) => setting.minute(at) - wide / 2;
  return {
    date: setting.day(day.name),
    more: more.map((said) => ({ said })),
    label: told(day, setting).join("; ") || (day.figures ? REPORT.no_session : REPORT.no_record),
    bars: day.sessions.map((session) => bar(session, setting)),
    shapes: day.sittings.map((sitting) => ({ shape: shapeOf(sitting.purpose), x: x(sitting.stimulationAt, SHAPE) })),
    discs: day.nursings.map((nursing) => ({ shape: nursingShape(nursing.effective), x: x(nursing.at, DISC) })),
    cells: cells(day, setting).map((text) => ({ text })),
    unrecorded: day.figures ? [] : [{ text: REPORT.no_record }],
  };
}

function bar(session, setting) {
  const x = setting.minute(startOf(session));
  const wide = Math.max(NARROWEST, lastMinute(session));
  return { x, wide: Math.min(wide, MINUTES - x), kind: shapeOf(session.purpose) };
}

// What was on a day, in order, for those who don't see the strip.
const told = (day, setting) =>
  [...day.sessions, ...day.nursings]
    .sort((a, b) => startOf(a) - startOf(b))
    .map((record) => put(REPORT.at, { time: setting.time(startOf(record)), what: what(record, setting) }));

function what(record, setting) {
  if (isNursing(record)) return record.effective ? REPORT.nursed : REPORT.ineffective;
  return put(REPORT.pumped, {
    purpose: setting.purpose(record.purpose),
    pumping: setting.length(record.pumping_s ?? 0),
    amount: record.volume_ml === null ? REPORT.no_amount : setting.amount(record.volume_ml),
  });
}

function cells({ figures, sessions }, setting) {
  if (!figures) return [];
  const { effective, ineffective, withoutAmount } = figures;
  const amount = hasAmount(figures) ? [setting.amount(figures.ml)] : [];
  if (withoutAmount) amount.push(joined(howMany(REPORT.without_amount, withoutAmount)));
  return [
    figures.stimulations,
    sessions.length,
    ineffective ? joined(`${effective} + ${ineffective}`) : effective,
    figures.pumping ? setting.length(figures.pumping) : "–",
    amount.join(", ") || "–",
  ];
}

// Stimulations a day beside the baseline, and amounts.
export function charts({ days }, setting) {
  const { baseline, units: unit } = setting;
  const last = days.at(-1);
  const stimulations = days.map((day) => ({
    value: day.figures?.stimulations ?? null,
    text: String(day.figures?.stimulations ?? "–"),
    part: day === last,
  }));
  const amounts = days.map((day) => {
    const value = day.figures && hasAmount(day.figures) ? day.figures.ml : null;
    const part = day === last || day.figures?.withoutAmount > 0;
    return { value, text: value === null ? "–" : setting.bare(value), part };
  });
  return [
    chart(put(REPORT.stimulations_a_day, { baseline }), stimulations, baseline, days, setting),
    chart(put(REPORT.amount_a_day, { unit }), amounts, null, days, setting),
  ];
}

function chart(title, bars, line, days, setting) {
  const most = Math.max(1, line ?? 0, ...bars.map(({ value }) => value ?? 0));
  const numbered = bars.length <= MOST_NUMBERED;
  const placed = bars.map(({ value, text, part }, place) => {
    const [left, right] = [place, place + 1].map((edge) => Math.floor((WIDE * edge) / bars.length));
    const rest = Math.floor((right - left) / 6);
    const high = Math.floor((HIGH * (value ?? 0)) / most);
    const { name } = days[place];
    return {
      value,
      text,
      name,
      shown: numbered || place % 7 === 0,
      middle: Math.floor((left + right) / 2),
      column: { x: left + rest, wide: right - left - 2 * rest, y: TOP + HIGH - high, high, kind: part ? "part" : "whole" },
    };
  });
  const spoken = placed.map(({ name, text }) => `${setting.day(name)} ${text}`).join("; ");
  return {
    title,
    label: `${title}: ${spoken}`,
    columns: placed.filter(({ value }) => value).map(({ column }) => column),
    values: numbered ? placed.map(({ middle, column, text }) => ({ x: middle, y: column.y - 6, text })) : [],
    named: placed
      .filter(({ shown }) => shown)
      .map(({ middle, name }) => ({ x: middle, text: numbered ? Number(name.slice(8)) : setting.date(name) })),
    line: line === null ? [] : [{ y: TOP + HIGH - Math.floor((HIGH * line) / most) }],
  };
}
