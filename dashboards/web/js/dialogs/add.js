// A session that the device missed: its day, from and to, and what is known of it.

import { useState } from "../../vendor/preact.js";
import { parsed } from "../amount.js";
import { Button, Choices, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { iso, pumping, spansOf, typedTime } from "../time.js";
import { INTENTIONS, PURPOSES, REASONS, say } from "../words.js";
import { Dialog } from "./dialog.js";

const PLACE = "add";
// what a choice makes open again
const AFRESH = { purpose: { reason: null }, day: { span: 0 }, from: { span: 0 }, to: { span: 0 } };

export function AddDialog({ close, top }) {
  const { actions, device, times, now, units, toast } = usePage();
  const [given, setGiven] = useState({
    day: times.day(now),
    from: "",
    to: "",
    span: 0,
    purpose: null,
    reason: null,
    intention: null,
    amount: "",
    note: "",
  });
  const set = (name) => (value) => setGiven((before) => ({ ...before, ...AFRESH[name], [name]: value }));
  const field = (name, label, type, rest = {}) => html`<label class="labelled"><span>${label}</span>
    <input class="field" type=${type} value=${given[name]}
        onInput=${(event) => set(name)(event.currentTarget.value)} ...${rest}/></label>`;
  const clock = (name, label) =>
    field(name, label, "text", { inputmode: "numeric", autocomplete: "off", placeholder: "08:10" });
  const ml = parsed(given.amount, units);
  const [from, to] = [typedTime(given.from), typedTime(given.to)];
  const spans = given.day && from && to ? spansOf(given.day, from, to, times, now) : [];
  const span = spans[given.span] ?? spans[0];
  const ready = span && !Number.isNaN(ml);
  const cannot = !ready || !device.reachable || actions.pending(PLACE);
  const send = async () => {
    const reply = await actions.send(PLACE, commandOf(given, ml, span));
    if (!reply?.ok) return;
    close();
    actions.clear(PLACE);
    if (reply.session)
      toast.undo(say("Session added"), { command: "delete", session: reply.session.id }, reply.session);
  };
  const choice = (
    name,
    label,
    options,
    wide,
  ) => html`<section class="group"><header><h3>${label}</h3></header>
    <${Choices} label=${label} name=${`add-${name}`} options=${options} chosen=${given[name]}
        choose=${set(name)} className=${wide}/></section>`;
  return html`<${Dialog} title=${say("Add a session")} detail=${say("one that the device missed")} close=${close}
    top=${top}
    foot=${html`<${Button} className="key" act=${close}>${say("Back")}<//><${Button} className="key main-action"
        act=${send} disabled=${cannot}>
      ${actions.pending(PLACE) ? say("sending …") : say("Add")}<//>`}>
    ${field("day", say("Day"), "date", { max: times.day(now) })}
    <div class="sides">${clock("from", say("From|a time"))}${clock("to", say("To|a time"))}</div>
    ${ready && html`<${LeftOut} given=${[from, to]} taken=${span}/>`}
    ${spans.length > 1 && html`<${Twice} spans=${spans} chosen=${span} choose=${set("span")}/>`}
    ${choice(
      "purpose",
      say("Purpose"),
      Object.entries(PURPOSES).map(([name, word]) => [name, word, name]),
      "purposes",
    )}
    ${given.purpose && choice("reason", say("Reason"), Object.entries(REASONS[given.purpose]))}
    ${field("amount", say("Amount, {unit}", { unit: units }), "text", { inputmode: "decimal", autocomplete: "off" })}
    ${choice("intention", say("Milk for"), Object.entries(INTENTIONS), "three")}
    ${field("note", say("Note"), "text", { maxlength: 500 })}
    <${Trouble} place=${PLACE} verb="added"/><//>`;
}

// In the night in which the clocks go forward an hour is left out: what a time in it is taken for.
function LeftOut({ given, taken }) {
  const { times } = usePage();
  const index = taken.findIndex((at, which) => typedTime(times.secondsOf(at)) !== given[which]);
  if (index < 0) return null;
  return html`<p class="muted small">${say("The clocks went forward then: {given} is taken for {time}.", {
    given: given[index].slice(0, 5),
    time: times.clock(taken[index]),
  })}</p>`;
}

// In the night in which the clocks go back a time comes twice: what the two may mean, the likeliest chosen.
function Twice({ spans, chosen, choose }) {
  const { times } = usePage();
  const named = (at) => {
    const both = times.instants(times.day(at), typedTime(times.secondsOf(at)));
    const time = times.clock(at);
    if (both.length < 2) return time;
    return at === both[0] ? say("first {time}", { time }) : say("second {time}", { time });
  };
  const options = spans.map((span, index) => [
    index,
    say("{from} to {to}, {duration}", {
      from: named(span[0]),
      to: named(span[1]),
      duration: pumping((span[1] - span[0]) / 1000),
    }),
  ]);
  return html`<section class="group"><header><h3>${say("The clocks went back that night")}</h3></header>
    <${Choices} label=${say("Which hour")} name="add-span" options=${options} chosen=${spans.indexOf(chosen)}
        choose=${choose}/></section>`;
}

// What is not given is left out.
function commandOf({ purpose, reason, intention, note }, ml, [start, end]) {
  const known = { purpose, reason, intention, ml, note: note.trim() || null };
  return {
    command: "add",
    started_at: iso(start),
    ended_at: iso(end),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)),
  };
}
