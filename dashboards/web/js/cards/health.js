// Device: "All well.", or each fault with its remedy, and a line of plain states; out of reach, as they were known.

import { Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { isKnownZone } from "../time.js";
import { dotted } from "../words.js";
import { asKnown } from "./now.js";

const records = (count) => (count === 1 ? "1 record" : `${count} records`);

// What each part says: [fault, remedy] where something is to be done, else words.
const PARTS = [
  [
    "serial",
    {
      __proto__: null,
      up: { words: "pump link open" },
      off: {},
      lost: { fault: "Pump link lost: check the cable.", remedy: "Sessions by the motor wire go on." },
    },
  ],
  [
    "display",
    {
      __proto__: null,
      up: { words: "display on" },
      off: {},
      failed: { fault: "The display doesn’t answer: check its wires.", remedy: "Everything else goes on." },
    },
  ],
  [
    "clock",
    {
      __proto__: null,
      synced: { words: "clock synchronised" },
      unsynced: {
        fault: "The clock is not set: it needs the network for a moment.",
        remedy: "Times are corrected then.",
      },
    },
  ],
  [
    "store",
    {
      __proto__: null,
      ok: {},
      failing: {
        fault: "Storage doesn’t take new records: check the card.",
        remedy: "They wait in memory; don’t switch it off.",
      },
      full: {
        fault: "Storage is full: make room on the card.",
        remedy: "New records wait in memory; don’t switch it off.",
      },
    },
  ],
];

const UNREAD = {}; // a word that this page does not know, or none

export function Health() {
  const { device, times, settings, demo } = usePage();
  const { diagnostics, today } = device;
  if (!diagnostics) return null;
  const parts = PARTS.map(([name, words]) => words[diagnostics[name]] ?? UNREAD);
  const faults = parts.filter((part) => part.fault);
  const { outbox } = diagnostics;
  const known = asKnown(device, times);
  const sentence = dotted([
    ...parts.map((part) => part.words),
    outbox === null ? null : outbox ? `${records(outbox)} not yet sent` : "everything sent",
    known,
  ]);
  const well = parts.includes(UNREAD) ? "Part of what it says can’t be read." : known ? "All was well." : "All well.";
  return html`<${Card} id="device" title="Device"
      aside=${diagnostics.version && `version ${diagnostics.version}`}>
    ${faults.length === 0 && html`<p>${well}</p>`}
    ${faults.map(({ fault, remedy }) => html`<div class="fault"><${Icon}
        name="info"/><div><b>${fault}</b><p>${remedy}</p></div></div>`)}
    <p class="muted">${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}</p>
    ${today?.timezone && !isKnownZone(today.timezone) && html`<p class="muted">This browser doesn’t know the zone
      “${today.timezone}”: times are its own.</p>`}
    ${settings.linked && !demo && html`<p class="muted small linked">A link named ${settings.broker}, and this browser
      doesn’t keep it.</p>`}
  <//>`;
}
