// Controls that several cards share: groups of choices, an amount, a status line, a card.

import { useEffect, useErrorBoundary, useRef, useState } from "../../vendor/preact.js";
import { amount, MAX_ML, parsed, stepped } from "../amount.js";
import { html, usePage } from "./context.js";
import { Icon, Shape } from "./shapes.js";
import { say } from "../words.js";

export const classes = (...names) => names.filter(Boolean).join(" ");

export function Card({ id, title, aside, children, className = "" }) {
  return html`<section class="card ${className}" aria-labelledby=${`${id}-title`}>
    <header class="card-head"><h2 id=${`${id}-title`}>${title}</h2>${aside && html`<span
        class="aside">${aside}</span>`}</header>
    ${children}
  </section>`;
}

// A card of which nothing can be read.
export const Unread = ({ title }) => html`<section class="card"><header class="card-head"><h2>${title}</h2></header>
  <${CantRead}/></section>`;
export const CantRead = () => html`<p class="muted">${say("What the device says here can’t be read.")}</p>`;

// Where a part of the page cannot be drawn it says so, and is tried again with the next that is heard; all else goes on.
export function Guard({ title, children }) {
  const page = usePage();
  const [error, again] = useErrorBoundary();
  useEffect(() => {
    if (error) again();
  }, [page]);
  return error ? html`<${Unread} title=${title}/>` : children;
}

// "sending …", "saved" beside a group's title
export function Progress({ place }) {
  const action = usePage().actions.of(place);
  const words = { pending: say("sending …"), saved: say("saved") }[action?.status] ?? "";
  return html`<span class="progress" role="status">${words}</span>`;
}

// What a refused command left as it was.
const REFUSED = {
  changed: (words) => say("Not changed: {words}.", { words }),
  done: (words) => say("Not done: {words}.", { words }),
  set: (words) => say("Not set: {words}.", { words }),
  started: (words) => say("Not started: {words}.", { words }),
  added: (words) => say("Not added: {words}.", { words }),
  joined: (words) => say("Not joined: {words}.", { words }),
  "taken back": (words) => say("Not taken back: {words}.", { words }),
};

// A refusal or a missing answer, until the next try; `verb` is one of REFUSED
export function Trouble({ place, verb = "changed" }) {
  const action = usePage().actions.of(place);
  if (action?.status === "late")
    return html`<${Notice} text=${say("No answer yet. It shows here as soon as it comes.")}/>`;
  if (action?.status === "held") return html`<${Notice} text=${action.words} device=${action.device}/>`;
  if (action?.status !== "refused") return null;
  return html`<${Notice} text=${REFUSED[verb](action.words)} device=${action.device}><${InTheWay}
      id=${action.other}/><//>`;
}

export function Notice({ text, device, children }) {
  return html`<div class="notice" role="status"><${Icon} name="info"/><div><p>${text}</p>
    ${device && html`<p class="muted">${say("Device: {error}", { error: device })}</p>`}${children}</div></div>`;
}

// The session that is in the way, by its times: it opens.
function InTheWay({ id }) {
  const { device, open, times } = usePage();
  const session = id && device.find(id);
  if (!session) return null;
  const when = session.ended_at ? times.span(session.started_at, session.ended_at) : times.dated(session.started_at);
  return html`<${Button} className="link" act=${() => open({ view: "record", id })}>${say(
    "Open that session, {when}",
    { when },
  )}<//>`;
}

const IN_A_THIRD = 9; // letters that a phone's width has room for three times; longer words stand in halves

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
  const long = options.some(([, word]) => word.split(" ").some((part) => part.length > IN_A_THIRD));
  return html`<div role="radiogroup" aria-label=${label} class=${classes("choices", !(long && className === "three") && className)}>
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

// What stands in a field since somebody began to type there, or null: known at once, drawn with the next.
export function useTyped() {
  const text = useRef(null);
  const [, draw] = useState(0);
  return {
    get text() {
      return text.current;
    },
    set text(next) {
      text.current = next;
      draw((count) => count + 1);
    },
  };
}

// − amount +: typed values go with Enter or on leaving (`live`: with each letter, for what is not sent yet), steps after
// a moment without another. What stands there is rounded to people's units and never read back: only what was typed is.
export function Amount({ label, value, commit, pending, disabled, live = false, wait = 0, most = MAX_ML }) {
  const { units } = usePage();
  const typed = useTyped();
  const [draft, setDraft] = useState(null); // millilitres not yet committed
  const due = useRef(null); // {timer, go}: steps that wait for another
  const settle = () => {
    const waiting = drop();
    waiting?.go();
  };
  const drop = () => {
    const waiting = due.current;
    due.current = null;
    clearTimeout(waiting?.timer);
    return waiting;
  };
  useEffect(() => setDraft(null), [value]);
  useEffect(() => settle, []); // a dialog that closes takes no step with it
  const type = (ml) => {
    drop(); // what is typed comes after any step
    setDraft(null);
    commit(ml);
  };
  const step = (direction) => {
    const written = typed.text === null ? NaN : parsed(typed.text, units);
    const next = Math.min(most, stepped(Number.isNaN(written) ? standing(draft ?? value) : written, direction, units));
    typed.text = null;
    setDraft(next);
    drop();
    due.current = { timer: setTimeout(settle, wait), go: () => commit(next) };
    if (!wait) settle();
  };
  return html`<div class="amount" role="group" aria-label=${label}>
    <${Button} className="step" act=${() => step(-1)} disabled=${disabled} aria-label=${say("less")}>−<//>
    <${TypedAmount} label=${label} value=${draft ?? value} commit=${type} pending=${pending} disabled=${disabled}
      live=${live} typed=${typed}/>
    <${Button} className="step" act=${() => step(1)} disabled=${disabled} aria-label=${say("more")}>+<//>
  </div>`;
}

export const AmountField = (props) => html`<${TypedAmount} ...${props} typed=${useTyped()}/>`;

const standing = (ml) => (Number.isFinite(ml) ? ml : null);

function TypedAmount({ label, value, commit, pending, disabled, live, typed }) {
  const { units } = usePage();
  const [wrong, setWrong] = useState(false);
  const known = standing(value);
  const shown = known === null ? "" : amount(known, units);
  // the words for what stands there are no new amount: 2¾ oz may be 80 to 85 ml
  const changes = (ml) => ml !== known && !Object.is(ml, parsed(shown, units));
  const hear = (event) => {
    typed.text = event.currentTarget.value;
    if (live) commit(parsed(typed.text, units));
  };
  const leave = () => {
    if (typed.text === null || disabled) return;
    const ml = parsed(typed.text, units);
    setWrong(Number.isNaN(ml));
    if (Number.isNaN(ml)) return;
    typed.text = null;
    if (!live && changes(ml)) commit(ml);
  };
  return html`<input class=${classes("field", pending && "pending")} inputmode="decimal" autocomplete="off"
      aria-label=${label}
    value=${typed.text ?? shown} placeholder="–" aria-invalid=${wrong} readonly=${disabled} onInput=${hear}
    onBlur=${leave}
    onKeyDown=${(event) => {
      if (event.key === "Enter") leave();
    }}/>`;
}
