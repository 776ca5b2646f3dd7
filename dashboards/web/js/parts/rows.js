// Rows of the record: a sitting (one line that opens where it has several sessions) or a nursing.

import { useState } from "../../vendor/preact.js";
import { amount } from "../amount.js";
import { nursingShape, Shape, shapeOf } from "./shapes.js";
import { html, usePage } from "./context.js";
import { classes } from "./controls.js";
import { endOf, startOf } from "../record.js";
import { counted, dotted, intentionWord, lower, purposeWord, reasonWord, say, sideWord } from "../words.js";

function Line({ shape, title, detail, sum, gone, act, expanded }) {
  return html`<button type="button" class=${classes("row", gone && "gone")} onClick=${act}
      aria-expanded=${expanded}>
    <${Shape} name=${shape}/><span class="row-words"><span class="row-title">${title}</span>
    ${detail && html`<span class="muted">${detail}</span>`}</span>
    ${sum !== undefined && html`<b class="sum">${sum}</b>`}</button>`;
}

export function Row({ row }) {
  if (row.nursing) return html`<${Nursing} nursing=${row.nursing}/>`;
  return row.sitting.sessions.length > 1
    ? html`<${Sitting} sitting=${row.sitting}/>`
    : html`<${Session} session=${row.sitting.sessions[0]}/>`;
}

function Nursing({ nursing }) {
  const { times, open } = usePage();
  const words = [
    nursing.effective ? say("nursed, effective") : say("nursed, not effective"),
    nursing.side && lower(sideWord(nursing.side)),
    nursing.deleted && say("deleted"),
  ];
  return html`<${Line} shape=${nursingShape(nursing.effective)} gone=${nursing.deleted}
    title=${html`${times.dated(startOf(nursing))} <span
        class="muted">${dotted(words)}</span>`}
    act=${() => open({ view: "record", id: nursing.id })}/>`;
}

const why = (entry) =>
  dotted([
    entry.purpose ? purposeWord(entry.purpose) : say("No purpose given"),
    entry.reason && lower(reasonWord(entry.reason)),
    entry.intention && lower(intentionWord(entry.intention)),
  ]);

function Session({ session }) {
  const { times, units, open } = usePage();
  const detail = dotted([
    why(session),
    session.interrupted && say("cut off"),
    !session.counted && say("under a minute, not counted"),
    session.deleted && say("deleted"),
  ]);
  return html`<${Line} shape=${shapeOf(session.purpose)}
      title=${html`<b>${times.span(startOf(session), endOf(session))}</b>`}
    detail=${detail} gone=${session.deleted}
        sum=${session.volume_ml === null ? "–" : amount(session.volume_ml, units)}
    act=${() => open({ view: "record", id: session.id })}/>`;
}

function Sitting({ sitting }) {
  const { times, units } = usePage();
  const [opened, setOpened] = useState(false);
  return html`<${Line} shape=${shapeOf(sitting.purpose)}
      title=${html`<b>${times.span(sitting.at, sitting.end)}</b>`}
      detail=${dotted([
        why(sitting),
        counted(sitting.sessions.length, "{count} session", "{count} sessions"),
        sitting.interrupted && say("cut off"),
      ])}
      sum=${sitting.volume_ml === null ? "–" : amount(sitting.volume_ml, units)}
      expanded=${opened} act=${() => setOpened(!opened)}/>
    ${
      opened &&
      html`<ul class="rows inner">${sitting.sessions.toReversed().map(
        (session) => html`<li key=${session.id}>
      <${Session} session=${session}/></li>`,
      )}</ul>`
    }`;
}
