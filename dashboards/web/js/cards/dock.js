// Dock: the one thing to press, under the thumb. Its places are the device's three buttons, same words, same order.

import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { starting } from "../amount.js";
import { Button, classes, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { Icon } from "../parts/shapes.js";
import { inOrder } from "../record.js";
import { say } from "../words.js";
import {
  AmountQuestion,
  IntentionQuestion,
  NursedQuestion,
  PurposeQuestion,
  ReasonQuestion,
  StartedQuestion,
} from "./questions.js";

const GUARD_MS = 500; // a tap meant for one key must not land on the one that took its place
const QUESTIONS = {
  __proto__: null,
  purpose: say("Why pump?"),
  reason: say("Which reason?"),
  intention: say("Milk for?"),
  volume: say("Amount"),
};

// What the dock asks: what was opened here, else what the device asks and nobody put away here.
function asked(device, opened, away) {
  const { state } = device;
  if (opened) {
    if (opened.question === "nursed") return opened;
    if (opened.question === "started" && device.state?.phase === "idle") return opened;
    const session = state?.session?.id === opened.id ? state.session : device.find(opened.id);
    if (session) return { ...opened, session };
  }
  const session = state?.session;
  if (!session || !state.question || away === `${session.id} ${state.question}`) return null;
  return { question: state.question, session, mine: false };
}

export function Dock() {
  const { device } = usePage();
  const [opened, open] = useState(null); // {question, id}
  const [away, putAway] = useState(null);
  const ask = asked(device, opened, away);
  const phase = device.state?.phase ?? "idle";
  const guard = useGuard(ask ? `${ask.question} ${ask.session?.id}` : phase);
  const own = (change) => guard.own(() => change());
  const dock = {
    place: ask?.session ? `dock ${ask.session.id}` : "dock",
    ask: (question, id = null) => own(() => open({ question, id })),
    // after an answer: the device's own chain moves by itself, one opened here goes on or ends
    done: (next = null) => own(() => open(opened && next ? { question: next, id: opened.id } : null)),
    later: () =>
      own(() => {
        if (!opened && ask) putAway(`${ask.session.id} ${ask.question}`);
        open(null);
      }),
  };
  return html`<div class=${classes("dock", ask && "asking")} role="group" aria-label=${say("What to press")}
      onClickCapture=${guard.stop} onInputCapture=${guard.stop}>
    <${Announcement} words=${ask && !opened ? QUESTIONS[ask.question] : ""}/>
    ${ask ? html`<${Question} ask=${ask} dock=${dock}/>` : html`<${Keys} phase=${phase} dock=${dock}/>`}
  </div>`;
}

// Taps do nothing for half a second after the dock changed without one.
function useGuard(view) {
  const until = useRef(0);
  const seen = useRef(view);
  const mine = useRef(false);
  if (seen.current !== view) {
    seen.current = view;
    if (!mine.current) until.current = performance.now() + GUARD_MS;
  }
  useEffect(() => {
    mine.current = false;
  });
  return {
    own: (change) => {
      mine.current = true;
      change();
    },
    stop: (event) => {
      if (event.isTrusted && performance.now() < until.current) {
        event.stopPropagation();
        event.preventDefault();
      }
    },
  };
}

const Announcement = ({ words }) => html`<p class="unseen" aria-live="polite">${words}</p>`;

function Question({ ask, dock }) {
  const { device } = usePage();
  const { session, question } = ask;
  // an answer goes on to the next question only where it is this page's own chain
  const common = {
    session,
    dock,
    mine: ask.id !== undefined,
    state: device.state?.session?.id === session?.id ? device.state : null,
  };
  if (question === "nursed") return html`<${NursedQuestion} dock=${dock}/>`;
  if (question === "started") return html`<${StartedQuestion} dock=${dock}/>`;
  if (question === "reason") return html`<${ReasonQuestion} ...${common}/>`;
  if (question === "intention") return html`<${IntentionQuestion} ...${common}/>`;
  if (question === "volume") {
    const from =
      session.volume_ml ??
      starting(common.state?.expectation_ml ?? session.expectation_ml, device.today?.units);
    return html`<${AmountQuestion} key=${session.id} ...${common} from=${from}/>`;
  }
  return html`<${PurposeQuestion} ...${common}/>`;
}

function Keys({ phase, dock }) {
  return html`<div class="keys" role="group" aria-label=${phase === "idle" ? say("Idle") : say("Running")}>
    ${phase === "idle" ? html`<${IdleKeys} dock=${dock}/>` : html`<${RunningKeys} dock=${dock}/>`}
  </div><${Trouble} place=${dock.place} verb="done"/>
  ${phase === "idle" && html`<${StartedEarlier} dock=${dock}/>`}`;
}

function Key({ icon, word, act, disabled, pending }) {
  return html`<${Button} className=${classes("key", pending && "pending")} act=${act} disabled=${disabled}>
    <${Icon} name=${icon}/><span>${word}</span><//>`;
}

function IdleKeys({ dock }) {
  const { device, actions, open } = usePage();
  const cannot = !device.reachable || actions.pending(dock.place);
  const newest = inOrder(device.recent)[0];
  const sending = actions.of(dock.place)?.value;
  return html`<${Key} icon="nursed" word=${say("Nursed")} disabled=${cannot} pending=${sending === "nursed"}
      act=${() => dock.ask("nursed")}/>
    <${Key} icon="last" word=${say("Last")} disabled=${!newest} act=${() => open({ view: "record", id: newest.id })}/>
    <${Key} icon="start" word=${say("Start|the key")} disabled=${cannot} pending=${sending === "start"}
      act=${() => actions.send(dock.place, { command: "start" }, { value: "start" })}/>`;
}

// A start that nobody told in time.
function StartedEarlier({ dock }) {
  const { device, actions } = usePage();
  return html`<p class="started-earlier"><${Button} className="link" disabled=${!device.reachable || actions.pending(dock.place)}
    act=${() => dock.ask("started")}>${say("Started earlier …")}<//></p>`;
}

// Stop stands where it means something: no wire or port that would start the session again, or a stuck one.
const stoppable = (session) =>
  session.stuck_sensor || !session.sources?.some((source) => source === "gpio" || source === "serial");

function RunningKeys({ dock }) {
  const { device, actions } = usePage();
  const session = device.state?.session;
  const cannot = !device.reachable || actions.pending(dock.place);
  if (!session) return null;
  return html`<${Key} icon="why" word=${say("Why")} disabled=${cannot} act=${() => dock.ask("purpose", session.id)}/>
    <${Key} icon="drop" word=${say("Milk for")} disabled=${cannot} act=${() => dock.ask("intention", session.id)}/>
    ${
      stoppable(session) &&
      html`<${Key} icon="stop" word=${say("Stop")} disabled=${cannot}
      pending=${actions.of(dock.place)?.value === "stop"}
      act=${() => actions.send(dock.place, { command: "stop" }, { value: "stop" })}/>`
    }`;
}
