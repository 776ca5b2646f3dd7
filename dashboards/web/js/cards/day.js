// Last 24 hours: the count beside the baseline as plain words, a strip up to now, and what it is made of.

import { amount } from "../amount.js";
import { Card, Unread } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Shape } from "../parts/shapes.js";
import { spoken, Timeline } from "../parts/timeline.js";
import { between, rows } from "../record.js";
import { DAY, HOUR, hourWord, pumping } from "../time.js";
import { dotted, stimulations } from "../words.js";
import { Asking, Baseline } from "./now.js";

const QUARTER = HOUR / 4;
// room for "now" and half of an hour’s word, where the strip is narrowest
const clear = (word) => (2.8 + 0.35 * word.length) * HOUR;

export function Last24() {
  const { device } = usePage();
  const { today } = device;
  if (!today) return html`<${Card} id="day" title="Last 24 hours" className="tall"><${Asking}/><//>`;
  if (!today.last_24h?.pumpings) return html`<${Unread} title="Last 24 hours"/>`;
  const { last_24h: day } = today;
  return html`<${Card} id="day" title="Last 24 hours">
    <p class="figure-line"><b class="figure">${day.stimulations ?? "–"}</b> ${stimulations(day.stimulations)} <${Baseline}
        of=${today}/></p>
    <${Strip}/>
    <${Counts} day=${day}/>
    <p class="muted">${sums(day, today.units)}</p>
  <//>`;
}

function sums(day, units) {
  const without = day.without_amount ? `${day.without_amount} without amount` : "";
  const volume = day.volume_ml || !without ? amount(day.volume_ml ?? 0, units) : "";
  const milk = [volume, without].filter(Boolean).join(", ");
  return day.pumping_s ? dotted([`${pumping(day.pumping_s)} pumping`, milk]) : "No pumping";
}

function Strip() {
  const { device, now, times } = usePage();
  const from = now - DAY;
  const shown = between(rows(device.record, { until: now }), from, now);
  const hours = Array.from({ length: 97 }, (_, index) => (Math.ceil(from / QUARTER) + index) * QUARTER)
    .map((at) => [at, times.fullHour(at)]) // some zones' hours begin at a quarter of ours
    .filter(([, hour]) => hour !== null && hour % 6 === 0)
    .map(([at, hour]) => [at, hourWord(hour)])
    .filter(([at, word]) => at < now - clear(word));
  const place = (at) => (at - from) / DAY;
  return html`<div class="strip"><${Timeline} rows=${shown} place=${place}
      label=${`The last 24 hours: ${spoken(shown)}`}/>
    <div class="hours" aria-hidden="true">${hours.map(
      ([at, word]) => html`<span style=${{ "--at": place(at) }}>${word}</span>`,
    )}<span class="last">now</span></div></div>`;
}

function Counts({ day }) {
  const counts = [
    ["protect", "Protect", day.pumpings.protect],
    ["promote", "Promote", day.pumpings.promote],
    ["treat", "Treat", day.pumpings.treat],
    ["open", "not given", day.pumpings.unclassified],
    ["nursed", "nursed", day.nursings?.effective],
    ["ineffective", "not effective", day.nursings?.ineffective],
  ];
  return html`<ul class="counts">${counts
    .filter(([, , count]) => count > 0)
    .map(
      ([shape, word, count]) => html`<li>
    <${Shape} name=${shape}/>${word} <b>${count}</b></li>`,
    )}</ul>`;
}
