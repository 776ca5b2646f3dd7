// Now: how long already, or how long since; the first thing read at 3 am.

import { Button, CantRead, classes, Trouble } from "../parts/controls.js";
import { html, useDeviceTime, usePage } from "../parts/context.js";
import { Icon, Shape, shapeOf } from "../parts/shapes.js";
import { endOf, lastSided, lastStimulation, startOf } from "../record.js";
import { running, sinceParts } from "../time.js";
import { amount } from "../amount.js";
import { dotted, forWords, lower, purposeWord, reasonWord, say, sideWord, stimulations } from "../words.js";

const Figure = ({ parts, timer }) => html`<p class="now-figure" role=${timer && "timer"}>
  ${parts.map(([figure, unit]) => html`<span class="figure">${figure}</span>${unit && html`<span
      class="unit"> ${unit} </span>`}`)}</p>`;

const Head = ({ title, aside }) => html`<header class="card-head"><h2 id="now-title">${title}</h2>
  <span class="aside">${aside}</span></header>`;

const Quiet = ({ children }) => html`<p class="quiet"><${Icon} name="info"/><span>${children}</span></p>`;

function Why({ session }) {
  if (!session.purpose) return null;
  const rest = [
    session.reason && lower(reasonWord(session.reason)),
    session.intention && forWords(session.intention),
  ];
  return html`<p class="now-why"><${Shape}
      name=${shapeOf(session.purpose)}/><b>${purposeWord(session.purpose)}</b>
    <span>${dotted(rest)}</span></p>`;
}

export function Now() {
  const { device } = usePage();
  const { state, today } = device;
  const session = state?.session;
  if (session && state.phase !== "idle") return html`<${Running} state=${state} session=${session}/>`;
  if (session && state.question) return html`<${Ended} session=${session}/>`;
  if (state && state.phase !== "idle") return html`<${RunningUnnamed} state=${state} summary=${device.summary}/>`;
  if (!today) return html`<${Head} title=${say("Now")}/><${Asking}/>`;
  if (!today.last_stimulation_at)
    return counts(device.record) ? html`<${Head} title=${say("Now")}/><${CantRead}/>` : html`<${Nothing}/>`;
  return html`<${Since} today=${today}/>`;
}

function Running({ state, session }) {
  const { device, times, units } = usePage();
  const paused = state.phase === "paused";
  const counting = !paused && state.at !== null;
  const pumped = (now) => session.pumping_s + (counting ? Math.max(0, now - Date.parse(state.at)) / 1000 : 0);
  const now = useDeviceTime(device.clock, (at) => (counting ? 1000 - ((pumped(at) * 1000) % 1000) : 3_600_000));
  const expected = Number.isFinite(state.expectation_ml)
    ? say("expect about {amount}", { amount: amount(state.expectation_ml, units) })
    : say("No expectation yet");
  const { cycles_per_minute: cycles } = session;
  const pace = dotted([cycles && say("{cycles} a minute", { cycles }), expected]);
  const goesOn = byHand(session)
    ? say("It ends by itself if nobody lets it go on.")
    : say("Goes on if the pump runs again.");
  return html`<${Head} title=${paused ? say("Paused") : say("Pumping")}
      aside=${say("since {time}", { time: times.clock(session.started_at) })}/>
    <${Figure} parts=${[[running(pumped(now))]]} timer/>
    <${Why} session=${session}/>
    <p class="muted">${paused ? goesOn : pace}</p>
    <${RunningTools} session=${session} paused=${paused}/>
    ${session.stuck_sensor && html`<${Quiet}>${say("Running for 2 h: the sensor may be stuck.")}<//>`}
    <${ClockNote} clock=${session.clock}/><${AsKnown}/>`;
}

// Nothing but a hand says whether its pump runs.
const HANDS = new Set(["button", "dashboard"]);
const byHand = ({ sources }) => sources?.length > 0 && sources.every((source) => HANDS.has(source));

const PAUSE = "pause";

function RunningTools({ session, paused }) {
  const { actions, device, open } = usePage();
  const [command, word] = paused ? ["go_on", say("Go on")] : ["pause", say("Pause|the key")];
  const pending = actions.pending(PAUSE);
  const press = () => actions.send(PAUSE, { command }, { value: command });
  return html`<div class="now-tools">${
    byHand(session) &&
    html`<${Button} className=${classes("key", pending && "pending")} act=${press}
      disabled=${pending || !device.reachable}>${word}<//>`
  }
    <${Button} className="link" act=${() => open({ view: "record", id: session.id })}>${say(
      "Correct the start",
    )}<//></div>
    <${Trouble} place=${PAUSE} verb="done"/>`;
}

const RunningUnnamed = ({ state, summary }) => html`<${Head} title=${say("Now")}/>
  <p class="now-words">${state.phase === "paused" ? say("Paused") : say("Pumping")}</p>
  ${summary ? html`<${SummaryNote}/>` : html`<${CantRead}/>`}`;

function Ended({ session }) {
  const { times } = usePage();
  return html`<${Head} title=${say("Session ended")}
      aside=${`${times.clock(session.started_at)}–${times.clock(endOf(session))}`}/>
    <${Figure} parts=${sinceParts(session.pumping_s * 1000)}/><${Why} session=${session}/><${ClockNote}
        clock=${session.clock}/>`;
}

function Since({ today }) {
  const { device, times } = usePage();
  const ended = today.since === "end" ? today.last_stimulation_ended_at : null;
  const at = Date.parse(ended ?? today.last_stimulation_at);
  const now = useDeviceTime(device.clock, (time) => 60_000 - ((time - at) % 60_000));
  const last = lastStimulation(device.recent, today);
  const count = today.last_24h?.stimulations ?? "–";
  return html`<${Head} title=${ended ? say("Since the last stimulation ended") : say("Since the last stimulation")}/>
    <${Figure} parts=${sinceParts(now - at)}/>
    ${
      last
        ? html`<p class="muted">${dotted([lastWords(last, times), asKnown(device, times)])}</p>`
        : html`<${AsKnown}/>`
    }
    <${LastSide} record=${device.recent}/>
    ${
      device.summary
        ? html`<p class="figure-line"><b class="figure">${count}</b> ${stimulations(count)}
      <${Baseline} of=${today}/></p><${SummaryNote}/>`
        : null
    }
    <${ClockNote} clock=${device.diagnostics?.clock}/>`;
}

// Which breast was nursed last, and when, where somebody said so: the other one is often the next.
function LastSide({ record }) {
  const { times } = usePage();
  const nursing = lastSided(record);
  return (
    nursing &&
    html`<p class="muted">${say("Last side: {side}, {time}", {
      side: lower(sideWord(nursing.side)),
      time: times.dated(startOf(nursing)),
    })}</p>`
  );
}

export const Baseline = ({ of: today }) =>
  today.baseline !== null &&
  html`<span class="muted">${say("baseline {count}", { count: today.baseline })}</span>`;

/** @type {(last: {nursing?: any, sitting?: any}, times: any) => string} */
const lastWords = ({ nursing, sitting }, times) =>
  nursing
    ? say("Nursed {time}", { time: times.dated(startOf(nursing)) })
    : say("Pumped {from} to {to}", { from: times.dated(sitting.at), to: times.clock(sitting.end) });

const ClockNote = ({ clock }) =>
  clock === "unsynced" && html`<${Quiet}>${say("Clock not set; times are corrected later.")}<//>`;

const SummaryNote = () => html`<p class="muted">${say("This device keeps its record to itself.")}</p>`;

// Out of reach, what stands here is from then; null while the device is heard.
export const asKnown = (device, times) =>
  device.clock.stopped && device.heardAt ? say("as known at {time}", { time: times.dated(device.heardAt) }) : null;

function AsKnown() {
  const { device, times } = usePage();
  const words = asKnown(device, times);
  return words && html`<p class="muted">${words}</p>`;
}

const counts = ({ sessions, nursings }) =>
  sessions.some((one) => one.counted && !one.deleted) || nursings.some((one) => one.effective && !one.deleted);

const Nothing = () => html`<${Head} title=${say("Ready")}/><p class="now-words">${say("Nothing recorded yet")}</p>
  <p class="muted text">${say(
    "The first session appears here by itself as soon as the pump runs. A nursing is one press on Nursed.",
  )}</p>`;

export function Asking() {
  const { slow } = usePage();
  return html`<p class="muted loading">${slow ? say("Asking the device …") : ""}</p>`;
}
