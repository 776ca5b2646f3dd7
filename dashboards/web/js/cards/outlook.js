// Outlook: one sentence, and the five counts it comes from beside a neutral band. No arrows, no advice.

import { Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { listed, number } from "../language.js";
import { OUTLOOKS, say } from "../words.js";

const LABELS = {
  __proto__: null,
  steady: say("steady"),
  falling: say("falling"),
  low: say("low"),
  rising: say("rising"),
  high: say("high"),
  recovering: say("recovering"),
  settling: say("settling"),
  unknown: say("unknown"),
};

const HEIGHT = 104;
const MIDDLE = 42;
const REACH = 24; // px that the farthest count may lie from the middle

export function Outlook() {
  const { device } = usePage();
  const { outlook, baseline } = device.today ?? {};
  if (!outlook) return null;
  const known = [outlook.now, outlook.coming, baseline].every(Number.isFinite);
  const days = (share) => number(share * baseline, 1);
  return html`<${Card} id="outlook" title=${say("Outlook")} aside=${LABELS[outlook.label] ?? outlook.label}>
    <p class="outlook-words">${OUTLOOKS[outlook.label] ?? outlook.label}</p>
    ${
      known &&
      html`<p class="muted">${say(
        "Today answers to days of about {now} stimulations; the next days answer to about {coming}.",
        { now: days(outlook.now), coming: days(outlook.coming) },
      )} ${say("An estimate from the record.")}</p>`
    }
    ${known && outlook.stimulations?.length === 5 && html`<${Picture}
        counts=${outlook.stimulations.toReversed()} baseline=${baseline}/>`}
  <//>`;
}

function Picture({ counts, baseline }) {
  const far = Math.max(0.2 * baseline, ...counts.map((count) => Math.abs(count - baseline)));
  const scale = Math.min(9, REACH / far);
  const y = (count) => MIDDLE - (count - baseline) * scale;
  const x = (index) => `${(index + 0.5) * 20}%`;
  const sentence = say(
    "Stimulations in each of the last five times 24 hours, oldest first: {counts}; the baseline is {baseline}.",
    { counts: listed(counts.map(String)), baseline },
  );
  return html`<p class="muted small">${say(
    "Stimulations in each 24 h; the band lies around the baseline of\u00a0{baseline}",
    { baseline },
  )}</p>
    <svg class="outlook" height=${HEIGHT - 20} width="100%" role="img" aria-label=${sentence}>
      <rect class="band" x="0" width="100%" y=${y(1.15 * baseline)} height=${0.25 * baseline * scale}/>
      <line class="base" x1="0" x2="100%" y1=${MIDDLE} y2=${MIDDLE}/>
      ${counts.map(
        (count, index) => html`<g><circle cx=${x(index)} cy=${y(count)} r="5"/>
        <text x=${x(index)} y=${y(count) + (count < baseline ? 20 : -10)}
            text-anchor="middle">${count}</text></g>`,
      )}
    </svg>
    <div class="brackets"
        aria-hidden="true"><p>${say("5 to 3 days ago")}<b>${say("today’s supply")}</b></p>
      <p>${say("last 3 days")}<b>${say("the next days")}</b></p></div>`;
}
