// Week: seven rows of 24 hours, today first; a row opens its day as a list.

import { Button, Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Shape } from "../parts/shapes.js";
import { spoken, Timeline } from "../parts/timeline.js";
import { rows } from "../record.js";
import { daysBack, hourWord } from "../time.js";
import { counted, PURPOSES, say } from "../words.js";

const LEGEND = [
  ["protect", PURPOSES.protect],
  ["promote", PURPOSES.promote],
  ["treat", PURPOSES.treat],
  ["open", say("not given")],
  ["nursed", say("nursed")],
  ["ineffective", say("not effective")],
];
const HOURS = [0, 6, 12, 18, 24];

export function Week() {
  const { device, now, times, open } = usePage();
  const days = daysBack(times.day(now), 7);
  const known = rows(device.recent, { until: now });
  const byDay = Map.groupBy(known, (row) => times.day(row.at));
  const first = known.length ? times.day(known.at(-1).at) : null;
  return html`<${Card} id="week" title=${say("Week")} aside=${say("stimulations")}>
    <div class="week"><div class="week-hours" aria-hidden="true">${HOURS.map(
      (hour) => html`<span style=${{ "--at": hour / 24 }}>${hourWord(hour)}</span>`,
    )}</div>
    <ul>${days.map((day, index) => html`<li key=${day}><${DayRow} day=${day} today=${index === 0}
        begun=${first !== null && day >= first} rows=${byDay.get(day) ?? []}/></li>`)}</ul></div>
    <ul class="counts legend">${LEGEND.map(([shape, word]) => html`<li><${Shape}
        name=${shape}/>${word}</li>`)}</ul>
    <${Button} className="link" act=${() => open({ view: "report" })}>${say("Report to print")}<//>
  <//>`;
}

function DayRow({ day, today, begun, rows: dayRows }) {
  const { device, now, times, open } = usePage();
  const figures = device.today?.days?.find((entry) => entry.day === day);
  const name = today ? say("Today") : times.rowDay(day);
  // an end after midnight stays at the row's edge
  const place = (at) => (times.day(at) === day ? times.share(at) : 1);
  // before the first record nobody counted, so a 0 would be made up
  const count = figures?.stimulations || (begun ? (figures?.stimulations ?? null) : null);
  const said = { day: name, what: spoken(dayRows) };
  const label =
    count === null
      ? say("{day}: {what}", said)
      : counted(count, "{day}: {count} stimulation; {what}", "{day}: {count} stimulations; {what}", said);
  return html`<button type="button" class="week-row" onClick=${() => open({ view: "day", day })}>
    <span class=${today ? "day today" : "day"}>${name}</span>
    <${Timeline} rows=${dayRows} place=${place} label=${label}>
      ${HOURS.map(
        (hour) => html`<span class="hour-line" style=${{ left: `min(${(hour / 24) * 100}%, 100% - 1px)` }}></span>`,
      )}
      ${today && html`<span class="now-line" style=${{ left: `${times.share(now) * 100}%` }}></span>`}
    <//>
    <span class="count" aria-hidden="true">${count}</span></button>`;
}
