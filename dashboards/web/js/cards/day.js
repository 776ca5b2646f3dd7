// Last 24 hours: the count beside the baseline as plain words, a strip up to now, and what it is made of.

import { amount } from "../amount.js";
import { Card, Unread } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { listed } from "../language.js";
import { Shape } from "../parts/shapes.js";
import { spoken, Timeline } from "../parts/timeline.js";
import { between, rows } from "../record.js";
import { DAY, HOUR, hourWord, pumping } from "../time.js";
import { counted, dotted, PURPOSES, say, stimulations } from "../words.js";
import { Asking, Baseline } from "./now.js";

const QUARTER = HOUR / 4;
const NOW = say("now");
// room for "now" and half of an hour’s word, where the strip is narrowest
const clear = (word) => (0.7 + 0.7 * NOW.length + 0.35 * word.length) * HOUR;

export function Last24() {
  const { device } = usePage();
  const { today } = device;
  if (!today) return html`<${Card} id="day" title=${say("Last 24 hours")} className="tall"><${Asking}/><//>`;
  if (!today.last_24h?.pumpings) return html`<${Unread} title=${say("Last 24 hours")}/>`;
  const { last_24h: day } = today;
  return html`<${Card} id="day" title=${say("Last 24 hours")}>
    <p class="figure-line"><b class="figure">${day.stimulations ?? "–"}</b> ${stimulations(day.stimulations)} <${Baseline}
        of=${today}/></p>
    <${Strip}/>
    <${Counts} day=${day}/>
    <p class="muted">${sums(day, today.units)}</p>
  <//>`;
}

function sums(day, units) {
  const without = day.without_amount
    ? counted(day.without_amount, "{count} without amount", "{count} without amount")
    : "";
  const volume = day.volume_ml || !without ? amount(day.volume_ml ?? 0, units) : "";
  const milk = listed([volume, without].filter(Boolean));
  if (!day.pumping_s) return say("No pumping");
  return dotted([say("{time} pumping", { time: pumping(day.pumping_s) }), milk]);
}

function Strip() {
  const { device, now, times } = usePage();
  const from = now - DAY;
  const shown = between(rows(device.recent, { until: now }), from, now);
  const hours = Array.from({ length: 97 }, (_, index) => (Math.ceil(from / QUARTER) + index) * QUARTER)
    .map((at) => [at, times.fullHour(at)]) // some zones' hours begin at a quarter of ours
    .filter(([, hour]) => hour !== null && hour % 6 === 0)
    .map(([at, hour]) => [at, hourWord(hour)])
    .filter(([at, word]) => at < now - clear(word));
  const place = (at) => (at - from) / DAY;
  return html`<div class="strip"><${Timeline} rows=${shown} place=${place}
      label=${say("The last 24 hours: {what}", { what: spoken(shown) })}/>
    <div class="hours" aria-hidden="true">${hours.map(
      ([at, word]) => html`<span style=${{ "--at": place(at) }}>${word}</span>`,
    )}<span class="last">${NOW}</span></div></div>`;
}

function Counts({ day }) {
  const counts = [
    ["protect", PURPOSES.protect, day.pumpings.protect],
    ["promote", PURPOSES.promote, day.pumpings.promote],
    ["treat", PURPOSES.treat, day.pumpings.treat],
    ["open", say("not given"), day.pumpings.unclassified],
    ["nursed", say("nursed"), day.nursings?.effective],
    ["ineffective", say("not effective"), day.nursings?.ineffective],
  ];
  return html`<ul class="counts">${counts
    .filter(([, , count]) => count > 0)
    .map(
      ([shape, word, count]) => html`<li>
    <${Shape} name=${shape}/>${word} <b>${count}</b></li>`,
    )}</ul>`;
}
