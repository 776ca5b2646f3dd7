// Device: "All well.", or each fault with its remedy, and a line of plain states; out of reach, as they were known.

import { Card } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { dotted } from "../words.js";
import { asKnown } from "./now.js";

const stateOf = (part) => (typeof part === "object" ? part?.state : part);
const records = (count) => (count === 1 ? "1 record" : `${count} records`);

// What each part says: [fault, remedy] where something is to be done, else words.
const PARTS = [
  [
    "serial",
    {
      up: { words: "pump link open" },
      off: {},
      lost: { fault: "Pump link lost: check the cable.", remedy: "Sessions by the motor wire go on." },
    },
  ],
  [
    "display",
    {
      up: { words: "display on" },
      off: {},
      failed: { fault: "The display doesn’t answer: check its wires.", remedy: "Everything else goes on." },
    },
  ],
  [
    "clock",
    {
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

export function Health() {
  const { device, times } = usePage();
  const { diagnostics } = device;
  if (!diagnostics) return null;
  const parts = PARTS.map(([name, words]) => words[stateOf(diagnostics[name])] ?? {});
  const faults = parts.filter((part) => part.fault);
  const waiting = Number(stateOf(diagnostics.outbox) ?? diagnostics.outbox?.count ?? 0);
  const known = asKnown(device, times);
  const sentence = dotted([
    ...parts.map((part) => part.words),
    waiting ? `${records(waiting)} not yet sent` : "everything sent",
    known,
  ]);
  return html`<${Card} id="device" title="Device"
      aside=${diagnostics.version && `version ${diagnostics.version}`}>
    ${faults.length === 0 && html`<p>${known ? "All was well." : "All well."}</p>`}
    ${faults.map(({ fault, remedy }) => html`<div class="fault"><${Icon}
        name="info"/><div><b>${fault}</b><p>${remedy}</p></div></div>`)}
    <p class="muted">${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}</p>
  <//>`;
}
