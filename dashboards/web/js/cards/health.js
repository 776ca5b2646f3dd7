// Device: "All well.", or each fault with its remedy, and a line of plain states; out of reach, as they were known.

import { taken } from "../actions.js";
import { Button, Card, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { DAY, iso, isKnownZone } from "../time.js";
import { dotted } from "../words.js";
import { asKnown } from "./now.js";

const records = (count) => (count === 1 ? "1 record" : `${count} records`);
const changes = (count) => (count === 1 ? "1 change" : `${count} changes`);

// What each part says: [fault, remedy] where something is to be done, else words.
/** @type {[string, Record<string, {words?: string, fault?: string, remedy?: string, action?: any}>][]} */
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
      told: { words: "clock set by a person" },
      unsynced: {
        fault: "The clock is not set: it needs the network for a moment, or the time from here.",
        remedy: "Times are corrected then.",
        action: TellClock,
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

const HERE = matchMedia("(pointer: coarse)").matches ? "phone" : "computer";

// For a house without internet: the time that this browser has.
function TellClock() {
  const { device, actions } = usePage();
  const tell = async () => {
    const reply = await actions.send("clock", { command: "clock", at: iso(Math.round(Date.now() / 1000) * 1000) });
    if (taken(reply)) device.refresh(); // the days that are shown lie elsewhere now
  };
  return html`<${Button} className="link" disabled=${!device.reachable || actions.pending("clock")}
      act=${tell}>Use this ${HERE}’s time<//><${Trouble} place="clock" verb="set"/>`;
}

const REPAIR_SHOWN = 7 * DAY;
const UNREAD = {}; // a word that this page does not know, or none

// What became of a damaged file, as long as it is news, and of what found no room.
const losses = ({ repaired_at: repaired, set_aside: aside, dropped }, times, now) =>
  [
    repaired &&
      Date.parse(repaired) > now - REPAIR_SHOWN &&
      `Record repaired, ${times.dated(repaired)}: ${aside ? `${changes(aside)} could not be read` : "all of it could be read"}.`,
    dropped > 0 && `${changes(dropped)} found no room in memory while storage took nothing.`,
  ].filter(Boolean);

export function Health() {
  const { device, times, now, settings, demo } = usePage();
  const { diagnostics, today } = device;
  if (!diagnostics) return null;
  const { outbox, store } = diagnostics;
  const told = diagnostics.clock === "synced" && diagnostics.clock_by === "person";
  const said = { ...diagnostics, store: store?.state, ...(told && { clock: "told" }) };
  const parts = PARTS.map(([name, words]) => words[said[name]] ?? UNREAD);
  const faults = parts.filter((part) => part.fault);
  const known = asKnown(device, times);
  const sentence = dotted([
    ...parts.map((part) => part.words),
    store?.in_memory > 0 && `${records(store.in_memory)} in memory, not saved yet`,
    outbox > 0 && `${records(outbox)} not yet sent`,
    outbox === 0 && !store?.in_memory && "everything sent",
    known,
  ]);
  const well = parts.includes(UNREAD) ? "Part of what it says can’t be read." : known ? "All was well." : "All well.";
  return html`<${Card} id="device" title="Device"
      aside=${diagnostics.version && `version ${diagnostics.version}`}>
    ${faults.length === 0 && html`<p>${well}</p>`}
    ${faults.map(({ fault, remedy, action }) => html`<div class="fault"><${Icon}
        name="info"/><div><b>${fault}</b><p>${remedy}</p>${action && html`<${action}/>`}</div></div>`)}
    <p class="muted">${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}</p>
    ${losses(store ?? {}, times, now).map((words) => html`<p class="muted">${words}</p>`)}
    ${today?.timezone && !isKnownZone(today.timezone) && html`<p class="muted">This browser doesn’t know the zone
      “${today.timezone}”: times are its own.</p>`}
    ${settings.linked && !demo && html`<p class="muted small linked">A link named ${settings.broker}, and this browser
      doesn’t keep it.</p>`}
  <//>`;
}
