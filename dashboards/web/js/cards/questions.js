// The dock's questions, one after the other as on the device: why, which reason, milk for, how much; and nursed.

import { useState } from "../../vendor/preact.js";
import { taken } from "../actions.js";
import { amount } from "../amount.js";
import { Amount, Answer, Button, Choices, classes, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { iso, latestInstant, MINUTE, typedTime } from "../time.js";
import { INTENTIONS, noteFor, PURPOSES, purposeWord, REASON_QUESTIONS, REASONS, say, SIDES } from "../words.js";

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
  action?.status === "pending" ? say("{answer}: sending …", { answer: words(action.value) }) : null;

const classify = (actions, dock, session, fields, value) =>
  actions.send(
    dock.place,
    { command: "classify", session: session.id, ...fields },
    { value, record: session },
  );

export function PurposeQuestion({ session, dock, state, mine }) {
  const { actions } = usePage();
  const suggestion = state?.suggestion ?? session.suggestion;
  const likely =
    suggestion &&
    say("Likely {purpose}: {because}", {
      purpose: purposeWord(suggestion.purpose),
      because: suggestion.because,
    });
  const action = actions.of(dock.place);
  const send = async (purpose) => {
    const reply = await classify(actions, dock, session, { purpose }, purpose);
    if (taken(reply)) dock.done("reason");
  };
  return html`${
    action?.status === "refused" || action?.status === "late"
      ? null
      : html`<${Head} title=${say("Why pump?")} detail=${sending(action, purposeWord) ?? likely} dock=${dock}
      later=${action?.status === "pending" ? null : mine ? say("Back") : say("Later")}/>`
  }
    <${Trouble} place=${dock.place} verb="done"/>
    <${Answers} className="keys purposes" dock=${dock} send=${send} likely=${suggestion?.purpose}
      options=${Object.entries(PURPOSES).map(([name, word]) => [name, word, name])}/>`;
}

export function ReasonQuestion({ session, dock, mine }) {
  const { actions, device } = usePage();
  const reasons = REASONS[session.purpose];
  if (!reasons)
    return html`<${Head} title=${say("Which reason?")} detail=${say("The purpose comes first.")} dock=${dock}
      later=${say("Back")}/>`;
  const send = async (reason) => {
    const reply = await classify(actions, dock, session, { reason }, reason);
    if (taken(reply)) dock.done();
  };
  const options = Object.entries(reasons);
  const note = noteFor(session.purpose, device.today);
  return html`<${Head} title=${REASON_QUESTIONS[session.purpose]} dock=${dock}
      detail=${sending(actions.of(dock.place), (value) => reasons[value]) ?? purposeWord(session.purpose)}
      later=${options.length > 2 ? (mine ? say("Back") : say("Later")) : null}/>
    <${Trouble} place=${dock.place} verb="done"/>
    <div class="keys"><${Answers} className="spread" dock=${dock} send=${send} options=${options}/>
      ${options.length === 2 && html`<${Button} className="key" act=${dock.later}>${say("Skip")}<//>`}</div>
    ${note && html`<p class="side-note">${note}</p>`}`;
}

export function IntentionQuestion({ session, dock, state, mine }) {
  const { actions, units } = usePage();
  const expected = state?.expectation_ml ?? session.expectation_ml;
  const words = Number.isFinite(expected)
    ? say("Expect about {amount}.", { amount: amount(expected, units) })
    : say("No expectation yet.");
  const send = async (intention) => {
    const reply = await classify(actions, dock, session, { intention }, intention);
    if (taken(reply)) dock.done();
  };
  return html`<${Head} title=${say("Milk for?")} dock=${dock} later=${mine ? say("Back") : say("Later")}
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
  return html`<${Head} title=${say("Amount")} dock=${dock} detail=${
    pending
      ? say("sending …")
      : Number.isFinite(expected)
        ? say("expected {amount}", { amount: amount(expected, units) })
        : say("No expectation yet")
  }/>
    <${Trouble} place=${dock.place} verb="done"/>
    <${Amount} label=${say("Amount")} value=${ml} commit=${setMl} live pending=${pending} disabled=${cannot}/>
    <div class="keys two"><${Button} className="key" act=${dock.later}>${say("Skip")}<//>
      <${Button} className="key main" act=${save} disabled=${cannot || !Number.isFinite(ml)}>${say("Save")}<//></div>`;
}

export function NursedQuestion({ dock }) {
  const { actions, toast } = usePage();
  const [side, setSide] = useState(null);
  const send = async (effective) => {
    const reply = await actions.send(dock.place, { command: "nursing", effective, ...(side && { side }) }, { value: effective });
    if (!taken(reply)) return;
    dock.done();
    if (reply.nursing)
      toast.undo(say("Nursing saved"), { command: "delete", nursing: reply.nursing.id }, reply.nursing);
  };
  const action = actions.of(dock.place);
  return html`<${Head} title=${say("Nursed: effective?")} dock=${dock}
      detail=${sending(action, (value) => (value ? say("Yes") : say("No"))) ??
        say("Swallowing heard, breast softer afterwards.")}/>
    <${Trouble} place=${dock.place} verb="done"/>
    <div class="aforehand"><p class="muted small">${say("Which side, if you like")}</p>
      <${Choices} label=${say("Which side")} name="nursed-side" options=${Object.entries(SIDES)} chosen=${side}
          choose=${setSide} className="three"/></div>
    <div class="keys"><${Answers} className="spread" dock=${dock} send=${send} options=${[
      [true, say("Yes")],
      [false, say("No")],
    ]}/>
      <${Button} className="key" act=${() => dock.done()}>${say("Back")}<//></div>`;
}

const AGO = [5, 10, 20]; // minutes
const HINT = say("or at, such as 03:12");
// one of them, or a time as it was typed
const whenWords = (value) => (typeof value === "number" ? say("{minutes} min ago", { minutes: value }) : value);

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
  return html`<${Head} title=${say("Started earlier")} dock=${dock} later=${say("Back")}
      detail=${sending(action, whenWords) ?? say("How long ago, or when?")}/>
    <${Trouble} place=${dock.place} verb="started"/>
    <div class="keys" role="group" aria-label=${say("Ago")}>${AGO.map((minutes) => html`<${Button}
        className=${classes("key", action?.status === "pending" && action.value === minutes && "pending")}
        disabled=${cannot} act=${() => send(now - minutes * MINUTE, minutes)}>${say("{minutes} min", {
        minutes,
      })}<//>`)}</div>
    <div class="typed-start"><input class="field" aria-label=${say("At")} placeholder=${HINT} size=${Math.round(0.85 * HINT.length)}
        inputmode="numeric" autocomplete="off" value=${text} readonly=${cannot}
        onInput=${(event) => setText(event.currentTarget.value)}
        onKeyDown=${(event) => event.key === "Enter" && start(event.currentTarget.value)}/>
      <${Button} className="key" disabled=${cannot || !typedTime(text)} act=${() => start(text)}>${say(
        "Start|the key",
      )}<//></div>`;
}
