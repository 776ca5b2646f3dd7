// Device: "All well.", or each fault with its remedy, and a line of plain states; out of reach, as they were known.

import { taken } from "../actions.js";
import { Button, Card, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { DAY, iso, isKnownZone } from "../time.js";
import { counted, dotted, say } from "../words.js";
import { asKnown } from "./now.js";

// What each part says: [fault, remedy] where something is to be done, else words.
/** @type {[string, Record<string, {words?: string, fault?: string, remedy?: string, action?: any}>][]} */
const PARTS = [
  [
    "serial",
    {
      __proto__: null,
      up: { words: say("pump link open") },
      off: {},
      lost: {
        fault: say("Pump link lost: check the cable."),
        remedy: say("Sessions by the motor wire go on."),
      },
    },
  ],
  [
    "display",
    {
      __proto__: null,
      up: { words: say("display on") },
      off: {},
      failed: {
        fault: say("The display doesn’t answer: check its wires."),
        remedy: say("Everything else goes on."),
      },
    },
  ],
  [
    "clock",
    {
      __proto__: null,
      synced: { words: say("clock synchronised") },
      told: { words: say("clock set by a person") },
      unsynced: {
        fault: say("The clock is not set: it needs the network for a moment, or the time from here."),
        remedy: say("Times are corrected then."),
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
        fault: say("Storage doesn’t take new records: check the card."),
        remedy: say("They wait in memory; don’t switch it off."),
      },
      full: {
        fault: say("Storage is full: make room on the card."),
        remedy: say("New records wait in memory; don’t switch it off."),
      },
    },
  ],
];

const USE_OWN_TIME = matchMedia("(pointer: coarse)").matches
  ? say("Use this phone’s time")
  : say("Use this computer’s time");

// For a house without internet: the time that this browser has.
function TellClock() {
  const { device, actions } = usePage();
  const tell = async () => {
    const reply = await actions.send("clock", { command: "clock", at: iso(Math.round(Date.now() / 1000) * 1000) });
    if (taken(reply)) device.refresh(); // the days that are shown lie elsewhere now
  };
  return html`<${Button} className="link" disabled=${!device.reachable || actions.pending("clock")}
      act=${tell}>${USE_OWN_TIME}<//><${Trouble} place="clock" verb="set"/>`;
}

const REPAIR_SHOWN = 7 * DAY;
const UNREAD = {}; // a word that this page does not know, or none

const repairedWords = (time, aside) =>
  aside
    ? counted(
        aside,
        "Record repaired, {time}: {count} change could not be read.",
        "Record repaired, {time}: {count} changes could not be read.",
        { time },
      )
    : say("Record repaired, {time}: all of it could be read.", { time });

// What became of a damaged file, as long as it is news, and of what found no room.
const losses = ({ repaired_at: repaired, set_aside: aside, dropped }, times, now) =>
  [
    repaired &&
      Date.parse(repaired) > now - REPAIR_SHOWN &&
      repairedWords(times.dated(repaired), aside),
    dropped > 0 &&
      counted(
        dropped,
        "{count} change found no room in memory while storage took nothing.",
        "{count} changes found no room in memory while storage took nothing.",
      ),
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
    store?.in_memory > 0 &&
      counted(
        store.in_memory,
        "{count} record in memory, not saved yet",
        "{count} records in memory, not saved yet",
      ),
    outbox > 0 && counted(outbox, "{count} record not yet sent", "{count} records not yet sent"),
    outbox === 0 && !store?.in_memory && say("everything sent"),
    known,
  ]);
  const well = parts.includes(UNREAD)
    ? say("Part of what it says can’t be read.")
    : known
      ? say("All was well.")
      : say("All well.");
  return html`<${Card} id="device" title=${say("Device")}
      aside=${diagnostics.version && say("version {version}", { version: diagnostics.version })}>
    ${faults.length === 0 && html`<p>${well}</p>`}
    ${faults.map(({ fault, remedy, action }) => html`<div class="fault"><${Icon}
        name="info"/><div><b>${fault}</b><p>${remedy}</p>${action && html`<${action}/>`}</div></div>`)}
    <p class="muted">${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}</p>
    ${losses(store ?? {}, times, now).map((words) => html`<p class="muted">${words}</p>`)}
    ${today?.timezone && !isKnownZone(today.timezone) && html`<p class="muted">${say(
      "This browser doesn’t know the zone “{zone}”: times are its own.",
      { zone: today.timezone },
    )}</p>`}
    ${settings.linked && !demo && html`<p class="muted small linked">${say(
      "A link named {broker}, and this browser doesn’t keep it.",
      { broker: settings.broker },
    )}</p>`}
  <//>`;
}
