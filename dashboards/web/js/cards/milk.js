// Milk within its time: what the record says was kept, the earliest first; it leaves when its time is over.

import { useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { Button, Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { endOf, milk } from "../record.js";
import { DAY, within } from "../time.js";
import { intentionWord } from "../words.js";

const FIRST = 6;
const HALF_YEAR = 184 * DAY; // the freezer's six calendar months at their longest

export function Milk() {
  const { device, now } = usePage();
  const [whole, setWhole] = useState(false);
  const kept = milk(device.record, now);
  const shown = whole ? kept : kept.slice(0, FIRST);
  const further = !device.older.ended && device.reach > now - HALF_YEAR;
  if (!kept.length && !further) return null;
  return html`<${Card} id="milk" title="Milk within its time" aside="earliest first">
    <ul class="rows">${shown.map((session) => html`<${Kept} key=${session.id} session=${session}/>`)}</ul>
    ${kept.length > shown.length && html`<p class="more"><${Button} className="link"
        act=${() => setWhole(true)}>all ${kept.length}<//></p>`}
    ${kept.length === shown.length && further && html`<${Further}/>`}
    <p class="muted small">Times for fresh milk and a healthy term baby (CDC). The record doesn’t know what has been fed.</p>
  <//>`;
}

function Kept({ session }) {
  const { now, times, units } = usePage();
  const left = Date.parse(session.use_by) - now;
  const until = times.until(session.use_by);
  const from = times.dated(endOf(session));
  return html`<li class="milk-row"><span>${intentionWord(session.intention)}</span>
    <span>use by ${left < DAY ? `${times.clock(session.use_by)}, in\u00a0${within(left)}` : until}
      <span class="muted small">from ${times.isToday(endOf(session)) ? `today ${from}` : from}</span></span>
    <b class="sum">${session.volume_ml === null ? "–" : amount(session.volume_ml, units)}</b></li>`;
}

// The page knows eight days; milk in the freezer may be older, and is asked for only when somebody wants to know.
function Further() {
  const { device, now } = usePage();
  const [asking, setAsking] = useState(false);
  const look = async () => {
    setAsking(true);
    while (device.reachable && device.reach > now - HALF_YEAR && (await device.fetchOlder()));
    setAsking(false);
  };
  return html`<p class="more"><${Button} className="link" act=${look} disabled=${asking || !device.reachable}>
    ${asking ? "Asking the device …" : "Look back for milk in the freezer"}<//></p>`;
}
