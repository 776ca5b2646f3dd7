// Amounts: each session, each day, or a table. No trend line, no target; null is not 0.

import { useState } from "../../vendor/preact.js";
import { amount, bare, ML_PER_OZ } from "../amount.js";
import { Card, classes, Segments } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Shape, shapeOf } from "../parts/shapes.js";
import { listed, number } from "../language.js";
import { startOf } from "../record.js";
import { dayAfter, daysBack, pumping } from "../time.js";
import { counted, dotted, say } from "../words.js";

const ASIDES = {
  sessions: (unit) => say("each session, {unit}", { unit }),
  days: (unit) => say("sum of each day, {unit}", { unit }),
  table: (unit) => unit,
};
const VIEWS = [
  ["sessions", say("Sessions")],
  ["days", say("Days")],
  ["table", say("Table")],
];

export function Amounts() {
  const { device, units } = usePage();
  const [view, setView] = useState("sessions");
  if (!device.today?.days?.length) return null;
  const unit = units === "oz" ? "oz" : "ml";
  return html`<${Card} id="amounts" title=${say("Amounts")} aside=${ASIDES[view](unit)}>
    ${view === "sessions" && html`<${Sessions}/>`}
    ${view === "days" && html`<${Days}/>`}
    ${view === "table" && html`<${Table}/>`}
    <${Segments} label=${say("Show amounts as")} name="amounts" options=${VIEWS} chosen=${view} choose=${setView}/>
  <//>`;
}

// Two steps up to a round number at or above the largest amount, in the device's unit.
function scaleFor(largest, units) {
  const unit = units === "oz" ? ML_PER_OZ : 1;
  const steps = [1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];
  const step = steps.find((size) => size * 2.6 * unit >= largest) ?? 2000;
  return {
    top: Math.max(largest, step * 2 * unit) * 1.1,
    lines: [0, step, 2 * step].map((value) => [value, value * unit]),
  };
}

function Plot({ scale, label, children }) {
  return html`<div class="plot" role="img" aria-label=${label}>
    ${scale.lines.map(([value, ml]) => html`<span class="plot-line"
        style=${{ bottom: `${(ml / scale.top) * 100}%` }}><span>${number(value)}</span></span>`)}
    ${children}</div>`;
}

function Sessions() {
  const { device, now, times, units } = usePage();
  const days = daysBack(times.day(now), 7).reverse();
  const from = times.instant(days[0], "00:00:00");
  const until = times.instant(dayAfter(days.at(-1), 1), "00:00:00");
  const given = device.recent.sessions.filter(
    (session) =>
      !session.deleted &&
      session.volume_ml !== null &&
      startOf(session) >= from &&
      session.state !== "running",
  );
  const scale = scaleFor(Math.max(20, ...given.map((session) => session.volume_ml)), units);
  return html`<${Plot} scale=${scale}
      label=${counted(
        given.length,
        "{count} session with an amount in the last 7 days; the table lists each day.",
        "{count} sessions with an amount in the last 7 days; the table lists each day.",
      )}>
    <div class="plot-area">${given.map(
      (session) => html`<span class=${`point ${shapeOf(session.purpose)}`} key=${session.id} style=${{
        left: `${((startOf(session) - from) / (until - from)) * 100}%`,
        bottom: `${(session.volume_ml / scale.top) * 100}%`,
      }}>
      <${Shape} name=${shapeOf(session.purpose)}/></span>`,
    )}</div><//>
    <${DayNames} days=${days}/>`;
}

const DayNames = ({ days }) => {
  const { times } = usePage();
  return html`<div class="plot-days" aria-hidden="true">${days.map(
    (day, index) => html`<span>
    ${index === days.length - 1 ? say("Today|below a column") : times.shortDay(day)}</span>`,
  )}</div>`;
};

function Days() {
  const { device, times, units } = usePage();
  const days = device.today.days.toReversed();
  const scale = scaleFor(Math.max(20, ...days.map((day) => day.volume_ml ?? 0)), units);
  const name = (day) => (day === days.at(-1) ? say("Today") : times.shortDay(day.day));
  const notes = days
    .map((day) =>
      [
        day.without_amount && counted(day.without_amount, "{count} without amount", "{count} without amount"),
        day === days.at(-1) && say("so far"),
      ]
        .filter(Boolean)
        .map((what) => say("{day}: {what}", { day: name(day), what })),
    )
    .flat();
  const said = listed(days.map((day) => `${name(day)} ${amount(day.volume_ml ?? 0, units)}`));
  const label = say("Sum of each day: {sums}. {notes}", { sums: said, notes: notes.join(". ") });
  return html`<${Plot} scale=${scale} label=${label}>
    <div class="plot-area columns">${days.map(
      (day) => html`<span class="column">
      ${(day.volume_ml > 0 || day.without_amount > 0) && html`<span
          class="value">${bare(day.volume_ml ?? 0, units)}</span>`}
      ${day.without_amount > 0 && html`<span class="without"></span>`}
      <span class=${classes("sum-bar", day === days.at(-1) && "so-far")}
          style=${{ height: `${((day.volume_ml ?? 0) / scale.top) * 100}%` }}></span>
    </span>`,
    )}</div><//>
    <${DayNames} days=${days.map((day) => day.day)}/>
    <p class="muted small">${dotted(notes)}</p>`;
}

function Table() {
  const { device, times, units } = usePage();
  return html`<div class="table" tabindex="0" role="group"
      aria-label=${say("Amounts of each day")}><table><thead><tr><th scope="col">${say("Day")}</th><th
      scope="col">${say("Stimulations")}</th><th scope="col">${say("Pumping|how long")}</th>
    <th scope="col">${say("Amount")}</th></tr></thead><tbody>
    ${device.today.days.map(
      (
        day,
        index,
      ) => html`<tr><th scope="row">${index ? times.rowDay(day.day) : html`${say("Today")} <span
          class="muted small">${say("so far")}</span>`}</th>
      <td>${day.stimulations ?? "–"}</td><td>${day.pumping_s ? pumping(day.pumping_s) : "–"}</td>
      <td>${day.volume_ml || !day.without_amount ? amount(day.volume_ml ?? 0, units) : "–"}
        ${day.without_amount > 0 && html`<span class="muted small">${counted(
          day.without_amount,
          "{count} without",
          "{count} without",
        )}</span>`}</td></tr>`,
    )}
  </tbody></table></div>`;
}
