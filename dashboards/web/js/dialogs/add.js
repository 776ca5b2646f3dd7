// A session that the device missed: its day, from and to, and what is known of it.

import { useState } from "../../vendor/preact.js";
import { parsed } from "../amount.js";
import { Button, Choices, Trouble } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { iso, typedTime } from "../time.js";
import { INTENTIONS, PURPOSES, REASONS } from "../words.js";
import { Dialog } from "./dialog.js";

const PLACE = "add";

export function AddDialog({ close, top }) {
  const { actions, device, times, now, units, toast } = usePage();
  const [given, setGiven] = useState({
    day: times.day(now),
    from: "",
    to: "",
    purpose: null,
    reason: null,
    intention: null,
    amount: "",
    note: "",
  });
  const set = (name) => (value) =>
    setGiven((before) => ({ ...before, [name]: value, ...(name === "purpose" ? { reason: null } : {}) }));
  const field = (name, label, type, rest = {}) => html`<label class="labelled"><span>${label}</span>
    <input class="field" type=${type} value=${given[name]}
        onInput=${(event) => set(name)(event.currentTarget.value)} ...${rest}/></label>`;
  const clock = (name, label) =>
    field(name, label, "text", { inputmode: "numeric", autocomplete: "off", placeholder: "08:10" });
  const ml = parsed(given.amount, units);
  const ready = given.day && typedTime(given.from) && typedTime(given.to) && !Number.isNaN(ml);
  const cannot = !ready || !device.reachable || actions.pending(PLACE);
  const send = async () => {
    const reply = await actions.send(PLACE, commandOf(given, ml, times));
    if (!reply?.ok) return;
    close();
    actions.clear(PLACE);
    if (reply.session)
      toast.undo("Session added", { command: "delete", session: reply.session.id }, reply.session);
  };
  const choice = (
    name,
    label,
    options,
    wide,
  ) => html`<section class="group"><header><h3>${label}</h3></header>
    <${Choices} label=${label} name=${`add-${name}`} options=${options} chosen=${given[name]}
        choose=${set(name)} className=${wide}/></section>`;
  return html`<${Dialog} title="Add a session" detail="one that the device missed" close=${close} top=${top}
    foot=${html`<${Button} className="key" act=${close}>Back<//><${Button} className="key main-action"
        act=${send} disabled=${cannot}>
      ${actions.pending(PLACE) ? "sending …" : "Add"}<//>`}>
    ${field("day", "Day", "date", { max: times.day(now) })}
    <div class="sides">${clock("from", "From")}${clock("to", "To")}</div>
    ${choice(
      "purpose",
      "Purpose",
      Object.entries(PURPOSES).map(([name, word]) => [name, word, name]),
      "purposes",
    )}
    ${given.purpose && choice("reason", "Reason", Object.entries(REASONS[given.purpose]))}
    ${field("amount", `Amount, ${units}`, "text", { inputmode: "decimal", autocomplete: "off" })}
    ${choice("intention", "Milk for", Object.entries(INTENTIONS), "three")}
    ${field("note", "Note", "text", { maxlength: 500 })}
    <${Trouble} place=${PLACE} verb="added"/><//>`;
}

// What is not given is left out; an end before the start is one after midnight.
function commandOf({ day, from, to, purpose, reason, intention, note }, ml, times) {
  const start = times.instant(day, typedTime(from));
  const sameDay = times.instant(day, typedTime(to));
  const end = sameDay < start ? times.nearest(typedTime(to), start) : sameDay;
  const known = { purpose, reason, intention, ml, note: note.trim() || null };
  return {
    command: "add",
    started_at: iso(start),
    ended_at: iso(end),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)),
  };
}
