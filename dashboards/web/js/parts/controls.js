// Controls that several cards share: groups of choices, an amount, a status line, a card.

import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { amount, bare, parsed, stepped } from "../amount.js";
import { html, usePage } from "./context.js";
import { Icon, Shape } from "./shapes.js";

export const classes = (...names) => names.filter(Boolean).join(" ");

export function Card({ id, title, aside, children, className = "" }) {
  return html`<section class="card ${className}" aria-labelledby=${`${id}-title`}>
    <header class="card-head"><h2 id=${`${id}-title`}>${title}</h2>${aside && html`<span
        class="aside">${aside}</span>`}</header>
    ${children}
  </section>`;
}

// "sending …", "saved" beside a group's title
export function Progress({ place }) {
  const action = usePage().actions.of(place);
  const words = { pending: "sending …", saved: "saved" }[action?.status] ?? "";
  return html`<span class="progress" role="status">${words}</span>`;
}

// A refusal or a missing answer, until the next try
export function Trouble({ place, verb = "changed" }) {
  const action = usePage().actions.of(place);
  if (action?.status === "late")
    return html`<${Notice} text="No answer yet. It shows here as soon as it comes."/>`;
  if (action?.status !== "refused") return null;
  return html`<${Notice} text=${`Not ${verb}: ${action.words}.`} device=${action.device}/>`;
}

export function Notice({ text, device }) {
  return html`<div class="notice" role="status"><${Icon} name="info"/><div><p>${text}</p>
    ${device && html`<p class="muted">Device: ${device}</p>`}</div></div>`;
}

// Radio buttons that look like keys: arrows walk, the chosen one has the thick border, a choice goes at once.
// `options` is [[value, word, shape?], …].
export function Choices({
  label,
  name,
  options,
  chosen,
  choose,
  pending = null,
  disabled = false,
  className = "",
}) {
  return html`<div role="radiogroup" aria-label=${label} class="choices ${className}">
    ${options.map(
      ([
        value,
        word,
        shape,
      ]) => html`<label class=${classes("choice", shape, pending === value && "pending")}>
      <input type="radio" name=${name} value=${value} checked=${value === chosen} aria-disabled=${disabled}
        onChange=${(event) => {
          if (disabled) {
            event.preventDefault();
            event.currentTarget.checked = value === chosen;
          } else if (value !== chosen) choose(value);
        }}/>
      ${shape && html`<${Shape} name=${shape}/>`}<span>${word}</span>
    </label>`,
    )}
  </div>`;
}

// One of a few views: the same radio group, drawn as one bar.
export const Segments = (props) => html`<${Choices} ...${props} className="segments"/>`;

export function Switch({ label, detail, on, flip }) {
  return html`<label class="switch"><span><span class="switch-label">${label}</span>
    ${detail && html`<span class="muted small">${detail}</span>`}</span>
    <input type="checkbox" role="switch" checked=${on}
        onChange=${(event) => flip(event.currentTarget.checked)}/></label>`;
}

// A button that cannot act now says so but keeps its place in the order of keys.
export function Button({ act, disabled = false, className = "", children, ...rest }) {
  return html`<button type="button" class=${className} aria-disabled=${disabled}
    onClick=${() => {
      if (!disabled) act();
    }} ...${rest}>${children}</button>`;
}

// One key that answers: marked where it is likely, dashed while its answer is under way.
export function Answer({ value, word, shape, place, likely, className, send }) {
  const { device, actions } = usePage();
  const pending = actions.pending(place);
  const marks = [pending ? actions.of(place).value === value && "pending" : likely === value && "likely"];
  return html`<${Button} className=${classes("key", className, shape, ...marks)}
      disabled=${pending || !device.reachable} act=${() => send(value)}>
    ${shape && html`<${Shape} name=${shape}/>`}<span>${word}</span><//>`;
}

// − amount +: typed values go with Enter or on leaving, steps after a moment without another.
export function Amount({ label, value, commit, pending = false, disabled = false, wait = 0 }) {
  const { units } = usePage();
  const [draft, setDraft] = useState(null); // millilitres not yet committed
  const due = useRef(null); // {timer, go}: steps that wait for another
  const shown = draft ?? value;
  const settle = () => {
    const waiting = due.current;
    due.current = null;
    clearTimeout(waiting?.timer);
    waiting?.go();
  };
  useEffect(() => setDraft(null), [value]);
  useEffect(() => settle, []); // a dialog that closes takes no step with it
  const step = (direction) => {
    const next = stepped(shown, direction, units);
    setDraft(next);
    clearTimeout(due.current?.timer);
    due.current = { timer: setTimeout(settle, wait), go: () => commit(next) };
    if (!wait) settle();
  };
  return html`<div class="amount" role="group" aria-label=${label}>
    <${Button} className="step" act=${() => step(-1)} disabled=${disabled} aria-label="less">−<//>
    <${AmountField} label=${label} value=${shown} commit=${commit} pending=${pending} disabled=${disabled}/>
    <${Button} className="step" act=${() => step(1)} disabled=${disabled} aria-label="more">+<//>
  </div>`;
}

export function AmountField({ label, value, commit, pending, disabled }) {
  const { units } = usePage();
  const [wrong, setWrong] = useState(false);
  const enter = (event) => {
    const field = event.currentTarget;
    const ml = parsed(field.value, units);
    setWrong(Number.isNaN(ml));
    if (!Number.isNaN(ml) && ml !== value && field.value !== (value === null ? "" : bare(value, units)))
      commit(ml);
  };
  const text = value === null ? "" : amount(value, units);
  return html`<input class=${classes("field", pending && "pending")} inputmode="decimal" autocomplete="off"
      aria-label=${label}
    value=${text} placeholder="–" aria-invalid=${wrong} readonly=${disabled} onBlur=${enter}
    onKeyDown=${(event) => {
      if (event.key === "Enter") enter(event);
    }}/>`;
}
