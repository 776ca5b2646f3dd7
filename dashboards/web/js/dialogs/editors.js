// What is typed: the amount (one, or left and right), the note, the times. It goes on Enter or on leaving.

import { useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { Amount, AmountField, Button, classes } from "../parts/controls.js";
import { html, usePage } from "../parts/context.js";
import { isNursing } from "../record.js";
import { iso, typedTime } from "../time.js";
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
  const total = correction.value("amount") ?? record.volume_ml;
  return html`<${Group} title="Amount" place=${correction.place("amount")}>
    ${
      apart
        ? html`<div class="sides">${side("left_ml", "Left")}${side("right_ml", "Right")}</div>`
        : html`<${Amount} label="Amount" value=${total} commit=${(ml) => send({ ml }, ml)} wait=${STEPS_MS}
            pending=${pending} disabled=${disabled}/>`
    }
    <div class="links"><${Button} className="link"
        act=${() => setApart(!apart)}>${apart ? "One amount" : "Left and right apart"}<//>
      ${apart && given && html`<span>${amount((record.left_ml ?? 0) + (record.right_ml ?? 0), units)} together</span>`}
      ${record.volume_ml !== null && html`<${Button} className="link" act=${() => send({ ml: null }, null)}
          disabled=${disabled}>No amount<//>`}</div>
  <//>`;
}

export function NoteEditor({ record }) {
  const correction = useCorrection(record);
  const leave = (event) => {
    const text = event.currentTarget.value.trim() || null;
    if (text !== record.note && !correction.cannot("note"))
      correction.send("note", { command: "note", text }, text ?? "");
  };
  return html`<${Group} title="Note" place=${correction.place("note")}>
    <textarea class=${classes("field", correction.pending("note") && "pending")} aria-label="Note"
        maxlength="500"
        rows="2"
      value=${correction.value("note") ?? record.note ?? ""} readonly=${correction.cannot("note")}
          onBlur=${leave}
      onKeyDown=${(event) => {
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault();
          leave(event);
        }
      }}></textarea><//>`;
}

export function TimesEditor({ record }) {
  const { times } = usePage();
  const correction = useCorrection(record);
  const [wrong, setWrong] = useState(null); // the field whose text is no time
  const field = (name, label) => {
    const leave = (event) => {
      const time = typedTime(event.currentTarget.value);
      setWrong(time ? null : name);
      if (!time || correction.cannot("times")) return;
      const at = iso(times.nearest(time, record[name]));
      if (at !== record[name]) correction.send("times", { command: "edit", [name]: at }, { [name]: time });
    };
    return html`<input class=${classes("field", correction.pending("times") && "pending")} aria-label=${label}
      inputmode="numeric" autocomplete="off" aria-invalid=${wrong === name} readonly=${correction.cannot("times")}
      value=${correction.value("times")?.[name] ?? times.secondsOf(record[name])} onBlur=${leave}
      onKeyDown=${(event) => {
        if (event.key === "Enter") leave(event);
      }}/>`;
  };
  return html`<${Group} title=${isNursing(record) ? "Time" : "Times"} place=${correction.place("times")}>
    <div class="times">${
      isNursing(record)
        ? field("at", "Time")
        : html`${field("started_at", "Start")}<span class="muted">to</span>${field("ended_at", "End")}`
    }</div><//>`;
}
