// The dock's questions, one after the other as on the device: why, which reason, milk for, how much; and nursed.

import { useState } from "../../vendor/preact.js";
import { taken } from "../actions.js";
import { amount } from "../amount.js";
import { Amount, Answer, Button, Choices, classes, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { iso, latestInstant, MINUTE, typedTime } from "../time.js";
import { INTENTIONS, noteFor, PURPOSES, purposeWord, REASON_QUESTIONS, REASONS, SIDES } from "../words.js";

function Head({ title, detail, dock, later = null }) {
  return html`<div class="question-head"><div><h3>${title}</h3>${detail && html`<p
      class="muted">${detail}</p>`}</div>
    ${later && html`<${Button} className="link" act=${dock.later}>${later}<//>`}</div>`;
}

// Keys that send one answer each; `options` is [[value, word, shape?], ...].
const Answers = ({ options, dock, className = "keys", ...rest }) => html`<div class=${className} role="group">
  ${options.map(([value, word, shape]) => html`<${Answer} value=${value} word=${word} shape=${shape}
      place=${dock.place} ...${rest}/>`)}
</div>`;

const sending = (action, words) =>
  action?.status === "pending" ? `${words(action.value)}: sending …` : null;

const classify = (actions, dock, session, fields, value) =>
  actions.send(
    dock.place,
    { command: "classify", session: session.id, ...fields },
    { value, record: session },
  );

export function PurposeQuestion({ session, dock, state, mine }) {
  const { actions } = usePage();
  const suggestion = state?.suggestion ?? session.suggestion;
  const likely = suggestion && `Likely ${purposeWord(suggestion.purpose)}: ${suggestion.because}`;
  const action = actions.of(dock.place);
  const send = async (purpose) => {
    const reply = await classify(actions, dock, session, { purpose }, purpose);
    if (taken(reply)) dock.done("reason");
  };
  return html`${
    action?.status === "refused" || action?.status === "late"
      ? null
      : html`<${Head} title="Why pump?" detail=${sending(action, purposeWord) ?? likely} dock=${dock}
      later=${action?.status === "pending" ? null : mine ? "Back" : "Later"}/>`
  }
    <${Trouble} place=${dock.place} verb="done"/>
    <${Answers} className="keys purposes" dock=${dock} send=${send} likely=${suggestion?.purpose}
      options=${Object.entries(PURPOSES).map(([name, word]) => [name, word, name])}/>`;
}

export function ReasonQuestion({ session, dock, mine }) {
  const { actions, device } = usePage();
  const reasons = REASONS[session.purpose];
  if (!reasons)
    return html`<${Head} title="Which reason?" detail="The purpose comes first." dock=${dock} later="Back"/>`;
  const send = async (reason) => {
    const reply = await classify(actions, dock, session, { reason }, reason);
    if (taken(reply)) dock.done();
  };
  const options = Object.entries(reasons);
  const note = noteFor(session.purpose, device.today);
  return html`<${Head} title=${REASON_QUESTIONS[session.purpose]} dock=${dock}
      detail=${sending(actions.of(dock.place), (value) => reasons[value]) ?? purposeWord(session.purpose)}
      later=${options.length > 2 ? (mine ? "Back" : "Later") : null}/>
    <${Trouble} place=${dock.place} verb="done"/>
    <div class="keys"><${Answers} className="spread" dock=${dock} send=${send} options=${options}/>
      ${options.length === 2 && html`<${Button} className="key" act=${dock.later}>Skip<//>`}</div>
    ${note && html`<p class="side-note">${note}</p>`}`;
}

export function IntentionQuestion({ session, dock, state, mine }) {
  const { actions, units } = usePage();
  const expected = state?.expectation_ml ?? session.expectation_ml;
  const words = Number.isFinite(expected)
    ? `Expect about ${amount(expected, units)}.`
    : "No expectation yet.";
  const send = async (intention) => {
    const reply = await classify(actions, dock, session, { intention }, intention);
    if (taken(reply)) dock.done();
  };
  return html`<${Head} title="Milk for?" dock=${dock} later=${mine ? "Back" : "Later"}
      detail=${sending(actions.of(dock.place), (value) => INTENTIONS[value]) ?? words}/>
    <${Trouble} place=${dock.place} verb="done"/>
    <${Answers} className="keys intentions" dock=${dock} send=${send} options=${Object.entries(INTENTIONS)}/>`;
}

export function AmountQuestion({ session, dock, state, from }) {
  const { actions, device, units } = usePage();
  const [ml, setMl] = useState(from);
  const expected = state?.expectation_ml ?? session.expectation_ml;
  const pending = actions.pending(dock.place);
  const cannot = pending || !device.reachable;
  const save = () =>
    actions
      .send(dock.place, { command: "volume", ml, session: session.id }, { value: ml, record: session })
      .then((reply) => {
        if (taken(reply)) dock.later();
      });
  return html`<${Head} title="Amount" dock=${dock} detail=${
    pending
      ? "sending …"
      : Number.isFinite(expected)
        ? `expected ${amount(expected, units)}`
        : "No expectation yet"
  }/>
    <${Trouble} place=${dock.place} verb="done"/>
    <${Amount} label="Amount" value=${ml} commit=${setMl} live pending=${pending} disabled=${cannot}/>
    <div class="keys two"><${Button} className="key" act=${dock.later}>Skip<//>
      <${Button} className="key main" act=${save} disabled=${cannot || !Number.isFinite(ml)}>Save<//></div>`;
}

export function NursedQuestion({ dock }) {
  const { actions, toast } = usePage();
  const [side, setSide] = useState(null);
  const send = async (effective) => {
    const reply = await actions.send(dock.place, { command: "nursing", effective, ...(side && { side }) }, { value: effective });
    if (!taken(reply)) return;
    dock.done();
    if (reply.nursing)
      toast.undo("Nursing saved", { command: "delete", nursing: reply.nursing.id }, reply.nursing);
  };
  const action = actions.of(dock.place);
  return html`<${Head} title="Nursed: effective?" dock=${dock}
      detail=${sending(action, (value) => (value ? "Yes" : "No")) ?? "Swallowing heard, breast softer afterwards."}/>
    <${Trouble} place=${dock.place} verb="done"/>
    <div class="aforehand"><p class="muted small">Which side, if you like</p>
      <${Choices} label="Which side" name="nursed-side" options=${Object.entries(SIDES)} chosen=${side}
          choose=${setSide} className="three"/></div>
    <div class="keys"><${Answers} className="spread" dock=${dock} send=${send} options=${[
      [true, "Yes"],
      [false, "No"],
    ]}/>
      <${Button} className="key" act=${() => dock.done()}>Back<//></div>`;
}

const AGO = [5, 10, 20]; // minutes

export function StartedQuestion({ dock }) {
  const { actions, device, now, times } = usePage();
  const [text, setText] = useState("");
  const send = async (at, value) => {
    const reply = await actions.send(dock.place, { command: "start", at: iso(at) }, { value });
    if (taken(reply)) dock.done();
  };
  const action = actions.of(dock.place);
  const cannot = actions.pending(dock.place) || !device.reachable;
  const start = (words) => {
    const time = typedTime(words);
    if (time && !cannot) send(latestInstant(time, now, times), words);
  };
  return html`<${Head} title="Started earlier" dock=${dock} later="Back"
      detail=${sending(action, (value) => value) ?? "How long ago, or when?"}/>
    <${Trouble} place=${dock.place} verb="started"/>
    <div class="keys" role="group" aria-label="Ago">${AGO.map((minutes) => html`<${Button} className=${classes("key",
      action?.status === "pending" && action.value === `${minutes} min ago` && "pending")} disabled=${cannot}
        act=${() => send(now - minutes * MINUTE, `${minutes} min ago`)}>${minutes} min<//>`)}</div>
    <div class="typed-start"><input class="field" aria-label="At" placeholder="or at, such as 03:12" inputmode="numeric"
        autocomplete="off" value=${text} readonly=${cannot} onInput=${(event) => setText(event.currentTarget.value)}
        onKeyDown=${(event) => event.key === "Enter" && start(event.currentTarget.value)}/>
      <${Button} className="key" disabled=${cannot || !typedTime(text)} act=${() => start(text)}>Start<//></div>`;
}
