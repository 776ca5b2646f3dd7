// What is typed: the amount (one, or left and right), the note, the times. It goes on Enter or on leaving.

import { useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { Amount, AmountField, Button, classes, useTyped } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { isNursing } from "../record.js";
import { iso, typedTime } from "../time.js";
import { say, SIDES } from "../words.js";
import { Group, useCorrection } from "./correction.js";

const STEPS_MS = 800; // several presses of + are one amount

export function AmountEditor({ record }) {
  const { units } = usePage();
  const correction = useCorrection(record);
  const given = record.left_ml !== null || record.right_ml !== null;
  const [wanted, setApart] = useState(null);
  const apart = wanted ?? given;
  const pending = correction.pending("amount");
  const disabled = correction.cannot("amount");
  const send = (fields, value) => correction.send("amount", { command: "volume", ...fields }, value);
  const side = (
    name,
    label,
  ) => html`<label><span>${label}</span><${AmountField} label=${label} value=${record[name]} pending=${pending}
    disabled=${disabled}
        commit=${(ml) => send({ left_ml: record.left_ml, right_ml: record.right_ml, [name]: ml }, ml)}/></label>`;
  const both = (record.left_ml ?? 0) + (record.right_ml ?? 0);
  const total = correction.value("amount") ?? record.volume_ml;
  return html`<${Group} title=${say("Amount")} place=${correction.place("amount")}>
    ${
      apart
        ? html`<div class="sides">${side("left_ml", SIDES.left)}${side("right_ml", SIDES.right)}</div>`
        : html`<${Amount} label=${say("Amount")} value=${total} commit=${(ml) => send({ ml }, ml)}
            wait=${STEPS_MS} pending=${pending} disabled=${disabled}/>`
    }
    <div class="links"><${Button} className="link"
        act=${() => setApart(!apart)}>${apart ? say("One amount") : say("Left and right apart")}<//>
      ${apart && given && html`<span>${say("{amount} together", { amount: amount(both, units) })}</span>`}
      ${record.volume_ml !== null && html`<${Button} className="link" act=${() => send({ ml: null }, null)}
          disabled=${disabled}>${say("No amount")}<//>`}</div>
  <//>`;
}

export function NoteEditor({ record }) {
  const correction = useCorrection(record);
  const typed = useTyped(); // only what was typed is read: a field writes line ends its own way
  const leave = () => {
    if (typed.text === null || correction.cannot("note")) return;
    const text = typed.text.trim() || null;
    typed.text = null;
    if (text !== record.note) correction.send("note", { command: "note", text }, text ?? "");
  };
  return html`<${Group} title=${say("Note")} place=${correction.place("note")}>
    <textarea class=${classes("field", correction.pending("note") && "pending")} aria-label=${say("Note")}
        maxlength="500"
        rows="2"
      value=${typed.text ?? correction.value("note") ?? record.note ?? ""} readonly=${correction.cannot("note")}
          onInput=${(event) => {
            typed.text = event.currentTarget.value;
          }} onBlur=${leave}
      onKeyDown=${(event) => {
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault();
          leave();
        }
      }}></textarea><//>`;
}

export function TimesEditor({ record }) {
  const { times } = usePage();
  const correction = useCorrection(record);
  const disabled = correction.cannot("times");
  const correct = (name, at) =>
    correction.send("times", { command: "edit", [name]: iso(at) }, { [name]: times.secondsOf(at) });
  const field = (name, label) => html`<${TimeField} label=${label} at=${record[name]} disabled=${disabled}
    correct=${(at) => correct(name, at)} sent=${correction.value("times")?.[name]}
    pending=${correction.pending("times")}/>`;
  const running = record.state === "running";
  const names = isNursing(record) ? ["at"] : ["started_at", ...(running ? [] : ["ended_at"])];
  return html`<${Group} title=${isNursing(record) ? say("Time") : say("Times")} place=${correction.place("times")}>
    <div class="times">${
      isNursing(record)
        ? field("at", say("Time"))
        : html`${field("started_at", say("Start|when it began"))}${
            running
              ? html`<span class="muted">${say("and running")}</span>`
              : html`<span class="muted">${say("to|between two times")}</span>
                ${field("ended_at", say("End|when it ended"))}`
          }`
    }</div>
    ${names.map((name) => html`<${Twin} record=${record} name=${name} correct=${correct}
        disabled=${disabled}/>`)}<//>`;
}

function TimeField({ label, at, sent, correct, pending, disabled }) {
  const { times } = usePage();
  const typed = useTyped();
  const [wrong, setWrong] = useState(false);
  const leave = () => {
    if (typed.text === null || disabled) return;
    const time = typedTime(typed.text);
    setWrong(time === null);
    if (time === null) return;
    typed.text = null;
    // the words for what stands there are no new time: in one night of the year they stand for two
    if (time !== typedTime(times.secondsOf(at))) correct(times.nearest(time, at));
  };
  return html`<input class=${classes("field", pending && "pending")} aria-label=${label} inputmode="numeric"
      autocomplete="off" aria-invalid=${wrong} readonly=${disabled}
      value=${typed.text ?? sent ?? times.secondsOf(at)}
      onInput=${(event) => {
        typed.text = event.currentTarget.value;
      }}
      onBlur=${leave}
      onKeyDown=${(event) => {
        if (event.key === "Enter") leave();
      }}/>`;
}

// In the night in which the clocks go back a time comes twice: which one this is, and the other where it fits.
function Twin({ record, name, correct, disabled }) {
  const { times, now } = usePage();
  const other = times.twin(record[name]);
  if (other === null) return null;
  const first = Date.parse(record[name]) < other;
  const [start, end] = [record.started_at, record.ended_at].map(Date.parse);
  const fits =
    other <= now && (name === "at" || (name === "started_at" ? other < (end || now) : start < other));
  const time = times.clock(record[name]);
  const which = first
    ? say("{time} came twice that night; this is the first.", { time })
    : say("{time} came twice that night; this is the second.", { time });
  return html`<p class="twin muted small">${which}
    ${fits && html` <${Button} className="link" act=${() => correct(name, other)} disabled=${disabled}>${
      first ? say("Take the second") : say("Take the first")
    }<//>`}</p>`;
}
